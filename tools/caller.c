// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * caller.c - the privilege and the filter of this process, for the head of the probe's report and
 * for advice: EPERM means something else to root in a container than to an ordinary user; and the
 * mode. Reads procfs; uses <mntcompat.h> and libc.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "tools/tool.h"

#define SECCOMP_FILTERED 2

/* The value of a line of /proc/self/status; false without procfs. */
static bool read_status(const char *format, unsigned long long *value)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	bool found = false;

	while (status && !found && fgets(line, sizeof(line), status))
		found = sscanf(line, format, value) == 1;
	if (status)
		fclose(status);
	return found;
}

bool is_mode_native(void)
{
	return mntcompat_get_mode() == MNTCOMPAT_MODE_NATIVE;
}

bool is_root(void)
{
	return geteuid() == 0;
}

bool lacks_admin(void)
{
	unsigned long long capabilities;

	if (!read_status("CapEff: %llx", &capabilities))
		return !is_root();
	return !(capabilities & UAPI_CAP_SYS_ADMIN);
}

bool is_root_without_admin(void)
{
	return is_root() && lacks_admin();
}

bool is_filtered(void)
{
	unsigned long long mode;

	return read_status("Seccomp: %llu", &mode) && mode == SECCOMP_FILTERED;
}

bool is_in_user_namespace(void)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned long inside = 0, outside = 0, count = 0;
	int fields = 3;

	if (map) {
		fields = fscanf(map, "%lu %lu %lu", &inside, &outside, &count);
		fclose(map);
	} else {
		return false;
	}
	return fields != 3 || inside || outside || count != 4294967295ul;
}

const char *caller_privilege(void)
{
	if (is_in_user_namespace())
		return lacks_admin() ? "user of a user namespace" : "root of a user namespace";
	if (is_root())
		return lacks_admin() ? "root without CAP_SYS_ADMIN" : "root";
	return lacks_admin() ? "user" : "user with CAP_SYS_ADMIN";
}
