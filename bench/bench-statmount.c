// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-statmount.c - what does statmount(STATMOUNT_BY_FD) cost, and on what does that depend?
 * Works in mount namespaces of its own; opens fds. Run by "make bench", and in guests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_LIBMOUNT
#include <libmount.h>
#endif

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/peer.h"
#include "bench/world.h"

#define MAX_CALLS 20000
#define ALL 0x7fffu		/* every field of Linux 7.3 */
/* What needs no line of mountinfo to be answered. */
#define NO_LINE (MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)

struct call {
	int (*ask)(const struct call *call);
	const struct world *world;
	const char *level;		/* MNTCOMPAT_KERNEL, or NULL */
	enum mntcompat_mode mode;
	enum mntcompat_way way;		/* that has to answer; NONE: any */
	uint64_t mask;
	int fd, id;
};

static char answer[64 * 1024] __attribute__((aligned(8)));

static int by_library(const struct call *call)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_fd = (uint32_t)call->fd, .param = call->mask };

	return mntcompat_statmount(&req, (void *)answer, sizeof(answer),
				   MNTCOMPAT_STATMOUNT_BY_FD) < 0 ? -errno : 0;
}

static int by_statx_statmount(const struct call *call)
{
	return peer_statx_statmount(call->fd, call->mask, answer, sizeof(answer));
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
	if (call->ask == by_library) {
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

static bool kernel_has_statmount(struct call *call)
{
	return peer_statx_statmount(call->fd, MNTCOMPAT_STATMOUNT_SB_BASIC, answer,
				    sizeof(answer)) == 0;
}

/* Where the kernel has statmount(2): the library against the system calls it makes. */
static void add_recent(struct bench *bench, const struct world *worlds, unsigned int n)
{
	static const char topic[] = "statmount(STATMOUNT_BY_FD), all fields, Linux 6.8 and later";
	struct bench_row *base = NULL, *row;
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct call call = { .world = &worlds[i], .mask = ALL,
				     .fd = open_mount(&worlds[i], worlds[i].middle) };
		struct call lib = call;
		bool native = by_native(&call) == 0;

		if (!kernel_has_statmount(&call)) {
			if (i == 0)
				bench_skip(bench_row(bench, topic, 0, "library"),
					   "this kernel has no statmount(2)");
			return;
		}
		lib.ask = by_library;
		lib.mode = MNTCOMPAT_MODE_EMULATE;
		lib.way = MNTCOMPAT_WAY_STATMOUNT_BY_ID;
		row = add(bench, topic, "library, emulated (statmount by id)", &lib);
		base = base ? base : row;
		bench_against(row, base, "itself with few mounts", 0);
		call.ask = by_statx_statmount;
		bench_against(row, add(bench, topic, "statx + statmount by id, raw", &call),
			      "statx + statmount, raw", 1.15);
		if (!native)
			continue;
		lib.mode = MNTCOMPAT_MODE_AUTO;
		lib.way = MNTCOMPAT_WAY_NATIVE;
		row = add(bench, topic, "library, native", &lib);
		call.ask = by_native;
		bench_against(row, add(bench, topic, "statmount by fd, raw", &call),
			      "statmount by fd, raw", 1.02);
	}
}

struct place {
	const char *word;
	size_t path;		/* in struct world */
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

/* What needs no mountinfo must not depend on its length. */
static void add_cheap(struct bench *bench, const struct world *worlds, unsigned int n,
		      const char *level)
{
	struct bench_row *base = NULL, *row;
	char topic[96];
	unsigned int i;

	snprintf(topic, sizeof(topic),
		 "statmount(STATMOUNT_BY_FD), no field of its line, as on Linux %s", level);
	for (i = 0; i < n; i++) {
		struct call lib = { .ask = by_library, .world = &worlds[i], .level = level,
				    .mode = MNTCOMPAT_MODE_EMULATE, .mask = NO_LINE,
				    .fd = open_mount(&worlds[i], worlds[i].middle) };

		row = add(bench, topic, "library", &lib);
		base = base ? base : row;
		bench_against(row, base, "itself with few mounts", 1.1);
	}
}

int main(int argc, char **argv)
{
	static const char *const levels[] = { "5.10", "6.1" };
	struct bench *bench = bench_new("bench-statmount", argc, argv);
	const struct bench_options *o = bench_options(bench);
	static struct world worlds[8];
	unsigned int i, k;

	for (i = 0; i < o->n_counts; i++)
		world_make(&worlds[i], o->counts[i], o->shared);
	add_recent(bench, worlds, o->n_counts);
	for (k = 0; k < 2; k++) {
		for (i = 0; i < o->n_counts; i++)
			add_old(bench, &worlds[i], levels[k]);
		add_cheap(bench, worlds, o->n_counts, levels[k]);
	}
	return bench_run(bench);
}
