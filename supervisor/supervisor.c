// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * supervisor.c - the supervisor's life: it begins beside a process that is about to execute
 * something, tries everything that it will need, and ends after the last process that could call.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/uapi.h"
#include "supervisor/answer.h"
#include "supervisor/calls.h"
#include "supervisor/filter.h"
#include "supervisor/kernel.h"
#include "supervisor/proc.h"
#include "supervisor/supervisor.h"
#include "supervisor/target.h"
#include "supervisor/workers.h"

#define TAKEN_AT_ONCE 256
#define NOBODYS_UID 4294967294u
#define DESCRIPTORS_LEAST 64
#define DESCRIPTORS_WANTED 256

bool supervisor_is_needed(void)
{
	size_t i;

	for (i = 0; i < calls_count; i++) {
		if (call_is_needed(&calls[i]))
			return true;
	}
	return false;
}

/* --- the supervisor --- */

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void supervise(int listener, int signals, int idle)
{
	struct kernel_notification notification;
	struct signalfd_siginfo info;
	struct pollfd wait[3] = { { .fd = signals, .events = POLLIN },
				  { .fd = listener, .events = POLLIN },
				  { .fd = idle, .events = POLLIN } };
	long looked = now_ms();
	int i;

	for (;;) {
		if (poll(wait, 3, workers_are_busy() ? WORKERS_LOOK_MS : -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (wait[0].revents & POLLIN) {
			while (read(signals, &info, sizeof(info)) > 0)
				;
			workers_reap();
		}
		/*
		 * Receive all waiting calls before one is begun: many calls of one caller do not
		 * delay those behind them.
		 */
		for (i = 0; i < TAKEN_AT_ONCE && wait[1].revents & POLLIN; i++) {
			/* The caller may have ended meanwhile. */
			if (kernel_receive(listener, &notification) == 0)
				workers_take(&notification);
			if (poll(&wait[1], 1, 0) < 1)
				wait[1].revents = 0;
		}
		if (wait[1].revents & (POLLHUP | POLLERR | POLLNVAL))
			return;
		workers_begin();
		if (now_ms() - looked >= WORKERS_LOOK_MS) {
			workers_look();
			looked = now_ms();
		}
	}
}

static int receive_listener(int socket, bool *restarts)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	*restarts = byte;
	if (message.msg_controllen >= CMSG_LEN(sizeof(int)) &&
	    control.header.cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

/*
 * The supervisor must not hold the command's descriptors, terminal, working directory, arguments
 * and environment.
 */
static int leave_the_command(char **words, int *socket)
{
	int nothing[2], aside, first = debug_at(1) ? 2 : 3;
	int signal_number;
	size_t i;
	char **variable;

	/* Everybody can read a command line; the command may clear its own. */
	memset(program_invocation_name, 0, strlen(program_invocation_name));
	for (; words && *words; words++)
		memset(*words, 0, strlen(*words));
	for (variable = environ; variable && *variable; variable++)
		memset(*variable, 0, strlen(*variable));
	environ = NULL;
	setsid();
	for (signal_number = 1; signal_number <= SIGRTMAX; signal_number++)
		signal(signal_number, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	/* The children of a killed worker become the supervisor's, not the command's. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	prctl(PR_SET_NAME, "mntcompat-super");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || chdir("/") < 0)
		return -errno;
	aside = fcntl(*socket, F_DUPFD_CLOEXEC, 3);
	/* A pipe without a writer instead of /dev/null, which lies in this root directory. */
	if (aside < 0 || pipe2(nothing, O_CLOEXEC) < 0)
		return -errno;
	for (i = 0; i < (size_t)first; i++) {
		if (dup2(nothing[0], (int)i) < 0)
			return -errno;
	}
	if (dup3(aside, 3, O_CLOEXEC) < 0 && aside != 3)
		return -errno;
	*socket = 3;
	return kernel_close_from(4);
}

/* Raise a limit as far as the supervisor may: to infinity, else to the hard limit. */
static void raise_limit(int resource)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(resource, &limit) < 0 && getrlimit(resource, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(resource, &limit);
	}
}

/* The command's limits are not meant for the supervisor. */
static int make_room(void)
{
	struct rlimit limit, more;

	raise_limit(RLIMIT_CPU);
	raise_limit(RLIMIT_AS);
	raise_limit(RLIMIT_DATA);
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	more = limit;
	if (more.rlim_max < DESCRIPTORS_WANTED)
		more.rlim_max = DESCRIPTORS_WANTED;
	if (more.rlim_cur < DESCRIPTORS_WANTED)
		more.rlim_cur = DESCRIPTORS_WANTED;
	if (setrlimit(RLIMIT_NOFILE, &more) == 0)
		return 0;
	/* Without CAP_SYS_RESOURCE up to the hard limit. */
	more = limit;
	more.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &more);
	return limit.rlim_max < DESCRIPTORS_LEAST ? -EMFILE : 0;
}

/*
 * A process without capabilities whose uid is the real or saved one of another may stop or kill it.
 * Root's supervisor takes a uid for these that nobody has, if it can do without its own: it keeps
 * the effective one. Not in a user namespace, where root's own uid may be free of limits and this
 * one is not.
 */
static void leave_the_user(int proc)
{
	struct stat st;
	const uint64_t needed = 1ull << CAP_SETUID | 1ull << CAP_KILL | 1ull << CAP_SYS_PTRACE |
				1ull << CAP_SYS_ADMIN;
	uint64_t permitted;

	if (fstatat(proc, "self/ns/user", &st, 0) == 0 && st.st_ino == UAPI_INITIAL_USER_INO &&
	    kernel_permitted(&permitted) == 0 && !(needed & ~permitted) && geteuid() == 0 &&
	    setresuid(NOBODYS_UID, (uid_t)-1, NOBODYS_UID) < 0)
		errno = 0;
}

/* With fs.suid_dumpable 1 the kernel makes every process that changes its ids traceable by others. */
static int check_dumpable(int proc)
{
	int fd = openat(proc, "sys/fs/suid_dumpable", O_RDONLY | O_CLOEXEC);
	char value = '0';

	if (fd >= 0) {
		if (read(fd, &value, 1) != 1)
			value = '0';
		close(fd);
	}
	return value == '1' ? -EPERM : 0;
}

/* The supervisor's message before the filter is set: its number, then whether it can work. */
struct readiness {
	pid_t supervisor;
	int error;
	char what[80];
};

/* Everything that supervision needs, tried with the command, which is still this program. */
static int prepare(struct target_own *own, pid_t command, const char **what)
{
	int proc, ret = make_room();

	*what = "RLIMIT_NOFILE, which has to allow 64 descriptors";
	if (ret < 0)
		return ret;
	*what = "RLIMIT_DATA and RLIMIT_AS, which have to allow a table of calls";
	ret = workers_prepare();
	if (ret < 0)
		return ret;
	*what = "a procfs of this pid namespace";
	proc = proc_open();
	if (proc < 0)
		return proc;
	*what = "fs.suid_dumpable, which must not be 1";
	ret = check_dumpable(proc);
	if (ret == 0)
		leave_the_user(proc);
	if (ret == 0)
		ret = target_own_read(own, proc, what);
	if (ret == 0)
		ret = answer_trial(own, command, what);
	return ret;
}

static void __attribute__((noreturn)) be_supervisor(char **words, int socket, pid_t command)
{
	struct readiness ready = { .supervisor = getpid() };
	static struct target_own own;
	const char *what = "leaving the command";
	int signals, listener;
	bool restarts;
	sigset_t mask;
	char byte;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	ready.error = leave_the_command(words, &socket);
	/* The number first: where Yama restricts tracing, the command has to allow this process. */
	if (write(socket, &ready, sizeof(ready)) != sizeof(ready) || ready.error < 0 ||
	    read(socket, &byte, 1) != 1)
		_exit(1);
	ready.error = prepare(&own, command, &what);
	snprintf(ready.what, sizeof(ready.what), "%s", what);
	signals = -1;
	if (ready.error == 0 && (sigprocmask(SIG_SETMASK, &mask, NULL) < 0 ||
				 (signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK)) < 0))
		ready.error = -errno;
	if (write(socket, &ready, sizeof(ready)) != sizeof(ready) || ready.error < 0)
		_exit(1);
	listener = receive_listener(socket, &restarts);
	if (listener < 0 || write(socket, "", 1) != 1)
		_exit(1);
	close(socket);
	supervise(listener, signals, workers_start(listener, &own, restarts));
	_exit(0);
}

/* --- beside the command --- */

/*
 * A grandchild: the command gets no child and no SIGCHLD. If the command adopts orphans, it does
 * not for this moment.
 */
static int fork_supervisor(char **words, int mine, int its)
{
	pid_t command = getpid(), pid;
	int adopts = 0, ret;

	prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0);
	if (adopts)
		prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	pid = fork();
	ret = pid < 0 ? -errno : 0;
	if (pid == 0) {
		close(mine);
		pid = fork();
		if (pid == 0)
			be_supervisor(words, its, command);
		_exit(pid < 0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (adopts)
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	return ret;
}

static int send_listener(int socket, int listener, bool restarts)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { .iov_base = (char[]){ restarts }, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	char byte;

	memset(&control, 0, sizeof(control));
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &listener, sizeof(listener));
	if (sendmsg(socket, &message, MSG_NOSIGNAL) != 1)
		return -errno;
	return read(socket, &byte, 1) == 1 ? 0 : -EPIPE;
}

static int wait_until_ready(int socket, char *what, size_t size)
{
	struct readiness ready;

	if (read(socket, &ready, sizeof(ready)) != sizeof(ready))
		return -EAGAIN;
	if (ready.error < 0)
		return ready.error;
	/* For Yama, where only parents may look into a process; an error elsewhere is ignored. */
	prctl(UAPI_PR_SET_PTRACER, (unsigned long)ready.supervisor, 0, 0, 0);
	if (write(socket, "", 1) != 1 || read(socket, &ready, sizeof(ready)) != sizeof(ready))
		return -EAGAIN;
	ready.what[sizeof(ready.what) - 1] = 0;
	if (ready.error < 0)
		snprintf(what, size, "%s", ready.what);
	return ready.error;
}

int supervisor_start(char **words, bool *no_new_privs, char *what, size_t size)
{
	struct filter filter;
	int sockets[2], listener, ret;
	bool restarts;

	*no_new_privs = false;
	*what = 0;
	if (!calls_arch_native || !kernel_can_supervise())
		return -ENOSYS;
	ret = filter_make(&filter);
	if (ret < 0)
		return ret;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	ret = fork_supervisor(words, sockets[0], sockets[1]);
	close(sockets[1]);
	if (ret == 0)
		ret = wait_until_ready(sockets[0], what, size);
	if (ret == 0) {
		listener = kernel_supervise(filter.code, (unsigned short)filter.length,
					    no_new_privs, &restarts);
		ret = listener < 0 ? listener : send_listener(sockets[0], listener, restarts);
		/* Below another supervisor of this kind, none is needed. */
		if (listener == -EBUSY && calls_are_answered())
			ret = 0;
		if (listener >= 0)
			close(listener);
	}
	close(sockets[0]);
	return ret;
}
