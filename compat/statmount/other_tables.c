// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * other_tables.c - looks for a mount in the tables of all processes.
 * Reads other processes' files; looks from a helper.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/other_tables.h"
#include "compat/statmount/scratch.h"
#include "compat/task/helper.h"
#include "compat/task/mountinfo.h"
#include "compat/task/outside.h"
#include "compat/task/procfs.h"

#define ELSEWHERE_TABLES 128
#define ELSEWHERE_DEPTH 4096

/* --- other processes' tables --- */

struct search {
	const struct statmount_ids *ids;
	struct statmount_scratch *scratch;
	struct statmount_found *found;
	struct stat own;	   /* the caller's namespace; st_ino 0: not known */
	struct statmount_ids root; /* the mount of the caller's root */
	bool readable; /* this round: processes whose namespace may be opened, or the others */
	bool others;   /* out: there are others */
	enum statmount_own_table own_table;
	/* The link of the caller's namespace: */
	char own_link[32];
	size_t own_len;
	uint64_t seen[ELSEWHERE_TABLES];
	size_t seen_num;
};

static void process_path(char *path, const char *pid, const char *file)
{
	size_t len = strlen(pid);

	memcpy(path, pid, len);
	strcpy(path + len, file);
}

#define HASH_START 14695981039346656037ull

static uint64_t hash_of(uint64_t hash, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * 1099511628211ull;
	return hash;
}

/* True if @hash was there already. */
static bool remember(struct search *search, uint64_t hash)
{
	for (size_t i = 0; i < search->seen_num; i++)
		if (search->seen[i] == hash)
			return true;
	if (search->seen_num < ELSEWHERE_TABLES)
		search->seen[search->seen_num++] = hash;
	return false;
}

/*
 * Processes of one namespace and one root have the same table, so its first line is enough to know
 * that a table has been searched: a mount's id, and where it is as seen from that root.
 */
static bool seen_before(struct search *search, int table)
{
	char text[512], *end;
	ssize_t len = raw_pread(table, text, sizeof(text), 0);

	if (len <= 0)
		return false;
	end = memchr(text, '\n', (size_t)len);
	return remember(search,
			hash_of(HASH_START, text, end ? (size_t)(end - text) : (size_t)len));
}

static uint64_t hash_of_table(const char *link, size_t len, const struct raw_statx *root)
{
	uint64_t hash = hash_of(HASH_START, link, len);

	hash = hash_of(hash, &root->mnt_id, sizeof(root->mnt_id));
	return hash_of(hash, &root->ino, sizeof(root->ino));
}

/*
 * The same where the namespace's link may be read, without opening a table, which costs more than
 * all else: its text, and the mount and the directory that are the root. 1, or -ENOENT if another
 * process had it.
 */
static int is_new(struct search *search, int proc, const char *pid, const char *link, size_t len)
{
	struct raw_statx stx;
	char path[32];

	process_path(path, pid, "/root");
	if (raw_statx(proc, path, UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID, &stx) < 0 ||
	    !(stx.mask & MNTCOMPAT_STATX_MNT_ID))
		return 0;
	return remember(search, hash_of_table(link, len, &stx)) ? -ENOENT : 1;
}

/*
 * Find the namespace of a mount that was found: by the namespace file, if it may be opened. Else a
 * table that also shows the mount of the caller's root is of the caller's namespace, since a mount
 * is in one namespace only.
 */
static void find_place(const struct search *search, struct statmount_found *found)
{
	struct mountinfo_line line;
	struct stat st;
	size_t pos = 0;

	found->where = STATMOUNT_SOMEWHERE;
	if (found->ns_fd >= 0 && search->own.st_ino && raw_fstat(found->ns_fd, &st) == 0)
		found->where = st.st_ino == search->own.st_ino && st.st_dev == search->own.st_dev ?
				       STATMOUNT_OWN :
				       STATMOUNT_FOREIGN;
	while (found->where == STATMOUNT_SOMEWHERE && search->root.old_known &&
	       mountinfo_next(&search->scratch->table, &pos, &line))
		if (line.id == search->root.old)
			found->where = STATMOUNT_OWN;
}

void statmount_found_close(struct statmount_found *found)
{
	if (found->ns_fd >= 0)
		raw_close(found->ns_fd);
	if (found->root >= 0)
		raw_close(found->root);
	found->ns_fd = found->root = -1;
}

static int search_process(struct search *search, int proc, const char *pid)
{
	struct statmount_found *found = search->found;
	size_t seen_num = search->seen_num;
	char path[32], link[32];
	ssize_t len;
	int table, fresh = 0, ret = -ENOENT;

	process_path(path, pid, "/ns/mnt");
	len = raw_readlinkat(proc, path, link, sizeof(link));
	/* Without permission Linux 5.10 returns an empty text instead of EACCES. */
	search->others |= len == 0 || len == -EACCES || len == -EPERM;
	if ((len > 0) != search->readable)
		return -ENOENT;
	if (len > 0) {
		if (search->own_table == STATMOUNT_NOT_OWN && (size_t)len == search->own_len &&
		    !memcmp(link, search->own_link, search->own_len))
			return -ENOENT;
		fresh = is_new(search, proc, pid, link, (size_t)len);
		if (fresh < 0)
			return fresh;
	}
	process_path(path, pid, "/mountinfo");
	table = raw_openat(proc, path, O_RDONLY | O_CLOEXEC, 0);
	if (table < 0) {
		search->seen_num = seen_num;
		return raw_is_shortage(table) ? table : -ENOENT;
	}
	process_path(path, pid, "/ns/mnt");
	found->root = -1;
	found->ns_fd = raw_openat(proc, path, O_RDONLY | O_CLOEXEC, 0);
	if (raw_is_shortage(found->ns_fd)) {
		ret = found->ns_fd;
	} else if (fresh || !seen_before(search, table)) {
		mountinfo_release(&search->scratch->table);
		ret = mountinfo_find(table, search->ids->old, NULL, &search->scratch->table,
				     &found->line);
		/* The process may have ended under the reader; others may have the same table. */
		if (ret < 0 && ret != -ENOENT)
			search->seen_num = seen_num;
		if (ret < 0 && !raw_is_shortage(ret))
			ret = -ENOENT;
	}
	raw_close(table);
	if (ret == 0) {
		process_path(path, pid, "/root");
		found->root = raw_openat(proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		if (raw_is_shortage(found->root))
			ret = found->root;
		else
			find_place(search, found);
	}
	if (ret < 0)
		statmount_found_close(found);
	return ret;
}

static int search_round(struct search *search)
{
	char entries[2048] __attribute__((aligned(8)));
	int ret = -ENOENT, proc = procfs_open(".");
	ssize_t len;

	if (proc < 0)
		return proc;
	while (ret == -ENOENT && (len = raw_getdents64(proc, entries, sizeof(entries))) > 0) {
		const struct raw_dirent *entry;

		for (ssize_t at = 0; ret == -ENOENT && at < len; at += entry->reclen) {
			entry = (const void *)(entries + at);
			if (entry->name[0] >= '1' && entry->name[0] <= '9' &&
			    strlen(entry->name) < 12)
				ret = search_process(search, proc, entry->name);
		}
	}
	raw_close(proc);
	return ret;
}

/* The text of the caller's own namespace link. */
static int read_own_link(struct search *search)
{
	int proc = procfs_open(".");
	ssize_t len;

	if (proc < 0)
		return proc;
	len = raw_readlinkat(proc, "thread-self/ns/mnt", search->own_link,
			     sizeof(search->own_link));
	raw_close(proc);
	search->own_len = len < 0 ? 0 : (size_t)len;
	return 0;
}

/* --- the caller's namespace from its root, for the privileged in a chroot --- */

struct root_question {
	struct search *search;
	int own, proc;
	struct raw_statx root; /* the caller's, from where its table has been read */
};

/* "/", as far as no file server is asked; without its mount's id nothing is known. */
static bool look_at_root(struct raw_statx *root)
{
	return raw_statx(AT_FDCWD, "/", UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID, root) ==
		       0 &&
	       root->mask & MNTCOMPAT_STATX_MNT_ID;
}

/* The calling task's root is that of the namespace. */
static int ask_at_root(void *arg)
{
	struct root_question *question = arg;
	struct search *search = question->search;
	struct raw_statx root;
	int ret, table;

	if (question->root.mask & MNTCOMPAT_STATX_MNT_ID && look_at_root(&root) &&
	    root.mnt_id == question->root.mnt_id && root.ino == question->root.ino)
		return -ENOENT;
	table = raw_openat(question->proc, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	if (table < 0)
		return table;
	mountinfo_release(&search->scratch->table);
	ret = mountinfo_find(table, search->ids->old, NULL, &search->scratch->table,
			     &search->found->line);
	raw_close(table);
	if (!ret) {
		search->found->root =
			raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		if (raw_is_shortage(search->found->root))
			ret = search->found->root;
	}
	return ret;
}

/* In a helper: entering a namespace that one is in already leads to its root. */
static int ask_from_root(void *arg)
{
	struct root_question *question = arg;
	int ret = raw_setns(question->own, CLONE_NEWNS);

	return ret < 0 ? ret : ask_at_root(arg);
}

static int search_own_root(struct search *search, int own)
{
	struct root_question question = { .search = search, .own = own };
	int ret;

	question.proc = procfs_open(".");
	if (question.proc < 0)
		return question.proc;
	if (search->own_table != STATMOUNT_OWN_SEARCHED || !look_at_root(&question.root))
		question.root.mask = 0;
	else if (read_own_link(search) == 0 && search->own_len)
		remember(search, hash_of_table(search->own_link, search->own_len, &question.root));
	search->found->root = -1;
	ret = helper_look(ask_from_root, &question);
	/* No helper can be made. */
	if (ret == -EOPNOTSUPP)
		ret = outside_look(ask_at_root, &question);
	raw_close(question.proc);
	if (ret == 0) {
		search->found->where = STATMOUNT_OWN;
		search->found->ns_fd = own;
	}
	return ret;
}

int statmount_other_line(const struct statmount_ids *ids, enum statmount_own_table own_table,
			 struct statmount_scratch *scratch, struct statmount_found *found)
{
	struct search search = { .ids = ids,
				 .scratch = scratch,
				 .found = found,
				 .readable = true,
				 .own_table = own_table };
	bool not_own = own_table == STATMOUNT_NOT_OWN;
	int fd = not_own ? -ENOENT : namespace_own(NULL), ret;

	if (not_own) {
		ret = read_own_link(&search);
		if (ret < 0)
			return ret;
	}
	if (raw_is_shortage(fd))
		return fd;
	if (fd >= 0) {
		if (raw_fstat(fd, &search.own) < 0)
			search.own.st_ino = 0;
		ret = search_own_root(&search, fd);
		if (ret == 0)
			return 0;
		raw_close(fd);
		if (raw_is_shortage(ret))
			return ret;
	}
	fd = raw_openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0);
	if (raw_is_shortage(fd))
		return fd;
	if (fd >= 0) {
		if (statmount_fd_ids(fd, &search.root) == 0)
			statmount_fd_old_id(fd, &search.root);
		raw_close(fd);
	}
	ret = search_round(&search);
	if (ret == -ENOENT && search.others) {
		search.readable = false;
		ret = search_round(&search);
	}
	return ret;
}
