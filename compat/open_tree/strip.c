// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * strip.c - empties and fills mount namespaces.
 * Changes the namespace, root and cwd of the calling task, which has to be a helper.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/strip.h"
#include "compat/task/helper.h"
#include "compat/task/mountinfo.h"
#include "compat/task/nowhere.h"
#include "compat/task/procfs.h"

/* Mounts stacked on "/": more than any system has, few enough to end. */
#define NAMESPACE_MAX_STACK 64

/*
 * Replace the mounts at "/" by an empty tmpfs, the cover, and drop the rest; then the cover too
 * unless @keep. The detour over pivot_root makes this safe: the kernel refuses it when the mount
 * below is shared, where unmounting "/" itself would unmount the caller's root as well.
 * Returns 0 (nothing of it left), 1 (the cover stayed: kept, or locked), -EINVAL (no pivot here).
 */
static int peel_root(bool keep)
{
	int cover = nowhere_mount("tmpfs", MNTCOMPAT_MOUNT_ATTR_RDONLY);
	int ret;

	if (cover < 0)
		return cover;
	ret = raw_move_mount(cover, "", AT_FDCWD, "/", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);
	if (ret == 0)
		ret = raw_fchdir(cover);
	raw_close(cover);
	if (ret < 0)
		return ret == -EINVAL ? -EOPNOTSUPP : ret;
	ret = raw_pivot_root(".", ".");
	if (ret < 0) {
		raw_umount2(".", MNT_DETACH);
		return ret;
	}
	ret = raw_umount2(".", MNT_DETACH);
	if (ret < 0)
		return -EOPNOTSUPP;
	if (keep)
		return 1;
	ret = raw_umount2("/", MNT_DETACH);
	return ret == -EINVAL ? 1 : ret;
}

/*
 * The same where pivot_root(2) is filtered, as in Docker's default profile: unmount "/" itself. A
 * move of "/" onto itself has no effect, and its errno tells whether that is safe: the kernel
 * returns EINVAL if the mount below is shared, if "/" is locked, or if nothing is below it; ELOOP
 * after it has checked all that. Root and cwd are unmounted afterwards, until the task lands on
 * top again.
 * Returns 0, or -EINVAL as peel_root().
 */
static int peel_root_unpivoted(void)
{
	int ret = raw_move_mount(AT_FDCWD, "/", AT_FDCWD, "/", 0);

	if (refusal_has_next(ret))
		ret = raw_mount("/", "/", NULL, MS_MOVE, NULL);
	return ret == -ELOOP ? raw_umount2("/", MNT_DETACH) : ret;
}

/*
 * Unmounting by path, whatever the depth, is idempotent: an error means that it went with its
 * parent.
 */
static bool unmount_path(const char *path)
{
	return raw_umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
}

/*
 * The result of unmount_children(). @is_bottom: "/" is the only mount that is its own parent;
 * @left: the number of mounts on it; @progress: unmounting one of them worked.
 */
static int children_verdict(bool is_bottom, size_t left, bool progress)
{
	if (!is_bottom)
		return -EOPNOTSUPP;
	if (!left)
		return 0;
	return progress ? -EAGAIN : -EBUSY;
}

/*
 * 1 if "/" is the bottom without any mount on it, else 0; -ENOSYS where statmount and listmount
 * (6.8) cannot tell. In a namespace of the task's own, so that the answer lasts.
 */
static int is_empty_bottom(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 };
	struct mntcompat_statmount answer;
	struct raw_statx stx;
	uint64_t child;
	ssize_t n;

	if (raw_statx(AT_FDCWD, "/", UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) <
		    0 ||
	    !(stx.mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE))
		return -ENOSYS;
	req.mnt_id = stx.mnt_id;
	req.param = MNTCOMPAT_STATMOUNT_MNT_BASIC;
	if (raw_statmount(&req, &answer, sizeof(answer), 0) < 0)
		return -ENOSYS;
	if (answer.mnt_parent_id != answer.mnt_id)
		return 0;
	req.param = 0;
	n = raw_listmount(&req, &child, 1, 0);
	return n < 0 ? -ENOSYS : n == 0;
}

/* By statmount and listmount (6.8), which need no procfs. -ENOSYS where they are missing. */
static int unmount_children_by_id(void)
{
	/* Ids and one answer: far more than a bottom has children once what covered it is gone. */
	enum { IDS = 512, ANSWER = 512 + PATH_MAX + 2, ROOM = IDS * 8 + ANSWER };
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 };
	struct mntcompat_statmount *answer;
	bool is_bottom, progress = false;
	struct raw_statx stx;
	uint64_t *ids;
	ssize_t n, i;

	if (raw_statx(AT_FDCWD, "/", UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) <
		    0 ||
	    !(stx.mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE))
		return -ENOSYS;
	ids = raw_mmap(ROOM);
	if (!ids)
		return -ENOMEM;
	answer = (void *)(ids + IDS);
	req.mnt_id = stx.mnt_id;
	req.param = MNTCOMPAT_STATMOUNT_MNT_BASIC;
	n = raw_statmount(&req, answer, ANSWER, 0);
	is_bottom = n == 0 && answer->mnt_parent_id == answer->mnt_id;
	if (n == 0) {
		req.param = 0;
		n = raw_listmount(&req, ids, IDS, 0);
	}
	req.param = MNTCOMPAT_STATMOUNT_MNT_POINT;
	for (i = 0; is_bottom && i < n; i++) {
		req.mnt_id = ids[i];
		if (raw_statmount(&req, answer, ANSWER, 0) == 0)
			progress |= unmount_path(answer->str + answer->mnt_point);
	}
	raw_munmap(ids, ROOM);
	return n < 0 ? -ENOSYS : children_verdict(is_bottom, (size_t)n, progress);
}

static int unmount_children_by_mountinfo(int procfs)
{
	struct mountinfo_table table;
	struct mountinfo_line line;
	bool is_bottom = false, progress = false;
	char path[PATH_MAX];
	size_t pos, len, left = 0;
	int fd, ret;

	fd = raw_openat(procfs, "self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd == -EMFILE || fd == -ENFILE ? fd : -EOPNOTSUPP;
	ret = mountinfo_read(fd, &table);
	raw_close(fd);
	if (ret < 0)
		return ret == -ENOMEM ? ret : -EOPNOTSUPP;
	for (pos = 0; mountinfo_next(&table, &pos, &line);)
		is_bottom |= line.id == line.parent;
	for (pos = 0; is_bottom && mountinfo_next(&table, &pos, &line);) {
		if (line.id == line.parent)
			continue;
		left++;
		len = mountinfo_unescape(line.mount_point, path, sizeof(path));
		if (len < sizeof(path)) {
			path[len] = '\0';
			progress |= unmount_path(path);
		}
	}
	mountinfo_release(&table);
	return children_verdict(is_bottom, left, progress);
}

/*
 * "/" cannot be replaced. Fine if it is the bottom mount without mounts on it; else unmount those.
 * Returns 0 (empty), -EAGAIN (some were unmounted, look again), -EBUSY (a locked mount stays),
 * -EOPNOTSUPP if "/" is not the bottom.
 */
static int unmount_children(const struct namespace_door *door)
{
	int ret = unmount_children_by_id();
	int procfs;

	if (ret != -ENOSYS)
		return ret;
	if (door->procfs >= 0)
		return unmount_children_by_mountinfo(door->procfs);
	procfs = procfs_open_root();
	if (procfs < 0)
		return procfs == -ENOSYS ? -EOPNOTSUPP : procfs;
	ret = unmount_children_by_mountinfo(procfs);
	raw_close(procfs);
	return ret;
}

/*
 * The bottom is the caller's own root filesystem (it never left the initial one): none of it may
 * become visible when the tree that will cover it is unmounted.
 */
static int cover_bottom(const struct namespace_door *door)
{
	int cover = nowhere_mount("tmpfs", MNTCOMPAT_MOUNT_ATTR_RDONLY);
	int ret;

	if (cover < 0)
		return cover;
	ret = raw_move_mount(cover, "", AT_FDCWD, "/", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);
	raw_close(cover);
	return ret < 0 ? ret : namespace_land_on_top(door);
}

int namespace_make_private(bool recursive)
{
	struct mntcompat_mount_attr attr = { .propagation = MS_PRIVATE };
	int ret = raw_mount(NULL, "/", NULL, MS_PRIVATE | (recursive ? MS_REC : 0), NULL), other;

	if (!refusal_has_next(ret))
		return ret;
	/* AppArmor's rules for mounts do not apply to mount_setattr(2). */
	other = raw_mount_setattr(AT_FDCWD, "/", recursive ? MNTCOMPAT_AT_RECURSIVE : 0, &attr,
				  sizeof(attr));
	return other == -ENOSYS ? ret : other;
}

struct covered_copy {
	const struct namespace_door *door;
	int fd;
};

/* In a user namespace below the caller's: a copy of the namespace, with a cover on its "/". */
static int covered_copy_task(void *arg)
{
	struct covered_copy *copy = arg;
	int ret = raw_unshare(CLONE_NEWUSER | CLONE_NEWNS);

	if (ret == 0)
		ret = cover_bottom(copy->door);
	if (ret == 0)
		ret = copy->fd = namespace_own(copy->door);
	return ret < 0 ? ret : 0;
}

/*
 * A mount that is locked on the bottom cannot be unmounted, and a cover over it would not stay: the
 * owner of a namespace may unmount what was mounted in it. But the kernel locks all mounts when it
 * copies a namespace for another user namespace, and the owner may enter a child's namespace: go
 * there and back again. The locked mounts stay, below a cover that nobody can unmount. Costs two
 * copies of them, and needs CAP_SYS_CHROOT.
 */
static int cover_bottom_for_good(const struct namespace_door *door)
{
	struct namespace_door others = *door;
	struct covered_copy copy = { &others, -1 };
	int ret;

	/* A pidfd in it is of this task. */
	others.kept = false;
	/* Shares the table of this helper. */
	ret = helper_look(covered_copy_task, &copy);
	if (ret < 0)
		return raw_is_shortage(ret) ? ret : -EOPNOTSUPP;
	ret = raw_setns(copy.fd, CLONE_NEWNS);
	raw_close(copy.fd);
	if (ret == 0)
		ret = raw_unshare(CLONE_NEWNS);
	return ret == 0 || raw_is_shortage(ret) || ret == -ENOSPC ? ret : -EOPNOTSUPP;
}

int namespace_strip(const struct namespace_door *door, bool *locked)
{
	bool own_bottom = false;
	int ret, refused, round;

	*locked = false;
	for (round = 0; round < NAMESPACE_MAX_STACK; round++) {
		/* Needs CAP_SYS_CHROOT. Without it the mount under the cover cannot be entered. */
		bool blind = namespace_land_on_top(door) < 0;

		if (blind && round)
			return -EOPNOTSUPP;
		/* Mostly nothing is left now, and checking is cheaper than another cover. */
		if (round && is_empty_bottom() == 1)
			return own_bottom ? cover_bottom(door) : 0;
		ret = namespace_make_private(true);
		if (ret < 0)
			return ret == -EINVAL ? -EOPNOTSUPP : ret;
		ret = peel_root(blind);
		/* Without CAP_SYS_CHROOT there would be no way to the mount below. */
		refused = refusal_has_next(ret) ? ret : 0;
		if (refused && !blind)
			ret = peel_root_unpivoted();
		if (ret == 1) {
			*locked = true;
			return 0;
		}
		if (ret == -EINVAL) {
			ret = unmount_children(door);
			own_bottom |= round == 0;
			if (ret == 0 && own_bottom)
				return cover_bottom(door);
			if (ret == -EBUSY) {
				*locked = true;
				return blind ? -EOPNOTSUPP : cover_bottom_for_good(door);
			}
			if (ret != -EAGAIN)
				return refused && ret == -EOPNOTSUPP ? refused : ret;
		} else if (ret < 0) {
			return ret;
		}
	}
	return -EOPNOTSUPP;
}

/* True if there is certainly nothing in "/". */
static bool is_blank(void)
{
	char entries[512] __attribute__((aligned(8)));
	int dir = raw_openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC, 0);
	bool blank = true;
	ssize_t len, at;

	if (dir < 0)
		return false;
	/* "." and ".." leave room for any other name. */
	len = raw_getdents64(dir, entries, sizeof(entries));
	raw_close(dir);
	for (at = 0; at < len;) {
		const struct raw_dirent *entry = (const void *)(entries + at);

		blank &= !strcmp(entry->name, ".") || !strcmp(entry->name, "..");
		at += entry->reclen;
	}
	return blank && len >= 0;
}

int namespace_strip_small(const struct namespace_door *door, bool *locked)
{
	int ret = namespace_make_private(true);

	*locked = false;
	/* One step, where namespace_strip() has more: each unmounting waits for all processors. */
	if (ret == 0)
		ret = peel_root_unpivoted();
	if (ret == 0)
		ret = namespace_land_on_top(door);
	if (ret == 0 && is_empty_bottom() != 1)
		ret = unmount_children(door);
	if (ret < 0)
		ret = namespace_strip(door, locked);
	return ret < 0 || *locked || is_blank() ? ret : -ENOTEMPTY;
}

/*
 * pivot_root refuses a shared new root. Make it private for the moment, and let it join its peer
 * group again afterwards (with the help of a second clone, which is in the same groups).
 */
static int pivot_shared(int tree, const char *path)
{
	int peer = raw_open_tree(tree, "",
				 MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					 MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_RECURSIVE);
	int ret;

	if (peer < 0)
		return peer == -EINVAL ? -EOPNOTSUPP : peer;
	ret = raw_mount(NULL, path, NULL, MS_PRIVATE, NULL);
	if (ret == 0)
		ret = raw_pivot_root(path, path);
	/* Before the group is joined, or this unmount would be seen by the peers. */
	if (ret == 0)
		ret = raw_umount2(path, MNT_DETACH);
	if (ret == 0)
		ret = raw_move_mount(peer, "", tree, "",
				     MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH |
					     MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH |
					     MNTCOMPAT_MOVE_MOUNT_SET_GROUP);
	raw_close(peer);
	return ret == -EINVAL ? -EOPNOTSUPP : ret;
}

/* @path leads to the root of @tree. */
static int pivot_to(int tree, const char *path)
{
	int ret = raw_pivot_root(path, path);

	if (ret == -EINVAL)
		return pivot_shared(tree, path);
	return ret < 0 ? ret : raw_umount2(path, MNT_DETACH);
}

static bool starts_with(const char *text, const char *word)
{
	while (*word)
		if (*text++ != *word++)
			return false;
	return true;
}

/* 1, 0, or -errno if that is not known. */
static int is_namespace_file(uint64_t id)
{
	/* "mnt:[" and a number: a longer text is not one. */
	enum { ROOM = 32 };
	union {
		struct mntcompat_statmount answer;
		char room[sizeof(struct mntcompat_statmount) + ROOM];
	} buf;
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
		.mnt_id = id,
		.param = MNTCOMPAT_STATMOUNT_SB_BASIC,
	};
	int ret;

	/* Alone this needs no path, which is most of the price. */
	ret = raw_statmount(&req, &buf.answer, sizeof(buf), 0);
	if (ret < 0 || buf.answer.sb_magic != UAPI_MAGIC_NSFS)
		return ret;
	req.param = MNTCOMPAT_STATMOUNT_MNT_ROOT;
	ret = raw_statmount(&req, &buf.answer, sizeof(buf), 0);
	if (ret < 0)
		return ret == -EOVERFLOW ? 0 : ret;
	return starts_with(buf.answer.str + buf.answer.mnt_root, "mnt:[");
}

static int find_namespace_file_by_id(void)
{
	enum { IDS = 128 };
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 };
	struct raw_statx stx;
	uint64_t ids[IDS];
	ssize_t n, i;
	int ret;

	ret = raw_statx(AT_FDCWD, "/", UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID_UNIQUE,
			&stx);
	if (ret < 0)
		return ret;
	/* Before 6.8 the kernel's own order is right; unless a newer kernel acts as an old one. */
	if (!(stx.mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE))
		return raw_get_kernel() == RAW_KERNEL_ANY ? 0 : -ENOSYS;
	req.mnt_id = stx.mnt_id;
	do {
		/* The root itself is a directory, so no such file. */
		n = raw_listmount(&req, ids, IDS, 0);
		if (n < 0)
			return (int)n;
		for (i = 0; i < n; i++) {
			ret = is_namespace_file(ids[i]);
			if (ret)
				return ret;
		}
		if (n)
			req.param = ids[n - 1];
	} while (n == IDS);
	return 0;
}

static int find_namespace_file_by_mountinfo(const struct namespace_door *door)
{
	static const char kind[] = "mnt:[", type[] = "nsfs";
	struct mountinfo_table table;
	struct mountinfo_line line;
	bool found = false;
	int fd, ret, procfs = door->procfs >= 0 ? door->procfs : procfs_open_root();
	size_t pos;

	if (procfs < 0)
		return procfs;
	fd = raw_openat(procfs, "self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	if (procfs != door->procfs)
		raw_close(procfs);
	if (fd < 0)
		return fd;
	ret = mountinfo_read(fd, &table);
	raw_close(fd);
	if (ret < 0)
		return ret;
	for (pos = 0; !found && mountinfo_next(&table, &pos, &line);)
		found = line.type.len == sizeof(type) - 1 &&
			!memcmp(line.type.text, type, sizeof(type) - 1) &&
			line.root.len > sizeof(kind) - 1 &&
			!memcmp(line.root.text, kind, sizeof(kind) - 1);
	mountinfo_release(&table);
	return found;
}

int namespace_has_namespace_file(const struct namespace_door *door)
{
	int ret = find_namespace_file_by_id();

	return ret < 0 ? find_namespace_file_by_mountinfo(door) : ret;
}

int namespace_attach(const struct namespace_door *door, int tree, bool locked)
{
	char path[PROCFS_FD_PATH];
	int ret;

	ret = raw_move_mount(tree, "", AT_FDCWD, "/", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);
	/* ENOENT: its root is a removed directory, which a native namespace may have, but no mount
	 * point. */
	if (ret < 0)
		return ret == -ENOENT ? -EOPNOTSUPP : ret;
	if (!locked)
		return 0;
	/* The caller may not be allowed to enter it, or only after a file server was called. */
	if (door->procfs >= 0 && raw_fchdir(door->procfs) == 0) {
		procfs_fd_path(tree, path);
		ret = pivot_to(tree, path);
		/* A procfs of another pid namespace does not show this task. */
		if (ret != -ENOENT)
			return ret;
	}
	ret = raw_fchdir(tree);
	if (ret < 0)
		return ret == -EACCES ? -EOPNOTSUPP : ret;
	return pivot_to(tree, ".");
}
