// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * filter.c - makes a seccomp filter of a table of calls. Touches the calling process, for good.
 * For the worlds of container engines.
 */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define FIXED 6	   /* instructions at the beginning */
#define PER_RULE 5 /* at most */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW(argument) (offsetof(struct seccomp_data, args[argument]))
#else
#define LOW(argument) (offsetof(struct seccomp_data, args[argument]) + 4)
#endif

/* Which argument of clone(2) has the flags. */
#ifdef __s390__
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

#define LOAD(offset) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset)))
#define RETURN(value) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (value)))
#define JUMP(test, value, yes, no) \
	((struct sock_filter)BPF_JUMP(BPF_JMP | (test) | BPF_K, (value), (yes), (no)))

void world_filter(const struct world_rule *rules, size_t count)
{
	struct sock_filter *code = calloc(FIXED + PER_RULE * count + 1, sizeof(*code));
	struct sock_fprog program = { .filter = code };
	unsigned short n = 0;
	size_t i;

	if (!code)
		abort();
	/* The low half tells enough: no other call has this there. */
	code[n++] = LOAD(LOW(5));
	code[n++] = JUMP(BPF_JEQ, WORLD_KEY, 0, 1);
	code[n++] = RETURN(SECCOMP_RET_ALLOW);
	code[n++] = LOAD(offsetof(struct seccomp_data, nr));
	for (i = 0; i < count; i++) {
		unsigned int refuse = SECCOMP_RET_ERRNO | (unsigned int)rules[i].error;

		if (rules[i].number == WORLD_RULE_NEWER) {
			code[n++] = JUMP(BPF_JGT, rules[i].flags, 0, 1);
			code[n++] = RETURN(refuse);
			continue;
		}
		code[n++] = JUMP(BPF_JEQ, (unsigned int)rules[i].number, 0, rules[i].flags ? 4 : 1);
		if (rules[i].flags) {
			code[n++] = LOAD(LOW(rules[i].number == SYS_clone ? CLONE_FLAGS : 0));
			code[n++] = JUMP(BPF_JSET, rules[i].flags, 0, 1);
			code[n++] = RETURN(refuse);
			code[n++] = RETURN(SECCOMP_RET_ALLOW);
			continue;
		}
		code[n++] = RETURN(refuse);
	}
	code[n++] = RETURN(SECCOMP_RET_ALLOW);
	program.len = n;
	/* As container engines do it: by a privileged process, without no_new_privs. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		world_broken("a filter of system calls: %s", strerror(errno));
	free(code);
}
