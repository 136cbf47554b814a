// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * masks.c - the product behind system call filters that are there before its first call, as in
 * sandboxes. Each call in a process of its own, by fault-run.c. Root only. Run by make check-fault;
 * TAP.
 *
 * Whatever is filtered: the right answer or a documented errno, and the caller as it was. Where
 * another way is left it has to be taken.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-run.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NR_PIVOT_ROOT SYS_pivot_root

/* Their error is filled in. */
struct profile {
	const char *name;
	struct fault_mask masks[14];
	/*
	 * Calls that have to succeed nevertheless: names that begin so, between blanks; '*' all of
	 * them, but for those that begin as one after '-'.
	 */
	const char *must;
};

#define END FAULT_MASK_END
#define ONE(number) \
	{ \
		{ .nr = (number) }, END \
	}
/* There is no other way by id: only the kernel knows the mount behind a unique id. */
#define BY_FD " statmount-dir statmount-pipe statmount-slave-second statmount-user statmount-chroot"
#define ALL_STATMOUNT BY_FD " statmount-elsewhere statmount-id"
#define ALL_OPEN_TREE " open-tree -open-tree-attr"
/*
 * Made in a scratch namespace before 5.12, and moved into an empty one: there has to be such a one.
 */
#define ALL_BUT_EMPTY "* -fsmount -unshare -clone3 -open-tree-attr"
#define ALL_BUT_LISTS "* -listmount -table -points"

static const struct profile profiles[] = {
	{ "open_tree", ONE(UAPI_NR_open_tree), ALL_STATMOUNT ALL_OPEN_TREE },
	{ "open_tree(CLONE)",
	  { { .nr = UAPI_NR_open_tree, .bits = 1, .arg = 2 }, END },
	  ALL_STATMOUNT ALL_OPEN_TREE },
	{ "open_tree(NAMESPACE)", { { .nr = UAPI_NR_open_tree, .bits = 2, .arg = 2 }, END }, "*" },
	{ "open_tree(CLONE or NAMESPACE)",
	  { { .nr = UAPI_NR_open_tree, .bits = 3, .arg = 2 }, END },
	  ALL_STATMOUNT ALL_OPEN_TREE },
	{ "open_tree(RECURSIVE)",
	  { { .nr = UAPI_NR_open_tree, .bits = 0x8000, .arg = 2 }, END },
	  ALL_STATMOUNT },
	{ "move_mount", ONE(UAPI_NR_move_mount), ALL_BUT_EMPTY },
	{ "fsopen", ONE(UAPI_NR_fsopen), ALL_BUT_EMPTY },
	{ "fsconfig", ONE(UAPI_NR_fsconfig), ALL_BUT_EMPTY },
	{ "fsmount", ONE(UAPI_NR_fsmount), ALL_BUT_EMPTY },
	{ "mount_setattr", ONE(UAPI_NR_mount_setattr), "*" },
	{ "statmount", ONE(UAPI_NR_statmount),
	  BY_FD ALL_OPEN_TREE " statx-dir handle-dir listmount points" },
	{ "listmount", ONE(UAPI_NR_listmount), ALL_BUT_LISTS },
	{ "statmount and listmount",
	  { { .nr = UAPI_NR_statmount }, { .nr = UAPI_NR_listmount }, END },
	  BY_FD ALL_OPEN_TREE },
	{ "statx", ONE(SYS_statx), BY_FD ALL_OPEN_TREE " handle-dir" },
	{ "statx and statmount",
	  { { .nr = SYS_statx }, { .nr = UAPI_NR_statmount }, END },
	  BY_FD ALL_OPEN_TREE },
	{ "setns", ONE(SYS_setns), ALL_STATMOUNT },
	{ "unshare", ONE(SYS_unshare), ALL_STATMOUNT },
	{ "clone3", ONE(UAPI_NR_clone3), "* -clone3" },
	{ "clone", ONE(SYS_clone), "" },
	{ "pidfd_open", ONE(UAPI_NR_pidfd_open), "*" },
	{ "process_vm_readv", ONE(SYS_process_vm_readv), "*" },
	{ "process_vm_writev", ONE(SYS_process_vm_writev), "*" },
	{ "process_vm_readv and _writev",
	  { { .nr = SYS_process_vm_readv }, { .nr = SYS_process_vm_writev }, END },
	  "*" },
	{ "eventfd2", ONE(SYS_eventfd2), "*" },
	{ "memfd_create", ONE(SYS_memfd_create), "*" },
	{ "eventfd2 and memfd_create",
	  { { .nr = SYS_eventfd2 }, { .nr = SYS_memfd_create }, END },
	  "*" },
	/* Docker's default profile does not allow it together with CAP_SYS_ADMIN. */
	{ "pivot_root", ONE(NR_PIVOT_ROOT), "* -open-tree-foreign -open-tree-userns" },
	{ "mount", ONE(SYS_mount), ALL_STATMOUNT },
	{ "umount2", ONE(SYS_umount2), ALL_STATMOUNT },
	{ "name_to_handle_at", ONE(SYS_name_to_handle_at),
	  ALL_STATMOUNT ALL_OPEN_TREE " statx-dir" },
	{ "openat", ONE(SYS_openat), "" },
	{ "readlinkat", ONE(SYS_readlinkat), "" },
	{ "ioctl", ONE(SYS_ioctl), "" },
	{ "fcntl", ONE(SYS_fcntl), "" },
	{ "getdents64", ONE(SYS_getdents64), BY_FD ALL_OPEN_TREE },
	{ "capget", ONE(SYS_capget), ALL_STATMOUNT },
	{ "pipe2", ONE(SYS_pipe2), "* -clone3" },
	{ "fstatfs", ONE(SYS_fstatfs), "" },
	{ "prlimit64", ONE(SYS_prlimit64), "*" },
	/* Refused to a task that is in a Landlock sandbox: whatever changes the tree of mounts. */
	{ "Landlock's",
	  { { .nr = SYS_mount },
	    { .nr = SYS_umount2 },
	    { .nr = NR_PIVOT_ROOT },
	    { .nr = UAPI_NR_move_mount },
	    END },
	  ALL_STATMOUNT },
	/* AppArmor's rules for mount(2), which move_mount(2) follows since 6.7. */
	{ "AppArmor's deny mount",
	  { { .nr = SYS_mount }, { .nr = UAPI_NR_move_mount }, END },
	  ALL_STATMOUNT },
	/*
	 * Calls added after a profile was written, and those that runtimes refuse without
	 * CAP_SYS_ADMIN.
	 */
	{ "all above statx",
	  { { .nr = SYS_statx + 1, .and_above = true }, END },
	  BY_FD ALL_OPEN_TREE },
	{ "all from open_tree up",
	  { { .nr = UAPI_NR_open_tree, .and_above = true }, END },
	  BY_FD ALL_OPEN_TREE },
	{ "all from pidfd_open up",
	  { { .nr = UAPI_NR_pidfd_open, .and_above = true }, END },
	  BY_FD ALL_OPEN_TREE },
	{ "a container's",
	  { { .nr = SYS_mount },
	    { .nr = SYS_umount2 },
	    { .nr = NR_PIVOT_ROOT },
	    { .nr = SYS_setns },
	    { .nr = SYS_unshare },
	    { .nr = UAPI_NR_open_tree },
	    { .nr = UAPI_NR_move_mount },
	    { .nr = UAPI_NR_fsopen },
	    { .nr = UAPI_NR_fsconfig },
	    { .nr = UAPI_NR_fsmount },
	    { .nr = UAPI_NR_mount_setattr },
	    END },
	  ALL_STATMOUNT },
};

static const struct fault_setting settings[] = {
	{ NULL, MNTCOMPAT_MODE_AUTO },
	{ "6.12", MNTCOMPAT_MODE_EMULATE },
	{ "5.10", MNTCOMPAT_MODE_EMULATE },
};

/* A profile for each call of calls.def that has none above: without the call itself everything is
 * answered. */
static const struct profile of_calls[] = {
#define CALL(name, number, ...) { #name, ONE(number), "*" },
#include "compat/kernel/calls.def"
};

static struct profile all_profiles[ARRAY_SIZE(profiles) + ARRAY_SIZE(of_calls)];
static size_t profile_count;

static void add_profile(const struct profile *profile)
{
	size_t i;

	for (i = 0; i < profile_count; i++)
		if (!strcmp(all_profiles[i].name, profile->name))
			return;
	all_profiles[profile_count++] = *profile;
}

/* The calls of fault-run.c with .masked. A second call says nothing that the first would not; those
 * that refuse anyway are fault-inject's. */
#define CALLS_MOST 64
static const struct fault_op *calls[CALLS_MOST];
static size_t call_count;

static void collect(void)
{
	const struct fault_op *op;
	size_t i;

	fault_ops_check(true);
	for (i = 0; i < ARRAY_SIZE(profiles); i++)
		add_profile(&profiles[i]);
	for (i = 0; i < ARRAY_SIZE(of_calls); i++)
		add_profile(&of_calls[i]);
	for (op = fault_ops; op->name; op++) {
		if (!op->masked)
			continue;
		if (call_count == CALLS_MOST)
			fault_broken("more than %d calls with .masked", CALLS_MOST);
		calls[call_count++] = op;
	}
}

static struct fault_outcome baselines[ARRAY_SIZE(settings)][CALLS_MOST];
static struct fault_outcome outcome;
static bool show;

static bool is_required(const struct profile *profile, const char *call)
{
	const char *word = profile->must;
	bool required = false;
	size_t len;

	for (; *word; word += len) {
		word += strspn(word, " ");
		len = strcspn(word, " ");
		if (!len)
			break;
		if (*word == '*')
			required = true;
		else if (*word == '-' && !strncmp(call, word + 1, len - 1))
			required = false;
		else if (!strncmp(call, word, len))
			required = true;
	}
	return required;
}

/* Known deviations. */
static const struct {
	const char *profile; /* begins so */
	const char *why;     /* has this in it */
	const char *reason;
} open_ends[] = {
	{ "fstatfs", "unbindable",
	  "nothing is known to be procfs, and without it 6.17 to 6.19 lose unbindable in a copy" },
	{ "statx", "MNT_BASIC is wrong", "ids are made of the old ones as before 6.8" },
	{ "statx", "misleading errno ENOENT", "so that the kernel's own ids are not found" },
};

static bool is_open(const char *profile, const char *why)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(open_ends); i++)
		if (!strncmp(profile, open_ends[i].profile, strlen(open_ends[i].profile)) &&
		    strstr(why, open_ends[i].why))
			return true;
	return false;
}

static const struct {
	const char *call;
	long nr;
} own_calls[] = {
	{ "move-mount", UAPI_NR_move_mount },
	{ "clone3", UAPI_NR_clone3 },
	{ "statx-dir", SYS_statx },
	{ "handle-dir", SYS_name_to_handle_at },
};

/* The filter stands before the call that 7.3 itself would make, and there is no other way. */
static bool is_own_call(const struct fault_mask *masks, const char *call)
{
	long nr = -1;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(own_calls); i++)
		if (!strcmp(call, own_calls[i].call))
			nr = own_calls[i].nr;
	for (; masks->nr >= 0; masks++)
		if (masks->nr == nr || (masks->and_above && nr > masks->nr))
			return true;
	return false;
}

/* EPERM and EACCES are about the caller, who is the same without the filter. */
static bool is_borrowed(const struct fault_mask *masks, const char *call,
			const struct fault_outcome *baseline)
{
	return !is_own_call(masks, call) && outcome.ret < 0 &&
	       (outcome.error == EPERM || outcome.error == EACCES) &&
	       !(baseline->ret < 0 && baseline->error == outcome.error);
}

static void try(const struct fault_world *world, const struct profile *profile, int error)
{
	struct fault_mask masks[ARRAY_SIZE(profile->masks)];
	struct fault_rule rule = { .masks = masks };
	int right = 0, refused = 0, wrong = 0, left_open = 0;
	char text[6000] = "", name[160];
	size_t s, c, i, len = 0;

	memcpy(masks, profile->masks, sizeof(masks));
	for (i = 0; masks[i].nr >= 0; i++)
		masks[i].error = error;
	for (s = 0; s < ARRAY_SIZE(settings); s++) {
		for (c = 0; c < call_count; c++) {
			const struct fault_op *op = calls[c];
			const struct fault_outcome *baseline = &baselines[s][c];
			const char *why = NULL;

			fault_run(world, op, &settings[s], &rule, baseline, &outcome);
			if (!outcome.good)
				why = outcome.why;
			else if (is_borrowed(masks, calls[c]->name, baseline))
				why = "the filter's errno, as if the kernel had checked the caller";
			else if (baseline->ret >= 0 && outcome.ret < 0 &&
				 is_required(profile, calls[c]->name))
				why = fault_errno_name(outcome.error);
			right += outcome.good && outcome.ret == baseline->ret;
			refused += outcome.good && outcome.ret != baseline->ret;
			if (show)
				tap_note("  %s as %s: %s by %s", calls[c]->name,
					 settings[s].level ? settings[s].level : "it is",
					 outcome.ret < 0 ? fault_errno_name(outcome.error) : "ok",
					 mntcompat_way_name(outcome.way));
			if (why && is_open(profile->name, why)) {
				left_open++;
				continue;
			}
			if (!why)
				continue;
			wrong++;
			if (len < sizeof(text) - 300)
				len += (size_t)snprintf(
					text + len, sizeof(text) - len, "%s%s as %s: %.200s",
					len ? "\n# " : "", calls[c]->name,
					settings[s].level ? settings[s].level : "it is", why);
		}
	}
	snprintf(name, sizeof(name), "%s answers %s", profile->name, fault_errno_name(error));
	if (wrong)
		tap_result(false, name, "%s", text);
	else
		tap_result(true, name, "%d right, %d refused, %d open", right, refused, left_open);
}

static void run(const char *place, const char *only)
{
	static const struct fault_rule none;
	struct fault_world world;
	size_t s, c, i;

	fault_world_open(&world, place);
	for (s = 0; s < ARRAY_SIZE(settings); s++)
		for (c = 0; c < call_count; c++) {
			struct fault_outcome *baseline = &baselines[s][c];

			fault_run(&world, calls[c], &settings[s], &none, NULL, baseline);
			if (!baseline->good)
				tap_note("%s without a filter: %s", calls[c]->name, baseline->why);
		}
	for (i = 0; i < profile_count; i++) {
		if (only && strcmp(only, all_profiles[i].name))
			continue;
		try(&world, &all_profiles[i], ENOSYS);
		try(&world, &all_profiles[i], EPERM);
		try(&world, &all_profiles[i], EACCES);
	}
	fault_world_close(&world);
	fflush(stdout);
	_exit(tap_exit());
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "profile", required_argument, NULL, 'p' },
		{ "show", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	char place[64], before[16384], after[16384];
	const char *only = NULL;
	int c, status;
	pid_t pid;

	collect();
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'p') {
			only = optarg;
		} else if (c == 's') {
			show = true;
		} else {
			fprintf(stderr, "usage: masks [--profile NAME] [--show]\n");
			return 2;
		}
	}
	if (geteuid() != 0)
		tap_skip_all("needs root");
	tap_plan(only ? 3 : 3 * (int)profile_count);
	fault_read_file("/proc/self/mountinfo", before, sizeof(before));
	fault_world_place(place);
	fflush(stdout);
	pid = (pid_t)fault_must(fork(), "fork");
	if (!pid)
		run(place, only);
	waitpid(pid, &status, 0);
	rmdir(place);
	fault_read_file("/proc/self/mountinfo", after, sizeof(after));
	if (strcmp(before, after))
		fault_broken("the mount table outside changed");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}
