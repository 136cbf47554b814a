// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_table.c - a walk by mountinfo and one by listmount show the same bytes, where old ids are in
 * no order. Makes and unmounts many mounts in a mount namespace of its own; needs privilege. Run by
 * "make check" and in the kernel matrix.
 */
#include <check.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/feature.h"
#include "tests/unit/private.h"

#define POINTS 200
/* All that both tell: the maps of idmapped mounts are in no line. */
#define BOTH (0x7fffu & ~0x6000u)

static bool ready;

static const char *point(unsigned int i)
{
	static char path[2][32];
	static unsigned int turn;

	turn ^= 1;
	snprintf(path[turn], sizeof(path[turn]), "/tmp/%u", i);
	return path[turn];
}

/* Ids are used again, mounts come and go in another order than they were made, some are slaves. */
static void make_mounts(unsigned int seed)
{
	srand(seed);
	for (unsigned int i = 0; i < POINTS; i++) {
		ck_assert_int_eq(mkdir(point(i), 0755), 0);
		ck_assert_int_eq(i % 3 ? mount("/tmp", point(i), NULL, MS_BIND, NULL) :
					 mount("table", point(i), "tmpfs", 0, "size=64k"),
				 0);
		if (i % 7 == 0)
			ck_assert_int_eq(mount(NULL, point(i), NULL, MS_SHARED, NULL), 0);
	}
	for (unsigned int i = 0; i < POINTS; i++) {
		unsigned int at = (unsigned int)rand() % POINTS,
			     from = (unsigned int)rand() % POINTS;

		if (i % 2) {
			(void)umount2(point(at), MNT_DETACH);
		} else if (mount(point(from), point(at), NULL, MS_BIND, NULL) == 0 && i % 4 == 0) {
			ck_assert_int_eq(mount(NULL, point(at), NULL, MS_SLAVE, NULL), 0);
		}
	}
}

static void setup(void)
{
	ready = false;
	if (feature_probe(FEATURE_LISTMOUNT) != FEATURE_PRESENT) {
		printf("table: left out, the kernel has no listmount\n");
		return;
	}
	if (unshare(CLONE_NEWNS) < 0) {
		printf("table: left out, no privilege\n");
		return;
	}
	ck_assert_int_eq(private_mounts(), 0);
	ck_assert_int_eq(mount("table", "/tmp", "tmpfs", 0, NULL), 0);
	ready = true;
}

/* The number of rows. */
static unsigned int compare(uint64_t mask, uint64_t below)
{
	struct mntcompat_table *table[2];
	const struct mntcompat_statmount *row[2];
	unsigned int n;
	int more[2];

	for (uint32_t i = 0; i < 2; i++) {
		struct mntcompat_table_options options = { .size = sizeof(options),
							   .mask = mask,
							   .mnt_id = below,
							   .way = i ? MNTCOMPAT_TABLE_LISTMOUNT :
								      MNTCOMPAT_TABLE_MOUNTINFO };

		ck_assert_int_eq(mntcompat_table_open(&options, &table[i]), 0);
	}
	for (n = 0;; n++) {
		more[0] = mntcompat_table_next(table[0], &row[0]);
		more[1] = mntcompat_table_next(table[1], &row[1]);
		ck_assert_int_eq(more[0], more[1]);
		if (more[0] != 1)
			break;
		ck_assert_uint_eq(row[0]->mnt_id, row[1]->mnt_id);
		ck_assert_uint_eq(row[0]->mnt_parent_id, row[1]->mnt_parent_id);
		ck_assert_uint_eq(row[0]->mask, row[1]->mask);
		ck_assert_uint_eq(row[0]->size, row[1]->size);
		ck_assert_int_eq(memcmp(row[0], row[1], row[0]->size), 0);
	}
	ck_assert_int_eq(more[0], 0);
	mntcompat_table_close(table[0]);
	mntcompat_table_close(table[1]);
	return n;
}

START_TEST(same)
{
	struct mntcompat_statx stx;

	if (!ready)
		return;
	make_mounts((unsigned int)_i);
	ck_assert_uint_gt(compare(BOTH, 0), POINTS / 2);
	ck_assert_uint_gt(compare(MNTCOMPAT_STATMOUNT_SB_BASIC, 0), POINTS / 2);
	ck_assert_int_eq(mntcompat_statx(AT_FDCWD, "/tmp", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx),
			 0);
	ck_assert_uint_gt(compare(BOTH, stx.stx_mnt_id), POINTS / 3);
}
END_TEST

/* From a root that reaches few of them, and whose own mount's parent does not show. */
START_TEST(chrooted)
{
	if (!ready)
		return;
	make_mounts(1);
	ck_assert_int_eq(mkdir("/tmp/jail", 0755), 0);
	ck_assert_int_eq(mount("/", "/tmp/jail", NULL, MS_BIND, NULL), 0);
	ck_assert_int_eq(mount("proc", "/tmp/jail/proc", "proc", 0, NULL), 0);
	ck_assert_int_eq(chroot("/tmp/jail") | chdir("/"), 0);
	ck_assert_uint_eq(compare(BOTH, 0), 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("table");
	TCase *tc = tcase_create("table");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, same, 0, 4);
	tcase_add_test(tc, chrooted);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
