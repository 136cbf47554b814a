/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statmount.h - the emulation of statmount: from what this kernel tells about a mount to an answer.
 * Reaches the kernel through raw.h, mountinfo.h and the feature table. Called by lib/statmount.c.
 *
 * Where facts come from, cheapest first:
 *
 *   statmount_native.c     a statmount(2) by id (6.8): everything that this kernel knows
 *   statmount_fd.c         statx, fstatfs, fdinfo: the ids and the magic of an fd's mount
 *   statmount_mountinfo.c  the mount's line in the caller's mountinfo
 *   statmount_elsewhere.c  mounts that are in no table of the caller's: unmounted ones, those of
 *                          another namespace, those outside the caller's root
 *   statmount_detached.c   mounts of a detached tree, through a copy of it (6.15)
 *
 * Every source sets the bits in builder_facts.known whose values it has for certain; what no
 * source has stays clear in the answer's mask, and a mount that cannot be placed is refused with
 * EOPNOTSUPP.
 *
 * What is lost where, for mounts in the caller's own namespace that its root reaches:
 *
 *   6.17 to 6.19   nothing
 *   6.11 to 6.16   MNT_UIDMAP, MNT_GIDMAP of idmapped mounts (not known before 6.15, a crash on
 *                  6.15 and 6.16)
 *   6.8 to 6.10    namespaces have the ids of namespace_id.h, which are used again; a namespace that is named
 *                  by its id is looked for in procfs, and has to be entered
 *   before 6.8     also that ids are unique for ever: they are 0x4000000000000000 | old id, used
 *                  again when the old id is. Needs procfs (ENOSYS without). By id: SB_BASIC of a
 *                  mount that is covered or out of reach, without another mount of its superblock
 *                  in reach; mounts that are not listed but carry listed ones are EPERM or, with
 *                  privilege, EOPNOTSUPP
 *   6.8 and later with statmount filtered: as before 6.8, with true ids and, from 6.11, a true
 *                  MNT_NS_ID; but MNT_BASIC is clear when the parent is covered or hidden, and by
 *                  id only what lies open at its mount point is found
 *
 * Elsewhere, by fd:
 *
 *   the kernel's   nothing (EINVAL); descriptors of mqueue and selinuxfs are refused
 *   outside a      nothing with privilege over the namespace. Without it, all but what some
 *   chroot         process's table shows, and from 6.8 MNT_BASIC of what is no directory. Needs
 *                  procfs; the privileged can mount one of their own
 *   another        nothing with privilege over it from 6.12 (6.11 if a process is in it), nor from
 *   namespace      about 6.18 if a process in it may be looked into. Else MNT_POINT and MNT_NS_ID;
 *                  namespaces without processes are refused
 *   detached       single trees (ENOENT in the kernel) and larger ones cannot be told apart before
 *   tree           6.15: refused. From 6.15, with privilege, the tree's root directory is answered,
 *                  without MNT_NS_ID; other files of such trees are refused
 *   unmounted      SB_SOURCE; MNT_ROOT of files, and where no mount of the superblock has the same
 *                  root; all of the superblock (SB_BASIC, FS_TYPE, MNT_OPTS, OPT_ARRAY) where it
 *                  has no mount in sight; MNT_BASIC from 5.12 on, for the mount could be idmapped.
 *                  One that was unbindable reads as private
 *
 * Other threads' mount namespaces (of tasks that are not the first of their process) are not
 * searched. Before 6.8 a file server that does not answer delays SB_BASIC (fstatfs).
 */
#ifndef MNTCOMPAT_COMPAT_STATMOUNT_H
#define MNTCOMPAT_COMPAT_STATMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mntcompat.h>
#include "compat/builder.h"
#include "compat/mountinfo.h"

/* All request bits of Linux 7.3. */
#define STATMOUNT_ALL 0x7fffull
/* Those that came after the first version (6.8), so that a kernel with statmount may lack them. */
#define STATMOUNT_LATER 0x7fc0ull
/* Those that crash 6.15 and 6.16: never asked for unless FEATURE_STATMOUNT_ID_MAPS is there. */
#define STATMOUNT_ID_MAPS (MNTCOMPAT_STATMOUNT_MNT_UIDMAP | MNTCOMPAT_STATMOUNT_MNT_GIDMAP)

/*
 * Unique ids before 6.8 are made of the old id: the same in every process, above 2^31 and above all
 * that later kernels hand out, but used again when the old id is. Before and after a mount is
 * attached they are the same.
 */
#define STATMOUNT_SYNTHETIC_ID 0x4000000000000000ull

/* A request in the library's own memory. */
struct statmount_query {
	bool by_fd;
	int fd;			/* by_fd */
	int ns_fd;		/* not by_fd; 0: none */
	uint64_t mnt_id;	/* not by_fd */
	uint64_t mnt_ns_id;	/* not by_fd; 0: none */
	uint64_t mask;
};

/* --- the call, in the kernel's order of checks (reference 3.1) --- */

/*
 * Steps 1 to 3: flags, the request's memory, its fields. -EINVAL, -EFAULT, -E2BIG, -ENOMEM. @query
 * is a variable on the stack: what lies in its page may be read without a system call
 * (usercopy_is_ours()). Other memory the kernel copies, so that it may go away at any moment.
 */
int statmount_read_request(const struct mntcompat_mnt_id_req *req, unsigned int flags,
			   struct statmount_query *query);

/*
 * Made into a request for the kernel: in memory of our own, and without the bits that crash some
 * kernels.
 */
void statmount_harmless_request(const struct statmount_query *query,
				struct mntcompat_mnt_id_req *req);

/*
 * By id: does this kernel know all that is asked? Those before 6.15 leave out silently what they do
 * not.
 */
bool statmount_native_suffices(const struct statmount_query *query);

/*
 * Has this kernel set the bit of an empty string in the answer that it has just written to @user?
 * 6.8 to 6.12 do, where 7.3 leaves it clear.
 */
bool statmount_native_empty(const struct statmount_query *query,
			    const struct mntcompat_statmount *user);

struct statmount_place;

/* May the caller look into this namespace, and does the kernel find where it begins? */
bool statmount_native_lists(const struct statmount_place *place);

/*
 * By fd, where the kernel's answer by id is the whole answer: always from 6.17 on; from 6.8 on if
 * nothing is asked that it does not know, or words otherwise than 7.3. It writes into the caller's
 * buffer itself. 0, -EBADF, -EOVERFLOW, -EFAULT and -ENOMEM are final; for everything else there is
 * statmount_emulate().
 */
int statmount_native_by_fd(const struct statmount_query *query, void *buf, size_t bufsize);

/*
 * Steps 4 to 11: find the namespace and the mount, learn what was asked, lay it out, copy it out.
 * -EBADF, -EINVAL, -ENOENT, -EPERM, -EOVERFLOW, -EFAULT, -ENOMEM, -EOPNOTSUPP, -ENOSYS.
 */
int statmount_emulate(struct statmount_query *query, void *buf, size_t bufsize,
		      enum mntcompat_way *way);

/* --- what lib/statmount.c has to know about the kernel's own call --- */

/*
 * statmount_native_bits - the request bits this kernel knows, learned from @mnt_id, a mount it has
 * just answered for (in namespace @mnt_ns_id, 0: own). Asked once, then remembered for the kernel
 * in force. 0: cannot be told.
 */
uint64_t statmount_native_bits(uint64_t mnt_id, uint64_t mnt_ns_id);

/* The same, learned from the mount of the caller's root. 0 also without statmount. */
uint64_t statmount_native_bits_here(void);

/* The remembered answer of statmount_native_bits(), 0 before it was asked. No system call. */
uint64_t statmount_native_bits_known(void);

/* --- between the sources --- */

struct statmount_block;
struct statmount_scratch {
	struct mountinfo_table table;
	struct statmount_block *blocks;
	int entered;	/* in a helper that has entered a namespace: its mountinfo; else 0 */
	size_t used;
	char first[3072];
	struct mountinfo_window window;
};

/* Before its first use. */
void statmount_scratch_init(struct statmount_scratch *scratch);
/* Memory until statmount_release(); NULL when there is none. */
void *statmount_alloc(struct statmount_scratch *scratch, size_t len);
void statmount_release(struct statmount_scratch *scratch);

/* The ids of a mount, as far as this kernel tells. */
struct statmount_ids {
	bool unique_known, old_known;
	uint64_t unique;
	uint32_t old;
};

/*
 * 0, -EBADF, -ENOSYS (neither statx nor procfs tells), -EOPNOTSUPP (the filesystem does not let
 * us), -EMFILE, -ENFILE, -ENOMEM.
 */
int statmount_fd_ids(int fd, struct statmount_ids *ids);
/* Adds the old id where statmount_fd_ids() found the unique one. 0 or -EOPNOTSUPP. */
int statmount_fd_old_id(int fd, struct statmount_ids *ids);
/*
 * Does this kernel have unique ids, be they filtered or not? Where all that tells them is filtered (statx, and
 * name_to_handle_at from 6.12, and statmount) that cannot be known, and the answer is no.
 */
bool statmount_has_unique_ids(void);
/*
 * The id that every function of the library takes and gives for this mount: the unique one, or where
 * kernels have none the one made of the old one. 0, or -EOPNOTSUPP.
 */
int statmount_ids_known(const struct statmount_ids *ids, uint64_t *id);
bool statmount_same_mount(const struct statmount_ids *a, const struct statmount_ids *b);

/* The filesystem's magic through any fd on the mount. */
int statmount_fd_magic(int fd, uint64_t *magic);

/*
 * Is the mount with these ids one of the kernel's own (pipes, memfds…), which no namespace shows?
 */
enum statmount_internal { STATMOUNT_NOT_INTERNAL, STATMOUNT_INTERNAL, STATMOUNT_MAYBE_INTERNAL };
enum statmount_internal statmount_fd_internal(int fd, const struct statmount_ids *ids);

/*
 * Opens a file of procfs, O_RDONLY; @path is below its root. -ENOSYS unless it really is one;
 * -EMFILE, -ENFILE, -ENOMEM.
 */
int statmount_proc_open(const char *path);
/* The caller's own mount namespace as an fd, by procfs or by pidfd, or -errno. */
int statmount_own_namespace(void);

/*
 * A mount namespace: by file descriptor (about 6.18), by an id of the kernel's (6.11), or with both 0 the
 * caller's own.
 */
struct statmount_place {
	int ns_fd;
	uint64_t ns_id;
	int known_fd;	/* the namespace of ns_id, if somebody has it open; else 0 */
	bool opened;	/* ns_fd was found by its id (before 6.11): it is no right, and has to be closed */
};

/*
 * Step 4: the namespace of a request by id; @place stays empty when it is the caller's own. -EBADF,
 * -EINVAL, -ENOENT, -EMFILE, -ENFILE, -ENOMEM, -EOPNOTSUPP. When it was used, @ret being what came of it,
 * _leave_place closes what was opened, and returns @ret, or -EPERM where the kernel would refuse the id.
 */
int statmount_find_place(const struct statmount_query *query, struct statmount_place *place);
int statmount_leave_place(struct statmount_place *place, int ret);

/*
 * MNT_NS_ID, where the mount is known to be in this namespace (negative: the calling task's own) and @mask asks for
 * it. 0, -EMFILE, -ENFILE, -ENOMEM.
 */
int statmount_namespace_facts(int ns_fd, uint64_t mask, struct builder_facts *facts);

/* Is there a procfs to read from? 0, -ENOSYS, or -EMFILE, -ENFILE, -ENOMEM: cannot be told. */
int statmount_proc_there(void);
/* The answer to SUPPORTED_MASK where the kernel's own statmount knows these bits (0: there is none). */
uint64_t statmount_supported(uint64_t native, bool proc);
/* SUPPORTED_MASK; @scratch holds a table if one was read. 0, -EMFILE, -ENFILE, -ENOMEM. */
int statmount_set_supported(struct builder_facts *facts, const struct statmount_scratch *scratch);

/* What statmount and listmount can say, from what went wrong inside. */
int statmount_errno(int ret);

/* statmount(2) by id into facts that point into @scratch. What the kernel says, as -errno. */
int statmount_native(uint64_t mnt_id, const struct statmount_place *place, uint64_t mask,
		     struct builder_facts *facts, struct statmount_scratch *scratch);

/* Nothing but whether it is (still) there: 0, -ENOENT, -EPERM… */
int statmount_native_exists(uint64_t mnt_id, const struct statmount_place *place);

/*
 * The same, and what the kernel does not know from mountinfo. -ENOSYS also when the call is
 * filtered, -EPERM when the mount is outside the caller's root, -EAGAIN when things changed
 * meanwhile.
 */
int statmount_by_id(uint64_t mnt_id, const struct statmount_place *place, uint64_t mask,
		    struct builder_facts *facts, struct statmount_scratch *scratch);

/*
 * The line of @ids->old in the calling task's own table, kept in @scratch until the next one is
 * (@whole: with all others). @keep, if not NULL, receives the file, still open. 0, -ENOENT, -ENOSYS
 * without procfs, or -errno.
 */
int statmount_own_line(const struct statmount_ids *ids, bool whole,
		       struct statmount_scratch *scratch, struct mountinfo_line *line, int *keep);

/*
 * All that a line says: everything but the ids, the magic and the namespace id. Sets MNT_BASIC's
 * and SB_BASIC's fields but not their bits. MNT_POINT and PROPAGATE_FROM are for the process whose
 * file it is.
 */
int statmount_mountinfo_facts(const struct mountinfo_line *line, struct builder_facts *facts,
			      struct statmount_scratch *scratch);

/* OPT_ARRAY and OPT_SEC_ARRAY from what MNT_OPTS reports. */
int statmount_option_arrays(struct mountinfo_span options, struct builder_facts *facts,
			    struct statmount_scratch *scratch);

/* Settles propagate_from where the line leaves it open; @whole is the caller's own table. */
void statmount_own_propagate_from(const struct mountinfo_table *whole, struct builder_facts *facts);

/*
 * A mount of the caller's own table; @fd is on it, or -1. 0, -ENOENT, -ENOSYS, -EAGAIN or -errno.
 */
int statmount_listed(int fd, const struct statmount_ids *ids, uint64_t mask,
		     struct builder_facts *facts, struct statmount_scratch *scratch);
int statmount_listed_by_id(uint64_t mnt_id, uint64_t mask, struct builder_facts *facts,
			   struct statmount_scratch *scratch);

/*
 * An fd of the mount at @line's mount point below @root (a directory, or AT_FDCWD: "/"), or
 * -EOPNOTSUPP: it may be covered, or out of reach.
 */
int statmount_open_point(int root, const struct mountinfo_line *line);

/*
 * The magic of @line's superblock without an fd of the mount: through its mount point below @root,
 * or that of another mount of the same superblock. -EOPNOTSUPP, -EMFILE, -ENFILE, -ENOMEM.
 */
int statmount_table_magic(int root, const struct mountinfo_table *whole,
			  const struct mountinfo_line *line, uint64_t *magic);

/* A line of another process's table. */
struct statmount_found {
	struct mountinfo_line line;
	enum { STATMOUNT_OWN, STATMOUNT_FOREIGN, STATMOUNT_SOMEWHERE } where;
	int ns_fd;	/* that process's namespace if it may be opened, else -1 */
	int root;	/* its root directory likewise */
};

void statmount_found_close(struct statmount_found *found);

/* Looks for @ids->old in the tables of all processes. 0, -ENOENT, -ENOSYS or -errno. */
int statmount_other_line(const struct statmount_ids *ids, struct statmount_scratch *scratch,
			 struct statmount_found *found);

/*
 * A mount that is in no table of the caller's: @ids from @fd. @unreachable: it is known to be in
 * the caller's namespace, only outside its root.
 */
int statmount_elsewhere(int fd, const struct statmount_ids *ids, bool unreachable, uint64_t mask,
			struct builder_facts *facts, struct statmount_scratch *scratch,
			enum mntcompat_way *way);

/* Is @root, a mount's root directory, the topmost one of its superblock? True only if that is certain. */
bool statmount_root_is_top(int root, uint64_t magic);

/*
 * MNT_ROOT of the unmounted mount that @fd is on, through another mount of its superblock: @point is that one's root, and
 * @listed what its line says. @root: the unmounted mount's root directory, or -1 if @fd is no directory. Sets
 * MNT_ROOT in @facts if it can be found for certain. 0, -EMFILE, -ENFILE, -ENOMEM.
 */
int statmount_root_through(int fd, int root, int point, const struct builder_facts *listed,
			   struct builder_facts *facts, struct statmount_scratch *scratch);

/*
 * The mount @ids whose root directory is @root, known to be mounted but in no namespace: -ENOENT if
 * it is a tree of its own, -EOPNOTSUPP if it is not the root of one, or this kernel or the caller's
 * privilege do not let us see (6.15).
 */
int statmount_detached(int root, const struct statmount_ids *ids, uint64_t mask,
		       struct builder_facts *facts, struct statmount_scratch *scratch);

/*
 * Is the mount behind @fd in a detached tree? 1, 0 (in a mount namespace that can be seen, or
 * unmounted), or -errno if that cannot be told. For the emulation of open_tree.
 */
int statmount_is_detached(int fd);

/*
 * Another namespace by file descriptor. _run: @task in a helper that has entered it (-EOPNOTSUPP
 * where that is not allowed). _open: its mountinfo, and its root directory unless @root is NULL.
 * statmount_foreign: a mount of it.
 */
int statmount_foreign_run(int ns_fd, int (*task)(void *arg), void *arg);
int statmount_foreign_open(int ns_fd, int *table, int *root);
/* The namespace with this id as an fd, if the kernel shows it to the caller (6.12), or -errno. */
int statmount_foreign_by_id(uint64_t ns_id);
int statmount_foreign(uint64_t mnt_id, int ns_fd, uint64_t mask, struct builder_facts *facts,
		      struct statmount_scratch *scratch);

/*
 * A mount that was asked for by its (old) id and is not listed: is it in the caller's namespace,
 * outside its root? 0: it is, and the caller may see it; a table that has it and all below it is
 * kept in @scratch, and @found has to be closed. -EPERM, -ENOENT, -EOPNOTSUPP or -errno.
 */
int statmount_find_unlisted(const struct statmount_ids *ids, struct statmount_scratch *scratch,
			    struct statmount_found *found);

/* The same, and what is known of it. */
int statmount_unlisted(const struct statmount_ids *ids, struct builder_facts *facts,
		       struct statmount_scratch *scratch);

#endif
