// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ask.c - finds out what this process has: probes every feature of the feature table, and makes the
 * library's calls. It changes the calling task's namespaces and makes children, so it must run in a
 * child that ends afterwards.
 *
 * The way of a call depends on filters, limits and privilege, which no table of kernel versions
 * has. So every call that can be undone is made, and calls that need CAP_SYS_ADMIN only with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "compat/kernel/uapi.h"
#include "compat/kernel/raw.h"
#include "probe/ask.h"

#define OPT_HIDEPID "hidepid="
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void took(struct answers *answers, enum call_id call, int error)
{
	struct call_answer *answer = &answers->calls[call];

	answer->asked = true;
	answer->error = error;
	answer->way = error ? MNTCOMPAT_WAY_NONE : mntcompat_last_way();
}

static void blame(struct answers *answers, enum call_id call, int error, const char *step)
{
	took(answers, call, error);
	answers->calls[call].blame = step;
}

/* --- calls that change nothing --- */

static int word_value(const char *word)
{
	static const char *const words[] = { "off", "noaccess", "invisible", NULL, "ptraceable" };
	size_t i;

	if (*word >= '0' && *word <= '9')
		return atoi(word);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i] && !strncmp(word, words[i], strlen(words[i])))
			return (int)i;
	}
	return -1;
}

static void ask_hidepid(struct answers *answers)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.param = MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_FS_TYPE,
	};
	union {
		struct mntcompat_statmount sm;
		char room[2048];
	} answer;
	int fd = open("/proc", O_PATH | O_CLOEXEC);
	const char *word;

	answers->hidepid = -1;
	if (fd < 0)
		return;
	req.mnt_fd = (uint32_t)fd;
	if (mntcompat_statmount(&req, &answer.sm, sizeof(answer), MNTCOMPAT_STATMOUNT_BY_FD) == 0 &&
	    answer.sm.mask & MNTCOMPAT_STATMOUNT_FS_TYPE &&
	    !strcmp(answer.sm.str + answer.sm.fs_type, "proc")) {
		answers->hidepid = 0;
		/* A procfs without options may have a clear bit. */
		if (answer.sm.mask & MNTCOMPAT_STATMOUNT_MNT_OPTS) {
			word = strstr(answer.sm.str + answer.sm.mnt_opts, OPT_HIDEPID);
			if (word)
				answers->hidepid = word_value(word + strlen(OPT_HIDEPID));
		}
	}
	close(fd);
}

/*
 * Requests all fields: the library can answer a request for the supported mask alone without
 * reading any mount, and a smaller request may succeed where a larger one fails.
 */
static void ask_statmount(struct answers *answers, enum call_id call,
			  struct mntcompat_mnt_id_req *req, unsigned int flags)
{
	struct mntcompat_statmount *answer;
	int ret;

	req->size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1;
	req->param = UAPI_STATMOUNT_ALL;
	ret = mntcompat_statmount_alloc(req, flags, &answer);
	took(answers, call, -ret);
	if (ret < 0)
		return;
	/* Without a supported mask the fields of the answer are taken as the supported ones. */
	answers->calls[call].supported = answer->mask & MNTCOMPAT_STATMOUNT_SUPPORTED_MASK ?
						 answer->supported_mask :
						 answer->mask;
	free(answer);
}

static void ask_statmount_by_fd(struct answers *answers, int root)
{
	struct mntcompat_mnt_id_req req = { .mnt_fd = (uint32_t)root };

	ask_statmount(answers, CALL_STATMOUNT_BY_FD, &req, MNTCOMPAT_STATMOUNT_BY_FD);
}

static void ask_statmount_by_id(struct answers *answers)
{
	struct mntcompat_mnt_id_req req = { .mnt_id = 0 };
	struct mntcompat_statx stx;
	int ret = mntcompat_statx(AT_FDCWD, "/", 0, MNTCOMPAT_STATX_MNT_ID_UNIQUE, &stx);

	if (ret < 0 || !(stx.stx_mask & MNTCOMPAT_STATX_MNT_ID_UNIQUE)) {
		blame(answers, CALL_STATMOUNT_BY_ID, ret < 0 ? errno : ENOSYS,
		      "statx(/), for the id");
		return;
	}
	req.mnt_id = stx.stx_mnt_id;
	ask_statmount(answers, CALL_STATMOUNT_BY_ID, &req, 0);
}

static void ask_listmount(struct answers *answers, enum call_id call, unsigned int flags)
{
	struct mntcompat_mnt_id_req req = {
		.size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
		.mnt_id = MNTCOMPAT_LSMT_ROOT,
	};
	uint64_t id;

	took(answers, call, mntcompat_listmount(&req, &id, 1, flags) < 0 ? errno : 0);
}

static void ask_statx(struct answers *answers, enum call_id call, unsigned int bit)
{
	struct mntcompat_statx stx;
	int ret = mntcompat_statx(AT_FDCWD, "/", 0, bit, &stx);

	took(answers, call, ret ? errno : stx.stx_mask & bit ? 0 : EOPNOTSUPP);
}

/* Any file is suitable, but some filesystems have no handles. */
static void ask_handle(struct answers *answers)
{
	static const char *const places[] = { "/", "/tmp", "/dev", "/proc", "/sys" };
	struct mntcompat_file_handle handle = { .handle_bytes = 0 };
	uint64_t id;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		ret = mntcompat_name_to_handle_at(AT_FDCWD, places[i], &handle, &id,
						  MNTCOMPAT_AT_HANDLE_MNT_ID_UNIQUE);
		/* No room for the handle, but the id is there. */
		took(answers, CALL_HANDLE, ret && errno != EOVERFLOW ? errno : 0);
		if (!answers->calls[CALL_HANDLE].error) {
			answers->calls[CALL_HANDLE].way = mntcompat_last_way();
			return;
		}
		if (errno != EOPNOTSUPP && errno != ENOENT)
			return;
		handle.handle_bytes = 0;
	}
}

static int open_own_namespace(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), pidfd;

	if (fd >= 0)
		return fd;
	pidfd = raw_pidfd_open(raw_getpid());
	if (pidfd < 0)
		return fd;
	fd = raw_pidfd_get_mnt_namespace(pidfd);
	raw_close(pidfd);
	return fd < 0 ? -1 : fd;
}

static void ask_namespace(struct answers *answers)
{
	struct mntcompat_mnt_ns_info info = { .size = sizeof(info) };
	int fd = open_own_namespace();
	uint64_t id;

	answers->mounts = -1;
	if (fd < 0) {
		int error = errno;

		blame(answers, CALL_MNTNS_ID, error, "open(/proc/self/ns/mnt)");
		blame(answers, CALL_NS_ID, error, "open(/proc/self/ns/mnt)");
		blame(answers, CALL_MNTNS_INFO, error, "open(/proc/self/ns/mnt)");
		return;
	}
	took(answers, CALL_MNTNS_ID, mntcompat_mount_namespace_id(fd, &id) ? errno : 0);
	took(answers, CALL_NS_ID, mntcompat_namespace_id(fd, &id) ? errno : 0);
	took(answers, CALL_MNTNS_INFO, mntcompat_mount_namespace_info(fd, &info) ? errno : 0);
	if (!answers->calls[CALL_MNTNS_INFO].error)
		answers->mounts = info.nr_mounts;
	close(fd);
}

/*
 * The emulation reads all tasks. It is not called if it is known to work: with procfs, without a
 * filter, and with free file descriptors.
 */
static void ask_listns(struct answers *answers)
{
	struct mntcompat_ns_id_req req = { .size = sizeof(req), .ns_type = CLONE_NEWNS };
	uint64_t id;

	if (answers->filtered || answers->no_files ||
	    answers->features[FEATURE_PROCFS] != FEATURE_PRESENT ||
	    (answers->features[FEATURE_LISTNS] == FEATURE_PRESENT &&
	     mntcompat_get_mode() != MNTCOMPAT_MODE_EMULATE))
		took(answers, CALL_LISTNS, mntcompat_listns(&req, &id, 1, 0) < 0 ? errno : 0);
}

/* Reads several rows, because single rows may fail; but not all of a large table. */
static void ask_table(struct answers *answers)
{
	struct mntcompat_table_options options = {
		.size = sizeof(options),
		.mask = MNTCOMPAT_STATMOUNT_MNT_POINT,
	};
	const struct mntcompat_statmount *row;
	struct mntcompat_table *table;
	int ret = mntcompat_table_open(&options, &table), rows;
	enum mntcompat_way way = mntcompat_last_way();

	if (ret == 0) {
		for (rows = 0, ret = 1; ret > 0 && rows < 64; rows++)
			ret = mntcompat_table_next(table, &row);
		mntcompat_table_close(table);
	}
	took(answers, CALL_TABLE, ret < 0 ? -ret : 0);
	if (ret >= 0)
		answers->calls[CALL_TABLE].way = way;
}

/* A request that changes nothing returns before the path is looked up. */
static void ask_mount_setattr(struct answers *answers)
{
	struct mntcompat_mount_attr attr = { .attr_set = 0 };

	took(answers, CALL_MOUNT_SETATTR,
	     mntcompat_mount_setattr(-1, "", MNTCOMPAT_AT_EMPTY_PATH, &attr, sizeof(attr)) ? errno :
											     0);
}

static void ask_calls(struct answers *answers)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root >= 0) {
		ask_statmount_by_fd(answers, root);
		close(root);
	} else {
		int error = errno;

		answers->no_files = error == EMFILE || error == ENFILE;
		blame(answers, CALL_STATMOUNT_BY_FD, error, "open(/)");
	}
	ask_statmount_by_id(answers);
	ask_statx(answers, CALL_STATX_MNT_ID, MNTCOMPAT_STATX_MNT_ID);
	ask_statx(answers, CALL_STATX_UNIQUE, MNTCOMPAT_STATX_MNT_ID_UNIQUE);
	ask_listmount(answers, CALL_LISTMOUNT, 0);
	ask_listmount(answers, CALL_LISTMOUNT_REVERSE, MNTCOMPAT_LISTMOUNT_REVERSE);
	ask_handle(answers);
	ask_namespace(answers);
	ask_listns(answers);
	ask_table(answers);
	ask_hidepid(answers);
}

/* --- calls that change something, and are undone --- */

/* A directory that can be cloned. */
struct source {
	const char *dir;
	unsigned int flags; /* AT_RECURSIVE, if the caller must not leave out the mounts below */
};

/* Tries directories that usually have no mounts below them. */
static int make_namespace(struct source *source)
{
	static const char *const places[] = { "/usr/bin", "/bin", "/etc", "/proc/sys/kernel", "/" };
	unsigned int flags = MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC;
	size_t i;
	int fd;

	source->flags = 0;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		/*
		 * If the table of descriptors is full some kernels fail before they look up the
		 * path.
		 */
		if (access(places[i], X_OK) < 0)
			continue;
		source->dir = places[i];
		fd = mntcompat_open_tree(AT_FDCWD, places[i], flags);
		/* These errors are about the directory, not about the call. */
		if (fd >= 0 || (errno != EINVAL && errno != ENOENT && errno != ENOTDIR &&
				errno != EACCES && errno != ELOOP))
			return fd;
	}
	*source = (struct source){ "/", MNTCOMPAT_AT_RECURSIVE };
	return mntcompat_open_tree(AT_FDCWD, "/", flags | MNTCOMPAT_AT_RECURSIVE);
}

static void try_detached(struct answers *answers, const struct source *source)
{
	int tree = mntcompat_open_tree(AT_FDCWD, source->dir,
				       MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					       source->flags);
	int fd;

	if (tree < 0)
		return;
	fd = mntcompat_open_tree(tree, "",
				 MNTCOMPAT_OPEN_TREE_NAMESPACE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					 MNTCOMPAT_AT_EMPTY_PATH | source->flags);
	took(answers, CALL_OPEN_TREE_DETACHED, fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
	close(tree);
}

static void try_open_tree(struct answers *answers)
{
	struct mntcompat_mount_attr attr = { .attr_set = MNTCOMPAT_MOUNT_ATTR_RDONLY };
	struct source source;
	int fd = make_namespace(&source);

	took(answers, CALL_OPEN_TREE_NAMESPACE, fd < 0 ? errno : 0);
	if (fd >= 0) {
		close(fd);
		try_detached(answers, &source);
	}
	fd = mntcompat_open_tree(AT_FDCWD, source.dir,
				 MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					 MNTCOMPAT_OPEN_TREE_DROP_MNTNS_MOUNTS |
					 MNTCOMPAT_AT_RECURSIVE);
	took(answers, CALL_OPEN_TREE_DROP, fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
	fd = mntcompat_open_tree_attr(AT_FDCWD, source.dir,
				      MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_OPEN_TREE_CLOEXEC |
					      source.flags,
				      &attr, sizeof(attr));
	took(answers, CALL_OPEN_TREE_ATTR, fd < 0 ? errno : 0);
	if (fd >= 0)
		close(fd);
}

static void try_fsmount(struct answers *answers, enum call_id call, unsigned int flags)
{
	int context = raw_fsopen("tmpfs", UAPI_FSOPEN_CLOEXEC), fd;

	if (context < 0) {
		blame(answers, call, -context, "fsopen(tmpfs)");
		return;
	}
	fd = raw_fsconfig(context, UAPI_FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (fd < 0) {
		blame(answers, call, -fd, "fsconfig(tmpfs)");
	} else {
		fd = mntcompat_fsmount(context, flags | MNTCOMPAT_FSMOUNT_CLOEXEC, 0);
		took(answers, call, fd < 0 ? errno : 0);
		if (fd >= 0)
			close(fd);
	}
	raw_close(context);
}

static void try_clone3(struct answers *answers)
{
	struct mntcompat_clone_args args = { .flags = MNTCOMPAT_CLONE_EMPTY_MNTNS };
	pid_t pid = mntcompat_clone3(&args, sizeof(args));

	if (pid == 0)
		raw_exit(0);
	took(answers, CALL_CLONE3_EMPTY, pid < 0 ? errno : 0);
	if (pid > 0)
		raw_wait_clone(pid);
}

static int end(void *arg)
{
	(void)arg;
	return 0;
}

static void try_user_namespace(struct answers *answers)
{
	char stack[16384] __attribute__((aligned(16)));
	pid_t pid = raw_clone(end, stack + sizeof(stack), CLONE_NEWUSER, NULL, NULL);

	took(answers, CALL_USER_NAMESPACE, pid < 0 ? -pid : 0);
	answers->calls[CALL_USER_NAMESPACE].way = MNTCOMPAT_WAY_NATIVE;
	if (pid > 0)
		raw_wait_clone(pid);
}

/* --- circumstances --- */

/*
 * Finds a call that every kernel has and the emulations use, but that a filter refuses; makes each
 * with invalid arguments.
 */
static const char *find_blocked(bool admin)
{
	int ret;

	if (raw_setns(-1, 0) != -EBADF)
		return "setns";
	/* Not a flag of unshare(2). */
	ret = raw_unshare(0x1);
	if (ret != -EINVAL)
		return "unshare";
	if (raw_mount(NULL, NULL, NULL, 0, NULL) != -EFAULT)
		return "mount";
	if (raw_umount2(NULL, 0) != -EFAULT)
		return "umount2";
	if (admin) {
		ret = raw_pivot_root(NULL, NULL);
		if (ret != -EFAULT && ret != -EPERM)
			return "pivot_root";
	}
	return NULL;
}

static void ask_circumstances(struct answers *answers)
{
	uint64_t capabilities = 0;
	int ret;

	if (raw_capget_effective(&capabilities) < 0)
		capabilities = 0;
	answers->admin = capabilities & UAPI_CAP_SYS_ADMIN;
	answers->ptrace = capabilities & UAPI_CAP_SYS_PTRACE;
	ret = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);
	answers->seccomp = ret < 0 ? -errno : ret;
	answers->filtered = answers->seccomp == 2;
	ret = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	answers->no_new_privs = ret < 0 ? -errno : ret;
	if (answers->filtered)
		answers->blocked = find_blocked(answers->admin);
	/*
	 * The privilege to clone a mount is that to change the table. NULL is not a path, so
	 * nothing is cloned.
	 */
	answers->owner = raw_open_tree(-1, NULL, MNTCOMPAT_OPEN_TREE_CLONE) == -EFAULT;
}

static void set_kernel(void)
{
	unsigned int major, minor;

	raw_set_kernel(mntcompat_get_kernel(&major, &minor) ? RAW_KERNEL(major, minor) :
							      RAW_KERNEL_ANY);
	feature_forget();
}

void ask_all(struct answers *answers, bool try)
{
	int feature;

	answers->began = true;
	set_kernel();
	ask_circumstances(answers);
	for (feature = 0; feature < FEATURE_COUNT; feature++)
		answers->features[feature] = feature_probe((enum feature_id)feature);
	ask_calls(answers);
	if (try)
		try_user_namespace(answers);
	if (answers->admin)
		ask_mount_setattr(answers);
	if (try && answers->admin) {
		try_open_tree(answers);
		try_fsmount(answers, CALL_FSMOUNT, 0);
		try_fsmount(answers, CALL_FSMOUNT_NAMESPACE, MNTCOMPAT_FSMOUNT_NAMESPACE);
		try_clone3(answers);
		/* The last call, because the mount namespace is empty afterwards. */
		took(answers, CALL_UNSHARE_EMPTY,
		     mntcompat_unshare(MNTCOMPAT_UNSHARE_EMPTY_MNTNS) ? errno : 0);
	}
	answers->finished = true;
}
