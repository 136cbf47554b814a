// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * workers.c - a process for each call under way, in a process group of its own with all that it
 * makes. One that has answered at once holds nothing of the call and waits for the next one for a
 * moment; it has the supervisor's rights all the time. No caller waits for another: a process or
 * user may have only so many calls at once that the next one still finds room, and a call whose
 * caller has ended is ended. Forks and kills; the supervisor itself never waits for a worker.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/futex.h>

#include "supervisor/answer.h"
#include "supervisor/calls.h"
#include "supervisor/workers.h"

#define YOUNG_MS 100 /* workers this young take processor time, older ones wait for something */
#define YOUNG_EACH 4 /* so many of a user for each processor: more would only delay others */
#define LEAST 64     /* room for workers on the smallest machine */
#define MOST 2048
#define SLOTS 65536 /* memory that is touched only when it is used */
#define MEMORY_EACH \
	(2u \
	 << 20) /* memory per worker at which all of them would take a quarter of the machine's */
#define OOM_MOST "1000"
#define DOMAIN_USERS_MOST 64
#define DOMAIN_FLAGS 7u /* of Linux 6.15, about records: the caller alone is restricted */
#define LOOK_MOST 256 /* waiting calls that are looked at each time: the kernel searches for each */
#define IDLE_MOST 16  /* so many wait for another call, */
#define IDLE_MS 300   /* so long */
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

/* Shared with a worker. */
struct desk {
	/* The call that it has in hand, which may change while it has; 0: none any more. */
	_Atomic uint64_t id;
	_Atomic uint32_t idle; /* set by the worker, cleared by the supervisor; a futex */
	bool has_domain;       /* the caller may be in a Landlock domain */
	struct kernel_notification notification; /* the call that it begins with */
};

struct worker {
	pid_t pid;
	struct desk *desk;
	struct kernel_notification notification;
	struct owner owner;
	int restarts; /* how often the call was interrupted and made anew before */
	long began;
	long gone; /* since when the caller waits no longer, or 0 */
	long idle; /* since when it was seen without a call, or 0 */
	bool ended;
};

struct waiting {
	struct kernel_notification notification;
	struct owner owner;
	int restarts;
};

static int listener_fd;
static const struct target_own *supervisor;
static bool calls_restart;
/* Users whose tasks may be in a Landlock domain; root may become anybody in one. */
static unsigned int domain_users[DOMAIN_USERS_MOST];
static size_t domain_users_used;
static bool all_have_domains;
static struct desk *desks; /* one for each worker */
/* Shared with the workers: calls wait until one of them is idle, which it tells by an eventfd. */
static _Atomic uint32_t *wanted;
static int idle_fd;
static struct worker *workers;
static struct waiting *waiting;
static size_t room, used, waiting_room, waiting_used, young_most;

int workers_prepare(void)
{
	workers = mmap(NULL, SLOTS * sizeof(*workers), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	desks = mmap(NULL, SLOTS * sizeof(*desks), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	wanted = mmap(NULL, sizeof(*wanted), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	return workers == MAP_FAILED || desks == MAP_FAILED || wanted == MAP_FAILED ? -ENOMEM : 0;
}

int workers_start(int listener, const struct target_own *own, bool restarts)
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
	idle_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (idle_fd < 0)
		_exit(1);
	return idle_fd;
}

static bool is_idle(const struct worker *worker)
{
	return atomic_load(&worker->desk->idle);
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

/* The calls that must end before another one may begin. */
enum wait {
	WAITS_FOR_NONE,
	WAITS_FOR_PROCESS, /* some of its own process, */
	WAITS_FOR_USER,	   /* or of its user: all calls of this user wait for them */
};

static enum wait may_begin(const struct owner *owner, long now)
{
	size_t process = 0, user = 0, young = 0, busy = used, left, i;

	if (used == SLOTS)
		return WAITS_FOR_USER;
	for (i = 0; i < used; i++) {
		if (is_idle(&workers[i])) {
			busy--;
			continue;
		}
		if (!same_user(&workers[i].owner, owner))
			continue;
		user++;
		process += workers[i].owner.process == owner->process;
		young += now - workers[i].began < YOUNG_MS;
	}
	left = room > busy ? room - busy : 0;
	/* A user's first call is never held up by other users, however many these are. */
	if (!user)
		return WAITS_FOR_NONE;
	if (!left || young >= young_most || user > left / PER_USER)
		return WAITS_FOR_USER;
	return process > left / PER_PROCESS ? WAITS_FOR_PROCESS : WAITS_FOR_NONE;
}

/* --- ended, and gone --- */

/* End it with all that it has made. Its number stays its group's until it is reaped. */
static void end(struct worker *worker)
{
	worker->ended = true;
	kill(-worker->pid, SIGKILL);
	kill(worker->pid, SIGKILL);
}

/* Only -ENOENT means that the caller waits no longer. */
static bool is_gone(uint64_t id)
{
	return kernel_is_waiting(listener_fd, id) == -ENOENT;
}

/* --- Landlock domains --- */

static bool may_have_domain(const struct owner *owner)
{
	size_t i;

	for (i = 0; i < domain_users_used && domain_users[i] != owner->user; i++)
		;
	return all_have_domains || (owner->known ? i < domain_users_used : domain_users_used > 0);
}

/*
 * Known before the domain is there; nobody can look who is in it later. Without capabilities it
 * takes no_new_privs, so that the tasks in it keep their user. With flags that newer kernels have,
 * other threads may be in it.
 */
static void expect_domain(const struct waiting *one)
{
	unsigned int user;
	size_t i;

	for (i = 0; i < domain_users_used && domain_users[i] != one->owner.user; i++)
		;
	if (one->notification.args[1] & ~DOMAIN_FLAGS ||
	    !target_keeps_user(supervisor, (pid_t)one->notification.pid, &user) ||
	    user != one->owner.user || (i == domain_users_used && i == DOMAIN_USERS_MOST))
		all_have_domains = true;
	else if (i == domain_users_used)
		domain_users[domain_users_used++] = user;
	/* Work begun before a handler of a signal is not done for it in the domain. */
	for (i = 0; i < used; i++) {
		uint64_t id = atomic_load(&workers[i].desk->id);

		if (workers[i].notification.pid == one->notification.pid && id && is_gone(id))
			end(&workers[i]);
	}
}

/* --- beginning and ending --- */

static long futex(_Atomic uint32_t *word, int operation, uint32_t value)
{
	return syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

/*
 * A worker that has answered puts its call down, and waits. False: it has been handed the same call
 * made anew meanwhile, or everything is to end.
 */
static bool wait_for_call(struct desk *desk)
{
	uint64_t done = desk->notification.id;

	if (!atomic_compare_exchange_strong(&desk->id, &done, 0))
		return false;
	answer_forget();
	atomic_store(&desk->idle, 1);
	if (atomic_load(wanted) && eventfd_write(idle_fd, 1) < 0)
		return false;
	while (atomic_load(&desk->idle)) {
		if (futex(&desk->idle, FUTEX_WAIT, 1) < 0 && errno != EAGAIN && errno != EINTR)
			return false;
	}
	return true;
}

/* A call may make the kernel and the library take memory: they go before anything else does. */
static void be_first_to_go(void)
{
	int fd = openat(supervisor->proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, OOM_MOST, sizeof(OOM_MOST) - 1) < 0)
		errno = 0;
	close(fd);
}

static void __attribute__((noreturn)) be_worker(struct desk *desk)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_NAME, "mntcompat-work");
	be_first_to_go();
	/* The process that becomes a target sees nothing of other calls. */
	madvise(desks, SLOTS * sizeof(*desks), MADV_DONTFORK);
	madvise(workers, SLOTS * sizeof(*workers), MADV_DONTFORK);
	madvise((void *)wanted, sizeof(*wanted), MADV_DONTFORK);
	/* If the supervisor has ended, the kernel answers ENOSYS. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0) {
		while (answer(listener_fd, supervisor, &desk->notification, desk->has_domain,
			      &desk->id) &&
		       wait_for_call(desk))
			;
	}
	_exit(0);
}

static void put_on_desk(struct worker *worker, const struct waiting *one)
{
	worker->notification = one->notification;
	worker->owner = one->owner;
	worker->restarts = one->restarts;
	worker->gone = worker->idle = 0;
	worker->ended = false;
	worker->began = now_ms();
	worker->desk->notification = one->notification;
	worker->desk->has_domain = may_have_domain(&one->owner);
	atomic_store(&worker->desk->id, one->notification.id);
}

/* True if the user has a call under way, which will end. */
static bool is_busy(const struct owner *owner)
{
	size_t i;

	for (i = 0; i < used; i++) {
		const struct worker *worker = &workers[i];

		/* One whose caller is gone may wait for a file server. */
		if (!is_idle(worker) && !worker->ended && !worker->gone &&
		    same_user(&worker->owner, owner))
			return true;
	}
	return false;
}

/* False: there can be no more processes, and another call of this user will end. */
static bool begin(const struct waiting *one)
{
	struct worker *worker;
	size_t i;

	for (i = 0; i < used; i++) {
		worker = &workers[i];
		if (!is_idle(worker) || worker->ended)
			continue;
		put_on_desk(worker, one);
		atomic_store(&worker->desk->idle, 0);
		futex(&worker->desk->idle, FUTEX_WAKE, 1);
		return true;
	}
	worker = &workers[used];
	if (!worker->desk)
		worker->desk = &desks[used];
	put_on_desk(worker, one);
	atomic_store(&worker->desk->idle, 0);
	worker->pid = fork();
	if (worker->pid == 0)
		be_worker(worker->desk);
	if (worker->pid < 0 && is_busy(&one->owner))
		return false;
	if (worker->pid < 0) {
		kernel_answer(listener_fd, one->notification.id, 0, -ENOMEM);
		return true;
	}
	setpgid(worker->pid, worker->pid);
	used++;
	return true;
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
		uint64_t id = atomic_load(&worker->desk->id);

		/* One that has put its call down has answered it. */
		if (worker->ended || worker->notification.pid != one->notification.pid || !id ||
		    !is_gone(id))
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
		if (!atomic_compare_exchange_strong(&worker->desk->id, &id, one->notification.id))
			continue;
		worker->restarts = one->restarts;
		worker->gone = 0;
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

	if (call_makes_domain(notification->number)) {
		know_owner(&one);
		expect_domain(&one);
		kernel_continue(listener_fd, notification->id);
		return;
	}
	if (calls_restart && is_restart(&one))
		return;
	know_owner(&one);
	put_behind(&one);
}

struct refusal {
	struct owner owner;
	enum wait wait;
};

static bool is_refused(const struct refusal *refusal, const struct owner *owner)
{
	return same_user(&refusal->owner, owner) &&
	       (refusal->wait == WAITS_FOR_USER || refusal->owner.process == owner->process);
}

/*
 * The oldest first; those that may not begin yet do not hold up the ones behind them. A worker
 * finds out whether its caller is gone.
 */
void workers_begin(void)
{
	struct refusal refused[REFUSED_MOST];
	size_t i, k, kept = 0, refusals = 0;
	long now = now_ms();
	uint64_t count;

	/* A worker that becomes idle from here on tells it, if calls wait. */
	eventfd_read(idle_fd, &count);
	atomic_store(wanted, waiting_used > 0);
	for (i = 0; i < waiting_used; i++) {
		struct waiting *one = &waiting[i];

		for (k = 0; k < refusals && !is_refused(&refused[k], &one->owner); k++)
			;
		if (k == refusals) {
			enum wait wait = may_begin(&one->owner, now);

			if (wait == WAITS_FOR_NONE && begin(one))
				continue;
			if (wait == WAITS_FOR_NONE)
				wait = WAITS_FOR_PROCESS;
			if (refusals < REFUSED_MOST)
				refused[refusals++] =
					(struct refusal){ .owner = one->owner, .wait = wait };
		}
		waiting[kept++] = *one;
	}
	waiting_used = kept;
	if (!waiting_used)
		atomic_store(wanted, 0);
}

/* Some of them each time, all of them in turn: one that is gone takes memory, and nothing else. */
static void forget_waiting(void)
{
	static size_t next;
	size_t i, kept, end;

	if (!waiting_used)
		return;
	if (next >= waiting_used)
		next = 0;
	end = waiting_used - next < LOOK_MOST ? waiting_used : next + LOOK_MOST;
	for (i = kept = next; i < end; i++) {
		if (!is_gone(waiting[i].notification.id))
			waiting[kept++] = waiting[i];
	}
	next = kept;
	memmove(waiting + kept, waiting + end, (waiting_used - end) * sizeof(*waiting));
	waiting_used -= end - kept;
}

/* The last one moves into its room. Its desk stays its own. */
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
	uint64_t id;
	size_t i;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (i = 0; i < used && workers[i].pid != pid; i++)
			;
		if (i == used)
			continue;
		/* One that ended without an answer leaves the call to the kernel. After an answer
		 * this says nothing. */
		id = atomic_load(&workers[i].desk->id);
		if (workers[i].restarts < RESTARTS_ANEW || !id || is_gone(id)) {
			if (id)
				kernel_continue(listener_fd, id);
			forget(i);
			continue;
		}
		/* One that was handed another call than its own. */
		one = (struct waiting){ .notification = workers[i].notification };
		one.notification.id = id;
		forget(i);
		put_behind(&one);
	}
}

/* True if the worker has no call and need not be kept. */
static bool is_spare(struct worker *worker, size_t *idle, long now)
{
	if (!worker->idle)
		worker->idle = now;
	return ++*idle > IDLE_MOST || now - worker->idle > IDLE_MS;
}

void workers_look(void)
{
	long now = now_ms();
	size_t i, idle = 0;

	for (i = 0; i < used; i++) {
		struct worker *worker = &workers[i];
		uint64_t id = atomic_load(&worker->desk->id);

		if (is_idle(worker)) {
			if (is_spare(worker, &idle, now))
				end(worker);
			continue;
		}
		if (!id || !is_gone(id)) {
			worker->gone = 0;
			continue;
		}
		/* Where calls restart the same one may come again. */
		if (!worker->gone)
			worker->gone = now;
		if (!calls_restart || now - worker->gone > ANSWER_KEPT_MS ||
		    target_has_ended(supervisor, (pid_t)worker->notification.pid))
			end(worker);
	}
	forget_waiting();
}
