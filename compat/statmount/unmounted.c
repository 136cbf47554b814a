// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unmounted.c - the facts that are left of a mount that is unmounted.
 * Opens files and closes them.
 */
#include <errno.h>
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
#include "compat/task/procfs.h"

/*
 * True if the mount that @point is on has the superblock of @fd: the files have the same device (on
 * overlayfs that is the device of a lower layer), and the magic is the same.
 */
static bool is_same_superblock(int point, const struct raw_statx *stx, uint64_t magic,
			       struct raw_statx *stx_other)
{
	uint64_t magic_other;

	return statmount_fd_magic(point, &magic_other) == 0 && magic_other == magic &&
	       raw_statx(point, "", MNTCOMPAT_AT_EMPTY_PATH, UAPI_STATX_INO, stx_other) == 0 &&
	       stx_other->dev_major == stx->dev_major && stx_other->dev_minor == stx->dev_minor;
}

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
 * Looks at all other mounts of the superblock that the caller's table shows: their facts of it, and
 * MNT_ROOT.
 */
int statmount_superblock_facts(int fd, int root, struct builder_facts *facts,
			       struct statmount_scratch *scratch)
{
	const uint64_t wanted = MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_MNT_ROOT;
	struct builder_facts other;
	struct raw_statx stx, top, stx_other;
	struct mountinfo_line line;
	uint64_t magic;
	size_t pos = 0;
	int table = procfs_open("thread-self/mountinfo"), ret;

	if (table < 0)
		return raw_is_shortage(table) ? table : 0;
	mountinfo_release(&scratch->table);
	ret = mountinfo_read(table, &scratch->table);
	raw_close(table);
	if (ret < 0)
		return ret;
	if (raw_statx(fd, "", MNTCOMPAT_AT_EMPTY_PATH, UAPI_STATX_INO, &stx) < 0 ||
	    statmount_fd_magic(fd, &magic) < 0)
		return 0;
	if (root >= 0 && raw_statx(root, "", MNTCOMPAT_AT_EMPTY_PATH, UAPI_STATX_INO, &top) < 0)
		root = -1;
	if (root >= 0 && statmount_root_is_top(root, magic)) {
		facts->mnt_root = (struct builder_bytes){ "/", 1 };
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_ROOT;
	}
	while ((facts->known & wanted) != wanted && mountinfo_next(&scratch->table, &pos, &line)) {
		int point;

		if (line.dev_major != stx.dev_major || line.dev_minor != stx.dev_minor)
			continue;
		point = statmount_open_point(AT_FDCWD, &line);
		if (raw_is_shortage(point))
			return point;
		if (point < 0)
			continue;
		ret = is_same_superblock(point, &stx, magic, &stx_other) ?
			      statmount_mountinfo_facts(&line, &other, scratch) :
			      -EOPNOTSUPP;
		if (ret == 0 && !(facts->known & MNTCOMPAT_STATMOUNT_SB_BASIC))
			take_superblock(&other, magic, facts);
		/* A directory has one path only. */
		if (ret == 0 && root >= 0 && S_ISDIR(stx_other.mode) && stx_other.ino == top.ino) {
			facts->mnt_root = other.mnt_root;
			facts->known |= MNTCOMPAT_STATMOUNT_MNT_ROOT;
		} else if (ret == 0 && !(facts->known & MNTCOMPAT_STATMOUNT_MNT_ROOT)) {
			ret = statmount_root_through(fd, root, point, &other, facts, scratch);
		}
		raw_close(point);
		if (ret < 0 && ret != -EOPNOTSUPP)
			return ret;
	}
	return 0;
}

/* mnt_attr from statfs, where that leaves nothing open. */
static bool attr_from_statfs(int fd, struct builder_facts *facts)
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

	if (raw_fstatfs(fd, &fs) < 0 || !(fs.f_flags & UAPI_ST_VALID))
		return false;
	/* Read-only is the mount, the superblock or both. */
	if (fs.f_flags & UAPI_ST_RDONLY &&
	    (!(facts->known & MNTCOMPAT_STATMOUNT_SB_BASIC) || facts->sb_flags & 1))
		return false;
	/* Since 5.12 a mount may be idmapped, and only a table shows that. */
	if (raw_mount_setattr(-1, "", 0, &none, sizeof(none)) != -ENOSYS)
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

	if (raw_is_shortage(root))
		return root;
	ret = statmount_superblock_facts(fd, root, facts, scratch);
	if (root >= 0)
		raw_close(root);
	if (ret < 0)
		return ret;
	facts->unmounted = true;
	facts->propagate_from = 0;
	facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
	if (attr_from_statfs(fd, facts) && statmount_fd_old_id(fd, &own) == 0) {
		facts->mnt_id = own.unique_known ? own.unique : STATMOUNT_SYNTHETIC_ID | own.old;
		facts->mnt_parent_id = facts->mnt_id;
		facts->mnt_id_old = facts->mnt_parent_id_old = own.old;
		facts->mnt_propagation = MS_PRIVATE;
		facts->mnt_peer_group = facts->mnt_master = 0;
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
	}
	return 0;
}
