/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * builder.h - lays out one statmount answer: fixed part, string table, size and EOVERFLOW rules.
 * Pure memory work on a buffer of the library's own; knows nothing of where values come from.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_BUILDER_H
#define MNTCOMPAT_COMPAT_STATMOUNT_BUILDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <mntcompat.h>

/* All mask bits whose value lives in the string table (they make a buffer of <= 512 bytes
 * EOVERFLOW). */
#define BUILDER_STRING_BITS \
	(MNTCOMPAT_STATMOUNT_MNT_ROOT | MNTCOMPAT_STATMOUNT_MNT_POINT | \
	 MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_MNT_OPTS | \
	 MNTCOMPAT_STATMOUNT_FS_SUBTYPE | MNTCOMPAT_STATMOUNT_SB_SOURCE | \
	 MNTCOMPAT_STATMOUNT_OPT_ARRAY | MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY | \
	 MNTCOMPAT_STATMOUNT_MNT_UIDMAP | MNTCOMPAT_STATMOUNT_MNT_GIDMAP)

/*
 * builder_zero - memset() to zero with a length that the compiler does not know: of a known one it
 * makes a string instruction, which takes three times as long.
 */
static inline void builder_zero(void *at, size_t len)
{
	__asm__("" : "+r"(len));
	memset(at, 0, len);
}

struct builder_bytes {
	const char *text; /* raw bytes, no NUL needed */
	size_t len;
};

/*
 * The facts about a mount. `known` are the STATMOUNT_* bits whose value is known to be right; a
 * string that is known to be absent (no options, no subtype, unreachable mount point) is simply not
 * in `known`. Strings are final bytes (already unescaped where statmount unescapes).
 */
struct builder_facts {
	uint64_t known;
	bool unmounted; /* in no namespace: without MNT_POINT, see builder_layout() */
	uint32_t sb_dev_major, sb_dev_minor, sb_flags;
	uint64_t sb_magic;
	uint64_t mnt_id, mnt_parent_id;
	uint32_t mnt_id_old, mnt_parent_id_old;
	uint64_t mnt_attr, mnt_propagation, mnt_peer_group, mnt_master;
	uint64_t propagate_from;
	uint64_t mnt_ns_id;
	uint64_t supported_mask;
	struct builder_bytes fs_type, mnt_root, mnt_point, mnt_opts, fs_subtype, sb_source;
	/* Arrays: `num` strings, each NUL-terminated, one after the other in `bytes`. */
	uint32_t opt_num, opt_sec_num, uidmap_num, gidmap_num;
	struct builder_bytes opt_array, opt_sec_array, uidmap, gidmap;
};

/*
 * builder_layout - lay the answer to @mask out in @out (at most @room bytes, room >= 512).
 * The returned answer has exactly the bytes native statmount writes: unrequested fields zero,
 * strings in the kernel's order (fs_type, mnt_root, mnt_point, mnt_opts, opt_array, opt_sec_array,
 * fs_subtype, sb_source, mnt_uidmap, mnt_gidmap), str[0] a reserved NUL when any string bit was
 * requested, size = 512 or 512 + bytes used. A uid/gid map with num 0 has its bit set and offset 0.
 * Of an unmounted mount MNT_POINT alone leaves no string to write, not even the NUL: size = 512
 * (with a buffer of more).
 * @bufsize is the caller's buffer size: decides EOVERFLOW (string bits asked and the whole does not
 * fit, or bufsize <= 512) and, without string bits, `size` = min(bufsize, 512). Returns the number
 * of bytes to copy to the caller, -EOVERFLOW, or -ENOMEM when @room is too small although
 * @bufsize would do.
 */
ssize_t builder_layout(const struct builder_facts *facts, uint64_t mask, size_t bufsize,
		       struct mntcompat_statmount *out, size_t room);

/* Upper bound of the room builder_layout() needs for @facts. */
size_t builder_room(const struct builder_facts *facts);

/*
 * builder_take - the reverse: read an answer (of a native statmount, 6.8+) of @len bytes into facts
 * that point into it. Offsets and sizes are checked, never trusted. Repairs a difference of 6.8 to
 * 6.12: an empty string whose bit is set (mnt_point, mnt_opts) becomes "not known". Returns 0; or
 * -EINVAL if the answer is not complete, and then *facts is not to be used.
 */
int builder_take(const struct mntcompat_statmount *answer, size_t len, struct builder_facts *facts);

#endif
