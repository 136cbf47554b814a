// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * confine.c - the seccomp filter of a process that makes a call for a target. It lacks ptrace(2),
 * kill(2), execve(2), connect(2) and all that changes ids. Touches nothing but the calling process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "compat/kernel/uapi.h"
#include "supervisor/calls.h"
#include "supervisor/confine.h"
#include "supervisor/kernel.h"

/* A call without a number on this processor cannot be made either. */
static const int allowed[] = {
	/* files */
	SYS_openat,
	SYS_close,
	SYS_read,
	SYS_write,
	SYS_pread64,
	SYS_readlinkat,
	SYS_getdents64,
	SYS_dup3,
	SYS_fcntl,
	SYS_ioctl,
	SYS_pipe2,
	SYS_eventfd2,
	SYS_memfd_create,
	SYS_mkdirat,
	SYS_unlinkat,
	SYS_fchdir,
	SYS_chdir,
	SYS_chroot,
	SYS_fstatfs,
	SYS_statfs,
	SYS_open_by_handle_at,
	SYS_lseek,
	SYS_writev,
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_ppoll,
#ifdef SYS_ppoll_time64
	SYS_ppoll_time64,
#endif
#ifdef SYS_fcntl64
	SYS_fcntl64,
#endif
#ifdef SYS_fstatfs64
	SYS_fstatfs64,
	SYS_statfs64,
#endif
#ifdef SYS_fstat
	SYS_fstat,
#endif
#ifdef SYS_newfstatat
	SYS_newfstatat,
#endif
#ifdef SYS_fstatat64
	SYS_fstatat64,
	SYS_fstat64,
#endif
#ifdef SYS_stat
	SYS_stat,
	SYS_lstat,
	SYS_readlink,
#endif
#ifdef SYS__llseek
	SYS__llseek,
#endif
	UAPI_NR_close_range,
	UAPI_NR_openat2,
/* The family: the library tries the kernel's own call first. Of unshare(2) the flags have been
 * checked before. */
#define CALL(name, number, ...) number,
#include "compat/kernel/calls.def"
	/* mounts and namespaces */
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_setns,
	UAPI_NR_fsopen,
	UAPI_NR_fsconfig,
	UAPI_NR_file_getattr,
	UAPI_NR_fchroot,
	UAPI_NR_pidfd_open,
	/* memory, the process itself, its helpers */
	SYS_munmap,
	SYS_mremap,
	SYS_mprotect,
	SYS_madvise,
	SYS_brk,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
#ifdef SYS_mmap
	SYS_mmap,
#endif
#ifdef SYS_mmap2
	SYS_mmap2,
#endif
	SYS_futex,
#ifdef SYS_futex_time64
	SYS_futex_time64,
#endif
	SYS_getpid,
	SYS_getppid,
	SYS_gettid,
	SYS_capget,
	SYS_wait4,
	SYS_exit,
	SYS_exit_group,
	SYS_sched_yield,
	SYS_clock_gettime,
	SYS_rt_sigprocmask,
	SYS_rt_sigpending,
	SYS_rt_sigtimedwait,
	SYS_rt_sigreturn,
	SYS_getrandom,
	SYS_uname,
	SYS_sysinfo,
#ifdef SYS_rt_sigtimedwait_time64
	SYS_rt_sigtimedwait_time64,
#endif
#ifdef SYS_clock_gettime64
	SYS_clock_gettime64,
#endif
	SYS_geteuid,
	SYS_getuid,
	SYS_sched_getaffinity,
#if CONFINE_SANITIZED
	SYS_sigaltstack,
	SYS_rt_sigaction,
	SYS_prlimit64,
	SYS_tgkill,
#ifdef SYS_open
	SYS_open,
#endif
#endif
	/* the way back, from a helper's table and from here */
	SYS_sendmsg,
#if !CONFINE_SANITIZED
	SYS_prlimit64,
#endif
	UAPI_NR_pidfd_getfd,
#ifdef SYS_socket
	SYS_socket,
	SYS_bind,
	SYS_getsockname,
	SYS_setsockopt,
	SYS_recvmsg,
#endif
#ifdef SYS_socketcall
	SYS_socketcall,
#endif
};

#define ALLOWED_COUNT (sizeof(allowed) / sizeof(allowed[0]))
/* A number takes 4 instructions of the tree at most, one of them the branch to it. */
#define FILTER_MOST (4 * ALLOWED_COUNT + 32)

/* The same, sorted, without gaps. */
static struct range {
	uint32_t first, last;
} ranges[ALLOWED_COUNT];
static size_t ranges_used;

static int compare_numbers(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void confine_prepare(void)
{
	uint32_t number[ALLOWED_COUNT];
	size_t i;

	for (i = 0; i < ALLOWED_COUNT; i++)
		number[i] = (uint32_t)allowed[i];
	qsort(number, ALLOWED_COUNT, sizeof(number[0]), compare_numbers);
	ranges_used = 0;
	for (i = 0; i < ALLOWED_COUNT; i++) {
		if (ranges_used && number[i] <= ranges[ranges_used - 1].last + 1)
			ranges[ranges_used - 1].last = number[i];
		else
			ranges[ranges_used++] = (struct range){ number[i], number[i] };
	}
}

/* Emulations make mount namespaces and user namespaces to mount procfs in, nothing else. */
#define NEVER_MADE (CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_THREAD)

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4
#else
#define LOW_HALF 0
#endif
/* clone(2) of s390 has the stack first. */
#ifdef __s390__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

static size_t put_flags(struct sock_filter *code, size_t n, int number, size_t argument, bool any)
{
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0,
						 any ? 1 : 4);
	if (!any) {
		code[n++] = (struct sock_filter)BPF_STMT(
			BPF_LD | BPF_W | BPF_ABS,
			(uint32_t)(offsetof(struct seccomp_data, args) +
				   argument * sizeof(uint64_t) + LOW_HALF));
		code[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, NEVER_MADE, 0, 1);
		code[n++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return n;
}

/* A helper ends with its parent; the copies of memory depend on whether there is a filter. */
static size_t put_prctl(struct sock_filter *code, size_t n)
{
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 5);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, args) + LOW_HALF);
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_PDEATHSIG, 1, 0);
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_GET_SECCOMP, 0, 1);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UAPI_SECCOMP_RET_KILL_PROCESS);
	return n;
}

/*
 * A tree of comparisons. The kernel runs a new filter once for each system call number, so that the
 * time it takes to set one is proportional to the length of the way through it.
 */
static size_t put_ranges(struct sock_filter *code, size_t n, size_t begin, size_t end)
{
	size_t middle = begin + (end - begin) / 2, branch;

	if (end - begin == 1) {
		bool single = ranges[begin].first == ranges[begin].last;

		code[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | (single ? BPF_JEQ : BPF_JGE) | BPF_K,
						     ranges[begin].first, 0, single ? 1 : 2);
		if (!single)
			code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K,
								 ranges[begin].last, 1, 0);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
		code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							 UAPI_SECCOMP_RET_KILL_PROCESS);
		return n;
	}
	branch = n++;
	n = put_ranges(code, n, begin, middle);
	code[branch] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, ranges[middle].first,
						    (uint8_t)(n - branch - 1), 0);
	return put_ranges(code, n, middle, end);
}

_Static_assert(4 * ((ALLOWED_COUNT + 1) / 2) <= UINT8_MAX, "a jump over half of the tree");

int confine(bool unshares)
{
	struct sock_filter code[FILTER_MOST];
	size_t n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, arch));
	code[n++] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls_arch_native, 1, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UAPI_SECCOMP_RET_KILL_PROCESS);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	n = put_flags(code, n, SYS_clone, CLONE_FLAGS, false);
	n = put_flags(code, n, SYS_unshare, 0, unshares);
	n = put_prctl(code, n);
	/*
	 * A clone3(2) or a thread that always fails tells a helper whether its children would be in
	 * another pid namespace. EPERM: they would not.
	 */
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UAPI_NR_clone3, 0, 1);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	if (!ranges_used)
		confine_prepare();
	n = put_ranges(code, n, 0, ranges_used);
	return kernel_confine(code, (unsigned short)n);
}
