// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * listmount.c - the emulated call from the request to the list.
 * Touches the caller's request and buffer through usercopy.h, keeps nothing between calls.
 */
#include <errno.h>
#include <string.h>

#include "compat/kernel/calls.h"
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/namespace/find.h"
#include "compat/namespace/open.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/listmount.h"
#include "compat/statmount/native.h"
#include "compat/statmount/other_tables.h"
#include "compat/statmount/place.h"
#include "compat/statmount/point.h"
#include "compat/statmount/request.h"
#include "compat/statmount/scratch.h"
#include "compat/statmount/unlisted.h"
#include "compat/task/empty_root.h"
#include "compat/task/helper.h"
#include "compat/task/mountinfo.h"
#include "compat/task/procfs.h"
#include "compat/task/usercopy.h"

#define LISTMOUNT_FIRST_IDS 4096u
#define LISTMOUNT_SHORTEST_LINE 16u /* no line of mountinfo is shorter than this */

/* --- the request --- */

int listmount_read_request(const struct mntcompat_mnt_id_req *req, const uint64_t *mnt_ids,
			   size_t nr_mnt_ids, unsigned int flags, struct listmount_query *query)
{
	int ret;

	if (flags & ~MNTCOMPAT_LISTMOUNT_REVERSE)
		return -EINVAL;
	if (nr_mnt_ids > LISTMOUNT_MAX)
		return -EOVERFLOW;
	ret = statmount_read_request(req, 0, &query->request);
	query->last = query->request.mask;
	query->request.mask = 0;
	query->reverse = flags & MNTCOMPAT_LISTMOUNT_REVERSE;
	query->n = nr_mnt_ids;
	if (!ret && query->last && query->last <= UAPI_MNT_UNIQUE_ID_OFFSET)
		ret = -EINVAL;
	/* The kernel checks this before the request; it matters only if that is refused. */
	if (ret < 0 && !usercopy_in_range(mnt_ids, nr_mnt_ids * sizeof(*mnt_ids)))
		ret = -EFAULT;
	return ret;
}

void listmount_request(const struct listmount_query *query, struct mntcompat_mnt_id_req *req)
{
	statmount_harmless_request(&query->request, req);
	/* 6.16 to 7.2 begin anew after the largest id there can be. */
	req->param = query->last == UINT64_MAX && !query->reverse ? UINT64_MAX - 1 : query->last;
}

bool listmount_counts_otherwise(const struct listmount_query *query)
{
	return query->request.mnt_id == MNTCOMPAT_LSMT_ROOT &&
	       (query->request.ns_fd || query->request.mnt_ns_id) &&
	       feature_probe(FEATURE_OPEN_TREE_NAMESPACE) != FEATURE_PRESENT;
}

/* --- lists --- */

static void list_init(struct listmount_list *list)
{
	list->ids = NULL;
	list->n = list->mapped = 0;
}

void listmount_release(struct listmount_list *list)
{
	if (list->mapped)
		raw_munmap(list->ids, list->mapped);
	list_init(list);
}

static int list_room(struct listmount_list *list, size_t n)
{
	listmount_release(list);
	if (n <= list->few_room) {
		list->ids = list->few;
		return 0;
	}
	list->ids = raw_mmap((n ? n : 1) * sizeof(*list->ids));
	if (!list->ids)
		return -ENOMEM;
	list->mapped = (n ? n : 1) * sizeof(*list->ids);
	return 0;
}

/* From an ascending list, select the requested ids in the requested order. */
static void list_select(struct listmount_list *list, const struct listmount_query *query)
{
	size_t first = 0, end = list->n;

	if (query->reverse) {
		while (query->last && end && list->ids[end - 1] >= query->last)
			end--;
		if (end > query->n)
			first = end - query->n;
	} else {
		while (first < end && list->ids[first] <= query->last)
			first++;
		if (end - first > query->n)
			end = first + query->n;
	}
	list->n = end - first;
	memmove(list->ids, list->ids + first, list->n * sizeof(*list->ids));
	for (size_t i = 0; query->reverse && i < list->n / 2; i++) {
		uint64_t id = list->ids[i];

		list->ids[i] = list->ids[list->n - 1 - i];
		list->ids[list->n - 1 - i] = id;
	}
}

/* --- the kernel's own call --- */

static int list_native(const struct listmount_query *query, const struct statmount_place *place,
		       struct listmount_list *list)
{
	struct mntcompat_mnt_id_req req = {
		.size = place->ns_id && !place->ns_fd ? MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 :
							MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
		.mnt_fd = (uint32_t)place->ns_fd,
		.mnt_id = query->request.mnt_id,
		.mnt_ns_id = place->ns_fd ? 0 : place->ns_id,
	};
	/* From the end: all of them, in one call, which sees all at one moment. */
	size_t room = query->reverse ? LISTMOUNT_FIRST_IDS : query->n;

	if (!query->reverse)
		req.param = query->last == UINT64_MAX ? UINT64_MAX - 1 : query->last;
	for (;;) {
		int ret = list_room(list, room);
		ssize_t n;

		if (ret < 0)
			return ret;
		n = raw_listmount(&req, list->ids, room, 0);
		if (n < 0)
			return (int)n;
		list->n = (size_t)n;
		if (!query->reverse)
			return 0;
		if (list->n < room)
			break;
		if (room == LISTMOUNT_MAX)
			return -EOPNOTSUPP;
		room = room * 4 < LISTMOUNT_MAX ? room * 4 : LISTMOUNT_MAX;
	}
	list_select(list, query);
	return 0;
}

/* --- mountinfo --- */

struct listed {
	uint64_t id;
	uint32_t old, parent;
	uint32_t line; /* where it stands in the table */
	enum { LISTED_UNKNOWN, LISTED_BELOW, LISTED_ASIDE } where;
};

static bool listed_before(const struct listed *a, const struct listed *b, bool by_id)
{
	if (by_id)
		return a->id < b->id;
	return a->old < b->old || (a->old == b->old && a->line < b->line);
}

/* Heap sort: in place, without recursion, and never slow. */
static void sort_listed(struct listed *items, size_t n, bool by_id)
{
	size_t root = n / 2, end = n;

	while (end > 1) {
		size_t at, child;
		struct listed item;

		if (root) {
			item = items[--root];
		} else {
			item = items[--end];
			items[end] = items[0];
		}
		for (at = root; (child = 2 * at + 1) < end; at = child) {
			if (child + 1 < end &&
			    listed_before(&items[child], &items[child + 1], by_id))
				child++;
			if (!listed_before(&item, &items[child], by_id))
				break;
			items[at] = items[child];
		}
		items[at] = item;
	}
}

/*
 * An id that stands twice in a table was given to another mount while the table was read, and the
 * later line is the newer one. Items are sorted by old id; returns their number.
 */
static size_t drop_ended(struct listed *items, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || items[i].old != items[i + 1].old)
			items[kept++] = items[i];
	return kept;
}

/* By old id, in items that are sorted so. */
static struct listed *find_listed(struct listed *items, size_t n, uint32_t old)
{
	size_t first = 0;

	while (first < n) {
		size_t middle = first + (n - first) / 2;

		if (items[middle].old == old)
			return &items[middle];
		if (items[middle].old < old)
			first = middle + 1;
		else
			n = middle;
	}
	return NULL;
}

/* Each item is passed twice at most, however deep the tree is. */
static void mark_below(struct listed *items, size_t n, uint32_t top)
{
	for (size_t i = 0; i < n; i++) {
		struct listed *item = &items[i];
		int where = LISTED_ASIDE;
		size_t steps = 0;

		/* A table that changes during the reading is read again. */
		while (item && item->where == LISTED_UNKNOWN && steps++ < n) {
			if (item->parent == top && item->old != top) {
				where = LISTED_BELOW;
				break;
			}
			if (item->old == top || item->parent == item->old)
				break;
			item = find_listed(items, n, item->parent);
		}
		if (item && item->where != LISTED_UNKNOWN)
			where = item->where;
		for (item = &items[i]; item && item->where == LISTED_UNKNOWN;
		     item = find_listed(items, n, item->parent)) {
			item->where = item->old == top ? LISTED_ASIDE : where;
			if (item->parent == top || item->parent == item->old || item->old == top)
				break;
		}
	}
}

/*
 * The unique id of the mount on @line where listmount itself is filtered: not known if it is
 * covered.
 */
static int line_unique(const struct mountinfo_table *table, const struct mountinfo_line *line,
		       struct offline_ways *ways, uint64_t *id)
{
	struct statmount_ids ids;
	int fd = statmount_open_point(AT_FDCWD, table, line, ways), ret;

	if (fd < 0)
		return fd;
	ret = statmount_fd_ids(fd, &ids);
	raw_close(fd);
	if (ret < 0)
		return ret;
	*id = ids.unique;
	return ids.unique_known ? 0 : -EOPNOTSUPP;
}

static int read_listed(const struct mountinfo_table *table, bool unique, struct listed *items,
		       size_t *n)
{
	struct offline_ways ways = { .known = false };
	struct mountinfo_line line;
	size_t pos = 0;

	for (*n = 0; mountinfo_next(table, &pos, &line); ++*n) {
		struct listed *item = &items[*n];
		int ret;

		item->old = line.id;
		item->parent = line.parent;
		item->line = (uint32_t)*n;
		item->where = LISTED_UNKNOWN;
		item->id = STATMOUNT_SYNTHETIC_ID | line.id;
		ret = unique ? line_unique(table, &line, &ways, &item->id) : 0;
		if (ret < 0)
			return ret;
	}
	return 0;
}

/*
 * -ENOENT: the requested mount is not in the table; -EOPNOTSUPP: nor is it there, but a listed
 * mount lies on it.
 */
static int list_table(const struct mountinfo_table *table, const struct listmount_query *query,
		      bool unique, struct listmount_list *list)
{
	size_t room = table->len / LISTMOUNT_SHORTEST_LINE + 1, n = 0;
	bool all = query->request.mnt_id == MNTCOMPAT_LSMT_ROOT;
	struct listed *items = raw_mmap(room * sizeof(*items)), *top = NULL;
	bool carries = false;
	int ret = items ? read_listed(table, unique, items, &n) : -ENOMEM;

	if (!ret)
		ret = list_room(list, n);
	if (!ret && !all) {
		for (size_t i = 0; i < n; i++) {
			if (items[i].id == query->request.mnt_id)
				top = &items[i];
			carries |= (STATMOUNT_SYNTHETIC_ID | items[i].parent) ==
				   query->request.mnt_id;
		}
		if (!top)
			ret = unique || carries ? -EOPNOTSUPP : -ENOENT;
	}
	if (!ret) {
		uint32_t old = top ? top->old : 0;

		sort_listed(items, n, false);
		n = drop_ended(items, n);
		if (!all)
			mark_below(items, n, old);
		if (unique)
			sort_listed(items, n, true);
		for (size_t i = 0; i < n; i++)
			if (all || items[i].where == LISTED_BELOW)
				list->ids[list->n++] = items[i].id;
		list_select(list, query);
	}
	if (items)
		raw_munmap(items, room * sizeof(*items));
	return ret;
}

/* Without procfs: the list is known if the caller's root is the only mount that it can see. */
static int list_empty(const struct listmount_query *query, struct listmount_list *list)
{
	uint64_t mnt_id = query->request.mnt_id, id;
	struct raw_statx root;
	int ret;

	if (statmount_has_unique_ids() || !empty_root_is_own(&root))
		return -ENOSYS;
	id = STATMOUNT_SYNTHETIC_ID | (uint32_t)root.mnt_id;
	if (mnt_id != MNTCOMPAT_LSMT_ROOT && mnt_id != id)
		return -ENOENT;
	ret = list_room(list, 1);
	if (ret < 0)
		return ret;
	if (mnt_id == MNTCOMPAT_LSMT_ROOT)
		list->ids[list->n++] = id;
	list_select(list, query);
	return 0;
}

/* The caller's own namespace, as its root shows it. */
static int list_own(const struct listmount_query *query, struct statmount_scratch *scratch,
		    struct listmount_list *list)
{
	bool unique = statmount_has_unique_ids();
	uint64_t mnt_id = query->request.mnt_id;
	struct statmount_ids ids = { .old_known = true, .old = (uint32_t)mnt_id };
	struct statmount_found found;
	int fd, ret;

	/* Only statx is filtered: unique ids exist, but cannot be seen here. */
	if (!unique && feature_probe(FEATURE_STATMOUNT) == FEATURE_PRESENT)
		return -EOPNOTSUPP;
	fd = procfs_open("thread-self/mountinfo");
	if (fd < 0)
		return fd == -ENOSYS ? list_empty(query, list) : fd;
	ret = mountinfo_read(fd, &scratch->table);
	raw_close(fd);
	if (ret < 0)
		return ret == -ENOMEM ? ret : -EOPNOTSUPP;
	ret = list_table(&scratch->table, query, unique, list);
	debug_step("listed below %#llx: %d", (unsigned long long)mnt_id, ret);
	if (unique || (ret != -ENOENT && ret != -EOPNOTSUPP))
		return ret;
	if ((mnt_id & ~(uint64_t)UINT32_MAX) != STATMOUNT_SYNTHETIC_ID)
		return -ENOENT;
	/* A mount outside the caller's root: the mounts below it are in the table that shows it. */
	ret = statmount_find_unlisted(&ids, scratch, &found);
	if (ret < 0)
		return ret;
	statmount_found_close(&found);
	return list_table(&scratch->table, query, false, list);
}

/* --- another namespace --- */

struct list_question {
	const struct listmount_query *query;
	struct listmount_list *list;
};

static int ask_native(void *arg)
{
	struct list_question *question = arg;

	return list_native(question->query, &(struct statmount_place){ 0 }, question->list);
}

static int list_foreign(const struct listmount_query *query, int ns_fd,
			struct statmount_scratch *scratch, struct listmount_list *list)
{
	struct list_question question = { .query = query, .list = list };
	uint64_t mnt_id = query->request.mnt_id;
	int table, ret;

	if (!feature_known_absent(FEATURE_LISTMOUNT)) {
		ret = namespace_run(ns_fd, ask_native, &question);
		if (refusal_is(ret) && feature_probe(FEATURE_LISTMOUNT) != FEATURE_PRESENT)
			ret = -EOPNOTSUPP;
		if (ret != -ENOSYS || feature_probe(FEATURE_LISTMOUNT) != FEATURE_ABSENT)
			return ret;
	}
	if (statmount_has_unique_ids())
		return -EOPNOTSUPP;
	if (mnt_id != MNTCOMPAT_LSMT_ROOT &&
	    (mnt_id & ~(uint64_t)UINT32_MAX) != STATMOUNT_SYNTHETIC_ID)
		return -ENOENT;
	ret = namespace_open_table(ns_fd, &table, NULL);
	if (ret < 0)
		return ret;
	ret = mountinfo_read(table, &scratch->table);
	raw_close(table);
	if (ret < 0)
		return ret == -ENOMEM ? ret : -EOPNOTSUPP;
	return list_table(&scratch->table, query, false, list);
}

static int list_elsewhere(const struct listmount_query *query, struct statmount_place *place,
			  struct statmount_scratch *scratch, struct listmount_list *list,
			  enum mntcompat_way *way)
{
	int ret = -ENOSYS, fd = place->ns_fd;

	if (listmount_counts_otherwise(query)) {
		fd = fd ? fd : namespace_open_listed(place->ns_id);
		*way = MNTCOMPAT_WAY_OTHER_NAMESPACE;
		if (raw_is_shortage(fd))
			return fd;
		ret = fd > 0 ? list_foreign(query, fd, scratch, list) : -EOPNOTSUPP;
		if (fd > 0 && fd != place->ns_fd)
			raw_close(fd);
		/* A caller that may not enter gets the kernel's answer. */
		if (ret != -EOPNOTSUPP || feature_known_absent(FEATURE_LISTMOUNT))
			return ret;
		*way = MNTCOMPAT_WAY_LISTMOUNT;
	}
	if (!feature_known_absent(FEATURE_LISTMOUNT)) {
		ret = list_native(query, place, list);
		/* Before 6.18 a request has no namespace fd, but the namespace may have an id. */
		if (ret == -EINVAL && place->ns_fd && place->ns_id) {
			struct statmount_place by_id = { .ns_id = place->ns_id };

			ret = list_native(query, &by_id, list);
			/*
			 * The fd gives access that the id does not: ENOENT may be about the
			 * namespace, and then becomes EOPNOTSUPP.
			 */
			if (ret == -ENOENT && !statmount_native_lists(&by_id))
				ret = -EOPNOTSUPP;
		}
		if (ret == -EPERM && feature_probe(FEATURE_LISTMOUNT) != FEATURE_PRESENT)
			ret = -EOPNOTSUPP;
		else if (ret == -ENOSYS)
			feature_probe(FEATURE_LISTMOUNT);
	}
	if (place->ns_fd && (ret == -EOPNOTSUPP || ret == -ENOSYS || ret == -EINVAL)) {
		*way = MNTCOMPAT_WAY_OTHER_NAMESPACE;
		ret = list_foreign(query, place->ns_fd, scratch, list);
	}
	return ret == -ENOSYS || ret == -EINVAL ? -EOPNOTSUPP : ret;
}

static int list_own_or_elsewhere(const struct listmount_query *query, struct statmount_place *place,
				 struct statmount_scratch *scratch, struct listmount_list *list,
				 enum mntcompat_way *way)
{
	int ret = -ENOSYS;

	if (place->ns_fd || place->ns_id)
		return list_elsewhere(query, place, scratch, list, way);
	if (!feature_known_absent(FEATURE_LISTMOUNT))
		ret = list_native(query, place, list);
	if (ret == -EPERM && feature_probe(FEATURE_LISTMOUNT) != FEATURE_PRESENT)
		ret = -ENOSYS;
	if (ret == -ENOSYS) {
		feature_probe(FEATURE_LISTMOUNT);
		*way = MNTCOMPAT_WAY_MOUNTINFO;
		ret = list_own(query, scratch, list);
	}
	return ret;
}

int listmount_gather(const struct listmount_query *query, struct listmount_list *list,
		     enum mntcompat_way *way)
{
	struct statmount_scratch *scratch;
	struct statmount_place place;
	int ret = statmount_find_place(&query->request, &place);

	list_init(list);
	*way = MNTCOMPAT_WAY_NONE;
	if (ret < 0)
		return ret;
	*way = MNTCOMPAT_WAY_LISTMOUNT;
	scratch = statmount_scratch_map();
	ret = scratch ? list_own_or_elsewhere(query, &place, scratch, list, way) : -ENOMEM;
	if (scratch)
		statmount_scratch_unmap(scratch);
	if (place.opened) {
		/* statmount is refused there; listmount finds nothing. */
		ret = statmount_leave_place(&place, ret);
		if (ret == -EPERM)
			ret = -ENOENT;
	}
	if (ret < 0)
		listmount_release(list);
	return ret;
}

/* --- the answer --- */

struct list_work {
	const struct listmount_query *query;
	struct listmount_list list;
	enum mntcompat_way way;
};

static int gather(void *arg)
{
	struct list_work *work = arg;

	return listmount_gather(work->query, &work->list, &work->way);
}

ssize_t listmount_emulate(const struct listmount_query *query, uint64_t *mnt_ids,
			  enum mntcompat_way *way)
{
	struct listmount_query asked = *query;
	struct list_work work = { .query = &asked };
	uintptr_t from, to = (uintptr_t)mnt_ids;
	size_t len;
	int ret;

	/* Check the whole buffer, not only the part that is written. */
	if (!usercopy_in_range(mnt_ids, query->n * sizeof(*mnt_ids)))
		return -EFAULT;
	ret = helper_with_room(gather, &work, &asked.request.ns_fd);
	len = work.list.n * sizeof(*mnt_ids);
	from = (uintptr_t)work.list.ids;
	/* A dangling pointer of the caller's may be to where our list was made. */
	if (!ret && len && to < from + work.list.mapped && from < to + len)
		ret = -EFAULT;
	if (!ret && len)
		ret = usercopy_to(mnt_ids, work.list.ids, len);
	listmount_release(&work.list);
	*way = work.way;
	return ret < 0 ? calls_documented(CALLS_listmount, ret) : (ssize_t)(len / sizeof(*mnt_ids));
}
