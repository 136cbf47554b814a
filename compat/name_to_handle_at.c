// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * name_to_handle_at.c - file handles with the id that the library takes and gives.
 * Opens the file with O_PATH where the kernel has unique ids, but does not return them with handles
 * (6.8 to 6.11).
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/name_to_handle_at.h"
#include "compat/statmount/ids.h"
#include "compat/statx.h"
#include "compat/task/helper.h"
#include "compat/task/usercopy.h"

#define HANDLE_TRIES 4

struct handle_work {
	int dfd, flags;
	const char *path;
	struct mntcompat_file_handle *handle;
	const struct mntcompat_file_handle *asked; /* what @handle was when it came */
	uint64_t id;
	enum mntcompat_way way;
};

/* The handle and the old id, as the kernel returns them by path. */
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
 * The unique id is that of an open file, so no other mount can have its mount's old id: if the
 * kernel returns the same old id with the handle, the handle is of this mount.
 */
static int handle_by_fd(void *arg)
{
	struct handle_work *work = arg;
	unsigned int lookup = (unsigned int)work->flags & MNTCOMPAT_AT_EMPTY_PATH;
	struct statmount_ids ids;
	int fd, old, ret;

	if (!(work->flags & (int)UAPI_AT_SYMLINK_FOLLOW))
		lookup |= MNTCOMPAT_AT_SYMLINK_NOFOLLOW;
	fd = statx_open(work->dfd, work->path, lookup | MNTCOMPAT_AT_NO_AUTOMOUNT);
	if (fd < 0)
		return fd;
	work->way = MNTCOMPAT_WAY_FD;
	*work->handle = *work->asked;
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

int name_to_handle_at_emulate(int dfd, const char *path, void *handle, void *mount_id, int flags,
			      enum mntcompat_way *way)
{
	union {
		struct mntcompat_file_handle handle;
		char bytes[sizeof(struct mntcompat_file_handle) + UAPI_MAX_HANDLE_SZ];
	} own;
	struct mntcompat_file_handle asked;
	struct handle_work work = { .dfd = dfd,
				    .path = path,
				    .flags = flags,
				    .handle = &own.handle,
				    .asked = &asked,
				    .way = MNTCOMPAT_WAY_NATIVE };
	size_t len;
	int ret, copied, old = 0;

	memset(&own, 0, sizeof(own));
	*way = work.way;
	ret = usercopy_from(&asked, handle, sizeof(asked));
	if (ret < 0) {
		/* The kernel checks the path first: return an error of the path, else EFAULT. */
		work.handle = handle;
		if (ret != -EFAULT)
			return ret;
		ret = handle_ask(&work, &old);
		return handle_has_id(ret) ? -EFAULT : ret;
	}
	/* The checks of the kernel come first, in its order. */
	own.handle = asked;
	ret = handle_ask(&work, &old);
	if (!handle_has_id(ret))
		return ret;
	work.id = STATMOUNT_SYNTHETIC_ID | (uint32_t)old;
	work.way = MNTCOMPAT_WAY_OLD_ID;
	if (statmount_has_unique_ids()) {
		for (int i = 0; i == 0 || (ret == -EAGAIN && i < HANDLE_TRIES); i++)
			ret = helper_with_room(handle_by_fd, &work, &work.dfd);
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
