/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * namespace-id.c - scenarios: ids of namespaces, what is known of a mount namespace, the ones next
 * to it, and listns. Makes namespaces in children of its own; says relations, never ids. Listed in
 * scenario.c.
 */
#define _GNU_SOURCE
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KERNEL_ADDRESS ((void *)(uintptr_t)-4096L)
#define MANY 4096
#define MAX_IDS 1000000u
#define UNKNOWN_ID 0x123456789ull
#define MAX_STEPS 10000
#define TREE (MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_RECURSIVE)

typedef struct mntcompat_mnt_ns_info info;
typedef struct mntcompat_ns_id_req request;

static const struct {
	const char *name;
	uint32_t type;
} kinds[] = {
	{ "mnt", MNTCOMPAT_MNT_NS }, { "user", MNTCOMPAT_USER_NS },
	{ "uts", MNTCOMPAT_UTS_NS }, { "ipc", MNTCOMPAT_IPC_NS },
	{ "net", MNTCOMPAT_NET_NS }, { "cgroup", MNTCOMPAT_CGROUP_NS },
	{ "pid", MNTCOMPAT_PID_NS }, { "time", MNTCOMPAT_TIME_NS },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static uint64_t ids[MANY];

static int ns_fd(const char *process, const char *kind)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", process, kind);
	return must_fd(open(path, O_RDONLY | O_CLOEXEC), path);
}

static uint64_t fd_id(int fd)
{
	uint64_t id = 0;

	return mntcompat_namespace_id(fd, &id) ? 0 : id;
}

static uint64_t own_id(const char *kind)
{
	int fd = ns_fd("self", kind);
	uint64_t id = fd_id(fd);

	close(fd);
	return id;
}

static const char *relation(uint64_t a, uint64_t b)
{
	return !b ? "no id" : a == b ? "the same" : "another";
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

/* --- a child in namespaces of its own that waits to be ended --- */

struct other {
	pid_t pid;
	char name[16];
};

static void start_other(struct other *other, int flags)
{
	int fds[2];
	char byte;

	must(pipe2(fds, O_CLOEXEC), "pipe");
	other->pid = fork();
	must(other->pid, "fork");
	if (!other->pid) {
		byte = unshare(flags) ? 'n' : 'y';
		if (write(fds[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(fds[1]);
	must(read(fds[0], &byte, 1) == 1 && byte == 'y' ? 0 : -1, "the other's namespaces");
	close(fds[0]);
	snprintf(other->name, sizeof(other->name), "%d", other->pid);
}

static void end_other(struct other *other)
{
	kill(other->pid, SIGKILL);
	waitpid(other->pid, NULL, 0);
}

static uint64_t other_id(const struct other *other, const char *kind)
{
	int fd = ns_fd(other->name, kind);
	uint64_t id = fd_id(fd);

	close(fd);
	return id;
}

/* --- ids --- */

static void id_kinds(void)
{
	uint64_t seen[KINDS];
	size_t i, j;

	for (i = 0; i < KINDS; i++) {
		int fd = ns_fd("self", kinds[i].name), ret;
		uint64_t mount = 0;
		const char *unlike = "";

		seen[i] = fd_id(fd);
		for (j = 0; j < i; j++)
			if (seen[j] == seen[i])
				unlike = ", the same as another's";
		say("%s: %s%s", kinds[i].name, seen[i] ? "an id" : "none", unlike);
		ret = mntcompat_mount_namespace_id(fd, &mount);
		say("%s as a mount namespace: %s", kinds[i].name,
		    ret ? errno_name(errno) : relation(seen[i], mount));
		close(fd);
	}
}

static int say_ids_in_child(void *arg)
{
	uint64_t *id = arg;

	say("another process, mnt: %s", relation(id[0], own_id("mnt")));
	say("another process, user: %s", relation(id[1], own_id("user")));
	return 0;
}

static void id_everywhere(void)
{
	uint64_t id[2] = { own_id("mnt"), own_id("user") };
	struct other other;

	in_child(say_ids_in_child, id);
	start_other(&other, CLONE_NEWUSER | CLONE_NEWNS);
	say("others, mnt: %s", relation(id[0], other_id(&other, "mnt")));
	say("others, user: %s", relation(id[1], other_id(&other, "user")));
	say("others, uts: %s", relation(own_id("uts"), other_id(&other, "uts")));
	end_other(&other);
}

static void id_made(void)
{
	int fd = must_fd(mntcompat_open_tree(AT_FDCWD, "tree", TREE), "open_tree");
	uint64_t id = fd_id(fd);
	char path[64];
	int again;

	say("a namespace that was made: %s", relation(own_id("mnt"), id));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = must_fd(open(path, O_RDONLY | O_CLOEXEC), "open again");
	say("opened again: %s", relation(id, fd_id(again)));
	close(again);
	close(fd);
}

/* --- one id for all calls --- */

static uint64_t statmount_namespace(uint64_t mnt_id, uint64_t mnt_ns_id, int *error)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_id = mnt_id,
		.param = MNTCOMPAT_STATMOUNT_MNT_NS_ID,
		.mnt_ns_id = mnt_ns_id,
	};
	struct mntcompat_statmount answer = { 0 };
	int ret = mntcompat_statmount(&req, &answer, sizeof(answer), 0);

	*error = ret ? errno : 0;
	return ret || !(answer.mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID) ? 0 : answer.mnt_ns_id;
}

/* The mounts of a namespace by its id: how many, and the first one's id. */
static ssize_t listed_by_id(uint64_t mnt_ns_id, uint64_t *first)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_id = MNTCOMPAT_LSMT_ROOT,
		.mnt_ns_id = mnt_ns_id,
	};
	ssize_t n = mntcompat_listmount(&req, ids, MANY, 0);

	*first = n > 0 ? ids[0] : 0;
	return n;
}

static void say_by_id(const char *label, uint64_t id)
{
	int error;
	uint64_t first, told;
	ssize_t n = listed_by_id(id, &first);

	say("%s, listmount: %s", label, n < 0 ? errno_name(errno) : n ? "some" : "none");
	if (n <= 0)
		return;
	told = statmount_namespace(first, id, &error);
	say("%s, statmount: %s, of the namespace: %s", label, errno_name(error),
	    relation(id, told));
}

static void id_agree(void)
{
	request list = { .size = MNTCOMPAT_NS_ID_REQ_SIZE_VER0, .ns_type = MNTCOMPAT_MNT_NS };
	int here = must_fd(open(".", O_PATH | O_CLOEXEC), "."), fd = ns_fd("self", "mnt"), error;
	uint64_t id = fd_id(fd), mount = 0, own = statmount_unique_id(here);
	struct mntcompat_statmount answer = { 0 };
	bool listed = false;
	ssize_t n, i;
	info told = { 0 };

	must(mntcompat_mount_namespace_id(fd, &mount), "id");
	must(mntcompat_mount_namespace_info(fd, &told), "info");
	must(statmount_fd(here, MNTCOMPAT_STATMOUNT_MNT_NS_ID, &answer, sizeof(answer)), "by fd");
	n = mntcompat_listns(&list, ids, MANY, 0);
	for (i = 0; i < n; i++)
		listed |= ids[i] == id;
	say("mount_namespace_id: %s", relation(id, mount));
	say("info: %s", relation(id, told.mnt_ns_id));
	say("listns: %s", listed ? "listed" : "not listed");
	say("statmount by fd: %s", relation(id, answer.mnt_ns_id));
	say("statmount by id: %s", relation(id, statmount_namespace(own, 0, &error)));
	say("in the namespace by its id: %s", relation(id, statmount_namespace(own, id, &error)));
	say_by_id("by its id", id);
	close(fd);
	close(here);
}

static int say_id_in_child(void *arg)
{
	say_by_id("in another process", *(uint64_t *)arg);
	return 0;
}

static void id_of_made(void)
{
	int fd = must_fd(mntcompat_open_tree(AT_FDCWD, "tree", TREE), "open_tree");
	uint64_t id = fd_id(fd), first;

	say("mounts: %zd", listed_by_id(id, &first));
	say_by_id("made", id);
	in_child(say_id_in_child, &id);
	close(fd);
	say_by_id("ended", id);
}

/* By the namespace's id as by its descriptor: the same mounts, and each has a mount point. */
static void say_as_by_fd(const char *path)
{
	static uint64_t by_fd[MANY];
	static union {
		struct mntcompat_statmount fields;
		char room[8192];
	} answer;
	struct mntcompat_mnt_id_req req = { .size = sizeof(req), .mnt_id = MNTCOMPAT_LSMT_ROOT };
	int fd = must_fd(mntcompat_open_tree(AT_FDCWD, path, TREE), "open_tree"), points = 0;
	uint64_t id = fd_id(fd), first;
	ssize_t n, held, i;

	req.mnt_fd = (uint32_t)fd;
	held = mntcompat_listmount(&req, by_fd, MANY, 0);
	n = listed_by_id(id, &first);
	say("listmount of %s: %s", path,
	    n < 0					 ? errno_name(errno) :
	    n != held					 ? "another number" :
	    memcmp(ids, by_fd, (size_t)n * sizeof(*ids)) ? "others" :
							   "the same");
	for (i = 0; i < held; i++) {
		req = (struct mntcompat_mnt_id_req){
			.size = sizeof(req),
			.mnt_id = by_fd[i],
			.mnt_ns_id = id,
			.param = MNTCOMPAT_STATMOUNT_MNT_POINT,
		};
		if (mntcompat_statmount(&req, &answer.fields, sizeof(answer), 0))
			say("statmount: %s", errno_name(errno));
		else if (answer.fields.mask & MNTCOMPAT_STATMOUNT_MNT_POINT &&
			 answer.fields.str[answer.fields.mnt_point] == '/')
			points++;
	}
	say("mount points: %s", points == held ? "all" : "not all");
	close(fd);
}

static void id_as_descriptor(void)
{
	say_as_by_fd("tree");
	say_as_by_fd("/");
	/* Not the first call any more: whatever is prepared is used. */
	say_as_by_fd("tree");
}

static void id_of_other(void)
{
	struct other other;
	uint64_t id;

	start_other(&other, CLONE_NEWNS);
	id = other_id(&other, "mnt");
	say_by_id("another process's", id);
	end_other(&other);
	say_by_id("ended", id);
}

static int held_fd = -1;

static void prepare_held(void)
{
	held_fd = ns_fd("self", "mnt");
	must(unshare(CLONE_NEWNS), "unshare");
}

static void id_of_held(void)
{
	uint64_t id = fd_id(held_fd), first;
	ssize_t n = listed_by_id(id, &first);
	int error;

	say("listmount: %s", n < 0 ? errno_name(errno) : n ? "some" : "none");
	statmount_namespace(first ? first : UINT64_MAX, id, &error);
	say("statmount: %s", errno_name(error));
	close(held_fd);
}

static void prepare_tree(void)
{
	mount_tmpfs("tree", NULL);
	mount_tmpfs("tree/a", NULL);
	mount_tmpfs("tree/a/b", NULL);
}

struct subject {
	const char *name;
	int fd;
};

static void say_step(const char *name, const char *what, int ret)
{
	say("%s, %s: %s", name, what, ret < 0 ? errno_name(errno) : "ok");
	if (ret >= 0)
		close(ret);
}

static void id_errors(void)
{
	struct subject subjects[] = {
		{ "a directory", must_fd(open(".", O_RDONLY | O_CLOEXEC), "open") },
		{ "an O_PATH descriptor",
		  must_fd(open("/proc/self/ns/mnt", O_PATH | O_CLOEXEC), "open") },
		{ "a closed one", -1 },
		{ "a uts namespace", ns_fd("self", "uts") },
	};
	uint64_t id;
	size_t i;
	info told;

	for (i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		const char *name = subjects[i].name;
		int fd = subjects[i].fd, ret;

		ret = mntcompat_namespace_id(fd, &id);
		say("%s, id: %s", name, ret ? errno_name(errno) : "ok");
		ret = mntcompat_mount_namespace_id(fd, &id);
		say("%s, mount id: %s", name, ret ? errno_name(errno) : "ok");
		ret = mntcompat_mount_namespace_info(fd, &told);
		say("%s, info: %s", name, ret ? errno_name(errno) : "ok");
		say_step(name, "next", mntcompat_mount_namespace_next(fd, &told));
		say_step(name, "prev", mntcompat_mount_namespace_prev(fd, &told));
		if (fd >= 0)
			close(fd);
	}
}

static void id_pointers(void)
{
	int fd = ns_fd("self", "mnt"), uts = ns_fd("self", "uts");
	unsigned char *end = edge();

	say_result("no id", mntcompat_namespace_id(fd, NULL));
	say_result("unreachable id", mntcompat_namespace_id(fd, (void *)end));
	say_result("half an id", mntcompat_namespace_id(fd, (void *)(end - 4)));
	say_result("the kernel's memory", mntcompat_namespace_id(fd, KERNEL_ADDRESS));
	say_result("no mount id", mntcompat_mount_namespace_id(fd, NULL));
	say_result("no mount id of another kind", mntcompat_mount_namespace_id(uts, NULL));
	say_result("no info", mntcompat_mount_namespace_info(fd, NULL));
	say_result("no info of another kind", mntcompat_mount_namespace_info(uts, NULL));
	say_result("unreachable info", mntcompat_mount_namespace_info(fd, (void *)end));
	say_result("half an info", mntcompat_mount_namespace_info(fd, (void *)(end - 8)));
	close(fd);
	close(uts);
}

/* --- what is known of a mount namespace --- */

static void info_own(void)
{
	int fd = ns_fd("self", "mnt");
	info told = { 0 };

	must(mntcompat_mount_namespace_info(fd, &told), "info");
	say("size %u, id %s, mounts: %s", told.size, relation(fd_id(fd), told.mnt_ns_id),
	    told.nr_mounts > 1 ? "some" : "none");
	close(fd);
}

static void info_counts(void)
{
	int fd = ns_fd("self", "mnt");
	info before, after;

	must(mntcompat_mount_namespace_info(fd, &before), "info");
	mount_tmpfs("more", NULL);
	must(mntcompat_mount_namespace_info(fd, &after), "info");
	say("after a mount: %+d", (int)(after.nr_mounts - before.nr_mounts));
	must(umount2("more", 0), "umount");
	must(mntcompat_mount_namespace_info(fd, &after), "info");
	say("after an unmount: %+d", (int)(after.nr_mounts - before.nr_mounts));
	close(fd);
}

static void info_made(void)
{
	int fd = must_fd(mntcompat_open_tree(AT_FDCWD, "tree", TREE), "open_tree");
	info told = { 0 };

	must(mntcompat_mount_namespace_info(fd, &told), "info");
	say("a tree of three mounts: %u", told.nr_mounts);
	close(fd);
}

static void info_chroot(void)
{
	int fd = ns_fd("self", "mnt");
	info before, after;

	must(mntcompat_mount_namespace_info(fd, &before), "info");
	must(chroot("tree"), "chroot");
	must(chdir("/"), "chdir");
	must(mntcompat_mount_namespace_info(fd, &after), "info");
	say("in a chroot: %s", before.nr_mounts == after.nr_mounts ? "the same" : "another");
	close(fd);
}

/* Steps from @fd to the end; true if @wanted was on the way. */
static bool walk(int fd, bool next, uint64_t wanted, const char *label)
{
	uint64_t last = fd_id(fd);
	bool found = false, ordered = true;
	int here = must_fd(dup(fd), "dup"), step, steps;
	info told;

	for (steps = 0; steps < MAX_STEPS; steps++) {
		step = next ? mntcompat_mount_namespace_next(here, &told) :
			      mntcompat_mount_namespace_prev(here, &told);
		if (step < 0)
			break;
		if (told.mnt_ns_id != fd_id(step) || told.size != sizeof(told) ||
		    fcntl(step, F_GETFD) != FD_CLOEXEC)
			say("%s: the info is not of the descriptor", label);
		ordered &= next ? told.mnt_ns_id > last : told.mnt_ns_id < last;
		last = told.mnt_ns_id;
		found |= last == wanted;
		close(here);
		here = step;
	}
	say("%s: %s, %s", label, ordered ? "in order" : "not in order", errno_name(errno));
	close(here);
	return found;
}

static void neighbours(void)
{
	int made = must_fd(mntcompat_open_tree(AT_FDCWD, "tree", TREE), "open_tree");
	int fd = ns_fd("self", "mnt");
	uint64_t id = fd_id(made);
	bool found = walk(fd, true, id, "forward");

	found |= walk(fd, false, id, "backward");
	say("the namespace that was made: %s", found ? "found" : "not found");
	found = walk(made, true, fd_id(fd), "from there, forward");
	found |= walk(made, false, fd_id(fd), "from there, backward");
	say("the current one: %s", found ? "found" : "not found");
	close(made);
	close(fd);
}

static void neighbours_refused(void)
{
	int fd = ns_fd("self", "mnt");
	info told;

	say_step("own", "next", mntcompat_mount_namespace_next(fd, &told));
	say_step("own", "prev", mntcompat_mount_namespace_prev(fd, &told));
	say_step("own", "next without info", mntcompat_mount_namespace_next(fd, NULL));
	close(fd);
}

/* --- listns --- */

static ssize_t list(uint32_t type, uint64_t owner, uint64_t after, size_t n)
{
	request req = { .size = sizeof(req), .ns_type = type, .user_ns_id = owner, .ns_id = after };

	return mntcompat_listns(&req, ids, n, 0);
}

static bool listed(ssize_t n, uint64_t id)
{
	ssize_t i;

	for (i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool ascending(ssize_t n)
{
	ssize_t i;

	for (i = 1; i < n; i++)
		if (ids[i] <= ids[i - 1])
			return false;
	return true;
}

static void list_own(void)
{
	ssize_t n = list(0, 0, 0, MANY), seen = 0;
	size_t i;

	for (i = 0; i < KINDS; i++)
		seen += listed(n, own_id(kinds[i].name));
	say("all kinds: %s, %s, %zd own ones", n == seen ? "own ones only" : "others too",
	    ascending(n) ? "ascending" : "not ascending", seen);
	for (i = 0; i < KINDS; i++) {
		n = list(kinds[i].type, 0, 0, MANY);
		say("%s: %s, %s", kinds[i].name,
		    n == 1 ? "one" :
		    n > 1  ? "more" :
			     "none",
		    listed(n, own_id(kinds[i].name)) ? "with the current one" :
						       "without the current one");
	}
}

static void list_all(void)
{
	int made = must_fd(mntcompat_open_tree(AT_FDCWD, "tree", TREE), "open_tree");
	uint64_t made_id = fd_id(made);
	struct other other;
	ssize_t n;
	size_t i;

	start_other(&other, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS);
	n = list(0, 0, 0, MANY);
	say("all kinds: %s", ascending(n) ? "ascending" : "not ascending");
	for (i = 0; i < KINDS; i++)
		say("own %s: %s", kinds[i].name,
		    listed(n, own_id(kinds[i].name)) ? "listed" : "not listed");
	for (i = 0; i < 3; i++)
		say("another process's %s: %s", kinds[i].name,
		    listed(n, other_id(&other, kinds[i].name)) ? "listed" : "not listed");
	say("one that is held: %s", listed(n, made_id) ? "listed" : "not listed");
	n = list(MNTCOMPAT_MNT_NS, 0, 0, MANY);
	say("mount namespaces: %s", ascending(n) ? "ascending" : "not ascending");
	say("another process's mnt: %s",
	    listed(n, other_id(&other, "mnt")) ? "listed" : "not listed");
	say("another process's uts: %s",
	    listed(n, other_id(&other, "uts")) ? "listed" : "not listed");
	say("one that is held: %s", listed(n, made_id) ? "listed" : "not listed");
	n = list(MNTCOMPAT_USER_NS | MNTCOMPAT_UTS_NS, 0, 0, MANY);
	say("user and uts namespaces, another process's user: %s",
	    listed(n, other_id(&other, "user")) ? "listed" : "not listed");
	say("its uts: %s", listed(n, other_id(&other, "uts")) ? "listed" : "not listed");
	say("its mnt: %s", listed(n, other_id(&other, "mnt")) ? "listed" : "not listed");
	end_other(&other);
	close(made);
}

/* Namespaces end a little after the last that held them. */
static bool gone(uint32_t type, uint64_t id)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	int i;

	for (i = 0; i < 100; i++) {
		if (!listed(list(type, 0, 0, MANY), id))
			return true;
		nanosleep(&moment, NULL);
	}
	return false;
}

static void list_held(void)
{
	struct other other;
	uint64_t mnt, user, uts;
	char path[64];
	ssize_t n;
	int fd, uts_fd;

	start_other(&other, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS);
	mnt = other_id(&other, "mnt");
	user = other_id(&other, "user");
	uts = other_id(&other, "uts");
	fd = ns_fd(other.name, "mnt");
	uts_fd = ns_fd(other.name, "uts");
	end_other(&other);
	n = list(MNTCOMPAT_MNT_NS | MNTCOMPAT_USER_NS, 0, 0, MANY);
	say("held by a descriptor: %s", listed(n, mnt) ? "listed" : "not listed");
	say("its owner, where nobody is: %s", listed(n, user) ? "listed" : "not listed");
	close(fd);
	make_file("file", "");
	/* A mount namespace may only be mounted in an older one, which 6.18 does not always get
	 * right. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", uts_fd);
	must(mount(path, "file", NULL, MS_BIND, NULL), "bind");
	close(uts_fd);
	n = list(MNTCOMPAT_UTS_NS | MNTCOMPAT_USER_NS, 0, 0, MANY);
	say("held by a mount: %s", listed(n, uts) ? "listed" : "not listed");
	say("its owner: %s", listed(n, user) ? "listed" : "not listed");
	must(umount2("file", 0), "umount");
	say("held by nobody: %s", gone(MNTCOMPAT_UTS_NS, uts) ? "gone" : "listed");
}

static void list_owner(void)
{
	struct other other;
	uint64_t owner, own = own_id("user");
	ssize_t n;

	start_other(&other, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC);
	owner = other_id(&other, "user");
	n = list(0, owner, 0, MANY);
	say("owned by another user namespace: %zd", n);
	say("its mnt: %s", listed(n, other_id(&other, "mnt")) ? "listed" : "not listed");
	say("its uts: %s", listed(n, other_id(&other, "uts")) ? "listed" : "not listed");
	say("its ipc: %s", listed(n, other_id(&other, "ipc")) ? "listed" : "not listed");
	say("of which uts: %zd", list(MNTCOMPAT_UTS_NS, owner, 0, MANY));
	say("of which net: %zd", list(MNTCOMPAT_NET_NS, owner, 0, MANY));
	n = list(MNTCOMPAT_USER_NS, own, 0, MANY);
	say("user namespaces that the current one owns, the other: %s",
	    listed(n, owner) ? "listed" : "not listed");
	n = list(0, MNTCOMPAT_LISTNS_CURRENT_USER, 0, MANY);
	say("owned by the caller's user namespace, its mnt: %s",
	    listed(n, own_id("mnt")) ? "listed" : "not listed");
	say("the other's mnt: %s", listed(n, other_id(&other, "mnt")) ? "listed" : "not listed");
	say("the caller's user namespace itself: %s", listed(n, own) ? "listed" : "not listed");
	say_result("of no namespace", list(0, UNKNOWN_ID, 0, MANY));
	say_result("of a uts namespace", list(0, own_id("uts"), 0, MANY));
	end_other(&other);
}

static void list_own_owner(void)
{
	uint64_t own = own_id("user");
	ssize_t n = list(0, own, 0, MANY), current;

	say("owned by the caller's user namespace, its mnt: %s",
	    listed(n, own_id("mnt")) ? "listed" : "not listed");
	say("itself: %s", listed(n, own) ? "listed" : "not listed");
	current = list(0, MNTCOMPAT_LISTNS_CURRENT_USER, 0, MANY);
	say("by the special id: %s", current == n ? "as many" : "another number");
	say("user namespaces: %zd", list(MNTCOMPAT_USER_NS, own, 0, MANY));
	say("mount namespaces: %zd", list(MNTCOMPAT_MNT_NS, own, 0, MANY));
	say_result("of a uts namespace", list(0, own_id("uts"), 0, MANY));
}

/* The owner is above the caller, which knows its id from before. */
static int list_below(void *arg)
{
	uint64_t parent = *(uint64_t *)arg;
	ssize_t n;

	must(unshare(CLONE_NEWUSER), "unshare");
	n = list(0, parent, 0, MANY);
	say("all kinds: %s", n < 0 ? errno_name(errno) : "ok");
	say("mnt: %s", listed(n, own_id("mnt")) ? "listed" : "not listed");
	say("user: %s", listed(n, own_id("user")) ? "listed" : "not listed");
	say("the parent itself: %s", listed(n, parent) ? "listed" : "not listed");
	n = list(MNTCOMPAT_NET_NS, parent, 0, MANY);
	say("net: %s", n < 0 ? errno_name(errno) : n ? "some" : "none");
	n = list(MNTCOMPAT_NET_NS, 0, 0, MANY);
	say("net, any owner: %s", n < 0			   ? errno_name(errno) :
				  listed(n, own_id("net")) ? "the caller's" :
							     "not the caller's");
	return 0;
}

static void list_parent(void)
{
	uint64_t own = own_id("user");

	in_child(list_below, &own);
}

static void list_pages(void)
{
	static uint64_t whole[16];
	struct other other;
	uint64_t owner;
	ssize_t n;
	size_t page;

	start_other(&other,
		    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
	owner = other_id(&other, "user");
	n = list(0, owner, 0, MANY);
	say("in one: %zd, %s", n, ascending(n) ? "ascending" : "not ascending");
	if (n < 0 || n > 16)
		scenario_broken("%zd namespaces", n);
	memcpy(whole, ids, sizeof(whole));
	for (page = 1; page < 4; page++) {
		uint64_t last = 0;
		ssize_t at = 0, got;
		bool same = true;

		while (at < n && (got = list(0, owner, last, page)) > 0) {
			same &= at + got <= n &&
				!memcmp(ids, whole + at, (size_t)got * sizeof(*ids));
			at += got;
			last = ids[got - 1];
		}
		say("by %zu: %s, %zd", page, same ? "the same" : "others", at);
		say_result("after the last one", list(0, owner, last, page));
	}
	say_result("after the largest number", list(0, 0, UINT64_MAX, MANY));
	say_result("room for none", list(0, owner, 0, 0));
	say_result("room for none, after the largest number", list(0, owner, UINT64_MAX, 0));
	end_other(&other);
}

static int say_own_in_child(void *arg)
{
	(void)arg;
	list_own();
	return 0;
}

/* Not the first process of a pid namespace, which takes the others with it when it ends. */
static void list_pid_namespace(void)
{
	must(unshare(CLONE_NEWPID), "unshare");
	in_child(say_own_in_child, NULL);
}

static void list_request(void)
{
	static const struct {
		const char *label;
		request req;
		size_t n;
		unsigned int flags;
	} calls[] = {
		{ "size 0", { .size = 0 }, MANY, 0 },
		{ "size 16", { .size = 16 }, MANY, 0 },
		{ "size 31", { .size = 31 }, MANY, 0 },
		{ "size 31 and a spare field", { .size = 31, .spare = 1 }, MANY, 0 },
		{ "size above a page", { .size = 1 << 20 }, MANY, 0 },
		{ "a spare field", { .size = 32, .spare = 1 }, MANY, 0 },
		{ "a spare field and an unknown kind",
		  { .size = 32, .spare = 1, .ns_type = 1 },
		  MANY,
		  0 },
		{ "a spare field, room for none", { .size = 32, .spare = 1 }, 0, 0 },
		{ "the other spare field and an unknown kind",
		  { .size = 32, .spare2 = 1, .ns_type = 1 },
		  MANY,
		  0 },
		{ "an unknown kind", { .size = 32, .ns_type = 1 }, MANY, 0 },
		{ "an unknown kind next to a known one",
		  { .size = 32, .ns_type = MNTCOMPAT_MNT_NS | 1 },
		  MANY,
		  0 },
		{ "an unknown kind, room for none", { .size = 32, .ns_type = 1 }, 0, 0 },
		{ "flags", { .size = 32 }, MANY, 1 },
		{ "flags and room for too many", { .size = 32 }, MAX_IDS + 1, 1 },
		{ "room for too many", { .size = 32 }, MAX_IDS + 1, 0 },
		{ "room for too many, size 0", { .size = 0 }, MAX_IDS + 1, 0 },
	};
	struct {
		request req;
		uint64_t tail[2];
	} large = { .req = { .size = sizeof(large) } };
	request good = { .size = sizeof(good) };
	unsigned char *end = edge();
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		say_result(calls[i].label,
			   mntcompat_listns(&calls[i].req, ids, calls[i].n, calls[i].flags));
	say_result("larger, with zeros", mntcompat_listns(&large.req, ids, MANY, 0));
	large.tail[1] = 1;
	say_result("larger, with something else", mntcompat_listns(&large.req, ids, MANY, 0));
	say_result("no request", mntcompat_listns(NULL, ids, MANY, 0));
	say_result("no request, room for too many", mntcompat_listns(NULL, ids, MAX_IDS + 1, 0));
	say_result("no request, flags", mntcompat_listns(NULL, ids, MANY, 1));
	say_result("unreachable request", mntcompat_listns((void *)end, ids, MANY, 0));
	memset(end - 16, 0, 16);
	((request *)(void *)(end - 16))->size = 32;
	say_result("half a request", mntcompat_listns((void *)(end - 16), ids, MANY, 0));
	say_result("no room", mntcompat_listns(&good, NULL, MANY, 0));
	say_result("no room for none", mntcompat_listns(&good, NULL, 0, 0));
	say_result("unreachable room", mntcompat_listns(&good, (void *)end, MANY, 0));
	say_result("not enough room", mntcompat_listns(&good, (void *)(end - 8), MANY, 0));
	say_result("the kernel's memory", mntcompat_listns(&good, KERNEL_ADDRESS, MANY, 0));
	say_result("the kernel's memory, for none", mntcompat_listns(&good, KERNEL_ADDRESS, 0, 0));
	good.ns_type = 1;
	say_result("an unknown kind, the kernel's memory",
		   mntcompat_listns(&good, KERNEL_ADDRESS, 9, 0));
	good = (request){ .size = 0 };
	say_result("size 0, the kernel's memory", mntcompat_listns(&good, KERNEL_ADDRESS, 9, 0));
	good = (request){ .size = 32, .ns_id = UINT64_MAX };
	say_result("after the largest number, no room", mntcompat_listns(&good, NULL, MANY, 0));
	say_result("after the largest number, the kernel's memory",
		   mntcompat_listns(&good, KERNEL_ADDRESS, 9, 0));
	good = (request){ .size = 32, .user_ns_id = own_id("uts") };
	say_result("owned by a uts namespace, no room", mntcompat_listns(&good, NULL, MANY, 0));
	say_result("owned by a uts namespace, the kernel's memory",
		   mntcompat_listns(&good, KERNEL_ADDRESS, 9, 0));
}

const struct scenario namespace_id_scenarios[] = {
	{ "namespace-id/kinds", "namespaces of all kinds have ids, each its own", SCENARIO_ALL,
	  NULL, id_kinds },
	{ "namespace-id/everywhere", "an id is the same in every process", SCENARIO_ROOT, NULL,
	  id_everywhere },
	{ "namespace-id/made", "a namespace made of a tree has an id that lasts",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, id_made },
	{ "namespace-id/agree", "the id is the one that every call takes and gives", SCENARIO_ALL,
	  NULL, id_agree },
	{ "namespace-id/by-id-made",
	  "a namespace made of a tree can be named by its id while it lives",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, id_of_made },
	{ "namespace-id/by-id-as-descriptor",
	  "the mounts of a namespace made of a tree, by its id and by its descriptor",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, id_as_descriptor },
	{ "namespace-id/by-id-other", "the namespace of another process by its id",
	  SCENARIO_ROOT | SCENARIO_USERNS, NULL, id_of_other },
	{ "namespace-id/by-id-held",
	  "an id gives no right: statmount is refused, listmount finds nothing", SCENARIO_ALL,
	  prepare_held, id_of_held },
	{ "namespace-id/errors", "descriptors of no namespace, and of one of another kind",
	  SCENARIO_ALL, NULL, id_errors },
	{ "namespace-id/pointers", "ids and infos that cannot be written", SCENARIO_ALL, NULL,
	  id_pointers },
	{ "namespace-id/info", "size and id of the current mount namespace", SCENARIO_ALL, NULL,
	  info_own },
	{ "namespace-id/info-counts", "mounts are counted", SCENARIO_ROOT | SCENARIO_USERNS, NULL,
	  info_counts },
	{ "namespace-id/info-made", "the bottom mount is not counted",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, info_made },
	{ "namespace-id/info-chroot", "the count does not depend on the caller's root",
	  SCENARIO_ROOT | SCENARIO_USERNS, prepare_tree, info_chroot },
	{ "namespace-id/neighbours",
	  "next and prev lead through all mount namespaces, in the order of "
	  "ids",
	  SCENARIO_ROOT, prepare_tree, neighbours },
	{ "namespace-id/neighbours-refused", "next and prev are for root of the initial namespaces",
	  SCENARIO_USERNS | SCENARIO_USER, NULL, neighbours_refused },
	{ "listns/request", "flags, number, request, kinds, array, owner, start, in this order",
	  SCENARIO_ALL, NULL, list_request },
	{ "listns/own", "callers that are not root in the initial namespaces see only their own",
	  SCENARIO_USERNS | SCENARIO_USER, NULL, list_own },
	{ "listns/own-owner", "of these, those that the current user namespace owns",
	  SCENARIO_USERNS | SCENARIO_USER, NULL, list_own_owner },
	{ "listns/parent-owner", "of these, those that the parent user namespace owns",
	  SCENARIO_ALL, NULL, list_parent },
	{ "listns/all", "root in the initial namespaces sees all", SCENARIO_ROOT, prepare_tree,
	  list_all },
	{ "listns/held", "descriptors and mounts keep namespaces listed, and their owners",
	  SCENARIO_ROOT, NULL, list_held },
	{ "listns/owner", "namespaces by the user namespace that owns them", SCENARIO_ROOT, NULL,
	  list_owner },
	{ "listns/pages", "pages go on after an id, and an id that nothing follows is refused",
	  SCENARIO_ROOT, NULL, list_pages },
	{ "listns/pid-namespace", "root in another pid namespace sees only its own", SCENARIO_ROOT,
	  NULL, list_pid_namespace },
	{ NULL, NULL, 0, NULL, NULL },
};
