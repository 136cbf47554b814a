/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table.c - scenarios: walks over the mounts of a namespace. There is no such system call: what
 * native 7.3 prints here is made of its listmount and statmount. Touches WORLD and the scenario's
 * own process only.
 * Listed in scenario.c.
 */
#define _GNU_SOURCE
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#define MOST 4096u

typedef struct mntcompat_table_options options;

struct rows {
	struct mntcompat_statmount *row[MOST];
	size_t n;
};

static uint64_t tree_id;
static int held_ns = -1;

static void prepare_tree(void)
{
	int fd;

	mount_tmpfs("a", "mode=755,size=64k");
	mount_tmpfs("a/b", "mode=755,size=64k");
	mount_propagation("a/b", MS_SHARED);
	mount_tmpfs("a/b/c", "mode=700,size=128k");
	make_dir("peer");
	mount_bind("a/b", "peer", false);
	make_dir("slave");
	mount_bind("a/b", "slave", false);
	mount_propagation("slave", MS_SLAVE);
	make_dir("both");
	mount_bind("slave", "both", false);
	mount_propagation("both", MS_SHARED);
	mount_tmpfs("unbindable", "mode=755,size=64k");
	mount_propagation("unbindable", MS_UNBINDABLE);
	mount_tmpfs("over", "mode=755,size=64k");
	mount_tmpfs("over", "mode=755,size=192k");
	mount_tmpfs("ro noexec\ttab", "mode=755,size=64k");
	must(mount(NULL, "ro noexec\ttab", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOEXEC,
		   NULL),
	     "remount");
	make_file("uts", "");
	mount_bind("/proc/self/ns/uts", "uts", false);
	make_dir("ramfs");
	must(mount("", "ramfs", "ramfs", MS_NOSUID, NULL), "ramfs");
	fd = must_fd(open(".", O_PATH | O_CLOEXEC), ".");
	tree_id = statmount_unique_id(fd);
	close(fd);
}

static void prepare_foreign(void)
{
	prepare_tree();
	held_ns = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open ns/mnt");
	must(unshare(CLONE_NEWNS), "unshare");
}

static void rows_free(struct rows *rows)
{
	while (rows->n)
		free(rows->row[--rows->n]);
}

/* 0 or -errno; says nothing. */
static int walk(const options *how, struct rows *rows)
{
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table;
	int ret = mntcompat_table_open(how, &table);

	rows->n = 0;
	if (ret < 0)
		return ret;
	while ((ret = mntcompat_table_next(table, &row)) > 0 && rows->n < MOST) {
		struct mntcompat_statmount *copy = malloc(row->size);

		if (!copy)
			scenario_broken("malloc");
		memcpy(copy, row, row->size);
		rows->row[rows->n++] = copy;
	}
	mntcompat_table_close(table);
	return ret;
}

static options everything(uint32_t way)
{
	/* Id maps are the kernel's alone, and crash some. */
	return (options){ .size = sizeof(options), .mask = MASK_ALL & ~0x6000ull, .way = way };
}

static bool ascending(const struct rows *rows)
{
	size_t i;

	for (i = 1; i < rows->n; i++) {
		if (rows->row[i]->mnt_id <= rows->row[i - 1]->mnt_id)
			return false;
	}
	return true;
}

static const char *text(const struct mntcompat_statmount *row, uint32_t offset)
{
	return row->str + offset;
}

/* The names of the fields that differ. */
static void compare(const struct mntcompat_statmount *a, const struct mntcompat_statmount *b,
		    char *line)
{
	uint64_t mask = a->mask & b->mask;
	uint32_t i, x, y;

#define DIFFERS(condition, name) \
	do { \
		if (condition) \
			strcat(strcat(line, " "), name); \
	} while (0)
#define FIELD(name) DIFFERS(a->name != b->name, #name)
#define STRING(bit, name) \
	DIFFERS(mask &MNTCOMPAT_STATMOUNT_##bit &&strcmp(text(a, a->name), text(b, b->name)), #name)
	for (i = 0; i < 15; i++) {
		char name[24];

		snprintf(name, sizeof(name), "bit 0x%x", 1u << i);
		DIFFERS((a->mask ^ b->mask) & 1u << i, name);
	}
	if (mask & MNTCOMPAT_STATMOUNT_SB_BASIC) {
		FIELD(sb_dev_major);
		FIELD(sb_dev_minor);
		FIELD(sb_magic);
		FIELD(sb_flags);
	}
	FIELD(mnt_id);
	FIELD(mnt_parent_id);
	FIELD(mnt_id_old);
	FIELD(mnt_parent_id_old);
	FIELD(mnt_attr);
	FIELD(mnt_propagation);
	FIELD(mnt_peer_group);
	FIELD(mnt_master);
	FIELD(propagate_from);
	if (mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID)
		FIELD(mnt_ns_id);
	if (mask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)
		FIELD(supported_mask);
	STRING(MNT_ROOT, mnt_root);
	STRING(MNT_POINT, mnt_point);
	STRING(FS_TYPE, fs_type);
	STRING(MNT_OPTS, mnt_opts);
	STRING(FS_SUBTYPE, fs_subtype);
	STRING(SB_SOURCE, sb_source);
	if (!(mask & MNTCOMPAT_STATMOUNT_OPT_ARRAY))
		return;
	FIELD(opt_num);
	for (i = 0, x = a->opt_array, y = b->opt_array; i < a->opt_num && i < b->opt_num; i++) {
		DIFFERS(strcmp(text(a, x), text(b, y)), "opt_array");
		x += (uint32_t)strlen(text(a, x)) + 1;
		y += (uint32_t)strlen(text(b, y)) + 1;
	}
}

static void say_parity(const char *label, const struct rows *a, const struct rows *b)
{
	size_t i, different = 0;

	if (a->n != b->n) {
		say("%s: %s rows", label, a->n < b->n ? "fewer" : "more");
		return;
	}
	for (i = 0; i < a->n; i++) {
		char line[1024] = "";

		compare(a->row[i], b->row[i], line);
		if (!*line)
			continue;
		if (!different++)
			say("%s: %s%s", label,
			    a->row[i]->mask & MNTCOMPAT_STATMOUNT_MNT_POINT ?
				    scenario_quote(text(a->row[i], a->row[i]->mnt_point)) :
				    "a mount",
			    line);
	}
	say("%s: %s", label, different ? "rows that differ" : "the same rows");
}

static void parity(options how)
{
	static struct rows lines, ids, any;
	int ret;

	how.way = MNTCOMPAT_TABLE_MOUNTINFO;
	ret = walk(&how, &lines);
	if (ret)
		say("mountinfo: %s", errno_name(-ret));
	how.way = MNTCOMPAT_TABLE_LISTMOUNT;
	ret = walk(&how, &ids);
	if (ret)
		say("listmount: %s", errno_name(-ret));
	how.way = MNTCOMPAT_TABLE_ANY;
	ret = walk(&how, &any);
	if (ret)
		say("either: %s", errno_name(-ret));
	say("ascending: %d %d %d", ascending(&lines), ascending(&ids), ascending(&any));
	say_parity("mountinfo and listmount", &lines, &ids);
	say_parity("mountinfo and either", &lines, &any);
	rows_free(&lines);
	rows_free(&ids);
	rows_free(&any);
}

static void parity_own(void)
{
	parity(everything(0));
}

static void parity_below(void)
{
	options how = everything(0);

	how.mnt_id = tree_id;
	parity(how);
}

static void parity_namespace(void)
{
	options how = everything(0);

	how.mnt_id = tree_id;
	how.mnt_ns_fd = (uint32_t)held_ns;
	parity(how);
	close(held_ns);
}

static void parity_few(void)
{
	options how = everything(0);

	how.mask = MNTCOMPAT_STATMOUNT_MNT_POINT;
	parity(how);
	how.mask = 0;
	parity(how);
	how.mask = MNTCOMPAT_STATMOUNT_SB_SOURCE | MNTCOMPAT_STATMOUNT_FS_SUBTYPE;
	parity(how);
}

/* Each row is what statmount says of that mount. */
static void table_statmount(void)
{
	static struct rows rows;
	static char buffer[65536];
	options how = everything(MNTCOMPAT_TABLE_ANY);
	size_t i, same = 0;
	int ret;

	how.mnt_id = tree_id;
	ret = walk(&how, &rows);
	if (ret)
		say("%s", errno_name(-ret));
	for (i = 0; i < rows.n; i++) {
		if (!statmount_id(rows.row[i]->mnt_id, how.mask, buffer, sizeof(buffer)) &&
		    rows.row[i]->size == ((struct mntcompat_statmount *)(void *)buffer)->size)
			same += !memcmp(buffer, rows.row[i], rows.row[i]->size);
	}
	say("rows: %zu, as statmount says: %zu", rows.n, same);
	rows_free(&rows);
}

/* In the order in which they were made, which is not that of ids before 6.8. */
static void table_points(void)
{
	static const char *const made[] = { "a",	  "a/b",   "a/b/c",
					    "peer",	  "slave", "both",
					    "unbindable", "over",  "ro noexec\ttab",
					    "uts",	  "ramfs" };
	static struct rows rows;
	char point[4096];
	size_t k, said = 0;
	options how = everything(MNTCOMPAT_TABLE_ANY);
	size_t i;
	int ret;

	how.mnt_id = tree_id;
	how.mask = MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_FS_TYPE |
		   MNTCOMPAT_STATMOUNT_SB_BASIC;
	ret = walk(&how, &rows);
	if (ret)
		say("%s", errno_name(-ret));
	for (k = 0; k < sizeof(made) / sizeof(made[0]); k++) {
		snprintf(point, sizeof(point), "%s/%s", scenario_world(), made[k]);
		for (i = 0; i < rows.n; i++) {
			if (strcmp(text(rows.row[i], rows.row[i]->mnt_point), point))
				continue;
			say("mask 0x%llx %s %s 0x%llx", (unsigned long long)rows.row[i]->mask,
			    scenario_quote(point), text(rows.row[i], rows.row[i]->fs_type),
			    (unsigned long long)rows.row[i]->sb_magic);
			said++;
		}
	}
	if (said != rows.n)
		say("%zu more", rows.n - said);
	rows_free(&rows);
}

/* Mounts that go while a walk is under way. */
static void table_gone(void)
{
	const struct mntcompat_statmount *row;
	options how = everything(MNTCOMPAT_TABLE_ANY);
	struct mntcompat_table *table;
	size_t n = 0;
	int ret;

	how.mnt_id = tree_id;
	ret = mntcompat_table_open(&how, &table);
	if (ret < 0) {
		say("%s", errno_name(-ret));
		return;
	}
	must(umount2("a/b/c", MNT_DETACH), "umount");
	must(umount2("ramfs", MNT_DETACH), "umount");
	while ((ret = mntcompat_table_next(table, &row)) > 0)
		n++;
	mntcompat_table_close(table);
	/* With mountinfo they are still shown: it was one moment. Gone with a/b/c are its copies. */
	say("end: %d, plausible: %d", ret, n >= 10 && n <= 16);
}

static void table_options(void)
{
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table = NULL;
	union {
		options how;
		unsigned char bytes[256];
	} buf;

	memset(&buf, 0, sizeof(buf));
	say("no options: %s", errno_name(-mntcompat_table_open(NULL, &table)));
	say("size 0: %s", errno_name(-mntcompat_table_open(&buf.how, &table)));
	buf.how = everything(0);
	buf.how.size = 256;
	say("zeros behind: %s", errno_name(-mntcompat_table_open(&buf.how, &table)));
	mntcompat_table_close(table);
	buf.bytes[255] = 1;
	say("something behind: %s", errno_name(-mntcompat_table_open(&buf.how, &table)));
	buf.how.size = offsetof(options, mnt_id);
	buf.how.mnt_id = 1;
	say("short: %s", errno_name(-mntcompat_table_open(&buf.how, &table)));
	mntcompat_table_close(table);
	buf.how = everything(3);
	say("way 3: %s", errno_name(-mntcompat_table_open(&buf.how, &table)));
	buf.how = everything(0);
	buf.how.mnt_id = 1;
	say("mount 1: %s", errno_name(-mntcompat_table_open(&buf.how, &table)));
	buf.how.mnt_id = 0x7ffffffffffffff0ull;
	say("unknown mount: %s", errno_name(-mntcompat_table_open(&buf.how, &table)));
	buf.how = everything(0);
	buf.how.mnt_ns_fd = 0x7fffffff;
	say("no fd: %s", errno_name(-mntcompat_table_open(&buf.how, &table)));
	buf.how.mnt_ns_id = 1;
	say("fd and id: %s", errno_name(-mntcompat_table_open(&buf.how, &table)));
	buf.how = everything(0);
	must(mntcompat_table_open(&buf.how, &table) < 0 ? -1 : 0, "open");
	while (mntcompat_table_next(table, &row) > 0)
		;
	say("after the end: %d", mntcompat_table_next(table, &row));
	mntcompat_table_close(table);
	mntcompat_table_close(NULL);
}

static void prepare_namespace(void)
{
	mount_tmpfs("tree", NULL);
	mount_tmpfs("tree/a", NULL);
	mount_tmpfs("tree/a/b", NULL);
}

/* A namespace that is named by its id. */
static void table_namespace_id(void)
{
	int fd = must_fd(mntcompat_open_tree(AT_FDCWD, "tree",
					     MNTCOMPAT_OPEN_TREE_NAMESPACE |
						     MNTCOMPAT_OPEN_TREE_CLOEXEC |
						     MNTCOMPAT_AT_RECURSIVE),
			 "open_tree");
	struct mntcompat_table_options how = {
		.size = sizeof(how),
		.mask = MNTCOMPAT_STATMOUNT_MNT_NS_ID,
	};
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table;
	int right = 0, rows = 0;

	must(mntcompat_mount_namespace_id(fd, &how.mnt_ns_id), "id");
	must(mntcompat_table_open(&how, &table), "table");
	while (mntcompat_table_next(table, &row) > 0) {
		rows++;
		right += row->mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID &&
			 row->mnt_ns_id == how.mnt_ns_id;
	}
	mntcompat_table_close(table);
	say("rows: %d, of the namespace: %d", rows, right);
	close(fd);
}

#define ROW(path, doc, levels, prepare, run) \
	{ \
		"table/" path, doc, levels, prepare, run \
	}
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS)

const struct scenario table_scenarios[] = {
	ROW("parity/own", "Either way shows the same rows.", SCENARIO_ALL, prepare_tree,
	    parity_own),
	ROW("parity/below", "The same below a mount.", SCENARIO_ALL, prepare_tree, parity_below),
	ROW("parity/namespace", "The same in another namespace.", PRIVILEGED, prepare_foreign,
	    parity_namespace),
	ROW("parity/few", "The same with few fields.", SCENARIO_ALL, prepare_tree, parity_few),
	ROW("statmount", "A row equals the answer of statmount.", SCENARIO_ALL, prepare_tree,
	    table_statmount),
	ROW("points", "Each row has the mount point and the type.", SCENARIO_ALL, prepare_tree,
	    table_points),
	ROW("gone", "Mounts that go meanwhile do no harm.", PRIVILEGED, prepare_tree, table_gone),
	ROW("namespace-id", "Rows of a namespace that is named by its id.", PRIVILEGED,
	    prepare_namespace, table_namespace_id),
	ROW("options", "Options that are refused.", SCENARIO_ALL, prepare_tree, table_options),
	{ 0 }
};
