// SPDX-License-Identifier: LGPL-2.1-or-later
/* apparmor.c - a world: an AppArmor profile that denies mount and nothing else. */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* The output of apparmor_parser for apparmor.policy, where the matrix puts it. */
#define POLICY "/test/apparmor.compiled"
#define PROFILE "mntcompat-world"
#define REPLACE "/sys/kernel/security/apparmor/.replace"

static const char *set_up(void)
{
	static char why[160], policy[1 << 16];
	int from = open(POLICY, O_RDONLY | O_CLOEXEC), to;
	ssize_t size;

	if (from < 0) {
		snprintf(why, sizeof(why), "%s: %s (apparmor_parser makes it)", POLICY,
			 strerror(errno));
		return why;
	}
	size = read(from, policy, sizeof(policy));
	close(from);
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	to = open(REPLACE, O_WRONLY | O_CLOEXEC);
	if (to < 0) {
		snprintf(why, sizeof(why), "AppArmor is not on: %s: %s", REPLACE, strerror(errno));
		return why;
	}
	if (size <= 0 || write(to, policy, size) != size)
		world_broken("loading %s: %s", POLICY, strerror(errno));
	close(to);
	return NULL;
}

static void enter(void)
{
	static const char text[] = "changeprofile " PROFILE;
	int fd = world_open_proc("self/attr/current", O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || close(fd))
		world_broken("the profile " PROFILE ": %s", strerror(errno));
}

const struct world world_apparmor = {
	.name = "apparmor",
	.doc = "an AppArmor profile with \"deny mount\"",
	.levels = WORLD_ALL,
	.set_up = set_up,
	.enter = enter,
	.refuses = "EACCES",
};
