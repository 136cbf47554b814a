// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * columns.c - the columns of "mntcompat listmount", once for all of its formats. Uses <mntcompat.h>
 * for the answer's structure.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "tools/columns.h"
#include "tools/words.h"

static void write_target(FILE *out, const struct mntcompat_statmount *sm)
{
	fputs(sm->str + sm->mnt_point, out);
}

static void write_source(FILE *out, const struct mntcompat_statmount *sm)
{
	fputs(sm->str + sm->sb_source, out);
}

static void write_type(FILE *out, const struct mntcompat_statmount *sm)
{
	fputs(sm->str + sm->fs_type, out);
	if (sm->mask & MNTCOMPAT_STATMOUNT_FS_SUBTYPE)
		fprintf(out, ".%s", sm->str + sm->fs_subtype);
}

static void write_options(FILE *out, const struct mntcompat_statmount *sm)
{
	/* As in mountinfo: rw unless the mount or its superblock is read-only. */
	fputs((sm->mnt_attr & MNTCOMPAT_MOUNT_ATTR_RDONLY) || (sm->sb_flags & 1) ? "ro," : "rw,",
	      out);
	write_mount_attr(out, sm->mnt_attr & ~(uint64_t)MNTCOMPAT_MOUNT_ATTR_RDONLY);
	if (sm->sb_flags & ~1u) {
		fputc(',', out);
		write_superblock_flags(out, sm->sb_flags & ~1u);
	}
	if (sm->mask & MNTCOMPAT_STATMOUNT_MNT_OPTS && sm->str[sm->mnt_opts])
		fprintf(out, ",%s", sm->str + sm->mnt_opts);
}

static void write_id(FILE *out, const struct mntcompat_statmount *sm)
{
	fprintf(out, "%" PRIu64, sm->mnt_id);
}

static void write_parent(FILE *out, const struct mntcompat_statmount *sm)
{
	fprintf(out, "%" PRIu64, sm->mnt_parent_id);
}

static void write_old_id(FILE *out, const struct mntcompat_statmount *sm)
{
	fprintf(out, "%" PRIu32, sm->mnt_id_old);
}

static void write_old_parent(FILE *out, const struct mntcompat_statmount *sm)
{
	fprintf(out, "%" PRIu32, sm->mnt_parent_id_old);
}

static void write_root(FILE *out, const struct mntcompat_statmount *sm)
{
	fputs(sm->str + sm->mnt_root, out);
}

static void write_device(FILE *out, const struct mntcompat_statmount *sm)
{
	fprintf(out, "%" PRIu32 ":%" PRIu32, sm->sb_dev_major, sm->sb_dev_minor);
}

static void write_type_of_propagation(FILE *out, const struct mntcompat_statmount *sm)
{
	write_propagation(out, sm->mnt_propagation);
}

static void write_peer_group(FILE *out, const struct mntcompat_statmount *sm)
{
	fprintf(out, "%" PRIu64, sm->mnt_peer_group);
}

static void write_master(FILE *out, const struct mntcompat_statmount *sm)
{
	fprintf(out, "%" PRIu64, sm->mnt_master);
}

static void write_attr(FILE *out, const struct mntcompat_statmount *sm)
{
	write_mount_attr(out, sm->mnt_attr);
}

static void write_fs_options(FILE *out, const struct mntcompat_statmount *sm)
{
	fputs(sm->str + sm->mnt_opts, out);
}

#define BASIC MNTCOMPAT_STATMOUNT_MNT_BASIC, MNTCOMPAT_STATMOUNT_MNT_BASIC

/*
 * The widths of columns that are cut are those of findmnt(8). libsmartcols keeps those that are
 * numbers of characters, and takes from parts of the terminal.
 */
const struct column columns[COLUMN_COUNT] = {
	{ "TARGET", "mount point, from the root of this process", MNTCOMPAT_STATMOUNT_MNT_POINT,
	  MNTCOMPAT_STATMOUNT_MNT_POINT, COLUMN_STRING, true, false, 0.30, write_target },
	{ "SOURCE", "source of the mount, for example a device", MNTCOMPAT_STATMOUNT_SB_SOURCE,
	  MNTCOMPAT_STATMOUNT_SB_SOURCE, COLUMN_STRING, false, false, 0.20, write_source },
	{ "FSTYPE", "type of the filesystem, with its subtype",
	  MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_FS_SUBTYPE, MNTCOMPAT_STATMOUNT_FS_TYPE,
	  COLUMN_STRING, false, true, 4, write_type },
	{ "OPTIONS", "attributes, flags of the superblock, options of the filesystem",
	  MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC |
		  MNTCOMPAT_STATMOUNT_MNT_OPTS,
	  MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC, COLUMN_STRING, false, false,
	  0.10, write_options },
	{ "ID", "unique id of the mount", BASIC, COLUMN_ID, false, false, 2, write_id },
	{ "PARENT", "unique id of the mount that it is mounted on", BASIC, COLUMN_ID, false, false,
	  2, write_parent },
	{ "OLD-ID", "id of the mount in mountinfo", BASIC, COLUMN_NUMBER, false, false, 2,
	  write_old_id },
	{ "OLD-PARENT", "id of the parent in mountinfo", BASIC, COLUMN_NUMBER, false, false, 2,
	  write_old_parent },
	{ "ROOT", "root of the mount inside its filesystem", MNTCOMPAT_STATMOUNT_MNT_ROOT,
	  MNTCOMPAT_STATMOUNT_MNT_ROOT, COLUMN_STRING, false, false, 0.25, write_root },
	{ "MAJ:MIN", "device of the superblock", MNTCOMPAT_STATMOUNT_SB_BASIC,
	  MNTCOMPAT_STATMOUNT_SB_BASIC, COLUMN_STRING, false, true, 6, write_device },
	{ "PROPAGATION", "shared, slave, private or unbindable", BASIC, COLUMN_STRING, false, true,
	  7, write_type_of_propagation },
	{ "PEER-GROUP", "number of the peer group, 0 for none", BASIC, COLUMN_NUMBER, false, false,
	  2, write_peer_group },
	{ "MASTER", "peer group that a slave gets mounts from, 0 for none", BASIC, COLUMN_NUMBER,
	  false, false, 2, write_master },
	{ "ATTR", "attributes of the mount", BASIC, COLUMN_STRING, false, false, 0.10, write_attr },
	{ "FS-OPTIONS", "options of the filesystem", MNTCOMPAT_STATMOUNT_MNT_OPTS,
	  MNTCOMPAT_STATMOUNT_MNT_OPTS, COLUMN_STRING, false, false, 0.10, write_fs_options },
};

const char default_columns[] = "TARGET,SOURCE,FSTYPE,OPTIONS,ID";
const char terminal_columns[] = "TARGET,SOURCE,FSTYPE,OPTIONS";

int find_column(const char *name, size_t length)
{
	int c;

	for (c = 0; c < COLUMN_COUNT; c++)
		if (strlen(columns[c].name) == length &&
		    strncasecmp(columns[c].name, name, length) == 0)
			return c;
	return -1;
}
