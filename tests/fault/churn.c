// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * churn.c - other processes mount and unmount all the time, and give the ids of ended mounts to new
 * ones. Mounts that stay have to be in each list and each walk, once and in order, and each of them
 * has to be described as it is. Root only. Run by make check-fault; TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"

#define STAY 120
#define GO 30
#define CHURNERS 3
#define ALL 0x7fffull
#define ROOM 8192

static uint64_t want[STAY];
static char world[64];

/* A fault that was found, and how often. */
struct count {
	const char *name;
	long calls, wrong;
	char first[128];
};

static void wrong(struct count *count, const char *what, int error)
{
	if (!count->wrong++)
		snprintf(count->first, sizeof(count->first), "%s%s%s", what, error ? ": " : "",
			 error ? fault_errno_name(error) : "");
}

static void list(struct count *count, uint64_t below, unsigned int flags)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = below };
	static uint64_t ids[ROOM];
	ssize_t n = mntcompat_listmount(&req, ids, ROOM, flags);
	int have = 0;

	count->calls++;
	if (n < 0) {
		wrong(count, "refused", errno);
		return;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (i && (flags ? ids[i] >= ids[i - 1] : ids[i] <= ids[i - 1])) {
			wrong(count, ids[i] == ids[i - 1] ? "an id twice" : "not in order", 0);
			return;
		}
		for (size_t k = 0; k < STAY; k++)
			have += ids[i] == want[k];
	}
	if (have != STAY)
		wrong(count, "a mount is missing", 0);
}

static void walk(struct count *count, uint64_t below, unsigned int way)
{
	struct mntcompat_table_options options = {
		.size = sizeof(options), .mask = ALL, .mnt_id = below, .way = way
	};
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table;
	int ret = mntcompat_table_open(&options, &table), seen = 0;
	uint64_t last = 0;

	count->calls++;
	if (ret < 0) {
		wrong(count, "table_open", -ret);
		return;
	}
	while ((ret = mntcompat_table_next(table, &row)) > 0) {
		if (row->mnt_id <= last)
			wrong(count, row->mnt_id == last ? "an id twice" : "not in order", 0);
		last = row->mnt_id;
		for (int k = 0; k < STAY; k++)
			seen += row->mnt_id == want[k];
	}
	mntcompat_table_close(table);
	if (ret < 0)
		wrong(count, "table_next", -ret);
	else if (seen != STAY)
		wrong(count, "a mount is missing", 0);
}

/* Its line does not name the group that it receives from: all other lines have to be read. */
static bool is_slave(int k)
{
	return k && k % 8 == 0;
}

static void describe(struct count *count, int k, bool by_fd)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1, .param = ALL };
	struct mntcompat_statmount *answer;
	char path[96];
	int fd = -1, ret;

	snprintf(path, sizeof(path), "%s/s%d", world, k);
	if (by_fd) {
		fd = (int)fault_must(open(path, O_PATH | O_CLOEXEC), path);
		req.mnt_fd = (uint32_t)fd;
	} else {
		req.mnt_id = want[k];
	}
	count->calls++;
	ret = mntcompat_statmount_alloc(&req, by_fd ? MNTCOMPAT_STATMOUNT_BY_FD : 0, &answer);
	if (fd >= 0)
		close(fd);
	if (ret < 0) {
		wrong(count, "refused", -ret);
		return;
	}
	if (answer->mnt_id != want[k] || strcmp(answer->str + answer->mnt_point, path))
		wrong(count, "another mount", 0);
	else if (!(answer->mask & MNTCOMPAT_STATMOUNT_SB_BASIC))
		wrong(count, "no superblock", 0);
	else if (!(answer->mask & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM) ||
		 !answer->propagate_from != !is_slave(k))
		wrong(count, "propagate_from", 0);
	free(answer);
}

static void churner(uint64_t seed)
{
	char path[96];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		snprintf(path, sizeof(path), "%s/x%u", world, fault_random(&seed) % GO);
		umount2(path, MNT_DETACH);
		if (fault_random(&seed) & 1)
			mount("x", path, "tmpfs", 0, "size=4k");
	}
}

static void make(const char *kind, int k)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s%d", world, kind, k);
	fault_must(mkdir(path, 0755), path);
	if (*kind == 's' && is_slave(k)) {
		char first[96];

		snprintf(first, sizeof(first), "%s/s0", world);
		fault_must(mount(first, path, NULL, MS_BIND, NULL), path);
		fault_must(mount(NULL, path, NULL, MS_SLAVE, NULL), path);
		return;
	}
	fault_must(mount(kind, path, "tmpfs", 0, "size=4k"), path);
	if (*kind == 's' && !k)
		fault_must(mount(NULL, path, NULL, MS_SHARED, NULL), path);
}

static uint64_t id_of(const char *path)
{
	struct mntcompat_statx stx;

	fault_must(mntcompat_statx(AT_FDCWD, path, 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx), path);
	return stx.stx_mnt_id;
}

static void level(const char *kernel, uint64_t milliseconds)
{
	struct count counts[] = {
		{ .name = "listmount" },       { .name = "listmount, reverse" },
		{ .name = "listmount below" }, { .name = "a walk" },
		{ .name = "a walk below" },    { .name = "a walk over lines" },
		{ .name = "statmount by fd" }, { .name = "statmount by id" },
	};
	uint64_t end, top;
	char path[96], name[128];

	mntcompat_set_kernel(kernel);
	top = id_of(world);
	for (int k = 0; k < STAY; k++) {
		snprintf(path, sizeof(path), "%s/s%d", world, k);
		want[k] = id_of(path);
	}
	end = fault_now() + milliseconds;
	for (int round = 0; fault_now() < end; round++) {
		list(&counts[0], MNTCOMPAT_LSMT_ROOT, 0);
		list(&counts[1], MNTCOMPAT_LSMT_ROOT, MNTCOMPAT_LISTMOUNT_REVERSE);
		list(&counts[2], top, 0);
		walk(&counts[3], MNTCOMPAT_LSMT_ROOT, MNTCOMPAT_TABLE_ANY);
		walk(&counts[4], top, MNTCOMPAT_TABLE_ANY);
		for (int i = 0; i < 8; i++) {
			describe(&counts[6], (round * 8 + i) % STAY, true);
			describe(&counts[7], (round * 8 + i) % STAY, false);
		}
		/* From 6.8 on the ids of lines are the kernel's, and change meanwhile. */
		if (kernel)
			walk(&counts[5], top, MNTCOMPAT_TABLE_MOUNTINFO);
	}
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		const struct count *count = &counts[i];

		snprintf(name, sizeof(name), "%s%s%s", count->name, kernel ? ", as on Linux " : "",
			 kernel ? kernel : "");
		if (!count->calls)
			tap_skip(name, "only before 6.8");
		else
			tap_result(!count->wrong, name, "%ld of %ld calls, first: %s", count->wrong,
				   count->calls, count->first);
	}
}

int main(int argc, char **argv)
{
	pid_t churners[CHURNERS];
	uint64_t milliseconds = 2500;
	int option;

	while ((option = getopt(argc, argv, "t:")) >= 0)
		if (option == 't')
			milliseconds = strtoull(optarg, NULL, 10) * 1000;
	if (geteuid())
		tap_skip_all("needs root");
	tap_plan(16);
	fault_world_place(world);
	fault_must(unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS)");
	fault_must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
	fault_must(mount("world", world, "tmpfs", 0, "mode=755,size=1m"), world);
	for (int k = 0; k < STAY; k++) {
		make("s", k);
		if (k % (STAY / GO) == 0)
			make("x", k / (STAY / GO));
	}
	for (int i = 0; i < CHURNERS; i++) {
		churners[i] = (pid_t)fault_must(fork(), "fork");
		if (!churners[i])
			churner((uint64_t)i + 1);
	}
	level(NULL, milliseconds);
	level("5.10", milliseconds);
	for (int i = 0; i < CHURNERS; i++) {
		kill(churners[i], SIGKILL);
		waitpid(churners[i], NULL, 0);
	}
	umount2(world, MNT_DETACH);
	rmdir(world);
	return tap_exit();
}
