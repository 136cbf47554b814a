// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-namespace.c - "mntcompat namespace": runs a command in a mount namespace made of a directory;
 * container.c adds binds, /proc and /dev. mntcompat(1) documents its exit statuses. Uses
 * <mntcompat.h> and libc, nothing inside the library.
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
#include "tools/container.h"
#include "tools/tool.h"

static const struct advice namespace_advice[] = {
	ADVICE_NATIVE,
	ADVICE_NATIVE_FLAG("7.0"),
	{ EPERM, "this container lacks CAP_SYS_ADMIN: grant it, or add --user",
	  is_root_without_admin },
	{ EPERM,
	  "this system's filter or security module refuses it to root; --verbose prints the steps",
	  is_root },
	{ EPERM, "run it as root, or add --user", NULL },
	{ EACCES, "give a directory that you have permission to search", NULL },
	{ ENOENT, "give a directory that exists", NULL },
	{ ENOTDIR, "give a directory", NULL },
	{ EINVAL,
	  "give a directory whose mount can be copied: not unbindable, not unmounted, in this mount "
	  "namespace; and leave out --no-recursive if locked mounts lie below it",
	  NULL },
	{ ENOSPC, "raise /proc/sys/user/max_mnt_namespaces", NULL },
	{ EMFILE, "raise the limit of open files: ulimit -n", NULL },
	{ ENOSYS,
	  "the kernel lacks it, or this container's system call filter hides it; mntcompat probe open_tree.namespace prints more",
	  is_filtered },
	{ ENOSYS,
	  "the kernel lacks it, and it cannot be emulated here; see REQUIREMENTS in mntcompat(7)",
	  NULL },
	{ EOPNOTSUPP, "it cannot be emulated for this tree; --verbose prints why", NULL },
	{ 0, NULL, NULL },
};

static const struct advice setns_advice[] = {
	{ EPERM, "you need CAP_SYS_ADMIN and CAP_SYS_CHROOT", NULL },
	{ 0, NULL, NULL },
};

static int run_namespace(const struct container *container, char **command)
{
	unsigned int flags = MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC;
	const char *dir = container->directory;
	char *shell[2] = { NULL, NULL };
	char hint[PATH_MAX + 64];
	int fd, status, root = AT_FDCWD;

	if (container->recursive || container_is_needed(container))
		flags |= MNTCOMPAT_AT_RECURSIVE;
	if (container_is_needed(container)) {
		status = container_enter_user(container);
		if (!status)
			status = container_fork(container);
		if (status)
			return status;
		root = container_assemble(container);
		if (root < 0)
			return EXIT_OURS;
		flags |= MNTCOMPAT_AT_EMPTY_PATH;
	}
	fd = mntcompat_open_tree(root, root == AT_FDCWD ? dir : "", flags);
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

enum {
	KEY_RECURSIVE = LONG_ONLY,
	KEY_NO_RECURSIVE,
	KEY_BIND,
	KEY_READ_ONLY,
	KEY_PROC,
	KEY_DEV,
	KEY_USER
};

static const struct option_row options[] = {
	{ "bind", KEY_BIND, VALUES_FILE, false, "SRC:DST[:ro]",
	  "mount SRC of this system on DST inside, with what is mounted below it; may be given several times" },
	{ "read-only", KEY_READ_ONLY, VALUES_NONE, false, NULL,
	  "make DIR read-only inside; binds are writable unless :ro" },
	{ "proc", KEY_PROC, VALUES_NONE, false, NULL,
	  "mount /proc inside, and run COMMAND in a pid namespace" },
	{ "dev", KEY_DEV, VALUES_NONE, false, NULL,
	  "mount a /dev with null, zero, tty, pts, … inside" },
	{ "user", KEY_USER, VALUES_NONE, false, NULL,
	  "as root of a new user namespace: needs no privilege" },
	{ "recursive", KEY_RECURSIVE, VALUES_NONE, false, NULL,
	  "with the mounts below DIR (default)" },
	{ "no-recursive", KEY_NO_RECURSIVE, VALUES_NONE, false, NULL, "without them" },
	{ NULL, 0, VALUES_NONE, false, NULL, NULL },
};

static int run(int argc, char **argv)
{
	static struct container container = { .recursive = true };
	int option;

	while ((option = next_option(&command_namespace, argc, argv)) != -1) {
		switch (option) {
		case KEY_RECURSIVE:
		case KEY_NO_RECURSIVE:
			container.recursive = option == KEY_RECURSIVE;
			break;
		case KEY_BIND:
			if (!container_add_bind(&container, optarg))
				return usage_error(
					&command_namespace,
					"--bind takes SRC:DST or SRC:DST:ro with an absolute DST, not %s",
					optarg);
			break;
		case KEY_READ_ONLY:
			container.read_only = true;
			break;
		case KEY_PROC:
			container.proc = true;
			break;
		case KEY_DEV:
			container.dev = true;
			break;
		case KEY_USER:
			container.user = true;
			break;
		}
	}
	if (optind >= argc)
		return usage_error(&command_namespace, "namespace needs a directory");
	container.directory = argv[optind++];
	if (optind < argc && strcmp(argv[optind], "--") == 0)
		optind++;
	return run_namespace(&container, argv + optind);
}

const struct command command_namespace = {
	.name = "namespace",
	.arguments = "[OPTION...] DIR [--] [COMMAND [ARG...]]",
	.summary =
		"make a mount namespace whose root is DIR and run COMMAND (default: $SHELL) in it",
	.options = options,
	.operands = { VALUES_DIRECTORY, VALUES_COMMAND },
	.usage_status = EXIT_OURS,
	.run = run,
};
