/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * every_namespace.h - a mount in any mount namespace that the kernel lists to the caller (6.12,
 * with privilege). Opens and closes namespace files.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_EVERY_NAMESPACE_H
#define MNTCOMPAT_COMPAT_STATMOUNT_EVERY_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/ids.h"
#include "compat/statmount/scratch.h"

/*
 * statmount_search_namespaces - the facts of the mount @ids, wherever it is. 0, -ENOENT (*all: it
 * is in none, because all of them were listed), -EMFILE, -ENFILE, -ENOMEM.
 */
int statmount_search_namespaces(const struct statmount_ids *ids, uint64_t mask,
				struct builder_facts *facts, struct statmount_scratch *scratch,
				bool *all);

#endif
