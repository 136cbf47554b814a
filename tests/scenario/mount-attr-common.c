// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mount-attr-common.c - what the scenarios of attributes and of new mounts share: attributes by
 * name, and what a mount has. May touch only the scenario's own process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "mount-attr-common.h"

const struct mount_attr_flag mount_attr_flags[] = {
	{ RDONLY, "RDONLY" }, { NOSUID, "NOSUID" },	    { NODEV, "NODEV" },
	{ NOEXEC, "NOEXEC" }, { NODIRATIME, "NODIRATIME" }, { 0, NULL },
};

struct found {
	bool listed;
	char options[256];
	unsigned long shared, master;
	bool unbindable;
};

static int mount_id(int fd)
{
	char path[64], line[256];
	int id = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	must(file ? 0 : -1, path);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "mnt_id: %d", &id);
	fclose(file);
	return id;
}

static void find(int fd, struct found *found)
{
	int wanted = mount_id(fd), id;
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[4096], *word, *rest;

	memset(found, 0, sizeof(*found));
	must(file ? 0 : -1, "mountinfo");
	while (!found->listed && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%d", &id) != 1 || id != wanted)
			continue;
		found->listed = true;
		rest = line;
		for (int i = 0; (word = strsep(&rest, " ")) && strcmp(word, "-"); i++) {
			if (i == 5)
				snprintf(found->options, sizeof(found->options), "%s", word);
			sscanf(word, "shared:%lu", &found->shared);
			sscanf(word, "master:%lu", &found->master);
			if (!strcmp(word, "unbindable"))
				found->unbindable = true;
		}
	}
	fclose(file);
}

static const char *fs_words(int fd, char words[128])
{
	static const struct {
		unsigned long bit;
		const char *name;
	} names[] = {
		{ 2, "nosuid" },	   { 4, "nodev" },	    { 8, "noexec" },
		{ 0x400, "noatime" },	   { 0x800, "nodiratime" }, { 0x1000, "relatime" },
		{ 0x2000, "nosymfollow" },
	};
	struct statfs fs;

	must(fstatfs(fd, &fs), "fstatfs");
	strcpy(words, fs.f_flags & 1 ? "ro" : "rw");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if ((unsigned long)fs.f_flags & names[i].bit) {
			strcat(words, ",");
			strcat(words, names[i].name);
		}
	return words;
}

void mount_attr_say_fd(const char *label, int fd, const char *peer)
{
	struct found found, other = { .listed = false };
	char words[128], text[256] = "";
	int peer_fd = -1;

	find(fd, &found);
	if (!found.listed) {
		say("%s: %s, flags only", label, fs_words(fd, words));
		return;
	}
	if (peer) {
		peer_fd = must_fd(open(peer, O_PATH | O_CLOEXEC), peer);
		find(peer_fd, &other);
		close(peer_fd);
	}
	if (found.shared)
		strcat(text, " shared");
	if (found.shared && peer && other.shared == found.shared) {
		strcat(text, " with ");
		strcat(text, peer);
	}
	if (found.master)
		strcat(text, " slave");
	if (found.master && peer && other.shared == found.master) {
		strcat(text, " of ");
		strcat(text, peer);
	}
	if (found.unbindable)
		strcat(text, " unbindable");
	say("%s: %s%s", label, found.options, *text ? text : " private");
}

void mount_attr_say(const char *label, const char *path)
{
	int fd = must_fd(open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);

	mount_attr_say_fd(label, fd, NULL);
	close(fd);
}

static void enter_user_namespace(void)
{
	open_tree_new_user_namespace(false);
}

int mount_attr_user_namespace(void)
{
	pid_t pid = open_tree_start_peer(enter_user_namespace);
	int fd = open_tree_peer_file(pid, "ns/user", O_RDONLY);

	open_tree_end_peer(pid);
	return fd;
}

int open_tree_attr_unchecked(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size)
{
	return scenario_calls->open_tree_attr(dfd, path, flags, attr, size);
}
