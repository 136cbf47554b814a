/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scenario-world.c - the helpers scenarios are written with: output, worlds, canonical answers.
 * Touches the scenario's own mount namespace and the page shared with the runner.
 */
#define _GNU_SOURCE
#include "compat/kernel/uapi.h"
#include "scenario-internal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

struct scenario_run scenario_run = { .procfd = -1 };

/* --- output --- */

static void page_add(char *start, size_t room, atomic_uint *used, const char *line, size_t size)
{
	unsigned int at = atomic_fetch_add(used, size);

	if (at + size < room)
		memcpy(start + at, line, size);
}

void say(const char *format, ...)
{
	struct scenario_page *page = scenario_run.page;
	char line[16384];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (size > (int)sizeof(line) - 2)
		size = sizeof(line) - 2;
	line[size++] = '\n';
	page_add(page->out, sizeof(page->out), &page->out_used, line, size);
}

void scenario_complain(const char *format, ...)
{
	struct scenario_page *page = scenario_run.page;
	char line[4096];
	va_list args;
	int size;

	va_start(args, format);
	size = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (size > (int)sizeof(line) - 2)
		size = sizeof(line) - 2;
	line[size++] = '\n';
	page_add(page->complaint, sizeof(page->complaint), &page->complaint_used, line, size);
}

void scenario_broken(const char *format, ...)
{
	va_list args;

	if (!atomic_exchange(&scenario_run.page->is_broken, 1)) {
		va_start(args, format);
		vsnprintf(scenario_run.page->broken, sizeof(scenario_run.page->broken), format,
			  args);
		va_end(args);
	}
	_exit(SCENARIO_STATUS_BROKEN);
}

void scenario_skip(const char *format, ...)
{
	va_list args;

	if (!atomic_exchange(&scenario_run.page->is_skipped, 1)) {
		va_start(args, format);
		vsnprintf(scenario_run.page->broken, sizeof(scenario_run.page->broken), format,
			  args);
		va_end(args);
	}
	_exit(SCENARIO_STATUS_BROKEN);
}

const char *errno_name(int error)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ 0, "ok" },
		{ EPERM, "EPERM" },
		{ ENOENT, "ENOENT" },
		{ ESRCH, "ESRCH" },
		{ EINTR, "EINTR" },
		{ EIO, "EIO" },
		{ ENXIO, "ENXIO" },
		{ E2BIG, "E2BIG" },
		{ EBADF, "EBADF" },
		{ ECHILD, "ECHILD" },
		{ EAGAIN, "EAGAIN" },
		{ ENOMEM, "ENOMEM" },
		{ EACCES, "EACCES" },
		{ EFAULT, "EFAULT" },
		{ EBUSY, "EBUSY" },
		{ EEXIST, "EEXIST" },
		{ EXDEV, "EXDEV" },
		{ ENODEV, "ENODEV" },
		{ ENOTDIR, "ENOTDIR" },
		{ EISDIR, "EISDIR" },
		{ EINVAL, "EINVAL" },
		{ ENFILE, "ENFILE" },
		{ EMFILE, "EMFILE" },
		{ ENOTTY, "ENOTTY" },
		{ ETXTBSY, "ETXTBSY" },
		{ EFBIG, "EFBIG" },
		{ ENOSPC, "ENOSPC" },
		{ ESPIPE, "ESPIPE" },
		{ EROFS, "EROFS" },
		{ EMLINK, "EMLINK" },
		{ EPIPE, "EPIPE" },
		{ ERANGE, "ERANGE" },
		{ EDEADLK, "EDEADLK" },
		{ ENAMETOOLONG, "ENAMETOOLONG" },
		{ ENOSYS, "ENOSYS" },
		{ ENOTEMPTY, "ENOTEMPTY" },
		{ ELOOP, "ELOOP" },
		{ ENODATA, "ENODATA" },
		{ EOVERFLOW, "EOVERFLOW" },
		{ EUSERS, "EUSERS" },
		{ EOPNOTSUPP, "EOPNOTSUPP" },
		{ ESTALE, "ESTALE" },
	};
	static char unknown[32];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error)
			return names[i].name;
	}
	snprintf(unknown, sizeof(unknown), "errno %d", error);
	return unknown;
}

void say_result(const char *label, long ret)
{
	int saved = errno;

	say("%s: %s", label, ret >= 0 ? "ok" : errno_name(saved));
	errno = saved;
}

/* Replaces "[4026531838]" by "[N]": namespace and pipe numbers differ from boot to boot. */
static void quote_byte(char *out, size_t room, size_t *used, unsigned char byte)
{
	char word[8];

	if (byte == '\n')
		strcpy(word, "\\n");
	else if (byte == '\t')
		strcpy(word, "\\t");
	else if (byte == '"' || byte == '\\')
		snprintf(word, sizeof(word), "\\%c", byte);
	else if (byte < ' ' || byte > '~')
		snprintf(word, sizeof(word), "\\x%02x", byte);
	else
		snprintf(word, sizeof(word), "%c", byte);
	if (*used + strlen(word) < room) {
		strcpy(out + *used, word);
		*used += strlen(word);
	}
}

/*
 * True if the number after so many bytes differs from boot to boot: a loop device, an autofs
 * option.
 */
static bool number_varies(const char *string, size_t before)
{
	static const char *const ends[] = { "/dev/loop", "fd=", "pgrp=", "pipe_ino=", NULL };
	int i;

	for (i = 0; ends[i]; i++) {
		size_t size = strlen(ends[i]);

		if (before >= size && !strncmp(string + before - size, ends[i], size))
			return true;
	}
	return false;
}

const char *scenario_quote(const char *string)
{
	static char buffers[8][8192];
	static unsigned int next;
	char *out = buffers[next++ % 8];
	size_t room = sizeof(buffers[0]) - 2, used = 0, i;
	size_t world = strlen(scenario_run.world);
	size_t outer = world_outer_root ? strlen(world_outer_root) : 0;

	out[used++] = '"';
	/* The path of a mount in another namespace begins at the root of that. */
	if (outer && !strncmp(string, world_outer_root, outer) &&
	    !strncmp(string + outer, scenario_run.world, world))
		string += outer;
	if (!strncmp(string, scenario_run.world, world) &&
	    (!string[world] || string[world] == '/')) {
		out[used++] = 'W';
		string += world;
	}
	for (i = 0; string[i]; i++) {
		if (string[i] == '[' && isdigit((unsigned char)string[i + 1])) {
			size_t digits = strspn(string + i + 1, "0123456789");

			if (string[i + 1 + digits] == ']') {
				quote_byte(out, room, &used, '[');
				quote_byte(out, room, &used, 'N');
				i += digits;
				continue;
			}
		}
		quote_byte(out, room, &used, string[i]);
		if (isdigit((unsigned char)string[i + 1]) && number_varies(string, i + 1)) {
			quote_byte(out, room, &used, 'N');
			i += strspn(string + i + 1, "0123456789");
		}
	}
	out[used++] = '"';
	out[used] = 0;
	return out;
}

/* --- the world --- */

const char *scenario_world(void)
{
	return scenario_run.world;
}

bool scenario_is_user(void)
{
	return scenario_run.level == SCENARIO_USER;
}

bool scenario_is_userns(void)
{
	return scenario_run.level == SCENARIO_USERNS;
}

void must(long ret, const char *what)
{
	if (ret < 0)
		scenario_broken("%s: %s", what, errno_name(errno));
}

int must_fd(int fd, const char *what)
{
	must(fd, what);
	return fd;
}

void make_dir(const char *path)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		scenario_broken("mkdir %s: %s", path, errno_name(errno));
}

void make_file(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		scenario_broken("create %s: %s", path, errno_name(errno));
	if (content && write(fd, content, strlen(content)) != (ssize_t)strlen(content))
		scenario_broken("write %s: %s", path, errno_name(errno));
	close(fd);
}

void mount_tmpfs(const char *path, const char *options)
{
	make_dir(path);
	if (mount("tmpfs", path, "tmpfs", 0, options ? options : "mode=755,size=1m"))
		scenario_broken("mount tmpfs on %s: %s", path, errno_name(errno));
}

void mount_bind(const char *from, const char *to, bool recursive)
{
	if (mount(from, to, NULL, MS_BIND | (recursive ? MS_REC : 0), NULL))
		scenario_broken("bind %s to %s: %s", from, to, errno_name(errno));
}

void mount_propagation(const char *path, unsigned long ms_flags)
{
	if (mount(NULL, path, NULL, ms_flags, NULL))
		scenario_broken("propagation of %s: %s", path, errno_name(errno));
}

int in_child(int (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid = fork();

	must(pid, "fork");
	if (!pid)
		_exit(fn(arg));
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			scenario_broken("waitpid: %s", errno_name(errno));
	}
	if (atomic_load(&scenario_run.page->is_broken))
		_exit(SCENARIO_STATUS_BROKEN);
	if (!WIFEXITED(status))
		scenario_broken("a child died of signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

int sys_open_tree(int dfd, const char *path, unsigned int flags)
{
	return FIXTURE_SYSCALL(UAPI_NR_open_tree, (long)dfd, path, (long)flags);
}

int sys_move_mount(int from_dfd, const char *from, int to_dfd, const char *to, unsigned int flags)
{
	return FIXTURE_SYSCALL(UAPI_NR_move_mount, (long)from_dfd, from, (long)to_dfd, to,
			       (long)flags);
}

int sys_fsmount_tmpfs(void)
{
	int context = FIXTURE_SYSCALL(UAPI_NR_fsopen, "tmpfs", 1L /* FSOPEN_CLOEXEC */);
	int fd = -1, saved;

	if (context < 0)
		return -1;
	/* 1 = FSCONFIG_SET_STRING, 6 = FSCONFIG_CMD_CREATE */
	if (!FIXTURE_SYSCALL(UAPI_NR_fsconfig, (long)context, 1L, "source", "tmpfs") &&
	    !FIXTURE_SYSCALL(UAPI_NR_fsconfig, (long)context, 1L, "mode", "755") &&
	    !FIXTURE_SYSCALL(UAPI_NR_fsconfig, (long)context, 6L))
		fd = FIXTURE_SYSCALL(UAPI_NR_fsmount, (long)context, 1L /* FSMOUNT_CLOEXEC */);
	saved = errno;
	close(context);
	errno = saved;
	return fd;
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return FIXTURE_SYSCALL(SYS_pivot_root, new_root, put_old);
}

/* --- procfs --- */

bool scenario_read_proc(const char *name, struct text *into)
{
	char path[64], block[16384];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "self/%s", name);
	fd = openat(scenario_run.procfd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while ((got = read(fd, block, sizeof(block))) > 0) {
		text_add_bytes(into, block, got);
		if (into->used > (4u << 20))
			break;
	}
	close(fd);
	return got >= 0;
}

bool scenario_read_mountinfo(struct text *into)
{
	char path[] = "self/mountinfo", block[16384];
	struct text raw = { 0 };
	bool repeats = false;
	size_t seen = 0, seen_room = 0, checked = 0;
	unsigned int *ids = NULL;
	ssize_t got = -1;
	int fd = openat(scenario_run.procfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while (!repeats && (got = read(fd, block, sizeof(block))) > 0) {
		char *end;

		text_add_bytes(&raw, block, got);
		while (!repeats && (end = memchr(raw.start + checked, '\n', raw.used - checked))) {
			unsigned int id = strtoul(raw.start + checked, NULL, 10);
			size_t i;

			for (i = 0; i < seen && !repeats; i++)
				repeats = ids[i] == id;
			if (repeats)
				break;
			if (seen == seen_room) {
				seen_room = seen_room ? 2 * seen_room : 64;
				ids = realloc(ids, seen_room * sizeof(*ids));
				if (!ids)
					abort();
			}
			ids[seen++] = id;
			text_add_bytes(into, raw.start + checked, end + 1 - raw.start - checked);
			checked = end + 1 - raw.start;
		}
	}
	close(fd);
	free(ids);
	text_free(&raw);
	return repeats || got >= 0;
}

/* --- mountinfo, independent of the library's own parser --- */

struct line {
	unsigned int id, parent, major, minor;
	char *root, *point, *attr, *type, *source;
	unsigned int shared, master, from;
	bool unbindable, shown;
};

struct table {
	struct text text;
	struct line *line;
	size_t count;
};

static void unescape(char *string)
{
	char *out = string;

	for (; *string; string++) {
		if (string[0] == '\\' && isdigit((unsigned char)string[1]) &&
		    isdigit((unsigned char)string[2]) && isdigit((unsigned char)string[3])) {
			*out++ = (string[1] - '0') * 64 + (string[2] - '0') * 8 + string[3] - '0';
			string += 3;
		} else {
			*out++ = *string;
		}
	}
	*out = 0;
}

static void table_parse_line(struct line *line, char *text)
{
	char *rest = text, *word;

	memset(line, 0, sizeof(*line));
	line->id = strtoul(strsep(&rest, " "), NULL, 10);
	line->parent = strtoul(strsep(&rest, " "), NULL, 10);
	sscanf(strsep(&rest, " "), "%u:%u", &line->major, &line->minor);
	line->root = strsep(&rest, " ");
	line->point = strsep(&rest, " ");
	line->attr = strsep(&rest, " ");
	while ((word = strsep(&rest, " ")) && strcmp(word, "-")) {
		sscanf(word, "shared:%u", &line->shared);
		sscanf(word, "master:%u", &line->master);
		sscanf(word, "propagate_from:%u", &line->from);
		line->unbindable |= !strcmp(word, "unbindable");
	}
	line->type = strsep(&rest, " ");
	line->source = strsep(&rest, " ");
	if (!rest)
		scenario_broken("mountinfo has a line that cannot be read");
	unescape(line->root);
	unescape(line->point);
}

static bool table_read(struct table *table)
{
	char *start, *end;

	memset(table, 0, sizeof(*table));
	if (!scenario_read_mountinfo(&table->text))
		return false;
	text_add_bytes(&table->text, "", 1);
	for (start = table->text.start; (end = strchr(start, '\n')); start = end + 1) {
		*end = 0;
		table->line = realloc(table->line, (table->count + 1) * sizeof(*table->line));
		if (!table->line)
			abort();
		table_parse_line(&table->line[table->count++], start);
	}
	return true;
}

static void table_free(struct table *table)
{
	text_free(&table->text);
	free(table->line);
}

static struct line *table_find(const struct table *table, unsigned int id)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		if (table->line[i].id == id)
			return &table->line[i];
	}
	return NULL;
}

static bool in_world(const char *path)
{
	size_t size = strlen(scenario_run.world);

	return !strncmp(path, scenario_run.world, size) && (!path[size] || path[size] == '/');
}

static const char *group_letter(uint64_t group)
{
	static char letters[4][16];
	static unsigned int next;
	struct scenario_page *page = scenario_run.page;
	char *out = letters[next++ % 4];
	unsigned int i;

	if (!group)
		return "0";
	for (i = 0; i < page->group_used && page->group[i] != group; i++)
		;
	if (i == page->group_used && i < SCENARIO_GROUPS)
		page->group[page->group_used++] = group;
	if (i < 26)
		snprintf(out, sizeof(letters[0]), "%c", 'A' + i);
	else
		snprintf(out, sizeof(letters[0]), "Z%u", i);
	return out;
}

static int by_point(const void *left, const void *right)
{
	const struct line *const *a = left, *const *b = right;
	int order = strcmp((*a)->point, (*b)->point);

	/* Of stacked mounts the lower one comes first: the upper one's parent is the lower. */
	if (!order && (*b)->parent == (*a)->id)
		return -1;
	if (!order && (*a)->parent == (*b)->id)
		return 1;
	return order;
}

/* Peer groups of WORLD get their letters in order of mount points, whatever order is read. */
static void group_learn(const struct table *table)
{
	struct line **sorted = calloc(table->count + 1, sizeof(*sorted));
	size_t i;

	if (!sorted)
		abort();
	for (i = 0; i < table->count; i++)
		sorted[i] = &table->line[i];
	qsort(sorted, table->count, sizeof(*sorted), by_point);
	for (i = 0; i < table->count; i++) {
		if (in_world(sorted[i]->point)) {
			group_letter(sorted[i]->shared);
			group_letter(sorted[i]->master);
		}
	}
	free(sorted);
}

static void group_learn_world(void)
{
	struct table table;

	if (table_read(&table)) {
		group_learn(&table);
		table_free(&table);
	}
}

/* --- namespaces --- */

int enter_namespace(int nsfd)
{
	return setns(nsfd, CLONE_NEWNS);
}

static void say_line(const struct table *table, struct line *line)
{
	const struct line *parent = table_find(table, line->parent);
	struct text prop = { 0 };

	if (line->shared)
		text_add(&prop, "shared:%s", group_letter(line->shared));
	if (line->master)
		text_add(&prop, "%smaster:%s", prop.used ? "," : "", group_letter(line->master));
	if (line->from)
		text_add(&prop, ",propagate_from:%s", group_letter(line->from));
	if (line->unbindable)
		text_add(&prop, "%sunbindable", prop.used ? "," : "");
	if (!prop.used)
		text_add(&prop, "private");
	say("  %s root=%s type=%s attr=%s prop=%s parent=%s", scenario_quote(line->point),
	    scenario_quote(line->root), line->type, line->attr, prop.start,
	    !parent	   ? "hidden" :
	    parent == line ? "self" :
			     scenario_quote(parent->point));
	text_free(&prop);
	line->shown = true;
}

static void say_branch(const struct table *table, struct line *line, struct line **sorted)
{
	size_t i;

	if (line->shown)
		return;
	say_line(table, line);
	for (i = 0; i < table->count; i++) {
		if (sorted[i]->parent == line->id)
			say_branch(table, sorted[i], sorted);
	}
}

struct describe {
	const char *label;
	int nsfd;
};

static int describe_namespace(void *arg)
{
	const struct describe *describe = arg;
	struct table table;
	struct line **sorted;
	size_t i;

	if (enter_namespace(describe->nsfd)) {
		say("%s: setns %s", describe->label, errno_name(errno));
		return 0;
	}
	if (!table_read(&table))
		scenario_broken("mountinfo of a namespace: %s", errno_name(errno));
	say("%s: %zu mounts", describe->label, table.count);
	sorted = calloc(table.count + 1, sizeof(*sorted));
	if (!sorted)
		abort();
	for (i = 0; i < table.count; i++)
		sorted[i] = &table.line[i];
	qsort(sorted, table.count, sizeof(*sorted), by_point);
	for (i = 0; i < table.count; i++) {
		if (!table_find(&table, sorted[i]->parent) || sorted[i]->parent == sorted[i]->id)
			say_branch(&table, sorted[i], sorted);
	}
	for (i = 0; i < table.count; i++)
		say_branch(&table, sorted[i], sorted);
	free(sorted);
	table_free(&table);
	return 0;
}

void say_namespace(const char *label, int nsfd)
{
	struct describe describe = { .label = label, .nsfd = nsfd };

	group_learn_world();
	in_child(describe_namespace, &describe);
}

/* --- statmount --- */

/* 6.15 and 6.16 crash when native statmount is called for the maps of an idmapped mount. */
static uint64_t safe_mask(uint64_t mask)
{
	bool crashes = scenario_run.native_kernel >= SCENARIO_KERNEL(6, 15) &&
		       scenario_run.native_kernel < SCENARIO_KERNEL(6, 17);

	if (crashes && scenario_run.mode == MNTCOMPAT_MODE_NATIVE)
		mask &= ~(uint64_t)(MNTCOMPAT_STATMOUNT_MNT_UIDMAP |
				    MNTCOMPAT_STATMOUNT_MNT_GIDMAP);
	return mask;
}

int statmount_fd(int fd, uint64_t mask, void *buf, size_t bufsize)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_fd = fd,
		.param = safe_mask(mask),
	};

	return checked_statmount(&req, buf, bufsize, MNTCOMPAT_STATMOUNT_BY_FD);
}

int statmount_id(uint64_t id, uint64_t mask, void *buf, size_t bufsize)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_id = id,
		.param = safe_mask(mask),
	};

	return checked_statmount(&req, buf, bufsize, 0);
}

uint64_t statmount_unique_id(int fd)
{
	struct mntcompat_statmount answer = { 0 };

	if (statmount_fd(fd, MNTCOMPAT_STATMOUNT_MNT_BASIC, &answer, sizeof(answer)))
		return 0;
	return answer.mnt_id;
}

/* statx by number: C libraries learn the mount id field at different times. */
static bool statx_mount_id(int fd, unsigned int mask, uint64_t *id)
{
	union {
		unsigned char bytes[256];
		uint32_t words[64];
		uint64_t longs[32];
	} answer;

	memset(&answer, 0, sizeof(answer));
	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, mask, &answer) || !(answer.words[0] & mask))
		return false;
	*id = answer.longs[0x90 / 8];
	return true;
}

struct answer {
	const char *label;
	uint64_t asked;
	bool by_fd;
	int fd;
	uint64_t id;
	struct mntcompat_statmount *sm;
	size_t strings; /* bytes of all strings with their NULs */
};

static const char *answer_string(struct answer *answer, uint32_t offset, const char *field)
{
	const struct mntcompat_statmount *sm = answer->sm;
	const char *string;

	if (sm->size < 512 || offset >= sm->size - 512) {
		say("  %s offset outside the answer", field);
		return "";
	}
	string = sm->str + offset;
	if (!memchr(string, 0, sm->size - 512 - offset)) {
		say("  %s has no end", field);
		return "";
	}
	return string;
}

static void answer_say_string(struct answer *answer, uint32_t offset, const char *field)
{
	const char *string = answer_string(answer, offset, field);

	answer->strings += strlen(string) + 1;
	say("  %s %s", field, scenario_quote(string));
}

/* Words of tmpfs and LSM options that come and go with kernels and their configuration. */
static bool option_varies(const char *option)
{
	static const char *const words[] = { "inode64", "inode32", "seclabel", "huge=",
					     "noswap",	"mpol=",   NULL };
	int i;

	for (i = 0; words[i]; i++) {
		if (!strncmp(option, words[i], strlen(words[i])))
			return true;
	}
	return false;
}

static void answer_say_options(struct answer *answer)
{
	const char *string = answer_string(answer, answer->sm->mnt_opts, "mnt_opts");
	char *copy = strdup(string), *rest = copy, *word;
	struct text kept = { 0 };

	if (!copy)
		abort();
	answer->strings += strlen(string) + 1;
	while ((word = strsep(&rest, ","))) {
		if (!option_varies(word))
			text_add(&kept, "%s%s", kept.used ? "," : "", word);
	}
	say("  mnt_opts %s", scenario_quote(kept.used ? kept.start : ""));
	text_free(&kept);
	free(copy);
}

static void answer_say_array(struct answer *answer, uint32_t offset, uint32_t number,
			     const char *field, bool filter)
{
	struct text kept = { 0 };
	uint32_t i, shown = 0;

	for (i = 0; i < number; i++) {
		const char *string = answer_string(answer, offset, field);

		answer->strings += strlen(string) + 1;
		offset += strlen(string) + 1;
		if (filter && option_varies(string))
			continue;
		shown++;
		text_add(&kept, " %s", scenario_quote(string));
	}
	say("  %s %u:%s", field, shown, kept.used ? kept.start : "");
	text_free(&kept);
}

static void answer_say_device(struct answer *answer, const struct line *line)
{
	const struct mntcompat_statmount *sm = answer->sm;
	struct stat st;
	bool equal;

	if (answer->by_fd) {
		if (fstat(answer->fd, &st))
			scenario_broken("fstat: %s", errno_name(errno));
		equal = major(st.st_dev) == sm->sb_dev_major &&
			minor(st.st_dev) == sm->sb_dev_minor;
		say("  sb_dev %s st_dev", equal ? "=" : "!=");
	} else if (line) {
		equal = line->major == sm->sb_dev_major && line->minor == sm->sb_dev_minor;
		say("  sb_dev %s mountinfo", equal ? "=" : "!=");
	}
	say("  sb_magic 0x%llx", (unsigned long long)sm->sb_magic);
	say("  sb_flags 0x%x", sm->sb_flags);
}

static void answer_say_ids(struct answer *answer, const struct table *table)
{
	const struct mntcompat_statmount *sm = answer->sm;
	const struct line *parent = table_find(table, sm->mnt_parent_id_old);
	bool self = sm->mnt_parent_id == sm->mnt_id;
	uint64_t id;

	if (!answer->by_fd)
		say("  mnt_id %s request", sm->mnt_id == answer->id ? "=" : "!=");
	else if (sm->mnt_id <= (1ull << 31))
		say("  mnt_id is not unique");
	else if (scenario_run.kernel >= SCENARIO_KERNEL(6, 8) &&
		 statx_mount_id(answer->fd, 0x4000, &id))
		say("  mnt_id %s statx", id == sm->mnt_id ? "=" : "!=");
	else /* nothing to compare with before 6.8: it must at least be stable */
		say("  mnt_id %s statx",
		    statmount_unique_id(answer->fd) == sm->mnt_id ? "=" : "!=");
	if (answer->by_fd && statx_mount_id(answer->fd, 0x1000, &id))
		say("  mnt_id_old %s statx", id == sm->mnt_id_old ? "=" : "!=");
	if (self != (sm->mnt_parent_id_old == sm->mnt_id_old))
		say("  mnt_parent_id and mnt_parent_id_old differ about the parent");
	if (!self && sm->mnt_parent_id <= (1ull << 31))
		say("  mnt_parent_id is not unique");
	say("  mnt_parent_id %s", self			  ? "self" :
				  !parent		  ? "hidden" :
				  in_world(parent->point) ? scenario_quote(parent->point) :
							    "outside");
}

static void answer_say_propagation(struct answer *answer)
{
	const struct mntcompat_statmount *sm = answer->sm;

	say("  mnt_attr 0x%llx", (unsigned long long)sm->mnt_attr);
	say("  mnt_propagation 0x%llx", (unsigned long long)sm->mnt_propagation);
	say("  mnt_peer_group %s", group_letter(sm->mnt_peer_group));
	say("  mnt_master %s", group_letter(sm->mnt_master));
}

static void answer_say_namespace(struct answer *answer)
{
	int fd = openat(scenario_run.procfd, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	uint64_t own = 0;

	must_fd(fd, "own mount namespace");
	if (scenario_calls->mount_namespace_id(fd, &own))
		say("  mnt_ns_id %s", answer->sm->mnt_ns_id ? "unknown" : "0");
	else
		say("  mnt_ns_id %s", answer->sm->mnt_ns_id == own ? "own" : "other");
	close(fd);
}

/* A field that was not requested, or that the mask marks as absent, must be zero. */
static void answer_say_strays(const struct mntcompat_statmount *sm)
{
	static const struct {
		const char *name;
		uint64_t bits;
		size_t start, end;
	} fields[] = {
#define FIELD(member, bits) \
	{ #member, bits, offsetof(struct mntcompat_statmount, member), \
	  offsetof(struct mntcompat_statmount, member) + \
		  sizeof(((struct mntcompat_statmount *)NULL)->member) }
		FIELD(mnt_opts, MNTCOMPAT_STATMOUNT_MNT_OPTS),
		FIELD(sb_dev_major, MNTCOMPAT_STATMOUNT_SB_BASIC),
		FIELD(sb_dev_minor, MNTCOMPAT_STATMOUNT_SB_BASIC),
		FIELD(sb_magic, MNTCOMPAT_STATMOUNT_SB_BASIC),
		FIELD(sb_flags, MNTCOMPAT_STATMOUNT_SB_BASIC),
		FIELD(fs_type, MNTCOMPAT_STATMOUNT_FS_TYPE),
		FIELD(mnt_id, MNTCOMPAT_STATMOUNT_MNT_BASIC),
		FIELD(mnt_parent_id, MNTCOMPAT_STATMOUNT_MNT_BASIC),
		FIELD(mnt_id_old, MNTCOMPAT_STATMOUNT_MNT_BASIC),
		FIELD(mnt_parent_id_old, MNTCOMPAT_STATMOUNT_MNT_BASIC),
		FIELD(mnt_attr, MNTCOMPAT_STATMOUNT_MNT_BASIC),
		FIELD(mnt_propagation, MNTCOMPAT_STATMOUNT_MNT_BASIC),
		FIELD(mnt_peer_group, MNTCOMPAT_STATMOUNT_MNT_BASIC),
		FIELD(mnt_master, MNTCOMPAT_STATMOUNT_MNT_BASIC),
		FIELD(propagate_from, MNTCOMPAT_STATMOUNT_PROPAGATE_FROM),
		FIELD(mnt_root, MNTCOMPAT_STATMOUNT_MNT_ROOT),
		FIELD(mnt_point, MNTCOMPAT_STATMOUNT_MNT_POINT),
		FIELD(mnt_ns_id, MNTCOMPAT_STATMOUNT_MNT_NS_ID),
		FIELD(fs_subtype, MNTCOMPAT_STATMOUNT_FS_SUBTYPE),
		FIELD(sb_source, MNTCOMPAT_STATMOUNT_SB_SOURCE),
		FIELD(opt_num, MNTCOMPAT_STATMOUNT_OPT_ARRAY),
		FIELD(opt_array, MNTCOMPAT_STATMOUNT_OPT_ARRAY),
		FIELD(opt_sec_num, MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY),
		FIELD(opt_sec_array, MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY),
		FIELD(supported_mask, MNTCOMPAT_STATMOUNT_SUPPORTED_MASK),
		FIELD(mnt_uidmap_num, MNTCOMPAT_STATMOUNT_MNT_UIDMAP),
		FIELD(mnt_uidmap, MNTCOMPAT_STATMOUNT_MNT_UIDMAP),
		FIELD(mnt_gidmap_num, MNTCOMPAT_STATMOUNT_MNT_GIDMAP),
		FIELD(mnt_gidmap, MNTCOMPAT_STATMOUNT_MNT_GIDMAP),
		FIELD(spare, 0),
#undef FIELD
	};
	const unsigned char *bytes = (const unsigned char *)sm;
	size_t i, at;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (sm->mask & fields[i].bits)
			continue;
		for (at = fields[i].start; at < fields[i].end && !bytes[at]; at++)
			;
		if (at < fields[i].end)
			say("  %s set without its mask bit", fields[i].name);
	}
}

static void answer_say(struct answer *answer)
{
	const uint64_t string_bits =
		MNTCOMPAT_STATMOUNT_MNT_ROOT | MNTCOMPAT_STATMOUNT_MNT_POINT |
		MNTCOMPAT_STATMOUNT_FS_TYPE | MNTCOMPAT_STATMOUNT_MNT_OPTS |
		MNTCOMPAT_STATMOUNT_FS_SUBTYPE | MNTCOMPAT_STATMOUNT_SB_SOURCE |
		MNTCOMPAT_STATMOUNT_OPT_ARRAY | MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY |
		MNTCOMPAT_STATMOUNT_MNT_UIDMAP | MNTCOMPAT_STATMOUNT_MNT_GIDMAP;
	struct mntcompat_statmount *sm = answer->sm;
	struct table table;
	uint64_t mask = sm->mask;
	size_t size;

	if (!table_read(&table))
		scenario_broken("own mountinfo: %s", errno_name(errno));
	group_learn(&table);
	say("%s: ok", answer->label);
	say("  mask 0x%llx", (unsigned long long)mask);
	if (mask & MNTCOMPAT_STATMOUNT_SB_BASIC)
		answer_say_device(answer, mask & MNTCOMPAT_STATMOUNT_MNT_BASIC ?
						  table_find(&table, sm->mnt_id_old) :
						  NULL);
	if (mask & MNTCOMPAT_STATMOUNT_MNT_BASIC) {
		answer_say_ids(answer, &table);
		answer_say_propagation(answer);
	}
	if (mask & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)
		say("  propagate_from %s", group_letter(sm->propagate_from));
	if (mask & MNTCOMPAT_STATMOUNT_FS_TYPE)
		answer_say_string(answer, sm->fs_type, "fs_type");
	if (mask & MNTCOMPAT_STATMOUNT_MNT_ROOT)
		answer_say_string(answer, sm->mnt_root, "mnt_root");
	if (mask & MNTCOMPAT_STATMOUNT_MNT_POINT)
		answer_say_string(answer, sm->mnt_point, "mnt_point");
	if (mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID)
		answer_say_namespace(answer);
	if (mask & MNTCOMPAT_STATMOUNT_MNT_OPTS)
		answer_say_options(answer);
	if (mask & MNTCOMPAT_STATMOUNT_OPT_ARRAY)
		answer_say_array(answer, sm->opt_array, sm->opt_num, "opt_array", true);
	if (mask & MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY)
		answer_say_array(answer, sm->opt_sec_array, sm->opt_sec_num, "opt_sec_array",
				 false);
	if (mask & MNTCOMPAT_STATMOUNT_FS_SUBTYPE)
		answer_say_string(answer, sm->fs_subtype, "fs_subtype");
	if (mask & MNTCOMPAT_STATMOUNT_SB_SOURCE)
		answer_say_string(answer, sm->sb_source, "sb_source");
	if (mask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK)
		say("  supported_mask 0x%llx", (unsigned long long)sm->supported_mask);
	if (mask & MNTCOMPAT_STATMOUNT_MNT_UIDMAP)
		answer_say_array(answer, sm->mnt_uidmap, sm->mnt_uidmap_num, "mnt_uidmap", false);
	if (mask & MNTCOMPAT_STATMOUNT_MNT_GIDMAP)
		answer_say_array(answer, sm->mnt_gidmap, sm->mnt_gidmap_num, "mnt_gidmap", false);
	answer_say_strays(sm);
	size = 512 + (answer->asked & string_bits ? 1 + answer->strings : 0);
	say("  size %s", sm->size == size ? "exact" : "not the sum of its parts");
	table_free(&table);
}

static void say_statmount(struct answer *answer)
{
	const size_t room = 64 << 10;
	int ret;

	answer->sm = calloc(1, room);
	if (!answer->sm)
		abort();
	ret = answer->by_fd ? statmount_fd(answer->fd, answer->asked, answer->sm, room) :
			      statmount_id(answer->id, answer->asked, answer->sm, room);
	if (ret)
		say_result(answer->label, ret);
	else
		answer_say(answer);
	free(answer->sm);
}

void say_statmount_fd(const char *label, int fd, uint64_t mask)
{
	struct answer answer = { .label = label, .asked = mask, .by_fd = true, .fd = fd };

	say_statmount(&answer);
}

void say_statmount_id(const char *label, uint64_t id, uint64_t mask)
{
	struct answer answer = { .label = label, .asked = mask, .id = id };

	say_statmount(&answer);
}
