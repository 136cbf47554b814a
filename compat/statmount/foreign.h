/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * foreign.h - a mount of another namespace that is given by a file descriptor, which a helper
 * enters. For kernels whose own calls cannot be pointed to it (before 6.11).
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_FOREIGN_H
#define MNTCOMPAT_COMPAT_STATMOUNT_FOREIGN_H

#include <stdint.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/scratch.h"

int statmount_foreign(uint64_t mnt_id, int ns_fd, uint64_t mask, struct builder_facts *facts,
		      struct statmount_scratch *scratch);

#endif
