/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * process.h - the mount namespace of a process, by its pid.
 * Opens files.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_PROCESS_H
#define MNTCOMPAT_COMPAT_NAMESPACE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * namespace_of_process - the mount namespace of the process @pid, 0: of the calling task, as a new
 * fd (O_RDONLY, CLOEXEC). By pidfd (6.11), else by a procfs of the caller's pid namespace. Not in a
 * helper. -EINVAL, -ESRCH, -EACCES; -ENOSYS if there is neither; -EMFILE, -ENFILE, -ENOMEM;
 * -EOPNOTSUPP if a filter hides the answer. *procfs: true if procfs answered.
 */
int namespace_of_process(pid_t pid, bool *procfs);

#endif
