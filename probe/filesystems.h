/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filesystems.h - the filesystems that are available or loadable, as rows of the report.
 * It reads the files that the child has read.
 */
#ifndef MNTCOMPAT_PROBE_FILESYSTEMS_H
#define MNTCOMPAT_PROBE_FILESYSTEMS_H

#include "probe/rows.h"

/* report_filesystems - make the rows. 0 or -ENOMEM. */
int report_filesystems(struct mntcompat_probe *probe);

#endif
