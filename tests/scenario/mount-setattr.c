// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mount-setattr.c - mount_setattr: order of checks, attributes, one mount, trees, mounts elsewhere.
 * May touch only the scenario's own process, its world and the children it starts.
 * Listed in scenario.c as mount_setattr_scenarios; states section 5.2 of the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
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

static int set_at(int dfd, const char *path, unsigned int flags, uint64_t set, uint64_t clr,
		  uint64_t propagation)
{
	struct mntcompat_mount_attr attr = { .attr_set = set,
					     .attr_clr = clr,
					     .propagation = propagation };

	return mntcompat_mount_setattr(dfd, path, flags, &attr, sizeof(attr));
}

static void say_set(const char *label, const char *path, unsigned int flags, uint64_t set,
		    uint64_t clr, uint64_t propagation)
{
	say_result(label, set_at(AT_FDCWD, path, flags, set, clr, propagation));
}

static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	make_file("tree/file", "file");
	mount_tmpfs("tree/sub", "mode=755");
	mount_tmpfs("tree/sub/deep", "mode=755");
	make_file("tree/sub/deep/file", "deep");
	mount_tmpfs("tree/other", "mode=755");
	make_dir("plain");
	make_file("regular", "regular");
	must(symlink("tree", "link"), "symlink");
}

static void say_tree(const char *label)
{
	static const char *const paths[] = { "tree", "tree/sub", "tree/sub/deep", "tree/other" };

	say("%s", label);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		char text[64];

		snprintf(text, sizeof(text), " %s", paths[i]);
		mount_attr_say(text, paths[i]);
	}
}

/* --- the call --- */

SCENARIO(run_flags)
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		char label[32];

		snprintf(label, sizeof(label), "1<<%u", bit);
		say_set(label, 1u << bit == EMPTY_PATH ? "" : "tree", 1u << bit, RDONLY, 0, 0);
	}
	say_set("all bits", "tree", ~0u, RDONLY, 0, 0);
	say_set("all known", "tree", EMPTY_PATH | RECURSIVE | NOFOLLOW | NO_AUTOMOUNT, NOSUID, 0,
		0);
	mount_attr_say("tree", "tree");
	mount_attr_say("tree/sub", "tree/sub");
}

static void say_sized(const char *label, const char *path, const void *attr, size_t size)
{
	say_result(label, mntcompat_mount_setattr(AT_FDCWD, path, 0, attr, size));
}

SCENARIO(run_size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	static const size_t sizes[] = { 0, 1, 31, 32, 33, 40, 64, 100 };
	unsigned char *area =
		mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct mntcompat_mount_attr *attr = (void *)area;
	char label[64];

	must(area == MAP_FAILED ? -1 : 0, "mmap");
	must(mprotect(area + 2 * page, page, PROT_NONE), "mprotect");
	attr->attr_set = NOSUID;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(label, sizeof(label), "%zu, zeros", sizes[i]);
		say_sized(label, "tree", area, sizes[i]);
	}
	say_sized("a page, zeros", "tree", area, page);
	say_sized("a page and a byte", "tree", area, page + 1);
	say_sized("all there is", "tree", area, (size_t)-1);
	area[32] = 1;
	say_sized("32, more behind it", "tree", area, 32);
	say_sized("33, not zero", "tree", area, 33);
	say_sized("40, not zero", "tree", area, 40);
	area[32] = 0;
	area[39] = 1;
	say_sized("39, more behind it", "tree", area, 39);
	say_sized("40, last byte not zero", "tree", area, 40);
	say_sized("40, last byte not zero, no such path", "missing", area, 40);
	area[39] = 0;
	area[page - 1] = 1;
	say_sized("a page, last byte not zero", "tree", area, page);
	memcpy(area + 2 * page - 32, area, 32);
	say_sized("32 up to the end of memory", "tree", area + 2 * page - 32, 32);
	say_sized("33 beyond the end of memory", "tree", area + 2 * page - 32, 33);
	say_sized("32 beyond the end of memory", "tree", area + 2 * page - 31, 32);
	memset(area + 2 * page - 8, 1, 8);
	say_sized("not zero, then no memory", "tree", area + 2 * page - 48, 64);
}

/* As programs look for the call: util-linux, systemd and LXC; the kernel's own tests and xfstests. */
SCENARIO(run_probe)
{
	say_result("no path", mntcompat_mount_setattr(-EBADF, NULL, 0, NULL, 0));
	say_result("no path, -1", mntcompat_mount_setattr(-1, NULL, 0, NULL, 0));
	say_result("an empty path",
		   mntcompat_mount_setattr(-EBADF, "", MNTCOMPAT_AT_EMPTY_PATH, NULL, 0));
	say_result("root", mntcompat_mount_setattr(AT_FDCWD, "/", 0, NULL, 0));
}

SCENARIO(run_pointer)
{
	static const size_t sizes[] = { 0, 31, 32, 40, 4097 };
	char label[64];

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(label, sizeof(label), "NULL, %zu", sizes[i]);
		say_sized(label, "tree", NULL, sizes[i]);
		snprintf(label, sizeof(label), "address 1, %zu", sizes[i]);
		say_sized(label, "tree", (void *)1, sizes[i]);
		snprintf(label, sizeof(label), "address -1, %zu", sizes[i]);
		say_sized(label, "tree", (void *)-1L, sizes[i]);
	}
}

SCENARIO(run_order)
{
	struct mntcompat_mount_attr none = { .attr_set = 0 }, bad = { .attr_set = 1ull << 40 },
				    good = { .attr_set = NOSUID };
	const struct {
		const char *label;
		const struct mntcompat_mount_attr *attr;
		size_t size;
	} attrs[] = {
		{ "nothing", &none, 32 }, { "bad", &bad, 32 },	 { "good", &good, 32 },
		{ "NULL", NULL, 32 },	  { "small", &good, 8 }, { "large", &good, 1u << 20 },
	};
	const struct {
		const char *label;
		int dfd;
		const char *path;
	} paths[] = {
		{ "NULL", AT_FDCWD, NULL },
		{ "empty", AT_FDCWD, "" },
		{ "missing", AT_FDCWD, "missing" },
		{ "bad fd", -1, "tree" },
		{ "below a file", AT_FDCWD, "regular/x" },
		{ "no mount's root", AT_FDCWD, "plain" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		for (size_t j = 0; j < ARRAY_SIZE(paths); j++) {
			char label[64];

			snprintf(label, sizeof(label), "%s attributes, %s", attrs[i].label,
				 paths[j].label);
			say_result(label, mntcompat_mount_setattr(paths[j].dfd, paths[j].path, 0,
								  attrs[i].attr, attrs[i].size));
			if (j)
				continue;
			snprintf(label, sizeof(label), "%s attributes, unknown flag",
				 attrs[i].label);
			say_result(label, mntcompat_mount_setattr(AT_FDCWD, "tree", 1,
								  attrs[i].attr, attrs[i].size));
		}
}

SCENARIO(run_privilege)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_ADMIN));
	run_order_body();
}

SCENARIO(run_child_user_namespace)
{
	open_tree_new_user_namespace(false);
	say_set("RDONLY", "tree", 0, RDONLY, 0, 0);
	say_set("nothing", "tree", 0, 0, 0, 0);
	say_set("missing", "missing", 0, RDONLY, 0, 0);
}

/* --- attributes --- */

SCENARIO(run_unknown)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		char label[64];

		if ((RDONLY | NOSUID | NODEV | NOEXEC | ATIME | NODIRATIME | IDMAP | NOSYMFOLLOW) &
		    1ull << bit)
			continue;
		snprintf(label, sizeof(label), "set 1<<%u", bit);
		say_set(label, "tree", 0, 1ull << bit, 0, 0);
		snprintf(label, sizeof(label), "clear 1<<%u", bit);
		say_set(label, "tree", 0, 0, 1ull << bit, 0);
	}
	say_set("all", "tree", 0, ~0ull, ~0ull, 0);
	say_set("unknown, no such path", "missing", 0, 1ull << 40, 0, 0);
}

SCENARIO(run_atime_fields)
{
	static const uint64_t values[] = { 0, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70 };

	for (size_t clr = 0; clr < ARRAY_SIZE(values); clr++)
		for (size_t set = 0; set < ARRAY_SIZE(values); set++) {
			char label[64];

			snprintf(label, sizeof(label), "clear %#x set %#x",
				 (unsigned int)values[clr], (unsigned int)values[set]);
			say_set(label, "tree", 0, values[set], values[clr], 0);
			if (values[clr] == ATIME)
				mount_attr_say(" now", "tree");
		}
}

SCENARIO(run_propagation_values)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		char label[32];

		snprintf(label, sizeof(label), "1<<%u", bit);
		say_set(label, "tree", 0, 0, 0, 1ull << bit);
	}
	say_set("shared and slave", "tree", 0, 0, 0, MS_SHARED | MS_SLAVE);
	say_set("private and unbindable", "tree", 0, 0, 0, MS_PRIVATE | MS_UNBINDABLE);
	say_set("private and MS_REC", "tree", 0, 0, 0, MS_PRIVATE | MS_REC);
	say_set("all", "tree", 0, 0, 0, ~0ull);
	say_set("shared, no such path", "missing", 0, 0, 0, MS_SHARED);
}

SCENARIO(run_nothing)
{
	say_set("nothing", "tree", 0, 0, 0, 0);
	say_set("nothing, recursive", "tree", RECURSIVE, 0, 0, 0);
	say_set("nothing, no such path", "missing", 0, 0, 0, 0);
	say_set("nothing, NULL", NULL, 0, 0, 0, 0);
	{
		struct mntcompat_mount_attr attr = { .userns_fd = 12345 };

		say_result("nothing but userns_fd",
			   mntcompat_mount_setattr(AT_FDCWD, "missing", 0, &attr, sizeof(attr)));
		attr.attr_set = NOSUID;
		say_result("userns_fd without IDMAP",
			   mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	}
}

SCENARIO(run_both)
{
	for (const struct mount_attr_flag *flag = mount_attr_flags; flag->name; flag++) {
		say("set and clear %s", flag->name);
		say_set(" call", "tree", 0, flag->bit, flag->bit, 0);
		mount_attr_say(" tree", "tree");
	}
}

SCENARIO(run_id_map_arguments)
{
	const int closed = 1000;
	int pipes[2], mnt, user, path_only, dir;
	struct mntcompat_mount_attr attr = { .attr_set = IDMAP };
	const struct {
		const char *label;
		uint64_t fd;
	} fds[] = {
		{ "-1", (uint64_t)-1 },
		{ "1<<31", 1ull << 31 },
		{ "1<<32", 1ull << 32 },
	};

	must(pipe2(pipes, O_CLOEXEC), "pipe2");
	mnt = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "mnt");
	user = must_fd(open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), "user");
	path_only = must_fd(open("/proc/self/ns/user", O_PATH | O_CLOEXEC), "user");
	dir = must_fd(open("plain", O_RDONLY | O_CLOEXEC), "plain");
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		attr.userns_fd = fds[i].fd;
		say_result(fds[i].label,
			   mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	}
	attr.userns_fd = (uint64_t)closed;
	say_result("closed", mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	attr.userns_fd = (uint64_t)pipes[0];
	say_result("pipe", mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	attr.userns_fd = (uint64_t)dir;
	say_result("directory", mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	attr.userns_fd = (uint64_t)mnt;
	say_result("mount namespace",
		   mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	attr.userns_fd = (uint64_t)path_only;
	say_result("O_PATH", mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	attr.attr_clr = IDMAP;
	attr.userns_fd = (uint64_t)user;
	say_result("set and clear",
		   mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	attr.attr_set = 0;
	say_result("clear", mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
}

SCENARIO(run_id_map)
{
	struct mntcompat_mount_attr attr = { .attr_set = IDMAP };
	int user = must_fd(open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), "user");
	int other = mount_attr_user_namespace(), fd;

	attr.userns_fd = (uint64_t)user;
	say_result("own user namespace",
		   mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	attr.userns_fd = (uint64_t)other;
	say_result("attached mount",
		   mntcompat_mount_setattr(AT_FDCWD, "tree", 0, &attr, sizeof(attr)));
	say_result("no such path",
		   mntcompat_mount_setattr(AT_FDCWD, "missing", 0, &attr, sizeof(attr)));
	fd = must_fd(sys_open_tree(AT_FDCWD, "tree", CLONE | CLOEXEC), "open_tree");
	say_result("detached mount",
		   mntcompat_mount_setattr(fd, "", EMPTY_PATH, &attr, sizeof(attr)));
	say_result("once more", mntcompat_mount_setattr(fd, "", EMPTY_PATH, &attr, sizeof(attr)));
	attr.attr_clr = IDMAP;
	say_result("replace", mntcompat_mount_setattr(fd, "", EMPTY_PATH, &attr, sizeof(attr)));
}

/* --- the path --- */

SCENARIO(run_path)
{
	int dir = must_fd(open("tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "tree");
	int path_only = must_fd(open("tree/sub", O_PATH | O_CLOEXEC), "tree/sub");
	int file = must_fd(open("regular", O_RDONLY | O_CLOEXEC), "regular");
	char *name = malloc(5001);

	memset(name, 'a', 5000);
	name[5000] = 0;
	say_result("fd", set_at(dir, "", EMPTY_PATH, NOSUID, 0, 0));
	say_result("fd, without EMPTY_PATH", set_at(dir, "", 0, NODEV, 0, 0));
	say_result("O_PATH fd", set_at(path_only, "", EMPTY_PATH, NODEV, 0, 0));
	say_result("below an fd", set_at(dir, "other", 0, NOEXEC, 0, 0));
	say_result("fd, NULL, EMPTY_PATH", set_at(dir, NULL, EMPTY_PATH, NOEXEC, 0, 0));
	say_result("bad address", set_at(dir, (char *)1, 0, NOEXEC, 0, 0));
	say_result("symlink", set_at(AT_FDCWD, "link", 0, NODIRATIME, 0, 0));
	say_result("symlink, NOFOLLOW", set_at(AT_FDCWD, "link", NOFOLLOW, NOEXEC, 0, 0));
	say_result("trailing slash", set_at(AT_FDCWD, "tree/", 0, 0, NODIRATIME, 0));
	say_result("not a mount's root", set_at(AT_FDCWD, "plain", 0, NOEXEC, 0, 0));
	say_result("not a mount's root, recursive",
		   set_at(AT_FDCWD, "plain", RECURSIVE, NOEXEC, 0, 0));
	say_result("a file", set_at(AT_FDCWD, "regular", 0, NOEXEC, 0, 0));
	say_result("a file's fd", set_at(file, "", EMPTY_PATH, NOEXEC, 0, MS_SHARED));
	say_result("missing", set_at(AT_FDCWD, "missing", 0, NOEXEC, 0, 0));
	say_result("below a file", set_at(AT_FDCWD, "regular/x", 0, NOEXEC, 0, 0));
	say_result("bad fd", set_at(-1, "tree", 0, NOEXEC, 0, 0));
	say_result("too long", set_at(AT_FDCWD, name, 0, NOEXEC, 0, 0));
	say_tree("afterwards");
	free(name);
}

static void prepare_internal(void)
{
	prepare_tree();
}

SCENARIO(run_internal)
{
	int pipes[2], ns;

	must(pipe2(pipes, O_CLOEXEC), "pipe2");
	ns = must_fd(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), "uts");
	say_result("pipe", set_at(pipes[0], "", EMPTY_PATH, RDONLY, 0, 0));
	say_result("pipe, propagation", set_at(pipes[0], "", EMPTY_PATH, 0, 0, MS_PRIVATE));
	say_result("namespace file", set_at(ns, "", EMPTY_PATH, RDONLY, 0, 0));
	say_result("namespace file, recursive",
		   set_at(ns, "", EMPTY_PATH | RECURSIVE, RDONLY, 0, 0));
}

/* --- one mount --- */

SCENARIO(run_each)
{
	for (const struct mount_attr_flag *flag = mount_attr_flags; flag->name; flag++) {
		say("%s", flag->name);
		say_set(" set", "tree", 0, flag->bit, 0, 0);
		mount_attr_say(" tree", "tree");
		say_set(" set again", "tree", 0, flag->bit, 0, 0);
		mount_attr_say(" tree", "tree");
		say_set(" clear", "tree", 0, 0, flag->bit, 0);
		mount_attr_say(" tree", "tree");
	}
	mount_attr_say("tree/sub, never named", "tree/sub");
}

/* MS_NOSYMFOLLOW is of Linux 5.10. */
SCENARIO(run_nosymfollow)
{
	say_set("set", "tree", RECURSIVE, NOSYMFOLLOW, 0, 0);
	say_tree("tree");
	say_set("something else", "tree", 0, NOSUID, 0, 0);
	mount_attr_say("tree", "tree");
	say_set("clear", "tree", 0, 0, NOSYMFOLLOW, MS_SHARED);
	mount_attr_say("tree", "tree");
	say_set("set and shared", "tree/other", 0, NOSYMFOLLOW, 0, MS_SHARED);
	mount_attr_say("tree/other", "tree/other");
}

SCENARIO(run_keep)
{
	const uint64_t all = RDONLY | NOSUID | NODEV | NOEXEC | NODIRATIME;

	say_set("all flags and noatime", "tree", 0, all | NOATIME, ATIME, MS_SHARED);
	mount_attr_say("tree", "tree");
	for (const struct mount_attr_flag *flag = mount_attr_flags; flag->name; flag++) {
		say("%s", flag->name);
		say_set(" cleared", "tree", 0, 0, flag->bit, 0);
		mount_attr_say(" tree", "tree");
		say_set(" set", "tree", 0, flag->bit, 0, 0);
		mount_attr_say(" tree", "tree");
	}
	say_set("strictatime", "tree", 0, STRICTATIME, ATIME, 0);
	mount_attr_say("tree", "tree");
	say_set("one cleared", "tree", 0, 0, NOSUID, 0);
	mount_attr_say("tree", "tree");
	say_set("private", "tree", 0, 0, 0, MS_PRIVATE);
	mount_attr_say("tree", "tree");
	say_set("one for another", "tree", 0, NOSUID, NODEV | RDONLY, 0);
	mount_attr_say("tree", "tree");
}

static void prepare_read_only(void)
{
	prepare_tree();
	must(mount(NULL, "tree", NULL, MS_REMOUNT | MS_RDONLY, "mode=755"), "remount");
	must(mount(NULL, "tree", NULL, MS_REMOUNT | MS_BIND, NULL), "remount, bind");
	must(mount(NULL, "tree/sub", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL),
	     "remount, bind");
}

SCENARIO(run_read_only)
{
	mount_attr_say("superblock read-only", "tree");
	say_set("NOSUID", "tree", 0, NOSUID, 0, 0);
	mount_attr_say("tree", "tree");
	say_set("recursive NODEV", "tree", RECURSIVE, NODEV, 0, 0);
	say_tree("tree");
	say_set("RDONLY and shared", "tree", 0, RDONLY, 0, MS_SHARED);
	mount_attr_say("tree", "tree");
	say_set("not RDONLY", "tree", 0, 0, RDONLY, MS_PRIVATE);
	mount_attr_say("tree", "tree");
	say_set("not RDONLY", "tree/sub", 0, 0, RDONLY, 0);
	mount_attr_say("tree/sub", "tree/sub");
}

SCENARIO(run_propagation)
{
	static const struct {
		const char *name;
		unsigned long type;
	} types[] = {
		{ "shared", MS_SHARED },	  { "slave", MS_SLAVE },
		{ "unbindable", MS_UNBINDABLE },  { "private", MS_PRIVATE },
		{ "slave of nothing", MS_SLAVE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		say("%s", types[i].name);
		say_set(" call", "tree", 0, 0, 0, types[i].type);
		mount_attr_say(" tree", "tree");
	}
	say_set("with a flag", "tree", 0, NOSUID, 0, MS_SHARED);
	mount_attr_say("tree", "tree");
	mount_bind("tree", "plain", false);
	say_set("slave with a peer", "plain", 0, 0, NOSUID, MS_SLAVE);
	mount_attr_say("plain", "plain");
	mount_attr_say("tree", "tree");
}

static void prepare_file(void)
{
	prepare_tree();
	make_file("target", "target");
	mount_bind("regular", "target", false);
	must(symlink("target", "to-target"), "symlink");
}

SCENARIO(run_file)
{
	int fd = must_fd(open("target", O_PATH | O_CLOEXEC), "target");

	say_set("RDONLY", "target", 0, RDONLY, 0, 0);
	mount_attr_say("target", "target");
	say_result("by fd", set_at(fd, "", EMPTY_PATH, NOSUID, RDONLY, MS_SHARED));
	mount_attr_say("target", "target");
	say_set("by symlink, recursive", "to-target", RECURSIVE, NODEV, 0, 0);
	mount_attr_say("target", "target");
	say_set("symlink itself", "to-target", NOFOLLOW, NOEXEC, 0, 0);
	say_set("trailing slash", "target/", 0, NOEXEC, 0, 0);
}

SCENARIO(run_busy)
{
	int fd = must_fd(open("tree/sub/deep/file", O_WRONLY | O_CLOEXEC), "deep");

	say_set("written to", "tree/sub/deep", 0, RDONLY | NOSUID, 0, MS_SHARED);
	mount_attr_say("tree/sub/deep", "tree/sub/deep");
	say_set("something else", "tree/sub/deep", 0, NOSUID, 0, 0);
	mount_attr_say("tree/sub/deep", "tree/sub/deep");
	close(fd);
	say_set("closed", "tree/sub/deep", 0, RDONLY, 0, 0);
	mount_attr_say("tree/sub/deep", "tree/sub/deep");
}

/* --- trees --- */

SCENARIO(run_tree)
{
	say_set("one", "tree", 0, RDONLY, 0, 0);
	say_tree("not recursive");
	say_set("recursive", "tree", RECURSIVE, NOSUID | STRICTATIME, ATIME | RDONLY, 0);
	say_tree("recursive");
	say_set("a part", "tree/sub", RECURSIVE, NODEV, NOSUID, MS_SHARED);
	say_tree("a part of it");
	say_set("all private", "tree", RECURSIVE, NODIRATIME, 0, MS_PRIVATE);
	say_tree("all of it");
}

SCENARIO(run_tree_propagation)
{
	static const struct {
		const char *name;
		unsigned long type;
	} types[] = {
		{ "shared", MS_SHARED },
		{ "slave", MS_SLAVE },
		{ "unbindable", MS_UNBINDABLE },
		{ "private", MS_PRIVATE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		say_set(types[i].name, "tree", RECURSIVE, 0, 0, types[i].type);
		say_tree("tree");
	}
}

SCENARIO(run_tree_busy)
{
	int fd = must_fd(open("tree/sub/deep/file", O_WRONLY | O_CLOEXEC), "deep");

	say_set("nosuid for some", "tree/other", 0, NOSUID, 0, 0);
	say_set("recursive RDONLY", "tree", RECURSIVE, RDONLY, NOSUID, MS_SHARED);
	say_tree("nothing changed");
	close(fd);
	say_set("closed", "tree", RECURSIVE, RDONLY, NOSUID, MS_SHARED);
	say_tree("all changed");
}

static void prepare_locked(void)
{
	prepare_tree();
	must(mount(NULL, "tree/sub", NULL,
		   MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
	     "remount");
	must(mount(NULL, "tree/sub/deep", NULL, MS_REMOUNT | MS_BIND | MS_NOATIME, NULL),
	     "remount");
}

SCENARIO(run_locked)
{
	open_tree_new_user_namespace(true);
	for (const struct mount_attr_flag *flag = mount_attr_flags; flag->name; flag++) {
		char label[64];

		snprintf(label, sizeof(label), "clear %s", flag->name);
		say_set(label, "tree/sub", 0, 0, flag->bit, 0);
		snprintf(label, sizeof(label), "clear %s, set something", flag->name);
		say_set(label, "tree/sub", 0, NODIRATIME, flag->bit, MS_SHARED);
	}
	say_set("atime", "tree/sub", 0, NOATIME, ATIME, 0);
	say_set("atime as it is", "tree/sub", 0, 0, ATIME, 0);
	say_set("noatime as it is", "tree/sub/deep", 0, NOATIME, ATIME, 0);
	say_set("relatime", "tree/sub/deep", 0, 0, ATIME, 0);
	say_set("more flags", "tree/sub/deep", 0, RDONLY | NOSUID, 0, 0);
	say_set("fewer again", "tree/sub/deep", 0, 0, RDONLY, 0);
	say_set("recursive, one is locked", "tree", RECURSIVE, NODEV, RDONLY, MS_SHARED);
	say_tree("nothing changed by that");
	say_set("recursive, none is locked", "tree", RECURSIVE, RDONLY, 0, 0);
	say_tree("all changed");
}

static void prepare_covered(void)
{
	prepare_tree();
	mount_tmpfs("tree/other", "mode=755");
	make_dir("tree/other/below");
	mount_tmpfs("tree/other/below", "mode=755");
}

SCENARIO(run_covered)
{
	int lower, fd;

	say_set("propagation", "tree", RECURSIVE, 0, 0, MS_SHARED);
	say_set("flags", "tree", RECURSIVE, NOSUID, 0, 0);
	say_tree("tree");
	fd = must_fd(open("tree/other", O_PATH | O_CLOEXEC), "tree/other");
	must(umount2("tree/other", MNT_DETACH), "umount");
	lower = must_fd(open("tree/other", O_PATH | O_CLOEXEC), "tree/other");
	mount_attr_say_fd("the covered mount", lower, NULL);
	say_result("the covering mount", set_at(fd, "", EMPTY_PATH, RDONLY, 0, 0));
}

SCENARIO(run_covered_unchanged)
{
	int lower = must_fd(open("tree", O_PATH | O_CLOEXEC), "tree");

	say_set("flag of the lower one", "tree", 0, NOSUID, 0, 0);
	mount_tmpfs("tree", "mode=755");
	say_result("through its fd", set_at(lower, "", EMPTY_PATH, NODEV, 0, 0));
	mount_attr_say_fd("lower", lower, NULL);
	mount_attr_say("upper", "tree");
	say_set("clear what the upper one lacks", "tree", RECURSIVE, 0, NOSUID, 0);
	say_result("lower, recursive, as it is",
		   set_at(lower, "", EMPTY_PATH | RECURSIVE, 0, RDONLY, 0));
	mount_attr_say_fd("lower", lower, NULL);
}

/* --- elsewhere --- */

SCENARIO(run_detached)
{
	int fd = must_fd(sys_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE | CLOEXEC), "open_tree");

	say_result("flags", set_at(fd, "", EMPTY_PATH, NOSUID, 0, 0));
	mount_attr_say_fd("root", fd, NULL);
	say_result("flags, recursive", set_at(fd, "", EMPTY_PATH | RECURSIVE, NODEV, 0, 0));
	say_result("child", set_at(fd, "sub", 0, NOEXEC, 0, 0));
	say_result("child, propagation", set_at(fd, "sub", 0, 0, 0, MS_PRIVATE));
	say_result("file", set_at(fd, "file", 0, NOEXEC, 0, 0));
	mount_attr_say("source", "tree");
}

SCENARIO(run_detached_propagation)
{
	int fd = must_fd(sys_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE | CLOEXEC), "open_tree");

	say_result("shared, recursive", set_at(fd, "", EMPTY_PATH | RECURSIVE, 0, 0, MS_SHARED));
	must(sys_move_mount(fd, "", AT_FDCWD, "plain", 4), "move_mount");
	mount_attr_say("root", "plain");
	mount_attr_say("child", "plain/sub");
	mount_attr_say("source", "tree");
}

static void unshare_and_wait(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
}

SCENARIO(run_elsewhere)
{
	pid_t pid = open_tree_start_peer(unshare_and_wait);
	int root = open_tree_peer_file(pid, "root", O_PATH | O_DIRECTORY), fd;
	char path[4200];

	snprintf(path, sizeof(path), "%s/tree", scenario_world() + 1);
	fd = must_fd(openat(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC), path);
	say_result("other namespace, flags", set_at(fd, "", EMPTY_PATH, RDONLY, 0, 0));
	say_result("other namespace, propagation", set_at(fd, "", EMPTY_PATH, 0, 0, MS_SHARED));
	say_result("other namespace, recursive",
		   set_at(fd, "", EMPTY_PATH | RECURSIVE, RDONLY, 0, MS_SHARED));
	open_tree_end_peer(pid);
}

/* Nothing is above it there, as nothing is above a detached tree. */
SCENARIO(run_other_root)
{
	pid_t pid = open_tree_start_peer(unshare_and_wait);
	int fd = open_tree_peer_file(pid, "root", O_PATH | O_DIRECTORY);

	say_result("flags", set_at(fd, "", EMPTY_PATH, NOSUID, 0, 0));
	say_result("flags, recursive", set_at(fd, "", EMPTY_PATH | RECURSIVE, NOSUID, 0, 0));
	say_result("propagation", set_at(fd, "", EMPTY_PATH, 0, 0, MS_UNBINDABLE));
	open_tree_end_peer(pid);
}

SCENARIO(run_unmounted)
{
	int fd = must_fd(open("tree/sub", O_PATH | O_DIRECTORY | O_CLOEXEC), "tree/sub");

	must(umount2("tree/sub", MNT_DETACH), "umount2");
	say_result("flags", set_at(fd, "", EMPTY_PATH, RDONLY, 0, 0));
	say_result("propagation", set_at(fd, "", EMPTY_PATH, 0, 0, MS_SHARED));
	say_result("recursive", set_at(fd, "", EMPTY_PATH | RECURSIVE, RDONLY, 0, 0));
}

static int chroot_calls(void *argument)
{
	int fd = must_fd(open("tree/other", O_PATH | O_DIRECTORY | O_CLOEXEC), "tree/other");
	int deep =
		must_fd(open("tree/sub/deep", O_PATH | O_DIRECTORY | O_CLOEXEC), "tree/sub/deep");

	(void)argument;
	make_dir("tree/sub/proc");
	mount_bind("/proc", "tree/sub/proc", false);
	must(chroot("tree/sub"), "chroot");
	must(chdir("/"), "chdir");
	say_set("the root", "/", 0, NOSUID, 0, 0);
	say_set("the root, recursive", "/", RECURSIVE, NODIRATIME, 0, 0);
	say_result("outside", set_at(fd, "", EMPTY_PATH, NODEV, 0, 0));
	say_result("outside, recursive",
		   set_at(fd, "", EMPTY_PATH | RECURSIVE, NOEXEC, 0, MS_SHARED));
	say_result("below", set_at(deep, "", EMPTY_PATH, NOSUID, 0, 0));
	say_set("missing", "/tree", 0, NOSUID, 0, 0);
	return 0;
}

SCENARIO(run_chroot)
{
	in_child(chroot_calls, NULL);
	say_tree("from outside");
}

SCENARIO(run_full_table)
{
	struct rlimit limit;
	int fd, taken[64], count = 0;

	must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = 64;
	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	while ((fd = dup(0)) >= 0)
		taken[count++] = fd;
	say_set("RDONLY", "tree", 0, RDONLY, 0, 0);
	say_set("NOSUID, recursive", "tree", RECURSIVE, NOSUID, 0, MS_SHARED);
	say_set("missing", "missing", 0, RDONLY, 0, 0);
	say_set("no mount's root", "plain", 0, RDONLY, 0, 0);
	while (count)
		close(taken[--count]);
	say_tree("afterwards");
}

#define S(name, doc, levels, prepare, run) \
	{ \
		"mount-setattr/" name, doc, levels, prepare, run \
	}
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS)

const struct scenario mount_setattr_scenarios[] = {
	S("call/flags", "unknown flags are EINVAL", SCENARIO_ALL, prepare_tree, run_flags),
	S("call/size", "sizes: too small, with and without a tail, too large", SCENARIO_ALL,
	  prepare_tree, run_size),
	S("call/pointer", "bad pointers are EFAULT, after size and privilege", SCENARIO_ALL,
	  prepare_tree, run_pointer),
	S("call/probe", "how programs look for the call", SCENARIO_ALL, prepare_tree, run_probe),
	S("call/order", "flags, size, privilege, struct, nothing to do, fields, path, mount",
	  SCENARIO_ALL, prepare_tree, run_order),
	S("call/privilege", "the same without CAP_SYS_ADMIN", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_privilege),
	S("call/child-user-namespace", "privilege over the mount namespace counts", PRIVILEGED,
	  prepare_tree, run_child_user_namespace),
	S("call/full-table", "no file descriptor is needed", PRIVILEGED, prepare_tree,
	  run_full_table),
	S("attr/unknown", "unknown attributes are EINVAL", PRIVILEGED, prepare_tree, run_unknown),
	S("attr/atime", "atime is a field: cleared as a whole, set only if cleared", PRIVILEGED,
	  prepare_tree, run_atime_fields),
	S("attr/propagation", "one type of propagation", PRIVILEGED, prepare_tree,
	  run_propagation_values),
	S("attr/nothing", "nothing to do is done without looking at the path", PRIVILEGED,
	  prepare_tree, run_nothing),
	S("attr/set-and-clear", "a flag that is cleared and set is set", PRIVILEGED, prepare_tree,
	  run_both),
	S("attr/id-map-arguments", "the user namespace of an id map is checked before the path",
	  PRIVILEGED, prepare_tree, run_id_map_arguments),
	S("attr/id-map", "id maps are for mounts that were never attached", SCENARIO_ROOT,
	  prepare_tree, run_id_map),
	S("path/errors", "the mount that a path denotes, and paths that denote none", PRIVILEGED,
	  prepare_tree, run_path),
	S("path/internal", "the kernel's own mounts", PRIVILEGED, prepare_internal, run_internal),
	S("one/each", "each flag is set and cleared, and its children are left alone", PRIVILEGED,
	  prepare_tree, run_each),
	S("one/nosymfollow", "NOSYMFOLLOW", PRIVILEGED, prepare_tree, run_nosymfollow),
	S("one/keep", "attributes that are not named stay", PRIVILEGED, prepare_tree, run_keep),
	S("one/read-only", "a read-only superblock is not a read-only mount", SCENARIO_ROOT,
	  prepare_read_only, run_read_only),
	S("one/propagation", "propagation, alone and with flags", PRIVILEGED, prepare_tree,
	  run_propagation),
	S("one/file", "a mount on a file", PRIVILEGED, prepare_file, run_file),
	S("one/busy", "read-only is EBUSY while a file is open for writing", PRIVILEGED,
	  prepare_tree, run_busy),
	S("tree/flags", "recursive or not", PRIVILEGED, prepare_tree, run_tree),
	S("tree/propagation", "recursive propagation", PRIVILEGED, prepare_tree,
	  run_tree_propagation),
	S("tree/busy", "one that fails: none is changed", PRIVILEGED, prepare_tree, run_tree_busy),
	S("tree/locked", "locked flags cannot be cleared, and then nothing is changed", PRIVILEGED,
	  prepare_locked, run_locked),
	S("tree/covered", "a covered mount is changed with the others", PRIVILEGED, prepare_covered,
	  run_covered),
	S("tree/covered-unchanged", "a covered mount by fd, and one that has nothing to change",
	  PRIVILEGED, prepare_tree, run_covered_unchanged),
	S("where/detached", "the root of a detached tree, not the mounts in it", PRIVILEGED,
	  prepare_tree, run_detached),
	S("where/detached-propagation", "propagation of a detached tree", PRIVILEGED, prepare_tree,
	  run_detached_propagation),
	S("where/other-namespace", "a mount of another namespace is EINVAL", PRIVILEGED,
	  prepare_tree, run_elsewhere),
	S("where/other-root", "the root of another namespace is EINVAL", PRIVILEGED, prepare_tree,
	  run_other_root),
	S("where/unmounted", "an unmounted mount is EINVAL", PRIVILEGED, prepare_tree,
	  run_unmounted),
	S("where/chroot", "inside and outside of a chroot", PRIVILEGED, prepare_tree, run_chroot),
	{ .name = NULL },
};
