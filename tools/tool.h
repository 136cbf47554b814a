/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tool.h - declarations that the commands of the tool share: the commands and their options,
 * messages, exit statuses, numbers. Independent of the library.
 */
#ifndef MNTCOMPAT_TOOLS_TOOL_H
#define MNTCOMPAT_TOOLS_TOOL_H

#include <stdbool.h>
#include <stddef.h>
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

/* The values that an option or an operand takes: the completion offers them. */
enum values {
	VALUES_NONE, /* the option takes no value */
	VALUES_OTHER,
	VALUES_FILE,
	VALUES_DIRECTORY,
	VALUES_COMMAND, /* a command and its arguments, up to the end of the line */
	VALUES_TOOL_COMMAND,
	VALUES_MODE,
	VALUES_KERNEL,
	VALUES_WHEN,
	VALUES_COLUMNS,
	VALUES_FEATURE,
	VALUES_FILESYSTEM, /* a filesystem type */
	VALUES_NAMESPACE_KIND,
};

/*
 * An option. The parser, the help and the completion are made of these rows. @key is what
 * next_option() returns; if it is a letter, it is the short option, too.
 */
struct option_row {
	const char *name;
	int key;
	enum values values;
	bool optional;	      /* the value, which then has to be written as --name=value */
	const char *argument; /* the name of the value in the help, or NULL */
	const char *help;     /* lines */
};

/* Keys of options that have no letter. */
#define LONG_ONLY 0x100

#define OPTIONS_MOST 24

struct command {
	const char *name;
	const char *arguments;		  /* for the usage, after the name */
	const char *summary;		  /* one line */
	const char *notes;		  /* lines of the help after the options, or NULL */
	const struct option_row *options; /* the last row has no name */
	enum values operands[2];	  /* the first one, and all others */
	int usage_status;		  /* EXIT_USAGE or EXIT_OURS */
	int (*run)(int argc, char **argv);
};

extern const struct command tool_command; /* the tool itself, with the options of all commands */
extern const struct command command_complete;
extern const struct command command_listmount;
extern const struct command command_listns;
extern const struct command command_namespace;
extern const struct command command_probe;
extern const struct command command_run;
extern const struct command command_statmount;

/* The commands that the help has, ended by NULL. */
extern const struct command *const tool_commands[];

const struct command *find_command_row(const char *name);

/*
 * The options before the command, as they were given; NULL or 0 for an option that was not given.
 */
struct tool_options {
	const char *mode, *kernel;
	int verbose;
};
extern struct tool_options tool_options;

/* --- options.c --- */

/*
 * Returns the key of the next option, with its value in optarg, and -1 after the last one. Ends the
 * process for --help, and after a line on stderr for an option that is wrong.
 */
int next_option(const struct command *command, int argc, char **argv);

/* Prints the help of a command, or of the tool; returns finish_output(). */
int print_help(const struct command *command);
void print_summary(const struct command *command); /* its line in the help of the tool */
void print_options(const struct option_row *row);
/* Prints words in 80 columns, the lines after the first one indented; @at: the column where it
 * stands. */
void print_wrapped(const char *text, int indent, int at);

/* --- message.c --- */

/* How the user can avoid an error; the last entry of a list has no text. */
struct advice {
	int error;
	const char *text;
	bool (*holds)(void); /* NULL: always. Only the first entry that holds is printed. */
};

/* In mode native an old kernel has the answer of one that refuses the arguments, or has no call. */
#define ADVICE_NATIVE \
	{ ENOSYS, "the kernel lacks it, and mode native emulates nothing; use --mode auto", \
	  is_mode_native }, \
	{ \
		EOPNOTSUPP, \
			"the kernel lacks it, and mode native emulates nothing; use --mode auto", \
			is_mode_native \
	}
#define ADVICE_NATIVE_FLAG(release) \
	{ \
		EINVAL, \
			"if the kernel is older than Linux " release \
			" it lacks this, and mode native emulates nothing; use --mode auto", \
			is_mode_native \
	}

/*
 * Prints one line to stderr: "mntcompat: FORMAT: the error in words; the advice". @advice may be
 * NULL. Bytes that a terminal may take for a command are written in octal.
 */
void complain(const struct advice *advice, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints one line to stderr, "mntcompat: FORMAT". */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Prints one line to stderr that refers to the help of @command; returns its usage_status.
 */
int usage_error(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads an unsigned number (decimal, 0x or 0) of at most @max; false if @text is anything else. */
bool read_number(const char *text, uint64_t max, uint64_t *number);

/*
 * Opens a file, CLOEXEC, on a number above those of stdin, stdout and stderr, which the caller of
 * the tool may have closed: in a request for the library 0 means that there is no namespace, and
 * output goes to 1 and 2. Returns -1 and sets errno.
 */
int open_file(const char *path, int flags);

/* Opens the mount namespace of a process id or a file; returns -1 after a line on stderr. */
int open_namespace(const char *name);

/* Executes @command in this process; returns the exit status if that fails. */
int run_command(char **command, const char *hint);

/*
 * Writes @s to stdout, with control characters, bytes that are not UTF-8, and backslashes in octal,
 * as in mountinfo.
 */
void print_escaped(const char *s);

/* The same with blanks in octal as well, so that the output is one word. */
void print_word(const char *s);

/* Flushes stdout: EXIT_SUCCESS, or EXIT_FAILED after a line on stderr. */
int finish_output(void);

/* --- caller.c: conditions of advice --- */

bool is_mode_native(void);
bool is_root(void);		    /* the user id is 0 */
bool lacks_admin(void);		    /* no CAP_SYS_ADMIN in the user namespace of this process */
bool is_root_without_admin(void);   /* as in most containers */
bool is_filtered(void);		    /* a system call filter is installed */
bool is_in_user_namespace(void);    /* not the initial one */
const char *caller_privilege(void); /* in words, for example "root" */

#endif
