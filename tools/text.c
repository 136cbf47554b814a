// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * text.c - UTF-8, and the escapes for everything else. Names of files may hold any byte, and a
 * terminal obeys some of them. Independent of the library.
 */
#include "tools/text.h"

static bool follows(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_character(const char *s)
{
	unsigned char first = (unsigned char)s[0], second;

	if (first < 0x80)
		return 1;
	/* 0xc0 and 0xc1 would be long forms of ASCII. */
	if (first < 0xc2 || first > 0xf4 || !follows(s[1]))
		return 0;
	if (first < 0xe0)
		return 2;
	second = (unsigned char)s[1];
	if (!follows(s[2]))
		return 0;
	/* Long forms of shorter characters, and the surrogates of UTF-16. */
	if (first < 0xf0)
		return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
	if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f))
		return 0;
	return follows(s[3]) ? 4 : 0;
}

bool text_is_harmless(const char *s, size_t length)
{
	unsigned char first = (unsigned char)s[0];

	if (length == 1)
		return first >= ' ' && first != 0x7f;
	/* U+0080 to U+009F are the control characters of ISO 6429. */
	return length && !(first == 0xc2 && (unsigned char)s[1] < 0xa0);
}

void text_write_escaped(FILE *out, const char *s, bool blanks)
{
	while (*s) {
		size_t length = text_character(s), i;
		bool plain = text_is_harmless(s, length) && *s != '\\' && !(blanks && *s == ' ');

		for (i = 0; i < (length ? length : 1); i++, s++) {
			if (plain)
				fputc(*s, out);
			else
				fprintf(out, "\\%03o", (unsigned int)(unsigned char)*s);
		}
	}
}
