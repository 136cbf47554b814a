// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_mountinfo.c - unit tests of compat/task/mountinfo.c: lines, columns, whole files, a line by
 * id. Includes the source, so that reads can be cut anywhere and tables can change under the
 * reader. The last group compares with statmount of the running kernel, and is left out where there
 * is none.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat/kernel/raw.h"

static ssize_t fake_pread(int fd, void *buf, size_t len, off_t offset);
static int fake_poll(struct pollfd *fds, unsigned int n, int timeout_ms);
static void *fake_mmap(size_t len);
static void *fake_mremap(void *old, size_t old_len, size_t new_len);
static void fake_munmap(void *addr, size_t len);
#define raw_pread fake_pread
#define raw_poll fake_poll
#define raw_mmap fake_mmap
#define raw_mremap fake_mremap
#define raw_munmap fake_munmap
#include "../../compat/task/mountinfo.c"
#include "tests/unit/private.h"
#undef raw_pread
#undef raw_poll
#undef raw_mmap
#undef raw_mremap
#undef raw_munmap

/* --- a file that does what we want --- */

#define FAKE_FD 1000000

static struct {
	const char *text[32];  /* what the file holds at the first, second... reading */
	unsigned int versions; /* after the last one nothing changes any more */
	bool restless;	       /* changes every time, for ever */
	bool endless;	       /* repeats text[0] for ever */
	bool hollow;	       /* endless zeros that cost no memory */
	size_t chunk;	       /* most bytes per read; 0: no limit */
	int error_at;	       /* which read fails */
	int error;
	int fail_maps_from; /* mappings fail from this one on; 0: never */
	unsigned int version, reads, polls, restarts;
	int maps;
	size_t mapped, most_mapped, handed_out;
} fake;

static void fake_reset(const char *text)
{
	memset(&fake, 0, sizeof(fake));
	fake.text[0] = text;
	fake.versions = 1;
}

static ssize_t fake_pread(int fd, void *buf, size_t len, off_t offset)
{
	const char *text = fake.text[fake.version];
	size_t size, at = (size_t)offset;

	if (fd != FAKE_FD)
		return raw_pread(fd, buf, len, offset);
	fake.reads++;
	if (!offset)
		fake.restarts++;
	if (fake.error && (int)fake.reads == fake.error_at)
		return fake.error;
	if (fake.hollow)
		return (ssize_t)len;
	size = strlen(text);
	if (fake.endless)
		at %= size;
	if (at >= size)
		return 0;
	if (len > size - at)
		len = size - at;
	if (fake.chunk && len > fake.chunk)
		len = fake.chunk;
	memcpy(buf, text + at, len);
	fake.handed_out += len;
	return (ssize_t)len;
}

static int fake_poll(struct pollfd *fds, unsigned int n, int timeout_ms)
{
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(timeout_ms, 0);
	if (fds[0].fd != FAKE_FD)
		return raw_poll(fds, n, timeout_ms);
	fake.polls++;
	/* before anything was read there is nothing to be late for */
	if (!fake.reads)
		return 0;
	if (!fake.restless) {
		if (fake.version + 1 >= fake.versions)
			return 0;
		fake.version++;
	}
	fds[0].revents = POLLPRI | POLLERR;
	return 1;
}

static void *fake_mmap(size_t len)
{
	fake.maps++;
	if (fake.fail_maps_from && fake.maps >= fake.fail_maps_from)
		return NULL;
	fake.mapped += len;
	if (fake.mapped > fake.most_mapped)
		fake.most_mapped = fake.mapped;
	return raw_mmap(len);
}

static void *fake_mremap(void *old, size_t old_len, size_t new_len)
{
	fake.maps++;
	if (fake.fail_maps_from && fake.maps >= fake.fail_maps_from)
		return NULL;
	fake.mapped += new_len - old_len;
	if (fake.mapped > fake.most_mapped)
		fake.most_mapped = fake.mapped;
	return raw_mremap(old, old_len, new_len);
}

static void fake_munmap(void *addr, size_t len)
{
	fake.mapped -= len;
	raw_munmap(addr, len);
}

/* --- helpers --- */

static struct mountinfo_span span(const char *text)
{
	return (struct mountinfo_span){ text, strlen(text) };
}

static void assert_span(struct mountinfo_span got, const char *want)
{
	char text[512];

	ck_assert_uint_lt(got.len, sizeof(text));
	memcpy(text, got.text, got.len);
	text[got.len] = '\0';
	ck_assert_uint_eq(strlen(text), got.len);
	ck_assert_str_eq(text, want);
}

/* Parses a copy of exactly the size, so that a sanitizer sees a byte read too many. */
static int parse(const char *text, size_t len, struct mountinfo_line *line)
{
	static char *copy;

	free(copy);
	copy = malloc(len ? len : 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, text, len);
	memset(line, 0x5a, sizeof(*line));
	return mountinfo_parse_line(copy, len, line);
}

static int parse_text(const char *text, struct mountinfo_line *line)
{
	return parse(text, strlen(text), line);
}

/* --- lines --- */

START_TEST(line_plain)
{
	struct mountinfo_line line;

	ck_assert_int_eq(
		parse_text("25 24 0:23 / /dev/shm rw,relatime - tmpfs shm rw,size=10k", &line), 0);
	ck_assert_uint_eq(line.id, 25);
	ck_assert_uint_eq(line.parent, 24);
	ck_assert_uint_eq(line.dev_major, 0);
	ck_assert_uint_eq(line.dev_minor, 23);
	assert_span(line.root, "/");
	assert_span(line.mount_point, "/dev/shm");
	assert_span(line.mount_options, "rw,relatime");
	ck_assert_uint_eq(line.peer_group, 0);
	ck_assert_uint_eq(line.master, 0);
	ck_assert_uint_eq(line.propagate_from, 0);
	ck_assert(!line.unbindable);
	assert_span(line.type, "tmpfs");
	assert_span(line.source, "shm");
	assert_span(line.super_options, "rw,size=10k");
}
END_TEST

START_TEST(line_optional_fields)
{
	struct mountinfo_line line;

	ck_assert_int_eq(
		parse_text("1 2 8:1 /a /b ro shared:3 master:4 propagate_from:5 unbindable - "
			   "ext4 /dev/sda1 rw",
			   &line),
		0);
	ck_assert_uint_eq(line.peer_group, 3);
	ck_assert_uint_eq(line.master, 4);
	ck_assert_uint_eq(line.propagate_from, 5);
	ck_assert(line.unbindable);
	assert_span(line.type, "ext4");

	/* what a later kernel may add, before, between and after */
	ck_assert_int_eq(
		parse_text("1 2 8:1 /a /b ro new shared:3 newer:x:y master:4 -- a- -a - ext4 s rw",
			   &line),
		0);
	ck_assert_uint_eq(line.peer_group, 3);
	ck_assert_uint_eq(line.master, 4);
	ck_assert_uint_eq(line.propagate_from, 0);
	ck_assert(!line.unbindable);
	ck_assert_int_eq(
		parse_text("1 2 8:1 /a /b ro unbindable: sharedx:3 shared - ext4 s rw", &line), 0);
	ck_assert(!line.unbindable);
	ck_assert_uint_eq(line.peer_group, 0);
	ck_assert_int_eq(parse_text("1 2 8:1 /a /b ro shared:18446744073709551615 - e s rw", &line),
			 0);
	ck_assert_uint_eq(line.peer_group, UINT64_MAX);
}
END_TEST

START_TEST(line_empty_source)
{
	struct mountinfo_line line;

	ck_assert_int_eq(parse_text("1 2 0:9 / /x rw - tmpfs  rw,mode=755", &line), 0);
	assert_span(line.type, "tmpfs");
	assert_span(line.source, "");
	assert_span(line.super_options, "rw,mode=755");
}
END_TEST

START_TEST(line_dashes_in_names)
{
	struct mountinfo_line line;

	ck_assert_int_eq(parse_text("1 2 0:9 - - - - - - -", &line), 0);
	assert_span(line.root, "-");
	assert_span(line.mount_point, "-");
	assert_span(line.mount_options, "-");
	assert_span(line.type, "-");
	assert_span(line.source, "-");
	assert_span(line.super_options, "-");
	ck_assert_int_eq(parse_text("1 2 0:9 /- /a-b/- rw shared:1 - fuse.- - rw,-", &line), 0);
	assert_span(line.mount_point, "/a-b/-");
	assert_span(line.type, "fuse.-");
	assert_span(line.source, "-");
	assert_span(line.super_options, "rw,-");
}
END_TEST

START_TEST(line_odd_columns)
{
	struct mountinfo_line line;

	ck_assert_int_eq(
		parse_text("36 25 0:4 mnt:[4026531841] /run/ns rw shared:1 - nsfs nsfs rw", &line),
		0);
	assert_span(line.root, "mnt:[4026531841]");
	ck_assert_int_eq(parse_text("36 25 0:4 /a//deleted /m\\040\\011\\012\\134x rw - fuse.sshfs "
				    "u@h:/d\\043e rw,x",
				    &line),
			 0);
	assert_span(line.root, "/a//deleted");
	assert_span(line.mount_point, "/m\\040\\011\\012\\134x");
	assert_span(line.type, "fuse.sshfs");
	assert_span(line.source, "u@h:/d\\043e");
	/* 5.10 does not escape '#' */
	ck_assert_int_eq(parse_text("36 25 0:4 / /# rw - tmpfs #s# rw", &line), 0);
	assert_span(line.mount_point, "/#");
	assert_span(line.source, "#s#");
	/* a filesystem that prints blanks in its options */
	ck_assert_int_eq(parse_text("36 25 0:4 / /a rw - x y rw,name=a b - c,d", &line), 0);
	assert_span(line.super_options, "rw,name=a b - c,d");
}
END_TEST

START_TEST(line_long_options)
{
	static const char head[] = "7 1 0:5 / /o rw - overlay o rw,lowerdir=";
	size_t len = sizeof(head) - 1 + (64 << 10);
	char *text = malloc(len + 1);
	struct mountinfo_line line;
	struct mountinfo_options options = { .rest = { 0 } };
	struct mountinfo_span option;
	bool security;

	ck_assert_ptr_nonnull(text);
	memset(text, 'l', len);
	text[len] = '\0';
	memcpy(text, head, sizeof(head) - 1);
	ck_assert_int_eq(parse(text, len, &line), 0);
	ck_assert_uint_eq(line.super_options.len, (64 << 10) + strlen("rw,lowerdir="));
	ck_assert_uint_eq(mountinfo_super(line.super_options, &options.rest), 0);
	ck_assert(mountinfo_next_option(&options, &option, &security));
	ck_assert_uint_eq(option.len, (64 << 10) + strlen("lowerdir="));
	ck_assert(!mountinfo_next_option(&options, &option, &security));
	free(text);
}
END_TEST

START_TEST(line_truncated)
{
	static const char text[] = "123 4 56:78 /ro\\040ot /mo/int rw,nosuid shared:9 master:10 - "
				   "fuse.x so\\043urce ro,sync,a=b";
	size_t whole = sizeof(text) - 1, enough = (size_t)(strstr(text, "ro,sync") + 1 - text);
	struct mountinfo_line line;

	/* Valid from the first byte of the last column on, which can end anywhere. */
	for (size_t len = 0; len <= whole; len++)
		ck_assert_int_eq(parse(text, len, &line), len >= enough ? 0 : -EINVAL);
	for (size_t from = 1; from < whole; from++)
		(void)parse(text + from, whole - from, &line);
}
END_TEST

START_TEST(line_numbers)
{
	static const char *const bad[] = {
		"4294967296 1 0:1 / / rw - t s rw",
		"99999999999999999999999999 1 0:1 / / rw - t s rw",
		"1 4294967296 0:1 / / rw - t s rw",
		"1 1 4294967296:1 / / rw - t s rw",
		"1 1 0:4294967296 / / rw - t s rw",
		"1 1 0:1 / / rw shared:18446744073709551616 - t s rw",
		"1 1 0:1 / / rw master:99999999999999999999 - t s rw",
		"1 1 0:1 / / rw propagate_from: - t s rw",
		"1 1 0:1 / / rw shared:1x - t s rw",
		"1 1 0:1 / / rw shared:-1 - t s rw",
		"-1 1 0:1 / / rw - t s rw",
		"+1 1 0:1 / / rw - t s rw",
		" 1 1 0:1 / / rw - t s rw",
		"1  1 0:1 / / rw - t s rw",
		"1x 1 0:1 / / rw - t s rw",
		"1 0x1 0:1 / / rw - t s rw",
		"1 1 0-1 / / rw - t s rw",
		"1 1 0:1:2 / / rw - t s rw",
		"1 1 :1 / / rw - t s rw",
		"1 1 0: / / rw - t s rw",
		"1 1 0:1  / rw - t s rw",
		"1 1 0:1 /  rw - t s rw",
		"1 1 0:1 / /  - t s rw",
		"1 1 0:1 / / rw -  s rw",
		"1 1 0:1 / / rw t s rw",
		"1 1 0:1 / / rw - t s ",
		"1 1 0:1 / / rw - t s",
		"1 1 0:1 / / rw - t ",
		"",
		" ",
	};
	struct mountinfo_line line;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(parse_text(bad[i], &line) == -EINVAL, "taken for a line: \"%s\"",
			      bad[i]);
	ck_assert_int_eq(
		parse_text("4294967295 4294967295 4294967295:4294967295 / / rw - t s rw", &line),
		0);
	ck_assert_uint_eq(line.id, UINT32_MAX);
	ck_assert_uint_eq(line.parent, UINT32_MAX);
	ck_assert_uint_eq(line.dev_major, UINT32_MAX);
	ck_assert_uint_eq(line.dev_minor, UINT32_MAX);
	ck_assert_int_eq(parse_text("0001 0 0:0 / / rw - t s rw", &line), 0);
	ck_assert_uint_eq(line.id, 1);
}
END_TEST

/* --- columns --- */

static void assert_unescape(const char *text, const char *want, size_t want_len)
{
	char out[64], inplace[64];

	memset(out, 'Z', sizeof(out));
	ck_assert_uint_eq(mountinfo_unescape(span(text), out, sizeof(out)), want_len);
	ck_assert_mem_eq(out, want, want_len);
	ck_assert_int_eq(out[want_len], 'Z');

	strcpy(inplace, text);
	ck_assert_uint_eq(mountinfo_unescape(span(inplace), inplace, sizeof(inplace)), want_len);
	ck_assert_mem_eq(inplace, want, want_len);

	/* too small by any number of bytes */
	for (size_t size = 0; size < want_len; size++) {
		memset(out, 'Z', sizeof(out));
		ck_assert_uint_eq(mountinfo_unescape(span(text), out, size), want_len);
		ck_assert_mem_eq(out, want, size);
		ck_assert_int_eq(out[size], 'Z');
	}
}

START_TEST(unescape)
{
	static const struct {
		const char *text, *want;
		size_t len;
	} cases[] = {
		{ "", "", 0 },
		{ "/plain", "/plain", 6 },
		{ "\\040", " ", 1 },
		{ "\\011", "\t", 1 },
		{ "\\012", "\n", 1 },
		{ "\\134", "\\", 1 },
		{ "\\043", "#", 1 },
		{ "#", "#", 1 },
		{ "/a\\040b\\011c\\012d\\134e\\043f#g", "/a b\tc\nd\\e#f#g", 14 },
		{ "\\054\\075\\042", ",=\"", 3 },
		{ "\\377\\200\\001", "\377\200\001", 3 },
		{ "\\000x", "\0x", 2 },
		/* an escaped backslash does not escape again */
		{ "\\134040", "\\040", 4 },
		{ "\\1340\\134", "\\0\\", 3 },
		/* not escapes */
		{ "\\", "\\", 1 },
		{ "a\\", "a\\", 2 },
		{ "\\\\", "\\\\", 2 },
		{ "\\n\\x20\\9", "\\n\\x20\\9", 8 },
		{ "\\\\040", "\\ ", 2 },
		/* one and two digits, and no more than a byte holds, as the kernel reads options */
		{ "\\1", "\1", 1 },
		{ "\\18",
		  "\1"
		  "8",
		  2 },
		{ "\\40", " ", 1 },
		{ "\\400", " 0", 2 },
		{ "\\0409", " 9", 2 },
		{ "\\0400", " 0", 2 },
		{ "\\0123", "\n3", 2 },
		{ "\\777",
		  "\77"
		  "7",
		  2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_unescape(cases[i].text, cases[i].want, cases[i].len);
	for (unsigned int byte = 0; byte < 256; byte++) {
		char text[8], want[2] = { (char)byte, 'x' };

		snprintf(text, sizeof(text), "\\%03ox", byte);
		assert_unescape(text, want, 2);
	}
}
END_TEST

START_TEST(mount_attr)
{
	static const struct {
		const char *options;
		uint64_t attr;
	} cases[] = {
		{ "rw", 0x20 },
		{ "ro", 0x21 },
		{ "rw,relatime", 0 },
		{ "rw,noatime", 0x10 },
		{ "rw,nosuid", 0x22 },
		{ "rw,nodev", 0x24 },
		{ "rw,noexec", 0x28 },
		{ "rw,nodiratime", 0xa0 },
		{ "rw,nodiratime,relatime", 0x80 },
		{ "rw,noatime,nodiratime", 0x90 },
		{ "rw,nosymfollow", 0x200020 },
		{ "rw,relatime,idmapped", 0x100000 },
		{ "ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow,idmapped", 0x30009f },
		{ "ro,nosuid,nodev,noexec,nodiratime,nosymfollow", 0x2000af },
		{ "", 0x20 },
		{ ",,ro,", 0x21 },
		/* words only whole */
		{ "rw,norelatime,relatimex,xro,ro1,nosuidnodev,atime,strictatime", 0x20 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(mountinfo_mount_attr(span(cases[i].options)) == cases[i].attr,
			      "%s: %#llx", cases[i].options,
			      (unsigned long long)mountinfo_mount_attr(span(cases[i].options)));
}
END_TEST

START_TEST(super_options)
{
	static const struct {
		const char *options;
		uint32_t flags;
		const char *rest;
	} cases[] = {
		{ "rw", 0, "" },
		{ "ro", 1, "" },
		{ "rw,size=10k,mode=755", 0, "size=10k,mode=755" },
		{ "ro,size=10k", 1, "size=10k" },
		{ "rw,sync", 0x10, "" },
		{ "rw,dirsync,x", 0x80, "x" },
		{ "rw,mand,x", 0, "x" },
		{ "rw,lazytime,x", 0x2000000, "x" },
		{ "ro,sync,dirsync,mand,lazytime,x=1,y", 0x2000091, "x=1,y" },
		{ "ro,sync,lazytime", 0x2000011, "" },
		/* the kernel's order, each once: what comes later belongs to the filesystem */
		{ "rw,x,sync", 0, "x,sync" },
		{ "rw,sync,sync", 0x10, "sync" },
		{ "rw,lazytime,sync,dirsync", 0x2000000, "sync,dirsync" },
		{ "rw,mand,dirsync", 0, "dirsync" },
		{ "rw,ro", 0, "ro" },
		{ "ro,rw", 1, "rw" },
		{ "rw,syncx,sync", 0, "syncx,sync" },
		{ "rw,,x", 0, ",x" },
		{ "sync,x", 0x10, "x" },
		{ "rw,seclabel,size=1", 0, "seclabel,size=1" },
		{ "", 0, "" },
	};
	struct mountinfo_span rest;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_uint_eq(mountinfo_super(span(cases[i].options), &rest), cases[i].flags);
		assert_span(rest, cases[i].rest);
	}
}
END_TEST

START_TEST(options)
{
	/* security options are marked with '!' */
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "a", "[a]" },
		{ "a,b=c,d", "[a][b=c][d]" },
		{ "a,,b", "[a][][b]" },
		{ ",a", "[][a]" },
		{ "a,", "[a]" },
		{ "seclabel", "![seclabel]" },
		{ "seclabel,size=1k", "![seclabel][size=1k]" },
		{ "seclabels,xseclabel", "[seclabels][xseclabel]" },
		{ "context=u:r:t:s0,size=1", "![context=u:r:t:s0][size=1]" },
		{ "context=\"u:r:t:s0:c1,c2\",size=1", "![context=\"u:r:t:s0:c1]![c2\"][size=1]" },
		{ "fscontext=\"a,b\",defcontext=\"c,d\",rootcontext=\"e,f\",seclabel,g",
		  "![fscontext=\"a]![b\"]![defcontext=\"c]![d\"]![rootcontext=\"e]![f\"]![seclabel][g]" },
		{ "context=\"a,b\"", "![context=\"a]![b\"]" },
		{ "context=\"a,b\",", "![context=\"a]![b\"]" },
		{ "context=\"a,,b\",c", "![context=\"a]![]![b\"][c]" },
		{ "context=\"\",a", "![context=\"\"][a]" },
		{ "context=\"a\\042b,c\",d", "![context=\"a\\042b]![c\"][d]" },
		{ "smackfsdef=x,smackfsfloor=y,smackfshat=z,smackfsroot=r,smackfstransmute=t",
		  "![smackfsdef=x]![smackfsfloor=y]![smackfshat=z]![smackfsroot=r]!["
		  "smackfstransmute=t]" },
		/* quotes that do not end, or end in the middle, split nothing off */
		{ "context=\"a,b", "![context=\"a][b]" },
		{ "context=\"a,b\"c,d", "![context=\"a][b\"c][d]" },
		{ "context=\"", "![context=\"]" },
		{ "context=", "![context=]" },
		{ "context", "[context]" },
		{ "context=u:r,name=x\",y", "![context=u:r][name=x\"][y]" },
		/* a filesystem's quotes are bytes like others */
		{ "name=\"a,b\",c", "[name=\"a][b\"][c]" },
		{ "iocontext=\"a,b\"", "[iocontext=\"a][b\"]" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mountinfo_options options = { .rest = span(cases[i].text) };
		struct mountinfo_span option;
		char got[256] = "";
		bool security;

		while (mountinfo_next_option(&options, &option, &security))
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s[%.*s]",
				 security ? "!" : "", (int)option.len, option.text);
		ck_assert_str_eq(got, cases[i].want);
	}
}
END_TEST

/* --- files --- */

#define LINE(id, rest) #id " 1 0:5 / /m" #id " rw - tmpfs " rest " rw\n"
#define TABLE \
	LINE(10, "a") LINE(2, "") LINE(333, "b") LINE(33, "c") LINE(3, "d") LINE(4000000000, "e")
static const uint32_t table_ids[] = { 10, 2, 333, 33, 3, 4000000000u };

static char *ids_of(const struct mountinfo_table *table)
{
	static char ids[256];
	struct mountinfo_line line;
	size_t pos = 0;

	ids[0] = '\0';
	while (mountinfo_next(table, &pos, &line))
		snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%u ", line.id);
	ck_assert_uint_eq(pos, table->len);
	ck_assert(!mountinfo_next(table, &pos, &line));
	return ids;
}

static void assert_read(const char *ids)
{
	struct mountinfo_table table;

	errno = 4711;
	ck_assert_int_eq(mountinfo_read(FAKE_FD, &table), 0);
	ck_assert_int_eq(errno, 4711);
	ck_assert_str_eq(ids_of(&table), ids);
	ck_assert_uint_ge(table.mapped, table.len);
	mountinfo_release(&table);
	ck_assert_uint_eq(fake.mapped, 0);
	ck_assert_ptr_null(table.text);
	mountinfo_release(&table);
}

static struct mountinfo_window window;

static void assert_find(uint32_t id, bool whole, const char *mount_point)
{
	struct mountinfo_table table;
	struct mountinfo_line line;
	int ret;

	errno = 4711;
	ret = mountinfo_find(FAKE_FD, id, whole ? NULL : &window, &table, &line);
	ck_assert_int_eq(errno, 4711);
	ck_assert_int_eq(ret, mount_point ? 0 : -ENOENT);
	if (mount_point) {
		ck_assert_uint_eq(line.id, id);
		assert_span(line.mount_point, mount_point);
		ck_assert(line.root.text >= table.text && line.root.text < table.text + table.len);
		mountinfo_release(&table);
	}
	ck_assert_ptr_null(table.text);
	ck_assert_uint_eq(fake.mapped, 0);
}

START_TEST(read_in_chunks)
{
	for (size_t chunk = 0; chunk <= sizeof(TABLE); chunk++) {
		fake_reset(TABLE);
		fake.chunk = chunk;
		assert_read("10 2 333 33 3 4000000000 ");
		for (int whole = 0; whole < 2; whole++) {
			for (size_t i = 0; i < sizeof(table_ids) / sizeof(table_ids[0]); i++) {
				char point[32];

				snprintf(point, sizeof(point), "/m%u", table_ids[i]);
				assert_find(table_ids[i], whole, point);
			}
			assert_find(1, whole, NULL);
			assert_find(0, whole, NULL);
			assert_find(33333, whole, NULL);
			assert_find(400000000, whole, NULL);
			assert_find(UINT32_MAX, whole, NULL);
		}
	}
}
END_TEST

START_TEST(read_odd_files)
{
	struct mountinfo_table table;
	struct mountinfo_line line;

	fake_reset("");
	assert_read("");
	assert_find(1, false, NULL);
	fake_reset("\n\n\n");
	assert_read("");
	/* a line without its newline is not a line yet */
	fake_reset(LINE(10, "a") "11 1 0:5 / /m11 rw - tmpfs t rw");
	assert_read("10 ");
	assert_find(11, false, NULL);
	fake_reset("garbage\n" LINE(10, "a") "\n12 garbage\n" LINE(11, "b") "garbage\n");
	assert_read("10 11 ");
	assert_find(11, false, "/m11");
	/* what cannot be understood is not "no such mount" */
	ck_assert_int_eq(mountinfo_find(FAKE_FD, 12, &window, &table, &line), -EIO);
	ck_assert_uint_eq(fake.mapped, 0);
}
END_TEST

START_TEST(find_stops_early)
{
	fake_reset(TABLE);
	fake.chunk = strlen(LINE(10, "a"));
	assert_find(10, false, "/m10");
	ck_assert_uint_eq(fake.reads, 1);
	ck_assert_uint_eq(fake.polls, 0);
	fake.reads = 0;
	assert_find(10, true, "/m10");
	ck_assert_uint_gt(fake.reads, 6);
}
END_TEST

/*
 * The kernel's work is what a lookup costs, so it must not be asked for much more than is needed.
 */
START_TEST(find_asks_for_little)
{
	char *text = malloc(300 * 64), point[32];
	size_t len = 0;

	ck_assert_ptr_nonnull(text);
	for (unsigned int i = 100; i < 400; i++)
		len += (size_t)sprintf(text + len, "%u 1 0:5 / /m%u rw - tmpfs none rw\n", i, i);
	for (unsigned int i = 100; i < 400; i++) {
		fake_reset(text);
		snprintf(point, sizeof(point), "/m%u", i);
		assert_find(i, false, point);
		ck_assert_uint_le(fake.handed_out, (i - 99) * len / 300 + 1024);
		ck_assert_uint_le(fake.reads, len / 1024 + 3);
	}
	fake_reset(text);
	assert_find(100, true, "/m100");
	ck_assert_uint_eq(fake.handed_out, len);
	ck_assert_uint_eq(fake.reads, 2);
	free(text);
}
END_TEST

/* Nor must its length cost memory: only a line that is longer than the window does. */
START_TEST(find_maps_nothing)
{
	const size_t most = sizeof(window.text);
	char *text = malloc(1000 * 64 + 4 * most);
	size_t len = 0;

	ck_assert_ptr_nonnull(text);
	for (unsigned int i = 100; i < 1100; i++)
		len += (size_t)sprintf(text + len, "%u 1 0:5 / /m%u rw - tmpfs none rw\n", i, i);
	fake_reset(text);
	assert_find(1099, false, "/m1099");
	assert_find(99, false, NULL);
	ck_assert_int_eq(fake.maps, 0);
	ck_assert_uint_eq(fake.most_mapped, 0);
	assert_find(1099, true, "/m1099");
	ck_assert_int_eq(fake.maps, 1);

	/* a line that just fits, with its newline, and those that do not */
	for (size_t line = most - 2; line <= most + 2; line++) {
		size_t at = len + (size_t)sprintf(text + len, "7 1 0:5 / /m7 rw - tmpfs none rw,");

		memset(text + at, 'o', line - (at - len));
		strcpy(text + len + line, "\n" LINE(8, "x"));
		for (size_t chunk = 0; chunk <= most; chunk += 1000) {
			fake_reset(text);
			fake.chunk = chunk;
			assert_find(7, false, "/m7");
			assert_find(8, false, "/m8");
			ck_assert_int_eq(fake.maps, line < most ? 0 : 2);
		}
	}
	free(text);
}
END_TEST

START_TEST(find_whole_keeps_all)
{
	struct mountinfo_table table;
	struct mountinfo_line line;

	fake_reset(TABLE);
	ck_assert_int_eq(mountinfo_find(FAKE_FD, 2, NULL, &table, &line), 0);
	assert_span(line.source, "");
	ck_assert_str_eq(ids_of(&table), "10 2 333 33 3 4000000000 ");
	mountinfo_release(&table);

	/* a table in motion may show a mount twice: either way the same line is found */
	fake_reset(TABLE "33 1 0:5 / /again rw - tmpfs c rw\n");
	assert_find(33, true, "/m33");
	assert_find(33, false, "/m33");
}
END_TEST

/* One-mount namespaces of 6.16 to 6.18.15. */
START_TEST(read_endless)
{
	for (size_t chunk = 0; chunk < 40; chunk++) {
		fake_reset(LINE(10, "a"));
		fake.endless = true;
		fake.chunk = chunk;
		assert_read("10 ");
		assert_find(10, false, "/m10");
		assert_find(10, true, "/m10");
		assert_find(1, false, NULL);
		ck_assert_uint_lt(fake.reads, 300);
	}
	fake_reset(TABLE);
	fake.endless = true;
	assert_read("10 2 333 33 3 4000000000 ");
	/* ids that only begin like the first one */
	fake_reset(LINE(1, "a") LINE(10, "b") LINE(11, "c") LINE(1, "d") LINE(12, "e"));
	assert_read("1 10 11 ");
}
END_TEST

/* No id ever repeats, and nothing ever ends: the limit has to. */
START_TEST(read_limit)
{
	static char garbage[1025];
	struct mountinfo_table table;
	struct mountinfo_line line;

	fake_reset("");
	fake.hollow = true;
	ck_assert_int_eq(mountinfo_read(FAKE_FD, &table), -EIO);
	ck_assert_uint_eq(fake.mapped, 0);
	ck_assert_uint_eq(fake.most_mapped, (size_t)1 << 30);
	ck_assert_ptr_null(table.text);
	ck_assert_int_eq(mountinfo_find(FAKE_FD, 1, &window, &table, &line), -EIO);
	ck_assert_uint_eq(fake.mapped, 0);

	/* nor does it grow where lines come to an end, but none is an id */
	memset(garbage, 'g', sizeof(garbage) - 2);
	garbage[sizeof(garbage) - 2] = '\n';
	fake_reset(garbage);
	fake.endless = true;
	ck_assert_int_eq(mountinfo_find(FAKE_FD, 1, &window, &table, &line), -EIO);
	ck_assert_uint_eq(fake.most_mapped, 0);
	ck_assert_uint_eq(fake.handed_out, (size_t)1 << 30);
}
END_TEST

START_TEST(read_grows)
{
	size_t lines = 5000, len = 0;
	char *text = malloc(lines * 64), point[32];
	struct mountinfo_table table;
	struct mountinfo_line line;
	size_t pos = 0, n = 0;

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < lines; i++)
		len += (size_t)sprintf(text + len, "%zu 1 0:5 / /m%zu rw - tmpfs none rw\n",
				       i + 100, i + 100);
	fake_reset(text);
	fake.chunk = 4092;
	ck_assert_int_eq(mountinfo_read(FAKE_FD, &table), 0);
	ck_assert_uint_eq(table.len, len);
	ck_assert_mem_eq(table.text, text, len);
	while (mountinfo_next(&table, &pos, &line))
		ck_assert_uint_eq(line.id, 100 + n++);
	ck_assert_uint_eq(n, lines);
	mountinfo_release(&table);
	for (size_t i = 0; i < lines; i += 499) {
		snprintf(point, sizeof(point), "/m%zu", i + 100);
		assert_find((uint32_t)(i + 100), false, point);
		assert_find((uint32_t)(i + 100), true, point);
	}
	assert_find(99, false, NULL);
	assert_find(5100, false, NULL);
	free(text);

	/* one line longer than the first mapping */
	text = malloc(300 << 10);
	ck_assert_ptr_nonnull(text);
	len = (size_t)sprintf(text, "%s11 1 0:5 / /m11 rw - overlay o rw,lowerdir=", TABLE);
	memset(text + len, 'l', 256 << 10);
	strcpy(text + len + (256 << 10), "\n" LINE(12, "x"));
	for (size_t chunk = 0; chunk < 9000; chunk += 4092) {
		fake_reset(text);
		fake.chunk = chunk;
		assert_find(11, false, "/m11");
		assert_find(12, false, "/m12");
		assert_read("10 2 333 33 3 4000000000 11 12 ");
	}
	free(text);
}
END_TEST

START_TEST(read_changes)
{
	/* the second reading is whole */
	fake_reset(LINE(10, "a"));
	fake.text[1] = TABLE;
	fake.versions = 2;
	assert_read("10 2 333 33 3 4000000000 ");
	ck_assert_uint_eq(fake.restarts, 2);

	/* a shorter table leaves nothing of the longer one behind */
	fake_reset(TABLE);
	fake.text[1] = LINE(2, "");
	fake.versions = 2;
	assert_read("2 ");

	/* missing at first, or there only at first */
	fake_reset(LINE(10, "a"));
	fake.text[1] = TABLE;
	fake.versions = 2;
	assert_find(33, false, "/m33");
	fake_reset(TABLE);
	fake.text[1] = LINE(10, "a");
	fake.versions = 2;
	assert_find(33, true, NULL);
	fake_reset(TABLE);
	fake.text[1] = LINE(10, "a");
	fake.versions = 2;
	assert_find(33, false, "/m33");
	ck_assert_uint_eq(fake.restarts, 1);

	/* bounded, and the last reading counts */
	fake_reset(TABLE);
	fake.restless = true;
	assert_read("10 2 333 33 3 4000000000 ");
	ck_assert_uint_eq(fake.restarts, 9);
	fake.restarts = fake.reads = 0;
	assert_find(7, false, NULL);
	ck_assert_uint_eq(fake.restarts, 9);
}
END_TEST

START_TEST(read_errors)
{
	struct mountinfo_table table;
	struct mountinfo_line line;

	for (int at = 1; at <= 7; at++) {
		fake_reset(TABLE);
		fake.chunk = 20;
		fake.error_at = at;
		fake.error = -EACCES;
		ck_assert_int_eq(mountinfo_read(FAKE_FD, &table), -EACCES);
		ck_assert_uint_eq(fake.mapped, 0);
		ck_assert_ptr_null(table.text);
		fake.reads = 0;
		ck_assert_int_eq(mountinfo_find(FAKE_FD, 7, &window, &table, &line), -EACCES);
		ck_assert_uint_eq(fake.mapped, 0);
		ck_assert_ptr_null(table.text);
		fake.reads = 0;
		fake.error = -EINTR;
		assert_read("10 2 333 33 3 4000000000 ");
	}
	ck_assert_int_eq(mountinfo_read(-1, &table), -EBADF);
	ck_assert_ptr_null(table.text);
	ck_assert_int_eq(mountinfo_find(-1, 1, &window, &table, &line), -EBADF);
	ck_assert_uint_eq(fake.mapped, 0);
}
END_TEST

START_TEST(read_no_memory)
{
	char *text = malloc((200 << 10) + 1);
	struct mountinfo_table table;
	struct mountinfo_line line;

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', 200 << 10);
	text[200 << 10] = '\0';
	for (int from = 1; from <= 3; from++) {
		fake_reset(text);
		fake.fail_maps_from = from;
		ck_assert_int_eq(mountinfo_read(FAKE_FD, &table), -ENOMEM);
		ck_assert_ptr_null(table.text);
		ck_assert_uint_eq(fake.mapped, 0);
		/* the window first, and then the same */
		fake.maps = 0;
		ck_assert_int_eq(mountinfo_find(FAKE_FD, 1, &window, &table, &line), -ENOMEM);
		ck_assert_uint_eq(fake.mapped, 0);
	}
	free(text);
}
END_TEST

START_TEST(read_real_file)
{
	int fd = raw_memfd_create("table", 1), pipes[2];
	struct mountinfo_table table;
	struct mountinfo_line line;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)raw_write(fd, TABLE, strlen(TABLE)), (int)strlen(TABLE));
	for (int again = 0; again < 2; again++) {
		ck_assert_int_eq(mountinfo_read(fd, &table), 0);
		ck_assert_str_eq(ids_of(&table), "10 2 333 33 3 4000000000 ");
		mountinfo_release(&table);
		ck_assert_int_eq(mountinfo_find(fd, 3, &window, &table, &line), 0);
		assert_span(line.mount_point, "/m3");
		mountinfo_release(&table);
		/* the offset is the caller's */
		ck_assert_int_eq((int)lseek(fd, 0, SEEK_CUR), (int)strlen(TABLE));
	}
	raw_close(fd);

	ck_assert_int_eq(raw_pipe2(pipes, O_CLOEXEC), 0);
	ck_assert_int_eq(mountinfo_read(pipes[0], &table), -ESPIPE);
	raw_close(pipes[0]);
	raw_close(pipes[1]);
}
END_TEST

/* --- against the running kernel --- */

#define NATIVE_ROOM 65536
#define NATIVE_MASK 0xfbfu /* all that mountinfo has too, but PROPAGATE_FROM and MNT_NS_ID */

static union {
	struct mntcompat_statmount answer;
	char room[NATIVE_ROOM];
} native;

/* Statmount of every mount that listmount names; false where the kernel lacks them. */
static bool native_by_old_id(uint32_t id)
{
	static uint64_t ids[65536];
	static ssize_t n;
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0, .mnt_id = UINT64_MAX, /* LSMT_ROOT */
	};

	n = raw_listmount(&req, ids, sizeof(ids) / sizeof(ids[0]), 0);
	if (n < 0)
		return false;
	for (ssize_t i = 0; i < n; i++) {
		req.mnt_id = ids[i];
		req.param = NATIVE_MASK;
		if (raw_statmount(&req, &native, sizeof(native), 0) == 0 &&
		    native.answer.mnt_id_old == id)
			return true;
	}
	return false;
}

static void assert_same_text(struct mountinfo_span got, uint64_t bit, uint32_t offset)
{
	static char text[NATIVE_ROOM];
	size_t len = mountinfo_unescape(got, text, sizeof(text) - 1);

	ck_assert_uint_lt(len, sizeof(text));
	text[len] = '\0';
	ck_assert_str_eq(text, native.answer.mask & bit ? native.answer.str + offset : "");
}

static void assert_same_options(struct mountinfo_span rest)
{
	struct mountinfo_options options = { .rest = rest };
	const struct mntcompat_statmount *answer = &native.answer;
	const char *next[2] = { answer->str + answer->opt_array,
				answer->str + answer->opt_sec_array };
	uint32_t left[2] = { answer->opt_num, answer->opt_sec_num };
	struct mountinfo_span option;
	bool security;

	/* 6.12 has no arrays */
	if (!(answer->mask & MNTCOMPAT_STATMOUNT_OPT_ARRAY))
		return;
	while (mountinfo_next_option(&options, &option, &security)) {
		char text[4096];
		size_t len = mountinfo_unescape(option, text, sizeof(text) - 1);

		ck_assert_uint_lt(len, sizeof(text));
		text[len] = '\0';
		ck_assert_uint_gt(left[security], 0);
		ck_assert_str_eq(text, next[security]);
		next[security] += strlen(next[security]) + 1;
		left[security]--;
	}
	ck_assert_uint_eq(left[0], 0);
	ck_assert_uint_eq(left[1], 0);
}

static void assert_same(const struct mountinfo_line *line)
{
	const struct mntcompat_statmount *answer = &native.answer;
	struct mountinfo_span rest, type = line->type;
	uint64_t propagation = 0;
	char opts[4096];

	ck_assert_uint_eq(line->id, answer->mnt_id_old);
	ck_assert_uint_eq(line->parent, answer->mnt_parent_id_old);
	ck_assert_uint_eq(line->dev_major, answer->sb_dev_major);
	ck_assert_uint_eq(line->dev_minor, answer->sb_dev_minor);
	ck_assert_uint_eq(line->peer_group, answer->mnt_peer_group);
	ck_assert_uint_eq(line->master, answer->mnt_master);
	propagation |= line->peer_group ? 0x100000 : 0;
	propagation |= line->master ? 0x80000 : 0;
	propagation |= line->unbindable ? 0x20000 : 0;
	ck_assert_uint_eq(propagation ? propagation : 0x40000, answer->mnt_propagation);
	ck_assert_uint_eq(mountinfo_mount_attr(line->mount_options), answer->mnt_attr);
	ck_assert_uint_eq(mountinfo_super(line->super_options, &rest), answer->sb_flags);
	assert_same_text(line->root, MNTCOMPAT_STATMOUNT_MNT_ROOT, answer->mnt_root);
	assert_same_text(line->mount_point, MNTCOMPAT_STATMOUNT_MNT_POINT, answer->mnt_point);
	if (answer->mask & MNTCOMPAT_STATMOUNT_SB_SOURCE)
		assert_same_text(line->source, MNTCOMPAT_STATMOUNT_SB_SOURCE, answer->sb_source);
	type.len = strlen(answer->str + answer->fs_type);
	ck_assert_uint_le(type.len, line->type.len);
	assert_same_text(type, MNTCOMPAT_STATMOUNT_FS_TYPE, answer->fs_type);
	/* mnt_opts stays escaped */
	ck_assert_uint_lt(rest.len, sizeof(opts));
	memcpy(opts, rest.text, rest.len);
	opts[rest.len] = '\0';
	ck_assert_str_eq(opts, answer->mask & MNTCOMPAT_STATMOUNT_MNT_OPTS ?
				       answer->str + answer->mnt_opts :
				       "");
	assert_same_options(rest);
}

/* Returns how many lines were compared. */
static unsigned int compare_all(void)
{
	int fd = raw_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	struct mountinfo_table table, single;
	struct mountinfo_line line, found;
	unsigned int compared = 0;
	size_t pos = 0;

	if (fd < 0)
		return 0;
	ck_assert_int_eq(mountinfo_read(fd, &table), 0);
	while (mountinfo_next(&table, &pos, &line)) {
		int ret = mountinfo_find(fd, line.id, &window, &single, &found);

		/* others may mount and unmount meanwhile; what is gone is not compared */
		if (ret == -ENOENT)
			continue;
		ck_assert_int_eq(ret, 0);
		ck_assert_uint_eq(found.id, line.id);
		if (native_by_old_id(line.id)) {
			assert_same(&found);
			compared++;
		}
		mountinfo_release(&single);
	}
	mountinfo_release(&table);
	raw_close(fd);
	return compared;
}

START_TEST(kernel_own_table)
{
	fake_reset("");
	if (!compare_all())
		printf("kernel_own_table: left out, no statmount here\n");
}
END_TEST

static void write_file(const char *path, const char *text)
{
	int fd = raw_openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);

	if (fd >= 0) {
		(void)raw_write(fd, text, strlen(text));
		raw_close(fd);
	}
}

/* A mount namespace of our own, as root of a user namespace if need be. */
static bool own_namespace(void)
{
	unsigned int uid = getuid(), gid = getgid();
	char map[64];

	if (unshare(CLONE_NEWNS) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			return false;
		write_file("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		write_file("/proc/self/uid_map", map);
		snprintf(map, sizeof(map), "0 %u 1", gid);
		write_file("/proc/self/gid_map", map);
	}
	return mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) == 0;
}

/* Mounts with everything that is escaped, empty or unusual. */
static const struct {
	const char *name, *source, *data;
	unsigned long flags;
	uint64_t attr;
	uint32_t sb_flags;
} odd[] = {
	{ "plain", "none", "size=10k", 0, 0, 0 },
	{ "all", "all", "size=10k,mode=700,nr_inodes=5",
	  MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME, 0x9f, 1 },
	{ "strict", "s", "", MS_STRICTATIME, 0x20, 0 },
	{ "sync", "s", "size=4k", MS_SYNCHRONOUS | MS_LAZYTIME, 0, 0x2000010 },
	{ "dirsync", "s", NULL, MS_DIRSYNC, 0, 0x80 },
	{ "a b\tc\nd\\e#f", " s\tp\na\\c#e", NULL, 0, 0, 0 },
	{ "empty source", "", NULL, 0, 0, 0 },
	{ "-", "-", NULL, 0, 0, 0 },
	{ "\\040", "\\134", NULL, 0, 0, 0 },
	{ "comma,quote\"", "a,b\"", NULL, 0, 0, 0 },
	{ "\303\244\377\001", "\303\244\377\001", NULL, 0, 0, 0 },
};

#define ODD (sizeof(odd) / sizeof(odd[0]))

/* On every kernel: what was mounted comes out again. */
static void assert_odd(const char *dir)
{
	int fd = raw_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	struct mountinfo_table table;
	bool seen[ODD] = { false };

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(mountinfo_read(fd, &table), 0);
	for (size_t i = 0; i < ODD; i++) {
		struct mountinfo_line line;
		char want[256], got[256];
		struct mountinfo_span rest;
		size_t pos = 0, len;

		snprintf(want, sizeof(want), "%s/%s", dir, odd[i].name);
		while (!seen[i] && mountinfo_next(&table, &pos, &line)) {
			len = mountinfo_unescape(line.mount_point, got, sizeof(got));
			seen[i] = len == strlen(want) && memcmp(got, want, len) == 0;
		}
		ck_assert_msg(seen[i], "not listed: %s", want);
		len = mountinfo_unescape(line.source, got, sizeof(got) - 1);
		got[len] = '\0';
		ck_assert_str_eq(got, odd[i].source);
		assert_span(line.root, "/");
		assert_span(line.type, "tmpfs");
		ck_assert_uint_eq(mountinfo_mount_attr(line.mount_options), odd[i].attr);
		ck_assert_uint_eq(mountinfo_super(line.super_options, &rest), odd[i].sb_flags);
		ck_assert_int_eq(line.unbindable, strcmp(odd[i].name, "-") == 0);
		ck_assert_int_eq(line.peer_group != 0, strcmp(odd[i].name, "plain") == 0);
	}
	mountinfo_release(&table);
	raw_close(fd);
}

START_TEST(kernel_odd_mounts)
{
	char dir[] = "/tmp/mountinfo.XXXXXX", path[256], other[256];
	unsigned int compared;

	fake_reset("");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	if (!own_namespace() || mount("under", dir, "tmpfs", 0, NULL) < 0) {
		printf("kernel_odd_mounts: left out, not allowed to mount\n");
		rmdir(dir);
		return;
	}
	for (size_t i = 0; i < ODD; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, odd[i].name);
		ck_assert_int_eq(mkdir(path, 0755), 0);
		ck_assert_int_eq(mount(odd[i].source, path, "tmpfs", odd[i].flags, odd[i].data), 0);
	}
	/* propagation, and roots that are not "/" */
	snprintf(path, sizeof(path), "%s/plain", dir);
	ck_assert_int_eq(mount(NULL, path, NULL, MS_SHARED, NULL), 0);
	snprintf(path, sizeof(path), "%s/plain/sub dir#", dir);
	snprintf(other, sizeof(other), "%s/bound", dir);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert_int_eq(mkdir(other, 0755), 0);
	ck_assert_int_eq(mount(path, other, NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount(NULL, other, NULL, MS_SLAVE, NULL), 0);
	ck_assert_int_eq(mount(NULL, other, NULL, MS_SHARED, NULL), 0);
	ck_assert_int_eq(rmdir(path), 0); /* "//deleted" */
	snprintf(path, sizeof(path), "%s/-", dir);
	ck_assert_int_eq(mount(NULL, path, NULL, MS_UNBINDABLE, NULL), 0);

	assert_odd(dir);
	compared = compare_all();
	if (!compared)
		printf("kernel_odd_mounts: left out, no statmount here\n");
	else
		ck_assert_uint_gt(compared, ODD + 1);
	ck_assert_int_eq(umount2(dir, MNT_DETACH), 0);
	rmdir(dir);
}
END_TEST

START_TEST(kernel_sees_changes)
{
	char dir[] = "/tmp/mountinfo.XXXXXX";
	int fd;

	fake_reset("");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	/* private, so that nobody else's mounts arrive in between */
	if (!own_namespace() || private_mounts() < 0) {
		printf("kernel_sees_changes: left out, not allowed to mount\n");
		rmdir(dir);
		return;
	}
	fd = raw_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	(void)mountinfo_changed(fd);
	ck_assert_int_eq(mount("x", dir, "tmpfs", 0, NULL), 0);
	ck_assert(mountinfo_changed(fd));
	ck_assert(!mountinfo_changed(fd));
	ck_assert_int_eq(umount2(dir, MNT_DETACH), 0);
	ck_assert(mountinfo_changed(fd));
	raw_close(fd);
	rmdir(dir);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mountinfo");
	TCase *lines = tcase_create("lines"), *columns = tcase_create("columns");
	TCase *files = tcase_create("files"), *kernel = tcase_create("kernel");
	SRunner *runner;
	int failed;

	tcase_add_test(lines, line_plain);
	tcase_add_test(lines, line_optional_fields);
	tcase_add_test(lines, line_empty_source);
	tcase_add_test(lines, line_dashes_in_names);
	tcase_add_test(lines, line_odd_columns);
	tcase_add_test(lines, line_long_options);
	tcase_add_test(lines, line_truncated);
	tcase_add_test(lines, line_numbers);
	suite_add_tcase(suite, lines);

	tcase_add_test(columns, unescape);
	tcase_add_test(columns, mount_attr);
	tcase_add_test(columns, super_options);
	tcase_add_test(columns, options);
	suite_add_tcase(suite, columns);

	tcase_add_test(files, read_in_chunks);
	tcase_add_test(files, read_odd_files);
	tcase_add_test(files, find_stops_early);
	tcase_add_test(files, find_asks_for_little);
	tcase_add_test(files, find_maps_nothing);
	tcase_add_test(files, find_whole_keeps_all);
	tcase_add_test(files, read_endless);
	tcase_add_test(files, read_limit);
	tcase_add_test(files, read_grows);
	tcase_add_test(files, read_changes);
	tcase_add_test(files, read_errors);
	tcase_add_test(files, read_no_memory);
	tcase_add_test(files, read_real_file);
	tcase_set_timeout(files, 120);
	suite_add_tcase(suite, files);

	tcase_add_test(kernel, kernel_own_table);
	tcase_add_test(kernel, kernel_odd_mounts);
	tcase_add_test(kernel, kernel_sees_changes);
	tcase_set_timeout(kernel, 120);
	suite_add_tcase(suite, kernel);

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
