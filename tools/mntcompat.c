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

static const struct command *const commands[] = {
	&command_namespace, &command_probe, &command_statmount, &command_listmount, &command_run,
};

struct tool_options tool_options;

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_usage(void)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		printf("%s mntcompat [OPTION...] %s %s\n",
		       i ? "      " : "usage:", commands[i]->name, commands[i]->arguments);
	fputs("       mntcompat --help | --version\n\n", stdout);
	for (i = 0; i < COMMANDS; i++)
		printf("%-11s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n"
	      "  --mode MODE       auto (default), native or emulate\n"
	      "  --kernel VERSION  behave as on a kernel that old, for example 5.10\n"
	      "  --verbose         print to stderr how each call was answered; twice: every step\n",
	      stdout);
	for (i = 0; i < COMMANDS; i++) {
		if (commands[i]->options)
			printf("\n%s:\n%s", commands[i]->name, commands[i]->options);
	}
}

/* The help for one command, for "mntcompat COMMAND --help". */
static int print_command_usage(const struct command *command)
{
	printf("usage: mntcompat [OPTION...] %s %s\n\n%s\n", command->name, command->arguments,
	       command->summary);
	if (command->options)
		printf("\n%s", command->options);
	return finish_output();
}

static int start_command(const struct command *command, int argc, char **argv)
{
	static char name[64];

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return print_command_usage(command);
	/* getopt's messages begin with argv[0]. */
	snprintf(name, sizeof(name), "mntcompat %s", command->name);
	argv[0] = name;
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

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "mode", required_argument, NULL, 'm' },
		{ "kernel", required_argument, NULL, 'k' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int option, first;
	size_t i;

	/* libsmartcols draws trees in the terminal's character set; messages are not translated. */
	setlocale(LC_CTYPE, "");
	while ((option = getopt_long(argc, argv, "+vhV", options, NULL)) != -1) {
		switch (option) {
		case 'm':
			tool_options.mode = optarg;
			if (set_mode(optarg) < 0)
				return usage_error(EXIT_USAGE,
						   "--mode must be auto, native or emulate, not %s",
						   optarg);
			break;
		case 'k':
			tool_options.kernel = optarg;
			if (mntcompat_set_kernel(optarg) < 0)
				return usage_error(
					EXIT_USAGE,
					"--kernel must be a version such as 5.10, not %s", optarg);
			break;
		case 'v':
			mntcompat_set_debug(++tool_options.verbose);
			break;
		case 'h':
			print_usage();
			return finish_output();
		case 'V':
			printf("mntcompat %s\n", mntcompat_version());
			return EXIT_SUCCESS;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind >= argc)
		return usage_error(
			EXIT_USAGE,
			"no command given; one of: namespace, probe, statmount, listmount, run");

	first = optind;
	for (i = 0; i < COMMANDS; i++) {
		if (strcmp(argv[first], commands[i]->name) == 0)
			return start_command(commands[i], argc - first, argv + first);
	}
	return usage_error(EXIT_USAGE, "%s is not a command", argv[first]);
}
