/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/sched.h - the system's, with the flags of unshare(2) and clone3(2) of Linux 7.3.
 * It only adds macros.
 */
#ifndef MNTCOMPAT_OVERLAY_LINUX_SCHED_H
#define MNTCOMPAT_OVERLAY_LINUX_SCHED_H
#pragma GCC system_header
#include "../mntcompat-overlay-base.h"

#if __has_include_next(<linux/sched.h>)
#include_next <linux/sched.h>
#endif

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080 /* Linux 5.6 */
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL /* Linux 5.5, clone3 only */
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL /* Linux 5.7, clone3 only */
#endif
#ifndef CLONE_EMPTY_MNTNS
#define CLONE_EMPTY_MNTNS (1ULL << 37) /* Linux 7.1, clone3 only */
#endif
#ifndef UNSHARE_EMPTY_MNTNS
#define UNSHARE_EMPTY_MNTNS 0x00100000 /* Linux 7.1 */
#endif

#endif
