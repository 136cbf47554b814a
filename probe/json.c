// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json.c - mntcompat_probe_json(): the report as JSON, according to mntcompat-probe-1.schema.json.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/failure.h"
#include "probe/rows.h"

struct text {
	char *start;
	size_t length, room;
	bool failed;
};

static void put(struct text *text, const char *bytes, size_t n)
{
	if (text->room - text->length <= n) {
		size_t room = 2 * text->room + n + 1;
		char *start = text->failed ? NULL : realloc(text->start, room);

		if (!start) {
			text->failed = true;
			return;
		}
		text->start = start;
		text->room = room;
	}
	memcpy(text->start + text->length, bytes, n);
	text->length += n;
	text->start[text->length] = '\0';
}

static void puts_(struct text *text, const char *s)
{
	put(text, s, strlen(s));
}

static void put_format(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put_format(struct text *text, const char *format, ...)
{
	char line[64];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	puts_(text, line);
}

/* Length of the UTF-8 character at @s, 0 if it is invalid: a path may hold any bytes. */
static size_t character(const unsigned char *s)
{
	size_t n = *s < 0x80		   ? 1 :
		   *s >= 0xc2 && *s < 0xe0 ? 2 :
		   (*s & 0xf0) == 0xe0	   ? 3 :
		   *s >= 0xf0 && *s < 0xf5 ? 4 :
					     0,
	       i;

	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
	    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void put_string(struct text *text, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;
	size_t n;

	if (!string) {
		puts_(text, "null");
		return;
	}
	puts_(text, "\"");
	for (; *s; s += n ? n : 1) {
		n = character(s);
		if (!n)
			puts_(text, "\\ufffd");
		else if (*s < 0x20 || *s == '"' || *s == '\\')
			put_format(text, "\\u%04x", *s);
		else
			put(text, (const char *)s, n);
	}
	puts_(text, "\"");
}

/* Writes @before, which is a brace or a comma, and "key": "value". */
static void member(struct text *text, const char *before, const char *key, const char *value)
{
	put_format(text, "%s\"%s\": ", before, key);
	put_string(text, value);
}

static void error_member(struct text *text, const char *key, int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EPERM, "EPERM" },	{ ENOENT, "ENOENT" },	      { EAGAIN, "EAGAIN" },
		{ ENOMEM, "ENOMEM" },	{ EACCES, "EACCES" },	      { EFAULT, "EFAULT" },
		{ EBUSY, "EBUSY" },	{ EEXIST, "EEXIST" },	      { ENOTDIR, "ENOTDIR" },
		{ EINVAL, "EINVAL" },	{ ENFILE, "ENFILE" },	      { EMFILE, "EMFILE" },
		{ ENOTTY, "ENOTTY" },	{ ENOSPC, "ENOSPC" },	      { ENOSYS, "ENOSYS" },
		{ EUSERS, "EUSERS" },	{ EOPNOTSUPP, "EOPNOTSUPP" }, { ECANCELED, "ECANCELED" },
		{ ENOEXEC, "ENOEXEC" },
	};
	char number[32];
	size_t i;

	if (!error) {
		member(text, ", ", key, NULL);
		return;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error) {
			member(text, ", ", key, names[i].name);
			return;
		}
	}
	snprintf(number, sizeof(number), "E%d", error);
	member(text, ", ", key, number);
}

static const char *or_null(const char *s)
{
	return s && *s ? s : NULL;
}

static void put_feature(struct text *text, const struct mntcompat_probe_feature *row)
{
	bool none = row->state == MNTCOMPAT_PROBE_UNAVAILABLE;

	member(text, "{", "name", row->name);
	member(text, ", ", "since", row->since);
	member(text, ", ", "state", mntcompat_probe_state_name(row->state));
	member(text, ", ", "way", none ? NULL : mntcompat_way_name(row->way));
	member(text, ", ", "lost", or_null(row->lost));
	put_format(text, ", \"lost_mask\": %" PRIu64, row->lost_bits);
	member(text, ", ", "reason", none ? mntcompat_probe_reason_name(row->reason) : NULL);
	error_member(text, "error", row->error);
	member(text, ", ", "detail", or_null(row->detail));
	member(text, ", ", "purpose", row->purpose);
	puts_(text, "}");
}

static void put_filesystem(struct text *text, const struct mntcompat_probe_filesystem *row)
{
	size_t i;

	member(text, "{", "type", row->type);
	member(text, ", ", "state", mntcompat_probe_filesystem_state_name(row->state));
	member(text, ", ", "module", row->module);
	member(text, ", ", "file", row->file);
	puts_(text, ", \"depends\": [");
	for (i = 0; row->depends[i]; i++) {
		puts_(text, i ? ", " : "");
		put_string(text, row->depends[i]);
	}
	puts_(text, "]");
	error_member(text, "load_error", row->load_error);
	member(text, ", ", "detail", or_null(row->detail));
	puts_(text, "}");
}

static void put_limit(struct text *text, const struct mntcompat_probe_limit *row)
{
	member(text, "{", "name", row->name);
	if (row->known)
		put_format(text, ", \"value\": %" PRIu64, row->value);
	else
		puts_(text, ", \"value\": null");
	put_format(text, ", \"bites\": %s", row->bites ? "true" : "false");
	member(text, ", ", "detail", or_null(row->detail));
	puts_(text, "}");
}

static const char *mode_name(void)
{
	switch (mntcompat_get_mode()) {
	case MNTCOMPAT_MODE_NATIVE:
		return "native";
	case MNTCOMPAT_MODE_EMULATE:
		return "emulate";
	default:
		return "auto";
	}
}

static void put_head(struct text *text, const struct mntcompat_probe *probe)
{
	unsigned int major, minor;
	char kernel[32];

	member(text, "{\n ", "schema", "mntcompat-probe/1");
	member(text, ",\n ", "version", mntcompat_version());
	member(text, ",\n ", "release", probe->release);
	member(text, ",\n ", "root", *probe->root ? probe->root : "/");
	member(text, ",\n ", "mode", mode_name());
	if (mntcompat_get_kernel(&major, &minor)) {
		snprintf(kernel, sizeof(kernel), "%u.%u", major, minor);
		member(text, ",\n ", "kernel", kernel);
	} else {
		member(text, ",\n ", "kernel", NULL);
	}
	member(text, ",\n ", "batch", mntcompat_probe_batch(probe));
}

static void begin(struct text *text, const char *key)
{
	put_format(text, ",\n \"%s\": [", key);
}

static void next(struct text *text, size_t row)
{
	puts_(text, row ? ",\n  " : "\n  ");
}

int mntcompat_probe_json(const struct mntcompat_probe *probe, char **result)
{
	struct text text = { .start = NULL };
	size_t i;

	if (!probe || !result)
		return failure(-EFAULT);
	if (!probe->finished)
		return failure(-EAGAIN);
	put_head(&text, probe);
	if (probe->flags & MNTCOMPAT_PROBE_FEATURES) {
		const struct mntcompat_probe_feature *row;

		begin(&text, "features");
		for (i = 0; (row = mntcompat_probe_feature(probe, i)); i++) {
			next(&text, i);
			put_feature(&text, row);
		}
		puts_(&text, "\n ]");
	}
	if (probe->flags & MNTCOMPAT_PROBE_FILESYSTEMS) {
		const struct mntcompat_probe_filesystem *row;

		begin(&text, "filesystems");
		for (i = 0; (row = mntcompat_probe_filesystem(probe, i)); i++) {
			next(&text, i);
			put_filesystem(&text, row);
		}
		puts_(&text, "\n ]");
	}
	if (probe->flags & MNTCOMPAT_PROBE_LIMITS) {
		const struct mntcompat_probe_limit *row;

		begin(&text, "limits");
		for (i = 0; (row = mntcompat_probe_limit(probe, i)); i++) {
			next(&text, i);
			put_limit(&text, row);
		}
		puts_(&text, "\n ]");
	}
	begin(&text, "troubles");
	for (i = 0; mntcompat_probe_trouble(probe, i); i++) {
		next(&text, i);
		put_string(&text, mntcompat_probe_trouble(probe, i));
	}
	puts_(&text, i ? "\n ]\n}\n" : "]\n}\n");
	if (text.failed) {
		free(text.start);
		return failure(-ENOMEM);
	}
	*result = text.start;
	return 0;
}
