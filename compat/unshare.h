/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unshare.h - the emulation of unshare(UNSHARE_EMPTY_MNTNS) (7.1).
 * Changes the calling thread's namespaces, root and cwd, which is its purpose.
 */
#ifndef MNTCOMPAT_COMPAT_UNSHARE_H
#define MNTCOMPAT_COMPAT_UNSHARE_H

/*
 * unshare_check - the checks before anything is made: flags, threads, privilege. 0 or -errno.
 */
int unshare_check(unsigned int flags);

/*
 * unshare_emulate - @flags hold UNSHARE_EMPTY_MNTNS. The namespace is made before anything of the
 * caller changes; then the other flags are for the kernel, all or nothing; then the caller enters
 * it, which nothing but a shortage of memory can prevent. With CLONE_NEWUSER a child makes both
 * namespaces, and the caller joins them in one step. 0 or -errno: -EOPNOTSUPP where that step is
 * not allowed, and without CAP_SYS_CHROOT.
 */
int unshare_emulate(unsigned int flags);

#endif
