/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ours.h - which of a program's calls are the library's to answer; all others are libc's as they are.
 * Looks at registers only, never at memory. Called by the functions that stand before libc's.
 */
#ifndef MNTCOMPAT_PRELOAD_OURS_H
#define MNTCOMPAT_PRELOAD_OURS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

/* May a system call of this number be ours? */
static inline bool ours_is_number(long nr)
{
	switch (nr) {
	case SYS_ioctl:
	case SYS_unshare:
	case SYS_name_to_handle_at:
	case SYS_statx:
	case UAPI_NR_open_tree:
	case UAPI_NR_move_mount:
	case UAPI_NR_fsmount:
	case UAPI_NR_clone3:
	case UAPI_NR_mount_setattr:
	case UAPI_NR_statmount:
	case UAPI_NR_listmount:
	case UAPI_NR_open_tree_attr:
	case UAPI_NR_listns:
		return true;
	}
	return false;
}

/* May it be an ioctl of ours? The kernel looks at 32 bits; where libc has an int, the others are anything. */
static inline bool ours_is_ioctl(unsigned long request)
{
	return (request >> 8 & 0xff) == UAPI_NSFS_IOCTL;
}

static inline bool ours_is_statx(unsigned int mask)
{
	return mask & (MNTCOMPAT_STATX_MNT_ID | MNTCOMPAT_STATX_MNT_ID_UNIQUE);
}

static inline bool ours_is_handle(int flags)
{
	return flags & MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE;
}

/* The kernel looks at all of the register, and has no flag above the 32nd bit. */
static inline bool ours_is_unshare(unsigned long flags)
{
	return (flags & MNTCOMPAT_UNSHARE_EMPTY_MNTNS) && flags <= UINT32_MAX;
}

static inline bool ours_is_open_tree(unsigned int flags)
{
	return flags & MNTCOMPAT_OPEN_TREE_NAMESPACE;
}

static inline bool ours_is_fsmount(unsigned int flags)
{
	return flags & MNTCOMPAT_FSMOUNT_NAMESPACE;
}

/*
 * ours_ioctl - answer an ioctl for which ours_is_ioctl() is true; false if it is nobody's but the kernel's.
 * @ret: as ioctl(2) returns
 */
bool ours_ioctl(int fd, unsigned long request, void *arg, int *ret) __attribute__((visibility("hidden")));

#endif
