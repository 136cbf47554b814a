/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * find.h - a mount namespace by its id, and the ones next to it.
 * Looks into every process through procfs; opens files.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_FIND_H
#define MNTCOMPAT_COMPAT_NAMESPACE_FIND_H

#include <stdbool.h>
#include <stdint.h>

#include <mntcompat.h>

/*
 * namespace_open_id - an fd of the mount namespace with this id, if procfs shows it to the caller.
 * First looked for among the caller's own descriptors, then in every process: milliseconds for
 * every hundred. -ENOENT when there is none, -EOPNOTSUPP when it may be one that the caller does
 * not see, or -errno.
 */
int namespace_open_id(uint64_t id);

/*
 * namespace_open_listed - the same, but first in the list that the kernel itself has for root of
 * the initial namespaces (6.12). An fd, never 0; -ENOENT or -errno.
 */
int namespace_open_listed(uint64_t ns_id);

/*
 * namespace_refusal - the error for a mount namespace @fd that the caller could not enter. -EPERM:
 * it has no privilege over its owner, so that the kernel would refuse its id as well. Else
 * -EOPNOTSUPP, -EMFILE, -ENFILE, -ENOMEM.
 */
int namespace_refusal(int fd);

/*
 * namespace_neighbour - NS_MNT_GET_NEXT and NS_MNT_GET_PREV: an fd of the mount namespace with the
 * next id, -ENOENT, or the errors of the others; -EPERM for callers that do not see all namespaces.
 */
int namespace_neighbour(int fd, bool next, struct mntcompat_mnt_ns_info *info);

#endif
