// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * name_to_handle_at.c - file handles with the id that the library takes and gives.
 * Opens the file with O_PATH where the kernel has unique ids, but does not tell them with handles (6.8
 * to 6.11). Called by lib/name_to_handle_at.c.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "compat/kernel/uapi.h"
#include "compat/helper.h"
#include "compat/name_to_handle_at.h"
#include "compat/raw.h"
#include "compat/statmount.h"
#include "compat/statx.h"
#include "compat/usercopy.h"

#define HANDLE_TRIES 4

struct handle_work {
	int dfd, flags;
	const char *path;
	struct mntcompat_file_handle *handle;
	uint64_t id;
	enum mntcompat_way way;
};

/* The handle and the old id, as the kernel itself tells them by path. */
static int handle_ask(struct handle_work *work, int *old)
{
	return raw_name_to_handle_at(work->dfd, work->path, work->handle, old,
				     work->flags & ~(int)MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE);
}

static bool handle_has_id(int ret)
{
	return ret == 0 || ret == -EOVERFLOW;
}

/*
 * The unique id is that of a file that is held, so that its mount's old id is no other mount's: when the
 * kernel says the same old id with the handle, then it was of this mount.
 */
static int handle_by_fd(struct handle_work *work)
{
	unsigned int lookup = (unsigned int)work->flags & MNTCOMPAT_AT_EMPTY_PATH;
	struct statmount_ids ids;
	int fd, old, ret;

	if (!(work->flags & (int)UAPI_AT_SYMLINK_FOLLOW))
		lookup |= MNTCOMPAT_AT_SYMLINK_NOFOLLOW;
	fd = statx_open(work->dfd, work->path, lookup | MNTCOMPAT_AT_NO_AUTOMOUNT);
	if (fd < 0)
		return fd;
	work->way = MNTCOMPAT_WAY_FD;
	ret = statmount_fd_ids(fd, &ids);
	if (!ret)
		ret = statmount_ids_known(&ids, &work->id);
	if (!ret)
		ret = statmount_fd_old_id(fd, &ids);
	if (!ret) {
		ret = handle_ask(work, &old);
		if (handle_has_id(ret) && (uint32_t)old != ids.old)
			ret = -EAGAIN;
	}
	raw_close(fd);
	return ret;
}

static int handle_by_fd_with_room(void *arg)
{
	struct handle_work *work = arg;

	helper_make_room(work->dfd);
	return handle_by_fd(work);
}

int name_to_handle_at_emulate(int dfd, const char *path, void *handle, void *mount_id, int flags,
			      enum mntcompat_way *way)
{
	union {
		struct mntcompat_file_handle handle;
		char bytes[sizeof(struct mntcompat_file_handle) + UAPI_MAX_HANDLE_SZ];
	} own;
	struct handle_work work = { .dfd = dfd, .path = path, .flags = flags, .handle = &own.handle,
				    .way = MNTCOMPAT_WAY_NATIVE };
	struct mntcompat_file_handle asked;
	size_t len;
	int ret, copied, old = 0;

	memset(&own, 0, sizeof(own));
	*way = work.way;
	ret = usercopy_from(&asked, handle, sizeof(asked));
	if (ret < 0) {
		/* The path comes first: whatever is wrong with it is said, and else that this is. */
		work.handle = handle;
		if (ret != -EFAULT)
			return ret;
		ret = handle_ask(&work, &old);
		return handle_has_id(ret) ? -EFAULT : ret;
	}
	/* What the kernel refuses it refuses here, in its order. */
	own.handle = asked;
	ret = handle_ask(&work, &old);
	if (!handle_has_id(ret))
		return ret;
	work.id = STATMOUNT_SYNTHETIC_ID | (uint32_t)old;
	work.way = MNTCOMPAT_WAY_OLD_ID;
	if (statmount_has_unique_ids()) {
		for (int i = 0; i == 0 || (ret == -EAGAIN && i < HANDLE_TRIES); i++) {
			own.handle = asked;
			ret = handle_by_fd(&work);
		}
		/* The kernel's own call needs no free file descriptor. */
		if (ret == -EMFILE) {
			own.handle = asked;
			ret = helper_run_private_files(handle_by_fd_with_room, &work);
		}
		if (ret == -EMFILE || ret == -ENFILE || ret == -EAGAIN)
			ret = -ENOMEM;
	}
	*way = work.way;
	if (!handle_has_id(ret))
		return ret;
	len = sizeof(own.handle) + (ret == 0 ? own.handle.handle_bytes : 0);
	copied = usercopy_to(mount_id, &work.id, sizeof(work.id));
	if (!copied)
		copied = usercopy_to(handle, &own, len);
	return copied ? copied : ret;
}
