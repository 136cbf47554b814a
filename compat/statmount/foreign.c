// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * foreign.c - finds the facts of a mount of another namespace from inside.
 * Enters the namespace in a helper.
 */
#include <errno.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/by_id.h"
#include "compat/statmount/foreign.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/line.h"
#include "compat/statmount/place.h"
#include "compat/statmount/point.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"

struct foreign_question {
	uint64_t mnt_id, mask;
	struct builder_facts *facts;
	struct statmount_scratch *scratch;
};

static int foreign_ask(void *arg)
{
	struct foreign_question *question = arg;
	struct statmount_place here = { 0 };

	return statmount_by_id(question->mnt_id, &here, question->mask, question->facts,
			       question->scratch);
}

static bool carries_listed(const struct mountinfo_table *table, uint32_t old)
{
	struct mountinfo_line line;
	size_t pos = 0;

	while (mountinfo_next(table, &pos, &line))
		if (line.parent == old)
			return true;
	return false;
}

static int foreign_line(uint64_t mnt_id, int table, int root, uint64_t mask,
			struct builder_facts *facts, struct statmount_scratch *scratch)
{
	uint32_t old = (uint32_t)mnt_id;
	struct mountinfo_line line;
	int ret = mountinfo_read(table, &scratch->table);
	bool found = false;

	if (ret < 0)
		return ret == -ENOMEM ? ret : -EOPNOTSUPP;
	for (size_t pos = 0; !found && mountinfo_next(&scratch->table, &pos, &line);)
		found = line.id == old;
	if (!found)
		return carries_listed(&scratch->table, old) ? -EOPNOTSUPP : -ENOENT;
	ret = statmount_mountinfo_facts(&line, facts, scratch);
	if (ret < 0)
		return ret;
	if (mask & MNTCOMPAT_STATMOUNT_SB_BASIC) {
		ret = statmount_table_magic(root, &scratch->table, &line, &facts->sb_magic);
		if (ret == 0)
			facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC;
		else if (ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM)
			return ret;
	}
	facts->mnt_id = STATMOUNT_SYNTHETIC_ID | line.id;
	facts->mnt_parent_id = STATMOUNT_SYNTHETIC_ID | line.parent;
	facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
	return 0;
}

int statmount_foreign(uint64_t mnt_id, int ns_fd, uint64_t mask, struct builder_facts *facts,
		      struct statmount_scratch *scratch)
{
	int table, root, ret;

	if (feature_probe(FEATURE_STATMOUNT) != FEATURE_ABSENT) {
		struct foreign_question question = {
			.mnt_id = mnt_id, .mask = mask, .facts = facts, .scratch = scratch
		};

		ret = namespace_open_table(ns_fd, &table, NULL);
		if (ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM)
			return ret;
		scratch->entered = ret == 0 ? table : 0;
		ret = namespace_run(ns_fd, foreign_ask, &question);
		if (scratch->entered)
			raw_close(table);
		scratch->entered = 0;
	} else if (statmount_has_unique_ids()) {
		return -EOPNOTSUPP;
	} else if ((mnt_id & ~(uint64_t)UINT32_MAX) != STATMOUNT_SYNTHETIC_ID) {
		return -ENOENT;
	} else {
		ret = namespace_open_table(ns_fd, &table, &root);
		if (ret < 0)
			return ret;
		ret = foreign_line(mnt_id, table, root, mask, facts, scratch);
		raw_close(table);
		raw_close(root);
	}
	if (ret == 0)
		ret = statmount_namespace_facts(ns_fd, mask, facts);
	/* Nothing of another namespace is visible from the caller's root. */
	facts->propagate_from = 0;
	facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
	return ret;
}
