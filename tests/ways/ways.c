// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ways.c - which way each public call goes on this kernel, and what the feature table says; for
 * docs/compatibility.md. Makes each call once in a child with a mount namespace and a tmpfs of its
 * own. Root only. Run by tests/matrix/run and scripts/compatibility.
 *
 *	ways			a line for each call: name, way or errno
 *	ways --features		a line for each feature: name, first kernel, what it is for
 *	ways --expected=FILE	TAP: is each call's way the one that FILE has for this kernel?
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/calls.h"
#include "compat/kernel/uapi.h"
#include "compat/kernel/feature.h"

#define NEW_NAMESPACE \
	(MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC | MNTCOMPAT_AT_RECURSIVE)
#define READ_ONLY 1u

static void __attribute__((format(printf, 1, 2), noreturn)) broken(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "ways: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(args);
	exit(99);
}

static int opened(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		broken("%s", path);
	return fd;
}

static uint64_t mount_id(const char *path)
{
	struct mntcompat_statx stx;

	if (mntcompat_statx(AT_FDCWD, path, 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx))
		broken("the id of %s", path);
	return stx.stx_mnt_id;
}

static int made_namespace(void)
{
	int fd = mntcompat_open_tree(AT_FDCWD, "tree", NEW_NAMESPACE);

	if (fd < 0)
		broken("open_tree");
	return fd;
}

/* --- the calls --- */

static union {
	struct mntcompat_statmount answer;
	char room[4096];
} buf;
static uint64_t ids[4096];

static long call_open_tree(void)
{
	return mntcompat_open_tree(AT_FDCWD, "tree", NEW_NAMESPACE);
}

static long call_open_tree_attr(void)
{
	struct mntcompat_mount_attr attr = { .attr_set = READ_ONLY };

	return mntcompat_open_tree_attr(AT_FDCWD, "tree",
					MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC,
					&attr, sizeof(attr));
}

static long call_fsmount(void)
{
	int fd = (int)syscall(UAPI_NR_fsopen, "tmpfs", UAPI_FSOPEN_CLOEXEC);

	if (fd < 0 || syscall(UAPI_NR_fsconfig, fd, UAPI_FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		broken("a filesystem context");
	return mntcompat_fsmount(fd, MNTCOMPAT_FSMOUNT_NAMESPACE | MNTCOMPAT_FSMOUNT_CLOEXEC, 0);
}

static long call_unshare(void)
{
	return mntcompat_unshare(MNTCOMPAT_UNSHARE_EMPTY_MNTNS);
}

static long call_clone3(void)
{
	struct mntcompat_clone_args args = { .flags = MNTCOMPAT_CLONE_EMPTY_MNTNS,
					     .exit_signal = SIGCHLD };
	pid_t pid = mntcompat_clone3(&args, sizeof(args));

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid;
}

static long move_clone(unsigned int flags, const char *to)
{
	int fd = (int)syscall(UAPI_NR_open_tree, AT_FDCWD, "tree", MNTCOMPAT_OPEN_TREE_CLONE);

	if (fd < 0)
		broken("a clone");
	return mntcompat_move_mount(fd, "", AT_FDCWD, to,
				    MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH | flags);
}

static long call_move_mount(void)
{
	return move_clone(0, "empty");
}

static long call_beneath(void)
{
	return move_clone(MNTCOMPAT_MOVE_MOUNT_BENEATH, "tree");
}

static long call_set_group(void)
{
	if (mount(NULL, "tree", NULL, MS_SHARED, NULL) ||
	    mount("tree", "empty", NULL, MS_BIND, NULL) ||
	    mount(NULL, "empty", NULL, MS_PRIVATE, NULL))
		broken("mounts for MOVE_MOUNT_SET_GROUP");
	return mntcompat_move_mount(AT_FDCWD, "tree", AT_FDCWD, "empty",
				    MNTCOMPAT_MOVE_MOUNT_SET_GROUP);
}

static long call_mount_setattr(void)
{
	struct mntcompat_mount_attr attr = { .attr_set = READ_ONLY };

	return mntcompat_mount_setattr(AT_FDCWD, "tree", MNTCOMPAT_AT_RECURSIVE, &attr,
				       sizeof(attr));
}

static long list(uint64_t id, uint64_t ns_id, int ns_fd, unsigned int flags)
{
	struct mntcompat_mnt_id_req req = {
		.size = ns_id ? MNTCOMPAT_MNT_ID_REQ_SIZE_VER1 : MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
		.mnt_fd = (uint32_t)ns_fd,
		.mnt_id = id,
		.mnt_ns_id = ns_id,
	};

	return mntcompat_listmount(&req, ids, sizeof(ids) / sizeof(ids[0]), flags);
}

static long call_listmount(void)
{
	return list(MNTCOMPAT_LSMT_ROOT, 0, 0, 0);
}

static long call_reverse(void)
{
	return list(MNTCOMPAT_LSMT_ROOT, 0, 0, MNTCOMPAT_LISTMOUNT_REVERSE);
}

static long call_listmount_ns_fd(void)
{
	return list(MNTCOMPAT_LSMT_ROOT, 0, made_namespace(), 0);
}

static uint64_t made_id(void)
{
	uint64_t id;

	if (mntcompat_mount_namespace_id(made_namespace(), &id))
		broken("the id of a namespace");
	return id;
}

static long call_listmount_ns_id(void)
{
	return list(MNTCOMPAT_LSMT_ROOT, made_id(), 0, 0);
}

static long ask(struct mntcompat_mnt_id_req req, unsigned int flags)
{
	req.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1;
	req.param = 0x1fff;
	return mntcompat_statmount(&req, &buf.answer, sizeof(buf), flags);
}

static long call_by_fd(void)
{
	return ask((struct mntcompat_mnt_id_req){ .mnt_fd = (uint32_t)opened("tree", O_PATH) },
		   MNTCOMPAT_STATMOUNT_BY_FD);
}

static long call_by_fd_unmounted(void)
{
	int fd = opened("tree", O_PATH);

	if (umount2("tree", MNT_DETACH))
		broken("umount");
	return ask((struct mntcompat_mnt_id_req){ .mnt_fd = (uint32_t)fd },
		   MNTCOMPAT_STATMOUNT_BY_FD);
}

static long call_by_id(void)
{
	return ask((struct mntcompat_mnt_id_req){ .mnt_id = mount_id("tree") }, 0);
}

static long call_by_id_elsewhere(void)
{
	uint64_t id = made_id();

	if (list(MNTCOMPAT_LSMT_ROOT, id, 0, 0) < 1)
		broken("the mounts of a namespace");
	return ask((struct mntcompat_mnt_id_req){ .mnt_id = ids[0], .mnt_ns_id = id }, 0);
}

static long call_statx(void)
{
	struct mntcompat_statx stx;

	return mntcompat_statx(AT_FDCWD, "tree", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx);
}

static long call_handle(void)
{
	union {
		struct mntcompat_file_handle handle;
		char room[256];
	} handle = { .handle = { .handle_bytes = 128 } };
	uint64_t id;

	return mntcompat_name_to_handle_at(AT_FDCWD, "tree", &handle.handle, &id,
					   MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE);
}

static long call_namespace_id(void)
{
	return mntcompat_namespace_id(opened("/proc/self/ns/uts", O_RDONLY), &ids[0]);
}

static long call_mount_namespace_id(void)
{
	return mntcompat_mount_namespace_id(opened("/proc/self/ns/mnt", O_RDONLY), &ids[0]);
}

static struct mntcompat_mnt_ns_info info;

static long call_info(void)
{
	return mntcompat_mount_namespace_info(opened("/proc/self/ns/mnt", O_RDONLY), &info);
}

/* Of two namespaces the one with the smaller id, or the larger: before 6.11 that is not the one
 * that came first. */
static int one_of_two(bool smaller)
{
	int fd = made_namespace(), own_fd = opened("/proc/self/ns/mnt", O_RDONLY);
	uint64_t own, made;

	if (mntcompat_mount_namespace_id(own_fd, &own) || mntcompat_mount_namespace_id(fd, &made))
		broken("ids");
	return (made < own) == smaller ? fd : own_fd;
}

static long call_next(void)
{
	return mntcompat_mount_namespace_next(one_of_two(true), &info);
}

static long call_prev(void)
{
	return mntcompat_mount_namespace_prev(one_of_two(false), &info);
}

static long call_listns(void)
{
	struct mntcompat_ns_id_req req = { .size = MNTCOMPAT_NS_ID_REQ_SIZE_VER0,
					   .ns_type = MNTCOMPAT_MNT_NS };

	return mntcompat_listns(&req, ids, sizeof(ids) / sizeof(ids[0]), 0);
}

static long call_enter_tree(void)
{
	return mntcompat_enter_tree(AT_FDCWD, "tree", MNTCOMPAT_AT_RECURSIVE);
}

static long call_namespace_of(void)
{
	return mntcompat_mount_namespace_of(getppid());
}

static long call_table(void)
{
	struct mntcompat_table_options options = { .size = sizeof(options), .mask = 0x1fff };
	struct mntcompat_table *table;
	int ret = mntcompat_table_open(&options, &table);

	errno = -ret;
	return ret;
}

static const struct {
	const char *name; /* the function, and the request */
	long (*call)(void);
} calls[] = {
	{ "mntcompat_open_tree OPEN_TREE_NAMESPACE", call_open_tree },
	{ "mntcompat_open_tree_attr OPEN_TREE_CLONE", call_open_tree_attr },
	{ "mntcompat_fsmount FSMOUNT_NAMESPACE", call_fsmount },
	{ "mntcompat_unshare UNSHARE_EMPTY_MNTNS", call_unshare },
	{ "mntcompat_clone3 CLONE_EMPTY_MNTNS", call_clone3 },
	{ "mntcompat_move_mount", call_move_mount },
	{ "mntcompat_move_mount MOVE_MOUNT_BENEATH", call_beneath },
	{ "mntcompat_move_mount MOVE_MOUNT_SET_GROUP", call_set_group },
	{ "mntcompat_mount_setattr AT_RECURSIVE", call_mount_setattr },
	{ "mntcompat_statmount STATMOUNT_BY_FD", call_by_fd },
	{ "mntcompat_statmount STATMOUNT_BY_FD, unmounted", call_by_fd_unmounted },
	{ "mntcompat_statmount by id", call_by_id },
	{ "mntcompat_statmount by id, mnt_ns_id", call_by_id_elsewhere },
	{ "mntcompat_listmount LSMT_ROOT", call_listmount },
	{ "mntcompat_listmount LISTMOUNT_REVERSE", call_reverse },
	{ "mntcompat_listmount mnt_ns_fd", call_listmount_ns_fd },
	{ "mntcompat_listmount mnt_ns_id", call_listmount_ns_id },
	{ "mntcompat_statx STATX_MNT_ID_UNIQUE", call_statx },
	{ "mntcompat_name_to_handle_at AT_HANDLE_MNT_ID_UNIQUE", call_handle },
	{ "mntcompat_namespace_id", call_namespace_id },
	{ "mntcompat_mount_namespace_id", call_mount_namespace_id },
	{ "mntcompat_mount_namespace_info", call_info },
	{ "mntcompat_mount_namespace_next", call_next },
	{ "mntcompat_mount_namespace_prev", call_prev },
	{ "mntcompat_listns", call_listns },
	{ "mntcompat_table_open", call_table },
	{ "mntcompat_mount_namespace_of", call_namespace_of },
	{ "mntcompat_enter_tree", call_enter_tree },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* Each row of calls.def has a line above: its name, alone or before a request. */
static void check_rows(void)
{
	char name[64];
	size_t i;

	for (int id = 0; id < CALLS_COUNT; id++) {
		size_t len =
			(size_t)snprintf(name, sizeof(name), "mntcompat_%s", calls_rows[id].name);

		for (i = 0; i < CALLS; i++)
			if (!strncmp(calls[i].name, name, len) && strchr(" ", calls[i].name[len]))
				break;
		if (i == CALLS) {
			fprintf(stderr, "ways: no line for %s\n", name);
			exit(99);
		}
	}
}

/* --- each in a child --- */

/* Not every libc has strerrorname_np(). */
static const char *errno_name(int error)
{
	switch (error) {
#define NAME(name) \
	case name: \
		return #name
		NAME(EPERM);
		NAME(ENOENT);
		NAME(EBADF);
		NAME(ENOMEM);
		NAME(EFAULT);
		NAME(EBUSY);
		NAME(EINVAL);
		NAME(EMFILE);
		NAME(ENOSPC);
		NAME(ENOSYS);
		NAME(ENOTTY);
		NAME(EOPNOTSUPP);
		NAME(EOVERFLOW);
		NAME(E2BIG);
		NAME(ELOOP);
#undef NAME
	}
	return "another errno";
}

struct outcome {
	char way[40];
};

static void child(size_t i, struct outcome *outcome)
{
	long ret;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) || chdir("/tmp") || mkdir("tree", 0755) ||
	    mkdir("empty", 0755) || mount("tmpfs", "tree", "tmpfs", 0, NULL) ||
	    mkdir("tree/a", 0755) || mount("tmpfs", "tree/a", "tmpfs", 0, NULL))
		broken("a world");
	ret = calls[i].call();
	snprintf(outcome->way, sizeof(outcome->way), "%s",
		 ret < 0 ? errno_name(errno) : mntcompat_way_name(mntcompat_last_way()));
	exit(0);
}

static struct outcome *outcomes;

static void run(void)
{
	outcomes = mmap(NULL, CALLS * sizeof(*outcomes), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (outcomes == MAP_FAILED)
		broken("mmap");
	for (size_t i = 0; i < CALLS; i++) {
		int status;
		pid_t pid;

		fflush(NULL);
		pid = fork();
		if (pid < 0)
			broken("fork");
		if (pid == 0)
			child(i, &outcomes[i]);
		if (waitpid(pid, &status, 0) < 0 || status)
			snprintf(outcomes[i].way, sizeof(outcomes[i].way), "broken %#x", status);
	}
}

/* "6.12" */
static const char *series(void)
{
	static struct utsname name;
	char *dot;

	if (uname(&name))
		broken("uname");
	dot = strchr(name.release, '.');
	if (dot)
		dot[1 + strspn(dot + 1, "0123456789")] = '\0';
	return name.release;
}

/* The line "SERIES<tab>CALL<tab>WAY" of @file, its way or NULL. */
static bool expected_way(FILE *file, const char *call, char *way, size_t size)
{
	char line[256], *tab, *second;

	rewind(file);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		tab = strchr(line, '\t');
		second = tab ? strchr(tab + 1, '\t') : NULL;
		if (!second)
			continue;
		*tab = *second = '\0';
		if (strcmp(line, series()) || strcmp(tab + 1, call))
			continue;
		snprintf(way, size, "%s", second + 1);
		return true;
	}
	return false;
}

static int compare(const char *path)
{
	FILE *file = fopen(path, "re");
	int failed = 0;
	char way[64];

	if (!file)
		broken("%s", path);
	printf("TAP version 13\n1..%zu\n", CALLS);
	for (size_t i = 0; i < CALLS; i++) {
		bool known = expected_way(file, calls[i].name, way, sizeof(way));
		bool same = known && !strcmp(way, outcomes[i].way);

		failed += !same;
		printf("%sok %zu - %s by %s\n", same ? "" : "not ", i + 1, calls[i].name,
		       outcomes[i].way);
		if (!same)
			printf("# expected on %s: %s; scripts/compatibility --record brings the table up to date\n",
			       series(), known ? way : "not in the table");
	}
	fclose(file);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const char expected[] = "--expected=";

	check_rows();
	if (argc == 2 && !strcmp(argv[1], "--features")) {
		for (int i = 0; i < FEATURE_COUNT; i++) {
			const struct feature *feature = feature_describe((enum feature_id)i);

			printf("%s\t%u.%u\t%s\n", feature->name, feature->since / 1000,
			       feature->since % 1000, feature->purpose);
		}
		return 0;
	}
	if (argc > 2 || (argc == 2 && strncmp(argv[1], expected, sizeof(expected) - 1))) {
		fprintf(stderr, "usage: ways [--features|--expected=FILE]\n");
		return 2;
	}
	if (geteuid() != 0) {
		fprintf(stderr, "ways: needs root\n");
		return 77;
	}
	run();
	if (argc == 2)
		return compare(argv[1] + sizeof(expected) - 1);
	for (size_t i = 0; i < CALLS; i++)
		printf("%s\t%s\t%s\n", series(), calls[i].name, outcomes[i].way);
	return 0;
}
