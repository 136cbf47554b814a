// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * raw.c - every system call and ioctl of the library, and nothing but them.
 * Touches the kernel only; keeps errno as it found it.
 * Also the one place that makes a newer kernel look older (raw_set_kernel).
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"

static _Atomic unsigned int raw_kernel = RAW_KERNEL_ANY;

void raw_set_kernel(unsigned int version)
{
	atomic_store_explicit(&raw_kernel, version, memory_order_relaxed);
}

unsigned int raw_get_kernel(void)
{
	return atomic_load_explicit(&raw_kernel, memory_order_relaxed);
}

/* True if the kernel to behave like is older than this. */
static inline bool raw_before(unsigned int major, unsigned int minor)
{
	return raw_get_kernel() < RAW_KERNEL(major, minor);
}

#define L(x) ((long)(x))
/* libc returns -1 and sets errno; the functions here return -errno and leave errno alone. */
static inline long raw_finish(int saved, long ret)
{
	if (ret == -1) {
		ret = -errno;
		errno = saved;
	}
	return ret;
}

#define raw_call(...) \
	({ \
		int raw_saved = errno; \
		raw_finish(raw_saved, syscall(__VA_ARGS__)); \
	})
#define raw_libc(expr) \
	({ \
		int raw_saved = errno; \
		raw_finish(raw_saved, (expr)); \
	})

int raw_openat(int dfd, const char *path, int flags, unsigned int mode)
{
	return (int)raw_call(SYS_openat, L(dfd), path, L(flags | O_LARGEFILE), L(mode));
}

int raw_openat_cached(int dfd, const char *path, int flags)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { .flags = (uint64_t)(unsigned int)flags, .resolve = UAPI_RESOLVE_CACHED };

	if (raw_before(5, 6))
		return -ENOSYS;
	if (raw_before(5, 10))
		return -EINVAL;
	return (int)raw_call(UAPI_NR_openat2, L(dfd), path, &how, sizeof(how));
}

int raw_close(int fd)
{
	return (int)raw_call(SYS_close, L(fd));
}

ssize_t raw_read(int fd, void *buf, size_t len)
{
	return raw_call(SYS_read, L(fd), buf, len);
}

ssize_t raw_pread(int fd, void *buf, size_t len, off_t offset)
{
#if __SIZEOF_LONG__ == 8
	return raw_call(SYS_pread64, L(fd), buf, len, L(offset));
#else
	/*
	 * Some 32-bit machines pass 64-bit arguments in an even pair of registers: libc's function
	 * does it.
	 */
	return raw_libc(pread(fd, buf, len, offset));
#endif
}

ssize_t raw_write(int fd, const void *buf, size_t len)
{
	return raw_call(SYS_write, L(fd), buf, len);
}

bool raw_may_have(unsigned int version)
{
	struct utsname name;
	unsigned int part[2] = { 0, 0 };
	const char *at = name.release;
	int i;

	if (raw_get_kernel() < version)
		return false;
	if (raw_call(SYS_uname, &name) < 0)
		return true;
	for (i = 0; i < 2; i++, at++)
		for (; *at >= '0' && *at <= '9'; at++)
			part[i] = part[i] * 10 + (unsigned int)(*at - '0');
	return RAW_KERNEL(part[0], part[1]) >= version;
}

ssize_t raw_readlinkat(int dfd, const char *path, char *buf, size_t len)
{
	return raw_call(SYS_readlinkat, L(dfd), path, buf, len);
}

int raw_dup3(int from, int to, int flags)
{
	return (int)raw_call(SYS_dup3, L(from), L(to), L(flags));
}

int raw_fcntl(int fd, int command, unsigned long arg)
{
#ifdef SYS_fcntl64
	return (int)raw_call(SYS_fcntl64, L(fd), L(command), arg);
#else
	return (int)raw_call(SYS_fcntl, L(fd), L(command), arg);
#endif
}

int raw_fstat(int fd, struct stat *st)
{
#ifdef __SANITIZE_THREAD__
	/* ThreadSanitizer takes a helper's number for the same file as the caller's. */
	return (int)raw_libc(fstatat(fd, "", st, AT_EMPTY_PATH));
#else
	return (int)raw_libc(fstat(fd, st));
#endif
}

int raw_fstatat(int dfd, const char *path, struct stat *st, int flags)
{
	return (int)raw_libc(fstatat(dfd, path, st, flags));
}

int raw_fstatfs(int fd, struct statfs *st)
{
	return (int)raw_libc(fstatfs(fd, st));
}

int raw_statfs(const char *path, struct statfs *st)
{
	return (int)raw_libc(statfs(path, st));
}

/* The kernel's layout of struct statx as far as it is used here (256 bytes in all). */
struct raw_statx_buf {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino, size, blocks, attributes_mask;
	uint64_t times[8];
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t mnt_id;
	uint64_t spare[13];
};
_Static_assert(sizeof(struct raw_statx_buf) == 256, "struct statx is 256 bytes");
_Static_assert(offsetof(struct raw_statx_buf, mnt_id) == 0x90, "stx_mnt_id");

int raw_statx(int dfd, const char *path, unsigned int flags, unsigned int mask,
	      struct raw_statx *out)
{
	struct raw_statx_buf buf;
	int ret;

	if (raw_before(4, 11))
		return -ENOSYS;
	if (raw_before(6, 8))
		mask &= ~MNTCOMPAT_STATX_MNT_ID_UNIQUE;
	memset(&buf, 0, sizeof(buf));
	ret = (int)raw_call(SYS_statx, L(dfd), path, (unsigned long)flags, (unsigned long)mask,
			    &buf);
	if (ret < 0)
		return ret;
	if (raw_before(5, 8)) {
		buf.mask &= ~(MNTCOMPAT_STATX_MNT_ID | MNTCOMPAT_STATX_MNT_ID_UNIQUE);
		buf.mnt_id = 0;
		buf.attributes &= ~UAPI_STATX_ATTR_MOUNT_ROOT;
		buf.attributes_mask &= ~UAPI_STATX_ATTR_MOUNT_ROOT;
	}
	out->mask = buf.mask;
	out->attributes = buf.attributes;
	out->attributes_mask = buf.attributes_mask;
	out->mode = buf.mode;
	out->dev_major = buf.dev_major;
	out->dev_minor = buf.dev_minor;
	out->ino = buf.ino;
	out->mnt_id = buf.mnt_id;
	return 0;
}

/* The fields added after 5.7, and where their values are. */
static const struct {
	unsigned int since;
	uint32_t bit;
	uint16_t offset, len;
} raw_statx_later[] = {
	{ RAW_KERNEL(5, 8), MNTCOMPAT_STATX_MNT_ID, offsetof(struct mntcompat_statx, stx_mnt_id),
	  8 },
	{ RAW_KERNEL(6, 1), UAPI_STATX_DIOALIGN,
	  offsetof(struct mntcompat_statx, stx_dio_mem_align), 8 },
	{ RAW_KERNEL(6, 11), UAPI_STATX_SUBVOL, offsetof(struct mntcompat_statx, stx_subvol), 8 },
	{ RAW_KERNEL(6, 11), UAPI_STATX_WRITE_ATOMIC,
	  offsetof(struct mntcompat_statx, stx_atomic_write_unit_min), 12 },
	{ RAW_KERNEL(6, 14), UAPI_STATX_DIO_READ_ALIGN,
	  offsetof(struct mntcompat_statx, stx_dio_read_offset_align), 4 },
};

int raw_statx_whole(int dfd, const char *path, unsigned int flags, unsigned int mask,
		    struct mntcompat_statx *buf)
{
	uint32_t known = ~0u;
	size_t i;
	int ret;

	if (raw_before(4, 11))
		return -ENOSYS;
	for (i = 0; i < sizeof(raw_statx_later) / sizeof(raw_statx_later[0]); i++)
		if (raw_get_kernel() < raw_statx_later[i].since)
			known &= ~raw_statx_later[i].bit;
	if (raw_before(6, 8))
		known &= ~MNTCOMPAT_STATX_MNT_ID_UNIQUE;
	if (raw_before(6, 11) && !path)
		flags &= ~MNTCOMPAT_AT_EMPTY_PATH;
	/* An older kernel leaves what it does not know out of the answer, not out of the request. */
	if (mask & ~known & MNTCOMPAT_STATX_MNT_ID_UNIQUE)
		mask = (mask & ~MNTCOMPAT_STATX_MNT_ID_UNIQUE) | MNTCOMPAT_STATX_MNT_ID;
	ret = (int)raw_call(SYS_statx, L(dfd), path, (unsigned long)flags, (unsigned long)mask,
			    buf);
	if (ret < 0 || known == ~0u)
		return ret;
	buf->stx_mask &= known;
	for (i = 0; i < sizeof(raw_statx_later) / sizeof(raw_statx_later[0]); i++)
		if (!(known & raw_statx_later[i].bit))
			memset((char *)buf + raw_statx_later[i].offset, 0, raw_statx_later[i].len);
	if (raw_before(5, 8)) {
		buf->stx_attributes &= ~UAPI_STATX_ATTR_MOUNT_ROOT;
		buf->stx_attributes_mask &= ~UAPI_STATX_ATTR_MOUNT_ROOT;
	}
	return ret;
}

int raw_name_to_handle_at(int dfd, const char *path, void *handle, void *mount_id, int flags)
{
	if ((raw_before(6, 12) && (flags & (int)MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE)) ||
	    (raw_before(6, 13) && (flags & (int)MNTCOMPAT_AT_HANDLE_CONNECTABLE)) ||
	    (raw_before(6, 5) && (flags & (int)MNTCOMPAT_AT_HANDLE_FID)))
		return -EINVAL;
	return (int)raw_call(SYS_name_to_handle_at, L(dfd), path, handle, mount_id, L(flags));
}

int raw_open_by_handle_at(int mount, void *handle, int flags)
{
	return (int)raw_call(SYS_open_by_handle_at, L(mount), handle, L(flags));
}

ssize_t raw_getdents64(int fd, void *buf, size_t len)
{
	return raw_call(SYS_getdents64, L(fd), buf, len);
}

int raw_poll(struct pollfd *fds, unsigned int n, int timeout_ms)
{
#ifdef SYS_poll
	return (int)raw_call(SYS_poll, fds, (unsigned long)n, L(timeout_ms));
#else
	return (int)raw_libc(poll(fds, n, timeout_ms));
#endif
}

int raw_ioctl(int fd, unsigned long request, void *arg)
{
	return (int)raw_call(SYS_ioctl, L(fd), request, arg);
}

int raw_mkdirat(int dfd, const char *path, unsigned int mode)
{
	return (int)raw_call(SYS_mkdirat, L(dfd), path, L(mode));
}

int raw_unlinkat(int dfd, const char *path, int flags)
{
	return (int)raw_call(SYS_unlinkat, L(dfd), path, L(flags));
}

int raw_eventfd(void)
{
	return (int)raw_call(SYS_eventfd2, 0l, L(O_CLOEXEC));
}

int raw_memfd_create(const char *name, unsigned int flags)
{
	return (int)raw_call(SYS_memfd_create, name, (unsigned long)flags);
}

void *raw_mmap(size_t len)
{
	int saved = errno;
	void *addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	errno = saved;
	return addr == MAP_FAILED ? NULL : addr;
}

void *raw_mmap_shared(size_t len)
{
	int saved = errno;
	void *addr = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	errno = saved;
	return addr == MAP_FAILED ? NULL : addr;
}

void *raw_mremap(void *old, size_t old_len, size_t new_len)
{
	int saved = errno;
	void *addr = mremap(old, old_len, new_len, MREMAP_MAYMOVE);

	errno = saved;
	return addr == MAP_FAILED ? NULL : addr;
}

void raw_munmap(void *addr, size_t len)
{
	raw_call(SYS_munmap, addr, len);
}

int raw_close_range_unshare(unsigned int first)
{
	if (raw_before(5, 9))
		return -ENOSYS;
	return (int)raw_call(UAPI_NR_close_range, (unsigned long)first, (unsigned long)~0u,
			     (unsigned long)UAPI_CLOSE_RANGE_UNSHARE);
}

int raw_limit_files(const uint64_t new_limit[2], uint64_t old_limit[2])
{
	return (int)raw_call(SYS_prlimit64, 0l, L(RLIMIT_NOFILE), new_limit, old_limit);
}

int raw_allow_files(unsigned int files, bool more)
{
	uint64_t limit[2], wanted[2];
	int ret = raw_limit_files(NULL, limit);

	if (ret < 0)
		return ret;
	wanted[0] = more ? limit[0] + files : files;
	if (limit[0] >= wanted[0])
		return 0;
	wanted[1] = limit[1] < wanted[0] ? wanted[0] : limit[1];
	ret = raw_limit_files(wanted, NULL);
	if (ret == 0 || limit[0] == limit[1])
		return ret;
	limit[0] = limit[1];
	return raw_limit_files(limit, NULL);
}

/*
 * Drop all messages but those that begin with the secret, before they are queued: a file that is
 * closed with the queue could keep the closing task waiting.
 */
static int accept_secret_only(int mailbox, const unsigned char *secret)
{
	struct sock_filter code[2 * RAW_SECRET / 4 + 2];
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	unsigned int i, words = RAW_SECRET / 4;

	for (i = 0; i < words; i++, secret += 4) {
		code[2 * i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4 * i);
		code[2 * i + 1] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K,
			(uint32_t)secret[0] << 24 | (uint32_t)secret[1] << 16 |
				(uint32_t)secret[2] << 8 | secret[3],
			0, (unsigned char)(2 * (words - i) - 1));
	}
	code[2 * words] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, RAW_SECRET);
	code[2 * words + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	return (int)raw_call(SYS_setsockopt, L(mailbox), L(SOL_SOCKET), L(SO_ATTACH_FILTER),
			     &program, L(sizeof(program)));
}

int raw_mailbox(struct raw_address *address)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd, ret;

	_Static_assert(sizeof(name) <= sizeof(address->bytes), "an address of a local socket");
	fd = (int)raw_call(SYS_socket, L(AF_UNIX), L(SOCK_DGRAM | SOCK_CLOEXEC), 0l);
	if (fd < 0)
		return fd;
	/* Neither waits; the first came with 5.6. */
	ret = (int)raw_call(SYS_getrandom, address->secret, L(RAW_SECRET), L(UAPI_GRND_INSECURE));
	if (ret < 0)
		ret = (int)raw_call(SYS_getrandom, address->secret, L(RAW_SECRET),
				    L(UAPI_GRND_NONBLOCK));
	ret = ret == RAW_SECRET ? accept_secret_only(fd, address->secret) : -ENOSYS;
	/* The kernel chooses a name that nobody has. */
	if (ret == 0)
		ret = (int)raw_call(SYS_bind, L(fd), &name, L(sizeof(name.sun_family)));
	address->len = sizeof(address->bytes);
	if (ret == 0)
		ret = (int)raw_call(SYS_getsockname, L(fd), address->bytes, &address->len);
	if (ret == 0)
		return fd;
	raw_close(fd);
	return ret;
}

union raw_control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

int raw_send_fd(const struct raw_address *address, int fd)
{
	union raw_control control = { .header = { .cmsg_len = CMSG_LEN(sizeof(fd)),
						  .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { (void *)(uintptr_t)address->secret, RAW_SECRET };
	struct msghdr message = { .msg_name = (void *)(uintptr_t)address->bytes,
				  .msg_namelen = address->len,
				  .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int by, ret;

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	by = (int)raw_call(SYS_socket, L(AF_UNIX), L(SOCK_DGRAM | SOCK_CLOEXEC), 0l);
	if (by < 0)
		return by;
	ret = (int)raw_call(SYS_sendmsg, L(by), &message, L(MSG_DONTWAIT | MSG_NOSIGNAL));
	raw_close(by);
	return ret < 0 ? ret : 0;
}

int raw_receive_fd(int mailbox)
{
	union raw_control control = { .room = { 0 } };
	unsigned char secret[RAW_SECRET];
	struct iovec iov = { secret, sizeof(secret) };
	/* Without the padding, in which another fd would have room. */
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = CMSG_LEN(sizeof(int)) };
	int fd, ret;

	ret = (int)raw_call(SYS_recvmsg, L(mailbox), &message, L(MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
	if (ret < 0)
		return ret;
	/* If no number is free, the kernel leaves the fd out of the message. */
	if (message.msg_controllen < CMSG_LEN(sizeof(fd)) ||
	    control.header.cmsg_level != SOL_SOCKET || control.header.cmsg_type != SCM_RIGHTS)
		return message.msg_flags & MSG_CTRUNC ? -EMFILE : -ENOMSG;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

ssize_t raw_process_vm_readv(pid_t pid, void *local, const void *remote, size_t len)
{
	struct iovec here = { local, len }, there = { (void *)(uintptr_t)remote, len };

	return raw_call(SYS_process_vm_readv, L(pid), &here, 1l, &there, 1l, 0l);
}

ssize_t raw_process_vm_writev(pid_t pid, const void *local, void *remote, size_t len)
{
	struct iovec here = { (void *)(uintptr_t)local, len }, there = { remote, len };

	return raw_call(SYS_process_vm_writev, L(pid), &here, 1l, &there, 1l, 0l);
}

int raw_pipe2(int fds[2], int flags)
{
	return (int)raw_call(SYS_pipe2, fds, L(flags));
}

/* --- tasks --- */

pid_t raw_getpid(void)
{
	return (pid_t)raw_call(SYS_getpid);
}

pid_t raw_getppid(void)
{
	return (pid_t)raw_call(SYS_getppid);
}

pid_t raw_gettid(void)
{
	return (pid_t)raw_call(SYS_gettid);
}

int raw_capget_effective(uint64_t *effective)
{
	struct {
		uint32_t version;
		int32_t pid;
	} header = { UAPI_CAPABILITY_VERSION_3, 0 };
	struct {
		uint32_t effective, permitted, inheritable;
	} data[2] = { { 0, 0, 0 } };
	int ret = (int)raw_call(SYS_capget, &header, data);

	if (ret == 0)
		*effective = data[0].effective | (uint64_t)data[1].effective << 32;
	return ret;
}

int raw_sigprocmask_block_all(uint64_t *old)
{
	uint64_t all = ~0ull;

	return (int)raw_call(SYS_rt_sigprocmask, L(SIG_BLOCK), &all, old, 8l);
}

int raw_sigprocmask_restore(const uint64_t *old)
{
	return (int)raw_call(SYS_rt_sigprocmask, L(SIG_SETMASK), old, NULL, 8l);
}

#ifdef __SANITIZE_THREAD__
/* ThreadSanitizer takes clone() for fork(), from GCC 13 on, and ends a task that shares its memory.
 */
int __clone(int (*task)(void *), void *stack, int flags, void *arg, ...);
#define clone __clone
#endif

pid_t raw_clone(int (*task)(void *), void *stack_top, unsigned long flags, void *arg,
		uint32_t *alive)
{
	if (alive)
		flags |= CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
	return (pid_t)raw_libc(clone(task, stack_top, (int)flags, arg, alive, NULL, alive));
}

pid_t raw_clone_told(int (*task)(void *), void *stack_top, unsigned long flags, void *arg,
		     uint32_t *told)
{
	flags |= CLONE_PARENT_SETTID;
	return (pid_t)raw_libc(clone(task, stack_top, (int)flags, arg, told, NULL, NULL));
}

void raw_clear_at_end(uint32_t *alive)
{
	raw_call(SYS_set_tid_address, alive);
}

pid_t raw_clone3(const struct mntcompat_clone_args *args, size_t size)
{
	if (raw_before(5, 3))
		return -ENOSYS;
	if (raw_before(7, 1) && (args->flags & MNTCOMPAT_CLONE_EMPTY_MNTNS))
		return -EINVAL;
	return (pid_t)raw_call(UAPI_NR_clone3, args, size);
}

void raw_exit(int status)
{
	for (;;)
		raw_call(SYS_exit_group, L(status));
}

int raw_sigpending(uint64_t *pending)
{
	return (int)raw_call(SYS_rt_sigpending, pending, 8l);
}

int raw_sigtake(uint64_t signals)
{
	/* A timespec of zeros, whichever width it has. */
	uint64_t now[2] = { 0, 0 };

	return (int)raw_call(UAPI_NR_rt_sigtimedwait, &signals, NULL, now, 8l);
}

void raw_futex_wait(uint32_t *word, uint32_t value)
{
	raw_call(UAPI_NR_futex, word, L(UAPI_FUTEX_WAIT), (unsigned long)value, NULL);
}

void raw_futex_wait_a_while(uint32_t *word, uint32_t value)
{
#ifdef SYS_futex
	struct {
		long seconds, nanoseconds;
	} time = { 0, 20000000 };
#else
	struct {
		int64_t seconds, nanoseconds;
	} time = { 0, 20000000 };
#endif

	raw_call(UAPI_NR_futex, word, L(UAPI_FUTEX_WAIT), (unsigned long)value, &time);
}

bool raw_has_ended(pid_t pid)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	return raw_call(SYS_waitid, L(P_PID), L(pid), &info,
			L(WEXITED | WNOHANG | WNOWAIT | __WALL), NULL) != 0 ||
	       info.si_pid == pid;
}

void raw_futex_wake(uint32_t *word)
{
	raw_call(UAPI_NR_futex, word, L(UAPI_FUTEX_WAKE), 1l);
}

int raw_futex_op(uint32_t *word, enum raw_futex_op op, int arg)
{
	/*
	 * FUTEX_WAKE_OP wakes the waiters of this word, which has none; and those of *word only if
	 * that was negative.
	 */
	uint32_t nobody = 0;
	unsigned long what = (unsigned long)op << 28 | (unsigned long)UAPI_FUTEX_OP_CMP_LT << 24 |
			     ((unsigned long)arg & 0xfff) << 12;

	return (int)raw_call(UAPI_NR_futex, &nobody,
			     L(UAPI_FUTEX_WAKE_OP | UAPI_FUTEX_PRIVATE_FLAG), 0l, 0l, word, what);
}

int raw_wait_clone(pid_t pid)
{
	long ret;

	do
		ret = raw_call(SYS_wait4, L(pid), NULL, L(__WALL), NULL);
	while (ret == -EINTR);
	return ret < 0 ? (int)ret : 0;
}

int raw_unshare(unsigned long flags)
{
	if (raw_before(7, 1) && (flags & MNTCOMPAT_UNSHARE_EMPTY_MNTNS))
		return -EINVAL;
	return (int)raw_call(SYS_unshare, flags);
}

int raw_setns(int fd, int nstype)
{
	return (int)raw_call(SYS_setns, L(fd), L(nstype));
}

int raw_fchdir(int fd)
{
	return (int)raw_call(SYS_fchdir, L(fd));
}

int raw_chdir(const char *path)
{
	return (int)raw_call(SYS_chdir, path);
}

int raw_chroot(const char *path)
{
	return (int)raw_call(SYS_chroot, path);
}

int raw_pidfd_open(pid_t pid)
{
	if (raw_before(5, 3))
		return -ENOSYS;
	return (int)raw_call(UAPI_NR_pidfd_open, L(pid), 0l);
}

int raw_pidfd_getfd(int pidfd, int fd)
{
	if (raw_before(5, 6))
		return -ENOSYS;
	return (int)raw_call(UAPI_NR_pidfd_getfd, L(pidfd), L(fd), 0l);
}

int raw_end_with_parent(void)
{
	return (int)raw_call(SYS_prctl, L(PR_SET_PDEATHSIG), L(SIGKILL), 0l, 0l, 0l);
}

/*
 * The kernel makes no thread that would be in another pid namespace than its process, and checks
 * this first. Otherwise it refuses a thread with an id that is in use, or with any chosen id.
 */
int raw_children_are_elsewhere(void)
{
	int32_t tid = raw_gettid();
	struct mntcompat_clone_args args = {
		.flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
		.set_tid = (uintptr_t)&tid,
		.set_tid_size = 1,
	};
	int ret;

	if (raw_before(5, 5))
		return -ENOSYS;
	/* A filter returns the same to all calls; the kernel returns EINVAL to one without
	 * arguments. */
	if (raw_call(UAPI_NR_clone3, NULL, 0l) != -EINVAL)
		return -ENOSYS;
	ret = (int)raw_call(UAPI_NR_clone3, &args, sizeof(args));
	if (ret == -EINVAL)
		return 1;
	return ret == -EEXIST || ret == -EPERM ? 0 : -ENOSYS;
}

bool raw_is_filtered(void)
{
	return raw_call(SYS_prctl, L(PR_GET_SECCOMP), 0l, 0l, 0l, 0l) > 0;
}

bool raw_is_readable(const void *user)
{
	/* The kernel reads the new mask before it checks what to do with it; NULL is not a mask. */
	return user && raw_call(SYS_rt_sigprocmask, -1l, user, NULL, 8l) != -EFAULT;
}

/* --- mounts --- */

int raw_mount(const char *source, const char *target, const char *type, unsigned long flags,
	      const void *data)
{
	/* Older kernels ignore it. */
	if (raw_before(5, 10))
		flags &= ~UAPI_MS_NOSYMFOLLOW;
	return (int)raw_call(SYS_mount, source, target, type, flags, data);
}

int raw_umount2(const char *target, int flags)
{
	return (int)raw_call(SYS_umount2, target, L(flags));
}

int raw_pivot_root(const char *new_root, const char *put_old)
{
	return (int)raw_call(SYS_pivot_root, new_root, put_old);
}

/*
 * Only while a newer kernel acts as an old one: before 6.15 nothing outside the caller's mount
 * namespace can be cloned, detached trees included.
 */
static bool raw_is_elsewhere(int dfd, const char *path, unsigned int flags)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 };
	struct raw_statx_buf buf = { 0 };
	long ret;

	flags &= MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_SYMLINK_NOFOLLOW |
		 MNTCOMPAT_AT_NO_AUTOMOUNT;
	flags |= UAPI_AT_STATX_DONT_SYNC;
	/*
	 * Try twice: a failure that a test injects here is not one of the call that this one is
	 * made for.
	 */
	if (raw_call(SYS_statx, L(dfd), path, (unsigned long)flags,
		     (unsigned long)MNTCOMPAT_STATX_MNT_ID_UNIQUE, &buf) < 0 &&
	    raw_call(SYS_statx, L(dfd), path, (unsigned long)flags,
		     (unsigned long)MNTCOMPAT_STATX_MNT_ID_UNIQUE, &buf) < 0)
		return false;
	if (!(buf.mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE))
		return false;
	req.mnt_id = buf.mnt_id;
	ret = raw_call(UAPI_NR_statmount, &req, NULL, 0l, 0l);
	if (ret < 0 && ret != -ENOENT)
		ret = raw_call(UAPI_NR_statmount, &req, NULL, 0l, 0l);
	return ret == -ENOENT;
}

int raw_open_tree(int dfd, const char *path, unsigned int flags)
{
	int fd;

	if (raw_before(5, 2))
		return -ENOSYS;
	if (raw_before(7, 0) && (flags & MNTCOMPAT_OPEN_TREE_NAMESPACE))
		return -EINVAL;
	if (raw_before(7, 4) && (flags & MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS))
		return -EINVAL;
	fd = (int)raw_call(UAPI_NR_open_tree, L(dfd), path, (unsigned long)flags);
	/* Afterwards, since the kernel checks the limits before the source. */
	if (fd >= 0 && raw_before(6, 15) && (flags & MNTCOMPAT_OPEN_TREE_CLONE) &&
	    raw_is_elsewhere(dfd, path, flags)) {
		raw_close(fd);
		return -EINVAL;
	}
	return fd;
}

int raw_open_tree_direct(int dfd, const char *path, unsigned int flags)
{
	return (int)syscall(UAPI_NR_open_tree, L(dfd), path, (unsigned long)flags);
}

int raw_open_tree_attr(int dfd, const char *path, unsigned int flags,
		       const struct mntcompat_mount_attr *attr, size_t size)
{
	if (raw_before(6, 15))
		return -ENOSYS;
	return (int)raw_call(UAPI_NR_open_tree_attr, L(dfd), path, (unsigned long)flags, attr,
			     size);
}

int raw_move_mount(int from_dfd, const char *from, int to_dfd, const char *to, unsigned int flags)
{
	if (raw_before(5, 2))
		return -ENOSYS;
	/* An unknown flag, which the kernel refuses after it has checked the caller's privilege. */
	if (raw_before(6, 5) && (flags & MNTCOMPAT_MOVE_MOUNT_BENEATH))
		flags |= UAPI_MOVE_MOUNT_UNKNOWN;
	/* It returns EINVAL as well for a mount point outside all namespaces. */
	if (raw_before(6, 15) && !(flags & MNTCOMPAT_MOVE_MOUNT_SET_GROUP) &&
	    raw_is_elsewhere(
		    to_dfd, to,
		    (flags & MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH ? MNTCOMPAT_AT_EMPTY_PATH : 0) |
			    (flags & MNTCOMPAT_MOVE_MOUNT_T_SYMLINKS ?
				     0 :
				     MNTCOMPAT_AT_SYMLINK_NOFOLLOW) |
			    (flags & MNTCOMPAT_MOVE_MOUNT_T_AUTOMOUNTS ?
				     0 :
				     MNTCOMPAT_AT_NO_AUTOMOUNT)))
		flags |= UAPI_MOVE_MOUNT_UNKNOWN;
	return (int)raw_call(UAPI_NR_move_mount, L(from_dfd), from, L(to_dfd), to,
			     (unsigned long)flags);
}

int raw_fsopen(const char *type, unsigned int flags)
{
	if (raw_before(5, 2))
		return -ENOSYS;
	return (int)raw_call(UAPI_NR_fsopen, type, (unsigned long)flags);
}

int raw_fsconfig(int fd, unsigned int command, const char *key, const void *value, int aux)
{
	if (raw_before(5, 2))
		return -ENOSYS;
	return (int)raw_call(UAPI_NR_fsconfig, L(fd), (unsigned long)command, key, value, L(aux));
}

int raw_fsmount(int fd, unsigned int flags, unsigned int attrs)
{
	if (raw_before(5, 2))
		return -ENOSYS;
	if (raw_before(7, 1) && (flags & MNTCOMPAT_FSMOUNT_NAMESPACE))
		return -EINVAL;
	return (int)raw_call(UAPI_NR_fsmount, L(fd), (unsigned long)flags, (unsigned long)attrs);
}

int raw_mount_setattr(int dfd, const char *path, unsigned int flags,
		      const struct mntcompat_mount_attr *attr, size_t size)
{
	if (raw_before(5, 12))
		return -ENOSYS;
	return (int)raw_call(UAPI_NR_mount_setattr, L(dfd), path, (unsigned long)flags, attr, size);
}

/*
 * Passes the caller's pointers to the kernel unread, unless a chosen kernel version limits the
 * request: then it is read here and must be in the library's own memory.
 */
int raw_statmount(const struct mntcompat_mnt_id_req *req, void *buf, size_t bufsize,
		  unsigned int flags)
{
	struct mntcompat_mnt_id_req limited;

	if (raw_before(6, 8))
		return -ENOSYS;
	if (raw_before(7, 0) && req) {
		if (flags & MNTCOMPAT_STATMOUNT_BY_FD)
			return -EINVAL;
		memset(&limited, 0, sizeof(limited));
		memcpy(&limited, req, req->size < sizeof(limited) ? req->size : sizeof(limited));
		if (raw_before(6, 18) && limited.mnt_fd)
			return -EINVAL;
		if (raw_before(6, 15))
			limited.param &= 0xfff;
		if (raw_before(6, 13))
			limited.param &= 0xff;
		if (raw_before(6, 11)) {
			limited.param &= 0x3f;
			if (limited.size > MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 && limited.mnt_ns_id)
				return -E2BIG;
		}
		req = &limited;
	}
	return (int)raw_call(UAPI_NR_statmount, req, buf, bufsize, (unsigned long)flags);
}

ssize_t raw_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *ids, size_t n,
		      unsigned int flags)
{
	struct mntcompat_mnt_id_req limited;

	if (raw_before(6, 8))
		return -ENOSYS;
	/* LISTMOUNT_REVERSE */
	if (raw_before(6, 11) && flags)
		return -EINVAL;
	/* As for statmount. */
	if (raw_before(6, 18) && req) {
		memset(&limited, 0, sizeof(limited));
		memcpy(&limited, req, req->size < sizeof(limited) ? req->size : sizeof(limited));
		if (limited.mnt_fd)
			return -EINVAL;
		if (raw_before(6, 11) && limited.mnt_ns_id)
			return -E2BIG;
		req = &limited;
	}
	return raw_call(UAPI_NR_listmount, req, ids, n, (unsigned long)flags);
}

bool raw_file_getattr_present(void)
{
	if (raw_before(6, 17))
		return false;
	/* The kernel refuses unknown at-flags before it checks anything else. */
	return raw_call(UAPI_NR_file_getattr, -1l, NULL, NULL, 0l, -1l) == -EINVAL;
}

int raw_fchroot(int fd)
{
	if (raw_before(7, 3))
		return -ENOSYS;
	return (int)raw_call(UAPI_NR_fchroot, L(fd), 0l);
}

/* --- namespaces --- */

int raw_ns_get_userns(int fd)
{
	return raw_ioctl(fd, UAPI_NS_GET_USERNS, NULL);
}

int raw_ns_get_nstype(int fd)
{
	return raw_ioctl(fd, UAPI_NS_GET_NSTYPE, NULL);
}

int raw_ns_get_mntns_id(int fd, uint64_t *id)
{
	if (raw_before(6, 11))
		return -ENOTTY;
	return raw_ioctl(fd, UAPI_NS_GET_MNTNS_ID, id);
}

/* At every level: it guards the caller and answers nothing. */
int raw_ns_get_init(int fd)
{
	return (int)raw_call(SYS_ioctl, L(fd), (unsigned long)UAPI_NS_GET_PID_FROM_PIDNS, 1l);
}

int raw_ns_get_id(int fd, uint64_t *id)
{
	if (raw_before(6, 18))
		return -ENOTTY;
	return raw_ioctl(fd, UAPI_NS_GET_ID, id);
}

static int raw_ns_mnt(int fd, unsigned long request, struct mntcompat_mnt_ns_info *info)
{
	if (raw_before(6, 12))
		return -ENOTTY;
	return raw_ioctl(fd, request, info);
}

int raw_ns_mnt_get_info(int fd, struct mntcompat_mnt_ns_info *info)
{
	return raw_ns_mnt(fd, UAPI_NS_MNT_GET_INFO, info);
}

int raw_ns_mnt_get_next_info(int fd, struct mntcompat_mnt_ns_info *info)
{
	return raw_ns_mnt(fd, UAPI_NS_MNT_GET_NEXT, info);
}

int raw_ns_mnt_get_prev_info(int fd, struct mntcompat_mnt_ns_info *info)
{
	return raw_ns_mnt(fd, UAPI_NS_MNT_GET_PREV, info);
}

static int raw_ns_step(int fd, unsigned long request, uint64_t *id)
{
	struct mntcompat_mnt_ns_info info = { .size = sizeof(info) };
	int ret = raw_ns_mnt(fd, request, &info);

	if (ret >= 0 && id)
		*id = info.mnt_ns_id;
	return ret;
}

int raw_ns_mnt_get_next(int fd, uint64_t *id)
{
	return raw_ns_step(fd, UAPI_NS_MNT_GET_NEXT, id);
}

int raw_ns_mnt_get_prev(int fd, uint64_t *id)
{
	return raw_ns_step(fd, UAPI_NS_MNT_GET_PREV, id);
}

int raw_pidfd_get_mnt_namespace(int pidfd)
{
	if (raw_before(6, 11))
		return -ENOTTY;
	return raw_ioctl(pidfd, UAPI_PIDFD_GET_MNT_NAMESPACE, NULL);
}

int raw_pidfd_get_user_namespace(int pidfd)
{
	if (raw_before(6, 11))
		return -ENOTTY;
	return raw_ioctl(pidfd, UAPI_PIDFD_GET_USER_NAMESPACE, NULL);
}

ssize_t raw_listns(const struct mntcompat_ns_id_req *req, uint64_t *ids, size_t n,
		   unsigned int flags)
{
	if (raw_before(6, 19))
		return -ENOSYS;
	return raw_call(UAPI_NR_listns, req, ids, n, (unsigned long)flags);
}
