// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open_tree_attr.c - open_tree(2) with attributes: mount_setattr(2) on the new fd (5.12), else in a
 * scratch mount namespace where mount(2) can reach the tree, which is cloned once more from there.
 * Opens an fd; the caller's mounts change only without OPEN_TREE_CLONE.
 */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/mount_setattr.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/detached.h"
#include "compat/open_tree/enter.h"
#include "compat/open_tree/strip.h"
#include "compat/open_tree/template.h"
#include "compat/open_tree_attr.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/own_table.h"
#include "compat/statmount/scratch.h"
#include "compat/task/helper.h"
#include "compat/task/lookup.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"
#include "compat/task/usercopy.h"

#define CLONE MNTCOMPAT_OPEN_TREE_CLONE
#define IDMAP MNTCOMPAT_MOUNT_ATTR_IDMAP

/* One call, in the caller and in the helper, where the fds are those of its own table. */
struct attr_call {
	int dfd;
	const char *path;
	unsigned int flags;
	const struct mntcompat_mount_attr *user;
	size_t size;
	enum mntcompat_way way;
	struct template_use kept;
	int checked; /* what mount_setattr_check() returned */
	struct mntcompat_mount_attr attr;
	int tree;    /* the new fd */
	bool opened; /* out */
	struct helper_files *files;
};

/* --- from 5.12 to 6.14 --- */

/*
 * True if the source, or with @recursive any mount at all, has an id map, and if that is not known.
 */
static bool is_id_mapped(int dfd, const char *path, unsigned int flags)
{
	struct statmount_scratch *scratch;
	struct mountinfo_line line;
	struct statmount_ids ids;
	bool recursive = flags & MNTCOMPAT_AT_RECURSIVE, mapped = true;
	int fd = lookup_path(dfd, path, flags & LOOKUP_FLAGS, false);
	size_t pos;

	if (fd < 0)
		return true;
	scratch = statmount_scratch_map();
	if (scratch && statmount_fd_ids(fd, &ids) == 0 &&
	    (ids.old_known || statmount_fd_old_id(fd, &ids) == 0) &&
	    statmount_own_line(&ids, recursive, scratch, &line, NULL) == 0) {
		mapped = mountinfo_mount_attr(line.mount_options) & IDMAP;
		for (pos = 0; recursive && !mapped && mountinfo_next(&scratch->table, &pos, &line);)
			mapped = mountinfo_mount_attr(line.mount_options) & IDMAP;
	}
	if (scratch)
		statmount_scratch_unmap(scratch);
	raw_close(fd);
	return mapped;
}

/*
 * mount_setattr(2) neither takes an id map away (EINVAL) nor puts another in its place (EPERM);
 * open_tree_attr(2) does, for a clone. The same call without the unknown parts, if the effect is
 * the same.
 */
static int without_replacing(const struct attr_call *call, int ret)
{
	struct mntcompat_mount_attr attr;
	unsigned int flags = call->flags;

	if (!(flags & CLONE) || (ret != -EINVAL && ret != -EPERM) || call->size < sizeof(attr) ||
	    usercopy_struct(&attr, sizeof(attr), call->user, call->size) < 0 ||
	    !((attr.attr_set | attr.attr_clr) & IDMAP))
		return ret;
	if (ret == -EINVAL && (attr.attr_clr & IDMAP)) {
		attr.attr_clr &= ~(uint64_t)IDMAP;
		ret = raw_mount_setattr(call->tree, "",
					MNTCOMPAT_AT_EMPTY_PATH | (flags & MNTCOMPAT_AT_RECURSIVE),
					&attr, sizeof(attr));
		if (ret == 0 && (attr.attr_set & IDMAP))
			return 0;
		if (ret == 0)
			return is_id_mapped(call->dfd, call->path, flags) ? -EOPNOTSUPP : 0;
	}
	if (ret == -EPERM && (attr.attr_set & IDMAP) &&
	    is_id_mapped(call->dfd, call->path, flags)) {
		debug_call("open_tree_attr: replacing an id map needs Linux 6.15");
		return -EOPNOTSUPP;
	}
	return ret;
}

/* --- before 5.12 --- */

/* A mount namespace of one's own with little in it: a copy of the template if there is one. */
static int enter_scratch(struct namespace_door *door, const struct template_use *kept, bool *locked)
{
	struct namespace_name user;
	int own = namespace_own(door), ret = own;

	if (ret >= 0)
		ret = namespace_owned(door, own, &user);
	if (ret > 0) {
		ret = template_enter(&user, kept, own, locked);
		return ret == -ENOENT ? open_tree_enter_new(door, &user, own, locked) : ret;
	}
	ret = raw_unshare(CLONE_NEWNS);
	return ret < 0 ? ret : namespace_strip(door, locked);
}

/* The tree is a file: on a file of an empty filesystem that covers everything. */
static int attach_file(struct namespace_door *door, int tree)
{
	int fd, ret = raw_mount("tmpfs", "/", "tmpfs", 0, NULL);

	if (ret == 0)
		ret = namespace_land_on_top(door);
	if (ret < 0)
		return ret;
	fd = raw_openat(AT_FDCWD, "/file", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return fd;
	raw_close(fd);
	return raw_move_mount(tree, "", AT_FDCWD, "/file", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);
}

static int attach_directory(struct namespace_door *door, int tree, bool locked)
{
	int ret = namespace_attach(door, tree, locked);

	/* So that paths begin on the tree, which lies on "/". */
	return ret < 0 ? ret : namespace_land_on_top(door);
}

/* The clone with the attributes, or -errno. */
static int change_in_scratch(struct namespace_door *door, const struct attr_call *call,
			     const struct mntcompat_mount_attr *attr)
{
	bool locked = false;
	int ret = offline_is_directory(call->tree), directory = ret;

	if (ret >= 0)
		ret = enter_scratch(door, &call->kept, &locked);
	if (ret == 0)
		ret = directory ? attach_directory(door, call->tree, locked) :
				  attach_file(door, call->tree);
	/* Steps that native does not take: a mount-namespace file in the tree, no CAP_SYS_CHROOT. */
	if (ret == -ELOOP || ret == -EINVAL || ret == -EACCES || ret == -EPERM)
		return -EOPNOTSUPP;
	if (ret == 0)
		ret = mount_setattr_apply(door, call->tree, call->flags & MNTCOMPAT_AT_RECURSIVE,
					  attr);
	if (ret < 0)
		return ret;
	ret = raw_open_tree(
		call->tree, "",
		CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_EMPTY_PATH |
			(call->flags & MNTCOMPAT_AT_RECURSIVE ? MNTCOMPAT_AT_RECURSIVE : 0));
	return ret == -EINVAL || ret == -EPERM ? -EOPNOTSUPP : ret;
}

/* The clone that has the attributes: another one, or for propagation alone the first. */
static int set_attributes(struct attr_call *call)
{
	struct mntcompat_mount_attr attr = call->attr;
	uint64_t late = 0;
	struct namespace_door door;
	int tree = call->tree, ret = namespace_door_open(&door);

	if (ret < 0)
		return ret;
	/* An unbindable mount cannot be cloned again. */
	if (attr.propagation == MS_UNBINDABLE || !(attr.attr_set | attr.attr_clr)) {
		late = attr.propagation;
		attr.propagation = 0;
	}
	if (attr.attr_set | attr.attr_clr)
		ret = tree = change_in_scratch(&door, call, &attr);
	if (ret >= 0 && late)
		ret = mount_setattr_propagation(&door, tree, call->flags & MNTCOMPAT_AT_RECURSIVE,
						late);
	if (ret >= 0)
		return tree;
	return ret == -EINVAL ? -EOPNOTSUPP : ret;
}

/* The fd that has the attributes. In a table of the task's own, or a number may be another mount. */
static int attr_task(void *arg)
{
	struct attr_call *call = arg;
	unsigned int recursive = call->flags & MNTCOMPAT_AT_RECURSIVE;
	int ret;

	call->tree =
		raw_open_tree(call->dfd, call->path, call->flags | MNTCOMPAT_OPEN_TREE_CLOEXEC);
	call->opened = call->files->found = call->tree >= 0;
	if (!call->opened)
		return call->tree;
	if (call->way == MNTCOMPAT_WAY_SCRATCH) {
		if (call->checked <= 0)
			return call->checked ? call->checked : call->tree;
		return set_attributes(call);
	}
	/* The caller's own mount: change_task() changes it. */
	if (!(call->flags & CLONE))
		return call->tree;
	ret = raw_mount_setattr(call->tree, "", MNTCOMPAT_AT_EMPTY_PATH | recursive, call->user,
				call->size);
	if (ret < 0)
		ret = without_replacing(call, ret);
	return ret < 0 ? ret : call->tree;
}

/* Without OPEN_TREE_CLONE, when the caller has the fd. */
static int change_task(void *arg, int fd)
{
	struct attr_call *call = arg;
	unsigned int recursive = call->flags & MNTCOMPAT_AT_RECURSIVE;

	if (call->way == MNTCOMPAT_WAY_MOUNT_SETATTR)
		return raw_mount_setattr(fd, "", MNTCOMPAT_AT_EMPTY_PATH | recursive, call->user,
					 call->size);
	return mount_setattr_emulate(fd, "", MNTCOMPAT_AT_EMPTY_PATH, call->user, call->size);
}

/* Where no helper may be started, and no mount namespace has to be made either. */
static int without_helper(struct attr_call *call)
{
	int ret = call->way == MNTCOMPAT_WAY_MOUNT_SETATTR ? attr_task(call) : -EOPNOTSUPP;

	if (ret >= 0 && !(call->flags & MNTCOMPAT_OPEN_TREE_CLOEXEC) &&
	    raw_fcntl(ret, F_SETFD, 0) < 0)
		ret = -ENOMEM;
	if (ret >= 0 && call->files->after) {
		int changed = call->files->after(call, ret);

		if (changed < 0)
			ret = changed;
	}
	if (ret < 0 && call->opened)
		raw_close(call->tree);
	return ret;
}

/*
 * The answer of open_tree(2) with @flags, if it is the kernel's. With a path that cannot be read
 * the kernel checks the privilege and then returns EFAULT, which a filter does not.
 */
static int refusal(int ret, unsigned int flags)
{
	if (!refusal_is(ret) ||
	    raw_open_tree(-1, NULL, flags & (CLONE | MNTCOMPAT_AT_RECURSIVE)) == -EFAULT)
		return ret;
	return ret == -EPERM && mount_setattr_may_mount() == 0 ? ret : -EOPNOTSUPP;
}

int open_tree_attr_emulate(int dfd, const char *path, unsigned int flags,
			   const struct mntcompat_mount_attr *user, size_t size,
			   enum mntcompat_way *way)
{
	struct attr_call call = { .dfd = dfd,
				  .path = path,
				  .flags = flags,
				  .user = user,
				  .size = size,
				  .kept = { -1, -1 },
				  .checked = 1 };
	struct helper_files files = { .in = &call.dfd,
				      .checked = &call.kept.fd,
				      .not_cloexec = !(flags & MNTCOMPAT_OPEN_TREE_CLOEXEC),
				      .looks_up = true,
				      .path_only = !(flags & CLONE),
				      .after = flags & CLONE ? NULL : change_task };
	int ret = helper_room_left();

	call.files = &files;
	*way = MNTCOMPAT_WAY_NONE;
	if (feature_probe(FEATURE_OPEN_TREE) == FEATURE_ABSENT)
		return -ENOSYS;
	if (ret < 0)
		return ret;
	if (feature_probe(FEATURE_MOUNT_SETATTR) == FEATURE_PRESENT)
		call.way = MNTCOMPAT_WAY_MOUNT_SETATTR;
	else
		call.way = flags & CLONE ? MNTCOMPAT_WAY_SCRATCH : MNTCOMPAT_WAY_REMOUNT;
	if (call.way == MNTCOMPAT_WAY_SCRATCH) {
		call.kept = template_use();
		call.checked = mount_setattr_check(user, size, true, &call.attr);
	} else {
		/* The number of a user namespace, which the kernel reads in the helper. */
		files.whole = size >= sizeof(call.attr) &&
			      usercopy_from(&call.attr, user, sizeof(call.attr)) == 0 &&
			      call.attr.attr_set & IDMAP;
	}
	ret = helper_run_fd(attr_task, &call, &files);
	if (files.refused)
		ret = without_helper(&call);
	/* The errors of open_tree(2) itself come first. */
	if (!call.opened)
		return ret == -EINVAL ? detached_clone_refusal(dfd, path, flags) :
					refusal(ret, flags);
	*way = call.way;
	return ret;
}

int open_tree_attr_set(int fd, unsigned int flags, const struct mntcompat_mount_attr *user,
		       size_t size)
{
	if (feature_probe(FEATURE_MOUNT_SETATTR) != FEATURE_PRESENT)
		return -EOPNOTSUPP;
	return raw_mount_setattr(fd, "", MNTCOMPAT_AT_EMPTY_PATH | (flags & MNTCOMPAT_AT_RECURSIVE),
				 user, size);
}

int open_tree_attr_refuse(int fd, const struct mntcompat_mount_attr *user, size_t size)
{
	struct mntcompat_mount_attr attr;
	int ret;

	/*
	 * The kernel checks the attributes before the file; this file is not the root of a mount.
	 */
	if (feature_probe(FEATURE_MOUNT_SETATTR) == FEATURE_PRESENT)
		return raw_mount_setattr(fd, "", MNTCOMPAT_AT_EMPTY_PATH, user, size);
	ret = mount_setattr_check(user, size, false, &attr);
	return ret > 0 || ret == -EOPNOTSUPP ? -EINVAL : ret;
}
