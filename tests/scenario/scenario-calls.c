// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * scenario-calls.c - by which way a scenario's calls go: to the library, or to the kernel as they
 * are (--raw), where something between the program and the kernel may answer them. Touches nothing.
 */
#define _GNU_SOURCE
#include "compat/kernel/uapi.h"
#include "scenario-internal.h"
#undef mntcompat_clone3

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int raw_open_tree(int dfd, const char *path, unsigned int flags)
{
	return syscall(UAPI_NR_open_tree, dfd, path, flags);
}

static int raw_open_tree_attr(int dfd, const char *path, unsigned int flags,
			      const struct mntcompat_mount_attr *attr, size_t size)
{
	return syscall(UAPI_NR_open_tree_attr, dfd, path, flags, attr, size);
}

static int raw_mount_setattr(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size)
{
	return syscall(UAPI_NR_mount_setattr, dfd, path, flags, attr, size);
}

static int raw_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
			  unsigned int flags)
{
	return syscall(UAPI_NR_move_mount, from_dfd, from, to_dfd, to, flags);
}

static int raw_fsmount(int fs_fd, unsigned int flags, unsigned int attr_flags)
{
	return syscall(UAPI_NR_fsmount, fs_fd, flags, attr_flags);
}

static int raw_unshare(unsigned int flags)
{
	return syscall(SYS_unshare, (unsigned long)flags);
}

static pid_t raw_clone3(const struct mntcompat_clone_args *args, size_t size)
{
	return syscall(UAPI_NR_clone3, args, size);
}

static int raw_statmount(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
			 size_t bufsize, unsigned int flags)
{
	return syscall(UAPI_NR_statmount, req, buf, bufsize, flags);
}

static ssize_t raw_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids,
			     size_t nr_mnt_ids, unsigned int flags)
{
	return syscall(UAPI_NR_listmount, req, mnt_ids, nr_mnt_ids, flags);
}

static ssize_t raw_listns(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
			  unsigned int flags)
{
	return syscall(UAPI_NR_listns, req, ns_ids, nr_ns_ids, flags);
}

static int raw_statx(int dfd, const char *path, int flags, unsigned int mask,
		     struct mntcompat_statx *buf)
{
	return syscall(SYS_statx, dfd, path, flags, mask, buf);
}

static int raw_name_to_handle_at(int dfd, const char *path, struct mntcompat_file_handle *handle,
				 void *mount_id, int flags)
{
	return syscall(SYS_name_to_handle_at, dfd, path, handle, mount_id, flags);
}

static int raw_namespace_id(int fd, uint64_t *id)
{
	return syscall(SYS_ioctl, fd, UAPI_NS_GET_ID, id);
}

static int raw_mount_namespace_id(int fd, uint64_t *id)
{
	return syscall(SYS_ioctl, fd, UAPI_NS_GET_MNTNS_ID, id);
}

static int raw_mount_namespace_info(int fd, struct mntcompat_mnt_ns_info *info)
{
	return syscall(SYS_ioctl, fd, UAPI_NS_MNT_GET_INFO, info);
}

static int raw_mount_namespace_next(int fd, struct mntcompat_mnt_ns_info *info)
{
	return syscall(SYS_ioctl, fd, UAPI_NS_MNT_GET_NEXT, info);
}

static int raw_mount_namespace_prev(int fd, struct mntcompat_mnt_ns_info *info)
{
	return syscall(SYS_ioctl, fd, UAPI_NS_MNT_GET_PREV, info);
}

/* The caller of the program has chosen what answers. */
static bool raw_settle(enum mntcompat_mode mode, const char *kernel)
{
	(void)mode;
	(void)kernel;
	return true;
}

#define CALLS(prefix) \
	.open_tree = prefix##open_tree, .open_tree_attr = prefix##open_tree_attr, \
	.mount_setattr = prefix##mount_setattr, .move_mount = prefix##move_mount, \
	.fsmount = prefix##fsmount, .unshare = prefix##unshare, .clone3 = prefix##clone3, \
	.statmount = prefix##statmount, .listmount = prefix##listmount, .listns = prefix##listns, \
	.statx = prefix##statx, .name_to_handle_at = prefix##name_to_handle_at, \
	.namespace_id = prefix##namespace_id, .mount_namespace_id = prefix##mount_namespace_id, \
	.mount_namespace_info = prefix##mount_namespace_info, \
	.mount_namespace_next = prefix##mount_namespace_next, \
	.mount_namespace_prev = prefix##mount_namespace_prev

const struct scenario_calls scenario_calls_raw = { .settle = raw_settle, CALLS(raw_) };

#ifndef SCENARIO_RAW_ONLY
static bool library_settle(enum mntcompat_mode mode, const char *kernel)
{
	return !mntcompat_set_mode(mode) && !mntcompat_set_kernel(kernel);
}

static const struct scenario_calls scenario_calls_library = {
	.settle = library_settle,
	CALLS(mntcompat_),
	.table_open = mntcompat_table_open,
	.table_next = mntcompat_table_next,
	.mount_namespace_of = mntcompat_mount_namespace_of,
	.enter_tree = mntcompat_enter_tree,
};
const struct scenario_calls *scenario_calls = &scenario_calls_library;
#else
const struct scenario_calls *scenario_calls = &scenario_calls_raw;
#endif
