/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dispatch.h - the library's answer to a call, in the process that has become the target.
 * Calls the library.
 */
#ifndef MNTCOMPAT_SUPERVISOR_DISPATCH_H
#define MNTCOMPAT_SUPERVISOR_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compat/kernel/calls.h"
#include "supervisor/kernel.h"

/* Arguments as the library gets them; @written are bytes to bring back, by argument. */
struct call_run {
	uint64_t args[CALLS_ARGUMENTS];
	size_t written[CALLS_ARGUMENTS];
	bool is_like;	      /* statx: only like the requested file, on the same mount */
	bool leave_to_kernel; /* the library adds nothing to the kernel's own answer */
	/*
	 * A file that the path did not lead to: if it does when the call is made, somebody has
	 * swapped a link meanwhile, to get at what this process alone may see. Or NULL.
	 */
	const struct kernel_place *closed;
};

/* dispatch - make the call of @row. Returns -1 with errno, as the stand-ins do. */
int64_t dispatch(const struct calls_row *row, struct call_run *run);

#endif
