/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * drop.h - OPEN_TREE_CLONE without the mount-namespace files below (OPEN_TREE_DROP_MNTNS_MOUNTS,
 * Linux 7.4). The kernel leaves them out whenever it makes a mount namespace, so the tree is cloned
 * once more inside a namespace that was made of it.
 * Opens and closes fds; enters that namespace in a helper.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_DROP_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_DROP_H

#include <stdbool.h>
#include <stdint.h>

/* The directory at the root of a tree. */
struct drop_root {
	uint32_t dev_major, dev_minor;
	uint64_t ino;
};

/*
 * drop_look - what the flag changes for @tree, the clone that the kernel made of @path with
 * @flags. 0: nothing can be left out of it; 1: perhaps, and *root tells its directory; -EINVAL: its
 * root is the file of a mount namespace; -EOPNOTSUPP: something is mounted on its root, so that a
 * namespace made of it would begin with that.
 */
int drop_look(int tree, int dfd, const char *path, unsigned int flags, struct drop_root *root);

/*
 * drop_clone - clone the tree of the namespace @nsfd, which began as a copy of @root. Closes @nsfd.
 * An fd, -EMFILE, -ENFILE, -ENOMEM, or -EOPNOTSUPP: the caller does not own its mount namespace,
 * may not enter another, or the path has come to lead elsewhere.
 */
int drop_clone(int nsfd, const struct drop_root *root, bool cloexec);

#endif
