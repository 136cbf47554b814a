// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * words.c - writes the library's words for the bits in statmount(2)'s answers, for "statmount" and
 * "listmount" alike.
 */
#include <mntcompat.h>
#include "tools/words.h"

void write_mount_attr(FILE *out, uint64_t attr)
{
	char words[MNTCOMPAT_WORDS_SIZE];

	mntcompat_attr_words(attr, words, sizeof(words));
	fputs(words, out);
}

void write_propagation(FILE *out, uint64_t propagation)
{
	char words[MNTCOMPAT_WORDS_SIZE];

	mntcompat_propagation_words(propagation, words, sizeof(words));
	fputs(words, out);
}

void write_superblock_flags(FILE *out, uint64_t flags)
{
	char words[MNTCOMPAT_WORDS_SIZE];

	mntcompat_sb_flags_words(flags, words, sizeof(words));
	fputs(words, out);
}
