/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * move_mount.h - requests that move_mount(2) of 7.3 takes and this kernel refuses: tells them from
 * real errors.
 * Opens and closes fds; moves nothing.
 */
#ifndef MNTCOMPAT_COMPAT_MOVE_MOUNT_H
#define MNTCOMPAT_COMPAT_MOVE_MOUNT_H

/*
 * move_mount_refusal - the kernel returned EINVAL, or must not be called (@unasked). Returns the
 * answer of 7.3: -EINVAL, or the error of the paths; or -EOPNOTSUPP if 7.3 could do it:
 * MOVE_MOUNT_BENEATH (6.5, on "/" 7.1), MOVE_MOUNT_SET_GROUP (5.15), a detached tree on a detached
 * tree (6.15).
 */
int move_mount_refusal(int from_dfd, const char *from, int to_dfd, const char *to,
		       unsigned int flags, int unasked);

/*
 * move_mount_unbindable - before the kernel is called with MOVE_MOUNT_SET_GROUP: until 7.1 it gives
 * an unbindable mount a peer group. -EINVAL for such a mount, as 7.2 and later; -EOPNOTSUPP or
 * -ENOMEM if that is not known; 0 if the kernel may be called.
 */
int move_mount_unbindable(int from_dfd, const char *from, int to_dfd, const char *to,
			  unsigned int flags);

#endif
