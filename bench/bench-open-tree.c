// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-open-tree.c - the cost of open_tree(OPEN_TREE_NAMESPACE), and what it depends on.
 * Works in mount namespaces of its own; starts and reaps children. Run by "make bench".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/peer.h"
#include "bench/world.h"

#define FLAGS (MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC)
#define MAX_CALLS 200

struct call {
	int (*make)(const char *path, bool recursive);
	const struct world *world;
	bool recursive;
};

static int by_library(const char *path, bool recursive)
{
	unsigned int flags = FLAGS | (recursive ? MNTCOMPAT_AT_RECURSIVE : 0);
	int fd = mntcompat_open_tree(AT_FDCWD, path, flags);

	return fd < 0 ? -errno : fd;
}

/* In the measured mode, and by the way that is in question or not at all. */
static int by_template(const char *path, bool recursive)
{
	int fd = by_library(path, recursive);

	if (fd >= 0 && mntcompat_last_way() != MNTCOMPAT_WAY_TEMPLATE) {
		close(fd);
		return -EOPNOTSUPP;
	}
	return fd;
}

static int by_native(const char *path, bool recursive)
{
	return peer_open_tree(path, FLAGS | (recursive ? MNTCOMPAT_AT_RECURSIVE : 0));
}

/* figures: the call, and close() of its fd. */
static int measure_call(const void *arg, unsigned int calls, double *figures)
{
	const struct call *call = arg;
	int fds[MAX_CALLS];
	uint64_t t[3];
	unsigned int i;
	int ret = 0;

	world_enter(call->world);
	/* Warm, whatever the case before has pushed out of the caches. */
	ret = call->make(call->world->tree, call->recursive);
	if (ret < 0)
		return ret;
	close(ret);
	t[0] = bench_now();
	for (i = 0; i < calls; i++) {
		ret = fds[i] = call->make(call->world->tree, call->recursive);
		if (ret < 0)
			break;
	}
	t[1] = bench_now();
	calls = i;
	for (i = 0; i < calls; i++)
		close(fds[i]);
	t[2] = bench_now();
	if (ret < 0)
		return ret;
	figures[0] = (double)(t[1] - t[0]) / calls;
	figures[1] = (double)(t[2] - t[1]) / calls;
	return 0;
}

static int measure_unshare(const void *arg, unsigned int calls, double *figures)
{
	unsigned int i;

	world_enter(arg);
	for (i = 0; i < calls; i++) {
		int64_t ns = peer_unshare_ns();

		if (ns < 0)
			return (int)ns;
		figures[0] += (double)ns / calls;
	}
	return 0;
}

static int measure_emptied(const void *arg, unsigned int calls, double *figures)
{
	unsigned int i;

	world_enter(arg);
	for (i = 0; i < calls; i++) {
		int64_t ns = peer_emptied_ns();

		if (ns < 0)
			return (int)ns;
		figures[0] += (double)ns / calls;
	}
	return 0;
}

/* --- where the kernel does it: what the library adds --- */

struct direct {
	const struct world *world;
	unsigned int flags;
};

/* figures: the library in its usual mode, the raw system call; in turns, so that both have the same
 * weather. */
static int measure_direct(const void *arg, unsigned int calls, double *figures)
{
	const struct direct *direct = arg;
	enum { TURN = 10 };
	int fds[TURN], ret = 0;
	unsigned int i, k, n, side;
	uint64_t start;

	world_enter(direct->world);
	mntcompat_set_mode(MNTCOMPAT_MODE_AUTO);
	for (i = 0; i < calls && ret >= 0; i += TURN) {
		for (k = 0; k < 2; k++) {
			const char *path = direct->world->tree;

			/* Each comes first as often as the other. */
			side = k ^ (i / TURN & 1);
			start = bench_now();
			for (n = 0; n < TURN; n++)
				fds[n] = side ? peer_open_tree(path, direct->flags) :
						mntcompat_open_tree(AT_FDCWD, path, direct->flags);
			figures[side] += (double)(bench_now() - start);
			for (n = 0; n < TURN; n++) {
				if (fds[n] < 0)
					ret = -EIO;
				else
					close(fds[n]);
			}
		}
	}
	mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
	figures[0] /= i;
	figures[1] /= i;
	return ret;
}

static void add_direct(struct bench *bench, const struct world *world)
{
	static const char topic[] = "where the kernel does it";
	static const struct {
		const char *name;
		unsigned int flags;
	} calls[] = {
		{ "no flag (O_PATH)", MNTCOMPAT_OPEN_TREE_CLOEXEC },
		{ "OPEN_TREE_CLONE", MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_OPEN_TREE_CLONE },
		{ "OPEN_TREE_NAMESPACE", FLAGS },
	};
	unsigned int i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct direct *direct = malloc(sizeof(*direct));
		struct bench_row *rows[2];
		int fd = peer_open_tree(world->tree, calls[i].flags);

		if (!direct)
			exit(1);
		*direct = (struct direct){ world, calls[i].flags };
		rows[0] = bench_row(bench, topic, 0, "library, %s", calls[i].name);
		rows[1] = bench_row(bench, topic, 0, "raw system call, %s", calls[i].name);
		if (fd < 0) {
			bench_skip(rows[0], "this kernel does not have the call");
			bench_skip(rows[1], "this kernel does not have the call");
			continue;
		}
		close(fd);
		bench_case(bench, measure_direct, direct, 10000, rows, 2);
		bench_against(rows[0], rows[1], "raw system call", 1.02);
	}
}

/* --- the first calls of a process: a child that has never called the library makes them --- */

#define FIRST_CALLS 3

static int nursery = -1;

struct first_answer {
	int ret;
	double ns[FIRST_CALLS];
};

static void first_calls(const struct world *world, int answer_fd)
{
	struct first_answer answer = { 0, { 0 } };
	int i;

	world_enter(world);
	for (i = 0; i < FIRST_CALLS && answer.ret >= 0; i++) {
		uint64_t start = bench_now();

		/* A program that sets no mode finds the same in the environment. */
		if (i == 0)
			mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
		answer.ret = by_library(world->tree, true);
		answer.ns[i] = (double)(bench_now() - start);
	}
	if (write(answer_fd, &answer, sizeof(answer)) != sizeof(answer))
		_exit(1);
	_exit(0);
}

/* Makes such children on request, being one itself. */
static void start_nursery(void)
{
	const struct world *world;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 || fork() != 0) {
		close(ends[1]);
		nursery = ends[0];
		return;
	}
	close(ends[0]);
	while (read(ends[1], &world, sizeof(world)) == sizeof(world)) {
		pid_t pid = fork();

		if (pid == 0)
			first_calls(world, ends[1]);
		waitpid(pid, NULL, 0);
	}
	_exit(0);
}

static int measure_first(const void *arg, unsigned int calls, double *figures)
{
	struct first_answer answer;
	unsigned int i, k;

	for (i = 0; i < calls; i++) {
		if (write(nursery, &arg, sizeof(arg)) != sizeof(arg) ||
		    read(nursery, &answer, sizeof(answer)) != sizeof(answer))
			return -EIO;
		if (answer.ret < 0)
			return answer.ret;
		for (k = 0; k < FIRST_CALLS; k++)
			figures[k] += answer.ns[k] / calls;
	}
	return 0;
}

/* --- the table --- */

struct both_rows {
	struct bench_row *open, *close;
};

static struct both_rows add(struct bench *bench, const char *topic, const char *topic_close,
			    int (*make)(const char *, bool), const struct world *world,
			    bool recursive, const char *name)
{
	struct call *call = malloc(sizeof(*call));
	struct bench_row *rows[2];

	if (!call)
		exit(1);
	*call = (struct call){ make, world, recursive };
	rows[0] = bench_row(bench, topic, world->mounts, "%s", name);
	rows[1] = bench_row(bench, topic_close, world->mounts, "%s", name);
	bench_case(bench, measure_call, call, MAX_CALLS, rows, 2);
	return (struct both_rows){ rows[0], rows[1] };
}

static void add_tree(struct bench *bench, const struct world *worlds, unsigned int n,
		     bool recursive)
{
	const char *topic = recursive ? "open_tree(OPEN_TREE_NAMESPACE | AT_RECURSIVE), 3 mounts" :
					"open_tree(OPEN_TREE_NAMESPACE), 1 mount";
	const char *topic_close = recursive ? "close() of that namespace, 3 mounts" :
					      "close() of that namespace, 1 mount";
	struct both_rows lib[8], native, lean, usual;
	bool have_native = peer_open_tree(worlds[0].tree, FLAGS) >= 0;
	unsigned int i;

	for (i = 0; i < n; i++) {
		lib[i] = add(bench, topic, topic_close, by_template, &worlds[i], recursive,
			     "library, emulated (template way)");
		bench_against(lib[i].open, lib[0].open, "itself with few mounts", 1.1);
	}
	for (i = 0; i < n; i++) {
		double target = worlds[i].mounts >= 10000 ? 1 / 100.0 :
				worlds[i].mounts >= 1000  ? 1 / 15.0 :
							    0;

		lean = add(bench, topic, topic_close, peer_pivot_vfork, &worlds[i], recursive,
			   "unshare + rbind + pivot_root, vfork");
		bench_against(lib[i].open, lean.open, "unshare + pivot_root, vfork", target);
		bench_against(lib[i].close, lean.close, "unshare + pivot_root, vfork", 0);
	}
	for (i = 0; i < n; i++) {
		usual = add(bench, topic, topic_close, peer_pivot_fork, &worlds[i], recursive,
			    "unshare + rbind + pivot_root, fork");
		bench_against(lib[i].open, usual.open, "unshare + pivot_root, fork", 0);
	}
	for (i = 0; i < (have_native ? n : 1); i++) {
		native = add(bench, topic, topic_close, by_native, &worlds[i], recursive,
			     "native (Linux 7.0)");
		if (!have_native) {
			bench_skip(native.open, "this kernel does not have the call");
			bench_skip(native.close, "this kernel does not have the call");
		}
		bench_against(lib[i].open, native.open, "native", 3);
		bench_against(lib[i].close, native.close, "native", 0);
	}
}

static void add_first(struct bench *bench, const struct world *world)
{
	struct bench_row *emptied;
	static const char topic[] = "the first calls of a process, emulated, 3 mounts";
	struct bench_row *rows[FIRST_CALLS], *alone;
	int i;

	for (i = 0; i < FIRST_CALLS; i++)
		rows[i] = bench_row(bench, topic, world->mounts, "call %d%s", i + 1,
				    i == 0 ? " (probes, unshare way)" :
				    i == 1 ? " (makes the template)" :
					     "");
	bench_case(bench, measure_first, world, 10, rows, FIRST_CALLS);
	alone = bench_row(bench, topic, world->mounts, "unshare(CLONE_NEWNS) alone");
	bench_case(bench, measure_unshare, world, MAX_CALLS, &alone, 1);
	bench_against(rows[0], alone, "unshare alone", 0);
	emptied = bench_row(bench, topic, world->mounts, "a copy, emptied: the kernel's part");
	bench_case(bench, measure_emptied, world, MAX_CALLS, &emptied, 1);
	bench_against(rows[0], emptied, "the kernel's part", 0);
	bench_against(rows[1], emptied, "the kernel's part", 0);
}

int main(int argc, char **argv)
{
	struct bench *bench = bench_new("bench-open-tree", argc, argv);
	const struct bench_options *o = bench_options(bench);
	static struct world worlds[8];
	unsigned int i;

	for (i = 0; i < o->n_counts; i++)
		world_make(&worlds[i], o->counts[i], o->shared);
	/* Before this process makes its first call, and while it has no threads or handlers. */
	start_nursery();
	mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
	world_enter(&worlds[0]);
	add_tree(bench, worlds, o->n_counts, true);
	add_tree(bench, worlds, o->n_counts, false);
	for (i = 0; i < o->n_counts; i++)
		add_first(bench, &worlds[i]);
	add_direct(bench, &worlds[0]);
	return bench_run(bench);
}
