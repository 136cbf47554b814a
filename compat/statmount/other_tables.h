/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * other_tables.h - a mount in the mountinfo of other processes, or of the caller's namespace from
 * its root. Reads other processes' files; looks from a helper.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_OTHER_TABLES_H
#define MNTCOMPAT_COMPAT_STATMOUNT_OTHER_TABLES_H

#include <stdbool.h>

#include "compat/statmount/ids.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"

/* A line of another process's table. */
struct statmount_found {
	struct mountinfo_line line;
	enum { STATMOUNT_OWN, STATMOUNT_FOREIGN, STATMOUNT_SOMEWHERE } where;
	int ns_fd; /* that process's namespace if it may be opened, else -1 */
	int root;  /* its root directory likewise */
};

void statmount_found_close(struct statmount_found *found);

/* The caller's own mount namespace in the search below. */
enum statmount_own_table {
	STATMOUNT_OWN_TOO,
	STATMOUNT_OWN_SEARCHED, /* the caller's own table does not have it */
	STATMOUNT_NOT_OWN,	/* no table of that namespace has it */
};

/* Looks for @ids->old in the tables of all processes. 0, -ENOENT, -ENOSYS or -errno. */
int statmount_other_line(const struct statmount_ids *ids, enum statmount_own_table own_table,
			 struct statmount_scratch *scratch, struct statmount_found *found);

#endif
