// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * report.c - the functions of <mntcompat-probe.h> that make a report: options, the child that makes
 * the calls, rows. Until the report is finished it has one child, which wait(2) of the caller does
 * not return, and one file descriptor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "compat/kernel/raw.h"
#include "lib/failure.h"
#include "probe/ask.h"
#include "probe/batch.h"
#include "probe/features.h"
#include "probe/filesystems.h"
#include "probe/limits.h"
#include "probe/rows.h"

#define PARTS (MNTCOMPAT_PROBE_FEATURES | MNTCOMPAT_PROBE_FILESYSTEMS | MNTCOMPAT_PROBE_LIMITS)
#define KNOWN_FLAGS (PARTS | MNTCOMPAT_PROBE_LOAD | MNTCOMPAT_PROBE_PLAIN)
#define CHILD_STACK ((size_t)256 << 10)
#define ROOM_SMALL ((size_t)256)
#define ROOM_LIST ((size_t)64 << 10)
#define ROOM_TABLE ((size_t)16 << 20)

static const char *const common_filesystems[] = {
	"overlay", "erofs",    "squashfs", "ext4", "btrfs", "xfs",    "f2fs",  "vfat", "iso9660",
	"fuse",	   "virtiofs", "9p",	   "nfs",  "cifs",  "autofs", "tmpfs", NULL
};

static const struct {
	const char *path;
	size_t room;
} proc_files[FILE_TABLES] = {
	[FILE_FILESYSTEMS] = { "/proc/filesystems", ROOM_LIST },
	[FILE_MAX_MNT_NAMESPACES] = { "/proc/sys/user/max_mnt_namespaces", ROOM_SMALL },
	[FILE_MAX_USER_NAMESPACES] = { "/proc/sys/user/max_user_namespaces", ROOM_SMALL },
	[FILE_MOUNT_MAX] = { "/proc/sys/fs/mount-max", ROOM_SMALL },
	[FILE_USERNS_CLONE] = { "/proc/sys/kernel/unprivileged_userns_clone", ROOM_SMALL },
	[FILE_IO_URING_DISABLED] = { "/proc/sys/kernel/io_uring_disabled", ROOM_SMALL },
};

static const char *const tables[FILE_COUNT] = {
	[FILE_DEP] = "modules.dep.bin",
	[FILE_ALIAS] = "modules.alias.bin",
	[FILE_BUILTIN] = "modules.builtin.bin",
	[FILE_BUILTIN_ALIAS] = "modules.builtin.alias.bin",
};

/* --- which modules --- */

/* Finds the newest release in a directory of modules. */
static int find_release(struct mntcompat_probe *probe, const char *parent)
{
	struct dirent *entry;
	DIR *dir = opendir(parent);
	char *best = NULL;
	int ret = 0;

	if (!dir)
		return -errno;
	while (ret == 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || (best && strverscmp(entry->d_name, best) <= 0))
			continue;
		best = report_printf(probe, "%s", entry->d_name);
		ret = best ? 0 : -ENOMEM;
	}
	closedir(dir);
	probe->release = best;
	return ret || best ? ret : -ENOENT;
}

/*
 * The directory of modules below a root. /lib may be a link to /usr/lib, which is resolved inside
 * the root.
 */
static char *modules_parent(struct mntcompat_probe *probe)
{
	char *lib = report_printf(probe, "%s/lib", probe->root);
	struct stat st;

	if (!lib)
		return NULL;
	if (*probe->root && lstat(lib, &st) == 0 && S_ISLNK(st.st_mode))
		return report_printf(probe, "%s/usr/lib/modules", probe->root);
	return report_printf(probe, "%s/modules", lib);
}

static int choose_modules(struct mntcompat_probe *probe,
			  const struct mntcompat_probe_options *options)
{
	bool given = options->kernel_release || options->root;
	struct utsname name;
	char *parent;
	int ret = 0, fd;

	probe->root = report_printf(
		probe, "%s", options->root && strcmp(options->root, "/") ? options->root : "");
	parent = probe->root ? modules_parent(probe) : NULL;
	if (!parent || uname(&name) < 0)
		return -ENOMEM;
	if (options->kernel_release)
		probe->release = report_printf(probe, "%s", options->kernel_release);
	else if (*probe->root)
		ret = find_release(probe, parent);
	else
		probe->release = report_printf(probe, "%s", name.release);
	if (ret < 0)
		return ret;
	if (!probe->release)
		return -ENOMEM;
	/* The release must be a name inside the directory. */
	if (!*probe->release || strchr(probe->release, '/') || !strcmp(probe->release, ".."))
		return -EINVAL;
	probe->is_running = !*probe->root && !strcmp(probe->release, name.release);
	probe->modules = report_printf(probe, "%s/%s", parent, probe->release);
	if (!probe->modules)
		return -ENOMEM;
	if (!given)
		return 0;
	fd = open(probe->modules, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static bool is_type(const char *type)
{
	return *type &&
	       strspn(type, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
		       strlen(type) &&
	       strlen(type) < 128;
}

/* Copies a list of the caller's, whose strings may be gone when the report is finished. */
static int copy_list(struct mntcompat_probe *probe, const char *const *list,
		     bool (*is_valid)(const char *word), const char *const **result)
{
	const char **copy;
	size_t n = 0, i;

	if (!list)
		return 0;
	while (list[n])
		n++;
	copy = report_alloc(probe, (n + 1) * sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		if (!is_valid(list[i]))
			return -EINVAL;
		copy[i] = report_printf(probe, "%s", list[i]);
		if (!copy[i])
			return -ENOMEM;
	}
	*result = copy;
	return 0;
}

static int read_options(struct mntcompat_probe *probe, const struct mntcompat_probe_options *user)
{
	struct mntcompat_probe_options options = { .size = sizeof(options) };
	const char *tail;
	size_t i;
	int ret;

	if (user) {
		if (user->size < sizeof(size_t) + sizeof(uint64_t))
			return -EINVAL;
		memcpy(&options, user, user->size < sizeof(options) ? user->size : sizeof(options));
		tail = (const char *)user;
		for (i = sizeof(options); i < user->size; i++)
			if (tail[i])
				return -EINVAL;
	}
	if (options.flags & ~(uint64_t)KNOWN_FLAGS)
		return -EINVAL;
	probe->flags = options.flags & PARTS ? options.flags : options.flags | PARTS;
	probe->filesystems = common_filesystems;
	ret = copy_list(probe, options.filesystems, is_type, &probe->filesystems);
	if (ret == 0)
		ret = copy_list(probe, options.features, features_has_name,
				&probe->features_wanted);
	if (ret == 0)
		ret = choose_modules(probe, &options);
	/* Another system's modules are not for this kernel. */
	if (ret == 0 && (options.flags & MNTCOMPAT_PROBE_LOAD) && !probe->is_running)
		return -EINVAL;
	return ret;
}

/* --- the child --- */

static int share_memory(struct mntcompat_probe *probe)
{
	size_t size = (sizeof(struct shared) + 63) & ~(size_t)63, i;
	struct batch *batch;
	char *at;

	for (i = 0; i < FILE_COUNT; i++)
		size += i < FILE_TABLES ? proc_files[i].room : ROOM_TABLE;
	probe->shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (probe->shared == MAP_FAILED) {
		probe->shared = NULL;
		return -ENOMEM;
	}
	probe->shared_size = size;
	/* The child may end before it sets these. */
	for (i = 0; i < FEATURE_COUNT; i++)
		probe->shared->answers.features[i] = FEATURE_UNKNOWN;
	probe->shared->answers.mounts = -1;
	probe->shared->answers.hidepid = -1;
	probe->shared->answers.seccomp = probe->shared->answers.no_new_privs = -ENOSYS;
	batch = &probe->shared->batch;
	at = (char *)probe->shared + ((sizeof(struct shared) + 63) & ~(size_t)63);
	for (i = 0; i < FILE_COUNT; i++) {
		struct batch_file *file = &batch->files[i];

		file->room = i < FILE_TABLES ? proc_files[i].room : ROOM_TABLE;
		file->text = at;
		at += file->room;
		file->error = ENODATA;
		if (i < FILE_TABLES)
			snprintf(file->path, sizeof(file->path), "%s", proc_files[i].path);
		else if ((size_t)snprintf(file->path, sizeof(file->path), "%s/%s", probe->modules,
					  tables[i]) >= sizeof(file->path))
			return -ENAMETOOLONG;
	}
	if (probe->flags & MNTCOMPAT_PROBE_FILESYSTEMS) {
		if (probe->is_running)
			batch->wanted |= 1u << FILE_FILESYSTEMS;
#ifdef HAVE_KMOD
		for (i = FILE_TABLES; i < FILE_COUNT; i++)
			batch->wanted |= 1u << i;
#endif
	}
	if (probe->flags & MNTCOMPAT_PROBE_LIMITS)
		for (i = FILE_MAX_MNT_NAMESPACES; i < FILE_TABLES; i++)
			batch->wanted |= 1u << i;
	return 0;
}

struct job {
	struct mntcompat_probe *probe;
	int pipe;      /* -1: in the caller itself */
	int other_end; /* the caller's end of the pipe, or -1 */
};

/*
 * Makes the kernel kill this task when the caller has ended: this task has all signals blocked, and
 * may wait for a file server. The signal comes when the caller's end of the pipe is closed.
 * PR_SET_PDEATHSIG acts at the end of the thread that submitted, which may come before another
 * thread reaps; without a pipe that thread waits here.
 */
static void end_with_caller(const struct job *job)
{
	struct pollfd poll = { .fd = job->pipe };

	if (job->other_end < 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return;
	}
	raw_close(job->other_end);
	raw_fcntl(job->pipe, F_SETOWN, (unsigned long)raw_getpid());
	raw_fcntl(job->pipe, F_SETSIG, SIGKILL);
	raw_fcntl(job->pipe, F_SETFL, O_WRONLY | O_ASYNC);
	/* The caller's end may have been closed before. */
	if (raw_poll(&poll, 1, 0) > 0 && (poll.revents & POLLERR))
		kill(raw_getpid(), SIGKILL);
}

static int work(void *arg)
{
	struct job *job = arg;
	struct mntcompat_probe *probe = job->probe;
	bool child = job->pipe >= 0;

	if (child)
		end_with_caller(job);
	/*
	 * The files are read first, because a filter may kill this task for one of the calls below.
	 */
	batch_read(&probe->shared->batch, child && !(probe->flags & MNTCOMPAT_PROBE_PLAIN));
	if (probe->flags & (MNTCOMPAT_PROBE_FEATURES | MNTCOMPAT_PROBE_LIMITS))
		ask_all(&probe->shared->answers,
			child && (probe->flags & MNTCOMPAT_PROBE_FEATURES));
	else
		probe->shared->answers.finished = true;
	if (child)
		raw_write(job->pipe, "", 1);
	return 0;
}

/*
 * After unshare(CLONE_NEWPID) the next child would be the init of the new namespace, which would
 * end with it.
 */
static bool child_would_be_init(void)
{
	struct stat st;
	char text[32];

	if (raw_readlinkat(AT_FDCWD, "/proc/thread-self/ns/pid_for_children", text, sizeof(text)) !=
	    -ENOENT)
		return false;
	return raw_fstatat(AT_FDCWD, "/proc/thread-self/ns/pid", &st, 0) == 0 &&
	       raw_fstatat(AT_FDCWD, "/proc/thread-self/ns/pid_for_children", &st,
			   AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * Starts a copy of the caller, not a task that shares its memory, because the library keeps state
 * in memory and in the table of file descriptors (absent features, a template, the last way), and
 * the caller's state must not change. The child has no exit signal, so that wait(2) does not return
 * it.
 */
static int start_child(struct mntcompat_probe *probe)
{
	struct job job = { .probe = probe };
	uint64_t mask;
	char *stack;
	int fds[2], ret;

	if (child_would_be_init())
		return -EOPNOTSUPP;
	ret = raw_pipe2(fds, O_CLOEXEC);
	if (ret < 0)
		return ret;
	stack = raw_mmap(CHILD_STACK);
	ret = stack ? 0 : -ENOMEM;
	if (ret == 0)
		ret = raw_sigprocmask_block_all(&mask);
	if (ret == 0) {
		job.pipe = fds[1];
		job.other_end = fds[0];
		ret = raw_clone(work, stack + CHILD_STACK, 0, &job, NULL);
		raw_sigprocmask_restore(&mask);
	}
	if (stack)
		raw_munmap(stack, CHILD_STACK);
	raw_close(fds[1]);
	if (ret < 0) {
		raw_close(fds[0]);
		return ret;
	}
	probe->child = ret;
	probe->fd = fds[0];
	return 0;
}

/* If no pipe can be made, starts a child without one and waits for it. */
static int start_child_and_wait(struct mntcompat_probe *probe)
{
	struct job job = { .probe = probe, .pipe = INT32_MAX, .other_end = -1 };
	uint64_t mask;
	char *stack;
	int ret;

	if (child_would_be_init())
		return -EOPNOTSUPP;
	stack = raw_mmap(CHILD_STACK);
	ret = stack ? raw_sigprocmask_block_all(&mask) : -ENOMEM;
	if (ret == 0) {
		ret = raw_clone(work, stack + CHILD_STACK, 0, &job, NULL);
		raw_sigprocmask_restore(&mask);
	}
	if (ret > 0)
		raw_wait_clone(ret);
	if (stack)
		raw_munmap(stack, CHILD_STACK);
	return ret < 0 ? ret : 0;
}

static int begin(struct mntcompat_probe *probe)
{
	struct job job = { .probe = probe, .pipe = -1, .other_end = -1 };
	int ret = start_child(probe);

	if (ret == -EMFILE || ret == -ENFILE)
		ret = start_child_and_wait(probe);
	if (ret == 0)
		return 0;
	/* Without a child the caller makes the calls that change nothing, without io_uring. */
	probe->shared->answers.no_child = true;
	work(&job);
	return 0;
}

int mntcompat_probe_submit(const struct mntcompat_probe_options *options,
			   struct mntcompat_probe **result)
{
	struct mntcompat_probe *probe;
	int saved = errno, ret;

	if (!result)
		return failure(-EFAULT);
	probe = calloc(1, sizeof(*probe));
	errno = saved;
	if (!probe)
		return failure(-ENOMEM);
	probe->fd = -1;
	/*
	 * The environment is read once; this is done before the fork, so that the child need not.
	 */
	mntcompat_get_mode();
	ret = read_options(probe, options);
	if (ret == 0)
		ret = share_memory(probe);
	if (ret == 0)
		ret = begin(probe);
	errno = saved;
	if (ret < 0) {
		mntcompat_probe_free(probe);
		return failure(ret);
	}
	*result = probe;
	return 0;
}

int mntcompat_probe_fd(const struct mntcompat_probe *probe)
{
	return probe ? probe->fd : -1;
}

static void end_child(struct mntcompat_probe *probe, bool kill_it)
{
	if (probe->child > 0) {
		if (kill_it)
			kill(probe->child, SIGKILL);
		raw_wait_clone(probe->child);
	}
	probe->child = 0;
	if (probe->fd >= 0)
		close(probe->fd);
	probe->fd = -1;
}

static int finish(struct mntcompat_probe *probe)
{
	int ret = 0;

	if (probe->flags & MNTCOMPAT_PROBE_FEATURES)
		ret = report_features(probe);
	if (ret == 0 && (probe->flags & MNTCOMPAT_PROBE_FILESYSTEMS))
		ret = report_filesystems(probe);
	if (ret == 0 && (probe->flags & MNTCOMPAT_PROBE_LIMITS))
		ret = report_limits(probe);
	probe->finished = ret == 0;
	return ret;
}

int mntcompat_probe_reap(struct mntcompat_probe *probe)
{
	struct pollfd poll = { .events = POLLIN };
	int saved = errno, ret;

	if (!probe)
		return failure(-EFAULT);
	if (probe->finished)
		return 0;
	poll.fd = probe->fd;
	if (probe->fd >= 0 && raw_poll(&poll, 1, 0) == 0)
		return failure(-EAGAIN);
	end_child(probe, false);
	ret = finish(probe);
	errno = saved;
	return failure(ret);
}

int mntcompat_probe_run(const struct mntcompat_probe_options *options,
			struct mntcompat_probe **result)
{
	struct mntcompat_probe *probe;
	int saved = errno, ret = result ? mntcompat_probe_submit(options, &probe) : -EFAULT;

	if (ret < 0)
		return failure(ret);
	/* When the child ends, the report can be finished; there is no need to poll its pipe. */
	end_child(probe, false);
	ret = finish(probe);
	errno = saved;
	if (ret < 0) {
		mntcompat_probe_free(probe);
		return failure(ret);
	}
	*result = probe;
	return 0;
}

void mntcompat_probe_free(struct mntcompat_probe *probe)
{
	int saved = errno;

	if (!probe)
		return;
	end_child(probe, true);
	if (probe->shared)
		munmap(probe->shared, probe->shared_size);
	while (probe->chunks) {
		struct chunk *next = probe->chunks->next;

		free(probe->chunks);
		probe->chunks = next;
	}
	free(probe->features.rows);
	free(probe->file_systems.rows);
	free(probe->limits.rows);
	free(probe->troubles.rows);
	free(probe);
	errno = saved;
}

/* --- rows --- */

static const void *row_of(const struct mntcompat_probe *probe, const struct row_list *list,
			  size_t row)
{
	return probe->finished && row < list->count ? list->rows[row] : NULL;
}

const struct mntcompat_probe_feature *mntcompat_probe_feature(const struct mntcompat_probe *probe,
							      size_t row)
{
	return probe ? row_of(probe, &probe->features, row) : NULL;
}

const struct mntcompat_probe_filesystem *mntcompat_probe_filesystem(
	const struct mntcompat_probe *probe, size_t row)
{
	return probe ? row_of(probe, &probe->file_systems, row) : NULL;
}

const struct mntcompat_probe_limit *mntcompat_probe_limit(const struct mntcompat_probe *probe,
							  size_t row)
{
	return probe ? row_of(probe, &probe->limits, row) : NULL;
}

const char *mntcompat_probe_trouble(const struct mntcompat_probe *probe, size_t row)
{
	return probe ? row_of(probe, &probe->troubles, row) : NULL;
}

const struct mntcompat_probe_feature *mntcompat_probe_find(const struct mntcompat_probe *probe,
							   const char *name)
{
	const struct mntcompat_probe_feature *feature;
	size_t i;

	for (i = 0; name && (feature = mntcompat_probe_feature(probe, i)); i++)
		if (!strcmp(feature->name, name))
			return feature;
	return NULL;
}

const char *mntcompat_probe_release(const struct mntcompat_probe *probe)
{
	return probe ? probe->release : NULL;
}

const char *mntcompat_probe_batch(const struct mntcompat_probe *probe)
{
	return probe && probe->shared->batch.uring ? "io_uring" : "plain";
}

const char *mntcompat_probe_state_name(enum mntcompat_probe_state state)
{
	static const char *const names[] = { NULL, "native", "emulated", "partly", "unavailable" };

	return (size_t)state - 1 < sizeof(names) / sizeof(names[0]) - 1 ? names[state] : "unknown";
}

const char *mntcompat_probe_reason_name(enum mntcompat_probe_reason reason)
{
	static const char *const names[] = {
		"none",		  "kernel", "filter", "privilege", "procfs",
		"user-namespace", "limit",  "files",  "unknown",
	};

	return (size_t)reason < sizeof(names) / sizeof(names[0]) ? names[reason] : "unknown";
}

const char *mntcompat_probe_filesystem_state_name(enum mntcompat_probe_filesystem_state state)
{
	static const char *const names[] = {
		NULL,	    "registered",  "builtin", "loaded",
		"loadable", "blacklisted", "missing", "unknown",
	};

	return (size_t)state - 1 < sizeof(names) / sizeof(names[0]) - 1 ? names[state] : "unknown";
}
