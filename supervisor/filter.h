/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter.h - the seccomp filter that is made of the table of calls.
 * Touches nothing.
 */
#ifndef MNTCOMPAT_SUPERVISOR_FILTER_H
#define MNTCOMPAT_SUPERVISOR_FILTER_H

#include <stddef.h>

#include <linux/filter.h>

#define FILTER_ROOM 256

struct filter {
	size_t length;
	struct sock_filter code[FILTER_ROOM];
};

/* Of what this kernel lacks, and of what the supervisor has to know. 0, or -E2BIG. */
int filter_make(struct filter *filter);

#endif
