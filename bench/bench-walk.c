// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-walk.c - the cost of seeing all mounts, and how it grows.
 * Works in mount namespaces of its own. Run by "make bench", and in guests.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_LIBMOUNT
#include <dlfcn.h>
#include <libmount.h>
#endif

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/peer.h"
#include "bench/world.h"

#define MAX_CALLS 2000
#define ALL 0x7fffu /* every field of Linux 7.3 */
#define IDS 16384
#define ENOUGH 1000	/* mounts; with fewer what is fixed counts */
#define MOST_PLAIN 1000 /* mounts; with more the plain calls before 6.8 take too long for a bench */

struct walk {
	int (*ask)(const struct walk *walk);
	const struct world *world;
	const char *level; /* MNTCOMPAT_KERNEL, or NULL */
	uint32_t way;
	enum mntcompat_way way; /* that has to answer; NONE: any */
};

static uint64_t ids[IDS];
static char answer[64 * 1024] __attribute__((aligned(8)));

static int by_table(const struct walk *walk)
{
	struct mntcompat_table_options options = { .size = sizeof(options),
						   .mask = ALL,
						   .way = walk->way };
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table;
	int ret = mntcompat_table_open(&options, &table);
	unsigned int n = 0;

	if (ret < 0)
		return ret;
	if (walk->way != MNTCOMPAT_WAY_NONE && mntcompat_last_way() != walk->way)
		return -EOPNOTSUPP;
	while ((ret = mntcompat_table_next(table, &row)) > 0)
		n++;
	mntcompat_table_close(table);
	return ret < 0 ? ret : n == walk->world->mounts ? 0 : -ENOENT;
}

/* As an unmodified program does. */
static int by_plain_calls(const struct walk *walk)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };
	ssize_t n = mntcompat_listmount(&req, ids, IDS, 0), i;

	req.param = ALL;
	for (i = 0; i < n; i++) {
		req.mnt_id = ids[i];
		if (mntcompat_statmount(&req, (void *)answer, sizeof(answer), 0) < 0)
			return -errno;
	}
	return n < 0 ? -errno : n == (ssize_t)walk->world->mounts ? 0 : -ENOENT;
}

static int by_raw_calls(const struct walk *walk)
{
	ssize_t n = peer_listmount(ids, IDS), i;
	int ret;

	for (i = 0; i < n; i++) {
		ret = peer_statmount_by_id(ids[i], ALL, answer, sizeof(answer));
		if (ret < 0)
			return ret;
	}
	return n < 0 ? (int)n : n == (ssize_t)walk->world->mounts ? 0 : -ENOENT;
}

static int by_reading(const struct walk *walk)
{
	(void)walk;
	return peer_read_mountinfo(0);
}

/* The least work that shows each mount at the time of its call, with mountinfo only. */
static int by_reading_to_each(const struct walk *walk)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };
	ssize_t n = mntcompat_listmount(&req, ids, IDS, 0), i;
	int ret = 0;

	(void)walk;
	for (i = 0; i < n && ret >= 0; i++)
		ret = peer_read_mountinfo((int)(uint32_t)ids[i]);
	return n < 0 ? -errno : ret;
}

#ifdef HAVE_LIBMOUNT
static int by_libmount(const struct walk *walk)
{
	struct libmnt_table *table = mnt_new_table_from_file("/proc/self/mountinfo");
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	unsigned int n = 0;

	while (table && iter && mnt_table_next_fs(table, iter, &fs) == 0)
		n += mnt_fs_get_target(fs) && mnt_fs_get_options(fs);
	mnt_free_iter(iter);
	mnt_unref_table(table);
	return n == walk->world->mounts ? 0 : -ENOENT;
}

/* Its other way, which came with 2.41. */
static struct statmnt *(*libmount_new_statmnt)(void);
static int (*libmount_set_mask)(struct statmnt *sm, uint64_t mask);
static int (*libmount_refer)(struct libmnt_table *table, struct statmnt *sm);
static int (*libmount_fetch)(struct libmnt_table *table);
static void (*libmount_unref)(struct statmnt *sm);

static bool libmount_has_listmount(void)
{
	*(void **)&libmount_new_statmnt = dlsym(RTLD_DEFAULT, "mnt_new_statmnt");
	*(void **)&libmount_set_mask = dlsym(RTLD_DEFAULT, "mnt_statmnt_set_mask");
	*(void **)&libmount_refer = dlsym(RTLD_DEFAULT, "mnt_table_refer_statmnt");
	*(void **)&libmount_fetch = dlsym(RTLD_DEFAULT, "mnt_table_fetch_listmount");
	*(void **)&libmount_unref = dlsym(RTLD_DEFAULT, "mnt_unref_statmnt");
	return libmount_new_statmnt && libmount_set_mask && libmount_refer && libmount_fetch &&
	       libmount_unref;
}

static int by_libmount_listmount(const struct walk *walk)
{
	struct libmnt_table *table = mnt_new_table();
	struct statmnt *sm = libmount_new_statmnt();
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	unsigned int n = 0;
	struct libmnt_fs *fs;

	/* All that it knows of: the mount, the superblock, propagation, paths, type, source,
	 * options. */
	if (table && sm && iter && libmount_set_mask(sm, 0x2bf) == 0 &&
	    libmount_refer(table, sm) == 0 && libmount_fetch(table) == 0) {
		while (mnt_table_next_fs(table, iter, &fs) == 0)
			n += mnt_fs_get_target(fs) && mnt_fs_get_options(fs);
	}
	mnt_free_iter(iter);
	mnt_unref_table(table);
	libmount_unref(sm);
	return n == walk->world->mounts ? 0 : -ENOENT;
}
#endif

static int measure(const void *arg, unsigned int calls, double *figures)
{
	const struct walk *walk = arg;
	uint64_t start;
	unsigned int i;
	int ret;

	world_enter(walk->world);
	mntcompat_set_kernel(walk->level);
	ret = walk->ask(walk);
	if (ret < 0)
		return ret;
	start = bench_now();
	for (i = 0; i < calls && ret >= 0; i++)
		ret = walk->ask(walk);
	figures[0] = (double)(bench_now() - start) / calls;
	return ret < 0 ? ret : 0;
}

static struct bench_row *add(struct bench *bench, const char *topic, const char *name,
			     const struct walk *like, int (*ask)(const struct walk *walk))
{
	struct walk *walk = malloc(sizeof(*walk));
	struct bench_row *row = bench_row(bench, topic, like->world->mounts, "%s", name);

	if (!walk)
		exit(1);
	*walk = *like;
	walk->ask = ask;
	bench_case(bench, measure, walk, MAX_CALLS, &row, 1);
	return row;
}

static bool kernel_has_listmount(void)
{
	return peer_listmount(ids, 1) == 1;
}

static void add_level(struct bench *bench, const struct world *world, const char *level,
		      bool recent)
{
	struct walk walk = { .world = world, .level = level };
	struct bench_row *row, *reading, *raw;
	char topic[96];

	snprintf(topic, sizeof(topic), "all mounts, all fields%s%s", level ? ", as on Linux " : "",
		 level ? level : "");
	row = add(bench, topic, "library, a walk", &walk, by_table);
	reading = add(bench, topic, "reading mountinfo once", &walk, by_reading);
	bench_against(row, reading, "reading mountinfo",
		      recent || world->mounts < ENOUGH ? 0 : 1.5);
#ifdef HAVE_LIBMOUNT
	bench_against(row, add(bench, topic, "libmount parses mountinfo", &walk, by_libmount),
		      "libmount parses mountinfo", recent ? 1.0 : 0);
#endif
	if (recent) {
		raw = add(bench, topic, "listmount + statmount each, raw", &walk, by_raw_calls);
		/* The calls that the other way makes; the way itself where the kernel has it. */
		bench_against(row, raw, "listmount + statmount, raw", 0);
#ifdef HAVE_LIBMOUNT
		if (libmount_has_listmount())
			bench_against(row,
				      add(bench, topic, "libmount by listmount", &walk,
					  by_libmount_listmount),
				      "libmount by listmount", 1.0);
#endif
		walk.way = MNTCOMPAT_TABLE_MOUNTINFO;
		add(bench, topic, "library, a walk by mountinfo", &walk, by_table);
		walk.way = MNTCOMPAT_TABLE_ANY;
	}
	if (recent || world->mounts <= MOST_PLAIN) {
		raw = add(bench, topic, "library, listmount + statmount each", &walk,
			  by_plain_calls);
		bench_against(raw, row, "a walk", 5.0);
		if (recent)
			return;
		reading = add(bench, topic, "reading mountinfo up to each line in turn", &walk,
			      by_reading_to_each);
		bench_against(reading, row, "a walk", 0);
		bench_against(raw, reading, "reading up to each line", 0);
	}
}

int main(int argc, char **argv)
{
	static const char *const levels[] = { "5.10", "6.1" };
	struct bench *bench = bench_new("bench-walk", argc, argv);
	const struct bench_options *o = bench_options(bench);
	static struct world worlds[8];
	unsigned int i, k;

	for (i = 0; i < o->n_counts; i++)
		world_make(&worlds[i], o->counts[i], o->shared);
	for (i = 0; i < o->n_counts; i++) {
		if (kernel_has_listmount())
			add_level(bench, &worlds[i], NULL, true);
		for (k = 0; k < 2; k++)
			add_level(bench, &worlds[i], levels[k], false);
	}
	return bench_run(bench);
}
