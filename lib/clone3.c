// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * clone3.c - mntcompat_clone3(): chooses the way that answers a call.
 * Touches nothing itself.
 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/clone3.h"
#include "compat/kernel/calls.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "lib/ending.h"
#include "lib/mode.h"

/*
 * EPERM and EACCES may be a filter's; the emulation makes the same call without the new flag and
 * returns the kernel's answer to that. Not with CLONE_NEWUSER, which it does not take.
 */
static bool is_final(pid_t pid, uint64_t flags)
{
	if (refusal_is(pid))
		return flags & CLONE_NEWUSER;
	return pid != -EINVAL && pid != -ENOSYS;
}

/*
 * A kernel that does not know the flag returns EINVAL (or lacks clone3) and does nothing, and the
 * emulation returns EINVAL too if there is another reason; so no probe of the kernel is needed.
 */
static pid_t clone3_empty(const struct mntcompat_clone_args *user, size_t size,
			  const struct mntcompat_clone_args *args, enum mntcompat_way *way)
{
	pid_t pid;

	if (mode_get() == MNTCOMPAT_MODE_AUTO) {
		*way = MNTCOMPAT_WAY_NATIVE;
		pid = raw_clone3(user, size);
		if (is_final(pid, args->flags))
			return pid;
	}
	*way = MNTCOMPAT_WAY_TEMPLATE;
	return clone3_emulate(args, size);
}

pid_t mntcompat_clone3(const struct mntcompat_clone_args *user, size_t size)
{
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	struct mntcompat_clone_args args;
	int saved = errno;
	/*
	 * Checked in every mode: with some of them not even the kernel's own call could return from
	 * here.
	 */
	pid_t pid = clone3_read(user, size, &args);

	if (pid == 0 &&
	    (mode_get() == MNTCOMPAT_MODE_NATIVE || !(args.flags & MNTCOMPAT_CLONE_EMPTY_MNTNS)))
		pid = raw_clone3(user, size);
	else if (pid == 0)
		pid = clone3_empty(user, size, &args, &way);
	errno = saved;
	/* The child prints no debug line. */
	if (pid == 0)
		mode_set_way(way);
	return pid == 0 ? 0 : (pid_t)ending(CALLS_clone3, args.flags, way, pid);
}
