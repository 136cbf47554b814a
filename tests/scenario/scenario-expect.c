/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scenario-expect.c - expected outputs, and the exact list of known differences from them.
 * Touches only the files it is given the names of.
 */
#define _GNU_SOURCE
#define SCENARIO_PLAIN_CALLS
#include "scenario-internal.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STANZA_LINES 64 /* when:, scenario: and replace: lines of one stanza */
#define STANZAS_PER_SCENARIO 12

/* --- text --- */

void text_add_bytes(struct text *text, const void *bytes, size_t size)
{
	if (text->used + size + 1 > text->room) {
		text->room = 2 * (text->used + size + 1);
		text->start = realloc(text->start, text->room);
		if (!text->start)
			abort();
	}
	memcpy(text->start + text->used, bytes, size);
	text->used += size;
	text->start[text->used] = 0;
}

void text_add(struct text *text, const char *format, ...)
{
	char *line;
	va_list args;
	int size;

	va_start(args, format);
	size = vasprintf(&line, format, args);
	va_end(args);
	if (size < 0)
		abort();
	text_add_bytes(text, line, size);
	free(line);
}

void text_free(struct text *text)
{
	free(text->start);
	memset(text, 0, sizeof(*text));
}

static char *must_strdup(const char *string)
{
	char *copy = strdup(string);

	if (!copy)
		abort();
	return copy;
}

unsigned int scenario_kernel_parse(const char *release)
{
	unsigned int major, minor;

	if (sscanf(release, "%u.%u", &major, &minor) != 2 || minor > 999)
		return 0;
	return SCENARIO_KERNEL(major, minor);
}

unsigned int scenario_point_parse(const char *release)
{
	unsigned int major, minor, point;

	if (sscanf(release, "%u.%u.%u", &major, &minor, &point) != 3 || minor > 999 || point > 999)
		return 0;
	return SCENARIO_KERNEL(major, minor) * 1000u + point;
}

/* --- expected outputs --- */

/* Blank lines at the end of a section belong to the file's form, not to the output. */
static void trim(struct section *sections)
{
	for (; sections; sections = sections->next) {
		size_t size = strlen(sections->output);

		while (size > 1 && !strcmp(sections->output + size - 2, "\n\n"))
			sections->output[--size] = 0;
		if (!strcmp(sections->output, "\n"))
			*sections->output = 0;
	}
}

int expect_read(const char *path, struct section **sections)
{
	struct section *section = NULL, **next = sections;
	struct text output = { 0 };
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	*sections = NULL;
	if (!file)
		return -errno;
	while (getline(&line, &room, file) >= 0) {
		if (strncmp(line, "== ", 3)) {
			if (section)
				text_add(&output, "%s", line);
			continue;
		}
		if (section)
			section->output = must_strdup(output.start ? output.start : "");
		text_free(&output);
		section = calloc(1, sizeof(*section));
		if (!section)
			abort();
		line[strcspn(line, "\r\n")] = 0;
		section->name = must_strdup(line + 3);
		*next = section;
		next = &section->next;
	}
	if (section)
		section->output = must_strdup(output.start ? output.start : "");
	text_free(&output);
	free(line);
	fclose(file);
	trim(*sections);
	return 0;
}

const struct section *expect_find(const struct section *sections, const char *name)
{
	for (; sections; sections = sections->next) {
		if (!strcmp(sections->name, name))
			return sections;
	}
	return NULL;
}

void expect_free(struct section *sections)
{
	while (sections) {
		struct section *next = sections->next;

		free(sections->name);
		free(sections->output);
		free(sections);
		sections = next;
	}
}

/* --- the files of a level --- */

int expected_read(struct expected *expected, const char *directory, const char *level,
		  bool initramfs)
{
	const char *suffixes[EXPECTED_FILES] = { ".initramfs", "", "" };
	const char *names[EXPECTED_FILES] = { level, level, "root" };
	unsigned int i;
	int ret = 0;

	for (i = 0; i < EXPECTED_FILES; i++) {
		char *path;

		expected->files[i] = NULL;
		/* root.txt is read once. */
		if ((i == 0 && !initramfs) || (i == 1 && !strcmp(level, "root")))
			continue;
		if (asprintf(&path, "%s/%s%s.txt", directory, names[i], suffixes[i]) < 0)
			abort();
		ret = expect_read(path, &expected->files[i]);
		free(path);
		if (ret && ret != -ENOENT)
			break;
	}
	if (ret)
		expected_free(expected);
	return ret;
}

/* The section that the files from @first on have. */
static const struct section *find_from(const struct expected *expected, unsigned int first,
				       const char *name, unsigned int *file)
{
	const struct section *section = NULL;
	unsigned int i;

	for (i = first; i < EXPECTED_FILES && !section; i++) {
		section = expect_find(expected->files[i], name);
		*file = i;
	}
	return section;
}

const struct section *expected_find(const struct expected *expected, const char *name)
{
	unsigned int file;

	return find_from(expected, 0, name, &file);
}

bool expected_is_stale(const struct expected *expected, const char *name)
{
	const struct section *first, *second = NULL;
	unsigned int file, other;

	first = find_from(expected, 0, name, &file);
	if (first)
		second = find_from(expected, file + 1, name, &other);
	return second && !strcmp(first->output, second->output);
}

struct section *expected_fold(const struct expected *expected, const struct section *sections)
{
	struct section *folded = NULL, **next = &folded;

	for (; sections; sections = sections->next) {
		const struct section *same = expected_find(expected, sections->name);

		if (same && !strcmp(same->output, sections->output))
			continue;
		*next = calloc(1, sizeof(**next));
		if (!*next)
			abort();
		(*next)->name = must_strdup(sections->name);
		(*next)->output = must_strdup(sections->output);
		next = &(*next)->next;
	}
	return folded;
}

void expected_free(struct expected *expected)
{
	unsigned int i;

	for (i = 0; i < EXPECTED_FILES; i++) {
		expect_free(expected->files[i]);
		expected->files[i] = NULL;
	}
}

/* --- differences --- */

struct replacement {
	char *from, *to; /* whole lines */
};

struct difference {
	struct difference *next;
	char *name;
	char *scenario[STANZA_LINES], *when[STANZA_LINES];
	struct replacement replace[STANZA_LINES];
	unsigned int scenarios, whens, replaces;
	char *at;	     /* only answers whose label this pattern matches */
	uint64_t unanswered; /* mask bits */
	char *output;
	char *refused; /* "EOPNOTSUPP,ENOSYS" */
	bool maybe;
	char *alone; /* why it stays although the kernel alone gives the expected output */
	char *cause; /* the name of one */
	char *skip;  /* why the scenario is not run */
	int line;
};

/* The causes that a file has, before the first difference. */
#define CAUSES_MOST 64
struct causes {
	char *name[CAUSES_MOST];
	unsigned int count;
	bool has_reason; /* the last one */
};

static const char *blanks(const char *string)
{
	while (*string == ' ' || *string == '\t')
		string++;
	return string;
}

/* "\n" in the new text of a replacement makes it more than one line. */
static char *unescape_lines(const char *string)
{
	char *copy = must_strdup(string), *out = copy;

	for (; *string; string++) {
		if (string[0] == '\\' && string[1] == 'n') {
			*out++ = '\n';
			string++;
		} else {
			*out++ = *string;
		}
	}
	*out = 0;
	return copy;
}

static int stanza_key(struct difference *stanza, const char *key, const char *value)
{
	if (!strcmp(key, "scenario") && stanza->scenarios < STANZA_LINES) {
		stanza->scenario[stanza->scenarios++] = must_strdup(value);
	} else if (!strcmp(key, "when") && stanza->whens < STANZA_LINES) {
		stanza->when[stanza->whens++] = must_strdup(value);
	} else if (!strcmp(key, "cause") && !stanza->cause) {
		stanza->cause = must_strdup(value);
	} else if (!strcmp(key, "note")) {
		return *value ? 0 : -EINVAL;
	} else if (!strcmp(key, "maybe")) {
		stanza->maybe = true;
	} else if (!strcmp(key, "alone") && *value && !stanza->alone) {
		stanza->alone = must_strdup(value);
	} else if (!strcmp(key, "refused") && !stanza->refused) {
		stanza->refused = must_strdup(value);
	} else if (!strcmp(key, "skip") && !stanza->skip) {
		stanza->skip = must_strdup(value);
	} else if (!strcmp(key, "mask-without")) {
		stanza->unanswered = strtoull(value, NULL, 0);
	} else if (!strcmp(key, "at") && !stanza->at) {
		stanza->at = must_strdup(value);
	} else if (!strcmp(key, "replace") && stanza->replaces < STANZA_LINES) {
		struct replacement *replace = &stanza->replace[stanza->replaces++];
		const char *arrow = strstr(value, " =>");

		if (!arrow)
			return -EINVAL;
		replace->from = must_strdup(value);
		replace->from[arrow - value] = 0;
		replace->to = unescape_lines(blanks(arrow + 3));
	} else {
		return -EINVAL;
	}
	return 0;
}

static bool cause_is_known(const struct causes *causes, const char *name)
{
	unsigned int i;

	for (i = 0; i < causes->count; i++)
		if (!strcmp(causes->name[i], name))
			return true;
	return false;
}

static int stanza_check(const char *path, const struct causes *causes,
			const struct difference *stanza)
{
	bool changes = stanza->replaces || stanza->unanswered;

	if (!stanza->scenarios || !stanza->cause == !stanza->skip || !stanza->whens ||
	    changes + (stanza->output != NULL) + (stanza->refused != NULL) +
			    (stanza->skip != NULL) !=
		    1) {
		fprintf(stderr, "%s:%d: %s needs scenario, when, cause, and a change or output\n",
			path, stanza->line, stanza->name);
		return -EINVAL;
	}
	if (stanza->cause && !cause_is_known(causes, stanza->cause)) {
		fprintf(stderr, "%s:%d: %s has a cause that is not above: %s\n", path, stanza->line,
			stanza->name, stanza->cause);
		return -EINVAL;
	}
	return 0;
}

/* A line of a cause: its name, or its reason. */
static int cause_key(struct causes *causes, const char *key, const char *value)
{
	if (!strcmp(key, "cause") && *value && causes->count < CAUSES_MOST &&
	    !cause_is_known(causes, value)) {
		causes->name[causes->count++] = must_strdup(value);
		causes->has_reason = false;
	} else if (!strcmp(key, "reason") && *value && !causes->has_reason) {
		causes->has_reason = true;
	} else {
		return -EINVAL;
	}
	return 0;
}

int difference_read(const char *path, struct difference **differences)
{
	struct difference *stanza = NULL, **next = differences;
	struct causes causes = { .count = 0 };
	struct text output = { 0 };
	FILE *file = fopen(path, "re");
	bool in_output = false, in_cause = false;
	char *line = NULL;
	size_t room = 0;
	int number = 0, ret = 0;

	while (*next)
		next = &(*next)->next;
	if (!file) {
		ret = -errno;
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return ret;
	}
	while (!ret && getline(&line, &room, file) >= 0) {
		char *colon;

		number++;
		line[strcspn(line, "\r\n")] = 0;
		if (in_output && (!strncmp(line, "    ", 4) || *line == '\t')) {
			text_add(&output, "%s\n", line + (*line == '\t' ? 1 : 4));
			continue;
		}
		if (in_output)
			stanza->output = must_strdup(output.start ? output.start : "");
		in_output = false;
		text_free(&output);
		if (*line == '#' || (!stanza && !in_cause && !*blanks(line)))
			continue;
		if (!*blanks(line) && in_cause) {
			in_cause = false;
			if (!causes.has_reason) {
				fprintf(stderr, "%s:%d: a cause needs a reason\n", path, number);
				ret = -EINVAL;
			}
			continue;
		}
		if (!*blanks(line)) {
			ret = stanza_check(path, &causes, stanza);
			stanza = NULL;
			continue;
		}
		if ((stanza || in_cause) && isspace((unsigned char)*line))
			continue; /* a reason or a note that goes on */
		colon = strchr(line, ':');
		if (!colon) {
			ret = -EINVAL;
		} else {
			*colon = 0;
			in_cause |= !stanza && !strcmp(line, "cause");
			if (in_cause) {
				ret = cause_key(&causes, line, blanks(colon + 1));
			} else if (!stanza && !strcmp(line, "difference")) {
				stanza = calloc(1, sizeof(*stanza));
				if (!stanza)
					abort();
				stanza->name = must_strdup(blanks(colon + 1));
				stanza->line = number;
				*next = stanza;
				next = &stanza->next;
			} else if (stanza && !strcmp(line, "output")) {
				in_output = true;
			} else {
				ret = stanza ? stanza_key(stanza, line, blanks(colon + 1)) :
					       -EINVAL;
			}
		}
		if (ret)
			fprintf(stderr, "%s:%d: cannot be read\n", path, number);
	}
	if (in_output)
		stanza->output = must_strdup(output.start ? output.start : "");
	if (!ret && stanza)
		ret = stanza_check(path, &causes, stanza);
	while (causes.count)
		free(causes.name[--causes.count]);
	text_free(&output);
	free(line);
	fclose(file);
	return ret;
}

void difference_free(struct difference *stanza)
{
	while (stanza) {
		struct difference *next = stanza->next;
		unsigned int i;

		for (i = 0; i < stanza->scenarios; i++)
			free(stanza->scenario[i]);
		for (i = 0; i < stanza->whens; i++)
			free(stanza->when[i]);
		for (i = 0; i < stanza->replaces; i++) {
			free(stanza->replace[i].from);
			free(stanza->replace[i].to);
		}
		free(stanza->output);
		free(stanza->at);
		free(stanza->alone);
		free(stanza->cause);
		free(stanza->refused);
		free(stanza->skip);
		free(stanza->name);
		free(stanza);
		stanza = next;
	}
}

/* One of "a,b,c" */
static bool one_of(const char *list, const char *value)
{
	size_t size = strlen(value);

	for (; *list; list += strcspn(list, ","), list += *list == ',') {
		if (strcspn(list, ",") == size && !strncmp(list, value, size))
			return true;
	}
	return false;
}

static bool version_holds(unsigned int value, const char *operator, unsigned int wanted)
{
	if (!wanted || !value)
		return false;
	if (!strcmp(operator, "<"))
		return value < wanted;
	if (!strcmp(operator, "<="))
		return value <= wanted;
	if (!strcmp(operator, ">"))
		return value > wanted;
	if (!strcmp(operator, ">="))
		return value >= wanted;
	if (!strcmp(operator, "!="))
		return value != wanted;
	return value == wanted;
}

static bool condition_holds(const char *condition, const struct difference_conditions *now)
{
	char key[32] = "", operator[3] = "", value[64] = "";
	const char *actual = NULL;

	if (sscanf(condition, "%31[a-z-]%2[<>=!]%63s", key, operator, value) != 3) {
		fprintf(stderr, "differences: condition \"%s\" cannot be read\n", condition);
		exit(2);
	}
	if (!strcmp(key, "kernel"))
		return version_holds(now->kernel, operator, scenario_kernel_parse(value));
	if (!strcmp(key, "native-kernel"))
		return version_holds(now->native_kernel, operator, scenario_kernel_parse(value));
	if (!strcmp(key, "native-point"))
		return version_holds(now->native_point, operator, scenario_point_parse(value));
	if (!strcmp(key, "mode"))
		actual = now->mode;
	else if (!strcmp(key, "level"))
		actual = now->level;
	else if (!strcmp(key, "root"))
		actual = now->root;
	else if (!strcmp(key, "calls"))
		actual = now->calls;
	else if (!strcmp(key, "proc"))
		actual = now->proc;
	else if (!strcmp(key, "world"))
		actual = now->world ? now->world : "none";
	if (!actual || (strcmp(operator, "=") && strcmp(operator, "!="))) {
		fprintf(stderr, "differences: condition \"%s\" cannot be read\n", condition);
		exit(2);
	}
	return one_of(value, actual) == !strcmp(operator, "=");
}

static bool stanza_applies(const struct difference *stanza, const struct difference_conditions *now)
{
	unsigned int i;
	bool holds = false;

	if (now->alone && !stanza->alone)
		return false;
	for (i = 0; i < stanza->scenarios && !holds; i++)
		holds = !fnmatch(stanza->scenario[i], now->scenario, 0);
	if (!holds)
		return false;
	for (i = 0; i < stanza->whens; i++) {
		char *copy = must_strdup(stanza->when[i]), *rest = copy, *word;

		holds = true;
		while (holds && (word = strsep(&rest, " \t"))) {
			if (*word)
				holds = condition_holds(word, now);
		}
		free(copy);
		if (holds)
			return true;
	}
	return false;
}

/* The mask bit that a field's line belongs to; 0 for lines of no field. */
static uint64_t field_bit(const char *line)
{
	static const struct {
		const char *field;
		uint64_t bit;
	} fields[] = {
		{ "sb_dev", MNTCOMPAT_STATMOUNT_SB_BASIC },
		{ "sb_magic", MNTCOMPAT_STATMOUNT_SB_BASIC },
		{ "sb_flags", MNTCOMPAT_STATMOUNT_SB_BASIC },
		{ "mnt_id", MNTCOMPAT_STATMOUNT_MNT_BASIC },
		{ "mnt_id_old", MNTCOMPAT_STATMOUNT_MNT_BASIC },
		{ "mnt_parent_id", MNTCOMPAT_STATMOUNT_MNT_BASIC },
		{ "mnt_attr", MNTCOMPAT_STATMOUNT_MNT_BASIC },
		{ "mnt_propagation", MNTCOMPAT_STATMOUNT_MNT_BASIC },
		{ "mnt_peer_group", MNTCOMPAT_STATMOUNT_MNT_BASIC },
		{ "mnt_master", MNTCOMPAT_STATMOUNT_MNT_BASIC },
		{ "propagate_from", MNTCOMPAT_STATMOUNT_PROPAGATE_FROM },
		{ "mnt_root", MNTCOMPAT_STATMOUNT_MNT_ROOT },
		{ "mnt_point", MNTCOMPAT_STATMOUNT_MNT_POINT },
		{ "fs_type", MNTCOMPAT_STATMOUNT_FS_TYPE },
		{ "mnt_ns_id", MNTCOMPAT_STATMOUNT_MNT_NS_ID },
		{ "mnt_opts", MNTCOMPAT_STATMOUNT_MNT_OPTS },
		{ "fs_subtype", MNTCOMPAT_STATMOUNT_FS_SUBTYPE },
		{ "sb_source", MNTCOMPAT_STATMOUNT_SB_SOURCE },
		{ "opt_array", MNTCOMPAT_STATMOUNT_OPT_ARRAY },
		{ "opt_sec_array", MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY },
		{ "supported_mask", MNTCOMPAT_STATMOUNT_SUPPORTED_MASK },
		{ "mnt_uidmap", MNTCOMPAT_STATMOUNT_MNT_UIDMAP },
		{ "mnt_gidmap", MNTCOMPAT_STATMOUNT_MNT_GIDMAP },
	};
	size_t size = strcspn(line, " "), i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (strlen(fields[i].field) == size && !strncmp(line, fields[i].field, size))
			return fields[i].bit;
	}
	return 0;
}

/* A line that is not indented starts an answer: "LABEL: ok", "LABEL: EINVAL". */
static bool label_fits(const struct difference *stanza, const char *line)
{
	const char *colon = strrchr(line, ':');
	char *label;
	bool fits;

	if (!stanza->at)
		return true;
	if (!colon)
		return false;
	label = must_strdup(line);
	label[colon - line] = 0;
	fits = !fnmatch(stanza->at, label, 0);
	free(label);
	return fits;
}

/*
 * Adds @line as @stanza changes it; true if it was changed. @inside is kept for the lines below a
 * label: it is true while they belong to an answer that the stanza is about.
 */
static bool change_line(const struct difference *stanza, bool *inside, const char *line,
			struct text *into)
{
	const char *word = blanks(line);
	int indent = word - line;
	unsigned long long mask;
	unsigned int i;

	if (!indent)
		*inside = label_fits(stanza, line);
	for (i = 0; *inside && i < stanza->replaces; i++) {
		const struct replacement *replace = &stanza->replace[i];
		char *to, *rest, *part;

		if (strcmp(replace->from, word))
			continue;
		to = must_strdup(replace->to);
		for (rest = to; *replace->to && (part = strsep(&rest, "\n"));)
			text_add(into, "%.*s%s\n", indent, line, part);
		free(to);
		return true;
	}
	if (*inside && indent && (field_bit(word) & stanza->unanswered))
		return true;
	if (*inside && indent && sscanf(word, "mask 0x%llx", &mask) == 1 &&
	    (mask & stanza->unanswered)) {
		text_add(into, "%.*smask 0x%llx\n", indent, line,
			 mask & ~(unsigned long long)stanza->unanswered);
		return true;
	}
	text_add(into, "%s\n", line);
	return false;
}

/* @text as @stanza changes it; NULL if the stanza names nothing in it. */
static char *stanza_change(const struct difference *stanza, const char *text)
{
	char *copy, *rest, *line;
	struct text changed = { 0 };
	bool touched = false, inside = !stanza->at;

	if (stanza->output)
		return must_strdup(stanza->output);
	copy = must_strdup(text);
	for (rest = copy; (line = strsep(&rest, "\n"));) {
		if (rest || *line)
			touched |= change_line(stanza, &inside, line, &changed);
	}
	free(copy);
	if (!touched) {
		text_free(&changed);
		return NULL;
	}
	return changed.start ? changed.start : must_strdup("");
}

/* The output with exactly the stanzas of @set changed into it, in the order of the list. */
static char *set_change(const struct difference **stanzas, unsigned int count, unsigned int set,
			const char *expected)
{
	char *text = must_strdup(expected), *changed;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (!(set & (1u << i)))
			continue;
		changed = stanza_change(stanzas[i], text);
		if (changed) {
			free(text);
			text = changed;
		}
	}
	return text;
}

static void set_names(const struct difference **stanzas, unsigned int count, unsigned int set,
		      struct text *names)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (set & (1u << i))
			text_add(names, "%s%s", names->used ? ", " : "", stanzas[i]->name);
	}
}

/* --- refusals --- */

static size_t lines_of(char *text, char ***lines);

/* "LABEL: EOPNOTSUPP" with an errno of @refused, where @expected says something else of LABEL. */
static bool is_refusal(const char *refused, const char *line, char **expected, size_t count)
{
	const char *colon = strrchr(line, ':');
	size_t label, i;

	if (!colon || colon[1] != ' ' || !one_of(refused, colon + 2))
		return false;
	/* A scenario that stops at its first call says "open_tree: ERRNO"; others name its object. */
	if (!strncmp(line, "open_tree:", 10))
		return true;
	label = (size_t)(colon - line) + 1;
	for (i = 0; i < count; i++) {
		if (!strncmp(expected[i], line, label) && strcmp(expected[i], line))
			return true;
	}
	return false;
}

/*
 * Nothing but refusals: each line of the output is one, or stands in the expected output, in that
 * order. Lines expected to follow from a refused call may be missing, but not replaced.
 */
static bool refusal_fits(const char *refused, const char *expected, const char *actual)
{
	char *left = must_strdup(expected), *right = must_strdup(actual), **a, **b;
	size_t m = lines_of(left, &a), n = lines_of(right, &b), i, j = 0, k, refusals = 0;
	bool fits = true;

	for (i = 0; i < n && fits; i++) {
		for (k = j; k < m && strcmp(a[k], b[i]); k++)
			;
		if (k < m)
			j = k + 1;
		else if (is_refusal(refused, b[i], a, m))
			refusals++;
		else
			fits = false;
	}
	free(a);
	free(b);
	free(left);
	free(right);
	return fits && refusals;
}

static bool names_one_scenario(const struct difference *stanza)
{
	return stanza->scenarios == 1 && !strpbrk(stanza->scenario[0], "*?[");
}

const char *difference_skips(const struct difference *differences,
			     const struct difference_conditions *conditions)
{
	for (; differences; differences = differences->next) {
		if (differences->skip && stanza_applies(differences, conditions))
			return differences->skip;
	}
	return NULL;
}

/* The name of the stanza by which @actual is @expected with refusals; NULL: there is none. */
static const char *refused_by(const struct difference *differences,
			      const struct difference_conditions *conditions, const char *expected,
			      const char *actual)
{
	for (; differences; differences = differences->next) {
		if (differences->refused && stanza_applies(differences, conditions) &&
		    refusal_fits(differences->refused, expected, actual))
			return differences->name;
	}
	return NULL;
}

enum difference_verdict difference_judge(const struct difference *differences,
					 const struct difference_conditions *conditions,
					 const char *expected, const char *actual,
					 struct text *names)
{
	const struct difference *stanzas[STANZAS_PER_SCENARIO], *all = differences;
	unsigned int count = 0, set, certain = 0;
	enum difference_verdict verdict = DIFFERENCE_UNLISTED;

	for (; differences; differences = differences->next) {
		char *changed;

		if (differences->skip || !stanza_applies(differences, conditions))
			continue;
		if (differences->refused) {
			if (!strcmp(expected, actual) && !differences->maybe &&
			    names_one_scenario(differences)) {
				text_add(names, "%s", differences->name);
				return DIFFERENCE_STALE;
			}
			if (refusal_fits(differences->refused, expected, actual)) {
				text_add(names, "%s", differences->name);
				return DIFFERENCE_LISTED;
			}
			continue;
		}
		changed = stanza_change(differences, expected);
		/* One that names no line of this scenario, or says what is expected anyway. */
		if (!changed || !strcmp(changed, expected)) {
			free(changed);
			continue;
		}
		free(changed);
		if (count == STANZAS_PER_SCENARIO) {
			fprintf(stderr, "differences: more than %u for %s\n", count,
				conditions->scenario);
			break;
		}
		if (!differences->maybe)
			certain |= 1u << count;
		stanzas[count++] = differences;
	}
	if (!strcmp(expected, actual)) {
		set_names(stanzas, count, certain, names);
		return certain ? DIFFERENCE_STALE : DIFFERENCE_EQUAL;
	}
	for (set = (1u << count) - 1; set && verdict == DIFFERENCE_UNLISTED; set--) {
		const char *refusal = NULL;
		char *changed;

		if ((set & certain) != certain)
			continue;
		changed = set_change(stanzas, count, set, expected);
		/* Some calls of a scenario may be refused while others are answered otherwise. */
		if (strcmp(changed, actual))
			refusal = refused_by(all, conditions, changed, actual);
		if (refusal || !strcmp(changed, actual)) {
			set_names(stanzas, count, set, names);
			if (refusal)
				text_add(names, ", %s", refusal);
			verdict = DIFFERENCE_LISTED;
		}
		free(changed);
	}
	return verdict;
}

/* --- showing a mismatch --- */

static size_t lines_of(char *text, char ***lines)
{
	size_t count = 0;
	char *line;

	*lines = NULL;
	while ((line = strsep(&text, "\n"))) {
		if (!text && !*line)
			break;
		*lines = realloc(*lines, (count + 1) * sizeof(**lines));
		if (!*lines)
			abort();
		(*lines)[count++] = line;
	}
	return count;
}

void expect_print_diff(const char *expected, const char *actual)
{
	char *left = must_strdup(expected), *right = must_strdup(actual), **a, **b;
	size_t m = lines_of(left, &a), n = lines_of(right, &b), i, j;
	unsigned int *common = calloc((m + 1) * (n + 1), sizeof(*common));
#define COMMON(i, j) common[(i) * (n + 1) + (j)]

	if (!common)
		abort();
	for (i = m; i-- > 0;) {
		for (j = n; j-- > 0;) {
			if (!strcmp(a[i], b[j]))
				COMMON(i, j) = COMMON(i + 1, j + 1) + 1;
			else if (COMMON(i + 1, j) > COMMON(i, j + 1))
				COMMON(i, j) = COMMON(i + 1, j);
			else
				COMMON(i, j) = COMMON(i, j + 1);
		}
	}
	for (i = 0, j = 0; i < m || j < n;) {
		if (i < m && j < n && !strcmp(a[i], b[j])) {
			printf("#   %s\n", a[i]);
			i++;
			j++;
		} else if (i < m && (j == n || COMMON(i + 1, j) >= COMMON(i, j + 1))) {
			printf("# - %s\n", a[i++]);
		} else {
			printf("# + %s\n", b[j++]);
		}
	}
#undef COMMON
	free(common);
	free(a);
	free(b);
	free(left);
	free(right);
}
