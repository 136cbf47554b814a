// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_cost.c - what a statmount costs, in things that can be counted: system calls and memory.
 * Traces children of its own; with privilege makes mounts in a mount namespace of its own. Run by
 * "make check" and in the kernel matrix.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "compat/kernel/raw.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/native.h"
#include "compat/kernel/feature.h"
#include "tests/unit/private.h"

#define ALL 0x7fffu
#define MOUNTS 400

/* Sanitizers take memory and make system calls of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static char answer[65536] __attribute__((aligned(8)));

/* The request, and its place in memory. */
static struct {
	const char *level;
	int fd;
	uint64_t mnt_id; /* 0: by fd */
	uint64_t mask;
	bool heap; /* the request lies on the heap, not on the stack */
} question;

static int ask(void)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_fd = question.mnt_id ? 0 : (uint32_t)question.fd,
		.mnt_id = question.mnt_id,
		.param = question.mask,
	};
	static struct mntcompat_mnt_id_req elsewhere;

	elsewhere = req;
	return mntcompat_statmount(question.heap ? &elsewhere : &req, (void *)answer,
				   sizeof(answer), question.mnt_id ? 0 : MNTCOMPAT_STATMOUNT_BY_FD);
}

/* --- system calls --- */

static struct {
	long nr[4096];
	unsigned int n;
} calls;

static void __attribute__((noreturn)) traced(void)
{
	int ret;

	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	mntcompat_set_kernel(question.level);
	/* The first call learns what the kernel has. */
	if (ask() < 0 || ask() < 0)
		_exit(errno);
	raise(SIGSTOP);
	ret = ask();
	syscall(SYS_getppid);
	_exit(ret < 0 ? errno : 0);
}

#ifndef PTRACE_GET_SYSCALL_INFO
#define PTRACE_GET_SYSCALL_INFO 0x420e
#endif

struct syscall_info {
	uint8_t op, pad[3];
	uint32_t arch;
	uint64_t ip, sp, nr, args[6];
};

/* Which system calls the third of three equal calls makes. */
static void count(void)
{
	bool counting = false;
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid)
		traced();
	calls.n = 0;
	for (;;) {
		struct syscall_info info = { .op = 0 };
		int signal = 0;

		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
		if (WSTOPSIG(status) == SIGSTOP && !counting) {
			ptrace(PTRACE_SETOPTIONS, pid, NULL,
			       (void *)1l /* PTRACE_O_TRACESYSGOOD */);
			counting = true;
		} else if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			ck_assert_int_gt(
				ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info),
				0);
			if (info.op == 1 /* entry */) {
				if ((long)info.nr == SYS_getppid)
					counting = false;
				/* The calls of raise() after the stop do not count. */
				if (counting && (long)info.nr != SYS_rt_sigprocmask &&
				    calls.n < sizeof(calls.nr) / sizeof(calls.nr[0]))
					calls.nr[calls.n++] = (long)info.nr;
			}
		} else {
			signal = WSTOPSIG(status);
		}
		ptrace(counting ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, (void *)(long)signal);
	}
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x",
		      (unsigned int)status);
}

static void assert_calls(const long *want, unsigned int n)
{
	char text[512] = "";

	for (unsigned int i = 0; i < calls.n && strlen(text) < 400; i++)
		sprintf(text + strlen(text), " %ld", calls.nr[i]);
	ck_assert_msg(calls.n == n && !memcmp(calls.nr, want, n * sizeof(*want)),
		      "system calls by number:%s", text);
}

static unsigned int how_many(long nr)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < calls.n; i++)
		n += calls.nr[i] == nr;
	return n;
}

static void left_out(const char *test, const char *why)
{
	printf("%s: left out, %s\n", test, why);
}

static void setup(void)
{
	question.level = NULL;
	question.mask = ALL;
	question.mnt_id = 0;
	question.heap = false;
	question.fd = open("/proc", O_PATH | O_CLOEXEC);
	ck_assert_int_ge(question.fd, 0);
}

/* Nothing is added to the kernel's own call, wherever the request lies. */
START_TEST(native_by_fd)
{
	static const long one[] = { UAPI_NR_statmount };

	question.heap = _i;
	if (feature_probe(FEATURE_STATMOUNT_BY_FD) != FEATURE_PRESENT) {
		left_out("native_by_fd", "the kernel has no STATMOUNT_BY_FD");
		return;
	}
	count();
	assert_calls(one, 1);
}
END_TEST

START_TEST(native_by_id)
{
	static const long one[] = { UAPI_NR_statmount };
	struct statmount_ids ids;

	question.heap = _i;
	if (statmount_native_bits_here() != STATMOUNT_ALL ||
	    statmount_fd_ids(question.fd, &ids) < 0 || !ids.unique_known) {
		left_out("native_by_id", "the kernel does not know all of statmount");
		return;
	}
	question.mnt_id = ids.unique;
	count();
	assert_calls(one, 1);
}
END_TEST

/* 6.17 to 6.19: the fd's id, and the kernel's answer. Only a copy of the request may be added. */
START_TEST(by_fd_with_id)
{
	static const long on_stack[] = { SYS_statx, UAPI_NR_statmount };
	static const long on_heap[] = { SYS_getpid, SYS_prctl, SYS_process_vm_readv, SYS_statx,
					UAPI_NR_statmount };

	question.level = "6.18";
	question.heap = _i;
	if (statmount_native_bits_here() != STATMOUNT_ALL) {
		left_out("by_fd_with_id", "the kernel does not know all of statmount");
		return;
	}
	count();
	if (_i)
		assert_calls(on_heap, 5);
	else if (calls.n == 5)
		/* The stack's pages lie so that the request is in the next one, or it is not a
		 * stack. */
		assert_calls(on_heap, 5);
	else
		assert_calls(on_stack, 2);
}
END_TEST

/* 6.8 to 6.16: the same for what the kernel knows. */
START_TEST(by_fd_with_id_known)
{
	static const struct {
		const char *level;
		uint64_t mask;
	} old[] = { { "6.16", 0x6fff }, { "6.13", 0x6fff }, { "6.12", 0x6f }, { "6.8", 0x2f } };
	static const long on_heap[] = { SYS_getpid, SYS_prctl, SYS_process_vm_readv, SYS_statx,
					UAPI_NR_statmount };

	if (feature_probe(FEATURE_STATMOUNT) != FEATURE_PRESENT ||
	    statmount_native_bits_here() != STATMOUNT_ALL) {
		left_out("by_fd_with_id_known", "the kernel does not know all of statmount");
		return;
	}
	question.level = old[_i].level;
	/* Without MNT_POINT (0x10) on those that report it when it is empty. */
	question.mask = old[_i].mask;
	question.heap = true;
	count();
	assert_calls(on_heap, 5);
}
END_TEST

/* 6.13 to 6.16: of what they support the kernel's answer is mended in the caller's buffer, not
 * copied. */
START_TEST(by_fd_all)
{
	static const long calls_of[] = { SYS_statx, UAPI_NR_statmount, SYS_futex, SYS_futex,
					 SYS_futex };

	if (feature_probe(FEATURE_STATMOUNT) != FEATURE_PRESENT ||
	    statmount_native_bits_here() != STATMOUNT_ALL) {
		left_out("by_fd_all", "the kernel does not know all of statmount");
		return;
	}
	question.level = _i ? "6.13" : "6.16";
	question.heap = true;
	count();
	/* From 6.15 on the kernel sets the bit itself. */
	ck_assert_uint_eq(calls.n, _i ? 8 : 7);
	ck_assert_int_eq(memcmp(calls.nr + 3, calls_of, (calls.n - 3) * sizeof(calls_of[0])), 0);
}
END_TEST

/* Mounts in a namespace of our own; false without privilege. */
static bool make_mounts(unsigned int n)
{
	char path[64];

	if (unshare(CLONE_NEWNS) < 0 || private_mounts() < 0 ||
	    mount("cost", "/tmp", "tmpfs", 0, NULL) < 0)
		return false;
	for (unsigned int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/tmp/%u", i);
		ck_assert_int_eq(mkdir(path, 0755), 0);
		ck_assert_int_eq(mount("/tmp", path, NULL, MS_BIND, NULL), 0);
	}
	close(question.fd);
	question.fd = open(path, O_PATH | O_CLOEXEC);
	return question.fd >= 0;
}

/* Before 6.8: the table's length adds reads and nothing else, no memory is mapped for
 * it. */
START_TEST(by_line)
{
	static const long around[] = { SYS_statx, SYS_openat, SYS_fstatfs };
	unsigned int few, reads;

	question.level = "5.10";
	count();
	reads = how_many(SYS_pread64);
	few = calls.n - reads;
	/*
	 * The namespace's id is that of its file: open, statfs, fstat, close; two statx show that
	 * nothing lies over it.
	 */
	question.mask = ALL & ~(uint64_t)MNTCOMPAT_STATMOUNT_MNT_NS_ID;
	count();
	ck_assert_uint_le(few, calls.n - how_many(SYS_pread64) + 6);
	ck_assert_int_eq(
		memcmp(calls.nr + how_many(SYS_process_vm_readv) * 3, around, sizeof(around)), 0);
	/* The stack may be small, but the process has memory for one call at a time. */
	ck_assert_uint_eq(how_many(SYS_mmap) + how_many(SYS_munmap) + how_many(SYS_mremap), 0);
	reads = how_many(SYS_pread64);
	ck_assert_uint_ge(reads, 1);
	few = calls.n - reads;
	/*
	 * two statx, openat, two fstatfs, close; two statx for the file of procfs; the
	 * copy out with its getpid and prctl, and the same for a copy in where the request is not
	 * in the page of the stack that is in use
	 */
	ck_assert_uint_le(few, 10 + 3 * how_many(SYS_process_vm_readv));
	if (!make_mounts(MOUNTS)) {
		left_out("by_line with many mounts", "no privilege");
		return;
	}
	/* The first call for a tmpfs may learn that the kernel has one. */
	count();
	count();
	ck_assert_uint_eq(how_many(SYS_mmap) + how_many(SYS_munmap) + how_many(SYS_mremap), 0);
	ck_assert_uint_eq(calls.n - how_many(SYS_pread64), few);
	/* A KiB at a time, of lines of less than 100 bytes. */
	ck_assert_uint_gt(how_many(SYS_pread64), reads + MOUNTS / 40);
	ck_assert_uint_lt(how_many(SYS_pread64), reads + MOUNTS / 10);
}
END_TEST

/* --- memory --- */

/* "VmPeak:	    1234 kB" in /proc/self/status. */
static unsigned long status_of(const char *field)
{
	char text[4096], *at;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	ck_assert_int_gt((int)len, 0);
	close(fd);
	text[len] = '\0';
	at = strstr(text, field);
	ck_assert_ptr_nonnull(at);
	return strtoul(at + strlen(field), NULL, 10);
}

static const char *const levels[] = { NULL, "6.18", "6.12", "5.10" };

/* MNTCOMPAT_COST_CALLS says how many; after the first hundred nothing grows any more. */
START_TEST(no_growth)
{
	const char *word = getenv("MNTCOMPAT_COST_CALLS");
	unsigned long n = word ? strtoul(word, NULL, 10) : 5000, size, data;

	mntcompat_set_kernel(levels[_i]);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(ask(), 0);
	size = status_of("\nVmSize:");
	data = status_of("\nVmData:");
	for (unsigned long i = 0; i < n; i++)
		ck_assert_int_eq(ask(), 0);
	ck_assert_uint_eq(status_of("\nVmSize:"), size);
	ck_assert_uint_eq(status_of("\nVmData:"), data);
}
END_TEST

/* A single call's peak, with a table that would take more. */
START_TEST(peak)
{
	unsigned long before;

	if (!make_mounts(MOUNTS)) {
		left_out("peak", "no privilege");
		return;
	}
	mntcompat_set_kernel(levels[_i]);
	before = status_of("\nVmPeak:");
	ck_assert_int_eq(ask(), 0);
	ck_assert_int_eq(ask(), 0);
	/* Before 6.8 the work has a mapping, since the stack may be small. */
	ck_assert_uint_le(status_of("\nVmPeak:"), before + 16);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cost");
	TCase *tc = tcase_create("cost");
	SRunner *runner;
	int failed;

	if (SANITIZED)
		left_out("cost", "built with a sanitizer, which has costs of its own");
	tcase_set_timeout(tc, 600);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, native_by_fd, 0, SANITIZED ? 0 : 2);
	tcase_add_loop_test(tc, native_by_id, 0, SANITIZED ? 0 : 2);
	tcase_add_loop_test(tc, by_fd_with_id, 0, SANITIZED ? 0 : 2);
	tcase_add_loop_test(tc, by_fd_with_id_known, 0, SANITIZED ? 0 : 4);
	tcase_add_loop_test(tc, by_fd_all, 0, SANITIZED ? 0 : 2);
	tcase_add_loop_test(tc, by_line, 0, SANITIZED ? 0 : 1);
	tcase_add_loop_test(tc, no_growth, 0, SANITIZED ? 0 : 4);
	tcase_add_loop_test(tc, peak, 0, 4);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
