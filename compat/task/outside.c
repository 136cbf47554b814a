// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * outside.c - the way out of a chroot and back. setns(2) to the mount namespace that the task is in
 * leads to its root, and only if no other process shares root and cwd. All that the way back
 * takes is looked at first, without a step.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/task/offline.h"
#include "compat/task/outside.h"

/* Shortages pass. */
#define OUTSIDE_TRIES 100

/*
 * Flags that the kernel refuses to a process with threads, or whose memory another process shares,
 * and that change nothing for any other.
 */
bool outside_is_alone(void)
{
	return raw_unshare(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM) == 0;
}

bool outside_may_return(void)
{
	uint64_t needed = UAPI_CAP_SYS_ADMIN | UAPI_CAP_SYS_CHROOT, capabilities = 0;

	return raw_capget_effective(&capabilities) == 0 && (capabilities & needed) == needed;
}

static int go_to_directory(int fd)
{
	int ret = -1, i;

	for (i = 0; ret < 0 && i < OUTSIDE_TRIES; i++)
		ret = raw_fchdir(fd);
	return ret;
}

int outside_go_to(const struct outside_place *place)
{
	int ret = go_to_directory(place->root), back, i;

	if (ret == 0)
		for (i = 0, ret = -1; ret < 0 && i < OUTSIDE_TRIES; i++)
			ret = raw_chroot(".");
	back = go_to_directory(place->cwd);
	return ret < 0 ? ret : back;
}

static bool is_local(int fd)
{
	struct raw_statx stx;

	return fd >= 0 && offline_statx(fd, &stx) == 0 && offline_is_local(fd, &stx);
}

static bool may_search(int dir)
{
	int fd = is_local(dir) ? raw_openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0) : -1;

	if (fd >= 0)
		raw_close(fd);
	return fd >= 0;
}

/*
 * True if nothing will keep the task from the way back. No step of it is made, since another
 * process may share root and cwd, and change them just now; a filter that refuses one of them does
 * so without arguments, too.
 */
static bool can_return(const struct outside_place *place)
{
	return may_search(place->root) && may_search(place->cwd) && raw_fchdir(-1) == -EBADF &&
	       raw_chroot("") == -ENOENT;
}

static int go_to_namespace(int own)
{
	int ret = -1, i;

	for (i = 0; ret < 0 && i < OUTSIDE_TRIES; i++)
		ret = raw_setns(own, CLONE_NEWNS);
	return ret;
}

/* @self leads to the task's own namespace, and back to it if the task leaves it. */
static int run(const struct outside_place *place, int self, bool leaves, int (*task)(void *arg),
	       void *arg)
{
	int ret;

	/* Refused where root and cwd are shared with another process. */
	if (!can_return(place) || raw_setns(self, CLONE_NEWNS) < 0)
		return -EOPNOTSUPP;
	ret = task(arg);
	/* A task that stayed outside its chroot would have gained something. */
	if ((leaves && go_to_namespace(self) < 0) || outside_go_to(place) < 0)
		__builtin_trap();
	return ret;
}

/* @own: the task's own namespace, or -1. */
static int run_outside(int own, int (*task)(void *arg), void *arg)
{
	struct outside_place place = { -1, -1 };
	int ret = -EOPNOTSUPP, self = own;
	uint64_t mask;

	if (!outside_is_alone() || !outside_may_return())
		return ret;
	/* A handler must not run in between. */
	if (raw_sigprocmask_block_all(&mask) < 0)
		return ret;
	if (own < 0)
		self = raw_pidfd_open(raw_getpid());
	place.root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	place.cwd = raw_openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (self >= 0 && place.root >= 0 && place.cwd >= 0)
		ret = run(&place, self, own >= 0, task, arg);
	if (self >= 0 && own < 0)
		raw_close(self);
	if (place.root >= 0)
		raw_close(place.root);
	if (place.cwd >= 0)
		raw_close(place.cwd);
	raw_sigprocmask_restore(&mask);
	return ret;
}

int outside_look(int (*task)(void *arg), void *arg)
{
	return run_outside(-1, task, arg);
}

int outside_make(int own, int (*task)(void *arg), void *arg)
{
	return run_outside(own, task, arg);
}
