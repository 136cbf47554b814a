/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * refusal.h - what becomes of EPERM and EACCES that a step of an emulation returned.
 * Touches nothing. For every emulation, after it has checked the privilege that the emulated call
 * itself asks for.
 *
 * A caller reads both as the kernel's answer about its privilege or about the path that it named.
 * A step that the kernel allows to such a caller fails with them only if a system call filter or a
 * security module refused it: then the next way is tried, and EOPNOTSUPP is returned if there is
 * none.
 */
#ifndef MNTCOMPAT_COMPAT_KERNEL_REFUSAL_H
#define MNTCOMPAT_COMPAT_KERNEL_REFUSAL_H

#include <errno.h>
#include <stdbool.h>

/* True if a filter or a security module may have refused the step that returned @ret. */
static inline bool refusal_is(long ret)
{
	return ret == -EPERM || ret == -EACCES;
}

/* The same for steps of which there is another kind: also true if a filter hides the call. */
static inline bool refusal_has_next(long ret)
{
	return refusal_is(ret) || ret == -ENOSYS;
}

/* The return value of the emulated call if a step returned @ret and no other way is left. */
static inline int refusal_of_step(int ret)
{
	return refusal_is(ret) ? -EOPNOTSUPP : ret;
}

#endif
