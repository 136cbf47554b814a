/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.h - the rows of calls.def as a table: names, numbers, first kernels, kinds of arguments,
 * documented errnos.
 * Touches nothing.
 */
#ifndef MNTCOMPAT_COMPAT_KERNEL_CALLS_H
#define MNTCOMPAT_COMPAT_KERNEL_CALLS_H

#include <stdbool.h>

enum calls_id {
#define CALL(name, ...) CALLS_##name,
#define CALL_TWICE(name, ...) CALLS_##name,
#define REQUEST(name, ...) CALLS_##name,
#define FUNCTION(name, ...) CALLS_##name,
#include "compat/kernel/calls.def"
	CALLS_COUNT,
};

/*
 * Kinds of arguments: how a front end passes one on, how the supervisor copies it, and how a test
 * makes one at random. Those after ARGUMENT_SIZE are pointers.
 */
enum calls_argument {
	ARGUMENT_NONE = 0,
	ARGUMENT_FD,		/* int: a descriptor, or AT_FDCWD */
	ARGUMENT_FILE,		/* int: a descriptor of an open file, not of a place */
	ARGUMENT_PATH,		/* a string that is read */
	ARGUMENT_INT,		/* int */
	ARGUMENT_FLAGS,		/* unsigned int */
	ARGUMENT_AT_FLAGS,	/* int: flags that say whether a link itself is described */
	ARGUMENT_SIZE,		/* size_t: of the argument before it */
	ARGUMENT_MOUNT_REQUEST, /* struct mnt_id_req: its size is in it, and perhaps a descriptor */
	ARGUMENT_NS_REQUEST,	/* struct ns_id_req */
	ARGUMENT_CLONE_REQUEST, /* struct clone_args; the next argument is its size */
	ARGUMENT_ATTRIBUTES,	/* struct mount_attr; the next argument is its size */
	ARGUMENT_BUFFER,   /* a struct is written that begins with its size; its room is next */
	ARGUMENT_IDS,	   /* 8 bytes each are written; the next argument is the number that fit */
	ARGUMENT_STATX,	   /* struct statx is written */
	ARGUMENT_HANDLE,   /* struct file_handle, read and written */
	ARGUMENT_MOUNT_ID, /* is written: 8 bytes with a flag by which front ends take the call,
			      else an int */
	ARGUMENT_ID,	   /* 8 bytes are written */
	ARGUMENT_INFO,	   /* struct mnt_ns_info is written */
};

/* Traits of a call that the supervisor has to know besides its arguments. */
enum calls_trait {
	CALLS_RETURNS_FD = 1,
	CALLS_RESERVES_FD = 2,	       /* a full table of descriptors is checked first (6.19) */
	CALLS_SEES_NAMESPACES = 4,     /* those that the caller has open, too */
	CALLS_IS_SHORT_OF_THREADS = 8, /* has flags refused to a process with threads */
	CALLS_IS_PROBED = 16,	       /* without attributes it is a feature probe */
};

#define CALLS_ARGUMENTS 6

struct calls_row {
	const char *name;	 /* of the stand-in, without "mntcompat_" */
	long number;		 /* of the system call, for an ioctl as well; -1: none */
	unsigned int request;	 /* of an ioctl; 0: none */
	unsigned int since;	 /* RAW_KERNEL(); 0: no call of the kernel's */
	int feature;		 /* enum feature_id, FEATURE_COUNT: none */
	int otherwise;		 /* an undocumented errno becomes this; 0: it passes */
	const char *errno_names; /* "EBADF, EINVAL" */
	const int *errnos;	 /* 0 ends them */
	enum calls_argument arguments[CALLS_ARGUMENTS];
	unsigned int traits; /* enum calls_trait */
};

extern const struct calls_row calls_rows[CALLS_COUNT];

const struct calls_row *calls_describe(enum calls_id id);

/* calls_documents - true if the function's man page lists this errno. */
bool calls_documents(enum calls_id id, int error);

/*
 * calls_documented - @ret as the function may return it: a shortage of descriptors that is not
 * documented is -ENOMEM, any other errno that is not documented becomes that of the row.
 */
int calls_documented(enum calls_id id, int ret);

#endif
