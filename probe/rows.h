/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rows.h - an unfinished report: the memory that the child and the caller share, the rows, and the
 * allocator for them.
 */
#ifndef MNTCOMPAT_PROBE_ROWS_H
#define MNTCOMPAT_PROBE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mntcompat-probe.h>
#include "probe/ask.h"
#include "probe/batch.h"

/* The memory that the child and the caller share. */
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
	char *root, *modules; /* the directory of the modules; "" in @root: this system */
	char *release;
	const char *const *filesystems;
	const char *const *features_wanted; /* names; NULL: all */
	bool is_running;		    /* the modules are the running kernel's */
	bool finished;
	pid_t child;
	int fd; /* the pipe that the child writes to at its end */
	struct shared *shared;
	size_t shared_size;
	struct row_list features, file_systems, limits, troubles;
	struct chunk *chunks;
};

/* All return NULL without memory, and remember that: see report_is_short(). */
void *report_alloc(struct mntcompat_probe *probe, size_t size);
char *report_printf(struct mntcompat_probe *probe, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int report_add(struct row_list *list, void *row); /* 0 or -ENOMEM */
int report_trouble(struct mntcompat_probe *probe, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
