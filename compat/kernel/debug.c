// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * debug.c - the lines that MNTCOMPAT_DEBUG enables.
 * Touches fd 2 only, through raw.h, with memory on the stack; keeps errno.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"

_Atomic int debug_level;

void debug_print(const char *format, ...)
{
	char line[512] = "mntcompat: ";
	const size_t prefix = 11;
	int saved = errno;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line + prefix, sizeof(line) - prefix - 1, format, args);
	va_end(args);
	errno = saved;
	if (len < 0)
		return;
	if ((size_t)len > sizeof(line) - prefix - 2)
		len = (int)(sizeof(line) - prefix - 2);
	/* A path or a value of the environment must not control a terminal. */
	for (int i = 0; i < len; i++)
		if ((unsigned char)line[prefix + (size_t)i] < ' ' ||
		    line[prefix + (size_t)i] == 0x7f)
			line[prefix + (size_t)i] = '?';
	line[prefix + (size_t)len] = '\n';
	raw_write(2, line, prefix + (size_t)len + 1);
}
