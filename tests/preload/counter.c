// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * counter.c - another library for LD_PRELOAD, which counts the calls that reach it and passes them
 * on. Touches its own counters. Loaded beside libmntcompat-preload.so by preload.sh.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

int counter_calls(const char *name);
long counter_syscall(long nr, long a, long b, long c, long d, long e, long f) __asm__("syscall");
int counter_ioctl(int fd, unsigned long request, void *arg) __asm__("ioctl");
int counter_statx(int dfd, const char *path, int flags, unsigned int mask,
		  void *buf) __asm__("statx");

static int syscalls, ioctls, statxs;

int counter_calls(const char *name)
{
	return !strcmp(name, "syscall") ? syscalls : !strcmp(name, "ioctl") ? ioctls : statxs;
}

/* Kept: looking up takes a lock that the interrupted call of a signal handler may hold. */
#define NEXT(name, ...) \
	static int (*next)(__VA_ARGS__); \
	if (!next) \
	next = (int (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

long counter_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	static long (*next)(long, long, long, long, long, long, long);

	if (!next)
		next = (long (*)(long, long, long, long, long, long, long))dlsym(RTLD_NEXT,
										 "syscall");
	__atomic_add_fetch(&syscalls, 1, __ATOMIC_RELAXED);
	return next(nr, a, b, c, d, e, f);
}

int counter_ioctl(int fd, unsigned long request, void *arg)
{
	NEXT("ioctl", int, unsigned long, void *);
	__atomic_add_fetch(&ioctls, 1, __ATOMIC_RELAXED);
	return next(fd, request, arg);
}

int counter_statx(int dfd, const char *path, int flags, unsigned int mask, void *buf)
{
	NEXT("statx", int, const char *, int, unsigned int, void *);
	__atomic_add_fetch(&statxs, 1, __ATOMIC_RELAXED);
	return next(dfd, path, flags, mask, buf);
}
