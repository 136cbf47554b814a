// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unshare.c - unshare(UNSHARE_EMPTY_MNTNS): order of checks, other flags, what the empty namespace
 * is. May touch only the scenario's own process, its world and the children it starts. Listed in
 * scenario.c as unshare_scenarios; states section 5.4 of the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>

#include "mount-attr-common.h"

#define EMPTY MNTCOMPAT_UNSHARE_EMPTY_MNTNS
/* Whether an id is known of a namespace that no procfs shows differs between kernels. */
#define ALL_BUT_IDS \
	(MASK_ALL & \
	 ~(uint64_t)(MNTCOMPAT_STATMOUNT_MNT_NS_ID | MNTCOMPAT_STATMOUNT_SUPPORTED_MASK | \
		     MNTCOMPAT_STATMOUNT_MNT_UIDMAP | MNTCOMPAT_STATMOUNT_MNT_GIDMAP))

static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	make_file("tree/file", "file");
}

struct attempt {
	const char *label;
	unsigned int flags;
};

static int try_flags(void *argument)
{
	const struct attempt *attempt = argument;

	say_result(attempt->label, mntcompat_unshare(attempt->flags));
	return 0;
}

/* In a child, which changes if it works. */
static void say_unshare(const char *label, unsigned int flags)
{
	struct attempt attempt = { label, flags };

	in_child(try_flags, &attempt);
}

/* Into the empty namespace; false after saying why not. */
static bool enter_empty(void)
{
	int ret = mntcompat_unshare(EMPTY);

	say_result("unshare", ret);
	return ret == 0;
}

/* --- the call --- */

SCENARIO(run_unknown)
{
	/* Bits that unshare knows: CLONE_NEWTIME, VM, FS, FILES, SIGHAND, THREAD, NEWNS, SYSVSEM,
	 * EMPTY_MNTNS, NEW*. */
	const unsigned int known = 0x80 | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				   CLONE_THREAD | CLONE_NEWNS | CLONE_SYSVSEM | EMPTY |
				   CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
				   CLONE_NEWPID | CLONE_NEWNET;

	for (unsigned int bit = 0; bit < 32; bit++) {
		char label[32];

		if (known & 1u << bit)
			continue;
		snprintf(label, sizeof(label), "1<<%u", bit);
		say_unshare(label, EMPTY | 1u << bit);
	}
	say_unshare("all bits", ~0u);
}

SCENARIO(run_together)
{
	static const struct attempt attempts[] = {
		{ "alone", EMPTY },
		{ "NEWNS", EMPTY | CLONE_NEWNS },
		{ "FS", EMPTY | CLONE_FS },
		{ "FILES", EMPTY | CLONE_FILES },
		{ "SYSVSEM", EMPTY | CLONE_SYSVSEM },
		{ "THREAD", EMPTY | CLONE_THREAD },
		{ "VM", EMPTY | CLONE_VM },
		{ "NEWUTS", EMPTY | CLONE_NEWUTS },
		{ "NEWIPC", EMPTY | CLONE_NEWIPC },
		{ "NEWNET", EMPTY | CLONE_NEWNET },
		{ "NEWPID", EMPTY | CLONE_NEWPID },
		{ "NEWCGROUP", EMPTY | CLONE_NEWCGROUP },
		{ "five",
		  EMPTY | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_FILES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
		say_unshare(attempts[i].label, attempts[i].flags);
}

SCENARIO(run_with_user_namespace)
{
	say_unshare("NEWUSER", EMPTY | CLONE_NEWUSER);
	say_unshare("NEWUSER, unknown bit", EMPTY | CLONE_NEWUSER | 1);
}

SCENARIO(run_after_user_namespace)
{
	open_tree_new_user_namespace(false);
	if (enter_empty())
		open_tree_say_names("names", "/");
}

SCENARIO(run_privilege)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	say_unshare("alone", EMPTY);
	say_unshare("NEWNS", EMPTY | CLONE_NEWNS);
	say_unshare("unknown bit", EMPTY | 1);
}

SCENARIO(run_sys_admin_alone)
{
	open_tree_keep_capabilities(CAPABILITY(CAP_SYS_ADMIN));
	say_unshare("CAP_SYS_ADMIN alone", EMPTY);
}

SCENARIO(run_user)
{
	say_unshare("alone", EMPTY);
	say_unshare("unknown bit", EMPTY | 1);
}

SCENARIO(run_limit)
{
	open_tree_new_user_namespace(true);
	open_tree_limit_namespaces(0);
	say_unshare("no namespaces allowed", EMPTY);
	open_tree_limit_namespaces(100);
	say_unshare("allowed", EMPTY);
}

SCENARIO(run_others)
{
	say_unshare("nothing", 0);
	say_unshare("NEWNS", CLONE_NEWNS);
	say_unshare("NEWUTS", CLONE_NEWUTS);
	say_unshare("unknown", 1);
}

static void *wait_for_ever(void *argument)
{
	pthread_barrier_t *barrier = argument;

	pthread_barrier_wait(barrier);
	for (;;)
		pause();
	return NULL;
}

#undef mntcompat_unshare
#define mntcompat_unshare(flags) (scenario_calls->unshare)(flags)
static int threads_body(void *argument)
{
	pthread_barrier_t barrier;
	pthread_t thread;
	char cwd[64];

	(void)argument;
	pthread_barrier_init(&barrier, NULL, 2);
	must(-pthread_create(&thread, NULL, wait_for_ever, &barrier), "pthread_create");
	pthread_barrier_wait(&barrier);
	say_result("THREAD", mntcompat_unshare(EMPTY | CLONE_THREAD));
	say_result("VM", mntcompat_unshare(EMPTY | CLONE_VM));
	say_result("NEWUSER", mntcompat_unshare(EMPTY | CLONE_NEWUSER));
	say_result("alone", mntcompat_unshare(EMPTY));
	say("cwd %s", !getcwd(cwd, sizeof(cwd))				       ? errno_name(errno) :
		      strncmp(cwd, scenario_world(), strlen(scenario_world())) ? cwd :
										 "as before");
	return 0;
}
#undef mntcompat_unshare
#define mntcompat_unshare(flags) checked_unshare(flags)

SCENARIO(run_threads)
{
	in_child(threads_body, NULL);
}

/* --- the namespace --- */

SCENARIO(run_root)
{
	struct stat root, cwd;
	char path[64];

	if (!enter_empty())
		return;
	must(stat("/", &root), "/");
	must(stat(".", &cwd), ".");
	say("cwd %s, root and cwd %s", getcwd(path, sizeof(path)) ? path : errno_name(errno),
	    root.st_ino == cwd.st_ino && root.st_dev == cwd.st_dev ? "same" : "differ");
	say("mode %#o, owner %u:%u", root.st_mode, root.st_uid, root.st_gid);
	say_result("..", chdir(".."));
	must(stat(".", &cwd), ".");
	say("above the root: %s",
	    root.st_ino == cwd.st_ino && root.st_dev == cwd.st_dev ? "the root" : "something");
	open_tree_say_names("names", "/");
	say_result("access", access("/name", F_OK));
	say_result("tree", access("/tree", F_OK));
}

SCENARIO(run_links)
{
	struct stat root;

	if (!enter_empty())
		return;
	must(stat("/", &root), "/");
	say("links %u, size %lld", (unsigned int)root.st_nlink, (long long)root.st_size);
}

SCENARIO(run_create)
{
	if (!enter_empty())
		return;
	say_result("open", open("/name", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	say_result("open, O_EXCL", open("/name", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
	say_result("mkdir", mkdir("/name", 0755));
	say_result("mknod", mknod("/name", S_IFIFO | 0644, 0));
	say_result("symlink", symlink("target", "/name"));
	say_result("unlink", unlink("/name"));
	say_result("rmdir", rmdir("/name"));
	say_result("rename", rename("/name", "/other"));
	say_result("link", link("/name", "/other"));
	open_tree_say_names("names", "/");
}

SCENARIO(run_tmpfile)
{
	if (!enter_empty())
		return;
	say_result("O_TMPFILE", open("/", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644));
	say_result("mkdir .", mkdir("/.", 0755));
	say_result("open for writing", open("/", O_WRONLY | O_CLOEXEC));
}

SCENARIO(run_change)
{
	struct timeval times[2] = { { 1, 0 }, { 1, 0 } };

	if (!enter_empty())
		return;
	say_result("chmod", chmod("/", 0777));
	say_result("chown", chown("/", 1, 1));
	say_result("utimes", utimes("/", times));
}

SCENARIO(run_kind)
{
	struct statfs fs;
	int fd;

	if (!enter_empty())
		return;
	must(statfs("/", &fs), "statfs");
	say("magic %#lx, read-only %d", (unsigned long)fs.f_type, !!(fs.f_flags & 1));
	fd = must_fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
	say_statmount_fd("statmount", fd,
			 MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_FS_TYPE |
				 MNTCOMPAT_STATMOUNT_MNT_ROOT);
}

SCENARIO(run_statmount)
{
	int fd;

	if (!enter_empty())
		return;
	fd = must_fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
	say_statmount_fd("statmount", fd,
			 MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_PROPAGATE_FROM);
}

SCENARIO(run_parent)
{
	int fd;

	if (!enter_empty())
		return;
	fd = must_fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
	say_statmount_fd("statmount", fd, MNTCOMPAT_STATMOUNT_MNT_BASIC);
}

SCENARIO(run_every_field)
{
	struct mntcompat_statmount answer;
	uint64_t id;
	int fd;

	if (!enter_empty())
		return;
	fd = must_fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
	id = statmount_unique_id(fd);
	say_statmount_fd("by fd", fd, ALL_BUT_IDS);
	say_statmount_id("by id", id, ALL_BUT_IDS);
	say_statmount_fd("mount point alone", fd, MNTCOMPAT_STATMOUNT_MNT_POINT);
	say_result("another id",
		   statmount_id(id + 1000, MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer, sizeof(answer)));
}

/* Of another process, each field alone. Something is mounted there: an empty namespace has no
 * mounts for others. */
SCENARIO(run_outside)
{
	static const struct {
		const char *label;
		uint64_t mask;
	} fields[] = {
		{ "basic", MNTCOMPAT_STATMOUNT_MNT_BASIC },
		{ "superblock", MNTCOMPAT_STATMOUNT_SB_BASIC },
		{ "type", MNTCOMPAT_STATMOUNT_FS_TYPE },
		{ "root", MNTCOMPAT_STATMOUNT_MNT_ROOT },
		{ "source", MNTCOMPAT_STATMOUNT_SB_SOURCE },
		{ "two", MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_MNT_ROOT },
	};
	int ready[2], fd, status;
	char path[64], byte;
	pid_t pid;

	must(pipe2(ready, O_CLOEXEC), "pipe");
	pid = fork();
	must(pid, "fork");
	if (pid == 0) {
		/* It is the last to write, and waits for what nobody sends. */
		if (mntcompat_unshare(EMPTY) ||
		    sys_move_mount(sys_fsmount_tmpfs(), "", AT_FDCWD, "/", 4) ||
		    write(ready[1], "+", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/root", pid);
		fd = must_fd(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), path);
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
			say_statmount_fd(fields[i].label, fd, fields[i].mask);
		close(fd);
	} else {
		say("unshare: refused");
	}
	kill(pid, SIGKILL);
	must(waitpid(pid, &status, 0), "waitpid");
	close(ready[0]);
}

static void say_listed(const char *label, uint64_t below, uint64_t root, unsigned int flags)
{
	struct mntcompat_mnt_id_req req = { .size = sizeof(req), .mnt_id = below };
	uint64_t ids[8];
	ssize_t n = mntcompat_listmount(&req, ids, ARRAY_SIZE(ids), flags);

	if (n < 0)
		say_result(label, n);
	else
		say("%s: %zd%s", label, n, n == 1 && ids[0] == root ? ", the root" : "");
}

SCENARIO(run_listed)
{
	uint64_t id;
	int fd;

	if (!enter_empty())
		return;
	fd = must_fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
	id = statmount_unique_id(fd);
	say_listed("all", MNTCOMPAT_LSMT_ROOT, id, 0);
	say_listed("all, reverse", MNTCOMPAT_LSMT_ROOT, id, MNTCOMPAT_LISTMOUNT_REVERSE);
	say_listed("below the root", id, id, 0);
	say_listed("below another id", id + 1000, id, 0);
}

/* With another filesystem as root, below which the empty root lies. */
SCENARIO(run_covered)
{
	uint64_t id, top;
	int fd;

	if (!enter_empty())
		return;
	fd = must_fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
	id = statmount_unique_id(fd);
	fd = sys_fsmount_tmpfs();
	must(sys_move_mount(fd, "", AT_FDCWD, "/", 4), "move_mount");
	say_listed("all, below it", MNTCOMPAT_LSMT_ROOT, id, 0);
	must(fchdir(fd), "fchdir");
	must(chroot("."), "chroot");
	top = statmount_unique_id(fd);
	say_statmount_fd("mount point alone", fd, MNTCOMPAT_STATMOUNT_MNT_POINT);
	say_listed("all", MNTCOMPAT_LSMT_ROOT, top, 0);
	say_listed("below the empty root", id, top, 0);
	say_statmount_fd("the new root", fd, MNTCOMPAT_STATMOUNT_MNT_BASIC);
	say_statmount_id("the empty root", id,
			 MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC |
				 MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_MNT_ROOT |
				 MNTCOMPAT_STATMOUNT_MNT_POINT);
}

SCENARIO(run_umount)
{
	if (!enter_empty())
		return;
	say_result("umount", umount2("/", 0));
	say_result("umount lazily", umount2("/", MNT_DETACH));
	open_tree_say_names("names", "/");
}

SCENARIO(run_mount_on_root)
{
	if (!enter_empty())
		return;
	say_result("mount", mount("tmpfs", "/", "tmpfs", 0, NULL));
	open_tree_say_names("names", "/");
	say_result("mkdir", mkdir("/name", 0755));
}

SCENARIO(run_new_root)
{
	int fd;

	if (!enter_empty())
		return;
	fd = sys_fsmount_tmpfs();
	say_result("move_mount", sys_move_mount(fd, "", AT_FDCWD, "/", 4));
	say_result("fchdir", fchdir(fd));
	say_result("chroot", chroot("."));
	say_result("create", open("/name", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	say_result("mkdir", mkdir("/dir", 0755));
	say_result("mount", mount("tmpfs", "/dir", "tmpfs", 0, NULL));
	open_tree_say_names("names", "/");
	say_result("pivot_root", chdir("/dir") ? -1 : sys_pivot_root(".", "."));
	fd = mntcompat_open_tree(AT_FDCWD, "/", NS | RECURSIVE);
	say_result("open_tree", fd);
}

SCENARIO(run_old)
{
	int dir = must_fd(open("tree", O_PATH | O_DIRECTORY | O_CLOEXEC), "tree");
	int own = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "mnt"), fd;

	if (!enter_empty())
		return;
	open_tree_say_file_at("file of the old namespace", dir, "file");
	fd = sys_open_tree(dir, "", CLONE | EMPTY_PATH | CLOEXEC);
	say_result("cloned", fd);
	say_result("fchdir", fchdir(dir));
	open_tree_say_file("from there", "file");
	say_result("back", enter_namespace(own));
	say_result("the old root", access(scenario_world(), F_OK));
}

SCENARIO(run_twice)
{
	int first, second;

	if (!enter_empty())
		return;
	first = must_fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
	if (!enter_empty())
		return;
	second = must_fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
	say("the mounts %s",
	    statmount_unique_id(first) == statmount_unique_id(second) ? "are one" : "differ");
	open_tree_say_names("names", "/");
}

SCENARIO(run_twice_together)
{
	static const struct attempt attempts[] = {
		{ "alone", EMPTY },
		{ "NEWNS", EMPTY | CLONE_NEWNS },
		{ "FS", EMPTY | CLONE_FS },
		{ "FILES", EMPTY | CLONE_FILES },
		{ "SYSVSEM", EMPTY | CLONE_SYSVSEM },
		{ "NEWUTS", EMPTY | CLONE_NEWUTS },
		{ "NEWIPC", EMPTY | CLONE_NEWIPC },
		{ "NEWNET", EMPTY | CLONE_NEWNET },
		{ "NEWPID", EMPTY | CLONE_NEWPID },
		{ "NEWCGROUP", EMPTY | CLONE_NEWCGROUP },
		{ "NEWUSER", EMPTY | CLONE_NEWUSER },
		{ "NEWUSER, unknown bit", EMPTY | CLONE_NEWUSER | 1 },
		{ "six",
		  EMPTY | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID | CLONE_FILES },
	};

	if (!enter_empty())
		return;
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
		say_unshare(attempts[i].label, attempts[i].flags);
}

static int in_other(void *argument)
{
	(void)argument;
	enter_empty();
	return 0;
}

SCENARIO(run_parent_process)
{
	in_child(in_other, NULL);
	open_tree_say_file("the parent", "tree/file");
}

#define S(name, doc, levels, run) \
	{ \
		"unshare/" name, doc, levels, prepare_tree, run \
	}
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS)

const struct scenario unshare_scenarios[] = {
	S("call/unknown", "unknown bits are EINVAL", PRIVILEGED, run_unknown),
	S("call/together", "with other flags", PRIVILEGED, run_together),
	S("call/with-user-namespace", "with a new user namespace in the same call", PRIVILEGED,
	  run_with_user_namespace),
	S("call/after-user-namespace", "in a user namespace that does not own the mount namespace",
	  PRIVILEGED, run_after_user_namespace),
	S("call/privilege", "EPERM without CAP_SYS_ADMIN, after the flags", PRIVILEGED,
	  run_privilege),
	S("call/sys-admin-alone", "CAP_SYS_ADMIN suffices", PRIVILEGED, run_sys_admin_alone),
	S("call/user", "EPERM without privilege, after the flags", SCENARIO_USER, run_user),
	S("call/limit", "max_mnt_namespaces", PRIVILEGED, run_limit),
	S("call/others", "other flags alone", PRIVILEGED, run_others),
	S("call/threads", "in a process with another thread", PRIVILEGED, run_threads),
	S("root/directory", "root and cwd are an empty directory", PRIVILEGED, run_root),
	S("root/links", "its links and size", PRIVILEGED, run_links),
	S("root/create", "nothing can be made in it", PRIVILEGED, run_create),
	S("root/tmpfile", "nor opened for writing", PRIVILEGED, run_tmpfile),
	S("root/change", "nor can it be changed", PRIVILEGED, run_change),
	S("root/kind", "it is nullfs", PRIVILEGED, run_kind),
	S("root/statmount", "mounted on / for itself", PRIVILEGED, run_statmount),
	S("root/parent", "its own parent, private, without flags", PRIVILEGED, run_parent),
	S("root/every-field", "the other fields, by fd and by id", PRIVILEGED, run_every_field),
	S("root/outside", "seen by another process, field by field", PRIVILEGED, run_outside),
	S("root/listed", "it is the only mount that is listed", PRIVILEGED, run_listed),
	S("root/covered", "with another mount as root", PRIVILEGED, run_covered),
	S("root/umount", "it cannot be unmounted", PRIVILEGED, run_umount),
	S("root/mount", "a mount on it is not entered", PRIVILEGED, run_mount_on_root),
	S("root/new-root", "a filesystem put over it becomes the root", PRIVILEGED, run_new_root),
	S("namespace/old", "open descriptors stay open, and lead back", PRIVILEGED, run_old),
	S("namespace/twice", "each call makes another", PRIVILEGED, run_twice),
	S("namespace/twice-together", "another one, with other flags", PRIVILEGED,
	  run_twice_together),
	S("namespace/parent", "no other process is moved", PRIVILEGED, run_parent_process),
	{ .name = NULL },
};
