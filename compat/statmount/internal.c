// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * internal.c - distinguishes the kernel's own mounts from others.
 * Makes a memfd or pidfd to compare with, and closes it.
 */
#include <errno.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/internal.h"
#include "compat/task/offline.h"

/* Whether the fd @made of the kernel's own mount, which is closed here, is on the same mount. */
static enum statmount_internal fd_compare(int made, const struct statmount_ids *ids)
{
	enum statmount_internal answer = STATMOUNT_MAYBE_INTERNAL;
	struct statmount_ids own;

	if (made < 0)
		return answer;
	if (statmount_fd_ids(made, &own) == 0)
		answer = statmount_same_mount(&own, ids) ? STATMOUNT_INTERNAL :
							   STATMOUNT_NOT_INTERNAL;
	raw_close(made);
	return answer;
}

static int fd_make_memfd(uint64_t huge_page_size)
{
	unsigned int flags = UAPI_MFD_CLOEXEC;
	int fd;

	if (huge_page_size)
		flags |= UAPI_MFD_HUGETLB | (unsigned int)__builtin_ctzll(huge_page_size) << 26;
	fd = raw_memfd_create("mntcompat", flags | UAPI_MFD_NOEXEC_SEAL);
	return fd == -EINVAL ? raw_memfd_create("mntcompat", flags) : fd;
}

enum statmount_internal statmount_fd_internal(int fd, const struct statmount_ids *ids)
{
	struct mntcompat_file_handle handle = { .handle_bytes = 0 };
	struct raw_statx stx = { .mask = 0 };
	struct statfs fs;
	int id;

	/* None of them has a directory; and only FUSE hides what a file is. */
	if (offline_statx(fd, &stx) == 0 && (!(stx.mask & UAPI_STATX_TYPE) || S_ISDIR(stx.mode)))
		return STATMOUNT_NOT_INTERNAL;
	/*
	 * A filesystem that has file handles may have a server as well. Of the kernel's own mounts
	 * nsfs (6.18), pidfs and tmpfs have them.
	 */
	if (raw_name_to_handle_at(fd, "", &handle, &id, MNTCOMPAT_AT_EMPTY_PATH) == -EOVERFLOW &&
	    !offline_is_local(fd, &stx)) {
		enum statmount_internal answer = fd_compare(namespace_own(NULL), ids);

		if (answer != STATMOUNT_INTERNAL)
			answer = fd_compare(raw_pidfd_open(raw_getpid()), ids);
		return answer == STATMOUNT_INTERNAL ? answer : STATMOUNT_NOT_INTERNAL;
	}
	if (raw_fstatfs(fd, &fs) < 0)
		return STATMOUNT_MAYBE_INTERNAL;
	switch ((uint32_t)fs.f_type) {
	case UAPI_MAGIC_PIPEFS:
	case UAPI_MAGIC_SOCKFS:
	case UAPI_MAGIC_ANON_INODE:
	case UAPI_MAGIC_BDEV:
	case UAPI_MAGIC_DMABUF:
	case UAPI_MAGIC_SECRETMEM:
	case UAPI_MAGIC_GUEST_MEMFD:
		return STATMOUNT_INTERNAL;
	/* These can also be mounted by users, so the mount itself has to be the kernel's. */
	case UAPI_MAGIC_NSFS:
		return fd_compare(namespace_own(NULL), ids);
	case UAPI_MAGIC_PIDFS:
		return fd_compare(raw_pidfd_open(raw_getpid()), ids);
	case UAPI_MAGIC_TMPFS: /* memfd, shared memory */
	case UAPI_MAGIC_RAMFS: /* where there is no tmpfs */
		return fd_compare(fd_make_memfd(0), ids);
	case UAPI_MAGIC_HUGETLBFS: /* one mount for each page size */
		return fd_compare(fd_make_memfd((uint64_t)fs.f_bsize), ids);
	case UAPI_MAGIC_MQUEUE: /* nothing to compare with can be made without a trace */
	case UAPI_MAGIC_SELINUX:
		return STATMOUNT_MAYBE_INTERNAL;
	default:
		return STATMOUNT_NOT_INTERNAL;
	}
}
