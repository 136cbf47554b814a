// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * probe-report.c - the probe's report under every confinement: its text, and whether it is true.
 * Confines children of its own; mounts in namespaces of its own only. Root only. Run by the kernel
 * matrix and ./check; TAP.
 *
 * With --expected, what it says is compared with a recorded file of the same kernel. Each row is
 * held against the call itself, made in the same confinement.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat-probe.h>
#include "tests/fault/fault-common.h"
#include "tests/probe/recorded.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PIDFD_GET_MNT_NAMESPACE 0xff03ul
#define ROOM ((size_t)64 << 10)
#define NOBODY 1000
#define HANDLE_ROOM 128

/* --- text in memory that children share, since some have no file descriptor to write to --- */

struct text {
	size_t length;
	char bytes[ROOM];
};

static struct {
	struct text report, wrong;
	int done, claims;
} * shared;

static void add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->bytes + text->length, ROOM - text->length, format, args);
	va_end(args);
	if (n > 0 && text->length + (size_t)n < ROOM)
		text->length += (size_t)n;
}

#define wrong(...) (add(&shared->wrong, __VA_ARGS__), add(&shared->wrong, "\n"))

/* --- what the report says, without what varies --- */

static void describe(const struct mntcompat_probe *probe, struct text *text)
{
	const struct mntcompat_probe_feature *feature;
	const struct mntcompat_probe_filesystem *filesystem;
	const struct mntcompat_probe_limit *limit;
	const char *trouble, *release = mntcompat_probe_release(probe), *at;
	size_t i;

	for (i = 0; (feature = mntcompat_probe_feature(probe, i)); i++) {
		add(text, "%s %s", feature->name, mntcompat_probe_state_name(feature->state));
		if (feature->state == MNTCOMPAT_PROBE_UNAVAILABLE)
			add(text, " %s %s", mntcompat_probe_reason_name(feature->reason),
			    feature->error ? fault_errno_name(feature->error) : "-");
		else
			add(text, " %s", mntcompat_way_name(feature->way));
		if (feature->state == MNTCOMPAT_PROBE_PARTLY)
			add(text, " lost: %s", feature->lost);
		add(text, "\n");
	}
	for (i = 0; (filesystem = mntcompat_probe_filesystem(probe, i)); i++)
		add(text, "fs:%s %s\n", filesystem->type,
		    mntcompat_probe_filesystem_state_name(filesystem->state));
	for (i = 0; (limit = mntcompat_probe_limit(probe, i)); i++)
		add(text, "limit:%s %s%s\n", limit->name, limit->known ? "known" : "unknown",
		    limit->bites ? " bites" : "");
	for (i = 0; (trouble = mntcompat_probe_trouble(probe, i)); i++) {
		at = strstr(trouble, release);
		if (at)
			add(text, "trouble: %.*sRELEASE%s\n", (int)(at - trouble), trouble,
			    at + strlen(release));
		else
			add(text, "trouble: %s\n", trouble);
	}
}

/* --- whether it is true: each function makes the call, 0 or -errno --- */

typedef int (*claim)(const struct mntcompat_probe_feature *row);

static int finish(int ret)
{
	int error = errno;

	if (ret >= 0)
		close(ret);
	return ret < 0 ? -error : 0;
}

/* In a child, which may do with itself what it likes. */
static int in_child(int (*task)(void))
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -EDEADLK;
	if (pid == 0) {
		int ret = task();

		_exit(ret < 0 ? -ret : 0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

static int tree_of(const char *path, unsigned int flags)
{
	return mntcompat_open_tree(AT_FDCWD, path, flags | MNTCOMPAT_OPEN_TREE_CLOEXEC);
}

static int claim_open_tree(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return finish(tree_of("/", 0));
}

static int claim_namespace(const struct mntcompat_probe_feature *row)
{
	int fd = tree_of("/", MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_AT_RECURSIVE),
	    error = errno, tree, inner;
	struct stat own, other;

	if (fd < 0)
		return -error;
	/* The first call of a process and the later ones may go different ways; the probe's was a
	 * first one. */
	if (mntcompat_last_way() != row->way)
		wrong("%s: made by %s", row->name, mntcompat_way_name(mntcompat_last_way()));
	if (fstat(fd, &other) || (stat("/proc/self/ns/mnt", &own) == 0 &&
				  own.st_ino == other.st_ino && own.st_dev == other.st_dev))
		wrong("%s: no new namespace", row->name);
	close(fd);
	tree = tree_of("/", MNTCOMPAT_OPEN_TREE_CLONE);
	if (tree < 0)
		return 0;
	inner = mntcompat_open_tree(tree, "",
				    MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_AT_EMPTY_PATH |
					    MNTCOMPAT_OPEN_TREE_CLOEXEC);
	if ((inner < 0) != (row->state == MNTCOMPAT_PROBE_PARTLY))
		wrong("%s: detached trees: %s", row->name,
		      inner < 0 ? fault_errno_name(errno) : "ok");
	if (inner >= 0)
		close(inner);
	close(tree);
	return 0;
}

static int claim_drop(const struct mntcompat_probe_feature *row)
{
	int fd = tree_of("/", MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS |
				      MNTCOMPAT_AT_RECURSIVE);

	if (fd >= 0 && mntcompat_last_way() != row->way)
		wrong("%s: made by %s", row->name, mntcompat_way_name(mntcompat_last_way()));
	return finish(fd);
}

static int statmount_of(const char *path, uint64_t mask, struct mntcompat_statmount *sm,
			size_t size)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1, .param = mask };
	int fd = open(path, O_PATH | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	req.mnt_fd = (uint32_t)fd;
	ret = mntcompat_statmount(&req, sm, size, MNTCOMPAT_STATMOUNT_BY_FD) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static union {
	struct mntcompat_statmount sm;
	char room[32768];
} answer;

static int claim_by_fd(const struct mntcompat_probe_feature *row)
{
	static const char *const paths[] = { "/dev", "/tmp", "/" };
	int ret = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		ret = statmount_of(paths[i], 0x7fff, &answer.sm, sizeof(answer));
		if (ret < 0)
			return ret;
		if (answer.sm.mask & row->lost_bits)
			wrong("%s: lost bits in the answer: %llx", row->name,
			      (unsigned long long)answer.sm.mask);
		if (row->state != MNTCOMPAT_PROBE_UNAVAILABLE &&
		    (~row->lost_bits & 0x7fff) != (answer.sm.supported_mask & 0x7fff))
			wrong("%s: supported_mask %llx", row->name,
			      (unsigned long long)answer.sm.supported_mask);
	}
	return ret;
}

static int claim_by_id(const struct mntcompat_probe_feature *row)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = 0x7fff };
	struct mntcompat_statx stx;

	if (mntcompat_statx(AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) < 0)
		return -errno;
	req.mnt_id = stx.stx_mnt_id;
	if (mntcompat_statmount(&req, &answer.sm, sizeof(answer), 0) < 0)
		return -errno;
	if (answer.sm.mask & row->lost_bits)
		wrong("%s: lost bits in the answer", row->name);
	return 0;
}

static int claim_id_maps(const struct mntcompat_probe_feature *row)
{
	int ret = statmount_of("/", 0x7fff, &answer.sm, sizeof(answer));
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = 0x7fff };
	struct mntcompat_statx stx;
	bool native;

	if (ret < 0)
		return ret;
	ret = (answer.sm.supported_mask & 0x6000) == 0x6000 ? 0 : -EOPNOTSUPP;
	/* The kernel has the fields if its own call by id does, which is older than that by fd. */
	if (ret < 0 || mntcompat_statx(AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx) < 0)
		return ret;
	req.mnt_id = stx.stx_mnt_id;
	native = mntcompat_statmount(&req, &answer.sm, sizeof(answer), 0) == 0 &&
		 mntcompat_last_way() == MNTCOMPAT_WAY_NATIVE &&
		 (answer.sm.supported_mask & 0x6000) == 0x6000;
	if (native != (row->state == MNTCOMPAT_PROBE_NATIVE))
		wrong("%s is said to be %s; by id the kernel %s them", row->name,
		      mntcompat_probe_state_name(row->state), native ? "has" : "lacks");
	return ret;
}

static uint64_t ids[2][4096];

static ssize_t list(bool reverse, uint64_t *into)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_id = MNTCOMPAT_LSMT_ROOT,
	};

	return mntcompat_listmount(&req, into, ARRAY_SIZE(ids[0]),
				   reverse ? MNTCOMPAT_LISTMOUNT_REVERSE : 0);
}

static int claim_listmount(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return list(false, ids[0]) < 0 ? -errno : 0;
}

static int claim_reverse(const struct mntcompat_probe_feature *row)
{
	ssize_t n = list(true, ids[1]), i;
	enum mntcompat_way way = mntcompat_last_way();
	int error = errno;

	if (n < 0)
		return -error;
	if (list(false, ids[0]) != n)
		wrong("%s: not as many as the other way round", row->name);
	for (i = 0; i < n; i++)
		if (ids[0][i] != ids[1][n - 1 - i])
			wrong("%s: another order", row->name);
	if (way != row->way)
		wrong("%s: by %s", row->name, mntcompat_way_name(way));
	list(true, ids[1]);
	return 0;
}

static int statx_bit(unsigned int bit)
{
	struct mntcompat_statx stx;

	if (mntcompat_statx(AT_FDCWD, "/", 0, bit, &stx) < 0)
		return -errno;
	return stx.stx_mask & bit ? 0 : -EOPNOTSUPP;
}

static int claim_old_id(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return statx_bit(MNTCOMPAT_STATX_MNT_ID);
}

static int claim_unique_id(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return statx_bit(MNTCOMPAT_STATX_MNT_ID_UNIQUE);
}

static int claim_handle(const struct mntcompat_probe_feature *row)
{
	union {
		struct mntcompat_file_handle head;
		unsigned char room[sizeof(struct mntcompat_file_handle) + HANDLE_ROOM];
	} handle = { .head = { .handle_bytes = HANDLE_ROOM } };
	uint64_t id;
	const char *path = "/";

	(void)row;
	if (mntcompat_name_to_handle_at(AT_FDCWD, path, &handle.head, &id,
					MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE) == 0)
		return 0;
	if (errno != EOPNOTSUPP)
		return -errno;
	handle.head.handle_bytes = HANDLE_ROOM;
	return mntcompat_name_to_handle_at(AT_FDCWD, "/tmp", &handle.head, &id,
					   MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE) ?
		       -errno :
		       0;
}

static int new_context(void)
{
	int fd = (int)syscall(UAPI_NR_fsopen, "tmpfs", 1);

	if (fd >= 0 && syscall(UAPI_NR_fsconfig, fd, 6, NULL, NULL, 0) < 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int fsmount_with(unsigned int flags)
{
	int context = new_context(), fd, error;

	if (context < 0)
		return -1;
	fd = mntcompat_fsmount(context, flags | MNTCOMPAT_FSMOUNT_CLOEXEC, 0);
	error = errno;
	close(context);
	errno = error;
	return fd;
}

static int claim_fsmount(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return finish(fsmount_with(0));
}

static int claim_fsmount_namespace(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return finish(fsmount_with(MNTCOMPAT_FSMOUNT_NAMESPACE));
}

/* A world of two mounts of one filesystem, the first one shared. */
static int make_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) || mkdir("/tmp/a", 0755) ||
	    mkdir("/tmp/b", 0755) || mount("tmpfs", "/tmp/a", "tmpfs", 0, NULL) ||
	    mount("/tmp/a", "/tmp/b", NULL, MS_BIND, NULL) ||
	    mount(NULL, "/tmp/b", NULL, MS_PRIVATE, NULL) ||
	    mount(NULL, "/tmp/a", NULL, MS_SHARED, NULL))
		return -EDEADLK;
	return 0;
}

static int set_group(void)
{
	int ret = make_mounts();

	if (ret == 0 && mntcompat_move_mount(AT_FDCWD, "/tmp/a", AT_FDCWD, "/tmp/b",
					     MNTCOMPAT_MOVE_MOUNT_SET_GROUP) < 0)
		ret = -errno;
	return ret;
}

static int beneath(void)
{
	int ret = make_mounts(), fd;

	if (ret < 0)
		return ret;
	fd = fsmount_with(0);
	if (fd < 0)
		return -EDEADLK;
	return mntcompat_move_mount(fd, "", AT_FDCWD, "/tmp/b",
				    MNTCOMPAT_MOVE_MOUNT_F_EMPTY_PATH |
					    MNTCOMPAT_MOVE_MOUNT_BENEATH) < 0 ?
		       -errno :
		       0;
}

static int setattr(void)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_RDONLY };
	int ret = make_mounts();

	if (ret == 0 && mntcompat_mount_setattr(AT_FDCWD, "/tmp/b", 0, &attr, sizeof(attr)) < 0)
		ret = -errno;
	if (ret == 0 && (mkdir("/tmp/b/x", 0755) == 0 || errno != EROFS))
		ret = -EBADE;
	return ret;
}

/*
 * Without privilege the call is refused first; a mount namespace of its own would give the caller
 * privilege.
 */
static int claim_set_group(const struct mntcompat_probe_feature *row)
{
	if (row->reason == MNTCOMPAT_PROBE_PRIVILEGE)
		return mntcompat_move_mount(-1, "", -1, "", MNTCOMPAT_MOVE_MOUNT_SET_GROUP) ?
			       -errno :
			       0;
	return in_child(set_group);
}

static int claim_beneath(const struct mntcompat_probe_feature *row)
{
	if (row->reason == MNTCOMPAT_PROBE_PRIVILEGE)
		return mntcompat_move_mount(-1, "", -1, "", MNTCOMPAT_MOVE_MOUNT_BENEATH) ? -errno :
											    0;
	return in_child(beneath);
}

static int claim_setattr(const struct mntcompat_probe_feature *row)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_RDONLY };

	if (row->reason == MNTCOMPAT_PROBE_PRIVILEGE)
		return mntcompat_mount_setattr(-1, "", MNTCOMPAT_AT_EMPTY_PATH, &attr,
					       sizeof(attr)) ?
			       -errno :
			       0;
	return in_child(setattr);
}

static int claim_open_tree_attr(const struct mntcompat_probe_feature *row)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_RDONLY };

	(void)row;
	/* Which has no mounts below it: some callers may not leave those out. */
	return finish(mntcompat_open_tree_attr(
		AT_FDCWD, "/tmp", MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC, &attr,
		sizeof(attr)));
}

static int own_pidfd_namespace(void)
{
	int pidfd = (int)syscall(UAPI_NR_pidfd_open, getpid(), 0), fd, error;

	if (pidfd < 0)
		return -1;
	fd = ioctl(pidfd, PIDFD_GET_MNT_NAMESPACE, 0);
	error = errno;
	close(pidfd);
	errno = error;
	return fd;
}

static int own_namespace(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	return fd >= 0 ? fd : own_pidfd_namespace();
}

static int claim_pidfd(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return finish(own_pidfd_namespace());
}

static int with_namespace(int (*ask)(int fd))
{
	int fd = own_namespace(), ret;

	if (fd < 0)
		return -errno;
	ret = ask(fd) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static int ask_mntns_id(int fd)
{
	uint64_t id;

	return mntcompat_mount_namespace_id(fd, &id);
}

static int ask_ns_id(int fd)
{
	uint64_t id;

	return mntcompat_namespace_id(fd, &id);
}

static int ask_info(int fd)
{
	struct mntcompat_mnt_ns_info info = { .size = sizeof(info) };

	return mntcompat_mount_namespace_info(fd, &info);
}

static int claim_mntns_id(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return with_namespace(ask_mntns_id);
}

static int claim_ns_id(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return with_namespace(ask_ns_id);
}

static int claim_info(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return with_namespace(ask_info);
}

static int claim_listns(const struct mntcompat_probe_feature *row)
{
	struct mntcompat_ns_id_req req = { .size = sizeof(req), .ns_type = CLONE_NEWNS };

	(void)row;
	return mntcompat_listns(&req, ids[0], ARRAY_SIZE(ids[0]), 0) < 0 ? -errno : 0;
}

static int claim_procfs(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return finish(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
}

static int empty(void)
{
	return mntcompat_unshare(MNTCOMPAT_UNSHARE_EMPTY_MNTNS) < 0 ? -errno :
	       access("/dev", F_OK) == 0			    ? -EBADE :
								      0;
}

static int claim_unshare(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return in_child(empty);
}

static int claim_clone3(const struct mntcompat_probe_feature *row)
{
	struct mntcompat_clone_args args = { .flags = MNTCOMPAT_CLONE_EMPTY_MNTNS,
					     .exit_signal = SIGCHLD };
	pid_t pid = mntcompat_clone3(&args, sizeof(args));
	int status;

	(void)row;
	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(access("/dev", F_OK) == 0 ? EBADE : 0);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

static int claim_table(const struct mntcompat_probe_feature *row)
{
	struct mntcompat_table_options options = { .size = sizeof(options),
						   .mask = MNTCOMPAT_STATMOUNT_MNT_POINT };
	const struct mntcompat_statmount *line;
	struct mntcompat_table *table;
	int ret = mntcompat_table_open(&options, &table), n = 0;

	(void)row;
	if (ret < 0)
		return ret;
	while ((ret = mntcompat_table_next(table, &line)) > 0)
		n++;
	mntcompat_table_close(table);
	return ret < 0 ? ret : n ? 0 : -EBADE;
}

static int end(void *arg)
{
	(void)arg;
	return 0;
}

/* By the one call or by the other. */
static int new_user(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	pid_t pid;

	if (unshare(CLONE_NEWUSER) == 0)
		return 0;
	pid = clone(end, stack + sizeof(stack), CLONE_NEWUSER, NULL);
	return pid < 0 ? -errno : 0;
}

static int claim_user_namespace(const struct mntcompat_probe_feature *row)
{
	(void)row;
	return in_child(new_user);
}

/* The last way is that of a row only where nothing else was called after it. */
static const struct {
	const char *name;
	claim claim;
	bool has_way;
} claims[] = {
	{ "open_tree", claim_open_tree, false },
	{ "open_tree.namespace", claim_namespace, false },
	{ "open_tree.drop_mntns_mounts", claim_drop, false },
	{ "open_tree.namespace_rules", NULL,
	  false }, /* open-tree scenarios are about nothing else */
	{ "statmount", claim_by_id, true },
	{ "statmount.by_fd", claim_by_fd, true },
	{ "statmount.id_maps", claim_id_maps, false },
	{ "listmount", claim_listmount, true },
	{ "listmount.reverse", claim_reverse, true },
	{ "statx.mnt_id", claim_old_id, true },
	{ "statx.mnt_id_unique", claim_unique_id, true },
	{ "name_to_handle_at.mnt_id_unique", claim_handle, true },
	{ "fsmount", claim_fsmount, false },
	{ "fsmount.namespace", claim_fsmount_namespace, true },
	{ "move_mount.set_group", claim_set_group, false },
	{ "move_mount.beneath", claim_beneath, false },
	{ "open_tree_attr", claim_open_tree_attr, true },
	{ "mount_setattr", claim_setattr, false },
	{ "ns.get_mntns_id", claim_mntns_id, true },
	{ "ns.get_id", claim_ns_id, true },
	{ "ns.mnt_get_info", claim_info, true },
	{ "listns", claim_listns, true },
	{ "pidfd.get_mnt_namespace", claim_pidfd, false },
	{ "procfs", claim_procfs, false },
	{ "unshare.empty_mntns", claim_unshare, false },
	{ "clone3.empty_mntns", claim_clone3, true },
	{ "table", claim_table, false },
	{ "user_namespace", claim_user_namespace, false },
};

static void check_claim(const struct mntcompat_probe_feature *row)
{
	bool there = row->state != MNTCOMPAT_PROBE_UNAVAILABLE;
	size_t i = 0;
	int ret;

	while (i < ARRAY_SIZE(claims) && strcmp(claims[i].name, row->name))
		i++;
	if (i == ARRAY_SIZE(claims)) {
		wrong("%s: no test makes this call", row->name);
		return;
	}
	if (!claims[i].claim)
		return;
	ret = claims[i].claim(row);
	/* The world of the test could not be made here. */
	if (ret == -EDEADLK)
		return;
	shared->claims++;
	/* "Unknown" claims nothing. */
	if (row->reason == MNTCOMPAT_PROBE_UNKNOWN)
		return;
	if (there != (ret == 0))
		wrong("%s is said to be %s, but the call says %s", row->name,
		      mntcompat_probe_state_name(row->state), ret ? fault_errno_name(-ret) : "ok");
	else if (there && claims[i].has_way && mntcompat_last_way() != row->way)
		wrong("%s is said to come by %s, and came by %s", row->name,
		      mntcompat_way_name(row->way), mntcompat_way_name(mntcompat_last_way()));
	else if (!there && row->error && row->error != -ret)
		wrong("%s is said to fail with %s, and fails with %s", row->name,
		      fault_errno_name(row->error), fault_errno_name(-ret));
}

/* A type that is registered can be opened, one that is missing cannot. */
static void check_filesystems(const struct mntcompat_probe *probe)
{
	const struct mntcompat_probe_filesystem *row;
	size_t i;
	int fd;

	fd = (int)syscall(UAPI_NR_fsopen, "tmpfs", 1);
	if (fd < 0)
		return;
	close(fd);
	for (i = 0; (row = mntcompat_probe_filesystem(probe, i)); i++) {
		if (row->state == MNTCOMPAT_PROBE_FS_UNKNOWN)
			continue;
		fd = (int)syscall(UAPI_NR_fsopen, row->type, 1);
		shared->claims++;
		if ((fd < 0 && errno == ENODEV) != (row->state == MNTCOMPAT_PROBE_FS_MISSING))
			wrong("fs:%s is said to be %s, but fsopen says %s", row->type,
			      mntcompat_probe_filesystem_state_name(row->state),
			      fd < 0 ? fault_errno_name(errno) : "ok");
		if (fd >= 0)
			close(fd);
	}
}

/* --- one confinement --- */

static bool print;  /* print the report, and nothing else */
static bool killed; /* a filter ends who makes a call: what is unavailable cannot be tried here */

static struct text other;

/* A synchronous report and a reaped one must be the same. */
static void check_submitted(void)
{
	struct mntcompat_probe *probe;
	struct pollfd poll_fd = { .events = POLLIN };
	int ret = mntcompat_probe_submit(NULL, &probe);

	if (ret < 0) {
		wrong("submit: %s", fault_errno_name(-ret));
		return;
	}
	poll_fd.fd = mntcompat_probe_fd(probe);
	while ((ret = mntcompat_probe_reap(probe)) == -EAGAIN)
		if (poll(&poll_fd, 1, 60000) <= 0)
			break;
	if (ret < 0) {
		wrong("reap: %s", fault_errno_name(-ret));
	} else {
		other.length = 0;
		describe(probe, &other);
		if (strcmp(other.bytes, shared->report.bytes))
			wrong("the submitted report differs:\n%s", other.bytes);
	}
	if (mntcompat_probe_fd(probe) != -1)
		wrong("a finished report has a file descriptor");
	mntcompat_probe_free(probe);
	/* One without a waiter. */
	if (mntcompat_probe_submit(NULL, &probe) == 0)
		mntcompat_probe_free(probe);
}

/* A report of two features, from a caller's list that is gone when the report is finished. */
static void check_chosen(void)
{
	const char *names[] = { "table", "procfs", NULL };
	struct mntcompat_probe_options options = {
		.size = sizeof(options),
		.flags = MNTCOMPAT_PROBE_FEATURES,
		.features = names,
	};
	struct mntcompat_probe *probe;
	struct pollfd poll_fd = { .events = POLLIN };
	int ret = mntcompat_probe_submit(&options, &probe);

	names[0] = names[1] = NULL;
	if (ret < 0) {
		wrong("submit two features: %s", fault_errno_name(-ret));
		return;
	}
	poll_fd.fd = mntcompat_probe_fd(probe);
	while (mntcompat_probe_reap(probe) == -EAGAIN)
		if (poll(&poll_fd, 1, 60000) <= 0)
			break;
	if (!mntcompat_probe_find(probe, "table") || !mntcompat_probe_find(probe, "procfs") ||
	    !mntcompat_probe_feature(probe, 1) || mntcompat_probe_feature(probe, 2))
		wrong("a report of two features has others");
	mntcompat_probe_free(probe);
	/* Without a report, or a place for one. */
	if (mntcompat_probe_run(NULL, NULL) != -EFAULT ||
	    mntcompat_probe_submit(NULL, NULL) != -EFAULT ||
	    mntcompat_probe_reap(NULL) != -EFAULT || mntcompat_probe_fd(NULL) != -1 ||
	    mntcompat_probe_feature(NULL, 0) || mntcompat_probe_filesystem(NULL, 0) ||
	    mntcompat_probe_limit(NULL, 0) || mntcompat_probe_trouble(NULL, 0) ||
	    mntcompat_probe_find(NULL, "table") || mntcompat_probe_release(NULL) ||
	    !mntcompat_probe_batch(NULL) || mntcompat_probe_json(NULL, NULL) != -EFAULT)
		wrong("a null pointer was taken for a report");
	names[0] = "fly";
	ret = mntcompat_probe_run(&options, &probe);
	if (ret != -EINVAL)
		wrong("a feature that does not exist: %s", fault_errno_name(-ret));
	/* A program that was built before the list of features was there. */
	options.size = offsetof(struct mntcompat_probe_options, features);
	if (mntcompat_probe_run(&options, &probe) == 0) {
		if (!mntcompat_probe_find(probe, "statmount"))
			wrong("bytes behind the options were read");
		mntcompat_probe_free(probe);
	}
}

static int open_files(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void check_report(void)
{
	struct mntcompat_probe *probe;
	const struct mntcompat_probe_feature *row;
	enum mntcompat_way way;
	int files = open_files(), ret;
	siginfo_t info;
	char *json;
	size_t i;

	mntcompat_open_tree(-1, NULL, 0);
	way = mntcompat_last_way();
	ret = mntcompat_probe_run(NULL, &probe);
	if (ret < 0) {
		wrong("run: %s", fault_errno_name(-ret));
		return;
	}
	describe(probe, &shared->report);
	if (print) {
		mntcompat_probe_free(probe);
		return;
	}
	check_submitted();
	check_chosen();
	ret = mntcompat_probe_json(probe, &json);
	if (ret < 0)
		wrong("json: %s", fault_errno_name(-ret));
	else
		free(json);
	/* The caller is as it was; its last way as well, unless it had to ask itself. */
	row = mntcompat_probe_find(probe, "user_namespace");
	if (mntcompat_last_way() != way && row->reason != MNTCOMPAT_PROBE_UNKNOWN)
		wrong("the caller's last way has changed");
	if (open_files() != files)
		wrong("file descriptors: %d before, %d after", files, open_files());
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 || errno != ECHILD)
		wrong("a child is left");
	for (i = 0; (row = mntcompat_probe_feature(probe, i)); i++)
		if (!killed || row->state != MNTCOMPAT_PROBE_UNAVAILABLE)
			check_claim(row);
	if (killed && mntcompat_probe_trouble(probe, 0) == NULL)
		wrong("questions that were not asked are not told of");
	check_filesystems(probe);
	mntcompat_probe_free(probe);
}

/* --- confinements --- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

static bool as_root(void)
{
	return true;
}

static bool new_user_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
	       write_file("/proc/self/uid_map", "0 0 1") &&
	       write_file("/proc/self/gid_map", "0 0 1");
}

static bool as_userns(void)
{
	return new_user_namespace() && unshare(CLONE_NEWNS) == 0;
}

/* Root of a user namespace in a mount namespace that is somebody else's. */
static bool as_foreign(void)
{
	return new_user_namespace();
}

static bool as_user(void)
{
	return setresgid(NOBODY, NOBODY, NOBODY) == 0 && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

static bool without_proc(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       umount2("/proc", MNT_DETACH) == 0;
}

static bool user_without_proc(void)
{
	return without_proc() && as_user();
}

static bool with_full_files(void)
{
	struct rlimit limit = { 0, 0 };
	int fd = 0;

	while (fcntl(fd, F_GETFD) >= 0)
		fd++;
	/* Numbers above the limit may be in use; none below it is free. */
	limit.rlim_cur = limit.rlim_max = (rlim_t)fd;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static bool user_with_full_files(void)
{
	return as_user() && with_full_files();
}

static bool without_namespaces(void)
{
	return as_userns() && write_file("/proc/sys/user/max_mnt_namespaces", "0");
}

static bool without_user_namespaces(void)
{
	return as_userns() && write_file("/proc/sys/user/max_user_namespaces", "0");
}

static bool with_strange_proc(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0;
}

/* A root that has no place but itself to clone, and in which nothing may be left out. */
static bool in_bare_root(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0 && mkdir("/tmp/locked", 0755) == 0 &&
	       mkdir("/tmp/dev", 0755) == 0 && mkdir("/tmp/tmp", 0755) == 0 &&
	       mount("tmpfs", "/tmp/locked", "tmpfs", 0, NULL) == 0 && as_userns() &&
	       chroot("/tmp") == 0 && chdir("/") == 0;
}

static bool kills(long nr)
{
	struct fault_mask masks[] = { { .nr = nr, .error = FAULT_KILL }, FAULT_MASK_END };

	killed = true;
	return fault_filter(masks, FAULT_LISTEN_NONE) == 0;
}

static bool statmount_kills(void)
{
	return kills(UAPI_NR_statmount);
}

static bool move_mount_kills(void)
{
	return kills(UAPI_NR_move_mount);
}

static bool user_statmount_kills(void)
{
	return as_user() && statmount_kills();
}

struct confinement {
	const char *name;
	bool (*confine)(void);
	struct fault_mask masks[12]; /* their error is filled in; for both ENOSYS and EPERM */
};

#define END FAULT_MASK_END
#define MASK(name, number) \
	{ \
		name, NULL, \
		{ \
			{ .nr = (number) }, END \
		} \
	}

static const struct confinement confinements[] = {
	{ "root", as_root, { END } },
	{ "userns", as_userns, { END } },
	{ "userns-foreign", as_foreign, { END } },
	{ "user", as_user, { END } },
	{ "no-proc", without_proc, { END } },
	{ "no-proc-user", user_without_proc, { END } },
	{ "strange-proc", with_strange_proc, { END } },
	{ "bare-root", in_bare_root, { END } },
	{ "full-files", with_full_files, { END } },
	{ "full-files-user", user_with_full_files, { END } },
	{ "no-mount-namespaces", without_namespaces, { END } },
	{ "no-user-namespaces", without_user_namespaces, { END } },
	{ "statmount-kills", statmount_kills, { END } },
	{ "statmount-kills-user", user_statmount_kills, { END } },
	{ "move_mount-kills", move_mount_kills, { END } },
	MASK("open_tree", UAPI_NR_open_tree),
	{ "open_tree(NAMESPACE)", NULL, { { .nr = UAPI_NR_open_tree, .bits = 2, .arg = 2 }, END } },
	{ "open_tree(CLONE)", NULL, { { .nr = UAPI_NR_open_tree, .bits = 1, .arg = 2 }, END } },
	MASK("move_mount", UAPI_NR_move_mount),
	MASK("fsopen", UAPI_NR_fsopen),
	MASK("fsmount", UAPI_NR_fsmount),
	MASK("mount_setattr", UAPI_NR_mount_setattr),
	MASK("statmount", UAPI_NR_statmount),
	MASK("listmount", UAPI_NR_listmount),
	MASK("open_tree_attr", UAPI_NR_open_tree_attr),
	MASK("listns", UAPI_NR_listns),
	MASK("statx", SYS_statx),
	MASK("name_to_handle_at", SYS_name_to_handle_at),
	MASK("setns", SYS_setns),
	MASK("unshare", SYS_unshare),
	MASK("mount", SYS_mount),
	MASK("umount2", SYS_umount2),
	MASK("pivot_root", SYS_pivot_root),
	MASK("clone", SYS_clone),
	MASK("clone3", UAPI_NR_clone3),
	MASK("pidfd_open", UAPI_NR_pidfd_open),
	MASK("ioctl", SYS_ioctl),
	MASK("io_uring_setup", 425),
	MASK("prctl", SYS_prctl),
	{ "all-above-statx", NULL, { { .nr = SYS_statx + 1, .and_above = true }, END } },
	{ "container",
	  NULL,
	  { { .nr = SYS_mount },
	    { .nr = SYS_umount2 },
	    { .nr = SYS_pivot_root },
	    { .nr = SYS_setns },
	    { .nr = SYS_unshare },
	    { .nr = UAPI_NR_open_tree },
	    { .nr = UAPI_NR_move_mount },
	    { .nr = UAPI_NR_fsopen },
	    { .nr = UAPI_NR_fsconfig },
	    { .nr = UAPI_NR_fsmount },
	    { .nr = UAPI_NR_mount_setattr },
	    END } },
};

static bool confine(const struct confinement *confinement, int error)
{
	struct fault_mask masks[ARRAY_SIZE(confinement->masks)];
	size_t i;

	if (confinement->confine)
		return confinement->confine();
	memcpy(masks, confinement->masks, sizeof(masks));
	for (i = 0; masks[i].nr >= 0; i++)
		masks[i].error = error;
	return fault_filter(masks, FAULT_LISTEN_NONE) == 0;
}

/* --- golden --- */

static struct recorded *golden;

/*
 * Rows of only one of the two, "-" before the recorded ones; common rows may come in another order.
 */
static void show_difference(const char *from, const char *to, char sign)
{
	const char *end;
	char line[512];

	for (; *from; from = end + 1) {
		const char *found;
		size_t length;

		end = strchr(from, '\n');
		length = (size_t)(end - from) + 1;
		snprintf(line, sizeof(line), "%.*s", (int)length, from);
		for (found = strstr(to, line); found && found > to && found[-1] != '\n';
		     found = strstr(found + 1, line))
			;
		if (!found)
			printf("# %c %s", sign, line);
	}
}

static void compare(const char *name, const char *said)
{
	char label[128], why[256], *expected;

	if (!golden)
		return;
	snprintf(label, sizeof(label), "golden %s", name);
	expected = recorded_rows(golden, name, why, sizeof(why));
	if (!expected) {
		tap_result(false, label, "%s", why);
	} else if (strcmp(said, expected)) {
		tap_result(false, label, "recorded: -, reported: +, or in another order");
		show_difference(expected, said, '-');
		show_difference(said, expected, '+');
	} else {
		tap_result(true, label, NULL);
	}
	free(expected);
}

/* --- a caller that ends --- */

/* The only child of the calling thread, 0 if there is none, -1 if procfs does not list children. */
static pid_t only_child(void)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	if (fault_read_file(path, text, sizeof(text)) < 0)
		return -1;
	return (pid_t)strtol(text, NULL, 10);
}

/* True once @child has closed its copy of the caller's end of the pipe, which is the first thing it
 * does. */
static bool has_begun(pid_t child, int fd)
{
	char path[64];
	struct stat st;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)child, fd);
	for (i = 0; i < 10000 && lstat(path, &st) == 0; i++)
		sched_yield();
	usleep(200);
	return i < 10000;
}

/* Submits, stops the child that works on the report, and ends. Sends the number of that child. */
static void submit_and_end(int pipe)
{
	struct mntcompat_probe *probe;
	siginfo_t info = { .si_pid = 0 };
	pid_t child;

	if (mntcompat_probe_submit(NULL, &probe) < 0)
		_exit(1);
	child = only_child();
	if (child > 0 &&
	    (!has_begun(child, mntcompat_probe_fd(probe)) || kill(child, SIGSTOP) < 0 ||
	     waitid(P_PID, (id_t)child, &info, WSTOPPED | WEXITED | WNOWAIT | __WALL) < 0 ||
	     info.si_code != CLD_STOPPED))
		child = 0;
	fault_must(write(pipe, &child, sizeof(child)), "write");
	raise(SIGKILL);
}

/* The child of a report must not outlive its caller, also where it has come to wait for something. */
static void check_caller_ends(void)
{
	static const char name[] = "the child ends when its caller does";
	siginfo_t info = { .si_pid = 0 };
	int fds[2], status, i;
	pid_t caller, child = 0;

	fault_must(prctl(PR_SET_CHILD_SUBREAPER, 1), "PR_SET_CHILD_SUBREAPER");
	/* It may have finished before it is stopped. */
	for (i = 0; i < 50 && child == 0; i++) {
		fault_must(pipe(fds), "pipe");
		fflush(stdout);
		caller = (pid_t)fault_must(fork(), "fork");
		if (caller == 0)
			submit_and_end(fds[1]);
		close(fds[1]);
		if (read(fds[0], &child, sizeof(child)) != sizeof(child))
			fault_broken("the caller that was to end could not submit");
		close(fds[0]);
		waitpid(caller, &status, 0);
	}
	if (child < 0) {
		tap_skip(name, "procfs does not list children");
		return;
	}
	if (child == 0) {
		tap_result(false, name,
			   "in %d attempts the child never closed the caller's end of the pipe", i);
		return;
	}
	for (i = 0; i < 500 && info.si_pid == 0; i++) {
		fault_must(waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | __WALL), "waitid");
		usleep(10000);
	}
	if (info.si_pid == child) {
		tap_result(true, name, "after %d ms", 10 * i);
	} else {
		tap_result(false, name, "process %d is still there after 5 s", (int)child);
		kill(child, SIGKILL);
		waitpid(child, &status, __WALL);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* --- main --- */

static void show(struct text *text)
{
	char *line, *rest = text->bytes;

	while ((line = strsep(&rest, "\n")) && *line)
		tap_note("%s", line);
}

static void name_of(const struct confinement *confinement, int error, char *name, size_t size)
{
	snprintf(name, size, "%s%s%s", confinement->name, error ? " " : "",
		 error ? fault_errno_name(error) : "");
}

static void try(const struct confinement *confinement, int error)
{
	char name[64], label[96];
	int status;
	pid_t pid;

	name_of(confinement, error, name, sizeof(name));
	memset(shared, 0, sizeof(*shared));
	fflush(stdout);
	pid = (pid_t)fault_must(fork(), "fork");
	if (pid == 0) {
		if (!confine(confinement, error))
			_exit(77);
		check_report();
		shared->done = 1;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (print) {
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 77)
			printf("== %s\n%s", name, shared->report.bytes);
		return;
	}
	snprintf(label, sizeof(label), "claims %s", name);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		tap_skip(label, "this confinement cannot be had here");
		if (golden)
			tap_skip(name, "this confinement cannot be had here");
		return;
	}
	if (!shared->done)
		tap_result(false, label, "died with status %#x", status);
	else
		tap_result(!shared->wrong.length, label, "%d calls made", shared->claims);
	show(&shared->wrong);
	compare(name, shared->report.bytes);
}

/* A section of no confinement would never be compared. */
static void refuse_strangers(void)
{
	const char *section = NULL;
	char name[64];

	while ((section = recorded_next(golden, section))) {
		bool found = false;
		size_t i;

		for (i = 0; i < ARRAY_SIZE(confinements) && !found; i++) {
			int error = confinements[i].confine ? 0 : ENOSYS;

			name_of(&confinements[i], error, name, sizeof(name));
			found = !strcmp(section, name);
			if (!found && error) {
				name_of(&confinements[i], EPERM, name, sizeof(name));
				found = !strcmp(section, name);
			}
		}
		if (!found)
			fault_broken("recorded for %s, which is not a confinement", section);
	}
}

/*
 * Read the record for this kernel: for its point release where that differs from the newest of its
 * series.
 */
static void read_golden(const char *path, const char *root)
{
	unsigned int major, minor, point = 0;
	struct utsname system;
	char series[32], release[32];

	golden = recorded_read(path);
	if (!golden)
		fault_broken("%s cannot be used", path);
	refuse_strangers();
	uname(&system);
	if (sscanf(system.release, "%u.%u.%u", &major, &minor, &point) < 2)
		fault_broken("%s is not a kernel release", system.release);
	snprintf(series, sizeof(series), "%u.%u", major, minor);
	snprintf(release, sizeof(release), "%u.%u.%u", major, minor, point);
	if (!recorded_choose(golden, release, series, root))
		fault_broken("%s: nothing is recorded for %s", path, series);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "expected", required_argument, NULL, 'e' },
		{ "root-kind", required_argument, NULL, 'r' },
		{ "print", no_argument, NULL, 'p' },
		{ "only", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	const char *expected = NULL, *root = "any", *only = NULL;
	int option, tests = 0;
	size_t i;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'e':
			expected = optarg;
			break;
		case 'r':
			root = optarg;
			break;
		case 'p':
			print = true;
			break;
		case 'o':
			only = optarg;
			break;
		default:
			fprintf(stderr,
				"usage: probe-report [--expected FILE] [--root-kind KIND] [--only NAME] [--print]\n");
			return 2;
		}
	}
	if (geteuid() != 0)
		tap_skip_all("needs root");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		fault_broken("mmap");
	if (expected)
		read_golden(expected, root);
	for (i = 0; i < ARRAY_SIZE(confinements); i++)
		if (!only || !strcmp(only, confinements[i].name))
			tests += (confinements[i].confine ? 1 : 2) * (golden ? 2 : 1);
	if (!print)
		tap_plan(tests + !only);
	for (i = 0; i < ARRAY_SIZE(confinements); i++) {
		const struct confinement *confinement = &confinements[i];

		if (only && strcmp(only, confinement->name))
			continue;
		if (confinement->confine) {
			try(confinement, 0);
		} else {
			try(confinement, ENOSYS);
			try(confinement, EPERM);
		}
	}
	if (print)
		return 0;
	if (!only)
		check_caller_ends();
	return tap_exit();
}
