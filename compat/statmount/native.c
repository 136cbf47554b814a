// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * native.c - calls the kernel's own statmount(2) by id, and learns which request bits it knows.
 * Touches one word that remembers them; looks at answers in the caller's memory through usercopy.h.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/line.h"
#include "compat/statmount/native.h"
#include "compat/statmount/place.h"
#include "compat/statmount/request.h"
#include "compat/statmount/scratch.h"
#include "compat/task/procfs.h"
#include "compat/task/usercopy.h"

#define NATIVE_FIRST_ROOM ((size_t)2048)
#define NATIVE_LAST_ROOM ((size_t)16 << 20)

/*
 * The bits that the kernel knows, and the kernel to behave like that they are those of, 0 while
 * they change. Unlike an absent feature a present one is remembered here, so that the fast path can
 * tell "nothing to report" from "unknown bit" without a call. Should the process be restored on an
 * older kernel, bits stay clear.
 */
static _Atomic uint32_t native_bits, native_bits_of;

uint64_t statmount_native_bits_known(void)
{
	uint32_t kernel = atomic_load_explicit(&native_bits_of, memory_order_acquire);
	uint32_t bits = atomic_load_explicit(&native_bits, memory_order_acquire);

	return kernel == raw_get_kernel() && atomic_load_explicit(&native_bits_of,
								  memory_order_relaxed) == kernel ?
		       bits :
		       0;
}

static void remember_bits(uint32_t kernel, uint32_t bits)
{
	atomic_store_explicit(&native_bits_of, 0, memory_order_relaxed);
	/* A reader of these bits sees that their owner has changed. */
	atomic_store_explicit(&native_bits, bits, memory_order_release);
	atomic_store_explicit(&native_bits_of, kernel, memory_order_release);
}

static void native_request(struct mntcompat_mnt_id_req *req, uint64_t mnt_id, uint64_t mnt_ns_id,
			   uint64_t mask)
{
	memset(req, 0, sizeof(*req));
	/* 6.8 to 6.10 know the short form only. */
	req->size = mnt_ns_id ? MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 : MNTCOMPAT_MNT_ID_REQ_SIZE_VER0;
	req->mnt_id = mnt_id;
	req->param = mask;
	req->mnt_ns_id = mnt_ns_id;
}

/*
 * A string bit that the kernel knows takes a byte more than the fixed part, or more than we gave.
 */
static int native_knows_string(uint64_t mnt_id, uint64_t mnt_ns_id, uint64_t bit)
{
	char answer[sizeof(struct mntcompat_statmount) + 1]
		__attribute__((aligned(__alignof__(struct mntcompat_statmount))));
	struct mntcompat_mnt_id_req req;
	int ret;

	native_request(&req, mnt_id, mnt_ns_id, bit);
	ret = raw_statmount(&req, answer, sizeof(answer), 0);
	if (ret < 0)
		return ret == -EOVERFLOW ? 1 : ret;
	return ((struct mntcompat_statmount *)(void *)answer)->size >
	       sizeof(struct mntcompat_statmount);
}

uint64_t statmount_native_bits(uint64_t mnt_id, uint64_t mnt_ns_id)
{
	uint64_t bits = statmount_native_bits_known(), kernel = raw_get_kernel();
	struct mntcompat_statmount answer;
	struct mntcompat_mnt_id_req req;
	int ret;

	if (bits)
		return bits;
	native_request(&req, mnt_id, mnt_ns_id, MNTCOMPAT_STATMOUNT_SUPPORTED_MASK);
	if (raw_statmount(&req, &answer, sizeof(answer), 0) < 0)
		return 0;
	if (answer.mask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK) {
		bits = answer.supported_mask & STATMOUNT_ALL;
		if (feature_probe(FEATURE_STATMOUNT_ID_MAPS) != FEATURE_PRESENT)
			bits &= ~(uint64_t)STATMOUNT_ID_MAPS;
	} else {
		/* Bits came in three lots: 6.8, 6.11 and 6.13. */
		bits = 0xfff;
		ret = native_knows_string(mnt_id, mnt_ns_id, MNTCOMPAT_STATMOUNT_SB_SOURCE);
		if (!ret) {
			bits = 0xff;
			ret = native_knows_string(mnt_id, mnt_ns_id, MNTCOMPAT_STATMOUNT_MNT_OPTS);
		}
		if (!ret)
			bits = 0x3f;
		if (ret < 0)
			return 0;
	}
	remember_bits((uint32_t)kernel, (uint32_t)bits);
	return bits;
}

uint64_t statmount_native_bits_here(void)
{
	uint64_t bits = statmount_native_bits_known();
	struct raw_statx stx;

	if (bits || feature_known_absent(FEATURE_STATMOUNT))
		return bits;
	if (raw_statx(AT_FDCWD, "/", UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) <
		    0 ||
	    !(stx.mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE))
		return 0;
	return statmount_native_bits(stx.mnt_id, 0);
}

bool statmount_native_suffices(const struct statmount_query *query)
{
	uint64_t bits = statmount_native_bits(query->mnt_id, query->mnt_ns_id);

	/* The mount may not exist. */
	if (!bits)
		bits = statmount_native_bits_here();
	if (!bits || bits == STATMOUNT_ALL)
		return true;
	return !(query->mask & ((STATMOUNT_LATER & ~bits) | MNTCOMPAT_STATMOUNT_SUPPORTED_MASK));
}

/*
 * The bits that this system can answer for an ordinary mount, where 7.3 returns 0x7fff. Only the
 * kernel's own call returns the maps of an idmapped mount; without procfs, nothing but the kernel's
 * own bits and those made of them is left.
 */
uint64_t statmount_supported(uint64_t native, bool proc)
{
	native |= MNTCOMPAT_STATMOUNT_SUPPORTED_MASK;
	if (proc)
		native |= STATMOUNT_ALL & ~(uint64_t)STATMOUNT_ID_MAPS;
	if (native & MNTCOMPAT_STATMOUNT_MNT_OPTS)
		native |= STATMOUNT_OPTION_ARRAYS;
	return native;
}

int statmount_set_supported(struct builder_facts *facts, const struct statmount_scratch *scratch)
{
	uint64_t native = statmount_native_bits_here();
	int proc = 0;

	/* No mount to learn from; the newest bits came with all others. */
	if (!native && feature_probe(FEATURE_STATMOUNT) == FEATURE_PRESENT) {
		if (feature_probe(FEATURE_STATMOUNT_ID_MAPS) != FEATURE_PRESENT)
			return 0;
		native = STATMOUNT_ALL;
	}
	/* A table that was just read is proof enough of procfs; from 6.13 on it makes no
	 * difference. */
	if (native && !scratch->table.text &&
	    statmount_supported(native, true) != statmount_supported(native, false)) {
		proc = procfs_there();
		if (proc < 0 && proc != -ENOSYS)
			return proc;
	}
	facts->supported_mask = statmount_supported(native, proc >= 0);
	if (!native && feature_probe(FEATURE_NS_GET_MNTNS_ID) == FEATURE_PRESENT)
		facts->supported_mask |= MNTCOMPAT_STATMOUNT_MNT_NS_ID;
	facts->known |= MNTCOMPAT_STATMOUNT_SUPPORTED_MASK;
	return 0;
}

int statmount_native(uint64_t mnt_id, const struct statmount_place *place, uint64_t mask,
		     struct builder_facts *facts, struct statmount_scratch *scratch)
{
	struct mntcompat_mnt_id_req req;

	if (mask & STATMOUNT_ID_MAPS && !(statmount_native_bits_known() & STATMOUNT_ID_MAPS) &&
	    feature_probe(FEATURE_STATMOUNT_ID_MAPS) != FEATURE_PRESENT)
		mask &= ~(uint64_t)STATMOUNT_ID_MAPS;
	native_request(&req, mnt_id, place->ns_fd ? 0 : place->ns_id, mask);
	req.mnt_fd = (uint32_t)place->ns_fd;
	for (size_t room = NATIVE_FIRST_ROOM; room <= NATIVE_LAST_ROOM; room *= 4) {
		struct mntcompat_statmount *answer = statmount_alloc(scratch, room);
		int ret;

		if (!answer)
			return -ENOMEM;
		ret = raw_statmount(&req, answer, room, 0);
		if (ret == -EOVERFLOW)
			continue;
		/* EACCES is a filter's or a security module's, and handled as EPERM is. */
		if (ret < 0)
			return refusal_is(ret) ? -EPERM : ret;
		return builder_take(answer, room, facts) < 0 ? -EOPNOTSUPP : 0;
	}
	return -ENOMEM;
}

int statmount_native_exists(uint64_t mnt_id, const struct statmount_place *place)
{
	struct mntcompat_mnt_id_req req;

	native_request(&req, mnt_id, place->ns_fd ? 0 : place->ns_id, 0);
	req.mnt_fd = (uint32_t)place->ns_fd;
	return raw_statmount(&req, NULL, 0, 0);
}

bool statmount_native_lists(const struct statmount_place *place)
{
	struct mntcompat_mnt_id_req req;
	uint64_t first;

	native_request(&req, MNTCOMPAT_LSMT_ROOT, place->ns_fd ? 0 : place->ns_id, 0);
	req.mnt_fd = (uint32_t)place->ns_fd;
	return raw_listmount(&req, &first, 1, 0) >= 0;
}

/* The strings that 6.8 to 6.12 also report when they are empty. */
#define NATIVE_EMPTY (MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_MNT_OPTS)

static bool native_has_empty(uint64_t bits)
{
	/* The kernel that has this bit (6.13) leaves them clear. */
	return !(bits & MNTCOMPAT_STATMOUNT_SB_SOURCE);
}

static bool native_is_empty(const struct mntcompat_statmount *answer, uint64_t bit, uint32_t offset,
			    const struct mntcompat_statmount *user)
{
	char first = '\0';

	return answer->mask & bit && usercopy_from(&first, user->str + offset, 1) == 0 && !first;
}

bool statmount_native_empty(const struct statmount_query *query,
			    const struct mntcompat_statmount *user)
{
	struct mntcompat_statmount answer;

	if (!(query->mask & NATIVE_EMPTY) || !native_has_empty(statmount_native_bits_known()) ||
	    usercopy_from(&answer, user, sizeof(answer)) < 0)
		return false;
	return native_is_empty(&answer, MNTCOMPAT_STATMOUNT_MNT_POINT, answer.mnt_point, user) ||
	       native_is_empty(&answer, MNTCOMPAT_STATMOUNT_MNT_OPTS, answer.mnt_opts, user);
}

/*
 * Find a mask @ask for the kernel whose answer also answers @mask, except for @supported. Before
 * 6.17 the maps are never answered, but they make a buffer of the fixed part alone too small, as
 * any other string does.
 */
static bool native_same(uint64_t mask, uint64_t bits, uint64_t *ask, uint64_t *supported)
{
	*ask = mask;
	*supported = 0;
	if (bits == STATMOUNT_ALL)
		return true;
	if (mask & ~bits & STATMOUNT_ID_MAPS) {
		*ask &= ~(uint64_t)STATMOUNT_ID_MAPS;
		if (!(*ask & BUILDER_STRING_BITS))
			return false;
	}
	if (native_has_empty(bits) && mask & NATIVE_EMPTY)
		return false;
	/*
	 * The kernel's own supported mask has bits that cannot be requested here, or does not
	 * exist.
	 */
	if (*ask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK) {
		*supported = statmount_supported(bits, false);
		if (*supported != statmount_supported(bits, true))
			return false;
		/* Before 6.15 the kernel does not know this bit. */
		*ask &= bits | ~(uint64_t)MNTCOMPAT_STATMOUNT_SUPPORTED_MASK;
	}
	return bits && !(*ask & STATMOUNT_ALL & ~bits);
}

/* The half of a 64-bit number that holds its low bits. */
static void *native_low(uint64_t *number)
{
	return (char *)number + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);
}

/* Put into an answer that the kernel has just written to @user. @bit: it has set the bit already.
 * 0, -EFAULT, -ENOSYS. */
static int native_set_supported(struct mntcompat_statmount *user, uint64_t supported, bool bit)
{
	int ret = usercopy_set32(native_low(&user->supported_mask), (uint32_t)supported);

	return ret || bit ?
		       ret :
		       usercopy_or32(native_low(&user->mask), MNTCOMPAT_STATMOUNT_SUPPORTED_MASK);
}

int statmount_native_by_fd(const struct statmount_query *query, void *buf, size_t bufsize)
{
	struct mntcompat_mnt_id_req req;
	struct statmount_ids ids;
	uint64_t ask, supported;
	int ret;

	if (!query->by_fd ||
	    !native_same(query->mask, statmount_native_bits_here(), &ask, &supported))
		return -ENOSYS;
	/* Shorter buffers are rare, so they have no fast path. */
	if (supported && (bufsize < sizeof(struct mntcompat_statmount) || (uintptr_t)buf % 4))
		return -ENOSYS;
	ret = statmount_fd_ids(query->fd, &ids);
	if (ret < 0 || !ids.unique_known)
		return ret < 0 ? ret : -ENOSYS;
	native_request(&req, ids.unique, 0, ask);
	ret = raw_statmount(&req, buf, bufsize, 0);
	return ret || !supported ? ret :
				   native_set_supported(buf, supported,
							ask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK);
}
