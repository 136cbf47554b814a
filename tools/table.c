// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * table.c - tables of the tool. libsmartcols prints them; a build without it aligns the columns and
 * indents the tree by itself. Colours are switched on and off as in util-linux. Independent of the
 * library.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#ifdef HAVE_SMARTCOLS
#include <libsmartcols.h>
#endif

#include "tools/table.h"
#include "tools/text.h"

#define COLUMNS_MOST 32
#define NARROWEST_WRAP 20

struct table_line {
	struct table_line *parent;
	struct table_line *first, *last, *next; /* children, and the next child of the parent */
	void *printed;				/* the line of libsmartcols */
	char *text[COLUMNS_MOST];
	enum shade shade[COLUMNS_MOST];
};

struct table {
	const struct table_column *columns;
	size_t count;
	struct table_line top;
};

/* --- colours --- */

static enum { COLOURS_AUTO, COLOURS_ALWAYS, COLOURS_NEVER } colours;

bool table_set_colours(const char *when)
{
	if (!when || strcmp(when, "always") == 0)
		colours = COLOURS_ALWAYS;
	else if (strcmp(when, "never") == 0)
		colours = COLOURS_NEVER;
	else if (strcmp(when, "auto") == 0)
		colours = COLOURS_AUTO;
	else
		return false;
	return true;
}

/* terminal-colors.d(5): a file "disable" switches the colours of all tools off. */
static bool is_disabled(const char *directory, const char *below)
{
	static const char *const names[] = { "mntcompat.enable", "mntcompat.disable", "disable" };
	char path[4096];
	size_t i;

	for (i = 0; directory && i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%sterminal-colors.d/%s", directory, below,
			 names[i]);
		if (access(path, F_OK) == 0)
			return i > 0;
	}
	return false;
}

bool table_has_colours(void)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR"),
		   *config = getenv("XDG_CONFIG_HOME");

	if (colours != COLOURS_AUTO)
		return colours == COLOURS_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && term && *term && strcmp(term, "dumb") &&
	       !is_disabled(config ? config : getenv("HOME"), config ? "" : ".config/") &&
	       !is_disabled("/etc", "");
}

/* --- lines --- */

struct table *table_new(const struct table_column *columns, size_t count)
{
	struct table *table = count <= COLUMNS_MOST ? calloc(1, sizeof(*table)) : NULL;

	if (table) {
		table->columns = columns;
		table->count = count;
	}
	return table;
}

struct table_line *table_add(struct table *table, struct table_line *parent)
{
	struct table_line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->parent = parent;
	if (!parent)
		parent = &table->top;
	if (parent->last)
		parent->last->next = line;
	else
		parent->first = line;
	parent->last = line;
	return line;
}

/* libsmartcols escapes what is not printable in the terminal's character set. */
static char *copy_text(const char *text)
{
#ifdef HAVE_SMARTCOLS
	return strdup(text);
#else
	char *copy = NULL;
	size_t size;
	FILE *out = open_memstream(&copy, &size);

	if (!out)
		return NULL;
	text_write_escaped(out, text, false);
	return fclose(out) == EOF ? NULL : copy;
#endif
}

int table_set(struct table *table, struct table_line *line, size_t column, const char *text,
	      enum shade shade)
{
	if (column >= table->count)
		return -EINVAL;
	line->shade[column] = shade;
	if (!text)
		return 0;
	free(line->text[column]);
	line->text[column] = copy_text(text);
	return line->text[column] ? 0 : -ENOMEM;
}

/* The line after @line, in the order in which they are printed; NULL after the last one. */
static struct table_line *next_line(const struct table_line *line)
{
	if (line->first)
		return line->first;
	while (line && !line->next)
		line = line->parent;
	return line ? line->next : NULL;
}

void table_free(struct table *table)
{
	struct table_line *line = table ? table->top.first : NULL;

	/* Children come after their parent: a line ends when nothing below it is left. */
	while (line) {
		struct table_line *done = line;
		size_t c;

		if (line->first) {
			line = line->first;
			done->first = NULL;
			continue;
		}
		line = done->next ? done->next : done->parent;
		for (c = 0; c < table->count; c++)
			free(done->text[c]);
		free(done);
	}
	free(table);
}

#ifdef HAVE_SMARTCOLS
static size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (columns && atoi(columns) > 0)
		return (size_t)atoi(columns);
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* Breaks the texts of the last column at blanks, so that no word is cut in two. */
static void wrap_last(struct table *table)
{
	size_t last = table->count - 1, used = 0, width, c;
	struct table_line *line;

	for (c = 0; c < last; c++) {
		size_t widest = strlen(table->columns[c].name);

		for (line = table->top.first; line; line = next_line(line))
			if (line->text[c] && strlen(line->text[c]) > widest)
				widest = strlen(line->text[c]);
		used += widest + 1;
	}
	width = terminal_width();
	if (width < used + NARROWEST_WRAP)
		return;
	width -= used;
	for (line = table->top.first; line; line = next_line(line)) {
		char *start = line->text[last], *blank = NULL, *at;

		for (at = start; at && *at; at++) {
			if (*at == ' ')
				blank = at;
			if ((size_t)(at - start) >= width && blank) {
				*blank = '\n';
				start = blank + 1;
				blank = NULL;
			}
		}
	}
}

static const char *colour_of(enum shade shade)
{
	switch (shade) {
	case SHADE_GOOD:
		return "green";
	case SHADE_MIDDLING:
		return "yellow";
	case SHADE_BAD:
		return "red";
	default:
		return NULL;
	}
}

static int fill(struct libscols_table *out, const struct table *table)
{
	struct table_line *line;
	size_t c;

	for (line = table->top.first; line; line = next_line(line)) {
		line->printed =
			scols_table_new_line(out, line->parent ? line->parent->printed : NULL);
		if (!line->printed)
			return -ENOMEM;
		for (c = 0; c < table->count; c++) {
			struct libscols_cell *cell = scols_line_get_cell(line->printed, c);
			const char *colour = colour_of(line->shade[c]);

			if (line->text[c] &&
			    scols_line_set_data(line->printed, c, line->text[c]) < 0)
				return -ENOMEM;
			if (colour && cell && scols_cell_set_color(cell, colour) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

static int add_columns(struct libscols_table *out, const struct table *table, bool terminal)
{
	size_t c;

	for (c = 0; c < table->count; c++) {
		int ours = table->columns[c].flags, flags = 0;
		struct libscols_column *column;

		flags |= ours & TABLE_RIGHT ? SCOLS_FL_RIGHT : 0;
		flags |= ours & TABLE_TREE ? SCOLS_FL_TREE : 0;
		flags |= ours & TABLE_CUT && terminal ? SCOLS_FL_TRUNC : 0;
		flags |= ours & TABLE_WRAP && terminal ? SCOLS_FL_WRAP : 0;
		column = scols_table_new_column(out, table->columns[c].name,
						table->columns[c].width, flags);
		if (!column || scols_cell_set_color(scols_column_get_header(column), "bold") < 0)
			return -ENOMEM;
		if (flags & SCOLS_FL_WRAP) {
			scols_column_set_wrapfunc(column, scols_wrapnl_chunksize,
						  scols_wrapnl_nextchunk, NULL);
			scols_column_set_safechars(column, "\n");
		}
	}
	return 0;
}

int table_print(struct table *table)
{
	struct libscols_table *out = scols_new_table();
	bool terminal = isatty(STDOUT_FILENO);
	int ret = -ENOMEM;

	if (!out)
		return ret;
	scols_table_enable_colors(out, table_has_colours());
	if (!terminal)
		scols_table_set_termforce(out, SCOLS_TERMFORCE_NEVER);
	else if (table->columns[table->count - 1].flags & TABLE_WRAP)
		wrap_last(table);
	ret = add_columns(out, table, terminal);
	if (ret == 0)
		ret = fill(out, table);
	if (ret == 0 && table->top.first && scols_print_table(out) != 0)
		ret = -EIO;
	scols_unref_table(out);
	return ret;
}

#else /* !HAVE_SMARTCOLS */

static int depth_of(const struct table_line *line)
{
	int depth = 0;

	for (line = line->parent; line; line = line->parent)
		depth++;
	return depth;
}

static void print_cell(const struct table *table, size_t c, const char *text, int depth,
		       const size_t *widths)
{
	int width = (int)widths[c], indent = table->columns[c].flags & TABLE_TREE ? 2 * depth : 0;

	if (c + 1 == table->count)
		width = 0;
	if (table->columns[c].flags & TABLE_RIGHT)
		printf("%*s", (int)widths[c], text);
	else
		printf("%*s%-*s", indent, "", width > indent ? width - indent : 0, text);
	putchar(c + 1 < table->count ? ' ' : '\n');
}

int table_print(struct table *table)
{
	size_t widths[COLUMNS_MOST] = { 0 }, c;
	struct table_line *line;

	if (!table->top.first)
		return 0;
	for (c = 0; c < table->count; c++) {
		widths[c] = strlen(table->columns[c].name);
		for (line = table->top.first; line; line = next_line(line)) {
			size_t width = line->text[c] ? strlen(line->text[c]) : 0;

			if (table->columns[c].flags & TABLE_TREE)
				width += 2 * (size_t)depth_of(line);
			if (width > widths[c])
				widths[c] = width;
		}
	}
	for (c = 0; c < table->count; c++)
		print_cell(table, c, table->columns[c].name, 0, widths);
	for (line = table->top.first; line; line = next_line(line))
		for (c = 0; c < table->count; c++)
			print_cell(table, c, line->text[c] ? line->text[c] : "", depth_of(line),
				   widths);
	return 0;
}
#endif
