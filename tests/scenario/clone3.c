// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * clone3.c - clone3(CLONE_EMPTY_MNTNS): arguments, where the child is, what the parent sees of it.
 * May touch only the scenario's own process, its world and the children it starts.
 * Listed in scenario.c as clone3_scenarios; states section 5.4 of the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>

#include "mount-attr-common.h"

#define EMPTY MNTCOMPAT_CLONE_EMPTY_MNTNS
#define PIDFD 0x1000ull
#define CLEAR_SIGHAND 0x100000000ull
#define INTO_CGROUP 0x200000000ull
#define ENDED_WELL 7

static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	make_file("tree/file", "file");
}

/* Makes a child that runs @body, and says what came of it. */
static void say_clone(const char *label, uint64_t flags, uint64_t signal, void (*body)(void))
{
	struct mntcompat_clone_args args = { .flags = flags, .exit_signal = signal };
	int status, pidfd = -1;
	pid_t pid;

	if (flags & PIDFD)
		args.pidfd = (uint64_t)(uintptr_t)&pidfd;
	pid = mntcompat_clone3(&args, sizeof(args));
	if (pid == 0) {
		if (body)
			body();
		_exit(ENDED_WELL);
	}
	if (pid < 0) {
		say("%s: %s, %s", label, errno_name(errno), pidfd < 0 ? "no pidfd" : "pidfd");
		return;
	}
	must(waitpid(pid, &status, __WALL), "waitpid");
	say("%s: %s%s", label,
	    WIFEXITED(status) && WEXITSTATUS(status) == ENDED_WELL ? "ok" : "ended otherwise",
	    pidfd < 0 ? "" : ", pidfd");
	if (pidfd >= 0)
		close(pidfd);
}

/* --- the call --- */

static void say_sized(const char *label, const void *args, size_t size)
{
	pid_t pid = mntcompat_clone3(args, size);

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		must(waitpid(pid, NULL, __WALL), "waitpid");
	say_result(label, pid);
}

SCENARIO(run_size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	static const size_t sizes[] = { 0, 63, 64, 72, 80, 88, 96, 4096, 4097 };
	unsigned char *area =
		mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mntcompat_clone_args *args = (void *)area;
	char label[64];

	must(area == MAP_FAILED ? -1 : 0, "mmap");
	must(mprotect(area + 2 * page, page, PROT_NONE), "mprotect");
	args->flags = EMPTY;
	args->exit_signal = SIGCHLD;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(label, sizeof(label), "%zu", sizes[i]);
		say_sized(label, area, sizes[i]);
	}
	area[88] = 1;
	say_sized("96, tail", area, 96);
	say_sized("NULL", NULL, 88);
	say_sized("NULL, small", NULL, 8);
	say_sized("bad address", (void *)1, 88);
	memcpy(area + 2 * page - 88, area, 88);
	say_sized("up to the end of memory", area + 2 * page - 88, 88);
	say_sized("beyond the end of memory", area + 2 * page - 87, 88);
}

SCENARIO(run_together)
{
	static const struct {
		const char *label;
		uint64_t flags;
	} attempts[] = {
		{ "alone", 0 },
		{ "NEWNS", CLONE_NEWNS },
		{ "NEWUTS", CLONE_NEWUTS },
		{ "NEWIPC", CLONE_NEWIPC },
		{ "NEWNET", CLONE_NEWNET },
		{ "NEWPID", CLONE_NEWPID },
		{ "NEWCGROUP", CLONE_NEWCGROUP },
		{ "PIDFD", PIDFD },
		{ "CLEAR_SIGHAND", CLEAR_SIGHAND },
		{ "five", CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET | PIDFD },
		{ "FS", CLONE_FS },
		{ "NEWNS and FS", CLONE_NEWNS | CLONE_FS },
		{ "THREAD", CLONE_THREAD },
		{ "SIGHAND", CLONE_SIGHAND },
		{ "unknown 1<<62", 1ull << 62 },
		{ "unknown 1<<40", 1ull << 40 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
		say_clone(attempts[i].label, EMPTY | attempts[i].flags, SIGCHLD, NULL);
	say_clone("no signal", EMPTY, 0, NULL);
	say_clone("signal 65", EMPTY, 65, NULL);
}

SCENARIO(run_together_refused)
{
	say_clone("NEWUSER", EMPTY | CLONE_NEWUSER, SIGCHLD, NULL);
	say_clone("FILES", EMPTY | CLONE_FILES, SIGCHLD, NULL);
}

SCENARIO(run_not_forked)
{
	struct mntcompat_clone_args args = { .flags = EMPTY, .stack = 4096, .stack_size = 4096 };

	say_result("stack", mntcompat_clone3(&args, sizeof(args)));
	args = (struct mntcompat_clone_args){ .flags = EMPTY | CLONE_VM };
	say_result("VM", mntcompat_clone3(&args, sizeof(args)));
	args.flags = EMPTY | CLONE_VM | CLONE_VFORK;
	say_result("VM and VFORK", mntcompat_clone3(&args, sizeof(args)));
	args.flags = CLONE_SETTLS;
	say_result("SETTLS", mntcompat_clone3(&args, sizeof(args)));
}

SCENARIO(run_others)
{
	say_clone("nothing", 0, SIGCHLD, NULL);
	say_clone("PIDFD", PIDFD, SIGCHLD, NULL);
	say_clone("NEWUTS", CLONE_NEWUTS, SIGCHLD, NULL);
	say_clone("unknown", 1ull << 62, SIGCHLD, NULL);
}

SCENARIO(run_privilege)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	say_clone("alone", EMPTY, SIGCHLD, NULL);
	say_clone("FS", EMPTY | CLONE_FS, SIGCHLD, NULL);
	say_clone("PIDFD", EMPTY | PIDFD, SIGCHLD, NULL);
}

SCENARIO(run_user)
{
	say_clone("alone", EMPTY, SIGCHLD, NULL);
	say_clone("FS", EMPTY | CLONE_FS, SIGCHLD, NULL);
}

/* A child that no one expects would be one too many, so it ends at once. */
static void say_arguments(const char *when)
{
	static const pid_t pid = 1;
	const uint64_t at = (uint64_t)(uintptr_t)&pid;
	const struct {
		const char *label;
		struct mntcompat_clone_args args;
	} attempts[] = {
		{ "set_tid without a size", { .exit_signal = SIGCHLD, .set_tid = at } },
		{ "a size without set_tid", { .exit_signal = SIGCHLD, .set_tid_size = 1 } },
		{ "33 of set_tid", { .exit_signal = SIGCHLD, .set_tid = at, .set_tid_size = 33 } },
		{ "signal 999", { .exit_signal = 999 } },
		{ "stack_size alone", { .exit_signal = SIGCHLD, .stack_size = 4096 } },
		{ "PARENT and a signal", { .exit_signal = SIGCHLD, .flags = CLONE_PARENT } },
		{ "THREAD", { .flags = CLONE_THREAD } },
		{ "SIGHAND", { .flags = CLONE_SIGHAND } },
		{ "unknown 1<<40", { .flags = 1ull << 40 } },
		{ "a cgroup that is none", { .exit_signal = SIGCHLD, .flags = INTO_CGROUP } },
		{ "a cgroup beyond int",
		  { .exit_signal = SIGCHLD, .flags = INTO_CGROUP, .cgroup = 1ull << 32 } },
	};
	char label[80];

	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++) {
		struct mntcompat_clone_args args = attempts[i].args;

		args.flags |= EMPTY;
		snprintf(label, sizeof(label), "%s, %s", when, attempts[i].label);
		say_sized(label, &args, sizeof(args));
	}
}

SCENARIO(run_arguments)
{
	say_arguments("privileged");
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	say_arguments("not privileged");
	say_clone("not privileged, FILES", EMPTY | CLONE_FILES, SIGCHLD, NULL);
}

SCENARIO(run_limit)
{
	open_tree_new_user_namespace(true);
	open_tree_limit_namespaces(0);
	say_clone("no namespaces allowed", EMPTY, SIGCHLD, NULL);
}

/* --- the child --- */

static void look_around(void)
{
	char path[64];

	say(" cwd %s", getcwd(path, sizeof(path)) ? path : errno_name(errno));
	open_tree_say_names(" names", "/");
	say_result(" mkdir", mkdir("/name", 0755));
	say_result(" tree", access("/tree", F_OK));
}

SCENARIO(run_child)
{
	say_clone("child", EMPTY, SIGCHLD, look_around);
	open_tree_say_file("the parent", "tree/file");
}

static void look_at_first(void)
{
	say(" pid %d, parent %d", (int)getpid(), (int)getppid());
	look_around();
}

SCENARIO(run_first_of_pid_namespace)
{
	say_clone("child", EMPTY | CLONE_NEWPID, SIGCHLD, look_at_first);
}

static void clone_again(void)
{
	static const struct {
		const char *label;
		uint64_t flags;
	} attempts[] = {
		{ " alone", 0 },
		{ " NEWNS", CLONE_NEWNS },
		{ " NEWUTS", CLONE_NEWUTS },
		{ " NEWIPC", CLONE_NEWIPC },
		{ " NEWNET", CLONE_NEWNET },
		{ " NEWPID", CLONE_NEWPID },
		{ " NEWCGROUP", CLONE_NEWCGROUP },
		{ " PIDFD", PIDFD },
		{ " NEWUSER", CLONE_NEWUSER },
		{ " NEWUSER, PIDFD", CLONE_NEWUSER | PIDFD },
		{ " FILES", CLONE_FILES },
		{ " FS", CLONE_FS },
		{ " five", CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNET | PIDFD },
	};

	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
		say_clone(attempts[i].label, EMPTY | attempts[i].flags, SIGCHLD, NULL);
	say_clone(" names", EMPTY, SIGCHLD, look_around);
}

SCENARIO(run_again)
{
	say_clone("child", EMPTY, SIGCHLD, clone_again);
}

static void look_at_descriptors(void)
{
	int lowest = dup(0);
	sigset_t mask;

	must(sigprocmask(SIG_BLOCK, NULL, &mask), "sigprocmask");
	say(" lowest free %d, signals %s", lowest,
	    sigismember(&mask, SIGUSR1) ? "blocked" : "not blocked");
}

SCENARIO(run_left_over)
{
	int lowest = dup(0);
	sigset_t mask;

	close(lowest);
	say("lowest free %d", lowest);
	say_clone("child", EMPTY, SIGCHLD, look_at_descriptors);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	must(sigprocmask(SIG_BLOCK, &mask, NULL), "sigprocmask");
	say_clone("child", EMPTY, SIGCHLD, look_at_descriptors);
	lowest = dup(0);
	say("lowest free %d", lowest);
}

static void wait_for_signal(void)
{
	pause();
}

SCENARIO(run_enter)
{
	struct mntcompat_clone_args args = { .flags = EMPTY, .exit_signal = SIGCHLD };
	pid_t pid = mntcompat_clone3(&args, sizeof(args));
	int fd;

	if (pid == 0) {
		wait_for_signal();
		_exit(0);
	}
	say_result("clone3", pid);
	if (pid < 0)
		return;
	fd = open_tree_peer_file(pid, "ns/mnt", O_RDONLY);
	must(kill(pid, SIGKILL), "kill");
	must(waitpid(pid, NULL, 0), "waitpid");
	say_result("setns", enter_namespace(fd));
	open_tree_say_names("names", "/");
}

#define S(name, doc, levels, run) \
	{ \
		"clone3/" name, doc, levels, prepare_tree, run \
	}
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS)

const struct scenario clone3_scenarios[] = {
	S("call/size", "sizes, tails and bad pointers", PRIVILEGED, run_size),
	S("call/together", "with other flags and signals", PRIVILEGED, run_together),
	S("call/refused", "with a user namespace, with shared descriptors", PRIVILEGED,
	  run_together_refused),
	S("call/not-forked", "children without memory of their own are refused", SCENARIO_ALL,
	  run_not_forked),
	S("call/others", "other flags alone", PRIVILEGED, run_others),
	S("call/privilege", "EPERM without CAP_SYS_ADMIN, after the flags", PRIVILEGED,
	  run_privilege),
	S("call/arguments", "wrong arguments come before the privilege", PRIVILEGED, run_arguments),
	S("call/user", "EPERM without privilege", SCENARIO_USER, run_user),
	S("call/limit", "max_mnt_namespaces", PRIVILEGED, run_limit),
	S("child/namespace", "the child is in an empty namespace, the parent is not", PRIVILEGED,
	  run_child),
	S("child/pid-namespace", "as first of a pid namespace", PRIVILEGED,
	  run_first_of_pid_namespace),
	S("child/again", "a child of the child, with other flags", PRIVILEGED, run_again),
	S("child/left-over", "descriptors and signals are as before, in both", PRIVILEGED,
	  run_left_over),
	S("child/enter", "others may enter its namespace", PRIVILEGED, run_enter),
	{ .name = NULL },
};
