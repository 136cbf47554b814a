// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * selinux.c - the options that SELinux adds to a mount's: mnt_opts, opt_array and opt_sec_array by
 * every source of facts. Loads a policy, for good, and mounts below /tmp. Root only, in guests
 * whose kernel was started with SELinux, and without a policy. Run by tests/matrix/run; TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MASK \
	(MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_OPT_ARRAY | \
	 MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY)

#define SELINUX "/sys/fs/selinux"
#define PLAIN "base_u:base_r:other_t:s0"
#define COMMA "\"base_u:base_r:other_t:s0:c0,c2\""
#define COMMA_SPLIT "\"base_u:base_r:other_t:s0:c0|c2\""

/*
 * The answers of native 7.3, but for inode64, which not every kernel has; | ends an element. The
 * kernel splits inside the quotes as well.
 */
static const struct {
	const char *name, *data, *opts, *array, *security;
} cases[] = {
	{ "seclabel", "mode=700", "seclabel,mode=700", "mode=700|", "seclabel|" },
	{ "context", "size=1m,context=" PLAIN, "context=" PLAIN ",size=1024k", "size=1024k|",
	  "context=" PLAIN "|" },
	{ "context-categories", "size=1m,context=" COMMA, "context=" COMMA ",size=1024k",
	  "size=1024k|", "context=" COMMA_SPLIT "|" },
	{ "fscontext", "fscontext=" PLAIN ",mode=700", "fscontext=" PLAIN ",seclabel,mode=700",
	  "mode=700|", "fscontext=" PLAIN "|seclabel|" },
	{ "fscontext-categories", "fscontext=" COMMA ",mode=700",
	  "fscontext=" COMMA ",seclabel,mode=700", "mode=700|",
	  "fscontext=" COMMA_SPLIT "|seclabel|" },
	{ "rootcontext", "rootcontext=" COMMA, "rootcontext=" COMMA ",seclabel", "",
	  "rootcontext=" COMMA_SPLIT "|seclabel|" },
	{ "both", "rootcontext=" COMMA ",fscontext=" PLAIN,
	  "fscontext=" PLAIN ",rootcontext=" COMMA ",seclabel", "",
	  "fscontext=" PLAIN "|rootcontext=" COMMA_SPLIT "|seclabel|" },
};

static const struct {
	const char *name;
	enum mntcompat_mode mode;
	const char *kernel;
} ways[] = {
	{ "auto", MNTCOMPAT_MODE_AUTO, NULL },
	{ "emulate", MNTCOMPAT_MODE_EMULATE, NULL },
	{ "as 6.8", MNTCOMPAT_MODE_EMULATE, "6.8" },
	{ "as 5.10", MNTCOMPAT_MODE_EMULATE, "5.10" },
	{ "as 4.18", MNTCOMPAT_MODE_EMULATE, "4.18" },
};

static union {
	struct mntcompat_statmount answer;
	char room[8192];
} buf;

/* An array's elements, each with | behind it. */
static void join(char *to, size_t size, bool there, uint32_t offset, uint32_t count)
{
	const char *at = buf.answer.str + offset;

	for (*to = '\0'; there && count; count--, at += strlen(at) + 1)
		snprintf(to + strlen(to), size - strlen(to), "%s|", at);
}

/* The last of a tmpfs' options. */
static void without_inode64(char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	if (length >= tail && !strcmp(text + length - tail, end))
		text[length - tail] = '\0';
}

static void check(const char *path, size_t number, const char *way)
{
	char opts[512] = "", array[512], security[512], name[128];
	struct mntcompat_mnt_id_req req = { .size = sizeof(req), .param = MASK };
	int fd = open(path, O_PATH | O_CLOEXEC);
	bool good;

	snprintf(name, sizeof(name), "%s: %s", cases[number].name, way);
	fault_must(fd, path);
	req.mnt_fd = (uint32_t)fd;
	if (mntcompat_statmount(&req, &buf.answer, sizeof(buf), MNTCOMPAT_STATMOUNT_BY_FD)) {
		tap_result(false, name, "%s", strerror(errno));
		close(fd);
		return;
	}
	close(fd);
	if (buf.answer.mask & MNTCOMPAT_STATMOUNT_MNT_OPTS)
		snprintf(opts, sizeof(opts), "%s", buf.answer.str + buf.answer.mnt_opts);
	join(array, sizeof(array), buf.answer.mask & MNTCOMPAT_STATMOUNT_OPT_ARRAY,
	     buf.answer.opt_array, buf.answer.opt_num);
	join(security, sizeof(security), buf.answer.mask & MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY,
	     buf.answer.opt_sec_array, buf.answer.opt_sec_num);
	without_inode64(opts, ",inode64");
	without_inode64(array, "inode64|");
	good = !strcmp(opts, cases[number].opts) && !strcmp(array, cases[number].array) &&
	       !strcmp(security, cases[number].security);
	tap_result(good, name, "%s; %s; %s (%s)", opts, array, security,
		   mntcompat_way_name(mntcompat_last_way()));
}

static void load_policy(const char *path)
{
	static char policy[64 << 10];
	int fd = (int)fault_must(open(path, O_RDONLY | O_CLOEXEC), path);
	ssize_t length = fault_must(read(fd, policy, sizeof(policy)), path);

	close(fd);
	fd = (int)fault_must(open(SELINUX "/load", O_WRONLY | O_CLOEXEC), SELINUX "/load");
	/* A policy has to come in one piece. */
	if (write(fd, policy, (size_t)length) != length)
		fault_broken("the policy: %s", strerror(errno));
	close(fd);
}

int main(int argc, char **argv)
{
	char path[64];
	size_t i, j;

	if (argc != 2) {
		fprintf(stderr, "usage: selinux POLICY\n");
		return 2;
	}
	if (geteuid() != 0)
		tap_skip_all("needs root");
	if (access(argv[1], R_OK))
		tap_skip_all(
			"there is no policy: checkpolicy(8) was not installed where this guest was made");
	if (mount("selinuxfs", SELINUX, "selinuxfs", 0, NULL))
		tap_skip_all("SELinux is not this kernel's security module");
	load_policy(argv[1]);
	tap_plan(ARRAY_SIZE(cases) * ARRAY_SIZE(ways));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(path, sizeof(path), "/tmp/%s", cases[i].name);
		fault_must(mkdir(path, 0755), path);
		if (mount("tmpfs", path, "tmpfs", 0, cases[i].data)) {
			if (errno != EINVAL)
				fault_broken("%s: %s", cases[i].data, strerror(errno));
			for (j = 0; j < ARRAY_SIZE(ways); j++)
				tap_skip(cases[i].name, "this kernel does not take these options");
			continue;
		}
		for (j = 0; j < ARRAY_SIZE(ways); j++) {
			fault_must(mntcompat_set_mode(ways[j].mode), "mntcompat_set_mode");
			fault_must(mntcompat_set_kernel(ways[j].kernel), "mntcompat_set_kernel");
			check(path, i, ways[j].name);
		}
		fault_must(umount(path), path);
		fault_must(rmdir(path), path);
	}
	fault_must(umount(SELINUX), SELINUX);
	return tap_exit();
}
