// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * contexts.c - calls from where a program may make few: a child that a program with threads has
 * forked, a vfork() child, a signal handler that interrupts a call, a thread with the least stack,
 * a process that is traced, one below valgrind. Each answer has to be that of a plain call, in
 * time. Root only. Run by make check-fault; TAP.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define SECONDS 60 /* for a context; a deadlock is over then */
#define FORKS 20
#define SIGNALS 100
#define HAMMERS 3

/* --- the calls: none allocates memory for its caller --- */

/* The part of an answer that must be the same from everywhere. */
struct outcome {
	long ret;
	int error;
	uint64_t detail;
};

static int tree = -1, own_namespace = -1;
static uint64_t tree_id;

static int call_statmount_fd(uint64_t *detail)
{
	static _Thread_local char room[4096];
	struct mntcompat_statmount *answer = (void *)room;
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_fd = (uint32_t)tree,
					    .param = 0x7fff };
	int ret = mntcompat_statmount(&req, answer, sizeof(room), MNTCOMPAT_STATMOUNT_BY_FD);

	*detail = ret < 0 ? 0 : answer->mask ^ answer->mnt_id;
	return ret;
}

static int call_statmount_id(uint64_t *detail)
{
	static _Thread_local char room[4096];
	struct mntcompat_statmount *answer = (void *)room;
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = tree_id,
					    .param = 0x7fff };
	int ret = mntcompat_statmount(&req, answer, sizeof(room), 0);

	*detail = ret < 0 ? 0 : answer->mask ^ answer->mnt_id;
	return ret;
}

static int call_listmount(uint64_t *detail)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = tree_id };
	uint64_t ids[16];
	ssize_t ret = mntcompat_listmount(&req, ids, ARRAY_SIZE(ids), 0);

	*detail = ret > 0 ? ids[0] : 0;
	return (int)ret;
}

static int call_statx(uint64_t *detail)
{
	struct mntcompat_statx answer = { 0 };
	int ret = mntcompat_statx(tree, "", MNTCOMPAT_AT_EMPTY_PATH, MNTCOMPAT_STATX_MNT_ID_UNIQUE,
				  &answer);

	*detail = ret < 0 ? 0 : answer.stx_mnt_id;
	return ret;
}

static int call_namespace_id(uint64_t *detail)
{
	int ret = mntcompat_namespace_id(own_namespace, detail);

	if (ret < 0)
		*detail = 0;
	return ret;
}

static int closed(int fd)
{
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return fd < 0 ? -1 : 0;
}

static int call_open_tree(uint64_t *detail)
{
	*detail = 0;
	return closed(
		mntcompat_open_tree(tree, "",
				    MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					    MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_RECURSIVE));
}

static int call_open_tree_attr(uint64_t *detail)
{
	struct mntcompat_mount_attr attr = { .attr_set = 2 /* nosuid */ };

	*detail = 0;
	return closed(mntcompat_open_tree_attr(
		tree, "",
		MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_EMPTY_PATH,
		&attr, sizeof(attr)));
}

static int call_mount_setattr(uint64_t *detail)
{
	struct mntcompat_mount_attr attr = { .attr_set = 4 /* nodev */ };

	*detail = 0;
	return mntcompat_mount_setattr(tree, "", MNTCOMPAT_AT_EMPTY_PATH, &attr, sizeof(attr));
}

static const struct {
	const char *name;
	int (*make)(uint64_t *detail);
} calls[] = {
	{ "statmount by fd", call_statmount_fd },  { "statmount by id", call_statmount_id },
	{ "listmount", call_listmount },	   { "statx", call_statx },
	{ "namespace_id", call_namespace_id },	   { "open_tree", call_open_tree },
	{ "open_tree_attr", call_open_tree_attr }, { "mount_setattr", call_mount_setattr },
};
#define CALLS ARRAY_SIZE(calls)

static struct outcome wanted[CALLS];

/* In memory that the children share. */
static struct shared {
	atomic_uint made[CALLS];
	atomic_uint wrong[CALLS];
	struct outcome first[CALLS]; /* the first wrong one */
} * shared;

static struct outcome make(size_t i)
{
	struct outcome outcome = { 0 };

	errno = 0;
	outcome.ret = calls[i].make(&outcome.detail);
	outcome.error = outcome.ret < 0 ? errno : 0;
	return outcome;
}

static void check(size_t i)
{
	struct outcome outcome = make(i);

	atomic_fetch_add(&shared->made[i], 1);
	if (outcome.ret == wanted[i].ret && outcome.error == wanted[i].error &&
	    outcome.detail == wanted[i].detail)
		return;
	if (!atomic_fetch_add(&shared->wrong[i], 1))
		shared->first[i] = outcome;
}

/* --- the contexts: each in a process of its own, which calls check() for each of the calls --- */

static atomic_int over;

static void *hammer(void *arg)
{
	size_t i = (size_t)arg;

	while (!atomic_load(&over)) {
		make(i++ % CALLS);
		free(malloc(100 + i % 5000));
	}
	return NULL;
}

/* The other threads hold whatever locks they hold when the child is made. */
static void in_fork(void)
{
	pthread_t threads[HAMMERS];
	size_t i, n;
	int status;
	pid_t pid;

	for (i = 0; i < HAMMERS; i++)
		if (pthread_create(&threads[i], NULL, hammer, (void *)i))
			_exit(99);
	for (n = 0; n < FORKS; n++) {
		pid = fork();
		if (!pid) {
			alarm(SECONDS);
			for (i = 0; i < CALLS; i++)
				check(i);
			_exit(0);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			_exit(98);
	}
	atomic_store(&over, 1);
	for (i = 0; i < HAMMERS; i++)
		pthread_join(threads[i], NULL);
}

static void in_vfork(void)
{
	volatile size_t i;
	int status;
	pid_t pid;

	for (i = 0; i < CALLS; i++) {
		pid = vfork();
		if (!pid) {
			check(i);
			_exit(0);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			_exit(98);
	}
}

static volatile sig_atomic_t handled;

static void handler(int number)
{
	int error = errno;

	(void)number;
	check((size_t)handled % CALLS);
	handled = handled + 1;
	errno = error;
}

/* A signal comes every millisecond, most of them while a call is made. */
static void in_handler(void)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } }, never = { { 0, 0 }, { 0, 0 } };
	size_t i = 0;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (handled < SIGNALS)
		check(i++ % CALLS);
	setitimer(ITIMER_REAL, &never, NULL);
}

static void *check_all(void *arg)
{
	size_t i;

	(void)arg;
	for (i = 0; i < CALLS; i++)
		check(i);
	return NULL;
}

static void in_small_thread(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_attr_init(&attr) || pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN) ||
	    pthread_create(&thread, &attr, check_all, NULL))
		_exit(99);
	pthread_join(thread, NULL);
}

/* A tracer that follows each task, as strace -f and gdb do. */
static void in_traced(void)
{
	const long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD;
	int status, result = -1;
	pid_t pid = fork(), task;

	if (!pid) {
		raise(SIGSTOP);
		check_all(NULL);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, WUNTRACED) != pid ||
	    ptrace(PTRACE_SEIZE, pid, 0, options))
		_exit(99);
	kill(pid, SIGCONT);
	while ((task = waitpid(-1, &status, __WALL)) > 0) {
		int signal = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;

		if (task == pid && (WIFEXITED(status) || WIFSIGNALED(status)))
			result = status;
		if (!WIFSTOPPED(status))
			continue;
		/* Stops of the tracer's own are not signals for the task. */
		if (status >> 16 || signal == (SIGTRAP | 0x80))
			signal = 0;
		ptrace(PTRACE_SYSCALL, task, 0, signal);
	}
	if (result)
		_exit(98);
}

static const char *const valgrinds[] = { "/usr/bin/valgrind", "/bin/valgrind", NULL };
static const char *program;

static const char *find_valgrind(void)
{
	int i;

	for (i = 0; valgrinds[i]; i++)
		if (!access(valgrinds[i], X_OK))
			return valgrinds[i];
	return NULL;
}

/*
 * This program once more, with --below. Valgrind knows neither the new calls, which it answers with
 * ENOSYS, nor tasks like the helper, at which it ends the program: what needs no helper must work.
 */
static void in_valgrind(void)
{
	int null = open("/dev/null", O_WRONLY);

	/* It warns of each call that it does not know. */
	dup2(null, 2);
	execl(find_valgrind(), "valgrind", "-q", "--error-exitcode=9", program, "--below",
	      (char *)NULL);
	_exit(99);
}

/* The answers about a mount that is in the mount table; 0 if they are sound. */
static int below_valgrind(void)
{
	struct outcome by_fd, id;

	tree = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	by_fd = make(0);
	id = make(3);
	if (strcmp(calls[0].name, "statmount by fd") || strcmp(calls[3].name, "statx"))
		return 2;
	return tree < 0 || by_fd.ret || id.ret || !id.detail;
}

static const struct context {
	const char *name;
	void (*run)(void);
	bool elsewhere; /* it counts no calls here */
} contexts[] = {
	{ "a child forked by a program with threads", in_fork, false },
	{ "a vfork() child", in_vfork, false },
	{ "a signal handler that interrupts a call", in_handler, false },
	{ "a thread with a stack of PTHREAD_STACK_MIN", in_small_thread, false },
	{ "a traced process", in_traced, false },
	{ "a process below valgrind, without a helper", in_valgrind, true },
};

static bool run(const struct context *context, char *why, size_t room)
{
	uint64_t end;
	int status;
	pid_t pid;
	size_t i;

	memset(shared, 0, sizeof(*shared));
	fflush(NULL);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		context->run();
		_exit(0);
	}
	end = fault_now() + SECONDS * 1000000000ull;
	while (!waitpid(pid, &status, WNOHANG)) {
		if (fault_now() > end) {
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			snprintf(why, room, "not done after %d seconds", SECONDS);
			return false;
		}
		usleep(1000);
	}
	if (status) {
		snprintf(why, room, WIFSIGNALED(status) ? "died of signal %d" : "ended with %d",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		return false;
	}
	for (i = 0; i < CALLS && !context->elsewhere; i++) {
		if (!shared->made[i]) {
			snprintf(why, room, "%s was not called", calls[i].name);
			return false;
		}
		if (shared->wrong[i]) {
			snprintf(why, room,
				 "%s: %u of %u wrong; the first: %ld %s, detail %llx not %llx",
				 calls[i].name, shared->wrong[i], shared->made[i],
				 shared->first[i].ret, fault_errno_name(shared->first[i].error),
				 (unsigned long long)shared->first[i].detail,
				 (unsigned long long)wanted[i].detail);
			return false;
		}
	}
	return true;
}

static void prepare(struct fault_world *world, const char *place)
{
	struct mntcompat_statx answer = { 0 };
	char path[128];

	fault_world_open(world, place);
	snprintf(path, sizeof(path), "%s/src", place);
	tree = (int)fault_must(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), path);
	own_namespace = (int)fault_must(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "ns/mnt");
	fault_must(mntcompat_statx(tree, "", MNTCOMPAT_AT_EMPTY_PATH, MNTCOMPAT_STATX_MNT_ID_UNIQUE,
				   &answer),
		   "statx");
	tree_id = answer.stx_mnt_id;
}

/* In a child, with whose end the mounts on @place end. */
static unsigned int run_all(const char *place)
{
	struct fault_world world;
	unsigned int failed = 0;
	char why[256];
	size_t i;

	prepare(&world, place);
	for (i = 0; i < CALLS; i++)
		wanted[i] = make(i);
	printf("TAP version 13\n1..%zu\n", ARRAY_SIZE(contexts));
	for (i = 0; i < ARRAY_SIZE(contexts); i++) {
		if (contexts[i].run == in_valgrind && !find_valgrind()) {
			printf("ok %zu - %s # SKIP no valgrind\n", i + 1, contexts[i].name);
			continue;
		}
		if (run(&contexts[i], why, sizeof(why))) {
			printf("ok %zu - %s\n", i + 1, contexts[i].name);
			continue;
		}
		failed++;
		printf("not ok %zu - %s\n# %s\n", i + 1, contexts[i].name, why);
	}
	fault_world_close(&world);
	return failed;
}

int main(int argc, char **argv)
{
	char place[64];
	int status;
	pid_t pid;

	program = argv[0];
	if (geteuid()) {
		fprintf(stderr, "this needs root\n");
		return 77;
	}
	if (argc > 1 && !strcmp(argv[1], "--below"))
		return below_valgrind();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		fault_broken("memory");
	fault_world_place(place);
	pid = (pid_t)fault_must(fork(), "fork");
	if (!pid)
		exit(run_all(place) ? 1 : 0);
	if (waitpid(pid, &status, 0) != pid)
		fault_broken("waitpid");
	rmdir(place);
	return status ? 1 : 0;
}
