// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unlisted.c - looks for mounts by id where the kernel's own call does not.
 * Reads procfs, other processes' files too.
 */
#include <errno.h>
#include <sys/mount.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/found.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/other_tables.h"
#include "compat/statmount/own_table.h"
#include "compat/statmount/point.h"
#include "compat/statmount/scratch.h"
#include "compat/statmount/unlisted.h"
#include "compat/task/mountinfo.h"
#include "compat/task/procfs.h"

/* True if the kernel would let the caller see all of its namespace. */
static bool privileged(void)
{
	uint64_t capabilities = 0;
	int ret = raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE);

	if (ret != -ENOSYS)
		return ret != -EPERM;
	if (raw_capget_effective(&capabilities) < 0 || !(capabilities & UAPI_CAP_SYS_ADMIN))
		return false;
	/*
	 * The capability is in the caller's user namespace. If that owns the mounts, two types are
	 * EINVAL, else EPERM.
	 */
	return raw_mount(NULL, "/", NULL, MS_SHARED | MS_PRIVATE, NULL) != -EPERM;
}

/* A mount that carries a listed one exists, though it is not listed. */
static bool is_hidden_parent(uint32_t old, struct statmount_scratch *scratch)
{
	struct mountinfo_line line;
	size_t pos = 0;
	int table = procfs_open("thread-self/mountinfo"), ret;

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
	int ret = statmount_other_line(ids, STATMOUNT_OWN_TOO, scratch, found);

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

/* The same, and what is known of it. */
static int unlisted(const struct statmount_ids *ids, struct builder_facts *facts,
		    struct statmount_scratch *scratch)
{
	struct statmount_found found;
	int ret = statmount_find_unlisted(ids, scratch, &found);

	if (ret < 0)
		return ret;
	ret = statmount_found_facts(-1, ids, &found, facts, scratch);
	statmount_found_close(&found);
	return ret;
}

/*
 * Where the kernel has unique ids but statmount itself is filtered: find the mount point with this
 * id. Covered mounts cannot be found.
 */
static int find_unique(uint64_t mnt_id, struct statmount_ids *ids)
{
	struct offline_ways ways = { .known = false };
	struct mountinfo_table table;
	struct mountinfo_line line;
	size_t pos = 0;
	int fd = procfs_open("thread-self/mountinfo"), ret;

	if (fd < 0)
		return fd;
	ret = mountinfo_read(fd, &table);
	raw_close(fd);
	if (ret < 0)
		return ret;
	ret = -EOPNOTSUPP;
	while (ret == -EOPNOTSUPP && mountinfo_next(&table, &pos, &line)) {
		fd = statmount_open_point(AT_FDCWD, &table, &line, &ways);
		if (fd < 0) {
			ret = fd;
			continue;
		}
		if (statmount_fd_ids(fd, ids) == 0 && ids->unique_known && ids->unique == mnt_id)
			ret = statmount_fd_old_id(fd, ids);
		raw_close(fd);
	}
	mountinfo_release(&table);
	return ret;
}

int statmount_listed_by_id(uint64_t mnt_id, uint64_t mask, struct builder_facts *facts,
			   struct statmount_scratch *scratch)
{
	struct statmount_ids ids = { .old_known = true, .old = (uint32_t)mnt_id };
	int ret;

	if (statmount_has_unique_ids()) {
		ret = find_unique(mnt_id, &ids);
		if (!ret)
			ret = statmount_listed(-1, &ids, mask, facts, scratch);
		return ret == -ENOENT ? -EAGAIN : ret;
	}
	if ((mnt_id & ~(uint64_t)UINT32_MAX) != STATMOUNT_SYNTHETIC_ID)
		return -ENOENT;
	ret = statmount_listed(-1, &ids, mask, facts, scratch);
	return ret == -ENOENT ? unlisted(&ids, facts, scratch) : ret;
}
