// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open_tree_attr.c - mntcompat_open_tree_attr(): chooses the way that answers a call.
 * Touches nothing itself.
 */
#include <errno.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/open_tree_attr.h"
#include "lib/ending.h"
#include "lib/mode.h"
#include "lib/open_tree.h"

static bool is_final(int ret)
{
	if (!refusal_has_next(ret))
		return true;
	return feature_probe(FEATURE_OPEN_TREE_ATTR) == FEATURE_PRESENT;
}

/* Makes the namespace by whichever way there is; then checks the attributes. */
static int open_tree_namespace(int dfd, const char *path, unsigned int flags,
			       const struct mntcompat_mount_attr *attr, size_t size,
			       enum mntcompat_way *way)
{
	int fd = open_tree_choose(dfd, path, flags, way);
	int ret = fd < 0 ? fd : open_tree_attr_refuse(fd, attr, size);

	if (ret < 0 && fd >= 0)
		raw_close(fd);
	return ret < 0 ? ret : fd;
}

static int by_two_calls(int dfd, const char *path, unsigned int flags,
			const struct mntcompat_mount_attr *attr, size_t size,
			enum mntcompat_way *way)
{
	int fd = open_tree_choose(dfd, path, flags, way);
	int ret = fd < 0 ? fd : open_tree_attr_set(fd, flags, attr, size);

	*way = MNTCOMPAT_WAY_MOUNT_SETATTR;
	if (ret < 0 && fd >= 0)
		raw_close(fd);
	return ret < 0 ? ret : fd;
}

static int open_tree_attr(int dfd, const char *path, unsigned int flags,
			  const struct mntcompat_mount_attr *attr, size_t size,
			  enum mntcompat_way *way)
{
	const unsigned int drop = MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS;
	int ret;

	*way = MNTCOMPAT_WAY_NONE;
	if (!attr && size)
		return -EINVAL;
	if (flags & MNTCOMPAT_OPEN_TREE_NAMESPACE)
		return open_tree_namespace(dfd, path, flags, attr, size, way);
	if ((flags & drop) == drop &&
	    feature_probe(FEATURE_OPEN_TREE_DROP_MNTNS_MOUNTS) != FEATURE_PRESENT)
		return by_two_calls(dfd, path, flags, attr, size, way);
	/*
	 * A clone of the mount itself: before 6.19 the kernel changes it and then finds that no fd
	 * is free. By two calls the fd comes first, on every kernel.
	 */
	if ((flags & MNTCOMPAT_OPEN_TREE_CLONE) && mode_get() == MNTCOMPAT_MODE_AUTO &&
	    !feature_known_absent(FEATURE_OPEN_TREE_ATTR)) {
		*way = MNTCOMPAT_WAY_NATIVE;
		ret = raw_open_tree_attr(dfd, path, flags, attr, size);
		if (is_final(ret))
			return ret;
	}
	return open_tree_attr_emulate(dfd, path, flags, attr, size, way);
}

int mntcompat_open_tree_attr(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size)
{
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int saved = errno, ret;

	if (mode_get() == MNTCOMPAT_MODE_NATIVE)
		ret = raw_open_tree_attr(dfd, path, flags, attr, size);
	else if (!attr && !size)
		ret = open_tree_choose(dfd, path, flags, &way);
	else
		ret = calls_documented(CALLS_open_tree_attr,
				       open_tree_attr(dfd, path, flags, attr, size, &way));
	errno = saved;
	return (int)ending(CALLS_open_tree_attr, flags, way, ret);
}
