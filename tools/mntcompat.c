// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mntcompat.c - main() of the tool: the options that all commands share, and the choice of the
 * command. mntcompat(1) documents its behaviour. Uses <mntcompat.h> and libc, nothing inside the
 * library.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mntcompat.h>
#include "tools/tool.h"

const struct command *const tool_commands[] = {
	&command_namespace, &command_probe, &command_statmount, &command_listmount, &command_listns,
	&command_run,	    NULL,
};

struct tool_options tool_options;

const struct command *find_command_row(const char *name)
{
	const struct command *const *at = tool_commands;

	while (*at && strcmp((*at)->name, name))
		at++;
	if (!*at && strcmp(name, command_complete.name) == 0)
		return &command_complete;
	return *at;
}

static int print_usage(int argc, char **argv)
{
	const struct command *const *at;

	(void)argc;
	(void)argv;
	for (at = tool_commands; *at; at++)
		printf("%s mntcompat [OPTION...] %s %s\n",
		       at == tool_commands ? "usage:" : "      ", (*at)->name, (*at)->arguments);
	fputs("       mntcompat --help | --version\n\n", stdout);
	for (at = tool_commands; *at; at++)
		print_summary(*at);
	fputs("\nOptions of all commands, given before the command:\n", stdout);
	print_options(tool_command.options);
	fputs("\nmntcompat COMMAND --help prints the options of a command, as help COMMAND does.\n",
	      stdout);
	return EXIT_SUCCESS;
}

/* "help" as --help, "help COMMAND" as COMMAND --help. */
static int run_help(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command_row(argv[1]) : &tool_command;

	if (!command)
		return usage_error(&tool_command, "%s is not a command", argv[1]);
	if (argc > 2)
		return usage_error(&tool_command, "help takes one command");
	return print_help(command);
}

static int start_command(const struct command *command, int argc, char **argv)
{
	/* Each command parses its own options; 0 makes getopt of glibc and of musl start again. */
	optind = 0;
	return command->run(argc, argv);
}

static int set_mode(const char *name)
{
	if (strcmp(name, "auto") == 0)
		return mntcompat_set_mode(MNTCOMPAT_MODE_AUTO);
	if (strcmp(name, "native") == 0)
		return mntcompat_set_mode(MNTCOMPAT_MODE_NATIVE);
	if (strcmp(name, "emulate") == 0)
		return mntcompat_set_mode(MNTCOMPAT_MODE_EMULATE);
	return -EINVAL;
}

enum { KEY_MODE = LONG_ONLY, KEY_KERNEL };

static const struct option_row options[] = {
	{ "mode", KEY_MODE, VALUES_MODE, false, "MODE", "auto (default), native or emulate" },
	{ "kernel", KEY_KERNEL, VALUES_KERNEL, false, "VERSION",
	  "behave as on a kernel that old, for example 5.10" },
	{ "verbose", 'v', VALUES_NONE, false, NULL,
	  "print to stderr how each call was answered; twice: every step" },
	{ "version", 'V', VALUES_NONE, false, NULL, "print the version" },
	{ NULL, 0, VALUES_NONE, false, NULL, NULL },
};

const struct command tool_command = {
	.name = "",
	.arguments = "COMMAND",
	.options = options,
	.operands = { VALUES_TOOL_COMMAND, VALUES_OTHER },
	.usage_status = EXIT_USAGE,
	.run = print_usage,
};

int main(int argc, char **argv)
{
	const struct command *command;
	int option;

	/* libsmartcols draws trees in the terminal's character set; messages are not translated. */
	setlocale(LC_CTYPE, "");
	while ((option = next_option(&tool_command, argc, argv)) != -1) {
		switch (option) {
		case KEY_MODE:
			tool_options.mode = optarg;
			if (set_mode(optarg) < 0)
				return usage_error(&tool_command,
						   "--mode must be auto, native or emulate, not %s",
						   optarg);
			break;
		case KEY_KERNEL:
			tool_options.kernel = optarg;
			if (mntcompat_set_kernel(optarg) < 0)
				return usage_error(
					&tool_command,
					"--kernel must be a version such as 5.10, not %s", optarg);
			break;
		case 'v':
			mntcompat_set_debug(++tool_options.verbose);
			break;
		case 'V':
			printf("mntcompat %s\n", mntcompat_version());
			return finish_output();
		}
	}
	if (optind >= argc)
		return usage_error(
			&tool_command,
			"no command given; one of: namespace, probe, statmount, listmount, listns, run");
	if (strcmp(argv[optind], "help") == 0)
		return run_help(argc - optind, argv + optind);
	command = find_command_row(argv[optind]);
	if (!command)
		return usage_error(&tool_command, "%s is not a command", argv[optind]);
	return start_command(command, argc - optind, argv + optind);
}
