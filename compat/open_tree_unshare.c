// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open_tree_unshare.c - the way for callers who do not own their mount namespace and for trees that hold
 * mount-namespace files: copy the whole namespace, clone the tree inside the copy, empty the copy, put the
 * clone in. The kernel's own copy makes the mounts slaves and locks them as OPEN_TREE_NAMESPACE does.
 * Costs as much as the host has mounts. Called by open_tree.c.
 */
#include <errno.h>
#include <sched.h>

#include "compat/debug.h"
#include "compat/helper.h"
#include "compat/open_tree.h"
#include "compat/raw.h"

static int unshare_task(void *arg)
{
	struct open_tree_job *job = arg;
	bool locked = false;
	int tree, ret;

	/* The copy moves a task's cwd along, which is how the directory is found in it. */
	ret = raw_fchdir(job->source);
	if (ret < 0)
		return ret == -EACCES ? -EOPNOTSUPP : ret;
	ret = raw_unshare(CLONE_NEWNS);
	if (ret < 0)
		return ret == -ENOSPC || ret == -ENOMEM ? ret : OPEN_TREE_NEXT_WAY;
	tree = raw_open_tree(AT_FDCWD, "", MNTCOMPAT_OPEN_TREE_CLONE |
			     MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_EMPTY_PATH |
			     (job->recursive ? MNTCOMPAT_AT_RECURSIVE : 0));
	if (tree < 0) {
		debug_step("unshare way: cloning the tree failed (%d)", -tree);
		return tree == -ENOSYS ? OPEN_TREE_NEXT_WAY : tree;
	}
	ret = namespace_strip(&job->door, &locked);
	if (ret == 0)
		ret = namespace_attach(tree, locked);
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

int open_tree_by_unshare(struct open_tree_job *job, bool *next)
{
	int ret = helper_run(unshare_task, job);

	*next = ret == OPEN_TREE_NEXT_WAY;
	return ret ? ret : job->result;
}
