/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unlisted.h - mounts that are requested by id: of the caller's table, or of its namespace but
 * outside its root. Reads procfs, other processes' files too.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_UNLISTED_H
#define MNTCOMPAT_COMPAT_STATMOUNT_UNLISTED_H

#include <stdint.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/other_tables.h"
#include "compat/statmount/scratch.h"

/*
 * statmount_listed_by_id - a mount of the caller's namespace by its id, without the kernel's own
 * call. 0, -ENOENT, -ENOSYS, -EAGAIN or -errno.
 */
int statmount_listed_by_id(uint64_t mnt_id, uint64_t mask, struct builder_facts *facts,
			   struct statmount_scratch *scratch);

/*
 * Looks for a mount by its (old) id that is not listed, in the caller's namespace but outside its
 * root. 0: it is there, and the caller may see it; a table that has it and all below it is kept in
 * @scratch, and @found has to be closed. -EPERM, -ENOENT, -EOPNOTSUPP or -errno.
 */
int statmount_find_unlisted(const struct statmount_ids *ids, struct statmount_scratch *scratch,
			    struct statmount_found *found);

#endif
