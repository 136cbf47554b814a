/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * paths.h - paths that mean the task itself: to the process that answers for it /proc/self is
 * another directory.
 */
#ifndef MNTCOMPAT_SUPERVISOR_PATHS_H
#define MNTCOMPAT_SUPERVISOR_PATHS_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/target.h"

/* The calling process' own descriptors have numbers up to this one, the target's come behind. */
#define PATH_OWN_FD 3

/* True if a part of the path is "..". */
bool path_goes_up(const char *path);
/*
 * @last is O_NOFOLLOW for a call that does not follow a link at the end of its path, or 0. File
 * servers are asked for nothing that the call itself does not ask for.
 */

/* True if the calling process may not look at the path. */
bool path_is_refused(int dfd, const char *path, int last);

/*
 * True if the path leads through the task's own directory of a procfs, by its number, and the task
 * is one that may not be looked into: it may nevertheless look there itself.
 */
bool path_is_hidden(const struct target *target, int dfd, const char *path, int last);

/*
 * True if the path leads through a link of a procfs to something that is not a path, other than a
 * descriptor of the task itself at its end.
 */
bool path_needs_link(int dfd, const char *path, int last);

/* The number N of a path that begins with /proc/self/fd/N, or is meant to; -1 for other paths. */
int path_own_fd(const char *path);

/*
 * path_of_target - @path as the entered task means it: /proc/self and /proc/thread-self are the
 * task's. @me: this process. @own_fd: its copy of the task's descriptor path_own_fd(), or -1.
 * @buffer holds the result if it differs from @path. *is_like becomes true where the task's own
 * cannot be looked at: then the result, or the link at the end of it, is this process' own instead.
 * *is_program becomes true where the path leads to the program that this process executes, as it
 * does for the task. NULL: the path leads through them by a link that @path itself does not show,
 * or to this process.
 */
const char *path_of_target(const struct target *target, const struct target_own *own,
			   const struct target_status *me, int dfd, const char *path, int last,
			   int own_fd, char *buffer, size_t size, bool *is_like, bool *is_program);

/*
 * path_own_directory - for a directory @fd of a procfs that is the task's own, or that of its
 * descriptors: the root of that procfs, and in *@within the way from there to this directory, with
 * "self" for the task. -1 for others.
 */
int path_own_directory(const struct target *target, int fd, const char **within);

/*
 * path_in_own_directory - the same for @path in such a directory, after become(): @own_path is the
 * path from @root. NULL: @path can be used as it is, or with *is_like it is hidden and has no
 * replacement.
 */
const char *path_in_own_directory(int dfd, const char *path, int last, int root,
				  const char *own_path, int own_fd, char *buffer, size_t size,
				  bool *is_like);

#endif
