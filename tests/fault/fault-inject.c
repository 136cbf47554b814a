// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fault-inject.c - every system call of every emulation fails in turn, with every errno.
 * The calls to fail are those that a run without faults makes: nothing is listed by hand. Root
 * only. Run by make check-fault; TAP.
 *
 * For each kind of call and each kernel to behave like:
 *   once	the Nth system call fails, for each N and errno
 *   always	a filter answers all calls of one number with an errno
 *   twice	two of them fail, chosen at random (each way has steps that only run after a fault)
 *   kill	the caller is killed at the Nth system call, its own or that of a helper, which has
 * to end by itself There are some ten thousands of them. A run takes them in random order until its
 * time is over (--full: all).
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-run.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const int errors[] = {
	ENOMEM, EPERM, ENOSYS, EMFILE, EIO, ENFILE, EACCES, EINVAL, EINTR, ENOSPC, EAGAIN,
};
static const struct fault_setting settings[] = {
	{ NULL, MNTCOMPAT_MODE_AUTO },	   { NULL, MNTCOMPAT_MODE_EMULATE },
	{ "5.4", MNTCOMPAT_MODE_EMULATE }, { "5.10", MNTCOMPAT_MODE_EMULATE },
	{ "6.1", MNTCOMPAT_MODE_EMULATE }, { "6.12", MNTCOMPAT_MODE_EMULATE },
};
static const size_t setting_count = ARRAY_SIZE(settings);

static int pairs = 60;
static uint64_t seed = 1;

/* One line of the report. */
struct result {
	_Atomic int done;
	int injections, possible, successes, refusals, known, failures;
	size_t calls;
	char way[32], base[32];
	char text[6000];
};

static const char *setting_name(const struct fault_setting *setting)
{
	static char name[64];

	snprintf(name, sizeof(name), "--level %s --mode %s",
		 setting->level ? setting->level : "none",
		 setting->mode == MNTCOMPAT_MODE_AUTO ? "auto" : "emulate");
	return name;
}

static void note(struct result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void note(struct result *result, const char *format, ...)
{
	size_t len = strlen(result->text);
	va_list args;

	va_start(args, format);
	vsnprintf(result->text + len, sizeof(result->text) - len, format, args);
	va_end(args);
}

/*
 * Faults that the library cannot recognize, by their effect. Each with the reason; none is a
 * refusal that could have been an answer at a reasonable cost.
 */
static const struct {
	const char *why;   /* begins so */
	const char *names; /* and has this in it */
	enum kind { ONCE, ALWAYS, TWICE, KILL } kind;
	const char *syscall; /* NULL: any */
	const char *reason;
} known[] = {
	{ "the call: another namespace", "unbindable", ALWAYS, "fstatfs",
	  "then nothing is known to be procfs, and without it 6.17 to 6.19 lose unbindable" },
	{ "next call: another namespace", "unbindable", ALWAYS, "fstatfs", "the same" },
	{ "the call: another namespace", "unbindable", TWICE, NULL,
	  "the fast way and procfs fail at the same time: the same" },
	{ "the call: another namespace", "unbindable", ONCE, "mount",
	  "EINVAL is also the answer for a mount point that is covered" },
};

static bool is_known(const char *why, enum kind kind, long nr)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].kind == kind && !strncmp(why, known[i].why, strlen(known[i].why)) &&
		    strstr(why, known[i].names) &&
		    (!known[i].syscall || !strcmp(known[i].syscall, fault_syscall_name(nr))))
			return true;
	return false;
}

static void count(struct result *result, const struct fault_op *op,
		  const struct fault_setting *setting, const struct fault_outcome *outcome,
		  enum kind kind, long nr, const char *again)
{
	result->injections++;
	if (outcome->ret >= 0)
		result->successes++;
	else
		result->refusals++;
	if (outcome->good)
		return;
	if (is_known(outcome->why, kind, nr)) {
		result->known++;
		return;
	}
	if (result->failures++ < 8)
		note(result, "# %s\n#   fault-inject --op %s %s %s\n", outcome->why, op->name,
		     setting_name(setting), again);
}

static struct fault_outcome baseline, outcome;

/* The faults that a case may inject. */
struct injection {
	enum kind kind;
	int index, error, index2, error2;
	long nr;
};
static struct injection injections[32768];
static size_t injection_count;

static void add_injection(struct injection injection)
{
	if (injection_count < ARRAY_SIZE(injections))
		injections[injection_count++] = injection;
}

/* All of them, from the trace of a run without faults. */
static void list_injections(uint64_t *state)
{
	size_t i, j, e;
	int pair;

	injection_count = 0;
	for (i = 0; i < baseline.calls && i < FAULT_TRACE_MAX; i++) {
		const struct fault_traced *traced = &baseline.trace[i];

		if (traced->exempt)
			continue;
		for (j = 0; j < i && baseline.trace[j].nr != traced->nr; j++)
			;
		for (e = 0; e < ARRAY_SIZE(errors); e++) {
			/*
			 * These are the answers that the probe distinguishes: the library cannot
			 * know better.
			 */
			if (!(traced->probe && (errors[e] == EPERM || errors[e] == EINVAL)))
				add_injection((struct injection){ .kind = ONCE,
								  .index = (int)i,
								  .error = errors[e],
								  .nr = traced->nr });
			/* Not EINTR: a call that always returns it is to be repeated for ever. */
			if (j == i && errors[e] != EINTR)
				add_injection((struct injection){
					.kind = ALWAYS, .error = errors[e], .nr = traced->nr });
		}
	}
	for (i = 0; i < baseline.calls; i++)
		add_injection((struct injection){ .kind = KILL, .index = (int)i });
	for (pair = 0; pair < pairs && baseline.calls; pair++) {
		struct injection injection = {
			.kind = TWICE,
			.index = (int)(fault_random(state) % baseline.calls),
			.error = errors[fault_random(state) % ARRAY_SIZE(errors)],
			.error2 = errors[fault_random(state) % ARRAY_SIZE(errors)],
		};

		injection.index2 = injection.index + 1 + (int)(fault_random(state) % 24);
		add_injection(injection);
	}
}

static void inject(const struct fault_world *world, const struct fault_op *op,
		   const struct fault_setting *setting, const struct injection *injection,
		   struct result *result)
{
	struct fault_mask masks[] = { { .nr = injection->nr, .error = injection->error },
				      FAULT_MASK_END };
	struct fault_rule rule = { .index = injection->index,
				   .error = injection->error,
				   .index2 = injection->index2,
				   .error2 = injection->error2 };
	char again[160];

	switch (injection->kind) {
	case ONCE:
		snprintf(again, sizeof(again), "--index %d --errno %s (%s)", injection->index,
			 fault_errno_name(injection->error), fault_syscall_name(injection->nr));
		break;
	case ALWAYS:
		rule = (struct fault_rule){ .masks = masks };
		snprintf(again, sizeof(again), "--always %ld --errno %s (%s)", injection->nr,
			 fault_errno_name(injection->error), fault_syscall_name(injection->nr));
		break;
	case TWICE:
		snprintf(again, sizeof(again), "--index %d --errno %s --index2 %d --errno2 %s",
			 injection->index, fault_errno_name(injection->error), injection->index2,
			 fault_errno_name(injection->error2));
		break;
	case KILL:
		rule = (struct fault_rule){ .index = injection->index, .kill = true };
		snprintf(again, sizeof(again), "--index %d --kill", injection->index);
		break;
	}
	fault_run(world, op, setting, &rule, &baseline, &outcome);
	count(result, op, setting, &outcome, injection->kind, injection->nr, again);
}

/* In random order, until the time is over, so that each run tries others and all end. */
static void inject_all(const struct fault_world *world, const struct fault_op *op,
		       const struct fault_setting *setting, uint64_t until, struct result *result)
{
	uint64_t state = seed;
	size_t i, other;

	list_injections(&state);
	result->possible = (int)injection_count;
	for (i = 0; i < injection_count; i++) {
		struct injection chosen;

		if (until && i >= 4 && fault_now() > until)
			return;
		other = i + fault_random(&state) % (injection_count - i);
		chosen = injections[other];
		injections[other] = injections[i];
		inject(world, op, setting, &chosen, result);
	}
}

static void one_case(const struct fault_world *world, const struct fault_op *op,
		     const struct fault_setting *setting, uint64_t until, struct result *result)
{
	static const struct fault_rule none;

	fault_run(world, op, setting, &none, NULL, &baseline);
	result->calls = baseline.calls;
	snprintf(result->way, sizeof(result->way), "%s", mntcompat_way_name(baseline.way));
	snprintf(result->base, sizeof(result->base), "%s",
		 baseline.ret < 0 ? fault_errno_name(baseline.error) : "ok");
	if (!baseline.good || baseline.calls > FAULT_TRACE_MAX) {
		result->failures++;
		note(result, "# without faults: %s\n", baseline.why);
		return;
	}
	inject_all(world, op, setting, until, result);
}

/* --- the parts of a run --- */

struct plan {
	const struct fault_op *op;
	const struct fault_setting *setting;
};
static struct plan plans[512];
static int plan_count;
static _Atomic int *plan_next;
static int seconds = 120, jobs = 2;
static uint64_t deadline;

static void worker(const char *place, struct result *results)
{
	uint64_t now, until;
	struct fault_world world;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fault_world_open(&world, place);
	while ((i = atomic_fetch_add(plan_next, 1)) < plan_count) {
		/* Share the rest of the time among the remaining cases. */
		now = fault_now();
		until = !deadline	? 0 :
			now >= deadline ? now :
					  now + (deadline - now) * (uint64_t)jobs /
							  (uint64_t)(plan_count - i);
		one_case(&world, plans[i].op, plans[i].setting, until, &results[i]);
		atomic_store(&results[i].done, 1);
	}
	fault_world_close(&world);
	_exit(0);
}

static void report(const struct result *result, const struct plan *plan)
{
	char name[160];

	snprintf(name, sizeof(name), "%s %s", plan->op->name, setting_name(plan->setting));
	if (!atomic_load(&result->done)) {
		tap_result(false, name, "the worker died");
		return;
	}
	tap_result(
		!result->failures, name,
		"%s %s, %zu system calls, %d of %d injections: %d right, %d refused, %d known, %d failed",
		result->base, result->way, result->calls, result->injections, result->possible,
		result->successes, result->refusals, result->known, result->failures);
	if (result->text[0]) {
		fputs(result->text, stdout);
		fflush(stdout);
	}
}

static int run_all(void)
{
	char places[8][64], before[16384], after[16384];
	int i, next = 0, done = 0, possible = 0, failures = 0;
	struct result *results;
	uint64_t start = fault_now();
	pid_t workers[8];

	results = mmap(NULL, sizeof(*results) * ARRAY_SIZE(plans) + 4096, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (results == MAP_FAILED)
		fault_broken("mmap");
	plan_next = (void *)(results + ARRAY_SIZE(plans));
	deadline = seconds ? start + (uint64_t)seconds * 1000 : 0;
	fault_read_file("/proc/self/mountinfo", before, sizeof(before));
	tap_plan(plan_count + 1);
	for (i = 0; i < jobs; i++) {
		fault_world_place(places[i]);
		workers[i] = (pid_t)fault_must(fork(), "fork");
		if (!workers[i])
			worker(places[i], results);
	}
	for (i = 0; i < plan_count; i++) {
		while (!atomic_load(&results[i].done)) {
			/* A worker that died is noticed when no worker runs any more. */
			for (next = 0; next < jobs && kill(workers[next], 0) < 0; next++)
				;
			if (next == jobs)
				break;
			for (next = 0; next < jobs; next++)
				waitpid(workers[next], NULL, WNOHANG);
			usleep(50000);
		}
		report(&results[i], &plans[i]);
		done += results[i].injections;
		possible += results[i].possible;
		failures += results[i].failures;
	}
	for (i = 0; i < jobs; i++) {
		waitpid(workers[i], NULL, 0);
		rmdir(places[i]);
	}
	fault_read_file("/proc/self/mountinfo", after, sizeof(after));
	tap_result(!strcmp(before, after), "the mount table outside is as before", NULL);
	tap_note("seed %llu: %d of %d injections, %d failed, %d.%d s", (unsigned long long)seed,
		 done, possible, failures, (int)((fault_now() - start) / 1000),
		 (int)((fault_now() - start) / 100 % 10));
	return tap_exit();
}

/* One injection, told in full. */
static int run_one(const struct fault_op *op, const struct fault_setting *setting,
		   const struct fault_rule *rule, bool trace)
{
	static const struct fault_rule none;
	struct fault_world world;
	char place[64];
	size_t i;
	pid_t pid;
	int status;

	fault_world_place(place);
	pid = (pid_t)fault_must(fork(), "fork");
	if (!pid) {
		fault_world_open(&world, place);
		fault_run(&world, op, setting, &none, NULL, &baseline);
		if (trace)
			for (i = 0; i < baseline.calls && i < FAULT_TRACE_MAX; i++)
				printf("%3zu %s%s%s\n", i, baseline.trace[i].helper ? "  " : "",
				       fault_syscall_name(baseline.trace[i].nr),
				       baseline.trace[i].exempt ? " (exempt)" : "");
		printf("without faults: %s by %s, %s\n%s",
		       baseline.ret < 0 ? fault_errno_name(baseline.error) : "ok",
		       mntcompat_way_name(baseline.way), baseline.good ? "good" : baseline.why,
		       op->api == FAULT_OPEN_TREE ? baseline.namespace : "");
		fflush(stdout);
		outcome.good = baseline.good;
		if (rule->error || rule->masks || rule->kill) {
			fault_run(&world, op, setting, rule, &baseline, &outcome);
			printf("with faults: %s by %s, next call %s, %s\n",
			       outcome.ret < 0 ? fault_errno_name(outcome.error) : "ok",
			       mntcompat_way_name(outcome.way),
			       outcome.after_ret < 0 ? fault_errno_name(outcome.after_error) : "ok",
			       outcome.good ? "good" : outcome.why);
			fflush(stdout);
		}
		fault_world_close(&world);
		_exit(!outcome.good);
	}
	waitpid(pid, &status, 0);
	rmdir(place);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void usage(void)
{
	fprintf(stderr,
		"usage: fault-inject [--quick | --seconds N | --full] [--op NAME] [--level VERSION|none] [--mode auto|emulate] [--jobs N]\n"
		"                    [--pairs N] [--seed N] [--trace] [--list]\n"
		"                    [--index N (--errno E [--index2 N --errno2 E] | --kill) | --always SYSCALL --errno E]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "quick", no_argument, NULL, 'q' },
		{ "full", no_argument, NULL, 'f' },
		{ "seconds", required_argument, NULL, 'S' },
		{ "op", required_argument, NULL, 'o' },
		{ "level", required_argument, NULL, 'l' },
		{ "mode", required_argument, NULL, 'm' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "pairs", required_argument, NULL, 'p' },
		{ "seed", required_argument, NULL, 's' },
		{ "trace", no_argument, NULL, 't' },
		{ "index", required_argument, NULL, 'i' },
		{ "errno", required_argument, NULL, 'e' },
		{ "index2", required_argument, NULL, 'I' },
		{ "errno2", required_argument, NULL, 'E' },
		{ "always", required_argument, NULL, 'a' },
		{ "list", no_argument, NULL, 'L' },
		{ "kill", no_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 },
	};
	struct fault_mask masks[2] = { { .nr = -1 }, FAULT_MASK_END };
	struct fault_setting one = { NULL, MNTCOMPAT_MODE_EMULATE };
	struct fault_rule rule = { .index = 0 };
	const char *op_name = NULL, *level = NULL, *mode = NULL;
	bool single = false, trace = false;
	const struct fault_op *op;
	int c;
	size_t i;

	fault_ops_check(false);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'q':
			seconds = 30;
			break;
		case 'f':
			seconds = 0;
			break;
		case 'S':
			seconds = atoi(optarg);
			break;
		case 'o':
			op_name = optarg;
			break;
		case 'l':
			level = optarg;
			break;
		case 'm':
			mode = optarg;
			break;
		case 'j':
			jobs = atoi(optarg);
			break;
		case 'p':
			pairs = atoi(optarg);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 't':
			trace = single = true;
			break;
		case 'i':
			rule.index = atoi(optarg);
			single = true;
			break;
		case 'I':
			rule.index2 = atoi(optarg);
			break;
		case 'e':
			rule.error = masks[0].error = fault_errno_of(optarg);
			break;
		case 'E':
			rule.error2 = fault_errno_of(optarg);
			break;
		case 'a':
			masks[0].nr = atol(optarg);
			single = true;
			break;
		case 'k':
			rule.kill = true;
			break;
		case 'L':
			for (op = fault_ops; op->name; op++)
				puts(op->name);
			return 0;
		default:
			usage();
		}
	}
	if (geteuid() != 0)
		tap_skip_all("needs root");
	if (jobs < 1 || jobs > 8)
		jobs = 2;
	if (level && strcmp(level, "none"))
		one.level = level;
	if (mode)
		one.mode = strcmp(mode, "auto") ? MNTCOMPAT_MODE_EMULATE : MNTCOMPAT_MODE_AUTO;
	if (single) {
		if (!op_name || !fault_op_find(op_name))
			usage();
		if (masks[0].nr >= 0)
			rule = (struct fault_rule){ .masks = masks };
		return run_one(fault_op_find(op_name), &one, &rule, trace);
	}
	for (op = fault_ops; op->name; op++) {
		if (op_name && strcmp(op_name, op->name))
			continue;
		if (level || mode) {
			seconds = 0;
			plans[plan_count++] = (struct plan){ op, &one };
			continue;
		}
		for (i = 0; i < setting_count; i++)
			plans[plan_count++] = (struct plan){ op, &settings[i] };
	}
	if (!plan_count)
		usage();
	return run_all();
}
