// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * helper.c - starts and reaps the helper task.
 * Touches the calling thread's signal mask (put back before it returns) and nothing else of it.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>

#include "compat/kernel/raw.h"
#include "compat/task/helper.h"

/* The deepest user is the namespace code, whose large buffers are mappings: 32 KiB is ample. */
#define HELPER_STACK (32u * 1024u)

/* Sanitizers make every frame several times as large. */
#ifdef __has_feature
#define HELPER_HAS_FEATURE(x) __has_feature(x)
#else
#define HELPER_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
	HELPER_HAS_FEATURE(address_sanitizer) || HELPER_HAS_FEATURE(thread_sanitizer)
#define HELPER_SHALLOW_STACK (4u * HELPER_SHALLOW)
#else
#define HELPER_SHALLOW_STACK HELPER_SHALLOW
#endif

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
	char text[32];
	/* Half the price of a stat, which would make an inode for the namespace. */
	ssize_t ret = raw_readlinkat(AT_FDCWD, "/proc/thread-self/ns/pid_for_children", text,
				     sizeof(text));

	if (ret != -ENOENT)
		return 0;
	/* Without procfs (or before 3.17/4.12) that file is missing for another reason. */
	return raw_fstatat(AT_FDCWD, "/proc/thread-self/ns/pid", &st, 0) == 0 &&
	       raw_fstatat(AT_FDCWD, "/proc/thread-self/ns/pid_for_children", &st,
			   AT_SYMLINK_NOFOLLOW) == 0;
}

static int helper_start(int (*task)(void *), void *arg, unsigned long flags, char *stack_top,
			uint32_t *alive)
{
	/* The result if the helper is killed before it has an answer. */
	struct helper_call call = { task, arg, -ENOMEM };
	uint64_t mask;
	pid_t pid;

	if (helper_would_be_init())
		return -EOPNOTSUPP;
	if (raw_sigprocmask_block_all(&mask) < 0)
		return -ENOSYS;
	/*
	 * No exit signal, so no SIGCHLD and invisible to wait(2) without __WALL. With CLONE_VFORK
	 * the helper has ended with this memory when clone returns.
	 */
	pid = raw_clone(helper_main, stack_top, CLONE_VM | CLONE_VFORK | flags, &call, alive);
	if (pid > 0)
		raw_wait_clone(pid);
	raw_sigprocmask_restore(&mask);
	if (pid < 0)
		return pid == -EAGAIN || pid == -ENOMEM ? -ENOMEM : -ENOSYS;
	return call.result;
}

static int helper_start_mapped(int (*task)(void *), void *arg, unsigned long flags, uint32_t *alive)
{
	char *stack = raw_mmap(HELPER_STACK);
	int ret;

	if (!stack)
		return -ENOMEM;
	ret = helper_start(task, arg, flags, stack + HELPER_STACK, alive);
	raw_munmap(stack, HELPER_STACK);
	return ret;
}

int helper_run(int (*task)(void *arg), void *arg)
{
	return helper_start_mapped(task, arg, CLONE_FILES, NULL);
}

int helper_run_shallow(int (*task)(void *arg), void *arg)
{
	/*
	 * Part of the caller's own stack, below which the caller waits: no mapping, no page fault,
	 * nothing to share between threads or to find again after a fork.
	 */
	char stack[HELPER_SHALLOW_STACK] __attribute__((aligned(16)));

	return helper_start(task, arg, CLONE_FILES, stack + sizeof(stack), NULL);
}

int helper_run_private_files(int (*task)(void *arg), void *arg)
{
	return helper_start_mapped(task, arg, 0, NULL);
}

#define HELPER_STDERR 2 /* where debug lines go */

void helper_make_room(int keep)
{
	int closed = 0;

	for (int fd = 0; fd < 64 && closed < 12; fd++)
		if (fd != keep && fd != HELPER_STDERR && raw_close(fd) == 0)
			closed++;
}

struct helper_roomy {
	int (*task)(void *arg);
	void *arg;
	int keep;
};

static int roomy_task(void *arg)
{
	struct helper_roomy *roomy = arg;

	helper_make_room(roomy->keep);
	return roomy->task(roomy->arg);
}

int helper_with_room(int (*task)(void *arg), void *arg, int keep)
{
	struct helper_roomy roomy = { task, arg, keep };
	int ret = task(arg);

	return ret == -EMFILE ? helper_run_private_files(roomy_task, &roomy) : ret;
}

/*
 * Two tasks: the outer one shares the caller's fd table, the inner one has its own and stays until
 * the outer one has fetched the fd through procfs. Neither depends on the other or on the caller to
 * end: a word holds its task's id, put there and cleared by the kernel however the task ends.
 */
struct helper_pass {
	int (*task)(void *arg);
	void *arg;
	int result;
	uint32_t outer, inner;
};

/* Values that are not the id of a task: it has ended (or never existed); it has done its part. */
#define HELPER_GONE 0u
#define HELPER_DONE 0xffffffffu

static void helper_wait_for(uint32_t *word)
{
	uint32_t value;

	while ((value = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != HELPER_GONE &&
	       value != HELPER_DONE)
		raw_futex_wait(word, value);
}

static void helper_announce(uint32_t *word)
{
	__atomic_store_n(word, HELPER_DONE, __ATOMIC_RELEASE);
	raw_futex_wake(word);
}

static int pass_inner(void *arg)
{
	struct helper_pass *pass = arg;

	pass->result = pass->task(pass->arg);
	helper_announce(&pass->inner);
	if (pass->result >= 0)
		helper_wait_for(&pass->outer);
	return 0;
}

/* "/proc/PID/fd/FD" without stdio, which a helper may not use. */
static char *put_number(char *at, unsigned int number)
{
	char digits[12];
	int n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n)
		*at++ = digits[--n];
	return at;
}

static int pass_outer(void *arg)
{
	struct helper_pass *pass = arg;
	char path[64] = "/proc/", *at = path + 6;
	char *stack = raw_mmap(HELPER_STACK);
	int fd = -ENOMEM;
	pid_t pid;

	if (!stack)
		return -ENOMEM;
	pid = raw_clone(pass_inner, stack + HELPER_STACK, CLONE_VM, pass, &pass->inner);
	if (pid > 0) {
		helper_wait_for(&pass->inner);
		fd = pass->result;
		if (fd >= 0) {
			at = put_number(at, (unsigned int)pid);
			*at++ = '/';
			*at++ = 'f';
			*at++ = 'd';
			*at++ = '/';
			at = put_number(at, (unsigned int)fd);
			*at = '\0';
			fd = raw_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
			/* Without procfs the one free fd is not enough. */
			if (fd < 0)
				fd = -EMFILE;
			helper_announce(&pass->outer);
		}
		raw_wait_clone(pid);
	}
	raw_munmap(stack, HELPER_STACK);
	return fd;
}

int helper_pass_fd(int (*task)(void *arg), void *arg)
{
	struct helper_pass pass = { task, arg, -ENOMEM, HELPER_GONE, HELPER_GONE };
	int ret = helper_start_mapped(pass_outer, &pass, CLONE_FILES, &pass.outer);
	uint32_t inner;

	/* Only if the outer task was killed: the inner one is about to end, and uses this memory
	 * until it has. */
	while ((inner = __atomic_load_n(&pass.inner, __ATOMIC_ACQUIRE)) != HELPER_GONE)
		raw_futex_wait(&pass.inner, inner);
	return ret;
}
