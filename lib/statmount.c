// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statmount.c - mntcompat_statmount(): which way a call goes, and nothing of how.
 * Touches the caller's buffer and request only where the kernel has just used them, else through
 * compat/. Called by programs.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <mntcompat.h>
#include "compat/debug.h"
#include "compat/raw.h"
#include "compat/statmount.h"
#include "lib/mode.h"
#include "probe/feature.h"

#define STATMOUNT_FIRST_ALLOC ((size_t)4096)
#define STATMOUNT_LAST_ALLOC ((size_t)16 << 20)

/*
 * The kernel's own call. By fd, and by id once the kernel is known to survive every request (6.15
 * and 6.16 do not), it gets the caller's pointers as they are: one system call and nothing else.
 */
static int statmount_call(const struct mntcompat_mnt_id_req *req, void *buf, size_t bufsize,
			  unsigned int flags)
{
	struct mntcompat_mnt_id_req harmless;
	int ret;

	if (raw_get_kernel() != RAW_KERNEL_ANY ||
	    (!flags && !(statmount_native_bits_known() & STATMOUNT_ID_MAPS))) {
		ret = statmount_harmless_request(req, flags, &harmless);
		if (ret < 0)
			return ret;
		req = &harmless;
	}
	return raw_statmount(req, buf, bufsize, flags);
}

/*
 * Is this what 7.3 would have answered? By fd always: that came after all request bits. By id, 6.8
 * to 6.14 leave out silently what they do not know, and 6.8 to 6.12 give empty strings.
 */
static bool statmount_is_complete(const struct mntcompat_mnt_id_req *req,
				  const struct mntcompat_statmount *answer, size_t bufsize)
{
	uint64_t missing = req->param & STATMOUNT_LATER;
	uint64_t bits = statmount_native_bits(req->mnt_id, req->size > MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 ?
								   req->mnt_ns_id : 0);

	if (bufsize > sizeof(*answer) &&
	    ((answer->mask & MNTCOMPAT_STATMOUNT_MNT_POINT && !answer->str[answer->mnt_point]) ||
	     (answer->mask & MNTCOMPAT_STATMOUNT_MNT_OPTS && !answer->str[answer->mnt_opts])))
		return false;
	if (bufsize >= offsetof(struct mntcompat_statmount, sb_dev_major) &&
	    !(req->param & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK))
		missing &= ~answer->mask;
	if (!missing)
		return true;
	return req->param & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK ? bits == STATMOUNT_ALL :
								 !(missing & ~bits);
}

/* 7.3 looks at the buffer before the mount, 6.16 to 7.2 after it: which error is it? */
static int statmount_error(int error, const struct mntcompat_mnt_id_req *req, size_t bufsize,
			   unsigned int flags)
{
	struct statmount_query query;

	if ((error != -EINVAL && error != -ENOENT && error != -EPERM) ||
	    bufsize > sizeof(struct mntcompat_statmount) ||
	    statmount_read_request(req, flags, &query) < 0 || query.ns_fd || query.mnt_ns_id)
		return error;
	return query.mask & BUILDER_STRING_BITS ? -EOVERFLOW : error;
}

/* True when the kernel's answer stands; false when it cannot answer this. */
static bool statmount_native_way(const struct mntcompat_mnt_id_req *req,
				 struct mntcompat_statmount *buf, size_t bufsize,
				 unsigned int flags, int *ret)
{
	bool by_fd = flags & MNTCOMPAT_STATMOUNT_BY_FD;
	enum feature_id feature = by_fd ? FEATURE_STATMOUNT_BY_FD : FEATURE_STATMOUNT;

	if (feature_known_absent(feature))
		return false;
	*ret = statmount_call(req, buf, bufsize, flags);
	if (*ret == 0)
		return by_fd || statmount_is_complete(req, buf, bufsize);
	if ((*ret == -EINVAL || *ret == -ENOSYS || *ret == -EPERM || *ret == -EACCES) &&
	    feature_probe(feature) != FEATURE_PRESENT)
		return false;
	*ret = statmount_error(*ret, req, bufsize, flags);
	return true;
}

static int statmount_emulated_way(const struct mntcompat_mnt_id_req *req,
				  struct mntcompat_statmount *buf, size_t bufsize,
				  unsigned int flags, enum mntcompat_way *way)
{
	struct statmount_query query;
	int ret = statmount_read_request(req, flags, &query);

	return ret < 0 ? ret : statmount_emulate(&query, buf, bufsize, way);
}

static int statmount_choose(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
			    size_t bufsize, unsigned int flags)
{
	enum mntcompat_mode mode = mode_get();
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret;

	if (mode == MNTCOMPAT_MODE_NATIVE) {
		ret = statmount_call(req, buf, bufsize, flags);
	} else if (mode == MNTCOMPAT_MODE_EMULATE ||
		   !statmount_native_way(req, buf, bufsize, flags, &ret)) {
		way = MNTCOMPAT_WAY_NONE;
		ret = statmount_emulated_way(req, buf, bufsize, flags, &way);
	}
	mode_set_way(way);
	debug_call("statmount(flags=%#x): %s, errno %d", flags, mntcompat_way_name(way), -ret);
	return ret;
}

int mntcompat_statmount(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
			size_t bufsize, unsigned int flags)
{
	int ret = statmount_choose(req, buf, bufsize, flags);

	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	return 0;
}

int mntcompat_statmount_alloc(const struct mntcompat_mnt_id_req *req, unsigned int flags,
			      struct mntcompat_statmount **answer)
{
	int ret = -EOVERFLOW, saved = errno;

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
	return ret;
}
