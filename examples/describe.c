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
	char words[MNTCOMPAT_WORDS_SIZE];
	const char *string;
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
	/* NULL if the answer has no such field. */
	string = mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_FS_TYPE);
	if (string)
		printf("type: %s\n", string);
	/* None of an unmounted mount, nor of one outside of the caller's root. */
	string = mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_MNT_POINT);
	if (string)
		printf("mount point: %s\n", string);
	/* A number is there if its bit is set. */
	if (mount->mask & MNTCOMPAT_STATMOUNT_MNT_BASIC) {
		mntcompat_attr_words(mount->mnt_attr, words, sizeof(words));
		printf("attributes: %s\n", words);
	}
	printf("way: %s\n", mntcompat_way_name(mntcompat_last_way()));
	free(mount);
	return 0;
}
