// SPDX-License-Identifier: LGPL-2.1-or-later
/* few-descriptors.c - a world: RLIMIT_NOFILE leaves one number for what a call opens. */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

#define FREE 1

static struct rlimit usual;

/* So many numbers are free then, the lowest ones; numbers above the limit stay open. */
static size_t before(void)
{
	unsigned long left = world_number ? world_number : FREE;
	struct rlimit limit;
	int fd;

	if (getrlimit(RLIMIT_NOFILE, &usual))
		world_broken("RLIMIT_NOFILE: %s", strerror(errno));
	for (fd = 0; left && (rlim_t)fd < usual.rlim_cur; fd++)
		left -= fcntl(fd, F_GETFD) < 0;
	limit = usual;
	/* A scenario may have left itself fewer. */
	if (limit.rlim_cur <= (rlim_t)fd)
		return 0;
	limit.rlim_cur = fd;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		world_broken("RLIMIT_NOFILE: %s", strerror(errno));
	return 0;
}

static void after(void)
{
	setrlimit(RLIMIT_NOFILE, &usual);
}

const struct world world_few_descriptors = {
	.name = "few-descriptors",
	.doc = "RLIMIT_NOFILE leaves one number, or as many as the number says",
	.levels = WORLD_ALL,
	.before = before,
	.after = after,
};
