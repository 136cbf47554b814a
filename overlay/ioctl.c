// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ioctl.c - ioctl() for programs that were compiled with the overlay: requests of <linux/nsfs.h>
 * that the library emulates go to it, all others to the C library with their argument as it is.
 * Touches no memory.
 */
#include <stdint.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

int mntcompat_overlay_ioctl(int fd, unsigned long request, void *arg);

/* glibc's and musl's ioctl(), whose third argument is as wide as a pointer. PowerPC calls a
 * function with "..." otherwise. */
extern int overlay_libc_ioctl(int fd, unsigned long request, ...) __asm__("ioctl");

static int overlay_ioctl(int (*other)(int fd, unsigned long request, ...), int fd,
			 unsigned long request, void *arg)
{
	switch (uapi_nsfs_request((uint32_t)request)) {
#define REQUEST(name, request, ...) \
	case (uint32_t)request: \
		return mntcompat_##name(fd, arg);
#include "compat/kernel/calls.def"
	}
	return other(fd, request, arg);
}

int mntcompat_overlay_ioctl(int fd, unsigned long request, void *arg)
{
	return overlay_ioctl(overlay_libc_ioctl, fd, request, arg);
}

#if __SIZEOF_LONG__ == 4
/*
 * ioctl() with _TIME_BITS=64 (glibc 2.34): weak, since other C libraries lack it.
 */
int mntcompat_overlay_ioctl_time64(int fd, unsigned long request, void *arg);
extern int overlay_libc_ioctl_time64(int fd, unsigned long request, ...) __asm__("__ioctl_time64")
	__attribute__((weak));

int mntcompat_overlay_ioctl_time64(int fd, unsigned long request, void *arg)
{
	return overlay_ioctl(overlay_libc_ioctl_time64 ? overlay_libc_ioctl_time64 :
							 overlay_libc_ioctl,
			     fd, request, arg);
}
#endif
