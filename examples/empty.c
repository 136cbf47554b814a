// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * empty.c - moves the calling thread into a mount namespace that has nothing but an empty root
 * directory, mounts a tmpfs there, and shows that no file of the host can be reached. Needs
 * root.
 *
 *	cc empty.c -o empty $(pkg-config --cflags --libs libmntcompat)
 *	./empty
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <mntcompat.h>

int main(void)
{
	if (mntcompat_unshare(MNTCOMPAT_UNSHARE_EMPTY_MNTNS) < 0) {
		perror("mntcompat_unshare");
		return 1;
	}
	printf("/usr is %s\n", access("/usr", F_OK) == 0 ? "there" : "not there");
	/* The empty root directory cannot be written; a filesystem on it can. */
	if (mount("tmpfs", "/", "tmpfs", 0, NULL) < 0 || chroot("/..") < 0 || chdir("/") < 0) {
		perror("a tmpfs");
		return 1;
	}
	if (mkdir("/data", 0755) < 0) {
		perror("/data");
		return 1;
	}
	printf("/data was made\n");
	return 0;
}
