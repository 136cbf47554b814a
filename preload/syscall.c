// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * syscall.c - interposes libc's syscall(): the library answers the system calls of
 * compat/kernel/calls.def, and all others are passed to libc with their six arguments unchanged.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/words.h"
#include "compat/statmount/cursor.h"
#include "compat/task/usercopy.h"
#include "lib/unchanged.h"
#include "preload/next.h"
#include "preload/ours.h"
#include "compat/kernel/feature.h"

long preload_syscall(long nr, long a, long b, long c, long d, long e, long f) __asm__("syscall")
	__attribute__((visibility("default")));

/* Calls the next syscall(), or the kernel before the constructor has run. */
static inline long pass(long nr, long a, long b, long c, long d, long e, long f)
{
	long (*next)(long, long, long, long, long, long, long) = PRELOAD_NEXT(syscall);

	return next ? PRELOAD_CALL_7(next(nr, a, b, c, d, e, f)) :
		      PRELOAD_CALL_7(preload_kernel(nr, a, b, c, d, e, f));
}

/*
 * True if the call makes a child in an empty mount namespace, and the library can make it. A child
 * without memory of its own cannot return through the library's frames; only the kernel can make
 * it.
 */
static bool is_empty_clone3(long args, size_t size)
{
	struct mntcompat_clone_args head;

	if (size < MNTCOMPAT_CLONE_ARGS_SIZE_VER0 ||
	    usercopy_from(&head, (const void *)args, MNTCOMPAT_CLONE_ARGS_SIZE_VER0) < 0 ||
	    !(head.flags & MNTCOMPAT_CLONE_EMPTY_MNTNS))
		return false;
	if (!head.stack && !head.stack_size && !(head.flags & (CLONE_VM | CLONE_SETTLS)))
		return true;
	/* FSMOUNT_NAMESPACE came with Linux 7.1, together with CLONE_EMPTY_MNTNS. */
	return feature_probe(FEATURE_FSMOUNT_NAMESPACE) == FEATURE_ABSENT;
}

/* The word that decides whether a call is the library's: see ours.h. */
#define ALWAYS a
#define MEMORY a
#define BITS(n, bits) WORD_NUMBER_##n
#define EXACT(n, bits) WORD_NUMBER_##n
#define WORD_NUMBER_0 a
#define WORD_NUMBER_1 b
#define WORD_NUMBER_2 c
#define WORD_NUMBER_3 d
#define WORD_NUMBER_4 e
/* The function that answers unmodified programs. */
#define AS_IS(name) mntcompat_##name
#define UNMODIFIED(name) unchanged_##name

/* Not inlined, so that other calls save no registers for it. */
static __attribute__((noinline)) long ours(long nr, long a, long b, long c, long d, long e, long f)
{
	int ret;

	if (ours_is_leaving(nr))
		cursor_drop();
	switch (nr) {
	case SYS_ioctl:
		if (ours_is_ioctl((unsigned long)b) &&
		    ours_ioctl((int)a, (unsigned long)b, (void *)c, &ret))
			return ret;
		break;
#define CALL(name, number, number_32, since, feature, taken, supervised, answered, traits, told, \
	     arguments, ...) \
	case number: \
		if (ours_is_##name((unsigned long)taken)) \
			return told(name) arguments; \
		break;
#define CALL_TWICE(name, number, number_32, since, feature, taken, supervised, answered, traits, \
		   told, arguments, ...) \
	case number: \
		if (is_empty_##name(a, (size_t)b)) \
			return told(name) arguments; \
		break;
#include "compat/kernel/calls.def"
	}
	return pass(nr, a, b, c, d, e, f);
}

long preload_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	if (__builtin_expect(ours_is_number(nr) || ours_is_leaving(nr), 0))
		return PRELOAD_CALL_7(ours(nr, a, b, c, d, e, f));
	return pass(nr, a, b, c, d, e, f);
}
