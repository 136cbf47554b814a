// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open_tree.c - mntcompat_open_tree(): chooses the way that answers a call.
 * Touches nothing itself.
 */
#include <errno.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/open_tree/detached.h"
#include "compat/open_tree/drop.h"
#include "compat/open_tree/open_tree.h"
#include "compat/open_tree/rules.h"
#include "lib/ending.h"
#include "lib/mode.h"
#include "lib/open_tree.h"

/*
 * The rules of 7.3 on a 7.0 to 7.2 kernel that has just made a namespace: 7.3 refuses a file, and
 * does not leave out mounts below (children, or unbindable ones) for a caller that must not see the
 * places that they cover. Where there are such mounts, the emulation decides.
 */
static int apply_rules(int fd, int dfd, const char *path, unsigned int flags,
		       enum mntcompat_way *way)
{
	struct raw_statx stx;
	unsigned int lookup = MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_SYMLINK_NOFOLLOW |
			      MNTCOMPAT_AT_NO_AUTOMOUNT;
	int ret = raw_statx(dfd, path, (flags & lookup) | UAPI_AT_STATX_DONT_SYNC, 0, &stx);

	if (ret == 0 && stx.mask & UAPI_STATX_TYPE && !S_ISDIR(stx.mode))
		ret = -ENOTDIR;
	else
		ret = open_tree_needs_rules(dfd, path, flags);
	if (ret == 0)
		return fd;
	raw_close(fd);
	return ret < 0 ? ret : open_tree_emulate(dfd, path, flags, way);
}

/* True if the kernel itself refused; false if it does not know the flag, or a filter refused. */
static bool kernel_has_it(int ret)
{
	switch (ret) {
	case -EMFILE:
	case -ENFILE:
	case -EFAULT:
	case -ENAMETOOLONG:
	case -ENOENT:
	case -EBADF:
	case -ENOTDIR:
	case -ELOOP:
	case -ENOSPC:
	case -ENOMEM:
		return true;
	}
	/* If that is not known now, the emulation finds out why. */
	return feature_probe(FEATURE_OPEN_TREE_NAMESPACE) == FEATURE_PRESENT;
}

static int open_tree_namespace(int dfd, const char *path, unsigned int flags,
			       enum mntcompat_way *way)
{
	int fd;

	if (mode_get() == MNTCOMPAT_MODE_AUTO &&
	    !feature_known_absent(FEATURE_OPEN_TREE_NAMESPACE)) {
		*way = MNTCOMPAT_WAY_NATIVE;
		fd = raw_open_tree(dfd, path, flags);
		if (fd >= 0 && feature_known_absent(FEATURE_OPEN_TREE_NAMESPACE_LAX))
			return fd;
		if (fd >= 0)
			return feature_probe(FEATURE_OPEN_TREE_NAMESPACE_LAX) == FEATURE_ABSENT ?
				       fd :
				       apply_rules(fd, dfd, path, flags, way);
		if (kernel_has_it(fd))
			return fd;
	}
	*way = MNTCOMPAT_WAY_NONE;
	return open_tree_emulate(dfd, path, flags, way);
}

static int open_tree_clone(int dfd, const char *path, unsigned int flags)
{
	int ret = raw_open_tree(dfd, path, flags);

	/* EINVAL may be for a detached tree on a kernel older than 6.15. */
	return ret == -EINVAL ? detached_clone_refusal(dfd, path, flags) : ret;
}

/*
 * OPEN_TREE_CLONE | OPEN_TREE_DROP_MNTNS_MOUNTS. The clone without the second flag has the kernel's
 * errors, and is the answer if nothing can be left out of it.
 */
static int open_tree_drop(int dfd, const char *path, unsigned int flags, enum mntcompat_way *way)
{
	struct drop_root root;
	int fd, ret;

	if (mode_get() == MNTCOMPAT_MODE_AUTO &&
	    feature_probe(FEATURE_OPEN_TREE_DROP_MNTNS_MOUNTS) == FEATURE_PRESENT)
		return raw_open_tree(dfd, path, flags);
	flags &= ~MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS;
	fd = open_tree_clone(dfd, path, flags);
	if (fd < 0)
		return fd;
	ret = drop_look(fd, dfd, path, flags, &root);
	if (ret == 0)
		return fd;
	raw_close(fd);
	*way = MNTCOMPAT_WAY_NONE;
	if (ret < 0)
		return ret;
	fd = open_tree_namespace(dfd, path,
				 (flags & ~MNTCOMPAT_OPEN_TREE_CLONE) |
					 MNTCOMPAT_OPEN_TREE_NAMESPACE |
					 MNTCOMPAT_OPEN_TREE_CLOEXEC,
				 way);
	*way = MNTCOMPAT_WAY_SCRATCH;
	if (fd < 0)
		return raw_is_shortage(fd) ? fd : -EOPNOTSUPP;
	return drop_clone(fd, &root, flags & MNTCOMPAT_OPEN_TREE_CLOEXEC);
}

int open_tree_choose(int dfd, const char *path, unsigned int flags, enum mntcompat_way *way)
{
	const unsigned int drop = MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS;

	*way = MNTCOMPAT_WAY_NATIVE;
	if (mode_get() == MNTCOMPAT_MODE_NATIVE)
		return raw_open_tree(dfd, path, flags);
	/* A new mount namespace never has these files. */
	if (flags & MNTCOMPAT_OPEN_TREE_NAMESPACE)
		return calls_documented(CALLS_open_tree,
					open_tree_namespace(dfd, path, flags & ~drop, way));
	if ((flags & drop) && (flags & MNTCOMPAT_OPEN_TREE_CLONE))
		return calls_documented(CALLS_open_tree, open_tree_drop(dfd, path, flags, way));
	if (flags & MNTCOMPAT_OPEN_TREE_CLONE)
		return open_tree_clone(dfd, path, flags);
	return raw_open_tree(dfd, path, flags);
}

/* A function of its own, so that a call which needs none of this has no stack frame for it. */
static __attribute__((noinline)) int open_tree_by_policy(int dfd, const char *path,
							 unsigned int flags)
{
	enum mntcompat_way way;
	int ret = open_tree_choose(dfd, path, flags, &way);

	return (int)ending(CALLS_open_tree, flags, way, ret);
}

int mntcompat_open_tree(int dfd, const char *path, unsigned int flags)
{
	bool direct = mode_get() == MNTCOMPAT_MODE_NATIVE ||
		      !(flags & (MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLONE));

	if (!direct || raw_get_kernel() != RAW_KERNEL_ANY || debug_at(1))
		return open_tree_by_policy(dfd, path, flags);
	/* The program's own call, and nothing after it. */
	mode_set_way(MNTCOMPAT_WAY_NATIVE);
	return raw_open_tree_direct(dfd, path, flags);
}
