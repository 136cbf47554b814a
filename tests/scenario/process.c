// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * process.c - scenarios: the mount namespace of a process, by its pid. There is no such system
 * call: what Linux 7.3 prints here is the answer of its pidfds. Starts children that end with the
 * scenario. Listed in scenario.c.
 */
#define _GNU_SOURCE
#include "open-tree-common.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A child that waits; @own: in a mount namespace of its own; @user, unless it is 0: one that may
 * end it, although it is root.
 */
static pid_t start_child(bool own, uid_t user)
{
	int ready[2];
	char byte;
	pid_t pid;

	must(pipe(ready), "pipe");
	pid = fork();
	must(pid, "fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_DUMPABLE, 1);
		if ((own && unshare(CLONE_NEWNS)) || (user && setresuid(user, 0, 0)))
			_exit(1);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	must(read(ready[0], &byte, 1) == 1 ? 0 : -1, "the child");
	close(ready[0]);
	return pid;
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Is it the namespace of this file? */
static void say_whose(const char *label, pid_t pid, const char *file)
{
	int fd = mntcompat_mount_namespace_of(pid), other;
	struct stat one, two;

	if (fd < 0) {
		say("%s: %s", label, errno_name(-fd));
		return;
	}
	other = must_fd(open(file, O_RDONLY | O_CLOEXEC), file);
	must(fstat(fd, &one), "fstat");
	must(fstat(other, &two), "fstat");
	say("%s: %s, %s, close-on-exec %d", label,
	    one.st_ino == two.st_ino && one.st_dev == two.st_dev ? "that one" : "another",
	    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY ? "read-only" : "writable",
	    !!(fcntl(fd, F_GETFD) & FD_CLOEXEC));
	close(other);
	close(fd);
}

SCENARIO(run_own)
{
	say_whose("0", 0, "/proc/self/ns/mnt");
	say_whose("own pid", getpid(), "/proc/self/ns/mnt");
}

SCENARIO(run_child)
{
	pid_t same = start_child(false, 0);

	say_whose("a child", same, "/proc/self/ns/mnt");
	end_child(same);
}

SCENARIO(run_other)
{
	pid_t other = start_child(true, 0);
	char file[64];
	int fd;

	snprintf(file, sizeof(file), "/proc/%d/ns/mnt", (int)other);
	say_whose("a child elsewhere", other, file);
	say_whose("compared with the caller's", other, "/proc/self/ns/mnt");
	fd = mntcompat_mount_namespace_of(other);
	say_result("entered", fd < 0 ? fd : enter_namespace(fd));
	end_child(other);
}

SCENARIO(run_absent)
{
	pid_t pid = start_child(false, 0);
	siginfo_t info;

	say("-1: %s", errno_name(-mntcompat_mount_namespace_of(-1)));
	say("the smallest: %s", errno_name(-mntcompat_mount_namespace_of(-2147483647 - 1)));
	say("the largest: %s", errno_name(-mntcompat_mount_namespace_of(2147483647)));
	kill(pid, SIGKILL);
	must(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), "waitid");
	say("ended: %s", errno_name(-mntcompat_mount_namespace_of(pid)));
	waitpid(pid, NULL, 0);
	say("waited for: %s", errno_name(-mntcompat_mount_namespace_of(pid)));
}

static pid_t thread_id;
static pthread_barrier_t barrier;

static void *thread(void *arg)
{
	(void)arg;
	thread_id = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

SCENARIO(run_thread)
{
	pthread_t other;

	pthread_barrier_init(&barrier, NULL, 2);
	must(-pthread_create(&other, NULL, thread, NULL), "pthread_create");
	pthread_barrier_wait(&barrier);
	say("a thread: %s", errno_name(-mntcompat_mount_namespace_of(thread_id)));
	pthread_barrier_wait(&barrier);
	pthread_join(other, NULL);
}

static pid_t privileged;

static void prepare_privileged(void)
{
	privileged = start_child(true, 1000);
}

/* Not in a child of its own: it is waited for. */
static void run_privileged(void)
{
	say("a process of root: %s", errno_name(-mntcompat_mount_namespace_of(privileged)));
	end_child(privileged);
}

const struct scenario process_scenarios[] = {
	{ "process/own", "the caller's, by 0 and by its pid", SCENARIO_ALL, NULL, run_own },
	{ "process/child", "a child in the same namespace", SCENARIO_ALL, NULL, run_child },
	{ "process/other", "a child in another one", SCENARIO_ROOT | SCENARIO_USERNS, NULL,
	  run_other },
	{ "process/absent", "EINVAL below 0, ESRCH without a process or after its end",
	  SCENARIO_ALL, NULL, run_absent },
	{ "process/thread", "a thread that is not the first of its process is none", SCENARIO_ALL,
	  NULL, run_thread },
	{ "process/privileged", "EACCES without the permission to read the process", SCENARIO_USER,
	  prepare_privileged, run_privileged },
	{ .name = NULL },
};
