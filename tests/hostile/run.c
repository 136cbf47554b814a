// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * run.c - runs the hostile cases, with one result for each row and variation.
 * Makes a tmpfs and processes in namespaces of their own. Root only. Run by make check-hostile and
 *the kernel matrix: run [--quick] [--plain] [--case PATTERN]... TOOL With --plain the tool is left
 *out, to see the answers of a kernel that has all calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/hostile/hostile.h"
#include "tests/fork-with.h"

#define CASE_MS 150000
#define PATTERNS_MOST 32
#define STATUS_BROKEN 1
#define STATUS_SKIP 77

static const struct hostile_case *const tables[] = {
	look_cases, race_cases,	 reuse_cases,  own_cases,
	hang_cases, start_cases, answer_cases, count_cases,
};
static const struct hostile_role *const roles[] = {
	look_roles, race_roles,	  reuse_roles, own_roles,
	hang_roles, answer_roles, count_roles, start_roles,
};
#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static const char *patterns[PATTERNS_MOST];
static int patterns_used, number, failures;

/* --- in a case --- */

static void __attribute__((noreturn)) end_case(int status, const char *format, va_list list)
{
	vprintf(format, list);
	printf("\n");
	fflush(stdout);
	_exit(status);
}

void broken(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	end_case(STATUS_BROKEN, format, list);
}

void skip(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	end_case(STATUS_SKIP, format, list);
}

void unreachable(void)
{
	skip("no user but root reaches the tool: the tree lies in a closed directory");
}

void note(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf("\n");
	fflush(stdout);
}

/* --- the driver --- */

static bool is_wanted(const struct hostile_case *one, const char *title)
{
	int i;

	if (quick && one->slow)
		return false;
	for (i = 0; i < patterns_used; i++) {
		if (!fnmatch(patterns[i], title, 0))
			return true;
	}
	return !patterns_used;
}

static void __attribute__((noreturn)) be_case(const struct hostile_case *one, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, 1);
	dup2(out, 2);
	must(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mount /proc");
	must(chdir(place), "chdir");
	one->run(one->argument);
	fflush(stdout);
	_exit(0);
}

/* The process is the first of its pid namespace, so all others end with it. */
static int run_case(const struct hostile_case *one, char *text, size_t size)
{
	uint64_t until = now_ms() + CASE_MS;
	int out[2], status = 0;
	size_t used = 0;
	pid_t pid;

	must(pipe2(out, O_CLOEXEC), "pipe");
	fflush(stdout);
	pid = fork_with(CLONE_NEWPID | CLONE_NEWNS | SIGCHLD);
	if (pid == 0)
		be_case(one, out[1]);
	must(pid, "clone");
	close(out[1]);
	for (;;) {
		struct pollfd wait = { .fd = out[0], .events = POLLIN };
		ssize_t n = 1;

		if (poll(&wait, 1, 20) > 0) {
			char room[4096];

			n = read(out[0], used < size - 1 ? text + used : room,
				 used < size - 1 ? size - 1 - used : sizeof(room));
			if (n > 0 && used < size - 1)
				used += (size_t)n;
		}
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
		if (now_ms() > until) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			used += (size_t)snprintf(text + used, size - used, "no end after %d s\n",
						 CASE_MS / 1000);
			used = used < size ? used : size - 1;
			status = STATUS_BROKEN << 8;
			break;
		}
	}
	while (used < size - 1) {
		ssize_t n = read(out[0], text + used, size - 1 - used);

		if (n <= 0)
			break;
		used += (size_t)n;
	}
	close(out[0]);
	text[used] = 0;
	return status;
}

static void print_text(char *text)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			printf("# %s\n", line);
	}
}

static void report(const struct hostile_case *one, const char *title)
{
	static char text[32768];
	uint64_t begin = now_ms();
	int status = run_case(one, text, sizeof(text));

	if (status == STATUS_SKIP << 8) {
		text[strcspn(text, "\n")] = 0;
		printf("ok %d - %s # SKIP %s\n", ++number, title, text);
	} else {
		failures += status != 0;
		printf("%sok %d - %s\n", status ? "not " : "", ++number, title);
		if (WIFSIGNALED(status))
			printf("# killed by signal %d\n", WTERMSIG(status));
		print_text(text);
	}
	if (now_ms() - begin > 1000)
		printf("# took %llu ms\n", (unsigned long long)(now_ms() - begin));
	fflush(stdout);
}

static void run_cases(bool count, int *wanted)
{
	const struct hostile_case *one;
	char title[256];
	size_t i;

	*wanted = 0;
	for (i = 0; i < LENGTH(tables); i++) {
		for (one = tables[i]; one->row; one++) {
			snprintf(title, sizeof(title), "%s %s", one->row, one->name);
			if (!is_wanted(one, title))
				continue;
			++*wanted;
			if (!count)
				report(one, title);
		}
	}
}

static int run_all(char **argv)
{
	static char directory[] = "/tmp/hostile.XXXXXX";
	int wanted, status;
	pid_t pid;

	for (argv++; *argv && **argv == '-'; argv++) {
		if (!strcmp(*argv, "--quick"))
			quick = true;
		else if (!strcmp(*argv, "--plain"))
			plain = true;
		else if (!strcmp(*argv, "--case") && argv[1] && patterns_used < PATTERNS_MOST)
			patterns[patterns_used++] = *++argv;
		else if (!strcmp(*argv, "--")) {
			argv++;
			break;
		} else {
			fprintf(stderr,
				"usage: run [--quick] [--plain] [--case PATTERN]... TOOL\n");
			return 2;
		}
	}
	tool = *argv ? realpath(*argv, NULL) : NULL;
	if (!tool) {
		fprintf(stderr, "run: no tool %s\n", *argv ? *argv : "given");
		return 2;
	}
	if (geteuid() != 0) {
		printf("1..0 # SKIP needs root\n");
		return STATUS_SKIP;
	}
	must(mkdtemp(directory) ? 0 : -1, "mkdtemp");
	run_cases(true, &wanted);
	printf("1..%d\n", wanted);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		make_place(directory);
		run_cases(false, &wanted);
		_exit(failures != 0);
	}
	waitpid(pid, &status, 0);
	rmdir(directory);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* ROLE IDENTITY ARGUMENTS */
static int play(int argc, char **argv)
{
	const struct hostile_role *role;
	size_t i;

	if (argc < 3)
		return 99;
	for (i = 0; i < LENGTH(roles); i++) {
		for (role = roles[i]; role->name; role++) {
			if (strcmp(role->name, argv[1]))
				continue;
			become(argv[2], argv);
			return role->run(argc - 3, argv + 3);
		}
	}
	return 99;
}

int main(int argc, char **argv)
{
	place = getenv("HOSTILE_PLACE");
	setvbuf(stdout, NULL, _IOLBF, 0);
	return place ? play(argc, argv) : run_all(argv);
}
