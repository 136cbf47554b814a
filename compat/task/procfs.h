/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * procfs.h - files of a procfs that really is one, shows the calling task, and has nothing mounted
 * over the file: anything can be mounted or lie at /proc, and on the files in it.
 * Opens files; where /proc shows no procfs, mounts one nowhere, or looks for it above the caller's
 * root.
 */
#ifndef MNTCOMPAT_COMPAT_TASK_PROCFS_H
#define MNTCOMPAT_COMPAT_TASK_PROCFS_H

#include <stdint.h>

/*
 * procfs_open_root - the root of the procfs at /proc, else of one that is mounted nowhere (O_PATH,
 * CLOEXEC). -ENOSYS if there is neither; -EMFILE, -ENFILE, -ENOMEM.
 */
int procfs_open_root(void);

/*
 * procfs_find_root - the same; in a chroot a helper also looks above the caller's root, which needs
 * CAP_SYS_CHROOT. Not in a helper.
 */
int procfs_find_root(void);

/*
 * procfs_open - a file of procfs, O_RDONLY; @path is below its root. -ENOSYS unless it really is
 * one; -EMFILE, -ENFILE, -ENOMEM.
 */
int procfs_open(const char *path);

/*
 * procfs_open_own_namespace - the calling task's mount namespace by the procfs at /proc. -ENOSYS if
 * there is none, or if a mount lies over the link; -EMFILE, -ENFILE, -ENOMEM.
 */
int procfs_open_own_namespace(void);

/*
 * procfs_name_own_namespace - device and inode of the same, which is not opened. 0 or -ENOSYS.
 */
int procfs_name_own_namespace(uint64_t *dev, uint64_t *ino);

/*
 * procfs_there - 0 if there is a procfs to read from; -ENOSYS; or -EMFILE, -ENFILE, -ENOMEM: not
 * known.
 */
int procfs_there(void);

/*
 * PROCFS_FD_PATH bytes hold "self/fd/N", to be looked up in a procfs root; without stdio, which a
 * helper may not use.
 */
#define PROCFS_FD_PATH 24
void procfs_fd_path(int fd, char path[PROCFS_FD_PATH]);

/* "PID/ns/mnt", "PID/mountinfo", to be looked up in the same way. */
#define PROCFS_PID_PATH 24
void procfs_pid_path(int pid, const char *file, char path[PROCFS_PID_PATH]);

/*
 * procfs_mount_id - the old mount id of @fd: from statx (5.8), else from its fdinfo below @root, a
 * procfs root. -errno if neither has it.
 */
int64_t procfs_mount_id(int root, int fd);

#endif
