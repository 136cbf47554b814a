// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * procfs.c - callers whose /proc is of another pid namespace, or forged of files of another
 * process. The kernel's own calls do not look at /proc; an emulation must not believe it.
 * Mounts in the scenario's own namespace; keeps a child that ends with the scenario.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/scenario/open-tree-common.h"
#include "tests/scenario/scenario.h"

#define MASK \
	(MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_MNT_BASIC | \
	 MNTCOMPAT_STATMOUNT_MNT_ROOT | MNTCOMPAT_STATMOUNT_MNT_POINT | \
	 MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_SB_SOURCE)

static void prepare_no_child(void)
{
	make_dir("tree");
	make_dir("tree/sub");
	mount_tmpfs("other", "mode=755");
}

/* The number of mounts below the world. */
static void say_list(int fd)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
					    .mnt_id = statmount_unique_id(fd) };
	uint64_t ids[64];
	ssize_t n = mntcompat_listmount(&req, ids, 64, 0);

	if (n < 0)
		say_result("listmount", n);
	else
		say("listmount: %zd", n);
}

static void say_child(void)
{
	struct mntcompat_clone_args args = { .flags = MNTCOMPAT_CLONE_EMPTY_MNTNS,
					     .exit_signal = SIGCHLD };
	pid_t pid = mntcompat_clone3(&args, sizeof(args));
	int status = 0;

	if (pid == 0)
		_exit(3);
	if (pid > 0)
		waitpid(pid, &status, 0);
	say_result("clone3", pid > 0 ? 0 : pid);
	if (pid > 0)
		say("its status: %d", WEXITSTATUS(status));
}

static void say_all(void)
{
	int fd = must_fd(open("tree", O_PATH | O_CLOEXEC), "tree");
	int world = must_fd(open(".", O_PATH | O_CLOEXEC), "world");

	say_statmount_fd("tree", fd, MASK);
	say_list(world);
	close(fd);
	close(world);
	open_tree_describe("namespace of tree", "tree", 0);
	say_child();
}

static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	mount_tmpfs("other", "mode=755");
}

/* The process whose files are used, and what it started itself. */
struct other {
	pid_t pid;
	int end; /* it ends when this is closed */
};
static pid_t inner;

static void start_other(struct other *other, int (*task)(void))
{
	int ready[2], end[2];
	char byte;

	must(pipe2(ready, O_CLOEXEC), "pipe2");
	must(pipe2(end, O_CLOEXEC), "pipe2");
	other->pid = fork();
	must(other->pid, "fork");
	if (!other->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(end[1]);
		if (task() == 0 && write(ready[1], "", 1) == 1 && read(end[0], &byte, 1) == 0 &&
		    inner > 0) {
			kill(inner, SIGKILL);
			waitpid(inner, NULL, 0);
		}
		_exit(0);
	}
	close(ready[1]);
	close(end[0]);
	if (read(ready[0], &byte, 1) != 1)
		scenario_broken("the other process could not be started");
	close(ready[0]);
	other->end = end[1];
}

static void end_other(const struct other *other)
{
	close(other->end);
	waitpid(other->pid, NULL, 0);
}

/* The procfs of a pid namespace below, mounted where all see it; it lasts as long as its init. */
static int mount_inner_procfs(void)
{
	int ready[2];
	char byte;

	if (unshare(CLONE_NEWPID) < 0 || pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	inner = fork();
	if (inner < 0)
		return -1;
	if (!inner) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (mount("inner", "/proc", "proc", 0, NULL) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	return read(ready[0], &byte, 1) == 1 ? 0 : -1;
}

static void run_foreign(void)
{
	struct other other;

	start_other(&other, mount_inner_procfs);
	say_all();
	umount2("/proc", MNT_DETACH);
	end_other(&other);
}

/* As with "unshare --fork --pid": /proc is of the pid namespace above, and shows the caller. */
static int outer_task(void *arg)
{
	(void)arg;
	say_all();
	return 0;
}

static void run_outer(void)
{
	must(unshare(CLONE_NEWPID), "unshare");
	in_child(outer_task, NULL);
}

static int mount_otherwise(void)
{
	return unshare(CLONE_NEWNS) < 0 || mount("false", "tree", "tmpfs", 0, "mode=700") < 0 ||
			       mount("false", "other", "tmpfs", 0, "mode=700") < 0 ?
		       -1 :
		       0;
}

static void bind_over(const char *from, const char *to)
{
	must(mount(from, to, NULL, MS_BIND, NULL), to);
}

/* Each file is one of a procfs, but they are another process's, on a tmpfs. */
static void run_forged_directory(void)
{
	static const char *const files[] = { "mountinfo", "fdinfo", "fd", "ns" };
	struct other other;
	char from[64], to[64];

	start_other(&other, mount_otherwise);
	mount_tmpfs("false", "mode=755");
	make_dir("false/self");
	make_dir("false/thread-self");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(from, sizeof(from), "/proc/%d/%s", (int)other.pid, files[i]);
		snprintf(to, sizeof(to), "false/self/%s", files[i]);
		if (i)
			make_dir(to);
		else
			make_file(to, "");
		bind_over(from, to);
		snprintf(to, sizeof(to), "false/thread-self/%s", files[i]);
		if (i)
			make_dir(to);
		else
			make_file(to, "");
		bind_over(from, to);
	}
	mount_bind("false", "/proc", true);
	umount2("false", MNT_DETACH);
	say_all();
	umount2("/proc", MNT_DETACH);
	end_other(&other);
}

/* /proc is right, but the caller's own files are covered by another process's. */
static void run_forged_file(void)
{
	static const char *const files[] = { "mountinfo", "ns" };
	struct other other;
	char from[64], to[64];

	start_other(&other, mount_otherwise);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(from, sizeof(from), "/proc/%d/%s", (int)other.pid, files[i]);
		snprintf(to, sizeof(to), "/proc/%d/%s", (int)getpid(), files[i]);
		bind_over(from, to);
		snprintf(to, sizeof(to), "/proc/%d/task/%d/%s", (int)getpid(),
			 (int)syscall(SYS_gettid), files[i]);
		bind_over(from, to);
	}
	say_all();
	end_other(&other);
}

/*
 * No procfs in the root, and no child that could look for one: it would be the first process of a
 * pid namespace, and its end the end of that.
 */
static void run_no_child(void)
{
	int inside, outside, cwd, status = 0;
	struct stat root, before, after;
	pid_t pid;

	open_tree_new_user_namespace(true);
	must(unshare(CLONE_NEWPID), "unshare");
	outside = must_fd(open("other", O_PATH | O_CLOEXEC), "other");
	mount_bind("tree", "tree", false);
	must(chroot("tree"), "chroot");
	must(chdir("/sub"), "chdir");
	inside = must_fd(open("/", O_PATH | O_CLOEXEC), "/");
	cwd = must_fd(open(".", O_PATH | O_CLOEXEC), ".");
	must(stat("/", &root), "/");
	must(stat(".", &before), ".");
	say_statmount_fd("the root", inside, MASK);
	say_statmount_fd("below it", cwd, MASK);
	say_statmount_fd("outside", outside, MASK & ~MNTCOMPAT_STATMOUNT_MNT_BASIC);
	say_list(inside);
	must(stat(".", &after), ".");
	say("the working directory: %s",
	    after.st_ino == before.st_ino && after.st_dev == before.st_dev ? "the same" :
									     "another");
	must(stat("/", &after), "/");
	say("the root directory: %s",
	    after.st_ino == root.st_ino && after.st_dev == root.st_dev ? "the same" : "another");
	pid = fork();
	if (pid == 0)
		_exit(getpid() == 1 ? 1 : 2);
	if (pid > 0)
		waitpid(pid, &status, 0);
	say_result("fork", pid > 0 ? 0 : pid);
	say("the child's number: %s", WEXITSTATUS(status) == 1 ? "1" : "another");
	close(inside);
	close(outside);
	close(cwd);
}

const struct scenario procfs_scenarios[] = {
	{ "statmount/procfs/no-child", "nor that no child can be made to look for one (2.2, 3.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_no_child, run_no_child },
	{ "statmount/procfs/foreign", "/proc of another pid namespace does not matter (2.2, 3.3)",
	  SCENARIO_ROOT, prepare_tree, run_foreign },
	{ "statmount/procfs/outer", "/proc of the pid namespace above does not matter (2.2, 3.3)",
	  SCENARIO_ROOT, prepare_tree, run_outer },
	{ "statmount/procfs/forged-directory",
	  "/proc made of another process's files does not matter (3.3)", SCENARIO_ROOT,
	  prepare_tree, run_forged_directory },
	{ "statmount/procfs/forged-file", "files mounted over the caller's own do not matter (3.3)",
	  SCENARIO_ROOT, prepare_tree, run_forged_file },
	{ NULL, NULL, 0, NULL, NULL },
};
