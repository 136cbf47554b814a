// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * workers.c - a process for each call, in a process group of its own with all that it makes.
 * Nobody waits for somebody else: a process or user may have so many calls at once that the next one still finds room, and
 * a call whose caller is gone is ended. Forks and kills; the supervisor itself never waits for a worker.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/answer.h"
#include "supervisor/workers.h"

#define FREELY 16		/* so many at once need no look at whose they are */
#define LEAST 64		/* room for workers on the smallest machine */
#define MOST 2048
#define MEMORY_EACH (2u << 20)	/* memory per worker at which all of them would take a quarter of the machine's */
#define PER_USER 2		/* a user may have half of the free room, */
#define PER_PROCESS 8		/* a process an eighth: the share shrinks as the room does, so there is always some left */

struct owner {
	bool known;
	long process;
	unsigned int user;
};

/* In the worker's process there are no others. */
struct worker {
	pid_t pid;
	uint64_t id;
	pid_t task;
	struct owner owner;
};

struct waiting {
	struct kernel_notification notification;
	struct owner owner;
};

static int listener_fd;
static const struct target_own *supervisor;
static struct worker *workers;
static struct waiting *waiting;
static size_t room, used, waiting_room, waiting_used;

void workers_start(int listener, const struct target_own *own)
{
	struct sysinfo info;

	listener_fd = listener;
	supervisor = own;
	room = LEAST;
	if (sysinfo(&info) == 0)
		room = (size_t)((uint64_t)info.totalram * info.mem_unit / 4 / MEMORY_EACH);
	room = room < LEAST ? LEAST : room > MOST ? MOST : room;
	workers = calloc(room, sizeof(*workers));
	if (!workers)
		_exit(1);
}

bool workers_are_busy(void)
{
	return used || waiting_used;
}

/* --- who may have one more --- */

/* Asked only in a crowd. A task that is gone belongs to nobody and is ended with the next look. */
static void know_owner(struct owner *owner, pid_t task)
{
	struct target_status status;
	char path[32];
	int fd;

	if (owner->known)
		return;
	*owner = (struct owner){ .known = true };
	snprintf(path, sizeof(path), "%d/status", task);
	fd = openat(supervisor->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (target_read_status(&status, fd) == 0) {
		owner->process = status.process;
		owner->user = status.uid[0];
	}
	close(fd);
}

static bool may_begin(struct owner *owner, pid_t task)
{
	size_t process = 0, user = 0, left = room - used, i;

	if (used < FREELY)
		return true;
	if (!left)
		return false;
	know_owner(owner, task);
	for (i = 0; i < used; i++) {
		know_owner(&workers[i].owner, workers[i].task);
		process += workers[i].owner.process == owner->process;
		user += workers[i].owner.user == owner->user;
	}
	return process <= left / PER_PROCESS && user <= left / PER_USER;
}

/* --- beginning and ending --- */

static void __attribute__((noreturn)) be_worker(const struct kernel_notification *notification)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_NAME, "mntcompat-work");
	/* If there is no supervisor left the kernel answers ENOSYS. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
		answer(listener_fd, supervisor, notification);
	_exit(0);
}

/* False: no process could be had, and others will end. */
static bool begin(const struct kernel_notification *notification, const struct owner *owner)
{
	pid_t pid = fork();

	if (pid == 0)
		be_worker(notification);
	if (pid < 0 && used)
		return false;
	if (pid < 0) {
		kernel_answer(listener_fd, notification->id, 0, -ENOMEM);
		return true;
	}
	setpgid(pid, pid);
	workers[used++] = (struct worker){
		.pid = pid, .id = notification->id, .task = (pid_t)notification->pid, .owner = *owner,
	};
	return true;
}

/* -ENOENT is the only answer that says so. */
static bool is_gone(uint64_t id)
{
	return kernel_is_waiting(listener_fd, id) == -ENOENT;
}

void workers_take(const struct kernel_notification *notification)
{
	struct waiting one = { .notification = *notification };
	struct waiting *more;

	if (may_begin(&one.owner, (pid_t)notification->pid) && begin(notification, &one.owner))
		return;
	if (waiting_used == waiting_room) {
		more = realloc(waiting, (waiting_room + 64) * sizeof(*waiting));
		if (!more) {
			kernel_answer(listener_fd, notification->id, 0, -ENOMEM);
			return;
		}
		waiting = more;
		waiting_room += 64;
	}
	waiting[waiting_used++] = one;
}

/* The oldest first; those that may not begin yet do not hold up the ones behind them. */
static void begin_waiting(void)
{
	size_t i, kept = 0;

	for (i = 0; i < waiting_used; i++) {
		struct waiting *one = &waiting[i];

		if (is_gone(one->notification.id) ||
		    (may_begin(&one->owner, (pid_t)one->notification.pid) && begin(&one->notification, &one->owner)))
			continue;
		waiting[kept++] = *one;
	}
	waiting_used = kept;
}

void workers_reap(void)
{
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (i = 0; i < used && workers[i].pid != pid; i++)
			;
		if (i == used)
			continue;
		/* One that ended without an answer: nobody is left waiting. After an answer this says nothing. */
		kernel_continue(listener_fd, workers[i].id);
		workers[i] = workers[--used];
	}
	begin_waiting();
}

void workers_look(void)
{
	size_t i;

	/* Its number stays its group's until it is reaped. */
	for (i = 0; i < used; i++) {
		if (is_gone(workers[i].id)) {
			kill(-workers[i].pid, SIGKILL);
			kill(workers[i].pid, SIGKILL);
		}
	}
	begin_waiting();
}
