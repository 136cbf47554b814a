/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sys/syscall.h - the C library's, with the numbers of the system calls of mntcompat(7).
 * It only adds macros. <syscall.h> includes it as well.
 */
#ifndef MNTCOMPAT_OVERLAY_SYS_SYSCALL_H
#define MNTCOMPAT_OVERLAY_SYS_SYSCALL_H
#pragma GCC system_header

#include_next <sys/syscall.h>
#include <asm/unistd.h>

#ifndef SYS_open_tree
#define SYS_open_tree __NR_open_tree
#endif
#ifndef SYS_move_mount
#define SYS_move_mount __NR_move_mount
#endif
#ifndef SYS_fsopen
#define SYS_fsopen __NR_fsopen
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig __NR_fsconfig
#endif
#ifndef SYS_fsmount
#define SYS_fsmount __NR_fsmount
#endif
#ifndef SYS_fspick
#define SYS_fspick __NR_fspick
#endif
#ifndef SYS_clone3
#define SYS_clone3 __NR_clone3
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr __NR_mount_setattr
#endif
#ifndef SYS_statmount
#define SYS_statmount __NR_statmount
#endif
#ifndef SYS_listmount
#define SYS_listmount __NR_listmount
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr __NR_open_tree_attr
#endif
#ifndef SYS_listns
#define SYS_listns __NR_listns
#endif

#endif
