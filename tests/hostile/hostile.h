/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostile.h - the common part of the hostile tests: cases, roles, identities, raw system calls,
 * attacks, samples of processes. Makes processes, namespaces and mounts of its own only; reaches
 * the product through the tool alone. Included by every program of this folder.
 */
#ifndef MNTCOMPAT_TESTS_HOSTILE_H
#define MNTCOMPAT_TESTS_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "compat/kernel/uapi.h"

#define USER 1000
#define OTHER_USER 2000
#define SUBUID 100000
#define LEVEL "5.10"

/*
 * A case runs as process 1 of a pid and a mount namespace of its own, with its own /proc, in the
 * directory of the run. When it ends, everything that it started ends. It returns if all promises
 * were kept, or calls broken() or skip().
 */
struct hostile_case {
	const char *row, *name;
	void (*run)(const char *argument);
	const char *argument;
	bool slow; /* not with --quick */
};
/* The tool executes this program again, which then plays a role. */
struct hostile_role {
	const char *name;
	int (*run)(int argc, char **argv);
};

extern const struct hostile_case look_cases[], race_cases[], reuse_cases[], own_cases[],
	hang_cases[], start_cases[], answer_cases[], count_cases[];
extern const struct hostile_role look_roles[], race_roles[], reuse_roles[], own_roles[],
	hang_roles[], answer_roles[], count_roles[], start_roles[];

void broken(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* ends the process if @ret is negative: the test does not work */
long must(long ret, const char *what);

extern const char *tool, *place; /* the tool; the directory of the run, which everybody may enter */
extern bool quick, plain;	 /* plain: without the tool, to see the kernel's own answers */

/*
 * Enters a new mount namespace and mounts a tmpfs on @directory. It holds this program as self,
 * setid and setroot, and a mount called attr.
 */
void make_place(const char *directory);

/* --- small things --- */

uint64_t now_ms(void);
void sleep_ms(unsigned int ms);
uint32_t random_number(uint64_t *state);
ssize_t read_text(const char *path, char *text, size_t size); /* NUL-terminated; -1 */
bool write_text(const char *path, const char *text);
const char *in_place(const char *name); /* one of a few rotating buffers */
const char *error_name(int error);
bool kernel_is_at_least(int major, int minor);
/* Makes a call as an i386 program does, from a 64-bit program. Pointers have to be below 4 GiB. */
bool has_i386(void);
long i386_call(long nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e);
void *low_memory(size_t size);
long raw_clone3(uint64_t flags, pid_t set_tid, int exit_signal);

/* --- system calls --- */

/* These return -errno on failure. */
long raw_statmount_fd(int fd, uint64_t mask, void *buf, size_t size);
long raw_mount_setattr(const char *path, uint64_t set, uint64_t clear);
long raw_listns(uint32_t type, uint64_t *ids, size_t count);
long raw_namespace_id(const char *name, uint64_t *id);
long raw_statx_unique(const char *path, uint64_t *id);
/* Makes the call of that name, with arguments that reach the supervisor at LEVEL. */
long call_by_name(const char *name);
extern const char *const call_names[];

/* --- identities --- */

/*
 * Becomes: root, user, groups, bare (root without any capability, in a network namespace, with a
filter and no_new_privs),
 * no-ptrace (root with all capabilities but one), userns (root of a user namespace of its own,
without setgroups), groups-ns
 * (the same with supplementary groups), subuid (root of a user namespace with many ids, and
setgroups), own (the user in X (the user, who executes @argv again through a set-user-ID program).
 */
void become(const char *identity, char **argv);
extern uid_t user_id; /* the user's: USER */
extern const char *const identity_names[];

/* --- the tool --- */

struct run {
	pid_t pid;
	int out;	  /* its stdout, and its stderr with RUN_ERRORS */
	char text[16384]; /* the output so far */
	size_t used;
};
enum {
	RUN_AS_USER = 1,
	RUN_ERRORS = 2,
	RUN_PLAIN = 4 /* without the tool */,
	RUN_NESTED = 8,
	RUN_EMULATE = 16
};
/* Words: a role and its arguments, ending with NULL. */
void run_start(struct run *run, unsigned int how, const char *const *words);
extern void (*run_before)(void); /* called before the tool is executed, if it is set */
#define RUN(run, how, ...) run_start(run, how, (const char *const[]){ __VA_ARGS__, NULL })
/* No user but root may execute the tool: called by run_start(), ends the case or the campaign. */
void unreachable(void) __attribute__((noreturn));
/* Waits for a line with this beginning, returns the rest of it; NULL after @ms. */
const char *run_expect(struct run *run, const char *beginning, unsigned int ms);
/* The wait status, or -1 after @ms. Goes on to read the output. */
int run_wait(struct run *run, unsigned int ms);
void say(const char *format, ...) __attribute__((format(printf, 1, 2))); /* prints a line */

/* --- processes --- */

#define PROCESSES_MOST 4096
#define CAPABILITY_SETS 5
#define NAMESPACES 8

struct process {
	pid_t pid, parent;
	char comm[16], state;
};
/*
 * Lists the processes of the pid namespace that have the supervisor's names; returns their number.
 */
int list_supervisor(struct process *processes, int most);
pid_t find_supervisor(void); /* the one whose parent has another name, or 0 */
int count_workers(void);     /* the number of all others that are not dead */
bool read_process(pid_t pid, struct process *process);

struct holdings {
	pid_t pid;
	unsigned int uid[4], gid[4];
	uint32_t groups[64];
	int groups_used;
	uint64_t capabilities[CAPABILITY_SETS];
	int no_new_privs, seccomp;
	uint64_t namespaces[NAMESPACES]; /* inodes; 0: none of this kind */
};
extern const char *const namespace_names[NAMESPACES];
bool read_holdings(pid_t pid, struct holdings *holdings);
/* Describes one thing that @process has and @target does not have; NULL if there is none. */
const char *more_than(const struct holdings *process, const struct holdings *target,
		      const struct holdings *supervisor);
/* True if this process has become the target and makes its call. */
bool has_become(const struct process *process, const struct holdings *holdings,
		const struct holdings *target, pid_t supervisor);

/*
 * Attacks @process in all known ways; returns the first one that succeeds, or NULL. Does no harm.
 */
const char *attack(const struct process *process);
/* Makes so many mounts that a call which reads them all takes some milliseconds. */
void make_slow_world(int mounts);
/*
 * Mounts a file server with an empty directory. It is silent from the first file on, or holds the
 * next access check back until *hold is no longer HOLDS, half a second at most. A name that is
 * looked up there sets HOLDS, too, as does the closing of a descriptor of its one file, "file".
 */
enum serve { SERVE_NOTHING, SERVE_ALL };
enum { HOLD_NOT, HOLD_NEXT, HOLDS };
bool serve_files(const char *where, enum serve how, volatile int *hold);
/* The milliseconds that the machine needs now for as many processes as a call takes. */
int ordinary_ms(void);
void pin_to(int cpu);
void pin_task(pid_t task, int cpu);

#endif
