// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kill-random.c - the caller is killed at any moment: nothing of it may stay.
 * Forks callers that loop over emulated calls and kills them; then counts processes, mounts and
 * mount namespaces. Root only. Run by make check-fault; TAP.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NS MNTCOMPAT_OPEN_TREE_NAMESPACE
#define REC MNTCOMPAT_AT_RECURSIVE

static struct fault_world world;
static int kills = 1000;
static uint64_t seed = 1;

/* Calls made by the caller; shared with it. */
static volatile uint32_t *progress;

/* --- the callers --- */

static void one_statmount(int fd)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = 0x7fff };
	union {
		struct mntcompat_statmount answer;
		char room[8192];
	} buf;

	req.mnt_fd = (uint32_t)fd;
	mntcompat_statmount(&req, &buf.answer, sizeof(buf), MNTCOMPAT_STATMOUNT_BY_FD);
}

static void one_open_tree(const char *path, unsigned int flags)
{
	int fd = mntcompat_open_tree(AT_FDCWD, path, flags | MNTCOMPAT_OPEN_TREE_CLOEXEC);

	if (fd >= 0)
		close(fd);
	++*progress;
}

/* The template does not live: the way that copies the host's namespace is always taken. */
static void loop_first(void)
{
	int fd;

	for (;;) {
		one_open_tree("src", NS | REC);
		for (fd = 100; fd < 110; fd++)
			close(fd);
	}
}

static void loop_template(void)
{
	for (;;)
		one_open_tree("src", NS | REC);
}

static void loop_foreign(void)
{
	if (setns(world.userns, CLONE_NEWUSER) < 0)
		_exit(1);
	for (;;)
		one_open_tree("src", NS | REC);
}

static void loop_userns(void)
{
	if (setns(world.userns, CLONE_NEWUSER) < 0 || unshare(CLONE_NEWNS) < 0)
		_exit(1);
	for (;;)
		one_open_tree("flat", NS);
}

/* Nearly no fd is free: the emulation needs a task more. */
static void loop_few_fds(void)
{
	for (;;) {
		int fds[3] = { dup(0), dup(0), dup(0) }, last = fds[2];

		while (last >= 0 && last < 1023)
			last = dup(0);
		close(fds[1]);
		one_open_tree("flat", NS);
		for (last = fds[0]; last < 1024; last++)
			close(last);
	}
}

static void loop_statmount(void)
{
	int fd = open("src/a/deep", O_RDONLY | O_CLOEXEC);

	for (;;) {
		one_statmount(fd);
		one_statmount(world.unmounted);
		one_statmount(world.elsewhere);
		++*progress;
	}
}

/* The same from several threads' worth of processes that share the template. */
static void loop_forking(void)
{
	for (;;) {
		pid_t pid;

		one_open_tree("flat", NS);
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			one_open_tree("flat", NS);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

static const struct {
	const char *name;
	void (*loop)(void);
	const char *level;
} loops[] = {
	{ "first", loop_first, NULL },	       { "first", loop_first, "5.10" },
	{ "bind", loop_first, "4.18" },	       { "template", loop_template, NULL },
	{ "template", loop_template, "5.10" }, { "foreign", loop_foreign, NULL },
	{ "userns", loop_userns, NULL },       { "few fds", loop_few_fds, "5.10" },
	{ "statmount", loop_statmount, NULL }, { "statmount", loop_statmount, "5.10" },
	{ "forking", loop_forking, NULL },
};

/* --- what is there --- */

#define MAX_NAMESPACES 4096
struct namespaces {
	size_t count;
	uint64_t inode[MAX_NAMESPACES];
};

static void add_namespace(struct namespaces *set, uint64_t inode)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (set->inode[i] == inode)
			return;
	if (set->count < MAX_NAMESPACES)
		set->inode[set->count++] = inode;
}

static bool has_namespace(const struct namespaces *set, uint64_t inode)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (set->inode[i] == inode)
			return true;
	return false;
}

static uint64_t inode_of_link(int dir, const char *name)
{
	char link[64];
	ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);

	if (n < 0)
		return 0;
	link[n] = '\0';
	return strncmp(link, "mnt:[", 5) ? 0 : strtoull(link + 5, NULL, 10);
}

/* Those that a process is in or holds open. They belong to it, not to the dead. */
static void namespaces_held(struct namespaces *set)
{
	struct dirent *entry, *file;
	char path[300];
	DIR *proc = opendir("/proc"), *fds;
	uint64_t inode;

	set->count = 0;
	while (proc && (entry = readdir(proc))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "%s/ns/mnt", entry->d_name);
		inode = inode_of_link(dirfd(proc), path);
		if (inode)
			add_namespace(set, inode);
		snprintf(path, sizeof(path), "/proc/%s/fd", entry->d_name);
		fds = opendir(path);
		while (fds && (file = readdir(fds))) {
			inode = inode_of_link(dirfd(fds), file->d_name);
			if (inode)
				add_namespace(set, inode);
		}
		if (fds)
			closedir(fds);
	}
	if (proc)
		closedir(proc);
}

struct mnt_ns_info {
	uint32_t size, nr_mounts;
	uint64_t id;
};

/* All that exist, where the kernel lists them (6.12). False where it does not. */
static bool namespaces_all(struct namespaces *set)
{
	unsigned long request = UAPI_NS_MNT_GET_PREV;
	struct mnt_ns_info info = { .size = sizeof(info) };
	int start = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), fd, next;
	struct stat st;

	set->count = 0;
	next = ioctl(start, request, &info);
	if (next < 0 && errno != ENOENT && errno != ESTALE) {
		close(start);
		return false;
	}
	if (next >= 0)
		close(next);
	for (;;) {
		for (fd = start; fd >= 0; fd = next) {
			if (fstat(fd, &st) == 0)
				add_namespace(set, st.st_ino);
			info = (struct mnt_ns_info){ .size = sizeof(info) };
			next = ioctl(fd, request, &info);
			if (fd != start)
				close(fd);
		}
		if (request == UAPI_NS_MNT_GET_NEXT)
			break;
		request = UAPI_NS_MNT_GET_NEXT;
	}
	close(start);
	return true;
}

/*
 * Namespaces that were not there before and that no process holds. Other programs may make and drop
 * some meanwhile, so only one that is there each time counts.
 */
static size_t namespaces_leaked(const struct namespaces *before, uint64_t wait_ms)
{
	static struct namespaces now, held, suspects, left;
	uint64_t until = fault_now() + wait_ms;
	bool first = true;
	size_t i;

	do {
		if (!namespaces_all(&now))
			return 0;
		namespaces_held(&held);
		left.count = 0;
		for (i = 0; i < now.count; i++)
			if (!has_namespace(before, now.inode[i]) &&
			    !has_namespace(&held, now.inode[i]) &&
			    (first || has_namespace(&suspects, now.inode[i])))
				add_namespace(&left, now.inode[i]);
		suspects = left;
		first = false;
		if (suspects.count)
			usleep(100000);
	} while (suspects.count && fault_now() < until);
	return suspects.count;
}

/* Processes that share our process group: callers, helpers, what they forked. */
static size_t processes_left(uint64_t wait_ms)
{
	uint64_t until = fault_now() + wait_ms;
	struct dirent *entry;
	char path[300], stat[512], *after;
	size_t left;
	DIR *proc;
	int group;

	do {
		left = 0;
		proc = opendir("/proc");
		while (proc && (entry = readdir(proc))) {
			pid_t pid = atoi(entry->d_name);

			if (pid <= 0 || pid == getpid() || pid == world.holder)
				continue;
			snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
			if (fault_read_file(path, stat, sizeof(stat)) > 0 &&
			    (after = strrchr(stat, ')')) &&
			    sscanf(after, ") %*c %*d %d", &group) == 1 && group == getpgrp())
				left++;
		}
		if (proc)
			closedir(proc);
		if (left)
			usleep(20000);
	} while (left && fault_now() < until);
	return left;
}

/* --- the run --- */

static pid_t start(size_t which)
{
	pid_t pid = (pid_t)fault_must(fork(), "fork");

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
	mntcompat_set_kernel(loops[which].level);
	loops[which].loop();
	_exit(1);
}

/* Kills callers of one kind until it is this kind's turn no more. */
static void kill_some(size_t which, int count, uint64_t *state, const struct namespaces *before)
{
	char name[96], mounts[16384], now[16384];
	int i, early = 0, died = 0, status;
	uint32_t calls = 0, span;
	size_t left, leaked;
	siginfo_t info;
	pid_t pid;

	fault_read_file("/proc/self/mountinfo", mounts, sizeof(mounts));
	/* Measure the time of the first calls, on this machine and under its load. */
	*progress = 0;
	pid = start(which);
	for (i = 0; i < 5000 && *progress < 4; i++)
		usleep(1000);
	span = (uint32_t)(i < 60 ? i : 60) * 1000 + 2000;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	for (i = 0; i < count; i++) {
		*progress = 0;
		pid = start(which);
		/* Half of them anywhere in the first calls; half after the first call, within one
		 * or two. */
		info.si_pid = 0;
		while (i % 2 && !*progress && info.si_pid != pid &&
		       waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
			usleep(500);
		usleep(fault_random(state) % (i % 2 ? span / 2 : span));
		calls += *progress;
		early += !*progress;
		kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		died += !WIFSIGNALED(status);
	}
	left = processes_left(10000);
	leaked = namespaces_leaked(before, 10000);
	fault_read_file("/proc/self/mountinfo", now, sizeof(now));
	snprintf(name, sizeof(name), "%s%s%s", loops[which].name, loops[which].level ? " as " : "",
		 loops[which].level ? loops[which].level : "");
	tap_result(
		!left && !leaked && !died && !strcmp(mounts, now), name,
		"%d kills, %d before the first answer, %u calls; processes left %zu, namespaces left %zu, "
		"ended by themselves %d%s",
		count, early, calls, left, leaked, died,
		strcmp(mounts, now) ? ", mount table changed" : "");
}

static void run(const char *place)
{
	static struct namespaces before;
	uint64_t state = seed;
	size_t i;

	/* A group of its own, so that the processes left in it can be distinguished from others. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fault_world_open(&world, place);
	if (!namespaces_all(&before))
		tap_note(
			"this kernel does not list mount namespaces: only those with processes are seen");
	for (i = 0; i < ARRAY_SIZE(loops); i++)
		kill_some(i,
			  kills * (int)(i + 1) / (int)ARRAY_SIZE(loops) -
				  kills * (int)i / (int)ARRAY_SIZE(loops),
			  &state, &before);
	fault_world_close(&world);
	fflush(stdout);
	_exit(tap_exit());
}

int main(int argc, char **argv)
{
	char place[64], before[16384], after[16384];
	uint64_t started = fault_now();
	int c, status;
	pid_t pid;

	while ((c = getopt(argc, argv, "n:s:")) != -1) {
		if (c == 'n') {
			kills = atoi(optarg);
		} else if (c == 's') {
			seed = strtoull(optarg, NULL, 0);
		} else {
			fprintf(stderr, "usage: kill-random [-n KILLS] [-s SEED]\n");
			return 2;
		}
	}
	if (geteuid() != 0)
		tap_skip_all("needs root");
	tap_plan((int)ARRAY_SIZE(loops));
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (progress == MAP_FAILED)
		fault_broken("mmap");
	fault_read_file("/proc/self/mountinfo", before, sizeof(before));
	fault_world_place(place);
	pid = (pid_t)fault_must(fork(), "fork");
	if (!pid)
		run(place);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rmdir(place) < 0)
		fault_broken("%s: %s", place, strerror(errno));
	fault_read_file("/proc/self/mountinfo", after, sizeof(after));
	if (strcmp(before, after))
		fault_broken("the mount table outside changed");
	tap_note("%d kills, seed %llu, %d.%d s", kills, (unsigned long long)seed,
		 (int)((fault_now() - started) / 1000), (int)((fault_now() - started) / 100 % 10));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
