/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * internal.h - the kernel's own mounts (pipes, memfds, sockets), which no namespace shows.
 * Makes a memfd or pidfd to compare with, and closes it.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_INTERNAL_H
#define MNTCOMPAT_COMPAT_STATMOUNT_INTERNAL_H

#include "compat/statmount/ids.h"

/*
 * Whether the mount with these ids is one of the kernel's own (pipes, memfds…), which no namespace
 * shows.
 */
enum statmount_internal { STATMOUNT_NOT_INTERNAL, STATMOUNT_INTERNAL, STATMOUNT_MAYBE_INTERNAL };
enum statmount_internal statmount_fd_internal(int fd, const struct statmount_ids *ids);

#endif
