/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * linux/nsfs.h - the system's, with the ioctls, structures and constants of Linux 7.3, and
 * listns(). It only adds declarations that the system's header lacks.
 */
#ifndef MNTCOMPAT_OVERLAY_LINUX_NSFS_H
#define MNTCOMPAT_OVERLAY_LINUX_NSFS_H
#pragma GCC system_header
#include "../mntcompat-overlay-base.h"

#if __has_include_next(<linux/nsfs.h>)
#include_next <linux/nsfs.h>
#else
#include <sys/ioctl.h>
#endif

#ifndef NSIO
#define NSIO 0xb7
#define NS_GET_USERNS _IO(NSIO, 0x1) /* Linux 4.9 */
#define NS_GET_PARENT _IO(NSIO, 0x2)
#define NS_GET_NSTYPE _IO(NSIO, 0x3) /* Linux 4.11 */
#define NS_GET_OWNER_UID _IO(NSIO, 0x4)
#endif
#ifndef NS_GET_PID_FROM_PIDNS
#define NS_GET_PID_FROM_PIDNS _IOR(NSIO, 0x6, int) /* Linux 6.11; the kernel's own */
#define NS_GET_TGID_FROM_PIDNS _IOR(NSIO, 0x7, int)
#define NS_GET_PID_IN_PIDNS _IOR(NSIO, 0x8, int)
#define NS_GET_TGID_IN_PIDNS _IOR(NSIO, 0x9, int)
#endif
#ifndef NS_MNT_GET_INFO
struct mnt_ns_info {
	__u32 size;
	__u32 nr_mounts;
	__u64 mnt_ns_id;
};
#define MNT_NS_INFO_SIZE_VER0 16 /* Linux 6.12 */
#define NS_MNT_GET_INFO _IOR(NSIO, 10, struct mnt_ns_info)
#define NS_MNT_GET_NEXT _IOR(NSIO, 11, struct mnt_ns_info)
#define NS_MNT_GET_PREV _IOR(NSIO, 12, struct mnt_ns_info)
#endif
#ifndef NS_GET_MNTNS_ID
#define NS_GET_MNTNS_ID _IOR(NSIO, 5, __u64) /* Linux 6.11 */
#endif
#ifndef NS_GET_ID
#define NS_GET_ID _IOR(NSIO, 13, __u64) /* Linux 6.18 */
#endif
#ifndef NS_ID_REQ_SIZE_VER0
enum ns_type {
	TIME_NS = (1ULL << 7),
	MNT_NS = (1ULL << 17),
	CGROUP_NS = (1ULL << 25),
	UTS_NS = (1ULL << 26),
	IPC_NS = (1ULL << 27),
	USER_NS = (1ULL << 28),
	PID_NS = (1ULL << 29),
	NET_NS = (1ULL << 30)
};
struct ns_id_req {
	__u32 size;
	__u32 spare;
	__u64 ns_id;
	struct {
		__u32 ns_type;
		__u32 spare2;
		__u64 user_ns_id;
	};
};
#define NS_ID_REQ_SIZE_VER0 32 /* Linux 6.19 */
#endif
#ifndef LISTNS_CURRENT_USER
#define LISTNS_CURRENT_USER 0xffffffffffffffff /* Linux 6.19 */
#endif

#if !defined(MNTCOMPAT_OVERLAY_NO_FUNCTIONS) && !defined(MNTCOMPAT_OVERLAY_NO_LISTNS)
MNTCOMPAT_OVERLAY_BEGIN
/* As with listmount(): uint64_t and __u64. */
extern long listns(const struct ns_id_req *req, void *ns_ids, __SIZE_TYPE__ nr_ns_ids,
		   unsigned int flags) MNTCOMPAT_OVERLAY_IS(mntcompat_listns);
MNTCOMPAT_OVERLAY_END
#endif

#endif
