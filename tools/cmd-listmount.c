// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-listmount.c - "mntcompat listmount": lists the mounts of a mount namespace, plain, as a
 * table, as a tree or as JSON. mntcompat(1) documents its columns and exit statuses. Uses
 * <mntcompat.h>, libsmartcols if configure found it, and libc; nothing inside the library.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef HAVE_SMARTCOLS
#include <libsmartcols.h>
#endif

#include <mntcompat.h>
#include "tools/tool.h"
#include "tools/words.h"

static const struct advice listmount_advice[] = {
	{ EPERM, "run it as root: this process cannot reach the mount or the namespace" },
	{ EBADF, "give the file of a mount namespace" },
	{ EINVAL, "give the unique id of a mount, and the file of a mount namespace" },
	{ ENOENT, "give a mount of this mount namespace" },
	{ EAGAIN, "mounts change too fast; try again" },
	{ ENOSYS,
	  "the kernel lacks it, and it cannot be emulated here; see REQUIREMENTS in mntcompat(7)" },
	{ EOPNOTSUPP, "it cannot be emulated for this namespace; --verbose prints why" },
	{ 0, NULL },
};

enum column {
	COLUMN_TARGET,
	COLUMN_SOURCE,
	COLUMN_FSTYPE,
	COLUMN_OPTIONS,
	COLUMN_ID,
	COLUMN_PARENT,
	COLUMN_OLD_ID,
	COLUMN_OLD_PARENT,
	COLUMN_ROOT,
	COLUMN_MAJ_MIN,
	COLUMN_PROPAGATION,
	COLUMN_PEER_GROUP,
	COLUMN_MASTER,
	COLUMN_ATTR,
	COLUMN_FS_OPTIONS,
	COLUMN_COUNT,
};

static const struct {
	const char *name;
	uint64_t mask; /* statmount bits to request */
	bool number;
	double width; /* for libsmartcols: the widths of findmnt(8) */
} columns[COLUMN_COUNT] = {
	[COLUMN_TARGET] = { "TARGET", MNTCOMPAT_STATMOUNT_MNT_POINT, false, 0.30 },
	[COLUMN_SOURCE] = { "SOURCE", MNTCOMPAT_STATMOUNT_SB_SOURCE, false, 0.20 },
	[COLUMN_FSTYPE] = { "FSTYPE", MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_FS_SUBTYPE,
			    false, 0.10 },
	[COLUMN_OPTIONS] = { "OPTIONS",
			     MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC |
				     MNTCOMPAT_STATMOUNT_MNT_OPTS,
			     false, 0.10 },
	[COLUMN_ID] = { "ID", MNTCOMPAT_STATMOUNT_MNT_BASIC, true, 2 },
	[COLUMN_PARENT] = { "PARENT", MNTCOMPAT_STATMOUNT_MNT_BASIC, true, 2 },
	[COLUMN_OLD_ID] = { "OLD-ID", MNTCOMPAT_STATMOUNT_MNT_BASIC, true, 2 },
	[COLUMN_OLD_PARENT] = { "OLD-PARENT", MNTCOMPAT_STATMOUNT_MNT_BASIC, true, 2 },
	[COLUMN_ROOT] = { "ROOT", MNTCOMPAT_STATMOUNT_MNT_ROOT, false, 0.25 },
	[COLUMN_MAJ_MIN] = { "MAJ:MIN", MNTCOMPAT_STATMOUNT_SB_BASIC, false, 6 },
	[COLUMN_PROPAGATION] = { "PROPAGATION", MNTCOMPAT_STATMOUNT_MNT_BASIC, false, 7 },
	[COLUMN_PEER_GROUP] = { "PEER-GROUP", MNTCOMPAT_STATMOUNT_MNT_BASIC, true, 2 },
	[COLUMN_MASTER] = { "MASTER", MNTCOMPAT_STATMOUNT_MNT_BASIC, true, 2 },
	[COLUMN_ATTR] = { "ATTR", MNTCOMPAT_STATMOUNT_MNT_BASIC, false, 0.10 },
	[COLUMN_FS_OPTIONS] = { "FS-OPTIONS", MNTCOMPAT_STATMOUNT_MNT_OPTS, false, 0.10 },
};

/* A mount; a cell is NULL if its value is unknown or does not exist. */
struct row {
	uint64_t id;
	uint64_t parent;
	char *cells[COLUMN_COUNT];
};

struct rows {
	struct row *row; /* ascending ids */
	size_t count;
};

struct listing {
	enum column columns[COLUMN_COUNT * 2];
	size_t count;
	enum { FORMAT_TABLE, FORMAT_TREE, FORMAT_RAW, FORMAT_JSON } format;
	bool reverse;
};

static void free_rows(struct rows *rows)
{
	size_t i, c;

	for (i = 0; i < rows->count; i++) {
		for (c = 0; c < COLUMN_COUNT; c++)
			free(rows->row[i].cells[c]);
	}
	free(rows->row);
}

/* --- one cell --- */

static void write_options(FILE *out, const struct mntcompat_statmount *sm)
{
	/* As in mountinfo: rw unless the mount or its superblock is read-only. */
	fputs((sm->mnt_attr & MNTCOMPAT_MOUNT_ATTR_RDONLY) || (sm->sb_flags & 1) ? "ro," : "rw,",
	      out);
	write_mount_attr(out, sm->mnt_attr & ~(uint64_t)MNTCOMPAT_MOUNT_ATTR_RDONLY);
	if (sm->sb_flags & ~1u) {
		fputc(',', out);
		write_superblock_flags(out, sm->sb_flags & ~1u);
	}
	if (sm->mask & MNTCOMPAT_STATMOUNT_MNT_OPTS && sm->str[sm->mnt_opts])
		fprintf(out, ",%s", sm->str + sm->mnt_opts);
}

static void write_cell(FILE *out, enum column column, const struct mntcompat_statmount *sm)
{
	switch (column) {
	case COLUMN_TARGET:
		fputs(sm->str + sm->mnt_point, out);
		break;
	case COLUMN_SOURCE:
		fputs(sm->str + sm->sb_source, out);
		break;
	case COLUMN_FSTYPE:
		fputs(sm->str + sm->fs_type, out);
		if (sm->mask & MNTCOMPAT_STATMOUNT_FS_SUBTYPE)
			fprintf(out, ".%s", sm->str + sm->fs_subtype);
		break;
	case COLUMN_OPTIONS:
		write_options(out, sm);
		break;
	case COLUMN_ID:
		fprintf(out, "%" PRIu64, sm->mnt_id);
		break;
	case COLUMN_PARENT:
		fprintf(out, "%" PRIu64, sm->mnt_parent_id);
		break;
	case COLUMN_OLD_ID:
		fprintf(out, "%" PRIu32, sm->mnt_id_old);
		break;
	case COLUMN_OLD_PARENT:
		fprintf(out, "%" PRIu32, sm->mnt_parent_id_old);
		break;
	case COLUMN_ROOT:
		fputs(sm->str + sm->mnt_root, out);
		break;
	case COLUMN_MAJ_MIN:
		fprintf(out, "%" PRIu32 ":%" PRIu32, sm->sb_dev_major, sm->sb_dev_minor);
		break;
	case COLUMN_PROPAGATION:
		write_propagation(out, sm->mnt_propagation);
		break;
	case COLUMN_PEER_GROUP:
		fprintf(out, "%" PRIu64, sm->mnt_peer_group);
		break;
	case COLUMN_MASTER:
		fprintf(out, "%" PRIu64, sm->mnt_master);
		break;
	case COLUMN_ATTR:
		write_mount_attr(out, sm->mnt_attr);
		break;
	case COLUMN_FS_OPTIONS:
		fputs(sm->str + sm->mnt_opts, out);
		break;
	case COLUMN_COUNT:
		break;
	}
}

/* The bits of the answer without which the cell stays empty; its other bits are optional. */
static uint64_t needed(enum column column)
{
	switch (column) {
	case COLUMN_FSTYPE:
		return MNTCOMPAT_STATMOUNT_FS_TYPE;
	case COLUMN_OPTIONS:
		return MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC;
	default:
		return columns[column].mask;
	}
}

static char *make_cell(enum column column, const struct mntcompat_statmount *sm)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	write_cell(out, column, sm);
	if (fclose(out) == EOF) {
		free(text);
		return NULL;
	}
	return text;
}

/* --- all rows --- */

static int add_row(struct rows *rows, size_t *room, const struct listing *listing,
		   const struct mntcompat_statmount *sm)
{
	struct row *row;
	size_t i;

	if (rows->count == *room) {
		size_t more = *room ? *room * 2 : 64;
		struct row *grown = reallocarray(rows->row, more, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		rows->row = grown;
		*room = more;
	}
	row = memset(&rows->row[rows->count++], 0, sizeof(*row));
	row->id = sm->mnt_id;
	row->parent = sm->mnt_parent_id;
	for (i = 0; i < listing->count; i++) {
		enum column column = listing->columns[i];

		if (row->cells[column] || (sm->mask & needed(column)) != needed(column))
			continue;
		row->cells[column] = make_cell(column, sm);
		if (!row->cells[column])
			return -ENOMEM;
	}
	return 0;
}

static int read_rows(const struct mntcompat_table_options *options, const struct listing *listing,
		     struct rows *rows)
{
	const struct mntcompat_statmount *sm;
	struct mntcompat_table *table;
	size_t room = 0;
	int ret;

	ret = mntcompat_table_open(options, &table);
	if (ret < 0)
		return ret;
	while ((ret = mntcompat_table_next(table, &sm)) > 0) {
		ret = add_row(rows, &room, listing, sm);
		if (ret < 0)
			break;
	}
	mntcompat_table_close(table);
	return ret;
}

/* --- output --- */

/* One mount a line, columns separated by a blank; "-" for unknown values, blanks in octal. */
static void print_raw(const struct listing *listing, const struct rows *rows)
{
	size_t i, c;

	for (c = 0; c < listing->count; c++)
		printf("%s%s", c ? " " : "", columns[listing->columns[c]].name);
	putchar('\n');
	for (i = 0; i < rows->count; i++) {
		const struct row *row = &rows->row[listing->reverse ? rows->count - 1 - i : i];

		for (c = 0; c < listing->count; c++) {
			const char *cell = row->cells[listing->columns[c]];

			if (c)
				putchar(' ');
			if (!cell || !*cell)
				putchar('-');
			else if (strcmp(cell, "-") == 0)
				fputs("\\055", stdout);
			else
				print_word(cell);
		}
		putchar('\n');
	}
}

#ifdef HAVE_SMARTCOLS
static int compare_id(const void *a, const void *b)
{
	uint64_t wanted = *(const uint64_t *)a, id = ((const struct row *)b)->id;

	return wanted < id ? -1 : wanted > id;
}

static const struct row *find_row(const struct rows *rows, uint64_t id)
{
	return bsearch(&id, rows->row, rows->count, sizeof(*rows->row), compare_id);
}

static int fill_line(struct libscols_line *line, const struct listing *listing,
		     const struct row *row)
{
	size_t c;

	for (c = 0; c < listing->count; c++) {
		const char *cell = row->cells[listing->columns[c]];

		if (cell && scols_line_set_data(line, c, cell) < 0)
			return -ENOMEM;
	}
	return 0;
}

/*
 * Adds a line for each row, below the line of its parent. A row whose parent is not listed, or is
 * the mount itself, is a root of the tree. A parent may come after its child (mounts move), so the
 * loop goes up to the first ancestor that has a line and adds lines on its way back.
 */
static int add_lines(struct libscols_table *table, const struct listing *listing,
		     const struct rows *rows)
{
	struct libscols_line **lines = calloc(rows->count, sizeof(*lines));
	size_t *path = calloc(rows->count, sizeof(*path));
	size_t i, depth;
	int ret = lines && path ? 0 : -ENOMEM;

	for (i = 0; i < rows->count && ret == 0; i++) {
		size_t at = listing->reverse ? rows->count - 1 - i : i;
		struct libscols_line *parent = NULL;

		for (depth = 0; !lines[at] && depth < rows->count; depth++) {
			const struct row *up = NULL;

			path[depth] = at;
			if (listing->format == FORMAT_TREE &&
			    rows->row[at].parent != rows->row[at].id)
				up = find_row(rows, rows->row[at].parent);
			if (!up) {
				depth++;
				break;
			}
			at = (size_t)(up - rows->row);
			parent = lines[at];
		}
		while (depth && ret == 0) {
			at = path[--depth];
			lines[at] = scols_table_new_line(table, parent);
			ret = lines[at] ? fill_line(lines[at], listing, &rows->row[at]) : -ENOMEM;
			parent = lines[at];
		}
	}
	free(lines);
	free(path);
	return ret;
}

static int print_table(const struct listing *listing, const struct rows *rows)
{
	struct libscols_table *table = scols_new_table();
	bool tree = listing->format == FORMAT_TREE, terminal = isatty(STDOUT_FILENO);
	size_t c;
	int ret = -ENOMEM;

	if (!table)
		return -ENOMEM;
	scols_table_set_name(table, "mounts");
	scols_table_enable_json(table, listing->format == FORMAT_JSON);
	if (!terminal)
		scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	for (c = 0; c < listing->count; c++) {
		enum column column = listing->columns[c];
		struct libscols_column *added;
		int flags = 0;

		if (columns[column].number)
			flags |= SCOLS_FL_RIGHT;
		else if (terminal)
			flags |= SCOLS_FL_TRUNC;
		if (tree && column == COLUMN_TARGET)
			flags = SCOLS_FL_TREE;
		added = scols_table_new_column(table, columns[column].name, columns[column].width,
					       flags);
		if (!added)
			goto out;
		if (columns[column].number)
			scols_column_set_json_type(added, SCOLS_JSON_NUMBER);
	}
	ret = add_lines(table, listing, rows);
	if (ret == 0 && rows->count && scols_print_table(table) != 0)
		ret = -EIO;
	if (ret == 0 && listing->format == FORMAT_JSON && !rows->count)
		puts("{\n   \"mounts\": []\n}");
out:
	scols_unref_table(table);
	return ret;
}
#endif

static int print_rows(const struct listing *listing, const struct rows *rows)
{
#ifdef HAVE_SMARTCOLS
	if (listing->format != FORMAT_RAW) {
		int ret = print_table(listing, rows);

		if (ret < 0) {
			complain(NULL, -ret, "cannot print the table");
			return EXIT_FAILED;
		}
		return finish_output();
	}
#endif
	print_raw(listing, rows);
	return finish_output();
}

/* --- arguments --- */

/* Reads "target,id", in any case; returns 0, or EXIT_USAGE after a line on stderr. */
static int read_columns(const char *list, struct listing *listing)
{
	listing->count = 0;
	while (*list) {
		size_t length = strcspn(list, ","), c;

		for (c = 0; c < COLUMN_COUNT; c++) {
			if (strlen(columns[c].name) == length &&
			    strncasecmp(columns[c].name, list, length) == 0)
				break;
		}
		if (c == COLUMN_COUNT)
			return usage_error(EXIT_USAGE, "%.*s is not a column", (int)length, list);
		if (listing->count == sizeof(listing->columns) / sizeof(listing->columns[0]))
			return usage_error(EXIT_USAGE, "too many columns");
		listing->columns[listing->count++] = (enum column)c;
		list += length;
		if (*list == ',')
			list++;
	}
	if (!listing->count)
		return usage_error(EXIT_USAGE, "--columns needs a column");
	return 0;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "tree", no_argument, NULL, 't' },
		{ "raw", no_argument, NULL, 'r' },
		{ "json", no_argument, NULL, 'j' },
		{ "reverse", no_argument, NULL, 'R' },
		{ "columns", required_argument, NULL, 'c' },
		{ "namespace", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	struct listing listing = {
		.columns = { COLUMN_TARGET, COLUMN_SOURCE, COLUMN_FSTYPE, COLUMN_OPTIONS,
			     COLUMN_ID },
		.count = 5,
		.format = FORMAT_TABLE,
	};
	struct mntcompat_table_options table = { .size = sizeof(table) };
	const char *namespace = NULL;
	struct rows rows = { NULL, 0 };
	int option, fd = -1, status, ret;
	size_t c;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 't':
			listing.format = FORMAT_TREE;
			break;
		case 'r':
			listing.format = FORMAT_RAW;
			break;
		case 'j':
			listing.format = FORMAT_JSON;
			break;
		case 'R':
			listing.reverse = true;
			break;
		case 'c':
			status = read_columns(optarg, &listing);
			if (status)
				return status;
			break;
		case 'n':
			namespace
			= optarg;
			break;
		default:
			return EXIT_USAGE;
		}
	}
#ifndef HAVE_SMARTCOLS
	if (listing.format == FORMAT_TREE || listing.format == FORMAT_JSON)
		return usage_error(EXIT_USAGE,
				   "this mntcompat was built without libsmartcols; use --raw");
#endif
	if (argc - optind > 1)
		return usage_error(EXIT_USAGE, "listmount takes at most one id");
	if (optind < argc && !read_number(argv[optind], UINT64_MAX, &table.mnt_id))
		return usage_error(EXIT_USAGE, "%s is not a mount id", argv[optind]);
	if (optind < argc && !table.mnt_id)
		return usage_error(EXIT_USAGE, "0 is not a mount id");
	for (c = 0; c < listing.count; c++)
		table.mask |= columns[listing.columns[c]].mask;

	if (namespace) {
		fd = open_namespace(namespace);
		if (fd < 0)
			return EXIT_FAILED;
		table.mnt_ns_fd = (uint32_t)fd;
	}
	ret = read_rows(&table, &listing, &rows);
	if (ret < 0) {
		if (optind < argc)
			complain(listmount_advice, -ret, "cannot list the mounts below mount %s",
				 argv[optind]);
		else
			complain(listmount_advice, -ret, "cannot list the mounts of %s",
				 namespace ? namespace : "the current mount namespace");
		status = EXIT_FAILED;
	} else {
		status = print_rows(&listing, &rows);
	}
	free_rows(&rows);
	if (fd >= 0)
		close(fd);
	return status;
}

const struct command command_listmount = {
	"listmount",
	"[--tree|--raw|--json] [--columns LIST] [--reverse] [--namespace FILE] [ID]",
	"list the mounts of a mount namespace, or those below the mount ID",
	"  --tree            as a tree: each mount below its parent\n"
	"  --raw             one mount a line, columns separated by one blank\n"
	"  --json            as JSON, for programs\n"
	"  --columns LIST    of TARGET,SOURCE,FSTYPE,OPTIONS,ID (default), PARENT,OLD-ID,\n"
	"                    OLD-PARENT,ROOT,MAJ:MIN,PROPAGATION,PEER-GROUP,MASTER,ATTR,\n"
	"                    FS-OPTIONS\n"
	"  --reverse         from the newest to the oldest\n"
	"  --namespace FILE  in another mount namespace, for example /proc/PID/ns/mnt\n",
	run,
};
