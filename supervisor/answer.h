/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * answer.h - one supervised call, from its notification to its answer.
 * Called by supervisor.c in a process of its own for each.
 */
#ifndef MNTCOMPAT_SUPERVISOR_ANSWER_H
#define MNTCOMPAT_SUPERVISOR_ANSWER_H

#include "supervisor/kernel.h"

/*
 * Answers, or lets the kernel answer when the task may not be looked at. In a process made for this: it does not come
 * back the same. @proc: the supervisor's /proc.
 */
void answer(int listener, int proc, const struct kernel_notification *notification);

#endif
