/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mntcompat-overlay-base.h - what all headers of the overlay need.
 * Each of them stands in front of the system's header of the same name, includes that one, and adds what it lacks.
 * Included by the others of this directory only.
 */
#ifndef MNTCOMPAT_OVERLAY_BASE_H
#define MNTCOMPAT_OVERLAY_BASE_H
#pragma GCC system_header	/* the others too: #include_next and unnamed members are extensions */

#if __has_include(<linux/version.h>)
#include <linux/version.h>
#define MNTCOMPAT_OVERLAY_KERNEL LINUX_VERSION_CODE
#else
#define MNTCOMPAT_OVERLAY_KERNEL 0
#endif

/* Have the system's headers the structures as of this version? Then theirs are left alone: they may know more. */
#define MNTCOMPAT_OVERLAY_SINCE(major, minor) (MNTCOMPAT_OVERLAY_KERNEL >= ((major) << 16) + ((minor) << 8))

#if __has_include(<linux/types.h>)
#include <linux/types.h>
#else
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
__extension__ typedef unsigned long long __u64;
typedef int __s32;
__extension__ typedef long long __s64;
#endif

/*
 * A function of the system's name that is one of ours. No macro: names of members and local variables stay what they are,
 * the address can be taken, and the debugger shows what was written.
 */
#define MNTCOMPAT_OVERLAY_IS(symbol) __asm__(#symbol)

#ifdef __cplusplus
#define MNTCOMPAT_OVERLAY_BEGIN extern "C" {
#define MNTCOMPAT_OVERLAY_END }
#else
#define MNTCOMPAT_OVERLAY_BEGIN
#define MNTCOMPAT_OVERLAY_END
#endif

#endif
