/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sys/stat.h - the C library's, with struct statx of <linux/stat.h> and our statx().
 * The C library's own declaration of statx() gets another name.
 */
#ifndef MNTCOMPAT_OVERLAY_SYS_STAT_H
#define MNTCOMPAT_OVERLAY_SYS_STAT_H
#pragma GCC system_header
#include "../mntcompat-overlay-base.h"

#if defined(__USE_GNU) || defined(_GNU_SOURCE)
#include <linux/stat.h>
#pragma push_macro("statx")
#pragma push_macro("statx_timestamp")
#undef statx
#undef statx_timestamp
#define statx mntcompat_overlay_libc_statx
#define statx_timestamp mntcompat_overlay_libc_statx_timestamp
#endif
/* glibc takes the kernel's masks for a sign that the structures are there too. */
#include_next <sys/stat.h>
#if defined(__USE_GNU) || defined(_GNU_SOURCE)
#pragma pop_macro("statx")
#pragma pop_macro("statx_timestamp")
#if !defined(MNTCOMPAT_OVERLAY_NO_FUNCTIONS) && !defined(MNTCOMPAT_OVERLAY_NO_STATX)
MNTCOMPAT_OVERLAY_BEGIN
extern int statx(int dfd, const char *__restrict path, int flags, unsigned int mask,
		 struct statx *__restrict buf) MNTCOMPAT_OVERLAY_IS(mntcompat_statx);
MNTCOMPAT_OVERLAY_END
#endif
#endif

#endif
