/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * differential.c - random mounts, and for each call the kernel's own answer next to every emulated
 * one. Makes mounts in mount namespaces of its own; needs a kernel that has the calls (Linux 7.3 is
 * the reference). Root only. Run in guests of the kernel matrix; TAP, one test for each level of
 * emulation.
 *
 * The state is the same for both answers, so that all that follows from it has to be the same:
 * errno, mask, every field, every mount of a new namespace. Only facts that the emulated kernel
 * cannot know may differ: an emulation may refuse (ENOSYS, EOPNOTSUPP), leave out mask bits, and
 * have its own ids before unique ones exist.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NS MNTCOMPAT_OPEN_TREE_NAMESPACE
#define EVERYTHING 0x7fffull
#define MAX_DIRS 40
#define MAX_FDS 48
#define ROOM 65536

static const struct level {
	const char *kernel;
	bool unique_ids; /* the kernel's own */
	bool namespace_ids;
} levels[] = {
	{ "6.18", true, true },	 { "6.16", true, true },   { "6.12", true, true },
	{ "6.8", true, false },	 { "6.1", false, false },  { "5.10", false, false },
	{ "5.4", false, false }, { "4.18", false, false },
};

/* The results of one level, in memory that the rounds' processes share. */
struct tally {
	unsigned int compared, refused, fewer, wrong;
};

struct shared {
	struct tally tally[ARRAY_SIZE(levels)];
	unsigned int rounds, broken;
};

static uint64_t seed = 1;
static int rounds = 100;
static bool verbose;
static struct shared *shared;

/* --- the world of a round --- */

static uint64_t state;
static char dirs[MAX_DIRS][400];
static int dir_count;
static int fds[MAX_FDS];
static const char *fd_kinds[MAX_FDS];
static int fd_count;
static char history[8192];

static unsigned int pick(unsigned int n)
{
	return fault_random(&state) % n;
}

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
	size_t len = strlen(history);
	va_list args;

	va_start(args, format);
	vsnprintf(history + len, sizeof(history) - len, format, args);
	va_end(args);
}

static const char *random_dir(void)
{
	return dirs[pick((unsigned int)dir_count)];
}

static void op_mkdir(void)
{
	static const char *const names[] = {
		"a",
		"b",
		"c",
		"d",
		"a b",
		"t\tab",
		"new\nline",
		"back\\slash",
		"#",
		"\\040",
		"\303\251",
		"x,y",
		"-",
		"a name that is rather long so that a path of some of them is longer than what fits on a stack",
	};
	const char *parent = random_dir(), *name = names[pick(ARRAY_SIZE(names))];
	char path[sizeof(dirs[0])];

	if (dir_count == MAX_DIRS ||
	    snprintf(path, sizeof(path), "%s/%s", parent, name) >= (int)sizeof(path))
		return;
	if (mkdir(path, 0755) == 0) {
		note("mkdir %s\n", path);
		strcpy(dirs[dir_count++], path);
	}
}

static void op_tmpfs(void)
{
	static const char *const sources[] = { "tmpfs", "",	"none", "a b",
					       "#1",	"x\\y", "-",	"source" };
	static const char *const options[] = { "size=1m", "size=64k,mode=700", "mode=1777",
					       "nr_inodes=100", "" };
	static const unsigned long flags[] = { 0,
					       0,
					       0,
					       MS_RDONLY,
					       MS_NOSUID | MS_NODEV,
					       MS_NOEXEC,
					       MS_NOATIME,
					       MS_STRICTATIME,
					       MS_NODIRATIME,
					       MS_SYNCHRONOUS,
					       MS_DIRSYNC,
					       MS_LAZYTIME };
	const char *dir = random_dir();
	int ret = mount(pick(10) ? sources[pick(ARRAY_SIZE(sources))] : NULL, dir,
			pick(4) ? "tmpfs" : "ramfs", flags[pick(ARRAY_SIZE(flags))],
			options[pick(ARRAY_SIZE(options))]);

	note("mount tmpfs %s: %d\n", dir, ret < 0 ? errno : 0);
}

static void op_bind(void)
{
	const char *from = random_dir(), *to = random_dir();
	bool all = pick(2);
	int ret = mount(from, to, NULL, MS_BIND | (all ? MS_REC : 0), NULL);

	note("bind%s %s %s: %d\n", all ? " -R" : "", from, to, ret < 0 ? errno : 0);
}

static void op_propagation(void)
{
	static const unsigned long types[] = { MS_SHARED, MS_SHARED,  MS_SHARED,    MS_SLAVE,
					       MS_SLAVE,  MS_PRIVATE, MS_UNBINDABLE };
	const char *dir = random_dir();
	unsigned long type = types[pick(ARRAY_SIZE(types))], all = pick(3) ? 0 : MS_REC;
	int ret = mount(NULL, dir, NULL, type | all, NULL);

	note("propagation %#lx %s: %d\n", type | all, dir, ret < 0 ? errno : 0);
}

static void op_remount(void)
{
	static const unsigned long flags[] = { MS_RDONLY,
					       MS_NOSUID,
					       MS_NODEV | MS_NOEXEC,
					       MS_NOATIME,
					       MS_STRICTATIME,
					       MS_NODIRATIME | MS_RELATIME,
					       0,
					       256 /* MS_NOSYMFOLLOW */ };
	const char *dir = random_dir();
	unsigned long some = flags[pick(ARRAY_SIZE(flags))];
	int ret = mount(NULL, dir, NULL, MS_REMOUNT | (pick(4) ? MS_BIND : 0) | some, NULL);

	note("remount %#lx %s: %d\n", some, dir, ret < 0 ? errno : 0);
}

static void op_unmount(void)
{
	const char *dir = dirs[1 + pick((unsigned int)dir_count - 1)];
	bool lazy = pick(2);
	int ret = umount2(dir, (lazy ? MNT_DETACH : 0) | 8 /* UMOUNT_NOFOLLOW */);

	note("umount%s %s: %d\n", lazy ? " -l" : "", dir, ret < 0 ? errno : 0);
}

static void op_move(void)
{
	const char *from = random_dir(), *to = random_dir();
	int ret = mount(from, to, NULL, MS_MOVE, NULL);

	note("move %s %s: %d\n", from, to, ret < 0 ? errno : 0);
}

static void op_namespace_file(void)
{
	static const char *const kinds[] = { "uts", "net", "mnt", "ipc" };
	char from[32], to[sizeof(dirs[0]) + 8];
	int fd, ret;

	snprintf(from, sizeof(from), "/proc/self/ns/%s", kinds[pick(ARRAY_SIZE(kinds))]);
	if (snprintf(to, sizeof(to), "%s/nsfile", random_dir()) >= (int)sizeof(to))
		return;
	fd = open(to, O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	close(fd);
	ret = mount(from, to, NULL, MS_BIND, NULL);
	note("bind %s %s: %d\n", from, to, ret < 0 ? errno : 0);
}

static void add_fd(int fd, const char *kind)
{
	if (fd < 0)
		return;
	if (fd_count == MAX_FDS) {
		close(fd);
		return;
	}
	note("fd %d: %s\n", fd, kind);
	fd_kinds[fd_count] = kind;
	fds[fd_count++] = fd;
}

static void op_open(void)
{
	const char *dir = random_dir();
	char path[sizeof(dirs[0]) + 8];

	note("open %s\n", dir);
	switch (pick(6)) {
	case 0:
		add_fd(open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "directory");
		return;
	case 1:
		if (snprintf(path, sizeof(path), "%s/f", dir) < (int)sizeof(path))
			add_fd(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0644), "file");
		return;
	case 2:
		if (snprintf(path, sizeof(path), "%s/f", dir) < (int)sizeof(path)) {
			add_fd(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0644), "unlinked file");
			unlink(path);
		}
		return;
	case 3:
		if (snprintf(path, sizeof(path), "%s/nsfile", dir) < (int)sizeof(path))
			add_fd(open(path, O_RDONLY | O_CLOEXEC), "namespace file");
		return;
	default:
		add_fd(open(dir, O_PATH | O_CLOEXEC), "O_PATH");
	}
}

static void op_detached(void)
{
	const char *dir = random_dir();
	int fd = (int)syscall(UAPI_NR_open_tree, AT_FDCWD, dir,
			      MNTCOMPAT_OPEN_TREE_CLONE | O_CLOEXEC |
				      (pick(2) ? MNTCOMPAT_AT_RECURSIVE : 0));

	note("clone %s: %d\n", dir, fd < 0 ? errno : 0);
	add_fd(fd, "detached tree");
	if (fd >= 0 && !pick(3)) {
		add_fd(openat(fd, ".", O_PATH | O_CLOEXEC), "dissolved tree");
		close(fd);
		fds[fd_count - 2] = fds[fd_count - 1];
		fd_kinds[--fd_count - 1] = "dissolved tree";
	}
}

static void op_odd(void)
{
	int pair[2];

	switch (pick(5)) {
	case 0:
		if (pipe2(pair, O_CLOEXEC) == 0) {
			add_fd(pair[0], "pipe");
			close(pair[1]);
		}
		return;
	case 1:
		add_fd((int)syscall(SYS_memfd_create, "m", 1), "memfd");
		return;
	case 2:
		add_fd(eventfd(0, EFD_CLOEXEC), "eventfd");
		return;
	case 3:
		add_fd(open("/proc/self/status", O_RDONLY | O_CLOEXEC), "procfs");
		return;
	default:
		add_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "nsfs");
	}
}

/* Directories of a copy of this namespace, which lives as long as the round. */
static void op_elsewhere(void)
{
	char path[sizeof(dirs[0]) + 32];
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		close(ready[1]);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (pid > 0 && read(ready[0], &byte, 1) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/root%s", (int)pid, random_dir());
		add_fd(open(path, O_PATH | O_CLOEXEC), "other namespace");
	}
	close(ready[0]);
}

static void op_chroot(void)
{
	const char *dir = random_dir();
	int ret = chroot(dir);

	note("chroot %s: %d\n", dir, ret < 0 ? errno : 0);
}

static void make_world(const char *place)
{
	static void (*const ops[])(void) = {
		op_mkdir,	   op_mkdir,   op_mkdir,   op_tmpfs,   op_tmpfs,
		op_tmpfs,	   op_bind,    op_bind,	   op_bind,    op_propagation,
		op_propagation,	   op_remount, op_remount, op_unmount, op_move,
		op_namespace_file, op_open,    op_open,	   op_open,    op_open,
		op_detached,	   op_odd,
	};
	unsigned int i, steps = 10 + pick(40);

	strcpy(dirs[0], place);
	dir_count = 1;
	fault_must(mount("world", place, "tmpfs", 0, "mode=755"), "tmpfs");
	op_mkdir();
	for (i = 0; i < steps; i++)
		ops[pick(ARRAY_SIZE(ops))]();
	if (!pick(3))
		op_elsewhere();
	for (i = 0; i < 5; i++)
		op_open();
}

/* --- comparing --- */

static union answer {
	struct mntcompat_statmount sm;
	char room[ROOM];
} native, emulated, parent;

/*
 * Ids that an emulation made for those of the kernel: the same one each time, and no other mount's.
 */
static struct pair {
	uint64_t native, made;
} pairs[512];
static int pair_count;

static bool same_id(uint64_t from_kernel, uint64_t made)
{
	int i;

	if (made <= UINT64_C(0x80000000))
		return false;
	for (i = 0; i < pair_count; i++) {
		if (pairs[i].native == from_kernel || pairs[i].made == made)
			return pairs[i].native == from_kernel && pairs[i].made == made;
	}
	if (pair_count < (int)ARRAY_SIZE(pairs))
		pairs[pair_count++] = (struct pair){ from_kernel, made };
	return true;
}

static void wrong(const struct level *level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void wrong(const struct level *level, const char *format, ...)
{
	struct tally *tally = &shared->tally[level - levels];
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (__atomic_add_fetch(&tally->wrong, 1, __ATOMIC_RELAXED) > 5 && !verbose)
		return;
	tap_note("as %s, seed %" PRIu64 ": %s", level->kernel, seed, text);
	if (verbose)
		fprintf(stderr, "%s", history);
}

/* Both ended in an error, or one of them; true if there is nothing more to compare. */
static bool errors_compared(const struct level *level, const char *what, int kernels, int ours)
{
	struct tally *tally = &shared->tally[level - levels];

	tally->compared++;
	if (ours == ENOSYS || ours == EOPNOTSUPP) {
		tally->refused++;
		return true;
	}
	if (kernels != ours)
		wrong(level, "%s: %s, the kernel says %s", what,
		      ours ? fault_errno_name(ours) : "ok",
		      kernels ? fault_errno_name(kernels) : "ok");
	return kernels || ours;
}

static int statmount_native(uint64_t id, int fd, uint64_t mask, union answer *answer, size_t size)
{
	struct mntcompat_mnt_id_req req = { .size = 32, .mnt_id = id, .param = mask };

	req.mnt_fd = fd < 0 ? 0 : (uint32_t)fd;
	memset(answer, 0, sizeof(*answer));
	return syscall(UAPI_NR_statmount, &req, answer, size,
		       fd < 0 ? 0 : MNTCOMPAT_STATMOUNT_BY_FD) < 0 ?
		       errno :
		       0;
}

static int statmount_ours(uint64_t id, int fd, uint64_t mask, union answer *answer, size_t size)
{
	struct mntcompat_mnt_id_req req = { .size = 32, .mnt_id = id, .param = mask };

	req.mnt_fd = fd < 0 ? 0 : (uint32_t)fd;
	memset(answer, 0, sizeof(*answer));
	return mntcompat_statmount(&req, &answer->sm, size,
				   fd < 0 ? 0 : MNTCOMPAT_STATMOUNT_BY_FD) < 0 ?
		       errno :
		       0;
}

/* The kernel's ids in place of those that were made, where they are known to belong together. */
static bool take_ids(const struct level *level)
{
	if ((emulated.sm.mask & MNTCOMPAT_STATMOUNT_MNT_BASIC) && !level->unique_ids) {
		if (!same_id(native.sm.mnt_id, emulated.sm.mnt_id) ||
		    !same_id(native.sm.mnt_parent_id, emulated.sm.mnt_parent_id))
			return false;
		emulated.sm.mnt_id = native.sm.mnt_id;
		emulated.sm.mnt_parent_id = native.sm.mnt_parent_id;
	}
	if ((emulated.sm.mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID) && !level->namespace_ids)
		emulated.sm.mnt_ns_id = native.sm.mnt_ns_id;
	return true;
}

static void compare_answers(const struct level *level, const char *what, size_t size)
{
	struct tally *tally = &shared->tally[level - levels];
	const char *difference;

	if (!take_ids(level)) {
		wrong(level,
		      "%s: ids %#" PRIx64 " (old %u), parent %#" PRIx64 " for %#" PRIx64
		      ", %#" PRIx64,
		      what, emulated.sm.mnt_id, emulated.sm.mnt_id_old, emulated.sm.mnt_parent_id,
		      native.sm.mnt_id, native.sm.mnt_parent_id);
		return;
	}
	difference = fault_answer_wrong(&native.sm, &emulated.sm, true);
	if (difference) {
		wrong(level, "%s: %s", what, difference);
		return;
	}
	/* The levels know fewer bits, and say so. */
	emulated.sm.supported_mask = native.sm.supported_mask;
	if (emulated.sm.mask != native.sm.mask)
		tally->fewer++;
	else if (memcmp(&native, &emulated, size) != 0)
		wrong(level, "%s: not the same bytes (mask %#" PRIx64 ", size %u, the kernel's %u)",
		      what, native.sm.mask, emulated.sm.size, native.sm.size);
}

static void compare_statmount(const struct level *level, uint64_t id, int fd, uint64_t mask,
			      const char *kind)
{
	static const size_t sizes[] = { ROOM, ROOM, ROOM, 512, 600, 100, 0 };
	size_t size = sizes[pick(ARRAY_SIZE(sizes))];
	int kernels = statmount_native(id, fd, mask, &native, size), ours;
	uint64_t asked_id = id;
	char what[160];

	if (id && !level->unique_ids) {
		int i;

		for (i = 0; i < pair_count && pairs[i].native != id; i++)
			;
		if (i == pair_count)
			return;
		asked_id = pairs[i].made;
	}
	ours = statmount_ours(asked_id, fd, mask, &emulated, size);
	snprintf(what, sizeof(what), "statmount of %s %d, mask %#" PRIx64 ", %zu bytes", kind, fd,
		 mask, size);
	/* An answer with fewer strings may fit where the kernel's does not. */
	if (kernels == EOVERFLOW && ours == 0 && size > 512 && !level->namespace_ids)
		return;
	if (kernels == EOVERFLOW && ours == 0 && size > 512) {
		statmount_native(id, fd, mask, &native, ROOM);
		if (!(native.sm.mask & ~emulated.sm.mask))
			wrong(level, "%s: ok, the kernel says EOVERFLOW", what);
		return;
	}
	if (!errors_compared(level, what, kernels, ours))
		compare_answers(level, what, size);
}

static void compare_listmount(const struct level *level)
{
	static uint64_t kernels[4096], ours[4096];
	struct mntcompat_mnt_id_req req = { .size = 32, .mnt_id = MNTCOMPAT_LSMT_ROOT };
	unsigned int flags = pick(2) ? MNTCOMPAT_LISTMOUNT_REVERSE : 0;
	long n = syscall(UAPI_NR_listmount, &req, kernels, ARRAY_SIZE(kernels), flags), i, k;
	int error = n < 0 ? errno : 0;
	ssize_t count = mntcompat_listmount(&req, ours, ARRAY_SIZE(ours), flags);

	if (errors_compared(level, "listmount", error, count < 0 ? errno : 0))
		return;
	if (count != n) {
		wrong(level, "listmount: %zd mounts, the kernel says %ld", count, n);
		return;
	}
	if (level->unique_ids) {
		if (memcmp(kernels, ours, (size_t)n * sizeof(ours[0])) != 0)
			wrong(level, "listmount: other ids");
		return;
	}
	/* In the order of the ids that were made; each is a mount of the kernel's list. */
	for (i = 0; i < n; i++) {
		if (i && (flags ? ours[i] >= ours[i - 1] : ours[i] <= ours[i - 1]))
			wrong(level, "listmount: not in order");
		if (statmount_ours(ours[i], -1, MNTCOMPAT_STATMOUNT_MNT_BASIC, &emulated, ROOM) !=
		    0) {
			wrong(level, "listmount: an id that statmount does not take");
			return;
		}
		for (k = 0; k < n; k++) {
			if (statmount_native(kernels[k], -1, MNTCOMPAT_STATMOUNT_MNT_BASIC, &parent,
					     512) == 0 &&
			    parent.sm.mnt_id_old == emulated.sm.mnt_id_old)
				break;
		}
		if (k == n || !same_id(kernels[k], ours[i]))
			wrong(level, "listmount: mount %u is not a mount of the kernel's",
			      emulated.sm.mnt_id_old);
	}
}

/*
 * A namespace as a task that enters it sees it: mountinfo without ids and without devices of new
 * superblocks; a parent is identified by the line of its mount.
 */
static void describe_namespace(int nsfd, char *text, size_t size)
{
	static char table[ROOM];
	struct {
		unsigned int id;
		int line;
	} seen[512];
	int pair[2], lines = 0, proc = open("/proc", O_PATH | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	text[0] = '\0';
	if (proc < 0 || pipe2(pair, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		char *line, *end, *rest, *out = text;
		int fd, i;

		if (setns(nsfd, CLONE_NEWNS) < 0 ||
		    (fd = openat(proc, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC)) < 0) {
			dprintf(pair[1], "cannot be entered: %s\n", fault_errno_name(errno));
			_exit(0);
		}
		while (len < sizeof(table) - 1 &&
		       (n = read(fd, table + len, sizeof(table) - 1 - len)) > 0)
			len += (size_t)n;
		table[len] = '\0';
		for (line = table; (end = strchr(line, '\n')); line = end + 1) {
			unsigned int id = (unsigned int)strtoul(line, &rest, 10);
			unsigned int up = (unsigned int)strtoul(rest, &rest, 10);
			int from = -1;

			*end = '\0';
			for (i = 0; i < lines; i++) {
				if (seen[i].id == up)
					from = seen[i].line;
			}
			if (lines < (int)ARRAY_SIZE(seen)) {
				seen[lines].id = id;
				seen[lines].line = lines;
				lines++;
			}
			out += snprintf(out, size - (size_t)(out - text), "%d%s\n", from, rest);
			if (out >= text + size)
				_exit(1);
		}
		_exit(write(pair[1], text, (size_t)(out - text)) < 0);
	}
	close(pair[1]);
	len = 0;
	while (len < size - 1 && (n = read(pair[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(pair[0]);
	close(proc);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void compare_open_tree(const struct level *level, int dfd, const char *path,
			      unsigned int flags)
{
	static char kernels_text[ROOM], our_text[ROOM];
	char what[600], *a, *b;
	int kernels = (int)syscall(UAPI_NR_open_tree, dfd, path, flags),
	    error = kernels < 0 ? errno : 0;
	int ours;

	if (kernels >= 0) {
		describe_namespace(kernels, kernels_text, sizeof(kernels_text));
		close(kernels);
	}
	ours = mntcompat_open_tree(dfd, path, flags);
	snprintf(what, sizeof(what), "open_tree(%d, %s, %#x)", dfd, path, flags);
	if (errors_compared(level, what, error, ours < 0 ? errno : 0)) {
		if (ours >= 0)
			close(ours);
		return;
	}
	describe_namespace(ours, our_text, sizeof(our_text));
	close(ours);
	if (strcmp(kernels_text, our_text) == 0)
		return;
	for (a = kernels_text, b = our_text; *a && *a == *b; a++, b++)
		;
	while (a > kernels_text && a[-1] != '\n')
		a--, b--;
	wrong(level, "%s: '%.*s', the kernel makes '%.*s'", what, (int)strcspn(b, "\n"), b,
	      (int)strcspn(a, "\n"), a);
}

static void compare_level(const struct level *level)
{
	uint64_t ids[MAX_FDS];
	int i, id_count = 0;

	pair_count = 0;
	if (mntcompat_set_kernel(level->kernel) < 0 ||
	    mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE) < 0)
		return;
	compare_listmount(level);
	for (i = 0; i < fd_count; i++) {
		compare_statmount(level, 0, fds[i], EVERYTHING, fd_kinds[i]);
		compare_statmount(level, 0, fds[i], UINT64_C(1) << pick(15), fd_kinds[i]);
		compare_statmount(level, 0, fds[i], fault_random(&state) & EVERYTHING, fd_kinds[i]);
		if (statmount_native(0, fds[i], MNTCOMPAT_STATMOUNT_MNT_BASIC, &native, ROOM) == 0)
			ids[id_count++] = native.sm.mnt_id;
	}
	for (i = 0; i < id_count; i++)
		compare_statmount(level, ids[i], -1,
				  pick(2) ? EVERYTHING : fault_random(&state) & EVERYTHING,
				  "id of fd");
	for (i = 0; i < 4; i++)
		compare_open_tree(level, AT_FDCWD, random_dir(),
				  NS | O_CLOEXEC | (pick(3) ? MNTCOMPAT_AT_RECURSIVE : 0));
	for (i = 0; i < fd_count; i++) {
		if (!pick(4))
			compare_open_tree(level, fds[i], "",
					  NS | MNTCOMPAT_AT_EMPTY_PATH |
						  (pick(2) ? MNTCOMPAT_AT_RECURSIVE : 0));
	}
	mntcompat_set_kernel(NULL);
}

/* --- rounds --- */

/* The caller: root, root of a user namespace that owns its mounts or not, or nobody. */
static void become(unsigned int who)
{
	bool chrooted = !pick(6), in_userns = who == 2 || who == 3;
	int pair[2];
	pid_t pid;
	char byte;

	/* At the end of the round the holders of other namespaces end, the callers do not. */
	signal(SIGTERM, SIG_IGN);
	/*
	 * Rarely, since procfs is out of reach afterwards; in a chroot a task gets no user
	 * namespace.
	 */
	if (!in_userns && chrooted)
		op_chroot();
	switch (who) {
	case 0:
	case 1:
		note("root\n");
		return;
	case 2:
	case 3:
		note(who == 2 ? "userns root, own mounts\n" : "userns root, foreign mounts\n");
		/* Only a parent may map all of these ids. */
		fault_must(pipe2(pair, O_CLOEXEC), "pipe");
		pid = (pid_t)fault_must(fork(), "fork");
		if (pid) {
			char path[64];
			int status, i;
			static const char *const maps[] = { "uid_map", "gid_map" };

			close(pair[1]);
			if (read(pair[0], &byte, 1) == 1) {
				for (i = 0; i < 2; i++) {
					int fd;

					snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid,
						 maps[i]);
					fd = open(path, O_WRONLY | O_CLOEXEC);
					if (fd < 0 || write(fd, "0 0 65536\n", 10) < 0)
						kill(pid, SIGKILL);
					close(fd);
				}
				kill(pid, SIGCONT);
			}
			waitpid(pid, &status, 0);
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
		}
		fault_must(unshare(CLONE_NEWUSER), "user namespace");
		fault_must(write(pair[1], "", 1), "pipe");
		while (getuid() != 0)
			usleep(1000);
		if (who == 2)
			fault_must(unshare(CLONE_NEWNS), "mount namespace");
		if (chrooted)
			op_chroot();
		return;
	default:
		note("nobody\n");
		fault_must(setgid(1000), "setgid");
		fault_must(setuid(1000), "setuid");
	}
}

static void run_round(const char *place)
{
	unsigned int who, i;

	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	fault_must(unshare(CLONE_NEWNS), "unshare");
	fault_must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	who = pick(5);
	make_world(place);
	become(who);
	for (i = 0; i < ARRAY_SIZE(levels); i++)
		compare_level(&levels[i]);
	__atomic_add_fetch(&shared->rounds, 1, __ATOMIC_RELAXED);
	kill(0, SIGTERM);
	_exit(0);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "verbose", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	char place[] = "/tmp/mntcompat-differential.XXXXXX";
	int option, status, i;
	size_t l;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (option == 'r')
			rounds = atoi(optarg);
		else if (option == 'v')
			verbose = true;
		else
			return 2;
	}
	if (geteuid() != 0)
		tap_skip_all("needs root");
	if (syscall(UAPI_NR_statmount, NULL, NULL, (size_t)0, MNTCOMPAT_STATMOUNT_BY_FD) == 0 ||
	    errno != EFAULT)
		tap_skip_all("this kernel has no statmount by fd to compare with");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED || !mkdtemp(place))
		fault_broken("no memory, or no place in /tmp");
	setvbuf(stdout, NULL, _IOLBF, 0);
	tap_plan((int)ARRAY_SIZE(levels));
	for (i = 0; i < rounds; i++, seed++) {
		pid_t pid = (pid_t)fault_must(fork(), "fork");

		if (!pid) {
			setpgid(0, 0);
			run_round(place);
		}
		setpgid(pid, pid);
		waitpid(pid, &status, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status)) {
			shared->broken++;
			tap_note("seed %" PRIu64 ": the round ended with status %#x", seed, status);
		}
		kill(-pid, SIGKILL);
	}
	rmdir(place);
	for (l = 0; l < ARRAY_SIZE(levels); l++) {
		struct tally *tally = &shared->tally[l];
		char name[32];

		snprintf(name, sizeof(name), "as on %s", levels[l].kernel);
		tap_result(
			tally->compared > tally->refused && !tally->wrong && !shared->broken, name,
			"%u answers compared in %u rounds: %u refused, %u with fewer fields, %u wrong",
			tally->compared, shared->rounds, tally->refused, tally->fewer,
			tally->wrong);
	}
	return tap_exit();
}
