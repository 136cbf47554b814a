// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * elsewhere.c - finds out where a mount is that is in no table of the caller's.
 * Reads other processes' files; makes calls from a helper.
 */
#include <errno.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/by_id.h"
#include "compat/statmount/elsewhere.h"
#include "compat/statmount/every_namespace.h"
#include "compat/statmount/found.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/internal.h"
#include "compat/statmount/mounted.h"
#include "compat/statmount/native.h"
#include "compat/statmount/other_tables.h"
#include "compat/statmount/own_table.h"
#include "compat/statmount/place.h"
#include "compat/statmount/root.h"
#include "compat/statmount/scratch.h"
#include "compat/statmount/tree_copy.h"
#include "compat/statmount/unmounted.h"
#include "compat/task/mountinfo.h"

/*
 * A process that may be looked into also opens its namespace, and with that the kernel's own call
 * (6.18).
 */
static int use_found(int fd, const struct statmount_ids *ids, bool unreachable, uint64_t mask,
		     struct statmount_found *found, struct builder_facts *facts,
		     struct statmount_scratch *scratch)
{
	struct statmount_place place = { .ns_fd = found->ns_fd };
	int ret = -ENOSYS;

	if (unreachable) {
		found->where = STATMOUNT_OWN;
	} else if (ids->unique_known && place.ns_fd > 0) {
		struct mountinfo_table table = scratch->table;

		/* Topping up reads a table into the same place; this one is still needed. */
		scratch->table = (struct mountinfo_table){ 0 };
		ret = statmount_by_id(ids->unique, &place, mask, facts, scratch);
		if (ret == 0) {
			mountinfo_release(&table);
		} else {
			mountinfo_release(&scratch->table);
			scratch->table = table;
		}
	}
	if (ret < 0) {
		if (found->where == STATMOUNT_OWN && found->ns_fd < 0)
			found->ns_fd = namespace_own(NULL);
		ret = statmount_found_facts(fd, ids, found, facts, scratch);
	}
	statmount_found_close(found);
	return ret;
}

/* In the caller's own namespace, but neither its table nor anybody else's shows it. */
static int facts_unreachable(int fd, struct builder_facts *facts, struct statmount_scratch *scratch)
{
	bool local;
	int ret = statmount_superblock_facts(fd, -1, facts, scratch, &local);

	return ret ? ret : statmount_namespace_facts(-1, MNTCOMPAT_STATMOUNT_MNT_NS_ID, facts);
}

/*
 * Mounted, but in no visible table: in a detached tree, where all depends on whether it is the only
 * mount, or in a namespace without processes.
 */
static int mounted_nowhere(int fd, const struct statmount_ids *ids, uint64_t mask,
			   struct builder_facts *facts, struct statmount_scratch *scratch)
{
	int root = statmount_mount_root(fd), ret;

	if (root < 0)
		return root;
	ret = statmount_detached(root, ids, mask, facts, scratch);
	raw_close(root);
	return ret;
}

int statmount_elsewhere(int fd, const struct statmount_ids *given, bool unreachable, uint64_t mask,
			struct builder_facts *facts, struct statmount_scratch *scratch,
			enum mntcompat_way *way)
{
	enum statmount_internal internal = STATMOUNT_NOT_INTERNAL;
	struct statmount_found found;
	struct statmount_ids ids = *given;
	bool all = false;
	int ret, mounted = -EOPNOTSUPP;

	internal = statmount_fd_internal(fd, &ids);
	*way = MNTCOMPAT_WAY_FD;
	if (internal == STATMOUNT_INTERNAL)
		return -EINVAL;
	*way = MNTCOMPAT_WAY_OTHER_NAMESPACE;
	ret = unreachable ? -ENOENT : statmount_search_namespaces(&ids, mask, facts, scratch, &all);
	if (ret != -ENOENT)
		return ret;
	/* The tables of all processes are the last resort. */
	if (!unreachable)
		mounted = statmount_is_mounted(fd, !all);
	if (raw_is_shortage(mounted))
		return mounted;
	ret = statmount_fd_old_id(fd, &ids);
	if (!ret)
		ret = mounted == 0 || (mounted == 1 && all) ?
			      -ENOENT :
			      statmount_other_line(&ids,
						   unreachable ? STATMOUNT_OWN_TOO :
								 STATMOUNT_OWN_SEARCHED,
						   scratch, &found);
	debug_step("mount %u in another process's mountinfo: %d", ids.old, ret);
	if (!ret)
		return use_found(fd, &ids, unreachable, mask, &found, facts, scratch);
	if (raw_is_shortage(ret))
		return ret;
	*facts = (struct builder_facts){ 0 };
	*way = MNTCOMPAT_WAY_FD;
	if (unreachable)
		return facts_unreachable(fd, facts, scratch);
	ret = mounted >= 0 ? mounted : statmount_is_mounted(fd, false);
	if (ret > 0)
		return mounted_nowhere(fd, &ids, mask, facts, scratch);
	/* The kernel's own mounts are not mounted either. */
	if (ret == 0 && internal == STATMOUNT_MAYBE_INTERNAL)
		return -EOPNOTSUPP;
	return ret < 0 ? ret : statmount_unmounted_facts(fd, &ids, facts, scratch);
}

int statmount_is_detached(int fd, bool not_own)
{
	struct statmount_scratch *scratch = statmount_scratch_map();
	struct builder_facts facts = { 0 };
	struct mountinfo_line line;
	struct statmount_found found;
	struct statmount_ids ids;
	enum statmount_own_table own_table = not_own ? STATMOUNT_NOT_OWN : STATMOUNT_OWN_TOO;
	bool all = false;
	int ret = scratch ? statmount_fd_ids(fd, &ids) : -ENOMEM, mounted = -EOPNOTSUPP;

	if (ret) {
		if (scratch)
			statmount_scratch_unmap(scratch);
		return ret;
	}
	if (not_own)
		ret = -ENOENT;
	else if (ids.unique_known)
		ret = statmount_native(ids.unique, &(struct statmount_place){ 0 }, 0, &facts,
				       scratch);
	else
		ret = statmount_own_line(&ids, false, scratch, &line, NULL);
	/* A filter's refusal does not count. */
	if (ret == -ENOENT && !not_own)
		own_table = STATMOUNT_OWN_SEARCHED;
	/* Found in some namespace, so it is in no tree of its own. */
	if (ret == -ENOENT && ids.unique_known)
		ret = statmount_search_namespaces(&ids, 0, &facts, scratch, &all);
	if (ret && !raw_is_shortage(ret))
		mounted = statmount_is_mounted(fd, !all);
	if (raw_is_shortage(mounted))
		ret = mounted;
	if (ret && !raw_is_shortage(ret) && mounted != 0 && !(mounted == 1 && all) &&
	    statmount_fd_old_id(fd, &ids) == 0) {
		ret = statmount_other_line(&ids, own_table, scratch, &found);
		if (ret == 0)
			statmount_found_close(&found);
	}
	statmount_scratch_unmap(scratch);
	if (ret == 0)
		return 0;
	if (raw_is_shortage(ret) || mounted >= 0)
		return raw_is_shortage(ret) ? ret : mounted;
	return statmount_is_mounted(fd, false);
}
