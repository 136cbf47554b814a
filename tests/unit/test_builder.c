// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_builder.c - unit tests of compat/statmount/builder.c: byte-exact answers, buffer sizes, the
 * way back. Needs no privilege. The last group lays native answers out anew and compares every byte
 * with what the running kernel wrote; it is left out where the kernel lacks statmount.
 */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "compat/statmount/builder.h"
#include "compat/kernel/raw.h"

#define ALL_BITS 0x7fffu
#define FIXED 512u

/* Every value differs, so that a swapped field shows. */
static const struct builder_facts full = {
	.known = ALL_BITS,
	.sb_dev_major = 0x01010101,
	.sb_dev_minor = 0x02020202,
	.sb_flags = 0x03030303,
	.sb_magic = 0x0404040404040404,
	.mnt_id = 0x0505050505050505,
	.mnt_parent_id = 0x0606060606060606,
	.mnt_id_old = 0x07070707,
	.mnt_parent_id_old = 0x08080808,
	.mnt_attr = 0x0909090909090909,
	.mnt_propagation = 0x0a0a0a0a0a0a0a0a,
	.mnt_peer_group = 0x0b0b0b0b0b0b0b0b,
	.mnt_master = 0x0c0c0c0c0c0c0c0c,
	.propagate_from = 0x0d0d0d0d0d0d0d0d,
	.mnt_ns_id = 0x0e0e0e0e0e0e0e0e,
	.supported_mask = 0x7fff,
	.fs_type = { "fuse", sizeof("fuse") - 1 },
	.mnt_root = { "/root dir", sizeof("/root dir") - 1 },
	.mnt_point = { "/mnt", sizeof("/mnt") - 1 },
	.mnt_opts = { "a=\\040,b", sizeof("a=\\040,b") - 1 },
	.fs_subtype = { "sshfs", sizeof("sshfs") - 1 },
	.sb_source = { "host:", sizeof("host:") - 1 },
	.opt_num = 2,
	.opt_array = { "a= \0b\0", sizeof("a= \0b\0") - 1 },
	.opt_sec_num = 3,
	.opt_sec_array = { "seclabel\0\0x\0", sizeof("seclabel\0\0x\0") - 1 },
	.uidmap_num = 1,
	.uidmap = { "0 1000 5\0", sizeof("0 1000 5\0") - 1 },
	.gidmap_num = 2,
	.gidmap = { "0 7 1\0001 9 2\0", sizeof("0 7 1\0001 9 2\0") - 1 },
};

/* An answer put together by hand: numbers at offsets of the kernel's layout, and a string table. */
static unsigned char hand[4096];
static size_t hand_len;

static void hand32(size_t at, uint32_t value)
{
	memcpy(hand + at, &value, sizeof(value));
}

static void hand64(size_t at, uint64_t value)
{
	memcpy(hand + at, &value, sizeof(value));
}

/* Adds bytes to the string table; the field at @at gets the offset. */
static void hand_bytes(size_t at, const char *bytes, size_t len)
{
	hand32(at, (uint32_t)(hand_len - FIXED));
	memcpy(hand + hand_len, bytes, len);
	hand_len += len;
}

#define hand_string(at, text) hand_bytes(at, text, sizeof(text))

/* The answer of a kernel that knows all of `full`. */
static void hand_answer(uint64_t mask)
{
	memset(hand, 0, sizeof(hand));
	hand_len = FIXED;
	if (mask & 0x6fb8)
		hand_len++;
	hand64(8, mask & ALL_BITS);
	if (mask & 0x1) {
		hand32(16, 0x01010101);
		hand32(20, 0x02020202);
		hand64(24, 0x0404040404040404);
		hand32(32, 0x03030303);
	}
	if (mask & 0x2) {
		hand64(40, 0x0505050505050505);
		hand64(48, 0x0606060606060606);
		hand32(56, 0x07070707);
		hand32(60, 0x08080808);
		hand64(64, 0x0909090909090909);
		hand64(72, 0x0a0a0a0a0a0a0a0a);
		hand64(80, 0x0b0b0b0b0b0b0b0b);
		hand64(88, 0x0c0c0c0c0c0c0c0c);
	}
	if (mask & 0x4)
		hand64(96, 0x0d0d0d0d0d0d0d0d);
	if (mask & 0x40)
		hand64(112, 0x0e0e0e0e0e0e0e0e);
	if (mask & 0x1000)
		hand64(144, 0x7fff);
	if (mask & 0x20)
		hand_string(36, "fuse");
	if (mask & 0x8)
		hand_string(104, "/root dir");
	if (mask & 0x10)
		hand_string(108, "/mnt");
	if (mask & 0x80)
		hand_string(4, "a=\\040,b");
	if (mask & 0x400) {
		hand32(128, 2);
		hand_string(132, "a= \0b");
	}
	if (mask & 0x800) {
		hand32(136, 3);
		hand_string(140, "seclabel\0\0x");
	}
	if (mask & 0x100)
		hand_string(120, "sshfs");
	if (mask & 0x200)
		hand_string(124, "host:");
	if (mask & 0x2000) {
		hand32(152, 1);
		hand_string(156, "0 1000 5");
	}
	if (mask & 0x4000) {
		hand32(160, 2);
		hand_string(164, "0 7 1\0001 9 2");
	}
	hand32(0, (uint32_t)hand_len);
}

/* A buffer of exactly the room, full of rubbish. */
static struct mntcompat_statmount *rubbish(size_t room)
{
	struct mntcompat_statmount *out = malloc(room ? room : 1);

	ck_assert_ptr_nonnull(out);
	memset(out, 0xa5, room);
	return out;
}

static void assert_layout(const struct builder_facts *facts, uint64_t mask, size_t bufsize)
{
	struct mntcompat_statmount *out = rubbish(hand_len);
	ssize_t len = builder_layout(facts, mask, bufsize, out, hand_len);

	/* a check costs more than a layout: only one for 32,768 masks that go well */
	if (len != (ssize_t)hand_len || memcmp(out, hand, hand_len) != 0) {
		ck_assert_int_eq(len, (ssize_t)hand_len);
		for (size_t i = 0; i < hand_len; i++)
			ck_assert_msg(((unsigned char *)out)[i] == hand[i],
				      "mask %#llx: byte %zu is %#x instead of %#x",
				      (unsigned long long)mask, i, ((unsigned char *)out)[i],
				      hand[i]);
	}
	free(out);
}

static void assert_refused(const struct builder_facts *facts, uint64_t mask, size_t bufsize,
			   size_t room, int error)
{
	struct mntcompat_statmount *out = rubbish(room);
	ssize_t len = builder_layout(facts, mask, bufsize, out, room);

	if (len != error)
		ck_abort_msg("mask %#llx, bufsize %zu, room %zu: %zd instead of %d",
			     (unsigned long long)mask, bufsize, room, len, error);
	free(out);
}

/* --- layout --- */

START_TEST(layout_each_bit)
{
	for (unsigned int bit = 0; bit < 15; bit++) {
		hand_answer(1u << bit);
		assert_layout(&full, 1u << bit, 4096);
	}
	hand_answer(0);
	assert_layout(&full, 0, 4096);
}
END_TEST

START_TEST(layout_every_mask)
{
	for (uint64_t mask = 0; mask <= ALL_BITS; mask++) {
		hand_answer(mask);
		assert_layout(&full, mask, hand_len);
	}
}
END_TEST

START_TEST(layout_unknown_bits)
{
	struct builder_facts facts = full;

	hand_answer(ALL_BITS);
	assert_layout(&full, UINT64_MAX, 4096);
	hand_answer(2);
	assert_layout(&full, ~(uint64_t)ALL_BITS | 2, 4096);
	hand_answer(0);
	assert_layout(&full, 1ull << 63, 4096);
	facts.known = UINT64_MAX;
	hand_answer(ALL_BITS);
	assert_layout(&facts, UINT64_MAX, 4096);
}
END_TEST

START_TEST(layout_exact_fit)
{
	for (uint64_t mask = 1; mask <= ALL_BITS; mask++) {
		hand_answer(mask);
		if (!(mask & BUILDER_STRING_BITS))
			continue;
		assert_layout(&full, mask, hand_len);
		assert_refused(&full, mask, hand_len - 1, hand_len, -EOVERFLOW);
		/* the caller's buffer would do, ours does not */
		assert_refused(&full, mask, hand_len, hand_len - 1, -ENOMEM);
		assert_refused(&full, mask, SIZE_MAX, FIXED, -ENOMEM);
		assert_refused(&full, mask, hand_len - 1, FIXED, -EOVERFLOW);
	}
	/* the figure every reader of statmount knows */
	hand_answer(0x20);
	ck_assert_uint_eq(hand_len, 512 + 1 + sizeof("fuse"));
}
END_TEST

START_TEST(layout_small_buffers)
{
	static const uint64_t masks[] = { 0, 0x1, 0x2, 0x4, 0x40, 0x1000, 0x1047 };
	struct mntcompat_statmount *out = rubbish(FIXED);

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		for (size_t bufsize = 0; bufsize <= 1024; bufsize++) {
			size_t size = bufsize < FIXED ? bufsize : FIXED;

			hand_answer(masks[i]);
			hand32(0, (uint32_t)size);
			memset(out, 0xa5, FIXED);
			ck_assert_int_eq(builder_layout(&full, masks[i], bufsize, out, FIXED),
					 (ssize_t)size);
			ck_assert_mem_eq(out, hand, FIXED);
		}
	}
	for (unsigned int bit = 0; bit < 15; bit++) {
		if (!(BUILDER_STRING_BITS & 1u << bit))
			continue;
		for (size_t bufsize = 0; bufsize <= FIXED; bufsize++)
			assert_refused(&full, 1u << bit, bufsize, 1024, -EOVERFLOW);
	}
	free(out);
	assert_refused(&full, 0, 512, 511, -ENOMEM);
}
END_TEST

START_TEST(layout_absent)
{
	static const struct builder_facts nothing = { .known = 0 };
	struct builder_facts empty = { .known = ALL_BITS };

	/* asked and not there: the reserved NUL is all */
	for (unsigned int bit = 0; bit < 15; bit++) {
		uint64_t mask = 1u << bit;

		memset(hand, 0, sizeof(hand));
		hand_len = mask & BUILDER_STRING_BITS ? 513 : 512;
		hand32(0, (uint32_t)hand_len);
		assert_layout(&nothing, mask, hand_len);
	}
	/* known, but empty: the same, except that a map of nothing is an answer */
	for (unsigned int bit = 0; bit < 15; bit++) {
		uint64_t mask = 1u << bit;

		if (!(mask & BUILDER_STRING_BITS))
			continue;
		memset(hand, 0, sizeof(hand));
		hand_len = 513;
		hand32(0, 513);
		if (mask & 0x6000)
			hand64(8, mask);
		assert_layout(&empty, mask, 513);
		assert_refused(&empty, mask, 512, 513, -EOVERFLOW);
	}
	/* not known, although something is there */
	empty = full;
	empty.known = 0x3;
	hand_answer(0x3);
	hand_len = 513;
	hand32(0, 513);
	assert_layout(&empty, ALL_BITS, 513);
	/* strings that are missing leave no hole between the others */
	empty = full;
	empty.known = ALL_BITS & ~0x690u;
	hand_answer(empty.known);
	assert_layout(&empty, ALL_BITS, 4096);
}
END_TEST

START_TEST(layout_empty_maps)
{
	struct builder_facts facts = full;

	facts.uidmap_num = 0;
	facts.uidmap.len = 0;
	facts.uidmap.text = NULL;
	hand_answer(0x4020);
	hand64(8, 0x6020);
	assert_layout(&facts, 0x6020, 4096);
}
END_TEST

START_TEST(layout_too_long)
{
	struct builder_facts facts = full;

	/* more than size could say; no byte of it may be touched */
	facts.mnt_opts.len = (size_t)1 << 31;
	assert_refused(&facts, 0x80, SIZE_MAX, 513, -EOVERFLOW);
}
END_TEST

START_TEST(room)
{
	static const struct builder_facts nothing = { .known = 0 };

	hand_answer(ALL_BITS);
	ck_assert_uint_ge(builder_room(&full), hand_len);
	ck_assert_uint_ge(builder_room(&nothing), 513);
	ck_assert_uint_lt(builder_room(&full), hand_len + 64);
}
END_TEST

/* --- take --- */

static int take_hand(struct builder_facts *facts)
{
	static struct mntcompat_statmount *copy;

	/* exactly as long, so that a sanitizer sees a byte read too many */
	free(copy);
	copy = rubbish(hand_len);
	memcpy(copy, hand, hand_len);
	return builder_take(copy, hand_len, facts);
}

START_TEST(take_round_trip)
{
	struct builder_facts facts;

	for (uint64_t mask = 0; mask <= ALL_BITS; mask++) {
		hand_answer(mask);
		if (take_hand(&facts) != 0 || facts.known != mask)
			ck_abort_msg("mask %#llx not taken", (unsigned long long)mask);
		/* the layout only needs the requested fields */
		assert_layout(&facts, mask, hand_len);
		assert_layout(&facts, mask & BUILDER_STRING_BITS ? ALL_BITS : mask, hand_len);
	}
	/* from everything, any part */
	for (uint64_t mask = 0; mask <= ALL_BITS; mask++) {
		hand_answer(ALL_BITS);
		if (take_hand(&facts) != 0)
			ck_abort_msg("the whole answer not taken");
		hand_answer(mask);
		assert_layout(&facts, mask, hand_len);
	}
}
END_TEST

START_TEST(take_unknown_bits)
{
	struct builder_facts facts;

	hand_answer(ALL_BITS);
	hand64(8, UINT64_MAX);
	ck_assert_int_eq(take_hand(&facts), 0);
	ck_assert_uint_eq(facts.known, ALL_BITS);
}
END_TEST

/* 6.8 to 6.12: bit set, string empty. */
START_TEST(take_empty_strings)
{
	struct builder_facts facts;

	hand_answer(0);
	hand64(8, 0x90);
	hand_len++;
	hand_string(108, "");
	hand_string(4, "");
	hand32(0, (uint32_t)hand_len);
	ck_assert_int_eq(take_hand(&facts), 0);
	ck_assert_uint_eq(facts.known, 0);

	/* then it comes out as 7.3 writes it */
	memset(hand, 0, sizeof(hand));
	hand_len = 513;
	hand32(0, 513);
	assert_layout(&facts, 0x90, 513);

	/* the same at offset 0, and next to strings that are there */
	hand_answer(0x28);
	hand64(8, 0xb8);
	ck_assert_int_eq(take_hand(&facts), 0);
	ck_assert_uint_eq(facts.known, 0x28);
	hand_answer(0x28);
	assert_layout(&facts, 0xb8, 4096);
}
END_TEST

START_TEST(take_empty_arrays)
{
	struct builder_facts facts;

	hand_answer(0);
	hand_len++;
	hand32(0, 513);
	hand64(8, 0x6c00);
	ck_assert_int_eq(take_hand(&facts), 0);
	ck_assert_uint_eq(facts.known, 0x6000);
	hand64(8, 0x6000);
	assert_layout(&facts, 0x6c00, 513);
}
END_TEST

START_TEST(take_sizes)
{
	struct builder_facts facts;
	struct mntcompat_statmount *answer;

	hand_answer(ALL_BITS);
	for (size_t len = 0; len < hand_len; len++) {
		answer = rubbish(len < FIXED ? FIXED : len);
		memcpy(answer, hand, len < FIXED ? FIXED : len);
		ck_assert_int_eq(builder_take(answer, len, &facts), -EINVAL);
		free(answer);
	}
	/* the kernel's size counts, not how large the buffer was */
	for (uint32_t size = 0; size < hand_len; size++) {
		hand_answer(ALL_BITS);
		hand32(0, size);
		ck_assert_int_eq(take_hand(&facts), -EINVAL);
	}
	hand_answer(ALL_BITS);
	hand32(0, (uint32_t)hand_len + 1);
	ck_assert_int_eq(take_hand(&facts), -EINVAL);
	hand32(0, UINT32_MAX);
	ck_assert_int_eq(take_hand(&facts), -EINVAL);
	hand_answer(0x3);
	hand_len = 600;
	ck_assert_int_eq(take_hand(&facts), 0);
}
END_TEST

START_TEST(take_bad_offsets)
{
	static const struct {
		uint32_t bit;
		size_t at, num;
	} strings[] = {
		{ 0x80, 4, 0 },	      { 0x20, 36, 0 },	   { 0x8, 104, 0 },
		{ 0x10, 108, 0 },     { 0x100, 120, 0 },   { 0x200, 124, 0 },
		{ 0x400, 132, 128 },  { 0x800, 140, 136 }, { 0x2000, 156, 152 },
		{ 0x4000, 164, 160 },
	};
	struct builder_facts facts;

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		uint32_t end;

		hand_answer(ALL_BITS);
		end = (uint32_t)(hand_len - FIXED);
		for (uint32_t beyond = 0; beyond < 3; beyond++) {
			hand_answer(ALL_BITS);
			hand32(strings[i].at, end + beyond);
			ck_assert_int_eq(take_hand(&facts), -EINVAL);
			hand32(strings[i].at, UINT32_MAX - beyond);
			ck_assert_int_eq(take_hand(&facts), -EINVAL);
		}
		/* an offset whose bit is clear is not checked */
		hand64(8, ALL_BITS & ~strings[i].bit);
		ck_assert_int_eq(take_hand(&facts), 0);

		/* no NUL before the end */
		hand_answer(strings[i].bit);
		hand[hand_len - 1] = 'x';
		ck_assert_int_eq(take_hand(&facts), -EINVAL);

		/* more strings than there are */
		if (!strings[i].num)
			continue;
		hand_answer(strings[i].bit);
		hand32(strings[i].num, 4);
		ck_assert_int_eq(take_hand(&facts), -EINVAL);
		hand32(strings[i].num, UINT32_MAX);
		ck_assert_int_eq(take_hand(&facts), -EINVAL);
	}
}
END_TEST

/* --- against the running kernel --- */

#define NATIVE_ROOM 16384

static uint64_t native_mask(void)
{
	struct utsname names;
	unsigned int major = 0, minor = 0;

	/* 6.15 and 6.16 oops on a request for the map of an idmapped mount. */
	if (uname(&names) == 0)
		sscanf(names.release, "%u.%u", &major, &minor);
	if (major < 6 || (major == 6 && minor < 17))
		return ALL_BITS & ~0x6000u;
	return ALL_BITS;
}

static ssize_t native_ids(uint64_t *ids, size_t n)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0, .mnt_id = UINT64_MAX, /* LSMT_ROOT */
	};

	return raw_listmount(&req, ids, n, 0);
}

static int native_ask(uint64_t id, uint64_t mask, void *buf, size_t bufsize)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
		.mnt_id = id,
		.param = mask,
	};

	memset(buf, 0x5a, NATIVE_ROOM);
	return raw_statmount(&req, buf, bufsize, 0);
}

/*
 * The same question to the kernel and to the builder, every byte compared, also those that neither
 * may write.
 */
static bool native_same(uint64_t id, const struct builder_facts *facts, uint64_t mask,
			size_t bufsize)
{
	static union {
		struct mntcompat_statmount answer;
		unsigned char bytes[NATIVE_ROOM];
	} theirs, ours;
	ssize_t len;
	int ret;

	memset(&ours, 0x5a, sizeof(ours));
	len = builder_layout(facts, mask, bufsize, &ours.answer, sizeof(ours));
	/*
	 * Below 512 bytes, kernels 6.16 to 7.2 answer when there is no string to report, and write
	 * the reserved NUL behind the caller's buffer. 7.3 refuses, and so do we.
	 */
	if ((mask & BUILDER_STRING_BITS) && bufsize < FIXED)
		return len == -EOVERFLOW;
	ret = native_ask(id, mask, &theirs, bufsize);
	if (ret < 0 || len < 0)
		return ret == len;
	/* the builder lays out the whole fixed part, the caller copies what it is told */
	if (len < (ssize_t)FIXED)
		memset(ours.bytes + len, 0x5a, FIXED - (size_t)len);
	return memcmp(&theirs, &ours, sizeof(ours)) == 0;
}

static void assert_native_same(uint64_t id, const struct builder_facts *facts, uint64_t mask)
{
	static char room[NATIVE_ROOM];
	ssize_t need = builder_layout(facts, mask, SIZE_MAX, (void *)room, sizeof(room));
	size_t sizes[24], n = 0;

	ck_assert_int_ge(need, 512);
	for (size_t size = 0; size <= FIXED; size += 64)
		sizes[n++] = size;
	for (size_t size = (size_t)need - 2; size < (size_t)need + 3; size++)
		sizes[n++] = size;
	sizes[n++] = 1;
	sizes[n++] = FIXED - 1;
	sizes[n++] = FIXED + 1;
	sizes[n++] = FIXED + 2;
	sizes[n++] = NATIVE_ROOM;
	while (n--) {
		if (native_same(id, facts, mask, sizes[n]))
			continue;
		/* others may unmount meanwhile */
		if (native_ask(id, 2, room, FIXED) == -ENOENT)
			return;
		ck_abort_msg("mount %#llx, mask %#llx, bufsize %zu: not what the kernel says",
			     (unsigned long long)id, (unsigned long long)mask, sizes[n]);
	}
}

START_TEST(kernel_same_bytes)
{
	static uint64_t ids[1024];
	static union {
		struct mntcompat_statmount answer;
		char room[NATIVE_ROOM];
	} whole;
	ssize_t n = native_ids(ids, sizeof(ids) / sizeof(ids[0]));
	unsigned int compared = 0;
	uint64_t all = native_mask();

	if (n < 0) {
		printf("kernel_same_bytes: left out, no listmount here\n");
		return;
	}
	ck_assert_int_gt(n, 0);
	for (ssize_t i = 0; i < n && compared < 16; i++) {
		struct builder_facts facts;
		uint64_t known;
		int ret = native_ask(ids[i], all, &whole, sizeof(whole));

		if (ret == -ENOENT || ret == -EOVERFLOW)
			continue; /* unmounted meanwhile; options of more than 15 KiB */
		ck_assert_int_eq(ret, 0);
		known = whole.answer.mask & 0x1000 ? whole.answer.supported_mask & all : 0xff;
		ck_assert_int_eq(builder_take(&whole.answer, whole.answer.size, &facts), 0);
		/* 6.12 sets bits of empty strings, which is not today's form */
		if (facts.known != (whole.answer.mask & ALL_BITS))
			continue;
		for (unsigned int bit = 0; bit < 15; bit++) {
			if (!(known & 1u << bit))
				continue;
			assert_native_same(ids[i], &facts, 1u << bit);
			assert_native_same(ids[i], &facts, known & ~(uint64_t)(1u << bit));
		}
		assert_native_same(ids[i], &facts, known);
		assert_native_same(ids[i], &facts, 0);
		compared++;
	}
	ck_assert_uint_gt(compared, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("builder");
	TCase *layout = tcase_create("layout"), *take = tcase_create("take");
	TCase *kernel = tcase_create("kernel");
	SRunner *runner;
	int failed;

	tcase_add_test(layout, layout_each_bit);
	tcase_add_test(layout, layout_every_mask);
	tcase_add_test(layout, layout_unknown_bits);
	tcase_add_test(layout, layout_exact_fit);
	tcase_add_test(layout, layout_small_buffers);
	tcase_add_test(layout, layout_absent);
	tcase_add_test(layout, layout_empty_maps);
	tcase_add_test(layout, layout_too_long);
	tcase_add_test(layout, room);
	tcase_set_timeout(layout, 300);
	suite_add_tcase(suite, layout);

	tcase_add_test(take, take_round_trip);
	tcase_add_test(take, take_unknown_bits);
	tcase_add_test(take, take_empty_strings);
	tcase_add_test(take, take_empty_arrays);
	tcase_add_test(take, take_sizes);
	tcase_add_test(take, take_bad_offsets);
	tcase_set_timeout(take, 300);
	suite_add_tcase(suite, take);

	tcase_add_test(kernel, kernel_same_bytes);
	tcase_set_timeout(kernel, 300);
	suite_add_tcase(suite, kernel);

	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
