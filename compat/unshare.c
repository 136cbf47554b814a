// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unshare.c - UNSHARE_EMPTY_MNTNS before 7.1: a helper makes an empty namespace, the caller enters
 * it. With CLONE_NEWUSER a child makes both namespaces, and the caller joins the child's.
 * Changes the calling thread's namespaces, root and cwd.
 */
#include <errno.h>
#include <sched.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/open_tree/empty.h"
#include "compat/task/empty_root.h"
#include "compat/task/helper.h"
#include "compat/unshare.h"

/* Flags that only a process without other threads may use, for which they do nothing. */
#define ALONE (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)
#define KNOWN_FLAGS \
	(ALONE | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_NEWNS | CLONE_NEWUTS | \
	 CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWCGROUP | \
	 MNTCOMPAT_TIME_NS | MNTCOMPAT_UNSHARE_EMPTY_MNTNS)

#define UNSHARE_TRIES 16

int unshare_check(unsigned int flags)
{
	int ret;

	if (flags & ~(unsigned int)KNOWN_FLAGS)
		return -EINVAL;
	if (flags & (ALONE | CLONE_NEWUSER)) {
		ret = raw_unshare((flags & ALONE) | (flags & CLONE_NEWUSER ? CLONE_THREAD : 0));
		if (ret < 0)
			return ret;
	}
	/* A new user namespace comes with all capabilities. */
	return flags & CLONE_NEWUSER ? 0 : empty_namespace_privilege();
}

/* --- with a new user namespace --- */

/* Namespaces that the caller joins together with the child's user namespace, all or none. */
#define JOINED (CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP)
/*
 * Those that a task cannot join without becoming a member itself: the caller makes them once it is
 * in the new user namespace. The child makes them first, to see whether that is allowed.
 */
#define MADE_AFTERWARDS (CLONE_NEWPID | MNTCOMPAT_TIME_NS)

#define USER_STACK (64u << 10)
#define USER_ENTERED 1u /* the child is in its namespaces; else an errno */
#define USER_ERRNO 2u

struct user_child {
	unsigned int flags;
	pid_t caller;
	uint32_t word;	/* of the child: 0 nothing yet, USER_ENTERED, USER_ERRNO + errno */
	uint32_t order; /* of the caller: not 0: end */
};

/* In a child with memory, descriptors, root and cwd of its own, and a new user namespace. */
static int user_child_main(void *arg)
{
	struct user_child *shared = *(struct user_child **)arg;
	struct namespace_root root;
	pid_t parent;
	int ns, ret;

	raw_end_with_parent();
	parent = raw_getppid();
	/* 0: the caller is in another pid namespace. */
	if (parent != shared->caller && parent != 0)
		raw_exit(0);
	ns = empty_namespace(&root);
	ret = ns < 0 ? ns : raw_setns(ns, CLONE_NEWNS);
	if (ret == 0)
		ret = raw_unshare(shared->flags & (JOINED | MADE_AFTERWARDS));
	__atomic_store_n(&shared->word, ret < 0 ? USER_ERRNO + (uint32_t)-ret : USER_ENTERED,
			 __ATOMIC_RELEASE);
	raw_futex_wake(&shared->word);
	while (ret == 0 && !__atomic_load_n(&shared->order, __ATOMIC_ACQUIRE))
		raw_futex_wait_a_while(&shared->order, 0);
	raw_exit(0);
	return 0;
}

/* 0 once the child is in its namespaces, or -errno. */
static int wait_for_child(struct user_child *shared, pid_t pid)
{
	bool ended = false;
	uint32_t word;

	while (!(word = __atomic_load_n(&shared->word, __ATOMIC_ACQUIRE)) && !ended) {
		raw_futex_wait_a_while(&shared->word, 0);
		ended = raw_has_ended(pid);
	}
	if (word == USER_ENTERED)
		return 0;
	return word ? -(int)(word - USER_ERRNO) : -ENOMEM;
}

static int join(struct user_child *shared, pid_t pid)
{
	int ret = wait_for_child(shared, pid), pidfd;

	if (ret < 0)
		return refusal_of_step(ret);
	pidfd = raw_pidfd_open(pid);
	if (pidfd < 0)
		return raw_is_shortage(pidfd) ? pidfd : -EOPNOTSUPP;
	/* All of them or, before 5.8 or where the caller may not look at the child, none. */
	ret = raw_setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS | (int)(shared->flags & JOINED));
	raw_close(pidfd);
	if (ret < 0) {
		debug_step("unshare: the child's namespaces cannot be joined (%d)", -ret);
		return ret == -ENOMEM || ret == -ENOSPC ? ret : -EOPNOTSUPP;
	}
	return 0;
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static int with_user_namespace(unsigned int flags)
{
	struct user_child *shared;
	uint64_t mask;
	char *stack;
	int ret;
	pid_t pid;

	if (raw_get_kernel() < RAW_KERNEL(5, 8)) {
		debug_call("unshare: CLONE_NEWUSER too needs setns(2) of Linux 5.8");
		return -EOPNOTSUPP;
	}
	empty_root_note();
	/* A child must not become the init of a new pid namespace: the helper finds that out. */
	ret = helper_run(nothing, NULL, NULL);
	if (ret < 0)
		return ret;
	/* The caller is the process's only thread, but others may share its root and cwd. */
	ret = raw_unshare(CLONE_FS);
	if (ret < 0)
		return refusal_of_step(ret);
	shared = raw_mmap_shared(sizeof(*shared));
	stack = raw_mmap(USER_STACK);
	if (!shared || !stack || raw_sigprocmask_block_all(&mask) < 0) {
		ret = shared && stack ? -ENOSYS : -ENOMEM;
	} else {
		shared->flags = flags;
		shared->caller = raw_getpid();
		pid = raw_clone(user_child_main, stack + USER_STACK, CLONE_NEWUSER, &shared, NULL);
		ret = pid < 0 ? pid : join(shared, pid);
		if (pid > 0) {
			__atomic_store_n(&shared->order, 1, __ATOMIC_RELEASE);
			raw_futex_wake(&shared->order);
			raw_wait_clone(pid);
		}
		/* The rest cannot fail any more but for a want of memory. */
		if (ret == 0 && flags & (CLONE_FILES | CLONE_SYSVSEM | MADE_AFTERWARDS))
			ret = raw_unshare(flags & (CLONE_FILES | CLONE_SYSVSEM | MADE_AFTERWARDS));
		raw_sigprocmask_restore(&mask);
	}
	if (shared)
		raw_munmap(shared, sizeof(*shared));
	if (stack)
		raw_munmap(stack, USER_STACK);
	return ret;
}

/* --- without --- */

int unshare_emulate(unsigned int flags)
{
	unsigned int others = flags & ~(MNTCOMPAT_UNSHARE_EMPTY_MNTNS | CLONE_NEWNS | CLONE_FILES);
	struct namespace_root root;
	int ret, tries, ns;

	if (!(flags & ~(unsigned int)KNOWN_FLAGS) && empty_namespace_is_here()) {
		debug_step("unshare: a copy of the empty namespace");
		return raw_unshare((flags & ~MNTCOMPAT_UNSHARE_EMPTY_MNTNS) | CLONE_NEWNS);
	}
	ret = unshare_check(flags);
	if (ret < 0)
		return ret;
	if (flags & CLONE_NEWUSER)
		return with_user_namespace(flags);
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
