// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fields.c - the strings of an answer of statmount(2), and words for its bits.
 * Reads what the caller passes; makes no system calls and leaves errno alone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"

/* The string at @offset of the answer; NULL if that lies beyond its end. */
static const char *string_at(const struct mntcompat_statmount *mount, uint32_t offset)
{
	return mount->size > sizeof(*mount) && offset < mount->size - sizeof(*mount) ?
		       mount->str + offset :
		       NULL;
}

const char *mntcompat_statmount_string(const struct mntcompat_statmount *mount, uint64_t field)
{
	if (!mount || !(mount->mask & field))
		return NULL;
	switch (field) {
	case MNTCOMPAT_STATMOUNT_MNT_ROOT:
		return string_at(mount, mount->mnt_root);
	case MNTCOMPAT_STATMOUNT_MNT_POINT:
		return string_at(mount, mount->mnt_point);
	case MNTCOMPAT_STATMOUNT_FS_TYPE:
		return string_at(mount, mount->fs_type);
	case MNTCOMPAT_STATMOUNT_MNT_OPTS:
		return string_at(mount, mount->mnt_opts);
	case MNTCOMPAT_STATMOUNT_FS_SUBTYPE:
		return string_at(mount, mount->fs_subtype);
	case MNTCOMPAT_STATMOUNT_SB_SOURCE:
		return string_at(mount, mount->sb_source);
	}
	return NULL;
}

/* The first of the strings of @field, and their number. */
static const char *first_of(const struct mntcompat_statmount *mount, uint64_t field,
			    uint32_t *count)
{
	switch (field) {
	case MNTCOMPAT_STATMOUNT_OPT_ARRAY:
		*count = mount->opt_num;
		return string_at(mount, mount->opt_array);
	case MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY:
		*count = mount->opt_sec_num;
		return string_at(mount, mount->opt_sec_array);
	case MNTCOMPAT_STATMOUNT_MNT_UIDMAP:
		*count = mount->mnt_uidmap_num;
		return string_at(mount, mount->mnt_uidmap);
	case MNTCOMPAT_STATMOUNT_MNT_GIDMAP:
		*count = mount->mnt_gidmap_num;
		return string_at(mount, mount->mnt_gidmap);
	}
	*count = 0;
	return NULL;
}

const char *mntcompat_statmount_next(const struct mntcompat_statmount *mount, uint64_t field,
				     const char *previous)
{
	const char *string, *end;
	uint32_t count = 0;

	if (!mount || !(mount->mask & field))
		return NULL;
	end = (const char *)mount + mount->size;
	string = first_of(mount, field, &count);
	if (!string || !count)
		return NULL;
	if (!previous)
		return string;
	for (; count > 1; count--) {
		bool found = string == previous;

		string += strnlen(string, (size_t)(end - string)) + 1;
		if (string >= end)
			return NULL;
		if (found)
			return string;
	}
	return NULL;
}

/* --- words --- */

struct word {
	uint64_t bit;
	const char *name;
};

static const struct word attr_words[] = {
	{ MNTCOMPAT_MOUNT_ATTR_RDONLY, "ro" },
	{ MNTCOMPAT_MOUNT_ATTR_NOSUID, "nosuid" },
	{ MNTCOMPAT_MOUNT_ATTR_NODEV, "nodev" },
	{ MNTCOMPAT_MOUNT_ATTR_NOEXEC, "noexec" },
	{ MNTCOMPAT_MOUNT_ATTR_NODIRATIME, "nodiratime" },
	{ MNTCOMPAT_MOUNT_ATTR_IDMAP, "idmapped" },
	{ MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
	{ 0, NULL },
};

/* MS_* of the kernel, which statmount(2) uses. */
static const struct word propagation_words[] = {
	{ MS_SHARED, "shared" },	 { MS_SLAVE, "slave" }, { MS_PRIVATE, "private" },
	{ MS_UNBINDABLE, "unbindable" }, { 0, NULL },
};

static const struct word sb_words[] = {
	{ MS_RDONLY, "ro" },
	{ MS_SYNCHRONOUS, "sync" },
	{ MS_DIRSYNC, "dirsync" },
	{ UAPI_MS_LAZYTIME, "lazytime" },
	{ 0, NULL },
};

/* Text that may be longer than its room, as with snprintf(3). */
struct text {
	char *buf;
	size_t size, length;
};

static void add(struct text *text, char character)
{
	if (text->length + 1 < text->size)
		text->buf[text->length] = character;
	text->length++;
}

/* Without a buffer the length is all that the caller gets. */
static struct text begin_text(char *buf, size_t size)
{
	return (struct text){ .buf = buf, .size = buf ? size : 0 };
}

/* Words are separated by commas. */
static void add_word(struct text *text, const char *word)
{
	if (text->length)
		add(text, ',');
	while (*word)
		add(text, *word++);
}

static size_t end_text(struct text *text)
{
	if (text->size)
		text->buf[text->length < text->size ? text->length : text->size - 1] = '\0';
	return text->length;
}

static void add_number(struct text *text, uint64_t number)
{
	unsigned int shift = 60;

	add_word(text, "0x");
	while (!(number >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		add(text, "0123456789abcdef"[number >> shift & 0xf]);
		if (!shift)
			break;
	}
}

/* The words of @value's bits; those bits of @rest that have no word as a number. */
static size_t end_words(struct text *text, const struct word *words, uint64_t value, uint64_t rest)
{
	for (; words->name; words++) {
		if (!(value & words->bit))
			continue;
		add_word(text, words->name);
		rest &= ~words->bit;
	}
	if (rest)
		add_number(text, rest);
	if (!text->length)
		add_word(text, "none");
	return end_text(text);
}

size_t mntcompat_attr_words(uint64_t attr, char *buf, size_t size)
{
	struct text text = begin_text(buf, size);
	uint64_t rest = attr & ~(uint64_t)MNTCOMPAT_MOUNT_ATTR__ATIME;

	switch (attr & MNTCOMPAT_MOUNT_ATTR__ATIME) {
	case MNTCOMPAT_MOUNT_ATTR_RELATIME:
		add_word(&text, "relatime");
		break;
	case MNTCOMPAT_MOUNT_ATTR_NOATIME:
		add_word(&text, "noatime");
		break;
	case MNTCOMPAT_MOUNT_ATTR_STRICTATIME:
		add_word(&text, "strictatime");
		break;
	default:
		rest = attr;
	}
	return end_words(&text, attr_words, attr, rest);
}

size_t mntcompat_propagation_words(uint64_t propagation, char *buf, size_t size)
{
	struct text text = begin_text(buf, size);

	return end_words(&text, propagation_words, propagation, propagation);
}

size_t mntcompat_sb_flags_words(uint64_t sb_flags, char *buf, size_t size)
{
	struct text text = begin_text(buf, size);

	return end_words(&text, sb_words, sb_flags, sb_flags);
}
