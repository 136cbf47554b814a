/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * open_tree.h - open_tree() without errno, for the other functions of the library that open trees.
 * Touches nothing of its own.
 */
#ifndef MNTCOMPAT_LIB_OPEN_TREE_H
#define MNTCOMPAT_LIB_OPEN_TREE_H

#include <mntcompat.h>

/* mntcompat_open_tree() by whichever way there is, returned in *way: the fd or -errno. */
int open_tree_choose(int dfd, const char *path, unsigned int flags, enum mntcompat_way *way);

#endif
