// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statx.c - mntcompat_statx(): chooses the way that answers a call.
 * Touches the caller's buffer only where the kernel has just written it, else through compat/.
 */
#include <errno.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/raw.h"
#include "compat/statx.h"
#include "lib/ending.h"
#include "lib/mode.h"

#define STATX_IDS (MNTCOMPAT_STATX_MNT_ID | MNTCOMPAT_STATX_MNT_ID_UNIQUE)

/* The kernel's own call; before 6.8 its answer gets the id of the library. */
static int statx_native_way(int dfd, const char *path, unsigned int flags, unsigned int mask,
			    struct mntcompat_statx *buf, enum mntcompat_way *way)
{
	int ret = statx_ask(dfd, path, flags, mask, buf);

	*way = MNTCOMPAT_WAY_NATIVE;
	if (ret < 0 || !(mask & STATX_IDS) || buf->stx_mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE)
		return ret;
	if (!(mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE) && buf->stx_mask & MNTCOMPAT_STATX_MNT_ID)
		return ret;
	if (mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE && statx_fix_id(buf)) {
		*way = MNTCOMPAT_WAY_OLD_ID;
		return 0;
	}
	/* Before 5.8 the kernel returns no id at all. */
	return statx_emulate(dfd, path, flags, mask, buf, way);
}

int mntcompat_statx(int dfd, const char *path, int flags, unsigned int mask,
		    struct mntcompat_statx *buf)
{
	enum mntcompat_mode mode = mode_get();
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret;

	if (mode == MNTCOMPAT_MODE_NATIVE)
		ret = raw_statx_whole(dfd, path, (unsigned int)flags, mask, buf);
	else if (mode == MNTCOMPAT_MODE_AUTO)
		ret = statx_native_way(dfd, path, (unsigned int)flags, mask, buf, &way);
	else
		ret = statx_emulate(dfd, path, (unsigned int)flags, mask, buf, &way);
	return (int)ending(CALLS_statx, (unsigned int)flags, way, ret);
}
