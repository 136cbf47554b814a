// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * open-tree-source.c - what open_tree(NAMESPACE) copies, what it refuses and what it leaves out.
 * May touch only the scenario's own process, its world and the children it starts.
 * Listed in scenario.c as open_tree_source_scenarios; states section 2.3 of the reference.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "open-tree-common.h"

#define MOVE_FROM_FD 4u /* MOVE_MOUNT_F_EMPTY_PATH */

/* The attribute tells the mounts of a tree from each other. */
static void mount_marked(const char *path, unsigned long flag)
{
	make_dir(path);
	must(mount("tmpfs", path, "tmpfs", flag, "mode=755"), path);
}

/* The mount tree holds dir/inner and the mounts sub, sub/deep and dir/below. */
static void prepare_tree(void)
{
	mount_tmpfs("tree", "mode=755");
	make_file("tree/file", "root of the tree");
	make_dir("tree/dir");
	make_dir("tree/dir/inner");
	make_file("tree/dir/inner/file", "in a directory");
	make_dir("tree/sub");
	make_file("tree/sub/covered", "covered");
	mount_marked("tree/sub", MS_NOSUID);
	make_file("tree/sub/file", "first child");
	mount_marked("tree/sub/deep", MS_NOEXEC);
	make_file("tree/sub/deep/file", "child of the child");
	mount_marked("tree/dir/below", MS_NODEV);
	make_file("tree/dir/below/file", "below a directory");
	make_dir("plain");
	make_file("plain/file", "plain");
	make_file("regular", "regular");
}

/* For what mounts files of namespaces that are made later. */
static void prepare_ordered_tree(void)
{
	open_tree_order_namespaces();
	prepare_tree();
}

static int open_path(const char *path)
{
	return must_fd(open(path, O_PATH | O_CLOEXEC), path);
}

static int open_directory(const char *path)
{
	return must_fd(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), path);
}

static int say_inside_names(void *argument)
{
	const char *const *paths = argument;

	for (; *paths; paths++)
		open_tree_say_names(*paths, *paths);
	return 0;
}

static int say_inside_files(void *argument)
{
	const char *const *paths = argument;

	for (; *paths; paths++)
		open_tree_say_file(*paths, *paths);
	return 0;
}

/* --- directories that are accepted --- */

SCENARIO(run_mount_point)
{
	open_tree_describe("a mount point", "tree", 0);
	open_tree_describe("a mount point, RECURSIVE", "tree", RECURSIVE);
	open_tree_describe("a child mount", "tree/sub", 0);
	open_tree_describe("a child mount, RECURSIVE", "tree/sub", RECURSIVE);
	open_tree_describe("a leaf, RECURSIVE", "tree/sub/deep", RECURSIVE);
}

SCENARIO(run_plain_directory)
{
	open_tree_describe("a directory", "tree/dir", 0);
	open_tree_describe("a directory, RECURSIVE", "tree/dir", RECURSIVE);
	open_tree_describe("deeper", "tree/dir/inner", 0);
	open_tree_describe("deeper, RECURSIVE", "tree/dir/inner", RECURSIVE);
	open_tree_describe("of the world", "plain", RECURSIVE);
}

SCENARIO(run_directory_content)
{
	static const char *const names[] = { "/", "/inner", "/below", "/..", NULL };
	static const char *const files[] = { "/inner/file", "/below/file", "/../inner/file",
					     "/file", NULL };
	int fd = open_tree_namespace("tree/dir", 0);

	if (fd >= 0) {
		open_tree_inside(fd, say_inside_names, (void *)names);
		open_tree_inside(fd, say_inside_files, (void *)files);
	}
	say("RECURSIVE");
	fd = open_tree_namespace("tree/dir", RECURSIVE);
	if (fd >= 0) {
		open_tree_inside(fd, say_inside_names, (void *)names);
		open_tree_inside(fd, say_inside_files, (void *)files);
	}
}

/* The root holds the files of the system it runs on: print only those that the world adds. */
static int say_world_inside(void *argument)
{
	char path[4200];

	(void)argument;
	snprintf(path, sizeof(path), "%s/tree/sub/deep/file", scenario_world());
	open_tree_say_file("tree/sub/deep/file of the world", path);
	return 0;
}

SCENARIO(run_root)
{
	int fd = mntcompat_open_tree(AT_FDCWD, "/", NS | RECURSIVE);

	say_result("/, RECURSIVE", fd);
	if (fd >= 0)
		open_tree_inside(fd, say_world_inside, NULL);
}

SCENARIO(run_root_plain)
{
	open_tree_say("/", AT_FDCWD, "/", NS);
	open_tree_say("/..", AT_FDCWD, "/..", NS);
	open_tree_say("//", AT_FDCWD, "//", NS);
	open_tree_say("/.", AT_FDCWD, "/.", NS);
}

SCENARIO(run_own_root)
{
	must(chroot("tree"), "chroot");
	must(chdir("/sub"), "chdir");
	open_tree_describe("/", "/", 0);
	open_tree_describe("/, RECURSIVE", "/", RECURSIVE);
	open_tree_describe(". in sub, RECURSIVE", ".", RECURSIVE);
	open_tree_describe(".. of sub, RECURSIVE", "..", RECURSIVE);
	open_tree_describe("../../.. cannot leave", "../../..", 0);
}

SCENARIO(run_moved_root)
{
	/* As initramfs systems do it; pivot_root would depend on what "/" was. */
	must(chdir("tree"), "chdir");
	must(mount(".", "/", NULL, MS_MOVE, NULL), "move");
	must(chroot("."), "chroot");
	open_tree_describe("/", "/", 0);
	open_tree_describe("/, RECURSIVE", "/", RECURSIVE);
	open_tree_describe("/dir", "/dir", RECURSIVE);
}

static void prepare_symlinks(void)
{
	prepare_tree();
	must(symlink("tree", "to-tree"), "symlink");
	must(symlink("to-tree", "to-link"), "symlink");
	must(symlink("tree/sub", "to-sub"), "symlink");
	must(symlink("../tree/dir", "plain/up"), "symlink");
	must(symlink("regular", "to-file"), "symlink");
}

SCENARIO(run_symlinks)
{
	open_tree_describe("to a mount", "to-tree", 0);
	open_tree_describe("to a symlink", "to-link", 0);
	open_tree_describe("to a child mount, RECURSIVE", "to-sub", RECURSIVE);
	open_tree_describe("on the way", "to-tree/dir", 0);
	open_tree_describe("with ..", "plain/up", 0);
}

SCENARIO(run_symlinks_nofollow)
{
	open_tree_describe("to a mount", "to-tree", NOFOLLOW);
	open_tree_describe("to a mount/", "to-tree/", NOFOLLOW);
	open_tree_describe("to a mount/.", "to-tree/.", NOFOLLOW);
	open_tree_describe("on the way", "to-tree/dir", NOFOLLOW);
	open_tree_describe("no symlink", "tree/dir", NOFOLLOW);
	open_tree_describe("to a file", "to-file", NOFOLLOW);
}

SCENARIO(run_paths)
{
	int dir = open_path("tree");

	open_tree_describe("tree/dir/..", "tree/dir/..", 0);
	open_tree_describe("tree/sub/..", "tree/sub/..", 0);
	open_tree_describe("tree//sub///deep", "tree//sub///deep", 0);
	open_tree_describe("./tree/./sub/.", "./tree/./sub/.", 0);
	open_tree_describe_at("sub of a dirfd", dir, "sub", 0);
	open_tree_describe_at("sub of a dirfd, RECURSIVE", dir, "sub", RECURSIVE);
	open_tree_describe_at(". of a dirfd", dir, ".", 0);
	open_tree_describe_at("../plain of a dirfd", dir, "../plain", 0);
	open_tree_describe_at("path and EMPTY_PATH", dir, "dir", EMPTY_PATH);
}

SCENARIO(run_descriptors)
{
	int fd;

	open_tree_describe_at("O_RDONLY", open_directory("tree"), "", EMPTY_PATH);
	open_tree_describe_at("O_PATH", open_path("tree"), "", EMPTY_PATH);
	open_tree_describe_at("O_PATH, RECURSIVE", open_path("tree"), "", EMPTY_PATH | RECURSIVE);
	open_tree_describe_at("of a directory", open_path("tree/dir"), "", EMPTY_PATH);
	open_tree_describe_at("of a child mount", open_path("tree/sub"), "",
			      EMPTY_PATH | RECURSIVE);
	fd = must_fd(sys_open_tree(AT_FDCWD, "tree/dir", 0), "open_tree");
	open_tree_describe_at("open_tree(0)", fd, "", EMPTY_PATH | RECURSIVE);
	fd = must_fd(open("tree", O_PATH | O_DIRECTORY), "tree");
	must(dup2(fd, 0), "dup2");
	open_tree_describe_at("number 0", 0, "", EMPTY_PATH);
}

SCENARIO(run_cwd)
{
	must(chdir("tree/dir"), "chdir");
	open_tree_describe("empty path", "", EMPTY_PATH);
	open_tree_describe("empty path, RECURSIVE", "", EMPTY_PATH | RECURSIVE);
	open_tree_describe("dot", ".", 0);
	must(chdir("../sub"), "chdir");
	open_tree_describe("in a child mount", "", EMPTY_PATH | RECURSIVE);
}

SCENARIO(run_magic_links)
{
	char path[64];

	must(chdir("tree/dir"), "chdir");
	open_tree_describe("/proc/self/cwd", "/proc/self/cwd", 0);
	open_tree_describe("/proc/self/cwd, RECURSIVE", "/proc/self/cwd", RECURSIVE);
	open_tree_describe("/proc/self/cwd/../sub", "/proc/self/cwd/../sub", 0);
	open_tree_describe("/proc/self/cwd, NOFOLLOW", "/proc/self/cwd", NOFOLLOW);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", open_path("../sub"));
	open_tree_describe("/proc/self/fd/N", path, RECURSIVE);
	open_tree_describe("/proc/self/fd/N, NOFOLLOW", path, NOFOLLOW);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", open_path("../file"));
	open_tree_describe("/proc/self/fd/N of a file", path, 0);
	must(chroot(".."), "chroot");
	open_tree_describe("/proc is gone", "/proc/self/root", 0);
}

SCENARIO(run_own_root_link)
{
	int fd = open_path("/proc/self"), dir = open_directory("tree");

	must(fchdir(dir), "fchdir");
	must(chroot("."), "chroot");
	open_tree_describe_at("root of a procfs directory fd", fd, "root", RECURSIVE);
}

SCENARIO(run_procfs)
{
	open_tree_say("/proc", AT_FDCWD, "/proc", NS | RECURSIVE);
	open_tree_say("/proc/sys", AT_FDCWD, "/proc/sys/kernel", NS);
	open_tree_say("/proc/self", AT_FDCWD, "/proc/self", NS);
	open_tree_say("/proc/self/task", AT_FDCWD, "/proc/self/task", NS | RECURSIVE);
	open_tree_say("/proc/self/fd", AT_FDCWD, "/proc/self/fd", NS);
	open_tree_say("/proc/self/status", AT_FDCWD, "/proc/self/status", NS);
	open_tree_say("/proc/self/ns", AT_FDCWD, "/proc/self/ns", NS);
}

static void prepare_own_procfs(void)
{
	make_dir("tree");
	make_dir("tree/proc");
	must(mount("proc", "tree/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
	     "mount proc");
}

SCENARIO(run_own_procfs)
{
	static const char *const files[] = { "/proc/sys/kernel/ostype", NULL };
	static const char *const inside[] = { "/ostype", NULL };
	int fd;

	open_tree_describe("procfs below", "tree", RECURSIVE);
	open_tree_describe("a directory of procfs", "tree/proc/sys/kernel", 0);
	fd = open_tree_namespace("tree", RECURSIVE);
	if (fd >= 0)
		open_tree_inside(fd, say_inside_files, (void *)files);
	fd = open_tree_namespace("tree/proc/sys/kernel", RECURSIVE);
	if (fd >= 0)
		open_tree_inside(fd, say_inside_files, (void *)inside);
}

/* --- everything that is not a directory --- */

static void prepare_files(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	prepare_symlinks();
	must(mkfifo("fifo", 0600), "mkfifo");
	fd = must_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
	strcpy(address.sun_path, "socket");
	must(bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind");
	close(fd);
	make_file("mounted-file", "");
	mount_bind("regular", "mounted-file", false);
	make_file("mounted-uts", "");
	mount_bind("/proc/self/ns/uts", "mounted-uts", false);
}

static void say_file_path(const char *path)
{
	char label[128];

	open_tree_say(path, AT_FDCWD, path, NS);
	snprintf(label, sizeof(label), "%s, RECURSIVE", path);
	open_tree_say(label, AT_FDCWD, path, NS | RECURSIVE);
}

SCENARIO(run_files_by_path)
{
	say_file_path("regular");
	say_file_path("to-file");
	say_file_path("fifo");
	say_file_path("socket");
	say_file_path("mounted-file");
	say_file_path("mounted-uts");
	say_file_path("/proc/self/ns/mnt");
	say_file_path("/proc/self/ns/user");
	say_file_path("/proc/self/exe");
	say_file_path("/dev/null");
}

static void say_file_fd(const char *label, int fd)
{
	char path[32], text[128];

	open_tree_say(label, fd, "", NS | EMPTY_PATH);
	snprintf(text, sizeof(text), "%s, RECURSIVE", label);
	open_tree_say(text, fd, "", NS | EMPTY_PATH | RECURSIVE);
	snprintf(text, sizeof(text), "%s, by /proc/self/fd", label);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	open_tree_say(text, AT_FDCWD, path, NS);
	snprintf(text, sizeof(text), "%s, with a path", label);
	open_tree_say(text, fd, "x", NS);
}

SCENARIO(run_files_by_fd)
{
	int pipes[2], sockets[2];

	must(pipe2(pipes, O_CLOEXEC), "pipe2");
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), "socketpair");
	say_file_fd("regular", must_fd(open("regular", O_RDONLY | O_CLOEXEC), "regular"));
	say_file_fd("regular, O_PATH", open_path("regular"));
	say_file_fd("symlink",
		    must_fd(open("to-tree", O_PATH | O_NOFOLLOW | O_CLOEXEC), "to-tree"));
	say_file_fd("pipe", pipes[0]);
	say_file_fd("socket", sockets[0]);
	say_file_fd("memfd", must_fd((int)syscall(SYS_memfd_create, "memory", 1u), "memfd"));
	say_file_fd("eventfd", must_fd(eventfd(0, EFD_CLOEXEC), "eventfd"));
	say_file_fd("pidfd", must_fd((int)syscall(SYS_pidfd_open, getpid(), 0), "pidfd_open"));
	say_file_fd("mount namespace",
		    must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "mnt"));
	say_file_fd("uts namespace",
		    must_fd(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), "uts"));
	say_file_fd("mounted file", open_path("mounted-file"));
}

SCENARIO(run_files_unlinked)
{
	int fd = must_fd(open("gone", O_RDWR | O_CREAT | O_CLOEXEC, 0600), "gone");

	must(unlink("gone"), "unlink");
	open_tree_say("unlinked file", fd, "", NS | EMPTY_PATH);
	fd = must_fd(open(".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600), "O_TMPFILE");
	open_tree_say("nameless file", fd, "", NS | EMPTY_PATH);
}

SCENARIO(run_own_result)
{
	char path[32];
	int fd = open_tree_namespace("tree", 0);

	if (fd < 0)
		return;
	open_tree_say("its own fd", fd, "", NS | EMPTY_PATH);
	open_tree_say("its own fd, RECURSIVE", fd, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("its own fd, with a path", fd, "sub", NS);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	open_tree_say("by /proc/self/fd", AT_FDCWD, path, NS);
	make_file("pin", "");
	mount_bind(path, "pin", false);
	open_tree_say("bind-mounted", AT_FDCWD, "pin", NS);
}

SCENARIO(run_file_mount_below)
{
	static const char *const files[] = { "/dir/target", NULL };
	int fd;

	make_file("tree/dir/target", "covered by a file");
	mount_bind("regular", "tree/dir/target", false);
	open_tree_describe("RECURSIVE", "tree/dir", RECURSIVE);
	fd = open_tree_namespace("tree", RECURSIVE);
	if (fd >= 0)
		open_tree_inside(fd, say_inside_files, (void *)files);
	fd = open_tree_namespace("tree", 0);
	if (fd >= 0)
		open_tree_inside(fd, say_inside_files, (void *)files);
}

/* --- what is no longer there --- */

SCENARIO(run_removed)
{
	int fd, inner;

	make_dir("tree/gone");
	make_dir("tree/gone/inner");
	fd = open_directory("tree/gone");
	inner = open_path("tree/gone/inner");
	must(rmdir("tree/gone/inner"), "rmdir");
	must(rmdir("tree/gone"), "rmdir");
	open_tree_say("removed", fd, "", NS | EMPTY_PATH);
	open_tree_say("removed, RECURSIVE", fd, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("removed, dot", fd, ".", NS);
	open_tree_say("removed, below", fd, "inner", NS);
	open_tree_say("removed, O_PATH", inner, "", NS | EMPTY_PATH);
}

static int use_removed(void *argument)
{
	(void)argument;
	open_tree_say_names("names", "/");
	say_result("mkdir", mkdir("/x", 0755));
	say_result("create", open("/x", O_RDWR | O_CREAT, 0600));
	say_result("stat", access("/", F_OK));
	return 0;
}

SCENARIO(run_removed_content)
{
	int fd, dir;

	make_dir("tree/gone");
	dir = open_directory("tree/gone");
	must(rmdir("tree/gone"), "rmdir");
	fd = open_tree_namespace_at(dir, "", EMPTY_PATH);
	if (fd >= 0)
		open_tree_inside(fd, use_removed, NULL);
}

SCENARIO(run_renamed)
{
	int fd = open_directory("tree/dir");

	must(rename("tree/dir/inner", "tree/inner"), "rename");
	open_tree_describe("renamed", "tree/inner", 0);
	open_tree_describe_at("a fd of before", fd, "", EMPTY_PATH | RECURSIVE);
}

SCENARIO(run_unmounted_root)
{
	int fd = open_directory("tree"), dir = open_path("tree/dir"), plain;

	must(umount2("tree", MNT_DETACH), "umount2");
	open_tree_say("its root", fd, "", NS | EMPTY_PATH);
	open_tree_say("its root, RECURSIVE", fd, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("a directory in it", dir, "", NS | EMPTY_PATH);
	open_tree_say("a directory in it, RECURSIVE", dir, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("by path", fd, "dir/inner", NS);
	open_tree_say("a file in it", fd, "file", NS);
	open_tree_say("a missing one", fd, "missing", NS);
	plain = mntcompat_open_tree(fd, "", EMPTY_PATH);
	say_result("without NAMESPACE", plain);
	open_tree_say("CLONE", fd, "", CLONE | EMPTY_PATH);
}

SCENARIO(run_unmounted_child)
{
	int sub = open_directory("tree/sub"), deep = open_directory("tree/sub/deep");

	must(umount2("tree", MNT_DETACH), "umount2");
	open_tree_say("child", sub, "", NS | EMPTY_PATH);
	open_tree_say("child, RECURSIVE", sub, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("grandchild", deep, "", NS | EMPTY_PATH);
	open_tree_say("grandchild, RECURSIVE", deep, "", NS | EMPTY_PATH | RECURSIVE);
}

SCENARIO(run_unmounted_cwd)
{
	must(chdir("tree/dir"), "chdir");
	must(umount2("../../tree", MNT_DETACH), "umount2");
	open_tree_say("cwd", AT_FDCWD, ".", NS);
	open_tree_say("cwd, empty path", AT_FDCWD, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("/proc/self/cwd", AT_FDCWD, "/proc/self/cwd", NS);
	open_tree_say("an absolute path", AT_FDCWD, scenario_world(), NS | RECURSIVE);
}

/* --- detached trees --- */

SCENARIO(run_detached_tree)
{
	int fd = must_fd(sys_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE | CLOEXEC), "open_tree");

	open_tree_describe_at("root", fd, "", EMPTY_PATH);
	open_tree_describe_at("root, RECURSIVE", fd, "", EMPTY_PATH | RECURSIVE);
	open_tree_describe_at("directory", fd, "dir", 0);
	open_tree_describe_at("directory, RECURSIVE", fd, "dir", RECURSIVE);
	open_tree_describe_at("child mount", fd, "sub", 0);
	open_tree_describe_at("child mount, RECURSIVE", fd, "sub", RECURSIVE);
	open_tree_describe_at("dot, RECURSIVE", fd, ".", RECURSIVE);
	say_result("still movable", sys_move_mount(fd, "", AT_FDCWD, "plain", MOVE_FROM_FD));
	open_tree_say_file("plain/sub/deep/file", "plain/sub/deep/file");
	open_tree_describe_at("moved, RECURSIVE", fd, "", EMPTY_PATH | RECURSIVE);
}

SCENARIO(run_detached_single)
{
	int fd = must_fd(sys_open_tree(AT_FDCWD, "tree/dir", CLONE | CLOEXEC), "open_tree");

	open_tree_describe_at("one mount", fd, "", EMPTY_PATH);
	open_tree_describe_at("one mount, RECURSIVE", fd, "", EMPTY_PATH | RECURSIVE);
	open_tree_describe_at("directory in it", fd, "inner", 0);
	open_tree_describe_at("file in it", fd, "inner/file", 0);
}

SCENARIO(run_detached_file)
{
	int fd = must_fd(sys_open_tree(AT_FDCWD, "regular", CLONE | CLOEXEC), "open_tree");

	open_tree_describe_at("root is a file", fd, "", EMPTY_PATH);
}

SCENARIO(run_fsmount)
{
	static const char *const files[] = { "/file", NULL };
	int fd = must_fd(sys_fsmount_tmpfs(), "fsmount"), file, nsfd;

	file = must_fd(openat(fd, "file", O_RDWR | O_CREAT | O_CLOEXEC, 0600), "file");
	must(write(file, "of a new file system", 20), "write");
	must(mkdirat(fd, "dir", 0755), "mkdirat");
	nsfd = open_tree_namespace_at(fd, "", EMPTY_PATH);
	if (nsfd >= 0)
		open_tree_inside(nsfd, say_inside_files, (void *)files);
	open_tree_say("RECURSIVE", fd, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("directory", fd, "dir", NS);
	say_result("still movable", sys_move_mount(fd, "", AT_FDCWD, "plain", MOVE_FROM_FD));
}

SCENARIO(run_detached_nested)
{
	int tree =
		must_fd(sys_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE | CLOEXEC), "open_tree");
	int nsfd = open_tree_namespace_at(tree, "", EMPTY_PATH | RECURSIVE);

	close(tree);
	if (nsfd >= 0)
		say_namespace("after the tree is closed", nsfd);
}

SCENARIO(run_dissolved_tree)
{
	int tree =
		must_fd(sys_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE | CLOEXEC), "open_tree");
	int root = must_fd(openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), ".");
	int dir = must_fd(openat(tree, "dir", O_PATH | O_CLOEXEC), "dir");
	int sub = must_fd(openat(tree, "sub", O_PATH | O_CLOEXEC), "sub");

	open_tree_say("before", root, "", NS | EMPTY_PATH | RECURSIVE);
	close(tree);
	open_tree_say("root", root, "", NS | EMPTY_PATH);
	open_tree_say("root, RECURSIVE", root, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("directory", dir, "", NS | EMPTY_PATH);
	open_tree_say("directory, RECURSIVE", dir, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("child mount", sub, "", NS | EMPTY_PATH);
	open_tree_say("child mount, RECURSIVE", sub, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("file", root, "file", NS);
}

SCENARIO(run_detached_other_namespace)
{
	int tree =
		must_fd(sys_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE | CLOEXEC), "open_tree");

	must(unshare(CLONE_NEWNS), "unshare");
	open_tree_say("cloned from another namespace", tree, "", NS | EMPTY_PATH);
	open_tree_say("cloned from another namespace, RECURSIVE", tree, "",
		      NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("a directory in it", tree, "dir", NS);
}

/* --- other mount namespaces --- */

SCENARIO(run_other_namespace_fd)
{
	int tree = open_directory("tree"), plain = open_path("plain");

	must(unshare(CLONE_NEWNS), "unshare");
	open_tree_say("fd of before", tree, "", NS | EMPTY_PATH);
	open_tree_say("fd of before, RECURSIVE", tree, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("a path from it", tree, "sub", NS);
	open_tree_say("a file from it", tree, "file", NS);
	open_tree_say("a missing file from it", tree, "missing", NS);
	open_tree_say("a directory that is no mount", plain, "", NS | EMPTY_PATH);
	open_tree_say("CLONE", tree, "", CLONE | EMPTY_PATH);
	open_tree_say("by path", AT_FDCWD, "tree", NS);
}

static void other_mounts(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
	mount_propagation("/", MS_PRIVATE | MS_REC);
	mount_tmpfs("plain", "mode=755");
	make_file("plain/file", "of the other");
}

SCENARIO(run_other_namespace_root)
{
	pid_t peer = open_tree_start_peer(other_mounts);
	int root = open_tree_peer_file(peer, "root", O_PATH);
	int cwd = open_tree_peer_file(peer, "cwd", O_PATH);
	char path[4200];

	snprintf(path, sizeof(path), "/proc/%d/root", (int)peer);
	open_tree_say("/proc/PID/root", AT_FDCWD, path, NS | RECURSIVE);
	snprintf(path, sizeof(path), "/proc/%d/cwd/tree", (int)peer);
	open_tree_say("/proc/PID/cwd/tree", AT_FDCWD, path, NS);
	snprintf(path, sizeof(path), "/proc/%d/cwd/regular", (int)peer);
	open_tree_say("/proc/PID/cwd/regular", AT_FDCWD, path, NS);
	open_tree_say("fd of /proc/PID/root", root, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("fd of /proc/PID/cwd", cwd, "", NS | EMPTY_PATH);
	open_tree_say_file_at("readable all the same", cwd, "plain/file");
	open_tree_end_peer(peer);
}

static int sockets[2];

static void send_directory(void)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec io = { "x", 1 };
	struct msghdr message = { .msg_iov = &io,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd;

	other_mounts();
	fd = open_directory("plain");
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	must(sendmsg(sockets[1], &message, 0), "sendmsg");
}

SCENARIO(run_other_namespace_received)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec io = { &byte, 1 };
	struct msghdr message = { .msg_iov = &io,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	pid_t peer;
	int fd;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), "socketpair");
	peer = open_tree_start_peer(send_directory);
	must(recvmsg(sockets[0], &message, 0), "recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	open_tree_say("received fd", fd, "", NS | EMPTY_PATH);
	open_tree_say("received fd, RECURSIVE", fd, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say_file_at("readable all the same", fd, "file");
	open_tree_end_peer(peer);
	open_tree_say("after its namespace is gone", fd, "", NS | EMPTY_PATH);
}

static int stay_inside(void *argument)
{
	int *fd = argument;

	*fd = open_path("/");
	open_tree_say("the outside directory", fd[1], "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("the inside one", *fd, "", NS | EMPTY_PATH | RECURSIVE);
	return 0;
}

SCENARIO(run_inside_result)
{
	int fds[2] = { -1, open_path("tree") };
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd >= 0)
		open_tree_inside(nsfd, stay_inside, fds);
}

static int again(void *argument)
{
	open_tree_describe("a namespace from within a namespace", "/sub", RECURSIVE);
	open_tree_describe("of its root", "/", RECURSIVE);
	open_tree_describe("of its root, not recursive", "/", 0);
	(void)argument;
	return 0;
}

SCENARIO(run_again_inside)
{
	int nsfd = open_tree_namespace("tree", RECURSIVE);

	if (nsfd >= 0)
		open_tree_inside(nsfd, again, NULL);
}

/* --- unbindable --- */

static void prepare_unbindable(void)
{
	prepare_tree();
	mount_tmpfs("unbindable", "mode=755");
	make_dir("unbindable/dir");
	mount_tmpfs("unbindable/below", "mode=755");
	mount_propagation("unbindable", MS_UNBINDABLE);
}

SCENARIO(run_unbindable_source)
{
	open_tree_say("mount point", AT_FDCWD, "unbindable", NS);
	open_tree_say("mount point, RECURSIVE", AT_FDCWD, "unbindable", NS | RECURSIVE);
	open_tree_say("directory", AT_FDCWD, "unbindable/dir", NS);
	open_tree_say("directory, RECURSIVE", AT_FDCWD, "unbindable/dir", NS | RECURSIVE);
	open_tree_say("file", AT_FDCWD, "unbindable/missing", NS);
	open_tree_say("fd", open_path("unbindable"), "", NS | EMPTY_PATH);
	open_tree_say("CLONE", AT_FDCWD, "unbindable", CLONE);
	open_tree_describe("a private mount below it", "unbindable/below", RECURSIVE);
}

SCENARIO(run_unbindable_child)
{
	mount_propagation("tree/sub", MS_UNBINDABLE);
	open_tree_describe("child with a child", "tree", RECURSIVE);
	open_tree_describe("not recursive", "tree", 0);
	mount_propagation("tree/sub", MS_PRIVATE);
	mount_propagation("tree/sub/deep", MS_UNBINDABLE);
	open_tree_describe("grandchild", "tree", RECURSIVE);
	mount_propagation("tree/dir/below", MS_UNBINDABLE);
	open_tree_describe("two", "tree", RECURSIVE);
	open_tree_describe("beside the source", "tree/dir/inner", RECURSIVE);
	mount_propagation("tree/sub", MS_UNBINDABLE);
	open_tree_describe("all", "tree", RECURSIVE);
}

SCENARIO(run_unbindable_child_content)
{
	static const char *const files[] = { "/sub/covered", "/sub/file", "/sub/deep/file",
					     "/dir/below/file", NULL };
	int nsfd;

	mount_propagation("tree/sub", MS_UNBINDABLE);
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd >= 0)
		open_tree_inside(nsfd, say_inside_files, (void *)files);
}

SCENARIO(run_unbindable_shared_parent)
{
	mount_propagation("tree", MS_SHARED);
	mount_propagation("tree/sub", MS_UNBINDABLE);
	open_tree_describe("shared, unbindable, private", "tree", RECURSIVE);
	mount_propagation("tree/sub", MS_SHARED);
	open_tree_describe("shared again", "tree", RECURSIVE);
}

SCENARIO(run_unbindable_stacked)
{
	mount_tmpfs("tree/sub", "mode=755");
	make_file("tree/sub/file", "on top");
	mount_propagation("tree/sub", MS_UNBINDABLE);
	open_tree_describe("the topmost of a stack", "tree", RECURSIVE);
}

/* --- locked mounts: the caller is root of a user namespace that got its mounts from another --- */

SCENARIO(run_locked_children)
{
	open_tree_new_user_namespace(true);
	open_tree_describe("not recursive", "tree", 0);
	open_tree_describe("RECURSIVE", "tree", RECURSIVE);
	open_tree_describe("nothing below", "tree/sub/deep", 0);
	open_tree_describe("nothing below this directory", "tree/dir/inner", 0);
	open_tree_describe("something below this directory", "tree/dir", 0);
	open_tree_describe("something below this directory, RECURSIVE", "tree/dir", RECURSIVE);
	open_tree_say("CLONE", AT_FDCWD, "tree", CLONE);
}

SCENARIO(run_locked_and_own_children)
{
	open_tree_new_user_namespace(true);
	mount_tmpfs("tree/sub/deep/own", "mode=755");
	open_tree_describe("only an own child below", "tree/sub/deep", 0);
	open_tree_describe("only an own child below, RECURSIVE", "tree/sub/deep", RECURSIVE);
	mount_tmpfs("plain", "mode=755");
	mount_tmpfs("plain/own", "mode=755");
	open_tree_describe("all its own", "plain", 0);
	open_tree_describe("all its own, RECURSIVE", "plain", RECURSIVE);
}

SCENARIO(run_locked_over)
{
	open_tree_new_user_namespace(true);
	mount_tmpfs("tree/sub", "mode=755");
	open_tree_describe("an own mount over a locked one", "tree/sub", RECURSIVE);
	open_tree_describe("the parent", "tree", RECURSIVE);
}

static int umount_locked(void *argument)
{
	(void)argument;
	say_result("umount locked child", umount2("/sub/deep", MNT_DETACH));
	say_result("umount locked child's parent", umount2("/sub", MNT_DETACH));
	say_result("umount directory's", umount2("/dir/below", 0));
	say_result("umount root", umount2("/", MNT_DETACH));
	return 0;
}

SCENARIO(run_locked_stay_locked)
{
	int nsfd;

	open_tree_new_user_namespace(true);
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, umount_locked, NULL);
	say_namespace("afterwards", nsfd);
}

static void prepare_unbindable_child(void)
{
	prepare_tree();
	mount_propagation("tree/sub", MS_UNBINDABLE);
}

SCENARIO(run_locked_unbindable_child)
{
	open_tree_new_user_namespace(true);
	open_tree_describe("not recursive", "tree", 0);
	open_tree_describe("RECURSIVE", "tree", RECURSIVE);
	open_tree_describe("the child", "tree/sub", RECURSIVE);
	open_tree_describe("beside it, RECURSIVE", "tree/dir", RECURSIVE);
	open_tree_describe("below it, RECURSIVE", "tree/sub/deep", RECURSIVE);
	open_tree_say("CLONE|RECURSIVE", AT_FDCWD, "tree", CLONE | RECURSIVE);
}

SCENARIO(run_made_unbindable_child)
{
	open_tree_new_user_namespace(true);
	mount_propagation("tree/sub", MS_UNBINDABLE);
	open_tree_describe("a locked one made unbindable", "tree", RECURSIVE);
	mount_tmpfs("plain", "mode=755");
	mount_tmpfs("plain/own", "mode=755");
	mount_propagation("plain/own", MS_UNBINDABLE);
	open_tree_describe("an own one", "plain", RECURSIVE);
}

/* --- namespace files below the source --- */

static void prepare_namespace_files(void)
{
	prepare_ordered_tree();
	make_file("tree/pin-mnt", "covered by a mount namespace");
	make_file("tree/pin-uts", "covered by a uts namespace");
}

static int say_pins(void *argument)
{
	struct stat st;

	(void)argument;
	open_tree_say_file("pin-mnt", "/pin-mnt");
	say("pin-uts: %s", stat("/pin-uts", &st) ? errno_name(errno) :
			   st.st_size == 0	 ? "a namespace" :
						   "a file");
	return 0;
}

SCENARIO(run_mount_namespace_file)
{
	int nsfd;

	open_tree_pin_namespace("tree/pin-mnt");
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd < 0)
		return;
	say_namespace("left out", nsfd);
	open_tree_inside(nsfd, say_pins, NULL);
	open_tree_describe("not recursive", "tree", 0);
	open_tree_describe("beside it", "tree/dir", RECURSIVE);
	open_tree_say("still mounted here", AT_FDCWD, "tree/pin-mnt", NS);
}

SCENARIO(run_mount_namespace_file_deep)
{
	make_file("tree/sub/deep/pin", "");
	open_tree_pin_namespace("tree/sub/deep/pin");
	make_file("tree/dir/below/pin", "");
	open_tree_pin_namespace("tree/dir/below/pin");
	open_tree_describe("two, deep in the tree", "tree", RECURSIVE);
}

SCENARIO(run_mount_namespace_file_shared)
{
	mount_propagation("tree", MS_SHARED | MS_REC);
	open_tree_pin_namespace("tree/pin-mnt");
	open_tree_describe("in a shared mount", "tree", RECURSIVE);
}

SCENARIO(run_own_result_below)
{
	char path[32];
	int nsfd = open_tree_namespace("plain", 0);

	if (nsfd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", nsfd);
	mount_bind(path, "tree/pin-mnt", false);
	open_tree_describe("a namespace made by the call, mounted below", "tree", RECURSIVE);
}

SCENARIO(run_uts_namespace_file)
{
	int nsfd;

	mount_bind("/proc/self/ns/uts", "tree/pin-uts", false);
	nsfd = open_tree_namespace("tree", RECURSIVE);
	if (nsfd < 0)
		return;
	/* The root of such a mount holds an inode number: counted, not described. */
	open_tree_inside(nsfd, say_pins, NULL);
}

SCENARIO(run_namespace_file_foreign)
{
	open_tree_pin_namespace("tree/pin-mnt");
	open_tree_new_user_namespace(false);
	open_tree_describe("foreign caller", "tree", RECURSIVE);
}

SCENARIO(run_namespace_file_owner)
{
	open_tree_pin_namespace("tree/pin-mnt");
	open_tree_new_user_namespace(true);
	open_tree_describe("owner of a copy", "tree", RECURSIVE);
}

/* --- over-mounted paths --- */

static void prepare_over(void)
{
	mount_tmpfs("over", "mode=755");
	make_file("over/lower", "lower");
	make_dir("over/dir");
}

SCENARIO(run_over_mounted)
{
	int lower = open_directory("over"), dir = open_path("over/dir"), upper;

	mount_tmpfs("over", "mode=700");
	make_file("over/upper", "upper");
	upper = open_directory("over");
	open_tree_describe("path", "over", 0);
	open_tree_describe("path, RECURSIVE", "over", RECURSIVE);
	open_tree_describe_at("lower fd", lower, "", EMPTY_PATH);
	open_tree_describe_at("lower fd, RECURSIVE", lower, "", EMPTY_PATH | RECURSIVE);
	open_tree_describe_at("lower fd, dot, RECURSIVE", lower, ".", RECURSIVE);
	open_tree_describe_at("directory of the lower", dir, "", EMPTY_PATH | RECURSIVE);
	open_tree_describe_at("upper fd, RECURSIVE", upper, "", EMPTY_PATH | RECURSIVE);
}

static int uncover_root(void *argument)
{
	(void)argument;
	say_result("umount /", umount2("/", MNT_DETACH));
	return 0;
}

SCENARIO(run_over_mounted_content)
{
	static const char *const names[] = { "/", NULL };
	int lower = open_directory("over"), nsfd;

	mount_tmpfs("over", "mode=700");
	make_file("over/upper", "upper");
	nsfd = open_tree_namespace("over", RECURSIVE);
	if (nsfd >= 0)
		open_tree_inside(nsfd, say_inside_names, (void *)names);
	nsfd = open_tree_namespace_at(lower, "", EMPTY_PATH);
	if (nsfd >= 0)
		open_tree_inside(nsfd, say_inside_names, (void *)names);
	nsfd = open_tree_namespace_at(lower, "", EMPTY_PATH | RECURSIVE);
	if (nsfd < 0)
		return;
	open_tree_inside(nsfd, say_inside_names, (void *)names);
	open_tree_inside(nsfd, uncover_root, NULL);
	open_tree_inside(nsfd, say_inside_names, (void *)names);
}

SCENARIO(run_over_mounted_child)
{
	mount_tmpfs("over/dir", "mode=755");
	mount_tmpfs("over/dir", "mode=711");
	mount_tmpfs("over/dir", "mode=700");
	open_tree_describe("a stack of three below", "over", RECURSIVE);
	open_tree_describe("the stack itself", "over/dir", RECURSIVE);
}

SCENARIO(run_covered_children)
{
	mount_tmpfs("over/dir/child", "mode=755");
	mount_tmpfs("over/dir", "mode=700");
	open_tree_describe("a mount below a covered directory", "over", RECURSIVE);
}

SCENARIO(run_uncovered)
{
	static const char *const files[] = { "/sub/covered", "/sub/file", NULL };
	int nsfd = open_tree_namespace("tree", 0);

	if (nsfd < 0)
		return;
	say_namespace("not recursive", nsfd);
	open_tree_inside(nsfd, say_inside_files, (void *)files);
}

SCENARIO(run_beside)
{
	mount_tmpfs("tree/dir/inner/one", "mode=755");
	mount_tmpfs("tree/dir/inner/one/two", "mode=755");
	open_tree_describe("mounts beside a directory are left out", "tree/dir/inner", RECURSIVE);
}

/* --- callers that do not own their mount namespace --- */

SCENARIO(run_foreign_sources)
{
	int dir = open_directory("tree/dir/inner");

	open_tree_new_user_namespace(false);
	open_tree_describe("nothing below", "tree/sub/deep", 0);
	open_tree_describe("a directory with nothing below", "tree/dir/inner", 0);
	open_tree_describe_at("a fd of before", dir, "", EMPTY_PATH);
	open_tree_describe("something below", "tree", 0);
	open_tree_describe("a directory with something below", "tree/dir", 0);
	open_tree_describe("RECURSIVE", "tree", RECURSIVE);
	open_tree_describe("a directory, RECURSIVE", "tree/dir", RECURSIVE);
	open_tree_say("file", AT_FDCWD, "regular", NS);
	open_tree_say("CLONE", AT_FDCWD, "tree/sub/deep", CLONE);
}

SCENARIO(run_foreign_unbindable)
{
	open_tree_new_user_namespace(false);
	open_tree_describe("source", "tree/sub", 0);
	open_tree_describe("source, RECURSIVE", "tree/sub", RECURSIVE);
	open_tree_describe("child", "tree", RECURSIVE);
	open_tree_describe("not recursive", "tree", 0);
	open_tree_describe("beside it", "tree/dir/inner", 0);
}

static void prepare_cover(void)
{
	make_dir("secret");
	make_file("secret/file", "secret");
	make_dir("secret/cover");
	make_file("secret/cover/file", "covered content");
	mount_tmpfs("secret/cover", "mode=755");
	make_file("secret/cover/file", "covering content");
}

static void say_cover(unsigned int flags)
{
	static const char *const files[] = { "/file", "/cover/file", NULL };
	int nsfd = open_tree_namespace("secret", flags);

	if (nsfd >= 0)
		open_tree_inside(nsfd, say_inside_files, (void *)files);
}

SCENARIO(run_foreign_cover)
{
	say("owner");
	say_cover(0);
	say_cover(RECURSIVE);
	open_tree_new_user_namespace(false);
	say("foreign");
	say_cover(0);
	say_cover(RECURSIVE);
}

static void prepare_cover_unbindable(void)
{
	prepare_cover();
	mount_propagation("secret/cover", MS_UNBINDABLE);
}

SCENARIO(run_foreign_cover_unbindable)
{
	say("owner");
	say_cover(0);
	say_cover(RECURSIVE);
	open_tree_new_user_namespace(false);
	say("foreign");
	say_cover(0);
	say_cover(RECURSIVE);
}

static void prepare_covered_unbindable(void)
{
	prepare_cover();
	mount_propagation("secret/cover", MS_UNBINDABLE);
	mount_tmpfs("secret/cover", "mode=755");
	make_file("secret/cover/file", "upper content");
	mount_propagation("secret/cover", MS_SHARED);
}

SCENARIO(run_foreign_covered_unbindable)
{
	open_tree_describe("owner", "secret", RECURSIVE);
	open_tree_new_user_namespace(false);
	open_tree_describe("foreign", "secret", RECURSIVE);
}

/* A mount over the source has a mount at the path of one that the source holds. */
static void prepare_same_path(void)
{
	make_dir("secret");
	mount_tmpfs("secret", "mode=755");
	mount_tmpfs("secret/sub", "mode=755");
	mount_propagation("secret/sub", MS_UNBINDABLE);
}

SCENARIO(run_foreign_same_path)
{
	int fd = open_path("secret");

	mount_tmpfs("secret", "mode=755");
	mount_tmpfs("secret/sub", "mode=755");
	mount_propagation("secret/sub", MS_SHARED);
	open_tree_describe_at("owner", fd, "", EMPTY_PATH | RECURSIVE);
	open_tree_describe("owner, what lies above", "secret", RECURSIVE);
	open_tree_new_user_namespace(false);
	open_tree_describe_at("foreign", fd, "", EMPTY_PATH | RECURSIVE);
	open_tree_describe("foreign, what lies above", "secret", RECURSIVE);
}

SCENARIO(run_foreign_detached)
{
	int tree =
		must_fd(sys_open_tree(AT_FDCWD, "tree", CLONE | RECURSIVE | CLOEXEC), "open_tree");

	open_tree_new_user_namespace(false);
	open_tree_describe_at("a tree of the owner, RECURSIVE", tree, "", EMPTY_PATH | RECURSIVE);
	open_tree_describe_at("a tree of the owner", tree, "", EMPTY_PATH);
	open_tree_describe_at("its directory", tree, "dir/inner", 0);
}

SCENARIO(run_foreign_removed)
{
	int fd;

	make_dir("tree/gone");
	fd = open_directory("tree/gone");
	must(rmdir("tree/gone"), "rmdir");
	open_tree_new_user_namespace(false);
	open_tree_say("removed directory", fd, "", NS | EMPTY_PATH);
	open_tree_say("removed directory, RECURSIVE", fd, "", NS | EMPTY_PATH | RECURSIVE);
}

SCENARIO(run_foreign_unmounted)
{
	int fd = open_directory("tree"), sub = open_directory("tree/sub");

	must(umount2("tree", MNT_DETACH), "umount2");
	open_tree_new_user_namespace(false);
	open_tree_say("lazily unmounted", fd, "", NS | EMPTY_PATH);
	open_tree_say("lazily unmounted, RECURSIVE", fd, "", NS | EMPTY_PATH | RECURSIVE);
	open_tree_say("its child", sub, "", NS | EMPTY_PATH | RECURSIVE);
}

SCENARIO(run_foreign_over_mounted)
{
	int lower = open_directory("over");

	mount_tmpfs("over", "mode=700");
	open_tree_new_user_namespace(false);
	open_tree_describe("path", "over", 0);
	open_tree_describe_at("lower fd", lower, "", EMPTY_PATH);
	open_tree_describe_at("lower fd, RECURSIVE", lower, "", EMPTY_PATH | RECURSIVE);
}

SCENARIO(run_foreign_root)
{
	int nsfd;

	open_tree_new_user_namespace(false);
	nsfd = mntcompat_open_tree(AT_FDCWD, "/", NS | RECURSIVE);
	say_result("/, RECURSIVE", nsfd);
	if (nsfd >= 0)
		open_tree_inside(nsfd, say_world_inside, NULL);
	open_tree_say("/", AT_FDCWD, "/", NS);
}

SCENARIO(run_foreign_chroot)
{
	open_tree_new_user_namespace(false);
	must(chroot("tree/dir"), "chroot");
	must(chdir("/inner"), "chdir");
	open_tree_describe("/, RECURSIVE", "/", RECURSIVE);
	open_tree_describe(".", ".", 0);
	open_tree_describe("/", "/", 0);
}

SCENARIO(run_foreign_other_namespace)
{
	int old = open_directory("plain");

	must(unshare(CLONE_NEWNS), "unshare");
	open_tree_new_user_namespace(false);
	open_tree_say("fd of another namespace", old, "", NS | EMPTY_PATH);
	open_tree_say("fd of another namespace, RECURSIVE", old, "", NS | EMPTY_PATH | RECURSIVE);
}

/* --- other file systems --- */

SCENARIO(run_file_systems)
{
	make_dir("ramfs");
	must(mount("ramfs", "ramfs", "ramfs", 0, NULL), "mount ramfs");
	make_file("ramfs/file", "ramfs");
	open_tree_describe("ramfs", "ramfs", 0);
	mount_tmpfs("ramfs/tmpfs", "mode=700");
	open_tree_describe("tmpfs in ramfs", "ramfs", RECURSIVE);
}

SCENARIO(run_odd_names)
{
	mount_tmpfs("tree/a b", "mode=755");
	mount_tmpfs("tree/tab\there", "mode=755");
	mount_tmpfs("tree/back\\slash", "mode=755");
	mount_tmpfs("tree/new\nline", "mode=755");
	open_tree_describe("as children", "tree", RECURSIVE);
	open_tree_describe("as source", "tree/a b", 0);
}

const struct scenario open_tree_source_scenarios[] = {
	{ "open-tree/source/mount-point", "a mount point becomes the root of the copy (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_mount_point },
	{ "open-tree/source/directory",
	  "a plain directory becomes the root of the copied mount (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_plain_directory },
	{ "open-tree/source/directory-content", "a directory's content and what is below it (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_directory_content },
	{ "open-tree/source/root", "/ with everything below it (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_root },
	{ "open-tree/source/root-alone",
	  "/ without the mounts below: refused where these are locked (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_root_plain },
	{ "open-tree/source/root-chroot", "/ of a caller with a root of its own (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_own_root },
	{ "open-tree/source/root-moved", "/ after another mount was moved there (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_moved_root },
	{ "open-tree/source/symlink", "symlinks are followed (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_symlinks, run_symlinks },
	{ "open-tree/source/symlink-nofollow",
	  "AT_SYMLINK_NOFOLLOW: the last symlink is not a directory (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_symlinks, run_symlinks_nofollow },
	{ "open-tree/source/path", "dots, slashes and directory fds (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_paths },
	{ "open-tree/source/descriptor", "an empty path means the fd itself (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_descriptors },
	{ "open-tree/source/cwd", "an empty path with AT_FDCWD means the cwd (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_cwd },
	{ "open-tree/source/magic-link", "links of procfs are followed (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_magic_links },
	{ "open-tree/source/magic-link-root", "procfs by a fd of before a chroot (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_own_root_link },
	{ "open-tree/source/procfs", "directories of procfs (2.3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_procfs },
	{ "open-tree/source/procfs-content", "procfs in the copy works (2.3)", SCENARIO_ROOT,
	  prepare_own_procfs, run_own_procfs },
	{ "open-tree/source/file-path", "no kind of file is accepted by path (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_files, run_files_by_path },
	{ "open-tree/source/file-descriptor", "no kind of file is accepted by fd (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_files, run_files_by_fd },
	{ "open-tree/source/file-unlinked", "files without a name are files (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_files, run_files_unlinked },
	{ "open-tree/source/file-own-result", "the call's own result is not a directory (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_ordered_tree, run_own_result },
	{ "open-tree/source/file-mount-below", "files mounted below are copied (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_file_mount_below },
	{ "open-tree/source/removed", "a removed directory is accepted by fd (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_removed },
	{ "open-tree/source/removed-content", "a removed directory as root takes nothing new (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_removed_content },
	{ "open-tree/source/renamed", "a directory keeps its mounts when it is renamed (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_renamed },
	{ "open-tree/source/unmounted-root", "a lazily unmounted mount is refused (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_unmounted_root },
	{ "open-tree/source/unmounted-child",
	  "a child of a lazily unmounted mount is refused (2.3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_unmounted_child },
	{ "open-tree/source/unmounted-cwd", "a lazily unmounted cwd is refused (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_unmounted_cwd },
	{ "open-tree/source/detached-tree", "a detached tree, its directories and mounts (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_detached_tree },
	{ "open-tree/source/detached-single", "a detached tree of one mount (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_detached_single },
	{ "open-tree/source/detached-file", "a detached tree whose root is a file (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_detached_file },
	{ "open-tree/source/detached-closed", "the copy stays when the detached tree goes (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_detached_nested },
	{ "open-tree/source/detached-new", "a mount from fsmount (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_fsmount },
	{ "open-tree/source/detached-dissolved",
	  "a directory in a closed detached tree is refused (2.3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_dissolved_tree },
	{ "open-tree/source/detached-other-namespace",
	  "a detached tree of another mount namespace (2.3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_detached_other_namespace },
	{ "open-tree/source/other-namespace-fd", "an fd from before unshare is refused (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_other_namespace_fd },
	{ "open-tree/source/other-namespace-process",
	  "a path through another process's root in another namespace is refused (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_other_namespace_root },
	{ "open-tree/source/other-namespace-received",
	  "an fd from elsewhere that was received is refused (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_other_namespace_received },
	{ "open-tree/source/inside-result",
	  "within the new namespace the outside is another namespace (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_inside_result },
	{ "open-tree/source/inside-again", "a namespace can be made of a namespace made so (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_again_inside },
	{ "open-tree/source/unbindable", "an unbindable mount is refused (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_unbindable, run_unbindable_source },
	{ "open-tree/source/unbindable-child",
	  "unbindable children are left out with all on them (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_unbindable_child },
	{ "open-tree/source/unbindable-child-content",
	  "the directory that an unbindable child covered becomes visible (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_unbindable_child_content },
	{ "open-tree/source/unbindable-child-shared", "an unbindable child of a shared mount (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_unbindable_shared_parent },
	{ "open-tree/source/unbindable-stacked", "an unbindable mount on top of a stack (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_unbindable_stacked },
	{ "open-tree/source/locked-children",
	  "locked children: only together with their parent (2.3)", SCENARIO_ALL, prepare_tree,
	  run_locked_children },
	{ "open-tree/source/locked-and-own", "own children are not locked (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_locked_and_own_children },
	{ "open-tree/source/locked-covered", "a locked mount below an own one (2.3)", SCENARIO_ALL,
	  prepare_tree, run_locked_over },
	{ "open-tree/source/locked-stays", "locked children stay locked in the copy (2.3)",
	  SCENARIO_ALL, prepare_tree, run_locked_stay_locked },
	{ "open-tree/source/locked-unbindable", "a locked unbindable child is EPERM (2.3)",
	  SCENARIO_ALL, prepare_unbindable_child, run_locked_unbindable_child },
	{ "open-tree/source/locked-made-unbindable",
	  "a locked child that its owner made unbindable (2.3)", SCENARIO_ALL, prepare_tree,
	  run_made_unbindable_child },
	{ "open-tree/source/namespace-file", "a mount namespace's file below is left out (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_namespace_files, run_mount_namespace_file },
	{ "open-tree/source/namespace-file-deep",
	  "mount namespaces' files deep in the tree are left out (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_namespace_files, run_mount_namespace_file_deep },
	{ "open-tree/source/namespace-file-shared",
	  "a mount namespace's file in a shared mount is left out (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_namespace_files,
	  run_mount_namespace_file_shared },
	{ "open-tree/source/namespace-file-own-result",
	  "the call's own result mounted below is left out (2.3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_namespace_files, run_own_result_below },
	{ "open-tree/source/namespace-file-uts", "a uts namespace's file is copied (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_namespace_files, run_uts_namespace_file },
	{ "open-tree/source/namespace-file-foreign",
	  "a mount namespace's file and a foreign caller (2.3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_namespace_files, run_namespace_file_foreign },
	{ "open-tree/source/namespace-file-owner",
	  "a mount namespace's file does not get into a copied namespace (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_namespace_files, run_namespace_file_owner },
	{ "open-tree/source/over-mounted",
	  "a path leads to the topmost, an fd to the lower mount (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_over, run_over_mounted },
	{ "open-tree/source/over-mounted-content",
	  "the content of the copy of an over-mounted source (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_over, run_over_mounted_content },
	{ "open-tree/source/over-mounted-child", "a stack of mounts below is copied as it is (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_over, run_over_mounted_child },
	{ "open-tree/source/covered-child", "a mount that cannot be reached is copied too (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_over, run_covered_children },
	{ "open-tree/source/uncovered", "without AT_RECURSIVE the covered becomes visible (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_uncovered },
	{ "open-tree/source/beside", "mounts beside the directory are not in the copy (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_beside },
	{ "open-tree/source/foreign", "a caller that does not own its mount namespace (2.3)",
	  SCENARIO_ALL, prepare_tree, run_foreign_sources },
	{ "open-tree/source/foreign-covered-unbindable",
	  "a shared mount over an unbindable one, for a caller that does not own the mount namespace (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_covered_unbindable,
	  run_foreign_covered_unbindable },
	{ "open-tree/source/foreign-same-path",
	  "an unbindable mount in the source, another mount at the same path in what covers it (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_same_path, run_foreign_same_path },
	{ "open-tree/source/foreign-unbindable", "unbindable mounts and a foreign caller (2.3)",
	  SCENARIO_ALL, prepare_unbindable_child, run_foreign_unbindable },
	{ "open-tree/source/foreign-cover", "a foreign caller cannot see covered directories (2.3)",
	  SCENARIO_ALL, prepare_cover, run_foreign_cover },
	{ "open-tree/source/foreign-cover-unbindable",
	  "nor where an unbindable mount covers it (2.3)", SCENARIO_ALL, prepare_cover_unbindable,
	  run_foreign_cover_unbindable },
	{ "open-tree/source/foreign-detached",
	  "a detached tree of the owner and a foreign caller (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_foreign_detached },
	{ "open-tree/source/foreign-removed", "a removed directory and a foreign caller (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_foreign_removed },
	{ "open-tree/source/foreign-unmounted",
	  "a lazily unmounted mount and a foreign caller (2.3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_foreign_unmounted },
	{ "open-tree/source/foreign-over-mounted",
	  "over-mounted directories and a foreign caller (2.3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_over, run_foreign_over_mounted },
	{ "open-tree/source/foreign-root", "/ and a foreign caller (2.3)", SCENARIO_ALL,
	  prepare_tree, run_foreign_root },
	{ "open-tree/source/foreign-chroot", "/ and a foreign caller with a root of its own (2.3)",
	  SCENARIO_ALL, prepare_tree, run_foreign_chroot },
	{ "open-tree/source/foreign-other-namespace",
	  "an fd from elsewhere and a foreign caller (2.3)", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_tree, run_foreign_other_namespace },
	{ "open-tree/source/file-system", "file systems other than tmpfs (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, NULL, run_file_systems },
	{ "open-tree/source/odd-names", "names with blanks, tabs, backslashes and newlines (2.3)",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, run_odd_names },
	{ NULL, NULL, 0, NULL, NULL },
};
