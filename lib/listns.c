// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * listns.c - mntcompat_listns(): chooses the way that answers a call.
 * Leaves the caller's memory to the kernel and to compat/.
 */
#include <errno.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/namespace/listns.h"
#include "compat/task/usercopy.h"
#include "lib/ending.h"
#include "lib/mode.h"

/* Before 7.3 a list went on after the largest number, from its beginning. */
static bool listns_is_past_end(ssize_t ret, const struct mntcompat_ns_id_req *user,
			       const uint64_t *ns_ids, size_t n)
{
	struct mntcompat_ns_id_req req;

	/* The kernel has just read it. */
	if (ret >= 0)
		return user->ns_id == UINT64_MAX;
	return ret == -EFAULT && usercopy_from(&req, user, sizeof(req)) == 0 &&
	       req.ns_id == UINT64_MAX && usercopy_in_range(ns_ids, n * sizeof(*ns_ids));
}

/* True when the kernel's answer stands; false when the kernel gave none. */
static bool listns_native_way(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t n,
			      unsigned int flags, ssize_t *ret)
{
	if (feature_known_absent(FEATURE_LISTNS))
		return false;
	*ret = raw_listns(req, ns_ids, n, flags);
	if (listns_is_past_end(*ret, req, ns_ids, n))
		*ret = -ENOENT;
	/* The kernel lacks the call, or a filter answered. */
	if (!refusal_has_next(*ret))
		return true;
	feature_probe(FEATURE_LISTNS);
	return false;
}

ssize_t mntcompat_listns(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
			 unsigned int flags)
{
	enum mntcompat_mode mode = mode_get();
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	ssize_t ret;

	if (mode == MNTCOMPAT_MODE_NATIVE)
		ret = raw_listns(req, ns_ids, nr_ns_ids, flags);
	else if (mode == MNTCOMPAT_MODE_EMULATE ||
		 !listns_native_way(req, ns_ids, nr_ns_ids, flags, &ret))
		ret = listns_emulate(req, ns_ids, nr_ns_ids, flags, &way);
	return ending(CALLS_listns, flags, way, ret);
}
