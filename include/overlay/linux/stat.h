/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/stat.h - the system's, with all declarations of Linux 7.3. If the system's header is older
 * than 7.0 this struct statx replaces its own: same size, all fields. <sys/stat.h> includes it as
 * well.
 */
#ifndef MNTCOMPAT_OVERLAY_LINUX_STAT_H
#define MNTCOMPAT_OVERLAY_LINUX_STAT_H
#pragma GCC system_header
#include "../mntcompat-overlay-base.h"

#if __has_include_next(<linux/stat.h>)
#pragma push_macro("statx")
#undef statx
#if !MNTCOMPAT_OVERLAY_SINCE(7, 0)
#pragma push_macro("statx_timestamp")
#undef statx_timestamp
#define statx mntcompat_overlay_old_statx
#define statx_timestamp mntcompat_overlay_old_statx_timestamp
#endif
#include_next <linux/stat.h>
#if !MNTCOMPAT_OVERLAY_SINCE(7, 0)
#pragma pop_macro("statx_timestamp")
#endif
#pragma pop_macro("statx")
#endif

#if !MNTCOMPAT_OVERLAY_SINCE(7, 0)
struct statx_timestamp {
	__s64 tv_sec;
	__u32 tv_nsec;
	__s32 __reserved;
};

struct statx {
	__u32 stx_mask;
	__u32 stx_blksize;
	__u64 stx_attributes;
	__u32 stx_nlink;
	__u32 stx_uid;
	__u32 stx_gid;
	__u16 stx_mode;
	__u16 __spare0[1];
	__u64 stx_ino;
	__u64 stx_size;
	__u64 stx_blocks;
	__u64 stx_attributes_mask;
	struct statx_timestamp stx_atime;
	struct statx_timestamp stx_btime;
	struct statx_timestamp stx_ctime;
	struct statx_timestamp stx_mtime;
	__u32 stx_rdev_major;
	__u32 stx_rdev_minor;
	__u32 stx_dev_major;
	__u32 stx_dev_minor;
	__u64 stx_mnt_id;
	__u32 stx_dio_mem_align;
	__u32 stx_dio_offset_align;
	__u64 stx_subvol;
	__u32 stx_atomic_write_unit_min;
	__u32 stx_atomic_write_unit_max;
	__u32 stx_atomic_write_segments_max;
	__u32 stx_dio_read_offset_align;
	__u32 stx_atomic_write_unit_max_opt;
	__u32 __spare2[1];
	__u64 __spare3[8];
};
#endif

#ifndef STATX_TYPE
#define STATX_TYPE 0x00000001U /* Linux 4.11 */
#define STATX_MODE 0x00000002U
#define STATX_NLINK 0x00000004U
#define STATX_UID 0x00000008U
#define STATX_GID 0x00000010U
#define STATX_ATIME 0x00000020U
#define STATX_MTIME 0x00000040U
#define STATX_CTIME 0x00000080U
#define STATX_INO 0x00000100U
#define STATX_SIZE 0x00000200U
#define STATX_BLOCKS 0x00000400U
#define STATX_BASIC_STATS 0x000007ffU
#define STATX_BTIME 0x00000800U
#define STATX_ALL 0x00000fffU
#define STATX__RESERVED 0x80000000U
#define STATX_ATTR_COMPRESSED 0x00000004
#define STATX_ATTR_IMMUTABLE 0x00000010
#define STATX_ATTR_APPEND 0x00000020
#define STATX_ATTR_NODUMP 0x00000040
#define STATX_ATTR_ENCRYPTED 0x00000800
#define STATX_ATTR_AUTOMOUNT 0x00001000
#endif
#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x00001000U /* Linux 5.8 */
#endif
#ifndef STATX_DIOALIGN
#define STATX_DIOALIGN 0x00002000U /* Linux 6.1 */
#endif
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U /* Linux 6.8 */
#endif
#ifndef STATX_SUBVOL
#define STATX_SUBVOL 0x00008000U /* Linux 6.10 */
#endif
#ifndef STATX_WRITE_ATOMIC
#define STATX_WRITE_ATOMIC 0x00010000U /* Linux 6.11 */
#endif
#ifndef STATX_DIO_READ_ALIGN
#define STATX_DIO_READ_ALIGN 0x00020000U /* Linux 6.14 */
#endif
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x00002000 /* Linux 5.8 */
#endif

#endif
