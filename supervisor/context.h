/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * context.h - who a supervised task is: namespaces, root, cwd, user, capabilities, descriptors; and how to become it.
 * context_take() looks, context_enter() changes the calling process for good. Used by answer.c.
 */
#ifndef MNTCOMPAT_SUPERVISOR_CONTEXT_H
#define MNTCOMPAT_SUPERVISOR_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONTEXT_GROUPS 1024
#define CONTEXT_LEVELS 33	/* the kernel has 32 below the first */

struct context {
	pid_t task, process;		/* as the supervisor sees them */
	int directory;			/* /proc/TASK */
	int pidfd;			/* of what has the task's descriptors; -1: only /proc/TASK/fd shows them */
	int root, cwd;
	int user, mnt, pid;		/* namespaces; -1: the supervisor's own */
	long threads;
	/* Its numbers in the pid namespaces from the supervisor's down to its own. */
	int levels;
	pid_t task_number[CONTEXT_LEVELS], process_number[CONTEXT_LEVELS];
};

/*
 * context_take - @proc: the supervisor's /proc. 0; -EPERM, -EACCES: this task may not be looked at; -ESRCH and others.
 * Valid only if the task still waits for its answer afterwards.
 */
int context_take(struct context *context, int proc, pid_t task);
void context_drop(struct context *context);

/* The file behind the task's descriptor @fd, or -errno (-EBADF: there is none). CLOEXEC. */
int context_fd(const struct context *context, int fd);
/* The task's descriptors of namespaces, at most @most, into @fds; how many. */
int context_namespaces(const struct context *context, int *fds, int most);
/* Has the task's table no free number below its limit? */
bool context_is_full(const struct context *context);

/*
 * context_enter - become that task, but for its pid: 0, or -errno when not all of it can be had, and then nothing may
 * be done in its name. When it lies in another pid namespace the caller's child goes on there, and the caller ends with
 * it.
 */
int context_enter(const struct context *context);

/* The number N of a path that begins with /proc/self/fd/N, or is meant to; -1: of another one. */
int context_path_fd(const char *path);

/*
 * context_path - @path as the entered task means it: /proc/self and /proc/thread-self are the task's. @own_fd: this
 * process' descriptor of what the task has as context_path_fd(), or -1. @buffer holds the answer if it is another one.
 * *is_like becomes true where the task's own cannot be looked at: then the answer, or the link at the end of it, is this
 * process' own instead. NULL: a way through them that is not seen in @path itself.
 */
const char *context_path(const struct context *context, int dfd, const char *path, int own_fd, char *buffer, size_t size,
			 bool *is_like);

/*
 * context_own_directory - is @fd a directory of a procfs that the task has for its own, or of descriptors in it? The root
 * of that procfs, and in *@within the way from there to this directory, with "self" for the task. -1: it is none.
 */
int context_own_directory(const struct context *context, int fd, const char **within);

/*
 * context_own_path - the same for @path in such a directory, after context_enter(): @own_path is the path from @root. NULL:
 * @path is as good as it is, or with *is_like it is hidden and there is nothing in its place.
 */
const char *context_own_path(int dfd, const char *path, int root, const char *own_path, int own_fd, char *buffer,
			     size_t size, bool *is_like);

#endif
