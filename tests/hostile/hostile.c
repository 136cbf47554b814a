// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hostile.c - small things, system calls and identities for the hostile tests.
 * Changes the calling process, in become(); mounts, in make_place().
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "compat/kernel/uapi.h"
#include "tests/hostile/hostile.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#define STATX_UNIQUE 0x4000u

const char *tool, *place;
bool quick, plain;
uid_t user_id = USER;

/* --- small things --- */

long must(long ret, const char *what)
{
	if (ret < 0) {
		fprintf(stderr, "the test does not work here: %s: %s\n", what, strerror(errno));
		fflush(stdout);
		_exit(99);
	}
	return ret;
}

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void sleep_ms(unsigned int ms)
{
	struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
}

uint32_t random_number(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*state >> 33);
}

ssize_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = -1;

	*text = 0;
	if (fd < 0)
		return -1;
	while (used < size - 1 && (n = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	text[used] = 0;
	return n < 0 && !used ? -1 : (ssize_t)used;
}

bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

const char *in_place(const char *name)
{
	static char buffers[8][256];
	static unsigned int next;
	char *buffer = buffers[next++ % 8];

	snprintf(buffer, sizeof(buffers[0]), "%s/%s", place, name);
	return buffer;
}

const char *error_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EPERM, "EPERM" },	    { ENOENT, "ENOENT" },	  { EINTR, "EINTR" },
		{ EBADF, "EBADF" },	    { EAGAIN, "EAGAIN" },	  { ENOMEM, "ENOMEM" },
		{ EACCES, "EACCES" },	    { EFAULT, "EFAULT" },	  { EBUSY, "EBUSY" },
		{ EINVAL, "EINVAL" },	    { EMFILE, "EMFILE" },	  { ENOSYS, "ENOSYS" },
		{ EOVERFLOW, "EOVERFLOW" }, { EOPNOTSUPP, "EOPNOTSUPP" }, { ESRCH, "ESRCH" },
		{ ELOOP, "ELOOP" },	    { ENOTTY, "ENOTTY" },	  { EROFS, "EROFS" },
		{ 0, "no error" },
	};
	static char number[16];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	snprintf(number, sizeof(number), "errno %d", error);
	return number;
}

bool kernel_is_at_least(int major, int minor)
{
	struct utsname name;
	int have[2] = { 0, 0 };

	uname(&name);
	sscanf(name.release, "%d.%d", &have[0], &have[1]);
	return have[0] > major || (have[0] == major && have[1] >= minor);
}

long i386_call(long nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e)
{
#ifdef __x86_64__
	int ret;

	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"((int)nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return ret;
#else
	(void)nr, (void)a, (void)b, (void)c, (void)d, (void)e;
	return -ENOSYS;
#endif
}

/* Without support in the kernel the instruction faults. */
bool has_i386(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		_exit(i386_call(20 /* getpid */, 0, 0, 0, 0, 0) != getpid());
	}
	waitpid(pid, &status, 0);
	return status == 0;
}

void *low_memory(size_t size)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	void *memory;

#ifdef MAP_32BIT
	flags |= MAP_32BIT;
#endif
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	must(memory == MAP_FAILED ? -1 : 0, "memory");
	return memory;
}

long raw_clone3(uint64_t flags, pid_t set_tid, int exit_signal)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls,
			set_tid, set_tid_size;
	} args = { .flags = flags, .exit_signal = (uint64_t)exit_signal };

	if (set_tid) {
		args.set_tid = (uint64_t)(uintptr_t)&set_tid;
		args.set_tid_size = 1;
	}
	return syscall(UAPI_NR_clone3, &args, set_tid ? sizeof(args) : 64);
}

/* --- the place --- */

static void copy_self(const char *name, mode_t mode, uid_t owner)
{
	const char *path = in_place(name);
	int from = (int)must(open("/proc/self/exe", O_RDONLY | O_CLOEXEC), "/proc/self/exe");
	int to = (int)must(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0700), path);

	while (must(sendfile(to, from, NULL, 1 << 20), "copy") > 0)
		;
	must(fchown(to, owner, owner), "chown");
	must(fchmod(to, mode), "chmod");
	close(from);
	close(to);
}

void make_place(const char *directory)
{
	must(unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS)");
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
	place = directory;
	must(mount("hostile", directory, "tmpfs", 0, "mode=755"), "mount tmpfs");
	must(setenv("HOSTILE_PLACE", place, 1), "setenv");
	copy_self("self", 0755, 0);
	copy_self("setid", 04755, OTHER_USER);
	copy_self("setroot", 04755, 0);
	must(mkdir(in_place("attr"), 0755), "mkdir");
	must(mount("attr", in_place("attr"), "tmpfs", MS_NOSUID | MS_NODEV | MS_RDONLY, "mode=755"),
	     "mount tmpfs");
}

/* --- system calls --- */

struct mount_request {
	uint32_t size, fd;
	uint64_t id, param, ns;
};

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

long raw_statmount_fd(int fd, uint64_t mask, void *buf, size_t size)
{
	struct mount_request req = { .size = 32, .fd = (uint32_t)fd, .param = mask };

	return result(syscall(UAPI_NR_statmount, &req, buf, size, 1));
}

long raw_mount_setattr(const char *path, uint64_t set, uint64_t clear)
{
	uint64_t attr[4] = { set, clear, 0, 0 };

	return result(syscall(UAPI_NR_mount_setattr, AT_FDCWD, path, 0, attr, sizeof(attr)));
}

long raw_listns(uint32_t type, uint64_t *ids, size_t count)
{
	struct {
		uint32_t size, spare;
		uint64_t ns_id;
		uint32_t type, spare2;
		uint64_t user;
	} req = { .size = 32, .type = type };

	return result(syscall(UAPI_NR_listns, &req, ids, count, 0));
}

long raw_namespace_id(const char *name, uint64_t *id)
{
	char path[64];
	long ret;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = result(ioctl(fd, _IOR(0xb7, 13, uint64_t), id));
	close(fd);
	return ret;
}

long raw_statx_unique(const char *path, uint64_t *id)
{
	uint64_t answer[32] = { 0 };
	long ret = result(syscall(SYS_statx, AT_FDCWD, path, 0, STATX_UNIQUE | 0x7ff, answer));

	*id = answer[0x90 / 8];
	return ret;
}

static char answer_room[65536];

static long call_statmount(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);
	long ret = raw_statmount_fd(fd, 0x7f, answer_room, sizeof(answer_room));

	close(fd);
	return ret;
}

static long call_listmount(void)
{
	struct mount_request req = { .size = 32, .id = UINT64_MAX };

	return result(syscall(UAPI_NR_listmount, &req, answer_room, sizeof(answer_room) / 8, 0));
}

static long call_open_tree(void)
{
	long fd = result(syscall(UAPI_NR_open_tree, AT_FDCWD, "/", 2 | O_CLOEXEC));
	int type;

	if (fd < 0)
		return fd;
	type = ioctl((int)fd, UAPI_NS_GET_NSTYPE);
	close((int)fd);
	/* Another file than the one that was made. */
	return type == CLONE_NEWNS ? 0 : -EBADFD;
}

static long call_mount_setattr(void)
{
	return raw_mount_setattr(in_place("attr"), 0, 7);
}

static long call_listns(void)
{
	return raw_listns(0, (uint64_t *)(void *)answer_room, 64);
}

static long call_statx(void)
{
	uint64_t id;

	return raw_statx_unique("/", &id);
}

static long call_handle(void)
{
	struct {
		uint32_t bytes, type;
		char handle[128];
	} handle = { .bytes = 128 };
	uint64_t id;
	long ret = result(syscall(SYS_name_to_handle_at, AT_FDCWD, place, &handle, &id, 1));

	return ret == -EOPNOTSUPP ? 0 : ret; /* this filesystem has no handles */
}

static long call_ioctl(void)
{
	uint64_t id;

	return raw_namespace_id("mnt", &id);
}

/* As an i386 program makes the call. */
static long call_i386(void)
{
	struct mount_request *req = low_memory(65536);
	int fd = open("/", O_PATH | O_CLOEXEC);
	long ret;

	*req = (struct mount_request){ .size = 32, .fd = (uint32_t)fd, .param = 0x7f };
	ret = i386_call(UAPI_NR_statmount, (uint32_t)(uintptr_t)req,
			(uint32_t)(uintptr_t)req + 4096, 61440, 1, 0);
	close(fd);
	munmap(req, 65536);
	return ret;
}

/* A child that shares the memory with its waiting parent makes the call. */
static long call_vfork(void)
{
	static volatile long ret;
	pid_t pid = vfork();

	if (pid == 0) {
		ret = call_statmount();
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return ret;
}

static long call_clone3(void)
{
	long pid = raw_clone3(0, 0, SIGCHLD);
	int status = 0;

	if (pid == 0)
		_exit(call_listmount() < 0);
	if (pid < 0)
		return call_listmount();
	waitpid((pid_t)pid, &status, 0);
	return status ? -EINVAL : 0;
}

static const struct {
	const char *name;
	long (*call)(void);
} named_calls[] = {
	{ "statmount", call_statmount },
	{ "listmount", call_listmount },
	{ "open_tree", call_open_tree },
	{ "mount_setattr", call_mount_setattr },
	{ "listns", call_listns },
	{ "statx", call_statx },
	{ "name_to_handle_at", call_handle },
	{ "ioctl", call_ioctl },
	{ "i386", call_i386 },
	{ "vfork", call_vfork },
	{ "clone3", call_clone3 },
};

const char *const call_names[] = {
	"statmount",	     "listmount", "open_tree", "mount_setattr", "listns", "statx",
	"name_to_handle_at", "ioctl",	  "vfork",     "clone3",	NULL,
};

long call_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(named_calls) / sizeof(named_calls[0]); i++) {
		if (!strcmp(named_calls[i].name, name))
			return named_calls[i].call();
	}
	fprintf(stderr, "no call %s\n", name);
	_exit(99);
}

/* --- identities --- */

const char *const identity_names[] = {
	"root",	  "user", "groups",	"bare",	   "no-ptrace", "userns", "groups-ns",
	"subuid", "own",  "own-userns", "sandbox", "below",	NULL,
};

static void set_capabilities(uint64_t set)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int i;

	for (i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = data[i].inheritable =
			(uint32_t)(set >> (32 * i));
	must(syscall(SYS_capset, &header, data), "capset");
}

static void become_user(uid_t user, int groups)
{
	const gid_t some[] = { 4, 24, 27, user_id, 4242 };

	if (geteuid() == user)
		return;
	must(setgroups((size_t)groups, some), "setgroups");
	must(setresgid(user, user, user), "setresgid");
	must(setresuid(user, user, user), "setresuid");
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void enter_userns(int more)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	must(unshare(CLONE_NEWUSER | more), "unshare(CLONE_NEWUSER)");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	must(write_text("/proc/self/uid_map", map) ? 0 : -1, "uid_map");
	must(write_text("/proc/self/setgroups", "deny") ? 0 : -1, "setgroups");
	snprintf(map, sizeof(map), "0 %u 1", gid);
	must(write_text("/proc/self/gid_map", map) ? 0 : -1, "gid_map");
}

/* A privileged process writes the maps, as newuidmap(1) does. */
static void enter_subuid(void)
{
	int ready[2], done[2], status;
	char byte, path[64], map[64];
	pid_t self = getpid(), writer;

	must(pipe(ready) | pipe(done), "pipe");
	writer = fork();
	if (writer == 0) {
		if (read(ready[0], &byte, 1) != 1)
			_exit(1);
		snprintf(map, sizeof(map), "0 %d 65536", SUBUID);
		snprintf(path, sizeof(path), "/proc/%d/uid_map", self);
		if (!write_text(path, map))
			_exit(2);
		snprintf(path, sizeof(path), "/proc/%d/gid_map", self);
		_exit(!write_text(path, map));
	}
	must(unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
	must(write(ready[1], "", 1), "write");
	waitpid(writer, &status, 0);
	must(status ? -1 : 0, "maps");
	close(ready[0]), close(ready[1]), close(done[0]), close(done[1]);
	must(setresgid(0, 0, 0) | setresuid(0, 0, 0), "root of the user namespace");
	must(setgroups(2, (gid_t[]){ 7, 4242 }), "setgroups");
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void confine(bool net)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = 4, .filter = code };
	int i;

	if (net)
		must(unshare(CLONE_NEWNET), "unshare(CLONE_NEWNET)");
	for (i = 0; i < 64; i++)
		prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	set_capabilities(0);
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void drop_ptrace(void)
{
	char text[8192];
	unsigned long long set = 0;

	must(prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE, 0, 0, 0), "bounding set");
	read_text("/proc/self/status", text, sizeof(text));
	sscanf(strstr(text, "CapPrm:") + 7, "%llx", &set);
	set_capabilities(set & ~(1ull << CAP_SYS_PTRACE));
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

#define OWN (CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP)

void become(const char *identity, char **argv)
{
	if (!strcmp(identity, "user") || !strcmp(identity, "userns") ||
	    !strcmp(identity, "own-userns") || !strcmp(identity, "sandbox")) {
		become_user(user_id, 0);
	} else if (!strcmp(identity, "groups") || !strcmp(identity, "groups-ns")) {
		become_user(user_id, 5);
	} else if (!strcmp(identity, "other")) {
		become_user(OTHER_USER, 0);
	} else if (!strcmp(identity, "bare")) {
		confine(true);
	} else if (!strcmp(identity, "no-ptrace")) {
		drop_ptrace();
	} else if (!strcmp(identity, "subuid")) {
		enter_subuid();
	} else if (!strcmp(identity, "own")) {
		must(unshare(OWN), "unshare");
		become_user(user_id, 0);
	} else if (!strcmp(identity, "below")) {
		become_user(user_id, 0);
		argv[2] = (char *)"root"; /* the set-user-ID program changes no more */
		execv(in_place("setid"), argv);
		must(-1, "set-user-ID program");
	} else if (strcmp(identity, "root")) {
		fprintf(stderr, "no identity %s\n", identity);
		_exit(99);
	}
	if (!strcmp(identity, "userns") || !strcmp(identity, "groups-ns"))
		enter_userns(0);
	if (!strcmp(identity, "own-userns"))
		enter_userns(OWN);
	if (!strcmp(identity, "sandbox")) {
		enter_userns(OWN);
		confine(false);
	}
}
