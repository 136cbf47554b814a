/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * features.h - what this process has natively, emulated, in part or not, as rows of the report.
 * It reads the answers of the child.
 */
#ifndef MNTCOMPAT_PROBE_FEATURES_H
#define MNTCOMPAT_PROBE_FEATURES_H

#include "probe/rows.h"

/* features_has_name - true if a row of a whole report has this name */
bool features_has_name(const char *name);

/* report_features - make the rows. 0 or -ENOMEM. */
int report_features(struct mntcompat_probe *probe);

#endif
