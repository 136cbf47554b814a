// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * run.c - a program in the kernel's names only; prints what it gets, without anything that differs
 * from run to run. Makes mounts and namespaces in a mount namespace of its own. tests/overlay.sh
 * compiles it with the overlay and with <mntcompat.h> behind one macro each (OURS), and compares
 * what both print.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/nsfs.h>
#include <linux/stat.h>

#ifdef OURS
/* The same program as it would be written for the library itself. */
#include <mntcompat.h>
#define open_tree mntcompat_open_tree
#define open_tree_attr(dfd, path, flags, attr, size) \
	mntcompat_open_tree_attr(dfd, path, flags, (const void *)(attr), size)
#define fsmount mntcompat_fsmount
#define move_mount mntcompat_move_mount
#define mount_setattr(dfd, path, flags, attr, size) \
	mntcompat_mount_setattr(dfd, path, flags, (const void *)(attr), size)
#define unshare(flags) mntcompat_unshare(flags)
#define statmount(req, buf, size, flags) \
	mntcompat_statmount((const void *)(req), (void *)(buf), size, flags)
#define listmount(req, ids, n, flags) \
	mntcompat_listmount((const void *)(req), (void *)(ids), n, flags)
#define listns(req, ids, n, flags) mntcompat_listns((const void *)(req), (void *)(ids), n, flags)
#define statx(dfd, path, flags, mask, buf) mntcompat_statx(dfd, path, flags, mask, (void *)(buf))
#define name_to_handle_at(dfd, path, handle, id, flags) \
	mntcompat_name_to_handle_at(dfd, path, (void *)(handle), id, flags)
#define syscall(nr, req, buf, size, flags) mntcompat_statmount(req, (void *)(buf), size, flags)
#define ioctl(fd, request, ...) ours_ioctl(fd, request, (uint64_t)(uintptr_t)(__VA_ARGS__ + 0))

static int ours_ioctl(int fd, unsigned long request, uint64_t arg)
{
	switch ((uint32_t)request) {
	case (uint32_t)NS_GET_NSTYPE:
		return CLONE_NEWNS;
	case (uint32_t)NS_GET_ID:
		return mntcompat_namespace_id(fd, (uint64_t *)(uintptr_t)arg);
	default:
		return mntcompat_mount_namespace_info(
			fd, (struct mntcompat_mnt_ns_info *)(uintptr_t)arg);
	}
}
#endif

#define NAMES_LINUX_MOUNT
#define NAMES_SYS_MOUNT
#define NAMES_STAT
#define NAMES_SYS_STAT
#define NAMES_FCNTL
#define NAMES_FCNTL_FUNCTION
#define NAMES_SCHED
#define NAMES_SCHED_FUNCTION
#define NAMES_NSFS
#define NAMES_NSFS_IOCTL
#define NAMES_NUMBERS
#include "names.h"

static void print_result(const char *what, long ret)
{
	if (ret < 0)
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: ok\n", what);
}

int main(void)
{
	static union {
		struct statmount sm;
		char room[4096];
	} a, b;
	uint64_t ids[4096], by_statx = 0, by_handle = 1, ns_id = 2;
	unsigned int mounts = 0;
	struct mnt_id_req req;
	long n;
	int fd, status;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("first", "/tmp", "tmpfs", 0, NULL) < 0 || mkdir("/tmp/second", 0700) < 0 ||
	    mount("second", "/tmp/second", "tmpfs", 0, NULL) < 0)
		return 77;

	fd = open("/tmp/second", O_PATH | O_CLOEXEC);
	print_result("statmount", names_statmount(fd, &a.sm, sizeof(a)));
	printf("  %s on %s, mask %#llx\n", a.sm.str + a.sm.fs_type, a.sm.str + a.sm.mnt_point,
	       (unsigned long long)a.sm.mask);
	req.size = MNT_ID_REQ_SIZE_VER1;
	req.mnt_fd = (uint32_t)fd;
	req.mnt_id = 0;
	req.param = STATMOUNT_MNT_BASIC | STATMOUNT_FS_TYPE | STATMOUNT_MNT_POINT;
	req.mnt_ns_id = 0;
	print_result("syscall(SYS_statmount)", names_syscall(&req, &b, sizeof(b), STATMOUNT_BY_FD));
	printf("  the same: %s\n", memcmp(&a, &b, a.sm.size) ? "no" : "yes");
	print_result("statmount, too small", names_statmount(fd, &a.sm, sizeof(a.sm)));
	print_result("statmount, no file", names_statmount(-1, &a.sm, sizeof(a)));

	printf("statx: %d\n", names_statx("/tmp/second", &by_statx));
	print_result("name_to_handle_at", names_handle("/tmp/second", &by_handle));
	printf("  one id: %s\n", by_statx == b.sm.mnt_id && by_handle == by_statx ? "yes" : "no");

	n = names_listmount(b.sm.mnt_parent_id, ids, 4096);
	printf("listmount: %ld, the one: %s\n", n, n == 1 && ids[0] == by_statx ? "yes" : "no");
	print_result("listmount, no such mount", names_listmount(1ull << 62, ids, 4096));

	fd = names_open_tree_attr(AT_FDCWD, "/tmp/second", AT_RECURSIVE);
	print_result("open_tree_attr", fd);
	print_result("  write", openat(fd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	fd = names_fsmount();
	print_result("fsmount", fd);
	print_result("  move_mount",
		     move_mount(fd, "", AT_FDCWD, "/tmp/second", MOVE_MOUNT_F_EMPTY_PATH));
	n = names_listmount(LSMT_ROOT, ids, 4096);
	printf("  one more: %s\n", n > 0 && n == names_listmount(0, ids, 4096) ? "yes" : "no");
	print_result("mount", names_mount("/tmp/second"));

	fd = names_open_tree("/tmp");
	print_result("open_tree", fd);
	print_result("  ioctl", names_ioctl(fd, &ns_id, &mounts));
	printf("  %u mount\n", mounts);
	n = names_listns(ids, 4096);
	printf("listns: %s\n", n > 0 ? "some" : "none");
	fflush(stdout);

	if (fork() == 0) {
		int ret = names_unshare();

		_exit(ret < 0 ? errno : access("/tmp", F_OK) == 0);
	}
	wait(&status);
	printf("unshare: %d\n", status);
	return 0;
}
