// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-open-tree-memory.c - memory and file descriptors that open_tree(OPEN_TREE_NAMESPACE) keeps.
 * Works in mount namespaces of its own, each in a child; prints a table and JSON lines. Run by
 * "make bench".
 *
 * --rounds N stands for N thousand calls: --rounds 1000 is the long run.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/world.h"

#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 33)
#define HAVE_MALLINFO2
#endif
#endif

#define FLAGS (MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_RECURSIVE)

/* In KiB; descriptors as a number. */
struct state {
	long resident, size, peak, heap, fds;
};

static long status_line(const char *key)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long value = -1;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			value = atol(line + strlen(key));
	if (f)
		fclose(f);
	return value;
}

static long count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	long n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static struct state look(void)
{
	struct state now = { .heap = -1 };

	now.fds = count_fds();
	now.resident = status_line("VmRSS:");
	now.size = status_line("VmSize:");
	now.peak = status_line("VmPeak:");
#ifdef HAVE_MALLINFO2
	now.heap = (long)((mallinfo2().uordblks + mallinfo2().hblkhd) / 1024);
#endif
	return now;
}

static void call(const struct world *world)
{
	int fd = mntcompat_open_tree(AT_FDCWD, world->tree, FLAGS);

	if (fd < 0) {
		perror("bench: open_tree");
		_exit(1);
	}
	close(fd);
}

static void __attribute__((noreturn))
measure(const struct world *world, const struct bench_options *o, FILE *out)
{
	unsigned long i, calls = 1000ul * o->rounds;
	struct state begin, first, warm, end;
	struct utsname system;

	world_enter(world);
	mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
	/* The memory that libc needs for looking does not count for the library. */
	begin = look();
	begin = look();
	call(world);
	first = look();
	for (i = 1; i < 100; i++)
		call(world);
	warm = look();
	for (; i < calls; i++)
		call(world);
	end = look();
	printf("  %6u %9lu %+12ld %+12ld %+12ld %+8ld %+8ld %+8ld\n", world->mounts, calls,
	       first.peak - begin.size, end.resident - warm.resident, end.size - warm.size,
	       end.heap - begin.heap, first.fds - begin.fds, end.fds - begin.fds);
	if (out) {
		uname(&system);
		fprintf(out,
			"{ \"bench\": \"bench-open-tree-memory\", \"kernel\": \"%s\", "
			"\"mounts\": %u, \"calls\": %lu, \"first_call_peak_kib\": %ld, "
			"\"resident_growth_kib\": %ld, \"size_growth_kib\": %ld, \"heap_kib\": %ld, "
			"\"fds_after_first\": %ld, \"fds_kept\": %ld }\n",
			system.release, world->mounts, calls, first.peak - begin.size,
			end.resident - warm.resident, end.size - warm.size, end.heap - begin.heap,
			first.fds - begin.fds, end.fds - begin.fds);
		fclose(out);
	}
	fflush(stdout);
	/* A leak is a failure on any machine; noise of one page table is not a leak. */
	_exit(end.resident - warm.resident > 64 || end.fds - begin.fds > 1 ||
	      end.heap != begin.heap);
}

int main(int argc, char **argv)
{
	struct bench *bench = bench_new("bench-open-tree-memory", argc, argv);
	const struct bench_options *o = bench_options(bench);
	static struct world worlds[8];
	int status, ret = 0;
	/* Before the worlds, where the directory is another one. */
	FILE *out = o->output ? fopen(o->output, "ae") : NULL;
	unsigned int i;

	if (o->output && !out) {
		perror(o->output);
		return 1;
	}
	printf("bench-open-tree-memory: emulated, 3 mounts, recursive; KiB\n"
	       "  %6s %9s %12s %12s %12s %8s %8s %8s\n",
	       "mounts", "calls", "1st, peak", "resident+", "size+", "heap", "1st, fds", "fds");
	fflush(stdout);
	for (i = 0; i < o->n_counts; i++)
		world_make(&worlds[i], o->counts[i], o->shared);
	for (i = 0; i < o->n_counts; i++) {
		pid_t pid = fork();

		if (pid == 0)
			measure(&worlds[i], o, out);
		if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
			ret = 1;
	}
	printf("  %s\n",
	       ret ? "GROWS, or failed" : "nothing grows but the one descriptor of the template");
	return ret;
}
