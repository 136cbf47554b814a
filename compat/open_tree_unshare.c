// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open_tree_unshare.c - the way for callers who do not own their mount namespace and for trees that hold
 * mount-namespace files: copy the whole namespace, clone the tree inside the copy, empty the copy, put the
 * clone in. The kernel's own copy makes the mounts slaves and locks them as OPEN_TREE_NAMESPACE does.
 * Costs as much as the host has mounts. Called by open_tree.c.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/debug.h"
#include "compat/helper.h"
#include "compat/mountinfo.h"
#include "compat/open_tree.h"
#include "compat/raw.h"

/*
 * Unbindable mounts, as the source has them: 6.17 to 7.1 lose that state in the copy, and where it is kept
 * the clone stumbles over mounts that are unbindable and locked, while native takes them along.
 */
struct unbindable {
	struct mountinfo_table table;	/* the caller's mounts, before the copy */
	bool have_table;
	bool foreign;
	bool is_source;			/* the source itself */
	char source[PATH_MAX];		/* the directory, as the caller sees it */
	size_t source_len;
};

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

/* What cannot be read is left to the kernel. */
static void unbindable_read(struct unbindable *unbindable, const struct open_tree_job *job)
{
	struct mountinfo_line line;
	struct namespace_name user;
	struct raw_statx stx;
	ssize_t len;
	size_t pos;
	int fd, procfs = job->door.procfs;

	unbindable->have_table = unbindable->is_source = false;
	unbindable->foreign = namespace_owner(&job->door, &user) == 0;
	fd = procfs >= 0 ? raw_openat(procfs, "self/mountinfo", O_RDONLY | O_CLOEXEC, 0) :
	     raw_openat(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return;
	unbindable->have_table = mountinfo_read(fd, &unbindable->table) == 0;
	raw_close(fd);
	if (!unbindable->have_table)
		return;
	if (raw_statx(AT_FDCWD, "", MNTCOMPAT_AT_EMPTY_PATH, RAW_STATX_MNT_ID, &stx) == 0 &&
	    (stx.mask & RAW_STATX_MNT_ID))
		for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);)
			if (line.id == stx.mnt_id && line.unbindable)
				unbindable->is_source = true;
	len = procfs >= 0 ?
	      raw_readlinkat(procfs, "self/cwd", unbindable->source, PATH_MAX) :
	      raw_readlinkat(AT_FDCWD, "/proc/self/cwd", unbindable->source, PATH_MAX);
	unbindable->source_len = len > 0 && len < PATH_MAX ? (size_t)len : 0;
}

/*
 * In the copy, before the clone: for an owner they are left out, so they have to be unbindable; for others
 * they come along, so for the moment they must not be.
 */
static void unbindable_prepare(const struct unbindable *unbindable)
{
	struct mountinfo_line line;
	char path[PATH_MAX];
	size_t pos;

	if (!unbindable->have_table || !unbindable->source_len)
		return;
	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);)
		if (unbindable_path(unbindable, &line, path))
			raw_mount(NULL, path, NULL,
				  unbindable->foreign ? MS_PRIVATE : MS_UNBINDABLE, NULL);
}

/* In the result, with cwd at its root: what came along is unbindable again. */
static void unbindable_restore(const struct unbindable *unbindable)
{
	struct mountinfo_line line;
	char path[PATH_MAX];
	size_t pos, prefix = unbindable->source_len == 1 ? 0 : unbindable->source_len;

	if (!unbindable->have_table || !unbindable->source_len || !unbindable->foreign)
		return;
	for (pos = 0; mountinfo_next(&unbindable->table, &pos, &line);)
		if (unbindable_path(unbindable, &line, path))
			raw_mount(NULL, path + prefix + 1, NULL, MS_UNBINDABLE, NULL);
}

/*
 * The directory in the copy: cwd, if the task could go there. Where the caller may not enter it (native
 * does not need to), it is looked up by its path and must be the same directory.
 */
static int source_in_copy(const struct open_tree_job *job, const char *path)
{
	struct stat here, there;
	int fd, ret;

	if (!path)
		return raw_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (*path != '/')
		return -EOPNOTSUPP;
	fd = raw_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return -EOPNOTSUPP;
	ret = raw_fstat(fd, &here);
	if (ret == 0)
		ret = raw_fstat(job->source, &there);
	if (ret == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino)
		return fd;
	raw_close(fd);
	return -EOPNOTSUPP;
}

static int clone_in_copy(struct open_tree_job *job, const struct unbindable *unbindable,
			 const char *path)
{
	int source, tree;

	if (unbindable->is_source)
		return -EINVAL;
	if (job->recursive)
		unbindable_prepare(unbindable);
	source = source_in_copy(job, path);
	if (source < 0)
		return source;
	tree = raw_open_tree(source, "", MNTCOMPAT_OPEN_TREE_CLONE |
			     MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_EMPTY_PATH |
			     (job->recursive ? MNTCOMPAT_AT_RECURSIVE : 0));
	raw_close(source);
	if (tree < 0)
		debug_step("unshare way: cloning the tree failed (%d)", -tree);
	return tree;
}

static int copy_and_empty(struct open_tree_job *job, const struct unbindable *unbindable,
			  const char *path)
{
	bool locked = false;
	int tree, ret;

	ret = raw_unshare(CLONE_NEWNS);
	if (ret < 0)
		return ret == -ENOSPC || ret == -ENOMEM ? ret : OPEN_TREE_NEXT_WAY;
	tree = clone_in_copy(job, unbindable, path);
	if (tree < 0)
		return tree == -ENOSYS ? OPEN_TREE_NEXT_WAY : tree;
	ret = namespace_strip(&job->door, &locked);
	if (ret == 0)
		ret = namespace_attach(&job->door, tree, locked);
	if (ret == 0 && job->recursive && raw_fchdir(tree) == 0)
		unbindable_restore(unbindable);
	if (ret == 0)
		ret = open_tree_result(job);
	raw_close(tree);
	if (ret < 0) {
		debug_step("unshare way: failed (%d)", -ret);
		return ret;
	}
	job->result = ret;
	return 0;
}

/* Where the source is, as the calling task sees it; for what it may not enter. */
static int path_of_source(struct open_tree_job *job, char path[PATH_MAX])
{
	char link[NAMESPACE_FD_PATH];
	ssize_t len;
	int ret = namespace_door_procfs(&job->door);

	if (ret < 0)
		return ret == -ENOSYS ? -EOPNOTSUPP : ret;
	namespace_fd_path(job->source, link);
	len = raw_readlinkat(job->door.procfs, link, path, PATH_MAX);
	if (len <= 0 || len >= PATH_MAX)
		return -EOPNOTSUPP;
	path[len] = '\0';
	return 0;
}

static int unshare_task(void *arg)
{
	struct open_tree_job *job = arg;
	struct unbindable unbindable;
	char path[PATH_MAX];
	bool by_path;
	int ret;

	/* The copy moves a task's cwd along, which is how the directory is found in it. */
	ret = raw_fchdir(job->source);
	by_path = ret == -EACCES;
	if (by_path)
		ret = path_of_source(job, path);
	if (ret < 0)
		return ret;
	unbindable_read(&unbindable, job);
	ret = copy_and_empty(job, &unbindable, by_path ? path : NULL);
	if (unbindable.have_table)
		mountinfo_release(&unbindable.table);
	return ret;
}

int open_tree_by_unshare(struct open_tree_job *job, bool *next)
{
	int ret = helper_run(unshare_task, job);

	*next = ret == OPEN_TREE_NEXT_WAY;
	return ret ? ret : job->result;
}
