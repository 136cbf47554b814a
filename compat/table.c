// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * table.c - all mounts of a namespace from one reading of mountinfo.
 * Opens mount points to learn what a superblock is, one for each device; keeps its table in memory
 * of its own. Called by lib/table.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/debug.h"
#include "compat/raw.h"
#include "compat/table.h"
#include "probe/feature.h"

#define TABLE_TRIES 8
#define TABLE_FIRST_IDS 8192u

/* --- order --- */

static int by_old(const void *a, const void *b)
{
	uint32_t x = ((const struct table_entry *)a)->old, y = ((const struct table_entry *)b)->old;

	return x < y ? -1 : x > y;
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = ((const struct table_entry *)a)->id, y = ((const struct table_entry *)b)->id;

	return x < y ? -1 : x > y;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int by_device(const uint32_t a[2], const uint32_t b[2])
{
	if (a[0] != b[0])
		return a[0] < b[0] ? -1 : 1;
	return a[1] < b[1] ? -1 : a[1] > b[1];
}

/* --- ids --- */

int table_ids(const struct statmount_query *query, struct listmount_list *list,
	      enum mntcompat_way *way)
{
	struct listmount_query all = {.request = *query};
	int ret;

	all.request.mask = 0;
	for (all.n = TABLE_FIRST_IDS;; all.n *= 4) {
		if (all.n > LISTMOUNT_MAX)
			all.n = LISTMOUNT_MAX;
		ret = listmount_gather(&all, list, way);
		if (ret < 0 || list->n < all.n)
			return ret;
		listmount_release(list);
		if (all.n == LISTMOUNT_MAX)
			return -EOPNOTSUPP;
	}
}

/* Entries by old id become entries by unique id; those that are not listed go. */
static int join_ids(const struct statmount_query *query, const struct statmount_place *place,
		    struct table *table)
{
	struct mntcompat_mnt_id_req req = {
		.size = place->ns_id && !place->ns_fd ? MNTCOMPAT_MNT_ID_REQ_SIZE_VER1
						      : MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
		.mnt_fd = (uint32_t)place->ns_fd,
		.param = MNTCOMPAT_STATMOUNT_MNT_BASIC |
			 (query->mask & MNTCOMPAT_STATMOUNT_SB_BASIC),
		.mnt_ns_id = place->ns_fd ? 0 : place->ns_id,
	};
	struct table_entry *joined = NULL, *entry, key;
	struct mntcompat_statmount answer;
	struct listmount_list list;
	size_t n = 0;
	enum mntcompat_way way;
	int ret = table_ids(query, &list, &way);

	if (!ret) {
		joined = malloc((list.n + 1) * sizeof(*joined));
		if (!joined)
			ret = -ENOMEM;
	}
	qsort(table->entries, table->n, sizeof(*table->entries), by_old);
	for (size_t i = 0; !ret && i < list.n; i++) {
		req.mnt_id = list.ids[i];
		ret = raw_statmount(&req, &answer, sizeof(answer), 0);
		if (ret == -EINVAL && req.mnt_fd && place->ns_id) {
			/* Before 6.18 namespaces have no fd in the request. */
			req.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1;
			req.mnt_fd = 0;
			req.mnt_ns_id = place->ns_id;
			ret = raw_statmount(&req, &answer, sizeof(answer), 0);
		}
		if (ret < 0) {
			/* Before 6.11 there is no way to name a namespace. */
			ret = ret == -ENOENT ? -EAGAIN : ret == -EPERM ? ret : -EOPNOTSUPP;
			break;
		}
		key.old = answer.mnt_id_old;
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

/* Only those below a mount, where ids are made of the old ones. */
static int select_below(const struct statmount_query *query, struct table *table)
{
	struct listmount_list list;
	size_t n = 0, at = 0;
	enum mntcompat_way way;
	int ret = table_ids(query, &list, &way);

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

/* --- the table --- */

static int split_lines(struct table *table)
{
	struct mountinfo_line line;
	size_t room = 1, pos = 0, groups = 0;
	uint64_t *numbers;

	for (size_t i = 0; i < table->text.len; i++)
		room += table->text.text[i] == '\n';
	table->entries = malloc(room * sizeof(*table->entries));
	numbers = malloc(room * sizeof(*numbers));
	table->groups = numbers;
	if (!table->entries || !numbers)
		return -ENOMEM;
	while (mountinfo_next(&table->text, &pos, &line)) {
		struct table_entry *entry = &table->entries[table->n++];

		/* Lines that are none were passed over. */
		entry->text.text = line.root.text;
		while (entry->text.text > table->text.text && entry->text.text[-1] != '\n')
			entry->text.text--;
		entry->text.len = (size_t)(line.super_options.text + line.super_options.len -
					   entry->text.text);
		entry->sb_known = false;
		entry->old = line.id;
		entry->id = STATMOUNT_SYNTHETIC_ID | line.id;
		entry->parent = STATMOUNT_SYNTHETIC_ID | line.parent;
		entry->device[0] = line.dev_major;
		entry->device[1] = line.dev_minor;
		if (line.peer_group)
			numbers[groups++] = line.peer_group;
	}
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
	struct pollfd poll = {.fd = fd, .events = POLLPRI};

	return raw_poll(&poll, 1, 0) == 0 || !(poll.revents & (POLLPRI | POLLERR));
}

static int read_lines(const struct statmount_query *query, const struct statmount_place *place,
		      int fd, bool unique, struct table *table)
{
	int ret = -EAGAIN;

	for (int i = 0; ret == -EAGAIN && i < TABLE_TRIES; i++) {
		forget_lines(table);
		ret = mountinfo_read(fd, &table->text);
		if (ret < 0)
			return ret == -ENOMEM ? ret : -EOPNOTSUPP;
		ret = split_lines(table);
		if (ret)
			return ret;
		if (unique) {
			ret = join_ids(query, place, table);
		} else {
			qsort(table->entries, table->n, sizeof(*table->entries), by_id);
			if (query->mnt_id == MNTCOMPAT_LSMT_ROOT)
				return 0;
			ret = select_below(query, table);
		}
		/* What two sources say fits together if nothing happened in between. */
		if (!ret && !table_unchanged(fd))
			ret = -EAGAIN;
	}
	return ret;
}

static int entries_by_device(const void *a, const void *b)
{
	const struct table_entry *x = *(const struct table_entry *const *)a;
	const struct table_entry *y = *(const struct table_entry *const *)b;
	int order = by_device(x->device, y->device);

	return order ? order : x < y ? -1 : x > y;
}

/*
 * The magic of each superblock: every mount point of a device is tried once, until one of them
 * leads to its mount.
 */
static int learn_magic(struct table *table, int root)
{
	struct table_entry **order = malloc((table->n + 1) * sizeof(*order));
	struct mountinfo_line line;
	size_t first, end, at;
	int fd, ret = order ? 0 : -ENOMEM;

	for (at = 0; order && at < table->n; at++)
		order[at] = &table->entries[at];
	if (order)
		qsort(order, table->n, sizeof(*order), entries_by_device);
	for (first = 0; !ret && first < table->n; first = end) {
		bool known = false;
		uint64_t magic = 0;

		for (end = first; end < table->n &&
				  !by_device(order[end]->device, order[first]->device); end++)
			;
		for (at = first; at < end && !known && !ret; at++) {
			if (mountinfo_parse_line(order[at]->text.text, order[at]->text.len, &line) < 0)
				continue;
			fd = statmount_open_point(root, &line);
			if (fd < 0) {
				ret = raw_is_shortage(fd) ? fd : 0;
				continue;
			}
			known = statmount_fd_magic(fd, &magic) == 0;
			raw_close(fd);
		}
		for (at = first; at < end && known; at++) {
			order[at]->sb_known = true;
			order[at]->magic = magic;
		}
	}
	free(order);
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
	bool unique = feature_probe(FEATURE_STATMOUNT) != FEATURE_ABSENT;
	struct statmount_place place;
	int fd = -1, root = AT_FDCWD, ret, ns_fd;

	*table = (struct table){.mask = query->mask};
	statmount_scratch_init(&table->scratch);
	if (!unique && feature_probe(FEATURE_STATX_MNT_ID_UNIQUE) == FEATURE_PRESENT)
		return -EOPNOTSUPP;
	ret = statmount_find_place(query, &place);
	if (ret < 0)
		return ret;
	table->foreign = place.ns_fd || place.ns_id;
	if (!table->foreign) {
		fd = statmount_proc_open("thread-self/mountinfo");
		ret = fd < 0 ? fd : 0;
	} else {
		ns_fd = place.ns_fd ? place.ns_fd : statmount_foreign_by_id(place.ns_id);
		ret = ns_fd < 0 ? -EOPNOTSUPP
				: statmount_foreign_open(ns_fd, &fd, &root);
		if (ns_fd >= 0 && ns_fd != place.ns_fd)
			raw_close(ns_fd);
	}
	if (ret < 0)
		return statmount_leave_place(&place, ret);
	ret = read_lines(query, &place, fd, unique, table);
	raw_close(fd);
	if (!ret && !unique && table->mask & MNTCOMPAT_STATMOUNT_SB_BASIC)
		ret = learn_magic(table, root);
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
	*table = (struct table){0};
}

/* --- rows --- */

int table_facts(struct table *table, size_t i, struct builder_facts *facts)
{
	const struct table_entry *entry = &table->entries[i];
	struct mountinfo_line line;
	uint64_t master;
	int ret = mountinfo_parse_line(entry->text.text, entry->text.len, &line);

	statmount_release(&table->scratch);
	if (ret < 0)
		return ret;
	ret = statmount_mountinfo_facts(&line, facts, &table->scratch);
	if (ret < 0)
		return ret;
	facts->mnt_id = entry->id;
	facts->mnt_parent_id = entry->parent;
	facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC | table->common.known;
	facts->mnt_ns_id = table->common.mnt_ns_id;
	facts->supported_mask = table->common.supported_mask;
	if (table->foreign) {
		/* Nothing of another namespace is visible from the caller's root. */
		facts->propagate_from = 0;
	} else if (!(facts->known & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)) {
		/* The line is silent when the master's group itself is visible, and when nothing is. */
		master = facts->mnt_master;
		facts->propagate_from = bsearch(&master, table->groups, table->groups_num,
						sizeof(master), by_number)
						? master
						: 0;
	}
	facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
	if (entry->sb_known) {
		facts->sb_magic = entry->magic;
		facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC;
	}
	return 0;
}
