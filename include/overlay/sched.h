/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sched.h - the C library's, with the flags of unshare(2) and clone3(2) of Linux 7.3 and our
 * unshare(). The C library's own declaration of that function gets another name.
 */
#ifndef MNTCOMPAT_OVERLAY_SCHED_H
#define MNTCOMPAT_OVERLAY_SCHED_H
#pragma GCC system_header
#include "mntcompat-overlay-base.h"

#pragma push_macro("unshare")
#undef unshare
#if !defined(MNTCOMPAT_OVERLAY_NO_FUNCTIONS) && !defined(MNTCOMPAT_OVERLAY_NO_UNSHARE)
#define unshare mntcompat_overlay_libc_unshare
#endif
#include_next <sched.h>
#pragma pop_macro("unshare")

#if defined(__USE_GNU) || defined(_GNU_SOURCE)
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
#if !defined(MNTCOMPAT_OVERLAY_NO_FUNCTIONS) && !defined(MNTCOMPAT_OVERLAY_NO_UNSHARE)
MNTCOMPAT_OVERLAY_BEGIN
extern int unshare(int flags) MNTCOMPAT_OVERLAY_IS(mntcompat_unshare);
MNTCOMPAT_OVERLAY_END
#endif
#endif

#endif
