/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clone3.h - the emulation of clone3(CLONE_EMPTY_MNTNS) (7.1): a child that enters an empty
 * namespace before it returns. Makes a child; the caller waits until it has entered.
 */
#ifndef MNTCOMPAT_COMPAT_CLONE3_H
#define MNTCOMPAT_COMPAT_CLONE3_H

#include <stddef.h>
#include <sys/types.h>

#include <mntcompat.h>

/*
 * clone3_read - the caller's arguments into *args, all of them. -E2BIG, -EINVAL, -EFAULT;
 * -EOPNOTSUPP for flags that a C function cannot return from: a stack, CLONE_VM, CLONE_SETTLS.
 */
int clone3_read(const struct mntcompat_clone_args *user, size_t size,
		struct mntcompat_clone_args *args);

/*
 * clone3_emulate - @args hold CLONE_EMPTY_MNTNS, @size is the one that the caller gave. The child's
 * pid, 0 in the child, or -errno: -EOPNOTSUPP together with CLONE_FILES and CLONE_PARENT, and
 * without CAP_SYS_CHROOT unless CLONE_NEWUSER gives it. If the child cannot enter the namespace, it
 * ends without a trace.
 */
pid_t clone3_emulate(const struct mntcompat_clone_args *args, size_t size);

#endif
