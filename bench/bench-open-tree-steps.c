// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-open-tree-steps.c - where the microseconds of the template way go.
 * Works in a mount namespace of its own; starts and reaps children. Run by "make bench".
 *
 * The system calls as the library makes them on Linux 6.11 and later, once it has a template, with
 * a clock between them, then alternatives for the steps that cost most. The library's own code is
 * not used, so a change of it shows up as a difference to this program. Needs Linux 6.11.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "bench/bench.h"
#include "bench/peer.h"
#include "compat/kernel/uapi.h"
#include "bench/world.h"

#define STACK (32 * 1024)
#define SHALLOW 8192
#define MAX_CALLS 200

static struct world world;
static int template_fd, procfs_fd;

static int tree_open(int dfd, const char *path, unsigned int flags)
{
	return (int)syscall(UAPI_NR_open_tree, (long)dfd, path, (unsigned long)flags);
}

static int own_namespace(int pidfd, unsigned long which)
{
	return ioctl(pidfd, which, 0);
}

static int own_pidfd(void)
{
	return (int)syscall(UAPI_NR_pidfd_open, (long)getpid(), 0l);
}

/* --- the steps --- */

enum step {
	LOOKUP,
	INIT_CHECK,
	SIGMASK,
	START,
	PIDFD,
	OWN_MNT,
	OWNER,
	OWN_USER,
	TEMPLATE_CHECK,
	SETNS,
	UNSHARE,
	RESULT,
	BACK,
	CLONE_TREE,
	THERE,
	MOVE,
	SEARCH,
	CLOSE_TREE,
	DUP,
	CLOSE_REST,
	END,
	REAP,
	RESTORE,
	STEPS,
};

static const char *const step_names[STEPS] = {
	"caller: open_tree (O_PATH), the lookup",
	"caller: readlink of ns/pid_for_children",
	"caller: block all signals",
	"clone until the helper runs",
	"helper: pidfd_open of itself",
	"helper: own mount namespace (ioctl)",
	"helper: its owner (NS_GET_USERNS)",
	"helper: own user namespace, 2 fstat, 2 close",
	"helper: fstat of the template",
	"helper: setns to the template",
	"helper: unshare(CLONE_NEWNS)",
	"helper: the new namespace (ioctl)",
	"helper: setns back to the caller's",
	"helper: open_tree(OPEN_TREE_CLONE)",
	"helper: setns to the new one",
	"helper: move_mount",
	"helper: namespace files in the tree? (2 statmount)",
	"helper: close the tree",
	"helper: dup3 onto the number, close",
	"helper: close the pidfd and the caller's namespace",
	"end of the helper until the caller runs",
	"caller: wait4",
	"caller: restore signals",
};

struct helper_job {
	int source;
	uint64_t t[STEPS + 1];
	int error;
};

static struct helper_job job;

static void mark(enum step done)
{
	job.t[done + 1] = bench_now();
}

/* Or end the task. */
#define NEED(expr) \
	({ \
		long need_ret = (expr); \
		if (need_ret < 0) { \
			job.error = -errno; \
			return 0; \
		} \
		need_ret; \
	})

/*
 * The calls that look for a namespace file below "/". Three mounts, so one answer holds their ids.
 */
static int search_files(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 };
	struct mntcompat_statmount answer;
	struct {
		uint32_t mask, other[35];
		uint64_t mnt_id, spare[13];
	} stx;
	uint64_t ids[128];
	long n, i;

	if (syscall(SYS_statx, (long)AT_FDCWD, "/", 0l, 0x4000l, &stx) < 0)
		return -1;
	req.mnt_id = stx.mnt_id;
	n = syscall(UAPI_NR_listmount, &req, ids, 128l, 0l);
	req.param = MNTCOMPAT_STATMOUNT_SB_BASIC;
	for (i = 0; i < n; i++) {
		req.mnt_id = ids[i];
		if (syscall(UAPI_NR_statmount, &req, &answer, sizeof(answer), 0l) < 0)
			return -1;
	}
	return n < 0 ? -1 : 0;
}

static int clone_tree(void)
{
	return tree_open(job.source, "",
			 MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
				 MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_RECURSIVE);
}

static int look_up(void)
{
	return tree_open(AT_FDCWD, world.tree, MNTCOMPAT_OPEN_TREE_CLOEXEC);
}

static int steps_task(void *arg)
{
	int user, mnt, owner, fd, pidfd, tree;
	struct stat st;

	(void)arg;
	mark(START);
	pidfd = (int)NEED(own_pidfd());
	mark(PIDFD);
	mnt = (int)NEED(own_namespace(pidfd, UAPI_PIDFD_GET_MNT_NAMESPACE));
	mark(OWN_MNT);
	owner = (int)NEED(ioctl(mnt, UAPI_NS_GET_USERNS, 0));
	mark(OWNER);
	user = (int)NEED(own_namespace(pidfd, UAPI_PIDFD_GET_USER_NAMESPACE));
	NEED(fstat(user, &st));
	NEED(fstat(owner, &st));
	close(user);
	close(owner);
	mark(OWN_USER);
	NEED(fstat(template_fd, &st));
	mark(TEMPLATE_CHECK);
	NEED(setns(template_fd, CLONE_NEWNS));
	mark(SETNS);
	NEED(unshare(CLONE_NEWNS));
	mark(UNSHARE);
	fd = (int)NEED(own_namespace(pidfd, UAPI_PIDFD_GET_MNT_NAMESPACE));
	mark(RESULT);
	NEED(setns(mnt, CLONE_NEWNS));
	mark(BACK);
	tree = (int)NEED(clone_tree());
	mark(CLONE_TREE);
	NEED(setns(fd, CLONE_NEWNS));
	mark(THERE);
	NEED(syscall(UAPI_NR_move_mount, (long)tree, "", (long)AT_FDCWD, "/", 4l));
	mark(MOVE);
	NEED(search_files());
	mark(SEARCH);
	close(tree);
	mark(CLOSE_TREE);
	NEED(dup3(fd, job.source, O_CLOEXEC));
	close(fd);
	mark(DUP);
	close(pidfd);
	close(mnt);
	mark(CLOSE_REST);
	return 0;
}

static ssize_t ask_for_init(void)
{
	char text[32];

	return readlink("/proc/thread-self/ns/pid_for_children", text, sizeof(text));
}

static int one_call(void)
{
	char stack[SHALLOW] __attribute__((aligned(16)));
	uint64_t all = ~0ull, old;
	int pid;

	job.error = 0;
	job.t[0] = bench_now();
	job.source = look_up();
	mark(LOOKUP);
	if (ask_for_init() < 0)
		return -errno;
	mark(INIT_CHECK);
	syscall(SYS_rt_sigprocmask, (long)SIG_BLOCK, &all, &old, 8l);
	mark(SIGMASK);
	pid = clone(steps_task, stack + SHALLOW, CLONE_VM | CLONE_VFORK | CLONE_FILES, NULL);
	mark(END);
	if (pid > 0)
		wait4(pid, NULL, __WALL, NULL);
	mark(REAP);
	syscall(SYS_rt_sigprocmask, (long)SIG_SETMASK, &old, NULL, 8l);
	mark(RESTORE);
	return pid < 0 ? -EAGAIN : job.error;
}

/* The last figure is the sum. */
static int measure_steps(const void *arg, unsigned int calls, double *figures)
{
	int fds[MAX_CALLS];
	unsigned int i, k;
	int ret = 0;

	(void)arg;
	for (i = 0; i < calls && ret == 0; i++) {
		ret = one_call();
		fds[i] = job.source;
		for (k = 0; k < STEPS; k++)
			figures[k] += (double)(job.t[k + 1] - job.t[k]) / calls;
		figures[STEPS] += (double)(job.t[STEPS] - job.t[0]) / calls;
	}
	calls = i;
	for (i = 0; i < calls; i++)
		close(fds[i]);
	return ret;
}

/* --- the same with other steps --- */

static char *new_stack(void)
{
	return mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* A thread that is still ending makes unshare(CLONE_NEWUSER) fail in the caller. */
static void wait_until_gone(int tid)
{
	while (syscall(SYS_tgkill, (long)getpid(), (long)tid, 0l) == 0)
		sched_yield();
}

static void ask_owner(int pidfd, int mnt)
{
	int owner = ioctl(mnt, UAPI_NS_GET_USERNS, 0),
	    user = own_namespace(pidfd, UAPI_PIDFD_GET_USER_NAMESPACE);
	struct stat st;

	fstat(user, &st);
	fstat(owner, &st);
	close(user);
	close(owner);
}

static int name_pidfd_once(void)
{
	int pidfd = own_pidfd(), mnt = own_namespace(pidfd, UAPI_PIDFD_GET_MNT_NAMESPACE);

	ask_owner(pidfd, mnt);
	close(mnt);
	return close(pidfd);
}

#define LIKE_VFORK (CLONE_VM | CLONE_VFORK)
#define LIKE_THREAD (LIKE_VFORK | CLONE_SIGHAND | CLONE_THREAD)
#define PIDFD_THREAD_ O_EXCL /* Linux 6.9 */

struct leaner {
	const char *name;
	bool thread;	  /* also answers the readlink's question by itself */
	bool caller_asks; /* for the namespace's owner, with its own pidfd */
	bool nobody_asks;
	bool clone_pidfd; /* CLONE_PIDFD instead of pidfd_open */
	bool tree_first; /* the tree is cloned before there is a namespace for it: its ids are in no
			    order */
};

static const struct leaner leaner[] = {
	{ "as the library, without a clock between", 0, 0, 0, 0, 0 },
	{ "the caller asks for the owner", 0, 1, 0, 0, 0 },
	{ "CLONE_PIDFD", 0, 0, 0, 1, 0 },
	{ "the tree before its namespace, no setns back (wrong)", 0, 0, 0, 0, 1 },
	{ "the helper is a thread, no readlink", 1, 0, 0, 0, 0 },
	{ "nobody asks for the owner (wrong)", 0, 0, 1, 0, 0 },
	{ "that and a thread, no readlink (wrong)", 1, 0, 1, 0, 0 },
};

static int lean_pidfd;

static int lean_task(void *arg)
{
	const struct leaner *how = arg;
	int fd = -1, tree = -1, mnt, pidfd = lean_pidfd;
	struct stat st;

	if (how->thread)
		pidfd = (int)syscall(UAPI_NR_pidfd_open, syscall(SYS_gettid), (long)PIDFD_THREAD_);
	else if (!how->clone_pidfd)
		pidfd = own_pidfd();
	mnt = own_namespace(pidfd, UAPI_PIDFD_GET_MNT_NAMESPACE);
	if (!how->caller_asks && !how->nobody_asks)
		ask_owner(pidfd, mnt);
	if (how->tree_first)
		tree = clone_tree();
	if (fstat(template_fd, &st) == 0 && setns(template_fd, CLONE_NEWNS) == 0 &&
	    unshare(CLONE_NEWNS) == 0)
		fd = own_namespace(pidfd, UAPI_PIDFD_GET_MNT_NAMESPACE);
	if (!how->tree_first && setns(mnt, CLONE_NEWNS) == 0) {
		tree = clone_tree();
		setns(fd, CLONE_NEWNS);
	}
	job.error = syscall(UAPI_NR_move_mount, (long)tree, "", (long)AT_FDCWD, "/", 4l) < 0 ||
				    search_files() < 0 || dup3(fd, job.source, O_CLOEXEC) < 0 ?
			    -errno :
			    0;
	close(tree);
	close(fd);
	close(mnt);
	close(pidfd);
	syscall(SYS_exit, 0l);
	return 0;
}

static int lean_call(const struct leaner *how)
{
	char stack[SHALLOW] __attribute__((aligned(16)));
	uint64_t all = ~0ull, old;
	int pid;

	job.source = look_up();
	if (how->caller_asks)
		name_pidfd_once();
	if (!how->thread && ask_for_init() < 0)
		return -errno;
	syscall(SYS_rt_sigprocmask, (long)SIG_BLOCK, &all, &old, 8l);
	pid = clone(lean_task, stack + SHALLOW,
		    CLONE_FILES | (how->clone_pidfd ? CLONE_PIDFD : 0) |
			    (how->thread ? LIKE_THREAD : LIKE_VFORK),
		    (void *)(uintptr_t)how, &lean_pidfd);
	if (pid < 0)
		return -errno;
	if (how->thread)
		wait_until_gone(pid);
	else
		wait4(pid, NULL, __WALL, NULL);
	syscall(SYS_rt_sigprocmask, (long)SIG_SETMASK, &old, NULL, 8l);
	return job.error;
}

static int measure_lean(const void *arg, unsigned int calls, double *figures)
{
	int fds[MAX_CALLS], ret = 0;
	uint64_t start;
	unsigned int i;

	start = bench_now();
	for (i = 0; i < calls && ret == 0; i++) {
		ret = lean_call(arg);
		fds[i] = job.source;
	}
	figures[0] = (double)(bench_now() - start) / calls;
	calls = i;
	for (i = 0; i < calls; i++)
		close(fds[i]);
	return ret;
}

/* --- the kernel's own, where it has it --- */

#define NATIVE_FLAGS \
	(MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_RECURSIVE)

static int measure_native(const void *arg, unsigned int calls, double *figures)
{
	int fds[MAX_CALLS], ret = 0;
	uint64_t start = bench_now();
	unsigned int i;

	(void)arg;
	for (i = 0; i < calls && ret >= 0; i++)
		ret = fds[i] = tree_open(AT_FDCWD, world.tree, NATIVE_FLAGS);
	figures[0] = (double)(bench_now() - start) / calls;
	calls = i;
	for (i = 0; i < calls; i++)
		close(fds[i]);
	return ret < 0 ? -EOPNOTSUPP : 0;
}

/* --- helpers --- */

struct helper_kind {
	const char *name;
	unsigned long flags;
	bool one_cpu; /* bound to the caller's CPU meanwhile */
	bool kept_stack;
	bool gone; /* a thread: wait until unshare(CLONE_NEWUSER) works again */
};

static const struct helper_kind helper_kinds[] = {
	{ "VM | VFORK | FILES, as the library", LIKE_VFORK | CLONE_FILES, 0, 1, 0 },
	{ "the same on a stack that is mapped for it", LIKE_VFORK | CLONE_FILES, 0, 0, 0 },
	{ "the same without VFORK", CLONE_VM | CLONE_FILES, 0, 1, 0 },
	{ "the same, stack kept, on the caller's CPU", LIKE_VFORK | CLONE_FILES, 1, 1, 0 },
	{ "VM | VFORK | FILES | SIGHAND, stack kept", LIKE_VFORK | CLONE_FILES | CLONE_SIGHAND, 0,
	  1, 0 },
	{ "VM | VFORK, fd table copied, stack kept", LIKE_VFORK, 0, 1, 0 },
	{ "... | THREAD | SIGHAND (no wait), stack kept",
	  LIKE_VFORK | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, 1, 0 },
	{ "FILES | VFORK without VM (page tables copied)", CLONE_FILES | CLONE_VFORK, 0, 1, 0 },
	{ "... the same, caller waits until it has gone",
	  LIKE_VFORK | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, 1, 1 },
	{ "... the same, on the caller's CPU",
	  LIKE_VFORK | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 1, 1, 1 },
};

static int idle_task(void *arg)
{
	(void)arg;
	/* A return would end the whole process if this is a thread of it. */
	syscall(SYS_exit, 0l);
	return 0;
}

static int measure_helper(const void *arg, unsigned int calls, double *figures)
{
	static char *kept;
	const struct helper_kind *kind = arg;
	cpu_set_t cpus, one;
	uint64_t start;
	unsigned int i;
	int pid = 0;

	if (!kept)
		kept = new_stack();
	start = bench_now();
	for (i = 0; i < calls && pid >= 0; i++) {
		char *stack = kept;

		if (!kind->kept_stack)
			stack = new_stack();
		if (kind->one_cpu) {
			sched_getaffinity(0, sizeof(cpus), &cpus);
			CPU_ZERO(&one);
			CPU_SET(sched_getcpu(), &one);
			sched_setaffinity(0, sizeof(one), &one);
		}
		pid = clone(idle_task, stack + STACK, (int)kind->flags, NULL);
		if (kind->one_cpu)
			sched_setaffinity(0, sizeof(cpus), &cpus);
		if (kind->gone && pid > 0)
			wait_until_gone(pid);
		if (pid > 0 && !(kind->flags & CLONE_THREAD))
			wait4(pid, NULL, __WALL, NULL);
		if (!kind->kept_stack)
			munmap(stack, STACK);
	}
	if (pid < 0)
		return -errno;
	figures[0] = (double)(bench_now() - start) / calls;
	return 0;
}

/* --- naming one's own namespaces; in a program this is the caller's, long open one --- */

static int name_pidfd_each(void)
{
	struct stat st;
	int pidfd, fd;

	pidfd = own_pidfd();
	fd = own_namespace(pidfd, UAPI_PIDFD_GET_USER_NAMESPACE);
	close(pidfd);
	fstat(fd, &st);
	close(fd);
	pidfd = own_pidfd();
	fd = own_namespace(pidfd, UAPI_PIDFD_GET_MNT_NAMESPACE);
	close(pidfd);
	pidfd = ioctl(fd, UAPI_NS_GET_USERNS, 0);
	close(fd);
	fd = fstat(pidfd, &st);
	close(pidfd);
	return fd;
}

static int name_procfs(void)
{
	int user = openat(procfs_fd, "self/ns/user", O_RDONLY | O_CLOEXEC);
	int fd = openat(procfs_fd, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	int owner = ioctl(fd, UAPI_NS_GET_USERNS, 0);
	struct stat st;

	fstat(user, &st);
	fstat(owner, &st);
	close(owner);
	close(user);
	return close(fd);
}

/* Two stats show whether anything changed since the owner was found. */
static int name_stat_procfs(void)
{
	struct stat st;

	fstatat(procfs_fd, "self/ns/user", &st, 0);
	return fstatat(procfs_fd, "self/ns/mnt", &st, 0);
}

static int name_readlink_procfs(void)
{
	char text[64];

	return readlinkat(procfs_fd, "self/ns/user", text, sizeof(text)) < 0 ||
			       readlinkat(procfs_fd, "self/ns/mnt", text, sizeof(text)) < 0 ?
		       -1 :
		       0;
}

static int open_pidfd(void)
{
	int pidfd = own_pidfd();
	int fd = own_namespace(pidfd, UAPI_PIDFD_GET_MNT_NAMESPACE);

	close(pidfd);
	return close(fd);
}

static int open_procfs(void)
{
	return close(openat(procfs_fd, "self/ns/mnt", O_RDONLY | O_CLOEXEC));
}

static int pidfd_alone(void)
{
	return close(own_pidfd());
}

static int eventfd_alone(void)
{
	return close(eventfd(0, EFD_CLOEXEC));
}

static int path_alone(void)
{
	return close(open("/", O_PATH | O_CLOEXEC));
}

static int init_check(void)
{
	struct stat st;

	return fstatat(AT_FDCWD, "/proc/thread-self/ns/pid_for_children", &st, 0);
}

static int init_check_path(void)
{
	return ask_for_init() < 0 ? -1 : 0;
}

static int init_check_readlink(void)
{
	char text[64];

	return (int)readlinkat(procfs_fd, "thread-self/ns/pid_for_children", text, sizeof(text));
}

static int init_check_access(void)
{
	return faccessat(procfs_fd, "thread-self/ns/pid_for_children", F_OK, 0);
}

static int nothing(void)
{
	return syscall(SYS_getppid) < 0 ? -1 : 0;
}

static int stack_mmap(void)
{
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	stack[STACK - 1] = 1;
	return munmap(stack, STACK);
}

#define OWNER "owner of the current mount namespace"
#define OPEN "opening a namespace file that was open before"
#define SMALL "small steps"
static const struct {
	const char *topic, *name;
	int (*once)(void);
} simples[] = {
	{ OWNER, "two pidfds, one after the other", name_pidfd_each },
	{ OWNER, "one pidfd, as the library", name_pidfd_once },
	{ OWNER, "procfs", name_procfs },
	{ OWNER, "procfs, two stats: the same as before?", name_stat_procfs },
	{ OWNER, "procfs, two readlinks: the same as before?", name_readlink_procfs },
	{ OPEN, "pidfd, as the library", open_pidfd },
	{ OPEN, "procfs", open_procfs },
	{ SMALL, "a system call that does nothing", nothing },
	{ SMALL, "pidfd_open + close", pidfd_alone },
	{ SMALL, "eventfd + close", eventfd_alone },
	{ SMALL, "open(\"/\", O_PATH) + close", path_alone },
	{ SMALL, "pid_for_children: stat", init_check },
	{ SMALL, "pid_for_children: readlink, as the library", init_check_path },
	{ SMALL, "pid_for_children: readlink from a kept procfs fd", init_check_readlink },
	{ SMALL, "pid_for_children: access from a kept procfs fd", init_check_access },
	{ SMALL, "mmap + touch + munmap of a stack", stack_mmap },
};

/* --- a namespace file that nobody has opened yet --- */

/* The first opening of a namespace's file makes its inode. figures: by pidfd, by procfs. */
static int first_open_task(void *arg)
{
	double *ns = arg;
	uint64_t start;
	int fd;

	if (setns(template_fd, CLONE_NEWNS) < 0 || unshare(CLONE_NEWNS) < 0)
		return 0;
	start = bench_now();
	fd = openat(procfs_fd, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	*ns = (double)(bench_now() - start);
	close(fd);
	return 0;
}

static int measure_first_open(const void *arg, unsigned int calls, double *figures)
{
	static char stack[STACK] __attribute__((aligned(16)));
	unsigned int i;

	(void)arg;
	for (i = 0; i < calls; i++) {
		double ns = 0;
		int pid = clone(first_open_task, stack + STACK, LIKE_VFORK | CLONE_FILES, &ns);

		if (pid < 0)
			return -errno;
		wait4(pid, NULL, __WALL, NULL);
		figures[0] += ns / calls;
	}
	return 0;
}

/* --- the template: a namespace with one mount, made of an ordinary one --- */

static int make_template(void *arg)
{
	(void)arg;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("bench", "/tmp", "tmpfs", 0, NULL) < 0 || chdir("/tmp") < 0 ||
	    syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
	    umount2("/", MNT_DETACH) < 0)
		return 1;
	template_fd = openat(procfs_fd, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	return template_fd < 0;
}

int main(int argc, char **argv)
{
	static char stack[STACK] __attribute__((aligned(16)));
	static const char topic[] = "the template way step by step, 3 mounts, recursive";
	struct bench *bench = bench_new("bench-open-tree-steps", argc, argv);
	const struct bench_options *o = bench_options(bench);
	struct bench_row *rows[STEPS + 1], *first, *native;
	unsigned int i;
	int status;

	world_make(&world, o->counts[0], o->shared);
	world_enter(&world);
	procfs_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (clone(make_template, stack + STACK, CLONE_VM | CLONE_VFORK | CLONE_FILES, NULL) < 0 ||
	    waitpid(-1, &status, __WALL) < 0 || status) {
		fprintf(stderr, "bench-open-tree-steps: cannot make a template here\n");
		return 1;
	}
	for (i = 0; i < STEPS; i++)
		rows[i] = bench_row(bench, topic, 0, "%s", step_names[i]);
	rows[STEPS] = bench_row(bench, topic, 0, "all of it, clock included");
	bench_case(bench, measure_steps, NULL, MAX_CALLS, rows, STEPS + 1);
	native = bench_row(bench, "the kernel's own", 0, "OPEN_TREE_NAMESPACE (Linux 7.0)");
	status = tree_open(AT_FDCWD, world.tree, NATIVE_FLAGS);
	if (status >= 0) {
		close(status);
		bench_case(bench, measure_native, NULL, MAX_CALLS, &native, 1);
	} else {
		bench_skip(native, "this kernel does not have the call");
	}
	first = NULL;
	for (i = 0; i < sizeof(leaner) / sizeof(leaner[0]); i++) {
		struct bench_row *row =
			bench_row(bench, "the same with other steps", 0, "%s", leaner[i].name);

		bench_case(bench, measure_lean, &leaner[i], MAX_CALLS, &row, 1);
		if (first)
			bench_against(row, first, "as the library", 0);
		else
			first = row;
		bench_against(row, native, "native", 0);
	}
	for (i = 0; i < sizeof(helper_kinds) / sizeof(helper_kinds[0]); i++) {
		rows[i] = bench_row(bench, "a helper that does nothing: start, end, reaping", 0,
				    "%s", helper_kinds[i].name);
		bench_case(bench, measure_helper, &helper_kinds[i], 1000, &rows[i], 1);
		bench_against(rows[i], rows[0], "as the library", 0);
		bench_against(rows[i], native, "native", 0);
	}
	for (i = 0; i < sizeof(simples) / sizeof(simples[0]); i++)
		bench_simple(bench, simples[i].topic, simples[i].name, simples[i].once);
	first = bench_row(bench, OPEN, 0, "procfs, the first time (makes its inode)");
	bench_case(bench, measure_first_open, NULL, 1000, &first, 1);
	return bench_run(bench);
}
