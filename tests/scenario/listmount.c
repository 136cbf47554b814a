/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * listmount.c - scenarios: what listmount makes of its arguments, and what it lists (reference 3.5,
 * 3.6). Touches WORLD and the scenario's own process only.
 * Listed in scenario.c.
 */
#define _GNU_SOURCE
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT MNTCOMPAT_LSMT_ROOT
#define REVERSE MNTCOMPAT_LISTMOUNT_REVERSE
#define MOST 1000000u
#define ROOM 4096u
#define UNKNOWN_ID 0x7ffffffffffffff0ull
#define SMALLEST_ID ((1ull << 31) + 1)
#define KERNEL_ADDRESS ((void *)(uintptr_t)-4096L)

typedef struct mntcompat_mnt_id_req request;

static uint64_t ids[ROOM];
static int held_fd = -1, held_child = -1, held_ns = -1;

/* --- names for ids --- */

static struct {
	char name[24];
	uint64_t id;
} known[16];
static size_t known_num;

static uint64_t id_of(const char *path)
{
	int fd = must_fd(open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);
	uint64_t id = statmount_unique_id(fd);

	close(fd);
	return id;
}

/* The topmost mount at @path is called that from now on. */
static void learn(const char *name, const char *path)
{
	must(known_num < sizeof(known) / sizeof(known[0]) ? 0 : -1, "too many names");
	snprintf(known[known_num].name, sizeof(known[0].name), "%s", name);
	known[known_num++].id = id_of(path);
}

static uint64_t named(const char *name)
{
	size_t i;

	for (i = 0; i < known_num; i++) {
		if (!strcmp(known[i].name, name))
			return known[i].id;
	}
	scenario_broken("no mount is called %s", name);
}

static bool holds(const uint64_t *list, ssize_t n, uint64_t id)
{
	ssize_t i;

	for (i = 0; i < n; i++) {
		if (list[i] == id)
			return true;
	}
	return false;
}

static ssize_t list(const request *req, uint64_t *to, size_t n, unsigned int flags)
{
	return mntcompat_listmount(req, to, n, flags);
}

static request below(uint64_t id, uint64_t last)
{
	return (request){ .size = sizeof(request), .mnt_id = id, .param = last };
}

static bool in_order(ssize_t n, unsigned int flags)
{
	ssize_t i;

	for (i = 1; i < n; i++) {
		if (flags & REVERSE ? ids[i - 1] <= ids[i] : ids[i - 1] >= ids[i])
			return false;
	}
	return true;
}

/* The known ones by name, in the order of the names: which ids are larger varies before 6.8. */
static void say_list(const char *label, const request *req, unsigned int flags, bool all)
{
	ssize_t n, found = 0;
	char line[512] = "";
	size_t i;

	memset(ids, 0, sizeof(ids));
	n = list(req, ids, ROOM, flags);
	if (n < 0) {
		say_result(label, n);
		return;
	}
	for (i = 0; i < known_num; i++) {
		if (!holds(ids, n, known[i].id))
			continue;
		strcat(strcat(line, " "), known[i].name);
		found++;
	}
	if (all && n > found)
		sprintf(line + strlen(line), " and %zd more", n - found);
	say("%s:%s%s", label, *line ? line : " none", in_order(n, flags) ? "" : ", out of order");
}

static void say_below(const char *name)
{
	request req = below(named(name), 0);
	char label[48];

	snprintf(label, sizeof(label), "below %s", name);
	say_list(label, &req, 0, true);
}

static void say_root(const char *label)
{
	request req = below(ROOT, 0);

	say_list(label, &req, 0, false);
}

static void say_call(const char *label, const void *req, unsigned int flags)
{
	ssize_t ret = list(req, ids, ROOM, flags);

	say("%s: %s", label, errno_name(ret < 0 ? errno : 0));
}

/* --- worlds --- */

static void prepare_tree(void)
{
	mount_tmpfs("a", "mode=755,size=64k");
	mount_tmpfs("a/b", "mode=755,size=64k");
	mount_tmpfs("a/b/c", "mode=755,size=64k");
	make_dir("a/d");
	mount_tmpfs("a/d", "mode=755,size=64k");
	make_dir("bind");
	mount_bind("a", "bind", false);
	learn("world", ".");
	learn("a", "a");
	learn("a/b", "a/b");
	learn("a/b/c", "a/b/c");
	learn("a/d", "a/d");
	learn("bind", "bind");
}

/* --- arguments --- */

static void *unmapped(void)
{
	void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		scenario_broken("mmap: %s", errno_name(errno));
	return page;
}

static void request_flags(void)
{
	static const unsigned int flags[] = { 0, 1, 2, 3, 4, 0x80000000u, ~0u };
	request req = below(ROOT, 0);
	char label[32];
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		snprintf(label, sizeof(label), "flags 0x%x", flags[i]);
		say_call(label, &req, flags[i]);
	}
	say_result("before the number", list(&req, ids, MOST + 1, 2));
	say_result("before the buffer", list(&req, KERNEL_ADDRESS, 1, 2));
	say_result("before the request", list(NULL, ids, 1, 2));
}

static void request_number(void)
{
	uint64_t *most = calloc(MOST, sizeof(*most));
	request req = below(named("a"), 0), small = req, bad_last = below(named("a"), 1);

	small.size = 16;
	say_result("1000001", list(&req, ids, MOST + 1, 0));
	say_result("SIZE_MAX", list(&req, ids, SIZE_MAX, 0));
	say_result("before the buffer", list(&req, KERNEL_ADDRESS, MOST + 1, 0));
	say_result("before the request", list(NULL, ids, MOST + 1, 0));
	say("1000000: %zd", most ? list(&req, most, MOST, 0) : -2);
	say("1: %zd", list(&req, ids, 1, 0));
	say("0: %zd", list(&req, ids, 0, 0));
	say("0 without a buffer: %zd", list(&req, NULL, 0, 0));
	say("0, reverse: %zd", list(&req, NULL, 0, REVERSE));
	say_result("0 and a small request", list(&small, NULL, 0, 0));
	say_result("0 and a bad last id", list(&bad_last, NULL, 0, 0));
	req.mnt_id = UNKNOWN_ID;
	say_result("0 and an unknown id", list(&req, NULL, 0, 0));
	free(most);
}

static void request_pointers(void)
{
	request req = below(named("a"), 0), small = req, unknown = below(UNKNOWN_ID, 0);
	request leaf = below(named("a/d"), 0);

	small.size = 16;
	say_result("no request", list(NULL, ids, ROOM, 0));
	say_result("unmapped request", list(unmapped(), ids, ROOM, 0));
	say_result("no buffer", list(&req, NULL, 1, 0));
	say_result("unmapped buffer", list(&req, unmapped(), 1, 0));
	say_result("unmapped buffer, reverse", list(&req, unmapped(), 1, REVERSE));
	say_result("no buffer, nothing to list", list(&leaf, NULL, 1, 0));
	say_result("unmapped buffer, unknown id", list(&unknown, unmapped(), 1, 0));
	say_result("a kernel address", list(&req, KERNEL_ADDRESS, 1, 0));
	say_result("a kernel address, nothing to list", list(&leaf, KERNEL_ADDRESS, 1, 0));
	say_result("a kernel address before the request", list(NULL, KERNEL_ADDRESS, 1, 0));
	say_result("a kernel address before the size", list(&small, KERNEL_ADDRESS, 1, 0));
	say_result("no buffer before the size", list(&small, NULL, 1, 0));
}

static void request_size(void)
{
	static const uint32_t sizes[] = { 0, 16, 23, 24, 28, 31, 32, 40, 4096, 4097 };
	union {
		request req;
		unsigned char bytes[4104];
	} buf;
	char label[32];
	size_t i;

	memset(&buf, 0, sizeof(buf));
	buf.req = below(named("a"), 0);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf.req.size = sizes[i];
		snprintf(label, sizeof(label), "size %u", sizes[i]);
		say_call(label, &buf, 0);
	}
	buf.bytes[39] = 1;
	buf.req.size = 40;
	say_call("size 40 and a tail", &buf, 0);
}

static void request_fields(void)
{
	static const uint64_t mounts[] = {
		0, 1, 1ull << 31, SMALLEST_ID, UNKNOWN_ID, UINT64_MAX - 1
	};
	static const uint64_t lasts[] = { 1, 42, 1ull << 31, SMALLEST_ID, UNKNOWN_ID };
	request req;
	char label[64];
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		/* 2^31 + 1 is an internal mount, or the initial root filesystem up to 6.19. */
		if (mounts[i] == SMALLEST_ID)
			continue;
		req = below(mounts[i], 0);
		snprintf(label, sizeof(label), "mount 0x%llx", (unsigned long long)mounts[i]);
		say_call(label, &req, 0);
	}
	for (i = 0; i < sizeof(lasts) / sizeof(lasts[0]); i++) {
		req = below(named("a"), lasts[i]);
		snprintf(label, sizeof(label), "last 0x%llx", (unsigned long long)lasts[i]);
		say_call(label, &req, 0);
		snprintf(label, sizeof(label), "last 0x%llx, reverse",
			 (unsigned long long)lasts[i]);
		say_call(label, &req, REVERSE);
	}
	req = below(UNKNOWN_ID, 1);
	say_call("a bad last id before an unknown mount", &req, 0);
}

static void request_namespace(void)
{
	int own = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "mnt");
	int path = must_fd(open("/proc/self/ns/mnt", O_PATH | O_CLOEXEC), "mnt");
	int uts = must_fd(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), "uts");
	int dir = must_fd(open(".", O_RDONLY | O_CLOEXEC), "dir");
	request req = below(named("a"), 0);
	int closed = dup(dir);

	close(closed);
	req.mnt_fd = (uint32_t)own;
	say_list("own namespace", &req, 0, true);
	say_list("own namespace, reverse", &req, REVERSE, true);
	req.mnt_fd = (uint32_t)closed;
	say_call("closed fd", &req, 0);
	req.mnt_fd = (uint32_t)-1;
	say_call("-1", &req, 0);
	req.mnt_fd = (uint32_t)path;
	say_call("O_PATH", &req, 0);
	req.mnt_fd = (uint32_t)uts;
	say_call("another kind of namespace", &req, 0);
	req.mnt_fd = (uint32_t)dir;
	say_call("a directory", &req, 0);
	req.mnt_id = UNKNOWN_ID;
	say_call("a directory before an unknown mount", &req, 0);
	req.param = 1;
	say_call("a bad last id before a directory", &req, 0);
	req = below(named("a"), 0);
	req.mnt_fd = (uint32_t)closed;
	req.mnt_ns_id = UNKNOWN_ID;
	say_call("fd and id", &req, 0);
	close(own);
	close(path);
	close(uts);
	close(dir);
}

/* --- lists --- */

static void list_below(void)
{
	say_below("a");
	say_below("a/b");
	say_below("a/b/c");
	say_below("bind");
	say_below("world");
}

static void list_root(void)
{
	request req = below(ROOT, 0);

	say_list("root", &req, 0, false);
	say_list("root, reverse", &req, REVERSE, false);
}

/* Everything that mountinfo shows, and nothing else. */
static void list_complete(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	request req = below(ROOT, 0);
	static char line[65536];
	ssize_t n, i, lines = 0, answered = 0;

	if (!file)
		scenario_broken("mountinfo: %s", errno_name(errno));
	while (fgets(line, sizeof(line), file))
		lines++;
	fclose(file);
	n = list(&req, ids, ROOM, 0);
	say("as many as lines in mountinfo: %d", n == lines);
	for (i = 0; i < n; i++) {
		struct mntcompat_statmount answer = { 0 };

		if (!statmount_id(ids[i], MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer, sizeof(answer)) &&
		    answer.mnt_id == ids[i])
			answered++;
	}
	say("each is a mount to statmount: %d", answered == n);
	say("the root's mount is one of them: %d", holds(ids, n, id_of("/")));
}

static void list_order(void)
{
	static uint64_t forward[ROOM];
	request req = below(ROOT, 0);
	ssize_t n = list(&req, forward, ROOM, 0), m, i, same = 0;

	m = list(&req, ids, ROOM, REVERSE);
	say("as many in reverse: %d", n == m && n > 0);
	say("descending: %d", in_order(m, REVERSE));
	for (i = 0; i < n && n == m; i++)
		same += forward[i] == ids[n - 1 - i];
	say("the same backwards: %d", same == n);
	memcpy(ids, forward, sizeof(forward));
	say("ascending: %d", in_order(n, 0));
}

static void list_creation(void)
{
	static const char *const names[] = { "world", "a", "a/b", "a/b/c", "a/d", "bind" };
	request req = below(ROOT, 0);
	ssize_t n = list(&req, ids, ROOM, 0), i, at = 0;

	for (i = 0; i < n && at < 6; i++)
		at += ids[i] == named(names[at]);
	say("in the order in which they were made: %d", at == 6);
}

static void pages(const char *label, uint64_t id, size_t size, unsigned int flags)
{
	static uint64_t whole[ROOM], page[ROOM];
	request req = below(id, 0);
	ssize_t n = list(&req, whole, ROOM, flags), got = 0, m;

	for (;;) {
		m = list(&req, page, size, flags);
		if (m <= 0)
			break;
		memcpy(ids + got, page, (size_t)m * sizeof(*page));
		got += m;
		req.param = page[m - 1];
	}
	say("%s, pages of %zu%s: %s", label, size, flags ? ", reverse" : "",
	    m == 0 && got == n && n > 0 && !memcmp(ids, whole, (size_t)n * sizeof(*ids)) ?
		    "the same" :
		    "other");
}

static void list_pages(void)
{
	static const size_t sizes[] = { 1, 2, 3, 64, ROOM };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		pages("root", ROOT, sizes[i], 0);
		pages("root", ROOT, sizes[i], REVERSE);
		pages("world", named("world"), sizes[i], 0);
		pages("world", named("world"), sizes[i], REVERSE);
	}
}

static void list_last(void)
{
	uint64_t largest = 0, smallest = UINT64_MAX;
	request req = below(named("world"), 0);
	ssize_t n = list(&req, ids, ROOM, 0), i;

	for (i = 0; i < n; i++) {
		largest = ids[i] > largest ? ids[i] : largest;
		smallest = ids[i] < smallest ? ids[i] : smallest;
	}
	req.param = largest;
	say_list("after the largest", &req, 0, true);
	req.param = smallest;
	say_list("before the smallest", &req, REVERSE, true);
	req.param = smallest - 1;
	say_list("after the one before the smallest", &req, 0, true);
	req.param = largest + 1;
	say_list("before the one after the largest", &req, REVERSE, true);
	req.param = UINT64_MAX;
	memset(ids, 0xee, sizeof(ids));
	say("after UINT64_MAX: %zd", list(&req, ids, ROOM, 0));
	say("nothing written: %d", ids[0] == 0xeeeeeeeeeeeeeeeeull);
	say_list("before UINT64_MAX", &req, REVERSE, true);
	req.param = SMALLEST_ID;
	say_list("before 2^31 + 1", &req, REVERSE, true);
	say_list("after 2^31 + 1", &req, 0, true);
}

/* The last id need not be there any more, nor below the mount that is listed. */
static void list_last_gone(void)
{
	request req = below(named("world"), named("a/b/c"));
	static uint64_t before[ROOM];
	ssize_t n, m;

	n = list(&req, before, ROOM, 0);
	must(umount2("a/b/c", 0), "umount");
	m = list(&req, ids, ROOM, 0);
	say("the same after it has gone: %d",
	    n == m && n >= 0 && !memcmp(before, ids, (size_t)n * sizeof(*ids)));
	req = below(named("a/b"), 0);
	say_list("below a/b", &req, 0, true);
	req = below(named("a"), named("world"));
	n = list(&req, ids, ROOM, 0);
	req.param = named("bind");
	m = list(&req, ids + 1024, ROOM - 1024, REVERSE);
	say("last ids aside: %d", n >= 0 && m >= 0 && n <= 2 && m <= 2);
}

static void prepare_overmount(void)
{
	mount_tmpfs("m", "mode=755,size=64k");
	learn("lower", "m");
	mount_tmpfs("m", "mode=755,size=64k");
	learn("middle", "m");
	mount_tmpfs("m/below", "mode=755,size=64k");
	learn("below", "m/below");
	mount_tmpfs("m", "mode=755,size=64k");
	learn("upper", "m");
}

static void list_overmount(void)
{
	say_below("lower");
	say_below("middle");
	say_below("below");
	say_below("upper");
	say_root("root");
}

static void list_moved(void)
{
	must(mount("a/b", "bind", NULL, MS_MOVE, NULL), "move");
	say_below("a");
	say_below("bind");
	say_below("a/b");
}

static void list_statmount_parent(void)
{
	request req = below(named("world"), 0);
	ssize_t n = list(&req, ids, ROOM, 0), i, right = 0;

	for (i = 0; i < n; i++) {
		struct mntcompat_statmount answer = { 0 };

		if (!statmount_id(ids[i], MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer, sizeof(answer)))
			right += answer.mnt_parent_id == req.mnt_id ||
				 holds(ids, n, answer.mnt_parent_id);
	}
	say("each one's parent is listed or the mount itself: %d", n > 0 && right == n);
}

/* --- who may list what --- */

static void prepare_outside(void)
{
	prepare_tree();
	mount_tmpfs("jail", "mode=755");
	mount_tmpfs("jail/m", NULL);
	learn("jail", "jail");
	learn("jail/m", "jail/m");
	must(chroot("jail"), "chroot");
	must(chdir("/"), "chdir");
}

static void permission_outside(void)
{
	say_root("root");
	say_below("jail");
	say_below("jail/m");
	say_below("a");
	say_below("world");
}

static void prepare_directory_root(void)
{
	make_dir("jail");
	learn("world", ".");
	mount_tmpfs("jail/m", "mode=755");
	mount_tmpfs("jail/m/n", NULL);
	mount_tmpfs("aside", NULL);
	learn("m", "jail/m");
	learn("m/n", "jail/m/n");
	learn("aside", "aside");
	must(chroot("jail"), "chroot");
	must(chdir("/"), "chdir");
}

static void permission_directory_root(void)
{
	say_root("root");
	say_below("m");
	say_below("world");
	say_below("aside");
}

/* The same with procfs inside. */
static void prepare_procfs_jail(void)
{
	make_dir("jail");
	learn("world", ".");
	mount_tmpfs("jail/m", "mode=755");
	mount_tmpfs("aside", NULL);
	make_dir("jail/proc");
	mount_bind("/proc", "jail/proc", false);
	learn("m", "jail/m");
	learn("aside", "aside");
	learn("proc", "jail/proc");
	must(chroot("jail"), "chroot");
	must(chdir("/"), "chdir");
}

static void permission_procfs_jail(void)
{
	say_root("root");
	say_below("m");
	say_below("world");
	say_below("aside");
}

static void prepare_gone(void)
{
	prepare_tree();
	/* Their old ids must not become somebody else's. */
	held_fd = must_fd(open("a", O_PATH | O_CLOEXEC), "a");
	held_child = must_fd(open("a/b", O_PATH | O_CLOEXEC), "a/b");
	must(umount2("a", MNT_DETACH), "umount");
}

static void permission_gone(void)
{
	say_below("a");
	say_below("a/b");
	say_below("bind");
	close(held_fd);
	close(held_child);
}

static void prepare_foreign(void)
{
	prepare_tree();
	held_ns = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open ns/mnt");
	must(unshare(CLONE_NEWNS), "unshare");
}

static void permission_foreign(void)
{
	say_below("a");
	say_below("world");
	close(held_ns);
}

static void foreign_fd(void)
{
	request req = below(named("a"), 0);

	req.mnt_fd = (uint32_t)held_ns;
	say_list("below a, by the namespace's fd", &req, 0, true);
	say_list("the same, reverse", &req, REVERSE, true);
	req.mnt_id = named("a/d");
	say_list("below a/d", &req, 0, true);
	req.mnt_id = id_of("a");
	say_call("a mount of the current namespace, looked for there", &req, 0);
	req.mnt_id = UNKNOWN_ID;
	say_call("an unknown id", &req, 0);
	close(held_ns);
}

static void foreign_fd_root(void)
{
	request req = below(ROOT, 0);

	req.mnt_fd = (uint32_t)held_ns;
	say_list("root, by the namespace's fd", &req, 0, false);
	say_list("the same, reverse", &req, REVERSE, false);
	close(held_ns);
}

/* The result of open_tree: three mounts with ids unknown to the scenario. */
static void foreign_new(void)
{
	static char buffer[8192];
	struct mntcompat_statmount *answer = (void *)buffer;
	request req = below(ROOT, 0), ask = { .size = sizeof(ask) };
	int fd = mntcompat_open_tree(AT_FDCWD, "a",
				     MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					     MNTCOMPAT_AT_RECURSIVE);
	ssize_t n, i;

	if (fd < 0) {
		say_result("open_tree", fd);
		return;
	}
	req.mnt_fd = ask.mnt_fd = (uint32_t)fd;
	n = list(&req, ids, ROOM, 0);
	say("mounts: %zd", n);
	ask.param = MNTCOMPAT_STATMOUNT_MNT_BASIC | MNTCOMPAT_STATMOUNT_MNT_POINT |
		    MNTCOMPAT_STATMOUNT_MNT_ROOT | MNTCOMPAT_STATMOUNT_FS_TYPE |
		    MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_PROPAGATE_FROM |
		    MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_SB_SOURCE;
	for (i = 0; i < n; i++) {
		ask.mnt_id = ids[i];
		if (mntcompat_statmount(&ask, answer, sizeof(buffer), 0)) {
			say_result("statmount", -1);
			continue;
		}
		say("mask 0x%llx %s %s %s 0x%llx %s, id as listed: %d, parent listed: %d",
		    (unsigned long long)answer->mask,
		    scenario_quote(answer->str + answer->mnt_point),
		    scenario_quote(answer->str + answer->mnt_root), answer->str + answer->fs_type,
		    (unsigned long long)answer->sb_magic,
		    answer->mask & MNTCOMPAT_STATMOUNT_SB_SOURCE ? answer->str + answer->sb_source :
								   "-",
		    answer->mnt_id == ids[i], holds(ids, n, answer->mnt_parent_id));
	}
	if (n > 0) {
		req.mnt_id = ids[0];
		say("below the first: %zd", list(&req, ids, ROOM, 0));
	}
	close(fd);
}

static uint64_t namespace_id(int fd)
{
	uint64_t id = 0;

	return mntcompat_mount_namespace_id(fd, &id) ? 0 : id;
}

static void foreign_id(void)
{
	request req = below(named("a"), 0);

	req.mnt_ns_id = namespace_id(held_ns);
	if (!req.mnt_ns_id)
		say("the namespace has no id");
	else
		say_list("below a, by the namespace's id", &req, 0, true);
	req.mnt_ns_id = UNKNOWN_ID;
	say_call("an unknown namespace", &req, 0);
	req.mnt_id = ROOT;
	say_call("an unknown namespace, root", &req, 0);
	close(held_ns);
}

static void own_id(void)
{
	int fd = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "mnt");
	request req = below(named("a"), 0);

	req.mnt_ns_id = namespace_id(fd);
	close(fd);
	if (!req.mnt_ns_id)
		say("the namespace has no id");
	else
		say_list("below a, by the current namespace's id", &req, 0, true);
}

static int list_in_user_namespace(void *arg)
{
	(void)arg;
	must(unshare(CLONE_NEWUSER), "unshare");
	say_below("a");
	say_root("root");
	return 0;
}

static void permission_user_namespace(void)
{
	in_child(list_in_user_namespace, NULL);
}

static int list_in_child(void *arg)
{
	(void)arg;
	say_below("a");
	return 0;
}

static void list_processes(void)
{
	in_child(list_in_child, NULL);
}

/* The mount that "/" lies on is not in the caller's sight, its id is. */
static void permission_parent_of_root(void)
{
	struct mntcompat_statmount answer = { 0 };
	int fd = must_fd(open("/", O_PATH | O_CLOEXEC), "/");
	int ret = statmount_fd(fd, MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer, sizeof(answer));
	request req = below(answer.mnt_parent_id, 0);

	close(fd);
	say_result("/", ret);
	if (!ret)
		say_call("its parent", &req, 0);
}

/* No number is free below the limit. */
static void request_full_table(void)
{
	request req = below(named("a"), 0);
	struct rlimit before, limit;
	int fd;

	must(getrlimit(RLIMIT_NOFILE, &before), "getrlimit");
	fd = must_fd(open(".", O_PATH | O_CLOEXEC), ".");
	close(fd);
	limit = before;
	limit.rlim_cur = (rlim_t)fd;
	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	say_list("without a free descriptor", &req, 0, true);
	say_list("reverse", &req, REVERSE, true);
	must(setrlimit(RLIMIT_NOFILE, &before), "setrlimit");
}

#define ROW(path, doc, levels, prepare, run) \
	{ \
		"listmount/" path, doc, levels, prepare, run \
	}
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS)

const struct scenario listmount_scenarios[] = {
	ROW("request/flags", "Unknown flags come first (3.6).", SCENARIO_ALL, NULL, request_flags),
	ROW("request/number", "At most 1,000,000, and 0 is a number (3.6).", SCENARIO_ALL,
	    prepare_tree, request_number),
	ROW("request/pointers", "EFAULT, and when (3.6).", SCENARIO_ALL, prepare_tree,
	    request_pointers),
	ROW("request/size", "The request's size (1.2).", SCENARIO_ALL, prepare_tree, request_size),
	ROW("request/fields", "Ids that there cannot be (3.6).", SCENARIO_ALL, prepare_tree,
	    request_fields),
	ROW("request/namespace", "Descriptors of other files than mount namespaces (3.1).",
	    SCENARIO_ALL, prepare_tree, request_namespace),
	ROW("request/full-table", "No descriptor is needed.", SCENARIO_ALL, prepare_tree,
	    request_full_table),
	ROW("list/below", "All descendants, not the mount itself (3.6).", SCENARIO_ALL,
	    prepare_tree, list_below),
	ROW("list/root", "LSMT_ROOT lists the mounts below the root (3.6).", SCENARIO_ALL,
	    prepare_tree, list_root),
	ROW("list/complete", "The list is that of mountinfo, with ids that statmount takes (3.6).",
	    SCENARIO_ALL, prepare_tree, list_complete),
	ROW("list/order", "Ascending, or descending (3.6).", SCENARIO_ALL, prepare_tree,
	    list_order),
	ROW("list/creation", "Later mounts have larger ids (1.3).", SCENARIO_ALL, prepare_tree,
	    list_creation),
	ROW("list/pages", "Pages make the whole (3.6).", SCENARIO_ALL, prepare_tree, list_pages),
	ROW("list/last", "The last id is a bound (3.6).", SCENARIO_ALL, prepare_tree, list_last),
	ROW("list/last-gone", "The last id need not be there (3.6).", PRIVILEGED, prepare_tree,
	    list_last_gone),
	ROW("list/overmount", "An overmount is listed below the mount that it covers (3.6).",
	    SCENARIO_ALL, prepare_overmount, list_overmount),
	ROW("list/moved", "A moved mount keeps its id.", PRIVILEGED, prepare_tree, list_moved),
	ROW("list/parents", "Parents are those that statmount returns.", SCENARIO_ALL, prepare_tree,
	    list_statmount_parent),
	ROW("list/processes", "The same ids in another process.", SCENARIO_ALL, prepare_tree,
	    list_processes),
	ROW("permission/outside", "A chroot on a mount (3.5, 3.6).", SCENARIO_ALL, prepare_outside,
	    permission_outside),
	ROW("permission/directory-root", "A chroot to a plain directory (3.6).", SCENARIO_ALL,
	    prepare_directory_root, permission_directory_root),
	ROW("permission/procfs-jail", "The same, with procfs in it.", SCENARIO_ROOT | SCENARIO_USER,
	    prepare_procfs_jail, permission_procfs_jail),
	ROW("permission/gone", "Unmounted mounts (3.5).", SCENARIO_ALL, prepare_gone,
	    permission_gone),
	ROW("permission/foreign", "Another namespace's mounts without naming it (3.5).",
	    SCENARIO_ALL, prepare_foreign, permission_foreign),
	ROW("permission/user-namespace", "From a new user namespace (3.5).", SCENARIO_ALL,
	    prepare_tree, permission_user_namespace),
	ROW("permission/parent-of-root", "The mount below \"/\" (3.5).", SCENARIO_ALL, NULL,
	    permission_parent_of_root),
	ROW("namespace/fd", "Another namespace by fd (3.5).", SCENARIO_ALL, prepare_foreign,
	    foreign_fd),
	ROW("namespace/fd-root", "All of another namespace (3.6).", SCENARIO_ALL, prepare_foreign,
	    foreign_fd_root),
	ROW("namespace/new", "The list of a namespace made by open_tree.", PRIVILEGED, prepare_tree,
	    foreign_new),
	ROW("namespace/id", "Another namespace by id (3.5).", SCENARIO_ALL, prepare_foreign,
	    foreign_id),
	ROW("namespace/own-id", "The own namespace by id (3.5).", SCENARIO_ALL, prepare_tree,
	    own_id),
	{ 0 }
};
