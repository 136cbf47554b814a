// SPDX-License-Identifier: LGPL-2.1-or-later
/* no-proc.c - a world: nothing is mounted on /proc. */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static void enter(void)
{
	/* A scenario in a chroot has no procfs there anyway. */
	if (access("/proc", F_OK))
		return;
	/* A new user namespace may not unmount what it has inherited, but cover it. */
	if (umount2("/proc", MNT_DETACH) &&
	    mount("covers", "/proc", "tmpfs", 0, "size=4k,mode=555"))
		world_broken("/proc cannot be removed: %s", strerror(errno));
}

const struct world world_no_proc = {
	.name = "no-proc",
	.doc = "nothing is mounted on /proc",
	.levels = WORLD_ALL,
	.enter = enter,
	.hides_proc = true,
};
