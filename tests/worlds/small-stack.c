// SPDX-License-Identifier: LGPL-2.1-or-later
/* small-stack.c - a world: a stack of which so much is left as a thread of the least size has. */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* PTHREAD_STACK_MIN is 16 KiB on x86-64, of which the C library takes some for the thread itself. */
#define LEFT (12 * 1024)

static struct rlimit usual;
static uintptr_t lowest, highest;

/* The mapping that the stack has at present; read before the first call, when /proc is there. */
static void enter(void)
{
	int fd = world_open_proc("self/maps", O_RDONLY);
	FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");
	char line[512];
	unsigned long start, end;

	while (maps && fgets(line, sizeof(line), maps)) {
		if (strstr(line, "[stack]") && sscanf(line, "%lx-%lx", &start, &end) == 2) {
			lowest = start;
			highest = end;
		}
	}
	if (maps)
		fclose(maps);
	if (!highest)
		world_broken("no stack in /proc/self/maps");
}

static size_t before(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	size_t left = world_number ? world_number : LEFT, page = sysconf(_SC_PAGESIZE);
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &usual))
		world_broken("RLIMIT_STACK: %s", strerror(errno));
	if (here - lowest < left)
		lowest = (here - left) & ~(page - 1);
	/* It does not grow further, and what has been in use before is used up. */
	limit = usual;
	limit.rlim_cur = highest - lowest;
	/* Unless a scenario has left itself less. */
	if (limit.rlim_cur < usual.rlim_cur && setrlimit(RLIMIT_STACK, &limit))
		world_broken("RLIMIT_STACK: %s", strerror(errno));
	return here - lowest - left;
}

static void after(void)
{
	setrlimit(RLIMIT_STACK, &usual);
}

const struct world world_small_stack = {
	.name = "small-stack",
	.doc = "12 KiB of the stack are left, as in a thread of PTHREAD_STACK_MIN",
	.levels = WORLD_ALL,
	.enter = enter,
	.before = before,
	.after = after,
};
