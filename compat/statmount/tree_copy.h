/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree_copy.h - a mount of a detached tree, where the kernel copies such trees (6.15).
 * Attaches a copy in a helper's own mount namespace, which ends with it.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_TREE_COPY_H
#define MNTCOMPAT_COMPAT_STATMOUNT_TREE_COPY_H

#include <stdint.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/scratch.h"

/*
 * The mount @ids whose root directory is @root, known to be mounted but in no namespace: -ENOENT if
 * it is a tree of its own, -EOPNOTSUPP if it is not the root of one, or this kernel or the caller's
 * privilege do not let us see (6.15).
 */
int statmount_detached(int root, const struct statmount_ids *ids, uint64_t mask,
		       struct builder_facts *facts, struct statmount_scratch *scratch);

#endif
