/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * listns.h - the emulation of listns: which namespaces there are, by id.
 * Reaches the kernel through list.h; the caller's memory through usercopy.h.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_LISTNS_H
#define MNTCOMPAT_COMPAT_NAMESPACE_LISTNS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mntcompat.h>

/*
 * listns_emulate - the whole call. The number of ids, -EINVAL, -EOVERFLOW, -EFAULT, -E2BIG,
 * -EOPNOTSUPP, -ENOENT, -ENOMEM, -ENOSYS. *way is MNTCOMPAT_WAY_NONE when the request itself is
 * refused.
 */
ssize_t listns_emulate(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t n,
		       unsigned int flags, enum mntcompat_way *way);

#endif
