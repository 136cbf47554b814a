/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mountinfo.h - reading /proc/PID/mountinfo: one line into fields, and a line by mount id.
 * Works on caller-supplied memory; touches nothing but the file it is given (through raw.h).
 */
#ifndef MNTCOMPAT_COMPAT_TASK_MOUNTINFO_H
#define MNTCOMPAT_COMPAT_TASK_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes inside the line, still escaped as the kernel printed it, not NUL-terminated. */
struct mountinfo_span {
	const char *text;
	size_t len;
};

struct mountinfo_line {
	uint32_t id;
	uint32_t parent;
	uint32_t dev_major, dev_minor;
	struct mountinfo_span root;
	struct mountinfo_span mount_point;
	struct mountinfo_span mount_options; /* per mount: "rw,nosuid,relatime" */
	uint64_t peer_group;		     /* shared:N, else 0 */
	uint64_t master;		     /* master:N, else 0 */
	uint64_t propagate_from;	     /* propagate_from:N, else 0 */
	bool unbindable;
	struct mountinfo_span type;	     /* "fuse.sshfs", still with its subtype */
	struct mountinfo_span source;	     /* may be empty */
	struct mountinfo_span super_options; /* "rw,size=10k" */
};

/*
 * mountinfo_parse_line - take one line apart. @text need not end in NUL or newline; @len excludes
 * the newline. Unknown optional fields are skipped. Returns 0, or -EINVAL if it is not a mountinfo
 * line (in which case *line is unspecified).
 */
int mountinfo_parse_line(const char *text, size_t len, struct mountinfo_line *line);

/*
 * mountinfo_unescape - undo the kernel's octal escapes (\040 \011 \012 \134 \043 and any other,
 * also of one or two digits, as statmount reads options). Anything else behind a backslash stays as
 * it is. Writes at most @size bytes to @out, no NUL; returns the unescaped length whatever @size
 * is. @out may be span.text.
 */
size_t mountinfo_unescape(struct mountinfo_span span, char *out, size_t size);

/* mnt_attr bits (MOUNT_ATTR_*) of a per-mount option column; neither noatime nor relatime =
 * STRICTATIME. */
uint64_t mountinfo_mount_attr(struct mountinfo_span mount_options);

/*
 * mountinfo_super - split the super options into what statmount calls sb_flags (SB_RDONLY,
 * SB_SYNCHRONOUS, SB_DIRSYNC, SB_LAZYTIME, which have the values of MS_*; "mand" is skipped) and
 * the rest (LSM options, then filesystem options, no leading comma).
 */
uint32_t mountinfo_super(struct mountinfo_span super_options, struct mountinfo_span *rest);

/* The text that mountinfo_super() left, while it is read. */
struct mountinfo_options {
	struct mountinfo_span rest;
	const char *quoted_end; /* of the value in quotes that was begun; NULL at first */
};

/*
 * Split the next option off at a comma. Returns false when nothing is left. *security: its name is
 * one of the LSM ones (context=, fscontext=, defcontext=, rootcontext=, seclabel, smackfs*=). A
 * value in quotes, as SELinux contexts with commas are, comes in as many pieces as there are
 * commas, as in the kernel's opt_sec_array.
 */
bool mountinfo_next_option(struct mountinfo_options *options, struct mountinfo_span *option,
			   bool *security);

/* A mountinfo file in memory, or the part of it that was requested. */
struct mountinfo_table {
	char *text;    /* private mapping, or a window */
	size_t len;    /* bytes of text */
	size_t mapped; /* bytes mapped; 0: a window, or nothing */
	size_t lines;  /* that were read to their ends; in a window not all of them are there any
			  more */
};

/* Memory of the caller's for looking at a file piece by piece. Longer lines are mapped. */
struct mountinfo_window {
	char text[3072];
};

/*
 * mountinfo_read - read a whole mountinfo file (fd opened by the caller; its offset neither matters
 * nor moves). Reads into one growing private mapping, re-reads when poll() shows that the table
 * changed meanwhile, stops when a mount id repeats (kernels 6.16 to 6.18.15 repeat the only line of
 * a one-mount namespace for ever) and at 1 GiB. No malloc (usable in the helper). Returns 0 or
 * -errno (-EIO, -ENOMEM, the error of read).
 */
int mountinfo_read(int fd, struct mountinfo_table *table);
void mountinfo_release(struct mountinfo_table *table);

/*
 * Walk the lines of a table: *pos starts at 0. False at the end. Lines that cannot be parsed, or
 * that have no newline at their end, are skipped.
 */
bool mountinfo_next(const struct mountinfo_table *table, size_t *pos, struct mountinfo_line *line);

/*
 * mountinfo_find - read just far enough to find the line of mount @id (parses nothing of the lines
 * before it but the id). On success *line points into *table, which the caller releases. With a
 * @window the table is in it, and of the file it holds that line and perhaps some of those behind
 * it: memory does not depend on the file's length. Without one (NULL) the whole file is read and
 * kept (for propagate_from). Returns 0, -ENOENT when the file has no such line, -EIO when it has an
 * invalid line, or -errno; after an error *table holds nothing.
 */
int mountinfo_find(int fd, uint32_t id, struct mountinfo_window *window,
		   struct mountinfo_table *table, struct mountinfo_line *line);

#endif
