/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ours.h - predicates for the calls that the library answers; all others are passed to libc
 * unchanged. They look at registers only, because the memory of a call that is not the library's
 * may be anything.
 */
#ifndef MNTCOMPAT_PRELOAD_OURS_H
#define MNTCOMPAT_PRELOAD_OURS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

/* True if the library may answer the system call of this number. */
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

/* True if the system call may leave a mount namespace or a root, or unmount what was one. */
static inline bool ours_is_leaving(long nr)
{
	switch (nr) {
	case SYS_setns:
	case SYS_chroot:
	case SYS_pivot_root:
	case SYS_umount2:
	case SYS_unshare:
#ifdef SYS_umount
	case SYS_umount:
#endif
		return true;
	}
	return false;
}

/*
 * True if the library may answer the ioctl. The kernel uses 32 bits; if libc has an int, the others
 * are undefined.
 */
static inline bool ours_is_ioctl(unsigned long request)
{
	return (request >> 8 & 0xff) == UAPI_NSFS_IOCTL;
}

/*
 * ours_is_NAME - true if the library answers the call, according to the argument that decides. The
 * kernel uses 32 bits of most arguments, and the whole word of those marked EXACT.
 */
#define ALWAYS true
#define MEMORY true /* the registers alone do not decide */
#define BITS(n, bits) ((uint32_t)word & (bits))
#define EXACT(n, bits) (((uint32_t)word & (bits)) && word <= UINT32_MAX)
#define CALL(name, number, number_32, since, feature, taken, ...) \
	static inline bool ours_is_##name(unsigned long word) \
	{ \
		(void)word; \
		return taken; \
	}
#define CALL_TWICE CALL
#include "compat/kernel/calls.def"
#undef ALWAYS
#undef MEMORY
#undef BITS
#undef EXACT

/*
 * ours_ioctl - answer an ioctl for which ours_is_ioctl() is true; false if only the kernel can
 * answer it
 * @ret: receives the return value of ioctl(2)
 */
bool ours_ioctl(int fd, unsigned long request, void *arg, int *ret)
	__attribute__((visibility("hidden")));

#endif
