// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hang.c - calls that never end do not delay other callers, and leave no process when their callers
 * are dead. They wait for a page that never comes, for a silent file server, or for a stopped
 * process. Mounts a filesystem in the case's own mount namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/userfaultfd.h>

#include "tests/hostile/hostile.h"

#define BEGIN_MS 20000
#define ANSWER_MS 2000u
#define GONE_MS 2000u
#define PAGE 4096ul
#define SMALL_STACK 65536

static struct process seen[PROCESSES_MOST];
static char *page;
static const char *how;

/* --- those that hang --- */

static bool register_faults(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	range.range.start = (uintptr_t)page;
	range.range.len = PAGE;
	return fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0 &&
	       ioctl(fd, UFFDIO_REGISTER, &range) == 0;
}

static void *hang(void *unused)
{
	uint64_t id, room[1024];
	struct {
		uint32_t size, fd;
		uint64_t id, param, ns;
	} req = { .size = 32, .id = UINT64_MAX };

	(void)unused;
	if (!strcmp(how, "request"))
		syscall(UAPI_NR_statmount, page, room, sizeof(room), 1);
	else if (!strcmp(how, "answer"))
		syscall(UAPI_NR_listmount, &req, page, 16, 0);
	else if (!strcmp(how, "path"))
		raw_statx_unique(page, &id);
	else if (!strcmp(how, "server"))
		raw_statx_unique(in_place("silent/file"), &id);
	else
		for (;;)
			call_by_name("listmount");
	return NULL;
}

/* Stops the processes that answer its own user. */
static void __attribute__((noreturn)) be_stopper(void)
{
	int used, i;

	for (;;) {
		used = list_supervisor(seen, PROCESSES_MOST);
		for (i = 0; i < used; i++)
			kill(seen[i].pid, SIGSTOP);
		sleep_ms(1);
	}
}

/*
 * Each waits for a page of its own. With @ids each has another user id, as root of a user namespace
 * can make them.
 */
static void begin_processes(int count, bool ids)
{
	int i;

	for (i = 0; i < count; i++) {
		if (must(fork(), "fork"))
			continue;
		if (strcmp(how, "server") && strcmp(how, "stop") && !register_faults())
			_exit(1);
		if (ids)
			user_id = SUBUID + (uid_t)i;
		become("user", NULL);
		hang(NULL);
		_exit(0);
	}
}

/* Begins @count threads or processes whose calls hang. */
static void __attribute__((noreturn)) be_hanger(int count, const char *what, int ready)
{
	bool processes = strcmp(what, "threads");
	pthread_attr_t small;
	pthread_t thread;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	/* Another process keeps the descriptor open, so that the page never comes. */
	if (strcmp(how, "server") && strcmp(how, "stop")) {
		if (!register_faults()) {
			if (write(ready, "n", 1) < 0)
				_exit(98);
			_exit(1);
		}
		if (must(fork(), "fork") == 0) {
			setpgid(0, 0);
			for (;;)
				pause();
		}
	}
	if (processes)
		begin_processes(count, !strcmp(what, "ids"));
	become("user", NULL);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, SMALL_STACK);
	for (i = 0; i < count && !processes; i++) {
		if (pthread_create(&thread, &small, hang, NULL))
			break;
	}
	if (!strcmp(how, "stop") && fork() == 0)
		be_stopper();
	if (write(ready, "y", 1) < 0)
		_exit(98);
	for (;;)
		pause();
}

/* --- the others --- */

/* The milliseconds that one call takes, or -1 if it takes too long. */
static int ask_as(const char *identity, unsigned int limit)
{
	uint64_t begin = now_ms();
	int status;
	pid_t pid = (pid_t)must(fork(), "fork");

	if (pid == 0) {
		become(identity, NULL);
		_exit(call_by_name("statmount") < 0 ? 2 : 0);
	}
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (now_ms() - begin > limit + 1000) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
		sleep_ms(1);
	}
	if (status) {
		say("end %s is not answered (status %#x)", identity, status);
		_exit(0);
	}
	return (int)(now_ms() - begin);
}

static void ask_all(const char *when, bool with_user)
{
	static const char *const identities[] = { "root", "other", "user" };
	int worst[3] = { 0, 0, 0 }, i, k;

	for (i = 0; i < 3; i++) {
		for (k = 0; k < 3; k++) {
			unsigned int limit;
			int ms;

			/* Its user stops the process that would answer this as well. */
			if (!strcmp(identities[i], "user") && !with_user)
				continue;
			limit = ANSWER_MS + 10 * (unsigned int)ordinary_ms();
			ms = ask_as(identities[i], limit);
			if (ms < 0 || ms > (int)limit) {
				say("end %s: %s waits for an answer longer than %u ms", when,
				    identities[i], limit);
				_exit(0);
			}
			worst[i] = ms > worst[i] ? ms : worst[i];
		}
	}
	say("note %s: at most %d ms for root, %d for another user, %d for the same", when, worst[0],
	    worst[1], worst[2]);
}

/* HOW COUNT threads|processes|ids: makes calls before, while and after that many calls hang. */
static int role_others(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 64, ready[2], status;
	pid_t hanger;
	uint64_t until;
	char byte = 'n';

	how = argc > 0 ? argv[0] : "request";
	if (!strcmp(how, "server") && !serve_files(in_place("silent"), SERVE_NOTHING, NULL)) {
		say("none no FUSE: %s", error_name(errno));
		return 0;
	}
	ask_all("before", true);
	must(pipe2(ready, O_CLOEXEC), "pipe");
	hanger = (pid_t)must(fork(), "fork");
	if (hanger == 0)
		be_hanger(count, argc > 2 ? argv[2] : "threads", ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1 || byte != 'y') {
		say("none no userfaultfd");
		return 0;
	}
	/* Not all of them have to be answered at once. */
	for (until = now_ms() + 4000 + (unsigned int)count * 5;
	     now_ms() < until && count_workers() < count;)
		sleep_ms(200);
	say("note %d processes answer", count_workers());
	ask_all("while calls hang", strcmp(how, "stop"));
	kill(-hanger, SIGKILL);
	kill(hanger, SIGKILL);
	waitpid(hanger, &status, 0);
	/* A slow machine needs some time to end so many processes. */
	for (until = now_ms() + GONE_MS + 10 * (unsigned int)count;
	     now_ms() < until && count_workers();)
		sleep_ms(100);
	if (count_workers()) {
		int used = list_supervisor(seen, PROCESSES_MOST), i;

		for (i = 0; i < used && i < 12; i++)
			say("note %s, pid %d, %c, child of %d", seen[i].comm, seen[i].pid,
			    seen[i].state, seen[i].parent);
		say("end %d processes that answered are left long after the callers' death",
		    count_workers());
		return 0;
	}
	ask_all("afterwards", true);
	say("end");
	return 0;
}

/*
 * In a group that may have only so many processes: one user has a call under way, and takes all the
 * processes that are left. Another user makes a call.
 */
static int role_crowd(int argc, char **argv)
{
	int ready[2], go[2], answered[2], count = 0;
	char byte = 'n';
	pid_t pid = 1;
	long ret;

	(void)argc, (void)argv;
	how = "request";
	must(pipe2(ready, O_CLOEXEC) | pipe2(go, O_CLOEXEC) | pipe2(answered, O_CLOEXEC), "pipe");
	if (must(fork(), "fork") == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		become("other", NULL);
		must(call_by_name("statmount"), "a call before");
		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		ret = call_by_name("statmount");
		if (write(answered[1], &ret, sizeof(ret)) < 0)
			_exit(1);
		_exit(0);
	}
	if (must(fork(), "fork") == 0)
		be_hanger(1, "threads", ready[1]);
	if (read(ready[0], &byte, 1) != 1 || byte != 'y') {
		say("none no userfaultfd");
		return 0;
	}
	sleep_ms(1000);
	/* Idle workers have ended by then. */
	while (pid >= 0 && count < 1000) {
		pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		count++;
	}
	must(pid < 0 ? 0 : -1, "no limit");
	must(write(go[1], "", 1), "write");
	alarm(10);
	if (read(answered[0], &ret, sizeof(ret)) == sizeof(ret))
		say("end answered: %s", ret < 0 ? error_name((int)-ret) : "ok");
	return 0;
}

const struct hostile_role hang_roles[] = { { "others", role_others },
					   { "crowd", role_crowd },
					   { NULL, NULL } };

/* --- cases --- */

/* "HOW COUNT threads|processes|ids" */
static void case_hang(const char *argument)
{
	char how_it_hangs[32], count[16], what[16];
	const char *line;
	struct run run;
	char *at;

	must(sscanf(argument, "%31s %15s %15s", how_it_hangs, count, what) == 3 ? 0 : -1, argument);
	if (!strcmp(how_it_hangs, "stop"))
		make_slow_world(200);
	RUN(&run, RUN_ERRORS, "others", "root", how_it_hangs, count, what);
	line = run_expect(&run, "end", 60000);
	for (at = run.text; (at = strstr(at, "note ")); at++)
		note("%.*s", (int)strcspn(at + 5, "\n"), at + 5);
	at = strstr(run.text, "none ");
	if (at)
		skip("%.*s", (int)strcspn(at + 5, "\n"), at + 5);
	if (!line)
		broken("promise: no caller waits for another: no end after 60 s: %s", run.text);
	if (*line)
		broken("promise: no caller waits for another:%s", line);
}

/* Makes a group of at most @most processes in @group. */
static bool make_group(char *group, size_t size, const char *most)
{
	const char *where = in_place("groups");
	char path[400];

	mkdir(where, 0755);
	if (mount("groups", where, "cgroup", 0, "pids") < 0) {
		if (mount("groups", where, "cgroup2", 0, NULL) < 0)
			return false;
		snprintf(path, sizeof(path), "%s/cgroup.subtree_control", where);
		if (!write_text(path, "+pids"))
			return false;
	}
	snprintf(group, size, "%s/crowd-%d", where, (int)getpid() + (int)(now_ms() % 1000000));
	if (mkdir(group, 0755) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/pids.max", group);
	return write_text(path, most);
}

static void case_crowd(const char *argument)
{
	char group[300], path[320], copy[256] = "";
	const char *line;
	struct run run;

	if (!make_group(group, sizeof(group), argument))
		skip("no groups that limit processes: %s", error_name(errno));
	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	memset(&run, 0, sizeof(run));
	if (!write_text(path, "0")) {
		rmdir(group);
		skip("no process goes into a group: %s", error_name(errno));
	}
	RUN(&run, RUN_ERRORS, "crowd", "root");
	line = run_expect(&run, "end ", BEGIN_MS);
	if (line)
		snprintf(copy, sizeof(copy), "%s", line);
	snprintf(path, sizeof(path), "%s/cgroup.procs", in_place("groups"));
	write_text(path, "0");
	/* All of this pid namespace. */
	if (getpid() == 1)
		kill(-1, SIGKILL);
	run_wait(&run, 5000);
	sleep_ms(500);
	if (rmdir(group) < 0)
		note("the group %s stays: %s", group, error_name(errno));
	if (strstr(run.text, "none "))
		skip("no userfaultfd");
	if (!*copy)
		broken("promise: no caller waits for another, where there can be no more "
		       "processes; no answer: %s",
		       run.text);
	note("%s", copy);
}

#define HANG(title, argument, slow) \
	{ \
		"S6", title, case_hang, argument, slow \
	}

const struct hostile_case hang_cases[] = {
	HANG("64 threads wait for the page of their request", "request 64 threads", false),
	HANG("300 threads wait for the page of their request", "request 300 threads", false),
	HANG("300 processes wait for the page of their request", "request 300 processes", true),
	HANG("300 processes of as many users wait for the page of their request", "request 300 ids",
	     false),
	HANG("2400 processes of as many users wait for the page of their request",
	     "request 2400 ids", true),
	HANG("64 threads wait for the page of their answer", "answer 64 threads", false),
	HANG("300 threads wait for the page of their answer", "answer 300 threads", true),
	HANG("64 threads wait for the page of their path", "path 64 threads", true),
	HANG("64 threads wait for a silent file server", "server 64 threads", false),
	HANG("300 threads wait for a silent file server", "server 300 threads", true),
	HANG("64 threads, and their user stops what answers", "stop 64 threads", true),
	HANG("16 processes, and their user stops what answers", "stop 16 processes", false),
	{ "S6", "another user has taken all processes that there may be", case_crowd, "40", false },
	{ NULL, NULL, NULL, NULL, false },
};
