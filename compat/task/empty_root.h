/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * empty_root.h - the empty directory of procfs that stands for nullfs as the root of an empty mount
 * namespace (before 7.1): how it is marked, and how it is known again, by processes that did not
 * make it as well. Changes the mount at the calling task's "/" in helpers only.
 */
#ifndef MNTCOMPAT_COMPAT_TASK_EMPTY_ROOT_H
#define MNTCOMPAT_COMPAT_TASK_EMPTY_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/kernel/raw.h"

/*
 * The mark: an attribute without any effect in an empty directory, which nobody else sets there
 * (5.10).
 */
#define EMPTY_ROOT_MARK MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW

/*
 * Directories of procfs that the kernel makes for others to mount on, permanently empty: no name in
 * them can even be looked up, as in nullfs. Which are there depends on the kernel's configuration.
 */
#define EMPTY_ROOT_DIRECTORIES 2
extern const char *const empty_root_directories[EMPTY_ROOT_DIRECTORIES];

/* True if a mount whose root has this path in procfs ("/sys/...") may be an empty root. */
bool empty_root_is_directory(const char *path, size_t len);

/*
 * empty_root_note, empty_root_was_noted - whether this process has made an empty namespace, or had
 * an empty root when it was first asked: most never see one, and their calls shall cost nothing
 * more.
 */
void empty_root_note(void);
bool empty_root_was_noted(void);

/* Marks the mount at "/", whose other attributes stay. 0 or -errno. */
int empty_root_mark(void);

/*
 * empty_root_is_own - true if the calling task's "/" is a marked empty root and nothing lies on it.
 * Then it is the only mount that the task sees: nothing can be made in it, so that nothing can be
 * mounted there either. *root receives its ids. Needs neither procfs nor privilege.
 */
bool empty_root_is_own(struct raw_statx *root);

#endif
