/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounted.h - whether a mount is in a mount namespace at all.
 * Makes a call from a helper in a user namespace of its own; moves nothing.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_MOUNTED_H
#define MNTCOMPAT_COMPAT_STATMOUNT_MOUNTED_H

#include <stdbool.h>

/*
 * statmount_is_mounted - @cheaply: only if that does not cost as much as the caller has mounts. 1:
 * mounted somewhere, 0: not, -EOPNOTSUPP: not known here, or a shortage of memory or descriptors.
 */
int statmount_is_mounted(int fd, bool cheaply);

#endif
