/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * uapi.h - the kernel's numbers, requests, flags and magics that the headers of a build host may
 * lack, each of them once. Constants with a public name in <mntcompat.h>, and those that every C
 * library declares (CLONE_NEWNS, MS_SHARED, SYS_statx), are not repeated here. uapi.c compares them
 * with the headers of the build host, where these know the name.
 * Contains constants only.
 */
#ifndef MNTCOMPAT_COMPAT_KERNEL_UAPI_H
#define MNTCOMPAT_COMPAT_KERNEL_UAPI_H

#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <mntcompat.h>

/* --- system calls --- */

/* From 424 up all architectures use the same numbers, but count from different beginnings. */
#if defined(__alpha__)
#define UAPI_NR(n) (110 + (n))
#elif defined(__NR_Linux) /* MIPS: 4000, 5000 (n64) or 6000 (n32); Itanium: 1024 */
#define UAPI_NR(n) (__NR_Linux + (n))
#elif defined(__mips__)
#error "<sys/syscall.h> does not define __NR_Linux"
#elif defined(__x86_64__) && defined(__ILP32__)
#define UAPI_NR(n) (0x40000000 + (n)) /* x32 */
#else
#define UAPI_NR(n) (n)
#endif

enum {
	UAPI_NR_open_tree = UAPI_NR(428), /* Linux 5.2 */
	UAPI_NR_move_mount = UAPI_NR(429),
	UAPI_NR_fsopen = UAPI_NR(430),
	UAPI_NR_fsconfig = UAPI_NR(431),
	UAPI_NR_fsmount = UAPI_NR(432),
	UAPI_NR_fspick = UAPI_NR(433),
	UAPI_NR_pidfd_open = UAPI_NR(434),		/* 5.3 */
	UAPI_NR_clone3 = UAPI_NR(435),			/* 5.3 */
	UAPI_NR_close_range = UAPI_NR(436),		/* 5.9 */
	UAPI_NR_openat2 = UAPI_NR(437),			/* 5.6 */
	UAPI_NR_pidfd_getfd = UAPI_NR(438),		/* 5.6 */
	UAPI_NR_mount_setattr = UAPI_NR(442),		/* 5.12 */
	UAPI_NR_landlock_create_ruleset = UAPI_NR(444), /* 5.13 */
	UAPI_NR_landlock_restrict_self = UAPI_NR(446),
	UAPI_NR_statmount = UAPI_NR(457),      /* 6.8 */
	UAPI_NR_listmount = UAPI_NR(458),      /* 6.8 */
	UAPI_NR_open_tree_attr = UAPI_NR(467), /* 6.15 */
	UAPI_NR_file_getattr = UAPI_NR(468),   /* 6.17 */
	UAPI_NR_listns = UAPI_NR(470),	       /* 6.19 */
	UAPI_NR_fchroot = UAPI_NR(472),	       /* 7.3 */
};

/* Newer 32-bit architectures have only the calls with a 64-bit time. */
#ifdef SYS_rt_sigtimedwait
#define UAPI_NR_rt_sigtimedwait SYS_rt_sigtimedwait
#else
#define UAPI_NR_rt_sigtimedwait SYS_rt_sigtimedwait_time64
#endif
#ifdef SYS_futex
#define UAPI_NR_futex SYS_futex
#else
#define UAPI_NR_futex SYS_futex_time64
#endif

/* The numbers that 32-bit programs use on a 64-bit kernel; from 424 up they are those of the 64-bit
 * programs. */
#if defined(__x86_64__)
#define UAPI_NR32_ioctl 54
#define UAPI_NR32_unshare 310
#define UAPI_NR32_name_to_handle_at 341
#define UAPI_NR32_statx 383
#elif defined(__aarch64__)
#define UAPI_NR32_ioctl 54
#define UAPI_NR32_unshare 337
#define UAPI_NR32_name_to_handle_at 370
#define UAPI_NR32_statx 397
#else /* no 32-bit programs with numbers of their own */
#define UAPI_NR32_ioctl (-1)
#define UAPI_NR32_unshare (-1)
#define UAPI_NR32_name_to_handle_at (-1)
#define UAPI_NR32_statx (-1)
#endif

/* --- ioctl --- */

/*
 * The direction bits differ between architectures: MIPS, PowerPC, SPARC and Alpha give _IO() a bit.
 */
#define UAPI_NSFS_IOCTL 0xb7
#define UAPI_NS_GET_USERNS _IO(UAPI_NSFS_IOCTL, 1)				     /* Linux 4.9 */
#define UAPI_NS_GET_PARENT _IO(UAPI_NSFS_IOCTL, 2)				     /* 4.9 */
#define UAPI_NS_GET_NSTYPE _IO(UAPI_NSFS_IOCTL, 3)				     /* 4.11 */
#define UAPI_NS_GET_OWNER_UID _IO(UAPI_NSFS_IOCTL, 4)				     /* 4.11 */
#define UAPI_NS_GET_MNTNS_ID _IOR(UAPI_NSFS_IOCTL, 5, uint64_t)			     /* 6.11 */
#define UAPI_NS_GET_PID_FROM_PIDNS _IOR(UAPI_NSFS_IOCTL, 6, int)		     /* 6.11 */
#define UAPI_NS_MNT_GET_INFO _IOR(UAPI_NSFS_IOCTL, 10, struct mntcompat_mnt_ns_info) /* 6.12 */
#define UAPI_NS_MNT_GET_NEXT _IOR(UAPI_NSFS_IOCTL, 11, struct mntcompat_mnt_ns_info)
#define UAPI_NS_MNT_GET_PREV _IOR(UAPI_NSFS_IOCTL, 12, struct mntcompat_mnt_ns_info)
/* A structure may grow, and its size is in the number: the kernel takes each from the first one on.
 */
#define UAPI_IOCTL_SIZE \
	((uint32_t)_IOC(0u, 0u, 0u, 0x1fffu)) /* the bits that each architecture has */
static inline uint32_t uapi_nsfs_request(uint32_t request)
{
	const uint32_t first = (uint32_t)_IOC(0u, 0u, 0u, sizeof(struct mntcompat_mnt_ns_info));
	const uint32_t known = (request & ~UAPI_IOCTL_SIZE) | first;

	if ((request & UAPI_IOCTL_SIZE) > first &&
	    (known == (uint32_t)UAPI_NS_MNT_GET_INFO || known == (uint32_t)UAPI_NS_MNT_GET_NEXT ||
	     known == (uint32_t)UAPI_NS_MNT_GET_PREV))
		return known;
	return request;
}
#define UAPI_NS_GET_ID _IOR(UAPI_NSFS_IOCTL, 13, uint64_t) /* 6.18 */

#define UAPI_PIDFS_IOCTL 0xff
#define UAPI_PIDFD_GET_MNT_NAMESPACE _IO(UAPI_PIDFS_IOCTL, 3) /* 6.11 */
#define UAPI_PIDFD_GET_USER_NAMESPACE _IO(UAPI_PIDFS_IOCTL, 9)

/* Their structures are declared where they are used; an array stands for the size of each. */
#define UAPI_SECCOMP_NOTIF_RECV _IOWR('!', 0, char[80])	   /* 5.0 */
#define UAPI_SECCOMP_NOTIF_SEND _IOWR('!', 1, char[24])	   /* 5.0 */
#define UAPI_SECCOMP_NOTIF_ID_VALID _IOW('!', 2, uint64_t) /* 5.0, with these direction bits 5.9 */
#define UAPI_SECCOMP_NOTIF_ADDFD _IOW('!', 3, char[24])	   /* 5.9 */
#define UAPI_PROCMAP_QUERY _IOWR('f', 17, char[104])	   /* 6.11 */

/* --- flags --- */

#define UAPI_AT_SYMLINK_FOLLOW 0x400u /* name_to_handle_at */
#define UAPI_AT_STATX_DONT_SYNC 0x4000u
#define UAPI_AT_STATX_SYNC_TYPE 0x6000u
#define UAPI_RESOLVE_NO_XDEV 1u /* openat2; 5.6 */
#define UAPI_RESOLVE_NO_MAGICLINKS 2u
#define UAPI_RESOLVE_CACHED 0x20u /* 5.12, and late 5.10 */
#define UAPI_MAX_HANDLE_SZ 128

#define UAPI_LANDLOCK_CREATE_RULESET_VERSION 1u
#define UAPI_LANDLOCK_ACCESS_FS_MAKE_SOCK 0x200ull
#define UAPI_LANDLOCK_ACCESS_NET_BIND_TCP 1ull /* version 4, 6.7 */

#define UAPI_STATX_TYPE 0x1u
#define UAPI_STATX_MODE 0x2u
#define UAPI_STATX_INO 0x100u
#define UAPI_STATX_BASIC_STATS 0x7ffu
#define UAPI_STATX_BTIME 0x800u
#define UAPI_STATX_DIOALIGN 0x2000u	   /* 6.1 */
#define UAPI_STATX_SUBVOL 0x8000u	   /* 6.11 */
#define UAPI_STATX_WRITE_ATOMIC 0x10000u   /* 6.11 */
#define UAPI_STATX_DIO_READ_ALIGN 0x20000u /* 6.14 */
#define UAPI_STATX_ATTR_NODUMP 0x40ull
#define UAPI_STATX_ATTR_MOUNT_ROOT 0x2000ull /* 5.8 */

#define UAPI_FSOPEN_CLOEXEC 1u
#define UAPI_FSCONFIG_SET_STRING 1u
#define UAPI_FSCONFIG_CMD_CREATE 6u
#define UAPI_MOVE_MOUNT_ALL 0x377u   /* all flags of Linux 7.3 */
#define UAPI_STATMOUNT_ALL 0x7fffull /* all request bits of Linux 7.3 */

#define UAPI_MS_NOSYMFOLLOW 0x100ul /* 5.10 */
#define UAPI_MS_LAZYTIME 0x2000000ul

/* The flags that statfs(2) returns in f_flags. */
#define UAPI_ST_RDONLY 0x1ul
#define UAPI_ST_NOSUID 0x2ul
#define UAPI_ST_NODEV 0x4ul
#define UAPI_ST_NOEXEC 0x8ul
#define UAPI_ST_VALID 0x20ul
#define UAPI_ST_NOATIME 0x400ul
#define UAPI_ST_NODIRATIME 0x800ul
#define UAPI_ST_RELATIME 0x1000ul
#define UAPI_ST_NOSYMFOLLOW 0x2000ul

#define UAPI_MFD_CLOEXEC 1u
#define UAPI_MFD_HUGETLB 4u	/* with the logarithm of the page size in the upper bits */
#define UAPI_MFD_NOEXEC_SEAL 8u /* 6.3, which logs a warning without it */

#define UAPI_CLOSE_RANGE_UNSHARE 2u  /* 5.9 */
#define UAPI_GRND_NONBLOCK 1u	     /* getrandom(2), 3.17 */
#define UAPI_GRND_INSECURE 4u	     /* 5.6 */
#define UAPI_CLONE_PIDFD 0x00001000u /* 5.2 */
#define UAPI_PIDFD_THREAD O_EXCL     /* 6.9; of <fcntl.h> */
#define UAPI_KCMP_FILES 2

#define UAPI_FUTEX_WAIT 0
#define UAPI_FUTEX_WAKE 1
#define UAPI_FUTEX_WAKE_OP 5
#define UAPI_FUTEX_OP_CMP_LT 2
#define UAPI_FUTEX_PRIVATE_FLAG 128

#define UAPI_PR_SET_PTRACER 0x59616d61
#define UAPI_PR_CAP_AMBIENT 47
#define UAPI_PR_CAP_AMBIENT_CLEAR_ALL 4

#define UAPI_SECCOMP_GET_NOTIF_SIZES 3u			      /* 5.0 */
#define UAPI_SECCOMP_FILTER_FLAG_SPEC_ALLOW (1u << 2)	      /* 4.17 */
#define UAPI_SECCOMP_FILTER_FLAG_NEW_LISTENER (1u << 3)	      /* 5.0 */
#define UAPI_SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1u << 5) /* 5.19 */
#define UAPI_SECCOMP_RET_KILL_PROCESS 0x80000000u
#define UAPI_SECCOMP_RET_USER_NOTIF 0x7fc00000u	 /* 5.0 */
#define UAPI_SECCOMP_USER_NOTIF_FLAG_CONTINUE 1u /* 5.5 */

#define UAPI_PROCMAP_QUERY_VMA_READABLE 1u
#define UAPI_PROCMAP_QUERY_VMA_WRITABLE 2u
#define UAPI_PROCMAP_QUERY_VMA_EXECUTABLE 4u

/* Bits of the capability sets. */
#define UAPI_CAP_SYS_CHROOT (1ull << 18)
#define UAPI_CAP_SYS_PTRACE (1ull << 19)
#define UAPI_CAP_SYS_ADMIN (1ull << 21)

#define UAPI_CAPABILITY_VERSION_3 0x20080522u

/* A bit that no Linux to 7.3 knows: a kernel that has the call returns EINVAL. */
#define UAPI_OPEN_TREE_UNKNOWN 0x40000000u
#define UAPI_STATMOUNT_UNKNOWN 0x80000000u
#define UAPI_LISTMOUNT_UNKNOWN 0x80000000u
#define UAPI_FSMOUNT_UNKNOWN 4u
#define UAPI_MOVE_MOUNT_UNKNOWN 0x80000000u

/* --- limits --- */

/* The largest number that is not the unique id of a mount. */
#define UAPI_MNT_UNIQUE_ID_OFFSET (1ull << 31)
/* listmount and listns return EOVERFLOW if more ids are requested in one call. */
#define UAPI_LIST_MAX 1000000u

/* --- filesystems, as statfs(2) names them --- */

#define UAPI_MAGIC_AFS 0x6b414653
#define UAPI_MAGIC_ANON_INODE 0x09041934
#define UAPI_MAGIC_AUTOFS 0x187
#define UAPI_MAGIC_BCACHEFS 0xca451a4e /* 6.7 to 6.17 */
#define UAPI_MAGIC_BDEV 0x62646576
#define UAPI_MAGIC_BINDERFS 0x6c6f6f70
#define UAPI_MAGIC_BINFMT 0x42494e4d
#define UAPI_MAGIC_BPF 0xcafe4a11
#define UAPI_MAGIC_BTRFS 0x9123683e
#define UAPI_MAGIC_CEPH 0x00c36400
#define UAPI_MAGIC_CGROUP 0x27e0eb
#define UAPI_MAGIC_CGROUP2 0x63677270
#define UAPI_MAGIC_CIFS \
	0xff534d42 /* of the superblock; statfs(2) returns another number for SMB2 */
#define UAPI_MAGIC_CODA 0x73757245
#define UAPI_MAGIC_CONFIGFS 0x62656570
#define UAPI_MAGIC_DEBUGFS 0x64626720
#define UAPI_MAGIC_DEVPTS 0x1cd1
#define UAPI_MAGIC_DMABUF 0x444d4142
#define UAPI_MAGIC_ECRYPTFS 0xf15f
#define UAPI_MAGIC_EFIVARFS 0xde5e81e4
#define UAPI_MAGIC_EROFS 0xe0f5e1e2
#define UAPI_MAGIC_EXFAT 0x2011bab0
#define UAPI_MAGIC_EXT4 0xef53 /* ext2 and ext3 as well */
#define UAPI_MAGIC_F2FS 0xf2f52010
#define UAPI_MAGIC_FUNCTIONFS 0x0a647361
#define UAPI_MAGIC_FUSE 0x65735546
#define UAPI_MAGIC_FUSECTL 0x65735543
#define UAPI_MAGIC_GFS2 0x01161970
#define UAPI_MAGIC_GUEST_MEMFD 0x474d454d
#define UAPI_MAGIC_HUGETLBFS 0x958458f6
#define UAPI_MAGIC_ISO9660 0x9660
#define UAPI_MAGIC_LUSTRE 0x0bd00bd0 /* not in Linux */
#define UAPI_MAGIC_MQUEUE 0x19800202
#define UAPI_MAGIC_FAT 0x4d44
#define UAPI_MAGIC_NFS 0x6969
#define UAPI_MAGIC_NFSD 0x6e667364
#define UAPI_MAGIC_NSFS 0x6e736673
#define UAPI_MAGIC_NULLFS 0x4e554c4c /* 7.0 */
#define UAPI_MAGIC_OCFS2 0x7461636f
#define UAPI_MAGIC_ORANGEFS 0x20030528
#define UAPI_MAGIC_OVERLAY 0x794c7630
#define UAPI_MAGIC_PIDFS 0x50494446
#define UAPI_MAGIC_PIPEFS 0x50495045
#define UAPI_MAGIC_PROC 0x9fa0
#define UAPI_MAGIC_PSTORE 0x6165676c
#define UAPI_MAGIC_RAMFS 0x858458f6
#define UAPI_MAGIC_RDTGROUP 0x07655821
#define UAPI_MAGIC_RPC_PIPEFS 0x67596969
#define UAPI_MAGIC_SECRETMEM 0x5345434d
#define UAPI_MAGIC_SECURITYFS 0x73636673
#define UAPI_MAGIC_SELINUX 0xf97cff8c
#define UAPI_MAGIC_SMACK 0x43415d53
#define UAPI_MAGIC_SOCKFS 0x534f434b
#define UAPI_MAGIC_SQUASHFS 0x73717368
#define UAPI_MAGIC_SYSFS 0x62656572
#define UAPI_MAGIC_TMPFS 0x01021994
#define UAPI_MAGIC_TRACEFS 0x74726163
#define UAPI_MAGIC_UBIFS 0x24051905
#define UAPI_MAGIC_UDF 0x15013346
#define UAPI_MAGIC_V9FS 0x01021997
#define UAPI_MAGIC_VBOXSF 0x786f4256
#define UAPI_MAGIC_XFS 0x58465342
#define UAPI_MAGIC_ZFS 0x2fc12fc1 /* not in Linux */

/* --- processes --- */

/* A thread of the kernel, in the flags of /proc/PID/stat. */
#define UAPI_PF_KTHREAD 0x200000ul

/* --- inodes --- */

#define UAPI_PROC_ROOT_INO 1
/* Those of the initial namespaces, since 3.8. */
#define UAPI_INITIAL_PID_INO 0xeffffffcu
#define UAPI_INITIAL_USER_INO 0xeffffffdu

#endif
