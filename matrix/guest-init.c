// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * guest-init.c - process 1 of a matrix guest: makes the root, runs a plan, reports over the second
 * serial line.
 * It may touch everything in the guest; it never leaves file descriptors or mounts to the tests.
 * Linked statically, and packed as /init of the initramfs.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PLAN "/matrix/plan"
#if defined(__aarch64__)
#define REPORT "/dev/ttyS0" /* the card; the console is ttyAMA0 */
#elif defined(__s390x__)
#define REPORT "/dev/ttysclp0" /* of the two consoles the one that passes on every byte */
#else
#define REPORT "/dev/ttyS1"
#endif
#define MAX_FIELDS 512
#define STRAY_GRACE_MS 2000

static int report_fd = -1;
static int kmsg_fd = -1;

static void write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		buf += n;
		len -= n;
	}
}

/*
 * One frame: the byte 1, a letter, the length in decimal, a newline, the bytes. The first byte lets
 * the host find it behind what a panicking kernel may have written into the line. The host knows
 * the letters: I information, B a run begins, O and E its output, K kernel log, X how it ended, M
 * its mount table changed, S it left processes, F a file, Z the end of the plan, ! the guest is
 * unusable.
 */
static void frame(char kind, const char *buf, size_t len)
{
	char head[32];

	write_all(report_fd, head, snprintf(head, sizeof(head), "\001%c%zu\n", kind, len));
	write_all(report_fd, buf, len);
}

static void framef(char kind, const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(buf))
		len = sizeof(buf) - 1;
	frame(kind, buf, len);
}

static void finish(void)
{
	tcdrain(report_fd);
	sync();
	reboot(RB_AUTOBOOT);
	_exit(1);
}

static void die(const char *what)
{
	int err = errno;

	if (report_fd >= 0)
		framef('!', "%s: %s", what, strerror(err));
	else
		dprintf(2, "matrix: %s: %s\n", what, strerror(err));
	finish();
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static char *read_file(const char *path, size_t *len)
{
	size_t size = 0, room = 65536;
	char *buf = malloc(room + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;

	while (fd >= 0 && buf && (n = read(fd, buf + size, room - size)) > 0) {
		size += n;
		if (size == room) {
			room *= 2;
			buf = realloc(buf, room + 1);
		}
	}
	if (fd < 0 || !buf || n < 0) {
		if (fd >= 0)
			close(fd);
		free(buf);
		return NULL;
	}
	close(fd);
	buf[size] = 0;
	if (len)
		*len = size;
	return buf;
}

/* Sends every kernel log record that is there. Records look like "6,123,456789,-;text\n". */
static void drain_kmsg(void)
{
	char buf[8192 + 1];
	ssize_t n;

	for (;;) {
		char *text, *end;
		unsigned long prio, usec;

		n = read(kmsg_fd, buf, sizeof(buf) - 1);
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			return;
		buf[n] = 0;
		text = strchr(buf, ';');
		if (!text)
			continue;
		text++;
		end = strchr(text, '\n');
		if (end)
			*end = 0;
		prio = strtoul(buf, &end, 10);
		strtoul(end + 1, &end, 10);
		usec = strtoul(end + 1, &end, 10);
		framef('K', "<%lu>[%5lu.%06lu] %.460s\n", prio & 7, usec / 1000000, usec % 1000000,
		       text);
	}
}

/*
 * The warning level makes the line reach the console too, where a panic would be read. Not dprintf,
 * which seeks first: this file refuses that when it is open for writing only.
 */
static void kmsg_note(const char *what, const char *id)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char line[256];

	if (fd < 0)
		return;
	snprintf(line, sizeof(line), "<4>matrix: %s %s\n", what, id);
	write_all(fd, line, strlen(line));
	close(fd);
}

static void mount_or_die(const char *type, const char *where, const char *opts)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, opts))
		die(where);
}

/* Beside a root filesystem of somebody's it is out of the way; without one it is the guest's shell.
 */
static void busybox(const char *applet, const char *a, const char *b, const char *c)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/matrix/busybox", applet, a, b, c, NULL);
		execl("/bin/busybox", applet, a, b, c, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die(applet);
}

/* As switch_root does it: contents to a tmpfs, move it over "/", chroot into it. */
static void switch_root(void)
{
	static const char *const skip[] = { ".", "..", "newroot", "dev", "proc", "sys", "tmp" };
	struct dirent *d;
	DIR *dir;

	mount_or_die("tmpfs", "/newroot", "mode=755");
	dir = opendir("/");
	if (!dir)
		die("opendir /");
	while ((d = readdir(dir))) {
		size_t i;

		for (i = 0; i < sizeof(skip) / sizeof(*skip); i++)
			if (!strcmp(d->d_name, skip[i]))
				break;
		if (i == sizeof(skip) / sizeof(*skip))
			busybox("cp", "-a", d->d_name, "/newroot");
	}
	/* Free the memory: everything now is in the tmpfs, and this program is mapped already. */
	rewinddir(dir);
	while ((d = readdir(dir))) {
		size_t i;

		for (i = 0; i < sizeof(skip) / sizeof(*skip); i++)
			if (!strcmp(d->d_name, skip[i]))
				break;
		if (i == sizeof(skip) / sizeof(*skip) && strcmp(d->d_name, "bin") &&
		    strcmp(d->d_name, "matrix"))
			busybox("rm", "-rf", d->d_name, NULL);
	}
	closedir(dir);
	/* At last the directories that busybox is in. */
	busybox("rm", "-rf", access("/matrix/busybox", X_OK) ? "matrix" : "bin", NULL);
	busybox("rm", "-rf", access("/matrix/busybox", X_OK) ? "bin" : "matrix", NULL);
	mkdir("/newroot/dev", 0755);
	if (mount("/dev", "/newroot/dev", NULL, MS_MOVE, NULL))
		die("move /dev");
	if (chdir("/newroot") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		die("move root");
}

static void open_report(void)
{
	struct termios t;

	report_fd = open(REPORT, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (report_fd < 0)
		die(REPORT);
	if (!tcgetattr(report_fd, &t)) {
		cfmakeraw(&t);
		t.c_cflag |= CLOCAL;
		cfsetspeed(&t, B115200);
		tcsetattr(report_fd, TCSANOW, &t);
	}
}

static void set_sysctl(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		write_all(fd, value, strlen(value));
		close(fd);
	}
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		ioctl(fd, SIOCSIFFLAGS, &ifr);
		close(fd);
	}
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		framef('!', "module %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* The run line of a plan; argv and env point into the line. */
struct run {
	const char *id;
	unsigned int uid;
	unsigned int timeout_s;
	const char *cwd;
	int check_mounts;
	char **env;
	char **argv;
};

static void run_child(const struct run *run, const int out[2], const int err[2])
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(null, 0);
	dup2(out[1], 1);
	dup2(err[1], 2);
	syscall(SYS_close_range, 3, ~0U, 0);
	if (chdir(run->cwd))
		dprintf(2, "matrix: cannot enter %s\n", run->cwd);
	if (run->uid && (setgroups(0, NULL) || setgid(run->uid) || setuid(run->uid))) {
		dprintf(2, "matrix: cannot become user %u\n", run->uid);
		_exit(126);
	}
	environ = run->env;
	execvp(run->argv[0], run->argv);
	dprintf(2, "matrix: %s: %s\n", run->argv[0], strerror(errno));
	_exit(127);
}

/* 1 while the pipe may still bring something. */
static int pump(int fd, char kind)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n > 0) {
		frame(kind, buf, n);
		return 1;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* As process 1 this reaps every orphan. 1 if the main process is among them, -1 if none is left. */
static int reap(pid_t main_pid, int *main_status, unsigned int *count)
{
	int status, seen = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == main_pid) {
			*main_status = status;
			seen = 1;
		} else {
			(*count)++;
		}
	}
	return seen ? 1 : pid < 0 ? -1 : 0;
}

static void child_ended(int number)
{
	(void)number;
}

/* Waits for one of @p or the end of a child, half a second at most; waking up slows the run. */
static void wait_for_events(struct pollfd *p, nfds_t count)
{
	const struct timespec moment = { .tv_nsec = 500000000 };
	sigset_t none;

	sigemptyset(&none);
	if (ppoll(p, count, &moment, &none) < 0) {
		while (count--)
			p[count].revents = 0;
	}
}

static void run_one(const struct run *run)
{
	const struct sigaction ended = { .sa_handler = child_ended };
	unsigned int orphans = 0, strays = 0;
	char *before = NULL, *after;
	uint64_t start, deadline;
	int out[2], err[2];
	int status = 0, done = 0, timed_out = 0;
	struct pollfd p[3];
	sigset_t child;
	pid_t pid;

	/* It comes in wait_for_events() only. */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	sigaction(SIGCHLD, &ended, NULL);
	if (run->check_mounts)
		before = read_file("/proc/self/mountinfo", NULL);
	frame('B', run->id, strlen(run->id));
	kmsg_note("start", run->id);
	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		die("pipe");
	start = now_ms();
	deadline = start + run->timeout_s * 1000ULL;
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		run_child(run, out, err);
	close(out[1]);
	close(err[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);
	p[0] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	p[1] = (struct pollfd){ .fd = err[0], .events = POLLIN };
	p[2] = (struct pollfd){ .fd = kmsg_fd, .events = POLLIN };
	while (!done) {
		wait_for_events(p, 3);
		if (p[0].revents && !pump(out[0], 'O'))
			p[0].fd = -1;
		if (p[1].revents && !pump(err[0], 'E'))
			p[1].fd = -1;
		drain_kmsg();
		if (reap(pid, &status, &orphans) == 1)
			done = 1;
		if (!done && now_ms() > deadline) {
			timed_out = 1;
			kill(-1, SIGKILL);
			deadline = now_ms() + 10000;
			while (!done && now_ms() < deadline) {
				done = reap(pid, &status, &orphans) == 1;
				usleep(20000);
			}
			break;
		}
	}
	/* Let the processes that are ending end; count and kill the others. */
	deadline = now_ms() + STRAY_GRACE_MS;
	while (!timed_out && reap(pid, &status, &orphans) == 0 && now_ms() < deadline)
		usleep(5000);
	kill(-1, SIGKILL);
	deadline = now_ms() + 5000;
	while (reap(pid, &status, &strays) == 0 && now_ms() < deadline)
		usleep(5000);
	while (poll(p, 1, 0) > 0 && pump(out[0], 'O'))
		;
	while (poll(p + 1, 1, 0) > 0 && pump(err[0], 'E'))
		;
	close(out[0]);
	close(err[0]);
	drain_kmsg();
	if (strays && !timed_out)
		framef('S', "%u", strays);
	if (before) {
		after = read_file("/proc/self/mountinfo", NULL);
		if (!after || strcmp(before, after)) {
			frame('M', before, strlen(before));
			frame('M', after ? after : "", after ? strlen(after) : 0);
		}
		free(after);
		free(before);
	}
	framef('X', "%s %d %llu",
	       timed_out	 ? "timeout" :
	       WIFEXITED(status) ? "exit" :
				   "signal",
	       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
	       (unsigned long long)(now_ms() - start));
	kmsg_note("end", run->id);
}

static void send_tree(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return;
	if (S_ISREG(st.st_mode)) {
		size_t len, name = strlen(path) + 1;
		char *buf = read_file(path, &len), *both;

		both = buf ? malloc(name + len) : NULL;
		if (both) {
			memcpy(both, path, name);
			memcpy(both + name, buf, len);
			frame('F', both, name + len);
		}
		free(both);
		free(buf);
	} else if (S_ISDIR(st.st_mode)) {
		struct dirent *d;
		DIR *dir = opendir(path);

		while (dir && (d = readdir(dir))) {
			char *child;

			if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
				continue;
			if (asprintf(&child, "%s/%s", path, d->d_name) < 0)
				die("memory");
			send_tree(child);
			free(child);
		}
		if (dir)
			closedir(dir);
	}
}

/* Fields are separated by tabs; %XX stands for any byte that would hurt. */
static unsigned int split(char *line, char **fields)
{
	unsigned int n = 0;
	char *field;

	while (n < MAX_FIELDS && (field = strsep(&line, "\t"))) {
		char *in = field, *out = field;

		fields[n++] = field;
		while (*in) {
			if (in[0] == '%' && in[1] && in[2]) {
				char hex[3] = { in[1], in[2], 0 };

				*out++ = strtoul(hex, NULL, 16);
				in += 3;
			} else {
				*out++ = *in++;
			}
		}
		*out = 0;
	}
	fields[n] = NULL;
	return n;
}

/* run ID UID TIMEOUT CHECK-MOUNTS CWD NUMBER-OF-ENV env... argv... */
static void plan_run(char **f, unsigned int n)
{
	char *env[MAX_FIELDS + 1];
	struct run run = {
		.id = f[1],
		.uid = strtoul(f[2], NULL, 10),
		.timeout_s = strtoul(f[3], NULL, 10),
		.check_mounts = f[4][0] == '1',
		.cwd = f[5],
		.env = env,
	};
	unsigned int i, nenv = strtoul(f[6], NULL, 10);

	if (n < 8 + nenv) {
		framef('!', "short plan line for %s", f[1]);
		return;
	}
	for (i = 0; i < nenv; i++)
		env[i] = f[7 + i];
	env[nenv] = NULL;
	run.argv = f + 7 + nenv;
	run_one(&run);
}

static void prepare(int switched)
{
	struct utsname u;

	if (switched)
		switch_root();
	mount_or_die("proc", "/proc", NULL);
	mount_or_die("sysfs", "/sys", NULL);
	mount_or_die("tmpfs", "/tmp", "mode=1777");
	mount_or_die("devpts", "/dev/pts", "mode=620,ptmxmode=666");
	mount_or_die("tmpfs", "/dev/shm", "mode=1777");
	symlink("/proc/self/fd", "/dev/fd");
	loopback_up();
	/* A task that hangs has to show while somebody still looks. */
	set_sysctl("/proc/sys/kernel/hung_task_timeout_secs", "120");
	set_sysctl("/proc/sys/kernel/printk_ratelimit", "0");
	set_sysctl("/proc/sys/kernel/printk_devkmsg", "on");
	kmsg_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg_fd < 0)
		die("/dev/kmsg");
	drain_kmsg();
	uname(&u);
	framef('I', "release %s", u.release);
}

#ifdef __x86_64__
static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Counter and clock at the same moment: of many tries the one with the least time in between. */
static void counter_and_clock(uint64_t *ticks, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;
	int i;

	for (i = 0; i < 1000; i++) {
		uint64_t before = now_ns(), tsc = __builtin_ia32_rdtsc(), after = now_ns();

		if (after - before >= best)
			continue;
		best = after - before;
		*ticks = tsc;
		*ns = before + best / 2;
	}
}

static int print_tsc_khz(void)
{
	uint64_t t0, t1, ns0, ns1;

	counter_and_clock(&t0, &ns0);
	usleep(100000);
	counter_and_clock(&t1, &ns1);
	printf("%llu\n", (unsigned long long)((double)(t1 - t0) * 1e6 / (ns1 - ns0) + 0.5));
	return 0;
}
#else
static int print_tsc_khz(void)
{
	return 1;
}
#endif

int main(int argc, char **argv)
{
	char *fields[MAX_FIELDS + 1];
	char *plan, *rest, *line;
	unsigned int n;

	/* On the host: print the speed of the counter that the guest will see. */
	if (argc == 2 && !strcmp(argv[1], "--tsc-khz"))
		return print_tsc_khz();
	if (getpid() != 1)
		return 2;
	mkdir("/dev", 0755);
	if (mount("devtmpfs", "/dev", "devtmpfs", 0, "mode=755") && errno != EBUSY)
		die("/dev");
	open_report();
	plan = read_file(PLAN, NULL);
	if (!plan)
		die(PLAN);
	setenv("PATH", "/bin", 1);
	rest = plan;
	while ((line = strsep(&rest, "\n"))) {
		n = split(line, fields);
		if (n >= 2 && !strcmp(fields[0], "root"))
			prepare(!strcmp(fields[1], "switched"));
		else if (n >= 2 && !strcmp(fields[0], "module"))
			load_module(fields[1]);
		else if (n >= 9 && !strcmp(fields[0], "run"))
			plan_run(fields, n);
		else if (n >= 2 && !strcmp(fields[0], "get"))
			send_tree(fields[1]);
		else if (n && *fields[0])
			framef('!', "unknown plan line %s", fields[0]);
	}
	drain_kmsg();
	frame('Z', "", 0);
	finish();
}
