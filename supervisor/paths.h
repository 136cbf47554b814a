/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * paths.h - paths that mean the task itself: to the process that answers for it /proc/self is another directory.
 */
#ifndef MNTCOMPAT_SUPERVISOR_PATHS_H
#define MNTCOMPAT_SUPERVISOR_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/target.h"

/* True if a part of the path is "..". */
bool path_goes_up(const char *path);
/* True if the calling process may not look at the path. */
bool path_is_refused(int dfd, const char *path);

/* The number N of a path that begins with /proc/self/fd/N, or is meant to; -1: of another one. */
int path_own_fd(const char *path);

/*
 * path_of_target - @path as the entered task means it: /proc/self and /proc/thread-self are the task's. @own_fd: this
 * process' descriptor of what the task has as path_own_fd(), or -1. @buffer holds the answer if it is another one.
 * *is_like becomes true where the task's own cannot be looked at: then the answer, or the link at the end of it, is this
 * process' own instead. NULL: a way through them that is not seen in @path itself.
 */
const char *path_of_target(const struct target *target, int dfd, const char *path, int own_fd, char *buffer, size_t size,
			 bool *is_like);

/*
 * path_own_directory - is @fd a directory of a procfs that the task has for its own, or of descriptors in it? The root
 * of that procfs, and in *@within the way from there to this directory, with "self" for the task. -1: it is none.
 */
int path_own_directory(const struct target *target, int fd, const char **within);

/*
 * path_in_own_directory - the same for @path in such a directory, after become(): @own_path is the path from @root. NULL:
 * @path is as good as it is, or with *is_like it is hidden and there is nothing in its place.
 */
const char *path_in_own_directory(int dfd, const char *path, int root, const char *own_path, int own_fd, char *buffer,
			     size_t size, bool *is_like);

#endif
