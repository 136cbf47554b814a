/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table.h - a table for people, with colours and as a tree, by libsmartcols if configure found it.
 */
#ifndef MNTCOMPAT_TOOLS_TABLE_H
#define MNTCOMPAT_TOOLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	TABLE_RIGHT = 1, /* aligned right */
	TABLE_TREE = 2,	 /* shows the tree */
	TABLE_CUT = 4,	 /* cut on a terminal that is too narrow */
	TABLE_WRAP = 8,	 /* broken at blanks there; the last column only */
};

struct table_column {
	const char *name;
	double width; /* as in libsmartcols: characters, or below 1 a part of the terminal */
	int flags;
};

enum shade { SHADE_PLAIN, SHADE_GOOD, SHADE_MIDDLING, SHADE_BAD };

struct table;
struct table_line;

/* Colours: "auto" (as at the beginning), "always" or "never"; false for another word. */
bool table_set_colours(const char *when);
bool table_has_colours(void);

/* NULL without memory. Texts are copied. */
struct table *table_new(const struct table_column *columns, size_t count);
struct table_line *table_add(struct table *table, struct table_line *parent);

/* All three return 0 or -errno; a text that is NULL leaves the cell empty. */
int table_set(struct table *table, struct table_line *line, size_t column, const char *text,
	      enum shade shade);
int table_print(struct table *table);
void table_free(struct table *table);

#endif
