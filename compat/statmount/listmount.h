/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * listmount.h - the emulation of listmount: which mounts there are, as ids that statmount takes.
 * Reaches the kernel through raw.h, mountinfo.h and the places of statmount.h.
 *
 * Where the list comes from:
 *
 *   6.8 and later  the kernel's own call in its first form: ascending, paged. Descending order
 *                  (6.11), namespaces by fd (about 6.18; before 6.11 a helper enters it) and the
 *                  last id U64_MAX (7.3) are made of it
 *   before 6.8     mountinfo: the lines, or those below a mount, by the ids of statmount.h
 *
 * Limits before 6.8: the order is that of the old ids, which is not the order of creation where ids
 * were used again. A namespace by fd needs the privilege to enter it, and shows the mounts visible
 * from its topmost "/"; by id (before 6.11) it is first looked for in procfs, see
 * compat/namespace/id.h. For a mount that carries listed ones without being listed, the answer is
 * EPERM or, with privilege, EOPNOTSUPP. All of it needs procfs (ENOSYS without). From 6.8 on with
 * listmount filtered: the ids are read at the mount points, and if a mount is covered the list is
 * refused.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_LISTMOUNT_H
#define MNTCOMPAT_COMPAT_STATMOUNT_LISTMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "compat/statmount/request.h"

/* More than this in one call is EOVERFLOW. */
#define LISTMOUNT_MAX UAPI_LIST_MAX

/* A request in the library's own memory. */
struct listmount_query {
	struct statmount_query request; /* the mount and the namespace; no mask */
	uint64_t last;			/* only ids after it, in the requested order; 0: all */
	bool reverse;
	size_t n; /* so many at most */
};

/*
 * listmount_read_request - flags, number, the request's memory, its fields, in the kernel's order
 * of checks. Only the address of @mnt_ids is checked. -EINVAL, -EOVERFLOW, -EFAULT, -E2BIG,
 * -ENOMEM.
 */
int listmount_read_request(const struct mntcompat_mnt_id_req *req, const uint64_t *mnt_ids,
			   size_t nr_mnt_ids, unsigned int flags, struct listmount_query *query);

/* Made into a request for the kernel: in memory of our own, and with 7.3's meaning everywhere. */
void listmount_request(const struct listmount_query *query, struct mntcompat_mnt_id_req *req);

/*
 * listmount_counts_otherwise - true for all of a namespace on a kernel before 7.0: it lists from
 * the first mount on the bottom one, which is the initial root filesystem and perhaps "/" itself.
 * 7.3 lists the mounts that a task sees after it enters the namespace, and those covered at "/".
 */
bool listmount_counts_otherwise(const struct listmount_query *query);

/*
 * Ids in the requested order, in a mapping of their own, or if they fit in memory of the caller's.
 */
struct listmount_list {
	uint64_t *ids;
	size_t n;
	size_t mapped; /* bytes */
	uint64_t *few; /* the caller's, or NULL */
	size_t few_room;
};

/*
 * listmount_gather - find the namespace and the mount, list. -EBADF, -EINVAL, -ENOENT, -EPERM,
 * -EMFILE, -ENFILE, -ENOMEM, -EOPNOTSUPP, -ENOSYS; *list has to be released in any case. *way is
 * MNTCOMPAT_WAY_NONE as long as the namespace is not found.
 */
int listmount_gather(const struct listmount_query *query, struct listmount_list *list,
		     enum mntcompat_way *way);
void listmount_release(struct listmount_list *list);

/* All of it, into the caller's memory. The number of ids, or an errno that listmount may return. */
ssize_t listmount_emulate(const struct listmount_query *query, uint64_t *mnt_ids,
			  enum mntcompat_way *way);

#endif
