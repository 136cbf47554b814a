// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * supervisor.c - the supervisor of "mntcompat run --seccomp": killed targets, a killed supervisor,
 * threads, signals, what outlives the command, nesting, privileges, paths through /proc/self. Starts
 * the tool, which starts this program again for a case. Root only. Run by make check-fault; TAP.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"
#include "tests/reach.h"

#define NS MNTCOMPAT_OPEN_TREE_NAMESPACE
#define CLOEXEC MNTCOMPAT_OPEN_TREE_CLOEXEC
#define UNIQUE MNTCOMPAT_STATX_MNT_ID_UNIQUE
#define FINE 0
#define WRONG 9
#define KILLS 40
#define THREADS 4
#define USER 1000

static char tool[PATH_MAX], self[PATH_MAX];

/* --- calls that nobody wraps --- */

static long raw_open_tree(int dfd, const char *path, unsigned int flags)
{
	return syscall(UAPI_NR_open_tree, dfd, path, flags);
}

static long raw_statmount_fd(int fd)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1, .param = 0x17 };
	union {
		struct mntcompat_statmount answer;
		char room[8192];
	} buf;

	req.mnt_fd = (uint32_t)fd;
	return syscall(UAPI_NR_statmount, &req, &buf, sizeof(buf), MNTCOMPAT_STATMOUNT_BY_FD);
}

static long raw_statx(int dfd, const char *path, struct mntcompat_statx *answer)
{
	memset(answer, 0, sizeof(*answer));
	return syscall(SYS_statx, dfd, path, 0, UNIQUE | 0x7ff, answer);
}

/* --- what runs supervised --- */

static void __attribute__((noreturn)) case_loop(void)
{
	for (;;) {
		int fd = (int)raw_open_tree(AT_FDCWD, "/", NS | CLOEXEC);

		if (fd >= 0)
			close(fd);
	}
}

/* Children die in the middle of a call; the others are answered nevertheless. */
static int case_killed(void)
{
	uint64_t seed = 7;
	int i, fd = open("/", O_PATH | O_CLOEXEC);

	for (i = 0; i < KILLS; i++) {
		pid_t pid = fork();

		if (pid == 0)
			case_loop();
		usleep(fault_random(&seed) % 20000);
		if (raw_statmount_fd(fd) < 0)
			return WRONG;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return raw_statmount_fd(fd) < 0 ? WRONG : FINE;
}

/* Says when it is there, and waits until the supervisor is not. */
static int case_orphaned(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);
	char byte;

	if (raw_statmount_fd(fd) < 0 || write(1, "", 1) != 1 || read(0, &byte, 1) != 1)
		return WRONG;
	if (raw_statmount_fd(fd) == 0 || errno != ENOSYS)
		return WRONG;
	return getppid() > 0 ? FINE : WRONG;
}

static void *thread_body(void *argument)
{
	long number = (long)argument, i, bad = 0;
	int fd;

	/* Half of them have a descriptor table and a cwd of their own. */
	if (number % 2 && unshare(CLONE_FILES | CLONE_FS) == 0 && chdir("/proc") < 0)
		return (void *)1;
	fd = open(number % 2 ? "/proc" : "/", O_PATH | O_CLOEXEC);
	for (i = 0; i < 20; i++) {
		struct mntcompat_statx there, here;

		if (raw_statmount_fd(fd) < 0)
			bad++;
		if (number % 2 && raw_statx(fd, "self/status", &there) < 0)
			bad++;
		if (raw_statx(AT_FDCWD, ".", &here) < 0 ||
		    (number % 2 && (raw_statx(AT_FDCWD, "/proc", &there) < 0 ||
				    there.stx_mnt_id != here.stx_mnt_id)))
			bad++;
	}
	return (void *)bad;
}

static int case_threads(void)
{
	pthread_t threads[THREADS];
	int ret = FINE;
	long i;

	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&threads[i], NULL, thread_body, (void *)i))
			return WRONG;
	}
	for (i = 0; i < THREADS; i++) {
		void *bad;

		pthread_join(threads[i], &bad);
		if (bad)
			ret = WRONG;
	}
	return ret;
}

/* The one that stays is answered when the command has long ended. */
static int case_outlived(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);
	pid_t pid = fork();

	if (pid)
		return pid < 0 ? WRONG : FINE;
	usleep(300000);
	if (raw_statmount_fd(fd) == 0 && write(1, "!", 1) == 1)
		return FINE;
	return WRONG;
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals++;
}

static int case_signals(void)
{
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	struct itimerval every = { { 0, 20000 }, { 0, 20000 } };
	int i, fd;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	for (i = 0; i < 50 || (!signals && i < 10000); i++) {
		fd = (int)raw_open_tree(AT_FDCWD, "/", NS | CLOEXEC);
		if (fd < 0)
			return WRONG;
		close(fd);
	}
	return signals ? FINE : WRONG;
}

static bool same_file(const char *path, const struct stat *st)
{
	struct mntcompat_statx answer;

	return raw_statx(AT_FDCWD, path, &answer) == 0 && answer.stx_ino == st->st_ino;
}

/* "self" is the caller, not the process that answers. */
static int case_paths(void)
{
	char place[] = "/tmp/mntcompat-link.XXXXXX", link[64], path[64];
	struct mntcompat_statx answer;
	struct stat st;
	int fd = open("/proc", O_RDONLY | O_CLOEXEC), ret = FINE, namespace;

	if (fd < 0 || fstat(fd, &st) < 0)
		return WRONG;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ret |= !same_file(path, &st);
	snprintf(path, sizeof(path), "//proc//thread-self/fd/%d", fd);
	ret |= !same_file(path, &st);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	ret |= !same_file(path, &st);
	if (!access("/dev/fd", F_OK)) {
		snprintf(path, sizeof(path), "/dev/fd/%d", fd);
		ret |= !same_file(path, &st);
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	namespace = (int)raw_open_tree(AT_FDCWD, path, NS | CLOEXEC);
	ret |= namespace < 0;
	if (stat("/proc/self", &st) < 0)
		return WRONG;
	ret |= !same_file("/proc/self", &st);
	/* Where that cannot be seen it is not guessed. */
	if (!mkdtemp(place))
		return WRONG;
	snprintf(link, sizeof(link), "%s/link", place);
	if (symlink("/proc/self/cwd", link) < 0)
		return WRONG;
	ret |= raw_statx(AT_FDCWD, link, &answer) == 0 || errno != EOPNOTSUPP;
	unlink(link);
	rmdir(place);
	return ret ? WRONG : FINE;
}

static long status_number(const char *name)
{
	char text[8192], *at;

	if (fault_read_file("/proc/self/status", text, sizeof(text)) < 0)
		return -1;
	at = strstr(text, name);
	return at ? strtol(at + strlen(name), NULL, 10) : -1;
}

/* A filter of one's own with less than CAP_SYS_ADMIN takes no_new_privs. */
static int case_user(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC);

	if (getuid() != USER || status_number("NoNewPrivs:") != 1 || raw_statmount_fd(fd) < 0)
		return WRONG;
	return raw_open_tree(AT_FDCWD, "/", NS) < 0 && errno == EPERM ? FINE : WRONG;
}

/* A task that gives up its rights below a privileged supervisor gets none of the supervisor's. */
static int case_dropped(void)
{
	int fd = open("/", O_PATH | O_CLOEXEC), secret;
	struct mntcompat_statx answer;
	char place[] = "/tmp/mntcompat-closed.XXXXXX", path[64];

	if (status_number("NoNewPrivs:") != 0 || !mkdtemp(place))
		return WRONG;
	snprintf(path, sizeof(path), "%s/file", place);
	secret = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (secret < 0 || setgroups(0, NULL) < 0 || setresgid(USER, USER, USER) < 0 ||
	    setresuid(USER, USER, USER) < 0)
		return WRONG;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	if (raw_statmount_fd(fd) < 0)
		return WRONG;
	if (raw_statx(AT_FDCWD, path, &answer) == 0 || errno != EACCES)
		return WRONG;
	return raw_open_tree(AT_FDCWD, "/", NS) < 0 && errno == EPERM ? FINE : WRONG;
}

static int statx_id(int dfd, const char *path, int flags, unsigned int more,
		    struct mntcompat_statx *answer)
{
	memset(answer, 0, sizeof(*answer));
	return (int)syscall(SYS_statx, dfd, path, flags, UNIQUE | more, answer);
}

/* A procfs that tells of a process only those that may look into it; -1: not before 5.8. */
static int discreet_proc(void)
{
	char place[] = "/tmp/mntcompat-proc.XXXXXX";
	int fd = -1;

	if (mkdtemp(place) && mount("proc", place, "proc", 0, "hidepid=ptraceable") == 0) {
		fd = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		umount2(place, MNT_DETACH);
	}
	rmdir(place);
	return fd;
}

/* Of a link in its own directory: on which mount it is, but not what is each one's own. */
static bool tells_of_link(int dfd, const char *link)
{
	struct mntcompat_statx answer, of_directory;

	if (statx_id(dfd, "", MNTCOMPAT_AT_EMPTY_PATH, 0, &of_directory) < 0 ||
	    statx_id(dfd, link, MNTCOMPAT_AT_SYMLINK_NOFOLLOW, 0, &answer) < 0 ||
	    !S_ISLNK(answer.stx_mode) || answer.stx_mask & 0x100 /* STATX_INO */ ||
	    answer.stx_mnt_id != of_directory.stx_mnt_id)
		return false;
	return statx_id(dfd, link, MNTCOMPAT_AT_SYMLINK_NOFOLLOW, 0x100, &answer) < 0 &&
	       errno == EOPNOTSUPP;
}

/* And so of others there. */
static bool tells_of_entries(int proc)
{
	static const char *const entries[] = { "thread-self/", "self/fd", "self/ns/mnt" };
	struct mntcompat_statx answer, of_proc;
	size_t i;

	if (statx_id(proc, "", MNTCOMPAT_AT_EMPTY_PATH, 0, &of_proc) < 0)
		return false;
	for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		if (statx_id(proc, entries[i], MNTCOMPAT_AT_SYMLINK_NOFOLLOW, 0, &answer) < 0 ||
		    answer.stx_mnt_id != of_proc.stx_mnt_id)
			return false;
	}
	return true;
}

/*
 * A task that may not be looked into can still use its own descriptors' links, not those of others.
 */
static int case_hidden(void)
{
	int fd = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	    procs[2] = { -1, discreet_proc() }, i;
	struct mntcompat_statx answer;
	char path[64], other[64], number[16];
	struct stat st, inner;
	int own;

	snprintf(other, sizeof(other), "/proc/%d/fd/0", getppid());
	if (fd < 0 || fstat(fd, &st) < 0 || fstatat(fd, "passwd", &inner, 0) < 0 ||
	    setgroups(0, NULL) < 0 || setresgid(USER, USER, USER) < 0 ||
	    setresuid(USER, USER, USER) < 0 || prctl(PR_GET_DUMPABLE) == 1)
		return WRONG;
	procs[0] = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (procs[0] < 0 || !same_file(path, &st))
		return WRONG;
	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d/passwd", fd);
	if (!same_file(path, &inner))
		return WRONG;
	snprintf(path, sizeof(path), "thread-self/fd//%d", fd);
	for (i = 0; i < 2 && procs[i] >= 0; i++) {
		if (raw_statx(procs[i], path, &answer) < 0 || answer.stx_ino != st.st_ino ||
		    !tells_of_link(procs[i], path) || !tells_of_entries(procs[i]))
			return WRONG;
		/* From its own directory. */
		own = openat(procs[i], "thread-self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		snprintf(number, sizeof(number), "%d", fd);
		if (raw_statx(own, number, &answer) < 0 || answer.stx_ino != st.st_ino ||
		    !tells_of_link(own, number))
			return WRONG;
		close(own);
		/*
		 * Files that cannot be looked at for the task are refused, and not with EACCES or
		 * EPERM.
		 */
		own = openat(procs[i], "self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (own < 0 ||
		    statx_id(own, "nothing", MNTCOMPAT_AT_SYMLINK_NOFOLLOW, 0, &answer) == 0 ||
		    (errno != ENOENT && errno != EOPNOTSUPP))
			return WRONG;
		close(own);
		/* None there. */
		if (raw_statx(procs[i], "self/fd/999", &answer) == 0 || errno != ENOENT)
			return WRONG;
	}
	return raw_statx(AT_FDCWD, other, &answer) == 0 || errno != EACCES ? WRONG : FINE;
}

/* The command has the descriptors that it was given. */
static int case_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	struct dirent *entry;
	int ret = FINE;

	while ((entry = readdir(directory))) {
		int fd = atoi(entry->d_name);

		if (*entry->d_name != '.' && fd > 2 && fd != dirfd(directory))
			ret = WRONG;
	}
	closedir(directory);
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? ret : WRONG;
}

static int case_pid(void)
{
	pid_t pid = getpid();

	return write(1, &pid, sizeof(pid)) == sizeof(pid) ? FINE : WRONG;
}

static int case_seven(void)
{
	return 7;
}

static int case_signal(void)
{
	raise(SIGUSR1);
	return WRONG;
}

static const struct {
	const char *name;
	int (*body)(void);
} cases[] = {
	{ "killed", case_killed },   { "orphaned", case_orphaned },
	{ "threads", case_threads }, { "outlived", case_outlived },
	{ "signals", case_signals }, { "paths", case_paths },
	{ "user", case_user },	     { "dropped", case_dropped },
	{ "hidden", case_hidden },   { "descriptors", case_descriptors },
	{ "pid", case_pid },	     { "seven", case_seven },
	{ "signal", case_signal },
};
#define CASES (sizeof(cases) / sizeof(cases[0]))

/* --- the runner --- */

struct run {
	pid_t pid;
	int in, out;
};

/* The tool with a case; the supervisor becomes this process' child when its maker has ended. */
static void start(struct run *run, const char *name, const char *mode, bool nested, uid_t user)
{
	char *plain[] = { tool, "--mode", (char *)mode, "run", "--seccomp",
			  "--", self,	  (char *)name, NULL };
	char *twice[] = { tool,	       "--mode", (char *)mode, "run",	     "--seccomp",
			  "--",	       tool,	 "--mode",     (char *)mode, "run",
			  "--seccomp", "--",	 self,	       (char *)name, NULL };
	int in[2], out[2];

	fault_must(pipe2(in, O_CLOEXEC), "pipe");
	fault_must(pipe2(out, O_CLOEXEC), "pipe");
	run->pid = (pid_t)fault_must(fork(), "fork");
	if (run->pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		if (user && (setgroups(0, NULL) < 0 || setresgid(user, user, user) < 0 ||
			     setresuid(user, user, user) < 0))
			_exit(98);
		execv(tool, nested ? twice : plain);
		_exit(99);
	}
	close(in[0]);
	close(out[1]);
	run->in = in[1];
	run->out = out[0];
}

static int end(struct run *run)
{
	int status = -1;

	waitpid(run->pid, &status, 0);
	close(run->in);
	close(run->out);
	return status;
}

/* The only child that is left. 0: none. */
static pid_t supervisor_of(const struct run *run)
{
	char path[64], text[256], *at = text;
	pid_t pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	if (fault_read_file(path, text, sizeof(text)) < 0)
		return 0;
	while (*at) {
		long number = strtol(at, &at, 10);

		if (number > 0 && number != run->pid)
			pid = (pid_t)number;
		at += strspn(at, " \n");
	}
	return pid;
}

/* True if all processes of the run end. */
static bool all_end(void)
{
	uint64_t until = fault_now() + 10000;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 || errno == EINTR) {
		if (fault_now() > until)
			return false;
		if (pid == 0)
			usleep(10000);
	}
	return true;
}

static void expect_exit(const char *name, const char *title, const char *mode, bool nested,
			uid_t user, int expected)
{
	struct run run;
	int status;
	bool ended;

	start(&run, name, mode, nested, user);
	status = end(&run);
	ended = all_end();
	tap_result(status == expected && ended, title, "status %#x%s", status,
		   ended ? "" : ", the supervisor stays");
}

static void test_killed_supervisor(void)
{
	struct run run;
	pid_t supervisor;
	char byte;
	int status;

	start(&run, "orphaned", "emulate", false, 0);
	if (read(run.out, &byte, 1) != 1)
		tap_note("the command did not begin");
	supervisor = supervisor_of(&run);
	if (supervisor)
		kill(supervisor, SIGKILL);
	waitpid(supervisor, NULL, 0);
	if (write(run.in, "", 1) != 1)
		tap_note("the command has ended");
	status = end(&run);
	tap_result(supervisor && status == FINE && all_end(), "a killed supervisor leaves ENOSYS",
		   "status %#x", status);
}

static void test_outlived(void)
{
	struct run run;
	char byte = 0;
	int status;
	bool answered;

	start(&run, "outlived", "emulate", false, 0);
	waitpid(run.pid, &status, 0);
	answered = read(run.out, &byte, 1) == 1 && byte == '!';
	close(run.in);
	close(run.out);
	tap_result(status == FINE && answered && all_end(),
		   "a process that outlives the command is answered", "status %#x, %sanswered",
		   status, answered ? "" : "not ");
}

static void test_pid(void)
{
	struct run run;
	pid_t pid = 0;
	int status;

	start(&run, "pid", "emulate", false, 0);
	if (read(run.out, &pid, sizeof(pid)) != sizeof(pid))
		pid = 0;
	status = end(&run);
	tap_result(status == FINE && pid == run.pid && all_end(),
		   "the command is the process that was started", "pid %d, %d", pid, run.pid);
}

static void find_tool(void)
{
	const char *given = getenv("MNTCOMPAT_TOOL");
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	fault_must(n, "/proc/self/exe");
	self[n] = 0;
	snprintf(tool, sizeof(tool), "%s", given ? given : self);
	/* In the guests of the matrix all programs are in one directory. */
	for (slash = given ? NULL : strrchr(tool, '/'); slash; slash = strrchr(tool, '/')) {
		snprintf(slash, sizeof(tool) - (size_t)(slash - tool), "/mntcompat");
		if (access(tool, X_OK) == 0)
			return;
		*slash = 0;
	}
	if (access(tool, X_OK) < 0)
		tap_skip_all("the tool is not here; MNTCOMPAT_TOOL says where");
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc == 2 && i < CASES; i++) {
		if (!strcmp(argv[1], cases[i].name))
			return cases[i].body();
	}
	if (geteuid())
		tap_skip_all("needs root");
	find_tool();
	/* The descriptors that this program inherited do not count. */
	for (i = 3; i < 1024; i++)
		close((int)i);
	fault_must(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper");
	fault_must(unshare(CLONE_NEWNS), "unshare");
	fault_must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
	/* Not over the programs themselves. */
	if (strncmp(tool, "/tmp/", 5) && strncmp(self, "/tmp/", 5))
		fault_must(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"), "tmpfs on /tmp");
	tap_plan(15);
	expect_exit("killed", "killed targets", "emulate", false, 0, FINE);
	test_killed_supervisor();
	expect_exit("threads", "threads, with and without tables of their own", "emulate", false, 0,
		    FINE);
	test_outlived();
	expect_exit("signals", "signals with handlers", "emulate", false, 0, FINE);
	expect_exit("paths", "paths through /proc/self", "emulate", false, 0, FINE);
	if (everybody_reaches(tool))
		expect_exit("user", "an unprivileged user has no_new_privs", "emulate", false, USER,
			    FINE);
	else
		tap_skip("an unprivileged user has no_new_privs",
			 "no user but root reaches the tool: the tree lies in a closed directory");
	expect_exit("dropped", "given up privileges stay given up", "emulate", false, 0, FINE);
	expect_exit("hidden", "a task that may not be looked into has its descriptors' links",
		    "emulate", false, 0, FINE);
	expect_exit("descriptors", "no descriptors, no children", "emulate", false, 0, FINE);
	test_pid();
	expect_exit("seven", "exit status", "emulate", false, 0, 7 << 8);
	expect_exit("signal", "ended by a signal", "emulate", false, 0, SIGUSR1);
	expect_exit("seven", "nested, where the first supervisor has it all", "auto", true, 0,
		    7 << 8);
	expect_exit("seven", "nested, where a second one is asked for", "emulate", true, 0,
		    125 << 8);
	return tap_exit();
}
