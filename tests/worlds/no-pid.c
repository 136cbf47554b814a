// SPDX-License-Identifier: LGPL-2.1-or-later
/* no-pid.c - a world: a pids cgroup in which no further task can be made. */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char group[256];
static int current_fd = -1, max_fd = -1;

/* By descriptor: the mount of the hierarchy may have ended before. */
static bool remove_group(void)
{
	return !unlinkat(world_kept_fd, strrchr(group, '/') + 1, AT_REMOVEDIR) || errno != EBUSY;
}

/* A hierarchy of the first version has the controller where it is mounted so. */
static const char *set_up(void)
{
	const char *place = world_path("cgroup", true);
	char path[300];

	if (mount("cgroup", place, "cgroup", 0, "pids")) {
		if (mount("cgroup2", place, "cgroup2", 0, NULL))
			return "no cgroup with the controller pids can be mounted";
		snprintf(path, sizeof(path), "%s/cgroup.subtree_control", place);
		if (!world_write(AT_FDCWD, path, "+pids"))
			return "cgroup2 has no controller pids for its groups";
	}
	snprintf(group, sizeof(group), "%s/mntcompat-%d", place, (int)getpid());
	if (mkdir(group, 0755))
		world_broken("%s: %s", group, strerror(errno));
	world_kept_fd = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (world_kept_fd < 0)
		world_broken("%s: %s", place, strerror(errno));
	world_kept_fd = world_keep_fd(world_kept_fd);
	world_at_end(remove_group);
	return NULL;
}

static int opened(const char *name, int flags)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", strrchr(group, '/') + 1, name);
	fd = openat(world_kept_fd, path, flags | O_CLOEXEC);
	if (fd < 0)
		world_broken("%s: %s", path, strerror(errno));
	return world_keep_fd(fd);
}

static void enter(void)
{
	int fd = opened("cgroup.procs", O_WRONLY);

	if (write(fd, "0", 1) != 1)
		world_broken("a group of tasks: %s", strerror(errno));
	close(fd);
	current_fd = opened("pids.current", O_RDONLY);
	max_fd = opened("pids.max", O_WRONLY);
}

static size_t before(void)
{
	char text[32];
	ssize_t size = pread(current_fd, text, sizeof(text), 0);

	if (size <= 0 || pwrite(max_fd, text, size, 0) != size)
		world_broken("pids.max: %s", strerror(errno));
	return 0;
}

static void after(void)
{
	if (pwrite(max_fd, "max", 3, 0) != 3)
		world_broken("pids.max: %s", strerror(errno));
}

const struct world world_no_pid = {
	.name = "no-pid",
	.doc = "a pids cgroup that is full: no task can be made",
	.levels = WORLD_ALL,
	.set_up = set_up,
	.enter = enter,
	.before = before,
	.after = after,
};
