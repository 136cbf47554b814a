/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.h - the rows of calls.def as a table: names, first kernels, documented errnos.
 * Touches nothing.
 */
#ifndef MNTCOMPAT_COMPAT_KERNEL_CALLS_H
#define MNTCOMPAT_COMPAT_KERNEL_CALLS_H

#include <stdbool.h>

enum calls_id {
#define CALL(name, ...) CALLS_##name,
#define CALL_TWICE(name, ...) CALLS_##name,
#define REQUEST(name, ...) CALLS_##name,
#define FUNCTION(name, ...) CALLS_##name,
#include "compat/kernel/calls.def"
	CALLS_COUNT,
};

struct calls_row {
	const char *name;	 /* of the stand-in, without "mntcompat_" */
	unsigned int since;	 /* RAW_KERNEL(); 0: no call of the kernel's */
	int feature;		 /* enum feature_id, FEATURE_COUNT: none */
	int otherwise;		 /* an undocumented errno becomes this; 0: it passes */
	const char *errno_names; /* "EBADF, EINVAL" */
	const int *errnos;	 /* 0 ends them */
};

const struct calls_row *calls_describe(enum calls_id id);

/* calls_documents - true if the function's man page lists this errno. */
bool calls_documents(enum calls_id id, int error);

/*
 * calls_documented - @ret as the function may return it: a shortage of descriptors that is not
 * documented is -ENOMEM, any other errno that is not documented becomes that of the row.
 */
int calls_documented(enum calls_id id, int ret);

#endif
