/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * empty.h - a mount namespace with nothing but an empty root, on kernels that have no nullfs for it
 * (before 7.0). Everything happens in helpers.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_EMPTY_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_EMPTY_H

#include <stdbool.h>

#include "compat/namespace/open.h"

/*
 * empty_namespace - such a namespace, owned by the caller's user namespace, as a new fd (CLOEXEC)
 * for setns(2).
 *
 * Its root is, in order of preference: nullfs; an empty directory of procfs that serves as a mount
 * point, and in which no name can be looked up or made (ENOENT, as in nullfs; 5.8); an empty
 * read-only tmpfs (EROFS). Needs CAP_SYS_ADMIN. It is a filesystem of its own, since unmounting "/"
 * makes the whole filesystem read-only. *root receives what its root directory is, to be compared
 * once the namespace is entered: the fd's number may have become another file. An fd or -errno.
 */
int empty_namespace(struct namespace_root *root);

/*
 * empty_namespace_is_here - true if the caller is in such a namespace, with the empty root as its
 * root and nothing on it: then a copy of the namespace (CLONE_NEWNS) is what another call for an
 * empty one has to make, and needs neither a procfs nor a file of the namespace. False also where
 * that cannot be found out.
 */
bool empty_namespace_is_here(void);

/*
 * empty_namespace_privilege - 0 if the caller may make such a namespace and enter it. -EPERM
 * without CAP_SYS_ADMIN, as 7.3; -EOPNOTSUPP without CAP_SYS_CHROOT, which only setns(2) needs.
 */
int empty_namespace_privilege(void);

#endif
