// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unshare.c - mntcompat_unshare(): the whole policy of which way a call goes.
 * Touches nothing itself. Called by programs.
 */
#include <errno.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/unshare.h"
#include "lib/mode.h"

/* Whatever an emulation step or a filter said, only documented errnos leave. */
static int documented(int ret)
{
	switch (ret) {
	case -EINVAL: case -EPERM: case -ENOSPC: case -EUSERS: case -ENOMEM: case -EMFILE: case -ENFILE:
	case -ENOSYS: case -EOPNOTSUPP:
		return ret;
	default:
		return ret < 0 ? -ENOSYS : ret;
	}
}

/*
 * A kernel that does not know the flag says EINVAL and does nothing, and the emulation says it too where the
 * reason is another one; so no question about the kernel is needed.
 */
static int unshare_empty(unsigned int flags, enum mntcompat_way *way)
{
	int ret;

	if (mode_get() == MNTCOMPAT_MODE_AUTO) {
		*way = MNTCOMPAT_WAY_NATIVE;
		ret = raw_unshare(flags);
		if (ret != -EINVAL && ret != -ENOSYS)
			return ret;
	}
	*way = MNTCOMPAT_WAY_TEMPLATE;
	return documented(unshare_emulate(flags));
}

int mntcompat_unshare(unsigned int flags)
{
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret;

	if (mode_get() == MNTCOMPAT_MODE_NATIVE || !(flags & MNTCOMPAT_UNSHARE_EMPTY_MNTNS))
		ret = raw_unshare(flags);
	else
		ret = unshare_empty(flags, &way);
	mode_set_way(way);
	debug_call("unshare(flags=%#x): %s, errno %d", flags, mntcompat_way_name(way), -ret);
	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	return 0;
}
