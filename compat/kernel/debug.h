/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * debug.h - lines on stderr for MNTCOMPAT_DEBUG: which way a call went and why.
 * Writes to fd 2 without stdio or malloc and keeps errno.
 */
#ifndef MNTCOMPAT_COMPAT_KERNEL_DEBUG_H
#define MNTCOMPAT_COMPAT_KERNEL_DEBUG_H

#include <stdatomic.h>

extern _Atomic int debug_level;

void debug_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line per call (1) and one per step (2); arguments are not evaluated when switched off. */
#define debug_at(level) \
	__builtin_expect(atomic_load_explicit(&debug_level, memory_order_relaxed) >= (level), 0)
#define debug_call(...) \
	do { \
		if (debug_at(1)) \
			debug_print(__VA_ARGS__); \
	} while (0)
#define debug_step(...) \
	do { \
		if (debug_at(2)) \
			debug_print(__VA_ARGS__); \
	} while (0)

#endif
