// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * supervisor.c - the supervisor's life: begun beside a process that is about to execute something, a process for each
 * call that comes, ended when nobody is left who could call. Called by the tool.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/debug.h"
#include "supervisor/answer.h"
#include "supervisor/calls.h"
#include "supervisor/filter.h"
#include "supervisor/kernel.h"
#include "supervisor/supervisor.h"

#define CALLS_AT_ONCE 64

#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER 0x59616d61
#endif

/* Calls that are being answered, each by a process. */
struct worker {
	pid_t pid;
	uint64_t id;
};

static struct worker workers[CALLS_AT_ONCE];
static int workers_used;

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

static void begin_worker(int listener, int proc, const struct kernel_notification *notification)
{
	pid_t pid = fork();

	if (pid == 0) {
		/* Whoever waits is answered ENOSYS by the kernel when there is no listener left. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
			answer(listener, proc, notification);
		_exit(0);
	}
	if (pid < 0) {
		kernel_answer(listener, notification->id, 0, -ENOMEM);
		return;
	}
	workers[workers_used++] = (struct worker){ .pid = pid, .id = notification->id };
}

/* Those that ended without an answer leave nobody waiting; to the others this says nothing. */
static void end_workers(int listener)
{
	pid_t pid;
	int i;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (i = 0; i < workers_used && workers[i].pid != pid; i++)
			;
		if (i == workers_used)
			continue;
		kernel_answer(listener, workers[i].id, 0, -ENOSYS);
		workers[i] = workers[--workers_used];
	}
}

static void supervise(int listener, int proc, int signals)
{
	struct kernel_notification notification;
	struct signalfd_siginfo info;
	struct pollfd wait[2] = { { .fd = signals, .events = POLLIN }, { .fd = listener, .events = POLLIN } };

	for (;;) {
		/* A negative one is not looked at. */
		wait[1].fd = workers_used < CALLS_AT_ONCE ? listener : -1;
		if (poll(wait, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		if (wait[0].revents & POLLIN) {
			while (read(signals, &info, sizeof(info)) > 0)
				;
			end_workers(listener);
		}
		/* It may have gone meanwhile. */
		if (wait[1].revents & POLLIN && kernel_receive(listener, &notification) == 0)
			begin_worker(listener, proc, &notification);
		else if (wait[1].revents & (POLLHUP | POLLERR | POLLNVAL))
			return;
	}
}

static int receive_listener(int socket)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	if (message.msg_controllen >= CMSG_LEN(sizeof(int)) && control.header.cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

/* What was given to the command is not for us to hold: nothing of its descriptors, terminal, cwd and environment. */
static int leave_the_command(int *socket)
{
	static const int ignored[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU,
	};
	int null, aside, first = debug_at(1) ? 2 : 3;
	size_t i;
	char **variable;

	for (variable = environ; variable && *variable; variable++)
		memset(*variable, 0, strlen(*variable));
	environ = NULL;
	setsid();
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	prctl(PR_SET_NAME, "mntcompat-super");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || chdir("/") < 0)
		return -errno;
	aside = fcntl(*socket, F_DUPFD_CLOEXEC, 3);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* In a root without devices a pipe to nobody does as well. */
	if (null < 0) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		close(ends[1]);
		null = ends[0];
	}
	if (aside < 0)
		return -errno;
	for (i = 0; i < (size_t)first; i++) {
		if (dup2(null, (int)i) < 0)
			return -errno;
	}
	if (dup3(aside, 3, O_CLOEXEC) < 0 && aside != 3)
		return -errno;
	*socket = 3;
	return kernel_close_from(4);
}

static void __attribute__((noreturn)) be_supervisor(int socket)
{
	int proc, signals, listener;
	pid_t self = getpid();
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	if (leave_the_command(&socket) < 0 || sigprocmask(SIG_SETMASK, &mask, NULL) < 0)
		_exit(1);
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (proc < 0 || signals < 0)
		_exit(1);
	if (write(socket, &self, sizeof(self)) != sizeof(self))
		_exit(1);
	listener = receive_listener(socket);
	if (listener < 0 || write(socket, "", 1) != 1)
		_exit(1);
	close(socket);
	supervise(listener, proc, signals);
	_exit(0);
}

/* --- beside the command --- */

/* A grandchild: no child that the command would be surprised by, and no signal of one. */
static int fork_supervisor(int mine, int its)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		close(mine);
		pid = fork();
		if (pid == 0)
			be_supervisor(its);
		_exit(pid < 0);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static int send_listener(int socket, int listener)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { .iov_base = (char[]){ 0 }, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control),
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

int supervisor_start(bool *no_new_privs)
{
	struct filter filter;
	int sockets[2], listener, ret;
	pid_t supervisor = 0;

	*no_new_privs = false;
	if (!calls_arch_native || !kernel_can_supervise())
		return -ENOSYS;
	if (access("/proc/self/status", R_OK) < 0)
		return -ENOENT;
	ret = filter_make(&filter);
	if (ret < 0)
		return ret;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
		return -errno;
	ret = fork_supervisor(sockets[0], sockets[1]);
	close(sockets[1]);
	if (ret == 0 && read(sockets[0], &supervisor, sizeof(supervisor)) != sizeof(supervisor))
		ret = -EAGAIN;
	if (ret == 0) {
		/* Where Yama lets nobody but parents look into a process; elsewhere nobody knows this. */
		prctl(PR_SET_PTRACER, (unsigned long)supervisor, 0, 0, 0);
		listener = kernel_supervise(filter.code, (unsigned short)filter.length, no_new_privs);
		ret = listener < 0 ? listener : send_listener(sockets[0], listener);
		/* One in another gets by without. */
		if (listener == -EBUSY && calls_are_answered())
			ret = 0;
		if (listener >= 0)
			close(listener);
	}
	close(sockets[0]);
	return ret;
}
