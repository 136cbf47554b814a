// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * move_mount.c - the error to return where the kernel refused to move a mount.
 * Opens and closes fds; moves nothing.
 *
 * None of it can be emulated: in several steps, others would see the tree without a mount that was
 * there before (BENEATH), and only the kernel can add a mount to another peer group (SET_GROUP).
 */
#include <errno.h>
#include <sys/mount.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/move_mount.h"
#include "compat/open_tree/detached.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/request.h"
#include "compat/statmount/statmount.h"
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
	/* Also on a kernel without the flag: 7.3 puts nothing below what is not a mount. */
	if ((flags & BENEATH) && !detached_is_mount_root(to))
		return false;
	if (flags & BENEATH)
		return unasked || feature_probe(FEATURE_MOVE_MOUNT_BENEATH) == FEATURE_ABSENT ||
		       (is_root(to) &&
			feature_probe(FEATURE_FSMOUNT_NAMESPACE) == FEATURE_ABSENT) ||
		       detached_attaches(from, to);
	if (flags & SET_GROUP)
		return unasked || feature_probe(FEATURE_MOVE_MOUNT_SET_GROUP) == FEATURE_ABSENT;
	return detached_attaches(from, to);
}

/* 1 if the mount at @fd is unbindable, 0 if not, or -errno. */
static int is_unbindable(int fd)
{
	struct statmount_query query = {
		.by_fd = true,
		.fd = fd,
		.mask = MNTCOMPAT_STATMOUNT_MNT_BASIC,
	};
	struct mntcompat_statmount answer;
	enum mntcompat_way way;
	int ret = statmount_emulate(&query, &answer, sizeof(answer), &way);

	if (ret < 0)
		return ret;
	return answer.mask & MNTCOMPAT_STATMOUNT_MNT_BASIC ?
		       answer.mnt_propagation == MS_UNBINDABLE :
		       -EOPNOTSUPP;
}

int move_mount_unbindable(int from_dfd, const char *from, int to_dfd, const char *to,
			  unsigned int flags)
{
	int source, target, ret = 0;

	/* Without privilege, or with other flags beside it, the kernel looks at nothing else. */
	if (!(flags & SET_GROUP) || (flags & (BENEATH | ~UAPI_MOVE_MOUNT_ALL)) ||
	    (feature_probe(FEATURE_OPEN_TREE_NAMESPACE) == FEATURE_PRESENT &&
	     feature_probe(FEATURE_OPEN_TREE_NAMESPACE_LAX) == FEATURE_ABSENT) ||
	    raw_move_mount(-1, "", -1, "", UAPI_MOVE_MOUNT_UNKNOWN) != -EINVAL)
		return 0;
	target = lookup_path(to_dfd, to, lookup_flags(flags >> 4), false);
	if (target < 0)
		return 0;
	source = lookup_path(from_dfd, from, lookup_flags(flags), false);
	if (source >= 0) {
		ret = is_unbindable(target);
		raw_close(source);
	}
	raw_close(target);
	/* What has no mount in this namespace is the kernel's to refuse. */
	if (ret == -EINVAL || ret == -ENOENT || ret == -EBADF)
		return 0;
	if (ret < 0)
		return raw_is_shortage(ret) ? -ENOMEM : -EOPNOTSUPP;
	return ret ? -EINVAL : 0;
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
