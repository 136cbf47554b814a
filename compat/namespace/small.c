// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * small.c - finds and enters the mount namespace of the kernel's thread for devtmpfs. The kernel
 * makes that namespace when it starts, with the initial root filesystem and a devtmpfs on it, and
 * nobody mounts there. It is only copied from.
 * Reads procfs; remembers a process number, which is checked before each use.
 */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/namespace/small.h"
#include "compat/task/mountinfo.h"
#include "compat/task/procfs.h"

/* The parent of all threads of the kernel, in the initial pid namespace. */
#define KTHREADD 2
/*
 * The kernel starts the thread after some for each processor (25 with 2 processors on 6.18), so
 * that nobody has to look further.
 */
#define SMALL_LAST_PID 4096

/* Its number; 0 before the first search, -1 if there is none. */
static _Atomic int small_pid;

/* The field behind the next space. */
static const char *next_field(const char *text)
{
	text = strchr(text, ' ');
	return text ? text + 1 : NULL;
}

/* True if @pid is a thread of the kernel with this name: "25 (kdevtmpfs) S 2 0 0 0 -1 2138176". */
static bool is_kernel_thread(int procfs, int pid, const char *name, int parent)
{
	char path[PROCFS_PID_PATH], text[256];
	size_t len = strlen(name);
	unsigned long flags = 0;
	const char *at;
	int fd, i;
	ssize_t n;

	procfs_pid_path(pid, "/stat", path);
	fd = raw_openat(procfs, path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return false;
	n = raw_read(fd, text, sizeof(text) - 1);
	raw_close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	at = next_field(text);
	if (!at || *at != '(' || strncmp(at + 1, name, len) || strncmp(at + 1 + len, ") ", 2))
		return false;
	at = next_field(at + 1 + len + 2);
	if (!at || *at != '0' + parent || at[1] != ' ')
		return false;
	for (i = 0; at && i < 5; i++)
		at = next_field(at);
	for (; at && *at >= '0' && *at <= '9'; at++)
		flags = flags * 10 + (unsigned long)(*at - '0');
	return flags & UAPI_PF_KTHREAD;
}

/* The namespace's link; its length, or 0. */
static size_t link_of(int procfs, int pid, char link[32])
{
	char path[PROCFS_PID_PATH];
	ssize_t len;

	procfs_pid_path(pid, "/ns/mnt", path);
	len = raw_readlinkat(procfs, path, link, 32);
	return len < 0 ? 0 : (size_t)len;
}

/* The number, or -1. */
static int find(int procfs)
{
	char first[32], other[32];
	size_t len = link_of(procfs, KTHREADD, first);
	int pid;

	if (!len || !is_kernel_thread(procfs, KTHREADD, "kthreadd", 0))
		return -1;
	for (pid = KTHREADD + 1; pid <= SMALL_LAST_PID; pid++) {
		size_t other_len = link_of(procfs, pid, other);

		if (other_len && (other_len != len || memcmp(first, other, len)) &&
		    is_kernel_thread(procfs, pid, "kdevtmpfs", KTHREADD))
			return pid;
	}
	return -1;
}

/* True if the table is as the kernel has made it: one devtmpfs at "/", without peers. */
static bool is_as_made(int procfs, int pid)
{
	char path[PROCFS_PID_PATH], text[512];
	struct mountinfo_line line;
	int table;
	ssize_t len;

	procfs_pid_path(pid, "/mountinfo", path);
	table = raw_openat(procfs, path, O_RDONLY | O_CLOEXEC, 0);
	if (table < 0)
		return false;
	len = raw_read(table, text, sizeof(text));
	raw_close(table);
	return len > 0 && len < (ssize_t)sizeof(text) &&
	       memchr(text, '\n', (size_t)len) == text + len - 1 &&
	       mountinfo_parse_line(text, (size_t)len - 1, &line) == 0 &&
	       line.mount_point.len == 1 && !line.peer_group && !line.master && !line.unbindable &&
	       line.type.len == strlen("devtmpfs") &&
	       !memcmp(line.type.text, "devtmpfs", line.type.len);
}

static bool is_owned_by(int ns, const struct namespace_name *user)
{
	int owner = raw_ns_get_userns(ns), ret;
	struct namespace_name name;

	if (owner < 0)
		return false;
	ret = namespace_name_of(owner, &name);
	raw_close(owner);
	return ret == 0 && name.dev == user->dev && name.ino == user->ino;
}

static int enter(int procfs, int pid, const struct namespace_name *user)
{
	char path[PROCFS_PID_PATH];
	int ns, ret = -ENOENT;

	if (!is_kernel_thread(procfs, pid, "kdevtmpfs", KTHREADD) || !is_as_made(procfs, pid))
		return -ENOENT;
	procfs_pid_path(pid, "/ns/mnt", path);
	ns = raw_openat(procfs, path, O_RDONLY | O_CLOEXEC, 0);
	if (ns < 0)
		return raw_is_shortage(ns) ? ns : -ENOENT;
	if (!user || is_owned_by(ns, user))
		ret = raw_setns(ns, CLONE_NEWNS);
	raw_close(ns);
	return ret < 0 ? -ENOENT : 0;
}

int namespace_enter_small(struct namespace_door *door, const struct namespace_name *user)
{
	int pid = atomic_load_explicit(&small_pid, memory_order_relaxed), ret;

	if (pid < 0)
		return -ENOENT;
	ret = namespace_door_procfs(door);
	if (ret < 0)
		return raw_is_shortage(ret) ? ret : -ENOENT;
	if (!pid) {
		pid = find(door->procfs);
		atomic_store_explicit(&small_pid, pid, memory_order_relaxed);
	}
	ret = pid > 0 ? enter(door->procfs, pid, user) : -ENOENT;
	debug_step("small namespace: of process %d (%d)", pid, ret);
	return ret;
}
