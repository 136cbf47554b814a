// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * request.c - reads the caller's request, and makes one for the kernel.
 * Touches the caller's memory through usercopy.h.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/request.h"
#include "compat/task/usercopy.h"

int statmount_read_request(const struct mntcompat_mnt_id_req *user, unsigned int flags,
			   struct statmount_query *query)
{
	struct mntcompat_mnt_id_req req = { 0 };
	bool ours, copied;
	uint32_t size;
	int ret;

	if (flags & ~MNTCOMPAT_STATMOUNT_BY_FD)
		return -EINVAL;
	ours = usercopy_is_ours(user, sizeof(req), query);
	if (ours) {
		memcpy(&size, user, sizeof(size));
		copied = false;
	} else {
		/* One copy is enough, unless the request lies at the end of mapped memory. */
		copied = usercopy_from(&req, user, sizeof(req)) == 0;
		size = req.size;
		ret = copied ? 0 : usercopy_from(&size, user, sizeof(size));
		if (ret < 0)
			return ret;
	}
	if (size > (size_t)sysconf(_SC_PAGESIZE))
		return -E2BIG;
	if (size < MNTCOMPAT_MNT_ID_REQ_SIZE_VER0)
		return -EINVAL;
	if (size > sizeof(req)) {
		ret = usercopy_check_zero((const char *)user + sizeof(req), size - sizeof(req));
		if (ret < 0)
			return ret;
	} else {
		memset((char *)&req + size, 0, sizeof(req) - size);
	}
	/* The memory behind a short request is not read. */
	if (ours) {
		memcpy(&req, user, size < sizeof(req) ? size : sizeof(req));
	} else if (!copied) {
		ret = usercopy_from(&req, user, size < sizeof(req) ? size : sizeof(req));
		if (ret < 0)
			return ret;
	}

	*query = (struct statmount_query){
		.by_fd = flags & MNTCOMPAT_STATMOUNT_BY_FD,
		.mask = req.param,
	};
	if (query->by_fd) {
		query->fd = (int)req.mnt_fd;
		return req.mnt_id || req.mnt_ns_id ? -EINVAL : 0;
	}
	query->ns_fd = (int)req.mnt_fd;
	query->mnt_id = req.mnt_id;
	query->mnt_ns_id = req.mnt_ns_id;
	return (query->ns_fd && query->mnt_ns_id) || req.mnt_id <= UAPI_MNT_UNIQUE_ID_OFFSET ?
		       -EINVAL :
		       0;
}

void statmount_harmless_request(const struct statmount_query *query,
				struct mntcompat_mnt_id_req *req)
{
	*req = (struct mntcompat_mnt_id_req){
		.size = query->mnt_ns_id ? MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 :
					   MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
		.mnt_fd = (uint32_t)(query->by_fd ? query->fd : query->ns_fd),
		.mnt_id = query->mnt_id,
		.param = query->mask,
		.mnt_ns_id = query->mnt_ns_id,
	};
	if (query->mask & STATMOUNT_ID_MAPS && !query->by_fd &&
	    feature_probe(FEATURE_STATMOUNT_ID_MAPS) != FEATURE_PRESENT)
		req->param &= ~(uint64_t)STATMOUNT_ID_MAPS;
}
