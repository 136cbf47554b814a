// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unshare.c - mntcompat_unshare(): chooses the way that answers a call.
 * Touches nothing itself.
 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/unshare.h"
#include "lib/ending.h"
#include "lib/mode.h"

/*
 * The kernel returns EPERM to a caller without CAP_SYS_ADMIN, and the emulation checks that too.
 * Any other EPERM is a filter's, which may allow the old flags only. Not with CLONE_NEWUSER, which
 * the kernel refuses for reasons of its own.
 */
static bool is_final(int ret, unsigned int flags)
{
	if (refusal_is(ret))
		return flags & CLONE_NEWUSER;
	return ret != -EINVAL && ret != -ENOSYS;
}

/*
 * A kernel that does not know the flag returns EINVAL and does nothing, and the emulation returns
 * it too if there is another reason; so no probe of the kernel is needed.
 */
static int unshare_empty(unsigned int flags, enum mntcompat_way *way)
{
	int ret;

	if (mode_get() == MNTCOMPAT_MODE_AUTO) {
		*way = MNTCOMPAT_WAY_NATIVE;
		ret = raw_unshare(flags);
		if (is_final(ret, flags))
			return ret;
	}
	*way = MNTCOMPAT_WAY_TEMPLATE;
	return calls_documented(CALLS_unshare, unshare_emulate(flags));
}

int mntcompat_unshare(unsigned int flags)
{
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret;

	if (mode_get() == MNTCOMPAT_MODE_NATIVE || !(flags & MNTCOMPAT_UNSHARE_EMPTY_MNTNS))
		ret = raw_unshare(flags);
	else
		ret = unshare_empty(flags, &way);
	return (int)ending(CALLS_unshare, flags, way, ret);
}
