/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json.h - writes JSON to stdout. The text is UTF-8 whatever bytes the strings hold.
 */
#ifndef MNTCOMPAT_TOOLS_JSON_H
#define MNTCOMPAT_TOOLS_JSON_H

#include <stdbool.h>
#include <stdint.h>

/*
 * One line per nesting of objects and arrays that is not @flat. A key is NULL in an array and for
 * the outermost object.
 */
void json_begin(const char *key, char bracket, bool flat);
void json_end(void);

/*
 * A string, or null for NULL. Bytes that are not UTF-8 become U+FFFD; a member KEY_hex follows with
 * all bytes of the string.
 */
void json_string(const char *key, const char *value);
/* True if all of the string is UTF-8; a string of an array, as its bytes in hexadecimal. */
bool json_is_text(const char *s);
void json_bytes(const char *value);
/*
 * An id as a string of its decimal digits: JavaScript, jq and others read numbers as double, and so
 * round those above 2^53, as all unique ids of the emulation are.
 */
void json_id(const char *key, uint64_t value);
/* A number up to 2^53. */
void json_number(const char *key, uint64_t value);
void json_bool(const char *key, bool value);
void json_null(const char *key);

#endif
