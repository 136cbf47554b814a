/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * offline.h - what the kernel itself knows of files and superblocks, without their file server.
 * Native statmount, mount_setattr and open_tree call no server (FUSE, NFS, ...), so that one that
 * does not answer delays none of them. But fstat, fstatfs, chdir and each path that begins in or
 * leads through a directory of such a filesystem may call it and wait. Everything that looks at a
 * mount which the caller did not name by a path goes through here.
 * Opens files with O_PATH; moves nothing.
 */
#ifndef MNTCOMPAT_COMPAT_TASK_OFFLINE_H
#define MNTCOMPAT_COMPAT_TASK_OFFLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compat/kernel/raw.h"
#include "compat/task/mountinfo.h"

/*
 * offline_statx - type, inode number, device, attributes and the old mount id (5.8) of @fd, as the
 * kernel has them in memory. No field is requested by name, because FUSE refuses that to other
 * users than its own; nevertheless all are there, and @stx->mask has UAPI_STATX_TYPE, unless it is
 * such a user's. Only 9p without a cache, coda, orangefs, gfs2 and ocfs2 call the server or the
 * cluster even for this. 0 or -errno.
 */
int offline_statx(int fd, struct raw_statx *stx);

/* offline_is_directory - 1, 0 or -errno. */
int offline_is_directory(int fd);

/* offline_same_file - true if both are certainly the same file. */
bool offline_same_file(int a, int b);

/*
 * offline_is_local - true if @fd is certainly on a filesystem without a server, so that fstatfs,
 * fchdir and paths from there come back. @stx is of @fd.
 */
bool offline_is_local(int fd, const struct raw_statx *stx);

/*
 * offline_parent - the directory above the directory @fd (O_PATH, CLOEXEC). -EOPNOTSUPP if only the
 * server could tell whether the caller may search @fd; or -errno.
 */
int offline_parent(int fd);

/*
 * offline_magic - the superblock's magic, as 7.3 has it, from the type in @line. 0; -EAGAIN:
 * fstatfs tells, and calls no server; -EOPNOTSUPP: not known, and fstatfs might call one.
 */
int offline_magic(const struct mountinfo_line *line, uint64_t *magic);

/* offline_has_server - false if looking at any file of @line's filesystem calls no server. */
bool offline_has_server(const struct mountinfo_line *line);

/* offline_fd_magic - the same, with fstatfs if it is safe; @fd is on the mount of @line. */
int offline_fd_magic(int fd, const struct mountinfo_line *line, uint64_t *magic);

/* The fstatfs alone, for a @fd that is known to be on a filesystem without a server. */
int offline_local_magic(int fd, uint64_t *magic);

/* Answers kept while a table is asked about several lines; zeros at first. */
#define OFFLINE_WAYS 16
struct offline_ways {
	bool known;
	size_t n;		 /* mounts that a way must not lead through */
	size_t at[OFFLINE_WAYS]; /* where the lines of the first ones are */
};

/*
 * offline_is_free_way - true if a walk to the mount point of @line neither leads through a
 * directory that a server is called for, nor through an autofs mount. @table has all lines.
 */
bool offline_is_free_way(const struct mountinfo_table *table, const struct mountinfo_line *line,
			 struct offline_ways *ways);

#endif
