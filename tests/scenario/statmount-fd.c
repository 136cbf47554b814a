/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statmount-fd.c - scenarios: what STATMOUNT_BY_FD answers for every kind of file descriptor
 * (reference 3.3). Touches WORLD and the scenario's own process only.
 * Listed in scenario.c.
 */
#define _GNU_SOURCE
#include "compat/kernel/uapi.h"
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLONE_TREE (MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC)
#define CLONE_ALL (CLONE_TREE | MNTCOMPAT_AT_RECURSIVE)
#define MOVE_F_EMPTY 0x00000004u /* MOVE_MOUNT_F_EMPTY_PATH */

/* Descriptors that prepare() leaves for run(): opened with privileges, asked about without. */
static int held[6] = { -1, -1, -1, -1, -1, -1 };
static pid_t holder;
static int holder_stays = -1;

static int open_path(const char *path)
{
	return must_fd(open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);
}

static void ask(const char *label, int fd)
{
	say_statmount_fd(label, fd, MASK_ALL);
}

static void ask_and_close(const char *label, int fd)
{
	ask(label, fd);
	close(fd);
}

static void ask_held(const char *label, int index)
{
	ask_and_close(label, held[index]);
}

/*
 * A process that stays in the mount namespace of now, or in the one @enter makes. It ends when the
 * pipe that it reads does: without privileges it could not be killed.
 */
static void start_holder(void (*enter)(void))
{
	int ready[2], stay[2];
	char byte = 0;

	must(pipe2(ready, O_CLOEXEC), "pipe");
	must(pipe2(stay, O_CLOEXEC), "pipe");
	holder = fork();
	must(holder, "fork");
	if (!holder) {
		close(stay[1]);
		close(ready[0]);
		if (enter)
			enter();
		_exit(write(ready[1], &byte, 1) != 1 || read(stay[0], &byte, 1) != 0);
	}
	close(stay[0]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		scenario_broken("the holder did not get ready");
	close(ready[0]);
	holder_stays = stay[1];
}

static void end_holder(void)
{
	close(holder_stays);
	waitpid(holder, NULL, 0);
}

/* --- files of every kind on an ordinary mount --- */

static void prepare_files(void)
{
	make_dir("d");
	must(chmod("d", 0777), "chmod");
	make_file("d/f", "text");
	must(chmod("d/f", 0666), "chmod");
	must(mkfifo("d/fifo", 0666), "mkfifo");
	must(chmod("d/fifo", 0666), "chmod");
	must(symlink("nowhere", "d/link"), "symlink");
}

static void directory_rdonly(void)
{
	ask_and_close("mount root", must_fd(open(".", O_RDONLY | O_CLOEXEC), "open"));
	ask_and_close("below it", must_fd(open("d", O_RDONLY | O_CLOEXEC), "open"));
}

static void directory_path(void)
{
	ask_and_close("mount root", open_path("."));
	ask_and_close("below it", open_path("d"));
}

static void file_rdonly(void)
{
	ask_and_close("O_RDONLY", must_fd(open("d/f", O_RDONLY | O_CLOEXEC), "open"));
}

static void file_rdwr(void)
{
	ask_and_close("O_RDWR", must_fd(open("d/f", O_RDWR | O_CLOEXEC), "open"));
	ask_and_close("O_WRONLY|O_APPEND",
		      must_fd(open("d/f", O_WRONLY | O_APPEND | O_CLOEXEC), "open"));
}

static void file_path(void)
{
	ask_and_close("O_PATH", open_path("d/f"));
}

static void file_tmpfile(void)
{
	ask_and_close("O_TMPFILE",
		      must_fd(open("d", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), "O_TMPFILE"));
}

static void file_unlinked(void)
{
	int fd = must_fd(open("d/gone", O_CREAT | O_RDWR | O_CLOEXEC, 0600), "create");
	int path = open_path("d/gone");

	must(unlink("d/gone"), "unlink");
	ask_and_close("open", fd);
	ask_and_close("O_PATH", path);
}

static void directory_removed(void)
{
	int fd;

	must(mkdir("d/gone", 0755), "mkdir");
	fd = open_path("d/gone");
	must(rmdir("d/gone"), "rmdir");
	ask_and_close("removed", fd);
}

static void file_fifo(void)
{
	ask_and_close("O_PATH", open_path("d/fifo"));
	ask_and_close("open", must_fd(open("d/fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC), "open"));
}

static void file_symlink(void)
{
	ask_and_close("O_PATH|O_NOFOLLOW", open_path("d/link"));
}

static void file_socket(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "d/socket" };
	int fd = must_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

	must(bind(fd, (struct sockaddr *)&address, sizeof(address)), "bind");
	ask_and_close("O_PATH of the node", open_path("d/socket"));
	ask_and_close("the socket", fd);
}

static void prepare_device(void)
{
	must(mknod("null", S_IFCHR | 0666, makedev(1, 3)), "mknod");
	must(chmod("null", 0666), "chmod");
	must(mknod("block", S_IFBLK | 0600, makedev(7, 200)), "mknod");
}

static void file_device(void)
{
	ask_and_close("character device, open", must_fd(open("null", O_RDWR | O_CLOEXEC), "open"));
	ask_and_close("character device, O_PATH", open_path("null"));
	ask_and_close("block device, O_PATH", open_path("block"));
}

static void prepare_proc(void)
{
	make_dir("proc");
	must(mount("proc", "proc", "proc", 0, NULL), "mount proc");
}

static void file_proc(void)
{
	ask_and_close("directory", open_path("proc"));
	ask_and_close("file", must_fd(open("proc/self/status", O_RDONLY | O_CLOEXEC), "open"));
	ask_and_close("magic link", open_path("proc/self/cwd"));
}

/* Through a magic link it is the file behind it that counts, not procfs. */
static void file_reopened(void)
{
	char path[64];
	int fd = open_path("d/f");

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ask_and_close("/proc/self/fd/N", must_fd(open(path, O_RDONLY | O_CLOEXEC), "open"));
	close(fd);
	ask_and_close("/proc/self/cwd",
		      must_fd(open("/proc/self/cwd", O_PATH | O_CLOEXEC), "open"));
}

static void file_duplicate(void)
{
	int fd = open_path("d"), copy = must_fd(fcntl(fd, F_DUPFD_CLOEXEC, 40), "dup");

	close(fd);
	ask_and_close("dup", copy);
}

static void file_private_directory(void)
{
	ask_held("inside a closed directory", 0);
}

static void prepare_private_directory(void)
{
	make_dir("secret");
	must(chmod("secret", 0700), "chmod");
	mount_tmpfs("secret/m", NULL);
	held[0] = open_path("secret/m");
}

static void open_tree_plain(void)
{
	ask_and_close("directory", must_fd(sys_open_tree(AT_FDCWD, "d", O_CLOEXEC), "open_tree"));
	ask_and_close("file", must_fd(sys_open_tree(AT_FDCWD, "d/f", O_CLOEXEC), "open_tree"));
	ask_and_close("mount root", must_fd(sys_open_tree(AT_FDCWD, ".", O_CLOEXEC), "open_tree"));
}

/* --- mounts in relation to each other --- */

static void prepare_covered(void)
{
	mount_tmpfs("m", "mode=755,size=64k");
	held[0] = open_path("m");
	mount_tmpfs("m", "mode=755,size=128k");
	held[1] = open_path("m");
}

static void mount_covered(void)
{
	ask_held("lower", 0);
	ask_held("upper", 1);
}

static void prepare_bind(void)
{
	mount_tmpfs("m", NULL);
	make_dir("m/d");
	make_dir("m/d/e");
	make_file("m/f", "");
	make_dir("bind");
	make_file("bound", "");
	mount_bind("m/d", "bind", false);
	mount_bind("m/f", "bound", false);
}

static void mount_bind_directory(void)
{
	ask_and_close("the bind's root", open_path("bind"));
	ask_and_close("below it", open_path("bind/e"));
	ask_and_close("the same directory through the first mount", open_path("m/d"));
}

static void mount_bind_file(void)
{
	ask_and_close("the bound file", open_path("bound"));
	ask_and_close("open", must_fd(open("bound", O_RDONLY | O_CLOEXEC), "open"));
	ask_and_close("the same file through the first mount", open_path("m/f"));
}

static void prepare_namespace_file(void)
{
	make_file("ns", "");
	mount_bind("/proc/self/ns/uts", "ns", false);
}

static void mount_namespace_file(void)
{
	ask_and_close("O_PATH", open_path("ns"));
	ask_and_close("O_RDONLY", must_fd(open("ns", O_RDONLY | O_CLOEXEC), "open"));
}

static void prepare_nested(void)
{
	mount_tmpfs("a", "mode=755,size=64k");
	mount_tmpfs("a/b", "mode=755,size=128k");
	mount_tmpfs("a/b/c", "mode=755,size=192k");
}

static void mount_nested(void)
{
	ask_and_close("a", open_path("a"));
	ask_and_close("a/b", open_path("a/b"));
	ask_and_close("a/b/c", open_path("a/b/c"));
}

static void prepare_moved(void)
{
	prepare_nested();
	held[0] = open_path("a");
	held[1] = open_path("a/b");
	make_dir("elsewhere");
	must(mount("a", "elsewhere", NULL, MS_MOVE, NULL), "move");
}

static void mount_moved(void)
{
	ask_held("moved", 0);
	ask_held("below it", 1);
}

static void prepare_renamed(void)
{
	make_dir("old");
	mount_tmpfs("old/m", NULL);
	held[0] = open_path("old/m");
	must(rename("old", "new"), "rename");
}

static void mount_renamed(void)
{
	ask_held("below a renamed directory", 0);
}

/* A recursive bind shows one tree twice: the fd's own copy counts. */
static void prepare_twice(void)
{
	prepare_nested();
	make_dir("again");
	mount_bind("a", "again", true);
}

static void mount_twice(void)
{
	ask_and_close("first", open_path("a/b"));
	ask_and_close("second", open_path("again/b"));
}

/* --- internal mounts --- */

static void internal_pipe(void)
{
	int fds[2];

	must(pipe2(fds, O_CLOEXEC), "pipe");
	ask_and_close("read end", fds[0]);
	ask_and_close("write end", fds[1]);
}

static void internal_pipe_path(void)
{
	char path[64];
	int fds[2];

	must(pipe2(fds, O_CLOEXEC), "pipe");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	ask_and_close("O_PATH", must_fd(open(path, O_PATH | O_CLOEXEC), "open"));
	ask_and_close("open_tree",
		      must_fd(sys_open_tree(fds[0], "", MNTCOMPAT_AT_EMPTY_PATH | O_CLOEXEC),
			      "open_tree"));
	close(fds[0]);
	close(fds[1]);
}

static void internal_socket(void)
{
	int pair[2];

	ask_and_close("unix", must_fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
	ask_and_close("inet", must_fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), "socketpair");
	ask_and_close("socketpair", pair[0]);
	close(pair[1]);
}

static void internal_memfd(void)
{
	ask_and_close("memfd", must_fd(memfd_create("name", MFD_CLOEXEC), "memfd_create"));
	ask_and_close("named like a path",
		      must_fd(memfd_create("/x (deleted)", MFD_CLOEXEC), "memfd_create"));
}

static void internal_anonymous(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	ask_and_close("eventfd", must_fd(eventfd(0, EFD_CLOEXEC), "eventfd"));
	ask_and_close("epoll", must_fd(epoll_create1(EPOLL_CLOEXEC), "epoll_create1"));
	ask_and_close("timerfd", must_fd(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd"));
	ask_and_close("signalfd", must_fd(signalfd(-1, &mask, SFD_CLOEXEC), "signalfd"));
	ask_and_close("inotify", must_fd(inotify_init1(IN_CLOEXEC), "inotify_init1"));
}

static void internal_pidfd(void)
{
	ask_and_close("own process",
		      must_fd(syscall(UAPI_NR_pidfd_open, getpid(), 0), "pidfd_open"));
}

static void internal_namespace(void)
{
	static const char *const names[] = { "mnt", "user", "uts", "net", "pid" };
	char path[64];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		ask_and_close(names[i], must_fd(open(path, O_RDONLY | O_CLOEXEC), path));
	}
	ask_and_close("mnt, O_PATH",
		      must_fd(open("/proc/self/ns/mnt", O_PATH | O_CLOEXEC), "open"));
	/* the link itself lives in procfs; MNT_POINT depends on where that is mounted */
	held[0] = open_path("/proc/self/ns/mnt");
	say_statmount_fd("the link", held[0], MNTCOMPAT_STATMOUNT_FS_TYPE);
	close(held[0]);
}

static void internal_new_namespace(void)
{
	int fd = mntcompat_open_tree(AT_FDCWD, ".",
				     MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC);

	say_result("OPEN_TREE_NAMESPACE", fd);
	if (fd >= 0)
		ask_and_close("its fd", fd);
}

static void prepare_context(void)
{
	mount_tmpfs("m", NULL);
	held[0] = must_fd((int)FIXTURE_SYSCALL(UAPI_NR_fsopen, "tmpfs", (long)UAPI_FSOPEN_CLOEXEC),
			  "fsopen");
	held[1] = must_fd(
		(int)FIXTURE_SYSCALL(UAPI_NR_fspick, (long)AT_FDCWD, "m", 1L /* FSPICK_CLOEXEC */),
		"fspick");
}

static void internal_context(void)
{
	ask_held("fsopen", 0);
	ask_held("fspick", 1);
}

/* --- detached trees --- */

static void prepare_detached_single(void)
{
	prepare_nested();
	make_file("a/f", "");
	held[0] = must_fd(sys_open_tree(AT_FDCWD, "a", CLONE_TREE), "open_tree");
	held[1] = must_fd(openat(held[0], "f", O_RDONLY | O_CLOEXEC), "open in the tree");
	held[2] = must_fd(openat(held[0], "b", O_PATH | O_CLOEXEC), "open in the tree");
}

static void detached_single(void)
{
	ask("tree", held[0]);
	ask_held("file in it", 1);
	ask_held("directory in it", 2);
	close(held[0]);
}

static void prepare_detached_fsmount(void)
{
	held[0] = must_fd(sys_fsmount_tmpfs(), "fsmount");
}

static void detached_fsmount(void)
{
	ask_held("fsmount", 0);
}

static void prepare_detached_subdirectory(void)
{
	prepare_files();
	held[0] = must_fd(sys_open_tree(AT_FDCWD, "d", CLONE_TREE), "open_tree");
	held[1] = must_fd(sys_open_tree(AT_FDCWD, "d/f", CLONE_TREE), "open_tree");
}

static void detached_subdirectory(void)
{
	ask_held("clone of a directory", 0);
	ask_held("clone of a file", 1);
}

/* a has the children b (with c in it) and z, so that there is a first and a second child. */
static void prepare_detached_multi(void)
{
	prepare_nested();
	mount_tmpfs("a/z", "mode=755,size=256k");
	make_file("a/f", "");
	held[0] = must_fd(sys_open_tree(AT_FDCWD, "a", CLONE_ALL), "open_tree");
	held[1] = must_fd(openat(held[0], "f", O_RDONLY | O_CLOEXEC), "open in the tree");
	held[2] = must_fd(openat(held[0], "b", O_PATH | O_CLOEXEC), "open in the tree");
	held[3] = must_fd(openat(held[0], "b/c", O_PATH | O_CLOEXEC), "open in the tree");
	held[4] = must_fd(openat(held[0], "z", O_PATH | O_CLOEXEC), "open in the tree");
}

static void detached_root(void)
{
	ask("tree", held[0]);
	ask("file in its root mount", held[1]);
}

static void detached_first_child(void)
{
	ask("first child", held[2]);
}

static void detached_other_children(void)
{
	ask("grandchild", held[3]);
	ask("second child", held[4]);
}

static void prepare_attached(void)
{
	prepare_detached_multi();
	make_dir("target");
	must(sys_move_mount(held[0], "", AT_FDCWD, "target", MOVE_F_EMPTY), "move_mount");
}

static void detached_then_attached(void)
{
	ask_held("tree", 0);
	ask_held("file in its root mount", 1);
	ask_held("first child", 2);
	ask_held("grandchild", 3);
	ask_held("second child", 4);
}

static void prepare_attached_fsmount(void)
{
	make_dir("target");
	held[0] = must_fd(sys_fsmount_tmpfs(), "fsmount");
	must(sys_move_mount(held[0], "", AT_FDCWD, "target", MOVE_F_EMPTY), "move_mount");
}

static void prepare_dissolved(void)
{
	prepare_detached_multi();
	close(held[0]);
}

static void dissolved_root(void)
{
	ask_held("file in the root mount", 1);
}

static void dissolved_child(void)
{
	ask_held("first child", 2);
	ask_held("grandchild", 3);
	ask_held("second child", 4);
}

static void prepare_dissolved_single(void)
{
	prepare_detached_single();
	close(held[0]);
}

static void dissolved_single(void)
{
	ask_held("file", 1);
	ask_held("directory", 2);
}

/* --- unmounted --- */

static void prepare_unmounted(void)
{
	prepare_nested();
	make_file("a/f", "");
	held[0] = open_path("a");
	held[1] = must_fd(open("a/f", O_RDONLY | O_CLOEXEC), "open");
	held[2] = open_path("a/b");
	held[3] = open_path("a/b/c");
	must(umount2("a", MNT_DETACH), "umount");
}

static void unmounted_root(void)
{
	ask_held("root", 0);
	ask_held("file", 1);
}

static void unmounted_child(void)
{
	ask_held("child", 2);
	ask_held("grandchild", 3);
}

static void say_size(const char *label, uint64_t mask, size_t bufsize)
{
	union {
		struct mntcompat_statmount answer;
		char room[1024];
	} buf = { .room = "" };
	int ret = statmount_fd(held[0], mask, &buf, bufsize);

	if (ret < 0)
		say_result(label, ret);
	else
		say("%s: mask 0x%llx, size %u", label, (unsigned long long)buf.answer.mask,
		    buf.answer.size);
}

static void unmounted_sizes(void)
{
	say_size("MNT_POINT", MNTCOMPAT_STATMOUNT_MNT_POINT, 1024);
	say_size("MNT_POINT, 513 bytes", MNTCOMPAT_STATMOUNT_MNT_POINT, 513);
	say_size("MNT_POINT, 512 bytes", MNTCOMPAT_STATMOUNT_MNT_POINT, 512);
	say_size("MNT_POINT and FS_SUBTYPE",
		 MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_FS_SUBTYPE, 1024);
	say_size("FS_SUBTYPE", MNTCOMPAT_STATMOUNT_FS_SUBTYPE, 1024);
}

static void prepare_unmounted_bind(void)
{
	mount_tmpfs("m", "mode=755,size=64k");
	make_dir("m/d");
	make_dir("bind");
	mount_bind("m/d", "bind", false);
	must(mount(NULL, "bind", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOEXEC, NULL),
	     "remount");
	held[0] = open_path("bind");
	must(umount2("bind", MNT_DETACH), "umount");
}

static void unmounted_bind(void)
{
	ask_held("read-only bind of a directory", 0);
}

static void prepare_unmounted_shared(void)
{
	mount_tmpfs("a", NULL);
	mount_propagation("a", MS_SHARED);
	make_dir("peer");
	mount_bind("a", "peer", false);
	held[0] = open_path("peer");
	must(umount2("peer", MNT_DETACH), "umount");
}

static void unmounted_shared(void)
{
	ask_held("left its peer group", 0);
}

/* --- other mount namespaces --- */

/* The only process of the namespace leaves it: its mounts are gone, its fds are not. */
static void prepare_dead_namespace(void)
{
	prepare_nested();
	held[0] = open_path("a");
	held[1] = open_path("a/b");
	must(unshare(CLONE_NEWNS), "unshare");
}

static void namespace_dead(void)
{
	ask_held("mount", 0);
	ask_held("child", 1);
}

static void prepare_live_namespace(void)
{
	prepare_nested();
	held[0] = open_path("a");
	held[1] = open_path("a/b");
	start_holder(NULL);
	must(unshare(CLONE_NEWNS), "unshare");
}

static void namespace_live(void)
{
	ask_held("mount", 0);
	ask_held("child", 1);
	ask_and_close("the caller's own copy", open_path("a"));
	end_holder();
}

static void prepare_namespace_nobody_else(void)
{
	prepare_live_namespace();
	must(umount2("a", MNT_DETACH), "umount the caller's own copy");
}

static void namespace_not_ours(void)
{
	ask_held("mount", 0);
	ask_held("child", 1);
	end_holder();
}

static void enter_new_namespace(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
	mount_tmpfs("there", NULL);
}

/* Another process is in a namespace with a mount that no other namespace has. */
static void prepare_process_root(void)
{
	make_dir("there");
	start_holder(enter_new_namespace);
}

static void namespace_process_root(void)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/%d/root%s/there", holder, scenario_world());
	ask_and_close("through /proc/PID/root", must_fd(open(path, O_PATH | O_CLOEXEC), path));
	snprintf(path, sizeof(path), "/proc/%d/cwd", holder);
	ask_and_close("through /proc/PID/cwd", must_fd(open(path, O_PATH | O_CLOEXEC), path));
	end_holder();
}

/* --- users and user namespaces --- */

static int ask_from_user_namespace(void *arg)
{
	(void)arg;
	must(unshare(CLONE_NEWUSER), "unshare");
	ask_and_close("mount root", open_path("a"));
	ask_and_close("child", open_path("a/b"));
	return 0;
}

static void user_namespace_only(void)
{
	in_child(ask_from_user_namespace, NULL);
}

static int ask_from_own_namespaces(void *arg)
{
	int before = open_path("a");

	(void)arg;
	must(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
	ask_and_close("the parent's mount", before);
	ask_and_close("the caller's own copy", open_path("a"));
	return 0;
}

static void user_namespace_and_mounts(void)
{
	in_child(ask_from_own_namespaces, NULL);
}

static int ask_as_nobody(void *arg)
{
	(void)arg;
	must(setresgid(1000, 1000, 1000), "setresgid");
	must(setresuid(1000, 1000, 1000), "setresuid");
	ask_and_close("as another user", open_path("a/b"));
	return 0;
}

static void user_dropped(void)
{
	in_child(ask_as_nobody, NULL);
}

/* --- chroot --- */

static void chroot_to(const char *path)
{
	must(chroot(path), "chroot");
	must(chdir("/"), "chdir");
}

static void prepare_chroot_outside(void)
{
	prepare_nested();
	make_dir("jail");
	mount_tmpfs("jail", NULL);
	held[0] = open_path("a");
	held[1] = open_path("a/b");
	held[2] = open_path(".");
	chroot_to("jail");
}

static void chroot_outside(void)
{
	ask_held("mount outside", 0);
	ask_held("its child", 1);
	ask_held("the mount around the jail", 2);
}

static void prepare_chroot_directory(void)
{
	make_dir("jail");
	make_dir("jail/d");
	mount_tmpfs("jail/m", NULL);
	held[0] = open_path(".");
	chroot_to("jail");
}

static void chroot_directory(void)
{
	ask_and_close("own root", open_path("/"));
	ask_and_close("directory below", open_path("/d"));
	ask_held("the mount's root, outside", 0);
	ask_and_close("mount below", open_path("/m"));
}

static void prepare_chroot_mount(void)
{
	mount_tmpfs("jail", NULL);
	make_dir("jail/d");
	mount_tmpfs("jail/d/m", NULL);
	chroot_to("jail");
}

static void chroot_mount(void)
{
	ask_and_close("own root", open_path("/"));
	ask_and_close("directory below", open_path("/d"));
	ask_and_close("mount below", open_path("/d/m"));
}

/* The jail's root is covered: the process does not see what lies on top of it. */
static void prepare_chroot_covered(void)
{
	mount_tmpfs("jail", "mode=755,size=64k");
	held[0] = open_path("jail");
	must(chdir("jail"), "chdir");
	mount_tmpfs(scenario_world(), NULL);
	must(chroot("."), "chroot");
}

static void chroot_covered(void)
{
	ask_and_close("own root", open_path("/"));
	ask_held("the same, opened before", 0);
}

static void prepare_chroot_unmounted(void)
{
	mount_tmpfs("jail", NULL);
	mount_tmpfs("jail/m", NULL);
	must(chdir("jail"), "chdir");
	must(chroot("."), "chroot");
	held[0] = open_path("/");
	held[1] = open_path("/m");
	must(umount2("/", MNT_DETACH), "umount");
}

static void chroot_unmounted(void)
{
	ask_held("own root, unmounted", 0);
	ask_held("mount below, unmounted", 1);
}

/* --- sources --- */

static void prepare_source(const char *source, const char *path)
{
	make_dir(path);
	must(mount(source, path, "tmpfs", 0, "mode=755,size=64k"), "mount");
}

static void prepare_sources(void)
{
	prepare_source("", "empty");
	prepare_source(NULL, "null");
	prepare_source("two words", "blank");
	prepare_source("a\tb", "tab");
	prepare_source("a\nb", "newline");
	prepare_source("a\\b", "backslash");
	prepare_source("#a#b", "hash");
	prepare_source("\\040", "octal");
	prepare_source(" ", "one-blank");
	prepare_source("-", "dash");
	prepare_source("\xc3\xa4", "utf8");
}

static void source_empty(void)
{
	ask_and_close("empty", open_path("empty"));
}

static void source_null(void)
{
	ask_and_close("null", open_path("null"));
}

static void source_escaped(void)
{
	static const char *const names[] = {
		"blank", "tab",	      "newline", "backslash", "hash",
		"octal", "one-blank", "dash",	 "utf8",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd = open_path(names[i]);

		say_statmount_fd(names[i], fd,
				 MNTCOMPAT_STATMOUNT_SB_SOURCE | MNTCOMPAT_STATMOUNT_MNT_OPTS |
					 MNTCOMPAT_STATMOUNT_FS_TYPE);
		close(fd);
	}
}

/* --- the process's own root --- */

static void own_root(void)
{
	int fd = open_path("/");

	/* Its MNT_ROOT is the machine's: a subvolume of btrfs, the directory of a container. */
	say_statmount_fd("/", fd,
			 MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_MNT_NS_ID |
				 MNTCOMPAT_STATMOUNT_SUPPORTED_MASK);
	close(fd);
}

#define ROW(path, doc, levels, prepare, run) \
	{ \
		"statmount/fd/" path, doc, levels, prepare, run \
	}
#define REAL_ROOT (SCENARIO_ROOT | SCENARIO_USER)    /* prepare needs real root */
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS) /* run needs privileges */

const struct scenario statmount_fd_scenarios[] = {
	ROW("directory/rdonly", "A directory, mount root or not (3.3).", SCENARIO_ALL,
	    prepare_files, directory_rdonly),
	ROW("directory/path", "An O_PATH directory (3.3).", SCENARIO_ALL, prepare_files,
	    directory_path),
	ROW("directory/removed", "A removed directory (3.3).", SCENARIO_ALL, prepare_files,
	    directory_removed),
	ROW("file/rdonly", "A file (3.3).", SCENARIO_ALL, prepare_files, file_rdonly),
	ROW("file/rdwr", "A file open for writing (3.3).", SCENARIO_ALL, prepare_files, file_rdwr),
	ROW("file/path", "An O_PATH file (3.3).", SCENARIO_ALL, prepare_files, file_path),
	ROW("file/tmpfile", "An O_TMPFILE file (3.3).", SCENARIO_ALL, prepare_files, file_tmpfile),
	ROW("file/unlinked", "An unlinked file (3.3).", SCENARIO_ALL, prepare_files, file_unlinked),
	ROW("file/fifo", "A fifo on disk belongs to its mount (3.3).", SCENARIO_ALL, prepare_files,
	    file_fifo),
	ROW("file/symlink", "An O_PATH symlink (3.3).", SCENARIO_ALL, prepare_files, file_symlink),
	ROW("file/socket", "A socket's node belongs to its mount, the socket does not (3.3).",
	    SCENARIO_ALL, prepare_files, file_socket),
	ROW("file/device", "A device node: the mount that holds it (3.3).", REAL_ROOT,
	    prepare_device, file_device),
	ROW("file/proc", "Files of procfs (3.3).", REAL_ROOT, prepare_proc, file_proc),
	ROW("file/reopened", "Through magic links: the file behind them.", SCENARIO_ALL,
	    prepare_files, file_reopened),
	ROW("file/duplicate", "A duplicated descriptor.", SCENARIO_ALL, prepare_files,
	    file_duplicate),
	ROW("file/closed-directory", "No path permission is needed (3.3, unprivileged).",
	    SCENARIO_ALL, prepare_private_directory, file_private_directory),
	ROW("open-tree/plain", "A plain open_tree fd is an O_PATH fd (3.3).", SCENARIO_ALL,
	    prepare_files, open_tree_plain),
	ROW("mount/covered", "A covered mount has the same mount point (3.3).", SCENARIO_ALL,
	    prepare_covered, mount_covered),
	ROW("mount/bind-directory", "A bind mount's root is its directory (3.3).", SCENARIO_ALL,
	    prepare_bind, mount_bind_directory),
	ROW("mount/bind-file", "A file may be a mount's root (3.3).", SCENARIO_ALL, prepare_bind,
	    mount_bind_file),
	ROW("mount/namespace-file", "A bind-mounted namespace file (3.3).", SCENARIO_ALL,
	    prepare_namespace_file, mount_namespace_file),
	ROW("mount/nested", "Each fd answers for its own mount.", SCENARIO_ALL, prepare_nested,
	    mount_nested),
	ROW("mount/moved", "The mount point is the one of now (3.3).", SCENARIO_ALL, prepare_moved,
	    mount_moved),
	ROW("mount/renamed", "A mount point below a renamed directory.", SCENARIO_ALL,
	    prepare_renamed, mount_renamed),
	ROW("mount/twice", "Of two mounts of one superblock the fd's own counts.", SCENARIO_ALL,
	    prepare_twice, mount_twice),
	ROW("internal/pipe", "A pipe is EINVAL (3.3).", SCENARIO_ALL, NULL, internal_pipe),
	ROW("internal/pipe-path", "An O_PATH fd of a pipe is EINVAL too.", SCENARIO_ALL, NULL,
	    internal_pipe_path),
	ROW("internal/socket", "Sockets are EINVAL (3.3).", SCENARIO_ALL, NULL, internal_socket),
	ROW("internal/memfd", "A memfd is EINVAL although on a tmpfs (3.3).", SCENARIO_ALL, NULL,
	    internal_memfd),
	ROW("internal/anonymous", "Anonymous inodes are EINVAL (3.3).", SCENARIO_ALL, NULL,
	    internal_anonymous),
	ROW("internal/pidfd", "A pidfd is EINVAL (3.3).", SCENARIO_ALL, NULL, internal_pidfd),
	ROW("internal/namespace", "A namespace's fd is EINVAL, by O_PATH too (3.3).", SCENARIO_ALL,
	    NULL, internal_namespace),
	ROW("internal/new-namespace", "An OPEN_TREE_NAMESPACE fd is EINVAL (3.3).", PRIVILEGED,
	    NULL, internal_new_namespace),
	ROW("internal/context", "fsopen and fspick fds are EINVAL (3.3).", SCENARIO_ALL,
	    prepare_context, internal_context),
	ROW("detached/single", "A detached tree of one mount is ENOENT (3.3).", SCENARIO_ALL,
	    prepare_detached_single, detached_single),
	ROW("detached/fsmount", "A fresh fsmount fd is ENOENT (3.3).", SCENARIO_ALL,
	    prepare_detached_fsmount, detached_fsmount),
	ROW("detached/subdirectory", "A clone of a directory or file is ENOENT (3.3).",
	    SCENARIO_ALL, prepare_detached_subdirectory, detached_subdirectory),
	ROW("detached/root", "The root of a larger detached tree has no MNT_POINT (3.3).",
	    SCENARIO_ALL, prepare_detached_multi, detached_root),
	ROW("detached/first-child", "The first child's MNT_POINT is \"/\" (3.3).", SCENARIO_ALL,
	    prepare_detached_multi, detached_first_child),
	ROW("detached/other-children", "Other children of a detached tree (3.3).", SCENARIO_ALL,
	    prepare_detached_multi, detached_other_children),
	ROW("detached/attached", "After move_mount it is a mount like any other (3.3).",
	    SCENARIO_ALL, prepare_attached, detached_then_attached),
	ROW("detached/attached-fsmount", "The same for fsmount (3.3).", SCENARIO_ALL,
	    prepare_attached_fsmount, detached_fsmount),
	ROW("dissolved/root", "A dissolved tree has neither MNT_POINT nor MNT_NS_ID (3.3).",
	    SCENARIO_ALL, prepare_dissolved, dissolved_root),
	ROW("dissolved/child", "Its children are their own parents (2.7, 3.3).", SCENARIO_ALL,
	    prepare_dissolved, dissolved_child),
	ROW("dissolved/single", "A dissolved tree of one mount answers (3.3).", SCENARIO_ALL,
	    prepare_dissolved_single, dissolved_single),
	ROW("unmounted/root", "A lazily unmounted mount answers (3.3).", SCENARIO_ALL,
	    prepare_unmounted, unmounted_root),
	ROW("unmounted/child", "So do its children (3.3).", SCENARIO_ALL, prepare_unmounted,
	    unmounted_child),
	ROW("unmounted/sizes", "A mount point is not a string if it was not requested.",
	    SCENARIO_ALL, prepare_unmounted, unmounted_sizes),
	ROW("unmounted/bind", "Root and attributes stay valid (3.3).", SCENARIO_ALL,
	    prepare_unmounted_bind, unmounted_bind),
	ROW("unmounted/shared", "It has left its peer group.", SCENARIO_ALL,
	    prepare_unmounted_shared, unmounted_shared),
	ROW("namespace/dead", "A mount of a namespace that died (3.3).", SCENARIO_ALL,
	    prepare_dead_namespace, namespace_dead),
	ROW("namespace/live", "A mount of another namespace needs no privilege (3.3).",
	    SCENARIO_ALL, prepare_live_namespace, namespace_live),
	ROW("namespace/not-ours", "One of which there is no copy here (3.3).", SCENARIO_ALL,
	    prepare_namespace_nobody_else, namespace_not_ours),
	ROW("namespace/process-root", "One reached through /proc/PID/root (3.3).", PRIVILEGED,
	    prepare_process_root, namespace_process_root),
	ROW("user/namespace-only", "From a user namespace without rights over the mounts (3.3).",
	    SCENARIO_ALL, prepare_nested, user_namespace_only),
	ROW("user/namespaces", "The parent namespace's mount from an own one (3.3).", SCENARIO_ALL,
	    prepare_nested, user_namespace_and_mounts),
	ROW("user/dropped", "After privileges were dropped (3.3).", PRIVILEGED, prepare_nested,
	    user_dropped),
	ROW("chroot/outside", "A mount outside the chroot has no MNT_POINT (3.3).", SCENARIO_ALL,
	    prepare_chroot_outside, chroot_outside),
	ROW("chroot/directory", "A chroot to a plain directory (3.3).", SCENARIO_ALL,
	    prepare_chroot_directory, chroot_directory),
	ROW("chroot/mount", "A chroot to a mount root (3.3).", SCENARIO_ALL, prepare_chroot_mount,
	    chroot_mount),
	ROW("chroot/covered", "A chroot below a mount that covers it.", SCENARIO_ALL,
	    prepare_chroot_covered, chroot_covered),
	ROW("chroot/unmounted", "A chroot whose root was unmounted.", SCENARIO_ALL,
	    prepare_chroot_unmounted, chroot_unmounted),
	ROW("source/empty", "An empty source leaves SB_SOURCE clear (3.3).", SCENARIO_ALL,
	    prepare_sources, source_empty),
	ROW("source/null", "No source reads \"none\" (3.3).", SCENARIO_ALL, prepare_sources,
	    source_null),
	ROW("source/escaped", "Sources come unescaped (3.4).", SCENARIO_ALL, prepare_sources,
	    source_escaped),
	ROW("own-root", "The process's own root is \"/\" (3.3).", SCENARIO_ALL, NULL, own_root),
	{ 0 }
};
