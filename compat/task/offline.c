// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * offline.c - looks at files and superblocks without calling a file server.
 * Opens files with O_PATH; moves nothing.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"

int offline_statx(int fd, struct raw_statx *stx)
{
	return raw_statx(fd, "",
			 MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_NO_AUTOMOUNT |
				 UAPI_AT_STATX_DONT_SYNC,
			 0, stx);
}

int offline_is_directory(int fd)
{
	struct raw_statx stx;
	struct stat st;
	int ret = offline_statx(fd, &stx);

	if (ret == 0 && stx.mask & UAPI_STATX_TYPE)
		return S_ISDIR(stx.mode);
	if (ret == -EBADF)
		return ret;
	if (ret < 0) {
		/* A filter refuses statx. */
		ret = raw_fstat(fd, &st);
		return ret < 0 ? ret : S_ISDIR(st.st_mode);
	}
	/*
	 * Another user's FUSE mount. A file is ENOTDIR; a directory is EACCES, which the kernel
	 * knows without the server.
	 */
	ret = raw_openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (ret >= 0)
		raw_close(ret);
	return ret >= 0 || ret == -EACCES ? 1 : ret == -ENOTDIR ? 0 : ret;
}

/* The length of the file's handle, which is in @bytes then, or -errno. */
static int file_handle(int fd, struct mntcompat_file_handle *handle, unsigned char *bytes)
{
	/* A struct mntcompat_file_handle and its bytes. */
	struct {
		uint32_t handle_bytes;
		int32_t handle_type;
		unsigned char bytes[UAPI_MAX_HANDLE_SZ];
	} own = { .handle_bytes = UAPI_MAX_HANDLE_SZ };
	int id, ret = raw_name_to_handle_at(fd, "", &own, &id, MNTCOMPAT_AT_EMPTY_PATH);

	if (ret < 0)
		return ret;
	handle->handle_bytes = own.handle_bytes;
	handle->handle_type = own.handle_type;
	memcpy(bytes, own.bytes, sizeof(own.bytes));
	return (int)own.handle_bytes;
}

bool offline_same_file(int a, int b)
{
	unsigned char one[UAPI_MAX_HANDLE_SZ], other[UAPI_MAX_HANDLE_SZ];
	struct mntcompat_file_handle handle_a, handle_b;
	struct raw_statx stx_a, stx_b;
	int len;

	if (offline_statx(a, &stx_a) < 0 || offline_statx(b, &stx_b) < 0 ||
	    stx_a.dev_major != stx_b.dev_major || stx_a.dev_minor != stx_b.dev_minor)
		return false;
	if (stx_a.mask & stx_b.mask & UAPI_STATX_TYPE)
		return stx_a.ino == stx_b.ino;
	/* Another user's FUSE mount: handles are made of the kernel's own numbers. */
	len = file_handle(a, &handle_a, one);
	return len > 0 && file_handle(b, &handle_b, other) == len &&
	       handle_a.handle_type == handle_b.handle_type && !memcmp(one, other, (size_t)len);
}

/*
 * Filesystems that keep an inode's flags on a disk of their own (ext4, xfs, btrfs, f2fs; tmpfs from
 * 6.0 on) show that they know the flag "nodump"; overlayfs shows it if the layer does. Before,
 * tmpfs is recognized by its handles: ceph's are shorter, those of FUSE have another type, and
 * ocfs2's are of a block device.
 */
bool offline_is_local(int fd, const struct raw_statx *stx)
{
	unsigned char bytes[UAPI_MAX_HANDLE_SZ];
	struct mntcompat_file_handle handle;

	if (stx->attributes_mask & UAPI_STATX_ATTR_NODUMP)
		return true;
	return !stx->dev_major && file_handle(fd, &handle, bytes) == 12 && handle.handle_type == 1;
}

int offline_parent(int fd)
{
	int up = raw_openat_cached(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct raw_statx stx;

	if (up >= 0 || raw_is_shortage(up))
		return up;
	if (offline_statx(fd, &stx) < 0 || !offline_is_local(fd, &stx))
		return -EOPNOTSUPP;
	return raw_openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

/* --- filesystems by their names --- */

enum server {
	NO_SERVER,
	SERVER, /* looking at a file may wait for another task or machine */
	DAEMON, /* the same for going through the mount's own root */
};

/*
 * The magics of the superblocks as Linux 7.3 has them. Those that a filesystem chooses at run time,
 * and those of block devices that are not here, are fstatfs's to tell.
 */
static const struct filesystem {
	char name[12];
	uint8_t len, server;
	uint32_t magic;
} filesystems[] = {
#define FILESYSTEM(name, server, magic) \
	{ \
		name, sizeof(name) - 1, server, UAPI_MAGIC_##magic \
	}
	FILESYSTEM("proc", NO_SERVER, PROC),
	FILESYSTEM("sysfs", NO_SERVER, SYSFS),
	FILESYSTEM("overlay", NO_SERVER, OVERLAY),
	FILESYSTEM("ext4", NO_SERVER, EXT4),
	FILESYSTEM("xfs", NO_SERVER, XFS),
	FILESYSTEM("btrfs", NO_SERVER, BTRFS),
	FILESYSTEM("cgroup2", NO_SERVER, CGROUP2),
	FILESYSTEM("cgroup", NO_SERVER, CGROUP),
	FILESYSTEM("cpuset", NO_SERVER, CGROUP),
	FILESYSTEM("devpts", NO_SERVER, DEVPTS),
	FILESYSTEM("mqueue", NO_SERVER, MQUEUE),
	FILESYSTEM("nsfs", NO_SERVER, NSFS),
	FILESYSTEM("fuse", SERVER, FUSE),
	FILESYSTEM("fuseblk", SERVER, FUSE),
	FILESYSTEM("virtiofs", SERVER, FUSE),
	FILESYSTEM("nfs", SERVER, NFS),
	FILESYSTEM("nfs4", SERVER, NFS),
	FILESYSTEM("cifs", SERVER, CIFS),
	FILESYSTEM("smb3", SERVER, CIFS),
	FILESYSTEM("9p", SERVER, V9FS),
	FILESYSTEM("ceph", SERVER, CEPH),
	FILESYSTEM("afs", SERVER, AFS),
	FILESYSTEM("coda", SERVER, CODA),
	FILESYSTEM("pvfs2", SERVER, ORANGEFS),
	FILESYSTEM("gfs2", SERVER, GFS2),
	FILESYSTEM("gfs2meta", SERVER, GFS2),
	FILESYSTEM("ocfs2", SERVER, OCFS2),
	FILESYSTEM("vboxsf", SERVER, VBOXSF),
	FILESYSTEM("lustre", SERVER, LUSTRE),
	FILESYSTEM("ecryptfs", SERVER, ECRYPTFS),
	FILESYSTEM("autofs", DAEMON, AUTOFS),
	FILESYSTEM("hugetlbfs", NO_SERVER, HUGETLBFS),
	FILESYSTEM("ramfs", NO_SERVER, RAMFS),
	FILESYSTEM("debugfs", NO_SERVER, DEBUGFS),
	FILESYSTEM("tracefs", NO_SERVER, TRACEFS),
	FILESYSTEM("securityfs", NO_SERVER, SECURITYFS),
	FILESYSTEM("pstore", NO_SERVER, PSTORE),
	FILESYSTEM("bpf", NO_SERVER, BPF),
	FILESYSTEM("configfs", NO_SERVER, CONFIGFS),
	FILESYSTEM("efivarfs", NO_SERVER, EFIVARFS),
	FILESYSTEM("fusectl", NO_SERVER, FUSECTL),
	FILESYSTEM("binfmt_misc", NO_SERVER, BINFMT),
	FILESYSTEM("selinuxfs", NO_SERVER, SELINUX),
	FILESYSTEM("smackfs", NO_SERVER, SMACK),
	FILESYSTEM("rpc_pipefs", NO_SERVER, RPC_PIPEFS),
	FILESYSTEM("nfsd", NO_SERVER, NFSD),
	FILESYSTEM("resctrl", NO_SERVER, RDTGROUP),
	FILESYSTEM("binder", NO_SERVER, BINDERFS),
	FILESYSTEM("functionfs", NO_SERVER, FUNCTIONFS),
	FILESYSTEM("ext3", NO_SERVER, EXT4),
	FILESYSTEM("ext2", NO_SERVER, EXT4),
	FILESYSTEM("vfat", NO_SERVER, FAT),
	FILESYSTEM("msdos", NO_SERVER, FAT),
	FILESYSTEM("exfat", NO_SERVER, EXFAT),
	FILESYSTEM("squashfs", NO_SERVER, SQUASHFS),
	FILESYSTEM("erofs", NO_SERVER, EROFS),
	FILESYSTEM("iso9660", NO_SERVER, ISO9660),
	FILESYSTEM("udf", NO_SERVER, UDF),
	FILESYSTEM("f2fs", NO_SERVER, F2FS),
	FILESYSTEM("ubifs", NO_SERVER, UBIFS),
	FILESYSTEM("bcachefs", NO_SERVER, BCACHEFS),
	FILESYSTEM("zfs", NO_SERVER, ZFS),
	FILESYSTEM("nullfs", NO_SERVER, NULLFS),
#undef FILESYSTEM
};

static bool is_word(struct mountinfo_span span, const char *word)
{
	return span.len == strlen(word) && !memcmp(span.text, word, span.len);
}

static bool starts_with(struct mountinfo_span span, const char *word)
{
	return span.len >= strlen(word) && !memcmp(span.text, word, strlen(word));
}

/* The type without a subtype, which only FUSE has: "fuse.sshfs". */
static struct mountinfo_span type_of(const struct mountinfo_line *line)
{
	struct mountinfo_span type = line->type;

	if (starts_with(type, "fuse."))
		type.len = strlen("fuse");
	else if (starts_with(type, "fuseblk."))
		type.len = strlen("fuseblk");
	return type;
}

static const struct filesystem *find_filesystem(const struct mountinfo_line *line)
{
	struct mountinfo_span type = type_of(line);

	for (size_t i = 0; i < sizeof(filesystems) / sizeof(filesystems[0]); i++)
		if (filesystems[i].len == type.len &&
		    !memcmp(filesystems[i].name, type.text, type.len))
			return &filesystems[i];
	return NULL;
}

/* Types that are tmpfs, or ramfs in kernels that are built without it. */
static bool is_memory(const struct mountinfo_line *line)
{
	return is_word(line->type, "tmpfs") || is_word(line->type, "devtmpfs") ||
	       is_word(line->type, "rootfs");
}

/* Options that tmpfs shows and ramfs does not have. */
static bool has_tmpfs_options(const struct mountinfo_line *line)
{
	struct mountinfo_options options = { .rest = line->super_options };
	struct mountinfo_span option;
	bool security;

	while (mountinfo_next_option(&options, &option, &security))
		if (!security &&
		    (is_word(option, "inode64") || is_word(option, "inode32") ||
		     starts_with(option, "size=") || starts_with(option, "nr_inodes=")))
			return true;
	return false;
}

/* True once it is known that "tmpfs" is tmpfs in this kernel. */
static _Atomic bool has_tmpfs;

static void learn_tmpfs(uint64_t magic)
{
	if (magic == UAPI_MAGIC_TMPFS)
		atomic_store_explicit(&has_tmpfs, true, memory_order_relaxed);
}

/* A memfd is a file of the kernel's own mount of that type. */
static bool ask_tmpfs(void)
{
	uint64_t magic;
	int fd;

	if (atomic_load_explicit(&has_tmpfs, memory_order_relaxed))
		return true;
	fd = raw_memfd_create("mntcompat", UAPI_MFD_CLOEXEC | UAPI_MFD_NOEXEC_SEAL);
	if (fd == -EINVAL)
		fd = raw_memfd_create("mntcompat", UAPI_MFD_CLOEXEC);
	if (fd < 0)
		return false;
	if (offline_local_magic(fd, &magic) == 0)
		learn_tmpfs(magic);
	raw_close(fd);
	return atomic_load_explicit(&has_tmpfs, memory_order_relaxed);
}

static enum server server_of(const struct mountinfo_line *line)
{
	const struct filesystem *filesystem = find_filesystem(line);

	if (filesystem)
		return filesystem->server;
	/* An unknown filesystem has a block device of its own, or may have a server. */
	return line->dev_major || is_memory(line) ? NO_SERVER : SERVER;
}

bool offline_has_server(const struct mountinfo_line *line)
{
	return server_of(line) != NO_SERVER;
}

/* As offline_magic(), from the line alone. */
static int line_magic(const struct mountinfo_line *line, uint64_t *magic)
{
	const struct filesystem *filesystem;

	if (is_memory(line)) {
		*magic = UAPI_MAGIC_TMPFS;
		return has_tmpfs_options(line) ||
				       (is_word(line->type, "tmpfs") &&
					atomic_load_explicit(&has_tmpfs, memory_order_relaxed)) ?
			       0 :
			       -EAGAIN;
	}
	filesystem = find_filesystem(line);
	/* That of OpenAFS, which has another number, has always the same source. */
	if (filesystem && filesystem->magic == UAPI_MAGIC_AFS && is_word(line->source, "AFS"))
		return -EOPNOTSUPP;
	if (filesystem) {
		*magic = filesystem->magic;
		return 0;
	}
	return line->dev_major ? -EAGAIN : -EOPNOTSUPP;
}

int offline_magic(const struct mountinfo_line *line, uint64_t *magic)
{
	int ret = line_magic(line, magic);

	if (ret == -EAGAIN && is_word(line->type, "tmpfs") && ask_tmpfs())
		ret = line_magic(line, magic);
	return ret;
}

int offline_local_magic(int fd, uint64_t *magic)
{
	struct statfs fs;
	int ret = raw_fstatfs(fd, &fs);

	/* 32-bit systems sign-extend it, the kernel does not. */
	if (ret == 0)
		*magic = sizeof(fs.f_type) == 4 ? (uint32_t)fs.f_type : (uint64_t)fs.f_type;
	return ret;
}

int offline_fd_magic(int fd, const struct mountinfo_line *line, uint64_t *magic)
{
	int ret = line_magic(line, magic);

	if (ret != -EAGAIN)
		return ret;
	ret = offline_local_magic(fd, magic);
	if (ret == 0 && is_word(line->type, "tmpfs"))
		learn_tmpfs(*magic);
	return ret;
}

/* --- ways --- */

/* True if @line lies below @above, or, with @on, on the same place. By their names alone. */
static bool is_below(const struct mountinfo_line *line, const struct mountinfo_line *above, bool on)
{
	size_t len = above->mount_point.len;

	/* If the server of "/" does not answer, the caller itself cannot go on. */
	if (is_word(above->mount_point, "/") || line->mount_point.len < len ||
	    memcmp(line->mount_point.text, above->mount_point.text, len))
		return false;
	return line->mount_point.len == len ? on : line->mount_point.text[len] == '/';
}

static bool is_in_the_way(const struct mountinfo_line *other, const struct mountinfo_line *line)
{
	return other->id != line->id && is_below(line, other, server_of(other) == DAEMON);
}

/* Finds all mounts with a server, once for each table. */
static void learn_ways(const struct mountinfo_table *table, struct offline_ways *ways)
{
	struct mountinfo_line other;
	size_t pos = 0;

	ways->n = 0;
	ways->known = true;
	for (size_t start = 0; mountinfo_next(table, &pos, &other); start = pos) {
		if (server_of(&other) == NO_SERVER || is_word(other.mount_point, "/"))
			continue;
		if (ways->n < OFFLINE_WAYS)
			ways->at[ways->n] = start;
		ways->n++;
	}
}

bool offline_is_free_way(const struct mountinfo_table *table, const struct mountinfo_line *line,
			 struct offline_ways *ways)
{
	struct mountinfo_line other;
	size_t pos = 0;

	if (!ways->known)
		learn_ways(table, ways);
	for (size_t i = 0; ways->n <= OFFLINE_WAYS && i < ways->n; i++) {
		pos = ways->at[i];
		if (mountinfo_next(table, &pos, &other) && is_in_the_way(&other, line))
			return false;
	}
	while (ways->n > OFFLINE_WAYS && mountinfo_next(table, &pos, &other))
		if (server_of(&other) != NO_SERVER && is_in_the_way(&other, line))
			return false;
	return true;
}
