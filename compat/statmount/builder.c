// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * builder.c - lays out one statmount answer: fixed part, string table, size and EOVERFLOW rules.
 * Pure memory work on its arguments; touches neither kernel nor heap nor errno.
 */
#include <errno.h>
#include <string.h>

#include "compat/statmount/builder.h"

#define BUILDER_FIXED sizeof(struct mntcompat_statmount)
#define BUILDER_BITS \
	(BUILDER_STRING_BITS | MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_MNT_BASIC | \
	 MNTCOMPAT_STATMOUNT_PROPAGATE_FROM | MNTCOMPAT_STATMOUNT_MNT_NS_ID | \
	 MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)

enum builder_kind {
	BUILDER_TEXT,  /* one string; empty is the same as absent */
	BUILDER_ARRAY, /* num strings; none is the same as absent */
	BUILDER_MAP,   /* num strings; none is an answer too, at offset 0 */
};

/*
 * All fields that live in the string table, in the order in which the kernel writes them. Described
 * as places in the two structs, so that laying out and taking apart cannot disagree.
 */
static const struct builder_string {
	uint32_t bit;
	enum builder_kind kind;
	uint16_t bytes;	 /* in struct builder_facts */
	uint16_t num;	 /* in struct builder_facts, not for BUILDER_TEXT */
	uint16_t offset; /* in struct mntcompat_statmount */
	uint16_t count;	 /* in struct mntcompat_statmount, not for BUILDER_TEXT */
} builder_strings[] = {
#define FACT(name) offsetof(struct builder_facts, name)
#define FIELD(name) offsetof(struct mntcompat_statmount, name)
	{ MNTCOMPAT_STATMOUNT_FS_TYPE, BUILDER_TEXT, FACT(fs_type), 0, FIELD(fs_type), 0 },
	{ MNTCOMPAT_STATMOUNT_MNT_ROOT, BUILDER_TEXT, FACT(mnt_root), 0, FIELD(mnt_root), 0 },
	{ MNTCOMPAT_STATMOUNT_MNT_POINT, BUILDER_TEXT, FACT(mnt_point), 0, FIELD(mnt_point), 0 },
	{ MNTCOMPAT_STATMOUNT_MNT_OPTS, BUILDER_TEXT, FACT(mnt_opts), 0, FIELD(mnt_opts), 0 },
	{ MNTCOMPAT_STATMOUNT_OPT_ARRAY, BUILDER_ARRAY, FACT(opt_array), FACT(opt_num),
	  FIELD(opt_array), FIELD(opt_num) },
	{ MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY, BUILDER_ARRAY, FACT(opt_sec_array), FACT(opt_sec_num),
	  FIELD(opt_sec_array), FIELD(opt_sec_num) },
	{ MNTCOMPAT_STATMOUNT_FS_SUBTYPE, BUILDER_TEXT, FACT(fs_subtype), 0, FIELD(fs_subtype), 0 },
	{ MNTCOMPAT_STATMOUNT_SB_SOURCE, BUILDER_TEXT, FACT(sb_source), 0, FIELD(sb_source), 0 },
	{ MNTCOMPAT_STATMOUNT_MNT_UIDMAP, BUILDER_MAP, FACT(uidmap), FACT(uidmap_num),
	  FIELD(mnt_uidmap), FIELD(mnt_uidmap_num) },
	{ MNTCOMPAT_STATMOUNT_MNT_GIDMAP, BUILDER_MAP, FACT(gidmap), FACT(gidmap_num),
	  FIELD(mnt_gidmap), FIELD(mnt_gidmap_num) },
#undef FACT
#undef FIELD
};

#define BUILDER_STRINGS (sizeof(builder_strings) / sizeof(builder_strings[0]))

static const struct builder_bytes *builder_bytes_of(const struct builder_facts *facts,
						    const struct builder_string *string)
{
	return (const void *)((const char *)facts + string->bytes);
}

static uint32_t builder_num_of(const struct builder_facts *facts,
			       const struct builder_string *string)
{
	return *(const uint32_t *)(const void *)((const char *)facts + string->num);
}

static uint32_t *builder_field(struct mntcompat_statmount *out, uint16_t at)
{
	return (void *)((char *)out + at);
}

/* Bytes in the string table, all NULs included. 0: nothing to write. */
static size_t builder_length(const struct builder_facts *facts, const struct builder_string *string)
{
	size_t len = builder_bytes_of(facts, string)->len;

	if (!(facts->known & string->bit) || !len)
		return 0;
	if (string->kind == BUILDER_TEXT)
		return len + 1;
	return builder_num_of(facts, string) ? len : 0;
}

static void builder_fixed(const struct builder_facts *facts, uint64_t mask,
			  struct mntcompat_statmount *out)
{
	builder_zero(out, BUILDER_FIXED);
	out->mask = mask & facts->known & BUILDER_BITS & ~(uint64_t)BUILDER_STRING_BITS;
	if (out->mask & MNTCOMPAT_STATMOUNT_SB_BASIC) {
		out->sb_dev_major = facts->sb_dev_major;
		out->sb_dev_minor = facts->sb_dev_minor;
		out->sb_magic = facts->sb_magic;
		out->sb_flags = facts->sb_flags;
	}
	if (out->mask & MNTCOMPAT_STATMOUNT_MNT_BASIC) {
		out->mnt_id = facts->mnt_id;
		out->mnt_parent_id = facts->mnt_parent_id;
		out->mnt_id_old = facts->mnt_id_old;
		out->mnt_parent_id_old = facts->mnt_parent_id_old;
		out->mnt_attr = facts->mnt_attr;
		out->mnt_propagation = facts->mnt_propagation;
		out->mnt_peer_group = facts->mnt_peer_group;
		out->mnt_master = facts->mnt_master;
	}
	if (out->mask & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)
		out->propagate_from = facts->propagate_from;
	if (out->mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID)
		out->mnt_ns_id = facts->mnt_ns_id;
	if (out->mask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)
		out->supported_mask = facts->supported_mask;
}

ssize_t builder_layout(const struct builder_facts *facts, uint64_t mask, size_t bufsize,
		       struct mntcompat_statmount *out, size_t room)
{
	size_t used = 1; /* str[0]: offset 0 is the empty string */

	if (room < BUILDER_FIXED)
		return -ENOMEM;
	if ((mask & BUILDER_STRING_BITS) && bufsize <= BUILDER_FIXED)
		return -EOVERFLOW;
	if (facts->unmounted)
		mask &= ~(uint64_t)MNTCOMPAT_STATMOUNT_MNT_POINT;
	if (!(mask & BUILDER_STRING_BITS)) {
		builder_fixed(facts, mask, out);
		out->size = (uint32_t)(bufsize < BUILDER_FIXED ? bufsize : BUILDER_FIXED);
		return (ssize_t)out->size;
	}

	for (size_t i = 0; i < BUILDER_STRINGS; i++)
		if (mask & builder_strings[i].bit)
			used += builder_length(facts, &builder_strings[i]);
	/* size and the offsets have 32 bits */
	if (used > bufsize - BUILDER_FIXED || used > INT32_MAX - BUILDER_FIXED)
		return -EOVERFLOW;
	if (used > room - BUILDER_FIXED)
		return -ENOMEM;

	builder_fixed(facts, mask, out);
	out->size = (uint32_t)(BUILDER_FIXED + used);
	out->str[0] = '\0';
	used = 1;
	for (size_t i = 0; i < BUILDER_STRINGS; i++) {
		const struct builder_string *string = &builder_strings[i];
		const struct builder_bytes *bytes = builder_bytes_of(facts, string);
		size_t length = builder_length(facts, string);

		if (!(mask & facts->known & string->bit))
			continue;
		/* "No id can be mapped" is an answer; no text and no options are none. */
		if (length || string->kind == BUILDER_MAP)
			out->mask |= string->bit;
		if (!length)
			continue;
		memcpy(out->str + used, bytes->text, bytes->len);
		/* A text ends here; an array brought its NULs along. */
		out->str[used + length - 1] = '\0';
		*builder_field(out, string->offset) = (uint32_t)used;
		if (string->kind != BUILDER_TEXT)
			*builder_field(out, string->count) = builder_num_of(facts, string);
		used += length;
	}
	return (ssize_t)out->size;
}

size_t builder_room(const struct builder_facts *facts)
{
	size_t room = BUILDER_FIXED + 1;

	for (size_t i = 0; i < BUILDER_STRINGS; i++)
		room += builder_bytes_of(facts, &builder_strings[i])->len + 1;
	return room;
}

/* The bytes of @num strings that start at @text, all NULs included. False when they do not end in
 * time. */
static bool builder_measure(const char *text, size_t room, uint32_t num, size_t *len)
{
	const char *at = text, *end = text + room;

	for (; num; num--) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));

		if (!nul)
			return false;
		at = nul + 1;
	}
	*len = (size_t)(at - text);
	return true;
}

/* One entry of the string table. Clears the bit in facts->known where nothing is there. */
static int builder_take_string(const struct mntcompat_statmount *answer, size_t room,
			       const struct builder_string *string, struct builder_facts *facts)
{
	struct builder_bytes *bytes = (void *)((char *)facts + string->bytes);
	uint32_t offset = *(const uint32_t *)(const void *)((const char *)answer + string->offset);
	uint32_t num = 1;

	if (string->kind != BUILDER_TEXT)
		num = *(const uint32_t *)(const void *)((const char *)answer + string->count);
	if (num) {
		if (offset >= room ||
		    !builder_measure(answer->str + offset, room - offset, num, &bytes->len))
			return -EINVAL;
		bytes->text = answer->str + offset;
	}
	if (string->kind == BUILDER_TEXT) {
		bytes->len--;
		/* 6.8 to 6.12 set the bits of mount point and options also for an empty string. */
		if (!bytes->len)
			facts->known &= ~(uint64_t)string->bit;
		return 0;
	}
	if (!num && string->kind == BUILDER_ARRAY)
		facts->known &= ~(uint64_t)string->bit;
	*(uint32_t *)(void *)((char *)facts + string->num) = num;
	return 0;
}

int builder_take(const struct mntcompat_statmount *answer, size_t len, struct builder_facts *facts)
{
	*facts = (struct builder_facts){ 0 };
	if (len < BUILDER_FIXED || answer->size < BUILDER_FIXED || answer->size > len)
		return -EINVAL;

	facts->known = answer->mask & BUILDER_BITS;
	facts->sb_dev_major = answer->sb_dev_major;
	facts->sb_dev_minor = answer->sb_dev_minor;
	facts->sb_magic = answer->sb_magic;
	facts->sb_flags = answer->sb_flags;
	facts->mnt_id = answer->mnt_id;
	facts->mnt_parent_id = answer->mnt_parent_id;
	facts->mnt_id_old = answer->mnt_id_old;
	facts->mnt_parent_id_old = answer->mnt_parent_id_old;
	facts->mnt_attr = answer->mnt_attr;
	facts->mnt_propagation = answer->mnt_propagation;
	facts->mnt_peer_group = answer->mnt_peer_group;
	facts->mnt_master = answer->mnt_master;
	facts->propagate_from = answer->propagate_from;
	facts->mnt_ns_id = answer->mnt_ns_id;
	facts->supported_mask = answer->supported_mask;

	for (size_t i = 0; i < BUILDER_STRINGS; i++) {
		int ret;

		if (!(facts->known & builder_strings[i].bit))
			continue;
		ret = builder_take_string(answer, answer->size - BUILDER_FIXED, &builder_strings[i],
					  facts);
		if (ret < 0)
			return ret;
	}
	return 0;
}
