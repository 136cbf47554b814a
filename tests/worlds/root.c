// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * root.c - three worlds: "/" is a directory of a mount, the mount of a directory, a subvolume of
 * btrfs. The directories of the usual "/" are bound into it.
 */
#define _GNU_SOURCE
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define IMAGE_SIZE (256l << 20)

static const char *set_up_chroot(void)
{
	static char root[256];

	snprintf(root, sizeof(root), "%s", world_path("root", true));
	world_outer_root = root;
	world_fill_root(root);
	if (chroot(root) || chdir("/"))
		world_broken("chroot: %s", strerror(errno));
	return NULL;
}

/* The mount of @path becomes "/". */
static void move_to_root(const char *path)
{
	world_fill_root(path);
	if (chdir(path) || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		world_broken("another /: %s", strerror(errno));
}

static const char *set_up_bind(void)
{
	const char *root = world_path("root", true);

	if (mount(root, root, NULL, MS_BIND, NULL))
		world_broken("bind: %s", strerror(errno));
	move_to_root(root);
	return NULL;
}

static bool make_filesystem(const char *image)
{
	int status, null;
	pid_t pid = fork();

	if (!pid) {
		null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execlp("mkfs.btrfs", "mkfs.btrfs", "-q", image, (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/* The name of a device that ends with its last mount; false if there is none. */
static bool attach(const char *image, char *name, size_t room)
{
	struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR };
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), fd = -1, file, i, number;
	bool ok = false;

	file = open(image, O_RDWR | O_CLOEXEC);
	for (i = 0; control >= 0 && file >= 0 && i < 16 && !ok; i++) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		snprintf(name, room, "/dev/loop%d", number);
		fd = number < 0 ? -1 : open(name, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			break;
		/* Another process may have been faster. */
		ok = !ioctl(fd, LOOP_SET_FD, file) && !ioctl(fd, LOOP_SET_STATUS64, &info);
		if (!ok)
			close(fd);
	}
	/* The descriptor of the device is left open until there is a mount of it. */
	if (file >= 0)
		close(file);
	if (control >= 0)
		close(control);
	return ok;
}

static const char *set_up_btrfs(void)
{
	static char why[128];
	struct btrfs_ioctl_vol_args subvolume = { .name = "@" };
	const char *image = world_path("image", false), *root = world_path("root", true);
	int fd = open(image, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char device[32];

	if (fd < 0 || ftruncate(fd, IMAGE_SIZE))
		world_broken("%s: %s", image, strerror(errno));
	close(fd);
	if (!make_filesystem(image))
		return "mkfs.btrfs is missing or fails";
	if (!attach(image, device, sizeof(device)))
		return "no loop device";
	if (mount(device, root, "btrfs", 0, NULL)) {
		snprintf(why, sizeof(why), "btrfs cannot be mounted: %s", strerror(errno));
		return why;
	}
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, BTRFS_IOC_SUBVOL_CREATE, &subvolume))
		world_broken("a subvolume: %s", strerror(errno));
	close(fd);
	if (umount2(root, 0) || mount(device, root, "btrfs", 0, "subvol=@"))
		world_broken("a subvolume: %s", strerror(errno));
	move_to_root(root);
	return NULL;
}

const struct world world_chroot = {
	.name = "chroot",
	.doc = "\"/\" is a directory in which no filesystem is mounted",
	/* In a chroot nobody makes a user namespace. */
	.levels = WORLD_ROOT | WORLD_USER,
	.set_up = set_up_chroot,
	.refuses = "EPERM",
	.root_is_no_mount = true,
};

const struct world world_bind_root = {
	.name = "bind-root",
	.doc = "\"/\" is the mount of a directory, not of a filesystem's root",
	.levels = WORLD_ALL,
	.set_up = set_up_bind,
};

const struct world world_btrfs_root = {
	.name = "btrfs-root",
	.doc = "\"/\" is a subvolume of btrfs",
	.levels = WORLD_ALL,
	.set_up = set_up_btrfs,
};
