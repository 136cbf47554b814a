// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * calls.c - prints the rows of calls.def for tests that are scripts: name, first kernel, feature,
 * documented errnos. Touches nothing. Run by errno.sh and coverage.sh.
 */
#include <stdio.h>

#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"

int main(void)
{
	for (int i = 0; i < CALLS_COUNT; i++) {
		const struct calls_row *row = calls_describe((enum calls_id)i);
		const struct feature *feature = feature_describe((enum feature_id)row->feature);

		printf("%s\t%u.%u\t%s\t%s\n", row->name, row->since / 1000, row->since % 1000,
		       feature ? feature->name : "-", row->errno_names);
	}
	return 0;
}
