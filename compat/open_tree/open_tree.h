/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * open_tree.h - the emulation of open_tree(OPEN_TREE_NAMESPACE): lookup, checks, and the ways one
 * after the other. Opens and closes fds; everything else happens in helpers.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_OPEN_TREE_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_OPEN_TREE_H

#include <mntcompat.h>

/*
 * open_tree_emulate - OPEN_TREE_NAMESPACE without the kernel's. @flags hold
 * it. Checks in the kernel's order: a free fd, flags, privilege, path, directory, limits, source.
 * *way receives the way. Returns an fd or -errno.
 */
int open_tree_emulate(int dfd, const char *path, unsigned int flags, enum mntcompat_way *way);

#endif
