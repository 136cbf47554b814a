/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * become.h - a process takes on all of a target that the kernel checks, or ends up refusing.
 * Changes the calling process for good.
 */
#ifndef MNTCOMPAT_SUPERVISOR_BECOME_H
#define MNTCOMPAT_SUPERVISOR_BECOME_H

#include "supervisor/target.h"

/*
 * become - take on the target's ids, groups, capability sets, namespaces, root, working directory,
 * umask and limits. Everything comes from @target; nothing is looked up again. Afterwards the
 * process is not dumpable, has no_new_privs and locked securebits. 0; -errno if a part of it
 * failed, and then nothing may be done for the target. If the target lies in another pid namespace,
 * become() returns in a child, and the caller waits and ends with it.
 */
int become(const struct target *target, const struct target_own *own);

#endif
