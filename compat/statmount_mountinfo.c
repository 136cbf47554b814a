// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statmount_mountinfo.c - facts from a line of mountinfo.
 * Reads procfs through mountinfo.h; pure otherwise. Called by statmount.c and
 * statmount_elsewhere.c.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/raw.h"
#include "compat/statmount.h"


/* Final bytes of a column. Points into the line itself when there is nothing to unescape. */
static int unescaped(struct mountinfo_span span, struct builder_bytes *bytes,
		     struct statmount_scratch *scratch)
{
	char *text;

	bytes->text = span.text;
	bytes->len = span.len;
	if (!span.len || !memchr(span.text, '\\', span.len))
		return 0;
	text = statmount_alloc(scratch, span.len);
	if (!text)
		return -ENOMEM;
	bytes->text = text;
	bytes->len = mountinfo_unescape(span, text, span.len);
	return 0;
}

static bool is_word(struct mountinfo_span span, const char *word)
{
	return span.len == strlen(word) && memcmp(span.text, word, span.len) == 0;
}

/* Only filesystems over FUSE have subtypes; a dot in another name belongs to the name. A subtype is any text. */
static int split_type(struct mountinfo_span type, struct builder_facts *facts, struct statmount_scratch *scratch)
{
	const char *dot = memchr(type.text, '.', type.len);
	struct mountinfo_span name = type, subtype;

	facts->known |= MNTCOMPAT_STATMOUNT_FS_TYPE;
	facts->fs_type.text = type.text;
	facts->fs_type.len = type.len;
	if (!dot)
		return 0;
	name.len = (size_t)(dot - type.text);
	if (!is_word(name, "fuse") && !is_word(name, "fuseblk"))
		return 0;
	facts->fs_type.len = name.len;
	subtype.text = dot + 1;
	subtype.len = type.len - name.len - 1;
	if (subtype.len)
		facts->known |= MNTCOMPAT_STATMOUNT_FS_SUBTYPE;
	return unescaped(subtype, &facts->fs_subtype, scratch);
}

/*
 * Options as NUL-terminated strings, one after the other: those of the filesystem, or those of an
 * LSM.
 */
static int option_array(struct mountinfo_span all, bool security, struct builder_bytes *array,
			uint32_t *num, struct statmount_scratch *scratch)
{
	struct mountinfo_options options = { .rest = all };
	struct mountinfo_span option;
	char *text = statmount_alloc(scratch, all.len + 1);
	size_t used = 0;
	bool is_security;

	if (!text)
		return -ENOMEM;
	*num = 0;
	while (mountinfo_next_option(&options, &option, &is_security)) {
		if (is_security != security)
			continue;
		/* Never longer than the escaped form and the comma behind it. */
		used += mountinfo_unescape(option, text + used, option.len);
		text[used++] = '\0';
		++*num;
	}
	array->text = text;
	array->len = used;
	return 0;
}

int statmount_option_arrays(struct mountinfo_span options, struct builder_facts *facts,
			    struct statmount_scratch *scratch)
{
	int ret = option_array(options, false, &facts->opt_array, &facts->opt_num, scratch);

	if (!ret)
		ret = option_array(options, true, &facts->opt_sec_array, &facts->opt_sec_num,
				   scratch);
	if (ret < 0)
		return ret;
	if (facts->opt_num)
		facts->known |= MNTCOMPAT_STATMOUNT_OPT_ARRAY;
	if (facts->opt_sec_num)
		facts->known |= MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY;
	return 0;
}

int statmount_mountinfo_facts(const struct mountinfo_line *line, struct builder_facts *facts,
			      struct statmount_scratch *scratch)
{
	struct mountinfo_span options;
	int ret;

	builder_zero(facts, sizeof(*facts));
	facts->mnt_id_old = line->id;
	facts->mnt_parent_id_old = line->parent;
	facts->mnt_attr = mountinfo_mount_attr(line->mount_options);
	facts->mnt_peer_group = line->peer_group;
	facts->mnt_master = line->master;
	if (line->peer_group)
		facts->mnt_propagation |= MS_SHARED;
	if (line->master)
		facts->mnt_propagation |= MS_SLAVE;
	if (line->unbindable)
		facts->mnt_propagation |= MS_UNBINDABLE;
	if (!facts->mnt_propagation)
		facts->mnt_propagation = MS_PRIVATE;

	facts->sb_dev_major = line->dev_major;
	facts->sb_dev_minor = line->dev_minor;
	facts->sb_flags = mountinfo_super(line->super_options, &options);

	/* A slave's line names the group only when that is not the master's. */
	facts->propagate_from = line->propagate_from;
	if (!line->master || line->propagate_from)
		facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;

	facts->known |= MNTCOMPAT_STATMOUNT_MNT_ROOT | MNTCOMPAT_STATMOUNT_MNT_POINT;
	ret = split_type(line->type, facts, scratch);
	if (!ret)
		ret = unescaped(line->root, &facts->mnt_root, scratch);
	if (!ret)
		ret = unescaped(line->mount_point, &facts->mnt_point, scratch);
	if (!ret)
		ret = unescaped(line->source, &facts->sb_source, scratch);
	if (!ret)
		ret = statmount_option_arrays(options, facts, scratch);
	if (ret < 0)
		return ret;
	facts->mnt_opts.text = options.text;
	facts->mnt_opts.len = options.len;
	if (options.len)
		facts->known |= MNTCOMPAT_STATMOUNT_MNT_OPTS;
	if (line->source.len)
		facts->known |= MNTCOMPAT_STATMOUNT_SB_SOURCE;
	return 0;
}

/* --- the caller's own table --- */

int statmount_own_line(const struct statmount_ids *ids, bool whole,
		       struct statmount_scratch *scratch, struct mountinfo_line *line, int *keep)
{
	/* A thread may have left the process's namespace and root. */
	int fd = statmount_proc_open("thread-self/mountinfo"), ret;

	if (fd < 0)
		return fd;
	mountinfo_release(&scratch->table);
	ret = mountinfo_find(fd, ids->old, whole ? NULL : &scratch->window, &scratch->table, line);
	if (keep && ret == 0)
		*keep = fd;
	else
		raw_close(fd);
	/* What reading says is nothing that was said of the mount. */
	if (ret < 0 && ret != -ENOENT && ret != -ENOMEM)
		ret = -EOPNOTSUPP;
	return ret;
}

static bool table_has_group(const struct mountinfo_table *table, uint64_t group)
{
	struct mountinfo_line line;
	size_t pos = 0;

	while (mountinfo_next(table, &pos, &line))
		if (line.peer_group == group)
			return true;
	return false;
}

void statmount_own_propagate_from(const struct mountinfo_table *whole, struct builder_facts *facts)
{
	if (facts->known & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)
		return;
	/* The line is silent when the master's group itself is visible, and when nothing is. */
	facts->propagate_from = table_has_group(whole, facts->mnt_master) ? facts->mnt_master : 0;
	facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
}

static bool table_unchanged(int fd)
{
	struct pollfd poll = {.fd = fd, .events = POLLPRI};

	return raw_poll(&poll, 1, 0) == 0 || !(poll.revents & (POLLPRI | POLLERR));
}

int statmount_open_point(int root, const struct mountinfo_line *line)
{
	struct statmount_ids found, wanted = {.old_known = true, .old = line->id};
	char path[4096] = ".";
	size_t len = mountinfo_unescape(line->mount_point, path + 1, sizeof(path) - 1);
	int fd, ret;

	if (len >= sizeof(path) - 1)
		return -EOPNOTSUPP;
	path[len + 1] = '\0';
	/* "./proc" below another process's root, "/proc" below the caller's. */
	fd = raw_openat(root, root < 0 ? path + 1 : path, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
		return fd;
	if (fd < 0)
		return -EOPNOTSUPP;
	ret = statmount_fd_ids(fd, &found);
	if (!ret)
		ret = statmount_fd_old_id(fd, &found);
	if (!ret && statmount_same_mount(&found, &wanted))
		return fd;
	raw_close(fd);
	return ret == -EMFILE || ret == -ENFILE ? ret : -EOPNOTSUPP;
}

int statmount_table_magic(int root, const struct mountinfo_table *whole,
			  const struct mountinfo_line *line, uint64_t *magic)
{
	struct mountinfo_line other;
	size_t pos = 0;
	int fd = statmount_open_point(root, line), ret;

	while (fd == -EOPNOTSUPP && mountinfo_next(whole, &pos, &other))
		if (other.id != line->id && other.dev_major == line->dev_major &&
		    other.dev_minor == line->dev_minor)
			fd = statmount_open_point(root, &other);
	if (fd < 0)
		return fd;
	ret = statmount_fd_magic(fd, magic);
	raw_close(fd);
	return ret < 0 ? -EOPNOTSUPP : 0;
}

/*
 * Where the kernel has unique ids but statmount itself is filtered, the parent's is found at its
 * mount point. Everywhere else before 6.8 ids are made of the old ones.
 */
static int table_parent(const struct mountinfo_table *whole, const struct statmount_ids *ids,
			struct builder_facts *facts)
{
	struct mountinfo_line line;
	struct statmount_ids parent;
	size_t pos = 0;
	int fd, ret;

	if (!ids->unique_known) {
		if (statmount_ids_known(ids, &facts->mnt_id) < 0)
			return -EOPNOTSUPP;
		facts->mnt_parent_id = STATMOUNT_SYNTHETIC_ID | facts->mnt_parent_id_old;
		return 0;
	}
	facts->mnt_id = facts->mnt_parent_id = ids->unique;
	if (facts->mnt_id_old == facts->mnt_parent_id_old)
		return 0;
	while (mountinfo_next(whole, &pos, &line)) {
		if (line.id != facts->mnt_parent_id_old)
			continue;
		fd = statmount_open_point(AT_FDCWD, &line);
		if (fd < 0)
			return fd;
		ret = statmount_fd_ids(fd, &parent);
		raw_close(fd);
		facts->mnt_parent_id = parent.unique;
		return ret;
	}
	return -EOPNOTSUPP;
}

/* Adds what is not in the line itself. @fd: on the mount, or -1. */
static int complete(int fd, const struct statmount_ids *ids, const struct mountinfo_line *line,
		    uint64_t mask, struct builder_facts *facts, struct statmount_scratch *scratch)
{
	int ret = 0;

	if (mask & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)
		statmount_own_propagate_from(&scratch->table, facts);
	if (mask & MNTCOMPAT_STATMOUNT_SB_BASIC) {
		ret = fd >= 0 ? statmount_fd_magic(fd, &facts->sb_magic)
			      : statmount_table_magic(AT_FDCWD, &scratch->table, line,
						      &facts->sb_magic);
		if (ret == 0)
			facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC;
		else if (ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM)
			return ret;
	}
	ret = statmount_namespace_facts(-1, mask, facts);
	if (ret < 0)
		return ret;
	if (mask & MNTCOMPAT_STATMOUNT_MNT_BASIC) {
		ret = table_parent(&scratch->table, ids, facts);
		if (ret == 0)
			facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
		else if (ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM)
			return ret;
	}
	return 0;
}

static bool needs_whole(int fd, const struct statmount_ids *ids, const struct mountinfo_line *line,
			uint64_t mask)
{
	if (mask & MNTCOMPAT_STATMOUNT_PROPAGATE_FROM && line->master && !line->propagate_from)
		return true;
	if (mask & MNTCOMPAT_STATMOUNT_MNT_BASIC && ids->unique_known)
		return true;
	return mask & MNTCOMPAT_STATMOUNT_SB_BASIC && fd < 0;
}

int statmount_listed(int fd, const struct statmount_ids *ids, uint64_t mask,
		     struct builder_facts *facts, struct statmount_scratch *scratch)
{
	struct mountinfo_line line;
	bool whole = false;
	int table = -1, point = -1, ret;

	/* A second reading keeps all lines, if one of the others is needed; mostly none is. */
	for (;;) {
		ret = statmount_own_line(ids, whole, scratch, &line, &table);
		if (ret < 0)
			return ret;
		/* An open file tells as much of the superblock as the fd that there is not. */
		if (!whole && fd < 0 && mask & MNTCOMPAT_STATMOUNT_SB_BASIC)
			point = statmount_open_point(AT_FDCWD, &line);
		if (point == -EMFILE || point == -ENFILE || point == -ENOMEM) {
			raw_close(table);
			return point;
		}
		if (whole || !needs_whole(fd >= 0 ? fd : point, ids, &line, mask))
			break;
		raw_close(table);
		whole = true;
	}
	ret = statmount_mountinfo_facts(&line, facts, scratch);
	if (!ret)
		ret = complete(fd >= 0 ? fd : point, ids, &line, mask, facts, scratch);
	if (point >= 0)
		raw_close(point);
	/* An old id that was looked for by number may have become another mount's meanwhile. */
	if (!ret && fd < 0 && !table_unchanged(table))
		ret = -EAGAIN;
	raw_close(table);
	return ret;
}

/*
 * Where the kernel has unique ids but statmount itself is filtered: whose mount point shows this
 * one? Covered mounts cannot be found.
 */
static int find_unique(uint64_t mnt_id, struct statmount_ids *ids)
{
	struct mountinfo_table table;
	struct mountinfo_line line;
	size_t pos = 0;
	int fd = statmount_proc_open("thread-self/mountinfo"), ret;

	if (fd < 0)
		return fd;
	ret = mountinfo_read(fd, &table);
	raw_close(fd);
	if (ret < 0)
		return ret;
	ret = -EOPNOTSUPP;
	while (ret == -EOPNOTSUPP && mountinfo_next(&table, &pos, &line)) {
		fd = statmount_open_point(AT_FDCWD, &line);
		if (fd < 0) {
			ret = fd;
			continue;
		}
		if (statmount_fd_ids(fd, ids) == 0 && ids->unique_known && ids->unique == mnt_id)
			ret = statmount_fd_old_id(fd, ids);
		raw_close(fd);
	}
	mountinfo_release(&table);
	return ret;
}

int statmount_listed_by_id(uint64_t mnt_id, uint64_t mask, struct builder_facts *facts,
			   struct statmount_scratch *scratch)
{
	struct statmount_ids ids = {.old_known = true, .old = (uint32_t)mnt_id};
	int ret;

	if (statmount_has_unique_ids()) {
		ret = find_unique(mnt_id, &ids);
		if (!ret)
			ret = statmount_listed(-1, &ids, mask, facts, scratch);
		return ret == -ENOENT ? -EAGAIN : ret;
	}
	if ((mnt_id & ~(uint64_t)UINT32_MAX) != STATMOUNT_SYNTHETIC_ID)
		return -ENOENT;
	ret = statmount_listed(-1, &ids, mask, facts, scratch);
	return ret == -ENOENT ? statmount_unlisted(&ids, facts, scratch) : ret;
}
