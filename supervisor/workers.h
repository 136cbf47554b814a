/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * workers.h - the calls being answered, each by a process of its own, and those that wait for
 * others of their kind.
 */
#ifndef MNTCOMPAT_SUPERVISOR_WORKERS_H
#define MNTCOMPAT_SUPERVISOR_WORKERS_H

#include <stdbool.h>

#include "supervisor/kernel.h"
#include "supervisor/target.h"

/* How long the supervisor may sleep while calls are being answered, in ms. */
#define WORKERS_LOOK_MS 100

/* The memory of the table, before workers_start(). 0 or -ENOMEM. */
int workers_prepare(void);
/*
 * @restarts: signals interrupt calls, see kernel_supervise(). Returns a descriptor that becomes
 * readable when calls wait and a worker has become idle: time for workers_begin().
 */
int workers_start(int listener, const struct target_own *own, bool restarts);
/* Put a new call behind those that wait. */
void workers_take(const struct kernel_notification *notification);
/*
 * Begin all calls that may begin: in turn, but a process or user with many calls waits for its own.
 */
void workers_begin(void);
/* After SIGCHLD. */
void workers_reap(void);
/*
 * Every WORKERS_LOOK_MS: end the workers whose caller waits no longer, whatever they wait for, and
 * those that have had no call for some time.
 */
void workers_look(void);
bool workers_are_busy(void);

#endif
