// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * calls.c - the table that is made of calls.def.
 * Touches nothing.
 */
#include <errno.h>
#include <stddef.h>

#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"

#define CALL(name, number, number_32, since, feature, taken, supervised, answered, traits, told, \
	     arguments, otherwise, ...) \
	static const int errnos_##name[] = { __VA_ARGS__, 0 };
#define CALL_TWICE CALL
#define REQUEST(name, request, since, feature, lacking, traits, result, told, otherwise, ...) \
	static const int errnos_##name[] = { __VA_ARGS__, 0 };
#define FUNCTION(name, otherwise, ...) static const int errnos_##name[] = { __VA_ARGS__, 0 };
#include "compat/kernel/calls.def"

#define RETURNS_FD CALLS_RETURNS_FD
#define RESERVES_FD CALLS_RESERVES_FD
#define SEES_NAMESPACES CALLS_SEES_NAMESPACES
#define IS_SHORT_OF_THREADS CALLS_IS_SHORT_OF_THREADS
#define IS_PROBED CALLS_IS_PROBED
#define ARGUMENTS_1(A) \
	{ \
		ARGUMENT_##A \
	}
#define ARGUMENTS_2(A, B) \
	{ \
		ARGUMENT_##A, ARGUMENT_##B \
	}
#define ARGUMENTS_3(A, B, C) \
	{ \
		ARGUMENT_##A, ARGUMENT_##B, ARGUMENT_##C \
	}
#define ARGUMENTS_4(A, B, C, D) \
	{ \
		ARGUMENT_##A, ARGUMENT_##B, ARGUMENT_##C, ARGUMENT_##D \
	}
#define ARGUMENTS_5(A, B, C, D, E) \
	{ \
		ARGUMENT_##A, ARGUMENT_##B, ARGUMENT_##C, ARGUMENT_##D, ARGUMENT_##E \
	}

const struct calls_row calls_rows[CALLS_COUNT] = {
#define CALL(named, nr, number_32, first, of, taken, supervised, answered, trait, told, kinds, \
	     errno_else, ...) \
	[CALLS_##named] = { .name = #named, \
			    .number = nr, \
			    .since = RAW_KERNEL first, \
			    .feature = FEATURE_##of, \
			    .otherwise = errno_else, \
			    .errno_names = #__VA_ARGS__, \
			    .errnos = errnos_##named, \
			    .arguments = kinds, \
			    .traits = trait },
#define CALL_TWICE CALL
#define REQUEST(named, nr, first, of, lacking, trait, result, told, errno_else, ...) \
	[CALLS_##named] = { .name = #named, \
			    .number = SYS_ioctl, \
			    .request = (unsigned int)nr, \
			    .since = RAW_KERNEL first, \
			    .feature = FEATURE_##of, \
			    .otherwise = errno_else, \
			    .errno_names = #__VA_ARGS__, \
			    .errnos = errnos_##named, \
			    .arguments = { ARGUMENT_FD, ARGUMENT_INT, ARGUMENT_##result }, \
			    .traits = trait },
#define FUNCTION(named, errno_else, ...) \
	[CALLS_##named] = { .name = #named, \
			    .number = -1, \
			    .feature = FEATURE_COUNT, \
			    .otherwise = errno_else, \
			    .errno_names = #__VA_ARGS__, \
			    .errnos = errnos_##named },
#include "compat/kernel/calls.def"
};

const struct calls_row *calls_describe(enum calls_id id)
{
	return (unsigned int)id < CALLS_COUNT ? &calls_rows[id] : NULL;
}

bool calls_documents(enum calls_id id, int error)
{
	const int *errnos = calls_rows[id].errnos;

	while (*errnos && *errnos != error)
		errnos++;
	return *errnos;
}

int calls_documented(enum calls_id id, int ret)
{
	if (ret >= 0 || !calls_rows[id].otherwise || calls_documents(id, -ret))
		return ret;
	return ret == -EMFILE || ret == -ENFILE || ret == -EAGAIN ? -ENOMEM :
								    -calls_rows[id].otherwise;
}
