/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unchanged.h - calls of programs that do not know the library and have their own ways for older
 * kernels.
 * Touches nothing of its own.
 *
 * Such a program probes once whether the kernel has a call, and from then on expects all of it; or
 * it makes the call and falls back at ENOSYS. A refusal by the library must therefore look like a
 * kernel without the call: otherwise a program that works there fails because of the library.
 */
#ifndef MNTCOMPAT_LIB_UNCHANGED_H
#define MNTCOMPAT_LIB_UNCHANGED_H

#include <stdbool.h>
#include <stddef.h>

#include <mntcompat.h>

/*
 * unchanged_asks_mount_setattr - true for the feature probe of libmount, which names nothing at all
 * and has -1 as its descriptor. Where it is answered, mount(8) sets attributes of detached trees
 * and has no other way left: "mount -o bind,ro" fails (tried on 5.10, util-linux 2.41 and 2.42).
 * The probe of systemd and LXC has another descriptor, -EBADF, and is answered as the call is, as
 * any other call without attributes: systemd gives its services what they get on newer kernels
 * then (tried on 5.10, systemd 261).
 */
static inline bool unchanged_asks_mount_setattr(int dfd, const void *path, unsigned int flags,
						const void *attr, size_t size)
{
	return dfd == -1 && !path && !flags && !attr && !size;
}

/*
 * unchanged_mount_setattr - mntcompat_mount_setattr() for programs that do not know the library:
 * where the kernel has no such call, that probe of libmount and refusals with EOPNOTSUPP return
 * ENOSYS.
 */
int unchanged_mount_setattr(int dfd, const char *path, unsigned int flags,
			    const struct mntcompat_mount_attr *attr, size_t size);

/* unchanged_open_tree_attr - the same for mntcompat_open_tree_attr(): EOPNOTSUPP is ENOSYS where
 * there is no such call. */
int unchanged_open_tree_attr(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size);

#endif
