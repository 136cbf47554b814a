// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * by_unshare.c - the way for callers who do not own their mount namespace and for trees that hold
 * mount-namespace files: copy the whole namespace, clone the tree inside the copy, empty the copy,
 * put the clone in. The kernel's own copy makes the mounts slaves and locks them as
 * OPEN_TREE_NAMESPACE does. Costs as much as the host has mounts.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/by_unshare.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/strip.h"
#include "compat/open_tree/unbindable.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

/*
 * The directory in the copy: cwd, if the task could go there. Where the caller may not enter it
 * (native does not need to), it is looked up by its path and must be the same directory.
 */
static int source_in_copy(const struct open_tree_job *job, const char *path)
{
	int fd;

	if (!path)
		return raw_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (*path != '/')
		return -EOPNOTSUPP;
	fd = raw_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return -EOPNOTSUPP;
	if (offline_same_file(fd, job->source))
		return fd;
	raw_close(fd);
	return -EOPNOTSUPP;
}

static int clone_in_copy(struct open_tree_job *job, const struct unbindable *unbindable,
			 const char *path)
{
	int source, tree, ret;

	if (unbindable->is_source)
		return -EINVAL;
	source = source_in_copy(job, path);
	if (source < 0)
		return source;
	ret = job->recursive ? unbindable_prepare(unbindable, source) : 0;
	if (ret < 0) {
		raw_close(source);
		return ret;
	}
	tree = raw_open_tree(source, "",
			     MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
				     MNTCOMPAT_AT_EMPTY_PATH |
				     (job->recursive ? MNTCOMPAT_AT_RECURSIVE : 0));
	raw_close(source);
	if (tree < 0)
		debug_step("unshare way: cloning the tree failed (%d)", -tree);
	if (!refusal_is(tree))
		return tree;
	if (tree == -EACCES || open_tree_clone_is_filtered())
		return -ENOSYS;
	/* It may be a mount that is unbindable and locked, which native takes along. */
	job->is_denied = unbindable->have_table;
	return job->is_denied ? -EPERM : -EOPNOTSUPP;
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
	if (ret == 0 && job->recursive)
		ret = unbindable_restore(unbindable, tree);
	if (ret == 0)
		ret = namespace_own(&job->door);
	if (ret >= 0)
		return ret;
	debug_step("unshare way: failed (%d)", -ret);
	/* Missing or filtered: the kernel lets the owner of a namespace do all of this. */
	return refusal_has_next(ret) ? OPEN_TREE_NEXT_WAY : ret;
}

/* Where the source is, as the calling task sees it; for what it may not enter. */
static int path_of_source(struct open_tree_job *job, char path[PATH_MAX])
{
	char link[PROCFS_FD_PATH];
	ssize_t len;
	int ret = namespace_door_procfs(&job->door);

	if (ret < 0)
		return ret == -ENOSYS ? -EOPNOTSUPP : ret;
	procfs_fd_path(job->source, link);
	len = raw_readlinkat(job->door.procfs, link, path, PATH_MAX);
	if (len <= 0 || len >= PATH_MAX)
		return -EOPNOTSUPP;
	path[len] = '\0';
	return 0;
}

/*
 * False for the root of a mount whose file server would be called. Below its root the server was
 * called for the caller's path, too.
 */
static bool may_enter(const struct unbindable *unbindable, int source)
{
	struct mountinfo_line line;
	struct raw_statx stx;
	size_t pos = 0;

	while (unbindable->have_table && mountinfo_next(&unbindable->table, &pos, &line))
		if (line.id == unbindable->source_id)
			return !offline_has_server(&line) || offline_statx(source, &stx) < 0 ||
			       !(stx.attributes & UAPI_STATX_ATTR_MOUNT_ROOT);
	return true;
}

static int unshare_task(struct open_tree_job *job)
{
	struct unbindable unbindable;
	char path[PATH_MAX];
	bool by_path;
	int ret;

	ret = unbindable_read(&unbindable, job);
	/*
	 * The copy moves a task's cwd along, which is how the directory is found in it. But only if
	 * no file server is called for that.
	 */
	if (ret == 0)
		ret = may_enter(&unbindable, job->source) ? raw_fchdir(job->source) : -EACCES;
	by_path = ret == -EACCES;
	if (by_path)
		ret = path_of_source(job, path);
	if (ret == 0)
		ret = copy_and_empty(job, &unbindable, by_path ? path : NULL);
	unbindable_release(&unbindable);
	return ret;
}

int open_tree_by_unshare(struct open_tree_job *job, bool *next)
{
	return open_tree_run(job, unshare_task, true, next);
}
