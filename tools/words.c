// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * words.c - names of the bits in statmount(2)'s answers, for "statmount" and "listmount" alike.
 * Independent of the library: the bits are those of the kernel.
 */
#include <inttypes.h>
#include <stddef.h>

#include "tools/words.h"

struct word {
	uint64_t bit;
	const char *name;
};

/* MOUNT_ATTR_* of Linux; the access time is a field of several bits. */
#define ATTR_ATIME 0x70u
static const struct word attr_words[] = {
	{ 0x1, "ro" },
	{ 0x2, "nosuid" },
	{ 0x4, "nodev" },
	{ 0x8, "noexec" },
	{ 0x80, "nodiratime" },
	{ 0x100000, "idmapped" },
	{ 0x200000, "nosymfollow" },
	{ 0, NULL },
};

static const struct word propagation_words[] = {
	{ 0x100000, "shared" },	   { 0x80000, "slave" }, { 0x40000, "private" },
	{ 0x20000, "unbindable" }, { 0, NULL },
};

static const struct word superblock_words[] = {
	{ 0x1, "ro" }, { 0x10, "sync" }, { 0x80, "dirsync" }, { 0x2000000, "lazytime" },
	{ 0, NULL },
};

static void write_words(FILE *out, const char *first, const struct word *words, uint64_t value,
			uint64_t rest)
{
	const char *comma = "";

	if (first) {
		fputs(first, out);
		comma = ",";
	}
	for (; words->name; words++) {
		if (!(value & words->bit))
			continue;
		fprintf(out, "%s%s", comma, words->name);
		comma = ",";
		rest &= ~words->bit;
	}
	if (rest) {
		fprintf(out, "%s0x%" PRIx64, comma, rest);
		comma = ",";
	}
	if (!*comma)
		fputs("none", out);
}

static const char *atime_word(uint64_t attr)
{
	switch (attr & ATTR_ATIME) {
	case 0x00:
		return "relatime";
	case 0x10:
		return "noatime";
	case 0x20:
		return "strictatime";
	}
	return NULL;
}

void write_mount_attr(FILE *out, uint64_t attr)
{
	const char *atime = atime_word(attr);

	write_words(out, atime, attr_words, attr, atime ? attr & ~(uint64_t)ATTR_ATIME : attr);
}

void write_propagation(FILE *out, uint64_t propagation)
{
	write_words(out, NULL, propagation_words, propagation, propagation);
}

void write_superblock_flags(FILE *out, uint64_t flags)
{
	write_words(out, NULL, superblock_words, flags, flags);
}
