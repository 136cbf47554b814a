/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cursor.h - a line of the caller's own mountinfo at the cost of one line, for programs that ask
 * for one mount after another.
 *
 * The kernel prints a line of mountinfo when it is read, not before. An open file that has been
 * read exactly to the end of one line prints the next line during the next read; since Linux 5.8 it
 * does not look at those before. So a file that stands before the line in question, a cursor,
 * answers as freshly as one that is opened and read up to it. Nothing that was read before is ever
 * an answer.
 *
 * To stop at the end of a line, the reader has to know the line's length. An index has it: the ids
 * and offsets of all lines, from one reading of the table. The index is a prediction: a cursor
 * reads as many bytes as the line had, and if they are not exactly one whole line of the mount in
 * question, everything is dropped, and the caller reads the table from its beginning.
 *
 * A cursor passes each line once. Programs ask several times about a mount before they go on
 * (findmnt five times), so there are several cursors, which follow each other.
 *
 * A cursor is an open file of the process, and it keeps the mount namespace and the root directory
 * of the thread that opened it. Therefore:
 * - there are none unless cursor_allow() was called, by a door that sees how the program leaves its
 *   namespace or root, and calls cursor_drop() before;
 * - there are none before the process has read many lines in vain, none with a small limit on
 *   files, and their numbers are high; they are close-on-exec;
 * - before each use the namespace and the root of the calling thread are compared with those of the
 *   set, and the descriptor with what was opened: the program may have closed the number or given
 *   it to another file, and then it is not touched;
 * - the child of a fork has none: see cursor_forget().
 * One set for the process, behind a lock that nobody waits for.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_CURSOR_H
#define MNTCOMPAT_COMPAT_STATMOUNT_CURSOR_H

#include <stddef.h>
#include <stdint.h>

#include "compat/task/mountinfo.h"

/* cursor_allow - the calling process may keep cursors. Before it has threads. */
void cursor_allow(void);

/*
 * cursor_find - the line of mount @id in the calling task's own table, as it is now. On success
 * @line points into *table, which the caller releases, and that is @window unless there are long
 * lines. 0; -ENOENT: no
 * cursor leads to it, which says nothing about the mount, and cursor_count() shall be told what
 * reading costs; -EAGAIN: there are no cursors for this call.
 */
int cursor_find(uint32_t id, struct mountinfo_window *window, struct mountinfo_table *table,
		struct mountinfo_line *line);

/* cursor_count - @lines were read for the sake of one; makes an index when that becomes dear. */
void cursor_count(size_t lines);

/* cursor_drop - close all. Costs no system call if there are none. Safe in any process or task. */
void cursor_drop(void);

/* cursor_forget - the same for the only thread of a process that fork(2) has made. */
void cursor_forget(void);

/* cursor_number - for tests: the number of a kept descriptor, from @i = 0 on; -1: no more. */
int cursor_number(unsigned int i);

#endif
