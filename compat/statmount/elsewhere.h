/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * elsewhere.h - mounts that are in no table of the caller's: the kernel's own, unmounted ones,
 * those of another namespace or of a detached tree, those outside the caller's root. Reads other
 * processes' files; asks from a helper.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_ELSEWHERE_H
#define MNTCOMPAT_COMPAT_STATMOUNT_ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/scratch.h"

/*
 * A mount that is in no table of the caller's: @ids from @fd. @unreachable: it is known to be in
 * the caller's namespace, only outside its root.
 */
int statmount_elsewhere(int fd, const struct statmount_ids *ids, bool unreachable, uint64_t mask,
			struct builder_facts *facts, struct statmount_scratch *scratch,
			enum mntcompat_way *way);

/*
 * 1 if the mount behind @fd is in a detached tree; 0 if it is in a mount namespace that can be
 * seen, or unmounted; -errno if that is not known. For the emulation of open_tree. @not_own: it is
 * known not to be in the caller's namespace.
 */
int statmount_is_detached(int fd, bool not_own);

#endif
