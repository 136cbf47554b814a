// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * point.c - opens listed mounts at their mount points.
 * Opens files with O_PATH and closes them.
 */
#include <errno.h>

#include "compat/kernel/raw.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/point.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"

int statmount_open_point(int root, const struct mountinfo_table *whole,
			 const struct mountinfo_line *line, struct offline_ways *ways)
{
	struct statmount_ids found, wanted = { .old_known = true, .old = line->id };
	char path[4096] = ".";
	size_t len = mountinfo_unescape(line->mount_point, path + 1, sizeof(path) - 1);
	int fd, ret;

	if (len >= sizeof(path) - 1 || !offline_is_free_way(whole, line, ways))
		return -EOPNOTSUPP;
	path[len + 1] = '\0';
	/* "./proc" below another process's root, "/proc" below the caller's. */
	fd = raw_openat(root, root < 0 ? path + 1 : path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return fd;
	if (fd < 0)
		return -EOPNOTSUPP;
	ret = statmount_fd_ids(fd, &found);
	if (!ret)
		ret = statmount_fd_old_id(fd, &found);
	if (!ret && statmount_same_mount(&found, &wanted))
		return fd;
	raw_close(fd);
	return ret == -EMFILE || ret == -ENFILE ? ret : -EOPNOTSUPP;
}

int statmount_table_magic(int root, const struct mountinfo_table *whole,
			  const struct mountinfo_line *line, uint64_t *magic)
{
	struct offline_ways ways = { .known = false };
	struct mountinfo_line other;
	size_t pos = 0;
	int fd, ret = offline_magic(line, magic);

	if (ret != -EAGAIN)
		return ret;
	fd = statmount_open_point(root, whole, line, &ways);
	while (fd == -EOPNOTSUPP && mountinfo_next(whole, &pos, &other))
		if (other.id != line->id && other.dev_major == line->dev_major &&
		    other.dev_minor == line->dev_minor)
			fd = statmount_open_point(root, whole, &other, &ways);
	if (fd < 0)
		return fd;
	ret = offline_local_magic(fd, magic);
	raw_close(fd);
	return ret < 0 ? -EOPNOTSUPP : 0;
}
