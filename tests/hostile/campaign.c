// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * campaign.c - targets that act at random below one supervisor, and a sampler that compares the
 *processes which answer them with all that the targets ever held. Makes processes in namespaces of
 *their own. Root only; TAP: campaign [--seconds N] [--seed N] [--actors N] [--user] TOOL With
 *--user the supervisor is a plain user's.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/hostile/campaign.h"
#include "tests/fork-with.h"

#define FIRST_USER 20000u
#define MOUNTS 150
#define END_MS 10000
#define TEXTS_MOST 8
#define SAMPLES_LEAST 20

static unsigned int seconds = 60, actors = 12;
static uint64_t seed;
static bool of_user;
static int number, failures;

/* Each actor has a user id of its own, which relates the processes that answer it to it. */
static const struct {
	const char *role, *identity;
} cast[] = {
	{ "watch", "user" },	   { "agent", "user" },	     { "thief", "user" },
	{ "thief", "userns" },	   { "thief", "bare" },	     { "thief", "no-ptrace" },
	{ "actor", "user" },	   { "actor", "groups" },    { "actor", "bare" },
	{ "actor", "userns" },	   { "actor", "own" },	     { "actor", "subuid" },
	{ "actor", "sandbox" },	   { "actor", "groups-ns" }, { "actor", "no-ptrace" },
	{ "actor", "own-userns" },
};
static const struct {
	const char *role, *identity;
} cast_of_user[] = {
	{ "watch", "root" },	{ "thief", "root" },	   { "thief", "userns" },
	{ "thief", "sandbox" }, { "actor", "root" },	   { "actor", "userns" },
	{ "actor", "sandbox" }, { "actor", "own-userns" }, { "actor", "sandbox" },
};
#define FIRST_ACTOR 6u
#define FIRST_ACTOR_OF_USER 4u
#define LENGTH(a) ((unsigned int)(sizeof(a) / sizeof((a)[0])))

void unreachable(void)
{
	fprintf(stderr, "campaign: no user but root reaches the tool\n");
	_exit(2);
}

static void result(bool good, const char *name)
{
	failures += !good;
	printf("%sok %d - %s\n", good ? "" : "not ", ++number, name);
}

/* --- below the tool --- */

static pid_t begin_actor(unsigned int i, unsigned int user)
{
	unsigned int of = of_user ? LENGTH(cast_of_user) : LENGTH(cast),
		     first = of_user ? FIRST_ACTOR_OF_USER : FIRST_ACTOR;
	unsigned int k = i < of ? i : first + (i - first) % (of - first);
	char number_of_user[16], number_of_seed[24];
	pid_t pid = (pid_t)must(fork(), "fork");

	if (pid)
		return pid;
	snprintf(number_of_user, sizeof(number_of_user), "%u", user);
	snprintf(number_of_seed, sizeof(number_of_seed), "%llu",
		 (unsigned long long)(seed + i * 1000003ull));
	execl(in_place("self"), in_place("self"), of_user ? cast_of_user[k].role : cast[k].role,
	      number_of_user, number_of_seed, of_user ? cast_of_user[k].identity : cast[k].identity,
	      NULL);
	_exit(97);
}

/* COUNT SEED user|root: the command that the tool starts; it makes no calls itself. */
static int role_stage(int argc, char **argv)
{
	unsigned int count = argc > 0 ? (unsigned int)atoi(argv[0]) : 0, i;
	pid_t pids[ACTORS_MOST] = { 0 };

	open_shared(false);
	seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	of_user = argc > 2 && !strcmp(argv[2], "user");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (i = 0; i < count; i++)
		pids[i] = begin_actor(i, of_user ? getuid() : FIRST_USER + i);
	while (!shared->end) {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
			/* A new actor replaces one that another actor has killed. */
			for (i = 0; i < count; i++) {
				if (pids[i] == pid && !shared->end)
					pids[i] =
						begin_actor(i, of_user ? getuid() : FIRST_USER + i);
			}
		}
		sleep_ms(20);
	}
	return 0;
}

/* --- outside --- */

static uint64_t samples;
static char texts[TEXTS_MOST][400];
static unsigned int texts_used;

/* NULL if some target of the same user has held all that @process holds. */
static const char *more_than_anybody(const struct holdings *process,
				     const struct holdings *supervisor)
{
	uint32_t used = shared->records_used, i;
	const char *more = "no target ever was this user";
	static char last[256];

	for (i = 0; i < used && i < RECORDS_MOST; i++) {
		const struct holdings *target = &shared->records[i];
		const char *text;

		if (target->uid[1] != process->uid[1])
			continue;
		/*
		 * The real id tells a set-user-ID program from another user's process, unless it is
		 * the supervisor's.
		 */
		if (process->uid[0] != target->uid[0] && process->uid[0] != supervisor->uid[0])
			continue;
		text = more_than(process, target, supervisor);
		if (!text)
			return NULL;
		snprintf(last, sizeof(last), "%s", text);
		more = last;
	}
	return more;
}

/*
 * True if the process has become a target. Where all processes have the supervisor's name it is one
 * that is not the supervisor's child and has another user id.
 */
static bool is_target(const struct process *process, const struct holdings *holdings,
		      const struct holdings *supervisor)
{
	if (!strcmp(process->comm, "mntcompat-call"))
		return holdings->seccomp == 2;
	return !strcmp(process->comm, "mntcompat-super") && process->pid != supervisor->pid &&
	       process->parent != supervisor->pid && holdings->uid[1] != supervisor->uid[1];
}

static void sample(const struct holdings *supervisor)
{
	static struct process list[PROCESSES_MOST];
	struct holdings process, again;
	int used = list_supervisor(list, PROCESSES_MOST), i;

	for (i = 0; i < used; i++) {
		const char *more;

		if (list[i].pid == supervisor->pid || !read_holdings(list[i].pid, &process) ||
		    !is_target(&list[i], &process, supervisor))
			continue;
		samples++;
		more = more_than_anybody(&process, supervisor);
		/*
		 * The files are read one after another. Two equal readings were not made during a
		 * change.
		 */
		if (more && read_holdings(list[i].pid, &again) &&
		    !memcmp(&again, &process, sizeof(again)) && texts_used < TEXTS_MOST)
			snprintf(texts[texts_used++], sizeof(texts[0]), "%s, pid %d, uid %u %u, %s",
				 list[i].comm, list[i].pid, process.uid[0], process.uid[1], more);
	}
}

static unsigned long attributes(void)
{
	struct statvfs st;

	return statvfs(in_place("attr"), &st) < 0 ? 0 :
						    st.f_flag & (ST_RDONLY | ST_NOSUID | ST_NODEV);
}

/* The mounts and namespaces of this process, as text. */
static void read_state(char *text, size_t size)
{
	size_t used = (size_t)read_text("/proc/self/mountinfo", text, size);
	struct holdings own;
	int i;

	used = used < size ? used : 0;
	if (read_holdings(getpid(), &own)) {
		for (i = 0; i < NAMESPACES && used < size; i++)
			used += (size_t)snprintf(text + used, size - used, "%s %llu\n",
						 namespace_names[i],
						 (unsigned long long)own.namespaces[i]);
	}
}

static void print_difference(const char *before, const char *after)
{
	while (*before && *after && strcspn(before, "\n") == strcspn(after, "\n") &&
	       !strncmp(before, after, strcspn(before, "\n") + 1)) {
		before += strcspn(before, "\n") + 1;
		after += strcspn(after, "\n") + 1;
	}
	printf("# before: %.*s\n# after: %.*s\n", (int)strcspn(before, "\n"), before,
	       (int)strcspn(after, "\n"), after);
}

static bool report_findings(enum finding kind)
{
	uint32_t i, told = 0;

	for (i = 0; i < shared->findings_used && i < FINDINGS_MOST; i++) {
		if (!shared->findings[i].ready || shared->findings[i].kind != kind)
			continue;
		printf("# %s\n", shared->findings[i].text);
		told++;
	}
	return told == 0;
}

/* Prints the reports of the sanitizers, if the tool was built with them. */
static bool report_sanitizers(void)
{
	const char *where = in_place("reports");
	DIR *directory = opendir(where);
	struct dirent *entry;
	bool good = true;

	while (directory && (entry = readdir(directory))) {
		char path[600], text[2048];
		char *line, *rest = text;

		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", where, entry->d_name);
		read_text(path, text, sizeof(text));
		while ((line = strsep(&rest, "\n")))
			printf("# %s\n", line);
		good = false;
	}
	if (directory)
		closedir(directory);
	return good;
}

/* Process 1 of the campaign's pid namespace. */
static void __attribute__((noreturn)) be_world(void)
{
	static char before[65536], after[65536];
	char count[16], number_of_seed[24], options[512];
	struct holdings supervisor;
	unsigned long flags;
	pid_t supervisor_pid = 0, stage;
	uint64_t until;
	int left = -1, i, fd;

	must(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "mount /proc");
	must(chdir(place), "chdir");
	must(mkdir(in_place("reports"), 0777) | chmod(in_place("reports"), 01777), "mkdir");
	snprintf(options, sizeof(options), "log_path=%s/san:detect_leaks=0", in_place("reports"));
	setenv("ASAN_OPTIONS", options, 1);
	snprintf(options, sizeof(options), "log_path=%s/san:print_stacktrace=1",
		 in_place("reports"));
	setenv("UBSAN_OPTIONS", options, 1);
	fd = (int)must(open(in_place("secret"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600), "secret");
	close(fd);
	make_slow_world(MOUNTS);
	open_shared(true);
	flags = attributes();
	read_state(before, sizeof(before));
	snprintf(count, sizeof(count), "%u", actors);
	snprintf(number_of_seed, sizeof(number_of_seed), "%llu", (unsigned long long)seed);
	if (must(fork(), "fork") == 0)
		be_recorder();
	stage = (pid_t)must(fork(), "fork");
	if (stage == 0) {
		if (of_user)
			become("user", NULL);
		execl(tool, tool, "--kernel", LEVEL, "run", "--seccomp", "--", in_place("self"),
		      "stage", count, number_of_seed, of_user ? "user" : "root", NULL);
		_exit(97);
	}
	for (until = now_ms() + 20000; now_ms() < until && !(supervisor_pid = find_supervisor());)
		sleep_ms(10);
	if (!supervisor_pid || !read_holdings(supervisor_pid, &supervisor)) {
		printf("Bail out! no supervisor\n");
		fflush(stdout);
		_exit(1);
	}
	for (until = now_ms() + seconds * 1000ull; now_ms() < until;) {
		sample(&supervisor);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (kill(supervisor_pid, 0) < 0 || kill(stage, 0) < 0)
			break;
		usleep(500);
	}
	printf("# seed %llu, %u s, %u actors: %llu calls of %llu bodies, %llu with success, %llu "
	       "programs executed, %llu attacks, "
	       "%llu samples, %u records, %llu calls of the watcher\n",
	       (unsigned long long)seed, seconds, actors, (unsigned long long)shared->calls,
	       (unsigned long long)shared->bodies, (unsigned long long)shared->answered,
	       (unsigned long long)shared->switches, (unsigned long long)shared->attacks,
	       (unsigned long long)samples, shared->records_used,
	       (unsigned long long)shared->watched);
	result(now_ms() >= until && kill(supervisor_pid, 0) == 0,
	       "the supervisor lives until the end");
	result(samples >= SAMPLES_LEAST && shared->calls > 100 && shared->attacks > 100 &&
		       shared->answered > 10,
	       "there were calls, attacks and samples");
	for (i = 0; i < (int)texts_used; i++)
		printf("# %s\n", texts[i]);
	result(!texts_used,
	       "processes that made calls for targets held no more than their targets");
	result(report_findings(FOUND_ATTACK),
	       "nothing of the supervisor's processes was traced, read or taken");
	result(report_findings(FOUND_MEMORY), "no set-user-ID program's memory was written");
	result(attributes() == flags, "no mount was changed without the right to do so");
	result(report_findings(FOUND_WAIT), "other callers were answered in time");
	/* All actors end at once. */
	shared->end = 1;
	sleep_ms(500);
	kill(stage, SIGKILL);
	for (until = now_ms() + END_MS; now_ms() < until && left != 0;) {
		static struct process list[PROCESSES_MOST];
		struct dirent *entry;
		DIR *directory = opendir("/proc");

		left = list_supervisor(list, PROCESSES_MOST);
		/* Kills all but the supervisor's processes, which have to end by themselves. */
		while (directory && (entry = readdir(directory))) {
			pid_t pid = atoi(entry->d_name);
			struct process process;

			if (pid > 1 && read_process(pid, &process) &&
			    strncmp(process.comm, "mntcompat-", 10))
				kill(pid, SIGKILL);
		}
		if (directory)
			closedir(directory);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		sleep_ms(50);
	}
	if (left)
		printf("# %d processes of the supervisor\n", left);
	result(left == 0, "no process of the supervisor is left");
	read_state(after, sizeof(after));
	if (strcmp(before, after))
		print_difference(before, after);
	result(!strcmp(before, after), "mounts and namespaces are as before");
	result(report_sanitizers(), "no sanitizer reported anything");
	fflush(stdout);
	_exit(failures != 0);
}

static int campaign(char **argv)
{
	static char directory[] = "/tmp/hostile.XXXXXX";
	int status = 1;
	pid_t pid;

	seed = (uint64_t)time(NULL);
	for (argv++; *argv && **argv == '-'; argv++) {
		if (!strcmp(*argv, "--seconds") && argv[1])
			seconds = (unsigned int)atoi(*++argv);
		else if (!strcmp(*argv, "--seed") && argv[1])
			seed = strtoull(*++argv, NULL, 10);
		else if (!strcmp(*argv, "--actors") && argv[1])
			actors = (unsigned int)atoi(*++argv);
		else if (!strcmp(*argv, "--user"))
			of_user = true;
		else {
			fprintf(stderr, "usage: campaign [--seconds N] [--seed N] [--actors N] "
					"[--user] TOOL\n");
			return 2;
		}
	}
	tool = *argv ? realpath(*argv, NULL) : NULL;
	if (!tool || actors > ACTORS_MOST) {
		fprintf(stderr, "campaign: %s\n", tool ? "too many actors" : "no tool");
		return 2;
	}
	if (geteuid() != 0) {
		printf("1..0 # SKIP needs root\n");
		return 77;
	}
	if (actors < LENGTH(cast))
		actors = of_user ? LENGTH(cast_of_user) : LENGTH(cast);
	printf("# seed %llu\n1..10\n", (unsigned long long)seed);
	fflush(stdout);
	must(mkdtemp(directory) ? 0 : -1, "mkdtemp");
	pid = fork();
	if (pid == 0) {
		make_place(directory);
		pid = fork_with(CLONE_NEWPID | CLONE_NEWNS | SIGCHLD);
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			be_world();
		}
		waitpid((pid_t)must(pid, "clone"), &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	waitpid(pid, &status, 0);
	rmdir(directory);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	place = getenv("HOSTILE_PLACE");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!place)
		return campaign(argv);
	if (argc > 1 && !strcmp(argv[1], "stage"))
		return role_stage(argc - 2, argv + 2);
	return argc > 2 ? actor_role(argv[1], argc - 2, argv + 2) : 99;
}
