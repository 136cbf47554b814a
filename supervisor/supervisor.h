/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * supervisor.h - answers the mount calls of programs that go past libc, by seccomp user
 * notification. The folder's only header for others. It calls the library like any program, and
 * uses the feature table.
 */
#ifndef MNTCOMPAT_SUPERVISOR_SUPERVISOR_H
#define MNTCOMPAT_SUPERVISOR_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>

/* True if this kernel does not answer every call as Linux 7.3 does. */
bool supervisor_is_needed(void);

/*
 * supervisor_start - from now on this process, and whatever it executes and forks, is supervised
 * @words: arguments of the calling program, up to NULL, that the supervisor clears in its own copy;
 *	or NULL
 * @no_new_privs: set to true if that had to be set, which ends what setuid programs can do
 * @what: receives the name of what is missing, at most @size bytes; "" if the error alone tells
 *
 * The supervisor is a process of its own, no child of the caller, and ends after the last process
 * that it supervises. All that supervision needs is tried before the filter is set; after that
 * nothing can be taken back.
 *
 * Below a supervisor of this kind, which answers everything, no second one starts.
 *
 * Returns 0, or -errno: -ENOSYS (no seccomp user notification with SECCOMP_IOCTL_NOTIF_ADDFD, Linux
 * 5.9, or not for this processor), -EBUSY (another kind of supervisor is there already), -ENOENT
 * (no procfs of the caller's pid namespace), or the error of the step in @what.
 */
int supervisor_start(char **words, bool *no_new_privs, char *what, size_t size);

#endif
