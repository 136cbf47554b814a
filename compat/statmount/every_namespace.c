// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * every_namespace.c - steps through the mount namespaces and looks for a mount in each.
 * Opens and closes namespace files.
 */
#include <errno.h>

#include "compat/kernel/raw.h"
#include "compat/namespace/id.h"
#include "compat/namespace/open.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/by_id.h"
#include "compat/statmount/every_namespace.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/place.h"
#include "compat/statmount/scratch.h"

static int search_direction(int start, int (*step)(int fd, uint64_t *id), uint64_t mnt_id,
			    uint64_t mask, struct builder_facts *facts,
			    struct statmount_scratch *scratch, bool *all)
{
	int fd = start, ret = -ENOENT;

	for (;;) {
		struct statmount_place place = { 0 };
		int next = step(fd, &place.ns_id);

		if (fd != start)
			raw_close(fd);
		if (next < 0) {
			*all &= next == -ENOENT;
			return raw_is_shortage(next) ? next : ret;
		}
		fd = next;
		ret = statmount_by_id(mnt_id, &place, mask, facts, scratch);
		if (ret == 0 || raw_is_shortage(ret)) {
			raw_close(fd);
			return ret;
		}
		*all &= ret == -ENOENT;
		ret = -ENOENT;
	}
}

int statmount_search_namespaces(const struct statmount_ids *ids, uint64_t mask,
				struct builder_facts *facts, struct statmount_scratch *scratch,
				bool *all)
{
	int own, ret;

	*all = false;
	if (!ids->unique_known)
		return -ENOENT;
	own = namespace_own(NULL);
	if (own < 0)
		return raw_is_shortage(own) ? own : -ENOENT;
	/* To others the kernel shows those only that they may enter. */
	*all = namespace_sees_all() == 1;
	ret = search_direction(own, raw_ns_mnt_get_next, ids->unique, mask, facts, scratch, all);
	if (ret == -ENOENT)
		ret = search_direction(own, raw_ns_mnt_get_prev, ids->unique, mask, facts, scratch,
				       all);
	raw_close(own);
	return ret;
}
