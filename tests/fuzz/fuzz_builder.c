// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz_builder.c - libFuzzer target for compat/statmount/builder.c: any bytes as an answer, any
 * facts. Pure memory work. Built and run by tests/fuzz/run. Aborts when a string lies outside the
 * answer, or when layout and take disagree.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compat/statmount/builder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

#define FIXED sizeof(struct mntcompat_statmount)

static void check_bytes(const struct builder_bytes *bytes, uint32_t num, bool array,
			const struct mntcompat_statmount *answer, size_t len)
{
	size_t nuls = 0;

	if (!bytes->len)
		return;
	must(bytes->text >= answer->str);
	must(bytes->text + bytes->len <= (const char *)answer + len);
	for (size_t i = 0; i < bytes->len; i++)
		nuls += bytes->text[i] == '\0';
	must(nuls == (array ? num : 0));
	if (array)
		must(bytes->text[bytes->len - 1] == '\0');
}

/* The same facts, laid out for a request, taken apart and laid out again. */
static void check_layout(const struct builder_facts *facts, uint64_t mask, size_t bufsize)
{
	size_t room = builder_room(facts);
	struct mntcompat_statmount *first = malloc(room), *second;
	ssize_t len, again;
	struct builder_facts taken;

	must(first && room >= FIXED + 1);
	memset(first, 0xa5, room);
	len = builder_layout(facts, mask, bufsize, first, room);
	/* builder_room() always suffices */
	must(len == -EOVERFLOW || (len >= 0 && (size_t)len <= room && (size_t)len <= bufsize));
	if (len < 0) {
		must(mask & BUILDER_STRING_BITS);
		len = builder_layout(facts, mask, SIZE_MAX, first, room);
		must(len > (ssize_t)FIXED);
		must(bufsize <= FIXED || (size_t)len > bufsize);
	}
	must(first->size == (uint32_t)len);
	must(!(first->mask & ~(facts->known & mask)));
	if ((size_t)len < FIXED) {
		free(first);
		return;
	}

	must(builder_take(first, (size_t)len, &taken) == 0);
	must(taken.known == first->mask);
	second = malloc((size_t)len);
	must(second);
	memset(second, 0x5a, (size_t)len);
	again = builder_layout(&taken, mask, (size_t)len, second, (size_t)len);
	must(again == len);
	must(memcmp(first, second, (size_t)len) == 0);
	/* one byte less is too little for either */
	if (mask & BUILDER_STRING_BITS) {
		must(builder_layout(&taken, mask, (size_t)len - 1, second, (size_t)len) ==
		     -EOVERFLOW);
		must(builder_layout(&taken, mask, (size_t)len, second, (size_t)len - 1) == -ENOMEM);
	}
	free(first);
	free(second);
}

static void fuzz_take(const uint8_t *data, size_t size, uint64_t mask, size_t bufsize)
{
	struct mntcompat_statmount *answer = malloc(size < FIXED ? FIXED : size);
	struct builder_facts facts;

	must(answer);
	memset(answer, 0, FIXED);
	memcpy(answer, data, size);
	/* most answers say their true size */
	if (answer->size & 1)
		answer->size = (uint32_t)size;
	if (builder_take(answer, size, &facts) == 0) {
		check_bytes(&facts.fs_type, 0, false, answer, size);
		check_bytes(&facts.mnt_root, 0, false, answer, size);
		check_bytes(&facts.mnt_point, 0, false, answer, size);
		check_bytes(&facts.mnt_opts, 0, false, answer, size);
		check_bytes(&facts.fs_subtype, 0, false, answer, size);
		check_bytes(&facts.sb_source, 0, false, answer, size);
		check_bytes(&facts.opt_array, facts.opt_num, true, answer, size);
		check_bytes(&facts.opt_sec_array, facts.opt_sec_num, true, answer, size);
		check_bytes(&facts.uidmap, facts.uidmap_num, true, answer, size);
		check_bytes(&facts.gidmap, facts.gidmap_num, true, answer, size);
		check_layout(&facts, mask, bufsize);
	}
	free(answer);
}

struct input {
	const uint8_t *at, *end;
};

static void feed(struct input *input, void *out, size_t len)
{
	size_t n = (size_t)(input->end - input->at) < len ? (size_t)(input->end - input->at) : len;

	memset(out, 0, len);
	memcpy(out, input->at, n);
	input->at += n;
}

/* A string without NUL, as long as the next byte says. */
static void feed_text(struct input *input, struct builder_bytes *bytes)
{
	uint8_t len;
	char *text;

	feed(input, &len, 1);
	if (len > input->end - input->at)
		len = (uint8_t)(input->end - input->at);
	text = malloc(len);
	feed(input, text, len);
	for (size_t i = 0; i < len; i++)
		if (!text[i])
			text[i] = 'n';
	bytes->text = text;
	bytes->len = len;
}

/* An array: each NUL of the input ends a string. */
static void feed_array(struct input *input, struct builder_bytes *bytes, uint32_t *num)
{
	char *text;
	uint8_t len;

	feed(input, &len, 1);
	if (len > input->end - input->at)
		len = (uint8_t)(input->end - input->at);
	text = malloc(len);
	feed(input, text, len);
	if (len)
		text[len - 1] = '\0';
	*num = 0;
	for (size_t i = 0; i < len; i++)
		*num += !text[i];
	bytes->text = text;
	bytes->len = len;
}

static void fuzz_facts(struct input input, uint64_t mask, size_t bufsize)
{
	struct builder_facts facts = { 0 };

	feed(&input, &facts.known, 2);
	feed(&input, &facts.sb_dev_major, 4);
	feed(&input, &facts.sb_flags, 4);
	feed(&input, &facts.mnt_id, 8);
	feed(&input, &facts.mnt_attr, 8);
	feed(&input, &facts.supported_mask, 8);
	feed_text(&input, &facts.fs_type);
	feed_text(&input, &facts.mnt_root);
	feed_text(&input, &facts.mnt_point);
	feed_text(&input, &facts.mnt_opts);
	feed_text(&input, &facts.fs_subtype);
	feed_text(&input, &facts.sb_source);
	feed_array(&input, &facts.opt_array, &facts.opt_num);
	feed_array(&input, &facts.opt_sec_array, &facts.opt_sec_num);
	feed_array(&input, &facts.uidmap, &facts.uidmap_num);
	feed_array(&input, &facts.gidmap, &facts.gidmap_num);
	check_layout(&facts, mask, bufsize);
	free((char *)facts.fs_type.text);
	free((char *)facts.mnt_root.text);
	free((char *)facts.mnt_point.text);
	free((char *)facts.mnt_opts.text);
	free((char *)facts.fs_subtype.text);
	free((char *)facts.sb_source.text);
	free((char *)facts.opt_array.text);
	free((char *)facts.opt_sec_array.text);
	free((char *)facts.uidmap.text);
	free((char *)facts.gidmap.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, data + size };
	uint16_t mask, bufsize;

	feed(&input, &mask, 2);
	feed(&input, &bufsize, 2);
	/* the top bit chooses what the rest is */
	if (mask & 0x8000)
		fuzz_take(input.at, (size_t)(input.end - input.at), mask, bufsize);
	else
		fuzz_facts(input, mask, bufsize);
	return 0;
}
