/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statmount.h - the emulation of statmount: from what this kernel tells about a mount to facts.
 * Reaches the kernel through raw.h, mountinfo.h and the feature table. Called by lib/statmount.c.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_H
#define MNTCOMPAT_COMPAT_STATMOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/builder.h"

/* A checked request in the library's own memory. */
struct statmount_query {
	bool by_fd;
	int fd;			/* by_fd */
	uint64_t mnt_id;	/* not by_fd */
	uint64_t mask;
};

/*
 * statmount_gather - find the mount and learn what @query->mask asks about it.
 * @scratch receives memory the facts point into; the caller ends it with statmount_release().
 * Returns 0 or -errno (EBADF, EINVAL, ENOENT, EPERM, EOPNOTSUPP, ENOSYS, ENOMEM, EMFILE...).
 */
struct statmount_scratch;
int statmount_gather(const struct statmount_query *query, struct builder_facts *facts,
		     struct statmount_scratch *scratch, enum mntcompat_way *way);
void statmount_release(struct statmount_scratch *scratch);

#endif
