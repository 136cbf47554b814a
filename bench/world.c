// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * world.c - private mount namespaces with a chosen number of mounts.
 * Changes the calling process' mount namespace; makes one directory in /tmp, removed at exit.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/world.h"

static char place[32];
static int home = -1;
static const struct world *here;

static void need(int ret, const char *what)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "bench: %s: %s%s\n", what, strerror(errno),
		errno == EPERM ? " (run it as root)" : "");
	exit(1);
}

static void leave(void)
{
	if (home >= 0 && setns(home, CLONE_NEWNS) == 0)
		rmdir(place);
}

static FILE *open_mountinfo(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");

	if (!f)
		need(-1, "/proc/self/mountinfo");
	return f;
}

unsigned int world_count_mounts(void)
{
	FILE *f = open_mountinfo();
	unsigned int n = 0;
	int c;

	while ((c = getc(f)) != EOF)
		n += c == '\n';
	fclose(f);
	return n;
}

/* Unmount the rest, so that a world has the same mounts wherever it is made. */
static void unmount_the_rest(void)
{
	char *line = NULL, **points = NULL;
	size_t size = 0, n = 0;
	FILE *f = open_mountinfo();

	while (getline(&line, &size, f) > 0) {
		char point[4096];

		if (sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1 || !strcmp(point, "/") ||
		    !strcmp(point, "/proc") || !strcmp(point, "/tmp"))
			continue;
		points = realloc(points, (n + 1) * sizeof(*points));
		if (!points || !(points[n++] = strdup(point)))
			need(-1, "no memory");
	}
	fclose(f);
	free(line);
	while (n--) {
		/* Failures are harmless: the mount went with its parent, or is locked. */
		umount2(points[n], MNT_DETACH);
		free(points[n]);
	}
	free(points);
}

static void make_mount(const char *source, const char *point)
{
	need(mkdir(point, 0755), point);
	need(mount(source, point, source ? NULL : "tmpfs", source ? MS_BIND : 0, NULL), point);
}

void world_make(struct world *world, unsigned int mounts, bool shared)
{
	char path[96], target[64];
	unsigned int i, have;

	if (home < 0) {
		home = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
		need(home, "/proc/self/ns/mnt");
		strcpy(place, "/tmp/mntcompat-bench.XXXXXX");
		if (!mkdtemp(place))
			need(-1, place);
		atexit(leave);
	}
	need(setns(home, CLONE_NEWNS), "setns");
	need(unshare(CLONE_NEWNS), "unshare");
	here = NULL;
	need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "making mounts private");
	unmount_the_rest();
	need(mount("bench", place, "tmpfs", 0, NULL), place);
	snprintf(world->tree, sizeof(world->tree), "%s/tree", place);
	make_mount(NULL, world->tree);
	snprintf(path, sizeof(path), "%s/one", world->tree);
	make_mount(NULL, path);
	snprintf(path, sizeof(path), "%s/two", world->tree);
	make_mount(NULL, path);
	snprintf(path, sizeof(path), "%s/source", place);
	need(mkdir(path, 0755), path);
	have = world_count_mounts();
	if (have >= mounts) {
		fprintf(stderr, "bench: %u mounts are too few: %u are here already\n", mounts,
			have);
		exit(1);
	}
	for (i = have; i < mounts; i++) {
		snprintf(target, sizeof(target), "%s/mount%05u", place, i);
		make_mount(path, target);
		if (i == have)
			strcpy(world->first, target);
		if (i == mounts / 2 || i == have)
			strcpy(world->middle, target);
		strcpy(world->last, target);
	}
	if (shared)
		need(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL), "making mounts shared");
	world->mounts = world_count_mounts();
	world->ns = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	need(world->ns, "/proc/self/ns/mnt");
	need(setns(home, CLONE_NEWNS), "setns");
}

void world_enter(const struct world *world)
{
	if (here == world)
		return;
	need(setns(world->ns, CLONE_NEWNS), "setns");
	here = world;
}
