/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * open-tree-common.h - what the open-tree-*.c scenarios share: flag names, observers, callers.
 * May touch only the scenario's own process, its world and the children it starts.
 */
#ifndef MNTCOMPAT_TESTS_OPEN_TREE_COMMON_H
#define MNTCOMPAT_TESTS_OPEN_TREE_COMMON_H

#include <fcntl.h>
#include "scenario.h"

#define NS MNTCOMPAT_OPEN_TREE_NAMESPACE
#define CLONE MNTCOMPAT_OPEN_TREE_CLONE
#define CLOEXEC MNTCOMPAT_OPEN_TREE_CLOEXEC
#define RECURSIVE MNTCOMPAT_AT_RECURSIVE
#define EMPTY_PATH MNTCOMPAT_AT_EMPTY_PATH
#define NO_AUTOMOUNT MNTCOMPAT_AT_NO_AUTOMOUNT
#define NOFOLLOW MNTCOMPAT_AT_SYMLINK_NOFOLLOW

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A scenario's body runs in a child: what it opens, blocks, limits or enters ends with it. */
#define SCENARIO(function) \
	static void function##_body(void); \
	static void function(void) \
	{ \
		open_tree_in_child(function##_body); \
	} \
	static void function##_body(void)
void open_tree_in_child(void (*body)(void));

/* --- calls --- */
/* Calls, says "label: ok" or the errno, closes what it got. */
void open_tree_say(const char *label, int dfd, const char *path, unsigned int flags);
/* NS | @flags on @path; prints a failure as "open_tree: ERRNO" and returns -1. */
int open_tree_namespace(const char *path, unsigned int flags);
int open_tree_namespace_at(int dfd, const char *path, unsigned int flags);
/* The same, and what came of it mount by mount; nothing stays open. */
void open_tree_describe(const char *label, const char *path, unsigned int flags);
void open_tree_describe_at(const char *label, int dfd, const char *path, unsigned int flags);

/* The call without the comparison around it: for threads, which see each other's descriptors. */
int open_tree_unchecked(int dfd, const char *path, unsigned int flags);

/* --- observers --- */
/* Runs @function in a child that has entered @nsfd; says "setns: ERRNO" if it cannot. */
int open_tree_inside(int nsfd, int (*function)(void *argument), void *argument);
void open_tree_say_file(const char *label, const char *path); /* its content, or the errno */
void open_tree_say_file_at(const char *label, int dfd, const char *path);
void open_tree_say_names(const char *label, const char *path); /* a directory's names, sorted */
bool open_tree_same_file(int left_fd, int right_fd);	       /* device and inode */
/* Says whether two namespace fds lead to one namespace. */
void open_tree_say_same(const char *label, int left_fd, int right_fd);
int open_tree_umount(const char *path, int flags);
int open_tree_open_fd_link(int fd, int flags); /* opens /proc/self/fd/N */

/* Whether @fd is closed in a program that a child starts. */
bool open_tree_exec_lacks(int fd);

/* --- other callers --- */
/* The calling process becomes root of a new user namespace, and of a mount namespace if asked. */
void open_tree_new_user_namespace(bool with_mount_namespace);
/* Leaves only the capabilities in @keep (bit n: capability n), permitted and effective. */
void open_tree_keep_capabilities(uint64_t keep);
#define CAPABILITY(n) (1ull << (n))
#define CAPABILITIES_ALL (~0ull)
/*
 * From here on later mount namespaces are younger ones for the kernel: it compares ids, and those
 * come in batches per CPU (6.18). Which namespace files can be mounted depends on it.
 */
void open_tree_order_namespaces(void);
/* A process that ran @setup and then only waits; ends with its parent. */
pid_t open_tree_start_peer(void (*setup)(void));
void open_tree_end_peer(pid_t pid);
/*
 * Mounts the file of a mount namespace that is younger than the caller's, whose file may lie there.
 */
void open_tree_pin_namespace(const char *target);
int open_tree_peer_file(pid_t pid, const char *name, int flags); /* opens /proc/PID/name */
/* Writes /proc/sys/user/max_mnt_namespaces of the caller's own (new!) user namespace. */
void open_tree_limit_namespaces(int limit);

/* F_GETFL, in which the kernel's O_LARGEFILE is the same number on every machine; libc's is 0 on
 * 64-bit ones. */
static inline int status_flags(int fd)
{
#if defined(__aarch64__) || defined(__arm__)
	const int large = 0400000;
#elif defined(__powerpc__)
	const int large = 0200000;
#else
	const int large = 0100000;
#endif
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & large) ? (flags & ~large) | 0100000 : flags;
}

#endif
