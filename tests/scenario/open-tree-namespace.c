// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open-tree-namespace.c - what open_tree(NAMESPACE) returns: mounts, fd, rights inside, lifetime.
 * May touch only the scenario's own process, its world and the children it starts.
 * Listed in scenario.c as open_tree_namespace_scenarios; states sections 2.4 to 2.6 of reference.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/nsfs.h>

#include "compat/kernel/uapi.h"
#include "open-tree-common.h"

#define MOVE_FROM_FD 4u /* MOVE_MOUNT_F_EMPTY_PATH */
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

/* The attribute tells the mounts of a tree from each other. */
static void mount_marked(const char *path, unsigned long flag)
{
	make_dir(path);
	must(mount("tmpfs", path, "tmpfs", flag, "mode=755"), path);
}

static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	make_file("tree/file", "root of the tree");
	make_dir("tree/dir");
	make_file("tree/dir/file", "in a directory");
	make_dir("tree/sub");
	make_file("tree/sub/covered", "covered");
	mount_marked("tree/sub", MS_NOSUID);
	make_file("tree/sub/file", "first child");
	mount_marked("tree/sub/deep", MS_NOEXEC);
	make_file("tree/sub/deep/file", "child of the child");
	make_dir("other");
	make_file("other/file", "other");
}

/* For what mounts files of namespaces that are made later. */
static void prepare_ordered_tree(void)
{
	open_tree_order_namespaces();
	prepare_tree();
}

static int open_directory(const char *path)
{
	return must_fd(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
}

static int open_namespace_link(const char *name)
{
	return must_fd(open(name, O_RDONLY | O_CLOEXEC), name);
}

/* tmpfs on @path without ending the scenario: prints whether it works. */
static int try_tmpfs(const char *path)
{
	return mount("tmpfs", path, "tmpfs", 0, "mode=755");
}

static int try_bind(const char *from, const char *to, unsigned long flags)
{
	return mount(from, to, NULL, MS_BIND | flags, NULL);
}

/* --- 2.4 the mounts: layout --- */

SCENARIO(run_layout_tree)
{
	open_tree_describe("one mount", "tree/sub/deep", 0);
	open_tree_describe("three mounts", "tree", RECURSIVE);
	open_tree_describe("two of them", "tree/sub", RECURSIVE);
	open_tree_describe("a directory as root", "tree/dir", 0);
}

SCENARIO(run_layout_deep)
{
	char path[128] = "d0";

	for (int i = 0; i < 20; i++) {
		mount_tmpfs(path, "mode=755");
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "/d%d", i + 1);
	}
	open_tree_describe("20 mounts, one on the other", "d0", RECURSIVE);
	open_tree_describe("from the middle", "d0/d1/d2/d3/d4/d5/d6/d7/d8/d9", RECURSIVE);
	open_tree_describe("the top alone", "d0", 0);
}

SCENARIO(run_layout_wide)
{
	char path[32];

	mount_tmpfs("wide", "mode=755");
	for (int i = 0; i < 25; i++) {
		/* In an order that is not that of the names. */
		snprintf(path, sizeof(path), "wide/c%02d", i * 7 % 25);
		mount_tmpfs(path, "mode=755");
	}
	open_tree_describe("25 children", "wide", RECURSIVE);
}

#define LARGE 400

static int count_large(void *argument)
{
	int found = 0;
	char path[64];

	(void)argument;
	for (int i = 0; i < LARGE; i++) {
		snprintf(path, sizeof(path), "/a-rather-long-name-for-a-mount-point-%d/file", i);
		found += access(path, F_OK) == 0;
	}
	say("mounts with their file: %d", found);
	return 0;
}

static void make_large(void)
{
	char path[64];

	mount_tmpfs("large", "mode=755");
	for (int i = 0; i < LARGE; i++) {
		snprintf(path, sizeof(path), "large/a-rather-long-name-for-a-mount-point-%d", i);
		mount_tmpfs(path, "mode=755,size=64k");
		strcat(path, "/file");
		make_file(path, "");
	}
}

SCENARIO(run_layout_large)
{
	int nsfd;

	make_large();
	nsfd = open_tree_namespace("large", RECURSIVE);
	if (nsfd >= 0)
		open_tree_inside(nsfd, count_large, NULL);
	nsfd = open_tree_namespace("large", 0);
	if (nsfd >= 0)
		open_tree_inside(nsfd, count_large, NULL);
	open_tree_describe("one of them", "large/a-rather-long-name-for-a-mount-point-399", 0);
}

SCENARIO(run_layout_large_foreign)
{
	int nsfd;

	make_large();
	open_tree_new_user_namespace(false);
	nsfd = open_tree_namespace("large", RECURSIVE);
	if (nsfd >= 0)
		open_tree_inside(nsfd, count_large, NULL);
	open_tree_describe("one of them", "large/a-rather-long-name-for-a-mount-point-399", 0);
}

SCENARIO(run_layout_binds)
{
	mount_tmpfs("tree/bind", "mode=755");
	mount_bind("tree/dir", "tree/bind", false);
	mount_bind("tree/sub", "other", true);
	make_dir("tree/sub/again");
	mount_bind("tree", "tree/sub/again", false);
	open_tree_describe("binds of itself", "tree", RECURSIVE);
	open_tree_describe("a recursive bind", "other", RECURSIVE);
}

SCENARIO(run_layout_stacked)
{
	mount_tmpfs("tree", "mode=711");
	make_file("tree/upper", "upper");
	make_dir("tree/dir");
	mount_tmpfs("tree/dir", "mode=755");
	mount_tmpfs("tree/dir", "mode=700");
	open_tree_describe("stacks", "tree", RECURSIVE);
	open_tree_describe("the world with them", ".", RECURSIVE);
}

static int say_stack_inside(void *argument)
{
	(void)argument;
	open_tree_say_names("/", "/");
	open_tree_say_names("/dir", "/dir");
	say_result("umount dir", umount2("/dir", 0));
	open_tree_say_names("/dir", "/dir");
	return 0;
}

SCENARIO(run_layout_stacked_content)
{
	int lower = open_directory("tree"), nsfd;

	mount_tmpfs("tree", "mode=711");
	make_file("tree/upper", "upper");
	make_dir("tree/dir");
	make_file("tree/dir/bottom", "");
	mount_tmpfs("tree/dir", "mode=755");
	make_file("tree/dir/middle", "");
	mount_tmpfs("tree/dir", "mode=700");
	make_file("tree/dir/top", "");
	nsfd = open_tree_namespace_at(lower, "", EMPTY_PATH | RECURSIVE);
	if (nsfd < 0)
		return;
	say_namespace("a root with a mount over it", nsfd);
	open_tree_inside(nsfd, say_stack_inside, NULL);
	say_namespace("after the umount", nsfd);
}

/* --- 2.4 attributes --- */

static const struct {
	const char *name;
	unsigned long flags;
} attributes[] = {
	{ "ro", MS_RDONLY },
	{ "nosuid", MS_NOSUID },
	{ "nodev", MS_NODEV },
	{ "noexec", MS_NOEXEC },
	{ "noatime", MS_NOATIME },
	{ "nodiratime", MS_NODIRATIME | MS_RELATIME },
	{ "relatime", MS_RELATIME },
	{ "strictatime", MS_STRICTATIME },
	{ "all", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME },
};

static void prepare_attributes(void)
{
	char path[64];

	mount_tmpfs("tree", "mode=755");
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		snprintf(path, sizeof(path), "tree/%s", attributes[i].name);
		mount_tmpfs(path, "mode=755");
		must(mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | attributes[i].flags, NULL),
		     path);
	}
}

SCENARIO(run_attributes)
{
	char path[64];

	open_tree_describe("as children", "tree", RECURSIVE);
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		snprintf(path, sizeof(path), "tree/%s", attributes[i].name);
		open_tree_describe(attributes[i].name, path, 0);
	}
}

SCENARIO(run_attributes_foreign)
{
	open_tree_new_user_namespace(false);
	run_attributes();
}

SCENARIO(run_attributes_nosymfollow)
{
	must(mount(NULL, "tree", NULL, MS_REMOUNT | MS_BIND | MS_NOSYMFOLLOW, NULL), "remount");
	open_tree_describe("nosymfollow", "tree", RECURSIVE);
}

static int write_inside(void *argument)
{
	(void)argument;
	say_result("ro mount", open("/ro/new", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	say_result("nosuid mount", open("/nosuid/new", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	return 0;
}

SCENARIO(run_attributes_hold)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, write_inside, NULL);
	say_result("the source got it", access("tree/nosuid/new", F_OK));
	/* Attributes are those of the moment of the call, on both sides. */
	must(mount(NULL, "tree/ro", NULL, MS_REMOUNT | MS_BIND, NULL), "remount");
	open_tree_inside(nsfd, write_inside, NULL);
}

SCENARIO(run_superblock_read_only)
{
	make_dir("frozen");
	must(mount("tmpfs", "frozen", "tmpfs", MS_RDONLY, "mode=755"), "mount");
	open_tree_describe("a read-only file system", "frozen", 0);
}

/* --- 2.4 content --- */

static int say_content(void *argument)
{
	(void)argument;
	open_tree_say_names("/", "/");
	open_tree_say_names("/sub", "/sub");
	open_tree_say_file("/file", "/file");
	open_tree_say_file("/dir/file", "/dir/file");
	open_tree_say_file("/sub/file", "/sub/file");
	open_tree_say_file("/sub/deep/file", "/sub/deep/file");
	open_tree_say_file("/sub/covered", "/sub/covered");
	open_tree_say_file("the world from inside", scenario_world());
	return 0;
}

SCENARIO(run_content)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd >= 0)
		open_tree_inside(nsfd, say_content, NULL);
	nsfd = open_tree_namespace("tree", 0);
	if (nsfd >= 0)
		open_tree_inside(nsfd, say_content, NULL);
}

static int write_content(void *argument)
{
	(void)argument;
	make_file("/new", "written inside");
	make_file("/sub/new", "written inside a child");
	must(unlink("/file"), "unlink");
	return 0;
}

SCENARIO(run_content_shared)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, write_content, NULL);
	open_tree_say_file("new", "tree/new");
	open_tree_say_file("sub/new", "tree/sub/new");
	open_tree_say_file("file", "tree/file");
	make_file("tree/file", "written outside");
	open_tree_inside(nsfd, say_content, NULL);
}

/* --- 2.4 propagation, caller owns its mount namespace --- */

static void prepare_groups(void)
{
	prepare_tree();
	mount_tmpfs("peer", "mode=755");
	make_dir("peer/point");
	mount_propagation("peer", MS_SHARED);
	mount_bind("peer", "other", false);
	make_dir("slave");
	mount_bind("peer", "slave", false);
	mount_propagation("slave", MS_SLAVE);
	make_dir("both");
	mount_bind("peer", "both", false);
	mount_propagation("both", MS_SLAVE);
	mount_propagation("both", MS_SHARED);
}

SCENARIO(run_propagation_kinds)
{
	open_tree_describe("private", "tree", 0);
	open_tree_describe("shared", "peer", 0);
	open_tree_describe("shared, the other peer", "other", 0);
	open_tree_describe("slave", "slave", 0);
	open_tree_describe("slave and shared", "both", 0);
	open_tree_describe("directory of a shared mount", "peer/point", 0);
	open_tree_describe("directory of a slave", "slave/point", RECURSIVE);
}

/* No group ends and begins again: whether its number comes back depends on who else runs. */
SCENARIO(run_propagation_recursive)
{
	mount_propagation("tree", MS_SHARED | MS_REC);
	open_tree_describe("all shared", "tree", RECURSIVE);
	mount_propagation("tree/sub/deep", MS_PRIVATE);
	open_tree_describe("shared, shared, private", "tree", RECURSIVE);
	mount_propagation("tree", MS_PRIVATE);
	open_tree_describe("private, shared, private", "tree", RECURSIVE);
	mount_propagation("tree/sub", MS_SLAVE);
	open_tree_describe("slave of a group without others is private", "tree", RECURSIVE);
}

SCENARIO(run_propagation_mixed)
{
	make_dir("tree/dir/slave");
	make_dir("tree/dir/both");
	make_dir("tree/dir/peer");
	mount_bind("slave", "tree/dir/slave", false);
	mount_bind("both", "tree/dir/both", false);
	mount_bind("peer", "tree/dir/peer", false);
	open_tree_describe("every kind below", "tree", RECURSIVE);
}

static int mount_at_point(void *argument)
{
	(void)argument;
	say_result("mount inside", try_tmpfs("/point"));
	make_file("/point/file", "mounted inside");
	return 0;
}

static int umount_at_point(void *argument)
{
	(void)argument;
	say_result("umount inside", umount2("/point", MNT_DETACH));
	return 0;
}

static int say_point(void *argument)
{
	(void)argument;
	open_tree_say_file("point/file inside", "/point/file");
	return 0;
}

static void say_events(const char *source)
{
	char path[64];
	int nsfd = open_tree_namespace(source, RECURSIVE);

	if (nsfd < 0)
		return;
	snprintf(path, sizeof(path), "%s/point", source);
	mount_tmpfs(path, "mode=755");
	snprintf(path, sizeof(path), "%s/point/file", source);
	make_file(path, "mounted outside");
	say("%s: mounted outside", source);
	open_tree_inside(nsfd, say_point, NULL);
	say_namespace("inside", nsfd);
	snprintf(path, sizeof(path), "%s/point", source);
	must(umount2(path, MNT_DETACH), "umount2");
	say("%s: unmounted outside", source);
	open_tree_inside(nsfd, say_point, NULL);
	say("%s: mounted inside", source);
	open_tree_inside(nsfd, mount_at_point, NULL);
	snprintf(path, sizeof(path), "%s/point/file", source);
	open_tree_say_file("outside", path);
	open_tree_say_file("in the peer", "peer/point/file");
	open_tree_inside(nsfd, umount_at_point, NULL);
	open_tree_say_file("outside, after", path);
	close(nsfd);
}

SCENARIO(run_events_shared)
{
	say_events("peer");
}

SCENARIO(run_events_slave)
{
	say_events("slave");
}

SCENARIO(run_events_both)
{
	say_events("both");
}

SCENARIO(run_events_private)
{
	make_dir("tree/point");
	say_events("tree");
}

SCENARIO(run_events_master)
{
	int nsfd = open_tree_namespace("slave", 0);

	if (nsfd < 0)
		return;
	/* An event in the master reaches the slave and its copy. */
	mount_tmpfs("peer/point", "mode=755");
	make_file("peer/point/file", "mounted in the master");
	open_tree_say_file("slave", "slave/point/file");
	open_tree_inside(nsfd, say_point, NULL);
	say_namespace("inside", nsfd);
}

SCENARIO(run_events_foreign)
{
	int nsfd;

	open_tree_new_user_namespace(false);
	nsfd = open_tree_namespace("peer", RECURSIVE);
	if (nsfd < 0)
		return;
	say_namespace("foreign", nsfd);
	open_tree_inside(nsfd, mount_at_point, NULL);
	open_tree_say_file("outside", "peer/point/file");
	say_namespace("with a mount of its own", nsfd);
}

static int events_into_foreign(void *argument)
{
	int *pipes = argument;
	char byte;
	int nsfd;

	open_tree_new_user_namespace(false);
	nsfd = open_tree_namespace("peer", RECURSIVE);
	must(write(pipes[0], "", 1), "write");
	must(read(pipes[1], &byte, 1), "read");
	if (nsfd < 0)
		return 1;
	open_tree_inside(nsfd, say_point, NULL);
	say_namespace("a mount that came in", nsfd);
	open_tree_inside(nsfd, umount_at_point, NULL);
	return 0;
}

SCENARIO(run_events_into_foreign)
{
	int to_parent[2], to_child[2], pair[2];
	pid_t pid;
	char byte;

	must(pipe2(to_parent, O_CLOEXEC), "pipe2");
	must(pipe2(to_child, O_CLOEXEC), "pipe2");
	pair[0] = to_parent[1];
	pair[1] = to_child[0];
	pid = fork();
	must(pid, "fork");
	if (pid == 0)
		_exit(events_into_foreign(pair));
	close(to_parent[1]);
	if (read(to_parent[0], &byte, 1) == 1) {
		mount_tmpfs("peer/point", "mode=755");
		make_file("peer/point/file", "mounted by the owner");
		must(write(to_child[1], "", 1), "write");
	}
	must(waitpid(pid, NULL, 0), "waitpid");
	open_tree_say_file("of the owner, after", "peer/point/file");
}

SCENARIO(run_events_beside)
{
	int nsfd;

	make_dir("peer/dir");
	make_dir("peer/dir/point");
	nsfd = open_tree_namespace("peer/dir", 0);
	if (nsfd < 0)
		return;
	mount_tmpfs("peer/point", "mode=755");
	say_namespace("a mount beside the directory", nsfd);
	mount_tmpfs("peer/dir/point", "mode=755");
	say_namespace("a mount in the directory", nsfd);
}

static int make_private(void *argument)
{
	(void)argument;
	say_result("private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	say_result("mount", try_tmpfs("/point"));
	return 0;
}

SCENARIO(run_events_cut)
{
	int nsfd = open_tree_namespace("peer", 0);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, make_private, NULL);
	say_namespace("made private inside", nsfd);
	open_tree_describe("the source stays shared", "peer", 0);
}

SCENARIO(run_two_copies)
{
	int first = open_tree_namespace("peer", 0), second = open_tree_namespace("other", 0);

	if (first < 0 || second < 0)
		return;
	open_tree_inside(first, mount_at_point, NULL);
	open_tree_inside(second, say_point, NULL);
	close(first);
	open_tree_inside(second, say_point, NULL);
	open_tree_say_file("outside", "peer/point/file");
}

/* --- 2.4, 3.6 as seen from outside, by the namespace's id: the kernel's own calls (6.12) --- */

#define LISTED_MAX 64

struct namespace_info {
	uint32_t size, mounts;
	uint64_t id;
};

static void say_listed_mount(uint64_t ns_id, uint64_t id)
{
	static union {
		struct mntcompat_statmount fields;
		char room[8192];
	} answer;
	struct mntcompat_mnt_id_req req = {
		.size = sizeof(req),
		.mnt_id = id,
		.mnt_ns_id = ns_id,
		.param = MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_MNT_POINT |
			 MNTCOMPAT_STATMOUNT_MNT_ROOT | MNTCOMPAT_STATMOUNT_FS_TYPE,
	};

	if (syscall(UAPI_NR_statmount, &req, &answer, sizeof(answer), 0)) {
		say("  statmount: %s", errno_name(errno));
		return;
	}
	say("  %s root=%s type=%s parent %s",
	    scenario_quote(answer.fields.str + answer.fields.mnt_point),
	    scenario_quote(answer.fields.str + answer.fields.mnt_root),
	    answer.fields.str + answer.fields.fs_type,
	    answer.fields.mnt_parent_id == id ? "itself" : "another");
}

static void say_listed(const char *label, int nsfd)
{
	struct namespace_info info = { .size = sizeof(info) };
	struct mntcompat_mnt_id_req req = { .size = sizeof(req), .mnt_id = UINT64_MAX };
	uint64_t ids[LISTED_MAX];
	long n, i;

	if (nsfd < 0)
		return;
	if (ioctl(nsfd, UAPI_NS_MNT_GET_INFO, &info)) {
		say("%s: NS_MNT_GET_INFO: %s", label, errno_name(errno));
		close(nsfd);
		return;
	}
	req.mnt_ns_id = info.id;
	n = syscall(UAPI_NR_listmount, &req, ids, (size_t)LISTED_MAX, 0);
	say("%s: %u mounts, listmount %ld%s%s", label, info.mounts, n < 0 ? -1 : n,
	    n < 0 ? " " : "", n < 0 ? errno_name(errno) : "");
	for (i = 0; i < n; i++)
		say_listed_mount(info.id, ids[i]);
	close(nsfd);
}

SCENARIO(run_listed)
{
	say_listed("one mount", open_tree_namespace("tree/sub/deep", 0));
	say_listed("a tree", open_tree_namespace("tree", RECURSIVE));
	say_listed("a directory", open_tree_namespace("tree/dir", 0));
	/* Not the first call any more, nor the second: whatever is prepared is used. */
	say_listed("a tree again", open_tree_namespace("tree", RECURSIVE));
}

SCENARIO(run_listed_foreign)
{
	open_tree_new_user_namespace(false);
	say_listed("one mount", open_tree_namespace("tree/sub/deep", 0));
	say_listed("a tree", open_tree_namespace("tree", RECURSIVE));
	say_listed("a directory", open_tree_namespace("tree/dir", RECURSIVE));
}

SCENARIO(run_listed_limited)
{
	open_tree_keep_capabilities(CAPABILITIES_ALL & ~CAPABILITY(CAP_SYS_CHROOT));
	say_listed("one mount", open_tree_namespace("tree/sub/deep", 0));
	say_listed("a tree", open_tree_namespace("tree", RECURSIVE));
}

/* --- 2.4 callers that do not own their mount namespace, and owners --- */

SCENARIO(run_foreign_propagation)
{
	open_tree_new_user_namespace(false);
	open_tree_describe("private", "other", 0);
	open_tree_describe("shared", "peer", 0);
	open_tree_describe("slave", "slave", 0);
	open_tree_describe("slave and shared", "both", 0);
	open_tree_describe("tree", "tree", RECURSIVE);
}

static void prepare_groups_below(void)
{
	prepare_groups();
	mount_propagation("tree", MS_SHARED | MS_REC);
	mount_propagation("tree/sub/deep", MS_PRIVATE);
	make_dir("tree/dir/slave");
	make_dir("tree/dir/both");
	mount_bind("slave", "tree/dir/slave", false);
	mount_bind("both", "tree/dir/both", false);
}

SCENARIO(run_foreign_propagation_recursive)
{
	open_tree_new_user_namespace(false);
	open_tree_describe("every kind below", "tree", RECURSIVE);
}

SCENARIO(run_owner_propagation)
{
	open_tree_new_user_namespace(true);
	open_tree_describe("the copy of a shared mount", "peer", 0);
	mount_propagation("peer", MS_SHARED);
	open_tree_describe("made shared there", "peer", 0);
	open_tree_describe("the copy of private ones", "tree", RECURSIVE);
}

static void say_owner(const char *label, int nsfd)
{
	int owner;

	if (nsfd < 0)
		return;
	owner = ioctl(nsfd, NS_GET_USERNS);
	if (owner < 0) {
		say_result(label, owner);
		return;
	}
	open_tree_say_same(label, owner, open_namespace_link("/proc/self/ns/user"));
	close(owner);
}

SCENARIO(run_owner)
{
	say_owner("owner is the current user namespace", open_tree_namespace("tree", RECURSIVE));
	say_owner("a directory", open_tree_namespace("tree/dir", 0));
}

SCENARIO(run_owner_foreign)
{
	open_tree_new_user_namespace(false);
	say_owner("owner of a foreign caller's", open_tree_namespace("tree", RECURSIVE));
	say_owner("and of the mount namespace it is in", open_namespace_link("/proc/self/ns/mnt"));
	open_tree_new_user_namespace(false);
	say_owner("one further", open_tree_namespace("tree", RECURSIVE));
}

SCENARIO(run_owner_own)
{
	open_tree_new_user_namespace(true);
	say_owner("owner of an owner's", open_tree_namespace("tree", RECURSIVE));
}

static void child_owner(void)
{
	open_tree_new_user_namespace(true);
	mount_tmpfs("other/own", "mode=755");
}

/* Root that went into a mount namespace below without its user namespace does not own it. */
static int visit_child_owner(void *argument)
{
	int *nsfd = argument;
	char path[4200];

	must(enter_namespace(*nsfd), "setns");
	snprintf(path, sizeof(path), "%s", scenario_world());
	must(chdir(path), "chdir");
	open_tree_describe("not recursive, children below", "tree", 0);
	open_tree_describe("not recursive, own children of the owner below", "other", 0);
	open_tree_describe("not recursive, nothing below", "other/own", 0);
	open_tree_describe("RECURSIVE", "tree", RECURSIVE);
	open_tree_describe("own mounts of the owner", "other", RECURSIVE);
	open_tree_describe("shared mounts", "peer", RECURSIVE);
	say_owner("owner", open_tree_namespace("tree", RECURSIVE));
	return 0;
}

static int umount_visited(void *argument)
{
	(void)argument;
	say_result("umount child", umount2("/sub/deep", MNT_DETACH));
	say_result("umount root", umount2("/", MNT_DETACH));
	return 0;
}

static int visit_child_owner_inside(void *argument)
{
	int *nsfd = argument, result;
	char path[4200];

	must(enter_namespace(*nsfd), "setns");
	snprintf(path, sizeof(path), "%s", scenario_world());
	must(chdir(path), "chdir");
	result = open_tree_namespace("tree", RECURSIVE);
	if (result >= 0)
		open_tree_inside(result, umount_visited, NULL);
	return 0;
}

SCENARIO(run_visitor)
{
	pid_t peer = open_tree_start_peer(child_owner);
	int nsfd = open_tree_peer_file(peer, "ns/mnt", O_RDONLY);

	in_child(visit_child_owner, &nsfd);
	in_child(visit_child_owner_inside, &nsfd);
	open_tree_end_peer(peer);
}

/* --- 2.6 inside, as owner --- */

static int umount_children(void *argument)
{
	(void)argument;
	say_result("umount busy child", umount2("/sub", 0));
	say_result("umount grandchild", umount2("/sub/deep", 0));
	say_result("umount child", umount2("/sub", 0));
	open_tree_say_file("the covered file", "/sub/covered");
	say_result("umount no mount", umount2("/dir", 0));
	return 0;
}

SCENARIO(run_inside_umount)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, umount_children, NULL);
	say_namespace("left", nsfd);
	open_tree_say_file("the source", "tree/sub/deep/file");
}

static int umount_root(void *argument)
{
	(void)argument;
	/* Without MNT_DETACH the kernel would make the file system read-only instead. */
	say_result("umount root", umount2("/", MNT_DETACH));
	open_tree_say_file("file", "/file");
	return 0;
}

static bool has_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir)))
		found = strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	if (dir)
		closedir(dir);
	return found;
}

static int use_bottom(void *argument)
{
	static const char name[] = "/mntcompat-scenario-new";
	struct stat st;
	int fd;

	(void)argument;
	must(stat("/", &st), "stat");
	say("/ is a directory: %s", S_ISDIR(st.st_mode) ? "yes" : "no");
	/* In the tree they are ours; below it, where there are any, they depend on the machine. */
	if (access("/file", F_OK) == 0)
		open_tree_say_names("names", "/");
	else
		say("names: %s", has_entries("/") ? "(not empty)" : "(empty)");
	/* Where this succeeds it may well be in a file system of the host: nothing stays. */
	say_result("mkdir", mkdir(name, 0755));
	rmdir(name);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	say_result("create", fd);
	if (fd >= 0)
		unlink(name);
	open_tree_say_file("file of before", "/file");
	open_tree_say_file("the world", scenario_world());
	return 0;
}

static int mount_on_bottom(void *argument)
{
	(void)argument;
	say_result("mount", try_tmpfs("/"));
	return 0;
}

SCENARIO(run_inside_umount_root)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, umount_root, NULL);
	open_tree_say_file("the source", "tree/file");
}

SCENARIO(run_inside_bottom)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, umount_root, NULL);
	say("entered again");
	open_tree_inside(nsfd, use_bottom, NULL);
}

SCENARIO(run_inside_bottom_mount)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, umount_root, NULL);
	say("entered again");
	open_tree_inside(nsfd, mount_on_bottom, NULL);
	say_namespace("a new root", nsfd);
}

static int pivot(void *argument)
{
	(void)argument;
	must(chdir("/sub"), "chdir");
	make_dir("old");
	say_result("pivot_root", sys_pivot_root(".", "old"));
	open_tree_say_file("/file", "/file");
	open_tree_say_file("/old/file", "/old/file");
	say_result("umount old", umount2("/old", MNT_DETACH));
	return 0;
}

SCENARIO(run_inside_pivot)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, pivot, NULL);
	say_namespace("a child became the root", nsfd);
}

static int pivot_self(void *argument)
{
	(void)argument;
	must(chdir("/sub"), "chdir");
	say_result("pivot_root(., .)", sys_pivot_root(".", "."));
	say_result("umount .", umount2(".", MNT_DETACH));
	open_tree_say_file("/file", "/file");
	return 0;
}

SCENARIO(run_inside_pivot_self)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, pivot_self, NULL);
	say_namespace("a child became the root", nsfd);
}

static int remount(void *argument)
{
	(void)argument;
	say_result("ro", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	say_result("write", open("/new", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	say_result("child noexec, noatime",
		   mount(NULL, "/sub", NULL, MS_REMOUNT | MS_BIND | MS_NOEXEC | MS_NOATIME, NULL));
	say_result("shared", mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL));
	return 0;
}

static int remount_back(void *argument)
{
	(void)argument;
	say_result("rw", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL));
	say_result("write", open("/new", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	return 0;
}

SCENARIO(run_inside_remount)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, remount, NULL);
	say_namespace("changed", nsfd);
	open_tree_inside(nsfd, remount_back, NULL);
	open_tree_describe("the source has not", "tree", RECURSIVE);
}

static int mount_things(void *argument)
{
	int tree;

	(void)argument;
	say_result("tmpfs", try_tmpfs("/dir"));
	say_result("bind", try_bind("/sub", "/dir", 0));
	say_result("recursive bind", try_bind("/sub", "/dir", MS_REC));
	tree = sys_open_tree(AT_FDCWD, "/sub/deep", CLONE | CLOEXEC);
	say_result("detached tree", tree);
	say_result("moved", sys_move_mount(tree, "", AT_FDCWD, "/dir/deep", MOVE_FROM_FD));
	say_result("move", mount("/sub", "/dir", NULL, MS_MOVE, NULL));
	open_tree_say_names("/dir", "/dir");
	return 0;
}

SCENARIO(run_inside_mount)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, mount_things, NULL);
	say_namespace("with new mounts", nsfd);
}

static int mount_over_root(void *argument)
{
	int *step = argument;

	say_result("mount on /", try_tmpfs("/"));
	open_tree_say_file("/file, for who was there", "/file");
	open_tree_say_names("/.., for who was there", "/..");
	*step = 1;
	return 0;
}

static int say_root_names(void *argument)
{
	(void)argument;
	open_tree_say_names("names of / for who comes", "/");
	return 0;
}

SCENARIO(run_inside_mount_over_root)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE), step = 0;

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, mount_over_root, &step);
	open_tree_inside(nsfd, say_root_names, NULL);
	say_namespace("a root over the root", nsfd);
}

static int unshare_inside(void *argument)
{
	(void)argument;
	say_result("unshare", unshare(CLONE_NEWNS));
	say_result("umount", umount2("/sub", MNT_DETACH));
	open_tree_say_file("covered", "/sub/covered");
	say_result("umount root", umount2("/", MNT_DETACH));
	return 0;
}

SCENARIO(run_inside_unshare)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, unshare_inside, NULL);
	say_namespace("is not touched by a copy of it", nsfd);
}

static int new_user_inside(void *argument)
{
	/* No procfs inside: without id maps. */
	(void)argument;
	say_result("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS));
	say_result("umount", umount2("/sub", MNT_DETACH));
	say_result("umount root", umount2("/", MNT_DETACH));
	open_tree_say("a namespace of it", AT_FDCWD, "/", NS | RECURSIVE);
	open_tree_say("not recursive", AT_FDCWD, "/", NS);
	return 0;
}

SCENARIO(run_inside_user_namespace)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd >= 0)
		open_tree_inside(nsfd, new_user_inside, NULL);
}

/* --- 2.6 inside, with locked mounts --- */

static int foreign_umounts(void *argument)
{
	(void)argument;
	say_result("umount grandchild", umount2("/sub/deep", MNT_DETACH));
	say_result("umount child", umount2("/sub", MNT_DETACH));
	say_result("umount root", umount2("/", MNT_DETACH));
	say_result("move child", mount("/sub", "/dir", NULL, MS_MOVE, NULL));
	say_result("bind alone", try_bind("/sub", "/dir", 0));
	say_result("bind recursive", try_bind("/sub", "/dir", MS_REC));
	say_result("umount that", umount2("/dir", MNT_DETACH));
	say_result("bind of a leaf", try_bind("/sub/deep", "/dir", 0));
	say_result("umount that", umount2("/dir", 0));
	say_result("mount", try_tmpfs("/dir"));
	say_result("umount that", umount2("/dir", 0));
	return 0;
}

SCENARIO(run_foreign_inside_umount)
{
	int nsfd;

	open_tree_new_user_namespace(false);
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, foreign_umounts, NULL);
	say_namespace("afterwards", nsfd);
}

static int foreign_remounts(void *argument)
{
	const unsigned long all = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |
				  MS_NODIRATIME;
	const unsigned long base = MS_REMOUNT | MS_BIND;

	(void)argument;
	say_result("the same", mount(NULL, "/all", NULL, base | all, NULL));
	say_result("without ro", mount(NULL, "/all", NULL, base | (all & ~MS_RDONLY), NULL));
	say_result("without nosuid", mount(NULL, "/all", NULL, base | (all & ~MS_NOSUID), NULL));
	say_result("without nodev", mount(NULL, "/all", NULL, base | (all & ~MS_NODEV), NULL));
	say_result("without noexec", mount(NULL, "/all", NULL, base | (all & ~MS_NOEXEC), NULL));
	say_result("relatime",
		   mount(NULL, "/all", NULL,
			 base | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, NULL));
	say_result("add noexec",
		   mount(NULL, "/nosuid", NULL, base | MS_NOSUID | MS_NOEXEC | MS_RELATIME, NULL));
	say_result("and take it away",
		   mount(NULL, "/nosuid", NULL, base | MS_NOSUID | MS_RELATIME, NULL));
	say_result("change atime", mount(NULL, "/relatime", NULL, base | MS_NOATIME, NULL));
	say_result("make root ro", mount(NULL, "/", NULL, base | MS_RDONLY | MS_RELATIME, NULL));
	say_result("and rw", mount(NULL, "/", NULL, base | MS_RELATIME, NULL));
	say_result("shared", mount(NULL, "/", NULL, MS_SHARED | MS_REC, NULL));
	say_result("slave", mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL));
	say_result("private", mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL));
	return 0;
}

SCENARIO(run_foreign_inside_remount)
{
	int nsfd;

	open_tree_new_user_namespace(false);
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, foreign_remounts, NULL);
	say_namespace("afterwards", nsfd);
}

SCENARIO(run_owner_inside_remount)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, foreign_remounts, NULL);
	say_namespace("afterwards", nsfd);
}

SCENARIO(run_copy_owner_inside_remount)
{
	int nsfd;

	open_tree_new_user_namespace(true);
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, foreign_remounts, NULL);
	say_namespace("afterwards", nsfd);
}

static int foreign_pivot(void *argument)
{
	(void)argument;
	say_result("mount", try_tmpfs("/dir"));
	must(chdir("/dir"), "chdir");
	make_dir("old");
	say_result("pivot_root", sys_pivot_root(".", "old"));
	open_tree_say_file("/old/file", "/old/file");
	say_result("umount old", umount2("/old", MNT_DETACH));
	return 0;
}

SCENARIO(run_foreign_inside_pivot)
{
	int nsfd;

	open_tree_new_user_namespace(false);
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, foreign_pivot, NULL);
	say_namespace("afterwards", nsfd);
}

static int foreign_pivot_locked(void *argument)
{
	(void)argument;
	must(chdir("/sub"), "chdir");
	say_result("pivot_root to a locked mount", sys_pivot_root(".", "deep"));
	return 0;
}

SCENARIO(run_foreign_inside_pivot_locked)
{
	int nsfd;

	open_tree_new_user_namespace(false);
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd >= 0)
		open_tree_inside(nsfd, foreign_pivot_locked, NULL);
}

SCENARIO(run_foreign_single_root)
{
	int nsfd;

	open_tree_new_user_namespace(false);
	nsfd = open_tree_namespace("tree/sub/deep", 0);
	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, umount_root, NULL);
	open_tree_inside(nsfd, mount_over_root, &(int){ 0 });
	open_tree_inside(nsfd, umount_root, NULL);
	say_namespace("a single mount", nsfd);
}

SCENARIO(run_copy_owner_root)
{
	int nsfd;

	/* The mounts below the source are locked; that makes the root of a copy locked too. */
	open_tree_new_user_namespace(true);
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd >= 0)
		open_tree_inside(nsfd, umount_root, NULL);
	mount_tmpfs("other", "mode=755");
	nsfd = open_tree_namespace("other", 0);
	if (nsfd >= 0)
		open_tree_inside(nsfd, umount_root, NULL);
}

/* --- 2.5 the descriptor --- */

SCENARIO(run_fd_kind)
{
	int fd = open_tree_namespace("tree", 0);
	char path[64], link[128], expected[64];
	struct stat st, own;
	struct statfs fs;
	ssize_t size;

	if (fd < 0)
		return;
	must(fstat(fd, &st), "fstat");
	must(fstat(open_namespace_link("/proc/self/ns/mnt"), &own), "fstat");
	must(fstatfs(fd, &fs), "fstatfs");
	say("magic %#lx, mode %07o, size %lld, nlink %lu, uid %u", (unsigned long)fs.f_type,
	    st.st_mode, (long long)st.st_size, (unsigned long)st.st_nlink, st.st_uid);
	say("same device as /proc/self/ns/mnt: %s, same inode: %s",
	    st.st_dev == own.st_dev ? "yes" : "no", st.st_ino == own.st_ino ? "yes" : "no");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	size = readlink(path, link, sizeof(link) - 1);
	must(size, "readlink");
	link[size] = 0;
	snprintf(expected, sizeof(expected), "mnt:[%lu]", (unsigned long)st.st_ino);
	say("link is mnt:[inode]: %s", strcmp(link, expected) ? "no" : "yes");
}

SCENARIO(run_fd_flags)
{
	int fd = open_tree_namespace("tree", 0), with = open_tree_namespace("tree", CLOEXEC);
	int recursive = open_tree_namespace("tree", RECURSIVE);

	if (fd < 0 || with < 0 || recursive < 0)
		return;
	say("NS: F_GETFL %#o, F_GETFD %d", status_flags(fd), fcntl(fd, F_GETFD));
	say("NS|CLOEXEC: F_GETFL %#o, F_GETFD %d", status_flags(with), fcntl(with, F_GETFD));
	say("NS|RECURSIVE: F_GETFL %#o, F_GETFD %d", status_flags(recursive),
	    fcntl(recursive, F_GETFD));
}

SCENARIO(run_fd_flags_foreign)
{
	open_tree_new_user_namespace(false);
	{
		int fd = open_tree_namespace("tree", RECURSIVE);
		int with = open_tree_namespace("tree", RECURSIVE | CLOEXEC);

		if (fd < 0 || with < 0)
			return;
		say("NS: F_GETFL %#o, F_GETFD %d", status_flags(fd), fcntl(fd, F_GETFD));
		say("NS|CLOEXEC: F_GETFL %#o, F_GETFD %d", status_flags(with),
		    fcntl(with, F_GETFD));
	}
}

static void say_after_exec(const char *label, int fd)
{
	int closed = open_tree_exec_lacks(fd);

	say("%s: %s over exec", label, closed ? "closed" : "kept");
}

SCENARIO(run_fd_exec)
{
	int fd = open_tree_namespace("tree", 0), with = open_tree_namespace("tree", CLOEXEC);

	if (fd < 0 || with < 0)
		return;
	say_after_exec("NS", fd);
	say_after_exec("NS|CLOEXEC", with);
}

SCENARIO(run_fd_input_output)
{
	int fd = open_tree_namespace("tree", 0);
	char byte = 0;
	void *map;

	if (fd < 0)
		return;
	say_result("read", read(fd, &byte, 1));
	say_result("write", write(fd, &byte, 1));
	say_result("pread", pread(fd, &byte, 1, 0));
	say_result("lseek", lseek(fd, 0, SEEK_SET));
	say_result("ftruncate", ftruncate(fd, 0));
	map = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
	say_result("mmap", map == MAP_FAILED ? -1 : 0);
	say_result("fchdir", fchdir(fd));
	say_result("openat", openat(fd, "x", O_RDONLY));
	say_result("fchmod", fchmod(fd, 0600));
	say_result("unknown ioctl", ioctl(fd, 0x1234, 0));
}

SCENARIO(run_fd_ioctl)
{
	int fd = open_tree_namespace("tree", 0);
	uid_t uid;

	if (fd < 0)
		return;
	say("NS_GET_NSTYPE: %#x", ioctl(fd, NS_GET_NSTYPE));
	say_owner("NS_GET_USERNS is the current one", fd);
	say_result("NS_GET_PARENT", ioctl(fd, NS_GET_PARENT));
	say_result("NS_GET_OWNER_UID", ioctl(fd, NS_GET_OWNER_UID, &uid));
}

SCENARIO(run_fd_statmount)
{
	int fd = open_tree_namespace("tree", 0);

	if (fd < 0)
		return;
	say_statmount_fd("by fd", fd, MNTCOMPAT_STATMOUNT_MNT_BASIC);
	say_statmount_fd("by fd, everything", fd, MASK_ALL);
}

SCENARIO(run_fd_move)
{
	int fd = open_tree_namespace("tree", 0);

	if (fd < 0)
		return;
	make_file("target", "");
	say_result("move to a directory", sys_move_mount(fd, "", AT_FDCWD, "other", MOVE_FROM_FD));
	say_result("move to a file", sys_move_mount(fd, "", AT_FDCWD, "target", MOVE_FROM_FD));
}

SCENARIO(run_fd_dup)
{
	int fd = open_tree_namespace("tree", RECURSIVE), copy, again;

	if (fd < 0)
		return;
	copy = must_fd(dup(fd), "dup");
	again = must_fd(open_tree_open_fd_link(fd, O_RDONLY), "re-open");
	open_tree_say_same("dup", fd, copy);
	open_tree_say_same("re-opened", fd, again);
	close(fd);
	close(copy);
	say_namespace("by the re-opened fd", again);
}

SCENARIO(run_fd_reopen)
{
	int fd = open_tree_namespace("tree", 0), path;

	if (fd < 0)
		return;
	path = must_fd(open_tree_open_fd_link(fd, O_PATH), "O_PATH");
	open_tree_say_same("O_PATH", fd, path);
	say_result("setns by O_PATH", setns(path, CLONE_NEWNS));
	say_result("open to write", open_tree_open_fd_link(fd, O_RDWR));
	say_result("open to write only", open_tree_open_fd_link(fd, O_WRONLY));
	say_result("as a directory", open_tree_open_fd_link(fd, O_RDONLY | O_DIRECTORY));
}

SCENARIO(run_fd_bind)
{
	int fd = open_tree_namespace("tree", RECURSIVE), again;
	char path[64];

	if (fd < 0)
		return;
	make_file("pin", "not yet");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	say_result("bind", try_bind(path, "pin", 0));
	again = must_fd(open("pin", O_RDONLY | O_CLOEXEC), "pin");
	open_tree_say_same("opened by its file", fd, again);
	close(again);
	close(fd);
	again = must_fd(open("pin", O_RDONLY | O_CLOEXEC), "pin");
	say_namespace("kept by the mount alone", again);
	close(again);
	say_result("umount", umount2("pin", 0));
	open_tree_say_file("pin", "pin");
}

static int bind_inside(void *argument)
{
	int *fd = argument, tree;
	char path[64];

	make_file("/pin", "");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", *fd);
	say_result("bind of the current namespace", try_bind(path, "/pin", 0));
	say_result("bind of a younger one",
		   (snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[1]),
		    try_bind(path, "/pin", 0)));
	tree = sys_open_tree(*fd, "", CLONE | EMPTY_PATH | CLOEXEC);
	say_result("detached copy of the caller's own file", tree);
	if (tree >= 0)
		say_result("moved", sys_move_mount(tree, "", AT_FDCWD, "/pin", MOVE_FROM_FD));
	return 0;
}

SCENARIO(run_fd_bind_inside)
{
	int fds[2];

	make_dir("tree/proc");
	mount_bind("/proc", "tree/proc", true);
	fds[0] = open_tree_namespace("tree", RECURSIVE);
	fds[1] = open_tree_namespace("tree", RECURSIVE);
	if (fds[0] >= 0 && fds[1] >= 0)
		open_tree_inside(fds[0], bind_inside, fds);
}

/* --- 2.6 setns --- */

static int try_setns(void *argument)
{
	int *values = argument, ret = setns(values[0], values[1]);

	say("type %#x: %s", values[1], ret < 0 ? errno_name(errno) : "ok");
	if (ret == 0)
		open_tree_say_file("/file", "/file");
	return 0;
}

SCENARIO(run_setns_type)
{
	static const int types[] = { 0,
				     CLONE_NEWNS,
				     CLONE_NEWUTS,
				     CLONE_NEWUSER,
				     CLONE_NEWPID,
				     CLONE_NEWNS | CLONE_NEWUTS,
				     CLONE_FS,
				     -1 };
	int fd = open_tree_namespace("tree", 0);

	if (fd < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int values[2] = { fd, types[i] };

		in_child(try_setns, values);
	}
}

static int setns_capabilities(void *argument)
{
	int *fd = argument;

	open_tree_keep_capabilities(CAPABILITY(CAP_SYS_ADMIN));
	say_result("CAP_SYS_ADMIN alone", enter_namespace(*fd));
	return 0;
}

static int setns_chroot_capability(void *argument)
{
	int *fd = argument;

	open_tree_keep_capabilities(CAPABILITY(CAP_SYS_CHROOT));
	say_result("CAP_SYS_CHROOT alone", enter_namespace(*fd));
	return 0;
}

static int setns_both(void *argument)
{
	int *fd = argument;

	open_tree_keep_capabilities(CAPABILITY(CAP_SYS_CHROOT) | CAPABILITY(CAP_SYS_ADMIN));
	say_result("both", enter_namespace(*fd));
	return 0;
}

static int setns_new_user(void *argument)
{
	int *fd = argument;

	open_tree_new_user_namespace(false);
	say_result("from a user namespace below", enter_namespace(*fd));
	return 0;
}

SCENARIO(run_setns_capabilities)
{
	int fd = open_tree_namespace("tree", 0);

	if (fd < 0)
		return;
	in_child(setns_capabilities, &fd);
	in_child(setns_chroot_capability, &fd);
	in_child(setns_both, &fd);
	in_child(setns_new_user, &fd);
}

static int kept_fd = -1;

static void prepare_kept(void)
{
	prepare_tree();
	kept_fd = mntcompat_open_tree(AT_FDCWD, "tree", NS | RECURSIVE);
}

SCENARIO(run_setns_unprivileged)
{
	if (kept_fd < 0) {
		say("not made");
		return;
	}
	say_result("setns", enter_namespace(kept_fd));
	in_child(setns_new_user, &kept_fd);
}

static int foreign_setns(void *argument)
{
	int *fd = argument;

	open_tree_new_user_namespace(false);
	*fd = open_tree_namespace("tree", RECURSIVE);
	if (*fd < 0)
		return 1;
	say_result("the maker", enter_namespace(*fd));
	return 0;
}

static void make_foreign_namespace(void)
{
	open_tree_new_user_namespace(false);
	/* Found through /proc/PID/fd by its number. */
	kept_fd = mntcompat_open_tree(AT_FDCWD, "tree", NS | RECURSIVE);
	must(dup2(kept_fd < 0 ? 0 : kept_fd, 50), "dup2");
}

SCENARIO(run_setns_foreign)
{
	int fd = -1;

	in_child(foreign_setns, &fd);
	{
		pid_t peer = open_tree_start_peer(make_foreign_namespace);

		fd = open_tree_peer_file(peer, "fd/50", O_RDONLY);
		open_tree_end_peer(peer);
	}
	say_namespace("from the parent user namespace", fd);
}

static int shared_fs(void *argument)
{
	int *fd = argument;

	say_result("root and cwd shared", enter_namespace(*fd));
	say_result("unshare", unshare(CLONE_FS));
	say_result("no longer shared", enter_namespace(*fd));
	return 0;
}

SCENARIO(run_setns_shared_fs)
{
	const size_t stack_size = 256 * 1024;
	char *stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	int fd = open_tree_namespace("tree", 0), status;
	pid_t pid;

	must(stack == MAP_FAILED ? -1 : 0, "mmap");
	if (fd < 0)
		return;
	pid = clone(shared_fs, stack + stack_size, CLONE_FS | SIGCHLD, &fd);
	must(pid, "clone");
	must(waitpid(pid, &status, 0), "waitpid");
	open_tree_say_file("the other is where it was", "tree/file");
}

static void *thread_setns(void *argument)
{
	int *fd = argument;

	say_result("in a thread", enter_namespace(*fd));
	say_result("unshare", unshare(CLONE_FS));
	say_result("in a thread of its own root", enter_namespace(*fd));
	open_tree_say_file("/file in the thread", "/file");
	return NULL;
}

SCENARIO(run_setns_thread)
{
	int fd = open_tree_namespace("tree", 0);
	pthread_t thread;

	if (fd < 0)
		return;
	must(pthread_create(&thread, NULL, thread_setns, &fd) ? -1 : 0, "thread");
	pthread_join(thread, NULL);
	open_tree_say_file("the process is where it was", "tree/file");
}

SCENARIO(run_setns_and_back)
{
	int own = open_namespace_link("/proc/self/ns/mnt");
	int fd = open_tree_namespace("tree", RECURSIVE);

	if (fd < 0)
		return;
	say_result("in", enter_namespace(fd));
	open_tree_say_file("/file", "/file");
	say_result("back", enter_namespace(own));
	must(chdir(scenario_world()), "chdir");
	open_tree_say_file("tree/file", "tree/file");
	say_result("in again", enter_namespace(fd));
	open_tree_say_file("/file", "/file");
}

static bool same_directory(const char *left, const char *right)
{
	struct stat a, b;

	must(stat(left, &a), left);
	must(stat(right, &b), right);
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int say_place(void *argument)
{
	char cwd[4096];

	(void)argument;
	say("getcwd: %s", getcwd(cwd, sizeof(cwd)) ? cwd : errno_name(errno));
	say(".. is /: %s", same_directory("..", "/") ? "yes" : "no");
	say(". is /: %s", same_directory(".", "/") ? "yes" : "no");
	open_tree_say_names("names of ../..", "../..");
	open_tree_say_file("file", "file");
	return 0;
}

SCENARIO(run_place_after_setns)
{
	int fd = open_tree_namespace("tree", RECURSIVE);

	if (fd < 0)
		return;
	must(chdir("tree/sub"), "chdir");
	open_tree_inside(fd, say_place, NULL);
	must(chdir(scenario_world()), "chdir");
	fd = open_tree_namespace("tree/dir", 0);
	if (fd >= 0)
		open_tree_inside(fd, say_place, NULL);
}

static int place_by_fd(void *argument)
{
	int *dir = argument;
	char cwd[4096];

	open_tree_say_file_at("file by a fd of before", *dir, "file");
	say_result("fchdir", fchdir(*dir));
	say("getcwd: %s", getcwd(cwd, sizeof(cwd)) && cwd[0] == '/' ? "reachable" : "unreachable");
	open_tree_say_file("file in the cwd of before", "file");
	return 0;
}

SCENARIO(run_place_fd_of_before)
{
	int fd = open_tree_namespace("tree", RECURSIVE), dir = open_directory("other");

	if (fd >= 0)
		open_tree_inside(fd, place_by_fd, &dir);
}

static int leave_chroot(void *argument)
{
	(void)argument;
	say_place(NULL);
	must(mkdir("/jail", 0755), "mkdir");
	say_result("chroot", chroot("/jail"));
	must(chdir("../../../.."), "chdir");
	say_result("chroot back", chroot("."));
	open_tree_say_names("names of /", "/");
	return 0;
}

SCENARIO(run_chroot_directory)
{
	int fd;

	must(chroot("tree/dir"), "chroot");
	must(chdir("/"), "chdir");
	fd = open_tree_namespace("/", RECURSIVE);
	if (fd < 0)
		return;
	say_namespace("chroot to a directory", fd);
	open_tree_inside(fd, leave_chroot, NULL);
}

SCENARIO(run_chroot_mount)
{
	int fd;

	must(chroot("tree"), "chroot");
	must(chdir("/"), "chdir");
	fd = open_tree_namespace("/", 0);
	if (fd < 0)
		return;
	say_namespace("chroot to a mount", fd);
	open_tree_inside(fd, leave_chroot, NULL);
}

SCENARIO(run_chroot_cwd_outside)
{
	int fd;

	/* Root below the cwd: the cwd can still be copied. */
	must(chroot("tree/dir"), "chroot");
	fd = open_tree_namespace("tree", RECURSIVE);
	if (fd >= 0)
		say_namespace("by the cwd outside the root", fd);
	open_tree_describe(".. of the cwd", "tree/..", 0);
}

SCENARIO(run_setns_from_chroot)
{
	int fd = open_tree_namespace("tree", RECURSIVE);

	if (fd < 0)
		return;
	must(chroot("other"), "chroot");
	open_tree_inside(fd, say_place, NULL);
}

/* --- 2.6 lifetime --- */

/* A directory fd of the root of the namespace, which does not keep it. */
static int directory_inside(int nsfd)
{
	int own = open_namespace_link("/proc/self/ns/mnt"), dir;

	must(enter_namespace(nsfd), "setns");
	dir = open_directory("/");
	must(enter_namespace(own), "setns back");
	must(chdir(scenario_world()), "chdir");
	close(own);
	return dir;
}

SCENARIO(run_lifetime_close)
{
	int fd = open_tree_namespace("tree", RECURSIVE), dir;

	if (fd < 0)
		return;
	dir = directory_inside(fd);
	open_tree_say_file_at("file", dir, "file");
	open_tree_say_file_at("sub/file", dir, "sub/file");
	close(fd);
	say("closed");
	open_tree_say_file_at("file", dir, "file");
	open_tree_say_file_at("sub/file", dir, "sub/file");
	open_tree_say_file_at("sub/covered", dir, "sub/covered");
	open_tree_say("a namespace of it", dir, "", NS | EMPTY_PATH);
	open_tree_say_file("the source", "tree/sub/file");
}

SCENARIO(run_lifetime_second_fd)
{
	int fd = open_tree_namespace("tree", RECURSIVE), dir, copy;

	if (fd < 0)
		return;
	dir = directory_inside(fd);
	copy = must_fd(dup(fd), "dup");
	close(fd);
	open_tree_say_file_at("kept by a dup", dir, "sub/file");
	fd = must_fd(open_tree_open_fd_link(copy, O_RDONLY), "re-open");
	close(copy);
	open_tree_say_file_at("kept by a re-opened fd", dir, "sub/file");
	copy = must_fd(open_tree_open_fd_link(fd, O_PATH), "O_PATH");
	close(fd);
	open_tree_say_file_at("kept by an O_PATH fd", dir, "sub/file");
	close(copy);
	open_tree_say_file_at("kept by nothing", dir, "sub/file");
}

SCENARIO(run_lifetime_mount)
{
	int fd = open_tree_namespace("tree", RECURSIVE), dir;
	char path[64];

	if (fd < 0)
		return;
	make_file("pin", "");
	dir = directory_inside(fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	mount_bind(path, "pin", false);
	close(fd);
	open_tree_say_file_at("kept by a mount", dir, "sub/file");
	must(umount2("pin", 0), "umount2");
	open_tree_say_file_at("kept by nothing", dir, "sub/file");
}

static int lifetime_fd = -1;

static void live_inside(void)
{
	must(enter_namespace(lifetime_fd), "setns");
	close(lifetime_fd);
}

SCENARIO(run_lifetime_process)
{
	int dir;
	pid_t peer;

	lifetime_fd = open_tree_namespace("tree", RECURSIVE);
	if (lifetime_fd < 0)
		return;
	dir = directory_inside(lifetime_fd);
	peer = open_tree_start_peer(live_inside);
	close(lifetime_fd);
	open_tree_say_file_at("kept by a process", dir, "sub/file");
	{
		int again = open_tree_peer_file(peer, "ns/mnt", O_RDONLY);

		say_namespace("found through it", again);
		close(again);
	}
	open_tree_end_peer(peer);
	open_tree_say_file_at("kept by nothing", dir, "sub/file");
}

SCENARIO(run_lifetime_own_exit)
{
	int dir;

	lifetime_fd = open_tree_namespace("tree", RECURSIVE);
	if (lifetime_fd < 0)
		return;
	dir = directory_inside(lifetime_fd);
	/* Whatever made the namespace must not hold on to it. */
	open_tree_say("another one", AT_FDCWD, "tree", NS | RECURSIVE);
	close(lifetime_fd);
	open_tree_say_file_at("kept by nothing", dir, "sub/file");
}

SCENARIO(run_lifetime_foreign)
{
	int fd, dir;

	open_tree_new_user_namespace(true);
	open_tree_new_user_namespace(false);
	fd = open_tree_namespace("tree", RECURSIVE);
	if (fd < 0)
		return;
	must(enter_namespace(fd), "setns");
	dir = open_directory("/");
	/* The process itself keeps it now. */
	close(fd);
	open_tree_say_file_at("kept by the caller's process", dir, "sub/file");
	open_tree_say_file("/sub/deep/file", "/sub/deep/file");
}

static int say_content_short(void *argument)
{
	(void)argument;
	open_tree_say_file("/file", "/file");
	open_tree_say_file("/sub/file", "/sub/file");
	open_tree_say_file("/sub/deep/file", "/sub/deep/file");
	return 0;
}

SCENARIO(run_source_unmounted)
{
	int fd = open_tree_namespace("tree", RECURSIVE);

	if (fd < 0)
		return;
	say_result("umount of the source", umount2("tree/sub/deep", 0));
	say_result("umount of the source", umount2("tree/sub", 0));
	say_result("umount of the source", umount2("tree", 0));
	open_tree_inside(fd, say_content_short, NULL);
	say_namespace("the copy", fd);
}

SCENARIO(run_source_unmounted_shared)
{
	int fd;

	mount_propagation("tree", MS_SHARED | MS_REC);
	fd = open_tree_namespace("tree", RECURSIVE);
	if (fd < 0)
		return;
	say_result("umount of a child", umount2("tree/sub/deep", 0));
	say_namespace("a shared copy follows", fd);
	say_result("umount of the source", umount2("tree", MNT_DETACH));
	say_namespace("its root stays", fd);
}

SCENARIO(run_source_moved)
{
	int fd = open_tree_namespace("tree", RECURSIVE);

	if (fd < 0)
		return;
	must(mount("tree", "other", NULL, MS_MOVE, NULL), "move");
	say_namespace("the copy", fd);
	open_tree_describe("of the new place", "other", RECURSIVE);
}

static int stay_in_vanishing(void *argument)
{
	int *fd = argument;

	close(*fd);
	open_tree_say_file("/sub/deep/file", "/sub/deep/file");
	say_result("mount", try_tmpfs("/dir"));
	open_tree_describe("a namespace of it", "/sub", RECURSIVE);
	return 0;
}

SCENARIO(run_lifetime_inside)
{
	int fd = open_tree_namespace("tree", RECURSIVE), own;

	if (fd < 0)
		return;
	own = must_fd(dup(fd), "dup");
	close(fd);
	open_tree_inside(own, stay_in_vanishing, &own);
}

SCENARIO(run_lifetime_busy)
{
	int fd;

	mount_tmpfs("short", "mode=755");
	make_file("short/file", "short");
	fd = open_tree_namespace("short", 0);
	if (fd < 0)
		return;
	say_result("umount of the source", umount2("short", 0));
	say_result("its directory can be removed", rmdir("short"));
	say_namespace("the copy", fd);
}

SCENARIO(run_lifetime_rmdir)
{
	int fd = open_tree_namespace("tree/dir", 0);

	if (fd < 0)
		return;
	must(unlink("tree/dir/file"), "unlink");
	say_result("rmdir of the copied directory", rmdir("tree/dir"));
	say_namespace("the copy", fd);
	open_tree_inside(fd, say_root_names, NULL);
}

SCENARIO(run_lifetime_point_rmdir)
{
	int fd = open_tree_namespace("tree", RECURSIVE);

	if (fd < 0)
		return;
	/* A directory that is a mount point elsewhere can be removed; the mount there goes. */
	must(umount2("tree/sub", MNT_DETACH), "umount2");
	must(unlink("tree/sub/covered"), "unlink");
	say_result("rmdir of a mount point of the copy", rmdir("tree/sub"));
	say_namespace("the copy", fd);
}

const struct scenario open_tree_namespace_scenarios[] = {
	{ "open-tree/layout/tree",
	  "the mounts of the copy, mount points relative to its root (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_layout_tree },
	{ "open-tree/layout/deep", "20 mounts deep (2.4)", SCENARIO_ROOT | SCENARIO_USERNS, NULL,
	  run_layout_deep },
	{ "open-tree/layout/wide", "25 children (2.4)", SCENARIO_ROOT | SCENARIO_USERNS, NULL,
	  run_layout_wide },
	{ "open-tree/layout/large", "400 children (2.4)", SCENARIO_ROOT | SCENARIO_USERNS, NULL,
	  run_layout_large },
	{ "open-tree/layout/large-foreign", "400 children and a foreign caller (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, NULL, run_layout_large_foreign },
	{ "open-tree/layout/bind", "bind mounts of the tree within itself (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_layout_binds },
	{ "open-tree/layout/stacked", "mounts over mounts (2.4)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_layout_stacked },
	{ "open-tree/layout/stacked-content",
	  "a process that enters is on the topmost root (2.4, 2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_layout_stacked_content },
	{ "open-tree/attributes/all", "attributes are copied one by one (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_attributes, run_attributes },
	{ "open-tree/attributes/foreign", "a foreign caller's copy has the same attributes (2.4)",
	  SCENARIO_ALL, prepare_attributes, run_attributes_foreign },
	{ "open-tree/attributes/nosymfollow", "nosymfollow is copied (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_attributes_nosymfollow },
	{ "open-tree/attributes/hold", "attributes hold inside and are the copy's own (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_attributes, run_attributes_hold },
	{ "open-tree/attributes/superblock", "a read-only file system (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, NULL, run_superblock_read_only },
	{ "open-tree/content/visible", "exactly the copied tree is visible inside (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_content },
	{ "open-tree/content/shared", "files are the same on both sides (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_content_shared },
	{ "open-tree/propagation/kinds",
	  "shared: same peer group; slave: same master; both; private (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_groups, run_propagation_kinds },
	{ "open-tree/propagation/recursive", "each mount of a tree keeps its own kind (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_propagation_recursive },
	{ "open-tree/propagation/mixed", "every kind below one root (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_groups, run_propagation_mixed },
	{ "open-tree/propagation/events-shared", "mounts travel in and out of a shared copy (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_groups, run_events_shared },
	{ "open-tree/propagation/events-slave", "mounts made in a slave stay where they are (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_groups, run_events_slave },
	{ "open-tree/propagation/events-both",
	  "a slave that is shared exchanges with its peers (2.4)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_groups, run_events_both },
	{ "open-tree/propagation/events-private", "a private copy exchanges nothing (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_events_private },
	{ "open-tree/propagation/events-master", "a slave's copy hears its master (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_groups, run_events_master },
	{ "open-tree/propagation/events-foreign",
	  "mounts do not leave a foreign caller's copy (2.4)", SCENARIO_ALL, prepare_groups,
	  run_events_foreign },
	{ "open-tree/propagation/events-into-foreign", "mounts of the owner come into it (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_groups, run_events_into_foreign },
	{ "open-tree/propagation/events-beside",
	  "mounts beside the copied directory stay out (2.4)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_groups, run_events_beside },
	{ "open-tree/propagation/cut", "the copy can be made private (2.4, 2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_groups, run_events_cut },
	{ "open-tree/propagation/two-copies", "two copies exchange with each other (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_groups, run_two_copies },
	{ "open-tree/outside/listed", "listmount and statmount by the namespace's id (2.4, 3.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_listed },
	{ "open-tree/outside/listed-foreign", "a foreign caller's (2.4, 3.6)", SCENARIO_ALL,
	  prepare_tree, run_listed_foreign },
	{ "open-tree/outside/listed-limited", "made without CAP_SYS_CHROOT (2.4, 3.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_listed_limited },
	{ "open-tree/foreign/propagation", "a foreign caller's copy: shared becomes slave (2.4)",
	  SCENARIO_ALL, prepare_groups, run_foreign_propagation },
	{ "open-tree/foreign/propagation-recursive", "the same for a whole tree (2.4)",
	  SCENARIO_ALL, prepare_groups_below, run_foreign_propagation_recursive },
	{ "open-tree/owner/propagation", "the owner of a copied namespace keeps its kinds (2.4)",
	  SCENARIO_ALL, prepare_groups, run_owner_propagation },
	{ "open-tree/owner/user-namespace", "the caller's user namespace owns the result (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_owner },
	{ "open-tree/owner/user-namespace-foreign",
	  "also when it does not own the caller's mounts (2.4)", SCENARIO_ALL, prepare_tree,
	  run_owner_foreign },
	{ "open-tree/owner/user-namespace-own", "also after unshare of both (2.4)", SCENARIO_ALL,
	  prepare_tree, run_owner_own },
	{ "open-tree/owner/visitor",
	  "root in a mount namespace of a user namespace below is foreign there (2.4)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_groups, run_visitor },
	{ "open-tree/inside/umount", "the owner can unmount children (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_umount },
	{ "open-tree/inside/umount-root", "the owner can detach the root (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_umount_root },
	{ "open-tree/inside/bottom", "below the root is an empty, read-only directory (2.4, 2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_bottom },
	{ "open-tree/inside/bottom-mount", "a new root can be mounted there (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_bottom_mount },
	{ "open-tree/inside/pivot-root", "the owner can pivot (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_pivot },
	{ "open-tree/inside/pivot-root-self",
	  "the owner can pivot without a place for the old root (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_pivot_self },
	{ "open-tree/inside/remount", "the owner can change attributes and propagation (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_remount },
	{ "open-tree/inside/mount", "the owner can mount, bind and move (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_mount },
	{ "open-tree/inside/mount-over-root",
	  "a process inside stays below a mount over the root (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_mount_over_root },
	{ "open-tree/inside/unshare", "a copy of the namespace can be changed alone (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_unshare },
	{ "open-tree/inside/user-namespace", "a user namespace below finds all locked (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_user_namespace },
	{ "open-tree/inside/remount-owner", "attributes are not locked for the owner (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_attributes, run_owner_inside_remount },
	{ "open-tree/inside/remount-copy-owner",
	  "attributes that were locked stay locked (2.4, 2.6)", SCENARIO_ALL, prepare_attributes,
	  run_copy_owner_inside_remount },
	{ "open-tree/inside/root-copy-owner", "whether the root is locked (2.4, 2.6)", SCENARIO_ALL,
	  prepare_tree, run_copy_owner_root },
	{ "open-tree/foreign/umount", "a foreign caller cannot unmount copied mounts (2.6)",
	  SCENARIO_ALL, prepare_tree, run_foreign_inside_umount },
	{ "open-tree/foreign/remount", "nor take away attributes, only add (2.6)", SCENARIO_ALL,
	  prepare_attributes, run_foreign_inside_remount },
	{ "open-tree/foreign/pivot-root", "it can pivot to a mount of its own (2.6)", SCENARIO_ALL,
	  prepare_tree, run_foreign_inside_pivot },
	{ "open-tree/foreign/pivot-root-locked", "not to a locked one (2.6)", SCENARIO_ALL,
	  prepare_tree, run_foreign_inside_pivot_locked },
	{ "open-tree/foreign/single", "a single mount is locked too (2.6)", SCENARIO_ALL,
	  prepare_tree, run_foreign_single_root },
	{ "open-tree/fd/kind", "an nsfs file (2.5)", SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree,
	  run_fd_kind },
	{ "open-tree/fd/flags", "O_RDONLY, close-on-exec only when requested (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_fd_flags },
	{ "open-tree/fd/flags-foreign", "the same for a foreign caller (2.5)", SCENARIO_ALL,
	  prepare_tree, run_fd_flags_foreign },
	{ "open-tree/fd/exec", "inherited over exec unless asked otherwise (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_fd_exec },
	{ "open-tree/fd/input-output", "neither read nor written (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_fd_input_output },
	{ "open-tree/fd/ioctl", "answers of the namespace's ioctls (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_fd_ioctl },
	{ "open-tree/fd/statmount", "an internal mount of nsfs (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_fd_statmount },
	{ "open-tree/fd/move", "it cannot be moved into place (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_fd_move },
	{ "open-tree/fd/dup", "duplicates and re-opened ones are the same namespace (2.5, 2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_fd_dup },
	{ "open-tree/fd/reopen", "only to read; O_PATH cannot be entered (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_fd_reopen },
	{ "open-tree/fd/bind", "a mounted file of it keeps it (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_ordered_tree, run_fd_bind },
	{ "open-tree/fd/bind-inside", "within it only younger ones can be mounted (2.5)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_ordered_tree, run_fd_bind_inside },
	{ "open-tree/setns/type", "0 and CLONE_NEWNS (2.6)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_setns_type },
	{ "open-tree/setns/capabilities", "CAP_SYS_ADMIN and CAP_SYS_CHROOT (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_setns_capabilities },
	{ "open-tree/setns/unprivileged", "an ordinary user cannot enter (2.6)", SCENARIO_USER,
	  prepare_kept, run_setns_unprivileged },
	{ "open-tree/setns/foreign",
	  "its maker and the parent user namespace can enter a foreign caller's (2.6)",
	  SCENARIO_ALL, prepare_tree, run_setns_foreign },
	{ "open-tree/setns/shared-fs", "not with a root and cwd that are shared (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_setns_shared_fs },
	{ "open-tree/setns/thread", "not in a thread, unless it has its own root (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_setns_thread },
	{ "open-tree/setns/and-back", "in and out and in (2.6)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_setns_and_back },
	{ "open-tree/place/after-setns", "root and cwd are the root of the copy (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_place_after_setns },
	{ "open-tree/place/fd-of-before", "a directory fd still leads outside (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_place_fd_of_before },
	{ "open-tree/place/chroot-directory",
	  "a chroot directory becomes the root and cannot be left (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_chroot_directory },
	{ "open-tree/place/chroot-mount",
	  "a chroot on a mount becomes the root and cannot be left (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_chroot_mount },
	{ "open-tree/place/chroot-cwd-outside", "a cwd outside the chroot can be copied (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_chroot_cwd_outside },
	{ "open-tree/place/setns-from-chroot", "setns ends a chroot (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_setns_from_chroot },
	{ "open-tree/lifetime/close", "the last close unmounts everything lazily (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_lifetime_close },
	{ "open-tree/lifetime/fd", "every fd of its file keeps it (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_lifetime_second_fd },
	{ "open-tree/lifetime/mount", "a mounted file keeps it (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_ordered_tree, run_lifetime_mount },
	{ "open-tree/lifetime/process", "a process in it keeps it (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_lifetime_process },
	{ "open-tree/lifetime/nothing-else", "nothing that made it keeps it (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_lifetime_own_exit },
	{ "open-tree/lifetime/own-process", "a process that closed the fd stays in it (2.6)",
	  SCENARIO_ALL, prepare_tree, run_lifetime_foreign },
	{ "open-tree/lifetime/inside", "a process in it needs no fd (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_lifetime_inside },
	{ "open-tree/lifetime/source-unmounted",
	  "unmounting the source does not touch the copy (2.6)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_source_unmounted },
	{ "open-tree/lifetime/source-unmounted-shared", "unless it is shared (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_source_unmounted_shared },
	{ "open-tree/lifetime/source-moved", "nor does moving it (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_source_moved },
	{ "open-tree/lifetime/source-not-busy", "the copy does not make the source busy (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, NULL, run_lifetime_busy },
	{ "open-tree/lifetime/source-removed", "the copied directory can be removed (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_lifetime_rmdir },
	{ "open-tree/lifetime/point-removed", "a mount point of the copy can be removed (2.6)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_lifetime_point_rmdir },
	{ NULL, NULL, 0, NULL, NULL },
};
