// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nowhere.c - makes a filesystem and mounts it nowhere.
 * Opens file descriptors and attaches nothing.
 */
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/task/nowhere.h"

static int make(const char *type, unsigned int flags, unsigned int attrs)
{
	int fs = raw_fsopen(type, UAPI_FSOPEN_CLOEXEC);
	int ret;

	if (fs < 0)
		return fs;
	ret = raw_fsconfig(fs, UAPI_FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (ret == 0)
		ret = raw_fsmount(fs, flags | MNTCOMPAT_FSMOUNT_CLOEXEC, attrs);
	raw_close(fs);
	return ret;
}

int nowhere_mount(const char *type, unsigned int attrs)
{
	return make(type, 0, attrs);
}

int nowhere_namespace(const char *type)
{
	return make(type, MNTCOMPAT_FSMOUNT_NAMESPACE, 0);
}
