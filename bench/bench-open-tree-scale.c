// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-open-tree-scale.c - many callers at once, and many processes on the system.
 * Works in a mount namespace of its own; keeps threads and processes waiting for work, starts and
 * kills thousands that sleep. Run by "make bench".
 *
 * All callers of a round make their namespaces at once and close them; a figure is the time from
 * the first one's start to the last one's end, divided by the namespaces that were made in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/peer.h"
#include "bench/world.h"

#define FLAGS (MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_RECURSIVE)
#define MAX_CALLERS 64
/* In 15 rounds that makes 10,000 namespaces; a tenth of it in a quick run. */
#define NAMESPACES 672

static struct world world;
static unsigned int namespaces = NAMESPACES;

static int by_library(const char *path)
{
	int fd = mntcompat_open_tree(AT_FDCWD, path, FLAGS);

	return fd < 0 ? -errno : fd;
}

static int by_pivot(const char *path)
{
	return peer_pivot_vfork(path, true);
}

static int by_native(const char *path)
{
	return peer_open_tree(path, FLAGS);
}

struct kind {
	const char *name;
	int (*make)(const char *path);
};

enum { LIBRARY, PIVOT, NATIVE, KINDS };

static const struct kind kinds[KINDS] = {
	[LIBRARY] = { "library, emulated", by_library },
	[PIVOT] = { "unshare + rbind + pivot_root, vfork", by_pivot },
	[NATIVE] = { "native (Linux 7.0)", by_native },
};

static int make_some(const struct kind *kind, unsigned int n)
{
	unsigned int i;
	int fd;

	for (i = 0; i < n; i++) {
		fd = kind->make(world.tree);
		if (fd < 0)
			return fd;
		close(fd);
	}
	return 0;
}

/* --- callers that wait for their round: threads of this process, or processes --- */

struct pool {
	/*
	 * A new value starts the round: a futex. The low bits hold the number of callers that take
	 * part, so that a caller which wakes up late cannot take part in another round than it has
	 * seen.
	 */
	uint32_t round;
	uint32_t busy;	/* how many are still at it: a futex */
	uint32_t share; /* calls of each */
	uint32_t kind;
	int failed;
};

static struct pool *pools[2]; /* threads, processes */

static void futex_wait(uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, (long)FUTEX_WAIT, (unsigned long)value, NULL);
}

static void futex_wake_all(uint32_t *word)
{
	syscall(SYS_futex, word, (long)FUTEX_WAKE, (long)INT_MAX);
}

static void work(struct pool *pool, unsigned int number)
{
	uint32_t seen = 0, round;
	int ret;

	for (;;) {
		while ((round = __atomic_load_n(&pool->round, __ATOMIC_ACQUIRE)) == seen)
			futex_wait(&pool->round, seen);
		seen = round;
		if (number >= round % (2 * MAX_CALLERS))
			continue;
		ret = make_some(&kinds[pool->kind], pool->share);
		if (ret < 0)
			__atomic_store_n(&pool->failed, ret, __ATOMIC_RELAXED);
		if (__atomic_sub_fetch(&pool->busy, 1, __ATOMIC_ACQ_REL) == 0)
			futex_wake_all(&pool->busy);
	}
}

static void *worker_thread(void *arg)
{
	work(pools[0], (unsigned int)(uintptr_t)arg);
	return NULL;
}

static void start_workers(void)
{
	unsigned int i, k;

	for (k = 0; k < 2; k++) {
		pools[k] = mmap(NULL, sizeof(*pools[k]), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (pools[k] == MAP_FAILED)
			exit(1);
	}
	for (i = 0; i < MAX_CALLERS; i++) {
		pid_t pid = fork();

		if (pid < 0)
			exit(1);
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(pools[1], i);
		}
	}
	for (i = 0; i < MAX_CALLERS; i++) {
		pthread_attr_t attr;
		pthread_t thread;

		pthread_attr_init(&attr);
		pthread_attr_setstacksize(&attr, 256 * 1024);
		if (pthread_create(&thread, &attr, worker_thread, (void *)(uintptr_t)i))
			exit(1);
		pthread_attr_destroy(&attr);
	}
}

static int run_pool(struct pool *pool, unsigned int kind, unsigned int callers, unsigned int share)
{
	uint32_t busy, next;

	pool->kind = kind;
	pool->share = share;
	pool->failed = 0;
	__atomic_store_n(&pool->busy, callers, __ATOMIC_RELEASE);
	next = (pool->round / (2 * MAX_CALLERS) + 1) * 2 * MAX_CALLERS + callers;
	__atomic_store_n(&pool->round, next, __ATOMIC_RELEASE);
	futex_wake_all(&pool->round);
	while ((busy = __atomic_load_n(&pool->busy, __ATOMIC_ACQUIRE)) != 0)
		futex_wait(&pool->busy, busy);
	return pool->failed;
}

struct crowd_case {
	unsigned int kind, processes, callers;
};

static int measure_callers(const void *arg, unsigned int calls, double *figures)
{
	const struct crowd_case *one = arg;
	struct pool *pool = pools[one->processes];
	unsigned int share = namespaces / one->callers;
	uint64_t start;
	int ret;

	(void)calls;
	/* A process' first calls make its template. */
	ret = run_pool(pool, one->kind, one->callers, 3);
	if (ret < 0)
		return ret;
	start = bench_now();
	ret = run_pool(pool, one->kind, one->callers, share ? share : 1);
	figures[0] = (double)(bench_now() - start) / (one->callers * (share ? share : 1));
	return ret;
}

/* --- many processes that do nothing --- */

static pid_t crowd;
static unsigned int crowd_size;

static int sleeper(void *arg)
{
	(void)arg;
	for (;;)
		syscall(SYS_ppoll, NULL, 0l, NULL, NULL, 0l);
	return 0;
}

/* Each is a process, with its own state that pivot_root checks; memory is shared, to save room. */
static void __attribute__((noreturn)) run_crowd(unsigned int n, int ready)
{
	size_t room = 4096;
	char *stacks =
		mmap(NULL, n * room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t *pids = calloc(n, sizeof(*pids));
	unsigned int i;
	char go;
	int ret = stacks == MAP_FAILED || !pids ? -ENOMEM : 0;

	for (i = 0; i < n && ret == 0; i++) {
		pids[i] = clone(sleeper, stacks + (i + 1) * room, CLONE_VM | SIGCHLD, NULL);
		if (pids[i] < 0)
			ret = -errno;
	}
	n = i;
	if (write(ready, &ret, sizeof(ret)) != sizeof(ret))
		ret = -EPIPE;
	/* Until the other end is closed. */
	while (read(ready, &go, 1) > 0)
		;
	for (i = 0; i < n; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	_exit(0);
}

static int crowd_fd = -1;

static int set_crowd(unsigned int n)
{
	int ends[2], ret = -EPIPE;

	if (n == crowd_size)
		return 0;
	if (crowd > 0) {
		close(crowd_fd);
		waitpid(crowd, NULL, 0);
		crowd = 0;
	}
	crowd_size = n;
	if (!n)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	crowd = fork();
	if (crowd == 0) {
		close(ends[0]);
		run_crowd(n, ends[1]);
	}
	close(ends[1]);
	crowd_fd = ends[0];
	if (crowd < 0 || read(crowd_fd, &ret, sizeof(ret)) != sizeof(ret))
		return -EAGAIN;
	/* Wait for the work left by starting and ending so many. */
	usleep(20000);
	syscall(SYS_membarrier, 1l /* MEMBARRIER_CMD_GLOBAL */, 0l);
	return ret;
}

static bool have_native;

/* figures: one for each kind, since the crowd costs more than the case measured in it. */
static int measure_processes(const void *arg, unsigned int calls, double *figures)
{
	const unsigned int n = namespaces / 4;
	unsigned int kind;
	uint64_t start;
	int ret = set_crowd(*(const unsigned int *)arg);

	(void)calls;
	for (kind = 0; kind < (have_native ? KINDS : NATIVE) && ret == 0; kind++) {
		ret = make_some(&kinds[kind], 5);
		start = bench_now();
		if (ret == 0)
			ret = make_some(&kinds[kind], n);
		figures[kind] = (double)(bench_now() - start) / n;
	}
	return ret;
}

/* --- the table --- */

static void add_callers(struct bench *bench, bool processes, const unsigned int *counts,
			unsigned int n)
{
	const char *topic = processes ?
				    "processes at once, each: make, close; time of one namespace" :
				    "threads at once, each: make, close; time of one namespace";
	struct bench_row *rows[KINDS][8], *row;
	unsigned int kind, i;

	for (kind = 0; kind < KINDS; kind++) {
		for (i = 0; i < n; i++) {
			struct crowd_case *one = malloc(sizeof(*one));

			if (!one)
				exit(1);
			*one = (struct crowd_case){ kind, processes, counts[i] };
			row = rows[kind][i] = bench_row(bench, topic, world.mounts, "%s, %u %s",
							kinds[kind].name, counts[i],
							processes ? "processes" : "threads");
			if (kind == NATIVE && !have_native) {
				bench_skip(row, "this kernel does not have the call");
				free(one);
				continue;
			}
			bench_case(bench, measure_callers, one, 1, &row, 1);
			if (i)
				bench_against(row, rows[kind][i - 1], "fewer callers",
					      kind == LIBRARY ? 1.1 : 0);
			if (kind != LIBRARY)
				bench_against(rows[LIBRARY][i], row,
					      kind == PIVOT ? "unshare + pivot_root" : "native", 0);
		}
	}
}

static void add_processes(struct bench *bench, unsigned int few, unsigned int many)
{
	static unsigned int counts[2];
	struct bench_row *rows[2][KINDS];
	unsigned int kind, i;

	counts[0] = few;
	counts[1] = many;
	for (kind = 0; kind < KINDS; kind++)
		for (i = 0; i < 2; i++)
			rows[i][kind] = bench_row(
				bench, "processes that sleep on the system; make and close",
				world.mounts, "%s, %u", kinds[kind].name, counts[i]);
	for (i = 0; i < 2; i++)
		bench_case(bench, measure_processes, &counts[i], 1, rows[i],
			   have_native ? KINDS : NATIVE);
	for (kind = 0; kind < KINDS; kind++)
		bench_against(rows[1][kind], rows[0][kind], "few processes",
			      kind == LIBRARY ? 1.1 : 0);
	if (!have_native)
		for (i = 0; i < 2; i++)
			bench_skip(rows[i][NATIVE], "this kernel does not have the call");
}

int main(int argc, char **argv)
{
	static const unsigned int counts[] = { 1, 2, 8, 64 };
	struct bench *bench = bench_new("bench-open-tree-scale", argc, argv);
	const struct bench_options *o = bench_options(bench);
	int fd, ret;

	world_make(&world, o->counts[0], o->shared);
	world_enter(&world);
	mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
	fd = peer_open_tree(world.tree, FLAGS);
	have_native = fd >= 0;
	if (have_native)
		close(fd);
	if (o->quick)
		namespaces /= 10;
	start_workers();
	add_callers(bench, false, counts, 4);
	add_callers(bench, true, counts, 4);
	add_processes(bench, 50, o->quick ? 1000 : 5000);
	ret = bench_run(bench);
	set_crowd(0);
	fflush(stdout);
	/* The threads never end by themselves. */
	exit(ret);
}
