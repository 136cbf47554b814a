/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table.h - reads all mounts of a namespace at once, as facts that statmount gives.
 * Reaches the kernel through mountinfo, listmount and the sources of statmount.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_TABLE_H
#define MNTCOMPAT_COMPAT_STATMOUNT_TABLE_H

#include <stddef.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/request.h"
#include "compat/statmount/rows.h"

/*
 * table_read - read the table of @query's namespace, below @query's mount, for these fields
 * (query->mask). Before 6.8 ids are made of the old ones; else they come from listmount and a
 * statmount for each mount that requests nothing else. Read anew when mounts change meanwhile.
 * 0, -EBADF, -EINVAL, -ENOENT, -EPERM, -ENOMEM, -EMFILE, -ENFILE, -EAGAIN (too many changes),
 * -EOPNOTSUPP, -ENOSYS. *table has to be released in any case.
 */
int table_read(const struct statmount_query *query, struct table *table);
void table_release(struct table *table);

/* The facts of entry @i; strings live until the next call. 0 or -ENOMEM. No file is needed. */
int table_facts(struct table *table, size_t i, struct builder_facts *facts);

#endif
