// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unshare.c - UNSHARE_EMPTY_MNTNS before 7.1: a helper makes an empty namespace, the caller enters
 * it.
 * Changes the calling thread's namespaces, root and cwd.
 */
#include <errno.h>
#include <sched.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/open_tree/empty.h"
#include "compat/unshare.h"

/* Flags that only a process without other threads may use, for which they do nothing. */
#define ALONE (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)
#define KNOWN_FLAGS \
	(ALONE | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_NEWNS | CLONE_NEWUTS | \
	 CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWCGROUP | \
	 MNTCOMPAT_TIME_NS | MNTCOMPAT_UNSHARE_EMPTY_MNTNS)

#define UNSHARE_TRIES 16

static int check(unsigned int flags)
{
	int ret;

	if (flags & ~(unsigned int)KNOWN_FLAGS)
		return -EINVAL;
	if (flags & (ALONE | CLONE_NEWUSER)) {
		ret = raw_unshare((flags & ALONE) | (flags & CLONE_NEWUSER ? CLONE_THREAD : 0));
		if (ret < 0)
			return ret;
	}
	/* A new user namespace comes with all capabilities; its mount namespace has to be made in
	 * it. */
	if (flags & CLONE_NEWUSER) {
		debug_call(
			"unshare: UNSHARE_EMPTY_MNTNS together with CLONE_NEWUSER needs Linux 7.1");
		return -EOPNOTSUPP;
	}
	return empty_namespace_privilege();
}

int unshare_emulate(unsigned int flags)
{
	unsigned int others = flags & ~(MNTCOMPAT_UNSHARE_EMPTY_MNTNS | CLONE_NEWNS | CLONE_FILES);
	int ret = check(flags), tries, ns;
	struct namespace_root root;

	if (ret < 0)
		return ret;
	/* Leave the shared table before the namespace's fd exists, which would stay in it. */
	if (flags & CLONE_FILES) {
		ret = raw_unshare(CLONE_FILES);
		if (ret < 0)
			return refusal_of_step(ret);
	}
	/* The loop runs once, unless another thread has put another file under the number. */
	for (tries = 0; tries < UNSHARE_TRIES; tries++) {
		ns = empty_namespace(&root);
		if (ns < 0)
			return ns;
		/*
		 * A task that shares its root and cwd with others may not enter another mount
		 * namespace.
		 */
		ret = tries ? 0 : raw_unshare(others | CLONE_FS);
		if (ret < 0) {
			raw_close(ns);
			return ret;
		}
		ret = raw_setns(ns, CLONE_NEWNS);
		raw_close(ns);
		if (ret == 0 && !namespace_root_differs(&root))
			return 0;
		if (ret < 0 && ret != -EBADF && ret != -EINVAL)
			return ret;
	}
	return ret < 0 ? ret : -ENOMEM;
}
