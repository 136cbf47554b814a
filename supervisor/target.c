// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * target.c - reads a task from its directory in /proc, before anything is done in its name.
 * Opens files and namespaces there; changes nothing. Every number is checked by the caller's last
 * look whether the notification is still valid: until then the files may be those of a program
 * executed meanwhile.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compat/kernel/uapi.h"
#include "supervisor/kernel.h"
#include "supervisor/target.h"

#define STATUS_ROOM 16384
#define LIMITS_ROOM 4096
#define MAP_ROOM 16384
#define OVERFLOW_ID 65534u

static const char *const namespace_files[TARGET_NAMESPACES] = {
	[TARGET_MNT] = "ns/mnt",   [TARGET_PID] = "ns/pid", [TARGET_NET] = "ns/net",
	[TARGET_IPC] = "ns/ipc",   [TARGET_UTS] = "ns/uts", [TARGET_CGROUP] = "ns/cgroup",
	[TARGET_TIME] = "ns/time",
};

/* --- files --- */

/* The whole file as a string: its length, or -errno; -EOVERFLOW if it does not fit. */
static ssize_t read_whole(int fd, char *text, size_t room)
{
	size_t used = 0;
	ssize_t n = -1;

	while (used < room - 1 && (n = pread(fd, text + used, room - 1 - used, (off_t)used)) > 0)
		used += (size_t)n;
	if (n != 0)
		return n < 0 ? -errno : -EOVERFLOW;
	text[used] = 0;
	return (ssize_t)used;
}

static ssize_t read_file(int directory, const char *name, char *text, size_t room)
{
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read_whole(fd, text, room);
	close(fd);
	return n;
}

/* --- status --- */

static bool read_groups(struct target_status *status, const char *text)
{
	status->groups = 0;
	for (;;) {
		char *end;
		unsigned long number = strtoul(text, &end, 10);

		if (end == text)
			return true;
		if (status->groups == TARGET_GROUPS)
			return false;
		status->group[status->groups++] = (gid_t)number;
		text = end;
	}
}

static int read_numbers(pid_t *numbers, const char *text)
{
	int n = 0;

	for (; n < TARGET_LEVELS; n++) {
		char *end;
		long number = strtol(text, &end, 10);

		if (end == text)
			break;
		numbers[n] = (pid_t)number;
		text = end;
	}
	return n;
}

static bool read_ids(unsigned int *ids, const char *text)
{
	return sscanf(text, "%u %u %u %u", &ids[0], &ids[1], &ids[2], &ids[3]) == 4;
}

static bool read_set(uint64_t *set, const char *text)
{
	unsigned long long value;

	if (sscanf(text, "%llx", &value) != 1)
		return false;
	*set = value;
	return true;
}

/* One bit for each line that must be there. */
enum { SEEN_UID = 1, SEEN_GID = 2, SEEN_GROUPS = 4, SEEN_PROCESS = 8, SEEN_SETS = 16 };

static bool read_line(struct target_status *status, const char *line, unsigned int *seen)
{
	if (!strncmp(line, "Tgid:", 5)) {
		*seen |= SEEN_PROCESS;
		return sscanf(line + 5, "%ld", &status->process) == 1;
	}
	if (!strncmp(line, "Umask:", 6))
		return sscanf(line + 6, "%o", &status->umask) == 1;
	if (!strncmp(line, "Uid:", 4)) {
		*seen |= SEEN_UID;
		return read_ids(status->uid, line + 4);
	}
	if (!strncmp(line, "Gid:", 4)) {
		*seen |= SEEN_GID;
		return read_ids(status->gid, line + 4);
	}
	if (!strncmp(line, "Groups:", 7)) {
		*seen |= SEEN_GROUPS;
		return read_groups(status, line + 7);
	}
	if (!strncmp(line, "NStgid:", 7))
		return (status->process_levels = read_numbers(status->process_number, line + 7)) >
		       0;
	if (!strncmp(line, "NSpid:", 6))
		return (status->levels = read_numbers(status->task_number, line + 6)) > 0;
	if (!strncmp(line, "NSpgid:", 7))
		return sscanf(line + 7, "%d", &status->process_group) == 1;
	if (!strncmp(line, "TracerPid:", 10))
		return sscanf(line + 10, "%d", &status->tracer) == 1;
	if (!strncmp(line, "Seccomp_filters:", 16))
		return sscanf(line + 16, "%d", &status->filters) == 1;
	if (!strncmp(line, "Threads:", 8))
		return sscanf(line + 8, "%ld", &status->threads) == 1;
	if (!strncmp(line, "CapInh:", 7))
		return read_set(&status->inheritable, line + 7);
	if (!strncmp(line, "CapPrm:", 7))
		return read_set(&status->permitted, line + 7);
	if (!strncmp(line, "CapEff:", 7))
		return read_set(&status->effective, line + 7);
	if (!strncmp(line, "CapBnd:", 7))
		return read_set(&status->bounding, line + 7);
	if (!strncmp(line, "CapAmb:", 7)) {
		*seen |= SEEN_SETS;
		return read_set(&status->ambient, line + 7);
	}
	return true;
}

int target_read_status(struct target_status *status, int fd)
{
	const unsigned int all = SEEN_UID | SEEN_GID | SEEN_GROUPS | SEEN_PROCESS | SEEN_SETS;
	char text[STATUS_ROOM], *rest = text, *line;
	ssize_t n = read_whole(fd, text, sizeof(text));
	unsigned int seen = 0;

	/* With more groups than fit, the file is not whole. */
	if (n < 0)
		return n == -EOVERFLOW ? -EOPNOTSUPP : (int)n;
	memset(status, 0, sizeof(*status));
	while ((line = strsep(&rest, "\n"))) {
		if (!read_line(status, line, &seen))
			return -EOPNOTSUPP;
	}
	return seen == all && status->levels == status->process_levels ? 0 : -EOPNOTSUPP;
}

static int take_status(struct target *target)
{
	int fd = openat(target->directory, "status", O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = target_read_status(&target->status, fd);
	close(fd);
	target->process = (pid_t)target->status.process;
	return ret;
}

/* --- limits --- */

/*
 * The limits on what a process can take; a worker needs descriptors, processes and memory of its
 * own, and begins with no processor time used.
 */
static const struct {
	const char *name;
	int resource;
} limit_lines[] = {
	{ "Max cpu time", RLIMIT_CPU },
	{ "Max file size", RLIMIT_FSIZE },
	{ "Max open files", RLIMIT_NOFILE },
	{ "Max locked memory", RLIMIT_MEMLOCK },
	{ "Max file locks", RLIMIT_LOCKS },
	{ "Max pending signals", RLIMIT_SIGPENDING },
	{ "Max msgqueue size", RLIMIT_MSGQUEUE },
	{ "Max nice priority", RLIMIT_NICE },
	{ "Max realtime priority", RLIMIT_RTPRIO },
};

static rlim_t read_limit(const char **text)
{
	const char *at = *text + strspn(*text, " ");
	char *end;
	rlim_t limit = RLIM_INFINITY;

	if (!strncmp(at, "unlimited", 9)) {
		*text = at + 9;
		return limit;
	}
	limit = strtoull(at, &end, 10);
	*text = end;
	return limit;
}

/* prlimit(2) returns other users' limits only with CAP_SYS_RESOURCE. */
static int take_limits(struct target *target)
{
	char text[LIMITS_ROOM];
	ssize_t n = read_file(target->directory, "limits", text, sizeof(text));
	size_t i;

	if (n < 0)
		return (int)n;
	for (i = 0; i < sizeof(limit_lines) / sizeof(limit_lines[0]); i++) {
		const char *line = strstr(text, limit_lines[i].name);
		int resource = limit_lines[i].resource;

		if (!line)
			continue;
		line += strlen(limit_lines[i].name);
		target->limits[resource].rlim_cur = read_limit(&line);
		target->limits[resource].rlim_max = read_limit(&line);
		target->limits_known |= 1u << resource;
	}
	return 0;
}

/* --- namespaces --- */

static int inode_of(int directory, const char *file, uint64_t *inode)
{
	struct stat st;

	if (fstatat(directory, file, &st, 0) < 0)
		return -errno;
	*inode = st.st_ino;
	return 0;
}

/* An fd of the namespace, or -1 if it is the supervisor's own. */
static int take_namespace(int directory, const char *file, uint64_t own, int *fd, uint64_t *inode)
{
	int ret;

	*fd = -1;
	*inode = 0;
	ret = inode_of(directory, file, inode);
	/* Time namespaces came with 5.6; a kernel may be built without others. */
	if (ret == -ENOENT && !own)
		return 0;
	if (ret < 0 || *inode == own)
		return ret;
	*fd = openat(directory, file, O_RDONLY | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

static int read_id_map(int directory, const char *file, struct target_id_map *map)
{
	char text[MAP_ROOM], *rest = text, *line;
	ssize_t n = read_file(directory, file, text, sizeof(text));

	map->ranges = 0;
	if (n < 0)
		return (int)n;
	while ((line = strsep(&rest, "\n")) && *line) {
		if (map->ranges == TARGET_ID_RANGES ||
		    sscanf(line, "%u %u %u", &map->range[map->ranges].inner,
			   &map->range[map->ranges].outer, &map->range[map->ranges].count) != 3)
			return -EOPNOTSUPP;
		map->ranges++;
	}
	return 0;
}

/* The task's user namespace and those above it, up to the supervisor's, which is left out. */
static int take_users(struct target *target, const struct target_own *own)
{
	int chain[TARGET_LEVELS], used = 0, fd, i, ret;
	char word[16];
	struct stat st;

	ret = take_namespace(target->directory, "ns/user", own->user, &fd, &target->user_inode);
	if (ret < 0 || fd < 0)
		return ret;
	for (;;) {
		chain[used++] = fd;
		fd = used < TARGET_LEVELS ? kernel_parent_namespace(fd) : -EOPNOTSUPP;
		if (fd < 0 || fstat(fd, &st) < 0) {
			/* A namespace that is not below the supervisor's own. */
			ret = fd < 0 ? fd : -EIO;
			break;
		}
		if (st.st_ino == own->user) {
			close(fd);
			ret = 0;
			break;
		}
	}
	for (i = 0; i < used; i++)
		target->user[i] = chain[used - 1 - i];
	target->users = used;
	if (ret == 0)
		ret = read_id_map(target->directory, "uid_map", &target->uids);
	if (ret == 0)
		ret = read_id_map(target->directory, "gid_map", &target->gids);
	if (ret == 0 && read_file(target->directory, "setgroups", word, sizeof(word)) > 0)
		target->can_set_groups = !strncmp(word, "allow", 5) && target->gids.ranges;
	return ret;
}

/* --- the security module --- */

static int read_label(int directory, char *label, size_t size)
{
	ssize_t n = read_file(directory, "attr/current", label, size);

	if (n > 0 && label[n - 1] == '\n')
		label[n - 1] = 0;
	if (n >= 0)
		return 0;
	/* Without a module that has labels the file is absent or cannot be read at all. */
	*label = 0;
	return n == -EINVAL || n == -ENOENT || n == -EOPNOTSUPP ? 0 : (int)n;
}

/* A worker keeps the supervisor's label, and cannot take on another one. */
static int compare_label(const struct target *target, const struct target_own *own)
{
	char label[sizeof(own->label)];
	int ret = read_label(target->directory, label, sizeof(label));

	return ret < 0 ? ret : strcmp(label, own->label) ? -EACCES : 0;
}

/* --- the supervisor itself --- */

static bool is_everything(const struct target_id_map *map)
{
	return map->ranges == 1 && !map->range[0].inner && !map->range[0].outer &&
	       map->range[0].count == UINT32_MAX;
}

static bool has_number(const struct target_id_map *map, uint32_t inner)
{
	size_t i;

	for (i = 0; i < map->ranges; i++) {
		if (inner >= map->range[i].inner &&
		    inner - map->range[i].inner < map->range[i].count)
			return true;
	}
	return false;
}

static unsigned int read_number(int directory, const char *file, unsigned int otherwise)
{
	char text[16];

	return read_file(directory, file, text, sizeof(text)) > 0 ?
		       (unsigned int)strtoul(text, NULL, 10) :
		       otherwise;
}

static int read_all_ids(struct target_own *own, const char **what)
{
	struct target_id_map uids, gids;
	int ret;

	own->overflow_uid = read_number(own->proc, "sys/kernel/overflowuid", OVERFLOW_ID);
	own->overflow_gid = read_number(own->proc, "sys/kernel/overflowgid", OVERFLOW_ID);

	*what = "/proc/self/uid_map";
	ret = read_id_map(own->proc, "self/uid_map", &uids);
	if (ret == 0)
		ret = read_id_map(own->proc, "self/gid_map", &gids);
	if (ret < 0)
		return ret;
	own->has_all_ids = is_everything(&uids) && is_everything(&gids);
	own->ambiguous_uid = has_number(&uids, own->overflow_uid);
	own->ambiguous_gid = has_number(&gids, own->overflow_gid);
	return 0;
}

int target_own_read(struct target_own *own, int proc, const char **what)
{
	int i, ret;

	memset(own, 0, sizeof(*own));
	own->proc = proc;
	*what = "/proc/self/ns/user";
	ret = inode_of(proc, "self/ns/user", &own->user);
	for (i = 0; i < TARGET_NAMESPACES && ret == 0; i++) {
		char path[32];

		snprintf(path, sizeof(path), "self/%s", namespace_files[i]);
		*what = namespace_files[i];
		ret = inode_of(proc, path, &own->namespaces[i]);
		if (ret == -ENOENT)
			ret = 0;
	}
	if (ret == 0) {
		int self = openat(proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);

		*what = "/proc/self/attr/current";
		ret = self < 0 ? -errno : read_label(self, own->label, sizeof(own->label));
		if (self >= 0)
			close(self);
	}
	own->capabilities = kernel_all_capabilities();
	own->landlock = kernel_landlock_version();
	if (ret == 0) {
		*what = "/proc/self/exe";
		ret = kernel_place(proc, "self/exe", &own->program);
	}
	if (ret == 0) {
		*what = "/proc/self/ns/user";
		ret = kernel_place(proc, "self/ns/user", &own->nsfs);
	}
	if (ret == 0)
		ret = read_all_ids(own, what);
	if (ret == 0) {
		int fd = openat(proc, "self/status", O_RDONLY | O_CLOEXEC);

		*what = "/proc/self/status";
		ret = fd < 0 ? -errno : target_read_status(&own->status, fd);
		if (fd >= 0)
			close(fd);
	}
	return ret;
}

/* --- all of it --- */

/* A thread may have a descriptor table of its own. */
static int take_pidfd(const struct target *target)
{
	int fd;

	if (target->task == target->process)
		return kernel_pidfd_open(target->task, 0);
	fd = kernel_pidfd_open(target->task, UAPI_PIDFD_THREAD);
	if (fd < 0 && kernel_same_files(target->task, target->process))
		fd = kernel_pidfd_open(target->process, 0);
	return fd;
}

static int open_in(const struct target *target, const char *name, int flags, int *fd)
{
	*fd = openat(target->directory, name, flags | O_CLOEXEC);
	return *fd < 0 ? -errno : 0;
}

void target_init(struct target *target)
{
	int i;

	memset(target, 0, sizeof(*target));
	target->directory = target->memory = target->maps = target->pidfd = target->root =
		target->cwd = -1;
	for (i = 0; i < TARGET_NAMESPACES; i++)
		target->namespaces[i] = -1;
}

#define STEP(text, call) \
	do { \
		*what = (text); \
		ret = (call); \
		if (ret < 0) \
			return ret; \
	} while (0)

int target_take(struct target *target, const struct target_own *own, pid_t task, const char **what)
{
	char name[32];
	int i, ret;

	target_init(target);
	target->task = task;
	snprintf(name, sizeof(name), "%d", task);
	target->proc = own->proc;
	target->nsfs = own->nsfs;
	*what = "its directory in /proc";
	target->directory = openat(own->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target->directory < 0)
		return -errno;
	STEP("its status", take_status(target));
	STEP("its memory", open_in(target, "mem", O_RDWR, &target->memory));
	STEP("its memory map", open_in(target, "maps", O_RDONLY, &target->maps));
	STEP("its root", open_in(target, "root", O_PATH, &target->root));
	STEP("its working directory", open_in(target, "cwd", O_PATH, &target->cwd));
	STEP("its root", kernel_place(target->root, "", &target->root_place));
	STEP("its working directory", kernel_place(target->cwd, "", &target->cwd_place));
	STEP("its limits", take_limits(target));
	STEP("its user namespace", take_users(target, own));
	for (i = 0; i < TARGET_NAMESPACES; i++)
		STEP(namespace_files[i],
		     take_namespace(target->directory, namespace_files[i], own->namespaces[i],
				    &target->namespaces[i], &target->namespace_inode[i]));
	STEP("its label of a security module", compare_label(target, own));
	target->has_processors =
		sched_getaffinity(task, sizeof(target->processors), &target->processors) == 0;
	target->has_scheduling = kernel_scheduling(task, &target->scheduling) == 0;
	target->pidfd = take_pidfd(target);
	return 0;
}

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void target_drop_places(struct target *target)
{
	int i;

	drop(&target->pidfd);
	drop(&target->root);
	drop(&target->cwd);
	for (i = 0; i < TARGET_NAMESPACES; i++)
		drop(&target->namespaces[i]);
	for (i = 0; i < target->users; i++)
		drop(&target->user[i]);
	target->users = 0;
}

void target_drop(struct target *target)
{
	target_drop_places(target);
	drop(&target->directory);
	drop(&target->memory);
	drop(&target->maps);
}

static bool same_ids(const struct target_status *a, const struct target_status *b)
{
	return !memcmp(a->uid, b->uid, sizeof(a->uid)) && !memcmp(a->gid, b->gid, sizeof(a->gid)) &&
	       a->groups == b->groups &&
	       !memcmp(a->group, b->group, a->groups * sizeof(a->group[0]));
}

static bool same_sets(const struct target_status *a, const struct target_status *b)
{
	return a->inheritable == b->inheritable && a->permitted == b->permitted &&
	       a->effective == b->effective && a->bounding == b->bounding &&
	       a->ambient == b->ambient;
}

bool target_is_same(const struct target *a, const struct target *b)
{
	return a->task == b->task && a->process == b->process && same_ids(&a->status, &b->status) &&
	       same_sets(&a->status, &b->status) && a->user_inode == b->user_inode &&
	       !memcmp(a->namespace_inode, b->namespace_inode, sizeof(a->namespace_inode)) &&
	       kernel_same_place(&a->root_place, &b->root_place) &&
	       kernel_same_place(&a->cwd_place, &b->cwd_place);
}

bool target_asks_tracer(const struct target *target, const struct target_own *own)
{
	/* One of them is the supervisor's, which does not have it itself. */
	return target->status.tracer && target->status.filters > own->status.filters + 1;
}

/* --- descriptors --- */

/*
 * The files of namespaces have names without a slash, "net:[4026531840]"; one that is bound to a
 * file has that file's path, and is not found by its name.
 */
static bool is_namespace(const char *link)
{
	const char *colon = strchr(link, ':');

	return !strchr(link, '/') && colon && colon[1] == '[' && strncmp(link, "pipe:", 5) &&
	       strncmp(link, "socket:", 7) && strncmp(link, "anon_inode:", 11);
}

bool target_fd_is_place(const struct target *target, int fd)
{
	char path[32], text[512];
	const char *flags;

	snprintf(path, sizeof(path), "fdinfo/%d", fd);
	if (read_file(target->directory, path, text, sizeof(text)) < 0)
		return false;
	flags = strstr(text, "flags:");
	return flags && strtoul(flags + 6, NULL, 8) & O_PATH;
}

/*
 * By its link in /proc: a namespace is opened, of all other files only the place, since opening
 * them could have effects.
 */
static int open_link(const struct target *target, int fd, bool *is_copy)
{
	struct kernel_place file;
	char path[32];
	int place, ret;

	*is_copy = true;
	snprintf(path, sizeof(path), "fd/%d", fd);
	place = openat(target->directory, path, O_PATH | O_CLOEXEC);
	if (place < 0)
		return errno == ENOENT ? -EBADF : -errno;
	/* Also one that is bound somewhere, and has a path there. */
	if (kernel_place(place, "", &file) < 0 || file.dev_major != target->nsfs.dev_major ||
	    file.dev_minor != target->nsfs.dev_minor)
		return place;
	if (target_fd_is_place(target, fd))
		return place;
	*is_copy = false;
	snprintf(path, sizeof(path), "self/fd/%d", place);
	ret = openat(target->proc, path, O_RDONLY | O_CLOEXEC);
	ret = ret < 0 ? -errno : ret;
	close(place);
	return ret;
}

/* True for a file of a filesystem, as opposed to a pipe, a socket or a namespace. */
static bool has_path(const struct target *target, int fd)
{
	char path[32], link[2];

	snprintf(path, sizeof(path), "fd/%d", fd);
	/* Some paths are too long to be shown. */
	return readlinkat(target->directory, path, link, sizeof(link)) > 0 ? *link == '/' :
									     errno != ENOENT;
}

int target_fd(const struct target *target, int fd, bool *is_copy)
{
	int ret = -EPERM;

	/*
	 * A file server is told when a descriptor of its file is closed, and the closing task
	 * waits for it: so there is no second one, only its place.
	 */
	if (has_path(target, fd))
		ret = open_link(target, fd, is_copy);
	if (ret >= 0 || ret == -EBADF)
		return ret;
	ret = -EPERM;
	*is_copy = false;
	if (target->pidfd >= 0)
		ret = kernel_pidfd_getfd(target->pidfd, fd);
	/*
	 * A filter before the supervisor refuses the call, not the kernel, which permitted the
	 * link's lookup.
	 */
	return ret == -EPERM || ret == -ENOSYS ? open_link(target, fd, is_copy) : ret;
}

static DIR *open_table(const struct target *target)
{
	int fd = openat(target->directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

int target_namespace_fds(const struct target *target, int *fds, int most)
{
	DIR *directory = open_table(target);
	int used = 0, fd;
	bool is_copy;
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
		if (is_namespace(link) && (fd = target_fd(target, (int)number, &is_copy)) >= 0)
			fds[used++] = fd;
	}
	if (directory)
		closedir(directory);
	return used;
}

bool target_is_full(const struct target *target)
{
	rlim_t limit = target->limits[RLIMIT_NOFILE].rlim_cur, used = 0;
	DIR *directory;
	long number;

	if (!(target->limits_known & 1u << RLIMIT_NOFILE))
		return false;
	directory = open_table(target);
	if (!directory)
		return false;
	while ((number = next_fd(directory)) >= 0)
		used += (rlim_t)number < limit;
	closedir(directory);
	return used >= limit;
}

/* --- whose it is --- */

/* The owner of the highest user namespace below the supervisor's. */
static bool owner_of_users(const struct target_own *own, int directory, unsigned int *user)
{
	int fd = openat(directory, "ns/user", O_RDONLY | O_CLOEXEC), parent, i, ret = -1;
	struct stat st;

	for (i = 0; i < TARGET_LEVELS && fd >= 0; i++) {
		parent = kernel_parent_namespace(fd);
		if (parent < 0 || fstat(parent, &st) < 0 || st.st_ino == own->user) {
			ret = parent < 0 ? parent : kernel_owner_of_namespace(fd, user);
			if (parent >= 0)
				close(parent);
			break;
		}
		close(fd);
		fd = parent;
	}
	if (fd >= 0)
		close(fd);
	return ret >= 0;
}

/* The task's directory, with its status; or -1. */
static int look_at(const struct target_own *own, pid_t task, struct target_status *status)
{
	char name[16];
	int directory, fd, ret = -1;

	snprintf(name, sizeof(name), "%d", task);
	directory = openat(own->proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = directory < 0 ? -1 : openat(directory, "status", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		ret = target_read_status(status, fd);
		close(fd);
	}
	if (ret == 0)
		return directory;
	if (directory >= 0)
		close(directory);
	return -1;
}

bool target_owner(const struct target_own *own, pid_t task, long *process, unsigned int *user)
{
	struct target_status status;
	uint64_t inode = own->user;
	int directory = look_at(own, task, &status);

	if (directory < 0)
		return false;
	*process = status.process;
	*user = status.uid[0];
	if (inode_of(directory, "ns/user", &inode) == 0 && inode != own->user)
		owner_of_users(own, directory, user);
	close(directory);
	return true;
}

static bool is_one_user(const struct target_status *status)
{
	return status->uid[0] && !status->permitted && status->uid[1] == status->uid[0] &&
	       status->uid[2] == status->uid[0] && status->uid[3] == status->uid[0];
}

bool target_keeps_user(const struct target_own *own, pid_t task, unsigned int *user)
{
	struct target_status status;
	uint64_t inode = 0;
	int directory = look_at(own, task, &status);
	bool keeps = false;

	if (directory < 0)
		return false;
	*user = status.uid[0];
	if (inode_of(directory, "ns/user", &inode) == 0)
		/* Nothing leads out of a user namespace. */
		keeps = inode == own->user ? is_one_user(&status) :
					     owner_of_users(own, directory, user);
	close(directory);
	return keeps;
}

bool target_has_ended(const struct target_own *own, pid_t task)
{
	char name[32], text[512], *state;
	ssize_t n;

	snprintf(name, sizeof(name), "%d/stat", task);
	n = read_file(own->proc, name, text, sizeof(text));
	if (n < 0)
		return n == -ENOENT || n == -ESRCH;
	/* "PID (NAME) S ...": a name may contain anything. */
	state = strrchr(text, ')');
	return state && (!strncmp(state, ") Z", 3) || !strncmp(state, ") X", 3));
}

/* --- automounts --- */

/* An autofs line of mountinfo shows the daemon's process group in the reader's pid namespace. */
static bool is_trigger_of(const char *line, pid_t group)
{
	const char *separator = strstr(line, " - autofs "), *option;

	if (!separator)
		return false;
	for (option = strstr(separator, "pgrp="); option; option = strstr(option + 1, "pgrp=")) {
		if ((option[-1] == ',' || option[-1] == ' ') &&
		    strtol(option + 5, NULL, 10) == group)
			return true;
	}
	return false;
}

bool target_is_automounter(const struct target *target)
{
	int fd = openat(target->directory, "mountinfo", O_RDONLY | O_CLOEXEC);
	FILE *table = fd < 0 ? NULL : fdopen(fd, "r");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	if (!table && fd >= 0)
		close(fd);
	while (table && !found && getline(&line, &room, table) > 0)
		found = is_trigger_of(line, target->status.process_group);
	free(line);
	if (table)
		fclose(table);
	return found;
}
