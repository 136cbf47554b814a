/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/fcntl.h - the system's, with the flags of name_to_handle_at(2) of Linux 7.3.
 * It only adds macros.
 */
#ifndef MNTCOMPAT_OVERLAY_LINUX_FCNTL_H
#define MNTCOMPAT_OVERLAY_LINUX_FCNTL_H
#pragma GCC system_header
#include "../mntcompat-overlay-base.h"

#if __has_include_next(<linux/fcntl.h>)
#include_next <linux/fcntl.h>
#endif

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000 /* Linux 5.2 */
#endif
#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200 /* Linux 6.5 */
#endif
#ifndef AT_HANDLE_MNT_ID_UNIQUE
#define AT_HANDLE_MNT_ID_UNIQUE 0x001 /* Linux 6.12 */
#endif
#ifndef AT_HANDLE_CONNECTABLE
#define AT_HANDLE_CONNECTABLE 0x002 /* Linux 6.13 */
#endif

#endif
