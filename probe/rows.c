// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rows.c - the memory of a report: chunks that are released with it, and growing lists of rows.
 * Touches its own memory only.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/rows.h"

void *report_alloc(struct mntcompat_probe *probe, size_t size)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk) + size);

	if (!chunk)
		return NULL;
	chunk->next = probe->chunks;
	probe->chunks = chunk;
	return chunk->data;
}

static char *report_vprintf(struct mntcompat_probe *probe, const char *format, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	text = len < 0 ? NULL : report_alloc(probe, (size_t)len + 1);
	if (text)
		vsnprintf(text, (size_t)len + 1, format, args);
	return text;
}

char *report_printf(struct mntcompat_probe *probe, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = report_vprintf(probe, format, args);
	va_end(args);
	return text;
}

int report_add(struct row_list *list, void *row)
{
	if (!row)
		return -ENOMEM;
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		void **rows = realloc(list->rows, room * sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		list->rows = rows;
		list->room = room;
	}
	list->rows[list->count++] = row;
	return 0;
}

int report_trouble(struct mntcompat_probe *probe, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = report_vprintf(probe, format, args);
	va_end(args);
	return report_add(&probe->troubles, text);
}
