// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statmount_elsewhere.c - mounts that are in no table of the caller's: the kernel's own, unmounted ones, those of
 * another namespace or of a detached tree, those outside the caller's root.
 * Reads other processes' mountinfo. Called by statmount.c and statmount_mountinfo.c.
 */
#include <errno.h>

#include "compat/raw.h"
#include "compat/statmount.h"

int statmount_other_line(const struct statmount_ids *ids, struct statmount_scratch *scratch,
			 struct mountinfo_line *line)
{
	(void)ids, (void)scratch, (void)line;
	return -ENOENT;
}

int statmount_elsewhere(int fd, const struct statmount_ids *ids, bool unreachable, uint64_t mask,
			struct builder_facts *facts, struct statmount_scratch *scratch,
			enum mntcompat_way *way)
{
	(void)unreachable, (void)mask, (void)facts, (void)scratch;
	*way = MNTCOMPAT_WAY_FD;
	if (statmount_fd_internal(fd, ids) == STATMOUNT_INTERNAL)
		return -EINVAL;
	return -EOPNOTSUPP;
}

int statmount_unlisted(const struct statmount_ids *ids, uint64_t mask, struct builder_facts *facts,
		       struct statmount_scratch *scratch)
{
	(void)ids, (void)mask, (void)facts, (void)scratch;
	return -ENOENT;
}
