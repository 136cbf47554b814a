// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * usercopy.c - copies from and to addresses that have not been checked.
 * Touches the given memory only, through the kernel: process_vm_readv(2) on oneself, a pipe, or
 * futex(2).
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/task/usercopy.h"

/* A pipe takes this much without a reader on every kernel. */
#define USERCOPY_PIPE_CHUNK ((size_t)4096)
/* No page is smaller. */
#define USERCOPY_PAGE ((uintptr_t)4096)
/* Frames of ours that are further apart are not on one stack: AddressSanitizer moves variables. */
#define USERCOPY_FRAMES (4 * USERCOPY_PAGE)

/* The largest number that fits into a futex operation. */
#define USERCOPY_FUTEX_MAX 0x7ffu

enum usercopy_direction { USERCOPY_FROM, USERCOPY_TO };

/*
 * The way where process_vm_readv() is filtered or not built in, and a second try where it returns
 * EFAULT: it cannot pin device memory, which an ordinary copy can reach.
 */
static int usercopy_pipe(enum usercopy_direction direction, char *user, char *own, size_t len)
{
	int fds[2], ret = 0;

	if (raw_pipe2(fds, O_CLOEXEC) < 0)
		return -ENOMEM;
	while (len && !ret) {
		size_t chunk = len < USERCOPY_PIPE_CHUNK ? len : USERCOPY_PIPE_CHUNK;
		ssize_t n = raw_write(fds[1], direction == USERCOPY_FROM ? user : own, chunk);

		if (n > 0)
			n = raw_read(fds[0], direction == USERCOPY_FROM ? own : user, (size_t)n);
		if (n <= 0) {
			ret = n == -EFAULT ? -EFAULT : -ENOMEM;
			break;
		}
		user += n;
		own += n;
		len -= (size_t)n;
	}
	raw_close(fds[0]);
	raw_close(fds[1]);
	return ret;
}

/*
 * In a process with a system call filter: process_vm_readv() may be what the filter kills for. The
 * calls here are those that every program makes. Between the check and the copy another thread may
 * unmap the memory, which is a crash then.
 */
static int usercopy_checked(enum usercopy_direction direction, char *user, char *own, size_t len)
{
	while (len) {
		size_t chunk = USERCOPY_PAGE - ((uintptr_t)user & (USERCOPY_PAGE - 1));
		void *word = (void *)((uintptr_t)user & ~(uintptr_t)7);

		chunk = chunk < len ? chunk : len;
		if (direction == USERCOPY_FROM ? !raw_is_readable(word) :
						 raw_futex_op(word, RAW_FUTEX_ADD, 0) == -EFAULT)
			return -EFAULT;
		memcpy(direction == USERCOPY_FROM ? own : user,
		       direction == USERCOPY_FROM ? user : own, chunk);
		user += chunk;
		own += chunk;
		len -= chunk;
	}
	return 0;
}

/* The system call copies whole pages up to the bad one, so it may have to be repeated. */
static int usercopy(enum usercopy_direction direction, char *user, char *own, size_t len)
{
	/* A task made with CLONE_VM shares our memory but has a process id of its own. */
	pid_t self = raw_getpid();

	if (raw_is_filtered())
		return usercopy_checked(direction, user, own, len);
	while (len) {
		ssize_t n = direction == USERCOPY_FROM ?
				    raw_process_vm_readv(self, own, user, len) :
				    raw_process_vm_writev(self, own, user, len);
		int ret;

		if (n <= 0) {
			ret = usercopy_pipe(direction, user, own, len);
			/* Without a pipe the first answer counts. */
			return ret == -ENOMEM && n == -EFAULT ? -EFAULT : ret;
		}
		user += n;
		own += n;
		len -= (size_t)n;
	}
	return 0;
}

int usercopy_from(void *to, const void *user, size_t len)
{
	return usercopy(USERCOPY_FROM, (char *)(uintptr_t)user, to, len);
}

int usercopy_to(void *user, const void *from, size_t len)
{
	return usercopy(USERCOPY_TO, user, (char *)(uintptr_t)from, len);
}

/* A futex operation is the kernel's own read and write of one word. */
static int usercopy_word(void *user, enum raw_futex_op op, int arg)
{
	int ret = raw_futex_op(user, op, arg);

	return ret == -EFAULT ? ret : ret < 0 ? -ENOSYS : 0;
}

int usercopy_or32(void *user, uint32_t bits)
{
	int ret = 0;

	for (; !ret && bits; bits &= bits - 1)
		ret = usercopy_word(user, RAW_FUTEX_OR | RAW_FUTEX_SHIFT, __builtin_ctz(bits));
	return ret;
}

int usercopy_set32(void *user, uint32_t value)
{
	int ret;

	/* A futex request can hold 11 bits; most masks are all ones. */
	if (value > USERCOPY_FUTEX_MAX && !(value & (value + 1)) && value != UINT32_MAX) {
		ret = usercopy_word(user, RAW_FUTEX_SET | RAW_FUTEX_SHIFT,
				    __builtin_ctz(value + 1));
		return ret ? ret : usercopy_word(user, RAW_FUTEX_ADD, -1);
	}
	ret = usercopy_word(user, RAW_FUTEX_SET, (int)(value & USERCOPY_FUTEX_MAX));
	return ret ? ret : usercopy_or32(user, value & ~USERCOPY_FUTEX_MAX);
}

int usercopy_check_zero(const void *user, size_t len)
{
	const char *at = user;
	char bytes[256];

	while (len) {
		size_t chunk = len < sizeof(bytes) ? len : sizeof(bytes);
		int ret = usercopy_from(bytes, at, chunk);

		/* A nonzero byte before the bad address counts. */
		if (ret == -EFAULT && chunk > 1) {
			chunk = 1;
			ret = usercopy_from(bytes, at, chunk);
		}
		if (ret < 0)
			return ret;
		for (size_t i = 0; i < chunk; i++)
			if (bytes[i])
				return -E2BIG;
		at += chunk;
		len -= chunk;
	}
	return 0;
}

int usercopy_struct(void *to, size_t known, const void *user, size_t size)
{
	int ret = 0;

	if (size > known)
		ret = usercopy_check_zero((const void *)((uintptr_t)user + known), size - known);
	return ret < 0 ? ret : usercopy_from(to, user, known);
}

bool usercopy_is_ours(const void *user, size_t len, const void *above)
{
	uintptr_t low = (uintptr_t)__builtin_frame_address(0), high = (uintptr_t)above;
	uintptr_t start = (uintptr_t)user;

	/* Where stacks grow upwards, no range is known to be on the stack. */
	if (high < low || high - low > USERCOPY_FRAMES)
		return false;
	low &= ~(USERCOPY_PAGE - 1);
	high |= USERCOPY_PAGE - 1;
	return start >= low && start <= high && len <= high - start + 1;
}

/*
 * The end of a program's addresses depends on the page table levels and on the kernel. The kernel
 * checks the local side of process_vm_readv() with access_ok() before it finds that there is
 * nothing to copy. A range is in iff it does not wrap and its end is in.
 */
bool usercopy_in_range(const void *user, size_t len)
{
#ifdef __s390x__
	/*
	 * The kernel has an address space of its own: every address can be a program's, and
	 * access_ok() is always true.
	 */
	(void)user;
	(void)len;
	return true;
#else
	uintptr_t end;

	if (__builtin_add_overflow((uintptr_t)user, len, &end))
		return false;
	/* The upper half is the kernel's, and more than that on some machines. */
	if (raw_is_filtered())
		return (intptr_t)end >= 0 || sizeof(end) < 8;
	return raw_process_vm_readv(raw_getpid(), (void *)end, (void *)end, 0) != -EFAULT;
#endif
}
