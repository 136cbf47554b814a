// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * table.c - mntcompat_table_open(), _next(), _close(): all mounts of a namespace, row by row.
 * Chooses between one reading of mountinfo and listmount with a statmount for each mount.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/listmount.h"
#include "compat/statmount/native.h"
#include "compat/statmount/request.h"
#include "compat/statmount/rows.h"
#include "compat/statmount/table.h"
#include "compat/statmount/table_ids.h"
#include "lib/failure.h"
#include "lib/mode.h"
#include "lib/statmount.h"

#define TABLE_FIRST_ROW ((size_t)4096)
#define TABLE_LAST_ROW ((size_t)16 << 20)
#define TABLE_FEW ((size_t)100)
/* The fields of a line that the kernel's own statmount lacks before 6.13. */
#define TABLE_LINE_BITS \
	(MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_FS_SUBTYPE | \
	 MNTCOMPAT_STATMOUNT_SB_SOURCE | MNTCOMPAT_STATMOUNT_OPT_ARRAY | \
	 MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY)

struct mntcompat_table {
	bool lines; /* table is in use, else ids */
	uint64_t mask;
	struct mntcompat_mnt_id_req req; /* for one row by id */
	struct table table;
	struct listmount_list ids;
	size_t at;
	struct mntcompat_statmount *row;
	size_t room;
	uint64_t few[TABLE_FEW + 1];
};

static int read_options(const struct mntcompat_table_options *user,
			struct mntcompat_table_options *options)
{
	const unsigned char *bytes = (const void *)user;

	if (!user || user->size < offsetof(struct mntcompat_table_options, mnt_id))
		return -EINVAL;
	for (size_t i = sizeof(*options); i < user->size; i++)
		if (bytes[i])
			return -E2BIG;
	memset(options, 0, sizeof(*options));
	memcpy(options, user, user->size < sizeof(*options) ? user->size : sizeof(*options));
	if (options->way > MNTCOMPAT_TABLE_LISTMOUNT)
		return -EINVAL;
	if (!options->mnt_id)
		options->mnt_id = MNTCOMPAT_LSMT_ROOT;
	return (options->mnt_ns_fd && options->mnt_ns_id) ||
			       options->mnt_id <= UAPI_MNT_UNIQUE_ID_OFFSET ?
		       -EINVAL :
		       0;
}

/* True if a line has requested fields that the kernel's own statmount and listmount lack. */
static bool needs_lines(uint64_t mask)
{
	if (mode_get() == MNTCOMPAT_MODE_NATIVE)
		return false;
	if (feature_probe(FEATURE_STATMOUNT) != FEATURE_PRESENT ||
	    feature_probe(FEATURE_LISTMOUNT) != FEATURE_PRESENT)
		return true;
	return mask & ~statmount_native_bits_here() & TABLE_LINE_BITS;
}

/*
 * Prefer mountinfo when both PROPAGATE_FROM and a path are requested. Otherwise a statmount for
 * each mount is cheaper than a line, and each row is true at the time of its call. In a line of
 * mountinfo with many peers, propagate_from is the expensive part, so lines are for callers that
 * request it anyway. The ids of another namespace take a statmount each. A table costs as much
 * before its first row as that many statmounts.
 */
static bool prefers_lines(const struct mntcompat_table_options *options, uint64_t mask)
{
	return mode_get() != MNTCOMPAT_MODE_NATIVE && !options->mnt_ns_fd && !options->mnt_ns_id &&
	       mask & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM &&
	       mask & (MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_MNT_ROOT);
}

static int open_lines(const struct statmount_query *query, struct mntcompat_table *table)
{
	int ret = table_read(query, &table->table);

	table->lines = ret == 0;
	if (ret < 0)
		table_release(&table->table);
	else
		mode_set_way(MNTCOMPAT_WAY_MOUNTINFO);
	return ret;
}

static int open_ids(const struct statmount_query *query, size_t most, struct mntcompat_table *table)
{
	enum mntcompat_way way = MNTCOMPAT_WAY_NONE;
	int ret = -ENOSYS;

	if (mode_get() != MNTCOMPAT_MODE_NATIVE ||
	    feature_probe(FEATURE_LISTMOUNT) == FEATURE_PRESENT)
		ret = table_ids(query, most, &table->ids, &way);
	mode_set_way(way);
	return ret;
}

static bool may_go_on(int ret)
{
	return ret == -ENOSYS || ret == -EOPNOTSUPP || ret == -EAGAIN;
}

static int open_table(const struct mntcompat_table_options *options, struct mntcompat_table *table)
{
	struct statmount_query query = {
		.ns_fd = (int)options->mnt_ns_fd,
		.mnt_id = options->mnt_id,
		.mnt_ns_id = options->mnt_ns_id,
		.mask = table->mask,
	};
	int ret;

	switch (options->way) {
	case MNTCOMPAT_TABLE_MOUNTINFO:
		return open_lines(&query, table);
	case MNTCOMPAT_TABLE_LISTMOUNT:
		return open_ids(&query, LISTMOUNT_MAX, table);
	}
	if (needs_lines(table->mask)) {
		ret = open_lines(&query, table);
		return may_go_on(ret) ? open_ids(&query, LISTMOUNT_MAX, table) : ret;
	}
	if (prefers_lines(options, table->mask)) {
		ret = open_ids(&query, TABLE_FEW, table);
		if (ret == -EMSGSIZE)
			ret = open_lines(&query, table);
		return may_go_on(ret) ? open_ids(&query, LISTMOUNT_MAX, table) : ret;
	}
	ret = open_ids(&query, LISTMOUNT_MAX, table);
	if (may_go_on(ret) && mode_get() != MNTCOMPAT_MODE_NATIVE)
		ret = open_lines(&query, table);
	return ret;
}

int mntcompat_table_open(const struct mntcompat_table_options *user,
			 struct mntcompat_table **opened)
{
	struct mntcompat_table_options options;
	struct mntcompat_table *table;
	int ret = read_options(user, &options), saved = errno;

	if (ret < 0)
		return failure(ret);
	if (!opened)
		return failure(-EFAULT);
	table = calloc(1, sizeof(*table));
	if (!table)
		return failure(-ENOMEM);
	table->mask = options.mask | MNTCOMPAT_STATMOUNT_MNT_BASIC;
	table->req = (struct mntcompat_mnt_id_req){
		.size = options.mnt_ns_id ? MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 :
					    MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
		.mnt_fd = options.mnt_ns_fd,
		.param = table->mask,
		.mnt_ns_id = options.mnt_ns_id,
	};
	table->ids.few = table->few;
	table->ids.few_room = TABLE_FEW + 1;
	table->room = TABLE_FIRST_ROW;
	table->row = malloc(table->room);
	ret = table->row ? open_table(&options, table) : -ENOMEM;
	debug_call("table(mask=%#llx): %s, %d", (unsigned long long)table->mask,
		   table->lines ? "mountinfo" : "listmount", ret);
	errno = saved;
	if (ret < 0) {
		mntcompat_table_close(table);
		return failure(calls_documented(CALLS_table_open, ret));
	}
	*opened = table;
	return 0;
}

static int grow(struct mntcompat_table *table, size_t room)
{
	struct mntcompat_statmount *row = room <= TABLE_LAST_ROW ? realloc(table->row, room) : NULL;

	if (!row)
		return -ENOMEM;
	table->row = row;
	table->room = room;
	return 0;
}

static int row_by_id(struct mntcompat_table *table, uint64_t mnt_id)
{
	int ret;

	table->req.mnt_id = mnt_id;
	for (;;) {
		ret = statmount_choose(&table->req, table->row, table->room, 0);
		if (ret != -EOVERFLOW)
			return ret;
		ret = grow(table, table->room * 4);
		if (ret < 0)
			return ret;
	}
}

static int row_of_line(struct mntcompat_table *table, size_t i)
{
	uint64_t maps = MNTCOMPAT_STATMOUNT_MNT_UIDMAP | MNTCOMPAT_STATMOUNT_MNT_GIDMAP;
	struct builder_facts facts;
	ssize_t len;
	int ret = table_facts(&table->table, i, &facts);

	if (ret < 0)
		return ret;
	/* A line shows only that there are maps. */
	if (facts.mnt_attr & MNTCOMPAT_MOUNT_ATTR_IDMAP && table->mask & maps &&
	    statmount_native_bits_here() & maps)
		return row_by_id(table, facts.mnt_id);
	len = builder_layout(&facts, table->mask, table->room, table->row, table->room);
	if (len == -EOVERFLOW) {
		ret = grow(table, builder_room(&facts));
		if (ret < 0)
			return ret;
		len = builder_layout(&facts, table->mask, table->room, table->row, table->room);
	}
	return len < 0 ? (int)len : 0;
}

int mntcompat_table_next(struct mntcompat_table *table, const struct mntcompat_statmount **row)
{
	int ret = -ENOENT, saved = errno;

	if (!table || !row)
		return failure(-EFAULT);
	/* A mount that was unmounted meanwhile is left out. */
	while (ret == -ENOENT) {
		size_t n = table->lines ? table->table.n : table->ids.n;

		if (table->at == n)
			break;
		ret = table->lines ? row_of_line(table, table->at) :
				     row_by_id(table, table->ids.ids[table->at]);
		if (ret == 0 || ret == -ENOENT)
			table->at++;
	}
	errno = saved;
	if (ret == -ENOENT)
		return 0;
	if (ret < 0)
		return failure(calls_documented(CALLS_statmount, ret));
	*row = table->row;
	return 1;
}

void mntcompat_table_close(struct mntcompat_table *table)
{
	int saved = errno;

	if (!table)
		return;
	table_release(&table->table);
	listmount_release(&table->ids);
	free(table->row);
	free(table);
	errno = saved;
}
