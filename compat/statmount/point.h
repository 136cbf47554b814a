/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * point.h - mounts by their mount points: a file descriptor of a listed mount, and the magic of its
 * superblock. Opens files with O_PATH and closes them.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_POINT_H
#define MNTCOMPAT_COMPAT_STATMOUNT_POINT_H

#include <stdint.h>

#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"

/*
 * An fd of the mount at @line's mount point below @root (a directory, or AT_FDCWD: "/"), or
 * -EOPNOTSUPP: it may be covered, or out of reach, or the way to it leads through a directory of a
 * file server, which may not answer. @whole: all lines of the table. @ways: of this table.
 */
int statmount_open_point(int root, const struct mountinfo_table *whole,
			 const struct mountinfo_line *line, struct offline_ways *ways);

/*
 * The magic of @line's superblock without an fd of the mount: by its type, or through its mount
 * point below @root, or that of another mount of the same superblock. -EOPNOTSUPP, -EMFILE,
 * -ENFILE, -ENOMEM.
 */
int statmount_table_magic(int root, const struct mountinfo_table *whole,
			  const struct mountinfo_line *line, uint64_t *magic);

#endif
