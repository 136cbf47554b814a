/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unistd.h - the C library's, with a syscall() that passes the system calls of mntcompat(7) to the
 * library, and all other numbers to the C library. The C library's own declaration gets another
 * name. MNTCOMPAT_OVERLAY_NO_SYSCALL leaves syscall() to the C library.
 */
#ifndef MNTCOMPAT_OVERLAY_UNISTD_H
#define MNTCOMPAT_OVERLAY_UNISTD_H
#pragma GCC system_header
#include "mntcompat-overlay-base.h"

#ifndef MNTCOMPAT_OVERLAY_NO_SYSCALL
#pragma push_macro("syscall")
#undef syscall
#define syscall mntcompat_overlay_libc_syscall
#include_next <unistd.h>
#pragma pop_macro("syscall")
#if defined(__USE_MISC) || defined(_GNU_SOURCE) || defined(_BSD_SOURCE)
MNTCOMPAT_OVERLAY_BEGIN
extern long syscall(long number, ...) MNTCOMPAT_OVERLAY_IS(mntcompat_overlay_syscall);
MNTCOMPAT_OVERLAY_END
#endif
#else
#include_next <unistd.h>
#endif

#endif
