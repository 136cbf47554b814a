/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line.h - facts from one line of mountinfo. Memory work only.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_LINE_H
#define MNTCOMPAT_COMPAT_STATMOUNT_LINE_H

#include <mntcompat.h>
#include "compat/statmount/builder.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"

/*
 * All that a line says: everything but the ids, the magic and the namespace id. Sets MNT_BASIC's
 * and SB_BASIC's fields but not their bits. MNT_POINT and PROPAGATE_FROM are for the process whose
 * file it is.
 */
int statmount_mountinfo_facts(const struct mountinfo_line *line, struct builder_facts *facts,
			      struct statmount_scratch *scratch);

#define STATMOUNT_OPTION_ARRAYS (MNTCOMPAT_STATMOUNT_OPT_ARRAY | MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY)

/* OPT_ARRAY and OPT_SEC_ARRAY from what MNT_OPTS reports. */
int statmount_option_arrays(struct mountinfo_span options, struct builder_facts *facts,
			    struct statmount_scratch *scratch);

#endif
