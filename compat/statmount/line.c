// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * line.c - turns a line of mountinfo into facts. Memory work only.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "compat/statmount/builder.h"
#include "compat/statmount/line.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"

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

/* Only filesystems over FUSE have subtypes; a dot in another name belongs to the name. A subtype is
 * any text. */
static int split_type(struct mountinfo_span type, struct builder_facts *facts,
		      struct statmount_scratch *scratch)
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
