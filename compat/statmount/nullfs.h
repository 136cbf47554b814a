/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nullfs.h - the root of an empty mount namespace that the library has made. On Linux 7.3 it is
 * nullfs, the only mount of its namespace and its own parent.
 * Makes calls that change nothing; needs no procfs.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_NULLFS_H
#define MNTCOMPAT_COMPAT_STATMOUNT_NULLFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/place.h"
#include "compat/statmount/scratch.h"

/*
 * statmount_nullfs_own - for a task without procfs before 6.8: 0 and the facts if @ids are those of
 * its empty root; -ENOENT if its root is one and this is another mount; -ENOSYS if it is not.
 */
int statmount_nullfs_own(const struct statmount_ids *ids, struct builder_facts *facts);

/*
 * statmount_root_point - for a task without procfs: 0 if @ids are those of the mount whose root is
 * the task's own root directory, which is at "/" by definition; else -ENOSYS.
 */
int statmount_root_point(const struct statmount_ids *ids, struct builder_facts *facts);

/*
 * statmount_nullfs_correct - make @facts those of nullfs, if they are those of an empty root. Where
 * they do not tell, the kernel's own call is asked about @mnt_id (0: not known) in @place. 0 or
 * -errno.
 */
int statmount_nullfs_correct(uint64_t mnt_id, const struct statmount_place *place,
			     struct builder_facts *facts, struct statmount_scratch *scratch);

/*
 * True where the kernel makes no empty namespaces itself (before 7.1), nor a filter hides that.
 * Remembered in both cases, so that the kernel's own calls stay alone: at worst an answer is not
 * corrected.
 */
bool statmount_nullfs_is_emulated(void);

/*
 * @mask, and the fields without which statmount_nullfs_correct() has to ask the kernel: for a mount
 * that it would not find.
 */
uint64_t statmount_nullfs_mask(uint64_t mask);

/*
 * True if the kernel's own answer, which it has just written to @user, may be about an empty root.
 * @elsewhere: in a namespace that was named, so that it may be one that another process has made.
 */
bool statmount_nullfs_suspected(const struct mntcompat_statmount *user, size_t bufsize,
				bool elsewhere);

#endif
