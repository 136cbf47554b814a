/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * detached.h - detached trees before Linux 6.15, which cannot be cloned, nor can anything be
 * attached to them. Opens and closes fds; moves nothing.
 *
 * Why none of it is emulated (tried on 5.10, 6.1 and 6.12):
 *
 * A mount is cloned, and has mounts attached to it, only in the mount namespace of the caller, and
 * no task can be in that of a detached tree: it has no file. So the tree itself would have to be
 * attached, in a scratch namespace, and that cannot be undone: a mount that was attached once is
 * never detached again, only unmounted, and the kernel refuses unmounted mounts everywhere. Other
 * holders of the tree's fd would find that move_mount(2) of it fails, that it lives no longer than
 * the scratch namespace, and that its namespace is another. A clone of it, made there and put in
 * its place under the same number (as mntcompat_open_tree_attr() does with a tree that nobody else
 * has yet), is another mount, with another id, and duplicates of the fd still lead to the first
 * one.
 *
 * An equal clone made of another mount of the same superblock: most of the properties to copy
 * cannot be seen (which mounts are below, who the peers are, whether it is id-mapped or
 * unbindable), and a new filesystem has no other mount.
 *
 * Mounts that propagate: the kernel leaves out detached trees as receivers (since 5.12, and in
 * late 5.10).
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_DETACHED_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_DETACHED_H

#include <stdbool.h>

/* True if @fd is the root of a mount, and before 5.8, which does not show it. */
bool detached_is_mount_root(int fd);
/*
 * For a mount that is known not to be in the caller's namespace. detached_is_root: true if @fd is
 * the root of a detached tree, or if that is not known; costs as much as there are processes.
 * detached_looks_like_root: the same at little cost, but true for what is mounted on "/" of another
 * namespace as well. No system call before 5.12 tells these two apart, which have nothing above
 * them and are mounted (tried on 5.10).
 */
bool detached_is_root(int fd);
bool detached_looks_like_root(int fd);
/* True if nothing is above the mount @fd, which is not that of the caller's root. */
bool detached_is_apart(int fd);

/*
 * detached_clone_refusal - the kernel returned EINVAL to open_tree(OPEN_TREE_CLONE) with these
 * arguments. -EINVAL if 7.3 does too, -EOPNOTSUPP if it is a detached tree on a kernel before 6.15.
 */
int detached_clone_refusal(int dfd, const char *path, unsigned int flags);

/* The same, if the kernel is known to be that old. @flags: of the lookup. */
int detached_refusal(int dfd, const char *path, unsigned int flags);

/*
 * 1 if 6.15 would attach the mount @from to @to's detached tree, where older kernels return EINVAL;
 * 0; or -EMFILE, -ENFILE, -ENOMEM.
 */
int detached_attaches(int from, int to);

#endif
