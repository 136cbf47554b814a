// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * by_id.c - calls the kernel's statmount by id, and completes its answer from mountinfo.
 * Reads procfs.
 */
#include <errno.h>
#include <string.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/find.h"
#include "compat/namespace/open.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/by_id.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/line.h"
#include "compat/statmount/native.h"
#include "compat/statmount/other_tables.h"
#include "compat/statmount/own_table.h"
#include "compat/statmount/place.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"

/* The fields that a line of mountinfo has. */
#define STATMOUNT_LINE_BITS \
	(STATMOUNT_OPTION_ARRAYS | MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_FS_SUBTYPE | \
	 MNTCOMPAT_STATMOUNT_SB_SOURCE)

/* Clear those of the @missing bits that follow from the kernel's answer itself. */
static int statmount_derive(uint64_t *missing, uint64_t bits, struct builder_facts *facts,
			    struct statmount_scratch *scratch)
{
	static const char fuse[] = "fuse";
	struct mountinfo_span options = { facts->mnt_opts.text, facts->mnt_opts.len };
	uint64_t known = facts->known;
	int ret;

	if (*missing & STATMOUNT_OPTION_ARRAYS && bits & MNTCOMPAT_STATMOUNT_MNT_OPTS) {
		if (!(known & MNTCOMPAT_STATMOUNT_MNT_OPTS))
			options.len = 0;
		ret = statmount_option_arrays(options, facts, scratch);
		if (ret < 0)
			return ret;
		*missing &= ~(uint64_t)STATMOUNT_OPTION_ARRAYS;
	}
	/* Nothing but FUSE has subtypes. */
	if (known & MNTCOMPAT_STATMOUNT_FS_TYPE &&
	    (facts->fs_type.len < 4 || memcmp(facts->fs_type.text, fuse, 4)))
		*missing &= ~(uint64_t)MNTCOMPAT_STATMOUNT_FS_SUBTYPE;
	return 0;
}

/* The line of a mount in another namespace, which has to be entered for it. */
static int statmount_place_line(const struct statmount_ids *ids,
				const struct statmount_place *place,
				struct statmount_scratch *scratch, struct mountinfo_line *line)
{
	int fd = place->ns_fd ? place->ns_fd : place->known_fd;
	int given = fd, table = scratch->entered, ret = 0;

	if (!fd && place->ns_id)
		fd = namespace_open_listed(place->ns_id);
	if (!table)
		ret = fd > 0 ? namespace_open_table(fd, &table, NULL) : -ENOENT;
	if (!ret) {
		mountinfo_release(&scratch->table);
		ret = mountinfo_find(table, ids->old, &scratch->window, &scratch->table, line);
		if (table != scratch->entered)
			raw_close(table);
	}
	if (fd > 0 && fd != given)
		raw_close(fd);
	/* A process in that namespace may still show it. */
	return ret == -EOPNOTSUPP || ret == -ENOSYS ? -ENOENT : ret;
}

/* From the mount's line. */
static int statmount_top_up(const struct statmount_ids *ids, const struct statmount_place *place,
			    uint64_t missing, struct builder_facts *facts,
			    struct statmount_scratch *scratch)
{
	struct builder_facts more;
	struct statmount_found found;
	struct mountinfo_line line;
	bool own = !place->ns_fd && !place->ns_id && !scratch->entered;
	int ret = own ? statmount_own_line(ids, false, scratch, &line, NULL) :
			statmount_place_line(ids, place, scratch, &line);

	if (ret == -ENOENT && !scratch->entered) {
		if (scratch->on_stack)
			return -STATMOUNT_DEEP;
		ret = statmount_other_line(ids, STATMOUNT_OWN_TOO, scratch, &found);
		if (!ret) {
			line = found.line;
			statmount_found_close(&found);
		}
	}
	if (!ret)
		ret = statmount_mountinfo_facts(&line, &more, scratch);
	if (ret < 0)
		return ret == -ENOENT || ret == -ENOSYS ? 0 : ret;

	more.known &= missing;
	facts->known |= more.known;
	if (more.known & MNTCOMPAT_STATMOUNT_MNT_OPTS)
		facts->mnt_opts = more.mnt_opts;
	if (more.known & MNTCOMPAT_STATMOUNT_FS_SUBTYPE)
		facts->fs_subtype = more.fs_subtype;
	if (more.known & MNTCOMPAT_STATMOUNT_SB_SOURCE)
		facts->sb_source = more.sb_source;
	if (more.known & MNTCOMPAT_STATMOUNT_OPT_ARRAY) {
		facts->opt_array = more.opt_array;
		facts->opt_num = more.opt_num;
	}
	if (more.known & MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY) {
		facts->opt_sec_array = more.opt_sec_array;
		facts->opt_sec_num = more.opt_sec_num;
	}
	return 0;
}

int statmount_by_id(uint64_t mnt_id, const struct statmount_place *place, uint64_t mask,
		    struct builder_facts *facts, struct statmount_scratch *scratch)
{
	uint64_t bits = statmount_native_bits_here(), missing = mask & ~bits & STATMOUNT_LINE_BITS;
	struct statmount_ids ids = { .old_known = true };
	int ret;

	/* Request the fields that replace the others: the old id is in MNT_BASIC. */
	if (missing)
		mask |= MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_MNT_OPTS |
			MNTCOMPAT_STATMOUNT_FS_TYPE;
	ret = statmount_native(mnt_id, place, mask, facts, scratch);
	if (ret == -EPERM) {
		if (feature_probe(FEATURE_STATMOUNT) != FEATURE_PRESENT)
			return -ENOSYS;
		/* Much follows from this answer: once more. */
		ret = statmount_native_exists(mnt_id, place);
		return ret == 0 ? -EAGAIN : ret;
	}
	if (ret < 0 || !missing)
		return ret;
	if (!bits) {
		/* The caller's own root did not show the bits, but this mount does. */
		bits = statmount_native_bits(mnt_id, place->ns_fd ? 0 : place->ns_id);
		missing &= ~bits;
	}
	ret = statmount_derive(&missing, bits, facts, scratch);
	if (ret < 0 || !missing)
		return ret;
	ids.old = facts->mnt_id_old;
	ret = statmount_top_up(&ids, place, missing, facts, scratch);
	/* Old ids are used again, but not while the mount is still there. */
	return ret ? ret : statmount_native_exists(mnt_id, place);
}
