/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * world.h - private mount namespaces with a chosen number of mounts, for programs to work in.
 * Changes the calling process' mount namespace, root and cwd; leaves the host's mount table alone.
 */
#ifndef MNTCOMPAT_BENCH_WORLD_H
#define MNTCOMPAT_BENCH_WORLD_H

#include <stdbool.h>

struct world {
	unsigned int mounts; /* as many lines of mountinfo */
	int ns;		     /* the namespace */
	char tree[64];	     /* a mount with two mounts in it: a small tree of three */
	char first[64], middle[64], last[64]; /* mounts by their line in mountinfo */
};

/*
 * world_make - a namespace that holds "/", /proc, the tree, and so many bind mounts of a tmpfs that
 * there are @mounts. The process is left where it was. Ends the program if that cannot be.
 */
void world_make(struct world *world, unsigned int mounts, bool shared);

/* world_enter - go on in it. Free if we are there already. */
void world_enter(const struct world *world);

/* Lines of the calling process' mountinfo. */
unsigned int world_count_mounts(void);

#endif
