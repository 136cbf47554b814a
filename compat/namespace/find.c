// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * find.c - looks for mount namespaces by their ids.
 * Opens files of other processes for a moment.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/find.h"
#include "compat/namespace/id.h"
#include "compat/namespace/info.h"
#include "compat/namespace/list.h"
#include "compat/namespace/open.h"
#include "compat/task/procfs.h"

#define ID_TRIES 16

int namespace_open_id(uint64_t id)
{
	struct namespace_list list = { .want = id };
	uint64_t own;
	bool made;
	int ret = namespace_own_id(&own, &made);

	/* No inode has such a number. */
	if (ret == 0 && made && (id & ~(uint64_t)UINT32_MAX) != NAMESPACE_ID_SYNTHETIC)
		return -ENOENT;
	ret = namespace_list_gather(&list, CLONE_NEWNS);
	namespace_list_release(&list);
	if (ret < 0 || list.kept >= 0)
		return ret < 0 ? ret : list.kept;
	return list.all && !list.gaps ? -ENOENT : -EOPNOTSUPP;
}

/* In the kernel's own list. An fd, -ENOENT, or a shortage. */
static int open_listed(uint64_t ns_id)
{
	int (*const steps[])(int, uint64_t *) = { raw_ns_mnt_get_next, raw_ns_mnt_get_prev };
	int own = namespace_own(NULL), ret = -ENOENT;

	if (own < 0)
		return raw_is_shortage(own) ? own : -ENOENT;
	for (size_t i = 0; i < 2 && ret == -ENOENT; i++) {
		int fd = own;

		for (;;) {
			uint64_t id = 0;
			int next = steps[i](fd, &id);

			if (fd != own)
				raw_close(fd);
			fd = next;
			if (fd < 0 || id == ns_id)
				break;
		}
		ret = fd >= 0 || raw_is_shortage(fd) ? fd : -ENOENT;
	}
	raw_close(own);
	return ret;
}

int namespace_open_listed(uint64_t ns_id)
{
	int fd = open_listed(ns_id), other;

	/* The list is for root of the initial namespaces; other callers may hold it open. */
	if (fd == -ENOENT)
		fd = namespace_open_id(ns_id);
	/* 0 means "none" in a request. */
	if (fd == 0) {
		other = raw_fcntl(0, F_DUPFD_CLOEXEC, 1);
		raw_close(0);
		return other;
	}
	return fd;
}

int namespace_refusal(int fd)
{
	int owner = raw_ns_get_userns(fd), proc, ret;
	uint64_t capabilities = 0;
	struct stat theirs, mine;

	/* The owner is above the caller's user namespace, or beside it. */
	if (owner == -EPERM)
		return -EPERM;
	if (owner < 0)
		return raw_is_shortage(owner) ? owner : -EOPNOTSUPP;
	ret = raw_fstat(owner, &theirs);
	raw_close(owner);
	proc = procfs_open(".");
	if (proc < 0)
		return raw_is_shortage(proc) ? proc : -EOPNOTSUPP;
	if (!ret)
		ret = raw_fstatat(proc, "thread-self/ns/user", &mine, 0);
	raw_close(proc);
	if (ret < 0 || raw_capget_effective(&capabilities) < 0)
		return -EOPNOTSUPP;
	/* In a user namespace further down, the caller may have privilege as its creator. */
	if (theirs.st_ino != mine.st_ino || theirs.st_dev != mine.st_dev)
		return -EOPNOTSUPP;
	return capabilities & UAPI_CAP_SYS_ADMIN ? -EOPNOTSUPP : -EPERM;
}

/* --- the next one and the one before --- */

static uint64_t nearest(const struct namespace_list *list, uint64_t id, bool next)
{
	const struct namespace_entry *entry;
	uint64_t best = 0;
	size_t pos = 0;

	while ((entry = namespace_list_next(list, &pos))) {
		if (entry->kind != CLONE_NEWNS)
			continue;
		if (next ? entry->id > id && (!best || entry->id < best) :
			   entry->id < id && entry->id > best)
			best = entry->id;
	}
	return best;
}

int namespace_neighbour(int fd, bool next, struct mntcompat_mnt_ns_info *info)
{
	int kind = namespace_kind(fd), ret, found;
	uint64_t id;

	if (kind < 0)
		return kind;
	ret = namespace_sees_all();
	if (ret <= 0)
		return ret < 0 ? ret : -EPERM;
	if (kind != CLONE_NEWNS)
		return -EINVAL;
	ret = namespace_id(fd, &id, NULL);
	if (ret < 0)
		return ret;
	for (int i = 0; i < ID_TRIES; i++) {
		struct namespace_list list = { .want = 0 };

		ret = namespace_list_gather(&list, CLONE_NEWNS);
		if (ret == 0)
			list.want = nearest(&list, id, next);
		namespace_list_release(&list);
		if (ret < 0)
			return ret;
		if (!list.want)
			return -ENOENT;
		found = namespace_open_id(list.want);
		/* It may have ended meanwhile. */
		if (found == -ENOENT)
			continue;
		if (found < 0)
			return found;
		ret = namespace_info(found, info);
		if (ret == 0)
			return found;
		raw_close(found);
		/* One that is about to end cannot be entered. */
		if (ret != -EOPNOTSUPP)
			return ret;
	}
	return -EOPNOTSUPP;
}
