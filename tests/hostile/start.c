// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * start.c - limits and filters that hinder the supervisor: calls are answered, or the tool prints
 * one line and ends with status 125 before it starts the command. Sets limits and filters in
 * processes of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "tests/hostile/hostile.h"

#define BEGIN_MS 30000
#define FILTERED_MOST 8

static rlim_t limit;
static int filtered[FILTERED_MOST], filtered_used, filter_error = EPERM;

static void set_limit(void)
{
	struct rlimit most = { limit, limit };

	must(setrlimit(RLIMIT_NOFILE, &most), "setrlimit");
}

static void set_filter(void)
{
	struct sock_filter code[2 + 2 * FILTERED_MOST];
	struct sock_fprog program = { .filter = code };
	int i;

	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							   offsetof(struct seccomp_data, nr));
	for (i = 0; i < filtered_used; i++) {
		code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
								   (uint32_t)filtered[i], 0, 1);
		code[program.len++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)filter_error);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (geteuid() != 0)
		must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
}

static void expect_answers_or_refusal(struct run *run)
{
	int status;
	char *end;

	status = run_wait(run, BEGIN_MS);
	end = strstr(run->text, "end\n");
	if (status == 0 && end == run->text)
		return;
	if (status == 125 << 8 && !end && !strncmp(run->text, "mntcompat: ", 11) &&
	    strchr(run->text, '\n') == strrchr(run->text, '\n')) {
		note("%s", run->text);
		return;
	}
	broken("promise: calls are answered, or the tool prints one line and ends with 125; status "
	       "%#x\n%s",
	       status, run->text);
}

/* "SUPERVISOR LIMIT": a limit of descriptors for the tool and its command. */
static void case_limit(const char *argument)
{
	unsigned long number;
	char whose[32];
	struct run run;

	must(sscanf(argument, "%31s %lu", whose, &number) == 2 ? 0 : -1, argument);
	limit = number;
	run_before = set_limit;
	RUN(&run, RUN_ERRORS | (strcmp(whose, "user's") ? 0 : RUN_AS_USER), "ask", "root",
	    "statmount", "listmount", strcmp(whose, "user's") ? "open_tree" : "statx", "listns");
	expect_answers_or_refusal(&run);
}

/* "SUPERVISOR ERROR NAME...": a filter makes these calls fail for the whole run. */
static void case_filter(const char *argument)
{
	bool user = !strncmp(argument, "user's", 6);
	struct run run;

	filter_error = strstr(argument, "ENOSYS") ? ENOSYS : EPERM;
	if (strstr(argument, "pidfd_getfd"))
		filtered[filtered_used++] = UAPI_NR_pidfd_getfd;
	if (strstr(argument, "process_vm_readv"))
		filtered[filtered_used++] = SYS_process_vm_readv;
	if (strstr(argument, "process_vm_writev"))
		filtered[filtered_used++] = SYS_process_vm_writev;
	if (strstr(argument, "kcmp"))
		filtered[filtered_used++] = SYS_kcmp;
	if (strstr(argument, "pidfd_open"))
		filtered[filtered_used++] = UAPI_NR_pidfd_open;
	run_before = set_filter;
	RUN(&run, RUN_ERRORS | (user ? RUN_AS_USER : 0), "ask", "root", "statmount", "listmount",
	    user ? "statx" : "open_tree", "listns");
	expect_answers_or_refusal(&run);
}

/* Everybody can read command lines; the command may have cleared its own. */
static void case_words(const char *argument)
{
	static const char secret[] = "a-password";
	char path[64], text[4096];
	ssize_t size, i;
	struct run run;
	pid_t pid;
	int fd;

	(void)argument;
	RUN(&run, RUN_ERRORS, "naps", "root", secret);
	if (!run_expect(&run, "naps", BEGIN_MS) || !(pid = find_supervisor()))
		broken("the test does not work here: %s", run.text);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	fd = (int)must(open(path, O_RDONLY | O_CLOEXEC), path);
	size = (ssize_t)must(read(fd, text, sizeof(text)), path);
	for (i = 0; i + (ssize_t)sizeof(secret) <= size; i++) {
		if (!memcmp(text + i, secret, sizeof(secret) - 1))
			broken("promise: the supervisor keeps no argument of the command");
	}
	close(fd);
}

static void adopt(void)
{
	must(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "PR_SET_CHILD_SUBREAPER");
}

/* A command that adopts orphans, by an attribute that execve(2) keeps. */
static void case_adopts(const char *argument)
{
	const char *line;
	struct run run;

	(void)argument;
	run_before = adopt;
	RUN(&run, RUN_ERRORS, "children", "root");
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line || strcmp(line, "none, adopts"))
		broken("promise: the command has no supervisor for a child; %s",
		       line ? line : run.text);
}

static int role_children(int argc, char **argv)
{
	int adopts = 0;

	(void)argc, (void)argv;
	prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0);
	say("end %s, %s", waitpid(-1, NULL, WNOHANG) < 0 ? "none" : "a child",
	    adopts ? "adopts" : "does not adopt");
	return 0;
}

static int role_nap_here(int argc, char **argv)
{
	(void)argc, (void)argv;
	say("naps");
	sleep_ms(3000);
	return 0;
}

const struct hostile_role start_roles[] = { { "children", role_children },
					    { "naps", role_nap_here },
					    { NULL, NULL } };

#define LIMIT(argument, slow) \
	{ \
		"S8", "answers or a refusal with a limit of descriptors: " argument, case_limit, \
			argument, slow \
	}
#define FILTER(argument, slow) \
	{ \
		"S8", "answers or a refusal with filtered calls: " argument, case_filter, \
			argument, slow \
	}

const struct hostile_case start_cases[] = {
	{ "S1", "arguments of the command are not kept", case_words, "", false },
	{ "S9", "a command that adopts orphans gets no child", case_adopts, "", false },
	LIMIT("root's 256", false),
	LIMIT("root's 64", false),
	LIMIT("root's 32", false),
	LIMIT("root's 12", true),
	LIMIT("user's 256", false),
	LIMIT("user's 64", true),
	LIMIT("user's 32", false),
	FILTER("root's EPERM pidfd_getfd", false),
	FILTER("root's EPERM process_vm_readv process_vm_writev", false),
	FILTER("root's EPERM pidfd_getfd process_vm_readv process_vm_writev kcmp", false),
	FILTER("root's ENOSYS pidfd_getfd process_vm_readv process_vm_writev kcmp", true),
	FILTER("root's EPERM pidfd_open pidfd_getfd", true),
	FILTER("user's EPERM pidfd_getfd", true),
	FILTER("user's EPERM pidfd_getfd process_vm_readv process_vm_writev kcmp", false),
	{ NULL, NULL, NULL, NULL, false },
};
