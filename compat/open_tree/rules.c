// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rules.c - the rules of Linux 7.3 for the mounts below a directory of which a kernel of 7.0 to 7.2
 * has made a namespace. Reads the caller's mounts; what it makes are a helper's own mounts.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/rules.h"
#include "compat/open_tree/unbindable.h"
#include "compat/task/helper.h"
#include "compat/task/lookup.h"
#include "compat/task/nowhere.h"

struct rules_job {
	struct open_tree_job job;
	bool is_helper; /* it may leave its namespaces */
};

/*
 * In a helper: a namespace with two mounts, of which the upper one is unbindable and lies on the
 * root of the lower one, and a user namespace that does not own it. Root is the upper one
 * afterwards. Returns an fd of the lower one, or -errno.
 */
static int make_example(void)
{
	const struct mntcompat_mount_attr unbindable = { .propagation = MS_UNBINDABLE };
	const unsigned int upper_to_root = MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH;
	/* Filesystems are made by those who own their mount namespace. */
	int ret = raw_unshare(CLONE_NEWNS), ns, lower, upper;

	ns = ret == 0 ? nowhere_namespace("tmpfs") : ret;
	ret = ns >= 0 ? raw_setns(ns, CLONE_NEWNS) : ns;
	lower = ret == 0 ? raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0) : ret;
	upper = lower >= 0 ? nowhere_mount("tmpfs", 0) : lower;
	ret = upper >= 0 ? raw_move_mount(upper, "", AT_FDCWD, "/", upper_to_root) : upper;
	if (ret == 0)
		ret = raw_mount_setattr(upper, "", MNTCOMPAT_AT_EMPTY_PATH, &unbindable,
					sizeof(unbindable));
	/* A task whose root is not the topmost mount may not make a user namespace. */
	if (ret == 0)
		ret = raw_fchdir(upper);
	if (ret == 0)
		ret = raw_chroot(".");
	if (ret == 0)
		ret = raw_unshare(CLONE_NEWUSER);
	return ret < 0 ? ret : lower;
}

/*
 * In a helper that ends then: true if this kernel neither leaves out mounts for a caller that does
 * not own them nor, in a recursive copy, unbindable ones. False also where that cannot be tried.
 */
static bool kernel_has_rules(void)
{
	const unsigned int flags = MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
				   MNTCOMPAT_AT_EMPTY_PATH;
	struct stat upper, root;
	int lower = make_example(), copy;

	if (lower < 0 || raw_open_tree(lower, "", flags) != -EINVAL)
		return false;
	copy = raw_open_tree(lower, "", flags | MNTCOMPAT_AT_RECURSIVE);
	/* In the copy root is the topmost mount. */
	return copy >= 0 && raw_fstatat(AT_FDCWD, "/", &upper, 0) == 0 &&
	       raw_setns(copy, CLONE_NEWNS) == 0 && raw_fstatat(AT_FDCWD, "/", &root, 0) == 0 &&
	       root.st_dev == upper.st_dev;
}

/* Reads the caller's table, but only for those few to whom it matters. */
static int leaves_out(struct open_tree_job *job)
{
	struct unbindable unbindable;
	int ret;

	job->foreign = true;
	job->source = lookup_path(job->dfd, job->path, job->flags & LOOKUP_FLAGS, true);
	if (job->source < 0)
		return 1;
	ret = unbindable_read(&unbindable, job);
	if (ret == 0)
		ret = unbindable_leaves_out(&unbindable, job->recursive);
	else if (ret == -EOPNOTSUPP)
		ret = 1;
	unbindable_release(&unbindable);
	raw_close(job->source);
	return ret;
}

static int rules_task(void *arg)
{
	struct rules_job *rules = arg;
	struct open_tree_job *job = &rules->job;
	struct namespace_name user;
	int ret = namespace_door_open(&job->door);

	if (ret < 0)
		return ret;
	ret = namespace_owner(&job->door, &user);
	if (ret >= 0)
		ret = ret ? 0 : leaves_out(job);
	namespace_door_close(&job->door);
	return ret == 1 && rules->is_helper && kernel_has_rules() ? 0 : ret;
}

int open_tree_needs_rules(int dfd, const char *path, unsigned int flags)
{
	struct rules_job rules = {
		.job = { .dfd = dfd,
			 .path = path,
			 .flags = flags,
			 .recursive = flags & MNTCOMPAT_AT_RECURSIVE },
		.is_helper = true,
	};
	struct helper_files files = { .in = &rules.job.dfd };
	/* The caller may have had a single free fd, which the native call took. */
	int ret = helper_run_lookup(rules_task, &rules, &files);

	if (ret != -ENOMEM && !files.refused)
		return ret;
	/*
	 * The caller may have no more processes, which the native call needs none of, or its next
	 * child would be the init of a pid namespace.
	 */
	rules.is_helper = false;
	ret = rules_task(&rules);
	return raw_is_shortage(ret) ? -ENOMEM : ret;
}
