// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * move_mount.c - mntcompat_move_mount(): the kernel's call, and an honest refusal where it is too
 * old. Touches nothing itself.
 */
#include <errno.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/move_mount.h"
#include "lib/ending.h"
#include "lib/mode.h"

#define NEW_FLAGS (MNTCOMPAT_MOVE_MOUNT_BENEATH | MNTCOMPAT_MOVE_MOUNT_SET_GROUP)

int mntcompat_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
			 unsigned int flags)
{
	enum mntcompat_mode mode = mode_get();
	int ret = 0;

	if (mode != MNTCOMPAT_MODE_NATIVE && (flags & MNTCOMPAT_MOVE_MOUNT_SET_GROUP))
		ret = move_mount_unbindable(from_dfd, from, to_dfd, to, flags);
	if (ret < 0)
		return (int)ending(CALLS_move_mount, flags, MNTCOMPAT_WAY_NATIVE, ret);
	/*
	 * Without privilege the kernel always returns EPERM; with an unknown flag it checks nothing
	 * else.
	 */
	if (mode == MNTCOMPAT_MODE_EMULATE && (flags & NEW_FLAGS)) {
		ret = raw_move_mount(-1, "", -1, "", UAPI_MOVE_MOUNT_UNKNOWN);
		if (ret == -EINVAL)
			ret = move_mount_refusal(from_dfd, from, to_dfd, to, flags, 1);
	} else {
		ret = raw_move_mount(from_dfd, from, to_dfd, to, flags);
		if (ret == -EINVAL && mode != MNTCOMPAT_MODE_NATIVE)
			ret = move_mount_refusal(from_dfd, from, to_dfd, to, flags, 0);
	}
	return (int)ending(CALLS_move_mount, flags, MNTCOMPAT_WAY_NATIVE, ret);
}
