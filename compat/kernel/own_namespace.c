// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * own_namespace.c - opens the calling task's own mount namespace.
 * Opens and closes files and changes nothing else.
 */
#include <errno.h>

#include "compat/kernel/own_namespace.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"

int own_namespace_by_pidfd(void)
{
	int pidfd = raw_pidfd_open(raw_getpid()), fd;

	if (pidfd < 0)
		return raw_is_shortage(pidfd) ? pidfd : -ENOSYS;
	fd = raw_pidfd_get_mnt_namespace(pidfd);
	raw_close(pidfd);
	return fd >= 0 || raw_is_shortage(fd) ? fd : -ENOSYS;
}

int own_namespace_open(void)
{
	/* A link of procfs that leads to nsfs; fstatfs shows whether it really does. */
	int fd = raw_openat(AT_FDCWD, "/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC, 0);
	struct statfs fs;

	if (raw_is_shortage(fd) ||
	    (fd >= 0 && raw_fstatfs(fd, &fs) == 0 && fs.f_type == UAPI_MAGIC_NSFS))
		return fd;
	if (fd >= 0)
		raw_close(fd);
	return own_namespace_by_pidfd();
}
