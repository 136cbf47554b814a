/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * root.h - the root directory of a mount that no table shows, and where it is in its superblock.
 * Reads directories without touching their times, and procfs.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_ROOT_H
#define MNTCOMPAT_COMPAT_STATMOUNT_ROOT_H

#include <stdbool.h>
#include <stdint.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/scratch.h"

/*
 * statmount_mount_root - the directory above @fd that is the root of the mount that @fd is on
 * (O_PATH). Negative if @fd is not a directory.
 */
int statmount_mount_root(int fd);

/*
 * True if @root, a mount's root directory, is certainly the topmost one of its superblock.
 */
bool statmount_root_is_top(int root, uint64_t magic);

/*
 * MNT_ROOT of the unmounted mount that @fd is on, through another mount of its superblock: @point
 * is that one's root, and @listed the facts of its line. @root: the unmounted mount's root
 * directory, or -1 if @fd is not a directory. Sets MNT_ROOT in @facts if it can be found for
 * certain. 0, -EMFILE, -ENFILE, -ENOMEM.
 */
int statmount_root_through(int fd, int root, int point, const struct builder_facts *listed,
			   struct builder_facts *facts, struct statmount_scratch *scratch);

#endif
