/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * failure.h - the end of the functions that stand in for no call of the kernel.
 * Touches the calling thread's errno.
 */
#ifndef MNTCOMPAT_LIB_FAILURE_H
#define MNTCOMPAT_LIB_FAILURE_H

#include <errno.h>

/*
 * failure - @ret as it is, and errno as well if it is -errno: every function of the library leaves
 * the reason of a failure there.
 */
static inline int failure(int ret)
{
	if (ret < 0)
		errno = -ret;
	return ret;
}

#endif
