// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-statmount-steps.c - the steps of statmount by fd, and the cost of other ways.
 * Works in a mount namespace of its own; opens fds. Run by "make bench".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/peer.h"
#include "bench/world.h"

static struct world world;
static int procfs_fd;

static char answer[8192];
static int mount_fd;

static int copy_in(void)
{
	static char from[32];
	char to[32];
	struct iovec here = { to, sizeof(to) }, there = { from, sizeof(from) };

	return (int)process_vm_readv(getpid(), &here, 1, &there, 1, 0);
}

static int copy_out(void)
{
	static char to[640];
	struct iovec here = { answer, sizeof(to) }, there = { to, sizeof(to) };

	return (int)process_vm_writev(getpid(), &here, 1, &there, 1, 0);
}

/* Reads 32 bytes before it looks at its first argument: EFAULT or EINVAL, and nothing happens. */
static int readable_at_once(void)
{
	static char from[32] __attribute__((aligned(8)));

	syscall(SYS_rt_sigaction, 0l, from, NULL, 8l);
	return 0;
}

/*
 * Reads eight bytes before it looks at its first argument: EFAULT or EINVAL, and nothing happens.
 */
static int readable_twice(void)
{
	static char from[32];

	syscall(SYS_rt_sigprocmask, ~0l, from, NULL, 8l);
	syscall(SYS_rt_sigprocmask, ~0l, from + 24, NULL, 8l);
	return 0;
}

static int is_open(void)
{
	return fcntl(mount_fd, F_GETFD);
}

static int statx_unique(void)
{
	long flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;

	return (int)syscall(SYS_statx, (long)mount_fd, "", flags, 0x4000l, answer);
}

static int statx_statmount(void)
{
	return peer_statx_statmount(mount_fd, 0x7fff, answer, sizeof(answer));
}

static int mountinfo_open_self(void)
{
	return close(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
}

static int mountinfo_open_thread(void)
{
	return close(open("/proc/thread-self/mountinfo", O_RDONLY | O_CLOEXEC));
}

static int mountinfo_open_kept(void)
{
	return close(openat(procfs_fd, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC));
}

/*
 * Whether the mount behind an fd is in the caller's own namespace, without looking for its line. It
 * is if a walk along its path ends on it, and the root is mounted, which any line shows.
 */
static int walk_instead(void)
{
	char path[4096], name[32], line[1];
	int fd, table;
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/thread-self/fd/%d", mount_fd);
	n = readlink(name, path, sizeof(path) - 1);
	if (n < 0)
		return -1;
	path[n] = '\0';
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_statx, (long)fd, "", (long)AT_EMPTY_PATH, 0x1000l, answer) < 0)
		return -1;
	close(fd);
	table = open("/proc/thread-self/mountinfo", O_RDONLY | O_CLOEXEC);
	n = read(table, line, 1);
	close(table);
	return n == 1 ? 0 : -1;
}

static int read_buffer(void)
{
	char *buf = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	buf[0] = buf[4095] = 1;
	return munmap(buf, 65536);
}

static const struct {
	const char *name;
	int (*once)(void);
} simples[] = {
	{ "statx + statmount by id, all fields, raw", statx_statmount },
	{ "statx alone", statx_unique },
	{ "request in: getpid + process_vm_readv, 32 bytes", copy_in },
	{ "request in: two rt_sigprocmask as a test, then read", readable_twice },
	{ "request in: one rt_sigaction as a test, then read", readable_at_once },
	{ "answer out: getpid + process_vm_writev, 640 bytes", copy_out },
	{ "fcntl(F_GETFD)", is_open },
	{ "open + close /proc/self/mountinfo", mountinfo_open_self },
	{ "open + close /proc/thread-self/mountinfo", mountinfo_open_thread },
	{ "the same from a kept procfs fd", mountinfo_open_kept },
	{ "mmap + two touches + munmap of 64 KiB", read_buffer },
	{ "is the mount in reach? path, walk, one line", walk_instead },
};

/* mountinfo up to a line of it, with reads of one size. */
struct chunked {
	const char *which;
	size_t path;	   /* in struct world */
	unsigned int size; /* 0: 512, then twice as much every time */
};

static const struct chunked chunks[] = {
	{ "first", offsetof(struct world, first), 65536 },
	{ "first", offsetof(struct world, first), 4096 },
	{ "first", offsetof(struct world, first), 2048 },
	{ "first", offsetof(struct world, first), 1024 },
	{ "first", offsetof(struct world, first), 512 },
	{ "first", offsetof(struct world, first), 0 },
	{ "middle", offsetof(struct world, middle), 65536 },
	{ "middle", offsetof(struct world, middle), 4096 },
	{ "middle", offsetof(struct world, middle), 2048 },
	{ "middle", offsetof(struct world, middle), 1024 },
	{ "middle", offsetof(struct world, middle), 512 },
	{ "middle", offsetof(struct world, middle), 0 },
};

static int measure_chunked(const void *arg, unsigned int calls, double *figures)
{
	static char buf[4 << 20];
	const struct chunked *chunked = arg;
	char line_start[24];
	uint64_t start;
	unsigned int i;
	int fd, len;

	fd = open((const char *)&world + chunked->path, O_PATH | O_CLOEXEC);
	len = snprintf(line_start, sizeof(line_start), "%d ", peer_old_id(fd));
	close(fd);
	start = bench_now();
	for (i = 0; i < calls; i++) {
		size_t have = 0, looked = 0, size = chunked->size ? chunked->size : 512;
		bool found = false;
		ssize_t n;

		fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
		while (!found && (n = read(fd, buf + have, size)) > 0) {
			char *end;

			have += (size_t)n;
			while (!found && (end = memchr(buf + looked, '\n', have - looked))) {
				found = !memcmp(buf + looked, line_start, (size_t)len);
				looked = (size_t)(end - buf) + 1;
			}
			if (!chunked->size && size < 65536)
				size *= 2;
		}
		close(fd);
		if (!found)
			return -ENOENT;
	}
	figures[0] = (double)(bench_now() - start) / calls;
	return 0;
}

static void add_chunks(struct bench *bench)
{
	struct bench_row *row, *first = NULL;
	unsigned int i;

	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		char size[24] = "512, 1024, 2048...";

		if (chunks[i].size)
			snprintf(size, sizeof(size), "%u", chunks[i].size);
		row = bench_row(bench, "reading mountinfo up to a line of it", world.mounts,
				"the %s of those made, read(2) of %s", chunks[i].which, size);
		bench_case(bench, measure_chunked, &chunks[i], 1000, &row, 1);
		if (chunks[i].size == 65536)
			first = row;
		bench_against(row, first, "reads of 65536", 0);
	}
}

int main(int argc, char **argv)
{
	struct bench *bench = bench_new("bench-statmount-steps", argc, argv);
	const struct bench_options *o = bench_options(bench);
	unsigned int i;

	world_make(&world, o->counts[o->n_counts - 1], o->shared);
	world_enter(&world);
	mount_fd = open(world.middle, O_PATH | O_CLOEXEC);
	procfs_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; i < sizeof(simples) / sizeof(simples[0]); i++)
		bench_simple(bench, "steps of statmount by fd", simples[i].name, simples[i].once);
	add_chunks(bench);
	return bench_run(bench);
}
