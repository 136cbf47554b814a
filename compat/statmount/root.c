// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * root.c - finds the root of a mount, and the directory of the superblock that it is.
 * Reads directories without touching their times, and procfs.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "compat/statmount/builder.h"
#include "compat/statmount/root.h"
#include "compat/statmount/scratch.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

/* Directories are not nested deeper than this; a loop has an end. */
#define ROOT_DEPTH 4096

/*
 * The directory above @fd, up to @root: the root of the mount that @fd is on. Negative if @fd is no
 * directory. From 5.8 on the kernel shows a root as such.
 */
int statmount_mount_root(int fd)
{
	struct raw_statx here, above;
	int dir = offline_is_directory(fd);

	if (dir <= 0)
		return raw_is_shortage(dir) ? dir : -EOPNOTSUPP;
	dir = raw_fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (dir < 0)
		return raw_is_shortage(dir) ? dir : -EOPNOTSUPP;
	for (int depth = 0; depth < ROOT_DEPTH && offline_statx(dir, &here) == 0; depth++) {
		int up;

		if (here.attributes & UAPI_STATX_ATTR_MOUNT_ROOT)
			return dir;
		up = offline_parent(dir);
		if (up < 0) {
			raw_close(dir);
			return raw_is_shortage(up) ? up : -EOPNOTSUPP;
		}
		if (offline_statx(up, &above) == 0 && above.ino == here.ino &&
		    above.dev_major == here.dev_major && above.dev_minor == here.dev_minor) {
			raw_close(up);
			return dir;
		}
		raw_close(dir);
		dir = up;
	}
	raw_close(dir);
	return -EOPNOTSUPP;
}

/* struct file_handle with room for the largest. */
struct root_handle {
	uint32_t bytes;
	int32_t type;
	unsigned char handle[UAPI_MAX_HANDLE_SZ];
};

/*
 * Filesystems whose inode numbers are unique in the superblock and whose topmost directory is its
 * own "..": not btrfs, where every subvolume starts anew.
 */
static bool numbers_are_unique(uint64_t magic)
{
	switch (magic) {
	case UAPI_MAGIC_TMPFS:
	case UAPI_MAGIC_RAMFS:
	case UAPI_MAGIC_EXT4:
	case UAPI_MAGIC_XFS:
	case UAPI_MAGIC_SQUASHFS:
	case UAPI_MAGIC_EROFS:
		return true;
	}
	return false;
}

bool statmount_root_is_top(int root, uint64_t magic)
{
	char entries[1024] __attribute__((aligned(8)));
	uint64_t here = 0, above = 0;
	ssize_t len, at;
	int dir;

	if (!numbers_are_unique(magic))
		return false;
	dir = raw_openat(root, ".", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC, 0);
	if (dir < 0)
		return false;
	len = raw_getdents64(dir, entries, sizeof(entries));
	raw_close(dir);
	for (at = 0; at < len;) {
		const struct raw_dirent *entry = (const void *)(entries + at);

		if (!strcmp(entry->name, "."))
			here = entry->ino;
		else if (!strcmp(entry->name, ".."))
			above = entry->ino;
		at += entry->reclen;
	}
	return here && here == above;
}

/* The path of @fd as the calling task sees it, NUL-terminated; its length, or 0. */
static size_t path_of(int fd, char path[PATH_MAX])
{
	static const char deleted[] = " (deleted)";
	const size_t tail = sizeof(deleted) - 1;
	char link[PROCFS_FD_PATH];
	ssize_t len;
	int dir = procfs_open("thread-self/fd");

	if (dir < 0)
		return 0;
	procfs_fd_path(fd, link);
	len = raw_readlinkat(dir, strrchr(link, '/') + 1, path, PATH_MAX);
	raw_close(dir);
	if (len <= 0 || len >= PATH_MAX || path[0] != '/')
		return 0;
	path[len] = '\0';
	/* It may also be named so. */
	if ((size_t)len > tail && !strcmp(path + len - tail, deleted))
		return 0;
	return (size_t)len;
}

/*
 * The same file on the listed mount that @point is the root of: a directory has one path only, and
 * so has a file with one name. Needs CAP_DAC_READ_SEARCH. An fd, or negative.
 */
static int open_there(int file, int point)
{
	struct root_handle handle = { .bytes = UAPI_MAX_HANDLE_SZ };
	struct stat st;
	int mount_id, dir, fd;

	if (raw_fstat(file, &st) < 0 || st.st_nlink == 0 ||
	    (!S_ISDIR(st.st_mode) && st.st_nlink != 1))
		return -EOPNOTSUPP;
	if (raw_name_to_handle_at(file, "", &handle, &mount_id, MNTCOMPAT_AT_EMPTY_PATH) < 0)
		return -EOPNOTSUPP;
	dir = raw_openat(point, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (dir < 0)
		return dir;
	fd = raw_open_by_handle_at(dir, &handle, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	raw_close(dir);
	return fd;
}

/*
 * @path without @prefix, which ends at a slash: "/" is a prefix of all paths. NULL if it is not a
 * prefix.
 */
static const char *below(const char *path, const struct builder_bytes *prefix)
{
	size_t len = prefix->len == 1 ? 0 : prefix->len;

	if (strncmp(path, prefix->text, len) || (path[len] != '/' && path[len]))
		return NULL;
	return path[len] ? path + len : "/";
}

int statmount_root_through(int fd, int root, int point, const struct builder_facts *listed,
			   struct builder_facts *facts, struct statmount_scratch *scratch)
{
	/* The stack of a thread may be small. */
	char *inside = statmount_alloc(scratch, 2 * PATH_MAX), *there = inside + PATH_MAX;
	size_t len, inside_len, listed_len = listed->mnt_root.len == 1 ? 0 : listed->mnt_root.len;
	const char *rest;
	char *text;
	int same;

	if (!inside)
		return -ENOMEM;
	inside[0] = '/';
	inside[1] = '\0';
	/* A file's path in its unmounted mount starts at the mount's root, which may be the file. */
	if (root < 0 && !path_of(fd, inside))
		return 0;
	same = open_there(root < 0 ? fd : root, point);
	if (same == -EMFILE || same == -ENFILE || same == -ENOMEM)
		return same;
	if (same < 0)
		return 0;
	len = path_of(same, there);
	raw_close(same);
	rest = len ? below(there, &listed->mnt_point) : NULL;
	if (!rest)
		return 0;
	len = strlen(rest);
	inside_len = !strcmp(inside, "/") ? 0 : strlen(inside);
	if (inside_len > len || (inside_len && strcmp(rest + len - inside_len, inside)))
		return 0;
	len -= inside_len;
	/* "/" of the listed mount is its own root. */
	if (len == 1 && listed_len)
		len = 0;
	text = statmount_alloc(scratch, listed_len + len + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text, listed->mnt_root.text, listed_len);
	memcpy(text + listed_len, rest, len);
	len += listed_len;
	if (!len)
		text[len++] = '/';
	facts->mnt_root = (struct builder_bytes){ text, len };
	facts->known |= MNTCOMPAT_STATMOUNT_MNT_ROOT;
	return 0;
}
