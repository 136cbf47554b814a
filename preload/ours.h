/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ours.h - which of a program's calls are the library's to answer; all others are libc's as they are.
 * Looks at registers only, never at memory. Called by the functions that stand before libc's.
 */
#ifndef MNTCOMPAT_PRELOAD_OURS_H
#define MNTCOMPAT_PRELOAD_OURS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

/* May a system call of this number be ours? */
static inline bool ours_is_number(long nr)
{
	switch (nr) {
	case SYS_ioctl:
#define CALL(name, number, ...) case number:
#define CALL_TWICE CALL
#include "compat/kernel/calls.def"
		return true;
	}
	return false;
}

/* May it be an ioctl of ours? The kernel looks at 32 bits; where libc has an int, the others are anything. */
static inline bool ours_is_ioctl(unsigned long request)
{
	return (request >> 8 & 0xff) == UAPI_NSFS_IOCTL;
}

/*
 * ours_is_NAME - is the call the library's, by the word of it that decides? The kernel looks at 32 bits of most; those who
 * have EXACT it looks at whole.
 */
#define ALWAYS true
#define MEMORY true	/* nothing in the registers tells */
#define BITS(n, bits) ((uint32_t)word & (bits))
#define EXACT(n, bits) (((uint32_t)word & (bits)) && word <= UINT32_MAX)
#define CALL(name, number, since, feature, taken, ...)                          \
	static inline bool ours_is_##name(unsigned long word)                   \
	{                                                                       \
		(void)word;                                                     \
		return taken;                                                   \
	}
#define CALL_TWICE CALL
#include "compat/kernel/calls.def"
#undef ALWAYS
#undef MEMORY
#undef BITS
#undef EXACT

/*
 * ours_ioctl - answer an ioctl for which ours_is_ioctl() is true; false if it is nobody's but the kernel's.
 * @ret: as ioctl(2) returns
 */
bool ours_ioctl(int fd, unsigned long request, void *arg, int *ret) __attribute__((visibility("hidden")));

#endif
