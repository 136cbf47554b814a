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
	uint32_t old, device[2];
	bool sb_known;
	uint64_t magic;			/* if sb_known */
	struct mountinfo_span text;	/* the line, in struct table */
};

struct table {
	uint64_t mask;
	bool foreign;			/* not the caller's own namespace */
	struct mountinfo_table text;
	struct table_entry *entries;	/* by id */
	size_t n;
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

/* All ids of @query's namespace, below @query's mount, ascending, from one call. As listmount. */
int table_ids(const struct statmount_query *query, struct listmount_list *list,
	      enum mntcompat_way *way);

/* The facts of entry @i; strings live until the next call. 0 or -ENOMEM. No file is needed. */
int table_facts(struct table *table, size_t i, struct builder_facts *facts);

#endif
