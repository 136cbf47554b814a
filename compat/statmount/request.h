/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request.h - a request of statmount or listmount in the library's own memory, checked as the
 * kernel does. Reads the caller's memory through usercopy.h.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_REQUEST_H
#define MNTCOMPAT_COMPAT_STATMOUNT_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

/* All request bits of Linux 7.3. */
#define STATMOUNT_ALL UAPI_STATMOUNT_ALL
/* Those that came after the first version (6.8), so that a kernel with statmount may lack them. */
#define STATMOUNT_LATER (STATMOUNT_ALL & ~(2ull * MNTCOMPAT_STATMOUNT_FS_TYPE - 1))
/* Those that crash 6.15 and 6.16: never requested unless FEATURE_STATMOUNT_ID_MAPS is there. */
#define STATMOUNT_ID_MAPS (MNTCOMPAT_STATMOUNT_MNT_UIDMAP | MNTCOMPAT_STATMOUNT_MNT_GIDMAP)

/* A request in the library's own memory. */
struct statmount_query {
	bool by_fd;
	int fd;		    /* by_fd */
	int ns_fd;	    /* not by_fd; 0: none */
	uint64_t mnt_id;    /* not by_fd */
	uint64_t mnt_ns_id; /* not by_fd; 0: none */
	uint64_t mask;
};

/*
 * Steps 1 to 3: flags, the request's memory, its fields. -EINVAL, -EFAULT, -E2BIG, -ENOMEM. @query
 * is a variable on the stack: what lies in its page may be read without a system call
 * (usercopy_is_ours()). Other memory the kernel copies, so that it may go away at any moment.
 */
int statmount_read_request(const struct mntcompat_mnt_id_req *req, unsigned int flags,
			   struct statmount_query *query);

/*
 * Made into a request for the kernel: in memory of our own, and without the bits that crash some
 * kernels.
 */
void statmount_harmless_request(const struct statmount_query *query,
				struct mntcompat_mnt_id_req *req);

#endif
