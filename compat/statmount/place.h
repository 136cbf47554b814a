/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place.h - the mount namespace of a request, and its id as a fact.
 * Opens the namespace where the kernel does not know its id.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_PLACE_H
#define MNTCOMPAT_COMPAT_STATMOUNT_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/request.h"

/*
 * A mount namespace: by file descriptor (about 6.18), by an id of the kernel's (6.11), or with both
 * 0 the caller's own.
 */
struct statmount_place {
	int ns_fd;
	uint64_t ns_id;
	int known_fd; /* the namespace of ns_id, if somebody has it open; else 0 */
	bool opened;  /* ns_fd was found by its id (before 6.11): no right; has to be closed */
};

/*
 * Step 4: the namespace of a request by id; @place stays empty when it is the caller's own. -EBADF,
 * -EINVAL, -ENOENT, -EMFILE, -ENFILE, -ENOMEM, -EOPNOTSUPP. When it was used, @ret being what came
 * of it, _leave_place closes what was opened, and returns @ret, or -EPERM where the kernel would
 * refuse the id.
 */
int statmount_find_place(const struct statmount_query *query, struct statmount_place *place);
int statmount_leave_place(struct statmount_place *place, int ret);

/*
 * MNT_NS_ID, where the mount is known to be in this namespace (negative: the calling task's own)
 * and @mask asks for it. 0, -EMFILE, -ENFILE, -ENOMEM.
 */
int statmount_namespace_facts(int ns_fd, uint64_t mask, struct builder_facts *facts);

#endif
