/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * template.h - the process's kept mount namespace that holds nothing but its bottom mount.
 * Global state (one record, never waited for) and one file descriptor.
 */
#ifndef MNTCOMPAT_COMPAT_OPEN_TREE_TEMPLATE_H
#define MNTCOMPAT_COMPAT_OPEN_TREE_TEMPLATE_H

#include <stdbool.h>

#include "compat/namespace/open.h"

struct template
{
	int fd; /* CLOEXEC */
	struct namespace_name
		self; /* what fd must still be, and is when its namespace has not ended */
	struct namespace_root root; /* of a task that enters it */
	struct namespace_name user; /* the user namespace it was made in and is good for */
	bool locked;		    /* its root is a cover that cannot be unmounted */
	int owner; /* the process that keeps it: the memory may be that of vfork(2)'s child, too */
};

/* A call has this of the kept one before it looks at it. */
struct template_use {
	int number; /* in the caller's table, or negative */
	int fd;	    /* the same, or what a helper has in its own table of it */
};

/* template_use - the kept one, in the caller. Costs no system call. */
struct template_use template_use(void);

/*
 * template_enter - in a helper of the caller, or in the caller: become the only task of a copy of
 * the template. @own: the task's own mount namespace. 0; -ENOSPC, -ENOMEM, -EOPNOTSUPP; or -ENOENT,
 * and the task is in @own: there is none, it is for another user namespace, another thread is
 * changing the record or has changed it, or @use's fd is not what was kept (the process that keeps
 * it may have closed or reused the number: then the record is dropped and nothing is closed).
 */
int template_enter(const struct namespace_name *user, const struct template_use *use, int own,
		   bool *locked);

/*
 * template_wanted - true from a process's second namespace on: a program that makes a single one
 * keeps no file descriptor. Counts the calls.
 */
bool template_wanted(void);

/*
 * template_keep - remember @template, whose fd becomes the library's: it is moved to a high number.
 * Closes it instead when another thread was faster, or the process that has this one's memory keeps
 * one.
 */
void template_keep(const struct template *template);

/*
 * template_drop - close and drop it, if it is still ours: it counts against the user's limit of
 * namespaces.
 */
bool template_drop(void);

#endif
