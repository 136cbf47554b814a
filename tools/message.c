// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * message.c - error messages, numbers and output that the tool's commands share, so that all of
 * them fail in the same words and escape names in the same way. Uses libc only.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/tool.h"

void complain(const struct advice *advice, int error, const char *format, ...)
{
	va_list args;

	fputs("mntcompat: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, ": %s", strerror(error));
	for (; advice && advice->text; advice++) {
		if (advice->error == error)
			fprintf(stderr, "; %s", advice->text);
	}
	fputc('\n', stderr);
}

int usage_error(int status, const char *format, ...)
{
	va_list args;

	fputs("mntcompat: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see mntcompat --help\n", stderr);
	return status;
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

static const struct advice namespace_file_advice[] = {
	{ EACCES, "you need ptrace access to that process to read its namespaces" },
	{ ENOENT, "give a file such as /proc/PID/ns/mnt" },
	{ 0, NULL },
};

int open_file(const char *path, int flags)
{
	int low = open(path, flags | O_CLOEXEC), fd, error;

	if (low < 0 || low > STDERR_FILENO)
		return low;
	fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	error = errno;
	close(low);
	errno = error;
	return fd;
}

int open_namespace(const char *path)
{
	int fd = open_file(path, O_RDONLY);

	if (fd < 0)
		complain(namespace_file_advice, errno, "cannot open %s", path);
	return fd;
}

int run_command(char **command, const char *hint)
{
	int error;

	execvp(command[0], command);
	error = errno;
	fprintf(stderr, "mntcompat: cannot run %s: %s%s%s\n", command[0], strerror(error),
		hint ? "; " : "", hint ? hint : "");
	return error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

/*
 * A name may hold any byte. Bytes below @first, DEL and backslashes are escaped, so that a line
 * stays one line.
 */
static void print_from(const char *s, unsigned char first)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < first || c == 0x7f || c == '\\')
			printf("\\%03o", c);
		else
			putchar(c);
	}
}

void print_escaped(const char *s)
{
	print_from(s, ' ');
}

void print_word(const char *s)
{
	print_from(s, ' ' + 1);
}

int finish_output(void)
{
	if (fflush(stdout) == EOF || ferror(stdout)) {
		complain(NULL, errno, "cannot write to standard output");
		return EXIT_FAILED;
	}
	return EXIT_SUCCESS;
}
