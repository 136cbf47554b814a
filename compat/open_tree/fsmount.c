// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fsmount.c - FSMOUNT_NAMESPACE where the kernel lacks it: fsmount(2), and the mount it makes goes
 * on top of an empty namespace. Opens an fd; everything else happens in a helper, or
 * where none may be started in the calling task.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/enter.h"
#include "compat/open_tree/fsmount.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/strip.h"
#include "compat/task/offline.h"

#define KNOWN_FLAGS (MNTCOMPAT_FSMOUNT_CLOEXEC | MNTCOMPAT_FSMOUNT_NAMESPACE)
#define KNOWN_ATTRS \
	(MNTCOMPAT_MOUNT_ATTR_RDONLY | MNTCOMPAT_MOUNT_ATTR_NOSUID | MNTCOMPAT_MOUNT_ATTR_NODEV | \
	 MNTCOMPAT_MOUNT_ATTR_NOEXEC | MNTCOMPAT_MOUNT_ATTR__ATIME | \
	 MNTCOMPAT_MOUNT_ATTR_NODIRATIME | MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW)

/* The context is the job's dfd: its number in the helper's table. */
struct fsmount_call {
	struct open_tree_job job; /* the first member: a task gets a pointer to it */
	unsigned int attrs;
	bool is_used_up; /* the context: it has made its mount */
	bool is_denied;	 /* the kernel itself returned EPERM, as 7.1 does */
};

static int make_mount(struct fsmount_call *call)
{
	int mount = raw_fsmount(call->job.dfd, MNTCOMPAT_FSMOUNT_CLOEXEC, call->attrs);
	int ret = mount < 0 ? mount : offline_is_directory(mount);

	/*
	 * The kernel refuses a procfs or sysfs that would reveal too much to a user namespace. For
	 * the descriptor -1 it returns another error, while a filter does not look at the
	 * descriptor.
	 */
	call->is_denied |= mount == -EPERM && raw_fsmount(-1, 0, 0) == -EBADF;
	/* If no fd is free, the kernel frees the mount that it has made. */
	call->is_used_up |= mount >= 0 || mount == -EMFILE;
	if (ret == 0)
		ret = -ENOTDIR;
	if (ret > 0)
		return mount;
	if (mount >= 0)
		raw_close(mount);
	return ret;
}

/*
 * The namespace first, so that the mount is the younger one: to other namespaces, the first mount
 * above the bottom, in the order of ids, is the root. The mount is made in the caller's namespace,
 * where the kernel checks whether a filesystem would reveal too much.
 */
static int bottom_first(struct fsmount_call *call, const struct namespace_name *user)
{
	struct open_tree_job *job = &call->job;
	int mount = -1, empty = -1, ret;
	bool locked = false;

	ret = open_tree_enter_empty(job, user, &locked);
	/* The kernel checks the limit last: other errors come first, and the context is used up. */
	if (ret == -ENOSPC) {
		mount = make_mount(call);
		ret = mount < 0 ? mount : -ENOSPC;
	}
	if (ret == 0)
		ret = empty = namespace_own(&job->door);
	if (ret >= 0)
		ret = raw_setns(job->own, CLONE_NEWNS);
	if (ret == 0)
		ret = mount = make_mount(call);
	if (ret >= 0)
		ret = raw_setns(empty, CLONE_NEWNS);
	if (ret == 0)
		ret = namespace_attach(&job->door, mount, locked);
	/* The task may be none of a helper's. */
	if (mount >= 0)
		raw_close(mount);
	if (ret < 0 && empty >= 0)
		raw_close(empty);
	return ret < 0 ? ret : empty;
}

/*
 * For callers that do not own their mount namespace, and may mount only in a copy of it, or may not
 * return from another one. A last copy puts the ids in order.
 */
static int mount_first(struct fsmount_call *call)
{
	struct open_tree_job *job = &call->job;
	bool locked = false;
	int mount, ret = raw_unshare(CLONE_NEWNS);

	if (ret < 0)
		return ret;
	mount = make_mount(call);
	if (mount < 0)
		return mount;
	ret = namespace_strip(&job->door, &locked);
	if (ret == 0)
		ret = namespace_attach(&job->door, mount, locked);
	if (ret == 0)
		ret = raw_unshare(CLONE_NEWNS);
	return ret < 0 ? ret : namespace_own(&job->door);
}

static int fsmount_task(struct open_tree_job *job)
{
	struct fsmount_call *call = (struct fsmount_call *)job;
	struct namespace_name user;
	int ret;

	if (job->may_chroot && namespace_owned(&job->door, job->own, &user) == 1)
		ret = bottom_first(call, &user);
	else
		ret = mount_first(call);
	if (ret < 0)
		debug_step("fsmount: failed (%d)", -ret);
	return ret;
}

/*
 * A step was refused, and the context is as it was, or there is none: the kernel would have looked
 * at the file descriptor first. A context takes no key that cannot be read, and has not changed.
 */
static int refusal(const struct fsmount_call *call, int fs_fd, int ret)
{
	int known;

	if (!refusal_is(ret) && ret != -EOPNOTSUPP && ret != -ENOSYS)
		return ret;
	if (call->is_denied)
		return -EPERM;
	if (!call->is_used_up) {
		known = fs_fd < 0 ? -EBADF :
				    raw_fsconfig(fs_fd, UAPI_FSCONFIG_SET_STRING, (const char *)1,
						 (const char *)1, 0);
		if (known == -EBADF || known == -EINVAL)
			return known;
	}
	return refusal_of_step(ret);
}

int fsmount_emulate(int fs_fd, unsigned int flags, unsigned int attr_flags, enum mntcompat_way *way)
{
	struct fsmount_call call = {
		.job = { .dfd = fs_fd, .cloexec = flags & MNTCOMPAT_FSMOUNT_CLOEXEC },
		.attrs = attr_flags,
	};
	uint64_t capabilities = 0;
	bool next;
	int ret;

	*way = MNTCOMPAT_WAY_NONE;
	if (flags & ~KNOWN_FLAGS)
		return -EINVAL;
	ret = raw_capget_effective(&capabilities);
	if (ret < 0)
		return refusal_of_step(ret);
	if (!(capabilities & UAPI_CAP_SYS_ADMIN))
		return -EPERM;
	if ((attr_flags & ~KNOWN_ATTRS) ||
	    (attr_flags & MNTCOMPAT_MOUNT_ATTR__ATIME) == MNTCOMPAT_MOUNT_ATTR__ATIME ||
	    (attr_flags & MNTCOMPAT_MOUNT_ATTR__ATIME) > MNTCOMPAT_MOUNT_ATTR_STRICTATIME)
		return -EINVAL;
	/* Not known before 5.14. */
	if ((attr_flags & MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW) &&
	    raw_fsmount(-1, 0, MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW) == -EINVAL)
		return -EOPNOTSUPP;
	*way = MNTCOMPAT_WAY_TEMPLATE;
	call.job.may_chroot = capabilities & UAPI_CAP_SYS_CHROOT;
	call.job.may_stay = true;
	ret = open_tree_run(&call.job, fsmount_task, false, &next);
	return refusal(&call, fs_fd, ret);
}
