/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.h - the supervised calls: numbers, the flags for which the filter sends them to the
 * supervisor, the kinds of their arguments, and the library's function that answers them. Touches
 * nothing.
 */
#ifndef MNTCOMPAT_SUPERVISOR_CALLS_H
#define MNTCOMPAT_SUPERVISOR_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an argument is brought over. */
enum argument {
	ARGUMENT_VALUE = 0,	/* a register and nothing more */
	ARGUMENT_FD,		/* a descriptor, or AT_FDCWD */
	ARGUMENT_PATH,		/* a string that is read */
	ARGUMENT_MOUNT_REQUEST, /* struct mnt_id_req: its size is in it, and perhaps a descriptor */
	ARGUMENT_NS_REQUEST,	/* struct ns_id_req */
	ARGUMENT_ATTRIBUTES,	/* struct mount_attr; the next argument is its size */
	ARGUMENT_BUFFER,   /* is written; the next argument is its size in units of @unit bytes */
	ARGUMENT_RESULT,   /* is written, @unit bytes */
	ARGUMENT_HANDLE,   /* struct file_handle, read and written */
	ARGUMENT_MOUNT_ID, /* receives 8 bytes: only the unique ids are supervised */
};

#define CALL_ARGUMENTS 6

/* Arguments as the library gets them; @written are bytes to bring back, by argument. */
struct call_run {
	uint64_t args[CALL_ARGUMENTS];
	size_t written[CALL_ARGUMENTS];
	bool is_like;	      /* statx: only like the requested file, on the same mount */
	bool leave_to_kernel; /* the library adds nothing to the kernel's own answer */
};

struct call {
	const char *name;
	int native, compat; /* numbers; compat: of 32-bit programs on a 64-bit kernel, or -1 */
	unsigned int when;  /* the argument that the filter checks */
	uint32_t bits;	    /* ... for any of these; 0: always */
	uint32_t equals;    /* ... or for this value, if not 0 */
	bool needs_file;    /* argument 0 is an open file, not a place */
	bool returns_fd, reserves_fd; /* reserves: a full table is checked first (6.19) */
	bool is_short_of_threads;     /* unshare: has flags refused to a process with threads */
	bool sees_namespaces;	      /* those that the caller has open, too */
	enum argument arguments[CALL_ARGUMENTS];
	unsigned int at_flags; /* the argument whose AT_SYMLINK_NOFOLLOW has a link itself
				  described; 0: none */
	uint32_t unit;
	/* -1 with errno, as the stand-ins do. */
	int64_t (*run)(struct call_run *run);
	/* True for a feature probe (NULL attributes), which is answered ENOSYS. */
	bool (*asks)(const uint64_t *args);
	bool (*needed)(void); /* false where this kernel answers the call as Linux 7.3 does */
};

extern const struct call calls[];
extern const size_t calls_count;

/* Seccomp's numbers for the processor and its 32-bit mode; 0: this one is not supported. */
extern const uint32_t calls_arch_native, calls_arch_compat;

bool call_is_needed(const struct call *call);
/*
 * True if calls that no kernel before 7.1 has are answered: below another supervisor of this kind.
 */
bool calls_are_answered(void);
/* NULL: not a supervised call, so the filter is not this supervisor's. */
const struct call *call_find(uint32_t arch, int number, const uint64_t *args);

#endif
