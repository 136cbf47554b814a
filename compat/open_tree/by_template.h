/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * by_template.h - the fast way: the kernel clones the tree, and the clone becomes "/" of a copy of
 * an empty namespace. Its cost does not depend on how many mounts the host has (but for the
 * template). Runs in helpers.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_BY_TEMPLATE_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_BY_TEMPLATE_H

#include <stdbool.h>

#include "compat/open_tree/job.h"

/*
 * open_tree_template_here - the same for the calling task, which is in the new namespace afterwards
 * if it is not in its own. The caller closes the files of @job. An fd, or negative.
 */
int open_tree_template_here(struct open_tree_job *job);

/* open_tree_by_template - run @job in a helper. An fd, -errno (final), or OPEN_TREE_NEXT_WAY via
 * *next. */
int open_tree_by_template(struct open_tree_job *job, bool *next);

#endif
