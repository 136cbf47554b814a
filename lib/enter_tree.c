// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * enter_tree.c - mntcompat_enter_tree(): a mount namespace of a directory, and the caller in it.
 * Chooses the way.
 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/open_tree/here.h"
#include "compat/open_tree/job.h"
#include "compat/task/lookup.h"
#include "lib/failure.h"
#include "lib/mode.h"
#include "lib/open_tree.h"

/* EPERM is the kernel's answer without these capabilities, a filter's or a module's with them. */
static int refusal_to_enter(int ret)
{
	uint64_t needed = UAPI_CAP_SYS_ADMIN | UAPI_CAP_SYS_CHROOT, capabilities = needed;

	if (ret != -EPERM && ret != -EACCES && ret != -ENOSYS)
		return ret;
	return raw_capget_effective(&capabilities) == 0 && (capabilities & needed) != needed ?
		       -EPERM :
		       -EOPNOTSUPP;
}

/* The two calls of Linux 7.0: with a descriptor, and where they are emulated with a helper. */
static int by_descriptor(int dfd, const char *path, unsigned int flags, enum mntcompat_way *way)
{
	int fd = open_tree_choose(
		dfd, path, flags | MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC,
		way);
	int ret;

	if (fd < 0)
		return fd;
	ret = raw_setns(fd, CLONE_NEWNS);
	raw_close(fd);
	return refusal_to_enter(ret);
}

/* True if the kernel makes the namespace, which is cheaper than any other way. */
static bool is_native(void)
{
	switch (mode_get()) {
	case MNTCOMPAT_MODE_NATIVE:
		return true;
	case MNTCOMPAT_MODE_EMULATE:
		return false;
	default:
		return feature_probe(FEATURE_OPEN_TREE_NAMESPACE) == FEATURE_PRESENT;
	}
}

int mntcompat_enter_tree(int dfd, const char *path, unsigned int flags)
{
	enum mntcompat_way way = MNTCOMPAT_WAY_NONE;
	int ret;

	if (flags & ~(MNTCOMPAT_AT_RECURSIVE | LOOKUP_FLAGS)) {
		ret = -EINVAL;
	} else {
		ret = is_native() ? OPEN_TREE_NEXT_WAY : open_tree_here(dfd, path, flags);
		way = MNTCOMPAT_WAY_TEMPLATE;
		if (ret == OPEN_TREE_NEXT_WAY)
			ret = by_descriptor(dfd, path, flags, &way);
		ret = calls_documented(CALLS_enter_tree, ret);
	}
	mode_set_way(way);
	debug_call("enter_tree(flags=%#x): %s, %d", flags, mntcompat_way_name(way), ret);
	return failure(ret);
}
