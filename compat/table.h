/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table.h - all mounts of a namespace from one reading of mountinfo, as facts that statmount gives.
 * Reaches the kernel through raw.h, mountinfo.h, listmount.h and the sources of statmount.h. Called
 * by lib/table.c.
 */
#ifndef MNTCOMPAT_COMPAT_TABLE_H
#define MNTCOMPAT_COMPAT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compat/builder.h"
#include "compat/listmount.h"
#include "compat/mountinfo.h"
#include "compat/statmount.h"

struct table_entry {
	uint64_t id, parent;		/* unique, or made of the old ones */
	bool sb_known;
	uint64_t magic;			/* if sb_known */
	struct mountinfo_line line;	/* points into struct table's text */
};

struct table {
	uint64_t mask;
	bool foreign;			/* not the caller's own namespace */
	struct mountinfo_table text;
	struct table_entry *entries;	/* by id */
	size_t n;
	bool sorted;			/* as they stand in the file */
	uint64_t *groups;		/* peer groups in sight, ascending */
	size_t groups_num;
	struct builder_facts common;	/* what is the same for all: namespace id, supported mask */
	struct statmount_scratch scratch;
};

/*
 * table_read - read the table of @query's namespace, below @query's mount, for these fields
 * (query->mask). Before 6.8 ids are made of the old ones; else they come from listmount and a
 * statmount for each mount that asks for nothing else. Read anew when mounts change meanwhile.
 * 0, -EBADF, -EINVAL, -ENOENT, -EPERM, -ENOMEM, -EMFILE, -ENFILE, -EAGAIN (too many changes),
 * -EOPNOTSUPP, -ENOSYS. *table has to be released in any case.
 */
int table_read(const struct statmount_query *query, struct table *table);
void table_release(struct table *table);

/* --- table_ids.c, for table.c --- */

/*
 * Turns the ids in @table, that was just read for @query, into unique ones, and leaves those that @query lists, ascending.
 * @before: all ids of the caller's namespace from before the reading, or empty if @place is another one. Cheap if that
 * fits: then it takes a few statmounts, and else one for each mount. 0, -EPERM, -ENOMEM, -EAGAIN (things changed
 * meanwhile), -EOPNOTSUPP.
 */
int table_unique_ids(const struct statmount_query *query, const struct statmount_place *place,
		     const struct listmount_list *before, struct table *table);
/* Leaves the entries that @query lists, in a table that has its ids and is sorted by them. As table_unique_ids(). */
int table_select_below(const struct statmount_query *query, struct table *table);
/* One of the kernel's own answers, without strings. 0, -EPERM, -EAGAIN: no such mount (any more), -EOPNOTSUPP. */
int table_statmount(const struct statmount_place *place, uint64_t mnt_id, uint64_t mask,
		    struct mntcompat_statmount *answer);
/*
 * All ids of @query's namespace, below @query's mount, ascending, from one call. As listmount; -EMSGSIZE: there are more than
 * @most, which is at most LISTMOUNT_MAX.
 */
int table_ids(const struct statmount_query *query, size_t most, struct listmount_list *list,
	      enum mntcompat_way *way);

/* The facts of entry @i; strings live until the next call. 0 or -ENOMEM. No file is needed. */
int table_facts(struct table *table, size_t i, struct builder_facts *facts);

#endif
