// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * servers.c - mounts whose file server does not answer, has died, or serves another user. The
 * program is that server: it speaks the protocol of /dev/fuse. Root only. Run by make check-fault;
 * TAP. An argument chooses the cases in whose names it is; -v prints the library's steps.
 *
 * Linux 7.3 calls no server for any of these calls, so each of them ends at once. A call that does
 * not end is a fault whatever it would have answered.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/fuse.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/fault-common.h"

#define ALL 0x7fffull
#define NS MNTCOMPAT_OPEN_TREE_NAMESPACE
#define CLOEXEC MNTCOMPAT_OPEN_TREE_CLOEXEC
#define REC MNTCOMPAT_AT_RECURSIVE
#define EMPTY MNTCOMPAT_AT_EMPTY_PATH
#define FUSE_MAGIC 0x65735546u
#define LIMIT_MS 4000

/* --- the server --- */

enum kind {
	HUNG,	/* reads no more requests */
	STRICT, /* the same; the kernel checks permissions by attributes of the server */
	DEAD,	/* the process is gone */
	OTHER,	/* healthy, but serves one user, who is not root */
	KINDS,
};
static const char *const kind_names[KINDS] = { "hung", "hung, default_permissions", "dead",
					       "another user's" };

static pid_t server;
static int server_stop = -1;

static void reply(int fd, uint64_t unique, int error, const void *data, size_t len)
{
	struct fuse_out_header header = { .len = (uint32_t)(sizeof(header) + len),
					  .error = error,
					  .unique = unique };
	struct iovec parts[2] = { { &header, sizeof(header) }, { (void *)(uintptr_t)data, len } };

	if (writev(fd, parts, len ? 2 : 1) < 0)
		_exit(1);
}

/* A directory that has a directory "sub". Nothing of it may be cached. */
static void serve_one(int fd, const struct fuse_in_header *in)
{
	struct fuse_init_out init = { .major = 7, .minor = 31, .max_write = 4096 };
	struct fuse_attr_out attr = { .attr = { .mode = S_IFDIR | 0755, .nlink = 2 } };
	struct fuse_statfs_out statfs = { .st = { .bsize = 4096 } };
	struct fuse_entry_out entry = { .nodeid = 2 };

	switch (in->opcode) {
	case FUSE_INIT:
		reply(fd, in->unique, 0, &init, sizeof(init));
		return;
	case FUSE_GETATTR:
		attr.attr.ino = in->nodeid;
		reply(fd, in->unique, 0, &attr, sizeof(attr));
		return;
	case FUSE_LOOKUP:
		entry.attr = attr.attr;
		entry.attr.ino = 2;
		if (strcmp((const char *)(in + 1), "sub"))
			reply(fd, in->unique, -ENOENT, NULL, 0);
		else
			reply(fd, in->unique, 0, &entry, sizeof(entry));
		return;
	case FUSE_STATFS:
		reply(fd, in->unique, 0, &statfs, sizeof(statfs));
		return;
	case FUSE_ACCESS:
		reply(fd, in->unique, 0, NULL, 0);
		return;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	default:
		reply(fd, in->unique, -ENOSYS, NULL, 0);
	}
}

static void serve(int fd, int ready, int stop)
{
	static char request[1 << 17];
	bool told = false;
	char word;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fcntl(stop, F_SETFL, O_NONBLOCK);
	for (;;) {
		ssize_t n = read(fd, request, sizeof(request));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			_exit(0);
		/* From now on nothing is answered, but the connection stays. */
		if (read(stop, &word, 1) == 1)
			for (;;)
				pause();
		serve_one(fd, (const void *)request);
		if (!told && write(ready, "r", 1) == 1)
			told = true;
	}
}

/* Mounts at @path; false where there is no FUSE. */
static bool server_start(enum kind kind, const char *path)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC), ready[2], stop[2];
	char options[128], word;

	if (fd < 0)
		return false;
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%d,group_id=0%s%s", fd,
		 kind == OTHER ? 1000 : 0, kind == OTHER ? "" : ",allow_other",
		 kind == STRICT ? ",default_permissions" : "");
	if (mount("server:/some dir", path, "fuse.tested", MS_NOSUID | MS_NODEV, options) < 0) {
		close(fd);
		return false;
	}
	fault_must(pipe2(ready, O_CLOEXEC), "pipe");
	fault_must(pipe2(stop, O_CLOEXEC), "pipe");
	server = (pid_t)fault_must(fork(), "fork");
	if (!server) {
		close(ready[0]);
		close(stop[1]);
		serve(fd, ready[1], stop[0]);
	}
	close(fd);
	close(ready[1]);
	close(stop[0]);
	if (read(ready[0], &word, 1) != 1)
		fault_broken("the server did not come up");
	close(ready[0]);
	server_stop = stop[1];
	return true;
}

static void server_kill(void)
{
	if (server <= 0)
		return;
	kill(server, SIGKILL);
	while (waitpid(server, NULL, 0) < 0 && errno == EINTR)
		;
	server = 0;
}

/* Nobody is answered any more, in the way of @kind. */
static void server_cease(enum kind kind)
{
	if (kind == DEAD)
		server_kill();
	else if (kind != OTHER && write(server_stop, "s", 1) != 1)
		fault_broken("the server cannot be stopped");
}

/* --- the cases --- */

/* Each case has "tree", a private tmpfs, on it "tree/m", the server's mount, and more. */
struct place {
	enum kind kind;
	int fd;	 /* "tree/m", O_PATH */
	int sub; /* "tree/m/sub", O_PATH: the server's, or the root of a tmpfs there; or -1 */
	uint64_t id, sub_id;
	bool ids_are_listed; /* only listmount has unique ids */
};

static char why[256];
#define FAIL(...) return (snprintf(why, sizeof(why), __VA_ARGS__), why)

static struct mntcompat_statmount *describe(int fd, uint64_t id, uint64_t mask, int *error)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_fd = fd < 0 ? 0 : (uint32_t)fd,
					    .mnt_id = fd < 0 ? id : 0,
					    .param = mask };
	struct mntcompat_statmount *answer = NULL;

	*error = -mntcompat_statmount_alloc(&req, fd < 0 ? 0 : MNTCOMPAT_STATMOUNT_BY_FD, &answer);
	return answer;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text);

	return len >= strlen(end) && !strcmp(text + len - strlen(end), end);
}

static const char *judge(const struct mntcompat_statmount *answer, const char *point)
{
	const uint64_t wanted = MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_MNT_BASIC |
				MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_FS_TYPE |
				MNTCOMPAT_STATMOUNT_MNT_ROOT;
	bool fuse = !strcmp(point, "/tree/m");

	if ((answer->mask & wanted) != wanted)
		FAIL("%s: mask %#llx", point, (unsigned long long)answer->mask);
	if (fuse && (answer->sb_magic != FUSE_MAGIC || answer->sb_dev_major ||
		     !answer->sb_dev_minor || answer->sb_flags))
		FAIL("%s: magic %#llx", point, (unsigned long long)answer->sb_magic);
	if (strcmp(answer->str + answer->fs_type, fuse ? "fuse" : "tmpfs"))
		FAIL("%s: type %s", point, answer->str + answer->fs_type);
	if (!ends_with(answer->str + answer->mnt_point, point))
		FAIL("%s: at %.200s", point, answer->str + answer->mnt_point);
	return NULL;
}

static const char *by_fd(const struct place *place)
{
	int error;
	struct mntcompat_statmount *answer = describe(place->fd, 0, ALL, &error);

	if (!answer)
		FAIL("%s", fault_errno_name(error));
	return judge(answer, "/tree/m");
}

static const char *by_id(const struct place *place)
{
	int error;
	struct mntcompat_statmount *answer = describe(-1, place->id, ALL, &error);

	if (!answer)
		FAIL("%s", fault_errno_name(error));
	return judge(answer, "/tree/m");
}

/* A healthy filesystem, to which the way leads through the other one. */
static const char *by_id_below(const struct place *place)
{
	int error;
	struct mntcompat_statmount *answer = describe(-1, place->sub_id, ALL, &error);

	if (!answer)
		FAIL("%s", fault_errno_name(error));
	return judge(answer, "/tree/m/sub");
}

static const char *walk(const struct place *place)
{
	struct mntcompat_table_options options = { .size = sizeof(options), .mask = ALL };
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table;
	int ret = mntcompat_table_open(&options, &table), seen = 0;
	const char *wrong = NULL;

	if (ret < 0)
		FAIL("table_open: %s", fault_errno_name(-ret));
	while (!wrong && (ret = mntcompat_table_next(table, &row)) > 0) {
		if (row->mnt_id == place->id)
			wrong = judge(row, "/tree/m");
		else if (place->sub_id && row->mnt_id == place->sub_id)
			wrong = judge(row, "/tree/m/sub");
		else
			continue;
		seen++;
	}
	mntcompat_table_close(table);
	if (!wrong && ret < 0)
		FAIL("table_next: %s", fault_errno_name(-ret));
	if (!wrong && seen != (place->sub_id ? 2 : 1))
		FAIL("%d of the rows", seen);
	return wrong;
}

static const char *list(const struct place *place)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };
	static uint64_t ids[20000];
	ssize_t n = mntcompat_listmount(&req, ids, sizeof(ids) / sizeof(ids[0]), 0);

	if (n < 0)
		FAIL("%s", fault_errno_name(errno));
	for (ssize_t i = 0; i < n; i++)
		if (ids[i] == place->id)
			return NULL;
	FAIL("not among the %zd ids", n);
}

static const char *attr_of(int fd, uint64_t attr, bool set)
{
	int error;
	struct mntcompat_statmount *answer = describe(fd, 0, MNTCOMPAT_STATMOUNT_MNT_BASIC, &error);

	if (!answer)
		FAIL("statmount afterwards: %s", fault_errno_name(error));
	if (!(answer->mask & MNTCOMPAT_STATMOUNT_MNT_BASIC) || !(answer->mnt_attr & attr) == set)
		FAIL("afterwards %#llx", (unsigned long long)answer->mnt_attr);
	return NULL;
}

static const char *setattr_by(const struct place *place, int dfd, const char *path,
			      unsigned int flags, uint64_t set)
{
	struct mntcompat_mount_attr attr = { .attr_set = set };
	const char *wrong;

	if (mntcompat_mount_setattr(dfd, path, flags, &attr, sizeof(attr)) < 0)
		FAIL("%s", fault_errno_name(errno));
	wrong = attr_of(place->fd, set, true);
	if (wrong)
		return wrong;
	/* Those that it had stay. */
	return attr_of(place->fd, MNTCOMPAT_MOUNT_ATTR_NOSUID, true);
}

static const char *setattr(const struct place *place)
{
	return setattr_by(place, place->fd, "", EMPTY, MNTCOMPAT_MOUNT_ATTR_NOEXEC);
}

static const char *setattr_nosymfollow(const struct place *place)
{
	return setattr_by(place, AT_FDCWD, "tree/m", 0,
			  MNTCOMPAT_MOUNT_ATTR_NOSYMFOLLOW | MNTCOMPAT_MOUNT_ATTR_RDONLY);
}

static const char *setattr_tree(const struct place *place)
{
	return setattr_by(place, AT_FDCWD, "tree", REC, MNTCOMPAT_MOUNT_ATTR_NOEXEC);
}

/* The mount below is reached by no path that does not lead through the server's directory. */
static const char *setattr_tree_below(const struct place *place)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC };

	if (mntcompat_mount_setattr(AT_FDCWD, "tree", REC, &attr, sizeof(attr)) == 0)
		return attr_of(place->sub, MNTCOMPAT_MOUNT_ATTR_NOEXEC, true);
	if (errno != EOPNOTSUPP)
		FAIL("%s", fault_errno_name(errno));
	return attr_of(place->fd, MNTCOMPAT_MOUNT_ATTR_NOEXEC, false);
}

static const char *clone_attr(const struct place *place)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC };

	if (mntcompat_open_tree_attr(place->fd, "", EMPTY | MNTCOMPAT_OPEN_TREE_CLONE | CLOEXEC,
				     &attr, sizeof(attr)) < 0)
		FAIL("%s", fault_errno_name(errno));
	return attr_of(place->fd, MNTCOMPAT_MOUNT_ATTR_NOEXEC, false);
}

static const char *clone_tree_attr(const struct place *place)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_NOEXEC };

	if (mntcompat_open_tree_attr(AT_FDCWD, "tree", MNTCOMPAT_OPEN_TREE_CLONE | CLOEXEC | REC,
				     &attr, sizeof(attr)) < 0)
		FAIL("%s", fault_errno_name(errno));
	return attr_of(place->fd, MNTCOMPAT_MOUNT_ATTR_NOEXEC, false);
}

/* True for a mount namespace whose first visible mount is the server's. */
static const char *namespace_of(int fd, const char *type)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .mnt_fd = (uint32_t)fd,
					    .mnt_id = MNTCOMPAT_LSMT_ROOT };
	uint64_t ids[8];
	ssize_t n;
	int kind = ioctl(fd, UAPI_NS_GET_NSTYPE);

	if (kind != CLONE_NEWNS)
		FAIL("a namespace of kind %#x", (unsigned int)kind);
	n = mntcompat_listmount(&req, ids, 8, 0);
	if (n < 1)
		FAIL("listmount there: %zd, %s", n, fault_errno_name(errno));
	req.mnt_id = ids[n - 1];
	req.param = MNTCOMPAT_STATMOUNT_FS_TYPE;
	{
		struct mntcompat_statmount *answer;
		int ret = mntcompat_statmount_alloc(&req, 0, &answer);

		if (ret < 0)
			FAIL("statmount there: %s", fault_errno_name(-ret));
		if (strcmp(answer->str + answer->fs_type, type))
			FAIL("a mount of type %s there", answer->str + answer->fs_type);
	}
	return NULL;
}

/* The id alone. FUSE returns EACCES to other users, also on 7.3. */
static const char *unique_id(const struct place *place)
{
	struct mntcompat_statx stx;
	int ret = mntcompat_statx(place->fd, "", EMPTY, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx);

	if (place->kind == OTHER) {
		if (ret == 0 || errno != EACCES)
			FAIL("%s, not EACCES", ret ? fault_errno_name(errno) : "ok");
		return NULL;
	}
	if (ret < 0)
		FAIL("%s", fault_errno_name(errno));
	if (!(stx.stx_mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE))
		FAIL("mask %#x", stx.stx_mask);
	return NULL;
}

static const char *new_namespace(const struct place *place)
{
	int fd = mntcompat_open_tree(place->fd, "", NS | CLOEXEC | EMPTY);

	if (fd < 0)
		FAIL("%s", fault_errno_name(errno));
	return namespace_of(fd, "fuse");
}

static const char *new_namespace_path(const struct place *place)
{
	int fd = mntcompat_open_tree(AT_FDCWD, "tree/m", NS | CLOEXEC | REC);

	(void)place;
	if (fd < 0)
		FAIL("%s", fault_errno_name(errno));
	return namespace_of(fd, "fuse");
}

static const char *new_namespace_parent(const struct place *place)
{
	int fd = mntcompat_open_tree(AT_FDCWD, "tree", NS | CLOEXEC | REC);

	(void)place;
	if (fd < 0)
		FAIL("%s", fault_errno_name(errno));
	return namespace_of(fd, "fuse");
}

/* The caller's user namespace does not own its mount namespace. */
static const char *new_namespace_foreign(const struct place *place)
{
	int fd;

	if (unshare(CLONE_NEWUSER) < 0)
		return NULL;
	fd = mntcompat_open_tree(place->fd, "", NS | CLOEXEC | EMPTY);
	/* Its user cannot be mapped there by anybody else. */
	if (fd < 0)
		FAIL("%s", fault_errno_name(errno));
	return NULL;
}

/* The type and the rest of a superblock without any mount in sight may be unknown. */
static const char *unmounted(const struct place *place)
{
	static const uint64_t masks[] = { ALL, ALL & ~1ull, 8, 0x20, 1 };

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		int error;
		struct mntcompat_statmount *answer = describe(place->fd, 0, masks[i], &error);

		/* Linux 6.8 to 6.11 list ids of mounted mounts only, and FUSE hides this one's. */
		if (!answer && error == EOPNOTSUPP && place->kind == OTHER && place->ids_are_listed)
			return NULL;
		if (!answer)
			FAIL("mask %#llx: %s", (unsigned long long)masks[i],
			     fault_errno_name(error));
		if (answer->mask & MNTCOMPAT_STATMOUNT_SB_BASIC && answer->sb_magic != FUSE_MAGIC)
			FAIL("magic %#llx", (unsigned long long)answer->sb_magic);
		if (answer->mask & MNTCOMPAT_STATMOUNT_MNT_ROOT &&
		    strcmp(answer->str + answer->mnt_root, "/"))
			FAIL("root %s", answer->str + answer->mnt_root);
		free(answer);
	}
	return NULL;
}

/* The directory below its root. */
static const char *unmounted_sub(const struct place *place)
{
	int error;
	struct mntcompat_statmount *answer = describe(place->sub, 0, ALL, &error);

	if (!answer)
		FAIL("%s", fault_errno_name(error));
	return NULL;
}

static const struct test {
	const char *name;
	const char *(*run)(const struct place *place);
	bool below;  /* a tmpfs is mounted on "tree/m/sub" */
	bool detach; /* "tree/m" is unmounted lazily */
	bool sub;    /* "tree/m/sub" is open */
} tests[] = {
	{ .name = "statmount by fd", .run = by_fd },
	{ .name = "statmount by id", .run = by_id },
	{ .name = "statmount by id of a mount below", .run = by_id_below, .below = true },
	{ .name = "statx of the id", .run = unique_id },
	{ .name = "a walk", .run = walk },
	{ .name = "a walk with a mount below", .run = walk, .below = true },
	{ .name = "listmount", .run = list },
	{ .name = "mount_setattr", .run = setattr },
	{ .name = "mount_setattr of three attributes", .run = setattr_nosymfollow },
	{ .name = "mount_setattr of its parent, recursive", .run = setattr_tree },
	{ .name = "the same with a mount below", .run = setattr_tree_below, .below = true },
	{ .name = "open_tree_attr", .run = clone_attr },
	{ .name = "open_tree_attr of its parent", .run = clone_tree_attr },
	{ .name = "open_tree of it to a namespace", .run = new_namespace },
	{ .name = "the same by path, recursive", .run = new_namespace_path },
	{ .name = "the same of its parent", .run = new_namespace_parent },
	{ .name = "the same in another user namespace", .run = new_namespace_foreign },
	{ .name = "statmount by fd, unmounted", .run = unmounted, .detach = true },
	{ .name = "statmount of a directory in it, unmounted",
	  .run = unmounted_sub,
	  .detach = true,
	  .sub = true },
};

/* --- running them --- */

static uint64_t id_of(int fd)
{
	int error;
	struct mntcompat_statmount *answer = describe(fd, 0, MNTCOMPAT_STATMOUNT_MNT_BASIC, &error);
	uint64_t id = answer ? answer->mnt_id : 0;

	free(answer);
	return id;
}

/* The answer of the case in a process of its own: 0 good, 1 not; -1: no end in time. */
static int in_time(const struct test *test, const struct place *place, char *text, size_t size)
{
	uint64_t end = fault_now() + LIMIT_MS;
	int words[2], status = 0;
	ssize_t n = 0;
	pid_t child, ended;

	fault_must(pipe2(words, O_CLOEXEC), "pipe");
	child = (pid_t)fault_must(fork(), "fork");
	if (!child) {
		const char *wrong = test->run(place);

		if (wrong && write(words[1], wrong, strlen(wrong)) < 0)
			_exit(2);
		_exit(wrong ? 1 : 0);
	}
	close(words[1]);
	while (!(ended = waitpid(child, &status, WNOHANG)) && fault_now() < end)
		usleep(500);
	if (!ended) {
		/* It ends when its request is aborted, which the server's end does. */
		kill(child, SIGKILL);
		server_kill();
		while (waitpid(child, &status, 0) < 0 && errno == EINTR)
			;
		snprintf(text, size, "waits for the server");
		close(words[0]);
		return -1;
	}
	n = read(words[0], text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	close(words[0]);
	if (WIFSIGNALED(status))
		snprintf(text, size, "signal %d", WTERMSIG(status));
	return status ? 1 : 0;
}

static bool prepare(const struct test *test, struct place *place)
{
	if (!server_start(place->kind, "tree/m"))
		return false;
	place->fd = open("tree/m", O_PATH | O_CLOEXEC);
	place->sub = -1;
	fault_must(place->fd, "tree/m");
	place->sub_id = 0;
	place->id = id_of(place->fd);
	if (test->below)
		fault_must(mount("below", "tree/m/sub", "tmpfs", 0, "size=64k"), "tree/m/sub");
	if (test->below || test->sub) {
		place->sub = (int)fault_must(open("tree/m/sub", O_PATH | O_CLOEXEC), "sub");
		place->sub_id = test->below ? id_of(place->sub) : 0;
	}
	server_cease(place->kind);
	if (test->detach)
		fault_must(umount2("tree/m", MNT_DETACH), "umount tree/m");
	return true;
}

static void clean(const struct test *test, struct place *place)
{
	server_kill();
	close(server_stop);
	close(place->fd);
	if (place->sub >= 0)
		close(place->sub);
	if (!test->detach)
		umount2("tree/m", MNT_DETACH);
}

static bool ids_are_listed(const char *level)
{
	struct mntcompat_file_handle handle = { .handle_bytes = 0 };
	uint64_t id = 0;

	mntcompat_set_kernel(level);
	if (syscall(SYS_name_to_handle_at, AT_FDCWD, ".", &handle, &id,
		    (int)MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE) < 0 &&
	    errno == EINVAL)
		return true;
	return level && !strcmp(level, "6.8");
}

static void one(const struct test *test, enum kind kind, const char *level)
{
	struct place place = { .kind = kind, .ids_are_listed = ids_are_listed(level) };
	char name[160], text[256];

	snprintf(name, sizeof(name), "%s: %s%s%s", kind_names[kind], test->name,
		 level ? ", as on Linux " : "", level ? level : "");
	mntcompat_set_kernel(level);
	if (kind == OTHER && (test->below || test->sub)) {
		tap_skip(name, "root cannot go below it");
		return;
	}
	if (!prepare(test, &place)) {
		tap_skip(name, "no FUSE");
		return;
	}
	tap_result(in_time(test, &place, text, sizeof(text)) == 0, name, "%s", text);
	clean(test, &place);
}

int main(int argc, char **argv)
{
	static const char *const levels[] = { NULL, "6.8", "5.10" };
	const size_t n = sizeof(tests) / sizeof(tests[0]);
	int all = 0;
	static char path[64];
	const char *only = "";
	int option, fuse;

	while ((option = getopt(argc, argv, "v")) >= 0)
		if (option == 'v')
			mntcompat_set_debug(2);
	if (optind < argc)
		only = argv[optind];
	if (geteuid())
		tap_skip_all("needs root");
	fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fuse < 0)
		tap_skip_all("no /dev/fuse");
	close(fuse);
	for (size_t i = 0; i < n; i++)
		all += strstr(tests[i].name, only) ? KINDS * 3 : 0;
	tap_plan(all);
	fault_world_place(path);
	fault_must(unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS)");
	fault_must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
	fault_must(mount("world", path, "tmpfs", 0, "mode=755,size=1m"), path);
	fault_must(chdir(path), path);
	fault_must(mkdir("tree", 0755), "tree");
	fault_must(mount("tree", "tree", "tmpfs", 0, "mode=755,size=1m"), "tree");
	fault_must(mkdir("tree/m", 0755), "tree/m");
	for (size_t level = 0; level < 3; level++)
		for (enum kind kind = 0; kind < KINDS; kind++)
			for (size_t i = 0; i < n; i++)
				if (strstr(tests[i].name, only))
					one(&tests[i], kind, levels[level]);
	fault_must(chdir("/"), "chdir /");
	umount2(path, MNT_DETACH);
	rmdir(path);
	return tap_exit();
}
