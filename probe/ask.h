/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask.h - the calls that the child makes, and their answers, which it shares with the caller.
 */
#ifndef MNTCOMPAT_PROBE_ASK_H
#define MNTCOMPAT_PROBE_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/kernel/feature.h"

enum call_id {
	CALL_NONE,
	CALL_OPEN_TREE_NAMESPACE,
	CALL_OPEN_TREE_DETACHED, /* the same of a detached tree */
	CALL_OPEN_TREE_DROP,	 /* a clone without mount-namespace files */
	CALL_OPEN_TREE_ATTR,
	CALL_MOUNT_SETATTR,
	CALL_FSMOUNT,
	CALL_FSMOUNT_NAMESPACE,
	CALL_UNSHARE_EMPTY,
	CALL_CLONE3_EMPTY,
	CALL_USER_NAMESPACE,
	CALL_STATMOUNT_BY_FD,
	CALL_STATMOUNT_BY_ID,
	CALL_LISTMOUNT,
	CALL_LISTMOUNT_REVERSE,
	CALL_STATX_MNT_ID,
	CALL_STATX_UNIQUE,
	CALL_HANDLE,
	CALL_MNTNS_ID,
	CALL_NS_ID,
	CALL_MNTNS_INFO,
	CALL_LISTNS,
	CALL_TABLE,
	CALL_COUNT,
};

struct call_answer {
	bool asked;
	int error; /* errno, 0 if it worked */
	enum mntcompat_way way;
	const char *blame;  /* the earlier step that failed, or NULL */
	uint64_t supported; /* statmount: the supported bits */
};

/* Written by the child into memory that it shares with the caller: no pointers but to constants. */
struct answers {
	bool began, finished;
	bool admin;    /* CAP_SYS_ADMIN in the caller's user namespace */
	bool owner;    /* and over its mount namespace */
	bool ptrace;   /* CAP_SYS_PTRACE */
	bool no_child; /* no child could be made, so only calls that change nothing were made */
	bool no_files; /* no file descriptor is free */
	bool filtered; /* seccomp mode 2 */
	int seccomp, no_new_privs; /* -errno if not known */
	const char *blocked;	   /* an old system call that a filter refuses, or NULL */
	enum feature_state features[FEATURE_COUNT];
	struct call_answer calls[CALL_COUNT];
	int64_t mounts; /* in the caller's mount namespace, -1: not known */
	int hidepid;	/* -1: not known */
};

/*
 * ask_all - make all calls; with @try also those that change something and are undone. Must run in
 * a child that ends afterwards, because the task may be left in other namespaces.
 */
void ask_all(struct answers *answers, bool try);

#endif
