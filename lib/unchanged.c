// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unchanged.c - answers that differ for unmodified programs: EOPNOTSUPP becomes ENOSYS where the
 * kernel lacks the call. Touches nothing itself.
 */
#include <errno.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "lib/mode.h"
#include "lib/unchanged.h"

static bool lacks(enum feature_id id)
{
	switch (mode_get()) {
	case MNTCOMPAT_MODE_NATIVE:
		return false;
	case MNTCOMPAT_MODE_EMULATE:
		return true;
	default:
		return feature_probe(id) != FEATURE_PRESENT;
	}
}

/* The library's answer, but ENOSYS instead of EOPNOTSUPP where the kernel lacks the call. */
static int answered(int ret, enum feature_id id)
{
	if (ret < 0 && errno == EOPNOTSUPP) {
		errno = lacks(id) ? ENOSYS : EOPNOTSUPP;
		debug_call("refused: the caller sees errno %d", errno);
	}
	return ret;
}

int unchanged_mount_setattr(int dfd, const char *path, unsigned int flags,
			    const struct mntcompat_mount_attr *attr, size_t size)
{
	if (unchanged_asks_mount_setattr(path, flags, attr, size) && lacks(FEATURE_MOUNT_SETATTR)) {
		debug_call("mount_setattr: it is asked whether all of it is there, errno %d",
			   ENOSYS);
		errno = ENOSYS;
		return -1;
	}
	return answered(mntcompat_mount_setattr(dfd, path, flags, attr, size),
			FEATURE_MOUNT_SETATTR);
}

int unchanged_open_tree_attr(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size)
{
	return answered(mntcompat_open_tree_attr(dfd, path, flags, attr, size),
			FEATURE_OPEN_TREE_ATTR);
}
