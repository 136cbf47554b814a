// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open-tree-attr.c - open_tree_attr: order of checks, attributes of a clone, of a mount, of a
 * namespace. May touch only the scenario's own process, its world and the children it starts.
 * Listed in scenario.c as open_tree_attr_scenarios; states section 5.1 of the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/capability.h>

#include "mount-attr-common.h"

static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	make_file("tree/file", "file");
	mount_tmpfs("tree/sub", "mode=755");
	mount_tmpfs("tree/sub/deep", "mode=755");
	make_dir("plain");
	make_file("regular", "regular");
	must(symlink("tree", "link"), "symlink");
}

static int open_attr(const char *path, unsigned int flags, uint64_t set, uint64_t clr,
		     uint64_t propagation)
{
	struct mntcompat_mount_attr attr = { .attr_set = set,
					     .attr_clr = clr,
					     .propagation = propagation };

	return mntcompat_open_tree_attr(AT_FDCWD, path, flags, &attr, sizeof(attr));
}

static void say_open(const char *label, const char *path, unsigned int flags, uint64_t set,
		     uint64_t clr, uint64_t propagation)
{
	int fd = open_attr(path, flags, set, clr, propagation);

	say_result(label, fd);
	if (fd >= 0)
		close(fd);
}

/* --- the call --- */

static void say_order(unsigned int flags)
{
	struct mntcompat_mount_attr none = { .attr_set = 0 }, bad = { .attr_set = 1ull << 40 },
				    good = { .attr_set = NOSUID };
	const struct {
		const char *label;
		const struct mntcompat_mount_attr *attr;
		size_t size;
	} attrs[] = {
		{ "NULL, 0", NULL, 0 },
		{ "NULL, 32", NULL, 32 },
		{ "NULL, 1", NULL, 1 },
		{ "size 0", &good, 0 },
		{ "size 31", &good, 31 },
		{ "a megabyte", &good, 1u << 20 },
		{ "bad address", (void *)1, 32 },
		{ "nothing", &none, 32 },
		{ "bad", &bad, 32 },
		{ "good", &good, 32 },
	};
	const struct {
		const char *label;
		int dfd;
		const char *path;
	} paths[] = {
		{ "tree", AT_FDCWD, "tree" },	 { "NULL", AT_FDCWD, NULL },
		{ "empty", AT_FDCWD, "" },	 { "missing", AT_FDCWD, "missing" },
		{ "bad fd", -1, "tree" },	 { "plain", AT_FDCWD, "plain" },
		{ "file", AT_FDCWD, "regular" },
	};

	say("flags %#x", flags);
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		for (size_t j = 0; j < ARRAY_SIZE(paths); j++) {
			char label[64];
			int fd = mntcompat_open_tree_attr(paths[j].dfd, paths[j].path, flags,
							  attrs[i].attr, attrs[i].size);

			snprintf(label, sizeof(label), " %s; %s", attrs[i].label, paths[j].label);
			say_result(label, fd);
			if (fd >= 0)
				close(fd);
		}
}

SCENARIO(run_order_plain)
{
	say_order(0);
}

SCENARIO(run_order_clone)
{
	say_order(CLONE);
}

SCENARIO(run_order_namespace)
{
	say_order(NS);
}

SCENARIO(run_order_flags)
{
	say_order(RECURSIVE);
	say_order(NS | CLONE);
	say_order(0x40000000);
}

SCENARIO(run_privilege)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	say_order(0);
	say_order(CLONE);
}

SCENARIO(run_child_user_namespace)
{
	open_tree_new_user_namespace(false);
	say_open("NS, nothing", "plain", NS | RECURSIVE, 0, 0, 0);
	say_open("NS, NOSUID", "plain", NS | RECURSIVE, NOSUID, 0, 0);
	say_open("CLONE, NOSUID", "plain", CLONE, NOSUID, 0, 0);
	say_open("NOSUID", "plain", 0, NOSUID, 0, 0);
}

SCENARIO(run_size)
{
	unsigned char bytes[8192] = { 0 };
	struct mntcompat_mount_attr attr = { .attr_set = NOSUID };
	static const size_t sizes[] = { 32, 33, 40, 64, 4096, 4097 };
	char label[64];
	int fd;

	memcpy(bytes, &attr, sizeof(attr));
	for (int tail = 0; tail < 2; tail++) {
		bytes[32] = (unsigned char)tail;
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			snprintf(label, sizeof(label), "%zu, tail %d", sizes[i], tail);
			fd = mntcompat_open_tree_attr(AT_FDCWD, "tree", CLONE, (void *)bytes,
						      sizes[i]);
			say_result(label, fd);
			if (fd >= 0)
				close(fd);
		}
	}
}

SCENARIO(run_fields)
{
	say_open("atime without clearing it", "tree", CLONE, NOATIME, 0, 0);
	say_open("a part of atime cleared", "tree", CLONE, 0, NOATIME, 0);
	say_open("atime 0x30", "tree", CLONE, 0x30, ATIME, 0);
	say_open("two types of propagation", "tree", CLONE, 0, 0, MS_SHARED | MS_PRIVATE);
	say_open("MS_REC", "tree", CLONE, 0, 0, MS_REC | MS_PRIVATE);
	say_open("unknown bit cleared", "tree", CLONE, 0, 1ull << 22, 0);
}

SCENARIO(run_descriptor)
{
	struct mntcompat_mount_attr attr = { .attr_set = NOSUID };
	static const unsigned int flags[] = { 0, CLOEXEC, CLONE, CLONE | CLOEXEC,
					      CLONE | RECURSIVE };
	int lowest = dup(0);

	close(lowest);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		int fd = mntcompat_open_tree_attr(AT_FDCWD, "tree", flags[i], &attr, sizeof(attr));

		if (fd < 0)
			say("%#x: %s", flags[i], errno_name(errno));
		else
			say("%#x: F_GETFL %#o, F_GETFD %d, %s", flags[i], fcntl(fd, F_GETFL),
			    fcntl(fd, F_GETFD),
			    fd == lowest ? "lowest free" : "not the lowest free");
		if (fd >= 0)
			close(fd);
	}
}

/* Whatever looks at the caller would take the last descriptor itself. */
static void say_unchecked(const char *label, const char *path, unsigned int flags, uint64_t set)
{
	struct mntcompat_mount_attr attr = { .attr_set = set };
	int fd = open_tree_attr_unchecked(AT_FDCWD, path, flags, &attr, sizeof(attr));

	say_result(label, fd);
	if (fd >= 0)
		close(fd);
}

SCENARIO(run_full_table)
{
	struct rlimit limit;
	int fd, last = -1, taken[64], count = 0;

	must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = 64;
	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	while ((fd = dup(0)) >= 0)
		last = taken[count++] = fd;
	say_unchecked("CLONE", "tree", CLONE, NOSUID);
	say_unchecked("plain", "tree", 0, NOSUID);
	close(last);
	say_unchecked("CLONE, one free", "tree", CLONE, NOSUID);
	say_unchecked("plain, one free", "tree", 0, NODEV);
	while (count)
		close(taken[--count]);
	mount_attr_say("tree", "tree");
}

/* --- a clone --- */

/* Attaches it to see what it is; closes it. */
static void say_attached(const char *label, int fd, const char *const *below)
{
	if (fd < 0) {
		say_result(label, fd);
		return;
	}
	say("%s: ok", label);
	must(sys_move_mount(fd, "", AT_FDCWD, "plain", 4), "move_mount");
	mount_attr_say_fd(" root", fd, "tree");
	for (; below && *below; below++) {
		char path[64], text[64];

		snprintf(path, sizeof(path), "plain/%s", *below);
		snprintf(text, sizeof(text), " %s", *below);
		mount_attr_say(text, path);
	}
	close(fd);
	/* Or the peers' children would go as well. */
	mount_propagation("plain", MS_PRIVATE | MS_REC);
	must(umount2("plain", MNT_DETACH), "umount2");
}

static const char *const two_below[] = { "sub", "sub/deep", NULL };

SCENARIO(run_clone)
{
	for (const struct mount_attr_flag *flag = mount_attr_flags; flag->name; flag++)
		say_attached(flag->name, open_attr("tree", CLONE, flag->bit, 0, 0), NULL);
	say_attached("noatime", open_attr("tree", CLONE, NOATIME, ATIME, 0), NULL);
	say_attached("nothing", open_attr("tree", CLONE, 0, 0, 0), NULL);
	mount_attr_say("source", "tree");
}

SCENARIO(run_clone_nosymfollow)
{
	say_attached("NOSYMFOLLOW", open_attr("tree", CLONE, NOSYMFOLLOW, 0, 0), NULL);
}

SCENARIO(run_clone_recursive)
{
	say_attached("RDONLY", open_attr("tree", CLONE | RECURSIVE, RDONLY | NOSUID, 0, 0),
		     two_below);
	say_attached("nothing", open_attr("tree", CLONE | RECURSIVE, 0, 0, 0), two_below);
	mount_attr_say("source", "tree");
	mount_attr_say("source/sub", "tree/sub");
}

static void prepare_flags(void)
{
	prepare_tree();
	must(mount(NULL, "tree", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOATIME,
		   NULL),
	     "remount");
	must(mount(NULL, "tree/sub", NULL, MS_REMOUNT | MS_BIND | MS_NODEV, NULL), "remount");
}

SCENARIO(run_clone_keep)
{
	say_attached("NOEXEC", open_attr("tree", CLONE | RECURSIVE, NOEXEC, 0, 0), two_below);
	say_attached("not RDONLY", open_attr("tree", CLONE | RECURSIVE, 0, RDONLY, 0), two_below);
	say_attached("not NODEV, strictatime",
		     open_attr("tree", CLONE | RECURSIVE, STRICTATIME, NODEV | ATIME, 0),
		     two_below);
	mount_attr_say("source", "tree");
	mount_attr_say("source/sub", "tree/sub");
}

static void prepare_shared(void)
{
	prepare_tree();
	mount_propagation("tree", MS_SHARED | MS_REC);
}

SCENARIO(run_clone_propagation)
{
	say_attached("as it is", open_attr("tree", CLONE | RECURSIVE, NOSUID, 0, 0), two_below);
	say_attached("private", open_attr("tree", CLONE | RECURSIVE, NOSUID, 0, MS_PRIVATE),
		     two_below);
	say_attached("slave", open_attr("tree", CLONE | RECURSIVE, NOSUID, 0, MS_SLAVE), two_below);
	say_attached("shared", open_attr("tree", CLONE | RECURSIVE, NOSUID, 0, MS_SHARED),
		     two_below);
	say_attached("unbindable", open_attr("tree", CLONE | RECURSIVE, NOSUID, 0, MS_UNBINDABLE),
		     two_below);
	say_attached("only private", open_attr("tree", CLONE | RECURSIVE, 0, 0, MS_PRIVATE),
		     two_below);
	say_attached("only slave", open_attr("tree", CLONE, 0, 0, MS_SLAVE), NULL);
	mount_attr_say("source", "tree");
	mount_attr_say("source/sub", "tree/sub");
}

SCENARIO(run_clone_private)
{
	say_attached("shared", open_attr("tree", CLONE | RECURSIVE, NOSUID, 0, MS_SHARED),
		     two_below);
	say_attached("only shared", open_attr("tree", CLONE | RECURSIVE, 0, 0, MS_SHARED),
		     two_below);
	mount_attr_say("source", "tree");
}

SCENARIO(run_clone_directory)
{
	make_dir("tree/inside");
	make_file("tree/inside/file", "inside");
	say_attached("a directory", open_attr("tree/inside", CLONE, NOSUID, 0, 0), NULL);
	say_attached("by symlink", open_attr("link", CLONE, NOSUID, 0, 0), NULL);
	say_open("symlink itself", "link", CLONE | NOFOLLOW, NOSUID, 0, 0);
}

SCENARIO(run_clone_file)
{
	int fd = open_attr("regular", CLONE, NOSUID, 0, 0);

	say_result("file", fd);
	if (fd < 0)
		return;
	make_file("target", "");
	must(sys_move_mount(fd, "", AT_FDCWD, "target", 4), "move_mount");
	mount_attr_say_fd("target", fd, NULL);
}

static void prepare_refused(void)
{
	prepare_tree();
	mount_tmpfs("unbindable", "mode=755");
	mount_propagation("unbindable", MS_UNBINDABLE);
}

SCENARIO(run_clone_refused)
{
	int fd;

	say_open("unbindable", "unbindable", CLONE, NOSUID, 0, 0);
	fd = must_fd(open("tree/sub", O_PATH | O_CLOEXEC), "tree/sub");
	must(umount2("tree/sub", MNT_DETACH), "umount2");
	{
		struct mntcompat_mount_attr attr = { .attr_set = NOSUID };

		say_result("unmounted", mntcompat_open_tree_attr(fd, "", CLONE | EMPTY_PATH, &attr,
								 sizeof(attr)));
		say_result("unmounted, itself",
			   mntcompat_open_tree_attr(fd, "", EMPTY_PATH, &attr, sizeof(attr)));
	}
}

static void prepare_locked(void)
{
	prepare_tree();
	must(mount(NULL, "tree/sub", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "remount");
}

SCENARIO(run_clone_locked)
{
	open_tree_new_user_namespace(true);
	say_open("clear a locked flag", "tree", CLONE | RECURSIVE, NOSUID, RDONLY, 0);
	say_open("not recursive", "tree", CLONE, NOSUID, RDONLY, 0);
	say_attached("add a flag", open_attr("tree", CLONE | RECURSIVE, NOSUID, 0, 0), two_below);
}

SCENARIO(run_id_map)
{
	struct mntcompat_mount_attr attr = { .attr_set = IDMAP };
	int other = mount_attr_user_namespace(), fd;

	attr.userns_fd = (uint64_t)other;
	fd = mntcompat_open_tree_attr(AT_FDCWD, "tree", CLONE, &attr, sizeof(attr));
	say_result("clone", fd);
	say_result("the mount itself",
		   mntcompat_open_tree_attr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	if (fd >= 0) {
		must(sys_move_mount(fd, "", AT_FDCWD, "plain", 4), "move_mount");
		say_result(
			"clone of a mapped one",
			mntcompat_open_tree_attr(fd, "", CLONE | EMPTY_PATH, &attr, sizeof(attr)));
		attr.attr_clr = IDMAP;
		say_result("set and clear", mntcompat_open_tree_attr(fd, "", CLONE | EMPTY_PATH,
								     &attr, sizeof(attr)));
		attr.attr_set = 0;
		say_result("clear", mntcompat_open_tree_attr(fd, "", CLONE | EMPTY_PATH, &attr,
							     sizeof(attr)));
	}
	attr.attr_clr = IDMAP;
	attr.attr_set = IDMAP;
	say_result("set and clear, not mapped",
		   mntcompat_open_tree_attr(AT_FDCWD, "tree", CLONE, &attr, sizeof(attr)));
	attr.attr_set = 0;
	say_result("clear, not mapped",
		   mntcompat_open_tree_attr(AT_FDCWD, "tree", CLONE, &attr, sizeof(attr)));
	say_result("clear, the mount itself",
		   mntcompat_open_tree_attr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	attr.attr_set = IDMAP;
	attr.attr_clr = 0;
	attr.userns_fd = (uint64_t)-1;
	say_result("no such fd",
		   mntcompat_open_tree_attr(AT_FDCWD, "tree", CLONE, &attr, sizeof(attr)));
	attr.userns_fd = 1000;
	say_result("not open",
		   mntcompat_open_tree_attr(AT_FDCWD, "tree", CLONE, &attr, sizeof(attr)));
}

/* --- the mount itself --- */

SCENARIO(run_plain)
{
	say_open("NOSUID", "tree", 0, NOSUID, 0, 0);
	mount_attr_say("tree", "tree");
	mount_attr_say("tree/sub", "tree/sub");
	say_open("RECURSIVE", "tree", RECURSIVE, NOSUID, 0, 0);
	say_open("not a mount's root", "plain", 0, NOSUID, 0, 0);
	say_open("symlink itself", "link", NOFOLLOW, NOSUID, 0, 0);
	say_open("RDONLY, shared", "tree", 0, RDONLY, NOSUID, MS_SHARED);
	mount_attr_say("tree", "tree");
}

SCENARIO(run_plain_busy)
{
	int fd = must_fd(open("tree/file", O_WRONLY | O_CLOEXEC), "tree/file");

	say_open("RDONLY", "tree", 0, RDONLY | NOSUID, 0, MS_SHARED);
	mount_attr_say("tree", "tree");
	close(fd);
}

/* --- a namespace --- */

SCENARIO(run_namespace)
{
	struct mntcompat_mount_attr attr = { .attr_set = 0 };
	int fd = mntcompat_open_tree_attr(AT_FDCWD, "tree", NS | RECURSIVE, &attr, sizeof(attr));

	if (fd < 0)
		say_result("nothing", fd);
	else
		say_namespace("nothing", fd);
	say_open("NOSUID", "tree", NS | RECURSIVE, NOSUID, 0, 0);
	say_open("shared", "tree", NS, 0, 0, MS_SHARED);
	say_open("bad", "tree", NS, 1ull << 40, 0, 0);
}

#define S(name, doc, levels, prepare, run) \
	{ \
		"open-tree-attr/" name, doc, levels, prepare, run \
	}
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS)

const struct scenario open_tree_attr_scenarios[] = {
	S("order/plain", "without flags: the path first, then the attributes", SCENARIO_ALL,
	  prepare_tree, run_order_plain),
	S("order/clone", "with CLONE: the clone first, then the attributes", SCENARIO_ALL,
	  prepare_tree, run_order_clone),
	S("order/namespace",
	  "with NAMESPACE: the namespace first, then the attributes, of which none is allowed",
	  SCENARIO_ALL, prepare_tree, run_order_namespace),
	S("order/flags", "bad flags come before bad attributes", SCENARIO_ALL, prepare_tree,
	  run_order_flags),
	S("order/privilege", "without CAP_SYS_ADMIN", PRIVILEGED, prepare_tree, run_privilege),
	S("order/child-user-namespace",
	  "privilege over the mount namespace, and in the current user namespace", PRIVILEGED,
	  prepare_tree, run_child_user_namespace),
	S("call/size", "sizes with and without a tail", PRIVILEGED, prepare_tree, run_size),
	S("call/fields", "the attributes of mount_setattr", PRIVILEGED, prepare_tree, run_fields),
	S("call/descriptor", "the fd is like open_tree's, and the lowest", PRIVILEGED, prepare_tree,
	  run_descriptor),
	S("call/full-table", "one fd is needed and no more", PRIVILEGED, prepare_tree,
	  run_full_table),
	S("clone/flags", "each flag, on the copy only", PRIVILEGED, prepare_tree, run_clone),
	S("clone/nosymfollow", "NOSYMFOLLOW", PRIVILEGED, prepare_tree, run_clone_nosymfollow),
	S("clone/recursive", "all mounts of the copy", PRIVILEGED, prepare_tree,
	  run_clone_recursive),
	S("clone/keep", "attributes that are not named are copied", SCENARIO_ROOT, prepare_flags,
	  run_clone_keep),
	S("clone/propagation",
	  "a copy of a shared tree is its peer, or has the requested propagation", PRIVILEGED,
	  prepare_shared, run_clone_propagation),
	S("clone/private", "a copy of a private tree becomes shared", PRIVILEGED, prepare_tree,
	  run_clone_private),
	S("clone/directory", "directories need not be mount points", PRIVILEGED, prepare_tree,
	  run_clone_directory),
	S("clone/file", "a file", PRIVILEGED, prepare_tree, run_clone_file),
	S("clone/refused", "trees that cannot be cloned", PRIVILEGED, prepare_refused,
	  run_clone_refused),
	S("clone/locked", "locked flags stay", PRIVILEGED, prepare_locked, run_clone_locked),
	S("clone/id-map", "id maps can be replaced on a clone", SCENARIO_ROOT, prepare_tree,
	  run_id_map),
	S("plain/flags", "the mount itself is changed", PRIVILEGED, prepare_tree, run_plain),
	S("plain/busy", "no fd and no change when it fails", PRIVILEGED, prepare_tree,
	  run_plain_busy),
	S("namespace/attributes", "a namespace takes no attributes", PRIVILEGED, prepare_tree,
	  run_namespace),
	{ .name = NULL },
};
