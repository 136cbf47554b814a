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
 * unchanged_asks_mount_setattr - true for the feature probe of util-linux, systemd and LXC, which
 * names nothing at all. These programs set attributes of detached trees where it is answered, and
 * have no other way left then. Tried on 5.10 with the probe answered: "mount -o bind,ro" fails
 * (util-linux 2.41 and 2.42), and a container with attributes in lxc.rootfs.options does not start
 * (LXC 7.0), while both work on the kernel alone; systemd 261, whose probe is the same as LXC's,
 * gives its services what they get on newer kernels. Any other call without attributes is answered
 * as the call is.
 */
static inline bool unchanged_asks_mount_setattr(const void *path, unsigned int flags,
						const void *attr, size_t size)
{
	return !path && !flags && !attr && !size;
}

/*
 * unchanged_mount_setattr - mntcompat_mount_setattr() for programs that do not know the library:
 * where the kernel has no such call, that feature probe and refusals with EOPNOTSUPP return ENOSYS.
 */
int unchanged_mount_setattr(int dfd, const char *path, unsigned int flags,
			    const struct mntcompat_mount_attr *attr, size_t size);

/* unchanged_open_tree_attr - the same for mntcompat_open_tree_attr(): EOPNOTSUPP is ENOSYS where
 * there is no such call. */
int unchanged_open_tree_attr(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size);

#endif
