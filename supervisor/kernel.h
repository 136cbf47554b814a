/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kernel.h - the system calls of the supervisor that libc has no function for, and the definitions
 * of seccomp's headers that it needs. Every function returns the result or -errno; kernel.c makes
 * the calls.
 */
#ifndef MNTCOMPAT_SUPERVISOR_KERNEL_H
#define MNTCOMPAT_SUPERVISOR_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/filter.h>

/* As in the kernel: fixed since 5.0, with room behind for what newer ones add. */
struct kernel_notification {
	uint64_t id;
	uint32_t pid;
	uint32_t flags;
	int32_t number;
	uint32_t arch;
	uint64_t instruction_pointer;
	uint64_t args[6];
	uint64_t reserved[8];
};

/*
 * kernel_supervise - put a filter before this thread; its listener, an fd (CLOEXEC). Sets
 * no_new_privs if the kernel refuses the filter otherwise, and then *no_new_privs. Signals that do
 * not kill wait for the answer where the kernel can (5.19); elsewhere they interrupt the call, and
 * *restarts is true.
 */
int kernel_supervise(const struct sock_filter *filter, unsigned short length, bool *no_new_privs,
		     bool *restarts);
bool kernel_can_supervise(void); /* false: no notifications, or larger ones */
int kernel_receive(int listener, struct kernel_notification *notification);
int kernel_is_waiting(int listener, uint64_t id); /* 0; -ENOENT: the caller waits no longer */
int kernel_answer(int listener, uint64_t id, int64_t value, int error); /* @error: 0 or -errno */
int kernel_continue(int listener, uint64_t id); /* let the kernel answer itself */
/*
 * Give @fd to the waiting caller, as its lowest free number; it still waits. The number or -errno.
 */
int kernel_give_fd(int listener, uint64_t id, int fd, bool cloexec);

int kernel_pidfd_open(pid_t pid, unsigned int flags);
int kernel_pidfd_getfd(int pidfd, int fd);
bool kernel_same_files(pid_t a, pid_t b); /* true if both have one descriptor table */
int kernel_close_from(int fd);
int kernel_parent_namespace(int fd); /* ioctl NS_GET_PARENT, 4.9: a new fd (CLOEXEC) */
int kernel_owner_of_namespace(int fd, unsigned int *uid); /* ioctl NS_GET_OWNER_UID, 4.11 */
uint64_t kernel_all_capabilities(void);			  /* a bit for each that this kernel has */
/* a filter without a listener */
int kernel_confine(const struct sock_filter *filter, unsigned short length);
/* The mapping at an address of the process whose /proc/PID/maps @maps is: PROCMAP_QUERY, 6.11. */
struct kernel_mapping {
	uint64_t start, end;
	bool readable, writable, executable;
};
/* 0; -ENOENT: nothing; -ENOTTY */
int kernel_mapping_at(int maps, uint64_t address, struct kernel_mapping *mapping);
int kernel_permitted(uint64_t *permitted); /* the caller's own permitted set */
int kernel_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable);
struct kernel_place { /* a directory: its mount and inode, 0: unknown, and like no other */
	uint64_t mnt_id, ino;
	uint32_t dev_major, dev_minor, block_size;
	bool mount_root; /* the root of a mount; 5.8 */
};
bool kernel_same_place(const struct kernel_place *a, const struct kernel_place *b);
int kernel_place(int fd, const char *path, struct kernel_place *place); /* no file server */
/*
 * True if the root directory is this place, which is the root of a mount. Two of these are the same
 * if their mounts are, whatever a file server says.
 */
bool kernel_root_is(const struct kernel_place *place);
/* True if the working directory, which is this place, is the root directory itself. */
bool kernel_is_at_root(const struct kernel_place *place);
/* The class, priority and nice value with which a task runs. 3.14. */
struct kernel_scheduling {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};
int kernel_scheduling(pid_t task, struct kernel_scheduling *scheduling);
int kernel_schedule(const struct kernel_scheduling *scheduling); /* the caller itself */
/* The version of Landlock, which came with 5.13; 0: there is none. */
int kernel_landlock_version(void);
/*
 * kernel_leave_others - put this process into a Landlock domain that forbids nothing but to look
 * into processes outside of it. Below version 4 (6.7) such a domain also forbids to mount.
 */
int kernel_leave_others(int version);
#define KERNEL_LANDLOCK_MOUNTS 4 /* from this version on a domain need not forbid to mount */
/* openat2(RESOLVE_NO_XDEV), 5.6: refuses mounts on the way. */
int kernel_open_on_mount(int dfd, const char *path, int flags);
/* open_tree(OPEN_TREE_CLONE), 5.2: of one mount, attached nowhere */
int kernel_clone_mount(int fd);
int kernel_mount_proc(void); /* procfs of the caller's pid namespace, attached nowhere; 5.2 */
/* openat2(RESOLVE_NO_MAGICLINKS), 5.6 */
int kernel_open_no_magic(int dfd, const char *path, int flags);

#endif
