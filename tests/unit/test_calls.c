// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_calls.c - how many system calls mntcompat_open_tree() makes: none but the kernel's own where
 * the kernel does it, and a number that does not depend on the host's mounts where it is emulated.
 * Each test traces a child of its own; the emulated ones need root. Run by "make check" and in the
 * kernel matrix.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/feature.h"
#include "tests/unit/private.h"

#define MARK 0x6d6e7463l
#define MAX_CALLS 256

#define NS MNTCOMPAT_OPEN_TREE_NAMESPACE
#define CLOEXEC MNTCOMPAT_OPEN_TREE_CLOEXEC

/* The task of the traced child, and its result. */
struct subject {
	enum mntcompat_mode mode;
	const char *kernel;
	unsigned int flags;
	unsigned int before; /* calls that are not counted */
	unsigned int mounts; /* more of them in the caller's namespace */
	int ret, error;
	enum mntcompat_way way;
};

static struct subject *subject;

static struct {
	unsigned int n;
	long nr[MAX_CALLS];
} seen;

static void setup(void)
{
	subject = mmap(NULL, sizeof(*subject), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	ck_assert_ptr_ne(subject, MAP_FAILED);
}

static void more_mounts(unsigned int n)
{
	char path[64];
	unsigned int i;

	if (unshare(CLONE_NEWNS) < 0 || private_mounts() < 0 ||
	    mount("test", "/tmp", "tmpfs", 0, NULL) < 0)
		_exit(2);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/tmp/%u", i);
		if (mkdir(path, 0700) < 0 || mount(path, path, NULL, MS_BIND, NULL) < 0)
			_exit(2);
	}
}

static void __attribute__((noreturn)) child(void)
{
	unsigned int i;
	int fd;

	if (subject->mounts)
		more_mounts(subject->mounts);
	mntcompat_set_mode(subject->mode);
	mntcompat_set_kernel(subject->kernel);
	for (i = 0; i < subject->before; i++) {
		fd = mntcompat_open_tree(AT_FDCWD, "/", subject->flags);
		if (fd >= 0)
			close(fd);
	}
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(2);
	raise(SIGSTOP);
	syscall(SYS_getppid, MARK);
	subject->ret = mntcompat_open_tree(AT_FDCWD, "/", subject->flags);
	subject->error = errno;
	syscall(SYS_getppid, MARK);
	subject->way = mntcompat_last_way();
	_exit(0);
}

/* Caller and helper wait for each other, once more or less as they happen to be scheduled. */
static bool is_wait(long nr)
{
	return nr == SYS_futex || nr == SYS_restart_syscall;
}

/* Records the system calls between the marks, the helpers' too, without those that only wait. */
static void stopped(pid_t pid, int status, bool *counting)
{
	struct __ptrace_syscall_info info;
	int sig = WSTOPSIG(status);

	if (sig == (SIGTRAP | 0x80)) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_ENTRY) {
			if (info.entry.nr == SYS_getppid && info.entry.args[0] == MARK) {
				*counting = !*counting;
			} else if (*counting && !is_wait((long)info.entry.nr)) {
				ck_assert_uint_lt(seen.n, MAX_CALLS);
				seen.nr[seen.n++] = (long)info.entry.nr;
			}
		}
		sig = 0;
	} else if (sig == SIGTRAP || sig == SIGSTOP) {
		sig = 0;
	}
	ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)sig);
}

static void count(struct subject what)
{
	bool counting = false, set = false;
	int status, child_status = -1;
	pid_t pid, who;

	*subject = what;
	seen.n = 0;
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid)
		child();
	while ((who = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			if (who == pid)
				child_status = status;
			continue;
		}
		if (!set)
			ck_assert_int_eq(ptrace(PTRACE_SETOPTIONS, pid, NULL,
						(void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL |
							 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
							 PTRACE_O_TRACEFORK)),
					 0);
		set = true;
		stopped(who, status, &counting);
	}
	ck_assert_int_eq(child_status, 0);
}

static void only_the_kernels_own(void)
{
	ck_assert_uint_eq(seen.n, 1);
	ck_assert_int_eq(seen.nr[0], UAPI_NR_open_tree);
}

/* Without OPEN_TREE_NAMESPACE there is nothing to emulate, in any mode; the first call included. */
START_TEST(other_flags)
{
	static const unsigned int flags[] = {
		0,
		CLOEXEC,
		CLOEXEC | MNTCOMPAT_OPEN_TREE_CLONE,
		CLOEXEC | MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_AT_RECURSIVE,
		0x40000000,
	};
	static const enum mntcompat_mode modes[] = {
		MNTCOMPAT_MODE_AUTO,
		MNTCOMPAT_MODE_NATIVE,
		MNTCOMPAT_MODE_EMULATE,
	};
	size_t i, k;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		for (k = 0; k < sizeof(modes) / sizeof(modes[0]); k++) {
			count((struct subject){ .mode = modes[k], .flags = flags[i] });
			only_the_kernels_own();
		}
}
END_TEST

START_TEST(native_mode)
{
	count((struct subject){ .mode = MNTCOMPAT_MODE_NATIVE, .flags = NS | CLOEXEC });
	only_the_kernels_own();
}
END_TEST

/* From the second call on: the first one learns whether the kernel has 7.3's rules. */
START_TEST(native_kernel)
{
	if (feature_probe(FEATURE_OPEN_TREE_NAMESPACE) != FEATURE_PRESENT ||
	    feature_probe(FEATURE_OPEN_TREE_NAMESPACE_LAX) != FEATURE_ABSENT || geteuid() != 0)
		return;
	count((struct subject){ .mode = MNTCOMPAT_MODE_AUTO, .flags = NS | CLOEXEC, .before = 1 });
	only_the_kernels_own();
	ck_assert_int_ge(subject->ret, 0);
	ck_assert_int_eq(subject->way, MNTCOMPAT_WAY_NATIVE);
	count((struct subject){
		.mode = MNTCOMPAT_MODE_AUTO, .flags = NS | CLOEXEC, .before = 1, .mounts = 50 });
	only_the_kernels_own();
}
END_TEST

/*
 * The template way, one mount. The helper has a descriptor table of its own, takes the caller's
 * descriptors into it by pidfd_getfd, and waits until the caller has taken the result over and
 * compared it. A newer kernel that plays one from before 6.15 looks twice whether a tree is
 * detached, two system calls each.
 */
START_TEST(emulated)
{
	static const struct {
		const char *kernel;
		unsigned int most;
	} cases[] = { { NULL, 48 }, { "6.10", 48 }, { "5.10", 48 } };
	unsigned int with_few;

	if (geteuid() != 0)
		return;
	count((struct subject){ .mode = MNTCOMPAT_MODE_EMULATE,
				.kernel = cases[_i].kernel,
				.flags = NS | CLOEXEC,
				.before = 2,
				.mounts = 1 });
	ck_assert_int_ge(subject->ret, 0);
	ck_assert_int_eq(subject->way, MNTCOMPAT_WAY_TEMPLATE);
	ck_assert_uint_le(seen.n,
			  cases[_i].most - 2 * (feature_probe(FEATURE_PIDFD_GET_MNT_NAMESPACE) ==
						FEATURE_PRESENT));
	with_few = seen.n;
	count((struct subject){ .mode = MNTCOMPAT_MODE_EMULATE,
				.kernel = cases[_i].kernel,
				.flags = NS | CLOEXEC,
				.before = 2,
				.mounts = 300 });
	ck_assert_int_ge(subject->ret, 0);
	ck_assert_uint_eq(seen.n, with_few);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("calls");
	TCase *tc = tcase_create("calls");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, other_flags);
	tcase_add_test(tc, native_mode);
	tcase_add_test(tc, native_kernel);
	tcase_add_loop_test(tc, emulated, 0, 3);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
