/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * namespace.h - opening, emptying and filling mount namespaces, for use inside a helper.
 * Everything here changes the calling task's own namespace, root and cwd: helper tasks only.
 * Called by the ways of open_tree.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_H
#define MNTCOMPAT_COMPAT_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

/* Names a namespace file as long as somebody holds it: the device and inode of nsfs. */
struct namespace_name {
	uint64_t dev, ino;
};

/* How this system lets a task open its own namespace files. */
struct namespace_door {
	int procfs;	/* O_PATH fd of a procfs root, or -1 */
	bool pidfd;	/* PIDFD_GET_MNT_NAMESPACE is there (6.11): no procfs needed */
	bool kept;	/* the calling task keeps a pidfd of itself for several questions: */
	int self;
};

/*
 * namespace_door_open - find a door: procfs at /proc if it really is one, else a procfs mounted
 * nowhere (needs privilege over the mount namespace), else none. In any task.
 * namespace_door_close() closes what it opened. Returns 0, or -EMFILE, -ENFILE, -ENOMEM.
 */
int namespace_door_open(struct namespace_door *door);
void namespace_door_close(struct namespace_door *door);

/* Make sure that door->procfs is open. 0, -ENOSYS without procfs, or -EMFILE, -ENFILE, -ENOMEM. */
int namespace_door_procfs(struct namespace_door *door);

/* "self/fd/N", to be looked up in a procfs root, without stdio (which a helper may not use). */
#define NAMESPACE_FD_PATH 24
void namespace_fd_path(int fd, char path[NAMESPACE_FD_PATH]);

/* The calling task's own mount namespace as a new fd (O_RDONLY, CLOEXEC), or -errno. */
int namespace_open_own(const struct namespace_door *door);

/*
 * namespace_owner - does the caller's user namespace own its mount namespace?
 * Returns 1 (yes; *user receives that user namespace), 0 (no), -errno (cannot be told).
 */
int namespace_owner(const struct namespace_door *door, struct namespace_name *user);
/* The same for a task that has its mount namespace open as @mnt. */
int namespace_owned(const struct namespace_door *door, int mnt, struct namespace_name *user);

/* The old mount id of an fd: from statx (5.8), else from its fdinfo. -errno if neither tells. */
int64_t namespace_mount_id(const struct namespace_door *door, int fd);

int namespace_name_of(int fd, struct namespace_name *name);

/* namespace_mount_nowhere - a new filesystem of that type, mounted nowhere: a detached mount's fd (CLOEXEC), or -errno. */
int namespace_mount_nowhere(const char *type, unsigned int attrs);

/*
 * namespace_land_on_top - enter the own namespace anew: root and cwd become the topmost mount on its "/". Helpers only.
 * 0 or -errno; -EPERM without CAP_SYS_CHROOT.
 */
int namespace_land_on_top(const struct namespace_door *door);

/*
 * namespace_strip - empty the namespace the calling task is alone in, down to its bottom mount.
 * On return root and cwd are the bottom, or an empty read-only tmpfs on it: with *locked one that cannot be
 * unmounted (in a user namespace the kernel keeps what covers the bottom), and where the caller's own "/"
 * is the initial root filesystem, so that this stays hidden; there, in a user namespace, locked mounts stay
 * below it that no path leads to. Nothing propagates to other namespaces. Returns 0 or -errno; -EOPNOTSUPP
 * when locked mounts can neither be got rid of nor be covered.
 */
int namespace_strip(const struct namespace_door *door, bool *locked);

/*
 * namespace_attach - make the detached tree @tree the "/" of a stripped namespace.
 * With @locked the tree takes over the lock and what was below it goes. Root and cwd end up on the tree.
 * Returns 0 or -errno; -ELOOP when the tree holds a mount-namespace file.
 */
int namespace_attach(const struct namespace_door *door, int tree, bool locked);

/*
 * namespace_has_namespace_file - did a mount-namespace file get in with the tree? 1, 0, or -errno.
 * The kernel refuses to attach one that is older than the own namespace, but since 6.18 "older" compares ids
 * that are given out in batches per CPU, so that some get through. Costs as much as the tree has mounts.
 */
int namespace_has_namespace_file(const struct namespace_door *door);

#endif
