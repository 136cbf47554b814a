// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unbindable.c - keeps unbindable mounts what they are through a copy of the namespace.
 * Reads the caller's mountinfo, changes propagation in the copy; raw.h and mountinfo.h only.
 * Called by the unshare way and the bind way.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/raw.h"
#include "compat/unbindable.h"

/* The path of @line if it is an unbindable mount below the source; its length, or 0. */
static size_t unbindable_path(const struct unbindable *unbindable,
			      const struct mountinfo_line *line, char path[PATH_MAX])
{
	size_t prefix = unbindable->source_len == 1 ? 0 : unbindable->source_len;
	size_t len;

	if (!line->unbindable)
		return 0;
	len = mountinfo_unescape(line->mount_point, path, PATH_MAX);
	if (len >= PATH_MAX || len <= prefix + 1 || path[prefix] != '/' ||
	    memcmp(path, unbindable->source, prefix))
		return 0;
	path[len] = '\0';
	return len;
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
		/* What lies over the directory, or a path that is too long, counts as well. */
		if (len >= PATH_MAX || (len >= prefix && !memcmp(path, unbindable->source, prefix) &&
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

int unbindable_read(struct unbindable *unbindable, struct open_tree_job *job)
{
	struct mountinfo_line line;
	struct namespace_name user;
	char link[NAMESPACE_FD_PATH];
	int64_t id;
	ssize_t len;
	size_t pos;
	int fd, ret;

	unbindable->have_table = unbindable->is_source = false;
	unbindable->source_len = 0;
	unbindable->source_id = -1;
	ret = namespace_owner(&job->door, &user);
	/* Without a door: who may not even clone does not own it. */
	unbindable->foreign = ret == 0 || job->foreign ||
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
	id = namespace_mount_id(&job->door, job->source);
	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);) {
		if (line.id == id) {
			unbindable->source_id = id;
			unbindable->is_source |= line.unbindable;
		}
	}
	namespace_fd_path(job->source, link);
	len = raw_readlinkat(job->door.procfs, link, unbindable->source, PATH_MAX);
	if (len > 0 && len < PATH_MAX)
		unbindable->source_len = (size_t)len;
	else if (job->recursive && unbindable_any(unbindable))
		return -EOPNOTSUPP;
	return 0;
}

void unbindable_release(struct unbindable *unbindable)
{
	if (unbindable->have_table)
		mountinfo_release(&unbindable->table);
	unbindable->have_table = false;
}

/* Covered, and so not to be reached by its path: then it was not copied by it either. */
static bool is_covered(int ret)
{
	return ret == -ENOENT || ret == -ENOTDIR || ret == -EINVAL;
}

int unbindable_prepare(const struct unbindable *unbindable)
{
	struct mountinfo_line line;
	char path[PATH_MAX];
	size_t pos;
	int ret;

	if (!unbindable->have_table || !unbindable->source_len)
		return 0;
	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);) {
		if (!unbindable_path(unbindable, &line, path))
			continue;
		ret = raw_mount(NULL, path, NULL,
				unbindable->foreign ? MS_PRIVATE : MS_UNBINDABLE, NULL);
		if (ret < 0 && !is_covered(ret))
			return -EOPNOTSUPP;
	}
	return 0;
}

int unbindable_restore(const struct unbindable *unbindable, int tree)
{
	size_t pos, prefix = unbindable->source_len == 1 ? 0 : unbindable->source_len;
	struct mountinfo_line line;
	char path[PATH_MAX];
	int ret;

	if (!unbindable->have_table || !unbindable->source_len || !unbindable->foreign)
		return 0;
	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);) {
		if (!unbindable_path(unbindable, &line, path))
			continue;
		if (raw_fchdir(tree) < 0)
			return -EOPNOTSUPP;
		ret = raw_mount(NULL, path + prefix + 1, NULL, MS_UNBINDABLE, NULL);
		if (ret < 0 && !is_covered(ret))
			return -EOPNOTSUPP;
	}
	return 0;
}
