// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ending.c - prints how a call was answered.
 * Writes to stderr through debug.h.
 */
#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "lib/ending.h"

void ending_tell(enum calls_id call, uint64_t flags, enum mntcompat_way way, long ret)
{
	debug_print("%s(flags=%#llx): %s, %s%ld", calls_describe(call)->name,
		    (unsigned long long)flags, mntcompat_way_name(way), ret < 0 ? "errno " : "",
		    ret < 0 ? -ret : ret);
}
