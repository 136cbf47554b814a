// SPDX-License-Identifier: LGPL-2.1-or-later
/* churn.c - a world: another process mounts and unmounts while a call is made. */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOUNTS 2
#define DESCRIPTORS 1024 /* that the scenario may have open */

static struct shared {
	atomic_int wanted;
	atomic_int idle;
	atomic_ulong rounds;
} * shared;
static char places[MOUNTS][256];

static const char *set_up(void)
{
	char name[32];
	int i;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		world_broken("memory: %s", strerror(errno));
	for (i = 0; i < MOUNTS; i++) {
		snprintf(name, sizeof(name), "churn-%d", i);
		snprintf(places[i], sizeof(places[i]), "%s", world_path(name, true));
	}
	return NULL;
}

static void pause_shortly(void)
{
	const struct timespec moment = { .tv_nsec = 50000 };

	nanosleep(&moment, NULL);
}

/* Between calls nothing of it is mounted: the scenario's own looks at the table see none of it. */
static void churn(pid_t owner)
{
	int i;

	/* A pipe of the scenario has to end where its other end is closed. */
	for (i = 3; i < DESCRIPTORS; i++)
		close(i);
	while (!kill(owner, 0) || errno == EPERM) {
		if (!atomic_load(&shared->wanted)) {
			atomic_store(&shared->idle, 1);
			pause_shortly();
			continue;
		}
		atomic_store(&shared->idle, 0);
		for (i = 0; i < MOUNTS; i++)
			mount("churn", places[i], "tmpfs", 0, "size=4k");
		for (i = 0; i < MOUNTS; i++)
			umount2(places[i], MNT_DETACH);
		atomic_fetch_add(&shared->rounds, 1);
	}
}

/* In the caller's mount namespace and process group, and no child of it. */
static void enter(void)
{
	pid_t owner = getpid(), pid;
	int status;

	atomic_store(&shared->wanted, 0);
	atomic_store(&shared->idle, 0);
	pid = fork();
	if (pid < 0)
		world_broken("fork: %s", strerror(errno));
	if (!pid) {
		pid = fork();
		if (!pid)
			churn(owner);
		_exit(pid < 0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		world_broken("the process that mounts cannot be made");
}

static size_t before(void)
{
	unsigned long rounds = atomic_load(&shared->rounds);

	atomic_store(&shared->wanted, 1);
	while (atomic_load(&shared->rounds) == rounds)
		pause_shortly();
	return 0;
}

static void after(void)
{
	atomic_store(&shared->idle, 0);
	atomic_store(&shared->wanted, 0);
	/* Twice: the first may have been said before the last round. */
	while (!atomic_exchange(&shared->idle, 0))
		pause_shortly();
	while (!atomic_exchange(&shared->idle, 0))
		pause_shortly();
}

const struct world world_churn = {
	.name = "churn",
	.doc = "another process mounts and unmounts all the time that a call takes",
	.levels = WORLD_ALL,
	.set_up = set_up,
	.enter = enter,
	.before = before,
	.after = after,
	.leaves_process = true,
};
