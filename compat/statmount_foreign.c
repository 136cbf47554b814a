// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * statmount_foreign.c - mounts of another namespace that is given by a file descriptor, where the
 * kernel's own calls cannot be pointed to it (before 6.11). A helper enters it. Called by
 * statmount.c and listmount.c.
 */
#include <errno.h>
#include <sched.h>

#include "compat/debug.h"
#include "compat/helper.h"
#include "compat/raw.h"
#include "compat/statmount.h"
#include "probe/feature.h"


struct foreign_task {
	int ns_fd;
	int (*task)(void *arg);
	void *arg;
	bool entered;
};

/* Root and cwd are the topmost mount on "/" afterwards, of the helper alone. */
static int foreign_enter(void *arg)
{
	struct foreign_task *foreign = arg;
	int ret = raw_setns(foreign->ns_fd, CLONE_NEWNS);

	foreign->entered = ret == 0;
	return ret ? ret : foreign->task(foreign->arg);
}

int statmount_foreign_run(int ns_fd, int (*task)(void *arg), void *arg)
{
	struct foreign_task foreign = {.ns_fd = ns_fd, .task = task, .arg = arg};
	int ret = helper_run(foreign_enter, &foreign);

	debug_step("entered the namespace: %d", foreign.entered ? 0 : ret);
	return foreign.entered || ret == -ENOMEM ? ret : -EOPNOTSUPP;
}

struct foreign_files {
	int proc; /* the caller's procfs: the namespace need not have one */
	int table, root;
};

static int foreign_open(void *arg)
{
	struct foreign_files *files = arg;

	/* The file shows what its opener saw. */
	files->table = raw_openat(files->proc, "thread-self/mountinfo", O_RDONLY | O_CLOEXEC, 0);
	if (files->table < 0)
		return files->table;
	files->root = raw_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (files->root >= 0)
		return 0;
	raw_close(files->table);
	return files->root;
}

int statmount_foreign_open(int ns_fd, int *table, int *root)
{
	struct foreign_files files = {.proc = statmount_proc_open("."), .table = -1, .root = -1};
	int ret;

	if (files.proc < 0)
		return files.proc;
	ret = statmount_foreign_run(ns_fd, foreign_open, &files);
	raw_close(files.proc);
	if (ret < 0)
		return ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM ? ret : -EOPNOTSUPP;
	*table = files.table;
	if (root)
		*root = files.root;
	else
		raw_close(files.root);
	return 0;
}

int statmount_foreign_by_id(uint64_t ns_id)
{
	int (*const steps[])(int, uint64_t *) = {raw_ns_mnt_get_next, raw_ns_mnt_get_prev};
	int own = statmount_own_namespace(), ret = -ENOENT;

	if (own < 0)
		return own;
	for (size_t i = 0; i < 2 && ret == -ENOENT; i++) {
		int fd = own;

		for (;;) {
			uint64_t id = 0;
			int next = steps[i](fd, &id);

			if (fd != own)
				raw_close(fd);
			fd = next;
			if (fd < 0 || id == ns_id)
				break;
		}
		/* 0 means "none" in a request. */
		if (fd == 0) {
			fd = raw_fcntl(0, F_DUPFD_CLOEXEC, 1);
			raw_close(0);
		}
		ret = fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM || fd >= 0 ? fd : -ENOENT;
	}
	raw_close(own);
	return ret;
}

struct foreign_question {
	uint64_t mnt_id, mask;
	struct builder_facts *facts;
	struct statmount_scratch *scratch;
};

static int foreign_ask(void *arg)
{
	struct foreign_question *question = arg;
	struct statmount_place here = {0};

	return statmount_by_id(question->mnt_id, &here, question->mask, question->facts,
			       question->scratch);
}

static bool carries_listed(const struct mountinfo_table *table, uint32_t old)
{
	struct mountinfo_line line;
	size_t pos = 0;

	while (mountinfo_next(table, &pos, &line))
		if (line.parent == old)
			return true;
	return false;
}

static int foreign_line(uint64_t mnt_id, int table, int root, uint64_t mask,
			struct builder_facts *facts, struct statmount_scratch *scratch)
{
	uint32_t old = (uint32_t)mnt_id;
	struct mountinfo_line line;
	int ret = mountinfo_read(table, &scratch->table);
	bool found = false;

	if (ret < 0)
		return ret == -ENOMEM ? ret : -EOPNOTSUPP;
	for (size_t pos = 0; !found && mountinfo_next(&scratch->table, &pos, &line);)
		found = line.id == old;
	if (!found)
		return carries_listed(&scratch->table, old) ? -EOPNOTSUPP : -ENOENT;
	ret = statmount_mountinfo_facts(&line, facts, scratch);
	if (ret < 0)
		return ret;
	if (mask & MNTCOMPAT_STATMOUNT_SB_BASIC) {
		ret = statmount_table_magic(root, &scratch->table, &line, &facts->sb_magic);
		if (ret == 0)
			facts->known |= MNTCOMPAT_STATMOUNT_SB_BASIC;
		else if (ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM)
			return ret;
	}
	facts->mnt_id = STATMOUNT_SYNTHETIC_ID | line.id;
	facts->mnt_parent_id = STATMOUNT_SYNTHETIC_ID | line.parent;
	facts->known |= MNTCOMPAT_STATMOUNT_MNT_BASIC;
	return 0;
}

int statmount_foreign(uint64_t mnt_id, int ns_fd, uint64_t mask, struct builder_facts *facts,
		      struct statmount_scratch *scratch)
{
	int table, root, ret;

	if (feature_probe(FEATURE_STATMOUNT) != FEATURE_ABSENT) {
		struct foreign_question question = {
			.mnt_id = mnt_id, .mask = mask, .facts = facts, .scratch = scratch};

		ret = statmount_foreign_open(ns_fd, &table, NULL);
		if (ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM)
			return ret;
		scratch->entered = ret == 0 ? table : 0;
		ret = statmount_foreign_run(ns_fd, foreign_ask, &question);
		if (scratch->entered)
			raw_close(table);
		scratch->entered = 0;
	} else if (statmount_has_unique_ids()) {
		return -EOPNOTSUPP;
	} else if ((mnt_id & ~(uint64_t)UINT32_MAX) != STATMOUNT_SYNTHETIC_ID) {
		return -ENOENT;
	} else {
		ret = statmount_foreign_open(ns_fd, &table, &root);
		if (ret < 0)
			return ret;
		ret = foreign_line(mnt_id, table, root, mask, facts, scratch);
		raw_close(table);
		raw_close(root);
	}
	if (ret == 0)
		ret = statmount_namespace_facts(ns_fd, mask, facts);
	/* Nothing of another namespace is visible from the caller's root. */
	facts->propagate_from = 0;
	facts->known |= MNTCOMPAT_STATMOUNT_PROPAGATE_FROM;
	return ret;
}
