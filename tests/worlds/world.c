// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * world.c - "world NAME[:NUMBER] PROGRAM [ARGUMENT...]" runs any program in a hostile world, in a
 * mount namespace of its own. As root. Exit status: the program's, 2 for wrong arguments, 77 if
 * this world cannot be had here, 99 if it is broken.
 */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

void world_broken(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "world: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	_exit(99);
}

static int usage(FILE *out, int status)
{
	int i;

	fprintf(out, "usage: world NAME[:NUMBER] PROGRAM [ARGUMENT...]\n");
	for (i = 0; worlds[i]; i++)
		fprintf(out, "  %-16s %s\n", worlds[i]->name, worlds[i]->doc);
	return status;
}

int main(int argc, char **argv)
{
	const struct world *world;
	const char *missing;
	int first = argc > 2 && !strcmp(argv[2], "--") ? 3 : 2;

	if (argc > 1 && !strcmp(argv[1], "--help"))
		return usage(stdout, 0);
	world = argc > first ? world_find(argv[1]) : NULL;
	if (!world)
		return usage(stderr, 2);
	if (unshare(CLONE_NEWNS))
		world_broken("a mount namespace: %s", strerror(errno));
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) && errno != EINVAL)
		world_broken("private mounts: %s", strerror(errno));
	missing = world->set_up ? world->set_up() : NULL;
	if (missing) {
		fprintf(stderr, "world %s: %s\n", world->name, missing);
		return 77;
	}
	if (world->enter)
		world->enter();
	if (world->before)
		world->before();
	execvp(argv[first], argv + first);
	world_broken("%s: %s", argv[first], strerror(errno));
}
