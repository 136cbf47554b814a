// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * index.c - is a table of modules what it should be? libkmod follows the offsets in it wherever they lead.
 * Touches the memory it is given only.
 * Called by filesystems.c for each table that libkmod is going to read.
 *
 * A table is a tree of nodes, numbers in big endian: magic, version, offset of the root. The highest bits of an offset say
 * what is there, in this order: a prefix string; the first and the last character of the children and an offset for each
 * character between; the number of values and for each a priority and a string.
 */
#include <stdlib.h>
#include <string.h>

#include "probe/report.h"

#define TABLE_MAGIC 0xb007f457u
#define TABLE_VERSION 0x00020001u
#define HAS_PREFIX 0x80000000u
#define HAS_CHILDREN 0x20000000u
#define HAS_VALUES 0x40000000u
#define OFFSET 0x0fffffffu
#define HEADER 12u

struct table {
	const unsigned char *start;
	size_t length;
	size_t nodes;		/* how many there may still be */
};

static bool read_number(const struct table *table, size_t *at, uint32_t *number)
{
	const unsigned char *b = table->start + *at;

	if (table->length < 4 || *at > table->length - 4)
		return false;
	*number = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	*at += 4;
	return true;
}

static bool skip_string(const struct table *table, size_t *at)
{
	const unsigned char *end;

	if (*at >= table->length)
		return false;
	end = memchr(table->start + *at, '\0', table->length - *at);
	if (!end)
		return false;
	*at = (size_t)(end - table->start) + 1;
	return true;
}

/* Children are written before their parents, so that whatever goes forth is a loop. */
static bool node_is_sound(struct table *table, uint32_t node, unsigned int depth)
{
	size_t at = node & OFFSET;
	uint32_t i, count, number;

	if (at < HEADER || at >= table->length || !table->nodes-- || depth > 4096)
		return false;
	if ((node & HAS_PREFIX) && !skip_string(table, &at))
		return false;
	if (node & HAS_CHILDREN) {
		if (table->length - at < 2 || table->start[at] > table->start[at + 1])
			return false;
		count = table->start[at + 1] - table->start[at] + 1u;
		at += 2;
		for (i = 0; i < count; i++) {
			if (!read_number(table, &at, &number))
				return false;
			if (!(number & OFFSET))
				continue;
			if ((number & OFFSET) >= (node & OFFSET) || !node_is_sound(table, number, depth + 1))
				return false;
		}
	}
	if (node & HAS_VALUES) {
		if (!read_number(table, &at, &count))
			return false;
		for (i = 0; i < count; i++) {
			if (!read_number(table, &at, &number) || !skip_string(table, &at))
				return false;
		}
	}
	return true;
}

bool index_is_sound(const char *text, size_t length)
{
	struct table table = { (const unsigned char *)text, length, length };
	uint32_t magic, version, root;
	size_t at = 0;

	if (!read_number(&table, &at, &magic) || !read_number(&table, &at, &version) ||
	    !read_number(&table, &at, &root) || magic != TABLE_MAGIC || version >> 16 != TABLE_VERSION >> 16)
		return false;
	/* An empty table has no root. */
	return !(root & OFFSET) || node_is_sound(&table, root, 0);
}
