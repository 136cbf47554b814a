// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * own_table.c - facts from the caller's own mountinfo.
 * Reads procfs.
 */
#include <errno.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/cursor.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/line.h"
#include "compat/statmount/own_table.h"
#include "compat/statmount/place.h"
#include "compat/statmount/point.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

int statmount_own_line(const struct statmount_ids *ids, bool whole,
		       struct statmount_scratch *scratch, struct mountinfo_line *line, int *keep)
{
	int fd, ret, cursor = -EAGAIN;

	mountinfo_release(&scratch->table);
	if (keep)
		*keep = -1;
	if (!whole)
		cursor = cursor_find(ids->old, &scratch->window, &scratch->table, line);
	if (cursor == 0)
		return 0;
	/* A thread may have left the process's namespace and root. */
	fd = procfs_open("thread-self/mountinfo");
	if (fd < 0)
		return fd;
	ret = mountinfo_find(fd, ids->old, whole ? NULL : &scratch->window, &scratch->table, line);
	if (keep && ret == 0)
		*keep = fd;
	else
		raw_close(fd);
	if (ret == 0 && cursor == -ENOENT)
		cursor_count(scratch->table.lines);
	/* An error while reading the table is not an answer about the mount. */
	if (ret < 0 && ret != -ENOENT && ret != -ENOMEM)
		ret = -EOPNOTSUPP;
	return ret;
}

static bool table_has_group(const struct mountinfo_table *table, uint64_t group)
{
	struct mountinfo_line line;
	size_t pos = 0;

	while (mountinfo_next(table, &pos, &line))
		if (line.peer_group == group)
			return true;
	return false;
}

void statmount_own_propagate_from(const struct mountinfo_table *whole, struct builder_facts *facts)
{
	if (facts->known & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)
		return;
	/*
	 * The line has no propagate_from if the master's group itself is visible, or if no group
	 * is.
	 */
	facts->propagate_from = table_has_group(whole, facts->mnt_master) ? facts->mnt_master : 0;
	facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
}

static bool same_span(struct mountinfo_span a, struct mountinfo_span b)
{
	return a.len == b.len && !memcmp(a.text, b.text, a.len);
}

/*
 * True if the mount's line is what it was before the rest of the table was looked at: then all of
 * it was true at that moment, whatever happened to other mounts. Its old id may have been given to
 * another mount meanwhile.
 */
static bool is_unchanged(int table, const struct mountinfo_line *line,
			 struct statmount_scratch *scratch)
{
	struct mountinfo_table again;
	struct mountinfo_line now;
	bool same;

	if (mountinfo_find(table, line->id, &scratch->window, &again, &now) < 0)
		return false;
	same = now.parent == line->parent && now.dev_major == line->dev_major &&
	       now.dev_minor == line->dev_minor && now.peer_group == line->peer_group &&
	       now.master == line->master && now.propagate_from == line->propagate_from &&
	       now.unbindable == line->unbindable && same_span(now.root, line->root) &&
	       same_span(now.mount_point, line->mount_point) &&
	       same_span(now.mount_options, line->mount_options) &&
	       same_span(now.type, line->type) && same_span(now.source, line->source) &&
	       same_span(now.super_options, line->super_options);
	mountinfo_release(&again);
	return same;
}

/*
 * Where the kernel has unique ids but statmount itself is filtered, the parent's is found at its
 * mount point. Everywhere else before 6.8 ids are made of the old ones.
 */
static int table_parent(const struct mountinfo_table *whole, const struct statmount_ids *ids,
			struct builder_facts *facts)
{
	struct offline_ways ways = { .known = false };
	struct mountinfo_line line;
	struct statmount_ids parent;
	size_t pos = 0;
	int fd, ret;

	if (!ids->unique_known) {
		if (statmount_ids_known(ids, &facts->mnt_id) < 0)
			return -EOPNOTSUPP;
		facts->mnt_parent_id = STATMOUNT_SYNTHETIC_ID | facts->mnt_parent_id_old;
		return 0;
	}
	facts->mnt_id = facts->mnt_parent_id = ids->unique;
	if (facts->mnt_id_old == facts->mnt_parent_id_old)
		return 0;
	while (mountinfo_next(whole, &pos, &line)) {
		if (line.id != facts->mnt_parent_id_old)
			continue;
		fd = statmount_open_point(AT_FDCWD, whole, &line, &ways);
		if (fd < 0)
			return fd;
		ret = statmount_fd_ids(fd, &parent);
		raw_close(fd);
		facts->mnt_parent_id = parent.unique;
		return ret;
	}
	return -EOPNOTSUPP;
}

/* Adds the fields that are not in the line itself. @fd: on the mount, or -1. */
static int complete(int fd, const struct statmount_ids *ids, const struct mountinfo_line *line,
		    uint64_t mask, struct builder_facts *facts, struct statmount_scratch *scratch)
{
	int ret = 0;

	if (mask & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)
		statmount_own_propagate_from(&scratch->table, facts);
	if (mask & MNTCOMPAT_STATMOUNT_SB_BASIC) {
		ret = fd >= 0 ? offline_fd_magic(fd, line, &facts->sb_magic) :
				statmount_table_magic(AT_FDCWD, &scratch->table, line,
						      &facts->sb_magic);
		if (ret == 0)
			facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC;
		else if (ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM)
			return ret;
	}
	ret = statmount_namespace_facts(-1, mask, facts);
	if (ret < 0)
		return ret;
	if (mask & MNTCOMPAT_STATMOUNT_MNT_BASIC) {
		ret = table_parent(&scratch->table, ids, facts);
		if (ret == 0)
			facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
		else if (ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM)
			return ret;
	}
	return 0;
}

static bool needs_whole(int fd, const struct statmount_ids *ids, const struct mountinfo_line *line,
			uint64_t mask)
{
	uint64_t magic;

	if (mask & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM && line->master && !line->propagate_from)
		return true;
	if (mask & MNTCOMPAT_STATMOUNT_MNT_BASIC && ids->unique_known)
		return true;
	return mask & MNTCOMPAT_STATMOUNT_SB_BASIC && fd < 0 &&
	       offline_magic(line, &magic) == -EAGAIN;
}

int statmount_listed(int fd, const struct statmount_ids *ids, uint64_t mask,
		     struct builder_facts *facts, struct statmount_scratch *scratch)
{
	struct mountinfo_line line;
	bool whole = false;
	int table = -1, ret;

	/* A second reading keeps all lines, if one of the others is needed; mostly none is. */
	for (;;) {
		ret = statmount_own_line(ids, whole, scratch, &line, &table);
		if (ret < 0)
			return ret;
		if (whole || !needs_whole(fd, ids, &line, mask))
			break;
		if (table >= 0)
			raw_close(table);
		whole = true;
	}
	ret = statmount_mountinfo_facts(&line, facts, scratch);
	if (!ret)
		ret = complete(fd, ids, &line, mask, facts, scratch);
	/* A line alone is consistent, because the kernel formats it in one step. */
	if (!ret && whole && !is_unchanged(table, &line, scratch))
		ret = -EAGAIN;
	if (table >= 0)
		raw_close(table);
	return ret;
}
