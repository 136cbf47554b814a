/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * container.h - the small container of "mntcompat namespace": a directory with binds, /proc and
 * /dev.
 */
#ifndef MNTCOMPAT_TOOLS_CONTAINER_H
#define MNTCOMPAT_TOOLS_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>

#define BINDS_MOST 64

struct bind {
	char *source, *target; /* @target: an absolute path inside the directory */
	bool read_only;
};

struct container {
	const char *directory;
	struct bind binds[BINDS_MOST];
	size_t count;
	bool recursive; /* with the mounts below the directory */
	bool read_only, proc, dev, user;
};

/* Reads SRC:DST[:ro], in which \: stands for a colon; false if it is anything else. */
bool container_add_bind(struct container *container, const char *text);

/* True if the directory alone does not suffice. */
bool container_is_needed(const struct container *container);

/*
 * Makes a user namespace, if it is wanted, and a pid namespace for /proc; in that case the caller
 * goes on as its first process, and the process that was called ends with its exit status. Returns
 * 0, or an exit status after a line on stderr.
 */
int container_enter_user(const struct container *container);
int container_fork(const struct container *container);

/*
 * Puts everything together in a mount namespace of this process alone, a copy of the caller's.
 * Returns an O_PATH file descriptor of the directory there, from which a mount namespace can be
 * made, or -1 after a line on stderr.
 */
int container_assemble(const struct container *container);

#endif
