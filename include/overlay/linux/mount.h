/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/mount.h - the system's, with all declarations of Linux 7.3. If the system's header is older
 * than 7.0 its structures get other names and these replace them: same size, all fields. The C
 * library's <sys/mount.h> and the kernel's <linux/fs.h> include it as well.
 */
#ifndef MNTCOMPAT_OVERLAY_LINUX_MOUNT_H
#define MNTCOMPAT_OVERLAY_LINUX_MOUNT_H
#pragma GCC system_header
#include "../mntcompat-overlay-base.h"

#if __has_include_next(<linux/mount.h>)
#if !MNTCOMPAT_OVERLAY_SINCE(7, 0)
#pragma push_macro("statmount")
#pragma push_macro("mnt_id_req")
#undef statmount
#undef mnt_id_req
#define statmount mntcompat_overlay_old_statmount
#define mnt_id_req mntcompat_overlay_old_mnt_id_req
#endif
#include_next <linux/mount.h>
#if !MNTCOMPAT_OVERLAY_SINCE(7, 0)
#pragma pop_macro("statmount")
#pragma pop_macro("mnt_id_req")
#endif
#endif

/* open_tree(2) */
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE (1 << 0)
#endif
#ifndef OPEN_TREE_NAMESPACE
#define OPEN_TREE_NAMESPACE (1 << 1) /* Linux 7.0 */
#endif
#ifndef OPEN_TREE_DROP_MNTNS_MOUNTS
#define OPEN_TREE_DROP_MNTNS_MOUNTS (1 << 2) /* Linux 7.4 */
#endif
#ifndef OPEN_TREE_CLOEXEC
#define OPEN_TREE_CLOEXEC O_CLOEXEC /* of <fcntl.h> */
#endif

/* move_mount(2) */
#ifndef MOVE_MOUNT_F_SYMLINKS
#define MOVE_MOUNT_F_SYMLINKS 0x00000001
#define MOVE_MOUNT_F_AUTOMOUNTS 0x00000002
#define MOVE_MOUNT_F_EMPTY_PATH 0x00000004
#define MOVE_MOUNT_T_SYMLINKS 0x00000010
#define MOVE_MOUNT_T_AUTOMOUNTS 0x00000020
#define MOVE_MOUNT_T_EMPTY_PATH 0x00000040
#endif
#ifndef MOVE_MOUNT_SET_GROUP
#define MOVE_MOUNT_SET_GROUP 0x00000100 /* Linux 5.15 */
#endif
#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x00000200 /* Linux 6.5 */
#endif

/* fsopen(2), fspick(2), fsconfig(2): the kernel's own calls */
#ifndef FSOPEN_CLOEXEC
#define FSOPEN_CLOEXEC 0x00000001
#define FSPICK_CLOEXEC 0x00000001
#define FSPICK_SYMLINK_NOFOLLOW 0x00000002
#define FSPICK_NO_AUTOMOUNT 0x00000004
#define FSPICK_EMPTY_PATH 0x00000008
enum fsconfig_command {
	FSCONFIG_SET_FLAG = 0,
	FSCONFIG_SET_STRING = 1,
	FSCONFIG_SET_BINARY = 2,
	FSCONFIG_SET_PATH = 3,
	FSCONFIG_SET_PATH_EMPTY = 4,
	FSCONFIG_SET_FD = 5,
	FSCONFIG_CMD_CREATE = 6,
	FSCONFIG_CMD_RECONFIGURE = 7,
	FSCONFIG_CMD_CREATE_EXCL = 8
};
#elif !MNTCOMPAT_OVERLAY_SINCE(6, 6) && !defined(FSCONFIG_CMD_CREATE_EXCL)
#define FSCONFIG_CMD_CREATE_EXCL 8 /* an enumerator of Linux 6.6 */
#endif

/* fsmount(2) */
#ifndef FSMOUNT_CLOEXEC
#define FSMOUNT_CLOEXEC 0x00000001
#endif
#ifndef FSMOUNT_NAMESPACE
#define FSMOUNT_NAMESPACE 0x00000002 /* Linux 7.1 */
#endif
#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x00000001
#define MOUNT_ATTR_NOSUID 0x00000002
#define MOUNT_ATTR_NODEV 0x00000004
#define MOUNT_ATTR_NOEXEC 0x00000008
#define MOUNT_ATTR__ATIME 0x00000070
#define MOUNT_ATTR_RELATIME 0x00000000
#define MOUNT_ATTR_NOATIME 0x00000010
#define MOUNT_ATTR_STRICTATIME 0x00000020
#define MOUNT_ATTR_NODIRATIME 0x00000080
#endif
#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000 /* Linux 5.12 */
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000 /* Linux 5.14 */
#endif

/* mount_setattr(2), open_tree_attr(2) */
#ifndef MOUNT_ATTR_SIZE_VER0
struct mount_attr {
	__u64 attr_set;
	__u64 attr_clr;
	__u64 propagation;
	__u64 userns_fd;
};
#define MOUNT_ATTR_SIZE_VER0 32 /* Linux 5.12 */
#endif

/* statmount(2), listmount(2) */
#if !MNTCOMPAT_OVERLAY_SINCE(7, 0)
struct statmount {
	__u32 size;
	__u32 mnt_opts;
	__u64 mask;
	__u32 sb_dev_major;
	__u32 sb_dev_minor;
	__u64 sb_magic;
	__u32 sb_flags;
	__u32 fs_type;
	__u64 mnt_id;
	__u64 mnt_parent_id;
	__u32 mnt_id_old;
	__u32 mnt_parent_id_old;
	__u64 mnt_attr;
	__u64 mnt_propagation;
	__u64 mnt_peer_group;
	__u64 mnt_master;
	__u64 propagate_from;
	__u32 mnt_root;
	__u32 mnt_point;
	__u64 mnt_ns_id;
	__u32 fs_subtype;
	__u32 sb_source;
	__u32 opt_num;
	__u32 opt_array;
	__u32 opt_sec_num;
	__u32 opt_sec_array;
	__u64 supported_mask;
	__u32 mnt_uidmap_num;
	__u32 mnt_uidmap;
	__u32 mnt_gidmap_num;
	__u32 mnt_gidmap;
	__u64 __spare2[43];
	char str[];
};

struct mnt_id_req {
	__u32 size;
	union {
		__u32 mnt_ns_fd;
		__u32 mnt_fd;
	};
	__u64 mnt_id;
	__u64 param;
	__u64 mnt_ns_id;
};
#endif

#ifndef MNT_ID_REQ_SIZE_VER0
#define MNT_ID_REQ_SIZE_VER0 24 /* Linux 6.8 */
#endif
#ifndef MNT_ID_REQ_SIZE_VER1
#define MNT_ID_REQ_SIZE_VER1 32 /* Linux 6.11 */
#endif
#ifndef STATMOUNT_SB_BASIC
#define STATMOUNT_SB_BASIC 0x00000001U /* Linux 6.8 */
#define STATMOUNT_MNT_BASIC 0x00000002U
#define STATMOUNT_PROPAGATE_FROM 0x00000004U
#define STATMOUNT_MNT_ROOT 0x00000008U
#define STATMOUNT_MNT_POINT 0x00000010U
#define STATMOUNT_FS_TYPE 0x00000020U
#endif
#ifndef STATMOUNT_MNT_NS_ID
#define STATMOUNT_MNT_NS_ID 0x00000040U /* Linux 6.11 */
#endif
#ifndef STATMOUNT_MNT_OPTS
#define STATMOUNT_MNT_OPTS 0x00000080U /* Linux 6.11 */
#endif
#ifndef STATMOUNT_FS_SUBTYPE
#define STATMOUNT_FS_SUBTYPE 0x00000100U /* Linux 6.13 */
#endif
#ifndef STATMOUNT_SB_SOURCE
#define STATMOUNT_SB_SOURCE 0x00000200U /* Linux 6.13 */
#endif
#ifndef STATMOUNT_OPT_ARRAY
#define STATMOUNT_OPT_ARRAY 0x00000400U /* Linux 6.13 */
#endif
#ifndef STATMOUNT_OPT_SEC_ARRAY
#define STATMOUNT_OPT_SEC_ARRAY 0x00000800U /* Linux 6.13 */
#endif
#ifndef STATMOUNT_SUPPORTED_MASK
#define STATMOUNT_SUPPORTED_MASK 0x00001000U /* Linux 6.15 */
#endif
#ifndef STATMOUNT_MNT_UIDMAP
#define STATMOUNT_MNT_UIDMAP 0x00002000U /* Linux 6.15 */
#endif
#ifndef STATMOUNT_MNT_GIDMAP
#define STATMOUNT_MNT_GIDMAP 0x00004000U /* Linux 6.15 */
#endif
#ifndef STATMOUNT_BY_FD
#define STATMOUNT_BY_FD 0x00000001U /* Linux 7.0 */
#endif
#ifndef LSMT_ROOT
#define LSMT_ROOT 0xffffffffffffffff /* Linux 6.8 */
#endif
#ifndef LISTMOUNT_REVERSE
#define LISTMOUNT_REVERSE (1 << 0) /* Linux 6.11 */
#endif

/*
 * The functions. glibc to 2.44 and musl declare none of statmount(), listmount() and
 * open_tree_attr(), the declarations of newer ones get other names in <sys/mount.h>; a program that
 * has functions of its own by these names is compiled with MNTCOMPAT_OVERLAY_NO_FUNCTIONS, or
 * MNTCOMPAT_OVERLAY_NO_STATMOUNT and so on.
 */
#ifndef MNTCOMPAT_OVERLAY_NO_FUNCTIONS
MNTCOMPAT_OVERLAY_BEGIN
#ifndef MNTCOMPAT_OVERLAY_NO_STATMOUNT
extern int statmount(const struct mnt_id_req *req, struct statmount *buf, __SIZE_TYPE__ bufsize,
		     unsigned int flags) MNTCOMPAT_OVERLAY_IS(mntcompat_statmount);
#endif
#ifndef MNTCOMPAT_OVERLAY_NO_LISTMOUNT
/*
 * Programs have their ids in arrays of uint64_t and of __u64, which are different types on 64-bit
 * machines.
 */
extern long listmount(const struct mnt_id_req *req, void *mnt_ids, __SIZE_TYPE__ nr_mnt_ids,
		      unsigned int flags) MNTCOMPAT_OVERLAY_IS(mntcompat_listmount);
#endif
#ifndef MNTCOMPAT_OVERLAY_NO_OPEN_TREE_ATTR
extern int open_tree_attr(int dfd, const char *path, unsigned int flags, struct mount_attr *attr,
			  __SIZE_TYPE__ size) MNTCOMPAT_OVERLAY_IS(mntcompat_open_tree_attr);
#endif
MNTCOMPAT_OVERLAY_END
#endif

#endif
