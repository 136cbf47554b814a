// SPDX-License-Identifier: LGPL-2.1-or-later
/* hidepid.c - two worlds: /proc shows a process itself alone, and nothing but what it may trace. */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

/* From Linux 5.8 on each procfs has options of its own; before, the pid namespace has them. */
static const char *cover_proc(const char *options)
{
	static char why[128];

	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, options)) {
		snprintf(why, sizeof(why), "no procfs with %s: %s", options, strerror(errno));
		return why;
	}
	return NULL;
}

static const char *set_up_hidden(void)
{
	return cover_proc("hidepid=2");
}

static const char *set_up_ptraceable(void)
{
	return cover_proc("hidepid=4");
}

const struct world world_hidepid = {
	.name = "hidepid",
	.doc = "/proc with hidepid=2: other users' processes cannot be seen",
	.levels = WORLD_ALL,
	.set_up = set_up_hidden,
};

const struct world world_ptraceable = {
	.name = "ptraceable",
	.doc = "/proc with hidepid=ptraceable: only processes that the reader may trace can be seen",
	.levels = WORLD_ALL,
	.set_up = set_up_ptraceable,
};
