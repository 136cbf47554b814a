// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_helper.c - compat/task/helper.c: the caller is unaffected, whichever task is killed; the
 * helper's table is its own; descriptors cross over; no helper becomes an init.
 * Starts and kills tasks; the tests that make namespaces need root. Run by "make check" and in the
 * kernel matrix.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/task/helper.h"
#include "compat/kernel/raw.h"

/* The refusals of musl from 1.2.5 on, and of a kernel before 6.1 in a time namespace. */
static enum { CLONE_OF_LIBC, CLONE_OF_MUSL, CLONE_AND_TIME_NAMESPACE, CLONES } clone_kind;

int clone(int (*task)(void *), void *stack, int flags, void *arg, ...)
{
	static int (*of_libc)(int (*)(void *), void *, int, void *, ...);
	pid_t *parent, *child;
	va_list rest;
	void *tls;

	va_start(rest, arg);
	parent = va_arg(rest, pid_t *);
	tls = va_arg(rest, void *);
	child = va_arg(rest, pid_t *);
	va_end(rest);
	if (!of_libc)
		of_libc = (int (*)(int (*)(void *), void *, int, void *, ...))dlsym(RTLD_NEXT,
										    "clone");
	if ((clone_kind == CLONE_OF_MUSL &&
	     (flags & (CLONE_THREAD | CLONE_SETTLS | CLONE_CHILD_CLEARTID))) ||
	    (clone_kind == CLONE_AND_TIME_NAMESPACE &&
	     (flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM)) {
		errno = EINVAL;
		return -1;
	}
	return of_libc(task, stack, flags, arg, parent, tls, child);
}

static int run(int (*task)(void *), void *arg)
{
	return helper_run(task, arg, NULL);
}

static int run_fd(int (*task)(void *), void *arg)
{
	struct helper_files none = { .in = NULL };

	return helper_run_fd(task, arg, &none);
}

static int (*const runs[])(int (*)(void *), void *) = { run, helper_look, run_fd };

/*
 * The last runs beside its caller with the caller's thread pointer, where ThreadSanitizer keeps
 * what it knows of a thread: one of the two may crash there.
 */
#ifdef __SANITIZE_THREAD__
#define RUNS 2
#else
#define RUNS 3
#endif

static int answer(void *arg)
{
	*(pid_t *)arg = raw_getpid();
	return -42;
}

static int kill_myself(void *arg)
{
	(void)arg;
	syscall(SYS_kill, raw_getpid(), SIGKILL);
	return 0;
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

	ck_assert_int_eq(runs[_i](answer, &pid), -42);
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
#define PASS_ROUNDS (CLONES * 6)
#endif
/*
 * AddressSanitizer takes the stack of a killed helper for that of the next one, which lies at the
 * same address, with all that was marked on it.
 */
#ifdef __SANITIZE_ADDRESS__
#define KILL_ROUNDS 0
#else
#define KILL_ROUNDS (PASS_ROUNDS / 6 * 2)
#endif

/* The three ways to take a descriptor over, from the newest kernel's to that which all have. */
static const char *const levels[] = { NULL, "5.5", "5.2" };

static int open_null(void *arg)
{
	(void)arg;
	return raw_openat(AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC, 0);
}

START_TEST(passes_fd)
{
	struct helper_files files = { .in = NULL, .not_cloexec = _i % 2 };
	int lowest = dup(0), fd;
	struct stat st;

	close(lowest);
	clone_kind = (unsigned int)_i / 6;
	mntcompat_set_kernel(levels[_i % 6 / 2]);
	fd = helper_run_fd(open_null, NULL, &files);
	mntcompat_set_kernel(NULL);
	clone_kind = CLONE_OF_LIBC;
	ck_assert_int_eq(fd, lowest);
	ck_assert_int_eq(fcntl(fd, F_GETFD), _i % 2 ? 0 : FD_CLOEXEC);
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_WRONLY);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert(S_ISCHR(st.st_mode));
	ck_assert_int_eq(close(fd), 0);
	nobody_is_left();
}
END_TEST

static _Atomic pid_t victim;
static _Atomic bool no_more;

static void *kill_victims(void *arg)
{
	unsigned int round = 0;

	(void)arg;
	while (!no_more) {
		pid_t pid = atomic_exchange(&victim, 0);

		for (volatile unsigned int i = 0; pid && i < round % 64 * 8000; i++)
			;
		if (pid && kill(pid, SIGKILL) == 0)
			round++;
	}
	return NULL;
}

static int open_and_offer(void *arg)
{
	victim = (pid_t)syscall(SYS_getpid);
	return open_null(arg);
}

/* Before it has announced its result, or while that is taken over. */
START_TEST(killed_with_result)
{
	struct helper_files files = { .in = NULL };
	/* The killer keeps a machine with one processor busy. */
	time_t enough = time(NULL) + 2;
	int taken = 0, lost = 0, fd;
	pthread_t killer;

	clone_kind = _i % 2 ? CLONE_OF_MUSL : CLONE_OF_LIBC;
	mntcompat_set_kernel(levels[_i / 2]);
	no_more = false;
	ck_assert_int_eq(pthread_create(&killer, NULL, kill_victims, NULL), 0);
	for (int round = 0; round < 100000 && (time(NULL) < enough || !taken || !lost); round++) {
		fd = helper_run_fd(open_and_offer, NULL, &files);
		victim = 0;
		if (fd >= 0)
			ck_assert_int_eq(close(fd), 0);
		else
			ck_assert_int_eq(fd, -ENOMEM);
		taken += fd >= 0;
		lost += fd < 0;
	}
	no_more = true;
	pthread_join(killer, NULL);
	mntcompat_set_kernel(NULL);
	clone_kind = CLONE_OF_LIBC;
	ck_assert_int_gt(taken, 0);
	ck_assert_int_gt(lost, 0);
	nobody_is_left();
}
END_TEST

static int open_extra(void *arg)
{
	*(int *)arg = raw_openat(AT_FDCWD, "/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC, 0);
	return -EINVAL;
}

/* The result is an error, and there is another file to take over: nobody waits for nobody. */
START_TEST(extra_alone)
{
	int extra = -1;
	struct helper_files files = { .in = NULL, .extra = &extra };

	clone_kind = (unsigned int)_i;
	ck_assert_int_eq(helper_run_fd(open_extra, &extra, &files), -EINVAL);
	clone_kind = CLONE_OF_LIBC;
	ck_assert_int_eq(extra >= 0, _i != CLONE_AND_TIME_NAMESPACE);
	if (extra >= 0)
		ck_assert_int_eq(close(extra), 0);
	nobody_is_left();
}
END_TEST

struct table_question {
	int fd;
	struct stat st;
	int closed, other;
};

/* Closes the number, and looks whether another one of the caller's is there. */
static int look_at_table(void *arg)
{
	struct table_question *question = arg;

	question->closed = raw_fstat(question->fd, &question->st);
	raw_close(question->fd);
	question->other = raw_fcntl(777, F_GETFD, 0);
	return 0;
}

START_TEST(own_table)
{
	struct table_question question = { .fd = open("/dev/null", O_RDONLY | O_CLOEXEC) };
	int fd = question.fd;
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(dup2(fd, 777), 777);
	mntcompat_set_kernel(levels[_i]);
	ck_assert_int_eq(helper_run(look_at_table, &question, &question.fd), 0);
	mntcompat_set_kernel(NULL);
	ck_assert_int_eq(question.fd, fd);
	ck_assert_int_eq(question.closed, 0);
	ck_assert(question.st.st_rdev == st.st_rdev && question.st.st_ino == st.st_ino);
	/* Before 5.9 the kernel can only copy all of the table. */
	ck_assert_int_eq(question.other, _i ? 0 : -EBADF);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(777);
	close(fd);
	/* A number that the caller does not have. */
	question.fd = fd;
	ck_assert_int_eq(helper_run(look_at_table, &question, &question.fd), 0);
	ck_assert_int_eq(question.fd, fd);
	ck_assert_int_eq(question.closed, -EBADF);
	nobody_is_left();
}
END_TEST

START_TEST(room)
{
	struct rlimit all, few;
	struct stat st;
	int before, after;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	few = all;
	few.rlim_cur = (rlim_t)dup(0);
	close((int)few.rlim_cur);
	before = fstat((int)few.rlim_cur, &st);
	ck_assert_int_eq(helper_room_left(), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(helper_room_left(), -EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	after = fstat((int)few.rlim_cur, &st);
	ck_assert_int_eq(before, -1);
	ck_assert_int_eq(after, -1);
}
END_TEST

/* A child of this one would be an init: no helper, with and without what tells it at first sight. */
/* Anybody in the network namespace may send to a mailbox, and only the helper's message comes in. */
START_TEST(strangers_message)
{
	char bytes[RAW_SECRET] = { 0 };
	struct raw_address address;
	int mailbox = raw_mailbox(&address), fd, i;
	struct stat sent, received;

	ck_assert_int_ge(mailbox, 0);
	for (i = 0; i < 3; i++) {
		union {
			struct cmsghdr header;
			char room[CMSG_SPACE(sizeof(int))];
		} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
					  .cmsg_level = SOL_SOCKET,
					  .cmsg_type = SCM_RIGHTS } };
		/* One byte; as many as there should be; all of the secret but one bit. */
		struct iovec part = { bytes, i ? sizeof(bytes) : 1 };
		struct msghdr message = { .msg_name = address.bytes,
					  .msg_namelen = address.len,
					  .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = &control,
					  .msg_controllen = sizeof(control) };
		int stranger = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		if (i == 2) {
			memcpy(bytes, address.secret, sizeof(bytes));
			bytes[RAW_SECRET - 1] ^= 1;
		}
		memcpy(CMSG_DATA(&control.header), &stranger, sizeof(stranger));
		sendmsg(stranger, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		close(stranger);
		ck_assert_int_eq(raw_receive_fd(mailbox), -EAGAIN);
	}
	ck_assert_int_eq(raw_send_fd(&address, STDIN_FILENO), 0);
	fd = raw_receive_fd(mailbox);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(STDIN_FILENO, &sent), 0);
	ck_assert_int_eq(fstat(fd, &received), 0);
	ck_assert(sent.st_dev == received.st_dev && sent.st_ino == received.st_ino);
	close(fd);
	close(mailbox);
}
END_TEST

START_TEST(never_an_init)
{
	pid_t pid, child;
	int status, hold[2];

	if (geteuid() != 0)
		return;
	pid = fork();
	if (pid == 0) {
		mntcompat_set_kernel(_i / 2 ? "5.4" : NULL);
		if (_i % 2 && (unshare(CLONE_NEWNS) < 0 || chroot("/dev") < 0))
			_exit(1);
		if (run(answer, &child) != -42 || unshare(CLONE_NEWPID) < 0)
			_exit(2);
		if (run(answer, &child) != -EOPNOTSUPP)
			_exit(3);
		if (pipe(hold) < 0)
			_exit(6);
		child = fork();
		if (child == 0) {
			close(hold[1]);
			if (read(hold[0], &status, 1) < 0)
				_exit(1);
			_exit(getpid() != 1);
		}
		/* With an init a helper is one task more, where procfs shows that there is one. */
		if (_i % 2 == 0 && run(answer, &status) != -42)
			_exit(7);
		close(hold[1]);
		if (child < 0 || waitpid(child, &status, 0) != child || status)
			_exit(4);
		/* It has ended, and the namespace with it. */
		_exit(run(answer, &child) == -EOPNOTSUPP ? 0 : 5);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("helper");
	TCase *tc = tcase_create("helper");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, runs_elsewhere, 0, RUNS);
	tcase_add_loop_test(tc, killed, 0, RUNS);
	tcase_add_loop_test(tc, passes_fd, 0, PASS_ROUNDS);
	tcase_add_loop_test(tc, killed_with_result, 0, KILL_ROUNDS);
	tcase_add_loop_test(tc, extra_alone, 0, PASS_ROUNDS / 6);
	tcase_add_loop_test(tc, own_table, 0, 3);
	tcase_add_test(tc, room);
	tcase_add_test(tc, strangers_message);
	tcase_add_loop_test(tc, never_an_init, 0, 4);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
