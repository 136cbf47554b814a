/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * small.h - a mount namespace that has few mounts on every system, so that a copy of it costs
 * little: that of the kernel's thread for devtmpfs. Changes the calling task's namespace, root and
 * cwd: helpers only.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_SMALL_H
#define MNTCOMPAT_COMPAT_NAMESPACE_SMALL_H

#include "compat/namespace/open.h"

/*
 * namespace_enter_small - enter it, if @user owns it (NULL: whoever owns it). 0; -EMFILE, -ENFILE,
 * -ENOMEM; or -ENOENT if the caller does not see it or may not enter it. The task is where it was
 * if that fails.
 */
int namespace_enter_small(struct namespace_door *door, const struct namespace_name *user);

#endif
