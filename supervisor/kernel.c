// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kernel.c - the system calls of the supervisor that libc has no function for; its only file that
 * calls syscall(2) and ioctl(2).
 * Touches nothing by itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/seccomp.h>

#include "compat/kernel/uapi.h"
#include "supervisor/kernel.h"

/* struct procmap_query of 6.11 */
struct mapping_query {
	uint64_t size, flags, address, start, end, mapping_flags, page_size, offset, inode;
	uint32_t major, minor, name_size, build_id_size;
	uint64_t name, build_id;
};

struct answer {
	uint64_t id;
	int64_t value;
	int32_t error;
	uint32_t flags;
};

struct addfd {
	uint64_t id;
	uint32_t flags;
	uint32_t srcfd;
	uint32_t newfd;
	uint32_t newfd_flags;
};

/* The structures have the sizes that are in the requests. */
_Static_assert(UAPI_SECCOMP_NOTIF_SEND == _IOWR('!', 1, struct answer) &&
		       UAPI_SECCOMP_NOTIF_ADDFD == _IOW('!', 3, struct addfd) &&
		       UAPI_PROCMAP_QUERY == _IOWR('f', 17, struct mapping_query),
	       "sizes");

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

bool kernel_can_supervise(void)
{
	struct {
		uint16_t notification, answer, data;
	} sizes = { 0, 0, 0 };

	return syscall(SYS_seccomp, UAPI_SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
	       sizes.notification <= sizeof(struct kernel_notification) &&
	       sizes.answer == sizeof(struct answer);
}

static int install(const struct sock_fprog *program, bool *restarts)
{
	const unsigned int flags = UAPI_SECCOMP_FILTER_FLAG_SPEC_ALLOW |
				   UAPI_SECCOMP_FILTER_FLAG_NEW_LISTENER;
	int fd = result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				flags | UAPI_SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, program));

	*restarts = fd == -EINVAL;
	if (fd == -EINVAL)
		fd = result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program));
	return fd;
}

int kernel_supervise(const struct sock_filter *filter, unsigned short length, bool *no_new_privs,
		     bool *restarts)
{
	const struct sock_fprog program = { .len = length,
					    .filter = (struct sock_filter *)(uintptr_t)filter };
	int fd = install(&program, restarts);

	*no_new_privs = false;
	if (fd != -EACCES)
		return fd;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	*no_new_privs = true;
	return install(&program, restarts);
}

int kernel_receive(int listener, struct kernel_notification *notification)
{
	memset(notification, 0, sizeof(*notification));
	return result(ioctl(listener, UAPI_SECCOMP_NOTIF_RECV, notification));
}

int kernel_is_waiting(int listener, uint64_t id)
{
	return result(ioctl(listener, UAPI_SECCOMP_NOTIF_ID_VALID, &id));
}

int kernel_answer(int listener, uint64_t id, int64_t value, int error)
{
	struct answer answer = { .id = id, .value = error ? 0 : value, .error = error };

	return result(ioctl(listener, UAPI_SECCOMP_NOTIF_SEND, &answer));
}

int kernel_continue(int listener, uint64_t id)
{
	struct answer answer = { .id = id, .flags = UAPI_SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	return result(ioctl(listener, UAPI_SECCOMP_NOTIF_SEND, &answer));
}

int kernel_give_fd(int listener, uint64_t id, int fd, bool cloexec)
{
	struct addfd addfd = { .id = id,
			       .srcfd = (uint32_t)fd,
			       .newfd_flags = cloexec ? O_CLOEXEC : 0 };

	return result(ioctl(listener, UAPI_SECCOMP_NOTIF_ADDFD, &addfd));
}

int kernel_pidfd_open(pid_t pid, unsigned int flags)
{
	return result(syscall(UAPI_NR_pidfd_open, pid, flags));
}

int kernel_pidfd_getfd(int pidfd, int fd)
{
	return result(syscall(UAPI_NR_pidfd_getfd, pidfd, fd, 0));
}

bool kernel_same_files(pid_t a, pid_t b)
{
	return syscall(SYS_kcmp, a, b, UAPI_KCMP_FILES, 0ul, 0ul) == 0;
}

int kernel_close_from(int fd)
{
	return result(syscall(UAPI_NR_close_range, fd, ~0u, 0));
}

int kernel_permitted(uint64_t *permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	int ret = result(syscall(SYS_capget, &header, data));

	*permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return ret;
}

int kernel_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int i;

	for (i = 0; i < 2; i++) {
		data[i].effective = (uint32_t)(effective >> (32 * i));
		data[i].permitted = (uint32_t)(permitted >> (32 * i));
		data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
	}
	return result(syscall(SYS_capset, &header, data));
}

int kernel_parent_namespace(int fd)
{
	return result(ioctl(fd, UAPI_NS_GET_PARENT));
}

int kernel_owner_of_namespace(int fd, unsigned int *uid)
{
	return result(ioctl(fd, UAPI_NS_GET_OWNER_UID, uid));
}

uint64_t kernel_all_capabilities(void)
{
	uint64_t all = 0;
	int i;

	for (i = 0; i < 64 && prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		all |= 1ull << i;
	return all;
}

int kernel_confine(const struct sock_filter *filter, unsigned short length)
{
	const struct sock_fprog program = { .len = length,
					    .filter = (struct sock_filter *)(uintptr_t)filter };

	return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			      UAPI_SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program));
}

int kernel_mapping_at(int maps, uint64_t address, struct kernel_mapping *mapping)
{
	struct mapping_query query = { .size = sizeof(query), .address = address };
	int ret = result(ioctl(maps, UAPI_PROCMAP_QUERY, &query));

	if (ret == 0) {
		mapping->start = query.start;
		mapping->end = query.end;
		mapping->readable = query.mapping_flags & UAPI_PROCMAP_QUERY_VMA_READABLE;
		mapping->writable = query.mapping_flags & UAPI_PROCMAP_QUERY_VMA_WRITABLE;
		mapping->executable = query.mapping_flags & UAPI_PROCMAP_QUERY_VMA_EXECUTABLE;
	}
	return ret;
}

bool kernel_same_place(const struct kernel_place *a, const struct kernel_place *b)
{
	return a->mnt_id == b->mnt_id && a->ino == b->ino && a->ino &&
	       a->dev_major == b->dev_major && a->dev_minor == b->dev_minor;
}

int kernel_place(int fd, const char *path, struct kernel_place *place)
{
	union {
		uint32_t words[64];
		uint64_t longs[32];
	} statx;
	int ret = result(syscall(SYS_statx, fd, path,
				 AT_EMPTY_PATH | AT_NO_AUTOMOUNT | UAPI_AT_STATX_DONT_SYNC,
				 MNTCOMPAT_STATX_MNT_ID | UAPI_STATX_INO, &statx));

	/* Another user's FUSE says nothing but what the kernel itself knows. */
	if (ret == -EACCES)
		ret = result(syscall(SYS_statx, fd, path,
				     AT_EMPTY_PATH | AT_NO_AUTOMOUNT | UAPI_AT_STATX_DONT_SYNC, 0,
				     &statx));
	if (ret < 0)
		return ret;
	place->mnt_id = statx.longs[0x90 / 8];
	place->ino = statx.longs[0x20 / 8];
	place->dev_major = statx.words[0x88 / 4];
	place->dev_minor = statx.words[0x8c / 4];
	place->block_size = statx.words[4 / 4];
	place->mount_root = statx.longs[8 / 8] & UAPI_STATX_ATTR_MOUNT_ROOT;
	return 0;
}

bool kernel_root_is(const struct kernel_place *place)
{
	struct kernel_place root;

	return place->mount_root && place->mnt_id && kernel_place(AT_FDCWD, "/", &root) == 0 &&
	       root.mount_root && root.mnt_id == place->mnt_id;
}

bool kernel_is_at_root(const struct kernel_place *place)
{
	struct kernel_place root;
	char path[2];

	/* A mount over the root directory has the same path. */
	if (!place->mnt_id || kernel_place(AT_FDCWD, "/", &root) < 0 ||
	    root.mnt_id != place->mnt_id)
		return false;
	/* Longer paths do not fit; outside the root directory they begin with "(unreachable)". */
	return syscall(SYS_getcwd, path, sizeof(path)) == sizeof(path) && *path == '/';
}

int kernel_scheduling(pid_t task, struct kernel_scheduling *scheduling)
{
	return result(syscall(SYS_sched_getattr, task, scheduling, sizeof(*scheduling), 0));
}

int kernel_schedule(const struct kernel_scheduling *scheduling)
{
	return result(syscall(SYS_sched_setattr, 0, scheduling, 0));
}

int kernel_landlock_version(void)
{
	int ret = result(syscall(UAPI_NR_landlock_create_ruleset, NULL, 0,
				 UAPI_LANDLOCK_CREATE_RULESET_VERSION));

	return ret < 0 ? 0 : ret;
}

int kernel_leave_others(int version)
{
	/* A domain has to handle something: calls that no emulation makes. */
	const uint64_t sockets[2] = { UAPI_LANDLOCK_ACCESS_FS_MAKE_SOCK, 0 };
	const uint64_t ports[2] = { 0, UAPI_LANDLOCK_ACCESS_NET_BIND_TCP };
	int fd, ret;

	if (version < KERNEL_LANDLOCK_MOUNTS)
		fd = result(syscall(UAPI_NR_landlock_create_ruleset, sockets, sizeof(*sockets), 0));
	else
		fd = result(syscall(UAPI_NR_landlock_create_ruleset, ports, sizeof(ports), 0));
	if (fd < 0)
		return fd;
	ret = result(syscall(UAPI_NR_landlock_restrict_self, fd, 0));
	close(fd);
	return ret;
}

static int open_resolved(int dfd, const char *path, int flags, uint64_t resolve)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { .flags = (uint64_t)flags, .resolve = resolve };

	return result(syscall(UAPI_NR_openat2, dfd, path, &how, sizeof(how)));
}

int kernel_open_on_mount(int dfd, const char *path, int flags)
{
	return open_resolved(dfd, path, flags, UAPI_RESOLVE_NO_XDEV);
}

int kernel_open_no_magic(int dfd, const char *path, int flags)
{
	return open_resolved(dfd, path, flags, UAPI_RESOLVE_NO_MAGICLINKS);
}

int kernel_clone_mount(int fd)
{
	return result(syscall(UAPI_NR_open_tree, fd, "",
			      AT_EMPTY_PATH | O_CLOEXEC | MNTCOMPAT_OPEN_TREE_CLONE));
}

int kernel_mount_proc(void)
{
	int context = result(syscall(UAPI_NR_fsopen, "proc", UAPI_FSOPEN_CLOEXEC)), ret;

	if (context < 0)
		return context;
	ret = result(syscall(UAPI_NR_fsconfig, context, UAPI_FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	if (ret == 0)
		ret = result(syscall(UAPI_NR_fsmount, context, MNTCOMPAT_FSMOUNT_CLOEXEC, 0));
	close(context);
	return ret;
}
