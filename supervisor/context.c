// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * context.c - what there is to know of a task, from its directory in /proc; and taking it on.
 * Opens files there; context_enter() changes the calling process only. Called by answer.c.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/context.h"
#include "supervisor/kernel.h"

#define NSFS_MAGIC 0x6e736673
#define PROC_MAGIC 0x9fa0
#define PROC_ROOT_INO 1
#define STATUS_ROOM 16384

/* What counts of /proc/TASK/status, numbers as the one who opens the file sees them. */
struct status {
	unsigned int uid[4], gid[4];
	size_t groups;
	gid_t group[CONTEXT_GROUPS];
	unsigned long long inheritable, permitted, effective;
	long process, threads;
	int levels, process_levels;
	pid_t task_number[CONTEXT_LEVELS], process_number[CONTEXT_LEVELS];
};

static bool read_groups(struct status *status, const char *text)
{
	status->groups = 0;
	for (;;) {
		char *end;
		unsigned long number = strtoul(text, &end, 10);

		if (end == text)
			return true;
		if (status->groups == CONTEXT_GROUPS)
			return false;
		status->group[status->groups++] = (gid_t)number;
		text = end;
	}
}

static int read_numbers(pid_t *numbers, const char *text)
{
	int n = 0;

	for (; n < CONTEXT_LEVELS; n++) {
		char *end;
		long number = strtol(text, &end, 10);

		if (end == text)
			break;
		numbers[n] = (pid_t)number;
		text = end;
	}
	return n;
}

static bool read_line(struct status *status, const char *line)
{
	if (!strncmp(line, "Tgid:", 5))
		return sscanf(line + 5, "%ld", &status->process) == 1;
	if (!strncmp(line, "Uid:", 4))
		return sscanf(line + 4, "%u %u %u %u", &status->uid[0], &status->uid[1], &status->uid[2],
			      &status->uid[3]) == 4;
	if (!strncmp(line, "Gid:", 4))
		return sscanf(line + 4, "%u %u %u %u", &status->gid[0], &status->gid[1], &status->gid[2],
			      &status->gid[3]) == 4;
	if (!strncmp(line, "Groups:", 7))
		return read_groups(status, line + 7);
	if (!strncmp(line, "NStgid:", 7))
		return (status->process_levels = read_numbers(status->process_number, line + 7)) > 0;
	if (!strncmp(line, "NSpid:", 6))
		return (status->levels = read_numbers(status->task_number, line + 6)) > 0;
	if (!strncmp(line, "Threads:", 8))
		return sscanf(line + 8, "%ld", &status->threads) == 1;
	if (!strncmp(line, "CapInh:", 7))
		return sscanf(line + 7, "%llx", &status->inheritable) == 1;
	if (!strncmp(line, "CapPrm:", 7))
		return sscanf(line + 7, "%llx", &status->permitted) == 1;
	if (!strncmp(line, "CapEff:", 7))
		return sscanf(line + 7, "%llx", &status->effective) == 1;
	return true;
}

static int read_status(struct status *status, int directory)
{
	char text[STATUS_ROOM], *rest = text, *line;
	int fd = openat(directory, "status", O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n = -1;

	if (fd < 0)
		return -errno;
	while (used < sizeof(text) - 1 && (n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	close(fd);
	/* With more groups than there is room for it is not whole. */
	if (n != 0)
		return n < 0 ? -errno : -EOPNOTSUPP;
	text[used] = 0;
	memset(status, 0, sizeof(*status));
	while ((line = strsep(&rest, "\n"))) {
		if (!read_line(status, line))
			return -EOPNOTSUPP;
	}
	return 0;
}

/* --- taking --- */

/* An fd of the namespace, or -1 if it is the supervisor's own. */
static int take_namespace(int proc, int directory, const char *name, int *fd)
{
	char path[32], own[32];
	struct stat theirs, ours;

	snprintf(path, sizeof(path), "ns/%s", name);
	snprintf(own, sizeof(own), "self/ns/%s", name);
	*fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return -errno;
	if (fstat(*fd, &theirs) < 0 || fstatat(proc, own, &ours, 0) < 0)
		return -errno;
	if (theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev) {
		close(*fd);
		*fd = -1;
	}
	return 0;
}

/* A thread may have a table of its own. */
static int take_pidfd(const struct context *context)
{
	int fd;

	if (context->task == context->process)
		return kernel_pidfd_open(context->task, 0);
	fd = kernel_pidfd_open(context->task, KERNEL_PIDFD_THREAD);
	if (fd < 0 && kernel_same_files(context->task, context->process))
		fd = kernel_pidfd_open(context->process, 0);
	return fd;
}

int context_take(struct context *context, int proc, pid_t task)
{
	struct status status;
	char name[32];
	int ret;

	*context = (struct context){
		.task = task, .directory = -1, .pidfd = -1, .root = -1, .cwd = -1, .user = -1, .mnt = -1, .pid = -1,
	};
	snprintf(name, sizeof(name), "%d", task);
	context->directory = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (context->directory < 0)
		return -errno;
	ret = read_status(&status, context->directory);
	if (ret < 0)
		return ret;
	context->process = (pid_t)status.process;
	context->threads = status.threads;
	context->levels = status.levels;
	memcpy(context->task_number, status.task_number, sizeof(status.task_number));
	memcpy(context->process_number, status.process_number, sizeof(status.process_number));
	if (status.levels != status.process_levels)
		return -EOPNOTSUPP;
	context->root = openat(context->directory, "root", O_PATH | O_CLOEXEC);
	if (context->root < 0)
		return -errno;
	context->cwd = openat(context->directory, "cwd", O_PATH | O_CLOEXEC);
	if (context->cwd < 0)
		return -errno;
	ret = take_namespace(proc, context->directory, "user", &context->user);
	if (ret == 0)
		ret = take_namespace(proc, context->directory, "mnt", &context->mnt);
	if (ret == 0)
		ret = take_namespace(proc, context->directory, "pid", &context->pid);
	context->pidfd = take_pidfd(context);
	return ret;
}

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void context_drop(struct context *context)
{
	drop(&context->directory);
	drop(&context->pidfd);
	drop(&context->root);
	drop(&context->cwd);
	drop(&context->user);
	drop(&context->mnt);
	drop(&context->pid);
}

int context_fd(const struct context *context, int fd)
{
	struct statfs type;
	char path[32];
	int place, ret;

	if (context->pidfd >= 0)
		return kernel_pidfd_getfd(context->pidfd, fd);
	/* Good for a place, and for a namespace; nothing else is opened, for that could have effects. */
	snprintf(path, sizeof(path), "fd/%d", fd);
	place = openat(context->directory, path, O_PATH | O_CLOEXEC);
	if (place < 0)
		return errno == ENOENT ? -EBADF : -errno;
	if (fstatfs(place, &type) < 0 || (unsigned long)type.f_type != NSFS_MAGIC)
		return place;
	ret = openat(context->directory, path, O_RDONLY | O_CLOEXEC);
	ret = ret < 0 ? -errno : ret;
	close(place);
	return ret;
}

static DIR *open_table(const struct context *context)
{
	int fd = openat(context->directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);

	if (!directory && fd >= 0)
		close(fd);
	return directory;
}

/* The next number in the table, or -1. */
static long next_fd(DIR *directory)
{
	struct dirent *entry;

	while ((entry = readdir(directory))) {
		char *end;
		long number = strtol(entry->d_name, &end, 10);

		if (end != entry->d_name && !*end)
			return number;
	}
	return -1;
}

static bool is_namespace(const char *link)
{
	const char *colon = strchr(link, ':');

	return *link != '/' && colon && colon[1] == '[' && strncmp(link, "pipe:", 5) &&
	       strncmp(link, "socket:", 7) && strncmp(link, "anon_inode:", 11);
}

int context_namespaces(const struct context *context, int *fds, int most)
{
	DIR *directory = open_table(context);
	int used = 0, fd;
	char link[64];
	ssize_t n;
	long number;

	while (directory && used < most && (number = next_fd(directory)) >= 0) {
		char name[24];

		snprintf(name, sizeof(name), "%ld", number);
		n = readlinkat(dirfd(directory), name, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = 0;
		if (is_namespace(link) && (fd = context_fd(context, (int)number)) >= 0)
			fds[used++] = fd;
	}
	if (directory)
		closedir(directory);
	return used;
}

/* prlimit(2) tells other users' limits only with CAP_SYS_RESOURCE. -1: none, or not to be told. */
static long read_limit(const struct context *context)
{
	int fd = openat(context->directory, "limits", O_RDONLY | O_CLOEXEC);
	char text[4096], *line;
	long limit = -1;
	ssize_t n = -1;

	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (n <= 0)
		return -1;
	text[n] = 0;
	line = strstr(text, "Max open files");
	return line && sscanf(line, "Max open files %ld", &limit) == 1 ? limit : -1;
}

bool context_is_full(const struct context *context)
{
	long limit = read_limit(context), used = 0, number;
	DIR *directory;

	if (limit < 0)
		return false;
	directory = open_table(context);
	if (!directory)
		return false;
	while ((number = next_fd(directory)) >= 0)
		used += number < limit;
	closedir(directory);
	return used >= limit;
}

/* --- entering --- */

static bool same_place(const struct kernel_place *a, const struct kernel_place *b)
{
	return a->mnt_id == b->mnt_id && a->ino == b->ino && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor;
}

/* chroot(2) needs a capability that a plain user has not, who needs no chroot either. */
static int enter_directories(const struct context *context)
{
	struct kernel_place own, theirs;

	if (kernel_place(context->root, "", &theirs) < 0 || kernel_place(AT_FDCWD, "/", &own) < 0)
		return -EPERM;
	if (!same_place(&own, &theirs)) {
		if (fchdir(context->root) < 0 || chroot(".") < 0)
			return -errno;
	}
	return fchdir(context->cwd) < 0 ? -errno : 0;
}

/*
 * With the supervisor's own rights as far as they go: a directory may be closed to the task itself, which is in it
 * nevertheless. What they do not reach the task's user namespace gives.
 */
static int enter_namespaces(const struct context *context)
{
	bool mnt = context->mnt < 0 || setns(context->mnt, CLONE_NEWNS) == 0;
	bool pid = context->pid < 0 || setns(context->pid, CLONE_NEWPID) == 0;
	bool directories = mnt && enter_directories(context) == 0;

	if (context->user >= 0 && setns(context->user, CLONE_NEWUSER) < 0)
		return -errno;
	if (!mnt && setns(context->mnt, CLONE_NEWNS) < 0)
		return -errno;
	if (!pid && setns(context->pid, CLONE_NEWPID) < 0)
		return -errno;
	return directories ? 0 : enter_directories(context);
}

static bool same_groups(const struct status *a, const struct status *b)
{
	return a->groups == b->groups && !memcmp(a->group, b->group, a->groups * sizeof(a->group[0]));
}

static bool same_credentials(const struct status *a, const struct status *b)
{
	return !memcmp(a->uid, b->uid, sizeof(a->uid)) && !memcmp(a->gid, b->gid, sizeof(a->gid)) &&
	       same_groups(a, b) && a->effective == b->effective && a->permitted == b->permitted;
}

/* Ids of namespaces are dealt out by the processor that makes them (6.18), and their order counts. */
static void take_on_processors(const struct context *context)
{
	cpu_set_t set;

	if (sched_getaffinity(context->task, sizeof(set), &set) == 0)
		sched_setaffinity(0, sizeof(set), &set);
}

static int take_on_credentials(const struct status *theirs, const struct status *own)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	if (!same_groups(theirs, own) && setgroups(theirs->groups, theirs->group) < 0)
		return -errno;
	if (memcmp(theirs->gid, own->gid, sizeof(own->gid)) &&
	    setresgid(theirs->gid[0], theirs->gid[1], theirs->gid[2]) < 0)
		return -errno;
	if (memcmp(theirs->uid, own->uid, sizeof(own->uid)) &&
	    setresuid(theirs->uid[0], theirs->uid[1], theirs->uid[2]) < 0)
		return -errno;
	/* They follow the effective ones unless somebody says otherwise. */
	if (theirs->gid[3] != theirs->gid[1])
		setfsgid(theirs->gid[3]);
	if (theirs->uid[3] != theirs->uid[1])
		setfsuid(theirs->uid[3]);
	return kernel_capset(theirs->effective, theirs->permitted, theirs->inheritable & theirs->permitted);
}

/* A process that has set its children's pid namespace is not in it itself. */
static int enter_pid_namespace(void)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

int context_enter(const struct context *context)
{
	struct status theirs, own;
	int self = openat(context->directory, "../self", O_PATH | O_CLOEXEC), ret;

	if (self < 0)
		return -errno;
	take_on_processors(context);
	ret = enter_namespaces(context);
	/* Opened from here, so that the numbers are those of this user namespace. */
	if (ret == 0)
		ret = read_status(&theirs, context->directory);
	if (ret == 0)
		ret = read_status(&own, self);
	if (ret == 0 && !same_credentials(&theirs, &own)) {
		ret = take_on_credentials(&theirs, &own);
		if (ret == 0)
			ret = read_status(&own, self);
	}
	if (ret == 0 && !same_credentials(&theirs, &own))
		ret = -EPERM;
	close(self);
	if (ret == 0 && context->pid >= 0)
		ret = enter_pid_namespace();
	return ret;
}

/* --- paths --- */

/* Is @word the next part of *path? Then *path is what follows it. */
static bool take_part(const char **path, const char *word)
{
	const char *at = *path + strspn(*path, "/");
	size_t length = strlen(word);

	if (strncmp(at, word, length) || (at[length] && at[length] != '/'))
		return false;
	*path = at + length;
	return true;
}

static bool is_number(const char *text, const pid_t *numbers, int levels)
{
	int i;

	for (i = 0; i < levels; i++) {
		char number[16];

		snprintf(number, sizeof(number), "%d", numbers[i]);
		if (!strcmp(text, number))
			return true;
	}
	return false;
}

/* Takes the last part off the path; NULL: there is none. */
static const char *take_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	*slash = 0;
	return slash + 1;
}

int context_own_directory(const struct context *context, int fd, const char **within)
{
	const char *part, *up = "..";
	char path[32], link[4096];
	struct stat here, there;
	struct statfs type;
	ssize_t n;
	int root;

	if (fstatfs(fd, &type) < 0 || type.f_type != PROC_MAGIC)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return -1;
	link[n] = 0;
	*within = "self/";
	part = take_last(link);
	if (part && !strcmp(part, "fd")) {
		*within = "self/fd/";
		up = "../..";
		part = take_last(link);
	}
	if (!part)
		return -1;
	if (is_number(part, context->task_number, context->levels)) {
		const char *task = take_last(link), *process = task ? take_last(link) : NULL;

		/* The first thread has the process' number. */
		if (process && !strcmp(task, "task") && is_number(process, context->process_number, context->levels))
			up = up[2] ? "../../../.." : "../../..";
		else if (!is_number(part, context->process_number, context->levels))
			return -1;
	} else if (!is_number(part, context->process_number, context->levels)) {
		return -1;
	}
	root = openat(fd, up, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	/* With the supervisor's rights: nothing but the root of the very same procfs. */
	if (fstat(root, &there) == 0 && fstat(fd, &here) == 0 && there.st_dev == here.st_dev &&
	    there.st_ino == PROC_ROOT_INO)
		return root;
	close(root);
	return -1;
}

/* How far down is the pid namespace of the procfs whose "self" this is? -1: it is none, or does not show this process. */
static int proc_level(const struct context *context, int dfd, const char *self)
{
	int directory = openat(dfd, self, O_PATH | O_DIRECTORY | O_CLOEXEC), ret;
	struct statfs type;
	struct status own;

	if (directory < 0)
		return -1;
	ret = fstatfs(directory, &type) < 0 || type.f_type != PROC_MAGIC ? -1 : read_status(&own, directory);
	close(directory);
	return ret < 0 || own.levels > context->levels ? -1 : context->levels - own.levels;
}

/* What /dev has for the process' descriptors is, where it is that, a link to /proc/self/fd. */
static bool take_dev(const char **path, char *descriptor, size_t size)
{
	static const char *const streams[] = { "stdin", "stdout", "stderr" };
	const char *at = *path;
	char link[64], name[32];
	ssize_t n;
	int i;

	if (!take_part(&at, "dev"))
		return false;
	if (take_part(&at, "fd")) {
		n = readlink("/dev/fd", link, sizeof(link) - 1);
		*descriptor = 0;
	} else {
		for (i = 0; i < 3 && !take_part(&at, streams[i]); i++)
			;
		if (i == 3)
			return false;
		snprintf(name, sizeof(name), "/dev/%s", streams[i]);
		n = readlink(name, link, sizeof(link) - 1);
		snprintf(descriptor, size, "/%d", i);
	}
	if (n <= 0)
		return false;
	link[n] = 0;
	if (strcmp(link, "/proc/self/fd") && strncmp(link, "/proc/self/fd/", 14))
		return false;
	*path = at;
	return true;
}

/* The path with the task's numbers in it; false if there is nothing of the kind at its beginning. */
static bool rewrite(const struct context *context, int dfd, const char *path, char *buffer, size_t size, pid_t *process)
{
	const char *at = path, *proc = *path == '/' ? "/proc/" : "";
	bool dev = false, thread = false;
	char descriptor[8] = "";
	int level, n;

	if (*proc)
		dev = take_dev(&at, descriptor, sizeof(descriptor));
	if (!dev) {
		if (*proc && !take_part(&at, "proc"))
			return false;
		if (take_part(&at, "thread-self"))
			thread = true;
		else if (!take_part(&at, "self"))
			return false;
	}
	level = proc_level(context, dfd, *proc ? "/proc/self" : "self");
	if (level < 0)
		return false;
	*process = context->process_number[level];
	if (thread)
		n = snprintf(buffer, size, "%s%d/task/%d%s", proc, context->process_number[level],
			     context->task_number[level], at);
	else
		n = snprintf(buffer, size, "%s%d%s%s%s", proc, context->process_number[level], dev ? "/fd" : "",
			     descriptor, at);
	return n > 0 && (size_t)n < size;
}

/* Does the place that was reached lie in the calling process' own directory of a procfs? */
static bool is_own(int fd)
{
	char path[32], link[4096], *part, *rest = link;
	struct statfs type;
	ssize_t n;

	if (fstatfs(fd, &type) < 0 || type.f_type != PROC_MAGIC)
		return false;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return true;	/* not to be told */
	link[n] = 0;
	n = readlink("/proc/self", path, sizeof(path) - 1);
	if (n < 0)
		return true;
	path[n] = 0;
	while ((part = strsep(&rest, "/"))) {
		if (!strcmp(part, path))
			return true;
	}
	return false;
}

/* Links below a process' own directory lead there, whoever follows them. */
static bool names_a_process(int dfd, const char *path)
{
	struct statfs type;

	if (*path != '/')
		return dfd >= 0 && fstatfs(dfd, &type) == 0 && type.f_type == PROC_MAGIC;
	if (!take_part(&path, "proc"))
		return false;
	path += strspn(path, "/");
	return *path >= '0' && *path <= '9';
}

/* Behind "self/fd/N" and its like at the beginning of the path; NULL: it is not there. */
static const char *after_own_fd(const char *path, long *number)
{
	char descriptor[8] = "";
	const char *at = path;
	char *end;

	if (*path == '/' && take_dev(&at, descriptor, sizeof(descriptor))) {
		if (*descriptor) {
			*number = descriptor[1] - '0';
			return at;
		}
	} else if ((*path == '/' && !take_part(&at, "proc")) ||
		   (!take_part(&at, "self") && !take_part(&at, "thread-self")) || !take_part(&at, "fd")) {
		return NULL;
	}
	at += strspn(at, "/");
	*number = strtol(at, &end, 10);
	return *at < '0' || *at > '9' || (*end && *end != '/') || *number > INT_MAX ? NULL : end;
}

int context_path_fd(const char *path)
{
	long number;

	return after_own_fd(path, &number) ? (int)number : -1;
}

static bool is_there(int dfd, const char *path)
{
	int fd = openat(dfd, path, O_PATH | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Refused, or hidden by hidepid=ptraceable, which says so only of what it has shown before. */
static bool is_hidden(int dfd, const char *path, const char *buffer, pid_t process)
{
	char directory[32];

	if (is_there(dfd, buffer))
		return false;
	if (errno != ENOENT)
		return errno == EACCES || errno == EPERM;
	snprintf(directory, sizeof(directory), "%s%d", *path == '/' ? "/proc/" : "", process);
	return !is_there(dfd, directory);
}

/*
 * What a task that may not be looked into has in its own directory is for itself only. The links to its descriptors are
 * replaced by those to what was brought over of them, anything else by what this process has of the kind.
 */
static const char *instead_of_hidden(int dfd, const char *path, int own_fd, char *buffer, size_t size, bool *is_like)
{
	const char *rest;
	long number;
	int n;

	rest = own_fd < 0 ? NULL : after_own_fd(path, &number);
	*is_like = !rest || !*rest;
	if (!rest)
		return is_there(dfd, path) ? path : NULL;
	n = snprintf(buffer, size, "%sself/fd/%d%s", *path == '/' ? "/proc/" : "", own_fd, rest);
	return n > 0 && (size_t)n < size ? buffer : NULL;
}

const char *context_own_path(int dfd, const char *path, int root, const char *own_path, int own_fd, char *buffer,
			     size_t size, bool *is_like)
{
	*is_like = false;
	if (is_there(dfd, path) || (errno != EACCES && errno != EPERM))
		return NULL;
	return instead_of_hidden(root, own_path, own_fd, buffer, size, is_like);
}

const char *context_path(const struct context *context, int dfd, const char *path, int own_fd, char *buffer, size_t size,
			 bool *is_like)
{
	bool own = false;
	pid_t process;
	int fd;

	*is_like = false;
	if (!*path)
		return path;
	fd = kernel_open_no_magic(dfd, path, O_PATH | O_CLOEXEC);
	if (fd >= 0)
		own = is_own(fd);
	else if (fd == -ELOOP && !names_a_process(dfd, path)) {
		/* A link that is no text, or links in a circle. */
		fd = openat(dfd, path, O_PATH | O_CLOEXEC);
		own = fd >= 0 || errno != ELOOP;
	}
	if (fd >= 0)
		close(fd);
	/* One that ends in such a link may not be followed, and then it is another place. */
	if (rewrite(context, dfd, path, buffer, size, &process))
		return is_hidden(dfd, path, buffer, process) ?
		       instead_of_hidden(dfd, path, own_fd, buffer, size, is_like) : buffer;
	return own ? NULL : path;
}
