// SPDX-License-Identifier: LGPL-2.1-or-later
/* landlock.c - a world: a Landlock sandbox, in which nobody may change mounts. */
#define _GNU_SOURCE
#include "compat/kernel/uapi.h"
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux 5.13; the headers of older systems lack them. */
#define NR_landlock_create_ruleset UAPI_NR(444)
#define NR_landlock_restrict_self UAPI_NR(446)
#define ACCESS_FS_MAKE_BLOCK (1u << 11)

static int create_ruleset(void)
{
	/* A sandbox that governs any access to files refuses each change of mounts. */
	struct {
		uint64_t handled_access_fs;
	} attr = { ACCESS_FS_MAKE_BLOCK };

	return syscall(NR_landlock_create_ruleset, &attr, sizeof(attr), 0);
}

static const char *set_up(void)
{
	static char why[128];
	int fd = create_ruleset();

	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	snprintf(why, sizeof(why), "this kernel has no Landlock: %s", strerror(errno));
	return why;
}

static void enter(void)
{
	int fd = create_ruleset();

	if (fd < 0 || syscall(NR_landlock_restrict_self, fd, 0))
		world_broken("Landlock: %s", strerror(errno));
	close(fd);
}

const struct world world_landlock = {
	.name = "landlock",
	.doc = "a Landlock sandbox that lets nobody mount, unmount, move or change root",
	.levels = WORLD_ALL,
	.set_up = set_up,
	.enter = enter,
	.refuses = "EPERM",
};
