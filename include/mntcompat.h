/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mntcompat.h - the public interface of libmntcompat: the newest Linux mount APIs on every kernel.
 * Self-contained: it includes neither <sys/mount.h> nor <linux/mount.h>, and can be used together
 * with both. The files of compat/ use only its constants and structures.
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
#define MNTCOMPAT_OPEN_TREE_CLONE 0x00000001u		  /* Linux 5.2 */
#define MNTCOMPAT_OPEN_TREE_NAMESPACE 0x00000002u	  /* Linux 7.0 */
#define MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS 0x00000004u /* Linux 7.4 */
#if defined(__alpha__) || defined(__hppa__)
#define MNTCOMPAT_OPEN_TREE_CLOEXEC 010000000u /* O_CLOEXEC, Linux 5.2 */
#elif defined(__sparc__)
#define MNTCOMPAT_OPEN_TREE_CLOEXEC 0x00400000u
#else
#define MNTCOMPAT_OPEN_TREE_CLOEXEC 02000000u
#endif
#define MNTCOMPAT_AT_RECURSIVE 0x00008000u
#define MNTCOMPAT_AT_EMPTY_PATH 0x00001000u
#define MNTCOMPAT_AT_NO_AUTOMOUNT 0x00000800u
#define MNTCOMPAT_AT_SYMLINK_NOFOLLOW 0x00000100u

/* statmount(2) flags */
#define MNTCOMPAT_STATMOUNT_BY_FD 0x00000001u /* Linux 7.0 */

/* listmount(2) flags */
#define MNTCOMPAT_LISTMOUNT_REVERSE 0x00000001u /* Linux 6.11 */

/* listmount(2): stands for the root in place of a mount id (mntcompat_mnt_id_req.mnt_id) */
#define MNTCOMPAT_LSMT_ROOT UINT64_C(0xffffffffffffffff) /* Linux 6.8 */

/* statmount(2) request mask (mntcompat_mnt_id_req.param, mntcompat_statmount.mask) */
#define MNTCOMPAT_STATMOUNT_SB_BASIC 0x00000001u /* Linux 6.8 */
#define MNTCOMPAT_STATMOUNT_MNT_BASIC 0x00000002u
#define MNTCOMPAT_STATMOUNT_PROPAGATE_FROM 0x00000004u
#define MNTCOMPAT_STATMOUNT_MNT_ROOT 0x00000008u
#define MNTCOMPAT_STATMOUNT_MNT_POINT 0x00000010u
#define MNTCOMPAT_STATMOUNT_FS_TYPE 0x00000020u
#define MNTCOMPAT_STATMOUNT_MNT_NS_ID 0x00000040u /* Linux 6.11 */
#define MNTCOMPAT_STATMOUNT_MNT_OPTS 0x00000080u
#define MNTCOMPAT_STATMOUNT_FS_SUBTYPE 0x00000100u /* Linux 6.13 */
#define MNTCOMPAT_STATMOUNT_SB_SOURCE 0x00000200u
#define MNTCOMPAT_STATMOUNT_OPT_ARRAY 0x00000400u
#define MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY 0x00000800u
#define MNTCOMPAT_STATMOUNT_SUPPORTED_MASK 0x00001000u /* Linux 6.15 */
#define MNTCOMPAT_STATMOUNT_MNT_UIDMAP 0x00002000u
#define MNTCOMPAT_STATMOUNT_MNT_GIDMAP 0x00004000u

#define MNTCOMPAT_MNT_ID_REQ_SIZE_VER0 24 /* Linux 6.8 */
#define MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 32 /* Linux 6.11: mnt_ns_id */

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
#define MNTCOMPAT_STATX_MNT_ID 0x00001000u	  /* Linux 5.8 */
#define MNTCOMPAT_STATX_MNT_ID_UNIQUE 0x00004000u /* Linux 6.8 */

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
	uint32_t stx_dio_mem_align; /* Linux 6.1 */
	uint32_t stx_dio_offset_align;
	uint64_t stx_subvol;		    /* Linux 6.10 */
	uint32_t stx_atomic_write_unit_min; /* Linux 6.11 */
	uint32_t stx_atomic_write_unit_max;
	uint32_t stx_atomic_write_segments_max;
	uint32_t stx_dio_read_offset_align;	/* Linux 6.14 */
	uint32_t stx_atomic_write_unit_max_opt; /* Linux 6.16 */
	uint32_t stx_spare2[1];
	uint64_t stx_spare3[8];
};

/* name_to_handle_at(2) flags; they combine with MNTCOMPAT_AT_EMPTY_PATH and AT_SYMLINK_FOLLOW. */
#define MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE 0x00000001u /* Linux 6.12 */
#define MNTCOMPAT_AT_HANDLE_CONNECTABLE 0x00000002u   /* Linux 6.13 */
#define MNTCOMPAT_AT_HANDLE_FID 0x00000200u	      /* Linux 6.5 */

/* The answer of NS_MNT_GET_INFO, NS_MNT_GET_NEXT and NS_MNT_GET_PREV about a mount namespace. */
struct mntcompat_mnt_ns_info {
	uint32_t size; /* of this structure, as the kernel has it: 16 */
	uint32_t nr_mounts;
	uint64_t mnt_ns_id;
};

/*
 * listns(2) request: kinds of namespaces (CLONE_NEW*), and a value that stands for the caller's
 * user namespace
 */
#define MNTCOMPAT_TIME_NS 0x00000080u
#define MNTCOMPAT_MNT_NS 0x00020000u
#define MNTCOMPAT_CGROUP_NS 0x02000000u
#define MNTCOMPAT_UTS_NS 0x04000000u
#define MNTCOMPAT_IPC_NS 0x08000000u
#define MNTCOMPAT_USER_NS 0x10000000u
#define MNTCOMPAT_PID_NS 0x20000000u
#define MNTCOMPAT_NET_NS 0x40000000u
#define MNTCOMPAT_LISTNS_CURRENT_USER UINT64_MAX
#define MNTCOMPAT_NS_ID_REQ_SIZE_VER0 32 /* Linux 6.19 */

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
#define MNTCOMPAT_MOVE_MOUNT_F_SYMLINKS 0x00000001u /* Linux 5.2; F: of the mount */
#define MNTCOMPAT_MOVE_MOUNT_F_AUTOMOUNTS 0x00000002u
#define MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH 0x00000004u
#define MNTCOMPAT_MOVE_MOUNT_T_SYMLINKS 0x00000010u /* T: of the mount point */
#define MNTCOMPAT_MOVE_MOUNT_T_AUTOMOUNTS 0x00000020u
#define MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH 0x00000040u
#define MNTCOMPAT_MOVE_MOUNT_SET_GROUP 0x00000100u /* Linux 5.15 */
#define MNTCOMPAT_MOVE_MOUNT_BENEATH 0x00000200u   /* Linux 6.5; on "/" 7.1 */

/* fsmount(2) flags */
#define MNTCOMPAT_FSMOUNT_CLOEXEC 0x00000001u	/* Linux 5.2 */
#define MNTCOMPAT_FSMOUNT_NAMESPACE 0x00000002u /* Linux 7.1 */

/* unshare(2) flag; it combines with the CLONE_* flags of <sched.h>. */
#define MNTCOMPAT_UNSHARE_EMPTY_MNTNS 0x00100000u /* Linux 7.1 */

/* clone3(2) flag; it combines with the CLONE_* flags of <sched.h>. */
#define MNTCOMPAT_CLONE_EMPTY_MNTNS 0x0000002000000000ull /* Linux 7.1 */

#define MNTCOMPAT_CLONE_ARGS_SIZE_VER0 64 /* Linux 5.3 */
#define MNTCOMPAT_CLONE_ARGS_SIZE_VER1 80 /* Linux 5.5: set_tid */
#define MNTCOMPAT_CLONE_ARGS_SIZE_VER2 88 /* Linux 5.7: cgroup */

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

/*
 * mount attributes (mntcompat_mount_attr.attr_set and .attr_clr; mntcompat_fsmount(); statmount's
 * mnt_attr)
 */
#define MNTCOMPAT_MOUNT_ATTR_RDONLY 0x00000001u /* Linux 5.2 */
#define MNTCOMPAT_MOUNT_ATTR_NOSUID 0x00000002u
#define MNTCOMPAT_MOUNT_ATTR_NODEV 0x00000004u
#define MNTCOMPAT_MOUNT_ATTR_NOEXEC 0x00000008u
#define MNTCOMPAT_MOUNT_ATTR__ATIME 0x00000070u /* a field of three values: */
#define MNTCOMPAT_MOUNT_ATTR_RELATIME 0x00000000u
#define MNTCOMPAT_MOUNT_ATTR_NOATIME 0x00000010u
#define MNTCOMPAT_MOUNT_ATTR_STRICTATIME 0x00000020u
#define MNTCOMPAT_MOUNT_ATTR_NODIRATIME 0x00000080u
#define MNTCOMPAT_MOUNT_ATTR_IDMAP 0x00100000u	     /* Linux 5.12 */
#define MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW 0x00200000u /* Linux 5.14 */

#define MNTCOMPAT_MOUNT_ATTR_SIZE_VER0 32 /* Linux 5.12 */

/* The attributes of mount_setattr(2) and open_tree_attr(2). */
struct mntcompat_mount_attr {
	uint64_t attr_set;    /* MOUNT_ATTR_* to set */
	uint64_t attr_clr;    /* MOUNT_ATTR_* to clear, before that */
	uint64_t propagation; /* one of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, or 0 */
	uint64_t userns_fd; /* MOUNT_ATTR_IDMAP: the user namespace with the id maps for the mount */
};

/* gcc and clang allow flexible array members in C++, but warn about them with -pedantic. */
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

/*
 * Errors: a negative value of any function is a failure, and errno has the reason. Functions that
 * stand in for a call of the kernel return -1; the library's own return -errno, the same number.
 */

/**
 * mntcompat_open_tree - open_tree(2) of Linux 7.3 on every kernel
 * @dfd:   directory file descriptor, or AT_FDCWD
 * @path:  path, relative to @dfd
 * @flags: OPEN_TREE_* | AT_*
 *
 * With MNTCOMPAT_OPEN_TREE_NAMESPACE: copies the mount that holds @path (with AT_RECURSIVE all
 * mounts below it as well) into a new mount namespace and returns its file descriptor, for
 * setns(2). Native from Linux 7.0 on, emulated before. MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS with
 * OPEN_TREE_CLONE leaves mounts of mount-namespace files out; Linux 7.4, emulated before. All other
 * flags are passed to the kernel (Linux 5.2). If a kernel before 6.15 returns EINVAL to
 * OPEN_TREE_CLONE of a detached tree, this function returns EOPNOTSUPP.
 *
 * Returns a file descriptor, or -1 with errno: EMFILE, ENFILE, EINVAL, EPERM, EFAULT, ENAMETOOLONG,
 * ENOENT, EBADF, ENOTDIR, ELOOP, EACCES, ENOSPC, ENOMEM as the kernel; ENOSYS if this system cannot
 * emulate the call; EOPNOTSUPP if it cannot for this tree. See mntcompat_open_tree(3).
 */
int mntcompat_open_tree(int dfd, const char *path, unsigned int flags);

/**
 * mntcompat_enter_tree - make a mount namespace of a directory and move the caller into it
 * @dfd:   directory file descriptor, or AT_FDCWD
 * @path:  path, relative to @dfd
 * @flags: AT_EMPTY_PATH, AT_NO_AUTOMOUNT, AT_SYMLINK_NOFOLLOW; AT_RECURSIVE: with the mounts below
 *
 * Does the same as mntcompat_open_tree(MNTCOMPAT_OPEN_TREE_NAMESPACE) and setns(2) with its result:
 * root and working directory of the calling thread are the root of the new namespace afterwards.
 * Before Linux 7.0 a process without threads does it without a helper and a descriptor.
 *
 * Returns 0, or -errno, and the caller is where it was: those of mntcompat_open_tree(), then EINVAL
 * (root and working directory are shared, as by threads), EPERM (without CAP_SYS_CHROOT).
 * ENOTRECOVERABLE: the caller is in an unfinished namespace and has to end. See
 * mntcompat_enter_tree(3).
 */
int mntcompat_enter_tree(int dfd, const char *path, unsigned int flags);

/**
 * mntcompat_fsmount - fsmount(2) of Linux 7.3 on every kernel
 * @fs_fd:      filesystem context of fsopen(2), created
 * @flags:      FSMOUNT_CLOEXEC, FSMOUNT_NAMESPACE
 * @attr_flags: MOUNT_ATTR_* of the mount
 *
 * With MNTCOMPAT_FSMOUNT_NAMESPACE: makes a mount namespace that contains only the new mount and
 * returns its file descriptor, for setns(2). Native from Linux 7.1 on, emulated before. All other
 * flags are passed to the kernel (Linux 5.2).
 *
 * Returns a file descriptor, or -1 with errno: EINVAL, EPERM, EBADF, EBUSY, ENOTDIR, ENOSPC,
 * EMFILE, ENFILE, ENOMEM as the kernel; ENOSYS if this system cannot emulate the call; EOPNOTSUPP
 * if it cannot for this caller. See mntcompat_fsmount(3).
 */
int mntcompat_fsmount(int fs_fd, unsigned int flags, unsigned int attr_flags);

/**
 * mntcompat_unshare - unshare(2) of Linux 7.3 on every kernel
 * @flags: CLONE_* of <sched.h>, MNTCOMPAT_UNSHARE_EMPTY_MNTNS
 *
 * With MNTCOMPAT_UNSHARE_EMPTY_MNTNS: the calling thread moves into a new mount namespace that
 * contains only an empty root, which becomes its root and working directory. Native from Linux 7.1
 * on, emulated before. All other flags are passed to the kernel.
 *
 * Returns 0, or -1 with errno: EINVAL, EPERM, ENOSPC, EUSERS, ENOMEM, EMFILE, ENFILE as the kernel;
 * ENOSYS if this system cannot emulate the call; EOPNOTSUPP if it cannot with these flags or for
 * this caller. See mntcompat_unshare(3).
 */
int mntcompat_unshare(unsigned int flags);

/**
 * mntcompat_clone3 - clone3(2) of Linux 7.3 on every kernel, for children with memory of their own
 * @args: the arguments of clone3(2); a stack, CLONE_VM and CLONE_SETTLS are refused
 * @size: its size in bytes, 64 or more
 *
 * Returns like fork(2) in both processes. With MNTCOMPAT_CLONE_EMPTY_MNTNS the child starts in a
 * new mount namespace that contains only an empty root. Native from Linux 7.1 on, emulated before.
 * All other flags are passed to the kernel (Linux 5.3).
 *
 * Returns the child's pid, 0 in the child, or -1 with errno: EINVAL, E2BIG, EFAULT, EPERM, EAGAIN,
 * ENOSPC, ENOMEM, EMFILE, ENFILE and others as the kernel; ENOSYS if this system cannot emulate the
 * call; EOPNOTSUPP if it cannot with these flags or for this caller. See mntcompat_clone3(3).
 */
pid_t mntcompat_clone3(const struct mntcompat_clone_args *args, size_t size);

/**
 * mntcompat_move_mount - move_mount(2), with EOPNOTSUPP where the kernel is too old
 * @from_dfd, @from: the mount to move
 * @to_dfd, @to:     the new mount point
 * @flags:           MOVE_MOUNT_*
 *
 * Makes the kernel's own call (Linux 5.2). Where that returns EINVAL only because the kernel is
 * older than MOVE_MOUNT_BENEATH, MOVE_MOUNT_SET_GROUP or detached trees on detached trees, this
 * function returns EOPNOTSUPP: an emulation of these would be visible to other processes.
 *
 * Returns 0, or -1 with errno as the kernel; ENOSYS before Linux 5.2. See mntcompat_move_mount(3).
 */
int mntcompat_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
			 unsigned int flags);

/**
 * mntcompat_mount_setattr - mount_setattr(2) of Linux 7.3 on every kernel
 * @dfd:   directory file descriptor, or AT_FDCWD
 * @path:  path, relative to @dfd
 * @flags: AT_EMPTY_PATH, AT_RECURSIVE, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT
 * @attr:  the changes
 * @size:  its size in bytes, 32 or more
 *
 * Changes attributes and propagation of the mount at @path, with AT_RECURSIVE of all mounts below
 * it as well; makes either all changes or none. Native from Linux 5.12 on, emulated by mount(2)
 * before.
 *
 * Returns 0, or -1 with errno: EINVAL, E2BIG, EPERM, EFAULT, ENAMETOOLONG, ENOENT, EBADF, ENOTDIR,
 * ELOOP, EACCES, EBUSY, ENOSPC, ENOMEM, ENFILE as the kernel; ENOSYS if this system cannot emulate
 * the call; EOPNOTSUPP if it cannot for this mount or attribute: id-mapped and detached mounts
 * before 5.12, for instance. See mntcompat_mount_setattr(3).
 */
int mntcompat_mount_setattr(int dfd, const char *path, unsigned int flags,
			    const struct mntcompat_mount_attr *attr, size_t size);

/**
 * mntcompat_open_tree_attr - open_tree_attr(2) of Linux 7.3 on every kernel
 * @dfd, @path, @flags: as mntcompat_open_tree()
 * @attr:  the changes, or NULL
 * @size:  its size in bytes, 32 or more; 0 with NULL
 *
 * Does the same as mntcompat_open_tree(), and changes attributes as mntcompat_mount_setattr() does:
 * with MNTCOMPAT_OPEN_TREE_CLONE those of the copy, before it is returned; without it those of the
 * mount itself. Native from Linux 6.15 on, emulated before.
 *
 * Returns a file descriptor, or -1 with the errors of these two. See mntcompat_open_tree_attr(3).
 */
int mntcompat_open_tree_attr(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size);

/**
 * mntcompat_statmount - statmount(2) of Linux 7.3 on every kernel
 * @req:     request; req->size is 24 or 32 or more, req->param the mask
 * @buf:     receives the answer
 * @bufsize: its size in bytes
 * @flags:   0, or MNTCOMPAT_STATMOUNT_BY_FD (the mount that holds req->mnt_fd; Linux 7.0)
 *
 * Returns 0, or -1 with errno: EINVAL, EPERM, ENOENT, EBADF, EFAULT, E2BIG, EOVERFLOW, ENOMEM as
 * the kernel; ENOSYS if this system cannot emulate the call; EOPNOTSUPP if it cannot for this
 * mount. See mntcompat_statmount(3).
 */
int mntcompat_statmount(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
			size_t bufsize, unsigned int flags);

/**
 * mntcompat_statmount_alloc - mntcompat_statmount() into a buffer that it allocates
 * @req, @flags: as mntcompat_statmount()
 * @answer:      receives the answer; release it with free(3)
 *
 * Returns 0, or -errno as mntcompat_statmount(); -EOVERFLOW only for an answer of more than 16 MiB.
 */
int mntcompat_statmount_alloc(const struct mntcompat_mnt_id_req *req, unsigned int flags,
			      struct mntcompat_statmount **answer);

/**
 * mntcompat_statmount_string - a string of an answer
 * @mount: the answer
 * @field: MNTCOMPAT_STATMOUNT_MNT_ROOT, _MNT_POINT, _FS_TYPE, _MNT_OPTS, _FS_SUBTYPE or _SB_SOURCE
 *
 * Returns the string, which is part of @mount, or NULL if the answer has no such field.
 */
const char *mntcompat_statmount_string(const struct mntcompat_statmount *mount, uint64_t field);

/**
 * mntcompat_statmount_next - the strings of an array of an answer, one after the other
 * @mount:    the answer
 * @field:    MNTCOMPAT_STATMOUNT_OPT_ARRAY, _OPT_SEC_ARRAY, _MNT_UIDMAP or _MNT_GIDMAP
 * @previous: what the last call returned, NULL for the first
 *
 * Returns the string, which is part of @mount, or NULL after the last one, and if the answer has no
 * such field.
 */
const char *mntcompat_statmount_next(const struct mntcompat_statmount *mount, uint64_t field,
				     const char *previous);

/* Sufficient for the words of any value. */
#define MNTCOMPAT_WORDS_SIZE 128

/**
 * mntcompat_attr_words, mntcompat_propagation_words, mntcompat_sb_flags_words - bits as words
 * @attr, @propagation, @sb_flags: fields of an answer: mnt_attr, mnt_propagation, sb_flags
 * @buf:  receives the words, separated by commas: "relatime,ro,nosuid", "shared,slave", "ro,sync"
 * @size: its size in bytes; MNTCOMPAT_WORDS_SIZE suffices
 *
 * Bits without a word are written as one hexadecimal number, no bits as "none".
 *
 * Returns the length of all words, as snprintf(3): the text was cut off if it is @size or more.
 */
size_t mntcompat_attr_words(uint64_t attr, char *buf, size_t size);
size_t mntcompat_propagation_words(uint64_t propagation, char *buf, size_t size);
size_t mntcompat_sb_flags_words(uint64_t sb_flags, char *buf, size_t size);

/**
 * mntcompat_statx - statx(2) of Linux 7.3, with unique mount ids on every kernel
 * @dfd, @path, @flags: as statx(2); @path may be NULL with AT_EMPTY_PATH (Linux 6.11)
 * @mask:  STATX_*; with MNTCOMPAT_STATX_MNT_ID_UNIQUE (Linux 6.8) stx_mnt_id is the id that
 *         mntcompat_statmount() uses
 * @buf:   receives the answer, 256 bytes
 *
 * Everything else is passed to the kernel unchanged.
 *
 * Returns 0, or -1 with errno as statx(2): EACCES, EBADF, EFAULT, EINVAL, ELOOP, ENAMETOOLONG,
 * ENOENT, ENOMEM, ENOTDIR, and errors of filesystems; ENOSYS if this system cannot emulate the id;
 * EOPNOTSUPP if a system call filter hides it. See mntcompat_statx(3).
 */
int mntcompat_statx(int dfd, const char *path, int flags, unsigned int mask,
		    struct mntcompat_statx *buf);

/**
 * mntcompat_name_to_handle_at - name_to_handle_at(2) with unique mount ids on every kernel
 * @dfd, @path: as name_to_handle_at(2)
 * @handle:   file handle; handle->handle_bytes is the room behind it in bytes
 * @mount_id: receives an int, or with MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE (Linux 6.12) a uint64_t:
 *            the id that mntcompat_statmount() uses
 * @flags:    AT_EMPTY_PATH | AT_SYMLINK_FOLLOW | AT_HANDLE_*
 *
 * All other flags are passed to the kernel.
 *
 * Returns 0, or -1 with errno as name_to_handle_at(2): EINVAL, EFAULT, EOVERFLOW, EOPNOTSUPP,
 * EBADF, EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, ENOMEM, and errors of filesystems; ENOSYS if
 * a system call filter hides the call. See mntcompat_name_to_handle_at(3).
 */
int mntcompat_name_to_handle_at(int dfd, const char *path, struct mntcompat_file_handle *handle,
				void *mount_id, int flags);

/**
 * mntcompat_listmount - listmount(2) of Linux 7.3 on every kernel
 * @req:     request; req->size is 24 or 32 or more, req->mnt_id the mount whose descendants are
 *           listed, or MNTCOMPAT_LSMT_ROOT; req->param the last id that was seen, 0 to begin
 * @mnt_ids: receives the unique ids
 * @nr_mnt_ids: the number of its elements, at most 1,000,000
 * @flags:   0, or MNTCOMPAT_LISTMOUNT_REVERSE: from the largest id to the smallest (Linux 6.11)
 *
 * Native from Linux 6.8 on, emulated before. The ids are the ones that mntcompat_statmount() takes.
 *
 * Returns the number of ids, 0 if there are no more, or -1 with errno: EINVAL, EPERM, ENOENT,
 * EBADF, EFAULT, E2BIG, EOVERFLOW, ENOMEM as the kernel; ENOSYS if this system cannot emulate the
 * call; EOPNOTSUPP if it cannot for this mount or namespace. See mntcompat_listmount(3).
 */
ssize_t mntcompat_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids,
			    size_t nr_mnt_ids, unsigned int flags);

/**
 * mntcompat_namespace_id - ioctl NS_GET_ID of Linux 6.18 on every kernel
 * @fd: file descriptor of a namespace of any kind, not opened with O_PATH
 * @id: receives its id; before Linux 6.18 (mount namespaces: 6.11) one that is derived from the
 *      inode number of the namespace's file
 *
 * Returns 0, or -1 with errno: EBADF, ENOTTY (not a namespace), EFAULT, ENOMEM; EOPNOTSUPP if a
 * system call filter hides the id. See mntcompat_namespace_id(3).
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
 * Returns 0, or -1 with errno: EBADF, ENOTTY, EINVAL (another kind, or @info is NULL), EFAULT,
 * ENOMEM; ENOSYS without procfs; EOPNOTSUPP if the mounts cannot be counted. See
 * mntcompat_mount_namespace_info(3).
 */
int mntcompat_mount_namespace_info(int fd, struct mntcompat_mnt_ns_info *info);

/**
 * mntcompat_mount_namespace_next, _prev - ioctls NS_MNT_GET_NEXT, _PREV of Linux 6.12
 * @fd:   file descriptor of a mount namespace
 * @info: receives the description of the namespace that is found, as
 *        mntcompat_mount_namespace_info()
 *
 * Opens the mount namespace with the next higher or lower id. Needs root in the initial user and
 * pid namespaces.
 *
 * Returns a file descriptor (O_RDONLY, CLOEXEC), or -1 with errno: EBADF, ENOTTY, EPERM, EINVAL,
 * ENOENT (no such namespace), EFAULT, EMFILE, ENFILE, ENOMEM; ENOSYS, EOPNOTSUPP as above.
 */
int mntcompat_mount_namespace_next(int fd, struct mntcompat_mnt_ns_info *info);
int mntcompat_mount_namespace_prev(int fd, struct mntcompat_mnt_ns_info *info);

/**
 * mntcompat_mount_namespace_of - the mount namespace of a process
 * @pid: a process of the caller's pid namespace; 0: the caller
 *
 * Without procfs from Linux 6.11 on. Needs the permission to read the process (ptrace(2)), as the
 * file /proc/PID/ns/mnt does.
 *
 * Returns a file descriptor (O_RDONLY, CLOEXEC), or -errno: EINVAL, ESRCH (no such process),
 * EACCES, EMFILE, ENFILE, ENOMEM; ENOSYS without procfs; EOPNOTSUPP if a system call filter hides
 * the answer. See mntcompat_mount_namespace_of(3).
 */
int mntcompat_mount_namespace_of(pid_t pid);

/**
 * mntcompat_listns - listns(2) of Linux 7.3 on every kernel
 * @req:       request: size, 32 or more; ns_id, the last id that was seen, or 0; ns_type, the kinds
 *             of namespaces (MNTCOMPAT_*_NS), or 0 for all; user_ns_id, the owner of the
 *             namespaces, MNTCOMPAT_LISTNS_CURRENT_USER for the caller's user namespace, or 0 for
 *             any
 * @ns_ids:    receives ids, ascending
 * @nr_ns_ids: the number of its elements, at most 1,000,000
 * @flags:     0
 *
 * The privileged (root in the initial user and pid namespaces) see all namespaces, other callers
 * only their own. Native from Linux 6.19 on, emulated with procfs before.
 *
 * Returns the number of ids, or -1 with errno: EINVAL, EOVERFLOW, EFAULT, E2BIG, ENOENT, ENOMEM as
 * the kernel; EOPNOTSUPP for an unknown kind, or if the answer cannot be found out; ENOSYS if this
 * system cannot emulate the call. See mntcompat_listns(3).
 */
ssize_t mntcompat_listns(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
			 unsigned int flags);

/* The source of the rows of a walk. */
enum mntcompat_table_way {
	MNTCOMPAT_TABLE_ANY = 0,       /* the cheapest that has all requested fields */
	MNTCOMPAT_TABLE_MOUNTINFO = 1, /* one reading of mountinfo */
	MNTCOMPAT_TABLE_LISTMOUNT = 2  /* listmount, and statmount for each mount */
};

/* The options of a walk. Fields beyond @size are taken as zero. */
struct mntcompat_table_options {
	size_t size;	    /* sizeof(struct mntcompat_table_options) */
	uint64_t mask;	    /* MNTCOMPAT_STATMOUNT_*; MNT_BASIC is always requested */
	uint64_t mnt_id;    /* the mounts below this one; 0 or MNTCOMPAT_LSMT_ROOT: all */
	uint64_t mnt_ns_id; /* of a mount namespace; 0: none */
	uint32_t mnt_ns_fd; /* of a mount namespace; 0: none; without both: the caller's */
	__extension__ union {
		uint32_t way;	  /* enum mntcompat_table_way */
		uint32_t backend; /* the same, in sources that are older than its name */
	};
};

struct mntcompat_table;

/**
 * mntcompat_table_open - begin a walk over the mounts of a namespace
 * @options: the fields and the mounts
 * @table:   receives the walk; end it with mntcompat_table_close()
 *
 * The set of mounts is that of one moment within this call, whose cost is proportional to their
 * number. With mountinfo their fields are read here as well, with listmount by
 * mntcompat_table_next().
 *
 * Returns 0, or -errno: EINVAL, E2BIG (options that this library does not know), the errors of
 * mntcompat_listmount(), and EAGAIN if mounts change faster than they can be read. See
 * mntcompat_table_open(3).
 */
int mntcompat_table_open(const struct mntcompat_table_options *options,
			 struct mntcompat_table **table);

/**
 * mntcompat_table_next - the next row, in ascending order of unique ids
 * @row: receives an answer as of mntcompat_statmount(), valid until the next call with this @table
 *
 * Returns 1, 0 after the last row, or -errno as mntcompat_statmount(); after an error it may be
 * called again. Only one thread at a time may use a walk.
 */
int mntcompat_table_next(struct mntcompat_table *table, const struct mntcompat_statmount **row);

/** mntcompat_table_close - end a walk and release its rows; NULL does nothing */
void mntcompat_table_close(struct mntcompat_table *table);

/* The choice between the kernel's calls and the emulations. */
enum mntcompat_mode {
	MNTCOMPAT_MODE_AUTO = 0, /* the kernel's call where it exists, else an emulation */
	MNTCOMPAT_MODE_NATIVE =
		1, /* only the kernel's calls; it returns ENOSYS or EINVAL without them */
	MNTCOMPAT_MODE_EMULATE = 2 /* always an emulation, even if the kernel has the call */
};

/**
 * mntcompat_set_mode - choose between the kernel's calls and emulations (environment:
 * MNTCOMPAT_MODE)
 *
 * Applies to the whole process. Returns 0, or -EINVAL for an unknown mode.
 */
int mntcompat_set_mode(enum mntcompat_mode mode);
enum mntcompat_mode mntcompat_get_mode(void);

/**
 * mntcompat_set_kernel - behave as on a kernel that old (environment: MNTCOMPAT_KERNEL)
 * @release: "5.10", "6.12"…, or NULL for the running kernel
 *
 * The library treats everything newer than @release as absent, in the choice of the way and inside
 * the emulations. Applies to the whole process. Returns 0, or -EINVAL if @release is not a version.
 */
int mntcompat_set_kernel(const char *release);

/**
 * mntcompat_get_kernel - the version that was set, by MNTCOMPAT_KERNEL or mntcompat_set_kernel()
 * @major, @minor: receive the version
 *
 * Returns 1, or 0 if no version was set.
 */
int mntcompat_get_kernel(unsigned int *major, unsigned int *minor);

/**
 * mntcompat_set_debug - print to stderr the way of each call, and the reason
 * @level: 0 nothing, 1 a line for each call, 2 every step (environment: MNTCOMPAT_DEBUG)
 */
void mntcompat_set_debug(int level);

/*
 * The ways in which a call can be answered; mntcompat_last_way() returns that of the calling
 * thread's last call.
 */
enum mntcompat_way {
	MNTCOMPAT_WAY_NONE = 0,		   /* no call yet, or it ended before a way was chosen */
	MNTCOMPAT_WAY_NATIVE = 1,	   /* the kernel's own call */
	MNTCOMPAT_WAY_STATMOUNT_BY_ID = 2, /* statx + statmount by id (Linux 6.8) */
	MNTCOMPAT_WAY_MOUNTINFO = 3,	   /* a line of mountinfo */
	MNTCOMPAT_WAY_FD = 4,		   /* calls on the file descriptor itself */
	MNTCOMPAT_WAY_OTHER_NAMESPACE = 5, /* found in another mount namespace */
	MNTCOMPAT_WAY_TEMPLATE = 6,	   /* clone moved into a copy of an empty namespace */
	MNTCOMPAT_WAY_UNSHARE = 7,	   /* the caller's namespace copied, then emptied */
	MNTCOMPAT_WAY_BIND = 8,		   /* the same with mount(2) and pivot_root(2) alone */
	MNTCOMPAT_WAY_OLD_ID = 9, /* an id derived from the old mount id (before Linux 6.8) */
	MNTCOMPAT_WAY_MOUNT_SETATTR = 10, /* mount_setattr(2) on what open_tree(2) opened */
	MNTCOMPAT_WAY_REMOUNT = 11,	  /* mount(2), mount by mount */
	MNTCOMPAT_WAY_SCRATCH = 12,	  /* made in a mount namespace of a helper */
	MNTCOMPAT_WAY_LISTMOUNT = 13,	  /* listmount of Linux 6.8, completed by the library */
	MNTCOMPAT_WAY_INODE = 14,	  /* an id derived from the inode number of a namespace */
	MNTCOMPAT_WAY_PROCFS = 15	  /* entries of other processes in procfs */
};
enum mntcompat_way mntcompat_last_way(void);

/** mntcompat_way_name - a short word for a way ("native", "template", …), never NULL */
const char *mntcompat_way_name(enum mntcompat_way way);

/** mntcompat_version - version of the library, "0.1.0" */
const char *mntcompat_version(void);

#ifdef __cplusplus
}
#endif

/* The layouts are those of the kernel. */
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
