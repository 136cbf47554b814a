/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * raw.h - the only way to the kernel: one function per system call or ioctl that the library uses.
 * Every function returns the result or -errno and never touches errno, so that it may run in a
 * helper that shares the caller's memory.
 *
 * MNTCOMPAT_KERNEL lives here: below a chosen kernel version each of these answers as that kernel
 * would.
 */
#ifndef MNTCOMPAT_COMPAT_KERNEL_RAW_H
#define MNTCOMPAT_COMPAT_KERNEL_RAW_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>

#include <mntcompat.h>

#define RAW_KERNEL(major, minor) (1000u * (major) + (minor))
#define RAW_KERNEL_ANY 0xffffffffu

/*
 * False only if the kernel is older than this version, by its own name: for what has to be certain
 * although a filter may answer ENOSYS. Which features there are is not asked here.
 */
bool raw_may_have(unsigned int version);

/* The kernel version to behave like: RAW_KERNEL(5, 10), or RAW_KERNEL_ANY for no limit. */
void raw_set_kernel(unsigned int version);
unsigned int raw_get_kernel(void);

/* The fields of statx(2) that the library needs, filled by raw_statx(). */
struct raw_statx {
	uint32_t mask;
	uint64_t attributes, attributes_mask;
	uint16_t mode;
	uint32_t dev_major, dev_minor;
	uint64_t ino;
	uint64_t mnt_id; /* valid if mask has MNT_ID or MNT_ID_UNIQUE */
};

/* True for EMFILE, ENFILE and ENOMEM: a shortage, not an answer. */
static inline bool raw_is_shortage(int ret)
{
	return ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM;
}

/* --- files --- */
int raw_openat(int dfd, const char *path, int flags, unsigned int mode);
/* Only by what the kernel has in memory; else -EAGAIN. 5.12, and late 5.10: -EINVAL before. */
int raw_openat_cached(int dfd, const char *path, int flags);
int raw_close(int fd);
ssize_t raw_read(int fd, void *buf, size_t len);
ssize_t raw_pread(int fd, void *buf, size_t len, off_t offset);
ssize_t raw_write(int fd, const void *buf, size_t len);
ssize_t raw_readlinkat(int dfd, const char *path, char *buf, size_t len);
int raw_dup3(int from, int to, int flags);
int raw_fcntl(int fd, int command, unsigned long arg);
int raw_fstat(int fd, struct stat *st);
int raw_fstatat(int dfd, const char *path, struct stat *st, int flags);
int raw_fstatfs(int fd, struct statfs *st);
int raw_statfs(const char *path, struct statfs *st);
int raw_statx(int dfd, const char *path, unsigned int flags, unsigned int mask,
	      struct raw_statx *out);
/*
 * The kernel's own answer (256 bytes) into the caller's memory. Where a kernel version is chosen
 * that lacks some of it, that is taken out of the answer afterwards.
 */
int raw_statx_whole(int dfd, const char *path, unsigned int flags, unsigned int mask,
		    struct mntcompat_statx *buf);
/* Linux 2.6.39; *mount_id receives 4 bytes, with AT_HANDLE_MNT_ID_UNIQUE 8. */
int raw_name_to_handle_at(int dfd, const char *path, void *handle, void *mount_id, int flags);
/* Linux 2.6.39; needs CAP_DAC_READ_SEARCH. @mount: no O_PATH fd. */
int raw_open_by_handle_at(int mount, void *handle, int flags);
/* struct linux_dirent64: the entries that raw_getdents64() writes, each @reclen bytes long. */
struct raw_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};
ssize_t raw_getdents64(int fd, void *buf, size_t len);
int raw_poll(struct pollfd *fds, unsigned int n, int timeout_ms);
int raw_ioctl(int fd, unsigned long request, void *arg);
int raw_mkdirat(int dfd, const char *path, unsigned int mode);
int raw_unlinkat(int dfd, const char *path, int flags);
int raw_eventfd(void);
int raw_memfd_create(const char *name, unsigned int flags);
void *raw_mmap(size_t len); /* anonymous private; NULL on failure */
void *raw_mremap(void *old, size_t old_len, size_t new_len); /* may move; NULL on failure */
void raw_munmap(void *addr, size_t len);
/* A copy of the fd table for the calling task, without @first and all above it. 5.9 */
int raw_close_range_unshare(unsigned int first);
/*
 * Allow the calling process at least @files fds, with @more so many more than now, or as many as it
 * may allow itself. -errno if it is not one more.
 */
int raw_allow_files(unsigned int files, bool more);
/* The same limit, read and set: soft and hard. 0 or -errno. */
int raw_limit_files(const uint64_t new_limit[2], uint64_t old_limit[2]);
/*
 * An fd in a message: raw_mailbox() makes a socket to receive one, whose address is for
 * raw_send_fd() in another task. raw_receive_fd() does not wait: an fd (CLOEXEC) or -errno.
 * Everybody in the network namespace can see the name of the socket; the secret is what lets a
 * message in.
 */
#define RAW_SECRET 16
struct raw_address {
	uint32_t len;
	unsigned char bytes[128], secret[RAW_SECRET];
};
int raw_mailbox(struct raw_address *address);
int raw_send_fd(const struct raw_address *address, int fd);
int raw_receive_fd(int mailbox);

/* --- the caller's own memory, the kernel's way (EFAULT instead of a crash) --- */
ssize_t raw_process_vm_readv(pid_t pid, void *local, const void *remote, size_t len);
ssize_t raw_process_vm_writev(pid_t pid, const void *local, void *remote, size_t len);
int raw_pipe2(int fds[2], int flags);

/* --- tasks --- */
pid_t raw_getpid(void);
pid_t raw_getppid(void);
pid_t raw_gettid(void);
int raw_capget_effective(uint64_t *effective);
int raw_sigprocmask_block_all(uint64_t *old); /* old: 64 signals */
int raw_sigprocmask_restore(const uint64_t *old);
/* *alive, if given, is the task's id from its first to its last moment; then 0, and a waiter of the
 * futex is woken. */
pid_t raw_clone(int (*task)(void *), void *stack_top, unsigned long flags, void *arg,
		uint32_t *alive);
/*
 * For a libc whose clone() refuses to tell the end (musl from 1.2.5 on): *told is the task's id from
 * its first moment, and 0 after its last only if the task itself calls raw_clear_at_end() first.
 */
pid_t raw_clone_told(int (*task)(void *), void *stack_top, unsigned long flags, void *arg,
		     uint32_t *told);
void raw_clear_at_end(uint32_t *alive);
/* Like fork(2): returns in both. @args: no stack, no CLONE_VM. 5.3 */
pid_t raw_clone3(const struct mntcompat_clone_args *args, size_t size);
void raw_exit(int status) __attribute__((noreturn));
int raw_sigpending(uint64_t *pending); /* 64 signals */
int raw_sigtake(uint64_t signals); /* one that is pending, without waiting; its number or -errno */
/* returns at a wake, a signal, or at once if *word != value */
void raw_futex_wait(uint32_t *word, uint32_t value);
void raw_futex_wake(uint32_t *word);
/* The same, and after some milliseconds. */
void raw_futex_wait_a_while(uint32_t *word, uint32_t value);
bool raw_has_ended(pid_t pid);	   /* a child, which stays one to be waited for */
void *raw_mmap_shared(size_t len); /* with children; NULL on failure */
/*
 * Changes an aligned word as FUTEX_WAKE_OP does: -EFAULT, and never a fault, if it cannot be
 * written. @arg: -2048 to 2047; with RAW_FUTEX_SHIFT in @op 1 << @arg. 2.6.14
 */
enum raw_futex_op { RAW_FUTEX_SET, RAW_FUTEX_ADD, RAW_FUTEX_OR, RAW_FUTEX_SHIFT = 8 };
int raw_futex_op(uint32_t *word, enum raw_futex_op op, int arg);
int raw_wait_clone(pid_t pid); /* wait4(pid, __WALL), retried over EINTR */
int raw_unshare(unsigned long flags);
int raw_setns(int fd, int nstype);
int raw_fchdir(int fd);
int raw_chdir(const char *path);
int raw_chroot(const char *path);
int raw_pidfd_open(pid_t pid); /* Linux 5.3 */
/* 5.6: a copy (CLOEXEC) of an fd of another process; needs the right to trace it. */
int raw_pidfd_getfd(int pidfd, int fd);
/* End the calling task when the thread that made it ends. */
int raw_end_with_parent(void);
/* True if the next child of the calling task would not be in the task's own pid namespace. 5.5;
 * -ENOSYS: not known. Starts nothing. */
int raw_children_are_elsewhere(void);
bool raw_is_filtered(void); /* by a system call filter */
/* False if the 8 bytes at @user cannot be read. */
bool raw_is_readable(const void *user);

/* --- mounts --- */
int raw_mount(const char *source, const char *target, const char *type, unsigned long flags,
	      const void *data);
int raw_umount2(const char *target, int flags);
int raw_pivot_root(const char *new_root, const char *put_old);
int raw_open_tree(int dfd, const char *path, unsigned int flags); /* 5.2 */
/* As the program's own call, of this kernel and no other: -1 and errno. For stand-ins that add
 * nothing to it. */
int raw_open_tree_direct(int dfd, const char *path, unsigned int flags);
/* 6.15 */
int raw_open_tree_attr(int dfd, const char *path, unsigned int flags,
		       const struct mntcompat_mount_attr *attr, size_t size);
/* 5.2 */
int raw_move_mount(int from_dfd, const char *from, int to_dfd, const char *to, unsigned int flags);
int raw_fsopen(const char *type, unsigned int flags); /* 5.2 */
/* 5.2 */
int raw_fsconfig(int fd, unsigned int command, const char *key, const void *value, int aux);
int raw_fsmount(int fd, unsigned int flags, unsigned int attrs); /* 5.2 */
/* 5.12 */
int raw_mount_setattr(int dfd, const char *path, unsigned int flags,
		      const struct mntcompat_mount_attr *attr, size_t size);
/* 6.8 */
int raw_statmount(const struct mntcompat_mnt_id_req *req, void *buf, size_t bufsize,
		  unsigned int flags);
/* 6.8 */
ssize_t raw_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *ids, size_t n,
		      unsigned int flags);
bool raw_file_getattr_present(void); /* 6.17 */
int raw_fchroot(int fd);	     /* 7.3 */

/* --- namespaces --- */
int raw_ns_get_userns(int fd);		       /* ioctl NS_GET_USERNS, 4.9: a new fd (CLOEXEC) */
int raw_ns_get_nstype(int fd);		       /* ioctl NS_GET_NSTYPE, 4.11 */
int raw_ns_get_mntns_id(int fd, uint64_t *id); /* ioctl NS_GET_MNTNS_ID, 6.11 */
int raw_ns_get_id(int fd, uint64_t *id);       /* ioctl NS_GET_ID, 6.18 */
int raw_ns_get_init(int fd); /* ioctl NS_GET_PID_FROM_PIDNS, 6.11: -ESRCH if it has no init */
/* ioctl NS_MNT_GET_INFO, 6.12; hands the caller's pointer to the kernel. */
int raw_ns_mnt_get_info(int fd, struct mntcompat_mnt_ns_info *info);
/* ioctl NS_MNT_GET_NEXT, 6.12: a new fd; id may be NULL */
int raw_ns_mnt_get_next(int fd, uint64_t *id);
int raw_ns_mnt_get_prev(int fd, uint64_t *id);
/* The same with the caller's pointer, which receives the next one's info. */
int raw_ns_mnt_get_next_info(int fd, struct mntcompat_mnt_ns_info *info);
int raw_ns_mnt_get_prev_info(int fd, struct mntcompat_mnt_ns_info *info);
/* 6.19 */
ssize_t raw_listns(const struct mntcompat_ns_id_req *req, uint64_t *ids, size_t n,
		   unsigned int flags);
int raw_pidfd_get_mnt_namespace(int pidfd); /* ioctl, 6.11: a new fd (CLOEXEC, no O_LARGEFILE) */
int raw_pidfd_get_user_namespace(int pidfd);

#endif
