/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * private.h - makes all mounts of the calling process's mount namespace private, for tests that
 * mount. In a chroot "/" is a directory, which has no propagation: this leaves the chroot for that,
 * and comes back.
 */
#ifndef MNTCOMPAT_TESTS_UNIT_PRIVATE_H
#define MNTCOMPAT_TESTS_UNIT_PRIVATE_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

/* 0, or -1 and errno. */
static inline int private_mounts(void)
{
	int root, own, ret = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);

	if (ret == 0 || errno != EINVAL)
		return ret;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (root >= 0 && own >= 0 && setns(own, CLONE_NEWNS) == 0) {
		ret = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		if (fchdir(root) < 0 || chroot(".") < 0)
			ret = -1;
	}
	close(root);
	close(own);
	return ret;
}

#endif
