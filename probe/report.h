/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report.h - what the files of libmntcompat-probe share: the answers, the files that are read, the report.
 * Reaches the core library through <mntcompat.h>, and the kernel through compat/raw.h and probe/feature.h.
 * Included by probe/ only; the core library knows nothing of it.
 */
#ifndef MNTCOMPAT_PROBE_REPORT_H
#define MNTCOMPAT_PROBE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mntcompat-probe.h>
#include "probe/feature.h"

/* --- questions to the library and the kernel (ask.c) --- */

/* All that 7.3's statmount can be asked for. */
#define STATMOUNT_ALL_BITS UINT64_C(0x7fff)

enum call_id {
	CALL_NONE,
	CALL_OPEN_TREE_NAMESPACE,
	CALL_OPEN_TREE_DETACHED,	/* the same of a detached tree */
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
	int error;			/* errno, 0 if it worked */
	enum mntcompat_way way;
	const char *blame;		/* a step before it that failed, or NULL */
	uint64_t supported;		/* of statmount: its bits */
};

/* Written by the child into memory that it shares with the caller: no pointers but to constants. */
struct answers {
	bool began, finished;
	bool admin;			/* CAP_SYS_ADMIN in the own user namespace */
	bool owner;			/* and over the mount namespace */
	bool ptrace;			/* CAP_SYS_PTRACE */
	bool no_child;			/* no child could be made: nothing was tried */
	bool no_files;			/* no file descriptor is free */
	bool filtered;			/* seccomp mode 2 */
	int seccomp, no_new_privs;	/* -errno if not known */
	const char *blocked;		/* an old system call that a filter stands before, or NULL */
	enum feature_state features[FEATURE_COUNT];
	struct call_answer calls[CALL_COUNT];
	int64_t mounts;			/* in the own namespace, -1: not known */
	int hidepid;			/* -1: not known */
};

/*
 * ask_all - ask everything; with @try what changes something is done and undone. Only ever in a child that ends
 * afterwards: it may be left in other namespaces.
 */
void ask_all(struct answers *answers, bool try);

/* --- reading files (batch.c) --- */

struct batch_file {
	char path[4096 + 64];
	char *text;			/* room for @room bytes; ends in NUL */
	size_t room;
	size_t length;
	/* errno of opening or reading it; EFBIG when it did not fit, EINVAL when it is not a regular file */
	int error;
};

enum {
	FILE_FILESYSTEMS,
	FILE_MAX_MNT_NAMESPACES,
	FILE_MAX_USER_NAMESPACES,
	FILE_MOUNT_MAX,
	FILE_USERNS_CLONE,
	FILE_IO_URING_DISABLED,
	FILE_TABLES,			/* libkmod's */
	FILE_DEP = FILE_TABLES,
	FILE_ALIAS,
	FILE_BUILTIN,
	FILE_BUILTIN_ALIAS,
	FILE_COUNT,
};

/* In memory that the child shares with the caller. */
struct batch {
	struct batch_file files[FILE_COUNT];
	unsigned int wanted;		/* bits of the files to read */
	bool uring;			/* out: io_uring did it */
};

/* Read what is wanted, by io_uring if @uring and if it can be had. Makes kernel threads: only in a child. */
void batch_read(struct batch *batch, bool uring);

/* --- the report (report.c) --- */

/* What the child and the caller share. */
struct shared {
	struct answers answers;
	struct batch batch;
};

/* Memory that is released with the report, chunk by chunk. */
struct chunk {
	struct chunk *next;
	max_align_t data[];
};

struct row_list {
	void **rows;
	size_t count, room;
};

struct mntcompat_probe {
	uint64_t flags;
	char *root, *modules;		/* the directory of the modules; "" in @root: this system */
	char *release;
	const char *const *filesystems;
	bool is_running;		/* the modules are the running kernel's */
	bool finished;
	pid_t child;
	int fd;				/* what the child writes to at its end */
	struct shared *shared;
	size_t shared_size;
	struct row_list features, file_systems, limits, troubles;
	struct chunk *chunks;
};

/* All return NULL without memory, and remember that: see report_is_short(). */
void *report_alloc(struct mntcompat_probe *probe, size_t size);
char *report_printf(struct mntcompat_probe *probe, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int report_add(struct row_list *list, void *row);	/* 0 or -ENOMEM */
int report_trouble(struct mntcompat_probe *probe, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Each makes rows of the answers: 0 or -ENOMEM. */
int report_features(struct mntcompat_probe *probe);	/* features.c */
int report_limits(struct mntcompat_probe *probe);	/* limits.c */
int report_filesystems(struct mntcompat_probe *probe);	/* filesystems.c */

#endif
