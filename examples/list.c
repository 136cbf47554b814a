// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * list.c - prints the id, filesystem type and mount point of each mount of the caller's mount
 * namespace. The library reads mountinfo once or makes a system call for each mount, whichever
 * is cheaper for the requested fields. Needs no privilege.
 *
 *	cc list.c -o list $(pkg-config --cflags --libs libmntcompat)
 *	./list
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <mntcompat.h>

int main(void)
{
	struct mntcompat_table_options options = {
		.size = sizeof(options),
		.mask = MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_MNT_POINT |
			MNTCOMPAT_STATMOUNT_FS_TYPE,
	};
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table;
	int ret = mntcompat_table_open(&options, &table);

	if (ret < 0) {
		fprintf(stderr, "mntcompat_table_open: %s\n", strerror(-ret));
		return 1;
	}
	/* The walk leaves out mounts that are gone before their row is read. */
	while ((ret = mntcompat_table_next(table, &row)) > 0)
		if ((row->mask & options.mask) == options.mask)
			printf("%" PRIu64 " %s %s\n", row->mnt_id,
			       mntcompat_statmount_string(row, MNTCOMPAT_STATMOUNT_FS_TYPE),
			       mntcompat_statmount_string(row, MNTCOMPAT_STATMOUNT_MNT_POINT));
	mntcompat_table_close(table);
	if (ret < 0) {
		fprintf(stderr, "mntcompat_table_next: %s\n", strerror(-ret));
		return 1;
	}
	return 0;
}
