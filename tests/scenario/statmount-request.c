/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statmount-request.c - scenarios: what statmount makes of its arguments, in which order it refuses
 * them, and how it fills the buffer (reference 3.1, 3.2). Touches WORLD only.
 * Listed in scenario.c.
 */
#define _GNU_SOURCE
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define ANSWER_ROOM (64 << 10)
#define SMALLEST_ID ((1ull << 31) + 1)
#define UNKNOWN_ID 0x7ffffffffffffff0ull
#define BY_FD MNTCOMPAT_STATMOUNT_BY_FD
#define FS_TYPE MNTCOMPAT_STATMOUNT_FS_TYPE
#define MNT_BASIC MNTCOMPAT_STATMOUNT_MNT_BASIC
#define KERNEL_ADDRESS ((void *)(uintptr_t)-4096L)

typedef struct mntcompat_mnt_id_req request;

static union {
	struct mntcompat_statmount answer;
	unsigned char bytes[ANSWER_ROOM];
} room;

static int world_fd(void)
{
	return must_fd(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), "open the world");
}

static int pipe_fd(void)
{
	int fds[2];

	must(pipe2(fds, O_CLOEXEC), "pipe");
	close(fds[1]);
	return fds[0];
}

static uint64_t world_id(void)
{
	int fd = world_fd();
	uint64_t id = statmount_unique_id(fd);

	close(fd);
	return id;
}

/* A descriptor number that is not in use. */
static int closed_fd(void)
{
	int fd = world_fd();

	close(fd);
	return fd;
}

static request request_fd(int fd, uint64_t mask)
{
	return (request){ .size = sizeof(request), .mnt_fd = fd, .param = mask };
}

static request request_id(uint64_t id, uint64_t mask)
{
	return (request){ .size = sizeof(request), .mnt_id = id, .param = mask };
}

static int call(const void *req, void *buf, size_t bufsize, unsigned int flags)
{
	return mntcompat_statmount(req, buf, bufsize, flags);
}

static void say_call(const char *label, const void *req, unsigned int flags)
{
	say_result(label, call(req, &room, sizeof(room), flags));
}

/* Two pages of which the second cannot be reached (reserved, or something else might be put there);
 * returns the end of the first. */
static unsigned char *edge(size_t page)
{
	unsigned char *start =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED || mprotect(start + page, page, PROT_NONE))
		scenario_broken("mmap: %s", errno_name(errno));
	return start + page;
}

static void *unmapped(void)
{
	return edge(sysconf(_SC_PAGESIZE));
}

/* --- flags --- */

static void flags_unknown(void)
{
	static const unsigned int flags[] = { 2, 3, 4, 0x80000000u, 0x80000001u, ~0u };
	int fd = world_fd();
	request req = request_fd(fd, MNT_BASIC);
	char label[32];
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		snprintf(label, sizeof(label), "flags 0x%x", flags[i]);
		say_call(label, &req, flags[i]);
	}
	close(fd);
}

static void flags_before_request(void)
{
	request bad_fd = request_fd(-1, MNT_BASIC), small = bad_fd, large = bad_fd;

	small.size = 16;
	large.size = 4097;
	say_result("no request", call(NULL, NULL, 0, 2));
	say_result("unmapped request", call(unmapped(), NULL, 0, 2));
	say_call("request of 16 bytes", &small, 2);
	say_call("request of 4097 bytes", &large, 2);
	say_call("bad fd", &bad_fd, 3);
	say_result("bad buffer", call(&bad_fd, KERNEL_ADDRESS, 512, 2));
}

/* --- the request's memory and size --- */

static void request_null(void)
{
	say_result("by id", call(NULL, &room, sizeof(room), 0));
	say_result("by fd", call(NULL, &room, sizeof(room), BY_FD));
	say_result("by id, no buffer", call(NULL, NULL, 0, 0));
	say_result("by fd, no buffer", call(NULL, NULL, 0, BY_FD));
}

static void request_unmapped(void)
{
	void *nowhere = unmapped();

	say_result("by id", call(nowhere, &room, sizeof(room), 0));
	say_result("by fd", call(nowhere, &room, sizeof(room), BY_FD));
	say_result("kernel address, by id", call(KERNEL_ADDRESS, &room, sizeof(room), 0));
	say_result("kernel address, by fd", call(KERNEL_ADDRESS, &room, sizeof(room), BY_FD));
}

static void request_half_mapped(void)
{
	unsigned char *end = edge(sysconf(_SC_PAGESIZE));
	int fd = world_fd();
	request req = request_fd(fd, MNT_BASIC);

	memcpy(end - 24, &req, 24);
	say_result("size 32, 24 bytes mapped", call(end - 24, &room, sizeof(room), BY_FD));
	req.size = 24;
	memcpy(end - 24, &req, 24);
	say_result("size 24, 24 bytes mapped", call(end - 24, &room, sizeof(room), BY_FD));
	req.size = 16;
	memcpy(end - 4, &req, 4);
	say_result("size 16, 4 bytes mapped", call(end - 4, &room, sizeof(room), BY_FD));
	req.size = 4097;
	memcpy(end - 4, &req, 4);
	say_result("size 4097, 4 bytes mapped", call(end - 4, &room, sizeof(room), BY_FD));
	req.size = 24;
	memcpy(end - 4, &req, 4);
	say_result("size 24, 4 bytes mapped", call(end - 4, &room, sizeof(room), BY_FD));
	memcpy(end - 3, &req, 3);
	say_result("3 bytes mapped", call(end - 3, &room, sizeof(room), BY_FD));
	close(fd);
}

/* A request of @size in a page of its own, with byte @at after it set when @at is not 0. */
static void say_size(const char *label, uint32_t size, size_t at)
{
	union {
		request req;
		unsigned char bytes[8192];
	} large;
	char line[64];
	int fd = world_fd();

	memset(&large, 0, sizeof(large));
	large.req = request_id(world_id(), MNT_BASIC);
	large.req.size = size;
	large.bytes[at] |= at ? 1 : 0;
	snprintf(line, sizeof(line), "%s, by id", label);
	say_call(line, &large, 0);
	large.req.mnt_fd = fd;
	large.req.mnt_id = 0;
	snprintf(line, sizeof(line), "%s, by fd", label);
	say_call(line, &large, BY_FD);
	close(fd);
}

static void size_too_small(void)
{
	say_size("0", 0, 0);
	say_size("1", 1, 0);
	say_size("16", 16, 0);
	say_size("23", 23, 0);
}

static void size_first(void)
{
	say_size("24", 24, 0);
	say_size("24 with bytes after it", 24, 24);
}

static void size_between(void)
{
	say_size("25", 25, 0);
	say_size("28", 28, 0);
	say_size("31", 31, 0);
	say_size("28 with bytes after it", 28, 28);
}

static void size_second(void)
{
	say_size("32", 32, 0);
	say_size("32 with bytes after it", 32, 32);
}

static void size_larger_zero(void)
{
	say_size("33", 33, 0);
	say_size("40", 40, 0);
	say_size("64", 64, 0);
	say_size("4095", 4095, 0);
}

static void size_larger_set(void)
{
	say_size("33", 33, 32);
	say_size("40", 40, 39);
	say_size("64", 64, 32);
	say_size("4096", 4096, 4095);
}

static void size_page(void)
{
	say_size("4096", 4096, 0);
	say_size("4096 with bytes after it", 4096, 4096);
}

static void size_above_page(void)
{
	say_size("4097", 4097, 0);
	say_size("4097 with a tail", 4097, 40);
	say_size("4294967295", UINT32_MAX, 0);
}

static void size_before_fd(void)
{
	union {
		request req;
		unsigned char bytes[64];
	} large;

	memset(&large, 0, sizeof(large));
	large.req = request_fd(-1, MNT_BASIC);
	large.req.size = 16;
	say_call("size 16, bad fd", &large, BY_FD);
	large.req.size = 4097;
	say_call("size 4097, bad fd", &large, BY_FD);
	large.req.size = 40;
	large.bytes[32] = 1;
	say_call("size 40 with a tail, bad fd", &large, BY_FD);
	large.req.mnt_id = 1;
	say_call("size 40 with a tail, mnt_id set", &large, BY_FD);
	large.req.size = 16;
	say_call("size 16, mnt_id set", &large, BY_FD);
	large.req = request_id(0, MNT_BASIC);
	large.req.size = 16;
	say_call("size 16, id 0", &large, 0);
	large.req.size = 40;
	large.bytes[32] = 1;
	say_call("size 40 with a tail, id 0", &large, 0);
}

/* --- by fd: what else must be zero, and the descriptor --- */

static void fd_with_mnt_id(void)
{
	int fd = world_fd();
	request req = request_fd(fd, MNT_BASIC);

	req.mnt_id = 1;
	say_call("id 1", &req, BY_FD);
	req.mnt_id = UNKNOWN_ID;
	say_call("unknown id", &req, BY_FD);
	req.mnt_id = world_id();
	say_call("right id", &req, BY_FD);
	req.mnt_fd = -1;
	say_call("right id, bad fd", &req, BY_FD);
	req.mnt_id = 1;
	say_result("id 1, bad fd, bad buffer", call(&req, KERNEL_ADDRESS, 512, BY_FD));
	close(fd);
}

static void fd_with_mnt_ns_id(void)
{
	int fd = world_fd();
	request req = request_fd(fd, MNT_BASIC);

	req.mnt_ns_id = 1;
	say_call("namespace id 1", &req, BY_FD);
	req.mnt_ns_id = UINT64_MAX;
	say_call("unknown namespace id", &req, BY_FD);
	req.mnt_fd = -1;
	say_call("unknown namespace id, bad fd", &req, BY_FD);
	req.size = 24;
	say_call("beyond the size, bad fd", &req, BY_FD);
	req.mnt_fd = fd;
	say_call("beyond the size, good fd", &req, BY_FD);
	req.size = 28;
	/* Whichever half comes first. */
	req.mnt_ns_id = 0x100000001;
	say_call("half of it inside the size", &req, BY_FD);
	close(fd);
}

static void fd_not_open(void)
{
	request req = request_fd(-1, MNT_BASIC);

	say_call("-1", &req, BY_FD);
	req.mnt_fd = AT_FDCWD;
	say_call("AT_FDCWD", &req, BY_FD);
	req.mnt_fd = closed_fd();
	say_call("closed", &req, BY_FD);
	req.mnt_fd = INT_MAX;
	say_call("2147483647", &req, BY_FD);
	req.mnt_fd = 0x80000000u;
	say_call("0x80000000", &req, BY_FD);
}

static void fd_before_buffer(void)
{
	request req = request_fd(closed_fd(), FS_TYPE);

	say_result("no buffer", call(&req, NULL, 0, BY_FD));
	say_result("kernel address", call(&req, KERNEL_ADDRESS, 4096, BY_FD));
	say_result("unmapped buffer", call(&req, unmapped(), 4096, BY_FD));
	say_result("small buffer for a string", call(&req, &room, 512, BY_FD));
}

static int use_fd_0(void *arg)
{
	request req = request_fd(0, MNTCOMPAT_STATMOUNT_MNT_POINT);
	int fd = world_fd();

	(void)arg;
	must(dup2(fd, 0), "dup2");
	say_statmount_fd("fd 0", 0, MNTCOMPAT_STATMOUNT_MNT_POINT);
	close(0);
	say_call("fd 0, closed", &req, BY_FD);
	return 0;
}

static void fd_zero(void)
{
	in_child(use_fd_0, NULL);
}

static void fd_flag_missing(void)
{
	int fd = world_fd();
	request req = request_fd(fd, MNT_BASIC);

	say_call("fd given, no id, no flag", &req, 0);
	close(fd);
}

/* --- by id --- */

static void id_too_small(void)
{
	static const uint64_t ids[] = { 0, 1, 2, 0x7fffffff, 1ull << 31 };
	char label[64];
	size_t i;

	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		request req = request_id(ids[i], MNT_BASIC);

		snprintf(label, sizeof(label), "0x%llx", (unsigned long long)ids[i]);
		say_call(label, &req, 0);
	}
}

static void id_too_small_first(void)
{
	request req = request_id(1, FS_TYPE);

	say_result("kernel address", call(&req, KERNEL_ADDRESS, 4096, 0));
	say_result("small buffer for a string", call(&req, &room, 512, 0));
	req.mnt_fd = closed_fd();
	say_result("bad namespace fd", call(&req, &room, sizeof(room), 0));
	req.mnt_fd = 0;
	req.mnt_ns_id = UINT64_MAX;
	say_result("unknown namespace id", call(&req, &room, sizeof(room), 0));
}

static void id_unknown(void)
{
	request req = request_id(UNKNOWN_ID, MNT_BASIC);

	say_call("0x7ffffffffffffff0", &req, 0);
	req.mnt_id = UINT64_MAX;
	say_call("UINT64_MAX", &req, 0);
	req.mnt_id = UINT64_MAX - 1;
	say_call("UINT64_MAX - 1", &req, 0);
	req.param = 0;
	say_call("with an empty mask", &req, 0);
	req.param = MASK_ALL & ~0x6000ull;
	say_call("with all of the mask", &req, 0);
}

static void id_old(void)
{
	int fd = world_fd();
	struct mntcompat_statmount *answer = &room.answer;
	request req;

	if (statmount_fd(fd, MNT_BASIC, answer, sizeof(room)))
		say("by fd: %s", errno_name(errno));
	req = request_id(answer->mnt_id_old, MNT_BASIC);
	say_call("an old id", &req, 0);
	close(fd);
}

static void id_with_space(void)
{
	request req = request_id(world_id(), MNT_BASIC);

	req.mnt_fd = closed_fd();
	say_call("closed namespace fd", &req, 0);
	req.mnt_fd = -1;
	say_call("namespace fd -1", &req, 0);
	req.mnt_fd = world_fd();
	say_call("a directory as namespace fd", &req, 0);
	close(req.mnt_fd);
	req.mnt_fd = pipe_fd();
	say_call("a pipe as namespace fd", &req, 0);
	close(req.mnt_fd);
	req.mnt_fd = must_fd(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), "open ns/uts");
	say_call("a uts namespace", &req, 0);
	close(req.mnt_fd);
	req.mnt_fd = must_fd(open("/proc/self/ns/mnt", O_PATH | O_CLOEXEC), "open ns/mnt");
	say_call("an O_PATH namespace fd", &req, 0);
	close(req.mnt_fd);
}

static void id_own_namespace_fd(void)
{
	request req = request_id(world_id(), MNTCOMPAT_STATMOUNT_MNT_POINT);

	req.mnt_fd = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open ns/mnt");
	say_call("own namespace", &req, 0);
	req.mnt_id = UNKNOWN_ID;
	say_call("unknown id", &req, 0);
	close(req.mnt_fd);
}

static uint64_t own_namespace_id(void)
{
	struct mntcompat_statmount *answer = &room.answer;
	int fd = world_fd(), ret;

	ret = statmount_fd(fd, MNTCOMPAT_STATMOUNT_MNT_NS_ID, answer, sizeof(room));
	close(fd);
	return ret ? 0 : answer->mnt_ns_id;
}

static void id_own_namespace_id(void)
{
	request req = request_id(world_id(), MNTCOMPAT_STATMOUNT_MNT_POINT);

	req.mnt_ns_id = own_namespace_id();
	if (!req.mnt_ns_id)
		say("the namespace has no id");
	say_call("own namespace", &req, 0);
	req.mnt_id = UNKNOWN_ID;
	say_call("unknown id", &req, 0);
}

static void id_unknown_namespace(void)
{
	request req = request_id(world_id(), MNT_BASIC);

	req.mnt_ns_id = UINT64_MAX;
	say_call("UINT64_MAX", &req, 0);
	req.mnt_ns_id = UNKNOWN_ID;
	say_call("0x7ffffffffffffff0", &req, 0);
	req.mnt_id = UNKNOWN_ID;
	say_call("and an unknown id", &req, 0);
	req.size = 24;
	req.mnt_id = world_id();
	say_call("beyond the size", &req, 0);
}

static void id_two_namespaces(void)
{
	request req = request_id(world_id(), MNT_BASIC);

	req.mnt_ns_id = UNKNOWN_ID;
	req.mnt_fd = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open ns/mnt");
	say_call("fd and id", &req, 0);
	close(req.mnt_fd);
	say_call("bad fd and id", &req, 0);
	req.mnt_id = 1;
	say_call("bad fd and id, bad mount id", &req, 0);
}

/* --- the buffer's address --- */

static void address_kernel(void)
{
	int fd = world_fd(), internal = pipe_fd();
	request by_fd = request_fd(fd, MNT_BASIC), by_pipe = request_fd(internal, MNT_BASIC);
	request by_id = request_id(world_id(), MNT_BASIC), bad = request_id(UNKNOWN_ID, MNT_BASIC);

	say_result("by fd", call(&by_fd, KERNEL_ADDRESS, 512, BY_FD));
	say_result("by id", call(&by_id, KERNEL_ADDRESS, 512, 0));
	say_result("unknown id", call(&bad, KERNEL_ADDRESS, 512, 0));
	say_result("pipe", call(&by_pipe, KERNEL_ADDRESS, 512, BY_FD));
	by_fd.param = bad.param = FS_TYPE;
	say_result("small buffer for a string, by fd", call(&by_fd, KERNEL_ADDRESS, 512, BY_FD));
	say_result("small buffer for a string, unknown id", call(&bad, KERNEL_ADDRESS, 512, 0));
	close(fd);
	close(internal);
}

static void address_huge_size(void)
{
	int fd = world_fd();
	request by_fd = request_fd(fd, MNT_BASIC), bad = request_id(UNKNOWN_ID, MNT_BASIC);

	say_result("by fd", call(&by_fd, &room, SIZE_MAX, BY_FD));
	say_result("unknown id", call(&bad, &room, SIZE_MAX, 0));
	say_result("no buffer", call(&by_fd, NULL, SIZE_MAX, BY_FD));
	close(fd);
}

static void address_unmapped(void)
{
	void *nowhere = unmapped();
	int fd = world_fd(), internal = pipe_fd();
	request by_fd = request_fd(fd, MNT_BASIC), by_pipe = request_fd(internal, MNT_BASIC);
	request by_id = request_id(world_id(), MNT_BASIC), bad = request_id(UNKNOWN_ID, MNT_BASIC);

	say_result("by fd", call(&by_fd, nowhere, 4096, BY_FD));
	say_result("by id", call(&by_id, nowhere, 4096, 0));
	say_result("unknown id", call(&bad, nowhere, 4096, 0));
	say_result("pipe", call(&by_pipe, nowhere, 4096, BY_FD));
	by_fd.param = FS_TYPE;
	say_result("with a string", call(&by_fd, nowhere, 4096, BY_FD));
	say_result("with a string that does not fit", call(&by_fd, nowhere, 514, BY_FD));
	close(fd);
	close(internal);
}

static void address_null(void)
{
	int fd = world_fd();
	request by_fd = request_fd(fd, MNT_BASIC), by_id = request_id(world_id(), MNT_BASIC);

	say_result("0 bytes, by fd", call(&by_fd, NULL, 0, BY_FD));
	say_result("0 bytes, by id", call(&by_id, NULL, 0, 0));
	say_result("1 byte, by fd", call(&by_fd, NULL, 1, BY_FD));
	say_result("512 bytes, by fd", call(&by_fd, NULL, 512, BY_FD));
	say_result("512 bytes, by id", call(&by_id, NULL, 512, 0));
	by_fd.param = FS_TYPE;
	say_result("0 bytes for a string", call(&by_fd, NULL, 0, BY_FD));
	say_result("4096 bytes for a string", call(&by_fd, NULL, 4096, BY_FD));
	close(fd);
}

static void address_read_only(void)
{
	unsigned char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = world_fd();
	request req = request_fd(fd, MNT_BASIC), bad = request_id(UNKNOWN_ID, MNT_BASIC);

	if (page == MAP_FAILED)
		scenario_broken("mmap: %s", errno_name(errno));
	say_result("by fd", call(&req, page, 512, BY_FD));
	say_result("0 bytes", call(&req, page, 0, BY_FD));
	say_result("unknown id", call(&bad, page, 512, 0));
	close(fd);
}

static void address_half_mapped(void)
{
	unsigned char *end = edge(sysconf(_SC_PAGESIZE));
	int fd = world_fd();
	request req = request_fd(fd, MNT_BASIC);

	say_result("512 bytes, 100 mapped", call(&req, end - 100, 512, BY_FD));
	say_result("100 bytes, 100 mapped", call(&req, end - 100, 100, BY_FD));
	say_result("4096 bytes, 512 mapped", call(&req, end - 512, 4096, BY_FD));
	req.param = FS_TYPE;
	say_result("string, 4096 bytes, 519 mapped", call(&req, end - 519, 4096, BY_FD));
	say_result("string, 4096 bytes, 518 mapped", call(&req, end - 518, 4096, BY_FD));
	say_result("string, 4096 bytes, 512 mapped", call(&req, end - 512, 4096, BY_FD));
	close(fd);
}

static void address_unaligned(void)
{
	int fd = world_fd();
	request req = request_fd(fd, FS_TYPE);
	unsigned char unaligned[sizeof(req) + 1];
	struct mntcompat_statmount *answer = &room.answer;

	memcpy(unaligned + 1, &req, sizeof(req));
	say_result("request and buffer", call(unaligned + 1, room.bytes + 3, 4096, BY_FD));
	memmove(room.bytes, room.bytes + 3, 519);
	say("size %u, type %s", answer->size, scenario_quote(answer->str + answer->fs_type));
	close(fd);
}

/* --- the buffer's size --- */

/* Calls with two fillings: what differs from both was not touched by the call. */
static int measure(const request *req, unsigned int flags, size_t bufsize, size_t *written,
		   size_t *beyond)
{
	static unsigned char first[ANSWER_ROOM];
	size_t i;
	int ret;

	memset(&room, 0xa5, sizeof(room));
	ret = call(req, &room, bufsize, flags);
	if (ret)
		ret = errno;
	memcpy(first, &room, sizeof(room));
	memset(&room, 0x5a, sizeof(room));
	if (call(req, &room, bufsize, flags) ? errno != ret : ret)
		say("a second call answers otherwise");
	*written = *beyond = 0;
	for (i = 0; i < sizeof(room); i++) {
		if (first[i] == 0xa5 && room.bytes[i] == 0x5a)
			continue;
		*written += 1;
		*beyond += i >= bufsize;
	}
	return ret;
}

static void say_measure(const char *label, const request *req, unsigned int flags, size_t bufsize)
{
	size_t written, beyond;
	int error = measure(req, flags, bufsize, &written, &beyond);

	if (error)
		say("%s, %zu bytes: %s, written %zu", label, bufsize, errno_name(error), written);
	else if (bufsize >= 4)
		say("%s, %zu bytes: ok, size %u, written %zu", label, bufsize, room.answer.size,
		    written);
	else
		say("%s, %zu bytes: ok, written %zu", label, bufsize, written);
	if (beyond)
		say("%zu bytes written beyond the buffer", beyond);
}

static void buffer_partial(void)
{
	static const size_t sizes[] = { 0, 1, 3, 4, 8, 16, 100, 168, 511 };
	int fd = world_fd();
	request by_fd = request_fd(fd, MNT_BASIC | 1), by_id = request_id(world_id(), MNT_BASIC);
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		say_measure("by fd", &by_fd, BY_FD, sizes[i]);
	say_measure("by id", &by_id, 0, 0);
	say_measure("by id", &by_id, 0, 16);
	say_measure("by id", &by_id, 0, 511);
	close(fd);
}

static void buffer_fixed(void)
{
	int fd = world_fd();
	request by_fd = request_fd(fd, MNT_BASIC | 1), by_id = request_id(world_id(), MNT_BASIC);

	say_measure("by fd", &by_fd, BY_FD, 512);
	say_measure("by fd", &by_fd, BY_FD, 513);
	say_measure("by fd", &by_fd, BY_FD, 4096);
	say_measure("by id", &by_id, 0, 512);
	say_measure("by id", &by_id, 0, 513);
	close(fd);
}

static void buffer_partial_content(void)
{
	unsigned char part[512], whole[512];
	int fd = world_fd();
	request req = request_fd(fd, MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC);
	size_t i;

	say_result("512 bytes", call(&req, whole, 512, BY_FD));
	for (i = 8; i < 512; i += 56) {
		if (call(&req, part, i, BY_FD))
			say("%zu bytes: %s", i, errno_name(errno));
		/* the size differs, all else is the same up to there */
		if (memcmp(part + 4, whole + 4, i - 4))
			say("%zu bytes: not the start of the answer", i);
	}
	close(fd);
}

static void buffer_small_for_string(void)
{
	int fd = world_fd();
	request by_fd = request_fd(fd, FS_TYPE), by_id = request_id(world_id(), FS_TYPE);

	say_measure("by fd", &by_fd, BY_FD, 0);
	say_measure("by fd", &by_fd, BY_FD, 1);
	say_measure("by fd", &by_fd, BY_FD, 511);
	say_measure("by fd", &by_fd, BY_FD, 512);
	say_measure("by fd", &by_fd, BY_FD, 513);
	say_measure("by fd", &by_fd, BY_FD, 514);
	say_measure("by id", &by_id, 0, 512);
	say_measure("by id", &by_id, 0, 513);
	close(fd);
}

static void buffer_small_first(void)
{
	int internal = pipe_fd();
	request by_pipe = request_fd(internal, FS_TYPE), bad = request_id(UNKNOWN_ID, FS_TYPE);

	say_result("unknown id, 512 bytes", call(&bad, &room, 512, 0));
	say_result("unknown id, 513 bytes", call(&bad, &room, 513, 0));
	say_result("unknown id, 0 bytes", call(&bad, NULL, 0, 0));
	say_result("pipe, 512 bytes", call(&by_pipe, &room, 512, BY_FD));
	say_result("pipe, 513 bytes", call(&by_pipe, &room, 513, BY_FD));
	bad.param = by_pipe.param = MNT_BASIC;
	say_result("unknown id, 512 bytes, no string", call(&bad, &room, 512, 0));
	say_result("unknown id, 0 bytes, no string", call(&bad, &room, 0, 0));
	say_result("pipe, 0 bytes, no string", call(&by_pipe, &room, 0, BY_FD));
	close(internal);
}

static void buffer_nothing_to_report(void)
{
	int fd = world_fd();
	request req = request_fd(fd, MNTCOMPAT_STATMOUNT_FS_SUBTYPE);

	say_measure("fs_subtype", &req, BY_FD, 512);
	say_measure("fs_subtype", &req, BY_FD, 513);
	say_measure("fs_subtype", &req, BY_FD, 4096);
	say("mask 0x%llx, offset %u, str[0] %d", (unsigned long long)room.answer.mask,
	    room.answer.fs_subtype, room.answer.str[0]);
	req.param = MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY;
	say_measure("opt_sec_array", &req, BY_FD, 512);
	say_measure("opt_sec_array", &req, BY_FD, 513);
	say("mask 0x%llx, offset %u", (unsigned long long)room.answer.mask,
	    room.answer.opt_sec_array);
	close(fd);
}

/* The size of the full answer, then that size, one byte less, and one more. */
static void say_exact_fit(const char *label, const request *req, unsigned int flags)
{
	size_t written, beyond, size;
	int error;

	if (call(req, &room, sizeof(room), flags)) {
		say_result(label, -1);
		return;
	}
	size = room.answer.size;
	if (measure(req, flags, size, &written, &beyond) || written != size || beyond ||
	    room.answer.size != size)
		say("%s: exact fit: not ok, %zu too many written", label, beyond);
	else
		say("%s: exact fit: ok, all written", label);
	error = measure(req, flags, size + 1, &written, &beyond);
	say("%s: one byte more: %s, %s", label, errno_name(error),
	    written == size ? "all written" : "not all written");
	error = measure(req, flags, size - 1, &written, &beyond);
	say("%s: one byte less: %s, written %zu", label, errno_name(error), written);
}

static void fit(uint64_t mask)
{
	int fd = world_fd();
	request by_fd = request_fd(fd, mask), by_id = request_id(world_id(), mask);

	say_exact_fit("by fd", &by_fd, BY_FD);
	say_exact_fit("by id", &by_id, 0);
	close(fd);
}

static void fit_fs_type(void)
{
	int fd = world_fd();
	request req = request_fd(fd, FS_TYPE);

	fit(FS_TYPE);
	say_measure("tmpfs", &req, BY_FD, 518);
	say_measure("tmpfs", &req, BY_FD, 519);
	close(fd);
}

static void fit_mnt_root(void)
{
	fit(MNTCOMPAT_STATMOUNT_MNT_ROOT);
}

static void fit_mnt_point(void)
{
	fit(MNTCOMPAT_STATMOUNT_MNT_POINT);
}

static void fit_mnt_opts(void)
{
	fit(MNTCOMPAT_STATMOUNT_MNT_OPTS);
}

static void fit_sb_source(void)
{
	fit(MNTCOMPAT_STATMOUNT_SB_SOURCE);
}

static void fit_opt_array(void)
{
	fit(MNTCOMPAT_STATMOUNT_OPT_ARRAY);
}

static void fit_all(void)
{
	fit(MASK_ALL & ~0x6000ull);
}

/* --- the mask --- */

static void say_mask(uint64_t mask)
{
	int fd = world_fd();

	say_statmount_fd("by fd", fd, mask);
	say_statmount_id("by id", world_id(), mask);
	close(fd);
}

#define MASK_BIT(name, bit) \
	static void name(void) \
	{ \
		say_mask(bit); \
	}
MASK_BIT(mask_empty, 0)
MASK_BIT(mask_sb_basic, MNTCOMPAT_STATMOUNT_SB_BASIC)
MASK_BIT(mask_mnt_basic, MNTCOMPAT_STATMOUNT_MNT_BASIC)
MASK_BIT(mask_propagate_from, MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)
MASK_BIT(mask_mnt_root, MNTCOMPAT_STATMOUNT_MNT_ROOT)
MASK_BIT(mask_mnt_point, MNTCOMPAT_STATMOUNT_MNT_POINT)
MASK_BIT(mask_fs_type, MNTCOMPAT_STATMOUNT_FS_TYPE)
MASK_BIT(mask_mnt_ns_id, MNTCOMPAT_STATMOUNT_MNT_NS_ID)
MASK_BIT(mask_mnt_opts, MNTCOMPAT_STATMOUNT_MNT_OPTS)
MASK_BIT(mask_fs_subtype, MNTCOMPAT_STATMOUNT_FS_SUBTYPE)
MASK_BIT(mask_sb_source, MNTCOMPAT_STATMOUNT_SB_SOURCE)
MASK_BIT(mask_opt_array, MNTCOMPAT_STATMOUNT_OPT_ARRAY)
MASK_BIT(mask_opt_sec_array, MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY)
MASK_BIT(mask_supported, MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)
MASK_BIT(mask_uidmap, MNTCOMPAT_STATMOUNT_MNT_UIDMAP)
MASK_BIT(mask_gidmap, MNTCOMPAT_STATMOUNT_MNT_GIDMAP)
MASK_BIT(mask_fixed, 0x1047)
MASK_BIT(mask_strings, 0x0fb8)
MASK_BIT(mask_all, MASK_ALL)
/* Maps must not be requested natively on 6.15 and 6.16, so all ones go through the same helper. */
MASK_BIT(mask_all_ones, ~0ull)

static void mask_unknown(void)
{
	int fd = world_fd(), bit;
	request req = request_fd(fd, 0);

	for (bit = 15; bit < 64; bit++) {
		req.param = 1ull << bit;
		if (call(&req, &room, sizeof(room), BY_FD))
			say("bit %d: %s", bit, errno_name(errno));
		else if (room.answer.mask || room.answer.size != 512)
			say("bit %d: mask 0x%llx size %u", bit,
			    (unsigned long long)room.answer.mask, room.answer.size);
	}
	req.param = ~MASK_ALL;
	say_measure("all unknown bits", &req, BY_FD, 512);
	say_measure("all unknown bits", &req, BY_FD, 0);
	req.param = ~MASK_ALL | FS_TYPE;
	say_measure("and a string", &req, BY_FD, 512);
	say_measure("and a string", &req, BY_FD, 519);
	close(fd);
}

static void mask_string_order(void)
{
	int fd = world_fd();
	request req = request_fd(fd, MASK_ALL & ~0x6000ull);
	const struct mntcompat_statmount *answer = &room.answer;

	if (call(&req, &room, sizeof(room), BY_FD)) {
		say_result("by fd", -1);
	} else {
		say("str[0] is %d, the first string is at %u", answer->str[0], answer->fs_type);
		say("fs_type, mnt_root: %s",
		    answer->fs_type < answer->mnt_root ? "in order" : "not");
		say("mnt_root, mnt_point: %s",
		    answer->mnt_root < answer->mnt_point ? "in order" : "not");
		say("mnt_point, mnt_opts: %s",
		    answer->mnt_point < answer->mnt_opts ? "in order" : "not");
		say("mnt_opts, opt_array: %s",
		    answer->mnt_opts < answer->opt_array ? "in order" : "not");
		say("opt_array, sb_source: %s",
		    answer->opt_array < answer->sb_source ? "in order" : "not");
		say("mnt_root after fs_type: %d",
		    answer->mnt_root == answer->fs_type + strlen("tmpfs") + 1);
	}
	close(fd);
}

/* A request whose memory the call must only read. */
static void request_untouched(void)
{
	int fd = world_fd();
	request req = request_fd(fd, MASK_ALL & ~0x6000ull), copy = req;
	request *page =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		scenario_broken("mmap: %s", errno_name(errno));
	say_call("writable", &req, BY_FD);
	say("unchanged: %d", !memcmp(&req, &copy, sizeof(req)));
	*page = req;
	must(mprotect(page, 4096, PROT_READ), "mprotect");
	say_call("read only", page, BY_FD);
	close(fd);
}

/* Request and buffer may be the same memory: the request is copied before the answer is written. */
static void request_in_buffer(void)
{
	int fd = world_fd();
	request req = request_fd(fd, FS_TYPE);

	memset(&room, 0, sizeof(room));
	memcpy(&room, &req, sizeof(req));
	say_result("same memory", call(&room, &room, sizeof(room), BY_FD));
	say("size %u, type %s", room.answer.size,
	    scenario_quote(room.answer.str + room.answer.fs_type));
	close(fd);
}

static void errno_kept(void)
{
	int fd = world_fd();
	request req = request_fd(fd, MASK_ALL & ~0x6000ull);

	errno = EXDEV;
	say_result("by fd", call(&req, &room, sizeof(room), BY_FD));
	say("errno: %s", errno_name(errno));
	close(fd);
}

#define ROW(path, doc, run) \
	{ \
		"statmount/" path, doc, SCENARIO_ALL, NULL, run \
	}

const struct scenario statmount_request_scenarios[] = {
	ROW("flags/unknown", "Flags other than BY_FD are EINVAL (3.1 step 1).", flags_unknown),
	ROW("flags/first", "Flags are looked at before the request (3.1 step 1).",
	    flags_before_request),
	ROW("request/null", "No request is EFAULT (3.1 step 2).", request_null),
	ROW("request/unmapped", "An unreadable request is EFAULT (3.1 step 2).", request_unmapped),
	ROW("request/half-mapped", "The size is read first, then that many bytes (3.1 step 2).",
	    request_half_mapped),
	ROW("request/untouched", "The request is only read.", request_untouched),
	ROW("request/in-buffer", "The request may be overwritten by the answer.",
	    request_in_buffer),
	ROW("request/errno-kept", "Success leaves errno alone.", errno_kept),
	ROW("size/too-small", "Less than 24 is EINVAL (3.1 step 2).", size_too_small),
	ROW("size/24", "24 is the first version; what follows is not read (1.2).", size_first),
	ROW("size/between", "Sizes between the versions are fine (1.2).", size_between),
	ROW("size/32", "32 is the second version (1.2).", size_second),
	ROW("size/larger-zero", "A larger request with a zero tail is fine (1.2).",
	    size_larger_zero),
	ROW("size/larger-set", "A larger request with a non-zero tail is E2BIG (1.2).",
	    size_larger_set),
	ROW("size/page", "A page is the largest request (3.1 step 2).", size_page),
	ROW("size/above-page", "More than a page is E2BIG (3.1 step 2).", size_above_page),
	ROW("size/first", "The size is looked at before fd and ids (3.1 steps 2, 3).",
	    size_before_fd),
	ROW("by-fd/mnt-id-set", "mnt_id must be 0 by fd, even with a bad fd (3.1 step 3).",
	    fd_with_mnt_id),
	ROW("by-fd/mnt-ns-id-set", "mnt_ns_id must be 0 by fd, even with a bad fd (3.1 step 3).",
	    fd_with_mnt_ns_id),
	ROW("by-fd/not-open", "An fd that is not open, -1 and AT_FDCWD are EBADF (3.1 step 4).",
	    fd_not_open),
	ROW("by-fd/before-buffer", "The fd is looked at before the buffer (3.1 steps 4, 6).",
	    fd_before_buffer),
	ROW("by-fd/zero", "fd 0 is an fd like any other (3.1).", fd_zero),
	ROW("by-fd/flag-missing", "Without the flag mnt_id counts (3.1 step 3).", fd_flag_missing),
	ROW("by-id/too-small", "Ids up to 2^31 are EINVAL (3.1 step 3).", id_too_small),
	ROW("by-id/too-small-first", "The id's range is looked at first (3.1 step 3).",
	    id_too_small_first),
	ROW("by-id/unknown", "An id that no mount has is ENOENT (3.1 step 7).", id_unknown),
	ROW("by-id/old-id", "An old id is not accepted (3.1 step 3).", id_old),
	ROW("by-id/namespace-fd-bad", "mnt_ns_fd must be a mount namespace's fd (3.1 step 4).",
	    id_with_space),
	ROW("by-id/namespace-fd-own", "The own namespace may be given by fd (3.5).",
	    id_own_namespace_fd),
	ROW("by-id/namespace-id-own", "The own namespace may be given by id (3.5).",
	    id_own_namespace_id),
	ROW("by-id/namespace-id-unknown", "An unknown namespace id is ENOENT (3.1 step 4).",
	    id_unknown_namespace),
	ROW("by-id/namespace-twice", "A namespace by fd and by id is EINVAL (3.1 step 3).",
	    id_two_namespaces),
	ROW("buffer/kernel-address", "A kernel address is EFAULT before the lookup (3.1 step 6).",
	    address_kernel),
	ROW("buffer/huge-size", "A buffer that runs out of user space is EFAULT (3.1 step 6).",
	    address_huge_size),
	ROW("buffer/unmapped", "An unmapped buffer is EFAULT after all else (3.1 step 11).",
	    address_unmapped),
	ROW("buffer/null", "No buffer is fine for 0 bytes (3.2).", address_null),
	ROW("buffer/read-only", "A read-only buffer is EFAULT (3.1 step 11).", address_read_only),
	ROW("buffer/half-mapped", "Only what is written must be mapped (3.2).",
	    address_half_mapped),
	ROW("buffer/unaligned", "Request and buffer need no alignment.", address_unaligned),
	ROW("buffer/partial", "Without strings min(bufsize, 512) bytes are written (3.2).",
	    buffer_partial),
	ROW("buffer/fixed", "Without strings the rest stays untouched (3.2).", buffer_fixed),
	ROW("buffer/partial-content", "A short answer is the start of the long one (3.2).",
	    buffer_partial_content),
	ROW("buffer/small-for-string", "A string needs more than 512 bytes (3.2).",
	    buffer_small_for_string),
	ROW("buffer/small-first",
	    "Too small for a string is refused before the lookup (3.1 step 6).",
	    buffer_small_first),
	ROW("buffer/nothing-to-report", "An absent string still costs its NUL: size 513 (3.2).",
	    buffer_nothing_to_report),
	ROW("fit/fs-type", "An exact fit is enough for fs_type (3.2).", fit_fs_type),
	ROW("fit/mnt-root", "An exact fit is enough for mnt_root (3.2).", fit_mnt_root),
	ROW("fit/mnt-point", "An exact fit is enough for mnt_point (3.2).", fit_mnt_point),
	ROW("fit/mnt-opts", "An exact fit is enough for mnt_opts (3.2).", fit_mnt_opts),
	ROW("fit/sb-source", "An exact fit is enough for sb_source (3.2).", fit_sb_source),
	ROW("fit/opt-array", "An exact fit is enough for opt_array (3.2).", fit_opt_array),
	ROW("fit/all", "An exact fit is enough for all strings together (3.2).", fit_all),
	ROW("mask/empty", "An empty mask gives an empty answer of 512 bytes (3.2).", mask_empty),
	ROW("mask/sb-basic", "SB_BASIC alone.", mask_sb_basic),
	ROW("mask/mnt-basic", "MNT_BASIC alone.", mask_mnt_basic),
	ROW("mask/propagate-from", "PROPAGATE_FROM alone.", mask_propagate_from),
	ROW("mask/mnt-root", "MNT_ROOT alone.", mask_mnt_root),
	ROW("mask/mnt-point", "MNT_POINT alone.", mask_mnt_point),
	ROW("mask/fs-type", "FS_TYPE alone.", mask_fs_type),
	ROW("mask/mnt-ns-id", "MNT_NS_ID alone.", mask_mnt_ns_id),
	ROW("mask/mnt-opts", "MNT_OPTS alone.", mask_mnt_opts),
	ROW("mask/fs-subtype", "FS_SUBTYPE alone.", mask_fs_subtype),
	ROW("mask/sb-source", "SB_SOURCE alone.", mask_sb_source),
	ROW("mask/opt-array", "OPT_ARRAY alone.", mask_opt_array),
	ROW("mask/opt-sec-array", "OPT_SEC_ARRAY alone.", mask_opt_sec_array),
	ROW("mask/supported", "SUPPORTED_MASK alone.", mask_supported),
	ROW("mask/uidmap", "MNT_UIDMAP alone.", mask_uidmap),
	ROW("mask/gidmap", "MNT_GIDMAP alone.", mask_gidmap),
	ROW("mask/fixed", "All fields that are not strings.", mask_fixed),
	ROW("mask/strings", "All strings.", mask_strings),
	ROW("mask/all", "All of the mask.", mask_all),
	ROW("mask/all-ones", "Every bit, known or not (1.2).", mask_all_ones),
	ROW("mask/unknown", "Unknown bits are ignored (1.2).", mask_unknown),
	ROW("mask/string-order", "Strings come in a fixed order (3.2).", mask_string_order),
	{ 0 }
};
