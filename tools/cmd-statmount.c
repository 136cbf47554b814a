// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-statmount.c - "mntcompat statmount": prints every field that is known of a mount.
 * mntcompat(1) documents its output and exit statuses. Uses <mntcompat.h> and libc, nothing inside
 * the library.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mntcompat.h>
#include "tools/tool.h"
#include "tools/words.h"

static const struct advice statmount_advice[] = {
	{ EPERM, "run it as root: the mount is outside this process's root directory" },
	{ EBADF, "give the number of an open file descriptor" },
	{ EINVAL, "give a file that lies on a mount: pipes, sockets and the like do not" },
	{ ENOENT,
	  "give a mount of this mount namespace; a detached tree of one mount cannot be described" },
	{ ENOSYS,
	  "the kernel lacks it, and it cannot be emulated here; see REQUIREMENTS in mntcompat(7)" },
	{ EOPNOTSUPP, "it cannot be emulated for this mount; --verbose prints why" },
	{ 0, NULL },
};

static const struct advice open_advice[] = {
	{ EACCES, "give a path that you have permission to search" },
	{ ENOENT, "give a path that exists" },
	{ 0, NULL },
};

#define EVERYTHING 0x7fffu

static void print_string(const struct mntcompat_statmount *sm, uint64_t bit, const char *name,
			 uint32_t offset)
{
	if (!(sm->mask & bit))
		return;
	printf("%s: ", name);
	print_escaped(sm->str + offset);
	putchar('\n');
}

static void print_strings(const struct mntcompat_statmount *sm, uint64_t bit, const char *name,
			  uint32_t count, uint32_t offset)
{
	const char *s = sm->str + offset;

	if (!(sm->mask & bit))
		return;
	for (; count; count--) {
		printf("%s: ", name);
		print_escaped(s);
		putchar('\n');
		s += strlen(s) + 1;
	}
}

static void print_mount(const struct mntcompat_statmount *sm)
{
	if (sm->mask & MNTCOMPAT_STATMOUNT_MNT_BASIC) {
		printf("mnt_id: %" PRIu64 "\n", sm->mnt_id);
		printf("mnt_id_old: %" PRIu32 "\n", sm->mnt_id_old);
		printf("mnt_parent_id: %" PRIu64 "\n", sm->mnt_parent_id);
		printf("mnt_parent_id_old: %" PRIu32 "\n", sm->mnt_parent_id_old);
	}
	if (sm->mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID)
		printf("mnt_ns_id: %" PRIu64 "\n", sm->mnt_ns_id);
	print_string(sm, MNTCOMPAT_STATMOUNT_MNT_ROOT, "mnt_root", sm->mnt_root);
	print_string(sm, MNTCOMPAT_STATMOUNT_MNT_POINT, "mnt_point", sm->mnt_point);
	if (sm->mask & MNTCOMPAT_STATMOUNT_MNT_BASIC) {
		fputs("mnt_attr: ", stdout);
		write_mount_attr(stdout, sm->mnt_attr);
		fputs("\nmnt_propagation: ", stdout);
		write_propagation(stdout, sm->mnt_propagation);
		printf("\nmnt_peer_group: %" PRIu64 "\n", sm->mnt_peer_group);
		printf("mnt_master: %" PRIu64 "\n", sm->mnt_master);
	}
	if (sm->mask & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)
		printf("propagate_from: %" PRIu64 "\n", sm->propagate_from);
	if (sm->mask & MNTCOMPAT_STATMOUNT_SB_BASIC) {
		printf("sb_dev: %" PRIu32 ":%" PRIu32 "\n", sm->sb_dev_major, sm->sb_dev_minor);
		printf("sb_magic: 0x%" PRIx64 "\n", sm->sb_magic);
		fputs("sb_flags: ", stdout);
		write_superblock_flags(stdout, sm->sb_flags);
		putchar('\n');
	}
	print_string(sm, MNTCOMPAT_STATMOUNT_FS_TYPE, "fs_type", sm->fs_type);
	print_string(sm, MNTCOMPAT_STATMOUNT_FS_SUBTYPE, "fs_subtype", sm->fs_subtype);
	print_string(sm, MNTCOMPAT_STATMOUNT_SB_SOURCE, "sb_source", sm->sb_source);
	print_string(sm, MNTCOMPAT_STATMOUNT_MNT_OPTS, "mnt_opts", sm->mnt_opts);
	print_strings(sm, MNTCOMPAT_STATMOUNT_OPT_ARRAY, "opt", sm->opt_num, sm->opt_array);
	print_strings(sm, MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY, "opt_sec", sm->opt_sec_num,
		      sm->opt_sec_array);
	print_strings(sm, MNTCOMPAT_STATMOUNT_MNT_UIDMAP, "mnt_uidmap", sm->mnt_uidmap_num,
		      sm->mnt_uidmap);
	print_strings(sm, MNTCOMPAT_STATMOUNT_MNT_GIDMAP, "mnt_gidmap", sm->mnt_gidmap_num,
		      sm->mnt_gidmap);
	printf("mask: 0x%" PRIx64 "\n", sm->mask);
	if (sm->mask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)
		printf("supported_mask: 0x%" PRIx64 "\n", sm->supported_mask);
}

static int run_statmount(struct mntcompat_mnt_id_req *req, unsigned int flags, const char *what)
{
	struct mntcompat_statmount *sm = NULL;
	int error;

	req->size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1;
	req->param = EVERYTHING;
	error = mntcompat_statmount_alloc(req, flags, &sm);
	if (error < 0) {
		complain(statmount_advice, -error, "cannot describe the mount %s %s",
			 flags & MNTCOMPAT_STATMOUNT_BY_FD ? "of" : "with", what);
		return EXIT_FAILED;
	}
	print_mount(sm);
	free(sm);
	printf("way: %s\n", mntcompat_way_name(mntcompat_last_way()));
	return finish_output();
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "fd", required_argument, NULL, 'f' },
		{ "id", required_argument, NULL, 'i' },
		{ "namespace", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	struct mntcompat_mnt_id_req req = { .size = 0 };
	const char *namespace = NULL;
	unsigned int flags = MNTCOMPAT_STATMOUNT_BY_FD;
	char what[64] = "";
	uint64_t number;
	int option, fd, status;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option == 'n') {
			namespace = optarg;
			continue;
		}
		if (option != 'f' && option != 'i')
			return EXIT_USAGE;
		if (what[0])
			return usage_error(EXIT_USAGE, "statmount takes one --fd or --id");
		if (option == 'f') {
			if (!read_number(optarg, INT_MAX, &number))
				return usage_error(EXIT_USAGE, "%s is not a file descriptor",
						   optarg);
			req.mnt_fd = (uint32_t)number;
			snprintf(what, sizeof(what), "fd %" PRIu64, number);
		} else {
			if (!read_number(optarg, UINT64_MAX, &number))
				return usage_error(EXIT_USAGE, "%s is not a mount id", optarg);
			req.mnt_id = number;
			flags = 0;
			snprintf(what, sizeof(what), "id %" PRIu64, number);
		}
	}
	if (argc - optind != (what[0] ? 0 : 1))
		return usage_error(EXIT_USAGE, "statmount takes one path, or --fd or --id");
	if (namespace && (!what[0] || flags))
		return usage_error(EXIT_USAGE, "--namespace needs --id");
	if (namespace) {
		fd = open_namespace(namespace);
		if (fd < 0)
			return EXIT_FAILED;
		req.mnt_fd = (uint32_t)fd;
		status = run_statmount(&req, flags, what);
		close(fd);
		return status;
	}
	if (what[0])
		return run_statmount(&req, flags, what);

	fd = open_file(argv[optind], O_PATH);
	if (fd < 0) {
		complain(open_advice, errno, "cannot open %s", argv[optind]);
		return EXIT_FAILED;
	}
	req.mnt_fd = (uint32_t)fd;
	status = run_statmount(&req, flags, argv[optind]);
	close(fd);
	return status;
}

const struct command command_statmount = {
	"statmount",
	"PATH | --fd N | --id ID [--namespace FILE]",
	"print what is known about the mount that holds PATH",
	"  --fd N            the mount that holds the open file descriptor N\n"
	"  --id ID           the mount with this unique id, in the current mount namespace\n"
	"  --namespace FILE  with --id: in another mount namespace, for example /proc/PID/ns/mnt\n",
	run,
};
