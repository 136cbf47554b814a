// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-namespace.c - "mntcompat namespace": runs a command in a mount namespace made of a directory.
 * mntcompat(1) documents its exit statuses. Uses <mntcompat.h> and libc, nothing inside the
 * library.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mntcompat.h>
#include "tools/tool.h"

static const struct advice namespace_advice[] = {
	{ EPERM, "run it as root, or in a user namespace: unshare --user --map-root-user" },
	{ EACCES, "give a directory that you have permission to search" },
	{ ENOENT, "give a directory that exists" },
	{ ENOTDIR, "give a directory" },
	{ EINVAL,
	  "give a directory whose mount can be copied: not unbindable, not unmounted, in this mount "
	  "namespace; and leave out --no-recursive if locked mounts lie below it" },
	{ ENOSPC, "raise /proc/sys/user/max_mnt_namespaces" },
	{ EMFILE, "raise the limit of open files: ulimit -n" },
	{ ENOSYS,
	  "the kernel lacks it, and it cannot be emulated here; see REQUIREMENTS in mntcompat(7)" },
	{ EOPNOTSUPP, "it cannot be emulated for this tree; --verbose prints why" },
	{ 0, NULL },
};

static const struct advice setns_advice[] = {
	{ EPERM, "you need CAP_SYS_ADMIN and CAP_SYS_CHROOT" },
	{ 0, NULL },
};

static int run_namespace(const char *dir, bool recursive, char **command)
{
	unsigned int flags = MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC;
	char *shell[2] = { NULL, NULL };
	char hint[PATH_MAX + 64];
	int fd;

	if (recursive)
		flags |= MNTCOMPAT_AT_RECURSIVE;
	fd = mntcompat_open_tree(AT_FDCWD, dir, flags);
	if (fd < 0) {
		complain(namespace_advice, errno, "cannot make a mount namespace of %s", dir);
		return EXIT_OURS;
	}
	if (setns(fd, CLONE_NEWNS) < 0) {
		complain(setns_advice, errno, "cannot enter the mount namespace made of %s", dir);
		return EXIT_OURS;
	}
	if (!command[0]) {
		shell[0] = getenv("SHELL");
		if (!shell[0] || !shell[0][0])
			shell[0] = (char *)"/bin/sh";
		command = shell;
	}
	snprintf(hint, sizeof(hint), "it must exist inside %s, with its interpreter and libraries",
		 dir);
	return run_command(command, hint);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "recursive", no_argument, NULL, 'r' },
		{ "no-recursive", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	bool recursive = true;
	const char *dir;
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (option == 'r')
			recursive = true;
		else if (option == 'n')
			recursive = false;
		else
			return EXIT_OURS;
	}
	if (optind >= argc)
		return usage_error(EXIT_OURS, "namespace needs a directory");
	dir = argv[optind++];
	if (optind < argc && strcmp(argv[optind], "--") == 0)
		optind++;
	return run_namespace(dir, recursive, argv + optind);
}

const struct command command_namespace = {
	"namespace",
	"[--recursive|--no-recursive] DIR [--] [COMMAND [ARG...]]",
	"make a mount namespace whose root is DIR and run COMMAND (default: $SHELL) in it",
	"  --recursive       with the mounts below DIR (default)\n"
	"  --no-recursive    without them\n",
	run,
};
