/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * by_bind.h - the way without open_tree(2) and move_mount(2) (before 5.2, or filtered).
 * Costs as much as the host has mounts. Runs in a helper.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_BY_BIND_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_BY_BIND_H

#include <stdbool.h>

#include "compat/open_tree/job.h"

/*
 * open_tree_by_bind - run @job in a helper. An fd, -errno (final), or OPEN_TREE_NEXT_WAY via *next.
 */
int open_tree_by_bind(struct open_tree_job *job, bool *next);

#endif
