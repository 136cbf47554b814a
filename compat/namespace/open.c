// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open.c - opens, names and enters namespaces.
 * Opens files; whatever changes the calling task happens in a helper.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/own_namespace.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/task/helper.h"
#include "compat/task/procfs.h"

int namespace_door_procfs(struct namespace_door *door)
{
	int fd;

	if (door->procfs >= 0)
		return 0;
	fd = procfs_find_root();
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

int namespace_door_enter(struct namespace_door *door)
{
	int ret;

	door->procfs = -1;
	/* If the ioctl is missing, its first use shows that. */
	door->pidfd = door->kept = !feature_known_absent(FEATURE_PIDFD_GET_MNT_NAMESPACE);
	if (door->pidfd) {
		door->self = raw_pidfd_open(raw_getpid());
		ret = door->self < 0 ? door->self : raw_pidfd_get_mnt_namespace(door->self);
		if (ret >= 0 || raw_is_shortage(ret))
			return ret;
		door->kept = false;
	}
	ret = namespace_door_open(door);
	return ret < 0 ? ret : namespace_own(door);
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

/* At /proc or by pidfd; else by a procfs that is not at /proc. */
static int open_own_anyhow(void)
{
	struct namespace_door door = { .procfs = -1 };
	int fd = procfs_open_own_namespace();

	if (fd == -ENOSYS)
		fd = own_namespace_by_pidfd();
	if (fd != -ENOSYS)
		return fd;
	fd = namespace_door_procfs(&door);
	if (fd < 0)
		return fd;
	fd = raw_openat(door.procfs, "thread-self/ns/mnt", O_RDONLY | O_CLOEXEC, 0);
	namespace_door_close(&door);
	return fd;
}

int namespace_own(const struct namespace_door *door)
{
	return door ? open_own(door, "self/ns/mnt", raw_pidfd_get_mnt_namespace) :
		      open_own_anyhow();
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

int namespace_root(struct namespace_root *root)
{
	struct raw_statx stx;
	int ret = raw_statx(AT_FDCWD, "/", UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID_UNIQUE,
			    &stx);

	if (ret < 0)
		return ret;
	root->dev = (uint64_t)stx.dev_major << 32 | stx.dev_minor;
	root->ino = stx.ino;
	root->mount = stx.mask & (MNTCOMPAT_STATX_MNT_ID_UNIQUE | MNTCOMPAT_STATX_MNT_ID) ?
			      stx.mnt_id :
			      0;
	return 0;
}

bool namespace_root_differs(const struct namespace_root *root)
{
	struct namespace_root now;

	return namespace_root(&now) == 0 &&
	       (now.dev != root->dev || now.ino != root->ino || now.mount != root->mount);
}

int namespace_owned(const struct namespace_door *door, int mnt, struct namespace_name *user)
{
	int owner = raw_ns_get_userns(mnt), own, ret;
	struct namespace_name name;

	/*
	 * The kernel does not show an owner that is not a descendant of the caller's user
	 * namespace. Such a caller may not clone either, which tells a foreign owner from a filter
	 * of ioctls.
	 */
	if (owner == -EPERM)
		return raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE) == -EFAULT ? -ENOSYS : 0;
	if (owner < 0)
		return owner;
	/*
	 * Open it while the owner is open: it mostly is the same file, and opening that once more
	 * is cheaper.
	 */
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
	mnt = ret = namespace_own(&with_self);
	if (mnt >= 0) {
		ret = namespace_owned(&with_self, mnt, user);
		raw_close(mnt);
	}
	if (with_self.kept && !door->kept)
		raw_close(with_self.self);
	return ret;
}

int namespace_land_on_top(const struct namespace_door *door)
{
	int fd = namespace_own(door);
	int ret;

	if (fd < 0)
		return fd;
	ret = raw_setns(fd, CLONE_NEWNS);
	raw_close(fd);
	return ret;
}

/* --- another namespace --- */

struct foreign_task {
	int ns_fd;
	int (*task)(void *arg);
	void *arg;
	bool entered;
};

/* Root and cwd are the topmost mount on "/" afterwards, of the helper alone. */
static int foreign_enter(void *arg)
{
	struct foreign_task *foreign = arg;
	int ret = raw_setns(foreign->ns_fd, CLONE_NEWNS);

	foreign->entered = ret == 0;
	return ret ? ret : foreign->task(foreign->arg);
}

int namespace_run(int ns_fd, int (*task)(void *arg), void *arg)
{
	struct foreign_task foreign = { .ns_fd = ns_fd, .task = task, .arg = arg };
	int ret = helper_look(foreign_enter, &foreign);

	debug_step("entered the namespace: %d", foreign.entered ? 0 : ret);
	return foreign.entered || ret == -ENOMEM ? ret : -EOPNOTSUPP;
}

struct foreign_files {
	int proc; /* the caller's procfs: the namespace need not have one */
	int table, root;
};

static int foreign_open(void *arg)
{
	struct foreign_files *files = arg;

	/* The file shows what its opener saw. */
	files->table = raw_openat(files->proc, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	if (files->table < 0)
		return files->table;
	files->root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (files->root >= 0)
		return 0;
	raw_close(files->table);
	return files->root;
}

int namespace_open_table(int ns_fd, int *table, int *root)
{
	struct foreign_files files = { .proc = procfs_open("."), .table = -1, .root = -1 };
	int ret;

	if (files.proc < 0)
		return files.proc;
	ret = namespace_run(ns_fd, foreign_open, &files);
	raw_close(files.proc);
	if (ret < 0)
		return ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM ? ret : -EOPNOTSUPP;
	*table = files.table;
	if (root)
		*root = files.root;
	else
		raw_close(files.root);
	return 0;
}
