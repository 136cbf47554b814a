// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-mountinfo.c - the parser of mountinfo alone, on bytes that are in memory already.
 * Works in mount namespaces of its own to have something to read. Run by "make bench", and in
 * guests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#ifdef HAVE_LIBMOUNT
#include <libmount.h>
#endif

#include "bench/bench.h"
#include "bench/world.h"
#include "compat/task/mountinfo.h"

struct table {
	char *text;
	size_t len;
	unsigned int lines;
	uint32_t last; /* id in the last line */
	int file;      /* a memfd with the same bytes */
};

/* Where results go, so that nothing is left out. */
static volatile uint64_t sink;

static int count_newlines(const struct table *table)
{
	const char *at = table->text, *end = at + table->len;
	unsigned int lines = 0;

	while ((at = memchr(at, '\n', (size_t)(end - at)))) {
		at++;
		lines++;
	}
	return lines == table->lines ? 0 : -EIO;
}

/* One call for all bytes: none of them is the one looked for. */
static int look_at_all(const struct table *table)
{
	return memchr(table->text, '\1', table->len) ? -EIO : 0;
}

static int parse_all(const struct table *table)
{
	struct mountinfo_table whole = { .text = table->text, .len = table->len };
	struct mountinfo_line line;
	unsigned int lines = 0;
	size_t pos = 0;

	while (mountinfo_next(&whole, &pos, &line)) {
		sink += line.id + line.mount_point.len;
		lines++;
	}
	return lines == table->lines ? 0 : -EIO;
}

/* As a program does that needs all fields of statmount for each mount. */
static int parse_all_and_options(const struct table *table)
{
	struct mountinfo_table whole = { .text = table->text, .len = table->len };
	struct mountinfo_span rest, option;
	struct mountinfo_line line;
	unsigned int lines = 0;
	char path[4096];
	size_t pos = 0;
	bool security;

	while (mountinfo_next(&whole, &pos, &line)) {
		sink += mountinfo_mount_attr(line.mount_options);
		sink += mountinfo_super(line.super_options, &rest);
		while (mountinfo_next_option(&rest, &option, &security))
			sink += option.len;
		sink += mountinfo_unescape(line.root, path, sizeof(path));
		sink += mountinfo_unescape(line.mount_point, path, sizeof(path));
		sink += mountinfo_unescape(line.source, path, sizeof(path));
		lines++;
	}
	return lines == table->lines ? 0 : -EIO;
}

static int find_last(const struct table *table)
{
	struct mountinfo_window window;
	struct mountinfo_table part;
	struct mountinfo_line line;
	int ret = mountinfo_find(table->file, table->last, &window, &part, &line);

	if (!ret)
		mountinfo_release(&part);
	return ret;
}

static int read_only(const struct table *table)
{
	char piece[1024];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(table->file, piece, sizeof(piece), at)) > 0)
		at += n;
	return (size_t)at == table->len ? 0 : -EIO;
}

#ifdef HAVE_LIBMOUNT
static int by_libmount(const struct table *table)
{
	FILE *stream = fmemopen(table->text, table->len, "r");
	struct libmnt_table *parsed = mnt_new_table();
	int ret = -ENOMEM;

	if (stream && parsed) {
		ret = mnt_table_parse_stream(parsed, stream, "mountinfo");
		if (!ret && (unsigned int)mnt_table_get_nents(parsed) != table->lines)
			ret = -EIO;
	}
	mnt_unref_table(parsed);
	if (stream)
		fclose(stream);
	return ret;
}
#endif

struct call {
	int (*once)(const struct table *table);
	const struct table *table;
};

static int measure_call(const void *arg, unsigned int calls, double *figures)
{
	const struct call *call = arg;
	uint64_t start = bench_now();
	unsigned int i;
	int ret = 0;

	for (i = 0; i < calls && ret >= 0; i++)
		ret = call->once(call->table);
	figures[0] = (double)(bench_now() - start) / calls;
	return ret;
}

static struct bench_row *add(struct bench *bench, const char *topic, const struct table *table,
			     const char *name, int (*once)(const struct table *table))
{
	struct call *call = malloc(sizeof(*call));
	struct bench_row *row = bench_row(bench, topic, table->lines, "%s", name);

	if (!call)
		exit(1);
	*call = (struct call){ once, table };
	bench_case(bench, measure_call, call, 10000, &row, 1);
	return row;
}

static void take_table(struct table *table, const struct world *world)
{
	struct mountinfo_table whole;
	struct mountinfo_line line;
	size_t pos = 0;
	int fd;

	world_enter(world);
	fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || mountinfo_read(fd, &whole) < 0) {
		perror("/proc/self/mountinfo");
		exit(1);
	}
	close(fd);
	table->text = whole.text;
	table->len = whole.len;
	while (mountinfo_next(&whole, &pos, &line)) {
		table->lines++;
		table->last = line.id;
	}
	table->file = (int)syscall(SYS_memfd_create, "mountinfo", 1ul);
	if (table->file < 0 || write(table->file, whole.text, whole.len) != (ssize_t)whole.len) {
		perror("memfd");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static const char topic[] = "mountinfo in memory into fields";
	static const char find[] = "mountinfo in a memfd, up to its last line";
	struct bench *bench = bench_new("bench-mountinfo", argc, argv);
	const struct bench_options *o = bench_options(bench);
	static struct world worlds[8];
	static struct table tables[8];
	unsigned int i;

	for (i = 0; i < o->n_counts; i++) {
		struct bench_row *row, *full, *limit;
		struct table *table = &tables[i];

		world_make(&worlds[i], o->counts[i], o->shared);
		take_table(table, &worlds[i]);
		row = add(bench, topic, table, "library, all lines", parse_all);
		full = add(bench, topic, table,
			   "library, with attributes, options, paths unescaped",
			   parse_all_and_options);
		limit = add(bench, topic, table, "memchr from newline to newline", count_newlines);
		bench_against(row, limit, "memchr, newlines", 0);
		bench_against(
			row, add(bench, topic, table, "memchr over all bytes at once", look_at_all),
			"memchr, all bytes", 0);
#ifdef HAVE_LIBMOUNT
		limit = add(bench, topic, table, "libmount, mnt_table_parse_stream", by_libmount);
		bench_against(row, limit, "libmount", 0.2);
		bench_against(full, limit, "libmount", 0.2);
#else
		bench_skip(bench_row(bench, topic, 0, "libmount"), "built without libmount");
		(void)full;
#endif
		row = add(bench, find, table, "library, to the last line by its id", find_last);
		bench_against(row, add(bench, find, table, "the same reads alone", read_only),
			      "reads alone", 0);
	}
	return bench_run(bench);
}
