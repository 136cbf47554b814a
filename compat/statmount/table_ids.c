// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * table_ids.c - the unique ids of mounts that mountinfo names by their old ones (6.8).
 * Calls listmount and statmount; changes entries of the table only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/statmount/listmount.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/place.h"
#include "compat/statmount/point.h"
#include "compat/statmount/request.h"
#include "compat/statmount/rows.h"
#include "compat/statmount/table_ids.h"

#define TABLE_FIRST_IDS 8192u
#define TABLE_SAMPLES 16u

int table_ids(const struct statmount_query *query, size_t most, struct listmount_list *list,
	      enum mntcompat_way *way)
{
	struct listmount_query all = { .request = *query };
	int ret;

	all.request.mask = 0;
	for (all.n = TABLE_FIRST_IDS;; all.n *= 4) {
		if (all.n > most)
			all.n = most + (most < LISTMOUNT_MAX);
		ret = listmount_gather(&all, list, way);
		if (ret < 0 || list->n < all.n)
			return ret;
		listmount_release(list);
		if (all.n >= most)
			return most < LISTMOUNT_MAX ? -EMSGSIZE : -EOPNOTSUPP;
	}
}

int table_statmount(const struct statmount_place *place, uint64_t mnt_id, uint64_t mask,
		    struct mntcompat_statmount *answer)
{
	struct mntcompat_mnt_id_req req = {
		.size = place->ns_id && !place->ns_fd ? MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 :
							MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
		.mnt_fd = (uint32_t)place->ns_fd,
		.mnt_id = mnt_id,
		.param = mask,
		.mnt_ns_id = place->ns_fd ? 0 : place->ns_id,
	};
	int ret = raw_statmount(&req, answer, sizeof(*answer), 0);

	if (ret == -EINVAL && req.mnt_fd && place->ns_id) {
		/* Before 6.18 namespaces have no fd in the request. */
		req.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1;
		req.mnt_fd = 0;
		req.mnt_ns_id = place->ns_id;
		ret = raw_statmount(&req, answer, sizeof(*answer), 0);
	}
	if (ret == -ENOENT)
		return -EAGAIN;
	/* Before 6.11 a namespace cannot be named. */
	if (ret == -EPERM && feature_probe(FEATURE_STATMOUNT) == FEATURE_PRESENT)
		return ret;
	return ret == 0 ? ret : -EOPNOTSUPP;
}

static int by_old(const void *a, const void *b)
{
	uint32_t x = ((const struct table_entry *)a)->line.id;
	uint32_t y = ((const struct table_entry *)b)->line.id;

	return x < y ? -1 : x > y;
}

/* --- one by one --- */

/* Entries by old id become entries by unique id; those that are not listed go. */
static int join(const struct statmount_query *query, const struct statmount_place *place,
		struct table *table)
{
	uint64_t mask = MNTCOMPAT_STATMOUNT_MNT_BASIC |
			(query->mask & MNTCOMPAT_STATMOUNT_SB_BASIC);
	struct table_entry *joined = NULL, *entry, key;
	struct mntcompat_statmount answer;
	struct listmount_list list = { 0 };
	size_t n = 0;
	enum mntcompat_way way;
	int ret = table_ids(query, LISTMOUNT_MAX, &list, &way);

	if (!ret) {
		joined = malloc((list.n + 1) * sizeof(*joined));
		if (!joined)
			ret = -ENOMEM;
	}
	qsort(table->entries, table->n, sizeof(*table->entries), by_old);
	for (size_t i = 0; !ret && i < list.n; i++) {
		ret = table_statmount(place, list.ids[i], mask, &answer);
		if (ret < 0)
			break;
		key.line.id = answer.mnt_id_old;
		entry = bsearch(&key, table->entries, table->n, sizeof(key), by_old);
		if (!entry)
			ret = -EAGAIN;
		if (!entry)
			break;
		joined[n] = *entry;
		joined[n].id = answer.mnt_id;
		joined[n].sb_known = answer.mask & MNTCOMPAT_STATMOUNT_SB_BASIC;
		joined[n].magic = answer.sb_magic;
		joined[n++].parent = answer.mnt_parent_id;
	}
	if (!ret) {
		free(table->entries);
		table->entries = joined;
		table->n = n;
		joined = NULL;
	}
	free(joined);
	listmount_release(&list);
	return ret;
}

/* --- all at once --- */

/* Entry @at has this old id. Sorted by that, which entries as a rule are: the lowest free one is
 * given out. */
struct numbered {
	uint32_t old, at;
};

static int by_number(const void *a, const void *b)
{
	uint32_t x = ((const struct numbered *)a)->old, y = ((const struct numbered *)b)->old;

	return x < y ? -1 : x > y;
}

static struct numbered *number_entries(const struct table *table)
{
	struct numbered *numbers = malloc((table->n + 1) * sizeof(*numbers));
	bool sorted = true;

	for (size_t i = 0; numbers && i < table->n; i++) {
		numbers[i] = (struct numbered){ table->entries[i].line.id, (uint32_t)i };
		sorted &= !i || numbers[i - 1].old < numbers[i].old;
	}
	if (numbers && !sorted)
		qsort(numbers, table->n, sizeof(*numbers), by_number);
	return numbers;
}

/* The parents' unique ids. Those that are not listed are requested from the kernel; not if it is
 * not to be asked (@place is NULL). */
static int pair_parents(const struct statmount_place *place, struct table *table)
{
	struct numbered *numbers = number_entries(table), *found;
	struct mntcompat_statmount answer;
	int ret = numbers ? 0 : -ENOMEM;

	for (size_t i = 0; !ret && i < table->n; i++) {
		struct table_entry *entry = &table->entries[i];
		struct numbered key = { entry->line.parent, 0 };

		/* Adjacent entries mostly have the same parent. */
		if (i && entry[-1].line.parent == key.old) {
			entry->parent = entry[-1].parent;
			continue;
		}
		found = bsearch(&key, numbers, table->n, sizeof(key), by_number);
		if (found) {
			entry->parent = table->entries[found->at].id;
			continue;
		}
		entry->parent = 0;
		if (!place)
			continue;
		ret = table_statmount(place, entry->id, MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer);
		if (!ret && answer.mnt_parent_id_old != key.old)
			ret = -EAGAIN;
		entry->parent = answer.mnt_parent_id;
	}
	free(numbers);
	return ret;
}

/* Some of the pairs, the last one among them. 1: as it should be, 0, or -errno. */
static int samples_agree(const struct statmount_place *place, const struct table *table)
{
	struct mntcompat_statmount answer;
	size_t step = table->n / TABLE_SAMPLES + 1;

	for (size_t i = table->n; i > 0; i = i > step ? i - step : 0) {
		const struct table_entry *entry = &table->entries[i - 1];
		int ret = table_statmount(place, entry->id, MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer);

		if (ret < 0)
			return ret;
		if (answer.mnt_id_old != entry->line.id ||
		    answer.mnt_parent_id_old != entry->line.parent)
			return 0;
	}
	return 1;
}

/* The same by files that lie open at mount points. 1, 0: none agrees, or -errno. */
static int points_agree(const struct table *table)
{
	struct offline_ways ways = { .known = false };
	size_t step = table->n / TABLE_SAMPLES + 1, agree = 0;

	for (size_t i = table->n; i > 0; i = i > step ? i - step : 0) {
		const struct table_entry *entry = &table->entries[i - 1];
		int fd = statmount_open_point(AT_FDCWD, &table->text, &entry->line, &ways), ret;
		struct statmount_ids ids;

		if (fd == -EOPNOTSUPP)
			continue;
		if (fd < 0)
			return fd;
		ret = statmount_fd_ids(fd, &ids);
		raw_close(fd);
		if (ret < 0 || !ids.unique_known)
			continue;
		if (ids.unique != entry->id)
			return -EAGAIN;
		agree++;
	}
	return agree > 0;
}

/*
 * Kernels that have unique ids show mountinfo in their order, and it has the mounts that listmount
 * has: those that the caller's root reaches. So if nothing changed the n-th line is the n-th id's.
 * 1, 0: they do not fit, or -errno.
 */
static int pair(const struct statmount_place *place, const struct listmount_list *before,
		struct table *table)
{
	struct statmount_query all = { .mnt_id = MNTCOMPAT_LSMT_ROOT };
	struct listmount_list after = { 0 };
	enum mntcompat_way way;
	bool same;
	int ret;

	if (!before->ids || before->n != table->n)
		return 0;
	/* Renaming a directory brings mounts out of reach, and poll() does not see it. */
	ret = table_ids(&all, LISTMOUNT_MAX, &after, &way);
	same = !ret && after.n == before->n &&
	       !memcmp(after.ids, before->ids, after.n * sizeof(*after.ids));
	listmount_release(&after);
	if (ret)
		return ret;
	if (!same)
		return -EAGAIN;
	for (size_t i = 0; i < table->n; i++)
		table->entries[i].id = before->ids[i];
	ret = place ? samples_agree(place, table) : points_agree(table);
	if (ret <= 0)
		return ret;
	ret = pair_parents(place, table);
	return ret < 0 ? ret : 1;
}

int table_ids_by_order(const struct listmount_list *before, struct table *table)
{
	int ret = pair(NULL, before, table);

	return ret > 0 ? 0 : ret < 0 ? ret : -EOPNOTSUPP;
}

int table_select_below(const struct statmount_query *query, struct table *table)
{
	struct listmount_list list = { 0 };
	size_t n = 0, at = 0;
	enum mntcompat_way way;
	int ret = table_ids(query, LISTMOUNT_MAX, &list, &way);

	for (size_t i = 0; !ret && i < list.n; i++) {
		while (at < table->n && table->entries[at].id < list.ids[i])
			at++;
		if (at == table->n || table->entries[at].id != list.ids[i])
			ret = -EAGAIN;
		else
			table->entries[n++] = table->entries[at];
	}
	if (!ret)
		table->n = n;
	listmount_release(&list);
	return ret;
}

int table_unique_ids(const struct statmount_query *query, const struct statmount_place *place,
		     const struct listmount_list *before, struct table *table)
{
	int ret = pair(place, before, table);

	if (ret <= 0)
		return ret ? ret : join(query, place, table);
	return query->mnt_id == MNTCOMPAT_LSMT_ROOT ? 0 : table_select_below(query, table);
}
