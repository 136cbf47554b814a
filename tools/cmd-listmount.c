// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-listmount.c - "mntcompat listmount": lists the mounts of a mount namespace as a tree, as a
 * table, for scripts or as JSON. mntcompat(1) documents it; columns.c has the columns. Uses
 * <mntcompat.h> and libc, and of the library only the numbers of the kernel.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "tools/columns.h"
#include "tools/json.h"
#include "tools/table.h"
#include "tools/tool.h"

static const struct advice listmount_advice[] = {
	ADVICE_NATIVE,
	{ EPERM, "in a container, ask for CAP_SYS_ADMIN: it reaches outside this root directory",
	  is_root },
	{ EPERM, "run it as root: this process cannot reach the mount or the namespace", NULL },
	{ EBADF, "give the file of a mount namespace", NULL },
	{ EINVAL,
	  "--namespace takes the file of a mount namespace, for example /proc/PID/ns/mnt, and an operand of digits is a PID or the unique id of a mount; mode native emulates nothing, and needs Linux 7.0 for the former",
	  is_mode_native },
	{ EINVAL,
	  "--namespace takes the file of a mount namespace, for example /proc/PID/ns/mnt, and an operand of digits is a PID or the unique id of a mount",
	  NULL },
	{ ENOENT, "give a mount of this mount namespace", NULL },
	{ EAGAIN, "mounts change too fast; try again", NULL },
	{ ENOSYS,
	  "the kernel lacks it, or this container's system call filter hides it; mntcompat probe listmount prints more",
	  is_filtered },
	{ ENOSYS,
	  "the kernel lacks it, and it cannot be emulated here; see REQUIREMENTS in mntcompat(7)",
	  NULL },
	{ EOPNOTSUPP, "it cannot be emulated for this namespace; --verbose prints why", NULL },
	{ 0, NULL, NULL },
};

static const struct advice target_advice[] = {
	{ EACCES, "give a path that you have permission to search", NULL },
	{ ENOENT, "give a path that exists", NULL },
	{ 0, NULL, NULL },
};

static const struct advice operand_advice[] = {
	{ EACCES, "give a path that you have permission to search", NULL },
	{ ENOENT, "give a path that exists, the id of a process, or the unique id of a mount",
	  NULL },
	{ 0, NULL, NULL },
};

/* Unique ids are larger than any old id and any process id. */
#define LARGEST_PID INT_MAX

enum format { FORMAT_CHOOSE, FORMAT_LIST, FORMAT_TREE, FORMAT_RAW, FORMAT_JSON };

/* A mount; a cell is NULL if its value is unknown or does not exist. */
struct row {
	uint64_t id;
	uint64_t parent;
	bool listed;
	char *cells[COLUMN_COUNT];
};

struct rows {
	struct row *row; /* ascending ids */
	size_t count, room;
};

struct listing {
	size_t columns[COLUMN_COUNT * 2];
	size_t count;
	bool chosen; /* by --columns */
	bool added;  /* by --columns +LIST, to the default ones */
	enum format format;
	bool reverse;
	/* Filters: NULL or 0 for none. */
	const char *types, *source;
	uint64_t only;	/* this mount */
	uint64_t below; /* this mount, and all below it */
	enum mntcompat_way way;
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

static int compare_id(const void *a, const void *b)
{
	uint64_t wanted = *(const uint64_t *)a, id = ((const struct row *)b)->id;

	return wanted < id ? -1 : wanted > id;
}

static struct row *find_row(const struct rows *rows, uint64_t id)
{
	return rows->count ? bsearch(&id, rows->row, rows->count, sizeof(*rows->row), compare_id) :
			     NULL;
}

/* NULL if the parent is not there, or is the mount itself. */
static struct row *parent_of(const struct rows *rows, const struct row *row)
{
	return row->parent == row->id ? NULL : find_row(rows, row->parent);
}

/* --- filters --- */

/* True if the list "ext4,fuse" has the type, with or without its subtype. "noext4,xfs" negates. */
static bool has_type(const char *list, const struct mntcompat_statmount *sm)
{
	const char *type = sm->str + sm->fs_type, *subtype = "";
	bool negated = strncmp(list, "no", 2) == 0;
	size_t length = strlen(type);

	if (!(sm->mask & MNTCOMPAT_STATMOUNT_FS_TYPE))
		return false;
	if (sm->mask & MNTCOMPAT_STATMOUNT_FS_SUBTYPE)
		subtype = sm->str + sm->fs_subtype;
	for (list += negated ? 2 : 0; *list; list += strcspn(list, ","), list += *list == ',') {
		size_t word = strcspn(list, ",");

		if (word < length || strncmp(list, type, length))
			continue;
		if (word == length ||
		    (list[length] == '.' && word == length + 1 + strlen(subtype) &&
		     strncmp(list + length + 1, subtype, strlen(subtype)) == 0))
			return !negated;
	}
	return negated;
}

static bool matches(const struct listing *listing, const struct mntcompat_statmount *sm)
{
	if (listing->only && sm->mnt_id != listing->only)
		return false;
	if (listing->types && !has_type(listing->types, sm))
		return false;
	return !listing->source || ((sm->mask & MNTCOMPAT_STATMOUNT_SB_SOURCE) &&
				    strcmp(listing->source, sm->str + sm->sb_source) == 0);
}

static bool is_below(const struct rows *rows, const struct row *row, uint64_t top)
{
	size_t steps;

	/* A table that changes while it is read may have a circle. */
	for (steps = 0; row && steps <= rows->count; steps++) {
		if (row->id == top)
			return true;
		row = parent_of(rows, row);
	}
	return false;
}

/* --- reading --- */

static char *make_cell(const struct column *column, const struct mntcompat_statmount *sm)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	column->write(out, sm);
	if (fclose(out) == EOF) {
		free(text);
		return NULL;
	}
	return text;
}

static int add_row(struct rows *rows, const struct listing *listing,
		   const struct mntcompat_statmount *sm)
{
	struct row *row;
	size_t i;

	if (rows->count == rows->room) {
		size_t more = rows->room ? rows->room * 2 : 64;
		struct row *grown = reallocarray(rows->row, more, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		rows->row = grown;
		rows->room = more;
	}
	row = memset(&rows->row[rows->count++], 0, sizeof(*row));
	row->id = sm->mnt_id;
	row->parent = sm->mnt_parent_id;
	row->listed = matches(listing, sm);
	for (i = 0; row->listed && i < listing->count; i++) {
		size_t c = listing->columns[i];

		if (row->cells[c] || (sm->mask & columns[c].needed) != columns[c].needed)
			continue;
		row->cells[c] = make_cell(&columns[c], sm);
		if (!row->cells[c])
			return -ENOMEM;
	}
	return 0;
}

static int read_rows(const struct mntcompat_table_options *options, struct listing *listing,
		     struct rows *rows)
{
	const struct mntcompat_statmount *sm;
	struct mntcompat_table *table;
	size_t i;
	int ret;

	ret = mntcompat_table_open(options, &table);
	if (ret < 0)
		return ret;
	listing->way = mntcompat_last_way();
	while ((ret = mntcompat_table_next(table, &sm)) > 0) {
		ret = add_row(rows, listing, sm);
		if (ret < 0)
			break;
	}
	mntcompat_table_close(table);
	for (i = 0; listing->below && i < rows->count; i++)
		rows->row[i].listed &= is_below(rows, &rows->row[i], listing->below);
	return ret;
}

/* The row that is printed at place @i. */
static struct row *row_at(const struct listing *listing, const struct rows *rows, size_t i)
{
	return &rows->row[listing->reverse ? rows->count - 1 - i : i];
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
		const struct row *row = row_at(listing, rows, i);

		if (!row->listed)
			continue;
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

/* The member of a column: its name in small letters. An id is a string, see json_id(). */
static void print_member(size_t column, const char *cell)
{
	char key[32];
	size_t i;

	for (i = 0; columns[column].name[i] && i < sizeof(key) - 1; i++) {
		char c = columns[column].name[i];

		key[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	key[i] = '\0';
	if (cell && columns[column].kind == COLUMN_NUMBER)
		json_number(key, strtoull(cell, NULL, 10));
	else
		json_string(key, cell);
}

static void print_json(const struct listing *listing, const struct rows *rows)
{
	size_t i, c;

	json_begin(NULL, '{', false);
	json_string("schema", "mntcompat-listmount/1");
	json_string("version", mntcompat_version());
	json_string("way", mntcompat_way_name(listing->way));
	json_begin("mounts", '[', false);
	for (i = 0; i < rows->count; i++) {
		const struct row *row = row_at(listing, rows, i);
		bool printed[COLUMN_COUNT] = { false };

		if (!row->listed)
			continue;
		json_begin(NULL, '{', true);
		for (c = 0; c < listing->count; c++) {
			size_t column = listing->columns[c];

			/* A name may stand once in an object. */
			if (!printed[column])
				print_member(column, row->cells[column]);
			printed[column] = true;
		}
		json_end();
	}
	json_end();
	json_end();
}

/*
 * The line of a row, made after those of its ancestors that are listed; the next listed ancestor is
 * its parent. A mount may be younger than one below it (mounts move), so the loop goes up to the
 * first ancestor that has a line and adds lines on its way back.
 */
static int add_lines(struct table *table, const struct listing *listing, const struct rows *rows)
{
	struct table_line **lines = calloc(rows->count, sizeof(*lines));
	struct row **path = calloc(rows->count + 1, sizeof(*path));
	int ret = lines && path ? 0 : -ENOMEM;
	size_t i, c, depth;

	for (i = 0; i < rows->count && ret == 0; i++) {
		struct row *row = row_at(listing, rows, i);
		struct table_line *parent = NULL;

		for (depth = 0; row && depth <= rows->count; row = parent_of(rows, row)) {
			parent = lines[row - rows->row];
			if (parent)
				break;
			if (row->listed)
				path[depth++] = row;
			if (listing->format != FORMAT_TREE)
				break;
		}
		while (depth && ret == 0) {
			row = path[--depth];
			/* In a circle of parents a row may come twice. */
			if (lines[row - rows->row])
				continue;
			parent = table_add(table, parent);
			if (!parent)
				ret = -ENOMEM;
			lines[row - rows->row] = parent;
			for (c = 0; c < listing->count && ret == 0; c++)
				ret = table_set(table, parent, c, row->cells[listing->columns[c]],
						SHADE_PLAIN);
		}
	}
	free(lines);
	free(path);
	return ret;
}

static int print_table(const struct listing *listing, const struct rows *rows)
{
	struct table_column table_columns[COLUMN_COUNT * 2];
	struct table *table;
	size_t c;
	int ret;

	for (c = 0; c < listing->count; c++) {
		const struct column *column = &columns[listing->columns[c]];

		table_columns[c].name = column->name;
		table_columns[c].width = column->width;
		table_columns[c].flags = column->kind != COLUMN_STRING ? TABLE_RIGHT :
					 column->whole		       ? 0 :
									 TABLE_CUT;
		if (listing->format == FORMAT_TREE && column->tree)
			table_columns[c].flags = TABLE_TREE;
	}
	table = table_new(table_columns, listing->count);
	ret = table && rows->count ? add_lines(table, listing, rows) : table ? 0 : -ENOMEM;
	if (ret == 0)
		ret = table_print(table);
	table_free(table);
	return ret;
}

static int print_rows(const struct listing *listing, const struct rows *rows)
{
	int ret = 0;

	if (listing->format == FORMAT_RAW)
		print_raw(listing, rows);
	else if (listing->format == FORMAT_JSON)
		print_json(listing, rows);
	else
		ret = print_table(listing, rows);
	if (ret < 0) {
		complain(NULL, -ret, "cannot print the table");
		return EXIT_FAILED;
	}
	return finish_output();
}

static int list_columns(void)
{
	static const struct table_column head[] = {
		{ "COLUMN", 0, 0 },
		{ "TYPE", 0, 0 },
		{ "DESCRIPTION", 0, TABLE_WRAP },
	};
	struct table *table = table_new(head, 3);
	size_t c;
	int ret = table ? 0 : -ENOMEM;

	for (c = 0; c < COLUMN_COUNT && ret == 0; c++) {
		struct table_line *line = table_add(table, NULL);

		ret = line ? table_set(table, line, 0, columns[c].name, SHADE_PLAIN) : -ENOMEM;
		if (ret == 0)
			ret = table_set(table, line, 1,
					columns[c].kind == COLUMN_NUMBER ? "number" : "string",
					SHADE_PLAIN);
		if (ret == 0)
			ret = table_set(table, line, 2, columns[c].help, SHADE_PLAIN);
	}
	if (ret == 0)
		ret = table_print(table);
	table_free(table);
	if (ret < 0) {
		complain(NULL, -ret, "cannot print the columns");
		return EXIT_FAILED;
	}
	return finish_output();
}

/* --- arguments --- */

static void add_column(struct listing *listing, size_t column)
{
	if (listing->count < sizeof(listing->columns) / sizeof(listing->columns[0]))
		listing->columns[listing->count++] = column;
}

/*
 * Reads "target,id", in any case; "+root" adds to those that there are. Returns 0, or EXIT_USAGE
 * after a line on stderr.
 */
static int read_columns(const char *list, struct listing *listing)
{
	if (*list == '+') {
		list++;
		listing->added |= !listing->chosen;
	} else {
		listing->added = false;
		listing->count = 0;
	}
	if (!*list)
		return usage_error(&command_listmount, "--columns needs a column");
	while (*list) {
		size_t length = strcspn(list, ",");
		int column = find_column(list, length);

		if (column < 0)
			return usage_error(&command_listmount,
					   "%.*s is not a column; --list-columns prints all",
					   (int)length, list);
		if (listing->count == sizeof(listing->columns) / sizeof(listing->columns[0]))
			return usage_error(&command_listmount, "too many columns");
		add_column(listing, (size_t)column);
		list += length;
		if (*list == ',')
			list++;
	}
	listing->chosen = true;
	return 0;
}

static bool has_column(const struct listing *listing, size_t column)
{
	size_t c;

	for (c = 0; c < listing->count; c++)
		if (listing->columns[c] == column)
			return true;
	return false;
}

/* Without --columns, and before those of --columns +LIST: the columns that the output has room for.
 */
static int default_to(struct listing *listing, const char *list)
{
	struct listing added = *listing;
	size_t c;
	int status;

	if (listing->chosen && !listing->added)
		return 0;
	listing->count = 0;
	status = read_columns(list, listing);
	listing->chosen = added.chosen;
	for (c = 0; c < added.count && !status; c++)
		if (!has_column(listing, added.columns[c]))
			add_column(listing, added.columns[c]);
	return status;
}

/* JSON has every column, or those that were chosen and the ids that make a tree of them. */
static void complete_columns(struct listing *listing)
{
	size_t c;

	if (listing->format != FORMAT_JSON)
		return;
	for (c = 0; c < COLUMN_COUNT; c++)
		if (!has_column(listing, c) &&
		    (!listing->chosen || strcmp(columns[c].name, "ID") == 0 ||
		     strcmp(columns[c].name, "PARENT") == 0))
			add_column(listing, c);
}

/* Finds the mount that holds @path; returns false after a line on stderr, with @advice. */
static bool find_mount(const char *path, const struct advice *advice, uint64_t *id)
{
	struct mntcompat_statx stx;
	int fd = open_file(path, O_PATH), ret;

	if (fd < 0) {
		complain(advice, errno, "cannot open %s", path);
		return false;
	}
	ret = mntcompat_statx(fd, "", AT_EMPTY_PATH | UAPI_AT_STATX_DONT_SYNC,
			      MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx);
	if (ret == 0 && !(stx.stx_mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE)) {
		errno = EOPNOTSUPP;
		ret = -1;
	}
	if (ret < 0)
		complain(listmount_advice, errno, "cannot find the mount that holds %s", path);
	close(fd);
	*id = stx.stx_mnt_id;
	return ret == 0;
}

/*
 * The operand: the unique id of a mount, the id of a process, or a path. Returns 0 or an exit
 * status after a line on stderr.
 */
static int read_operand(const char *operand, struct listing *listing,
			struct mntcompat_table_options *table, const char **namespace)
{
	uint64_t number;

	if (!read_number(operand, UINT64_MAX, &number))
		return find_mount(operand, operand_advice, &listing->below) ? 0 : EXIT_FAILED;
	if (!number)
		return usage_error(&command_listmount, "0 is neither a mount nor a process");
	if (number > LARGEST_PID) {
		table->mnt_id = number;
		return 0;
	}
	if (*namespace)
		return usage_error(
			&command_listmount,
			"%s is a process id, which excludes --namespace; ids of mounts are larger",
			operand);
	*namespace = operand;
	return 0;
}

enum { KEY_TREE = LONG_ONLY, KEY_REVERSE, KEY_COLUMNS, KEY_LIST_COLUMNS, KEY_NAMESPACE, KEY_COLOR };

static const struct option_row options[] = {
	{ "tree", KEY_TREE, VALUES_NONE, false, NULL,
	  "as a tree: each mount below its parent (default on a terminal)" },
	{ "list", 'l', VALUES_NONE, false, NULL, "as a table (default in a file or pipe)" },
	{ "raw", 'r', VALUES_NONE, false, NULL,
	  "one mount a line, columns separated by one blank" },
	{ "json", 'J', VALUES_NONE, false, NULL, "as JSON, for programs, with all columns" },
	{ "columns", KEY_COLUMNS, VALUES_COLUMNS, false, "LIST",
	  "the columns in LIST; +LIST: TARGET,SOURCE,FSTYPE,OPTIONS (in a file or pipe also ID), as without this option, and LIST" },
	{ "list-columns", KEY_LIST_COLUMNS, VALUES_NONE, false, NULL, "print all columns" },
	{ "types", 't', VALUES_FILESYSTEM, false, "LIST",
	  "only filesystems of these types; noLIST: only others" },
	{ "source", 'S', VALUES_FILE, false, "SOURCE", "only mounts of this source" },
	{ "target", 'T', VALUES_FILE, false, "PATH", "only the mount that holds PATH" },
	{ "reverse", KEY_REVERSE, VALUES_NONE, false, NULL, "from the newest to the oldest" },
	{ "namespace", KEY_NAMESPACE, VALUES_FILE, false, "FILE",
	  "in another mount namespace, for example /proc/PID/ns/mnt" },
	{ "color", KEY_COLOR, VALUES_WHEN, true, "WHEN", "auto (default), always or never" },
	{ NULL, 0, VALUES_NONE, false, NULL, NULL },
};

/* Returns 0 or an exit status; *@done is true if nothing is left to do. */
static int read_options(int argc, char **argv, struct listing *listing, const char **namespace,
			bool *done)
{
	int option, status = 0;

	while (!status && (option = next_option(&command_listmount, argc, argv)) != -1) {
		switch (option) {
		case KEY_TREE:
			listing->format = FORMAT_TREE;
			break;
		case 'l':
			listing->format = FORMAT_LIST;
			break;
		case 'r':
			listing->format = FORMAT_RAW;
			break;
		case 'J':
			listing->format = FORMAT_JSON;
			break;
		case KEY_REVERSE:
			listing->reverse = true;
			break;
		case KEY_COLUMNS:
			status = read_columns(optarg, listing);
			break;
		case KEY_LIST_COLUMNS:
			*done = true;
			break;
		case KEY_NAMESPACE:
			*namespace = optarg;
			break;
		case 't':
			listing->types = optarg;
			break;
		case 'S':
			listing->source = optarg;
			break;
		case 'T':
			status = find_mount(optarg, target_advice, &listing->only) ? 0 :
										     EXIT_FAILED;
			break;
		case KEY_COLOR:
			if (!table_set_colours(optarg))
				status = usage_error(&command_listmount,
						     "--color must be auto, always or never");
			break;
		}
	}
	return status;
}

static int list(const struct mntcompat_table_options *table, struct listing *listing,
		const char *operand, const char *namespace)
{
	struct rows rows = { .row = NULL };
	int status, ret = read_rows(table, listing, &rows);
	bool any = false;
	size_t i;

	for (i = 0; i < rows.count; i++)
		any |= rows.row[i].listed;
	if (ret < 0) {
		if (table->mnt_id)
			complain(listmount_advice, -ret, "cannot list the mounts below mount %s",
				 operand);
		else
			complain(listmount_advice, -ret, "cannot list the mounts of %s",
				 namespace ? namespace : "the current mount namespace");
		status = EXIT_FAILED;
	} else if (listing->below && !find_row(&rows, listing->below)) {
		report("the mount of %s is not in this mount namespace; --namespace lists another one",
		       operand);
		status = EXIT_FAILED;
	} else {
		status = print_rows(listing, &rows);
		/* As findmnt(8): a filter that leaves nothing is an answer for a script. */
		if (!status && !any && (listing->types || listing->source || listing->only))
			status = EXIT_FAILED;
	}
	free_rows(&rows);
	return status;
}

static int run(int argc, char **argv)
{
	struct listing listing = { .format = FORMAT_CHOOSE };
	struct mntcompat_table_options table = { .size = sizeof(table) };
	const char *namespace = NULL, *operand = NULL;
	int fd = -1, status;
	bool done = false, terminal;
	size_t c;

	status = read_options(argc, argv, &listing, &namespace, &done);
	if (status)
		return status;
	if (done)
		return list_columns();
	if (argc - optind > 1)
		return usage_error(&command_listmount,
				   "listmount takes at most one path, process or mount");
	if (optind < argc) {
		operand = argv[optind];
		status = read_operand(operand, &listing, &table, &namespace);
		if (status)
			return status;
	}
	if (listing.format == FORMAT_CHOOSE)
		listing.format = isatty(STDOUT_FILENO) ? FORMAT_TREE : FORMAT_LIST;
	/* Nothing is cut off in a file, nor in what is made for programs. */
	terminal = isatty(STDOUT_FILENO) && listing.format != FORMAT_RAW &&
		   listing.format != FORMAT_JSON;
	default_to(&listing, terminal ? terminal_columns : default_columns);
	complete_columns(&listing);
	for (c = 0; c < listing.count; c++)
		table.mask |= columns[listing.columns[c]].mask;
	if (listing.types)
		table.mask |= MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_FS_SUBTYPE;
	if (listing.source)
		table.mask |= MNTCOMPAT_STATMOUNT_SB_SOURCE;

	if (namespace) {
		fd = open_namespace(namespace);
		if (fd < 0)
			return EXIT_FAILED;
		table.mnt_ns_fd = (uint32_t)fd;
	}
	status = list(&table, &listing, operand, namespace);
	if (fd >= 0)
		close(fd);
	return status;
}

const struct command command_listmount = {
	.name = "listmount",
	.arguments = "[OPTION...] [PATH | PID | ID]",
	.summary = "list the mounts of a mount namespace",
	.notes =
		"PATH: the mount that holds PATH, and the mounts below that mount.\nPID: the mounts of that process.\n"
		"ID: the mounts below the one with this unique id.\n",
	.options = options,
	.operands = { VALUES_FILE, VALUES_OTHER },
	.usage_status = EXIT_USAGE,
	.run = run,
};
