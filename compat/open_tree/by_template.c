// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * by_template.c - the fast way: the kernel clones the tree, and the clone becomes "/" of a copy of
 * an empty namespace. Its cost does not depend on how many mounts the host has (but for the
 * template). For callers whose user namespace owns their mount namespace. Runs in helpers.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/by_template.h"
#include "compat/open_tree/enter.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/strip.h"

/*
 * Clones the source to a detached tree in its own namespace. *final: native returns the same error.
 */
static int clone_tree(struct open_tree_job *job, bool locked, bool *final)
{
	int tree = raw_open_tree(job->source, "",
				 MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					 MNTCOMPAT_AT_EMPTY_PATH |
					 (job->recursive ? MNTCOMPAT_AT_RECURSIVE : 0));

	if (tree >= 0) {
		/* Its root may have to be named through procfs later on. */
		if (locked)
			namespace_door_procfs(&job->door);
		return tree;
	}
	debug_step("template way: cloning the tree failed (%d)", -tree);
	/* Not ENOSPC: the clone is a namespace by itself, which native does not need. */
	job->is_denied = tree == -EPERM && !open_tree_clone_is_filtered();
	*final = tree == -EINVAL || job->is_denied;
	return tree;
}

static int attach(struct open_tree_job *job, int tree, bool locked)
{
	int ret = namespace_attach(&job->door, tree, locked);

	if (ret == 0 && job->recursive)
		ret = namespace_has_namespace_file(&job->door);
	/*
	 * The tree has a namespace file: ELOOP, as move_mount(2). If that is not known, try the
	 * next way.
	 */
	if (ret == 1)
		ret = -ELOOP;
	return ret;
}

/*
 * The kernel takes the first mount above the bottom, in the order of ids, for the root of a
 * namespace that it looks at from outside (listmount, statmount). So the tree has to be younger
 * than the bottom: cloned when the namespace is there already, back in the caller's.
 */
static int bottom_first(struct open_tree_job *job, const struct namespace_name *user, bool *final)
{
	int tree = -1, empty = -1, ret;
	bool locked = false;

	ret = open_tree_enter_empty(job, user, &locked);
	if (ret == 0)
		ret = empty = namespace_own(&job->door);
	if (ret >= 0)
		ret = raw_setns(job->own, CLONE_NEWNS);
	if (ret == 0)
		ret = tree = clone_tree(job, locked, final);
	if (ret >= 0)
		ret = raw_setns(empty, CLONE_NEWNS);
	if (ret == 0)
		ret = attach(job, tree, locked);
	/* A helper's are closed when it ends; the caller may be none. */
	if (tree >= 0)
		raw_close(tree);
	if (ret < 0 && empty >= 0)
		raw_close(empty);
	return ret < 0 ? ret : empty;
}

/*
 * Without CAP_SYS_CHROOT the task cannot return. A last copy puts the ids in order; it costs the
 * end of the first.
 */
static int tree_first(struct open_tree_job *job, const struct namespace_name *user, bool *final)
{
	int tree = clone_tree(job, true, final), ret = tree;
	bool locked = false;

	if (ret >= 0)
		ret = open_tree_enter_empty(job, user, &locked);
	if (ret == 0)
		ret = attach(job, tree, locked);
	if (ret == 0)
		ret = raw_unshare(CLONE_NEWNS);
	return ret < 0 ? ret : namespace_own(&job->door);
}

static int template_task(struct open_tree_job *job)
{
	struct namespace_name user;
	bool final = false;
	int ret;

	ret = namespace_owned(&job->door, job->own, &user);
	job->foreign = ret == 0;
	if (ret <= 0) {
		debug_step("template way: %s", ret ? "cannot tell who owns the mount namespace" :
						     "the caller does not own its mount namespace");
		return raw_is_shortage(ret) ? ret : OPEN_TREE_NEXT_WAY;
	}
	ret = job->may_chroot ? bottom_first(job, &user, &final) : tree_first(job, &user, &final);
	if (ret >= 0)
		return ret;
	debug_step("template way: failed (%d)", -ret);
	return final || raw_is_shortage(ret) || ret == -EOPNOTSUPP ? ret : OPEN_TREE_NEXT_WAY;
}

int open_tree_template_here(struct open_tree_job *job)
{
	return template_task(job);
}

int open_tree_by_template(struct open_tree_job *job, bool *next)
{
	job->may_stay = true;
	return open_tree_run(job, template_task, true, next);
}
