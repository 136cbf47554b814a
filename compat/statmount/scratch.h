/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scratch.h - memory for one answer: the first bytes on the caller's stack, more in mappings, all
 * released at once. Holds the table of mountinfo that was read last. Without malloc, so that it
 * works in a helper.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_SCRATCH_H
#define MNTCOMPAT_COMPAT_STATMOUNT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "compat/task/mountinfo.h"

/* No errno: what has to follow needs more of a stack than statmount_scratch.on_stack allows. */
#define STATMOUNT_DEEP 100000

struct statmount_block;
struct statmount_scratch {
	struct mountinfo_table table;
	struct statmount_block *blocks;
	bool on_stack; /* of a caller that may have little of it: nothing that needs much may follow
			*/
	int entered;   /* in a helper that has entered a namespace: its mountinfo; else 0 */
	size_t used;
	char first[3072];
	struct mountinfo_window window;
};

/* Before its first use. */
void statmount_scratch_init(struct statmount_scratch *scratch);
/* Memory until statmount_release(); NULL when there is none. */
void *statmount_alloc(struct statmount_scratch *scratch, size_t len);
void statmount_release(struct statmount_scratch *scratch);

/*
 * For a search: scratch and what it finds are too large for the stack of a thread that may be
 * small. NULL: no memory.
 */
struct statmount_scratch *statmount_scratch_map(void);
/* Releases it, too. */
void statmount_scratch_unmap(struct statmount_scratch *scratch);

#endif
