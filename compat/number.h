/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * number.h - numbers of system calls and ioctls that the build host's headers may lack.
 * Touches nothing. Included by raw.c, which makes the calls, and by what recognises a program's own.
 */
#ifndef MNTCOMPAT_COMPAT_NUMBER_H
#define MNTCOMPAT_COMPAT_NUMBER_H

/* From 424 up they are the same on every architecture but alpha, which adds 110. */
#ifdef __alpha__
#define RAW_NR(n) ((n) + 110)
#else
#define RAW_NR(n) (n)
#endif
enum {
	RAW_NR_open_tree = RAW_NR(428),
	RAW_NR_move_mount = RAW_NR(429),
	RAW_NR_fsopen = RAW_NR(430),
	RAW_NR_fsconfig = RAW_NR(431),
	RAW_NR_fsmount = RAW_NR(432),
	RAW_NR_pidfd_open = RAW_NR(434),
	RAW_NR_clone3 = RAW_NR(435),
	RAW_NR_mount_setattr = RAW_NR(442),
	RAW_NR_statmount = RAW_NR(457),
	RAW_NR_listmount = RAW_NR(458),
	RAW_NR_open_tree_attr = RAW_NR(467),
	RAW_NR_file_getattr = RAW_NR(468),
	RAW_NR_listns = RAW_NR(470),
	RAW_NR_fchroot = RAW_NR(472),
};

#define RAW_IO(type, nr) ((unsigned long)(((type) << 8) | (nr)))
#define RAW_IOR(type, nr, size) (RAW_IO(type, nr) | 2ul << 30 | (unsigned long)(size) << 16)
#define RAW_NS_GET_USERNS RAW_IO(0xb7, 1)
#define RAW_NS_GET_NSTYPE RAW_IO(0xb7, 3)
#define RAW_NS_GET_MNTNS_ID RAW_IOR(0xb7, 5, 8)
#define RAW_NS_MNT_GET_INFO RAW_IOR(0xb7, 10, 16)
#define RAW_NS_MNT_GET_NEXT RAW_IOR(0xb7, 11, 16)
#define RAW_NS_MNT_GET_PREV RAW_IOR(0xb7, 12, 16)
#define RAW_NS_GET_ID RAW_IOR(0xb7, 13, 8)
#define RAW_PIDFD_GET_MNT_NAMESPACE RAW_IO(0xff, 3)
#define RAW_PIDFD_GET_USER_NAMESPACE RAW_IO(0xff, 9)

#endif
