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

/*
 * open_tree_needs_rules - 1 if 7.3 may have answered differently from the 7.0 to 7.2 kernel that
 * made a namespace of this directory: it leaves out mounts for a caller that does not own its mount
 * namespace, all below without AT_RECURSIVE, unbindable ones with it. Else 0, or -errno.
 */
int open_tree_needs_rules(int dfd, const char *path, unsigned int flags);

#endif
