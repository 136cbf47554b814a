// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * procfs.c - finds a procfs that really is one, and opens files of it.
 * Opens files, in a helper too; mounts a procfs nowhere. Changes nothing of the caller.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/task/helper.h"
#include "compat/task/nowhere.h"
#include "compat/task/offline.h"
#include "compat/task/outside.h"
#include "compat/task/procfs.h"

/*
 * Anything may lie at /proc: only the root of a procfs will do, and one that shows the calling
 * task. That of another pid namespace, as after "nsenter -m", does so only if it is of one above;
 * in any other the link to the task leads nowhere.
 */
static bool shows_caller(int dir, const char *link)
{
	char task[64];
	struct stat st;
	ssize_t ret = raw_readlinkat(dir, link, task, sizeof(task));

	/* No other directory of procfs has such a link. A filter may refuse to read it. */
	return ret > 0 || (ret != -ENOENT && raw_fstatat(dir, link, &st, 0) == 0);
}

static int open_procfs_at(const char *path)
{
	int fd = raw_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	struct statfs fs;

	if (fd < 0)
		return raw_is_shortage(fd) ? fd : -ENOSYS;
	if (raw_fstatfs(fd, &fs) == 0 && fs.f_type == UAPI_MAGIC_PROC &&
	    shows_caller(fd, "thread-self"))
		return fd;
	raw_close(fd);
	return -ENOSYS;
}

static int mount_procfs(void)
{
	int fd = nowhere_mount("proc", 0);

	return fd >= 0 || raw_is_shortage(fd) ? fd : -ENOSYS;
}

/* The root of a procfs: what is at /proc if it is one, else one mounted nowhere. -ENOSYS: neither. */
int procfs_open_root(void)
{
	int fd = open_procfs_at("/proc");

	return fd != -ENOSYS ? fd : mount_procfs();
}

/* A directory that is not above "/": some directory in it, or an empty filesystem in a namespace of
 * our own. */
static int enter_side_room(int root)
{
	char entries[2048] __attribute__((aligned(8)));
	ssize_t len, at;
	int dir = raw_openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	int ret = dir;

	while (dir >= 0 && (len = raw_getdents64(dir, entries, sizeof(entries))) > 0)
		for (at = 0; at < len;) {
			const struct raw_dirent *entry = (const void *)(entries + at);

			at += entry->reclen;
			if (entry->name[0] != '.' && raw_chroot(entry->name) == 0) {
				raw_close(dir);
				return 0;
			}
		}
	if (dir >= 0)
		raw_close(dir);
	ret = raw_unshare(CLONE_NEWNS);
	if (ret < 0)
		return ret;
	dir = nowhere_mount("tmpfs", 0);
	if (dir < 0)
		return dir;
	ret = raw_fchdir(dir);
	if (ret == 0)
		ret = raw_chroot(".");
	raw_close(dir);
	return ret;
}

/*
 * In a chroot /proc is not the procfs of the namespace, if there is one at all. A task whose cwd is
 * outside its root can walk up to the top; the helper makes itself one, and looks there. Needs
 * CAP_SYS_CHROOT.
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

static int procfs_here_task(void *arg)
{
	int *result = arg;

	*result = open_procfs_at("/proc");
	return *result < 0 ? *result : 0;
}

/* Without what is at /proc: mounted nowhere, or above the caller's root. */
static int procfs_find_own(void)
{
	int fd = mount_procfs(), ret;

	if (fd == -ENOSYS) {
		ret = helper_look(procfs_above_task, &fd);
		/* No helper can be made. */
		if (ret == -EOPNOTSUPP)
			ret = outside_look(procfs_here_task, &fd);
		if (ret < 0)
			fd = raw_is_shortage(ret) ? ret : -ENOSYS;
	}
	return fd;
}

int procfs_find_root(void)
{
	int fd = open_procfs_at("/proc");

	return fd != -ENOSYS ? fd : procfs_find_own();
}

/*
 * True if what is at @path from @dir is on the mount at /proc, so that nothing lies over it. Needs
 * no file descriptor. Before 5.8 only the filesystems can be compared.
 */
static bool is_on_proc(int dir, const char *path)
{
	unsigned int flags = MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_SYMLINK_NOFOLLOW;
	struct raw_statx root, file;
	struct stat its, mine;

	if (raw_statx(AT_FDCWD, "/proc", 0, MNTCOMPAT_STATX_MNT_ID | UAPI_STATX_INO, &root) == 0 &&
	    (root.mask & MNTCOMPAT_STATX_MNT_ID))
		return root.ino == UAPI_PROC_ROOT_INO &&
		       raw_statx(dir, path, flags, MNTCOMPAT_STATX_MNT_ID, &file) == 0 &&
		       file.mnt_id == root.mnt_id;
	return raw_fstatat(AT_FDCWD, "/proc", &its, 0) == 0 && its.st_ino == UAPI_PROC_ROOT_INO &&
	       raw_fstatat(dir, path, &mine, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 &&
	       mine.st_dev == its.st_dev;
}

/* A file of the caller's own at /proc. */
static int open_at_proc(const char *path)
{
	char full[64] = "/proc/";
	struct statfs fs;
	int fd;

	strncpy(full + 6, path, sizeof(full) - 7);
	fd = raw_openat(AT_FDCWD, full, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return raw_is_shortage(fd) ? fd : -ENOSYS;
	if (raw_fstatfs(fd, &fs) == 0 && fs.f_type == UAPI_MAGIC_PROC && is_on_proc(fd, "") &&
	    (path[0] != '.' || shows_caller(fd, "thread-self")))
		return fd;
	raw_close(fd);
	return -ENOSYS;
}

int procfs_open(const char *path)
{
	int fd = open_at_proc(path), root;

	if (fd != -ENOSYS)
		return fd;
	/* In a chroot or a new namespace without it the privileged can have one of their own. */
	root = procfs_find_own();
	if (root < 0)
		return root;
	fd = raw_openat(root, path, O_RDONLY | O_CLOEXEC, 0);
	raw_close(root);
	return fd >= 0 || raw_is_shortage(fd) ? fd : -ENOSYS;
}

static const char own_namespace[] = "/proc/thread-self/ns/mnt";

static bool is_own_namespace(void)
{
	struct statfs fs;

	return raw_statfs("/proc/.", &fs) == 0 && fs.f_type == UAPI_MAGIC_PROC &&
	       is_on_proc(AT_FDCWD, own_namespace);
}

int procfs_open_own_namespace(void)
{
	int fd = raw_openat(AT_FDCWD, own_namespace, O_RDONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return raw_is_shortage(fd) ? fd : -ENOSYS;
	if (is_own_namespace())
		return fd;
	raw_close(fd);
	return -ENOSYS;
}

int procfs_name_own_namespace(uint64_t *dev, uint64_t *ino)
{
	struct stat st;

	if (raw_fstatat(AT_FDCWD, own_namespace, &st, 0) < 0 || !is_own_namespace())
		return -ENOSYS;
	*dev = st.st_dev;
	*ino = st.st_ino;
	return 0;
}

int procfs_there(void)
{
	struct statfs fs;
	int fd;

	/* This costs a third of opening it. */
	if (raw_statfs("/proc/.", &fs) == 0 && fs.f_type == UAPI_MAGIC_PROC &&
	    shows_caller(AT_FDCWD, "/proc/thread-self"))
		return 0;
	fd = procfs_open(".");
	if (fd < 0)
		return fd;
	raw_close(fd);
	return 0;
}

void procfs_fd_path(int fd, char path[PROCFS_FD_PATH])
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

void procfs_pid_path(int pid, const char *file, char path[PROCFS_PID_PATH])
{
	int scale = 1;

	while (pid / scale >= 10)
		scale *= 10;
	for (; scale; scale /= 10)
		*path++ = (char)('0' + pid / scale % 10);
	while ((*path++ = *file++))
		;
}

int64_t procfs_mount_id(int root, int fd)
{
	static const char key[] = "mnt_id:";
	char path[PROCFS_FD_PATH + 4], text[512];
	struct raw_statx stx;
	int64_t id = 0;
	int info;
	ssize_t n, i;

	if (offline_statx(fd, &stx) == 0 && (stx.mask & MNTCOMPAT_STATX_MNT_ID))
		return (int64_t)stx.mnt_id;
	/* "self/fd/N" -> "self/fdinfo/N" */
	procfs_fd_path(fd, path + 4);
	memcpy(path, "self/fdinfo", 11);
	info = raw_openat(root, path, O_RDONLY | O_CLOEXEC, 0);
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
