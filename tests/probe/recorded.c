// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * recorded.c - the recorded reports of all kernels, expanded for one of them; recorded.h tells the
 * form of the file. Reads that file only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/probe/recorded.h"

#define KERNELS 64

struct line {
	char *text;	 /* a row, or the name of a section */
	char *condition; /* NULL: on all kernels */
	bool starts_section;
};

struct recorded {
	char *bytes;
	char *kernels[KERNELS];
	size_t kernel_count;
	struct line *lines;
	size_t line_count;
	size_t kernel; /* which one was chosen */
	const char *root;
};

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && !strncmp(text, word, length);
}

/* Returns the place of a kernel in the list, or the length of the list if it is not there. */
static size_t kernel_place(const struct recorded *recorded, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < recorded->kernel_count; i++)
		if (is_word(name, length, recorded->kernels[i]))
			break;
	return i;
}

/*
 * False if @condition is malformed. *holds: it applies to the kernel and @recorded->root, if set.
 */
static bool read_condition(const struct recorded *recorded, const char *condition, bool *holds)
{
	*holds = false;
	while (*condition) {
		size_t length = strcspn(condition, "- ,"), from, to;
		const char *root = NULL;

		from = to = kernel_place(recorded, condition, length);
		condition += length;
		if (*condition == '-') {
			condition++;
			length = strcspn(condition, " ,");
			to = kernel_place(recorded, condition, length);
			condition += length;
		}
		if (from > to || to == recorded->kernel_count)
			return false;
		if (*condition == ' ') {
			root = ++condition;
			length = strcspn(condition, ",");
			condition += length;
			if (!is_word(root, length, "switched") &&
			    !is_word(root, length, "initramfs"))
				return false;
		}
		if (recorded->root && from <= recorded->kernel && recorded->kernel <= to &&
		    (!root || is_word(root, length, recorded->root)))
			*holds = true;
		if (*condition && strncmp(condition, ", ", 2))
			return false;
		condition += *condition ? 2 : 0;
	}
	return true;
}

static bool is_trouble(const char *row)
{
	return !strncmp(row, "trouble:", 8);
}

static bool add_line(struct recorded *recorded, char *text)
{
	struct line *lines = realloc(recorded->lines, (recorded->line_count + 1) * sizeof(*lines));
	struct line line = { .text = text };
	char *end = text + strlen(text);
	bool holds;

	if (!lines)
		return false;
	recorded->lines = lines;
	if (!strncmp(text, "== ", 3)) {
		line.starts_section = true;
		line.text = text + 3;
	} else if (!recorded->line_count) {
		return false;
	} else if (end > text && end[-1] == ']') {
		line.condition = strstr(text, "  [");
		if (!line.condition)
			return false;
		end[-1] = '\0';
		*line.condition = '\0';
		line.condition += 3;
		if (!*line.condition || !read_condition(recorded, line.condition, &holds))
			return false;
	}
	recorded->lines[recorded->line_count++] = line;
	return true;
}

static bool read_line(struct recorded *recorded, char *text)
{
	static const char head[] = "# kernels: ";
	char *word, *rest;

	if (!strncmp(text, head, strlen(head))) {
		for (rest = text + strlen(head); (word = strsep(&rest, " "));) {
			if (recorded->kernel_count == KERNELS || !*word)
				return false;
			recorded->kernels[recorded->kernel_count++] = word;
		}
		return true;
	}
	return !*text || *text == '#' || add_line(recorded, text);
}

struct recorded *recorded_read(const char *path)
{
	struct recorded *recorded = calloc(1, sizeof(*recorded));
	FILE *file = fopen(path, "re");
	char *rest, *text;
	size_t room = 0;
	int number = 0;
	bool good;

	/* The file has no NUL, so this is all of it. */
	good = recorded && file && getdelim(&recorded->bytes, &room, '\0', file) > 0;
	if (file)
		fclose(file);
	for (rest = good ? recorded->bytes : NULL; good && (text = strsep(&rest, "\n")); number++)
		good = read_line(recorded, text);
	if (!good || !recorded->kernel_count || !recorded->line_count ||
	    strcmp(recorded->lines[0].text, "root")) {
		fprintf(stderr, "%s:%d: this is not a file of recorded reports\n", path, number);
		recorded_free(recorded);
		return NULL;
	}
	return recorded;
}

void recorded_free(struct recorded *recorded)
{
	if (!recorded)
		return;
	free(recorded->lines);
	free(recorded->bytes);
	free(recorded);
}

bool recorded_choose(struct recorded *recorded, const char *point, const char *series,
		     const char *root)
{
	recorded->kernel = kernel_place(recorded, point, strlen(point));
	if (recorded->kernel == recorded->kernel_count)
		recorded->kernel = kernel_place(recorded, series, strlen(series));
	recorded->root = root;
	return recorded->kernel < recorded->kernel_count;
}

/* The first line of a section after its head, or NULL. */
static const struct line *find_section(const struct recorded *recorded, const char *name)
{
	size_t i;

	for (i = 0; i < recorded->line_count; i++)
		if (recorded->lines[i].starts_section && !strcmp(recorded->lines[i].text, name))
			return &recorded->lines[i + 1];
	return NULL;
}

const char *recorded_next(const struct recorded *recorded, const char *name)
{
	const struct line *line = name ? find_section(recorded, name) : recorded->lines;

	for (; line < recorded->lines + recorded->line_count; line++)
		if (line->starts_section)
			return line->text;
	return NULL;
}

static bool applies(const struct recorded *recorded, const struct line *line)
{
	bool holds = true;

	if (line->condition)
		read_condition(recorded, line->condition, &holds);
	return holds;
}

struct rows {
	const char **row;
	size_t count;
};

static void add_row(struct rows *rows, const char *row)
{
	rows->row = realloc(rows->row, (rows->count + 1) * sizeof(*rows->row));
	if (!rows->row)
		abort();
	rows->row[rows->count++] = row;
}

/* Changes root's rows by a row of another section; false if it changes nothing. */
static bool change_rows(struct rows *rows, const char *row)
{
	bool removes = *row == '-';
	size_t word = strcspn(row, " "), i;

	for (i = 0; i < rows->count; i++) {
		if (removes ? !strcmp(rows->row[i], row + 1) :
			      !is_trouble(row) && !strncmp(rows->row[i], row, word + 1))
			break;
	}
	if (removes) {
		if (i == rows->count)
			return false;
		memmove(&rows->row[i], &rows->row[i + 1],
			(rows->count - i - 1) * sizeof(*rows->row));
		rows->count--;
	} else if (i == rows->count) {
		add_row(rows, row);
	} else {
		if (!strcmp(rows->row[i], row))
			return false;
		rows->row[i] = row;
	}
	return true;
}

static char *join(const struct rows *rows)
{
	size_t length = 1, i;
	char *text, *at;

	for (i = 0; i < rows->count; i++)
		length += strlen(rows->row[i]) + 1;
	text = at = malloc(length);
	if (!text)
		abort();
	*at = '\0';
	for (i = 0; i < rows->count; i++)
		at += sprintf(at, "%s\n", rows->row[i]);
	return text;
}

char *recorded_rows(const struct recorded *recorded, const char *name, char *why, size_t size)
{
	const struct line *section = find_section(recorded, name), *line;
	const struct line *end = recorded->lines + recorded->line_count;
	struct rows rows = { NULL, 0 };
	char *text = NULL;

	if (!section) {
		snprintf(why, size, "not recorded");
		return NULL;
	}
	for (line = find_section(recorded, "root"); line < end && !line->starts_section; line++)
		if (applies(recorded, line))
			add_row(&rows, line->text);
	for (line = section; strcmp(name, "root") && line < end && !line->starts_section; line++) {
		if (!applies(recorded, line) || change_rows(&rows, line->text))
			continue;
		snprintf(why, size, "a stale row, which root has as well: %s", line->text);
		free(rows.row);
		return NULL;
	}
	text = join(&rows);
	free(rows.row);
	return text;
}
