// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * namespace_id.c - ids of namespaces, what is known of a mount namespace, and its neighbours.
 * Counts mounts in a helper that enters the namespace. Called by lib/namespace_id.c, listns.c,
 * namespace_list.c and whoever takes or gives the id of a namespace.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/uapi.h"
#include "compat/helper.h"
#include "compat/mountinfo.h"
#include "compat/namespace_id.h"
#include "compat/namespace_list.h"
#include "compat/raw.h"
#include "compat/statmount.h"

#define ID_TRIES 16

int namespace_kind(int fd)
{
	int flags = raw_fcntl(fd, F_GETFL, 0), kind;
	struct statfs fs;

	if (flags == -EBADF || (flags >= 0 && flags & O_PATH))
		return -EBADF;
	if (flags < 0)
		return -EOPNOTSUPP;
	if (raw_fstatfs(fd, &fs) < 0)
		return -EOPNOTSUPP;
	if (fs.f_type != UAPI_MAGIC_NSFS)
		return -ENOTTY;
	kind = raw_ns_get_nstype(fd);
	return kind > 0 ? kind : -EOPNOTSUPP;
}

static int id_or_inode(int ret, int fd, uint64_t *id, bool *made)
{
	struct stat st;

	if (made)
		*made = false;
	if (ret == 0)
		return 0;
	/* Any other refusal is a filter's, which hides an id. */
	if (ret != -ENOTTY || raw_fstat(fd, &st) < 0)
		return -EOPNOTSUPP;
	*id = NAMESPACE_ID_SYNTHETIC | st.st_ino;
	if (made)
		*made = true;
	return 0;
}

int namespace_id(int fd, uint64_t *id, bool *made)
{
	int kind = namespace_kind(fd);

	if (kind < 0)
		return kind;
	return id_or_inode(kind == CLONE_NEWNS ? raw_ns_get_mntns_id(fd, id) : raw_ns_get_id(fd, id),
			   fd, id, made);
}

int namespace_known_id(int fd, uint64_t *id, bool *made)
{
	return id_or_inode(raw_ns_get_mntns_id(fd, id), fd, id, made);
}

int namespace_own_id(uint64_t *id, bool *made)
{
	int fd = statmount_own_namespace(), ret;

	if (fd < 0)
		return fd == -ENOSYS || raw_is_shortage(fd) ? fd : -EOPNOTSUPP;
	ret = namespace_known_id(fd, id, made);
	raw_close(fd);
	return ret;
}

int namespace_sees_all(void)
{
	uint64_t capabilities = 0;
	struct stat user, pid;
	int proc, ret;

	if (raw_capget_effective(&capabilities) < 0)
		return -EOPNOTSUPP;
	if (!(capabilities & UAPI_CAP_SYS_ADMIN))
		return 0;
	proc = statmount_proc_open(".");
	if (proc < 0)
		return proc;
	ret = raw_fstatat(proc, "thread-self/ns/user", &user, 0);
	if (!ret)
		ret = raw_fstatat(proc, "thread-self/ns/pid", &pid, 0);
	raw_close(proc);
	if (ret < 0)
		return -ENOSYS;
	return user.st_ino == UAPI_INITIAL_USER_INO && pid.st_ino == UAPI_INITIAL_PID_INO;
}

int namespace_open_id(uint64_t id)
{
	struct namespace_list list = {.want = id};
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
	proc = statmount_proc_open(".");
	if (proc < 0)
		return raw_is_shortage(proc) ? proc : -EOPNOTSUPP;
	if (!ret)
		ret = raw_fstatat(proc, "thread-self/ns/user", &mine, 0);
	raw_close(proc);
	if (ret < 0 || raw_capget_effective(&capabilities) < 0)
		return -EOPNOTSUPP;
	/* Over one further down the caller may have privilege as the one who made it. */
	if (theirs.st_ino != mine.st_ino || theirs.st_dev != mine.st_dev)
		return -EOPNOTSUPP;
	return capabilities & UAPI_CAP_SYS_ADMIN ? -EOPNOTSUPP : -EPERM;
}

/* --- how many mounts --- */

struct count_job {
	int ns, proc;
	bool own;
	uint32_t mounts;
};

/* In a helper. What is seen from the root of a namespace is all but its bottom mount. */
static int count_task(void *arg)
{
	struct count_job *job = arg;
	struct mountinfo_table table;
	struct mountinfo_line line;
	size_t pos = 0;
	int fd, ret = raw_setns(job->ns, CLONE_NEWNS);

	/*
	 * Without privilege only the own one can be counted, and only from its root: in a chroot no user
	 * namespace is made.
	 */
	if (ret == -EPERM && job->own)
		ret = raw_unshare(CLONE_NEWUSER);
	if (ret < 0)
		return raw_is_shortage(ret) ? ret : -EOPNOTSUPP;
	fd = raw_openat(job->proc, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	ret = mountinfo_read(fd, &table);
	raw_close(fd);
	if (ret < 0)
		return ret;
	job->mounts = 0;
	while (mountinfo_next(&table, &pos, &line))
		job->mounts++;
	mountinfo_release(&table);
	return 0;
}

int namespace_info(int fd, struct mntcompat_mnt_ns_info *info)
{
	struct count_job job = {.ns = fd};
	int ret = namespace_kind(fd), own;
	struct stat given, mine;

	if (ret < 0)
		return ret;
	if (ret != CLONE_NEWNS)
		return -EINVAL;
	*info = (struct mntcompat_mnt_ns_info){.size = sizeof(*info)};
	ret = namespace_id(fd, &info->mnt_ns_id, NULL);
	if (ret < 0)
		return ret;
	own = statmount_own_namespace();
	if (raw_is_shortage(own))
		return own;
	if (own >= 0) {
		job.own = raw_fstat(fd, &given) == 0 && raw_fstat(own, &mine) == 0 &&
			  given.st_ino == mine.st_ino && given.st_dev == mine.st_dev;
		raw_close(own);
	}
	job.proc = statmount_proc_open(".");
	if (job.proc < 0)
		return job.proc;
	ret = helper_run(count_task, &job);
	raw_close(job.proc);
	info->nr_mounts = job.mounts;
	return raw_is_shortage(ret) || ret == 0 ? ret : -EOPNOTSUPP;
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
		if (next ? entry->id > id && (!best || entry->id < best)
			 : entry->id < id && entry->id > best)
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
		struct namespace_list list = {.want = 0};

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
