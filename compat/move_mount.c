// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * move_mount.c - the error to return where the kernel refused to move a mount.
 * Opens and closes fds; moves nothing.
 *
 * None of it can be emulated: in several steps, others would see the tree without a mount that was
 * there before (BENEATH), and only the kernel can add a mount to another peer group (SET_GROUP).
 */
#include <errno.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/move_mount.h"
#include "compat/open_tree/detached.h"
#include "compat/statmount/ids.h"
#include "compat/task/lookup.h"

#define BENEATH MNTCOMPAT_MOVE_MOUNT_BENEATH
#define SET_GROUP MNTCOMPAT_MOVE_MOUNT_SET_GROUP

/* The flags of one side as those of a lookup; @flags are shifted to the place of the first side's. */
static unsigned int lookup_flags(unsigned int flags)
{
	return (flags & MNTCOMPAT_MOVE_MOUNT_F_SYMLINKS ? 0 : MNTCOMPAT_AT_SYMLINK_NOFOLLOW) |
	       (flags & MNTCOMPAT_MOVE_MOUNT_F_AUTOMOUNTS ? 0 : MNTCOMPAT_AT_NO_AUTOMOUNT) |
	       (flags & MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH ? MNTCOMPAT_AT_EMPTY_PATH : 0);
}

/* True if it is the caller's root directory. */
static bool is_root(int fd)
{
	int root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	struct statmount_ids here, there;
	struct stat one, other;
	bool ret;

	if (root < 0)
		return false;
	ret = raw_fstat(fd, &one) == 0 && raw_fstat(root, &other) == 0 &&
	      one.st_dev == other.st_dev && one.st_ino == other.st_ino &&
	      statmount_fd_ids(fd, &here) == 0 && statmount_fd_ids(root, &there) == 0 &&
	      statmount_same_mount(&here, &there);
	raw_close(root);
	return ret;
}

static bool is_too_new(int from, int to, unsigned int flags, int unasked)
{
	if (flags & BENEATH)
		return unasked || feature_probe(FEATURE_MOVE_MOUNT_BENEATH) == FEATURE_ABSENT ||
		       (is_root(to) &&
			feature_probe(FEATURE_FSMOUNT_NAMESPACE) == FEATURE_ABSENT) ||
		       detached_attaches(from, to);
	if (flags & SET_GROUP)
		return unasked || feature_probe(FEATURE_MOVE_MOUNT_SET_GROUP) == FEATURE_ABSENT;
	return detached_attaches(from, to);
}

int move_mount_refusal(int from_dfd, const char *from, int to_dfd, const char *to,
		       unsigned int flags, int unasked)
{
	int source, target, ret;

	if ((flags & ~UAPI_MOVE_MOUNT_ALL) ||
	    (flags & (BENEATH | SET_GROUP)) == (BENEATH | SET_GROUP))
		return -EINVAL;
	/* The kernel looks at the place first. */
	target = lookup_path(to_dfd, to, lookup_flags(flags >> 4), false);
	if (target < 0)
		return target == -EMFILE || target == -ENFILE ? -ENOMEM : target;
	source = lookup_path(from_dfd, from, lookup_flags(flags), false);
	ret = source == -EMFILE || source == -ENFILE ? -ENOMEM : source;
	if (source >= 0) {
		ret = is_too_new(source, target, flags, unasked) ? -EOPNOTSUPP : -EINVAL;
		raw_close(source);
	}
	raw_close(target);
	if (ret == -EOPNOTSUPP)
		debug_call("move_mount(flags=%#x): needs a newer kernel, and cannot be emulated",
			   flags);
	return ret;
}
