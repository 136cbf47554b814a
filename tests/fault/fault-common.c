// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fault-common.c - TAP, the world of mounts, filters, and the state of a process.
 * Mounts in a namespace of its own; reads /proc. Linked into every program of tests/fault.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* --- output --- */

static int tap_number, tap_failures;

void tap_plan(int tests)
{
	printf("1..%d\n", tests);
	fflush(stdout);
}

bool tap_result(bool good, const char *name, const char *format, ...)
{
	va_list args;

	printf("%s %d - %s", good ? "ok" : "not ok", ++tap_number, name);
	if (format && *format) {
		printf("%s", good ? " (" : "\n# ");
		va_start(args, format);
		vprintf(format, args);
		va_end(args);
		if (good)
			printf(")");
	}
	printf("\n");
	fflush(stdout);
	tap_failures += !good;
	return good;
}

void tap_skip(const char *name, const char *reason)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_number, name, reason);
	fflush(stdout);
}

void tap_note(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
}

void tap_skip_all(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	fflush(stdout);
	exit(77);
}

int tap_exit(void)
{
	return tap_failures ? 1 : 0;
}

void fault_broken(const char *format, ...)
{
	va_list args;

	printf("Bail out! ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	_exit(99);
}

long fault_must(long ret, const char *what)
{
	if (ret < 0)
		fault_broken("%s: %s", what, strerror(errno));
	return ret;
}

static const struct {
	int error;
	const char *name;
} error_names[] = {
#define E(name) \
	{ \
		name, #name \
	}
	E(EPERM),	 E(ENOENT), E(EINTR),  E(EIO),	     E(E2BIG),	    E(EBADF),  E(ECHILD),
	E(EAGAIN),	 E(ENOMEM), E(EACCES), E(EFAULT),    E(EBUSY),	    E(EEXIST), E(ENODEV),
	E(ENOTDIR),	 E(EINVAL), E(ENFILE), E(EMFILE),    E(ENOTTY),	    E(ENOSPC), E(EROFS),
	E(ENAMETOOLONG), E(ENOSYS), E(ELOOP),  E(EOVERFLOW), E(EOPNOTSUPP), E(ESTALE), E(ETIMEDOUT),
	E(EDQUOT),	 E(EUSERS), E(ESRCH),
#undef E
};

const char *fault_errno_name(int error)
{
	static char number[8][16];
	static unsigned int turn;
	size_t i;

	if (!error)
		return "ok";
	for (i = 0; i < ARRAY_SIZE(error_names); i++)
		if (error_names[i].error == error)
			return error_names[i].name;
	snprintf(number[++turn % 8], sizeof(number[0]), "errno %d", error);
	return number[turn % 8];
}

int fault_errno_of(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(error_names); i++)
		if (!strcmp(error_names[i].name, name))
			return error_names[i].error;
	return 0;
}

const char *fault_syscall_name(long nr)
{
	static const struct {
		long nr;
		const char *name;
	} names[] = {
#define S(name) { SYS_##name, #name }
		S(openat),
		S(read),
		S(write),
		S(close),
		S(pread64),
		S(readlinkat),
		S(dup3),
		S(fstat),
#ifdef SYS_fcntl64
		S(fcntl64),
#endif
		S(fcntl),
#ifdef SYS_newfstatat
		S(newfstatat),
#endif
#ifdef SYS_fstatat64
		S(fstatat64),
#endif
#ifdef SYS_fstatfs64
		S(fstatfs64),
#endif
#ifdef SYS_mmap2
		S(mmap2),
#endif
#ifdef SYS_mmap
		S(mmap),
#endif
#ifdef SYS_poll
		S(poll),
#endif
		S(fstatfs),
		S(getdents64),
		S(ppoll),
		S(ioctl),
		S(eventfd2),
		S(memfd_create),
		S(mremap),
		S(munmap),
		S(process_vm_readv),
		S(process_vm_writev),
		S(pipe2),
		S(getpid),
		S(gettid),
		S(capget),
		S(rt_sigprocmask),
		S(clone),
		S(wait4),
		S(setns),
		S(fchdir),
		S(chdir),
		S(chroot),
		S(mount),
		S(umount2),
		S(pivot_root),
		S(brk),
		S(futex),
		S(mprotect),
		S(getppid),
		S(exit),
		S(exit_group),
		S(getrandom),
		S(lseek),
		S(madvise),
		S(prlimit64),
#undef S
#define CALL(name, number, ...) { number, #name },
#define CALL_TWICE CALL
#include "compat/kernel/calls.def"
		{ UAPI_NR_fsopen, "fsopen" },
		{ UAPI_NR_fsconfig, "fsconfig" },
		{ UAPI_NR_pidfd_open, "pidfd_open" },
		{ UAPI_NR_file_getattr, "file_getattr" },
		{ UAPI_NR_fchroot, "fchroot" },
	};
	static char number[8][24];
	static unsigned int turn;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].nr == nr)
			return names[i].name;
	snprintf(number[++turn % 8], sizeof(number[0]), "syscall %ld", nr);
	return number[turn % 8];
}

uint64_t fault_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint32_t fault_random(uint64_t *state)
{
	/* splitmix64 */
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (uint32_t)((z ^ z >> 31) >> 16);
}

/* --- files --- */

ssize_t fault_read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -1;
	while (len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	close(fd);
	buf[len] = '\0';
	return (ssize_t)len;
}

static void write_file(const char *path, const char *text)
{
	int fd = (int)fault_must(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644), path);

	fault_must(write(fd, text, strlen(text)), path);
	close(fd);
}

/* --- the world --- */

void fault_world_place(char path[64])
{
	const char *top = getenv("TMPDIR");

	if (!top || strlen(top) > 30)
		top = "/tmp";
	snprintf(path, 64, "%s/mntcompat-fault.XXXXXX", top);
	if (!mkdtemp(path))
		fault_broken("mkdtemp %s: %s", path, strerror(errno));
	chmod(path, 0755);
}

static void make_tmpfs(const char *path, unsigned long flags, unsigned long propagation)
{
	mkdir(path, 0755);
	fault_must(mount("tmpfs", path, "tmpfs", flags, "mode=755,size=1m"), path);
	if (propagation)
		fault_must(mount(NULL, path, NULL, propagation, NULL), path);
}

/*
 * Lives in a user namespace, and in a mount namespace that has a mount more, until it is killed.
 */
static void holder(int ready, const char *path)
{
	char done = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    chdir(path) < 0 || mount("tmpfs", "elsewhere", "tmpfs", 0, "mode=755,size=1m") < 0 ||
	    mkdir("elsewhere/dir", 0755) < 0 || unshare(CLONE_NEWUSER) < 0)
		_exit(1);
	if (write(ready, &done, 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

void fault_world_open(struct fault_world *world, const char *path)
{
	int ready[2], proc;
	char name[64], word;

	snprintf(world->path, sizeof(world->path), "%s", path);
	fault_must(unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS)");
	fault_must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
	make_tmpfs(path, 0, 0);
	fault_must(chdir(path), "chdir to the world");
	make_tmpfs("src", 0, MS_SHARED);
	write_file("src/marker", "marker\n");
	mkdir("src/dir", 0755);
	mkdir("src/a", 0755);
	write_file("src/a/covered", "covered\n");
	make_tmpfs("src/a", MS_NOSUID, MS_SHARED);
	make_tmpfs("src/a/deep", MS_NODEV | MS_NOATIME, 0);
	mkdir("src/slave", 0755);
	fault_must(mount("src/a", "src/slave", NULL, MS_BIND, NULL), "bind");
	fault_must(mount(NULL, "src/slave", NULL, MS_SLAVE, NULL), "make slave");
	make_tmpfs("src/private", MS_RDONLY, MS_PRIVATE);
	make_tmpfs("src/unbindable", 0, MS_UNBINDABLE);
	make_tmpfs("flat", 0, 0);
	write_file("flat/marker", "marker\n");
	make_tmpfs("nsfile", 0, 0);
	write_file("nsfile/marker", "marker\n");
	write_file("nsfile/ns", "");
	write_file("file", "");
	mkdir("elsewhere", 0755);

	fault_must(pipe(ready), "pipe");
	world->holder = (pid_t)fault_must(fork(), "fork");
	if (!world->holder) {
		close(ready[0]);
		holder(ready[1], path);
	}
	close(ready[1]);
	if (read(ready[0], &word, 1) != 1)
		fault_broken("no user namespace or mount namespace to be had");
	close(ready[0]);
	snprintf(name, sizeof(name), "/proc/%d/uid_map", (int)world->holder);
	write_file(name, "0 0 65536");
	snprintf(name, sizeof(name), "/proc/%d/gid_map", (int)world->holder);
	write_file(name, "0 0 65536");
	snprintf(name, sizeof(name), "/proc/%d/ns/user", (int)world->holder);
	world->userns = (int)fault_must(open(name, O_RDONLY | O_CLOEXEC), name);
	snprintf(name, sizeof(name), "/proc/%d/root", (int)world->holder);
	proc = (int)fault_must(open(name, O_PATH | O_CLOEXEC), name);
	world->elsewhere = openat(proc, path + 1, O_PATH | O_CLOEXEC);
	fault_must(world->elsewhere, "the other namespace's world");
	close(proc);
	proc = world->elsewhere;
	world->elsewhere = (int)fault_must(openat(proc, "elsewhere/dir", O_RDONLY | O_CLOEXEC),
					   "the other namespace's directory");
	close(proc);

	snprintf(name, sizeof(name), "/proc/%d/ns/mnt", (int)world->holder);
	if (mount(name, "nsfile/ns", NULL, MS_BIND, NULL) < 0)
		tap_note("no mount-namespace file: %s", strerror(errno));

	make_tmpfs("gone", 0, 0);
	mkdir("gone/dir", 0755);
	world->unmounted = (int)fault_must(open("gone/dir", O_RDONLY | O_CLOEXEC), "gone/dir");
	fault_must(umount2("gone", MNT_DETACH), "umount gone");
	world->detached = (int)syscall(UAPI_NR_open_tree, AT_FDCWD, "src", 1 | O_CLOEXEC | 0x8000);
}

void fault_world_close(struct fault_world *world)
{
	kill(world->holder, SIGKILL);
	while (waitpid(world->holder, NULL, 0) < 0 && errno == EINTR)
		;
	fault_must(chdir("/"), "chdir /");
}

static size_t append(char *text, size_t size, size_t len, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
static size_t append(char *text, size_t size, size_t len, const char *format, ...)
{
	va_list args;
	int n;

	if (len + 1 >= size)
		return len;
	va_start(args, format);
	n = vsnprintf(text + len, size - len, format, args);
	va_end(args);
	len += n > 0 ? (size_t)n : 0;
	return len < size ? len : size - 1;
}

/*
 * One line of mountinfo without its ids. Returns NULL when the line's first id is *first (the only
 * line of a namespace repeats for ever on some kernels).
 */
static size_t describe_line(char *text, size_t size, size_t len, char *line)
{
	char *field[3], *rest = line;
	int i;

	for (i = 0; i < 3; i++) {
		field[i] = strsep(&rest, " ");
		if (!rest)
			return append(text, size, len, "odd line %s\n", field[i]);
	}
	return append(text, size, len, "%s\n", rest);
}

static void describe(int proc, int nsfd, const char *world, char *text, size_t size)
{
	char buf[16384], *line, *rest = buf, word[16] = "";
	size_t len = 0, have = 0;
	long first = -1;
	ssize_t n;
	int fd;

	text[0] = '\0';
	if (setns(nsfd, CLONE_NEWNS) < 0) {
		append(text, size, 0, "cannot be entered: %s\n", strerror(errno));
		return;
	}
	fd = openat(proc, "self/mountinfo", O_RDONLY);
	while (fd >= 0 && have < sizeof(buf) - 1 &&
	       (n = read(fd, buf + have, sizeof(buf) - 1 - have)) > 0)
		have += (size_t)n;
	buf[have] = '\0';
	while ((line = strsep(&rest, "\n")) && *line) {
		long id = strtol(line, NULL, 10);

		if (id == first)
			break;
		if (first < 0)
			first = id;
		len = describe_line(text, size, len, line);
	}
	fd = open("/marker", O_RDONLY);
	if (fd >= 0 && read(fd, word, sizeof(word) - 1) > 0)
		word[strcspn(word, "\n")] = '\0';
	len = append(text, size, len, "marker: %s\n", word);

	/* Look below: nothing that belonged to the caller may be there. */
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	n = umount2("/", MNT_DETACH);
	len = append(text, size, len, "detaching /: %s\n", n ? strerror(errno) : "ok");
	if (n || setns(nsfd, CLONE_NEWNS) < 0)
		return;
	if (access("/marker", F_OK) == 0 || access(world, F_OK) == 0)
		append(text, size, len, "below: what the caller had\n");
}

void fault_describe_namespace(int nsfd, char *text, size_t size)
{
	static int proc = -1;
	int fds[2], status;
	char world[80];
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	if (proc < 0)
		proc = (int)fault_must(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), "/proc");
	fault_must(pipe2(fds, O_CLOEXEC), "pipe");
	pid = (pid_t)fault_must(fork(), "fork");
	if (!pid) {
		/* cwd is the world. */
		if (!getcwd(world, 64))
			world[0] = '\0';
		strcat(world, "/src/marker");
		describe(proc, nsfd, world, text, size);
		_exit(write(fds[1], text, strlen(text)) < 0);
	}
	close(fds[1]);
	while (len < size - 1 && (n = read(fds[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
}

/* --- state --- */

static size_t state_fds(pid_t pid, int except, char *text, size_t len, int *lowest)
{
	bool used[256] = { false };
	char path[64], link[256], info[256], *flags;
	struct dirent *entry;
	int fd, kept = 0;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return append(text, FAULT_STATE_SIZE, len, "fds cannot be read\n");
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		fd = atoi(entry->d_name);
		n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		if (n < 0 || (pid == getpid() && fd == dirfd(dir)))
			continue;
		link[n] = '\0';
		if (fd < 256)
			used[fd] = true;
		if (fd == except)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)pid, fd);
		info[0] = '\0';
		fault_read_file(path, info, sizeof(info));
		flags = strstr(info, "flags:");
		/* The one that the library may keep. */
		if (fd >= 100 && !strncmp(link, "mnt:[", 5) && flags &&
		    (strtoul(flags + 6, NULL, 8) & O_CLOEXEC) && !kept++)
			continue;
		len = append(text, FAULT_STATE_SIZE, len, "fd %d %s %#lo\n", fd, link,
			     flags ? strtoul(flags + 6, NULL, 8) : 0);
	}
	closedir(dir);
	for (fd = 0; lowest && fd < 256; fd++)
		if (!used[fd]) {
			*lowest = fd;
			break;
		}
	return len;
}

void fault_state(pid_t pid, int except, char text[FAULT_STATE_SIZE], int *lowest)
{
	static const char *const namespaces[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "user", "uts",
	};
	static const char *const words[] = {
		"Umask:",
		"Uid:",
		"Gid:",
		"Groups:",
		"Threads:",
		"SigPnd:",
		"ShdPnd:",
		"SigBlk:",
		"SigIgn:",
		"SigCgt:",
		"CapInh:",
		"CapPrm:",
		"CapEff:",
		"CapBnd:",
		"CapAmb:",
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		"VmSize:",
#endif
	};
	static char buf[FAULT_STATE_SIZE];
	char path[64], link[256], *line, *rest = buf;
	struct stat st;
	size_t len = 0, i;
	ssize_t n;

	text[0] = '\0';
	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, i ? "root" : "cwd");
		if (stat(path, &st) < 0)
			memset(&st, 0, sizeof(st));
		len = append(text, FAULT_STATE_SIZE, len, "%s %llx:%llu\n", i ? "root" : "cwd",
			     (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	}
	for (i = 0; i < ARRAY_SIZE(namespaces); i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, namespaces[i]);
		n = readlink(path, link, sizeof(link) - 1);
		link[n < 0 ? 0 : n] = '\0';
		len = append(text, FAULT_STATE_SIZE, len, "ns %s\n", link);
	}
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	buf[0] = '\0';
	fault_read_file(path, buf, sizeof(buf));
	while ((line = strsep(&rest, "\n")))
		for (i = 0; i < ARRAY_SIZE(words); i++)
			if (!strncmp(line, words[i], strlen(words[i])))
				len = append(text, FAULT_STATE_SIZE, len, "%s\n", line);
	len = state_fds(pid, except, text, len, lowest);
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)pid);
	buf[0] = '\0';
	fault_read_file(path, buf, sizeof(buf));
	append(text, FAULT_STATE_SIZE, len, "%s", buf);
}

const char *fault_state_difference(const char *before, const char *after)
{
	static char text[600];
	size_t i = 0, start = 0;

	while (before[i] && before[i] == after[i]) {
		if (before[i] == '\n')
			start = i + 1;
		i++;
	}
	if (before[i] == after[i])
		return NULL;
	snprintf(text, sizeof(text), "\"%.*s\" became \"%.*s\"",
		 (int)(strcspn(before + start, "\n") % 250), before + start,
		 (int)(strcspn(after + start, "\n") % 250), after + start);
	return text;
}

/* --- answers --- */

static const char *answer_string(const struct mntcompat_statmount *answer, uint32_t offset)
{
	size_t room = answer->size > sizeof(*answer) ? answer->size - sizeof(*answer) : 0;

	if (offset >= room || !memchr(answer->str + offset, 0, room - offset))
		return NULL;
	return answer->str + offset;
}

static bool strings_differ(const struct mntcompat_statmount *whole, uint32_t first,
			   uint32_t first_num, const struct mntcompat_statmount *got,
			   uint32_t second, uint32_t second_num)
{
	const char *a = answer_string(whole, first), *b = answer_string(got, second);
	uint32_t i;

	if (first_num != second_num)
		return true;
	for (i = 0; i < first_num; i++) {
		if (!a || !b || strcmp(a, b))
			return true;
		a = answer_string(whole, (uint32_t)(a - whole->str + strlen(a) + 1));
		b = answer_string(got, (uint32_t)(b - got->str + strlen(b) + 1));
	}
	return false;
}

const char *fault_answer_wrong(const struct mntcompat_statmount *whole,
			       const struct mntcompat_statmount *got, bool fewer_allowed)
{
	static char text[200];
	uint64_t mask = got->mask;

	if (mask & ~whole->mask) {
		snprintf(text, sizeof(text), "mask %#llx has bits that %#llx lacks",
			 (unsigned long long)mask, (unsigned long long)whole->mask);
		return text;
	}
	if (!fewer_allowed && mask != whole->mask) {
		snprintf(text, sizeof(text), "mask %#llx instead of %#llx",
			 (unsigned long long)mask, (unsigned long long)whole->mask);
		return text;
	}
#define DIFFERS(field) (whole->field != got->field)
#define STRING(field) strings_differ(whole, whole->field, 1, got, got->field, 1)
#define ARRAY(num, field) strings_differ(whole, whole->field, whole->num, got, got->field, got->num)
#define CHECK(bit, wrong) \
	if ((mask & MNTCOMPAT_STATMOUNT_##bit) && (wrong)) \
	return #bit " is wrong"
	CHECK(SB_BASIC, DIFFERS(sb_dev_major) || DIFFERS(sb_dev_minor) || DIFFERS(sb_magic) ||
				DIFFERS(sb_flags));
	CHECK(MNT_BASIC, DIFFERS(mnt_id) || DIFFERS(mnt_parent_id) || DIFFERS(mnt_id_old) ||
				 DIFFERS(mnt_parent_id_old) || DIFFERS(mnt_attr) ||
				 DIFFERS(mnt_propagation) || DIFFERS(mnt_peer_group) ||
				 DIFFERS(mnt_master));
	CHECK(PROPAGATE_FROM, DIFFERS(propagate_from));
	CHECK(MNT_NS_ID, DIFFERS(mnt_ns_id));
	CHECK(SUPPORTED_MASK, got->supported_mask & ~0x7fffull);
	CHECK(MNT_ROOT, STRING(mnt_root));
	CHECK(MNT_POINT, STRING(mnt_point));
	CHECK(FS_TYPE, STRING(fs_type));
	CHECK(MNT_OPTS, STRING(mnt_opts));
	CHECK(FS_SUBTYPE, STRING(fs_subtype));
	CHECK(SB_SOURCE, STRING(sb_source));
	CHECK(OPT_ARRAY, ARRAY(opt_num, opt_array));
	CHECK(OPT_SEC_ARRAY, ARRAY(opt_sec_num, opt_sec_array));
	CHECK(MNT_UIDMAP, ARRAY(mnt_uidmap_num, mnt_uidmap));
	CHECK(MNT_GIDMAP, ARRAY(mnt_gidmap_num, mnt_gidmap));
#undef DIFFERS
#undef STRING
#undef ARRAY
#undef CHECK
	return NULL;
}

/* --- filters: the kernel's structures, which not every C library's headers come with --- */

struct filter_insn {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

struct filter_prog {
	unsigned short len;
	struct filter_insn *insns;
};

struct filter_data {
	int nr;
	uint32_t arch;
	uint64_t ip;
	uint64_t args[6];
};

struct filter_notif {
	uint64_t id;
	uint32_t pid, flags;
	struct filter_data data;
};

struct filter_answer {
	uint64_t id;
	int64_t val;
	int32_t error;
	uint32_t flags;
};

#define FILTER_LOAD 0x20     /* BPF_LD | BPF_W | BPF_ABS */
#define FILTER_EQUAL 0x15    /* BPF_JMP | BPF_JEQ | BPF_K */
#define FILTER_AT_LEAST 0x35 /* BPF_JMP | BPF_JGE | BPF_K */
#define FILTER_ANY_BIT 0x45  /* BPF_JMP | BPF_JSET | BPF_K */
#define FILTER_RETURN 0x06   /* BPF_RET | BPF_K */
#define FILTER_ALLOW 0x7fff0000u
#define FILTER_NOTIFY 0x7fc00000u
#define FILTER_KILL 0u
#define FILTER_ERROR 0x00050000u
#define FILTER_SET_MODE 1 /* SECCOMP_SET_MODE_FILTER */
#define FILTER_NEW_LISTENER (1ul << 3)
#define FILTER_RECEIVE _IOWR('!', 0, struct filter_notif)
#define FILTER_SEND _IOWR('!', 1, struct filter_answer)
#define FILTER_CONTINUE 1u

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FILTER_ARG(i, high) (16u + 8u * (unsigned)(i) + ((high) ? 4u : 0u))
#else
#define FILTER_ARG(i, high) (16u + 8u * (unsigned)(i) + ((high) ? 0u : 4u))
#endif

/*
 * Calls that must not be made to fail, and why. The filter does not even send them to the listener,
 * except those that depend on an argument.
 */
static const struct {
	long nr;
	int arg; /* -1: whatever the arguments are */
	uint64_t value;
	const char *reason;
} exempt[] = {
	{ SYS_close, -1, 0, "frees the number whatever it answers" },
	{ SYS_munmap, -1, 0, "cannot fail for what mmap gave, and nothing could be done" },
	{ SYS_exit, -1, 0, "has no answer" },
	{ SYS_exit_group, -1, 0, "has no answer" },
	{ SYS_rt_sigreturn, -1, 0, "has no answer" },
	{ SYS_restart_syscall, -1, 0, "the kernel's own" },
	{ SYS_getpid, -1, 0, "cannot fail" },
	{ SYS_gettid, -1, 0, "cannot fail" },
	{ SYS_sendmsg, -1, 0, "not the library's: hands the listener over" },
#ifdef SYS_socketcall
	{ SYS_socketcall, -1, 0, "not the library's: hands the listener over" },
#endif
	{ SYS_rt_sigprocmask, 0, SIG_SETMASK,
	  "puts back the mask that was just read; a filter that denies it denied the reading" },
	{ SYS_wait4, -1, 0, "nothing else reaps a task; who may clone may wait" },
};

const char *fault_exempt(const struct fault_call *call)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(exempt); i++)
		if (exempt[i].nr == call->nr &&
		    (exempt[i].arg < 0 || call->args[exempt[i].arg] == exempt[i].value))
			return exempt[i].reason;
	return NULL;
}

int fault_filter(const struct fault_mask *masks, enum fault_listen listen)
{
	struct filter_insn code[256];
	struct filter_prog prog = { 0, code };
	long ret;
	size_t i;

#define INSN(c, k_, t, f) (code[prog.len++] = (struct filter_insn){ c, t, f, k_ })
	for (; masks && masks->nr >= 0; masks++) {
		INSN(FILTER_LOAD, 0, 0, 0);
		if (!masks->bits) {
			INSN(masks->and_above ? FILTER_AT_LEAST : FILTER_EQUAL, (uint32_t)masks->nr,
			     0, 1);
		} else {
			INSN(FILTER_EQUAL, (uint32_t)masks->nr, 0, 5);
			INSN(FILTER_LOAD, FILTER_ARG(masks->arg, true), 0, 0);
			INSN(FILTER_ANY_BIT, (uint32_t)(masks->bits >> 32), 2, 0);
			INSN(FILTER_LOAD, FILTER_ARG(masks->arg, false), 0, 0);
			INSN(FILTER_ANY_BIT, (uint32_t)masks->bits, 0, 1);
		}
		INSN(FILTER_RETURN,
		     masks->error == FAULT_KILL ? FILTER_KILL :
						  FILTER_ERROR | (uint32_t)masks->error,
		     0, 0);
	}
	INSN(FILTER_LOAD, 0, 0, 0);
	if (listen == FAULT_LISTEN_MARKS) {
		INSN(FILTER_EQUAL, SYS_getppid, 0, 1);
		INSN(FILTER_RETURN, FILTER_NOTIFY, 0, 0);
	} else if (listen == FAULT_LISTEN_ALL) {
		for (i = 0; i < ARRAY_SIZE(exempt); i++) {
			if (exempt[i].arg >= 0)
				continue;
			INSN(FILTER_EQUAL, (uint32_t)exempt[i].nr, 0, 1);
			INSN(FILTER_RETURN, FILTER_ALLOW, 0, 0);
		}
		INSN(FILTER_RETURN, FILTER_NOTIFY, 0, 0);
	}
	INSN(FILTER_RETURN, FILTER_ALLOW, 0, 0);
#undef INSN
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	ret = syscall(SYS_seccomp, FILTER_SET_MODE,
		      listen == FAULT_LISTEN_NONE ? 0ul : FILTER_NEW_LISTENER, &prog);
	return ret < 0 ? -errno : (int)ret;
}

void fault_mark(int phase, int ret, int error)
{
	syscall(SYS_getppid, (long)FAULT_MARK, (long)phase, (long)ret, (long)error);
}

int fault_listen_next(int listener, struct fault_call *call, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = listener, .events = POLLIN };
	struct filter_notif notif;
	int ret;

	for (;;) {
		ret = poll(&poll_fd, 1, timeout_ms);
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret == 0)
			return -ETIMEDOUT;
		if (!(poll_fd.revents & POLLIN))
			return 0;
		memset(&notif, 0, sizeof(notif));
		if (ioctl(listener, FILTER_RECEIVE, &notif) < 0) {
			/* ENOENT: it was killed in between. */
			if (errno == EINTR || errno == ENOENT)
				continue;
			return 0;
		}
		call->id = notif.id;
		call->pid = (pid_t)notif.pid;
		call->nr = notif.data.nr;
		memcpy(call->args, notif.data.args, sizeof(call->args));
		return 1;
	}
}

void fault_listen_answer(int listener, const struct fault_call *call, int error)
{
	struct filter_answer answer = { .id = call->id };

	if (error)
		answer.error = -error;
	else
		answer.flags = FILTER_CONTINUE;
	while (ioctl(listener, FILTER_SEND, &answer) < 0 && errno == EINTR)
		;
}

void fault_send_fd(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr message;

	memset(&message, 0, sizeof(message));
	memset(&control, 0, sizeof(control));
	message.msg_iov = &iov;
	message.msg_iovlen = 1;
	message.msg_control = &control;
	message.msg_controllen = sizeof(control.room);
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) < 0)
		_exit(98);
}

int fault_receive_fd(int socket)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr message;
	int fd = -1;

	memset(&message, 0, sizeof(message));
	memset(&control, 0, sizeof(control));
	message.msg_iov = &iov;
	message.msg_iovlen = 1;
	message.msg_control = &control;
	message.msg_controllen = sizeof(control.room);
	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0)
		return -1;
	if (message.msg_controllen && control.header.cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}
