// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * answer.c - looks at the one who asks, has a child become it and make the library's call, brings the answer back.
 * This process keeps the supervisor's rights and makes no call in anybody's name; the child has the target's, and
 * nothing else: it may be the target's to look into. Called by supervisor.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat.h>
#include "compat/usercopy.h"
#include "supervisor/answer.h"
#include "supervisor/calls.h"
#include "supervisor/context.h"
#include "supervisor/memory.h"

#define PATH_ROOM 4096u
#define STRUCT_ROOM 4096u	/* the kernel takes no larger one: E2BIG */
#define BUFFER_MOST ((size_t)16 << 20)
#define COUNT_MOST 1000000u
#define HANDLE_MOST 128u	/* MAX_HANDLE_SZ */
#define LAST_ERROR 4095
#define LOOK_MS 250		/* how often it is looked whether anybody still waits */

/* In the child: the way back, then what was fetched of the target's descriptors. */
#define REPLY_FD 3
#define FIRST_FD 4
#define NO_FD 0x7ffffff0	/* is open nowhere */
#define FDS_MOST 6		/* of two directories and paths each, or the root of a procfs in place of one */
#define NAMESPACES_MOST 60	/* that the target has open, where these count */
#define FDS_ASIDE 256

struct request {
	const struct call *call;
	struct context context;
	struct call_run run;
	struct memory memory[CALL_ARGUMENTS];
	size_t room[CALL_ARGUMENTS];		/* what may be written, at most */
	/* Of a path through the target's own directory in a procfs, by the child's numbers, or -1: what a descriptor's link
	 * leads to; the procfs, where the path begins in that directory, and the path from there.
	 */
	int path_fd[CALL_ARGUMENTS], path_root[CALL_ARGUMENTS];
	char own_path[CALL_ARGUMENTS][PATH_ROOM + 16];
	int fds[FDS_MOST + NAMESPACES_MOST];
	int fds_used;
	bool sees_namespaces;
};

struct reply {
	int64_t value;
	int32_t error;
	uint32_t cloexec;
	uint64_t written[CALL_ARGUMENTS];
	uint32_t entered;
};

/* --- bringing over --- */

/* The number that the child will know the target's descriptor by. */
static int bring_fd(struct request *request, int fd)
{
	int got;

	if (fd < 0)
		return fd;
	got = context_fd(&request->context, fd);
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

static int bring_inner_fd(struct request *request, uint64_t *number)
{
	int fd;

	if (*number > INT_MAX)
		return 0;
	fd = bring_fd(request, (int)*number);
	if (fd < 0)
		return fd;
	*number = (uint64_t)fd;
	return 0;
}

/* Who may not be looked into may use its own directory of a procfs nevertheless. */
static void bring_own(struct request *request, int i)
{
	const char *path = (void *)(uintptr_t)memory_here(&request->memory[i]), *within;
	int dfd = (int)request->run.args[i - 1] - FIRST_FD, fd;

	if (!memchr(path, 0, request->memory[i].readable))
		return;
	if (*path && *path != '/' && dfd >= 0 && dfd < request->fds_used && request->fds_used < FDS_MOST) {
		fd = context_own_directory(&request->context, request->fds[dfd], &within);
		if (fd >= 0) {
			snprintf(request->own_path[i], sizeof(request->own_path[i]), "%s%s", within, path);
			path = request->own_path[i];
			request->path_root[i] = FIRST_FD + request->fds_used;
			request->fds[request->fds_used++] = fd;
		}
	}
	fd = bring_fd(request, context_path_fd(path));
	if (fd >= 0)
		request->path_fd[i] = fd;
}

static int bring_mount_request(struct request *request, const struct memory *memory, uint64_t flags)
{
	struct mntcompat_mnt_id_req *req = (void *)(uintptr_t)memory_here(memory);
	uint64_t fd;
	int ret;

	if (memory->readable < offsetof(struct mntcompat_mnt_id_req, mnt_id))
		return 0;
	if (memory->readable >= sizeof(*req) && req->size >= sizeof(*req) && req->mnt_ns_id)
		request->sees_namespaces = true;
	if (!req->mnt_fd && !(request->call->unit == 1 && flags & MNTCOMPAT_STATMOUNT_BY_FD))
		return 0;
	fd = req->mnt_fd;
	ret = bring_inner_fd(request, &fd);
	req->mnt_fd = (uint32_t)fd;
	return ret;
}

static int bring_attributes(struct request *request, const struct memory *memory)
{
	struct mntcompat_mount_attr *attr = (void *)(uintptr_t)memory_here(memory);

	if (memory->readable < sizeof(*attr) || !(attr->attr_set & MNTCOMPAT_MOUNT_ATTR_IDMAP))
		return 0;
	return bring_inner_fd(request, &attr->userns_fd);
}

static int bring_buffer(struct request *request, int i)
{
	uint64_t count = request->run.args[i + 1], unit = request->call->unit;
	size_t size;

	if (unit == 1) {
		/* Where it begins is right, where it ends is not: that is seen first. */
		if (!usercopy_in_range((void *)(uintptr_t)request->run.args[i], (size_t)count)) {
			request->run.args[i] = UINT64_MAX & ~(uint64_t)(STRUCT_ROOM - 1);
			return 0;
		}
		size = count < BUFFER_MOST ? (size_t)count : BUFFER_MOST;
		request->run.args[i + 1] = size;
	} else {
		size = (size_t)(count < COUNT_MOST ? count : COUNT_MOST) * (size_t)unit;
	}
	request->room[i] = size;
	return memory_room(&request->memory[i], request->context.task, request->run.args[i], size, 0);
}

static int bring_argument(struct request *request, int i)
{
	struct memory *memory = &request->memory[i];
	uint64_t *value = &request->run.args[i];
	pid_t task = request->context.task;
	int ret = 0;

	request->path_fd[i] = request->path_root[i] = -1;
	switch (request->call->arguments[i]) {
	case ARGUMENT_VALUE:
		return 0;
	case ARGUMENT_FD:
		ret = bring_fd(request, (int)*value);
		if (ret == -EPERM && (int)*value >= 0)
			return ret;
		*value = (uint64_t)(int64_t)ret;
		return 0;
	case ARGUMENT_PATH:
		ret = memory_bring(memory, task, *value, PATH_ROOM, 1);
		if (ret == 0 && memory->readable)
			bring_own(request, i);
		break;
	case ARGUMENT_MOUNT_REQUEST:
		ret = memory_bring(memory, task, *value, STRUCT_ROOM, 0);
		if (ret == 0)
			ret = bring_mount_request(request, memory, request->run.args[3]);
		break;
	case ARGUMENT_NS_REQUEST:
		ret = memory_bring(memory, task, *value, STRUCT_ROOM, 0);
		break;
	case ARGUMENT_ATTRIBUTES:
		ret = memory_bring(memory, task, *value, request->run.args[i + 1] < STRUCT_ROOM ?
				   (size_t)request->run.args[i + 1] : STRUCT_ROOM, 0);
		if (ret == 0)
			ret = bring_attributes(request, memory);
		break;
	case ARGUMENT_BUFFER:
		ret = bring_buffer(request, i);
		break;
	case ARGUMENT_RESULT:
		request->room[i] = request->call->unit;
		ret = memory_room(memory, task, *value, request->room[i], 0);
		break;
	case ARGUMENT_HANDLE:
		request->room[i] = sizeof(struct mntcompat_file_handle) + HANDLE_MOST;
		ret = memory_room(memory, task, *value, request->room[i], sizeof(struct mntcompat_file_handle));
		request->run.written[i] = memory->readable;
		break;
	case ARGUMENT_MOUNT_ID:
		request->room[i] = sizeof(uint64_t);
		ret = memory_room(memory, task, *value, request->room[i], 0);
		break;
	}
	if (memory->pages)
		*value = memory_here(memory);
	return ret;
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

/* Nothing stays open but the way back and the target's own: whoever looks into this process finds no more. */
static int arrange_fds(const struct request *request, int back)
{
	int aside[FDS_MOST + NAMESPACES_MOST + 1], n = request->fds_used + 1, i;

	for (i = 0; i < n; i++) {
		aside[i] = fcntl(i ? request->fds[i - 1] : back, F_DUPFD_CLOEXEC, FDS_ASIDE);
		if (aside[i] < 0)
			return -errno;
	}
	for (i = 0; i < n; i++) {
		if (dup3(aside[i], REPLY_FD + i, O_CLOEXEC) < 0)
			return -errno;
	}
	return kernel_close_from(REPLY_FD + n);
}

static int settle_paths(struct request *request, char (*buffers)[PATH_ROOM + 64])
{
	unsigned int flags = request->call->at_flags;
	int i, used = 0;

	for (i = 0; i < CALL_ARGUMENTS; i++) {
		const char *path = (void *)(uintptr_t)request->run.args[i], *own = NULL;
		int dfd = i ? (int)request->run.args[i - 1] : -1;
		bool is_like = false;

		if (request->call->arguments[i] != ARGUMENT_PATH || !request->memory[i].readable ||
		    !memchr(path, 0, request->memory[i].readable))
			continue;
		if (request->path_root[i] >= 0)
			own = context_own_path(dfd, path, request->path_root[i], request->own_path[i],
					       request->path_fd[i], buffers[used], sizeof(buffers[used]), &is_like);
		if (!own && is_like)
			return -EOPNOTSUPP;
		if (own)
			request->run.args[i - 1] = (uint64_t)request->path_root[i];
		path = own ? own : context_path(&request->context, dfd, path, request->path_fd[i], buffers[used],
						sizeof(buffers[used]), &is_like);
		if (!path)
			return -EOPNOTSUPP;
		/* Through the link it is the task's own again. */
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

static void __attribute__((noreturn)) run_as_target(struct request *request, int back)
{
	static char buffers[2][PATH_ROOM + 64];
	struct reply reply = { .value = -1, .error = ENOSYS };
	int ret = context_enter(&request->context), fd = -1, i;

	/* From here on it is the target's user who decides over this process. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || ret < 0 || arrange_fds(request, back) < 0) {
		/* Its own end says it. */
		_exit(1);
	}
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	reply.entered = 1;
	ret = settle_paths(request, buffers);
	if (ret < 0) {
		reply.error = -ret;
	} else {
		errno = 0;
		reply.value = request->call->run(&request->run);
		reply.error = reply.value < 0 ? errno : 0;
		for (i = 0; i < CALL_ARGUMENTS; i++)
			reply.written[i] = request->run.written[i];
		if (reply.value >= 0 && request->call->returns_fd) {
			fd = (int)reply.value;
			reply.cloexec = fcntl(fd, F_GETFD) & FD_CLOEXEC;
		}
	}
	send_reply(&reply, fd);
	_exit(0);
}

/* --- the way back --- */

/* 1: there is one; 0: there will be none; -ENOENT: nobody waits any more. */
static int receive_reply(int listener, uint64_t id, int back, struct reply *reply, int *fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = { .iov_base = reply, .iov_len = sizeof(*reply) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct pollfd wait = { .fd = back, .events = POLLIN };
	int ret;

	*fd = -1;
	while ((ret = poll(&wait, 1, LOOK_MS)) <= 0) {
		if (ret < 0 && errno != EINTR)
			return 0;
		if (kernel_is_waiting(listener, id) == -ENOENT)
			return -ENOENT;
	}
	if (recvmsg(back, &message, MSG_CMSG_CLOEXEC) != sizeof(*reply))
		return 0;
	if (message.msg_controllen >= CMSG_LEN(sizeof(int)) && control.header.cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(&control.header), sizeof(*fd));
	return 1;
}

/* The child may have been the target's to change: whatever it says is bounded by what was asked. */
static int bring_back(const struct request *request, const struct reply *reply)
{
	int i, ret = 0;

	/* From the last to the first: name_to_handle_at(2) writes the id before the handle. */
	for (i = CALL_ARGUMENTS - 1; i >= 0 && ret == 0; i--) {
		size_t size = reply->written[i] < request->room[i] ? (size_t)reply->written[i] : request->room[i];

		ret = memory_bring_back(&request->memory[i], request->context.task, size);
	}
	return ret;
}

/* Ends what it is done by before the target goes on, which may close the descriptor and expect its namespace to end. */
static void finish(const struct request *request, int listener, uint64_t id, struct reply *reply, int fd, pid_t child)
{
	int error = -reply->error;

	if (reply->value >= 0)
		error = 0;
	else if (error >= 0 || error < -LAST_ERROR)
		error = -ENOSYS;
	if (kernel_is_waiting(listener, id) == 0) {
		/* What is not written where it fails is 0 bytes long. */
		if (bring_back(request, reply) < 0)
			error = -EFAULT;
		if (error == 0 && request->call->returns_fd) {
			reply->value = fd < 0 ? -ENOSYS : kernel_give_fd(listener, id, fd, reply->cloexec);
			error = reply->value < 0 ? (int)reply->value : 0;
		}
	}
	if (fd >= 0)
		close(fd);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	kernel_answer(listener, id, reply->value, error);
}

/* What is refused before anything is done for the target. */
static int refuse_early(const struct request *request)
{
	const uint64_t alone = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWUSER;

	if (request->call->reserves_fd && context_is_full(&request->context))
		return -EMFILE;
	if (request->call->is_short_of_threads && request->context.threads > 1 && request->run.args[0] & alone)
		return -EINVAL;
	return 0;
}

static void ask_child(struct request *request, int listener, int proc, uint64_t id)
{
	struct reply reply;
	int back[2], fd, ret, i;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, back) < 0) {
		kernel_answer(listener, id, 0, -ENOMEM);
		return;
	}
	child = fork();
	if (child == 0) {
		close(listener);
		close(proc);
		close(back[0]);
		run_as_target(request, back[1]);
	}
	close(back[1]);
	/* The child's from here on; the target may soon expect that nobody holds what it closes. */
	for (i = 0; i < request->fds_used; i++)
		close(request->fds[i]);
	context_drop(&request->context);
	if (child < 0) {
		kernel_answer(listener, id, 0, -ENOMEM);
		return;
	}
	ret = receive_reply(listener, id, back[0], &reply, &fd);
	if (ret == -ENOENT)
		kill(child, SIGKILL);
	/* It did not become the target, so nothing has been done: the kernel answers as if nobody were here. */
	else if (ret == 0)
		kernel_continue(listener, id);
	else
		finish(request, listener, id, &reply, fd, child);
}

void answer(int listener, int proc, const struct kernel_notification *notification)
{
	static struct request request;
	int i, ret;

	request.call = call_find(notification->arch, notification->number, notification->args);
	if (!request.call) {
		kernel_continue(listener, notification->id);
		return;
	}
	if (request.call->asks && request.call->asks(notification->args)) {
		kernel_answer(listener, notification->id, 0, -ENOSYS);
		return;
	}
	memcpy(request.run.args, notification->args, sizeof(request.run.args));
	request.run.is_like = false;
	ret = context_take(&request.context, proc, (pid_t)notification->pid);
	for (i = 0; i < CALL_ARGUMENTS && ret == 0; i++)
		ret = bring_argument(&request, i);
	if (ret == 0 && (request.call->sees_namespaces || request.sees_namespaces))
		request.fds_used += context_namespaces(&request.context, request.fds + request.fds_used,
						       NAMESPACES_MOST);
	/* Only now is it sure that all of this was the target's. */
	if (kernel_is_waiting(listener, notification->id) == -ENOENT)
		return;
	if (ret == -ENOMEM) {
		kernel_answer(listener, notification->id, 0, -ENOMEM);
		return;
	}
	if (ret < 0) {
		kernel_continue(listener, notification->id);
		return;
	}
	ret = refuse_early(&request);
	if (ret < 0)
		kernel_answer(listener, notification->id, 0, ret);
	else
		ask_child(&request, listener, proc, notification->id);
}
