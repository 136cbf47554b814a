/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statmount.h - the emulation of statmount: from this kernel's facts about a mount to an answer.
 * Touches the caller's memory through usercopy.h.
 *
 * Where facts come from, cheapest first:
 *
 *   native.c            a statmount(2) by id (6.8): everything that this kernel knows
 *   ids.c               statx, fdinfo: the ids of an fd's mount
 *   own_table.c         the mount's line in the caller's mountinfo
 *   elsewhere.c         mounts that are in no table of the caller's: unmounted ones, those of
 *                       another namespace, those outside the caller's root
 *   tree_copy.c         mounts of a detached tree, through a copy of it (6.15)
 *
 * Every source sets the bits in builder_facts.known whose values it has for certain; a field that
 * no source has stays clear in the answer's mask, and a mount that cannot be placed is refused with
 * EOPNOTSUPP.
 *
 * Missing, for mounts in the caller's own namespace that its root reaches:
 *
 *   6.17 to 6.19   nothing
 *   6.11 to 6.16   MNT_UIDMAP, MNT_GIDMAP of idmapped mounts (not known before 6.15, a crash on
 *                  6.15 and 6.16)
 *   6.8 to 6.10    namespaces have the ids of namespace/id.h, which are used again; a namespace
 * that is named by its id is looked for in procfs, and has to be entered before 6.8     also that
 * ids are unique for ever: they are 0x4000000000000000 | old id, used again when the old id is.
 * Needs procfs (ENOSYS without). By id: SB_BASIC of a mount that is covered or out of reach,
 * without another mount of its superblock in reach, if its type does not tell (task/offline.h);
 * mounts that are not listed but carry listed ones are EPERM or, with privilege, EOPNOTSUPP 6.8 and
 * later with statmount filtered: as before 6.8, with true ids and, from 6.11, a true MNT_NS_ID; but
 * MNT_BASIC is clear when the parent is covered or hidden, and by id only what lies open at its
 * mount point is found
 *
 * Elsewhere, by fd:
 *
 *   the kernel's   nothing (EINVAL); descriptors of mqueue and selinuxfs are refused
 *   outside a      nothing with privilege over the namespace. Without it, all fields but those that
 *   chroot         a process's table shows, and from 6.8 MNT_BASIC of files but directories. Needs
 *                  procfs; the privileged can mount one of their own
 *   another        nothing with privilege over it from 6.12 (6.11 if a process is in it), nor from
 *   namespace      about 6.18 if a process in it may be looked into. Else MNT_POINT and MNT_NS_ID;
 *                  namespaces without processes are refused
 *   detached       single trees (ENOENT in the kernel) and larger ones cannot be told apart before
 *   tree           6.15: refused. From 6.15, with privilege, the tree's root directory is answered,
 *                  without MNT_NS_ID; other files of such trees are refused
 *   unmounted      SB_SOURCE; MNT_ROOT of files, and where no mount of the superblock has the same
 *                  root; all of the superblock (SB_BASIC, FS_TYPE, MNT_OPTS, OPT_ARRAY) where it
 *                  has no mount in sight; MNT_BASIC from 5.12 on, for the mount could be idmapped.
 *                  One that was unbindable reads as private
 *
 * Other threads' mount namespaces (of tasks that are not the first of their process) are not
 * searched.
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_STATMOUNT_H
#define MNTCOMPAT_COMPAT_STATMOUNT_STATMOUNT_H

#include <stddef.h>

#include <mntcompat.h>
#include "compat/statmount/request.h"

/*
 * Steps 4 to 11: find the namespace and the mount, learn the requested facts, lay them out, copy
 * them out.
 * -EBADF, -EINVAL, -ENOENT, -EPERM, -EOVERFLOW, -EFAULT, -ENOMEM, -EOPNOTSUPP, -ENOSYS.
 */
int statmount_emulate(struct statmount_query *query, void *buf, size_t bufsize,
		      enum mntcompat_way *way);

#endif
