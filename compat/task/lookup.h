/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lookup.h - a (dfd, path, AT_*) argument as a file descriptor of exactly the mount and file it
 * names. The kernel itself walks the path; nothing of the caller changes but the fd table.
 */
#ifndef MNTCOMPAT_COMPAT_TASK_LOOKUP_H
#define MNTCOMPAT_COMPAT_TASK_LOOKUP_H

#include <stdbool.h>

#include <mntcompat.h>

#define LOOKUP_FLAGS \
	(MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_SYMLINK_NOFOLLOW | MNTCOMPAT_AT_NO_AUTOMOUNT)

/*
 * lookup_path - an O_PATH fd (CLOEXEC). @flags: some of LOOKUP_FLAGS. @directory: nothing but a
 * directory will do (the caller checks that; before 5.2 an automount is triggered for directories
 * only). An fd or -errno, in the kernel's order.
 */
int lookup_path(int dfd, const char *path, unsigned int flags, bool directory);

#endif
