// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test-leaving.c - a program that asks for many mounts may leave its mount namespace and its root
 * and unmount them as without the preload, which keeps files open meanwhile. Reaches the product
 * through libc's names only. Run with LD_PRELOAD set, as root; prints TAP. A program of its own,
 * since the level of the kernel matters, which test-preload fixes before its environment is there.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

#define MANY 120

int pivot_root_of_libc(const char *new_root, const char *put_old) __asm__("pivot_root");
#pragma weak pivot_root_of_libc

/* Descriptors of mountinfo that the program has not opened. */
static int kept(void)
{
	char path[64], link[256];
	int n = 0;

	for (int fd = 3; fd < 400; fd++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		len = readlink(path, link, sizeof(link) - 1);
		link[len < 0 ? 0 : len] = '\0';
		n += strstr(link, "/mountinfo") != NULL;
	}
	return n;
}

static void ask_for_all(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };
	static char answer[4096] __attribute__((aligned(8)));
	static uint64_t ids[MANY * 8];
	long n = syscall(UAPI_NR_listmount, &req, ids, MANY * 8, 0);

	for (long i = 0; i < 5 * n; i++) {
		req.mnt_id = ids[i / 5];
		req.param = MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_SB_SOURCE;
		syscall(UAPI_NR_statmount, &req, answer, sizeof(answer), 0);
	}
}

static int leave(int way)
{
	switch (way) {
	case 0:
		return setns(-1, 0);
	case 1:
		return unshare(0);
	case 2:
		return chroot("/nowhere");
	case 3:
		return umount("/nowhere");
	case 4:
		return umount2("/nowhere", MNT_DETACH);
	case 5:
		return pivot_root_of_libc ? pivot_root_of_libc("/nowhere", "/nowhere") :
					    chroot("/nowhere");
	case 6:
		return (int)syscall(SYS_setns, -1, 0);
	case 7:
		return (int)syscall(SYS_unshare, 0);
	case 8:
		return (int)syscall(SYS_chroot, "/nowhere");
	case 9:
		return (int)syscall(SYS_umount2, "/nowhere", 0);
	case 10:
		return (int)syscall(SYS_pivot_root, "/nowhere", "/nowhere");
	}
	return -2;
}

/* In a child, for its mounts. 0, or what is wrong. */
static int leaves(void)
{
	char path[64];
	int root, status;
	pid_t pid;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("many", "/tmp", "tmpfs", 0, NULL) < 0)
		return 77;
	root = open("/", O_PATH | O_CLOEXEC);
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "/tmp/%d", i);
		if (mkdir(path, 0755) < 0 || mount("/tmp", path, NULL, MS_BIND, NULL) < 0)
			return 78;
	}
	ask_for_all();
	ask_for_all();
	if (!kept())
		return 76;
	for (int way = 0; leave(way) != -2; way++) {
		if (kept())
			return way + 1;
		ask_for_all();
		ask_for_all();
		if (!kept())
			return 20;
	}
	pid = fork();
	if (!pid)
		_exit(kept());
	if (waitpid(pid, &status, 0) != pid || status)
		return 21;
	/* A program that has left its root finds it not busy. */
	if (mkdir("/tmp/proc", 0755) < 0 || mount("proc", "/tmp/proc", "proc", 0, NULL) < 0 ||
	    chroot("/tmp") < 0 || chdir("/") < 0)
		return 22;
	ask_for_all();
	ask_for_all();
	if (!kept())
		return 23;
	if (fchdir(root) < 0 || chroot(".") < 0 || umount("/tmp/proc") < 0)
		return 24;
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "/tmp/%d", i);
		if (umount(path) < 0)
			return 25;
	}
	return umount("/tmp") < 0 ? 26 : 0;
}

int main(int argc, char *argv[])
{
	static const char name[] = "no file is kept that holds what the program leaves";
	int wrong = leaves();

	(void)argc;
	/* The kernel answers here: once more where the library does. */
	if (wrong == 76 && !getenv("MNTCOMPAT_KERNEL") &&
	    setenv("MNTCOMPAT_KERNEL", "5.10", 1) == 0)
		execv("/proc/self/exe", argv);
	if (wrong == 76)
		printf("ok 1 - %s # SKIP none is kept here\n1..1\n", name);
	else if (wrong == 77)
		printf("ok 1 - %s # SKIP no privilege\n1..1\n", name);
	else
		printf("%sok 1 - %s\n1..1\n", wrong ? "not " : "", name);
	if (wrong && wrong < 76)
		printf("# step %d\n", wrong);
	return wrong && wrong < 76;
}
