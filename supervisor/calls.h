/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calls.h - the supervised calls: numbers, and the flags for which the filter sends them to the
 * supervisor, as compat/kernel/calls.def has them. Touches nothing.
 */
#ifndef MNTCOMPAT_SUPERVISOR_CALLS_H
#define MNTCOMPAT_SUPERVISOR_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/uapi.h"

/* A condition under which the filter takes a call, and the kernels on which it does. */
struct call_rule {
	enum {
		RULE_NEVER = 0,
		RULE_ALWAYS,
		RULE_BITS,    /* @argument has one of the bits of @value */
		RULE_REQUEST, /* the lower half of @argument is the request @value, with this size
				 or, if its structure may grow, a larger one */
	} when;
	unsigned int argument;
	uint32_t value;
	enum feature_id feature; /* on kernels without it */
	enum feature_id lax;	 /* ... and on those with it, or where this is unknown; or COUNT */
};

#define CALL_RULES 2

struct call {
	const struct calls_row *row;
	int native, compat; /* numbers; compat: of 32-bit programs on a 64-bit kernel, or -1 */
	struct call_rule rules[CALL_RULES];
};

extern const struct call calls[];
extern const size_t calls_count;

/* Seccomp's numbers for the processor and its 32-bit mode; 0: this one is not supported. */
extern const uint32_t calls_arch_native, calls_arch_compat;

/* False where this kernel answers what the rule takes as Linux 7.3 does. */
bool call_rule_is_needed(const struct call_rule *rule);
/* True if one of its rules is needed. */
bool call_is_needed(const struct call *call);
/* True for the feature probe that is answered ENOSYS (lib/unchanged.h). */
bool call_is_probe(const struct call *call, const uint64_t *args);
/*
 * True if calls that no kernel before 7.1 has are answered: below another supervisor of this kind.
 */
bool calls_are_answered(void);
/*
 * landlock_restrict_self(2) is the kernel's own, but the supervisor has to know of it: the domain
 * of a task cannot be seen. The number is the same for all words; x32 programs have it with a bit.
 */
#define CALL_MAKES_DOMAIN UAPI_NR_landlock_restrict_self
#ifdef __x86_64__
#define CALL_X32_BIT 0x40000000
#else
#define CALL_X32_BIT 0
#endif
bool call_makes_domain(int number);
/* NULL: not a supervised call, so the filter is not this supervisor's. */
const struct call *call_find(uint32_t arch, int number, const uint64_t *args);

#endif
