/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * feature.h - what this kernel has: one table of features, each with a probe that changes nothing.
 * Probes the kernel through raw.h only.
 */
#ifndef MNTCOMPAT_COMPAT_KERNEL_FEATURE_H
#define MNTCOMPAT_COMPAT_KERNEL_FEATURE_H

#include <stdbool.h>
#include <stdint.h>

#include <mntcompat.h>

enum feature_id {
	FEATURE_OPEN_TREE,
	FEATURE_OPEN_TREE_NAMESPACE,
	FEATURE_OPEN_TREE_NAMESPACE_LAX, /* present: without 7.3's rules for the sources */
	FEATURE_OPEN_TREE_DROP_MNTNS_MOUNTS,
	FEATURE_STATMOUNT,
	FEATURE_STATMOUNT_BY_FD,
	FEATURE_STATMOUNT_ID_MAPS,
	FEATURE_LISTMOUNT,
	FEATURE_LISTMOUNT_REVERSE,
	FEATURE_STATX_MNT_ID,
	FEATURE_STATX_MNT_ID_UNIQUE,
	FEATURE_HANDLE_MNT_ID_UNIQUE,
	FEATURE_FSMOUNT,
	FEATURE_FSMOUNT_NAMESPACE,
	FEATURE_MOVE_MOUNT_SET_GROUP,
	FEATURE_MOVE_MOUNT_BENEATH,
	FEATURE_OPEN_TREE_ATTR,
	FEATURE_MOUNT_SETATTR,
	FEATURE_NS_GET_MNTNS_ID,
	FEATURE_NS_GET_ID,
	FEATURE_NS_MNT_GET_INFO,
	FEATURE_LISTNS,
	FEATURE_PIDFD_GET_MNT_NAMESPACE,
	FEATURE_PROCFS,
	FEATURE_COUNT,
};

enum feature_state {
	FEATURE_PRESENT,
	FEATURE_ABSENT,	 /* the kernel lacks it */
	FEATURE_BLOCKED, /* the control probe failed: a filter answers instead of the kernel */
	FEATURE_UNKNOWN, /* not known: no probe without side effects */
};

struct feature {
	const char *name;    /* "open_tree.namespace" */
	unsigned int since;  /* RAW_KERNEL(7, 0): first kernel that has it */
	const char *purpose; /* what the library uses it for */
	enum feature_state (*probe)(void);
};

/* The table; NULL for an id out of range. */
const struct feature *feature_describe(enum feature_id id);

/*
 * feature_probe - ask the kernel now, unless it is already known to lack the feature.
 * No side effects, no privilege. That something is absent is remembered (until feature_forget());
 * that it is present never is, since a filter or another kernel may come between (a process can be
 * restored elsewhere).
 */
enum feature_state feature_probe(enum feature_id id);

/* True if it is already known to be absent. Costs no system call. */
bool feature_known_absent(enum feature_id id);

/* Drop all remembered answers: the kernel to behave like has changed. */
void feature_forget(void);

#endif
