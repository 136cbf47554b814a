/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * peer.h - the calls of programs without the library: the raw system calls, and unshare +
 * pivot_root.
 * Starts and reaps children, opens fds.
 */
#ifndef MNTCOMPAT_BENCH_PEER_H
#define MNTCOMPAT_BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Everything here returns the result or -errno. */

/* open_tree(2) of the kernel; OPEN_TREE_NAMESPACE from Linux 7.0. */
int peer_open_tree(const char *path, unsigned int flags);

/*
 * A mount namespace with the tree at @path as "/", as it is made with unshare, a bind mount,
 * pivot_root and a lazy unmount. Both start a child; they return the namespace's fd.
 * _vfork: the leanest way there is. The child shares memory and fds and opens the namespace file
 * itself.
 * _fork: the usual way. The parent opens /proc/PID/ns/mnt while the child waits.
 */
int peer_pivot_vfork(const char *path, bool recursive);
int peer_pivot_fork(const char *path, bool recursive);

/* unshare(CLONE_NEWNS) alone, in a child of the lean kind: its time in ns. */
int64_t peer_unshare_ns(void);

/*
 * The kernel's part of a process's first namespace, and nothing else: a copy of the caller's,
 * emptied by an unmount of all mounts in it, and another one of the mount that has covered its root
 * meanwhile. Its time in ns, in a child of the lean kind.
 */
int64_t peer_emptied_ns(void);

/*
 * The least that is needed where the kernel does not write the answer, or cannot read the request,
 * itself: a safe copy of @len bytes of one's own memory, in or out; and a safe change of one word.
 */
int peer_copy_in(void *to, const void *from, size_t len);
int peer_copy_out(void *to, const void *from, size_t len);
int peer_set_word(uint32_t *word);

/* statx(2) for the unique id of the mount behind @fd, then statmount(2) by id. */
int peer_statx_statmount(int fd, uint64_t mask, void *buf, size_t size);
/* The unique id of the mount behind @fd, or 0 (Linux 6.8); statmount(2) by it. */
uint64_t peer_unique_id(int fd);
int peer_statmount_by_id(uint64_t mnt_id, uint64_t mask, void *buf, size_t size);
/* listmount(2) of all mounts, from Linux 6.8; the number. */
ssize_t peer_listmount(uint64_t *ids, size_t n);
/* statmount(2) by fd, from Linux 7.0. */
int peer_statmount_by_fd(int fd, uint64_t mask, void *buf, size_t size);
/* The old id of the mount behind @fd (statx, Linux 5.8), or fdinfo before. */
int peer_old_id(int fd);

/*
 * mountinfo with read(2) into one buffer until the line of mount @id is there (0: to the end). The
 * ids at the beginning of the lines are read, nothing else. Returns the bytes read.
 */
int peer_read_mountinfo(int id);

#endif
