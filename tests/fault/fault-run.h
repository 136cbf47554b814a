/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fault-run.h - one call of the product in a process of its own, with faults, watched from outside.
 * Forks; the process under test is stopped before each system call by a seccomp listener.
 */
#ifndef MNTCOMPAT_TESTS_FAULT_RUN_H
#define MNTCOMPAT_TESTS_FAULT_RUN_H

#include "compat/kernel/calls.h"
#include "tests/fault/fault-common.h"

/* The caller. */
enum fault_caller {
	FAULT_OWNER,   /* root, owns its mount namespace */
	FAULT_FOREIGN, /* root of a user namespace, the mount namespace belongs to the parent's */
	FAULT_USERNS,  /* root of a user namespace that owns its mount namespace */
	FAULT_USER,    /* uid 1000, no capability */
};

enum fault_api {
	FAULT_OPEN_TREE,
	FAULT_STATMOUNT,
	FAULT_STATMOUNT_ALLOC,
	FAULT_OTHER,
	FAULT_OPEN_TREE_ATTR,
	FAULT_MOUNT_SETATTR,
	FAULT_LISTMOUNT
};

/* The call under test. */
struct fault_op {
	const char *name;
	enum calls_id call; /* whose documented errnos may leave it */
	bool masked;	    /* made behind filters, too: it says something that the others do not */
	enum fault_api api;
	enum fault_caller caller;
	int prior;	  /* so many calls before the one that is watched */
	const char *path; /* open_tree, *attr; NULL for statmount */
	unsigned int flags;
	struct mntcompat_mount_attr attr;		 /* open_tree_attr, mount_setattr */
	int (*subject)(const struct fault_world *world); /* statmount: the fd */
	bool by_id;   /* statmount, listmount: by the id of @subject's mount */
	bool foreign; /* listmount: of the namespace that @subject is, its root */
	void (*prepare)(const struct fault_world *world); /* after the prior calls */
	/*
	 * FAULT_OTHER: the call, about @subject; what it answers goes to @room, and is the same
	 * each time or not given.
	 */
	int (*other)(int subject, char *room, size_t size);
	/* An injected errno that has a meaning of its own there: the first, and the call's answer. */
	struct {
		int injected, answer;
	} meant[4];
};
extern const struct fault_op fault_ops[]; /* ends with a NULL name */
const struct fault_op *fault_op_find(const char *name);
/* fault_ops_check - end the program if a row of calls.def has no call above (with .masked). */
void fault_ops_check(bool masked);

/* How the library is set up. */
struct fault_setting {
	const char *level; /* MNTCOMPAT_KERNEL, or NULL */
	enum mntcompat_mode mode;
};

/* The fault that is injected. */
struct fault_rule {
	int index, error;   /* the call with this number (0: first) fails; error 0: none */
	int index2, error2; /* and this one */
	bool kill;	    /* instead of the first: the caller is killed at this call */
	const struct fault_mask *masks; /* instead: these always fail, by a filter */
};

#define FAULT_TRACE_MAX 4096
struct fault_traced {
	long nr;
	bool exempt;
	bool helper; /* not made by the calling task itself */
	bool probe;  /* answered by EPERM or EINVAL as it is */
};

struct fault_outcome {
	bool good;
	char why[700];		    /* what is wrong */
	int ret, error;		    /* of the watched call; ret < 0: error */
	int after_ret, after_error; /* of the same call once more, without faults but for masks */
	enum mntcompat_way way;
	size_t calls; /* system calls of the watched call */
	struct fault_traced trace[FAULT_TRACE_MAX];
	char namespace[8192]; /* open_tree: what the namespace looks like; *attr: the mounts */
	union {
		struct mntcompat_statmount answer;
		char room[16384];
	};
};

/*
 * fault_run - make one call in a fresh process and judge it by @baseline, the outcome without
 * faults (NULL: this is it). @outcome is filled in all cases.
 */
void fault_run(const struct fault_world *world, const struct fault_op *op,
	       const struct fault_setting *setting, const struct fault_rule *rule,
	       const struct fault_outcome *baseline, struct fault_outcome *outcome);

#endif
