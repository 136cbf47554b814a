/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * open_tree_attr.h - the emulation of open_tree_attr(2) (6.15): open_tree(2), and attributes before
 * the fd is returned. Opens an fd; changes mounts of the caller's namespace only without
 * OPEN_TREE_CLONE.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_ATTR_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_ATTR_H

#include <mntcompat.h>

/*
 * open_tree_attr_emulate - without OPEN_TREE_NAMESPACE, @user not NULL. *way receives the way. An
 * fd or -errno; -EOPNOTSUPP where an id map would have to be replaced or taken away, before 5.12
 * also for id maps and for trees that hold a mount-namespace file or a removed directory as root.
 */
int open_tree_attr_emulate(int dfd, const char *path, unsigned int flags,
			   const struct mntcompat_mount_attr *user, size_t size,
			   enum mntcompat_way *way);

/*
 * open_tree_attr_set - give @fd, a new detached tree, the attributes; @flags: AT_RECURSIVE or not.
 * 0 or -errno; -EOPNOTSUPP before 5.12.
 */
int open_tree_attr_set(int fd, unsigned int flags, const struct mntcompat_mount_attr *user,
		       size_t size);

/*
 * open_tree_attr_refuse - for a new mount namespace: its @fd is not the root of a mount, so the
 * attributes are checked and, if there are any, refused. 0 or -errno.
 */
int open_tree_attr_refuse(int fd, const struct mntcompat_mount_attr *user, size_t size);

#endif
