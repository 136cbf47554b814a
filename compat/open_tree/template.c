// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * template.c - remembers the template namespace between calls.
 * One record behind a sequence count: readers that meet a writer do without, nobody waits, and a
 * fork at any moment leaves the child a usable or an ignored record.
 */
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "compat/kernel/raw.h"
#include "compat/namespace/open.h"
#include "compat/open_tree/template.h"

/* Out of the way of programs that count on low numbers. */
#define TEMPLATE_MIN_FD 100

/* Instead of a number. */
#define TEMPLATE_OTHERS (-2)

/* Odd while somebody writes. */
static _Atomic unsigned int template_sequence;
static _Atomic unsigned int template_calls;
/* The record, in atomics because readers may look while it changes (and then look away). */
static _Atomic int template_fd = -1;
/* The rest of it in words, for some processors have no atomics of 64 bits. */
#define TEMPLATE_WORDS (sizeof(struct template) / sizeof(uint32_t))
static _Atomic uint32_t template_rest[TEMPLATE_WORDS];
_Static_assert(sizeof(struct template) % sizeof(uint32_t) == 0, "template");

static bool template_read(struct template *out)
{
	unsigned int before = atomic_load_explicit(&template_sequence, memory_order_acquire);
	uint32_t words[TEMPLATE_WORDS];

	if (before & 1)
		return false;
	for (size_t i = 0; i < TEMPLATE_WORDS; i++)
		words[i] = atomic_load_explicit(&template_rest[i], memory_order_relaxed);
	memcpy(out, words, sizeof(words));
	out->fd = atomic_load_explicit(&template_fd, memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	return out->fd >= 0 &&
	       atomic_load_explicit(&template_sequence, memory_order_relaxed) == before;
}

/* Replace the record if it still has @expected_fd. */
static bool template_write(int expected_fd, const struct template *new)
{
	unsigned int before = atomic_load_explicit(&template_sequence, memory_order_relaxed);
	uint32_t words[TEMPLATE_WORDS];

	if ((before & 1) ||
	    !atomic_compare_exchange_strong_explicit(&template_sequence, &before, before + 1,
						     memory_order_acquire, memory_order_relaxed))
		return false;
	atomic_thread_fence(memory_order_release);
	if (atomic_load_explicit(&template_fd, memory_order_relaxed) != expected_fd) {
		atomic_store_explicit(&template_sequence, before + 2, memory_order_release);
		return false;
	}
	atomic_store_explicit(&template_fd, new->fd, memory_order_relaxed);
	memcpy(words, new, sizeof(words));
	for (size_t i = 0; i < TEMPLATE_WORDS; i++)
		atomic_store_explicit(&template_rest[i], words[i], memory_order_relaxed);
	atomic_store_explicit(&template_sequence, before + 2, memory_order_release);
	return true;
}

static const struct template template_none = { .fd = -1 };

/*
 * 1 if device and inode show that the fd is still that namespace, else 0; -errno if that is not
 * known.
 */
static int template_check(const struct template *template)
{
	struct namespace_name now;
	int ret = namespace_name_of(template->fd, &now);

	if (ret < 0)
		return ret == -EBADF ? 0 : ret;
	return now.dev == template->self.dev && now.ino == template->self.ino;
}

/* True in the process that keeps it, and in its helper. */
static bool template_is_ours(const struct template *template)
{
	return template->owner == raw_getpid() || template->owner == raw_getppid();
}

static bool template_get(const struct namespace_name *user, const struct template_use *use,
			 struct template *out)
{
	int ret;

	/* Another thread may have put another one there, of which @use has no descriptor. */
	if (!template_read(out) || out->fd != use->number)
		return false;
	out->fd = use->fd;
	ret = template_check(out);
	/* Dropped only if it is gone for certain, or the fd would stay open without a use. */
	if (ret == 0 && template_is_ours(out))
		template_write(use->number, &template_none);
	return ret > 0 && out->user.dev == user->dev && out->user.ino == user->ino;
}

static bool is_root(const struct namespace_root *a, const struct namespace_root *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->mount == b->mount;
}

int template_enter(const struct namespace_name *user, const struct template_use *use, int own,
		   bool *locked)
{
	struct template template;
	struct namespace_root now;
	int ret;

	if (!template_get(user, use, &template))
		return -ENOENT;
	ret = raw_setns(template.fd, CLONE_NEWNS);
	if (ret < 0)
		return -ENOENT;
	*locked = template.locked;
	ret = namespace_root(&now);
	if (ret == 0 && is_root(&now, &template.root)) {
		ret = raw_unshare(CLONE_NEWNS);
		return ret == 0 || ret == -ENOSPC || ret == -ENOMEM ? ret : -EOPNOTSUPP;
	}
	/* Another namespace with the same inode, and nothing has happened to it. */
	if (ret == 0 && template_is_ours(&template))
		template_write(use->number, &template_none);
	ret = raw_setns(own, CLONE_NEWNS);
	return ret < 0 ? -EOPNOTSUPP : -ENOENT;
}

struct template_use template_use(void)
{
	int number = atomic_load_explicit(&template_fd, memory_order_relaxed);

	return (struct template_use){ number, number };
}

bool template_wanted(void)
{
	return atomic_fetch_add_explicit(&template_calls, 1, memory_order_relaxed) > 0;
}

void template_keep(const struct template *template)
{
	struct template kept = *template, old;
	int expected = -1;

	kept.fd = raw_fcntl(template->fd, F_DUPFD_CLOEXEC, TEMPLATE_MIN_FD);
	raw_close(template->fd);
	if (kept.fd < 0)
		return;
	kept.owner = raw_getpid();
	/*
	 * One for another user namespace gives way: the task that made it may be gone. But that of
	 * another process, the parent of a vfork(2) child, is open in that one's table as well,
	 * where nobody would close it.
	 */
	if (template_read(&old) && template_check(&old) > 0)
		expected = old.owner == kept.owner ? old.fd : TEMPLATE_OTHERS;
	if (expected == TEMPLATE_OTHERS || !template_write(expected, &kept)) {
		raw_close(kept.fd);
		return;
	}
	if (expected >= 0)
		raw_close(expected);
}

bool template_drop(void)
{
	struct template old;

	if (!template_read(&old) || old.owner != raw_getpid() || template_check(&old) <= 0 ||
	    !template_write(old.fd, &template_none))
		return false;
	raw_close(old.fd);
	return true;
}
