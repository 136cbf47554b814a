// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * move-mount.c - move_mount: flags, MOVE_MOUNT_BENEATH, MOVE_MOUNT_SET_GROUP, detached trees.
 * May touch only the scenario's own process, its world and the children it starts.
 * Listed in scenario.c as move_mount_scenarios; states section 5.6 of the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/capability.h>

#include "mount-attr-common.h"

#define F_EMPTY MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH
#define T_EMPTY MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH
#define SET_GROUP MNTCOMPAT_MOVE_MOUNT_SET_GROUP
#define BENEATH MNTCOMPAT_MOVE_MOUNT_BENEATH

static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	make_file("tree/file", "tree");
	mount_tmpfs("other", "mode=755");
	make_file("other/file", "other");
	make_dir("plain");
	make_file("regular", "regular");
}

static int clone_of(const char *path)
{
	return must_fd(sys_open_tree(AT_FDCWD, path, CLONE | CLOEXEC), "open_tree");
}

SCENARIO(run_flags)
{
	static const unsigned int known = 0x377;

	for (unsigned int bit = 0; bit < 32; bit++) {
		char label[32];

		if (known & 1u << bit)
			continue;
		snprintf(label, sizeof(label), "1<<%u", bit);
		say_result(label, mntcompat_move_mount(-1, "", -1, "", 1u << bit));
	}
	say_result("BENEATH and SET_GROUP",
		   mntcompat_move_mount(-1, "", -1, "", BENEATH | SET_GROUP));
}

static void say_paths(unsigned int flags)
{
	say("flags %#x", flags);
	say_result(" all bad", mntcompat_move_mount(-1, "x", -1, "x", flags));
	say_result(" NULL", mntcompat_move_mount(AT_FDCWD, NULL, AT_FDCWD, NULL, flags));
	say_result(" empty", mntcompat_move_mount(AT_FDCWD, "", AT_FDCWD, "", flags));
	say_result(" missing from",
		   mntcompat_move_mount(AT_FDCWD, "missing", AT_FDCWD, "other", flags));
	say_result(" missing to",
		   mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "missing", flags));
	say_result(" below a file",
		   mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "regular/x", flags));
	say_result(" bad fd from", mntcompat_move_mount(-1, "tree", AT_FDCWD, "other", flags));
	say_result(" bad fd to", mntcompat_move_mount(AT_FDCWD, "tree", -1, "other", flags));
}

SCENARIO(run_paths)
{
	say_paths(0);
	say_paths(BENEATH);
	say_paths(SET_GROUP);
}

SCENARIO(run_privilege)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	say_result("move", mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "plain", 0));
	say_result("BENEATH", mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "other", BENEATH));
	say_result("unknown flag", mntcompat_move_mount(-1, NULL, -1, NULL, 0x80000000));
}

SCENARIO(run_plain)
{
	int fd = clone_of("tree");

	say_result("a detached mount", mntcompat_move_mount(fd, "", AT_FDCWD, "plain", F_EMPTY));
	open_tree_say_file("plain/file", "plain/file");
	say_result("once more", mntcompat_move_mount(fd, "", AT_FDCWD, "plain", F_EMPTY));
	say_result("a mount", mntcompat_move_mount(AT_FDCWD, "other", AT_FDCWD, "plain", 0));
	open_tree_say_file("plain/file", "plain/file");
	say_result("not a mount's root",
		   mntcompat_move_mount(AT_FDCWD, "regular", AT_FDCWD, "plain", 0));
	say_result("a directory on a file",
		   mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "regular", 0));
}

SCENARIO(run_beneath)
{
	int fd = clone_of("other");

	say_result("BENEATH", mntcompat_move_mount(fd, "", AT_FDCWD, "tree", F_EMPTY | BENEATH));
	open_tree_say_file("on top", "tree/file");
	must(umount2("tree", 0), "umount2");
	open_tree_say_file("below", "tree/file");
}

SCENARIO(run_beneath_refused)
{
	int fd = clone_of("other");

	say_result("not a mount point",
		   mntcompat_move_mount(fd, "", AT_FDCWD, "plain", F_EMPTY | BENEATH));
	say_result("itself", mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "tree", BENEATH));
}

static int beneath_root(void *argument)
{
	int fd = clone_of("other");

	(void)argument;
	must(chroot("tree"), "chroot");
	say_result("BENEATH the root",
		   mntcompat_move_mount(fd, "", AT_FDCWD, "/", F_EMPTY | BENEATH));
	return 0;
}

SCENARIO(run_beneath_root)
{
	in_child(beneath_root, NULL);
}

static int beneath_directory(void *argument)
{
	int fd = clone_of("other");

	(void)argument;
	must(chroot("plain"), "chroot");
	say_result("BENEATH the root, a directory",
		   mntcompat_move_mount(fd, "", AT_FDCWD, "/", F_EMPTY | BENEATH));
	return 0;
}

SCENARIO(run_beneath_directory)
{
	in_child(beneath_directory, NULL);
}

SCENARIO(run_set_group_unbindable)
{
	mount_propagation("tree", MS_SHARED);
	mount_bind("tree", "plain", false);
	mount_propagation("plain", MS_PRIVATE);
	mount_propagation("plain", MS_UNBINDABLE);
	say_result("unbindable",
		   mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "plain", SET_GROUP));
	mount_attr_say("plain", "plain");
}

SCENARIO(run_set_group)
{
	mount_propagation("tree", MS_SHARED);
	mount_bind("tree", "plain", false);
	mount_propagation("plain", MS_PRIVATE);
	say_result("SET_GROUP",
		   mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "plain", SET_GROUP));
	mount_attr_say("plain", "plain");
}

/* The mount at tree in a copy of the caller's mount namespace that lives on without a process. */
static int tree_elsewhere(int own, bool shared, int *copy)
{
	int cwd = must_fd(open(".", O_PATH | O_CLOEXEC), "."), fd;

	must(unshare(CLONE_NEWNS), "unshare");
	if (shared)
		mount_propagation("tree", MS_SHARED);
	fd = must_fd(open("tree", O_PATH | O_CLOEXEC), "tree");
	*copy = must_fd(open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC), "ns/mnt");
	must(setns(own, CLONE_NEWNS), "setns");
	must(fchdir(cwd), "fchdir");
	close(cwd);
	return fd;
}

SCENARIO(run_set_group_elsewhere)
{
	int own = must_fd(open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC), "ns/mnt");
	int copies[2], from = tree_elsewhere(own, true, &copies[0]);
	int to = tree_elsewhere(own, false, &copies[1]);

	say_result("elsewhere",
		   mntcompat_move_mount(from, "", to, "", SET_GROUP | F_EMPTY | T_EMPTY));
}

SCENARIO(run_set_group_refused)
{
	say_result("private", mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "other", SET_GROUP));
	mount_propagation("tree", MS_SHARED);
	say_result("another filesystem",
		   mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "other", SET_GROUP));
}

SCENARIO(run_detached)
{
	int fd, to = clone_of("tree");

	must(mkdir("tree/dir", 0755), "mkdir");
	fd = clone_of("other");
	say_result("detached to detached", mntcompat_move_mount(fd, "", to, "dir", F_EMPTY));
	fd = must_fd(sys_open_tree(AT_FDCWD, "other", 0), "open_tree");
	say_result("attached to detached", mntcompat_move_mount(fd, "", to, "dir", F_EMPTY));
}

#define S(name, doc, levels, run) \
	{ \
		"move-mount/" name, doc, levels, prepare_tree, run \
	}
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS)

const struct scenario move_mount_scenarios[] = {
	S("call/flags", "unknown flags and BENEATH with SET_GROUP are EINVAL", PRIVILEGED,
	  run_flags),
	S("call/paths", "the place is looked up first, then the mount", PRIVILEGED, run_paths),
	S("call/privilege", "EPERM before everything else", SCENARIO_ALL, run_privilege),
	S("plain/move", "attaching and moving", PRIVILEGED, run_plain),
	S("beneath/mount", "under a mount", PRIVILEGED, run_beneath),
	S("beneath/refused", "not where nothing is mounted", PRIVILEGED, run_beneath_refused),
	S("beneath/root", "under the root", PRIVILEGED, run_beneath_root),
	S("beneath/directory", "not under a root that is a directory", PRIVILEGED,
	  run_beneath_directory),
	S("set-group/unbindable", "not for an unbindable mount", PRIVILEGED,
	  run_set_group_unbindable),
	S("set-group/elsewhere", "from and to mounts of other mount namespaces", PRIVILEGED,
	  run_set_group_elsewhere),
	S("set-group/join", "a private mount joins a peer group", PRIVILEGED, run_set_group),
	S("set-group/refused", "only with a group, on the same filesystem", PRIVILEGED,
	  run_set_group_refused),
	S("detached/tree", "a detached tree on a detached tree", PRIVILEGED, run_detached),
	{ .name = NULL },
};
