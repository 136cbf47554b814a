/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * confine.h - the filter before a process that makes a call for a target: the calls that emulations
 * make, no others. Changes the calling process for good.
 */
#ifndef MNTCOMPAT_SUPERVISOR_CONFINE_H
#define MNTCOMPAT_SUPERVISOR_CONFINE_H

#include <stdbool.h>

/* The runtime libraries of sanitizers make further calls, and map terabytes. */
#ifdef __has_feature
#define CONFINE_HAS_FEATURE(x) __has_feature(x)
#else
#define CONFINE_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	CONFINE_HAS_FEATURE(address_sanitizer) || CONFINE_HAS_FEATURE(thread_sanitizer)
#define CONFINE_SANITIZED 1
#else
#define CONFINE_SANITIZED 0
#endif

/*
 * confine - from now on any other system call ends this process. Needs no_new_privs. 0, -errno.
 * @unshares: the process is to try unshare(2) with the target's own flags.
 */
int confine(bool unshares);
/* Once, in the process whose children call confine(), so that they do not have to. */
void confine_prepare(void);

#endif
