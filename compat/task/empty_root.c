// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * empty_root.c - marks the root of an empty mount namespace, and knows it again.
 * Remounts "/" of the calling task; looks at it with calls that change nothing.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/task/empty_root.h"

const char *const empty_root_directories[EMPTY_ROOT_DIRECTORIES] = { "sys/fs/binfmt_misc",
								     "fs/nfsd" };

bool empty_root_is_directory(const char *path, size_t len)
{
	for (size_t i = 0; i < EMPTY_ROOT_DIRECTORIES; i++) {
		const char *directory = empty_root_directories[i];

		if (len == strlen(directory) + 1 && path[0] == '/' &&
		    !memcmp(path + 1, directory, len - 1))
			return true;
	}
	return false;
}

static _Atomic int noted; /* 0: not asked yet, 1: none, 2: there is one */

void empty_root_note(void)
{
	atomic_store_explicit(&noted, 2, memory_order_relaxed);
}

bool empty_root_was_noted(void)
{
	struct statfs fs;
	int now = atomic_load_explicit(&noted, memory_order_relaxed);

	if (!now) {
		now = raw_statfs("/", &fs) == 0 && fs.f_type == UAPI_MAGIC_PROC ? 2 : 1;
		atomic_store_explicit(&noted, now, memory_order_relaxed);
	}
	return now == 2;
}

int empty_root_mark(void)
{
	unsigned long flags = MS_REMOUNT | MS_BIND | UAPI_MS_NOSYMFOLLOW;
	struct statfs fs;
	int ret;

	/* Older kernels ignore the flag. */
	if (raw_get_kernel() < RAW_KERNEL(5, 10))
		return -ENOSYS;
	ret = raw_statfs("/", &fs);
	if (ret < 0)
		return ret;
	/* A remount sets all flags but those of atime, which stay if none is named. */
	if (fs.f_flags & UAPI_ST_RDONLY)
		flags |= MS_RDONLY;
	if (fs.f_flags & UAPI_ST_NOSUID)
		flags |= MS_NOSUID;
	if (fs.f_flags & UAPI_ST_NODEV)
		flags |= MS_NODEV;
	if (fs.f_flags & UAPI_ST_NOEXEC)
		flags |= MS_NOEXEC;
	return raw_mount(NULL, "/", NULL, flags, NULL);
}

bool empty_root_is_own(struct raw_statx *root)
{
	struct raw_statx above;
	struct statfs fs;

	if (raw_get_kernel() < RAW_KERNEL(5, 10) || raw_statfs("/", &fs) < 0 ||
	    fs.f_type != UAPI_MAGIC_PROC || !((unsigned long)fs.f_flags & UAPI_ST_NOSYMFOLLOW))
		return false;
	if (raw_statx(AT_FDCWD, "/", UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID, root) < 0 ||
	    !(root->mask & MNTCOMPAT_STATX_MNT_ID) ||
	    !(root->attributes & UAPI_STATX_ATTR_MOUNT_ROOT))
		return false;
	/* The kernel finds what is mounted on "/" above it. */
	if (raw_statx(AT_FDCWD, "/..", UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID, &above) <
		    0 ||
	    !(above.mask & MNTCOMPAT_STATX_MNT_ID) || above.mnt_id != root->mnt_id ||
	    above.ino != root->ino)
		return false;
	/* Everywhere else in procfs this is another error. */
	return raw_mkdirat(AT_FDCWD, "/name", 0700) == -ENOENT;
}
