// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * move_mount.c - the error to return where the kernel refused to move a mount.
 * Opens and closes fds, where they are short in a helper's table; moves nothing.
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
#include "compat/task/helper.h"
#include "compat/task/lookup.h"
#include "compat/task/offline.h"

#define BENEATH MNTCOMPAT_MOVE_MOUNT_BENEATH
#define SET_GROUP MNTCOMPAT_MOVE_MOUNT_SET_GROUP

/* The flags of one side as those of a lookup; @flags are shifted to the place of the first side's. */
static unsigned int lookup_flags(unsigned int flags)
{
	return (flags & MNTCOMPAT_MOVE_MOUNT_F_SYMLINKS ? 0 : MNTCOMPAT_AT_SYMLINK_NOFOLLOW) |
	       (flags & MNTCOMPAT_MOVE_MOUNT_F_AUTOMOUNTS ? 0 : MNTCOMPAT_AT_NO_AUTOMOUNT) |
	       (flags & MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH ? MNTCOMPAT_AT_EMPTY_PATH : 0);
}

/* 1 if it is the caller's root directory, 0, or -EMFILE, -ENFILE, -ENOMEM. */
static int is_root(int fd)
{
	int root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	struct statmount_ids here, there;
	struct stat one, other;
	int ret;

	if (root < 0)
		return raw_is_shortage(root) ? root : 0;
	ret = raw_fstat(fd, &one) == 0 && raw_fstat(root, &other) == 0 &&
	      one.st_dev == other.st_dev && one.st_ino == other.st_ino &&
	      statmount_fd_ids(fd, &here) == 0 && statmount_fd_ids(root, &there) == 0 &&
	      statmount_same_mount(&here, &there);
	raw_close(root);
	return ret;
}

/* 1 if 7.3 may take what this kernel has refused, 0, or -EMFILE, -ENFILE, -ENOMEM. */
static int is_too_new(int from, int to, unsigned int flags, int unasked)
{
	int ret;

	/* Also on a kernel without the flag: 7.3 puts nothing below what is not a mount. */
	if ((flags & BENEATH) && !detached_is_mount_root(to))
		return 0;
	if (flags & BENEATH) {
		if (unasked || feature_probe(FEATURE_MOVE_MOUNT_BENEATH) == FEATURE_ABSENT)
			return 1;
		ret = feature_probe(FEATURE_FSMOUNT_NAMESPACE) == FEATURE_ABSENT ? is_root(to) : 0;
		return ret ? ret : detached_attaches(from, to);
	}
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

/* True if the caller has no privilege over the mount at @fd, which joins its own group: nothing
 * changes. */
static bool is_forbidden(int fd)
{
	return raw_move_mount(fd, "", fd, "",
			      SET_GROUP | MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH |
				      MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH) == -EPERM;
}

/*
 * True if the mount at @fd is certainly in another namespace: the kernel refuses to change such a
 * mount (5.12). The change is to the way in which it keeps access times already.
 */
static bool is_elsewhere(int fd)
{
	struct mntcompat_mount_attr attr = { .attr_clr = MNTCOMPAT_MOUNT_ATTR__ATIME };
	struct raw_statx stx;
	struct statfs fs;

	if (!detached_is_mount_root(fd) || offline_statx(fd, &stx) < 0 ||
	    !offline_is_local(fd, &stx) || raw_fstatfs(fd, &fs) < 0 ||
	    !(fs.f_flags & UAPI_ST_VALID))
		return false;
	if (fs.f_flags & UAPI_ST_NOATIME)
		attr.attr_set = MNTCOMPAT_MOUNT_ATTR_NOATIME;
	else if (!(fs.f_flags & UAPI_ST_RELATIME))
		attr.attr_set = MNTCOMPAT_MOUNT_ATTR_STRICTATIME;
	return raw_mount_setattr(fd, "", MNTCOMPAT_AT_EMPTY_PATH, &attr, sizeof(attr)) == -EINVAL;
}

/* Both calls are made once more with another table where descriptors are short. */
struct move_mount_call {
	int from_dfd;
	const char *from;
	int to_dfd;
	const char *to;
	unsigned int flags;
	int unasked;
};

static int unbindable_task(void *arg)
{
	const struct move_mount_call *call = arg;
	int source, ret = 0;
	int target = lookup_path(call->to_dfd, call->to, lookup_flags(call->flags >> 4), false);

	if (target < 0)
		return target;
	source = lookup_path(call->from_dfd, call->from, lookup_flags(call->flags), false);
	if (source >= 0) {
		/* Privilege over both of them comes first. */
		ret = is_forbidden(target) || is_forbidden(source) ? 0 : is_unbindable(target);
		/*
		 * Where nothing tells what the mount of another namespace is, the kernel answers
		 * by its own rules.
		 */
		if ((ret == -EOPNOTSUPP || ret == -ENOSYS) && is_elsewhere(target))
			ret = 0;
		raw_close(source);
	}
	raw_close(target);
	if (source < 0)
		return source;
	/* The kernel refuses a place without a mount in this namespace. */
	if (ret == -EINVAL || ret == -ENOENT || ret == -EBADF)
		return 0;
	return ret >= 0 || raw_is_shortage(ret) ? ret : -EOPNOTSUPP;
}

int move_mount_unbindable(int from_dfd, const char *from, int to_dfd, const char *to,
			  unsigned int flags)
{
	struct move_mount_call call = { from_dfd, from, to_dfd, to, flags, 0 };
	int ret;

	/* Without privilege, or with other flags beside it, the kernel looks at nothing else. */
	if (!(flags & SET_GROUP) || (flags & (BENEATH | ~UAPI_MOVE_MOUNT_ALL)) ||
	    (feature_probe(FEATURE_OPEN_TREE_NAMESPACE) == FEATURE_PRESENT &&
	     feature_probe(FEATURE_OPEN_TREE_NAMESPACE_LAX) == FEATURE_ABSENT) ||
	    raw_move_mount(-1, "", -1, "", UAPI_MOVE_MOUNT_UNKNOWN) != -EINVAL)
		return 0;
	ret = helper_with_room(unbindable_task, &call, &call.from_dfd);
	if (ret == 1)
		return -EINVAL;
	if (raw_is_shortage(ret))
		return -ENOMEM;
	/* Of a place that is not found the kernel says the same. */
	return ret == -EOPNOTSUPP || ret == -ENOSYS ? -EOPNOTSUPP : 0;
}

static int refusal_task(void *arg)
{
	const struct move_mount_call *call = arg;
	int source, target, ret;

	/* The kernel looks at the place first. */
	target = lookup_path(call->to_dfd, call->to, lookup_flags(call->flags >> 4), false);
	if (target < 0)
		return target;
	ret = source = lookup_path(call->from_dfd, call->from, lookup_flags(call->flags), false);
	if (source >= 0) {
		ret = is_too_new(source, target, call->flags, call->unasked);
		if (ret >= 0)
			ret = ret ? -EOPNOTSUPP : -EINVAL;
		raw_close(source);
	}
	raw_close(target);
	return ret;
}

int move_mount_refusal(int from_dfd, const char *from, int to_dfd, const char *to,
		       unsigned int flags, int unasked)
{
	struct move_mount_call call = { from_dfd, from, to_dfd, to, flags, unasked };
	int ret;

	if ((flags & ~UAPI_MOVE_MOUNT_ALL) ||
	    (flags & (BENEATH | SET_GROUP)) == (BENEATH | SET_GROUP))
		return -EINVAL;
	ret = helper_with_room(refusal_task, &call, &call.from_dfd);
	if (ret == -EMFILE || ret == -ENFILE)
		ret = -ENOMEM;
	if (ret == -EOPNOTSUPP)
		debug_call("move_mount(flags=%#x): needs a newer kernel, and cannot be emulated",
			   flags);
	return ret;
}
