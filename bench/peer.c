// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * peer.c - the calls that the library is compared with.
 * Starts and reaps children, opens fds.
 *
 * It stands for a program that knows its kernel, so it calls the kernel directly and not by way of
 * compat/kernel/raw.c, which can act as an older one.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/peer.h"
#include "compat/kernel/uapi.h"

#define STACK (64 * 1024)

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

int peer_open_tree(const char *path, unsigned int flags)
{
	return (int)result(syscall(UAPI_NR_open_tree, (long)AT_FDCWD, path, (unsigned long)flags));
}

struct pivot_job {
	const char *path;
	bool recursive;
	int procfs; /* opened before "/" is another one */
	int result;
	int64_t ns;
};

static int pivot(const struct pivot_job *job)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(job->path, job->path, NULL, MS_BIND | (job->recursive ? MS_REC : 0), NULL) < 0 ||
	    chdir(job->path) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0)
		return -errno;
	return 0;
}

/* One stack for all calls of a thread. */
static char *child_stack(void)
{
	static __thread char *stack;

	if (!stack) {
		stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
		if (stack == MAP_FAILED)
			abort();
	}
	return stack + STACK;
}

static int run_vfork(int (*task)(void *), struct pivot_job *job)
{
	int pid = clone(task, child_stack(), CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, job);

	if (pid < 0)
		return -errno;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return job->result;
}

static int procfs_fd(void)
{
	static __thread int fd = -1;

	if (fd < 0)
		fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

static int pivot_task(void *arg)
{
	struct pivot_job *job = arg;

	job->result = pivot(job);
	if (job->result == 0) {
		job->result = openat(job->procfs, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
		if (job->result < 0)
			job->result = -errno;
	}
	return 0;
}

int peer_pivot_vfork(const char *path, bool recursive)
{
	struct pivot_job job = { .path = path, .recursive = recursive, .procfs = procfs_fd() };

	return run_vfork(pivot_task, &job);
}

int peer_pivot_fork(const char *path, bool recursive)
{
	struct pivot_job job = { .path = path, .recursive = recursive };
	int ready[2], go[2], ret = 0, fd = -1;
	char name[64];
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(go[1]);
		ret = pivot(&job);
		if (write(ready[1], &ret, sizeof(ret)) != sizeof(ret) || read(go[0], name, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(ready[1]);
	close(go[0]);
	if (pid < 0 || read(ready[0], &ret, sizeof(ret)) != sizeof(ret))
		ret = -ENOMEM;
	if (ret == 0) {
		snprintf(name, sizeof(name), "/proc/%d/ns/mnt", (int)pid);
		fd = open(name, O_RDONLY | O_CLOEXEC);
		ret = fd < 0 ? -errno : fd;
	}
	close(go[1]);
	close(ready[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return ret;
}

static int unshare_task(void *arg)
{
	struct pivot_job *job = arg;
	uint64_t start = bench_now();

	job->result = unshare(CLONE_NEWNS) < 0 ? -errno : 0;
	job->ns = (int64_t)(bench_now() - start);
	return 0;
}

int64_t peer_unshare_ns(void)
{
	struct pivot_job job = { .path = NULL };
	int ret = run_vfork(unshare_task, &job);

	return ret < 0 ? ret : job.ns;
}

static int emptied_task(void *arg)
{
	struct pivot_job *job = arg;
	uint64_t start = bench_now();
	int fs = -1, cover = -1;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    (fs = (int)syscall(UAPI_NR_fsopen, "tmpfs", 1l)) < 0 ||
	    syscall(UAPI_NR_fsconfig, (long)fs, 6l /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0l) < 0 ||
	    (cover = (int)syscall(UAPI_NR_fsmount, (long)fs, 1l, 0l)) < 0 ||
	    syscall(UAPI_NR_move_mount, (long)cover, "", (long)AT_FDCWD, "/", 4l) < 0 ||
	    fchdir(cover) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || umount2("/", MNT_DETACH) < 0)
		job->result = -errno;
	job->ns = (int64_t)(bench_now() - start);
	if (fs >= 0)
		close(fs);
	if (cover >= 0)
		close(cover);
	return 0;
}

int64_t peer_emptied_ns(void)
{
	struct pivot_job job = { .path = NULL };
	int ret = run_vfork(emptied_task, &job);

	return ret < 0 ? ret : job.ns;
}

int peer_copy_in(void *to, const void *from, size_t len)
{
	struct iovec local = { to, len }, remote = { (void *)(uintptr_t)from, len };

	return (int)result(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
}

int peer_copy_out(void *to, const void *from, size_t len)
{
	struct iovec local = { (void *)(uintptr_t)from, len }, remote = { to, len };

	return (int)result(process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
}

int peer_set_word(uint32_t *word)
{
	uint32_t nobody = 0;

	/*
	 * FUTEX_OP_SET of 1, in FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG; wakes a waiter if it was below
	 * 0.
	 */
	return (int)result(
		syscall(SYS_futex, &nobody, 5l | 128, 0l, 0l, word, 2l << 24 | 1l << 12));
}

/* The kernel's struct statx as far as it is needed. */
struct peer_statx {
	uint32_t mask, other[35];
	uint64_t mnt_id, spare[13];
};
_Static_assert(sizeof(struct peer_statx) == 256, "struct statx is 256 bytes");
_Static_assert(offsetof(struct peer_statx, mnt_id) == 0x90, "stx_mnt_id");

static int statx_id(int fd, unsigned int bit, uint64_t *id)
{
	struct peer_statx stx;

	if (syscall(SYS_statx, (long)fd, "", (long)AT_EMPTY_PATH, (unsigned long)bit, &stx) < 0)
		return -errno;
	if (!(stx.mask & bit))
		return -ENOSYS;
	*id = stx.mnt_id;
	return 0;
}

int peer_statx_statmount(int fd, uint64_t mask, void *buf, size_t size)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0, .param = mask };
	int ret = statx_id(fd, 0x4000 /* STATX_MNT_ID_UNIQUE */, &req.mnt_id);

	return ret < 0 ? ret : (int)result(syscall(UAPI_NR_statmount, &req, buf, size, 0l));
}

ssize_t peer_listmount(uint64_t *ids, size_t n)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };

	return result(syscall(UAPI_NR_listmount, &req, ids, n, 0l));
}

uint64_t peer_unique_id(int fd)
{
	uint64_t id;

	return statx_id(fd, 0x4000 /* STATX_MNT_ID_UNIQUE */, &id) < 0 ? 0 : id;
}

int peer_statmount_by_id(uint64_t mnt_id, uint64_t mask, void *buf, size_t size)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = mask,
					    .mnt_id = mnt_id };

	return (int)result(syscall(UAPI_NR_statmount, &req, buf, size, 0l));
}

int peer_statmount_by_fd(int fd, uint64_t mask, void *buf, size_t size)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = mask,
					    .mnt_fd = (uint32_t)fd };

	return (int)result(syscall(UAPI_NR_statmount, &req, buf, size,
				   (unsigned long)MNTCOMPAT_STATMOUNT_BY_FD));
}

int peer_old_id(int fd)
{
	uint64_t id;
	int ret = statx_id(fd, 0x1000 /* STATX_MNT_ID */, &id);

	return ret < 0 ? ret : (int)id;
}

int peer_read_mountinfo(int id)
{
	static char *buf;
	static size_t room;
	char line_start[24];
	size_t have = 0, looked = 0;
	int len = snprintf(line_start, sizeof(line_start), "%d ", id);
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	for (;;) {
		if (room - have < 65536) {
			room += 1 << 20;
			buf = realloc(buf, room);
			if (!buf)
				abort();
		}
		n = read(fd, buf + have, 65536);
		if (n <= 0)
			break;
		have += (size_t)n;
		while (id && looked < have) {
			char *end = memchr(buf + looked, '\n', have - looked);

			if (!end)
				break;
			if (end - (buf + looked) > len &&
			    !memcmp(buf + looked, line_start, (size_t)len)) {
				close(fd);
				return (int)have;
			}
			looked = (size_t)(end - buf) + 1;
		}
	}
	n = n < 0 ? -errno : (ssize_t)have;
	close(fd);
	return id && n >= 0 ? -ENOENT : (int)n;
}
