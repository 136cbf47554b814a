// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statmount.c - the emulated call from the request to the answer, and the choice of sources.
 * Touches the caller's request and buffer through usercopy.h, keeps nothing between calls.
 * Called by lib/statmount.c.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "compat/kernel/uapi.h"
#include "compat/debug.h"
#include "compat/helper.h"
#include "compat/namespace_id.h"
#include "compat/raw.h"
#include "compat/statmount.h"
#include "compat/usercopy.h"
#include "probe/feature.h"

/* The largest id that was never a unique id. */
#define STATMOUNT_ID_OFFSET (1ull << 31)
#define STATMOUNT_TRIES 4
#define STATMOUNT_SMALL_ANSWERS 8 /* in fixed parts: 4 KiB on the stack */
#define STATMOUNT_OPTION_ARRAYS (MNTCOMPAT_STATMOUNT_OPT_ARRAY | MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY)
/* What the line in mountinfo tells. */
#define STATMOUNT_LINE_BITS                                                                        \
	(STATMOUNT_OPTION_ARRAYS | MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_FS_SUBTYPE | \
	 MNTCOMPAT_STATMOUNT_SB_SOURCE)

/* --- memory --- */

struct statmount_block {
	struct statmount_block *next;
	size_t len;
};

void *statmount_alloc(struct statmount_scratch *scratch, size_t len)
{
	struct statmount_block *block;

	len = (len + 15) & ~(size_t)15;
	if (len <= sizeof(scratch->first) - scratch->used) {
		scratch->used += len;
		return scratch->first + scratch->used - len;
	}
	len += (sizeof(*block) + 15) & ~(size_t)15;
	block = raw_mmap(len);
	if (!block)
		return NULL;
	block->next = scratch->blocks;
	block->len = len;
	scratch->blocks = block;
	return (char *)block + ((sizeof(*block) + 15) & ~(size_t)15);
}

void statmount_scratch_init(struct statmount_scratch *scratch)
{
	scratch->table = (struct mountinfo_table){0};
	scratch->blocks = NULL;
	scratch->entered = 0;
	scratch->used = 0;
}

void statmount_release(struct statmount_scratch *scratch)
{
	while (scratch->blocks) {
		struct statmount_block *block = scratch->blocks;

		scratch->blocks = block->next;
		raw_munmap(block, block->len);
	}
	mountinfo_release(&scratch->table);
	scratch->used = 0;
}

/* --- the request --- */

int statmount_read_request(const struct mntcompat_mnt_id_req *user, unsigned int flags,
			   struct statmount_query *query)
{
	struct mntcompat_mnt_id_req req = {0};
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
		/* One copy does it, unless the request ends where memory does. */
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
	/* What is behind a short request is not to be looked at. */
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
	return (query->ns_fd && query->mnt_ns_id) || req.mnt_id <= STATMOUNT_ID_OFFSET ? -EINVAL
										       : 0;
}

void statmount_harmless_request(const struct statmount_query *query,
				struct mntcompat_mnt_id_req *req)
{
	*req = (struct mntcompat_mnt_id_req){
		.size = query->mnt_ns_id ? MNTCOMPAT_MNT_ID_REQ_SIZE_VER1
					 : MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
		.mnt_fd = (uint32_t)(query->by_fd ? query->fd : query->ns_fd),
		.mnt_id = query->mnt_id,
		.param = query->mask,
		.mnt_ns_id = query->mnt_ns_id,
	};
	if (query->mask & STATMOUNT_ID_MAPS && !query->by_fd &&
	    feature_probe(FEATURE_STATMOUNT_ID_MAPS) != FEATURE_PRESENT)
		req->param &= ~(uint64_t)STATMOUNT_ID_MAPS;
}

bool statmount_native_suffices(const struct statmount_query *query)
{
	uint64_t bits = statmount_native_bits(query->mnt_id, query->mnt_ns_id);

	/* Not a mount that there is, perhaps. */
	if (!bits)
		bits = statmount_native_bits_here();
	if (!bits || bits == STATMOUNT_ALL)
		return true;
	return !(query->mask & ((STATMOUNT_LATER & ~bits) | MNTCOMPAT_STATMOUNT_SUPPORTED_MASK));
}

/* --- the namespace --- */

/* A namespace by file descriptor: is it one, and is it ours? */
static int statmount_check_ns_fd(const struct statmount_query *query, struct statmount_place *place)
{
	struct stat given, own;
	struct statfs fs;
	int flags = raw_fcntl(query->ns_fd, F_GETFL, 0), fd, ret;

	if (flags < 0)
		return flags == -EBADF ? flags : -EOPNOTSUPP;
	if (flags & O_PATH)
		return -EBADF;
	if (raw_fstatfs(query->ns_fd, &fs) < 0)
		return -EOPNOTSUPP;
	if (fs.f_type != UAPI_MAGIC_NSFS)
		return -EINVAL;
	ret = raw_ns_get_nstype(query->ns_fd);
	if (ret != CLONE_NEWNS)
		return ret < 0 && ret != -ENOTTY ? -EOPNOTSUPP : -EINVAL;
	fd = statmount_own_namespace();
	if (fd < 0)
		return fd == -EMFILE || fd == -ENFILE ? fd : -EOPNOTSUPP;
	ret = raw_fstat(query->ns_fd, &given) < 0 || raw_fstat(fd, &own) < 0 ? -EOPNOTSUPP : 0;
	raw_close(fd);
	if (ret < 0 || (given.st_dev == own.st_dev && given.st_ino == own.st_ino))
		return ret;
	place->ns_fd = query->ns_fd;
	if (raw_ns_get_mntns_id(query->ns_fd, &place->ns_id) < 0)
		place->ns_id = 0;
	return 0;
}

/* A namespace by id. Before 6.11 the kernel knows none, and the namespace has to be found. */
static int statmount_check_ns_id(const struct statmount_query *query, struct statmount_place *place)
{
	uint64_t own;
	bool made;
	int ret = namespace_own_id(&own, &made), fd;

	if (ret < 0)
		return raw_is_shortage(ret) ? ret : -EOPNOTSUPP;
	if (query->mnt_ns_id == own)
		return 0;
	if (!made) {
		place->ns_id = query->mnt_ns_id;
		return 0;
	}
	fd = namespace_open_id(query->mnt_ns_id);
	/* 0 means "none" in a request. */
	if (fd == 0) {
		fd = raw_fcntl(0, F_DUPFD_CLOEXEC, 1);
		raw_close(0);
	}
	debug_step("namespace %#llx: %d", (unsigned long long)query->mnt_ns_id, fd);
	if (fd < 0)
		return fd == -ENOENT || raw_is_shortage(fd) ? fd : -EOPNOTSUPP;
	place->ns_fd = fd;
	place->opened = true;
	return 0;
}

/* Leaves @place empty when it is the caller's own. */
int statmount_find_place(const struct statmount_query *query, struct statmount_place *place)
{
	*place = (struct statmount_place){0};
	if (query->by_fd)
		return 0;
	if (query->ns_fd)
		return statmount_check_ns_fd(query, place);
	return query->mnt_ns_id ? statmount_check_ns_id(query, place) : 0;
}

int statmount_leave_place(struct statmount_place *place, int ret)
{
	if (!place->opened)
		return ret;
	/* Whether there is such a mount is said to the privileged only. */
	if (ret == -EOPNOTSUPP || ret == -ENOENT) {
		int refusal = namespace_refusal(place->ns_fd);

		if (ret == -EOPNOTSUPP || refusal == -EPERM)
			ret = refusal;
	}
	raw_close(place->ns_fd);
	place->ns_fd = 0;
	place->opened = false;
	return ret;
}

int statmount_namespace_facts(int ns_fd, uint64_t mask, struct builder_facts *facts)
{
	int ret;

	if (!(mask & ~facts->known & MNTCOMPAT_STATMOUNT_MNT_NS_ID))
		return 0;
	ret = ns_fd < 0 ? namespace_own_id(&facts->mnt_ns_id, NULL)
			: namespace_known_id(ns_fd, &facts->mnt_ns_id, NULL);
	if (ret == 0)
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_NS_ID;
	return raw_is_shortage(ret) ? ret : 0;
}

/* --- the mount --- */

/*
 * What this system can tell about an ordinary mount, where native 7.3 says 0x7fff: the maps of an
 * idmapped mount come from the kernel's own call only, and without procfs so does all that cannot be
 * made of it.
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

int statmount_set_supported(struct builder_facts *facts,
			    const struct statmount_scratch *scratch)
{
	uint64_t native = statmount_native_bits_here();
	int proc = 0;

	/* No mount to ask about; what came last brought all. */
	if (!native && feature_probe(FEATURE_STATMOUNT) == FEATURE_PRESENT) {
		if (feature_probe(FEATURE_STATMOUNT_ID_MAPS) != FEATURE_PRESENT)
			return 0;
		native = STATMOUNT_ALL;
	}
	/* A table that was just read is proof enough of procfs; from 6.13 on it makes no difference. */
	if (native && !scratch->table.text &&
	    statmount_supported(native, true) != statmount_supported(native, false)) {
		proc = statmount_proc_there();
		if (proc < 0 && proc != -ENOSYS)
			return proc;
	}
	facts->supported_mask = statmount_supported(native, proc >= 0);
	if (!native && feature_probe(FEATURE_NS_GET_MNTNS_ID) == FEATURE_PRESENT)
		facts->supported_mask |= MNTCOMPAT_STATMOUNT_MNT_NS_ID;
	facts->known |= MNTCOMPAT_STATMOUNT_SUPPORTED_MASK;
	return 0;
}

/* Which of the @missing bits does the kernel's answer itself settle? */
static int statmount_derive(uint64_t *missing, uint64_t bits, struct builder_facts *facts,
			    struct statmount_scratch *scratch)
{
	static const char fuse[] = "fuse";
	struct mountinfo_span options = {facts->mnt_opts.text, facts->mnt_opts.len};
	uint64_t known = facts->known;
	int ret;

	if (*missing & STATMOUNT_OPTION_ARRAYS && bits & MNTCOMPAT_STATMOUNT_MNT_OPTS) {
		if (!(known & MNTCOMPAT_STATMOUNT_MNT_OPTS))
			options.len = 0;
		ret = statmount_option_arrays(options, facts, scratch);
		if (ret < 0)
			return ret;
		*missing &= ~(uint64_t)STATMOUNT_OPTION_ARRAYS;
	}
	/* Nothing but FUSE has subtypes. */
	if (known & MNTCOMPAT_STATMOUNT_FS_TYPE &&
	    (facts->fs_type.len < 4 || memcmp(facts->fs_type.text, fuse, 4)))
		*missing &= ~(uint64_t)MNTCOMPAT_STATMOUNT_FS_SUBTYPE;
	return 0;
}

/* The line of a mount in another namespace, which has to be entered for it. */
static int statmount_place_line(const struct statmount_ids *ids,
				const struct statmount_place *place,
				struct statmount_scratch *scratch, struct mountinfo_line *line)
{
	int fd = place->ns_fd ? place->ns_fd : place->known_fd;
	int given = fd, table = scratch->entered, ret = 0;

	if (!fd && place->ns_id)
		fd = statmount_foreign_by_id(place->ns_id);
	if (!table)
		ret = fd > 0 ? statmount_foreign_open(fd, &table, NULL) : -ENOENT;
	if (!ret) {
		mountinfo_release(&scratch->table);
		ret = mountinfo_find(table, ids->old, &scratch->window, &scratch->table, line);
		if (table != scratch->entered)
			raw_close(table);
	}
	if (fd > 0 && fd != given)
		raw_close(fd);
	/* Some process in it may still show it. */
	return ret == -EOPNOTSUPP || ret == -ENOSYS ? -ENOENT : ret;
}

/* From the mount's line. */
static int statmount_top_up(const struct statmount_ids *ids, const struct statmount_place *place,
			    uint64_t missing, struct builder_facts *facts,
			    struct statmount_scratch *scratch)
{
	struct builder_facts more;
	struct statmount_found found;
	struct mountinfo_line line;
	bool own = !place->ns_fd && !place->ns_id && !scratch->entered;
	int ret = own ? statmount_own_line(ids, false, scratch, &line, NULL)
		      : statmount_place_line(ids, place, scratch, &line);

	if (ret == -ENOENT && !scratch->entered) {
		ret = statmount_other_line(ids, scratch, &found);
		if (!ret) {
			line = found.line;
			statmount_found_close(&found);
		}
	}
	if (!ret)
		ret = statmount_mountinfo_facts(&line, &more, scratch);
	if (ret < 0)
		return ret == -ENOENT || ret == -ENOSYS ? 0 : ret;

	more.known &= missing;
	facts->known |= more.known;
	if (more.known & MNTCOMPAT_STATMOUNT_MNT_OPTS)
		facts->mnt_opts = more.mnt_opts;
	if (more.known & MNTCOMPAT_STATMOUNT_FS_SUBTYPE)
		facts->fs_subtype = more.fs_subtype;
	if (more.known & MNTCOMPAT_STATMOUNT_SB_SOURCE)
		facts->sb_source = more.sb_source;
	if (more.known & MNTCOMPAT_STATMOUNT_OPT_ARRAY) {
		facts->opt_array = more.opt_array;
		facts->opt_num = more.opt_num;
	}
	if (more.known & MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY) {
		facts->opt_sec_array = more.opt_sec_array;
		facts->opt_sec_num = more.opt_sec_num;
	}
	return 0;
}

int statmount_by_id(uint64_t mnt_id, const struct statmount_place *place, uint64_t mask,
		    struct builder_facts *facts, struct statmount_scratch *scratch)
{
	uint64_t bits = statmount_native_bits_here(), missing = mask & ~bits & STATMOUNT_LINE_BITS;
	struct statmount_ids ids = {.old_known = true};
	int ret;

	/* With what helps to make up for the rest: the old id is in MNT_BASIC. */
	if (missing)
		mask |= MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_MNT_OPTS |
			MNTCOMPAT_STATMOUNT_FS_TYPE;
	ret = statmount_native(mnt_id, place, mask, facts, scratch);
	if (ret == -EPERM) {
		if (feature_probe(FEATURE_STATMOUNT) != FEATURE_PRESENT)
			return -ENOSYS;
		/* Much follows from this answer: once more. */
		ret = statmount_native_exists(mnt_id, place);
		return ret == 0 ? -EAGAIN : ret;
	}
	if (ret < 0 || !missing)
		return ret;
	if (!bits) {
		/* The caller's own root was no help, but this mount is. */
		bits = statmount_native_bits(mnt_id, place->ns_fd ? 0 : place->ns_id);
		missing &= ~bits;
	}
	ret = statmount_derive(&missing, bits, facts, scratch);
	if (ret < 0 || !missing)
		return ret;
	ids.old = facts->mnt_id_old;
	ret = statmount_top_up(&ids, place, missing, facts, scratch);
	/* Old ids are used again, but not while the mount is still there. */
	return ret ? ret : statmount_native_exists(mnt_id, place);
}

static int statmount_gather_fd(const struct statmount_query *query, struct builder_facts *facts,
			       struct statmount_scratch *scratch, enum mntcompat_way *way)
{
	struct statmount_place own = {0};
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
	/* What 6.8 to 6.10 find is in the caller's namespace. */
	if (ret == 0)
		return statmount_namespace_facts(-1, query->mask, facts);
	/* Outside the caller's root: by id that is refused, by fd it is not. */
	if (ret == -EPERM)
		unreachable = true;
	if (ret == -ENOSYS) {
		*way = MNTCOMPAT_WAY_MOUNTINFO;
		ret = statmount_fd_old_id(query->fd, &ids);
		if (!ret)
			ret = statmount_listed(query->fd, &ids, query->mask, facts, scratch);
		debug_step("mount %u in mountinfo: %d", ids.old, ret);
	}
	if (ret == -ENOENT || unreachable)
		ret = statmount_elsewhere(query->fd, &ids, unreachable, query->mask, facts,
					  scratch, way);

	/*
	 * Old ids are used again, but not while the fd holds the mount; another thread may have put
	 * another file under its number.
	 */
	if (statmount_fd_ids(query->fd, &after) < 0 || !statmount_same_mount(&ids, &after))
		return -EAGAIN;
	return ret;
}

static int statmount_gather_place(const struct statmount_query *query, struct statmount_place *found,
				  struct builder_facts *facts, struct statmount_scratch *scratch,
				  enum mntcompat_way *way)
{
	struct statmount_place place = *found;
	int ret, given = place.ns_fd;

	*way = MNTCOMPAT_WAY_STATMOUNT_BY_ID;
	ret = -ENOSYS;
	if (!feature_known_absent(FEATURE_STATMOUNT)) {
		ret = statmount_by_id(query->mnt_id, &place, query->mask, facts, scratch);
		/* Before 6.18 namespaces have no fd in the request, but perhaps an id. */
		if (ret == -EINVAL && place.ns_fd && place.ns_id) {
			place.ns_fd = 0;
			place.known_fd = given;
			ret = statmount_by_id(query->mnt_id, &place, query->mask, facts, scratch);
			/*
			 * The fd is a right that the id is not. 6.16 to 6.18 say ENOENT for
			 * that, too: is it the namespace or the mount that is not found?
			 */
			if (ret == -EPERM || (ret == -ENOENT && !statmount_native_lists(&place)))
				ret = -EOPNOTSUPP;
		}
	}
	if (given && (ret == -ENOSYS || ret == -EINVAL || ret == -EOPNOTSUPP)) {
		*way = MNTCOMPAT_WAY_OTHER_NAMESPACE;
		ret = statmount_foreign(query->mnt_id, given, query->mask, facts, scratch);
	}
	if (given || place.ns_id)
		return ret == -ENOSYS || ret == -EINVAL ? -EOPNOTSUPP : ret;
	if (ret == 0)
		return statmount_namespace_facts(-1, query->mask, facts);
	if (ret != -ENOSYS)
		return ret;
	*way = MNTCOMPAT_WAY_MOUNTINFO;
	return statmount_listed_by_id(query->mnt_id, query->mask, facts, scratch);
}

static int statmount_gather_id(const struct statmount_query *query, struct builder_facts *facts,
			       struct statmount_scratch *scratch, enum mntcompat_way *way)
{
	struct statmount_place place;
	int ret = statmount_find_place(query, &place);

	if (ret < 0)
		return ret;
	ret = statmount_gather_place(query, &place, facts, scratch, way);
	/* That a namespace is not the caller's to see is said before the buffer is looked at. */
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

	/* What changed under our hands is looked at anew. */
	for (int i = 0; ret == -EAGAIN && i < STATMOUNT_TRIES; i++) {
		statmount_release(&work->scratch);
		work->facts = (struct builder_facts){0};
		ret = work->query->by_fd ? statmount_gather_fd(work->query, &work->facts,
							       &work->scratch, &work->way)
					 : statmount_gather_id(work->query, &work->facts,
							       &work->scratch, &work->way);
	}
	if (!ret && work->query->mask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)
		ret = statmount_set_supported(&work->facts, &work->scratch);
	return ret;
}

static int statmount_gather_with_room(void *arg)
{
	struct statmount_work *work = arg;

	helper_make_room(work->query->by_fd ? work->query->fd : work->query->ns_fd);
	return statmount_gather(work);
}

/* Nothing that native statmount cannot say leaves the library. */
int statmount_errno(int ret)
{
	switch (ret) {
	case 0:
	case -EINVAL:
	case -EPERM:
	case -ENOENT:
	case -EBADF:
	case -EFAULT:
	case -E2BIG:
	case -EOVERFLOW:
	case -ENOMEM:
	case -ENOSYS:
	case -EOPNOTSUPP:
		return ret;
	case -EAGAIN:
	case -EMFILE:
	case -ENFILE:
		return -ENOMEM;
	default:
		return -EOPNOTSUPP;
	}
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
	else if (out != small && (uintptr_t)buf < (uintptr_t)out + room &&
		 (uintptr_t)out < (uintptr_t)buf + (size_t)len)
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

int statmount_emulate(struct statmount_query *query, void *buf, size_t bufsize,
		      enum mntcompat_way *way)
{
	struct statmount_work work;
	bool in_range = true;
	int ret;

	work.query = query;
	work.way = MNTCOMPAT_WAY_NONE;
	statmount_scratch_init(&work.scratch);
	/*
	 * Whatever lies below our own stack, or the name of the program, which is at the very end of the first
	 * one, is in range. Else the whole buffer is looked at, not only what is written.
	 */
	if (!statmount_is_below(buf, bufsize, (uintptr_t)&work) &&
	    !statmount_is_below(buf, bufsize, getauxval(AT_EXECFN)))
		in_range = usercopy_in_range(buf, bufsize);
	ret = statmount_gather(&work);
	/* The kernel's own call needs no free file descriptor. */
	if (ret == -EMFILE)
		ret = helper_run_private_files(statmount_gather_with_room, &work);
	/* Step 6 comes after finding the file or the namespace, and before finding the mount. */
	if (work.way == MNTCOMPAT_WAY_NONE && ret < 0)
		;
	else if (!in_range)
		ret = -EFAULT;
	else if (query->mask & BUILDER_STRING_BITS && bufsize <= sizeof(struct mntcompat_statmount))
		ret = -EOVERFLOW;
	if (!ret)
		ret = statmount_put(&work, buf, bufsize);
	statmount_release(&work.scratch);
	*way = work.way;
	return statmount_errno(ret);
}
