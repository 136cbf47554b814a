// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fsmount.c - fsmount(FSMOUNT_NAMESPACE): order of checks, the namespace, who may.
 * May touch only the scenario's own process, its world and the children it starts.
 * Listed in scenario.c as fsmount_scenarios; states section 5.3 of the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/capability.h>

#include "compat/kernel/uapi.h"
#include "mount-attr-common.h"

#define CONFIG_STRING 1
#define CONFIG_CREATE 6
#define NAMESPACE MNTCOMPAT_FSMOUNT_NAMESPACE
#define FS_CLOEXEC MNTCOMPAT_FSMOUNT_CLOEXEC

static int context_open(const char *type)
{
	return must_fd((int)FIXTURE_SYSCALL(UAPI_NR_fsopen, type, 1L), "fsopen");
}

static int context_ready(void)
{
	int fd = context_open("tmpfs");

	must(FIXTURE_SYSCALL(UAPI_NR_fsconfig, (long)fd, (long)CONFIG_STRING, "mode", "755"),
	     "fsconfig");
	must(FIXTURE_SYSCALL(UAPI_NR_fsconfig, (long)fd, (long)CONFIG_CREATE), "fsconfig");
	return fd;
}

static void say_call(const char *label, int context, unsigned int flags, unsigned int attrs)
{
	int fd = mntcompat_fsmount(context, flags, attrs);

	say_result(label, fd);
	if (fd >= 0)
		close(fd);
}

/* --- the call --- */

static void say_flags(int context)
{
	for (unsigned int bit = 2; bit < 32; bit++) {
		char label[32];

		snprintf(label, sizeof(label), "NAMESPACE|1<<%u", bit);
		say_call(label, context, NAMESPACE | 1u << bit, 0);
	}
	say_call("all bits", context, ~0u, 0);
	say_call("unknown bit, bad attributes", context, NAMESPACE | 4, 1u << 30);
}

SCENARIO(run_flags)
{
	say_flags(-1);
}

SCENARIO(run_attributes)
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		char label[32];

		snprintf(label, sizeof(label), "1<<%u", bit);
		say_call(label, -1, NAMESPACE, 1u << bit);
	}
	say_call("atime 0x30", -1, NAMESPACE, 0x30);
	say_call("atime 0x50", -1, NAMESPACE, 0x50);
	say_call("atime 0x70", -1, NAMESPACE, 0x70);
	say_call("all", -1, NAMESPACE, ~0u);
}

SCENARIO(run_privilege)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	say_call("NAMESPACE", -1, NAMESPACE, 0);
	say_call("unknown bit", -1, NAMESPACE | 4, 0);
	say_call("bad attributes", -1, NAMESPACE, 1u << 30);
	say_call("no context", 0, NAMESPACE, 0);
}

SCENARIO(run_unprivileged)
{
	say_call("NAMESPACE", -1, NAMESPACE, 0);
	say_call("unknown bit", -1, NAMESPACE | 4, 0);
	say_call("bad attributes", -1, NAMESPACE, 1u << 30);
}

SCENARIO(run_descriptor)
{
	int pipes[2], path_only = must_fd(open("/", O_PATH | O_CLOEXEC), "/"),
		      unready = context_open("tmpfs");

	must(pipe2(pipes, O_CLOEXEC), "pipe2");
	say_call("-1", -1, NAMESPACE, 0);
	say_call("1000", 1000, NAMESPACE, 0);
	say_call("pipe", pipes[0], NAMESPACE, 0);
	say_call("O_PATH", path_only, NAMESPACE, 0);
	say_call("context without a superblock", unready, NAMESPACE, 0);
	say_call("again", unready, NAMESPACE, 0);
}

SCENARIO(run_used_up)
{
	int context = context_ready();

	say_call("bad attributes", context, NAMESPACE, 1u << 30);
	say_call("first", context, NAMESPACE, 0);
	say_call("second", context, NAMESPACE, 0);
	say_call("second, without NAMESPACE", context, 0, 0);
	context = context_ready();
	say_call("without NAMESPACE", context, 0, 0);
	say_call("then with it", context, NAMESPACE, 0);
}

SCENARIO(run_limit)
{
	int context, used;

	open_tree_new_user_namespace(true);
	context = context_ready();
	used = context_ready();
	say_call("first", used, NAMESPACE, 0);
	open_tree_limit_namespaces(0);
	say_call("bad fd", -1, NAMESPACE, 0);
	say_call("used up", used, NAMESPACE, 0);
	say_call("limit", context, NAMESPACE, 0);
	open_tree_limit_namespaces(100);
	say_call("the same afterwards", context, NAMESPACE, 0);
}

SCENARIO(run_result)
{
	int lowest, fd, context = context_ready(), other = context_ready();
	struct stat st;
	char path[64], link[64];
	ssize_t len;

	lowest = must_fd(dup(0), "dup");
	close(lowest);
	fd = mntcompat_fsmount(context, NAMESPACE, 0);
	say_result("call", fd);
	if (fd < 0)
		return;
	say("%s, F_GETFD %d, closed in a new program: %d",
	    fd == lowest ? "lowest free" : "not the lowest free", fcntl(fd, F_GETFD),
	    open_tree_exec_lacks(fd));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, link, sizeof(link) - 1);
	link[len < 0 ? 0 : len] = 0;
	must(fstat(fd, &st), "fstat");
	say("link %.5s, mode %#o, size %lld", link, st.st_mode, (long long)st.st_size);
	close(fd);
	fd = mntcompat_fsmount(other, NAMESPACE | FS_CLOEXEC, 0);
	say_result("with CLOEXEC", fd);
	if (fd >= 0)
		say("F_GETFD %d", fcntl(fd, F_GETFD));
}

SCENARIO(run_full_table)
{
	struct rlimit limit;
	int fd, taken[64], count = 0, context = context_ready();

	must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = 64;
	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	while ((fd = dup(0)) >= 0)
		taken[count++] = fd;
	say_call("bad fd", -1, NAMESPACE, 0);
	while (count)
		close(taken[--count]);
	say_call("room again", context, NAMESPACE, 0);
}

SCENARIO(run_plain)
{
	int fd = mntcompat_fsmount(context_ready(), FS_CLOEXEC, RDONLY | NOSUID);

	say_result("fsmount", fd);
	if (fd < 0)
		return;
	make_dir("target");
	must(sys_move_mount(fd, "", AT_FDCWD, "target", 4), "move_mount");
	mount_attr_say("target", "target");
	say_call("unknown flag", -1, 4, 0);
	say_call("bad fd", -1, 0, 0);
}

/* --- the namespace --- */

static int look_inside(void *argument)
{
	int fd;

	(void)argument;
	open_tree_say_names("names", "/");
	say_result("create", fd = open("/file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	close(fd);
	say_result("mkdir", mkdir("/dir", 0755));
	say_result("mount", mount("tmpfs", "/dir", "tmpfs", 0, NULL));
	say_result("umount", umount2("/dir", 0));
	say_result("umount of the root", umount2("/", MNT_DETACH));
	return 0;
}

SCENARIO(run_namespace)
{
	int fd = mntcompat_fsmount(context_ready(), NAMESPACE | FS_CLOEXEC, 0);

	say_result("fsmount", fd);
	if (fd < 0)
		return;
	say_namespace("namespace", fd);
	open_tree_inside(fd, look_inside, NULL);
}

SCENARIO(run_mount_attributes)
{
	static const struct {
		const char *name;
		unsigned int attrs;
	} attrs[] = {
		{ "RDONLY", RDONLY },
		{ "NOSUID", NOSUID },
		{ "NODEV", NODEV },
		{ "NOEXEC", NOEXEC },
		{ "NOATIME", NOATIME },
		{ "STRICTATIME", STRICTATIME },
		{ "NODIRATIME", NODIRATIME },
		{ "five of them", RDONLY | NOSUID | NODEV | NOEXEC | NOATIME },
	};

	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		int fd = mntcompat_fsmount(context_ready(), NAMESPACE | FS_CLOEXEC, attrs[i].attrs);

		if (fd < 0)
			say_result(attrs[i].name, fd);
		else
			say_namespace(attrs[i].name, fd);
		close(fd);
	}
}

static int try_umount(void *argument)
{
	(void)argument;
	say_result("umount of the root", umount2("/", MNT_DETACH));
	say_result("mkdir", mkdir("/dir", 0755));
	say_result("mount", mount("tmpfs", "/dir", "tmpfs", 0, NULL));
	say_result("umount", umount2("/dir", 0));
	return 0;
}

SCENARIO(run_child_user_namespace)
{
	int fd, context = context_ready();

	open_tree_new_user_namespace(false);
	fd = mntcompat_fsmount(context, NAMESPACE | FS_CLOEXEC, NOSUID);
	say_result("fsmount", fd);
	if (fd < 0)
		return;
	say_namespace("namespace", fd);
	open_tree_inside(fd, try_umount, NULL);
	say_call("plain", context, 0, 0);
}

SCENARIO(run_own_user_namespace)
{
	int fd;

	open_tree_new_user_namespace(true);
	fd = mntcompat_fsmount(context_ready(), NAMESPACE | FS_CLOEXEC, 0);
	say_result("fsmount", fd);
	if (fd >= 0)
		open_tree_inside(fd, try_umount, NULL);
}

#define S(name, doc, levels, run) \
	{ \
		"fsmount/" name, doc, levels, NULL, run \
	}
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS)

const struct scenario fsmount_scenarios[] = {
	S("call/flags", "unknown flags are EINVAL, before everything else", SCENARIO_ALL,
	  run_flags),
	S("call/attributes", "unknown attributes are EINVAL, before the fd", PRIVILEGED,
	  run_attributes),
	S("call/privilege", "EPERM without CAP_SYS_ADMIN, after the flags", PRIVILEGED,
	  run_privilege),
	S("call/user", "EPERM without privilege, after the flags", SCENARIO_USER, run_unprivileged),
	S("call/descriptor", "descriptors of no filesystem context, and of one that is not ready",
	  PRIVILEGED, run_descriptor),
	S("call/used-up", "a context makes one mount", PRIVILEGED, run_used_up),
	S("call/limit", "max_mnt_namespaces is looked at last, and uses the context up", PRIVILEGED,
	  run_limit),
	S("call/result", "the fd of a namespace, the lowest", PRIVILEGED, run_result),
	S("call/full-table", "a full table of descriptors", PRIVILEGED, run_full_table),
	S("call/plain", "without FSMOUNT_NAMESPACE: a detached mount", PRIVILEGED, run_plain),
	S("namespace/contents", "nothing but the mount, which can be used", PRIVILEGED,
	  run_namespace),
	S("namespace/attributes", "the mount has the attributes", PRIVILEGED, run_mount_attributes),
	S("namespace/child-user-namespace",
	  "CAP_SYS_ADMIN in the current user namespace suffices; the root is locked", SCENARIO_ROOT,
	  run_child_user_namespace),
	S("namespace/own-user-namespace", "the root is locked in a user namespace", PRIVILEGED,
	  run_own_user_namespace),
	{ .name = NULL },
};
