/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * next.h - the functions that come after those of the preload: libc's, or those of another
 * preloaded object. The pointers are written once, before the program's main().
 */
#ifndef MNTCOMPAT_PRELOAD_NEXT_H
#define MNTCOMPAT_PRELOAD_NEXT_H

struct file_handle;

/*
 * NULL until the constructor has run, and if libc has no such function. They are not looked up
 * later, because the dynamic linker must not be called from a signal handler, nor in the child of
 * vfork(2).
 */
struct preload_next {
	/* Not variadic: a variadic function takes seven words in the same places. */
	long (*syscall)(long nr, long a, long b, long c, long d, long e, long f);
	int (*ioctl)(int fd, unsigned long request, ...);
	int (*ioctl_time64)(int fd, unsigned long request,
			    ...); /* __ioctl_time64 of 32-bit glibc */
	int (*statx)(int dfd, const char *path, int flags, unsigned int mask, void *buf);
	int (*name_to_handle_at)(int dfd, const char *path, struct file_handle *handle,
				 int *mount_id, int flags);
	int (*unshare)(int flags);
	int (*setns)(int fd, int type);
	int (*chroot)(const char *path);
	int (*pivot_root)(const char *new_root, const char *put_old);
	int (*umount)(const char *path);
	int (*umount2)(const char *path, int flags);
	int (*open_tree)(int dfd, const char *path, unsigned int flags);
	int (*fsmount)(int fd, unsigned int flags, unsigned int attrs);
	/* Those of a library of the program's, whatever their arguments; NULL for libc's. */
	long (*statmount)(long a, long b, long c, long d, long e, long f, long g);
	long (*listmount)(long a, long b, long c, long d, long e, long f, long g);
};
extern struct preload_next preload_next __attribute__((visibility("hidden")));

#define PRELOAD_NEXT(name) __atomic_load_n(&preload_next.name, __ATOMIC_RELAXED)

/*
 * Calls a function that has arguments on the stack. With a jump, the compiler would write the words
 * of the caller's frame back to their place; but a caller that gave fewer arguments has variables
 * there, which another thread may be writing to at this moment. A call only reads them.
 *
 * If all arguments are in registers this is a jump, which leaves no frame of ours on a stack that a
 * child may share.
 */
#define PRELOAD_CALL(call) \
	({ \
		__typeof__(call) preload_ret = (call); \
\
		__asm__ volatile("" : "+r"(preload_ret)); \
		preload_ret; \
	})
#ifdef __i386__
#define PRELOAD_CALL_3(call) PRELOAD_CALL(call)
#else
#define PRELOAD_CALL_3(call) (call)
#endif
#if defined(__i386__) || defined(__x86_64__) || defined(__arm__) || defined(__s390x__)
#define PRELOAD_CALL_7(call) PRELOAD_CALL(call)
#else
#define PRELOAD_CALL_7(call) (call)
#endif

/*
 * preload_kernel - the same as libc's syscall(), for calls before the constructor and for the
 * library's own calls
 */
long preload_kernel(long nr, long a, long b, long c, long d, long e,
		    long f) __asm__("__wrap_syscall") __attribute__((visibility("hidden")));

#endif
