// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_helper.c - compat/task/helper.c: the caller is unaffected, whichever task is killed, and the
 * small stack suffices.
 * Starts and kills tasks; the tests that make namespaces need root. Run by "make check" and in the
 * kernel matrix.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/task/helper.h"
#include "compat/kernel/raw.h"

static int (*const runs[])(int (*)(void *), void *) = {
	helper_run,
	helper_run_shallow,
	helper_run_private_files,
};

static int answer(void *arg)
{
	*(pid_t *)arg = raw_getpid();
	return 42;
}

static int open_root(void *arg)
{
	(void)arg;
	return raw_openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
}

static int kill_myself(void *arg)
{
	(void)arg;
	syscall(SYS_kill, raw_getpid(), SIGKILL);
	return 0;
}

static int kill_parent(void *arg)
{
	(void)arg;
	syscall(SYS_kill, (pid_t)syscall(SYS_getppid), SIGKILL);
	return raw_openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
}

static void nobody_is_left(void)
{
	sigset_t mask;

	ck_assert_int_eq(waitpid(-1, NULL, __WALL | WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(sigpending(&mask), 0);
	ck_assert_int_eq(sigismember(&mask, SIGCHLD), 0);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
	ck_assert_int_eq(sigismember(&mask, SIGUSR1), 0);
}

START_TEST(runs_elsewhere)
{
	pid_t pid = 0;

	ck_assert_int_eq(runs[_i](answer, &pid), 42);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_ne(pid, getpid());
	nobody_is_left();
}
END_TEST

START_TEST(killed)
{
	ck_assert_int_eq(runs[_i](kill_myself, NULL), -ENOMEM);
	nobody_is_left();
}
END_TEST

/* Two helpers at a time on one thread's record of ThreadSanitizer are one too many for it: left out
 * there. */
#ifdef __SANITIZE_THREAD__
#define PASS_ROUNDS 0
#else
#define PASS_ROUNDS 1
#endif

START_TEST(passes_fd)
{
	int fd = helper_pass_fd(open_root, NULL);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(close(fd), 0);
	nobody_is_left();
}
END_TEST

/* The test's own time limit says whether somebody waits for ever. */
START_TEST(inner_killed)
{
	ck_assert_int_lt(helper_pass_fd(kill_myself, NULL), 0);
	nobody_is_left();
}
END_TEST

START_TEST(outer_killed)
{
	ck_assert_int_lt(helper_pass_fd(kill_parent, NULL), 0);
	nobody_is_left();
}
END_TEST

/* --- how much of the small stack is used --- */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define PAINT 0xa5
#define ROOM (256u * 1024u)
#define SPARE 2048u

struct painted {
	const char *kernel;
	int ret;
};

static void *paint_caller(void *arg)
{
	struct painted *painted = arg;
	int i, fd;

	mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
	mntcompat_set_kernel(painted->kernel);
	/* The deepest there is: lines of text. */
	mntcompat_set_debug(2);
	for (i = 0; i < 6; i++) {
		fd = mntcompat_open_tree(AT_FDCWD, "/",
					 MNTCOMPAT_OPEN_TREE_NAMESPACE |
						 MNTCOMPAT_OPEN_TREE_CLOEXEC |
						 MNTCOMPAT_AT_RECURSIVE);
		painted->ret = fd;
		if (fd < 0)
			break;
		close(fd);
	}
	return NULL;
}

/*
 * The small stack is a part of the caller's: what stays untouched between its deepest point and
 * what the caller itself uses below it is the largest hole in what was touched at all.
 */
START_TEST(shallow_enough)
{
	static const char *const kernels[] = { NULL, "6.10", "5.10" };
	struct painted painted = { kernels[_i], -1 };
	unsigned char *stack;
	size_t i, low, hole = 0, largest = 0;
	pthread_attr_t attr;
	pthread_t thread;
	int null;

	if (geteuid() != 0)
		return;
	null = open("/dev/null", O_WRONLY);
	ck_assert_int_ge(dup2(null, 2), 0);
	stack = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(stack, MAP_FAILED);
	memset(stack, PAINT, ROOM);
	ck_assert_int_eq(pthread_attr_init(&attr), 0);
	ck_assert_int_eq(pthread_attr_setstack(&attr, stack, ROOM), 0);
	ck_assert_int_eq(pthread_create(&thread, &attr, paint_caller, &painted), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_ge(painted.ret, 0);
	for (low = 0; low < ROOM && stack[low] == PAINT; low++)
		;
	for (i = low; i < ROOM; i++) {
		hole = stack[i] == PAINT ? hole + 1 : 0;
		if (hole > largest)
			largest = hole;
	}
	/* Not the whole of it either, or the short cut was not taken. */
	ck_assert_uint_ge(largest, SPARE);
	ck_assert_uint_lt(largest, HELPER_SHALLOW - 256);
}
END_TEST
#endif

int main(void)
{
	Suite *suite = suite_create("helper");
	TCase *tc = tcase_create("helper");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, runs_elsewhere, 0, 3);
	tcase_add_loop_test(tc, killed, 0, 3);
	tcase_add_loop_test(tc, passes_fd, 0, PASS_ROUNDS);
	tcase_add_test(tc, inner_killed);
	tcase_add_test(tc, outer_killed);
#ifdef PAINT
	tcase_add_loop_test(tc, shallow_enough, 0, 3);
#endif
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
