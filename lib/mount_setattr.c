// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mount_setattr.c - mntcompat_mount_setattr(): chooses the way that answers a call.
 * Touches nothing itself.
 */
#include <errno.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/mount_setattr.h"
#include "lib/ending.h"
#include "lib/mode.h"

/* True if the kernel itself answered; false if a filter may have. */
static bool is_final(int ret)
{
	if (!refusal_has_next(ret))
		return true;
	return feature_probe(FEATURE_MOUNT_SETATTR) == FEATURE_PRESENT;
}

static int mount_setattr(int dfd, const char *path, unsigned int flags,
			 const struct mntcompat_mount_attr *attr, size_t size,
			 enum mntcompat_way *way)
{
	int ret;

	if (mode_get() == MNTCOMPAT_MODE_AUTO && !feature_known_absent(FEATURE_MOUNT_SETATTR)) {
		*way = MNTCOMPAT_WAY_NATIVE;
		ret = raw_mount_setattr(dfd, path, flags, attr, size);
		if (is_final(ret))
			return calls_documented(CALLS_mount_setattr, ret);
	}
	*way = MNTCOMPAT_WAY_REMOUNT;
	return calls_documented(CALLS_mount_setattr,
				mount_setattr_emulate(dfd, path, flags, attr, size));
}

int mntcompat_mount_setattr(int dfd, const char *path, unsigned int flags,
			    const struct mntcompat_mount_attr *attr, size_t size)
{
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret;

	if (mode_get() == MNTCOMPAT_MODE_NATIVE)
		ret = raw_mount_setattr(dfd, path, flags, attr, size);
	else
		ret = mount_setattr(dfd, path, flags, attr, size, &way);
	return (int)ending(CALLS_mount_setattr, flags, way, ret);
}
