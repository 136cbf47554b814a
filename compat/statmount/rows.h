/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rows.h - all mounts of a namespace from one reading of mountinfo, in memory. Types only.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_ROWS_H
#define MNTCOMPAT_COMPAT_STATMOUNT_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"

struct table_entry {
	uint64_t id, parent; /* unique, or made of the old ones; parent 0: not known */
	bool sb_known;
	uint64_t magic;		    /* if sb_known */
	struct mountinfo_line line; /* points into struct table's text */
};

struct table {
	uint64_t mask;
	bool foreign; /* not the caller's own namespace */
	struct mountinfo_table text;
	struct table_entry *entries; /* by id */
	size_t n;
	bool sorted;	  /* as they stand in the file */
	uint64_t *groups; /* peer groups in sight, ascending */
	size_t groups_num;
	struct builder_facts common; /* what is the same for all: namespace id, supported mask */
	struct statmount_scratch scratch;
};

#endif
