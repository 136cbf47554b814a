/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sys/mount.h - the C library's, with all of <linux/mount.h>, and with the functions for the calls
 * of mntcompat(7). The C library's own declarations of these get other names, so that they cannot
 * conflict.
 */
#ifndef MNTCOMPAT_OVERLAY_SYS_MOUNT_H
#define MNTCOMPAT_OVERLAY_SYS_MOUNT_H
#pragma GCC system_header
#include "../mntcompat-overlay-base.h"

/* Before the C library's: newer ones want its structures, older ones do not survive its macros. */
#include <linux/mount.h>
#undef MS_RDONLY
#undef MS_NOSUID
#undef MS_NODEV
#undef MS_NOEXEC
#undef MS_SYNCHRONOUS
#undef MS_REMOUNT
#undef MS_MANDLOCK
#undef MS_DIRSYNC
#undef MS_NOATIME
#undef MS_NODIRATIME
#undef MS_BIND
#undef MS_MOVE
#undef MS_REC
#undef MS_SILENT
#undef MS_POSIXACL
#undef MS_UNBINDABLE
#undef MS_PRIVATE
#undef MS_SLAVE
#undef MS_SHARED
#undef MS_RELATIME
#undef MS_KERNMOUNT
#undef MS_I_VERSION
#undef MS_STRICTATIME
#undef MS_LAZYTIME
#undef MS_ACTIVE
#undef MS_NOUSER
#undef MS_NOSYMFOLLOW

#ifndef MNTCOMPAT_OVERLAY_NO_FUNCTIONS
#pragma push_macro("open_tree")
#pragma push_macro("open_tree_attr")
#pragma push_macro("move_mount")
#pragma push_macro("fsmount")
#pragma push_macro("mount_setattr")
#pragma push_macro("fsopen")
#pragma push_macro("fsconfig")
#pragma push_macro("fspick")
#pragma push_macro("statmount")
#pragma push_macro("listmount")
#undef open_tree
#undef open_tree_attr
#undef move_mount
#undef fsmount
#undef mount_setattr
#undef fsopen
#undef fsconfig
#undef fspick
#undef statmount
#undef listmount
#define open_tree mntcompat_overlay_libc_open_tree
#define open_tree_attr mntcompat_overlay_libc_open_tree_attr
#define move_mount mntcompat_overlay_libc_move_mount
#define fsmount mntcompat_overlay_libc_fsmount
#define mount_setattr mntcompat_overlay_libc_mount_setattr
#define fsopen mntcompat_overlay_libc_fsopen
#define fsconfig mntcompat_overlay_libc_fsconfig
#define fspick mntcompat_overlay_libc_fspick
/* Those of glibc after 2.44. Not where the name is that of the structure. */
#define statmount(...) mntcompat_overlay_libc_statmount(__VA_ARGS__)
#define listmount(...) mntcompat_overlay_libc_listmount(__VA_ARGS__)
#endif

#include_next <sys/mount.h>

#ifndef MNTCOMPAT_OVERLAY_NO_FUNCTIONS
#pragma pop_macro("open_tree")
#pragma pop_macro("open_tree_attr")
#pragma pop_macro("move_mount")
#pragma pop_macro("fsmount")
#pragma pop_macro("mount_setattr")
#pragma pop_macro("fsopen")
#pragma pop_macro("fsconfig")
#pragma pop_macro("fspick")
#pragma pop_macro("statmount")
#pragma pop_macro("listmount")
#endif
/* glibc 2.31 and musl 1.2.2 do not know this one. */
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256 /* Linux 5.10 */
#endif
/*
 * OPEN_TREE_CLOEXEC is O_CLOEXEC, which needs <fcntl.h> and is hidden by -std=c99; newer glibc have
 * a value here anyway.
 */
#ifndef O_CLOEXEC
#include <fcntl.h>
#ifndef O_CLOEXEC
#undef OPEN_TREE_CLOEXEC
#ifdef __O_CLOEXEC
#define OPEN_TREE_CLOEXEC __O_CLOEXEC
#else
#define OPEN_TREE_CLOEXEC 02000000
#endif
#endif
#endif

#ifndef MNTCOMPAT_OVERLAY_NO_FUNCTIONS
MNTCOMPAT_OVERLAY_BEGIN
#ifndef MNTCOMPAT_OVERLAY_NO_OPEN_TREE
extern int open_tree(int dfd, const char *path, unsigned int flags)
	MNTCOMPAT_OVERLAY_IS(mntcompat_open_tree);
#endif
#ifndef MNTCOMPAT_OVERLAY_NO_MOVE_MOUNT
extern int move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
		      unsigned int flags) MNTCOMPAT_OVERLAY_IS(mntcompat_move_mount);
#endif
#ifndef MNTCOMPAT_OVERLAY_NO_FSMOUNT
extern int fsmount(int fs_fd, unsigned int flags, unsigned int attr_flags)
	MNTCOMPAT_OVERLAY_IS(mntcompat_fsmount);
#endif
#ifndef MNTCOMPAT_OVERLAY_NO_MOUNT_SETATTR
extern int mount_setattr(int dfd, const char *path, unsigned int flags, struct mount_attr *attr,
			 __SIZE_TYPE__ size) MNTCOMPAT_OVERLAY_IS(mntcompat_mount_setattr);
#endif
/* Their own calls of Linux 5.2, for C libraries that have no functions for them. */
#ifndef MNTCOMPAT_OVERLAY_NO_FSOPEN
extern int fsopen(const char *type, unsigned int flags)
	MNTCOMPAT_OVERLAY_IS(mntcompat_overlay_fsopen);
#endif
#ifndef MNTCOMPAT_OVERLAY_NO_FSCONFIG
extern int fsconfig(int fs_fd, unsigned int command, const char *key, const void *value, int aux)
	MNTCOMPAT_OVERLAY_IS(mntcompat_overlay_fsconfig);
#endif
#ifndef MNTCOMPAT_OVERLAY_NO_FSPICK
extern int fspick(int dfd, const char *path, unsigned int flags)
	MNTCOMPAT_OVERLAY_IS(mntcompat_overlay_fspick);
#endif
MNTCOMPAT_OVERLAY_END
#endif

#endif
