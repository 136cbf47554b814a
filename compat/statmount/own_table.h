/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * own_table.h - mounts of the caller's own mountinfo.
 * Reads procfs.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_OWN_TABLE_H
#define MNTCOMPAT_COMPAT_STATMOUNT_OWN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"

/*
 * The line of @ids->old in the calling task's own table, kept in @scratch until the next one is
 * (@whole: with all others). @keep, if not NULL, receives the file, still open, or -1 if a cursor
 * had the line; never with @whole. 0, -ENOENT, -ENOSYS without procfs, or -errno.
 */
int statmount_own_line(const struct statmount_ids *ids, bool whole,
		       struct statmount_scratch *scratch, struct mountinfo_line *line, int *keep);

/* Settles propagate_from where the line leaves it open; @whole is the caller's own table. */
void statmount_own_propagate_from(const struct mountinfo_table *whole, struct builder_facts *facts);

/*
 * A mount of the caller's own table; @fd is on it, or -1. 0, -ENOENT, -ENOSYS, -EAGAIN or -errno.
 */
int statmount_listed(int fd, const struct statmount_ids *ids, uint64_t mask,
		     struct builder_facts *facts, struct statmount_scratch *scratch);

#endif
