/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fault-common.h - what the programs of tests/fault share: TAP, a world of mounts, filters, the
 * state of a process. Makes mounts in a mount namespace of its own only; reaches the product
 * through <mntcompat.h>. Included by every program of this folder.
 */
#ifndef MNTCOMPAT_TESTS_FAULT_COMMON_H
#define MNTCOMPAT_TESTS_FAULT_COMMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

/* --- output --- */

void tap_plan(int tests);
/* "ok N - name" or "not ok N - name"; what @format says follows as a comment. Returns @good. */
bool tap_result(bool good, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void tap_skip(const char *name, const char *reason);
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "1..0 # SKIP reason", and the end with 77. */
void tap_skip_all(const char *reason) __attribute__((noreturn));
int tap_exit(void); /* 0, or 1 after a "not ok" */
/* A program that cannot set its world up says so and ends. */
void fault_broken(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
long fault_must(long ret, const char *what);

const char *fault_errno_name(int error);
int fault_errno_of(const char *name); /* 0: no such name */
const char *fault_syscall_name(
	long nr); /* one of a few rotating buffers for what has no name here */

/* The uptime in milliseconds. */
uint64_t fault_now(void);
/* A small generator of random numbers: the same seed, the same numbers. */
uint32_t fault_random(uint64_t *state);

/* --- the world --- */

/*
 * A tmpfs in a mount namespace of its own, the working directory afterwards, with
 *   src		shared, a file "marker"; below it a (nosuid, shared), a/deep, slave (slave
 *of a), private (read-only), unbindable flat	private, nothing mounted on it nsfile	holds a
 *mount-namespace file below it
 */
struct fault_world {
	char path[64];
	int userns;    /* a user namespace that owns nothing */
	int elsewhere; /* a directory in a mount namespace that is not ours */
	int unmounted; /* a directory of a lazily unmounted mount */
	int detached;  /* a detached tree, or -1 before 5.2 */
	pid_t holder;
};
/*
 * @parent: a fresh directory that the caller makes with fault_world_place() and removes in the end.
 */
void fault_world_place(char path[64]);
void fault_world_open(struct fault_world *world, const char *path);
void fault_world_close(struct fault_world *world);

/* Whole file, NUL-terminated, at most @size - 1 bytes; -1 on error. */
ssize_t fault_read_file(const char *path, char *buf, size_t size);

/* Describe the mount namespace behind @nsfd as a process that enters it sees it. Empties it. */
void fault_describe_namespace(int nsfd, char *text, size_t size);

/* --- the state of a process that a call must leave alone --- */

#define FAULT_STATE_SIZE 32768

/*
 * Written down as text: cwd, root, namespaces, signals, privileges, fds, memory, mount table.
 * Leaves out the fd
 * @except and the one namespace file that the library may keep. *lowest: the lowest free fd.
 */
void fault_state(pid_t pid, int except, char text[FAULT_STATE_SIZE], int *lowest);
/* The first line that differs, or NULL. One static buffer. */
const char *fault_state_difference(const char *before, const char *after);

/* NULL if @got equals @whole, with the same or fewer mask bits; else the difference. */
const char *fault_answer_wrong(const struct mntcompat_statmount *whole,
			       const struct mntcompat_statmount *got, bool fewer_allowed);

/* --- filters --- */

/* System calls for which a filter answers. */
struct fault_mask {
	long nr;       /* -1 ends a list */
	uint64_t bits; /* 0: always; else only if one of these is set in argument @arg */
	int arg;
	int error;	/* or FAULT_KILL */
	bool and_above; /* also every number above nr */
};
#define FAULT_KILL (-1) /* who makes it ends */
#define FAULT_MASK_END \
	{ \
		.nr = -1 \
	}

/*
 * A filter for the calling process: @masks are answered with their errors, and @listen system calls
 * are put before a listener, whose fd is returned: FAULT_LISTEN_NONE, FAULT_LISTEN_MARKS (those
 * made by fault_mark()), FAULT_LISTEN_ALL (all but those that must not fail, see fault_exempt).
 * -errno on failure.
 */
enum fault_listen { FAULT_LISTEN_NONE, FAULT_LISTEN_MARKS, FAULT_LISTEN_ALL };
int fault_filter(const struct fault_mask *masks, enum fault_listen listen);

#define FAULT_MARK 0x6d6e7463
/* A system call that does nothing, seen by the listener. */
void fault_mark(int phase, int ret, int error);

struct fault_call {
	uint64_t id;
	pid_t pid;
	long nr;
	uint64_t args[6];
};
/* The next call; 1, 0 when no task is left that could make one, -ETIMEDOUT. */
int fault_listen_next(int listener, struct fault_call *call, int timeout_ms);
/* Let it happen (@error 0) or make it fail. */
void fault_listen_answer(int listener, const struct fault_call *call, int error);

/* NULL if this call may be made to fail; else the reason against it. */
const char *fault_exempt(const struct fault_call *call);

/* Send and receive an fd over a socket. */
void fault_send_fd(int socket, int fd);
int fault_receive_fd(int socket);

#endif
