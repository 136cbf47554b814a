// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mounted.c - finds out whether a mount is mounted, by a call that the kernel refuses.
 * Makes a user namespace in a helper; moves nothing.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/namespace/small.h"
#include "compat/statmount/mounted.h"
#include "compat/task/helper.h"

struct mounted_question {
	int fd;
	bool cheaply, answered, mounted;
};

/* A user namespace and a mount namespace of it, which costs as much as it copies mounts. */
static int enter_new(bool cheaply)
{
	struct namespace_door door = { .procfs = -1 };
	int own, ret = namespace_enter_small(&door, NULL);

	if (ret == 0)
		return raw_unshare(CLONE_NEWUSER | CLONE_NEWNS);
	if (cheaply || raw_is_shortage(ret))
		return ret;
	own = namespace_own(NULL);
	if (raw_is_shortage(own))
		return own;
	ret = raw_unshare(CLONE_NEWUSER | CLONE_NEWNS);
	/* No user namespace is made in a chroot; setns() leads out of it, for the privileged. */
	if (ret == -EPERM && own >= 0 && raw_setns(own, CLONE_NEWNS) == 0)
		ret = raw_unshare(CLONE_NEWUSER | CLONE_NEWNS);
	return ret;
}

/*
 * Joining a mount to its own peer group is refused whatever it is, and the refusals come in order:
 * EINVAL if it is not mounted, EPERM if it is and the caller has no privilege over its namespace.
 * The helper has privilege over a new namespace of its own, which the call demands to begin with,
 * and over no other.
 */
static int ask_mounted(void *arg)
{
	struct mounted_question *question = arg;
	int ret = enter_new(question->cheaply);

	if (ret < 0)
		return ret;
	/* The flag came with 5.15, and to late 5.10. */
	if (raw_move_mount(-1, "", -1, "", MNTCOMPAT_MOVE_MOUNT_SET_GROUP) != -ENOENT)
		return 0;
	ret = raw_move_mount(question->fd, "", question->fd, "",
			     MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH | MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH |
				     MNTCOMPAT_MOVE_MOUNT_SET_GROUP);
	question->answered = ret == -EINVAL || ret == -EPERM;
	question->mounted = ret == -EPERM;
	return 0;
}

int statmount_is_mounted(int fd, bool cheaply)
{
	struct mounted_question question = { .fd = fd, .cheaply = cheaply };
	int ret = helper_run(ask_mounted, &question, &question.fd);

	debug_step("mounted: %s (%d)",
		   !question.answered ? "unknown" :
		   question.mounted   ? "yes" :
					"no",
		   ret);
	if (!question.answered)
		return raw_is_shortage(ret) ? ret : -EOPNOTSUPP;
	return question.mounted;
}
