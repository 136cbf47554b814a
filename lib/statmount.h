/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statmount.h - statmount for the other functions of the library: the same call, with the reason as
 * its result.
 */
#ifndef MNTCOMPAT_LIB_STATMOUNT_H
#define MNTCOMPAT_LIB_STATMOUNT_H

#include <mntcompat.h>

/* mntcompat_statmount(), but 0 or -errno, which is in errno as well. */
int statmount_choose(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
		     size_t bufsize, unsigned int flags);

#endif
