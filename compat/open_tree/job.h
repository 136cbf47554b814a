/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * job.h - one request for a mount namespace, from the caller's arguments to the result, and the
 * common begin and end of each way. A way runs in a helper with a descriptor table of its own
 * (compat/task/helper.h): every descriptor here that the caller did not give is of that table.
 * Opens and closes fds.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_JOB_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_JOB_H

#include <stdbool.h>

#include "compat/namespace/open.h"
#include "compat/open_tree/template.h"
#include "compat/task/lookup.h"

struct open_tree_job {
	int dfd;
	const char *path; /* the caller's memory: only the kernel reads it */
	unsigned int flags;
	bool recursive;
	bool cloexec;
	bool may_chroot; /* CAP_SYS_CHROOT: namespaces can be entered with setns */
	bool is_empty;	 /* for an empty namespace, which depends on no argument */
	bool may_stay;	 /* no step is for a helper only, if the caller owns its mount namespace */
	/* in the helper: */
	int source; /* O_PATH fd of the directory */
	struct namespace_door door;
	int own;		  /* the caller's mount namespace */
	struct template_use kept; /* not checked yet */
	/* out: */
	struct template made; /* a new template, or fd -1 */
	bool foreign;	      /* the caller does not own its mount namespace */
	bool is_denied;	      /* EPERM or EACCES is the kernel's own answer about the source */
};

/*
 * A way cannot do it for this caller or tree, and nothing happened: try the next one. No fd, and no
 * errno.
 */
#define OPEN_TREE_NEXT_WAY (-100000)

/*
 * For a task that owns its mount namespace: true if a filter returns the EPERM of OPEN_TREE_CLONE.
 * The kernel itself returns EFAULT.
 */
bool open_tree_clone_is_filtered(void);

/*
 * open_tree_limit - @ret, or -ENOSPC if that is -ENOSYS because the caller may make no mount
 * namespace: a procfs that is mounted nowhere takes one, too. In a helper that ends then.
 */
int open_tree_limit(int ret);

/*
 * open_tree_find - the first steps of every way for the calling task itself: the directory, a door,
 * its own namespace. Leaves what it has opened in @job if it fails. 0 or -errno.
 */
int open_tree_find(struct open_tree_job *job);

/*
 * open_tree_begin - for a job of the calling task itself: nothing is open yet.
 * open_tree_end - close what its steps have opened, and keep the template that they have made.
 */
void open_tree_begin(struct open_tree_job *job);
void open_tree_end(struct open_tree_job *job);

/*
 * open_tree_run - run @task(@job) in a helper. The task returns an fd of the mount namespace that
 * it is in, -errno, or OPEN_TREE_NEXT_WAY, which sets *next. With @source the helper finds the
 * directory first (-ENOTDIR); @job->door is set in any case. Keeps the template that the task has
 * made. A new fd of the caller's, or -errno. With @job->may_stay the calling task takes the steps
 * itself where a helper would become the init of a pid namespace.
 */
int open_tree_run(struct open_tree_job *job, int (*task)(struct open_tree_job *job), bool source,
		  bool *next);

#endif
