// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * syscall.c - what syscall() is in programs that were compiled with the overlay: the numbers of the family go to the
 * library, all others to the C library with all six arguments as they are.
 * Touches no memory. Called by programs.
 */
#include <sys/types.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "include/overlay/asm/unistd.h"

/* What programs are compiled with. */
#define SAME(name) _Static_assert(UAPI_NR_##name == __NR_##name, "the overlay's number of " #name)
SAME(open_tree);
SAME(move_mount);
SAME(fsopen);
SAME(fsconfig);
SAME(fsmount);
SAME(fspick);
SAME(clone3);
SAME(mount_setattr);
SAME(statmount);
SAME(listmount);
SAME(open_tree_attr);
SAME(listns);

/*
 * Programs call both with as many arguments as their call has; the rest is whatever is in the registers, or on the stack
 * above, and is handed on unread.
 */
long mntcompat_overlay_syscall(long nr, long a, long b, long c, long d, long e, long f);
extern long overlay_libc_syscall(long nr, long a, long b, long c, long d, long e, long f) __asm__("syscall");

#define P(word) ((void *)(word))

long mntcompat_overlay_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	switch (nr) {
	case SYS_unshare:
		return mntcompat_unshare((unsigned int)a);
	case SYS_statx:
		return mntcompat_statx((int)a, P(b), (int)c, (unsigned int)d, P(e));
	case SYS_name_to_handle_at:
		return mntcompat_name_to_handle_at((int)a, P(b), P(c), P(d), (int)e);
	case UAPI_NR_open_tree:
		return mntcompat_open_tree((int)a, P(b), (unsigned int)c);
	case UAPI_NR_open_tree_attr:
		return mntcompat_open_tree_attr((int)a, P(b), (unsigned int)c, P(d), (size_t)e);
	case UAPI_NR_move_mount:
		return mntcompat_move_mount((int)a, P(b), (int)c, P(d), (unsigned int)e);
	case UAPI_NR_fsmount:
		return mntcompat_fsmount((int)a, (unsigned int)b, (unsigned int)c);
	case UAPI_NR_mount_setattr:
		return mntcompat_mount_setattr((int)a, P(b), (unsigned int)c, P(d), (size_t)e);
	case UAPI_NR_statmount:
		return mntcompat_statmount(P(a), P(b), (size_t)c, (unsigned int)d);
	case UAPI_NR_listmount:
		return mntcompat_listmount(P(a), P(b), (size_t)c, (unsigned int)d);
	case UAPI_NR_listns:
		return mntcompat_listns(P(a), P(b), (size_t)c, (unsigned int)d);
	}
	return overlay_libc_syscall(nr, a, b, c, d, e, f);
}
