/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * world.h - a hostile world: surroundings in which the calls under test are made, such as a filter
 * of system calls, a mount whose server is dead, or no /proc. Each is one file of this folder and a
 * line in worlds.c. Entered by the scenario program (--world=NAME) around its calls, and by
 * tests/worlds/world for any program.
 */
#ifndef MNTCOMPAT_TESTS_WORLDS_WORLD_H
#define MNTCOMPAT_TESTS_WORLDS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The privilege levels of scenario.h. */
#define WORLD_ROOT 1u
#define WORLD_USERNS 2u
#define WORLD_USER 4u
#define WORLD_ALL 7u

/*
 * The steps of a world; each may be NULL. A step that fails calls world_broken().
 *
 * set_up	once, by root, in a mount namespace that no other program is in. Returns NULL, or
 *why this world cannot be had here: what is missing. enter	in each process that makes calls,
 *for good, when its own mounts have been prepared and before it drops its privileges. before
 *before each call under test, and after	after it: what the process itself could not work
 *with. before() returns how many bytes of the stack are to be used up during the call.
 */
struct world {
	const char *name; /* [a-z-], the name of its file */
	const char *doc;  /* one sentence */
	unsigned int levels;
	const char *(*set_up)(void);
	void (*enter)(void);
	size_t (*before)(void);
	void (*after)(void);
	/* The errno with which this world refuses what a scenario itself does: "EPERM". */
	const char *refuses;
	/* enter() leaves no process that could be reached below /proc: the scenario uses its own. */
	bool hides_proc;
	/* "/" is a directory, whose propagation cannot be changed: set_up() has made all private. */
	bool root_is_no_mount;
	/* enter() leaves a process that ends with the process group of its caller. */
	bool leaves_process;
};

extern const struct world *const worlds[]; /* worlds.c; NULL ends */

/* The world called so. "NAME:NUMBER" sets world_number as well. NULL: there is none. */
const struct world *world_find(const char *name);
extern unsigned long world_number; /* how many: mounts, free descriptors; 0: the world's default */

/* Defined by each program that enters worlds: ends it, or the scenario. */
void world_broken(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/*
 * Filters of system calls let a call pass that has this as its sixth argument: it is one of the
 * scenario itself, and no call that a filter of a world refuses has six arguments.
 */
#define WORLD_KEY 0x6d6e7477ul

/* --- for worlds --- */

/*
 * A directory that only this run uses, on a tmpfs of its own; made by the first call. Its name is
 * in the environment as WORLD_DIRECTORY.
 */
const char *world_directory(void);
/* Where "/" is for a process that is not in the world's chroot; NULL: there is none. */
extern const char *world_outer_root;
/* "DIRECTORY/NAME" in one of a few rotating buffers; make: the directory is made. */
const char *world_path(const char *name, bool make);
/* Moves @fd up, out of the way of those that a scenario opens, close-on-exec. */
int world_keep_fd(int fd);
/* One that set_up() opened for enter(), where a chroot may hide its path; -1: none. */
extern int world_kept_fd;
/* A file below /proc; by this descriptor, unless it is -1. */
extern int world_proc_fd;
int world_open_proc(const char *path, int flags);
/* A process beside the calls: runs until its parent ends, with no descriptor of its parent's. */
pid_t world_keeper(void (*run)(void *arg), void *arg);
/*
 * When this process has ended, another one calls @clean until it is true; it has the present root
 * and mount namespace. For what does not end with the namespaces of a world.
 */
void world_at_end(bool (*clean)(void));
/* As "/" of this process: PATH, with all directories of the present "/" bound into it. */
void world_fill_root(const char *path);
/* Writes @text to the file @path below this directory; false and errno if it cannot. */
bool world_write(int directory, const char *path, const char *text);

/* filter.c: a table of calls; the first rule that fits decides, other calls pass. */
struct world_rule {
	long number;
	int error;
	unsigned int flags; /* not 0: only with one of these bits in the first argument */
};
#define WORLD_RULE_NEWER (-2) /* as number: each call above world_rule.flags */
void world_filter(const struct world_rule *rules, size_t count);

/* fuse.c: a mount of this file server on PATH. NULL, or why there is none. */
enum world_server { WORLD_SERVER_DEAD, WORLD_SERVER_HUNG };
const char *world_mount_fuse(const char *path, enum world_server server);

#endif
