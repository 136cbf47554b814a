/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names.h - says every name of the family the way programs written against Linux 7.3 do.
 * Nothing here is ours: neither a header nor a prefix. Included by the generated files of
 * matrix.py, after the system's headers in some order, and by run.c.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

#if defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L)
#define NAMES_ASSERT(name, cond) static_assert(cond, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define NAMES_ASSERT(name, cond) _Static_assert(cond, #name)
#else
#define NAMES_ASSERT(name, cond) typedef char names_assert_##name[(cond) ? 1 : -1]
#endif

#ifdef NAMES_LINUX_MOUNT
NAMES_ASSERT(sm, sizeof(struct statmount) == 512);
NAMES_ASSERT(sm_opt, offsetof(struct statmount, opt_array) == 132);
NAMES_ASSERT(sm_gidmap, offsetof(struct statmount, mnt_gidmap) == 164);
NAMES_ASSERT(sm_opts, offsetof(struct statmount, mnt_opts) == 4);
NAMES_ASSERT(sm_str, offsetof(struct statmount, str) == 512);
NAMES_ASSERT(req, sizeof(struct mnt_id_req) == MNT_ID_REQ_SIZE_VER1);
NAMES_ASSERT(req_fd, offsetof(struct mnt_id_req, mnt_fd) == 4 &&
			     offsetof(struct mnt_id_req, mnt_ns_fd) == 4);
NAMES_ASSERT(req_0, MNT_ID_REQ_SIZE_VER0 == 24);
NAMES_ASSERT(attr, sizeof(struct mount_attr) == MOUNT_ATTR_SIZE_VER0);
NAMES_ASSERT(tree, OPEN_TREE_CLONE == 1 && OPEN_TREE_NAMESPACE == 2);
NAMES_ASSERT(fsmount, FSMOUNT_CLOEXEC == 1 && FSMOUNT_NAMESPACE == 2);
NAMES_ASSERT(move, MOVE_MOUNT_F_EMPTY_PATH == 4 && MOVE_MOUNT_T_EMPTY_PATH == 0x40 &&
			   MOVE_MOUNT_SET_GROUP == 0x100 && MOVE_MOUNT_BENEATH == 0x200);
NAMES_ASSERT(sm_bits,
	     (STATMOUNT_SB_BASIC | STATMOUNT_MNT_BASIC | STATMOUNT_PROPAGATE_FROM |
	      STATMOUNT_MNT_ROOT | STATMOUNT_MNT_POINT | STATMOUNT_FS_TYPE | STATMOUNT_MNT_NS_ID |
	      STATMOUNT_MNT_OPTS | STATMOUNT_FS_SUBTYPE | STATMOUNT_SB_SOURCE |
	      STATMOUNT_OPT_ARRAY | STATMOUNT_OPT_SEC_ARRAY | STATMOUNT_SUPPORTED_MASK |
	      STATMOUNT_MNT_UIDMAP | STATMOUNT_MNT_GIDMAP) == 0x7fff);
NAMES_ASSERT(by_fd, STATMOUNT_BY_FD == 1 && LISTMOUNT_REVERSE == 1 && LSMT_ROOT == UINT64_MAX);
NAMES_ASSERT(attrs, MOUNT_ATTR_RDONLY == 1 && MOUNT_ATTR__ATIME == 0x70 &&
			    MOUNT_ATTR_IDMAP == 0x100000 && MOUNT_ATTR_NOSYMFOLLOW == 0x200000);
NAMES_ASSERT(fsconfig,
	     FSCONFIG_SET_STRING == 1 && FSCONFIG_CMD_CREATE == 6 && FSCONFIG_CMD_CREATE_EXCL == 8);
NAMES_ASSERT(ms,
	     MS_RDONLY == 1 && MS_NOSYMFOLLOW == 256 && MS_REC == 16384 && MS_SHARED == 1 << 20);
#endif

#ifdef NAMES_STAT
NAMES_ASSERT(stx, sizeof(struct statx) == 256);
NAMES_ASSERT(stx_mnt_id, offsetof(struct statx, stx_mnt_id) == 0x90);
NAMES_ASSERT(stx_read, offsetof(struct statx, stx_dio_read_offset_align) == 0xb4);
NAMES_ASSERT(stx_bits, STATX_MNT_ID == 0x1000 && STATX_MNT_ID_UNIQUE == 0x4000 &&
			       STATX_SUBVOL == 0x8000 && STATX_BASIC_STATS == 0x7ff &&
			       STATX_ATTR_MOUNT_ROOT == 0x2000);
#endif

#ifdef NAMES_FCNTL
NAMES_ASSERT(handle,
	     AT_HANDLE_MNT_ID_UNIQUE == 1 && AT_HANDLE_FID == 0x200 && AT_HANDLE_CONNECTABLE == 2);
NAMES_ASSERT(at, AT_RECURSIVE == 0x8000 && AT_EMPTY_PATH == 0x1000);
#endif

#ifdef NAMES_SCHED
NAMES_ASSERT(empty, UNSHARE_EMPTY_MNTNS == 0x100000 && CLONE_EMPTY_MNTNS == 1ULL << 37);
#endif

#ifdef NAMES_NSFS
NAMES_ASSERT(info, sizeof(struct mnt_ns_info) == MNT_NS_INFO_SIZE_VER0);
NAMES_ASSERT(ns_req, sizeof(struct ns_id_req) == NS_ID_REQ_SIZE_VER0);
NAMES_ASSERT(ns_req_user, offsetof(struct ns_id_req, user_ns_id) == 24);
NAMES_ASSERT(kinds, MNT_NS == 1 << 17 && TIME_NS == 1 << 7 && NET_NS == 1 << 30 &&
			    LISTNS_CURRENT_USER == UINT64_MAX);
#endif

#ifdef NAMES_NUMBERS
NAMES_ASSERT(numbers, SYS_statmount == SYS_listmount - 1 && SYS_listns - SYS_statmount == 13 &&
			      SYS_open_tree_attr - SYS_statmount == 10 &&
			      SYS_statmount - SYS_mount_setattr == 15);
NAMES_ASSERT(raw_numbers, __NR_statmount == SYS_statmount && __NR_listns == SYS_listns);
#endif

/* --- the functions: each is written once as a program would --- */

#ifdef NAMES_LINUX_MOUNT
/* The id of the mount behind a file descriptor, and how many mounts lie below it. */
int names_statmount(int fd, struct statmount *sm, size_t size);
int names_statmount(int fd, struct statmount *sm, size_t size)
{
	struct mnt_id_req req;

	req.size = MNT_ID_REQ_SIZE_VER1;
	req.mnt_fd = (uint32_t)fd;
	req.mnt_id = 0;
	req.param = STATMOUNT_MNT_BASIC | STATMOUNT_FS_TYPE | STATMOUNT_MNT_POINT;
	req.mnt_ns_id = 0;
	return statmount(&req, sm, size, STATMOUNT_BY_FD);
}

long names_listmount(uint64_t mnt_id, uint64_t *ids, size_t n);
long names_listmount(uint64_t mnt_id, uint64_t *ids, size_t n)
{
	struct mnt_id_req req;
	__u64 one;

	req.size = MNT_ID_REQ_SIZE_VER0;
	req.mnt_ns_fd = 0;
	req.mnt_id = mnt_id ? mnt_id : LSMT_ROOT;
	req.param = 0;
	/* Both spellings of 64 bits are in use. */
	if (listmount(&req, &one, 1, LISTMOUNT_REVERSE) < 0)
		return -1;
	return listmount(&req, ids, n, 0);
}

int names_open_tree_attr(int dfd, const char *path, int flags);
int names_open_tree_attr(int dfd, const char *path, int flags)
{
	struct mount_attr attr;

	attr.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSYMFOLLOW;
	attr.attr_clr = 0;
	attr.propagation = 0;
	attr.userns_fd = 0;
	return open_tree_attr(dfd, path, OPEN_TREE_CLONE | (unsigned int)flags, &attr,
			      sizeof(attr));
}
#endif

#ifdef NAMES_SYS_MOUNT
/* Members, types and variables may have the functions' names, and the functions have addresses. */
struct names_operations {
	int (*open_tree)(int dfd, const char *path, unsigned int flags);
	int (*move_mount)(int from_dfd, const char *from, int to_dfd, const char *to,
			  unsigned int flags);
	int fsmount;
};

int names_open_tree(const char *path);
int names_open_tree(const char *path)
{
	struct names_operations operations;

	operations.open_tree = open_tree;
	operations.move_mount = move_mount;
	operations.fsmount = 0;
	if (!operations.move_mount || operations.fsmount)
		return -1;
	return operations.open_tree(-100, path, OPEN_TREE_NAMESPACE | OPEN_TREE_CLOEXEC);
}

int names_fsmount(void);
int names_fsmount(void)
{
	struct mount_attr attr;
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), fd;

	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0700", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	fd = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV);
	attr.attr_set = MOUNT_ATTR_NOSUID;
	attr.attr_clr = 0;
	attr.propagation = MS_PRIVATE;
	attr.userns_fd = 0;
	if (fd < 0 || mount_setattr(fd, "", 0x1000, &attr, sizeof(attr)) < 0)
		return -1;
	return fd;
}

int names_mount(const char *where);
int names_mount(const char *where)
{
	return mount("none", where, "tmpfs", MS_NODEV | MS_NOSYMFOLLOW, NULL) < 0 ?
		       -1 :
		       umount2(where, MNT_DETACH);
}
#endif

#ifdef NAMES_STAT
#ifdef NAMES_SYS_STAT
int names_statx(const char *path, uint64_t *id);
int names_statx(const char *path, uint64_t *id)
{
	struct statx stx;
	struct stat st;

	if (stat(path, &st) < 0 || statx(-100, path, 0, STATX_MNT_ID_UNIQUE | STATX_INO, &stx) < 0)
		return -1;
	*id = stx.stx_mnt_id;
	return (stx.stx_mask & STATX_MNT_ID_UNIQUE) != 0 && stx.stx_ino == st.st_ino;
}
#endif
#endif

#ifdef NAMES_FCNTL_FUNCTION
int names_handle(const char *path, uint64_t *id);
int names_handle(const char *path, uint64_t *id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u;

	u.handle.handle_bytes = MAX_HANDLE_SZ;
	return name_to_handle_at(AT_FDCWD, path, &u.handle, (int *)(void *)id,
				 AT_HANDLE_MNT_ID_UNIQUE);
}
#endif

#ifdef NAMES_SCHED_FUNCTION
int names_unshare(void);
int names_unshare(void)
{
	return unshare(UNSHARE_EMPTY_MNTNS);
}
#endif

#ifdef NAMES_NSFS
long names_listns(uint64_t *ids, size_t n);
long names_listns(uint64_t *ids, size_t n)
{
	struct ns_id_req req;

	req.size = NS_ID_REQ_SIZE_VER0;
	req.spare = 0;
	req.ns_id = 0;
	req.ns_type = MNT_NS;
	req.spare2 = 0;
	req.user_ns_id = 0;
	return listns(&req, ids, n, 0);
}
#endif

#ifdef NAMES_NSFS_IOCTL
int names_ioctl(int fd, uint64_t *id, unsigned int *mounts);
int names_ioctl(int fd, uint64_t *id, unsigned int *mounts)
{
	struct mnt_ns_info info;
	int kind = ioctl(fd, NS_GET_NSTYPE);

	info.size = sizeof(info);
	if (kind != MNT_NS || ioctl(fd, NS_GET_ID, id) < 0 || ioctl(fd, NS_MNT_GET_INFO, &info) < 0)
		return -1;
	*mounts = info.nr_mounts;
	return info.mnt_ns_id == *id ? 0 : -1;
}
#endif

#ifdef NAMES_NUMBERS
long names_syscall(const void *req, void *buf, size_t size, unsigned int flags);
long names_syscall(const void *req, void *buf, size_t size, unsigned int flags)
{
	return syscall(SYS_statmount, req, buf, size, flags);
}
#endif

#endif
