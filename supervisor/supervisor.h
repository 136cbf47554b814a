/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervisor.h - answers the mount calls of programs that go past libc, by seccomp user notification.
 * What the folder shows to others. Called by the tool's "run"; asks probe/, calls the library like any program.
 */
#ifndef MNTCOMPAT_SUPERVISOR_SUPERVISOR_H
#define MNTCOMPAT_SUPERVISOR_SUPERVISOR_H

#include <stdbool.h>

/* Is there any call that this kernel does not answer as Linux 7.3 does? */
bool supervisor_is_needed(void);

/*
 * supervisor_start - from now on this process, and whatever it executes and forks, is supervised
 * @no_new_privs: set to true if that had to be set, which ends what setuid programs can do
 *
 * The supervisor is a process of its own, no child of the caller, and ends after the last process that it supervises.
 * Nothing can be taken back after it has returned 0.
 *
 * Below a supervisor of this kind, which answers everything, there is no second one.
 *
 * Returns 0, or -errno: -ENOSYS (no seccomp user notification with SECCOMP_IOCTL_NOTIF_ADDFD, Linux 5.9, or not for
 * this processor), -EBUSY (there is a supervisor of another kind already), -ENOENT (no procfs), or why a process,
 * a descriptor or memory could not be had.
 */
int supervisor_start(bool *no_new_privs);

#endif
