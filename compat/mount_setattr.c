// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mount_setattr.c - mount attributes by mount(2): MS_REMOUNT|MS_BIND for each mount, propagation in
 * one call. A remount sets all flags of a mount, so the flags that the caller does not name are
 * read first. Touches mounts of the caller's namespace, from a helper.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/mount_setattr.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/detached.h"
#include "compat/task/helper.h"
#include "compat/task/lookup.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"
#include "compat/task/outside.h"
#include "compat/task/procfs.h"
#include "compat/task/usercopy.h"

#define PROPAGATION (MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE)
#define ATIME MNTCOMPAT_MOUNT_ATTR__ATIME
#define IDMAP MNTCOMPAT_MOUNT_ATTR_IDMAP
#define KNOWN_ATTRS \
	(MNTCOMPAT_MOUNT_ATTR_RDONLY | MNTCOMPAT_MOUNT_ATTR_NOSUID | MNTCOMPAT_MOUNT_ATTR_NODEV | \
	 MNTCOMPAT_MOUNT_ATTR_NOEXEC | ATIME | MNTCOMPAT_MOUNT_ATTR_NODIRATIME | IDMAP | \
	 MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW)

/* One flag under its three names. */
static const struct {
	uint64_t attr;
	unsigned long ms;
	unsigned long st;
} flags_of_a_mount[] = {
	{ MNTCOMPAT_MOUNT_ATTR_RDONLY, MS_RDONLY, UAPI_ST_RDONLY },
	{ MNTCOMPAT_MOUNT_ATTR_NOSUID, MS_NOSUID, UAPI_ST_NOSUID },
	{ MNTCOMPAT_MOUNT_ATTR_NODEV, MS_NODEV, UAPI_ST_NODEV },
	{ MNTCOMPAT_MOUNT_ATTR_NOEXEC, MS_NOEXEC, UAPI_ST_NOEXEC },
	{ MNTCOMPAT_MOUNT_ATTR_NOATIME, MS_NOATIME, UAPI_ST_NOATIME },
	{ MNTCOMPAT_MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, UAPI_ST_NODIRATIME },
	{ MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW, UAPI_MS_NOSYMFOLLOW, UAPI_ST_NOSYMFOLLOW },
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define UNDO_TRIES 4

/* --- the request --- */

/*
 * If no call can tell: 0 if the caller lacks CAP_SYS_ADMIN, or has it only over another user
 * namespace than the mount namespace's; else -EOPNOTSUPP, because a filter refuses all these calls.
 */
static int may_mount_by_owner(void)
{
	uint64_t capabilities = 0;
	struct namespace_door door;
	struct namespace_name user;
	int ret = raw_capget_effective(&capabilities);

	if (ret == 0 && !(capabilities & UAPI_CAP_SYS_ADMIN))
		return 0;
	if (ret == 0)
		ret = namespace_door_open(&door);
	if (ret < 0)
		return refusal_of_step(ret);
	ret = namespace_owner(&door, &user);
	namespace_door_close(&door);
	return ret ? -EOPNOTSUPP : 0;
}

/*
 * open_tree(2)
 * checks it before the path when it clones, fsopen(2) before the type; pivot_root(2) did so until
 * 7.0, long after both were added. EPERM of one alone may be a filter's.
 */
int mount_setattr_may_mount(void)
{
	int clone = raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE), context, pivot;

	if (clone == -EFAULT)
		return 1;
	if (clone == -EMFILE || clone == -ENFILE)
		return clone;
	context = raw_fsopen(NULL, 0);
	if (context == -EFAULT)
		return 1;
	if (clone == -EPERM && context == -EPERM &&
	    feature_probe(FEATURE_OPEN_TREE) == FEATURE_PRESENT)
		return 0;
	pivot = raw_pivot_root(NULL, NULL);
	if (pivot == -EFAULT)
		return 1;
	if (refusal_is(clone) || refusal_is(context) || refusal_is(pivot))
		return may_mount_by_owner();
	return -ENOSYS;
}

static int check_id_map(const struct mntcompat_mount_attr *attr, bool replace)
{
	struct stat st;
	int flags, type;

	if (!((attr->attr_set | attr->attr_clr) & IDMAP))
		return 0;
	if ((attr->attr_clr & IDMAP) && !replace)
		return -EINVAL;
	if (attr->attr_set & IDMAP) {
		if (attr->userns_fd > INT_MAX)
			return -EINVAL;
		flags = raw_fcntl((int)attr->userns_fd, F_GETFL, 0);
		if (flags < 0 || (flags & O_PATH))
			return -EBADF;
		type = raw_ns_get_nstype((int)attr->userns_fd);
		if (type >= 0 ? type != CLONE_NEWUSER : type == -ENOTTY || type == -EINVAL)
			return -EINVAL;
		/* The kernel takes any user namespace but the initial one. */
		if (type >= 0 && raw_fstat((int)attr->userns_fd, &st) == 0 &&
		    st.st_ino == UAPI_INITIAL_USER_INO)
			return -EPERM;
	}
	debug_call("mount_setattr: id-mapped mounts need mount_setattr(2) of Linux 5.12");
	return -EOPNOTSUPP;
}

static int check_fields(const struct mntcompat_mount_attr *attr, bool replace)
{
	if ((attr->propagation & ~(uint64_t)PROPAGATION) ||
	    (attr->propagation & (attr->propagation - 1)))
		return -EINVAL;
	if ((attr->attr_set | attr->attr_clr) & ~(uint64_t)KNOWN_ATTRS)
		return -EINVAL;
	if ((attr->attr_clr & ATIME) && (attr->attr_clr & ATIME) != ATIME)
		return -EINVAL;
	if ((attr->attr_set & ATIME) && !(attr->attr_clr & ATIME))
		return -EINVAL;
	switch (attr->attr_set & ATIME) {
	case MNTCOMPAT_MOUNT_ATTR_RELATIME:
	case MNTCOMPAT_MOUNT_ATTR_NOATIME:
	case MNTCOMPAT_MOUNT_ATTR_STRICTATIME:
		break;
	default:
		return -EINVAL;
	}
	return check_id_map(attr, replace);
}

struct attr_check {
	const struct mntcompat_mount_attr *user;
	size_t size;
	bool replace;
	struct mntcompat_mount_attr *attr;
};

static int check_task(void *arg)
{
	const struct attr_check *check = arg;
	struct mntcompat_mount_attr *attr = check->attr;
	size_t size = check->size;
	int ret;

	if (size > (size_t)sysconf(_SC_PAGESIZE))
		return -E2BIG;
	if (size < MNTCOMPAT_MOUNT_ATTR_SIZE_VER0)
		return -EINVAL;
	ret = mount_setattr_may_mount();
	if (ret <= 0)
		return ret ? ret : -EPERM;
	ret = usercopy_struct(attr, sizeof(*attr), check->user, size);
	if (ret < 0)
		return ret;
	if (!attr->attr_set && !attr->attr_clr && !attr->propagation)
		return 0;
	ret = check_fields(attr, check->replace);
	return ret < 0 ? ret : 1;
}

int mount_setattr_check(const struct mntcompat_mount_attr *user, size_t size, bool replace,
			struct mntcompat_mount_attr *attr)
{
	struct attr_check check = { user, size, replace, attr };

	/* Older kernels check for a free descriptor before they check the privilege. */
	return helper_with_room(check_task, &check, NULL);
}

/* --- one mount --- */

static uint64_t changed(uint64_t now, const struct mntcompat_mount_attr *attr)
{
	return (now & ~attr->attr_clr) | attr->attr_set;
}

static int change(const char *path, unsigned long flags)
{
	return raw_mount(NULL, path, NULL, flags, NULL);
}

static int unmount(const char *path, unsigned long flags)
{
	return raw_umount2(path, (int)flags);
}

/*
 * A call for the mount whose root @fd is, and no other that lies there: by a link of procfs, which
 * leads to any file and calls no file server, or by cwd.
 */
static int call_at(struct namespace_door *door, int fd,
		   int (*call)(const char *path, unsigned long flags), unsigned long flags)
{
	char path[PROCFS_FD_PATH];
	int ret = namespace_door_procfs(door), cwd;

	if (raw_is_shortage(ret))
		return ret;
	if (ret == 0)
		ret = raw_fchdir(door->procfs);
	if (ret == 0) {
		procfs_fd_path(fd, path);
		ret = call(path, flags);
		/* A procfs of another pid namespace does not show this task. */
		if (ret != -ENOENT)
			return ret;
	}
	cwd = raw_fchdir(fd);
	if (cwd == 0)
		return call(".", flags);
	return cwd != -ENOTDIR && cwd != -EACCES ? cwd : ret == -ENOENT ? -ENOSYS : ret;
}

static int mount_at(struct namespace_door *door, int fd, unsigned long flags)
{
	return call_at(door, fd, change, flags);
}

/*
 * True for a mount that is in no table of the caller's: nothing is above it, and the kernel returns
 * EINVAL, not EBUSY, for an attempt to unmount it if nobody uses it; @fd does.
 */
static bool is_apart(struct namespace_door *door, int fd)
{
	return detached_is_apart(fd) && call_at(door, fd, unmount, MNT_EXPIRE) == -EINVAL;
}

/* The mount's line in the current namespace's table; -ENOENT if it is not there. */
static int own_line(struct namespace_door *door, int fd, struct mountinfo_window *window,
		    struct mountinfo_table *table, struct mountinfo_line *line)
{
	int64_t id;
	int ret, file, round;

	ret = namespace_door_procfs(door);
	if (ret < 0)
		return ret;
	id = procfs_mount_id(door->procfs, fd);
	if (id < 0)
		return (int)id;
	for (round = 0;; round++) {
		file = raw_openat(door->procfs, "self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
		if (file < 0)
			return file == -ENOENT ? -ENOSYS : refusal_of_step(file);
		ret = mountinfo_find(file, (uint32_t)id, window, table, line);
		raw_close(file);
		/* A mount outside the root: search again from the top of the namespace. */
		if (ret != -ENOENT || round || namespace_land_on_top(door) < 0)
			return ret == -EIO ? -EOPNOTSUPP : ret;
	}
}

/* The attributes in the mount's line. */
static int line_flags(struct namespace_door *door, int fd, uint64_t *attr)
{
	struct mountinfo_window window;
	struct mountinfo_table table;
	struct mountinfo_line line;
	int ret = own_line(door, fd, &window, &table, &line);

	if (ret < 0)
		return ret;
	*attr = mountinfo_mount_attr(line.mount_options) & ~(uint64_t)IDMAP;
	mountinfo_release(&table);
	return 0;
}

/* Set all flags of one mount. */
static int remount(struct namespace_door *door, int fd, uint64_t attr)
{
	unsigned long flags = MS_REMOUNT | MS_BIND;
	uint64_t now;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(flags_of_a_mount); i++)
		if (attr & flags_of_a_mount[i].attr)
			flags |= flags_of_a_mount[i].ms;
	/* Always one of the three, or all of atime is left as it is. */
	if ((attr & ATIME) == MNTCOMPAT_MOUNT_ATTR_RELATIME)
		flags |= MS_RELATIME;
	else if ((attr & ATIME) == MNTCOMPAT_MOUNT_ATTR_STRICTATIME)
		flags |= MS_STRICTATIME;
	ret = mount_at(door, fd, flags);
	/* Before 5.10 an unknown flag is not an error: check the result. */
	if (ret == 0 && (attr & MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW) &&
	    raw_get_kernel() < RAW_KERNEL(5, 10))
		return -EOPNOTSUPP;
	if (ret == 0 && (attr & MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW) &&
	    line_flags(door, fd, &now) == 0 && !(now & MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW))
		return -EOPNOTSUPP;
	return ret;
}

/*
 * The flags of one mount. statfs returns all of them in one call, but for "read-only", which there
 * means the mount or its superblock. @exact: the mount's own is needed. Where statfs may call a
 * file server they are read in the table.
 */
static int read_flags(struct namespace_door *door, int fd, bool exact, uint64_t *attr)
{
	struct raw_statx stx;
	struct statfs fs;
	int ret = offline_statx(fd, &stx);
	unsigned long st;
	size_t i;

	if (ret == 0)
		ret = offline_is_local(fd, &stx) ? raw_fstatfs(fd, &fs) : -EOPNOTSUPP;
	st = ret == 0 ? (unsigned long)fs.f_flags : 0;
	if (ret == 0 && (st & UAPI_ST_VALID) && !(exact && (st & UAPI_ST_RDONLY))) {
		*attr = st & (UAPI_ST_RELATIME | UAPI_ST_NOATIME) ?
				0 :
				MNTCOMPAT_MOUNT_ATTR_STRICTATIME;
		for (i = 0; i < ARRAY_SIZE(flags_of_a_mount); i++)
			if (st & flags_of_a_mount[i].st)
				*attr |= flags_of_a_mount[i].attr;
		return 0;
	}
	return line_flags(door, fd, attr);
}

/*
 * mount(2) returned @ret for a change. EPERM is the kernel's for a flag that is locked in a user
 * namespace; then a remount that changes nothing succeeds. Anything else is a filter's or a
 * security module's.
 */
static int refusal_of_change(struct namespace_door *door, int fd, int ret)
{
	uint64_t now;

	if (ret == -EPERM && read_flags(door, fd, true, &now) == 0 && remount(door, fd, now) == 0)
		return ret;
	return refusal_of_step(ret);
}

/* --- a mount and all below it --- */

struct tree_entry {
	uint32_t id, parent;
	uint64_t attr;
	struct mountinfo_line line;
	enum { UNKNOWN, BELOW, ELSEWHERE } where;
};

struct tree {
	struct mountinfo_table table;
	struct tree_entry *entries;
	uint32_t *index; /* a hash table of entry numbers + 1 */
	size_t count, slots;
	int fd; /* of the top mount */
	uint32_t top;
	struct offline_ways ways;
};

static size_t tree_slot(const struct tree *tree, uint32_t id)
{
	size_t slot = (id * 2654435761u) & (tree->slots - 1);

	while (tree->index[slot] && tree->entries[tree->index[slot] - 1].id != id)
		slot = (slot + 1) & (tree->slots - 1);
	return slot;
}

static struct tree_entry *tree_find(const struct tree *tree, uint32_t id)
{
	uint32_t number = tree->index[tree_slot(tree, id)];

	return number ? &tree->entries[number - 1] : NULL;
}

/* Up to the first mount whose place is known; then down the same way again to set the others. */
static void tree_place(const struct tree *tree, struct tree_entry *entry)
{
	struct tree_entry *at = entry;
	size_t steps = 0;
	int where;

	while (at && at->where == UNKNOWN && steps++ <= tree->count)
		at = at->parent == at->id ? NULL : tree_find(tree, at->parent);
	where = at && at->where == BELOW ? BELOW : ELSEWHERE;
	for (at = entry; at && at->where == UNKNOWN; at = tree_find(tree, at->parent))
		at->where = where;
}

static void tree_release(struct tree *tree)
{
	if (tree->entries)
		raw_munmap(tree->entries, tree->count * sizeof(*tree->entries));
	if (tree->index)
		raw_munmap(tree->index, tree->slots * sizeof(*tree->index));
	mountinfo_release(&tree->table);
}

static int tree_read(struct namespace_door *door, int fd, struct tree *tree)
{
	struct mountinfo_line line;
	size_t pos, i;
	int ret = own_line(door, fd, NULL, &tree->table, &line);

	if (ret < 0)
		return ret;
	*tree = (struct tree){ .table = tree->table, .fd = fd, .top = line.id, .slots = 64 };
	for (pos = 0; mountinfo_next(&tree->table, &pos, &line);)
		tree->count++;
	while (tree->slots < 2 * tree->count)
		tree->slots *= 2;
	tree->entries = raw_mmap(tree->count * sizeof(*tree->entries));
	tree->index = raw_mmap(tree->slots * sizeof(*tree->index));
	if (!tree->entries || !tree->index) {
		tree_release(tree);
		return -ENOMEM;
	}
	for (pos = 0, i = 0; i < tree->count && mountinfo_next(&tree->table, &pos, &line); i++) {
		tree->entries[i] = (struct tree_entry){
			.id = line.id,
			.parent = line.parent,
			.line = line,
			.attr = mountinfo_mount_attr(line.mount_options) & ~(uint64_t)IDMAP,
			.where = line.id == tree->top ? BELOW : UNKNOWN,
		};
		/* An id that stands there twice was given to another mount during the reading. */
		if (tree_find(tree, line.id))
			tree_find(tree, line.id)->where = ELSEWHERE;
		tree->index[tree_slot(tree, line.id)] = (uint32_t)i + 1;
	}
	for (i = 0; i < tree->count; i++)
		tree_place(tree, &tree->entries[i]);
	return 0;
}

/* The root of exactly this mount, or -EOPNOTSUPP if another mount covers it. */
static int entry_open(struct namespace_door *door, struct tree *tree,
		      const struct tree_entry *entry)
{
	char path[PATH_MAX];
	size_t len;
	int fd;

	if (entry->id == tree->top)
		return refusal_of_step(raw_fcntl(tree->fd, F_DUPFD_CLOEXEC, 0));
	len = mountinfo_unescape(entry->line.mount_point, path, sizeof(path));
	if (len >= sizeof(path))
		return -EOPNOTSUPP;
	path[len] = '\0';
	/*
	 * The native call asks no file server about a mount in a directory of another filesystem.
	 */
	if (offline_is_free_way(&tree->table, &entry->line, &tree->ways)) {
		fd = raw_openat(AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	} else {
		fd = raw_openat_cached(AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			debug_step("mount_setattr: the way to %s leads through a file server",
				   path);
	}
	if (fd < 0)
		return fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM ? fd : -EOPNOTSUPP;
	if (procfs_mount_id(door->procfs, fd) == entry->id)
		return fd;
	raw_close(fd);
	debug_step("mount_setattr: %s is covered by another mount", path);
	return -EOPNOTSUPP;
}

static int entry_set(struct namespace_door *door, struct tree *tree, const struct tree_entry *entry,
		     uint64_t attr)
{
	int fd = entry_open(door, tree, entry);
	int ret;

	if (fd < 0)
		return fd;
	ret = remount(door, fd, attr);
	raw_close(fd);
	return ret;
}

static bool entry_changes(const struct tree_entry *entry, const struct mntcompat_mount_attr *attr)
{
	return entry->where == BELOW && changed(entry->attr, attr) != entry->attr;
}

static void tree_undo(struct namespace_door *door, struct tree *tree, size_t done,
		      const struct mntcompat_mount_attr *attr)
{
	int ret, tries;
	size_t i;

	for (i = done; i-- > 0;) {
		if (!entry_changes(&tree->entries[i], attr))
			continue;
		/* Retry, so that a temporary shortage does not leave the change half done. */
		for (ret = -1, tries = 0; ret < 0 && tries < UNDO_TRIES; tries++)
			ret = entry_set(door, tree, &tree->entries[i], tree->entries[i].attr);
		if (ret < 0)
			debug_step("mount_setattr: mount %u could not be put back (%d)",
				   tree->entries[i].id, -ret);
	}
}

static int tree_set(struct namespace_door *door, struct tree *tree,
		    const struct mntcompat_mount_attr *attr)
{
	size_t i;
	int fd, ret = 0;

	/* Find unreachable mounts before anything is changed. */
	for (i = 0; i < tree->count; i++) {
		if (!entry_changes(&tree->entries[i], attr))
			continue;
		fd = entry_open(door, tree, &tree->entries[i]);
		if (fd < 0)
			return fd;
		raw_close(fd);
	}
	for (i = 0; i < tree->count; i++) {
		if (!entry_changes(&tree->entries[i], attr))
			continue;
		ret = entry_set(door, tree, &tree->entries[i],
				changed(tree->entries[i].attr, attr));
		if (ret < 0)
			break;
	}
	/*
	 * The one that failed may have been changed as well (to something that was not requested).
	 */
	if (ret == -EOPNOTSUPP)
		i++;
	if (ret < 0)
		tree_undo(door, tree, i, attr);
	return ret;
}

/* --- the change --- */

int mount_setattr_propagation(struct namespace_door *door, int fd, bool recursive,
			      uint64_t propagation)
{
	return refusal_of_step(
		mount_at(door, fd, (unsigned long)propagation | (recursive ? MS_REC : 0)));
}

static int apply_to_detached(struct namespace_door *door, int fd, bool recursive,
			     const struct mntcompat_mount_attr *attr)
{
	int ret = -EINVAL;

	bool flags = attr->attr_set || attr->attr_clr;

	/* mount(2) refused it, and 7.3 refuses it too, unless it is the root of a detached tree. */
	if (flags ? !detached_looks_like_root(fd) : !detached_is_root(fd))
		return -EINVAL;
	if (!flags)
		ret = mount_setattr_propagation(door, fd, recursive, attr->propagation);
	if (ret != -EINVAL)
		return ret;
	debug_call("mount_setattr: flags of detached trees need mount_setattr(2) of Linux 5.12");
	return -EOPNOTSUPP;
}

static int apply_to_one(struct namespace_door *door, int fd,
			const struct mntcompat_mount_attr *attr)
{
	bool named = (attr->attr_set | attr->attr_clr) & MNTCOMPAT_MOUNT_ATTR_RDONLY;
	uint64_t now;
	int ret, tries;

	ret = read_flags(door, fd, !named || attr->propagation, &now);
	if (ret < 0)
		return ret == -ENOENT ? -EINVAL : ret;
	/*
	 * Remount even if nothing changes: only this shows whether the mount is in the current
	 * namespace.
	 */
	ret = remount(door, fd, changed(now, attr));
	if (ret == 0 && attr->propagation)
		ret = mount_setattr_propagation(door, fd, false, attr->propagation);
	else if (ret != -EOPNOTSUPP)
		return refusal_of_change(door, fd, ret);
	for (tries = 0; ret < 0 && tries < UNDO_TRIES && remount(door, fd, now) < 0; tries++)
		;
	return ret;
}

static int apply_to_tree(struct namespace_door *door, int fd,
			 const struct mntcompat_mount_attr *attr)
{
	struct tree tree;
	const struct tree_entry *top;
	int ret;

	ret = tree_read(door, fd, &tree);
	if (ret < 0)
		return ret == -ENOENT ? -EINVAL : ret;
	/* Fails unless it is a mount's root that may be changed. */
	top = tree_find(&tree, tree.top);
	ret = refusal_of_step(remount(door, fd, top->attr));
	if (ret == 0)
		ret = tree_set(door, &tree, attr);
	if (ret == 0 && attr->propagation) {
		ret = mount_setattr_propagation(door, fd, true, attr->propagation);
		if (ret < 0)
			tree_undo(door, &tree, tree.count, attr);
	}
	tree_release(&tree);
	return ret == -EACCES ? -EOPNOTSUPP : ret;
}

int mount_setattr_apply(struct namespace_door *door, int fd, bool recursive,
			const struct mntcompat_mount_attr *attr)
{
	/* Propagation needs no list of the mounts: mount(2) takes all of them at once. */
	bool one_by_one = recursive && (attr->attr_set || attr->attr_clr);
	struct mntcompat_mount_attr nothing = { .attr_set = 0 };
	int ret;

	if (!detached_is_mount_root(fd))
		return -EINVAL;
	if (is_apart(door, fd)) {
		ret = -EINVAL;
	} else if (one_by_one) {
		ret = apply_to_tree(door, fd, attr);
	} else if (recursive) {
		ret = apply_to_one(door, fd, &nothing);
		if (ret == 0)
			ret = mount_setattr_propagation(door, fd, true, attr->propagation);
	} else {
		ret = apply_to_one(door, fd, attr);
	}
	return ret == -EINVAL ? apply_to_detached(door, fd, recursive, attr) : ret;
}

struct setattr_call {
	int dfd;
	const char *path;
	unsigned int flags;
	struct mntcompat_mount_attr attr;
	struct helper_files *files;
	int fd;
};

static int apply_task(void *arg)
{
	struct setattr_call *call = arg;
	struct namespace_door door;
	int ret = namespace_door_open(&door);

	if (ret < 0)
		return ret;
	ret = mount_setattr_apply(&door, call->fd, call->flags & MNTCOMPAT_AT_RECURSIVE,
				  &call->attr);
	namespace_door_close(&door);
	return ret;
}

static int setattr_task(void *arg)
{
	struct setattr_call *call = arg;
	int ret;

	call->fd = lookup_path(call->dfd, call->path, call->flags & LOOKUP_FLAGS, false);
	if (call->fd < 0)
		return call->fd;
	/* None of the helper's own files is a directory. */
	call->files->found = offline_is_directory(call->fd) == 1;
	ret = apply_task(call);
	raw_close(call->fd);
	return ret;
}

/* Without a helper, which would become the init of a pid namespace. */
static int setattr_here(struct setattr_call *call)
{
	int own, ret;

	call->fd = lookup_path(call->dfd, call->path, call->flags & LOOKUP_FLAGS, false);
	if (call->fd < 0)
		return call->fd;
	ret = own = namespace_own(NULL);
	if (own >= 0) {
		ret = outside_make(own, apply_task, call);
		raw_close(own);
	}
	raw_close(call->fd);
	return raw_is_shortage(ret) || own >= 0 ? ret : -EOPNOTSUPP;
}

int mount_setattr_emulate(int dfd, const char *path, unsigned int flags,
			  const struct mntcompat_mount_attr *user, size_t size)
{
	struct setattr_call call = { .dfd = dfd, .path = path, .flags = flags };
	struct helper_files files = { .in = &call.dfd };
	int ret;

	call.files = &files;

	if (flags & ~(LOOKUP_FLAGS | MNTCOMPAT_AT_RECURSIVE))
		return -EINVAL;
	/* Before the helper starts: the number of a user namespace is one of the caller's table. */
	ret = mount_setattr_check(user, size, false, &call.attr);
	if (ret <= 0)
		return ret;
	ret = helper_run_lookup(setattr_task, &call, &files);
	return files.refused ? setattr_here(&call) : ret;
}
