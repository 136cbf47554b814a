// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * complete.c - "mntcompat complete -- WORD...", which the completions of bash, zsh and fish call:
 * it prints what may stand in place of the last WORD, one possibility a line, with a tab and a
 * description. A line that begins with @ names something that the shell knows better:
 *
 *	@files, @directories	names of files
 *	@command N		the rest is a command of its own, from WORD N on (counted from 0)
 *	@unfinished		no blank shall follow: a list can go on
 *
 * The command is not in the help. Uses <mntcompat-probe.h> for the names of the features.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <mntcompat-probe.h>
#include "tools/columns.h"
#include "tools/listns.h"
#include "tools/tool.h"

/* @fixed: the part of the word before the value, for example "--mode=". */
static void offer(const char *fixed, const char *word, const char *value, const char *help)
{
	if (strncasecmp(value, word, strlen(word)))
		return;
	printf("%s%s", fixed, value);
	/* The first line of a help of several ones. */
	if (help)
		printf("\t%.*s", (int)strcspn(help, "\n"), help);
	putchar('\n');
}

static void offer_words(const char *fixed, const char *word, const char *const *words)
{
	for (; *words; words++)
		offer(fixed, word, *words, NULL);
}

/* The names of the features, and with @types those of common filesystems. */
static void offer_report(const char *fixed, const char *word, bool features, const char *prefix)
{
	struct mntcompat_probe_options options = { .size = sizeof(options) };
	const struct mntcompat_probe_filesystem *filesystem;
	const struct mntcompat_probe_feature *feature;
	struct mntcompat_probe *probe;
	char name[128];
	size_t i;

	options.flags = MNTCOMPAT_PROBE_FILESYSTEMS | (features ? MNTCOMPAT_PROBE_FEATURES : 0);
	if (mntcompat_probe_run(&options, &probe) < 0)
		return;
	for (i = 0; (feature = mntcompat_probe_feature(probe, i)); i++)
		offer(fixed, word, feature->name, feature->purpose);
	for (i = 0; (filesystem = mntcompat_probe_filesystem(probe, i)); i++) {
		snprintf(name, sizeof(name), "%s%s", prefix, filesystem->type);
		offer(fixed, word, name, "filesystem");
	}
	mntcompat_probe_free(probe);
}

/* A list of columns: the last one is completed, and those before it are not offered again. */
static void offer_columns(const char *fixed, const char *word)
{
	const char *last = strrchr(word, ','), *at;
	bool used[COLUMN_COUNT] = { false };
	char before[512];
	size_t c;

	last = last ? last + 1 : word + (*word == '+');
	snprintf(before, sizeof(before), "%s%.*s", fixed, (int)(last - word), word);
	for (at = word + (*word == '+'); at < last; at += strcspn(at, ",") + 1) {
		int column = find_column(at, strcspn(at, ","));

		if (column >= 0)
			used[column] = true;
	}
	puts("@unfinished");
	for (c = 0; c < COLUMN_COUNT; c++)
		if (!used[c])
			offer(before, last, columns[c].name, columns[c].help);
}

/* A list of types of filesystems, which may begin with "no": those that the kernel knows now. */
static void offer_types(const char *fixed, const char *word)
{
	const char *last = strrchr(word, ',');
	char before[512], line[160], name[128];
	FILE *file;

	last = last ? last + 1 : word + (strncmp(word, "no", 2) ? 0 : 2);
	snprintf(before, sizeof(before), "%s%.*s", fixed, (int)(last - word), word);
	puts("@unfinished");
	file = fopen("/proc/filesystems", "re");
	if (!file) {
		offer_report(before, last, false, "");
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		const char *start = strncmp(line, "nodev", 5) ? line : line + 5;

		if (sscanf(start, "%127s", name) == 1)
			offer(before, last, name, "filesystem");
	}
	fclose(file);
}

static void offer_kinds(const char *fixed, const char *word)
{
	const char *last = strrchr(word, ',');
	char before[512];
	size_t i;

	last = last ? last + 1 : word;
	snprintf(before, sizeof(before), "%s%.*s", fixed, (int)(last - word), word);
	puts("@unfinished");
	for (i = 0; namespace_kinds[i].name; i++)
		offer(before, last, namespace_kinds[i].name, NULL);
}

/* After "help" as well as in its place. */
static void offer_commands(const char *fixed, const char *word)
{
	const struct command *const *command;

	for (command = tool_commands; *command; command++)
		offer(fixed, word, (*command)->name, (*command)->summary);
}

static void offer_values(enum values values, const char *fixed, const char *word, int at)
{
	static const char *const modes[] = { "auto", "native", "emulate", NULL };
	static const char *const when[] = { "auto", "always", "never", NULL };
	static const char *const kernels[] = { "4.18", "5.4",  "5.10", "6.1", "6.6",
					       "6.8",  "6.12", "6.18", NULL };

	switch (values) {
	case VALUES_NONE:
	case VALUES_OTHER:
		break;
	case VALUES_FILE:
		puts("@files");
		break;
	case VALUES_DIRECTORY:
		puts("@directories");
		break;
	case VALUES_COMMAND:
		printf("@command %d\n", at);
		break;
	case VALUES_TOOL_COMMAND:
		offer_commands(fixed, word);
		offer(fixed, word, "help", "print the help, or that of a command");
		break;
	case VALUES_MODE:
		offer_words(fixed, word, modes);
		break;
	case VALUES_KERNEL:
		offer_words(fixed, word, kernels);
		break;
	case VALUES_WHEN:
		offer_words(fixed, word, when);
		break;
	case VALUES_COLUMNS:
		offer_columns(fixed, word);
		break;
	case VALUES_FEATURE:
		offer_report(fixed, word, true, "fs:");
		break;
	case VALUES_FILESYSTEM:
		offer_types(fixed, word);
		break;
	case VALUES_NAMESPACE_KIND:
		offer_kinds(fixed, word);
		break;
	}
}

static void offer_options(const struct command *command, const char *word)
{
	const struct option_row *row;
	char name[64];

	for (row = command->options; row->name; row++) {
		snprintf(name, sizeof(name), "--%s", row->name);
		offer("", word, name, row->help);
	}
	offer("", word, "--help", "print the help");
}

/* The row of the option in @word, "--name", "--name=value" or "-n"; NULL if there is none. */
static const struct option_row *find_option(const struct command *command, const char *word)
{
	const struct option_row *row;

	for (row = command->options; row->name; row++) {
		size_t length = strlen(row->name);

		if (strncmp(word, "--", 2) == 0 && strncmp(word + 2, row->name, length) == 0 &&
		    (!word[2 + length] || word[2 + length] == '='))
			return row;
		if (row->key < LONG_ONLY && word[0] == '-' && word[1] == row->key && !word[2])
			return row;
	}
	return NULL;
}

/* Completes the last one of @words, which belong to @command from @at on. */
static void complete(const struct command *command, int count, char **words, int at)
{
	const struct option_row *pending = NULL;
	const char *last = words[count - 1], *value;
	bool options = true, operand = false;
	int rest = count - 1; /* the first word of a command to run */

	for (; at < count - 1; at++) {
		const char *word = words[at];

		if (pending) {
			pending = NULL;
		} else if (options && strcmp(word, "--") == 0) {
			options = false;
		} else if (options && word[0] == '-' && word[1]) {
			pending = find_option(command, word);
			if (pending && (pending->values == VALUES_NONE || pending->optional ||
					strchr(word, '=')))
				pending = NULL;
		} else if (command->operands[0] == VALUES_TOOL_COMMAND &&
			   strcmp(word, "help") == 0) {
			if (at == count - 2)
				offer_commands("", last);
			return;
		} else if (command->operands[0] == VALUES_TOOL_COMMAND) {
			command = find_command_row(word);
			if (command)
				complete(command, count, words, at + 1);
			return;
		} else {
			operand = true;
			if (command->operands[1] != VALUES_COMMAND)
				continue;
			options = false;
			/* "namespace DIR -- COMMAND": the dashes may be left out. */
			rest = at + (command->operands[0] != VALUES_COMMAND);
			if (rest > at && rest < count - 1 && strcmp(words[rest], "--") == 0)
				rest++;
			break;
		}
	}
	if (pending) {
		offer_values(pending->values, "", last, 0);
		return;
	}
	value = strchr(last, '=');
	if (options && value && (pending = find_option(command, last))) {
		char fixed[64];

		snprintf(fixed, sizeof(fixed), "%.*s", (int)(value + 1 - last), last);
		offer_values(pending->values, fixed, value + 1, 0);
		return;
	}
	if (options && last[0] == '-') {
		offer_options(command, last);
		return;
	}
	offer_values(command->operands[operand], "", last, rest);
}

static int run(int argc, char **argv)
{
	if (argc < 3 || strcmp(argv[1], "--"))
		return usage_error(&tool_command,
				   "complete needs -- and the words of a command line");
	complete(&tool_command, argc - 2, argv + 2, 0);
	return finish_output();
}

static const struct option_row options[] = {
	{ NULL, 0, VALUES_NONE, false, NULL, NULL },
};

const struct command command_complete = {
	.name = "complete",
	.arguments = "-- WORD...",
	.summary = "for the completions of shells: print what may stand in place of the last WORD",
	.options = options,
	.usage_status = EXIT_USAGE,
	.run = run,
};
