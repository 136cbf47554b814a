// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-listns.c - "mntcompat listns": lists the namespaces of the system with their kinds. One call
 * of the library for each kind, because the answer has ids alone. mntcompat(1) documents it. Uses
 * <mntcompat.h> and libc, nothing inside the library.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mntcompat.h>
#include "tools/json.h"
#include "tools/listns.h"
#include "tools/table.h"
#include "tools/tool.h"

const struct namespace_kind namespace_kinds[] = {
	{ "mnt", MNTCOMPAT_MNT_NS },
	{ "user", MNTCOMPAT_USER_NS },
	{ "pid", MNTCOMPAT_PID_NS },
	{ "net", MNTCOMPAT_NET_NS },
	{ "ipc", MNTCOMPAT_IPC_NS },
	{ "uts", MNTCOMPAT_UTS_NS },
	{ "cgroup", MNTCOMPAT_CGROUP_NS },
	{ "time", MNTCOMPAT_TIME_NS },
	{ NULL, 0 },
};

static const struct advice listns_advice[] = {
	ADVICE_NATIVE,
	{ EINVAL, "give the id of a user namespace to --owner", NULL },
	{ ENOSYS, "the kernel lacks it, and it cannot be emulated without procfs on /proc", NULL },
	{ EOPNOTSUPP, "it cannot be emulated here; --verbose prints why", NULL },
	{ ENOMEM, "raise the limit of open files: ulimit -n", NULL },
	{ 0, NULL, NULL },
};

struct namespaces {
	struct entry {
		uint64_t id;
		const struct namespace_kind *kind;
		bool current; /* this process is in it */
	} * entry;
	size_t count;
};

#define IDS_AT_ONCE 4096

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return left->id < right->id ? -1 : left->id > right->id;
}

/* 0 if the id is unknown. */
static uint64_t current_id(const struct namespace_kind *kind)
{
	char path[64];
	uint64_t id;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind->name);
	fd = open_file(path, O_RDONLY);
	if (fd < 0)
		return 0;
	if (mntcompat_namespace_id(fd, &id) < 0)
		id = 0;
	close(fd);
	return id;
}

static int add_kind(struct namespaces *all, const struct namespace_kind *kind, uint64_t owner)
{
	struct mntcompat_ns_id_req req = {
		.size = sizeof(req),
		.ns_type = kind->type,
		.user_ns_id = owner,
	};
	uint64_t current = current_id(kind), ids[IDS_AT_ONCE];
	ssize_t n, i;

	do {
		struct entry *grown;

		n = mntcompat_listns(&req, ids, IDS_AT_ONCE, 0);
		if (n < 0)
			/* No namespace of this kind, or none after the last one. */
			return errno == ENOENT ? 0 : -errno;
		grown = reallocarray(all->entry, all->count + (size_t)n + 1, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		all->entry = grown;
		for (i = 0; i < n; i++) {
			grown[all->count].id = ids[i];
			grown[all->count].kind = kind;
			grown[all->count++].current = current && ids[i] == current;
			req.ns_id = ids[i];
		}
	} while (n == IDS_AT_ONCE);
	return 0;
}

static void print_json(const struct namespaces *all, enum mntcompat_way way)
{
	size_t i;

	json_begin(NULL, '{', false);
	json_string("schema", "mntcompat-listns/1");
	json_string("version", mntcompat_version());
	json_string("way", mntcompat_way_name(way));
	json_begin("namespaces", '[', false);
	for (i = 0; i < all->count; i++) {
		json_begin(NULL, '{', true);
		json_id("id", all->entry[i].id);
		json_string("type", all->entry[i].kind->name);
		json_bool("current", all->entry[i].current);
		json_end();
	}
	json_end();
	json_end();
}

static int print_table(const struct namespaces *all)
{
	static const struct table_column head[] = {
		{ "ID", 0, TABLE_RIGHT },
		{ "TYPE", 0, 0 },
		{ "CURRENT", 0, 0 },
	};
	struct table *table = table_new(head, 3);
	int ret = table ? 0 : -ENOMEM;
	char number[32];
	size_t i;

	for (i = 0; i < all->count && ret == 0; i++) {
		struct table_line *line = table_add(table, NULL);
		enum shade shade = all->entry[i].current ? SHADE_GOOD : SHADE_PLAIN;

		snprintf(number, sizeof(number), "%" PRIu64, all->entry[i].id);
		ret = line ? table_set(table, line, 0, number, shade) : -ENOMEM;
		if (ret == 0)
			ret = table_set(table, line, 1, all->entry[i].kind->name, SHADE_PLAIN);
		if (ret == 0)
			ret = table_set(table, line, 2, all->entry[i].current ? "yes" : "no",
					shade);
	}
	if (ret == 0)
		ret = table_print(table);
	table_free(table);
	return ret;
}

/* Reads "mnt,user"; returns a mask of the rows of namespace_kinds, 0 after a line on stderr. */
static unsigned int read_kinds(const char *list)
{
	unsigned int mask = 0;
	size_t i;

	while (*list) {
		size_t length = strcspn(list, ",");

		for (i = 0; namespace_kinds[i].name; i++)
			if (strlen(namespace_kinds[i].name) == length &&
			    strncmp(namespace_kinds[i].name, list, length) == 0)
				break;
		if (!namespace_kinds[i].name) {
			usage_error(
				&command_listns,
				"%.*s is not a kind of namespace: mnt, user, pid, net, ipc, uts, cgroup, time",
				(int)length, list);
			return 0;
		}
		mask |= 1u << i;
		list += length + (list[length] == ',');
	}
	if (!mask)
		usage_error(&command_listns, "--type needs a kind of namespace");
	return mask;
}

enum { KEY_OWNER = LONG_ONLY, KEY_COLOR };

static const struct option_row options[] = {
	{ "type", 't', VALUES_NAMESPACE_KIND, false, "LIST",
	  "only these kinds: mnt,user,pid,net,ipc,uts,cgroup,time" },
	{ "owner", KEY_OWNER, VALUES_OTHER, false, "ID",
	  "only those that the user namespace ID owns; self: that of this process" },
	{ "json", 'J', VALUES_NONE, false, NULL, "as JSON, for programs" },
	{ "color", KEY_COLOR, VALUES_WHEN, true, "WHEN", "auto (default), always or never" },
	{ NULL, 0, VALUES_NONE, false, NULL, NULL },
};

static int run(int argc, char **argv)
{
	struct namespaces all = { NULL, 0 };
	unsigned int kinds = ~0u;
	enum mntcompat_way way = MNTCOMPAT_WAY_NONE;
	uint64_t owner = 0;
	bool json = false;
	int option, ret = 0;
	size_t i;

	while ((option = next_option(&command_listns, argc, argv)) != -1) {
		switch (option) {
		case 't':
			kinds = read_kinds(optarg);
			if (!kinds)
				return EXIT_USAGE;
			break;
		case KEY_OWNER:
			if (strcmp(optarg, "self") == 0)
				owner = MNTCOMPAT_LISTNS_CURRENT_USER;
			else if (!read_number(optarg, UINT64_MAX, &owner) || !owner)
				return usage_error(&command_listns,
						   "%s is not the id of a namespace", optarg);
			break;
		case 'J':
			json = true;
			break;
		case KEY_COLOR:
			if (!table_set_colours(optarg))
				return usage_error(&command_listns,
						   "--color must be auto, always or never");
			break;
		}
	}
	if (optind < argc)
		return usage_error(&command_listns, "listns takes no operand");
	for (i = 0; namespace_kinds[i].name && ret == 0; i++) {
		if (!(kinds & 1u << i))
			continue;
		ret = add_kind(&all, &namespace_kinds[i], owner);
		way = mntcompat_last_way();
	}
	if (ret < 0) {
		complain(listns_advice, -ret, "cannot list the namespaces");
		free(all.entry);
		return EXIT_FAILED;
	}
	if (all.count)
		qsort(all.entry, all.count, sizeof(*all.entry), compare_entries);
	if (json)
		print_json(&all, way);
	else
		ret = print_table(&all);
	free(all.entry);
	if (ret < 0) {
		complain(NULL, -ret, "cannot print the table");
		return EXIT_FAILED;
	}
	return finish_output();
}

const struct command command_listns = {
	.name = "listns",
	.arguments = "[OPTION...]",
	.summary = "list the namespaces of the system, or without privilege those of this process",
	.options = options,
	.operands = { VALUES_OTHER, VALUES_OTHER },
	.usage_status = EXIT_USAGE,
	.run = run,
};
