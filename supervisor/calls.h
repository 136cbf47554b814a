/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.h - the calls that are supervised: their numbers, when the filter lets them reach the supervisor, what their
 * arguments are, and how they are answered by the library. Touches nothing. Used in supervisor/ only.
 */
#ifndef MNTCOMPAT_SUPERVISOR_CALLS_H
#define MNTCOMPAT_SUPERVISOR_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an argument is, seen from the one who has to bring it over. */
enum argument {
	ARGUMENT_VALUE = 0,	/* a register and nothing more */
	ARGUMENT_FD,		/* a descriptor, or AT_FDCWD */
	ARGUMENT_PATH,		/* a string that is read */
	ARGUMENT_MOUNT_REQUEST,	/* struct mnt_id_req: its size is in it, and perhaps a descriptor */
	ARGUMENT_NS_REQUEST,	/* struct ns_id_req */
	ARGUMENT_ATTRIBUTES,	/* struct mount_attr; the next argument is its size */
	ARGUMENT_BUFFER,	/* is written; the next argument is its size in units of @unit bytes */
	ARGUMENT_RESULT,	/* is written, @unit bytes */
	ARGUMENT_HANDLE,	/* struct file_handle, read and written */
	ARGUMENT_MOUNT_ID,	/* receives 8 bytes: only the unique ids are supervised */
};

#define CALL_ARGUMENTS 6

/* Arguments as the library gets them; @written are bytes to bring back, by argument. */
struct call_run {
	uint64_t args[CALL_ARGUMENTS];
	size_t written[CALL_ARGUMENTS];
	bool is_like;			/* statx: what is described is only like what was asked for, on the same mount */
};

struct call {
	const char *name;
	int native, compat;		/* numbers; compat: of 32-bit programs on a 64-bit kernel, or -1 */
	unsigned int when;		/* the argument that the filter looks at */
	uint32_t bits;			/* ... for any of these; 0: always */
	uint32_t equals;		/* ... or for this value, if not 0 */
	bool returns_fd, reserves_fd;	/* reserves: a full table is what is seen first (6.19) */
	bool is_short_of_threads;	/* unshare: what is refused to a process with threads */
	bool sees_namespaces;		/* those that the caller has open, too */
	enum argument arguments[CALL_ARGUMENTS];
	unsigned int at_flags;		/* the argument whose AT_SYMLINK_NOFOLLOW has a link itself described; 0: none */
	uint32_t unit;
	/* -1 with errno, as the stand-ins do. */
	int64_t (*run)(struct call_run *run);
	/* Is it asked whether the kernel has all of the call? Then it is told that it has not: ENOSYS. */
	bool (*asks)(const uint64_t *args);
	bool (*needed)(void);		/* does this kernel not answer it as 7.3? NULL: where not all is as in 7.3 */
};

extern const struct call calls[];
extern const size_t calls_count;

/* What seccomp says of the program's processor; 0: this one is not supported. */
extern const uint32_t calls_arch_native, calls_arch_compat;

bool call_is_needed(const struct call *call);
/* Is everything answered already that no kernel before 7.1 answers? Then there is a supervisor like this one. */
bool calls_are_answered(void);
/* The call that this is; NULL: none, and the filter is another one. */
const struct call *call_find(uint32_t arch, int number, const uint64_t *args);

#endif
