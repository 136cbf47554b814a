// SPDX-License-Identifier: LGPL-2.1-or-later
/* many-mounts.c - a world: thousands of other mounts. */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define MOUNTS 5000

static const char *set_up(void)
{
	const char *from = world_path("from", true), *to;
	unsigned long i, count = world_number ? world_number : MOUNTS;
	char name[32];

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "mount-%lu", i);
		to = world_path(name, true);
		if (mount(from, to, NULL, MS_BIND, NULL))
			world_broken("mount %lu of %lu: %s", i, count, strerror(errno));
	}
	return NULL;
}

const struct world world_many_mounts = {
	.name = "many-mounts",
	.doc = "5,000 other mounts, or as many as the number says",
	.levels = WORLD_ALL,
	.set_up = set_up,
};
