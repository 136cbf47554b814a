// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * options.c - options and help of a command, both from its rows, so that neither can be older than
 * the other. Uses libc only.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/tool.h"

/* The column of the help in which the texts begin, and the last one that is used. */
#define HELP_COLUMN 24
#define LAST_COLUMN 80
#define SUMMARY_COLUMN 14

static const struct option_row help_row = {
	"help", 'h', VALUES_NONE, false, NULL, "print this help",
};

static bool has_letter(const struct option_row *row)
{
	return row->key < LONG_ONLY;
}

void print_wrapped(const char *text, int indent, int at)
{
	bool first = true;

	while (*text) {
		int length = (int)strcspn(text, " \n");

		if (!first && at + 1 + length > LAST_COLUMN) {
			printf("\n%*s", indent, "");
			at = indent;
		} else if (!first && at > indent) {
			putchar(' ');
			at++;
		}
		at += printf("%.*s", length, text);
		first = false;
		text += length;
		if (*text == '\n' && text[1]) {
			printf("\n%*s", indent, "");
			at = indent;
		}
		text += *text != '\0';
	}
	putchar('\n');
}

static void print_option(const struct option_row *row)
{
	int at = 0;

	at += has_letter(row) ? printf("  -%c, ", row->key) : printf("      ");
	at += printf("--%s", row->name);
	if (row->argument)
		at += printf(row->optional ? "[=%s]" : " %s", row->argument);
	if (at + 2 > HELP_COLUMN) {
		putchar('\n');
		at = 0;
	}
	printf("%*s", HELP_COLUMN - at, "");
	print_wrapped(row->help, HELP_COLUMN, HELP_COLUMN);
}

void print_options(const struct option_row *row)
{
	for (; row->name; row++)
		print_option(row);
	print_option(&help_row);
}

static void print_command_usage(const struct command *command)
{
	printf("usage: mntcompat [OPTION...] %s %s\n\n", command->name, command->arguments);
	print_wrapped(command->summary, 0, 0);
	putchar('\n');
	print_options(command->options);
	if (!command->notes)
		return;
	putchar('\n');
	print_wrapped(command->notes, 0, 0);
}

void print_summary(const struct command *command)
{
	print_wrapped(command->summary, SUMMARY_COLUMN,
		      printf("  %-*s ", SUMMARY_COLUMN - 3, command->name));
}

int print_help(const struct command *command)
{
	if (command == &tool_command)
		command->run(0, NULL);
	else
		print_command_usage(command);
	return finish_output();
}

static const struct option_row *find_row(const struct command *command, int key)
{
	const struct option_row *row = command->options;

	while (row->name && row->key != key)
		row++;
	return row->name ? row : NULL;
}

/* @result is '?' or ':' of getopt_long(). */
static void wrong_option(const struct command *command, int result, char **argv)
{
	const struct option_row *row = optopt ? find_row(command, optopt) : NULL;
	const char *word = argv[optind - 1];

	if (result == ':')
		usage_error(command, "option %s needs a value", word);
	else if (row)
		usage_error(command, "option --%s takes no value", row->name);
	else if (optopt)
		usage_error(command, "unknown option -%c", optopt);
	else
		usage_error(command, "unknown or ambiguous option %s", word);
	exit(command->usage_status);
}

int next_option(const struct command *command, int argc, char **argv)
{
	struct option options[OPTIONS_MOST + 2] = { { NULL, 0, NULL, 0 } };
	/* The words of a command to run, from the first operand on, are not ours. */
	bool all_ours = command->operands[0] != VALUES_TOOL_COMMAND &&
			command->operands[1] != VALUES_COMMAND;
	char letters[3 * OPTIONS_MOST + 4] = "+:h";
	const struct option_row *row;
	size_t count = 0, at = strlen(letters);
	int result;

	for (row = command->options; row->name && count < OPTIONS_MOST; row++, count++) {
		int argument = !row->argument ? no_argument :
			       row->optional  ? optional_argument :
						required_argument;

		options[count] = (struct option){ row->name, argument, NULL, row->key };
		if (!has_letter(row))
			continue;
		letters[at++] = (char)row->key;
		/* An optional value belongs to the long option only. */
		if (argument == required_argument)
			letters[at++] = ':';
	}
	options[count] = (struct option){ "help", no_argument, NULL, 'h' };
	opterr = 0;
	optopt = 0;
	result = getopt_long(argc, argv, letters + all_ours, options, NULL);
	if (result == 'h')
		exit(print_help(command));
	if (result == '?' || result == ':')
		wrong_option(command, result, argv);
	return result;
}
