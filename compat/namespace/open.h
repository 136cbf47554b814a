/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * open.h - the calling task's own namespaces and those of others, as file descriptors: open, name,
 * own, enter. Opens files; enters a namespace in helpers only.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_OPEN_H
#define MNTCOMPAT_COMPAT_NAMESPACE_OPEN_H

#include <stdbool.h>
#include <stdint.h>

/* Identifies a namespace file as long as it is held open: the device and inode of nsfs. */
struct namespace_name {
	uint64_t dev, ino;
};

/* How this system lets a task open its own namespace files. */
struct namespace_door {
	int procfs; /* O_PATH fd of a procfs root, or -1 */
	bool pidfd; /* PIDFD_GET_MNT_NAMESPACE is there (6.11): no procfs needed */
	bool kept;  /* the calling task keeps a pidfd of itself for several questions: */
	int self;
};

/*
 * namespace_door_open - find a door: procfs at /proc if it really is one, else a procfs mounted
 * nowhere (needs privilege over the mount namespace), else none. In any task.
 * namespace_door_close() closes what it opened. Returns 0, or -EMFILE, -ENFILE, -ENOMEM.
 */
int namespace_door_open(struct namespace_door *door);
void namespace_door_close(struct namespace_door *door);

/*
 * namespace_door_enter - the same for a helper that ends soon, with a table of its own: the door is
 * for that task alone, and never closed. Returns the task's own mount namespace; -ENOSYS if neither
 * way exists.
 */
int namespace_door_enter(struct namespace_door *door);

/* Make sure that door->procfs is open. 0, -ENOSYS without procfs, or -EMFILE, -ENFILE, -ENOMEM. */
int namespace_door_procfs(struct namespace_door *door);

/*
 * namespace_own - the calling task's own mount namespace as a new fd (O_RDONLY, CLOEXEC), or
 * -errno. Through @door, which a helper gets from its caller; with NULL in any way that works.
 */
int namespace_own(const struct namespace_door *door);

/*
 * namespace_owner - 1 if the caller's user namespace owns its mount namespace (*user receives that
 * user namespace), 0 if not, -errno if that cannot be found out.
 */
int namespace_owner(const struct namespace_door *door, struct namespace_name *user);
/* The same for a task that has its mount namespace open as @mnt. */
int namespace_owned(const struct namespace_door *door, int mnt, struct namespace_name *user);

int namespace_name_of(int fd, struct namespace_name *name);

/*
 * Identity of the root directory of the calling task, and a comparison with it: by path, so that a
 * descriptor that another thread replaces does no harm. Tells whether the task is in the namespace
 * that was meant; the inode of a namespace is given to another one as soon as it has ended.
 */
struct namespace_root {
	uint64_t dev, ino;
	uint64_t mount; /* its unique id, else the old one, or 0 */
};
int namespace_root(struct namespace_root *root);
/* True if it is certainly another one. */
bool namespace_root_differs(const struct namespace_root *root);

/*
 * namespace_land_on_top - enter the current namespace anew: root and cwd become the topmost mount
 * on its "/". Helpers only. 0 or -errno; -EPERM without CAP_SYS_CHROOT.
 */
int namespace_land_on_top(const struct namespace_door *door);

/*
 * Another mount namespace, by file descriptor. _run: @task(@arg) in a helper that has entered it
 * (-EOPNOTSUPP where that is not allowed). _open_table: its mountinfo, and its root directory
 * unless @root is NULL.
 */
int namespace_run(int ns_fd, int (*task)(void *arg), void *arg);
int namespace_open_table(int ns_fd, int *table, int *root);

#endif
