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
#include "compat/open_tree/open_tree.h"
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

int open_tree_choose(int dfd, const char *path, unsigned int flags, enum mntcompat_way *way)
{
	bool native = mode_get() == MNTCOMPAT_MODE_NATIVE;
	int ret;

	*way = MNTCOMPAT_WAY_NATIVE;
	if (!native && (flags & MNTCOMPAT_OPEN_TREE_NAMESPACE))
		return calls_documented(CALLS_open_tree,
					open_tree_namespace(dfd, path, flags, way));
	ret = raw_open_tree(dfd, path, flags);
	/* EINVAL may be for a detached tree on a kernel older than 6.15. */
	if (!native && ret == -EINVAL && (flags & MNTCOMPAT_OPEN_TREE_CLONE))
		ret = detached_clone_refusal(dfd, path, flags);
	return ret;
}

/* Apart, so that the call which needs none of this has no frame of its own. */
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
