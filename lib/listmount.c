// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * listmount.c - mntcompat_listmount(): chooses the way that answers a call.
 * Touches nothing itself.
 */
#include <errno.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/statmount/listmount.h"
#include "lib/ending.h"
#include "lib/mode.h"

/* True when the kernel's answer stands; false when it cannot answer this. */
static bool listmount_native_way(const struct listmount_query *query, uint64_t *mnt_ids,
				 ssize_t *ret)
{
	struct mntcompat_mnt_id_req req;

	if (feature_known_absent(FEATURE_LISTMOUNT) ||
	    (query->reverse && feature_known_absent(FEATURE_LISTMOUNT_REVERSE)) ||
	    listmount_counts_otherwise(query))
		return false;
	listmount_request(query, &req);
	*ret = raw_listmount(&req, mnt_ids, query->n,
			     query->reverse ? MNTCOMPAT_LISTMOUNT_REVERSE : 0);
	switch (*ret < 0 ? (int)*ret : 0) {
	case 0:
	case -EBADF:
	case -EFAULT:
	case -ENOENT:
	case -ENOMEM:
		return true;
	case -EINVAL:
		/*
		 * An invalid namespace fd; or a kernel without namespace fds (before 6.18), or
		 * without the descending order.
		 */
		if (query->reverse)
			feature_probe(FEATURE_LISTMOUNT_REVERSE);
		return false;
	case -EPERM:
		return feature_probe(FEATURE_LISTMOUNT) == FEATURE_PRESENT;
	case -E2BIG:
		/* The kernel has checked the request: 6.8 to 6.10 do not know mnt_ns_id. */
		return false;
	default:
		/* A filter answered, or the kernel lacks the call. */
		feature_probe(FEATURE_LISTMOUNT);
		return false;
	}
}

static ssize_t listmount_only_native(const struct mntcompat_mnt_id_req *user, uint64_t *mnt_ids,
				     size_t nr_mnt_ids, unsigned int flags)
{
	struct mntcompat_mnt_id_req req;
	struct listmount_query query;
	int ret;

	if (raw_get_kernel() == RAW_KERNEL_ANY)
		return raw_listmount(user, mnt_ids, nr_mnt_ids, flags);
	/* A level is applied by reading the request, so the request has to be our own copy. */
	if (feature_probe(FEATURE_LISTMOUNT) == FEATURE_ABSENT)
		return -ENOSYS;
	ret = listmount_read_request(user, mnt_ids, nr_mnt_ids, flags, &query);
	if (ret < 0)
		return ret;
	listmount_request(&query, &req);
	return raw_listmount(&req, mnt_ids, nr_mnt_ids, flags);
}

ssize_t mntcompat_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids,
			    size_t nr_mnt_ids, unsigned int flags)
{
	enum mntcompat_mode mode = mode_get();
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	struct listmount_query query;
	ssize_t ret;

	if (mode == MNTCOMPAT_MODE_NATIVE) {
		ret = listmount_only_native(req, mnt_ids, nr_mnt_ids, flags);
	} else {
		ret = listmount_read_request(req, mnt_ids, nr_mnt_ids, flags, &query);
		if (ret < 0) {
			way = MNTCOMPAT_WAY_NONE;
		} else if (mode == MNTCOMPAT_MODE_EMULATE ||
			   !listmount_native_way(&query, mnt_ids, &ret)) {
			way = MNTCOMPAT_WAY_NONE;
			ret = listmount_emulate(&query, mnt_ids, &way);
		}
	}
	return ending(CALLS_listmount, flags, way, ret);
}
