// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unmounted.c - the facts that are left of a mount that is unmounted.
 * Opens files and closes them.
 */
#include <errno.h>
#include <stdbool.h>
#include <sys/mount.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/line.h"
#include "compat/statmount/point.h"
#include "compat/statmount/root.h"
#include "compat/statmount/scratch.h"
#include "compat/statmount/unmounted.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

/* Take the facts of the superblock from @other, a mount of the same one. */
static void take_superblock(const struct builder_facts *other, uint64_t magic,
			    struct builder_facts *facts)
{
	struct builder_facts own = *facts;

	*facts = *other;
	facts->known &= MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_FS_SUBTYPE |
			MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_OPT_ARRAY |
			MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY;
	facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC | own.known;
	facts->sb_magic = magic;
	facts->supported_mask = own.supported_mask;
	facts->mnt_root = own.mnt_root;
}

/*
 * True if the mount of @line has the superblock of @fd, which has the same device: so it is for a
 * directory, but other files of overlayfs have the device of a layer. @local: as far as known, no
 * server is called for @fd.
 */
static bool is_same_superblock(int fd, const struct raw_statx *stx, bool local,
			       const struct mountinfo_line *line)
{
	uint64_t listed, own;

	if (stx->mask & UAPI_STATX_TYPE && S_ISDIR(stx->mode))
		return true;
	return local && offline_local_magic(fd, &own) == 0 &&
	       offline_fd_magic(fd, line, &listed) == 0 && own == listed;
}

/*
 * Looks at all other mounts of the superblock that the caller's table shows: their facts of it, and
 * MNT_ROOT.
 */
int statmount_superblock_facts(int fd, int root, struct builder_facts *facts,
			       struct statmount_scratch *scratch, bool *local)
{
	const uint64_t wanted = MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_MNT_ROOT;
	struct offline_ways ways = { .known = false };
	struct builder_facts other;
	struct raw_statx stx, top, stx_other;
	struct mountinfo_line line;
	uint64_t magic;
	size_t pos = 0;
	int table = procfs_open("thread-self/mountinfo"), ret;

	*local = false;
	if (table < 0)
		return raw_is_shortage(table) ? table : 0;
	mountinfo_release(&scratch->table);
	ret = mountinfo_read(table, &scratch->table);
	raw_close(table);
	if (ret < 0)
		return ret;
	if (offline_statx(fd, &stx) < 0)
		return 0;
	*local = offline_is_local(fd, &stx);
	if (root >= 0 && offline_statx(root, &top) < 0)
		root = -1;
	if (root >= 0 && *local && offline_local_magic(fd, &magic) == 0 &&
	    statmount_root_is_top(root, magic)) {
		facts->mnt_root = (struct builder_bytes){ "/", 1 };
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_ROOT;
	}
	while ((facts->known & wanted) != wanted && mountinfo_next(&scratch->table, &pos, &line)) {
		int point;

		if (line.dev_major != stx.dev_major || line.dev_minor != stx.dev_minor ||
		    !is_same_superblock(fd, &stx, *local, &line))
			continue;
		*local |= !offline_has_server(&line);
		ret = statmount_mountinfo_facts(&line, &other, scratch);
		if (ret < 0)
			return ret;
		if (!(facts->known & MNTCOMPAT_STATMOUNT_SB_BASIC) &&
		    offline_fd_magic(fd, &line, &magic) == 0)
			take_superblock(&other, magic, facts);
		if (facts->known & MNTCOMPAT_STATMOUNT_MNT_ROOT)
			continue;
		point = statmount_open_point(AT_FDCWD, &scratch->table, &line, &ways);
		if (raw_is_shortage(point))
			return point;
		if (point < 0)
			continue;
		/* A directory has one path only. */
		if (root >= 0 && offline_statx(point, &stx_other) == 0 &&
		    stx_other.mask & UAPI_STATX_TYPE && S_ISDIR(stx_other.mode) &&
		    stx_other.ino == top.ino) {
			facts->mnt_root = other.mnt_root;
			facts->known |= MNTCOMPAT_STATMOUNT_MNT_ROOT;
		} else if (!offline_has_server(&line)) {
			ret = statmount_root_through(fd, root, point, &other, facts, scratch);
		}
		raw_close(point);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* mnt_attr from statfs, where that leaves nothing open. */
static bool attr_from_statfs(int fd, bool local, struct builder_facts *facts)
{
	static const struct {
		uint32_t statfs, attr;
	} bits[] = {
		{ UAPI_ST_RDONLY, MNTCOMPAT_MOUNT_ATTR_RDONLY },
		{ UAPI_ST_NOSUID, MNTCOMPAT_MOUNT_ATTR_NOSUID },
		{ UAPI_ST_NODEV, MNTCOMPAT_MOUNT_ATTR_NODEV },
		{ UAPI_ST_NOEXEC, MNTCOMPAT_MOUNT_ATTR_NOEXEC },
		{ UAPI_ST_NOATIME, MNTCOMPAT_MOUNT_ATTR_NOATIME },
		{ UAPI_ST_NODIRATIME, MNTCOMPAT_MOUNT_ATTR_NODIRATIME },
		{ UAPI_ST_NOSYMFOLLOW, MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW },
	};
	struct mntcompat_mount_attr none = { 0 };
	struct statfs fs;

	if (!local || raw_fstatfs(fd, &fs) < 0 || !(fs.f_flags & UAPI_ST_VALID))
		return false;
	/* Read-only is the mount, the superblock or both. */
	if (fs.f_flags & UAPI_ST_RDONLY &&
	    (!(facts->known & MNTCOMPAT_STATMOUNT_SB_BASIC) || facts->sb_flags & 1))
		return false;
	/* Since 5.12 a mount may be idmapped, and only a table shows that. A filter may say ENOSYS.
	 */
	if (raw_may_have(RAW_KERNEL(5, 12)) ||
	    raw_mount_setattr(-1, "", 0, &none, sizeof(none)) != -ENOSYS)
		return false;
	facts->mnt_attr = fs.f_flags & (UAPI_ST_NOATIME | UAPI_ST_RELATIME) ?
				  0 :
				  MNTCOMPAT_MOUNT_ATTR_STRICTATIME;
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (fs.f_flags & bits[i].statfs)
			facts->mnt_attr |= bits[i].attr;
	return true;
}

/* A lazily unmounted mount: in no namespace, without a parent and without peers. */
int statmount_unmounted_facts(int fd, const struct statmount_ids *ids, struct builder_facts *facts,
			      struct statmount_scratch *scratch)
{
	struct statmount_ids own = *ids;
	int root = statmount_mount_root(fd), ret;
	bool local;

	if (raw_is_shortage(root))
		return root;
	ret = statmount_superblock_facts(fd, root, facts, scratch, &local);
	if (root >= 0)
		raw_close(root);
	if (ret < 0)
		return ret;
	facts->unmounted = true;
	facts->propagate_from = 0;
	facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
	if (attr_from_statfs(fd, local, facts) && statmount_fd_old_id(fd, &own) == 0) {
		facts->mnt_id = own.unique_known ? own.unique : STATMOUNT_SYNTHETIC_ID | own.old;
		facts->mnt_parent_id = facts->mnt_id;
		facts->mnt_id_old = facts->mnt_parent_id_old = own.old;
		facts->mnt_propagation = MS_PRIVATE;
		facts->mnt_peer_group = facts->mnt_master = 0;
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
	}
	return 0;
}
