/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * by_id.h - a mount by its unique id: the kernel's own statmount(2), and the rest from the mount's
 * line in a mountinfo. Reads procfs.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_BY_ID_H
#define MNTCOMPAT_COMPAT_STATMOUNT_BY_ID_H

#include <stdint.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/place.h"
#include "compat/statmount/scratch.h"

/*
 * The same, and the fields that the kernel does not know from mountinfo. -ENOSYS also when the call
 * is filtered, -EPERM when the mount is outside the caller's root, -EAGAIN when things changed
 * meanwhile.
 */
int statmount_by_id(uint64_t mnt_id, const struct statmount_place *place, uint64_t mask,
		    struct builder_facts *facts, struct statmount_scratch *scratch);

#endif
