// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * filesystem.c - scenarios: what statmount says of the mounts of real filesystems, each with its
 * habits. Touches WORLD, loop devices that end with their mounts, and programs of its own; runs
 * mkfs programs on files in WORLD. Listed in scenario.c as filesystem_scenarios; states
 * sections 3.4 and 4 of the reference.
 */
#define _GNU_SOURCE
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/fuse.h>
#include <linux/loop.h>

/* The fields that depend on the filesystem and its mount, not on the namespace or the kernel. */
static uint64_t asked = MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_MNT_BASIC |
			MNTCOMPAT_STATMOUNT_MNT_ROOT | MNTCOMPAT_STATMOUNT_MNT_POINT |
			MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_FS_SUBTYPE |
			MNTCOMPAT_STATMOUNT_SB_SOURCE | MNTCOMPAT_STATMOUNT_MNT_OPTS |
			MNTCOMPAT_STATMOUNT_OPT_ARRAY | MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY;

/* Further paths, besides "m": a directory or a file on it, or another mount. */
static const char *more[4];

static void ask(const char *path)
{
	char label[64];
	uint64_t id;
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	must_fd(fd, path);
	snprintf(label, sizeof(label), "%s by fd", path);
	say_statmount_fd(label, fd, asked);
	id = statmount_unique_id(fd);
	snprintf(label, sizeof(label), "%s by id", path);
	say_statmount_id(label, id, asked);
	close(fd);
}

static void run(void)
{
	ask("m");
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]) && more[i]; i++)
		ask(more[i]);
}

/* A filesystem that the kernel lacks is a reason to skip; one that it refuses is not. */
static void mount_on(const char *point, const char *source, const char *type, unsigned long flags,
		     const char *data)
{
	make_dir(point);
	if (mount(source, point, type, flags, data) == 0)
		return;
	if (errno == ENODEV)
		scenario_skip("no filesystem %s in this kernel", type);
	scenario_broken("mount %s (%s): %s", type, data ? data : "", errno_name(errno));
}

static void mount_m(const char *source, const char *type, unsigned long flags, const char *data)
{
	mount_on("m", source, type, flags, data);
}

/* --- filesystems that need no device --- */

#define PLAIN(function, source, type, flags, data) \
	static void function(void) \
	{ \
		mount_m(source, type, flags, data); \
	}

PLAIN(prepare_proc, "proc", "proc", 0, NULL)
PLAIN(prepare_proc_options, "none", "proc", 0, "hidepid=2,gid=5")
PLAIN(prepare_sysfs, "sysfs", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)
PLAIN(prepare_devpts, "devpts", "devpts", 0, "gid=5,mode=620,ptmxmode=666")
PLAIN(prepare_securityfs, "securityfs", "securityfs", 0, NULL)
PLAIN(prepare_debugfs, "debugfs", "debugfs", 0, NULL)
PLAIN(prepare_tracefs, "tracefs", "tracefs", 0, NULL)
PLAIN(prepare_pstore, "pstore", "pstore", 0, NULL)
PLAIN(prepare_configfs, "configfs", "configfs", 0, NULL)
PLAIN(prepare_binfmt, "binfmt", "binfmt_misc", 0, NULL)
PLAIN(prepare_fusectl, "fusectl", "fusectl", 0, NULL)
PLAIN(prepare_bpf, "bpf", "bpf", 0, "mode=700")
PLAIN(prepare_mqueue, "mqueue", "mqueue", 0, NULL)
PLAIN(prepare_ramfs, "ram", "ramfs", 0, "mode=750")
PLAIN(prepare_hugetlbfs, "huge", "hugetlbfs", 0,
      "pagesize=2M,size=4M,nr_inodes=9,uid=3,gid=4,mode=700")
PLAIN(prepare_tmpfs, "tmpfs", "tmpfs", 0, "size=1m,nr_inodes=77,mode=1777,uid=5,gid=6")
PLAIN(prepare_tmpfs_flags, "none", "tmpfs", MS_SYNCHRONOUS | MS_DIRSYNC | MS_LAZYTIME | MS_RDONLY,
      "size=8k")
PLAIN(prepare_tmpfs_server, "[fe80::1%eth0]:/export/a b#c\\d,e", "tmpfs", 0, "size=8k")
PLAIN(prepare_tmpfs_comma, "a,b=c:rw", "tmpfs", 0, "size=16k,mode=700")
PLAIN(prepare_cgroup2, "cg", "cgroup2", 0, NULL)

static void prepare_devtmpfs(void)
{
	mount_m("udev", "devtmpfs", MS_NOSUID, NULL);
	/* Its options are the machine's memory. */
	asked &= ~(uint64_t)(MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_OPT_ARRAY);
	more[0] = "m/null";
}

/* A named hierarchy without controllers; its name and its release agent are options. */
static void prepare_cgroup1(void)
{
	mount_m("cgroup", "cgroup", 0, "none,name=mntcompat,xattr");
}

/* A directory of a cgroup hierarchy as the root of a mount: the filesystem prints the path itself
 * (show_path). */
static void prepare_cgroup_directory(void)
{
	mount_on("all", "cg", "cgroup2", 0, NULL);
	make_dir("m");
	if (mkdir("all/mntcompat a", 0755) && errno != EEXIST)
		scenario_skip("mkdir in cgroup2: %s", errno_name(errno));
	mount_bind("all/mntcompat a", "m", false);
	rmdir("all/mntcompat a");
}

static void prepare_nsfs(void)
{
	make_file("m", NULL);
	mount_bind("/proc/self/ns/uts", "m", false);
	make_file("user", NULL);
	mount_bind("/proc/self/ns/user", "user", false);
	more[0] = "user";
}

static void prepare_autofs(void)
{
	char data[128];
	int ends[2];

	must(pipe2(ends, O_CLOEXEC), "pipe");
	snprintf(data, sizeof(data), "fd=%d,pgrp=%d,minproto=5,maxproto=5,indirect", ends[1],
		 (int)getpgrp());
	mount_m("auto map", "autofs", 0, data);
}

/* --- FUSE: a server that knows one directory --- */

static int server_stays[2] = { -1, -1 };
static pid_t server = -1;

static void answer(int device, const struct fuse_in_header *question, int error, const void *data,
		   size_t size)
{
	struct fuse_out_header head = { .len = sizeof(head) + size,
					.error = error,
					.unique = question->unique };
	struct iovec parts[2] = { { &head, sizeof(head) }, { (void *)data, size } };

	if (writev(device, parts, size ? 2 : 1) < 0)
		_exit(1);
}

static void serve_one(int device, const struct fuse_in_header *question)
{
	const struct fuse_init_in *theirs = (const void *)(question + 1);
	struct fuse_init_out init = {
		.major = 7, .minor = 19, .max_write = 4096, .max_readahead = 4096
	};
	struct fuse_statfs_out statfs = { .st = { .bsize = 512, .namelen = 255, .frsize = 512 } };
	struct fuse_attr_out attr = { .attr = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2 },
				      .attr_valid = 100 };

	switch (question->opcode) {
	case FUSE_INIT:
		if (theirs->major != 7)
			_exit(1);
		answer(device, question, 0, &init, 24); /* its size in 7.19 */
		break;
	case FUSE_STATFS:
		answer(device, question, 0, &statfs, sizeof(statfs));
		break;
	case FUSE_GETATTR:
		answer(device, question, 0, &attr, sizeof(attr));
		break;
	case FUSE_FORGET:
		break;
	default:
		answer(device, question, -ENOSYS, NULL, 0);
	}
}

static void serve(int device)
{
	static char buffer[1 << 17] __attribute__((aligned(8)));
	struct pollfd wait[2] = { { .fd = device, .events = POLLIN },
				  { .fd = server_stays[0], .events = POLLIN } };

	while (poll(wait, 2, -1) > 0 && !wait[1].revents) {
		ssize_t got = read(device, buffer, sizeof(buffer));

		if (got < (ssize_t)sizeof(struct fuse_in_header)) {
			if (got < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOENT))
				continue;
			break;
		}
		serve_one(device, (const void *)buffer);
	}
	_exit(0);
}

static void mount_fuse(const char *point, const char *source, const char *type, const char *options)
{
	char data[256];
	int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (device < 0)
		scenario_skip("no /dev/fuse");
	must(pipe2(server_stays, O_CLOEXEC), "pipe");
	snprintf(data, sizeof(data), "fd=%d,rootmode=40000,user_id=0,group_id=0%s", device,
		 options);
	mount_on(point, source, type, 0, data);
	server = fork();
	must(server, "fork");
	if (!server) {
		close(server_stays[1]);
		serve(device);
	}
	close(device);
	close(server_stays[0]);
}

static void run_fuse(void)
{
	run();
	close(server_stays[1]);
	must(waitpid(server, NULL, 0), "waitpid");
}

static void prepare_fuse(void)
{
	mount_fuse("m", "plain", "fuse", ",allow_other");
}

static void prepare_fuse_subtype(void)
{
	mount_fuse("m", "user@host:/dir name", "fuse.sshfs", ",allow_other,default_permissions");
}

static void prepare_fuse_dots(void)
{
	mount_fuse("m", "x", "fuse.a.b-c", ",allow_other,max_read=8192");
}

static void prepare_fuse_blanks(void)
{
	mount_fuse("m", "x", "fuse.a b\\c#d", ",allow_other");
}

/* --- overlay --- */

static void prepare_layers(const char *const *names)
{
	for (; *names; names++) {
		char file[128];

		make_dir(*names);
		snprintf(file, sizeof(file), "%s/file", *names);
		make_file(file, *names);
	}
	more[0] = "m/file";
}

static void prepare_overlay(void)
{
	prepare_layers((const char *const[]){ "lower", "upper", NULL });
	make_dir("work");
	mount_m("overlay", "overlay", 0,
		"lowerdir=lower,upperdir=upper,workdir=work,index=off,redirect_dir=off");
}

static void prepare_overlay_lower(void)
{
	prepare_layers((const char *const[]){ "one", "two", "three", NULL });
	mount_m("none", "overlay", 0, "lowerdir=one:two:three,xino=off");
}

/* A comma and a colon in names: escaped by a backslash in the option, which mountinfo escapes in
 * turn. */
static void prepare_overlay_escaped(void)
{
	prepare_layers((const char *const[]){ "a:b", "c,d e", "up", NULL });
	make_dir("work");
	mount_m("overlay", "overlay", 0, "lowerdir=a\\:b:c\\,d e,upperdir=up,workdir=work");
}

/* --- filesystems in a file --- */

static void run_program(const char *program, char *const arguments[])
{
	pid_t pid = fork();
	int status;

	must(pid, "fork");
	if (!pid) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		dup2(null, 1);
		dup2(null, 2);
		/* mkfs.xfs makes small ones for tests only. */
		setenv("TEST_DIR", "1", 1);
		setenv("TEST_DEV", "1", 1);
		setenv("QA_CHECK_FS", "1", 1);
		setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/test",
		       1);
		execvp(program, arguments);
		_exit(errno == ENOENT ? 127 : 126);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		scenario_skip("no %s", program);
	if (status)
		scenario_broken("%s: status %#x", program, status);
}

/* The loop device that is "image" ends with the last mount of it. */
static int loop_device(char name[32])
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC), file, device = -1, number;
	struct loop_info64 info = { .lo_flags = LO_FLAGS_AUTOCLEAR };

	if (control < 0)
		scenario_skip("no loop devices");
	file = must_fd(open("image", O_RDWR | O_CLOEXEC), "image");
	for (int tries = 0; tries < 20; tries++) {
		number = ioctl(control, LOOP_CTL_GET_FREE);
		if (number < 0)
			break;
		snprintf(name, 32, "/dev/loop%d", number);
		device = open(name, O_RDWR | O_CLOEXEC);
		if (device < 0)
			scenario_skip("%s: %s", name, errno_name(errno));
		if (ioctl(device, LOOP_SET_FD, file) == 0)
			break;
		close(device);
		device = -1;
	}
	close(control);
	close(file);
	must(device, "a loop device");
	must(ioctl(device, LOOP_SET_STATUS64, &info), "LOOP_SET_STATUS64");
	return device;
}

/* Room for an image that is mostly holes, and mkfs on it. */
static void make_image(off_t size, const char *program, char *const arguments[])
{
	int fd;

	mount_tmpfs("images", "mode=755,size=200m");
	must(symlink("images/image", "image"), "symlink");
	if (size) {
		fd = must_fd(open("images/image", O_RDWR | O_CREAT | O_CLOEXEC, 0600), "image");
		must(ftruncate(fd, size), "ftruncate");
		close(fd);
	}
	run_program(program, arguments);
}

#define ARGUMENTS(...) ((char *const[]){ __VA_ARGS__, NULL })

static void mount_image(const char *type, unsigned long flags, const char *data)
{
	char name[32];
	int device = loop_device(name);

	mount_m(name, type, flags, data);
	close(device);
}

static void make_ext4(void)
{
	make_image(16 << 20, "mkfs.ext4",
		   ARGUMENTS("mkfs.ext4", "-q", "-F", "-O", "^orphan_file,^metadata_csum_seed",
			     "image"));
}

static void prepare_ext4(void)
{
	make_ext4();
	mount_image("ext4", 0, "errors=remount-ro,commit=7,noauto_da_alloc,stripe=4");
	make_dir("m/dir");
	make_file("m/dir/file", "");
	more[0] = "m/dir/file";
}

/* Flags of the superblock come first, then what the filesystem has to say. */
static void prepare_ext4_flags(void)
{
	make_ext4();
	mount_image("ext4", MS_SYNCHRONOUS | MS_DIRSYNC | MS_LAZYTIME, "nobarrier,data=journal");
}

static void prepare_ext4_readonly(void)
{
	make_ext4();
	mount_image("ext4", MS_RDONLY | MS_NOATIME, "noload");
}

static void prepare_ext2(void)
{
	make_image(4 << 20, "mkfs.ext2", ARGUMENTS("mkfs.ext2", "-q", "-F", "image"));
	mount_image("ext2", 0, NULL);
}

static void prepare_xfs(void)
{
	make_image(64 << 20, "mkfs.xfs",
		   ARGUMENTS("mkfs.xfs", "-q", "-f", "-l", "size=14m", "-i", "nrext64=0", "image"));
	mount_image("xfs", 0, "logbufs=4,noquota,nouuid");
	make_dir("m/dir");
	make_file("m/file", "");
	more[0] = "m/file";
}

static void make_btrfs(void)
{
	make_image(120 << 20, "mkfs.btrfs",
		   ARGUMENTS("mkfs.btrfs", "-q", "-f", "-m", "single", "image"));
}

static void btrfs_subvolume(const char *directory, const char *name)
{
	struct {
		int64_t fd;
		char name[4088];
	} argument = { .fd = 0 };
	int fd = must_fd(open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), directory);

	snprintf(argument.name, sizeof(argument.name), "%s", name);
	must(ioctl(fd, _IOW(0x94, 14, argument), &argument), "BTRFS_IOC_SUBVOL_CREATE");
	close(fd);
}

/* A file and a directory of a subvolume have another device than the superblock. */
static void prepare_btrfs(void)
{
	make_btrfs();
	mount_image("btrfs", MS_NOATIME, "max_inline=1024,compress=zstd:5");
	btrfs_subvolume("m", "volume");
	make_dir("m/volume/dir");
	make_file("m/volume/dir/file", "");
	more[0] = "m/volume";
	more[1] = "m/volume/dir/file";
}

/* The kernel mounts the whole filesystem and then a directory of it: MNT_ROOT is the subvolume's
 * path. */
static void prepare_btrfs_subvolume(void)
{
	char name[32];
	int device;

	make_btrfs();
	device = loop_device(name);
	mount_on("all", name, "btrfs", 0, NULL);
	btrfs_subvolume("all", "a volume");
	make_dir("all/a volume/dir");
	btrfs_subvolume("all/a volume/dir", "inner");
	mount_m(name, "btrfs", MS_NOSUID, "subvol=a volume");
	mount_on("inner", name, "btrfs", 0, "subvol=/a volume/dir/inner");
	make_dir("bind");
	mount_bind("m/dir", "bind", false);
	close(device);
	more[0] = "inner";
	more[1] = "bind";
}

static void prepare_content(void)
{
	mount_tmpfs("content", "mode=755,size=64k");
	make_dir("content/dir");
	make_file("content/dir/file", "file");
}

static void prepare_squashfs(void)
{
	prepare_content();
	make_image(0, "mksquashfs",
		   ARGUMENTS("mksquashfs", "content", "images/image", "-quiet", "-no-progress",
			     "-processors", "1", "-noI", "-noD", "-noF", "-noX"));
	mount_image("squashfs", MS_RDONLY, NULL);
	more[0] = "m/dir/file";
}

static void prepare_erofs(void)
{
	prepare_content();
	make_image(0, "mkfs.erofs", ARGUMENTS("mkfs.erofs", "--quiet", "images/image", "content"));
	mount_image("erofs", MS_RDONLY, NULL);
	more[0] = "m/dir/file";
}

#define S(name, doc, prepare) \
	{ \
		"statmount/filesystem/" name, doc, SCENARIO_ROOT | SCENARIO_USER, prepare, run \
	}
#define USERNS(name, doc, prepare) \
	{ \
		"statmount/filesystem/" name, doc, SCENARIO_ALL, prepare, run \
	}
#define FUSE(name, doc, prepare) \
	{ \
		"statmount/filesystem/" name, doc, SCENARIO_ROOT | SCENARIO_USER, prepare, \
			run_fuse \
	}

const struct scenario filesystem_scenarios[] = {
	S("proc", "no options", prepare_proc),
	S("proc-options", "those that proc prints", prepare_proc_options),
	S("sysfs", "no options", prepare_sysfs),
	S("devtmpfs", "one superblock for all; a device node on it", prepare_devtmpfs),
	S("devpts", "an instance of its own", prepare_devpts),
	S("securityfs", "no options", prepare_securityfs),
	S("debugfs", "no options that were given", prepare_debugfs),
	S("tracefs", "no options that were given", prepare_tracefs),
	S("pstore", "no options that were given", prepare_pstore),
	S("configfs", "no options", prepare_configfs),
	S("binfmt-misc", "no options", prepare_binfmt),
	S("fusectl", "no options", prepare_fusectl),
	S("bpf", "a mode", prepare_bpf),
	S("mqueue", "no options", prepare_mqueue),
	USERNS("ramfs", "a mode", prepare_ramfs),
	S("hugetlbfs", "sizes that the kernel prints in its own way", prepare_hugetlbfs),
	USERNS("tmpfs", "many options", prepare_tmpfs),
	USERNS("tmpfs-flags", "flags of the superblock are not options", prepare_tmpfs_flags),
	USERNS("source-server", "a source like those of network filesystems", prepare_tmpfs_server),
	USERNS("source-comma", "a source that contains a comma, which separates options",
	       prepare_tmpfs_comma),
	S("cgroup2", "the root of the hierarchy", prepare_cgroup2),
	S("cgroup2-directory",
	  "a removed directory of it; MNT_ROOT comes from the filesystem (show_path)",
	  prepare_cgroup_directory),
	S("cgroup1", "a named hierarchy", prepare_cgroup1),
	USERNS("nsfs", "MNT_ROOT comes from the filesystem (show_path)", prepare_nsfs),
	S("autofs", "options with numbers of a process and a pipe", prepare_autofs),
	FUSE("fuse", "without a subtype", prepare_fuse),
	FUSE("fuse-subtype", "the subtype is a field of its own", prepare_fuse_subtype),
	FUSE("fuse-subtype-dots", "at the first dot", prepare_fuse_dots),
	FUSE("fuse-subtype-escaped", "and it is unescaped", prepare_fuse_blanks),
	S("overlay", "a file's device may be another than the superblock's", prepare_overlay),
	S("overlay-lower", "colons in an option", prepare_overlay_lower),
	S("overlay-escaped", "escaped commas, colons and blanks in an option",
	  prepare_overlay_escaped),
	S("ext4", "options of a filesystem on a loop device", prepare_ext4),
	S("ext4-flags", "flags of the superblock before its options", prepare_ext4_flags),
	S("ext4-read-only", "read-only", prepare_ext4_readonly),
	S("ext2", "the requested type, not the driver's name", prepare_ext2),
	S("xfs", "options of xfs", prepare_xfs),
	S("btrfs", "subvolumes have devices of their own; the source comes from the filesystem",
	  prepare_btrfs),
	S("btrfs-subvolume", "a subvolume, one inside it and a directory of one as roots of mounts",
	  prepare_btrfs_subvolume),
	S("squashfs", "read-only by nature", prepare_squashfs),
	S("erofs", "read-only by nature", prepare_erofs),
	{ .name = NULL },
};
