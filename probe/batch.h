/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * batch.h - reads several files at once.
 * It may use io_uring.
 */
#ifndef MNTCOMPAT_PROBE_BATCH_H
#define MNTCOMPAT_PROBE_BATCH_H

#include <stdbool.h>
#include <stddef.h>

struct batch_file {
	char path[4096 + 64];
	char *text; /* room for @room bytes; ends in NUL */
	size_t room;
	size_t length;
	/*
	 * errno of opening or reading it; EFBIG when it did not fit, EINVAL when it is not a
	 * regular file
	 */
	int error;
};

enum {
	FILE_FILESYSTEMS,
	FILE_MAX_MNT_NAMESPACES,
	FILE_MAX_USER_NAMESPACES,
	FILE_MOUNT_MAX,
	FILE_USERNS_CLONE,
	FILE_IO_URING_DISABLED,
	FILE_TABLES, /* libkmod's */
	FILE_DEP = FILE_TABLES,
	FILE_ALIAS,
	FILE_BUILTIN,
	FILE_BUILTIN_ALIAS,
	FILE_COUNT,
};

/* In memory that the child shares with the caller. */
struct batch {
	struct batch_file files[FILE_COUNT];
	unsigned int wanted; /* bits of the files to read */
	bool uring;	     /* out: io_uring did it */
};

/*
 * Reads the wanted files, by io_uring if @uring and if available. That makes kernel threads, so it
 * must run in a child.
 */
void batch_read(struct batch *batch, bool uring);

#endif
