// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open-tree-call.c - how open_tree is called: flags, order of checks, what it leaves alone.
 * May touch only the scenario's own process, its world and the children it starts.
 * Listed in scenario.c as open_tree_call_scenarios; states sections 2.1 and 2.2 of the reference.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/magic.h>

#include "compat/kernel/uapi.h"
#include "open-tree-common.h"

#define UNKNOWN_BIT 0x40000000u

/* A tree of three mounts, all with a file. */
static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	make_file("tree/file", "root of the tree");
	mount_tmpfs("tree/sub", "mode=755");
	make_file("tree/sub/file", "first child");
	mount_tmpfs("tree/sub/deep", "mode=755");
	make_file("tree/sub/deep/file", "child of the child");
	make_dir("plain");
	make_file("regular", "regular");
	must(symlink("plain", "link"), "symlink");
}

/* --- 2.1 flags --- */

static const struct {
	unsigned int flag;
	const char *name;
} combinable[] = {
	{ CLOEXEC, "CLOEXEC" },	  { RECURSIVE, "RECURSIVE" },	{ NO_AUTOMOUNT, "NO_AUTOMOUNT" },
	{ NOFOLLOW, "NOFOLLOW" }, { EMPTY_PATH, "EMPTY_PATH" },
};

static void say_combinations(unsigned int base, const char *base_name)
{
	for (unsigned int set = 0; set < 1u << ARRAY_SIZE(combinable); set++) {
		unsigned int flags = base;
		char label[96];

		strcpy(label, base_name);
		for (size_t i = 0; i < ARRAY_SIZE(combinable); i++) {
			if (!(set & 1u << i))
				continue;
			flags |= combinable[i].flag;
			strcat(label, "|");
			strcat(label, combinable[i].name);
		}
		open_tree_say(label, AT_FDCWD, "tree", flags);
	}
}

SCENARIO(run_flags_namespace)
{
	say_combinations(NS, "NS");
}

SCENARIO(run_flags_with_clone)
{
	say_combinations(NS | CLONE, "NS|CLONE");
}

SCENARIO(run_flags_unknown)
{
	const unsigned int known = NS | CLONE | CLOEXEC | RECURSIVE | NO_AUTOMOUNT | NOFOLLOW |
				   EMPTY_PATH;

	for (unsigned int bit = 0; bit < 32; bit++) {
		char label[32];

		if (known & 1u << bit)
			continue;
		snprintf(label, sizeof(label), "NS|1<<%u", bit);
		open_tree_say(label, AT_FDCWD, "tree", NS | 1u << bit);
	}
	open_tree_say("all bits", AT_FDCWD, "tree", ~0u);
	open_tree_say("all but CLONE", AT_FDCWD, "tree", ~CLONE);
}

SCENARIO(run_flags_recursive_alone)
{
	open_tree_say("RECURSIVE", AT_FDCWD, "tree", RECURSIVE);
	open_tree_say("RECURSIVE|CLOEXEC", AT_FDCWD, "tree", RECURSIVE | CLOEXEC);
	open_tree_say("RECURSIVE, no such path", AT_FDCWD, "missing", RECURSIVE);
	open_tree_say("RECURSIVE, NULL", AT_FDCWD, NULL, RECURSIVE);
	open_tree_say("RECURSIVE|EMPTY_PATH, bad fd", -1, "", RECURSIVE | EMPTY_PATH);
}

SCENARIO(run_flags_nonblock)
{
	open_tree_say("NS|O_NONBLOCK", AT_FDCWD, "tree", NS | O_NONBLOCK);
	open_tree_say("NS|O_NONBLOCK|RECURSIVE", AT_FDCWD, "tree", NS | O_NONBLOCK | RECURSIVE);
	open_tree_say("NS|O_DIRECTORY", AT_FDCWD, "tree", NS | O_DIRECTORY);
	open_tree_say("NS|O_RDWR is NS|NS", AT_FDCWD, "tree", NS | O_RDWR);
	open_tree_say("NS|O_WRONLY is NS|CLONE", AT_FDCWD, "tree", NS | O_WRONLY);
}

/* --- the flags that are passed on --- */

static void say_descriptor(const char *label, int fd)
{
	if (fd < 0) {
		say_result(label, fd);
		return;
	}
	say("%s: ok, F_GETFL %#o, F_GETFD %d", label, fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
}

SCENARIO(run_plain_descriptor)
{
	say_descriptor("0", mntcompat_open_tree(AT_FDCWD, "tree", 0));
	say_descriptor("CLOEXEC", mntcompat_open_tree(AT_FDCWD, "tree", CLOEXEC));
	say_descriptor("NO_AUTOMOUNT", mntcompat_open_tree(AT_FDCWD, "tree", NO_AUTOMOUNT));
	say_descriptor("EMPTY_PATH", mntcompat_open_tree(AT_FDCWD, "", EMPTY_PATH));
	say_descriptor("file", mntcompat_open_tree(AT_FDCWD, "regular", 0));
	say_descriptor("CLONE", mntcompat_open_tree(AT_FDCWD, "tree", CLONE));
	say_descriptor("CLONE|CLOEXEC", mntcompat_open_tree(AT_FDCWD, "tree", CLONE | CLOEXEC));
	say_descriptor("CLONE|RECURSIVE", mntcompat_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE));
}

SCENARIO(run_plain_symlink)
{
	struct stat st;
	int fd;

	fd = mntcompat_open_tree(AT_FDCWD, "link", 0);
	if (fd < 0 || fstat(fd, &st))
		say_result("followed", -1);
	else
		say("followed: %s", S_ISDIR(st.st_mode) ? "directory" : "other");
	fd = mntcompat_open_tree(AT_FDCWD, "link", NOFOLLOW);
	if (fd < 0 || fstat(fd, &st))
		say_result("NOFOLLOW", -1);
	else
		say("NOFOLLOW: %s", S_ISLNK(st.st_mode) ? "symlink" : "other");
}

SCENARIO(run_plain_clone)
{
	int fd;

	fd = mntcompat_open_tree(AT_FDCWD, "tree", CLONE);
	say_result("CLONE", fd);
	if (fd >= 0) {
		open_tree_say_file_at("file", fd, "file");
		open_tree_say_file_at("sub/file", fd, "sub/file");
	}
	fd = mntcompat_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE);
	say_result("CLONE|RECURSIVE", fd);
	if (fd >= 0) {
		open_tree_say_file_at("file", fd, "file");
		open_tree_say_file_at("sub/file", fd, "sub/file");
		say_result("move", sys_move_mount(fd, "", AT_FDCWD, "plain", 4));
		open_tree_say_file("plain/sub/deep/file", "plain/sub/deep/file");
	}
}

SCENARIO(run_plain_errors)
{
	char *name = malloc(5001);

	memset(name, 'a', 5000);
	name[5000] = 0;
	for (unsigned int flags = 0; flags <= CLONE; flags += CLONE) {
		say("flags %u", flags);
		open_tree_say(" unknown bit", AT_FDCWD, "tree", flags | UNKNOWN_BIT);
		open_tree_say(" bit 3", AT_FDCWD, "tree", flags | 8);
		open_tree_say(" NULL", AT_FDCWD, NULL, flags);
		open_tree_say(" NULL, EMPTY_PATH", AT_FDCWD, NULL, flags | EMPTY_PATH);
		open_tree_say(" empty", AT_FDCWD, "", flags);
		open_tree_say(" missing", AT_FDCWD, "missing", flags);
		open_tree_say(" below a file", AT_FDCWD, "regular/x", flags);
		open_tree_say(" bad fd", -1, "tree", flags);
		open_tree_say(" bad fd, EMPTY_PATH", -1, "", flags | EMPTY_PATH);
		open_tree_say(" too long", AT_FDCWD, name, flags);
	}
	free(name);
}

/* --- 2.2 order of checks --- */

SCENARIO(run_order_flags_first)
{
	static const struct {
		const char *label;
		unsigned int flags;
	} wrong[] = {
		{ "unknown bit", NS | UNKNOWN_BIT },
		{ "with CLONE", NS | CLONE },
		{ "with CLONE|RECURSIVE", NS | CLONE | RECURSIVE },
		{ "RECURSIVE alone", RECURSIVE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		say("%s", wrong[i].label);
		open_tree_say(" NULL", AT_FDCWD, NULL, wrong[i].flags);
		open_tree_say(" bad address", AT_FDCWD, (char *)1, wrong[i].flags);
		open_tree_say(" bad fd", -1, "x", wrong[i].flags);
		open_tree_say(" missing", AT_FDCWD, "missing", wrong[i].flags);
		open_tree_say(" file", AT_FDCWD, "regular", wrong[i].flags);
		open_tree_say(" tree", AT_FDCWD, "tree", wrong[i].flags);
	}
}

static void say_bad_paths(void)
{
	char *name = malloc(5001);

	memset(name, 'a', 5000);
	name[5000] = 0;
	open_tree_say("NULL", AT_FDCWD, NULL, NS);
	open_tree_say("bad address", AT_FDCWD, (char *)1, NS);
	open_tree_say("empty", AT_FDCWD, "", NS);
	open_tree_say("too long", AT_FDCWD, name, NS);
	open_tree_say("bad fd", -1, "x", NS);
	open_tree_say("bad fd, EMPTY_PATH", -1, "", NS | EMPTY_PATH);
	open_tree_say("missing", AT_FDCWD, "missing", NS);
	open_tree_say("file", AT_FDCWD, "regular", NS);
	open_tree_say("below a file", AT_FDCWD, "regular/x", NS);
	open_tree_say("directory", AT_FDCWD, "plain", NS);
	open_tree_say("tree, RECURSIVE", AT_FDCWD, "tree", NS | RECURSIVE);
	free(name);
}

SCENARIO(run_order_privilege)
{
	say_bad_paths();
}

SCENARIO(run_order_no_capability)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	say_bad_paths();
	open_tree_say("with CLONE", AT_FDCWD, "tree", NS | CLONE);
}

SCENARIO(run_order_not_effective)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	must(syscall(SYS_capget, &header, data), "capget");
	data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	must(syscall(SYS_capset, &header, data), "capset");
	open_tree_say("permitted only", AT_FDCWD, "tree", NS);
	data[0].effective |= 1u << CAP_SYS_ADMIN;
	must(syscall(SYS_capset, &header, data), "capset");
	open_tree_say("effective again", AT_FDCWD, "tree", NS);
}

SCENARIO(run_order_sys_admin_alone)
{
	int fd;

	open_tree_keep_capabilities(CAPABILITY(CAP_SYS_ADMIN));
	open_tree_say("NS", AT_FDCWD, "tree", NS);
	open_tree_say("NS|RECURSIVE", AT_FDCWD, "tree", NS | RECURSIVE);
	fd = open_tree_namespace("tree", 0);
	if (fd >= 0)
		say_result("setns", enter_namespace(fd));
}

SCENARIO(run_order_ordinary_uid)
{
	must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "PR_SET_KEEPCAPS");
	must(setresgid(1000, 1000, 1000), "setresgid");
	must(setresuid(1000, 1000, 1000), "setresuid");
	open_tree_say("uid 1000, nothing effective", AT_FDCWD, "tree", NS);
	{
		struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
		struct __user_cap_data_struct data[2];

		must(syscall(SYS_capget, &header, data), "capget");
		data[0].effective = 1u << CAP_SYS_ADMIN;
		data[1].effective = 0;
		must(syscall(SYS_capset, &header, data), "capset");
	}
	open_tree_say("uid 1000, CAP_SYS_ADMIN", AT_FDCWD, "tree", NS);
	open_tree_say("uid 1000, CAP_SYS_ADMIN, RECURSIVE", AT_FDCWD, "tree", NS | RECURSIVE);
}

SCENARIO(run_order_child_user_namespace)
{
	open_tree_new_user_namespace(false);
	open_tree_say("with every capability", AT_FDCWD, "plain", NS | RECURSIVE);
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	open_tree_say("without CAP_SYS_ADMIN", AT_FDCWD, "plain", NS | RECURSIVE);
	open_tree_say("without, NULL", AT_FDCWD, NULL, NS);
	open_tree_say("without, unknown bit", AT_FDCWD, "plain", NS | UNKNOWN_BIT);
}

SCENARIO(run_path_fault)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int dir = must_fd(open("tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "tree");
	char *area =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(area == MAP_FAILED ? -1 : 0, "mmap");
	/* Kept reserved, or the next mapping of the process would be there. */
	must(mprotect(area + page, page, PROT_NONE), "mprotect");
	open_tree_say("NULL", AT_FDCWD, NULL, NS);
	open_tree_say("NULL, dirfd", dir, NULL, NS);
	open_tree_say("NULL, dirfd, EMPTY_PATH", dir, NULL, NS | EMPTY_PATH);
	open_tree_say("NULL, cwd, EMPTY_PATH", AT_FDCWD, NULL, NS | EMPTY_PATH);
	open_tree_say("address 1", AT_FDCWD, (char *)1, NS);
	open_tree_say("address -1", AT_FDCWD, (char *)-1L, NS);
	open_tree_say("unmapped", AT_FDCWD, area + page, NS);
	memcpy(area + page - 4, "tree", 4);
	open_tree_say("no NUL before the end of memory", AT_FDCWD, area + page - 4, NS);
	memcpy(area + page - 5, "tree", 5);
	open_tree_say("NUL is the last byte of memory", AT_FDCWD, area + page - 5, NS);
	must(mprotect(area, page, PROT_NONE), "mprotect");
	open_tree_say("not readable", AT_FDCWD, area + page - 5, NS);
}

SCENARIO(run_path_too_long)
{
	char *path = malloc(8192), component[300];

	/* "./" again and again, then the name: the length counts, not the work. */
	for (size_t length = 4094; length <= 4098; length++) {
		char label[32];

		memset(path, '/', length);
		memcpy(path, "./", 2);
		memcpy(path + length - 4, "tree", 5);
		snprintf(label, sizeof(label), "%zu bytes", length);
		open_tree_say(label, AT_FDCWD, path, NS);
	}
	for (size_t length = 254; length <= 257; length++) {
		char label[32];

		memset(component, 'a', length);
		component[length] = 0;
		snprintf(label, sizeof(label), "component of %zu", length);
		open_tree_say(label, AT_FDCWD, component, NS);
	}
	open_tree_say("component of 257, bad fd", -1, component, NS);
	path[0] = '/';
	memset(path + 1, 'a', 5000);
	path[5001] = 0;
	open_tree_say("too long, bad fd", -1, path + 1, NS);
	open_tree_say("too long, absolute", -1, path, NS);
	free(path);
}

SCENARIO(run_path_empty)
{
	int dir = must_fd(open("tree", O_PATH | O_DIRECTORY | O_CLOEXEC), "tree");

	open_tree_say("cwd", AT_FDCWD, "", NS);
	open_tree_say("dirfd", dir, "", NS);
	open_tree_say("bad fd", -1, "", NS);
	open_tree_say("cwd, EMPTY_PATH", AT_FDCWD, "", NS | EMPTY_PATH);
	open_tree_say("dirfd, EMPTY_PATH", dir, "", NS | EMPTY_PATH);
	open_tree_say("bad fd, EMPTY_PATH", -1, "", NS | EMPTY_PATH);
}

SCENARIO(run_path_bad_fd)
{
	int file = must_fd(open("regular", O_RDONLY | O_CLOEXEC), "regular");
	int closed = must_fd(dup(file), "dup"), pipes[2];
	char path[4096];

	must(pipe2(pipes, O_CLOEXEC), "pipe2");
	close(closed);
	snprintf(path, sizeof(path), "%s/tree", scenario_world());
	open_tree_say("-1, relative", -1, "tree", NS);
	open_tree_say("-1, empty, EMPTY_PATH", -1, "", NS | EMPTY_PATH);
	open_tree_say("-1, absolute", -1, path, NS);
	open_tree_say("closed, relative", closed, "tree", NS);
	open_tree_say("closed, absolute", closed, path, NS);
	open_tree_say("-100 - 1, relative", AT_FDCWD - 1, "tree", NS);
	open_tree_say("file, relative", file, "tree", NS);
	open_tree_say("file, absolute", file, path, NS);
	open_tree_say("file, empty, EMPTY_PATH", file, "", NS | EMPTY_PATH);
	open_tree_say("pipe, relative", pipes[0], "tree", NS);
	open_tree_say("pipe, absolute", pipes[0], path, NS);
}

static void prepare_path(void)
{
	char name[16], target[16] = "tree";

	prepare_tree();
	must(symlink("regular", "to-file"), "symlink");
	must(symlink("missing", "dangling"), "symlink");
	must(symlink("circle-b", "circle-a"), "symlink");
	must(symlink("circle-a", "circle-b"), "symlink");
	must(symlink("self", "self"), "symlink");
	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "chain%d", i);
		must(symlink(target, name), "symlink");
		strcpy(target, name);
	}
	make_dir("closed");
	make_dir("closed/below");
	must(chmod("closed", 0), "chmod");
	make_dir("locked-up");
	must(chmod("locked-up", 0), "chmod");
}

SCENARIO(run_path_not_found)
{
	open_tree_say("missing", AT_FDCWD, "missing", NS);
	open_tree_say("missing/x", AT_FDCWD, "missing/x", NS);
	open_tree_say("plain/missing", AT_FDCWD, "plain/missing", NS);
	open_tree_say("dangling", AT_FDCWD, "dangling", NS);
	open_tree_say("dangling, NOFOLLOW", AT_FDCWD, "dangling", NS | NOFOLLOW);
	open_tree_say("missing, EMPTY_PATH", AT_FDCWD, "missing", NS | EMPTY_PATH);
}

SCENARIO(run_path_not_directory)
{
	open_tree_say("regular", AT_FDCWD, "regular", NS);
	open_tree_say("regular, RECURSIVE", AT_FDCWD, "regular", NS | RECURSIVE);
	open_tree_say("regular/", AT_FDCWD, "regular/", NS);
	open_tree_say("regular/x", AT_FDCWD, "regular/x", NS);
	open_tree_say("regular/..", AT_FDCWD, "regular/..", NS);
	open_tree_say("to-file", AT_FDCWD, "to-file", NS);
	open_tree_say("to-file/", AT_FDCWD, "to-file/", NS);
	open_tree_say("to-file, NOFOLLOW", AT_FDCWD, "to-file", NS | NOFOLLOW);
	open_tree_say("link, NOFOLLOW", AT_FDCWD, "link", NS | NOFOLLOW);
	open_tree_say("link/, NOFOLLOW", AT_FDCWD, "link/", NS | NOFOLLOW);
	open_tree_say("tree/", AT_FDCWD, "tree/", NS);
}

SCENARIO(run_path_loop)
{
	open_tree_say("circle", AT_FDCWD, "circle-a", NS);
	open_tree_say("circle/", AT_FDCWD, "circle-a/", NS);
	open_tree_say("circle, NOFOLLOW", AT_FDCWD, "circle-a", NS | NOFOLLOW);
	open_tree_say("circle/x, NOFOLLOW", AT_FDCWD, "circle-a/x", NS | NOFOLLOW);
	open_tree_say("self", AT_FDCWD, "self", NS);
	open_tree_say("40 links", AT_FDCWD, "chain40", NS);
	open_tree_say("41 links", AT_FDCWD, "chain41", NS);
}

SCENARIO(run_path_access)
{
	int fd;

	/* The owner of a directory without permission bits, not allowed to pass over them. */
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_DAC_OVERRIDE) &
				    ~CAPABILITY(CAP_DAC_READ_SEARCH));
	open_tree_say("below a closed directory", AT_FDCWD, "closed/below", NS);
	open_tree_say("missing below it", AT_FDCWD, "closed/missing", NS);
	open_tree_say("with CLONE", AT_FDCWD, "closed/below", NS | CLONE);
	open_tree_say("closed directory itself", AT_FDCWD, "locked-up", NS);
	fd = must_fd(open("locked-up", O_PATH | O_CLOEXEC), "locked-up");
	open_tree_say("its fd", fd, "", NS | EMPTY_PATH);
	open_tree_say("below its fd", fd, "x", NS);
}

/* --- number of mount namespaces --- */

static void prepare_limit(void)
{
	prepare_tree();
	mount_tmpfs("unbindable", "mode=755");
	mount_propagation("unbindable", MS_UNBINDABLE);
}

static void say_limited(void)
{
	open_tree_say("directory", AT_FDCWD, "plain", NS);
	open_tree_say("tree, RECURSIVE", AT_FDCWD, "tree", NS | RECURSIVE);
	open_tree_say("missing", AT_FDCWD, "missing", NS);
	open_tree_say("NULL", AT_FDCWD, NULL, NS);
	open_tree_say("bad fd", -1, "x", NS);
	open_tree_say("file", AT_FDCWD, "regular", NS);
	open_tree_say("symlink, NOFOLLOW", AT_FDCWD, "link", NS | NOFOLLOW);
	open_tree_say("unbindable", AT_FDCWD, "unbindable", NS);
	open_tree_say("locked children, not recursive", AT_FDCWD, "tree", NS);
	open_tree_say("unknown bit", AT_FDCWD, "plain", NS | UNKNOWN_BIT);
}

SCENARIO(run_limit_zero_foreign)
{
	open_tree_new_user_namespace(false);
	open_tree_limit_namespaces(0);
	say_limited();
}

SCENARIO(run_limit_zero_owner)
{
	open_tree_new_user_namespace(true);
	open_tree_limit_namespaces(0);
	say_limited();
}

SCENARIO(run_limit_other_namespace)
{
	int old = must_fd(open("plain", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "plain");

	open_tree_new_user_namespace(true);
	open_tree_say("of another mount namespace", old, "", NS | EMPTY_PATH);
	open_tree_limit_namespaces(0);
	open_tree_say("the same, no namespace left", old, "", NS | EMPTY_PATH);
}

SCENARIO(run_limit_ancestor)
{
	open_tree_new_user_namespace(true);
	open_tree_limit_namespaces(0);
	open_tree_new_user_namespace(false);
	open_tree_say("limit of the parent user namespace", AT_FDCWD, "plain", NS | RECURSIVE);
	open_tree_say("file", AT_FDCWD, "regular", NS | RECURSIVE);
}

SCENARIO(run_limit_counts)
{
	int fds[3];

	/* One is the caller's own. */
	open_tree_new_user_namespace(true);
	open_tree_limit_namespaces(3);
	for (int i = 0; i < 3; i++) {
		fds[i] = mntcompat_open_tree(AT_FDCWD, "plain", NS);
		say_result("namespace", fds[i]);
	}
	if (fds[0] < 0)
		return;
	close(fds[0]);
	fds[2] = mntcompat_open_tree(AT_FDCWD, "plain", NS);
	say_result("after a close", fds[2]);
	open_tree_say("and one more", AT_FDCWD, "plain", NS);
}

SCENARIO(run_limit_detached_tree)
{
	int tree;

	open_tree_new_user_namespace(true);
	open_tree_limit_namespaces(2);
	tree = must_fd(sys_open_tree(AT_FDCWD, "plain", CLONE | CLOEXEC), "detached tree");
	open_tree_say("a detached tree counts", AT_FDCWD, "plain", NS);
	close(tree);
	open_tree_say("until it is closed", AT_FDCWD, "plain", NS);
}

/* --- file descriptors --- */

/* Takes every number below the limit; returns the highest that was taken. */
static int fill_descriptors(void)
{
	struct rlimit limit = { 64, 64 };
	int fd, last = -1;

	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	while ((fd = dup(0)) >= 0)
		last = fd;
	must(errno == EMFILE ? 0 : -1, "dup");
	return last;
}

/* Descriptor 0 may be closed where scenarios run. */
static void open_something(void)
{
	int fd = open("/", O_PATH);

	if (fd > 0)
		close(fd);
}

static void say_full(void)
{
	open_tree_say("NS", AT_FDCWD, "tree", NS);
	open_tree_say("NS|RECURSIVE", AT_FDCWD, "tree", NS | RECURSIVE);
	open_tree_say("NS|CLONE", AT_FDCWD, "tree", NS | CLONE);
	open_tree_say("NS|unknown bit", AT_FDCWD, "tree", NS | UNKNOWN_BIT);
	open_tree_say("NULL", AT_FDCWD, NULL, NS);
	open_tree_say("missing", AT_FDCWD, "missing", NS);
	open_tree_say("file", AT_FDCWD, "regular", NS);
	open_tree_say("bad fd", -1, "x", NS);
	open_tree_say("unbindable", AT_FDCWD, "unbindable", NS);
}

SCENARIO(run_table_full)
{
	open_something();
	fill_descriptors();
	say_full();
}

SCENARIO(run_table_full_no_namespace_left)
{
	open_tree_new_user_namespace(true);
	open_tree_limit_namespaces(0);
	open_something();
	fill_descriptors();
	open_tree_say("NS", AT_FDCWD, "plain", NS);
}

SCENARIO(run_table_full_plain)
{
	open_something();
	fill_descriptors();
	open_tree_say("0", AT_FDCWD, "tree", 0);
	open_tree_say("0, missing", AT_FDCWD, "missing", 0);
	open_tree_say("0, NULL", AT_FDCWD, NULL, 0);
	open_tree_say("RECURSIVE alone", AT_FDCWD, "tree", RECURSIVE);
	open_tree_say("unknown bit", AT_FDCWD, "tree", UNKNOWN_BIT);
	open_tree_say("CLONE", AT_FDCWD, "tree", CLONE);
	open_tree_say("CLONE|unknown bit", AT_FDCWD, "tree", CLONE | UNKNOWN_BIT);
}

SCENARIO(run_table_limit_zero)
{
	struct rlimit limit = { 0, 0 };

	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	open_tree_say("limit 0", AT_FDCWD, "tree", NS);
	open_tree_say("limit 0, unknown bit", AT_FDCWD, "tree", NS | UNKNOWN_BIT);
}

SCENARIO(run_table_one_free)
{
	static const unsigned int flags[] = { NS, NS | RECURSIVE, NS | CLOEXEC };
	int last, fd;

	open_something();
	last = fill_descriptors();
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		close(last);
		fd = open_tree_unchecked(AT_FDCWD, "tree", flags[i]);
		say_result("one free", fd);
		if (fd >= 0)
			say("its number: %s", fd == last ? "the free one" : "another");
		open_tree_say("none free", AT_FDCWD, "tree", flags[i]);
		last = fd >= 0 ? fd : last;
	}
	/* Nothing was lost on the way of a failure. */
	close(last);
	open_tree_say("missing", AT_FDCWD, "missing", NS);
	open_tree_say("unbindable", AT_FDCWD, "unbindable", NS);
	fd = dup(0);
	say("still free: %s", fd == last ? "yes" : "no");
}

SCENARIO(run_table_one_free_foreign)
{
	int last, fd;

	open_tree_new_user_namespace(false);
	open_something();
	last = fill_descriptors();
	close(last);
	fd = open_tree_unchecked(AT_FDCWD, "tree", NS | RECURSIVE);
	say_result("one free", fd);
	if (fd >= 0)
		say("its number: %s", fd == last ? "the free one" : "another");
}

SCENARIO(run_table_lowest)
{
	int a = must_fd(dup(1), "dup"), b = must_fd(dup(1), "dup"), c = must_fd(dup(1), "dup");
	int first, second;

	close(b);
	first = mntcompat_open_tree(AT_FDCWD, "tree", NS);
	say("the gap is taken first: %s", first == b ? "yes" : "no");
	close(a);
	second = mntcompat_open_tree(AT_FDCWD, "tree", NS | RECURSIVE);
	say("then the lower one: %s", second == a ? "yes" : "no");
	close(0);
	say("fd 0 too: %d", mntcompat_open_tree(AT_FDCWD, "tree", NS));
	(void)c;
}

/* A set of open descriptors, as a bit map and as text for the difference. */
static uint64_t open_descriptors(void)
{
	uint64_t set = 0;

	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			set |= 1ull << fd;
	return set;
}

SCENARIO(run_caller_descriptors)
{
	uint64_t before = open_descriptors();
	int fd = mntcompat_open_tree(AT_FDCWD, "tree", NS | RECURSIVE);

	say_result("open_tree", fd);
	if (fd < 0)
		return;
	say("one more: %s", open_descriptors() == (before | 1ull << fd) ? "yes" : "no");
	close(fd);
	say("none after its close: %s", open_descriptors() == before ? "yes" : "no");
}

SCENARIO(run_caller_failure_descriptors)
{
	uint64_t before = open_descriptors();

	open_tree_say("missing", AT_FDCWD, "missing", NS);
	open_tree_say("file", AT_FDCWD, "regular", NS);
	open_tree_say("unbindable", AT_FDCWD, "unbindable", NS);
	open_tree_say("NULL", AT_FDCWD, NULL, NS);
	open_tree_say("bad fd", -1, "x", NS);
	say("descriptors: %s", open_descriptors() == before ? "as before" : "changed");
}

/* --- what the call leaves alone --- */

static volatile sig_atomic_t signals_seen;

static void count_signal(int signal)
{
	(void)signal;
	signals_seen++;
}

static void say_calls(void)
{
	open_tree_say("NS", AT_FDCWD, "tree", NS);
	open_tree_say("NS|RECURSIVE", AT_FDCWD, "tree", NS | RECURSIVE);
	open_tree_say("unbindable", AT_FDCWD, "unbindable", NS);
}

SCENARIO(run_caller_sigchld_handler)
{
	struct sigaction action = { .sa_handler = count_signal };

	must(sigaction(SIGCHLD, &action, NULL), "sigaction");
	say_calls();
	say("SIGCHLD seen: %d", (int)signals_seen);
	say("waitpid: %s", waitpid(-1, NULL, WNOHANG | __WALL) < 0 ? errno_name(errno) : "a child");
}

SCENARIO(run_caller_sigchld_ignored)
{
	struct sigaction action = { .sa_handler = SIG_IGN }, after;

	must(sigaction(SIGCHLD, &action, NULL), "sigaction");
	say_calls();
	must(sigaction(SIGCHLD, NULL, &after), "sigaction");
	say("still ignored: %s", after.sa_handler == SIG_IGN ? "yes" : "no");
	action.sa_handler = SIG_DFL;
	action.sa_flags = SA_NOCLDWAIT;
	must(sigaction(SIGCHLD, &action, NULL), "sigaction");
	say_calls();
}

SCENARIO(run_caller_all_blocked)
{
	sigset_t all, before, after, pending;
	bool same = true;

	sigfillset(&all);
	must(sigprocmask(SIG_SETMASK, &all, NULL), "sigprocmask");
	must(sigprocmask(SIG_SETMASK, NULL, &before), "sigprocmask");
	say_calls();
	must(sigprocmask(SIG_SETMASK, NULL, &after), "sigprocmask");
	for (int i = 1; i < NSIG; i++)
		same = same && sigismember(&before, i) == sigismember(&after, i);
	say("mask: %s", same ? "as before" : "changed");
	must(sigpending(&pending), "sigpending");
	for (int i = 1; i < NSIG; i++)
		if (sigismember(&pending, i) == 1)
			say("pending: %d", i);
}

SCENARIO(run_caller_signal_pending)
{
	struct sigaction action = { .sa_handler = count_signal };
	sigset_t one, pending;

	must(sigaction(SIGUSR1, &action, NULL), "sigaction");
	sigemptyset(&one);
	sigaddset(&one, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &one, NULL), "sigprocmask");
	must(raise(SIGUSR1) ? -1 : 0, "raise");
	say_calls();
	say("delivered while blocked: %d", (int)signals_seen);
	must(sigpending(&pending), "sigpending");
	say("still pending: %s", sigismember(&pending, SIGUSR1) ? "yes" : "no");
	must(sigprocmask(SIG_UNBLOCK, &one, NULL), "sigprocmask");
	say("delivered after: %d", (int)signals_seen);
}

SCENARIO(run_caller_timer)
{
	/* No SA_RESTART: an interrupted step shows as EINTR. */
	struct sigaction action = { .sa_handler = count_signal };
	struct itimerval every = { { 0, 2000 }, { 0, 2000 } }, never = { { 0, 0 }, { 0, 0 } };
	int failed = 0;

	must(sigaction(SIGALRM, &action, NULL), "sigaction");
	must(setitimer(ITIMER_REAL, &every, NULL), "setitimer");
	for (int i = 0; i < 50; i++) {
		int fd = open_tree_unchecked(AT_FDCWD, "tree", NS | RECURSIVE);

		if (fd < 0) {
			if (!failed++)
				say_result("open_tree", fd);
		} else {
			close(fd);
		}
	}
	must(setitimer(ITIMER_REAL, &never, NULL), "setitimer");
	say("failed under a timer: %s of 50", failed ? "some" : "0");
}

SCENARIO(run_caller_place)
{
	char before[4096], after[4096];
	int root = must_fd(open("/", O_PATH | O_CLOEXEC), "/");
	int cwd = must_fd(open(".", O_PATH | O_CLOEXEC), ".");
	int mount_namespace = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "ns/mnt");
	int user_namespace = must_fd(open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), "ns/user");
	mode_t mask = umask(027);

	umask(027);
	must(getcwd(before, sizeof(before)) ? 0 : -1, "getcwd");
	say_calls();
	must(getcwd(after, sizeof(after)) ? 0 : -1, "getcwd");
	say("getcwd: %s", strcmp(before, after) ? "changed" : "as before");
	open_tree_say_same("cwd", cwd, must_fd(open(".", O_PATH | O_CLOEXEC), "."));
	open_tree_say_same("root", root, must_fd(open("/", O_PATH | O_CLOEXEC), "/"));
	open_tree_say_same("mount namespace", mount_namespace,
			   must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "ns/mnt"));
	open_tree_say_same("user namespace", user_namespace,
			   must_fd(open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), "ns/user"));
	say("umask: %03o", umask(mask));
}

SCENARIO(run_caller_identity)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct before[2], after[2];
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	char name[16] = "", *expected = "a name of 15 ch";
	uid_t ruid, euid, suid;

	must(prctl(PR_SET_NAME, expected, 0, 0, 0), "PR_SET_NAME");
	must(prctl(PR_SET_PDEATHSIG, SIGUSR2, 0, 0, 0), "PR_SET_PDEATHSIG");
	must(syscall(SYS_capget, &header, before), "capget");
	say_calls();
	must(syscall(SYS_capget, &header, after), "capget");
	must(getresuid(&ruid, &euid, &suid), "getresuid");
	say("capabilities: %s", memcmp(before, after, sizeof(before)) ? "changed" : "as before");
	say("uids: %u %u %u", ruid, euid, suid);
	say("dumpable: %s",
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == dumpable ? "as before" : "changed");
	prctl(PR_GET_NAME, name, 0, 0, 0);
	say("name: %s", name);
	{
		int signal = 0;

		prctl(PR_GET_PDEATHSIG, &signal, 0, 0, 0);
		say("parent death signal: %s", signal == SIGUSR2 ? "as before" : "changed");
	}
}

/* Everything of mountinfo but nothing twice: the whole text is compared. */
static char *read_mountinfo(void)
{
	int fd = must_fd(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC), "mountinfo");
	size_t size = 1 << 20, used = 0;
	char *text = calloc(1, size);
	ssize_t got;

	while (used + 1 < size && (got = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	close(fd);
	return text;
}

SCENARIO(run_caller_mount_table)
{
	char *before = read_mountinfo(), *after;
	int fd;

	say_calls();
	fd = open_tree_namespace("tree", RECURSIVE);
	after = read_mountinfo();
	say("while it is open: %s", strcmp(before, after) ? "changed" : "as before");
	free(after);
	close(fd);
	after = read_mountinfo();
	say("afterwards: %s", strcmp(before, after) ? "changed" : "as before");
	free(after);
	free(before);
}

SCENARIO(run_caller_errno)
{
	int fd;

	errno = EXDEV;
	fd = mntcompat_open_tree(AT_FDCWD, "tree", NS);
	say("success leaves errno: %s", fd >= 0 && errno == EXDEV ? "yes" : "no");
	fd = mntcompat_open_tree(AT_FDCWD, "missing", NS);
	say("failure gives: %d %s", fd, errno_name(errno));
}

SCENARIO(run_caller_many)
{
	static int fds[50];
	int got = 0, twice = 0;

	for (int i = 0; i < 50; i++) {
		fds[i] = mntcompat_open_tree(AT_FDCWD, "tree", NS | (i & 1 ? RECURSIVE : 0));
		if (fds[i] < 0) {
			say_result("open_tree", fds[i]);
			return;
		}
		got++;
		for (int j = 0; j < i; j++)
			twice += open_tree_same_file(fds[i], fds[j]);
	}
	say("namespaces: %d, the same twice: %d", got, twice);
	say_namespace("the last but one", fds[48]);
	say_namespace("the last", fds[49]);
}

/* Failures of three calls; for the child of vfork(2), too, whose memory is the parent's. */
static int three_calls(void)
{
	int failed = 0;

	for (int i = 0; i < 3; i++) {
		int fd = open_tree_unchecked(AT_FDCWD, "tree", NS | RECURSIVE);

		if (fd < 0)
			failed++;
		else
			close(fd);
	}
	return failed;
}

static __attribute__((noinline)) int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 512; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

SCENARIO(run_caller_vfork)
{
	const int before = count_descriptors();
	volatile int failed = three_calls();
	int status;

	for (volatile int i = 0; i < 4; i++) {
		pid_t pid = vfork();

		if (pid == 0)
			_exit(syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS) ? 9 :
										  three_calls());
		must(pid, "vfork");
		must(waitpid(pid, &status, 0), "waitpid");
		failed += WIFEXITED(status) ? WEXITSTATUS(status) : 99;
		failed += three_calls();
	}
	say("failed: %d", failed);
	/* The library may keep one more than there was at first. */
	say("descriptors: %s", count_descriptors() <= before + 1 ? "as before" : "more");
}

static void *thread_calls(void *argument)
{
	int *failed = argument;

	for (int i = 0; i < 10; i++) {
		int fd = open_tree_unchecked(AT_FDCWD, "tree", NS | RECURSIVE);

		if (fd < 0)
			++*failed;
		else
			close(fd);
	}
	return NULL;
}

SCENARIO(run_caller_threads)
{
	pthread_t threads[4];
	int failed[4] = { 0 }, all = 0, fd;

	for (int i = 0; i < 4; i++)
		must(pthread_create(&threads[i], NULL, thread_calls, &failed[i]) ? -1 : 0,
		     "thread");
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		all += failed[i];
	}
	say("failed in threads: %d of 40", all);
	/* A thread that was joined may still be on its way out. */
	fd = open_tree_unchecked(AT_FDCWD, "tree", NS | RECURSIVE);
	if (fd >= 0)
		say_namespace("afterwards", fd);
}

static void *thread_one(void *argument)
{
	int *fd = argument;

	*fd = open_tree_unchecked(AT_FDCWD, "tree", NS);
	return (void *)(intptr_t)(*fd < 0 ? errno : 0);
}

SCENARIO(run_caller_thread_result)
{
	pthread_t thread;
	void *error;
	int fd = -1;

	must(pthread_create(&thread, NULL, thread_one, &fd) ? -1 : 0, "thread");
	pthread_join(thread, &error);
	errno = (int)(intptr_t)error;
	say_result("called in a thread", fd);
	if (fd >= 0)
		say_namespace("used by another", fd);
}

static void *thread_waits(void *argument)
{
	pthread_barrier_wait(argument);
	return NULL;
}

static int call_shared(void *argument)
{
	(void)argument;
	say_calls();
	return 0;
}

SCENARIO(run_caller_beside_thread)
{
	pthread_barrier_t barrier;
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	must(pthread_create(&thread, NULL, thread_waits, &barrier) ? -1 : 0, "thread");
	say_calls();
	in_child(call_shared, NULL);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
}

static int shared_fs_child(void *argument)
{
	int *fd = argument;

	*fd = open_tree_unchecked(AT_FDCWD, "tree", NS);
	return *fd < 0;
}

#ifdef __SANITIZE_THREAD__
/* See compat/kernel/raw.c. */
int __clone(int (*task)(void *), void *stack, int flags, void *arg, ...);
#define clone __clone
#endif

SCENARIO(run_caller_shared_fs)
{
	const size_t stack_size = 256 * 1024;
	char *stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	int fd = -1, status;
	pid_t pid;

	must(stack == MAP_FAILED ? -1 : 0, "mmap");
	/* A child that shares memory, files, root and cwd, as a thread does, but is waited for. */
	pid = clone(shared_fs_child, stack + stack_size,
		    CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_FS | SIGCHLD, &fd);
	must(pid, "clone");
	must(waitpid(pid, &status, 0), "waitpid");
	say_result("called with everything shared", fd);
	if (fd >= 0)
		say_namespace("used by the other", fd);
}

static int new_pid_namespace(void *argument)
{
	(void)argument;
	say_calls();
	return 0;
}

SCENARIO(run_caller_pid_namespace)
{
	must(unshare(CLONE_NEWPID), "unshare");
	/* /proc stays that of the outer PID namespace. */
	in_child(new_pid_namespace, NULL);
}

static void say_child(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(getpid() == 1 ? 1 : 2);
	if (pid > 0)
		waitpid(pid, &status, 0);
	say_result("fork", pid > 0 ? 0 : pid);
	say("the child's number: %s", WEXITSTATUS(status) == 1 ? "1" : "another");
}

static void say_same(const char *what, const struct stat *before)
{
	struct stat now;

	must(stat(what, &now), what);
	say("%s: %s", what,
	    now.st_ino == before->st_ino && now.st_dev == before->st_dev ? "the same" : "another");
}

/* The next child is the first process of a pid namespace, and its end the end of that. */
static void say_without_child(const char *path)
{
	struct mntcompat_mount_attr nosuid = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOSUID };
	int lowest = must_fd(dup(0), "dup"), context, fd;
	struct stat root, cwd;
	struct statvfs fs;

	close(lowest);
	must(stat("/", &root), "/");
	must(stat(".", &cwd), ".");
	fd = mntcompat_open_tree(AT_FDCWD, path, NS | RECURSIVE);
	say_result("NS|RECURSIVE", fd);
	say("its number: %s", fd == lowest ? "the lowest" : "another");
	say("close-on-exec: %d", fcntl(fd, F_GETFD) == FD_CLOEXEC);
	close(fd);
	open_tree_say("missing", AT_FDCWD, "missing", NS | RECURSIVE);
	say_result("attributes",
		   mntcompat_mount_setattr(AT_FDCWD, path, 0, &nosuid, sizeof(nosuid)));
	must(statvfs(path, &fs), "statvfs");
	say("nosuid: %s", fs.f_flag & ST_NOSUID ? "yes" : "no");
	context = must_fd((int)FIXTURE_SYSCALL(UAPI_NR_fsopen, "tmpfs", (long)UAPI_FSOPEN_CLOEXEC),
			  "fsopen");
	must(FIXTURE_SYSCALL(UAPI_NR_fsconfig, context, (long)UAPI_FSCONFIG_CMD_CREATE, NULL, NULL,
			     0L),
	     "fsconfig");
	fd = mntcompat_fsmount(context, MNTCOMPAT_FSMOUNT_NAMESPACE, 0);
	say_result("fsmount", fd);
	close(fd);
	close(context);
	fd = dup(0);
	say("open descriptors: %s", fd == lowest ? "as before" : "more");
	close(fd);
	say_same("/", &root);
	say_same(".", &cwd);
	say_result("empty", mntcompat_unshare(MNTCOMPAT_UNSHARE_EMPTY_MNTNS));
	say_child();
}

SCENARIO(run_caller_no_child)
{
	must(unshare(CLONE_NEWPID), "unshare");
	say_without_child("tree");
}

/* Nor is there a procfs. */
SCENARIO(run_caller_no_child_chroot)
{
	must(unshare(CLONE_NEWPID), "unshare");
	must(chroot("tree"), "chroot");
	must(chdir("/"), "chdir");
	say_without_child("/");
}

SCENARIO(run_caller_not_dumpable)
{
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "PR_SET_DUMPABLE");
	say_calls();
	say("dumpable: %d", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

SCENARIO(run_caller_not_dumpable_foreign)
{
	open_tree_new_user_namespace(false);
	must(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "PR_SET_DUMPABLE");
	open_tree_say("NS|RECURSIVE", AT_FDCWD, "tree", NS | RECURSIVE);
	say("dumpable: %d", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

SCENARIO(run_caller_process_limit)
{
	struct rlimit limit = { 0, 0 };

	open_tree_new_user_namespace(false);
	must(setrlimit(RLIMIT_NPROC, &limit), "setrlimit");
	open_tree_say("no process left, foreign", AT_FDCWD, "tree", NS | RECURSIVE);
}

SCENARIO(run_caller_file_size_limit)
{
	struct rlimit none = { 0, 0 }, stack = { 64 * 1024, 64 * 1024 };

	must(setrlimit(RLIMIT_FSIZE, &none), "RLIMIT_FSIZE");
	must(setrlimit(RLIMIT_CORE, &none), "RLIMIT_CORE");
	must(setrlimit(RLIMIT_MEMLOCK, &none), "RLIMIT_MEMLOCK");
	must(setrlimit(RLIMIT_STACK, &stack), "RLIMIT_STACK");
	say_calls();
}

SCENARIO(run_caller_no_new_privileges)
{
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS");
	say_calls();
}

static void prepare_without_procfs(void)
{
	mount_tmpfs("jail", "mode=755");
	make_dir("jail/inner");
	mount_tmpfs("jail/inner/tree", "mode=755");
	make_file("jail/inner/tree/file", "inside");
}

SCENARIO(run_caller_without_procfs)
{
	int first = mntcompat_open_tree(AT_FDCWD, "jail", NS);

	say_result("with procfs", first);
	must(chroot("jail/inner"), "chroot");
	must(chdir("/"), "chdir");
	open_tree_say("without procfs", AT_FDCWD, "tree", NS);
	open_tree_say("without procfs, RECURSIVE", AT_FDCWD, "/", NS | RECURSIVE);
}

SCENARIO(run_caller_never_procfs)
{
	must(chroot("jail/inner"), "chroot");
	must(chdir("/"), "chdir");
	open_tree_say("never had procfs", AT_FDCWD, "tree", NS);
	open_tree_say("never had procfs, RECURSIVE", AT_FDCWD, "/", NS | RECURSIVE);
}

static void prepare_false_procfs(void)
{
	prepare_limit();
	mount_tmpfs("false", "mode=755");
	make_dir("false/self");
	make_dir("false/self/ns");
	make_dir("false/thread-self");
	make_dir("false/thread-self/ns");
	make_file("false/self/ns/mnt", "not a namespace");
	make_file("false/thread-self/ns/mnt", "not a namespace");
	make_file("false/self/mountinfo", "1 1 0:1 / / rw - none none rw\n");
	make_file("false/thread-self/mountinfo", "1 1 0:1 / / rw - none none rw\n");
	make_file("false/mounts", "none / none rw 0 0\n");
}

SCENARIO(run_caller_false_procfs)
{
	mount_bind("false", "/proc", false);
	say_calls();
}

SCENARIO(run_caller_removed_cwd)
{
	make_dir("gone");
	must(chdir("gone"), "chdir");
	must(rmdir("../gone"), "rmdir");
	open_tree_say("cwd is removed, dirfd", must_fd(open("/", O_PATH), "/"), "proc",
		      NS | RECURSIVE);
	open_tree_say(".", AT_FDCWD, ".", NS);
	open_tree_say("..", AT_FDCWD, "..", NS | RECURSIVE);
}

static void enter_other_mounts(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
}

SCENARIO(run_caller_changed_namespace)
{
	open_tree_say("before", AT_FDCWD, "tree", NS | RECURSIVE);
	enter_other_mounts();
	open_tree_say("after unshare", AT_FDCWD, "tree", NS | RECURSIVE);
	mount_tmpfs("tree/new", "mode=755");
	open_tree_describe("and what is new there", "tree/new", 0);
}

SCENARIO(run_caller_changed_user_namespace)
{
	open_tree_say("before", AT_FDCWD, "tree", NS | RECURSIVE);
	open_tree_new_user_namespace(true);
	open_tree_describe("in a user and mount namespace below", "tree", RECURSIVE);
	open_tree_new_user_namespace(false);
	open_tree_describe("in one further user namespace", "tree", RECURSIVE);
}

SCENARIO(run_caller_close_everything)
{
	/* A program that closes what it does not know must not harm the next call. */
	for (int round = 0; round < 3; round++) {
		open_tree_say("NS|RECURSIVE", AT_FDCWD, "tree", NS | RECURSIVE);
		/* Namespaces only: what a library keeps, and nothing of what runs the scenario. */
		for (int fd = 3; fd < 1024; fd++) {
			struct statfs fs;

			if (fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC)
				close(fd);
		}
	}
}

const struct scenario open_tree_call_scenarios[] = {
	{ "open-tree/flags/namespace",
	  "every flag that goes with OPEN_TREE_NAMESPACE does so in every combination (2.1)",
	  SCENARIO_ALL, prepare_tree, run_flags_namespace },
	{ "open-tree/flags/with-clone", "OPEN_TREE_CLONE excludes OPEN_TREE_NAMESPACE (2.1)",
	  SCENARIO_ALL, prepare_tree, run_flags_with_clone },
	{ "open-tree/flags/unknown", "every other bit is EINVAL (2.1)", SCENARIO_ALL, prepare_tree,
	  run_flags_unknown },
	{ "open-tree/flags/recursive-alone", "AT_RECURSIVE needs CLONE or NAMESPACE (2.1)",
	  SCENARIO_ALL, prepare_tree, run_flags_recursive_alone },
	{ "open-tree/flags/open-flags",
	  "O_NONBLOCK passes, having the value of AT_NO_AUTOMOUNT (2.1)", SCENARIO_ALL,
	  prepare_tree, run_flags_nonblock },
	{ "open-tree/plain/descriptor", "without NAMESPACE the call is the kernel's own (2.1)",
	  SCENARIO_ALL, prepare_tree, run_plain_descriptor },
	{ "open-tree/plain/symlink", "without NAMESPACE a symlink can be opened itself (2.1)",
	  SCENARIO_ALL, prepare_tree, run_plain_symlink },
	{ "open-tree/plain/clone",
	  "OPEN_TREE_CLONE gives a detached tree that can be moved into place (2.1)", SCENARIO_ALL,
	  prepare_tree, run_plain_clone },
	{ "open-tree/plain/errors", "errors without NAMESPACE (2.1, 2.2)", SCENARIO_ALL,
	  prepare_tree, run_plain_errors },
	{ "open-tree/order/flags-first", "flags are checked before privilege and path (2.2 step 2)",
	  SCENARIO_ALL, prepare_tree, run_order_flags_first },
	{ "open-tree/order/privilege", "privilege is checked before the path (2.2 step 3)",
	  SCENARIO_ALL, prepare_tree, run_order_privilege },
	{ "open-tree/order/no-capability",
	  "all capabilities but CAP_SYS_ADMIN are not enough (2.2 step 3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_order_no_capability },
	{ "open-tree/order/capability-not-effective",
	  "CAP_SYS_ADMIN has to be effective (2.2 step 3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_order_not_effective },
	{ "open-tree/order/sys-admin-alone",
	  "CAP_SYS_ADMIN alone is enough, though not for setns (2.2 step 3, 2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_order_sys_admin_alone },
	{ "open-tree/order/ordinary-uid",
	  "the uid does not matter, the capability does (2.2 step 3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_order_ordinary_uid },
	{ "open-tree/order/child-user-namespace",
	  "the capability counts in the current user namespace (2.2 step 3)", SCENARIO_ALL,
	  prepare_tree, run_order_child_user_namespace },
	{ "open-tree/path/fault", "a path that cannot be read is EFAULT (2.2 step 4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_path_fault },
	{ "open-tree/path/too-long",
	  "ENAMETOOLONG: paths from 4096 bytes, components above 255 (2.2 step 4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_path_too_long },
	{ "open-tree/path/empty", "an empty path needs AT_EMPTY_PATH (2.2 step 4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_path_empty },
	{ "open-tree/path/bad-fd",
	  "the directory fd counts for relative and empty paths only (2.2 step 5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_path_bad_fd },
	{ "open-tree/path/not-found", "ENOENT (2.2 step 5)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_path, run_path_not_found },
	{ "open-tree/path/not-directory",
	  "ENOTDIR on the way and at the end of the path (2.2 steps 5, 6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_path, run_path_not_directory },
	{ "open-tree/path/loop", "ELOOP: circles and more than 40 symlinks (2.2 step 5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_path, run_path_loop },
	{ "open-tree/path/access",
	  "EACCES: the way has to be searchable, the target needs nothing (2.2 step 5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_path, run_path_access },
	{ "open-tree/limit/zero-foreign",
	  "no namespace left: after the path, before the source; not the owner (2.2 step 7)",
	  SCENARIO_ALL, prepare_limit, run_limit_zero_foreign },
	{ "open-tree/limit/zero-owner",
	  "no namespace left: after the path, before the source; the owner (2.2 step 7)",
	  SCENARIO_ALL, prepare_limit, run_limit_zero_owner },
	{ "open-tree/limit/other-namespace",
	  "the limit comes before the rule about other namespaces (2.2 step 7)", SCENARIO_ALL,
	  prepare_limit, run_limit_other_namespace },
	{ "open-tree/limit/ancestor", "the limits of all ancestors count (2.2 step 7)",
	  SCENARIO_ALL, prepare_limit, run_limit_ancestor },
	{ "open-tree/limit/counts", "namespaces count while they live (2.2 step 7)", SCENARIO_ALL,
	  prepare_limit, run_limit_counts },
	{ "open-tree/limit/detached-tree", "detached trees count too (2.2 step 7)", SCENARIO_ALL,
	  prepare_limit, run_limit_detached_tree },
	{ "open-tree/table/full", "a full descriptor table comes first of all (2.2 step 1)",
	  SCENARIO_ALL, prepare_limit, run_table_full },
	{ "open-tree/table/full-no-namespace-left", "also before ENOSPC (2.2 step 1)", SCENARIO_ALL,
	  prepare_limit, run_table_full_no_namespace_left },
	{ "open-tree/table/full-plain", "also without NAMESPACE (2.2 step 1)", SCENARIO_ALL,
	  prepare_limit, run_table_full_plain },
	{ "open-tree/table/limit-zero", "a limit of 0 descriptors is a full table (2.2 step 1)",
	  SCENARIO_ALL, prepare_limit, run_table_limit_zero },
	{ "open-tree/table/one-free", "one free descriptor is enough (2.2 step 1)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_limit, run_table_one_free },
	{ "open-tree/table/one-free-foreign",
	  "one free descriptor is enough for a foreign caller (2.2 step 1)", SCENARIO_ALL,
	  prepare_limit, run_table_one_free_foreign },
	{ "open-tree/table/lowest", "the lowest free number is taken (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_table_lowest },
	{ "open-tree/caller/descriptors",
	  "one descriptor more, and nothing else that is inherited (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_descriptors },
	{ "open-tree/caller/descriptors-after-failure", "a failure leaves no descriptor (2.2)",
	  SCENARIO_ALL, prepare_limit, run_caller_failure_descriptors },
	{ "open-tree/caller/sigchld-handler", "no SIGCHLD arrives, no child is left (2.2)",
	  SCENARIO_ALL, prepare_limit, run_caller_sigchld_handler },
	{ "open-tree/caller/sigchld-ignored", "an ignored SIGCHLD does not matter (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_limit, run_caller_sigchld_ignored },
	{ "open-tree/caller/all-signals-blocked",
	  "works with every signal blocked and leaves the mask (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_limit, run_caller_all_blocked },
	{ "open-tree/caller/signal-pending",
	  "a pending signal neither interrupts nor is lost (2.2)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_limit, run_caller_signal_pending },
	{ "open-tree/caller/timer", "signals that arrive all the time do not interrupt (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_timer },
	{ "open-tree/caller/place", "cwd, root, namespaces and umask stay (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_limit, run_caller_place },
	{ "open-tree/caller/identity", "ids, capabilities, name and process settings stay (2.2)",
	  SCENARIO_ALL, prepare_limit, run_caller_identity },
	{ "open-tree/caller/mount-table",
	  "the caller's mount table stays, before and after the close (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_limit, run_caller_mount_table },
	{ "open-tree/caller/errno", "success leaves errno, failure gives -1 (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_errno },
	{ "open-tree/caller/many", "50 namespaces at once, all different (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_many },
	{ "open-tree/caller/vfork",
	  "beside a child of vfork(2) in a user namespace of its own (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_vfork },
	{ "open-tree/caller/threads", "four threads at once (2.2)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_caller_threads },
	{ "open-tree/caller/thread-result", "a thread's descriptor is the process's (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_thread_result },
	{ "open-tree/caller/beside-thread",
	  "works in a process with threads and in its child (2.2)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_limit, run_caller_beside_thread },
	{ "open-tree/caller/shared-fs",
	  "works while root and cwd are shared with another task (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_shared_fs },
	{ "open-tree/caller/pid-namespace",
	  "works in a PID namespace that /proc does not belong to (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_limit, run_caller_pid_namespace },
	{ "open-tree/caller/no-child",
	  "works where the next child is the first process of a PID namespace (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_no_child },
	{ "open-tree/caller/no-child-chroot", "so does a chroot without procfs (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_no_child_chroot },
	{ "open-tree/caller/not-dumpable", "works in a process that is not dumpable (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_limit, run_caller_not_dumpable },
	{ "open-tree/caller/not-dumpable-foreign",
	  "the same for a caller that does not own its mounts (2.2)", SCENARIO_ALL, prepare_tree,
	  run_caller_not_dumpable_foreign },
	{ "open-tree/caller/process-limit", "RLIMIT_NPROC does not matter (2.2)", SCENARIO_ALL,
	  prepare_tree, run_caller_process_limit },
	{ "open-tree/caller/other-limits",
	  "limits on file size, locked memory and stack do not matter (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_limit, run_caller_file_size_limit },
	{ "open-tree/caller/no-new-privileges", "PR_SET_NO_NEW_PRIVS does not matter (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_limit, run_caller_no_new_privileges },
	{ "open-tree/caller/lost-procfs", "works after a chroot to where no procfs is (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_without_procfs, run_caller_without_procfs },
	{ "open-tree/caller/never-procfs", "works where no procfs is (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_without_procfs, run_caller_never_procfs },
	{ "open-tree/caller/false-procfs", "works where /proc is something else (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_false_procfs, run_caller_false_procfs },
	{ "open-tree/caller/removed-cwd", "works with a removed cwd, and from it (2.2, 2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, NULL, run_caller_removed_cwd },
	{ "open-tree/caller/changed-mount-namespace",
	  "nothing is kept from the namespace before (2.2)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_caller_changed_namespace },
	{ "open-tree/caller/changed-user-namespace",
	  "nothing is kept from the user namespace before (2.2)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_caller_changed_user_namespace },
	{ "open-tree/caller/closes-everything",
	  "closing unknown descriptors does not harm the next call (2.2)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_caller_close_everything },
	{ NULL, NULL, 0, NULL, NULL },
};
