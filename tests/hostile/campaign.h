/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * campaign.h - what the campaign and its actors share: memory in which actors write what they hold and what they found.
 * Included by campaign.c and actor.c.
 */
#ifndef MNTCOMPAT_TESTS_HOSTILE_CAMPAIGN_H
#define MNTCOMPAT_TESTS_HOSTILE_CAMPAIGN_H

#include "tests/hostile/hostile.h"

#define RECORDS_MOST 8192
#define FINDINGS_MOST 32
#define ACTORS_MOST 64
#define REQUESTS 4096

enum finding { FOUND_ATTACK, FOUND_MEMORY, FOUND_EFFECT, FOUND_WAIT, FINDING_KINDS };

struct shared {
	uint64_t calls, answered, switches, attacks, watched, bodies;
	uint32_t end;			/* everybody goes home */
	uint32_t records_used, findings_used, requests_used;
	/* Whoever wants to be written down: a number, which becomes 0 when that is done. */
	pid_t requests[REQUESTS];
	struct holdings records[RECORDS_MOST];	/* numbers as root sees them outside */
	struct {
		uint32_t ready;
		enum finding kind;
		char text[200];
	} findings[FINDINGS_MOST];
};

extern struct shared *shared;
void open_shared(bool create);
/* Has the recorder write down what the calling thread holds, before it makes a call with that. */
void record_self(void);
void __attribute__((noreturn)) be_recorder(void);
void found(enum finding kind, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Roles: ROLE ARGUMENTS; the user's number and the seed are among them. */
int actor_role(const char *role, int argc, char **argv);

#endif
