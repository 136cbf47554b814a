// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * calls.c - the table of supervised calls, which is made of compat/kernel/calls.def.
 * Finds out from the feature table which calls the kernel lacks.
 */
#include <sys/syscall.h>

#include <linux/audit.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "lib/unchanged.h"
#include "supervisor/calls.h"

#if defined(__x86_64__) && defined(__LP64__)
#define ARCH_NATIVE AUDIT_ARCH_X86_64
#define ARCH_COMPAT AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define ARCH_NATIVE AUDIT_ARCH_AARCH64
#define ARCH_COMPAT AUDIT_ARCH_ARM
#else
#define ARCH_COMPAT 0
#if defined(__i386__)
#define ARCH_NATIVE AUDIT_ARCH_I386
#elif defined(__arm__)
#define ARCH_NATIVE AUDIT_ARCH_ARM
#elif defined(__s390x__)
#define ARCH_NATIVE AUDIT_ARCH_S390X
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH_NATIVE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCH_NATIVE AUDIT_ARCH_PPC64LE
#else
#define ARCH_NATIVE 0
#endif
#endif

const uint32_t calls_arch_native = ARCH_NATIVE, calls_arch_compat = ARCH_COMPAT;

/* --- the table --- */

/* From 424 up the numbers are the same for both word sizes; 32-bit programs have their own of the
 * others. */
#define SAME (-2)
#define NUMBERS(number, number_32) \
	.native = (int)(number), .compat = (number_32) == SAME ? (int)(number) : (int)(number_32)

#define NEVER \
	{ \
		.when = RULE_NEVER \
	}
#define SUPERVISED(which, lacking) { which, lacking },
#define ALWAYS .when = RULE_ALWAYS
#define BITS(n, bits) .when = RULE_BITS, .argument = (n), .value = (bits)
#define WITHOUT(name) .feature = FEATURE_##name, .lax = FEATURE_COUNT
#define LESS_STRICT(name) .feature = FEATURE_##name, .lax = FEATURE_##name##_LAX

const struct call calls[] = {
#define CALL(name, number, number_32, since, feature, taken, supervised, ...) \
	{ .row = &calls_rows[CALLS_##name], NUMBERS(number, number_32), .rules = { supervised } },
#define CALL_TWICE CALL
#define REQUEST(name, request, since, feature, lacking, ...) \
	{ .row = &calls_rows[CALLS_##name], \
	  NUMBERS(SYS_ioctl, UAPI_NR32_ioctl), \
	  .rules = { { .when = RULE_REQUEST, \
		       .argument = 1, \
		       .value = (uint32_t)(request), \
		       lacking } } },
#include "compat/kernel/calls.def"
};

const size_t calls_count = sizeof(calls) / sizeof(calls[0]);

/* --- what the kernel lacks --- */

static bool lacks(enum feature_id id)
{
	return mntcompat_get_mode() == MNTCOMPAT_MODE_EMULATE ||
	       feature_probe(id) != FEATURE_PRESENT;
}

bool call_rule_is_needed(const struct call_rule *rule)
{
	if (rule->when == RULE_NEVER || mntcompat_get_mode() == MNTCOMPAT_MODE_NATIVE)
		return false;
	return lacks(rule->feature) ||
	       (rule->lax != FEATURE_COUNT && feature_probe(rule->lax) != FEATURE_ABSENT);
}

bool call_is_needed(const struct call *call)
{
	int i;

	for (i = 0; i < CALL_RULES; i++) {
		if (call_rule_is_needed(&call->rules[i]))
			return true;
	}
	return false;
}

bool call_is_probe(const struct call *call, const uint64_t *args)
{
	/* A dirfd, and then the four arguments. */
	return call->row->traits & CALLS_IS_PROBED &&
	       unchanged_asks_mount_setattr((void *)(uintptr_t)args[1], (unsigned int)args[2],
					    (void *)(uintptr_t)args[3], (size_t)args[4]);
}

bool calls_are_answered(void)
{
	return mntcompat_get_mode() == MNTCOMPAT_MODE_AUTO && !lacks(FEATURE_OPEN_TREE_NAMESPACE) &&
	       !lacks(FEATURE_STATMOUNT_BY_FD) && !lacks(FEATURE_LISTNS);
}

bool call_makes_domain(int number)
{
	return (number & ~CALL_X32_BIT) == CALL_MAKES_DOMAIN;
}

static bool is_taken(const struct call_rule *rule, const uint64_t *args)
{
	uint32_t value = (uint32_t)args[rule->argument];

	switch (rule->when) {
	case RULE_NEVER:
		return false;
	case RULE_ALWAYS:
		return true;
	case RULE_BITS:
		return value & rule->value;
	case RULE_REQUEST:
		return uapi_nsfs_request(value) == rule->value;
	}
	return false;
}

const struct call *call_find(uint32_t arch, int number, const uint64_t *args)
{
	size_t i;
	int k;

	for (i = 0; i < calls_count; i++) {
		const struct call *call = &calls[i];

		if (number != (arch == calls_arch_native ? call->native : call->compat))
			continue;
		for (k = 0; k < CALL_RULES; k++) {
			if (is_taken(&call->rules[k], args))
				return call;
		}
	}
	return NULL;
}
