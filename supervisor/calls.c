// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * calls.c - the table of supervised calls; a new call of the family is a row here, and nothing else
 * in supervisor/.
 * Calls the library; finds out from the feature table which calls the kernel lacks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <linux/audit.h>

#include <mntcompat.h>
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/move_mount.h"
#include "lib/unchanged.h"
#include "supervisor/calls.h"

#ifndef CLONE_NEWUSER
#define CLONE_NEWUSER 0x10000000
#endif

/* From 424 up the numbers are the same for both word sizes. */
#define NUMBER(name) .native = UAPI_NR_##name, .compat = UAPI_NR_##name

#if defined(__x86_64__) && defined(__LP64__)
#define ARCH_NATIVE AUDIT_ARCH_X86_64
#define ARCH_COMPAT AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define ARCH_NATIVE AUDIT_ARCH_AARCH64
#define ARCH_COMPAT AUDIT_ARCH_ARM
#else
#define ARCH_COMPAT 0
#if defined(__i386__)
#define ARCH_NATIVE AUDIT_ARCH_I386
#elif defined(__arm__)
#define ARCH_NATIVE AUDIT_ARCH_ARM
#elif defined(__s390x__)
#define ARCH_NATIVE AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH_NATIVE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCH_NATIVE AUDIT_ARCH_PPC64LE
#else
#define ARCH_NATIVE 0
#endif
#endif
/* 32-bit programs have their own numbers of the others. */
#ifdef UAPI_NR32_ioctl
#define OLD_NUMBER(name) .native = SYS_##name, .compat = UAPI_NR32_##name
#else
#define OLD_NUMBER(name) .native = SYS_##name, .compat = -1
#endif

const uint32_t calls_arch_native = ARCH_NATIVE, calls_arch_compat = ARCH_COMPAT;

#define POINTER(n) ((void *)(uintptr_t)run->args[n])
#define INT(n) ((int)run->args[n])
#define UNSIGNED(n) ((unsigned int)run->args[n])
#define SIZE(n) ((size_t)run->args[n])

static int64_t run_open_tree(struct call_run *run)
{
	return mntcompat_open_tree(INT(0), POINTER(1), UNSIGNED(2));
}

static int64_t run_open_tree_attr(struct call_run *run)
{
	return unchanged_open_tree_attr(INT(0), POINTER(1), UNSIGNED(2), POINTER(3), SIZE(4));
}

static int64_t run_mount_setattr(struct call_run *run)
{
	return unchanged_mount_setattr(INT(0), POINTER(1), UNSIGNED(2), POINTER(3), SIZE(4));
}

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

	unknown = ret == -EINVAL || (ret != -EPERM && unasked);
	if (unknown || (ret != -EPERM && !(UNSIGNED(4) & MNTCOMPAT_MOVE_MOUNT_SET_GROUP)))
		ret = move_mount_refusal(INT(0), POINTER(1), INT(2), POINTER(3), UNSIGNED(4),
					 unasked);
	run->leave_to_kernel = !unknown && ret != -EOPNOTSUPP;
	errno = -ret;
	return -1;
}

static int64_t run_fsmount(struct call_run *run)
{
	return mntcompat_fsmount(INT(0), UNSIGNED(1), UNSIGNED(2));
}

/* Run the checks only; the effect cannot be applied to another task. */
static int64_t run_unshare(struct call_run *run)
{
	if (mntcompat_unshare(UNSIGNED(0)) < 0)
		return -1;
	errno = EOPNOTSUPP;
	return -1;
}

static int64_t run_statmount(struct call_run *run)
{
	struct mntcompat_statmount *buf = POINTER(1);
	int ret = mntcompat_statmount(POINTER(0), buf, SIZE(2), UNSIGNED(3));

	if (ret == 0)
		run->written[1] = SIZE(2) < sizeof(*buf) ? SIZE(2) : buf->size;
	return ret;
}

static int64_t run_listmount(struct call_run *run)
{
	ssize_t ret = mntcompat_listmount(POINTER(0), POINTER(1), SIZE(2), UNSIGNED(3));

	if (ret > 0)
		run->written[1] = (size_t)ret * sizeof(uint64_t);
	return ret;
}

static int64_t run_listns(struct call_run *run)
{
	ssize_t ret = mntcompat_listns(POINTER(0), POINTER(1), SIZE(2), UNSIGNED(3));

	if (ret > 0)
		run->written[1] = (size_t)ret * sizeof(uint64_t);
	return ret;
}

/* Files of the same name in two processes' directories share TYPE and MODE, nothing else of
 * BASIC_STATS and BTIME. */
#define STATX_OF_ITS_OWN 0xffcu

static int64_t run_statx(struct call_run *run)
{
	struct mntcompat_statx *stx = POINTER(4);
	int ret;

	if (run->is_like && UNSIGNED(3) & STATX_OF_ITS_OWN) {
		errno = EOPNOTSUPP;
		return -1;
	}
	ret = mntcompat_statx(INT(0), POINTER(1), INT(2), UNSIGNED(3), stx);
	if (ret == 0 && run->is_like)
		stx->stx_mask &= ~STATX_OF_ITS_OWN;
	if (ret == 0)
		run->written[4] = sizeof(struct mntcompat_statx);
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
	ret = mntcompat_name_to_handle_at(INT(0), POINTER(1), handle, POINTER(3), INT(4));
	if (ret == 0 || errno == EOVERFLOW) {
		run->written[2] = sizeof(*handle) + (ret == 0 && handle->handle_bytes < room ?
							     handle->handle_bytes :
						     ret == 0 ? room :
								0);
		run->written[3] = sizeof(uint64_t);
	}
	return ret;
}

static int64_t run_namespace_id(struct call_run *run)
{
	int ret = mntcompat_namespace_id(INT(0), POINTER(2));

	run->written[2] = ret == 0 ? sizeof(uint64_t) : 0;
	return ret;
}

static int64_t run_mount_namespace_id(struct call_run *run)
{
	int ret = mntcompat_mount_namespace_id(INT(0), POINTER(2));

	run->written[2] = ret == 0 ? sizeof(uint64_t) : 0;
	return ret;
}

static int64_t written_info(struct call_run *run, int ret)
{
	run->written[2] = ret >= 0 && run->args[2] ? sizeof(struct mntcompat_mnt_ns_info) : 0;
	return ret;
}

static int64_t run_mount_namespace_info(struct call_run *run)
{
	return written_info(run, mntcompat_mount_namespace_info(INT(0), POINTER(2)));
}

static int64_t run_mount_namespace_next(struct call_run *run)
{
	return written_info(run, mntcompat_mount_namespace_next(INT(0), POINTER(2)));
}

static int64_t run_mount_namespace_prev(struct call_run *run)
{
	return written_info(run, mntcompat_mount_namespace_prev(INT(0), POINTER(2)));
}

static bool asks_mount_setattr(const uint64_t *args)
{
	return unchanged_asks_mount_setattr((void *)(uintptr_t)args[3]);
}

/* --- what the kernel lacks --- */

static bool lacks(enum feature_id id)
{
	return mntcompat_get_mode() == MNTCOMPAT_MODE_EMULATE ||
	       feature_probe(id) != FEATURE_PRESENT;
}

#define NEEDS(name, feature) \
	static bool needs_##name(void) \
	{ \
		return lacks(FEATURE_##feature); \
	}

NEEDS(statx, STATX_MNT_ID_UNIQUE)
NEEDS(handle, HANDLE_MNT_ID_UNIQUE)
NEEDS(fsmount, FSMOUNT_NAMESPACE)
NEEDS(unshare, FSMOUNT_NAMESPACE)    /* 7.1 as well */
NEEDS(move_mount, FSMOUNT_NAMESPACE) /* its newest rules are of 7.1 */
NEEDS(mount_setattr, MOUNT_SETATTR)
NEEDS(listns, LISTNS)
NEEDS(namespace_id, NS_GET_ID)
NEEDS(mount_namespace_id, NS_GET_MNTNS_ID)
NEEDS(mount_namespace_info, NS_MNT_GET_INFO)
NEEDS(statmount_by_fd, STATMOUNT_BY_FD)
/* The last fields of a request by id (6.17, without the fault that 6.15 and 6.16 have there). */
NEEDS(statmount_by_id, STATMOUNT_ID_MAPS)

/* 7.0 to 7.2 know the call and are less strict. */
static bool needs_open_tree(void)
{
	return lacks(FEATURE_OPEN_TREE_NAMESPACE) ||
	       feature_probe(FEATURE_OPEN_TREE_NAMESPACE_LAX) != FEATURE_ABSENT;
}

/* One call lists all mounts. Before 7.2.12 it begins anew after the largest number. */
#define needs_listmount needs_open_tree

bool call_is_needed(const struct call *call)
{
	if (mntcompat_get_mode() == MNTCOMPAT_MODE_NATIVE)
		return false;
	if (mntcompat_get_mode() == MNTCOMPAT_MODE_EMULATE)
		return true;
	return call->needed();
}

bool calls_are_answered(void)
{
	return mntcompat_get_mode() == MNTCOMPAT_MODE_AUTO && !lacks(FEATURE_OPEN_TREE_NAMESPACE) &&
	       !lacks(FEATURE_STATMOUNT_BY_FD) && !lacks(FEATURE_LISTNS);
}

#define FD ARGUMENT_FD
#define PATH ARGUMENT_PATH
#define VALUE ARGUMENT_VALUE

const struct call calls[] = {
	{ .name = "open_tree",
	  NUMBER(open_tree),
	  .when = 2,
	  .bits = MNTCOMPAT_OPEN_TREE_NAMESPACE,
	  .returns_fd = true,
	  .reserves_fd = true,
	  .arguments = { FD, PATH },
	  .run = run_open_tree,
	  .needed = needs_open_tree },
	{ .name = "move_mount",
	  NUMBER(move_mount),
	  .when = 4,
	  .bits = MNTCOMPAT_MOVE_MOUNT_SET_GROUP | MNTCOMPAT_MOVE_MOUNT_BENEATH,
	  .arguments = { FD, PATH, FD, PATH },
	  .run = run_move_mount,
	  .needed = needs_move_mount },
	{ .name = "fsmount",
	  NUMBER(fsmount),
	  .when = 1,
	  .bits = MNTCOMPAT_FSMOUNT_NAMESPACE,
	  .needs_file = true,
	  .returns_fd = true,
	  .arguments = { FD },
	  .run = run_fsmount,
	  .needed = needs_fsmount },
	{ .name = "mount_setattr",
	  NUMBER(mount_setattr),
	  .arguments = { FD, PATH, VALUE, ARGUMENT_ATTRIBUTES },
	  .run = run_mount_setattr,
	  .asks = asks_mount_setattr,
	  .needed = needs_mount_setattr },
	{ .name = "statmount",
	  NUMBER(statmount),
	  .when = 3,
	  .bits = MNTCOMPAT_STATMOUNT_BY_FD,
	  .arguments = { ARGUMENT_MOUNT_REQUEST, ARGUMENT_BUFFER },
	  .unit = 1,
	  .run = run_statmount,
	  .needed = needs_statmount_by_fd },
	{ .name = "statmount",
	  NUMBER(statmount),
	  .arguments = { ARGUMENT_MOUNT_REQUEST, ARGUMENT_BUFFER },
	  .unit = 1,
	  .run = run_statmount,
	  .needed = needs_statmount_by_id },
	{ .name = "listmount",
	  NUMBER(listmount),
	  .arguments = { ARGUMENT_MOUNT_REQUEST, ARGUMENT_BUFFER },
	  .unit = 8,
	  .run = run_listmount,
	  .needed = needs_listmount },
	/*
	 * Without that flag the result is like an O_PATH fd, which SECCOMP_IOCTL_NOTIF_ADDFD
	 * refuses to send.
	 */
	{ .name = "open_tree_attr",
	  NUMBER(open_tree_attr),
	  .when = 2,
	  .bits = MNTCOMPAT_OPEN_TREE_NAMESPACE,
	  .returns_fd = true,
	  .reserves_fd = true,
	  .arguments = { FD, PATH, VALUE, ARGUMENT_ATTRIBUTES },
	  .run = run_open_tree_attr,
	  .needed = needs_open_tree },
	{ .name = "listns",
	  NUMBER(listns),
	  .arguments = { ARGUMENT_NS_REQUEST, ARGUMENT_BUFFER },
	  .unit = 8,
	  .sees_namespaces = true,
	  .run = run_listns,
	  .needed = needs_listns },
	{ .name = "statx",
	  OLD_NUMBER(statx),
	  .when = 3,
	  .bits = MNTCOMPAT_STATX_MNT_ID_UNIQUE,
	  .arguments = { FD, PATH, VALUE, VALUE, ARGUMENT_RESULT },
	  .at_flags = 2,
	  .unit = sizeof(struct mntcompat_statx),
	  .run = run_statx,
	  .needed = needs_statx },
	{ .name = "name_to_handle_at",
	  OLD_NUMBER(name_to_handle_at),
	  .when = 4,
	  .bits = MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE,
	  .arguments = { FD, PATH, ARGUMENT_HANDLE, ARGUMENT_MOUNT_ID },
	  .run = run_name_to_handle_at,
	  .needed = needs_handle },
	{ .name = "unshare",
	  OLD_NUMBER(unshare),
	  .when = 0,
	  .bits = MNTCOMPAT_UNSHARE_EMPTY_MNTNS,
	  .is_short_of_threads = true,
	  .run = run_unshare,
	  .needed = needs_unshare },
#define IOCTL(request, size, how, fd, lacking) \
	{ \
		.name = "ioctl", OLD_NUMBER(ioctl), .when = 1, .equals = (uint32_t)UAPI_##request, \
		.returns_fd = fd, .sees_namespaces = fd, \
		.arguments = { FD, VALUE, ARGUMENT_RESULT }, .unit = size, .run = how, \
		.needed = lacking \
	}
	IOCTL(NS_GET_MNTNS_ID, 8, run_mount_namespace_id, false, needs_mount_namespace_id),
	IOCTL(NS_MNT_GET_INFO, 16, run_mount_namespace_info, false, needs_mount_namespace_info),
	IOCTL(NS_MNT_GET_NEXT, 16, run_mount_namespace_next, true, needs_mount_namespace_info),
	IOCTL(NS_MNT_GET_PREV, 16, run_mount_namespace_prev, true, needs_mount_namespace_info),
	IOCTL(NS_GET_ID, 8, run_namespace_id, false, needs_namespace_id),
};

const size_t calls_count = sizeof(calls) / sizeof(calls[0]);

const struct call *call_find(uint32_t arch, int number, const uint64_t *args)
{
	size_t i;

	for (i = 0; i < calls_count; i++) {
		const struct call *call = &calls[i];
		uint32_t value = (uint32_t)args[call->when];

		if (number != (arch == calls_arch_native ? call->native : call->compat))
			continue;
		if ((!call->bits && !call->equals) || (value & call->bits) ||
		    (call->equals && value == call->equals))
			return call;
	}
	return NULL;
}
