// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * listns.c - the emulated listns from the request to the answer.
 * Touches the caller's request and array through usercopy.h, keeps nothing between calls.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/id.h"
#include "compat/namespace/list.h"
#include "compat/namespace/listns.h"
#include "compat/task/helper.h"
#include "compat/task/usercopy.h"

/* --- the request --- */

/* Bytes of a request that is longer than any we know must be zero. */
static int check_tail(const char *user, size_t len)
{
	char bytes[256];

	while (len) {
		size_t chunk = len < sizeof(bytes) ? len : sizeof(bytes);
		int ret = usercopy_from(bytes, user, chunk);

		if (ret < 0)
			return ret;
		for (size_t i = 0; i < chunk; i++)
			if (bytes[i])
				return -E2BIG;
		user += chunk;
		len -= chunk;
	}
	return 0;
}

static int read_request(const struct mntcompat_ns_id_req *user, struct mntcompat_ns_id_req *req)
{
	int ret = usercopy_from(&req->size, user, sizeof(req->size));
	uint32_t size = req->size;

	if (ret < 0)
		return ret;
	if (size > (size_t)sysconf(_SC_PAGESIZE))
		return -E2BIG;
	if (size < MNTCOMPAT_NS_ID_REQ_SIZE_VER0)
		return -EINVAL;
	ret = check_tail((const char *)user + sizeof(*req), size - sizeof(*req));
	if (!ret)
		ret = usercopy_from(req, user, sizeof(*req));
	if (ret < 0)
		return ret;
	if (req->spare)
		return -EINVAL;
	return req->ns_type & ~NAMESPACE_KINDS ? -EOPNOTSUPP : 0;
}

/* --- the answer --- */

struct listns_work {
	const struct mntcompat_ns_id_req *req;
	uint64_t *ids;
	size_t n, mapped;
};

static void sift(uint64_t *ids, size_t from, size_t n)
{
	for (;;) {
		size_t child = 2 * from + 1;
		uint64_t id = ids[from];

		if (child >= n)
			return;
		if (child + 1 < n && ids[child + 1] > ids[child])
			child++;
		if (ids[child] <= id)
			return;
		ids[from] = ids[child];
		ids[child] = id;
		from = child;
	}
}

/* In place and without recursion: it may run in a helper. */
static void sort(uint64_t *ids, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(ids, i, n);
	for (size_t i = n; i-- > 1;) {
		uint64_t largest = ids[0];

		ids[0] = ids[i];
		ids[i] = largest;
		sift(ids, 0, i);
	}
}

/*
 * The user namespace whose namespaces are requested, by its inode number; @id 0: any.
 * -EINVAL when it is not one; -EOPNOTSUPP when the caller cannot see whether it is.
 */
static int find_owner(const struct namespace_list *list, uint64_t id, uint64_t *ino)
{
	const struct namespace_entry *entry;
	size_t pos = 0;

	*ino = 0;
	if (!id)
		return 0;
	if (id == MNTCOMPAT_LISTNS_CURRENT_USER) {
		*ino = list->own_user;
		return *ino ? 0 : -EOPNOTSUPP;
	}
	while ((entry = namespace_list_next(list, &pos))) {
		if (entry->id != id)
			continue;
		if (entry->kind != MNTCOMPAT_USER_NS)
			return -EINVAL;
		*ino = entry->ino;
		return 0;
	}
	/* Ids that are made have a form of their own. */
	if (list->all || (list->has_made && id >> 32 != NAMESPACE_ID_SYNTHETIC >> 32))
		return -EINVAL;
	return -EOPNOTSUPP;
}

/*
 * Without privilege, the caller sees only its own of the namespaces that a user namespace owns, and
 * the kernel shows the owner only if it is the caller's user namespace or below it.
 */
static bool owner_is_known(const struct namespace_list *list, uint64_t owner)
{
	const struct namespace_entry *entry;
	size_t pos = 0;

	if (!owner || list->all || owner == list->own_user)
		return true;
	while ((entry = namespace_list_next(list, &pos)))
		if (!entry->owner)
			return false;
	return true;
}

static int listns_select(struct listns_work *work, const struct namespace_list *list)
{
	uint32_t kinds = work->req->ns_type ? work->req->ns_type : NAMESPACE_KINDS;
	bool single = !(kinds & (kinds - 1)), more = false;
	const struct namespace_entry *entry;
	uint64_t owner, last = work->req->ns_id;
	size_t pos = 0;
	int ret = find_owner(list, work->req->user_ns_id, &owner);

	if (!ret && !owner_is_known(list, owner))
		ret = -EOPNOTSUPP;
	if (ret < 0)
		return ret;
	work->mapped = (list->n ? list->n : 1) * sizeof(*work->ids);
	work->ids = raw_mmap(work->mapped);
	if (!work->ids)
		return -ENOMEM;
	while ((entry = namespace_list_next(list, &pos))) {
		if (owner && entry->owner != owner)
			continue;
		/* An id that nothing follows is refused; one kind only, or one owner's, has a list
		 * of its own. */
		if (entry->id > last && (owner || !single || entry->kind == kinds))
			more = true;
		if (entry->kind & kinds && entry->id > last)
			work->ids[work->n++] = entry->id;
	}
	/*
	 * Other callers' namespaces are not visible here, but no id is larger than the largest
	 * number.
	 */
	if (last && !more && (list->all || last == UINT64_MAX))
		return -ENOENT;
	sort(work->ids, work->n);
	return 0;
}

static int listns_gather(void *arg)
{
	struct listns_work *work = arg;
	struct namespace_list list = { .want = 0 };
	uint32_t kinds = work->req->ns_type ? work->req->ns_type : NAMESPACE_KINDS;
	int ret;

	/* The order of a list of several kinds is that of all namespaces. */
	if (kinds & (kinds - 1) || work->req->user_ns_id)
		kinds = NAMESPACE_KINDS;
	ret = namespace_list_gather(&list, kinds);
	if (!ret)
		ret = listns_select(work, &list);
	namespace_list_release(&list);
	return ret;
}

ssize_t listns_emulate(const struct mntcompat_ns_id_req *user, uint64_t *ns_ids, size_t n,
		       unsigned int flags, enum mntcompat_way *way)
{
	struct mntcompat_ns_id_req req;
	struct listns_work work = { .req = &req };
	size_t len;
	ssize_t ret;

	*way = MNTCOMPAT_WAY_NONE;
	if (flags)
		return -EINVAL;
	if (n > UAPI_LIST_MAX)
		return -EOVERFLOW;
	if (!usercopy_in_range(ns_ids, n * sizeof(*ns_ids)))
		return -EFAULT;
	ret = read_request(user, &req);
	if (ret < 0)
		return ret;
	*way = MNTCOMPAT_WAY_PROCFS;
	ret = helper_with_room(listns_gather, &work, NULL);
	if (ret == 0) {
		ret = (ssize_t)(work.n < n ? work.n : n);
		len = (size_t)ret * sizeof(*ns_ids);
		/* The caller's array may be a dangling pointer to where our mapping was made. */
		if ((uintptr_t)ns_ids < (uintptr_t)work.ids + work.mapped &&
		    (uintptr_t)work.ids < (uintptr_t)ns_ids + len)
			ret = -EFAULT;
		else if (usercopy_to(ns_ids, work.ids, len) < 0)
			ret = -EFAULT;
	}
	if (work.ids)
		raw_munmap(work.ids, work.mapped);
	debug_step("%zu namespaces found", work.n);
	return ret == -EMFILE || ret == -ENFILE ? -ENOMEM : ret;
}
