/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * answer.h - one supervised call, from its notification to its answer.
 */
#ifndef MNTCOMPAT_SUPERVISOR_ANSWER_H
#define MNTCOMPAT_SUPERVISOR_ANSWER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "supervisor/kernel.h"
#include "supervisor/target.h"

/*
 * answer - answers, or lets the kernel answer when the task may not be looked at. Runs in a worker.
 * True if the call was answered at once: after answer_forget() nothing is left of it, and the
 * worker may take another one. Otherwise it has to end. @id: the notification's, in memory shared
 * with the supervisor. @has_domain: the task may be in a Landlock domain. Where signals interrupt a
 * call it may become that of the same call made anew, up to ANSWER_KEPT_MS after the caller stopped
 * waiting for the one before.
 */
bool answer(int listener, const struct target_own *own,
	    const struct kernel_notification *notification, bool has_domain,
	    const _Atomic uint64_t *id);
void answer_forget(void);
#define ANSWER_KEPT_MS 1000

/*
 * answer_trial - does once for the task @task everything that a call needs except the call: 0, or
 * -errno with the step that failed in *what. Forks, and waits for its child.
 */
int answer_trial(const struct target_own *own, pid_t task, const char **what);

#endif
