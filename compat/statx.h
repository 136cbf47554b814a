/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statx.h - statx with the library's mount id, where the kernel cannot return it.
 * Touches the caller's memory through usercopy.h only.
 */
#ifndef MNTCOMPAT_COMPAT_STATX_H
#define MNTCOMPAT_COMPAT_STATX_H

#include <stdbool.h>

#include <mntcompat.h>

/*
 * statx_ask - the kernel's own answer with 7.3's rules about paths: none at all with AT_EMPTY_PATH
 * (6.11). Passes the caller's pointers to the kernel. 0, or the kernel's -errno.
 */
int statx_ask(int dfd, const char *path, unsigned int flags, unsigned int mask,
	      struct mntcompat_statx *buf);

/*
 * statx_fix_id - replace the old id in an answer that a kernel before 6.8 has just written by the
 * library's id. False if the answer has no id, or if the kernel has unique ids.
 */
bool statx_fix_id(struct mntcompat_statx *buf);

/*
 * statx_emulate - the whole answer without the kernel's own STATX_MNT_ID_UNIQUE.
 * 0, the kernel's -errno, -ENOSYS (before 5.8 without procfs), -EOPNOTSUPP (the id is not known),
 * -ENOMEM.
 */
int statx_emulate(int dfd, const char *path, unsigned int flags, unsigned int mask,
		  struct mntcompat_statx *buf, enum mntcompat_way *way);

/*
 * statx_open - an O_PATH fd of the file that statx() with these arguments describes. -errno.
 */
int statx_open(int dfd, const char *path, unsigned int flags);

#endif
