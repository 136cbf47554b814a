// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nullfs.c - knows the root of an empty mount namespace that the library has made, and describes it
 * as 7.3 does. Makes calls that change nothing.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/nullfs.h"
#include "compat/statmount/native.h"
#include "compat/task/empty_root.h"
#include "compat/task/usercopy.h"

/* The fields that are not those of nullfs in an answer about the directory. */
#define EMPTY_TELLING \
	(MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_MNT_ROOT)
#define EMPTY_WRONG (EMPTY_TELLING | MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_SB_SOURCE)

static const char fs_type[] = "proc";

static struct builder_bytes bytes(const char *text)
{
	return (struct builder_bytes){ text, strlen(text) };
}

/* Everything but ids, device, mount point and namespace. */
static void describe(struct builder_facts *facts)
{
	facts->mnt_parent_id = facts->mnt_id;
	facts->mnt_parent_id_old = facts->mnt_id_old;
	facts->mnt_attr = MNTCOMPAT_MOUNT_ATTR_STRICTATIME;
	facts->mnt_propagation = MS_PRIVATE;
	facts->mnt_peer_group = facts->mnt_master = facts->propagate_from = 0;
	facts->sb_magic = UAPI_MAGIC_NULLFS;
	facts->sb_flags = 0;
	facts->fs_type = bytes("nullfs");
	facts->mnt_root = bytes("/");
	facts->sb_source = bytes("nullfs");
	facts->known |= MNTCOMPAT_STATMOUNT_SB_SOURCE;
	facts->known &=
		~(uint64_t)(MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_FS_SUBTYPE |
			    MNTCOMPAT_STATMOUNT_OPT_ARRAY | MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY);
}

int statmount_nullfs_own(const struct statmount_ids *ids, struct builder_facts *facts)
{
	struct raw_statx root;

	if (!empty_root_is_own(&root))
		return -ENOSYS;
	if (!ids->old_known || ids->old != root.mnt_id)
		return -ENOENT;
	*facts = (struct builder_facts){
		.known = EMPTY_WRONG | MNTCOMPAT_STATMOUNT_PROPAGATE_FROM |
			 MNTCOMPAT_STATMOUNT_MNT_POINT,
		.sb_dev_major = root.dev_major,
		.sb_dev_minor = root.dev_minor,
		.mnt_id_old = ids->old,
		.mnt_point = bytes("/"),
	};
	if (statmount_ids_known(ids, &facts->mnt_id) < 0)
		return -ENOSYS;
	describe(facts);
	return 0;
}

int statmount_root_point(const struct statmount_ids *ids, struct builder_facts *facts)
{
	struct raw_statx root;

	if (!ids->old_known ||
	    raw_statx(AT_FDCWD, "/", UAPI_AT_STATX_DONT_SYNC, MNTCOMPAT_STATX_MNT_ID, &root) < 0 ||
	    !(root.mask & MNTCOMPAT_STATX_MNT_ID) || root.mnt_id != ids->old ||
	    !(root.attributes & UAPI_STATX_ATTR_MOUNT_ROOT))
		return -ENOSYS;
	*facts = (struct builder_facts){ .known = MNTCOMPAT_STATMOUNT_MNT_POINT,
					 .mnt_point = bytes("/") };
	return 0;
}

/* False if a field that @facts have is not that of an empty root. */
static bool may_be(const struct builder_facts *facts)
{
	/* A line of mountinfo has the attributes, whether they are asked for or not. */
	if ((facts->known & MNTCOMPAT_STATMOUNT_MNT_BASIC || facts->mnt_attr) &&
	    !(facts->mnt_attr & EMPTY_ROOT_MARK))
		return false;
	if (facts->known & MNTCOMPAT_STATMOUNT_SB_BASIC && facts->sb_magic != UAPI_MAGIC_PROC)
		return false;
	if (facts->known & MNTCOMPAT_STATMOUNT_FS_TYPE &&
	    (facts->fs_type.len != strlen(fs_type) ||
	     memcmp(facts->fs_type.text, fs_type, facts->fs_type.len)))
		return false;
	if (facts->known & MNTCOMPAT_STATMOUNT_MNT_ROOT &&
	    !empty_root_is_directory(facts->mnt_root.text, facts->mnt_root.len))
		return false;
	return facts->known & EMPTY_WRONG;
}

int statmount_nullfs_correct(uint64_t mnt_id, const struct statmount_place *place,
			     struct builder_facts *facts, struct statmount_scratch *scratch)
{
	struct builder_facts more;
	uint64_t missing = EMPTY_TELLING & ~facts->known;
	int ret;

	if (!may_be(facts))
		return 0;
	if (facts->mnt_attr & EMPTY_ROOT_MARK)
		missing &= ~(uint64_t)MNTCOMPAT_STATMOUNT_MNT_BASIC;
	if (missing) {
		if (!mnt_id || feature_known_absent(FEATURE_STATMOUNT))
			return 0;
		ret = statmount_native(mnt_id, place, EMPTY_TELLING, &more, scratch);
		if (ret == -ENOMEM)
			return ret;
		if (ret < 0 || EMPTY_TELLING & ~more.known || !may_be(&more))
			return 0;
	}
	/* From a line of mountinfo, which has no unique ids; this mount is its own parent. */
	if (mnt_id && facts->mnt_attr & EMPTY_ROOT_MARK && facts->mnt_id_old) {
		facts->mnt_id = mnt_id;
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
	}
	describe(facts);
	return 0;
}

bool statmount_nullfs_is_emulated(void)
{
	static _Atomic uint32_t none_of;
	uint32_t kernel = raw_get_kernel();

	if (feature_known_absent(FEATURE_FSMOUNT_NAMESPACE))
		return true;
	if (atomic_load_explicit(&none_of, memory_order_relaxed) == kernel)
		return false;
	if (feature_probe(FEATURE_FSMOUNT_NAMESPACE) == FEATURE_ABSENT)
		return true;
	atomic_store_explicit(&none_of, kernel, memory_order_relaxed);
	return false;
}

uint64_t statmount_nullfs_mask(uint64_t mask)
{
	return mask & EMPTY_WRONG ? mask | EMPTY_TELLING : mask;
}

bool statmount_nullfs_suspected(const struct mntcompat_statmount *user, size_t bufsize,
				bool elsewhere)
{
	struct mntcompat_statmount answer = { .mask = 0 };
	char text[sizeof(fs_type)];

	if ((!elsewhere && !empty_root_was_noted()) || !statmount_nullfs_is_emulated() ||
	    usercopy_from(&answer, user, bufsize < sizeof(answer) ? bufsize : sizeof(answer)) < 0)
		return false;
	if (answer.mask & MNTCOMPAT_STATMOUNT_MNT_BASIC)
		return answer.mnt_attr & EMPTY_ROOT_MARK;
	if (answer.mask & MNTCOMPAT_STATMOUNT_SB_BASIC)
		return answer.sb_magic == UAPI_MAGIC_PROC;
	if (answer.mask & MNTCOMPAT_STATMOUNT_FS_TYPE)
		return usercopy_from(text, user->str + answer.fs_type, sizeof(text)) == 0 &&
		       !memcmp(text, fs_type, sizeof(text));
	return answer.mask & EMPTY_WRONG;
}
