/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words.h - the words for what statmount(2) answers in bits: attributes, propagation, superblock flags.
 * Writes to a stream that it is given. Included by the commands of tools/.
 */
#ifndef MNTCOMPAT_TOOLS_WORDS_H
#define MNTCOMPAT_TOOLS_WORDS_H

#include <stdint.h>
#include <stdio.h>

/* Comma separated, "none" for no bit; a bit without a word is written as a number. */
void write_mount_attr(FILE *out, uint64_t attr);
void write_propagation(FILE *out, uint64_t propagation);
void write_superblock_flags(FILE *out, uint64_t flags);

#endif
