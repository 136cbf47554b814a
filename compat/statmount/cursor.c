// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cursor.c - keeps open mountinfo files that stand before the next lines in question.
 * Keeps descriptors and one mapping of the process; through raw.h, so that a helper may call it.
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/statmount/cursor.h"
#include "compat/task/mountinfo.h"
#include "compat/task/offline.h"
#include "compat/task/procfs.h"

#define CURSORS 16
/* Out of the way of programs that count on low numbers, and of those that have few. */
#define CURSOR_MIN_FD 100
#define CURSOR_LEAST_LIMIT 512
/* A cursor so many lines behind goes on; else one is opened, if a cursor can be spared. */
#define CURSOR_NEAR 64u
/* A cursor can be spared if so many others were used since. */
#define CURSOR_IDLE 64u
/* Lines that are read in vain before there are cursors. */
#define CURSOR_DEBT 512u
/*
 * The signal that the file would send, which it never does without O_ASYNC: it is kept with the
 * open file, so it tells this one from another open file of the same inode.
 */
#define CURSOR_MARK 62

/* The mounts that a mountinfo shows are those of a namespace below a root. */
struct cursor_view {
	struct namespace_name namespace;
	struct namespace_root root;
};

/* An open "ns" directory of the thread that made the index: by it a view costs half as much. */
struct cursor_door {
	int fd; /* -1: none */
	pid_t thread;
	uint64_t ino, mount,
		namespaces; /* namespaces: the mount of the kernel's that they are on */
	uint32_t dev_major, dev_minor;
};

struct cursor_line {
	uint32_t id;
	uint32_t at; /* offset in the file */
};

struct cursor {
	int fd; /* -1: none */
	uint64_t dev, ino;
	uint32_t next; /* the line that it prints at the next read */
	uint32_t used; /* when, in uses of all cursors */
};

/* Changed by the holder of the lock only. */
static struct {
	pid_t owner;
	struct cursor_door door;
	struct cursor_view view;
	struct cursor_line *lines; /* and one more, at the end of the file */
	uint32_t n, last;	   /* last: the line found last */
	uint32_t uses;
	size_t longest; /* line, with its end */
	struct cursor cursors[CURSORS];
} cursor_set;

static _Atomic bool cursor_allowed, cursor_locked;
static _Atomic bool cursor_there;    /* the set has an index */
static _Atomic bool cursor_unwanted; /* somebody wants the set dropped, and could not wait */
static _Atomic size_t cursor_debt, cursor_limit = CURSOR_DEBT;

static void drop_all(void);

static bool lock(void)
{
	return !atomic_exchange_explicit(&cursor_locked, true, memory_order_acquire);
}

static void unlock(void)
{
	atomic_store_explicit(&cursor_locked, false, memory_order_release);
	while (atomic_load(&cursor_unwanted) && lock()) {
		if (atomic_exchange(&cursor_unwanted, false))
			drop_all();
		atomic_store_explicit(&cursor_locked, false, memory_order_release);
	}
}

static bool is_door(const struct cursor_door *door)
{
	struct raw_statx stx;

	return door->fd >= 0 && offline_statx(door->fd, &stx) == 0 && stx.ino == door->ino &&
	       stx.mask & MNTCOMPAT_STATX_MNT_ID && stx.mnt_id == door->mount &&
	       stx.dev_major == door->dev_major && stx.dev_minor == door->dev_minor;
}

/* By @door, if it is this thread's. A mount over the link in it would have another mount id. */
static int namespace_now(struct cursor_door *door, struct namespace_name *name)
{
	struct raw_statx stx;

	if (door && door->thread != raw_gettid())
		door = NULL;
	if (door && !is_door(door))
		door->fd = -1;
	if (!door || door->fd < 0)
		return procfs_name_own_namespace(&name->dev, &name->ino);
	if (raw_statx(door->fd, "mnt", 0, 0, &stx) < 0 || stx.mnt_id != door->namespaces)
		return -ENOSYS;
	name->dev = makedev(stx.dev_major, stx.dev_minor);
	name->ino = stx.ino;
	return 0;
}

static int view_now(struct cursor_door *door, struct cursor_view *view)
{
	int ret = namespace_now(door, &view->namespace);

	if (ret == 0)
		ret = namespace_root(&view->root);
	/* Before 5.8 a mount cannot be named without opening it. */
	return ret == 0 && !view->root.mount ? -ENOSYS : ret;
}

static bool is_view(void)
{
	const struct cursor_view *view = &cursor_set.view;
	struct cursor_view now;

	return view_now(&cursor_set.door, &now) == 0 && now.namespace.dev == view->namespace.dev &&
	       now.namespace.ino == view->namespace.ino && now.root.dev == view->root.dev &&
	       now.root.ino == view->root.ino && now.root.mount == view->root.mount;
}

/* True if the number still is the file that was opened. */
static bool is_ours(const struct cursor *cursor)
{
	struct stat st;

	return cursor->fd >= 0 && raw_fcntl(cursor->fd, F_GETSIG, 0) == CURSOR_MARK &&
	       raw_fstat(cursor->fd, &st) == 0 && st.st_dev == cursor->dev &&
	       st.st_ino == cursor->ino;
}

static void close_cursor(struct cursor *cursor)
{
	if (is_ours(cursor))
		raw_close(cursor->fd);
	cursor->fd = -1;
}

static void close_files(void)
{
	for (size_t i = 0; i < CURSORS; i++)
		close_cursor(&cursor_set.cursors[i]);
	if (is_door(&cursor_set.door))
		raw_close(cursor_set.door.fd);
	cursor_set.door.fd = -1;
}

static void drop_all(void)
{
	if (!atomic_load(&cursor_there))
		return;
	atomic_store(&cursor_there, false);
	close_files();
	raw_munmap(cursor_set.lines, (cursor_set.n + 1) * sizeof(*cursor_set.lines));
	cursor_set.lines = NULL;
}

static int open_high(const char *path)
{
	int fd = procfs_open(path), high;

	if (fd < 0)
		return fd;
	high = raw_fcntl(fd, F_DUPFD_CLOEXEC, CURSOR_MIN_FD);
	raw_close(fd);
	return high;
}

static void open_door(struct cursor_door *door)
{
	struct raw_statx stx, link, file;

	door->thread = raw_gettid();
	door->fd = open_high("thread-self/ns");
	if (door->fd < 0)
		return;
	if (offline_statx(door->fd, &stx) < 0 || !(stx.mask & MNTCOMPAT_STATX_MNT_ID) ||
	    raw_statx(door->fd, "mnt", MNTCOMPAT_AT_SYMLINK_NOFOLLOW, 0, &link) < 0 ||
	    link.mnt_id != stx.mnt_id || raw_statx(door->fd, "mnt", 0, 0, &file) < 0) {
		raw_close(door->fd);
		door->fd = -1;
		return;
	}
	door->ino = stx.ino;
	door->mount = stx.mnt_id;
	door->dev_major = stx.dev_major;
	door->dev_minor = stx.dev_minor;
	door->namespaces = file.mnt_id;
}

/* --- the index --- */

static struct cursor_line *index_table(const struct mountinfo_table *table, uint32_t *n)
{
	struct cursor_line *lines = raw_mmap((table->lines + 1) * sizeof(*lines));
	const char *at = table->text, *end = table->text + table->len, *newline;
	struct mountinfo_line line;

	for (*n = 0; lines && at < end && *n < table->lines; at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			break;
		/* A line that cannot be read is never found. */
		if (mountinfo_parse_line(at, (size_t)(newline - at), &line) < 0)
			line.id = UINT32_MAX;
		lines[*n].at = (uint32_t)(at - table->text);
		lines[(*n)++].id = line.id;
		if ((size_t)(newline - at) >= cursor_set.longest)
			cursor_set.longest = (size_t)(newline - at) + 1;
	}
	if (lines)
		lines[*n].at = (uint32_t)(at - table->text);
	return lines;
}

static int make_index(void)
{
	struct mountinfo_table table;
	uint64_t limit[2];
	int fd, ret;

	drop_all();
	if (raw_limit_files(NULL, limit) < 0 || limit[0] < CURSOR_LEAST_LIMIT)
		return -EMFILE;
	ret = view_now(NULL, &cursor_set.view);
	if (ret < 0)
		return ret;
	fd = procfs_open("thread-self/mountinfo");
	if (fd < 0)
		return fd;
	ret = mountinfo_read(fd, &table);
	raw_close(fd);
	if (ret < 0)
		return ret;
	cursor_set.longest = 0;
	cursor_set.lines = index_table(&table, &cursor_set.n);
	mountinfo_release(&table);
	if (!cursor_set.lines)
		return -ENOMEM;
	cursor_set.last = cursor_set.uses = 0;
	for (size_t i = 0; i < CURSORS; i++)
		cursor_set.cursors[i] = (struct cursor){ .fd = -1 };
	open_door(&cursor_set.door);
	atomic_store(&cursor_there, true);
	if (is_view())
		return 0;
	drop_all();
	return -EAGAIN;
}

void cursor_count(size_t lines)
{
	size_t debt, limit = atomic_load(&cursor_limit);
	int ret;

	if (!atomic_load(&cursor_allowed))
		return;
	debt = atomic_fetch_add(&cursor_debt, lines) + lines;
	if (debt < limit || !lock())
		return;
	if (raw_getpid() == cursor_set.owner) {
		ret = make_index();
		atomic_store(&cursor_debt, 0);
		/* A table that changes all the time is not indexed all the time. */
		atomic_store(&cursor_limit,
			     CURSOR_DEBT + 4 * (ret < 0 ? limit : (size_t)cursor_set.n));
		debug_step("index of mountinfo: %d", ret);
	}
	unlock();
}

/* The line of a mount; n if it is not there. As a rule it is that of the last question, or the
 * next. */
static uint32_t find_line(uint32_t id)
{
	uint32_t i = cursor_set.last;

	for (uint32_t n = 0; n < cursor_set.n; n++, i++) {
		if (i >= cursor_set.n)
			i = 0;
		if (cursor_set.lines[i].id == id) {
			cursor_set.last = i;
			return i;
		}
	}
	return cursor_set.n;
}

/* --- reading --- */

/* Memory for what is read: the caller's window, or a mapping for tables that have longer lines. */
struct cursor_room {
	char *text;
	size_t size, mapped;
};

/*
 * @size bytes, which are whole lines, from where a cursor stands. The kernel ends a read after as
 * many whole lines as were requested, and keeps nothing for the next one.
 */
static int read_lines(int fd, const struct cursor_room *room, size_t size, size_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = raw_pread(fd, room->text + done, size - done, (off_t)(offset + done));

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return -EAGAIN;
		done += (size_t)n;
		/* The kernel keeps the rest of a line that is longer than foreseen. */
		if (room->text[done - 1] != '\n')
			return -EAGAIN;
	}
	return 0;
}

/* Takes the line @i as it is now, from byte @start of the room. */
static int take_line(uint32_t i, const struct cursor_room *room, size_t start,
		     struct mountinfo_line *line)
{
	const struct cursor_line *wanted = &cursor_set.lines[i];
	size_t len = wanted[1].at - wanted->at;
	const char *text = room->text + start;

	return memchr(text, '\n', len) == text + len - 1 &&
			       mountinfo_parse_line(text, len - 1, line) == 0 &&
			       line->id == wanted->id ?
		       0 :
		       -EAGAIN;
}

static int open_file(struct cursor *cursor)
{
	int high = open_high("thread-self/mountinfo");
	struct stat st;

	if (high < 0)
		return -EBUSY;
	if (raw_fcntl(high, F_SETSIG, CURSOR_MARK) < 0 || raw_fstat(high, &st) < 0) {
		raw_close(high);
		return -EBUSY;
	}
	cursor->fd = high;
	cursor->dev = st.st_dev;
	cursor->ino = st.st_ino;
	return 0;
}

/*
 * A new cursor that has passed the line @i. The kernel prints all lines up to there, but hands out
 * only that one and the newline before it, which shows that it begins there. Both in one read: one
 * that ends with the newline would make the kernel print a line, and keep it.
 */
static int open_at(struct cursor *cursor, uint32_t i, const struct cursor_room *room,
		   struct mountinfo_line *line)
{
	const struct cursor_line *wanted = &cursor_set.lines[i];
	size_t before = i > 0, len = before + wanted[1].at - wanted->at;
	int ret = open_file(cursor);
	ssize_t n;

	if (ret < 0)
		return ret;
	cursor->next = i + 1;
	do
		n = raw_pread(cursor->fd, room->text, len, (off_t)(wanted->at - before));
	while (n == -EINTR);
	if (n != (ssize_t)len || (before && room->text[0] != '\n'))
		return -EAGAIN;
	ret = take_line(i, room, before, line);
	return ret || is_view() ? ret : -EAGAIN;
}

/* Moves a cursor that has not passed the line @i behind it. */
static int go_on(struct cursor *cursor, uint32_t i, const struct cursor_room *room,
		 struct mountinfo_line *line)
{
	const struct cursor_line *lines = cursor_set.lines;

	while (cursor->next <= i) {
		uint32_t from = cursor->next, end = from + 1;
		int ret;

		/* The last line alone. */
		while (end < i && lines[end + 1].at - lines[from].at <= room->size)
			end++;
		ret = read_lines(cursor->fd, room, lines[end].at - lines[from].at, lines[from].at);
		if (ret < 0)
			return ret;
		cursor->next = end;
	}
	return take_line(i, room, 0, line);
}

/* The cursor that comes to line @i soonest; if that is not soon, one that can be spared. */
static struct cursor *choose(uint32_t i)
{
	struct cursor *nearest = NULL, *oldest = NULL;

	for (size_t k = 0; k < CURSORS; k++) {
		struct cursor *cursor = &cursor_set.cursors[k];

		if (cursor->fd >= 0 && cursor->next <= i &&
		    (!nearest || cursor->next > nearest->next))
			nearest = cursor;
		if (!oldest || (oldest->fd >= 0 && (cursor->fd < 0 || cursor->used < oldest->used)))
			oldest = cursor;
	}
	if (nearest && i - nearest->next <= CURSOR_NEAR)
		return nearest;
	if (oldest->fd < 0 || !nearest || cursor_set.uses - oldest->used >= CURSOR_IDLE)
		close_cursor(oldest);
	else
		oldest = nearest;
	return oldest;
}

static int read_line(uint32_t i, const struct cursor_room *room, struct mountinfo_line *line)
{
	struct cursor *cursor = choose(i);

	while (cursor->fd >= 0 && !is_ours(cursor)) {
		/* The number is the program's. */
		cursor->fd = -1;
		cursor = choose(i);
	}
	cursor->used = ++cursor_set.uses;
	return cursor->fd < 0 ? open_at(cursor, i, room, line) : go_on(cursor, i, room, line);
}

static int find(uint32_t id, struct mountinfo_window *window, struct mountinfo_table *table,
		struct mountinfo_line *line)
{
	struct cursor_room room = { .text = window->text, .size = sizeof(window->text) };
	uint32_t i = find_line(id);
	int ret;

	if (i == cursor_set.n || id == UINT32_MAX)
		return -ENOENT;
	/* A line and a newline. */
	if (cursor_set.longest >= room.size) {
		room.mapped = room.size = cursor_set.longest + 1;
		room.text = raw_mmap(room.mapped);
		if (!room.text)
			return -EBUSY;
	}
	ret = read_line(i, &room, line);
	debug_step("mount %u is line %u: %d", id, i, ret);
	*table = (struct mountinfo_table){ room.text, room.size, room.mapped, 1 };
	if (ret < 0)
		mountinfo_release(table);
	/* The table is not what it was. */
	if (ret == -EAGAIN)
		drop_all();
	return ret == -EAGAIN ? -ENOENT : ret;
}

int cursor_find(uint32_t id, struct mountinfo_window *window, struct mountinfo_table *table,
		struct mountinfo_line *line)
{
	int ret = -ENOENT;

	if (!atomic_load(&cursor_allowed))
		return -EAGAIN;
	if (!atomic_load(&cursor_there))
		return ret;
	if (!lock())
		return -EAGAIN;
	if (raw_getpid() != cursor_set.owner) {
		ret = -EAGAIN;
	} else if (!atomic_load(&cursor_there)) {
		;
	} else if (!is_view()) {
		drop_all();
	} else {
		ret = find(id, window, table, line);
	}
	unlock();
	return ret == -EBUSY ? -EAGAIN : ret;
}

/* --- the process --- */

void cursor_allow(void)
{
	cursor_set.owner = raw_getpid();
	atomic_store(&cursor_allowed, true);
}

void cursor_drop(void)
{
	if (!atomic_load(&cursor_there))
		return;
	/* In a child that shares memory, or was made without libc: the numbers in its own table. */
	if (raw_getpid() != cursor_set.owner) {
		for (size_t i = 0; i < CURSORS; i++)
			if (is_ours(&cursor_set.cursors[i]))
				raw_close(cursor_set.cursors[i].fd);
		if (is_door(&cursor_set.door))
			raw_close(cursor_set.door.fd);
		return;
	}
	atomic_store(&cursor_unwanted, true);
	if (lock())
		unlock();
}

void cursor_forget(void)
{
	if (!atomic_load(&cursor_allowed))
		return;
	/* The parent's thread that held the lock is not here, and the mapping may be any. */
	if (atomic_load(&cursor_locked)) {
		close_files();
		atomic_store(&cursor_there, false);
		atomic_store(&cursor_locked, false);
	} else {
		drop_all();
	}
	atomic_store(&cursor_unwanted, false);
	cursor_set.owner = raw_getpid();
}

int cursor_number(unsigned int i)
{
	if (atomic_load(&cursor_there) && cursor_set.door.fd >= 0 && i-- == 0)
		return cursor_set.door.fd;
	for (size_t k = 0; k < CURSORS && atomic_load(&cursor_there); k++)
		if (cursor_set.cursors[k].fd >= 0 && i-- == 0)
			return cursor_set.cursors[k].fd;
	return -1;
}
