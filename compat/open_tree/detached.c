// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * detached.c - detached trees before Linux 6.15: tells EINVAL of an old kernel from a real error.
 * Opens and closes fds, in a table of a helper's own; moves nothing.
 */
#include <errno.h>
#include <string.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/open_tree/detached.h"
#include "compat/statmount/elsewhere.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/mounted.h"
#include "compat/task/helper.h"
#include "compat/task/lookup.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

#define CLONE_FLAGS \
	(MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_RECURSIVE | \
	 LOOKUP_FLAGS)

#define UNKNOWN (-ENODATA)

bool detached_is_mount_root(int fd)
{
	struct raw_statx stx;

	/* Before 5.8 the kernel does not show it: assume that it is. */
	return offline_statx(fd, &stx) < 0 || !(stx.mask & MNTCOMPAT_STATX_MNT_ID) ||
	       (stx.attributes & UAPI_STATX_ATTR_MOUNT_ROOT);
}

/*
 * A file has no "..", but the path that procfs shows begins at the top of its tree. 1 if something
 * is certainly above it, 0, UNKNOWN, or a shortage.
 */
static int is_file_below_another(int fd)
{
	static const char deleted[] = "/ (deleted)";
	char path[PROCFS_FD_PATH], link[16];
	int proc = procfs_open(".");
	ssize_t len;

	if (proc < 0)
		return raw_is_shortage(proc) ? proc : UNKNOWN;
	procfs_fd_path(fd, path);
	len = raw_readlinkat(proc, path, link, sizeof(link));
	raw_close(proc);
	if (len < 0)
		return UNKNOWN;
	/* The last may be a file with this name, or have been the top. */
	return len > 1 && link[0] == '/' &&
	       !((size_t)len == sizeof(deleted) - 1 && !memcmp(link, deleted, (size_t)len));
}

/*
 * The parent of a tree's root directory is that directory. Before 5.8 @fd may also be a directory
 * below it. 1, 0, UNKNOWN, or -EMFILE, -ENFILE, -ENOMEM.
 */
static int is_below_another(int fd)
{
	struct statmount_ids here, above;
	int ret, up;

	if (offline_is_directory(fd) == 0)
		return is_file_below_another(fd);
	up = offline_parent(fd);

	if (up < 0)
		return raw_is_shortage(up) ? up : UNKNOWN;
	if (statmount_fd_ids(fd, &here) < 0 || statmount_fd_ids(up, &above) < 0)
		ret = UNKNOWN;
	else
		ret = !statmount_same_mount(&here, &above) || !offline_same_file(fd, up);
	raw_close(up);
	return ret;
}

/* True if 7.3 may take what this kernel refuses: false once it clones detached trees. */
static bool kernel_is_old(void)
{
	return feature_probe(FEATURE_OPEN_TREE_ATTR) != FEATURE_PRESENT;
}

/* 1, also if that is not known; 0; or -EMFILE, -ENFILE, -ENOMEM. @not_own: see elsewhere.h. */
static int may_be_detached_root(int fd, bool not_own)
{
	int ret = detached_is_mount_root(fd) ? is_below_another(fd) : 1;

	if (ret == 0 || ret == UNKNOWN)
		return statmount_is_detached(fd, not_own);
	return ret < 0 ? ret : 0;
}

bool detached_is_root(int fd)
{
	return may_be_detached_root(fd, true) != 0;
}

bool detached_looks_like_root(int fd)
{
	return detached_is_mount_root(fd) && is_below_another(fd) <= 0 &&
	       statmount_is_mounted(fd, false) != 0;
}

bool detached_is_apart(int fd)
{
	int root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	struct statmount_ids here, top;
	bool ret;

	if (root < 0)
		return false;
	ret = statmount_fd_ids(fd, &here) == 0 && statmount_fd_ids(root, &top) == 0 &&
	      !statmount_same_mount(&here, &top) && is_below_another(fd) == 0;
	raw_close(root);
	return ret;
}

/* Unknown is not EINVAL. */
static int detached_source_refusal(int source)
{
	int ret = statmount_is_detached(source, false);

	if (ret == 0)
		return -EINVAL;
	if (raw_is_shortage(ret))
		return ret;
	debug_call("open_tree: cloning detached trees needs Linux 6.15, and cannot be emulated");
	return -EOPNOTSUPP;
}

struct clone_call {
	int dfd;
	const char *path;
	unsigned int flags;
};

static int refusal_task(void *arg)
{
	struct clone_call *call = arg;
	int source, ret;

	source = lookup_path(call->dfd, call->path, call->flags, false);
	if (source < 0)
		return source;
	ret = detached_source_refusal(source);
	raw_close(source);
	return ret;
}

int detached_refusal(int dfd, const char *path, unsigned int flags)
{
	struct clone_call call = { dfd, path, flags };
	int ret = helper_with_room(refusal_task, &call, &call.dfd);

	return ret == -ENOSYS ? -EOPNOTSUPP : ret;
}

int detached_clone_refusal(int dfd, const char *path, unsigned int flags)
{
	if ((flags & ~CLONE_FLAGS) || !(flags & MNTCOMPAT_OPEN_TREE_CLONE) || !kernel_is_old())
		return -EINVAL;
	return detached_refusal(dfd, path, flags & LOOKUP_FLAGS);
}

int detached_attaches(int from, int to)
{
	int ret, directory = kernel_is_old() ? offline_is_directory(from) : -1;

	if (directory < 0 || directory != offline_is_directory(to))
		return 0;
	ret = statmount_is_detached(to, false);
	return ret == 0 || raw_is_shortage(ret) ? ret : may_be_detached_root(from, false);
}
