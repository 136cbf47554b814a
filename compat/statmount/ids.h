/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ids.h - the ids that a file descriptor shows of its mount.
 * Reads through statx, name_to_handle_at and fdinfo; never waits for a file server.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_IDS_H
#define MNTCOMPAT_COMPAT_STATMOUNT_IDS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Unique ids before 6.8 are made of the old id: the same in every process, above 2^31 and above all
 * that later kernels hand out, but used again when the old id is. Before and after a mount is
 * attached they are the same.
 */
#define STATMOUNT_SYNTHETIC_ID 0x4000000000000000ull

/* The ids of a mount, as far as this kernel shows them. */
struct statmount_ids {
	bool unique_known, old_known;
	uint64_t unique;
	uint32_t old;
};

/*
 * 0, -EBADF, -ENOSYS (neither statx nor procfs has it), -EOPNOTSUPP (the filesystem refuses),
 * -EMFILE, -ENFILE, -ENOMEM.
 */
int statmount_fd_ids(int fd, struct statmount_ids *ids);
/* Adds the old id where statmount_fd_ids() found the unique one. 0 or -EOPNOTSUPP. */
int statmount_fd_old_id(int fd, struct statmount_ids *ids);
/*
 * True if this kernel has unique ids, filtered or not. False also where filters hide them all
 * (statx, name_to_handle_at from 6.12, and statmount).
 */
bool statmount_has_unique_ids(void);
/*
 * The id that every function of the library takes and gives for this mount: the unique one, or
 * before 6.8 one made of the old id. 0, or -EOPNOTSUPP.
 */
int statmount_ids_known(const struct statmount_ids *ids, uint64_t *id);
bool statmount_same_mount(const struct statmount_ids *a, const struct statmount_ids *b);

#endif
