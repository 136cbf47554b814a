/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mntcompat-overlay-base.h - macros that all headers of the overlay need. Each header of the
 * overlay precedes the system's header of the same name in the include path, includes that one, and
 * adds the declarations that it lacks.
 */
#ifndef MNTCOMPAT_OVERLAY_BASE_H
#define MNTCOMPAT_OVERLAY_BASE_H
#pragma GCC system_header /* the others too: #include_next and unnamed members are extensions */

#if __has_include(<linux/version.h>)
#include <linux/version.h>
#define MNTCOMPAT_OVERLAY_KERNEL LINUX_VERSION_CODE
#else
#define MNTCOMPAT_OVERLAY_KERNEL 0
#endif

/*
 * True if the system's headers have the structures of this version or later, which are then used as
 * they are.
 */
#define MNTCOMPAT_OVERLAY_SINCE(major, minor) \
	(MNTCOMPAT_OVERLAY_KERNEL >= ((major) << 16) + ((minor) << 8))

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
 * Declares a function of the system's name whose symbol is one of ours. It is not a macro, so that
 * members and local variables of that name are not affected, its address can be taken, and a
 * debugger shows the name in the source.
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
