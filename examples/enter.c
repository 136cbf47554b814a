// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * enter.c - makes a mount namespace that holds only a directory, enters it and runs a command
 * there, or prints the names in its root. The caller's mounts stay as they are. Needs root.
 *
 *	cc enter.c -o enter $(pkg-config --cflags --libs libmntcompat)
 *	./enter DIRECTORY [COMMAND [ARGUMENT...]]
 */
#define _GNU_SOURCE /* setns() */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>
#include <mntcompat.h>

static int print_root(void)
{
	DIR *root = opendir("/");
	struct dirent *entry;

	if (!root) {
		perror("/");
		return 1;
	}
	while ((entry = readdir(root)))
		if (entry->d_name[0] != '.')
			puts(entry->d_name);
	closedir(root);
	return 0;
}

int main(int argc, char **argv)
{
	int fd;

	if (argc < 2) {
		fprintf(stderr, "usage: enter DIRECTORY [COMMAND [ARGUMENT...]]\n");
		return 2;
	}
	fd = mntcompat_open_tree(AT_FDCWD, argv[1],
				 MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					 MNTCOMPAT_AT_RECURSIVE);
	if (fd < 0) {
		/* The caller is where it was; there is nothing to undo. */
		perror(argv[1]);
		return 1;
	}
	/* This changes the root and the working directory as well. */
	if (setns(fd, CLONE_NEWNS) < 0) {
		perror("setns");
		return 1;
	}
	if (argc == 2)
		return print_root();
	execv(argv[2], argv + 2);
	perror(argv[2]);
	return 1;
}
