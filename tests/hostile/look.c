// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * look.c - the processes that answer are closed to everybody, and hold no more than their target.
 * A sandbox makes calls below the tool and attacks all that it sees of the supervisor; the case,
 * which is root outside, compares what the answering processes hold with what the sandbox holds.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/hostile/hostile.h"

#define MOUNTS (quick ? 300 : 1000)
#define ATTACK_MS (quick ? "1500" : "6000")
#define SAMPLE_MS (quick ? 1500u : 6000u)
#define BEGIN_MS 20000
#define SAMPLES_LEAST 5
#define PATIENCE_MS 40000 /* for that many, on a slow machine */
#define CALLERS 3
#define SECRET "TOP SECRET\n"

static struct process seen[PROCESSES_MOST];

/* --- below the tool --- */

static void begin_callers(const char *call, int callers)
{
	int i;

	for (i = 0; i < callers; i++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				call_by_name(call);
		}
	}
}

/* CALL MILLISECONDS: makes calls, and attacks the processes that answer them. */
static int role_thief(int argc, char **argv)
{
	uint64_t until = now_ms() + (argc > 1 ? (uint64_t)atoi(argv[1]) : 1000);
	int attempts = 0, used, i;

	say("ready %d", getpid());
	begin_callers(argv[0], CALLERS);
	while (now_ms() < until || (attempts < SAMPLES_LEAST && now_ms() < until + PATIENCE_MS)) {
		used = list_supervisor(seen, PROCESSES_MOST);
		for (i = 0; i < used; i++) {
			const char *what = attack(&seen[i]);

			attempts += used > 1;
			if (what) {
				say("end taken %s, pid %d, by uid %u: %s", seen[i].comm,
				    seen[i].pid, geteuid(), what);
				return 0;
			}
		}
	}
	say("end untouched %d", attempts);
	return 0;
}

/* CALL MILLISECONDS: makes calls, without attacks. */
static int role_caller(int argc, char **argv)
{
	say("ready %d", getpid());
	begin_callers(argv[0], CALLERS);
	sleep_ms(argc > 1 ? (unsigned int)atoi(argv[1]) : 1000);
	return 0;
}

static void __attribute__((noreturn)) be_agent(int secret, const char *how)
{
	char path[64];
	uint64_t id;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	become(strstr(how, "userns") ? "userns" : "user", NULL);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pin_to(0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", secret);
	for (;;) {
		char room[4096];

		if (strstr(how, "path"))
			raw_statx_unique(path, &id);
		else
			raw_statmount_fd(secret, 0x3f, room, sizeof(room));
	}
}

static bool is_secret(int fd)
{
	char text[64] = "";

	return pread(fd, text, sizeof(text) - 1, 0) == (ssize_t)strlen(SECRET) &&
	       !strcmp(text, SECRET);
}

static bool takes_secret(pid_t pid)
{
	int pidfd = (int)syscall(UAPI_NR_pidfd_open, pid, 0), i, fd;
	char path[64];

	for (i = 3; i < 12 && pidfd >= 0; i++) {
		fd = (int)syscall(UAPI_NR_pidfd_getfd, pidfd, i, 0);
		if (fd < 0) {
			snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, i);
			fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		}
		if (fd < 0)
			continue;
		if (is_secret(fd))
			i = 99;
		close(fd);
	}
	if (pidfd >= 0)
		close(pidfd);
	return i >= 99;
}

/*
 * Tries until the process has ended: older kernels allow more while a process exits. With @kill_it
 * the process is killed in the middle of its work.
 */
static bool takes_secret_at_the_end(pid_t pid, bool kill_it, unsigned int us)
{
	int pidfd = (int)syscall(UAPI_NR_pidfd_open, pid, 0), fd, i;
	uint64_t until = now_ms() + 20;
	bool taken = false;

	if (pidfd < 0)
		return false;
	if (kill_it) {
		usleep(us);
		kill(pid, SIGKILL);
	}
	while (!taken && now_ms() < until) {
		for (i = 3; i < 8 && !taken; i++) {
			fd = (int)syscall(UAPI_NR_pidfd_getfd, pidfd, i, 0);
			if (fd >= 0) {
				taken = is_secret(fd);
				close(fd);
			} else if (errno == ESRCH) {
				until = 0;
				break;
			}
		}
	}
	close(pidfd);
	return taken;
}

/*
 * HOW MILLISECONDS: agents that are not dumpable hold the descriptor of a secret, and a thief of
 * the same user wants it.
 */
static int role_vault(int argc, char **argv)
{
	const char *path = in_place("secret");
	int secret = open(path, O_RDONLY | O_CLOEXEC), used, i, attempts = 0;
	pid_t agents[2];
	uint64_t until;

	for (i = 0; i < 2; i++) {
		agents[i] = (pid_t)must(fork(), "fork");
		if (agents[i] == 0)
			be_agent(secret, argv[0]);
	}
	close(secret);
	become("user", NULL);
	/* The processes that answer take the agents' processor, and this thief another one. */
	pin_to(1);
	sleep_ms(300);
	must(open(path, O_RDONLY) < 0 ? 0 : -1, "the secret is none");
	must(takes_secret(agents[0]) ? -1 : 0, "the agent is open to its user");
	say("ready %d", getpid());
	until = now_ms() + (argc > 1 ? (uint64_t)atoi(argv[1]) : 1000);
	while (now_ms() < until || (attempts < SAMPLES_LEAST && now_ms() < until + PATIENCE_MS)) {
		used = list_supervisor(seen, PROCESSES_MOST);
		for (i = 0; i < used; i++) {
			attempts += used > 1;
			if (takes_secret(seen[i].pid) ||
			    (strstr(argv[0], "end") && i == used - 1 && used > 2 &&
			     strcmp(seen[i].comm, "mntcompat-work") &&
			     takes_secret_at_the_end(seen[i].pid, strstr(argv[0], "kill"),
						     (unsigned int)attempts % 300))) {
				say("end taken out of %s, pid %d, by uid %u: the descriptor of a "
				    "secret",
				    seen[i].comm, seen[i].pid, geteuid());
				return 0;
			}
		}
	}
	say("end untouched %d", attempts);
	return 0;
}

const struct hostile_role look_roles[] = {
	{ "thief", role_thief },
	{ "caller", role_caller },
	{ "vault", role_vault },
	{ NULL, NULL },
};

/* --- cases --- */

static unsigned int how_of(const char *word)
{
	unsigned int how = RUN_ERRORS;

	if (strstr(word, "user's"))
		how |= RUN_AS_USER;
	if (strstr(word, "nested"))
		how |= RUN_NESTED;
	return how;
}

/* "SUPERVISOR IDENTITY CALL" */
static unsigned int take_words(const char *argument, char *identity, char *call)
{
	char whose[32];

	must(sscanf(argument, "%31s %31s %31s", whose, identity, call) == 3 ? 0 : -1, argument);
	if (!strcmp(call, "i386") && !has_i386())
		skip("the kernel runs no i386 programs");
	return how_of(whose);
}

static void expect_untouched(struct run *run)
{
	const char *line;
	int attempts = 0;

	if (!run_expect(run, "ready ", BEGIN_MS))
		broken("the test does not work here: the target did not begin: %s", run->text);
	line = run_expect(run, "end ", 10000 + PATIENCE_MS);
	if (line && !strncmp(line, "taken ", 6))
		broken("promise: nothing of the processes that answer can be traced, read or "
		       "taken; %s",
		       line);
	if (!line || sscanf(line, "untouched %d", &attempts) != 1)
		broken("the test does not work here: %s", run->text);
	if (attempts < SAMPLES_LEAST)
		broken("the test does not work here: only %d attempts at processes of the "
		       "supervisor",
		       attempts);
	note("%d attempts", attempts);
}

static void case_thief(const char *argument)
{
	char identity[32], call[32];
	unsigned int how = take_words(argument, identity, call);
	struct run run;

	make_slow_world(MOUNTS);
	RUN(&run, how, "thief", identity, call, ATTACK_MS);
	expect_untouched(&run);
}

static void case_vault(const char *argument)
{
	int fd = (int)must(open(in_place("secret"), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600),
			   "secret");
	struct run run;

	must(write(fd, SECRET, strlen(SECRET)), "write");
	close(fd);
	make_slow_world(MOUNTS);
	RUN(&run, RUN_ERRORS, "vault", "root", argument, ATTACK_MS);
	expect_untouched(&run);
}

static void case_subset(const char *argument)
{
	char identity[32], call[32];
	unsigned int how = take_words(argument, identity, call);
	struct holdings target, supervisor, process;
	pid_t supervisor_pid;
	uint64_t until;
	struct run run;
	const char *line, *more;
	int samples = 0, used, i;

	make_slow_world(MOUNTS);
	RUN(&run, how, "caller", identity, call, "60000");
	line = run_expect(&run, "ready ", BEGIN_MS);
	if (!line || !read_holdings(atoi(line), &target))
		broken("the test does not work here: the target did not begin: %s", run.text);
	/* No identity here is in another pid namespace, so the number is valid here. */
	supervisor_pid = find_supervisor();
	if (!supervisor_pid || !read_holdings(supervisor_pid, &supervisor))
		broken("the test does not work here: no supervisor");
	until = now_ms() + SAMPLE_MS;
	while (now_ms() < until || (samples < SAMPLES_LEAST && now_ms() < until + PATIENCE_MS)) {
		used = list_supervisor(seen, PROCESSES_MOST);
		for (i = 0; i < used; i++) {
			if (!read_holdings(seen[i].pid, &process) ||
			    !has_become(&seen[i], &process, &target, supervisor_pid))
				continue;
			samples++;
			more = more_than(&process, &target, &supervisor);
			/* The first reading may be older than the filter. */
			if (more && read_holdings(seen[i].pid, &process))
				more = more_than(&process, &target, &supervisor);
			else
				more = NULL;
			if (more)
				broken("promise: a process that makes a call for a target holds no "
				       "more than the target; %s, pid %d, %s",
				       seen[i].comm, seen[i].pid, more);
		}
	}
	if (samples < SAMPLES_LEAST)
		broken("the test does not work here: only %d samples", samples);
	note("%d samples", samples);
}

#define THIEF(whose, identity, call, slow) \
	{ \
		"S1", \
			"the processes that answer are closed: " whose " supervisor, " identity \
			", " call, \
			case_thief, whose " " identity " " call, slow \
	}
#define SUBSET(whose, identity, call, slow) \
	{ \
		"S1", \
			"the processes that answer hold no more than their target: " whose \
			" supervisor, " identity ", " call, \
			case_subset, whose " " identity " " call, slow \
	}

const struct hostile_case look_cases[] = {
	THIEF("root's", "bare", "statmount", false),
	THIEF("root's", "bare", "listmount", true),
	THIEF("root's", "bare", "i386", false),
	THIEF("root's", "bare", "vfork", true),
	THIEF("root's", "bare", "clone3", true),
	THIEF("root's", "user", "listmount", false),
	THIEF("root's", "user", "open_tree", true),
	THIEF("root's", "user", "mount_setattr", true),
	THIEF("root's", "groups", "listns", true),
	THIEF("root's", "no-ptrace", "listmount", false),
	THIEF("root's", "no-ptrace", "open_tree", true),
	THIEF("root's", "userns", "listmount", false),
	THIEF("root's", "groups-ns", "statx", true),
	THIEF("root's", "subuid", "listmount", false),
	THIEF("root's", "subuid", "open_tree", true),
	THIEF("root's", "own", "listmount", true),
	THIEF("root's", "below", "listmount", true),
	THIEF("root's", "sandbox", "ioctl", true),
	THIEF("user's", "root", "listmount", false),
	THIEF("user's", "userns", "listmount", true),
	THIEF("user's", "sandbox", "listmount", false),
	THIEF("user's", "sandbox", "i386", true),
	THIEF("nested", "bare", "listmount", true),
	THIEF("nested", "user", "statmount", true),
	SUBSET("root's", "bare", "listmount", false),
	SUBSET("root's", "bare", "i386", true),
	SUBSET("root's", "bare", "open_tree", true),
	SUBSET("root's", "user", "listmount", false),
	SUBSET("root's", "user", "vfork", true),
	SUBSET("root's", "groups", "listmount", false),
	SUBSET("root's", "groups", "clone3", true),
	SUBSET("root's", "no-ptrace", "listmount", true),
	SUBSET("root's", "no-ptrace", "open_tree", true),
	SUBSET("root's", "userns", "listmount", false),
	SUBSET("root's", "groups-ns", "listmount", true),
	SUBSET("root's", "subuid", "listmount", false),
	SUBSET("root's", "subuid", "open_tree", true),
	SUBSET("root's", "own", "listmount", false),
	SUBSET("root's", "own-userns", "listmount", true),
	SUBSET("root's", "sandbox", "listmount", true),
	SUBSET("root's", "below", "listmount", false),
	SUBSET("user's", "root", "listmount", true),
	SUBSET("user's", "sandbox", "listmount", false),
	SUBSET("nested", "bare", "listmount", true),
	{ "S7", "descriptors of a process that is not dumpable stay its own: statmount", case_vault,
	  "statmount", false },
	{ "S7",
	  "descriptors of a process that is not dumpable stay its own: at the end of the answering "
	  "process",
	  case_vault, "end", true },
	{ "S7",
	  "descriptors of a process that is not dumpable stay its own: when the answering process "
	  "is killed",
	  case_vault, "end-kill", true },
	{ "S7",
	  "descriptors of a process that is not dumpable stay its own: statx through its link",
	  case_vault, "path", true },
	{ "S7", "descriptors of a process that is not dumpable stay its own: in a user namespace",
	  case_vault, "userns", true },
	{ NULL, NULL, NULL, NULL, false },
};
