// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * helper.c - starts and reaps the helper task, and takes its results over.
 * Touches the calling thread's signal mask (put back before it returns) and nothing else of it.
 */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>

#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "compat/kernel/refusal.h"
#include "compat/kernel/uapi.h"
#include "compat/task/helper.h"
#include "compat/task/offline.h"

/* The deepest user is the namespace code, whose large buffers are mappings: 32 KiB is ample. */
#define HELPER_STACK (32u * 1024u)

/* A number from here on makes a table large. */
#define HELPER_SMALL_TABLE 1024

/* No task has more files open at a time. */
#define HELPER_MAX_FILES 32u

#define HELPER_STDERR 2

#define HELPER_OWN "/proc/thread-self/ns/pid"
#define HELPER_CHILDREN "/proc/thread-self/ns/pid_for_children"

/* How the helper gets its table. */
enum helper_table {
	HELPER_SHARED, /* it has the caller's */
	HELPER_FETCH,  /* a new one, into which it takes the files it needs */
	HELPER_LOWER,  /* a copy up to the last file it needs */
	HELPER_COPY,   /* a copy of all, made by the kernel: always possible */
};

/* The task has not begun: it could not have such a table. No errno. */
#define HELPER_NO_TABLE 1

/* Values of @word that are not the id of a task: it has ended, has a result, has obeyed an order. */
#define HELPER_GONE 0u
#define HELPER_DONE 0xffffffffu
#define HELPER_OBEYED 0xfffffffeu

/* Values of @order. */
enum helper_order { HELPER_WAIT, HELPER_SEND, HELPER_CHANGE, HELPER_END };

/* The identity of a file, whatever its number. */
struct helper_name {
	uint32_t major, minor;
	uint64_t ino, mount;
};

struct helper_call {
	int (*task)(void *arg);
	void *arg;
	struct helper_files *files;
	enum helper_table table;
	pid_t caller;
	int result;
	bool no_table;
	/* For those that take a descriptor over: */
	bool hands_over, is_namespace, posts;
	bool clears; /* it has to ask for the end to be told in @word */
	struct helper_name name, extra_name;
	uint32_t word;
	uint32_t order;
	int send;  /* the number that is ordered */
	int after; /* what files->after returned */
	struct raw_address address;
};

/* Ways that a filter or the caller's privilege has refused before: not tried again. */
static _Atomic bool helper_no_fetch, helper_no_close_range;

static int end_at_once(void *arg)
{
	(void)arg;
	return 0;
}

/*
 * True if the next child of the calling task would be in another pid namespace than the task. The
 * kernel lets no thread be made then, which is never an init.
 */
static bool children_are_elsewhere(char *stack_top)
{
	int ret = raw_children_are_elsewhere();

	if (ret >= 0)
		return ret;
	return raw_clone(end_at_once, stack_top,
			 CLONE_VM | CLONE_VFORK | CLONE_THREAD | CLONE_SIGHAND | CLONE_FILES |
				 CLONE_FS | CLONE_SYSVSEM,
			 NULL, NULL) == -EINVAL;
}

static bool is_same_link(const char *a, ssize_t a_len, const char *b, ssize_t b_len)
{
	ssize_t i;

	for (i = 0; i < a_len && i < b_len && a[i] == b[i]; i++)
		;
	return a_len > 0 && i == a_len && i == b_len;
}

/* The pid namespace for children is another one, and its link leads there. */
static bool children_have_init(void)
{
	int fd = raw_openat(AT_FDCWD, HELPER_CHILDREN, O_RDONLY | O_CLOEXEC, 0);
	int ret = fd < 0 ? fd : raw_ns_get_init(fd);

	if (fd >= 0)
		raw_close(fd);
	/* Kernels without this ioctl show no link to a namespace without an init. */
	return ret > 0 || ret == -ENOTTY;
}

/*
 * True if the next child of the calling task would be the init of a new pid namespace, and its end
 * the end of that namespace; also if that cannot be told. All signals are blocked.
 */
static bool would_be_init(char *stack_top)
{
	char own[32], children[32];
	/* This costs half as much as a stat, which would make an inode for the namespace. */
	ssize_t len = raw_readlinkat(AT_FDCWD, HELPER_CHILDREN, children, sizeof(children));

	/*
	 * Before 7.3 a namespace without an init is shown as a link that leads nowhere. But /proc
	 * may also be no procfs, or that of another pid namespace, or there is none.
	 */
	if (len <= 0)
		return children_are_elsewhere(stack_top);
	if (is_same_link(own, raw_readlinkat(AT_FDCWD, HELPER_OWN, own, sizeof(own)), children,
			 len))
		return false;
	return !children_have_init();
}

/* --- in the helper --- */

static bool is_given(const int *number)
{
	return number && *number >= 0;
}

/* Take the files into the new table, and their numbers there into the caller's variables. */
static int fetch(struct helper_call *call)
{
	int *const numbers[] = { call->files->in, call->files->checked };
	int pidfd = raw_pidfd_open(call->caller), ret = 0;
	unsigned int i;

	if (pidfd < 0)
		return pidfd;
	/* The caller's number is taken by the caller's file below. */
	if (is_given(call->files->in) && pidfd == *call->files->in)
		pidfd = raw_fcntl(pidfd, F_DUPFD_CLOEXEC, pidfd + 1);
	if (pidfd < 0)
		return pidfd;
	for (i = 0; ret == 0 && i < 2; i++) {
		if (!is_given(numbers[i]))
			continue;
		ret = raw_pidfd_getfd(pidfd, *numbers[i]);
		if (ret < 0 && ret != -EBADF)
			break;
		if (ret >= 0 && numbers[i] == call->files->in && ret != *numbers[i]) {
			/* Its own number: see helper_files.looks_up. */
			ret = raw_dup3(ret, *numbers[i], O_CLOEXEC);
			if (ret < 0)
				break;
		}
		*numbers[i] = ret < 0 ? -1 : ret;
		ret = 0;
	}
	/* It stays open, because number 0 means "none" in some requests. */
	return ret;
}

static unsigned int first_unneeded(const struct helper_files *files)
{
	unsigned int first = is_given(files->in) ? (unsigned int)*files->in + 1 : 0;

	if (is_given(files->checked) && (unsigned int)*files->checked >= first)
		first = (unsigned int)*files->checked + 1;
	return first;
}

static unsigned int lowest_to_leave(const struct helper_call *call)
{
	unsigned int first = call->table == HELPER_FETCH ? 0 : first_unneeded(call->files);

	/* Debug lines go to stderr. */
	return first <= (unsigned int)HELPER_STDERR && debug_at(1) ? HELPER_STDERR + 1 : first;
}

/* True if a task can have as many files open as most need. */
static bool has_room(void)
{
	int fds[8], n = 0;
	bool ret;

	while (n < 8 && (fds[n] = raw_openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC, 0)) >= 0)
		n++;
	ret = n == 8;
	while (n)
		raw_close(fds[--n]);
	return ret;
}

/* Close a few of the copies, but for those that are needed. */
static void make_room(const struct helper_files *files)
{
	int closed = 0, fd;

	for (fd = 0; fd < 64 && closed < 12; fd++)
		if (fd != HELPER_STDERR && !(files->in && fd == *files->in) &&
		    !(files->checked && fd == *files->checked) && raw_close(fd) == 0)
			closed++;
}

static int take_table(struct helper_call *call)
{
	int ret;

	switch (call->table) {
	case HELPER_SHARED:
		return 0;
	case HELPER_FETCH:
	case HELPER_LOWER:
		ret = raw_close_range_unshare(lowest_to_leave(call));
		if (ret < 0) {
			atomic_store_explicit(&helper_no_close_range, true, memory_order_relaxed);
			return HELPER_NO_TABLE;
		}
		break;
	case HELPER_COPY:
		break;
	}
	ret = raw_allow_files(HELPER_MAX_FILES, call->table != HELPER_FETCH);
	if (ret < 0 && call->table != HELPER_FETCH && !has_room())
		make_room(call->files);
	if (call->table == HELPER_FETCH && first_unneeded(call->files) && fetch(call) < 0) {
		atomic_store_explicit(&helper_no_fetch, true, memory_order_relaxed);
		return HELPER_NO_TABLE;
	}
	return 0;
}

static int name_of(int fd, struct helper_name *name)
{
	struct raw_statx stx;
	struct stat st;
	int ret = offline_statx(fd, &stx);

	if (refusal_has_next(ret)) {
		ret = raw_fstat(fd, &st);
		*name = (struct helper_name){ .major = (uint32_t)((uint64_t)st.st_dev >> 32),
					      .minor = (uint32_t)st.st_dev,
					      .ino = st.st_ino };
		return ret;
	}
	if (ret < 0)
		return ret;
	name->major = stx.dev_major;
	name->minor = stx.dev_minor;
	name->ino = stx.ino;
	name->mount = stx.mnt_id;
	return 0;
}

static void announce(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	raw_futex_wake(word);
}

/* Stay until the caller has taken the files over, or has ended. @fd: the result. */
static void hand_over(struct helper_call *call, int fd)
{
	uint32_t order;
	pid_t parent;

	raw_end_with_parent();
	parent = raw_getppid();
	/* 0: the caller is in another pid namespace. */
	if (parent != call->caller && parent != 0)
		return;
	announce(&call->word, HELPER_DONE);
	while ((order = __atomic_load_n(&call->order, __ATOMIC_ACQUIRE)) != HELPER_END) {
		if (order == HELPER_WAIT) {
			raw_futex_wait_a_while(&call->order, order);
			continue;
		}
		if (order == HELPER_SEND)
			raw_send_fd(&call->address, call->send);
		else
			call->after = call->files->after(call->arg, fd);
		__atomic_store_n(&call->order, HELPER_WAIT, __ATOMIC_RELEASE);
		announce(&call->word, HELPER_OBEYED);
	}
}

static int helper_main(void *arg)
{
	struct helper_call *call = arg;
	int *extra = call->files->extra;
	int ret;

	if (call->clears)
		raw_clear_at_end(&call->word);
	call->no_table = take_table(call) != 0;
	if (call->no_table)
		return 0;
	ret = call->task(call->arg);
	if (call->hands_over && ret >= 0 && name_of(ret, &call->name) < 0)
		ret = -ENOMEM;
	if (extra && *extra >= 0 && name_of(*extra, &call->extra_name) < 0)
		*extra = -1;
	call->result = ret;
	if (call->posts && ret >= 0)
		raw_send_fd(&call->address, ret);
	else if (!call->posts && call->hands_over && (ret >= 0 || (extra && *extra >= 0)))
		hand_over(call, ret);
	return 0;
}

/* --- in the caller --- */

/* Without stdio, which a helper may not use, and so not a helper's helper. */
static char *put_text(char *at, const char *text)
{
	while (*text)
		*at++ = *text++;
	*at = '\0';
	return at;
}

static char *put_number(char *at, unsigned int number)
{
	char digits[12];
	int n = 0;

	do
		digits[n++] = (char)('0' + number % 10);
	while (number /= 10);
	while (n)
		*at++ = digits[--n];
	*at = '\0';
	return at;
}

static bool is_same(const struct helper_name *a, const struct helper_name *b)
{
	return a->major == b->major && a->minor == b->minor && a->ino == b->ino &&
	       a->mount == b->mount;
}

/* @fd, if it is the file that the helper has named; else it is closed and -ENOSYS. */
static int checked(int fd, const struct helper_name *name)
{
	struct helper_name now;

	if (fd < 0)
		return fd;
	if (name_of(fd, &now) == 0 && is_same(&now, name))
		return fd;
	raw_close(fd);
	return -ENOSYS;
}

/*
 * By a path, for which no descriptor is needed; files that may be opened again. A
 * procfs of another pid namespace may show another process under that id: it has another name.
 */
static int take_by_procfs(pid_t pid, int number, bool own, const struct helper_name *name,
			  int flags)
{
	char path[64], *at = put_text(path, "/proc/");

	at = put_number(at, (unsigned int)pid);
	if (own) {
		put_text(at, "/ns/mnt");
	} else {
		at = put_text(at, "/fd/");
		put_number(at, (unsigned int)number);
	}
	return checked(raw_openat(AT_FDCWD, path, flags, 0), name);
}

/* The lowest number, as if no other descriptor had been needed. */
static int lowest(int fd)
{
	int low = fd < 0 ? fd : raw_fcntl(fd, F_DUPFD_CLOEXEC, 0);

	/* Without a free number there is no lower one. */
	if (fd >= 0 && low < 0 && (low != -EMFILE || helper_room_left() == 0)) {
		raw_close(fd);
		return low == -EMFILE ? low : -ENOMEM;
	}
	if (low >= 0 && low < fd) {
		raw_close(fd);
		return low;
	}
	if (low >= 0 && low != fd)
		raw_close(low);
	return fd;
}

static int take_by_pidfd(pid_t pid, int number, const struct helper_name *name)
{
	int pidfd = raw_pidfd_open(pid), fd;

	if (pidfd < 0)
		return pidfd;
	fd = checked(raw_pidfd_getfd(pidfd, number), name);
	raw_close(pidfd);
	return lowest(fd);
}

/* Until *word is another one, which is returned. */
static uint32_t wait_while(uint32_t *word, uint32_t value)
{
	uint32_t now;

	while ((now = __atomic_load_n(word, __ATOMIC_ACQUIRE)) == value)
		raw_futex_wait_a_while(word, value);
	return now;
}

/* True if the helper has obeyed, and not ended before. */
static bool give_order(struct helper_call *call, enum helper_order order)
{
	uint32_t obeyed = HELPER_OBEYED;

	/* Unless the helper has ended. */
	__atomic_compare_exchange_n(&call->word, &obeyed, HELPER_DONE, false, __ATOMIC_RELEASE,
				    __ATOMIC_RELAXED);
	announce(&call->order, order);
	return wait_while(&call->word, HELPER_DONE) == HELPER_OBEYED;
}

/* The name shows whether this is the right file. */
static int receive(int mailbox, const struct helper_name *name)
{
	int fd;

	do {
		fd = raw_receive_fd(mailbox);
		if (fd >= 0)
			fd = checked(fd, name);
	} while (fd == -ENOMSG || fd == -ENOSYS);
	return fd;
}

static int take_by_message(struct helper_call *call, int number, const struct helper_name *name)
{
	int mailbox = raw_mailbox(&call->address), fd = -ENOSYS;

	if (mailbox < 0)
		return mailbox;
	call->send = number;
	if (give_order(call, HELPER_SEND))
		fd = receive(mailbox, name);
	raw_close(mailbox);
	return lowest(fd);
}

/*
 * The file with @number in the helper's table. @own: it is the helper's mount namespace; @is_nsfs:
 * a namespace at least.
 */
struct helper_parcel {
	int number;
	bool own, is_nsfs;
	const struct helper_name *name;
	int flags; /* O_CLOEXEC or 0 */
};

/*
 * A namespace that was opened by ioctl has other flags than one that was opened by path.
 */
static bool is_path_first(const struct helper_parcel *parcel)
{
	return parcel->is_nsfs && feature_known_absent(FEATURE_PIDFD_GET_MNT_NAMESPACE);
}

/* In the ways that need another number for a moment. */
static int take_with_two(struct helper_call *call, pid_t pid, const struct helper_parcel *parcel)
{
	int fd = take_by_pidfd(pid, parcel->number, parcel->name);

	if (fd < 0 && !raw_is_shortage(fd) && parcel->is_nsfs && !is_path_first(parcel))
		fd = take_by_procfs(pid, parcel->number, parcel->own, parcel->name, parcel->flags);
	if (fd < 0 && !raw_is_shortage(fd))
		fd = take_by_message(call, parcel->number, parcel->name);
	return fd;
}

/*
 * The same where a single number is free: the caller's limit is higher for that moment, if it may
 * be.
 */
static int take_above_limit(struct helper_call *call, pid_t pid, const struct helper_parcel *parcel)
{
	uint64_t limit[2], more[2];
	int fd;

	if (raw_limit_files(NULL, limit) < 0)
		return -EMFILE;
	more[0] = limit[0] + 2;
	more[1] = limit[1] < more[0] ? more[0] : limit[1];
	if (raw_limit_files(more, NULL) < 0)
		return -EMFILE;
	fd = take_with_two(call, pid, parcel);
	raw_limit_files(limit, NULL);
	/* The free number was taken meanwhile. */
	if (fd >= 0 && (uint64_t)fd >= limit[0]) {
		raw_close(fd);
		return -EMFILE;
	}
	return fd;
}

static int take(struct helper_call *call, pid_t pid, const struct helper_parcel *parcel)
{
	int fd = -ENOSYS;

	if (is_path_first(parcel))
		fd = take_by_procfs(pid, parcel->number, parcel->own, parcel->name, parcel->flags);
	if (fd >= 0 || raw_is_shortage(fd))
		return fd;
	fd = take_with_two(call, pid, parcel);
	if (fd == -EMFILE && helper_room_left() == 0)
		fd = take_above_limit(call, pid, parcel);
	/* The caller must not raise its limit; a path needs one number. */
	if (fd == -EMFILE && parcel->is_nsfs)
		fd = take_by_procfs(pid, parcel->number, parcel->own, parcel->name, parcel->flags);
	else if (fd == -EMFILE && call->files->path_only)
		fd = take_by_procfs(pid, parcel->number, false, parcel->name,
				    O_PATH | parcel->flags);
	if (fd >= 0 && !parcel->flags && raw_fcntl(fd, F_SETFD, 0) < 0) {
		raw_close(fd);
		return -ENOMEM;
	}
	if (fd >= 0 || raw_is_shortage(fd))
		return fd;
	/* Killed, by a shortage of memory for example: nothing is known about the ways. */
	return __atomic_load_n(&call->word, __ATOMIC_ACQUIRE) == HELPER_GONE ? -ENOMEM : -ENOSYS;
}

static void take_all(struct helper_call *call, pid_t pid)
{
	struct helper_files *files = call->files;
	struct helper_parcel result = {
		.number = call->result,
		.own = call->is_namespace,
		.is_nsfs = call->is_namespace,
		.name = &call->name,
		.flags = files->not_cloexec ? 0 : O_CLOEXEC,
	};
	struct helper_parcel extra = {
		.is_nsfs = true,
		.name = &call->extra_name,
		.flags = O_CLOEXEC,
	};

	if (call->result >= 0)
		call->result = take(call, pid, &result);
	if (files->extra && *files->extra >= 0) {
		extra.number = *files->extra;
		*files->extra = take(call, pid, &extra);
	}
}

/* The second step has been taken, if there is one: the caller keeps its result, or not. */
static void conclude(struct helper_call *call, int ret)
{
	if (ret < 0) {
		raw_close(call->result);
		call->result = ret;
	}
}

/* It ended before it could hand anything over, and its numbers mean nothing in this table. */
static void has_ended(struct helper_call *call)
{
	if (call->result >= 0)
		call->result = -ENOMEM;
	if (call->files->extra)
		*call->files->extra = -1;
}

/*
 * As raw_clone(), with the end told in @word. musl's clone() refuses what the library of a thread
 * would use, from 1.2.5 on; then the helper asks for it as soon as it runs.
 */
static pid_t clone_told(struct helper_call *call, char *stack_top, unsigned long flags)
{
	pid_t pid = raw_clone(helper_main, stack_top, flags, call, &call->word);

	if (pid != -EINVAL)
		return pid;
	call->clears = true;
	pid = raw_clone_told(helper_main, stack_top, flags, call, &call->word);
	if (pid < 0)
		call->clears = false;
	return pid;
}

/* As wait_while(), also for one that was killed before it asked. */
static uint32_t wait_for_helper(struct helper_call *call, pid_t pid)
{
	uint32_t now;

	while ((now = __atomic_load_n(&call->word, __ATOMIC_ACQUIRE)) == (uint32_t)pid) {
		raw_futex_wait_a_while(&call->word, now);
		if (call->clears && raw_has_ended(pid))
			return HELPER_GONE;
	}
	return now;
}

/* The helper waits until the caller has what it wants. */
static pid_t start_and_take(struct helper_call *call, char *stack_top, unsigned long flags)
{
	pid_t pid = clone_told(call, stack_top, flags);

	if (pid < 0)
		return pid;
	if (wait_for_helper(call, pid) != HELPER_DONE) {
		has_ended(call);
	} else {
		take_all(call, pid);
		if (call->result >= 0 && call->files->after)
			conclude(call, give_order(call, HELPER_CHANGE) ? call->after : -ENOMEM);
	}
	announce(&call->order, HELPER_END);
	return pid;
}

static int change_main(void *arg)
{
	struct helper_call *call = arg;
	struct helper_name now;
	int ret = name_of(call->result, &now);

	raw_allow_files(HELPER_MAX_FILES, true);
	/* Another thread may have put another file on the number. */
	if (ret < 0 || !is_same(&now, &call->name))
		call->after = -ENOMEM;
	else
		call->after = call->files->after(call->arg, call->result);
	return 0;
}

/* The second step where the first helper could not wait: in another, whose table is a copy. */
static int change_in_copy(struct helper_call *call, char *stack_top)
{
	pid_t pid;

	call->after = -ENOMEM;
	pid = raw_clone(change_main, stack_top, CLONE_VM | CLONE_VFORK, call, NULL);
	if (pid < 0)
		return -ENOMEM;
	raw_wait_clone(pid);
	return call->after;
}

/* With a time namespace for its children a task may share its memory only while it waits (6.1). */
static pid_t start_and_receive(struct helper_call *call, char *stack_top, unsigned long flags)
{
	int mailbox = raw_mailbox(&call->address);
	bool received;
	pid_t pid;

	if (mailbox < 0)
		return mailbox;
	call->posts = true;
	pid = raw_clone(helper_main, stack_top, flags | CLONE_VFORK, call, NULL);
	call->posts = false;
	if (call->files->extra)
		*call->files->extra = -1;
	received = pid > 0 && !call->no_table && call->result >= 0;
	if (received)
		call->result = receive(mailbox, &call->name);
	raw_close(mailbox);
	if (!received)
		return pid;
	/* It was killed before it could send. */
	if (call->result == -EAGAIN)
		call->result = -ENOMEM;
	call->result = lowest(call->result);
	if (call->result >= 0 && call->files->not_cloexec &&
	    raw_fcntl(call->result, F_SETFD, 0) < 0) {
		raw_close(call->result);
		call->result = -ENOMEM;
	}
	if (call->result >= 0 && call->files->after)
		conclude(call, change_in_copy(call, stack_top));
	return pid;
}

static pid_t start(struct helper_call *call, char *stack_top)
{
	/*
	 * No exit signal, so no SIGCHLD and invisible to wait(2) without __WALL. With CLONE_VFORK
	 * the helper has ended with this memory when clone returns.
	 */
	unsigned long flags = CLONE_VM | (call->table == HELPER_COPY ? 0 : CLONE_FILES);
	pid_t pid;

	if (!call->hands_over) {
		pid = raw_clone(helper_main, stack_top, flags | CLONE_VFORK, call, NULL);
	} else {
		pid = start_and_take(call, stack_top, flags);
		if (pid == -EINVAL)
			pid = start_and_receive(call, stack_top, flags);
	}
	if (pid > 0)
		raw_wait_clone(pid);
	return pid;
}

/* clone(2) failed with this error. */
static int refusal(int error)
{
	char own[32], children[32];
	ssize_t a, b;

	if (error == -EAGAIN)
		return -ENOMEM;
	/* The kernel lets no task share memory across time namespaces, before 6.1 not for a
	 * moment. */
	if (error == -EINVAL)
		return -EOPNOTSUPP;
	if (error != -ENOMEM)
		return -ENOSYS;
	/* Also if the init of the pid namespace for children has ended. */
	a = raw_readlinkat(AT_FDCWD, HELPER_OWN, own, sizeof(own));
	b = raw_readlinkat(AT_FDCWD, HELPER_CHILDREN, children, sizeof(children));
	if (a <= 0 || b <= 0)
		return raw_children_are_elsewhere() == 1 ? -EOPNOTSUPP : -ENOMEM;
	return is_same_link(own, a, children, b) ? -ENOMEM : -EOPNOTSUPP;
}

static enum helper_table choose_table(const struct helper_call *call)
{
	if (atomic_load_explicit(&helper_no_close_range, memory_order_relaxed))
		return HELPER_COPY;
	if (!first_unneeded(call->files))
		return HELPER_FETCH;
	if (atomic_load_explicit(&helper_no_fetch, memory_order_relaxed))
		return HELPER_LOWER;
	/* A pidfd stands for the first thread, and a thread may have a table of its own. */
	if (is_given(call->files->in) &&
	    (*call->files->in >= HELPER_SMALL_TABLE || raw_gettid() != call->caller))
		return HELPER_LOWER;
	return HELPER_FETCH;
}

static void put_back(int *number, int value)
{
	if (number)
		*number = value;
}

/* True if a path of the caller's may not have been found because of the table. */
static bool needs_whole(const struct helper_call *call)
{
	if (!call->files->looks_up || call->files->found || call->table == HELPER_COPY)
		return false;
	switch (call->result) {
	case -EBADF:
	case -ENOENT:
	case -ENOTDIR:
	case -ELOOP:
	case -EACCES:
	case -EINVAL:
	case -EOPNOTSUPP:
		return true;
	}
	return false;
}

static pid_t start_with_table(struct helper_call *call, bool shared, char *stack_top)
{
	const struct helper_files *files = call->files;
	int in = files->in ? *files->in : -1, checked_in = files->checked ? *files->checked : -1;
	bool whole = files->whole, again;
	int first = 0;
	pid_t pid;

	do {
		call->table = shared ? HELPER_SHARED : whole ? HELPER_COPY : choose_table(call);
		call->no_table = again = false;
		call->word = HELPER_GONE;
		call->order = HELPER_WAIT;
		/* The result if the helper is killed before it has an answer. */
		call->result = -ENOMEM;
		pid = start(call, stack_top);
		put_back(files->in, in);
		put_back(files->checked, checked_in);
		if (pid > 0 && !call->no_table && needs_whole(call)) {
			first = call->result;
			if (files->extra && *files->extra >= 0) {
				raw_close(*files->extra);
				*files->extra = -1;
			}
			again = whole = true;
		}
	} while (pid > 0 && (call->no_table || again));
	/* There may be no room in the copy. */
	if (pid > 0 && first && raw_is_shortage(call->result))
		call->result = first;
	return pid;
}

static int run(struct helper_call *call, bool shared)
{
	char *stack = raw_mmap(HELPER_STACK);
	int saved = errno, ret = -EOPNOTSUPP;
	uint64_t mask;
	pid_t pid;

	if (!stack)
		return -ENOMEM;
	if (raw_sigprocmask_block_all(&mask) < 0) {
		raw_munmap(stack, HELPER_STACK);
		return -ENOSYS;
	}
	call->caller = raw_getpid();
	if (!would_be_init(stack + HELPER_STACK)) {
		pid = start_with_table(call, shared, stack + HELPER_STACK);
		ret = pid < 0 ? refusal(pid) : call->result;
	} else {
		call->files->refused = true;
	}
	raw_sigprocmask_restore(&mask);
	raw_munmap(stack, HELPER_STACK);
	/* The helper has the same variable. */
	errno = saved;
	return ret;
}

int helper_run(int (*task)(void *arg), void *arg, int *fd)
{
	struct helper_files files = { .in = fd };
	struct helper_call call = { .task = task, .arg = arg, .files = &files };

	return run(&call, false);
}

int helper_run_lookup(int (*task)(void *arg), void *arg, struct helper_files *files)
{
	struct helper_call call = { .task = task, .arg = arg, .files = files };

	files->looks_up = true;
	return run(&call, false);
}

int helper_run_fd(int (*task)(void *arg), void *arg, struct helper_files *files)
{
	struct helper_call call = { .task = task, .arg = arg, .files = files, .hands_over = true };

	return run(&call, false);
}

int helper_run_namespace(int (*task)(void *arg), void *arg, struct helper_files *files)
{
	struct helper_call call = {
		.task = task, .arg = arg, .files = files, .hands_over = true, .is_namespace = true
	};

	return run(&call, false);
}

int helper_look(int (*task)(void *arg), void *arg)
{
	struct helper_files none = { .in = NULL };
	struct helper_call call = { .task = task, .arg = arg, .files = &none };

	return run(&call, true);
}

int helper_with_room(int (*task)(void *arg), void *arg, int *fd)
{
	struct helper_files files = { .in = fd };
	int ret = task(arg);

	return ret == -EMFILE ? helper_run_lookup(task, arg, &files) : ret;
}

int helper_room_left(void)
{
	/* The kernel takes a number, and gives it back when it finds that "/" cannot be made. */
	int ret = raw_openat(AT_FDCWD, "/", O_CREAT | O_EXCL | O_RDONLY, 0600);

	return raw_is_shortage(ret) ? ret : 0;
}
