// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * worlds.c - the list of worlds, and what several of them need: a directory, a process beside the
 * calls, another "/". Touches the mount namespace that the worlds are made in. For each world.
 */
#define _GNU_SOURCE
#include "world.h"

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
#include <time.h>
#include <unistd.h>

#define KEPT_FD_LOWEST 61 /* beside the scenario program's own */

unsigned long world_number;
int world_kept_fd = -1;
int world_proc_fd = -1;
const char *world_outer_root;

#define WORLD(name) extern const struct world name
WORLD(world_apparmor);
WORLD(world_bind_root);
WORLD(world_btrfs_root);
WORLD(world_chroot);
WORLD(world_churn);
WORLD(world_dead_server);
WORLD(world_docker);
WORLD(world_docker_admin);
WORLD(world_few_descriptors);
WORLD(world_foreign_proc);
WORLD(world_hidepid);
WORLD(world_hung_server);
WORLD(world_landlock);
WORLD(world_many_mounts);
WORLD(world_no_pid);
WORLD(world_no_proc);
WORLD(world_podman);
WORLD(world_ptraceable);
WORLD(world_small_stack);

const struct world *const worlds[] = {
	/* Nothing there to read about the process, or too little. */
	&world_no_proc,
	&world_foreign_proc,
	&world_hidepid,
	&world_ptraceable,
	/* Other mounts in the table. */
	&world_dead_server,
	&world_hung_server,
	&world_many_mounts,
	&world_churn,
	/* Something between the program and the kernel. */
	&world_docker,
	&world_docker_admin,
	&world_podman,
	&world_landlock,
	&world_apparmor,
	/* Shortages. */
	&world_few_descriptors,
	&world_small_stack,
	&world_no_pid,
	/* Another "/". */
	&world_chroot,
	&world_bind_root,
	&world_btrfs_root,
	NULL,
};

const struct world *world_find(const char *name)
{
	size_t length = strcspn(name, ":");
	int i;

	world_number = name[length] ? strtoul(name + length + 1, NULL, 10) : 0;
	for (i = 0; worlds[i]; i++) {
		if (strlen(worlds[i]->name) == length && !strncmp(worlds[i]->name, name, length))
			return worlds[i];
	}
	return NULL;
}

static char directory[] = "/tmp/mntcompat-worlds.XXXXXX";

void world_at_end(bool (*clean)(void))
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	pid_t owner = getpid(), pid = fork();
	int fd;

	if (pid < 0)
		world_broken("fork: %s", strerror(errno));
	if (pid)
		return;
	setsid();
	/* A reader of the owner's output must not wait for this process. */
	fd = open("/dev/null", O_RDWR);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	while (getppid() == owner)
		nanosleep(&moment, NULL);
	while (!clean())
		nanosleep(&moment, NULL);
	_exit(0);
}

/* The mount on it is this namespace's; of others that have a copy it ends with the directory. */
static bool remove_directory(void)
{
	umount2(directory, MNT_DETACH);
	return !rmdir(directory) || errno != EBUSY;
}

const char *world_directory(void)
{
	static bool made;

	if (made)
		return directory;
	if (!mkdtemp(directory))
		world_broken("%s: %s", directory, strerror(errno));
	if (mount("worlds", directory, "tmpfs", 0, "mode=755"))
		world_broken("a tmpfs on %s: %s", directory, strerror(errno));
	world_at_end(remove_directory);
	setenv("WORLD_DIRECTORY", directory, 1);
	made = true;
	return directory;
}

const char *world_path(const char *name, bool make)
{
	static char paths[4][256];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", world_directory(), name);
	if (make && mkdir(path, 0755) && errno != EEXIST)
		world_broken("%s: %s", path, strerror(errno));
	return path;
}

int world_keep_fd(int fd)
{
	int kept = fcntl(fd, F_DUPFD_CLOEXEC, KEPT_FD_LOWEST);

	if (kept < 0)
		world_broken("a descriptor: %s", strerror(errno));
	close(fd);
	return kept;
}

pid_t world_keeper(void (*run)(void *arg), void *arg)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		world_broken("fork: %s", strerror(errno));
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		run(arg);
	_exit(0);
}

int world_open_proc(const char *path, int flags)
{
	char whole[256];

	snprintf(whole, sizeof(whole), "/proc/%s", path);
	return world_proc_fd < 0 ? open(whole, flags | O_CLOEXEC) :
				   openat(world_proc_fd, path, flags | O_CLOEXEC);
}

bool world_write(int directory, const char *path, const char *text)
{
	int fd = openat(directory, path, O_WRONLY | O_CLOEXEC), error;
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	error = errno;
	close(fd);
	errno = error;
	return ok;
}

/* One entry of "/" below @path: directories are bound, links copied, files left out. */
static void fill_one(const char *path, const char *name)
{
	char from[512], to[512], target[512];
	struct stat st;
	ssize_t size;

	snprintf(from, sizeof(from), "/%s", name);
	snprintf(to, sizeof(to), "%s/%s", path, name);
	if (lstat(from, &st))
		return;
	if (S_ISLNK(st.st_mode)) {
		size = readlink(from, target, sizeof(target) - 1);
		if (size < 0)
			return;
		target[size] = 0;
		if (symlink(target, to))
			world_broken("%s: %s", to, strerror(errno));
	}
	if (!S_ISDIR(st.st_mode))
		return;
	if (mkdir(to, 0755) || mount(from, to, NULL, MS_BIND | MS_REC, NULL))
		world_broken("%s on %s: %s", from, to, strerror(errno));
}

void world_fill_root(const char *path)
{
	DIR *entries = opendir("/");
	struct dirent *entry;
	char copy[512];

	if (!entries)
		world_broken("/: %s", strerror(errno));
	while ((entry = readdir(entries))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			fill_one(path, entry->d_name);
	}
	closedir(entries);
	/* No second mount on the directory: it has to be removed at the end. */
	snprintf(copy, sizeof(copy), "%s%s", path, directory);
	umount2(copy, MNT_DETACH);
}
