// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * detached.c - detached trees: cloning them, attaching to them, attributes of what is in them.
 * May touch only the scenario's own process, its world and the children it starts.
 * Listed in scenario.c as detached_scenarios; states sections 1.2, 5.1, 5.2 and 5.6 of the
 * reference.
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
#define BENEATH MNTCOMPAT_MOVE_MOUNT_BENEATH

/* tree, with tree/sub on it, tree/sub/deep on that, and a file under tree/sub; other; two plain
 * directories. */
static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755,size=64k");
	make_file("tree/file", "tree");
	make_dir("tree/dir");
	make_dir("tree/dir/inner");
	make_file("tree/dir/file", "dir");
	make_dir("tree/sub");
	make_file("tree/sub/file", "covered");
	mount_tmpfs("tree/sub", "mode=755,size=128k");
	make_file("tree/sub/file", "sub");
	mount_tmpfs("tree/sub/deep", "mode=755,size=192k");
	make_file("tree/sub/deep/file", "deep");
	mount_tmpfs("other", "mode=755,size=256k");
	make_file("other/file", "other");
	make_dir("plain");
	make_dir("second");
	make_file("regular", "regular");
}

static int detached(const char *path, unsigned int flags)
{
	return must_fd(sys_open_tree(AT_FDCWD, path, CLONE | CLOEXEC | flags), "open_tree");
}

static bool attach(const char *label, int fd, const char *to)
{
	int ret = mntcompat_move_mount(fd, "", AT_FDCWD, to, F_EMPTY);

	say_result(label, ret);
	return ret == 0;
}

/* --- clones --- */

static void say_content(const char *path)
{
	static const char *const files[] = { "file", "inner", "dir/file", "sub/file",
					     "sub/deep/file" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char name[64], label[64];

		snprintf(name, sizeof(name), "%s/%s", path, files[i]);
		snprintf(label, sizeof(label), " %s", files[i]);
		open_tree_say_file(label, name);
	}
}

/* A clone of @path below @tree; what is in it shows when it is attached. */
static void clone_and_look(const char *label, int tree, const char *path, unsigned int flags)
{
	int fd = mntcompat_open_tree(tree, path, CLONE | CLOEXEC | flags);

	say_result(label, fd);
	if (fd < 0)
		return;
	if (attach(" attach", fd, "plain")) {
		say_content("plain");
		must(umount2("plain", MNT_DETACH), "umount2");
	}
	close(fd);
}

SCENARIO(run_clone_tree)
{
	int tree = detached("tree", RECURSIVE);

	clone_and_look("root", tree, "", EMPTY_PATH);
	clone_and_look("root, RECURSIVE", tree, "", EMPTY_PATH | RECURSIVE);
	clone_and_look("directory", tree, "dir", 0);
	clone_and_look("child mount", tree, "sub", 0);
	clone_and_look("child mount, RECURSIVE", tree, "sub", RECURSIVE);
	clone_and_look("dot, RECURSIVE", tree, ".", RECURSIVE);
	attach("the tree itself", tree, "second");
	say_content("second");
}

SCENARIO(run_clone_single)
{
	int tree = detached("tree", 0);

	clone_and_look("root", tree, "", EMPTY_PATH);
	clone_and_look("root, RECURSIVE", tree, "", EMPTY_PATH | RECURSIVE);
	clone_and_look("directory", tree, "dir", 0);
	open_tree_say("file", tree, "file", CLONE);
	open_tree_say("missing", tree, "missing", CLONE);
	open_tree_say("below a file", tree, "file/x", CLONE);
	open_tree_say("empty path without AT_EMPTY_PATH", tree, "", CLONE);
}

SCENARIO(run_clone_new)
{
	int tree = must_fd(sys_fsmount_tmpfs(), "fsmount"), file;

	file = must_fd(openat(tree, "file", O_RDWR | O_CREAT | O_CLOEXEC, 0644), "file");
	must(write(file, "new", 3), "write");
	must(mkdirat(tree, "dir", 0755), "mkdirat");
	clone_and_look("root", tree, "", EMPTY_PATH);
	clone_and_look("directory", tree, "dir", 0);
	open_tree_say("file", tree, "file", CLONE);
	attach("the mount itself", tree, "second");
}

SCENARIO(run_clone_clone)
{
	int tree = detached("tree", 0), first, second;

	first = mntcompat_open_tree(tree, "", CLONE | CLOEXEC | EMPTY_PATH);
	say_result("clone of a detached mount", first);
	if (first < 0)
		return;
	second = mntcompat_open_tree(first, "dir", CLONE | CLOEXEC);
	say_result("clone of a directory in that", second);
	close(tree);
	close(first);
	open_tree_say_file_at("when both are gone", second, "file");
}

/* Refused by every kernel, whether it can clone detached trees or not. */
SCENARIO(run_clone_refused)
{
	int tree = detached("tree", RECURSIVE), root, sub, lower;

	root = must_fd(openat(tree, ".", O_PATH | O_CLOEXEC), "open");
	sub = must_fd(openat(tree, "sub", O_PATH | O_CLOEXEC), "open");
	close(tree);
	open_tree_say("dissolved, root", root, "", CLONE | EMPTY_PATH);
	open_tree_say("dissolved, child", sub, "", CLONE | EMPTY_PATH);
	open_tree_say("dissolved, file", root, "file", CLONE);
	lower = must_fd(open("other", O_PATH | O_CLOEXEC), "open");
	must(umount2("other", MNT_DETACH), "umount2");
	open_tree_say("unmounted", lower, "", CLONE | EMPTY_PATH);
	mount_propagation("tree", MS_UNBINDABLE);
	open_tree_say("unbindable", AT_FDCWD, "tree", CLONE);
	open_tree_say("a pipe", 0, "/proc/self/fd/0", CLONE);
}

SCENARIO(run_clone_unbindable)
{
	int tree = detached("tree", RECURSIVE), covered;

	mount_propagation("tree/sub", MS_UNBINDABLE);
	covered = detached("tree", 0);
	say_result("make it unbindable",
		   mntcompat_mount_setattr(
			   covered, "", EMPTY_PATH,
			   &(struct mntcompat_mount_attr){ .propagation = MS_UNBINDABLE },
			   sizeof(struct mntcompat_mount_attr)));
	open_tree_say("unbindable", covered, "", CLONE | EMPTY_PATH);
	open_tree_say("a directory in it", covered, "dir", CLONE);
	close(tree);
}

SCENARIO(run_clone_propagation)
{
	int tree, fd;

	mount_propagation("tree", MS_SHARED);
	tree = detached("tree", 0);
	fd = mntcompat_open_tree(tree, "", CLONE | CLOEXEC | EMPTY_PATH);
	say_result("shared", fd);
	if (fd < 0)
		return;
	attach("attach", fd, "plain");
	mount_attr_say_fd("clone", fd, "tree");
}

SCENARIO(run_clone_attributes)
{
	int tree, fd;

	must(mount(NULL, "tree", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NOEXEC | MS_NOATIME,
		   NULL),
	     "remount");
	tree = detached("tree", 0);
	fd = mntcompat_open_tree(tree, "", CLONE | CLOEXEC | EMPTY_PATH);
	say_result("clone", fd);
	if (fd < 0)
		return;
	attach("attach", fd, "plain");
	mount_attr_say("clone", "plain");
}

SCENARIO(run_clone_other_namespace)
{
	int tree = detached("tree", RECURSIVE);

	must(unshare(CLONE_NEWNS), "unshare");
	open_tree_say("of another namespace's tree", tree, "", CLONE | EMPTY_PATH);
	open_tree_say("the same, RECURSIVE", tree, "", CLONE | EMPTY_PATH | RECURSIVE);
}

static int held = -1;

static void prepare_held(void)
{
	prepare_tree();
	held = detached("tree", RECURSIVE);
}

SCENARIO(run_privilege)
{
	struct mntcompat_mount_attr attr = { .attr_set = NOSUID };
	int plain = must_fd(open("plain", O_PATH | O_CLOEXEC), "open");

	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	open_tree_say("clone", held, "", CLONE | EMPTY_PATH);
	open_tree_say("clone of something missing", held, "missing", CLONE);
	open_tree_say("clone and an unknown flag", held, "", CLONE | EMPTY_PATH | 8);
	open_tree_say("without a clone", held, "", EMPTY_PATH);
	say_result("attach", mntcompat_move_mount(held, "", plain, "", F_EMPTY | T_EMPTY));
	say_result("attributes",
		   mntcompat_mount_setattr(held, "", EMPTY_PATH, &attr, sizeof(attr)));
	close(held);
}

SCENARIO(run_clone_attr)
{
	struct mntcompat_mount_attr attr = { .attr_set = NOSUID | NOEXEC };
	int tree = detached("tree", RECURSIVE), fd;

	fd = mntcompat_open_tree_attr(tree, "", CLONE | CLOEXEC | EMPTY_PATH | RECURSIVE, &attr,
				      sizeof(attr));
	say_result("clone with attributes", fd);
	mount_attr_say_fd("source", tree, NULL);
	if (fd < 0)
		return;
	mount_attr_say_fd("clone", fd, NULL);
	attach("attach", fd, "plain");
	mount_attr_say("root", "plain");
	mount_attr_say("child", "plain/sub");
}

/* --- attaching --- */

/* Attaches the detached @fd to what @tree is in, and says whether that went well. */
static bool attach_to(const char *label, int fd, int tree, const char *path)
{
	int ret = mntcompat_move_mount(fd, "", tree, path, F_EMPTY | (*path ? 0 : T_EMPTY));

	say_result(label, ret);
	return ret == 0;
}

static void say_holders(int tree, int holder)
{
	open_tree_say_file_at(" through the tree", tree, "dir/file");
	open_tree_say_file_at(" through another descriptor of it", holder, "dir/file");
}

SCENARIO(run_attach_directory)
{
	int tree = detached("tree", 0), fd = detached("other", 0);
	int holder = must_fd(openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open");

	say_holders(tree, holder);
	if (!attach_to("attach", fd, tree, "dir"))
		return;
	say_holders(tree, holder);
	close(fd);
	say_holders(tree, holder);
	attach("attach all", tree, "plain");
	say_content("plain");
}

SCENARIO(run_attach_tree)
{
	int tree = detached("tree", RECURSIVE), fd = detached("tree", RECURSIVE);

	if (attach_to("on a directory of the root mount", fd, tree, "dir"))
		open_tree_say_file_at(" there", tree, "dir/sub/deep/file");
	if (attach_to("on a child", detached("other", 0), tree, "sub"))
		open_tree_say_file_at(" there", tree, "sub/file");
	if (attach_to("on the root", detached("other", 0), tree, "")) {
		open_tree_say_file_at(" there", tree, "file");
		open_tree_say_file_at(" there, from above", tree, "./file");
		attach("attach all", tree, "plain");
		open_tree_say_file(" there", "plain/file");
	}
}

SCENARIO(run_attach_new)
{
	int tree = must_fd(sys_fsmount_tmpfs(), "fsmount"),
	    fd = must_fd(sys_fsmount_tmpfs(), "fsmount");

	must(mkdirat(tree, "dir", 0755), "mkdirat");
	must(mkdirat(fd, "inner", 0755), "mkdirat");
	if (attach_to("a new filesystem on another", fd, tree, "dir"))
		say_result("there", faccessat(tree, "dir/inner", F_OK, 0));
}

SCENARIO(run_attach_file)
{
	int tree = detached("tree", 0), fd = detached("regular", 0);

	attach_to("a file on a directory", fd, tree, "dir");
	if (attach_to("a file on a file", fd, tree, "file"))
		open_tree_say_file_at(" there", tree, "file");
	attach_to("a directory on a file", detached("other", 0), tree, "dir/file");
}

SCENARIO(run_attach_refused)
{
	int tree = detached("tree", RECURSIVE), fd = detached("other", 0);

	attach_to("on itself", tree, tree, "dir");
	say_result("a child elsewhere in the tree",
		   mntcompat_move_mount(tree, "sub", tree, "dir", 0));
	say_result("a child into the world",
		   mntcompat_move_mount(tree, "sub", AT_FDCWD, "plain", 0));
	say_result("a child on another tree", mntcompat_move_mount(tree, "sub", fd, "", T_EMPTY));
	say_result("a directory of a tree", mntcompat_move_mount(tree, "dir", fd, "", T_EMPTY));
	say_result("the attached mount", mntcompat_move_mount(AT_FDCWD, "other", tree, "dir", 0));
	attach_to("a missing directory", fd, tree, "missing");
	attach("still there", fd, "plain");
}

SCENARIO(run_attach_dissolved)
{
	int tree = detached("tree", RECURSIVE), fd = detached("other", 0);
	int gone = detached("tree", RECURSIVE),
	    child = must_fd(openat(gone, "sub", O_PATH | O_CLOEXEC), "open");

	close(gone);
	attach_to("on a dissolved tree", fd, child, "");
	attach_to("a dissolved tree", child, tree, "dir");
	attach("a dissolved tree into the world", child, "plain");
	attach("still there", fd, "plain");
}

SCENARIO(run_attach_beneath)
{
	int tree = detached("tree", RECURSIVE), fd = detached("other", 0);

	say_result("beneath a child", mntcompat_move_mount(fd, "", tree, "sub", F_EMPTY | BENEATH));
	say_result("beneath the root",
		   mntcompat_move_mount(fd, "", tree, "", F_EMPTY | T_EMPTY | BENEATH));
}

SCENARIO(run_attach_shared)
{
	int tree, fd = detached("other", 0);

	make_dir("tree/second");
	mount_propagation("tree", MS_SHARED);
	tree = detached("tree", 0);
	if (attach_to("on a shared mount", fd, tree, "dir")) {
		open_tree_say_file_at(" there", tree, "dir/file");
		open_tree_say_file(" its attached peer", "tree/dir/file");
	}
	attach_to("on the peer", detached("other", 0), AT_FDCWD, "tree/second");
	open_tree_say_file(" there", "tree/second/file");
	open_tree_say_file_at(" the detached peer", tree, "second/file");
}

SCENARIO(run_attach_other_namespace)
{
	int tree = detached("tree", 0), fd;

	must(unshare(CLONE_NEWNS), "unshare");
	fd = detached("other", 0);
	attach_to("on another namespace's tree", fd, tree, "dir");
	attach("another namespace's tree", tree, "plain");
}

/* --- attributes --- */

SCENARIO(run_attributes)
{
	struct mntcompat_mount_attr attr = { .attr_set = NOSUID };
	int tree = detached("tree", RECURSIVE), sub;

	sub = must_fd(openat(tree, "sub", O_PATH | O_CLOEXEC), "open");
	say_result("a child", mntcompat_mount_setattr(tree, "sub", 0, &attr, sizeof(attr)));
	say_result("a child, by descriptor",
		   mntcompat_mount_setattr(sub, "", EMPTY_PATH, &attr, sizeof(attr)));
	say_result("a directory", mntcompat_mount_setattr(tree, "dir", 0, &attr, sizeof(attr)));
	mount_attr_say_fd("child", sub, NULL);
	say_result("all",
		   mntcompat_mount_setattr(tree, "", EMPTY_PATH | RECURSIVE, &attr, sizeof(attr)));
	mount_attr_say_fd("root", tree, NULL);
	mount_attr_say_fd("child", sub, NULL);
}

/* --- mount(2), which the library does not stand in for --- */

SCENARIO(run_bind)
{
	int tree = detached("tree", RECURSIVE), ret;
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", tree);
	ret = mount(link, "plain", NULL, MS_BIND, NULL);
	say_result("mount --bind", ret);
	if (ret == 0)
		open_tree_say_file(" there", "plain/sub/file");
	ret = mount(link, "second", NULL, MS_BIND | MS_REC, NULL);
	say_result("mount --rbind", ret);
	if (ret == 0)
		open_tree_say_file(" there", "second/sub/file");
	say_result("mount --move", mount(link, "plain", NULL, MS_MOVE, NULL));
}

#define S(name, doc, run) \
	{ \
		"detached/" name, doc, SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run \
	}

const struct scenario detached_scenarios[] = {
	S("clone/tree", "a detached tree, a directory or a mount in it can be cloned (1.2)",
	  run_clone_tree),
	S("clone/single", "so can a detached tree of one mount (1.2)", run_clone_single),
	S("clone/new", "and a new filesystem's mount (1.2)", run_clone_new),
	S("clone/clone", "a clone does not need the tree of which it was made", run_clone_clone),
	S("clone/refused", "unmounted, dissolved, unbindable: EINVAL", run_clone_refused),
	S("clone/unbindable", "an unbindable mount cannot be cloned, detached or not",
	  run_clone_unbindable),
	S("clone/propagation", "a clone of a shared detached mount is its peer",
	  run_clone_propagation),
	S("clone/attributes", "a clone has the attributes of the detached mount",
	  run_clone_attributes),
	S("clone/other-namespace", "a tree that was made in another namespace",
	  run_clone_other_namespace),
	{ "detached/clone/privilege", "EPERM before the path is looked at", SCENARIO_ALL,
	  prepare_held, run_privilege },
	S("clone/attr", "open_tree_attr of a detached tree (5.1)", run_clone_attr),
	S("attach/directory",
	  "all descriptors of the tree show a mount that is attached to it (5.6)",
	  run_attach_directory),
	S("attach/tree", "a tree on a tree, on a child, on the root (5.6)", run_attach_tree),
	S("attach/new", "a new filesystem on a new filesystem (5.6)", run_attach_new),
	S("attach/file", "files on files, directories on directories", run_attach_file),
	S("attach/refused", "parts of trees, attached mounts", run_attach_refused),
	S("attach/dissolved", "an unmounted mount can neither be moved nor be a mount point",
	  run_attach_dissolved),
	S("attach/beneath", "beneath a mount of a detached tree", run_attach_beneath),
	S("attach/shared", "a mount on a shared detached mount appears at its peers",
	  run_attach_shared),
	S("attach/other-namespace", "trees made in another namespace", run_attach_other_namespace),
	S("attributes/child", "all of a tree or its root, not a child alone (5.2)", run_attributes),
	S("bind/link", "bind mounts of a descriptor's link (5.6)", run_bind),
	{ .name = NULL },
};
