// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-probe.c - "mntcompat probe": prints the report of libmntcompat-probe, one line first, or
 * turns it into an exit status. mntcompat(1) documents both. Uses <mntcompat-probe.h> and libc,
 * nothing inside the libraries.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mntcompat-probe.h>
#include "tools/table.h"
#include "tools/tool.h"

/*
 * 1: a required feature is missing, or a module was not loaded; 3: a required feature works only in
 * part.
 */
#define EXIT_LACKING 1
#define EXIT_PARTLY 3

#define MAX_NAMES 64

static const struct advice probe_advice[] = {
	{ ENOENT, "give a root with modules of that release below lib/modules", NULL },
	{ EACCES, "give a directory that you have permission to read", NULL },
	{ EMFILE, "raise the limit of open files: ulimit -n", NULL },
	{ EINVAL,
	  "--kernel-release takes the name of a directory below lib/modules; --load works for the running kernel only",
	  NULL },
	{ 0, NULL, NULL },
};

struct names {
	const char *name[MAX_NAMES + 1];
	size_t count;
};

struct request {
	struct mntcompat_probe_options options;
	struct names operands; /* features, types or fs:TYPE */
	struct names features; /* to print; with none, all that are not native */
	struct names reported; /* these and the required ones; with none, all */
	struct names types;    /* of filesystems */
	struct names guessed;  /* those of them that may be misspelt features */
	struct names required;
	bool json, quiet, all, filesystems, limits, other_system;
};

/* True if a part of the report was asked for, and not the summary. */
static bool is_chosen(const struct request *request)
{
	return request->operands.count || request->filesystems || request->limits ||
	       request->other_system || request->options.flags & MNTCOMPAT_PROBE_LOAD;
}

/* --- tables for people --- */

static void heading(bool *before)
{
	if (*before)
		putchar('\n');
	*before = true;
}

/* The words of the table and of the first line; JSON has those of mntcompat_probe_state_name(). */
static const struct state {
	const char *word;
	enum shade shade;
} states[] = {
	[MNTCOMPAT_PROBE_NATIVE] = { "native", SHADE_GOOD },
	[MNTCOMPAT_PROBE_EMULATED] = { "emulated", SHADE_PLAIN },
	[MNTCOMPAT_PROBE_PARTLY] = { "partial", SHADE_MIDDLING },
	[MNTCOMPAT_PROBE_UNAVAILABLE] = { "missing", SHADE_BAD },
};

static int feature_note(const struct mntcompat_probe_feature *row, char *note, size_t size)
{
	switch (row->state) {
	case MNTCOMPAT_PROBE_NATIVE:
		return snprintf(note, size, "%s", row->detail);
	case MNTCOMPAT_PROBE_EMULATED:
		return snprintf(note, size, "way %s%s%s", mntcompat_way_name(row->way),
				*row->detail ? ": " : "", row->detail);
	case MNTCOMPAT_PROBE_PARTLY:
		return snprintf(note, size, "way %s; lost: %s", mntcompat_way_name(row->way),
				row->lost);
	default:
		return snprintf(note, size, "%s: %s", mntcompat_probe_reason_name(row->reason),
				row->detail);
	}
}

static bool is_wanted(const struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->count; i++)
		if (strcmp(names->name[i], name) == 0)
			return true;
	return false;
}

/* The cells of a line; a text that is NULL or the last one leaves the rest of them empty. */
static int add_cells(struct table *table, enum shade shade, size_t shaded, const char *const *cells,
		     size_t count)
{
	struct table_line *line = table_add(table, NULL);
	int ret = line ? 0 : -ENOMEM;
	size_t c;

	for (c = 0; c < count && ret == 0; c++)
		ret = table_set(table, line, c, cells[c], c == shaded ? shade : SHADE_PLAIN);
	return ret;
}

/* Prints @table and releases it; @ret is the result of filling it. */
static int end_table(struct table *table, int ret, bool *before, bool filled)
{
	if (ret == 0 && filled) {
		heading(before);
		ret = table_print(table);
	}
	table_free(table);
	return ret;
}

static int print_features(const struct request *request, const struct mntcompat_probe *probe,
			  bool *before)
{
	static const struct table_column head[] = {
		{ "FEATURE", 0, 0 },
		{ "SINCE", 0, 0 },
		{ "STATE", 0, 0 },
		{ "HOW", 0, TABLE_WRAP },
	};
	struct table *table = table_new(head, 4);
	const struct mntcompat_probe_feature *row;
	int ret = table ? 0 : -ENOMEM;
	bool filled = false;
	char note[512];
	size_t i;

	for (i = 0; ret == 0 && (row = mntcompat_probe_feature(probe, i)); i++) {
		const char *cells[] = { row->name, row->since, states[row->state].word, note };

		if (request->features.count ? !is_wanted(&request->features, row->name) :
					      row->state == MNTCOMPAT_PROBE_NATIVE && !request->all)
			continue;
		feature_note(row, note, sizeof(note));
		ret = add_cells(table, states[row->state].shade, 2, cells, 4);
		filled = true;
	}
	return end_table(table, ret, before, filled);
}

static enum shade filesystem_shade(enum mntcompat_probe_filesystem_state state)
{
	switch (state) {
	case MNTCOMPAT_PROBE_FS_MISSING:
		return SHADE_BAD;
	case MNTCOMPAT_PROBE_FS_BLACKLISTED:
	case MNTCOMPAT_PROBE_FS_UNKNOWN:
		return SHADE_MIDDLING;
	case MNTCOMPAT_PROBE_FS_LOADABLE:
		return SHADE_PLAIN;
	default:
		return SHADE_GOOD;
	}
}

static int filesystem_note(const struct mntcompat_probe_filesystem *row, char *note, size_t size)
{
	size_t len = 0, i;

	note[0] = '\0';
#define ADD(...) (len < size ? len += (size_t)snprintf(note + len, size - len, __VA_ARGS__) : 0)
	if (row->module && strcmp(row->module, row->type))
		ADD("module %s", row->module);
	for (i = 0; row->depends[i]; i++)
		ADD("%s%s", i ? " " : len ? "; needs " : "needs ", row->depends[i]);
	if (*row->detail)
		ADD("%s%s", len ? "; " : "", row->detail);
	if (row->load_error)
		ADD("%snot loaded: %s", len ? "; " : "", strerror(row->load_error));
#undef ADD
	return (int)len;
}

static int print_filesystems(const struct request *request, const struct mntcompat_probe *probe,
			     bool *before)
{
	static const struct table_column head[] = {
		{ "FILESYSTEM", 0, 0 },
		{ "STATE", 0, 0 },
		{ "MODULE", 0, TABLE_WRAP },
	};
	struct table *table = table_new(head, 3);
	const struct mntcompat_probe_filesystem *row;
	int ret = table ? 0 : -ENOMEM;
	char note[1024];
	size_t i;

	if (request->other_system && mntcompat_probe_filesystem(probe, 0)) {
		heading(before);
		print_escaped(request->options.root ? request->options.root : "/");
		printf(", Linux %s\n", mntcompat_probe_release(probe));
		*before = false;
	}
	for (i = 0; ret == 0 && (row = mntcompat_probe_filesystem(probe, i)); i++) {
		const char *cells[] = { row->type,
					mntcompat_probe_filesystem_state_name(row->state), note };

		filesystem_note(row, note, sizeof(note));
		ret = add_cells(table, filesystem_shade(row->state), 1, cells, 3);
	}
	return end_table(table, ret, before, i > 0);
}

/* All limits, or those because of which calls fail. */
static int print_limits(const struct request *request, const struct mntcompat_probe *probe,
			bool *before)
{
	static const struct table_column head[] = {
		{ "LIMIT", 0, 0 },
		{ "VALUE", 0, TABLE_RIGHT },
		{ "EFFECT", 0, TABLE_WRAP },
	};
	struct table *table = table_new(head, 3);
	const struct mntcompat_probe_limit *row;
	int ret = table ? 0 : -ENOMEM;
	bool filled = false;
	char value[32];
	size_t i;

	for (i = 0; ret == 0 && (row = mntcompat_probe_limit(probe, i)); i++) {
		const char *cells[] = { row->name, row->known ? value : "-", row->detail };

		if (!request->all && !request->limits && !row->bites)
			continue;
		snprintf(value, sizeof(value), "%" PRIu64, row->value);
		ret = add_cells(table, row->bites ? SHADE_BAD : SHADE_PLAIN, 1, cells, 3);
		filled = true;
	}
	return end_table(table, ret, before, filled);
}

static void print_troubles(const struct mntcompat_probe *probe)
{
	const char *trouble;
	size_t i;

	fflush(stdout);
	for (i = 0; (trouble = mntcompat_probe_trouble(probe, i)); i++)
		report("%s", trouble);
}

/* How many features have a state, and its word. */
#define COUNTED(state) count[MNTCOMPAT_PROBE_##state], states[MNTCOMPAT_PROBE_##state].word

/*
 * "Linux 6.18.44, root, no filter: 19 native, 6 emulated, 3 partial, 0 missing": one line, which a
 * mode, a level or a container makes longer than a terminal is wide.
 */
static int print_first_line(const struct mntcompat_probe *probe)
{
	static const char *const modes[] = {
		[MNTCOMPAT_MODE_NATIVE] = ", mode native",
		[MNTCOMPAT_MODE_EMULATE] = ", mode emulate",
	};
	enum mntcompat_mode mode = mntcompat_get_mode();
	const char *release = mntcompat_probe_release(probe);
	const struct mntcompat_probe_feature *row;
	unsigned int major, minor, count[5] = { 0 };
	char level[32] = "", *line;
	size_t i;

	for (i = 0; (row = mntcompat_probe_feature(probe, i)); i++)
		count[row->state]++;
	if (mntcompat_get_kernel(&major, &minor))
		snprintf(level, sizeof(level), " as on %u.%u", major, minor);
	/* The distribution's part of the name would not fit into a line. */
	if (asprintf(&line, "Linux %.*s%s%s, %s, %s: %u %s, %u %s, %u %s, %u %s",
		     (int)strcspn(release, "-"), release, level,
		     mode == MNTCOMPAT_MODE_AUTO ? "" : modes[mode], caller_privilege(),
		     is_filtered() ? "seccomp filter" : "no filter", COUNTED(NATIVE),
		     COUNTED(EMULATED), COUNTED(PARTLY), COUNTED(UNAVAILABLE)) < 0)
		return -ENOMEM;
	if (isatty(STDOUT_FILENO))
		print_wrapped(line, 2, 0);
	else
		puts(line);
	free(line);
	return 0;
}

static int print_report(const struct request *request, const struct mntcompat_probe *probe)
{
	bool before = false, chosen = is_chosen(request);
	int ret = 0;

	if (mntcompat_probe_feature(probe, 0) && !chosen) {
		ret = print_first_line(probe);
		before = true;
	}
	if (ret == 0 && (request->features.count || !chosen))
		ret = print_features(request, probe, &before);
	if (ret == 0)
		ret = print_filesystems(request, probe, &before);
	if (ret == 0)
		ret = print_limits(request, probe, &before);
	if (ret == 0 && !chosen && !request->all)
		puts("\n--all prints the native features, filesystems and limits too.");
	if (ret == 0)
		return EXIT_SUCCESS;
	complain(NULL, -ret, "cannot print the report");
	return EXIT_FAILED;
}

/* --- requirements --- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

#define LONGEST_NAME 63
#define NEAR 2 /* letters */

/* The letters to change, add or drop in @a for @b, where "-" is as good as "_". */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST_NAME + 1], length = strlen(b), i, j;

	if (length > LONGEST_NAME || strlen(a) > LONGEST_NAME)
		return LONGEST_NAME;
	for (j = 0; j <= length; j++)
		row[j] = j;
	for (i = 0; a[i]; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (j = 0; j < length; j++) {
			char letter = a[i] == '-' ? '_' : a[i];
			size_t changed = corner + (letter != b[j]);

			corner = row[j + 1];
			row[j + 1] = least(changed, least(row[j], corner) + 1);
		}
	}
	return row[length];
}

/* The feature whose name is the most like @name; NULL if none is much like it. */
static const char *near_feature(const struct mntcompat_probe *probe, const char *name)
{
	const struct mntcompat_probe_feature *row;
	const char *nearest = NULL;
	size_t best = NEAR + 1, i;

	for (i = 0; (row = mntcompat_probe_feature(probe, i)); i++) {
		size_t letters = distance(name, row->name);

		/* "xfs" is not a misspelt "table". */
		if (letters < best && letters < strlen(name) / 2) {
			best = letters;
			nearest = row->name;
		}
	}
	return nearest;
}

static int no_feature(const struct mntcompat_probe *probe, const char *name)
{
	const char *nearest = near_feature(probe, name);

	return usage_error(&command_probe,
			   "no feature is called %s%s%s; for a filesystem write fs:%s", name,
			   nearest ? ", but there is " : "", nearest ? nearest : "", name);
}

static const struct mntcompat_probe_filesystem *find_filesystem(const struct mntcompat_probe *probe,
								const char *type)
{
	const struct mntcompat_probe_filesystem *row;
	size_t i;

	for (i = 0; (row = mntcompat_probe_filesystem(probe, i)); i++)
		if (strcmp(row->type, type) == 0)
			return row;
	return NULL;
}

/*
 * A word without a dot may be a filesystem's type or a misspelt feature. It is the latter if this
 * system has neither the filesystem nor a module for it; if that is unknown, if a feature has
 * nearly this name. @names is a report with all features.
 */
static int check_guessed(const struct request *request, const struct mntcompat_probe *probe,
			 const struct mntcompat_probe *names)
{
	size_t i;

	for (i = 0; i < request->guessed.count; i++) {
		const char *name = request->guessed.name[i];
		const struct mntcompat_probe_filesystem *row = find_filesystem(probe, name);

		if (!row || row->module)
			continue;
		if (row->state == MNTCOMPAT_PROBE_FS_MISSING ||
		    (row->state == MNTCOMPAT_PROBE_FS_UNKNOWN && near_feature(names, name)))
			return no_feature(names, name);
	}
	return EXIT_SUCCESS;
}

/* --require fs:TYPE */
static int check_filesystem(const struct mntcompat_probe *probe, const char *type, bool quiet)
{
	const struct mntcompat_probe_filesystem *row = find_filesystem(probe, type);

	/* Not reached: every required type is in the report. */
	if (!row)
		return EXIT_LACKING;
	switch (row->state) {
	case MNTCOMPAT_PROBE_FS_BLACKLISTED:
	case MNTCOMPAT_PROBE_FS_MISSING:
	case MNTCOMPAT_PROBE_FS_UNKNOWN:
		if (!quiet)
			report("fs:%s is %s%s%s", type,
			       mntcompat_probe_filesystem_state_name(row->state),
			       *row->detail ? ": " : "", row->detail);
		return EXIT_LACKING;
	default:
		return EXIT_SUCCESS;
	}
}

static int check_feature(const struct mntcompat_probe *probe, const char *name, bool quiet)
{
	const struct mntcompat_probe_feature *row = mntcompat_probe_find(probe, name);
	char note[512];

	if (!row)
		return no_feature(probe, name);
	if (row->state != MNTCOMPAT_PROBE_PARTLY && row->state != MNTCOMPAT_PROBE_UNAVAILABLE)
		return EXIT_SUCCESS;
	feature_note(row, note, sizeof(note));
	if (!quiet)
		report("%s is %s: %s", name,
		       row->state == MNTCOMPAT_PROBE_PARTLY ? "available in part" : "not available",
		       note);
	return row->state == MNTCOMPAT_PROBE_PARTLY ? EXIT_PARTLY : EXIT_LACKING;
}

/*
 * Returns the worst status: a name that does not exist, a missing feature, one that works in part.
 */
static int check_required(const struct request *request, const struct mntcompat_probe *probe)
{
	int worst = EXIT_SUCCESS;
	size_t i;

	for (i = 0; i < request->required.count; i++) {
		const char *name = request->required.name[i];
		int status = strncmp(name, "fs:", 3) ?
				     check_feature(probe, name, request->quiet) :
				     check_filesystem(probe, name + 3, request->quiet);

		if (status == EXIT_USAGE)
			return status;
		if (status && worst != EXIT_LACKING)
			worst = status;
	}
	return worst;
}

static int check_loaded(const struct mntcompat_probe *probe)
{
	const struct mntcompat_probe_filesystem *row;
	int status = EXIT_SUCCESS;
	size_t i;

	for (i = 0; (row = mntcompat_probe_filesystem(probe, i)); i++) {
		if (!row->load_error)
			continue;
		complain(NULL, row->load_error, "cannot load module %s for %s", row->module,
			 row->type);
		status = EXIT_LACKING;
	}
	return status;
}

/* --- the command --- */

static int print_json(const struct mntcompat_probe *probe)
{
	char *text;
	int ret = mntcompat_probe_json(probe, &text);

	if (ret < 0) {
		complain(NULL, -ret, "cannot make the JSON report");
		return EXIT_FAILED;
	}
	fputs(text, stdout);
	free(text);
	return EXIT_SUCCESS;
}

/* Returns EXIT_SUCCESS, or EXIT_FAILED after a line on stderr. */
static int make_report(const struct mntcompat_probe_options *options,
		       struct mntcompat_probe **probe)
{
	int ret = mntcompat_probe_run(options, probe);

	if (ret == 0)
		return EXIT_SUCCESS;
	complain(probe_advice, -ret, "cannot probe%s%s%s%s", options->root ? " " : "",
		 options->root ? options->root : "", options->kernel_release ? " for Linux " : "",
		 options->kernel_release ? options->kernel_release : "");
	return EXIT_FAILED;
}

/* @names: a report with all features, or NULL if no operand may be one. */
static int run(const struct request *request, const struct mntcompat_probe *names)
{
	struct mntcompat_probe *probe;
	int status, ret;

	if (make_report(&request->options, &probe))
		return EXIT_FAILED;
	status = check_guessed(request, probe, names);
	if (!status)
		status = check_required(request, probe);
	if (status == EXIT_USAGE) {
		mntcompat_probe_free(probe);
		return status;
	}
	ret = EXIT_SUCCESS;
	if (!request->quiet)
		print_troubles(probe);
	if (request->json)
		ret = print_json(probe);
	else if (!request->quiet && !request->required.count)
		ret = print_report(request, probe);
	if (!status)
		status = check_loaded(probe);
	mntcompat_probe_free(probe);
	if (ret || finish_output())
		return EXIT_FAILED;
	return status;
}

static int add_name(struct names *names, const char *name)
{
	if (names->count == MAX_NAMES)
		return usage_error(&command_probe, "probe takes at most %d names", MAX_NAMES);
	names->name[names->count++] = name;
	return EXIT_SUCCESS;
}

/*
 * The features of the report, in the table and in JSON: those that are operands, and those that are
 * required besides. Without operands the report has all.
 */
static int choose_features(struct request *request, const struct mntcompat_probe *names)
{
	size_t i;

	if (!request->features.count)
		return EXIT_SUCCESS;
	request->reported = request->features;
	for (i = 0; i < request->required.count; i++) {
		const char *name = request->required.name[i];

		if (!strncmp(name, "fs:", 3))
			continue;
		if (!mntcompat_probe_find(names, name))
			return no_feature(names, name);
		if (add_name(&request->reported, name))
			return EXIT_USAGE;
	}
	request->options.features = request->reported.name;
	return EXIT_SUCCESS;
}

/* Of a feature, or of a filesystem with or without "fs:". */
static bool is_name(const char *name)
{
	if (strncmp(name, "fs:", 3) == 0)
		name += 3;
	return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789_-.")];
}

/*
 * Sorts the operands into features and filesystems. *@names receives a report with the names of all
 * features if they are needed. A name with a dot that is none of them is a mistake, unless it is a
 * type such as fuse.sshfs.
 */
static int sort_operands(struct request *request, struct mntcompat_probe **names)
{
	struct mntcompat_probe_options options = { .size = sizeof(options),
						   .flags = MNTCOMPAT_PROBE_FEATURES };
	int status = EXIT_SUCCESS;
	size_t i;

	for (i = 0; i < request->operands.count && !status; i++) {
		const char *name = request->operands.name[i];

		if (!is_name(name)) {
			status = usage_error(&command_probe,
					     "'%s' is not the name of a feature or filesystem",
					     name);
			continue;
		}
		if (strncmp(name, "fs:", 3) == 0) {
			status = add_name(&request->types, name + 3);
			continue;
		}
		if (!*names && make_report(&options, names))
			return EXIT_FAILED;
		if (mntcompat_probe_find(*names, name)) {
			status = add_name(&request->features, name);
			continue;
		}
		if (strchr(name, '.') && strncmp(name, "fuse.", 5) && strncmp(name, "fuseblk.", 8))
			return no_feature(*names, name);
		status = add_name(&request->types, name);
		/* Features are those of the running kernel. */
		if (!status && !request->other_system && !strchr(name, '.'))
			status = add_name(&request->guessed, name);
	}
	status = status ? status : choose_features(request, *names);
	if (!status && request->features.count && request->other_system)
		status = usage_error(
			&command_probe,
			"%s is a feature of the running kernel; --root and --kernel-release are for filesystems",
			request->features.name[0]);
	return status;
}

/* The parts of the report that are needed; none of the flags means all of this system's. */
static void choose_parts(struct request *request)
{
	uint64_t flags = request->options.flags & MNTCOMPAT_PROBE_LOAD;
	bool report_is_printed = request->json || !request->required.count;
	size_t i;

	request->options.size = sizeof(request->options);
	for (i = 0; i < request->required.count; i++)
		if (strncmp(request->required.name[i], "fs:", 3))
			flags |= MNTCOMPAT_PROBE_FEATURES;
	if (request->types.count || flags & MNTCOMPAT_PROBE_LOAD || request->filesystems ||
	    request->other_system)
		flags |= MNTCOMPAT_PROBE_FILESYSTEMS;
	if (request->limits)
		flags |= MNTCOMPAT_PROBE_LIMITS;
	if (request->features.count)
		flags |= MNTCOMPAT_PROBE_FEATURES;
	if (report_is_printed && !is_chosen(request)) {
		flags |= MNTCOMPAT_PROBE_FEATURES | MNTCOMPAT_PROBE_LIMITS;
		if (request->json || request->all)
			flags |= MNTCOMPAT_PROBE_FILESYSTEMS;
	}
	request->options.flags = flags;
	if (request->types.count)
		request->options.filesystems = request->types.name;
}

enum {
	KEY_REQUIRE = LONG_ONLY,
	KEY_FILESYSTEMS,
	KEY_LIMITS,
	KEY_ROOT,
	KEY_RELEASE,
	KEY_LOAD,
	KEY_COLOR
};

static const struct option_row options[] = {
	{ "all", 'a', VALUES_NONE, false, NULL,
	  "print native features, filesystems and limits, too" },
	{ "filesystems", KEY_FILESYSTEMS, VALUES_NONE, false, NULL, "print the filesystems" },
	{ "limits", KEY_LIMITS, VALUES_NONE, false, NULL, "print the limits" },
	{ "json", 'J', VALUES_NONE, false, NULL, "print the report, or the chosen parts, as JSON" },
	{ "require", KEY_REQUIRE, VALUES_FEATURE, false, "NAME",
	  "check this feature, or the filesystem fs:TYPE: exit with 0 if it is available, 3 if in part, 1 if not" },
	{ "quiet", 'q', VALUES_NONE, false, NULL, "print nothing" },
	{ "root", KEY_ROOT, VALUES_DIRECTORY, false, "DIR",
	  "filesystems of the system installed in DIR" },
	{ "kernel-release", KEY_RELEASE, VALUES_OTHER, false, "RELEASE",
	  "filesystems of another kernel than the running one" },
	{ "load", KEY_LOAD, VALUES_NONE, false, NULL,
	  "load the modules of missing filesystems (needs root)" },
	{ "color", KEY_COLOR, VALUES_WHEN, true, "WHEN", "auto (default), always or never" },
	{ NULL, 0, VALUES_NONE, false, NULL, NULL },
};

static int read_options(int argc, char **argv, struct request *request)
{
	int option, status = EXIT_SUCCESS;

	while (!status && (option = next_option(&command_probe, argc, argv)) != -1) {
		switch (option) {
		case 'a':
			request->all = true;
			break;
		case KEY_FILESYSTEMS:
			request->filesystems = true;
			break;
		case KEY_LIMITS:
			request->limits = true;
			break;
		case 'J':
			request->json = true;
			break;
		case 'q':
			request->quiet = true;
			break;
		case KEY_REQUIRE:
			status = add_name(&request->required, optarg);
			if (!status && !strncmp(optarg, "fs:", 3))
				status = add_name(&request->types, optarg + 3);
			break;
		case KEY_RELEASE:
			request->options.kernel_release = optarg;
			break;
		case KEY_ROOT:
			request->options.root = optarg;
			break;
		case KEY_LOAD:
			request->options.flags |= MNTCOMPAT_PROBE_LOAD;
			break;
		case KEY_COLOR:
			if (!table_set_colours(optarg))
				status = usage_error(&command_probe,
						     "--color must be auto, always or never");
			break;
		}
	}
	request->other_system = request->options.root || request->options.kernel_release;
	for (; !status && optind < argc; optind++)
		status = add_name(&request->operands, argv[optind]);
	return status;
}

static int command(int argc, char **argv)
{
	struct request request = { .json = false };
	struct mntcompat_probe *names = NULL;
	int status = read_options(argc, argv, &request);

	if (status)
		return status;
	if (request.quiet && request.json)
		return usage_error(&command_probe, "--quiet and --json exclude each other");
	if (request.quiet && !request.required.count &&
	    !(request.options.flags & MNTCOMPAT_PROBE_LOAD))
		return usage_error(&command_probe, "--quiet needs --require or --load");
	status = sort_operands(&request, &names);
	if (!status) {
		choose_parts(&request);
		status = run(&request, names);
	}
	mntcompat_probe_free(names);
	return status;
}

const struct command command_probe = {
	.name = "probe",
	.arguments = "[OPTION...] [FEATURE | TYPE]...",
	.summary = "report which mount features this process has natively, emulated, or not at all",
	.notes =
		"FEATURE: only this feature. TYPE, or fs:TYPE: only this filesystem; fs:TYPE even if this system lacks it.\n",
	.options = options,
	.operands = { VALUES_FEATURE, VALUES_FEATURE },
	.usage_status = EXIT_USAGE,
	.run = command,
};
