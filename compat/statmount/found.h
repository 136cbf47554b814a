/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * found.h - facts from a line of another process's mountinfo: right but for fields relative to a
 * root. Opens files and closes them.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_FOUND_H
#define MNTCOMPAT_COMPAT_STATMOUNT_FOUND_H

#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/other_tables.h"
#include "compat/statmount/scratch.h"

/* statmount_found_facts - @fd: on the mount, or -1. 0, -EMFILE, -ENFILE, -ENOMEM. */
int statmount_found_facts(int fd, const struct statmount_ids *ids,
			  const struct statmount_found *found, struct builder_facts *facts,
			  struct statmount_scratch *scratch);

#endif
