/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fork-with.h - fork(2) with flags of clone(2), past the C library: nothing that it does for a
 * child is done. Includes libc headers only. Included by the tests of several folders.
 */
#ifndef TESTS_FORK_WITH_H
#define TESTS_FORK_WITH_H

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static inline pid_t fork_with(unsigned long flags)
{
#ifdef __s390__
	/* The stack is the first argument there. */
	return (pid_t)syscall(SYS_clone, 0ul, flags, 0ul, 0ul, 0ul);
#else
	return (pid_t)syscall(SYS_clone, flags, 0ul, 0ul, 0ul, 0ul);
#endif
}

#endif
