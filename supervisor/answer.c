// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * answer.c - takes the target and its arguments, has a child become the target and make the
 * library's call, brings the answer back. The worker keeps the supervisor's rights and makes no
 * call for a target; the child has the target's rights and no others. Neither is dumpable.
 * docs/security.md has the rules.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/uapi.h"
#include "compat/task/usercopy.h"
#include "supervisor/answer.h"
#include "supervisor/become.h"
#include "supervisor/calls.h"
#include "supervisor/confine.h"
#include "supervisor/dispatch.h"
#include "supervisor/memory.h"
#include "supervisor/paths.h"
#include "supervisor/target.h"

#define PATH_ROOM 4096u
#define STRUCT_ROOM 4096u /* the kernel takes no larger one: E2BIG */
#define BUFFER_MOST ((size_t)16 << 20)
#define LAST_ERROR 4095
#define SOON_MS 5    /* most answers are there by then */
#define LOOK_MS 1000 /* how often one that takes long is looked at, at least; sooner at first */

/* In the child: the way back, then what was fetched of the target's descriptors. */
#define REPLY_FD PATH_OWN_FD
#define FIRST_FD 4
#define NO_FD 0x7ffffff0 /* never open */
#define FDS_MOST 6 /* of two directories and paths each, or the root of a procfs in place of one */
#define NAMESPACES_MOST 60 /* that the target has open, where these count */
#define FDS_BESIDE 44	   /* what the supervisor and a worker have open besides, at most */

struct request {
	const struct call *call;
	struct target target;
	struct call_run run;
	struct memory memory[CALLS_ARGUMENTS];
	size_t room[CALLS_ARGUMENTS]; /* what may be written, at most */
	/*
	 * Of a path through the target's own directory in a procfs, by the child's numbers, or -1:
	 * what a descriptor's link leads to; the procfs, where the path begins in that directory,
	 * and the path from there.
	 */
	int path_fd[CALLS_ARGUMENTS], path_root[CALLS_ARGUMENTS];
	char own_path[CALLS_ARGUMENTS][PATH_ROOM + 16];
	int fds[FDS_MOST + NAMESPACES_MOST];
	int fds_used;
	int cwd_fd; /* the child's number for the working directory, or 0 */
	struct kernel_place places[FDS_MOST]; /* of the first of them, to compare with later */
	int places_used;
	bool sees_namespaces;
	bool has_domain; /* the target may be in a Landlock domain */
};

struct reply {
	int64_t value;
	int32_t error;
	uint32_t cloexec;
	uint64_t written[CALLS_ARGUMENTS];
	uint32_t entered;
};

/* --- bringing over --- */

static enum calls_argument kind_of(const struct request *request, int i)
{
	return request->call->row->arguments[i];
}

static bool has(const struct request *request, enum calls_trait trait)
{
	return request->call->row->traits & trait;
}

enum use { USE_PLACE, USE_FILE, USE_NAMESPACE };

/*
 * The child's number for the target's descriptor. A copy of a place stands for any directory, but
 * neither for a filesystem that is to be mounted nor for a file whose own server knows the request.
 * A pipe stands for any file that is not a namespace.
 */
static int bring_fd(struct request *request, int fd, enum use use)
{
	bool is_copy;
	int got;

	if (fd < 0)
		return fd;
	got = target_fd(&request->target, fd, &is_copy);
	if (got >= 0 && is_copy && use != USE_PLACE) {
		close(got);
		if (target_fd_is_place(&request->target, fd))
			return NO_FD;
		got = use == USE_FILE ? -EPERM : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
		if (got < 0)
			return -EPERM;
	}
	if (got == -EBADF)
		return NO_FD;
	if (got < 0)
		return got == -EPERM || got == -EACCES ? -EPERM : NO_FD;
	if (request->fds_used == FDS_MOST) {
		close(got);
		return NO_FD;
	}
	request->fds[request->fds_used] = got;
	return FIRST_FD + request->fds_used++;
}

/* Paths that begin in the target's working directory begin at this descriptor. */
static int bring_working_directory(struct request *request)
{
	int fd = fcntl(request->target.cwd, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (request->fds_used == FDS_MOST) {
		close(fd);
		return -EMFILE;
	}
	request->fds[request->fds_used] = fd;
	request->cwd_fd = FIRST_FD + request->fds_used++;
	return request->cwd_fd;
}

static int bring_inner_fd(struct request *request, uint64_t *number, enum use use)
{
	int fd;

	if (*number > INT_MAX)
		return 0;
	fd = bring_fd(request, (int)*number, use);
	if (fd < 0)
		return fd;
	*number = (uint64_t)fd;
	return 0;
}

/* A task that may not be looked into may use its own directory of a procfs nevertheless. */
static void bring_own(struct request *request, int i)
{
	const char *path = (void *)(uintptr_t)memory_here(&request->memory[i]), *within;
	int dfd = (int)request->run.args[i - 1] - FIRST_FD, fd;

	if (!memchr(path, 0, request->memory[i].readable))
		return;
	if (*path && *path != '/' && dfd >= 0 && dfd < request->fds_used &&
	    request->fds_used < FDS_MOST && !path_goes_up(path)) {
		fd = path_own_directory(&request->target, request->fds[dfd], &within);
		if (fd >= 0) {
			snprintf(request->own_path[i], sizeof(request->own_path[i]), "%s%s", within,
				 path);
			path = request->own_path[i];
			request->path_root[i] = FIRST_FD + request->fds_used;
			request->fds[request->fds_used++] = fd;
		}
	}
	fd = bring_fd(request, path_own_fd(path), USE_PLACE);
	if (fd >= 0)
		request->path_fd[i] = fd;
}

static int bring_mount_request(struct request *request, const struct memory *memory, uint64_t flags)
{
	struct mntcompat_mnt_id_req *req = (void *)(uintptr_t)memory_here(memory);
	bool by_fd = kind_of(request, 1) == ARGUMENT_BUFFER && flags & MNTCOMPAT_STATMOUNT_BY_FD;
	uint64_t fd;
	int ret;

	if (memory->readable < offsetof(struct mntcompat_mnt_id_req, mnt_id))
		return 0;
	if (memory->readable >= sizeof(*req) && req->size >= sizeof(*req) && req->mnt_ns_id)
		request->sees_namespaces = true;
	if (!req->mnt_fd && !by_fd)
		return 0;
	fd = req->mnt_fd;
	ret = bring_inner_fd(request, &fd, by_fd ? USE_PLACE : USE_NAMESPACE);
	req->mnt_fd = (uint32_t)fd;
	return ret;
}

static int bring_attributes(struct request *request, const struct memory *memory)
{
	struct mntcompat_mount_attr *attr = (void *)(uintptr_t)memory_here(memory);

	if (memory->readable < sizeof(*attr) || !(attr->attr_set & MNTCOMPAT_MOUNT_ATTR_IDMAP))
		return 0;
	return bring_inner_fd(request, &attr->userns_fd, USE_NAMESPACE);
}

static int bring_buffer(struct request *request, int i)
{
	uint64_t count = request->run.args[i + 1];
	size_t size;

	if (kind_of(request, i) == ARGUMENT_BUFFER) {
		/* The start is valid and the end is not: the kernel checks that first. */
		if (!usercopy_in_range((void *)(uintptr_t)request->run.args[i], (size_t)count)) {
			request->run.args[i] = UINT64_MAX & ~(uint64_t)(STRUCT_ROOM - 1);
			return 0;
		}
		size = count < BUFFER_MOST ? (size_t)count : BUFFER_MOST;
		request->run.args[i + 1] = size;
	} else {
		size = (size_t)(count < UAPI_LIST_MAX ? count : UAPI_LIST_MAX) * sizeof(uint64_t);
	}
	request->room[i] = size;
	return memory_room(&request->memory[i], &request->target, request->run.args[i], size, 0);
}

static int bring_result(struct request *request, int i, size_t size)
{
	request->room[i] = size;
	return memory_room(&request->memory[i], &request->target, request->run.args[i], size, 0);
}

static int bring_argument(struct request *request, int i)
{
	struct memory *memory = &request->memory[i];
	uint64_t *value = &request->run.args[i];
	const struct target *target = &request->target;
	int ret = 0;

	request->path_fd[i] = request->path_root[i] = -1;
	switch (kind_of(request, i)) {
	case ARGUMENT_NONE:
	case ARGUMENT_INT:
	case ARGUMENT_FLAGS:
	case ARGUMENT_AT_FLAGS:
	case ARGUMENT_SIZE:
	case ARGUMENT_CLONE_REQUEST: /* not supervised */
		return 0;
	case ARGUMENT_FD:
	case ARGUMENT_FILE:
		if ((int)*value == AT_FDCWD && i + 1 < CALLS_ARGUMENTS &&
		    kind_of(request, i + 1) == ARGUMENT_PATH) {
			ret = bring_working_directory(request);
			*value = (uint64_t)(int64_t)ret;
			return ret < 0 ? ret : 0;
		}
		ret = bring_fd(request, (int)*value,
			       kind_of(request, i) == ARGUMENT_FILE || request->call->row->request ?
				       USE_FILE :
				       USE_PLACE);
		if (ret == -EPERM && (int)*value >= 0)
			return ret;
		*value = (uint64_t)(int64_t)ret;
		return 0;
	case ARGUMENT_PATH:
		ret = memory_bring(memory, target, *value, PATH_ROOM, MEMORY_STRING);
		if (ret == 0 && memory->readable)
			bring_own(request, i);
		break;
	case ARGUMENT_MOUNT_REQUEST:
		ret = memory_bring(memory, target, *value, STRUCT_ROOM, MEMORY_STRUCT);
		if (ret == 0)
			ret = bring_mount_request(request, memory, request->run.args[3]);
		break;
	case ARGUMENT_NS_REQUEST:
		ret = memory_bring(memory, target, *value, STRUCT_ROOM, MEMORY_STRUCT);
		break;
	case ARGUMENT_ATTRIBUTES:
		ret = memory_bring(memory, target, *value,
				   request->run.args[i + 1] < STRUCT_ROOM ?
					   (size_t)request->run.args[i + 1] :
					   STRUCT_ROOM,
				   MEMORY_SIZE);
		if (ret == 0)
			ret = bring_attributes(request, memory);
		break;
	case ARGUMENT_BUFFER:
	case ARGUMENT_IDS:
		ret = bring_buffer(request, i);
		break;
	case ARGUMENT_STATX:
		ret = bring_result(request, i, sizeof(struct mntcompat_statx));
		break;
	case ARGUMENT_INFO:
		ret = bring_result(request, i, sizeof(struct mntcompat_mnt_ns_info));
		break;
	case ARGUMENT_HANDLE:
		request->room[i] = sizeof(struct mntcompat_file_handle) + UAPI_MAX_HANDLE_SZ;
		ret = memory_room(memory, target, *value, request->room[i],
				  sizeof(struct mntcompat_file_handle));
		request->run.written[i] = memory->readable;
		break;
	case ARGUMENT_MOUNT_ID: /* only the unique ids are supervised */
	case ARGUMENT_ID:
		ret = bring_result(request, i, sizeof(uint64_t));
		break;
	}
	if (memory->pages)
		*value = memory_here(memory);
	return ret;
}

static int namespaces_most(void)
{
	struct rlimit limit;
	rlim_t room = 0;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > FDS_BESIDE)
		room = (limit.rlim_cur - FDS_BESIDE) / 2;
	return room < NAMESPACES_MOST ? (int)room : NAMESPACES_MOST;
}

/* Everything of the target that the call needs; it is the target's if the notification is still
 * valid afterwards. */
static int take_request(struct request *request, const struct target_own *own,
			const struct kernel_notification *notification, const char **what)
{
	int i, ret;

	memcpy(request->run.args, notification->args, sizeof(request->run.args));
	ret = target_take(&request->target, own, (pid_t)notification->pid, what);
	for (i = 0; i < CALLS_ARGUMENTS && ret == 0; i++) {
		*what = "an argument";
		ret = bring_argument(request, i);
	}
	if (ret < 0)
		return ret;
	for (i = 0; i < request->fds_used; i++)
		kernel_place(request->fds[i], "", &request->places[i]);
	request->places_used = i;
	if (has(request, CALLS_SEES_NAMESPACES) || request->sees_namespaces)
		request->fds_used +=
			target_namespace_fds(&request->target, request->fds + i, namespaces_most());
	return 0;
}

static void drop_request(struct request *request)
{
	const struct call *call = request->call;
	bool has_domain = request->has_domain;
	int i;

	for (i = 0; i < request->fds_used; i++) {
		if (request->fds[i] >= 0)
			close(request->fds[i]);
	}
	for (i = 0; i < CALLS_ARGUMENTS; i++)
		memory_free(&request->memory[i]);
	target_drop(&request->target);
	memset(request, 0, sizeof(*request));
	request->call = call;
	request->has_domain = has_domain;
}

/* --- in the child --- */

static void send_reply(const struct reply *reply, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { .iov_base = (void *)(uintptr_t)reply, .iov_len = sizeof(*reply) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		memset(&control, 0, sizeof(control));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	sendmsg(REPLY_FD, &message, MSG_NOSIGNAL);
}

/* Leaves open only the way back and the target's own descriptors, from REPLY_FD on. */
static int arrange_fds(const struct request *request, int back)
{
	int now[FDS_MOST + NAMESPACES_MOST + 1], n = request->fds_used + 1, i, k;

	now[0] = back;
	memcpy(now + 1, request->fds, (size_t)request->fds_used * sizeof(int));
	for (i = 0; i < n; i++) {
		int number = REPLY_FD + i;

		if (now[i] == number)
			continue;
		for (k = i + 1; k < n; k++) {
			if (now[k] != number)
				continue;
			now[k] = fcntl(now[k], F_DUPFD_CLOEXEC, REPLY_FD + n);
			if (now[k] < 0)
				return -errno;
		}
		if (dup3(now[i], number, O_CLOEXEC) < 0)
			return -errno;
	}
	return kernel_close_from(REPLY_FD + n);
}

/* True if the call follows a symbolic link at the end of its path @i. */
static bool follows_link(const struct request *request, int i)
{
	const uint64_t *args = request->run.args;

	switch ((enum calls_id)(request->call->row - calls_rows)) {
	case CALLS_move_mount:
		return args[4] &
		       (i == 1 ? MNTCOMPAT_MOVE_MOUNT_F_SYMLINKS : MNTCOMPAT_MOVE_MOUNT_T_SYMLINKS);
	case CALLS_name_to_handle_at:
		return args[4] & UAPI_AT_SYMLINK_FOLLOW;
	default:
		return !(args[i + 1] & MNTCOMPAT_AT_SYMLINK_NOFOLLOW);
	}
}

/*
 * statx checks its flags for the working directory, but not for a descriptor without a path. The
 * child enters it then, although that asks a file server: statx does so as well.
 */
static bool needs_working_directory(const struct request *request, int i)
{
	const char *path = (void *)(uintptr_t)request->run.args[i];

	return request->call->row - calls_rows == CALLS_statx &&
	       kind_of(request, i) == ARGUMENT_PATH && request->cwd_fd &&
	       (!request->memory[i].readable || !*path);
}

/* True if the call may have to mount something on a kernel without its flags. */
static bool mounts(const struct request *request)
{
	switch ((enum calls_id)(request->call->row - calls_rows)) {
	case CALLS_statx:
	case CALLS_name_to_handle_at:
		return false;
	default:
		return true;
	}
}

static bool has_path(const struct request *request)
{
	int i;

	for (i = 0; i < CALLS_ARGUMENTS; i++) {
		if (kind_of(request, i) == ARGUMENT_PATH && request->memory[i].readable)
			return true;
	}
	return false;
}

/* A domain of this process' own would forbid to mount. */
static bool is_without_domain(const struct request *request, const struct target_own *supervisor)
{
	return supervisor->landlock < KERNEL_LANDLOCK_MOUNTS && mounts(request);
}

/*
 * A Landlock domain keeps a task from the links in other processes' directories of a procfs. This
 * process takes one of its own, which keeps it from those of all others, the target's among them.
 */
static int keep_to_domain(const struct request *request, const struct target_own *supervisor)
{
	if (!request->has_domain || !has_path(request) || is_without_domain(request, supervisor))
		return 0;
	return kernel_leave_others(supervisor->landlock);
}

static int settle_paths(struct request *request, const struct target_own *supervisor,
			const struct target_status *me, char (*buffers)[PATH_ROOM + 64])
{
	int i, used = 0, flags = 0;

	for (i = 0; i < CALLS_ARGUMENTS; i++)
		flags = kind_of(request, i) == ARGUMENT_AT_FLAGS ? i : flags;

	for (i = 0; i < CALLS_ARGUMENTS; i++) {
		const char *path = (void *)(uintptr_t)request->run.args[i], *own = NULL;
		int dfd = i ? (int)request->run.args[i - 1] : -1;
		bool is_like = false, is_program = false;
		int last;

		if (needs_working_directory(request, i) && fchdir(dfd) == 0)
			request->run.args[i - 1] = (uint64_t)(int64_t)AT_FDCWD;
		if (kind_of(request, i) != ARGUMENT_PATH || !request->memory[i].readable ||
		    !memchr(path, 0, request->memory[i].readable))
			continue;
		/* A call that does not follow a link does not look at what it leads to, either. */
		last = follows_link(request, i) ? 0 : O_NOFOLLOW;
		if (request->path_root[i] >= 0)
			own = path_in_own_directory(dfd, path, last, request->path_root[i],
						    request->own_path[i], request->path_fd[i],
						    buffers[used], sizeof(buffers[used]), &is_like);
		if (!own && is_like)
			return -EOPNOTSUPP;
		if (request->has_domain && is_without_domain(request, supervisor) &&
		    path_needs_link(dfd, path, last))
			return -EOPNOTSUPP;
		if (!own && request->path_root[i] < 0 &&
		    (path_goes_up(path) ? path_is_refused(dfd, path, last) :
					  path_is_hidden(&request->target, dfd, path, last)))
			return -EOPNOTSUPP;
		if (own)
			request->run.args[i - 1] = (uint64_t)request->path_root[i];
		path = own ? own :
			     path_of_target(&request->target, supervisor, me, dfd, path, last,
					    request->path_fd[i], buffers[used],
					    sizeof(buffers[used]), &is_like, &is_program);
		if (!path)
			return -EOPNOTSUPP;
		request->run.closed = is_program || !*path ? NULL : &supervisor->program;
		/* The link at the end leads to the task's own file again. */
		if (is_like && request->path_fd[i] >= 0 &&
		    !(flags && request->run.args[flags] & MNTCOMPAT_AT_SYMLINK_NOFOLLOW))
			is_like = false;
		if (is_like && !flags)
			return -EOPNOTSUPP;
		request->run.is_like = is_like;
		request->run.args[i] = (uint64_t)(uintptr_t)path;
		used++;
	}
	return 0;
}

/* True if the worker ended before PR_SET_PDEATHSIG was set here. */
static bool is_orphan(int back)
{
	struct pollfd peer = { .fd = back, .events = 0 };

	return poll(&peer, 1, 0) != 0;
}

/* Its numbers in all pid namespaces from the supervisor's on. */
static int read_own_status(const struct target_own *own, struct target_status *me)
{
	int fd = openat(own->proc, "self/status", O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = target_read_status(me, fd);
	close(fd);
	return ret;
}

static void __attribute__((noreturn))
run_as_target(struct request *request, const struct target_own *own, int back)
{
	static char buffers[2][PATH_ROOM + 64];
	static struct target_status me;
	struct reply reply = { .value = -1, .error = ENOSYS };
	int ret, fd = -1, i;

	prctl(PR_SET_NAME, "mntcompat-call");
	ret = become(&request->target, own);
	if (ret == 0)
		ret = read_own_status(own, &me);
	if (ret == 0)
		ret = keep_to_domain(request, own);
	if (ret == 0)
		ret = arrange_fds(request, back);
	if (ret == 0)
		ret = confine(has(request, CALLS_IS_SHORT_OF_THREADS));
	if (ret < 0 || is_orphan(REPLY_FD)) {
		/* Nothing has been done; the worker takes this exit for the answer. */
		debug_call("supervisor: the target of %s cannot be become: errno %d",
			   request->call->row->name, -ret);
		_exit(1);
	}
	reply.entered = 1;
	ret = settle_paths(request, own, &me, buffers);
	if (ret < 0) {
		reply.error = -ret;
	} else {
		errno = 0;
		reply.value = dispatch(request->call->row, &request->run);
		reply.error = reply.value < 0 ? errno : 0;
		reply.entered = !request->run.leave_to_kernel;
		for (i = 0; i < CALLS_ARGUMENTS; i++)
			reply.written[i] = request->run.written[i];
		if (reply.value >= 0 && has(request, CALLS_RETURNS_FD)) {
			fd = (int)reply.value;
			reply.cloexec = fcntl(fd, F_GETFD) & FD_CLOEXEC;
		}
	}
	send_reply(&reply, fd);
	_exit(0);
}

/* --- the way back --- */

/* True if the process or one that it has made waits in a kernel function with this word in its
 * name. */
static bool waits_in(int proc, pid_t pid, const char *word, int depth)
{
	/* Kernels before 5.16 show no wchan where they unwind by ORC. */
	static const char *const files[] = { "wchan", "stack" };
	char path[64], text[2048], *at = text, *end;
	bool found = false;
	ssize_t n = -1;
	int fd, i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%d/%s", pid, files[i]);
		fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
		text[n > 0 ? n : 0] = 0;
		if (strstr(text, word))
			return true;
		if (!i && n > 0 && strcmp(text, "0"))
			break;
	}
	snprintf(path, sizeof(path), "%d/task/%d/children", pid, pid);
	fd = depth ? openat(proc, path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = 0;
	for (;;) {
		pid_t child = (pid_t)strtol(at, &end, 10);

		if (end == at || found)
			return found;
		found = waits_in(proc, child, word, depth - 1);
		at = end;
	}
}

/*
 * An automount daemon's own process group passes its triggers, where the child waits for the mount
 * that the daemon is about to make. The kernel has to answer such a call itself.
 */
static bool waits_for_its_target(const struct request *request, const struct target_own *own,
				 pid_t child)
{
	return waits_in(own->proc, child, "autofs", 3) && target_is_automounter(&request->target);
}

/*
 * 1: there is a reply; 0: there will be none; -EDEADLK: not before the target goes on. The
 * supervisor ends the whole worker when its caller waits no longer.
 */
static int receive_reply(const struct request *request, const struct target_own *own, pid_t child,
			 int back, struct reply *reply, int *fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { .iov_base = reply, .iov_len = sizeof(*reply) };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct pollfd wait = { .fd = back, .events = POLLIN };
	int ret, ms = SOON_MS;

	*fd = -1;
	while ((ret = poll(&wait, 1, ms)) <= 0) {
		if (ret < 0 && errno != EINTR)
			return 0;
		if (waits_for_its_target(request, own, child))
			return -EDEADLK;
		ms = ms * 2 < LOOK_MS ? ms * 2 : LOOK_MS;
	}
	if (recvmsg(back, &message, MSG_CMSG_CLOEXEC) != sizeof(*reply))
		return 0;
	if (message.msg_controllen >= CMSG_LEN(sizeof(int)) &&
	    control.header.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.header), sizeof(*fd));
	return 1;
}

/* The reply is not trusted: it is bounded by the room that was requested. */
static int bring_back(const struct request *request, const struct reply *reply)
{
	int i, ret = 0;

	/* From the last to the first: name_to_handle_at(2) writes the id before the handle. */
	for (i = CALLS_ARGUMENTS - 1; i >= 0 && ret == 0; i--) {
		size_t size = reply->written[i] < request->room[i] ? (size_t)reply->written[i] :
								     request->room[i];

		ret = memory_bring_back(&request->memory[i], &request->target, size);
	}
	return ret;
}

static void reap(pid_t child)
{
	int status = 0;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		debug_call("supervisor: its own filter ended the process that made the call");
}

/* A descriptor on its way to the target. */
struct gift {
	int fd;	   /* here; -1: none, or given */
	int given; /* its number in the target, or -1 */
	uint64_t dev, ino;
};

/*
 * True if the target still has the descriptor by the number that it was given: before 5.19 a signal
 * may come between that and the answer.
 */
static bool has_gift(const struct request *request, const struct gift *gift)
{
	struct stat st;
	bool is_copy;
	int fd = target_fd(&request->target, gift->given, &is_copy);
	bool ret = fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == gift->dev &&
		   st.st_ino == gift->ino;

	if (fd >= 0)
		close(fd);
	return ret;
}

/*
 * The number of the descriptor in the target, given once; or -errno. The target may close it and
 * expect an effect, so that it is closed here. -EOPNOTSUPP: the target has closed it already.
 */
static int give(const struct request *request, int listener, uint64_t id, struct gift *gift,
		bool cloexec)
{
	struct stat st;

	if (gift->given >= 0)
		return has_gift(request, gift) ? gift->given : -EOPNOTSUPP;
	if (gift->fd < 0 || fstat(gift->fd, &st) < 0)
		return -ENOSYS;
	gift->dev = st.st_dev;
	gift->ino = st.st_ino;
	gift->given = kernel_give_fd(listener, id, gift->fd, cloexec);
	if (gift->given >= 0) {
		close(gift->fd);
		gift->fd = -1;
	}
	return gift->given;
}

/* The answer to the call with this notification: false if its caller waits no longer. */
static bool deliver(const struct request *request, int listener, uint64_t id, struct reply *reply,
		    struct gift *gift)
{
	int error = -reply->error, ret;
	int64_t value = reply->value;

	if (value >= 0)
		error = 0;
	else if (error >= 0 || error < -LAST_ERROR)
		error = -ENOSYS;
	if (kernel_is_waiting(listener, id) != 0)
		return false;
	/* On failure, `written` is 0. */
	ret = bring_back(request, reply);
	if (ret < 0)
		error = ret;
	if (error == 0 && has(request, CALLS_RETURNS_FD)) {
		value = give(request, listener, id, gift, reply->cloexec);
		error = value < 0 ? (int)value : 0;
	}
	return kernel_answer(listener, id, value, error) == 0;
}

/* --- a call that a signal has interrupted and that is made anew --- */

static bool same_arguments(const struct request *a, const struct request *b)
{
	int i;

	if (a->fds_used != b->fds_used || a->places_used != b->places_used)
		return false;
	for (i = 0; i < a->places_used; i++) {
		if (!kernel_same_place(&a->places[i], &b->places[i]))
			return false;
	}
	for (i = 0; i < CALLS_ARGUMENTS; i++) {
		switch (kind_of(a, i)) {
		case ARGUMENT_PATH:
		case ARGUMENT_MOUNT_REQUEST:
		case ARGUMENT_NS_REQUEST:
		case ARGUMENT_ATTRIBUTES:
			if (a->memory[i].readable != b->memory[i].readable ||
			    memcmp((void *)(uintptr_t)memory_here(&a->memory[i]),
				   (void *)(uintptr_t)memory_here(&b->memory[i]),
				   a->memory[i].readable))
				return false;
			break;
		case ARGUMENT_HANDLE:
			/* The child has written where it was read. */
			return false;
		default:
			break;
		}
	}
	return true;
}

/*
 * Take everything once more. If it is the same, the answer is good for this call, and goes to its
 * memory. False: this is another call, which has to be answered anew.
 */
static bool take_again(struct request *request, const struct target_own *own, int listener,
		       const struct kernel_notification *notification, uint64_t id)
{
	static struct request again;
	const char *what;
	bool same;

	memset(&again, 0, sizeof(again));
	again.call = request->call;
	again.has_domain = request->has_domain;
	same = take_request(&again, own, notification, &what) == 0 &&
	       target_is_same(&request->target, &again.target) && same_arguments(request, &again);
	if (kernel_is_waiting(listener, id) != 0) {
		/* Interrupted again: the comparison is void. */
		drop_request(&again);
		return true;
	}
	if (same) {
		target_drop(&request->target);
		request->target = again.target;
		target_init(&again.target);
	}
	drop_request(&again);
	return same;
}

static uint64_t wait_for_another(const _Atomic uint64_t *id, uint64_t before)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	int i;

	for (i = 0; i < ANSWER_KEPT_MS && atomic_load(id) == before; i++)
		nanosleep(&moment, NULL);
	return atomic_load(id);
}

/*
 * The child ends before the target goes on, which may close the descriptor and expect its namespace
 * to end. True: answered at once.
 */
static bool finish(struct request *request, const struct target_own *own, int listener,
		   const struct kernel_notification *notification, const _Atomic uint64_t *id,
		   uint64_t now, struct reply *reply, int fd, pid_t child)
{
	struct gift gift = { .fd = fd, .given = -1 };
	uint64_t next, first = now;

	reap(child);
	while (!(atomic_load(id) == now && deliver(request, listener, now, reply, &gift))) {
		first = 0;
		next = wait_for_another(id, now);
		if (next == now || !take_again(request, own, listener, notification, next))
			break;
		now = next;
	}
	if (gift.fd >= 0)
		close(gift.fd);
	return now == first;
}

/* Refusals before anything is done for the target. */
static int refuse_early(const struct request *request)
{
	const uint64_t alone = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWUSER;

	if (has(request, CALLS_RESERVES_FD) && target_is_full(&request->target))
		return -EMFILE;
	if (has(request, CALLS_IS_SHORT_OF_THREADS) && request->target.status.threads > 1 &&
	    request->run.args[0] & alone)
		return -EINVAL;
	return 0;
}

/* True: answered at once, and nothing is left of it. */
static bool ask_child(struct request *request, const struct target_own *own, int listener,
		      const struct kernel_notification *notification, const _Atomic uint64_t *id,
		      uint64_t now)
{
	struct reply reply;
	int back[2], fd = -1, replied, i;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, back) < 0) {
		kernel_answer(listener, now, 0, -ENOMEM);
		return false;
	}
	child = fork();
	if (child == 0) {
		close(listener);
		close(back[0]);
		run_as_target(request, own, back[1]);
	}
	close(back[1]);
	if (child < 0) {
		kernel_answer(listener, now, 0, -ENOMEM);
		return false;
	}
	/*
	 * From here on only the child holds these; the target may soon close its own and expect an
	 * effect.
	 */
	for (i = 0; i < request->fds_used; i++) {
		close(request->fds[i]);
		request->fds[i] = -1;
	}
	target_drop_places(&request->target);
	replied = receive_reply(request, own, child, back[0], &reply, &fd);
	close(back[0]);
	if (replied > 0 && reply.entered)
		return finish(request, own, listener, notification, id, now, &reply, fd, child);
	/*
	 * The child did not become the target or leaves the call to the kernel: the kernel answers.
	 */
	kill(child, SIGKILL);
	reap(child);
	if (fd >= 0)
		close(fd);
	/* The kernel would call a flag unknown that it lacks. */
	if (replied == -EDEADLK && has(request, CALLS_RETURNS_FD))
		kernel_answer(listener, atomic_load(id), 0, -EOPNOTSUPP);
	else
		kernel_continue(listener, atomic_load(id));
	return false;
}

static bool answer_with(struct request *request, int listener, const struct target_own *own,
			const struct kernel_notification *notification, const _Atomic uint64_t *id)
{
	uint64_t now = notification->id, before;
	const char *what;
	int ret;

	if (call_is_probe(request->call, notification->args)) {
		kernel_answer(listener, notification->id, 0, -ENOSYS);
		return false;
	}
	for (;;) {
		ret = take_request(request, own, notification, &what);
		/*
		 * This one check makes all of it the target's own; nothing is looked up by its
		 * number any more.
		 */
		if (kernel_is_waiting(listener, now) == 0)
			break;
		before = now;
		now = wait_for_another(id, before);
		if (now == before)
			return false;
		drop_request(request);
	}
	if (ret == -ENOMEM) {
		kernel_answer(listener, now, 0, -ENOMEM);
		return false;
	}
	/* As without a tracer. The kernel would make the call, and ask nobody. */
	if (target_asks_tracer(&request->target, own)) {
		kernel_answer(listener, now, 0, -ENOSYS);
		return false;
	}
	if (ret < 0) {
		debug_call("supervisor: %s of %u is left to the kernel: %s, errno %d",
			   request->call->row->name, notification->pid, what, -ret);
		kernel_continue(listener, now);
		return false;
	}
	ret = refuse_early(request);
	if (ret < 0) {
		kernel_answer(listener, now, 0, ret);
		return false;
	}
	return ask_child(request, own, listener, notification, id, now);
}

static struct request in_hand;

bool answer(int listener, const struct target_own *own,
	    const struct kernel_notification *notification, bool has_domain,
	    const _Atomic uint64_t *id)
{
	memset(&in_hand, 0, sizeof(in_hand));
	target_init(&in_hand.target);
	in_hand.has_domain = has_domain;
	in_hand.call = call_find(notification->arch, notification->number, notification->args);
	if (!in_hand.call) {
		kernel_continue(listener, notification->id);
		return false;
	}
	return answer_with(&in_hand, listener, own, notification, id);
}

void answer_forget(void)
{
	drop_request(&in_hand);
}

/* --- the trial --- */

int answer_trial(const struct target_own *own, pid_t task, const char **what)
{
	static struct target target;
	struct memory memory;
	bool is_copy;
	int ret = target_take(&target, own, task, what), status;
	pid_t child;

	if (ret == 0) {
		/* Any valid address: one of this program, of which the task is a copy. */
		*what = "its memory";
		ret = memory_bring(&memory, &target, (uint64_t)(uintptr_t)&answer_trial,
				   sizeof(uint64_t), MEMORY_SIZE);
		if (ret == 0 && memory.readable != sizeof(uint64_t))
			ret = -EFAULT;
	}
	if (ret == 0) {
		*what = "its descriptors";
		ret = target_fd(&target, 0, &is_copy);
		if (ret >= 0)
			close(ret);
		ret = ret == -EBADF || ret >= 0 ? 0 : ret;
	}
	if (ret == 0) {
		*what = "a process that is like it";
		confine_prepare();
		child = fork();
		if (child == 0) {
			ret = become(&target, own);
			if (ret == 0)
				ret = confine(false);
			_exit(-ret);
		}
		ret = child < 0 ? -errno : 0;
		if (child > 0 &&
		    (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)))
			ret = WIFEXITED(status) ? -WEXITSTATUS(status) : -EPERM;
	}
	target_drop(&target);
	return ret;
}
