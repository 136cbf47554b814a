// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * race.c - a caller executes a set-user-ID program of root while its call is answered: the call
 * must not be made with the rights of that program, and the answer must not be written to its
 * memory. The program is a copy of this one. Changes a mount of the case's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/userfaultfd.h>

#include "tests/hostile/hostile.h"

#define HOGS 20
#define BEGIN_MS 20000
#define VICTIM_FD 10 /* the victim writes here when its memory is mapped */
#define AREA 0x20000000ul
#define PAGE 4096ul
#define BEFORE 16ul /* bytes of the answer that lie before the area */
#define UNTOUCHED 0x5a

static struct process seen[PROCESSES_MOST];

/* --- set-user-ID programs --- */

static int role_nap(int argc, char **argv)
{
	sleep_ms(argc > 0 ? (unsigned int)atoi(argv[0]) : 200);
	return 0;
}

/* MILLISECONDS: watches its own memory. */
static int role_victim(int argc, char **argv)
{
	uint64_t until = now_ms() + (argc > 0 ? (uint64_t)atoi(argv[0]) : 1000);
	unsigned char *area = mmap((void *)AREA, 4 * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	size_t i;

	if (area != (void *)AREA)
		return 99;
	memset(area, UNTOUCHED, 4 * PAGE);
	if (write(VICTIM_FD, "", 1) < 0 && errno != EBADF)
		return 99;
	while (now_ms() < until) {
		for (i = 0; i < 4 * PAGE; i++) {
			if (*(volatile unsigned char *)(area + i) != UNTOUCHED) {
				say("end the memory of a set-user-ID program (euid %u) was written "
				    "at byte %zu",
				    geteuid(), i);
				return 0;
			}
		}
		sleep_ms(5);
	}
	say("untouched");
	return 0;
}

/* --- rights --- */

static pid_t leader;
static volatile int second_ready;
static const char *trigger;
static uint64_t wait_us;

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Waits until the supervisor and its workers are at least so many processes. */
static void wait_for_workers(int least, uint64_t until)
{
	while (list_supervisor(seen, PROCESSES_MOST) < least && now_ms() < until)
		;
}

/* Waits until there is a process that is to become a caller: idle workers do not count. */
static void wait_for_child(uint64_t until)
{
	int used, i;

	do {
		used = list_supervisor(seen, PROCESSES_MOST);
		for (i = 0; i < used && strcmp(seen[i].comm, "mntcompat-call"); i++)
			;
	} while (i == used && now_ms() < until);
}

static void wait_for_call(void)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", leader);
	do {
		if (read_text(path, text, sizeof(text)) < 0)
			return;
	} while (strncmp(text, "442 ", 4));
}

static void *switch_program(void *unused)
{
	char *argv[] = { (char *)in_place("setroot"), "nap", "root", "250", NULL };
	uint64_t until;

	(void)unused;
	second_ready = 1;
	wait_for_call();
	/* The process that answers takes over the caller's processor, which is busy. */
	pin_task(leader, 0);
	if (!strcmp(trigger, "worker"))
		wait_for_workers(2, now_ms() + 200);
	else if (!strcmp(trigger, "child"))
		wait_for_child(now_ms() + 200);
	for (until = now_us() + wait_us; now_us() < until;)
		;
	execv(argv[0], argv);
	_exit(1);
}

static unsigned long attributes(void)
{
	struct statvfs st;

	return statvfs(in_place("attr"), &st) < 0 ? 0 :
						    st.f_flag & (ST_RDONLY | ST_NOSUID | ST_NODEV);
}

static void __attribute__((noreturn)) be_switcher(void)
{
	pthread_t thread;

	leader = getpid();
	if (pthread_create(&thread, NULL, switch_program, NULL))
		_exit(1);
	while (!second_ready)
		;
	raw_mount_setattr(in_place("attr"), 0, 7);
	pause();
	_exit(0);
}

/*
 * TRIGGER ROUNDS: a thread executes the program right after the trigger, a little later in each
 * round.
 */
static int role_switch(int argc, char **argv)
{
	unsigned long before = attributes();
	int rounds, i;
	long ret;

	if (argc < 2)
		return 99;
	trigger = argv[0];
	rounds = atoi(argv[1]);
	ret = raw_mount_setattr(in_place("attr"), 0, 7);
	say("ready");
	if (ret != -EPERM) {
		say("end test: this user is answered %s", error_name((int)-ret));
		return 0;
	}
	for (i = 0; i < HOGS; i++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pin_to(0);
			for (;;)
				;
		}
	}
	pin_to(1);
	for (i = 0; i < rounds; i++) {
		pid_t pid = (pid_t)must(fork(), "fork");

		wait_us = (uint64_t)(i % 20) * 50;
		if (pid == 0)
			be_switcher();
		sleep_ms(250);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		if (attributes() != before) {
			say("end round %d: read-only, nosuid and nodev of a mount were taken away "
			    "by uid %u",
			    i, getuid());
			return 0;
		}
	}
	say("end untouched");
	return 0;
}

static volatile int *hold;

static void *switch_when_held(void *unused)
{
	char *argv[] = { (char *)in_place("setroot"), "nap", "root", "1500", NULL };
	uint64_t until = now_ms() + 5000;

	(void)unused;
	while (*hold != HOLDS && now_ms() < until)
		;
	execv(argv[0], argv);
	_exit(1);
}

/*
 * The working directory is on a file server that holds back the access check of a process that
 * enters it. The call asks for none, nor may what answers it; if it does, the exec comes meanwhile.
 */
static int role_switch_held(int argc, char **argv)
{
	unsigned long before = attributes();
	const char *where = in_place("files");
	struct holdings now;
	pthread_t thread;
	uint64_t until;
	pid_t pid;

	(void)argc, (void)argv;
	hold = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (hold == MAP_FAILED || !serve_files(where, SERVE_ALL, hold)) {
		say("end none: no FUSE: %s", error_name(errno));
		return 0;
	}
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0) {
		must(chdir(where), "chdir");
		become("user", NULL);
		must(pthread_create(&thread, NULL, switch_when_held, NULL) ? -1 : 0, "thread");
		*hold = HOLD_NEXT;
		raw_mount_setattr(in_place("attr"), 0, 7);
		pause();
	}
	/* Released as soon as the exec is done. */
	for (until = now_ms() + 6000; now_ms() < until && *hold != HOLDS;)
		usleep(200);
	say("%s", *hold == HOLDS ? "held" : "not held");
	while (now_ms() < until && *hold == HOLDS) {
		if (read_holdings(pid, &now) && now.uid[1] == 0)
			break;
	}
	*hold = HOLD_NOT;
	sleep_ms(500);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (attributes() != before)
		say("end read-only, nosuid and nodev of a mount were taken away by uid %u", USER);
	else
		say("end untouched");
	return 0;
}

/* --- memory --- */

static int fault_fd = -1, victim_pipe[2];
static char *victim_ms = "1200";

static void execute_victim(void)
{
	char *argv[] = { (char *)in_place("setroot"), "victim", "root", victim_ms, NULL };

	dup2(victim_pipe[1], VICTIM_FD);
	execv(argv[0], argv);
	_exit(1);
}

/* Executes the victim when the first byte of the answer is being written. */
static void *switch_at_fault(void *unused)
{
	struct pollfd wait = { .fd = fault_fd, .events = POLLIN };
	struct uffd_msg message;

	(void)unused;
	if (poll(&wait, 1, 8000) <= 0 ||
	    read(fault_fd, &message, sizeof(message)) != sizeof(message))
		return NULL;
	say("waits");
	execute_victim();
	return NULL;
}

static void *switch_at_random(void *argument)
{
	uint64_t until = now_us() + *(uint32_t *)argument % 2500;

	while (now_us() < until)
		;
	execute_victim();
	return NULL;
}

/* Root may always handle page faults that the kernel itself causes. */
static bool register_faults(void *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .range = { (uintptr_t)page, PAGE },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };

	fault_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	return fault_fd >= 0 && ioctl(fault_fd, UFFDIO_API, &api) == 0 &&
	       ioctl(fault_fd, UFFDIO_REGISTER, &range) == 0;
}

/* Provides the page when the victim's memory is mapped. */
static void __attribute__((noreturn)) be_keeper(void *page)
{
	struct uffdio_zeropage zero = { .range = { (uintptr_t)page, PAGE } };
	char byte;

	prctl(PR_SET_PDEATHSIG, 0);
	close(victim_pipe[1]);
	if (read(victim_pipe[0], &byte, 1) == 1)
		sleep_ms(50);
	ioctl(fault_fd, UFFDIO_ZEROPAGE, &zero);
	_exit(0);
}

/* Makes the call with an answer that begins shortly before the area. */
static long call_across(const char *call)
{
	char *at = (char *)(AREA - BEFORE);
	uint64_t id = 0;
	struct {
		uint32_t size, fd;
		uint64_t id, param, ns;
	} req = { .size = 32, .id = UINT64_MAX };

	if (!strcmp(call, "statmount"))
		return raw_statmount_fd(open("/proc", O_PATH | O_CLOEXEC), 0x3f, at, 4096);
	if (!strcmp(call, "listmount"))
		return syscall(UAPI_NR_listmount, &req, at, 100, 0);
	if (!strcmp(call, "statx"))
		return syscall(SYS_statx, AT_FDCWD, "/", 0, 0x4000 | 0x7ff, at);
	if (!strcmp(call, "listns"))
		return raw_listns(0, (uint64_t *)(void *)at, 100);
	(void)id;
	return -EINVAL;
}

static bool map_before_area(void)
{
	char *page = (char *)AREA - PAGE;

	return mmap(page, PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == page;
}

/* CALL: the answer waits for a page, so that the exec falls into the middle of it. */
static int role_overwrite(int argc, char **argv)
{
	pthread_t thread;
	long ret;

	if (argc < 1 || !map_before_area())
		return 99;
	if (!register_faults((char *)AREA - PAGE)) {
		say("end no userfaultfd: %s", error_name(errno));
		return 0;
	}
	must(pipe2(victim_pipe, O_CLOEXEC), "pipe");
	if (must(fork(), "fork") == 0)
		be_keeper((char *)AREA - PAGE);
	close(victim_pipe[0]);
	become("user", NULL);
	must(pthread_create(&thread, NULL, switch_at_fault, NULL) ? -1 : 0, "thread");
	ret = call_across(argv[0]);
	say("returned %s", ret < 0 ? error_name(errno) : "ok");
	pause();
	return 0;
}

/* CALL ROUNDS: the exec comes at random moments. */
static int role_overwrite_plain(int argc, char **argv)
{
	uint64_t state = 11;
	int i;

	if (argc < 2)
		return 99;
	victim_ms = "60";
	say("waits");
	for (i = 0; i < atoi(argv[1]); i++) {
		uint32_t us = random_number(&state);
		pid_t pid = (pid_t)must(fork(), "fork");

		if (pid == 0) {
			pthread_t thread;

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			victim_pipe[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
			if (!map_before_area() ||
			    pthread_create(&thread, NULL, switch_at_random, &us))
				_exit(99);
			for (;;)
				call_across(argv[0]);
		}
		waitpid(pid, NULL, 0);
	}
	say("end rounds");
	return 0;
}

const struct hostile_role race_roles[] = {
	{ "nap", role_nap },
	{ "victim", role_victim },
	{ "switch", role_switch },
	{ "switch-held", role_switch_held },
	{ "overwrite", role_overwrite },
	{ "overwrite-plain", role_overwrite_plain },
	{ NULL, NULL },
};

/* --- cases --- */

static void case_switch(const char *argument)
{
	struct run run;
	const char *line;

	/* With one processor the race is less likely. */
	RUN(&run, RUN_ERRORS, "switch", "user", argument, quick ? "10" : "60");
	if (!run_expect(&run, "ready", BEGIN_MS))
		broken("the test does not work here: %s", run.text);
	line = run_expect(&run, "end ", 110000);
	if (!line)
		broken("the test does not work here: %s", run.text);
	if (!strncmp(line, "test: ", 6))
		broken("the test does not work here: %s", line);
	if (strcmp(line, "untouched"))
		broken("promise: a call is made with the rights that its caller had; %s", line);
}

static void case_switch_held(const char *argument)
{
	const char *line;
	struct run run;

	(void)argument;
	RUN(&run, RUN_ERRORS, "switch-held", "root");
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line)
		broken("the test does not work here: %s", run.text);
	if (!strncmp(line, "none: ", 6))
		skip("%s", line + 6);
	if (strcmp(line, "untouched"))
		broken("promise: a call is made with the rights that its caller had; %s", line);
	if (!strstr(run.text, "not held"))
		broken("promise: no file server is asked that the call itself does not ask");
}

static void case_overwrite(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS, "overwrite", "root", argument);
	line = run_expect(&run, "end ", 100);
	if (!line && !run_expect(&run, "waits", BEGIN_MS)) {
		if (!(line = run_expect(&run, "end ", 0)))
			broken("the test does not work here: nobody waits for the page: %s",
			       run.text);
	}
	if (line && !strncmp(line, "no userfaultfd", 14))
		skip("%s", line);
	if (!line && !run_expect(&run, "untouched", 8000))
		line = run_expect(&run, "end ", 0);
	if (line)
		broken("promise: an answer is written to the memory of its caller only; %s", line);
	if (!run_expect(&run, "untouched", 0))
		broken("the test does not work here: the victim did not run: %s", run.text);
}

static void case_overwrite_plain(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS, "overwrite-plain", "user", argument, quick ? "25" : "200");
	line = run_expect(&run, "end ", 60000);
	if (line && strcmp(line, "rounds"))
		broken("promise: an answer is written to the memory of its caller only; %s", line);
	if (!line || !run_expect(&run, "untouched", 0))
		broken("the test does not work here: %s", run.text);
}

const struct hostile_case race_cases[] = {
	{ "S2",
	  "the working directory's file server is not asked while a thread executes a program",
	  case_switch_held, "", false },
	{ "S2", "a thread executes a set-user-ID program as soon as a worker begins", case_switch,
	  "worker", true },
	{ "S2", "a thread executes a set-user-ID program as soon as the worker has a child",
	  case_switch, "child", false },
	{ "S2", "a thread executes a set-user-ID program soon after the call", case_switch, "call",
	  false },
	{ "S3", "a set-user-ID program's memory stays as it is: statmount", case_overwrite,
	  "statmount", false },
	{ "S3", "a set-user-ID program's memory stays as it is: listmount", case_overwrite,
	  "listmount", false },
	{ "S3", "a set-user-ID program's memory stays as it is: statx", case_overwrite, "statx",
	  true },
	{ "S3", "a set-user-ID program's memory stays as it is: statmount, random moments",
	  case_overwrite_plain, "statmount", false },
	{ "S3", "a set-user-ID program's memory stays as it is: listmount, random moments",
	  case_overwrite_plain, "listmount", true },
	{ NULL, NULL, NULL, NULL, false },
};
