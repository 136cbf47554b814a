/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sys/mount.h - stands for that of the glibc after 2.44, which declares statmount() and listmount()
 * with the arguments of the kernel. Precedes the C library's in the include path of overlay.sh.
 */
#ifndef COMING_SYS_MOUNT_H
#define COMING_SYS_MOUNT_H
#include_next <sys/mount.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <linux/mount.h>

#ifdef __cplusplus
extern "C" {
#endif
extern int statmount(const struct mnt_id_req *__req, struct statmount *__buf, size_t __bufsize,
		     unsigned int __flags) __attribute__((__nothrow__));
extern ssize_t listmount(const struct mnt_id_req *__req, uint64_t *__mnt_ids, size_t __nr_mnt_ids,
			 unsigned int __flags) __attribute__((__nothrow__));
#ifdef __cplusplus
}
#endif
#endif
