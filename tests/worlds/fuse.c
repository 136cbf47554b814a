// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuse.c - a file server that answers its first request and no other, or that is gone. Touches the
 * mount namespace of the worlds; a process of its own holds the server's end. For the worlds
 * of file servers.
 */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <unistd.h>

static void hold(void *arg)
{
	(void)arg;
	for (;;)
		pause();
}

static void answer_init(int fd)
{
	static char request[1 << 17];
	struct fuse_in_header *in = (void *)request;
	struct fuse_init_out init = { .major = 7, .minor = 31, .max_write = 4096 };
	struct fuse_out_header head = { .len = sizeof(head) + sizeof(init) };
	struct iovec parts[] = { { &head, sizeof(head) }, { &init, sizeof(init) } };

	if (read(fd, request, sizeof(request)) < 0 || in->opcode != FUSE_INIT)
		world_broken("the first request to a file server: %s", strerror(errno));
	head.unique = in->unique;
	if (writev(fd, parts, 2) < 0)
		world_broken("the first answer of a file server: %s", strerror(errno));
}

const char *world_mount_fuse(const char *path, enum world_server server)
{
	static char why[128];
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
		if (mount("server:/directory", path, "fuse.worlds", MS_NOSUID | MS_NODEV,
			  options)) {
			close(fd);
			fd = -1;
		}
	}
	if (fd < 0) {
		snprintf(why, sizeof(why), "no FUSE: %s", strerror(errno));
		return why;
	}
	answer_init(fd);
	/* The kernel ends a connection whose last descriptor is closed. */
	if (server == WORLD_SERVER_HUNG)
		world_keeper(hold, NULL);
	close(fd);
	return NULL;
}
