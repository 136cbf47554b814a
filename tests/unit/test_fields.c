// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_fields.c - unit tests of lib/fields.c: strings of an answer, present, absent and out of
 * bounds; words for bits; and that errno holds the error of every function. Needs no privilege.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/statmount/builder.h"

#define ALL_BITS 0x7fffu

static const struct builder_facts full = {
	.known = ALL_BITS,
	.fs_type = { "fuse", sizeof("fuse") - 1 },
	.mnt_root = { "/root dir", sizeof("/root dir") - 1 },
	.mnt_point = { "/mnt", sizeof("/mnt") - 1 },
	.mnt_opts = { "a=\\040,b", sizeof("a=\\040,b") - 1 },
	.fs_subtype = { "sshfs", sizeof("sshfs") - 1 },
	.sb_source = { "host:", sizeof("host:") - 1 },
	.opt_num = 2,
	.opt_array = { "a= \0b\0", sizeof("a= \0b\0") - 1 },
	.opt_sec_num = 3,
	.opt_sec_array = { "seclabel\0\0x\0", sizeof("seclabel\0\0x\0") - 1 },
	.uidmap_num = 1,
	.uidmap = { "0 1000 5\0", sizeof("0 1000 5\0") - 1 },
	.gidmap_num = 2,
	.gidmap = { "0 7 1\0001 9 2\0", sizeof("0 7 1\0001 9 2\0") - 1 },
};

static const uint64_t strings[] = {
	MNTCOMPAT_STATMOUNT_MNT_ROOT, MNTCOMPAT_STATMOUNT_MNT_POINT,  MNTCOMPAT_STATMOUNT_FS_TYPE,
	MNTCOMPAT_STATMOUNT_MNT_OPTS, MNTCOMPAT_STATMOUNT_FS_SUBTYPE, MNTCOMPAT_STATMOUNT_SB_SOURCE,
};
static const uint64_t arrays[] = {
	MNTCOMPAT_STATMOUNT_OPT_ARRAY,
	MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY,
	MNTCOMPAT_STATMOUNT_MNT_UIDMAP,
	MNTCOMPAT_STATMOUNT_MNT_GIDMAP,
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static union {
	struct mntcompat_statmount mount;
	char room[2048];
} answer;

static void lay_out(uint64_t mask)
{
	memset(&answer, 0x5a, sizeof(answer));
	ck_assert_int_gt(builder_layout(&full, mask, sizeof(answer), &answer.mount, sizeof(answer)),
			 0);
}

START_TEST(test_strings)
{
	const struct mntcompat_statmount *mount = &answer.mount;

	lay_out(ALL_BITS);
	ck_assert_str_eq(mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_MNT_ROOT),
			 "/root dir");
	ck_assert_str_eq(mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_MNT_POINT), "/mnt");
	ck_assert_str_eq(mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_FS_TYPE), "fuse");
	ck_assert_str_eq(mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_MNT_OPTS),
			 "a=\\040,b");
	ck_assert_str_eq(mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_FS_SUBTYPE),
			 "sshfs");
	ck_assert_str_eq(mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_SB_SOURCE), "host:");
	/* Neither a number, nor an array, nor several fields, nor one of a later kernel. */
	ck_assert_ptr_null(mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_MNT_BASIC));
	ck_assert_ptr_null(mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_OPT_ARRAY));
	ck_assert_ptr_null(mntcompat_statmount_string(mount, ALL_BITS));
	ck_assert_ptr_null(mntcompat_statmount_string(mount, 1ull << 40));
	ck_assert_ptr_null(mntcompat_statmount_string(mount, 0));
}
END_TEST

START_TEST(test_absent)
{
	for (size_t i = 0; i < COUNT(strings); i++) {
		lay_out(ALL_BITS & ~strings[i]);
		for (size_t k = 0; k < COUNT(strings); k++)
			ck_assert_int_eq(!mntcompat_statmount_string(&answer.mount, strings[k]),
					 i == k);
	}
	for (size_t i = 0; i < COUNT(arrays); i++) {
		lay_out(ALL_BITS & ~arrays[i]);
		for (size_t k = 0; k < COUNT(arrays); k++)
			ck_assert_int_eq(!mntcompat_statmount_next(&answer.mount, arrays[k], NULL),
					 i == k);
	}
	/* No string at all: the answer ends before them. */
	lay_out(MNTCOMPAT_STATMOUNT_MNT_BASIC);
	answer.mount.mask = ALL_BITS;
	for (size_t i = 0; i < COUNT(strings); i++)
		ck_assert_ptr_null(mntcompat_statmount_string(&answer.mount, strings[i]));
}
END_TEST

static void check_array(uint64_t field, const char *const *expected, size_t count)
{
	const char *string = NULL;

	for (size_t i = 0; i < count; i++) {
		string = mntcompat_statmount_next(&answer.mount, field, string);
		ck_assert_ptr_nonnull(string);
		ck_assert_str_eq(string, expected[i]);
	}
	ck_assert_ptr_null(mntcompat_statmount_next(&answer.mount, field, string));
}

START_TEST(test_arrays)
{
	static const char *const opts[] = { "a= ", "b" }, *const sec[] = { "seclabel", "", "x" },
				 *const uids[] = { "0 1000 5" },
				 *const gids[] = { "0 7 1", "1 9 2" };

	lay_out(ALL_BITS);
	check_array(MNTCOMPAT_STATMOUNT_OPT_ARRAY, opts, 2);
	check_array(MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY, sec, 3);
	check_array(MNTCOMPAT_STATMOUNT_MNT_UIDMAP, uids, 1);
	check_array(MNTCOMPAT_STATMOUNT_MNT_GIDMAP, gids, 2);
	ck_assert_ptr_null(
		mntcompat_statmount_next(&answer.mount, MNTCOMPAT_STATMOUNT_FS_TYPE, NULL));
	/* A string that is none of them. */
	ck_assert_ptr_null(
		mntcompat_statmount_next(&answer.mount, MNTCOMPAT_STATMOUNT_OPT_ARRAY, "b"));
}
END_TEST

/* An answer that was cut, or that another program made: nothing beyond its size is read. */
START_TEST(test_bounds)
{
	const char *first;

	lay_out(ALL_BITS);
	answer.mount.mnt_point = answer.mount.size - (uint32_t)sizeof(answer.mount);
	ck_assert_ptr_null(
		mntcompat_statmount_string(&answer.mount, MNTCOMPAT_STATMOUNT_MNT_POINT));
	answer.mount.mnt_point = UINT32_MAX;
	ck_assert_ptr_null(
		mntcompat_statmount_string(&answer.mount, MNTCOMPAT_STATMOUNT_MNT_POINT));
	lay_out(MNTCOMPAT_STATMOUNT_OPT_ARRAY);
	answer.mount.opt_num = UINT32_MAX;
	first = mntcompat_statmount_next(&answer.mount, MNTCOMPAT_STATMOUNT_OPT_ARRAY, NULL);
	ck_assert_str_eq(first, "a= ");
	first = mntcompat_statmount_next(&answer.mount, MNTCOMPAT_STATMOUNT_OPT_ARRAY, first);
	ck_assert_str_eq(first, "b");
	ck_assert_ptr_null(
		mntcompat_statmount_next(&answer.mount, MNTCOMPAT_STATMOUNT_OPT_ARRAY, first));
	answer.mount.opt_num = 0;
	ck_assert_ptr_null(
		mntcompat_statmount_next(&answer.mount, MNTCOMPAT_STATMOUNT_OPT_ARRAY, NULL));
}
END_TEST

static void check_words(size_t (*words)(uint64_t, char *, size_t), uint64_t value,
			const char *expected)
{
	char text[MNTCOMPAT_WORDS_SIZE];

	memset(text, 'x', sizeof(text));
	ck_assert_uint_eq(words(value, text, sizeof(text)), strlen(expected));
	ck_assert_str_eq(text, expected);
	/* Room for all, for one less, for none, and no buffer. */
	memset(text, 'x', sizeof(text));
	ck_assert_uint_eq(words(value, text, strlen(expected) + 1), strlen(expected));
	ck_assert_str_eq(text, expected);
	ck_assert_int_eq(text[strlen(expected) + 1], 'x');
	ck_assert_uint_eq(words(value, text, strlen(expected)), strlen(expected));
	ck_assert_uint_eq(strlen(text), strlen(expected) - 1);
	ck_assert_int_eq(strncmp(text, expected, strlen(expected) - 1), 0);
	ck_assert_uint_eq(words(value, NULL, 0), strlen(expected));
}

START_TEST(test_words)
{
	check_words(mntcompat_attr_words, 0, "relatime");
	check_words(mntcompat_attr_words, 0x1, "relatime,ro");
	check_words(mntcompat_attr_words, 0x3000af,
		    "strictatime,ro,nosuid,nodev,noexec,nodiratime,"
		    "idmapped,nosymfollow");
	check_words(mntcompat_attr_words, 0x10, "noatime");
	/* No word for this access time, nor for these bits. */
	check_words(mntcompat_attr_words, 0x41, "ro,0x40");
	check_words(mntcompat_attr_words, 0x100, "relatime,0x100");
	check_words(mntcompat_attr_words, UINT64_MAX,
		    "ro,nosuid,nodev,noexec,nodiratime,idmapped,nosymfollow,0xffffffffffcfff70");
	check_words(mntcompat_propagation_words, 0x100000, "shared");
	check_words(mntcompat_propagation_words, 0x180000, "shared,slave");
	check_words(mntcompat_propagation_words, 0x40000, "private");
	check_words(mntcompat_propagation_words, 0x20000, "unbindable");
	check_words(mntcompat_propagation_words, 0, "none");
	check_words(mntcompat_propagation_words, 0xa, "0xa");
	check_words(mntcompat_sb_flags_words, 0x2000091, "ro,sync,dirsync,lazytime");
	check_words(mntcompat_sb_flags_words, 0, "none");
	check_words(mntcompat_sb_flags_words, 1ull << 63, "0x8000000000000000");
}
END_TEST

/* Whatever a function returns, a failure is negative and errno has its reason. */
START_TEST(test_errors)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 };
	struct mntcompat_table_options options = { .size = sizeof(options), .way = 7 };
	struct mntcompat_statmount *mount;
	struct mntcompat_table *table;

	req.mnt_fd = (uint32_t)-1;
	errno = 0;
	ck_assert_int_eq(mntcompat_statmount_alloc(&req, MNTCOMPAT_STATMOUNT_BY_FD, &mount),
			 -EBADF);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(mntcompat_table_open(&options, &table), -EINVAL);
	ck_assert_int_eq(errno, EINVAL);
	errno = 0;
	ck_assert_int_eq(mntcompat_set_mode((enum mntcompat_mode)99), -EINVAL);
	ck_assert_int_eq(errno, EINVAL);
	errno = 0;
	ck_assert_int_eq(mntcompat_set_kernel("new"), -EINVAL);
	ck_assert_int_eq(errno, EINVAL);
	errno = 0;
	ck_assert_int_eq(mntcompat_mount_namespace_of(-1), -EINVAL);
	ck_assert_int_eq(errno, EINVAL);
	errno = 0;
	ck_assert_int_eq(mntcompat_statmount(&req, NULL, 0, MNTCOMPAT_STATMOUNT_BY_FD), -1);
	ck_assert_int_eq(errno, EBADF);
	/* Success leaves it alone. */
	errno = E2BIG;
	ck_assert_int_eq(mntcompat_set_mode(MNTCOMPAT_MODE_AUTO), 0);
	ck_assert_int_eq(errno, E2BIG);
}
END_TEST

/* No function needs a pointer to be there, and each says so in its own way. */
START_TEST(test_null)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_fd = 0,
		.param = MNTCOMPAT_STATMOUNT_MNT_BASIC,
	};
	struct mntcompat_table_options options = { .size = sizeof(options) };
	const struct mntcompat_statmount *row;
	struct mntcompat_statmount *mount;
	struct mntcompat_table *table;
	unsigned int number = 0;
	char text[8];

	ck_assert_ptr_null(mntcompat_statmount_string(NULL, MNTCOMPAT_STATMOUNT_MNT_POINT));
	ck_assert_ptr_null(mntcompat_statmount_next(NULL, MNTCOMPAT_STATMOUNT_OPT_ARRAY, NULL));
	ck_assert_uint_eq(mntcompat_attr_words(0, NULL, 10), strlen("relatime"));
	ck_assert_uint_eq(mntcompat_propagation_words(0, NULL, 10), strlen("none"));
	ck_assert_uint_eq(mntcompat_sb_flags_words(0, NULL, 10), strlen("none"));
	ck_assert_uint_eq(mntcompat_attr_words(0, text, 0), strlen("relatime"));
	errno = 0;
	ck_assert_int_eq(mntcompat_statmount_alloc(&req, MNTCOMPAT_STATMOUNT_BY_FD, NULL), -EFAULT);
	ck_assert_int_eq(errno, EFAULT);
	ck_assert_int_eq(mntcompat_statmount_alloc(NULL, MNTCOMPAT_STATMOUNT_BY_FD, &mount),
			 -EFAULT);
	errno = 0;
	ck_assert_int_eq(mntcompat_table_open(&options, NULL), -EFAULT);
	ck_assert_int_eq(errno, EFAULT);
	ck_assert_int_eq(mntcompat_table_open(NULL, &table), -EINVAL);
	errno = 0;
	ck_assert_int_eq(mntcompat_table_next(NULL, &row), -EFAULT);
	ck_assert_int_eq(errno, EFAULT);
	ck_assert_int_eq(mntcompat_table_open(&options, &table), 0);
	ck_assert_int_eq(mntcompat_table_next(table, NULL), -EFAULT);
	/* It took no row away. */
	ck_assert_int_eq(mntcompat_table_next(table, &row), 1);
	mntcompat_table_close(table);
	mntcompat_table_close(NULL);
	ck_assert_int_eq(mntcompat_set_kernel("5.10"), 0);
	ck_assert_int_eq(mntcompat_get_kernel(NULL, NULL), 1);
	ck_assert_int_eq(mntcompat_get_kernel(NULL, &number), 1);
	ck_assert_uint_eq(number, 10);
	ck_assert_int_eq(mntcompat_get_kernel(&number, NULL), 1);
	ck_assert_uint_eq(number, 5);
	ck_assert_int_eq(mntcompat_set_kernel(NULL), 0);
	ck_assert_int_eq(mntcompat_get_kernel(NULL, NULL), 0);
	/* The calls that the kernel has check as it does. */
	ck_assert_int_eq(mntcompat_statmount(NULL, NULL, 0, 0), -1);
	ck_assert_int_eq(mntcompat_listmount(NULL, NULL, 1, 0), -1);
	ck_assert_int_eq(mntcompat_listns(NULL, NULL, 1, 0), -1);
	ck_assert_int_eq(mntcompat_statx(-1, NULL, 0, 0, NULL), -1);
	ck_assert_int_eq(mntcompat_name_to_handle_at(-1, NULL, NULL, NULL, 0), -1);
	ck_assert_int_eq(mntcompat_mount_setattr(-1, NULL, 0, NULL, 0), -1);
	ck_assert_int_eq(mntcompat_open_tree_attr(-1, NULL, 0, NULL, 0), -1);
	ck_assert_int_eq(mntcompat_open_tree(-1, NULL, 0), -1);
	ck_assert_int_eq(mntcompat_move_mount(-1, NULL, -1, NULL, 0), -1);
	ck_assert_int_eq(mntcompat_clone3(NULL, 88), -1);
	ck_assert_int_lt(mntcompat_enter_tree(-1, NULL, 0), 0);
}
END_TEST

START_TEST(test_null_namespace)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(mntcompat_set_mode(_i ? MNTCOMPAT_MODE_EMULATE : MNTCOMPAT_MODE_AUTO), 0);
	ck_assert_int_eq(mntcompat_namespace_id(fd, NULL), -1);
	ck_assert_int_eq(mntcompat_mount_namespace_id(fd, NULL), -1);
	ck_assert_int_eq(mntcompat_mount_namespace_info(fd, NULL), -1);
	ck_assert_int_eq(mntcompat_set_mode(MNTCOMPAT_MODE_AUTO), 0);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fields");
	TCase *tcase = tcase_create("fields");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, test_strings);
	tcase_add_test(tcase, test_absent);
	tcase_add_test(tcase, test_arrays);
	tcase_add_test(tcase, test_bounds);
	tcase_add_test(tcase, test_words);
	tcase_add_test(tcase, test_errors);
	tcase_add_test(tcase, test_null);
	tcase_add_loop_test(tcase, test_null_namespace, 0, 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
