// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mountinfo.c - reading /proc/PID/mountinfo: a line into fields, a whole table, a line by id.
 * Touches the file it is given and private mappings, through raw.h; no malloc, no errno, no
 * globals.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/task/mountinfo.h"

/*
 * The kernel hands out at most a page of whole lines per read (4,092 bytes of a 63 KiB table,
 * however much was requested), so a larger first mapping saves no reads; it only saves growing.
 * Untouched pages cost nothing. Doubling keeps the number of mremaps small.
 */
#define MOUNTINFO_FIRST_MAPPING ((size_t)64 << 10)
#define MOUNTINFO_LIMIT ((size_t)1 << 30)

/*
 * The kernel formats as many lines as a read requests, at 1.5 us each. If one line is wanted, small
 * reads reach it sooner, and even for the last one of 1,000 they take no longer (6.18).
 */
#define MOUNTINFO_SMALL_READ ((size_t)1024)

/* How often a table that changes under the reader is read anew before the last reading is taken. */
#define MOUNTINFO_REREADS 8

/* --- one line --- */

/* The rest of a line. */
struct mountinfo_cursor {
	const char *at;
	const char *end;
};

/*
 * The next column: everything up to one blank, which is eaten. The last column has no blank after
 * it. Two blanks in a row are an empty column: that is how the kernel prints an empty source.
 */
static bool mountinfo_column(struct mountinfo_cursor *cursor, struct mountinfo_span *column)
{
	const char *blank = memchr(cursor->at, ' ', (size_t)(cursor->end - cursor->at));

	if (!blank)
		return false;
	column->text = cursor->at;
	column->len = (size_t)(blank - cursor->at);
	cursor->at = blank + 1;
	return true;
}

static bool mountinfo_digits(struct mountinfo_cursor *cursor, uint64_t max, uint64_t *number)
{
	const char *start = cursor->at;
	uint64_t value = 0;

	for (; cursor->at < cursor->end; cursor->at++) {
		unsigned int digit = (unsigned char)*cursor->at - (unsigned int)'0';

		if (digit > 9)
			break;
		/* The second one divides, and is hardly ever needed. */
		if (value >= UINT32_MAX / 10 && value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*number = value;
	return cursor->at > start;
}

static bool mountinfo_character(struct mountinfo_cursor *cursor, char c)
{
	if (cursor->at == cursor->end || *cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

static bool mountinfo_number(struct mountinfo_cursor *cursor, char after, uint32_t *number)
{
	uint64_t value;

	if (!mountinfo_digits(cursor, UINT32_MAX, &value) || !mountinfo_character(cursor, after))
		return false;
	*number = (uint32_t)value;
	return true;
}

static bool mountinfo_is(struct mountinfo_span span, const char *word)
{
	size_t len = strlen(word);

	return span.len == len && memcmp(span.text, word, len) == 0;
}

static bool mountinfo_starts(struct mountinfo_span span, const char *word)
{
	size_t len = strlen(word);

	return span.len >= len && memcmp(span.text, word, len) == 0;
}

/* A group id behind a tag: "shared:12". */
static bool mountinfo_group(struct mountinfo_span field, const char *tag, uint64_t *group)
{
	struct mountinfo_cursor cursor = { field.text + strlen(tag), field.text + field.len };

	return mountinfo_digits(&cursor, UINT64_MAX, group) && cursor.at == cursor.end;
}

/* One optional field. A newer kernel may print unknown ones, which are skipped. */
static bool mountinfo_optional(struct mountinfo_span field, struct mountinfo_line *line)
{
	if (mountinfo_starts(field, "shared:"))
		return mountinfo_group(field, "shared:", &line->peer_group);
	if (mountinfo_starts(field, "master:"))
		return mountinfo_group(field, "master:", &line->master);
	if (mountinfo_starts(field, "propagate_from:"))
		return mountinfo_group(field, "propagate_from:", &line->propagate_from);
	if (mountinfo_is(field, "unbindable"))
		line->unbindable = true;
	return true;
}

int mountinfo_parse_line(const char *text, size_t len, struct mountinfo_line *line)
{
	struct mountinfo_cursor cursor = { text, text + len };
	struct mountinfo_span field;

	if (!mountinfo_number(&cursor, ' ', &line->id) ||
	    !mountinfo_number(&cursor, ' ', &line->parent) ||
	    !mountinfo_number(&cursor, ':', &line->dev_major) ||
	    !mountinfo_number(&cursor, ' ', &line->dev_minor) ||
	    !mountinfo_column(&cursor, &line->root) || !line->root.len ||
	    !mountinfo_column(&cursor, &line->mount_point) || !line->mount_point.len ||
	    !mountinfo_column(&cursor, &line->mount_options) || !line->mount_options.len)
		return -EINVAL;

	line->peer_group = 0;
	line->master = 0;
	line->propagate_from = 0;
	line->unbindable = false;
	/*
	 * A "-" of its own ends the optional fields; names may be "-" too, but are in other
	 * columns.
	 */
	for (;;) {
		if (!mountinfo_column(&cursor, &field))
			return -EINVAL;
		if (mountinfo_is(field, "-"))
			break;
		if (!mountinfo_optional(field, line))
			return -EINVAL;
	}

	if (!mountinfo_column(&cursor, &line->type) || !line->type.len ||
	    !mountinfo_column(&cursor, &line->source))
		return -EINVAL;
	/* The rest is one column: a filesystem that prints a bare blank keeps it. */
	line->super_options.text = cursor.at;
	line->super_options.len = (size_t)(cursor.end - cursor.at);
	return line->super_options.len ? 0 : -EINVAL;
}

/* --- columns --- */

/*
 * As the kernel itself unescapes for statmount: one to three octal digits, a third one only while
 * the value still fits a byte. Paths always come with three.
 */
static size_t mountinfo_escape(const char *text, size_t len, unsigned char *byte)
{
	unsigned int value = 0;
	size_t n = 1;

	while (n < len && n <= 3 && value < 32 && text[n] >= '0' && text[n] <= '7')
		value = value * 8 + (unsigned int)(text[n++] - '0');
	*byte = (unsigned char)value;
	return n > 1 ? n : 0;
}

size_t mountinfo_unescape(struct mountinfo_span span, char *out, size_t size)
{
	size_t from = 0, to = 0;

	while (from < span.len) {
		unsigned char byte = (unsigned char)span.text[from];
		size_t used = 0;

		if (byte == '\\')
			used = mountinfo_escape(span.text + from, span.len - from, &byte);
		/* A backslash that escapes nothing stands for itself. */
		if (!used) {
			byte = (unsigned char)span.text[from];
			used = 1;
		}
		if (to < size)
			out[to] = (char)byte;
		to++;
		from += used;
	}
	return to;
}

/* The next word up to a comma, which is eaten. False when nothing is left. */
static bool mountinfo_word(struct mountinfo_span *rest, struct mountinfo_span *word)
{
	const char *comma;

	if (!rest->len)
		return false;
	comma = memchr(rest->text, ',', rest->len);
	word->text = rest->text;
	word->len = comma ? (size_t)(comma - rest->text) : rest->len;
	rest->text += word->len;
	rest->len -= word->len;
	if (comma) {
		rest->text++;
		rest->len--;
	}
	return true;
}

/* In a table: a word and its length. */
#define WORD(word) word, sizeof(word) - 1

uint64_t mountinfo_mount_attr(struct mountinfo_span mount_options)
{
	static const struct {
		char word[12];
		uint8_t len;
		uint32_t set;
		uint32_t clear;
	} words[] = {
		{ WORD("ro"), MNTCOMPAT_MOUNT_ATTR_RDONLY, 0 },
		{ WORD("nosuid"), MNTCOMPAT_MOUNT_ATTR_NOSUID, 0 },
		{ WORD("nodev"), MNTCOMPAT_MOUNT_ATTR_NODEV, 0 },
		{ WORD("noexec"), MNTCOMPAT_MOUNT_ATTR_NOEXEC, 0 },
		{ WORD("noatime"), MNTCOMPAT_MOUNT_ATTR_NOATIME, MNTCOMPAT_MOUNT_ATTR_STRICTATIME },
		{ WORD("relatime"), MNTCOMPAT_MOUNT_ATTR_RELATIME,
		  MNTCOMPAT_MOUNT_ATTR_STRICTATIME },
		{ WORD("nodiratime"), MNTCOMPAT_MOUNT_ATTR_NODIRATIME, 0 },
		{ WORD("idmapped"), MNTCOMPAT_MOUNT_ATTR_IDMAP, 0 },
		{ WORD("nosymfollow"), MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW, 0 }, /* 5.10 */
	};
	struct mountinfo_span word;
	uint64_t attr = MNTCOMPAT_MOUNT_ATTR_STRICTATIME; /* unless another atime is named */

	while (mountinfo_word(&mount_options, &word)) {
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (word.len != words[i].len ||
			    memcmp(word.text, words[i].word, word.len) != 0)
				continue;
			attr |= words[i].set;
			attr &= ~(uint64_t)words[i].clear;
			break;
		}
	}
	return attr;
}

uint32_t mountinfo_super(struct mountinfo_span super_options, struct mountinfo_span *rest)
{
	/*
	 * In the order in which the kernel prints them, each at most once: a filesystem may have an
	 * option called "sync" of its own, and that one comes later.
	 */
	static const struct {
		char word[12];
		uint8_t len;
		uint32_t flag;
	} words[] = {
		{ WORD("rw"), 0 },
		{ WORD("ro"), MS_RDONLY },
		{ WORD("sync"), MS_SYNCHRONOUS },
		{ WORD("dirsync"), MS_DIRSYNC },
		{ WORD("mand"), 0 }, /* statmount hides SB_MANDLOCK */
		{ WORD("lazytime"), UAPI_MS_LAZYTIME },
	};
	uint32_t flags = 0;

	*rest = super_options;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct mountinfo_span after = *rest, word;

		if (!mountinfo_word(&after, &word) || word.len != words[i].len ||
		    memcmp(word.text, words[i].word, word.len) != 0)
			continue;
		flags |= words[i].flag;
		*rest = after;
		if (i == 0)
			i++; /* either rw or ro */
	}
	return flags;
}

#undef WORD

static bool mountinfo_is_security(struct mountinfo_span rest)
{
	return mountinfo_starts(rest, "context=") || mountinfo_starts(rest, "fscontext=") ||
	       mountinfo_starts(rest, "defcontext=") || mountinfo_starts(rest, "rootcontext=") ||
	       mountinfo_starts(rest, "smackfs");
}

/*
 * Only LSM options are quoted, around the whole value, and a quote inside it is escaped: behind the
 * quoted value, or NULL. In an option of a filesystem a quote is a byte like any other.
 */
static const char *mountinfo_quoted_end(struct mountinfo_span option, struct mountinfo_span start)
{
	const char *end = start.text + start.len, *equals, *quote;

	equals = memchr(option.text, '=', option.len);
	if (!equals || equals + 1 == option.text + option.len || equals[1] != '"')
		return NULL;
	quote = memchr(equals + 2, '"', (size_t)(end - equals - 2));
	if (!quote || (quote + 1 < end && quote[1] != ','))
		return NULL;
	return quote + 1;
}

bool mountinfo_next_option(struct mountinfo_options *options, struct mountinfo_span *option,
			   bool *security)
{
	struct mountinfo_span start = options->rest;

	if (!mountinfo_word(&options->rest, option))
		return false;
	*security = true;
	if (options->quoted_end && option->text < options->quoted_end)
		return true;
	*security = mountinfo_is_security(start) || mountinfo_is(*option, "seclabel");
	if (*security)
		options->quoted_end = mountinfo_quoted_end(*option, start);
	return true;
}

/* --- the file --- */

/* The start of a line up to the blank after the id: enough to tell one mount from another. */
struct mountinfo_key {
	char text[12];
	size_t len;
};

static void mountinfo_key(struct mountinfo_key *key, uint32_t id)
{
	char digits[10];
	size_t n = 0;

	do
		digits[n++] = (char)('0' + id % 10);
	while (id /= 10);
	key->len = 0;
	while (n)
		key->text[key->len++] = digits[--n];
	key->text[key->len++] = ' ';
}

static bool mountinfo_has_key(const char *line, size_t len, const struct mountinfo_key *key)
{
	/* The last digits differ the most, and looking at one byte is cheaper than a call. */
	return len >= key->len && line[key->len - 2] == key->text[key->len - 2] &&
	       memcmp(line, key->text, key->len) == 0;
}

/* One reading of the file, front to back. */
struct mountinfo_reading {
	struct mountinfo_table *table;
	struct mountinfo_window *window; /* of which one line is wanted; NULL: all of them */
	struct mountinfo_key wanted;	 /* len 0: nothing in particular */
	size_t found;			 /* where that line starts */
	size_t found_len;		 /* without its newline; 0: not seen yet */
	size_t line;			 /* start of the first line not yet complete */
	size_t seen;			 /* no newline between line and here */
	struct mountinfo_key first;	 /* of the file's first line; len 0: not known yet */
};

/* The beginning of the first line, by which it is recognized later. */
static void mountinfo_first_key(struct mountinfo_key *key, const char *line, size_t len)
{
	const char *blank = memchr(line, ' ', len < sizeof(key->text) ? len : sizeof(key->text));

	/* Not an id: never repeats, and nothing will parse it. */
	key->text[0] = '\n';
	key->text[1] = '\n';
	key->len = 2;
	if (blank && blank > line) {
		key->len = (size_t)(blank - line) + 1;
		memcpy(key->text, line, key->len);
	}
}

/*
 * Looks at the lines that became complete. True when there is no need to read on: the wanted line
 * is there (and nothing else is wanted), or the table begins again.
 */
static bool mountinfo_scan(struct mountinfo_reading *reading)
{
	struct mountinfo_table *table = reading->table;
	const char *newline;

	while ((newline = memchr(table->text + reading->seen, '\n', table->len - reading->seen))) {
		const char *line = table->text + reading->line;
		size_t len = (size_t)(newline - line);

		if (!reading->first.len) {
			mountinfo_first_key(&reading->first, line, len);
		} else if (mountinfo_has_key(line, len, &reading->first)) {
			/*
			 * An id stands in a table once. Kernels 6.16 to 6.18.15 repeat the line of
			 * a namespace with one mount for ever, so the first line is the one to
			 * watch.
			 */
			table->len = reading->line;
			return true;
		}
		if (reading->wanted.len && !reading->found_len &&
		    mountinfo_has_key(line, len, &reading->wanted)) {
			reading->found = reading->line;
			reading->found_len = len;
			if (reading->window)
				return true;
		}
		table->lines++;
		reading->line = reading->seen = reading->line + len + 1;
	}
	reading->seen = table->len;
	return false;
}

static int mountinfo_grow(struct mountinfo_table *table)
{
	char *text;

	if (!table->mapped) {
		text = raw_mmap(MOUNTINFO_FIRST_MAPPING);
		if (!text)
			return -ENOMEM;
		/* A line that is longer than the window. */
		if (table->len)
			memcpy(text, table->text, table->len);
		table->text = text;
		table->mapped = MOUNTINFO_FIRST_MAPPING;
		return 0;
	}
	if (table->mapped >= MOUNTINFO_LIMIT)
		return -EIO;
	text = raw_mremap(table->text, table->mapped, table->mapped * 2);
	if (!text)
		return -ENOMEM;
	table->text = text;
	table->mapped *= 2;
	return 0;
}

/* Where one line is wanted, those that are not need no room: the table's length costs no memory. */
static void mountinfo_forget(struct mountinfo_reading *reading)
{
	struct mountinfo_table *table = reading->table;

	if (!reading->line)
		return;
	table->len -= reading->line;
	reading->seen -= reading->line;
	memmove(table->text, table->text + reading->line, table->len);
	reading->line = 0;
}

/*
 * pread instead of read: the file starts over without a seek, and going on where the last read
 * ended costs the kernel nothing more.
 */
static int mountinfo_read_once(int fd, bool small, struct mountinfo_reading *reading)
{
	struct mountinfo_table *table = reading->table;

	table->len = table->lines = 0;
	if (!table->mapped)
		table->text = reading->window ? reading->window->text : NULL;
	reading->found = reading->found_len = 0;
	reading->line = reading->seen = reading->first.len = 0;
	for (size_t offset = 0;;) {
		size_t room = table->mapped, size;
		ssize_t n;

		if (reading->window) {
			mountinfo_forget(reading);
			if (!room)
				room = sizeof(reading->window->text);
			if (offset >= MOUNTINFO_LIMIT)
				return -EIO;
		}
		if (table->len == room) {
			int ret = mountinfo_grow(table);

			if (ret)
				return ret;
			room = table->mapped;
		}
		size = room - table->len;
		if (small && size > MOUNTINFO_SMALL_READ)
			size = MOUNTINFO_SMALL_READ;
		n = raw_pread(fd, table->text + table->len, size, (off_t)offset);
		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		if (n == 0)
			return 0;
		table->len += (size_t)n;
		offset += (size_t)n;
		if (mountinfo_scan(reading))
			return 0;
	}
}

/* True if the table has changed since the file was opened, or since the last call. */
static bool mountinfo_changed(int fd)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLPRI };

	return raw_poll(&pollfd, 1, 0) > 0 && (pollfd.revents & POLLPRI);
}

static int mountinfo_load(int fd, struct mountinfo_reading *reading)
{
	int ret;

	/*
	 * Changes before the first byte is read do not matter; the fd may have been kept for long.
	 */
	if (!reading->window)
		(void)mountinfo_changed(fd);
	for (int reread = 0;; reread++) {
		/* a table that changes is better read in few pieces */
		ret = mountinfo_read_once(fd, reading->window && !reread, reading);
		if (ret < 0)
			break;
		/* A line is made in one go. Only a line that is missing depends on the others. */
		if (reading->found_len && reading->window)
			break;
		if (reread == MOUNTINFO_REREADS || !mountinfo_changed(fd))
			break;
	}
	if (ret < 0)
		mountinfo_release(reading->table);
	return ret;
}

int mountinfo_read(int fd, struct mountinfo_table *table)
{
	struct mountinfo_reading reading = { .table = table };

	*table = (struct mountinfo_table){ 0 };
	return mountinfo_load(fd, &reading);
}

void mountinfo_release(struct mountinfo_table *table)
{
	if (table->mapped)
		raw_munmap(table->text, table->mapped);
	*table = (struct mountinfo_table){ 0 };
}

bool mountinfo_next(const struct mountinfo_table *table, size_t *pos, struct mountinfo_line *line)
{
	while (*pos < table->len) {
		const char *start = table->text + *pos;
		const char *newline = memchr(start, '\n', table->len - *pos);

		/* A line without its end may lack anything. */
		if (!newline)
			break;
		*pos += (size_t)(newline - start) + 1;
		if (mountinfo_parse_line(start, (size_t)(newline - start), line) == 0)
			return true;
	}
	*pos = table->len;
	return false;
}

int mountinfo_find(int fd, uint32_t id, struct mountinfo_window *window,
		   struct mountinfo_table *table, struct mountinfo_line *line)
{
	struct mountinfo_reading reading = { .table = table, .window = window };
	int ret;

	*table = (struct mountinfo_table){ 0 };
	mountinfo_key(&reading.wanted, id);
	ret = mountinfo_load(fd, &reading);
	if (ret < 0)
		return ret;
	ret = -ENOENT;
	if (reading.found_len) {
		ret = mountinfo_parse_line(table->text + reading.found, reading.found_len, line);
		if (ret < 0)
			ret = -EIO; /* a line of an unknown format */
	}
	if (ret < 0)
		mountinfo_release(table);
	return ret;
}
