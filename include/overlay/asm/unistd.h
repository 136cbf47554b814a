/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * asm/unistd.h - the system's, with the numbers of the system calls of mntcompat(7).
 * It only adds macros. <sys/syscall.h> and <linux/unistd.h> include it as well.
 */
#ifndef MNTCOMPAT_OVERLAY_ASM_UNISTD_H
#define MNTCOMPAT_OVERLAY_ASM_UNISTD_H
#pragma GCC system_header

#if __has_include_next(<asm/unistd.h>)
#include_next <asm/unistd.h>
#endif

/* From 424 up they are the same everywhere but for where an architecture begins to count. */
#if defined(__alpha__)
#define MNTCOMPAT_OVERLAY_NR(n) ((n) + 110)
#elif defined(__mips__)
#define MNTCOMPAT_OVERLAY_NR(n) (__NR_Linux + (n))
#elif defined(__x86_64__) && defined(__ILP32__)
#define MNTCOMPAT_OVERLAY_NR(n) (0x40000000 + (n))
#else
#define MNTCOMPAT_OVERLAY_NR(n) (n)
#endif

#ifndef __NR_open_tree
#define __NR_open_tree MNTCOMPAT_OVERLAY_NR(428)
#endif
#ifndef __NR_move_mount
#define __NR_move_mount MNTCOMPAT_OVERLAY_NR(429)
#endif
#ifndef __NR_fsopen
#define __NR_fsopen MNTCOMPAT_OVERLAY_NR(430)
#endif
#ifndef __NR_fsconfig
#define __NR_fsconfig MNTCOMPAT_OVERLAY_NR(431)
#endif
#ifndef __NR_fsmount
#define __NR_fsmount MNTCOMPAT_OVERLAY_NR(432)
#endif
#ifndef __NR_fspick
#define __NR_fspick MNTCOMPAT_OVERLAY_NR(433)
#endif
#ifndef __NR_clone3
#define __NR_clone3 MNTCOMPAT_OVERLAY_NR(435)
#endif
#ifndef __NR_mount_setattr
#define __NR_mount_setattr MNTCOMPAT_OVERLAY_NR(442) /* Linux 5.12 */
#endif
#ifndef __NR_statmount
#define __NR_statmount MNTCOMPAT_OVERLAY_NR(457) /* Linux 6.8 */
#endif
#ifndef __NR_listmount
#define __NR_listmount MNTCOMPAT_OVERLAY_NR(458) /* Linux 6.8 */
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr MNTCOMPAT_OVERLAY_NR(467) /* Linux 6.15 */
#endif
#ifndef __NR_listns
#define __NR_listns MNTCOMPAT_OVERLAY_NR(470) /* Linux 6.19 */
#endif

#endif
