/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * own_namespace.h - the calling task's own mount namespace as a file descriptor, without procfs
 * where the kernel can (6.11). Opens and closes files.
 */
#ifndef MNTCOMPAT_COMPAT_KERNEL_OWN_NAMESPACE_H
#define MNTCOMPAT_COMPAT_KERNEL_OWN_NAMESPACE_H

/*
 * own_namespace_open - by the link at /proc, if that leads to nsfs, else by a pidfd. A file
 * descriptor (O_RDONLY, CLOEXEC); -EMFILE, -ENFILE, -ENOMEM; -ENOSYS if neither works.
 */
int own_namespace_open(void);

/* own_namespace_by_pidfd - the namespace of the calling process, of its first thread; no procfs. */
int own_namespace_by_pidfd(void);

#endif
