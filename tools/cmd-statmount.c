// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-statmount.c - "mntcompat statmount": prints every field that is known of a mount.
 * mntcompat(1) documents its output and exit statuses. Uses <mntcompat.h> and libc, and of the
 * library only the numbers of the kernel.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/uapi.h"
#include "tools/json.h"
#include "tools/tool.h"
#include "tools/words.h"

static const struct advice statmount_advice[] = {
	ADVICE_NATIVE,
	ADVICE_NATIVE_FLAG("7.0"),
	{ EPERM,
	  "in a container, ask for CAP_SYS_ADMIN: the mount is outside this process's root directory",
	  is_root },
	{ EPERM, "run it as root: the mount is outside this process's root directory", NULL },
	{ EBADF, "give the number of an open file descriptor", NULL },
	{ EINVAL, "give a file that lies on a mount: pipes, sockets and the like do not", NULL },
	{ ENOENT,
	  "give a mount of this mount namespace; a detached tree of one mount cannot be described",
	  NULL },
	{ ENOSYS,
	  "the kernel lacks it, or this container's system call filter hides it; mntcompat probe statmount prints more",
	  is_filtered },
	{ ENOSYS,
	  "the kernel lacks it, and it cannot be emulated here; see REQUIREMENTS in mntcompat(7)",
	  NULL },
	{ EOPNOTSUPP, "it cannot be emulated for this mount; --verbose prints why", NULL },
	{ 0, NULL, NULL },
};

static const struct advice old_id_advice[] = {
	{ EINVAL,
	  "an id this small is an old one, of mountinfo; mntcompat listmount --columns OLD-ID,ID prints the unique id",
	  NULL },
	{ 0, NULL, NULL },
};

static const struct advice open_advice[] = {
	{ EACCES, "give a path that you have permission to search", NULL },
	{ ENOENT, "give a path that exists", NULL },
	{ 0, NULL, NULL },
};

/* --- fields, in the order of the output --- */

enum kind {
	KIND_NUMBER32,
	KIND_NUMBER64,
	KIND_ID,
	KIND_HEXADECIMAL,
	KIND_ATTR,
	KIND_PROPAGATION,
	KIND_SUPERBLOCK,
	KIND_DEVICE,
	KIND_STRING,
	KIND_STRINGS,
};

#define AT(member) offsetof(struct mntcompat_statmount, member)

/* The lines, the members of JSON and the schema are these rows. */
static const struct field {
	const char *name;
	uint64_t bit; /* 0: always there */
	enum kind kind;
	size_t offset; /* in struct mntcompat_statmount; strings are found by their bit */
} fields[] = {
	{ "mnt_id", MNTCOMPAT_STATMOUNT_MNT_BASIC, KIND_ID, AT(mnt_id) },
	{ "mnt_id_old", MNTCOMPAT_STATMOUNT_MNT_BASIC, KIND_NUMBER32, AT(mnt_id_old) },
	{ "mnt_parent_id", MNTCOMPAT_STATMOUNT_MNT_BASIC, KIND_ID, AT(mnt_parent_id) },
	{ "mnt_parent_id_old", MNTCOMPAT_STATMOUNT_MNT_BASIC, KIND_NUMBER32,
	  AT(mnt_parent_id_old) },
	{ "mnt_ns_id", MNTCOMPAT_STATMOUNT_MNT_NS_ID, KIND_ID, AT(mnt_ns_id) },
	{ "mnt_root", MNTCOMPAT_STATMOUNT_MNT_ROOT, KIND_STRING, 0 },
	{ "mnt_point", MNTCOMPAT_STATMOUNT_MNT_POINT, KIND_STRING, 0 },
	{ "mnt_attr", MNTCOMPAT_STATMOUNT_MNT_BASIC, KIND_ATTR, AT(mnt_attr) },
	{ "mnt_propagation", MNTCOMPAT_STATMOUNT_MNT_BASIC, KIND_PROPAGATION, AT(mnt_propagation) },
	{ "mnt_peer_group", MNTCOMPAT_STATMOUNT_MNT_BASIC, KIND_NUMBER64, AT(mnt_peer_group) },
	{ "mnt_master", MNTCOMPAT_STATMOUNT_MNT_BASIC, KIND_NUMBER64, AT(mnt_master) },
	{ "propagate_from", MNTCOMPAT_STATMOUNT_PROPAGATE_FROM, KIND_NUMBER64, AT(propagate_from) },
	{ "sb_dev", MNTCOMPAT_STATMOUNT_SB_BASIC, KIND_DEVICE, AT(sb_dev_major) },
	{ "sb_magic", MNTCOMPAT_STATMOUNT_SB_BASIC, KIND_HEXADECIMAL, AT(sb_magic) },
	{ "sb_flags", MNTCOMPAT_STATMOUNT_SB_BASIC, KIND_SUPERBLOCK, AT(sb_flags) },
	{ "fs_type", MNTCOMPAT_STATMOUNT_FS_TYPE, KIND_STRING, 0 },
	{ "fs_subtype", MNTCOMPAT_STATMOUNT_FS_SUBTYPE, KIND_STRING, 0 },
	{ "sb_source", MNTCOMPAT_STATMOUNT_SB_SOURCE, KIND_STRING, 0 },
	{ "mnt_opts", MNTCOMPAT_STATMOUNT_MNT_OPTS, KIND_STRING, 0 },
	{ "opt", MNTCOMPAT_STATMOUNT_OPT_ARRAY, KIND_STRINGS, 0 },
	{ "opt_sec", MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY, KIND_STRINGS, 0 },
	{ "mnt_uidmap", MNTCOMPAT_STATMOUNT_MNT_UIDMAP, KIND_STRINGS, 0 },
	{ "mnt_gidmap", MNTCOMPAT_STATMOUNT_MNT_GIDMAP, KIND_STRINGS, 0 },
	{ "mask", 0, KIND_HEXADECIMAL, AT(mask) },
	{ "supported_mask", MNTCOMPAT_STATMOUNT_SUPPORTED_MASK, KIND_HEXADECIMAL,
	  AT(supported_mask) },
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static uint32_t number32(const struct mntcompat_statmount *sm, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const char *)sm + offset, sizeof(value));
	return value;
}

static uint64_t number64(const struct mntcompat_statmount *sm, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)sm + offset, sizeof(value));
	return value;
}

/* The value of a field that is one line; strings need an escape. */
static void write_value(FILE *out, const struct mntcompat_statmount *sm, const struct field *field)
{
	switch (field->kind) {
	case KIND_NUMBER32:
		fprintf(out, "%" PRIu32, number32(sm, field->offset));
		break;
	case KIND_NUMBER64:
	case KIND_ID:
		fprintf(out, "%" PRIu64, number64(sm, field->offset));
		break;
	case KIND_HEXADECIMAL:
		fprintf(out, "0x%" PRIx64, number64(sm, field->offset));
		break;
	case KIND_ATTR:
		write_mount_attr(out, number64(sm, field->offset));
		break;
	case KIND_PROPAGATION:
		write_propagation(out, number64(sm, field->offset));
		break;
	case KIND_SUPERBLOCK:
		write_superblock_flags(out, number32(sm, field->offset));
		break;
	case KIND_DEVICE:
		fprintf(out, "%" PRIu32 ":%" PRIu32, sm->sb_dev_major, sm->sb_dev_minor);
		break;
	case KIND_STRING:
	case KIND_STRINGS:
		break;
	}
}

static void print_field(const struct mntcompat_statmount *sm, const struct field *field)
{
	const char *s = NULL;

	if (field->kind == KIND_STRINGS) {
		while ((s = mntcompat_statmount_next(sm, field->bit, s))) {
			printf("%s: ", field->name);
			print_escaped(s);
			putchar('\n');
		}
		return;
	}
	printf("%s: ", field->name);
	if (field->kind == KIND_STRING)
		print_escaped(mntcompat_statmount_string(sm, field->bit));
	else
		write_value(stdout, sm, field);
	putchar('\n');
}

static void print_mount(const struct mntcompat_statmount *sm)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if ((sm->mask & fields[i].bit) == fields[i].bit)
			print_field(sm, &fields[i]);
	printf("way: %s\n", mntcompat_way_name(mntcompat_last_way()));
}

/* --- JSON --- */

/* Words as an array; "none" is the empty one. */
static int member_words(const struct mntcompat_statmount *sm, const struct field *field)
{
	char *text = NULL, *word, *rest;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	write_value(out, sm, field);
	if (fclose(out) == EOF) {
		free(text);
		return -ENOMEM;
	}
	json_begin(field->name, '[', true);
	for (rest = text; (word = strsep(&rest, ","));)
		if (strcmp(word, "none"))
			json_string(NULL, word);
	json_end();
	free(text);
	return 0;
}

static void member_strings(const struct mntcompat_statmount *sm, const struct field *field)
{
	const char *s = NULL;
	bool is_text = true;
	char key[32];

	json_begin(field->name, '[', true);
	while ((s = mntcompat_statmount_next(sm, field->bit, s))) {
		json_string(NULL, s);
		is_text &= json_is_text(s);
	}
	json_end();
	if (is_text)
		return;
	snprintf(key, sizeof(key), "%s_hex", field->name);
	json_begin(key, '[', true);
	while ((s = mntcompat_statmount_next(sm, field->bit, s)))
		json_bytes(s);
	json_end();
}

static int member(const struct mntcompat_statmount *sm, const struct field *field)
{
	char text[32];

	switch (field->kind) {
	case KIND_NUMBER32:
		json_number(field->name, number32(sm, field->offset));
		return 0;
	case KIND_ID:
		json_id(field->name, number64(sm, field->offset));
		return 0;
	case KIND_NUMBER64:
	case KIND_HEXADECIMAL:
		json_number(field->name, number64(sm, field->offset));
		return 0;
	case KIND_DEVICE:
		snprintf(text, sizeof(text), "%" PRIu32 ":%" PRIu32, sm->sb_dev_major,
			 sm->sb_dev_minor);
		json_string(field->name, text);
		return 0;
	case KIND_STRING:
		json_string(field->name, mntcompat_statmount_string(sm, field->bit));
		return 0;
	case KIND_STRINGS:
		member_strings(sm, field);
		return 0;
	default:
		return member_words(sm, field);
	}
}

/* As the lines: a field that is unknown or does not exist for this mount has no member. */
static int print_json(const struct mntcompat_statmount *sm)
{
	int ret = 0;
	size_t i;

	json_begin(NULL, '{', false);
	json_string("schema", "mntcompat-statmount/1");
	json_string("version", mntcompat_version());
	json_string("way", mntcompat_way_name(mntcompat_last_way()));
	json_begin("mount", '{', false);
	for (i = 0; i < FIELDS && ret == 0; i++)
		if ((sm->mask & fields[i].bit) == fields[i].bit)
			ret = member(sm, &fields[i]);
	json_end();
	json_end();
	return ret;
}

/* --- the command --- */

static int run_statmount(struct mntcompat_mnt_id_req *req, unsigned int flags, const char *what,
			 bool json)
{
	bool by_fd = flags & MNTCOMPAT_STATMOUNT_BY_FD;
	struct mntcompat_statmount *sm = NULL;
	int error;

	req->size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1;
	req->param = UAPI_STATMOUNT_ALL;
	error = mntcompat_statmount_alloc(req, flags, &sm);
	if (error < 0) {
		complain(!by_fd && error == -EINVAL && req->mnt_id <= UAPI_MNT_UNIQUE_ID_OFFSET ?
				 old_id_advice :
				 statmount_advice,
			 -error, "cannot describe the mount %s %s", by_fd ? "of" : "with", what);
		return EXIT_FAILED;
	}
	error = 0;
	if (json)
		error = print_json(sm);
	else
		print_mount(sm);
	free(sm);
	if (error < 0) {
		complain(NULL, -error, "cannot print the mount");
		return EXIT_FAILED;
	}
	return finish_output();
}

enum { KEY_FD = LONG_ONLY, KEY_ID, KEY_NAMESPACE };

static const struct option_row options[] = {
	{ "fd", KEY_FD, VALUES_OTHER, false, "N",
	  "the mount that holds the open file descriptor N" },
	{ "id", KEY_ID, VALUES_OTHER, false, "ID",
	  "the mount with this unique id, in the current mount namespace" },
	{ "namespace", KEY_NAMESPACE, VALUES_FILE, false, "FILE",
	  "with --id: in another mount namespace, for example /proc/PID/ns/mnt, or the PID alone" },
	{ "json", 'J', VALUES_NONE, false, NULL, "as JSON, for programs" },
	{ NULL, 0, VALUES_NONE, false, NULL, NULL },
};

static int run(int argc, char **argv)
{
	struct mntcompat_mnt_id_req req = { .size = 0 };
	const char *namespace = NULL;
	unsigned int flags = MNTCOMPAT_STATMOUNT_BY_FD;
	char what[64] = "";
	uint64_t number;
	bool json = false;
	int option, fd, status;

	while ((option = next_option(&command_statmount, argc, argv)) != -1) {
		switch (option) {
		case KEY_NAMESPACE:
			namespace
			= optarg;
			continue;
		case 'J':
			json = true;
			continue;
		}
		if (what[0])
			return usage_error(&command_statmount, "statmount takes one --fd or --id");
		if (option == KEY_FD) {
			if (!read_number(optarg, INT_MAX, &number))
				return usage_error(&command_statmount,
						   "%s is not a file descriptor", optarg);
			req.mnt_fd = (uint32_t)number;
			snprintf(what, sizeof(what), "fd %" PRIu64, number);
		} else {
			if (!read_number(optarg, UINT64_MAX, &number))
				return usage_error(&command_statmount, "%s is not a mount id",
						   optarg);
			req.mnt_id = number;
			flags = 0;
			snprintf(what, sizeof(what), "id %" PRIu64, number);
		}
	}
	if (argc - optind != (what[0] ? 0 : 1))
		return usage_error(&command_statmount, "statmount takes one path, or --fd or --id");
	if (namespace && (!what[0] || flags))
		return usage_error(&command_statmount, "--namespace needs --id");
	if (namespace) {
		fd = open_namespace(namespace);
		if (fd < 0)
			return EXIT_FAILED;
		req.mnt_fd = (uint32_t)fd;
		status = run_statmount(&req, flags, what, json);
		close(fd);
		return status;
	}
	if (what[0])
		return run_statmount(&req, flags, what, json);

	fd = open_file(argv[optind], O_PATH);
	if (fd < 0) {
		complain(open_advice, errno, "cannot open %s", argv[optind]);
		return EXIT_FAILED;
	}
	req.mnt_fd = (uint32_t)fd;
	status = run_statmount(&req, flags, argv[optind], json);
	close(fd);
	return status;
}

const struct command command_statmount = {
	.name = "statmount",
	.arguments = "[OPTION...] PATH | --fd N | --id ID",
	.summary = "print what is known about the mount that holds PATH",
	.options = options,
	.operands = { VALUES_FILE, VALUES_OTHER },
	.usage_status = EXIT_USAGE,
	.run = run,
};
