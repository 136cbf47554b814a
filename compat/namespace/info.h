/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * info.h - NS_MNT_GET_INFO: the id of a mount namespace, and how many mounts it has.
 * Counts in a helper that enters the namespace.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_INFO_H
#define MNTCOMPAT_COMPAT_NAMESPACE_INFO_H

#include <mntcompat.h>

/*
 * namespace_info - NS_MNT_GET_INFO: 0, -EBADF, -ENOTTY, -EINVAL, -EOPNOTSUPP (the mounts cannot be
 * counted: the caller may not enter the namespace), -ENOSYS without procfs, -EMFILE, -ENFILE,
 * -ENOMEM.
 */
int namespace_info(int fd, struct mntcompat_mnt_ns_info *info);

#endif
