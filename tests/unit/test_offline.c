// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * test_offline.c - magics by the names of filesystems, against what this machine's own mounts say,
 * and ways that lead through the mounts of file servers. Run by "make check" and in the kernel
 * matrix.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"

static int magic_of(const char *text, uint64_t *magic)
{
	struct mountinfo_line line;

	ck_assert_int_eq(mountinfo_parse_line(text, strlen(text), &line), 0);
	return offline_magic(&line, magic);
}

START_TEST(names)
{
	static const struct {
		const char *line;
		int ret;
		uint64_t magic;
	} cases[] = {
		{ "9 1 0:50 / /a rw - fuse.sshfs a:b rw,user_id=0", 0, UAPI_MAGIC_FUSE },
		{ "9 1 0:50 / /a rw - fuse a:b rw,user_id=0", 0, UAPI_MAGIC_FUSE },
		{ "9 1 8:1 / /a rw - fuseblk.ntfs /dev/a rw", 0, UAPI_MAGIC_FUSE },
		{ "9 1 0:50 / /a rw - nfs4 a:/ rw,vers=4.2", 0, UAPI_MAGIC_NFS },
		{ "9 1 0:50 / /a rw - cifs //a/b rw,vers=3.1.1", 0, UAPI_MAGIC_CIFS },
		{ "9 1 0:50 / /a rw - afs %a:root.cell rw", 0, UAPI_MAGIC_AFS },
		{ "9 1 0:50 / /a rw - afs AFS rw", -EOPNOTSUPP, 0 },
		{ "9 1 0:50 / /a rw - unknown none rw", -EOPNOTSUPP, 0 },
		{ "9 1 0:50 / /a rw - fuse2 none rw", -EOPNOTSUPP, 0 },
		{ "9 1 8:1 / /a rw - unknown /dev/a rw", -EAGAIN, 0 },
		{ "9 1 8:1 / /a rw - minix /dev/a rw", -EAGAIN, 0 },
		{ "9 1 0:5 / /a rw - devtmpfs a rw", -EAGAIN, 0 },
		{ "9 1 0:5 / /a rw - devtmpfs a rw,size=4k,mode=755", 0, UAPI_MAGIC_TMPFS },
		{ "9 1 0:5 / /a rw - rootfs rootfs rw,context=\"a,size=4k\"", -EAGAIN, 0 },
	};
	uint64_t magic;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(magic_of(cases[i].line, &magic) == cases[i].ret, "%s", cases[i].line);
		if (!cases[i].ret)
			ck_assert_msg(magic == cases[i].magic, "%s", cases[i].line);
	}
}
END_TEST

/* What statfs says of each mount that is reached here, but for those of file servers. */
START_TEST(own_mounts)
{
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC), seen = 0;
	struct offline_ways ways = { .known = false };
	struct mountinfo_table table;
	struct mountinfo_line line;
	size_t pos = 0;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(mountinfo_read(fd, &table), 0);
	close(fd);
	while (mountinfo_next(&table, &pos, &line)) {
		char path[PATH_MAX + 1];
		size_t len = mountinfo_unescape(line.mount_point, path, PATH_MAX);
		struct raw_statx stx;
		struct statfs fs;
		uint64_t magic;

		if (offline_has_server(&line) || len > PATH_MAX ||
		    !offline_is_free_way(&table, &line, &ways) || offline_magic(&line, &magic) != 0)
			continue;
		path[len] = '\0';
		fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (offline_statx(fd, &stx) == 0 && stx.mask & MNTCOMPAT_STATX_MNT_ID &&
		    stx.mnt_id == line.id && fstatfs(fd, &fs) == 0) {
			ck_assert_msg((uint32_t)fs.f_type == (uint32_t)magic, "%.*s: %#lx",
				      (int)line.type.len, line.type.text, (long)fs.f_type);
			seen++;
		}
		close(fd);
	}
	mountinfo_release(&table);
	ck_assert_int_gt(seen, 0);
}
END_TEST

static bool is_free(const char *text, const char *point)
{
	struct mountinfo_table table = { .text = strdup(text), .len = strlen(text) };
	struct offline_ways ways = { .known = false };
	struct mountinfo_line line, next;
	bool answer = false, found = false;
	size_t pos = 0;

	/* The topmost one. */
	while (mountinfo_next(&table, &pos, &next))
		if (next.mount_point.len == strlen(point) &&
		    !memcmp(next.mount_point.text, point, strlen(point))) {
			line = next;
			found = true;
		}
	ck_assert(found);
	answer = offline_is_free_way(&table, &line, &ways);
	ck_assert_int_eq(answer, offline_is_free_way(&table, &line, &ways));
	free(table.text);
	return answer;
}

START_TEST(free_ways)
{
	static const char text[] = "1 0 0:40 / / rw - nfs a:/ rw\n"
				   "2 1 8:1 / /a rw - ext4 /dev/a rw\n"
				   "3 2 0:41 / /a/fuse rw - fuse.x x rw\n"
				   "4 3 0:42 / /a/fuse/b rw - tmpfs x rw\n"
				   "5 2 0:43 / /a/fuse2 rw - tmpfs x rw\n"
				   "6 2 0:44 / /a/auto rw - autofs x rw\n"
				   "7 6 0:45 / /a/auto/b rw - ext4 x rw\n";
	static const char on[] = "2 1 0:44 / /a rw - autofs x rw\n"
				 "3 2 0:45 / /a rw - ext4 x rw\n";
	char many[8192] = "";

	ck_assert(is_free(text, "/"));
	ck_assert(is_free(text, "/a"));
	ck_assert(is_free(text, "/a/fuse"));
	ck_assert(!is_free(text, "/a/fuse/b"));
	ck_assert(is_free(text, "/a/fuse2"));
	ck_assert(is_free(text, "/a/auto"));
	ck_assert(!is_free(text, "/a/auto/b"));
	ck_assert(!is_free(on, "/a"));
	/* More of them than are remembered. */
	for (int i = 0; i < 2 * OFFLINE_WAYS; i++)
		strcat(many, "9 1 0:46 / /c rw - fuse x rw\n");
	strcat(many, text);
	ck_assert(!is_free(many, "/a/fuse/b"));
	ck_assert(is_free(many, "/a/fuse2"));
}
END_TEST

START_TEST(files)
{
	int directory = open("/", O_PATH | O_CLOEXEC), file = open("/proc/self/exe", O_PATH),
	    parent, pipes[2];

	ck_assert_int_eq(offline_is_directory(directory), 1);
	ck_assert_int_eq(offline_is_directory(file), 0);
	ck_assert_int_eq(offline_is_directory(-1), -EBADF);
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(offline_is_directory(pipes[0]), 0);
	ck_assert(offline_same_file(directory, directory));
	ck_assert(!offline_same_file(directory, file));
	close(file);
	file = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	parent = offline_parent(file);
	/* Before 5.10.162 nothing shows that procfs has no server. */
	if (parent != -EOPNOTSUPP) {
		close(file);
		file = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
		ck_assert(offline_same_file(parent, file));
	}
	close(parent);
	close(file);
	close(directory);
	close(pipes[0]);
	close(pipes[1]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("offline");
	TCase *tc = tcase_create("offline");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, names);
	tcase_add_test(tc, own_mounts);
	tcase_add_test(tc, free_ways);
	tcase_add_test(tc, files);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
