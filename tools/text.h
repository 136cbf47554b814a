/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * text.h - characters of names that may hold any byte.
 */
#ifndef MNTCOMPAT_TOOLS_TEXT_H
#define MNTCOMPAT_TOOLS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The length of the UTF-8 character at @s, 0 if there is none. */
size_t text_character(const char *s);

/* True if the character of @length bytes at @s cannot change the state of a terminal. */
bool text_is_harmless(const char *s, size_t length);

/* Writes @s; in octal: what is not harmless, backslashes, and blanks if @blanks. */
void text_write_escaped(FILE *out, const char *s, bool blanks);

#endif
