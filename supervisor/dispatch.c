// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dispatch.c - the library's answer to a call, in the process that has become the target: the
 * functions of compat/kernel/calls.def, and those few calls that need more than the library's
 * function. Its own file, since it is all that runs with the target's rights.
 * Calls the library.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/kernel/words.h"
#include "compat/move_mount.h"
#include "compat/unshare.h"
#include "lib/unchanged.h"
#include "supervisor/dispatch.h"

/* --- by the library alone --- */

#define AS_IS(name) mntcompat_##name
#define UNMODIFIED(name) unchanged_##name

static int64_t by_library(enum calls_id id, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d,
			  uintptr_t e)
{
	switch (id) {
#define CALL(name, number, number_32, since, feature, taken, supervised, answered, traits, told, \
	     arguments, ...) \
	case CALLS_##name: \
		return told(name) arguments;
#define REQUEST(name, request, since, feature, lacking, traits, result, told, ...) \
	case CALLS_##name: \
		return told(name)((int)a, (void *)c);
#include "compat/kernel/calls.def"
	default:
		errno = ENOSYS;
		return -1;
	}
}

/* The bytes that a call that returned @ret has written, to bring back. */
static size_t written_by(enum calls_argument kind, const struct call_run *run, int i, int64_t ret)
{
	const struct mntcompat_statmount *buf;

	switch (kind) {
	case ARGUMENT_BUFFER:
		buf = (const void *)(uintptr_t)run->args[i];
		return ret < 0				       ? 0 :
		       (size_t)run->args[i + 1] < sizeof(*buf) ? (size_t)run->args[i + 1] :
								 buf->size;
	case ARGUMENT_IDS:
		return ret > 0 ? (size_t)ret * sizeof(uint64_t) : 0;
	case ARGUMENT_ID:
		return ret == 0 ? sizeof(uint64_t) : 0;
	case ARGUMENT_INFO:
		return ret >= 0 && run->args[i] ? sizeof(struct mntcompat_mnt_ns_info) : 0;
	default:
		return 0;
	}
}

/* --- those that need more --- */

#define POINTER(n) ((void *)(uintptr_t)run->args[n])
#define INT(n) ((int)run->args[n])
#define UNSIGNED(n) ((unsigned int)run->args[n])

/*
 * Only refusals are made here. A call that may succeed is left to the kernel, which does it for the
 * caller itself: a Landlock domain that forbids it cannot be seen from outside.
 */
static int64_t run_move_mount(struct call_run *run)
{
	bool unasked = mntcompat_get_mode() == MNTCOMPAT_MODE_EMULATE, unknown;
	/*
	 * This moves nothing: EPERM without privilege, EINVAL if the kernel does not know the
	 * flags.
	 */
	int ret = raw_move_mount(-1, "", -1, "", UNSIGNED(4));

	if (ret != -EPERM) {
		errno = -move_mount_unbindable(INT(0), POINTER(1), INT(2), POINTER(3), UNSIGNED(4));
		if (errno)
			return -1;
	}
	unknown = ret == -EINVAL || (ret != -EPERM && unasked);
	if (unknown || (ret != -EPERM && !(UNSIGNED(4) & MNTCOMPAT_MOVE_MOUNT_SET_GROUP)))
		ret = move_mount_refusal(INT(0), POINTER(1), INT(2), POINTER(3), UNSIGNED(4),
					 unasked);
	run->leave_to_kernel = !unknown && ret != -EOPNOTSUPP;
	errno = -ret;
	return -1;
}

/* Run the checks only; the effect cannot be applied to another task. */
static int64_t run_unshare(struct call_run *run)
{
	/* With a user namespace the calling task would be another one for whoever looks at it. */
	int ret = UNSIGNED(0) & CLONE_NEWUSER ? unshare_check(UNSIGNED(0)) : 0;

	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	if (!(UNSIGNED(0) & CLONE_NEWUSER) && mntcompat_unshare(UNSIGNED(0)) < 0)
		return -1;
	errno = EOPNOTSUPP;
	return -1;
}

/* Files of the same name in two processes' directories share TYPE and MODE, nothing else of
 * BASIC_STATS and BTIME. */
#define STATX_OF_ITS_OWN \
	((UAPI_STATX_BASIC_STATS | UAPI_STATX_BTIME) & ~(UAPI_STATX_TYPE | UAPI_STATX_MODE))

/* A file server may give its files any number, and then meets a refusal. */
static bool shows_closed(const struct call_run *run, const struct mntcompat_statx *stx)
{
	return run->closed && stx->stx_ino == run->closed->ino &&
	       stx->stx_dev_major == run->closed->dev_major &&
	       stx->stx_dev_minor == run->closed->dev_minor;
}

static int64_t run_statx(struct call_run *run)
{
	struct mntcompat_statx *stx = POINTER(4);
	int ret;

	if (run->is_like && UNSIGNED(3) & STATX_OF_ITS_OWN) {
		errno = EOPNOTSUPP;
		return -1;
	}
	ret = mntcompat_statx(INT(0), POINTER(1), INT(2), UNSIGNED(3), stx);
	if (ret == 0 && shows_closed(run, stx)) {
		errno = EOPNOTSUPP;
		return -1;
	}
	if (ret == 0 && run->is_like)
		stx->stx_mask &= ~STATX_OF_ITS_OWN;
	if (ret == 0)
		run->written[4] = sizeof(struct mntcompat_statx);
	return ret;
}

/* A handle does not tell whose it is, so the file is looked at first, and cannot be swapped then. */
static int name_to_handle(struct call_run *run, struct mntcompat_file_handle *handle)
{
	const int follow = UAPI_AT_SYMLINK_FOLLOW;
	struct kernel_place place;
	int fd, ret;

	if (!run->closed)
		return mntcompat_name_to_handle_at(INT(0), POINTER(1), handle, POINTER(3), INT(4));
	fd = openat(INT(0), POINTER(1), O_PATH | O_CLOEXEC | (INT(4) & follow ? 0 : O_NOFOLLOW));
	/* The order of errors is the library's. A descriptor makes no handle that has its parent. */
	if (fd < 0 || INT(4) & MNTCOMPAT_AT_HANDLE_CONNECTABLE)
		ret = mntcompat_name_to_handle_at(INT(0), POINTER(1), handle, POINTER(3), INT(4));
	else
		ret = mntcompat_name_to_handle_at(fd, "", handle, POINTER(3),
						  (INT(4) & ~follow) | AT_EMPTY_PATH);
	if ((ret == 0 || errno == EOVERFLOW) &&
	    (fd < 0 || INT(4) & MNTCOMPAT_AT_HANDLE_CONNECTABLE ||
	     kernel_place(fd, "", &place) < 0 || kernel_same_place(&place, run->closed))) {
		errno = EOPNOTSUPP;
		ret = -1;
	}
	if (fd >= 0)
		close(fd);
	return ret;
}

static int64_t run_name_to_handle_at(struct call_run *run)
{
	struct mntcompat_file_handle *handle = POINTER(2);
	uint32_t room = 0;
	int ret;

	/* It has been brought over if it can be read at all. */
	if (run->written[2])
		room = handle->handle_bytes;
	run->written[2] = 0;
	ret = name_to_handle(run, handle);
	if (ret == 0 || errno == EOVERFLOW) {
		run->written[2] = sizeof(*handle) + (ret == 0 && handle->handle_bytes < room ?
							     handle->handle_bytes :
						     ret == 0 ? room :
								0);
		run->written[3] = sizeof(uint64_t);
	}
	return ret;
}

#define BY_LIBRARY(name) NULL
#define BY_SUPERVISOR(name) run_##name

static int64_t (*const own[CALLS_COUNT])(struct call_run *run) = {
#define CALL(name, number, number_32, since, feature, taken, supervised, answered, ...) \
	[CALLS_##name] = answered(name),
#include "compat/kernel/calls.def"
};

int64_t dispatch(const struct calls_row *row, struct call_run *run)
{
	enum calls_id id = (enum calls_id)(row - calls_rows);
	int64_t ret;
	int i;

	if (own[id])
		return own[id](run);
	ret = by_library(id, (uintptr_t)run->args[0], (uintptr_t)run->args[1],
			 (uintptr_t)run->args[2], (uintptr_t)run->args[3], (uintptr_t)run->args[4]);
	for (i = 0; i < CALLS_ARGUMENTS; i++)
		run->written[i] = written_by(row->arguments[i], run, i, ret);
	return ret;
}
