// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statx.c - statx with the library's mount id, where the kernel cannot return it.
 * Opens the file with O_PATH where another call has its id.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/ids.h"
#include "compat/statx.h"
#include "compat/task/helper.h"
#include "compat/task/usercopy.h"

#define STATX_IDS (MNTCOMPAT_STATX_MNT_ID | MNTCOMPAT_STATX_MNT_ID_UNIQUE)
#define STATX_LOOKUP \
	(MNTCOMPAT_AT_SYMLINK_NOFOLLOW | MNTCOMPAT_AT_NO_AUTOMOUNT | MNTCOMPAT_AT_EMPTY_PATH)

/* True if the file descriptor itself is meant. */
static bool statx_is_fd(int dfd, const char *path, unsigned int flags)
{
	char first = 0;

	if (dfd < 0 || !(flags & MNTCOMPAT_AT_EMPTY_PATH))
		return false;
	return !path || (usercopy_from(&first, path, 1) == 0 && !first);
}

int statx_ask(int dfd, const char *path, unsigned int flags, unsigned int mask,
	      struct mntcompat_statx *buf)
{
	const unsigned int known = STATX_LOOKUP | UAPI_AT_STATX_SYNC_TYPE;
	int ret;

	/*
	 * 7.3 calls no file server for fields of its own such as the id; older kernels do, and wait
	 * for it or return ENOTCONN.
	 */
	if (!(mask & (UAPI_STATX_BASIC_STATS | UAPI_STATX_BTIME)) &&
	    !(flags & UAPI_AT_STATX_SYNC_TYPE))
		flags |= UAPI_AT_STATX_DONT_SYNC;
	ret = raw_statx_whole(dfd, path, flags, mask, buf);
	/* Of a file descriptor 7.3 ignores flags that it does not know. */
	if (ret == -EINVAL && flags & ~known && statx_is_fd(dfd, path, flags)) {
		flags &= known;
		ret = raw_statx_whole(dfd, path, flags, mask, buf);
	}
	if (ret == -EFAULT && !path && flags & MNTCOMPAT_AT_EMPTY_PATH)
		ret = raw_statx_whole(dfd, "", flags, mask, buf);
	return ret;
}

bool statx_fix_id(struct mntcompat_statx *buf)
{
	if (!(buf->stx_mask & MNTCOMPAT_STATX_MNT_ID))
		return false;
	buf->stx_mnt_id |= STATMOUNT_SYNTHETIC_ID;
	buf->stx_mask &= ~MNTCOMPAT_STATX_MNT_ID;
	buf->stx_mask |= MNTCOMPAT_STATX_MNT_ID_UNIQUE;
	return true;
}

int statx_open(int dfd, const char *path, unsigned int flags)
{
	int open_flags = O_PATH | O_CLOEXEC, fd;
	char first = 1;

	if (flags & MNTCOMPAT_AT_EMPTY_PATH) {
		fd = path ? usercopy_from(&first, path, 1) : 0;
		if (fd < 0)
			return fd;
		if (!path || !first)
			path = "";
	}
	/* The kernel looks it up as statx does, automounts included. */
	fd = raw_open_tree(dfd, path, (flags & STATX_LOOKUP) | MNTCOMPAT_OPEN_TREE_CLOEXEC);
	if (fd >= 0 || fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return fd;
	if (flags & MNTCOMPAT_AT_SYMLINK_NOFOLLOW)
		open_flags |= O_NOFOLLOW;
	if (flags & MNTCOMPAT_AT_EMPTY_PATH && path && !*path) {
		if (dfd != AT_FDCWD)
			return raw_fcntl(dfd, F_DUPFD_CLOEXEC, 0);
		path = ".";
	}
	return raw_openat(dfd, path, open_flags, 0);
}

/*
 * The request without the id that the kernel lacks. It does not become a request for nothing,
 * which a filesystem answers that refuses all others: another user's FUSE mount.
 */
static unsigned int without_unique_id(unsigned int mask)
{
	if (!(mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE))
		return mask;
	return (mask & ~MNTCOMPAT_STATX_MNT_ID_UNIQUE) | MNTCOMPAT_STATX_MNT_ID;
}

struct statx_work {
	int dfd;
	const char *path;
	unsigned int flags, mask;
	struct mntcompat_statx answer;
	enum mntcompat_way way;
};

/* The answer and the id through one fd: of one mount, whatever happens to the path meanwhile. */
static int statx_by_fd(void *arg)
{
	struct statx_work *work = arg;
	struct statmount_ids ids;
	uint64_t id = 0;
	int fd = statx_open(work->dfd, work->path, work->flags), ret;

	if (fd < 0)
		return fd;
	ret = raw_statx_whole(fd, "",
			      MNTCOMPAT_AT_EMPTY_PATH | (work->flags & UAPI_AT_STATX_SYNC_TYPE),
			      without_unique_id(work->mask), &work->answer);
	if (!ret)
		ret = statmount_fd_ids(fd, &ids);
	if (!ret && work->mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE)
		ret = statmount_ids_known(&ids, &id);
	else if (!ret)
		ret = statmount_fd_old_id(fd, &ids);
	raw_close(fd);
	if (ret < 0)
		return ret;
	work->answer.stx_mask &= ~STATX_IDS;
	if (work->mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE) {
		work->answer.stx_mask |= MNTCOMPAT_STATX_MNT_ID_UNIQUE;
		work->answer.stx_mnt_id = id;
		work->way = ids.unique_known ? MNTCOMPAT_WAY_FD : MNTCOMPAT_WAY_OLD_ID;
	} else {
		work->answer.stx_mask |= MNTCOMPAT_STATX_MNT_ID;
		work->answer.stx_mnt_id = ids.old;
		work->way = MNTCOMPAT_WAY_FD;
	}
	return 0;
}

int statx_emulate(int dfd, const char *path, unsigned int flags, unsigned int mask,
		  struct mntcompat_statx *buf, enum mntcompat_way *way)
{
	struct statx_work work = {
		.dfd = dfd, .path = path, .flags = flags, .mask = mask, .way = MNTCOMPAT_WAY_NATIVE
	};
	/* The checks of the kernel come first, in its order. */
	int ret = statx_ask(dfd, path, flags, without_unique_id(mask), &work.answer);

	*way = work.way;
	if (ret < 0)
		return ret;
	if (mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE && !statmount_has_unique_ids() &&
	    statx_fix_id(&work.answer))
		work.way = MNTCOMPAT_WAY_OLD_ID;
	else if (mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE ||
		 (mask & MNTCOMPAT_STATX_MNT_ID &&
		  !(work.answer.stx_mask & MNTCOMPAT_STATX_MNT_ID)))
		ret = helper_with_room(statx_by_fd, &work, &work.dfd);
	*way = work.way;
	if (ret == -EMFILE || ret == -ENFILE)
		ret = -ENOMEM;
	return ret ? ret : usercopy_to(buf, &work.answer, sizeof(work.answer));
}
