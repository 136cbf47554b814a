/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * job.h - the arguments of a way to make a mount namespace, and the common begin and end of each
 * way.
 * Opens and closes fds.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_JOB_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_JOB_H

#include <stdbool.h>

#include "compat/namespace/open.h"

/* The arguments of a way, which runs in a helper and shares all this with the caller. */
struct open_tree_job {
	int source; /* O_PATH fd of the directory */
	bool recursive;
	int target; /* fd number to put the result on, or -1 for any */
	bool cloexec;
	struct namespace_door door;
	bool private_files; /* the fd table is a helper's own: nothing can be kept in it */
	bool may_chroot;    /* CAP_SYS_CHROOT: namespaces can be entered with setns */
	bool foreign;	    /* out: the caller does not own its mount namespace */
	bool is_denied;	    /* out: EPERM is the kernel's own answer about the source */
	int result;	    /* out: the new fd */
};

/* A way cannot do it for this caller or tree, and nothing happened: try the next one. */
#define OPEN_TREE_NEXT_WAY 1

/*
 * For a task that owns its mount namespace: true if a filter returns the EPERM of OPEN_TREE_CLONE.
 * The kernel itself returns EFAULT.
 */
bool open_tree_clone_is_filtered(void);

/* open_tree_reserve_fd - take the lowest free number, for a result that is put there at the end. An
 * fd or -errno. */
int open_tree_reserve_fd(void);

/* The last step of every way: the helper's namespace becomes the result. An fd or -errno. */
int open_tree_result(struct open_tree_job *job);
/* The same for a namespace that is open already; takes over @fd. */
int open_tree_result_of(struct open_tree_job *job, int fd);

#endif
