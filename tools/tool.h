/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tool.h - what the commands of the tool share: the table of commands, messages, exit statuses, numbers.
 * Knows nothing of the library. Included by tools/ only.
 */
#ifndef MNTCOMPAT_TOOLS_TOOL_H
#define MNTCOMPAT_TOOLS_TOOL_H

#include <stdbool.h>
#include <stdint.h>

/* A command that only tells something: 0, or one of these. */
#define EXIT_FAILED	1
#define EXIT_USAGE	2

/* One that runs another: as env(1), chroot(1) and nsenter(1); what the other returns stays below. */
#define EXIT_OURS	125
#define EXIT_CANNOT_RUN	126
#define EXIT_NOT_FOUND	127

/* @run gets "mntcompat NAME" as argv[0] and an optind that makes getopt start afresh. */
struct command {
	const char *name;
	const char *arguments;	/* for the usage, after the name */
	const char *summary;	/* one line */
	const char *options;	/* lines of the usage about its own options, or NULL */
	int (*run)(int argc, char **argv);
};

extern const struct command command_listmount;
extern const struct command command_namespace;
extern const struct command command_probe;
extern const struct command command_run;
extern const struct command command_statmount;

/* The options before the command, as they were given; NULL and 0 if not. */
struct tool_options {
	const char *mode, *kernel;
	int verbose;
};
extern struct tool_options tool_options;

/* What a failed call means for the one who typed the command; the last one has no text. */
struct advice {
	int error;
	const char *text;
};

/* One line on stderr: "mntcompat: WHAT: the error in words; what to do". @advice may be NULL. */
void complain(const struct advice *advice, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* One line on stderr that sends to --help; returns @status. */
int usage_error(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An unsigned number (decimal, 0x, 0) and nothing else, at most @max. */
bool read_number(const char *text, uint64_t max, uint64_t *number);

/* The file of a namespace; -1 after a line on stderr. */
int open_namespace(const char *path);

/* Run @command in place of this process; returns only if that fails, with the exit status. */
int run_command(char **command, const char *hint);

/* Write @s to stdout; control characters and backslashes in octal, as mountinfo does. */
void print_escaped(const char *s);

/* The same with blanks in octal as well, so that it stays one word. */
void print_word(const char *s);

/* EXIT_SUCCESS, or EXIT_FAILED and a line when stdout could not be written. */
int finish_output(void);

#endif
