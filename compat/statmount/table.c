// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * table.c - all mounts of a namespace from one reading of mountinfo.
 * Opens mount points for the facts of superblocks, one for each device; keeps its table in memory
 * of its own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/find.h"
#include "compat/namespace/open.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/line.h"
#include "compat/statmount/listmount.h"
#include "compat/statmount/native.h"
#include "compat/statmount/place.h"
#include "compat/statmount/point.h"
#include "compat/statmount/request.h"
#include "compat/statmount/rows.h"
#include "compat/statmount/scratch.h"
#include "compat/statmount/table.h"
#include "compat/statmount/table_ids.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

#define TABLE_TRIES 8

/* --- order --- */

/* By id, and those of one id in the order of the file. */
static int by_id(const void *a, const void *b)
{
	const struct table_entry *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->line.root.text < y->line.root.text ? -1 : x->line.root.text > y->line.root.text;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Orders entries by superblock. */
static int by_device(const struct table_entry *a, const struct table_entry *b)
{
	if (a->line.dev_major != b->line.dev_major)
		return a->line.dev_major < b->line.dev_major ? -1 : 1;
	if (a->line.dev_minor != b->line.dev_minor)
		return a->line.dev_minor < b->line.dev_minor ? -1 : 1;
	return 0;
}

/* --- the table --- */

static int split_lines(struct table *table)
{
	size_t room = table->text.lines + 1, pos = 0, groups = 0;
	uint64_t *numbers = malloc(room * sizeof(*numbers));
	struct table_entry *entry = malloc(room * sizeof(*entry));
	bool sorted = true;

	table->entries = entry;
	table->groups = numbers;
	if (!table->entries || !table->groups)
		return -ENOMEM;
	while (table->n < room && mountinfo_next(&table->text, &pos, &entry->line)) {
		entry->sb_known = false;
		entry->id = STATMOUNT_SYNTHETIC_ID | entry->line.id;
		entry->parent = STATMOUNT_SYNTHETIC_ID | entry->line.parent;
		if (entry->line.peer_group)
			numbers[groups++] = entry->line.peer_group;
		sorted &= !table->n || entry[-1].id < entry->id;
		table->n++;
		entry++;
	}
	table->sorted = sorted;
	qsort(numbers, groups, sizeof(*numbers), by_number);
	table->groups_num = groups;
	return 0;
}

static void forget_lines(struct table *table)
{
	free(table->entries);
	free(table->groups);
	mountinfo_release(&table->text);
	table->entries = NULL;
	table->groups = NULL;
	table->n = table->groups_num = 0;
}

static bool table_unchanged(int fd)
{
	struct pollfd poll = { .fd = fd, .events = POLLPRI };

	return raw_poll(&poll, 1, 0) == 0 || !(poll.revents & (POLLPRI | POLLERR));
}

/*
 * An id that stands twice was given to another mount while the table was read; the later line is
 * the newer one.
 */
static void drop_ended(struct table *table)
{
	size_t kept = 0;

	if (!table->sorted)
		qsort(table->entries, table->n, sizeof(*table->entries), by_id);
	for (size_t i = 0; i < table->n; i++)
		if (i + 1 == table->n || table->entries[i].id != table->entries[i + 1].id)
			table->entries[kept++] = table->entries[i];
	table->n = kept;
}

static struct table_entry *find_entry(const struct table *table, uint64_t id)
{
	size_t first = 0, end = table->n;

	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (table->entries[middle].id == id)
			return &table->entries[middle];
		if (table->entries[middle].id < id)
			first = middle + 1;
		else
			end = middle;
	}
	return NULL;
}

enum { UNKNOWN, BELOW, ASIDE };

/* Up to the first mount whose place is known; then down the same way again to set the others. */
static void place_entry(const struct table *table, unsigned char *places, uint64_t top, size_t i)
{
	const struct table_entry *entry = &table->entries[i];
	unsigned char place = UNKNOWN;

	for (size_t steps = 0; place == UNKNOWN && steps <= table->n; steps++) {
		size_t at = (size_t)(entry - table->entries);

		if (places[at] != UNKNOWN)
			place = places[at];
		else if (entry->id == top || entry->parent == entry->id)
			place = ASIDE;
		else if (entry->parent == top)
			place = BELOW;
		else
			entry = find_entry(table, entry->parent);
		if (!entry)
			place = ASIDE;
		if (!entry)
			break;
	}
	if (place == UNKNOWN)
		place = ASIDE;
	for (entry = &table->entries[i]; entry; entry = find_entry(table, entry->parent)) {
		unsigned char *at = &places[entry - table->entries];

		if (*at != UNKNOWN)
			break;
		*at = entry->id == top ? ASIDE : place;
		if (entry->parent == top || entry->parent == entry->id || entry->id == top)
			break;
	}
}

/*
 * Leaves the entries below @top, from the same reading: another one could be of other mounts. 0,
 * -EAGAIN: @top is not in the table, -ENOMEM.
 */
static int keep_below(struct table *table, uint64_t top)
{
	unsigned char *places;
	size_t kept = 0;

	if (!find_entry(table, top))
		return -EAGAIN;
	places = calloc(table->n, 1);
	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < table->n; i++)
		place_entry(table, places, top, i);
	for (size_t i = 0; i < table->n; i++)
		if (places[i] == BELOW)
			table->entries[kept++] = table->entries[i];
	table->n = kept;
	free(places);
	return 0;
}

static int read_lines(const struct statmount_query *query, const struct statmount_place *place,
		      int fd, bool unique, bool ordered, struct table *table)
{
	struct statmount_query all = { .mnt_id = MNTCOMPAT_LSMT_ROOT };
	enum mntcompat_way way;
	int ret = -EAGAIN;

	for (int i = 0; ret == -EAGAIN && i < TABLE_TRIES; i++) {
		struct listmount_list list = { 0 };

		forget_lines(table);
		/* Another namespace is seen from its root by mountinfo, from its first mount by
		 * listmount. */
		if ((unique || ordered) && !table->foreign &&
		    table_ids(&all, LISTMOUNT_MAX, &list, &way) < 0)
			listmount_release(&list);
		ret = mountinfo_read(fd, &table->text);
		if (ret < 0)
			ret = ret == -ENOMEM ? ret : -EOPNOTSUPP;
		else
			ret = split_lines(table);
		if (ret)
			listmount_release(&list);
		if (ret)
			return ret;
		if (unique) {
			ret = table_unique_ids(query, place, &list, table);
			listmount_release(&list);
		} else if (ordered) {
			ret = table_ids_by_order(&list, table);
			listmount_release(&list);
			if (!ret && query->mnt_id != MNTCOMPAT_LSMT_ROOT)
				ret = keep_below(table, query->mnt_id);
		} else {
			drop_ended(table);
			if (query->mnt_id == MNTCOMPAT_LSMT_ROOT)
				return 0;
			ret = keep_below(table, query->mnt_id);
			if (!ret)
				return 0;
			/* Perhaps it is outside the caller's root. */
			if (ret == -EAGAIN)
				ret = table_select_below(query, table);
		}
		/* The two sources fit together if nothing changed in between. */
		if (!ret && !table_unchanged(fd))
			ret = -EAGAIN;
	}
	return ret;
}

static int entries_by_device(const void *a, const void *b)
{
	const struct table_entry *x = *(const struct table_entry *const *)a;
	const struct table_entry *y = *(const struct table_entry *const *)b;
	int order = by_device(x, y);

	return order ? order : x < y ? -1 : x > y;
}

/*
 * By the unique id, by the type, or through the mount point. 0, -EOPNOTSUPP, or a shortage of
 * descriptors or memory.
 */
static int entry_magic(const struct statmount_place *place, int root, bool unique,
		       const struct table *table, struct offline_ways *ways,
		       const struct table_entry *entry, uint64_t *magic)
{
	struct mntcompat_statmount answer;
	int fd, ret;

	if (unique) {
		if (table_statmount(place, entry->id, MNTCOMPAT_STATMOUNT_SB_BASIC, &answer) < 0 ||
		    answer.sb_dev_major != entry->line.dev_major ||
		    answer.sb_dev_minor != entry->line.dev_minor)
			return -EOPNOTSUPP;
		*magic = answer.sb_magic;
		return 0;
	}
	ret = offline_magic(&entry->line, magic);
	if (ret != -EAGAIN)
		return ret;
	fd = statmount_open_point(root, &table->text, &entry->line, ways);
	if (fd < 0)
		return fd;
	ret = offline_local_magic(fd, magic);
	raw_close(fd);
	return ret < 0 ? -EOPNOTSUPP : 0;
}

/* The entries from here on that are of the same superblock. */
static struct table_entry *run_end(const struct table *table, struct table_entry *entry)
{
	struct table_entry *first = entry;

	while (entry < table->entries + table->n && !by_device(entry, first))
		entry++;
	return entry;
}

/*
 * The magic of each superblock: every mount of it is tried once, until one of them shows it.
 * Neighbours mostly have the same one, so runs of entries are sorted.
 */
static int learn_magic(const struct statmount_place *place, int root, bool unique,
		       struct table *table)
{
	struct offline_ways ways = { .known = false };
	struct table_entry **runs = malloc((table->n + 1) * sizeof(*runs)), *entry;
	size_t n = 0, first, end, at;
	int ret = runs ? 0 : -ENOMEM;

	for (entry = table->entries; runs && entry < table->entries + table->n;
	     entry = run_end(table, entry))
		runs[n++] = entry;
	if (n)
		qsort(runs, n, sizeof(*runs), entries_by_device);
	for (first = 0; !ret && first < n; first = end) {
		const struct table_entry *stop;
		bool known = false;
		uint64_t magic = 0;

		for (end = first; end < n && !by_device(runs[end], runs[first]); end++) {
			stop = known ? runs[end] : run_end(table, runs[end]);
			for (entry = runs[end]; !known && !ret && entry < stop; entry++) {
				known = entry->sb_known;
				magic = entry->magic;
				if (known)
					break;
				ret = entry_magic(place, root, unique, table, &ways, entry, &magic);
				known = ret == 0;
				if (ret == -EOPNOTSUPP)
					ret = 0;
			}
		}
		for (at = first; at < end && known; at++) {
			stop = run_end(table, runs[at]);
			for (entry = runs[at]; entry < stop; entry++) {
				entry->sb_known = true;
				entry->magic = magic;
			}
		}
	}
	free(runs);
	return ret;
}

static int learn_common(const struct statmount_place *place, struct table *table)
{
	int ret = 0;

	if (place->ns_id && table->mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID) {
		table->common.mnt_ns_id = place->ns_id;
		table->common.known |= MNTCOMPAT_STATMOUNT_MNT_NS_ID;
	} else {
		ret = statmount_namespace_facts(place->ns_fd ? place->ns_fd : -1, table->mask,
						&table->common);
	}
	if (ret < 0)
		return ret;
	if (table->mask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK) {
		/* There is a procfs: a table was read. */
		table->scratch.table.mapped = 1;
		ret = statmount_set_supported(&table->common, &table->scratch);
		table->scratch.table.mapped = 0;
		if (ret < 0)
			return ret;
	}
	return 0;
}

int table_read(const struct statmount_query *query, struct table *table)
{
	bool unique = feature_probe(FEATURE_STATMOUNT) == FEATURE_PRESENT;
	struct statmount_place place;
	int fd = -1, root = AT_FDCWD, ret, ns_fd;
	bool ordered;

	*table = (struct table){ .mask = query->mask };
	statmount_scratch_init(&table->scratch);
	ordered = !unique && statmount_has_unique_ids();
	if (ordered && feature_probe(FEATURE_LISTMOUNT) != FEATURE_PRESENT)
		return -EOPNOTSUPP;
	ret = statmount_find_place(query, &place);
	if (ret < 0)
		return ret;
	table->foreign = place.ns_fd || place.ns_id;
	if (table->foreign && ordered)
		return statmount_leave_place(&place, -EOPNOTSUPP);
	if (!table->foreign) {
		fd = procfs_open("thread-self/mountinfo");
		ret = fd < 0 ? fd : 0;
	} else {
		ns_fd = place.ns_fd ? place.ns_fd : namespace_open_listed(place.ns_id);
		ret = ns_fd < 0 ? -EOPNOTSUPP : namespace_open_table(ns_fd, &fd, &root);
		if (ns_fd >= 0 && ns_fd != place.ns_fd)
			raw_close(ns_fd);
	}
	if (ret < 0)
		return statmount_leave_place(&place, ret);
	ret = read_lines(query, &place, fd, unique, ordered, table);
	raw_close(fd);
	if (!ret && table->mask & MNTCOMPAT_STATMOUNT_SB_BASIC)
		ret = learn_magic(&place, root, unique, table);
	if (root >= 0)
		raw_close(root);
	if (!ret)
		ret = learn_common(&place, table);
	ret = statmount_leave_place(&place, ret);
	debug_step("read a table of %zu mounts: %d", table->n, ret);
	return ret;
}

void table_release(struct table *table)
{
	forget_lines(table);
	statmount_release(&table->scratch);
	*table = (struct table){ 0 };
}

/* --- rows --- */

int table_facts(struct table *table, size_t i, struct builder_facts *facts)
{
	const struct table_entry *entry = &table->entries[i];
	uint64_t master;
	int ret;

	statmount_release(&table->scratch);
	ret = statmount_mountinfo_facts(&entry->line, facts, &table->scratch);
	if (ret < 0)
		return ret;
	facts->mnt_id = entry->id;
	facts->mnt_parent_id = entry->parent;
	if (entry->parent)
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
	facts->known |= table->common.known;
	facts->mnt_ns_id = table->common.mnt_ns_id;
	facts->supported_mask = table->common.supported_mask;
	if (table->foreign) {
		/* Nothing of another namespace is visible from the caller's root. */
		facts->propagate_from = 0;
	} else if (!(facts->known & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)) {
		/*
		 * The line has no propagate_from if the master's group itself is visible, or if no
		 * group is.
		 */
		master = facts->mnt_master;
		facts->propagate_from = bsearch(&master, table->groups, table->groups_num,
						sizeof(master), by_number) ?
						master :
						0;
	}
	facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
	if (entry->sb_known) {
		facts->sb_magic = entry->magic;
		facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC;
	}
	return 0;
}
