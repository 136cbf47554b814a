// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * lookup.c - looks paths up as open_tree(2) does, by openat(2) where the kernel lacks that.
 * Opens an fd and changes nothing else; raw.h only.
 */
#include <errno.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/task/lookup.h"

/*
 * Before 5.2 openat(2) does it, which takes no empty path and triggers an automount only with
 * O_DIRECTORY.
 */
int lookup_path(int dfd, const char *path, unsigned int flags, bool directory)
{
	int fd = raw_open_tree(dfd, path, flags | MNTCOMPAT_OPEN_TREE_CLOEXEC);
	int how = O_PATH | O_CLOEXEC;
	struct raw_statx stx;
	int ret;

	if (fd >= 0 || (fd != -ENOSYS && feature_probe(FEATURE_OPEN_TREE) == FEATURE_PRESENT))
		return fd;
	if (flags & MNTCOMPAT_AT_SYMLINK_NOFOLLOW)
		how |= O_NOFOLLOW;
	if (directory && !(flags & MNTCOMPAT_AT_NO_AUTOMOUNT))
		how |= O_DIRECTORY;
	fd = raw_openat(dfd, path, how, 0);
	/* With O_NOFOLLOW|O_DIRECTORY a symlink is ENOTDIR, as the caller expects. */
	if (fd != -ENOENT || !(flags & MNTCOMPAT_AT_EMPTY_PATH))
		return fd;
	/* ENOENT may be for an empty path. The kernel reads it, so that we need not. */
	ret = raw_statx(dfd, path,
			MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_SYMLINK_NOFOLLOW |
				UAPI_AT_STATX_DONT_SYNC,
			0, &stx);
	if (ret < 0)
		return ret == -EBADF ? ret : fd;
	if (dfd == AT_FDCWD)
		return raw_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	return raw_fcntl(dfd, F_DUPFD_CLOEXEC, 0);
}
