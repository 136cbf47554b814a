// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-probe.c - "mntcompat probe": prints the report of libmntcompat-probe as a table or as JSON,
 * or turns it into an exit status. mntcompat(1) documents both. Uses <mntcompat-probe.h> and libc,
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
#include <sys/ioctl.h>
#include <unistd.h>

#include <mntcompat-probe.h>
#include "tools/tool.h"

/*
 * 1: a required feature is missing, or a module was not loaded; 3: a required feature works only in
 * part.
 */
#define EXIT_LACKING 1
#define EXIT_PARTLY 3

#define MAX_NAMES 64
#define WIDTH_OF_A_FILE 80
#define NARROWEST 40

static const struct advice probe_advice[] = {
	{ ENOENT, "give a root with modules of that release below lib/modules" },
	{ EACCES, "give a directory that you have permission to read" },
	{ EMFILE, "raise the limit of open files: ulimit -n" },
	{ EINVAL,
	  "a type consists of letters, digits, _, - and .; --load works for the running kernel only" },
	{ 0, NULL },
};

struct request {
	struct mntcompat_probe_options options;
	const char *types[MAX_NAMES + 1];
	const char *required[MAX_NAMES];
	size_t types_count, required_count;
	bool json, quiet, other_system;
};

/* --- a table for people --- */

enum colour { PLAIN, GOOD, MIDDLING, BAD, DIM };

struct layout {
	int width;
	bool colours;
};

static struct layout find_layout(void)
{
	struct layout layout = { WIDTH_OF_A_FILE, false };
	const char *columns = getenv("COLUMNS"), *term = getenv("TERM");
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return layout;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		layout.width = size.ws_col;
	else if (columns && atoi(columns) > 0)
		layout.width = atoi(columns);
	if (layout.width < NARROWEST)
		layout.width = NARROWEST;
	layout.colours = !getenv("NO_COLOR") && term && strcmp(term, "dumb");
	return layout;
}

static void begin_colour(const struct layout *layout, enum colour colour)
{
	static const char *const codes[] = { "", "\033[32m", "\033[33m", "\033[31m", "\033[2m" };

	if (layout->colours)
		fputs(codes[colour], stdout);
}

static void end_colour(const struct layout *layout, enum colour colour)
{
	if (layout->colours && colour != PLAIN)
		fputs("\033[0m", stdout);
}

static void heading(const struct layout *layout, const char *text)
{
	fputs(layout->colours ? "\033[1m" : "", stdout);
	fputs(text, stdout);
	fputs(layout->colours ? "\033[0m\n" : "\n", stdout);
}

/*
 * Prints words from column @from on, broken at blanks; the first line has reached column @at
 * already.
 */
static void wrap(const struct layout *layout, const char *text, int from, int at)
{
	while (*text) {
		int len = (int)strcspn(text, " ");

		if (at > from && at + 1 + len > layout->width) {
			printf("\n%*s", from, "");
			at = from;
		}
		if (at > from) {
			putchar(' ');
			at++;
		}
		for (int i = 0; i < len; i++) {
			char one[2] = { text[i], '\0' };

			print_escaped(one);
		}
		at += len;
		text += len;
		text += *text == ' ';
	}
	putchar('\n');
}

static enum colour state_colour(enum mntcompat_probe_state state)
{
	switch (state) {
	case MNTCOMPAT_PROBE_NATIVE:
		return GOOD;
	case MNTCOMPAT_PROBE_EMULATED:
		return PLAIN;
	case MNTCOMPAT_PROBE_PARTLY:
		return MIDDLING;
	default:
		return BAD;
	}
}

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

#define NAME_COLUMN 34
#define STATE_COLUMN 12

static void print_features(const struct layout *layout, const struct mntcompat_probe *probe)
{
	const struct mntcompat_probe_feature *row;
	char note[512];
	size_t i;

	heading(layout, "FEATURE                           SINCE STATE       HOW");
	for (i = 0; (row = mntcompat_probe_feature(probe, i)); i++) {
		enum colour colour = state_colour(row->state);
		int from = NAME_COLUMN + 6 + STATE_COLUMN;
		bool below;

		printf("%-*s%-6s", NAME_COLUMN, row->name, row->since);
		begin_colour(layout, colour);
		feature_note(row, note, sizeof(note));
		/* A note that does not fit beside the state goes on the next line. */
		below = from + (int)strlen(note) > layout->width;
		printf("%-*s", *note && !below ? STATE_COLUMN : 0,
		       mntcompat_probe_state_name(row->state));
		end_colour(layout, colour);
		if (below) {
			printf("\n    ");
			from = 4;
		}
		wrap(layout, note, from, from);
	}
}

static enum colour filesystem_colour(enum mntcompat_probe_filesystem_state state)
{
	switch (state) {
	case MNTCOMPAT_PROBE_FS_MISSING:
		return BAD;
	case MNTCOMPAT_PROBE_FS_BLACKLISTED:
	case MNTCOMPAT_PROBE_FS_UNKNOWN:
		return MIDDLING;
	case MNTCOMPAT_PROBE_FS_LOADABLE:
		return PLAIN;
	default:
		return GOOD;
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

static void print_filesystems(const struct layout *layout, const struct mntcompat_probe *probe)
{
	const struct mntcompat_probe_filesystem *row;
	char note[1024];
	size_t i;

	heading(layout, "FILESYSTEM  STATE       MODULE");
	for (i = 0; (row = mntcompat_probe_filesystem(probe, i)); i++) {
		enum colour colour = filesystem_colour(row->state);

		printf("%-11s ", row->type);
		begin_colour(layout, colour);
		filesystem_note(row, note, sizeof(note));
		printf("%-*s", *note ? STATE_COLUMN : 0,
		       mntcompat_probe_filesystem_state_name(row->state));
		end_colour(layout, colour);
		wrap(layout, note, 12 + STATE_COLUMN, 12 + STATE_COLUMN);
	}
}

static void print_limits(const struct layout *layout, const struct mntcompat_probe *probe)
{
	const struct mntcompat_probe_limit *row;
	size_t i;

	heading(layout, "LIMIT                             VALUE");
	for (i = 0; (row = mntcompat_probe_limit(probe, i)); i++) {
		int at = NAME_COLUMN;

		printf("%-*s", NAME_COLUMN, row->name);
		begin_colour(layout, row->bites ? BAD : PLAIN);
		if (row->known)
			at += printf("%" PRIu64, row->value);
		else
			at += printf("-");
		end_colour(layout, row->bites ? BAD : PLAIN);
		if (*row->detail) {
			printf("%*s", NAME_COLUMN + 18 > at ? NAME_COLUMN + 18 - at : 1, "");
			at = NAME_COLUMN + 18;
			if (at + (int)strlen(row->detail) > layout->width) {
				printf("\n    ");
				at = 4;
			}
			wrap(layout, row->detail, at, at);
		} else {
			putchar('\n');
		}
	}
}

static void print_troubles(const struct mntcompat_probe *probe)
{
	const char *trouble;
	size_t i;

	fflush(stdout);
	for (i = 0; (trouble = mntcompat_probe_trouble(probe, i)); i++)
		fprintf(stderr, "mntcompat: %s\n", trouble);
}

static void print_report(const struct request *request, const struct mntcompat_probe *probe)
{
	struct layout layout = find_layout();
	bool before = false;

	if (mntcompat_probe_feature(probe, 0)) {
		print_features(&layout, probe);
		before = true;
	}
	if (mntcompat_probe_filesystem(probe, 0)) {
		if (before)
			putchar('\n');
		if (request->other_system)
			printf("%s, Linux %s\n",
			       request->options.root ? request->options.root : "/",
			       mntcompat_probe_release(probe));
		print_filesystems(&layout, probe);
		before = true;
	}
	if (mntcompat_probe_limit(probe, 0)) {
		if (before)
			putchar('\n');
		print_limits(&layout, probe);
	}
}

/* --- requirements --- */

/* --require fs:TYPE */
static int check_filesystem(const struct mntcompat_probe *probe, const char *type, bool quiet)
{
	const struct mntcompat_probe_filesystem *row;
	size_t i;

	for (i = 0; (row = mntcompat_probe_filesystem(probe, i)); i++)
		if (strcmp(row->type, type) == 0)
			break;
	/* Not reached: every required type is in the report. */
	if (!row)
		return EXIT_LACKING;
	switch (row->state) {
	case MNTCOMPAT_PROBE_FS_BLACKLISTED:
	case MNTCOMPAT_PROBE_FS_MISSING:
	case MNTCOMPAT_PROBE_FS_UNKNOWN:
		if (!quiet)
			fprintf(stderr, "mntcompat: fs:%s is %s%s%s\n", type,
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
		return usage_error(EXIT_USAGE, "no feature is called %s", name);
	if (row->state != MNTCOMPAT_PROBE_PARTLY && row->state != MNTCOMPAT_PROBE_UNAVAILABLE)
		return EXIT_SUCCESS;
	feature_note(row, note, sizeof(note));
	if (!quiet)
		fprintf(stderr, "mntcompat: %s is %s: %s\n", name,
			row->state == MNTCOMPAT_PROBE_PARTLY ? "available in part" :
							       "not available",
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

	for (i = 0; i < request->required_count; i++) {
		const char *name = request->required[i];
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

static int run(const struct request *request)
{
	struct mntcompat_probe *probe;
	int status, ret = mntcompat_probe_run(&request->options, &probe);

	if (ret < 0) {
		complain(probe_advice, -ret, "cannot probe%s%s%s%s",
			 request->options.root ? " " : "",
			 request->options.root ? request->options.root : "",
			 request->options.kernel_release ? " for Linux " : "",
			 request->options.kernel_release ? request->options.kernel_release : "");
		return EXIT_FAILED;
	}
	status = check_required(request, probe);
	if (status == EXIT_USAGE) {
		mntcompat_probe_free(probe);
		return status;
	}
	if (!request->quiet)
		print_troubles(probe);
	if (request->json)
		ret = print_json(probe);
	else if (!request->quiet && !request->required_count)
		print_report(request, probe);
	if (!status)
		status = check_loaded(probe);
	mntcompat_probe_free(probe);
	if (ret || finish_output())
		return EXIT_FAILED;
	return status;
}

static int add_name(const char **names, size_t *count, const char *name)
{
	if (*count == MAX_NAMES)
		return usage_error(EXIT_USAGE, "probe takes at most %d names", MAX_NAMES);
	names[(*count)++] = name;
	return EXIT_SUCCESS;
}

/* The parts of the report that are needed; none of the flags means all of this system's. */
static void choose_parts(struct request *request)
{
	size_t i;
	bool features = false;

	request->other_system = request->options.root || request->options.kernel_release;
	request->options.size = sizeof(request->options);
	for (i = 0; i < request->required_count; i++)
		features |= strncmp(request->required[i], "fs:", 3) != 0;
	if (request->required_count && !request->json)
		request->options.flags |= (features ? MNTCOMPAT_PROBE_FEATURES : 0) |
					  (request->types_count ? MNTCOMPAT_PROBE_FILESYSTEMS : 0);
	else if (request->other_system || (request->types_count && !request->required_count))
		request->options.flags |= MNTCOMPAT_PROBE_FILESYSTEMS;
	if (request->options.flags & MNTCOMPAT_PROBE_LOAD)
		request->options.flags |= MNTCOMPAT_PROBE_FILESYSTEMS;
	if (request->types_count)
		request->options.filesystems = request->types;
}

static int read_options(int argc, char **argv, struct request *request)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "require", required_argument, NULL, 'r' },
		{ "kernel-release", required_argument, NULL, 'k' },
		{ "root", required_argument, NULL, 'R' },
		{ "load", no_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	int option, status = EXIT_SUCCESS;

	while (!status && (option = getopt_long(argc, argv, "+q", options, NULL)) != -1) {
		switch (option) {
		case 'j':
			request->json = true;
			break;
		case 'q':
			request->quiet = true;
			break;
		case 'r':
			status = add_name(request->required, &request->required_count, optarg);
			if (!status && !strncmp(optarg, "fs:", 3))
				status =
					add_name(request->types, &request->types_count, optarg + 3);
			break;
		case 'k':
			request->options.kernel_release = optarg;
			break;
		case 'R':
			request->options.root = optarg;
			break;
		case 'l':
			request->options.flags |= MNTCOMPAT_PROBE_LOAD;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	for (; !status && optind < argc; optind++)
		status = add_name(request->types, &request->types_count, argv[optind]);
	return status;
}

static int command(int argc, char **argv)
{
	struct request request = { .json = false };
	int status = read_options(argc, argv, &request);

	if (status)
		return status;
	if (request.quiet && request.json)
		return usage_error(EXIT_USAGE, "--quiet and --json exclude each other");
	if (request.quiet && !request.required_count &&
	    !(request.options.flags & MNTCOMPAT_PROBE_LOAD))
		return usage_error(EXIT_USAGE, "--quiet needs --require or --load");
	choose_parts(&request);
	return run(&request);
}

const struct command command_probe = {
	.name = "probe",
	.arguments =
		"[--json | --quiet] [--require NAME]... [--root DIR] [--kernel-release RELEASE] [--load] [TYPE...]",
	.summary =
		"report which mount features, filesystems and limits this process has, and which are emulated",
	.options =
		"  --json            print the whole report as JSON\n"
		"  --require NAME    check this feature, or the filesystem fs:TYPE: exit with 0 if it is\n"
		"                    available, 3 if in part, 1 if not\n"
		"  --quiet           print nothing\n"
		"  --root DIR        filesystems of the system installed in DIR\n"
		"  --kernel-release RELEASE\n"
		"                    filesystems of another kernel than the running one\n"
		"  --load            load the modules of missing filesystems (needs root)\n"
		"  TYPE...           only these filesystems\n",
	.run = command,
};
