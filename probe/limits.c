// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * limits.c - the limits that the system's settings put on this process, from files that the child
 * has read. It makes no system call.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "probe/limits.h"

static int add(struct mntcompat_probe *probe, const char *name, bool known, uint64_t value,
	       bool bites, const char *detail)
{
	struct mntcompat_probe_limit *limit = report_alloc(probe, sizeof(*limit));

	if (!limit)
		return -ENOMEM;
	*limit = (struct mntcompat_probe_limit){
		.name = name,
		.known = known,
		.value = value,
		.bites = bites,
		.detail = detail,
	};
	return report_add(&probe->limits, limit);
}

/* Returns -1 if the file has no number, and reports it unless this kernel has no such file. */
static int64_t number_in(struct mntcompat_probe *probe, unsigned int id, int *ret)
{
	const struct batch_file *file = &probe->shared->batch.files[id];
	unsigned long long value;
	char *end;

	if (file->error) {
		if (file->error != ENOENT)
			*ret = report_trouble(probe, "%s: %s", file->path, strerror(file->error));
		return -1;
	}
	errno = 0;
	value = strtoull(file->text, &end, 10);
	if (end == file->text || errno || value > INT64_MAX) {
		*ret = report_trouble(probe, "%s: not a number", file->path);
		return -1;
	}
	return (int64_t)value;
}

static int namespaces(struct mntcompat_probe *probe, unsigned int id, const char *name,
		      const char *none)
{
	int ret = 0;
	int64_t value = number_in(probe, id, &ret);

	return ret ? ret :
		     add(probe, name, value >= 0, value < 0 ? 0 : (uint64_t)value, value == 0,
			 value == 0 ? none : "");
}

static int mount_max(struct mntcompat_probe *probe)
{
	int64_t mounts = probe->shared->answers.mounts, value;
	int ret = 0;
	bool bites;

	value = number_in(probe, FILE_MOUNT_MAX, &ret);
	if (ret)
		return ret;
	/* An emulation copies the table for a moment and adds mounts. */
	bites = value >= 0 && mounts >= 0 && value <= mounts;
	return add(probe, "fs.mount-max", value >= 0, value < 0 ? 0 : (uint64_t)value, bites,
		   bites ? "the current mount namespace has reached fs.mount-max" : "");
}

static int userns_clone(struct mntcompat_probe *probe)
{
	int ret = 0;
	int64_t value = number_in(probe, FILE_USERNS_CLONE, &ret);
	bool bites = value == 0 && !probe->shared->answers.admin;

	return ret ? ret :
		     add(probe, "kernel.unprivileged_userns_clone", value >= 0,
			 value < 0 ? 0 : (uint64_t)value, bites,
			 bites ? "user namespaces need privilege" : "");
}

static int io_uring_disabled(struct mntcompat_probe *probe)
{
	int ret = 0;
	int64_t value = number_in(probe, FILE_IO_URING_DISABLED, &ret);
	bool bites = value >= 2 || (value == 1 && !probe->shared->answers.admin);

	return ret ? ret :
		     add(probe, "kernel.io_uring_disabled", value >= 0,
			 value < 0 ? 0 : (uint64_t)value, bites,
			 value >= 2 ? "disabled for all processes" :
			 value == 1 ? "disabled without privilege" :
				      "");
}

static int of_process(struct mntcompat_probe *probe)
{
	const struct answers *answers = &probe->shared->answers;
	int hidepid = answers->hidepid, seccomp = answers->seccomp, nnp = answers->no_new_privs,
	    ret;
	bool hides = hidepid > 0 && !answers->ptrace;

	ret = add(probe, "proc.hidepid", hidepid >= 0, hidepid < 0 ? 0 : (uint64_t)hidepid, hides,
		  hides ? "other users' processes and their namespaces are hidden" : "");
	if (ret == 0)
		ret = add(probe, "no_new_privs", nnp >= 0, nnp < 0 ? 0 : (uint64_t)nnp, false,
			  nnp > 0 ? "programs gain no privilege by exec" : "");
	if (ret == 0)
		ret = add(probe, "seccomp", seccomp >= 0, seccomp < 0 ? 0 : (uint64_t)seccomp,
			  seccomp > 0, seccomp > 0 ? "a system call filter may refuse calls" : "");
	return ret;
}

int report_limits(struct mntcompat_probe *probe)
{
	int ret = namespaces(probe, FILE_MAX_MNT_NAMESPACES, "user.max_mnt_namespaces",
			     "mount namespaces cannot be made");

	if (ret == 0)
		ret = namespaces(probe, FILE_MAX_USER_NAMESPACES, "user.max_user_namespaces",
				 "user namespaces cannot be made");
	if (ret == 0)
		ret = mount_max(probe);
	if (ret == 0)
		ret = userns_clone(probe);
	if (ret == 0)
		ret = io_uring_disabled(probe);
	return ret ? ret : of_process(probe);
}
