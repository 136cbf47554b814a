/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * helper.h - a short-lived task that may change its own namespaces, root and cwd in the caller's
 * stead. Shares the caller's memory, leaves no SIGCHLD and no zombie.
 *
 * The rule for descriptors: a task that makes a mount call (mount, umount2, move_mount, pivot_root,
 * mount_setattr), or whose result is a namespace, has a descriptor table of its own. In a table
 * that others share, any number can become another file between two steps (a double close in
 * another thread is enough), and setns(2) or move_mount(2) by such a number would change the
 * caller's own mount namespace. In a table of the task's own a number stays what it is. Files cross
 * the border in three ways only: the caller's arguments by pidfd_getfd(2) or in the copy, before
 * the task's first step; the result by the kernel's own lookup of the helper, compared by device
 * and inode. The library takes no number in the caller's table before the result exists, and puts
 * nothing on a number that it does not get from the kernel at that moment.
 */
#ifndef MNTCOMPAT_COMPAT_TASK_HELPER_H
#define MNTCOMPAT_COMPAT_TASK_HELPER_H

#include <stdbool.h>

/* The descriptors that cross the border. All zero: none does. */
struct helper_files {
	/*
	 * One of the caller's that the task uses: while the task runs, *in is its number in the
	 * helper's table, and -1 if the caller has no such descriptor. NULL, or a negative number:
	 * none.
	 */
	int *in;
	/*
	 * The same for one that the task compares with what it has to be, so that it may come from
	 * the table of another thread.
	 */
	int *checked;
	/*
	 * A second result besides the one that the task returns, a file of nsfs: the task puts a
	 * number of its table, or a negative number, there. Afterwards it is a new descriptor
	 * (CLOEXEC) of the caller's or, if that could not be had, negative. NULL: none.
	 */
	int *extra;
	bool not_cloexec; /* for the result */
	/*
	 * A second step, for a change that must not happen if the caller cannot get the result: it
	 * runs in a helper's table, where @fd is the result, once the caller has it too. If it
	 * returns a negative number, that is the result. NULL: none.
	 */
	int (*after)(void *arg, int fd);
	/*
	 * The task looks up a path of the caller's, which may lead through /proc/self/fd: where it
	 * fails, it begins anew with a copy of the whole table. In a smaller one the numbers of
	 * the caller's are missing or those of files that are not directories, but for *in, which
	 * has its own number.
	 */
	bool looks_up;
	bool found; /* set by the task: the path has been found, which is all that may fail so */
	bool path_only; /* the result is an O_PATH fd with nothing to unmount at its end */
	bool whole;   /* the task needs the caller's numbers: a copy of the table from the first */
	bool refused; /* out: no helper was started, because it would have been an init */
};

/*
 * helper_run - run @task(@arg) in a helper with a descriptor table of its own, and wait for it.
 *
 * The helper shares memory with the caller, has its own root, cwd, umask and namespace references
 * (equal to the caller's at first), and all signals blocked. Its table is empty, or a copy of the
 * caller's; a limit on the number of files is raised as far as the caller may do that. The calling
 * thread sleeps meanwhile. @task may only make raw system calls: thread-local storage is shared
 * with the sleeping caller. No privileges are needed or lost.
 *
 * @fd: as helper_files.in.
 *
 * Returns what @task returned, or -ENOMEM (no memory or task), -EOPNOTSUPP (a helper would become
 * the first task of a new pid namespace and take it down when it ends, or that is not known; the
 * pid namespace for children has ended; or the caller has a time namespace for its children, which
 * may not share its memory before Linux 6.1), -ENOSYS (clone is filtered).
 */
int helper_run(int (*task)(void *arg), void *arg, int *fd);
/*
 * The same for a task that looks up a path of the caller's: see helper_files.looks_up, which it
 * sets, and helper_files.found.
 */
int helper_run_lookup(int (*task)(void *arg), void *arg, struct helper_files *files);

/*
 * helper_run_fd - the same for a @task that returns a descriptor of its table, or -errno. Returns a
 * new descriptor of the same file in the caller's table, the lowest free one; -EMFILE if there is
 * none; -ENOSYS if there is no way to take it.
 */
int helper_run_fd(int (*task)(void *arg), void *arg, struct helper_files *files);

/*
 * helper_run_namespace - the same for a @task that is in a mount namespace of its own when it
 * returns, and returns a descriptor of that namespace. One free number is enough for the caller
 * where /proc is a procfs.
 */
int helper_run_namespace(int (*task)(void *arg), void *arg, struct helper_files *files);

/*
 * helper_look - run @task(@arg) in a helper that shares the descriptor table of the calling task:
 * descriptors that it opens are the caller's. For tasks that make no mount call, and enter
 * namespaces to read there; in a helper, whose table nobody else has, for any task. Returns as
 * helper_run().
 */
int helper_look(int (*task)(void *arg), void *arg);

/*
 * helper_with_room - @task(@arg) here; and once more where descriptors are short (-EMFILE), in a
 * helper with a table of its own: the kernel's own calls need no free descriptor. @task begins anew
 * each time, and makes raw system calls only. @fd: as for helper_run(). Returns what @task returned
 * last, or what helper_run() returns.
 */
int helper_with_room(int (*task)(void *arg), void *arg, int *fd);

/*
 * helper_room_left - 0 if the caller's table has a free number, else -EMFILE, -ENFILE or -ENOMEM.
 * Takes none, not even for a moment.
 */
int helper_room_left(void);

#endif
