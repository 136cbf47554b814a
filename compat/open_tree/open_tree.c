// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open_tree.c - OPEN_TREE_NAMESPACE where the kernel lacks it: lookup and checks in the kernel's
 * order,
 * then the ways one after the other. Opens and closes fds; everything else happens in helpers.
 */
#include <errno.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/by_bind.h"
#include "compat/open_tree/by_template.h"
#include "compat/open_tree/by_unshare.h"
#include "compat/open_tree/detached.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/open_tree.h"
#include "compat/open_tree/template.h"
#include "compat/open_tree/unbindable.h"
#include "compat/task/helper.h"
#include "compat/task/lookup.h"
#include "compat/task/offline.h"

#define KNOWN_FLAGS \
	(MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_RECURSIVE | \
	 LOOKUP_FLAGS)

static int by_any_way(struct open_tree_job *job, enum mntcompat_way *way)
{
	bool next = false;
	int ret;

	*way = MNTCOMPAT_WAY_TEMPLATE;
	ret = open_tree_by_template(job, &next);
	if (!next)
		return job->is_denied ? ret : refusal_of_step(ret);
	*way = MNTCOMPAT_WAY_UNSHARE;
	ret = open_tree_by_unshare(job, &next);
	/*
	 * No more namespaces for this user. The template is one more than native needs, and so is a
	 * detached clone: give both up before giving up.
	 */
	if (ret == -ENOSPC && template_drop())
		ret = open_tree_by_unshare(job, &next);
	if (next || ret == -ENOSPC || (refusal_is(ret) && !job->is_denied)) {
		*way = MNTCOMPAT_WAY_BIND;
		ret = open_tree_by_bind(job, &next);
	}
	if (next)
		return -ENOSYS;
	return job->is_denied ? ret : refusal_of_step(ret);
}

/*
 * Return EOPNOTSUPP, not EINVAL, for a detached tree: 7.3 would have taken it, but it cannot be
 * cloned before 6.15, nor by a caller that does not own its mount namespace.
 */
static int refusal(const struct open_tree_job *job)
{
	if (!job->foreign && feature_probe(FEATURE_OPEN_TREE_ATTR) == FEATURE_PRESENT)
		return -EINVAL;
	return detached_source_refusal(job->source);
}

struct open_tree_call {
	int dfd;
	const char *path;
	unsigned int flags;
	bool private_files;
	enum mntcompat_way way;
};

static int emulate_call(struct open_tree_call *call, int target)
{
	struct open_tree_job job = {
		.source = -1,
		.recursive = call->flags & MNTCOMPAT_AT_RECURSIVE,
		.cloexec = call->flags & MNTCOMPAT_OPEN_TREE_CLOEXEC,
		.private_files = call->private_files,
		.target = target,
	};
	uint64_t capabilities = 0;
	int ret;

	ret = call->flags & ~KNOWN_FLAGS ? -EINVAL : 0;
	if (ret == 0)
		ret = refusal_of_step(raw_capget_effective(&capabilities));
	if (ret == 0 && !(capabilities & UAPI_CAP_SYS_ADMIN))
		ret = -EPERM;
	job.may_chroot = capabilities & UAPI_CAP_SYS_CHROOT;
	if (ret == 0)
		ret = job.source =
			lookup_path(call->dfd, call->path, call->flags & LOOKUP_FLAGS, true);
	if (ret >= 0)
		ret = offline_is_directory(job.source);
	if (ret == 0)
		ret = -ENOTDIR;
	if (ret >= 0)
		ret = namespace_door_open(&job.door);
	if (ret >= 0) {
		/* No way to open a namespace file: nothing could be returned. */
		ret = job.door.pidfd || job.door.procfs >= 0 ? by_any_way(&job, &call->way) :
							       -ENOSYS;
		namespace_door_close(&job.door);
		if (ret == -EINVAL)
			ret = refusal(&job);
	}
	if (job.source >= 0)
		raw_close(job.source);
	return ret;
}

static int few_fds_task(void *arg)
{
	struct open_tree_call *call = arg;

	helper_make_room(call->dfd);
	call->private_files = true;
	return emulate_call(call, -1);
}

int open_tree_emulate(int dfd, const char *path, unsigned int flags, enum mntcompat_way *way)
{
	struct open_tree_call call = { dfd, path, flags, false, MNTCOMPAT_WAY_NONE };
	int target, ret;

	if (!(flags & ~KNOWN_FLAGS)) {
		*way = MNTCOMPAT_WAY_TEMPLATE;
		ret = open_tree_by_kept_template(dfd, path, flags);
		if (ret >= 0)
			return ret;
	}
	target = open_tree_reserve_fd();
	if (target == -EMFILE || target == -ENFILE || target == -ENOMEM)
		return target;
	/* The number that was free must not be taken for an open directory. */
	if (target == dfd)
		call.dfd = -1;
	ret = emulate_call(&call, target);
	if (ret < 0 && target >= 0)
		raw_close(target);
	/* The one fd that native needs is free, those that the emulation needs are not. */
	if (ret == -EMFILE && target >= 0) {
		ret = helper_pass_fd(few_fds_task, &call);
		if (ret >= 0 && !(flags & MNTCOMPAT_OPEN_TREE_CLOEXEC))
			raw_fcntl(ret, F_SETFD, 0);
	}
	*way = call.way;
	return ret;
}

/* Reads the caller's table, but only for those few to whom it matters. */
static int leaves_out(const struct open_tree_call *call, struct namespace_door *door)
{
	struct open_tree_job job = {
		.source = lookup_path(call->dfd, call->path, call->flags & LOOKUP_FLAGS, true),
		.recursive = call->flags & MNTCOMPAT_AT_RECURSIVE,
		.door = *door,
		.foreign = true,
	};
	struct unbindable unbindable;
	int ret;

	if (job.source < 0)
		return 1;
	ret = unbindable_read(&unbindable, &job);
	if (ret == 0)
		ret = unbindable_leaves_out(&unbindable, job.recursive);
	else if (ret == -EOPNOTSUPP)
		ret = 1;
	unbindable_release(&unbindable);
	*door = job.door;
	raw_close(job.source);
	return ret;
}

static int rules_task(void *arg)
{
	struct open_tree_call *call = arg;
	struct namespace_door door;
	struct namespace_name user;
	int ret;

	helper_make_room(call->dfd);
	ret = namespace_door_open(&door);
	if (ret < 0)
		return ret;
	ret = namespace_owner(&door, &user);
	if (ret >= 0)
		ret = ret ? 0 : leaves_out(call, &door);
	namespace_door_close(&door);
	return ret;
}

/* The caller may have had a single free fd, which the native call took: so in a table of its own. */
int open_tree_needs_rules(int dfd, const char *path, unsigned int flags)
{
	struct open_tree_call call = { dfd, path, flags, true, MNTCOMPAT_WAY_NONE };

	return helper_run_private_files(rules_task, &call);
}
