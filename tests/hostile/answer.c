// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * answer.c - every caller is answered in time: all identities, i386 and x32 callers, callers with
 * timers, automount daemons. Mounts an automount point in the case's own mount namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/auto_fs.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "tests/hostile/hostile.h"

#define BEGIN_MS 30000
#define TIMER_CALLS 20
#define TIMER_US 300
#define AUTOFS_S 8u
#define AUTOFS_MS 2000u
#define X32 0x40000000
#define SWAP_MS 1500u
#define NR_MEMFD_SECRET 447 /* 5.14 */

/* --- below the tool --- */

/* CALL...: prints each call that is not answered. */
static int role_ask(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		long ret = call_by_name(argv[i]);

		if (ret < 0)
			say("%s: %s", argv[i], error_name((int)-ret));
	}
	say("end");
	return 0;
}

/* The same with a limit of 8 descriptors. */
static int role_ask_limited(int argc, char **argv)
{
	struct rlimit most = { 8, 8 };

	must(setrlimit(RLIMIT_NOFILE, &most), "setrlimit");
	return role_ask(argc, argv);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

/* CALL: makes the call while a timer sends signals much faster than calls are answered. */
static int role_timer(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	struct itimerval every = { { 0, TIMER_US }, { 0, TIMER_US } },
			 never = { { 0, 0 }, { 0, 0 } };
	uint64_t begin = now_ms();
	int i, fd, first = open("/", O_PATH | O_CLOEXEC);

	close(first);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	for (i = 0; i < TIMER_CALLS && argc > 0; i++) {
		long ret = call_by_name(argv[0]);

		if (ret < 0) {
			setitimer(ITIMER_REAL, &never, NULL);
			say("%s: %s", argv[0], error_name((int)-ret));
		}
	}
	setitimer(ITIMER_REAL, &never, NULL);
	say("end");
	fd = open("/", O_PATH | O_CLOEXEC);
	say("figures: %d calls in %d ms, %d signals, %d descriptors more", TIMER_CALLS,
	    (int)(now_ms() - begin), (int)signals, fd - first);
	return 0;
}

static int role_x32(int argc, char **argv)
{
	(void)argc, (void)argv;
	errno = 0;
	syscall(UAPI_NR_listmount | X32, NULL, NULL, 0, 0);
	say("end %s", error_name(errno));
	return 0;
}

static void *ask_in_thread(void *argument)
{
	int i;

	/* The thread gets a descriptor table of its own. */
	if (unshare(CLONE_FILES | CLONE_FS) < 0)
		return (void *)1;
	for (i = 0; i < 20; i++) {
		if (call_by_name(argument) < 0)
			return (void *)2;
	}
	return NULL;
}

static int role_ask_threads(int argc, char **argv)
{
	pthread_t threads[8];
	int i;

	for (i = 0; i < 8 && argc > 0; i++)
		must(pthread_create(&threads[i], NULL, ask_in_thread, argv[0]) ? -1 : 0, "thread");
	for (i = 0; i < 8; i++) {
		void *bad;

		pthread_join(threads[i], &bad);
		if (bad)
			say("%s: not answered in a thread", argv[0]);
	}
	say("end");
	return 0;
}

/*
 * The last bytes before [vvar], which no process but this one can read; NULL: none that can be
 * written. They may be somebody's here, and have to be put back after the call.
 */
static void *before_vvar(size_t size)
{
	static char maps[65536];
	unsigned long begin = 0, end = 0, before = 0;
	char *line, *rest = maps, access[5], last[5] = "";
	void *page;

	if (read_text("/proc/self/maps", maps, sizeof(maps)) <= 0)
		return NULL;
	while ((line = strsep(&rest, "\n")) &&
	       sscanf(line, "%lx-%lx %4s", &begin, &end, access) == 3 && !strstr(line, "[vvar")) {
		before = end;
		snprintf(last, sizeof(last), "%s", access);
	}
	if (!line || !strstr(line, "[vvar"))
		return NULL;
	if (before != begin) {
		page = mmap((void *)(begin - 4096), 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		return page == MAP_FAILED ? NULL : (char *)page + 4096 - size;
	}
	return last[1] == 'w' ? (char *)begin - size : NULL;
}

/* CALL: with its request directly before [vvar], as on a stack that ends there by chance. */
static int role_ask_at_vvar(int argc, char **argv)
{
	static uint64_t room[8192];
	uint32_t req[8] = { 32 }, *at = before_vvar(sizeof(req)), saved[8];
	int number = UAPI_NR_listns, flags = 0;
	size_t size = 64;
	long ret;

	if (!at || argc < 1) {
		say("none no page before [vvar]");
		return 0;
	}
	if (!strcmp(argv[0], "statmount")) {
		req[1] = (uint32_t)open("/", O_PATH | O_CLOEXEC);
		req[4] = 0x7f;
		number = UAPI_NR_statmount;
		size = sizeof(room);
		flags = 1;
	} else if (!strcmp(argv[0], "listmount")) {
		req[2] = req[3] = UINT32_MAX;
		number = UAPI_NR_listmount;
	}
	memcpy(saved, at, sizeof(saved));
	memcpy(at, req, sizeof(req));
	ret = syscall(number, at, room, size, flags);
	memcpy(at, saved, sizeof(saved));
	if (ret < 0)
		say("%s: not answered", argv[0]);
	say("end");
	return 0;
}

static long call_on(const char *call, const char *where)
{
	uint64_t id;
	long ret;

	if (!strcmp(call, "statx"))
		return raw_statx_unique(where, &id);
	if (!strcmp(call, "mount_setattr"))
		return raw_mount_setattr(where, 2, 0);
	if (!strcmp(call, "open_tree")) {
		ret = syscall(UAPI_NR_open_tree, AT_FDCWD, where, 2 | O_CLOEXEC);
		return ret < 0 ? -errno : 0;
	}
	return -EINVAL;
}

/* CALL: an automount daemon whose child makes the call on the trigger, as a mount program does. */
static int role_automount(int argc, char **argv)
{
	const char *where = in_place("auto");
	union autofs_v5_packet_union packet;
	char options[128], trigger[300];
	pid_t client, mounter;
	int ends[2], status = 0, fd;
	uint64_t begin;
	long got;

	if (argc < 1)
		return 99;
	must(mkdir(where, 0755) < 0 && errno != EEXIST ? -1 : 0, "mkdir");
	if (getpgrp() != getpid())
		must(setpgid(0, 0), "setpgid");
	must(pipe2(ends, O_CLOEXEC), "pipe");
	snprintf(options, sizeof(options), "fd=%d,pgrp=%d,minproto=5,maxproto=5,direct", ends[1],
		 (int)getpgrp());
	if (mount("auto", where, "autofs", 0, options) < 0) {
		say("none no autofs: %s", error_name(errno));
		return 0;
	}
	fd = (int)must(open(where, O_RDONLY | O_CLOEXEC), "open");
	snprintf(trigger, sizeof(trigger), "%s/.", where);
	client = (pid_t)must(fork(), "fork");
	if (client == 0) {
		struct stat st;

		setpgid(0, 0);
		_exit(stat(trigger, &st) < 0);
	}
	must(read(ends[0], &packet, sizeof(packet)), "packet");
	begin = now_ms();
	mounter = (pid_t)must(fork(), "fork");
	if (mounter == 0) {
		alarm(AUTOFS_S);
		got = call_on(argv[0], trigger);
		say("answer %s", got < 0 ? error_name((int)-got) : "ok");
		_exit(0);
	}
	waitpid(mounter, &status, 0);
	say("end %d ms%s", (int)(now_ms() - begin),
	    WIFSIGNALED(status) ? ", ended by an alarm" : "");
	ioctl(fd, AUTOFS_IOC_FAIL, packet.v5_packet.wait_queue_token);
	kill(client, SIGKILL);
	waitpid(client, NULL, 0);
	return 0;
}

/* A link that the call does not follow leads to a file server. */
static int role_link(int argc, char **argv)
{
	const char *where = in_place("linked"), *link = in_place("link");
	volatile int *hold =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char target[300], handle[136] = { (char)128 };
	uint64_t answer[32];
	long ret;

	(void)argc, (void)argv;
	if ((void *)hold == MAP_FAILED || !serve_files(where, 1, hold)) {
		say("none no FUSE: %s", error_name(errno));
		return 0;
	}
	snprintf(target, sizeof(target), "%s/name", where);
	must(symlink(target, link), "symlink");
	*hold = HOLD_NEXT;
	ret = syscall(SYS_statx, AT_FDCWD, link, AT_SYMLINK_NOFOLLOW, 0x4000, answer);
	say("%s %s", *hold == HOLDS ? "asked by statx" : "statx",
	    ret < 0 ? error_name(errno) : "ok");
	*hold = HOLD_NEXT;
	ret = syscall(SYS_name_to_handle_at, AT_FDCWD, link, handle, answer, 1);
	say("%s %s", *hold == HOLDS ? "asked by name_to_handle_at" : "name_to_handle_at",
	    ret < 0 ? error_name(errno) : "ok");
	say("end");
	return 0;
}

/* Guesses the number of the process that answers, which may look at its own program. */
static int role_guess(int argc, char **argv)
{
	static const char *const names[] = { "exe", "fd/0" };
	int i;

	(void)argc, (void)argv;
	for (i = 0; i < 200; i++) {
		pid_t pid = (pid_t)must(fork(), "fork");
		char path[64];
		uint64_t id;

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid + 1 + i / 2 % 8, names[i % 2]);
		if (raw_statx_unique(path, &id) == 0)
			say("seen %s after %d", path, (int)pid);
	}
	say("end");
	return 0;
}

/* A descriptor of a file server's file: only closing the caller's own one is told to the server. */
static int role_close(int argc, char **argv)
{
	const char *where = in_place("closed");
	volatile int *hold =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char path[300], room[4096];
	uint64_t answer[32];
	long ret;
	int fd;

	(void)argc, (void)argv;
	if ((void *)hold == MAP_FAILED || !serve_files(where, 1, hold)) {
		say("none no FUSE: %s", error_name(errno));
		return 0;
	}
	snprintf(path, sizeof(path), "%s/file", where);
	fd = (int)must(open(path, O_RDONLY | O_CLOEXEC), path);
	*hold = HOLD_NEXT;
	ret = syscall(SYS_statx, fd, "", AT_EMPTY_PATH | UAPI_AT_STATX_DONT_SYNC, 0x4000, answer);
	say("%s %s", *hold == HOLDS ? "asked by statx" : "statx",
	    ret < 0 ? error_name(errno) : "ok");
	*hold = HOLD_NEXT;
	ret = raw_statmount_fd(fd, 0x3f, room, sizeof(room));
	say("%s %s", *hold == HOLDS ? "asked by statmount" : "statmount",
	    ret < 0 ? error_name((int)-ret) : "ok");
	*hold = HOLD_NEXT;
	close(fd);
	say("%s", *hold == HOLDS ? "end" : "seen: the server is not told of any closing");
	return 0;
}

static long list_mounts(const void *request, void *ids)
{
	return syscall(UAPI_NR_listmount, request, ids, 64, 0) < 0 ? -errno : 0;
}

static void expect_answer(const char *what, long ret)
{
	if (ret < 0 && ret != -ENOSYS && ret != -EOPNOTSUPP)
		say("seen %s: %s", what, error_name((int)-ret));
}

/* Memory that the kernel reads and writes for the caller, and other processes cannot. */
static int role_memory(int argc, char **argv)
{
	const uint64_t request[3] = { 24, UINT64_MAX, 0 };
	uint64_t ids[64];
	char *area = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int secret = (int)syscall(NR_MEMFD_SECRET, O_CLOEXEC), ends[2];

	(void)argc, (void)argv;
	must((void *)area == MAP_FAILED ? -1 : 0, "mmap");
	memcpy(area, request, sizeof(request));
	must(list_mounts(area, ids), "listmount");
	must(mprotect(area, 4096, PROT_WRITE), "mprotect");
	if (list_mounts(area, ids) < 0)
		say("seen a request in memory for writing: %s", error_name(errno));
	must(mprotect(area, 4096, PROT_EXEC), "mprotect");
	/* Where the processor has keys for memory the process itself cannot read this. */
	must(pipe2(ends, O_CLOEXEC), "pipe");
	if (write(ends[1], area, 1) == 1)
		expect_answer("a request in memory for executing", list_mounts(area, ids));
	must(mprotect(area, 4096, PROT_NONE), "mprotect");
	if (list_mounts(area, ids) != -EFAULT)
		say("seen a request in no memory: %s", error_name(errno));
	if (secret >= 0 && ftruncate(secret, 8192) == 0) {
		area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, secret, 0);
		must((void *)area == MAP_FAILED ? -1 : 0, "mmap secret");
		expect_answer("an answer to secret memory", list_mounts(request, area));
		memcpy(area, request, sizeof(request));
		expect_answer("a request in secret memory", list_mounts(area, ids));
	}
	say("end");
	return 0;
}

/* The descriptor of a mount namespace that is bound to a file, as "ip netns" does with others. */
static int role_bound(int argc, char **argv)
{
	const char *where = in_place("bound");
	char path[64], byte;
	uint64_t ids[64];
	struct {
		uint32_t size, fd;
		uint64_t id, param;
	} request = { .size = 24, .id = UINT64_MAX };
	int ready[2], tries, bound = -1;
	pid_t pid = 0;
	long ret;

	(void)argc, (void)argv;
	must(close(open(where, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)), where);
	must(pipe2(ready, O_CLOEXEC), "pipe");
	/* Only a younger one can be bound, and where each processor has its own numbers some look
	 * older. */
	for (tries = 0; tries < 20 && bound < 0; tries++) {
		pid = (pid_t)must(fork(), "fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pin_to(tries % 2);
			must(unshare(CLONE_NEWNS), "unshare");
			must(write(ready[1], "", 1), "write");
			for (;;)
				pause();
		}
		must(read(ready[0], &byte, 1) == 1 ? 0 : -1, "read");
		snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
		bound = mount(path, where, NULL, MS_BIND, NULL);
	}
	if (bound < 0) {
		say("none no namespace that can be bound");
		say("end");
		return 0;
	}
	request.fd = (uint32_t)must(open(where, O_RDONLY | O_CLOEXEC), where);
	ret = list_mounts(&request, ids);
	if (ret < 0)
		say("seen listmount of a bound namespace: %s", error_name((int)-ret));
	kill(pid, SIGKILL);
	say("end");
	return 0;
}

static void expect_place(const char *what, int dfd, const char *path)
{
	uint64_t here[32] = { 0 }, answer[32] = { 0 };

	must(syscall(SYS_statx, dfd, path, 0, 0x100, here), path);
	if (syscall(SYS_statx, dfd, path, 0, 0x4100, answer) < 0)
		expect_answer(what, -errno);
	else if (here[0x20 / 8] != answer[0x20 / 8])
		say("seen %s: another file", what);
}

/* A task that may not be looked into looks into its own directory of a procfs, by its number. */
static int role_own_number(int argc, char **argv)
{
	int proc = (int)must(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), "/proc");
	char path[64];

	(void)argc, (void)argv;
	become("user", NULL);
	prctl(PR_SET_DUMPABLE, 0);
	snprintf(path, sizeof(path), "/proc/%d/root", (int)getpid());
	expect_place("its root", AT_FDCWD, path);
	snprintf(path, sizeof(path), "/proc/%d/fd/0", (int)getpid());
	expect_place("its descriptor", AT_FDCWD, path);
	snprintf(path, sizeof(path), "%d/cwd", (int)getpid());
	expect_place("its working directory", proc, path);
	must(chdir("/proc"), "chdir");
	snprintf(path, sizeof(path), "./%d/fd/0", (int)getpid());
	expect_place("its descriptor, from /proc", AT_FDCWD, path);
	say("end");
	return 0;
}

/* In a pid namespace of its own with a procfs that is not at /proc, where the old one still is. */
static int role_other_proc(int argc, char **argv)
{
	const char *where = in_place("other-proc");
	static const char *const names[] = { "self/status", "self", "thread-self/status", "mounts",
					     "self/fd" };
	char path[300];
	int status = 0;
	pid_t pid;
	size_t i;

	(void)argc, (void)argv;
	mkdir(where, 0755);
	must(unshare(CLONE_NEWPID | CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0) {
		must(mount("proc", where, "proc", 0, NULL), "mount proc");
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			snprintf(path, sizeof(path), "%s/%s", where, names[i]);
			expect_place(names[i], AT_FDCWD, path);
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	say(status ? "it did not end well" : "end");
	return 0;
}

struct file_name {
	uint64_t ino;
	struct {
		uint32_t bytes, type;
		char handle[128];
	} handle;
};

/* False: no answer. */
static bool name_file(const char *path, struct file_name *name, bool by_handle)
{
	uint64_t answer[32] = { 0 }, id;

	memset(name, 0, sizeof(*name));
	if (by_handle) {
		name->handle.bytes = sizeof(name->handle.handle);
		return syscall(SYS_name_to_handle_at, AT_FDCWD, path, &name->handle, &id, 0x401) ==
		       0; /* AT_SYMLINK_FOLLOW, AT_HANDLE_MNT_ID_UNIQUE */
	}
	if (syscall(SYS_statx, AT_FDCWD, path, 0, 0x4100, answer) < 0)
		return false;
	name->ino = answer[0x20 / 8];
	return true;
}

/*
 * A link leads to a plain file when the path is looked at, and to the program of the process that
 * answers when the call is made.
 */
static int role_swap(int argc, char **argv)
{
	const char *plain = in_place("plain"), *door = in_place("door"), *other = in_place("other");
	uint64_t until = now_ms() + SWAP_MS;
	struct file_name seen, own[2][2];
	int answers = 0, k;
	pid_t swapper;

	(void)argc, (void)argv;
	must(close(open(plain, O_CREAT | O_WRONLY | O_CLOEXEC, 0644)), plain);
	must(symlink(plain, door), door);
	must(symlink("/proc/self/exe", other), other);
	for (k = 0; k < 2; k++) {
		name_file(plain, &own[k][0], k);
		name_file("/proc/self/exe", &own[k][1], k);
	}
	swapper = (pid_t)must(fork(), "fork");
	while (swapper == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (syscall(SYS_renameat2, AT_FDCWD, door, AT_FDCWD, other, 2) < 0)
			_exit(1);
	}
	for (k = 0; now_ms() < until; k = !k) {
		if (!name_file(door, &seen, k))
			continue;
		answers++;
		if (memcmp(&seen, &own[k][0], sizeof(seen)) &&
		    memcmp(&seen, &own[k][1], sizeof(seen))) {
			say("seen by %s after %d answers", k ? "its handle" : "its inode number",
			    answers);
			break;
		}
	}
	if (!answers)
		say("seen nothing at all");
	kill(swapper, SIGKILL);
	say("end");
	return 0;
}

static void __attribute__((noreturn)) be_traced(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UAPI_NR_mount_setattr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };
	long ret;

	must(ptrace(PTRACE_TRACEME, 0, 0, 0), "PTRACE_TRACEME");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
	raise(SIGSTOP);
	ret = raw_mount_setattr(in_place("attr"), 1, 0);
	say("end %s", ret < 0 ? error_name((int)-ret) : "done");
	_exit(0);
}

/* Traces a child whose filter leaves mount_setattr(2) to the tracer, which would refuse it. */
static int role_traced(int argc, char **argv)
{
	pid_t pid = (pid_t)must(fork(), "fork");
	char text[4096];
	int status;

	(void)argc;
	(void)argv;
	if (pid == 0)
		be_traced();
	must(read_text("/proc/self/status", text, sizeof(text)), "status");
	must(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) ? 0 : -1, "a stop");
	must(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL),
	     "PTRACE_SETOPTIONS");
	if (!strstr(text, "\nSeccomp_filters:"))
		say("none: this kernel shows no number of filters");
	do {
		must(ptrace(PTRACE_CONT, pid, 0, 0), "PTRACE_CONT");
		must(waitpid(pid, &status, 0), "waitpid");
		if (WIFSTOPPED(status) && status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
			say("end asked");
			kill(pid, SIGKILL);
			return 0;
		}
	} while (WIFSTOPPED(status));
	return 0;
}

const struct hostile_role answer_roles[] = {
	{ "traced", role_traced },
	{ "link", role_link },
	{ "guess", role_guess },
	{ "swap", role_swap },
	{ "close", role_close },
	{ "memory", role_memory },
	{ "bound", role_bound },
	{ "own-number", role_own_number },
	{ "other-proc", role_other_proc },
	{ "ask", role_ask },
	{ "ask-limited", role_ask_limited },
	{ "ask-threads", role_ask_threads },
	{ "ask-at-vvar", role_ask_at_vvar },
	{ "timer", role_timer },
	{ "x32", role_x32 },
	{ "automount", role_automount },
	{ NULL, NULL },
};

/* --- cases --- */

/* "SUPERVISOR ROLE IDENTITY CALL" */
static void case_answered(const char *argument)
{
	char whose[32], role[32], identity[32], call[32];
	const char *line;
	struct run run;
	int more = -1;
	char *end;

	must(sscanf(argument, "%31s %31s %31s %31s", whose, role, identity, call) == 4 ? 0 : -1,
	     argument);
	if (!strcmp(call, "i386") && !has_i386())
		skip("the kernel runs no i386 programs");
	RUN(&run,
	    RUN_ERRORS | (strcmp(whose, "user's") ? 0 : RUN_AS_USER) |
		    (strcmp(whose, "nested") ? 0 : RUN_NESTED),
	    role, identity, call);
	if (!run_expect(&run, "end", BEGIN_MS)) {
		line = strstr(run.text, "none ");
		if (line)
			skip("%.*s", (int)strcspn(line + 5, "\n"), line + 5);
		broken("promise: every caller is answered; no answer after %d s %s",
		       BEGIN_MS / 1000, run.text);
	}
	end = strstr(run.text, "end");
	if (end != run.text)
		broken("promise: every caller is answered: %.*s", (int)(end - run.text), run.text);
	if (!strcmp(role, "timer")) {
		line = run_expect(&run, "figures: ", BEGIN_MS);
		note("%s", line ? line : "no figures");
		if (!line || sscanf(line, "%*d calls in %*d ms, %*d signals, %d", &more) != 1 ||
		    more > TIMER_CALLS / 4)
			broken("promise: a call that is interrupted leaves no descriptors");
	}
}

/* An x32 caller gets the kernel's own answer. */
static void case_x32(const char *argument)
{
	char expected[32];
	const char *line;
	struct run run;

	(void)argument;
	errno = 0;
	syscall(UAPI_NR_listmount | X32, NULL, NULL, 0, 0);
	snprintf(expected, sizeof(expected), "%s", error_name(errno));
	RUN(&run, RUN_ERRORS, "x32", "root");
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line || (strcmp(line, expected) && strcmp(line, "EFAULT") && strcmp(line, "EINVAL")))
		broken("promise: an x32 caller gets the kernel's answer %s; got %s", expected,
		       line ? line : "none");
}

/* The kernel asks no tracer for a call that a supervisor takes. */
static void case_traced(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS | (strcmp(argument, "user's") ? 0 : RUN_AS_USER), "traced", "root");
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line)
		broken("the test does not work here: %s", run.text);
	if (strstr(run.text, "none: "))
		skip("this kernel shows no number of filters");
	if (strcmp(line, "ENOSYS") && strcmp(line, "asked"))
		broken("promise: a call that a filter leaves to a tracer is not made without it; "
		       "%s",
		       line);
}

/* "ROLE": prints nothing but its end. */
static void case_silent(const char *argument)
{
	const char *none, *end;
	struct run run;

	RUN(&run, RUN_ERRORS, argument, "root");
	end = run_expect(&run, "end", BEGIN_MS);
	none = strstr(run.text, "none ");
	if (none)
		skip("%.*s", (int)strcspn(none + 5, "\n"), none + 5);
	if (!end)
		broken("the test does not work here: %s", run.text);
	if (strstr(run.text, "asked"))
		broken("promise: no file server is asked that the call itself does not ask; %s",
		       strstr(run.text, "asked"));
	if (strstr(run.text, "seen"))
		broken("promise: nothing of the process that answers is shown; %s",
		       strstr(run.text, "seen"));
}

static void case_automount(const char *argument)
{
	const char *line;
	struct run run;
	int ms = -1;

	RUN(&run, RUN_ERRORS, "automount", "root", argument);
	line = run_expect(&run, "end ", BEGIN_MS);
	if (strstr(run.text, "none "))
		skip("%.*s", (int)strcspn(strstr(run.text, "none ") + 5, "\n"),
		     strstr(run.text, "none ") + 5);
	if (!line || sscanf(line, "%d ms", &ms) != 1)
		broken("the test does not work here: %s", run.text);
	if (ms > (int)AUTOFS_MS)
		broken("promise: the child of an automount daemon is answered at once; %s", line);
	line = run_expect(&run, "answer ", 0);
	note("%s, %d ms", line ? line : "no answer", ms);
	if (!line || (strcmp(line, "ok") && strcmp(line, "EOPNOTSUPP") && strcmp(line, "ENOSYS")))
		broken("promise: 7.3's answer or an honest refusal; %s", line ? line : "none");
}

#define ANSWERED(row, argument, slow) \
	{ \
		row, "answered: " argument, case_answered, argument, slow \
	}

const struct hostile_case answer_cases[] = {
	ANSWERED("S9", "root's ask groups-ns statmount", false),
	ANSWERED("S9", "root's ask groups-ns listmount", false),
	ANSWERED("S9", "root's ask groups-ns statx", true),
	ANSWERED("S9", "user's ask userns statmount", false),
	ANSWERED("S9", "root's ask userns listns", true),
	ANSWERED("S9", "root's ask subuid statmount", false),
	ANSWERED("S9", "root's ask sandbox statmount", true),
	ANSWERED("S9", "root's ask own-userns listmount", true),
	ANSWERED("S9", "root's ask bare statmount", false),
	ANSWERED("S9", "root's ask no-ptrace open_tree", true),
	ANSWERED("S9", "root's ask below statmount", false),
	ANSWERED("S9", "root's ask user i386", false),
	ANSWERED("S9", "user's ask root i386", true),
	ANSWERED("S9", "root's ask user vfork", false),
	ANSWERED("S9", "root's ask groups clone3", false),
	ANSWERED("S9", "nested ask user statmount", false),
	ANSWERED("S9", "root's ask-limited user statmount", false),
	ANSWERED("S9", "root's ask-threads root statmount", false),
	ANSWERED("S9", "root's ask-at-vvar user statmount", false),
	ANSWERED("S9", "root's ask-at-vvar root listmount", false),
	ANSWERED("S9", "user's ask-at-vvar root listns", false),
	ANSWERED("S9", "root's timer user statmount", false),
	ANSWERED("S9", "root's timer root listmount", true),
	ANSWERED("S9", "root's timer root open_tree", false),
	ANSWERED("S9", "user's timer root statx", true),
	{ "S9", "an x32 caller", case_x32, "", false },
	{ "S9", "a link that is not followed, to a file server", case_silent, "link", false },
	{ "S1", "a path to the program of the process that answers, by its number", case_silent,
	  "guess", false },
	{ "S1", "a path to the program of the process that answers, by a link that is swapped",
	  case_silent, "swap", false },
	{ "S1", "another procfs than the one at /proc", case_silent, "other-proc", false },
	{ "S9", "a descriptor of a file server's file", case_silent, "close", false },
	{ "S9", "a namespace that is bound to a file", case_silent, "bound", false },
	{ "S9", "memory that only its process can read or write", case_silent, "memory", false },
	{ "S9", "its own directory in /proc, by its number", case_silent, "own-number", false },
	{ "S1", "a filter asks a tracer: root's supervisor", case_traced, "root's", false },
	{ "S1", "a filter asks a tracer: user's supervisor", case_traced, "user's", true },
	{ "S10", "a child of an automount daemon: statx", case_automount, "statx", false },
	{ "S10", "a child of an automount daemon: open_tree", case_automount, "open_tree", true },
	{ "S10", "a child of an automount daemon: mount_setattr", case_automount, "mount_setattr",
	  true },
	{ NULL, NULL, NULL, NULL, false },
};
