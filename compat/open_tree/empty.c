// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * empty.c - makes a mount namespace with nothing but an empty root.
 * Opens an fd; everything else happens in a helper, or where none may be started in the calling
 * task.
 */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/empty.h"
#include "compat/open_tree/enter.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/strip.h"
#include "compat/task/empty_root.h"
#include "compat/task/helper.h"
#include "compat/task/nowhere.h"

/*
 * A procfs that no other task has: from 5.8 on each one is a filesystem of its own. Before, there
 * is one for each pid namespace, and a task that unmounts its root makes the filesystem read-only
 * (as umount(8) always did with "/").
 * In a user namespace the kernel demands another procfs in the same mount namespace. A detached
 * mount's fd, or -errno.
 */
static int open_own_procfs(void)
{
	int one = nowhere_mount("proc", MNTCOMPAT_MOUNT_ATTR_STRICTATIME), two, ret;
	struct stat first, second;

	if (one < 0)
		return one;
	two = nowhere_mount("proc", 0);
	ret = two < 0 ? two : raw_fstat(one, &first);
	if (ret == 0)
		ret = raw_fstat(two, &second);
	if (ret == 0 && first.st_dev == second.st_dev)
		ret = -EOPNOTSUPP;
	if (two >= 0)
		raw_close(two);
	if (ret == 0)
		return one;
	raw_close(one);
	return ret;
}

/*
 * A user namespace that does not own its pid namespace gets no procfs of its own; but then the
 * existing one belongs to another user namespace, and nothing that is done here can make it
 * read-only. Its directory, cloned.
 */
static int borrow_directory(void)
{
	int probe = nowhere_mount("tmpfs", 0), dir;
	struct statfs fs;
	int ret;

	/* Not the kernel, but a filter has refused the procfs. */
	if (probe < 0)
		return probe;
	raw_close(probe);
	dir = raw_open_tree(AT_FDCWD, "/proc/sys/fs/binfmt_misc",
			    MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
				    MNTCOMPAT_AT_NO_AUTOMOUNT);
	if (dir < 0)
		return dir;
	ret = raw_fstatfs(dir, &fs);
	if (ret == 0 && fs.f_type == UAPI_MAGIC_PROC)
		return dir;
	raw_close(dir);
	return -EOPNOTSUPP;
}

/*
 * True for an empty directory of procfs, where mkdir(2) returns ENOENT; elsewhere in procfs it
 * returns another error.
 */
static bool is_empty_directory(int root, const char *path)
{
	int fd = raw_openat(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return false;
	ret = raw_mkdirat(fd, "name", 0700);
	raw_close(fd);
	return ret == -ENOENT;
}

/*
 * The root, as a detached mount's fd, from a procfs (or, if @borrowed, the directory itself) that
 * lies on "/" for that and is gone again afterwards.
 */
static int clone_directory(int procfs, bool borrowed)
{
	int ret, clone = -EOPNOTSUPP;
	unsigned int i;

	/* Before 6.15 nothing can be cloned of what is mounted nowhere. */
	ret = raw_move_mount(procfs, "", AT_FDCWD, "/", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);
	if (ret < 0)
		return ret;
	if (borrowed && is_empty_directory(procfs, "."))
		clone = raw_open_tree(procfs, "",
				      MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					      MNTCOMPAT_AT_EMPTY_PATH);
	for (i = 0; !borrowed && i < EMPTY_ROOT_DIRECTORIES && clone < 0; i++)
		if (is_empty_directory(procfs, empty_root_directories[i]))
			clone = raw_open_tree(procfs, empty_root_directories[i],
					      MNTCOMPAT_OPEN_TREE_CLONE |
						      MNTCOMPAT_OPEN_TREE_CLOEXEC);
	ret = raw_fchdir(procfs);
	if (ret == 0)
		ret = raw_umount2(".", MNT_DETACH);
	if (ret < 0 && clone >= 0)
		raw_close(clone);
	return ret < 0 ? ret : clone;
}

/* @procfs: one of our own, or, if @borrowed, a directory of one; or -errno. */
static int cover(const struct namespace_door *door, int procfs, bool borrowed)
{
	int root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	bool is_directory;
	struct statfs fs;
	int ret;

	if (root < 0)
		return root;
	ret = raw_fstatfs(root, &fs);
	raw_close(root);
	if (ret < 0 || fs.f_type == UAPI_MAGIC_NULLFS)
		return ret;
	root = procfs < 0 ? procfs : clone_directory(procfs, borrowed);
	is_directory = root >= 0;
	if (root < 0) {
		debug_step("empty root: no empty directory of procfs (%d)", -root);
		root = nowhere_mount("tmpfs", MNTCOMPAT_MOUNT_ATTR_RDONLY |
						      MNTCOMPAT_MOUNT_ATTR_STRICTATIME);
	}
	if (root < 0)
		return root;
	ret = raw_move_mount(root, "", AT_FDCWD, "/", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);
	raw_close(root);
	if (ret == 0)
		ret = namespace_land_on_top(door);
	/* A clone is in the peer group of its source. */
	if (ret == 0)
		ret = namespace_make_private(false);
	if (ret < 0 || !is_directory)
		return ret;
	ret = empty_root_mark();
	debug_step("empty root: marked (%d)", -ret);
	return 0;
}

/* Before the namespace is emptied: afterwards no procfs is visible. */
static int open_empty(bool *borrowed)
{
	int fd = open_own_procfs();

	*borrowed = refusal_is(fd);
	return *borrowed ? borrow_directory() : fd;
}

static int empty_task(struct open_tree_job *job)
{
	struct namespace_name user;
	bool locked = false, borrowed = false;
	int procfs = -ENOSYS, ret;

	if (namespace_owned(&job->door, job->own, &user) == 1) {
		procfs = open_empty(&borrowed);
		ret = open_tree_enter_empty(job, &user, &locked);
	} else {
		ret = raw_unshare(CLONE_NEWNS);
		procfs = open_empty(&borrowed);
		if (ret == 0)
			ret = namespace_strip(&job->door, &locked);
	}
	if (ret == 0)
		ret = cover(&job->door, procfs, borrowed);
	/* The task may be none of a helper's. */
	if (procfs >= 0)
		raw_close(procfs);
	return ret < 0 ? ret : namespace_own(&job->door);
}

struct empty_call {
	struct open_tree_job job; /* the first member: a task gets a pointer to it */
	struct namespace_root root;
};

static int named_task(struct open_tree_job *job)
{
	struct empty_call *call = (struct empty_call *)job;
	int ns = empty_task(job), ret = ns;

	if (ns >= 0)
		ret = namespace_land_on_top(&job->door);
	if (ret == 0)
		ret = namespace_root(&call->root);
	return ret < 0 ? ret : ns;
}

int empty_namespace(struct namespace_root *root)
{
	struct empty_call call = {
		.job = { .dfd = -1,
			 .cloexec = true,
			 .may_chroot = true,
			 .is_empty = true,
			 .may_stay = true },
	};
	bool next;
	int ret;

	empty_root_note();
	ret = open_tree_run(&call.job, named_task, false, &next);

	*root = call.root;
	return refusal_of_step(ret);
}

/* In a helper, which the way leads out of any chroot to the topmost mount of the namespace. */
static int land_task(void *arg)
{
	const struct namespace_root *root = arg;
	int self = raw_pidfd_open(raw_getpid()), ret;

	if (self < 0)
		return self;
	ret = raw_setns(self, CLONE_NEWNS);
	return ret < 0 ? ret : namespace_root_differs(root);
}

bool empty_namespace_is_here(void)
{
	struct namespace_root root;
	struct raw_statx stx;

	return empty_root_is_own(&stx) && namespace_root(&root) == 0 &&
	       helper_run(land_task, &root, NULL) == 0;
}

int empty_namespace_privilege(void)
{
	uint64_t capabilities = 0;
	int ret = raw_capget_effective(&capabilities);

	if (ret < 0)
		return refusal_of_step(ret);
	if (!(capabilities & UAPI_CAP_SYS_ADMIN))
		return -EPERM;
	return capabilities & UAPI_CAP_SYS_CHROOT ? 0 : -EOPNOTSUPP;
}
