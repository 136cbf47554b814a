// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * enter.c - enters an empty mount namespace, and keeps a template.
 * Changes the calling task's namespace: helpers only.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/namespace/small.h"
#include "compat/open_tree/enter.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/strip.h"
#include "compat/open_tree/template.h"

/*
 * The initial root filesystem, which is the bottom of every namespace where it is that of this one,
 * has files. So they are at the bottom of what a copy of the caller's namespace would give, too,
 * unless that filesystem is the caller's "/": namespace_strip() covers it then. 0, and the task is
 * where it was; -ENOTEMPTY; or another -errno.
 */
static int accept_files(struct namespace_door *door, int own)
{
	struct namespace_root bottom, root;
	int here = namespace_own(door), ret = here;

	if (ret >= 0)
		ret = namespace_root(&bottom);
	if (ret == 0)
		ret = raw_setns(own, CLONE_NEWNS);
	if (ret == 0)
		ret = namespace_root(&root);
	if (ret == 0)
		ret = root.dev == bottom.dev ? -ENOTEMPTY : raw_setns(here, CLONE_NEWNS);
	if (here >= 0)
		raw_close(here);
	return ret;
}

static int copy_small(struct namespace_door *door, const struct namespace_name *user, int own,
		      bool *locked)
{
	int ret = namespace_enter_small(door, user);

	if (ret < 0)
		return ret;
	ret = raw_unshare(CLONE_NEWNS);
	if (ret == 0)
		ret = namespace_strip_small(door, locked);
	return ret == -ENOTEMPTY ? accept_files(door, own) : ret;
}

int open_tree_enter_new(struct namespace_door *door, const struct namespace_name *user, int own,
			bool *locked)
{
	int ret = copy_small(door, user, own, locked);

	if (ret == 0 || raw_is_shortage(ret))
		return ret;
	if (ret != -ENOENT && raw_setns(own, CLONE_NEWNS) < 0)
		return -EOPNOTSUPP;
	ret = raw_unshare(CLONE_NEWNS);
	return ret < 0 ? ret : namespace_strip(door, locked);
}

int open_tree_enter_empty(struct open_tree_job *job, const struct namespace_name *user,
			  bool *locked)
{
	struct template template;
	bool want = template_wanted();
	int ret;

	ret = template_enter(user, &job->kept, job->own, locked);
	if (ret != -ENOENT)
		return ret;
	debug_step("template: none to use");
	ret = open_tree_enter_new(&job->door, user, job->own, locked);
	if (ret < 0 || !want)
		return ret;
	/* Keep this one and go on in a copy of it; if that cannot be, go on in this one. */
	template.fd = namespace_own(&job->door);
	if (template.fd < 0)
		return 0;
	template.locked = *locked;
	template.user = *user;
	if (namespace_name_of(template.fd, &template.self) < 0 ||
	    namespace_root(&template.root) < 0 || raw_unshare(CLONE_NEWNS) < 0) {
		raw_close(template.fd);
		return 0;
	}
	job->made = template;
	return 0;
}
