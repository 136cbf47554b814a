// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * feature.c - the feature table and its probes.
 * Probes the kernel through raw.h, with arguments that it refuses before they can change anything.
 *
 * Every probe that a seccomp filter could fool first makes a control call, whose answer is the same
 * on all kernels that have the system call; if the control fails, the result is FEATURE_BLOCKED (or
 * FEATURE_ABSENT when the control returns ENOSYS).
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include <mntcompat.h>
#include "compat/kernel/feature.h"
#include "compat/kernel/own_namespace.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"

static enum feature_state missing(int ret)
{
	return ret == -ENOSYS ? FEATURE_ABSENT : FEATURE_BLOCKED;
}

/*
 * EINVAL is the kernel's own answer (it checks flags first); with a full fd table kernels from 6.19
 * on return EMFILE before that, which no filter does either.
 */
static enum feature_state probe_open_tree(void)
{
	int ret = raw_open_tree(-1, NULL, UAPI_OPEN_TREE_UNKNOWN);

	if (ret == -EINVAL)
		return FEATURE_PRESENT;
	return ret == -EMFILE || ret == -ENFILE ? FEATURE_UNKNOWN : missing(ret);
}

/*
 * @flags: EFAULT with CAP_SYS_ADMIN, EPERM without; EINVAL where a flag is unknown. @refused: flags
 * that every kernel refuses, but a filter that looks at the flag answers otherwise.
 */
static enum feature_state probe_open_tree_flag(unsigned int refused, unsigned int flags)
{
	enum feature_state control = probe_open_tree();
	int ret;

	if (control != FEATURE_PRESENT)
		return control;
	ret = raw_open_tree(-1, NULL, refused);
	if (ret != -EINVAL)
		return missing(ret);
	ret = raw_open_tree(-1, NULL, flags);
	switch (ret) {
	case -EFAULT:
	case -EPERM:
		return FEATURE_PRESENT;
	case -EINVAL:
		return FEATURE_ABSENT;
	default:
		return missing(ret);
	}
}

static enum feature_state probe_open_tree_namespace(void)
{
	return probe_open_tree_flag(MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLONE,
				    MNTCOMPAT_OPEN_TREE_NAMESPACE);
}

/*
 * A defect as a feature: its absence may be remembered. No probe without side effects shows whether
 * the kernel has 7.3's rules about sources, but 7.3 also brought fchroot(). Where a filter hides
 * that, the library makes more checks than needed, and its answers stay right.
 */
static enum feature_state probe_open_tree_namespace_lax(void)
{
	return raw_fchroot(-1) == -EBADF ? FEATURE_ABSENT : FEATURE_PRESENT;
}

/* As above. Without OPEN_TREE_CLONE every kernel refuses the flag. */
static enum feature_state probe_open_tree_drop_mntns_mounts(void)
{
	return probe_open_tree_flag(MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS,
				    MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS |
					    MNTCOMPAT_OPEN_TREE_CLONE);
}

static enum feature_state probe_statmount(void)
{
	int ret = raw_statmount(NULL, NULL, 0, 0);

	return ret == -EFAULT ? FEATURE_PRESENT : missing(ret);
}

static enum feature_state probe_statmount_by_fd(void)
{
	struct mntcompat_mnt_id_req req = { .size = 0 };
	int ret = raw_statmount(&req, NULL, 0, UAPI_STATMOUNT_UNKNOWN);

	if (ret != -EINVAL)
		return missing(ret);
	/* A request of size 0 is EINVAL everywhere, so the request has to be unreadable. */
	if (raw_get_kernel() < RAW_KERNEL(7, 0))
		return FEATURE_ABSENT;
	ret = raw_statmount(NULL, NULL, 0, MNTCOMPAT_STATMOUNT_BY_FD);
	if (ret == -EFAULT)
		return FEATURE_PRESENT;
	return ret == -EINVAL ? FEATURE_ABSENT : missing(ret);
}

/*
 * 6.15 and 6.16 oops when the maps of an idmapped mount are requested. Nothing but the version
 * identifies them without side effects. Calls such as NS_GET_ID came only with 6.18, so the probe
 * makes a harmless call that came with 6.17: file_getattr() (468) on no file.
 */
static enum feature_state probe_statmount_id_maps(void)
{
	if (raw_get_kernel() < RAW_KERNEL(6, 15))
		return FEATURE_ABSENT;
	if (probe_statmount_by_fd() == FEATURE_PRESENT)
		return FEATURE_PRESENT;
	return raw_file_getattr_present() ? FEATURE_PRESENT : FEATURE_ABSENT;
}

static enum feature_state probe_listmount(void)
{
	ssize_t ret = raw_listmount(NULL, NULL, 0, 0);

	return ret == -EFAULT ? FEATURE_PRESENT : missing((int)ret);
}

static enum feature_state probe_listmount_reverse(void)
{
	ssize_t ret = raw_listmount(NULL, NULL, 0, UAPI_LISTMOUNT_UNKNOWN);

	if (ret != -EINVAL)
		return missing((int)ret);
	ret = raw_listmount(NULL, NULL, 0, MNTCOMPAT_LISTMOUNT_REVERSE);
	if (ret == -EFAULT)
		return FEATURE_PRESENT;
	return ret == -EINVAL ? FEATURE_ABSENT : missing((int)ret);
}

static enum feature_state probe_statx_bit(unsigned int bit)
{
	struct raw_statx stx;
	int ret = raw_statx(AT_FDCWD, "/", UAPI_AT_STATX_DONT_SYNC, bit, &stx);

	if (ret == -EACCES || ret == -EMFILE || ret == -ENFILE)
		return FEATURE_UNKNOWN;
	if (ret < 0)
		return missing(ret);
	return stx.mask & bit ? FEATURE_PRESENT : FEATURE_ABSENT;
}

static enum feature_state probe_statx_mnt_id(void)
{
	return probe_statx_bit(MNTCOMPAT_STATX_MNT_ID);
}

static enum feature_state probe_statx_mnt_id_unique(void)
{
	return probe_statx_bit(MNTCOMPAT_STATX_MNT_ID_UNIQUE);
}

/* The kernel checks flags before the path, which is missing. */
static enum feature_state probe_handle_mnt_id_unique(void)
{
	int ret = raw_name_to_handle_at(-1, NULL, NULL, NULL, 0);

	if (ret != -EFAULT)
		return missing(ret);
	ret = raw_name_to_handle_at(-1, NULL, NULL, NULL, MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE);
	if (ret == -EFAULT)
		return FEATURE_PRESENT;
	return ret == -EINVAL ? FEATURE_ABSENT : missing(ret);
}

/* EBADF with privilege, EPERM without: the latter could be a filter. */
static enum feature_state probe_fsmount(void)
{
	int ret = raw_fsmount(-1, 0, 0);

	if (ret == -EBADF)
		return FEATURE_PRESENT;
	return ret == -EPERM ? FEATURE_UNKNOWN : missing(ret);
}

/* From 7.1 on the kernel checks flags before privilege, so the control works for every caller. */
static enum feature_state probe_fsmount_namespace(void)
{
	int ret = raw_fsmount(-1, UAPI_FSMOUNT_UNKNOWN, 0);

	if (ret != -EINVAL)
		return ret == -EPERM ? FEATURE_UNKNOWN : missing(ret);
	ret = raw_fsmount(-1, MNTCOMPAT_FSMOUNT_NAMESPACE, 0);
	switch (ret) {
	case -EBADF:
	case -EPERM:
		return FEATURE_PRESENT;
	case -EINVAL:
		return FEATURE_ABSENT;
	default:
		return missing(ret);
	}
}

static enum feature_state probe_move_mount_set_group(void)
{
	int ret = raw_move_mount(-1, "", -1, "", UAPI_MOVE_MOUNT_UNKNOWN);

	if (ret != -EINVAL)
		return ret == -EPERM ? FEATURE_UNKNOWN : missing(ret);
	ret = raw_move_mount(-1, "", -1, "", MNTCOMPAT_MOVE_MOUNT_SET_GROUP);
	return ret == -ENOENT ? FEATURE_PRESENT : FEATURE_ABSENT;
}

static enum feature_state probe_move_mount_beneath(void)
{
	int ret = raw_move_mount(-1, "", -1, "", UAPI_MOVE_MOUNT_UNKNOWN);

	if (ret != -EINVAL)
		return ret == -EPERM ? FEATURE_UNKNOWN : missing(ret);
	ret = raw_move_mount(-1, "", -1, "", MNTCOMPAT_MOVE_MOUNT_BENEATH);
	return ret == -ENOENT ? FEATURE_PRESENT : FEATURE_ABSENT;
}

/* An attribute pointer of NULL with a size is EINVAL before anything else. */
static enum feature_state probe_open_tree_attr(void)
{
	int ret = raw_open_tree_attr(-1, NULL, 0, NULL, 32);

	return ret == -EINVAL ? FEATURE_PRESENT : missing(ret);
}

/*
 * The kernel refuses a size below the first version's before all else; a filter that refuses the
 * call does not look at the size.
 */
static enum feature_state probe_mount_setattr(void)
{
	int ret = raw_mount_setattr(-1, NULL, 0, NULL, 0);

	return ret == -EINVAL ? FEATURE_PRESENT : missing(ret);
}

static enum feature_state probe_ns_get_mntns_id(void)
{
	int fd = own_namespace_open();
	uint64_t id;
	int ret;

	if (fd < 0)
		return FEATURE_UNKNOWN;
	ret = raw_ns_get_mntns_id(fd, &id);
	raw_close(fd);
	if (ret == 0)
		return FEATURE_PRESENT;
	return ret == -ENOTTY ? FEATURE_ABSENT : FEATURE_BLOCKED;
}

static enum feature_state probe_own_namespace(int (*ask)(int fd))
{
	int fd = own_namespace_open(), ret;

	if (fd < 0)
		return FEATURE_UNKNOWN;
	ret = ask(fd);
	raw_close(fd);
	if (ret == 0)
		return FEATURE_PRESENT;
	return ret == -ENOTTY ? FEATURE_ABSENT : FEATURE_BLOCKED;
}

static int ask_id(int fd)
{
	uint64_t id;

	return raw_ns_get_id(fd, &id);
}

static enum feature_state probe_ns_get_id(void)
{
	return probe_own_namespace(ask_id);
}

static int ask_info(int fd)
{
	struct mntcompat_mnt_ns_info info = { .size = sizeof(info) };

	return raw_ns_mnt_get_info(fd, &info);
}

static enum feature_state probe_ns_mnt_get_info(void)
{
	return probe_own_namespace(ask_info);
}

static enum feature_state probe_listns(void)
{
	ssize_t ret = raw_listns(NULL, NULL, 0, 0);

	return ret == -EFAULT ? FEATURE_PRESENT : missing((int)ret);
}

static enum feature_state probe_pidfd_get_mnt_namespace(void)
{
	int pidfd = raw_pidfd_open(raw_getpid());
	int fd;

	if (pidfd < 0)
		return pidfd == -EMFILE || pidfd == -ENFILE ? FEATURE_UNKNOWN : missing(pidfd);
	fd = raw_pidfd_get_mnt_namespace(pidfd);
	raw_close(pidfd);
	if (fd >= 0) {
		raw_close(fd);
		return FEATURE_PRESENT;
	}
	if (fd == -EMFILE || fd == -ENFILE)
		return FEATURE_UNKNOWN;
	return fd == -ENOTTY || fd == -EINVAL ? FEATURE_ABSENT : FEATURE_BLOCKED;
}

/* A procfs may be mounted and unmounted at any time, so its absence is never remembered. */
static enum feature_state probe_procfs(void)
{
	struct statfs fs;
	int fd = raw_openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return FEATURE_UNKNOWN;
	ret = raw_fstatfs(fd, &fs);
	raw_close(fd);
	return ret == 0 && fs.f_type == UAPI_MAGIC_PROC ? FEATURE_PRESENT : FEATURE_UNKNOWN;
}

static const struct feature features[FEATURE_COUNT] = {
	[FEATURE_OPEN_TREE] = { "open_tree", RAW_KERNEL(5, 2),
				"looks paths up as the kernel does, clones trees",
				probe_open_tree },
	[FEATURE_OPEN_TREE_NAMESPACE] = { "open_tree.namespace", RAW_KERNEL(7, 0),
					  "native OPEN_TREE_NAMESPACE", probe_open_tree_namespace },
	[FEATURE_OPEN_TREE_NAMESPACE_LAX] = { "open_tree.namespace_rules", RAW_KERNEL(7, 0),
					      "7.3's rules for the sources of a namespace, which the library enforces on 7.0 to 7.2",
					      probe_open_tree_namespace_lax },
	[FEATURE_OPEN_TREE_DROP_MNTNS_MOUNTS] = { "open_tree.drop_mntns_mounts", RAW_KERNEL(7, 4),
						  "clones trees without mount-namespace files",
						  probe_open_tree_drop_mntns_mounts },
	[FEATURE_STATMOUNT] = { "statmount", RAW_KERNEL(6, 8), "answers by mount id",
				probe_statmount },
	[FEATURE_STATMOUNT_BY_FD] = { "statmount.by_fd", RAW_KERNEL(7, 0), "native STATMOUNT_BY_FD",
				      probe_statmount_by_fd },
	[FEATURE_STATMOUNT_ID_MAPS] = { "statmount.id_maps", RAW_KERNEL(6, 17),
					"asks for MNT_UIDMAP and MNT_GIDMAP (6.15 and 6.16 crash)",
					probe_statmount_id_maps },
	[FEATURE_LISTMOUNT] = { "listmount", RAW_KERNEL(6, 8), "lists mounts by id",
				probe_listmount },
	[FEATURE_LISTMOUNT_REVERSE] = { "listmount.reverse", RAW_KERNEL(6, 11),
					"native LISTMOUNT_REVERSE", probe_listmount_reverse },
	[FEATURE_STATX_MNT_ID] = { "statx.mnt_id", RAW_KERNEL(5, 8),
				   "mount id of a file descriptor without procfs",
				   probe_statx_mnt_id },
	[FEATURE_STATX_MNT_ID_UNIQUE] = { "statx.mnt_id_unique", RAW_KERNEL(6, 8),
					  "unique mount id of a file descriptor",
					  probe_statx_mnt_id_unique },
	[FEATURE_HANDLE_MNT_ID_UNIQUE] = { "name_to_handle_at.mnt_id_unique", RAW_KERNEL(6, 12),
					   "unique mount id next to a file handle, or where statx is filtered",
					   probe_handle_mnt_id_unique },
	[FEATURE_FSMOUNT] = { "fsmount", RAW_KERNEL(5, 2),
			      "private tmpfs and procfs for emptying a namespace", probe_fsmount },
	[FEATURE_FSMOUNT_NAMESPACE] = { "fsmount.namespace", RAW_KERNEL(7, 1),
					"native FSMOUNT_NAMESPACE", probe_fsmount_namespace },
	[FEATURE_MOVE_MOUNT_SET_GROUP] = { "move_mount.set_group", RAW_KERNEL(5, 15),
					   "tells unmounted from detached mounts, rejoins peer groups",
					   probe_move_mount_set_group },
	[FEATURE_MOVE_MOUNT_BENEATH] = { "move_mount.beneath", RAW_KERNEL(6, 5),
					 "tells an old kernel's EINVAL from a real one",
					 probe_move_mount_beneath },
	[FEATURE_OPEN_TREE_ATTR] = { "open_tree_attr", RAW_KERNEL(6, 15),
				     "native open_tree_attr; came together with cloning detached trees",
				     probe_open_tree_attr },
	[FEATURE_MOUNT_SETATTR] = { "mount_setattr", RAW_KERNEL(5, 12),
				    "native mount_setattr; attributes of detached trees",
				    probe_mount_setattr },
	[FEATURE_NS_GET_MNTNS_ID] = { "ns.get_mntns_id", RAW_KERNEL(6, 11),
				      "MNT_NS_ID of statmount", probe_ns_get_mntns_id },
	[FEATURE_NS_GET_ID] = { "ns.get_id", RAW_KERNEL(6, 18), "ids of namespaces of all kinds",
				probe_ns_get_id },
	[FEATURE_NS_MNT_GET_INFO] = { "ns.mnt_get_info", RAW_KERNEL(6, 12),
				      "counts a namespace's mounts, finds the namespaces next to it",
				      probe_ns_mnt_get_info },
	[FEATURE_LISTNS] = { "listns", RAW_KERNEL(6, 19),
			     "native listns; before it everybody could step through some mount namespaces",
			     probe_listns },
	[FEATURE_PIDFD_GET_MNT_NAMESPACE] = { "pidfd.get_mnt_namespace", RAW_KERNEL(6, 11),
					      "opens a helper's mount namespace without procfs",
					      probe_pidfd_get_mnt_namespace },
	[FEATURE_PROCFS] = { "procfs", RAW_KERNEL(2, 6), "mountinfo, fdinfo, namespace files",
			     probe_procfs },
};

/* One bit a feature: known to be absent. */
static _Atomic uint32_t feature_absent;
_Static_assert(FEATURE_COUNT <= 32, "feature_absent has 32 bits");

const struct feature *feature_describe(enum feature_id id)
{
	return (unsigned int)id < FEATURE_COUNT ? &features[id] : NULL;
}

bool feature_known_absent(enum feature_id id)
{
	return atomic_load_explicit(&feature_absent, memory_order_relaxed) & (1u << id);
}

enum feature_state feature_probe(enum feature_id id)
{
	enum feature_state state;

	if (feature_known_absent(id))
		return FEATURE_ABSENT;
	if (raw_get_kernel() < features[id].since)
		state = FEATURE_ABSENT;
	else
		state = features[id].probe();
	if (state == FEATURE_ABSENT)
		atomic_fetch_or_explicit(&feature_absent, 1u << id, memory_order_relaxed);
	return state;
}

void feature_forget(void)
{
	atomic_store_explicit(&feature_absent, 0, memory_order_relaxed);
}
