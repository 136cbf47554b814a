// SPDX-License-Identifier: LGPL-2.1-or-later
/* hung-server.c - a world: the table of mounts has one whose file server never answers. */
#include "world.h"

static const char *set_up(void)
{
	return world_mount_fuse(world_path("server", true), WORLD_SERVER_HUNG);
}

const struct world world_hung_server = {
	.name = "hung-server",
	.doc = "one of the other mounts has a file server that never answers",
	.levels = WORLD_ALL,
	.set_up = set_up,
};
