/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scenario-caller.c - states that a call left its caller alone: cwd, root, namespaces, signals,
 * descriptors, children, mount table. Touches nothing: it only looks, in /proc and by system calls.
 * Called around every stand-in of a scenario (checked_*) and by scenario.c around the whole of it.
 */
#define _GNU_SOURCE
#include "scenario-internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The library may keep one descriptor for itself, up there where no program numbers its own. */
#define LIBRARY_FD_LOWEST 100
/* In unmodified programs: files that stand before a line of mountinfo, and a directory. */
#define CURSOR_FDS 17

static void look_path(struct text *lines, const char *label, const char *path)
{
	union {
		unsigned char bytes[256];
		uint32_t words[64];
		uint64_t longs[32];
	} answer;

	memset(&answer, 0, sizeof(answer));
	/* 0x17ff: basic fields and the old mount id */
	if (syscall(SYS_statx, AT_FDCWD, path, AT_NO_AUTOMOUNT, 0x17ff, &answer))
		text_add(lines, "%s: %s\n", label, errno_name(errno));
	else
		text_add(lines, "%s: device %u:%u inode %llu mount %llu\n", label,
			 answer.words[0x88 / 4], answer.words[0x8c / 4],
			 (unsigned long long)answer.longs[0x20 / 8],
			 (unsigned long long)answer.longs[0x90 / 8]);
}

static void look_namespaces(struct text *lines)
{
	static const char *const names[] = {
		"cgroup", "ipc",
		"mnt",	  "net",
		"pid",	  "pid_for_children",
		"time",	  "time_for_children",
		"user",	  "uts",
	};
	int fd = openat(scenario_run.procfd, "self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char link[128];
	ssize_t size;
	size_t i;

	if (fd < 0)
		return;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size = readlinkat(fd, names[i], link, sizeof(link) - 1);
		if (size < 0)
			continue;
		link[size] = 0;
		text_add(lines, "namespace %s: %s\n", names[i], link);
	}
	close(fd);
}

/* Credentials, masks, pending signals, threads and the umask, as the kernel shows them. */
static void look_status(struct text *lines, const struct text *status, unsigned int what)
{
	static const char *const all[] = {
		"Umask:",  "Uid:",    "Gid:",	 "Groups:",	"Threads:", "SigPnd:",
		"ShdPnd:", "SigBlk:", "SigIgn:", "SigCgt:",	"CapInh:",  "CapPrm:",
		"CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", NULL
	};
	static const char *const end[] = { "Threads:", "SigPnd:", "ShdPnd:", "SigBlk:", NULL };
	const char *const *names = what == CALLER_END ? end : all;
	char *rest, *line;
	int i;

	for (rest = status->start; (line = strsep(&rest, "\n"));) {
		for (i = 0; names[i]; i++) {
			if (!strncmp(line, names[i], strlen(names[i])))
				text_add(lines, "status %s\n", line);
		}
	}
}

/* Handlers and flags of the signals that are not at their default action, by the masks of "status".
 */
static void look_signals(struct text *lines, const struct text *status)
{
	static const char *const names[] = { "\nSigIgn:", "\nSigCgt:" };
	uint64_t signals = 0;
	int number;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *mask = status->start ? strstr(status->start, names[i]) : NULL;

		/* All of them, where nobody says. */
		signals |= mask ? strtoull(mask + strlen(names[i]), NULL, 16) : UINT64_MAX;
	}
	for (number = 1; number <= 64; number++) {
		struct sigaction action;

		if (!(signals >> (number - 1) & 1) || sigaction(number, NULL, &action) ||
		    (action.sa_handler == SIG_DFL && !action.sa_flags))
			continue;
		text_add(lines, "signal %d: handler %p flags %x\n", number,
			 (void *)(uintptr_t)action.sa_handler, (unsigned int)action.sa_flags);
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), n = strlen(end);

	return size >= n && !strcmp(text + size - n, end);
}

static bool is_cursor_name(const char *link)
{
	return scenario_calls == &scenario_calls_raw &&
	       (ends_with(link, "/mountinfo") || ends_with(link, "/ns"));
}

/* Names of descriptors that the library keeps. */
static bool is_kept_name(const char *link)
{
	return !strncmp(link, "mnt:[", 5) || is_cursor_name(link);
}

static void look_descriptors(struct text *lines, unsigned int what)
{
	int fd = openat(scenario_run.procfd, "self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *directory;

	if (fd < 0)
		return;
	directory = fdopendir(fd);
	if (!directory) {
		close(fd);
		return;
	}
	while ((entry = readdir(directory))) {
		char link[4200];
		ssize_t size;
		int number = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || number == fd)
			continue;
		size = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);
		if (size < 0)
			continue;
		link[size] = 0;
		/* Between the start and the end of a scenario a file may get another name. */
		if (what == CALLER_END && !is_kept_name(link))
			text_add(lines, "fd %d: open\n", number);
		else
			text_add(lines, "fd %d: %s%s\n", number, link,
				 fcntl(number, F_GETFD) & FD_CLOEXEC ? " cloexec" : "");
	}
	closedir(directory);
}

static void look_children(struct text *lines)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL))
		text_add(lines, "children: %s\n", errno == ECHILD ? "none" : errno_name(errno));
	else
		text_add(lines, "children: some\n");
}

void caller_look(struct caller_state *state, unsigned int what)
{
	struct text *lines = &state->lines, status = { 0 };

	memset(state, 0, sizeof(*state));
	if (scenario_read_proc("status", &status))
		text_add_bytes(&status, "", 1);
	else
		text_free(&status);
	if (what == CALLER_ALL) {
		look_path(lines, "cwd", ".");
		look_path(lines, "root", "/");
		look_namespaces(lines);
		look_signals(lines, &status);
		text_add(lines, "dumpable: %d\n", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	}
	look_status(lines, &status, what);
	text_free(&status);
	look_children(lines);
	look_descriptors(lines, what);
	if (what == CALLER_ALL)
		scenario_read_mountinfo(lines);
	text_add_bytes(lines, "", 1);
}

void caller_free(struct caller_state *state)
{
	text_free(&state->lines);
}

static size_t split(char *text, char ***lines)
{
	size_t count = 0, room = 0;
	char *line;

	*lines = NULL;
	while ((line = strsep(&text, "\n"))) {
		if (!*line)
			continue;
		if (count == room) {
			room = room ? 2 * room : 64;
			*lines = realloc(*lines, room * sizeof(**lines));
			if (!*lines)
				abort();
		}
		(*lines)[count++] = line;
	}
	return count;
}

/* True for the template's namespace; @cursor: for a file that the preload reads mounts from. */
static bool is_library_fd(const char *line, bool cursor)
{
	static const char end[] = " cloexec";
	size_t size = strlen(line);
	char name[4200];
	int number;

	if (size < sizeof(end) || strcmp(line + size - (sizeof(end) - 1), end) ||
	    sscanf(line, "fd %d: %4199[^\n]", &number, name) != 2 || number < LIBRARY_FD_LOWEST)
		return false;
	name[strlen(name) - (sizeof(end) - 1)] = 0;
	return cursor ? is_cursor_name(name) : !strncmp(name, "mnt:[", 5);
}

static bool has(char **lines, size_t count, const char *wanted)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (!strcmp(lines[i], wanted))
			return true;
	}
	return false;
}

void caller_compare(const char *call, struct caller_state *before, struct caller_state *after,
		    int returned)
{
	char **old, **new, allowed[32];
	size_t old_count, new_count, i;
	int kept = 0, cursors = 0;

	if (!strcmp(before->lines.start, after->lines.start))
		return;
	old_count = split(before->lines.start, &old);
	new_count = split(after->lines.start, &new);
	snprintf(allowed, sizeof(allowed), "fd %d: ", returned);
	for (i = 0; i < old_count; i++) {
		if (returned == CALLER_MAY_CLOSE &&
		    (!strncmp(old[i], "fd ", 3) || !strcmp(old[i], "children: some")))
			continue;
		if (!has(new, new_count, old[i]) && !is_library_fd(old[i], false) &&
		    !is_library_fd(old[i], true))
			scenario_complain("%s changed its caller: - %s", call, old[i]);
	}
	for (i = 0; i < new_count; i++) {
		if (returned == CALLER_MAY_CLOSE && !strcmp(new[i], "children: none"))
			continue;
		if (has(old, old_count, new[i]) ||
		    (returned >= 0 && !strncmp(new[i], allowed, strlen(allowed))))
			continue;
		if (is_library_fd(new[i], false) && !kept++)
			continue;
		if (is_library_fd(new[i], true) && cursors++ < CURSOR_FDS)
			continue;
		scenario_complain("%s changed its caller: + %s", call, new[i]);
	}
	free(old);
	free(new);
}

/*
 * The check itself opens a few files; with a full or nearly full table the same parts are missing
 * before and after: it neither fails then, nor takes room that the call under test would have had.
 */
int checked_open_tree(int dfd, const char *path, unsigned int flags)
{
	struct caller_state before, after;
	int ret, saved = errno;

	caller_look(&before, CALLER_ALL);
	errno = saved;
	ret = scenario_calls->open_tree(dfd, path, flags);
	saved = errno;
	caller_look(&after, CALLER_ALL);
	caller_compare("open_tree", &before, &after, ret);
	caller_free(&before);
	caller_free(&after);
	errno = saved;
	return ret;
}

int checked_statmount(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
		      size_t bufsize, unsigned int flags)
{
	struct caller_state before, after;
	int ret, saved = errno;

	caller_look(&before, CALLER_ALL);
	errno = saved;
	ret = scenario_calls->statmount(req, buf, bufsize, flags);
	saved = errno;
	caller_look(&after, CALLER_ALL);
	caller_compare("statmount", &before, &after, -1);
	caller_free(&before);
	caller_free(&after);
	errno = saved;
	return ret;
}

int checked_statx(int dfd, const char *path, int flags, unsigned int mask,
		  struct mntcompat_statx *buf)
{
	struct caller_state before, after;
	int ret, saved = errno;

	caller_look(&before, CALLER_ALL);
	errno = saved;
	ret = scenario_calls->statx(dfd, path, flags, mask, buf);
	saved = errno;
	caller_look(&after, CALLER_ALL);
	caller_compare("statx", &before, &after, -1);
	caller_free(&before);
	caller_free(&after);
	errno = saved;
	return ret;
}

int checked_name_to_handle_at(int dfd, const char *path, struct mntcompat_file_handle *handle,
			      void *mount_id, int flags)
{
	struct caller_state before, after;
	int ret, saved = errno;

	caller_look(&before, CALLER_ALL);
	errno = saved;
	ret = scenario_calls->name_to_handle_at(dfd, path, handle, mount_id, flags);
	saved = errno;
	caller_look(&after, CALLER_ALL);
	caller_compare("name_to_handle_at", &before, &after, -1);
	caller_free(&before);
	caller_free(&after);
	errno = saved;
	return ret;
}

/* The lines of the mount table are the only ones that begin with a digit. */
static void drop_mounts(struct caller_state *state)
{
	char *from = state->lines.start, *to = from;

	while (*from) {
		size_t length = strcspn(from, "\n");

		length += from[length] == '\n';
		if (*from < '0' || *from > '9') {
			memmove(to, from, length);
			to += length;
		}
		from += length;
	}
	*to = 0;
}

/* A call that changes mounts may do so if it succeeds; if it fails the table is unchanged. */
static void compare_mounts(const char *call, struct caller_state *before, int ret, int returned)
{
	struct caller_state after;

	caller_look(&after, CALLER_ALL);
	if (ret >= 0) {
		drop_mounts(before);
		drop_mounts(&after);
	}
	caller_compare(call, before, &after, returned);
	caller_free(before);
	caller_free(&after);
}

int checked_mount_setattr(int dfd, const char *path, unsigned int flags,
			  const struct mntcompat_mount_attr *attr, size_t size)
{
	struct caller_state before;
	int ret, saved = errno;

	caller_look(&before, CALLER_ALL);
	errno = saved;
	ret = scenario_calls->mount_setattr(dfd, path, flags, attr, size);
	saved = errno;
	compare_mounts("mount_setattr", &before, ret, -1);
	errno = saved;
	return ret;
}

int checked_open_tree_attr(int dfd, const char *path, unsigned int flags,
			   const struct mntcompat_mount_attr *attr, size_t size)
{
	struct caller_state before;
	int ret, saved = errno;

	caller_look(&before, CALLER_ALL);
	errno = saved;
	ret = scenario_calls->open_tree_attr(dfd, path, flags, attr, size);
	saved = errno;
	compare_mounts("open_tree_attr", &before, flags & MNTCOMPAT_OPEN_TREE_CLONE ? -1 : ret,
		       ret);
	errno = saved;
	return ret;
}

ssize_t checked_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids,
			  size_t nr_mnt_ids, unsigned int flags)
{
	struct caller_state before, after;
	int saved = errno;
	ssize_t ret;

	caller_look(&before, CALLER_ALL);
	errno = saved;
	ret = scenario_calls->listmount(req, mnt_ids, nr_mnt_ids, flags);
	saved = errno;
	caller_look(&after, CALLER_ALL);
	caller_compare("listmount", &before, &after, -1);
	caller_free(&before);
	caller_free(&after);
	errno = saved;
	return ret;
}

int checked_fsmount(int fs_fd, unsigned int flags, unsigned int attr_flags)
{
	struct caller_state before, after;
	int ret, saved = errno;

	caller_look(&before, CALLER_ALL);
	errno = saved;
	ret = scenario_calls->fsmount(fs_fd, flags, attr_flags);
	saved = errno;
	caller_look(&after, CALLER_ALL);
	caller_compare("fsmount", &before, &after, ret);
	caller_free(&before);
	caller_free(&after);
	errno = saved;
	return ret;
}

int checked_enter_tree(int dfd, const char *path, unsigned int flags)
{
	struct caller_state all, end, after;
	int ret, saved = errno;

	caller_look(&all, CALLER_ALL);
	caller_look(&end, CALLER_END);
	errno = saved;
	ret = scenario_calls->enter_tree(dfd, path, flags);
	saved = errno;
	caller_look(&after, ret < 0 ? CALLER_ALL : CALLER_END);
	caller_compare("enter_tree", ret < 0 ? &all : &end, &after, -1);
	caller_free(&all);
	caller_free(&end);
	caller_free(&after);
	errno = saved;
	return ret;
}

/* If it fails nothing has changed; if not, nothing but what it is for. */
int checked_unshare(unsigned int flags)
{
	struct caller_state all, end, after;
	int ret, saved = errno;

	caller_look(&all, CALLER_ALL);
	caller_look(&end, CALLER_END);
	errno = saved;
	ret = (scenario_calls->unshare)(flags);
	saved = errno;
	caller_look(&after, ret < 0 ? CALLER_ALL : CALLER_END);
	caller_compare("unshare", ret < 0 ? &all : &end, &after, -1);
	caller_free(&all);
	caller_free(&end);
	caller_free(&after);
	errno = saved;
	return ret;
}

#define CHECKED(type, name, declaration, arguments, added) \
	type checked_##name declaration \
	{ \
		struct caller_state before, after; \
		int saved = errno; \
		type ret; \
\
		caller_look(&before, CALLER_ALL); \
		errno = saved; \
		ret = scenario_calls->name arguments; \
		saved = errno; \
		caller_look(&after, CALLER_ALL); \
		caller_compare(#name, &before, &after, added); \
		caller_free(&before); \
		caller_free(&after); \
		errno = saved; \
		return ret; \
	}

CHECKED(int, namespace_id, (int fd, uint64_t *id), (fd, id), -1)
CHECKED(int, mount_namespace_id, (int fd, uint64_t *id), (fd, id), -1)
CHECKED(int, mount_namespace_info, (int fd, struct mntcompat_mnt_ns_info *info), (fd, info), -1)
CHECKED(int, mount_namespace_next, (int fd, struct mntcompat_mnt_ns_info *info), (fd, info), ret)
CHECKED(int, mount_namespace_prev, (int fd, struct mntcompat_mnt_ns_info *info), (fd, info), ret)
CHECKED(ssize_t, listns,
	(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
	 unsigned int flags),
	(req, ns_ids, nr_ns_ids, flags), -1)
CHECKED(int, mount_namespace_of, (pid_t pid), (pid), ret)
CHECKED(int, table_open,
	(const struct mntcompat_table_options *options, struct mntcompat_table **table),
	(options, table), -1)
CHECKED(int, table_next, (struct mntcompat_table * table, const struct mntcompat_statmount **row),
	(table, row), -1)

/* If it succeeds, what is open on the mount has another name. */
int checked_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
		       unsigned int flags)
{
	struct caller_state all, end, after;
	int ret, saved = errno;

	caller_look(&all, CALLER_ALL);
	caller_look(&end, CALLER_END);
	errno = saved;
	ret = scenario_calls->move_mount(from_dfd, from, to_dfd, to, flags);
	saved = errno;
	caller_look(&after, ret < 0 ? CALLER_ALL : CALLER_END);
	caller_compare("move_mount", ret < 0 ? &all : &end, &after, -1);
	caller_free(&all);
	caller_free(&end);
	caller_free(&after);
	errno = saved;
	return ret;
}
