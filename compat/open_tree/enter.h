/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * enter.h - an empty mount namespace for a helper: a copy of the template, or of its own one,
 * emptied. Changes the calling task's namespace: helpers only.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_ENTER_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_ENTER_H

#include <stdbool.h>

#include "compat/namespace/open.h"
#include "compat/open_tree/job.h"

/*
 * open_tree_enter_empty - become the only task of a namespace that is empty but for its bottom
 * (and, with *locked, the mounts that cannot be unmounted from it): a copy of the template, or a
 * new one. A new template is left in @job. Owners of their namespace only, in a helper. 0 or
 * -errno.
 */
int open_tree_enter_empty(struct open_tree_job *job, const struct namespace_name *user,
			  bool *locked);

/*
 * open_tree_enter_new - the same without a template: a copy of the kernel's small namespace, or of
 * @own, the current one, emptied.
 */
int open_tree_enter_new(struct namespace_door *door, const struct namespace_name *user, int own,
			bool *locked);

#endif
