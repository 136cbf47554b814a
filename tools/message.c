// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * message.c - error messages, numbers and output that the tool's commands share, so that all of
 * them fail in the same words and escape names in the same way. Uses <mntcompat.h> and
 * libc.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mntcompat.h>
#include "tools/text.h"
#include "tools/tool.h"

/* One line on stderr; any byte may come from an argument. */
static void print_line(char *text)
{
	fputs("mntcompat: ", stderr);
	text_write_escaped(stderr, text ? text : "out of memory", false);
	fputc('\n', stderr);
	free(text);
}

static char *format_text(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

static const char *find_advice(const struct advice *advice, int error)
{
	for (; advice && advice->text; advice++)
		if (advice->error == error && (!advice->holds || advice->holds()))
			return advice->text;
	return NULL;
}

void complain(const struct advice *advice, int error, const char *format, ...)
{
	const char *remedy = find_advice(advice, error);
	char *text, *line = NULL;
	va_list args;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	if (text && asprintf(&line, "%s: %s%s%s", text, strerror(error), remedy ? "; " : "",
			     remedy ? remedy : "") < 0)
		line = NULL;
	free(text);
	print_line(line);
}

void report(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_line(format_text(format, args));
	va_end(args);
}

int usage_error(const struct command *command, const char *format, ...)
{
	char *text, *line = NULL;
	va_list args;

	va_start(args, format);
	text = format_text(format, args);
	va_end(args);
	if (text && asprintf(&line, "%s; see mntcompat %s%s--help", text, command->name,
			     *command->name ? " " : "") < 0)
		line = NULL;
	free(text);
	print_line(line);
	return command->usage_status;
}

bool read_number(const char *text, uint64_t max, uint64_t *number)
{
	char *end;

	/* strtoull() takes "-1" and blanks; an id is neither. */
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 0);
	return !errno && end != text && !*end && *number <= max;
}

static const struct advice namespace_advice[] = {
	{ EACCES, "you need ptrace access to that process to read its namespaces", NULL },
	{ EPERM, "you need ptrace access to that process to read its namespaces", NULL },
	{ ESRCH, "give a process of this pid namespace; unique ids of mounts are larger", NULL },
	{ ENOENT, "give a process, or a file such as /proc/PID/ns/mnt", NULL },
	{ 0, NULL, NULL },
};

/* Moves @low to a number above the standard ones; closes it and returns -1 on failure. */
static int above_standard(int low)
{
	int fd, error;

	if (low < 0 || low > STDERR_FILENO)
		return low;
	fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	error = errno;
	close(low);
	errno = error;
	return fd;
}

int open_file(const char *path, int flags)
{
	return above_standard(open(path, flags | O_CLOEXEC));
}

int open_namespace(const char *name)
{
	uint64_t pid;
	int fd;

	/* A file whose name is a number can be given as ./NUMBER. */
	if (read_number(name, INT_MAX, &pid) && pid) {
		fd = mntcompat_mount_namespace_of((pid_t)pid);
		if (fd < 0) {
			complain(namespace_advice, -fd,
				 "cannot open the mount namespace of process %s", name);
			return -1;
		}
		fd = above_standard(fd);
	} else {
		fd = open_file(name, O_RDONLY);
	}
	if (fd < 0)
		complain(namespace_advice, errno, "cannot open %s", name);
	return fd;
}

int run_command(char **command, const char *hint)
{
	int error;

	execvp(command[0], command);
	error = errno;
	report("cannot run %s: %s%s%s", command[0], strerror(error), hint ? "; " : "",
	       hint ? hint : "");
	return error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

void print_escaped(const char *s)
{
	text_write_escaped(stdout, s, false);
}

void print_word(const char *s)
{
	text_write_escaped(stdout, s, true);
}

int finish_output(void)
{
	if (fflush(stdout) == EOF || ferror(stdout)) {
		complain(NULL, errno, "cannot write to standard output");
		return EXIT_FAILED;
	}
	return EXIT_SUCCESS;
}
