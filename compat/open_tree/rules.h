/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rules.h - the rules of Linux 7.3 for the mounts below a directory of which a kernel of 7.0 to 7.2
 * has made a namespace. Reads the caller's mounts; what it makes are a helper's own mounts.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_RULES_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_RULES_H

/*
 * open_tree_needs_rules - 1 if 7.3 may have answered differently from the 7.0 to 7.2 kernel that
 * made a namespace of this directory: it leaves out mounts for a caller that does not own its mount
 * namespace, all below without AT_RECURSIVE, unbindable ones with it. Else 0, or -errno. Later
 * kernels of 7.2 have these rules themselves.
 */
int open_tree_needs_rules(int dfd, const char *path, unsigned int flags);

#endif
