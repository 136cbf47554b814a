// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tree_copy.c - a mount of a detached tree, where the kernel copies such trees (6.15).
 * A helper attaches a copy in a mount namespace of its own, which ends with it.
 */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/namespace/small.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/by_id.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/place.h"
#include "compat/statmount/scratch.h"
#include "compat/statmount/tree_copy.h"
#include "compat/task/helper.h"
#include "compat/task/offline.h"

struct detached_question {
	int root; /* the root directory of the tree */
	uint64_t mask;
	struct builder_facts *facts;
	struct statmount_scratch *scratch;
	bool alone;
};

static int look_at(int copy, struct detached_question *question)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 };
	struct statmount_place own = { 0 };
	struct statmount_ids ids;
	uint64_t below;
	ssize_t n;
	int ret = statmount_fd_ids(copy, &ids);

	if (ret < 0)
		return ret;
	if (!ids.unique_known)
		return -EOPNOTSUPP;
	req.mnt_id = ids.unique;
	n = raw_listmount(&req, &below, 1, 0);
	if (n < 0)
		return -EOPNOTSUPP;
	question->alone = n == 0;
	return n == 0 ? 0 :
			statmount_by_id(ids.unique, &own, question->mask, question->facts,
					question->scratch);
}

static int attach_copy(void *arg)
{
	struct detached_question *question = arg;
	struct namespace_door door = { .procfs = -1 };
	int copy, ret;

	copy = raw_open_tree(question->root, "",
			     MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_RECURSIVE |
				     MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC);
	if (copy < 0)
		return copy;
	/* Where nothing has to be copied, or else a copy of the caller's own. */
	ret = namespace_enter_small(&door, NULL);
	if (!raw_is_shortage(ret))
		ret = raw_unshare(CLONE_NEWNS);
	/* Without this the copy would show up in the namespaces whose mounts are peers of "/". */
	if (!ret)
		ret = raw_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (!ret)
		ret = raw_move_mount(copy, "", AT_FDCWD, "/", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);
	if (!ret)
		ret = look_at(copy, question);
	raw_close(copy);
	return ret;
}

int statmount_detached(int root, const struct statmount_ids *ids, uint64_t mask,
		       struct builder_facts *facts, struct statmount_scratch *scratch)
{
	struct detached_question question = {
		.root = root, .mask = mask, .facts = facts, .scratch = scratch
	};
	struct statmount_ids above;
	int up, ret;

	/* A mount further up: then this one is not the root of the tree. */
	up = offline_parent(root);
	if (up < 0)
		return up == -EMFILE || up == -ENFILE ? up : -EOPNOTSUPP;
	ret = statmount_fd_ids(up, &above);
	raw_close(up);
	if (ret < 0 || !ids->unique_known || !ids->old_known || !statmount_same_mount(ids, &above))
		return -EOPNOTSUPP;

	ret = helper_run(attach_copy, &question, &question.root);
	if (ret < 0)
		return ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM ? ret : -EOPNOTSUPP;
	/* The native call finds no mount from which it could count paths. */
	if (question.alone)
		return -ENOENT;
	facts->known &= ~(uint64_t)(MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_MNT_NS_ID);
	facts->mnt_id = facts->mnt_parent_id = ids->unique;
	facts->mnt_id_old = facts->mnt_parent_id_old = ids->old;
	/* Nothing of a detached tree is visible from the caller's root. */
	facts->propagate_from = 0;
	return 0;
}
