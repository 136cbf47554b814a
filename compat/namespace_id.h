/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * namespace_id.h - ids of namespaces, what is known of a mount namespace, and its neighbours.
 * Reaches the kernel through raw.h and namespace_list.h. Called by lib/namespace_id.c, compat/listns.c and by
 * whoever takes or gives the id of a namespace.
 *
 * The kernel gives mount namespaces an id from 6.11 on, and every namespace from 6.18 on. Before that an id is
 * made of the inode number that nsfs gives the namespace: the same in every process, for all kinds of
 * namespaces different, above all that later kernels hand out, but used again when the namespace has ended. An
 * open file of the namespace keeps that from happening.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_ID_H
#define MNTCOMPAT_COMPAT_NAMESPACE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include <mntcompat.h>

#define NAMESPACE_ID_SYNTHETIC 0x4000000000000000ull

/*
 * namespace_kind - is @fd, not opened with O_PATH, a namespace's file? The CLONE_NEW* flag of its kind, -EBADF,
 * -ENOTTY, or -EOPNOTSUPP when the kernel is kept from telling.
 */
int namespace_kind(int fd);

/*
 * namespace_id - the id of the namespace behind @fd. *made, if not NULL: it is made of the inode number.
 * 0, -EBADF, -ENOTTY (no namespace), -EOPNOTSUPP (a filter hides the kernel's id).
 */
int namespace_id(int fd, uint64_t *id, bool *made);

/*
 * The same for a file that is known to be a mount namespace's, and for the calling task's own: 0, -EOPNOTSUPP,
 * for the own one also -ENOSYS without procfs (before 6.11), -EMFILE, -ENFILE, -ENOMEM.
 */
int namespace_known_id(int fd, uint64_t *id, bool *made);
int namespace_own_id(uint64_t *id, bool *made);

/*
 * Does the caller see all namespaces, as root in the initial user and pid namespaces does? 1, 0, or -ENOSYS
 * without procfs, -EMFILE, -ENFILE, -ENOMEM.
 */
int namespace_sees_all(void);

/*
 * namespace_open_id - an fd of the mount namespace with this id, if procfs shows it to the caller. First looked for
 * among the caller's own descriptors, then in every process: milliseconds for every hundred. -ENOENT when there is
 * none, -EOPNOTSUPP when it may be one that the caller does not see, or -errno.
 */
int namespace_open_id(uint64_t id);

/*
 * namespace_refusal - why could the caller not enter the mount namespace @fd? -EPERM: it has no privilege over its
 * owner, so that the kernel would refuse its id as well. Else -EOPNOTSUPP, -EMFILE, -ENFILE, -ENOMEM.
 */
int namespace_refusal(int fd);

/*
 * namespace_info - NS_MNT_GET_INFO: 0, -EBADF, -ENOTTY, -EINVAL, -EOPNOTSUPP (the mounts cannot be counted: the
 * caller may not enter the namespace), -ENOSYS without procfs, -EMFILE, -ENFILE, -ENOMEM.
 */
int namespace_info(int fd, struct mntcompat_mnt_ns_info *info);

/*
 * namespace_neighbour - NS_MNT_GET_NEXT and NS_MNT_GET_PREV: an fd of the mount namespace with the next id,
 * -ENOENT, or what the others say; -EPERM to those who do not see all.
 */
int namespace_neighbour(int fd, bool next, struct mntcompat_mnt_ns_info *info);

#endif
