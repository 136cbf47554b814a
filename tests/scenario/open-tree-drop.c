// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open-tree-drop.c - OPEN_TREE_DROP_MNTNS_MOUNTS of Linux 7.4: clones without the files of mount
 * namespaces. Expected by reasoning (expected/reasoned.txt) until a released kernel has the flag.
 * Touches only the scenario's own world.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "open-tree-common.h"

#define DROP MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS

static void prepare_drop(void)
{
	mount_tmpfs("tree", "mode=755");
	mount_tmpfs("tree/sub", "mode=700");
	make_file("tree/pin-mnt", "covered by a mount namespace");
	make_file("tree/pin-uts", "covered by a uts namespace");
	make_file("tree/file", "a file");
	make_dir("place");
	open_tree_order_namespaces();
}

static void pin_both(void)
{
	open_tree_pin_namespace("tree/pin-mnt");
	mount_bind("/proc/self/ns/uts", "tree/pin-uts", false);
}

static int attach(const char *label, int fd)
{
	int ret = sys_move_mount(fd, "", AT_FDCWD, "place", MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH);

	say_result(label, ret);
	return ret;
}

/* Attaches a clone and tells what came with it: the files by content, the rest mount by mount. */
static void say_clone(const char *label, const char *path, unsigned int flags)
{
	int fd = mntcompat_open_tree(AT_FDCWD, path, CLONE | CLOEXEC | flags);
	struct stat st;

	say_result(label, fd);
	if (fd < 0)
		return;
	if (attach("  attached", fd) == 0) {
		if (stat("place/pin-mnt", &st) == 0)
			say("  pin-mnt: %s", st.st_size ? "a file" : "a namespace");
		if (stat("place/pin-uts", &st) == 0)
			say("  pin-uts: %s", st.st_size ? "a file" : "a namespace");
		open_tree_describe("  as a namespace", "place", RECURSIVE);
		say_result("  unmounted", open_tree_umount("place", MNT_DETACH));
	}
	close(fd);
}

SCENARIO(run_drop_flags)
{
	open_tree_say("DROP", AT_FDCWD, "tree", DROP);
	open_tree_say("DROP, RECURSIVE", AT_FDCWD, "tree", DROP | RECURSIVE);
	open_tree_say("DROP, bad path", AT_FDCWD, NULL, DROP);
	open_tree_say("CLONE, DROP", AT_FDCWD, "tree", CLONE | DROP);
	open_tree_say("CLONE, DROP, RECURSIVE", AT_FDCWD, "tree", CLONE | DROP | RECURSIVE);
	open_tree_say("CLONE, DROP, unknown", AT_FDCWD, "tree", CLONE | DROP | 8);
	open_tree_say("CLONE, DROP, no path", AT_FDCWD, NULL, CLONE | DROP | RECURSIVE);
	open_tree_say("CLONE, DROP, missing", AT_FDCWD, "none", CLONE | DROP | RECURSIVE);
	open_tree_say("NAMESPACE, DROP", AT_FDCWD, "tree", NS | DROP);
	open_tree_say("NAMESPACE, DROP, RECURSIVE", AT_FDCWD, "tree", NS | DROP | RECURSIVE);
	open_tree_say("NAMESPACE, CLONE, DROP", AT_FDCWD, "tree", NS | CLONE | DROP);
}

SCENARIO(run_drop_privilege)
{
	open_tree_say("DROP", AT_FDCWD, "tree", DROP);
	open_tree_say("CLONE, DROP", AT_FDCWD, "tree", CLONE | DROP | RECURSIVE);
	open_tree_say("CLONE, DROP, unknown", AT_FDCWD, "tree", CLONE | DROP | 8);
	open_tree_say("CLONE, DROP, missing", AT_FDCWD, "none", CLONE | DROP | RECURSIVE);
	open_tree_say("NAMESPACE, DROP, missing", AT_FDCWD, "none", NS | DROP);
}

SCENARIO(run_drop_left_out)
{
	pin_both();
	say_clone("not left out", "tree", RECURSIVE);
	say_clone("left out", "tree", RECURSIVE | DROP);
	say_clone("not recursive", "tree", DROP);
}

SCENARIO(run_drop_shared)
{
	mount_propagation("tree", MS_SHARED | MS_REC);
	pin_both();
	say_clone("shared", "tree", RECURSIVE | DROP);
}

SCENARIO(run_drop_nothing)
{
	say_clone("nothing to leave out", "tree", RECURSIVE | DROP);
	say_clone("a directory", "tree/sub", RECURSIVE | DROP);
}

static int attach_in_younger(void *arg)
{
	int *fds = arg;

	must(unshare(CLONE_NEWNS), "unshare");
	attach("with the file", fds[0]);
	attach("without it", fds[1]);
	return 0;
}

SCENARIO(run_drop_younger)
{
	int fds[2];

	open_tree_pin_namespace("tree/pin-mnt");
	fds[0] = mntcompat_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE);
	fds[1] = mntcompat_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE | DROP);
	say_result("clone", fds[0]);
	say_result("clone without the file", fds[1]);
	if (fds[0] < 0 || fds[1] < 0)
		return;
	open_tree_order_namespaces();
	in_child(attach_in_younger, fds);
}

SCENARIO(run_drop_files)
{
	pin_both();
	open_tree_say("a file", AT_FDCWD, "tree/file", CLONE | DROP | RECURSIVE);
	open_tree_say("a uts namespace", AT_FDCWD, "tree/pin-uts", CLONE | DROP | RECURSIVE);
	open_tree_say("a mount namespace", AT_FDCWD, "tree/pin-mnt", CLONE | DROP | RECURSIVE);
	open_tree_say("a mount namespace, not recursive", AT_FDCWD, "tree/pin-mnt", CLONE | DROP);
}

SCENARIO(run_drop_covered)
{
	int lower = must_fd(open("tree/sub", O_PATH | O_DIRECTORY | O_CLOEXEC), "open");
	int file = must_fd(open("tree/file", O_PATH | O_CLOEXEC), "open");

	open_tree_say("directory", lower, "", CLONE | DROP | RECURSIVE | EMPTY_PATH);
	open_tree_say("file", file, "", CLONE | DROP | RECURSIVE | EMPTY_PATH);
	mount_tmpfs("tree/sub", "mode=755");
	mount_bind("tree/pin-uts", "tree/file", false);
	open_tree_say("covered directory", lower, "", CLONE | DROP | RECURSIVE | EMPTY_PATH);
	open_tree_say("covered file", file, "", CLONE | DROP | RECURSIVE | EMPTY_PATH);
}

SCENARIO(run_drop_attributes)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC };
	int fd;

	pin_both();
	fd = mntcompat_open_tree_attr(AT_FDCWD, "tree", CLONE | DROP | RECURSIVE, &attr,
				      sizeof(attr));
	say_result("with attributes", fd);
	if (fd < 0 || attach("attached", fd))
		return;
	open_tree_describe("as a namespace", "place", RECURSIVE);
}

const struct scenario open_tree_drop_scenarios[] = {
	{ "linux-7.4/drop/flags", "flags, and the order of errors (5.8)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_drop, run_drop_flags },
	{ "linux-7.4/drop/privilege",
	  "flags come before privilege, privilege before the path (5.8)", SCENARIO_USER,
	  prepare_drop, run_drop_privilege },
	{ "linux-7.4/drop/left-out",
	  "files of mount namespaces are left out, other namespaces' files are not (5.8)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_drop, run_drop_left_out },
	{ "linux-7.4/drop/shared", "the clone is in the peer groups of its source (5.8)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_drop, run_drop_shared },
	{ "linux-7.4/drop/nothing", "a tree that holds no such file is cloned whole (5.8)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_drop, run_drop_nothing },
	{ "linux-7.4/drop/younger", "the clone can be attached in a younger namespace (5.8)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_drop, run_drop_younger },
	{ "linux-7.4/drop/files", "files, and files of namespaces, as sources (5.8)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_drop, run_drop_files },
	{ "linux-7.4/drop/covered", "an fd of a mount that another covers (5.8)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_drop, run_drop_covered },
	{ "linux-7.4/drop/attributes", "open_tree_attr with the flag (5.8)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_drop, run_drop_attributes },
	{ NULL, NULL, 0, NULL, NULL },
};
