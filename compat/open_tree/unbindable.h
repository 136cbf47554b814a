/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unbindable.h - the unbindable mounts below the directory that is copied, for the ways that copy a
 * whole namespace. Changes propagation in the calling task's own mount namespace, which has to be a
 * copy: helpers only.
 *
 * 6.17 to 7.1 lose that state in the copy, and where it is kept a clone stumbles over mounts that
 * are unbindable and locked, while native takes them along.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_UNBINDABLE_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_UNBINDABLE_H

#include <limits.h>

#include "compat/open_tree/job.h"
#include "compat/task/mountinfo.h"

/* More of them below one directory than this are refused. */
#define UNBINDABLE_MAX 1024

struct unbindable {
	struct mountinfo_table table; /* the caller's mounts, before the copy */
	bool have_table;
	bool foreign;
	bool is_source;	       /* the mount that is to be copied is one itself */
	char source[PATH_MAX]; /* the directory, as the caller sees it */
	size_t source_len;
	int64_t source_id; /* the mount it is on; negative if that is not in the table */
	/*
	 * For each line of one that comes along: set if its path from the source leads to it (not
	 * covered).
	 */
	unsigned char reached[UNBINDABLE_MAX / 8];
};

/*
 * unbindable_read - before the namespace is copied. Without procfs all is left to the kernel.
 * Returns 0, or -EMFILE, -ENFILE, -ENOMEM, -EOPNOTSUPP if there is procfs and it cannot be read, or
 * there are more than UNBINDABLE_MAX.
 */
int unbindable_read(struct unbindable *unbindable, struct open_tree_job *job);
void unbindable_release(struct unbindable *unbindable);

/*
 * unbindable_prepare - in the copy, before the clone: for an owner they are left out, so they have
 * to be unbindable; for others they come along, so for the moment they must not be. @source is the
 * directory in the copy. Moves cwd to it. Returns 0, or -EOPNOTSUPP, also for those that are
 * covered: nothing leads to them.
 */
int unbindable_prepare(const struct unbindable *unbindable, int source);

/*
 * unbindable_restore - in the result, whose root is @tree: what came along is unbindable again.
 * Moves cwd. Returns 0 or -EOPNOTSUPP.
 */
int unbindable_restore(const struct unbindable *unbindable, int tree);

/*
 * True if a copy would leave out mounts below the source: any at all, with @recursive unbindable
 * ones. Also if that is not known.
 */
bool unbindable_leaves_out(const struct unbindable *unbindable, bool recursive);

#endif
