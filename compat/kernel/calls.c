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

#define CALL(name, number, since, feature, taken, supervised, told, arguments, otherwise, ...) \
	static const int errnos_##name[] = { __VA_ARGS__, 0 };
#define CALL_TWICE CALL
#define REQUEST(name, request, since, feature, told, otherwise, ...) \
	static const int errnos_##name[] = { __VA_ARGS__, 0 };
#define FUNCTION(name, otherwise, ...) static const int errnos_##name[] = { __VA_ARGS__, 0 };
#include "compat/kernel/calls.def"

static const struct calls_row rows[CALLS_COUNT] = {
#define CALL(name, number, since, feature, taken, supervised, told, arguments, otherwise, ...) \
	[CALLS_##name] = { #name,     RAW_KERNEL since, FEATURE_##feature, \
			   otherwise, #__VA_ARGS__,	errnos_##name },
#define CALL_TWICE CALL
#define REQUEST(name, request, since, feature, told, otherwise, ...) \
	[CALLS_##name] = { #name,     RAW_KERNEL since, FEATURE_##feature, \
			   otherwise, #__VA_ARGS__,	errnos_##name },
#define FUNCTION(name, otherwise, ...) \
	[CALLS_##name] = { #name, 0, FEATURE_COUNT, otherwise, #__VA_ARGS__, errnos_##name },
#include "compat/kernel/calls.def"
};

const struct calls_row *calls_describe(enum calls_id id)
{
	return (unsigned int)id < CALLS_COUNT ? &rows[id] : NULL;
}

bool calls_documents(enum calls_id id, int error)
{
	const int *errnos = rows[id].errnos;

	while (*errnos && *errnos != error)
		errnos++;
	return *errnos;
}

int calls_documented(enum calls_id id, int ret)
{
	if (ret >= 0 || !rows[id].otherwise || calls_documents(id, -ret))
		return ret;
	return ret == -EMFILE || ret == -ENFILE || ret == -EAGAIN ? -ENOMEM : -rows[id].otherwise;
}
