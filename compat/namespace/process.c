// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * process.c - opens the mount namespace of a process, by its pid.
 * Opens and closes files and changes nothing else.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/namespace/process.h"
#include "compat/task/procfs.h"

/* The text behind @key, or NULL if that is not there. */
static const char *after(const char *text, const char *key)
{
	size_t len = strlen(key), left;

	for (left = strlen(text); left >= len; left--, text++)
		if (!memcmp(text, key, len))
			return text + len;
	return NULL;
}

/*
 * 1 if the line @key of the file @path, a status, is the number @pid alone, 0 if it is anything
 * else, -errno if it cannot be read. A kernel without such lines is taken to agree.
 */
static int status_is(int procfs, const char *path, const char *key, pid_t pid)
{
	int fd = raw_openat(procfs, path, O_RDONLY | O_CLOEXEC, 0);
	char text[4096];
	const char *line;
	long number = 0;
	ssize_t len;

	if (fd < 0)
		return fd;
	len = raw_read(fd, text, sizeof(text) - 1);
	raw_close(fd);
	if (len < 0)
		return (int)len;
	text[len] = '\0';
	line = after(text, key);
	if (!line)
		return 1;
	for (; *line >= '0' && *line <= '9'; line++)
		number = number * 10 + (*line - '0');
	return *line == '\n' && number == pid;
}

/*
 * Only in a procfs with the numbers of the caller's pid namespace: one of a namespace above shows
 * the caller with several. @check: threads that are not the first of their process are not known.
 */
static int by_procfs(pid_t pid, bool check)
{
	char path[PROCFS_PID_PATH];
	int procfs = procfs_find_root(), ret;

	if (procfs < 0)
		return procfs;
	ret = status_is(procfs, "self/status", "\nNSpid:\t", raw_getpid());
	if (ret != 1)
		ret = raw_is_shortage(ret) ? ret : -ENOSYS;
	procfs_pid_path(pid, "/status", path);
	if (ret == 1 && check && (ret = status_is(procfs, path, "\nTgid:\t", pid)) == 0)
		ret = -ESRCH;
	procfs_pid_path(pid, "/ns/mnt", path);
	if (ret == 1)
		ret = raw_openat(procfs, path, O_RDONLY | O_CLOEXEC, 0);
	raw_close(procfs);
	return ret;
}

/* A process that has ended and was not waited for has no namespace, and makes its pidfd readable. */
static bool has_ended(int pidfd)
{
	struct pollfd poll = { .fd = pidfd, .events = POLLIN };

	return raw_poll(&poll, 1, 0) == 1;
}

/* @pidfd, unless it is negative, tells whether the number has come to mean another process. */
static int open_by_number(pid_t pid, int pidfd)
{
	int fd = by_procfs(pid, pidfd < 0);
	bool ended = pidfd >= 0 && has_ended(pidfd);

	if (fd >= 0 && ended) {
		raw_close(fd);
		return -ESRCH;
	}
	if (fd == -ENOENT || fd == -ESRCH)
		/* A living process may be hidden (hidepid=2), from those that may not trace it. */
		return pidfd < 0 || ended ? -ESRCH : -EACCES;
	/* hidepid=1 */
	return fd == -EPERM ? -EACCES : fd;
}

/* True if the ioctl is refused for the caller's own process as well: not by the kernel. */
static bool is_filtered(void)
{
	int pidfd = raw_pidfd_open(raw_getpid()), fd;

	if (pidfd < 0)
		return false;
	fd = raw_pidfd_get_mnt_namespace(pidfd);
	if (fd >= 0)
		raw_close(fd);
	raw_close(pidfd);
	return fd == -EACCES;
}

static int open_by_pidfd(pid_t pid, int pidfd, bool *procfs)
{
	int fd = raw_pidfd_get_mnt_namespace(pidfd);

	if (fd >= 0 || fd == -ESRCH || raw_is_shortage(fd) || (fd == -EACCES && !is_filtered()))
		return fd;
	/* The kernel lacks the ioctl, or a filter hides it. */
	*procfs = true;
	return open_by_number(pid, pidfd);
}

int namespace_of_process(pid_t pid, bool *procfs)
{
	int pidfd, ret;

	*procfs = false;
	if (pid < 0)
		return -EINVAL;
	if (pid == 0) {
		*procfs = feature_probe(FEATURE_PIDFD_GET_MNT_NAMESPACE) != FEATURE_PRESENT;
		ret = namespace_own(NULL);
		return ret == -EPERM || ret == -EACCES ? -EOPNOTSUPP : ret;
	}
	pidfd = raw_pidfd_open(pid);
	/* EINVAL, and ENOENT of newer kernels: a thread that is not the process's first. */
	if (pidfd == -ESRCH || pidfd == -EINVAL || pidfd == -ENOENT)
		return -ESRCH;
	if (raw_is_shortage(pidfd))
		return pidfd;
	if (pidfd < 0) {
		*procfs = true;
		return open_by_number(pid, -1);
	}
	ret = open_by_pidfd(pid, pidfd, procfs);
	raw_close(pidfd);
	return ret;
}
