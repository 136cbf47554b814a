// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * scenario-fixture.c - hostile worlds around a scenario: the calls that a scenario makes itself,
 * which a world must not refuse, and the calls under test, each of which is made in the world.
 * Touches the scenario's own process.
 */
#define _GNU_SOURCE
#define SCENARIO_PLAIN_CALLS
#include "compat/kernel/uapi.h"
#include "scenario-internal.h"
#undef mntcompat_clone3

#include <alloca.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* --- what a scenario does itself --- */

bool fixture_is_refusal(int error)
{
	const struct world *world = scenario_run.surroundings;

	return world && world->refuses && !strcmp(world->refuses, errno_name(error));
}

/* A path that this world takes from the scenario. */
static bool is_hidden(const char *path)
{
	const struct world *world = scenario_run.surroundings;

	return world && world->hides_proc && scenario_run.is_inside && path &&
	       !strncmp(path, "/proc/", 6);
}

static long told(long ret)
{
	if (ret < 0 && fixture_is_refusal(errno))
		atomic_store(&scenario_run.page->is_refused, 1);
	return ret;
}

long fixture_syscall(long number, ...)
{
	long argument[5];
	va_list args;
	int i;

	va_start(args, number);
	for (i = 0; i < 5; i++)
		argument[i] = va_arg(args, long);
	va_end(args);
	return told(syscall(number, argument[0], argument[1], argument[2], argument[3], argument[4],
			    WORLD_KEY));
}

/* True if "/" is still the one that the world has made. */
static bool is_outer_root(void)
{
	struct stat st;

	return !stat("/", &st) && st.st_dev == scenario_run.root_device &&
	       st.st_ino == scenario_run.root_inode;
}

int fixture_mount(const char *source, const char *target, const char *type, unsigned long flags,
		  const void *data)
{
	const struct world *world = scenario_run.surroundings;

	if (is_hidden(source))
		atomic_store(&scenario_run.page->is_refused, 1);
	if (world && world->root_is_no_mount && !strcmp(target, "/") &&
	    (flags & ~(unsigned long)MS_REC) == MS_PRIVATE && is_outer_root())
		return 0;
	return fixture_syscall(SYS_mount, source, target, type, flags, data);
}

int fixture_umount2(const char *target, int flags)
{
	return FIXTURE_SYSCALL(SYS_umount2, target, (long)flags);
}

int fixture_unshare(int flags)
{
	return FIXTURE_SYSCALL(SYS_unshare, (long)flags);
}

int fixture_setns(int fd, int flags)
{
	return FIXTURE_SYSCALL(SYS_setns, (long)fd, (long)flags);
}

int fixture_chroot(const char *path)
{
	return FIXTURE_SYSCALL(SYS_chroot, path);
}

int fixture_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {
		va_start(args, flags);
		mode = va_arg(args, mode_t);
		va_end(args);
	}
	if (is_hidden(path))
		return openat(scenario_run.procfd, path + 6, flags, mode);
	return open(path, flags, mode);
}

FILE *fixture_fopen(const char *path, const char *mode)
{
	int fd;

	if (*mode != 'r')
		return fopen(path, mode);
	fd = fixture_open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? NULL : fdopen(fd, mode);
}

ssize_t fixture_readlink(const char *path, char *buf, size_t size)
{
	if (is_hidden(path))
		return readlinkat(scenario_run.procfd, path + 6, buf, size);
	return readlink(path, buf, size);
}

int fixture_execv(const char *path, char *const argv[])
{
	if (is_hidden(path))
		atomic_store(&scenario_run.page->is_refused, 1);
	return execv(path, argv);
}

/* --- the calls under test --- */

static const struct scenario_calls *outside;

/* The stack of the caller is what a world may make small; used up here it is small for the call. */
#define AROUND(type, name, parameters, arguments) \
	static type around_##name parameters \
	{ \
		const struct world *world = scenario_run.surroundings; \
		int error = errno; \
		size_t used = world->before ? world->before() : 0; \
		volatile char *room = alloca(used + 1); \
		type ret; \
\
		*room = 0; \
		errno = error; \
		ret = outside->name arguments; \
		error = errno; \
		if (world->after) \
			world->after(); \
		errno = error; \
		return ret; \
	}

AROUND(int, open_tree, (int dfd, const char *path, unsigned int flags), (dfd, path, flags))
AROUND(int, open_tree_attr,
       (int dfd, const char *path, unsigned int flags, const struct mntcompat_mount_attr *attr,
	size_t size),
       (dfd, path, flags, attr, size))
AROUND(int, mount_setattr,
       (int dfd, const char *path, unsigned int flags, const struct mntcompat_mount_attr *attr,
	size_t size),
       (dfd, path, flags, attr, size))
AROUND(int, move_mount,
       (int from_dfd, const char *from, int to_dfd, const char *to, unsigned int flags),
       (from_dfd, from, to_dfd, to, flags))
AROUND(int, fsmount, (int fs_fd, unsigned int flags, unsigned int attr_flags),
       (fs_fd, flags, attr_flags))
AROUND(int, unshare, (unsigned int flags), (flags))
AROUND(pid_t, clone3, (const struct mntcompat_clone_args *args, size_t size), (args, size))
AROUND(int, statmount,
       (const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf, size_t bufsize,
	unsigned int flags),
       (req, buf, bufsize, flags))
AROUND(ssize_t, listmount,
       (const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids, size_t nr_mnt_ids,
	unsigned int flags),
       (req, mnt_ids, nr_mnt_ids, flags))
AROUND(ssize_t, listns,
       (const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
	unsigned int flags),
       (req, ns_ids, nr_ns_ids, flags))
AROUND(int, statx,
       (int dfd, const char *path, int flags, unsigned int mask, struct mntcompat_statx *buf),
       (dfd, path, flags, mask, buf))
AROUND(int, name_to_handle_at,
       (int dfd, const char *path, struct mntcompat_file_handle *handle, void *mount_id, int flags),
       (dfd, path, handle, mount_id, flags))
AROUND(int, namespace_id, (int fd, uint64_t *id), (fd, id))
AROUND(int, mount_namespace_id, (int fd, uint64_t *id), (fd, id))
AROUND(int, mount_namespace_info, (int fd, struct mntcompat_mnt_ns_info *info), (fd, info))
AROUND(int, mount_namespace_next, (int fd, struct mntcompat_mnt_ns_info *info), (fd, info))
AROUND(int, mount_namespace_prev, (int fd, struct mntcompat_mnt_ns_info *info), (fd, info))
AROUND(int, mount_namespace_of, (pid_t pid), (pid))
AROUND(int, enter_tree, (int dfd, const char *path, unsigned int flags), (dfd, path, flags))
AROUND(int, table_open,
       (const struct mntcompat_table_options *options, struct mntcompat_table **table),
       (options, table))
AROUND(int, table_next, (struct mntcompat_table * table, const struct mntcompat_statmount **row),
       (table, row))

static const struct scenario_calls inside = {
	.open_tree = around_open_tree,
	.open_tree_attr = around_open_tree_attr,
	.mount_setattr = around_mount_setattr,
	.move_mount = around_move_mount,
	.fsmount = around_fsmount,
	.unshare = around_unshare,
	.clone3 = around_clone3,
	.statmount = around_statmount,
	.listmount = around_listmount,
	.listns = around_listns,
	.statx = around_statx,
	.name_to_handle_at = around_name_to_handle_at,
	.namespace_id = around_namespace_id,
	.mount_namespace_id = around_mount_namespace_id,
	.mount_namespace_info = around_mount_namespace_info,
	.mount_namespace_next = around_mount_namespace_next,
	.mount_namespace_prev = around_mount_namespace_prev,
	.table_open = around_table_open,
	.table_next = around_table_next,
	.mount_namespace_of = around_mount_namespace_of,
	.enter_tree = around_enter_tree,
};

void fixture_enter_world(void)
{
	const struct world *world = scenario_run.surroundings;

	if (world->enter)
		world->enter();
	scenario_run.is_inside = true;
	if (!world->before)
		return;
	outside = scenario_calls;
	scenario_calls = &inside;
}
