/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tool.h - declarations that the commands of the tool share: the table of commands, messages, exit
 * statuses, numbers. Independent of the library.
 */
#ifndef MNTCOMPAT_TOOLS_TOOL_H
#define MNTCOMPAT_TOOLS_TOOL_H

#include <stdbool.h>
#include <stdint.h>

/* Exit statuses of a command that prints something: 0, or one of these. */
#define EXIT_FAILED 1
#define EXIT_USAGE 2

/*
 * Exit statuses of a command that runs another one, as env(1), chroot(1) and nsenter(1) have them.
 */
#define EXIT_OURS 125
#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND 127

/* @run gets "mntcompat NAME" as argv[0] and an optind that makes getopt start again. */
struct command {
	const char *name;
	const char *arguments; /* for the usage, after the name */
	const char *summary;   /* one line */
	const char *options;   /* lines of the help about its own options, or NULL */
	int (*run)(int argc, char **argv);
};

extern const struct command command_listmount;
extern const struct command command_namespace;
extern const struct command command_probe;
extern const struct command command_run;
extern const struct command command_statmount;

/*
 * The options before the command, as they were given; NULL or 0 for an option that was not given.
 */
struct tool_options {
	const char *mode, *kernel;
	int verbose;
};
extern struct tool_options tool_options;

/* How the user can avoid an error; the last entry of a list has no text. */
struct advice {
	int error;
	const char *text;
};

/*
 * Prints one line to stderr: "mntcompat: FORMAT: the error in words; the advice". @advice may be
 * NULL.
 */
void complain(const struct advice *advice, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints one line to stderr that refers to --help; returns @status. */
int usage_error(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reads an unsigned number (decimal, 0x or 0) of at most @max; false if @text is anything else. */
bool read_number(const char *text, uint64_t max, uint64_t *number);

/*
 * Opens a file, CLOEXEC, on a number above those of stdin, stdout and stderr, which the caller of
 * the tool may have closed: in a request for the library 0 means that there is no namespace, and
 * output goes to 1 and 2. Returns -1 and sets errno.
 */
int open_file(const char *path, int flags);

/* Opens the file of a namespace; returns -1 after a line on stderr. */
int open_namespace(const char *path);

/* Executes @command in this process; returns the exit status if that fails. */
int run_command(char **command, const char *hint);

/* Writes @s to stdout, with control characters and backslashes in octal, as in mountinfo. */
void print_escaped(const char *s);

/* The same with blanks in octal as well, so that the output is one word. */
void print_word(const char *s);

/* Flushes stdout: EXIT_SUCCESS, or EXIT_FAILED after a line on stderr. */
int finish_output(void);

#endif
