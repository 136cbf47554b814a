// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * by_bind.c - the way without open_tree(2) and move_mount(2) (before 5.2, or filtered): copy the
 * whole namespace, bind the tree in a place that no other task sees, pivot to it, drop the rest.
 * mount(2) and pivot_root(2) only. Costs as much as the host has mounts.
 */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/by_bind.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/unbindable.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

/*
 * Places where the tree may be mounted for a moment: mount points on another mount than the source,
 * so that their mount can be made private without an effect on the source.
 */
struct staging_place {
	const char *mount_point;
	const char *tree;
};
static const struct staging_place staging_places[] = {
	{ "/proc", "/proc/tree" }, { "/sys", "/sys/tree" }, { "/dev", "/dev/tree" },
	{ "/run", "/run/tree" },   { "/tmp", "/tmp/tree" },
};

/* A mount that lies over the source comes along in a recursive bind, and no path leads below it. */
static bool is_same_directory(int fd, const char *path)
{
	int there = raw_openat(AT_FDCWD, path, O_PATH | O_CLOEXEC, 0);
	bool same = there >= 0 && offline_same_file(fd, there);

	if (there >= 0)
		raw_close(there);
	return same;
}

/*
 * Bind the source to some place on an otherwise empty tmpfs. *tree names the place.
 * Returns 0, -EINVAL or -EPERM if the source may not be bound, -EOPNOTSUPP if there is no place.
 */
static int stage(struct open_tree_job *job, int source, const char **tree)
{
	int64_t source_id = procfs_mount_id(job->door.procfs, source), id;
	unsigned int i;
	int fd, ret;

	for (i = 0; source_id >= 0 && i < sizeof(staging_places) / sizeof(staging_places[0]); i++) {
		const struct staging_place *place = &staging_places[i];

		fd = raw_openat(AT_FDCWD, place->mount_point, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		if (fd < 0)
			continue;
		id = procfs_mount_id(job->door.procfs, fd);
		raw_close(fd);
		if (id < 0 || id == source_id ||
		    raw_mount(NULL, place->mount_point, NULL, MS_PRIVATE, NULL) < 0 ||
		    raw_mount("tmpfs", place->mount_point, "tmpfs", 0, NULL) < 0)
			continue;
		*tree = place->tree;
		ret = raw_mkdirat(AT_FDCWD, place->tree, 0700);
		if (ret == 0)
			ret = raw_fchdir(source);
		if (ret == 0)
			ret = raw_mount(".", place->tree, NULL,
					MS_BIND | (job->recursive ? MS_REC : 0), NULL);
		/* A filter or a security module would have refused the tmpfs. */
		job->is_denied = ret == -EPERM;
		/* ENOENT: the directory is removed, which mount(2) refuses and native does not. */
		if (ret < 0)
			return ret == -ENOENT ? -EOPNOTSUPP : ret;
		return is_same_directory(source, place->tree) ? 0 : -EOPNOTSUPP;
	}
	return -EOPNOTSUPP;
}

/* With cwd at the old root: make it private, so that its end does not propagate, and unmount it. */
static int drop_old_root(void)
{
	int ret = raw_mount(NULL, ".", NULL, MS_REC | MS_PRIVATE, NULL);

	return ret < 0 ? ret : raw_umount2(".", MNT_DETACH);
}

/* From the staged tree to a namespace of which it is the root. */
static int pivot_to(const char *tree)
{
	int old_root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	bool shared;
	int ret;

	if (old_root < 0)
		return old_root;
	ret = raw_chdir(tree);
	if (ret == 0)
		ret = raw_pivot_root(".", ".");
	/*
	 * Refused for a shared tree: then to the tmpfs below it, and the tree onto that afterwards.
	 */
	shared = ret == -EINVAL;
	if (shared)
		ret = raw_chdir("..");
	if (ret == 0 && shared)
		ret = raw_pivot_root(".", ".");
	/* The old root lies on top of the new one now. */
	if (ret == 0)
		ret = raw_fchdir(old_root);
	raw_close(old_root);
	if (ret == 0)
		ret = drop_old_root();
	if (ret == 0)
		ret = raw_chdir("/");
	if (ret == 0 && shared)
		ret = raw_mount("tree", "/", NULL, MS_MOVE, NULL);
	if (ret == 0 && shared)
		raw_unlinkat(AT_FDCWD, "tree", AT_REMOVEDIR);
	return ret < 0 ? -EOPNOTSUPP : 0;
}

static int bind_in_copy(struct open_tree_job *job, int source, const struct unbindable *unbindable)
{
	const char *tree = NULL;
	int ns = namespace_own(&job->door);
	int root, ret;

	if (ns < 0)
		return ns;
	/* A chroot ends here: root is the top of the namespace again. Not so without
	 * CAP_SYS_CHROOT. */
	ret = raw_setns(ns, CLONE_NEWNS);
	raw_close(ns);
	if (ret < 0 && ret != -EPERM)
		return -EOPNOTSUPP;
	ret = stage(job, source, &tree);
	if (ret < 0)
		return ret;
	root = raw_openat(AT_FDCWD, tree, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (root < 0)
		return root;
	ret = pivot_to(tree);
	if (ret == 0 && job->recursive)
		ret = unbindable_restore(unbindable, root);
	raw_close(root);
	return ret < 0 ? ret : namespace_own(&job->door);
}

static int copy_and_bind(struct open_tree_job *job, const struct unbindable *unbindable)
{
	int source, ret;

	ret = raw_unshare(CLONE_NEWNS);
	if (ret < 0)
		return ret == -ENOSPC || ret == -ENOMEM ? ret : OPEN_TREE_NEXT_WAY;
	if (unbindable->is_source)
		return -EINVAL;
	/* The copy moved cwd along: this is the directory in it. */
	source = raw_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (source < 0)
		return source;
	ret = job->recursive ? unbindable_prepare(unbindable, source) : 0;
	if (ret == 0)
		ret = bind_in_copy(job, source, unbindable);
	raw_close(source);
	return ret;
}

static int bind_task(struct open_tree_job *job)
{
	struct unbindable unbindable;
	int ret;

	/* The other ways had their own namespace file by pidfd; this one may need mount ids as
	 * well. */
	ret = open_tree_limit(namespace_door_procfs(&job->door));
	if (ret < 0)
		return ret == -ENOSYS ? OPEN_TREE_NEXT_WAY : ret;
	ret = raw_fchdir(job->source);
	if (ret < 0)
		return ret == -EACCES ? -EOPNOTSUPP : ret;
	ret = unbindable_read(&unbindable, job);
	if (ret == 0)
		ret = copy_and_bind(job, &unbindable);
	unbindable_release(&unbindable);
	if (ret < 0)
		debug_step("bind way: failed (%d)", -ret);
	return ret;
}

int open_tree_by_bind(struct open_tree_job *job, bool *next)
{
	return open_tree_run(job, bind_task, true, next);
}
