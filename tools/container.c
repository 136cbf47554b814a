// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * container.c - "mntcompat namespace --bind --read-only --proc --dev --user". Everything is mounted
 * in a copy of the caller's mount namespace, before the namespace of the directory is made of it:
 *
 * - A bind mount in the copy needs no clone that is moved into a younger namespace. The kernel
 *   refuses that (ELOOP) for a source below which a mount namespace is pinned, as snapd does.
 * - In a user namespace the kernel mounts procfs only where it is visible already.
 * - The copy ends with this process, so that a failure leaves nothing behind.
 *
 * Uses <mntcompat.h> and libc, and of the library only the numbers of the kernel.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "tools/container.h"
#include "tools/tool.h"

static const struct advice copy_advice[] = {
	{ EPERM, "in a container, ask for CAP_SYS_ADMIN, or add --user", is_root },
	{ EPERM, "run it as root, or add --user", NULL },
	{ ENOSPC, "raise /proc/sys/user/max_mnt_namespaces", NULL },
	{ 0, NULL, NULL },
};

static const struct advice user_advice[] = {
	{ EPERM,
	  "this system gives you no user namespace; see /proc/sys/kernel/unprivileged_userns_clone, the limits in /proc/sys/user and the rules of AppArmor",
	  NULL },
	{ ENOSPC, "raise /proc/sys/user/max_user_namespaces", NULL },
	{ EINVAL, "the kernel was built without user namespaces", NULL },
	{ 0, NULL, NULL },
};

static const struct advice source_advice[] = {
	{ EACCES, "give a source that you have permission to search", NULL },
	{ ENOENT, "give a source that exists", NULL },
	{ 0, NULL, NULL },
};

static const struct advice target_advice[] = {
	{ ENOENT, "make it inside the directory first", NULL },
	{ ENOTDIR, "make it inside the directory first, of the kind of the source", NULL },
	{ 0, NULL, NULL },
};

static const struct advice mount_advice[] = {
	{ ENOTDIR, "a file can be mounted on a file, a directory on a directory", NULL },
	{ EINVAL,
	  "the source may be unbindable; in a user namespace it also has locked mounts below it",
	  NULL },
	{ ENOENT, "mount procfs on /proc in this mount namespace", NULL },
	{ EPERM, "in a user namespace the kernel mounts it only where it is visible already",
	  NULL },
	{ 0, NULL, NULL },
};

static const struct advice root_advice[] = {
	{ EINVAL, "the root directory of this process is not a mount: leave the chroot", NULL },
	{ 0, NULL, NULL },
};

static const struct advice attribute_advice[] = {
	ADVICE_NATIVE,
	{ ENOSYS, "the kernel lacks mount_setattr, and it cannot be emulated here", NULL },
	{ EOPNOTSUPP, "it cannot be emulated for this tree; --verbose prints why", NULL },
	{ 0, NULL, NULL },
};

/* --- arguments --- */

/* Copies @text up to a colon; \: is a colon. Sets *@end to what follows. */
static char *take_part(const char *text, const char **end)
{
	char *part = malloc(strlen(text) + 1), *at = part;

	while (part && *text && *text != ':') {
		if (text[0] == '\\' && (text[1] == ':' || text[1] == '\\'))
			text++;
		*at++ = *text++;
	}
	if (part)
		*at = '\0';
	*end = text;
	return part;
}

bool container_add_bind(struct container *container, const char *text)
{
	struct bind *bind = &container->binds[container->count];

	if (container->count == BINDS_MOST)
		return false;
	bind->source = take_part(text, &text);
	if (!bind->source || !*bind->source || *text != ':')
		return false;
	bind->target = take_part(text + 1, &text);
	if (!bind->target || *bind->target != '/')
		return false;
	bind->read_only = strcmp(text, ":ro") == 0;
	if (*text && !bind->read_only && strcmp(text, ":rw"))
		return false;
	container->count++;
	return true;
}

bool container_is_needed(const struct container *container)
{
	return container->count || container->read_only || container->proc || container->dev ||
	       container->user;
}

/* --- user and pid namespace --- */

static int write_file(const char *path, const char *text)
{
	int fd = open_file(path, O_WRONLY), ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

int container_enter_user(const struct container *container)
{
	char uids[64], gids[64];
	int ret;

	if (!container->user)
		return 0;
	snprintf(uids, sizeof(uids), "0 %u 1", (unsigned int)geteuid());
	snprintf(gids, sizeof(gids), "0 %u 1", (unsigned int)getegid());
	if (unshare(CLONE_NEWUSER) < 0) {
		complain(user_advice, errno, "cannot make a user namespace");
		return EXIT_OURS;
	}
	ret = write_file("/proc/self/setgroups", "deny");
	/* Before Linux 3.19 there is no such file, and no need for it. */
	if (ret == 0 || ret == -ENOENT)
		ret = write_file("/proc/self/uid_map", uids);
	if (ret == 0)
		ret = write_file("/proc/self/gid_map", gids);
	if (ret == 0)
		return 0;
	complain(NULL, -ret, "cannot map the user to root of the user namespace");
	return EXIT_OURS;
}

int container_fork(const struct container *container)
{
	int status;
	pid_t child;

	if (!container->proc)
		return 0;
	if (unshare(CLONE_NEWPID) < 0) {
		complain(copy_advice, errno, "cannot make a pid namespace for /proc");
		return EXIT_OURS;
	}
	child = fork();
	if (child < 0) {
		complain(NULL, errno, "cannot start the first process of the pid namespace");
		return EXIT_OURS;
	}
	if (!child) {
		/* If this one is killed, so is all that it stands for. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
			exit(EXIT_OURS);
		return 0;
	}
	/* The keyboard's signals are for the command; it decides about its end. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (waitpid(child, &status, 0) < 0) {
		if (errno == EINTR)
			continue;
		complain(NULL, errno, "cannot wait for the command");
		exit(EXIT_OURS);
	}
	if (WIFSIGNALED(status))
		exit(128 + WTERMSIG(status));
	exit(WEXITSTATUS(status));
}

/* --- mounts --- */

/* Paths of mount(2) for an open file: it takes no descriptors. */
struct fd_path {
	char text[40];
};

static struct fd_path path_of(int fd)
{
	struct fd_path path;

	snprintf(path.text, sizeof(path.text), "/proc/self/fd/%d", fd);
	return path;
}

/* Makes @root the root directory of this process, for as long as it needs to; 0 or -1 with errno. */
static int go_to(int root)
{
	return fchdir(root) < 0 ? -1 : chroot(".");
}

/*
 * Opens the absolute path @target as a process sees it whose root directory is @root: no link leads
 * out. Kernels before 5.6 have no openat2(2), so that this process goes there and back; @outside is
 * its root directory.
 */
static int open_inside(int outside, int root, const char *target)
{
	int fd, error;

	if (go_to(root) < 0)
		return -1;
	fd = open_file(target, O_PATH);
	error = errno;
	if (go_to(outside) < 0) {
		error = errno;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	errno = error;
	return fd;
}

static int set_read_only(int fd, bool recursive)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_RDONLY };

	return mntcompat_mount_setattr(fd, "",
				       AT_EMPTY_PATH | (recursive ? MNTCOMPAT_AT_RECURSIVE : 0),
				       &attr, sizeof(attr));
}

/*
 * Makes the directory and all mounts below it read-only. Before Linux 5.12 the library finds these
 * mounts by their names, which for "/" lead below the tree: there they are those of its root.
 */
static int set_all_read_only(int outside, int root)
{
	int ret = set_read_only(root, true), error = errno;

	if (ret == 0 || error != EOPNOTSUPP || go_to(root) < 0) {
		errno = error;
		return ret;
	}
	ret = set_read_only(root, true);
	error = errno;
	if (go_to(outside) < 0)
		return -1;
	errno = error;
	return ret;
}

/* Asks no file server. */
static bool is_same_file(int one, int other)
{
	struct mntcompat_statx a, b;

	return mntcompat_statx(one, "", AT_EMPTY_PATH | UAPI_AT_STATX_DONT_SYNC, UAPI_STATX_INO,
			       &a) == 0 &&
	       mntcompat_statx(other, "", AT_EMPTY_PATH | UAPI_AT_STATX_DONT_SYNC, UAPI_STATX_INO,
			       &b) == 0 &&
	       a.stx_ino == b.stx_ino && a.stx_dev_major == b.stx_dev_major &&
	       a.stx_dev_minor == b.stx_dev_minor;
}

/*
 * Mounts the directory on itself, so that the tree has a mount of its own, and opens that. "/.." is
 * the uppermost mount of the root directory, where "/" is the lowest.
 */
static int bind_directory(const struct container *container)
{
	char name[4096];
	int fd = open_file(container->directory, O_PATH | O_DIRECTORY), top;
	ssize_t length;

	if (fd < 0) {
		complain(source_advice, errno, "cannot open %s", container->directory);
		return -1;
	}
	length = readlink(path_of(fd).text, name, sizeof(name) - 1);
	if (length < 0 || mount(path_of(fd).text, path_of(fd).text, NULL,
				MS_BIND | (container->recursive ? MS_REC : 0), NULL) < 0) {
		complain(mount_advice, errno, "cannot bind %s in a copy of the mount namespace",
			 container->directory);
		close(fd);
		return -1;
	}
	name[length] = '\0';
	top = open_file(strcmp(name, "/") ? name : "/..", O_PATH | O_DIRECTORY);
	if (top < 0) {
		complain(source_advice, errno, "cannot open %s", container->directory);
	} else if (!is_same_file(fd, top)) {
		report("cannot find %s by its name: another mount covers it", container->directory);
		close(top);
		top = -1;
	}
	close(fd);
	return top;
}

/* Returns the descriptor of what is mounted on @target now, or -1 after a line on stderr. */
static int mount_inside(int outside, int root, const char *what, const char *target,
			const char *source, const char *type, unsigned long flags, const char *data)
{
	int fd = open_inside(outside, root, target), mounted;

	if (fd < 0) {
		complain(target_advice, errno, "cannot mount %s: no %s inside", what, target);
		return -1;
	}
	if (mount(source, path_of(fd).text, type, flags, data) < 0) {
		complain(mount_advice, errno, "cannot mount %s on %s inside", what, target);
		close(fd);
		return -1;
	}
	close(fd);
	mounted = open_inside(outside, root, target);
	if (mounted < 0)
		complain(NULL, errno, "cannot open %s inside", target);
	return mounted;
}

static bool add_bind(int outside, int root, const struct bind *bind, int source)
{
	int fd = mount_inside(outside, root, bind->source, bind->target, path_of(source).text, NULL,
			      MS_BIND | MS_REC, NULL);
	bool done = fd >= 0;

	if (done && bind->read_only && set_read_only(fd, true) < 0) {
		complain(attribute_advice, errno, "cannot make %s read-only", bind->target);
		done = false;
	}
	if (fd >= 0)
		close(fd);
	return done;
}

static bool add_proc(int outside, int root)
{
	int fd = mount_inside(outside, root, "procfs", "/proc", "proc", "proc",
			      MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The devices are those of the caller: in a user namespace none can be made. */
static bool add_device(int outside, int root, int dev, const char *name)
{
	char source[32], target[32];
	int fd = openat(dev, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);

	snprintf(source, sizeof(source), "/dev/%s", name);
	snprintf(target, sizeof(target), "/dev/%s", name);
	if (fd < 0) {
		complain(NULL, errno, "cannot make %s inside", target);
		return false;
	}
	close(fd);
	fd = mount_inside(outside, root, source, target, source, NULL, MS_BIND, NULL);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool add_dev(int outside, int root)
{
	static const char *const devices[] = { "null", "zero", "full", "random", "urandom", "tty" };
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" }, { "fd/0", "stdin" },	   { "fd/1", "stdout" },
		{ "fd/2", "stderr" },	   { "pts/ptmx", "ptmx" },
	};
	int fd = mount_inside(outside, root, "tmpfs", "/dev", "tmpfs", "tmpfs",
			      MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k");
	int dev, pts, shm;
	size_t i;

	if (fd < 0)
		return false;
	dev = open_file(path_of(fd).text, O_RDONLY | O_DIRECTORY);
	close(fd);
	if (dev < 0) {
		complain(NULL, errno, "cannot open /dev inside");
		return false;
	}
	for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (!add_device(outside, root, dev, devices[i]))
			goto failed;
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlinkat(links[i][0], dev, links[i][1]) < 0) {
			complain(NULL, errno, "cannot make /dev/%s inside", links[i][1]);
			goto failed;
		}
	if (mkdirat(dev, "pts", 0755) < 0 || mkdirat(dev, "shm", 0755) < 0) {
		complain(NULL, errno, "cannot make the directories of /dev inside");
		goto failed;
	}
	pts = mount_inside(outside, root, "devpts", "/dev/pts", "devpts", "devpts",
			   MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
	if (pts < 0)
		goto failed;
	close(pts);
	shm = mount_inside(outside, root, "tmpfs", "/dev/shm", "tmpfs", "tmpfs",
			   MS_NOSUID | MS_NODEV, "mode=1777");
	if (shm < 0)
		goto failed;
	close(shm);
	close(dev);
	return true;
failed:
	close(dev);
	return false;
}

static bool fill(const struct container *container, int outside, int root, const int *sources)
{
	size_t i;

	if (container->read_only && set_all_read_only(outside, root) < 0) {
		complain(attribute_advice, errno, "cannot make %s read-only", container->directory);
		return false;
	}
	if (container->proc && !add_proc(outside, root))
		return false;
	if (container->dev && !add_dev(outside, root))
		return false;
	/* Last, so that a bind can replace a part of the others. */
	for (i = 0; i < container->count; i++)
		if (!add_bind(outside, root, &container->binds[i], sources[i]))
			return false;
	return true;
}

int container_assemble(const struct container *container)
{
	int sources[BINDS_MOST], outside, root = -1;
	size_t i;

	if (unshare(CLONE_NEWNS) < 0) {
		complain(copy_advice, errno, "cannot make a copy of the mount namespace");
		return -1;
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		complain(root_advice, errno, "cannot make the copied mounts private");
		return -1;
	}
	outside = open_file("/", O_PATH | O_DIRECTORY);
	if (outside < 0) {
		complain(NULL, errno, "cannot open /");
		return -1;
	}
	/* Relative sources are looked up before the working directory changes. */
	for (i = 0; i < container->count; i++) {
		sources[i] = open_file(container->binds[i].source, O_PATH);
		if (sources[i] >= 0)
			continue;
		complain(source_advice, errno, "cannot open %s", container->binds[i].source);
		return -1;
	}
	root = bind_directory(container);
	if (root < 0 || !fill(container, outside, root, sources))
		return -1;
	close(outside);
	return root;
}
