// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-statmount.c - the cost of statmount(STATMOUNT_BY_FD), and what it depends on.
 * Works in mount namespaces of its own; opens fds. Run by "make bench", and in guests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef HAVE_LIBMOUNT
#include <libmount.h>
#endif

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/peer.h"
#include "bench/world.h"

#define MAX_CALLS 20000
#define FIRST_CALL "--first-call-child"
#define ALL 0x7fffu /* every field of Linux 7.3 */
/* Fields that need no line of mountinfo. */
#define NO_LINE (MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)

struct call {
	int (*ask)(const struct call *call);
	const struct world *world;
	const char *level; /* MNTCOMPAT_KERNEL, or NULL */
	enum mntcompat_mode mode;
	enum mntcompat_way way; /* that has to answer; NONE: any */
	uint64_t mask;
	uint64_t mnt_id; /* not 0: by id */
	int fd, id;
};

static char answer[64 * 1024] __attribute__((aligned(8)));

static int by_library(const struct call *call)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_fd = call->mnt_id ? 0 : (uint32_t)call->fd,
					    .mnt_id = call->mnt_id,
					    .param = call->mask };

	return mntcompat_statmount(&req, (void *)answer, sizeof(answer),
				   call->mnt_id ? 0 : MNTCOMPAT_STATMOUNT_BY_FD) < 0 ?
		       -errno :
		       0;
}

/* The same with a request that is not on the stack. */
static int by_library_heap(const struct call *call)
{
	static struct mntcompat_mnt_id_req req;

	req = (struct mntcompat_mnt_id_req){ .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					     .mnt_fd = (uint32_t)call->fd,
					     .param = call->mask };
	return mntcompat_statmount(&req, (void *)answer, sizeof(answer),
				   MNTCOMPAT_STATMOUNT_BY_FD) < 0 ?
		       -errno :
		       0;
}

static int by_id(const struct call *call)
{
	return peer_statmount_by_id(call->mnt_id, call->mask, answer, sizeof(answer));
}

static int by_statx_statmount(const struct call *call)
{
	return peer_statx_statmount(call->fd, call->mask, answer, sizeof(answer));
}

/* The least that a call costs for which something has to be copied. */
static int with_request(const struct call *call)
{
	static struct mntcompat_mnt_id_req elsewhere;
	struct mntcompat_mnt_id_req req;
	int ret = peer_copy_in(&req, &elsewhere, sizeof(req));

	return ret < 0 ? ret : by_statx_statmount(call);
}

static int with_answer(const struct call *call)
{
	static char elsewhere[640];
	int ret = by_statx_statmount(call);

	return ret < 0 ? ret : peer_copy_out(elsewhere, answer, sizeof(elsewhere));
}

static int with_words(const struct call *call)
{
	static uint32_t words[2];
	int ret = by_statx_statmount(call);

	for (int i = 0; i < 2 && ret >= 0; i++)
		ret = peer_set_word(&words[i]);
	return ret;
}

static int by_native(const struct call *call)
{
	return peer_statmount_by_fd(call->fd, call->mask, answer, sizeof(answer));
}

static int by_reading_to_the_line(const struct call *call)
{
	return peer_read_mountinfo(call->id);
}

static int by_reading_all(const struct call *call)
{
	(void)call;
	return peer_read_mountinfo(0);
}

#ifdef HAVE_LIBMOUNT
static int by_libmount(const struct call *call)
{
	struct libmnt_table *table = mnt_new_table_from_file("/proc/self/mountinfo");
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int ret = -ENOENT;

	while (table && iter && mnt_table_next_fs(table, iter, &fs) == 0) {
		if (mnt_fs_get_id(fs) == call->id) {
			ret = mnt_fs_get_target(fs) && mnt_fs_get_options(fs) ? 0 : -ENOENT;
			break;
		}
	}
	mnt_free_iter(iter);
	mnt_unref_table(table);
	return ret;
}
#endif

static int measure_call(const void *arg, unsigned int calls, double *figures)
{
	const struct call *call = arg;
	uint64_t start;
	unsigned int i;
	int ret;

	world_enter(call->world);
	if (call->ask == by_library || call->ask == by_library_heap) {
		mntcompat_set_kernel(call->level);
		mntcompat_set_mode(call->mode);
	}
	/* Warm, and by the way that is in question. */
	ret = call->ask(call);
	if (ret < 0)
		return ret;
	if (call->way != MNTCOMPAT_WAY_NONE && mntcompat_last_way() != call->way) {
		fprintf(stderr, "bench-statmount: answered by way of %s, expected %s\n",
			mntcompat_way_name(mntcompat_last_way()), mntcompat_way_name(call->way));
		return -EOPNOTSUPP;
	}
	start = bench_now();
	for (i = 0; i < calls && ret >= 0; i++)
		ret = call->ask(call);
	figures[0] = (double)(bench_now() - start) / calls;
	return ret < 0 ? ret : 0;
}

static struct bench_row *add(struct bench *bench, const char *topic, const char *name,
			     const struct call *like)
{
	struct call *call = malloc(sizeof(*call));
	struct bench_row *row = bench_row(bench, topic, like->world->mounts, "%s", name);

	if (!call)
		exit(1);
	*call = *like;
	bench_case(bench, measure_call, call, MAX_CALLS, &row, 1);
	return row;
}

static int open_mount(const struct world *world, const char *path)
{
	int fd;

	world_enter(world);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

/* Which of the bits of @mask the kernel's own statmount(2) by id answers. */
static uint64_t kernel_knows(struct call *call, uint64_t mask)
{
	const struct mntcompat_statmount *sm = (const void *)answer;

	return peer_statx_statmount(call->fd, mask, answer, sizeof(answer)) == 0 ? sm->mask & mask :
										   0;
}

/*
 * Where the kernel has statmount(2): the library against the system calls that it cannot do
 * without. A newer kernel acts as the older ones, whose rows are left out on kernels that are
 * older.
 */
static const struct {
	const char *level, *what;
	uint64_t mask;
	double target;
	int (*least)(const struct call *call); /* that it can cost, if not the system calls alone */
	const char *least_name;
} recents[] = {
	{ "6.18", "6.17 to 6.19, all fields", ALL, 1.15, with_request,
	  "raw, and a copy of the request" },
	{ "6.16", "6.13 to 6.16, all but SUPPORTED_MASK", ALL & ~0x1000u, 1.15, NULL, NULL },
	{ "6.16", "6.13 to 6.16, all fields", ALL, 0, with_words, "raw, and two words written" },
	{ "6.12", "6.11, 6.12: what fills no doubtful string", 0x6f, 1.15, NULL, NULL },
	{ "6.12", "6.11, 6.12: all that is in no line", 0x7dff, 0, with_answer,
	  "raw, and a copy of the answer" },
};

static void add_recent(struct bench *bench, const struct world *worlds, unsigned int n)
{
	static const char topic[] = "statmount(STATMOUNT_BY_FD), Linux 6.8 to 6.19";
	static const char native[] = "the kernel's own statmount(2)";
	struct bench_row *row, *raw, *least,
		*bases[sizeof(recents) / sizeof(recents[0])] = { NULL };
	unsigned int i, k;

	for (i = 0; i < n; i++) {
		struct call call = { .world = &worlds[i],
				     .mask = ALL,
				     .fd = open_mount(&worlds[i], worlds[i].middle) };
		struct call lib = call;
		bool newest;

		if (!kernel_knows(&call, 1)) {
			if (i == 0)
				bench_skip(bench_row(bench, topic, 0, "library"),
					   "this kernel has no statmount(2)");
			return;
		}
		newest = kernel_knows(&call, 0x1200) == 0x1200;
		for (k = 0; k < sizeof(recents) / sizeof(recents[0]); k++) {
			char name[96];

			if (!newest && strcmp(recents[k].level, "6.12"))
				continue;
			lib = call;
			lib.ask = by_library;
			lib.level = recents[k].level;
			lib.mask = call.mask = recents[k].mask;
			lib.way = MNTCOMPAT_WAY_STATMOUNT_BY_ID;
			call.ask = by_statx_statmount;
			row = add(bench, topic, recents[k].what, &lib);
			bases[k] = bases[k] ? bases[k] : row;
			bench_against(row, bases[k], "itself with few mounts", 1.1);
			snprintf(name, sizeof(name), "statx + statmount by id, raw, mask %#llx",
				 (unsigned long long)call.mask);
			raw = add(bench, topic, name, &call);
			bench_against(row, raw, "statx + statmount, raw", recents[k].target);
			least = NULL;
			if (recents[k].least) {
				call.ask = recents[k].least;
				snprintf(name, sizeof(name), "%s, mask %#llx",
					 recents[k].least_name, (unsigned long long)call.mask);
				least = add(bench, topic, name, &call);
				bench_against(least, raw, "statx + statmount, raw", 0);
			}
			if (k) {
				bench_against(row, least, "the least", 0);
				continue;
			}
			lib.ask = by_library_heap;
			row = add(bench, topic, "the same, the request not on the stack", &lib);
			bench_against(row, raw, "statx + statmount, raw", 0);
			bench_against(row, least, "the least", 0);
			lib.ask = by_library;
			lib.mode = MNTCOMPAT_MODE_EMULATE;
			bench_against(add(bench, topic, "the same, forced to emulate", &lib), raw,
				      "statx + statmount, raw", 0);
		}
		if (!newest)
			continue;
		lib = call;
		lib.mask = call.mask = ALL;
		lib.mnt_id = call.mnt_id = peer_unique_id(call.fd);
		lib.ask = by_library;
		lib.way = MNTCOMPAT_WAY_NATIVE;
		call.ask = by_id;
		row = add(bench, native, "library, by id", &lib);
		bench_against(row, add(bench, native, "by id, raw", &call), "raw", 1.02);
		lib.mnt_id = call.mnt_id = 0;
		call.ask = by_native;
		if (by_native(&call) < 0)
			continue;
		row = add(bench, native, "library, by fd", &lib);
		bench_against(row, add(bench, native, "by fd, raw", &call), "raw", 1.02);
	}
}

struct place {
	const char *word;
	size_t path; /* in struct world */
};

/* Where it has not, or at such a level: mountinfo is read. */
static void add_old(struct bench *bench, const struct world *world, const char *level)
{
	static const struct place places[] = {
		{ "first", offsetof(struct world, first) },
		{ "middle", offsetof(struct world, middle) },
		{ "last", offsetof(struct world, last) },
	};
	struct bench_row *row, *whole, *libmount = NULL;
	char topic[96], name[64];
	unsigned int i;

	snprintf(topic, sizeof(topic), "statmount(STATMOUNT_BY_FD), all fields, as on Linux %s",
		 level);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct call call = { .world = world, .mask = ALL };
		struct call lib;

		call.fd = open_mount(world, (const char *)world + places[i].path);
		call.id = peer_old_id(call.fd);
		lib = call;
		lib.ask = by_library;
		lib.mode = MNTCOMPAT_MODE_EMULATE;
		lib.level = level;
		lib.way = MNTCOMPAT_WAY_MOUNTINFO;
		snprintf(name, sizeof(name), "library, the %s of the mounts made", places[i].word);
		row = add(bench, topic, name, &lib);
		snprintf(name, sizeof(name), "reading mountinfo up to that line, %s",
			 places[i].word);
		call.ask = by_reading_to_the_line;
		bench_against(row, add(bench, topic, name, &call), "reading up to that line", 1.1);
		if (i == 0) {
			call.ask = by_reading_all;
			whole = add(bench, topic, "reading all of mountinfo", &call);
#ifdef HAVE_LIBMOUNT
			call.ask = by_libmount;
			libmount = add(bench, topic, "libmount parses mountinfo", &call);
#endif
		}
		bench_against(row, whole, "reading all of mountinfo", 0);
		bench_against(row, libmount, "libmount parses mountinfo", 0.6);
	}
}

/* Requests that need no mountinfo must not depend on its length. */
static void add_cheap(struct bench *bench, const struct world *worlds, unsigned int n,
		      const char *level)
{
	struct bench_row *base = NULL, *row;
	char topic[96];
	unsigned int i;

	snprintf(topic, sizeof(topic),
		 "statmount(STATMOUNT_BY_FD), no field of its line, as on Linux %s", level);
	for (i = 0; i < n; i++) {
		struct call lib = { .ask = by_library,
				    .world = &worlds[i],
				    .level = level,
				    .mode = MNTCOMPAT_MODE_EMULATE,
				    .mask = NO_LINE,
				    .fd = open_mount(&worlds[i], worlds[i].middle) };

		row = add(bench, topic, "library", &lib);
		base = base ? base : row;
		bench_against(row, base, "itself with few mounts", 1.1);
	}
}

/* --- the first call of a process, in a new program each time --- */

static int first_call_child(const char *level, const char *path)
{
	struct call call = { .mask = ALL, .fd = open(path, O_PATH | O_CLOEXEC) };
	uint64_t times[3];
	int i;

	mntcompat_set_kernel(*level ? level : NULL);
	for (i = 0; i < 2; i++) {
		times[i] = bench_now();
		if (by_library(&call) < 0)
			return 1;
	}
	times[2] = bench_now();
	times[0] = times[1] - times[0];
	times[1] = times[2] - times[1];
	return write(STDOUT_FILENO, times, 2 * sizeof(*times)) != 2 * sizeof(*times);
}

struct first_call {
	const struct world *world;
	const char *level;
};

static int measure_first(const void *arg, unsigned int calls, double *figures)
{
	const struct first_call *first = arg;
	uint64_t times[2];
	unsigned int i;

	world_enter(first->world);
	for (i = 0; i < calls; i++) {
		int pipes[2], status;
		ssize_t n;
		pid_t pid;

		if (pipe2(pipes, O_CLOEXEC) < 0)
			return -errno;
		pid = vfork();
		if (pid == 0) {
			dup2(pipes[1], STDOUT_FILENO);
			execl("/proc/self/exe", "bench-statmount", FIRST_CALL, first->level,
			      first->world->middle, NULL);
			_exit(127);
		}
		close(pipes[1]);
		n = read(pipes[0], times, sizeof(times));
		close(pipes[0]);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status || n != sizeof(times))
			return -EIO;
		figures[0] += (double)times[0] / calls;
		figures[1] += (double)times[1] / calls;
	}
	return 0;
}

static void add_first(struct bench *bench, const struct world *world)
{
	static const char topic[] = "the first call of a process, by fd, all fields";
	static struct first_call firsts[] = {
		{ NULL, "" }, { NULL, "6.18" }, { NULL, "6.12" }, { NULL, "5.10" }
	};
	unsigned int i;

	for (i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		const char *word = firsts[i].level;
		struct bench_row *rows[2] = {
			bench_row(bench, topic, world->mounts, "first, as on Linux %s",
				  *word ? word : "it is"),
			bench_row(bench, topic, world->mounts, "second, as on Linux %s",
				  *word ? word : "it is"),
		};

		firsts[i].world = world;
		bench_case(bench, measure_first, &firsts[i], 20, rows, 2);
	}
}

int main(int argc, char **argv)
{
	static const char *const levels[] = { "5.10", "6.1" };
	static struct world worlds[8];
	const struct bench_options *o;
	struct bench *bench;
	unsigned int i, k;

	if (argc == 4 && !strcmp(argv[1], FIRST_CALL))
		return first_call_child(argv[2], argv[3]);
	bench = bench_new("bench-statmount", argc, argv);
	o = bench_options(bench);
	for (i = 0; i < o->n_counts; i++)
		world_make(&worlds[i], o->counts[i], o->shared);
	add_recent(bench, worlds, o->n_counts);
	add_first(bench, &worlds[0]);
	for (k = 0; k < 2; k++) {
		for (i = 0; i < o->n_counts; i++)
			add_old(bench, &worlds[i], levels[k]);
		add_cheap(bench, worlds, o->n_counts, levels[k]);
	}
	return bench_run(bench);
}
