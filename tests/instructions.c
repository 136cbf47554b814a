// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * instructions.c - work for callgrind to count: the parser and the builder, on input that never
 * changes. Pure memory work. Run by tests/instructions.sh, which says how often and counts one
 * function at a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat/statmount/builder.h"
#include "compat/task/mountinfo.h"

/* Lines as an ordinary machine has them. */
static char table[] =
	"22 27 0:21 / /proc rw,relatime - proc proc rw\n"
	"23 27 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw\n"
	"24 27 0:5 / /dev rw,nosuid shared:2 - devtmpfs udev rw,size=4021344k,nr_inodes=1005336,mode=755\n"
	"27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro\n"
	"31 24 0:26 / /dev/shm rw,nosuid,nodev shared:4 - tmpfs tmpfs rw,inode64\n"
	"97 27 0:45 / /srv/two\\040words rw master:3 propagate_from:2 - fuse.sshfs user@host:/srv rw,user_id=0\n"
	"98 27 0:46 /@/lib /var/lib rw,noatime - btrfs /dev/vdb ro,space_cache,subvolid=5,subvol=/@/lib\n"
	"99 27 0:47 / /x rw unbindable - overlay overlay rw,lowerdir=/l/A:/l/B:/l/C,upperdir=/u,workdir=/w\n";
#define LINES 8u

/* Where results go, so that nothing is left out. */
static volatile size_t sink;

/* The names are those that the script counts. */
void __attribute__((noinline)) instructions_parse(void);
void __attribute__((noinline)) instructions_fields(void);
void __attribute__((noinline)) instructions_build(void);
void __attribute__((noinline)) instructions_take(void);

void instructions_parse(void)
{
	struct mountinfo_table whole = { .text = table, .len = sizeof(table) - 1 };
	struct mountinfo_line line;
	unsigned int lines = 0;
	size_t pos = 0;

	while (mountinfo_next(&whole, &pos, &line)) {
		sink += line.id;
		lines++;
	}
	if (lines != LINES)
		abort();
}

void instructions_fields(void)
{
	struct mountinfo_table whole = { .text = table, .len = sizeof(table) - 1 };
	struct mountinfo_options options;
	struct mountinfo_span option;
	struct mountinfo_line line;
	char text[256];
	size_t pos = 0;
	bool security;

	while (mountinfo_next(&whole, &pos, &line)) {
		sink += mountinfo_mount_attr(line.mount_options);
		options.quoted_end = NULL;
		sink += mountinfo_super(line.super_options, &options.rest);
		while (mountinfo_next_option(&options, &option, &security))
			sink += option.len;
		sink += mountinfo_unescape(line.root, text, sizeof(text));
		sink += mountinfo_unescape(line.mount_point, text, sizeof(text));
		sink += mountinfo_unescape(line.source, text, sizeof(text));
	}
}

#define BYTES(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct builder_facts facts = {
	.known = 0x1fff & ~(uint64_t)MNTCOMPAT_STATMOUNT_FS_SUBTYPE,
	.mnt_id = 5,
	.mnt_parent_id = 4,
	.sb_magic = 0x1021994,
	.fs_type = BYTES("tmpfs"),
	.mnt_root = BYTES("/"),
	.mnt_point = BYTES("/dev/shm"),
	.mnt_opts = BYTES("size=64k,mode=755,inode64"),
	.sb_source = BYTES("tmpfs"),
	.opt_num = 3,
	.opt_array = { "size=64k\0mode=755\0inode64", 26 },
};

static union {
	struct mntcompat_statmount answer;
	char room[4096];
} built;

void instructions_build(void)
{
	if (builder_layout(&facts, 0x7fff, sizeof(built), &built.answer, sizeof(built)) <= 512)
		abort();
}

void instructions_take(void)
{
	struct builder_facts taken;

	if (builder_take(&built.answer, sizeof(built), &taken) < 0 || taken.opt_num != 3)
		abort();
	sink += taken.known;
}

int main(int argc, char **argv)
{
	unsigned long i, n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;

#ifndef __OPTIMIZE__
	fprintf(stderr, "built without optimization\n");
	return 77;
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	fprintf(stderr, "built with a sanitizer\n");
	return 77;
#endif
	if (sizeof(void *) != 8) {
		fprintf(stderr, "the bounds are those of 64-bit machines\n");
		return 77;
	}
	for (i = 0; i < n; i++) {
		instructions_parse();
		instructions_fields();
		instructions_build();
		instructions_take();
	}
	return 0;
}
