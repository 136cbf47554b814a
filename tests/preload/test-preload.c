// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test-preload.c - what a program may expect of its libc, with libmntcompat-preload.so before it:
 * arguments, errno, cancellation, early calls, signal handlers, vfork, shared memory, threads,
 * exec; and that what it sees is one world. Reaches the product through libc's names only. Makes
 * namespaces if it may. Run with LD_PRELOAD set; prints TAP.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

#define SUBJECT "libmntcompat-preload"

/* As libcs and kernels without them have to be called. */
int statx_of_libc(int dfd, const char *path, int flags, unsigned int mask,
		  struct mntcompat_statx *buf) __asm__("statx");

static int tests, failures;
static const char *self;

static void result(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, name);
	failures += !good;
}

static void skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tests, name, why);
}

#define NOTE(...) printf("# " __VA_ARGS__)

/* --- what a program sees of its root mount, by every kind of call --- */

struct sight {
	uint64_t by_statx, by_syscall, by_handle, by_statmount, ns_of_mount, ns_of_fd;
	ssize_t listed;
	bool in_list;
	char point[16];
};

/* System calls and memory of the stack only, so that it may run anywhere. 0, or what did not work. */
static const char *look(struct sight *sight)
{
	union {
		struct mntcompat_statmount sm;
		char room[4608];
	} answer;
	union {
		struct mntcompat_file_handle head;
		unsigned char room[136];
	} handle;
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 };
	struct mntcompat_statx stx;
	uint64_t ids[256], last = 0;
	ssize_t n;
	int fd;

	memset(sight, 0, sizeof(*sight));
	memset(&stx, 0, sizeof(stx));
	if (statx_of_libc(AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) < 0 ||
	    !(stx.stx_mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE))
		return "statx";
	sight->by_statx = stx.stx_mnt_id;
	memset(&stx, 0, sizeof(stx));
	if (syscall(SYS_statx, AT_FDCWD, "/", 0L, (long)MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) < 0 ||
	    !(stx.stx_mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE))
		return "syscall(SYS_statx)";
	sight->by_syscall = stx.stx_mnt_id;
	/* A root filesystem that has no handles says so, and tells the id still. */
	handle.head.handle_bytes = sizeof(handle.room) - sizeof(handle.head);
	if (name_to_handle_at(AT_FDCWD, "/", (void *)&handle, (void *)&sight->by_handle,
			      MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE) < 0 &&
	    errno != EOPNOTSUPP && errno != EOVERFLOW)
		return "name_to_handle_at";
	req.mnt_id = sight->by_statx;
	req.param = MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_MNT_POINT |
		    MNTCOMPAT_STATMOUNT_MNT_NS_ID;
	if (syscall(UAPI_NR_statmount, &req, &answer, sizeof(answer), 0L) < 0)
		return "syscall(statmount)";
	sight->by_statmount = answer.sm.mnt_id;
	sight->ns_of_mount = answer.sm.mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID ? answer.sm.mnt_ns_id :
									      0;
	strncpy(sight->point,
		answer.sm.mask & MNTCOMPAT_STATMOUNT_MNT_POINT ?
			answer.sm.str + answer.sm.mnt_point :
			"none",
		sizeof(sight->point) - 1);
	req.mnt_id = MNTCOMPAT_LSMT_ROOT;
	for (;;) {
		req.param = last;
		n = syscall(UAPI_NR_listmount, &req, ids, sizeof(ids) / sizeof(*ids), 0L);
		if (n < 0)
			return "syscall(listmount)";
		sight->listed += n;
		for (ssize_t i = 0; i < n; i++)
			sight->in_list |= ids[i] == sight->by_statx;
		if (n < (ssize_t)(sizeof(ids) / sizeof(*ids)))
			break;
		last = ids[n - 1];
	}
	fd = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return "open";
	n = ioctl(fd, UAPI_NS_GET_MNTNS_ID, &sight->ns_of_fd);
	close(fd);
	return n < 0 ? "ioctl(NS_GET_MNTNS_ID)" : NULL;
}

static bool same(const struct sight *a, const struct sight *b)
{
	return a->by_statx == b->by_statx && a->by_syscall == b->by_syscall &&
	       a->by_handle == b->by_handle && a->by_statmount == b->by_statmount &&
	       a->ns_of_mount == b->ns_of_mount && a->ns_of_fd == b->ns_of_fd &&
	       a->in_list == b->in_list && !strcmp(a->point, b->point);
}

static bool is_one_world(const struct sight *s)
{
	bool good = s->by_statx > 0x80000000u && s->by_syscall == s->by_statx &&
		    s->by_handle == s->by_statx && s->by_statmount == s->by_statx && s->in_list &&
		    s->ns_of_fd && (!s->ns_of_mount || s->ns_of_mount == s->ns_of_fd) &&
		    !strcmp(s->point, "/");

	if (!good)
		NOTE("statx %#llx, syscall %#llx, handle %#llx, statmount %#llx, %slisted of %zd, ns %llu and %llu, on %s\n",
		     (unsigned long long)s->by_statx, (unsigned long long)s->by_syscall,
		     (unsigned long long)s->by_handle, (unsigned long long)s->by_statmount,
		     s->in_list ? "" : "not ", s->listed, (unsigned long long)s->ns_of_mount,
		     (unsigned long long)s->ns_of_fd, s->point);
	return good;
}

/* --- before any constructor --- */

static struct {
	bool ran;
	long pid, bad;
	int bad_errno, ioctl_errno;
	const char *wrong;
	struct sight sight;
} early;

#ifdef __GLIBC__
/* musl runs nothing as early as that. */
static void before_all(void)
{
	early.ran = true;
	early.pid = syscall(SYS_getpid);
	early.bad = syscall(SYS_close, -1L);
	early.bad_errno = errno;
	early.ioctl_errno = ioctl(-1, FIONREAD, &early.pid) < 0 ? errno : 0;
	early.wrong = look(&early.sight);
	errno = 0;
}

__attribute__((section(".preinit_array"),
	       used)) static void (*const before_all_entry)(void) = before_all;
#endif

static struct sight first;

static void test_early(int start_errno)
{
	result(start_errno == 0 && !dlerror(), "errno and dlerror() are as a program finds them");
	if (!early.ran) {
		skip("calls before any constructor", "this libc has no such moment");
		return;
	}
	if (early.wrong)
		NOTE("%s\n", early.wrong);
	result(early.pid == getpid() && early.bad == -1 && early.bad_errno == EBADF &&
		       early.ioctl_errno == EBADF && !early.wrong && same(&early.sight, &first),
	       "calls before any constructor");
}

/* --- what goes to the kernel as it is --- */

#define MATCH 77
#define OTHER 78

/* A filter that answers MATCH to number @nr with exactly these words, OTHER to that number with
 * others. */
static int guard(long nr, const unsigned long words[6])
{
	struct sock_filter code[64];
	unsigned short n = 0;

#define DO(...) code[n++] = (struct sock_filter)__VA_ARGS__
	DO({ BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr) });
	DO({ BPF_JMP | BPF_JEQ | BPF_K, 1, 0, (unsigned int)nr });
	DO({ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW });
	for (unsigned int i = 0; i < 6; i++) {
		for (unsigned int half = 0; half < 2; half++) {
			bool low = (half == 0) == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
			uint64_t word = words[i];

			DO({ BPF_LD | BPF_W | BPF_ABS, 0, 0,
			     (unsigned int)offsetof(struct seccomp_data, args) + 8 * i +
				     4 * half });
			DO({ BPF_JMP | BPF_JEQ | BPF_K, 1, 0,
			     (unsigned int)(low ? word : word >> 32) });
			DO({ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | OTHER });
		}
	}
	DO({ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | MATCH });
#undef DO
	struct sock_fprog program = { n, code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

#define WORD(n) \
	((unsigned long)0x1122334455667700ull + (n) + \
	 ((unsigned long)(n) << (8 * sizeof(long) - 5)))

static bool arrives(long nr, const unsigned long words[6])
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (guard(nr, words))
			_exit(1);
		errno = 0;
		if (syscall(nr, words[0], words[1], words[2], words[3], words[4], words[5]) != -1)
			_exit(2);
		_exit(errno);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return false;
	if (WEXITSTATUS(status) != MATCH)
		NOTE("number %ld: %d\n", nr, WEXITSTATUS(status));
	return WEXITSTATUS(status) == MATCH;
}

static void test_arguments(void)
{
	static const struct {
		const char *name;
		long nr;
		int word;
		unsigned long value;
	} calls[] = {
		{ "six words of an unknown number arrive", 2000, -1, 0 },
		{ "six words of ioctl arrive", SYS_ioctl, -1, 0 },
		{ "an unknown ioctl of the namespaces arrives", SYS_ioctl, 1, 0xb7ff },
		{ "six words of unshare arrive", SYS_unshare, 0, 0x1 },
		{ "six words of statx without ids arrive", SYS_statx, 3, 0xfff },
		{ "six words of name_to_handle_at arrive", SYS_name_to_handle_at, 4, 0x400 },
		{ "six words of open_tree without a namespace arrive", UAPI_NR_open_tree, 2,
		  0x40000000 },
		{ "six words of fsmount without a namespace arrive", UAPI_NR_fsmount, 1,
		  0x40000000 },
		{ "six words of clone3 arrive", UAPI_NR_clone3, -1, 0 },
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		unsigned long words[6];

		for (int n = 0; n < 6; n++)
			words[n] = WORD(n);
		if (calls[i].word >= 0)
			words[calls[i].word] = calls[i].value;
		result(arrives(calls[i].nr, words), calls[i].name);
	}
	/* No flag is that high, so the kernel has to see and to refuse it. */
	if (sizeof(long) == 8) {
		unsigned long words[6] = { (unsigned long)0x8000000000100000ull,
					   WORD(1),
					   WORD(2),
					   WORD(3),
					   WORD(4),
					   WORD(5) };

		result(arrives(SYS_unshare, words), "a flag of unshare above the 32nd bit arrives");
	}
}

static void test_errno(void)
{
	struct mntcompat_statx stx;
	struct mntcompat_mnt_id_req req = { .size = 3 };
	int bytes;
	uint64_t id;

	errno = 1234;
	result(syscall(SYS_getpid) == getpid() && errno == 1234,
	       "success of syscall() leaves errno");
	result(syscall(SYS_close, -1L) == -1 && errno == EBADF, "syscall(): -1 and errno");
	result(syscall(100000L) == -1 && errno == ENOSYS, "syscall(): a number that no kernel has");
	result(ioctl(-1, FIONREAD, &bytes) == -1 && errno == EBADF, "ioctl(): -1 and errno");
	errno = 1234;
	result(statx_of_libc(AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) == 0 &&
		       errno == 1234 && statx_of_libc(AT_FDCWD, "/", 0, 0xfff, &stx) == 0 &&
		       errno == 1234,
	       "success of statx() leaves errno");
	result(syscall(UAPI_NR_statmount, &req, NULL, 0L, 0L) == -1 && errno == EINVAL,
	       "statmount: -1 and errno");
	result(syscall(UAPI_NR_statmount, (void *)8, NULL, 0L, 0L) == -1 && errno == EFAULT,
	       "statmount: EFAULT");
	result(syscall(UAPI_NR_listmount, &req, &id, 1L, 0L) == -1 && errno == EINVAL,
	       "listmount: -1 and errno");
	result(syscall(UAPI_NR_clone3, (void *)8, 88L) == -1 && errno == EFAULT, "clone3: EFAULT");
	result(ioctl(0, UAPI_NS_GET_ID, &id) == -1 && errno == ENOTTY,
	       "ioctl(NS_GET_ID) of no namespace: ENOTTY");
	result(syscall(SYS_ioctl, -1L, UAPI_NS_GET_ID, &id) == -1 && errno == EBADF,
	       "syscall(SYS_ioctl, NS_GET_ID): EBADF");
	result(unshare(0x1) == -1 && errno == EINVAL, "unshare(): -1 and errno");
}

/* The number of NS_MNT_GET_INFO with a structure of @size bytes. */
static unsigned long info_request(size_t size)
{
	return _IOC(_IOC_READ, UAPI_NSFS_IOCTL, 10, size);
}

static void test_growing(void)
{
	struct mntcompat_mnt_ns_info info[2] = { 0 };
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), ret;

	ret = ioctl(fd, info_request(sizeof(info)), info);
	result(ret == 0 && info[0].size == sizeof(info[0]) && info[0].nr_mounts && !info[1].size,
	       "ioctl(NS_MNT_GET_INFO) with a structure that has grown");
	ret = (int)syscall(SYS_ioctl, (long)fd, info_request(sizeof(info[0]) + 8), info);
	result(ret == 0 && info[0].nr_mounts, "syscall(SYS_ioctl) with the same");
	ret = ioctl(fd, info_request(sizeof(info[0]) - 8), info);
	result(ret == -1 && (errno == EINVAL || errno == ENOTTY), "and with one that is too small");
	close(fd);
}

/* --- where calls may come from --- */

static void forked(void (*child)(struct sight *), const char *name)
{
	struct sight *seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		child(seen);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	result(status == 0 && same(seen, &first), name);
	munmap(seen, sizeof(*seen));
}

static void child_looks(struct sight *seen)
{
	if (look(seen))
		_exit(1);
}

static void child_vforks(struct sight *seen)
{
	int status;
	pid_t pid = vfork();

	if (pid == 0)
		_exit(look(seen) ? 1 : 0);
	if (waitpid(pid, &status, 0) != pid || status)
		_exit(1);
}

static void child_clones(struct sight *seen)
{
	struct mntcompat_clone_args args = { .exit_signal = SIGCHLD };
	int status;
	long pid = syscall(UAPI_NR_clone3, &args, sizeof(args));

	if (pid == 0)
		_exit(look(seen) ? 1 : 0);
	if (waitpid((pid_t)pid, &status, 0) != pid || status)
		_exit(1);
}

/* Memory of ours, a mount namespace of its own. */
struct elsewhere {
	struct sight sight;
	const char *wrong;
	int error;
};

static int look_elsewhere(void *arg)
{
	struct elsewhere *there = arg;

	if (unshare(CLONE_NEWNS) < 0) {
		there->error = errno;
		return 1;
	}
	there->wrong = look(&there->sight);
	return 0;
}

static void test_shared_memory(void)
{
	static char stack[256 * 1024] __attribute__((aligned(16)));
	struct elsewhere there = { .error = 0 };
	struct sight again;
	int status;
	pid_t pid;

	pid = clone(look_elsewhere, stack + sizeof(stack), CLONE_VM | SIGCHLD, &there);
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (there.error == EPERM) {
		skip("a child that shares memory, in another mount namespace",
		     "this takes privilege");
		return;
	}
	if (there.wrong || there.error)
		NOTE("%s, errno %d\n", there.wrong ? there.wrong : "unshare", there.error);
	result(pid > 0 && !there.error && !there.wrong && is_one_world(&there.sight) &&
		       there.sight.by_statx != first.by_statx &&
		       there.sight.ns_of_fd != first.ns_of_fd && !look(&again) &&
		       same(&again, &first),
	       "a child that shares memory, in another mount namespace");
}

static void test_empty_child(void)
{
	struct mntcompat_clone_args args = { .flags = MNTCOMPAT_CLONE_EMPTY_MNTNS,
					     .exit_signal = SIGCHLD };
	int status = -1;
	long pid = syscall(UAPI_NR_clone3, &args, sizeof(args));

	if (pid < 0 && errno == EPERM) {
		skip("clone3(CLONE_EMPTY_MNTNS)", "this takes privilege");
		return;
	}
	if (pid == 0)
		_exit(mkdir("/x", 0700) == -1 && errno == ENOENT ? 0 : 1);
	result(pid > 0 && waitpid((pid_t)pid, &status, 0) == pid && status == 0,
	       "clone3(CLONE_EMPTY_MNTNS)");
}

static void test_namespace(void)
{
	int fd = (int)syscall(UAPI_NR_open_tree, AT_FDCWD, "/proc",
			      2L /* OPEN_TREE_NAMESPACE */ | O_CLOEXEC),
	    status = -1;
	uint64_t id = 0;
	pid_t pid;

	if (fd < 0 && errno == EPERM) {
		skip("open_tree(OPEN_TREE_NAMESPACE)", "this takes privilege");
		return;
	}
	pid = fork();
	if (pid == 0) {
		struct sight there;

		_exit(setns(fd, CLONE_NEWNS) || access("/self", F_OK) ||
				      ioctl(fd, UAPI_NS_GET_MNTNS_ID, &there.ns_of_fd) ?
			      1 :
			      0);
	}
	waitpid(pid, &status, 0);
	result(fd >= 0 && status == 0 && ioctl(fd, UAPI_NS_GET_MNTNS_ID, &id) == 0 && id &&
		       id != first.ns_of_fd,
	       "open_tree(OPEN_TREE_NAMESPACE): a namespace to enter, with an id");
	close(fd);
}

/* --- the calls that it finds --- */

enum { ASKED_WRONG = 1, ATTACHED_WRONG, CLONE_WRONG, LIBC_WRONG };

static int asks(void)
{
	return syscall(UAPI_NR_mount_setattr, -1L, NULL, 0L, NULL, 0L) == -1 ? errno : 0;
}

/* As libmount, systemd and LXC ask; in a mount namespace of its own. */
static int look_for_mount_setattr(void)
{
	int (*of_libc)(int, const char *, unsigned int, void *, size_t) =
		dlsym(RTLD_DEFAULT, "mount_setattr");
	struct mntcompat_mount_attr nosuid = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOSUID };
	int asked = asks(), fd;
	long ret;

	if (asked != EINVAL && asked != ENOSYS)
		return ASKED_WRONG;
	/* As the kernel's own tests ask, which go on where a part is missing. */
	if (syscall(UAPI_NR_mount_setattr, -1L, "", (long)AT_EMPTY_PATH, NULL, 0L) != -1 ||
	    errno != EINVAL)
		return ASKED_WRONG;
	if (!of_libc || of_libc(-1, NULL, 0, NULL, 0) != -1 || errno != asked)
		return LIBC_WRONG;
	if (syscall(UAPI_NR_mount_setattr, (long)AT_FDCWD, "/proc", 0L, &nosuid, sizeof(nosuid)))
		return ATTACHED_WRONG;
	fd = (int)syscall(UAPI_NR_open_tree, (long)AT_FDCWD, "/proc",
			  1L /* OPEN_TREE_CLONE */ | O_CLOEXEC);
	ret = syscall(UAPI_NR_mount_setattr, (long)fd, "", (long)AT_EMPTY_PATH, &nosuid,
		      sizeof(nosuid));
	if (asked == ENOSYS)
		return ret == -1 && errno == ENOSYS ? 0 : CLONE_WRONG;
	return ret == 0 ? 0 : CLONE_WRONG;
}

/*
 * A program that finds a call expects all of it; otherwise none of its acts may depend on the
 * library.
 */
static void test_promise(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS))
			_exit(127);
		_exit(look_for_mount_setattr());
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		skip("programs that ask for mount_setattr find all that they use of it, or nothing",
		     "this takes privilege");
		return;
	}
	if (status)
		NOTE("status %#x, asked: %d\n", (unsigned int)status, asks());
	result(status == 0,
	       "programs that ask for mount_setattr find all that they use of it, or nothing");
}

/* --- cancellation --- */

static int pipe_fds[2];
static volatile int returned;

static void *blocked_reader(void *arg)
{
	struct sight seen;
	char byte;

	/* None of these is a cancellation point, with or without the preload. */
	if (syscall(SYS_read, (long)pipe_fds[0], &byte, 1L) == 1)
		returned++;
	if (!look(&seen) && same(&seen, &first))
		returned++;
	pthread_testcancel();
	returned = 100;
	return arg;
}

static void test_cancellation(void)
{
	pthread_t thread;
	void *end = NULL;

	if (pipe(pipe_fds) || pthread_create(&thread, NULL, blocked_reader, NULL)) {
		result(false, "cancellation");
		return;
	}
	usleep(50000);
	pthread_cancel(thread);
	usleep(50000);
	/* Opening the namespace's file is one: that is the program's own call. */
	if (write(pipe_fds[1], "x", 1) != 1)
		returned = -10;
	pthread_join(thread, &end);
	result((returned == 1 || returned == 2) && end == PTHREAD_CANCELED,
	       "syscall() is not a cancellation point");
}

static void *pending_cancel(void *arg)
{
	union {
		struct mntcompat_statmount sm;
		char room[4608];
	} answer;
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 };
	struct mntcompat_statx stx;
	uint64_t ids[256];

	pthread_cancel(pthread_self());
	memset(&stx, 0, sizeof(stx));
	if (statx_of_libc(AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) == 0)
		returned++;
	req.mnt_id = stx.stx_mnt_id;
	req.param = MNTCOMPAT_STATMOUNT_MNT_POINT;
	if (syscall(UAPI_NR_statmount, &req, &answer, sizeof(answer), 0L) == 0)
		returned++;
	req.mnt_id = MNTCOMPAT_LSMT_ROOT;
	req.param = 0;
	if (syscall(UAPI_NR_listmount, &req, ids, sizeof(ids) / sizeof(*ids), 0L) > 0)
		returned++;
	if (ioctl(0, UAPI_NS_GET_ID, ids) < 0)
		returned++;
	pthread_testcancel();
	returned = 100;
	return arg;
}

static void test_pending_cancellation(void)
{
	pthread_t thread;
	void *end = NULL;

	returned = 0;
	pthread_create(&thread, NULL, pending_cancel, NULL);
	pthread_join(thread, &end);
	result(returned == 4 && end == PTHREAD_CANCELED,
	       "the family's calls are not cancellation points");
}

/* --- signals and threads --- */

static volatile sig_atomic_t handled, handler_wrong;

static void on_alarm(int signal)
{
	int saved = errno;
	struct sight seen;

	(void)signal;
	if (look(&seen) || !same(&seen, &first))
		handler_wrong++;
	handled++;
	errno = saved;
}

static void test_handler(void)
{
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART | SA_ONSTACK },
			 old;
	/*
	 * The size in libmntcompat-preload(7), plus the needs of look() and the kernel; no memory
	 * is below it.
	 */
	size_t page = 65536, room = 32768 + 16384;
	char *stack =
		mmap(NULL, page + room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t small = { .ss_sp = stack + page, .ss_size = room }, normal;
	struct sight seen;
	size_t unused = 0;
	int wrong = 0;

	if (stack == MAP_FAILED || mprotect(stack, page, PROT_NONE) ||
	    sigaltstack(&small, &normal)) {
		result(false, "an alternate signal stack");
		return;
	}
	sigaction(SIGALRM, &action, &old);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 100000 && handled < 100; i++)
		wrong += look(&seen) || !same(&seen, &first);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
	sigaltstack(&normal, NULL);
	for (size_t at = page; at < page + room && !stack[at]; at++)
		unused++;
	NOTE("of %zu bytes of stack %zu were used\n", room, room - unused);
	munmap(stack, page + room);
	if (wrong || handler_wrong)
		NOTE("%d wrong outside, %d inside of %d\n", wrong, (int)handler_wrong,
		     (int)handled);
	result(handled >= 100 && !wrong && !handler_wrong,
	       "in a signal handler that interrupts the same calls");
}

static void *looker(void *arg)
{
	struct sight seen;
	long wrong = 0;

	(void)arg;
	for (int i = 0; i < 50; i++)
		wrong += look(&seen) || !same(&seen, &first);
	return (void *)wrong;
}

static void test_threads(void)
{
	pthread_t threads[4];
	long wrong = 0;
	void *one;

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, looker, NULL);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &one);
		wrong += (long)one;
	}
	result(!wrong, "four threads at once");
}

/* --- exec --- */

static bool is_preloaded(void)
{
	Dl_info info;

	/* Not syscall: another preloaded library may stand before that. */
	return dladdr(dlsym(RTLD_DEFAULT, "unshare"), &info) && strstr(info.dli_fname, SUBJECT);
}

/* Returns 0 if the new program is preloaded and sees the same world, 3 without the preload. */
static int run_self(char *const env[])
{
	char id[32];
	char *const argv[] = { (char *)self, "--child", id, NULL };
	int status;
	pid_t pid;

	snprintf(id, sizeof(id), "%llu", (unsigned long long)first.by_statx);
	pid = fork();
	if (pid == 0) {
		execve("/proc/self/exe", argv, env);
		_exit(99);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int child_main(const char *id)
{
	struct sight seen;

	if (!is_preloaded())
		return 3;
	return !look(&seen) && seen.by_statx == strtoull(id, NULL, 10) ? 0 : 1;
}

static void test_exec(void)
{
	extern char **environ;
	char *const none[] = { NULL };

	result(run_self(environ) == 0, "exec: the preload is inherited, and the ids are the same");
	result(run_self(none) == 3, "exec with a clean environment: the program runs without");
	result(system("/bin/true") == 0, "system()");
}

/* --- another preloaded library, which counts what it passes on --- */

static void test_others(void)
{
	int (*count)(const char *) = (int (*)(const char *))dlsym(RTLD_DEFAULT, "counter_calls");
	struct mntcompat_statx stx;
	int before[3], bytes;

	if (!count) {
		skip("another preloaded library", "there is none");
		return;
	}
	before[0] = count("syscall");
	before[1] = count("ioctl");
	before[2] = count("statx");
	syscall(SYS_getpid);
	ioctl(-1, FIONREAD, &bytes);
	statx_of_libc(AT_FDCWD, "/", 0, 0xfff, &stx);
	result(count("syscall") == before[0] + 1 && count("ioctl") == before[1] + 1 &&
		       count("statx") == before[2] + 1,
	       "another preloaded library gets what is passed on");
}

int main(int argc, char **argv)
{
	int start_errno = errno;
	const char *wrong;

	self = argv[0];
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "--child"))
		return child_main(argv[2]);
	if (!is_preloaded()) {
		printf("Bail out! run it with LD_PRELOAD=" SUBJECT ".so\n");
		return 1;
	}
	wrong = look(&first);
	if (wrong)
		NOTE("%s: %s\n", wrong, strerror(errno));
	result(!wrong && is_one_world(&first), "one world: every call tells the same ids");
	test_early(start_errno);
	test_arguments();
	test_errno();
	test_growing();
	test_promise();
	forked(child_looks, "in a forked child");
	forked(child_vforks, "in a child of vfork");
	forked(child_clones, "in a child of clone3");
	test_shared_memory();
	test_namespace();
	test_empty_child();
	/* glibc loads a library when a thread is cancelled, and ends the program without it. */
#ifdef __GLIBC__
	if (!dlopen("libgcc_s.so.1", RTLD_NOW)) {
		skip("cancellation", "there is no libgcc_s.so.1");
	} else
#endif
	{
		test_cancellation();
		test_pending_cancellation();
	}
	test_handler();
	test_threads();
	test_exec();
	test_others();
	printf("1..%d\n", tests);
	return failures > 0;
}
