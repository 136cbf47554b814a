// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json.c - a writer of JSON: commas, indentation and strings. libsmartcols writes JSON as well, but
 * not always UTF-8, and not in a build without it. Independent of the library.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/json.h"
#include "tools/text.h"

#define DEPTH_MOST 8

static struct {
	char closing[DEPTH_MOST];
	bool flat[DEPTH_MOST], filled[DEPTH_MOST];
	int depth;
} json;

static void write_text(const char *s)
{
	putchar('"');
	while (*s) {
		size_t length = text_character(s);

		if (!length)
			fputs("\\ufffd", stdout);
		else if (length == 1 && (!text_is_harmless(s, 1) || *s == '"' || *s == '\\'))
			printf("\\u%04x", (unsigned int)(unsigned char)*s);
		else if (length == 2 && !text_is_harmless(s, 2))
			/* U+0080 to U+009F: the second byte is the number. */
			printf("\\u%04x", (unsigned int)(unsigned char)s[1]);
		else
			fwrite(s, 1, length, stdout);
		s += length ? length : 1;
	}
	putchar('"');
}

/* Writes the comma, the new line and the key before a value. */
static void begin_member(const char *key)
{
	int level = json.depth - 1;

	if (level >= 0) {
		if (json.filled[level])
			putchar(',');
		if (!json.flat[level])
			printf("\n%*s", json.depth, "");
		else if (json.filled[level])
			putchar(' ');
		json.filled[level] = true;
	}
	if (key) {
		write_text(key);
		fputs(": ", stdout);
	}
}

void json_begin(const char *key, char bracket, bool flat)
{
	begin_member(key);
	putchar(bracket);
	json.closing[json.depth] = bracket == '{' ? '}' : ']';
	json.flat[json.depth] = flat;
	json.filled[json.depth++] = false;
}

void json_end(void)
{
	int level = --json.depth;

	if (json.filled[level] && !json.flat[level])
		printf("\n%*s", level, "");
	putchar(json.closing[level]);
	if (!level)
		putchar('\n');
}

static void write_bytes(const char *s)
{
	putchar('"');
	for (; *s; s++)
		printf("%02x", (unsigned int)(unsigned char)*s);
	putchar('"');
}

bool json_is_text(const char *s)
{
	for (; *s; s += text_character(s))
		if (!text_character(s))
			return false;
	return true;
}

void json_string(const char *key, const char *value)
{
	if (!value) {
		json_null(key);
		return;
	}
	begin_member(key);
	write_text(value);
	if (!key || json_is_text(value))
		return;
	printf(", \"%s_hex\": ", key);
	write_bytes(value);
}

void json_bytes(const char *value)
{
	begin_member(NULL);
	write_bytes(value);
}

void json_id(const char *key, uint64_t value)
{
	begin_member(key);
	printf("\"%" PRIu64 "\"", value);
}

void json_number(const char *key, uint64_t value)
{
	begin_member(key);
	printf("%" PRIu64, value);
}

void json_bool(const char *key, bool value)
{
	begin_member(key);
	fputs(value ? "true" : "false", stdout);
}

void json_null(const char *key)
{
	begin_member(key);
	fputs("null", stdout);
}
