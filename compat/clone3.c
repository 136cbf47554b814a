// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * clone3.c - CLONE_EMPTY_MNTNS where the kernel lacks it: make the namespace first, then a child
 * that enters it and reports an error in shared memory. With CLONE_NEWUSER the child makes the
 * namespace, which its user namespace has to own. Makes a child.
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

#define CLONE3_TRIES 16

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
	/* The kernel takes both or none. */
	if (!args->stack != !args->stack_size)
		return -EINVAL;
	if (args->stack || args->stack_size || (args->flags & (CLONE_VM | CLONE_SETTLS))) {
		debug_call(
			"clone3: a child without memory of its own cannot return from a C function");
		return -EOPNOTSUPP;
	}
	return 0;
}

/*
 * Memory that the child shares, in which it reports its result. Not a descriptor: another thread
 * could put another file under its number.
 */
struct clone3_news {
	uint32_t word; /* 0: nothing yet */
};

/* Values that are not errnos: the child is in the namespace; it is in another one. */
#define NEWS_ENTERED 0xffffffffu
#define NEWS_ELSEWHERE 100000

static void tell(struct clone3_news *news, uint32_t word)
{
	__atomic_store_n(&news->word, word, __ATOMIC_RELEASE);
	raw_futex_wake(&news->word);
}

/*
 * The child's part, in a descriptor table of its own: it enters the namespace that was made for it
 * (@ns < 0: that it makes), or ends.
 */
static void child(int ns, const struct namespace_root *given, struct clone3_news *news,
		  const uint64_t *mask)
{
	struct namespace_root own = { .mount = 0 };
	const struct namespace_root *root = ns < 0 ? &own : given;
	int ret;

	if (ns < 0)
		ns = empty_namespace(&own);
	ret = ns < 0 ? ns : raw_setns(ns, CLONE_NEWNS);
	if (ns >= 0)
		raw_close(ns);
	/* Another thread of the parent may have put another file under the number. */
	if (ret == -EBADF || ret == -EINVAL || (ret == 0 && namespace_root_differs(root)))
		ret = -NEWS_ELSEWHERE;
	if (ret < 0) {
		tell(news, (uint32_t)-ret);
		raw_exit(1);
	}
	tell(news, NEWS_ENTERED);
	raw_munmap(news, sizeof(*news));
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

/* A child that was killed counts as one that has entered: a child may be killed at any time. */
static uint32_t wait_for_news(struct clone3_news *news, pid_t pid)
{
	uint32_t word;
	bool ended = false;

	while (!(word = __atomic_load_n(&news->word, __ATOMIC_ACQUIRE)) && !ended) {
		raw_futex_wait_a_while(&news->word, 0);
		ended = raw_has_ended(pid);
	}
	return word ? word : NEWS_ENTERED;
}

/*
 * A caller without privilege: the kernel checks the arguments before that. It makes no child, since
 * a copy of the caller's namespace needs the same privilege.
 */
static int refuse(const struct mntcompat_clone_args *args, size_t size)
{
	struct mntcompat_clone_args kernel = *args;
	uint64_t mask, pending = 0;
	pid_t pid;

	kernel.flags &= ~MNTCOMPAT_CLONE_EMPTY_MNTNS;
	kernel.flags |= CLONE_NEWNS;
	/* It may have got the privilege since it was asked for. */
	if (raw_sigprocmask_block_all(&mask) < 0)
		return -EPERM;
	raw_sigpending(&pending);
	pid = raw_clone3(&kernel, size);
	if (pid == 0)
		raw_exit(1);
	if (pid > 0)
		forget(args, pid, pending);
	raw_sigprocmask_restore(&mask);
	return pid == -EINVAL || pid == -E2BIG ? pid : -EPERM;
}

static int check(const struct mntcompat_clone_args *args, size_t size)
{
	int ret;

	if (args->flags & CLONE_FS)
		return -EINVAL;
	/* With CLONE_NEWUSER the child has all capabilities. The kernel checks the rest. */
	ret = args->flags & CLONE_NEWUSER ? 0 : empty_namespace_privilege();
	if (ret == -EPERM)
		return refuse(args, size);
	if (ret < 0)
		return ret;
	/*
	 * The library can neither use a descriptor of the child's alone in a shared table nor reap
	 * a sibling.
	 */
	if (!(args->flags & (CLONE_FILES | CLONE_PARENT)))
		return 0;
	return args->flags & CLONE_PARENT && args->exit_signal ? -EINVAL : -EOPNOTSUPP;
}

static pid_t start(const struct mntcompat_clone_args *args, size_t size, int ns,
		   const struct namespace_root *root, struct clone3_news *news)
{
	struct mntcompat_clone_args kernel = *args;
	uint64_t mask, pending = 0;
	uint32_t word;
	pid_t pid;

	kernel.flags &= ~(MNTCOMPAT_CLONE_EMPTY_MNTNS | (uint64_t)CLONE_NEWNS);
	if (raw_sigprocmask_block_all(&mask) < 0)
		return -ENOSYS;
	raw_sigpending(&pending);
	pid = raw_clone3(&kernel, size);
	if (pid == 0) {
		child(ns, root, news, &mask);
		return 0;
	}
	if (pid > 0) {
		word = wait_for_news(news, pid);
		if (word != NEWS_ENTERED) {
			forget(args, pid, pending);
			pid = refusal_of_step(-(pid_t)word);
		}
	}
	raw_sigprocmask_restore(&mask);
	return pid;
}

/* In an empty namespace a copy of it is an empty one. */
static pid_t copy(const struct mntcompat_clone_args *args, size_t size)
{
	struct mntcompat_clone_args kernel = *args;

	kernel.flags &= ~MNTCOMPAT_CLONE_EMPTY_MNTNS;
	kernel.flags |= CLONE_NEWNS;
	return raw_clone3(&kernel, size);
}

pid_t clone3_emulate(const struct mntcompat_clone_args *args, size_t given)
{
	/* The bytes beyond are zero. */
	size_t size = given < sizeof(*args) ? given : sizeof(*args);
	struct namespace_root root;
	struct clone3_news *news;
	int ret, tries, ns;

	if (empty_namespace_is_here())
		return copy(args, size);
	ret = check(args, size);
	if (ret < 0)
		return ret;
	news = raw_mmap_shared(sizeof(*news));
	if (!news)
		return -ENOMEM;
	/* The loop runs once, unless another thread has put another file under the number. */
	for (tries = 0; tries < CLONE3_TRIES; tries++) {
		news->word = 0;
		ns = -1;
		ret = 0;
		if (!(args->flags & CLONE_NEWUSER))
			ns = ret = empty_namespace(&root);
		if (ret >= 0)
			ret = start(args, size, ns, &root, news);
		if (ret == 0)
			return 0;
		if (ns >= 0)
			raw_close(ns);
		if (ret != -NEWS_ELSEWHERE)
			break;
	}
	raw_munmap(news, sizeof(*news));
	return ret == -NEWS_ELSEWHERE ? -ENOMEM : ret;
}
