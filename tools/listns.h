/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * listns.h - the kinds of namespaces, for "mntcompat listns" and the completion.
 */
#ifndef MNTCOMPAT_TOOLS_LISTNS_H
#define MNTCOMPAT_TOOLS_LISTNS_H

#include <stdint.h>

/* @name is that of the file below /proc/PID/ns, too; the last row has none. */
struct namespace_kind {
	const char *name;
	uint32_t type;
};
extern const struct namespace_kind namespace_kinds[];

#endif
