/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scenario-internal.h - what the parts of the scenario program share: the page a scenario writes
 * to, growing text, the caller's snapshot, expected outputs. Touches nothing by itself.
 * Included by scenario.c, scenario-world.c, scenario-caller.c and scenario-expect.c only.
 */
#ifndef MNTCOMPAT_TESTS_SCENARIO_INTERNAL_H
#define MNTCOMPAT_TESTS_SCENARIO_INTERNAL_H

#ifndef SCENARIO_UNCHECKED
#define SCENARIO_UNCHECKED
#endif
#include "scenario.h"

#include "tests/worlds/world.h"

#include <stdatomic.h>

#define SCENARIO_GROUPS 64
#define SCENARIO_STATUS_BROKEN 125

/*
 * A scenario and its children write here, in memory shared with the runner: no pipe that a stray
 * descendant could hold open, and nothing in the fd table that is under test.
 */
struct scenario_page {
	atomic_int map_state; /* userns: 1 = wants its id maps, 2 = has them */
	atomic_int is_broken;
	atomic_int is_skipped;
	atomic_int is_refused; /* by the world, something that the scenario does itself */
	atomic_uint out_used;
	atomic_uint complaint_used;
	unsigned int group_used;
	uint64_t group[SCENARIO_GROUPS]; /* peer groups in order of their letters */
	char broken[1024];		 /* or why it was skipped */
	char out[1 << 18];
	char complaint[1 << 16];
};

/* The runner's data for the helpers of the scenario that runs in this process. */
struct scenario_run {
	struct scenario_page *page;
	const char *world;
	unsigned int level;
	int procfd; /* /proc, held across chroot and setns */
	enum mntcompat_mode mode;
	unsigned int kernel;		  /* version * 1000 + patchlevel the library shows */
	unsigned int native_kernel;	  /* the same of the running kernel */
	unsigned int native_point;	  /* that * 1000 + the point of the series */
	const struct world *surroundings; /* --world; NULL: none */
	bool is_inside;			  /* this process has entered it */
	dev_t root_device;		  /* its "/" */
	ino_t root_inode;
};
extern struct scenario_run scenario_run;

/* The second choice for scenario_calls; a program that has nothing else is built with
 * SCENARIO_RAW_ONLY. */
extern const struct scenario_calls scenario_calls_raw;

#define SCENARIO_KERNEL(major, minor) ((major)*1000u + (minor))
unsigned int scenario_kernel_parse(const char *release); /* 0 when it cannot be read */
/* The point as well, 5.10.223: 5010223. */
unsigned int scenario_point_parse(const char *release);

/* Text that grows; an allocation failure ends the process. */
struct text {
	char *start;
	size_t used, room;
};
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_bytes(struct text *text, const void *bytes, size_t size);
void text_free(struct text *text);

/* A line for the runner that fails the scenario: what its output cannot say. */
void scenario_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reads a file below /proc of the current task ("mountinfo"), bounded; false when it cannot. */
bool scenario_read_proc(const char *name, struct text *into);
/* The lines of the current task's mountinfo, each once (a one-mount namespace repeats its line). */
bool scenario_read_mountinfo(struct text *into);

/* --- scenario-fixture.c --- */
/* Enters --world for good; each call of scenario_calls is one in it from now on. */
void fixture_enter_world(void);
/* True if @error is one with which --world refuses what a scenario does itself. */
bool fixture_is_refusal(int error);

/* --- scenario-caller.c --- */
struct caller_state {
	struct text lines;
};
#define CALLER_ALL 0u
#define CALLER_END 1u /* only what a scenario itself must not leave behind */
void caller_look(struct caller_state *state, unsigned int what);
#define CALLER_MAY_CLOSE (-2)
/*
 * Complains about each difference; @returned is an fd the call may have added, -1 for none, or
 * CALLER_MAY_CLOSE when descriptors may be gone.
 */
void caller_compare(const char *call, struct caller_state *before, struct caller_state *after,
		    int returned);
void caller_free(struct caller_state *state);

/* --- scenario-expect.c --- */
struct section {
	char *name;
	char *output;
	struct section *next;
};
/* Reads "== name" sections; 0 or -errno. A missing file gives -ENOENT. */
int expect_read(const char *path, struct section **sections);
const struct section *expect_find(const struct section *sections, const char *name);
void expect_free(struct section *sections);

#define EXPECTED_FILES 3
/* The expected outputs of one level and kind of root: files, each of which holds only what differs
 * from those after it. */
struct expected {
	struct section *files[EXPECTED_FILES];
};
/*
 * Reads LEVEL.initramfs.txt, if that is the kind of root, LEVEL.txt and root.txt. A file that is
 * missing has no section; -ENOENT if root.txt is.
 */
int expected_read(struct expected *expected, const char *directory, const char *level,
		  bool initramfs);
const struct section *expected_find(const struct expected *expected, const char *name);
/*
 * True if the first file that has @name repeats the files after it: a section that should not be
 * there.
 */
bool expected_is_stale(const struct expected *expected, const char *name);
/* Copies of those @sections that say something else than @expected, for expect_free(). */
struct section *expected_fold(const struct expected *expected, const struct section *sections);
void expected_free(struct expected *expected);

struct difference;
struct difference_conditions {
	const char *scenario;
	unsigned int kernel, native_kernel;
	const char *mode, *level, *root, *calls, *proc, *world;
	unsigned int native_point;
	bool alone; /* the kernel alone gives the expected output */
};
/* Adds to the list. 0, or a negative errno with a message on stderr. */
int difference_read(const char *path, struct difference **differences);
enum difference_verdict {
	DIFFERENCE_EQUAL,  /* the expected output itself */
	DIFFERENCE_LISTED, /* one that the list names exactly */
	DIFFERENCE_STALE,  /* equal although the list says otherwise */
	DIFFERENCE_UNLISTED,
};
/* @names receives the names of the differences that explain the output, or of the stale ones. */
enum difference_verdict difference_judge(const struct difference *differences,
					 const struct difference_conditions *conditions,
					 const char *expected, const char *actual,
					 struct text *names);
/* Why the list says that this scenario is not run here; NULL: it is run. */
const char *difference_skips(const struct difference *differences,
			     const struct difference_conditions *conditions);
void difference_free(struct difference *differences);
/* Prints a line difference as TAP diagnostics. */
void expect_print_diff(const char *expected, const char *actual);

#endif
