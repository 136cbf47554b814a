/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * open_tree.h - the emulation of open_tree(OPEN_TREE_NAMESPACE): lookup, checks, and the ways.
 * Called by lib/open_tree.c. Each way is a file of its own with one function of the same shape.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_H

#include <stdbool.h>

#include <mntcompat.h>
#include "compat/namespace.h"

/*
 * open_tree_emulate - OPEN_TREE_NAMESPACE without the kernel's. @flags hold
 * it. Checks in the kernel's order: a free fd, flags, privilege, path, directory, limits, source.
 * *way says which way answered. Returns an fd or -errno.
 */
int open_tree_emulate(int dfd, const char *path, unsigned int flags, enum mntcompat_way *way);

/*
 * open_tree_needs_rules - would 7.3 have answered otherwise than a 7.0 to 7.2 that made a namespace of this directory?
 * Those leave out mounts for a caller that does not own its mount namespace: all below without AT_RECURSIVE,
 * unbindable ones with it. 1 (perhaps), 0, -errno.
 */
int open_tree_needs_rules(int dfd, const char *path, unsigned int flags);

/* What a way is given; it runs in a helper and shares all this with the caller. */
struct open_tree_job {
	int source;			/* O_PATH fd of the directory */
	bool recursive;
	int target;			/* fd number to put the result on, or -1 for any */
	bool cloexec;
	struct namespace_door door;
	bool private_files;		/* the fd table is a helper's own: nothing can be kept in it */
	bool may_chroot;		/* CAP_SYS_CHROOT: namespaces can be entered with setns */
	bool foreign;			/* out: the caller does not own its mount namespace */
	int result;			/* out: the new fd */
};

/* A way cannot do it for this caller or tree, and nothing happened: try the next one. */
#define OPEN_TREE_NEXT_WAY 1

/* The ways: run @job in a helper. An fd, -errno (final), or OPEN_TREE_NEXT_WAY via *next. */
int open_tree_by_template(struct open_tree_job *job, bool *next);
int open_tree_by_unshare(struct open_tree_job *job, bool *next);
int open_tree_by_bind(struct open_tree_job *job, bool *next);

/*
 * open_tree_by_kept_template - the template way once there is a template, in as few steps as it can be done.
 * The arguments are the caller's. An fd; or -1 if anything at all was not as expected: then nothing
 * happened, and open_tree_emulate() finds out what to do or to say.
 */
int open_tree_by_kept_template(int dfd, const char *path, unsigned int flags);

/* For a task that owns its mount namespace: is EPERM from OPEN_TREE_CLONE a filter's? Without one this is EFAULT. */
bool open_tree_clone_is_filtered(void);

/* open_tree_reserve_fd - take the lowest free number, for a result that is put there at the end. An fd or -errno. */
int open_tree_reserve_fd(void);

/*
 * open_tree_enter_empty - become the only task of a namespace that is empty but for its bottom (and, with *locked, what
 * cannot be unmounted from it): a copy of the template, or a copy of the own one, emptied. Owners of their namespace
 * only, in a helper. 0 or -errno.
 */
int open_tree_enter_empty(struct open_tree_job *job, const struct namespace_name *user, bool *locked);

/* The last step of every way: the helper's namespace becomes the result. An fd or -errno. */
int open_tree_result(struct open_tree_job *job);
/* The same for a namespace that is open already; takes over @fd. */
int open_tree_result_of(struct open_tree_job *job, int fd);

#endif
