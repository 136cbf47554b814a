// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * process.c - starts the tool, reads what processes hold, and attacks them, for the hostile tests.
 * Traces, stops and reads only the processes that are to be attacked.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/hostile/hostile.h"
#include "tests/reach.h"

#ifndef PTRACE_SEIZE
#define PTRACE_SEIZE 0x4206
#define PTRACE_INTERRUPT 0x4207
#endif
#define WORDS_MOST 32
#define STOLEN_FROM 3
#define STOLEN_TO 9
#define NSFS_MAGIC 0x6e736673
#define NOT_MAPPED 0x1000ul /* no process has memory there */

/* --- the tool --- */

void (*run_before)(void);

void say(const char *format, ...)
{
	char text[1024];
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(text, sizeof(text) - 1, format, list);
	va_end(list);
	text[n] = '\n';
	if (write(1, text, (size_t)n + 1) < 0)
		_exit(98);
}

void run_start(struct run *run, unsigned int how, const char *const *words)
{
	const char *argv[WORDS_MOST + 16];
	int used = 0, out[2], i;

	if (how & RUN_AS_USER && !plain && !everybody_reaches(tool))
		unreachable();
	for (i = 0; i < 1 + !!(how & RUN_NESTED) && !(how & RUN_PLAIN) && !plain; i++) {
		argv[used++] = tool;
		/* The inner tool has no level: it finds all calls answered. */
		if (i == 0) {
			argv[used++] = "--kernel";
			argv[used++] = LEVEL;
		}
		if (how & RUN_EMULATE) {
			argv[used++] = "--mode";
			argv[used++] = "emulate";
		}
		argv[used++] = "run";
		argv[used++] = "--seccomp";
		argv[used++] = "--";
	}
	argv[used++] = in_place("self");
	for (; *words && used < WORDS_MOST + 15; words++)
		argv[used++] = *words;
	argv[used] = NULL;
	memset(run, 0, sizeof(*run));
	must(pipe2(out, O_CLOEXEC), "pipe");
	run->pid = (pid_t)must(fork(), "fork");
	if (run->pid == 0) {
		dup2(out[1], 1);
		if (how & RUN_ERRORS)
			dup2(out[1], 2);
		if (how & RUN_AS_USER)
			become("user", NULL);
		if (run_before)
			run_before();
		execv(argv[0], (char **)(uintptr_t)argv);
		_exit(97);
	}
	close(out[1]);
	run->out = out[0];
}

/* False: no output came in this time, or the process has ended. */
static bool run_read(struct run *run, int ms)
{
	struct pollfd wait = { .fd = run->out, .events = POLLIN };
	ssize_t n;

	if (poll(&wait, 1, ms) <= 0)
		return false;
	if (run->used > sizeof(run->text) / 2) {
		memmove(run->text, run->text + run->used / 2, run->used - run->used / 2);
		run->used -= run->used / 2;
	}
	n = read(run->out, run->text + run->used, sizeof(run->text) - 1 - run->used);
	if (n <= 0)
		return false;
	run->used += (size_t)n;
	run->text[run->used] = 0;
	return true;
}

const char *run_expect(struct run *run, const char *beginning, unsigned int ms)
{
	uint64_t until = now_ms() + ms;
	static char line[1024];

	for (;;) {
		const char *at = run->text, *end;

		for (; (end = strchr(at, '\n')); at = end + 1) {
			if (strncmp(at, beginning, strlen(beginning)))
				continue;
			snprintf(line, sizeof(line), "%.*s", (int)(end - at), at);
			return line + strlen(beginning);
		}
		if (now_ms() >= until ||
		    (!run_read(run, (int)(until - now_ms())) && now_ms() < until))
			return NULL;
	}
}

int run_wait(struct run *run, unsigned int ms)
{
	uint64_t until = now_ms() + ms;
	int status;

	for (;;) {
		pid_t pid = waitpid(run->pid, &status, WNOHANG);

		if (pid == run->pid) {
			while (run_read(run, 0))
				;
			return status;
		}
		if (pid < 0 || now_ms() >= until)
			return -1;
		if (!run_read(run, 5))
			sleep_ms(2);
	}
}

/* --- processes --- */

const char *const namespace_names[NAMESPACES] = { "mnt", "user",   "net",  "uts",
						  "ipc", "cgroup", "time", "pid" };
enum { NS_MNT, NS_USER };
static const char *const capability_names[CAPABILITY_SETS] = { "CapInh", "CapPrm", "CapEff",
							       "CapBnd", "CapAmb" };

bool read_process(pid_t pid, struct process *process)
{
	char path[64], text[512], *begin, *end;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_text(path, text, sizeof(text)) <= 0)
		return false;
	begin = strchr(text, '(');
	end = strrchr(text, ')');
	if (!begin || !end || sscanf(end + 1, " %c %d", &process->state, &parent) != 2)
		return false;
	*end = 0;
	process->pid = pid;
	process->parent = (pid_t)parent;
	snprintf(process->comm, sizeof(process->comm), "%.15s", begin + 1);
	return true;
}

int list_supervisor(struct process *processes, int most)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	int used = 0;

	while (directory && used < most && (entry = readdir(directory))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0 && read_process(pid, &processes[used]) &&
		    !strncmp(processes[used].comm, "mntcompat-", 10) &&
		    processes[used].state != 'Z' && processes[used].state != 'X')
			used++;
	}
	if (directory)
		closedir(directory);
	return used;
}

static pid_t find_top(const struct process *processes, int used)
{
	int i, k;

	for (i = 0; i < used; i++) {
		for (k = 0; k < used && processes[k].pid != processes[i].parent; k++)
			;
		if (k == used)
			return processes[i].pid;
	}
	return 0;
}

pid_t find_supervisor(void)
{
	static struct process processes[PROCESSES_MOST];

	return find_top(processes, list_supervisor(processes, PROCESSES_MOST));
}

int count_workers(void)
{
	static struct process processes[PROCESSES_MOST];
	int used = list_supervisor(processes, PROCESSES_MOST), supervisors = 0, i, k;

	for (i = 0; i < used; i++) {
		for (k = 0; k < used && processes[k].pid != processes[i].parent; k++)
			;
		supervisors += k == used;
	}
	return used - supervisors;
}

static int read_list(const char *text, const char *name, unsigned int *numbers, int most)
{
	const char *at = strstr(text, name);
	int used = 0;

	if (!at)
		return -1;
	for (at += strlen(name); used < most; used++) {
		char *end;
		unsigned long number;

		at += strspn(at, " \t");
		if (*at < '0' || *at > '9')
			break;
		number = strtoul(at, &end, 10);
		numbers[used] = (unsigned int)number;
		at = end;
	}
	return used;
}

bool read_holdings(pid_t pid, struct holdings *holdings)
{
	char path[64], text[8192];
	unsigned int number;
	struct stat st;
	int i;

	memset(holdings, 0, sizeof(*holdings));
	holdings->pid = pid;
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (read_text(path, text, sizeof(text)) <= 0 ||
	    read_list(text, "\nUid:", holdings->uid, 4) != 4 ||
	    read_list(text, "\nGid:", holdings->gid, 4) != 4)
		return false;
	holdings->groups_used = read_list(text, "\nGroups:", holdings->groups, 64);
	for (i = 0; i < CAPABILITY_SETS; i++) {
		const char *at = strstr(text, capability_names[i]);

		if (!at)
			return false;
		holdings->capabilities[i] = strtoull(at + 7, NULL, 16);
	}
	holdings->no_new_privs = read_list(text, "\nNoNewPrivs:", &number, 1) == 1 ? (int)number :
										     0;
	holdings->seccomp = read_list(text, "\nSeccomp:", &number, 1) == 1 ? (int)number : 0;
	for (i = 0; i < NAMESPACES; i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, namespace_names[i]);
		holdings->namespaces[i] = stat(path, &st) == 0 ? st.st_ino : 0;
		/* The process has ended meanwhile, or the kernel has no namespaces of this kind. */
		if (!holdings->namespaces[i]) {
			snprintf(path, sizeof(path), "/proc/self/ns/%s", namespace_names[i]);
			if (stat(path, &st) == 0)
				return false;
		}
	}
	return true;
}

static bool has_group(const struct holdings *target, uint32_t group)
{
	int i;

	for (i = 0; i < target->groups_used && target->groups[i] != group; i++)
		;
	return i < target->groups_used;
}

const char *more_than(const struct holdings *process, const struct holdings *target,
		      const struct holdings *supervisor)
{
	bool elsewhere = process->namespaces[NS_USER] != target->namespaces[NS_USER];
	static char text[256];
	int i;

	/*
	 * Emulations make mount and user namespaces, as their target could; but they must not use
	 * the supervisor's.
	 */
	for (i = 0; i < NAMESPACES; i++) {
		bool made = i == NS_MNT || (i == NS_USER && elsewhere);

		if (!target->namespaces[i] || process->namespaces[i] == target->namespaces[i])
			continue;
		if (made && supervisor && process->namespaces[i] != supervisor->namespaces[i])
			continue;
		snprintf(text, sizeof(text),
			 "is in another %s namespace (%llu) than its target (%llu)",
			 namespace_names[i], (unsigned long long)process->namespaces[i],
			 (unsigned long long)target->namespaces[i]);
		return text;
	}
	for (i = 1; i < 4; i += 2) { /* the effective id and that for filesystems */
		if (process->uid[i] != target->uid[i] || process->gid[i] != target->gid[i]) {
			snprintf(text, sizeof(text), "is uid %u gid %u, its target uid %u gid %u",
				 process->uid[i], process->gid[i], target->uid[i], target->gid[i]);
			return text;
		}
	}
	for (i = 0; i < process->groups_used; i++) {
		if (!has_group(target, process->groups[i])) {
			snprintf(text, sizeof(text), "has group %u, its target does not",
				 process->groups[i]);
			return text;
		}
	}
	for (i = 0; i < CAPABILITY_SETS && !elsewhere; i++) {
		if (process->capabilities[i] & ~target->capabilities[i]) {
			snprintf(text, sizeof(text), "has %s %016llx, its target %016llx",
				 capability_names[i], (unsigned long long)process->capabilities[i],
				 (unsigned long long)target->capabilities[i]);
			return text;
		}
	}
	if (process->no_new_privs < target->no_new_privs)
		return "has no no_new_privs, its target has it";
	if (process->seccomp != 2)
		return "has no filter";
	return NULL;
}

bool has_become(const struct process *process, const struct holdings *holdings,
		const struct holdings *target, pid_t supervisor)
{
	/* A process of this name has a filter only after it has become the target. */
	if (!strncmp(process->comm, "mntcompat-call", 14))
		return holdings->seccomp == 2;
	/*
	 * Where all have the same name: not the supervisor's child, and with the target's ids and
	 * rights.
	 */
	return !strcmp(process->comm, "mntcompat-super") && process->pid != supervisor &&
	       process->parent != supervisor &&
	       !memcmp(holdings->uid, target->uid, sizeof(target->uid)) &&
	       holdings->capabilities[2] == target->capabilities[2] &&
	       holdings->namespaces[NS_USER] == target->namespaces[NS_USER];
}

/* --- attacks --- */

/*
 * A process that exits has no memory any more, and the kernel allows more: such a success does not
 * count.
 */
static bool is_alive(const struct process *process)
{
	char path[64], text[64];
	struct process now;

	snprintf(path, sizeof(path), "/proc/%d/statm", process->pid);
	return read_text(path, text, sizeof(text)) > 0 && atol(text) > 0 &&
	       read_process(process->pid, &now) && !strcmp(now.comm, process->comm);
}

static bool can_trace(const struct process *process, long request)
{
	int status = 0;
	bool traced;

	if (ptrace(request, process->pid, 0, 0) < 0)
		return false;
	traced = is_alive(process);
	if (request == PTRACE_SEIZE)
		ptrace(PTRACE_INTERRUPT, process->pid, 0, 0);
	if (waitpid(process->pid, &status, __WALL) != process->pid || !WIFSTOPPED(status))
		return false;
	ptrace(PTRACE_DETACH, process->pid, 0, 0);
	return traced;
}

static bool can_copy(const struct process *process, bool write)
{
	char byte = 0;
	struct iovec here = { &byte, 1 }, there = { (void *)NOT_MAPPED, 1 };
	ssize_t n = write ? process_vm_writev(process->pid, &here, 1, &there, 1, 0) :
			    process_vm_readv(process->pid, &here, 1, &there, 1, 0);

	/* The kernel checks the permission before the address. */
	return n < 0 && errno == EFAULT && is_alive(process);
}

static bool can_open_memory(const struct process *process)
{
	char path[64], byte;
	bool opened;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", process->pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	opened = pread(fd, &byte, 1, NOT_MAPPED) < 0 && errno == EIO;
	close(fd);
	return opened && is_alive(process);
}

static bool can_take_fd(const struct process *process)
{
	int pidfd = (int)syscall(UAPI_NR_pidfd_open, process->pid, 0), i, fd = -1;
	struct process now;

	for (i = STOLEN_FROM; pidfd >= 0 && i <= STOLEN_TO && fd < 0; i++)
		fd = (int)syscall(UAPI_NR_pidfd_getfd, pidfd, i, 0);
	if (pidfd >= 0)
		close(pidfd);
	if (fd < 0)
		return false;
	close(fd);
	/* The number may belong to another process by now. */
	return read_process(process->pid, &now) && !strcmp(now.comm, process->comm);
}

static bool can_open_link(const struct process *process, const char *what)
{
	struct statfs type;
	bool opened = true;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", process->pid, what);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	/* Linux 5.10 opens the directory of the link where it denies the namespace. */
	if (!strncmp(what, "ns/", 3))
		opened = fstatfs(fd, &type) == 0 && type.f_type == NSFS_MAGIC;
	close(fd);
	return opened && is_alive(process);
}

static bool can_open_fd(const struct process *process)
{
	char path[32];
	int i;

	for (i = STOLEN_FROM; i <= STOLEN_TO; i++) {
		snprintf(path, sizeof(path), "fd/%d", i);
		if (can_open_link(process, path))
			return true;
	}
	return false;
}

static bool can_signal(const struct process *process)
{
	struct holdings theirs;
	uid_t uid = geteuid();

	/*
	 * A process that has become its user's may be signalled by that user; hang.c tests the
	 * effect.
	 */
	if (kill(process->pid, 0) < 0 || !is_alive(process) ||
	    !strcmp(process->comm, "mntcompat-call") || !read_holdings(process->pid, &theirs))
		return false;
	return uid != theirs.uid[0] && uid != theirs.uid[2] && uid != 0;
}

static bool has_capability(int capability)
{
	static uint64_t effective;
	static pid_t of;
	struct holdings own;

	if (of != getpid() && read_holdings(getpid(), &own)) {
		of = getpid();
		effective = own.capabilities[2];
	}
	return effective >> capability & 1;
}

const char *attack(const struct process *process)
{
	if (can_take_fd(process))
		return "pidfd_getfd() took a descriptor";
	if (can_trace(process, PTRACE_SEIZE))
		return "ptrace(PTRACE_SEIZE) succeeded";
	if (can_copy(process, false))
		return "process_vm_readv() was allowed";
	if (can_copy(process, true))
		return "process_vm_writev() was allowed";
	if (can_open_memory(process))
		return "its /proc/PID/mem was opened for writing";
	if (can_open_fd(process))
		return "a descriptor was opened through its /proc/PID/fd";
	if (can_open_link(process, "ns/net"))
		return "its /proc/PID/ns/net was opened";
	/* Since 6.13 CAP_PERFMON allows to read memory, and CAP_SYS_ADMIN includes it. */
	if (!has_capability(38 /* CAP_PERFMON */) && !has_capability(21 /* CAP_SYS_ADMIN */) &&
	    can_open_link(process, "environ"))
		return "its /proc/PID/environ was opened";
	if (can_signal(process))
		return "it could be signalled";
	if (can_trace(process, PTRACE_ATTACH))
		return "ptrace(PTRACE_ATTACH) succeeded";
	return NULL;
}

int ordinary_ms(void)
{
	uint64_t begin = now_ms();
	pid_t pid = (pid_t)must(fork(), "fork");
	int i;

	if (pid == 0) {
		for (i = 0; i < 3; i++) {
			pid = fork();
			if (pid > 0) {
				waitpid(pid, NULL, 0);
				_exit(0);
			}
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return (int)(now_ms() - begin);
}

void make_slow_world(int mounts)
{
	char path[256];
	int i;

	must(mkdir(in_place("slow"), 0755) < 0 && errno != EEXIST ? -1 : 0, "mkdir");
	for (i = 0; i < mounts; i++) {
		snprintf(path, sizeof(path), "%s/%d", in_place("slow"), i);
		mkdir(path, 0755);
		must(mount(place, path, NULL, MS_BIND, NULL), "bind");
	}
}

void pin_task(pid_t task, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(task, sizeof(set), &set);
}

void pin_to(int cpu)
{
	pin_task(0, cpu);
}
