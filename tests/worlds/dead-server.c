// SPDX-License-Identifier: LGPL-2.1-or-later
/* dead-server.c - a world: the table of mounts has one whose file server is gone. */
#include "world.h"

static const char *set_up(void)
{
	return world_mount_fuse(world_path("server", true), WORLD_SERVER_DEAD);
}

const struct world world_dead_server = {
	.name = "dead-server",
	.doc = "one of the other mounts has a file server that is gone: ENOTCONN",
	.levels = WORLD_ALL,
	.set_up = set_up,
};
