// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * threads.c - both calls from many threads at once, while fds are closed under them and processes
 * are forked. One more task shares the memory but lives in a user namespace and a mount namespace
 * of its own. Root only. Run by make check-fault; TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"

#define THREADS 8
#define NS MNTCOMPAT_OPEN_TREE_NAMESPACE
#define CLOEXEC MNTCOMPAT_OPEN_TREE_CLOEXEC
#define REC MNTCOMPAT_AT_RECURSIVE

static struct fault_world world;
static int rounds = 200;

/* The expected answers, read before the threads start. */
static union {
	struct mntcompat_statmount answer;
	char room[16384];
} whole_src;
static char namespace_src[8192];

static _Atomic int over;
static _Atomic unsigned int open_tree_ok, open_tree_short, statmount_ok, closed, forked;
static _Atomic unsigned int wrong;
static char first_wrong[512];

static void complain(const char *call, const char *why)
{
	if (atomic_fetch_add(&wrong, 1) == 0)
		snprintf(first_wrong, sizeof(first_wrong), "%s: %s", call, why);
}

static int statmount_of(int fd, void *buf, size_t size)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_fd = (uint32_t)fd,
					    .param = 0x7fff };

	return mntcompat_statmount(&req, buf, size, MNTCOMPAT_STATMOUNT_BY_FD);
}

/* Root of the namespace: the number of mounts says whether it is the right one. */
static int count_mounts(int nsfd, char *text, size_t size)
{
	fault_describe_namespace(nsfd, text, size);
	return 0;
}

static void try_open_tree(unsigned int round)
{
	/* How the test tells its own fds: the thread that closes leaves numbers below 100 alone. */
	int fd = mntcompat_open_tree(AT_FDCWD, "src", NS | REC | CLOEXEC);
	struct stat st, own;
	char text[8192];

	if (fd < 0) {
		/* The user's limit of namespaces counts those that are just going away. */
		if (errno == ENOSPC || errno == ENOMEM || errno == EOPNOTSUPP)
			open_tree_short++;
		else
			complain("open_tree", fault_errno_name(errno));
		return;
	}
	open_tree_ok++;
	if (fstat(fd, &st) < 0 || stat("/proc/self/ns/mnt", &own) < 0)
		complain("open_tree", "the fd is none");
	else if (st.st_dev != own.st_dev || st.st_ino == own.st_ino)
		complain("open_tree", "the fd is not a new namespace");
	if (round % 20 == 0) {
		count_mounts(fd, text, sizeof(text));
		if (strcmp(text, namespace_src))
			complain("open_tree", fault_state_difference(namespace_src, text));
	}
	close(fd);
}

static void try_statmount(void)
{
	union {
		struct mntcompat_statmount answer;
		char room[16384];
	} buf;
	const char *difference;
	int fd = open("src", O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		complain("open", strerror(errno));
		return;
	}
	if (statmount_of(fd, &buf, sizeof(buf)) < 0) {
		complain("statmount", fault_errno_name(errno));
	} else {
		difference = fault_answer_wrong(&whole_src.answer, &buf.answer, false);
		if (difference)
			complain("statmount", difference);
		statmount_ok++;
	}
	close(fd);
}

static void *caller(void *arg)
{
	unsigned int i;

	for (i = 0; i < (unsigned int)rounds; i++) {
		if ((i + (unsigned int)(uintptr_t)arg) % 2)
			try_open_tree(i);
		else
			try_statmount();
	}
	return NULL;
}

/* Closes what it does not know, which is only the library's. */
static void *closer(void *arg)
{
	struct stat st, own;
	int fd;

	(void)arg;
	stat("/proc/self/ns/mnt", &own);
	while (!over) {
		for (fd = 100; fd < 110; fd++)
			if (fstat(fd, &st) == 0 && st.st_dev == own.st_dev && close(fd) == 0)
				closed++;
		/* Somebody else's now. */
		fd = fcntl(world.elsewhere, F_DUPFD_CLOEXEC, 100);
		usleep(3000);
		if (fd >= 0 && close(fd) < 0)
			complain("close", "an fd that is not the library's is gone");
	}
	return NULL;
}

/* Children at any moment, also while another thread writes to what the library remembers. */
static void *forker(void *arg)
{
	(void)arg;
	while (!over) {
		pid_t pid = fork();
		int status, fd;

		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			fd = mntcompat_open_tree(AT_FDCWD, "flat", NS | CLOEXEC);
			_exit(fd < 0 &&
			      !(errno == ENOSPC || errno == ENOMEM || errno == EOPNOTSUPP));
		}
		if (pid < 0)
			continue;
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			complain("a forked child", WIFEXITED(status) ? "cannot" : "crashed");
		forked++;
		usleep(5000);
	}
	return NULL;
}

/*
 * Shares memory and fds, not threads' storage: errno is the creator's, so the creator waits
 * elsewhere for it (nobody else uses its errno).
 */
struct stranger {
	_Atomic int done;
	unsigned int ok, refused;
	int failed; /* errno */
	int owner_wrong;
};

static int stranger_main(void *arg)
{
	struct stranger *stranger = arg;
	struct stat mine, theirs;
	int fd, user, owner, i;

	if (setns(world.userns, CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNS) < 0) {
		stranger->failed = errno;
		stranger->done = 1;
		return 0;
	}
	user = open("/proc/thread-self/ns/user", O_RDONLY | O_CLOEXEC);
	for (i = 0; i < rounds; i++) {
		fd = mntcompat_open_tree(AT_FDCWD, "flat", NS | CLOEXEC);
		if (fd < 0) {
			if (errno != ENOSPC && errno != ENOMEM && errno != EOPNOTSUPP)
				stranger->failed = errno;
			stranger->refused++;
			continue;
		}
		stranger->ok++;
		/* NS_GET_USERNS: the new namespace belongs to the caller's user namespace, never to
		 * root's. */
		owner = (int)syscall(SYS_ioctl, fd, UAPI_NS_GET_USERNS, NULL);
		if (owner < 0 || fstat(owner, &theirs) < 0 || fstat(user, &mine) < 0 ||
		    mine.st_ino != theirs.st_ino)
			stranger->owner_wrong++;
		if (owner >= 0)
			close(owner);
		close(fd);
	}
	close(user);
	stranger->done = 1;
	return 0;
}

static void *stranger_thread(void *arg)
{
	struct stranger *stranger = arg;
	size_t size = 256 * 1024;
	char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	/*
	 * A task with its own fs, in the memory of this thread: the thread does nothing meanwhile
	 * but wait, which CLONE_VFORK does for it.
	 */
	pid = clone(stranger_main, stack + size, CLONE_VM | CLONE_FILES | CLONE_VFORK, stranger);
	if (pid > 0)
		while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
			;
	else
		stranger->failed = errno;
	munmap(stack, size);
	return NULL;
}

static void one_run(const char *level)
{
	static char before[FAULT_STATE_SIZE], after[FAULT_STATE_SIZE];
	pthread_t threads[THREADS], other[3];
	struct stranger stranger = { .ok = 0 };
	uint64_t start = fault_now();
	char name[96];
	const char *difference = NULL;
	int fd, i;

	mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
	mntcompat_set_kernel(level);
	open_tree_ok = open_tree_short = statmount_ok = closed = forked = wrong = 0;
	over = 0;
	first_wrong[0] = '\0';
	fd = (int)fault_must(open("src", O_RDONLY | O_CLOEXEC), "src");
	fault_must(statmount_of(fd, &whole_src, sizeof(whole_src)), "statmount");
	close(fd);
	fd = (int)fault_must(mntcompat_open_tree(AT_FDCWD, "src", NS | REC | CLOEXEC), "open_tree");
	count_mounts(fd, namespace_src, sizeof(namespace_src));
	close(fd);

	fault_state(getpid(), -1, before, NULL);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, caller, (void *)(uintptr_t)i))
			fault_broken("no thread");
	if (pthread_create(&other[0], NULL, closer, NULL) ||
	    pthread_create(&other[1], NULL, forker, NULL) ||
	    pthread_create(&other[2], NULL, stranger_thread, &stranger))
		fault_broken("no thread");
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_join(other[2], NULL);
	over = 1;
	pthread_join(other[0], NULL);
	pthread_join(other[1], NULL);
	fault_state(getpid(), -1, after, NULL);
	/*
	 * The memory of threads' stacks stays, and so does the C library's own handler for threads.
	 */
	difference = fault_state_difference(before, after);
	if (difference && (strstr(difference, "VmSize") || strstr(difference, "SigCgt")))
		difference = NULL;

	snprintf(name, sizeof(name), "threads%s%s", level ? " as " : "", level ? level : "");
	tap_result(
		!wrong && open_tree_ok && !difference, name,
		"%u namespaces, %u times too few, %u answers, %u fds closed, %u forks, %u wrong%s%s%s%s, %d ms",
		open_tree_ok, open_tree_short, statmount_ok, closed, forked, wrong,
		wrong ? ": " : "", first_wrong, difference ? ": " : "",
		difference ? difference : "", (int)(fault_now() - start));
	snprintf(name, sizeof(name), "a task that shares memory%s%s", level ? " as " : "",
		 level ? level : "");
	tap_result(stranger.ok && !stranger.failed && !stranger.owner_wrong, name,
		   "%u namespaces, %u refused, %d with the wrong owner, %s", stranger.ok,
		   stranger.refused, stranger.owner_wrong, fault_errno_name(stranger.failed));
}

static void run(const char *place)
{
	static const char *const levels[] = { NULL, "6.1", "5.4" };
	sigset_t set;
	size_t i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fault_world_open(&world, place);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		one_run(levels[i]);
	fault_world_close(&world);
	fflush(stdout);
	_exit(tap_exit());
}

int main(int argc, char **argv)
{
	char place[64], before[16384], after[16384];
	int c, status;
	pid_t pid;

	while ((c = getopt(argc, argv, "n:")) != -1) {
		if (c == 'n') {
			rounds = atoi(optarg);
		} else {
			fprintf(stderr, "usage: threads [-n ROUNDS]\n");
			return 2;
		}
	}
	if (geteuid() != 0)
		tap_skip_all("needs root");
	tap_plan(6);
	fault_read_file("/proc/self/mountinfo", before, sizeof(before));
	fault_world_place(place);
	fflush(stdout);
	pid = (pid_t)fault_must(fork(), "fork");
	if (!pid)
		run(place);
	waitpid(pid, &status, 0);
	rmdir(place);
	fault_read_file("/proc/self/mountinfo", after, sizeof(after));
	if (strcmp(before, after))
		fault_broken("the mount table outside changed");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
