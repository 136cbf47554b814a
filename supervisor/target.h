/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * target.h - the caller of a supervised call: all that the kernel checks of a task, pinned by
 * descriptors and numbers. target_take() is the only function that looks a task up by its number.
 */
#ifndef MNTCOMPAT_SUPERVISOR_TARGET_H
#define MNTCOMPAT_SUPERVISOR_TARGET_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "supervisor/kernel.h"

#define TARGET_GROUPS 1024
#define TARGET_LEVELS 33     /* the kernel has 32 namespaces below the first */
#define TARGET_ID_RANGES 340 /* the kernel takes no more lines in an id map */

enum target_namespace {
	TARGET_MNT,
	TARGET_PID,
	TARGET_NET,
	TARGET_IPC,
	TARGET_UTS,
	TARGET_CGROUP,
	TARGET_TIME,
	TARGET_NAMESPACES,
};

/* The lines of /proc/TASK/status that count. Ids are those of the reader's user namespace. */
struct target_status {
	unsigned int uid[4], gid[4]; /* real, effective, saved, filesystem */
	size_t groups;
	gid_t group[TARGET_GROUPS];
	uint64_t inheritable, permitted, effective, bounding, ambient;
	unsigned int umask;
	long process, threads;
	pid_t tracer;	     /* in the reader's pid namespace, 0: none */
	int filters;	     /* of seccomp; 5.11 */
	pid_t process_group; /* in the reader's pid namespace */
	int levels, process_levels;
	/* The numbers in the pid namespaces from the reader's down to the task's own. */
	pid_t task_number[TARGET_LEVELS], process_number[TARGET_LEVELS];
};

/* Ids inside a user namespace (@inner) and in the supervisor's (@outer). */
struct target_id_map {
	size_t ranges;
	struct {
		uint32_t inner, outer, count;
	} range[TARGET_ID_RANGES];
};

struct target {
	pid_t task, process; /* as the supervisor sees them */
	int proc, directory; /* the supervisor's procfs; TASK in it */
	int memory, maps;    /* /proc/TASK/mem, maps: of the address space that made the call */
	int pidfd;	     /* of the task or of its process, if that has its descriptors; or -1 */
	int root, cwd;
	int namespaces[TARGET_NAMESPACES]; /* -1: the supervisor's own */
	/* User namespaces from the one below the supervisor's down to the task's; none: the
	 * supervisor's own. */
	int users, user[TARGET_LEVELS];
	/* The same as inodes and places, to compare with later. */
	uint64_t namespace_inode[TARGET_NAMESPACES], user_inode;
	struct kernel_place root_place, cwd_place;
	struct kernel_place nsfs; /* the supervisor's */
	struct target_status status;
	struct target_id_map uids, gids; /* read if @users */
	bool can_set_groups;		 /* setgroups(2) is allowed in the task's user namespace */
	bool has_processors, has_scheduling;
	cpu_set_t processors;
	struct kernel_scheduling scheduling;
	struct rlimit limits[RLIM_NLIMITS];
	uint32_t limits_known; /* a bit for each of them */
};

/* The supervisor itself, read once: what a target is compared with. */
struct target_own {
	int proc; /* a procfs that shows the supervisor's pid namespace; see proc.h */
	uint64_t namespaces[TARGET_NAMESPACES], user; /* nsfs inodes; 0: no such kind */
	char label[256];			      /* of the security module; "" without one */
	uint64_t capabilities;			      /* all that this kernel has */
	bool has_all_ids; /* its user namespace has a number for every id */
	/*
	 * Shown for ids without a number. Ambiguous: the user namespace also has a user with this
	 * number.
	 */
	unsigned int overflow_uid, overflow_gid;
	bool ambiguous_uid, ambiguous_gid;
	int landlock;		     /* its version in this kernel, 0: none */
	struct target_status status; /* a worker's child begins with the same ids */
	struct kernel_place program; /* what it executes */
	struct kernel_place nsfs;    /* one of the files of namespaces, which share a filesystem */
};

/* 0, or -errno with the file that could not be read in *what. */
int target_own_read(struct target_own *own, int proc, const char **what);

/*
 * target_take - read all of the task with number @task. The result is the task's only if its
 * notification is still valid afterwards. 0; -errno if the task may not be looked at or cannot be
 * told apart from others, with the step in *what.
 */
int target_take(struct target *target, const struct target_own *own, pid_t task, const char **what);
/* Closes all but what is needed to bring an answer back. */
void target_drop_places(struct target *target);
void target_drop(struct target *target);
void target_init(struct target *target); /* nothing is open */

/* True if nothing that the kernel checks differs between two looks at one task. */
bool target_is_same(const struct target *a, const struct target *b);

/*
 * target_owner - the process and the user that a task counts for. The ids of a user namespace below
 * the supervisor's are those of its owner. False: the task has ended.
 */
bool target_owner(const struct target_own *own, pid_t task, long *process, unsigned int *user);

/*
 * target_keeps_user - true if neither the task nor what comes from it can get another owner than
 * *user, as target_owner() has it. False also if that is not known.
 */
bool target_keeps_user(const struct target_own *own, pid_t task, unsigned int *user);

/* True if no task has this number, or one that has ended and waits to be reaped. */
bool target_has_ended(const struct target_own *own, pid_t task);

/* target_read_status - of the open file @fd, a status file of a procfs. 0, -errno. */
int target_read_status(struct target_status *status, int fd);

/*
 * target_fd - the file behind the task's descriptor @fd, or -errno (-EBADF: not open). CLOEXEC.
 * *is_copy: not the open file itself but its place, opened anew by its link, as all files of
 * filesystems are.
 */
int target_fd(const struct target *target, int fd, bool *is_copy);
/* True if the task opened @fd with O_PATH. */
bool target_fd_is_place(const struct target *target, int fd);
/* The task's descriptors of namespaces, at most @most, into @fds; how many. */
int target_namespace_fds(const struct target *target, int *fds, int most);
/*
 * target_asks_tracer - true if the task is traced and has filters that the supervisor does not
 * have: they may ask the tracer (SECCOMP_RET_TRACE), which the kernel does not do for a call that a
 * supervisor takes.
 */
bool target_asks_tracer(const struct target *target, const struct target_own *own);
/* True if the task's descriptor table has no free number below its limit. */
bool target_is_full(const struct target *target);
/* True if the task's process group is that of the daemon of an autofs mount in the task's mount
 * namespace. */
bool target_is_automounter(const struct target *target);

#endif
