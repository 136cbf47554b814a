// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * job.c - the first and the last step of every way.
 * Opens and closes fds.
 */
#include <errno.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/job.h"

/*
 * The kernel takes the fd number before it looks at anything else, and it is the lowest free one.
 * So do we: the result is put there at the end.
 */
int open_tree_reserve_fd(void)
{
	int fd = raw_eventfd();

	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd >= 0)
		return fd;
	fd = raw_memfd_create("mntcompat", UAPI_MFD_CLOEXEC);
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd >= 0)
		return fd;
	return raw_openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0);
}

int open_tree_result_of(struct open_tree_job *job, int fd)
{
	int ret;

	if (job->target >= 0) {
		ret = raw_dup3(fd, job->target, job->cloexec ? O_CLOEXEC : 0);
		raw_close(fd);
		return ret;
	}
	if (!job->cloexec) {
		ret = raw_fcntl(fd, F_SETFD, 0);
		if (ret < 0) {
			raw_close(fd);
			return ret;
		}
	}
	return fd;
}

int open_tree_result(struct open_tree_job *job)
{
	int fd = namespace_own(&job->door);

	return fd < 0 ? fd : open_tree_result_of(job, fd);
}

bool open_tree_clone_is_filtered(void)
{
	return raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE) != -EFAULT ||
	       raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_AT_RECURSIVE) !=
		       -EFAULT;
}
