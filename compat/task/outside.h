/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * outside.h - the steps of a helper made by the calling task itself, for callers whose next child
 * would be the first process of a pid namespace: it goes to the root of its mount namespace, or to
 * another namespace, for a moment and comes back.
 */
#ifndef MNTCOMPAT_COMPAT_TASK_OUTSIDE_H
#define MNTCOMPAT_COMPAT_TASK_OUTSIDE_H

#include <stdbool.h>

/* Where a task is, to come back to. */
struct outside_place {
	int root, cwd;
};

/*
 * outside_is_alone - true if nothing shares the memory of the calling process: another thread would
 * see files of the library come and go, and could take them away. Changes nothing.
 */
bool outside_is_alone(void);

/* outside_may_return - true if the caller has what setns(2) and chroot(2) need. */
bool outside_may_return(void);

/* outside_go_to - root and cwd; if the root cannot be, at least cwd. 0 or -errno. */
int outside_go_to(const struct outside_place *place);

/*
 * outside_look - runs @task(@arg) with the root of the caller's mount namespace as root and cwd,
 * all signals blocked, and its result. -EOPNOTSUPP without having gone: the caller has threads,
 * shares its root with another process or lacks a capability; a directory's file server would be
 * asked; or the kernel is older than 5.8.
 */
int outside_look(int (*task)(void *arg), void *arg);

/*
 * outside_make - the same for a task that may leave the mount namespace. @own: its file, which
 * leads back; the caller's user namespace owns it.
 */
int outside_make(int own, int (*task)(void *arg), void *arg);

#endif
