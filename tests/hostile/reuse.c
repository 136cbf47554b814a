// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reuse.c - process numbers that denote another process: in the /proc of an outer pid namespace,
 * and after reuse of the number while a call is answered. Makes pid namespaces and processes with
 * chosen numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
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

#define BEGIN_MS 20000
#define ROOTS_NUMBER \
	150 /* more processes than the tool starts, so that this number is still free inside */
#define AREA 0x20000000ul
#define PAGE 4096ul
#define BEFORE 16ul
#define UNTOUCHED 0x5a

static unsigned long attributes(void)
{
	struct statvfs st;

	return statvfs(in_place("attr"), &st) < 0 ? 0 :
						    st.f_flag & (ST_RDONLY | ST_NOSUID | ST_NODEV);
}

/* --- /proc of another pid namespace --- */

/* NUMBER: forks until a process has that number, which makes a call that only root may make. */
static int role_numbered(int argc, char **argv)
{
	pid_t wanted = argc > 0 ? atoi(argv[0]) : 0;
	int status = 0;

	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			long ret;

			if (getpid() != wanted)
				_exit(getpid() > wanted ? 2 : 1);
			ret = raw_mount_setattr(in_place("attr"), 0, 7);
			say("answer %s", ret < 0 ? error_name((int)-ret) : "done");
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || WEXITSTATUS(status) == 2) {
			say("answer number %d is not to be had", wanted);
			return 1;
		}
		if (WEXITSTATUS(status) == 0)
			return 0;
	}
}

/* Begins a process of root and returns its number outside, which it reads from /proc/self. */
static pid_t begin_root(void)
{
	char text[32] = "";
	int numbers[2];

	must(pipe2(numbers, O_CLOEXEC), "pipe");
	if (must(fork(), "fork") == 0) {
		must(readlink("/proc/self", text, sizeof(text) - 1), "/proc/self");
		must(write(numbers[1], text, sizeof(text)), "write");
		for (;;)
			pause();
	}
	must(read(numbers[0], text, sizeof(text)), "read");
	return atoi(text);
}

static void __attribute__((noreturn)) be_inside(bool in_userns)
{
	char number[16];
	pid_t pid;

	if (in_userns)
		become("subuid", NULL);
	must(unshare(CLONE_NEWPID), "unshare(CLONE_NEWPID)");
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0) {
		snprintf(number, sizeof(number), "%d", begin_root());
		pid = (pid_t)must(fork(), "fork");
		if (pid == 0) {
			execl(tool, tool, "--kernel", LEVEL, "run", "--seccomp", "--",
			      in_place("self"), "numbered", "user", number, NULL);
			_exit(97);
		}
		waitpid(pid, NULL, 0);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	_exit(0);
}

/* The tool runs in a new pid namespace in which /proc still belongs to the outer one. */
static void case_outer_proc(const char *argument)
{
	unsigned long before = attributes();
	const char *line;
	struct run run;
	int out[2], i;

	for (i = 0; i < ROOTS_NUMBER; i++) {
		pid_t pid = (pid_t)must(fork(), "fork");

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	memset(&run, 0, sizeof(run));
	must(pipe2(out, O_CLOEXEC), "pipe");
	run.out = out[0];
	run.pid = (pid_t)must(fork(), "fork");
	if (run.pid == 0) {
		dup2(out[1], 1);
		dup2(out[1], 2);
		be_inside(!strcmp(argument, "userns"));
	}
	close(out[1]);
	line = run_expect(&run, "answer ", BEGIN_MS);
	if (!line)
		run_wait(&run, 1000);
	if (attributes() != before)
		broken("promise: a task is not looked up by a number of another pid namespace; uid "
		       "%d did what only root "
		       "may do to a mount",
		       USER);
	if (line && !strcmp(line, "EPERM"))
		return;
	/* A refusal at the start, in one line, is right as well. */
	if (!line && strstr(run.text, "mntcompat: ") &&
	    strchr(run.text, '\n') == strrchr(run.text, '\n')) {
		note("%s", run.text);
		return;
	}
	broken("promise: EPERM, or a refusal in one line; got %s: %s", line ? line : "no answer",
	       run.text);
}

/* --- reuse of a number --- */

static int fault_fd = -1, told[2];

static bool register_faults(void *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .range = { (uintptr_t)page, PAGE },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };

	fault_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	return fault_fd >= 0 && ioctl(fault_fd, UFFDIO_API, &api) == 0 &&
	       ioctl(fault_fd, UFFDIO_REGISTER, &range) == 0;
}

static void __attribute__((noreturn)) be_heir(void)
{
	uint64_t until = now_ms() + 1500;
	unsigned char *area = mmap((void *)AREA, 4 * PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	size_t i;

	if (area != (void *)AREA)
		_exit(99);
	memset(area, UNTOUCHED, 4 * PAGE);
	if (write(told[1], "", 1) != 1)
		_exit(99);
	while (now_ms() < until) {
		for (i = 0; i < 4 * PAGE; i++) {
			if (*(volatile unsigned char *)(area + i) != UNTOUCHED)
				_exit(1);
		}
		sleep_ms(5);
	}
	_exit(0);
}

/*
 * CALL: a user's process is killed while its answer is written, and a process of root gets its
 * number. The memory of that process must stay as it is.
 */
static int role_heir(int argc, char **argv)
{
	struct uffdio_zeropage zero = { .range = { AREA - PAGE, PAGE } };
	struct pollfd wait = { .events = POLLIN };
	struct uffd_msg message;
	char byte;
	int status = 0;
	pid_t pid, heir;
	char *page = mmap((void *)(AREA - PAGE), PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	int sockets[2];

	if (argc < 1 || page != (void *)(AREA - PAGE))
		return 99;
	must(pipe2(told, O_CLOEXEC) | pipe2(sockets, O_CLOEXEC), "pipe");
	/* The child registers the page, and this process gets the descriptor by pidfd_getfd(2). */
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0) {
		struct {
			uint32_t size, fd;
			uint64_t id, param, ns;
		} req = { .size = 32, .id = UINT64_MAX };

		if (!register_faults(page)) {
			fault_fd = -1;
			_exit(write(sockets[1], &fault_fd, sizeof(fault_fd)) < 0);
		}
		become("user", NULL);
		if (write(sockets[1], &fault_fd, sizeof(fault_fd)) < 0 ||
		    read(told[0], &byte, 1) != 1)
			_exit(99);
		if (!strcmp(argv[0], "statmount"))
			raw_statmount_fd(open("/proc", O_PATH | O_CLOEXEC), 0x3f,
					 (void *)(AREA - BEFORE), 4096);
		else
			syscall(UAPI_NR_listmount, &req, (void *)(AREA - BEFORE), 100, 0);
		_exit(0);
	}
	must(read(sockets[0], &fault_fd, sizeof(fault_fd)), "read");
	if (fault_fd >= 0)
		fault_fd = (int)syscall(UAPI_NR_pidfd_getfd,
					(int)syscall(UAPI_NR_pidfd_open, pid, 0), fault_fd, 0);
	if (fault_fd < 0) {
		say("end none: no userfaultfd");
		return 0;
	}
	must(write(told[1], "", 1), "write");
	wait.fd = fault_fd;
	if (poll(&wait, 1, 8000) <= 0 ||
	    read(fault_fd, &message, sizeof(message)) != sizeof(message)) {
		say("end test: nobody waits for the page");
		return 0;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	munmap(page, PAGE);
	heir = (pid_t)raw_clone3(0, pid, SIGCHLD);
	if (heir == 0)
		be_heir();
	if (heir < 0) {
		say("end none: the kernel gives no chosen number: %s", error_name(errno));
		return 0;
	}
	must(read(told[0], &byte, 1), "read");
	ioctl(fault_fd, UFFDIO_ZEROPAGE, &zero);
	waitpid(heir, &status, 0);
	say("end %s", status == 0	       ? "untouched" :
		      WEXITSTATUS(status) == 1 ? "the memory of root's process was written" :
						 "test: the next process did not work");
	return 0;
}

static void case_heir(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS, "heir", "root", argument);
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line || !strncmp(line, "test: ", 6))
		broken("the test does not work here: %s", run.text);
	if (!strncmp(line, "none: ", 6))
		skip("%s", line + 6);
	if (strcmp(line, "untouched"))
		broken("promise: a task is not looked up again by its number; %s", line);
}

const struct hostile_role reuse_roles[] = {
	{ "numbered", role_numbered },
	{ "heir", role_heir },
	{ NULL, NULL },
};

const struct hostile_case reuse_cases[] = {
	{ "S4", "/proc is that of an outer pid namespace: a user with the number of root's process",
	  case_outer_proc, "", false },
	{ "S4", "/proc is that of an outer pid namespace: below root of a user namespace",
	  case_outer_proc, "userns", false },
	{ "S4", "the number of a killed caller is given to root's process: statmount", case_heir,
	  "statmount", false },
	{ "S4", "the number of a killed caller is given to root's process: listmount", case_heir,
	  "listmount", true },
	{ NULL, NULL, NULL, NULL, false },
};
