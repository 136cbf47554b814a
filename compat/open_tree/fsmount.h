/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fsmount.h - the emulation of fsmount(FSMOUNT_NAMESPACE) (7.1): the new mount becomes "/" of an
 * empty namespace. Everything happens in helpers.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_FSMOUNT_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_FSMOUNT_H

#include <mntcompat.h>

/*
 * fsmount_emulate - @flags hold FSMOUNT_NAMESPACE. Checks in the kernel's order. *way receives the
 * way. An fd or -errno.
 */
int fsmount_emulate(int fs_fd, unsigned int flags, unsigned int attr_flags,
		    enum mntcompat_way *way);

#endif
