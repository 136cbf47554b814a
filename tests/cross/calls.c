// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * calls.c - every call of the family that has a number or an ioctl request of its own, under the
 * kernel's names. Changes nothing: calls that could are given arguments that are refused. Compiled
 * with the overlay for another architecture and run there by tests/cross/run.
 *
 * A number or a request that the library has wrong is not the library's for the overlay, so that it
 * reaches the emulator, which knows no such call: ENOSYS.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/mount.h>
#include <linux/nsfs.h>
#include <linux/stat.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

static int failures, tests;

static void result(int good, const char *name, long ret)
{
	printf("%sok %d - %s: %s\n", good ? "" : "not ", ++tests, name,
	       ret < 0 ? strerror(errno) : "answered");
	failures += !good;
}

/* The library has taken the call, whatever it answers. */
static void taken(const char *name, long ret)
{
	result(ret >= 0 || errno != ENOSYS, name, ret);
}

static void ask_requests(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	struct mnt_ns_info info = { .size = sizeof(info) };
	uint64_t id;

	taken("NS_GET_MNTNS_ID", ioctl(fd, NS_GET_MNTNS_ID, &id));
	taken("NS_GET_ID", ioctl(fd, NS_GET_ID, &id));
	taken("NS_MNT_GET_INFO", ioctl(fd, NS_MNT_GET_INFO, &info));
	taken("NS_MNT_GET_NEXT", ioctl(fd, NS_MNT_GET_NEXT, &info));
	taken("NS_MNT_GET_PREV", ioctl(fd, NS_MNT_GET_PREV, &info));
	close(fd);
}

/* Goes through to libc's ioctl(), which some ABIs call otherwise than a function without "...". */
static void ask_another_request(void)
{
	int fds[2], waiting = 0;
	long ret = pipe(fds);

	if (ret == 0)
		ret = write(fds[1], "two", 2) == 2 ? ioctl(fds[0], FIONREAD, &waiting) : -1;
	result(ret == 0 && waiting == 2, "FIONREAD, which is nobody's but the kernel's", ret);
}

static void ask_by_id(void)
{
	static union {
		struct statmount answer;
		char room[4096];
	} buf;
	struct mnt_id_req req = { .size = MNT_ID_REQ_SIZE_VER0, .mnt_id = LSMT_ROOT };
	uint64_t ids[2] = { 0, 0 };
	long ret = syscall(__NR_listmount, &req, ids, sizeof(ids) / sizeof(ids[0]), 0);

	result(ret > 0, "listmount", ret);
	req.mnt_id = ids[0];
	req.param = STATMOUNT_MNT_BASIC | STATMOUNT_MNT_POINT;
	ret = syscall(__NR_statmount, &req, &buf, sizeof(buf), 0);
	result(ret == 0 && buf.answer.mnt_id == ids[0] &&
		       buf.answer.str[buf.answer.mnt_point] == '/',
	       "statmount", ret);
}

/* Arguments that no kernel takes. */
static void ask_refused(void)
{
	taken("open_tree", syscall(__NR_open_tree, -1, "", OPEN_TREE_NAMESPACE | 0x40000000u));
	taken("open_tree_attr",
	      syscall(__NR_open_tree_attr, -1, "", OPEN_TREE_NAMESPACE, NULL, 32));
	taken("fsmount", syscall(__NR_fsmount, -1, FSMOUNT_NAMESPACE | 0x40000000u, 0));
	taken("mount_setattr", syscall(__NR_mount_setattr, -1, "", 0x40000000, NULL, 0));
	taken("listns", syscall(__NR_listns, (void *)8, NULL, 0, 0));
}

int main(void)
{
	ask_by_id();
	ask_another_request();
	ask_requests();
	ask_refused();
	printf("1..%d\n", tests);
	return failures != 0;
}
