// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_usercopy.c - compat/task/usercopy.c: EFAULT instead of a crash, on both ways it copies.
 * Maps memory of its own; each test runs in a child of its own, some behind a seccomp filter.
 * Run by "make check" and in the kernel matrix.
 */
#include <check.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat/kernel/raw.h"
#include "compat/task/usercopy.h"

static size_t page;
static char *memory; /* readable and writable, read-only, nothing: a page each */

static void setup(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	memory = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	memset(memory, 'w', page);
	memset(memory + page, 'r', page);
	ck_assert_int_eq(mprotect(memory + page, page, PROT_READ), 0);
	ck_assert_int_eq(munmap(memory + 2 * page, page), 0);
}

/* As in a container whose filter does not know process_vm_readv() and process_vm_writev(). */
static void filter(int error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_writev, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned int)error),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* Loop tests: with nothing in the way, and with each errno that filters use. */
static const int filters[] = { 0, ENOSYS, EPERM };

static void filtered(int i)
{
	if (filters[i])
		filter(filters[i]);
}

START_TEST(copies)
{
	char *big = malloc(100000), *same = malloc(100000);

	filtered(_i);
	for (size_t n = 0; n < 100000; n++)
		big[n] = (char)(n * 7);
	errno = 4711;
	ck_assert_int_eq(usercopy_from(same, big, 100000), 0);
	ck_assert_mem_eq(same, big, 100000);
	memset(same, 0, 100000);
	ck_assert_int_eq(usercopy_to(same, big, 100000), 0);
	ck_assert_mem_eq(same, big, 100000);
	ck_assert_int_eq(errno, 4711);
	free(big);
	free(same);
}
END_TEST

START_TEST(nothing_to_copy)
{
	filtered(_i);
	ck_assert_int_eq(usercopy_from(NULL, NULL, 0), 0);
	ck_assert_int_eq(usercopy_to(NULL, NULL, 0), 0);
}
END_TEST

START_TEST(bad_addresses)
{
	char own[16] = "";

	filtered(_i);
	ck_assert_int_eq(usercopy_from(own, NULL, sizeof(own)), -EFAULT);
	ck_assert_int_eq(usercopy_to(NULL, own, sizeof(own)), -EFAULT);
	ck_assert_int_eq(usercopy_from(own, memory + 2 * page, sizeof(own)), -EFAULT);
	ck_assert_int_eq(usercopy_to(memory + 2 * page, own, sizeof(own)), -EFAULT);
	ck_assert_int_eq(usercopy_from(own, (void *)-4096l, sizeof(own)), -EFAULT);
	ck_assert_int_eq(usercopy_to((void *)-4096l, own, sizeof(own)), -EFAULT);
}
END_TEST

START_TEST(read_only)
{
	char own[16] = "";

	filtered(_i);
	ck_assert_int_eq(usercopy_from(own, memory + page, sizeof(own)), 0);
	ck_assert_int_eq(own[0], 'r');
	ck_assert_int_eq(usercopy_to(memory + page, own, sizeof(own)), -EFAULT);
	ck_assert_int_eq(memory[page], 'r');
}
END_TEST

/* The bytes before the bad address are copied, as the kernel does. */
START_TEST(up_to_the_edge)
{
	char own[64];

	filtered(_i);
	ck_assert_int_eq(usercopy_from(own, memory + 2 * page - 64, 64), 0);
	ck_assert_int_eq(usercopy_from(own, memory + 2 * page - 63, 64), -EFAULT);
	memset(own, 'x', sizeof(own));
	ck_assert_int_eq(usercopy_to(memory + page - 64, own, 64), 0);
	ck_assert_int_eq(memory[page - 64], 'x');
	ck_assert_int_eq(memory[page - 1], 'x');
	ck_assert_int_eq(usercopy_to(memory + page - 32, own, 64), -EFAULT);
	ck_assert_int_eq(memory[page], 'r');
}
END_TEST

/*
 * A full fd table does no harm, whether process_vm_readv() is filtered or not.
 */
START_TEST(no_free_fd)
{
	struct rlimit before, none;
	char own[4] = "abc", copy[4];

	filtered(_i);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ 0, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(usercopy_from(copy, own, sizeof(own)), 0);
	ck_assert_int_eq(usercopy_from(copy, NULL, sizeof(own)), -EFAULT);
	/* Leak detection opens files at the end. */
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
}
END_TEST

/* The pages of the frames between the question and @above are ours, and nothing else is. */
START_TEST(our_stack)
{
	/* In one page. */
	volatile char above[64] __attribute__((aligned(64)));
	char *own = (char *)above, *start, *end;

	start = (char *)((uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)4095);
	end = (char *)(((uintptr_t)own & ~(uintptr_t)4095) + 4096);
	if (own < (char *)__builtin_frame_address(0) - 8192 || start > end)
		return; /* a sanitizer keeps variables elsewhere */
	above[0] = 0;
	ck_assert(usercopy_is_ours(own, sizeof(above), own));
	ck_assert(usercopy_is_ours(own, 0, own));
	ck_assert(usercopy_is_ours(end - 32, 32, own));
	ck_assert(!usercopy_is_ours(end - 31, 32, own));
	ck_assert(!usercopy_is_ours(end, 1, own));
	ck_assert(!usercopy_is_ours(end - 1, SIZE_MAX, own));
	/* The frame of the question may begin a page further down, but not five. */
	ck_assert(!usercopy_is_ours(start - 5 * 4096, 1, own));
	ck_assert(!usercopy_is_ours(memory, 1, own));
	ck_assert(!usercopy_is_ours(NULL, 1, own));
	ck_assert(!usercopy_is_ours((char *)~(uintptr_t)0, 1, own));
	/* A variable that is on no stack, or not above. */
	ck_assert(!usercopy_is_ours(memory, 1, memory));
	ck_assert(!usercopy_is_ours(own, 1, (char *)((uintptr_t)own - 65536)));
	ck_assert(!usercopy_is_ours(own, 1, (char *)((uintptr_t)own + 65536)));
}
END_TEST

static int in_shared_memory(void *arg)
{
	char *copy = arg;

	return usercopy_from(copy, memory, 4) == 0 && usercopy_to(memory, "copy", 4) == 0 ? 0 : 1;
}

/* A child that shares memory is another process to process_vm_readv(). */
START_TEST(child_with_shared_memory)
{
	static char stack[65536] __attribute__((aligned(16)));
	char copy[4];
	int status;
	pid_t pid;

	filtered(_i);
	pid = raw_clone(in_shared_memory, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
			copy, NULL);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_mem_eq(copy, "wwww", 4);
	ck_assert_mem_eq(memory, "copy", 4);
}
END_TEST

/* Every value, by whatever steps; what lies beside the word stays. */
START_TEST(words)
{
	static const uint32_t values[] = { 0,	       1,	   0x7ff,     0x800,  0xfff,
					   0x1000,     0x1fff,	   0x1fbf,    0x7fff, 0x12345678,
					   0x7fffffff, 0x80000000, UINT32_MAX };
	uint32_t word[3] = { 0xaaaaaaaa, 0, 0x55555555 };

	for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		word[1] = ~values[i];
		ck_assert_int_eq(usercopy_set32(&word[1], values[i]), 0);
		ck_assert_uint_eq(word[1], values[i]);
		word[1] = 0x10;
		ck_assert_int_eq(usercopy_or32(&word[1], values[i]), 0);
		ck_assert_uint_eq(word[1], values[i] | 0x10);
	}
	ck_assert_uint_eq(word[0], 0xaaaaaaaa);
	ck_assert_uint_eq(word[2], 0x55555555);
	/* A page that is not there yet. */
	ck_assert_int_eq(madvise(memory, page, MADV_DONTNEED), 0);
	ck_assert_int_eq(usercopy_set32(memory + page - 4, 0x1fff), 0);
	ck_assert_int_eq(memcmp(memory + page - 4, &(uint32_t){ 0x1fff }, 4), 0);
}
END_TEST

START_TEST(words_that_are_none)
{
	void *bad[] = { NULL, memory + page, memory + 2 * page, (void *)(uintptr_t)-4096 };

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(usercopy_set32(bad[i], 0x1fff), -EFAULT);
		ck_assert_int_eq(usercopy_set32(bad[i], 1), -EFAULT);
		ck_assert_int_eq(usercopy_or32(bad[i], 1), -EFAULT);
	}
	/* Not for this way: somebody else has to do it. */
	ck_assert_int_eq(usercopy_set32(memory + 2, 1), -ENOSYS);
	ck_assert_int_eq(memory[page], 'r');
}
END_TEST

START_TEST(range)
{
	char *top = (char *)~(uintptr_t)0;

	ck_assert(usercopy_in_range(NULL, 0));
	ck_assert(usercopy_in_range(NULL, 512));
	ck_assert(usercopy_in_range(memory, page));
	/* Not mapped, but a program's address. */
	ck_assert(usercopy_in_range(memory + 2 * page, page));
	ck_assert(!usercopy_in_range(top, 0) || sizeof(top) == 4);
	ck_assert(!usercopy_in_range(top, 2));
	ck_assert(!usercopy_in_range(memory, (size_t)-1));
#if UINTPTR_MAX > UINT32_MAX
	ck_assert(!usercopy_in_range((char *)((uintptr_t)1 << 63), 0));
	ck_assert(!usercopy_in_range(memory, (size_t)1 << 63));
#endif
}
END_TEST

/* With a filter the address alone decides. */
START_TEST(range_unknown)
{
	filter(EPERM);
	ck_assert(usercopy_in_range(memory, page));
	ck_assert(!usercopy_in_range((char *)~(uintptr_t)0, 0) || sizeof(page) == 4);
	ck_assert(!usercopy_in_range((char *)~(uintptr_t)0, 2));
}
END_TEST

int main(void)
{
	const int ways = sizeof(filters) / sizeof(filters[0]);
	Suite *suite = suite_create("usercopy");
	TCase *tc = tcase_create("usercopy");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, copies, 0, ways);
	tcase_add_loop_test(tc, nothing_to_copy, 0, ways);
	tcase_add_loop_test(tc, bad_addresses, 0, ways);
	tcase_add_loop_test(tc, read_only, 0, ways);
	tcase_add_loop_test(tc, up_to_the_edge, 0, ways);
	tcase_add_loop_test(tc, no_free_fd, 0, ways);
	tcase_add_loop_test(tc, child_with_shared_memory, 0, ways);
	tcase_add_test(tc, our_stack);
	tcase_add_test(tc, words);
	tcase_add_test(tc, words_that_are_none);
	tcase_add_test(tc, range);
	tcase_add_test(tc, range_unknown);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
