/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * name_to_handle_at.h - file handles with the library's mount id, where the kernel cannot return
 * it.
 * Touches the caller's memory through usercopy.h only.
 */
#ifndef MNTCOMPAT_COMPAT_NAME_TO_HANDLE_AT_H
#define MNTCOMPAT_COMPAT_NAME_TO_HANDLE_AT_H

#include <mntcompat.h>

/*
 * name_to_handle_at_emulate - the call with AT_HANDLE_MNT_ID_UNIQUE in @flags, without the kernel's
 * own. 0, the kernel's -errno, -EFAULT, -EOPNOTSUPP, -ENOMEM.
 */
int name_to_handle_at_emulate(int dfd, const char *path, void *handle, void *mount_id, int flags,
			      enum mntcompat_way *way);

#endif
