// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * helper.c - starts and reaps the helper task.
 * Touches the calling thread's signal mask (put back before it returns) and nothing else of it.
 * Called by the emulations in compat/.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>

#include "compat/helper.h"
#include "compat/raw.h"

/* The deepest user is the namespace code, whose large buffers are mappings: 32 KiB is ample. */
#define HELPER_STACK (32u * 1024u)

struct helper_call {
	int (*task)(void *arg);
	void *arg;
	int result;
};

static int helper_main(void *arg)
{
	struct helper_call *call = arg;

	call->result = call->task(call->arg);
	return 0;
}

/*
 * After unshare(CLONE_NEWPID) the next child is the new pid namespace's init, and its end is the
 * end of that namespace. The kernel shows such a namespace as a link that leads nowhere yet.
 */
static int helper_would_be_init(void)
{
	struct stat st;
	int ret = raw_fstatat(AT_FDCWD, "/proc/thread-self/ns/pid_for_children", &st, 0);

	if (ret != -ENOENT)
		return 0;
	/* Without procfs (or before 3.17/4.12) that file is missing for another reason. */
	return raw_fstatat(AT_FDCWD, "/proc/thread-self/ns/pid", &st, 0) == 0 &&
	       raw_fstatat(AT_FDCWD, "/proc/thread-self/ns/pid_for_children", &st,
			   AT_SYMLINK_NOFOLLOW) == 0;
}

static int helper_start(int (*task)(void *), void *arg, unsigned long flags)
{
	/* What is left standing if the helper is killed before it has an answer. */
	struct helper_call call = { task, arg, -ENOMEM };
	uint64_t mask;
	char *stack;
	pid_t pid;

	if (helper_would_be_init())
		return -EOPNOTSUPP;
	stack = raw_mmap(HELPER_STACK);
	if (!stack)
		return -ENOMEM;
	if (raw_sigprocmask_block_all(&mask) < 0) {
		raw_munmap(stack, HELPER_STACK);
		return -ENOSYS;
	}
	/*
	 * No exit signal, so no SIGCHLD and invisible to wait(2) without __WALL. With CLONE_VFORK
	 * the helper has ended with this memory when clone returns.
	 */
	pid = raw_clone(helper_main, stack + HELPER_STACK, CLONE_VM | CLONE_VFORK | flags, &call);
	if (pid > 0)
		raw_wait_clone(pid);
	raw_sigprocmask_restore(&mask);
	raw_munmap(stack, HELPER_STACK);
	if (pid < 0)
		return pid == -EAGAIN || pid == -ENOMEM ? -ENOMEM : -ENOSYS;
	return call.result;
}

int helper_run(int (*task)(void *arg), void *arg)
{
	return helper_start(task, arg, CLONE_FILES);
}

int helper_run_private_files(int (*task)(void *arg), void *arg)
{
	return helper_start(task, arg, 0);
}
