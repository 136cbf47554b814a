/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words.h - the words of a system call as the arguments of a stand-in: what ARGUMENTS_n() in
 * calls.def becomes in a front end. Expects words with the names a to f. Contains macros only.
 */
#ifndef MNTCOMPAT_COMPAT_KERNEL_WORDS_H
#define MNTCOMPAT_COMPAT_KERNEL_WORDS_H

#include <stddef.h>

#define WORD_FD(word) (int)(word)
#define WORD_FILE(word) (int)(word)
#define WORD_INT(word) (int)(word)
#define WORD_AT_FLAGS(word) (int)(word)
#define WORD_FLAGS(word) (unsigned int)(word)
#define WORD_SIZE(word) (size_t)(word)
#define WORD_PATH(word) (void *)(word)
#define WORD_MOUNT_REQUEST(word) (void *)(word)
#define WORD_NS_REQUEST(word) (void *)(word)
#define WORD_CLONE_REQUEST(word) (void *)(word)
#define WORD_ATTRIBUTES(word) (void *)(word)
#define WORD_BUFFER(word) (void *)(word)
#define WORD_IDS(word) (void *)(word)
#define WORD_STATX(word) (void *)(word)
#define WORD_HANDLE(word) (void *)(word)
#define WORD_MOUNT_ID(word) (void *)(word)
#define WORD_ID(word) (void *)(word)
#define WORD_INFO(word) (void *)(word)

#define ARGUMENTS_1(A) (WORD_##A(a))
#define ARGUMENTS_2(A, B) (WORD_##A(a), WORD_##B(b))
#define ARGUMENTS_3(A, B, C) (WORD_##A(a), WORD_##B(b), WORD_##C(c))
#define ARGUMENTS_4(A, B, C, D) (WORD_##A(a), WORD_##B(b), WORD_##C(c), WORD_##D(d))
#define ARGUMENTS_5(A, B, C, D, E) (WORD_##A(a), WORD_##B(b), WORD_##C(c), WORD_##D(d), WORD_##E(e))

#endif
