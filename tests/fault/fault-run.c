// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fault-run.c - the calls that are watched, and the watching.
 * Forks a process for each call, looks at it through /proc before and after, judges the answer.
 * Linked into fault-inject and masks.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-run.h"

#define FAULT_TIMEOUT_MS 20000
#define MASK_ALL 0x7fffull

#define NS MNTCOMPAT_OPEN_TREE_NAMESPACE
#define CLONE MNTCOMPAT_OPEN_TREE_CLONE
#define CLOEXEC MNTCOMPAT_OPEN_TREE_CLOEXEC
#define REC MNTCOMPAT_AT_RECURSIVE

enum { PHASE_BEGIN = 1, PHASE_END, PHASE_AGAIN, PHASE_AGAIN_END };

/* --- the calls --- */

static int open_path(const char *path)
{
	return (int)fault_must(open(path, O_RDONLY | O_CLOEXEC), path);
}

static int subject_dir(const struct fault_world *world)
{
	(void)world;
	return open_path("src/a/deep");
}

static int subject_file(const struct fault_world *world)
{
	(void)world;
	return open_path("src/marker");
}

static int subject_slave(const struct fault_world *world)
{
	(void)world;
	return open_path("src/slave");
}

static int subject_pipe(const struct fault_world *world)
{
	int fds[2];

	(void)world;
	fault_must(pipe2(fds, O_CLOEXEC), "pipe");
	close(fds[1]);
	return fds[0];
}

static int subject_unmounted(const struct fault_world *world)
{
	return dup(world->unmounted);
}

static int subject_elsewhere(const struct fault_world *world)
{
	return dup(world->elsewhere);
}

static int subject_detached(const struct fault_world *world)
{
	return dup(world->detached);
}

static int subject_source(const struct fault_world *world)
{
	(void)world;
	return open_path("src");
}

static int subject_namespace(const struct fault_world *world)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)world->holder);
	return open_path(path);
}

static int subject_proc(const struct fault_world *world)
{
	(void)world;
	return open_path("/proc");
}

static int subject_own_namespace(const struct fault_world *world)
{
	(void)world;
	return open_path("/proc/self/ns/mnt");
}

/* An fd of a mount that is outside of the root of the caller. */
static int subject_chroot(const struct fault_world *world)
{
	int fd = open_path("flat");

	(void)world;
	fault_must(chroot("src"), "chroot");
	fault_must(chdir("/"), "chdir");
	return fd;
}

/* A filesystem context makes one mount: one for each call. */
static int contexts[4], context_next;

static int subject_contexts(const struct fault_world *world)
{
	size_t i;

	(void)world;
	for (i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		contexts[i] = (int)fault_must(syscall(UAPI_NR_fsopen, "tmpfs", 1), "fsopen");
		fault_must(syscall(UAPI_NR_fsconfig, contexts[i], 6, NULL, NULL, 0), "fsconfig");
	}
	return contexts[0];
}

static int call_fsmount(int subject, char *room, size_t size)
{
	(void)subject;
	(void)room;
	(void)size;
	return mntcompat_fsmount(contexts[context_next++],
				 MNTCOMPAT_FSMOUNT_NAMESPACE | MNTCOMPAT_FSMOUNT_CLOEXEC,
				 MNTCOMPAT_MOUNT_ATTR_NOSUID);
}

#define UNSHARE_LIED 255 /* an error, and the caller has moved; or success, and it has not */

/* In a task that ends with it: no signal, no trace. */
static void __attribute__((noreturn)) unshare_flags(unsigned int flags)
{
	struct stat before, after, root;
	int ret;

	/* These may be made to fail as well, which says nothing about the product. */
	if (stat("/", &before) < 0)
		_exit(ENOMEM);
	ret = mntcompat_unshare(MNTCOMPAT_UNSHARE_EMPTY_MNTNS | flags);
	ret = ret < 0 ? errno : 0;
	if (stat("/", &root) < 0 || stat(".", &after) < 0)
		_exit(ret ? ret : ENOMEM);
	if (!ret && (access("/usr", F_OK) == 0 || root.st_ino != after.st_ino ||
		     root.st_dev != after.st_dev))
		_exit(UNSHARE_LIED);
	if (ret && (root.st_ino != before.st_ino || root.st_dev != before.st_dev))
		_exit(UNSHARE_LIED);
	_exit(ret);
}

static void __attribute__((noreturn)) unshare_child(void)
{
	unshare_flags(0);
}

/* A child makes the namespaces, and the caller joins them. */
static void __attribute__((noreturn)) unshare_user_child(void)
{
	unshare_flags(CLONE_NEWUSER | CLONE_NEWUTS);
}

/* The kernel copies the first empty namespace. */
static void __attribute__((noreturn)) unshare_again_child(void)
{
	if (mntcompat_unshare(MNTCOMPAT_UNSHARE_EMPTY_MNTNS) < 0)
		_exit(errno);
	unshare_flags(0);
}

static int clone3_with(uint64_t flags)
{
	struct mntcompat_clone_args args = { .flags = MNTCOMPAT_CLONE_EMPTY_MNTNS | flags };
	struct stat root, above;
	int status, saved;
	pid_t pid = mntcompat_clone3(&args, sizeof(args));

	if (pid == 0) {
		if (stat("/", &root) < 0 || stat(".", &above) < 0)
			_exit(0);
		_exit(access("/usr", F_OK) == 0 || root.st_ino != above.st_ino ||
		      root.st_dev != above.st_dev);
	}
	saved = errno;
	if (pid > 0 && waitpid(pid, &status, __WALL) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status))
		saved = UNSHARE_LIED;
	else if (pid > 0)
		return 0;
	errno = saved;
	return -1;
}

static int call_clone3(int subject, char *room, size_t size)
{
	(void)subject;
	(void)room;
	(void)size;
	return clone3_with(0);
}

/* The child makes the namespace, not the caller. */
static int call_clone3_userns(int subject, char *room, size_t size)
{
	(void)subject;
	(void)room;
	(void)size;
	return clone3_with(CLONE_NEWUSER);
}

/* @child ends with the errno of its call, or 0. */
static int call_in_child(void (*child)(void))
{
	pid_t pid = (pid_t)syscall(SYS_clone, 0ul, NULL, NULL, NULL, NULL);
	int status;

	if (pid == 0)
		child();
	if (pid < 0 || waitpid(pid, &status, __WALL) < 0) {
		errno = ENOMEM;
		return -1;
	}
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : UNSHARE_LIED;
	return errno ? -1 : 0;
}

static int call_unshare(int subject, char *room, size_t size)
{
	(void)subject;
	(void)room;
	(void)size;
	return call_in_child(unshare_child);
}

static int call_unshare_user(int subject, char *room, size_t size)
{
	(void)subject;
	(void)room;
	(void)size;
	return call_in_child(unshare_user_child);
}

static int call_unshare_again(int subject, char *room, size_t size)
{
	(void)subject;
	(void)room;
	(void)size;
	return call_in_child(unshare_again_child);
}

/*
 * If it fails, the child is where it was: its namespace, its root and its cwd. If not, it is in
 * the tree.
 */
static void enter_tree_child(void)
{
	static const char *const places[] = { "/proc/self/ns/mnt", "/", "." };
	struct stat before[3], after[3], root;
	int ret, error, i;

	/* These may be made to fail, too. */
	if (stat("src", &root) < 0)
		_exit(ENOMEM);
	for (i = 0; i < 3; i++)
		if (stat(places[i], &before[i]) < 0)
			_exit(ENOMEM);
	ret = mntcompat_enter_tree(AT_FDCWD, "src", REC);
	error = ret ? errno : 0;
	for (i = 0; i < 3; i++) {
		const struct stat *expected = ret || !i ? &before[i] : &root;

		if ((ret == 0 && i == 0) ||
		    (stat(places[i], &after[i]) < 0 && stat(places[i], &after[i]) < 0 &&
		     stat(places[i], &after[i]) < 0))
			continue;
		if (after[i].st_ino != expected->st_ino || after[i].st_dev != expected->st_dev)
			_exit(error == ENOTRECOVERABLE ? error : UNSHARE_LIED);
	}
	_exit(error);
}

static int call_enter_tree(int subject, char *room, size_t size)
{
	(void)subject;
	(void)room;
	(void)size;
	return call_in_child(enter_tree_child);
}

/* The caller closes fds that it does not know. */
static void close_template(const struct fault_world *world)
{
	int fd;

	(void)world;
	for (fd = 100; fd < 256; fd++)
		close(fd);
}

/* The same, and something else gets the number. */
static void replace_template(const struct fault_world *world)
{
	int fd;

	close_template(world);
	for (fd = 100; fd < 104; fd++)
		fault_must(dup3(world->elsewhere, fd, O_CLOEXEC), "dup3");
}

static int call_statx(int subject, char *room, size_t size)
{
	struct mntcompat_statx answer;
	uint64_t said[2];
	int ret = mntcompat_statx(subject, "", MNTCOMPAT_AT_EMPTY_PATH,
				  MNTCOMPAT_STATX_MNT_ID_UNIQUE, &answer);

	if (ret == 0 && size >= sizeof(said)) {
		said[0] = answer.stx_mask &
			  (MNTCOMPAT_STATX_MNT_ID | MNTCOMPAT_STATX_MNT_ID_UNIQUE);
		said[1] = answer.stx_mnt_id;
		memcpy(room, said, sizeof(said));
	}
	return ret;
}

static int call_handle(int subject, char *room, size_t size)
{
	enum { BYTES = 128 };
	union {
		struct mntcompat_file_handle handle;
		char room[sizeof(struct mntcompat_file_handle) + BYTES];
	} said;
	uint64_t id = 0;
	int ret;

	memset(&said, 0, sizeof(said));
	said.handle.handle_bytes = BYTES;
	ret = mntcompat_name_to_handle_at(
		subject, "", &said.handle, &id,
		(int)(MNTCOMPAT_AT_EMPTY_PATH | MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE));
	if (ret == 0 && size >= sizeof(said) + sizeof(id)) {
		memcpy(room, &id, sizeof(id));
		memcpy(room + sizeof(id), &said, sizeof(said));
	}
	return ret;
}

static int call_namespace_id(int subject, char *room, size_t size)
{
	uint64_t id = 0;
	int ret = mntcompat_namespace_id(subject, &id);

	if (ret == 0 && size >= sizeof(id))
		memcpy(room, &id, sizeof(id));
	return ret;
}

static int call_namespace_info(int subject, char *room, size_t size)
{
	struct mntcompat_mnt_ns_info info = { .size = 0 };
	int ret = mntcompat_mount_namespace_info(subject, &info);

	if (ret == 0 && size >= sizeof(info))
		memcpy(room, &info, sizeof(info));
	return ret;
}

static int call_mount_namespace_id(int subject, char *room, size_t size)
{
	uint64_t id = 0;
	int ret = mntcompat_mount_namespace_id(subject, &id);

	if (ret == 0 && size >= sizeof(id))
		memcpy(room, &id, sizeof(id));
	return ret;
}

/* Before the faults: the process in question and its namespace. */
static pid_t parent;
static ino_t parent_namespace;

static int subject_of_parent(const struct fault_world *world)
{
	int fd = subject_own_namespace(world);
	struct stat st;

	parent = getppid();
	fault_must(fstat(fd, &st), "fstat");
	parent_namespace = st.st_ino;
	return fd;
}

/* The parent is in the same one, and is there for the whole call. */
static int call_namespace_of(int subject, char *room, size_t size)
{
	int fd = mntcompat_mount_namespace_of(parent);
	struct stat st = { .st_ino = parent_namespace };

	(void)subject;
	if (fd < 0)
		return -1;
	/* It may be made to fail as well, once or always. */
	if (fstat(fd, &st) < 0)
		fstat(fd, &st);
	close(fd);
	if (size >= sizeof(st.st_ino))
		memcpy(room, &st.st_ino, sizeof(st.st_ino));
	return 0;
}

/* Which one is next to it depends on who else makes namespaces; without privilege there is none. */
static int call_namespace_step(int subject, bool next)
{
	struct mntcompat_mnt_ns_info info = { .size = 0 };
	int fd = next ? mntcompat_mount_namespace_next(subject, &info) :
			mntcompat_mount_namespace_prev(subject, &info);

	if (fd >= 0)
		close(fd);
	/* The last one has no successor. */
	return fd >= 0 || errno == ENOENT ? 0 : -1;
}

static int call_namespace_next(int subject, char *room, size_t size)
{
	(void)room;
	(void)size;
	return call_namespace_step(subject, true);
}

static int call_namespace_prev(int subject, char *room, size_t size)
{
	(void)room;
	(void)size;
	return call_namespace_step(subject, false);
}

/* The holder's namespace and a mount of it by their ids, which are learned before anything goes
 * wrong. */
static uint64_t holder_id, holder_mount;

static int subject_holder(const struct fault_world *world)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER0,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };
	int fd = subject_namespace(world);

	fault_must(mntcompat_mount_namespace_id(fd, &holder_id), "the holder's namespace");
	req.mnt_fd = (uint32_t)fd;
	fault_must(mntcompat_listmount(&req, &holder_mount, 1, 0) == 1 ? 0 : -1,
		   "a mount of the holder's");
	return fd;
}

static int call_statmount_by_ns_id(int subject, char *room, size_t size)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_id = holder_mount,
		.mnt_ns_id = holder_id,
		.param = MNTCOMPAT_STATMOUNT_MNT_NS_ID,
	};
	struct mntcompat_statmount answer = { .size = 0 };
	int ret = mntcompat_statmount(&req, &answer, sizeof(answer), 0);

	(void)subject;
	if (ret == 0 && !(answer.mask & MNTCOMPAT_STATMOUNT_MNT_NS_ID)) {
		/* Honest as well. */
		errno = EOPNOTSUPP;
		ret = -1;
	}
	if (ret == 0 && size >= sizeof(answer.mnt_ns_id))
		memcpy(room, &answer.mnt_ns_id, sizeof(answer.mnt_ns_id));
	return ret;
}

static int call_listmount_by_ns_id(int subject, char *room, size_t size)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_id = MNTCOMPAT_LSMT_ROOT,
		.mnt_ns_id = holder_id,
	};
	ssize_t ret = mntcompat_listmount(&req, (void *)room, size / sizeof(uint64_t), 0);

	(void)subject;
	return ret < 0 ? -1 : 0;
}

/* Refused in each case: the subject is not a mount, or the kernel does not know the flag. */
static int call_move_mount(int subject, char *room, size_t size)
{
	(void)room;
	(void)size;
	return mntcompat_move_mount(subject, "", AT_FDCWD, "flat",
				    0x4 | MNTCOMPAT_MOVE_MOUNT_BENEATH);
}

/* Those who do not see all see the same each time. */
static int call_listns(int subject, char *room, size_t size)
{
	struct mntcompat_ns_id_req req = { .size = sizeof(req) };
	ssize_t ret = mntcompat_listns(&req, (void *)room, size / sizeof(uint64_t), 0);

	(void)subject;
	return ret < 0 ? -1 : 0;
}

/* The ids of a walk: fewer fields may be known, but not other mounts. */
static int call_table(int subject, char *room, size_t size)
{
	struct mntcompat_table_options options = { .size = sizeof(options), .mask = MASK_ALL };
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table;
	uint64_t *ids = (void *)room;
	size_t n = 0;
	int ret = mntcompat_table_open(&options, &table);

	(void)subject;
	if (ret == 0) {
		while ((ret = mntcompat_table_next(table, &row)) > 0 && n < size / sizeof(*ids)) {
			/* A row that cannot tell whose it is. */
			if (!(row->mask & MNTCOMPAT_STATMOUNT_MNT_BASIC))
				break;
			ids[n++] = row->mnt_id;
		}
		mntcompat_table_close(table);
	}
	if (ret)
		errno = ret < 0 ? -ret : EOPNOTSUPP;
	return ret ? -1 : 0;
}

/* Where the mounts are, which a row also tells if it cannot tell the ids of all parents. */
static int call_points(int subject, char *room, size_t size)
{
	struct mntcompat_table_options options = { .size = sizeof(options),
						   .mask = MNTCOMPAT_STATMOUNT_MNT_POINT };
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table;
	uint64_t *points = (void *)room;
	size_t n = 0;
	int ret = mntcompat_table_open(&options, &table);

	(void)subject;
	if (ret == 0) {
		while ((ret = mntcompat_table_next(table, &row)) > 0 &&
		       n < size / sizeof(*points)) {
			const char *at = row->str + row->mnt_point;

			if (!(row->mask & MNTCOMPAT_STATMOUNT_MNT_POINT))
				break;
			for (points[n] = 14695981039346656037ull; *at; at++)
				points[n] = (points[n] ^ (unsigned char)*at) * 1099511628211ull;
			n++;
		}
		mntcompat_table_close(table);
	}
	if (ret)
		errno = ret < 0 ? -ret : EOPNOTSUPP;
	return ret ? -1 : 0;
}

const struct fault_op fault_ops[] = {
	{ .name = "open-tree",
	  .call = CALLS_open_tree,
	  .masked = true,
	  .path = "src",
	  .flags = NS | REC | CLOEXEC },
	{ .name = "open-tree-alone",
	  .call = CALLS_open_tree,
	  .masked = true,
	  .path = "src",
	  .flags = NS },
	{ .name = "open-tree-empty-path",
	  .call = CALLS_open_tree,
	  .path = "",
	  .flags = NS | MNTCOMPAT_AT_EMPTY_PATH | CLOEXEC },
	{ .name = "open-tree-second",
	  .call = CALLS_open_tree,
	  .path = "src",
	  .flags = NS | REC | CLOEXEC,
	  .prior = 1 },
	{ .name = "open-tree-template",
	  .call = CALLS_open_tree,
	  .masked = true,
	  .path = "src",
	  .flags = NS | REC | CLOEXEC,
	  .prior = 2 },
	{ .name = "open-tree-template-closed",
	  .call = CALLS_open_tree,
	  .path = "flat",
	  .flags = NS | CLOEXEC,
	  .prior = 2,
	  .prepare = close_template },
	{ .name = "open-tree-template-replaced",
	  .call = CALLS_open_tree,
	  .path = "flat",
	  .flags = NS | CLOEXEC,
	  .prior = 2,
	  .prepare = replace_template },
	{ .name = "open-tree-namespace-file",
	  .call = CALLS_open_tree,
	  .path = "nsfile",
	  .flags = NS | REC | CLOEXEC },
	{ .name = "open-tree-file", .call = CALLS_open_tree, .path = "file", .flags = NS | CLOEXEC },
	{ .name = "open-tree-foreign",
	  .call = CALLS_open_tree,
	  .masked = true,
	  .caller = FAULT_FOREIGN,
	  .path = "src",
	  .flags = NS | REC | CLOEXEC },
	{ .name = "open-tree-foreign-alone",
	  .call = CALLS_open_tree,
	  .caller = FAULT_FOREIGN,
	  .path = "flat",
	  .flags = NS },
	{ .name = "open-tree-userns",
	  .call = CALLS_open_tree,
	  .masked = true,
	  .caller = FAULT_USERNS,
	  .path = "src",
	  .flags = NS | REC },
	{ .name = "open-tree-userns-second",
	  .call = CALLS_open_tree,
	  .caller = FAULT_USERNS,
	  .path = "flat",
	  .flags = NS | CLOEXEC,
	  .prior = 1 },
	{ .name = "open-tree-userns-template",
	  .call = CALLS_open_tree,
	  .caller = FAULT_USERNS,
	  .path = "flat",
	  .flags = NS | CLOEXEC,
	  .prior = 2 },
	{ .name = "statmount-dir",
	  .call = CALLS_statmount,
	  .masked = true,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_dir },
	{ .name = "statmount-file",
	  .call = CALLS_statmount,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_file },
	{ .name = "statmount-slave-second",
	  .call = CALLS_statmount,
	  .masked = true,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_slave,
	  .prior = 1 },
	{ .name = "statmount-pipe",
	  .call = CALLS_statmount,
	  .masked = true,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_pipe },
	{ .name = "statmount-unmounted",
	  .call = CALLS_statmount,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_unmounted },
	{ .name = "statmount-elsewhere",
	  .call = CALLS_statmount,
	  .masked = true,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_elsewhere },
	{ .name = "statmount-detached",
	  .call = CALLS_statmount,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_detached },
	{ .name = "statmount-proc",
	  .call = CALLS_statmount,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_proc },
	{ .name = "statmount-chroot",
	  .call = CALLS_statmount,
	  .masked = true,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_chroot },
	{ .name = "statmount-user",
	  .call = CALLS_statmount,
	  .masked = true,
	  .api = FAULT_STATMOUNT,
	  .caller = FAULT_USER,
	  .subject = subject_dir },
	{ .name = "statmount-userns",
	  .call = CALLS_statmount,
	  .api = FAULT_STATMOUNT,
	  .caller = FAULT_FOREIGN,
	  .subject = subject_slave },
	{ .name = "statmount-id",
	  .call = CALLS_statmount,
	  .masked = true,
	  .api = FAULT_STATMOUNT,
	  .subject = subject_dir,
	  .by_id = true },
	{ .name = "statx-dir",
	  .call = CALLS_statx,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_dir,
	  .other = call_statx },
	{ .name = "statx-user",
	  .call = CALLS_statx,
	  .api = FAULT_OTHER,
	  .caller = FAULT_USER,
	  .subject = subject_file,
	  .other = call_statx },
	{ .name = "statx-detached",
	  .call = CALLS_statx,
	  .api = FAULT_OTHER,
	  .subject = subject_detached,
	  .other = call_statx },
	{ .name = "handle-dir",
	  .call = CALLS_name_to_handle_at,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_dir,
	  .other = call_handle },
	{ .name = "handle-user",
	  .call = CALLS_name_to_handle_at,
	  .api = FAULT_OTHER,
	  .caller = FAULT_USER,
	  .subject = subject_file,
	  .other = call_handle },
	{ .name = "namespace-id",
	  .call = CALLS_namespace_id,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_own_namespace,
	  .other = call_namespace_id },
	{ .name = "mount-namespace-id",
	  .call = CALLS_mount_namespace_id,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_namespace,
	  .other = call_mount_namespace_id },
	{ .name = "namespace-next",
	  .call = CALLS_mount_namespace_next,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .caller = FAULT_USER,
	  .subject = subject_own_namespace,
	  .other = call_namespace_next },
	{ .name = "namespace-prev",
	  .call = CALLS_mount_namespace_prev,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .caller = FAULT_USER,
	  .subject = subject_own_namespace,
	  .other = call_namespace_prev },
	{ .name = "statmount-by-ns-id",
	  .call = CALLS_statmount,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_holder,
	  .other = call_statmount_by_ns_id },
	{ .name = "listmount-by-ns-id",
	  .call = CALLS_listmount,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_holder,
	  .other = call_listmount_by_ns_id },
	{ .name = "move-mount",
	  .call = CALLS_move_mount,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_dir,
	  .other = call_move_mount },
	{ .name = "namespace-info",
	  .call = CALLS_mount_namespace_info,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_own_namespace,
	  .other = call_namespace_info },
	{ .name = "namespace-info-user",
	  .call = CALLS_mount_namespace_info,
	  .api = FAULT_OTHER,
	  .caller = FAULT_USER,
	  .subject = subject_own_namespace,
	  .other = call_namespace_info },
	{ .name = "namespace-of-process",
	  .call = CALLS_mount_namespace_of,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_of_parent,
	  .other = call_namespace_of,
	  /* The number of a thread, and a procfs that hides processes. */
	  .meant = { { EINVAL, ESRCH }, { ENOENT, ESRCH }, { EPERM, EACCES }, { ENOENT, EACCES } } },
	{ .name = "listns-user",
	  .call = CALLS_listns,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .caller = FAULT_USER,
	  .subject = subject_own_namespace,
	  .other = call_listns },
	{ .name = "statmount-alloc",
	  .call = CALLS_statmount,
	  .api = FAULT_STATMOUNT_ALLOC,
	  .subject = subject_slave },
	{ .name = "fsmount",
	  .call = CALLS_fsmount,
	  .masked = true,
	  .path = "",
	  .flags = CLOEXEC,
	  .subject = subject_contexts,
	  .other = call_fsmount },
	{ .name = "fsmount-template",
	  .call = CALLS_fsmount,
	  .path = "",
	  .flags = CLOEXEC,
	  .subject = subject_contexts,
	  .other = call_fsmount,
	  .prior = 2 },
	{ .name = "unshare",
	  .call = CALLS_unshare,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .other = call_unshare },
	{ .name = "unshare-newuser",
	  .call = CALLS_unshare,
	  .api = FAULT_OTHER,
	  .other = call_unshare_user },
	{ .name = "unshare-again",
	  .call = CALLS_unshare,
	  .api = FAULT_OTHER,
	  .other = call_unshare_again },
	{ .name = "unshare-again-userns",
	  .call = CALLS_unshare,
	  .api = FAULT_OTHER,
	  .caller = FAULT_USERNS,
	  .other = call_unshare_again },
	{ .name = "enter-tree",
	  .call = CALLS_enter_tree,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .other = call_enter_tree },
	{ .name = "enter-tree-userns",
	  .call = CALLS_enter_tree,
	  .api = FAULT_OTHER,
	  .caller = FAULT_USERNS,
	  .other = call_enter_tree },
	{ .name = "unshare-userns",
	  .call = CALLS_unshare,
	  .api = FAULT_OTHER,
	  .caller = FAULT_USERNS,
	  .other = call_unshare },
	{ .name = "clone3",
	  .call = CALLS_clone3,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .other = call_clone3 },
	{ .name = "clone3-userns",
	  .call = CALLS_clone3,
	  .api = FAULT_OTHER,
	  .other = call_clone3_userns },
	{ .name = "mount-setattr",
	  .call = CALLS_mount_setattr,
	  .masked = true,
	  .api = FAULT_MOUNT_SETATTR,
	  .path = "src",
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOSUID } },
	{ .name = "mount-setattr-both",
	  .call = CALLS_mount_setattr,
	  .api = FAULT_MOUNT_SETATTR,
	  .path = "src",
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NODEV, .propagation = MS_PRIVATE } },
	{ .name = "mount-setattr-read-only",
	  .call = CALLS_mount_setattr,
	  .api = FAULT_MOUNT_SETATTR,
	  .path = "src/private",
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NODEV, .propagation = MS_SHARED } },
	{ .name = "mount-setattr-recursive",
	  .call = CALLS_mount_setattr,
	  .masked = true,
	  .api = FAULT_MOUNT_SETATTR,
	  .path = "src",
	  .flags = REC,
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC, .propagation = MS_PRIVATE } },
	{ .name = "mount-setattr-propagation",
	  .call = CALLS_mount_setattr,
	  .api = FAULT_MOUNT_SETATTR,
	  .path = "src",
	  .flags = REC,
	  .attr = { .propagation = MS_SLAVE } },
	{ .name = "mount-setattr-userns",
	  .call = CALLS_mount_setattr,
	  .api = FAULT_MOUNT_SETATTR,
	  .caller = FAULT_USERNS,
	  .path = "src",
	  .flags = REC,
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC } },
	{ .name = "mount-setattr-locked",
	  .call = CALLS_mount_setattr,
	  .api = FAULT_MOUNT_SETATTR,
	  .caller = FAULT_USERNS,
	  .path = "src",
	  .flags = REC,
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC,
		    .attr_clr = MNTCOMPAT_MOUNT_ATTR_RDONLY } },
	{ .name = "open-tree-attr",
	  .call = CALLS_open_tree_attr,
	  .masked = true,
	  .api = FAULT_OPEN_TREE_ATTR,
	  .path = "src",
	  .flags = CLONE | REC | CLOEXEC,
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC } },
	{ .name = "open-tree-attr-propagation",
	  .call = CALLS_open_tree_attr,
	  .api = FAULT_OPEN_TREE_ATTR,
	  .path = "src",
	  .flags = CLONE,
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC, .propagation = MS_UNBINDABLE } },
	{ .name = "open-tree-attr-file",
	  .call = CALLS_open_tree_attr,
	  .api = FAULT_OPEN_TREE_ATTR,
	  .path = "file",
	  .flags = CLONE | CLOEXEC,
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC } },
	{ .name = "open-tree-attr-plain",
	  .call = CALLS_open_tree_attr,
	  .api = FAULT_OPEN_TREE_ATTR,
	  .path = "src",
	  .flags = CLOEXEC,
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC } },
	{ .name = "open-tree-attr-userns",
	  .call = CALLS_open_tree_attr,
	  .api = FAULT_OPEN_TREE_ATTR,
	  .caller = FAULT_USERNS,
	  .path = "src",
	  .flags = CLONE | REC,
	  .attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC } },
	{ .name = "table",
	  .call = CALLS_table_open,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_source,
	  .other = call_table },
	{ .name = "points",
	  .call = CALLS_table_open,
	  .masked = true,
	  .api = FAULT_OTHER,
	  .subject = subject_source,
	  .other = call_points },
	{ .name = "listmount",
	  .call = CALLS_listmount,
	  .masked = true,
	  .api = FAULT_LISTMOUNT,
	  .subject = subject_source,
	  .by_id = true },
	{ .name = "listmount-reverse",
	  .call = CALLS_listmount,
	  .masked = true,
	  .api = FAULT_LISTMOUNT,
	  .subject = subject_source,
	  .by_id = true,
	  .flags = MNTCOMPAT_LISTMOUNT_REVERSE },
	{ .name = "listmount-user",
	  .call = CALLS_listmount,
	  .api = FAULT_LISTMOUNT,
	  .caller = FAULT_USER,
	  .subject = subject_source,
	  .by_id = true },
	{ .name = "listmount-namespace",
	  .call = CALLS_listmount,
	  .masked = true,
	  .api = FAULT_LISTMOUNT,
	  .subject = subject_namespace,
	  .foreign = true },
	{ .name = NULL },
};

/* True if it changes the caller's mounts when it succeeds. */
static bool changes_mounts(const struct fault_op *op)
{
	return op->api == FAULT_MOUNT_SETATTR ||
	       (op->api == FAULT_OPEN_TREE_ATTR && !(op->flags & CLONE));
}

static bool returns_fd(const struct fault_op *op)
{
	return op->api == FAULT_OPEN_TREE || op->api == FAULT_OPEN_TREE_ATTR;
}

void fault_ops_check(bool masked)
{
	const struct fault_op *op;
	int id;

	for (id = 0; id < CALLS_COUNT; id++) {
		for (op = fault_ops; op->name; op++)
			if ((int)op->call == id && (op->masked || !masked))
				break;
		if (!op->name)
			fault_broken("fault-run.c has no call of mntcompat_%s()%s",
				     calls_rows[id].name, masked ? " with .masked" : "");
	}
}

const struct fault_op *fault_op_find(const char *name)
{
	const struct fault_op *op;

	for (op = fault_ops; op->name; op++)
		if (!strcmp(op->name, name))
			return op;
	return NULL;
}

/* --- the process under test --- */

/* Shared by the process and the watcher. */
struct report {
	int ret, error, after_ret, after_error;
	int children_error; /* of waiting for any child */
	enum mntcompat_way way;
	char answer[2][16384];
};

static void become(const struct fault_world *world, enum fault_caller caller)
{
	switch (caller) {
	case FAULT_OWNER:
		return;
	case FAULT_FOREIGN:
		fault_must(setns(world->userns, CLONE_NEWUSER), "setns");
		return;
	case FAULT_USERNS:
		fault_must(setns(world->userns, CLONE_NEWUSER), "setns");
		fault_must(unshare(CLONE_NEWNS), "unshare");
		return;
	case FAULT_USER:
		fault_must(setgroups(0, NULL), "setgroups");
		fault_must(setresgid(1000, 1000, 1000), "setresgid");
		fault_must(setresuid(1000, 1000, 1000), "setresuid");
		prctl(PR_SET_DUMPABLE, 1);
		return;
	}
}

static int call(const struct fault_op *op, int subject, uint64_t id, char *room, size_t size)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = MASK_ALL };
	struct mntcompat_statmount *answer;
	unsigned int flags = op->by_id ? 0 : MNTCOMPAT_STATMOUNT_BY_FD;
	int ret;

	if (op->other)
		return op->other(subject, room, size);
	if (op->api == FAULT_OPEN_TREE)
		return mntcompat_open_tree(op->path[0] ? AT_FDCWD : subject, op->path, op->flags);
	if (op->api == FAULT_OPEN_TREE_ATTR)
		return mntcompat_open_tree_attr(AT_FDCWD, op->path, op->flags, &op->attr,
						sizeof(op->attr));
	if (op->api == FAULT_MOUNT_SETATTR)
		return mntcompat_mount_setattr(AT_FDCWD, op->path, op->flags, &op->attr,
					       sizeof(op->attr));
	if (op->by_id)
		req.mnt_id = id;
	else
		req.mnt_fd = (uint32_t)subject;
	if (op->api == FAULT_LISTMOUNT) {
		uint64_t *answered = (void *)room;
		ssize_t n;

		req.param = 0;
		req.mnt_fd = op->foreign ? (uint32_t)subject : 0;
		if (op->foreign)
			req.mnt_id = MNTCOMPAT_LSMT_ROOT;
		n = mntcompat_listmount(&req, answered + 1, size / sizeof(*answered) - 1,
					op->flags);
		if (n < 0)
			return -1;
		answered[0] = (uint64_t)n;
		return 0;
	}
	if (op->api == FAULT_STATMOUNT)
		return mntcompat_statmount(&req, (void *)room, size, flags);
	ret = mntcompat_statmount_alloc(&req, flags, &answer);
	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	memcpy(room, answer, answer->size < size ? answer->size : size);
	free(answer);
	return 0;
}

/* The id by which a later process asks: learned in a process that ends, so that nothing is
 * remembered. */
static uint64_t learn_id(const struct fault_world *world, const struct fault_op *op)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = MNTCOMPAT_STATMOUNT_MNT_BASIC };
	struct mntcompat_statmount answer = { .mask = 0 };
	int fds[2];
	pid_t pid;

	fault_must(pipe(fds), "pipe");
	pid = (pid_t)fault_must(fork(), "fork");
	if (!pid) {
		req.mnt_fd = (uint32_t)op->subject(world);
		mntcompat_statmount(&req, &answer, sizeof(answer), MNTCOMPAT_STATMOUNT_BY_FD);
		_exit(write(fds[1], &answer.mnt_id, 8) != 8);
	}
	close(fds[1]);
	if (read(fds[0], &answer.mnt_id, 8) != 8)
		answer.mnt_id = 0;
	close(fds[0]);
	waitpid(pid, NULL, 0);
	return answer.mnt_id;
}

static void touch_stack(void)
{
	volatile char room[512 * 1024];
	size_t i;

	for (i = 0; i < sizeof(room); i += 1024)
		room[i] = 1;
}

static void __attribute__((noreturn))
subject_process(const struct fault_world *world, const struct fault_op *op,
		const struct fault_setting *setting, const struct fault_rule *rule, int socket,
		struct report *report)
{
	int subject = -1, fd, i;
	uint64_t id = 0;
	sigset_t set;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mntcompat_set_mode(setting->mode);
	mntcompat_set_kernel(setting->level);
	if (op->by_id)
		id = learn_id(world, op);
	become(world, op->caller);
	/* In a namespace that ends with the process. */
	if (changes_mounts(op) && op->caller != FAULT_USERNS)
		fault_must(unshare(CLONE_NEWNS), "unshare");
	if (op->subject)
		subject = op->subject(world);
	else if (op->path && !op->path[0])
		subject = open_path("src/dir");
	/* A child's end must be seen even without a wait: the signal stays pending. */
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (i = 0; i < op->prior; i++) {
		fd = call(op, subject, id, report->answer[0], sizeof(report->answer[0]));
		if (returns_fd(op) && fd >= 0)
			close(fd);
	}
	if (op->prepare)
		op->prepare(world);
	/* Memory that malloc() keeps is not a leak: let it allocate that before. */
	free(malloc(124000));
	touch_stack();
	memset(report, 0, sizeof(*report));
	fd = fault_filter(rule->masks, rule->masks ? FAULT_LISTEN_MARKS : FAULT_LISTEN_ALL);
	if (fd < 0)
		_exit(96);
	fault_send_fd(socket, fd);
	close(fd);
	close(socket);

	fault_mark(PHASE_BEGIN, 0, 0);
	report->ret = call(op, subject, id, report->answer[0], sizeof(report->answer[0]));
	report->error = errno;
	fault_mark(PHASE_END, report->ret, report->error);
	if (report->ret > 2)
		close(report->ret);
	report->way = mntcompat_last_way();
	report->children_error = waitpid(-1, NULL, WNOHANG | __WALL) < 0 ? errno : 0;
	fault_mark(PHASE_AGAIN, 0, 0);
	report->after_ret = call(op, subject, id, report->answer[1], sizeof(report->answer[1]));
	report->after_error = errno;
	fault_mark(PHASE_AGAIN_END, report->after_ret, report->after_error);
	_exit(0);
}

/* --- the watcher --- */

static void wrong(struct fault_outcome *outcome, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void wrong(struct fault_outcome *outcome, const char *format, ...)
{
	va_list args;

	/* The first fault is the one to look at. */
	if (!outcome->good)
		return;
	outcome->good = false;
	va_start(args, format);
	vsnprintf(outcome->why, sizeof(outcome->why), format, args);
	va_end(args);
}

/* An honest refusal: not possible, or a shortage. */
static bool is_honest(int error)
{
	return error == ENOSYS || error == EOPNOTSUPP || error == ENOMEM || error == EMFILE ||
	       error == ENFILE || error == ENOSPC;
}

static bool is_injected(const struct fault_rule *rule, int error)
{
	const struct fault_mask *mask;

	for (mask = rule->masks; mask && mask->nr >= 0; mask++)
		if (mask->error == error)
			return true;
	return error == rule->error || error == rule->error2;
}

static bool is_meant(const struct fault_op *op, const struct fault_rule *rule, int error)
{
	for (size_t i = 0; i < sizeof(op->meant) / sizeof(op->meant[0]); i++)
		if (op->meant[i].answer && op->meant[i].answer == error &&
		    is_injected(rule, op->meant[i].injected))
			return true;
	return false;
}

static void judge_error(const struct fault_op *op, const struct fault_rule *rule, int error,
			const struct fault_outcome *baseline, struct fault_outcome *outcome,
			const char *which)
{
	/* The kernel's own call is part of the emulation, and its result is the answer. */
	if (!calls_documents(op->call, error) && !(op->other && is_injected(rule, error)))
		wrong(outcome, "%s call: undocumented errno %s", which, fault_errno_name(error));
	else if (baseline && error != baseline->error && !is_honest(error) &&
		 !is_injected(rule, error) && !is_meant(op, rule, error))
		wrong(outcome, "%s call: misleading errno %s", which, fault_errno_name(error));
}

/* The flags of a clone's mounts, as far as they can be reached. */
static void describe_clone(const char *path, char *text, size_t size)
{
	static const char *const below[] = { "", "/a", "/a/deep", "/slave", "/private" };
	struct statfs fs;
	char full[128];
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(full, sizeof(full), "%s%s", path, below[i]);
		if (statfs(full, &fs) == 0)
			len += (size_t)snprintf(text + len, size - len, "clone%s: %#lx\n", below[i],
						(unsigned long)fs.f_flags);
	}
}

static void judge_clone(const char *path, const struct fault_outcome *baseline,
			struct fault_outcome *outcome, const char *which)
{
	static char text[sizeof(outcome->namespace)];
	const char *difference;

	describe_clone(path, baseline ? text : outcome->namespace, sizeof(text));
	difference = baseline ? fault_state_difference(baseline->namespace, text) : NULL;
	if (difference)
		wrong(outcome, "%s call: another clone: %s", which, difference);
}

/* Cut the mount table off a state: it begins with the first line that begins with a digit. */
static char *cut_mounts(char *state)
{
	char *at = state;

	while (at && (*at < '0' || *at > '9')) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return state + strlen(state);
	if (at > state)
		at[-1] = '\0';
	return at;
}

/* A mount table without the numbers that vary. */
static void plain_mounts(const char *mounts, char *text, size_t size)
{
	size_t len = 0, field = 0;
	bool number = false;

	for (; *mounts && len + 1 < size; mounts++) {
		if (*mounts == '\n')
			field = 0;
		else if (*mounts == ' ')
			field++;
		/* Ids, and what follows "shared:" and the like. */
		number = *mounts >= '0' && *mounts <= '9' &&
			 (number || field < 2 || mounts[-1] == ':');
		if (!number)
			text[len++] = *mounts;
	}
	text[len] = '\0';
}

static void judge_mounts(char *before, char *after, int ret, const struct fault_outcome *baseline,
			 struct fault_outcome *outcome, const char *which)
{
	static char text[FAULT_STATE_SIZE];
	const char *difference;

	/* After the first call has changed them there is nothing to compare a second failure with. */
	if (ret < 0) {
		if (!*cut_mounts(strdupa(before)))
			cut_mounts(after);
		return;
	}
	plain_mounts(cut_mounts(after), text, sizeof(text));
	cut_mounts(before);
	text[sizeof(outcome->namespace) - 1] = '\0';
	if (!baseline) {
		memcpy(outcome->namespace, text, sizeof(outcome->namespace));
		return;
	}
	difference = fault_state_difference(baseline->namespace, text);
	if (difference)
		wrong(outcome, "%s call: other mounts: %s", which, difference);
}

static void judge_fd(pid_t pid, const struct fault_op *op, int fd, int lowest,
		     const struct fault_outcome *baseline, struct fault_outcome *outcome,
		     const char *which)
{
	static char namespace[sizeof(outcome->namespace)];
	char path[64], info[256] = "", *flags;
	const char *difference;
	bool cloexec;
	int nsfd;

	if (fd != lowest)
		wrong(outcome, "%s call: fd %d, but %d was free", which, fd, lowest);
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)pid, fd);
	fault_read_file(path, info, sizeof(info));
	flags = strstr(info, "flags:");
	cloexec = flags && (strtoul(flags + 6, NULL, 8) & O_CLOEXEC);
	if (cloexec != !!(op->flags & CLOEXEC))
		wrong(outcome, "%s call: close-on-exec is %d", which, cloexec);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	if (op->api == FAULT_OPEN_TREE_ATTR) {
		/* Without CLONE it is the mount itself, and in the table. */
		if (op->flags & CLONE)
			judge_clone(path, baseline, outcome, which);
		return;
	}
	nsfd = open(path, O_RDONLY | O_CLOEXEC);
	if (nsfd < 0) {
		wrong(outcome, "%s call: fd cannot be opened again: %s", which, strerror(errno));
		return;
	}
	fault_describe_namespace(nsfd, baseline ? namespace : outcome->namespace,
				 sizeof(namespace));
	close(nsfd);
	if (!baseline)
		return;
	difference = fault_state_difference(baseline->namespace, namespace);
	if (difference)
		wrong(outcome, "%s call: another namespace: %s", which, difference);
}

static void judge(pid_t pid, const struct fault_op *op, const struct fault_rule *rule, bool again,
		  int ret, int error, const struct report *report, int lowest,
		  const struct fault_outcome *baseline, struct fault_outcome *outcome)
{
	const char *which = again ? "next" : "the", *difference;

	if (ret < 0) {
		judge_error(op, rule, error, baseline, outcome, which);
		/* A shortage must not be remembered. */
		if (again && baseline && baseline->ret >= 0 && !rule->masks &&
		    (rule->error == ENOMEM || rule->error == EMFILE || rule->error == ENFILE ||
		     rule->error == EIO || rule->error == EINTR || rule->error == EAGAIN) &&
		    !rule->error2)
			wrong(outcome, "the next call fails too: %s", fault_errno_name(error));
		return;
	}
	if (baseline && baseline->ret < 0) {
		wrong(outcome, "%s call: succeeds instead of %s", which,
		      fault_errno_name(baseline->error));
		return;
	}
	if (op->api == FAULT_MOUNT_SETATTR)
		return;
	if (returns_fd(op)) {
		judge_fd(pid, op, ret, lowest, again && !baseline ? outcome : baseline, outcome,
			 which);
		return;
	}
	if (!baseline && !again) {
		memcpy(outcome->room, report->answer[0], sizeof(outcome->room));
		return;
	}
	if (op->api == FAULT_OTHER) {
		if (memcmp(baseline ? baseline->room : outcome->room, report->answer[again],
			   sizeof(report->answer[again])))
			wrong(outcome, "%s call: another answer", which);
		return;
	}
	if (op->api == FAULT_LISTMOUNT) {
		if (memcmp(baseline ? baseline->room : outcome->room, report->answer[again],
			   sizeof(outcome->room)))
			wrong(outcome, "%s call: another list", which);
		return;
	}
	difference = fault_answer_wrong(baseline ? &baseline->answer : &outcome->answer,
					(const void *)report->answer[again], true);
	if (difference)
		wrong(outcome, "%s call: %s", which, difference);
}

/* The helper is not a child that would be killed with its parent. */
static void kill_tree(pid_t pid)
{
	char path[300], stat[512], *after;
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	int parent;

	kill(pid, SIGSTOP);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		if (fault_read_file(path, stat, sizeof(stat)) > 0 && (after = strrchr(stat, ')')) &&
		    sscanf(after, ") %*c %d", &parent) == 1 && parent == pid)
			kill_tree(atoi(entry->d_name));
	}
	if (dir)
		closedir(dir);
	kill(pid, SIGKILL);
}

struct tasks {
	pid_t pid[64];
	size_t count;
};

static void remember(struct tasks *tasks, pid_t pid)
{
	size_t i;

	for (i = 0; i < tasks->count; i++)
		if (tasks->pid[i] == pid)
			return;
	if (tasks->count < 64)
		tasks->pid[tasks->count++] = pid;
}

/* True if the task has ended, reaped or not. */
static bool has_ended(pid_t pid)
{
	char path[64], stat[512], *after;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (fault_read_file(path, stat, sizeof(stat)) <= 0)
		return true;
	after = strrchr(stat, ')');
	return after && (after[2] == 'Z' || after[2] == 'X');
}

/*
 * The next call, or 0 when all that made some have ended: before 5.16 or so the listener does not
 * tell while one of them has not been waited for.
 */
static int listen_or_end(int listener, pid_t pid, const struct tasks *others,
			 struct fault_call *next)
{
	uint64_t until = fault_now() + FAULT_TIMEOUT_MS;
	size_t i;
	int ret;

	for (;;) {
		ret = fault_listen_next(listener, next, 50);
		if (ret != -ETIMEDOUT)
			return ret;
		for (i = 0; i < others->count && has_ended(others->pid[i]); i++)
			;
		if (i == others->count && has_ended(pid))
			return 0;
		if (fault_now() > until)
			return -ETIMEDOUT;
	}
}

static void watch(int listener, pid_t pid, const struct fault_op *op, const struct fault_rule *rule,
		  const struct report *report, const struct fault_outcome *baseline,
		  struct fault_outcome *outcome)
{
	static char before[FAULT_STATE_SIZE], after[FAULT_STATE_SIZE];
	int phase = 0, lowest = -1, ret, error;
	struct fault_call next;
	const char *difference;
	struct tasks others = { .count = 0 };

	while ((ret = listen_or_end(listener, pid, &others, &next)) > 0) {
		error = 0;
		remember(&others, next.pid);
		if (next.nr == SYS_getppid && (uint32_t)next.args[0] == FAULT_MARK) {
			phase = (int)next.args[1];
			switch (phase) {
			case PHASE_BEGIN:
				fault_state(pid, -1, before, &lowest);
				break;
			case PHASE_END:
			case PHASE_AGAIN_END:
				/*
				 * A task that was just reaped may still hold on to the memory for
				 * a moment; nothing else may differ.
				 */
				ret = returns_fd(op) ? (int)next.args[2] : -1;
				fault_state(pid, ret, after, NULL);
				if (changes_mounts(op))
					judge_mounts(before, after, (int)next.args[2], baseline,
						     outcome, phase == PHASE_END ? "the" : "next");
				difference = fault_state_difference(before, after);
				if (difference)
					wrong(outcome, "%s call changed its caller: %s",
					      phase == PHASE_END ? "the" : "next", difference);
				judge(pid, op, rule, phase == PHASE_AGAIN_END, (int)next.args[2],
				      (int)next.args[3], report, lowest, baseline, outcome);
				break;
			}
		} else if (phase == PHASE_BEGIN && !rule->masks) {
			bool is_exempt = fault_exempt(&next) != NULL;

			if (outcome->calls < FAULT_TRACE_MAX)
				outcome->trace[outcome->calls] =
					(struct fault_traced){ next.nr, is_exempt, next.pid != pid,
							       next.nr == UAPI_NR_open_tree &&
								       !next.args[1] };
			if (rule->error && (size_t)rule->index == outcome->calls && !is_exempt)
				error = rule->error;
			if (rule->error2 && (size_t)rule->index2 == outcome->calls && !is_exempt)
				error = rule->error2;
			/*
			 * A helper goes on, and has to end by itself: only then no task is left to
			 * listen to.
			 */
			if (rule->kill && (size_t)rule->index == outcome->calls)
				kill(pid, SIGKILL);
			outcome->calls++;
		}
		fault_listen_answer(listener, &next, error);
		/* All that is left for it is to end. */
		if (phase == PHASE_AGAIN_END && next.nr == SYS_getppid)
			return;
	}
	if (ret == -ETIMEDOUT) {
		wrong(outcome, "hangs in phase %d", phase);
		kill_tree(pid);
	}
}

void fault_run(const struct fault_world *world, const struct fault_op *op,
	       const struct fault_setting *setting, const struct fault_rule *rule,
	       const struct fault_outcome *baseline, struct fault_outcome *outcome)
{
	static struct report *report;
	int sockets[2], listener, status;
	pid_t pid;

	if (!report) {
		report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (report == MAP_FAILED)
			fault_broken("mmap");
	}
	outcome->good = true;
	outcome->calls = 0;
	outcome->why[0] = '\0';
	fault_must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), "socketpair");
	fflush(stdout);
	pid = (pid_t)fault_must(fork(), "fork");
	if (!pid) {
		close(sockets[0]);
		subject_process(world, op, setting, rule, sockets[1], report);
	}
	close(sockets[1]);
	listener = fault_receive_fd(sockets[0]);
	close(sockets[0]);
	if (listener >= 0) {
		watch(listener, pid, op, rule, report, baseline, outcome);
		close(listener);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rule->kill) {
		/* The number of waits varies: this time there may have been no such call. */
		if ((size_t)rule->index < outcome->calls &&
		    (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL))
			wrong(outcome, "killed, but ended with status %#x", status);
		report->ret = 0;
	} else if (WIFSIGNALED(status))
		wrong(outcome, "ended by signal %d", WTERMSIG(status));
	else if (listener < 0 || WEXITSTATUS(status))
		wrong(outcome, "the test's own process failed (%d)", WEXITSTATUS(status));
	else if (report->children_error != ECHILD)
		wrong(outcome, "a child is left");
	outcome->ret = report->ret;
	outcome->error = report->ret < 0 ? report->error : 0;
	outcome->after_ret = report->after_ret;
	outcome->after_error = report->after_ret < 0 ? report->after_error : 0;
	outcome->way = report->way;
}
