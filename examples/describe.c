// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * describe.c - finds the mount that holds an open file, and prints its filesystem type, mount
 * point and attributes. Needs no privilege; the mount point may be covered or contain blanks.
 *
 *	cc describe.c -o describe $(pkg-config --cflags --libs libmntcompat)
 *	./describe FILE
 */
#define _GNU_SOURCE /* O_PATH */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <mntcompat.h>

int main(int argc, char **argv)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.param = MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_MNT_POINT |
			 MNTCOMPAT_STATMOUNT_FS_TYPE,
	};
	struct mntcompat_statmount *mount;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: describe FILE\n");
		return 2;
	}
	fd = open(argv[1], O_PATH | O_CLOEXEC);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	req.mnt_fd = (uint32_t)fd;
	if (mntcompat_statmount_alloc(&req, MNTCOMPAT_STATMOUNT_BY_FD, &mount) < 0) {
		perror("mntcompat_statmount_alloc");
		return 1;
	}
	/* A field is there if its bit is set. */
	if (mount->mask & MNTCOMPAT_STATMOUNT_FS_TYPE)
		printf("type: %s\n", mount->str + mount->fs_type);
	/* This bit is clear for an unmounted mount, and for one outside of the caller's root. */
	if (mount->mask & MNTCOMPAT_STATMOUNT_MNT_POINT)
		printf("mount point: %s\n", mount->str + mount->mnt_point);
	if (mount->mask & MNTCOMPAT_STATMOUNT_MNT_BASIC)
		printf("%s\n",
		       mount->mnt_attr & MNTCOMPAT_MOUNT_ATTR_RDONLY ? "read-only" : "writable");
	printf("way: %s\n", mntcompat_way_name(mntcompat_last_way()));
	free(mount);
	return 0;
}
