/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ids.c - scenarios: the id of a mount as statx and name_to_handle_at tell it, that it is the one
 * that statmount takes and gives, and how long it lasts. Touches WORLD only. Listed in scenario.c.
 */
#define _GNU_SOURCE
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define UNIQUE MNTCOMPAT_STATX_MNT_ID_UNIQUE
#define OLD MNTCOMPAT_STATX_MNT_ID
#define HANDLE_UNIQUE ((int)MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE)
#define EMPTY_PATH ((int)MNTCOMPAT_AT_EMPTY_PATH)
#define NOFOLLOW ((int)MNTCOMPAT_AT_SYMLINK_NOFOLLOW)
#define RESERVED 0x80000000u
#define BASIC_STATS 0x7ffu
#define UNKNOWN_FLAG 0x40
#define SYNC_TYPE 0x6000
#define F_EMPTY_PATH 4u /* move_mount */
#define LARGEST_OLD_ID (1ull << 31)
#define KERNEL_ADDRESS ((void *)(uintptr_t)-4096L)
#define HANDLE_BYTES 128
#define FEW_FDS 64
#define UNTOUCHED 0xdddddddddddddddduLL

typedef union {
	struct mntcompat_file_handle handle;
	unsigned char bytes[sizeof(struct mntcompat_file_handle) + HANDLE_BYTES];
} handle_room;

static int path_fd(const char *path)
{
	return must_fd(open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);
}

/* Two pages of which the second cannot be reached; returns the end of the first. */
static unsigned char *edge(void)
{
	size_t page = sysconf(_SC_PAGESIZE);
	unsigned char *start =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED || mprotect(start + page, page, PROT_NONE))
		scenario_broken("mmap: %s", errno_name(errno));
	return start + page;
}

/* --- ids as the calls tell them; 0: not --- */

static uint64_t statx_id(int dfd, const char *path, int flags)
{
	struct mntcompat_statx answer;

	memset(&answer, 0xee, sizeof(answer));
	if (mntcompat_statx(dfd, path, flags, UNIQUE, &answer) || !(answer.stx_mask & UNIQUE) ||
	    answer.stx_mask & OLD)
		return 0;
	return answer.stx_mnt_id;
}

static uint64_t fd_id(int fd)
{
	return statx_id(fd, "", EMPTY_PATH);
}

static uint64_t handle_id(int fd)
{
	handle_room room = { .handle = { .handle_bytes = HANDLE_BYTES } };
	uint64_t id = 0;

	if (mntcompat_name_to_handle_at(fd, "", &room.handle, &id, EMPTY_PATH | HANDLE_UNIQUE))
		return 0;
	return id;
}

/* The id in the answer of statmount for that id. */
static uint64_t id_by_id(uint64_t id)
{
	struct mntcompat_statmount answer = { 0 };

	if (statmount_id(id, MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer, sizeof(answer)))
		return 0;
	return answer.mnt_id;
}

static const char *relation(uint64_t a, uint64_t b)
{
	return !b ? "no id" : a == b ? "the same" : "another";
}

/* All that tells the id of the mount behind @fd, compared with statx. */
static void say_ids(const char *label, int fd)
{
	uint64_t id = fd_id(fd);

	say("%s: statx %s, name_to_handle_at %s, statmount by fd %s", label,
	    !id			? "no id" :
	    id > LARGEST_OLD_ID ? "a unique id" :
				  "an old id",
	    relation(id, handle_id(fd)), relation(id, statmount_unique_id(fd)));
}

static void say_all_ids(const char *label, int fd)
{
	say_ids(label, fd);
	say("%s: statmount by id %s", label, relation(fd_id(fd), id_by_id(fd_id(fd))));
}

/* --- the calls agree --- */

static void prepare_mounts(void)
{
	make_dir("a");
	mount_tmpfs("a/b", NULL);
	make_dir("a/b/dir");
	make_file("a/b/file", "x");
	mount_tmpfs("lower", NULL);
	make_dir("sub");
	mount_bind("a/b/dir", "sub", false);
	if (symlink("b/file", "a/link"))
		scenario_broken("symlink: %s", errno_name(errno));
}

static void prepare_target(void)
{
	prepare_mounts();
	make_dir("target");
	make_dir("target/on");
}

static void agree(void)
{
	static const char *const paths[] = {
		".", "a", "a/b", "a/b/dir", "a/b/file", "lower", "sub", "/",
	};
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int fd = path_fd(paths[i]);

		say_all_ids(paths[i], fd);
		say("%s: by path %s", paths[i],
		    relation(fd_id(fd), statx_id(AT_FDCWD, paths[i], 0)));
		close(fd);
	}
}

static void agree_elsewhere(void)
{
	int pipes[2], fd;

	must(pipe2(pipes, O_CLOEXEC), "pipe");
	say("a pipe: statx %s", fd_id(pipes[0]) > LARGEST_OLD_ID ? "a unique id" : "none");
	say("its other end: %s", relation(fd_id(pipes[0]), fd_id(pipes[1])));
	close(pipes[0]);
	close(pipes[1]);
	fd = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open namespace");
	say("a namespace file: statx %s", fd_id(fd) > LARGEST_OLD_ID ? "a unique id" : "none");
	close(fd);
	fd = path_fd("a/link");
	say("a symbolic link: statx %s", relation(statx_id(AT_FDCWD, "a", 0), fd_id(fd)));
	say("by path, not followed: %s",
	    relation(fd_id(fd), statx_id(AT_FDCWD, "a/link", NOFOLLOW)));
	say("by path, followed: %s",
	    relation(statx_id(AT_FDCWD, "a/b", 0), statx_id(AT_FDCWD, "a/link", 0)));
	close(fd);
}

static void differ(void)
{
	int a = path_fd("a"), b = path_fd("a/b"), sub = path_fd("sub"), lower = path_fd("lower");

	say("two mounts: %s", relation(fd_id(a), fd_id(b)));
	say("a bind mount of the second: %s", relation(fd_id(b), fd_id(sub)));
	say("a directory in the first: %s", relation(fd_id(a), statx_id(AT_FDCWD, ".", 0)));
	say("a third: %s", relation(fd_id(sub), fd_id(lower)));
	close(a);
	close(b);
	close(sub);
	close(lower);
}

static void parent_agrees(void)
{
	struct mntcompat_statmount answer = { 0 };
	int fd = path_fd("a/b");

	if (statmount_fd(fd, MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer, sizeof(answer)))
		scenario_broken("statmount: %s", errno_name(errno));
	say("the parent's id in statmount: %s",
	    relation(statx_id(AT_FDCWD, ".", 0), answer.mnt_parent_id));
	say("statmount by that id: %s",
	    relation(answer.mnt_parent_id, id_by_id(answer.mnt_parent_id)));
	close(fd);
}

static void old_id(void)
{
	struct mntcompat_statmount answer = { 0 };
	struct mntcompat_statx statx;
	handle_room room = { .handle = { .handle_bytes = HANDLE_BYTES } };
	int fd = path_fd("a/b"), id = 0;

	if (statmount_fd(fd, MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer, sizeof(answer)) ||
	    mntcompat_statx(fd, "", EMPTY_PATH, OLD, &statx) ||
	    mntcompat_name_to_handle_at(fd, "", &room.handle, &id, EMPTY_PATH))
		scenario_broken("the mount's ids: %s", errno_name(errno));
	say("statx(MNT_ID) and mnt_id_old: %s",
	    statx.stx_mask & OLD ? relation(answer.mnt_id_old, statx.stx_mnt_id) : "no id");
	say("name_to_handle_at without the flag and mnt_id_old: %s",
	    relation(answer.mnt_id_old, (uint64_t)id));
	close(fd);
}

/* --- how long an id lasts --- */

static int say_in_child(void *arg)
{
	int fd = path_fd("a/b");
	uint64_t id = *(uint64_t *)arg;

	say("in another process: %s", relation(id, fd_id(fd)));
	say("statmount by fd: %s", relation(id, statmount_unique_id(fd)));
	say("statmount by id: %s", relation(id, id_by_id(id)));
	say("name_to_handle_at: %s", relation(id, handle_id(fd)));
	close(fd);
	return 0;
}

static void other_process(void)
{
	uint64_t id = statx_id(AT_FDCWD, "a/b", 0);

	in_child(say_in_child, &id);
}

static int say_in_namespace(void *arg)
{
	uint64_t id = *(uint64_t *)arg;
	int fd = path_fd("a/b");

	must(unshare(CLONE_NEWNS), "unshare");
	say("a copy of the namespace, fd from before: %s", relation(id, fd_id(fd)));
	say("the copy of the mount: %s", relation(id, statx_id(AT_FDCWD, "a/b", 0)));
	close(fd);
	return 0;
}

static void other_namespace(void)
{
	uint64_t id = statx_id(AT_FDCWD, "a/b", 0);

	in_child(say_in_namespace, &id);
	say("still: %s", relation(id, statx_id(AT_FDCWD, "a/b", 0)));
}

static void lasts_attach(void)
{
	int fd = sys_fsmount_tmpfs();
	uint64_t id;

	must_fd(fd, "fsmount");
	id = fd_id(fd);
	say("detached: %s", id > LARGEST_OLD_ID ? "a unique id" : "none");
	say("name_to_handle_at: %s", relation(id, handle_id(fd)));
	must(sys_move_mount(fd, "", AT_FDCWD, "target", F_EMPTY_PATH), "move_mount");
	say("attached, by fd: %s", relation(id, fd_id(fd)));
	say("by path: %s", relation(id, statx_id(AT_FDCWD, "target", 0)));
	say("statmount by fd: %s", relation(id, statmount_unique_id(fd)));
	say("statmount by id: %s", relation(id, id_by_id(id)));
	close(fd);
}

static void lasts_clone(void)
{
	int fd = must_fd(sys_open_tree(AT_FDCWD, "a/b",
				       MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC),
			 "open_tree");
	uint64_t id = fd_id(fd);

	say("a clone: %s", relation(statx_id(AT_FDCWD, "a/b", 0), id));
	must(sys_move_mount(fd, "", AT_FDCWD, "target", F_EMPTY_PATH), "move_mount");
	say("attached: %s", relation(id, statx_id(AT_FDCWD, "target", 0)));
	close(fd);
}

static void lasts_move(void)
{
	uint64_t id = statx_id(AT_FDCWD, "a/b", 0);

	must(mount("a/b", "target/on", NULL, MS_MOVE, NULL), "move");
	say("moved: %s", relation(id, statx_id(AT_FDCWD, "target/on", 0)));
	say("statmount by id: %s", relation(id, id_by_id(id)));
	must(rename("target", "renamed"), "rename");
	say("a directory above renamed: %s", relation(id, statx_id(AT_FDCWD, "renamed/on", 0)));
	say("statmount by id: %s", relation(id, id_by_id(id)));
}

static void lasts_remount(void)
{
	uint64_t id = statx_id(AT_FDCWD, "a/b", 0);

	must(mount(NULL, "a/b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "remount,bind,ro");
	say("read-only: %s", relation(id, statx_id(AT_FDCWD, "a/b", 0)));
	must(mount(NULL, "a/b", NULL, MS_REMOUNT, "size=2m"), "remount");
	say("superblock remounted: %s", relation(id, statx_id(AT_FDCWD, "a/b", 0)));
	mount_propagation("a/b", MS_SHARED);
	say("made shared: %s", relation(id, statx_id(AT_FDCWD, "a/b", 0)));
	mount_propagation("a/b", MS_SLAVE);
	say("made slave: %s", relation(id, statx_id(AT_FDCWD, "a/b", 0)));
	say("statmount by id: %s", relation(id, id_by_id(id)));
	mount_tmpfs("a/b", NULL);
	say("covered, by path: %s", relation(id, statx_id(AT_FDCWD, "a/b", 0)));
	must(umount2("a/b", 0), "umount");
	say("uncovered: %s", relation(id, statx_id(AT_FDCWD, "a/b", 0)));
}

static void lasts_unmount(void)
{
	int fd = path_fd("a/b");
	uint64_t id = fd_id(fd);

	must(umount2("a/b", MNT_DETACH), "umount");
	say("unmounted, held: %s", relation(id, fd_id(fd)));
	say("name_to_handle_at: %s", relation(id, handle_id(fd)));
	/* While it is held no other mount can have the id. */
	mount_tmpfs("a/b", NULL);
	say("the next mount: %s", relation(id, statx_id(AT_FDCWD, "a/b", 0)));
	say_result("statmount by id", statmount_id(id, 0, NULL, 0));
	close(fd);
}

static void chrooted(void)
{
	int fd = path_fd("lower"), inside;
	uint64_t id = fd_id(fd), id_inside = statx_id(AT_FDCWD, "a/b", 0);

	must(chroot("a"), "chroot");
	must(chdir("/"), "chdir");
	say("outside the root, by fd: %s", relation(id, fd_id(fd)));
	inside = path_fd("b");
	say("inside: %s", relation(id_inside, fd_id(inside)));
	say("name_to_handle_at: %s", relation(id_inside, handle_id(inside)));
	close(inside);
	close(fd);
}

/* --- statx --- */

static void statx_mask(void)
{
	static const unsigned int masks[] = {
		OLD, UNIQUE, UNIQUE | OLD, UNIQUE | BASIC_STATS, 0x7fffffff,
	};
	size_t i;

	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		struct mntcompat_statx answer;
		int ret;

		memset(&answer, 0xee, sizeof(answer));
		ret = mntcompat_statx(AT_FDCWD, ".", 0, masks[i], &answer);
		say("mask 0x%x: %s, mask has 0x%x, id %s", masks[i], ret ? errno_name(errno) : "ok",
		    answer.stx_mask & (OLD | UNIQUE),
		    answer.stx_mnt_id > LARGEST_OLD_ID ? "unique" : "old");
	}
}

/* All fields but the id equal the kernel's own. */
static void statx_rest(void)
{
	static const struct {
		const char *path;
		int flags;
	} files[] = {
		{ ".", 0 }, { "a/b/file", 0 }, { "a/link", NOFOLLOW }, { "/proc/version", 0 }
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct mntcompat_statx answer, kernel;

		memset(&answer, 0xee, sizeof(answer));
		memset(&kernel, 0xee, sizeof(kernel));
		must(mntcompat_statx(AT_FDCWD, files[i].path, files[i].flags, BASIC_STATS | UNIQUE,
				     &answer),
		     "statx");
		must(syscall(SYS_statx, AT_FDCWD, files[i].path, files[i].flags, BASIC_STATS | OLD,
			     &kernel),
		     "the kernel's statx");
		answer.stx_mask &= BASIC_STATS;
		kernel.stx_mask &= BASIC_STATS;
		answer.stx_mnt_id = kernel.stx_mnt_id = 0;
		/* A library that acts as an older kernel clears these. */
		answer.stx_attributes = kernel.stx_attributes = 0;
		answer.stx_attributes_mask = kernel.stx_attributes_mask = 0;
		say("%s: mask 0x%x, %s", files[i].path, answer.stx_mask,
		    memcmp(&answer, &kernel, sizeof(answer)) ? "differs" : "the same");
	}
}

static void statx_order(void)
{
	struct mntcompat_statx answer;
	int fd = path_fd("."), file = path_fd("a/b/file");

#define CALL(label, dfd, path, flags, mask) \
	say_result(label, mntcompat_statx(dfd, path, flags, mask, &answer))
	CALL("reserved mask", AT_FDCWD, ".", 0, RESERVED);
	CALL("reserved mask with the id", AT_FDCWD, ".", 0, RESERVED | UNIQUE);
	CALL("reserved mask, missing file", AT_FDCWD, "missing", 0, RESERVED | UNIQUE);
	CALL("reserved mask, no path", AT_FDCWD, NULL, 0, RESERVED | UNIQUE);
	CALL("unknown flag", AT_FDCWD, ".", UNKNOWN_FLAG, UNIQUE);
	CALL("unknown flag, missing file", AT_FDCWD, "missing", UNKNOWN_FLAG, UNIQUE);
	CALL("unknown flag, no path", AT_FDCWD, NULL, UNKNOWN_FLAG, UNIQUE);
	CALL("unknown flag, fd", fd, "", UNKNOWN_FLAG | EMPTY_PATH, UNIQUE);
	CALL("unknown flag, fd and no path", fd, NULL, UNKNOWN_FLAG | EMPTY_PATH, UNIQUE);
	CALL("unknown flag, empty path", AT_FDCWD, "", UNKNOWN_FLAG | EMPTY_PATH, UNIQUE);
	CALL("both kinds of sync", AT_FDCWD, ".", SYNC_TYPE, UNIQUE);
	CALL("both kinds of sync, no path", AT_FDCWD, NULL, SYNC_TYPE, UNIQUE);
	CALL("both kinds of sync, fd", fd, "", SYNC_TYPE | EMPTY_PATH, UNIQUE);
	CALL("no path", AT_FDCWD, NULL, 0, UNIQUE);
	CALL("no path, empty is fine", fd, NULL, EMPTY_PATH, UNIQUE);
	CALL("no path, empty is fine, cwd", AT_FDCWD, NULL, EMPTY_PATH, UNIQUE);
	CALL("no path, empty is fine, bad fd", -1, NULL, EMPTY_PATH, UNIQUE);
	CALL("empty path", fd, "", 0, UNIQUE);
	CALL("empty path, empty is fine", fd, "", EMPTY_PATH, UNIQUE);
	CALL("empty path, bad fd", -1, "", EMPTY_PATH, UNIQUE);
	CALL("relative path, bad fd", -1, ".", 0, UNIQUE);
	CALL("absolute path, bad fd", -1, "/", 0, UNIQUE);
	CALL("path that cannot be read", AT_FDCWD, KERNEL_ADDRESS, 0, UNIQUE);
	CALL("the same, empty is fine", fd, KERNEL_ADDRESS, EMPTY_PATH, UNIQUE);
	CALL("missing file", AT_FDCWD, "missing", 0, UNIQUE);
	CALL("below a file", file, "x", 0, UNIQUE);
#undef CALL
	close(fd);
	close(file);
}

static void statx_buffer(void)
{
	unsigned char *end = edge();

	say_result("no buffer", mntcompat_statx(AT_FDCWD, ".", 0, UNIQUE, NULL));
	say_result("unreachable buffer", mntcompat_statx(AT_FDCWD, ".", 0, UNIQUE, (void *)end));
	say_result("half a buffer", mntcompat_statx(AT_FDCWD, ".", 0, UNIQUE, (void *)(end - 128)));
	say_result("the kernel's memory",
		   mntcompat_statx(AT_FDCWD, ".", 0, UNIQUE, KERNEL_ADDRESS));
	say_result("no buffer, missing file",
		   mntcompat_statx(AT_FDCWD, "missing", 0, UNIQUE, NULL));
	say_result("unreachable buffer, bad fd",
		   mntcompat_statx(-1, "", EMPTY_PATH, UNIQUE, (void *)end));
	say_result("up to the end of memory",
		   mntcompat_statx(AT_FDCWD, ".", 0, UNIQUE, (void *)(end - 256)));
}

static void statx_full_table(void)
{
	struct rlimit old, few;
	int fd = path_fd("."), fds[FEW_FDS], count = 0;
	uint64_t id = fd_id(fd);

	must(getrlimit(RLIMIT_NOFILE, &old), "getrlimit");
	few = old;
	few.rlim_cur = FEW_FDS;
	must(setrlimit(RLIMIT_NOFILE, &few), "setrlimit");
	while (count < FEW_FDS && (fds[count] = dup(fd)) >= 0)
		count++;
	say("no free file descriptor: %s", relation(id, fd_id(fd)));
	say("by path: %s", relation(id, statx_id(AT_FDCWD, ".", 0)));
	say("name_to_handle_at: %s", relation(id, handle_id(fd)));
	while (count)
		close(fds[--count]);
	setrlimit(RLIMIT_NOFILE, &old);
	close(fd);
}

/* --- name_to_handle_at --- */

static void say_handle(const char *label, int ret, int error, const handle_room *room, uint64_t id)
{
	uint32_t halves[2];

	memcpy(halves, &id, sizeof(halves));
	say("%s: %s, id %s, %s", label, ret ? errno_name(error) : "ok",
	    id == UNTOUCHED		     ? "untouched" :
	    halves[1] == (uint32_t)UNTOUCHED ? "4 bytes" :
	    id > LARGEST_OLD_ID		     ? "unique" :
					       "old",
	    room->handle.handle_bytes == HANDLE_BYTES ? "room as it was" : "room set");
}

static void handle_flag(void)
{
	handle_room with = { .handle = { .handle_bytes = HANDLE_BYTES } }, without = with;
	uint64_t id = UNTOUCHED, plain = UNTOUCHED;
	int ret, fd = path_fd("a/b/file");

	ret = mntcompat_name_to_handle_at(fd, "", &with.handle, &id, EMPTY_PATH | HANDLE_UNIQUE);
	say_handle("with the flag", ret, errno, &with, id);
	ret = mntcompat_name_to_handle_at(fd, "", &without.handle, &plain, EMPTY_PATH);
	say_handle("without", ret, errno, &without, plain);
	say("the handles: %s", memcmp(&with, &without, sizeof(with)) ? "differ" : "the same");
	close(fd);
}

static void handle_room_needed(void)
{
	handle_room room = { .handle = { .handle_bytes = 0, .handle_type = 0x77 } };
	uint64_t id = UNTOUCHED;
	uint32_t needed;
	int ret, fd = path_fd("a/b/file");

	ret = mntcompat_name_to_handle_at(fd, "", &room.handle, &id, EMPTY_PATH | HANDLE_UNIQUE);
	say_handle("no room", ret, errno, &room, id);
	say("the id: %s", relation(fd_id(fd), id));
	needed = room.handle.handle_bytes;
	memset(&room, 0xee, sizeof(room));
	room.handle.handle_bytes = needed;
	id = UNTOUCHED;
	ret = mntcompat_name_to_handle_at(fd, "", &room.handle, &id, EMPTY_PATH | HANDLE_UNIQUE);
	say_handle("as much as needed", ret, errno, &room, id);
	say("the bytes behind: %s", room.handle.f_handle[needed] == 0xee ? "untouched" : "written");
	memset(&room, 0xee, sizeof(room));
	room.handle.handle_bytes = needed - 1;
	id = UNTOUCHED;
	ret = mntcompat_name_to_handle_at(fd, "", &room.handle, &id, EMPTY_PATH | HANDLE_UNIQUE);
	say_handle("a byte less", ret, errno, &room, id);
	say("the handle: %s", room.handle.f_handle[0] == 0xee ? "untouched" : "written");
	say("needed: %s", room.handle.handle_bytes == needed ? "the same" : "another");
	close(fd);
}

static void handle_order(void)
{
	handle_room room;
	uint64_t id;
	int ret, fd = path_fd("a/b");

#define CALL(label, room_bytes, dfd, path, flags) \
	do { \
		memset(&room, 0, sizeof(room)); \
		room.handle.handle_bytes = room_bytes; \
		id = UNTOUCHED; \
		ret = mntcompat_name_to_handle_at(dfd, path, &room.handle, &id, \
						  (flags) | HANDLE_UNIQUE); \
		say("%s: %s, id %s", label, ret ? errno_name(errno) : "ok", \
		    id == UNTOUCHED ? "untouched" : "set"); \
	} while (0)
	CALL("unknown flag", HANDLE_BYTES, AT_FDCWD, "a/b", UNKNOWN_FLAG);
	CALL("unknown flag, no path", HANDLE_BYTES, AT_FDCWD, NULL, UNKNOWN_FLAG);
	CALL("AT_SYMLINK_NOFOLLOW", HANDLE_BYTES, AT_FDCWD, "a/b", NOFOLLOW);
	CALL("no path", HANDLE_BYTES, AT_FDCWD, NULL, 0);
	CALL("no path, empty is fine", HANDLE_BYTES, fd, NULL, EMPTY_PATH);
	CALL("empty path", HANDLE_BYTES, fd, "", 0);
	CALL("empty path, empty is fine", HANDLE_BYTES, fd, "", EMPTY_PATH);
	CALL("empty path, bad fd", HANDLE_BYTES, -1, "", EMPTY_PATH);
	CALL("missing file", HANDLE_BYTES, AT_FDCWD, "missing", 0);
	CALL("too much room", HANDLE_BYTES + 1, AT_FDCWD, "a/b", 0);
	CALL("too much room, missing file", HANDLE_BYTES + 1, AT_FDCWD, "missing", 0);
	CALL("no handles there", HANDLE_BYTES, AT_FDCWD, "/proc/self/stat", 0);
	CALL("no handles there, no room", 0, AT_FDCWD, "/proc/self/stat", 0);
	CALL("symbolic link", HANDLE_BYTES, AT_FDCWD, "a/link", 0);
	CALL("symbolic link, followed", HANDLE_BYTES, AT_FDCWD, "a/link", AT_SYMLINK_FOLLOW);
#undef CALL
	close(fd);
}

static void handle_follow(void)
{
	handle_room link = { .handle = { .handle_bytes = HANDLE_BYTES } }, file = link;
	uint64_t id_link = 0, id_file = 0;

	must(mntcompat_name_to_handle_at(AT_FDCWD, "a/link", &link.handle, &id_link, HANDLE_UNIQUE),
	     "the link");
	must(mntcompat_name_to_handle_at(AT_FDCWD, "a/link", &file.handle, &id_file,
					 HANDLE_UNIQUE | AT_SYMLINK_FOLLOW),
	     "the file");
	say("the link's mount: %s", relation(statx_id(AT_FDCWD, "a", 0), id_link));
	say("the file's mount: %s", relation(statx_id(AT_FDCWD, "a/b", 0), id_file));
}

static void handle_pointers(void)
{
	handle_room room;
	unsigned char *end = edge();
	uint64_t id;
	int fd = path_fd("a/b");

#define CALL(label, handle_at, id_at, path) \
	do { \
		memset(&room, 0, sizeof(room)); \
		room.handle.handle_bytes = HANDLE_BYTES; \
		id = UNTOUCHED; \
		say_result(label, mntcompat_name_to_handle_at(fd, path, (void *)(handle_at), \
							      id_at, EMPTY_PATH | HANDLE_UNIQUE)); \
	} while (0)
	CALL("no handle", NULL, &id, "");
	CALL("unreachable handle", end, &id, "");
	CALL("the kernel's memory", KERNEL_ADDRESS, &id, "");
	CALL("no handle, missing file", NULL, &id, "missing");
	CALL("no id", &room, NULL, "");
	say("the handle: %s", room.handle.handle_type ? "written" : "untouched");
	CALL("unreachable id", &room, end, "");
	say("the handle: %s", room.handle.handle_type ? "written" : "untouched");
	CALL("half an id", &room, end - 4, "");
	CALL("no id, missing file", &room, NULL, "missing");
	CALL("id at the end of memory", &room, end - 8, "");
	memset(end - 8, 0, 8);
	CALL("a handle without room at the end of memory", end - 8, &id, "");
	memset(end - 8, 0, 8);
	((struct mntcompat_file_handle *)(void *)(end - 8))->handle_bytes = HANDLE_BYTES;
	CALL("a handle that promises more", end - 8, &id, "");
	say("the id: %s", relation(fd_id(fd), id));
#undef CALL
	close(fd);
}

const struct scenario ids_scenarios[] = {
	{ "ids/agree",
	  "statx, name_to_handle_at and statmount by fd tell the same unique id, and "
	  "statmount takes it",
	  SCENARIO_ALL, prepare_mounts, agree },
	{ "ids/agree-elsewhere", "a file on no mount of a namespace has a unique id as well",
	  SCENARIO_ALL, prepare_mounts, agree_elsewhere },
	{ "ids/differ", "each mount has its own id, bind mounts included", SCENARIO_ALL,
	  prepare_mounts, differ },
	{ "ids/parent", "mnt_parent_id is the id that statx returns for the parent", SCENARIO_ALL,
	  prepare_mounts, parent_agrees },
	{ "ids/old", "the old ids agree as well", SCENARIO_ALL, prepare_mounts, old_id },
	{ "ids/other-process", "an id is the same in every process", SCENARIO_ALL, prepare_mounts,
	  other_process },
	{ "ids/other-namespace",
	  "copies of mounts have ids of their own, the mount behind an fd keeps "
	  "its id",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_mounts, other_namespace },
	{ "ids/attach", "a detached mount keeps its id when it is attached",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_target, lasts_attach },
	{ "ids/clone", "a clone has an id of its own and keeps it when it is attached",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_target, lasts_clone },
	{ "ids/move", "moving a mount and renaming directories leave its id alone",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_target, lasts_move },
	{ "ids/remount", "remounting, propagation and covering leave an id alone",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_mounts, lasts_remount },
	{ "ids/unmount", "an unmounted mount keeps its id while it is held",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_mounts, lasts_unmount },
	{ "ids/chroot", "ids do not depend on the caller's root", SCENARIO_ROOT | SCENARIO_USERNS,
	  prepare_mounts, chrooted },
	{ "ids/full-table", "no file descriptor has to be free", SCENARIO_ALL, prepare_mounts,
	  statx_full_table },
	{ "statx/mask", "the unique id takes the place of the old one, in stx_mask too",
	  SCENARIO_ALL, NULL, statx_mask },
	{ "statx/rest", "all else is the kernel's own answer", SCENARIO_ALL, prepare_mounts,
	  statx_rest },
	{ "statx/order", "mask, flags, path, file, in this order", SCENARIO_ALL, prepare_mounts,
	  statx_order },
	{ "statx/buffer", "the answer is copied last", SCENARIO_ALL, NULL, statx_buffer },
	{ "name-to-handle/flag", "the flag changes the id and nothing else", SCENARIO_ALL,
	  prepare_mounts, handle_flag },
	{ "name-to-handle/room", "the id is returned even if the handle does not fit", SCENARIO_ALL,
	  prepare_mounts, handle_room_needed },
	{ "name-to-handle/order", "flags, path, room, handle, in this order", SCENARIO_ALL,
	  prepare_mounts, handle_order },
	{ "name-to-handle/follow", "links are followed with AT_SYMLINK_FOLLOW only", SCENARIO_ALL,
	  prepare_mounts, handle_follow },
	{ "name-to-handle/pointers", "the id is written before the handle", SCENARIO_ALL,
	  prepare_mounts, handle_pointers },
	{ NULL, NULL, 0, NULL, NULL },
};
