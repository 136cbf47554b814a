// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * filter.c - the filter: which calls reach the supervisor. All others pass after a few comparisons.
 * Touches nothing.
 */
#include <errno.h>
#include <stddef.h>

#include <linux/seccomp.h>

#include "compat/kernel/uapi.h"
#include "supervisor/calls.h"
#include "supervisor/filter.h"
#include "supervisor/kernel.h"

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4
#else
#define LOW_HALF 0
#endif

static void put(struct filter *filter, struct sock_filter instruction)
{
	if (filter->length < FILTER_ROOM)
		filter->code[filter->length] = instruction;
	filter->length++;
}

static void load(struct filter *filter, size_t offset)
{
	put(filter, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void ret(struct filter *filter, uint32_t action)
{
	put(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

/* The accumulator holds the call's number, and still holds it after a block for another call. */
static void put_rule(struct filter *filter, const struct call_rule *rule, int number)
{
	const size_t arg =
		offsetof(struct seccomp_data, args) + rule->argument * sizeof(uint64_t) + LOW_HALF;
	const size_t nr = offsetof(struct seccomp_data, nr);

	if (rule->when == RULE_ALWAYS) {
		put(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 (uint32_t)number, 0, 1));
		ret(filter, UAPI_SECCOMP_RET_USER_NOTIF);
		return;
	}
	put(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0,
						 rule->when == RULE_BITS ? 4 : 5));
	load(filter, arg);
	if (rule->when == RULE_BITS) {
		put(filter,
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, rule->value, 0, 1));
	} else {
		/* call_find() looks at the size. */
		put(filter, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
							 (uint32_t)~UAPI_IOCTL_SIZE));
		put(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 rule->value & ~UAPI_IOCTL_SIZE, 0, 1));
	}
	ret(filter, UAPI_SECCOMP_RET_USER_NOTIF);
	load(filter, nr);
}

static void put_calls(struct filter *filter, bool compat)
{
	size_t i;
	int k;

	load(filter, offsetof(struct seccomp_data, nr));
	for (i = 0; kernel_landlock_version() && i < 1 + !!CALL_X32_BIT; i++)
		put_rule(filter, &(struct call_rule){ .when = RULE_ALWAYS },
			 CALL_MAKES_DOMAIN | (i ? CALL_X32_BIT : 0));
	for (i = 0; i < calls_count; i++) {
		int number = compat ? calls[i].compat : calls[i].native;

		for (k = 0; number >= 0 && k < CALL_RULES; k++) {
			if (call_rule_is_needed(&calls[i].rules[k]))
				put_rule(filter, &calls[i].rules[k], number);
		}
	}
	ret(filter, SECCOMP_RET_ALLOW);
}

int filter_make(struct filter *filter)
{
	size_t jump = 0;

	filter->length = 0;
	load(filter, offsetof(struct seccomp_data, arch));
	if (calls_arch_compat) {
		/* Too far for a conditional jump, so around an unconditional one. */
		put(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							 calls_arch_compat, 0, 1));
		jump = filter->length;
		put(filter, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	}
	put(filter,
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls_arch_native, 1, 0));
	ret(filter, SECCOMP_RET_ALLOW);
	put_calls(filter, false);
	if (jump) {
		filter->code[jump].k = (uint32_t)(filter->length - jump - 1);
		put_calls(filter, true);
	}
	return filter->length > FILTER_ROOM ? -E2BIG : 0;
}
