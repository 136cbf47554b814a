// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * libmount-compare.c - compares libmount's parser with ours: on this machine's mount table, and on
 * generated ones.
 * Mounts in a mount namespace of its own when it is root; reads procfs. TAP. Run by make check and
 * tests/matrix/run.
 *
 * The generator knows the true values, and our parser has to return exactly these. Where libmount
 * differs, the difference has a name here with the reason, and is counted; one without a name is a
 * failure. With libmount 2.41 or newer its listmount backend is compared as well, by unique id, on
 * Linux 6.8 or later.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/task/mountinfo.h"

#define TABLES 10000u
#define MOST_LINES 12u
#define MOST_ROWS 4096u
#define ROOM 8192u

static int failures, cases;

static void __attribute__((format(printf, 2, 3))) result(bool good, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", good ? "" : "not ", ++cases);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	failures += !good;
}

static void __attribute__((format(printf, 1, 2), noreturn)) broken(const char *format, ...)
{
	va_list args;

	printf("Bail out! ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(": %s\n", strerror(errno));
	exit(99);
}

/* --- one mount, as a parser understands it --- */

enum { ROOT, POINT, OPTIONS, TYPE, SOURCE, SUPER, TEXTS };
static const char *const text_names[TEXTS] = { "root", "mount point", "options",
					       "type", "source",      "super options" };

struct row {
	unsigned int id, parent, major, minor;
	unsigned long propagation; /* MS_SHARED, MS_SLAVE, MS_UNBINDABLE */
	char text[TEXTS][ROOM];
};

/* Known differences: what libmount does, and when. They are counted. */
static struct {
	const char *name, *reason;
	unsigned int count;
} known[] = {
	{ "options unescaped",
	  "libmount undoes escapes in the list of options; statmount does in single ones only", 0 },
	{ "carriage return", "libmount takes one at the end of a line for a part of the line's end",
	  0 },
};
enum { OPTIONS_UNESCAPED, CARRIAGE_RETURN };

/* True if one of these differences explains libmount's value of a text. */
static bool explained(int which, const char *right, const char *theirs)
{
	if (which == SUPER) {
		static char plain[ROOM];
		size_t len = strlen(right);
		bool returns = len && right[len - 1] == '\r', escapes = strchr(right, '\\');

		plain[mountinfo_unescape((struct mountinfo_span){ right, len - returns }, plain,
					 ROOM - 1)] = '\0';
		if (!strcmp(plain, theirs)) {
			known[OPTIONS_UNESCAPED].count += escapes;
			known[CARRIAGE_RETURN].count += returns;
			return true;
		}
	}
	return false;
}

/* --- ours --- */

static void take(struct mountinfo_span span, bool escaped, char *text)
{
	size_t len = span.len;

	if (len >= ROOM)
		broken("a text of %zu bytes", len);
	if (escaped)
		len = mountinfo_unescape(span, text, ROOM - 1);
	else
		memcpy(text, span.text, len);
	text[len] = '\0';
}

static bool ours_next(const struct mountinfo_table *table, size_t *pos, struct row *row)
{
	struct mountinfo_line line;

	if (!mountinfo_next(table, pos, &line))
		return false;
	row->id = line.id;
	row->parent = line.parent;
	row->major = line.dev_major;
	row->minor = line.dev_minor;
	row->propagation = (line.peer_group ? MS_SHARED : 0) | (line.master ? MS_SLAVE : 0) |
			   (line.unbindable ? MS_UNBINDABLE : 0);
	take(line.root, true, row->text[ROOT]);
	take(line.mount_point, true, row->text[POINT]);
	take(line.mount_options, false, row->text[OPTIONS]);
	take(line.type, true, row->text[TYPE]);
	take(line.source, true, row->text[SOURCE]);
	take(line.super_options, false, row->text[SUPER]);
	return true;
}

/* --- libmount's --- */

static void copy(char *text, const char *from)
{
	snprintf(text, ROOM, "%s", from ? from : "");
}

static void theirs_row(struct libmnt_fs *fs, struct row *row)
{
	unsigned long flags = 0;
	dev_t device = mnt_fs_get_devno(fs);

	row->id = (unsigned int)mnt_fs_get_id(fs);
	row->parent = (unsigned int)mnt_fs_get_parent_id(fs);
	row->major = major(device);
	row->minor = minor(device);
	mnt_fs_get_propagation(fs, &flags);
	row->propagation = flags & (MS_SHARED | MS_SLAVE | MS_UNBINDABLE);
	copy(row->text[ROOT], mnt_fs_get_root(fs));
	copy(row->text[POINT], mnt_fs_get_target(fs));
	copy(row->text[OPTIONS], mnt_fs_get_vfs_options(fs));
	copy(row->text[TYPE], mnt_fs_get_fstype(fs));
	copy(row->text[SOURCE], mnt_fs_get_source(fs));
	copy(row->text[SUPER], mnt_fs_get_fs_options(fs));
}

static struct libmnt_table *theirs_parse(const char *text, size_t len)
{
	struct libmnt_table *table = mnt_new_table();
	FILE *file = fmemopen((void *)text, len ? len : 1, "r");

	if (!table || !file || mnt_table_parse_stream(table, file, "/proc/self/mountinfo"))
		broken("libmount does not read the table");
	fclose(file);
	return table;
}

/* --- comparing --- */

static char reason[2 * ROOM];

/* Whether b says what a says; @why has the first difference that has no name. */
static bool same_row(const struct row *a, const struct row *b, bool named)
{
	if (a->id != b->id || a->parent != b->parent || a->major != b->major ||
	    a->minor != b->minor || a->propagation != b->propagation) {
		snprintf(reason, sizeof(reason), "%u %u %u:%u %#lx and %u %u %u:%u %#lx", a->id,
			 a->parent, a->major, a->minor, a->propagation, b->id, b->parent, b->major,
			 b->minor, b->propagation);
		return false;
	}
	for (int i = 0; i < TEXTS; i++) {
		if (!strcmp(a->text[i], b->text[i]) ||
		    (named && explained(i, a->text[i], b->text[i])))
			continue;
		snprintf(reason, sizeof(reason), "mount %u, %s: \"%.300s\" and \"%.300s\"", a->id,
			 text_names[i], a->text[i], b->text[i]);
		/* One line of TAP. */
		for (char *c = reason; *c; c++)
			if ((unsigned char)*c < ' ')
				*c = '?';
		return false;
	}
	return true;
}

static struct row mine, theirs;

/* Both parsers on one text. *rows: how many. */
static bool same_table(const char *text, size_t len, unsigned int *rows)
{
	struct mountinfo_table table = { .text = (char *)(uintptr_t)text, .len = len };
	struct libmnt_table *other = theirs_parse(text, len);
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	size_t pos = 0;
	bool good = true;

	*rows = 0;
	while (good && ours_next(&table, &pos, &mine)) {
		if (mnt_table_next_fs(other, iter, &fs)) {
			snprintf(reason, sizeof(reason), "libmount has no mount %u", mine.id);
			good = false;
			break;
		}
		theirs_row(fs, &theirs);
		good = same_row(&mine, &theirs, true);
		++*rows;
	}
	if (good && !mnt_table_next_fs(other, iter, &fs)) {
		snprintf(reason, sizeof(reason), "ours has no mount %d", mnt_fs_get_id(fs));
		good = false;
	}
	mnt_free_iter(iter);
	mnt_unref_table(other);
	return good;
}

/* --- generated tables --- */

static uint64_t state = 88172645463325252ull;

static unsigned int any(unsigned int below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned int)((state >> 32) % below);
}

/* Names as files, devices and options have them: every byte but NUL, those that are escaped more
 * often. */
static size_t name(char *text, unsigned int most, bool path)
{
	static const char usual[] = "abcxyz019._-+=:@%", odd[] = " \t\n\\#\"'$*";
	unsigned int len = 1 + any(most);
	size_t n = 0;

	while (n < len) {
		unsigned int kind = any(16);

		if (kind < 10)
			text[n++] = usual[any(sizeof(usual) - 1)];
		else if (kind < 13)
			text[n++] = odd[any(sizeof(odd) - 1)];
		else if (kind < 14)
			text[n++] = (char)(128 + any(128));
		else if (kind < 15)
			text[n++] = (char)(1 + any(31));
		else
			text[n++] = ',';
		if (path && any(6) == 0)
			text[n++] = '/';
	}
	text[n] = '\0';
	return n;
}

/* As the kernel writes it. */
static size_t escape(char *out, const char *text, const char *what)
{
	size_t n = 0;

	for (; *text; text++) {
		if (strchr(what, *text))
			n += (size_t)sprintf(out + n, "\\%03o", (unsigned char)*text);
		else
			out[n++] = *text;
	}
	out[n] = '\0';
	return n;
}

static void options(char *text, const char *first, bool any_bytes)
{
	static const char *const words[] = { "nosuid",	 "nodev",	"noexec",  "noatime",
					     "relatime", "nosymfollow", "idmapped" };
	size_t n = (size_t)sprintf(text, "%s", first);
	unsigned int count = any_bytes && any(40) == 0 ? 150 : any(6);

	for (unsigned int i = 0; i < count; i++) {
		char value[32], escaped[160];

		if (!any_bytes) {
			n += (size_t)sprintf(text + n, ",%s",
					     words[any(sizeof(words) / sizeof(words[0]))]);
			continue;
		}
		name(value, 12, true);
		for (char *c = value; *c; c++)
			if (*c == ',')
				*c = ';';
		escape(escaped, value, " \t\n\\");
		n += (size_t)sprintf(text + n, ",%s%s%s", any(3) ? "lowerdir=" : "x",
				     any(3) ? "" : "+", escaped);
	}
}

/* One line to @out, what it means to @row. */
static size_t generate(char *out, struct row *row)
{
	static const char *const types[] = { "ext4",	    "tmpfs", "fuse.sshfs", "fuse",
					     "fuseblk.a.b", "9p",    "nfs4",	   "my.fs" };
	static char escaped[TEXTS][4 * ROOM];
	size_t n = 0;
	bool old = any(2);

	row->id = 1 + any(UINT32_MAX >> 2);
	row->parent = 1 + any(UINT32_MAX >> 2);
	row->major = any(4096);
	row->minor = any(1u << 20);
	row->propagation = 0;
	row->text[ROOT][0] = row->text[POINT][0] = '/';
	row->text[ROOT][1] = row->text[POINT][1] = '\0';
	if (any(3))
		n = name(row->text[ROOT] + 1, any(20) ? 20 : 900, true);
	if (any(8) == 0)
		strcat(row->text[ROOT], "//deleted");
	if (any(10) == 0)
		strcpy(row->text[ROOT], "net:[4026531840]");
	if (any(8))
		n = name(row->text[POINT] + 1, any(20) ? 20 : 900, true);
	if (any(20) == 0)
		strcat(row->text[POINT], " (deleted)");
	if (any(8))
		strcpy(row->text[TYPE], types[any(sizeof(types) / sizeof(types[0]))]);
	else
		name(row->text[TYPE], 8, false);
	switch (any(8)) {
	case 0:
		row->text[SOURCE][0] = '\0';
		break;
	case 1:
		strcpy(row->text[SOURCE], "none");
		break;
	case 2:
		strcpy(row->text[SOURCE], "LABEL=x y");
		break;
	default:
		name(row->text[SOURCE], any(20) ? 24 : 900, true);
	}
	options(row->text[OPTIONS], any(2) ? "rw" : "ro", false);
	options(row->text[SUPER], any(2) ? "rw" : "ro", true);

	escape(escaped[ROOT], row->text[ROOT], " \t\n\\");
	escape(escaped[POINT], row->text[POINT], " \t\n\\");
	escape(escaped[TYPE], row->text[TYPE], " \t\n\\#");
	/* '#' only by kernels after 5.10. */
	escape(escaped[SOURCE], row->text[SOURCE], old ? " \t\n\\" : " \t\n\\#");
	n = (size_t)sprintf(out, "%u %u %u:%u %s %s %s", row->id, row->parent, row->major,
			    row->minor, escaped[ROOT], escaped[POINT], row->text[OPTIONS]);
	if (any(3) == 0) {
		n += (size_t)sprintf(out + n, " shared:%u", 1 + any(9999));
		row->propagation |= MS_SHARED;
	}
	if (any(4) == 0) {
		n += (size_t)sprintf(out + n, " master:%u", 1 + any(9999));
		row->propagation |= MS_SLAVE;
		if (any(2))
			n += (size_t)sprintf(out + n, " propagate_from:%u", 1 + any(9999));
	}
	if (any(8) == 0) {
		n += (size_t)sprintf(out + n, " unbindable");
		row->propagation |= MS_UNBINDABLE;
	}
	/* Fields that a later kernel may add. */
	for (unsigned int i = any(12) ? 0 : any(20); i; i--)
		n += (size_t)sprintf(out + n, " future%u:%u", i, any(100));
	n += (size_t)sprintf(out + n, " - %s %s %s\n", escaped[TYPE], escaped[SOURCE],
			     row->text[SUPER]);
	return n;
}

static void generated(void)
{
	static char text[MOST_LINES * 16 * ROOM];
	static struct row meant[MOST_LINES];
	unsigned int tables, lines = 0, rows, wrong_ours = 0, wrong_theirs = 0;

	for (tables = 0; tables < TABLES; tables++) {
		unsigned int count = 1 + any(MOST_LINES);
		struct mountinfo_table table = { .text = text };
		size_t pos = 0;

		for (unsigned int i = 0; i < count; i++) {
			table.len += generate(text + table.len, &meant[i]);
			/* Two mounts never have one id. */
			for (unsigned int j = 0; j < i; j++)
				if (meant[j].id == meant[i].id)
					broken("the generator repeats itself");
		}
		for (unsigned int i = 0; i < count; i++) {
			if (!ours_next(&table, &pos, &mine)) {
				snprintf(reason, sizeof(reason), "no line %u of %u", i, count);
			} else if (same_row(&meant[i], &mine, false)) {
				continue;
			}
			if (!wrong_ours++)
				printf("# ours, table %u: %s\n", tables, reason);
			break;
		}
		if (!same_table(text, table.len, &rows) && !wrong_theirs++)
			printf("# ours and libmount's, table %u: %s\n", tables, reason);
		lines += count;
	}
	result(!wrong_ours, "%u generated tables, %u mounts: ours reads what is meant", tables,
	       lines);
	result(!wrong_theirs, "%u generated tables: libmount agrees", tables);
}

/* --- this machine's --- */

static void make_world(void)
{
	static const char *const names[] = { "plain",	    "two words",   "tab\there",
					     "line\nbreak", "back\\slash", "#hash",
					     "comma,here",  "quote\"",	   "\xc3\xa4\xff" };
	char path[4200];
	size_t i;

	if (geteuid())
		return;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("the#source of\\it", "/tmp", "tmpfs", 0, "mode=755") || chdir("/tmp"))
		broken("a world");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (mkdir(names[i], 0755) ||
		    mount(names[i], names[i], "tmpfs", i & 1 ? MS_RDONLY : MS_NOSUID, "size=1m"))
			broken("%s", names[i]);
	if (mkdir("empty", 0755) || mount("", "empty", "ramfs", 0, NULL) || mkdir("none", 0755) ||
	    mount(NULL, "none", "tmpfs", 0, NULL) || mkdir("gone dir", 0755) ||
	    mkdir("bound", 0755) || mount("gone dir", "bound", NULL, MS_BIND, NULL) ||
	    rmdir("gone dir") || mkdir("shared", 0755) ||
	    mount("plain", "shared", NULL, MS_BIND, NULL) ||
	    mount(NULL, "shared", NULL, MS_SHARED, NULL) || mkdir("slave", 0755) ||
	    mount("shared", "slave", NULL, MS_BIND, NULL) ||
	    mount(NULL, "slave", NULL, MS_SLAVE, NULL) || mkdir("unbindable", 0755) ||
	    mount("tmpfs", "unbindable", "tmpfs", 0, NULL) ||
	    mount(NULL, "unbindable", NULL, MS_UNBINDABLE, NULL))
		broken("a world");
	memset(path, 'x', 255);
	for (i = 1; i < 4; i++)
		path[i * 64] = '/';
	path[255] = '\0';
	for (i = 1; i < 5; i++) {
		path[i * 64 - (i == 4)] = '\0';
		mkdir(path, 0755);
		path[i * 64 - (i == 4)] = i < 4 ? '/' : '\0';
	}
	if (mount("long", path, "tmpfs", 0, NULL))
		broken("a long path");
}

static char *read_file(const char *path, size_t *len)
{
	static char text[16u << 20];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	*len = 0;
	if (fd < 0)
		return NULL;
	/* A namespace with one mount has no end on some kernels. */
	while (*len < sizeof(text) && (n = read(fd, text + *len, sizeof(text) - *len)) > 0)
		*len += (size_t)n;
	close(fd);
	return text;
}

static void live(void)
{
	unsigned int rows;
	size_t len;
	char *text = read_file("/proc/self/mountinfo", &len);
	bool good;

	if (!text)
		broken("/proc/self/mountinfo");
	good = same_table(text, len, &rows);
	if (!good)
		printf("# %s\n", reason);
	result(good && rows, "this machine's table, %u mounts", rows);
}

/* --- the listmount backend of libmount 2.41 --- */

struct statmnt;

#define WANT(name) ((name##_fn)dlsym(RTLD_DEFAULT, #name))
typedef struct statmnt *(*mnt_new_statmnt_fn)(void);
typedef int (*mnt_statmnt_set_mask_fn)(struct statmnt *sm, uint64_t mask);
typedef int (*mnt_table_refer_statmnt_fn)(struct libmnt_table *table, struct statmnt *sm);
typedef int (*mnt_table_fetch_listmount_fn)(struct libmnt_table *table);
typedef uint64_t (*mnt_fs_get_uniq_id_fn)(struct libmnt_fs *fs);

static struct row *rows_by_id;
static uint64_t unique_ids[MOST_ROWS];

static const char *string(const struct mntcompat_statmount *sm, uint64_t bit, uint32_t offset)
{
	return sm->mask & bit ? sm->str + offset : "";
}

/* Ours, by the kernel's own calls or whatever there is: a walk. */
static unsigned int walk(void)
{
	struct mntcompat_table_options how = { .size = sizeof(how),
					       .mask = 0xfff & ~MNTCOMPAT_STATMOUNT_FS_SUBTYPE };
	const struct mntcompat_statmount *sm;
	struct mntcompat_table *table;
	unsigned int n = 0;

	how.mask |= MNTCOMPAT_STATMOUNT_FS_SUBTYPE;
	if (mntcompat_table_open(&how, &table))
		broken("a walk");
	while (n < MOST_ROWS && mntcompat_table_next(table, &sm) > 0) {
		struct row *row = &rows_by_id[n];

		unique_ids[n++] = sm->mnt_id;
		row->id = sm->mnt_id_old;
		row->parent = sm->mnt_parent_id_old;
		row->major = sm->sb_dev_major;
		row->minor = sm->sb_dev_minor;
		row->propagation = sm->mnt_propagation & (MS_SHARED | MS_SLAVE | MS_UNBINDABLE);
		copy(row->text[ROOT], string(sm, MNTCOMPAT_STATMOUNT_MNT_ROOT, sm->mnt_root));
		copy(row->text[POINT], string(sm, MNTCOMPAT_STATMOUNT_MNT_POINT, sm->mnt_point));
		copy(row->text[TYPE], string(sm, MNTCOMPAT_STATMOUNT_FS_TYPE, sm->fs_type));
		copy(row->text[SOURCE], string(sm, MNTCOMPAT_STATMOUNT_SB_SOURCE, sm->sb_source));
		copy(row->text[SUPER], string(sm, MNTCOMPAT_STATMOUNT_MNT_OPTS, sm->mnt_opts));
	}
	mntcompat_table_close(table);
	return n;
}

static void listmount_backend(void)
{
	mnt_new_statmnt_fn new_statmnt = WANT(mnt_new_statmnt);
	mnt_statmnt_set_mask_fn set_mask = WANT(mnt_statmnt_set_mask);
	mnt_table_refer_statmnt_fn refer = WANT(mnt_table_refer_statmnt);
	mnt_table_fetch_listmount_fn fetch = WANT(mnt_table_fetch_listmount);
	mnt_fs_get_uniq_id_fn uniq_id = WANT(mnt_fs_get_uniq_id);
	struct libmnt_table *table;
	struct libmnt_iter *iter;
	struct statmnt *sm;
	struct libmnt_fs *fs;
	unsigned int n, found = 0, wrong = 0;

	if (!new_statmnt || !set_mask || !refer || !fetch || !uniq_id) {
		printf("ok %d - libmount's listmount backend # SKIP this libmount is older than 2.41\n",
		       ++cases);
		return;
	}
	sm = new_statmnt();
	table = mnt_new_table();
	if (!sm || !table || set_mask(sm, 0xbf) || refer(table, sm) || fetch(table)) {
		printf("ok %d - libmount's listmount backend # SKIP no listmount here\n", ++cases);
		return;
	}
	rows_by_id = calloc(MOST_ROWS, sizeof(*rows_by_id));
	if (!rows_by_id)
		broken("memory");
	n = walk();
	iter = mnt_new_iter(MNT_ITER_FORWARD);
	while (mnt_table_next_fs(table, iter, &fs) == 0) {
		unsigned int i;

		for (i = 0; i < n && unique_ids[i] != uniq_id(fs); i++)
			;
		if (i == n) {
			if (!wrong++)
				printf("# a mount that ours does not list: %s\n",
				       mnt_fs_get_target(fs));
			continue;
		}
		found++;
		theirs_row(fs, &theirs);
		/* In their words: options of the mount and the superblock are put together there in
		 * another way. */
		memcpy(theirs.text[OPTIONS], rows_by_id[i].text[OPTIONS], ROOM);
		memcpy(theirs.text[SUPER], rows_by_id[i].text[SUPER], ROOM);
		/* Not before 6.13, and not requested here. */
		memcpy(theirs.text[SOURCE], rows_by_id[i].text[SOURCE], ROOM);
		if (!same_row(&rows_by_id[i], &theirs, true) && !wrong++)
			printf("# %s\n", reason);
	}
	result(!wrong && found == n && n, "libmount's listmount backend, %u mounts by id", found);
	mnt_free_iter(iter);
	mnt_unref_table(table);
	free(rows_by_id);
}

int main(void)
{
	const char *version;

	mnt_get_library_version(&version);
	printf("TAP version 13\n1..4\n# libmount %s\n", version);
	make_world();
	live();
	generated();
	listmount_backend();
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].count)
			printf("# known: %s, %u times: %s\n", known[i].name, known[i].count,
			       known[i].reason);
	return failures != 0;
}
