// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * namespace_id.c - the ioctls of nsfs as functions: ids of namespaces, facts of a mount namespace,
 * and the namespaces next to it. Chooses the way that answers a call.
 * Touches nothing of the caller's but through the kernel or compat/.
 */
#include <errno.h>
#include <stdbool.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/namespace/find.h"
#include "compat/namespace/id.h"
#include "compat/namespace/info.h"
#include "compat/namespace/process.h"
#include "compat/task/helper.h"
#include "compat/task/usercopy.h"
#include "lib/ending.h"
#include "lib/failure.h"
#include "lib/mode.h"

/*
 * True if the kernel answered. ENOTTY may also mean not a namespace: the emulation finds out. No
 * privilege is needed, so that EPERM and EACCES are a filter's.
 */
static bool is_answer(enum mntcompat_mode mode, int ret)
{
	return mode == MNTCOMPAT_MODE_NATIVE || (ret != -ENOTTY && !refusal_is(ret));
}

static int emulate_id(int fd, bool mount, uint64_t *user, enum mntcompat_way *way)
{
	int ret = namespace_kind(fd);
	uint64_t id;
	bool made;

	*way = MNTCOMPAT_WAY_FD;
	if (ret >= 0 && mount && ret != (int)MNTCOMPAT_MNT_NS)
		return -EINVAL;
	if (ret >= 0)
		ret = namespace_id(fd, &id, &made);
	if (ret < 0)
		return ret;
	if (made)
		*way = MNTCOMPAT_WAY_INODE;
	return usercopy_to(user, &id, sizeof(id));
}

int mntcompat_namespace_id(int fd, uint64_t *id)
{
	enum mntcompat_mode mode = mode_get();
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret = -ENOTTY;

	if (mode != MNTCOMPAT_MODE_EMULATE)
		ret = raw_ns_get_id(fd, id);
	if (!is_answer(mode, ret))
		ret = emulate_id(fd, false, id, &way);
	return (int)ending(CALLS_namespace_id, 0, way, ret);
}

int mntcompat_mount_namespace_id(int fd, uint64_t *id)
{
	enum mntcompat_mode mode = mode_get();
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret = -ENOTTY;

	if (mode != MNTCOMPAT_MODE_EMULATE)
		ret = raw_ns_get_mntns_id(fd, id);
	if (!is_answer(mode, ret))
		ret = emulate_id(fd, true, id, &way);
	return (int)ending(CALLS_mount_namespace_id, 0, way, ret);
}

struct info_job {
	int fd;
	struct mntcompat_mnt_ns_info info;
};

static int count(void *arg)
{
	struct info_job *job = arg;

	return namespace_info(job->fd, &job->info);
}

static int emulate_info(int fd, struct mntcompat_mnt_ns_info *user, enum mntcompat_way *way)
{
	struct info_job job = { .fd = fd };
	int ret = namespace_kind(fd);

	*way = MNTCOMPAT_WAY_PROCFS;
	if (ret < 0)
		return ret;
	if (ret != (int)MNTCOMPAT_MNT_NS || !user)
		return -EINVAL;
	ret = helper_with_room(count, &job, &job.fd);
	if (ret == -EMFILE || ret == -ENFILE)
		ret = -ENOMEM;
	return ret < 0 ? ret : usercopy_to(user, &job.info, sizeof(job.info));
}

int mntcompat_mount_namespace_info(int fd, struct mntcompat_mnt_ns_info *info)
{
	enum mntcompat_mode mode = mode_get();
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret = -ENOTTY;

	if (mode != MNTCOMPAT_MODE_EMULATE)
		ret = raw_ns_mnt_get_info(fd, info);
	if (!is_answer(mode, ret))
		ret = emulate_info(fd, info, &way);
	return (int)ending(CALLS_mount_namespace_info, 0, way, ret);
}

/* The new fd gets the lowest number, as the kernel's own would. */
static int lowest(int fd)
{
	int low = raw_fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (low < 0 || low > fd) {
		if (low >= 0)
			raw_close(low);
		return fd;
	}
	raw_close(fd);
	return low;
}

struct step_job {
	int fd;
	bool next;
	struct mntcompat_mnt_ns_info info;
};

static int look_for_neighbour(void *arg)
{
	struct step_job *job = arg;

	return namespace_neighbour(job->fd, job->next, &job->info);
}

static int emulate_step(int fd, bool next, struct mntcompat_mnt_ns_info *user,
			enum mntcompat_way *way)
{
	struct step_job job = { .fd = fd, .next = next };
	struct helper_files files = { .in = &job.fd };
	int found, ret;

	*way = MNTCOMPAT_WAY_PROCFS;
	found = look_for_neighbour(&job);
	if (found == -EMFILE && helper_room_left() == 0)
		found = helper_run_fd(look_for_neighbour, &job, &files);
	if (found < 0)
		return found;
	ret = usercopy_to(user, &job.info, sizeof(job.info));
	if (ret < 0) {
		raw_close(found);
		return ret;
	}
	return lowest(found);
}

static int sees_all(void *arg)
{
	(void)arg;
	return namespace_sees_all();
}

/*
 * 6.13 to 6.18 show all callers the namespaces they may look into, and accept a NULL info; later
 * kernels show all namespaces to callers that may see all of them, and none to others.
 */
static int native_step(int ret, const struct mntcompat_mnt_ns_info *info)
{
	int all;

	if (ret == -EBADF || ret == -ENOTTY || ret == -EPERM || ret == -EFAULT ||
	    feature_probe(FEATURE_LISTNS) == FEATURE_PRESENT)
		return ret;
	all = helper_with_room(sees_all, NULL, NULL);
	if (all > 0 && (ret < 0 || info))
		return ret;
	if (ret >= 0)
		raw_close(ret);
	if (all > 0)
		return -EFAULT;
	return all < 0 ? all : -EPERM;
}

/* The same for a neighbour, where the kernel returns EPERM to callers that may not see all. */
static bool is_step(enum mntcompat_mode mode, int ret)
{
	return is_answer(mode, ret) ||
	       (ret == -EPERM && helper_with_room(sees_all, NULL, NULL) == 0);
}

static int step(int fd, bool next, struct mntcompat_mnt_ns_info *info)
{
	enum mntcompat_mode mode = mode_get();
	enum mntcompat_way way = MNTCOMPAT_WAY_NATIVE;
	int ret = -ENOTTY;

	if (mode != MNTCOMPAT_MODE_EMULATE)
		ret = next ? raw_ns_mnt_get_next_info(fd, info) :
			     raw_ns_mnt_get_prev_info(fd, info);
	if (!is_step(mode, ret))
		ret = emulate_step(fd, next, info, &way);
	else if (mode == MNTCOMPAT_MODE_AUTO)
		ret = native_step(ret, info);
	return (int)ending(next ? CALLS_mount_namespace_next : CALLS_mount_namespace_prev, 0, way,
			   ret);
}

int mntcompat_mount_namespace_next(int fd, struct mntcompat_mnt_ns_info *info)
{
	return step(fd, true, info);
}

int mntcompat_mount_namespace_prev(int fd, struct mntcompat_mnt_ns_info *info)
{
	return step(fd, false, info);
}

int mntcompat_mount_namespace_of(pid_t pid)
{
	bool procfs;
	int ret = calls_documented(CALLS_mount_namespace_of, namespace_of_process(pid, &procfs));

	mode_set_way(procfs ? MNTCOMPAT_WAY_PROCFS : MNTCOMPAT_WAY_NATIVE);
	debug_call("mount_namespace_of(%d): %s, %d", (int)pid, procfs ? "procfs" : "native", ret);
	return failure(ret);
}
