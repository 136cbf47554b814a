/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * native.h - facts from the kernel's own statmount(2) by id (6.8 and later), and which request bits
 * this kernel knows. Touches one word that remembers them; looks at answers in the caller's memory
 * through usercopy.h.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_NATIVE_H
#define MNTCOMPAT_COMPAT_STATMOUNT_NATIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/statmount/builder.h"
#include "compat/statmount/place.h"
#include "compat/statmount/request.h"
#include "compat/statmount/scratch.h"

/* --- what the kernel knows --- */

/*
 * statmount_native_bits - the request bits this kernel knows, learned from @mnt_id, a mount it has
 * just answered for (in namespace @mnt_ns_id, 0: own). Learned once, then remembered for the kernel
 * in force. 0: not known.
 */
uint64_t statmount_native_bits(uint64_t mnt_id, uint64_t mnt_ns_id);

/* The same, learned from the mount of the caller's root. 0 also without statmount. */
uint64_t statmount_native_bits_here(void);

/* The remembered answer of statmount_native_bits(), 0 before its first call. No system call. */
uint64_t statmount_native_bits_known(void);

/*
 * True if this kernel's call by id knows all requested bits. Kernels before 6.15 silently leave out
 * the others.
 */
bool statmount_native_suffices(const struct statmount_query *query);

/*
 * True if this kernel has set the bit of an empty string in the answer that it has just written to
 * @user. 6.8 to 6.12 do, where 7.3 leaves it clear.
 */
bool statmount_native_empty(const struct statmount_query *query,
			    const struct mntcompat_statmount *user);

/*
 * The answer to SUPPORTED_MASK where the kernel's own statmount knows these bits (0: there is
 * none), and procfs is there or not.
 */
uint64_t statmount_supported(uint64_t native, bool proc);
/* SUPPORTED_MASK; @scratch holds a table if one was read. 0, -EMFILE, -ENFILE, -ENOMEM. */
int statmount_set_supported(struct builder_facts *facts, const struct statmount_scratch *scratch);

/* --- its answers --- */

/* statmount(2) by id into facts that point into @scratch. 0 or the kernel's -errno. */
int statmount_native(uint64_t mnt_id, const struct statmount_place *place, uint64_t mask,
		     struct builder_facts *facts, struct statmount_scratch *scratch);

/* Nothing but whether it is (still) there: 0, -ENOENT, -EPERM… */
int statmount_native_exists(uint64_t mnt_id, const struct statmount_place *place);

/* True if the caller may look into this namespace, and the kernel finds its first mount. */
bool statmount_native_lists(const struct statmount_place *place);

/*
 * By fd, where the kernel's answer by id is the whole answer: always from 6.17 on; from 6.8 on if
 * the request has no bit that it does not know, or answers differently from 7.3. It writes into the
 * caller's buffer itself. 0, -EBADF, -EOVERFLOW, -EFAULT and -ENOMEM are final; for everything else
 * there is statmount_emulate().
 */
int statmount_native_by_fd(const struct statmount_query *query, void *buf, size_t bufsize);

#endif
