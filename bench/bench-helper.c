// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-helper.c - the price of a task that does nothing, against the kernel's own open_tree().
 * Works in a mount namespace of its own; starts and reaps children. Run by "make bench".
 *
 * An emulation that has to start a task cannot be cheaper than this. The kinds differ in what the
 * task shares with its caller.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/world.h"
#include "compat/kernel/uapi.h"

#define STACK (32 * 1024)
#define MAX_CALLS 200
#define LIKE_VFORK (CLONE_VM | CLONE_VFORK)
#define NATIVE_FLAGS \
	(MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_RECURSIVE)

struct kind {
	const char *name;
	int flags;
	bool own_table; /* the task takes an empty descriptor table */
	bool kept_stack;
};

static const struct kind kinds[] = {
	{ "VM | VFORK | FILES, then a new descriptor table, as the library",
	  LIKE_VFORK | CLONE_FILES, true, false },
	{ "VM | VFORK | FILES", LIKE_VFORK | CLONE_FILES, false, false },
	{ "VM | VFORK | FILES, stack kept", LIKE_VFORK | CLONE_FILES, false, true },
	{ "VM | FILES, stack kept", CLONE_VM | CLONE_FILES, false, true },
	{ "VM | VFORK, descriptor table copied, stack kept", LIKE_VFORK, false, true },
	{ "VFORK | FILES, page tables copied, stack kept", CLONE_VFORK | CLONE_FILES, false, true },
};

static struct world world;

static char *new_stack(void)
{
	return mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int idle_task(void *arg)
{
	const struct kind *kind = arg;

	if (kind->own_table)
		syscall(UAPI_NR_close_range, 0ul, ~0ul, (unsigned long)UAPI_CLOSE_RANGE_UNSHARE);
	return 0;
}

static int measure_helper(const void *arg, unsigned int calls, double *figures)
{
	static char *kept;
	const struct kind *kind = arg;
	uint64_t start;
	unsigned int i;
	int pid = 0;

	if (!kept)
		kept = new_stack();
	start = bench_now();
	for (i = 0; i < calls && pid >= 0; i++) {
		char *stack = kind->kept_stack ? kept : new_stack();

		pid = clone(idle_task, stack + STACK, kind->flags, (void *)(uintptr_t)kind);
		if (pid > 0)
			waitpid(pid, NULL, __WALL);
		if (!kind->kept_stack)
			munmap(stack, STACK);
	}
	if (pid < 0)
		return -errno;
	figures[0] = (double)(bench_now() - start) / calls;
	return 0;
}

static int measure_native(const void *arg, unsigned int calls, double *figures)
{
	int fds[MAX_CALLS], ret = 0;
	uint64_t start = bench_now();
	unsigned int i;

	(void)arg;
	for (i = 0; i < calls && ret >= 0; i++)
		ret = fds[i] = (int)syscall(UAPI_NR_open_tree, (long)AT_FDCWD, world.tree,
					    (unsigned long)NATIVE_FLAGS);
	figures[0] = (double)(bench_now() - start) / calls;
	while (i-- > 0)
		if (fds[i] >= 0)
			close(fds[i]);
	return ret < 0 ? -EOPNOTSUPP : 0;
}

int main(int argc, char **argv)
{
	struct bench *bench = bench_new("bench-helper", argc, argv);
	const struct bench_options *o = bench_options(bench);
	struct bench_row *native, *first = NULL;
	double figure;
	unsigned int i;

	world_make(&world, o->counts[0], o->shared);
	world_enter(&world);
	native = bench_row(bench, "the kernel's own", 0, "OPEN_TREE_NAMESPACE (Linux 7.0)");
	if (measure_native(NULL, 1, &figure) == 0)
		bench_case(bench, measure_native, NULL, MAX_CALLS, &native, 1);
	else
		bench_skip(native, "this kernel does not have the call");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct bench_row *row = bench_row(bench,
						  "a helper that does nothing: start, end, "
						  "reaping",
						  0, "%s", kinds[i].name);

		bench_case(bench, measure_helper, &kinds[i], 1000, &row, 1);
		if (first)
			bench_against(row, first, "as the library", 0);
		else
			first = row;
		bench_against(row, native, "native", 0);
	}
	return bench_run(bench);
}
