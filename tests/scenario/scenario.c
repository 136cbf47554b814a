/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scenario.c - mntcompat-scenarios: runs the scenarios and compares them with native Linux 7.3.
 * Touches processes, namespaces and a directory of its own making, and the files --record names.
 */
#define _GNU_SOURCE
#include "compat/kernel/uapi.h"
#include "scenario-internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SCENARIO_DATADIR
#define SCENARIO_DATADIR "."
#endif

#define WORLD_OPTIONS "mode=755,size=16m"
#define USER_ID 1000
#define PROC_FD_LOWEST 60 /* out of the way of the fds a scenario opens */
#define SETTLE_SECONDS 3  /* namespaces die a little after their last process */

static const struct scenario *const tables[] = { statmount_request_scenarios,
						 statmount_fd_scenarios,
						 statmount_field_scenarios,
						 filesystem_scenarios,
						 ids_scenarios,
						 listmount_scenarios,
						 namespace_id_scenarios,
#ifndef SCENARIO_RAW_ONLY
						 table_scenarios, /* walks are the library's own */
						 process_scenarios,
						 enter_tree_scenarios,
#endif
						 open_tree_call_scenarios,
						 open_tree_source_scenarios,
						 open_tree_namespace_scenarios,
						 open_tree_drop_scenarios,
						 open_tree_attr_scenarios,
						 mount_setattr_scenarios,
						 fsmount_scenarios,
						 unshare_scenarios,
						 procfs_scenarios,
						 move_mount_scenarios,
						 clone3_scenarios,
						 detached_scenarios,
						 NULL };

static struct {
	const char *mode_name, *level_name, *root_name, *kernel, *expected, *differences, *record;
	const char *calls;
	const char *import;
	const char *alone;
	const char *world_name, *worlds;
	enum mntcompat_mode mode;
	unsigned int level;
	unsigned int timeout;
	bool print, list, warm, drop;
	char **patterns;
} options = {
	.mode_name = "auto",
	.level_name = "root",
	.level = SCENARIO_ROOT,
	.timeout = 60,
#ifdef SCENARIO_RAW_ONLY
	.calls = "raw",
#else
	.calls = "library",
#endif
};

static struct utsname system_name;
static char world[64];

static void usage(FILE *out)
{
	fputs("usage: mntcompat-scenarios [OPTION...] [PATTERN...]\n"
	      "Runs the scenarios whose names match a PATTERN (all without one) and compares\n"
	      "their outputs with what native Linux 7.3 prints. TAP on standard output.\n"
	      "  --mode=auto|native|emulate   how the library answers (auto)\n"
	      "  --level=root|userns|user     privilege of the caller (root)\n"
	      "  --kernel=VERSION             the library behaves as on this older kernel\n"
	      "  --root-kind=switched|initramfs   what \"/\" is (detected)\n"
	      "  --expected=DIR               expected outputs\n"
	      "  --differences=FILE           the list of known differences; FILE-32bit as well if\n"
	      "                               this is a 32-bit program, FILE-s390x if one of s390x\n"
	      "  --raw[=NAME]                 system calls instead of the library's; NAME is the code\n"
	      "                               that answers (differences: calls=NAME), --mode and --kernel how\n"
	      "  --world=NAME[:NUMBER]        the calls are made in this hostile world (--list-worlds)\n"
	      "  --worlds=DIR                 NAME.differences, the differences that a world makes\n"
	      "  --alone=FILE                 what --mode=native --raw --print wrote on this kernel: it is\n"
	      "                               not ok if a scenario passes there and differs here\n"
	      "  --warm                       each scenario in a process that has made namespaces before\n"
	      "  --timeout=SECONDS            for one scenario (60)\n"
	      "  --print                      print the outputs, compare nothing\n"
	      "  --record=DIR                 write the outputs as expected ones (native only)\n"
	      "  --drop                       also remove outputs of scenarios that this program lacks\n"
	      "  --import=FILE                take the outputs from what --print wrote\n"
	      "  --list                       names and one-line descriptions\n"
	      "  --list-worlds                the same of the worlds\n",
	      out);
}

static void __attribute__((format(printf, 1, 2), noreturn)) bail_out(const char *format, ...)
{
	va_list args;

	printf("Bail out! ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	if (*world)
		rmdir(world);
	exit(99);
}

/* --- which scenarios --- */

/*
 * Functions without a system call, and a refusal of a C function that could not return from the
 * call.
 */
static bool is_of_the_library(const struct scenario *scenario)
{
	static const char *const names[] = { "table/*", "process/*", "enter-tree/*",
					     "clone3/call/not-forked" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!fnmatch(names[i], scenario->name, 0))
			return true;
	return false;
}

/*
 * "linux-7.4/..." states a behaviour of a kernel that is younger than the recorded one: expected by
 * reasoning (reasoned.txt), and not asked of an older kernel itself. 0: of the recorded one.
 */
static unsigned int reasoned_kernel(const struct scenario *scenario)
{
	static const char lead[] = "linux-";

	return strncmp(scenario->name, lead, sizeof(lead) - 1) ?
		       0 :
		       scenario_kernel_parse(scenario->name + sizeof(lead) - 1);
}

static bool is_of_a_younger_kernel(const struct scenario *scenario)
{
	return (!strcmp(options.mode_name, "native") || !strcmp(options.calls, "raw")) &&
	       scenario_run.native_kernel < reasoned_kernel(scenario);
}

static bool wanted(const struct scenario *scenario)
{
	char **pattern;

	if (!(scenario->levels & options.level))
		return false;
	if (scenario_calls == &scenario_calls_raw && is_of_the_library(scenario))
		return false;
	if (is_of_a_younger_kernel(scenario))
		return false;
	for (pattern = options.patterns; *pattern; pattern++) {
		if (!fnmatch(*pattern, scenario->name, 0))
			return true;
	}
	return pattern == options.patterns;
}

/* Goes through all scenarios; NULL starts and ends. */
static const struct scenario *next_scenario(const struct scenario *scenario)
{
	static size_t table;

	if (!scenario)
		table = 0;
	scenario = scenario ? scenario + 1 : tables[0];
	while (scenario && !scenario->name)
		scenario = tables[++table];
	return scenario;
}

static const struct scenario *next_wanted(const struct scenario *scenario)
{
	do {
		scenario = next_scenario(scenario);
	} while (scenario && !wanted(scenario));
	return scenario;
}

static void check_names(void)
{
	const char **names = NULL;
	const struct scenario *scenario;
	size_t count = 0, i;

	for (scenario = NULL; (scenario = next_scenario(scenario));) {
		if (scenario->name[strspn(scenario->name,
					  "abcdefghijklmnopqrstuvwxyz0123456789/.-")])
			bail_out("%s: not a name for a scenario", scenario->name);
		for (i = 0; i < count; i++) {
			if (!strcmp(names[i], scenario->name))
				bail_out("%s: two scenarios of this name", scenario->name);
		}
		names = realloc(names, (count + 1) * sizeof(*names));
		if (!names)
			abort();
		names[count++] = scenario->name;
	}
	free(names);
}

/* --- the child --- */

static void close_inherited(void)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;

	if (!directory)
		scenario_broken("/proc/self/fd: %s", errno_name(errno));
	while ((entry = readdir(directory))) {
		int fd = atoi(entry->d_name);

		if (fd > 2 && fd != dirfd(directory) && fd != world_kept_fd)
			close(fd);
	}
	closedir(directory);
}

static void hold_proc(void)
{
	int fd = must_fd(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /proc");

	scenario_run.procfd = must_fd(fcntl(fd, F_DUPFD_CLOEXEC, PROC_FD_LOWEST), "dup /proc");
	close(fd);
	world_proc_fd = scenario_run.procfd;
}

static void enter_user_namespace(void)
{
	struct scenario_page *page = scenario_run.page;
	const struct timespec moment = { .tv_nsec = 1000000 };

	must(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare user and mount namespace");
	atomic_store(&page->map_state, 1);
	kill(getppid(), SIGCHLD); /* which wait_for_news() waits for */
	while (atomic_load(&page->map_state) != 2)
		nanosleep(&moment, NULL);
	must(setresgid(0, 0, 0), "setresgid");
	must(setresuid(0, 0, 0), "setresuid");
}

/* The mount namespace's own root is another directory, or has another mount. */
static bool leads_elsewhere(int root, int own)
{
	struct mntcompat_statx here, there;

	return setns(own, CLONE_NEWNS) == 0 &&
	       syscall(SYS_statx, root, "", AT_EMPTY_PATH, MNTCOMPAT_STATX_MNT_ID, &here) == 0 &&
	       syscall(SYS_statx, AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID, &there) == 0 &&
	       (here.stx_ino != there.stx_ino || here.stx_mnt_id != there.stx_mnt_id);
}

static bool is_in_chroot;

/* In a child, which goes there. */
static bool detect_chroot(void)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), status = 0;
	int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	pid_t pid = root < 0 || own < 0 ? -1 : fork();

	if (pid == 0)
		_exit(leads_elsewhere(root, own));
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (root >= 0)
		close(root);
	if (own >= 0)
		close(own);
	return status;
}

/*
 * A copy of what is below its root becomes the root of a mount namespace: what is above it
 * cannot be named to be made private, and the kernel refuses a user namespace in a chroot.
 */
static void leave_chroot(void)
{
	int root, own, tree;

	must(unshare(CLONE_NEWNS), "unshare mount namespace");
	root = must_fd(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "/");
	own = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "the mount namespace");
	must(setns(own, CLONE_NEWNS), "go to the root of the mount namespace");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make everything private");
	tree = must_fd(sys_open_tree(root, "",
				     MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_AT_RECURSIVE |
					     MNTCOMPAT_AT_EMPTY_PATH),
		       "clone the root");
	must(sys_move_mount(tree, "", root, "",
			    MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH | MNTCOMPAT_MOVE_MOUNT_T_EMPTY_PATH),
	     "attach the clone");
	must(fchdir(tree), "enter the clone");
	must(sys_pivot_root(".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "unmount what is above");
	must(chdir("/"), "enter the root");
	close(own);
	close(root);
	close(tree);
}

static void make_world(void)
{
	if (is_in_chroot)
		leave_chroot();
	if (options.level == SCENARIO_USERNS)
		enter_user_namespace();
	else
		must(unshare(CLONE_NEWNS), "unshare mount namespace");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make everything private");
	must(mount("tmpfs", world, "tmpfs", 0, WORLD_OPTIONS), "mount the world");
	must(chdir(world), "enter the world");
}

static void drop_privileges(void)
{
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(USER_ID, USER_ID, USER_ID), "setresgid");
	must(setresuid(USER_ID, USER_ID, USER_ID), "setresuid");
	must(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "set dumpable");
}

/*
 * The state that the library keeps from one call to the next (its template of a namespace, from the
 * second call on) is there when the scenario begins. Where no call succeeds nothing is kept, and
 * the scenario prints that itself.
 */
static void warm_up(void)
{
	int i, fd;

	for (i = 0; i < 3; i++) {
		fd = scenario_calls->open_tree(
			AT_FDCWD, ".", MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC);
		if (fd >= 0)
			close(fd);
	}
}

static void __attribute__((noreturn)) run_child(const struct scenario *scenario)
{
	struct caller_state before, after;
	sigset_t none;
	int fd;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	close_inherited();
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		dup2(fd, 0);
		close(fd);
	}
	hold_proc();
	make_world();
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (!scenario_calls->settle(options.mode, options.kernel))
		scenario_broken("mode or kernel was not accepted");
	if (options.warm)
		warm_up();
	if (scenario->prepare)
		scenario->prepare();
	if (scenario_run.surroundings)
		fixture_enter_world();
	if (options.level == SCENARIO_USER)
		drop_privileges();
	caller_look(&before, CALLER_END);
	scenario->run();
	caller_look(&after, CALLER_END);
	caller_compare("the scenario", &before, &after, CALLER_MAY_CLOSE);
	_exit(0);
}

/* --- the runner --- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

static void write_maps(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	if (!write_file(path, "0 0 65536"))
		return; /* the child then waits until its time is over */
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	if (write_file(path, "0 0 65536"))
		atomic_store(&scenario_run.page->map_state, 2);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Whatever a scenario left running comes to us, the subreaper: it must not, and it ends here. */
static void reap_strays(pid_t group)
{
	const struct timespec moment = { .tv_nsec = 5000000 };
	bool left = scenario_run.surroundings && scenario_run.surroundings->leaves_process;
	double end = now() + 5;

	kill(-group, SIGKILL);
	while (now() < end) {
		pid_t pid = waitpid(-1, NULL, WNOHANG | __WALL);

		if (pid < 0)
			return;
		if (pid > 0 && left)
			left = false;
		else if (pid > 0)
			scenario_complain("the scenario left process %d behind", pid);
		else
			nanosleep(&moment, NULL);
	}
	scenario_complain("the scenario left processes behind that cannot be ended");
}

/* SIGCHLD is news; without any it returns after a tenth of a second. */
static void wait_for_news(void)
{
	const struct timespec moment = { .tv_nsec = 100000000 };
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigtimedwait(&signals, NULL, &moment);
}

/* Runs one scenario into the page; returns false when it is broken, with complaints added. */
static bool run_scenario(const struct scenario *scenario)
{
	struct scenario_page *page = scenario_run.page;
	double end = now() + options.timeout;
	bool in_time = true;
	int status = 0;
	pid_t pid, got;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		bail_out("fork: %s", strerror(errno));
	if (!pid)
		run_child(scenario);
	while (!(got = waitpid(pid, &status, WNOHANG))) {
		if (atomic_load(&page->map_state) == 1)
			write_maps(pid);
		if (now() > end && in_time) {
			in_time = false;
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
		}
		wait_for_news();
	}
	if (got < 0)
		bail_out("waitpid: %s", strerror(errno));
	reap_strays(pid);
	if (!in_time)
		scenario_complain("not done after %u seconds", options.timeout);
	else if (atomic_load(&page->is_skipped))
		; /* report() says so */
	else if (atomic_load(&page->is_broken))
		scenario_complain("broken: %s", page->broken);
	else if (WIFSIGNALED(status))
		scenario_complain("died of signal %d (%s)", WTERMSIG(status),
				  strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		scenario_complain("ended with status %d", WEXITSTATUS(status));
	if (page->out_used >= sizeof(page->out))
		scenario_complain("too much output");
	return !page->complaint_used;
}

static void new_page(void)
{
	if (scenario_run.page)
		munmap(scenario_run.page, sizeof(*scenario_run.page));
	scenario_run.page = mmap(NULL, sizeof(*scenario_run.page), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (scenario_run.page == MAP_FAILED)
		bail_out("mmap: %s", strerror(errno));
}

/* --- what the host must not notice --- */

struct host {
	struct text mounts;
	long namespaces; /* -1 where no one can count them */
};

static long count_namespaces(void)
{
	struct {
		uint32_t size, spare;
		uint64_t ns_id;
		uint32_t ns_type, spare2;
		uint64_t user_ns_id;
	} request = { .size = sizeof(request), .ns_type = CLONE_NEWNS };
	static uint64_t ids[4096];

	return syscall(UAPI_NR_listns, &request, ids, sizeof(ids) / sizeof(ids[0]), 0);
}

static void host_look(struct host *host)
{
	memset(host, 0, sizeof(*host));
	if (!scenario_read_mountinfo(&host->mounts))
		bail_out("/proc/self/mountinfo: %s", strerror(errno));
	host->namespaces = count_namespaces();
}

/*
 * Before 6.19 nothing lists mount namespaces; there the stray processes that reap_strays() finds
 * are what could hold one, as descriptors and bind mounts end with their processes and namespaces.
 */
static bool host_unchanged(struct host *before)
{
	const struct timespec moment = { .tv_nsec = 50000000 };
	double end = now() + SETTLE_SECONDS;
	/* In what --print writes it would be a line of the last output. */
	FILE *out = options.print ? stderr : stdout;
	struct host after;
	bool same = false;

	for (;;) {
		host_look(&after);
		same = !strcmp(before->mounts.start, after.mounts.start) &&
		       after.namespaces <= before->namespaces;
		if (same || now() > end)
			break;
		text_free(&after.mounts);
		nanosleep(&moment, NULL);
	}
	if (strcmp(before->mounts.start, after.mounts.start))
		fprintf(out, "# the host's mount table changed\n");
	if (after.namespaces > before->namespaces)
		fprintf(out, "# mount namespaces left: %ld before, %ld after\n", before->namespaces,
			after.namespaces);
	text_free(&after.mounts);
	text_free(&before->mounts);
	return same;
}

/* "/" is the initial rootfs: what is mounted there last is of that type. */
static const char *detect_root(void)
{
	struct text mounts = { 0 };
	const char *kind = "switched";
	char *rest, *line;

	if (!scenario_read_mountinfo(&mounts))
		bail_out("/proc/self/mountinfo: %s", strerror(errno));
	for (rest = mounts.start; (line = strsep(&rest, "\n"));) {
		char point[4096], *dash = strstr(line, " - ");

		if (!dash || sscanf(line, "%*s %*s %*s %*s %4095s", point) != 1 ||
		    strcmp(point, "/"))
			continue;
		kind = strncmp(dash, " - rootfs ", 10) ? "switched" : "initramfs";
	}
	text_free(&mounts);
	return kind;
}

static void find_world(void)
{
	static const char *const places[] = { "/tmp", "/run", "", NULL };
	int i;

	for (i = 0; places[i]; i++) {
		snprintf(world, sizeof(world), "%s/mntcompat-world.XXXXXX", places[i]);
		if (mkdtemp(world))
			break;
		*world = 0;
	}
	if (!*world)
		bail_out("no place for a world: %s", strerror(errno));
	chmod(world, 0755);
	scenario_run.world = world;
}

/* --- expected outputs --- */

struct expectations {
	struct expected outputs;
	struct section *alone; /* --alone */
	struct section *reasoned;
	struct difference *differences;
};

static const char *const level_names[] = { "root", "userns", "user" };
#define LEVELS 3

/* Debian's releases of old series end in 0; the version has the point, "#1 SMP Debian 5.10.223-1". */
static unsigned int native_point(void)
{
	const char *debian = strstr(system_name.version, "Debian ");
	unsigned int point = debian ? scenario_point_parse(debian + strlen("Debian ")) : 0;

	return point ? point : scenario_point_parse(system_name.release);
}

static bool is_initramfs(void)
{
	return !strcmp(options.root_name, "initramfs");
}

/* The answers that only programs of some architectures get are in files of their own. */
#ifdef __s390x__
#define ARCHITECTURE "s390x"
#else
#define ARCHITECTURE (sizeof(void *) > 4 ? NULL : "32bit")
#endif

static int read_differences(struct difference **differences)
{
	const char *architecture = ARCHITECTURE;
	char *path;
	int ret = difference_read(options.differences, differences);

	if (ret || !architecture)
		return ret;
	if (asprintf(&path, "%s-%s", options.differences, architecture) < 0)
		abort();
	if (!access(path, R_OK))
		ret = difference_read(path, differences);
	free(path);
	return ret;
}

/* Those that a world makes stand beside it; most have none that are not in the other list. */
static int read_world_differences(struct difference **differences)
{
	char *path;
	int ret = 0;

	if (asprintf(&path, "%s/%s.differences", options.worlds, scenario_run.surroundings->name) <
	    0)
		abort();
	if (!access(path, R_OK))
		ret = difference_read(path, differences);
	free(path);
	return ret;
}

static void add_section(struct section ***end, const char *name, const char *output)
{
	struct section *section = calloc(1, sizeof(*section));

	if (!section)
		abort();
	section->name = strdup(name);
	section->output = strdup(output);
	if (!section->name || !section->output)
		abort();
	**end = section;
	*end = &section->next;
}

/* --- recording: all files are expanded, the new outputs entered, and what differs is written --- */

/* The complete expected output of a level's scenarios with one kind of root. */
struct recorded {
	const char *level;
	bool initramfs, exists;
	char *path, *origin; /* of its file, which may be missing */
	struct section *outputs;
};

#define RECORDED (2 * LEVELS)

/* The first line of a file, for free(); NULL if there is none. */
static char *first_line(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return NULL;
	if (getline(&line, &room, file) < 0) {
		free(line);
		line = NULL;
	}
	fclose(file);
	return line;
}

/* Another program's outputs are kept, although its scenarios are not here. */
static void refuse_strangers(const char *path, const struct section *sections, unsigned int level)
{
	const struct scenario *scenario;

	for (; sections && !options.drop; sections = sections->next) {
		for (scenario = NULL; (scenario = next_scenario(scenario));)
			if (scenario->levels & level && !strcmp(scenario->name, sections->name))
				break;
		if (!scenario)
			bail_out(
				"%s has an output for %s, which this program lacks for this level: --drop removes it",
				path, sections->name);
	}
}

/* Reads what is expected of a level, and enters @results, which may be NULL: what did not run stays
 * as it was. */
static void expand(const char *directory, unsigned int level, struct recorded *recorded,
		   const struct section *results)
{
	struct section **end = &recorded->outputs;
	const struct scenario *scenario;
	struct expected expected;

	if (asprintf(&recorded->path, "%s/%s%s.txt", directory, recorded->level,
		     recorded->initramfs ? ".initramfs" : "") < 0)
		abort();
	recorded->origin = first_line(recorded->path);
	recorded->exists = recorded->origin;
	expected_read(&expected, directory, recorded->level, recorded->initramfs);
	refuse_strangers(recorded->path, expected.files[level == SCENARIO_ROOT ? 2 : 1], level);
	refuse_strangers(recorded->path, expected.files[0], level);
	for (scenario = NULL; (scenario = next_scenario(scenario));) {
		const struct section *section = expect_find(results, scenario->name);

		if (!section)
			section = expected_find(&expected, scenario->name);
		if (section && scenario->levels & level)
			add_section(&end, scenario->name, section->output);
	}
	expected_free(&expected);
}

/* Writes the outputs that those of @base do not say. */
static void fold(const struct recorded *recorded, const struct section *base)
{
	struct expected expected = { { NULL, NULL, (struct section *)base } };
	struct section *folded = expected_fold(&expected, recorded->outputs), *section;
	FILE *file;

	if (!folded && (recorded->initramfs || !recorded->exists)) {
		unlink(recorded->path);
		return;
	}
	file = fopen(recorded->path, "we");
	if (!file)
		bail_out("%s: %s", recorded->path, strerror(errno));
	fprintf(file, "%s", recorded->origin);
	for (section = folded; section; section = section->next)
		fprintf(file, "\n== %s\n%s", section->name, section->output);
	if (fclose(file))
		bail_out("%s: %s", recorded->path, strerror(errno));
	expect_free(folded);
}

/*
 * Enters @results into the files of @directory. A level whose outputs were those of root.txt keeps
 * them when root.txt is what changes.
 */
static void record(const char *directory, const char *origin, const struct section *results)
{
	struct recorded recorded[RECORDED] = { 0 };
	unsigned int i;

	for (i = 0; i < RECORDED; i++) {
		bool is_ours = 1u << i / 2 == options.level && (i % 2) == is_initramfs();

		recorded[i].level = level_names[i / 2];
		recorded[i].initramfs = i % 2;
		expand(directory, 1u << i / 2, &recorded[i], is_ours ? results : NULL);
		if (!is_ours)
			continue;
		if (i > 0 && !recorded[0].outputs)
			bail_out("record the outputs of root with a switched root first");
		free(recorded[i].origin);
		recorded[i].origin = strdup(origin);
		recorded[i].exists = true;
		if (!recorded[i].origin)
			abort();
	}
	for (i = 0; i < RECORDED; i++) {
		if (recorded[i].exists)
			fold(&recorded[i], i == 0 ? NULL : recorded[i % 2 ? i - 1 : 0].outputs);
	}
	for (i = 0; i < RECORDED; i++) {
		expect_free(recorded[i].outputs);
		free(recorded[i].path);
		free(recorded[i].origin);
	}
}

/* "# Linux ..." is how a printed or recorded file says where it comes from. */
static char *origin_line(const char *mode)
{
	char *origin;

	if (asprintf(&origin, "# Linux %s, mode=%s level=%s root=%s\n", system_name.release, mode,
		     options.level_name, options.root_name) < 0)
		abort();
	return origin;
}

/* Reads --alone, whose first line has to name this kernel, level and root. */
static void read_alone(struct section **sections)
{
	char *origin = origin_line("native"), *line = first_line(options.alone);

	if (!line)
		bail_out("%s: %s", options.alone, strerror(errno));
	if (strcmp(line, origin))
		bail_out("%s: it does not begin with \"%.*s\"", options.alone,
			 (int)strcspn(origin, "\n"), origin);
	if (expect_read(options.alone, sections) || !*sections)
		bail_out("%s: no outputs in it", options.alone);
	free(line);
	free(origin);
}

static int import_results(void)
{
	struct section *results, *section;
	char *line = NULL, *origin = NULL;
	size_t room = 0;
	FILE *file = fopen(options.import, "re");

	if (!file)
		bail_out("%s: %s", options.import, strerror(errno));
	while (!origin && getline(&line, &room, file) >= 0) {
		if (!strncmp(line, "# Linux ", 8))
			origin = strdup(line);
	}
	fclose(file);
	free(line);
	if (!origin || !strstr(origin, " mode=native "))
		bail_out("%s: not printed with --mode=native", options.import);
	if (expect_read(options.import, &results) || !results)
		bail_out("%s: no outputs in it", options.import);
	for (section = results; section; section = section->next) {
		if (strstr(section->output, "\n!! ") || !strncmp(section->output, "!! ", 3))
			bail_out("%s: %s is broken", options.import, section->name);
	}
	record(options.record, origin, results);
	expect_free(results);
	free(origin);
	return 0;
}

/* --- results --- */

static void print_complaints(const char *lead)
{
	char *rest = scenario_run.page->complaint, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (*line)
			printf("%s%s\n", lead, line);
	}
}

/* How the machine's /proc is mounted: without flags, or as most systems have it. */
static const char *proc_kind(void)
{
	const unsigned long flags = ST_NOSUID | ST_NODEV | ST_NOEXEC;
	struct statvfs vfs;

	return !fstatvfs(scenario_run.procfd, &vfs) && (vfs.f_flag & flags) == flags ?
		       "restricted" :
		       "plain";
}

static struct difference_conditions conditions_of(const struct scenario *scenario)
{
	return (struct difference_conditions){
		.scenario = scenario->name,
		.kernel = scenario_run.kernel,
		.native_kernel = scenario_run.native_kernel,
		.native_point = scenario_run.native_point,
		.mode = options.mode_name,
		.level = options.level_name,
		.root = options.root_name,
		.calls = options.calls,
		.proc = proc_kind(),
		.world = scenario_run.surroundings ? scenario_run.surroundings->name : NULL,
	};
}

/* True if the kernel's own output is the expected one. */
static bool passes_alone(const struct scenario *scenario, const struct section *expected,
			 const struct expectations *expectations)
{
	const struct section *alone = expect_find(expectations->alone, scenario->name);

	return alone && expected && !strcmp(alone->output, expected->output);
}

/* True if --alone lacks the scenario, and not because it is never asked of a kernel itself. */
static bool lacks_alone(const struct scenario *scenario, const struct expectations *expectations)
{
	return options.alone && !is_of_the_library(scenario) && !reasoned_kernel(scenario) &&
	       !expect_find(expectations->alone, scenario->name);
}

/* True if the list says why this difference stays although the kernel alone passes. */
static bool differs_on_purpose(struct difference_conditions conditions, const char *expected,
			       const struct expectations *expectations)
{
	struct text names = { 0 };
	enum difference_verdict verdict;

	conditions.alone = true;
	verdict = difference_judge(expectations->differences, &conditions, expected,
				   scenario_run.page->out, &names);
	text_free(&names);
	return verdict == DIFFERENCE_LISTED;
}

static bool report(unsigned int number, const struct scenario *scenario, bool sound,
		   const struct expectations *expectations)
{
	const struct section *section = expected_find(&expectations->outputs, scenario->name);
	bool is_stale = section && expected_is_stale(&expectations->outputs, scenario->name);
	const struct difference_conditions conditions = conditions_of(scenario);
	enum difference_verdict verdict = DIFFERENCE_UNLISTED;
	const char *actual = scenario_run.page->out;
	struct text names = { 0 };
	bool ok, is_worse, lacks;

	if (!section)
		section = expect_find(expectations->reasoned, scenario->name);
	if (sound && atomic_load(&scenario_run.page->is_skipped)) {
		printf("ok %u - %s # SKIP %s\n", number, scenario->name, scenario_run.page->broken);
		return true;
	}
	if (section)
		verdict = difference_judge(expectations->differences, &conditions, section->output,
					   actual, &names);
	lacks = lacks_alone(scenario, expectations);
	is_worse = passes_alone(scenario, section, expectations) &&
		   !(sound && verdict == DIFFERENCE_EQUAL) &&
		   !(sound && verdict == DIFFERENCE_LISTED &&
		     differs_on_purpose(conditions, section->output, expectations));
	ok = sound && !is_stale && !is_worse && !lacks &&
	     (verdict == DIFFERENCE_EQUAL || verdict == DIFFERENCE_LISTED);
	/* It cannot show what the library does if the world hinders the scenario itself. */
	if (!ok && atomic_load(&scenario_run.page->is_refused)) {
		printf("ok %u - %s # SKIP the world %s refuses what the scenario itself does\n",
		       number, scenario->name, scenario_run.surroundings->name);
		print_complaints("# ");
		text_free(&names);
		return true;
	}
	printf("%sok %u - %s%s%s\n", ok ? "" : "not ", number, scenario->name,
	       verdict == DIFFERENCE_LISTED ? " # difference " :
	       verdict == DIFFERENCE_STALE  ? " # stale difference " :
					      "",
	       verdict == DIFFERENCE_LISTED || verdict == DIFFERENCE_STALE ? names.start : "");
	print_complaints("# ");
	if (!section)
		printf("# no expected output\n");
	if (is_stale)
		printf("# a stale section: another file of expected outputs says the same; record it again\n");
	if (verdict == DIFFERENCE_STALE)
		printf("# the output is the expected one although the list names a difference\n");
	if (lacks)
		printf("# %s has no output of this scenario\n", options.alone);
	if (is_worse && verdict != DIFFERENCE_STALE)
		printf("# it passes on this kernel without the library, and not with it\n");
	if (!ok && scenario->doc)
		printf("# %s\n", scenario->doc);
	if (!ok && (verdict == DIFFERENCE_UNLISTED || (verdict == DIFFERENCE_LISTED && is_worse)))
		expect_print_diff(section ? section->output : "", actual);
	text_free(&names);
	return ok;
}

static void read_reasoned(struct section **sections)
{
	char *path;

	if (asprintf(&path, "%s/reasoned.txt", options.expected) < 0)
		abort();
	expect_read(path, sections);
	free(path);
}

static int run_all(void)
{
	struct expectations expectations = { 0 };
	struct section *results = NULL, **end = &results;
	const struct scenario *scenario;
	unsigned int count = 0, number = 0, failed = 0;
	bool compare = !options.print && !options.record;
	char *origin = origin_line(options.mode_name);
	struct host host;
	sigset_t news;

	for (scenario = NULL; (scenario = next_wanted(scenario));)
		count++;
	if (!count)
		bail_out("no scenario matches");
	if (compare) {
		if (expected_read(&expectations.outputs, options.expected, options.level_name,
				  is_initramfs()))
			printf("# no expected outputs in %s\n", options.expected);
		read_reasoned(&expectations.reasoned);
		if (options.differences && read_differences(&expectations.differences))
			bail_out("the list of differences cannot be read");
		if (scenario_run.surroundings && read_world_differences(&expectations.differences))
			bail_out("the differences of the world cannot be read");
		if (options.alone)
			read_alone(&expectations.alone);
		printf("TAP version 13\n1..%u\n", count);
		printf("%s", origin);
		if (scenario_run.surroundings)
			printf("# in the world %s: %s\n", scenario_run.surroundings->name,
			       scenario_run.surroundings->doc);
		if (options.kernel)
			printf("# the library behaves as on Linux %s\n", options.kernel);
	} else {
		printf("%s", origin);
	}
	/* It stays pending until wait_for_news() takes it. */
	sigemptyset(&news);
	sigaddset(&news, SIGCHLD);
	sigprocmask(SIG_BLOCK, &news, NULL);
	is_in_chroot = detect_chroot();
	host_look(&host);
	for (scenario = NULL; (scenario = next_wanted(scenario));) {
		const struct difference_conditions conditions = conditions_of(scenario);
		const char *skip = difference_skips(expectations.differences, &conditions);
		bool sound;

		number++;
		if (skip) {
			printf("ok %u - %s # SKIP %s\n", number, scenario->name, skip);
			continue;
		}
		new_page();
		sound = run_scenario(scenario);
		if (compare) {
			failed += !report(number, scenario, sound, &expectations);
			continue;
		}
		if (sound && atomic_load(&scenario_run.page->is_skipped)) {
			fprintf(stderr, "# %s: skipped: %s\n", scenario->name,
				scenario_run.page->broken);
			continue;
		}
		printf("\n== %s\n%s", scenario->name, scenario_run.page->out);
		print_complaints("!! ");
		failed += !sound;
		add_section(&end, scenario->name, scenario_run.page->out);
	}
	rmdir(world);
	*world = 0;
	if (!host_unchanged(&host))
		failed++;
	if (options.record && failed)
		bail_out("%u scenarios are broken, nothing recorded", failed);
	if (options.record)
		record(options.record, origin, results);
	fprintf(compare ? stdout : stderr, "# %u of %u scenarios ok\n",
		count - (failed < count ? failed : count), count);
	expect_free(results);
	expected_free(&expectations.outputs);
	expect_free(expectations.reasoned);
	expect_free(expectations.alone);
	difference_free(expectations.differences);
	free(origin);
	return failed ? 1 : 0;
}

static void list_all(void)
{
	const struct scenario *scenario;

	for (scenario = NULL; (scenario = next_wanted(scenario));)
		printf("%s\t%s%s%s\t%s\n", scenario->name,
		       scenario->levels & SCENARIO_ROOT ? "r" : "-",
		       scenario->levels & SCENARIO_USERNS ? "n" : "-",
		       scenario->levels & SCENARIO_USER ? "u" : "-", scenario->doc);
}

static void list_worlds(void)
{
	int i;

	for (i = 0; worlds[i]; i++)
		printf("%s\t%s%s%s\t%s\n", worlds[i]->name,
		       worlds[i]->levels & WORLD_ROOT ? "r" : "-",
		       worlds[i]->levels & WORLD_USERNS ? "n" : "-",
		       worlds[i]->levels & WORLD_USER ? "u" : "-", worlds[i]->doc);
}

static bool parse_options(int argc, char **argv)
{
	static const struct option names[] = { { "mode", required_argument, NULL, 'm' },
					       { "level", required_argument, NULL, 'l' },
					       { "kernel", required_argument, NULL, 'k' },
					       { "root-kind", required_argument, NULL, 'r' },
					       { "expected", required_argument, NULL, 'e' },
					       { "differences", required_argument, NULL, 'd' },
					       { "record", required_argument, NULL, 'R' },
					       { "drop", no_argument, NULL, 'D' },
					       { "import", required_argument, NULL, 'I' },
					       { "alone", required_argument, NULL, 'a' },
					       { "timeout", required_argument, NULL, 't' },
					       { "raw", optional_argument, NULL, 'W' },
					       { "warm", no_argument, NULL, 'w' },
					       { "world", required_argument, NULL, 'x' },
					       { "worlds", required_argument, NULL, 'X' },
					       { "list-worlds", no_argument, NULL, 'y' },
					       { "print", no_argument, NULL, 'p' },
					       { "list", no_argument, NULL, 'L' },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0) {
		switch (option) {
		case 'm':
			options.mode_name = optarg;
			break;
		case 'l':
			options.level_name = optarg;
			break;
		case 'k':
			options.kernel = *optarg ? optarg : NULL;
			break;
		case 'r':
			options.root_name = optarg;
			break;
		case 'e':
			options.expected = optarg;
			break;
		case 'd':
			options.differences = optarg;
			break;
		case 'R':
			options.record = optarg;
			break;
		case 'D':
			options.drop = true;
			break;
		case 'I':
			options.import = optarg;
			break;
		case 'a':
			options.alone = optarg;
			break;
		case 't':
			options.timeout = atoi(optarg);
			break;
		case 'W':
			scenario_calls = &scenario_calls_raw;
			options.calls = optarg ? optarg : "raw";
			break;
		case 'w':
			options.warm = true;
			break;
		case 'x':
			options.world_name = optarg;
			break;
		case 'X':
			options.worlds = optarg;
			break;
		case 'y':
			list_worlds();
			exit(0);
		case 'p':
			options.print = true;
			break;
		case 'L':
			options.list = true;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			return false;
		}
	}
	options.patterns = argv + optind;
	return options.timeout > 0;
}

static bool settle_options(void)
{
	static const char *const modes[] = { "auto", "native", "emulate" };
	unsigned int i;

	for (i = 0; i < 3 && strcmp(options.mode_name, modes[i]); i++)
		;
	if (i == 3)
		return false;
	options.mode = (enum mntcompat_mode)i;
	for (i = 0; i < LEVELS && strcmp(options.level_name, level_names[i]); i++)
		;
	if (i == LEVELS)
		return false;
	options.level = 1u << i;
	if (options.kernel && !scenario_kernel_parse(options.kernel))
		return false;
	if (options.world_name) {
		scenario_run.surroundings = world_find(options.world_name);
		if (!scenario_run.surroundings)
			return false;
	}
	if (options.root_name && strcmp(options.root_name, "switched") &&
	    strcmp(options.root_name, "initramfs"))
		return false;
	return true;
}

static void find_data(void)
{
	static char expected[] = SCENARIO_DATADIR "/expected";
	static char differences[] = SCENARIO_DATADIR "/differences";
	static char worlds_directory[] = SCENARIO_DATADIR "/worlds";

	if (!options.expected)
		options.expected = expected;
	if (!options.worlds)
		options.worlds = worlds_directory;
	if (!options.differences && !access(differences, R_OK))
		options.differences = differences;
}

void world_broken(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (scenario_run.page)
		scenario_broken("the world: %s", text);
	bail_out("the world: %s", text);
}

/*
 * Makes the world in a mount namespace of its own, and returns in a child of the process that holds
 * it: the child is a subreaper, to which no process of the world must come.
 */
static void make_surroundings(void)
{
	const struct world *surroundings = scenario_run.surroundings;
	char *directory = getcwd(NULL, 0); /* file names may be relative, and "/" another one */
	const char *missing;
	struct stat root;
	int status;
	pid_t pid;

	if (!(surroundings->levels & options.level)) {
		printf("1..0 # SKIP the world %s is not one for %s\n", surroundings->name,
		       options.level_name);
		exit(0);
	}
	if (unshare(CLONE_NEWNS))
		bail_out("a mount namespace: %s", strerror(errno));
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) && errno != EINVAL)
		bail_out("private mounts: %s", strerror(errno));
	missing = surroundings->set_up ? surroundings->set_up() : NULL;
	if (missing) {
		printf("1..0 # SKIP the world %s: %s\n", surroundings->name, missing);
		exit(0);
	}
	if (!directory || chdir(directory))
		bail_out("the working directory: %s", strerror(errno));
	free(directory);
	if (!stat("/", &root)) {
		scenario_run.root_device = root.st_dev;
		scenario_run.root_inode = root.st_ino;
	}
	pid = fork();
	if (pid < 0)
		bail_out("fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int main(int argc, char **argv)
{
	int procfd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!parse_options(argc, argv) || !settle_options()) {
		usage(stderr);
		return 2;
	}
	check_names();
	if (options.list) {
		list_all();
		return 0;
	}
	uname(&system_name);
	if (scenario_run.surroundings) {
		if (options.record || geteuid())
			bail_out("worlds are entered by root, and not recorded");
		make_surroundings();
	}
	procfd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (procfd < 0)
		bail_out("/proc: %s", strerror(errno));
	scenario_run.procfd = procfd;
	scenario_run.level = options.level;
	scenario_run.mode = options.mode;
	scenario_run.native_kernel = scenario_kernel_parse(system_name.release);
	scenario_run.native_point = native_point();
	scenario_run.kernel = scenario_run.native_kernel;
	if (options.kernel && scenario_kernel_parse(options.kernel) < scenario_run.kernel)
		scenario_run.kernel = scenario_kernel_parse(options.kernel);
	if (!options.root_name)
		options.root_name = detect_root();
	find_data();
	if (options.import) {
		if (!options.record) {
			usage(stderr);
			return 2;
		}
		return import_results();
	}
	if (options.record && options.mode != MNTCOMPAT_MODE_NATIVE)
		bail_out("only --mode=native is recorded");
	if (geteuid())
		bail_out("worlds are made by root, whatever the level");
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	find_world();
	return run_all();
}
