// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statmount.c - mntcompat_statmount(): chooses the way that answers a call.
 * Leaves the caller's buffer and request to the kernel and to compat/.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/nullfs.h"
#include "compat/statmount/native.h"
#include "compat/statmount/request.h"
#include "compat/statmount/statmount.h"
#include "compat/task/usercopy.h"
#include "lib/ending.h"
#include "lib/failure.h"
#include "lib/mode.h"
#include "lib/statmount.h"

#define STATMOUNT_FIRST_ALLOC ((size_t)4096)
#define STATMOUNT_LAST_ALLOC ((size_t)16 << 20)

/*
 * The kernel's own call with the caller's pointers as they are: one system call and nothing else.
 * Not where the request has to be checked first: by id, until the kernel is known to know all of it
 * and to survive it (6.17).
 */
static bool statmount_is_direct(unsigned int flags)
{
	return raw_get_kernel() == RAW_KERNEL_ANY &&
	       (flags || statmount_native_bits_known() == STATMOUNT_ALL);
}

/*
 * Correct an error to that of 7.3, which checks the buffer before the mount; 6.16 to 7.2 check it
 * after. False when the kernel does not know something in the request.
 */
static bool statmount_error(int *error, const struct mntcompat_mnt_id_req *req, size_t bufsize,
			    unsigned int flags)
{
	struct statmount_query query;

	if (*error != -EINVAL && *error != -ENOENT && *error != -EPERM)
		return true;
	if (statmount_read_request(req, flags, &query) < 0)
		return true;
	/* mnt_ns_fd came with about 6.18. */
	if (query.ns_fd || query.mnt_ns_id)
		return !(query.ns_fd && *error == -EINVAL);
	if (query.mask & BUILDER_STRING_BITS && bufsize <= sizeof(struct mntcompat_statmount))
		*error = -EOVERFLOW;
	return true;
}

/*
 * True if the answer may be about another process's empty root, which the kernel calls procfs
 * before 7.1. Only a request that costs nothing to look at is looked at: @above is as in
 * usercopy_is_ours().
 */
static bool names_namespace(const struct mntcompat_mnt_id_req *req, const void *above)
{
	return statmount_nullfs_is_emulated() && usercopy_is_ours(req, sizeof(*req), above) &&
	       req->size >= MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 && (req->mnt_fd || req->mnt_ns_id);
}

/* True when the kernel's answer stands; false when it cannot answer this. */
static bool statmount_native_way(const struct mntcompat_mnt_id_req *req,
				 struct mntcompat_statmount *buf, size_t bufsize,
				 unsigned int flags, int *ret)
{
	bool by_fd = flags & MNTCOMPAT_STATMOUNT_BY_FD, direct = statmount_is_direct(flags);
	enum feature_id feature = by_fd ? FEATURE_STATMOUNT_BY_FD : FEATURE_STATMOUNT;
	struct mntcompat_mnt_id_req harmless;
	struct statmount_query query;

	if (feature_known_absent(feature))
		return false;
	if (!direct) {
		*ret = statmount_read_request(req, flags, &query);
		if (*ret < 0)
			return true;
		if (!by_fd && !statmount_native_suffices(&query))
			return false;
		statmount_harmless_request(&query, &harmless);
		req = &harmless;
	}
	*ret = raw_statmount(req, buf, bufsize, flags);
	if (*ret == 0) {
		if (statmount_nullfs_suspected(buf, bufsize, by_fd || names_namespace(req, &query)))
			return false;
		return direct || by_fd || !statmount_native_empty(&query, buf);
	}
	switch (*ret) {
	case -EINVAL:
	case -EPERM:
		if (feature_probe(feature) != FEATURE_PRESENT)
			return false;
		break;
	case -EBADF:
	case -EFAULT:
	case -ENOENT:
	case -EOVERFLOW:
	case -ENOMEM:
		break;
	case -E2BIG:
		/* The kernel has checked the request: 6.8 to 6.10 do not know mnt_ns_id. */
		if (!direct)
			return false;
		break;
	default:
		/* A filter answered, or the kernel lacks the call. */
		feature_probe(feature);
		return false;
	}
	return statmount_error(ret, req, bufsize, flags);
}

static int statmount_only_native(const struct mntcompat_mnt_id_req *req,
				 struct mntcompat_statmount *buf, size_t bufsize,
				 unsigned int flags)
{
	struct mntcompat_mnt_id_req harmless;
	struct statmount_query query;
	int ret;

	if (statmount_is_direct(flags))
		return raw_statmount(req, buf, bufsize, flags);
	if (feature_probe(FEATURE_STATMOUNT) == FEATURE_ABSENT)
		return -ENOSYS;
	ret = statmount_read_request(req, flags, &query);
	if (ret < 0)
		return ret;
	statmount_harmless_request(&query, &harmless);
	ret = raw_statmount(&harmless, buf, bufsize, flags);
	/* So that the next call needs no check. */
	if (ret == 0 && !query.by_fd)
		statmount_native_bits(query.mnt_id, query.mnt_ns_id);
	return ret;
}

static int statmount_emulated_way(const struct mntcompat_mnt_id_req *req,
				  struct mntcompat_statmount *buf, size_t bufsize,
				  unsigned int flags, enum mntcompat_way *way)
{
	struct statmount_query query;
	int ret = statmount_read_request(req, flags, &query);

	if (ret < 0)
		return ret;
	if (mode_get() == MNTCOMPAT_MODE_AUTO) {
		*way = MNTCOMPAT_WAY_STATMOUNT_BY_ID;
		ret = statmount_native_by_fd(&query, buf, bufsize);
		if (ret == 0 && statmount_nullfs_suspected(buf, bufsize, false))
			ret = -ENOSYS;
		if (ret == 0 || ret == -EBADF || ret == -EOVERFLOW || ret == -EFAULT ||
		    ret == -ENOMEM)
			return ret;
	}
	return statmount_emulate(&query, buf, bufsize, way);
}

int statmount_choose(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
		     size_t bufsize, unsigned int flags)
{
	enum mntcompat_mode mode = mode_get();
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret;

	if (mode == MNTCOMPAT_MODE_NATIVE) {
		ret = statmount_only_native(req, buf, bufsize, flags);
	} else if (mode == MNTCOMPAT_MODE_EMULATE ||
		   !statmount_native_way(req, buf, bufsize, flags, &ret)) {
		way = MNTCOMPAT_WAY_NONE;
		ret = statmount_emulated_way(req, buf, bufsize, flags, &way);
	}
	ending(CALLS_statmount, flags, way, ret);
	return ret;
}

int mntcompat_statmount(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
			size_t bufsize, unsigned int flags)
{
	return statmount_choose(req, buf, bufsize, flags) < 0 ? -1 : 0;
}

int mntcompat_statmount_alloc(const struct mntcompat_mnt_id_req *req, unsigned int flags,
			      struct mntcompat_statmount **answer)
{
	int ret = -EOVERFLOW, saved = errno;

	if (!answer)
		return failure(-EFAULT);
	for (size_t room = STATMOUNT_FIRST_ALLOC; room <= STATMOUNT_LAST_ALLOC; room *= 4) {
		struct mntcompat_statmount *buf = malloc(room);

		if (!buf) {
			ret = -ENOMEM;
			break;
		}
		ret = statmount_choose(req, buf, room, flags);
		if (ret == 0) {
			*answer = buf;
			break;
		}
		free(buf);
		if (ret != -EOVERFLOW)
			break;
	}
	errno = saved;
	return failure(ret);
}
