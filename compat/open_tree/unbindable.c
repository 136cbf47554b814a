// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unbindable.c - keeps unbindable mounts unbindable through a copy of the namespace.
 * Reads the caller's mountinfo and mount ids, changes propagation in the copy.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/unbindable.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

static bool line_of(const struct mountinfo_table *table, int64_t id, struct mountinfo_line *line)
{
	size_t pos;

	for (pos = 0; mountinfo_next(table, &pos, line);)
		if (line->id == id)
			return true;
	return false;
}

/*
 * The path from the source to @line, if it is an unbindable mount that a recursive copy comes to;
 * its length, or 0. A path alone is not enough: it may belong to a mount that the source covers, or
 * that covers the source.
 */
static size_t unbindable_path(const struct unbindable *unbindable,
			      const struct mountinfo_line *line, char path[PATH_MAX])
{
	size_t prefix = unbindable->source_len == 1 ? 0 : unbindable->source_len;
	struct mountinfo_line up = *line;
	size_t len, depth;

	if (!line->unbindable || line->id == unbindable->source_id)
		return 0;
	/*
	 * As many steps as there can be mounts: a table that was read amid changes may have a ring.
	 */
	for (depth = 0; unbindable->source_id >= 0 && up.parent != unbindable->source_id; depth++) {
		if (depth == UINT16_MAX || up.parent == up.id ||
		    !line_of(&unbindable->table, up.parent, &up))
			return 0;
	}
	len = mountinfo_unescape(line->mount_point, path, PATH_MAX);
	if (len >= PATH_MAX || len < prefix || memcmp(path, unbindable->source, prefix) ||
	    (len > prefix && path[prefix] != '/'))
		return 0;
	path[len] = '\0';
	/* On top of the source itself: "." */
	if (len <= prefix + 1) {
		path[0] = '.';
		path[1] = '\0';
		return 1;
	}
	memmove(path, path + prefix + 1, len - prefix);
	return len - prefix - 1;
}

bool unbindable_leaves_out(const struct unbindable *unbindable, bool recursive)
{
	size_t prefix = unbindable->source_len == 1 ? 0 : unbindable->source_len;
	struct mountinfo_line line;
	char path[PATH_MAX];
	size_t pos, len;

	if (!unbindable->have_table || !unbindable->source_len || unbindable->source_id < 0)
		return true;
	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);) {
		if (line.id == unbindable->source_id || (recursive && !line.unbindable))
			continue;
		len = mountinfo_unescape(line.mount_point, path, PATH_MAX);
		/* A mount over the directory, or with a path that is too long, counts as well. */
		if (len >= PATH_MAX ||
		    (len >= prefix && !memcmp(path, unbindable->source, prefix) &&
		     (len == prefix || path[prefix] == '/')))
			return true;
	}
	return false;
}

static bool unbindable_any(const struct unbindable *unbindable)
{
	struct mountinfo_line line;
	size_t pos;

	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);)
		if (line.unbindable)
			return true;
	return false;
}

static bool is_reached(struct open_tree_job *job, const char *path, int64_t id)
{
	int fd = raw_openat(job->source, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	bool reached;

	if (fd < 0)
		return false;
	reached = procfs_mount_id(job->door.procfs, fd) == id;
	raw_close(fd);
	return reached;
}

static int find_reached(struct unbindable *unbindable, struct open_tree_job *job)
{
	struct offline_ways ways = { .known = false };
	struct mountinfo_line line;
	char path[PATH_MAX];
	size_t pos, n = 0;

	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);) {
		if (!unbindable_path(unbindable, &line, path))
			continue;
		if (n == UNBINDABLE_MAX)
			return -EOPNOTSUPP;
		if (offline_is_free_way(&unbindable->table, &line, &ways) &&
		    is_reached(job, path, line.id))
			unbindable->reached[n / 8] |= (unsigned char)(1u << n % 8);
		n++;
	}
	return 0;
}

int unbindable_read(struct unbindable *unbindable, struct open_tree_job *job)
{
	struct mountinfo_line line;
	struct namespace_name user;
	char link[PROCFS_FD_PATH];
	int64_t id;
	ssize_t len;
	size_t pos;
	int fd, ret;

	unbindable->have_table = unbindable->is_source = false;
	unbindable->source_len = 0;
	unbindable->source_id = -1;
	memset(unbindable->reached, 0, sizeof(unbindable->reached));
	ret = namespace_owner(&job->door, &user);
	/*
	 * If its owner cannot be found out: a caller that may not even clone does not own the
	 * namespace.
	 */
	unbindable->foreign =
		ret == 0 || job->foreign ||
		(ret < 0 && raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE) == -EPERM);
	ret = namespace_door_procfs(&job->door);
	if (ret < 0)
		return ret == -ENOSYS ? 0 : ret;
	fd = raw_openat(job->door.procfs, "self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM ? fd : -EOPNOTSUPP;
	ret = mountinfo_read(fd, &unbindable->table);
	raw_close(fd);
	if (ret < 0)
		return ret == -ENOMEM ? ret : -EOPNOTSUPP;
	unbindable->have_table = true;
	id = procfs_mount_id(job->door.procfs, job->source);
	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);) {
		if (line.id == id) {
			unbindable->source_id = id;
			unbindable->is_source |= line.unbindable;
		}
	}
	procfs_fd_path(job->source, link);
	len = raw_readlinkat(job->door.procfs, link, unbindable->source, PATH_MAX);
	if (len > 0 && len < PATH_MAX)
		unbindable->source_len = (size_t)len;
	else if (job->recursive && unbindable_any(unbindable))
		return -EOPNOTSUPP;
	return job->recursive && unbindable->source_len ? find_reached(unbindable, job) : 0;
}

void unbindable_release(struct unbindable *unbindable)
{
	if (unbindable->have_table)
		mountinfo_release(&unbindable->table);
	unbindable->have_table = false;
}

/* Change each of them in the tree below @root, with a path that is known to lead to it there. */
static int set_propagation(const struct unbindable *unbindable, int root, unsigned long propagation)
{
	struct mountinfo_line line;
	char path[PATH_MAX];
	size_t pos, n = 0;
	int ret;

	if (!unbindable->have_table || !unbindable->source_len)
		return 0;
	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);) {
		if (!unbindable_path(unbindable, &line, path))
			continue;
		if (!(unbindable->reached[n / 8] & 1u << n % 8))
			return -EOPNOTSUPP;
		ret = n++ ? 0 : raw_fchdir(root);
		if (ret == 0)
			ret = raw_mount(NULL, path, NULL, propagation, NULL);
		if (ret < 0)
			return -EOPNOTSUPP;
	}
	return 0;
}

int unbindable_prepare(const struct unbindable *unbindable, int source)
{
	return set_propagation(unbindable, source,
			       unbindable->foreign ? MS_PRIVATE : MS_UNBINDABLE);
}

int unbindable_restore(const struct unbindable *unbindable, int tree)
{
	return unbindable->foreign ? set_propagation(unbindable, tree, MS_UNBINDABLE) : 0;
}
