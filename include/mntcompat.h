/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mntcompat.h - the newest Linux mount APIs on every kernel: the library's whole public face.
 * Self-contained: needs neither <sys/mount.h> nor <linux/mount.h>, and works next to both.
 * Included by programs; inside the library by lib/ and for its struct layouts by compat/.
 */
#ifndef MNTCOMPAT_H
#define MNTCOMPAT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The values and layouts below are those of Linux 7.3. */

/* open_tree(2) flags; they combine with the AT_* flags of <fcntl.h>. */
#define MNTCOMPAT_OPEN_TREE_CLONE	0x00000001u	/* Linux 5.2 */
#define MNTCOMPAT_OPEN_TREE_NAMESPACE	0x00000002u	/* Linux 7.0 */
#if defined(__alpha__) || defined(__hppa__)
#define MNTCOMPAT_OPEN_TREE_CLOEXEC	010000000u	/* O_CLOEXEC, Linux 5.2 */
#elif defined(__sparc__)
#define MNTCOMPAT_OPEN_TREE_CLOEXEC	0x00400000u
#else
#define MNTCOMPAT_OPEN_TREE_CLOEXEC	02000000u
#endif
#define MNTCOMPAT_AT_RECURSIVE		0x00008000u
#define MNTCOMPAT_AT_EMPTY_PATH		0x00001000u
#define MNTCOMPAT_AT_NO_AUTOMOUNT	0x00000800u
#define MNTCOMPAT_AT_SYMLINK_NOFOLLOW	0x00000100u

/* statmount(2) flags */
#define MNTCOMPAT_STATMOUNT_BY_FD	0x00000001u	/* Linux 7.0 */

/* listmount(2) flags */
#define MNTCOMPAT_LISTMOUNT_REVERSE	0x00000001u	/* Linux 6.11 */

/* listmount(2): in place of a mount id, the root (mntcompat_mnt_id_req.mnt_id) */
#define MNTCOMPAT_LSMT_ROOT		UINT64_C(0xffffffffffffffff)	/* Linux 6.8 */

/* statmount(2) request mask (mntcompat_mnt_id_req.param, mntcompat_statmount.mask) */
#define MNTCOMPAT_STATMOUNT_SB_BASIC		0x00000001u	/* Linux 6.8 */
#define MNTCOMPAT_STATMOUNT_MNT_BASIC		0x00000002u
#define MNTCOMPAT_STATMOUNT_PROPAGATE_FROM	0x00000004u
#define MNTCOMPAT_STATMOUNT_MNT_ROOT		0x00000008u
#define MNTCOMPAT_STATMOUNT_MNT_POINT		0x00000010u
#define MNTCOMPAT_STATMOUNT_FS_TYPE		0x00000020u
#define MNTCOMPAT_STATMOUNT_MNT_NS_ID		0x00000040u	/* Linux 6.11 */
#define MNTCOMPAT_STATMOUNT_MNT_OPTS		0x00000080u
#define MNTCOMPAT_STATMOUNT_FS_SUBTYPE		0x00000100u	/* Linux 6.13 */
#define MNTCOMPAT_STATMOUNT_SB_SOURCE		0x00000200u
#define MNTCOMPAT_STATMOUNT_OPT_ARRAY		0x00000400u
#define MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY	0x00000800u
#define MNTCOMPAT_STATMOUNT_SUPPORTED_MASK	0x00001000u	/* Linux 6.15 */
#define MNTCOMPAT_STATMOUNT_MNT_UIDMAP		0x00002000u
#define MNTCOMPAT_STATMOUNT_MNT_GIDMAP		0x00004000u

#define MNTCOMPAT_MNT_ID_REQ_SIZE_VER0	24	/* Linux 6.8 */
#define MNTCOMPAT_MNT_ID_REQ_SIZE_VER1	32	/* Linux 6.11: mnt_ns_id */

/*
 * The request of statmount(2) and listmount(2). The second field is mnt_fd with STATMOUNT_BY_FD
 * and mnt_ns_fd without it, as in the kernel (they share offset 4).
 */
struct mntcompat_mnt_id_req {
	uint32_t size;
	uint32_t mnt_fd;
	uint64_t mnt_id;
	uint64_t param;
	uint64_t mnt_ns_id;
};

/* statx(2) request mask and answer (stx_mask): the mount's id, old or unique, in stx_mnt_id */
#define MNTCOMPAT_STATX_MNT_ID		0x00001000u	/* Linux 5.8 */
#define MNTCOMPAT_STATX_MNT_ID_UNIQUE	0x00004000u	/* Linux 6.8 */

struct mntcompat_statx_timestamp {
	int64_t tv_sec;
	uint32_t tv_nsec;
	int32_t reserved;
};

/* The answer of statx(2), laid out as struct statx. */
struct mntcompat_statx {
	uint32_t stx_mask;
	uint32_t stx_blksize;
	uint64_t stx_attributes;
	uint32_t stx_nlink;
	uint32_t stx_uid;
	uint32_t stx_gid;
	uint16_t stx_mode;
	uint16_t stx_spare0[1];
	uint64_t stx_ino;
	uint64_t stx_size;
	uint64_t stx_blocks;
	uint64_t stx_attributes_mask;
	struct mntcompat_statx_timestamp stx_atime;
	struct mntcompat_statx_timestamp stx_btime;
	struct mntcompat_statx_timestamp stx_ctime;
	struct mntcompat_statx_timestamp stx_mtime;
	uint32_t stx_rdev_major;
	uint32_t stx_rdev_minor;
	uint32_t stx_dev_major;
	uint32_t stx_dev_minor;
	uint64_t stx_mnt_id;
	uint32_t stx_dio_mem_align;		/* Linux 6.1 */
	uint32_t stx_dio_offset_align;
	uint64_t stx_subvol;			/* Linux 6.10 */
	uint32_t stx_atomic_write_unit_min;	/* Linux 6.11 */
	uint32_t stx_atomic_write_unit_max;
	uint32_t stx_atomic_write_segments_max;
	uint32_t stx_dio_read_offset_align;	/* Linux 6.14 */
	uint32_t stx_atomic_write_unit_max_opt;	/* Linux 6.16 */
	uint32_t stx_spare2[1];
	uint64_t stx_spare3[8];
};

/* name_to_handle_at(2) flags; they combine with MNTCOMPAT_AT_EMPTY_PATH and AT_SYMLINK_FOLLOW. */
#define MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE	0x00000001u	/* Linux 6.12 */
#define MNTCOMPAT_AT_HANDLE_CONNECTABLE		0x00000002u	/* Linux 6.13 */
#define MNTCOMPAT_AT_HANDLE_FID			0x00000200u	/* Linux 6.5 */

/* What NS_MNT_GET_INFO, NS_MNT_GET_NEXT and NS_MNT_GET_PREV tell of a mount namespace. */
struct mntcompat_mnt_ns_info {
	uint32_t size;		/* of this structure, as the kernel has it: 16 */
	uint32_t nr_mounts;
	uint64_t mnt_ns_id;
};

/* listns(2) request: kinds of namespaces (CLONE_NEW*) and what stands for the caller's user namespace */
#define MNTCOMPAT_TIME_NS	0x00000080u
#define MNTCOMPAT_MNT_NS	0x00020000u
#define MNTCOMPAT_CGROUP_NS	0x02000000u
#define MNTCOMPAT_UTS_NS	0x04000000u
#define MNTCOMPAT_IPC_NS	0x08000000u
#define MNTCOMPAT_USER_NS	0x10000000u
#define MNTCOMPAT_PID_NS	0x20000000u
#define MNTCOMPAT_NET_NS	0x40000000u
#define MNTCOMPAT_LISTNS_CURRENT_USER	UINT64_MAX
#define MNTCOMPAT_NS_ID_REQ_SIZE_VER0	32	/* Linux 6.19 */

/* The request of listns(2). */
struct mntcompat_ns_id_req {
	uint32_t size;
	uint32_t spare;
	uint64_t ns_id;
	uint32_t ns_type;
	uint32_t spare2;
	uint64_t user_ns_id;
};

/* move_mount(2) flags */
#define MNTCOMPAT_MOVE_MOUNT_F_SYMLINKS		0x00000001u	/* Linux 5.2; F: of the mount */
#define MNTCOMPAT_MOVE_MOUNT_F_AUTOMOUNTS	0x00000002u
#define MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH	0x00000004u
#define MNTCOMPAT_MOVE_MOUNT_T_SYMLINKS		0x00000010u	/* T: of the place */
#define MNTCOMPAT_MOVE_MOUNT_T_AUTOMOUNTS	0x00000020u
#define MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH	0x00000040u
#define MNTCOMPAT_MOVE_MOUNT_SET_GROUP		0x00000100u	/* Linux 5.15 */
#define MNTCOMPAT_MOVE_MOUNT_BENEATH		0x00000200u	/* Linux 6.5; on "/" 7.1 */

/* fsmount(2) flags */
#define MNTCOMPAT_FSMOUNT_CLOEXEC	0x00000001u	/* Linux 5.2 */
#define MNTCOMPAT_FSMOUNT_NAMESPACE	0x00000002u	/* Linux 7.1 */

/* unshare(2) flag; it combines with the CLONE_* flags of <sched.h>. */
#define MNTCOMPAT_UNSHARE_EMPTY_MNTNS	0x00100000u	/* Linux 7.1 */

/* clone3(2) flag; it combines with the CLONE_* flags of <sched.h>. */
#define MNTCOMPAT_CLONE_EMPTY_MNTNS	0x0000002000000000ull	/* Linux 7.1 */

#define MNTCOMPAT_CLONE_ARGS_SIZE_VER0	64	/* Linux 5.3 */
#define MNTCOMPAT_CLONE_ARGS_SIZE_VER1	80	/* Linux 5.5: set_tid */
#define MNTCOMPAT_CLONE_ARGS_SIZE_VER2	88	/* Linux 5.7: cgroup */

/* The arguments of clone3(2). */
struct mntcompat_clone_args {
	uint64_t flags;
	uint64_t pidfd;
	uint64_t child_tid;
	uint64_t parent_tid;
	uint64_t exit_signal;
	uint64_t stack;
	uint64_t stack_size;
	uint64_t tls;
	uint64_t set_tid;
	uint64_t set_tid_size;
	uint64_t cgroup;
};

/* mount attributes (mntcompat_mount_attr.attr_set and .attr_clr; mntcompat_fsmount(); statmount's mnt_attr) */
#define MNTCOMPAT_MOUNT_ATTR_RDONLY		0x00000001u	/* Linux 5.2 */
#define MNTCOMPAT_MOUNT_ATTR_NOSUID		0x00000002u
#define MNTCOMPAT_MOUNT_ATTR_NODEV		0x00000004u
#define MNTCOMPAT_MOUNT_ATTR_NOEXEC		0x00000008u
#define MNTCOMPAT_MOUNT_ATTR__ATIME		0x00000070u	/* a field of three values: */
#define MNTCOMPAT_MOUNT_ATTR_RELATIME		0x00000000u
#define MNTCOMPAT_MOUNT_ATTR_NOATIME		0x00000010u
#define MNTCOMPAT_MOUNT_ATTR_STRICTATIME	0x00000020u
#define MNTCOMPAT_MOUNT_ATTR_NODIRATIME		0x00000080u
#define MNTCOMPAT_MOUNT_ATTR_IDMAP		0x00100000u	/* Linux 5.12 */
#define MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW	0x00200000u	/* Linux 5.14 */

#define MNTCOMPAT_MOUNT_ATTR_SIZE_VER0	32	/* Linux 5.12 */

/* The attributes of mount_setattr(2) and open_tree_attr(2). */
struct mntcompat_mount_attr {
	uint64_t attr_set;	/* MOUNT_ATTR_* to set */
	uint64_t attr_clr;	/* MOUNT_ATTR_* to clear, before that */
	uint64_t propagation;	/* one of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, or 0 */
	uint64_t userns_fd;	/* MOUNT_ATTR_IDMAP: the user namespace whose id maps are taken */
};

/* C++ has no flexible array members; gcc and clang do, and only -pedantic tells. */
#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif

/* The answer of statmount(2). Offsets of strings count from str[]. */
struct mntcompat_statmount {
	uint32_t size;
	uint32_t mnt_opts;
	uint64_t mask;
	uint32_t sb_dev_major;
	uint32_t sb_dev_minor;
	uint64_t sb_magic;
	uint32_t sb_flags;
	uint32_t fs_type;
	uint64_t mnt_id;
	uint64_t mnt_parent_id;
	uint32_t mnt_id_old;
	uint32_t mnt_parent_id_old;
	uint64_t mnt_attr;
	uint64_t mnt_propagation;
	uint64_t mnt_peer_group;
	uint64_t mnt_master;
	uint64_t propagate_from;
	uint32_t mnt_root;
	uint32_t mnt_point;
	uint64_t mnt_ns_id;
	uint32_t fs_subtype;
	uint32_t sb_source;
	uint32_t opt_num;
	uint32_t opt_array;
	uint32_t opt_sec_num;
	uint32_t opt_sec_array;
	uint64_t supported_mask;
	uint32_t mnt_uidmap_num;
	uint32_t mnt_uidmap;
	uint32_t mnt_gidmap_num;
	uint32_t mnt_gidmap;
	uint64_t spare[43];
	char str[];
};

/* A file handle, laid out as struct file_handle. */
struct mntcompat_file_handle {
	uint32_t handle_bytes;
	int32_t handle_type;
	unsigned char f_handle[];
};

#if defined(__cplusplus) && defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/**
 * mntcompat_open_tree - open_tree(2) of Linux 7.3 on every kernel
 * @dfd:   directory file descriptor, or AT_FDCWD
 * @path:  path, relative to @dfd
 * @flags: OPEN_TREE_* | AT_*
 *
 * With MNTCOMPAT_OPEN_TREE_NAMESPACE: copies the mount behind @path (with AT_RECURSIVE everything
 * below it) into a new mount namespace and returns its file descriptor, for setns(2). Native from
 * Linux 7.0, emulated before. All other flags go to the kernel as they are (Linux 5.2); where it
 * says EINVAL to OPEN_TREE_CLONE of a detached tree because it is older than 6.15, the answer is
 * EOPNOTSUPP.
 *
 * Returns a file descriptor, or -1 with errno: EMFILE, ENFILE, EINVAL, EPERM, EFAULT, ENAMETOOLONG,
 * ENOENT, EBADF, ENOTDIR, ELOOP, EACCES, ENOSPC, ENOMEM as the kernel; ENOSYS when this system
 * offers no way; EOPNOTSUPP when it does, but not for this tree. See mntcompat_open_tree(3).
 */
int mntcompat_open_tree(int dfd, const char *path, unsigned int flags);

/**
 * mntcompat_fsmount - fsmount(2) of Linux 7.3 on every kernel
 * @fs_fd:      filesystem context of fsopen(2), created
 * @flags:      FSMOUNT_CLOEXEC, FSMOUNT_NAMESPACE
 * @attr_flags: MOUNT_ATTR_* of the mount
 *
 * With MNTCOMPAT_FSMOUNT_NAMESPACE: makes a mount namespace that holds nothing but the new mount
 * and returns its file descriptor, for setns(2). Native from Linux 7.1, emulated before. All other
 * flags go to the kernel as they are (Linux 5.2).
 *
 * Returns a file descriptor, or -1 with errno: EINVAL, EPERM, EBADF, EBUSY, ENOTDIR, ENOSPC, EMFILE,
 * ENFILE, ENOMEM as the kernel; ENOSYS when this system offers no way; EOPNOTSUPP when it does, but
 * not for this caller. See mntcompat_fsmount(3).
 */
int mntcompat_fsmount(int fs_fd, unsigned int flags, unsigned int attr_flags);

/**
 * mntcompat_unshare - unshare(2) of Linux 7.3 on every kernel
 * @flags: CLONE_* of <sched.h>, MNTCOMPAT_UNSHARE_EMPTY_MNTNS
 *
 * With MNTCOMPAT_UNSHARE_EMPTY_MNTNS: the calling thread moves into a new mount namespace that holds
 * nothing but an empty root, which is then its root and working directory. Native from Linux 7.1,
 * emulated before. All other flags go to the kernel as they are.
 *
 * Returns 0, or -1 with errno: EINVAL, EPERM, ENOSPC, EUSERS, ENOMEM, EMFILE, ENFILE as the kernel;
 * ENOSYS when this system offers no way; EOPNOTSUPP when it does, but not together with these flags
 * or for this caller. See mntcompat_unshare(3).
 */
int mntcompat_unshare(unsigned int flags);

/**
 * mntcompat_clone3 - clone3(2) of Linux 7.3 on every kernel, for children with memory of their own
 * @args: what to clone; a stack, CLONE_VM and CLONE_SETTLS are refused
 * @size: its size in bytes, 64 or more
 *
 * Returns like fork(2) in both processes. With MNTCOMPAT_CLONE_EMPTY_MNTNS the child starts in a new
 * mount namespace that holds nothing but an empty root. Native from Linux 7.1, emulated before. All
 * other flags go to the kernel as they are (Linux 5.3).
 *
 * Returns the child's pid, 0 in the child, or -1 with errno: EINVAL, E2BIG, EFAULT, EPERM, EAGAIN,
 * ENOSPC, ENOMEM, EMFILE, ENFILE and others as the kernel; ENOSYS when this system offers no way; EOPNOTSUPP when
 * it does, but not together with these flags or for this caller. See mntcompat_clone3(3).
 */
pid_t mntcompat_clone3(const struct mntcompat_clone_args *args, size_t size);

/**
 * mntcompat_move_mount - move_mount(2), with an honest refusal where the kernel is too old
 * @from_dfd, @from: the mount
 * @to_dfd, @to:     the place
 * @flags:           MOVE_MOUNT_*
 *
 * The kernel's own call (Linux 5.2). Where it says EINVAL only because it is older than
 * MOVE_MOUNT_BENEATH, MOVE_MOUNT_SET_GROUP or detached trees on detached trees, the answer is
 * EOPNOTSUPP: none of these can be emulated unseen.
 *
 * Returns 0, or -1 with errno as the kernel; ENOSYS before Linux 5.2. See mntcompat_move_mount(3).
 */
int mntcompat_move_mount(int from_dfd, const char *from, int to_dfd, const char *to, unsigned int flags);

/**
 * mntcompat_mount_setattr - mount_setattr(2) of Linux 7.3 on every kernel
 * @dfd:   directory file descriptor, or AT_FDCWD
 * @path:  path, relative to @dfd
 * @flags: AT_EMPTY_PATH, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT
 * @attr:  what to change
 * @size:  its size in bytes, 32 or more
 *
 * Changes attributes and propagation of the mount at @path, with AT_RECURSIVE of all mounts below
 * it too: all of it or nothing. Native from Linux 5.12, by mount(2) before.
 *
 * Returns 0, or -1 with errno: EINVAL, E2BIG, EPERM, EFAULT, ENAMETOOLONG, ENOENT, EBADF, ENOTDIR,
 * ELOOP, EACCES, EBUSY, ENOSPC, ENOMEM, ENFILE as the kernel; ENOSYS when this system offers no way; EOPNOTSUPP
 * when it does, but not for this: id-mapped and detached mounts before 5.12, for instance. See
 * mntcompat_mount_setattr(3).
 */
int mntcompat_mount_setattr(int dfd, const char *path, unsigned int flags,
			    const struct mntcompat_mount_attr *attr, size_t size);

/**
 * mntcompat_open_tree_attr - open_tree_attr(2) of Linux 7.3 on every kernel
 * @dfd, @path, @flags: as mntcompat_open_tree()
 * @attr:  what to change, or NULL
 * @size:  its size in bytes, 32 or more; 0 with NULL
 *
 * mntcompat_open_tree(), and attributes as with mntcompat_mount_setattr(): with
 * MNTCOMPAT_OPEN_TREE_CLONE of the copy, before anybody sees it; without it of the mount itself.
 * Native from Linux 6.15.
 *
 * Returns a file descriptor, or -1 with errno as these two. See mntcompat_open_tree_attr(3).
 */
int mntcompat_open_tree_attr(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size);

/**
 * mntcompat_statmount - statmount(2) of Linux 7.3 on every kernel
 * @req:     request; req->size is 24 or 32 or more, req->param the mask
 * @buf:     where the answer goes
 * @bufsize: its size in bytes
 * @flags:   0, or MNTCOMPAT_STATMOUNT_BY_FD (the mount behind req->mnt_fd; Linux 7.0)
 *
 * Returns 0, or -1 with errno: EINVAL, EPERM, ENOENT, EBADF, EFAULT, E2BIG, EOVERFLOW, ENOMEM as
 * the kernel; ENOSYS when this system offers no way; EOPNOTSUPP when it does, but not for this
 * mount. See mntcompat_statmount(3).
 */
int mntcompat_statmount(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
			size_t bufsize, unsigned int flags);

/**
 * mntcompat_statmount_alloc - statmount into memory that grows as needed
 * @req, @flags: as mntcompat_statmount()
 * @answer:      receives the answer; release it with free(3)
 *
 * Returns 0, or -errno as mntcompat_statmount(), never EOVERFLOW below 16 MiB.
 */
int mntcompat_statmount_alloc(const struct mntcompat_mnt_id_req *req, unsigned int flags,
			      struct mntcompat_statmount **answer);

/**
 * mntcompat_statx - statx(2) of Linux 7.3, with unique mount ids on every kernel
 * @dfd, @path, @flags: as statx(2); @path may be NULL with AT_EMPTY_PATH (Linux 6.11)
 * @mask:  STATX_*; with MNTCOMPAT_STATX_MNT_ID_UNIQUE (Linux 6.8) stx_mnt_id is the id that
 *         mntcompat_statmount() takes and gives
 * @buf:   receives the answer, 256 bytes
 *
 * What else is asked for goes to the kernel as it is.
 *
 * Returns 0, or -1 with errno as statx(2): EACCES, EBADF, EFAULT, EINVAL, ELOOP, ENAMETOOLONG,
 * ENOENT, ENOMEM, ENOTDIR, and what filesystems say; ENOSYS when this system offers no way;
 * EOPNOTSUPP when it does, but not for this file. See mntcompat_statx(3).
 */
int mntcompat_statx(int dfd, const char *path, int flags, unsigned int mask, struct mntcompat_statx *buf);

/**
 * mntcompat_name_to_handle_at - name_to_handle_at(2) with unique mount ids on every kernel
 * @dfd, @path: as name_to_handle_at(2)
 * @handle:   file handle; handle->handle_bytes is the room behind it in bytes
 * @mount_id: receives an int, or with MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE (Linux 6.12) a uint64_t:
 *            the id that mntcompat_statmount() takes and gives
 * @flags:    AT_EMPTY_PATH | AT_SYMLINK_FOLLOW | AT_HANDLE_*
 *
 * All other flags go to the kernel as they are.
 *
 * Returns 0, or -1 with errno as name_to_handle_at(2): EINVAL, EFAULT, EOVERFLOW, EOPNOTSUPP, EBADF,
 * EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, ENOMEM, and what filesystems say; ENOSYS when this
 * system offers no way. See mntcompat_name_to_handle_at(3).
 */
int mntcompat_name_to_handle_at(int dfd, const char *path, struct mntcompat_file_handle *handle,
				void *mount_id, int flags);

/**
 * mntcompat_listmount - listmount(2) of Linux 7.3 on every kernel
 * @req:     request; req->size is 24 or 32 or more, req->mnt_id the mount whose descendants are
 *           listed, or MNTCOMPAT_LSMT_ROOT; req->param the last id that was seen, 0 to begin
 * @mnt_ids: where the unique ids go
 * @nr_mnt_ids: how many there is room for, at most 1,000,000
 * @flags:   0, or MNTCOMPAT_LISTMOUNT_REVERSE: from the largest id to the smallest (Linux 6.11)
 *
 * Native from Linux 6.8, emulated before. The ids are those that mntcompat_statmount() takes.
 *
 * Returns the number of ids, 0 when there are no more, or -1 with errno: EINVAL, EPERM, ENOENT,
 * EBADF, EFAULT, E2BIG, EOVERFLOW, ENOMEM as the kernel; ENOSYS when this system offers no way;
 * EOPNOTSUPP when it does, but not for this mount or namespace. See mntcompat_listmount(3).
 */
ssize_t mntcompat_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids,
			    size_t nr_mnt_ids, unsigned int flags);

/**
 * mntcompat_namespace_id - ioctl NS_GET_ID of Linux 6.18 on every kernel
 * @fd: file descriptor of a namespace of any kind, not opened with O_PATH
 * @id: receives its id; before Linux 6.18 (mount namespaces: 6.11) one that is made of the inode
 *      number of the namespace's file
 *
 * Returns 0, or -1 with errno: EBADF, ENOTTY (no namespace), EFAULT, ENOMEM; EOPNOTSUPP when a filter
 * hides the id. See mntcompat_namespace_id(3).
 */
int mntcompat_namespace_id(int fd, uint64_t *id);

/**
 * mntcompat_mount_namespace_id - ioctl NS_GET_MNTNS_ID of Linux 6.11 on every kernel
 * @fd: file descriptor of a mount namespace
 * @id: as mntcompat_namespace_id()
 *
 * Returns as mntcompat_namespace_id(), and EINVAL for namespaces of other kinds.
 */
int mntcompat_mount_namespace_id(int fd, uint64_t *id);

/**
 * mntcompat_mount_namespace_info - ioctl NS_MNT_GET_INFO of Linux 6.12 on every kernel
 * @fd:   file descriptor of a mount namespace
 * @info: receives the number of its mounts, and its id
 *
 * Returns 0, or -1 with errno: EBADF, ENOTTY, EINVAL (another kind, no @info), EFAULT, ENOMEM; ENOSYS
 * without procfs; EOPNOTSUPP when the mounts cannot be counted. See mntcompat_mount_namespace_info(3).
 */
int mntcompat_mount_namespace_info(int fd, struct mntcompat_mnt_ns_info *info);

/**
 * mntcompat_mount_namespace_next, _prev - ioctls NS_MNT_GET_NEXT, _PREV of Linux 6.12 on every kernel
 * @fd:   file descriptor of a mount namespace
 * @info: receives what mntcompat_mount_namespace_info() would say of the one that is found
 *
 * The mount namespaces in the order of their ids; for root in the initial user and pid namespaces.
 *
 * Returns a file descriptor (O_RDONLY, CLOEXEC), or -1 with errno: EBADF, ENOTTY, EPERM, EINVAL, ENOENT
 * (there is none), EFAULT, EMFILE, ENFILE, ENOMEM; ENOSYS, EOPNOTSUPP as above.
 */
int mntcompat_mount_namespace_next(int fd, struct mntcompat_mnt_ns_info *info);
int mntcompat_mount_namespace_prev(int fd, struct mntcompat_mnt_ns_info *info);

/**
 * mntcompat_listns - listns(2) of Linux 7.3 on every kernel
 * @req:       request: size 32 or more; ns_id, after which to go on, or 0; ns_type, the kinds of
 *             namespaces (MNTCOMPAT_*_NS), 0 for all; user_ns_id, only those that this user
 *             namespace owns, MNTCOMPAT_LISTNS_CURRENT_USER for the caller's, 0 for all
 * @ns_ids:    receives ids, ascending
 * @nr_ns_ids: room for so many, at most 1000000
 * @flags:     0
 *
 * Root in the initial user and pid namespaces sees all, everybody else the own ones. Native from Linux
 * 6.19, before that from what procfs shows.
 *
 * Returns the number of ids, or -1 with errno: EINVAL, EOVERFLOW, EFAULT, E2BIG, ENOENT, ENOMEM as
 * the kernel; EOPNOTSUPP for an unknown kind, and for what cannot be told; ENOSYS when this system
 * offers no way. See mntcompat_listns(3).
 */
ssize_t mntcompat_listns(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
			 unsigned int flags);

/* Where a walk takes its rows from. */
enum mntcompat_table_backend {
	MNTCOMPAT_TABLE_ANY = 0,	/* the cheapest that knows all that is asked */
	MNTCOMPAT_TABLE_MOUNTINFO = 1,	/* one reading of mountinfo */
	MNTCOMPAT_TABLE_LISTMOUNT = 2	/* listmount, and statmount for each mount */
};

/* What a walk is to show. Bytes that are not there (@size is smaller) are zero. */
struct mntcompat_table_options {
	size_t size;		/* sizeof(struct mntcompat_table_options) */
	uint64_t mask;		/* MNTCOMPAT_STATMOUNT_*; MNT_BASIC is always asked for */
	uint64_t mnt_id;	/* the mounts below this one; 0 or MNTCOMPAT_LSMT_ROOT: all */
	uint64_t mnt_ns_id;	/* of a mount namespace; 0: none */
	uint32_t mnt_ns_fd;	/* of a mount namespace; 0: none, the caller's own */
	uint32_t backend;	/* enum mntcompat_table_backend */
};

struct mntcompat_table;

/**
 * mntcompat_table_open - begin a walk over the mounts of a namespace
 * @options: what to show
 * @table:   receives the walk; end it with mntcompat_table_close()
 *
 * Which mounts there are is settled here, as of one moment within the call; O(N). With mountinfo
 * their values are too, with listmount they are of the moment of mntcompat_table_next().
 *
 * Returns 0, or -errno: EINVAL, E2BIG (options that this library does not know), what
 * mntcompat_listmount() says, and EAGAIN when mounts change faster than they can be read. See
 * mntcompat_table_open(3).
 */
int mntcompat_table_open(const struct mntcompat_table_options *options,
			 struct mntcompat_table **table);

/**
 * mntcompat_table_next - the next row, in ascending order of unique ids
 * @row: receives an answer as of mntcompat_statmount(), valid until the next call with this @table
 *
 * Returns 1, 0 after the last row, or -errno as mntcompat_statmount(); after an error it may be
 * called again. A walk is one thread's at a time.
 */
int mntcompat_table_next(struct mntcompat_table *table, const struct mntcompat_statmount **row);

/** mntcompat_table_close - end a walk, and the validity of its rows; NULL does nothing */
void mntcompat_table_close(struct mntcompat_table *table);

/* How calls are answered. */
enum mntcompat_mode {
	MNTCOMPAT_MODE_AUTO = 0,	/* the kernel where it can, else emulated */
	MNTCOMPAT_MODE_NATIVE = 1,	/* only the kernel; ENOSYS or EINVAL as it says */
	MNTCOMPAT_MODE_EMULATE = 2	/* always emulated, also where the kernel could */
};

/**
 * mntcompat_set_mode - choose how calls are answered (environment: MNTCOMPAT_MODE)
 * Applies to the whole process. Returns 0, or -EINVAL for an unknown mode.
 */
int mntcompat_set_mode(enum mntcompat_mode mode);
enum mntcompat_mode mntcompat_get_mode(void);

/**
 * mntcompat_set_kernel - behave as if this kernel were that old (environment: MNTCOMPAT_KERNEL)
 * @release: "5.10", "6.12"…, or NULL for the kernel as it is
 *
 * Everything newer than @release is treated as absent, in the choice of path and inside the
 * emulations. Applies to the whole process. Returns 0, or -EINVAL if @release cannot be read.
 */
int mntcompat_set_kernel(const char *release);

/**
 * mntcompat_get_kernel - the version that was set, by MNTCOMPAT_KERNEL or mntcompat_set_kernel()
 * @major, @minor: receive it
 *
 * Returns 1, or 0 when none was set.
 */
int mntcompat_get_kernel(unsigned int *major, unsigned int *minor);

/**
 * mntcompat_set_debug - lines on stderr that say which way each call went, and why
 * @level: 0 none, 1 a line per call, 2 every step (environment: MNTCOMPAT_DEBUG)
 */
void mntcompat_set_debug(int level);

/* By which way the calling thread's last answer came. */
enum mntcompat_way {
	MNTCOMPAT_WAY_NONE = 0,			/* no call yet, or it ended before a way was chosen */
	MNTCOMPAT_WAY_NATIVE = 1,		/* the kernel's own call */
	MNTCOMPAT_WAY_STATMOUNT_BY_ID = 2,	/* statx + statmount by id (Linux 6.8) */
	MNTCOMPAT_WAY_MOUNTINFO = 3,		/* a line of mountinfo */
	MNTCOMPAT_WAY_FD = 4,			/* what the file descriptor itself tells */
	MNTCOMPAT_WAY_OTHER_NAMESPACE = 5,	/* found in another mount namespace */
	MNTCOMPAT_WAY_TEMPLATE = 6,		/* clone moved into a copy of an empty namespace */
	MNTCOMPAT_WAY_UNSHARE = 7,		/* own namespace copied, then emptied */
	MNTCOMPAT_WAY_BIND = 8,			/* the same with mount(2) and pivot_root(2) alone */
	MNTCOMPAT_WAY_OLD_ID = 9,		/* an id made of the old one, where there is no other */
	MNTCOMPAT_WAY_MOUNT_SETATTR = 10,	/* mount_setattr(2) on what open_tree(2) opened */
	MNTCOMPAT_WAY_REMOUNT = 11,		/* mount(2), mount by mount */
	MNTCOMPAT_WAY_SCRATCH = 12,	/* made in a mount namespace that nobody sees */
	MNTCOMPAT_WAY_LISTMOUNT = 13,		/* listmount as of Linux 6.8, and the rest made of it */
	MNTCOMPAT_WAY_INODE = 14,		/* an id made of the inode number of a namespace */
	MNTCOMPAT_WAY_PROCFS = 15		/* what procfs shows of other processes */
};
enum mntcompat_way mntcompat_last_way(void);

/** mntcompat_way_name - a short word for a way ("native", "template", …), never NULL */
const char *mntcompat_way_name(enum mntcompat_way way);

/** mntcompat_version - version of the library, "0.1.0" */
const char *mntcompat_version(void);

#ifdef __cplusplus
}
#endif

/* The layouts are the kernel's; a compiler that disagrees must not get past here. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define MNTCOMPAT_LAYOUT(name, cond) static_assert(cond, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define MNTCOMPAT_LAYOUT(name, cond) _Static_assert(cond, #name)
#else
#define MNTCOMPAT_LAYOUT(name, cond) typedef char mntcompat_layout_##name[(cond) ? 1 : -1]
#endif
MNTCOMPAT_LAYOUT(req_size, sizeof(struct mntcompat_mnt_id_req) == 32);
MNTCOMPAT_LAYOUT(req_mnt_fd, offsetof(struct mntcompat_mnt_id_req, mnt_fd) == 4);
MNTCOMPAT_LAYOUT(req_param, offsetof(struct mntcompat_mnt_id_req, param) == 16);
MNTCOMPAT_LAYOUT(clone_size, sizeof(struct mntcompat_clone_args) == 88);
MNTCOMPAT_LAYOUT(attr_size, sizeof(struct mntcompat_mount_attr) == 32);
MNTCOMPAT_LAYOUT(sm_size, sizeof(struct mntcompat_statmount) == 512);
MNTCOMPAT_LAYOUT(sm_mask, offsetof(struct mntcompat_statmount, mask) == 8);
MNTCOMPAT_LAYOUT(sm_fs_type, offsetof(struct mntcompat_statmount, fs_type) == 36);
MNTCOMPAT_LAYOUT(sm_mnt_id, offsetof(struct mntcompat_statmount, mnt_id) == 40);
MNTCOMPAT_LAYOUT(sm_attr, offsetof(struct mntcompat_statmount, mnt_attr) == 64);
MNTCOMPAT_LAYOUT(sm_root, offsetof(struct mntcompat_statmount, mnt_root) == 104);
MNTCOMPAT_LAYOUT(sm_ns_id, offsetof(struct mntcompat_statmount, mnt_ns_id) == 112);
MNTCOMPAT_LAYOUT(sm_opt_num, offsetof(struct mntcompat_statmount, opt_num) == 128);
MNTCOMPAT_LAYOUT(sm_supported, offsetof(struct mntcompat_statmount, supported_mask) == 144);
MNTCOMPAT_LAYOUT(sm_gidmap, offsetof(struct mntcompat_statmount, mnt_gidmap) == 164);
MNTCOMPAT_LAYOUT(sm_str, offsetof(struct mntcompat_statmount, str) == 512);
MNTCOMPAT_LAYOUT(stx_size, sizeof(struct mntcompat_statx) == 256);
MNTCOMPAT_LAYOUT(stx_ino, offsetof(struct mntcompat_statx, stx_ino) == 0x20);
MNTCOMPAT_LAYOUT(stx_atime, offsetof(struct mntcompat_statx, stx_atime) == 0x40);
MNTCOMPAT_LAYOUT(stx_rdev, offsetof(struct mntcompat_statx, stx_rdev_major) == 0x80);
MNTCOMPAT_LAYOUT(stx_mnt_id, offsetof(struct mntcompat_statx, stx_mnt_id) == 0x90);
MNTCOMPAT_LAYOUT(stx_subvol, offsetof(struct mntcompat_statx, stx_subvol) == 0xa0);
MNTCOMPAT_LAYOUT(stx_dio_read, offsetof(struct mntcompat_statx, stx_dio_read_offset_align) == 0xb4);
MNTCOMPAT_LAYOUT(fh_size, sizeof(struct mntcompat_file_handle) == 8);
MNTCOMPAT_LAYOUT(ns_info_size, sizeof(struct mntcompat_mnt_ns_info) == 16);
MNTCOMPAT_LAYOUT(ns_req_size, sizeof(struct mntcompat_ns_id_req) == 32);
MNTCOMPAT_LAYOUT(ns_req_type, offsetof(struct mntcompat_ns_id_req, ns_type) == 16);
MNTCOMPAT_LAYOUT(ns_req_user, offsetof(struct mntcompat_ns_id_req, user_ns_id) == 24);

#endif /* MNTCOMPAT_H */
