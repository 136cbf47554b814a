// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * recorded-test.c - tests that the file of recorded reports is expanded to its rows, and to nothing
 * else.
 * Touches one temporary file. Needs no privilege. Run by make check.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/probe/recorded.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char file[] = "# a comment\n"
			   "# kernels: 5.10 6.1 6.1.20 7.3\n"
			   "\n"
			   "== root\n"
			   "one native\n"
			   "one.more absent  [5.10-6.1.20]\n"
			   "one.more native  [7.3]\n"
			   "two lost: a [b]c  [5.10 initramfs, 6.1, 7.3 switched]\n"
			   "trouble: none\n"
			   "\n"
			   "== user\n"
			   "one.more refused  [6.1.20]\n"
			   "trouble: much\n"
			   "== same\n"
			   "== quiet\n"
			   "-trouble: none\n"
			   "trouble: other\n"
			   "one refused\n"
			   "== stale\n"
			   "one.more native  [7.3]\n"
			   "== stale-removal\n"
			   "-two\n";

static const struct {
	const char *point, *series, *root, *name, *rows; /* NULL: there must be none */
} cases[] = {
	{ "5.10.1", "5.10", "switched", "root", "one native\none.more absent\ntrouble: none\n" },
	{ "5.10.1", "5.10", "initramfs", "root",
	  "one native\none.more absent\ntwo lost: a [b]c\ntrouble: none\n" },
	{ "6.1.9", "6.1", "initramfs", "root",
	  "one native\none.more absent\ntwo lost: a [b]c\ntrouble: none\n" },
	{ "6.1.20", "6.1", "initramfs", "root", "one native\none.more absent\ntrouble: none\n" },
	{ "7.3.4", "7.3", "switched", "root",
	  "one native\none.more native\ntwo lost: a [b]c\ntrouble: none\n" },
	{ "7.3.4", "7.3", "initramfs", "root", "one native\none.more native\ntrouble: none\n" },
	{ "6.1.20", "6.1", "switched", "user",
	  "one native\none.more refused\ntrouble: none\ntrouble: much\n" },
	{ "6.1.9", "6.1", "any", "user",
	  "one native\none.more absent\ntwo lost: a [b]c\ntrouble: none\ntrouble: much\n" },
	{ "5.10.1", "5.10", "switched", "same", "one native\none.more absent\ntrouble: none\n" },
	{ "5.10.1", "5.10", "switched", "quiet", "one refused\none.more absent\ntrouble: other\n" },
	{ "5.10.1", "5.10", "switched", "stale", "one native\none.more absent\ntrouble: none\n" },
	{ "7.3.4", "7.3", "switched", "stale", NULL },
	{ "7.3.4", "7.3", "switched", "stale-removal", NULL },
	{ "7.3.4", "7.3", "switched", "nobody", NULL },
	{ "7.2.0", "7.2", "switched", NULL, NULL },
};

static const char *const unreadable[] = {
	"",
	"# kernels: 5.10\n",			  /* no section */
	"== root\na b\n",			  /* no kernels */
	"# kernels: 5.10\n== user\na b\n",	  /* not root first */
	"# kernels: 5.10\na b\n== root\n",	  /* a row of no section */
	"# kernels: 5.10\n== root\na b  [6.1]\n", /* no such kernel */
	"# kernels: 5.10 6.1\n== root\na b  [6.1-5.10]\n",
	"# kernels: 5.10 6.1\n== root\na b  [5.10 elsewhere]\n",
	"# kernels: 5.10 6.1\n== root\na b  [5.10 switch]\n",
	"# kernels: 5.10 6.1\n== root\na b  [5.10,6.1]\n",
	"# kernels: 5.10\n== root\na b  []\n",
	"# kernels: 5.10\n== root\na b [5.10]\n", /* one blank */
};

static struct recorded *read_text(const char *text)
{
	char path[] = "/tmp/mntcompat-recorded.XXXXXX";
	int fd = mkstemp(path);
	struct recorded *recorded;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		exit(99);
	close(fd);
	recorded = recorded_read(path);
	unlink(path);
	return recorded;
}

static bool is_good(struct recorded *recorded, size_t i)
{
	char why[128] = "", *rows;
	bool good;

	if (!recorded_choose(recorded, cases[i].point, cases[i].series, cases[i].root))
		return !cases[i].name;
	if (!cases[i].name)
		return false;
	rows = recorded_rows(recorded, cases[i].name, why, sizeof(why));
	good = cases[i].rows ? rows && !strcmp(rows, cases[i].rows) : !rows && *why;
	if (!good)
		printf("case %zu, %s on %s: %s\n%s", i, cases[i].name, cases[i].point, why,
		       rows ? rows : "");
	free(rows);
	return good;
}

int main(void)
{
	struct recorded *recorded = read_text(file);
	const char *name = NULL;
	size_t i, failed = 0, names = 0;

	if (!recorded)
		return 1;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		failed += !is_good(recorded, i);
	while ((name = recorded_next(recorded, name)))
		names++;
	if (names != 6) {
		printf("%zu names\n", names);
		failed++;
	}
	recorded_free(recorded);
	for (i = 0; i < ARRAY_SIZE(unreadable); i++) {
		recorded = read_text(unreadable[i]);
		if (recorded) {
			printf("unreadable file %zu was read\n", i);
			failed++;
		}
		recorded_free(recorded);
	}
	printf("%zu passed, %zu failed\n", ARRAY_SIZE(cases) + 1 + ARRAY_SIZE(unreadable) - failed,
	       failed);
	return failed ? 1 : 0;
}
