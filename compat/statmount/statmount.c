// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statmount.c - the emulated call from the request to the answer, and the choice of sources.
 * Touches the caller's request and buffer through usercopy.h, keeps nothing between calls
 * but the memory to work in.
 */
#include <errno.h>
#include <stdatomic.h>
#include <sys/auxv.h>

#include "compat/kernel/calls.h"
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/by_id.h"
#include "compat/statmount/elsewhere.h"
#include "compat/statmount/nullfs.h"
#include "compat/statmount/foreign.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/native.h"
#include "compat/statmount/own_table.h"
#include "compat/statmount/place.h"
#include "compat/statmount/request.h"
#include "compat/statmount/scratch.h"
#include "compat/statmount/statmount.h"
#include "compat/statmount/unlisted.h"
#include "compat/task/helper.h"
#include "compat/task/usercopy.h"

#define STATMOUNT_TRIES 16
#define STATMOUNT_SMALL_ANSWERS 2 /* in fixed parts: 1 KiB of a stack that may be small */

/* Without procfs some answers follow from the caller's root alone. */
static int statmount_without_procfs(const struct statmount_ids *ids, uint64_t mask,
				    struct builder_facts *facts)
{
	int ret = statmount_nullfs_own(ids, facts);

	if (ret == -ENOSYS && mask == MNTCOMPAT_STATMOUNT_MNT_POINT)
		ret = statmount_root_point(ids, facts);
	return ret;
}

static int statmount_gather_fd(const struct statmount_query *query, struct builder_facts *facts,
			       struct statmount_scratch *scratch, enum mntcompat_way *way)
{
	struct statmount_place own = { 0 };
	struct statmount_ids ids, after;
	bool unreachable = false;
	int ret = statmount_fd_ids(query->fd, &ids);

	if (ret < 0)
		return ret;
	*way = MNTCOMPAT_WAY_STATMOUNT_BY_ID;
	ret = -ENOSYS;
	if (ids.unique_known && !feature_known_absent(FEATURE_STATMOUNT))
		ret = statmount_by_id(ids.unique, &own, query->mask, facts, scratch);
	debug_step("statmount by id: %d", ret);
	if (ret == 0)
		ret = statmount_nullfs_correct(ids.unique, &own, facts, scratch);
	/* 6.8 to 6.10 find mounts of the caller's namespace only. */
	if (ret == 0)
		return statmount_namespace_facts(-1, query->mask, facts);
	/* Outside the caller's root the kernel refuses an id, but not an fd. */
	if (ret == -EPERM)
		unreachable = true;
	if (ret == -ENOSYS) {
		if (scratch->on_stack)
			return -STATMOUNT_DEEP;
		*way = MNTCOMPAT_WAY_MOUNTINFO;
		ret = statmount_fd_old_id(query->fd, &ids);
		if (!ret)
			ret = statmount_listed(query->fd, &ids, query->mask, facts, scratch);
		/* The mount of a file may be one that the caller's root does not show. */
		if (ret == -ENOSYS && statmount_without_procfs(&ids, query->mask, facts) == 0)
			ret = 0;
		debug_step("mount %u in mountinfo: %d", ids.old, ret);
	}
	if ((ret == -ENOENT || unreachable) && scratch->on_stack)
		return -STATMOUNT_DEEP;
	if (ret == -ENOENT || unreachable)
		ret = statmount_elsewhere(query->fd, &ids, unreachable,
					  statmount_nullfs_mask(query->mask), facts, scratch, way);

	/*
	 * Old ids are used again, but not while the fd holds the mount; another thread may have put
	 * another file under its number.
	 */
	if (statmount_fd_ids(query->fd, &after) < 0 || !statmount_same_mount(&ids, &after))
		return -EAGAIN;
	return ret ? ret :
		     statmount_nullfs_correct(ids.unique_known ? ids.unique : 0, &own, facts,
					      scratch);
}

static int statmount_gather_place(const struct statmount_query *query,
				  struct statmount_place *found, struct builder_facts *facts,
				  struct statmount_scratch *scratch, enum mntcompat_way *way)
{
	struct statmount_place place = *found;
	int ret, given = place.ns_fd;

	*way = MNTCOMPAT_WAY_STATMOUNT_BY_ID;
	ret = -ENOSYS;
	if (!feature_known_absent(FEATURE_STATMOUNT)) {
		ret = statmount_by_id(query->mnt_id, &place, query->mask, facts, scratch);
		/* Before 6.18 a request has no namespace fd, but the namespace may have an id. */
		if (ret == -EINVAL && place.ns_fd && place.ns_id) {
			place.ns_fd = 0;
			place.known_fd = given;
			ret = statmount_by_id(query->mnt_id, &place, query->mask, facts, scratch);
			/*
			 * The fd gives access that the id does not. 6.16 to 6.18 return ENOENT for
			 * that, too: then tell a hidden namespace from a missing mount.
			 */
			if (ret == -EPERM || (ret == -ENOENT && !statmount_native_lists(&place)))
				ret = -EOPNOTSUPP;
		}
	}
	if (given && (ret == -ENOSYS || ret == -EINVAL || ret == -EOPNOTSUPP)) {
		if (scratch->on_stack)
			return -STATMOUNT_DEEP;
		*way = MNTCOMPAT_WAY_OTHER_NAMESPACE;
		ret = statmount_foreign(query->mnt_id, given, statmount_nullfs_mask(query->mask),
					facts, scratch);
	}
	if (given || place.ns_id)
		return ret == -ENOSYS || ret == -EINVAL ? -EOPNOTSUPP : ret;
	if (ret == 0)
		return statmount_namespace_facts(-1, query->mask, facts);
	if (ret != -ENOSYS)
		return ret;
	if (scratch->on_stack)
		return -STATMOUNT_DEEP;
	*way = MNTCOMPAT_WAY_MOUNTINFO;
	ret = statmount_listed_by_id(query->mnt_id, query->mask, facts, scratch);
	if (ret != -ENOSYS || (query->mnt_id & ~(uint64_t)UINT32_MAX) != STATMOUNT_SYNTHETIC_ID)
		return ret;
	return statmount_without_procfs(
		&(struct statmount_ids){ .old_known = true, .old = (uint32_t)query->mnt_id },
		query->mask, facts);
}

static int statmount_gather_id(const struct statmount_query *query, struct builder_facts *facts,
			       struct statmount_scratch *scratch, enum mntcompat_way *way)
{
	struct statmount_place place;
	int ret = statmount_find_place(query, &place);

	if (ret < 0)
		return ret;
	ret = statmount_gather_place(query, &place, facts, scratch, way);
	if (ret == 0)
		ret = statmount_nullfs_correct(query->mnt_id, &place, facts, scratch);
	/* The kernel returns EPERM for another's namespace before it checks the buffer. */
	if (place.opened) {
		ret = statmount_leave_place(&place, ret);
		if (ret == -EPERM)
			*way = MNTCOMPAT_WAY_NONE;
	}
	return ret;
}

/* --- the answer --- */

struct statmount_work {
	const struct statmount_query *query;
	struct builder_facts facts;
	struct statmount_scratch scratch;
	enum mntcompat_way way;
};

static int statmount_gather(void *arg)
{
	struct statmount_work *work = arg;
	int ret = -EAGAIN;

	/* Start again if the table changed meanwhile. */
	for (int i = 0; ret == -EAGAIN && i < STATMOUNT_TRIES; i++) {
		statmount_release(&work->scratch);
		work->facts = (struct builder_facts){ 0 };
		ret = work->query->by_fd ? statmount_gather_fd(work->query, &work->facts,
							       &work->scratch, &work->way) :
					   statmount_gather_id(work->query, &work->facts,
							       &work->scratch, &work->way);
	}
	if (!ret && work->query->mask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)
		ret = statmount_set_supported(&work->facts, &work->scratch);
	return ret;
}

/* True if the caller's buffer is in a mapping of our own of @size bytes, which has whole pages. */
static bool statmount_is_in(const void *buf, size_t len, const void *mapping, size_t size)
{
	uintptr_t page = getauxval(AT_PAGESZ), start = (uintptr_t)mapping;
	uintptr_t end = (start + size + page - 1) & ~(page - 1);

	return (uintptr_t)buf < end && start < (uintptr_t)buf + len;
}

/*
 * The last mapping of our own is gone before the copy, for the caller's buffer may be a dangling
 * pointer to where it was made.
 */
static int statmount_put(struct statmount_work *work, void *buf, size_t bufsize)
{
	struct mntcompat_statmount small[STATMOUNT_SMALL_ANSWERS], *out = small;
	size_t room = builder_room(&work->facts);
	ssize_t len;
	int ret;

	if (room > sizeof(small)) {
		out = raw_mmap(room);
		if (!out)
			return -ENOMEM;
	}
	len = builder_layout(&work->facts, work->query->mask, bufsize, out,
			     room > sizeof(small) ? room : sizeof(small));
	statmount_release(&work->scratch);
	if (len < 0)
		ret = (int)len;
	else if (out != small && statmount_is_in(buf, (size_t)len, out, room))
		ret = -EFAULT;
	else
		ret = usercopy_to(buf, out, (size_t)len);
	if (out != small)
		raw_munmap(out, room);
	return ret;
}

static bool statmount_is_below(const void *buf, size_t bufsize, uintptr_t limit)
{
	return (uintptr_t)buf <= limit && bufsize <= limit - (uintptr_t)buf;
}

static void statmount_start(struct statmount_work *work, const struct statmount_query *query)
{
	work->query = query;
	work->way = MNTCOMPAT_WAY_NONE;
	statmount_scratch_init(&work->scratch);
}

/* @ret: what gathering the facts has returned. */
static int statmount_finish(struct statmount_work *work, int ret, void *buf, size_t bufsize,
			    enum mntcompat_way *way)
{
	bool in_range = true;

	/*
	 * Memory below our own stack, or below the name of the program (at the very end of the
	 * first stack), is in range. Else the whole buffer is checked, not only the part that is
	 * written.
	 */
	if (!statmount_is_below(buf, bufsize, (uintptr_t)__builtin_frame_address(0)) &&
	    !statmount_is_below(buf, bufsize, getauxval(AT_EXECFN)))
		in_range = usercopy_in_range(buf, bufsize);
	/* Step 6 comes after finding the file or the namespace, and before finding the mount. */
	if (work->way == MNTCOMPAT_WAY_NONE && ret < 0)
		;
	else if (!in_range)
		ret = -EFAULT;
	else if (work->query->mask & BUILDER_STRING_BITS &&
		 bufsize <= sizeof(struct mntcompat_statmount))
		ret = -EOVERFLOW;
	if (!ret)
		ret = statmount_put(work, buf, bufsize);
	statmount_release(&work->scratch);
	*way = work->way;
	return calls_documented(CALLS_statmount, ret);
}

/* -STATMOUNT_DEEP: the mount has to be searched for. */
static __attribute__((noinline)) int statmount_on_stack(struct statmount_query *query, void *buf,
							size_t bufsize, enum mntcompat_way *way)
{
	struct statmount_work work;
	int ret;

	statmount_start(&work, query);
	work.scratch.on_stack = true;
	ret = statmount_gather(&work);
	if (ret == -STATMOUNT_DEEP || ret == -EMFILE) {
		statmount_release(&work.scratch);
		return -STATMOUNT_DEEP;
	}
	return statmount_finish(&work, ret, buf, bufsize, way);
}

/*
 * Where a table has to be read or a mount be searched for, the functions below need much of a
 * stack, and that of a thread may be as small as PTHREAD_STACK_MIN: then the work has memory of its
 * own. One call at a time has that of the process; others, which do not wait for it, have a mapping.
 */
static struct statmount_work statmount_room;
static _Atomic bool statmount_room_taken;

int statmount_emulate(struct statmount_query *query, void *buf, size_t bufsize,
		      enum mntcompat_way *way)
{
	struct statmount_work *work = &statmount_room;
	int ret = -STATMOUNT_DEEP;
	bool taken;

	if (!feature_known_absent(FEATURE_STATMOUNT))
		ret = statmount_on_stack(query, buf, bufsize, way);
	if (ret != -STATMOUNT_DEEP)
		return ret;
	taken = atomic_exchange_explicit(&statmount_room_taken, true, memory_order_acquire);
	if (taken)
		work = raw_mmap(sizeof(*work));
	if (!work)
		return -ENOMEM;
	/* The caller's buffer may be a dangling pointer to where the mapping was made. */
	if (taken && statmount_is_in(buf, bufsize, work, sizeof(*work))) {
		ret = -EFAULT;
	} else {
		statmount_start(work, query);
		ret = helper_with_room(statmount_gather, work,
				       query->by_fd ? &query->fd : &query->ns_fd);
		ret = statmount_finish(work, ret, buf, bufsize, way);
	}
	if (taken)
		raw_munmap(work, sizeof(*work));
	else
		atomic_store_explicit(&statmount_room_taken, false, memory_order_release);
	return ret;
}
