/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * helper.h - a short-lived task that may change its own namespaces, root and cwd in the caller's
 * stead. Shares the caller's memory, leaves no SIGCHLD and no zombie.
 */
#ifndef MNTCOMPAT_COMPAT_TASK_HELPER_H
#define MNTCOMPAT_COMPAT_TASK_HELPER_H

/*
 * helper_run - run @task(@arg) in a helper and wait for it.
 *
 * The helper shares memory and the file descriptor table with the caller (fds it opens are the
 * caller's), has its own root, cwd, umask and namespace references (equal to the caller's at
 * first), and all signals blocked. The calling thread sleeps meanwhile. @task may only make raw
 * system calls: thread-local storage is shared with the sleeping caller. No privileges are needed
 * or lost.
 *
 * Returns what @task returned, or -ENOMEM (no memory or task), -EOPNOTSUPP (a helper would become
 * the first task of a new pid namespace and take it down when it ends), -ENOSYS (clone is
 * filtered).
 */
int helper_run(int (*task)(void *arg), void *arg);

/*
 * helper_run_shallow - the same on HELPER_SHALLOW bytes of the caller's own stack instead of a
 * mapping, which is cheaper: for tasks that are known to need less (tests/unit/test_helper.c
 * measures them).
 */
#define HELPER_SHALLOW 8192u
int helper_run_shallow(int (*task)(void *arg), void *arg);

/*
 * helper_run_private_files - the same with a copy of the fd table of the helper's own: whatever it
 * opens or closes is not seen by the caller. For callers whose fd table is full.
 */
int helper_run_private_files(int (*task)(void *arg), void *arg);

/*
 * helper_with_room - @task(@arg) here; and once more where descriptors are short (-EMFILE), in a
 * helper with an fd table of its own in which a few have been closed, but not @keep (-1: none): the
 * kernel's own calls need no free descriptor. @task begins anew each time, and makes raw system
 * calls only. Returns what @task returned last, or what helper_run() says.
 */
int helper_with_room(int (*task)(void *arg), void *arg, int keep);

/*
 * helper_make_room - close a few fds, but not @keep, in a helper with an fd table of its own: the
 * numbers closed here stay open in the caller.
 */
void helper_make_room(int keep);

/*
 * helper_pass_fd - run @task(@arg) in a helper with an fd table of its own; if it returns an fd (of
 * its own table), open the same file anew, read-only, in the caller's. Needs a single free fd, and
 * procfs at /proc. The other files that the task opens are closed. Returns an fd (CLOEXEC), or the
 * value of helper_run().
 */
int helper_pass_fd(int (*task)(void *arg), void *arg);

#endif
