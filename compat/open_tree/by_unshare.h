/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * by_unshare.h - the way for callers who do not own their mount namespace, and for trees that hold
 * mount-namespace files. Costs as much as the host has mounts. Runs in a helper.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_BY_UNSHARE_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_BY_UNSHARE_H

#include <stdbool.h>

#include "compat/open_tree/job.h"

/*
 * open_tree_by_unshare - run @job in a helper. An fd, -errno (final), or OPEN_TREE_NEXT_WAY via
 * *next.
 */
int open_tree_by_unshare(struct open_tree_job *job, bool *next);

#endif
