/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words.h - writes attributes, propagation and superblock flags of statmount(2) as words.
 */
#ifndef MNTCOMPAT_TOOLS_WORDS_H
#define MNTCOMPAT_TOOLS_WORDS_H

#include <stdint.h>
#include <stdio.h>

/* The words are separated by commas; "none" stands for no bit, a number for bits without a word. */
void write_mount_attr(FILE *out, uint64_t attr);
void write_propagation(FILE *out, uint64_t propagation);
void write_superblock_flags(FILE *out, uint64_t flags);

#endif
