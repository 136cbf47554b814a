// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_cursor.c - what a cursor answers is what mountinfo says at that moment, whatever happened to
 * the mounts, the thread, the process and its descriptors between two calls.
 * Makes mounts in mount namespaces of its own, and changes them from other processes; needs
 * privilege. Run by "make check" and in the kernel matrix.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/cursor.h"
#include "compat/statmount/ids.h"
#include "compat/task/mountinfo.h"
#include "tests/fork-with.h"
#include "tests/unit/private.h"

#define ALL 0x7fffu
#define MOUNTS 120
#define ROUNDS 80

static const char *const levels[] = { "5.10", "6.12" };
static struct mntcompat_statmount *answer;
static uint64_t ids[MOUNTS * 4];
static ssize_t n_ids;
static bool privileged;

static void must(int ret)
{
	if (ret < 0) {
		perror("in another process");
		_exit(1);
	}
}

/* In another process. */
static void elsewhere(void (*change)(int which), int which)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		change(which);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static const char *place(int which)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/in/%d", which);
	return path;
}

static void setup(void)
{
	answer = NULL;
	privileged = unshare(CLONE_NEWNS) == 0;
	if (!privileged)
		return;
	ck_assert_int_eq(private_mounts(), 0);
	ck_assert_int_eq(mount("cursor", "/tmp", "tmpfs", 0, NULL), 0);
	ck_assert_int_eq(mkdir("/tmp/in", 0755) | mkdir("/tmp/other", 0755), 0);
	for (int i = 0; i < MOUNTS; i++) {
		ck_assert_int_eq(mkdir(place(i), 0755), 0);
		/* Some of a filesystem of their own. */
		if (i % 3)
			ck_assert_int_eq(mount("/tmp", place(i), NULL, MS_BIND, NULL), 0);
		else
			ck_assert_int_eq(mount("own", place(i), "tmpfs", 0, "size=64k"), 0);
	}
}

static bool says(struct mountinfo_span span, const char *text)
{
	char bytes[4096];
	size_t len = mountinfo_unescape(span, bytes, sizeof(bytes));

	return len == strlen(text) && !memcmp(bytes, text, len);
}

/* 0 or -errno; the answer is kept. */
static int ask(struct mntcompat_mnt_id_req *req)
{
	int ret;

	free(answer);
	answer = NULL;
	ret = mntcompat_statmount_alloc(req, 0, &answer);
	if (ret)
		answer = NULL;
	return ret;
}

/* Asks, and compares with a file that is opened for it. */
static void check(uint64_t id)
{
	static struct mountinfo_window window;
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = id,
					    .param = ALL };
	struct mountinfo_span options;
	struct mountinfo_table table;
	struct mountinfo_line line;
	bool unique = (id & ~(uint64_t)UINT32_MAX) != STATMOUNT_SYNTHETIC_ID;
	struct mntcompat_statmount there;
	int ret = ask(&req), truth, fd;

	if (ret && unique) {
		req.param = 0;
		ck_assert_int_eq(ret, raw_statmount(&req, &there, sizeof(there), 0));
		return;
	}
	fd = open("/proc/thread-self/mountinfo", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	truth = mountinfo_find(fd, ret ? (uint32_t)id : (uint32_t)answer->mnt_id_old, &window,
			       &table, &line);
	close(fd);
	ck_assert_int_eq(ret, truth);
	if (ret)
		return;
	mountinfo_super(line.super_options, &options);
	ck_assert_uint_eq(answer->mnt_parent_id_old, line.parent);
	ck_assert_uint_eq(answer->mnt_peer_group, line.peer_group);
	ck_assert_uint_eq(answer->mnt_master, line.master);
	ck_assert_int_eq((answer->mnt_propagation & MS_UNBINDABLE) != 0, line.unbindable);
	ck_assert_uint_eq(answer->mnt_attr, mountinfo_mount_attr(line.mount_options));
	ck_assert(says(line.mount_point, answer->str + answer->mnt_point));
	ck_assert(says(line.root, answer->str + answer->mnt_root));
	ck_assert(says(line.source, answer->str + answer->sb_source));
	if (options.len)
		ck_assert(!strncmp(answer->str + answer->mnt_opts, options.text, options.len));
	mountinfo_release(&table);
}

static void list(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };

	n_ids = mntcompat_listmount(&req, ids, sizeof(ids) / sizeof(ids[0]), 0);
	ck_assert_int_ge((int)n_ids, MOUNTS / 2);
}

/*
 * All mounts, twice each, as findmnt asks several times; false if that needs no line. To compare
 * takes longer than to ask, so one answer is.
 */
static bool walk(void)
{
	list();
	for (int i = 0; i < n_ids; i++) {
		struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
						    .mnt_id = ids[i],
						    .param = ALL };

		ask(&req);
		check(ids[i]);
	}
	return cursor_number(0) >= 0;
}

static bool begin(const char *level)
{
	struct raw_statx stx;

	if (!privileged) {
		printf("left out, no privilege\n");
		return false;
	}
	cursor_allow();
	mntcompat_set_kernel(level);
	ck_assert_int_eq(raw_statx(AT_FDCWD, "/", 0, 0, &stx), 0);
	/* A second walk, for which there is an index from the beginning. */
	ck_assert(walk());
	ck_assert(walk());
	ck_assert_int_ge(cursor_number(1), 100);
	return true;
}

static void change_shared(int which)
{
	must(mount(NULL, place(which), NULL, MS_SHARED, NULL));
}
static void change_private(int which)
{
	must(mount(NULL, place(which), NULL, MS_PRIVATE, NULL));
}
static void change_unbindable(int which)
{
	must(mount(NULL, place(which), NULL, MS_UNBINDABLE, NULL));
}
static void change_flags(int which)
{
	must(mount(NULL, place(which), NULL, MS_REMOUNT | MS_BIND | MS_NOEXEC | MS_NODEV, NULL));
}
static void change_slave(int which)
{
	must(mount(NULL, place(which), NULL, MS_SHARED, NULL));
	must(mount(place(which), "/tmp/other", NULL, MS_BIND, NULL));
	must(mount(NULL, place(which), NULL, MS_SLAVE, NULL));
	must(umount2("/tmp/other", MNT_DETACH));
}
/* By another mount, in another namespace. */
static void change_super(int which)
{
	char size[32];

	snprintf(size, sizeof(size), "size=%dk", 68 + which * 4);
	which -= which % 3;
	must(unshare(CLONE_NEWNS));
	must(private_mounts());
	if (mount(place(which), "/tmp/other", NULL, MS_BIND, NULL) == 0)
		(void)mount(NULL, "/tmp/other", NULL, MS_REMOUNT, size);
}
static void change_place(int which)
{
	must(mount(place(which), "/tmp/other", NULL, MS_MOVE, NULL));
}
static void change_back(int which)
{
	must(mount("/tmp/other", place(which), NULL, MS_MOVE, NULL));
}
/* The paths of all of them, of which nobody is told. */
static void change_name(int which)
{
	(void)which;
	must(rename("/tmp/in", "/tmp/ni"));
}
static void change_name_back(int which)
{
	(void)which;
	must(rename("/tmp/ni", "/tmp/in"));
}
static void change_mount(int which)
{
	must(mount("another", place(which), "tmpfs", 0, NULL));
}
static void change_unmount(int which)
{
	must(umount2(place(which), MNT_DETACH));
}
static void change_remount(int which)
{
	must(umount2(place(which), MNT_DETACH));
	must(mount("another", place(which), "tmpfs", 0, NULL));
}

static const struct {
	void (*change)(int which);
	void (*after)(int which); /* what makes up for it, in another process again */
} changes[] = {
	{ change_shared, change_private },
	{ change_unbindable, NULL },
	{ change_private, NULL },
	{ change_flags, NULL },
	{ change_slave, NULL },
	{ change_super, NULL },
	{ change_place, change_back },
	{ change_name, change_name_back },
	{ change_mount, change_unmount },
	{ change_remount, NULL },
};

/* The mounts before, at and behind the one that changes, in every order in which cursors go. */
static void neighbours(ssize_t at, int k)
{
	static const int steps[][4] = {
		{ 0, 0, 1, 1 }, { -1, 0, 1, 0 }, { 0, -1, -2, 1 }, { -3, 0, 3, 0 }, { 1, 2, 0, 9 },
	};

	for (int i = 0; i < 4; i++) {
		ssize_t wanted = at + steps[k % 5][i];

		if (wanted >= 0 && wanted < n_ids)
			check(ids[wanted]);
	}
}

/* A cursor before the line, then a change, then the question. */
START_TEST(fresh)
{
	if (!begin(levels[_i]))
		return;
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		size_t kind = (size_t)rand() % (sizeof(changes) / sizeof(changes[0]));
		int which = rand() % MOUNTS;
		/* In order, mostly. */
		ssize_t at = n_ids - MOUNTS + (rand() % 4 ? i * MOUNTS / ROUNDS : which);

		if (rand() % 2)
			which = (int)(at - (n_ids - MOUNTS));
		for (ssize_t before = at > 8 ? at - 8 : 0; before < at; before++)
			check(ids[before]);
		elsewhere(changes[kind].change, which);
		neighbours(at, rand());
		if (!changes[kind].after)
			continue;
		elsewhere(changes[kind].after, which);
		neighbours(at, rand());
	}
	/* With all these changes there are cursors now and then. */
	walk();
	ck_assert(walk());
	elsewhere(change_unmount, 5);
	for (int i = 0; i < n_ids; i++)
		check(ids[i]);
	mntcompat_set_kernel(NULL);
}
END_TEST

static int numbers(int *fds)
{
	int n = 0;

	while (n < 64 && (fds[n] = cursor_number((unsigned int)n)) >= 0)
		n++;
	ck_assert_int_gt(n, 3);
	return n;
}

/* The program closes them, or has other files at their numbers. */
START_TEST(descriptors)
{
	int fds[64], n, mine, other;
	struct stat st, now;
	char path[64];
	pid_t pid;

	if (!begin(levels[_i]))
		return;
	n = numbers(fds);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
	for (int i = 0; i < n; i++)
		close(fds[i]);
	ck_assert(walk());

	/* A file of the program's stays as it is, open and at its place. */
	snprintf(path, sizeof(path), "/tmp/file");
	mine = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_eq((int)write(mine, "mine", 4), 4);
	ck_assert_int_eq(fstat(mine, &st), 0);
	n = numbers(fds);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(dup2(mine, fds[i]), fds[i]);
	walk();
	cursor_drop();
	walk();
	for (int i = 0; i < n; i++) {
		ck_assert_int_eq(fstat(fds[i], &now), 0);
		ck_assert_uint_eq(now.st_ino, st.st_ino);
	}
	for (int i = 0; i < n; i++)
		close(fds[i]);
	ck_assert_int_eq((int)lseek(mine, 0, SEEK_CUR), 4);

	/* The table of another namespace, as another process sees it. */
	pid = fork();
	if (!pid) {
		must(unshare(CLONE_NEWNS));
		must(private_mounts());
		for (int i = 0; i < MOUNTS; i++)
			change_flags(i);
		raise(SIGSTOP);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, WUNTRACED), pid);
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	other = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(other, 0);
	walk();
	ck_assert(walk());
	n = numbers(fds);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(dup2(other, fds[i]), fds[i]);
	walk();
	/* The table of its own, of which it has read a part: what is left of it is old. */
	cursor_drop();
	for (int i = 0; i < n; i++)
		close(fds[i]);
	close(other);
	walk();
	ck_assert(walk());
	n = numbers(fds);
	other = open("/proc/thread-self/mountinfo", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq((int)pread(other, path, 1, 0), 1);
	for (int i = 0; i < MOUNTS; i++)
		change_flags(i);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(dup2(other, fds[i]), fds[i]);
	walk();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	mntcompat_set_kernel(NULL);
}
END_TEST

/* A few files, and none are kept. */
START_TEST(limit)
{
	struct rlimit few;

	if (!privileged)
		return;
	cursor_allow();
	mntcompat_set_kernel(levels[_i]);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &few), 0);
	few.rlim_cur = 300;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert(!walk());
	ck_assert(!walk());
	mntcompat_set_kernel(NULL);
}
END_TEST

/* Children of every kind ask and read; the parent's answers are right nevertheless. */
START_TEST(forks)
{
	static const int kinds[] = { 0, 1, 2, 3 };
	int fds[64], n, status;

	if (!begin(levels[_i]))
		return;
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
		pid_t pid;

		list();
		for (int i = 0; i < n_ids / 2; i++)
			check(ids[i]);
		ck_assert(cursor_number(0) >= 0);
		n = numbers(fds);
		pid = kind ? fork_with(SIGCHLD) : fork();
		ck_assert_int_ge(pid, 0);
		if (!pid) {
			char bytes[512];

			if (!kind)
				cursor_forget();
			for (int i = 0; kind == 2 && i < n; i++)
				(void)!pread(fds[i], bytes, sizeof(bytes), 0);
			if (kind == 3)
				cursor_drop();
			for (int i = 0; i < n; i++)
				if ((kind == 0 || kind == 3) && fcntl(fds[i], F_GETFD) >= 0)
					_exit(2);
			walk();
			change_flags(MOUNTS / 2 + (int)kind);
			change_shared(MOUNTS - 3 - (int)kind);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
		for (ssize_t i = n_ids / 2; i < n_ids; i++)
			check(ids[i]);
		walk();
		ck_assert(walk());
	}
	mntcompat_set_kernel(NULL);
}
END_TEST

/* The thread enters another namespace or root, and comes back. */
START_TEST(namespaces)
{
	int own, root, n;
	char path[80];

	if (!begin(levels[_i]))
		return;
	own = open("/proc/thread-self/ns/mnt", O_RDONLY | O_CLOEXEC);
	root = open("/", O_PATH | O_CLOEXEC);
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	for (int i = 0; i < MOUNTS; i++)
		change_flags(i);
	walk();
	ck_assert(walk());
	ck_assert_int_eq(setns(own, CLONE_NEWNS), 0);
	/* setns() leads out of a chroot that the test may have been started in. */
	ck_assert_int_eq(fchdir(root), 0);
	ck_assert_int_eq(chroot("."), 0);
	for (int i = 0; i < MOUNTS; i += 2)
		change_shared(i);
	walk();
	ck_assert(walk());

	/* A chroot with a procfs. */
	snprintf(path, sizeof(path), "%s/proc", place(0));
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert_int_eq(mount("proc", path, "proc", 0, NULL), 0);
	list();
	/* Cursors that have most of the table before them. */
	ck_assert(walk());
	for (int i = 0; i < 25; i++)
		check(ids[i / 5]);
	ck_assert_int_eq(chroot(place(0)), 0);
	n = 0;
	for (int i = 5; i < n_ids; i++) {
		struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
						    .mnt_id = ids[i],
						    .param = MNTCOMPAT_STATMOUNT_MNT_POINT |
							     MNTCOMPAT_STATMOUNT_SB_SOURCE };

		/* No path that begins outside. */
		if (ask(&req) == 0 && answer->mask & MNTCOMPAT_STATMOUNT_MNT_POINT)
			n += !strncmp(answer->str + answer->mnt_point, "/tmp", 4);
	}
	ck_assert_int_eq(n, 0);
	ck_assert_int_eq(fchdir(root), 0);
	ck_assert_int_eq(chroot("."), 0);
	walk();
	ck_assert(walk());
	mntcompat_set_kernel(NULL);
}
END_TEST

int main(void)
{
	const int n = sizeof(levels) / sizeof(levels[0]);
	Suite *suite = suite_create("cursor");
	TCase *tc = tcase_create("cursor");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 600);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, fresh, 0, n);
	tcase_add_loop_test(tc, descriptors, 0, n);
	tcase_add_loop_test(tc, limit, 0, n);
	tcase_add_loop_test(tc, forks, 0, n);
	tcase_add_loop_test(tc, namespaces, 0, n);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
