// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * place.c - finds the mount namespace of a request.
 * Opens and closes files.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/find.h"
#include "compat/namespace/id.h"
#include "compat/namespace/open.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/place.h"
#include "compat/statmount/request.h"

/*
 * Checks a namespace file descriptor; sets place->ns_fd if it is not the current mount namespace.
 */
static int statmount_check_ns_fd(const struct statmount_query *query, struct statmount_place *place)
{
	struct stat given, own;
	struct statfs fs;
	int flags = raw_fcntl(query->ns_fd, F_GETFL, 0), fd, ret;

	if (flags < 0)
		return flags == -EBADF ? flags : -EOPNOTSUPP;
	if (flags & O_PATH)
		return -EBADF;
	if (raw_fstatfs(query->ns_fd, &fs) < 0)
		return -EOPNOTSUPP;
	if (fs.f_type != UAPI_MAGIC_NSFS)
		return -EINVAL;
	ret = raw_ns_get_nstype(query->ns_fd);
	if (ret != CLONE_NEWNS)
		return ret < 0 && ret != -ENOTTY ? -EOPNOTSUPP : -EINVAL;
	fd = namespace_own(NULL);
	if (fd < 0)
		return fd == -EMFILE || fd == -ENFILE ? fd : -EOPNOTSUPP;
	ret = raw_fstat(query->ns_fd, &given) < 0 || raw_fstat(fd, &own) < 0 ? -EOPNOTSUPP : 0;
	raw_close(fd);
	if (ret < 0 || (given.st_dev == own.st_dev && given.st_ino == own.st_ino))
		return ret;
	place->ns_fd = query->ns_fd;
	if (raw_ns_get_mntns_id(query->ns_fd, &place->ns_id) < 0)
		place->ns_id = 0;
	return 0;
}

/* A namespace by id. Before 6.11 the kernel knows none, and the namespace has to be found. */
static int statmount_check_ns_id(const struct statmount_query *query, struct statmount_place *place)
{
	uint64_t own;
	bool made;
	int ret = namespace_own_id(&own, &made), fd;

	if (ret < 0)
		return raw_is_shortage(ret) ? ret : -EOPNOTSUPP;
	if (query->mnt_ns_id == own)
		return 0;
	if (!made) {
		place->ns_id = query->mnt_ns_id;
		return 0;
	}
	fd = namespace_open_id(query->mnt_ns_id);
	/* 0 means "none" in a request. */
	if (fd == 0) {
		fd = raw_fcntl(0, F_DUPFD_CLOEXEC, 1);
		raw_close(0);
	}
	debug_step("namespace %#llx: %d", (unsigned long long)query->mnt_ns_id, fd);
	if (fd < 0)
		return fd == -ENOENT || raw_is_shortage(fd) ? fd : -EOPNOTSUPP;
	place->ns_fd = fd;
	place->opened = true;
	return 0;
}

/* Leaves @place empty when it is the caller's own. */
int statmount_find_place(const struct statmount_query *query, struct statmount_place *place)
{
	*place = (struct statmount_place){ 0 };
	if (query->by_fd)
		return 0;
	if (query->ns_fd)
		return statmount_check_ns_fd(query, place);
	return query->mnt_ns_id ? statmount_check_ns_id(query, place) : 0;
}

int statmount_leave_place(struct statmount_place *place, int ret)
{
	if (!place->opened)
		return ret;
	/* Only a privileged caller learns whether such a mount exists. */
	if (ret == -EOPNOTSUPP || ret == -ENOENT) {
		int refusal = namespace_refusal(place->ns_fd);

		if (ret == -EOPNOTSUPP || refusal == -EPERM)
			ret = refusal;
	}
	raw_close(place->ns_fd);
	place->ns_fd = 0;
	place->opened = false;
	return ret;
}

int statmount_namespace_facts(int ns_fd, uint64_t mask, struct builder_facts *facts)
{
	int ret;

	if (!(mask & ~facts->known & MNTCOMPAT_STATMOUNT_MNT_NS_ID))
		return 0;
	ret = ns_fd < 0 ? namespace_own_id(&facts->mnt_ns_id, NULL) :
			  namespace_known_id(ns_fd, &facts->mnt_ns_id, NULL);
	if (ret == 0)
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_NS_ID;
	return raw_is_shortage(ret) ? ret : 0;
}
