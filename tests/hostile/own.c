// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * own.c - callers that are in other namespaces than the supervisor get answers about their own
 * namespaces. Makes namespaces, a control group and mounts; removes the group.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "tests/hostile/hostile.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#define BEGIN_MS 20000
#define IDS_MOST 256
#define ROOT_OFFSET 104 /* mnt_root of struct statmount */
#define STRINGS 512

static const struct {
	const char *name;
	uint32_t type;
} kinds[] = {
	{ "net", CLONE_NEWNET },       { "uts", CLONE_NEWUTS },	  { "ipc", CLONE_NEWIPC },
	{ "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME }, { "user", CLONE_NEWUSER },
	{ "pid", CLONE_NEWPID },       { "mnt", CLONE_NEWNS },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* --- below the tool --- */

/*
 * SEES: prints each namespace of its own that listns does not show, and with "own" each kind of
 * which it shows others.
 */
static int role_lists(int argc, char **argv)
{
	bool alone = argc > 0 && !strcmp(argv[0], "own");
	static uint64_t ids[IDS_MOST];
	size_t i;

	for (i = 0; i < KINDS; i++) {
		int others = 0, has = 0;
		uint64_t own = 0;
		long n, k, ret = raw_namespace_id(kinds[i].name, &own);

		/* Linux before 5.6 has no time namespaces. */
		if (ret == -ENOENT)
			continue;
		n = raw_listns(kinds[i].type, ids, IDS_MOST);
		if (ret < 0 || n < 0) {
			say("%s: NS_GET_ID %s, listns %s", kinds[i].name,
			    ret < 0 ? error_name((int)-ret) : "ok",
			    n < 0 ? error_name((int)-n) : "ok");
			continue;
		}
		for (k = 0; k < n; k++) {
			has += ids[k] == own;
			others += ids[k] != own;
		}
		if (!has || (alone && others))
			say("%s: own %s, others %d", kinds[i].name, has ? "listed" : "not listed",
			    others);
	}
	say("end");
	return 0;
}

/* The same in a new time namespace, which only children enter. */
static int role_lists_time(int argc, char **argv)
{
	int status = 0;
	pid_t pid;

	if (unshare(CLONE_NEWUSER | CLONE_NEWTIME) < 0 && unshare(CLONE_NEWTIME) < 0) {
		say("no time namespaces");
		say("end");
		return 0;
	}
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0)
		_exit(role_lists(argc, argv));
	waitpid(pid, &status, 0);
	return status;
}

static const char *root_of_mount(const char *where, char *line, size_t size)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	static char root[4096];
	char point[4096];

	*root = 0;
	while (file && fgets(line, (int)size, file)) {
		char this_root[4096];

		if (sscanf(line, "%*s %*s %*s %4095s %4095s", this_root, point) == 2 &&
		    !strcmp(point, where))
			snprintf(root, sizeof(root), "%s", this_root);
	}
	if (file)
		fclose(file);
	return root;
}

/* IDENTITY: in a new cgroup namespace whose root is the group of the case. */
static int role_cgroup(int argc, char **argv)
{
	const char *where = in_place("cgroup-inside"), *by_kernel;
	static union {
		uint32_t words[2048];
		char text[8192];
	} answer;
	char line[8192];
	long ret;

	must(unshare(CLONE_NEWCGROUP | CLONE_NEWNS), "unshare");
	must(mkdir(where, 0755) < 0 && errno != EEXIST ? -1 : 0, "mkdir");
	must(mount("inside", where, "cgroup2", 0, NULL), "mount cgroup2");
	if (argc > 0 && !strcmp(argv[0], "user"))
		become("user", NULL);
	if (argc > 0 && !strcmp(argv[0], "userns"))
		become("userns", NULL);
	by_kernel = root_of_mount(where, line, sizeof(line));
	ret = raw_statmount_fd(open(where, O_PATH | O_CLOEXEC), 0x8 | 0x10 | 0x20, &answer,
			       sizeof(answer));
	if (ret < 0)
		say("end statmount %s", error_name((int)-ret));
	else
		say("end root %s, mountinfo %s",
		    answer.text + STRINGS + answer.words[ROOT_OFFSET / 4], by_kernel);
	return 0;
}

/* Enters a mount namespace whose root is an empty filesystem but for a directory, and stays there. */
static void __attribute__((noreturn)) be_jail(int ready)
{
	must(unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS)");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
	must(mount("jail", place, "tmpfs", 0, NULL), "mount tmpfs");
	must(chdir(place), "chdir");
	must(mkdir("jailed", 0755), "mkdir");
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount");
	must(write(ready, "", 1), "write");
	for (;;)
		pause();
}

/*
 * In the supervisor's mount namespace, with the root of another one as root directory: a link to
 * either root reads "/".
 */
static int role_jailed(int argc, char **argv)
{
	long inside, outside;
	char path[32], byte;
	int ready[2], root;
	uint64_t id;
	pid_t pid;

	(void)argc;
	(void)argv;
	become("userns", NULL);
	must(pipe2(ready, O_CLOEXEC), "pipe");
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0) {
		close(ready[0]);
		be_jail(ready[1]);
	}
	close(ready[1]);
	must(read(ready[0], &byte, 1) == 1 ? 0 : -1, "read");
	snprintf(path, sizeof(path), "/proc/%d/root", pid);
	root = (int)must(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), path);
	must(fchdir(root), "fchdir");
	must(chroot("."), "chroot");
	must(access("/jailed", F_OK) < 0 || access("/proc", F_OK) == 0 ? -1 : 0, "the new root");
	inside = raw_statx_unique("/jailed", &id);
	outside = raw_statx_unique("/proc", &id);
	say("end inside %s, outside %s", inside < 0 ? error_name((int)-inside) : "found",
	    outside < 0 ? error_name((int)-outside) : "found");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}

/* Takes for its root what root mounts over "/": the path of either root directory is "/". */
static int role_covered(int argc, char **argv)
{
	long inside, outside;
	uint64_t id;

	(void)argc;
	(void)argv;
	must(unshare(CLONE_NEWUSER), "unshare(CLONE_NEWUSER)");
	say("ready");
	while (chdir("/..") < 0 || access("marker", F_OK) < 0)
		sleep_ms(5);
	must(chroot("."), "chroot");
	inside = raw_statx_unique("/marker", &id);
	outside = raw_statx_unique("/proc", &id);
	say("end inside %s, outside %s", inside < 0 ? error_name((int)-inside) : "found",
	    outside < 0 ? error_name((int)-outside) : "found");
	return 0;
}

/* Into a Landlock domain that keeps it from nothing but other processes. */
static bool enter_domain(void)
{
	const uint64_t handled[2] = { 0, UAPI_LANDLOCK_ACCESS_NET_BIND_TCP };
	const uint64_t handled_files[1] = { UAPI_LANDLOCK_ACCESS_FS_MAKE_SOCK };
	int fd = (int)syscall(UAPI_NR_landlock_create_ruleset, handled, sizeof(handled), 0);

	if (fd < 0)
		fd = (int)syscall(UAPI_NR_landlock_create_ruleset, handled_files,
				  sizeof(handled_files), 0);
	if (fd < 0)
		return false;
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	must(syscall(UAPI_NR_landlock_restrict_self, fd, 0), "landlock_restrict_self");
	close(fd);
	return true;
}

/* Looks through the links of a process outside of its domain. */
static int role_domain(int argc, char **argv)
{
	static const char *const names[] = { "root", "root/etc", "cwd", "exe", "ns/mnt" };
	char path[64], swapped[64];
	long ret, linked, changed;
	uint64_t id;
	size_t i;
	pid_t pid;

	(void)argc;
	(void)argv;
	pid = (pid_t)must(fork(), "fork");
	while (pid == 0)
		pause();
	if (!enter_domain()) {
		say("end no Landlock");
		kill(pid, SIGKILL);
		return 0;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct stat st;

		snprintf(path, sizeof(path), "/proc/%d/%s", pid, names[i]);
		must(stat(path, &st) < 0 && errno == EACCES ? 0 : -1, "the domain");
		ret = raw_statx_unique(path, &id);
		/* The same by a link of its own, which may be swapped at any time. */
		snprintf(swapped, sizeof(swapped), "/tmp/hostile-link-%d", getpid());
		unlink(swapped);
		must(symlink(path, swapped), "symlink");
		linked = raw_statx_unique(swapped, &id);
		changed = raw_mount_setattr(path, MNTCOMPAT_MOUNT_ATTR_NODEV, 0);
		unlink(swapped);
		if (ret >= 0 || linked >= 0 || changed >= 0)
			break;
	}
	/* Its own reach is as before. */
	if (i == sizeof(names) / sizeof(names[0]))
		say("end refused, / %s", raw_statx_unique("/", &id) < 0 ? "refused" : "found");
	else
		say("end %s: statx %ld, by a link %ld, mount_setattr %ld", path, ret, linked,
		    changed);
	kill(pid, SIGKILL);
	return 0;
}

/* Another user's call for a domain, which need not succeed, is nothing to this task. */
static int role_neighbour(int argc, char **argv)
{
	char path[64];
	uint64_t id;
	int status;
	pid_t pid;
	long ret;

	(void)argc;
	(void)argv;
	pid = (pid_t)must(fork(), "fork");
	if (pid == 0) {
		must(setresuid(USER, USER, USER), "setresuid");
		syscall(UAPI_NR_landlock_restrict_self, -1, 0);
		_exit(0);
	}
	must(waitpid(pid, &status, 0), "waitpid");
	pid = (pid_t)must(fork(), "fork");
	while (pid == 0)
		pause();
	snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
	ret = raw_statx_unique(path, &id);
	say("end %s", ret < 0 ? error_name((int)-ret) : "found");
	kill(pid, SIGKILL);
	return 0;
}

/* Root without capabilities may signal every process of its uid. */
static int role_stops(int argc, char **argv)
{
	pid_t pid;
	int ret;

	(void)argc;
	(void)argv;
	pid = find_supervisor();
	ret = pid <= 0 ? ESRCH : kill(pid, SIGCONT) < 0 ? errno : 0;
	say("end %s", ret ? error_name(ret) : "signalled");
	return 0;
}

#define NICE 7
#define NICE_FIELD 19 /* of /proc/PID/stat */

static long field(const char *text, int number)
{
	const char *at = strrchr(text, ')');
	int i;

	for (i = 2; at && i < number; i++)
		at = strchr(at + 1, ' ');
	return at ? strtol(at, NULL, 10) : -1;
}

/* Its calls run with its own nice value, and go first when memory is short. */
static int role_nice(int argc, char **argv)
{
	static struct process list[PROCESSES_MOST];
	uint64_t until = now_ms() + 10000;
	char path[64], stat[1024], status[4096], adj[32];
	int seen = 0, wrong = 0, i, used;
	pid_t caller;

	(void)argc;
	(void)argv;
	must(setpriority(PRIO_PROCESS, 0, NICE), "setpriority");
	caller = (pid_t)must(fork(), "fork");
	while (caller == 0)
		call_by_name("listmount");
	while (now_ms() < until && seen < 20 && !wrong) {
		used = list_supervisor(list, PROCESSES_MOST);
		for (i = 0; i < used; i++) {
			if (strcmp(list[i].comm, "mntcompat-call"))
				continue;
			snprintf(path, sizeof(path), "/proc/%d/stat", list[i].pid);
			if (read_text(path, stat, sizeof(stat)) <= 0)
				continue;
			snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", list[i].pid);
			if (read_text(path, adj, sizeof(adj)) <= 0)
				continue;
			snprintf(path, sizeof(path), "/proc/%d/status", list[i].pid);
			/* It is the caller from the moment on at which it has a filter. */
			if (read_text(path, status, sizeof(status)) <= 0 ||
			    !strstr(status, "Seccomp:\t2"))
				continue;
			seen++;
			if (field(stat, NICE_FIELD) != NICE || atoi(adj) != 1000)
				wrong = 1;
		}
	}
	kill(caller, SIGKILL);
	say("end %s, nice %ld, oom_score_adj %d",
	    !seen ? "not seen" :
	    wrong ? "wrong" :
		    "right",
	    field(stat, NICE_FIELD), atoi(adj));
	return 0;
}

const struct hostile_role own_roles[] = {
	{ "nice", role_nice },	 { "covered", role_covered },	    { "domain", role_domain },
	{ "stops", role_stops }, { "neighbour", role_neighbour },   { "jailed", role_jailed },
	{ "lists", role_lists }, { "lists-time", role_lists_time }, { "cgroup", role_cgroup },
	{ NULL, NULL },
};

/* --- cases --- */

static void expect_lists(struct run *run)
{
	char *end;

	if (!run_expect(run, "end", BEGIN_MS))
		broken("the test does not work here: %s", run->text);
	end = strstr(run->text, "end\n");
	if (end != run->text) {
		*end = 0;
		broken("promise: listns shows the namespaces that its caller is in, and to a user "
		       "no others\n%s",
		       run->text);
	}
}

/* "SUPERVISOR IDENTITY SEES" */
static void case_lists(const char *argument)
{
	char whose[32], identity[32], sees[32];
	bool time = strstr(argument, "time");
	struct run run;

	must(sscanf(argument, "%31s %31s %31s", whose, identity, sees) == 3 ? 0 : -1, argument);
	RUN(&run,
	    RUN_ERRORS | (strcmp(whose, "user's") ? 0 : RUN_AS_USER) |
		    (strcmp(whose, "nested") ? 0 : RUN_NESTED),
	    time ? "lists-time" : "lists", identity, sees);
	if (time && run_expect(&run, "no time namespaces", 3000))
		skip("no time namespaces");
	expect_lists(&run);
}

static void case_cgroup(const char *argument)
{
	const char *where = in_place("cgroup"), *line;
	char group[300], processes[320], copy[1024] = "";
	struct run run;

	must(mkdir(where, 0755) < 0 && errno != EEXIST ? -1 : 0, "mkdir");
	if (mount("cgroup", where, "cgroup2", 0, NULL) < 0)
		skip("no cgroup2: %s", error_name(errno));
	snprintf(group, sizeof(group), "%s/hostile-%d", where,
		 (int)getpid() + (int)(now_ms() % 1000000));
	if (mkdir(group, 0755) < 0)
		skip("no group can be made: %s", error_name(errno));
	snprintf(processes, sizeof(processes), "%s/cgroup.procs", group);
	memset(&run, 0, sizeof(run));
	/* The tool begins in the group; only its command enters the new cgroup namespace. */
	if (!write_text(processes, "0")) {
		rmdir(group);
		skip("no process goes into a group: %s", error_name(errno));
	}
	RUN(&run, RUN_ERRORS, "cgroup", "root", argument);
	line = run_expect(&run, "end ", BEGIN_MS);
	if (line)
		snprintf(copy, sizeof(copy), "%s", line);
	run_wait(&run, 5000);
	snprintf(processes, sizeof(processes), "%s/cgroup.procs", where);
	write_text(processes, "0");
	sleep_ms(300);
	if (rmdir(group) < 0)
		note("the group %s stays: %s", group, error_name(errno));
	if (!*copy)
		broken("the test does not work here: %s", run.text);
	if (strcmp(copy, "root /, mountinfo /"))
		broken("promise: MNT_ROOT is what the caller's cgroup namespace shows, \"/\"; %s",
		       copy);
}

/* The supervisor of a user without privilege cannot change its root directory itself. */
static void case_jailed(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS | (strcmp(argument, "user's") ? 0 : RUN_AS_USER), "jailed", "root");
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line)
		broken("the test does not work here: %s", run.text);
	/* A refusal is right as well. */
	if (strstr(line, "outside found") || strstr(line, "inside ENOENT"))
		broken("promise: paths begin in the caller's root directory; %s", line);
}

static void case_covered(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS | (strcmp(argument, "user's") ? 0 : RUN_AS_USER), "covered", "root");
	if (!run_expect(&run, "ready", BEGIN_MS))
		broken("the test does not work here: %s", run.text);
	/* Not over this program, whose root stays where it is. */
	must(mount("cover", "/", "tmpfs", 0, "mode=755"), "mount over /");
	must(chdir("/.."), "chdir");
	must(open("marker", O_CREAT | O_WRONLY | O_CLOEXEC, 0644), "marker");
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line)
		broken("the test does not work here: %s", run.text);
	if (strstr(line, "outside found") || strstr(line, "inside ENOENT"))
		broken("promise: paths begin in the caller's root directory; %s", line);
}

static void case_domain(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS | (strcmp(argument, "user's") ? 0 : RUN_AS_USER), "domain",
	    strcmp(argument, "userns") ? "root" : "userns");
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line)
		broken("the test does not work here: %s", run.text);
	if (!strcmp(line, "no Landlock"))
		skip("no Landlock");
	if (strcmp(line, "refused, / found"))
		broken("promise: a Landlock domain keeps its tasks from other processes; %s", line);
}

static void case_neighbour(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS, "neighbour", argument);
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line)
		broken("the test does not work here: %s", run.text);
	if (strcmp(line, "found"))
		broken("promise: a program cannot change the calls of another user; %s", line);
}

static void case_stops(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS, "stops", argument);
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line)
		broken("the test does not work here: %s", run.text);
	if (strcmp(line, "EPERM"))
		broken("promise: the supervisor cannot be stopped or killed; %s", line);
}

static void case_nice(const char *argument)
{
	const char *line;
	struct run run;

	RUN(&run, RUN_ERRORS, "nice", argument);
	line = run_expect(&run, "end ", BEGIN_MS);
	if (!line || !strncmp(line, "not seen", 8))
		broken("the test does not work here: %s", run.text);
	if (strncmp(line, "right", 5))
		broken("promise: a call has the scheduling of its caller; %s", line);
}

#define LISTS(whose, identity, sees, slow) \
	{ \
		"S5", "listns: " whose " supervisor, " identity ", " sees, case_lists, \
			whose " " identity " " sees, slow \
	}

const struct hostile_case own_cases[] = {
	LISTS("root's", "own", "own", false),
	LISTS("root's", "own-userns", "own", false),
	LISTS("root's", "user", "own", true),
	LISTS("root's", "groups-ns", "own", true),
	LISTS("root's", "subuid", "all", true),
	LISTS("root's", "bare", "own", false),
	LISTS("root's", "own", "own-time", true),
	LISTS("root's", "root", "own-time", true),
	LISTS("user's", "own-userns", "own", false),
	LISTS("user's", "sandbox", "own", true),
	LISTS("nested", "own-userns", "own", true),
	{ "S5", "the root directory is that of another mount namespace: user's supervisor",
	  case_jailed, "user's", false },
	{ "S5", "the root directory is that of another mount namespace: root's supervisor",
	  case_jailed, "root's", true },
	{ "S5", "the root directory is mounted over that of the supervisor: user's supervisor",
	  case_covered, "user's", false },
	{ "S5", "the root directory is mounted over that of the supervisor: root's supervisor",
	  case_covered, "root's", true },
	{ "S5", "in a Landlock domain: user's supervisor", case_domain, "user's", false },
	{ "S5", "in a Landlock domain: root's supervisor", case_domain, "root's", true },
	{ "S5", "in a Landlock domain: in a user namespace", case_domain, "userns", true },
	{ "S5", "the nice value is the caller's", case_nice, "user", false },
	{ "S5", "beside another user's Landlock domain", case_neighbour, "root", false },
	{ "S1", "stop the supervisor: bare", case_stops, "bare", false },
	{ "S5", "statmount of cgroup2 in a cgroup namespace: root", case_cgroup, "root", false },
	{ "S5", "statmount of cgroup2 in a cgroup namespace: user", case_cgroup, "user", true },
	{ "S5", "statmount of cgroup2 in a cgroup namespace: in a user namespace", case_cgroup,
	  "userns", true },
	{ NULL, NULL, NULL, NULL, false },
};
