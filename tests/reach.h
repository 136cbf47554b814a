/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reach.h - whether every user may come to a file: a tree in /root is closed to all but root.
 */
#ifndef MNTCOMPAT_TESTS_REACH_H
#define MNTCOMPAT_TESTS_REACH_H

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* True if all directories above the file may be searched by everybody. */
static inline bool everybody_reaches(const char *file)
{
	char path[PATH_MAX], *slash;
	struct stat st;

	if (!realpath(file, path))
		return false;
	while ((slash = strrchr(path, '/')) && slash != path) {
		*slash = 0;
		if (stat(path, &st) < 0 || !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

#endif
