// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * enter-tree.c - scenarios: mntcompat_enter_tree(), which stands for open_tree(OPEN_TREE_NAMESPACE)
 * and setns(2): Linux 7.3 prints here what these two answer. Moves the scenario's own process.
 * Listed in scenario.c.
 */
#define _GNU_SOURCE
#include "open-tree-common.h"
#include "tests/fork-with.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>

static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	make_file("tree/file", "file");
	mount_tmpfs("tree/below", "mode=755");
	make_file("tree/below/file", "below");
	mount_tmpfs("other", "mode=755");
}

/* Says the result; true if the caller is in the tree. */
static bool enter(const char *label, int dfd, const char *path, unsigned int flags)
{
	int ret = mntcompat_enter_tree(dfd, path, flags);

	say("%s: %s", label, errno_name(-ret));
	return ret == 0;
}

/* In the new namespace there is no procfs: one that was opened before. */
static int procfs = -1;

static void open_procfs(void)
{
	procfs = must_fd(open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC), "ns");
}

static void say_own_namespace(const char *label)
{
	int fd = must_fd(openat(procfs, "mnt", O_RDONLY | O_CLOEXEC), "the namespace");

	say_namespace(label, fd);
	close(fd);
}

static void say_place(void)
{
	struct stat root, cwd, up;
	char path[64];

	must(stat("/", &root), "/");
	must(stat(".", &cwd), ".");
	must(stat("/..", &up), "/..");
	say("cwd %s, %s, above it %s", getcwd(path, sizeof(path)) ? path : errno_name(errno),
	    root.st_ino == cwd.st_ino && root.st_dev == cwd.st_dev ? "the root" : "not the root",
	    root.st_ino == up.st_ino && root.st_dev == up.st_dev ? "the root" : "something");
}

struct attempt {
	const char *label;
	int dfd;
	const char *path;
	unsigned int flags;
};

static int try(void *argument)
{
	const struct attempt *attempt = argument;

	enter(attempt->label, attempt->dfd, attempt->path, attempt->flags);
	return 0;
}

static void attempt(const char *label, int dfd, const char *path, unsigned int flags)
{
	struct attempt one = { label, dfd, path, flags };

	in_child(try, &one);
}

/* --- the call --- */

SCENARIO(run_flags)
{
	static const unsigned int flags[] = { NS, CLONE, CLOEXEC, 1u << 31, 0x200, 0x400, 4 };
	char label[32];

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		snprintf(label, sizeof(label), "%#x", flags[i]);
		attempt(label, AT_FDCWD, "tree", flags[i]);
	}
	attempt("unknown, and no path", AT_FDCWD, NULL, 4);
}

SCENARIO(run_paths)
{
	int tree = must_fd(open("tree", O_PATH | O_CLOEXEC), "tree");

	attempt("a path", AT_FDCWD, "tree", 0);
	attempt("relative to a descriptor", tree, "below", RECURSIVE);
	attempt("a descriptor", tree, "", EMPTY_PATH);
	attempt("empty", tree, "", 0);
	attempt("no path", AT_FDCWD, NULL, 0);
	attempt("absent", AT_FDCWD, "absent", 0);
	attempt("a file", AT_FDCWD, "tree/file", 0);
	attempt("below a file", AT_FDCWD, "tree/file/x", 0);
	attempt("no descriptor", -1, "tree", 0);
}

SCENARIO(run_link)
{
	must(symlink("tree", "link"), "link");
	attempt("a link", AT_FDCWD, "link", 0);
	attempt("not followed", AT_FDCWD, "link", NOFOLLOW);
}

SCENARIO(run_privilege)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	attempt("without CAP_SYS_ADMIN", AT_FDCWD, "tree", 0);
	attempt("and absent", AT_FDCWD, "absent", 0);
}

SCENARIO(run_chroot_privilege)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_CHROOT));
	attempt("without CAP_SYS_CHROOT", AT_FDCWD, "tree", 0);
	attempt("and absent", AT_FDCWD, "absent", 0);
}

SCENARIO(run_user)
{
	attempt("unprivileged", AT_FDCWD, "tree", 0);
	attempt("unprivileged, unknown flag", AT_FDCWD, "tree", 4);
}

SCENARIO(run_limit)
{
	open_tree_new_user_namespace(true);
	open_tree_limit_namespaces(0);
	attempt("no namespaces allowed", AT_FDCWD, "tree", RECURSIVE);
	open_tree_limit_namespaces(100);
	attempt("allowed", AT_FDCWD, "tree", RECURSIVE);
}

static void *wait_for_ever(void *argument)
{
	pthread_barrier_wait(argument);
	for (;;)
		pause();
	return NULL;
}

static int threads_body(void *argument)
{
	pthread_barrier_t barrier;
	pthread_t thread;
	int ret;

	(void)argument;
	pthread_barrier_init(&barrier, NULL, 2);
	must(-pthread_create(&thread, NULL, wait_for_ever, &barrier), "pthread_create");
	pthread_barrier_wait(&barrier);
	say("beside a thread: %s",
	    errno_name(-scenario_calls->enter_tree(AT_FDCWD, "tree", RECURSIVE)));
	say("absent: %s", errno_name(-scenario_calls->enter_tree(AT_FDCWD, "absent", RECURSIVE)));
	open_tree_say_file("still here", "tree/file");
	/* As a runtime does that locks a goroutine to its thread. */
	must(fixture_unshare(CLONE_FS), "unshare");
	ret = scenario_calls->enter_tree(AT_FDCWD, "tree", RECURSIVE);
	say("with root and cwd of its own: %s", errno_name(-ret));
	if (ret == 0)
		open_tree_say_names("names", "/");
	return 0;
}

SCENARIO(run_threads)
{
	in_child(threads_body, NULL);
}

/* A process with memory of its own, and the same root and cwd. */
SCENARIO(run_shared_root)
{
	pid_t pid = fork_with(CLONE_FS | SIGCHLD);

	must(pid, "clone");
	if (pid == 0)
		for (;;)
			pause();
	say("shared root: %s",
	    errno_name(-scenario_calls->enter_tree(AT_FDCWD, "tree", RECURSIVE)));
	open_tree_say_file("still here", "tree/file");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* --- the namespace --- */

SCENARIO(run_alone)
{
	open_procfs();
	if (!enter("enter", AT_FDCWD, "tree", 0))
		return;
	say_place();
	open_tree_say_names("names", "/");
	open_tree_say_names("below", "/below");
	say_own_namespace("namespace");
}

SCENARIO(run_recursive)
{
	open_procfs();
	if (!enter("enter", AT_FDCWD, "tree", RECURSIVE))
		return;
	say_place();
	open_tree_say_file("below", "/below/file");
	say_own_namespace("namespace");
}

static void prepare_shared(void)
{
	prepare_tree();
	mount_propagation("tree", MS_SHARED | MS_REC);
}

static void prepare_covered(void)
{
	prepare_tree();
	mount_tmpfs("tree", "mode=755");
	make_file("tree/cover", "cover");
}

SCENARIO(run_own_user_namespace)
{
	open_tree_new_user_namespace(true);
	open_procfs();
	if (!enter("enter", AT_FDCWD, "tree", RECURSIVE))
		return;
	say_place();
	say_own_namespace("namespace");
}

SCENARIO(run_foreign)
{
	open_tree_new_user_namespace(false);
	open_procfs();
	if (!enter("enter", AT_FDCWD, "tree", RECURSIVE))
		return;
	say_place();
	say_own_namespace("namespace");
}

SCENARIO(run_chroot)
{
	must(chroot("tree"), "chroot");
	must(chdir("/below"), "chdir");
	attempt("absent", AT_FDCWD, "absent", RECURSIVE);
	if (!enter("enter", AT_FDCWD, "/below", RECURSIVE))
		return;
	say_place();
	open_tree_say_file("file", "/file");
}

SCENARIO(run_old)
{
	int dir = must_fd(open("tree", O_PATH | O_DIRECTORY | O_CLOEXEC), "tree");
	int own = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "mnt");

	if (!enter("enter", AT_FDCWD, "tree", RECURSIVE))
		return;
	open_tree_say_file_at("file of the old namespace", dir, "file");
	say_result("back", enter_namespace(own));
	say_result("the old root", access(scenario_world(), F_OK));
}

SCENARIO(run_twice)
{
	open_procfs();
	if (!enter("first", AT_FDCWD, "tree", RECURSIVE))
		return;
	if (!enter("second", AT_FDCWD, "/below", RECURSIVE))
		return;
	say_place();
	open_tree_say_names("names", "/");
	say_own_namespace("namespace");
}

static int in_other(void *argument)
{
	(void)argument;
	enter("child", AT_FDCWD, "tree", RECURSIVE);
	return 0;
}

SCENARIO(run_parent)
{
	in_child(in_other, NULL);
	open_tree_say_file("the parent", "tree/file");
}

#define S(name, doc, levels, prepare, run) \
	{ \
		"enter-tree/" name, doc, levels, prepare, run \
	}
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS)

const struct scenario enter_tree_scenarios[] = {
	S("call/flags", "all but AT_* are EINVAL, before the path", PRIVILEGED, prepare_tree,
	  run_flags),
	S("call/paths", "paths and descriptors, as open_tree", PRIVILEGED, prepare_tree, run_paths),
	S("call/link", "a symbolic link", PRIVILEGED, prepare_tree, run_link),
	S("call/privilege", "EPERM without CAP_SYS_ADMIN, before the path", PRIVILEGED,
	  prepare_tree, run_privilege),
	S("call/chroot-privilege", "EPERM without CAP_SYS_CHROOT, after the path", PRIVILEGED,
	  prepare_tree, run_chroot_privilege),
	S("call/user", "EPERM without privilege", SCENARIO_USER, prepare_tree, run_user),
	S("call/limit", "max_mnt_namespaces", PRIVILEGED, prepare_tree, run_limit),
	S("call/threads", "EINVAL beside threads, after the path; not with a root of its own",
	  PRIVILEGED, prepare_tree, run_threads),
	S("call/shared-root", "EINVAL beside a process with the same root and cwd", PRIVILEGED,
	  prepare_tree, run_shared_root),
	S("namespace/alone", "the directory's mount alone", PRIVILEGED, prepare_tree, run_alone),
	S("namespace/recursive", "with the mounts below it", PRIVILEGED, prepare_tree,
	  run_recursive),
	S("namespace/shared", "shared mounts stay in their peer groups", PRIVILEGED, prepare_shared,
	  run_recursive),
	S("namespace/covered", "the mount that covers it", PRIVILEGED, prepare_covered, run_alone),
	S("namespace/own-user-namespace", "in a user namespace that owns the mount namespace",
	  PRIVILEGED, prepare_shared, run_own_user_namespace),
	S("namespace/foreign", "in a user namespace that does not own it", PRIVILEGED,
	  prepare_shared, run_foreign),
	S("namespace/chroot", "from a chroot", PRIVILEGED, prepare_tree, run_chroot),
	S("namespace/old", "open descriptors stay open, and lead back", PRIVILEGED, prepare_tree,
	  run_old),
	S("namespace/twice", "from the new namespace into another", PRIVILEGED, prepare_tree,
	  run_twice),
	S("namespace/parent", "the parent is not moved", PRIVILEGED, prepare_tree, run_parent),
	{ .name = NULL },
};
