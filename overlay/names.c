// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * names.c - the family's functions under the kernel's names, for configure scripts, which ask the
 * linker for them, and for objects that were compiled without the overlay; and the calls that go
 * with fsmount(), which old C libraries lack. Touches no memory.
 *
 * Weak: a program or library that has its own is not disturbed.
 */
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

/* Under other names here, since the C library's headers may declare them, in one way or another. */
#define OVERLAY_NAME(name) __asm__(#name) __attribute__((weak, visibility("default")))

int overlay_open_tree(int dfd, const char *path, unsigned int flags) OVERLAY_NAME(open_tree);
int overlay_open_tree_attr(int dfd, const char *path, unsigned int flags,
			   struct mntcompat_mount_attr *attr, size_t size)
	OVERLAY_NAME(open_tree_attr);
int overlay_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
		       unsigned int flags) OVERLAY_NAME(move_mount);
int overlay_fsmount(int fs_fd, unsigned int flags, unsigned int attr_flags) OVERLAY_NAME(fsmount);
int overlay_mount_setattr(int dfd, const char *path, unsigned int flags,
			  struct mntcompat_mount_attr *attr, size_t size)
	OVERLAY_NAME(mount_setattr);
int overlay_statmount(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
		      size_t bufsize, unsigned int flags) OVERLAY_NAME(statmount);
ssize_t overlay_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids,
			  size_t nr_mnt_ids, unsigned int flags) OVERLAY_NAME(listmount);
ssize_t overlay_listns(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
		       unsigned int flags) OVERLAY_NAME(listns);

int overlay_open_tree(int dfd, const char *path, unsigned int flags)
{
	return mntcompat_open_tree(dfd, path, flags);
}

int overlay_open_tree_attr(int dfd, const char *path, unsigned int flags,
			   struct mntcompat_mount_attr *attr, size_t size)
{
	return mntcompat_open_tree_attr(dfd, path, flags, attr, size);
}

int overlay_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
		       unsigned int flags)
{
	return mntcompat_move_mount(from_dfd, from, to_dfd, to, flags);
}

int overlay_fsmount(int fs_fd, unsigned int flags, unsigned int attr_flags)
{
	return mntcompat_fsmount(fs_fd, flags, attr_flags);
}

int overlay_mount_setattr(int dfd, const char *path, unsigned int flags,
			  struct mntcompat_mount_attr *attr, size_t size)
{
	return mntcompat_mount_setattr(dfd, path, flags, attr, size);
}

int overlay_statmount(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
		      size_t bufsize, unsigned int flags)
{
	return mntcompat_statmount(req, buf, bufsize, flags);
}

ssize_t overlay_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids,
			  size_t nr_mnt_ids, unsigned int flags)
{
	return mntcompat_listmount(req, mnt_ids, nr_mnt_ids, flags);
}

ssize_t overlay_listns(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
		       unsigned int flags)
{
	return mntcompat_listns(req, ns_ids, nr_ns_ids, flags);
}

/* The functions that the overlay's <sys/mount.h> calls; none of them is emulated. */
int mntcompat_overlay_fsopen(const char *type, unsigned int flags);
int mntcompat_overlay_fsconfig(int fs_fd, unsigned int command, const char *key, const void *value,
			       int aux);
int mntcompat_overlay_fspick(int dfd, const char *path, unsigned int flags);
int overlay_fsopen(const char *type, unsigned int flags) OVERLAY_NAME(fsopen);
int overlay_fsconfig(int fs_fd, unsigned int command, const char *key, const void *value, int aux)
	OVERLAY_NAME(fsconfig);
int overlay_fspick(int dfd, const char *path, unsigned int flags) OVERLAY_NAME(fspick);

int mntcompat_overlay_fsopen(const char *type, unsigned int flags)
{
	return (int)syscall(UAPI_NR_fsopen, type, (unsigned long)flags);
}

int mntcompat_overlay_fsconfig(int fs_fd, unsigned int command, const char *key, const void *value,
			       int aux)
{
	return (int)syscall(UAPI_NR_fsconfig, (long)fs_fd, (unsigned long)command, key, value,
			    (long)aux);
}

int mntcompat_overlay_fspick(int dfd, const char *path, unsigned int flags)
{
	return (int)syscall(UAPI_NR_fspick, (long)dfd, path, (unsigned long)flags);
}

int overlay_fsopen(const char *type, unsigned int flags)
{
	return mntcompat_overlay_fsopen(type, flags);
}

int overlay_fsconfig(int fs_fd, unsigned int command, const char *key, const void *value, int aux)
{
	return mntcompat_overlay_fsconfig(fs_fd, command, key, value, aux);
}

int overlay_fspick(int dfd, const char *path, unsigned int flags)
{
	return mntcompat_overlay_fspick(dfd, path, flags);
}
