/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ending.h - the end of every call: remember the way, print a debug line, and turn -errno into
 * errno.
 * Touches the calling thread's errno and last way.
 */
#ifndef MNTCOMPAT_LIB_ENDING_H
#define MNTCOMPAT_LIB_ENDING_H

#include <errno.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/debug.h"
#include "lib/mode.h"

/* ending_tell - the line for MNTCOMPAT_DEBUG. */
void ending_tell(enum calls_id call, uint64_t flags, enum mntcompat_way way, long ret);

/*
 * ending - @ret, the result of the call by @way: a number that is not negative, or -errno. @flags
 * are for the debug line.
 * Returns @ret, or -1 with errno.
 */
static inline long ending(enum calls_id call, uint64_t flags, enum mntcompat_way way, long ret)
{
	mode_set_way(way);
	if (debug_at(1))
		ending_tell(call, flags, way, ret);
	if (ret < 0) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}

#endif
