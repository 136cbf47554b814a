// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * drop.c - OPEN_TREE_CLONE without the mount-namespace files below: looks whether there can be any,
 * and clones from a namespace that was made of the tree.
 * Opens and closes fds; enters that namespace in a helper.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <sys/stat.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/drop.h"
#include "compat/task/helper.h"
#include "compat/task/procfs.h"

#define LOOK_MASK (UAPI_STATX_TYPE | UAPI_STATX_INO | MNTCOMPAT_STATX_MNT_ID)

/* Never asks a file server. */
static int look(int dfd, const char *path, unsigned int flags, struct raw_statx *out)
{
	return raw_statx(dfd, path, flags | UAPI_AT_STATX_DONT_SYNC, LOOK_MASK, out);
}

static bool same_mount(const struct raw_statx *one, const struct raw_statx *other)
{
	return (one->mask & other->mask & MNTCOMPAT_STATX_MNT_ID) && one->mnt_id == other->mnt_id;
}

/* Files of namespaces are all on one device. -errno if that device cannot be found out. */
static int is_on_nsfs(const struct raw_statx *file, int procfs)
{
	struct raw_statx own;
	int ret = look(procfs, "self/ns/mnt", 0, &own);

	if (ret < 0)
		return ret;
	return own.dev_major == file->dev_major && own.dev_minor == file->dev_minor;
}

/* The file of a namespace is opened without a side effect. */
static int is_mount_namespace(int tree, int procfs)
{
	char path[PROCFS_FD_PATH];
	int fd, ret;

	procfs_fd_path(tree, path);
	fd = raw_openat(procfs, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	ret = raw_ns_get_nstype(fd);
	raw_close(fd);
	return ret < 0 ? ret : ret == CLONE_NEWNS;
}

/* A path leads to what is mounted topmost, a descriptor perhaps to what lies below that. */
static int is_covered_file(int dfd, int procfs)
{
	char link[PROCFS_FD_PATH], path[PATH_MAX];
	struct raw_statx here, there;
	ssize_t len;
	int ret;

	procfs_fd_path(dfd, link);
	len = raw_readlinkat(procfs, link, path, sizeof(path));
	if (len <= 0 || len >= (ssize_t)sizeof(path) || *path != '/')
		return -EOPNOTSUPP;
	path[len] = '\0';
	ret = look(dfd, "", MNTCOMPAT_AT_EMPTY_PATH, &here);
	if (ret == 0)
		ret = look(AT_FDCWD, path, MNTCOMPAT_AT_SYMLINK_NOFOLLOW, &there);
	return ret < 0 ? ret : !same_mount(&here, &there);
}

static int look_at_file(int tree, int dfd, bool by_fd, const struct raw_statx *file)
{
	int procfs = procfs_find_root();
	int ret = procfs < 0 ? procfs : is_on_nsfs(file, procfs);

	if (ret == 1 && (ret = is_mount_namespace(tree, procfs)) == 1)
		ret = -EINVAL;
	else if (ret == 0 && by_fd && (ret = is_covered_file(dfd, procfs)) == 1)
		ret = -EOPNOTSUPP;
	if (procfs >= 0)
		raw_close(procfs);
	return ret < 0 && ret != -EINVAL && !raw_is_shortage(ret) ? -EOPNOTSUPP : ret;
}

int drop_look(int tree, int dfd, const char *path, unsigned int flags, struct drop_root *root)
{
	struct raw_statx here, up;
	int ret;

	if (!(flags & MNTCOMPAT_AT_RECURSIVE))
		return 0;
	ret = look(tree, "", MNTCOMPAT_AT_EMPTY_PATH, &here);
	if (ret < 0)
		return -EOPNOTSUPP;
	if (!S_ISDIR(here.mode))
		return look_at_file(tree, dfd, (flags & MNTCOMPAT_AT_EMPTY_PATH) && path && !*path,
				    &here);
	/*
	 * The parent of a tree's root is the root itself; the lookup ends on what is mounted there.
	 */
	ret = look(tree, "..", 0, &up);
	if (ret < 0 || !same_mount(&here, &up)) {
		debug_call("open_tree: something may be mounted on the root of the tree (%d)", ret);
		return -EOPNOTSUPP;
	}
	root->dev_major = here.dev_major;
	root->dev_minor = here.dev_minor;
	root->ino = here.ino;
	return 1;
}

struct drop_call {
	int nsfd;
	const struct drop_root *root;
	bool cloexec;
};

static int clone_root(const struct drop_call *call)
{
	struct raw_statx here;
	int ret = look(AT_FDCWD, "/", 0, &here);

	if (ret < 0)
		return ret;
	if (here.dev_major != call->root->dev_major || here.dev_minor != call->root->dev_minor ||
	    here.ino != call->root->ino)
		return -EOPNOTSUPP;
	return raw_open_tree(AT_FDCWD, "/",
			     MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_AT_RECURSIVE |
				     (call->cloexec ? MNTCOMPAT_OPEN_TREE_CLOEXEC : 0));
}

static int clone_task(void *arg)
{
	struct drop_call *call = arg;
	struct namespace_door door;
	struct namespace_name user;
	int ret = namespace_door_open(&door);

	/* Another owner's mounts would come back as slaves, and locked. */
	if (ret == 0) {
		ret = namespace_owner(&door, &user);
		if (ret == 0)
			ret = -EOPNOTSUPP;
		namespace_door_close(&door);
	}
	if (ret > 0)
		ret = raw_setns(call->nsfd, CLONE_NEWNS);
	/*
	 * Close it now, so that the result gets its number: the call needs no more free numbers
	 * than the kernel's.
	 */
	raw_close(call->nsfd);
	call->nsfd = -1;
	return ret < 0 ? ret : clone_root(call);
}

int drop_clone(int nsfd, const struct drop_root *root, bool cloexec)
{
	struct drop_call call = { nsfd, root, cloexec };
	int ret = helper_look(clone_task, &call);

	if (call.nsfd >= 0)
		raw_close(call.nsfd);
	return ret < 0 && !raw_is_shortage(ret) ? -EOPNOTSUPP : ret;
}
