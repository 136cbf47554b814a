// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * clone3.c - CLONE_EMPTY_MNTNS where the kernel lacks it: make the namespace first, then a child
 * that enters it and reports an error through a pipe. Makes a child.
 */
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "compat/clone3.h"
#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/open_tree/empty.h"
#include "compat/task/usercopy.h"

/* Of <sched.h>, where they may be missing. */

int clone3_read(const struct mntcompat_clone_args *user, size_t size,
		struct mntcompat_clone_args *args)
{
	size_t known = size < sizeof(*args) ? size : sizeof(*args);
	int ret;

	*args = (struct mntcompat_clone_args){ .flags = 0 };
	if (size > (size_t)sysconf(_SC_PAGESIZE))
		return -E2BIG;
	if (size < MNTCOMPAT_CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	ret = usercopy_struct(args, known, user, size);
	if (ret < 0)
		return ret;
	if (args->stack || args->stack_size || (args->flags & (CLONE_VM | CLONE_SETTLS))) {
		debug_call(
			"clone3: a child without memory of its own cannot return from a C function");
		return -EOPNOTSUPP;
	}
	return 0;
}

static int check(const struct mntcompat_clone_args *args)
{
	uint64_t capabilities = 0;
	int ret;

	if (args->flags & CLONE_FS)
		return -EINVAL;
	/*
	 * The library cannot make the namespace in the child's user namespace, nor close the pipe
	 * in a shared table, nor reap a sibling.
	 */
	if (args->flags & (CLONE_NEWUSER | CLONE_FILES | CLONE_PARENT))
		return -EOPNOTSUPP;
	ret = raw_capget_effective(&capabilities);
	if (ret < 0)
		return refusal_of_step(ret);
	if (!(capabilities & UAPI_CAP_SYS_ADMIN))
		return -EPERM;
	return capabilities & UAPI_CAP_SYS_CHROOT ? 0 : -EOPNOTSUPP;
}

static void child(int ns, const int pipes[2], const uint64_t *mask)
{
	signed char error = 0;
	int ret;

	raw_close(pipes[0]);
	ret = raw_setns(ns, CLONE_NEWNS);
	raw_close(ns);
	if (ret < 0) {
		error = (signed char)-ret;
		raw_write(pipes[1], &error, 1);
		raw_exit(1);
	}
	/* To the parent an end without a word is good news (or that of a child that was killed, as
	 * can happen). */
	raw_close(pipes[1]);
	raw_sigprocmask_restore(mask);
}

/* The child has ended; remove its traces. */
static void forget(const struct mntcompat_clone_args *args, pid_t pid, uint64_t pending)
{
	uint64_t signal = args->exit_signal ? 1ull << (args->exit_signal - 1) : 0;
	int pidfd;

	raw_wait_clone(pid);
	if (signal && !(pending & signal))
		raw_sigtake(signal);
	if ((args->flags & UAPI_CLONE_PIDFD) &&
	    usercopy_from(&pidfd, (const void *)(uintptr_t)args->pidfd, sizeof(pidfd)) == 0)
		raw_close(pidfd);
}

static pid_t start(const struct mntcompat_clone_args *args, int ns, const int pipes[2])
{
	struct mntcompat_clone_args kernel = *args;
	uint64_t mask, pending = 0;
	signed char error = 0;
	ssize_t n;
	pid_t pid;

	kernel.flags &= ~(MNTCOMPAT_CLONE_EMPTY_MNTNS | (uint64_t)CLONE_NEWNS);
	if (raw_sigprocmask_block_all(&mask) < 0) {
		raw_close(pipes[1]);
		return -ENOSYS;
	}
	raw_sigpending(&pending);
	pid = raw_clone3(&kernel, args->cgroup	     ? MNTCOMPAT_CLONE_ARGS_SIZE_VER2 :
				  args->set_tid_size ? MNTCOMPAT_CLONE_ARGS_SIZE_VER1 :
						       MNTCOMPAT_CLONE_ARGS_SIZE_VER0);
	if (pid == 0) {
		child(ns, pipes, &mask);
		return 0;
	}
	raw_close(pipes[1]);
	if (pid > 0) {
		do
			n = raw_read(pipes[0], &error, 1);
		while (n == -EINTR);
		if (n > 0) {
			forget(args, pid, pending);
			pid = refusal_of_step(-error);
		}
	}
	raw_sigprocmask_restore(&mask);
	return pid;
}

pid_t clone3_emulate(const struct mntcompat_clone_args *args)
{
	int ret = check(args), ns, pipes[2];

	if (ret < 0)
		return ret;
	ns = empty_namespace();
	if (ns < 0)
		return ns;
	ret = refusal_of_step(raw_pipe2(pipes, O_CLOEXEC));
	if (ret == 0) {
		ret = start(args, ns, pipes);
		if (ret == 0)
			return 0;
		raw_close(pipes[0]);
	}
	raw_close(ns);
	return ret;
}
