// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * proc.c - finds or makes the procfs in which the supervisor looks tasks up.
 * Opens descriptors; what it mounts is attached nowhere and goes with its descriptor.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "compat/kernel/uapi.h"
#include "supervisor/kernel.h"
#include "supervisor/proc.h"
#include "supervisor/target.h"

/* A task has one number in a procfs of its own pid namespace, and several in one of a namespace
 * above. */
static bool is_own_proc(int proc)
{
	struct target_status status;
	struct statfs type;
	struct stat st;
	int fd, ret;

	if (fstatfs(proc, &type) < 0 || type.f_type != UAPI_MAGIC_PROC || fstat(proc, &st) < 0 ||
	    st.st_ino != UAPI_PROC_ROOT_INO)
		return false;
	fd = kernel_open_on_mount(proc, "self/status", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ret = target_read_status(&status, fd);
	close(fd);
	return ret == 0 && status.levels == 1 && status.process_number[0] == getpid();
}

/* The same superblock without anything that is mounted in it now or later. */
static int open_bare(int proc)
{
	int bare = kernel_clone_mount(proc);

	return bare >= 0 ? bare : proc;
}

int proc_open(void)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), bare;

	if (proc >= 0 && is_own_proc(proc)) {
		bare = open_bare(proc);
		if (bare != proc)
			close(proc);
		return bare;
	}
	if (proc >= 0)
		close(proc);
	proc = kernel_mount_proc();
	if (proc >= 0 && is_own_proc(proc))
		return proc;
	if (proc >= 0)
		close(proc);
	return -ENOENT;
}
