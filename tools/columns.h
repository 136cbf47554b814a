/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * columns.h - the columns of listmount: names, texts, and the fields of statmount(2) in them. The
 * table, the help, JSON and the completion are made of these rows.
 */
#ifndef MNTCOMPAT_TOOLS_COLUMNS_H
#define MNTCOMPAT_TOOLS_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <mntcompat.h>

struct column {
	const char *name, *help;
	uint64_t mask;	 /* fields to request */
	uint64_t needed; /* fields without which the value is unknown */
	enum { COLUMN_STRING, COLUMN_NUMBER, COLUMN_ID } kind;
	bool tree;
	bool whole;   /* never cut; numbers and the tree are not either */
	double width; /* of struct table_column */
	void (*write)(FILE *out, const struct mntcompat_statmount *sm);
};

#define COLUMN_COUNT 15
extern const struct column columns[COLUMN_COUNT];
/* Without the ids, which take a quarter of 80 columns before Linux 6.8, on a terminal. */
extern const char default_columns[], terminal_columns[];

/* Any case; -1 if there is none. */
int find_column(const char *name, size_t length);

#endif
