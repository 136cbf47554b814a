/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount_setattr.h - the emulation of mount_setattr(2) (5.12) by mount(2), mount by mount, and undone
 * on failure. Changes mounts of the caller's namespace; walks and changes directory in a helper.
 */
#ifndef MNTCOMPAT_COMPAT_MOUNT_SETATTR_H
#define MNTCOMPAT_COMPAT_MOUNT_SETATTR_H

#include <stdbool.h>
#include <stddef.h>

#include <mntcompat.h>
#include "compat/namespace/open.h"

/*
 * mount_setattr_emulate - the whole call. Checks in the kernel's order: flags, size, privilege, the
 * struct, its fields, path, mount. Returns 0 or -errno: -EOPNOTSUPP for id maps, for flags of a
 * detached tree, and for trees with a mount that would have to change and cannot be reached by a
 * path (it is covered).
 */
int mount_setattr_emulate(int dfd, const char *path, unsigned int flags,
			  const struct mntcompat_mount_attr *user, size_t size);

/*
 * mount_setattr_may_mount - 1 with CAP_SYS_ADMIN over the mount namespace, else 0; -errno if that
 * is not known.
 */
int mount_setattr_may_mount(void);

/*
 * mount_setattr_check - all checks before the path, but for the flags; *attr is a copy. @replace: a
 * clone is to be changed, which may lose its id map. Returns 1 (something to do), 0 (nothing to
 * do), or -errno.
 */
int mount_setattr_check(const struct mntcompat_mount_attr *user, size_t size, bool replace,
			struct mntcompat_mount_attr *attr);

/*
 * mount_setattr_apply - change the mount whose root @fd is, and with @recursive those below. In a
 * helper: moves cwd, and may move root to the top of the namespace. 0 or -errno; on failure
 * everything is as it was.
 */
int mount_setattr_apply(struct namespace_door *door, int fd, bool recursive,
			const struct mntcompat_mount_attr *attr);

/*
 * mount_setattr_propagation - the same for propagation alone, which mount(2) can do for detached
 * trees as well. -EINVAL also when the kernel does not do that.
 */
int mount_setattr_propagation(struct namespace_door *door, int fd, bool recursive,
			      uint64_t propagation);

#endif
