// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * found.c - completes the facts of a line of another process's mountinfo.
 * Opens files and closes them.
 */
#include <errno.h>

#include "compat/kernel/raw.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/found.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/line.h"
#include "compat/statmount/other_tables.h"
#include "compat/statmount/place.h"
#include "compat/statmount/point.h"
#include "compat/statmount/root.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

/*
 * The unique id of the mount that carries this one: the directory above the mount's root is on the
 * parent, unless mounts lie on top of each other there; the old id in the line shows that.
 */
static int parent_above(int fd, uint32_t old, uint64_t *unique)
{
	struct statmount_ids ids;
	int root = statmount_mount_root(fd), up, ret;

	if (root < 0)
		return root;
	up = offline_parent(root);
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
	int fd = procfs_open("thread-self/mountinfo"), ret;

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

/* From a line of another process: right but for fields relative to a root. */
int statmount_found_facts(int fd, const struct statmount_ids *ids,
			  const struct statmount_found *found, struct builder_facts *facts,
			  struct statmount_scratch *scratch)
{
	const struct mountinfo_line *line = &found->line;
	bool above = ids->unique_known && line->id != line->parent;
	struct offline_ways ways = { .known = false };
	int ret = statmount_mountinfo_facts(line, facts, scratch), point = -1, magic;

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

	magic = offline_magic(line, &facts->sb_magic);
	if (fd < 0 && found->root >= 0 && (magic == -EAGAIN || above))
		fd = point = statmount_open_point(found->root, &scratch->table, line, &ways);
	if (raw_is_shortage(point))
		return point;
	if (fd >= 0 && magic == -EAGAIN)
		magic = offline_local_magic(fd, &facts->sb_magic);
	if (magic == 0)
		facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC;

	facts->mnt_id = STATMOUNT_SYNTHETIC_ID | line->id;
	facts->mnt_parent_id = STATMOUNT_SYNTHETIC_ID | line->parent;
	if (ids->unique_known) {
		facts->mnt_id = facts->mnt_parent_id = ids->unique;
		if (above)
			ret = parent_above(fd, line->parent, &facts->mnt_parent_id);
	}
	if (!ret)
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
	if (point >= 0)
		raw_close(point);
	return raw_is_shortage(ret) ? ret : 0;
}
