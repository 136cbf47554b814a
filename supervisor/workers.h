/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * workers.h - which calls are being answered, by which process each, and which have to wait for others of their kind.
 */
#ifndef MNTCOMPAT_SUPERVISOR_WORKERS_H
#define MNTCOMPAT_SUPERVISOR_WORKERS_H

#include <stdbool.h>

#include "supervisor/kernel.h"
#include "supervisor/target.h"

/* How long the supervisor may sleep while calls are being answered, in ms. */
#define WORKERS_LOOK_MS 100

/* @restarts: signals interrupt calls, see kernel_supervise(). */
void workers_start(int listener, const struct target_own *own, bool restarts);
/* A call that came is put behind those that wait. */
void workers_take(const struct kernel_notification *notification);
/* Begins what may begin: in turn, but a process or user that has many calls under way waits for its own. */
void workers_begin(void);
/* After SIGCHLD. */
void workers_reap(void);
/* Every WORKERS_LOOK_MS: ends what nobody waits for any more, whatever it waits for itself. */
void workers_look(void);
bool workers_are_busy(void);

#endif
