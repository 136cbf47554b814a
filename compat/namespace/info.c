// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * info.c - counts the mounts of a namespace.
 * Enters the namespace in a helper.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/raw.h"
#include "compat/namespace/id.h"
#include "compat/namespace/info.h"
#include "compat/namespace/open.h"
#include "compat/task/helper.h"
#include "compat/task/mountinfo.h"
#include "compat/task/procfs.h"

struct count_job {
	int ns, proc;
	bool own;
	uint32_t mounts;
};

/* In a helper. From the root of a namespace, all of its mounts but the bottom are visible. */
static int count_task(void *arg)
{
	struct count_job *job = arg;
	struct mountinfo_table table;
	struct mountinfo_line line;
	size_t pos = 0;
	int fd, ret = raw_setns(job->ns, CLONE_NEWNS);

	/*
	 * Without privilege only the current namespace can be counted, and only from its root: the
	 * kernel refuses to make a user namespace in a chroot.
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
	struct count_job job = { .ns = fd };
	int ret = namespace_kind(fd), own;
	struct stat given, mine;

	if (ret < 0)
		return ret;
	if (ret != CLONE_NEWNS)
		return -EINVAL;
	*info = (struct mntcompat_mnt_ns_info){ .size = sizeof(*info) };
	ret = namespace_id(fd, &info->mnt_ns_id, NULL);
	if (ret < 0)
		return ret;
	own = namespace_own(NULL);
	if (raw_is_shortage(own))
		return own;
	if (own >= 0) {
		job.own = raw_fstat(fd, &given) == 0 && raw_fstat(own, &mine) == 0 &&
			  given.st_ino == mine.st_ino && given.st_dev == mine.st_dev;
		raw_close(own);
	}
	job.proc = procfs_open(".");
	if (job.proc < 0)
		return job.proc;
	ret = helper_look(count_task, &job);
	raw_close(job.proc);
	info->nr_mounts = job.mounts;
	return raw_is_shortage(ret) || ret == 0 ? ret : -EOPNOTSUPP;
}
