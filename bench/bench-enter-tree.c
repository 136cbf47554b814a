// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-enter-tree.c - the cost of being in a mount namespace made of a directory: enter_tree
 * against open_tree + setns, unshare + pivot_root, and the kernel's own calls.
 * Each call is made by a child that measures it itself. Run by "make bench".
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/peer.h"
#include "bench/world.h"

#define FLAGS (MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_RECURSIVE)
#define MAX_CALLS 200

struct call {
	enum mntcompat_mode mode;
	int (*enter)(const char *path);
	const struct world *world;
	bool warm; /* the parent has made such calls */
};

static int by_enter_tree(const char *path)
{
	return mntcompat_enter_tree(AT_FDCWD, path, MNTCOMPAT_AT_RECURSIVE);
}

static int by_descriptor(const char *path)
{
	int fd = mntcompat_open_tree(AT_FDCWD, path, FLAGS), ret;

	if (fd < 0)
		return -errno;
	ret = setns(fd, CLONE_NEWNS);
	close(fd);
	return ret ? -errno : 0;
}

static int by_kernel(const char *path)
{
	int fd = peer_open_tree(path, FLAGS), ret;

	if (fd < 0)
		return fd;
	ret = setns(fd, CLONE_NEWNS);
	close(fd);
	return ret ? -errno : 0;
}

static int by_pivot(const char *path)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(path, path, NULL, MS_BIND | MS_REC, NULL) || chdir(path) ||
	    syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		return -errno;
	return 0;
}

struct result {
	int ret;
	uint64_t ns;
};

static int measure(const void *arg, unsigned int calls, double *figures)
{
	const struct call *call = arg;
	struct result *result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int i;
	int ret = 0, fd;

	if (result == MAP_FAILED)
		return -errno;
	mntcompat_set_mode(call->mode);
	world_enter(call->world);
	/*
	 * The first one finds out what the kernel has; the second emulated one leaves a template.
	 * Its children have both as well.
	 */
	for (i = 0; call->warm && i < 2; i++) {
		fd = mntcompat_open_tree(AT_FDCWD, call->world->tree, FLAGS);
		if (fd < 0)
			return -errno;
		close(fd);
	}
	for (i = 0; i < calls && ret == 0; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			uint64_t start = bench_now();

			result->ret = call->enter(call->world->tree);
			result->ns = bench_now() - start;
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, NULL, 0) < 0)
			ret = -errno;
		else
			ret = result->ret;
		figures[0] += (double)result->ns / calls;
	}
	munmap(result, sizeof(*result));
	return ret;
}

static struct bench_row *add(struct bench *bench, const struct world *world,
			     int (*enter)(const char *path), enum mntcompat_mode mode, bool warm,
			     const char *name)
{
	struct bench_row *row = bench_row(bench, "be in a namespace made of a directory",
					  world->mounts, "%s", name);
	struct call *call = malloc(sizeof(*call));

	if (!call)
		exit(1);
	*call = (struct call){ mode, enter, world, warm };
	bench_case(bench, measure, call, MAX_CALLS, &row, 1);
	return row;
}

int main(int argc, char **argv)
{
	struct bench *bench = bench_new("enter-tree", argc, argv);
	const struct bench_options *options = bench_options(bench);
	bool native = peer_open_tree("/", FLAGS) >= 0;
	unsigned int i;

	for (i = 0; i < options->n_counts; i++) {
		struct world *world = malloc(sizeof(*world));
		struct bench_row *warm, *pivot, *descriptor, *kernel;

		if (!world)
			return 1;
		world_make(world, options->counts[i], options->shared);
		warm = add(bench, world, by_enter_tree, MNTCOMPAT_MODE_EMULATE, true,
			   "enter_tree, template");
		descriptor = add(bench, world, by_descriptor, MNTCOMPAT_MODE_EMULATE, true,
				 "open_tree + setns, template");
		pivot = add(bench, world, by_pivot, MNTCOMPAT_MODE_EMULATE, false,
			    "unshare + pivot_root");
		bench_against(warm, descriptor, "open_tree + setns", 1);
		bench_against(warm, pivot, "unshare + pivot_root", 1);
		if (!native)
			continue;
		kernel = add(bench, world, by_kernel, MNTCOMPAT_MODE_AUTO, false,
			     "the kernel's open_tree + setns");
		bench_against(warm, kernel, "the kernel", 0);
		bench_against(add(bench, world, by_enter_tree, MNTCOMPAT_MODE_AUTO, true,
				  "enter_tree, native"),
			      kernel, "the kernel", 0);
	}
	return bench_run(bench);
}
