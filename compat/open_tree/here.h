/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * here.h - makes a mount namespace of a directory by the calling task itself, which is in it
 * afterwards: no helper. Changes the calling task's mount namespace, root and cwd, which is its
 * purpose.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_HERE_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_HERE_H

/*
 * open_tree_here - @flags: AT_*, of the lookup, and AT_RECURSIVE. 0: the caller is in the new
 * namespace. OPEN_TREE_NEXT_WAY: the caller is where it was, and it has to be done in another way,
 * which also finds out the error. -ENOTRECOVERABLE: the caller is in a namespace that is not
 * finished, and the kernel does not let it back.
 *
 * Only for a process that nothing shares its memory with: another thread would see files of the
 * library come and go, and could take them away. And only for a caller whose user namespace owns
 * its mount namespace, with CAP_SYS_CHROOT: any other could not come back.
 */
int open_tree_here(int dfd, const char *path, unsigned int flags);

#endif
