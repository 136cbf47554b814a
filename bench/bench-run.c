// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-run.c - the cost of being supervised: a call unrelated to mounts, calls that are answered,
 * and the start of a program by the tool.
 * Starts processes that measure on demand: a free one, one with a filter that allows everything, a
 * supervised one. Runs the tool of the build directory that is its working directory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <mntcompat.h>
#include "bench/bench.h"
#include "compat/kernel/uapi.h"
#include "supervisor/supervisor.h"

#define SPEC_ALLOW 4u /* SECCOMP_FILTER_FLAG_SPEC_ALLOW */

enum who { WHO_FREE, WHO_FILTERED, WHO_SUPERVISED, WHO_COUNT };

static int root_fd;

static int once_getppid(void)
{
	return syscall(SYS_getppid) < 0 ? -errno : 0;
}

static void request_for(struct mntcompat_mnt_id_req *req)
{
	memset(req, 0, sizeof(*req));
	req->size = sizeof(*req);
	req->mnt_fd = (uint32_t)root_fd;
	req->param = 0x17;
}

static int once_raw(void)
{
	struct mntcompat_mnt_id_req req;
	char buf[4096];

	request_for(&req);
	return syscall(UAPI_NR_statmount, &req, buf, sizeof(buf), MNTCOMPAT_STATMOUNT_BY_FD) < 0 ?
		       -errno :
		       0;
}

static int once_library(void)
{
	union {
		struct mntcompat_statmount answer;
		char room[4096];
	} buf;
	struct mntcompat_mnt_id_req req;

	request_for(&req);
	return mntcompat_statmount(&req, &buf.answer, sizeof(buf), MNTCOMPAT_STATMOUNT_BY_FD) < 0 ?
		       -errno :
		       0;
}

/* The part of a supervised call that cannot be left out is a process of its own, with a filter. */
static int once_process(void)
{
	struct sock_filter code[64];
	struct sock_fprog program = { .len = 64, .filter = code };
	int status;
	size_t i;
	/* Its end is no SIGCHLD, which is ignored here: so it can be waited for. */
	pid_t pid = (pid_t)syscall(SYS_clone, 0, 0, 0, 0, 0);

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		for (i = 0; i < 63; i++)
			code[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0);
		code[63] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
		_exit(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0);
	}
	if (waitpid(pid, &status, __WALL) < 0)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EPERM;
}

/* A measuring process: @once is called as often as it reads, and it writes how long that took. */
struct measurer {
	int commands, answers;
	int (*once)(void);
};

static int take_on(enum who who)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .len = 1, .filter = &allow };
	bool no_new_privs;
	char what[80];

	if (who == WHO_SUPERVISED)
		return supervisor_start(NULL, &no_new_privs, what, sizeof(what));
	if (who == WHO_FREE)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SPEC_ALLOW, &program) < 0 ? -errno : 0;
}

static void __attribute__((noreturn))
measure_on_demand(enum who who, int (*once)(void), int commands, int answers)
{
	int ret = take_on(who);
	unsigned int calls, i;

	while (read(commands, &calls, sizeof(calls)) == sizeof(calls)) {
		uint64_t start = bench_now();
		double answer;

		for (i = 0; i < calls && ret == 0; i++)
			ret = once();
		answer = ret < 0 ? ret : (double)(bench_now() - start) / calls;
		if (write(answers, &answer, sizeof(answer)) != sizeof(answer))
			break;
	}
	_exit(0);
}

static void start(struct measurer *measurer, enum who who, int (*once)(void))
{
	int commands[2], answers[2];

	if (pipe2(commands, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0) {
		perror("bench-run: pipe");
		exit(1);
	}
	if (fork() == 0) {
		close(commands[1]);
		close(answers[0]);
		measure_on_demand(who, once, commands[0], answers[1]);
	}
	close(commands[0]);
	close(answers[1]);
	measurer->commands = commands[1];
	measurer->answers = answers[0];
}

static int measure(const void *arg, unsigned int calls, double *figures)
{
	const struct measurer *measurer = arg;

	if (write(measurer->commands, &calls, sizeof(calls)) != sizeof(calls) ||
	    read(measurer->answers, figures, sizeof(*figures)) != sizeof(*figures))
		return -EPIPE;
	return *figures < 0 ? (int)*figures : 0;
}

static struct bench_row *add(struct bench *bench, struct measurer *measurer, enum who who,
			     int (*once)(void), const char *topic, const char *name,
			     unsigned int most)
{
	struct bench_row *row = bench_row(bench, topic, 0, "%s", name);

	start(measurer, who, once);
	bench_case(bench, measure, measurer, most, &row, 1);
	return row;
}

/* The program itself, which libtool's script only starts; it finds the libraries beside it. */
#define TOOL ".libs/mntcompat"
#define STARTED "/bin/true"

static int measure_start(const void *arg, unsigned int calls, double *figures)
{
	static char libraries[] = "LD_LIBRARY_PATH=.libs", *environment[] = { libraries, NULL };
	char *const *argv = arg;
	uint64_t start = bench_now();
	int ret = 0, status;
	unsigned int i;
	pid_t pid;

	signal(SIGCHLD, SIG_DFL);
	for (i = 0; i < calls && ret == 0; i++) {
		ret = -posix_spawn(&pid, argv[0], NULL, NULL, argv, environment);
		if (ret == 0 && (waitpid(pid, &status, 0) != pid || status))
			ret = -ECHILD;
	}
	signal(SIGCHLD, SIG_IGN);
	*figures = (double)(bench_now() - start) / calls;
	return ret;
}

static void add_starts(struct bench *bench)
{
	static char *free_one[] = { STARTED, NULL };
	static char *tool[][5] = {
		{ TOOL, "run", "--preload", STARTED, NULL },
		{ TOOL, "run", "--seccomp", STARTED, NULL },
	};
	const char *topic = "the start of " STARTED;
	struct bench_row *peer = bench_row(bench, topic, 0, "free"), *row;
	size_t i;

	bench_case(bench, measure_start, free_one, 100, &peer, 1);
	for (i = 0; i < sizeof(tool) / sizeof(tool[0]); i++) {
		row = bench_row(bench, topic, 0, "mntcompat run %s", tool[i][2]);
		bench_against(row, peer, "free", 0);
		if (access(TOOL, X_OK) < 0)
			bench_skip(row, "no " TOOL " here");
		else
			bench_case(bench, measure_start, tool[i], 100, &row, 1);
	}
}

int main(int argc, char **argv)
{
	static struct measurer measurers[6];
	struct bench *bench = bench_new("run", argc, argv);
	struct bench_row *row, *peer;

	signal(SIGCHLD, SIG_IGN);
	root_fd = open("/", O_PATH | O_CLOEXEC);
	/* So that there is something to supervise on every kernel. */
	mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
	peer = add(bench, &measurers[0], WHO_FREE, once_getppid, "a call of another kind", "free",
		   100000);
	row = add(bench, &measurers[1], WHO_FILTERED, once_getppid, "a call of another kind",
		  "allowed by a filter", 100000);
	bench_against(row, peer, "free", 0);
	row = add(bench, &measurers[2], WHO_SUPERVISED, once_getppid, "a call of another kind",
		  "supervised", 100000);
	bench_against(row, peer, "free", 1.5);
	peer = add(bench, &measurers[3], WHO_FREE, once_library, "statmount by fd",
		   "the library, emulated", 1000);
	row = add(bench, &measurers[4], WHO_SUPERVISED, once_raw, "statmount by fd", "supervised",
		  1000);
	bench_against(row, peer, "the library", 0);
	row = add(bench, &measurers[5], WHO_FREE, once_process, "statmount by fd",
		  "a process that takes a filter and ends", 1000);
	bench_against(row, peer, "the library", 0);
	add_starts(bench);
	return bench_run(bench);
}
