/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * expect-test.c - tests that the list of differences explains its own cases and nothing more, and
 * that files of expected outputs that hold only the differences are read and written as if they
 * were complete.
 * Touches one temporary file and a temporary directory. Needs no privilege.
 * Run by `make check`.
 */
#define _GNU_SOURCE
#define SCENARIO_PLAIN_CALLS
#include "scenario-internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Lists of differences follow this one. */
#define CAUSE "cause: y\nreason: of age,\n  and more of it\n\n"

static const char list[] = "# a comment\n"
			   "\n" CAUSE "difference: old\n"
			   "scenario: statmount/*\n"
			   "when: kernel<6.11 mode=auto,emulate\n"
			   "cause: y\n"
			   "note: this one,\n"
			   "  and more of it\n"
			   "mask-without: 0x40\n"
			   "replace: supported_mask 0x7fff => supported_mask 0x1fbf\n"
			   "\n"
			   "difference: user\n"
			   "scenario: statmount/a\n"
			   "when: level=user kernel>=6.0\n"
			   "when: native-kernel=7.0\n"
			   "cause: y\n"
			   "replace: one: ok => one: EPERM\n"
			   "\n"
			   "difference: sometimes\n"
			   "scenario: statmount/maybe\n"
			   "when: mode=emulate\n"
			   "maybe: it depends\n"
			   "cause: y\n"
			   "replace: one: ok => two: ok\\nthree: ok\n"
			   "\n"
			   "difference: there\n"
			   "scenario: statmount/at\n"
			   "when: root=initramfs\n"
			   "cause: y\n"
			   "at: second*\n"
			   "mask-without: 0x2\n"
			   "\n"
			   "difference: all of it\n"
			   "scenario: statmount/output\n"
			   "when: mode!=native\n"
			   "cause: y\n"
			   "output:\n"
			   "    other: ok\n"
			   "      indented\n"
			   "\n"
			   "difference: gone\n"
			   "scenario: statmount/gone\n"
			   "when: mode!=native\n"
			   "cause: y\n"
			   "replace: two: ok =>\n"
			   "\n"
			   "difference: honest\n"
			   "scenario: open-tree/refused\n"
			   "when: mode=emulate\n"
			   "cause: y\n"
			   "refused: EOPNOTSUPP\n"
			   "\n"
			   "difference: beside\n"
			   "scenario: open-tree/refused\n"
			   "when: mode=emulate root=initramfs\n"
			   "cause: y\n"
			   "replace: b: ok => b: EPERM\n"
			   "\n"
			   "difference: elsewhere\n"
			   "scenario: statmount/skipped\n"
			   "when: world=landlock,docker kernel<7.0\n"
			   "skip: for a reason\n"
			   "\n"
			   "difference: ours\n"
			   "scenario: statmount/alone\n"
			   "when: mode=emulate\n"
			   "alone: a younger kernel's flag\n"
			   "cause: y\n"
			   "replace: one: ok => one: EPERM\n"
			   "\n"
			   "difference: not ours\n"
			   "scenario: statmount/worse\n"
			   "when: mode=emulate\n"
			   "cause: y\n"
			   "replace: one: ok => one: EINVAL\n"
			   "\n"
			   "difference: a point\n"
			   "scenario: statmount/point\n"
			   "when: native-point>=5.10.223 native-point<5.10.262\n"
			   "skip: for its point\n";

static const struct {
	const char *what;
	struct difference_conditions
		now; /* scenario, kernel, native, mode, level, root, calls, proc */
	const char *expected, *actual;
	enum difference_verdict verdict;
	const char *names;
} cases[] = {
#define NOW(scenario, kernel, native, mode, level, root) \
	{ \
		"statmount/" scenario, kernel, native, mode, level, root, "library", "plain", \
			NULL, 0, false \
	}
	{ "equal", NOW("x", 7003, 7003, "auto", "root", "switched"), "one: ok\n", "one: ok\n",
	  DIFFERENCE_EQUAL, "" },
	{ "unequal", NOW("x", 7003, 7003, "auto", "root", "switched"), "one: ok\n", "one: EPERM\n",
	  DIFFERENCE_UNLISTED, "" },
	{ "bits, fields and a line", NOW("x", 5010, 6018, "auto", "root", "switched"),
	  "a: ok\n  mask 0x1042\n  mnt_id = statx\n  mnt_ns_id own\n  supported_mask 0x7fff\n",
	  "a: ok\n  mask 0x1002\n  mnt_id = statx\n  supported_mask 0x1fbf\n", DIFFERENCE_LISTED,
	  "old" },
	{ "half of it", NOW("x", 5010, 6018, "auto", "root", "switched"),
	  "a: ok\n  mask 0x1042\n  mnt_id = statx\n  mnt_ns_id own\n  supported_mask 0x7fff\n",
	  "a: ok\n  mask 0x1002\n  mnt_id = statx\n  supported_mask 0x7fff\n", DIFFERENCE_UNLISTED,
	  "" },
	{ "one field more", NOW("x", 5010, 6018, "auto", "root", "switched"),
	  "a: ok\n  mask 0x42\n  mnt_id = statx\n  mnt_ns_id own\n", "a: ok\n  mask 0x0\n",
	  DIFFERENCE_UNLISTED, "" },
	{ "not on this kernel", NOW("x", 6011, 6018, "auto", "root", "switched"),
	  "a: ok\n  mask 0x42\n  mnt_ns_id own\n", "a: ok\n  mask 0x2\n", DIFFERENCE_UNLISTED, "" },
	{ "not in this mode", NOW("x", 5010, 5010, "native", "root", "switched"),
	  "a: ok\n  mask 0x42\n  mnt_ns_id own\n", "a: ok\n  mask 0x2\n", DIFFERENCE_UNLISTED, "" },
	{ "stale", NOW("x", 5010, 5010, "auto", "root", "switched"), "a: ok\n  mask 0x42\n",
	  "a: ok\n  mask 0x42\n", DIFFERENCE_STALE, "old" },
	{ "nothing to change", NOW("x", 5010, 5010, "auto", "root", "switched"),
	  "a: ok\n  mask 0x2\n", "a: ok\n  mask 0x2\n", DIFFERENCE_EQUAL, "" },
	{ "both conditions of a line", NOW("a", 6001, 6001, "native", "user", "switched"),
	  "one: ok\n", "one: EPERM\n", DIFFERENCE_LISTED, "user" },
	{ "one of two conditions", NOW("a", 5010, 6001, "native", "user", "switched"), "one: ok\n",
	  "one: EPERM\n", DIFFERENCE_UNLISTED, "" },
	{ "the other line", NOW("a", 7000, 7000, "native", "root", "switched"), "one: ok\n",
	  "one: EPERM\n", DIFFERENCE_LISTED, "user" },
	{ "two differences", NOW("a", 6001, 6001, "auto", "user", "switched"),
	  "one: ok\na: ok\n  mask 0x42\n", "one: EPERM\na: ok\n  mask 0x2\n", DIFFERENCE_LISTED,
	  "old, user" },
	{ "one of two differences", NOW("a", 6001, 6001, "auto", "user", "switched"),
	  "one: ok\na: ok\n  mask 0x42\n", "one: ok\na: ok\n  mask 0x2\n", DIFFERENCE_UNLISTED,
	  "" },
	{ "another scenario's", NOW("b", 6001, 6001, "native", "user", "switched"), "one: ok\n",
	  "one: EPERM\n", DIFFERENCE_UNLISTED, "" },
	{ "maybe, absent", NOW("maybe", 7003, 7003, "emulate", "root", "switched"), "one: ok\n",
	  "one: ok\n", DIFFERENCE_EQUAL, "" },
	{ "maybe, there", NOW("maybe", 7003, 7003, "emulate", "root", "switched"), "one: ok\n",
	  "two: ok\nthree: ok\n", DIFFERENCE_LISTED, "sometimes" },
	{ "maybe, something else", NOW("maybe", 7003, 7003, "emulate", "root", "switched"),
	  "one: ok\n", "two: ok\n", DIFFERENCE_UNLISTED, "" },
	{ "only at a label", NOW("at", 7003, 7003, "auto", "root", "initramfs"),
	  "first: ok\n  mask 0x3\n  mnt_id = statx\nsecond one: ok\n  mask 0x3\n  mnt_attr 0x0\n",
	  "first: ok\n  mask 0x3\n  mnt_id = statx\nsecond one: ok\n  mask 0x1\n",
	  DIFFERENCE_LISTED, "there" },
	{ "not at the other label", NOW("at", 7003, 7003, "auto", "root", "initramfs"),
	  "first: ok\n  mask 0x3\nsecond one: ok\n  mask 0x3\n",
	  "first: ok\n  mask 0x1\nsecond one: ok\n  mask 0x1\n", DIFFERENCE_UNLISTED, "" },
	{ "an output", NOW("output", 7003, 7003, "auto", "root", "switched"), "one: ok\n",
	  "other: ok\n  indented\n", DIFFERENCE_LISTED, "all of it" },
	{ "not quite the output", NOW("output", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\n", "other: ok\n", DIFFERENCE_UNLISTED, "" },
	{ "the expected output instead", NOW("output", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\n", "one: ok\n", DIFFERENCE_STALE, "all of it" },
	{ "a line less", NOW("gone", 7003, 7003, "auto", "root", "switched"), "one: ok\ntwo: ok\n",
	  "one: ok\n", DIFFERENCE_LISTED, "gone" },
	{ "nothing does not match", NOW("gone", 7003, 7003, "auto", "root", "switched"),
	  "one: ok\ntwo: ok\n", "", DIFFERENCE_UNLISTED, "" },
#undef NOW
#define REFUSED_ON(root) \
	{ \
		"open-tree/refused", 7003, 7003, "emulate", "root", root, "library", "plain", \
			NULL, 0, false \
	}
#define REFUSED REFUSED_ON("switched")
	{ "a refusal", REFUSED, "a: 1 mounts\n  \"/\"\nb: ok\n", "a: EOPNOTSUPP\nb: ok\n",
	  DIFFERENCE_LISTED, "honest" },
	{ "another errno", REFUSED, "a: 1 mounts\n  \"/\"\nb: ok\n", "a: ENOENT\nb: ok\n",
	  DIFFERENCE_UNLISTED, "" },
	{ "a refusal and something wrong", REFUSED, "a: ok\nb: ok\n", "a: EOPNOTSUPP\nb: EPERM\n",
	  DIFFERENCE_UNLISTED, "" },
	{ "a refusal beside another difference", REFUSED_ON("initramfs"), "a: ok\nb: ok\nc: ok\n",
	  "a: EOPNOTSUPP\nb: EPERM\nc: ok\n", DIFFERENCE_LISTED, "beside, honest" },
	{ "a refusal without the other difference", REFUSED_ON("initramfs"),
	  "a: ok\nb: ok\nc: ok\n", "a: EOPNOTSUPP\nb: ok\nc: EPERM\n", DIFFERENCE_UNLISTED, "" },
	{ "nothing at all", REFUSED, "a: ok\nb: ok\n", "", DIFFERENCE_UNLISTED, "" },
#define ALONE(scenario, alone) \
	{ \
		"statmount/" scenario, 7003, 7003, "emulate", "root", "switched", "library", \
			"plain", NULL, 0, alone \
	}
	{ "the kernel alone is wrong, too", ALONE("worse", false), "one: ok\n", "one: EINVAL\n",
	  DIFFERENCE_LISTED, "not ours" },
	{ "the kernel alone is right", ALONE("worse", true), "one: ok\n", "one: EINVAL\n",
	  DIFFERENCE_UNLISTED, "" },
	{ "the kernel alone is right, on purpose", ALONE("alone", true), "one: ok\n",
	  "one: EPERM\n", DIFFERENCE_LISTED, "ours" },
};

static const char *const unreadable[] = {
	CAUSE "difference: x\nscenario: *\nwhen: mode=auto\nreplace: a => b\n", /* no cause */
	CAUSE "difference: x\nscenario: *\ncause: y\nreplace: a => b\n",	/* no when */
	CAUSE "difference: x\nwhen: mode=auto\ncause: y\nreplace: a => b\n",	/* no scenario */
	CAUSE "difference: x\nscenario: *\nwhen: mode=auto\ncause: y\n",	/* no change */
	CAUSE "difference: x\nscenario: *\nwhen: mode=auto\ncause: y\nreplace: a\n",
	CAUSE "difference: x\nscenario: *\nwhen: mode=auto\ncause: y\nomit: a\n",
	CAUSE "difference: x\nscenario: *\nwhen: mode=auto\ncause: z\nreplace: a => b\n",
	"cause: y\n\n" /* a cause without a reason */
	"difference: x\nscenario: *\nwhen: mode=auto\ncause: y\nreplace: a => b\n",
	CAUSE CAUSE "difference: x\nscenario: *\nwhen: mode=auto\ncause: y\nreplace: a => b\n",
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

/* --- files that hold only what differs --- */

static const struct {
	const char *name, *text;
} files[] = {
	{ "root.txt", "# a comment\n\n== a\none: ok\n\n== b\ntwo: ok\n\n== c\n\n== d\nfour: ok\n" },
	{ "user.txt", "# a comment\n\n== b\ntwo: EPERM\n\n== c\n\n== e\nfive: ok\n" },
	{ "user.initramfs.txt",
	  "\n== a\none: EINVAL\n\n== b\ntwo: EPERM\n\n== d\nfour: ok\n\n== e\nfive: no\n" },
};

static const struct {
	const char *what, *level;
	bool initramfs;
	const char *name, *output; /* NULL: no such section */
	bool is_stale;
} lookups[] = {
	{ "root's own", "root", false, "b", "two: ok\n", false },
	{ "root, with no file for an initramfs", "root", true, "a", "one: ok\n", false },
	{ "not in root.txt", "root", false, "e", NULL, false },
	{ "missing in the derived file", "user", false, "a", "one: ok\n", false },
	{ "different in the derived file", "user", false, "b", "two: EPERM\n", false },
	{ "stale in the derived file, and empty", "user", false, "c", "", true },
	{ "in the derived file alone", "user", false, "e", "five: ok\n", false },
	{ "in neither", "user", false, "f", NULL, false },
	{ "a level without a file", "userns", false, "b", "two: ok\n", false },
	{ "different for an initramfs", "user", true, "a", "one: EINVAL\n", false },
	{ "stale for an initramfs: the level says it", "user", true, "b", "two: EPERM\n", true },
	{ "stale for an initramfs: root says it", "user", true, "d", "four: ok\n", true },
	{ "not of root, different for an initramfs", "user", true, "e", "five: no\n", false },
	{ "stale below", "user", true, "c", "", true },
};

static void write_file(const char *directory, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "we");
	if (!file || fputs(text, file) < 0 || fclose(file))
		exit(99);
}

/* True if these sections, folded above @expected, print as @wanted. */
static bool folds_to(const struct expected *expected, const struct section *sections,
		     const char *wanted)
{
	struct section *folded = expected_fold(expected, sections), *section;
	struct text text = { 0 };
	bool same;

	for (section = folded; section; section = section->next)
		text_add(&text, "%s: %s", section->name, section->output);
	same = !strcmp(text.start ? text.start : "", wanted);
	if (!same)
		printf("folded to:\n%s", text.start ? text.start : "");
	text_free(&text);
	expect_free(folded);
	return same;
}

static unsigned int check_files(const char *directory)
{
	struct expected expected, root;
	unsigned int i, failed = 0;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		write_file(directory, files[i].name, files[i].text);
	for (i = 0; i < ARRAY_SIZE(lookups); i++) {
		const struct section *section;

		if (expected_read(&expected, directory, lookups[i].level, lookups[i].initramfs))
			exit(99);
		section = expected_find(&expected, lookups[i].name);
		if (!section != !lookups[i].output ||
		    (section && strcmp(section->output, lookups[i].output)) ||
		    expected_is_stale(&expected, lookups[i].name) != lookups[i].is_stale) {
			printf("%s: \"%s\"\n", lookups[i].what,
			       section ? section->output : "no section");
			failed++;
		}
		expected_free(&expected);
	}
	/* The stale c is dropped, the different b and the new e stay. */
	expected_read(&expected, directory, "user", false);
	expected_read(&root, directory, "root", false);
	failed += !folds_to(&root, expected.files[1], "b: two: EPERM\ne: five: ok\n");
	failed += !folds_to(&root, root.files[EXPECTED_FILES - 1], "");
	expected_free(&expected);
	expected_free(&root);
	return failed;
}

#define FILE_CHECKS (ARRAY_SIZE(lookups) + 3)

static unsigned int test_files(void)
{
	char directory[] = "/tmp/mntcompat-expected.XXXXXX", path[256];
	struct expected expected;
	unsigned int failed, i;

	if (!mkdtemp(directory))
		exit(99);
	failed = check_files(directory);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, files[i].name);
		unlink(path);
		/* Without root.txt a derived file is not enough. */
		if (i == 0 && expected_read(&expected, directory, "user", false) != -ENOENT) {
			printf("read without root.txt\n");
			failed++;
		}
	}
	rmdir(directory);
	return failed;
}

/* Which of these is not run, and why. */
static unsigned int check_skips(const struct difference *differences)
{
	static const struct {
		const char *scenario, *world;
		unsigned int kernel;
		const char *why;
		const char *point;
	} skips[] = {
		{ "statmount/skipped", "docker", 6012, "for a reason", NULL },
		{ "statmount/skipped", "docker", 7000, NULL, NULL },
		{ "statmount/skipped", "churn", 6012, NULL, NULL },
		{ "statmount/skipped", NULL, 6012, NULL, NULL },
		{ "statmount/a", "docker", 6012, NULL, NULL },
		{ "statmount/point", NULL, 5010, "for its point", "5.10.223-1" },
		{ "statmount/point", NULL, 5010, NULL, "5.10.262-1" },
		{ "statmount/point", NULL, 5010, NULL, "5.10-rc1" },
	};
	unsigned int i, failed = 0;

	for (i = 0; i < ARRAY_SIZE(skips); i++) {
		struct difference_conditions now = {
			.scenario = skips[i].scenario,
			.kernel = skips[i].kernel,
			.native_kernel = skips[i].kernel,
			.mode = "auto",
			.level = "root",
			.root = "switched",
			.calls = "library",
			.proc = "plain",
			.world = skips[i].world,
			.native_point = scenario_point_parse(skips[i].point ? skips[i].point : ""),
		};
		const char *why = difference_skips(differences, &now);

		if (!why != !skips[i].why || (why && strcmp(why, skips[i].why))) {
			printf("%s in %s: skipped: %s\n", now.scenario,
			       now.world ? now.world : "no world", why ? why : "no");
			failed++;
		}
	}
	return failed;
}

#define SKIP_CHECKS 8

int main(void)
{
	struct difference *differences;
	unsigned int failed = 0, i;

	if (read_list(list, &differences)) {
		printf("the list cannot be read\n");
		return 1;
	}
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text names = { 0 };
		enum difference_verdict verdict = difference_judge(
			differences, &cases[i].now, cases[i].expected, cases[i].actual, &names);

		if (verdict != cases[i].verdict ||
		    strcmp(names.start ? names.start : "", cases[i].names)) {
			printf("%s: verdict %d, names \"%s\"\n", cases[i].what, verdict,
			       names.start ? names.start : "");
			failed++;
		}
		text_free(&names);
	}
	failed += check_skips(differences);
	difference_free(differences);
	for (i = 0; i < ARRAY_SIZE(unreadable); i++) {
		if (!read_list(unreadable[i], &differences)) {
			printf("unreadable list %u was read\n", i);
			failed++;
		}
		difference_free(differences);
	}
	failed += test_files();
	printf("%u passed, %u failed\n",
	       (unsigned int)(ARRAY_SIZE(cases) + ARRAY_SIZE(unreadable) + FILE_CHECKS +
			      SKIP_CHECKS) -
		       failed,
	       failed);
	return failed ? 1 : 0;
}
