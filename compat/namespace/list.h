/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * list.h - the existing namespaces, as far as procfs shows them.
 * Reads other processes' namespace files, descriptors and mountinfo, and changes nothing.
 *
 * Root in the initial user and pid namespaces sees
 *
 *   the namespaces that tasks are in, all threads included, and those that their children would be
 * in those that processes hold open (the descriptors of their first thread) those that are
 * bind-mounted in a mount namespace with a task in it, and not covered there the user namespaces
 * that own any of these all mount namespaces where the kernel lists them (6.12)
 *
 * and not: the namespaces of tasks that it may not look into (CAP_SYS_PTRACE); those held only by a
 * descriptor in flight in a socket, by a thread with an fd table of its own, or by a mount in a
 * namespace without tasks. Other callers see their own, as with the kernel's listns.
 */
#ifndef MNTCOMPAT_COMPAT_NAMESPACE_LIST_H
#define MNTCOMPAT_COMPAT_NAMESPACE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mntcompat.h>

struct namespace_entry {
	uint64_t ino; /* 0: the slot is free */
	uint64_t id;
	uint64_t owner; /* inode of the user namespace that owns it; 0: none, or above the caller */
	uint32_t kind;	/* CLONE_NEW* */
};

struct namespace_list {
	struct namespace_entry *slots;
	size_t capacity, n;
	bool all;	   /* the caller sees all */
	bool gaps;	   /* but something could not be looked into */
	bool has_made;	   /* an id was made of an inode number */
	uint64_t own_user; /* inode of the caller's user namespace */
	/*
	 * in: the id of a mount namespace to look for among those that the caller sees; then the
	 * rest of the list is of no use. 0: none
	 */
	uint64_t want;
	int kept; /* out: that fd, or -1 */
};

#define NAMESPACE_KINDS \
	(MNTCOMPAT_TIME_NS | MNTCOMPAT_MNT_NS | MNTCOMPAT_CGROUP_NS | MNTCOMPAT_UTS_NS | \
	 MNTCOMPAT_IPC_NS | MNTCOMPAT_USER_NS | MNTCOMPAT_PID_NS | MNTCOMPAT_NET_NS)

/*
 * namespace_list_gather - look for the namespaces of @kinds (CLONE_NEW* flags); others may be found
 * as well. list->want is set by the caller, the rest here. The list has to be released in any case;
 * list->kept is the caller's. 0, -ENOSYS without procfs, -EOPNOTSUPP, -EMFILE, -ENFILE, -ENOMEM.
 */
int namespace_list_gather(struct namespace_list *list, uint32_t kinds);
void namespace_list_release(struct namespace_list *list);

/* Walks the entries; *pos starts at 0. NULL at the end. */
const struct namespace_entry *namespace_list_next(const struct namespace_list *list, size_t *pos);

#endif
