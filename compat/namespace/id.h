/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * id.h - ids of namespaces: the kernel's own, or made of the inode number on older kernels.
 * Opens and closes files.
 *
 * The kernel gives mount namespaces an id from 6.11 on, and every namespace from 6.18 on. Before
 * that an id is made of the inode number that nsfs gives the namespace: the same in every process,
 * for all kinds of namespaces different, above all that later kernels hand out, but used again when
 * the namespace has ended. An open file of the namespace keeps that from happening.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_ID_H
#define MNTCOMPAT_COMPAT_NAMESPACE_ID_H

#include <stdbool.h>
#include <stdint.h>

#define NAMESPACE_ID_SYNTHETIC 0x4000000000000000ull

/*
 * namespace_kind - the kind of the namespace's file @fd, which was not opened with O_PATH: its
 * CLONE_NEW* flag; -EBADF, -ENOTTY (not a namespace's file), or -EOPNOTSUPP when a filter hides it.
 */
int namespace_kind(int fd);

/*
 * namespace_id - the id of the namespace behind @fd. *made, if not NULL: it is made of the inode
 * number. 0, -EBADF, -ENOTTY (no namespace), -EOPNOTSUPP (a filter hides the kernel's id).
 */
int namespace_id(int fd, uint64_t *id, bool *made);

/*
 * The same for a file that is known to be a mount namespace's, and for the calling task's own: 0,
 * -EOPNOTSUPP, for the task's own also -ENOSYS without procfs (before 6.11), -EMFILE, -ENFILE,
 * -ENOMEM.
 */
int namespace_known_id(int fd, uint64_t *id, bool *made);
int namespace_own_id(uint64_t *id, bool *made);

/*
 * 1 if the caller sees all namespaces, as root in the initial user and pid namespaces does; else 0,
 * or -ENOSYS without procfs, -EMFILE, -ENFILE, -ENOMEM.
 */
int namespace_sees_all(void);

#endif
