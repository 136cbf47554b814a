// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * by_template.c - the fast way: the kernel clones the tree, and the clone becomes "/" of a copy of
 * an empty namespace. Its cost does not depend on how many mounts the host has (but for the
 * template). For callers whose user namespace owns their mount namespace. Runs in helpers.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/by_template.h"
#include "compat/open_tree/enter.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/strip.h"
#include "compat/open_tree/template.h"
#include "compat/task/helper.h"
#include "compat/task/lookup.h"
#include "compat/task/procfs.h"

/*
 * Clones the source to a detached tree in its own namespace. *final: native returns the same error.
 */
static int clone_tree(struct open_tree_job *job, bool *final)
{
	int tree = raw_open_tree(job->source, "",
				 MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					 MNTCOMPAT_AT_EMPTY_PATH |
					 (job->recursive ? MNTCOMPAT_AT_RECURSIVE : 0));

	if (tree >= 0) {
		/* Its root may have to be named through procfs later on. */
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
	int own = namespace_own(&job->door);
	int tree = -1, empty = -1, ret = own;
	bool locked = false;

	if (ret >= 0)
		ret = open_tree_enter_empty(job, user, &locked);
	if (ret == 0)
		ret = empty = namespace_own(&job->door);
	if (ret >= 0)
		ret = raw_setns(own, CLONE_NEWNS);
	if (ret == 0)
		ret = tree = clone_tree(job, final);
	if (ret >= 0)
		ret = raw_setns(empty, CLONE_NEWNS);
	if (ret == 0)
		ret = attach(job, tree, locked);
	if (ret == 0) {
		ret = open_tree_result_of(job, empty);
		empty = -1;
	}
	if (tree >= 0)
		raw_close(tree);
	if (empty >= 0)
		raw_close(empty);
	if (own >= 0)
		raw_close(own);
	return ret;
}

/*
 * Without CAP_SYS_CHROOT the task cannot return. A last copy puts the ids in order; it costs the
 * end of the first.
 */
static int tree_first(struct open_tree_job *job, const struct namespace_name *user, bool *final)
{
	int tree = clone_tree(job, final), ret = tree;
	bool locked = false;

	if (ret >= 0)
		ret = open_tree_enter_empty(job, user, &locked);
	if (ret == 0)
		ret = attach(job, tree, locked);
	if (ret == 0)
		ret = raw_unshare(CLONE_NEWNS);
	if (ret == 0)
		ret = open_tree_result(job);
	if (tree >= 0)
		raw_close(tree);
	return ret;
}

static int template_task(void *arg)
{
	struct open_tree_job *job = arg;
	struct namespace_name user;
	bool final = false;
	int ret;

	ret = namespace_owner(&job->door, &user);
	job->foreign = ret == 0;
	if (ret <= 0) {
		debug_step("template way: %s", ret ? "cannot tell who owns the mount namespace" :
						     "the caller does not own its mount namespace");
		return raw_is_shortage(ret) ? ret : OPEN_TREE_NEXT_WAY;
	}
	ret = job->may_chroot ? bottom_first(job, &user, &final) : tree_first(job, &user, &final);
	if (ret >= 0) {
		job->result = ret;
		return 0;
	}
	debug_step("template way: failed (%d)", -ret);
	return final || raw_is_shortage(ret) || ret == -EOPNOTSUPP ? ret : OPEN_TREE_NEXT_WAY;
}

int open_tree_by_template(struct open_tree_job *job, bool *next)
{
	int ret = helper_run(template_task, job);

	*next = ret == OPEN_TREE_NEXT_WAY;
	return ret ? ret : job->result;
}

/* The data that the caller and the helper of the short cut share. */
struct kept_job {
	int source; /* O_PATH; its number is the result's */
	bool recursive, cloexec;
	struct namespace_door door;
};

/* Become the only task of a copy of the template, if there is one for the owner of @own. */
static int enter_kept(struct namespace_door *door, int own, bool *locked)
{
	struct namespace_name user;
	struct template template;
	int ret = namespace_owned(door, own, &user);

	if (ret <= 0 || !template_get(&user, &template))
		return -EOPNOTSUPP;
	*locked = template.locked;
	/* The tree's root will have to be named through procfs. */
	if (template.locked && door->procfs < 0)
		door->procfs = procfs_open_root();
	ret = raw_setns(template.fd, CLONE_NEWNS);
	return ret < 0 ? ret : raw_unshare(CLONE_NEWNS);
}

/* bottom_first() without the choices. Shallow: see helper_run_shallow(). */
static int fill_copy(struct kept_job *job, int own, int empty, bool locked)
{
	int tree, ret;

	ret = raw_setns(own, CLONE_NEWNS);
	if (ret < 0)
		return ret;
	tree = raw_open_tree(job->source, "",
			     MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
				     MNTCOMPAT_AT_EMPTY_PATH |
				     (job->recursive ? MNTCOMPAT_AT_RECURSIVE : 0));
	if (tree < 0)
		return tree;
	ret = raw_setns(empty, CLONE_NEWNS);
	if (ret == 0)
		ret = namespace_attach(&job->door, tree, locked);
	if (ret == 0 && job->recursive)
		ret = namespace_has_namespace_file(&job->door);
	/*
	 * The tree has a namespace file: ELOOP, as move_mount(2). If that is not known, try the
	 * next way.
	 */
	if (ret == 1)
		ret = -ELOOP;
	raw_close(tree);
	return ret;
}

static int kept_task(void *arg)
{
	struct kept_job *job = arg;
	int own, empty, ret;
	bool locked;

	own = namespace_own(&job->door);
	if (own < 0)
		return own;
	ret = enter_kept(&job->door, own, &locked);
	empty = ret < 0 ? ret : namespace_own(&job->door);
	ret = empty < 0 ? empty : fill_copy(job, own, empty, locked);
	/* Over the source, which took the number before anything else could fail. */
	if (ret == 0)
		ret = raw_dup3(empty, job->source, job->cloexec ? O_CLOEXEC : 0);
	if (empty >= 0)
		raw_close(empty);
	raw_close(own);
	return ret;
}

static int kept_task_by_pidfd(void *arg)
{
	struct kept_job *job = arg;
	int ret;

	job->door.self = raw_pidfd_open(raw_getpid());
	if (job->door.self < 0)
		return job->door.self;
	job->door.kept = true;
	ret = kept_task(arg);
	raw_close(job->door.self);
	return ret;
}

/*
 * Nothing is checked here that the kernel checks itself: privilege over the namespaces (setns,
 * OPEN_TREE_CLONE), what may be cloned, and that a file is not mounted over a directory.
 */
int open_tree_by_kept_template(int dfd, const char *path, unsigned int flags)
{
	struct kept_job job = {
		.recursive = flags & MNTCOMPAT_AT_RECURSIVE,
		.cloexec = flags & MNTCOMPAT_OPEN_TREE_CLOEXEC,
		.door = { .procfs = -1 },
	};
	int ret;

	if (!template_is_kept())
		return -1;
	job.source = raw_open_tree(dfd, path, (flags & LOOKUP_FLAGS) | MNTCOMPAT_OPEN_TREE_CLOEXEC);
	if (job.source < 0)
		return -1;
	/*
	 * If the ioctl is missing, making the template has recorded that; if it exists, using it
	 * will tell.
	 */
	job.door.pidfd = !feature_known_absent(FEATURE_PIDFD_GET_MNT_NAMESPACE);
	if (job.door.pidfd) {
		ret = helper_run_shallow(kept_task_by_pidfd, &job);
	} else {
		ret = namespace_door_procfs(&job.door);
		if (ret == 0)
			ret = helper_run_shallow(kept_task, &job);
	}
	namespace_door_close(&job.door);
	if (ret >= 0)
		return job.source;
	debug_step("template way: not by the short cut (%d)", -ret);
	raw_close(job.source);
	return -1;
}
