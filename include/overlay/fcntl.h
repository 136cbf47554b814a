/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fcntl.h - the C library's, with the flags of name_to_handle_at(2) and our function.
 * The C library's own declaration of that function gets another name.
 */
#ifndef MNTCOMPAT_OVERLAY_FCNTL_H
#define MNTCOMPAT_OVERLAY_FCNTL_H
#pragma GCC system_header
#include "mntcompat-overlay-base.h"

#pragma push_macro("name_to_handle_at")
#undef name_to_handle_at
#if !defined(MNTCOMPAT_OVERLAY_NO_FUNCTIONS) && !defined(MNTCOMPAT_OVERLAY_NO_NAME_TO_HANDLE_AT)
#define name_to_handle_at mntcompat_overlay_libc_name_to_handle_at
#endif
#include_next <fcntl.h>
#pragma pop_macro("name_to_handle_at")

#if defined(__USE_GNU) || defined(_GNU_SOURCE)
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
#if !defined(MNTCOMPAT_OVERLAY_NO_FUNCTIONS) && !defined(MNTCOMPAT_OVERLAY_NO_NAME_TO_HANDLE_AT)
MNTCOMPAT_OVERLAY_BEGIN
extern int name_to_handle_at(int dfd, const char *path, struct file_handle *handle, int *mount_id,
			     int flags) MNTCOMPAT_OVERLAY_IS(mntcompat_name_to_handle_at);
MNTCOMPAT_OVERLAY_END
#endif
#endif

#endif
