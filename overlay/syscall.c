// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * syscall.c - syscall() for programs that were compiled with the overlay: the numbers of the family
 * go to the library, all others to the C library with all six arguments as they are.
 * Touches no memory.
 */
#include <sys/types.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "compat/kernel/words.h"
#include "include/overlay/asm/unistd.h"

/* The numbers that programs are compiled with. */
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
 * Programs pass as many arguments to both as their call has; the others are whatever the registers,
 * or the stack above, hold, and are passed on unread.
 */
long mntcompat_overlay_syscall(long nr, long a, long b, long c, long d, long e, long f);
extern long overlay_libc_syscall(long nr, long a, long b, long c, long d, long e,
				 long f) __asm__("syscall");

long mntcompat_overlay_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	switch (nr) {
#define CALL(name, number, number_32, since, feature, taken, supervised, answered, traits, told, \
	     arguments, ...) \
	case number: \
		return mntcompat_##name arguments;
#include "compat/kernel/calls.def"
	}
	return overlay_libc_syscall(nr, a, b, c, d, e, f);
}
