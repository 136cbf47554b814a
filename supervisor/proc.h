/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * proc.h - the supervisor's procfs: it shows its own pid namespace, and no mount can cover it.
 */
#ifndef MNTCOMPAT_SUPERVISOR_PROC_H
#define MNTCOMPAT_SUPERVISOR_PROC_H

/*
 * proc_open - an fd of the root of such a procfs (O_PATH, CLOEXEC). Taken from /proc, or mounted
 * anew where /proc is missing or belongs to another pid namespace and the caller may mount. -ENOENT
 * if neither is possible.
 */
int proc_open(void);

#endif
