// SPDX-License-Identifier: LGPL-2.1-or-later
/* foreign-proc.c - a world: /proc is that of another pid namespace, in which this process is not. */
#define _GNU_SOURCE
#include "world.h"
#include "tests/fork-with.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int mounted = -1;
static const char *place;

/* Process 1 of the other namespace. */
static void live_there(void)
{
	uint64_t one = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (mount("proc", place, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
		_exit(1);
	if (write(mounted, &one, sizeof(one)) < 0)
		_exit(1);
	for (;;)
		pause();
}

static const char *set_up(void)
{
	uint64_t value;
	long pid;

	place = world_path("proc", true);
	mounted = eventfd(0, EFD_CLOEXEC);
	if (mounted < 0)
		world_broken("eventfd: %s", strerror(errno));
	pid = fork_with(CLONE_NEWPID | SIGCHLD);
	if (pid < 0)
		world_broken("a pid namespace: %s", strerror(errno));
	if (!pid)
		live_there();
	if (read(mounted, &value, sizeof(value)) < 0)
		world_broken("a procfs of another pid namespace: %s", strerror(errno));
	close(mounted);
	return NULL;
}

static void enter(void)
{
	/* A scenario in a chroot has no procfs there anyway. */
	if (access("/proc", F_OK))
		return;
	if (mount(place, "/proc", NULL, MS_BIND, NULL))
		world_broken("another /proc: %s", strerror(errno));
}

const struct world world_foreign_proc = {
	.name = "foreign-proc",
	.doc = "/proc is that of another pid namespace, in which the caller has no number",
	.levels = WORLD_ALL,
	.set_up = set_up,
	.enter = enter,
	.hides_proc = true,
};
