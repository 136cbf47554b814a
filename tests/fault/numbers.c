// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * numbers.c - threads that close numbers which are not theirs, and put directories and namespaces
 * on them, while others call each function. Whatever that does to results, the caller's mount table
 * stays what it is: a process outside compares it all the time.
 * Root only; works in a mount namespace of its own. Run by make check-fault; TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"

#define CALLERS 6
#define CLOSERS 2
#define TABLE (1u << 20)
#define NS MNTCOMPAT_OPEN_TREE_NAMESPACE
#define CLOEXEC MNTCOMPAT_OPEN_TREE_CLOEXEC
#define REC MNTCOMPAT_AT_RECURSIVE

static char place[64];
static int seconds = 2;

/* Of one run; shared with the process that watches. */
static struct counts {
	_Atomic unsigned int good, bad, wrong;
	char first_wrong[128];
} * counts;

static void complain(const char *what)
{
	if (counts->wrong++ == 0)
		snprintf(counts->first_wrong, sizeof(counts->first_wrong), "%s", what);
}

/* --- the calls --- */

static int by_open_tree(void)
{
	return mntcompat_open_tree(AT_FDCWD, "src", NS | CLOEXEC | REC);
}

static int by_open_tree_one(void)
{
	return mntcompat_open_tree(AT_FDCWD, "src", NS | CLOEXEC);
}

static int by_open_tree_attr(void)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC };

	return mntcompat_open_tree_attr(AT_FDCWD, "src", MNTCOMPAT_OPEN_TREE_CLONE | CLOEXEC, &attr,
					sizeof(attr));
}

static int by_fsmount(void)
{
	int fs = (int)syscall(UAPI_NR_fsopen, "tmpfs", 1), fd = -1;

	if (fs >= 0 && syscall(UAPI_NR_fsconfig, fs, 6, NULL, NULL, 0) == 0)
		fd = mntcompat_fsmount(fs, MNTCOMPAT_FSMOUNT_NAMESPACE | MNTCOMPAT_FSMOUNT_CLOEXEC,
				       0);
	if (fs >= 0)
		close(fs);
	return fd;
}

static int by_mount_setattr(void)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOSUID };

	return mntcompat_mount_setattr(AT_FDCWD, "attr", REC, &attr, sizeof(attr)) < 0 ? -1 : -2;
}

/* The empty root has no directory "src". */
static void *enter_empty(void *arg)
{
	int *fd = arg;

	*fd = -1;
	if (mntcompat_unshare(MNTCOMPAT_UNSHARE_EMPTY_MNTNS) < 0)
		return NULL;
	*fd = -2;
	if (access("/proc", F_OK) == 0 || access("/tmp", F_OK) == 0)
		complain("unshare: the thread is in a namespace that is not empty");
	return NULL;
}

static int by_unshare(void)
{
	pthread_t thread;
	int fd;

	if (pthread_create(&thread, NULL, enter_empty, &fd) != 0)
		return -1;
	pthread_join(thread, NULL);
	return fd;
}

static int by_clone3(void)
{
	struct mntcompat_clone_args args = { .flags = MNTCOMPAT_CLONE_EMPTY_MNTNS,
					     .exit_signal = SIGCHLD };
	pid_t pid = mntcompat_clone3(&args, sizeof(args));
	int status = 0;

	if (pid == 0)
		_exit(access("/proc", F_OK) == 0 || access("/tmp", F_OK) == 0 ? 3 : 0);
	if (pid < 0)
		return -1;
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 3)
		complain("clone3: the child is in a namespace that is not empty");
	return -2;
}

static int by_statmount(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = 0x7fff };
	union {
		struct mntcompat_statmount answer;
		char room[8192];
	} buf;
	int fd = (int)syscall(UAPI_NR_open_tree, AT_FDCWD, "src",
			      MNTCOMPAT_OPEN_TREE_CLONE | CLOEXEC | REC),
	    ret;

	req.mnt_fd = (uint32_t)fd;
	ret = fd < 0 ? -1 :
		       mntcompat_statmount(&req, &buf.answer, sizeof(buf),
					   MNTCOMPAT_STATMOUNT_BY_FD);
	if (fd >= 0)
		close(fd);
	return ret < 0 ? -1 : -2;
}

static int by_namespace(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };
	struct mntcompat_mnt_ns_info info = { .size = sizeof(info) };
	uint64_t ids[64];
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), ret = -1;

	if (fd < 0)
		return -1;
	req.mnt_fd = (uint32_t)fd;
	if (mntcompat_listmount(&req, ids, 64, 0) > 0 &&
	    mntcompat_mount_namespace_info(fd, &info) == 0)
		ret = -2;
	close(fd);
	return ret;
}

static const struct {
	const char *name;
	int (*call)(void); /* an fd, -1 for an error, -2 for success without an fd */
} calls[] = {
	{ "open_tree", by_open_tree },
	{ "open_tree", by_open_tree_one },
	{ "open_tree_attr", by_open_tree_attr },
	{ "fsmount", by_fsmount },
	{ "mount_setattr", by_mount_setattr },
	{ "unshare", by_unshare },
	{ "clone3", by_clone3 },
	{ "statmount", by_statmount },
	{ "listmount", by_namespace },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* --- the threads --- */

static void *caller(void *arg)
{
	uint64_t state = (uintptr_t)arg;
	int fd;

	for (;;) {
		/* Half of them the call that all began with. */
		fd = calls[fault_random(&state) % 2 ? 0 : fault_random(&state) % CALLS].call();
		if (fd == -1)
			counts->bad++;
		else
			counts->good++;
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

static int some_number(uint64_t *state)
{
	uint32_t number = fault_random(state);

	/* Where the library keeps a descriptor, and where everything else is. */
	return number % 8 ? 3 + (int)(number / 8 % 24) : 100 + (int)(number / 8 % 4);
}

static void *closer(void *arg)
{
	uint64_t state = (uintptr_t)arg;

	for (;;) {
		close(some_number(&state));
		if (fault_random(&state) % 4 == 0)
			usleep(fault_random(&state) % 50);
	}
	return NULL;
}

/* The worst that may lie on a number: the caller's own namespace, its root, another namespace. */
static void *setter(void *arg)
{
	uint64_t state = (uintptr_t)arg;
	const char *const files[] = { "/proc/self/ns/mnt", "/", "attr", "/proc/1/ns/mnt" };
	int fd;

	for (;;) {
		fd = open(files[fault_random(&state) % 4],
			  fault_random(&state) % 2 ? O_PATH | O_CLOEXEC : O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			dup2(fd, some_number(&state));
			close(fd);
		}
		usleep(fault_random(&state) % 200);
	}
	return NULL;
}

static void run_threads(uint64_t seed)
{
	void *(*const mains[])(void *) = { caller, caller, caller, caller, caller,
					   caller, closer, closer, setter };
	pthread_t thread;
	size_t i;

	_Static_assert(sizeof(mains) / sizeof(mains[0]) == CALLERS + CLOSERS + 1, "the threads");
	/* With the children that its calls make. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < sizeof(mains) / sizeof(mains[0]); i++)
		if (pthread_create(&thread, NULL, mains[i], (void *)(uintptr_t)(seed + i)) != 0)
			_exit(1);
	for (;;)
		pause();
}

/* --- the watch --- */

/* The mount that mount_setattr() changes is left out. */
static void read_table(int fd, char *table)
{
	char *line, *end, *to = table;
	size_t len = 0;
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while (len < TABLE - 1 && (n = read(fd, table + len, TABLE - 1 - len)) > 0)
		len += (size_t)n;
	table[len] = '\0';
	for (line = table; *line; line = end) {
		end = strchr(line, '\n');
		end = end ? end + 1 : line + strlen(line);
		if (memmem(line, (size_t)(end - line), "/attr ", 6))
			continue;
		memmove(to, line, (size_t)(end - line));
		to += end - line;
	}
	*to = '\0';
}

static void try_level(const char *level, uint64_t seed)
{
	static char before[TABLE], now[TABLE];
	int table = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC), status = 0;
	uint64_t end = fault_now() + 1000 * (uint64_t)seconds;
	bool same = true, ended = false;
	char name[64];
	pid_t pid;

	fault_must(table, "/proc/self/mountinfo");
	memset(counts, 0, sizeof(*counts));
	read_table(table, before);
	pid = (pid_t)fault_must(fork(), "fork");
	if (pid == 0) {
		mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
		mntcompat_set_kernel(level);
		run_threads(seed);
	}
	while (same && !ended && fault_now() < end) {
		usleep(5000);
		ended = waitpid(pid, &status, WNOHANG) == pid;
		read_table(table, now);
		same = !strcmp(before, now);
	}
	kill(-pid, SIGKILL);
	if (!ended)
		waitpid(pid, NULL, 0);
	/* The last helpers have ended with it, or do so now. */
	usleep(300000);
	read_table(table, now);
	same = same && !strcmp(before, now);
	close(table);
	snprintf(name, sizeof(name), "%s", level ? level : "this kernel");
	tap_result(same && !ended && !counts->wrong && counts->good >= 10, name,
		   "seed %llu: %u calls succeeded, %u failed%s%s%s", (unsigned long long)seed,
		   counts->good, counts->bad, same ? "" : "; the mount table is another",
		   ended ? "; the process has ended" : "",
		   counts->wrong ? counts->first_wrong : "");
	if (!same)
		tap_note("before:\n%snow:\n%s", before, now);
}

int main(int argc, char **argv)
{
	static const char *const levels[] = { NULL, "6.12", "6.8", "5.10", "5.4", "4.18" };
	static const struct option options[] = { { "seconds", required_argument, NULL, 's' },
						 { "seed", required_argument, NULL, 'r' },
						 { "level", required_argument, NULL, 'l' },
						 { NULL, 0, NULL, 0 } };
	uint64_t seed = fault_now();
	const char *only = NULL;
	size_t i;
	int c;

	while ((c = getopt_long(argc, argv, "s:r:l:", options, NULL)) != -1) {
		if (c == 's')
			seconds = atoi(optarg);
		else if (c == 'r')
			seed = strtoull(optarg, NULL, 0);
		else if (c == 'l')
			only = optarg;
		else
			return 2;
	}
	if (geteuid() != 0)
		tap_skip_all("needs root");
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (counts == MAP_FAILED)
		fault_broken("no memory");
	fault_world_place(place);
	fault_must(unshare(CLONE_NEWNS), "unshare");
	fault_must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	fault_must(mount("numbers", place, "tmpfs", 0, NULL), "tmpfs");
	fault_must(chdir(place), "chdir");
	fault_must(mkdir("src", 0755), "src");
	fault_must(mkdir("attr", 0755), "attr");
	fault_must(mount("src", "src", "tmpfs", 0, NULL), "src");
	fault_must(mount(NULL, "src", NULL, MS_SHARED, NULL), "shared");
	fault_must(mkdir("src/a", 0755), "src/a");
	fault_must(mount("a", "src/a", "tmpfs", 0, NULL), "src/a");
	fault_must(mount("attr", "attr", "tmpfs", 0, NULL), "attr");
	tap_plan(only ? 1 : (int)(sizeof(levels) / sizeof(levels[0])));
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (!only || !strcmp(levels[i] ? levels[i] : "none", only))
			try_level(levels[i], seed + 100 * i);
	fault_must(chdir("/"), "/");
	umount2(place, MNT_DETACH);
	rmdir(place);
	return tap_exit();
}
