/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table_ids.h - the unique ids of mounts that mountinfo names by their old ones (6.8).
 * Calls listmount and statmount; changes entries of the table only.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_TABLE_IDS_H
#define MNTCOMPAT_COMPAT_STATMOUNT_TABLE_IDS_H

#include <stddef.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/statmount/listmount.h"
#include "compat/statmount/place.h"
#include "compat/statmount/request.h"
#include "compat/statmount/rows.h"

/*
 * Turns the ids in @table, that was just read for @query, into unique ones, and leaves those that
 * @query lists, ascending.
 * @before: all ids of the caller's namespace from before the reading, or empty if @place is another
 * one. Cheap if that fits: then it takes a few statmounts, and else one for each mount. 0, -EPERM,
 * -ENOMEM, -EAGAIN (things changed meanwhile), -EOPNOTSUPP.
 */
int table_unique_ids(const struct statmount_query *query, const struct statmount_place *place,
		     const struct listmount_list *before, struct table *table);
/*
 * The same for all mounts of the caller's own namespace where statmount is filtered and listmount is
 * not. Parents that are not listed stay unknown. 0, -EAGAIN, -ENOMEM, -EOPNOTSUPP, or as listmount.
 */
int table_ids_by_order(const struct listmount_list *before, struct table *table);
/*
 * Leaves the entries that @query lists, in a table that has its ids and is sorted by them. As
 * table_unique_ids().
 */
int table_select_below(const struct statmount_query *query, struct table *table);
/*
 * One of the kernel's own answers, without strings. 0, -EPERM, -EAGAIN: no such mount (any more),
 * -EOPNOTSUPP.
 */
int table_statmount(const struct statmount_place *place, uint64_t mnt_id, uint64_t mask,
		    struct mntcompat_statmount *answer);
/*
 * All ids of @query's namespace, below @query's mount, ascending, from one call. As listmount;
 * -EMSGSIZE: there are more than
 * @most, which is at most LISTMOUNT_MAX.
 */
int table_ids(const struct statmount_query *query, size_t most, struct listmount_list *list,
	      enum mntcompat_way *way);

#endif
