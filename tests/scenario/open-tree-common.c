// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open-tree-common.c - what the open-tree-*.c scenarios share: calls, observers, other callers.
 * May touch only the scenario's own process, its world and the children it starts.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>

#include "open-tree-common.h"

static int run_body(void *argument)
{
	void (*const *body)(void) = argument;

	(*body)();
	return 0;
}

void open_tree_in_child(void (*body)(void))
{
	in_child(run_body, &body);
}

void open_tree_say(const char *label, int dfd, const char *path, unsigned int flags)
{
	int fd = mntcompat_open_tree(dfd, path, flags);

	say_result(label, fd);
	if (fd >= 0)
		close(fd);
}

int open_tree_namespace_at(int dfd, const char *path, unsigned int flags)
{
	int fd = mntcompat_open_tree(dfd, path, NS | flags);

	if (fd < 0)
		say_result("open_tree", fd);
	return fd;
}

int open_tree_namespace(const char *path, unsigned int flags)
{
	return open_tree_namespace_at(AT_FDCWD, path, flags);
}

void open_tree_describe_at(const char *label, int dfd, const char *path, unsigned int flags)
{
	int fd = mntcompat_open_tree(dfd, path, NS | flags);

	if (fd < 0) {
		say_result(label, fd);
		return;
	}
	say_namespace(label, fd);
	close(fd);
}

void open_tree_describe(const char *label, const char *path, unsigned int flags)
{
	open_tree_describe_at(label, AT_FDCWD, path, flags);
}

struct visit {
	int nsfd;
	int (*function)(void *argument);
	void *argument;
};

static int visit(void *argument)
{
	struct visit *v = argument;
	int ret = enter_namespace(v->nsfd);

	if (ret < 0) {
		say_result("setns", ret);
		return 1;
	}
	return v->function ? v->function(v->argument) : 0;
}

int open_tree_inside(int nsfd, int (*function)(void *argument), void *argument)
{
	struct visit v = { nsfd, function, argument };

	return in_child(visit, &v);
}

void open_tree_say_file_at(const char *label, int dfd, const char *path)
{
	char text[64];
	int fd = openat(dfd, path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0) {
		say("%s: %s", label, errno_name(errno));
		return;
	}
	got = read(fd, text, sizeof(text) - 1);
	if (got < 0)
		say("%s: read %s", label, errno_name(errno));
	else
		say("%s: \"%.*s\"", label,
		    (int)strcspn(text, "\n") < got ? (int)strcspn(text, "\n") : (int)got, text);
	close(fd);
}

void open_tree_say_file(const char *label, const char *path)
{
	open_tree_say_file_at(label, AT_FDCWD, path);
}

static int by_name(const void *left, const void *right)
{
	return strcmp(left, right);
}

void open_tree_say_names(const char *label, const char *path)
{
	char names[32][64], line[2048] = "";
	struct dirent *entry;
	size_t count = 0;
	DIR *dir = opendir(path);

	if (!dir) {
		say("%s: %s", label, errno_name(errno));
		return;
	}
	while ((entry = readdir(dir)) && count < ARRAY_SIZE(names)) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(names[count++], sizeof(names[0]), "%.63s", entry->d_name);
	}
	closedir(dir);
	qsort(names, count, sizeof(names[0]), by_name);
	for (size_t i = 0; i < count; i++) {
		strcat(line, " ");
		strcat(line, names[i]);
	}
	say("%s:%s", label, count ? line : " (empty)");
}

bool open_tree_same_file(int left_fd, int right_fd)
{
	struct stat left, right;

	must(fstat(left_fd, &left), "fstat");
	must(fstat(right_fd, &right), "fstat");
	return left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

void open_tree_say_same(const char *label, int left_fd, int right_fd)
{
	say("%s: %s", label, open_tree_same_file(left_fd, right_fd) ? "same" : "other");
}

int open_tree_umount(const char *path, int flags)
{
	return umount2(path, flags);
}

int open_tree_open_fd_link(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

static void write_text(const char *path, const char *text)
{
	int fd = must_fd(open(path, O_WRONLY | O_CLOEXEC), path);

	must(write(fd, text, strlen(text)), path);
	close(fd);
}

void open_tree_new_user_namespace(bool with_mount_namespace)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[32];

	/* After a change of ids the process would not own its /proc/self files otherwise. */
	must(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "PR_SET_DUMPABLE");
	must(unshare(CLONE_NEWUSER | (with_mount_namespace ? CLONE_NEWNS : 0)), "unshare");
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	write_text("/proc/self/uid_map", map);
	snprintf(map, sizeof(map), "0 %u 1", gid);
	write_text("/proc/self/gid_map", map);
}

void open_tree_order_namespaces(void)
{
	cpu_set_t one;
	int cpu = sched_getcpu();

	must(cpu, "sched_getcpu");
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	must(sched_setaffinity(0, sizeof(one), &one), "sched_setaffinity");
	must(unshare(CLONE_NEWNS), "unshare");
}

void open_tree_keep_capabilities(uint64_t keep)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	must(syscall(SYS_capget, &header, data), "capget");
	for (int i = 0; i < 2; i++) {
		uint32_t part = (uint32_t)(keep >> (32 * i));

		data[i].permitted &= part;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	must(syscall(SYS_capset, &header, data), "capset");
}

pid_t open_tree_start_peer(void (*setup)(void))
{
	pid_t parent = getpid(), pid;
	int ready[2];
	char byte;

	must(pipe2(ready, O_CLOEXEC), "pipe2");
	pid = fork();
	must(pid, "fork");
	if (pid == 0) {
		close(ready[0]);
		setup();
		/* After set-up: a change of credentials forgets the signal. */
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			_exit(0);
		must(write(ready[1], "", 1), "write");
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1) {
		errno = ECHILD;
		must(-1, "peer");
	}
	close(ready[0]);
	return pid;
}

void open_tree_end_peer(pid_t pid)
{
	must(kill(pid, SIGKILL), "kill");
	must(waitpid(pid, NULL, 0), "waitpid");
}

int open_tree_peer_file(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return must_fd(open(path, flags | O_CLOEXEC), name);
}

void open_tree_limit_namespaces(int limit)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", limit);
	write_text("/proc/sys/user/max_mnt_namespaces", text);
}

/* The program starts itself, and ends before its main() with what it found. */
#define EXEC_VARIABLE "MNTCOMPAT_SCENARIO_EXEC_FD"
#define EXEC_KEPT 40
#define EXEC_CLOSED 41

__attribute__((constructor)) static void answer_after_exec(void)
{
	const char *number = getenv(EXEC_VARIABLE);

	if (number)
		_exit(fcntl(atoi(number), F_GETFD) < 0 ? EXEC_CLOSED : EXEC_KEPT);
}

static int start_program(void *argument)
{
	char number[16], *arguments[] = { "exec", NULL };

	snprintf(number, sizeof(number), "%d", *(int *)argument);
	must(setenv(EXEC_VARIABLE, number, 1), "setenv");
	execv("/proc/self/exe", arguments);
	must(-1, "execv");
	return -1;
}

bool open_tree_exec_lacks(int fd)
{
	int status = in_child(start_program, &fd);

	if (status != EXEC_KEPT && status != EXEC_CLOSED) {
		errno = ENOEXEC;
		must(-1, "the started program");
	}
	return status == EXEC_CLOSED;
}

int open_tree_unchecked(int dfd, const char *path, unsigned int flags)
{
	return scenario_calls->open_tree(dfd, path, flags);
}

static void own_mounts(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
	/* Or the file would be mounted in the namespace itself, too. */
	mount_propagation("/", MS_PRIVATE | MS_REC);
}

void open_tree_pin_namespace(const char *target)
{
	pid_t peer = open_tree_start_peer(own_mounts);
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)peer);
	mount_bind(path, target, false);
	open_tree_end_peer(peer);
}
