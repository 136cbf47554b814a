/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unmounted.h - a lazily unmounted mount, and the facts that other mounts of its superblock have.
 * Opens files and closes them.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_UNMOUNTED_H
#define MNTCOMPAT_COMPAT_STATMOUNT_UNMOUNTED_H

#include <stdbool.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/scratch.h"

/*
 * statmount_superblock_facts - the facts in the caller's table of the superblock that @fd is on,
 * and MNT_ROOT of the mount whose root directory is @root (-1: none). *local: certainly no file
 * server is called for @fd. 0 or a shortage of memory or descriptors.
 */
int statmount_superblock_facts(int fd, int root, struct builder_facts *facts,
			       struct statmount_scratch *scratch, bool *local);

/*
 * statmount_unmounted_facts - the mount @ids that @fd is on is in no namespace, without a parent
 * and without peers. 0 or -errno.
 */
int statmount_unmounted_facts(int fd, const struct statmount_ids *ids, struct builder_facts *facts,
			      struct statmount_scratch *scratch);

#endif
