// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * paths.c - paths that name the task itself: /proc/self, /proc/thread-self, /dev/fd and their
 * links. Opens O_PATH descriptors and closes them. Runs in the process that has become the target,
 * but for path_own_directory().
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "compat/kernel/uapi.h"
#include "supervisor/kernel.h"
#include "supervisor/paths.h"

#define PROC_BLOCK_SIZE 1024

/*
 * fstatfs() calls the file server, if there is one: call it only for what looks like procfs in
 * memory.
 */
static bool is_procfs(int fd)
{
	struct kernel_place place;
	struct statfs type;

	return kernel_place(fd, "", &place) == 0 && !place.dev_major &&
	       place.block_size == PROC_BLOCK_SIZE && fstatfs(fd, &type) == 0 &&
	       type.f_type == UAPI_MAGIC_PROC;
}

/* True if @word is the next part of *path, which then becomes the rest behind it. */
static bool take_part(const char **path, const char *word)
{
	const char *at = *path + strspn(*path, "/");
	size_t length = strlen(word);

	while (at[0] == '.' && at[1] == '/')
		at += 2 + strspn(at + 2, "/");

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

/* Takes the last part off the path; NULL if there is none. */
static const char *take_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return NULL;
	*slash = 0;
	return slash + 1;
}

int path_own_directory(const struct target *target, int fd, const char **within)
{
	const char *part, *up = "..";
	char path[32], link[4096];
	struct stat here, there;
	ssize_t n;
	int root;

	if (!is_procfs(fd))
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
	if (is_number(part, target->status.task_number, target->status.levels)) {
		const char *task = take_last(link), *process = task ? take_last(link) : NULL;

		/* The first thread has the process' number. */
		if (process && !strcmp(task, "task") &&
		    is_number(process, target->status.process_number, target->status.levels))
			up = up[2] ? "../../../.." : "../../..";
		else if (!is_number(part, target->status.process_number, target->status.levels))
			return -1;
	} else if (!is_number(part, target->status.process_number, target->status.levels)) {
		return -1;
	}
	root = openat(fd, up, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	/* Opened with the supervisor's rights: only the root of the same procfs is accepted. */
	if (fstat(root, &there) == 0 && fstat(fd, &here) == 0 && there.st_dev == here.st_dev &&
	    there.st_ino == UAPI_PROC_ROOT_INO)
		return root;
	close(root);
	return -1;
}

/*
 * The number of pid namespaces from the target's own up to that of the procfs of this "self"; -1:
 * not a procfs, or one without this process.
 */
static int proc_level(const struct target *target, int dfd, const char *self)
{
	int directory = openat(dfd, self, O_PATH | O_DIRECTORY | O_CLOEXEC), file = -1, ret = -1;
	struct target_status own;

	if (directory < 0)
		return -1;
	if (is_procfs(directory))
		file = openat(directory, "status", O_RDONLY | O_CLOEXEC);
	if (file >= 0) {
		ret = target_read_status(&own, file);
		close(file);
	}
	close(directory);
	return ret < 0 || own.levels > target->status.levels ? -1 :
							       target->status.levels - own.levels;
}

/* /dev/fd and /dev/std* count only if they are links to /proc/self/fd. */
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

/* The path with the task's numbers in it; false if it does not begin with such a link. */
static bool rewrite(const struct target *target, int dfd, const char *path, char *buffer,
		    size_t size, pid_t *process)
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
	level = proc_level(target, dfd, *proc ? "/proc/self" : "self");
	if (level < 0)
		return false;
	*process = target->status.process_number[level];
	if (thread)
		n = snprintf(buffer, size, "%s%d/task/%d%s", proc,
			     target->status.process_number[level],
			     target->status.task_number[level], at);
	else
		n = snprintf(buffer, size, "%s%d%s%s%s", proc, target->status.process_number[level],
			     dev ? "/fd" : "", descriptor, at);
	return n > 0 && (size_t)n < size;
}

/* Of any of its pid namespaces: there is a procfs of each. */
static bool is_number_of(const char *text, const struct target_status *task)
{
	return is_number(text, task->process_number, task->levels) ||
	       is_number(text, task->task_number, task->levels);
}

static bool shows_descriptors(void)
{
	int fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool ret = fd >= 0 && is_procfs(fd);

	if (fd >= 0)
		close(fd);
	return ret;
}

/*
 * True if @number is the calling process' in the procfs whose root is the directory @path, in which
 * @fd lies. False if that is not known, as of a procfs that is attached nowhere.
 */
static bool is_self(const char *path, int fd, const char *number)
{
	struct kernel_place root_place, place;
	int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char self[16];
	ssize_t n = -1;
	bool known;

	if (root < 0)
		return false;
	known = kernel_place(root, "", &root_place) == 0 && kernel_place(fd, "", &place) == 0 &&
		root_place.dev_major == place.dev_major &&
		root_place.dev_minor == place.dev_minor && root_place.ino == UAPI_PROC_ROOT_INO;
	if (known)
		n = readlinkat(root, "self", self, sizeof(self) - 1);
	close(root);
	self[n > 0 ? n : 0] = 0;
	return !strcmp(self, number);
}

/* True if the place lies in the calling process' own directory of a procfs. */
static bool is_own(const struct target_status *me, int fd)
{
	char path[32], link[4096], copy[4096], *part, *rest = copy;
	ssize_t n;

	if (!is_procfs(fd))
		return false;
	/* The target may have made its own /proc/self/fd: then it is unknown. */
	if (!shows_descriptors())
		return true;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return true;
	link[n] = 0;
	memcpy(copy, link, (size_t)n + 1);
	while ((part = strsep(&rest, "/"))) {
		if (is_number_of(part, me))
			return true;
		if (!*part || part[strspn(part, "0123456789")])
			continue;
		/* A procfs of a pid namespace above has another number. */
		link[part - copy] = 0;
		return is_self(link, fd, part);
	}
	return false;
}

/* Links below a process' own directory lead there for every reader. */
static bool names_a_process(int dfd, const char *path)
{
	if (*path != '/')
		return dfd >= 0 && is_procfs(dfd);
	if (!take_part(&path, "proc"))
		return false;
	path += strspn(path, "/");
	return *path >= '0' && *path <= '9';
}

/* The rest of the path behind "self/fd/N" and its like at the beginning; NULL if there is none. */
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
		   (!take_part(&at, "self") && !take_part(&at, "thread-self")) ||
		   !take_part(&at, "fd")) {
		return NULL;
	}
	at += strspn(at, "/");
	*number = strtol(at, &end, 10);
	/* procfs does not accept a number with leading zeros. */
	if (*at == '0' && end != at + 1)
		return NULL;
	return *at < '0' || *at > '9' || (*end && *end != '/') || *number > INT_MAX ? NULL : end;
}

bool path_goes_up(const char *path)
{
	const char *at;

	for (at = path; (at = strstr(at, "..")); at += 2) {
		if ((at == path || at[-1] == '/') && (!at[2] || at[2] == '/'))
			return true;
	}
	return false;
}

int path_own_fd(const char *path)
{
	long number;

	return after_own_fd(path, &number) ? (int)number : -1;
}

bool path_needs_link(int dfd, const char *path, int last)
{
	const char *rest;
	long number;
	int fd = kernel_open_no_magic(dfd, path, O_PATH | O_CLOEXEC | last);

	if (fd >= 0)
		close(fd);
	if (fd != -ELOOP)
		return false;
	rest = after_own_fd(path, &number);
	return !rest || *rest;
}

static bool is_there(int dfd, const char *path, int last)
{
	int fd = openat(dfd, path, O_PATH | O_CLOEXEC | last);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool path_is_refused(int dfd, const char *path, int last)
{
	return !is_there(dfd, path, last) && (errno == EACCES || errno == EPERM);
}

/*
 * Refused, or hidden by hidepid=ptraceable, which returns EPERM only for a task that it has shown
 * before.
 */
static bool is_hidden(int dfd, const char *path, const char *buffer, int last, pid_t process)
{
	char directory[32];

	if (is_there(dfd, buffer, last))
		return false;
	if (errno != ENOENT)
		return errno == EACCES || errno == EPERM;
	snprintf(directory, sizeof(directory), "%s%d", *path == '/' ? "/proc/" : "", process);
	return !is_there(dfd, directory, 0);
}

/* True if a part of the path is "cwd", or the last one "exe": this process has others. */
static bool names_another(const char *path)
{
	size_t n;

	for (; *path; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n == 3 && (!strncmp(path, "cwd", 3) ||
			       (!strncmp(path, "exe", 3) && !path[3 + strspn(path + 3, "/")])))
			return true;
	}
	return false;
}

/*
 * Entries in the directory of a task that may not be looked into are open to that task only. Links
 * to its descriptors are replaced by links to the copies that were brought over, other entries by
 * this process' own of the same name.
 */
static const char *instead_of_hidden(int dfd, const char *path, int last, int own_fd, char *buffer,
				     size_t size, bool *is_like)
{
	const char *rest;
	long number;
	int n;

	rest = own_fd < 0 ? NULL : after_own_fd(path, &number);
	*is_like = !rest || !*rest;
	if (!rest && names_another(path))
		return NULL;
	if (!rest)
		return is_there(dfd, path, last) ? path : NULL;
	n = snprintf(buffer, size, "%sself/fd/%d%s", *path == '/' ? "/proc/" : "", own_fd, rest);
	return n > 0 && (size_t)n < size ? buffer : NULL;
}

const char *path_in_own_directory(int dfd, const char *path, int last, int root,
				  const char *own_path, int own_fd, char *buffer, size_t size,
				  bool *is_like)
{
	*is_like = false;
	if (is_there(dfd, path, last) || (errno != EACCES && errno != EPERM))
		return NULL;
	return instead_of_hidden(root, own_path, last, own_fd, buffer, size, is_like);
}

/* True if the path begins in this process' own directory of a procfs, by its number. */
static bool names_this_process(const struct target_status *me, const char *path)
{
	char number[16];
	size_t n;

	if (*path == '/' && !take_part(&path, "proc"))
		return false;
	path += strspn(path, "/");
	n = strcspn(path, "/");
	if (!n || n >= sizeof(number))
		return false;
	memcpy(number, path, n);
	number[n] = 0;
	return is_number_of(number, me);
}

bool path_is_hidden(const struct target *target, int dfd, const char *path, int last)
{
	const char *at = path;
	char before[PATH_MAX], number[16];
	size_t n;
	int fd;
	bool ret;

	for (; *at; at += n) {
		at += strspn(at, "/");
		n = strcspn(at, "/");
		if (!n || n >= sizeof(number) || (size_t)(at - path) + n >= sizeof(before))
			continue;
		memcpy(number, at, n);
		number[n] = 0;
		if (!is_number_of(number, &target->status))
			continue;
		memcpy(before, path, (size_t)(at - path));
		before[at - path] = 0;
		fd = openat(dfd, *before ? before : ".", O_PATH | O_CLOEXEC);
		ret = fd >= 0 && is_procfs(fd) && !is_there(dfd, path, last) &&
		      (errno == EACCES || errno == EPERM || !is_there(fd, number, 0));
		if (fd >= 0)
			close(fd);
		if (ret)
			return true;
	}
	return false;
}

/*
 * True for what only this process has: its directory, its program and its descriptors. It may
 * follow its own links, though the target may guess its number, and may not.
 */
static bool is_of_this_process(const struct target_own *own, const struct target_status *me, int fd)
{
	const int numbers[] = { 0, PATH_OWN_FD };
	struct kernel_place place, mine;
	size_t i;

	if (is_own(me, fd) || kernel_place(fd, "", &place) < 0 ||
	    kernel_same_place(&place, &own->program))
		return true;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (kernel_place(numbers[i], "", &mine) < 0 || kernel_same_place(&place, &mine))
			return true;
	}
	return false;
}

const char *path_of_target(const struct target *target, const struct target_own *own,
			   const struct target_status *me, int dfd, const char *path, int last,
			   int own_fd, char *buffer, size_t size, bool *is_like, bool *is_program)
{
	struct kernel_place place;
	bool is_mine = false;
	pid_t process;
	int fd;

	*is_like = *is_program = false;
	if (!*path)
		return path;
	fd = kernel_open_no_magic(dfd, path, O_PATH | O_CLOEXEC | last);
	if (fd >= 0) {
		is_mine = is_own(me, fd);
		*is_program = kernel_place(fd, "", &place) == 0 &&
			      kernel_same_place(&place, &own->program);
	} else if (fd == -ELOOP) {
		/* A link to something other than a path, or links in a circle. */
		fd = openat(dfd, path, O_PATH | O_CLOEXEC | last);
		is_mine = names_a_process(dfd, path) ?
				  names_this_process(me, path) ||
					  (fd >= 0 && is_of_this_process(own, me, fd)) :
				  fd >= 0 || errno != ELOOP;
	}
	if (fd >= 0)
		close(fd);
	/* The call may not follow the link at the end, and then means another file. */
	if (rewrite(target, dfd, path, buffer, size, &process))
		return is_hidden(dfd, path, buffer, last, process) ?
			       instead_of_hidden(dfd, path, last, own_fd, buffer, size, is_like) :
			       buffer;
	return is_mine ? NULL : path;
}
