// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * namespace.c - opening, emptying and filling mount namespaces.
 * Changes the namespace, root and cwd of the calling task, which has to be a helper; raw.h and
 * mountinfo.h only. Called by the ways of open_tree.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/kernel/uapi.h"
#include "compat/helper.h"
#include "compat/mountinfo.h"
#include "compat/namespace.h"
#include "compat/raw.h"
#include "probe/feature.h"


/* Mounts stacked on "/": more than anybody has, few enough to end. */
#define NAMESPACE_MAX_STACK 64

int namespace_mount_nowhere(const char *type, unsigned int attrs)
{
	int fs = raw_fsopen(type, UAPI_FSOPEN_CLOEXEC);
	int ret;

	if (fs < 0)
		return fs;
	ret = raw_fsconfig(fs, UAPI_FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (ret == 0)
		ret = raw_fsmount(fs, MNTCOMPAT_FSMOUNT_CLOEXEC, attrs);
	raw_close(fs);
	return ret;
}

/* Anything may lie at /proc: only the root of a procfs will do. */
static int open_procfs_at(const char *path)
{
	int fd = raw_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return raw_is_shortage(fd) ? fd : -ENOSYS;
	if (raw_fstatfs(fd, &fs) == 0 && fs.f_type == UAPI_MAGIC_PROC && raw_fstat(fd, &st) == 0 &&
	    st.st_ino == UAPI_PROC_ROOT_INO)
		return fd;
	raw_close(fd);
	return -ENOSYS;
}

/* The root of a procfs: what is at /proc if it is one, else one mounted nowhere. -ENOSYS: neither. */
static int open_procfs(void)
{
	int fd = open_procfs_at("/proc");

	if (fd != -ENOSYS)
		return fd;
	fd = namespace_mount_nowhere("proc", 0);
	return fd >= 0 || raw_is_shortage(fd) ? fd : -ENOSYS;
}

/* A directory that is not above "/": some directory in it, or an empty filesystem in a namespace of our own. */
static int enter_side_room(int root)
{
	char entries[2048];
	ssize_t len, at;
	int dir = raw_openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	int ret = dir;

	while (dir >= 0 && (len = raw_getdents64(dir, entries, sizeof(entries))) > 0)
		for (at = 0; at < len;) {
			/* struct linux_dirent64: inode, offset, record length, type, name */
			unsigned short step;
			const char *name = entries + at + 19;

			memcpy(&step, entries + at + 16, sizeof(step));
			at += step;
			if (name[0] != '.' && raw_chroot(name) == 0) {
				raw_close(dir);
				return 0;
			}
		}
	if (dir >= 0)
		raw_close(dir);
	ret = raw_unshare(CLONE_NEWNS);
	if (ret < 0)
		return ret;
	dir = namespace_mount_nowhere("tmpfs", 0);
	if (dir < 0)
		return dir;
	ret = raw_fchdir(dir);
	if (ret == 0)
		ret = raw_chroot(".");
	raw_close(dir);
	return ret;
}

/*
 * In a chroot /proc is not the procfs of the namespace, if there is one at all. A task whose cwd is outside its
 * root can walk up to the top; the helper makes itself one, and looks there. Needs CAP_SYS_CHROOT.
 */
static int procfs_above_task(void *arg)
{
	int *result = arg;
	int root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	int ret, depth;

	if (root < 0)
		return root;
	ret = raw_fchdir(root);
	if (ret == 0)
		ret = enter_side_room(root);
	if (ret == 0)
		ret = raw_fchdir(root);
	raw_close(root);
	for (depth = 0; ret == 0 && depth < PATH_MAX; depth++) {
		struct stat here, above;

		ret = raw_fstatat(AT_FDCWD, ".", &here, 0);
		if (ret == 0)
			ret = raw_chdir("..");
		if (ret == 0)
			ret = raw_fstatat(AT_FDCWD, ".", &above, 0);
		if (ret == 0 && here.st_dev == above.st_dev && here.st_ino == above.st_ino)
			break;
	}
	if (ret == 0)
		ret = *result = open_procfs_at("proc");
	return ret < 0 ? ret : 0;
}

int namespace_door_procfs(struct namespace_door *door)
{
	int fd = -1, ret;

	if (door->procfs >= 0)
		return 0;
	fd = open_procfs();
	if (fd == -ENOSYS) {
		ret = helper_run(procfs_above_task, &fd);
		if (ret < 0)
			fd = raw_is_shortage(ret) ? ret : -ENOSYS;
	}
	if (fd < 0)
		return fd;
	door->procfs = fd;
	return 0;
}

int namespace_door_open(struct namespace_door *door)
{
	int ret;

	door->procfs = -1;
	door->kept = false;
	door->pidfd = feature_probe(FEATURE_PIDFD_GET_MNT_NAMESPACE) == FEATURE_PRESENT;
	if (door->pidfd)
		return 0;
	ret = namespace_door_procfs(door);
	return raw_is_shortage(ret) ? ret : 0;
}

void namespace_fd_path(int fd, char path[NAMESPACE_FD_PATH])
{
	static const char prefix[] = "self/fd/";
	unsigned int scale = 1, number = (unsigned int)fd;
	char *at = path + sizeof(prefix) - 1;

	memcpy(path, prefix, sizeof(prefix) - 1);
	while (number / scale >= 10)
		scale *= 10;
	for (; scale; scale /= 10)
		*at++ = (char)('0' + number / scale % 10);
	*at = '\0';
}

void namespace_door_close(struct namespace_door *door)
{
	if (door->procfs >= 0)
		raw_close(door->procfs);
	door->procfs = -1;
}

static int open_own(const struct namespace_door *door, const char *path, int (*get)(int pidfd))
{
	int fd, pidfd;

	if (door->kept)
		return get(door->self);
	if (door->pidfd) {
		pidfd = raw_pidfd_open(raw_getpid());
		if (pidfd < 0)
			return pidfd;
		fd = get(pidfd);
		raw_close(pidfd);
		return fd;
	}
	if (door->procfs < 0)
		return -ENOSYS;
	return raw_openat(door->procfs, path, O_RDONLY | O_CLOEXEC, 0);
}

int namespace_open_own(const struct namespace_door *door)
{
	return open_own(door, "self/ns/mnt", raw_pidfd_get_mnt_namespace);
}

int namespace_name_of(int fd, struct namespace_name *name)
{
	struct stat st;
	int ret = raw_fstat(fd, &st);

	if (ret < 0)
		return ret;
	name->dev = st.st_dev;
	name->ino = st.st_ino;
	return 0;
}

int namespace_owned(const struct namespace_door *door, int mnt, struct namespace_name *user)
{
	int owner = raw_ns_get_userns(mnt), own, ret;
	struct namespace_name name;

	/*
	 * An owner that is no descendant of the caller's user namespace is not shown. Such a caller may not clone
	 * either, so that a filter of ioctls is not taken for a foreign owner.
	 */
	if (owner == -EPERM)
		return raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE) == -EFAULT ? -ENOSYS : 0;
	if (owner < 0)
		return owner;
	/* While the owner is open: it is the same file as a rule, which is cheaper than another one. */
	own = open_own(door, "self/ns/user", raw_pidfd_get_user_namespace);
	ret = own < 0 ? own : namespace_name_of(own, user);
	if (ret == 0)
		ret = namespace_name_of(owner, &name);
	if (own >= 0)
		raw_close(own);
	raw_close(owner);
	return ret < 0 ? ret : name.dev == user->dev && name.ino == user->ino;
}

int namespace_owner(const struct namespace_door *door, struct namespace_name *user)
{
	struct namespace_door with_self = *door;
	int mnt, ret;

	/* One pidfd for both questions. */
	if (door->pidfd && !door->kept) {
		with_self.self = raw_pidfd_open(raw_getpid());
		if (with_self.self < 0)
			return with_self.self;
		with_self.kept = true;
	}
	mnt = ret = namespace_open_own(&with_self);
	if (mnt >= 0) {
		ret = namespace_owned(&with_self, mnt, user);
		raw_close(mnt);
	}
	if (with_self.kept && !door->kept)
		raw_close(with_self.self);
	return ret;
}

int64_t namespace_mount_id(const struct namespace_door *door, int fd)
{
	static const char key[] = "mnt_id:";
	char path[NAMESPACE_FD_PATH + 4], text[512];
	struct raw_statx stx;
	int64_t id = 0;
	int info;
	ssize_t n, i;

	if (raw_statx(fd, "", MNTCOMPAT_AT_EMPTY_PATH, MNTCOMPAT_STATX_MNT_ID, &stx) == 0 &&
	    (stx.mask & MNTCOMPAT_STATX_MNT_ID))
		return (int64_t)stx.mnt_id;
	/* "self/fd/N" -> "self/fdinfo/N" */
	namespace_fd_path(fd, path + 4);
	memcpy(path, "self/fdinfo", 11);
	info = raw_openat(door->procfs, path, O_RDONLY | O_CLOEXEC, 0);
	if (info < 0)
		return info;
	n = raw_read(info, text, sizeof(text) - 1);
	raw_close(info);
	if (n < 0)
		return n;
	text[n] = '\0';
	for (i = 0; i + 7 < n; i++) {
		int k = 0;

		while (k < 7 && text[i + k] == key[k])
			k++;
		if (k < 7)
			continue;
		for (i += 7; text[i] == ' ' || text[i] == '\t'; i++)
			;
		for (; text[i] >= '0' && text[i] <= '9'; i++)
			id = id * 10 + (text[i] - '0');
		return id;
	}
	return -EOPNOTSUPP;
}

int namespace_land_on_top(const struct namespace_door *door)
{
	int fd = namespace_open_own(door);
	int ret;

	if (fd < 0)
		return fd;
	ret = raw_setns(fd, CLONE_NEWNS);
	raw_close(fd);
	return ret;
}

/*
 * Replace what "/" is by an empty tmpfs, the cover, and drop the rest; then the cover too unless
 * @keep. The detour over pivot_root is what makes this safe: the kernel refuses it when the mount
 * below is shared, where unmounting "/" itself would unmount the caller's root as well.
 * Returns 0 (nothing of it left), 1 (the cover stayed: kept, or locked), -EINVAL (no pivot here).
 */
static int peel_root(bool keep)
{
	int cover = namespace_mount_nowhere("tmpfs", MNTCOMPAT_MOUNT_ATTR_RDONLY);
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

/* Unmounting by path, whatever the depth, is idempotent: what went with its parent is an error. */
static bool unmount_path(const char *path)
{
	return raw_umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
}

/*
 * What unmount_children() answers: is "/" a bottom (the only mount that is its own parent), how many
 * mounts hang on it, and did unmounting any of them work?
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
 * Is "/" the bottom with nothing on it? 1, 0, or -ENOSYS where statmount and listmount (6.8) cannot tell.
 * In a namespace of the task's own, so that the answer lasts.
 */
static int is_empty_bottom(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 };
	struct mntcompat_statmount answer;
	struct raw_statx stx;
	uint64_t child;
	ssize_t n;

	if (raw_statx(AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) < 0 ||
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

/* By statmount and listmount (6.8), which need no procfs. -ENOSYS where they are not to be had. */
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

	if (raw_statx(AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) < 0 ||
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
 * "/" cannot be replaced. Fine if it is the bottom mount with nothing on it; else unmount what hangs on
 * it. Returns 0 (empty), -EAGAIN (something went, look again), -EBUSY (something stays: it is locked),
 * -EOPNOTSUPP if "/" is no bottom.
 */
static int unmount_children(const struct namespace_door *door)
{
	int ret = unmount_children_by_id();
	int procfs;

	if (ret != -ENOSYS)
		return ret;
	if (door->procfs >= 0)
		return unmount_children_by_mountinfo(door->procfs);
	procfs = open_procfs();
	if (procfs < 0)
		return procfs == -ENOSYS ? -EOPNOTSUPP : procfs;
	ret = unmount_children_by_mountinfo(procfs);
	raw_close(procfs);
	return ret;
}

/*
 * The bottom is the caller's own root filesystem (it never left the initial one): nothing of it may come to light
 * when somebody unmounts the tree that will cover it.
 */
static int cover_bottom(const struct namespace_door *door)
{
	int cover = namespace_mount_nowhere("tmpfs", MNTCOMPAT_MOUNT_ATTR_RDONLY);
	int ret;

	if (cover < 0)
		return cover;
	ret = raw_move_mount(cover, "", AT_FDCWD, "/", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);
	raw_close(cover);
	return ret < 0 ? ret : namespace_land_on_top(door);
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
		ret = copy->fd = namespace_open_own(copy->door);
	return ret < 0 ? ret : 0;
}

/*
 * What is locked on the bottom cannot be unmounted, nor would a cover stay on it: who owns a namespace may
 * unmount what was mounted in it. But the kernel locks all there is when it copies a namespace of another user
 * namespace, and a child's may be entered: so there and back again. The locked mounts stay, below a cover that
 * nobody can take away. Costs two copies of them, and takes CAP_SYS_CHROOT.
 */
static int cover_bottom_for_good(const struct namespace_door *door)
{
	struct covered_copy copy = { door, -1 };
	int ret = helper_run(covered_copy_task, &copy);

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
	int ret, round;

	*locked = false;
	for (round = 0; round < NAMESPACE_MAX_STACK; round++) {
		/* Needs CAP_SYS_CHROOT. Without it what is under the cover cannot be entered. */
		bool blind = namespace_land_on_top(door) < 0;

		if (blind && round)
			return -EOPNOTSUPP;
		/* As a rule there is nothing left now, and asking is cheaper than another cover. */
		if (round && is_empty_bottom() == 1)
			return own_bottom ? cover_bottom(door) : 0;
		ret = raw_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		if (ret < 0)
			return ret == -EINVAL ? -EOPNOTSUPP : ret;
		ret = peel_root(blind);
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
				return ret;
		} else if (ret < 0) {
			return ret;
		}
	}
	return -EOPNOTSUPP;
}

/*
 * pivot_root refuses a shared new root. Make it private for the moment, and let it join its peer
 * group again afterwards (with the help of a second clone, which is in the same groups).
 */
static int pivot_shared(int tree)
{
	int peer = raw_open_tree(tree, "", MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
				 MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_RECURSIVE);
	int ret;

	if (peer < 0)
		return peer == -EINVAL ? -EOPNOTSUPP : peer;
	ret = raw_mount(NULL, ".", NULL, MS_PRIVATE, NULL);
	if (ret == 0)
		ret = raw_pivot_root(".", ".");
	/* Before the group is joined, or this unmount would be seen by the peers. */
	if (ret == 0)
		ret = raw_umount2(".", MNT_DETACH);
	if (ret == 0)
		ret = raw_move_mount(peer, "", tree, "",
				     MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH | MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH | MNTCOMPAT_MOVE_MOUNT_SET_GROUP);
	raw_close(peer);
	return ret == -EINVAL ? -EOPNOTSUPP : ret;
}

static bool starts_with(const char *text, const char *word)
{
	while (*word)
		if (*text++ != *word++)
			return false;
	return true;
}

/* 1, 0, or -errno: cannot be told. */
static int is_namespace_file(uint64_t id)
{
	/* "mnt:[" and a number: whatever does not fit is none. */
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

	ret = raw_statx(AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx);
	if (ret < 0)
		return ret;
	/* Before 6.8 the kernel's own order is right; unless a newer kernel plays an old one. */
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
	int fd, ret, procfs = door->procfs >= 0 ? door->procfs : open_procfs();
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

/* For a tree whose root the caller may not enter: name it by its fd instead of as ".". */
static int pivot_by_fd(const struct namespace_door *door, int tree)
{
	char path[NAMESPACE_FD_PATH];
	int ret;

	if (door->procfs < 0)
		return -EOPNOTSUPP;
	namespace_fd_path(tree, path);
	ret = raw_fchdir(door->procfs);
	if (ret == 0)
		ret = raw_pivot_root(path, path);
	if (ret == 0)
		ret = raw_umount2(path, MNT_DETACH);
	return ret == -EINVAL ? -EOPNOTSUPP : ret;
}

int namespace_attach(const struct namespace_door *door, int tree, bool locked)
{
	int ret;

	ret = raw_move_mount(tree, "", AT_FDCWD, "/", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);
	/* ENOENT: its root is a removed directory, which a native namespace may have, but no mount point. */
	if (ret < 0)
		return ret == -ENOENT ? -EOPNOTSUPP : ret;
	if (!locked)
		return 0;
	ret = raw_fchdir(tree);
	if (ret == -EACCES)
		return pivot_by_fd(door, tree);
	if (ret < 0)
		return ret;
	ret = raw_pivot_root(".", ".");
	if (ret == -EINVAL)
		return pivot_shared(tree);
	if (ret == 0)
		ret = raw_umount2(".", MNT_DETACH);
	return ret;
}
