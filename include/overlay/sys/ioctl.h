/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sys/ioctl.h - the C library's, with an ioctl() that passes requests of <linux/nsfs.h> to the
 * library, and all other requests to the C library. The C library's own declaration gets another
 * name.
 */
#ifndef MNTCOMPAT_OVERLAY_SYS_IOCTL_H
#define MNTCOMPAT_OVERLAY_SYS_IOCTL_H
#pragma GCC system_header
#include "../mntcompat-overlay-base.h"

#if !defined(MNTCOMPAT_OVERLAY_NO_FUNCTIONS) && !defined(MNTCOMPAT_OVERLAY_NO_IOCTL)
#pragma push_macro("ioctl")
#undef ioctl
#define ioctl mntcompat_overlay_libc_ioctl
#include_next <sys/ioctl.h>
#pragma pop_macro("ioctl")
MNTCOMPAT_OVERLAY_BEGIN
/* With _TIME_BITS=64 on 32-bit machines glibc has another one. */
#ifdef __USE_TIME64_REDIRECTS
extern int ioctl(int fd, unsigned long request, ...)
	MNTCOMPAT_OVERLAY_IS(mntcompat_overlay_ioctl_time64);
#elif defined(__GLIBC__) && defined(__USE_TIME_BITS64) && __SIZEOF_LONG__ == 4
extern int ioctl(int fd, unsigned long request, ...)
	MNTCOMPAT_OVERLAY_IS(mntcompat_overlay_ioctl_time64);
#else
extern int ioctl(int fd, unsigned long request, ...) MNTCOMPAT_OVERLAY_IS(mntcompat_overlay_ioctl);
#endif
MNTCOMPAT_OVERLAY_END
#else
#include_next <sys/ioctl.h>
#endif

#endif
