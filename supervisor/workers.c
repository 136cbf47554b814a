// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * workers.c - a process for each call, in a process group of its own with all that it makes.
 * No caller waits for another: a process or user may have only so many calls at once that the next
 * one still finds room, and a call whose caller has ended is ended. Forks and kills; the supervisor
 * itself never waits for a worker.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "supervisor/answer.h"
#include "supervisor/workers.h"

#define YOUNG_MS 100 /* workers this young take processor time, older ones wait for something */
#define YOUNG_EACH 4 /* so many of a user for each processor: more would only delay others */
#define LEAST 64     /* room for workers on the smallest machine */
#define MOST 2048
#define SLOTS 65536 /* memory that is touched only when it is used */
#define MEMORY_EACH \
	(2u \
	 << 20) /* memory per worker at which all of them would take a quarter of the machine's */
#define RESTARTS_ANEW 3
#define REFUSED_MOST 64
#define PER_USER 2 /* a user may have half of the free room, */
#define PER_PROCESS \
	8 /* a process an eighth: the share shrinks as the room does, so there is always some left \
	   */

struct owner {
	bool known;
	long process;
	unsigned int user;
};

static bool same_user(const struct owner *a, const struct owner *b)
{
	return a->known == b->known && a->user == b->user;
}

struct worker {
	pid_t pid;
	_Atomic uint64_t *id; /* shared with the worker */
	struct kernel_notification notification;
	struct owner owner;
	int restarts; /* how often the call was interrupted and made anew before */
	long began;
	long gone; /* since when the caller waits no longer, or 0 */
};

struct waiting {
	struct kernel_notification notification;
	struct owner owner;
	int restarts;
};

static int listener_fd;
static const struct target_own *supervisor;
static bool calls_restart;
static _Atomic uint64_t *ids; /* one for each worker */
static struct worker *workers;
static struct waiting *waiting;
static size_t room, used, waiting_room, waiting_used, young_most;

void workers_start(int listener, const struct target_own *own, bool restarts)
{
	struct sysinfo info;

	listener_fd = listener;
	supervisor = own;
	room = LEAST;
	if (sysinfo(&info) == 0)
		room = (size_t)((uint64_t)info.totalram * info.mem_unit / 4 / MEMORY_EACH);
	room = room < LEAST ? LEAST : room > MOST ? MOST : room;
	young_most = YOUNG_EACH * (size_t)(get_nprocs() > 0 ? get_nprocs() : 1);
	calls_restart = restarts;
	workers = mmap(NULL, SLOTS * sizeof(*workers), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ids = mmap(NULL, SLOTS * sizeof(*ids), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (workers == MAP_FAILED || ids == MAP_FAILED)
		_exit(1);
}

bool workers_are_busy(void)
{
	return used || waiting_used;
}

/* --- limits of processes and users --- */

/* A task that has ended has no owner: its worker finds that out at once. */
static void know_owner(struct waiting *one)
{
	one->owner.known = target_owner(supervisor, (pid_t)one->notification.pid,
					&one->owner.process, &one->owner.user);
}

static long now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static bool may_begin(const struct owner *owner, long now)
{
	size_t process = 0, user = 0, young = 0, left = room > used ? room - used : 0, i;

	if (used == SLOTS)
		return false;
	for (i = 0; i < used; i++) {
		if (!same_user(&workers[i].owner, owner))
			continue;
		user++;
		process += workers[i].owner.process == owner->process;
		young += now - workers[i].began < YOUNG_MS;
	}
	/* A user's first call is never held up by other users, however many these are. */
	if (!user)
		return true;
	return left && young < young_most && process <= left / PER_PROCESS &&
	       user <= left / PER_USER;
}

/* --- beginning and ending --- */

static void __attribute__((noreturn)) be_worker(const struct worker *worker)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_NAME, "mntcompat-work");
	/* If the supervisor has ended, the kernel answers ENOSYS. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
		answer(listener_fd, supervisor, &worker->notification, worker->id);
	_exit(0);
}

/* False: fork failed, and others will end. */
static bool begin(const struct waiting *one)
{
	struct worker *worker = &workers[used];

	if (!worker->id)
		worker->id = &ids[used];
	worker->notification = one->notification;
	worker->owner = one->owner;
	worker->restarts = one->restarts;
	worker->gone = 0;
	worker->began = now_ms();
	atomic_store(worker->id, one->notification.id);
	worker->pid = fork();
	if (worker->pid == 0)
		be_worker(worker);
	if (worker->pid < 0 && used)
		return false;
	if (worker->pid < 0) {
		kernel_answer(listener_fd, one->notification.id, 0, -ENOMEM);
		return true;
	}
	setpgid(worker->pid, worker->pid);
	used++;
	return true;
}

/* End it with all that it has made. Its number stays its group's until it is reaped. */
static void end(const struct worker *worker)
{
	kill(-worker->pid, SIGKILL);
	kill(worker->pid, SIGKILL);
}

/* Only -ENOENT means that the caller waits no longer. */
static bool is_gone(uint64_t id)
{
	return kernel_is_waiting(listener_fd, id) == -ENOENT;
}

static bool is_same_call(const struct kernel_notification *a, const struct kernel_notification *b)
{
	return a->pid == b->pid && a->number == b->number && a->arch == b->arch &&
	       a->instruction_pointer == b->instruction_pointer &&
	       !memcmp(a->args, b->args, sizeof(a->args));
}

/*
 * Before 5.19 a signal interrupts the call, and after its handler the program makes it anew. The
 * first times it is answered anew; then, when signals come faster than answers, by the worker that
 * has it in hand.
 */
static bool is_restart(struct waiting *one)
{
	size_t i;

	for (i = 0; i < used; i++) {
		struct worker *worker = &workers[i];

		if (worker->notification.pid != one->notification.pid ||
		    !is_gone(atomic_load(worker->id)))
			continue;
		if (!is_same_call(&worker->notification, &one->notification)) {
			end(worker);
			continue;
		}
		one->restarts = worker->restarts + 1;
		if (one->restarts < RESTARTS_ANEW) {
			end(worker);
			continue;
		}
		worker->restarts = one->restarts;
		worker->gone = 0;
		atomic_store(worker->id, one->notification.id);
		return true;
	}
	return false;
}

static void put_behind(const struct waiting *one)
{
	struct waiting *more;

	if (waiting_used == waiting_room) {
		more = realloc(waiting, (waiting_room + 64) * sizeof(*waiting));
		if (!more) {
			kernel_answer(listener_fd, one->notification.id, 0, -ENOMEM);
			return;
		}
		waiting = more;
		waiting_room += 64;
	}
	waiting[waiting_used++] = *one;
}

void workers_take(const struct kernel_notification *notification)
{
	struct waiting one = { .notification = *notification };

	if (calls_restart && is_restart(&one))
		return;
	know_owner(&one);
	put_behind(&one);
}

static bool same_owner(const struct owner *a, const struct owner *b)
{
	return same_user(a, b) && a->process == b->process;
}

/*
 * The oldest first; those that may not begin yet do not hold up the ones behind them. A worker
 * finds out whether its caller is gone.
 */
void workers_begin(void)
{
	struct owner refused[REFUSED_MOST];
	size_t i, k, kept = 0, refusals = 0;
	long now = now_ms();

	for (i = 0; i < waiting_used; i++) {
		struct waiting *one = &waiting[i];

		for (k = 0; k < refusals && !same_owner(&one->owner, &refused[k]); k++)
			;
		if (k == refusals) {
			if (may_begin(&one->owner, now) && begin(one))
				continue;
			if (refusals < REFUSED_MOST)
				refused[refusals++] = one->owner;
		}
		waiting[kept++] = *one;
	}
	waiting_used = kept;
}

static void forget_waiting(void)
{
	size_t i, kept = 0;

	for (i = 0; i < waiting_used; i++) {
		if (!is_gone(waiting[i].notification.id))
			waiting[kept++] = waiting[i];
	}
	waiting_used = kept;
}

/* The last one moves into its room. Its shared word stays its own. */
static void forget(size_t i)
{
	struct worker *last = &workers[--used], freed = workers[i];

	workers[i] = *last;
	*last = freed;
}

void workers_reap(void)
{
	struct waiting one;
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (i = 0; i < used && workers[i].pid != pid; i++)
			;
		if (i == used)
			continue;
		/* One that ended without an answer leaves the call to the kernel. After an answer
		 * this says nothing. */
		if (workers[i].restarts < RESTARTS_ANEW || is_gone(atomic_load(workers[i].id))) {
			kernel_continue(listener_fd, atomic_load(workers[i].id));
			forget(i);
			continue;
		}
		/* One that was handed another call than its own. */
		one = (struct waiting){ .notification = workers[i].notification };
		one.notification.id = atomic_load(workers[i].id);
		forget(i);
		put_behind(&one);
	}
}

void workers_look(void)
{
	long now = now_ms();
	size_t i;

	for (i = 0; i < used; i++) {
		if (!is_gone(atomic_load(workers[i].id))) {
			workers[i].gone = 0;
			continue;
		}
		/* Where calls restart the same one may come again. */
		if (!workers[i].gone)
			workers[i].gone = now;
		if (!calls_restart || now - workers[i].gone > ANSWER_KEPT_MS)
			end(&workers[i]);
	}
	forget_waiting();
}
