// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * name_to_handle_at.c - mntcompat_name_to_handle_at(): chooses the way that answers a call.
 * Leaves the caller's memory to the kernel and to compat/.
 */
#include <errno.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/name_to_handle_at.h"
#include "lib/ending.h"
#include "lib/mode.h"

#define UNIQUE MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE

static int handle_choose(int dfd, const char *path, struct mntcompat_file_handle *handle,
			 void *mount_id, int flags, enum mntcompat_way *way)
{
	enum mntcompat_mode mode = mode_get();
	int ret;

	*way = MNTCOMPAT_WAY_NATIVE;
	if (mode == MNTCOMPAT_MODE_NATIVE || !(flags & (int)UNIQUE))
		return raw_name_to_handle_at(dfd, path, handle, mount_id, flags);
	if (mode == MNTCOMPAT_MODE_AUTO && !feature_known_absent(FEATURE_HANDLE_MNT_ID_UNIQUE)) {
		ret = raw_name_to_handle_at(dfd, path, handle, mount_id, flags);
		/* The kernel checks flags first, so it may not know this one. */
		if (ret != -EINVAL || feature_probe(FEATURE_HANDLE_MNT_ID_UNIQUE) != FEATURE_ABSENT)
			return ret;
	}
	return name_to_handle_at_emulate(dfd, path, handle, mount_id, flags, way);
}

int mntcompat_name_to_handle_at(int dfd, const char *path, struct mntcompat_file_handle *handle,
				void *mount_id, int flags)
{
	enum mntcompat_way way;
	int ret = handle_choose(dfd, path, handle, mount_id, flags, &way);

	return (int)ending(CALLS_name_to_handle_at, (unsigned int)flags, way, ret);
}
