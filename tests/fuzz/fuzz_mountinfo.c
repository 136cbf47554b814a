// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz_mountinfo.c - libFuzzer target for compat/task/mountinfo.c: any bytes as a file, read in any
 * pieces. Stands in for raw.c, so no system call is made. Built and run by tests/fuzz/run. Aborts
 * when a field lies outside its line, or when a lookup disagrees with a plain search.
 */
#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "compat/task/mountinfo.h"
#include "compat/kernel/raw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

/* How the file behaves; the first bytes of the input. */
static struct {
	const char *text;
	size_t len;
	size_t chunk;	       /* most bytes per read */
	unsigned int changes;  /* how often poll() reports that the table has changed */
	unsigned int error_at; /* which read fails; 0: none */
	bool endless;
	unsigned int reads;
	size_t mappings;
} file;

/* Bytes behind each read that are poisoned. */
#define GUARD ((size_t)256)

/* A long line without a long input: this byte becomes that many. */
#define STRETCH_BYTE 0xff
#define STRETCH 40000u
#define STRETCH_LIMIT 4

ssize_t raw_pread(int fd, void *buf, size_t len, off_t offset)
{
	size_t at = (size_t)offset, n;

	(void)fd;
	if (++file.reads == file.error_at)
		return -EIO;
	/* one that never repeats an id: the limit itself has a unit test */
	if (file.endless && at > (size_t)256 << 10)
		return -EIO;
	if (file.endless && file.len)
		at %= file.len;
	if (at >= file.len)
		return 0;
	n = file.len - at < len ? file.len - at : len;
	if (file.chunk && n > file.chunk)
		n = file.chunk;
	ASAN_UNPOISON_MEMORY_REGION(buf, n);
	memcpy(buf, file.text + at, n);
	/* what was not read must not be looked at; all of it would take too long */
	ASAN_POISON_MEMORY_REGION((char *)buf + n, len - n < GUARD ? len - n : GUARD);
	return (ssize_t)n;
}

int raw_poll(struct pollfd *fds, unsigned int n, int timeout_ms)
{
	must(n == 1 && timeout_ms == 0);
	if (!file.changes)
		return 0;
	file.changes--;
	fds[0].revents = POLLPRI | POLLERR;
	return 1;
}

/* The first mapping is always the same memory: fresh pages cost more than everything else here. */
static _Alignas(4096) char pool[64 << 10];

void *raw_mmap(size_t len)
{
	must(file.mappings == 0 && len == sizeof(pool));
	file.mappings++;
	/* what a window held is copied to its start */
	ASAN_POISON_MEMORY_REGION(pool + sizeof(struct mountinfo_window),
				  sizeof(pool) - sizeof(struct mountinfo_window));
	return pool;
}

static void release(void *addr, size_t len)
{
	ASAN_UNPOISON_MEMORY_REGION(addr, len);
	if (addr != pool)
		free(addr);
}

void *raw_mremap(void *old, size_t old_len, size_t new_len)
{
	char *grown;

	if (file.endless || new_len > (size_t)1 << 20)
		return NULL;
	grown = malloc(new_len);
	must(grown);
	memcpy(grown, old, old_len);
	release(old, old_len);
	return grown;
}

void raw_munmap(void *addr, size_t len)
{
	file.mappings--;
	release(addr, len);
}

static void within(struct mountinfo_span span, const char *text, size_t len)
{
	must(span.text >= text && span.text + span.len <= text + len);
}

static void check_options(struct mountinfo_span all)
{
	struct mountinfo_options options = { .rest = all };
	struct mountinfo_span option, before = all;
	bool security, quoted;

	for (;;) {
		quoted = options.quoted_end && before.text < options.quoted_end;
		if (!mountinfo_next_option(&options, &option, &security))
			break;
		within(option, before.text, before.len);
		must(options.rest.len < before.len);
		must(options.rest.text + options.rest.len == before.text + before.len);
		must(option.text == before.text);
		/* at most one comma is eaten */
		must(options.rest.text == option.text + option.len ||
		     options.rest.text == option.text + option.len + 1);
		must(!memchr(option.text, ',', option.len));
		must(!quoted || security);
		before = options.rest;
	}
	must(options.rest.len == 0);
}

static void check_line(const struct mountinfo_line *line, const char *text, size_t len)
{
	struct mountinfo_span rest;
	size_t want;
	char *out;

	within(line->root, text, len);
	within(line->mount_point, text, len);
	within(line->mount_options, text, len);
	within(line->type, text, len);
	within(line->source, text, len);
	within(line->super_options, text, len);
	must(line->mount_point.len && line->type.len && line->super_options.len);
	must(!memchr(line->mount_point.text, ' ', line->mount_point.len));
	must(!memchr(line->source.text, ' ', line->source.len));

	want = mountinfo_unescape(line->mount_point, NULL, 0);
	must(want <= line->mount_point.len && want * 4 >= line->mount_point.len);
	out = malloc(want);
	must(mountinfo_unescape(line->mount_point, out, want) == want);
	free(out);

	must(!(mountinfo_mount_attr(line->mount_options) & ~0x3000bfull));
	must(!(mountinfo_super(line->super_options, &rest) & ~0x2000091u));
	within(rest, line->super_options.text, line->super_options.len);
	must(rest.text + rest.len == line->super_options.text + line->super_options.len);
	check_options(rest);
	check_options(line->super_options);
}

/* The id that a line starts with, found the slow way. */
static bool plain_id(const char *line, size_t len, uint64_t *id)
{
	size_t i;

	*id = 0;
	for (i = 0; i < len && line[i] >= '0' && line[i] <= '9'; i++) {
		*id = *id * 10 + (uint64_t)(line[i] - '0');
		if (*id > UINT32_MAX || (i == 0 && *id == 0 && len > 1 && line[1] != ' '))
			return false; /* too large, or zeros in front: not as the kernel prints */
	}
	return i > 0 && i < len && line[i] == ' ';
}

/* The expected result of mountinfo_find() for a file that is read once, without errors. */
static int plain_find(uint32_t id)
{
	const char *end = file.text + file.len, *first = NULL;
	size_t first_len = 0;

	for (const char *line = file.text, *newline; line < end; line = newline + 1) {
		size_t len, key;
		const char *blank;
		uint64_t found;

		newline = memchr(line, '\n', (size_t)(end - line));
		if (!newline)
			break;
		len = (size_t)(newline - line);
		blank = memchr(line, ' ', len);
		/* longer ones are not ids */
		key = blank && blank - line < 12 ? (size_t)(blank - line) + 1 : 0;
		if (!first) {
			first = line;
			first_len = key;
		} else if (first_len > 1 && key == first_len && memcmp(line, first, key) == 0) {
			break;
		}
		if (plain_id(line, len, &found) && found == id) {
			struct mountinfo_line parsed;

			return mountinfo_parse_line(line, len, &parsed) == 0 ? 0 : -EIO;
		}
	}
	return -ENOENT;
}

static void check_find(uint32_t id, bool whole)
{
	static struct mountinfo_window window;
	struct mountinfo_table table;
	struct mountinfo_line line;
	bool fails = file.error_at || file.endless;
	int want = plain_find(id), ret;

	file.reads = 0;
	ret = mountinfo_find(3, id, whole ? NULL : &window, &table, &line);
	if (!fails)
		must(ret == want);
	must(file.mappings == (table.mapped ? 1 : 0));
	must(ret != 0 || !whole || table.mapped);
	must((ret == 0) == (table.text != NULL));
	if (ret == 0) {
		must(line.id == id);
		check_line(&line, table.text, table.len);
	}
	mountinfo_release(&table);
	must(file.mappings == 0);
	ASAN_UNPOISON_MEMORY_REGION(&window, sizeof(window));
}

static char *stretch(const uint8_t *data, size_t size, size_t *len)
{
	unsigned int left = 0; /* bytes that may still be stretched */
	size_t n = 0;
	char *text;

	for (size_t i = 0; i < size && left < STRETCH_LIMIT; i++)
		left += data[i] == STRETCH_BYTE;
	text = malloc(size + (size_t)left * STRETCH + 1);
	must(text);
	for (size_t i = 0; i < size; i++) {
		if (data[i] == STRETCH_BYTE && left) {
			memset(text + n, 'l', STRETCH);
			n += STRETCH;
			left--;
		} else {
			text[n++] = (char)data[i];
		}
	}
	*len = n;
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mountinfo_table table;
	struct mountinfo_line line;
	unsigned int changes, lines = 0;
	uint32_t ids[6], other;
	size_t pos = 0;
	char *exact;
	int ret;

	if (size < 4)
		return 0;
	memset(&file, 0, sizeof(file));
	file.chunk = data[0];
	/* every change is a reading more, so most inputs make no change */
	changes = data[1] & 64 ? data[1] & 15 : 0;
	file.endless = data[1] & 16;
	file.error_at = data[2] & 7;
	other = data[3];
	file.text = stretch(data + 4, size - 4, &file.len);
	/* single bytes of a long file cost time and show nothing new */
	if (file.len > STRETCH) {
		file.endless = false;
		file.chunk *= 61;
	} else if (file.endless) {
		file.chunk *= 17;
	}

	/* a single line, in memory that ends where it ends */
	exact = malloc(file.len ? file.len : 1);
	must(exact);
	memcpy(exact, file.text, file.len);
	if (mountinfo_parse_line(exact, file.len, &line) == 0)
		check_line(&line, exact, file.len);
	check_options((struct mountinfo_span){ exact, file.len });
	free(exact);

	file.changes = changes;
	ret = mountinfo_read(3, &table);
	must(ret <= 0);
	must(ret == 0 || !table.text);
	while (mountinfo_next(&table, &pos, &line)) {
		must(pos <= table.len);
		check_line(&line, table.text, table.len);
		if (lines < sizeof(ids) / sizeof(ids[0]))
			ids[lines] = line.id;
		lines++;
	}
	must(pos == table.len);
	mountinfo_release(&table);
	must(file.mappings == 0);

	for (unsigned int i = 0; i < lines && i < sizeof(ids) / sizeof(ids[0]); i++) {
		file.changes = changes;
		check_find(ids[i], i & 1);
	}
	file.changes = changes;
	check_find(other, false);
	file.changes = changes;
	check_find(other * 1000003u, true);
	free((char *)file.text);
	return 0;
}
