/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * campaign.h - what the campaign and its actors share: memory for records of what actors hold, and
 * for findings. Included by campaign.c and actor.c.
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
	uint32_t end; /* tells all actors to end */
	uint32_t records_used, findings_used, requests_used;
	/* Pids that the recorder shall record; it sets them to 0 when that is done. */
	pid_t requests[REQUESTS];
	struct holdings records[RECORDS_MOST]; /* with ids of the initial user namespace */
	struct {
		uint32_t ready;
		enum finding kind;
		char text[200];
	} findings[FINDINGS_MOST];
};

extern struct shared *shared;
void open_shared(bool create);
/*
 * Lets the recorder record what the calling thread holds; to be called before a supervised call is
 * made.
 */
void record_self(void);
void __attribute__((noreturn)) be_recorder(void);
void found(enum finding kind, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Plays a role; @argv: user id, seed, identity. */
int actor_role(const char *role, int argc, char **argv);

#endif
