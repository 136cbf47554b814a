// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open_tree.c - OPEN_TREE_NAMESPACE where the kernel lacks it: lookup and checks in the kernel's
 * order, then the ways one after the other. Opens and closes fds; everything else happens in
 * helpers.
 */
#include <errno.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/open_tree/by_bind.h"
#include "compat/open_tree/by_template.h"
#include "compat/open_tree/by_unshare.h"
#include "compat/open_tree/detached.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/open_tree.h"
#include "compat/open_tree/template.h"
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
	return detached_refusal(job->dfd, job->path, job->flags & LOOKUP_FLAGS);
}

/*
 * The caller's table stays as it is until there is a result. The kernel looks for a free number
 * before anything else.
 */
int open_tree_emulate(int dfd, const char *path, unsigned int flags, enum mntcompat_way *way)
{
	struct open_tree_job job = {
		.dfd = dfd,
		.path = path,
		.flags = flags,
		.recursive = flags & MNTCOMPAT_AT_RECURSIVE,
		.cloexec = flags & MNTCOMPAT_OPEN_TREE_CLOEXEC,
	};
	uint64_t capabilities = 0;
	int ret = flags & ~KNOWN_FLAGS ? -EINVAL :
					 refusal_of_step(raw_capget_effective(&capabilities)),
	    room;

	if (ret == 0 && !(capabilities & UAPI_CAP_SYS_ADMIN))
		ret = -EPERM;
	job.may_chroot = capabilities & UAPI_CAP_SYS_CHROOT;
	if (ret == 0) {
		ret = by_any_way(&job, way);
		if (ret == -EINVAL)
			ret = refusal(&job);
	}
	room = ret < 0 ? helper_room_left() : 0;
	return room < 0 ? room : ret;
}
