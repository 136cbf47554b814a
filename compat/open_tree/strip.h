/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * strip.h - emptying a mount namespace, and filling it with one tree.
 * Changes the calling task's own namespace, root and cwd: helpers only.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_STRIP_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_STRIP_H

#include <stdbool.h>

#include "compat/namespace/open.h"

/*
 * namespace_strip - empty the namespace the calling task is alone in, down to its bottom mount.
 * On return root and cwd are the bottom, or an empty read-only tmpfs on it: with *locked one that
 * cannot be unmounted (in a user namespace the kernel keeps what covers the bottom), and where the
 * caller's own "/" is the initial root filesystem, so that this stays hidden; there, in a user
 * namespace, locked mounts stay below it that no path leads to. Nothing propagates to other
 * namespaces. Returns 0 or -errno; -EOPNOTSUPP when locked mounts can neither be got rid of nor be
 * covered.
 */
int namespace_strip(const struct namespace_door *door, bool *locked);

/*
 * namespace_strip_small - the same in a copy of the kernel's small namespace. -ENOTEMPTY if its
 * bottom, the initial root filesystem, has files: covered it would be one mount more than on 7.3.
 */
int namespace_strip_small(const struct namespace_door *door, bool *locked);

/*
 * namespace_make_private - make the mount at "/", and with @recursive those below, private: by
 * mount(2), or where that is refused by mount_setattr(2) (5.12). 0 or -errno.
 */
int namespace_make_private(bool recursive);

/*
 * namespace_attach - make the detached tree @tree the "/" of a stripped namespace.
 * With @locked the tree takes over the lock and what was below it goes. Root ends up on the
 * tree; cwd may be the procfs of @door. Returns 0 or -errno; -ELOOP when the tree holds a
 * mount-namespace file.
 */
int namespace_attach(const struct namespace_door *door, int tree, bool locked);

/*
 * namespace_has_namespace_file - 1 if the tree has brought a mount-namespace file along, 0, or
 * -errno. The kernel refuses to attach one that is older than the current namespace, but since 6.18
 * "older" compares ids that are given out in batches per CPU, so that some are attached. Costs as
 * much as the tree has mounts.
 */
int namespace_has_namespace_file(const struct namespace_door *door);

#endif
