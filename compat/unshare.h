/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unshare.h - the emulation of unshare(UNSHARE_EMPTY_MNTNS) (7.1).
 * Changes the calling thread's namespaces, root and cwd, which is its purpose.
 */
#ifndef MNTCOMPAT_COMPAT_UNSHARE_H
#define MNTCOMPAT_COMPAT_UNSHARE_H

/*
 * unshare_emulate - @flags hold UNSHARE_EMPTY_MNTNS. The namespace is made before anything of the
 * caller changes; then the other flags are for the kernel, all or nothing; then the caller enters
 * it, which nothing but a shortage of memory can prevent. 0 or -errno: -EOPNOTSUPP together with
 * CLONE_NEWUSER, and without CAP_SYS_CHROOT.
 */
int unshare_emulate(unsigned int flags);

#endif
