/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * limits.h - the limits that apply to mounts and namespaces, as rows of the report.
 * It reads the answers of the child.
 */
#ifndef MNTCOMPAT_PROBE_LIMITS_H
#define MNTCOMPAT_PROBE_LIMITS_H

#include "probe/rows.h"

/* report_limits - make the rows. 0 or -ENOMEM. */
int report_limits(struct mntcompat_probe *probe);

#endif
