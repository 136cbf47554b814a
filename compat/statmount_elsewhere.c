// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statmount_elsewhere.c - mounts that are in no table of the caller's: the kernel's own, unmounted
 * ones, those of another namespace or of a detached tree, those outside the caller's root. Reads
 * other processes' mountinfo; asks about mounts from a helper in a namespace of its own. Called by
 * statmount.c and statmount_mountinfo.c.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/kernel/uapi.h"
#include "compat/debug.h"
#include "compat/helper.h"
#include "compat/raw.h"
#include "compat/statmount.h"

#define ELSEWHERE_TABLES 128
#define ELSEWHERE_DEPTH 4096

/* --- other processes' tables --- */

struct search {
	const struct statmount_ids *ids;
	struct statmount_scratch *scratch;
	struct statmount_found *found;
	struct stat own; /* the caller's namespace; st_ino 0: not known */
	struct statmount_ids root; /* the mount of the caller's root */
	bool readable; /* this round: processes whose namespace may be opened, or the others */
	uint64_t seen[ELSEWHERE_TABLES];
	size_t seen_num;
};

static void process_path(char *path, const char *pid, const char *file)
{
	size_t len = strlen(pid);

	memcpy(path, pid, len);
	strcpy(path + len, file);
}

/*
 * Processes of one namespace and one root have the same table, so its first line is enough to know
 * that a table has been searched: a mount's id, and where it is as seen from that root.
 */
static bool seen_before(struct search *search, int table)
{
	uint64_t hash = 14695981039346656037ull;
	char text[512];
	ssize_t len = raw_pread(table, text, sizeof(text), 0);

	for (ssize_t i = 0; i < len && text[i] != '\n'; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211ull;
	for (size_t i = 0; i < search->seen_num; i++)
		if (search->seen[i] == hash)
			return true;
	if (search->seen_num < ELSEWHERE_TABLES)
		search->seen[search->seen_num++] = hash;
	return false;
}

/*
 * In whose namespace is what was found? The namespace file says so if it may be opened. Else a
 * table that also shows the mount of the caller's root is of the caller's namespace, for a mount is
 * in one only.
 */
static void find_place(const struct search *search, struct statmount_found *found)
{
	struct mountinfo_line line;
	struct stat st;
	size_t pos = 0;

	found->where = STATMOUNT_SOMEWHERE;
	if (found->ns_fd >= 0 && search->own.st_ino && raw_fstat(found->ns_fd, &st) == 0)
		found->where = st.st_ino == search->own.st_ino && st.st_dev == search->own.st_dev
				       ? STATMOUNT_OWN
				       : STATMOUNT_FOREIGN;
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
	char path[32];
	int table, ret = -ENOENT;

	process_path(path, pid, "/mountinfo");
	table = raw_openat(proc, path, O_RDONLY | O_CLOEXEC, 0);
	if (table < 0)
		return raw_is_shortage(table) ? table : -ENOENT;
	process_path(path, pid, "/ns/mnt");
	found->root = -1;
	found->ns_fd = raw_openat(proc, path, O_RDONLY | O_CLOEXEC, 0);
	if (raw_is_shortage(found->ns_fd)) {
		ret = found->ns_fd;
	} else if ((found->ns_fd >= 0) == search->readable && !seen_before(search, table)) {
		mountinfo_release(&search->scratch->table);
		ret = mountinfo_find(table, search->ids->old, NULL, &search->scratch->table,
				     &found->line);
		/* The process may have ended under the reader. */
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

struct search_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

static int search_round(struct search *search)
{
	char entries[2048] __attribute__((aligned(8)));
	int ret = -ENOENT, proc = statmount_proc_open(".");
	ssize_t len;

	if (proc < 0)
		return proc;
	while (ret == -ENOENT && (len = raw_getdents64(proc, entries, sizeof(entries))) > 0) {
		const struct search_dirent *entry;

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

/* --- the caller's namespace from its root, for the privileged in a chroot --- */

struct root_question {
	struct search *search;
	int own, proc;
};

/* In a helper: entering a namespace that one is in already leads to its root. */
static int ask_from_root(void *arg)
{
	struct root_question *question = arg;
	struct search *search = question->search;
	int ret = raw_setns(question->own, CLONE_NEWNS), table;

	if (ret < 0)
		return ret;
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

static int search_own_root(struct search *search, int own)
{
	struct root_question question = {.search = search, .own = own};
	int ret;

	question.proc = statmount_proc_open(".");
	if (question.proc < 0)
		return question.proc;
	search->found->root = -1;
	ret = helper_run(ask_from_root, &question);
	raw_close(question.proc);
	if (ret == 0) {
		search->found->where = STATMOUNT_OWN;
		search->found->ns_fd = own;
	}
	return ret;
}

int statmount_other_line(const struct statmount_ids *ids, struct statmount_scratch *scratch,
			 struct statmount_found *found)
{
	struct search search = {.ids = ids, .scratch = scratch, .found = found, .readable = true};
	int fd = statmount_own_namespace(), ret;

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
	if (ret == -ENOENT) {
		search.readable = false;
		ret = search_round(&search);
	}
	return ret;
}

/* --- all namespaces, where the kernel lists them (6.12, with privilege) --- */

static int search_direction(int start, int (*step)(int fd, uint64_t *id), uint64_t mnt_id,
			    uint64_t mask, struct builder_facts *facts,
			    struct statmount_scratch *scratch)
{
	int fd = start, ret = -ENOENT;

	for (;;) {
		struct statmount_place place = {0};
		int next = step(fd, &place.ns_id);

		if (fd != start)
			raw_close(fd);
		if (next < 0)
			return raw_is_shortage(next) ? next : ret;
		fd = next;
		ret = statmount_by_id(mnt_id, &place, mask, facts, scratch);
		if (ret == 0 || raw_is_shortage(ret)) {
			raw_close(fd);
			return ret;
		}
		ret = -ENOENT;
	}
}

static int search_namespaces(const struct statmount_ids *ids, uint64_t mask,
			     struct builder_facts *facts, struct statmount_scratch *scratch)
{
	int own, ret;

	if (!ids->unique_known)
		return -ENOENT;
	own = statmount_own_namespace();
	if (own < 0)
		return raw_is_shortage(own) ? own : -ENOENT;
	ret = search_direction(own, raw_ns_mnt_get_next, ids->unique, mask, facts, scratch);
	if (ret == -ENOENT)
		ret = search_direction(own, raw_ns_mnt_get_prev, ids->unique, mask, facts, scratch);
	raw_close(own);
	return ret;
}

/* --- mounted or not --- */

struct mounted_question {
	int fd;
	int own; /* the caller's namespace, or -1 */
	bool answered, mounted;
};

/*
 * Joining a mount to its own peer group is refused whatever it is, and the refusals come in order:
 * EINVAL if it is not mounted, EPERM if it is and the caller has no privilege over its namespace.
 * The helper has privilege over a new namespace of its own, which the call demands to begin with,
 * and over no other.
 */
static int ask_mounted(void *arg)
{
	struct mounted_question *question = arg;
	int ret = raw_unshare(CLONE_NEWUSER | CLONE_NEWNS);

	/* No user namespace is made in a chroot; setns() leads out of it, for the privileged. */
	if (ret == -EPERM && question->own >= 0 &&
	    raw_setns(question->own, CLONE_NEWNS) == 0)
		ret = raw_unshare(CLONE_NEWUSER | CLONE_NEWNS);
	if (ret < 0)
		return ret;
	/* The flag came with 5.15, and to late 5.10. */
	if (raw_move_mount(-1, "", -1, "", MNTCOMPAT_MOVE_MOUNT_SET_GROUP) != -ENOENT)
		return 0;
	ret = raw_move_mount(question->fd, "", question->fd, "",
			     MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH | MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH | MNTCOMPAT_MOVE_MOUNT_SET_GROUP);
	question->answered = ret == -EINVAL || ret == -EPERM;
	question->mounted = ret == -EPERM;
	return 0;
}

/* 1: mounted somewhere, 0: not, -EOPNOTSUPP: cannot be told here. */
static int is_mounted(int fd)
{
	struct mounted_question question = {.fd = fd, .own = statmount_own_namespace()};
	int ret;

	if (raw_is_shortage(question.own))
		return question.own;
	ret = helper_run(ask_mounted, &question);
	if (question.own >= 0)
		raw_close(question.own);
	debug_step("mounted: %s (%d)",
		   !question.answered ? "unknown"
		   : question.mounted ? "yes"
				      : "no",
		   ret);
	if (!question.answered)
		return ret == -ENOMEM ? ret : -EOPNOTSUPP;
	return question.mounted;
}

/* --- facts --- */

/*
 * The directory above @fd, up to @root: the root of the mount that @fd is on. Negative if @fd is no
 * directory.
 */
static int mount_root(int fd)
{
	struct raw_statx here, above;
	int dir = raw_openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);

	if (raw_is_shortage(dir))
		return dir;
	for (int depth = 0; dir >= 0 && depth < ELSEWHERE_DEPTH; depth++) {
		int up;

		if (raw_statx(dir, "", MNTCOMPAT_AT_EMPTY_PATH, UAPI_STATX_INO, &here) < 0)
			break;
		if (here.attributes & UAPI_STATX_ATTR_MOUNT_ROOT)
			return dir;
		up = raw_openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		if (up < 0) {
			raw_close(dir);
			return raw_is_shortage(up) ? up : -EOPNOTSUPP;
		}
		if (raw_statx(up, "", MNTCOMPAT_AT_EMPTY_PATH, UAPI_STATX_INO, &above) == 0 &&
		    above.ino == here.ino && above.dev_major == here.dev_major &&
		    above.dev_minor == here.dev_minor) {
			raw_close(up);
			return dir;
		}
		raw_close(dir);
		dir = up;
	}
	if (dir >= 0)
		raw_close(dir);
	return -EOPNOTSUPP;
}

/*
 * The unique id of the mount that carries this one: from the mount's root upwards is on the parent,
 * unless mounts lie on top of each other there; the old id that the line gives tells.
 */
static int parent_above(int fd, uint32_t old, uint64_t *unique)
{
	struct statmount_ids ids;
	int root = mount_root(fd), up, ret;

	if (root < 0)
		return root;
	up = raw_openat(root, "..", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	raw_close(root);
	if (up < 0)
		return raw_is_shortage(up) ? up : -EOPNOTSUPP;
	ret = statmount_fd_ids(up, &ids);
	if (!ret)
		ret = statmount_fd_old_id(up, &ids);
	raw_close(up);
	if (ret < 0 || !ids.unique_known || ids.old != old)
		return -EOPNOTSUPP;
	*unique = ids.unique;
	return 0;
}

/*
 * The nearest group above a slave that the caller sees: exact if that is the master, or if no group
 * is seen at all.
 */
static int seen_group(uint64_t master, uint64_t *group)
{
	struct mountinfo_table own;
	struct mountinfo_line line;
	bool any = false;
	size_t pos = 0;
	int fd = statmount_proc_open("thread-self/mountinfo"), ret;

	if (fd < 0)
		return fd;
	ret = mountinfo_read(fd, &own);
	raw_close(fd);
	if (ret < 0)
		return ret;
	*group = 0;
	while (mountinfo_next(&own, &pos, &line)) {
		any |= line.peer_group != 0;
		if (line.peer_group == master)
			*group = master;
	}
	mountinfo_release(&own);
	return *group || !any ? 0 : -EOPNOTSUPP;
}

/* From a line of another process: right but for what is relative to a root. */
static int facts_found(int fd, const struct statmount_ids *ids, const struct statmount_found *found,
		       struct builder_facts *facts, struct statmount_scratch *scratch)
{
	const struct mountinfo_line *line = &found->line;
	int ret = statmount_mountinfo_facts(line, facts, scratch), point = -1;

	if (ret < 0)
		return ret;
	/*
	 * Outside the caller's root there is none; where another namespace begins to count is not
	 * known.
	 */
	facts->known &=
		~(uint64_t)(MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_PROPAGATE_FROM);
	facts->propagate_from = 0;
	if (!line->master || found->where == STATMOUNT_FOREIGN ||
	    (seen_group(line->master, &facts->propagate_from) == 0 &&
	     (found->where == STATMOUNT_OWN || !facts->propagate_from)))
		facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
	if (found->ns_fd >= 0)
		statmount_namespace_facts(found->ns_fd, MNTCOMPAT_STATMOUNT_MNT_NS_ID, facts);

	if (fd < 0 && found->root >= 0)
		fd = point = statmount_open_point(found->root, line);
	if (raw_is_shortage(point))
		return point;
	if (fd >= 0 && statmount_fd_magic(fd, &facts->sb_magic) == 0)
		facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC;

	facts->mnt_id = STATMOUNT_SYNTHETIC_ID | line->id;
	facts->mnt_parent_id = STATMOUNT_SYNTHETIC_ID | line->parent;
	if (ids->unique_known) {
		facts->mnt_id = facts->mnt_parent_id = ids->unique;
		if (line->id != line->parent)
			ret = parent_above(fd, line->parent, &facts->mnt_parent_id);
	}
	if (!ret)
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
	if (point >= 0)
		raw_close(point);
	return raw_is_shortage(ret) ? ret : 0;
}

/* Is the mount that @point is on one of the superblock that @fd is on? Its files say so too (an overlay's have the
 * device of what lies below), and its magic is the same.
 */
static bool is_same_superblock(int point, const struct raw_statx *stx, uint64_t magic,
			       struct raw_statx *stx_other)
{
	uint64_t magic_other;

	return statmount_fd_magic(point, &magic_other) == 0 && magic_other == magic &&
	       raw_statx(point, "", MNTCOMPAT_AT_EMPTY_PATH, UAPI_STATX_INO, stx_other) == 0 &&
	       stx_other->dev_major == stx->dev_major && stx_other->dev_minor == stx->dev_minor;
}

/* What @line, a mount of the same superblock, tells of it. */
static void take_superblock(const struct builder_facts *other, uint64_t magic,
			    struct builder_facts *facts)
{
	struct builder_facts own = *facts;

	*facts = *other;
	facts->known &= MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_FS_SUBTYPE |
			MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_OPT_ARRAY |
			MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY;
	facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC | own.known;
	facts->sb_magic = magic;
	facts->supported_mask = own.supported_mask;
	facts->mnt_root = own.mnt_root;
}

/* Looks at all other mounts of the superblock that the caller's table shows: what they tell of it, and MNT_ROOT. */
static int facts_superblock(int fd, int root, struct builder_facts *facts,
			    struct statmount_scratch *scratch)
{
	const uint64_t wanted = MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_MNT_ROOT;
	struct builder_facts other;
	struct raw_statx stx, top, stx_other;
	struct mountinfo_line line;
	uint64_t magic;
	size_t pos = 0;
	int table = statmount_proc_open("thread-self/mountinfo"), ret;

	if (table < 0)
		return raw_is_shortage(table) ? table : 0;
	mountinfo_release(&scratch->table);
	ret = mountinfo_read(table, &scratch->table);
	raw_close(table);
	if (ret < 0)
		return ret;
	if (raw_statx(fd, "", MNTCOMPAT_AT_EMPTY_PATH, UAPI_STATX_INO, &stx) < 0 ||
	    statmount_fd_magic(fd, &magic) < 0)
		return 0;
	if (root >= 0 && raw_statx(root, "", MNTCOMPAT_AT_EMPTY_PATH, UAPI_STATX_INO, &top) < 0)
		root = -1;
	if (root >= 0 && statmount_root_is_top(root, magic)) {
		facts->mnt_root = (struct builder_bytes){ "/", 1 };
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_ROOT;
	}
	while ((facts->known & wanted) != wanted && mountinfo_next(&scratch->table, &pos, &line)) {
		int point;

		if (line.dev_major != stx.dev_major || line.dev_minor != stx.dev_minor)
			continue;
		point = statmount_open_point(AT_FDCWD, &line);
		if (raw_is_shortage(point))
			return point;
		if (point < 0)
			continue;
		ret = is_same_superblock(point, &stx, magic, &stx_other) ?
			      statmount_mountinfo_facts(&line, &other, scratch) :
			      -EOPNOTSUPP;
		if (ret == 0 && !(facts->known & MNTCOMPAT_STATMOUNT_SB_BASIC))
			take_superblock(&other, magic, facts);
		/* A directory has one path only. */
		if (ret == 0 && root >= 0 && S_ISDIR(stx_other.mode) && stx_other.ino == top.ino) {
			facts->mnt_root = other.mnt_root;
			facts->known |= MNTCOMPAT_STATMOUNT_MNT_ROOT;
		} else if (ret == 0 && !(facts->known & MNTCOMPAT_STATMOUNT_MNT_ROOT)) {
			ret = statmount_root_through(fd, root, point, &other, facts, scratch);
		}
		raw_close(point);
		if (ret < 0 && ret != -EOPNOTSUPP)
			return ret;
	}
	return 0;
}

/* mnt_attr from statfs, where that leaves nothing open. */
static bool attr_from_statfs(int fd, struct builder_facts *facts)
{
	static const struct {
		uint32_t statfs, attr;
	} bits[] = {
		{UAPI_ST_RDONLY, MNTCOMPAT_MOUNT_ATTR_RDONLY},
		{UAPI_ST_NOSUID, MNTCOMPAT_MOUNT_ATTR_NOSUID},
		{UAPI_ST_NODEV, MNTCOMPAT_MOUNT_ATTR_NODEV},
		{UAPI_ST_NOEXEC, MNTCOMPAT_MOUNT_ATTR_NOEXEC},
		{UAPI_ST_NOATIME, MNTCOMPAT_MOUNT_ATTR_NOATIME},
		{UAPI_ST_NODIRATIME, MNTCOMPAT_MOUNT_ATTR_NODIRATIME},
		{UAPI_ST_NOSYMFOLLOW, MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW},
	};
	struct mntcompat_mount_attr none = {0};
	struct statfs fs;

	if (raw_fstatfs(fd, &fs) < 0 || !(fs.f_flags & UAPI_ST_VALID))
		return false;
	/* Read-only is the mount, the superblock or both. */
	if (fs.f_flags & UAPI_ST_RDONLY &&
	    (!(facts->known & MNTCOMPAT_STATMOUNT_SB_BASIC) || facts->sb_flags & 1))
		return false;
	/* Since 5.12 a mount may be idmapped, and nothing but a table says so. */
	if (raw_mount_setattr(-1, "", 0, &none, sizeof(none)) != -ENOSYS)
		return false;
	facts->mnt_attr = fs.f_flags & (UAPI_ST_NOATIME | UAPI_ST_RELATIME)
				  ? 0
				  : MNTCOMPAT_MOUNT_ATTR_STRICTATIME;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (fs.f_flags & bits[i].statfs)
			facts->mnt_attr |= bits[i].attr;
	return true;
}

/* A lazily unmounted mount: in no namespace, nobody's child and nobody's peer. */
static int facts_unmounted(int fd, const struct statmount_ids *ids, struct builder_facts *facts,
			   struct statmount_scratch *scratch)
{
	struct statmount_ids own = *ids;
	int root = mount_root(fd), ret;

	if (raw_is_shortage(root))
		return root;
	ret = facts_superblock(fd, root, facts, scratch);
	if (root >= 0)
		raw_close(root);
	if (ret < 0)
		return ret;
	facts->unmounted = true;
	facts->propagate_from = 0;
	facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
	if (attr_from_statfs(fd, facts) && statmount_fd_old_id(fd, &own) == 0) {
		facts->mnt_id = own.unique_known ? own.unique : STATMOUNT_SYNTHETIC_ID | own.old;
		facts->mnt_parent_id = facts->mnt_id;
		facts->mnt_id_old = facts->mnt_parent_id_old = own.old;
		facts->mnt_propagation = MS_PRIVATE;
		facts->mnt_peer_group = facts->mnt_master = 0;
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
	}
	return 0;
}

/* --- the question --- */

/*
 * A process that may be looked into also opens its namespace, and with that the kernel's own call
 * (6.18).
 */
static int use_found(int fd, const struct statmount_ids *ids, bool unreachable, uint64_t mask,
		     struct statmount_found *found, struct builder_facts *facts,
		     struct statmount_scratch *scratch)
{
	struct statmount_place place = {.ns_fd = found->ns_fd};
	int ret = -ENOSYS;

	if (unreachable) {
		found->where = STATMOUNT_OWN;
	} else if (ids->unique_known && place.ns_fd > 0) {
		struct mountinfo_table table = scratch->table;

		/* Topping up reads a table into the same place; this one is still needed. */
		scratch->table = (struct mountinfo_table){0};
		ret = statmount_by_id(ids->unique, &place, mask, facts, scratch);
		if (ret == 0) {
			mountinfo_release(&table);
		} else {
			mountinfo_release(&scratch->table);
			scratch->table = table;
		}
	}
	if (ret < 0) {
		if (found->where == STATMOUNT_OWN && found->ns_fd < 0)
			found->ns_fd = statmount_own_namespace();
		ret = facts_found(fd, ids, found, facts, scratch);
	}
	statmount_found_close(found);
	return ret;
}

/* In the caller's own namespace, but neither its table nor anybody else's shows it. */
static int facts_unreachable(int fd, struct builder_facts *facts, struct statmount_scratch *scratch)
{
	int ret = facts_superblock(fd, -1, facts, scratch);

	return ret ? ret : statmount_namespace_facts(-1, MNTCOMPAT_STATMOUNT_MNT_NS_ID, facts);
}

/*
 * Mounted, and nobody shows it: in a detached tree, where all depends on whether it is the only
 * mount, or in a namespace without processes.
 */
static int mounted_nowhere(int fd, const struct statmount_ids *ids, uint64_t mask,
			   struct builder_facts *facts, struct statmount_scratch *scratch)
{
	int root = mount_root(fd), ret;

	if (root < 0)
		return root;
	ret = statmount_detached(root, ids, mask, facts, scratch);
	raw_close(root);
	return ret;
}

int statmount_elsewhere(int fd, const struct statmount_ids *given, bool unreachable, uint64_t mask,
			struct builder_facts *facts, struct statmount_scratch *scratch,
			enum mntcompat_way *way)
{
	enum statmount_internal internal = STATMOUNT_NOT_INTERNAL;
	struct statmount_found found;
	struct statmount_ids ids = *given;
	int ret;

	internal = statmount_fd_internal(fd, &ids);
	*way = MNTCOMPAT_WAY_FD;
	if (internal == STATMOUNT_INTERNAL)
		return -EINVAL;
	*way = MNTCOMPAT_WAY_OTHER_NAMESPACE;
	ret = unreachable ? -ENOENT : search_namespaces(&ids, mask, facts, scratch);
	if (ret != -ENOENT)
		return ret;
	ret = statmount_fd_old_id(fd, &ids);
	if (!ret)
		ret = statmount_other_line(&ids, scratch, &found);
	debug_step("mount %u in another process's mountinfo: %d", ids.old, ret);
	if (!ret)
		return use_found(fd, &ids, unreachable, mask, &found, facts, scratch);
	if (raw_is_shortage(ret))
		return ret;
	*facts = (struct builder_facts){0};
	*way = MNTCOMPAT_WAY_FD;
	if (unreachable)
		return facts_unreachable(fd, facts, scratch);
	ret = is_mounted(fd);
	if (ret > 0)
		return mounted_nowhere(fd, &ids, mask, facts, scratch);
	/* Not mounted is also what the kernel's own mounts are. */
	if (ret == 0 && internal == STATMOUNT_MAYBE_INTERNAL)
		return -EOPNOTSUPP;
	return ret < 0 ? ret : facts_unmounted(fd, &ids, facts, scratch);
}

/* Would the kernel let the caller see all of its namespace? */
static bool privileged(void)
{
	uint64_t capabilities = 0;
	int ret = raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE);

	if (ret != -ENOSYS)
		return ret != -EPERM;
	if (raw_capget_effective(&capabilities) < 0 || !(capabilities & UAPI_CAP_SYS_ADMIN))
		return false;
	/* That is in the caller's user namespace. In the one that owns its mounts? No mount is of two types: EINVAL. */
	return raw_mount(NULL, "/", NULL, MS_SHARED | MS_PRIVATE, NULL) != -EPERM;
}

/* A mount that carries a listed one exists, though it is not listed. */
static bool is_hidden_parent(uint32_t old, struct statmount_scratch *scratch)
{
	struct mountinfo_line line;
	size_t pos = 0;
	int table = statmount_proc_open("thread-self/mountinfo"), ret;

	if (table < 0)
		return false;
	mountinfo_release(&scratch->table);
	ret = mountinfo_read(table, &scratch->table);
	raw_close(table);
	while (ret == 0 && mountinfo_next(&scratch->table, &pos, &line))
		if (line.parent == old)
			return true;
	return false;
}

int statmount_find_unlisted(const struct statmount_ids *ids, struct statmount_scratch *scratch,
			    struct statmount_found *found)
{
	int ret = statmount_other_line(ids, scratch, found);

	if (!ret) {
		if (found->where == STATMOUNT_FOREIGN)
			ret = -ENOENT;
		else if (found->where == STATMOUNT_SOMEWHERE)
			ret = -EOPNOTSUPP;
		else if (!privileged())
			ret = -EPERM;
		if (ret < 0)
			statmount_found_close(found);
		return ret;
	}
	if (ret != -ENOENT || !is_hidden_parent(ids->old, scratch))
		return ret;
	return privileged() ? -EOPNOTSUPP : -EPERM;
}

int statmount_unlisted(const struct statmount_ids *ids, struct builder_facts *facts,
		       struct statmount_scratch *scratch)
{
	struct statmount_found found;
	int ret = statmount_find_unlisted(ids, scratch, &found);

	if (ret < 0)
		return ret;
	ret = facts_found(-1, ids, &found, facts, scratch);
	statmount_found_close(&found);
	return ret;
}

int statmount_is_detached(int fd)
{
	struct statmount_scratch scratch = { .used = 0 };
	struct builder_facts facts = { 0 };
	struct mountinfo_line line;
	struct statmount_found found;
	struct statmount_ids ids;
	int ret = statmount_fd_ids(fd, &ids);

	if (ret)
		return ret;
	if (ids.unique_known)
		ret = statmount_native(ids.unique, &(struct statmount_place){ 0 }, 0, &facts, &scratch);
	else
		ret = statmount_own_line(&ids, false, &scratch, &line, NULL);
	/* Found in some namespace, so it is in no tree of its own. */
	if (ret == -ENOENT && ids.unique_known)
		ret = search_namespaces(&ids, 0, &facts, &scratch);
	if (ret && !raw_is_shortage(ret) && statmount_fd_old_id(fd, &ids) == 0) {
		ret = statmount_other_line(&ids, &scratch, &found);
		if (ret == 0)
			statmount_found_close(&found);
	}
	statmount_release(&scratch);
	if (ret == 0)
		return 0;
	return raw_is_shortage(ret) ? ret : is_mounted(fd);
}
