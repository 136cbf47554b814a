// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fsmount.c - mntcompat_fsmount(): chooses the way that answers a call.
 * Touches nothing itself.
 */
#include <errno.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/open_tree/fsmount.h"
#include "lib/ending.h"
#include "lib/mode.h"

/* True if the kernel itself answered; false for an unknown flag or a system call filter. */
static bool is_final(int ret)
{
	if (ret != -EINVAL && !refusal_has_next(ret))
		return true;
	return feature_probe(FEATURE_FSMOUNT_NAMESPACE) == FEATURE_PRESENT;
}

static int fsmount_namespace(int fs_fd, unsigned int flags, unsigned int attr_flags,
			     enum mntcompat_way *way)
{
	int fd;

	if (mode_get() == MNTCOMPAT_MODE_AUTO && !feature_known_absent(FEATURE_FSMOUNT_NAMESPACE)) {
		*way = MNTCOMPAT_WAY_NATIVE;
		fd = raw_fsmount(fs_fd, flags, attr_flags);
		if (is_final(fd))
			return fd;
	}
	return calls_documented(CALLS_fsmount, fsmount_emulate(fs_fd, flags, attr_flags, way));
}

int mntcompat_fsmount(int fs_fd, unsigned int flags, unsigned int attr_flags)
{
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret;

	if (mode_get() == MNTCOMPAT_MODE_NATIVE || !(flags & MNTCOMPAT_FSMOUNT_NAMESPACE))
		ret = raw_fsmount(fs_fd, flags, attr_flags);
	else
		ret = fsmount_namespace(fs_fd, flags, attr_flags, &way);
	return (int)ending(CALLS_fsmount, flags, way, ret);
}
