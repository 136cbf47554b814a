// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * here.c - makes a mount namespace of a directory by the calling task itself. The steps are those
 * of the template way, and all that they change is put back if one of them fails: the task keeps
 * its namespace, root and cwd open until the end.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/open_tree/by_template.h"
#include "compat/open_tree/here.h"
#include "compat/open_tree/job.h"
#include "compat/task/outside.h"

/* Shortages pass. */
#define HERE_TRIES 100

static int keep_place(struct outside_place *place)
{
	int ret;

	place->cwd = -1;
	place->root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (place->root < 0)
		return place->root;
	place->cwd = raw_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (place->cwd < 0)
		return place->cwd;
	/* Directories that the caller may not enter would not let it back, either. */
	ret = raw_fchdir(place->cwd);
	return ret < 0 ? ret : outside_go_to(place);
}

static int go_back(const struct open_tree_job *job, const struct outside_place *place)
{
	int ret = -1, i;

	for (i = 0; ret < 0 && i < HERE_TRIES; i++)
		ret = raw_setns(job->own, CLONE_NEWNS);
	if (ret == 0)
		ret = outside_go_to(place);
	if (ret == 0)
		return OPEN_TREE_NEXT_WAY;
	debug_call("enter_tree: the way back failed (%d)", -ret);
	return -ENOTRECOVERABLE;
}

static void close_one(int fd)
{
	if (fd >= 0)
		raw_close(fd);
}

static int make_and_enter(struct open_tree_job *job, const struct outside_place *place)
{
	int made, ret;

	/*
	 * Where root and cwd are shared with another process the kernel refuses this, as it would
	 * refuse to enter the result. The change of root and cwd is undone below.
	 */
	ret = raw_setns(job->own, CLONE_NEWNS);
	if (ret < 0) {
		debug_step("enter_tree: the caller cannot change its root (%d)", -ret);
		return OPEN_TREE_NEXT_WAY;
	}
	made = open_tree_template_here(job);
	/* Once more, to the top of what is mounted on "/" there. */
	ret = made < 0 ? made : raw_setns(made, CLONE_NEWNS);
	close_one(made);
	return ret < 0 ? go_back(job, place) : 0;
}

static int in_this_task(struct open_tree_job *job)
{
	struct outside_place place = { -1, -1 };
	int ret = OPEN_TREE_NEXT_WAY;

	open_tree_begin(job);
	if (open_tree_find(job) == 0 && keep_place(&place) == 0)
		ret = make_and_enter(job, &place);
	close_one(place.root);
	close_one(place.cwd);
	open_tree_end(job);
	return ret;
}

int open_tree_here(int dfd, const char *path, unsigned int flags)
{
	struct open_tree_job job = {
		.dfd = dfd,
		.path = path,
		.flags = flags | MNTCOMPAT_OPEN_TREE_NAMESPACE,
		.recursive = flags & MNTCOMPAT_AT_RECURSIVE,
		.may_chroot = true,
	};
	uint64_t mask;
	int ret;

	if (!outside_is_alone() || !outside_may_return())
		return OPEN_TREE_NEXT_WAY;
	/* A handler must not run in between. */
	ret = raw_sigprocmask_block_all(&mask);
	if (ret < 0)
		return OPEN_TREE_NEXT_WAY;
	ret = in_this_task(&job);
	raw_sigprocmask_restore(&mask);
	return ret;
}
