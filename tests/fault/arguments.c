// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * arguments.c - random arguments for the calls: never a crash, never an errno that is not
 * documented. Runs in processes of its own; compares with the kernel's own answer where it has the
 * call. Root only. Run by make check-fault; TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat/kernel/calls.h"
#include "compat/kernel/words.h"
#include "tests/fault/fault-common.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static struct fault_world world;
static uint64_t seed = 1, state;
static unsigned int rounds = 6000;

/* Where pointers point: memory of every kind, set up once in each process. */
static struct {
	char *page; /* readable and writable */
	char *last; /* ends where memory ends */
	char *readonly, *none, *unmapped;
} memory;

static void map_memory(void)
{
	long size = sysconf(_SC_PAGESIZE);
	char *two;

	memory.page = mmap(NULL, (size_t)size * 4, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* A page that cannot be reached, and not a hole, which the next mapping would fill. */
	two = mmap(NULL, (size_t)size * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0);
	mprotect(two + size, (size_t)size, PROT_NONE);
	memory.last = two + size;
	memory.readonly = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memory.none = mmap(NULL, (size_t)size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memory.unmapped = memory.none + 64;
}

static uint32_t pick(uint32_t n)
{
	return fault_random(&state) % n;
}

static uint64_t random64(void)
{
	return (uint64_t)fault_random(&state) << 32 | fault_random(&state);
}

/* A pointer to @len bytes of @content, or to nothing good. *good: the kernel could use it. */
static void *pick_pointer(const void *content, size_t len, bool writable, bool *good)
{
	*good = false;
	switch (pick(14)) {
	case 0:
		return NULL;
	case 1:
		return memory.unmapped + pick(64);
	case 2:
		return memory.none;
	case 3:
		return (void *)(uintptr_t)random64();
	case 4:
		return (void *)(uintptr_t) - (intptr_t)pick(4096);
	case 5:
		return (void *)(uintptr_t)pick(4096);
	case 6:
		/* One part is missing. */
		len = pick((uint32_t)(len < 2 ? 1 : len > 4096 ? 4096 : len));
		return memset(memory.last - len, 'x', len);
	case 7:
		if (writable)
			return memory.readonly;
		break;
	case 8:
		if (len <= 4096) {
			*good = true;
			return memcpy(memory.last - len, content, len);
		}
		break;
	}
	*good = true;
	return memcpy(memory.page + pick(8), content, len);
}

static int pick_fd(void)
{
	switch (pick(10)) {
	case 0:
		return -1;
	case 1:
		return AT_FDCWD;
	case 2:
		return (int)fault_random(&state);
	case 3:
		return world.unmounted;
	case 4:
		return world.elsewhere;
	case 5:
		return world.detached;
	case 6:
		return world.userns;
	default:
		return (int)pick(24);
	}
}

static const char *pick_path(char room[PATH_MAX * 2])
{
	static const char *const paths[] = {
		"src",
		"src/a",
		"flat",
		"file",
		"src/marker",
		"",
		".",
		"..",
		"/",
		"missing",
		"file/x",
		"src/a/deep/",
		"file/",
		"nsfile/ns",
		"/proc/self",
		"/proc/self/ns/mnt",
		"/proc/self/fd/0",
		"link",
		"loop",
		"src/unbindable",
		"src/private",
		"//src/..//.",
	};
	uint32_t i, len;

	switch (pick(8)) {
	case 0:
		len = pick(PATH_MAX * 2 - 1);
		for (i = 0; i < len; i++)
			room[i] = pick(60) ? (char)('a' + i % 26) : '/';
		room[len] = '\0';
		return room;
	case 1:
		len = 4090 + pick(10);
		for (i = 0; i < len; i++)
			room[i] = i % 2 ? '/' : '.';
		room[len] = '\0';
		return room;
	default:
		return paths[pick(ARRAY_SIZE(paths))];
	}
}

static unsigned int pick_flags(void)
{
	static const unsigned int flags[] = {
		0, 1, 2, 4, 0x100, 0x800, 0x1000, 0x8000, 0x80000, 0x40000000, 0x80000000, 0x20000,
	};
	unsigned int result = pick(4) ? MNTCOMPAT_OPEN_TREE_NAMESPACE : 0;
	uint32_t n = pick(4);

	if (!pick(16))
		return fault_random(&state);
	while (n--)
		result |= flags[pick(ARRAY_SIZE(flags))];
	return result;
}

/* --- what each round is --- */

static char *what;
#define WHAT_SIZE 512

/* MNTCOMPAT_KERNEL is in force: then the kernel knows more than it may tell. */
static bool plays_old;

static bool round_open_tree(void)
{
	static char room[PATH_MAX * 2];
	const char *text = pick_path(room);
	bool good;
	const char *path = pick_pointer(text, strlen(text) + 1, false, &good);
	unsigned int flags = pick_flags();
	int dfd = pick_fd(), ret, native, error;

	snprintf(what, WHAT_SIZE, "open_tree(%d, %p \"%.40s\", %#x)", dfd, (const void *)path,
		 good ? text : "", flags);
	ret = mntcompat_open_tree(dfd, path, flags);
	error = errno;
	if (ret >= 0) {
		close(ret);
		return good;
	}
	if (!(flags & (MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS))) {
		/* Those are the kernel's own. */
		native = (int)syscall(UAPI_NR_open_tree, dfd, path, flags);
		if (native >= 0)
			close(native);
		return plays_old || (native < 0 && error == errno);
	}
	return calls_documents(CALLS_open_tree, error);
}

/* The checks that come before a mount is looked for give the same everywhere. */
static bool is_early(int error)
{
	return error == EFAULT || error == E2BIG;
}

/* An address that was mapped until just now, so that the next mapping may be there: the library's
 * own, for a while. */
static bool round_dangling(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
					    .mnt_fd = 0,
					    .param = pick(2) ? 0x7fff : 1ull << pick(16) };
	size_t len = 4096 * (1 + pick(40));
	char *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return false;
	req.mnt_fd = (uint32_t)open("src/a", O_RDONLY | O_CLOEXEC);
	munmap(at, len);
	at += pick((uint32_t)len);
	snprintf(what, WHAT_SIZE, "statmount({%#llx}, %p, 4096) of unmapped memory",
		 (unsigned long long)req.param, (void *)at);
	if (mntcompat_statmount(&req, (void *)at, 4096, MNTCOMPAT_STATMOUNT_BY_FD) == 0)
		errno = 0;
	len = (size_t)errno;
	close((int)req.mnt_fd);
	errno = (int)len;
	return errno == EFAULT;
}

/*
 * Another thread takes the request's memory and the buffer's away and gives them back, again and
 * again: each call is answered or EFAULT. The memory has two addresses, so that it can be written
 * meanwhile.
 */
static struct {
	char *fixed, *shaking;
	_Atomic bool over;
	uint32_t answered, refused;
} race;

static void *shake(void *arg)
{
	(void)arg;
	while (!race.over) {
		mprotect(race.shaking, 8192, PROT_NONE);
		mprotect(race.shaking, 4096, PROT_READ);
		mprotect(race.shaking, 8192, PROT_READ | PROT_WRITE);
		for (int i = pick(2000); i > 0 && !race.over; i--)
			__asm__ volatile("");
	}
	return NULL;
}

static bool race_prepare(void)
{
	int fd = (int)syscall(SYS_memfd_create, "race", 1ul);
	pthread_t thread;

	if (fd < 0 || ftruncate(fd, 8192) < 0)
		return false;
	race.fixed = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	race.shaking = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (race.fixed == MAP_FAILED || race.shaking == MAP_FAILED)
		return false;
	/* The C library keeps a thread's stack for the next one. */
	race.over = true;
	return pthread_create(&thread, NULL, shake, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static bool round_racing(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = 0x7fff };
	int fd, error, error_seen = 0;
	pthread_t thread;

	fd = open("src/a", O_RDONLY | O_CLOEXEC);
	req.mnt_fd = (uint32_t)fd;
	memcpy(race.fixed, &req, sizeof(req));
	snprintf(what, WHAT_SIZE,
		 "statmount() with memory that comes and goes, %u answered, %u refused",
		 race.answered, race.refused);
	race.over = false;
	if (pthread_create(&thread, NULL, shake, NULL))
		return false;
	for (int i = 0; i < 100 && !error_seen; i++) {
		error = mntcompat_statmount((void *)race.shaking, (void *)(race.shaking + 4096),
					    4096, MNTCOMPAT_STATMOUNT_BY_FD) < 0 ?
				errno :
				0;
		if (error == EFAULT)
			race.refused++;
		else if (!error)
			race.answered++;
		else
			error_seen = error;
	}
	race.over = true;
	pthread_join(thread, NULL);
	close(fd);
	errno = error_seen;
	return !error_seen;
}

/* Nothing was tried if the memory was always there, or never. */
static bool raced(void)
{
	return !race.fixed || (race.answered && race.refused);
}

static bool round_statmount(void)
{
	static char content[4096 * 3];
	struct mntcompat_mnt_id_req req = {
		.size = pick(3) ? 24 + 8 * pick(2) :
			pick(2) ? pick(5000) :
				  fault_random(&state),
		.mnt_fd = (uint32_t)pick_fd(),
		.mnt_id = pick(3) ? 0 :
			  pick(2) ? random64() :
				    (1ull << 31) + pick(4096),
		.param = pick(3) ? 1ull << pick(16) : random64(),
		.mnt_ns_id = pick(4) ? 0 : random64(),
	};
	size_t bufsize = pick(3) ? 512 + pick(2048) : pick(2) ? pick(514) : (size_t)random64();
	unsigned int flags = pick(8) ? pick(2) : fault_random(&state);
	size_t room = bufsize < 8192 ? bufsize : 8192, length = req.size < 4096 ? req.size : 4096;
	bool good_req, good_buf;
	const struct mntcompat_mnt_id_req *user;
	struct mntcompat_statmount *buf;
	int ret, error, native;

	memset(content, pick(6) ? 0 : 1, sizeof(content));
	memcpy(content, &req, sizeof(req));
	if (length < sizeof(req))
		length = sizeof(req);
	user = pick_pointer(content, length, false, &good_req);
	/* A request at the start of a page of its own, so that the buffer does not lie over it. */
	if (good_req && (const char *)user < memory.page + 64 && (const char *)user >= memory.page)
		user = memmove(memory.page + 8192 + pick(8), user, length);
	buf = pick_pointer(content, room, true, &good_buf);
	snprintf(what, WHAT_SIZE, "statmount(%p {%u, %d, %#llx, %#llx, %#llx}, %p, %zu, %#x)",
		 (const void *)user, req.size, (int)req.mnt_fd, (unsigned long long)req.mnt_id,
		 (unsigned long long)req.param, (unsigned long long)req.mnt_ns_id, (void *)buf,
		 bufsize, flags);
	/* The kernel may write as much as the size says, and the tests' own page has an end. */
	if (good_buf && bufsize > room)
		bufsize = room;
	ret = mntcompat_statmount(user, buf, bufsize, flags);
	error = errno;
	if (ret == 0)
		return true;
	if (!calls_documents(CALLS_statmount, error))
		return false;
	/* An address that is not good: the kernel agrees, if it has the call. */
	if (flags & ~1u || !is_early(error))
		return true;
	native = (int)syscall(UAPI_NR_statmount, user, buf, bufsize, (long)(flags & ~1u));
	return native == 0 || errno == ENOSYS || is_early(errno) || errno == EINVAL ||
	       errno == ENOENT || errno == EPERM || errno == EBADF || errno == EOVERFLOW;
}

/* Errors that the library may return where an unhindered kernel would not. */
static bool is_shortage(int error)
{
	return error == ENOMEM || error == ENOSYS || error == EOPNOTSUPP;
}

static int pick_at_flags(void)
{
	static const int flags[] = {
		0,     1,      2,      0x40,   0x100,  0x200,  0x400,
		0x800, 0x1000, 0x1000, 0x1000, 0x2000, 0x4000, 0x8000,
	};
	uint32_t n = pick(4);
	int result = 0;

	if (!pick(16))
		return (int)fault_random(&state);
	while (n--)
		result |= flags[pick(ARRAY_SIZE(flags))];
	return result;
}

static bool round_statx(void)
{
	static char room[PATH_MAX * 2], content[256];
	const char *text = pick_path(room);
	bool good_path, good_buf;
	const char *path = pick_pointer(text, strlen(text) + 1, false, &good_path);
	struct mntcompat_statx *buf;
	unsigned int mask = pick(4) ? MNTCOMPAT_STATX_MNT_ID_UNIQUE | pick(0x1000) :
				      fault_random(&state);
	int dfd = pick_fd(), flags = pick_at_flags(), ret, error, native;

	/* The answer must not lie over the path. */
	if (good_path)
		path = memmove(memory.page + 8192 + pick(8), path, strlen(text) + 1);
	buf = pick_pointer(content, sizeof(content), true, &good_buf);
	snprintf(what, WHAT_SIZE, "statx(%d, %p \"%.40s\", %#x, %#x, %p)", dfd, (const void *)path,
		 good_path ? text : "", flags, mask, (void *)buf);
	ret = mntcompat_statx(dfd, path, flags, mask, buf);
	error = errno;
	native = (int)syscall(SYS_statx, dfd, path, flags, mask, buf);
	if (ret == 0)
		return native == 0;
	return (native < 0 && errno == error) || is_shortage(error);
}

static bool round_handle(void)
{
	static char room[PATH_MAX * 2], content[512];
	const char *text = pick_path(room);
	bool good_path, good_handle, good_id;
	const char *path = pick_pointer(text, strlen(text) + 1, false, &good_path);
	uint32_t head[2] = { pick(3) ? 128 : pick(2) ? pick(132) : fault_random(&state), 0 };
	char *handle, *id;
	int dfd = pick_fd(), flags = pick_at_flags() | (pick(4) ? 1 : 0), ret, error, native;

	if (good_path)
		path = memmove(memory.page + 8192 + pick(8), path, strlen(text) + 1);
	memcpy(content, head, sizeof(head));
	handle = pick_pointer(content, 136, true, &good_handle);
	if (good_handle)
		handle = memmove(memory.page + 1024, handle, 136);
	memset(content, 0, sizeof(content));
	id = pick_pointer(content, 8, true, &good_id);
	/* Not over the end of a path that has no end: the kernel has read it when it writes. */
	if (good_id && path >= memory.last - 4096 && path < memory.last)
		id = memmove(memory.page + 2048, id, 8);
	if (good_handle)
		memcpy(handle, head, sizeof(head));
	snprintf(what, WHAT_SIZE, "name_to_handle_at(%d, %p \"%.40s\", %p {%u}, %p, %#x)", dfd,
		 (const void *)path, good_path ? text : "", (void *)handle, head[0], (void *)id,
		 flags);
	ret = mntcompat_name_to_handle_at(dfd, path, (void *)handle, id, flags);
	error = errno;
	if (good_handle)
		memcpy(handle, head, sizeof(head));
	native = (int)syscall(SYS_name_to_handle_at, dfd, path, handle, id, flags);
	/* An older kernel refuses flags that it does not know; 6.5 knows one of these. */
	if (plays_old && flags & 0x202)
		return true;
	if (ret == 0)
		return native == 0;
	return (native < 0 && errno == error) || is_shortage(error);
}

static bool round_listmount(void)
{
	static char content[4096 * 3];
	struct mntcompat_mnt_id_req req = {
		.size = pick(3) ? 24 + 8 * pick(2) :
			pick(2) ? pick(5000) :
				  fault_random(&state),
		.mnt_fd = pick(4) ? 0 : (uint32_t)pick_fd(),
		.mnt_id = pick(3) ? MNTCOMPAT_LSMT_ROOT :
			  pick(2) ? random64() :
				    (1ull << 31) + pick(4096),
		.param = pick(3) ? 0 :
			 pick(2) ? random64() :
				   (1ull << 31) + pick(4096),
		.mnt_ns_id = pick(6) ? 0 : random64(),
	};
	size_t number = pick(3) ? pick(1024) : pick(2) ? 999990 + pick(20) : (size_t)random64();
	unsigned int flags = pick(8) ? pick(2) : fault_random(&state);
	size_t room = number < 1024 ? number * 8 : 8192, length = req.size < 4096 ? req.size : 4096;
	bool good_req, good_buf;
	const struct mntcompat_mnt_id_req *user;
	uint64_t *buf;
	ssize_t ret;
	int error;

	memset(content, pick(6) ? 0 : 1, sizeof(content));
	memcpy(content, &req, sizeof(req));
	if (length < sizeof(req))
		length = sizeof(req);
	user = pick_pointer(content, length, false, &good_req);
	/* A request at the start of a page of its own, so that the buffer does not lie over it. */
	if (good_req && (const char *)user < memory.page + 64 && (const char *)user >= memory.page)
		user = memmove(memory.page + 8192 + pick(8), user, length);
	buf = pick_pointer(content, room, true, &good_buf);
	snprintf(what, WHAT_SIZE, "listmount(%p {%u, %d, %#llx, %#llx, %#llx}, %p, %zu, %#x)",
		 (const void *)user, req.size, (int)req.mnt_fd, (unsigned long long)req.mnt_id,
		 (unsigned long long)req.param, (unsigned long long)req.mnt_ns_id, (void *)buf,
		 number, flags);
	/* As many may be written as the number says, and the tests' own page has an end. */
	if (good_buf && number > 1024)
		number = 1024;
	ret = mntcompat_listmount(user, buf, number, flags);
	error = errno;
	if (ret >= 0)
		return (size_t)ret <= number;
	return calls_documents(CALLS_statmount, error);
}

static struct mntcompat_mount_attr pick_attr(void)
{
	static const uint64_t bits[] = { 1,    2,    4,	       8,	 0x10,	    0x20,
					 0x70, 0x80, 0x100000, 0x200000, 1ull << 40 };
	struct mntcompat_mount_attr attr = { .userns_fd = pick(3) ? (uint64_t)world.userns :
								    random64() };
	uint32_t n = pick(3);

	while (n--) {
		attr.attr_set |= pick(3) ? bits[pick(ARRAY_SIZE(bits))] : 0;
		attr.attr_clr |= pick(3) ? bits[pick(ARRAY_SIZE(bits))] : 0;
	}
	if (!pick(3))
		attr.propagation = pick(5) ? 1ull << (17 + pick(4)) : random64();
	return attr;
}

/* Of a mount namespace of its own, whose mounts may become anything. */
static bool round_mount_attr(void)
{
	static char room[PATH_MAX * 2], content[8192];
	static bool alone;
	const char *text = pick_path(room);
	struct mntcompat_mount_attr attr = pick_attr();
	size_t size = pick(3) ? 32 : pick(2) ? pick(80) : pick(2) ? pick(5000) : (size_t)random64();
	size_t length = size < 4096 && size > sizeof(attr) ? size : sizeof(attr);
	unsigned int flags = pick_flags();
	bool good_path, good_attr, clone = pick(2);
	const struct mntcompat_mount_attr *user;
	const char *path;
	int dfd = pick_fd(), ret, error;

	if (!alone && unshare(CLONE_NEWNS) == 0)
		alone = true;
	memset(content, pick(4) ? 0 : 1, sizeof(content));
	memcpy(content, &attr, sizeof(attr));
	user = pick_pointer(content, length, false, &good_attr);
	if (good_attr && (const char *)user < memory.page + 64 && (const char *)user >= memory.page)
		user = memmove(memory.page + 12288 - 4096 + pick(8), user, length);
	path = pick_pointer(text, strlen(text) + 1, false, &good_path);
	/* Not the whole machine's. */
	if (!alone || (good_path && text[0] == '/'))
		return true;
	snprintf(what, WHAT_SIZE, "%s(%d, %p \"%.40s\", %#x, %p {%#llx, %#llx, %#llx}, %zu)",
		 clone ? "open_tree_attr" : "mount_setattr", dfd, (const void *)path,
		 good_path ? text : "", flags, (const void *)user,
		 (unsigned long long)attr.attr_set, (unsigned long long)attr.attr_clr,
		 (unsigned long long)attr.propagation, size);
	if (clone)
		ret = mntcompat_open_tree_attr(dfd, path, flags & ~2u, user, size);
	else
		ret = mntcompat_mount_setattr(dfd, path, pick(2) ? flags & 0x9900 : flags, user,
					      size);
	error = errno;
	if (clone && ret >= 0)
		close(ret);
	errno = error;
	return ret >= 0 || calls_documents(CALLS_open_tree_attr, error);
}

static bool round_fsmount(void)
{
	unsigned int flags = pick(3) ? 2 + pick(2) : fault_random(&state);
	unsigned int attrs = pick(3) ? pick(256) : fault_random(&state);
	int fd = pick_fd(), ret, error;

	snprintf(what, WHAT_SIZE, "fsmount(%d, %#x, %#x)", fd, flags, attrs);
	ret = mntcompat_fsmount(fd, flags, attrs);
	error = errno;
	if (ret >= 0)
		close(ret);
	errno = error;
	return ret < 0 && (error == EBADF || calls_documents(CALLS_open_tree, error));
}

static bool round_namespace(void)
{
	static char content[64];
	int opened = pick(2) ? -1 :
			       open(pick(2) ? "/proc/self/ns/mnt" : "/proc/self/ns/uts",
				    O_RDONLY | O_CLOEXEC);
	int fd = opened >= 0 ? opened : pick_fd();
	unsigned int which = pick(5);
	bool good;
	void *buf = pick_pointer(content, 16, true, &good);
	int ret, error;

	snprintf(what, WHAT_SIZE, "namespace call %u(%d, %p)", which, fd, buf);
	switch (which) {
	case 0:
		ret = mntcompat_namespace_id(fd, buf);
		break;
	case 1:
		ret = mntcompat_mount_namespace_id(fd, buf);
		break;
	case 2:
		ret = mntcompat_mount_namespace_info(fd, buf);
		break;
	case 3:
		ret = mntcompat_mount_namespace_next(fd, buf);
		break;
	default:
		ret = mntcompat_mount_namespace_prev(fd, buf);
		break;
	}
	error = errno;
	if (which >= 3 && ret >= 0)
		close(ret);
	if (opened >= 0)
		close(opened);
	errno = error;
	return ret >= 0 || calls_documents(CALLS_mount_namespace_info, error);
}

/* In a child, which it may move. */
static bool round_enter_tree(void)
{
	static const char *const paths[] = { "src", "src/marker", "", "absent", "src/a" };
	bool good;
	const char *path = paths[pick(5)];
	const char *user = pick_pointer(path, strlen(path) + 1, false, &good);
	int dfd = pick(2) ? AT_FDCWD : pick_fd(), status;
	unsigned int flags = pick(3) ? MNTCOMPAT_AT_RECURSIVE : pick(2) ? 0 : pick_flags();
	pid_t pid;

	snprintf(what, WHAT_SIZE, "enter_tree(%d, %p, %#x)", dfd, (const void *)user, flags);
	pid = fork();
	if (pid == 0) {
		int ret = mntcompat_enter_tree(dfd, user, flags);

		_exit(ret != 0 && (ret != -errno || ret == -ENOTRECOVERABLE ||
				   !calls_documents(CALLS_enter_tree, errno)));
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static bool round_namespace_of(void)
{
	pid_t pid = pick(3) ? (pid_t)fault_random(&state) : pick(2) ? (pid_t)pick(400) : getpid();
	int fd = mntcompat_mount_namespace_of(pid), error = errno;

	snprintf(what, WHAT_SIZE, "mount_namespace_of(%d)", (int)pid);
	if (fd >= 0)
		close(fd);
	errno = error;
	return fd >= 0 || (fd == -error && calls_documents(CALLS_mount_namespace_of, error));
}

static bool round_listns(void)
{
	static char content[4096 * 3];
	struct mntcompat_ns_id_req req = {
		.size = pick(3) ? 32 :
			pick(2) ? pick(5000) :
				  fault_random(&state),
		.ns_id = pick(3) ? 0 : random64(),
		.ns_type = pick(3) ? MNTCOMPAT_MNT_NS : fault_random(&state),
		.user_ns_id = pick(3) ? 0 :
			      pick(2) ? MNTCOMPAT_LISTNS_CURRENT_USER :
					random64(),
	};
	size_t number = pick(3) ? pick(1024) : pick(2) ? 999990 + pick(20) : (size_t)random64();
	size_t length = req.size < 4096 ? req.size : 4096;
	unsigned int flags = pick(8) ? 0 : fault_random(&state);
	bool good_req, good_buf;
	const struct mntcompat_ns_id_req *user;
	uint64_t *buf;
	ssize_t ret;

	memset(content, pick(6) ? 0 : 1, sizeof(content));
	memcpy(content, &req, sizeof(req));
	if (length < sizeof(req))
		length = sizeof(req);
	user = pick_pointer(content, length, false, &good_req);
	if (good_req && (const char *)user < memory.page + 64 && (const char *)user >= memory.page)
		user = memmove(memory.page + 8192 + pick(8), user, length);
	buf = pick_pointer(content, 8192, true, &good_buf);
	snprintf(what, WHAT_SIZE, "listns(%p {%u, %#llx, %#x, %#llx}, %p, %zu, %#x)",
		 (const void *)user, req.size, (unsigned long long)req.ns_id, req.ns_type,
		 (unsigned long long)req.user_ns_id, (void *)buf, number, flags);
	if (good_buf && number > 1024)
		number = 1024;
	ret = mntcompat_listns(user, buf, number, flags);
	return ret >= 0 ? (size_t)ret <= number : calls_documents(CALLS_listns, errno);
}

/* The options are the caller's own memory, not a request that the kernel would read. */
static bool round_table(void)
{
	struct mntcompat_table_options options = {
		.size = pick(4) ? sizeof(options) : pick(sizeof(options) + 1),
		.mask = pick(2) ? 0x1fff : random64() & ~0x6000ull,
		.way = pick(4) ? pick(3) : fault_random(&state),
		.mnt_ns_fd = pick(3) ? 0 : (uint32_t)pick_fd(),
		.mnt_id = pick(2) ? 0 :
			  pick(2) ? MNTCOMPAT_LSMT_ROOT :
				    random64(),
		.mnt_ns_id = pick(4) ? 0 : random64(),
	};
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table = NULL;
	int ret = mntcompat_table_open(&options, &table);
	unsigned int rows = 0;

	snprintf(what, WHAT_SIZE, "table_open({%u, %#llx, %u, %d, %#llx, %#llx})",
		 (unsigned int)options.size, (unsigned long long)options.mask, options.way,
		 (int)options.mnt_ns_fd, (unsigned long long)options.mnt_id,
		 (unsigned long long)options.mnt_ns_id);
	if (ret == 0)
		while ((ret = mntcompat_table_next(table, &row)) > 0 && rows < 64)
			rows++;
	mntcompat_table_close(table);
	errno = ret < 0 ? -ret : 0;
	return ret >= 0 || errno == EAGAIN || calls_documents(CALLS_statmount, errno);
}

static bool round_statmount_alloc(void)
{
	struct mntcompat_mnt_id_req req = {
		.size = pick(3) ? 24 + 8 * pick(2) : fault_random(&state),
		.mnt_fd = (uint32_t)pick_fd(),
		.mnt_id = pick(2) ? 0 : random64(),
		.param = pick(2) ? 0x1fff : random64() & ~0x6000ull,
		.mnt_ns_id = pick(6) ? 0 : random64(),
	};
	static char content[4096 * 3];
	size_t length = req.size < 4096 ? req.size : 4096;
	struct mntcompat_statmount *answer = NULL;
	bool good;
	const struct mntcompat_mnt_id_req *user;
	int ret;

	memcpy(content, &req, sizeof(req));
	user = pick_pointer(content, length < sizeof(req) ? sizeof(req) : length, false, &good);
	snprintf(what, WHAT_SIZE, "statmount_alloc(%p {%u, %d, %#llx, %#llx, %#llx})",
		 (const void *)user, req.size, (int)req.mnt_fd, (unsigned long long)req.mnt_id,
		 (unsigned long long)req.param, (unsigned long long)req.mnt_ns_id);
	ret = mntcompat_statmount_alloc(user, pick(2), &answer);
	if (ret == 0 && !answer)
		return false;
	free(answer);
	errno = ret < 0 ? -ret : 0;
	return ret == 0 || calls_documents(CALLS_statmount, errno);
}

/* Nothing that could succeed: the world is to stay as it is. */
static bool round_move_mount(void)
{
	static char rooms[2][PATH_MAX * 2];
	const char *texts[2] = { pick_path(rooms[0]), pick_path(rooms[1]) }, *paths[2];
	unsigned int flags = pick(2) ? 0x300 | pick(0x80) : fault_random(&state) | 0x80000000u;
	int fds[2] = { pick_fd(), pick_fd() };
	bool good;

	for (int i = 0; i < 2; i++)
		paths[i] = pick_pointer(texts[i], strlen(texts[i]) + 1, false, &good);
	snprintf(what, WHAT_SIZE, "move_mount(%d, %p, %d, %p, %#x)", fds[0], (const void *)paths[0],
		 fds[1], (const void *)paths[1], flags);
	return mntcompat_move_mount(fds[0], paths[0], fds[1], paths[1], flags) < 0 &&
	       calls_documents(CALLS_open_tree_attr, errno);
}

/* With a flag that no kernel knows. */
static bool round_unshare(void)
{
	unsigned int flags = fault_random(&state) | 4;

	snprintf(what, WHAT_SIZE, "unshare(%#x)", flags);
	return mntcompat_unshare(flags) < 0 && calls_documents(CALLS_unshare, errno);
}

static bool round_clone3(void)
{
	static const uint64_t bits[] = { 0x100,	  0x200,      0x1000,	  0x4000,
					 0x20000, 0x10000000, 1ull << 37, 1ull << 50 };
	struct mntcompat_clone_args args = { .flags = pick(3) ? MNTCOMPAT_CLONE_EMPTY_MNTNS : 0 };
	static char content[4096 * 3];
	size_t size = pick(3) ? sizeof(args) : pick(2) ? pick(5000) : (size_t)random64();
	const struct mntcompat_clone_args *user;
	uint64_t number = 0;
	bool good, good_number;
	pid_t pid;
	int error;

	for (uint32_t n = pick(3); n; n--)
		args.flags |= bits[pick(sizeof(bits) / sizeof(bits[0]))];
	args.pidfd = (uintptr_t)pick_pointer(&number, sizeof(number), true, &good_number);
	if (pick(6) == 0)
		args.exit_signal = random64() | 1ull << 32;
	if (pick(6) == 0)
		args.stack = random64();
	memset(content, pick(3) ? 0 : 1, sizeof(content));
	memcpy(content, &args, sizeof(args));
	user = pick_pointer(content, size < 4096 && size > sizeof(args) ? size : sizeof(args),
			    false, &good);
	/* Not where the number of the pidfd goes. */
	if (good && (const char *)user < memory.page + 64 && (const char *)user >= memory.page)
		user = memmove(memory.page + 8192 + pick(8), user, sizeof(content) / 2);
	snprintf(what, WHAT_SIZE, "clone3(%p {%#llx, %#llx, %#llx, %#llx}, %zu)",
		 (const void *)user, (unsigned long long)args.flags, (unsigned long long)args.pidfd,
		 (unsigned long long)args.exit_signal, (unsigned long long)args.stack, size);
	pid = mntcompat_clone3(user, size);
	if (pid == 0)
		_exit(0);
	error = errno;
	if (pid > 0 && waitpid(pid, NULL, __WALL) != pid)
		return false;
	/* A pidfd is the caller's. */
	if (pid > 0 && args.flags & 0x1000)
		close(*(int *)(uintptr_t)args.pidfd);
	errno = error;
	return pid > 0 || calls_documents(CALLS_clone3, error);
}

/* --- any call of calls.def --- */

static long call_row(enum calls_id id, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d,
		     uintptr_t e)
{
	switch (id) {
#define CALL(name, number, number_32, since, feature, taken, supervised, answered, traits, told, \
	     arguments, ...) \
	case CALLS_##name: \
		return mntcompat_##name arguments;
#define REQUEST(name, ...) \
	case CALLS_##name: \
		return mntcompat_##name((int)a, (void *)c);
#include "compat/kernel/calls.def"
	default:
		return 0; /* returns twice, or stands in for no system call */
	}
}

static uintptr_t pick_bad_pointer(void)
{
	switch (pick(4)) {
	case 0:
		return (uintptr_t)memory.none;
	case 1:
		return (uintptr_t) - (intptr_t)(1 + pick(4095));
	case 2:
		return 1 + pick(4095);
	default:
		return (uintptr_t)memory.unmapped + pick(64);
	}
}

static uintptr_t pick_argument(enum calls_argument kind, bool harmless)
{
	switch (kind) {
	case ARGUMENT_NONE:
		return 0;
	case ARGUMENT_FD:
	case ARGUMENT_FILE:
		return (uintptr_t)pick_fd();
	case ARGUMENT_INT:
	case ARGUMENT_AT_FLAGS:
		return (uintptr_t)pick_flags();
	case ARGUMENT_FLAGS:
		/* Without a pointer a flag that the call does not know keeps it from acting. */
		return harmless ? pick(2) * pick_flags() : (uintptr_t)(pick_flags() | 4);
	case ARGUMENT_SIZE:
		return pick(2) ? pick(5000) : (uintptr_t)random64();
	default:
		return pick_bad_pointer();
	}
}

/*
 * Arguments by their kinds, and none of the pointers is good, so that nothing happens. A row needs
 * no line here.
 */
static bool round_row(void)
{
	enum calls_id id = (enum calls_id)pick(CALLS_COUNT);
	const struct calls_row *row = &calls_rows[id];
	uintptr_t args[CALLS_ARGUMENTS];
	bool harmless = false;
	long ret;
	int i;

	for (i = 0; i < CALLS_ARGUMENTS; i++)
		harmless |= row->arguments[i] == ARGUMENT_PATH || row->arguments[i] > ARGUMENT_SIZE;
	for (i = 0; i < CALLS_ARGUMENTS; i++)
		args[i] = pick_argument(row->arguments[i], harmless);
	snprintf(what, WHAT_SIZE, "%s(%#lx, %#lx, %#lx, %#lx, %#lx)", row->name, (long)args[0],
		 (long)args[1], (long)args[2], (long)args[3], (long)args[4]);
	ret = call_row(id, args[0], args[1], args[2], args[3], args[4]);
	if (id == CALLS_clone3 || row->number < 0)
		return ret == 0;
	return ret < 0 && calls_documents(id, errno);
}

static const struct {
	const char *name;
	bool (*round)(void);
	const char *level;
	enum mntcompat_mode mode;
	bool user;
	int nofile; /* RLIMIT_NOFILE, 0: as it is */
} parts[] = {
	{ "any call", round_row, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "any call", round_row, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "any call", round_row, "5.10", MNTCOMPAT_MODE_EMULATE, true, 0 },
	{ "open_tree", round_open_tree, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "open_tree", round_open_tree, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "open_tree", round_open_tree, "5.10", MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "open_tree", round_open_tree, "4.18", MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "open_tree", round_open_tree, NULL, MNTCOMPAT_MODE_EMULATE, true, 0 },
	{ "open_tree", round_open_tree, NULL, MNTCOMPAT_MODE_EMULATE, false, 18 },
	{ "statmount", round_statmount, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "statmount", round_statmount, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "statmount", round_statmount, "6.12", MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "statmount", round_statmount, "5.10", MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "statmount", round_statmount, "5.4", MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "statmount", round_statmount, NULL, MNTCOMPAT_MODE_EMULATE, true, 0 },
	{ "statmount", round_statmount, NULL, MNTCOMPAT_MODE_EMULATE, false, 18 },
	{ "statx", round_statx, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "statx", round_statx, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "statx", round_statx, "6.1", MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "statx", round_statx, "5.4", MNTCOMPAT_MODE_AUTO, true, 0 },
	{ "statx", round_statx, NULL, MNTCOMPAT_MODE_EMULATE, false, 18 },
	{ "name_to_handle_at", round_handle, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "name_to_handle_at", round_handle, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "name_to_handle_at", round_handle, "6.8", MNTCOMPAT_MODE_AUTO, true, 0 },
	{ "name_to_handle_at", round_handle, "5.10", MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "name_to_handle_at", round_handle, NULL, MNTCOMPAT_MODE_EMULATE, false, 18 },
	{ "listmount", round_listmount, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "listmount", round_listmount, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "listmount", round_listmount, "6.10", MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "listmount", round_listmount, "5.10", MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "listmount", round_listmount, "5.4", MNTCOMPAT_MODE_EMULATE, true, 0 },
	{ "listmount", round_listmount, "5.10", MNTCOMPAT_MODE_EMULATE, false, 18 },
	{ "mount attributes", round_mount_attr, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "mount attributes", round_mount_attr, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "mount attributes", round_mount_attr, "5.10", MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "mount attributes", round_mount_attr, "5.4", MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "fsmount", round_fsmount, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "fsmount", round_fsmount, "5.10", MNTCOMPAT_MODE_EMULATE, true, 0 },
	{ "namespaces", round_namespace, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "namespaces", round_namespace, "5.10", MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "namespaces", round_namespace, "5.10", MNTCOMPAT_MODE_AUTO, true, 0 },
	{ "enter_tree", round_enter_tree, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "enter_tree", round_enter_tree, "5.10", MNTCOMPAT_MODE_AUTO, false, 18 },
	{ "mount_namespace_of", round_namespace_of, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "mount_namespace_of", round_namespace_of, "5.10", MNTCOMPAT_MODE_AUTO, true, 0 },
	{ "mount_namespace_of", round_namespace_of, "5.2", MNTCOMPAT_MODE_AUTO, true, 18 },
	{ "listns", round_listns, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "listns", round_listns, "5.10", MNTCOMPAT_MODE_AUTO, true, 0 },
	{ "table", round_table, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "table", round_table, "5.10", MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "table", round_table, "5.10", MNTCOMPAT_MODE_AUTO, true, 0 },
	{ "statmount_alloc", round_statmount_alloc, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "statmount_alloc", round_statmount_alloc, "5.10", MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "move_mount", round_move_mount, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "move_mount", round_move_mount, "5.10", MNTCOMPAT_MODE_AUTO, true, 0 },
	{ "unshare", round_unshare, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "clone3", round_clone3, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "clone3", round_clone3, "5.10", MNTCOMPAT_MODE_AUTO, true, 0 },
	{ "statmount, dangling buffer", round_dangling, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "statmount, dangling buffer", round_dangling, "5.10", MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "statmount, racing", round_racing, NULL, MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "statmount, racing", round_racing, NULL, MNTCOMPAT_MODE_EMULATE, false, 0 },
	{ "statmount, racing", round_racing, "6.12", MNTCOMPAT_MODE_AUTO, false, 0 },
	{ "statmount, racing", round_racing, "5.10", MNTCOMPAT_MODE_EMULATE, false, 0 },
};

/* The description of a round, kept where the parent sees it after this process has died. */
struct shared {
	uint32_t round;
	char what[WHAT_SIZE];
	char difference[512];
};

static void touch_stack(void)
{
	volatile char room[512 * 1024];
	size_t i;

	for (i = 0; i < sizeof(room); i += 1024)
		room[i] = 1;
}

static void __attribute__((noreturn)) part(size_t which, struct shared *shared, uint64_t until)
{
	static char before[FAULT_STATE_SIZE], after[FAULT_STATE_SIZE];
	struct rlimit limit = { (rlim_t)parts[which].nofile, (rlim_t)parts[which].nofile };
	const char *difference;
	uint32_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	state = seed + which * 1000003;
	what = shared->what;
	map_memory();
	touch_stack();
	if (parts[which].round == round_racing && !race_prepare())
		_exit(2);
	mntcompat_set_mode(parts[which].mode);
	mntcompat_set_kernel(parts[which].level);
	plays_old = parts[which].level != NULL;
	if (parts[which].user && setresuid(1000, 1000, 1000) < 0)
		_exit(2);
	fault_state(getpid(), -1, before, NULL);
	if (parts[which].nofile && setrlimit(RLIMIT_NOFILE, &limit) < 0)
		_exit(2);
	/* open_tree makes namespaces, which takes its time. */
	for (i = 0; i < rounds && (i < 100 || fault_now() < until); i++) {
		shared->round = i;
		if (!parts[which].round()) {
			snprintf(shared->difference, sizeof(shared->difference), "errno %s",
				 fault_errno_name(errno));
			_exit(1);
		}
	}
	if (!raced()) {
		snprintf(shared->difference, sizeof(shared->difference),
			 "%u calls answered, %u refused: no race", race.answered, race.refused);
		_exit(1);
	}
	if (waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD) {
		snprintf(shared->difference, sizeof(shared->difference), "a child is left");
		_exit(1);
	}
	limit.rlim_cur = limit.rlim_max = 1024;
	if (parts[which].nofile)
		setrlimit(RLIMIT_NOFILE, &limit);
	/* Attributes of mounts are meant to change, in a mount namespace of the part's own. */
	if (!parts[which].user && parts[which].round != round_mount_attr) {
		fault_state(getpid(), -1, after, NULL);
		difference = fault_state_difference(before, after);
		if (difference) {
			snprintf(shared->difference, sizeof(shared->difference), "%s", difference);
			_exit(1);
		}
	}
	_exit(0);
}

static void run(const char *place, int seconds)
{
	struct shared *shared;
	char name[96];
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		fault_broken("mmap");
	fault_world_open(&world, place);
	if (symlink("src", "link") < 0 || symlink("loop", "loop") < 0)
		fault_broken("symlink");
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		int status;
		pid_t pid;

		memset(shared, 0, sizeof(*shared));
		fflush(stdout);
		pid = (pid_t)fault_must(fork(), "fork");
		if (!pid)
			part(i, shared, fault_now() + (uint64_t)seconds * 1000 / ARRAY_SIZE(parts));
		waitpid(pid, &status, 0);
		snprintf(name, sizeof(name), "%s%s%s%s%s%s", parts[i].name,
			 parts[i].mode == MNTCOMPAT_MODE_AUTO ? " auto" : " emulated",
			 parts[i].level ? " as " : "", parts[i].level ? parts[i].level : "",
			 parts[i].user ? " without privilege" : "",
			 parts[i].nofile ? " with few fds" : "");
		if (WIFSIGNALED(status))
			tap_result(false, name, "signal %d in round %u: %s", WTERMSIG(status),
				   shared->round, shared->what);
		else
			tap_result(WEXITSTATUS(status) == 0, name, "%u rounds, seed %llu%s%s%s%s",
				   shared->round + 1, (unsigned long long)seed, status ? ": " : "",
				   status ? shared->difference : "", status ? " from " : "",
				   status ? shared->what : "");
	}
	fault_world_close(&world);
	fflush(stdout);
	_exit(tap_exit());
}

int main(int argc, char **argv)
{
	char place[64], before[16384], after[16384];
	int c, status, seconds = 60;
	pid_t pid;

	while ((c = getopt(argc, argv, "n:s:t:")) != -1) {
		if (c == 'n') {
			rounds = (unsigned int)atoi(optarg);
		} else if (c == 's') {
			seed = strtoull(optarg, NULL, 0);
		} else if (c == 't') {
			seconds = atoi(optarg);
		} else {
			fprintf(stderr, "usage: arguments [-n ROUNDS] [-s SEED] [-t SECONDS]\n");
			return 2;
		}
	}
	if (geteuid() != 0)
		tap_skip_all("needs root");
	tap_plan((int)ARRAY_SIZE(parts));
	fault_read_file("/proc/self/mountinfo", before, sizeof(before));
	fault_world_place(place);
	fflush(stdout);
	pid = (pid_t)fault_must(fork(), "fork");
	if (!pid)
		run(place, seconds);
	waitpid(pid, &status, 0);
	rmdir(place);
	fault_read_file("/proc/self/mountinfo", after, sizeof(after));
	if (strcmp(before, after))
		fault_broken("the mount table outside changed");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
