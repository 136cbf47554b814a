/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expect-test.c - tests that the list of differences explains what it says and nothing more.
 * Touches one temporary file. Needs no privilege.
 * Run by `make check`.
 */
#define _GNU_SOURCE
#include "scenario-internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char list[] =
	"# a comment\n"
	"\n"
	"difference: old\n"
	"scenario: statmount/*\n"
	"when: kernel<6.11 mode=auto,emulate\n"
	"reason: of age,\n"
	"  and more of it\n"
	"mask-without: 0x40\n"
	"replace: supported_mask 0x7fff => supported_mask 0x1fbf\n"
	"\n"
	"difference: user\n"
	"scenario: statmount/a\n"
	"when: level=user kernel>=6.0\n"
	"when: native-kernel=7.0\n"
	"reason: none\n"
	"replace: one: ok => one: EPERM\n"
	"\n"
	"difference: sometimes\n"
	"scenario: statmount/maybe\n"
	"when: mode=emulate\n"
	"maybe: it depends\n"
	"reason: none\n"
	"replace: one: ok => two: ok\\nthree: ok\n"
	"\n"
	"difference: there\n"
	"scenario: statmount/at\n"
	"when: root=initramfs\n"
	"reason: none\n"
	"at: second*\n"
	"mask-without: 0x2\n"
	"\n"
	"difference: all of it\n"
	"scenario: statmount/output\n"
	"when: mode!=native\n"
	"reason: none\n"
	"output:\n"
	"    other: ok\n"
	"      indented\n"
	"\n"
	"difference: gone\n"
	"scenario: statmount/gone\n"
	"when: mode!=native\n"
	"reason: none\n"
	"replace: two: ok =>\n"
	"\n"
	"difference: honest\n"
	"scenario: open-tree/refused\n"
	"when: mode=emulate\n"
	"reason: none\n"
	"refused: EOPNOTSUPP\n";

static const struct {
	const char *what;
	struct difference_conditions now;	/* scenario, kernel, native, mode, level, root, calls, proc */
	const char *expected, *actual;
	enum difference_verdict verdict;
	const char *names;
} cases[] = {
#define NOW(scenario, kernel, native, mode, level, root) \
	{ "statmount/" scenario, kernel, native, mode, level, root, "library", "plain" }
	{ "equal", NOW("x", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\n", "one: ok\n", DIFFERENCE_EQUAL, "" },
	{ "unequal", NOW("x", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\n", "one: EPERM\n", DIFFERENCE_UNLISTED, "" },
	{ "bits, fields and a line", NOW("x", 5010, 6018, "auto", "root", "switched"),
	  "a: ok\n  mask 0x1042\n  mnt_id = statx\n  mnt_ns_id own\n  supported_mask 0x7fff\n",
	  "a: ok\n  mask 0x1002\n  mnt_id = statx\n  supported_mask 0x1fbf\n",
	  DIFFERENCE_LISTED, "old" },
	{ "half of it", NOW("x", 5010, 6018, "auto", "root", "switched"),
	  "a: ok\n  mask 0x1042\n  mnt_id = statx\n  mnt_ns_id own\n  supported_mask 0x7fff\n",
	  "a: ok\n  mask 0x1002\n  mnt_id = statx\n  supported_mask 0x7fff\n",
	  DIFFERENCE_UNLISTED, "" },
	{ "one field more", NOW("x", 5010, 6018, "auto", "root", "switched"),
	  "a: ok\n  mask 0x42\n  mnt_id = statx\n  mnt_ns_id own\n",
	  "a: ok\n  mask 0x0\n", DIFFERENCE_UNLISTED, "" },
	{ "not on this kernel", NOW("x", 6011, 6018, "auto", "root", "switched"),
	  "a: ok\n  mask 0x42\n  mnt_ns_id own\n", "a: ok\n  mask 0x2\n", DIFFERENCE_UNLISTED, "" },
	{ "not in this mode", NOW("x", 5010, 5010, "native", "root", "switched"),
	  "a: ok\n  mask 0x42\n  mnt_ns_id own\n", "a: ok\n  mask 0x2\n", DIFFERENCE_UNLISTED, "" },
	{ "stale", NOW("x", 5010, 5010, "auto", "root", "switched"),
	  "a: ok\n  mask 0x42\n", "a: ok\n  mask 0x42\n", DIFFERENCE_STALE, "old" },
	{ "nothing to change", NOW("x", 5010, 5010, "auto", "root", "switched"),
	  "a: ok\n  mask 0x2\n", "a: ok\n  mask 0x2\n", DIFFERENCE_EQUAL, "" },
	{ "both conditions of a line", NOW("a", 6001, 6001, "native", "user", "switched"),
	  "one: ok\n", "one: EPERM\n", DIFFERENCE_LISTED, "user" },
	{ "one of two conditions", NOW("a", 5010, 6001, "native", "user", "switched"),
	  "one: ok\n", "one: EPERM\n", DIFFERENCE_UNLISTED, "" },
	{ "the other line", NOW("a", 7000, 7000, "native", "root", "switched"),
	  "one: ok\n", "one: EPERM\n", DIFFERENCE_LISTED, "user" },
	{ "two differences", NOW("a", 6001, 6001, "auto", "user", "switched"),
	  "one: ok\na: ok\n  mask 0x42\n", "one: EPERM\na: ok\n  mask 0x2\n",
	  DIFFERENCE_LISTED, "old, user" },
	{ "one of two differences", NOW("a", 6001, 6001, "auto", "user", "switched"),
	  "one: ok\na: ok\n  mask 0x42\n", "one: ok\na: ok\n  mask 0x2\n",
	  DIFFERENCE_UNLISTED, "" },
	{ "another scenario's", NOW("b", 6001, 6001, "native", "user", "switched"),
	  "one: ok\n", "one: EPERM\n", DIFFERENCE_UNLISTED, "" },
	{ "maybe, absent", NOW("maybe", 7003, 7003, "emulate", "root", "switched"),
	  "one: ok\n", "one: ok\n", DIFFERENCE_EQUAL, "" },
	{ "maybe, there", NOW("maybe", 7003, 7003, "emulate", "root", "switched"),
	  "one: ok\n", "two: ok\nthree: ok\n", DIFFERENCE_LISTED, "sometimes" },
	{ "maybe, something else", NOW("maybe", 7003, 7003, "emulate", "root", "switched"),
	  "one: ok\n", "two: ok\n", DIFFERENCE_UNLISTED, "" },
	{ "only at a label", NOW("at", 7003, 7003, "auto", "root", "initramfs"),
	  "first: ok\n  mask 0x3\n  mnt_id = statx\nsecond one: ok\n  mask 0x3\n  mnt_attr 0x0\n",
	  "first: ok\n  mask 0x3\n  mnt_id = statx\nsecond one: ok\n  mask 0x1\n",
	  DIFFERENCE_LISTED, "there" },
	{ "not at the other label", NOW("at", 7003, 7003, "auto", "root", "initramfs"),
	  "first: ok\n  mask 0x3\nsecond one: ok\n  mask 0x3\n",
	  "first: ok\n  mask 0x1\nsecond one: ok\n  mask 0x1\n", DIFFERENCE_UNLISTED, "" },
	{ "an output", NOW("output", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\n", "other: ok\n  indented\n", DIFFERENCE_LISTED, "all of it" },
	{ "not quite the output", NOW("output", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\n", "other: ok\n", DIFFERENCE_UNLISTED, "" },
	{ "the expected output instead", NOW("output", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\n", "one: ok\n", DIFFERENCE_STALE, "all of it" },
	{ "a line less", NOW("gone", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\ntwo: ok\n", "one: ok\n", DIFFERENCE_LISTED, "gone" },
	{ "nothing is no match", NOW("gone", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\ntwo: ok\n", "", DIFFERENCE_UNLISTED, "" },
#undef NOW
#define REFUSED { "open-tree/refused", 7003, 7003, "emulate", "root", "switched", "library", "plain" }
	{ "a refusal", REFUSED, "a: 1 mounts\n  \"/\"\nb: ok\n", "a: EOPNOTSUPP\nb: ok\n",
	  DIFFERENCE_LISTED, "honest" },
	{ "another errno", REFUSED, "a: 1 mounts\n  \"/\"\nb: ok\n", "a: ENOENT\nb: ok\n",
	  DIFFERENCE_UNLISTED, "" },
	{ "a refusal and something wrong", REFUSED, "a: ok\nb: ok\n", "a: EOPNOTSUPP\nb: EPERM\n",
	  DIFFERENCE_UNLISTED, "" },
	{ "nothing at all", REFUSED, "a: ok\nb: ok\n", "", DIFFERENCE_UNLISTED, "" },
};

static const char *const unreadable[] = {
	"difference: x\nscenario: *\nwhen: mode=auto\nreplace: a => b\n",	/* no reason */
	"difference: x\nscenario: *\nreason: y\nreplace: a => b\n",		/* no when */
	"difference: x\nwhen: mode=auto\nreason: y\nreplace: a => b\n",		/* no scenario */
	"difference: x\nscenario: *\nwhen: mode=auto\nreason: y\n",		/* no change */
	"difference: x\nscenario: *\nwhen: mode=auto\nreason: y\nreplace: a\n",
	"difference: x\nscenario: *\nwhen: mode=auto\nreason: y\nskip: a\n",
	"scenario: *\n",
};

static int read_list(const char *text, struct difference **differences)
{
	char path[] = "/tmp/mntcompat-differences.XXXXXX";
	int fd = mkstemp(path), ret = -1;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		exit(99);
	close(fd);
	*differences = NULL;
	ret = difference_read(path, differences);
	unlink(path);
	return ret;
}

int main(void)
{
	struct difference *differences;
	unsigned int failed = 0, i;

	if (read_list(list, &differences)) {
		printf("the list cannot be read\n");
		return 1;
	}
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text names = { 0 };
		enum difference_verdict verdict =
			difference_judge(differences, &cases[i].now, cases[i].expected,
					 cases[i].actual, &names);

		if (verdict != cases[i].verdict ||
		    strcmp(names.start ? names.start : "", cases[i].names)) {
			printf("%s: verdict %d, names \"%s\"\n", cases[i].what, verdict,
			       names.start ? names.start : "");
			failed++;
		}
		text_free(&names);
	}
	difference_free(differences);
	for (i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
		if (!read_list(unreadable[i], &differences)) {
			printf("unreadable list %u was read\n", i);
			failed++;
		}
		difference_free(differences);
	}
	printf("%u passed, %u failed\n", (unsigned int)(sizeof(cases) / sizeof(cases[0]) +
	       sizeof(unreadable) / sizeof(unreadable[0])) - failed, failed);
	return failed ? 1 : 0;
}
