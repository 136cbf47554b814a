// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * actor.c - the targets of the campaign: callers that change at random moments, attackers, and a
 * watcher that checks that other callers are answered. Changes, stops, traces and kills processes
 * of its own user.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/hostile/campaign.h"

#ifndef PTRACE_SEIZE
#define PTRACE_SEIZE 0x4206
#endif
#define BODY_MS 400u /* the longest life of a body */
#define BODIES 3
#define WATCH_TIMES 50 /* and so many times what some forks take on a busy machine */
#define WATCH_MS \
	15000u /* long, because the machine may be busy; hang.c tests the promise of 2 s \
		*/
#define AREA 0x20000000ul
#define UNTOUCHED 0x5a
#define PAGE 4096ul

struct shared *shared;
static uint64_t state; /* of the random number generator */
static const char *identity;
static char *buffer; /* for arguments and answers; take_memory() unmaps its second page at times */

#define ADD(what) __atomic_fetch_add(&shared->what, 1, __ATOMIC_SEQ_CST)

void open_shared(bool create)
{
	int fd = (int)must(
		open(in_place("shared"), O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0666),
		"shared memory");

	if (create)
		must(fchmod(fd, 0666) | ftruncate(fd, sizeof(*shared)), "shared memory");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(shared == MAP_FAILED ? -1 : 0, "shared memory");
	close(fd);
}

static bool same_holdings(const struct holdings *a, const struct holdings *b)
{
	struct holdings x = *a, y = *b;

	x.pid = y.pid = 0;
	return !memcmp(&x, &y, sizeof(x));
}

static void record(pid_t pid)
{
	struct holdings holdings;
	uint32_t i, used = shared->records_used;

	if (used >= RECORDS_MOST || !read_holdings(pid, &holdings))
		return;
	for (i = 0; i < used; i++) {
		if (same_holdings(&shared->records[i], &holdings))
			return;
	}
	shared->records[used] = holdings;
	__atomic_store_n(&shared->records_used, used + 1, __ATOMIC_SEQ_CST);
}

void be_recorder(void)
{
	uint32_t i;

	for (;;) {
		for (i = 0; i < REQUESTS; i++) {
			pid_t pid = __atomic_load_n(&shared->requests[i], __ATOMIC_SEQ_CST);

			if (!pid)
				continue;
			record(pid);
			__atomic_store_n(&shared->requests[i], 0, __ATOMIC_SEQ_CST);
		}
		usleep(200);
	}
}

void record_self(void)
{
	char link[64] = "", *task;
	pid_t *request;

	/* The thread's number in the pid namespace of the campaign. */
	if (readlink("/proc/thread-self", link, sizeof(link) - 1) < 0 ||
	    !(task = strrchr(link, '/')))
		_exit(0);
	request = &shared->requests[ADD(requests_used) % REQUESTS];
	__atomic_store_n(request, atoi(task + 1), __ATOMIC_SEQ_CST);
	while (__atomic_load_n(request, __ATOMIC_SEQ_CST)) {
		if (shared->end)
			_exit(0);
		usleep(200);
	}
	/* Without a record the sampler could not judge this process. */
	if (shared->records_used >= RECORDS_MOST)
		_exit(0);
}

void found(enum finding kind, const char *format, ...)
{
	uint32_t i = ADD(findings_used);
	va_list list;

	if (i >= FINDINGS_MOST)
		return;
	va_start(list, format);
	vsnprintf(shared->findings[i].text, sizeof(shared->findings[i].text), format, list);
	va_end(list);
	shared->findings[i].kind = kind;
	__atomic_store_n(&shared->findings[i].ready, 1, __ATOMIC_SEQ_CST);
}

/* --- bodies: they make calls and change --- */

static bool is_root(void)
{
	return !strcmp(identity, "no-ptrace");
}

static long call_in_buffer(uint32_t random)
{
	char *at = buffer + PAGE - random % 64;
	struct {
		uint32_t size, fd;
		uint64_t id, param, ns;
	} req = { .size = 32, .id = UINT64_MAX };

	if (random & 64)
		return raw_statmount_fd(0, 0x3f, at, 2000);
	if (random & 128)
		return syscall(UAPI_NR_listmount, &req, at, 64, 0);
	snprintf(buffer + PAGE, PAGE, "%s/self", place);
	return syscall(SYS_statx, AT_FDCWD, buffer + PAGE, 0, 0x4000 | 0x7ff, at);
}

static void *call_for_ever(void *argument)
{
	uint64_t mine = (uint64_t)(uintptr_t)argument;
	size_t names;

	for (names = 0; call_names[names]; names++)
		;
	for (;;) {
		uint32_t random = random_number(&mine);
		const char *name = call_names[random % names];
		long ret;

		/* Root may change the mount, which would hide a change by another user. */
		if (is_root() && !strcmp(name, "mount_setattr"))
			continue;
		ret = random & 0x1000 ? call_in_buffer(random_number(&mine)) : call_by_name(name);
		ADD(calls);
		if (ret >= 0)
			ADD(answered);
		if (shared->end)
			_exit(0);
	}
	return NULL;
}

static void execute(const char *program, const char *role)
{
	char seed[24], user[16];
	char *argv[] = { (char *)(uintptr_t)in_place(program), (char *)(uintptr_t)role, user, seed,
			 NULL };

	snprintf(seed, sizeof(seed), "%u", random_number(&state));
	snprintf(user, sizeof(user), "%u", user_id);
	ADD(switches);
	execv(argv[0], argv);
}

/* A process of the same process group, which are the bodies of one actor. */
static pid_t some_sibling(void)
{
	static struct process process;
	pid_t pid = getpid() + (pid_t)(random_number(&state) % 16) - 8;

	return pid > 1 && pid != getpid() && read_process(pid, &process) &&
			       getpgid(pid) == getpgrp() ?
		       pid :
		       0;
}

static void trace_sibling(void)
{
	pid_t pid = some_sibling();
	int status;

	if (!pid || pid == getppid() || ptrace(PTRACE_ATTACH, pid, 0, 0) < 0)
		return;
	if (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		sleep_ms(random_number(&state) % 8);
		ptrace(random_number(&state) % 4 ? PTRACE_DETACH : PTRACE_KILL, pid, 0, 0);
	}
}

static void disturb_answerer(void)
{
	static struct process list[PROCESSES_MOST];
	static const int signals[] = { SIGSTOP, SIGCONT, SIGKILL, SIGTERM, SIGCONT };
	int used = list_supervisor(list, PROCESSES_MOST);

	/* Root may kill root's supervisor. */
	if (used > 1 && geteuid() != 0 && getuid() != 0)
		kill(list[random_number(&state) % (uint32_t)used].pid,
		     signals[random_number(&state) % 5]);
}

static void make_namespaces(void)
{
	static const int kinds[] = {
		CLONE_NEWUSER,
		CLONE_NEWUSER | CLONE_NEWNET,
		CLONE_NEWUTS,
		CLONE_NEWIPC,
		CLONE_NEWNS,
		CLONE_NEWCGROUP,
		CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID,
		CLONE_FS,
		CLONE_FILES,
	};
	int kind = kinds[random_number(&state) % (sizeof(kinds) / sizeof(kinds[0]))];
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(kind) < 0)
			_exit(0);
		if (kind & CLONE_NEWPID && fork())
			_exit(0);
		/* Before the first call in the new namespaces. */
		record_self();
		call_for_ever((void *)(uintptr_t)random_number(&state));
	}
}

static void drop_some(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (geteuid() == 0) {
			prctl(PR_CAPBSET_DROP, (unsigned long)(random_number(&state) % 32), 0, 0,
			      0);
			if (random_number(&state) % 2)
				prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			else if (setresuid(user_id, user_id, user_id) < 0)
				_exit(0);
		} else {
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		}
		prctl(PR_SET_DUMPABLE, (int)(random_number(&state) % 2), 0, 0, 0);
		record_self();
		call_for_ever((void *)(uintptr_t)random_number(&state));
	}
}

static void take_memory(void)
{
	char *at = buffer + PAGE;

	switch (random_number(&state) % 3) {
	case 0:
		munmap(at, PAGE);
		break;
	case 1:
		mprotect(at, PAGE, PROT_NONE);
		break;
	default:
		mprotect(at, PAGE, PROT_READ);
		break;
	}
	sleep_ms(random_number(&state) % 4);
	mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

static void something(void)
{
	pid_t pid;

	switch (random_number(&state) % 16) {
	case 0:
		execute("setroot", "nap");
		break;
	case 1:
		execute("setroot", "victim");
		break;
	case 2:
		execute("setid", "asks");
		break;
	case 3:
		execute("self", "asks");
		break;
	case 4:
	case 5:
		take_memory();
		break;
	case 6:
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			call_for_ever((void *)(uintptr_t)random_number(&state));
		}
		break;
	case 7:
		pid = vfork();
		if (pid == 0)
			_exit(0);
		break;
	case 8:
		kill(getpid(), SIGKILL);
		break;
	case 9:
		pid = some_sibling();
		if (pid)
			kill(pid, random_number(&state) % 2 ? SIGSTOP : SIGKILL);
		break;
	case 10:
		pid = some_sibling();
		if (pid)
			kill(pid, SIGCONT);
		break;
	case 11:
		trace_sibling();
		break;
	case 12:
		disturb_answerer();
		break;
	case 13:
		make_namespaces();
		break;
	case 14:
		drop_some();
		break;
	default:
		sleep_ms(random_number(&state) % 20);
		break;
	}
}

static void __attribute__((noreturn)) be_body(void)
{
	uint32_t callers = 1 + random_number(&state) % 3, i;
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	ADD(bodies);
	buffer = mmap((void *)(AREA - 2 * PAGE), 2 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (buffer == MAP_FAILED)
		_exit(1);
	record_self();
	for (i = 0; i < callers; i++)
		pthread_create(&thread, NULL, call_for_ever,
			       (void *)(uintptr_t)random_number(&state));
	for (;;) {
		uint32_t us = random_number(&state) % 3000;
		struct timespec time = { .tv_nsec = (long)us * 1000 };

		nanosleep(&time, NULL);
		something();
	}
}

static void __attribute__((noreturn)) be_round(void)
{
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	for (i = 0; i < BODIES; i++) {
		random_number(&state);
		if (fork() == 0) {
			state += (uint64_t)i * 77777;
			be_body();
		}
	}
	while (wait(NULL) > 0)
		;
	_exit(0);
}

/*
 * Rounds of some bodies each. A round ends with all processes of its group, whatever they are by
 * then: changed credentials have taken away the signal at their parent's death.
 */
static int role_actor(void)
{
	while (!shared->end) {
		uint64_t until = now_ms() + BODY_MS;
		pid_t round = fork();
		int left = 1;

		random_number(&state);
		if (round == 0)
			be_round();
		setpgid(round, round);
		while (round > 0 && left && now_ms() < until) {
			siginfo_t info = { .si_pid = 0 };

			sleep_ms(5);
			/* Its number stays its group's until it is reaped. */
			left = waitid(P_PID, (id_t)round, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
			       info.si_pid == 0;
		}
		if (round > 0) {
			kill(-round, SIGKILL);
			waitpid(round, NULL, 0);
		}
	}
	return 0;
}

/* --- the others --- */

static int role_thief(void)
{
	static struct process list[PROCESSES_MOST];
	int used, i;

	while (!shared->end) {
		used = list_supervisor(list, PROCESSES_MOST);
		for (i = 0; i < used; i++) {
			const char *what = attack(&list[i]);

			ADD(attacks);
			if (what)
				found(FOUND_ATTACK, "%s %s, pid %d, by uid %u (%s)", what,
				      list[i].comm, list[i].pid, geteuid(), identity);
		}
		usleep(500);
	}
	return 0;
}

/* A caller that is not dumpable holds a descriptor of a file that its user may not open. */
static int role_agent(int secret)
{
	char room[4096];

	prctl(PR_SET_DUMPABLE, 0);
	record_self();
	while (!shared->end) {
		raw_statmount_fd(secret, 0x3f, room, sizeof(room));
		ADD(calls);
	}
	return 0;
}

/* Reports the state of the supervisor's processes at that moment. */
static void tell_wait(pid_t pid, unsigned int limit)
{
	static struct process list[PROCESSES_MOST];
	int used = list_supervisor(list, PROCESSES_MOST), stopped = 0, running = 0, i;
	struct process process = { .state = '?' };

	for (i = 0; i < used; i++) {
		stopped += list[i].state == 'T' || list[i].state == 't';
		running += list[i].state == 'R';
	}
	read_process(pid, &process);
	found(FOUND_WAIT,
	      "another caller (pid %d, %c) waited for an answer longer than %u ms; of %d processes "
	      "of the supervisor "
	      "%d are stopped, %d run",
	      pid, process.state, limit, used, stopped, running);
}

/* Checks that other callers are answered. A child makes the call, so that it can be killed. */
static int role_watch(void)
{
	record_self();
	while (!shared->end) {
		unsigned int limit = WATCH_MS + WATCH_TIMES * (unsigned int)ordinary_ms();
		uint64_t begin = now_ms();
		pid_t pid = fork();

		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(call_by_name("statmount") < 0);
		}
		while (pid > 0 && waitpid(pid, NULL, WNOHANG) != pid) {
			if (now_ms() - begin > limit) {
				/* Others may have taken the processors since. */
				unsigned int later =
					WATCH_MS + WATCH_TIMES * (unsigned int)ordinary_ms();

				if (later > limit) {
					limit = later;
					continue;
				}
				tell_wait(pid, limit);
				kill(pid, SIGKILL);
				waitpid(pid, NULL, 0);
				break;
			}
			sleep_ms(1);
		}
		ADD(watched);
		sleep_ms(100);
	}
	return 0;
}

/* A set-user-ID program of root that makes no calls: nothing may write to its memory. */
static int role_victim(void)
{
	unsigned char *area = mmap((void *)AREA, 4 * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	uint64_t until = now_ms() + 60;
	size_t i;

	if (area != (void *)AREA)
		return 1;
	memset(area, UNTOUCHED, 4 * PAGE);
	while (now_ms() < until && !shared->end) {
		for (i = 0; i < 4 * PAGE; i++) {
			if (*(volatile unsigned char *)(area + i) != UNTOUCHED) {
				found(FOUND_MEMORY,
				      "byte %zu of a set-user-ID program (uid %u, euid %u)", i,
				      getuid(), geteuid());
				return 0;
			}
		}
		sleep_ms(2);
	}
	return 0;
}

/* After an exec the process may hold other rights, so it is recorded again. */
static int role_asks(void)
{
	uint64_t until = now_ms() + 20 + random_number(&state) % 100;

	record_self();
	while (now_ms() < until && !shared->end) {
		const char *name = call_names[random_number(&state) % 5];

		/* Root may change the mount, which would hide a change by another user. */
		if (geteuid() == 0 && !strcmp(name, "mount_setattr"))
			continue;
		call_by_name(name);
		ADD(calls);
	}
	return 0;
}

int actor_role(const char *role, int argc, char **argv)
{
	int secret = -1;

	if (argc < 2)
		return 99;
	open_shared(false);
	user_id = (uid_t)strtoul(argv[0], NULL, 10);
	state = strtoull(argv[1], NULL, 10) * 2654435761u + user_id;
	identity = argc > 2 ? argv[2] : "";
	if (!strcmp(role, "nap"))
		return sleep_ms(30), 0;
	if (!strcmp(role, "victim"))
		return role_victim();
	if (!strcmp(role, "asks"))
		return role_asks();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!strcmp(role, "agent"))
		secret = open(in_place("secret"), O_RDONLY | O_CLOEXEC);
	become(identity, argv - 2);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!strcmp(role, "actor"))
		return role_actor();
	if (!strcmp(role, "thief"))
		return role_thief();
	if (!strcmp(role, "watch"))
		return role_watch();
	return strcmp(role, "agent") ? 99 : role_agent(secret);
}
