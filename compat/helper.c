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

#define HELPER_STDERR 2	/* where debug lines go */

void helper_make_room(int keep)
{
	int closed = 0;

	for (int fd = 0; fd < 64 && closed < 4; fd++)
		if (fd != keep && fd != HELPER_STDERR && raw_close(fd) == 0)
			closed++;
}

/*
 * Two tasks: the outer one shares the caller's fd table, the inner one has its own and stays until the
 * outer one has fetched the fd through procfs. Neither depends on the caller to end.
 */
struct helper_pass {
	int (*task)(void *arg);
	void *arg;
	int result;
	uint32_t have_result, may_end;
};

static void helper_wait_for(uint32_t *word)
{
	while (!__atomic_load_n(word, __ATOMIC_ACQUIRE))
		raw_futex_wait(word, 0);
}

static void helper_announce(uint32_t *word)
{
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	raw_futex_wake(word);
}

static int pass_inner(void *arg)
{
	struct helper_pass *pass = arg;

	pass->result = pass->task(pass->arg);
	helper_announce(&pass->have_result);
	if (pass->result >= 0)
		helper_wait_for(&pass->may_end);
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
	pid = raw_clone(pass_inner, stack + HELPER_STACK, CLONE_VM, pass);
	if (pid > 0) {
		helper_wait_for(&pass->have_result);
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
			helper_announce(&pass->may_end);
		}
		raw_wait_clone(pid);
	}
	raw_munmap(stack, HELPER_STACK);
	return fd;
}

int helper_pass_fd(int (*task)(void *arg), void *arg)
{
	struct helper_pass pass = { task, arg, -ENOMEM, 0, 0 };

	return helper_run(pass_outer, &pass);
}
