// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * syscall.c - stands before libc's syscall(): system calls of the family go to the library, all others to libc with all
 * six arguments as they are.
 * Touches the arguments of the family's calls only. Called by programs.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/task/usercopy.h"
#include "lib/unchanged.h"
#include "preload/next.h"
#include "preload/ours.h"
#include "compat/kernel/feature.h"

long preload_syscall(long nr, long a, long b, long c, long d, long e, long f)
	__asm__("syscall") __attribute__((visibility("default")));

/* Calls the next syscall(), or the kernel before the constructor has run. */
static inline long pass(long nr, long a, long b, long c, long d, long e, long f)
{
	long (*next)(long, long, long, long, long, long, long) = PRELOAD_NEXT(syscall);

	return next ? PRELOAD_CALL_7(next(nr, a, b, c, d, e, f)) : PRELOAD_CALL_7(preload_kernel(nr, a, b, c, d, e, f));
}

/*
 * Is it a child in an empty mount namespace that the library can make? One that has no memory of its own cannot return
 * through the library's frames: the kernel makes it, or nobody does.
 */
static bool is_empty_clone(long args, size_t size)
{
	struct mntcompat_clone_args head;

	if (size < MNTCOMPAT_CLONE_ARGS_SIZE_VER0 ||
	    usercopy_from(&head, (const void *)args, MNTCOMPAT_CLONE_ARGS_SIZE_VER0) < 0 ||
	    !(head.flags & MNTCOMPAT_CLONE_EMPTY_MNTNS))
		return false;
	if (!head.stack && !head.stack_size && !(head.flags & (CLONE_VM | CLONE_SETTLS)))
		return true;
	/* Linux 7.1, as CLONE_EMPTY_MNTNS is. */
	return feature_probe(FEATURE_FSMOUNT_NAMESPACE) == FEATURE_ABSENT;
}

#define P(word) ((void *)(word))

/* Apart, so that a call which is none of these saves no registers for it. */
static __attribute__((noinline)) long ours(long nr, long a, long b, long c, long d, long e, long f)
{
	int ret;

	switch (nr) {
	case SYS_ioctl:
		if (ours_is_ioctl((unsigned long)b) && ours_ioctl((int)a, (unsigned long)b, P(c), &ret))
			return ret;
		break;
	case SYS_unshare:
		if (ours_is_unshare((unsigned long)a))
			return mntcompat_unshare((unsigned int)a);
		break;
	case SYS_name_to_handle_at:
		if (ours_is_handle((int)e))
			return mntcompat_name_to_handle_at((int)a, P(b), P(c), P(d), (int)e);
		break;
	case SYS_statx:
		if (ours_is_statx((unsigned int)d))
			return mntcompat_statx((int)a, P(b), (int)c, (unsigned int)d, P(e));
		break;
	case UAPI_NR_open_tree:
		if (ours_is_open_tree((unsigned int)c))
			return mntcompat_open_tree((int)a, P(b), (unsigned int)c);
		break;
	case UAPI_NR_move_mount:
		return mntcompat_move_mount((int)a, P(b), (int)c, P(d), (unsigned int)e);
	case UAPI_NR_fsmount:
		if (ours_is_fsmount((unsigned int)b))
			return mntcompat_fsmount((int)a, (unsigned int)b, (unsigned int)c);
		break;
	case UAPI_NR_clone3:
		if (is_empty_clone(a, (size_t)b))
			return mntcompat_clone3(P(a), (size_t)b);
		break;
	case UAPI_NR_mount_setattr:
		return unchanged_mount_setattr((int)a, P(b), (unsigned int)c, P(d), (size_t)e);
	case UAPI_NR_statmount:
		return mntcompat_statmount(P(a), P(b), (size_t)c, (unsigned int)d);
	case UAPI_NR_listmount:
		return mntcompat_listmount(P(a), P(b), (size_t)c, (unsigned int)d);
	case UAPI_NR_open_tree_attr:
		return unchanged_open_tree_attr((int)a, P(b), (unsigned int)c, P(d), (size_t)e);
	case UAPI_NR_listns:
		return mntcompat_listns(P(a), P(b), (size_t)c, (unsigned int)d);
	}
	return pass(nr, a, b, c, d, e, f);
}

long preload_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	if (__builtin_expect(ours_is_number(nr), 0))
		return PRELOAD_CALL_7(ours(nr, a, b, c, d, e, f));
	return pass(nr, a, b, c, d, e, f);
}
