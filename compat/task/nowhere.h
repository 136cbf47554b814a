/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nowhere.h - a new filesystem that is mounted nowhere.
 * Opens file descriptors and attaches nothing. Used for covers, for empty roots and for a procfs
 * where /proc is not one.
 */
#ifndef MNTCOMPAT_COMPAT_TASK_NOWHERE_H
#define MNTCOMPAT_COMPAT_TASK_NOWHERE_H

/* nowhere_mount - a new filesystem of that type: a detached mount's fd (CLOEXEC), or -errno. */
int nowhere_mount(const char *type, unsigned int attrs);
/* nowhere_namespace - the same as a mount namespace's fd (7.1). */
int nowhere_namespace(const char *type);

#endif
