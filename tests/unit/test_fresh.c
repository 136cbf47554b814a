// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_fresh.c - no answer of statmount is older than its call, whatever was requested before and
 * whichever process changed it.
 * Makes mounts in mount namespaces of its own, and changes them from other processes; needs
 * privilege. Run by "make check" and in the kernel matrix.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/statmount/cursor.h"
#include "tests/unit/private.h"

#define ALL 0x7fffu
#define ATTR_RDONLY 1u
#define ATTR_NOEXEC 8u
#define PROPAGATION_UNBINDABLE 0x20000u
#define PROPAGATION_PRIVATE 0x40000u
#define PROPAGATION_SLAVE 0x80000u
#define PROPAGATION_SHARED 0x100000u

static const char *const levels[] = { NULL, "6.18", "6.12", "5.10" };
static struct mntcompat_statmount *answer;
static uint64_t ids[1000], id;
static int fd = -1;

/* In another process, and in a mount namespace of its own if it says so itself. */
static void elsewhere(void (*change)(void))
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		change();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static void must(int ret)
{
	if (ret < 0)
		_exit(errno ? errno : 1);
}

/* Between two changes a program looks at other mounts, too. */
static void look_around(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };
	ssize_t n = mntcompat_listmount(&req, ids, 1000, 0);
	struct mntcompat_statmount *other;

	ck_assert_int_gt((int)n, 1);
	for (ssize_t i = 0; i < n; i++) {
		req.mnt_id = ids[i];
		req.param = ALL;
		if (mntcompat_statmount_alloc(&req, 0, &other) == 0)
			free(other);
	}
}

static int ask(int by_fd)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1, .param = ALL };

	free(answer);
	answer = NULL;
	if (by_fd)
		req.mnt_fd = (uint32_t)fd;
	else
		req.mnt_id = id;
	return mntcompat_statmount_alloc(&req, by_fd ? MNTCOMPAT_STATMOUNT_BY_FD : 0, &answer);
}

static void setup(void)
{
	answer = NULL;
	if (unshare(CLONE_NEWNS) < 0)
		return;
	ck_assert_int_eq(private_mounts(), 0);
	ck_assert_int_eq(mount("fresh", "/tmp", "tmpfs", 0, NULL), 0);
	ck_assert_int_eq(mkdir("/tmp/a", 0755) | mkdir("/tmp/b", 0755) | mkdir("/tmp/c", 0755), 0);
	ck_assert_int_eq(mount("first", "/tmp/a", "tmpfs", 0, "size=64k"), 0);
	fd = open("/tmp/a", O_PATH | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	mntcompat_set_kernel(levels[0]);
}

static void set_private(void)
{
	must(mount(NULL, "/tmp/a", NULL, MS_PRIVATE, NULL));
}
static void set_shared(void)
{
	must(mount(NULL, "/tmp/a", NULL, MS_SHARED, NULL));
}
static void set_unbindable(void)
{
	must(mount(NULL, "/tmp/a", NULL, MS_UNBINDABLE, NULL));
}
static void set_flags(void)
{
	must(mount(NULL, "/tmp/a", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOEXEC, NULL));
}
static void clear_flags(void)
{
	must(mount(NULL, "/tmp/a", NULL, MS_REMOUNT | MS_BIND, NULL));
}
static void move(void)
{
	must(mount("/tmp/a", "/tmp/b", NULL, MS_MOVE, NULL));
}
static void unmount(void)
{
	must(umount2("/tmp/b", MNT_DETACH));
}

/* A superblock's options, through another mount of it in another mount namespace. */
static void change_size(void)
{
	must(unshare(CLONE_NEWNS));
	must(private_mounts());
	must(mount("/tmp/a", "/tmp/c", NULL, MS_BIND, NULL));
	must(mount(NULL, "/tmp/c", NULL, MS_REMOUNT, "size=128k"));
}

static void change_super_flags(void)
{
	must(unshare(CLONE_NEWNS));
	must(mount(NULL, "/tmp/a", NULL, MS_REMOUNT | MS_RDONLY | MS_SYNCHRONOUS, NULL));
}

/* Slave of a group that is made and joined elsewhere. */
static void set_slave(void)
{
	must(mount(NULL, "/tmp/a", NULL, MS_SHARED, NULL));
	must(mount("/tmp/a", "/tmp/c", NULL, MS_BIND, NULL));
	must(mount(NULL, "/tmp/a", NULL, MS_SLAVE, NULL));
}

static void assert_change(void (*change)(void), uint64_t propagation, uint64_t attr,
			  const char *options, uint32_t sb_flags, const char *point)
{
	look_around();
	elsewhere(change);
	for (int by_fd = 0; by_fd < 2; by_fd++) {
		ck_assert_int_eq(ask(by_fd), 0);
		ck_assert_uint_eq(answer->mnt_propagation, propagation);
		ck_assert_uint_eq(answer->mnt_attr & (ATTR_RDONLY | ATTR_NOEXEC), attr);
		ck_assert_uint_eq(answer->sb_flags & 0x11, sb_flags);
		ck_assert_ptr_nonnull(strstr(answer->str + answer->mnt_opts, options));
		ck_assert_str_eq(answer->str + answer->mnt_point, point);
		ck_assert_uint_eq(answer->mnt_master != 0, (propagation & PROPAGATION_SLAVE) != 0);
		ck_assert_uint_eq(answer->mnt_peer_group != 0,
				  (propagation & PROPAGATION_SHARED) != 0);
	}
}

/* One level after the other; then all of them once more, with cursors. */
static void set_level(int i)
{
	const int n = sizeof(levels) / sizeof(levels[0]);

	mntcompat_set_kernel(levels[i % n]);
	if (i >= n)
		cursor_allow();
}

START_TEST(changes)
{
	const uint64_t both = ATTR_RDONLY | ATTR_NOEXEC;

	if (fd < 0) {
		printf("changes: left out, no privilege\n");
		return;
	}
	set_level(_i);
	ck_assert_int_eq(ask(1), 0);
	id = answer->mnt_id;
	assert_change(set_shared, PROPAGATION_SHARED, 0, "size=64k", 0, "/tmp/a");
	assert_change(set_unbindable, PROPAGATION_UNBINDABLE, 0, "size=64k", 0, "/tmp/a");
	assert_change(set_flags, PROPAGATION_UNBINDABLE, both, "size=64k", 0, "/tmp/a");
	assert_change(set_private, PROPAGATION_PRIVATE, both, "size=64k", 0, "/tmp/a");
	assert_change(clear_flags, PROPAGATION_PRIVATE, 0, "size=64k", 0, "/tmp/a");
	assert_change(change_size, PROPAGATION_PRIVATE, 0, "size=128k", 0, "/tmp/a");
	assert_change(set_slave, PROPAGATION_SLAVE, 0, "size=128k", 0, "/tmp/a");
	assert_change(set_private, PROPAGATION_PRIVATE, 0, "size=128k", 0, "/tmp/a");
	assert_change(move, PROPAGATION_PRIVATE, 0, "size=128k", 0, "/tmp/b");
	elsewhere(unmount);
	ck_assert_int_eq(ask(0), -ENOENT);
}
END_TEST

/* Read-only by the superblock, which a mount of another namespace was told. */
START_TEST(superblock)
{
	if (fd < 0) {
		printf("superblock: left out, no privilege\n");
		return;
	}
	set_level(_i);
	ck_assert_int_eq(ask(1), 0);
	id = answer->mnt_id;
	ck_assert_uint_eq(answer->sb_flags & 0x11, 0);
	look_around();
	elsewhere(change_super_flags);
	for (int by_fd = 0; by_fd < 2; by_fd++) {
		ck_assert_int_eq(ask(by_fd), 0);
		ck_assert_uint_eq(answer->sb_flags & 0x11, 0x11);
		ck_assert_uint_eq(answer->mnt_attr & ATTR_RDONLY, 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fresh");
	TCase *tc = tcase_create("fresh");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, changes, 0, 2 * sizeof(levels) / sizeof(levels[0]));
	tcase_add_loop_test(tc, superblock, 0, 2 * sizeof(levels) / sizeof(levels[0]));
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
