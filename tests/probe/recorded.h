/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * recorded.h - reads the recorded reports of all kernels, which are one file that holds each row
 * once. Reads that file only. tests/probe/record writes it.
 *
 * "# kernels: 5.10 6.1 ..." names the kernels, in the order in which ranges go. "== NAME" starts
 * what was reported in a confinement. "== root" comes first and has every row; the other sections
 * have the rows that differ from root's: a row replaces the one with the same first word, "-ROW"
 * removes that row, and a "trouble:" row is added at the end. Two blanks and [5.10-6.1, 6.16
 * initramfs] after a row limit it to these kernels, and to that kind of root.
 */
#ifndef MNTCOMPAT_TESTS_PROBE_RECORDED_H
#define MNTCOMPAT_TESTS_PROBE_RECORDED_H

#include <stdbool.h>
#include <stddef.h>

struct recorded;

/* NULL if the file cannot be read or is not of this form: then the reason is on stderr. */
struct recorded *recorded_read(const char *path);
void recorded_free(struct recorded *recorded);
/* Chooses the kernel, by its point release if that is recorded, and the kind of root; false if it
 * was not recorded. */
bool recorded_choose(struct recorded *recorded, const char *point, const char *series,
		     const char *root);
/* The name of the section after @name, of the first one after NULL; NULL at the end. */
const char *recorded_next(const struct recorded *recorded, const char *name);
/*
 * The rows of a section, for free(); NULL without one, or if a row of it is stale because it
 * changes nothing. Then @why says so.
 */
char *recorded_rows(const struct recorded *recorded, const char *name, char *why, size_t size);

#endif
