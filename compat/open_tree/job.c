// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * job.c - the first and the last step of every way.
 * Opens and closes fds, in a helper, or in the calling task where no helper may be started.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/job.h"
#include "compat/open_tree/template.h"
#include "compat/task/helper.h"
#include "compat/task/lookup.h"
#include "compat/task/offline.h"
#include "compat/task/outside.h"

struct open_tree_way {
	struct open_tree_job *job;
	int (*task)(struct open_tree_job *job);
	bool source, next;
	struct helper_files *files;
};

/* An fd of the directory. */
static int find_source(const struct open_tree_job *job)
{
	int fd = lookup_path(job->dfd, job->path, job->flags & LOOKUP_FLAGS, true);
	int ret = fd < 0 ? fd : offline_is_directory(fd);

	if (ret > 0)
		return fd;
	if (fd >= 0)
		raw_close(fd);
	return ret ? ret : -ENOTDIR;
}

int open_tree_find(struct open_tree_job *job)
{
	int ret = find_source(job);

	if (ret < 0)
		return ret;
	job->source = ret;
	ret = namespace_door_enter(&job->door);
	if (ret < 0)
		return ret;
	job->own = ret;
	return 0;
}

int open_tree_limit(int ret)
{
	return ret == -ENOSYS && raw_unshare(CLONE_NEWNS) == -ENOSPC ? -ENOSPC : ret;
}

static int way_task(void *arg)
{
	struct open_tree_way *way = arg;
	struct open_tree_job *job = way->job;
	int ret = way->source ? find_source(job) : 0;

	job->is_denied = ret < 0;
	if (ret < 0)
		return ret;
	job->source = way->source ? ret : -1;
	way->files->found = true;
	/* No way to open a namespace file: nothing could be returned. */
	ret = namespace_door_enter(&job->door);
	if (way->source || job->is_empty)
		ret = open_tree_limit(ret);
	if (ret < 0)
		return ret;
	job->own = ret;
	ret = way->task(job);
	way->next = ret == OPEN_TREE_NEXT_WAY;
	/* It is not an fd. */
	return way->next ? -ENOSYS : ret;
}

/* --- without a helper --- */

static int stay_task(void *arg)
{
	struct open_tree_way *way = arg;
	int ret = way->task(way->job);

	way->next = ret == OPEN_TREE_NEXT_WAY;
	return way->next ? -EOPNOTSUPP : ret;
}

/* The result at the lowest number, as the kernel gives it. */
static int at_lowest(int fd, bool cloexec)
{
	int ret = raw_fcntl(fd, cloexec ? F_DUPFD_CLOEXEC : F_DUPFD, 0);

	raw_close(fd);
	return ret;
}

static void close_one(int fd)
{
	if (fd >= 0)
		raw_close(fd);
}

void open_tree_begin(struct open_tree_job *job)
{
	job->kept = template_use();
	job->made.fd = job->source = job->own = -1;
	job->door.procfs = job->door.self = -1;
	job->door.kept = false;
}

void open_tree_end(struct open_tree_job *job)
{
	close_one(job->own);
	close_one(job->source);
	close_one(job->door.procfs);
	close_one(job->door.self);
	if (job->made.fd >= 0)
		template_keep(&job->made);
}

static int run_here(struct open_tree_way *way)
{
	struct open_tree_job *job = way->job;
	struct namespace_name user;
	int ret = 0;

	open_tree_begin(job);
	if (way->source)
		ret = job->source = find_source(job);
	job->is_denied = ret < 0;
	if (ret >= 0)
		ret = job->own = namespace_door_enter(&job->door);
	if (ret >= 0)
		ret = namespace_owned(&job->door, job->own, &user) == 1 ?
			      outside_make(job->own, stay_task, way) :
			      -EOPNOTSUPP;
	open_tree_end(job);
	return ret < 0 ? ret : at_lowest(ret, job->cloexec);
}

int open_tree_run(struct open_tree_job *job, int (*task)(struct open_tree_job *job), bool source,
		  bool *next)
{
	struct helper_files files = { .in = &job->dfd,
				      .checked = &job->kept.fd,
				      .extra = &job->made.fd,
				      .not_cloexec = !job->cloexec,
				      .looks_up = source };
	struct open_tree_way way = { job, task, source, false, &files };
	int ret;

	job->kept = template_use();
	job->made.fd = -1;
	ret = helper_run_namespace(way_task, &way, &files);
	if (files.refused && job->may_stay)
		ret = run_here(&way);
	else if (job->made.fd >= 0)
		template_keep(&job->made);
	*next = way.next;
	return ret;
}

bool open_tree_clone_is_filtered(void)
{
	return raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE) != -EFAULT ||
	       raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_AT_RECURSIVE) !=
		       -EFAULT;
}
