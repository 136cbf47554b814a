/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mount-attr-common.h - what the scenarios of attributes and of new mounts share: attributes by
 * name, and what a mount has. May touch only the scenario's own process.
 */
#ifndef MNTCOMPAT_TESTS_MOUNT_ATTR_COMMON_H
#define MNTCOMPAT_TESTS_MOUNT_ATTR_COMMON_H

#include "open-tree-common.h"

#define RDONLY MNTCOMPAT_MOUNT_ATTR_RDONLY
#define NOSUID MNTCOMPAT_MOUNT_ATTR_NOSUID
#define NODEV MNTCOMPAT_MOUNT_ATTR_NODEV
#define NOEXEC MNTCOMPAT_MOUNT_ATTR_NOEXEC
#define ATIME MNTCOMPAT_MOUNT_ATTR__ATIME
#define NOATIME MNTCOMPAT_MOUNT_ATTR_NOATIME
#define STRICTATIME MNTCOMPAT_MOUNT_ATTR_STRICTATIME
#define NODIRATIME MNTCOMPAT_MOUNT_ATTR_NODIRATIME
#define IDMAP MNTCOMPAT_MOUNT_ATTR_IDMAP
#define NOSYMFOLLOW MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW

struct mount_attr_flag {
	uint64_t bit;
	const char *name;
};
extern const struct mount_attr_flag
	mount_attr_flags[]; /* single bits of old; ends with a NULL name */

/*
 * "label: rw,nosuid,relatime private": the flags of the mount at @path or behind @fd, and its
 * propagation ("shared with PATH" if it is in the peer group of the mount at @peer). "flags only"
 * for a mount in no table.
 */
void mount_attr_say(const char *label, const char *path);
void mount_attr_say_fd(const char *label, int fd, const char *peer);

/* A new user namespace, as an fd; no task is in it. */
int mount_attr_user_namespace(void);

/* The call without the comparison around it. */
int open_tree_attr_unchecked(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size);

#endif
