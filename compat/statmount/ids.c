// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ids.c - reads the ids of the mount behind a file descriptor from the kernel.
 * Reads through statx, name_to_handle_at and fdinfo; never waits for a file server.
 */
#include <errno.h>
#include <string.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/ids.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

/* Line "mnt_id:\t27" of fdinfo, which stands near the top. */
static int fd_parse_fdinfo(const char *text, size_t len, uint32_t *id)
{
	static const char tag[] = "\nmnt_id:";
	const char *at = memmem(text, len, tag, sizeof(tag) - 1), *end = text + len;
	uint64_t value = 0;

	if (!at)
		return -ENOSYS;
	for (at += sizeof(tag) - 1; at < end && (*at == '\t' || *at == ' '); at++)
		;
	if (at == end || *at < '0' || *at > '9')
		return -ENOSYS;
	for (; at < end && *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	if (at == end || value > UINT32_MAX)
		return -ENOSYS;
	*id = (uint32_t)value;
	return 0;
}

static int fd_fdinfo(int fd, uint32_t *id)
{
	char text[1024] = "thread-self/fdinfo/", digits[12];
	size_t at = strlen(text), n = 0;
	unsigned int number = (unsigned int)fd;
	ssize_t len;
	int info;

	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n)
		text[at++] = digits[--n];
	text[at] = '\0';
	info = procfs_open(text);
	if (info < 0)
		return info;
	len = raw_read(info, text, sizeof(text));
	raw_close(info);
	return len < 0 ? -ENOSYS : fd_parse_fdinfo(text, (size_t)len, id);
}

/*
 * A kernel that knows the unique id returns that one when it is requested. But FUSE refuses that to
 * other users than its own, and only that: the old id is returned to everybody who requests nothing.
 */
static int fd_statx(int fd, bool unique, struct statmount_ids *ids)
{
	struct raw_statx stx;
	int ret = -EACCES;

	if (unique)
		ret = raw_statx(fd, "",
				MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_NO_AUTOMOUNT |
					UAPI_AT_STATX_DONT_SYNC,
				MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx);
	if (ret == -EACCES)
		ret = offline_statx(fd, &stx);
	if (ret < 0)
		return ret;
	if (stx.mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE) {
		ids->unique_known = true;
		ids->unique = stx.mnt_id;
	} else if (stx.mask & MNTCOMPAT_STATX_MNT_ID) {
		ids->old_known = true;
		ids->old = (uint32_t)stx.mnt_id;
	} else {
		return -ENOSYS;
	}
	return 0;
}

/*
 * Where statx is filtered: a file handle without room is refused, but the id comes with the
 * refusal. With AT_HANDLE_FID no filesystem is without handles.
 */
static int fd_handle_id(int fd, struct statmount_ids *ids)
{
	struct mntcompat_file_handle handle = { .handle_bytes = 0 };
	uint64_t id = 0;

	if (raw_name_to_handle_at(fd, "", &handle, &id,
				  MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE |
					  MNTCOMPAT_AT_HANDLE_FID) != -EOVERFLOW ||
	    !id)
		return -ENOSYS;
	ids->unique_known = true;
	ids->unique = id;
	return 0;
}

/*
 * The unique id of the mount of an open file, of which only the old one is known: the kernel lists
 * both. The file holds the mount, so that no other one has its old id.
 */
static int fd_unique_by_old(struct statmount_ids *ids)
{
	enum { ROOM = 64 };
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 };
	struct mntcompat_statmount answer;
	uint64_t list[ROOM], last = 0;
	ssize_t n;

	do {
		req.mnt_id = MNTCOMPAT_LSMT_ROOT;
		req.param = last;
		n = raw_listmount(&req, list, ROOM, 0);
		for (ssize_t i = 0; i < n; i++) {
			req.mnt_id = last = list[i];
			req.param = MNTCOMPAT_STATMOUNT_MNT_BASIC;
			if (raw_statmount(&req, &answer, sizeof(answer), 0) < 0 ||
			    answer.mnt_id_old != ids->old)
				continue;
			ids->unique_known = true;
			ids->unique = answer.mnt_id;
			return 0;
		}
	} while (n == ROOM);
	return -EOPNOTSUPP;
}

int statmount_fd_ids(int fd, struct statmount_ids *ids)
{
	int ret;

	*ids = (struct statmount_ids){ 0 };
	/* AT_FDCWD is a directory to statx and no fd to statmount. */
	if (fd < 0)
		return -EBADF;
	ret = fd_statx(fd, true, ids);
	if (ret == -EBADF)
		return ret;
	if (ret == 0 && !ids->unique_known &&
	    feature_probe(FEATURE_STATX_MNT_ID_UNIQUE) == FEATURE_PRESENT)
		return fd_handle_id(fd, ids) == 0 ? 0 : fd_unique_by_old(ids);
	if (ret == 0)
		return 0;
	/*
	 * The filesystem would not answer, or the kernel is older than 5.8: then procfs has the old
	 * id.
	 */
	if (fd_handle_id(fd, ids) == 0)
		return 0;
	if (ret != -ENOSYS && feature_probe(FEATURE_STATX_MNT_ID_UNIQUE) == FEATURE_PRESENT)
		return -EOPNOTSUPP;
	ret = fd_fdinfo(fd, &ids->old);
	ids->old_known = ret == 0;
	return ret;
}

int statmount_fd_old_id(int fd, struct statmount_ids *ids)
{
	int ret;

	if (ids->old_known)
		return 0;
	ret = fd_statx(fd, false, ids);
	if (ret < 0)
		ids->old_known = fd_fdinfo(fd, &ids->old) == 0;
	return ids->old_known ? 0 : -EOPNOTSUPP;
}

bool statmount_has_unique_ids(void)
{
	return feature_probe(FEATURE_STATX_MNT_ID_UNIQUE) == FEATURE_PRESENT ||
	       feature_probe(FEATURE_STATMOUNT) == FEATURE_PRESENT ||
	       feature_probe(FEATURE_HANDLE_MNT_ID_UNIQUE) == FEATURE_PRESENT;
}

int statmount_ids_known(const struct statmount_ids *ids, uint64_t *id)
{
	if (ids->unique_known) {
		*id = ids->unique;
		return 0;
	}
	/* Only statx is filtered: unique ids exist, but cannot be seen here. */
	if (!ids->old_known || statmount_has_unique_ids())
		return -EOPNOTSUPP;
	*id = STATMOUNT_SYNTHETIC_ID | ids->old;
	return 0;
}

bool statmount_same_mount(const struct statmount_ids *a, const struct statmount_ids *b)
{
	if (a->unique_known && b->unique_known)
		return a->unique == b->unique;
	return a->old_known && b->old_known && a->old == b->old;
}
