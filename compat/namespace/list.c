// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * list.c - the existing namespaces, as far as procfs shows them.
 * Opens namespace files of other processes for a moment; touches private mappings otherwise.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/id.h"
#include "compat/namespace/list.h"
#include "compat/namespace/open.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

#define LIST_FIRST_CAPACITY ((size_t)512)
#define LIST_PATH 80

static const struct {
	const char *name;
	uint32_t kind;
	bool own; /* a namespace that the task itself is in */
} list_files[] = {
	{ "mnt", MNTCOMPAT_MNT_NS, true },
	{ "user", MNTCOMPAT_USER_NS, true },
	{ "uts", MNTCOMPAT_UTS_NS, true },
	{ "ipc", MNTCOMPAT_IPC_NS, true },
	{ "net", MNTCOMPAT_NET_NS, true },
	{ "cgroup", MNTCOMPAT_CGROUP_NS, true },
	{ "pid", MNTCOMPAT_PID_NS, true },
	{ "time", MNTCOMPAT_TIME_NS, true },
	{ "pid_for_children", MNTCOMPAT_PID_NS, false },
	{ "time_for_children", MNTCOMPAT_TIME_NS, false },
};
#define LIST_FILES (sizeof(list_files) / sizeof(list_files[0]))

/* A search ends when it has found its namespace. */
static bool is_found(const struct namespace_list *list)
{
	return list->kept >= 0;
}

/* The task has ended, or never had such a file. */
static bool is_gone(int ret)
{
	return ret == -ENOENT || ret == -ESRCH;
}

/*
 * A caller that sees all namespaces may still lack access to some tasks (CAP_SYS_PTRACE): their
 * namespaces are missing. Any other failure makes the list incomplete, so it is discarded.
 */
static int gap(struct namespace_list *list, int ret)
{
	if (is_gone(ret))
		return 0;
	if ((list->all || list->want) && (ret == -EACCES || ret == -EPERM)) {
		list->gaps = true;
		return 0;
	}
	return ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM ? ret : -EOPNOTSUPP;
}

/* --- the table: a hash of inode numbers --- */

static struct namespace_entry *list_slot(const struct namespace_list *list, uint64_t ino)
{
	size_t at = (size_t)(ino * 0x9e3779b97f4a7c15ull >> 20) & (list->capacity - 1);

	while (list->slots[at].ino && list->slots[at].ino != ino)
		at = (at + 1) & (list->capacity - 1);
	return &list->slots[at];
}

static bool list_has(const struct namespace_list *list, uint64_t ino)
{
	return list->n && list_slot(list, ino)->ino;
}

static int list_grow(struct namespace_list *list)
{
	struct namespace_list larger = *list;

	if (list->slots && list->n < list->capacity / 2)
		return 0;
	larger.capacity = list->slots ? list->capacity * 2 : LIST_FIRST_CAPACITY;
	larger.slots = raw_mmap(larger.capacity * sizeof(*larger.slots));
	if (!larger.slots)
		return -ENOMEM;
	for (size_t i = 0; list->slots && i < list->capacity; i++)
		if (list->slots[i].ino)
			*list_slot(&larger, list->slots[i].ino) = list->slots[i];
	if (list->slots)
		raw_munmap(list->slots, list->capacity * sizeof(*list->slots));
	*list = larger;
	return 0;
}

void namespace_list_release(struct namespace_list *list)
{
	if (list->slots)
		raw_munmap(list->slots, list->capacity * sizeof(*list->slots));
	list->slots = NULL;
	list->n = list->capacity = 0;
}

const struct namespace_entry *namespace_list_next(const struct namespace_list *list, size_t *pos)
{
	while (*pos < list->capacity)
		if (list->slots[(*pos)++].ino)
			return &list->slots[*pos - 1];
	return NULL;
}

/* --- one namespace --- */

/* Its fd, or -1: there is none, or it is above the caller's. */
static int list_owner(const struct namespace_list *list, int fd, uint64_t self, uint64_t *ino)
{
	int owner = raw_ns_get_userns(fd), ret;
	struct stat st;

	*ino = 0;
	if (owner == -EPERM && (!list->all || self == UAPI_INITIAL_USER_INO))
		return -1;
	if (owner < 0)
		return raw_is_shortage(owner) ? owner : -EOPNOTSUPP;
	ret = raw_fstat(owner, &st);
	if (ret < 0) {
		raw_close(owner);
		return -EOPNOTSUPP;
	}
	*ino = st.st_ino;
	return owner;
}

/* Takes over @fd. A caller that sees all namespaces also sees the owner, and its owner. */
static int list_add(struct namespace_list *list, int fd)
{
	int ret = 0;

	while (ret == 0 && fd >= 0) {
		struct namespace_entry entry = { 0 };
		int owner = -1, kind = 0;
		bool made = false;
		struct stat st;

		if (raw_fstat(fd, &st) < 0) {
			ret = -EOPNOTSUPP;
		} else if (!list_has(list, st.st_ino)) {
			kind = namespace_kind(fd);
			ret = kind < 0 ? kind : namespace_id(fd, &entry.id, &made);
			if (!ret)
				ret = list_grow(list);
		}
		if (!ret && kind > 0) {
			owner = list_owner(list, fd, st.st_ino, &entry.owner);
			if (owner < -1)
				ret = owner;
		}
		if (!ret && kind > 0) {
			entry.ino = st.st_ino;
			entry.kind = (uint32_t)kind;
			*list_slot(list, entry.ino) = entry;
			list->n++;
			list->has_made |= made;
			if (entry.id == list->want && entry.kind == MNTCOMPAT_MNT_NS &&
			    list->kept < 0) {
				list->kept = fd;
				fd = -1;
			}
		}
		if (fd >= 0)
			raw_close(fd);
		if ((ret || !list->all) && owner >= 0) {
			raw_close(owner);
			owner = -1;
		}
		fd = owner;
	}
	/*
	 * Descriptors are closed and reused meanwhile: a file that is not a namespace is skipped.
	 */
	return ret == -ENOTTY ? 0 : ret;
}

/* A link of procfs to a namespace's file; *fresh: it was not known. */
static int list_visit(struct namespace_list *list, int proc, const char *path, bool *fresh)
{
	struct stat st;
	int fd = raw_fstatat(proc, path, &st, 0);

	*fresh = false;
	if (fd < 0)
		return gap(list, fd);
	if (list_has(list, st.st_ino))
		return 0;
	fd = raw_openat(proc, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return gap(list, fd);
	*fresh = true;
	return list_add(list, fd);
}

/* "mnt:[4026531840]": the inode number, or 0 if this is not how a namespace's file is called. */
static uint64_t list_parse(const char *text, size_t len, uint32_t kinds)
{
	for (size_t i = 0; i < LIST_FILES; i++) {
		size_t name = strlen(list_files[i].name), at;
		uint64_t ino = 0;

		if (len < name + 4 || memcmp(text, list_files[i].name, name) ||
		    memcmp(text + name, ":[", 2) || text[len - 1] != ']')
			continue;
		for (at = name + 2; at < len - 1; at++) {
			if (text[at] < '0' || text[at] > '9' || ino > UINT32_MAX)
				return 0;
			ino = ino * 10 + (uint64_t)(text[at] - '0');
		}
		return list_files[i].kind & kinds ? ino : 0;
	}
	return 0;
}

/* --- the places where to look --- */

static void list_join(char path[LIST_PATH], const char *a, const char *b, const char *c)
{
	const char *const parts[] = { a, b, c };
	size_t at = 0;

	for (size_t i = 0; i < 3; i++)
		for (const char *from = parts[i]; *from && at < LIST_PATH - 1; from++)
			path[at++] = *from;
	path[at] = '\0';
}

/* A mount of a namespace's file. A mount that covers it is not opened. */
static int list_mount_by(char path[PATH_MAX], struct namespace_list *list, int proc, int root,
			 const struct mountinfo_table *table, const struct mountinfo_line *line,
			 struct offline_ways *ways)
{
	char link[LIST_PATH], digits[12];
	size_t len = mountinfo_unescape(line->mount_point, path + 1, PATH_MAX - 1);
	unsigned int number;
	struct raw_statx stx;
	int fd, ret = 0, n = 11;
	bool fresh;

	/* Nor is it opened if the path to it may call a file server. */
	path[0] = '.';
	if (len >= PATH_MAX - 1 || !offline_is_free_way(table, line, ways))
		return 0;
	path[len + 1] = '\0';
	fd = raw_openat(root, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	/* Covered, or above the task's root. */
	if (fd < 0)
		return raw_is_shortage(fd) ? fd : 0;
	if (offline_statx(fd, &stx) == 0 && stx.dev_major == line->dev_major &&
	    stx.dev_minor == line->dev_minor) {
		number = (unsigned int)fd;
		digits[n] = '\0';
		do
			digits[--n] = (char)('0' + number % 10);
		while (number /= 10);
		list_join(link, "thread-self/fd/", digits + n, "");
		ret = list_visit(list, proc, link, &fresh);
	}
	raw_close(fd);
	return ret;
}

static int list_mount(struct namespace_list *list, int proc, int root,
		      const struct mountinfo_table *table, const struct mountinfo_line *line,
		      struct offline_ways *ways)
{
	/* The stack of a thread may be small. */
	char *path = raw_mmap(PATH_MAX);
	int ret = path ? list_mount_by(path, list, proc, root, table, line, ways) : -ENOMEM;

	if (path)
		raw_munmap(path, PATH_MAX);
	return ret;
}

static int list_mounts(struct namespace_list *list, int proc, const char *task, uint32_t kinds)
{
	struct offline_ways ways = { .known = false };
	struct mountinfo_table table;
	struct mountinfo_line line;
	char path[LIST_PATH];
	int root = -1, ret, fd;
	size_t pos = 0;

	list_join(path, task, "/mountinfo", "");
	fd = raw_openat(proc, path, O_RDONLY | O_CLOEXEC, 0);
	/* EINVAL: the task is about to end, and in no namespace any more. */
	if (fd < 0)
		return fd == -EINVAL ? 0 : gap(list, fd);
	ret = mountinfo_read(fd, &table);
	raw_close(fd);
	if (ret < 0)
		return gap(list, ret);
	while (ret == 0 && !is_found(list) && mountinfo_next(&table, &pos, &line)) {
		uint64_t ino;

		if (line.type.len != 4 || memcmp(line.type.text, "nsfs", 4))
			continue;
		ino = list_parse(line.root.text, line.root.len, kinds);
		if (!ino || list_has(list, ino))
			continue;
		if (root < 0) {
			list_join(path, task, "/root", "");
			root = raw_openat(proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
			if (root < 0) {
				ret = gap(list, root);
				break;
			}
		}
		ret = list_mount(list, proc, root, &table, &line, &ways);
	}
	if (root >= 0)
		raw_close(root);
	mountinfo_release(&table);
	return ret;
}

static int list_task(struct namespace_list *list, int proc, const char *task, uint32_t kinds)
{
	char path[LIST_PATH];
	bool fresh;
	int ret;

	for (size_t i = 0; i < LIST_FILES && !is_found(list); i++) {
		/*
		 * Namespace files may be mounted in mount namespaces, so these are always searched.
		 */
		if (!(list_files[i].kind & (kinds | MNTCOMPAT_MNT_NS)))
			continue;
		list_join(path, task, "/ns/", list_files[i].name);
		ret = list_visit(list, proc, path, &fresh);
		if (!ret && fresh && list_files[i].kind == MNTCOMPAT_MNT_NS)
			ret = list_mounts(list, proc, task, kinds);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Calls @each for every entry of a directory below procfs whose name is a number. */
static int list_numbers(struct namespace_list *list, int proc, const char *dir, uint32_t kinds,
			int (*each)(struct namespace_list *list, int proc, const char *dir,
				    const char *name, uint32_t kinds))
{
	char entries[2048] __attribute__((aligned(8)));
	int fd = raw_openat(proc, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0), ret = 0;
	ssize_t len;

	if (fd < 0)
		return gap(list, fd);
	while (ret == 0 && !is_found(list) &&
	       (len = raw_getdents64(fd, entries, sizeof(entries))) != 0) {
		const struct raw_dirent *entry;

		if (len < 0) {
			ret = gap(list, (int)len);
			break;
		}

		for (ssize_t at = 0; ret == 0 && !is_found(list) && at < len; at += entry->reclen) {
			entry = (const void *)(entries + at);
			if (entry->name[0] >= '0' && entry->name[0] <= '9' &&
			    strlen(entry->name) < 12)
				ret = each(list, proc, dir, entry->name, kinds);
		}
	}
	raw_close(fd);
	return ret;
}

static int list_thread(struct namespace_list *list, int proc, const char *dir, const char *name,
		       uint32_t kinds)
{
	char task[LIST_PATH];

	list_join(task, dir, "/", name);
	return list_task(list, proc, task, kinds);
}

static int list_descriptor(struct namespace_list *list, int proc, const char *dir, const char *name,
			   uint32_t kinds)
{
	char path[LIST_PATH], link[64];
	ssize_t len;
	uint64_t ino;
	bool fresh;

	list_join(path, dir, "/", name);
	len = raw_readlinkat(proc, path, link, sizeof(link));
	if (len < 0)
		return gap(list, (int)len);
	/* A link that does not fit is the path of another file, not a namespace's name. */
	ino = list_parse(link, (size_t)len, kinds);
	return ino && !list_has(list, ino) ? list_visit(list, proc, path, &fresh) : 0;
}

static int list_process(struct namespace_list *list, int proc, const char *dir, const char *name,
			uint32_t kinds)
{
	char path[LIST_PATH];
	int ret;

	(void)dir;
	list_join(path, name, "/task", "");
	ret = list_numbers(list, proc, path, kinds, list_thread);
	if (ret < 0 || is_found(list))
		return ret;
	list_join(path, name, "/fd", "");
	return list_numbers(list, proc, path, kinds, list_descriptor);
}

/* The mount namespaces that the kernel itself lists (6.12). */
static int list_neighbours(struct namespace_list *list, int (*step)(int fd, uint64_t *id))
{
	int fd = namespace_own(NULL), ret = 0;

	if (fd < 0)
		return gap(list, fd);
	while (ret == 0 && !is_found(list) && fd >= 0) {
		int next = step(fd, NULL), copy;

		raw_close(fd);
		fd = next;
		if (fd < 0)
			break;
		copy = raw_fcntl(fd, F_DUPFD_CLOEXEC, 0);
		ret = copy < 0 ? gap(list, copy) : list_add(list, copy);
	}
	/* ENOTTY: the kernel cannot; ENOENT: the end. */
	if (ret == 0 && fd < 0 && fd != -ENOTTY)
		ret = gap(list, fd);
	else if (fd >= 0)
		raw_close(fd);
	return ret;
}

static int list_own(struct namespace_list *list, int proc, uint32_t kinds)
{
	char path[LIST_PATH];
	bool fresh;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < LIST_FILES; i++) {
		if (!list_files[i].own || !(list_files[i].kind & kinds))
			continue;
		list_join(path, "thread-self/ns/", list_files[i].name, "");
		ret = list_visit(list, proc, path, &fresh);
	}
	return ret;
}

int namespace_list_gather(struct namespace_list *list, uint32_t kinds)
{
	uint64_t want = list->want;
	struct stat st;
	int proc, ret;

	*list = (struct namespace_list){ .want = want, .kept = -1 };
	ret = namespace_sees_all();
	if (ret < 0)
		return ret;
	list->all = ret;
	proc = procfs_open(".");
	if (proc < 0)
		return proc;
	ret = raw_fstatat(proc, "thread-self/ns/user", &st, 0);
	if (ret < 0) {
		raw_close(proc);
		return -EOPNOTSUPP;
	}
	list->own_user = st.st_ino;
	/* The caller that names a namespace often holds it open itself. */
	if (want)
		ret = list_numbers(list, proc, "thread-self/fd", kinds, list_descriptor);
	if (ret < 0 || is_found(list)) {
		;
	} else if (list->all || want) {
		/* Owners are found by what they own. */
		if (kinds & MNTCOMPAT_USER_NS)
			kinds = NAMESPACE_KINDS;
		ret = list_numbers(list, proc, ".", kinds, list_process);
		if (!ret && list->all && kinds & MNTCOMPAT_MNT_NS && !is_found(list))
			ret = list_neighbours(list, raw_ns_mnt_get_next);
		if (!ret && list->all && kinds & MNTCOMPAT_MNT_NS && !is_found(list))
			ret = list_neighbours(list, raw_ns_mnt_get_prev);
	} else {
		ret = list_own(list, proc, kinds);
	}
	raw_close(proc);
	if (ret < 0 && list->kept >= 0) {
		raw_close(list->kept);
		list->kept = -1;
	}
	return ret;
}
