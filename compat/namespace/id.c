// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * id.c - the kind of a namespace and its id.
 * Opens and closes files.
 */
#include <errno.h>
#include <sched.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/id.h"
#include "compat/namespace/open.h"
#include "compat/task/procfs.h"

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
	return id_or_inode(kind == CLONE_NEWNS ? raw_ns_get_mntns_id(fd, id) :
						 raw_ns_get_id(fd, id),
			   fd, id, made);
}

int namespace_known_id(int fd, uint64_t *id, bool *made)
{
	return id_or_inode(raw_ns_get_mntns_id(fd, id), fd, id, made);
}

int namespace_own_id(uint64_t *id, bool *made)
{
	int fd = namespace_own(NULL), ret;

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
	proc = procfs_open(".");
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
