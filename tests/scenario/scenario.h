/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scenario.h - how a behaviour is stated once: a name, a world to prepare, and what it prints.
 * scenario.c runs all of them.
 * Scenarios reach the product only through <mntcompat.h>.
 */
#ifndef MNTCOMPAT_TESTS_SCENARIO_H
#define MNTCOMPAT_TESTS_SCENARIO_H

#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/types.h>
#include <unistd.h>

#include <mntcompat.h>

/*
 * A scenario runs in a child process of its own, in a private mount namespace of its own
 * (everything made private), with a fresh tmpfs mounted on the working directory WORLD (absolute
 * path, see scenario_world()); cwd is WORLD.
 * `prepare` runs with the most privilege the level has (root: real root; userns: root of a new user
 * namespace that owns its mount namespace; user: real root), `run` with the level's own (root;
 * userns root; uid and gid 1000 with no capability). Whatever `run` prints with say() is the
 * scenario's output: canonical text that must be equal on every kernel and in every mode and must
 * hold no id, time or path that varies.
 */
struct scenario {
	const char *name;    /* "statmount/buffer/exact-fit", unique; [a-z0-9/.-] */
	const char *doc;     /* one sentence: the behaviour, with the reference section it states */
	unsigned int levels; /* SCENARIO_ROOT | SCENARIO_USERNS | SCENARIO_USER */
	void (*prepare)(void); /* may be NULL */
	void (*run)(void);
};

#define SCENARIO_ROOT 1u
#define SCENARIO_USERNS 2u
#define SCENARIO_USER 4u
#define SCENARIO_ALL 7u

/* Tables, one per file, NULL-name terminated, listed in scenario.c. */
extern const struct scenario statmount_request_scenarios[];   /* statmount-request.c: 3.1, 3.2 */
extern const struct scenario statmount_fd_scenarios[];	      /* statmount-fd.c: 3.3 */
extern const struct scenario filesystem_scenarios[];	      /* filesystem.c: 3.4, 4 */
extern const struct scenario statmount_field_scenarios[];     /* statmount-field.c: 3.4, 3.5 */
extern const struct scenario ids_scenarios[];		      /* ids.c: statx, name_to_handle_at */
extern const struct scenario listmount_scenarios[];	      /* listmount.c: 3.5, 3.6 */
extern const struct scenario namespace_id_scenarios[];	      /* namespace-id.c: 5.5, and listns */
extern const struct scenario table_scenarios[];		      /* table.c: walks */
extern const struct scenario enter_tree_scenarios[];	      /* enter-tree.c */
extern const struct scenario process_scenarios[];	      /* process.c: namespace of a pid */
extern const struct scenario open_tree_call_scenarios[];      /* open-tree-call.c: 2.1, 2.2 */
extern const struct scenario open_tree_source_scenarios[];    /* open-tree-source.c: 2.3 */
extern const struct scenario open_tree_namespace_scenarios[]; /* open-tree-namespace.c: 2.4-2.6 */
extern const struct scenario mount_setattr_scenarios[];	      /* mount-setattr.c: 5.2 */
extern const struct scenario fsmount_scenarios[];	      /* fsmount.c: 5.3 */
extern const struct scenario clone3_scenarios[];	      /* clone3.c: 5.4 */
extern const struct scenario detached_scenarios[];	      /* detached.c: 1.2, 5.1, 5.2, 5.6 */
extern const struct scenario move_mount_scenarios[];	      /* move-mount.c: 5.6 */
extern const struct scenario procfs_scenarios[];	      /* procfs.c: what lies at /proc */
extern const struct scenario unshare_scenarios[];	      /* unshare.c: 5.4 */
extern const struct scenario open_tree_drop_scenarios[];      /* open-tree-drop.c: 5.8 */
extern const struct scenario open_tree_attr_scenarios[];      /* open-tree-attr.c: 5.1 */

/* --- output --- */
/* One line, newline added. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *errno_name(int error); /* "EINVAL"; 0 is "ok" */
/* "label: ok" for ret >= 0, else "label: EINVAL"; closes nothing. Keeps errno. */
void say_result(const char *label, long ret);

/*
 * --- the world ---
 * These end the scenario as broken when they fail: a broken set-up is a failure, not an output.
 */
const char *scenario_world(void);      /* absolute path of the fresh tmpfs */
void must(long ret, const char *what); /* ret < 0: the scenario is broken */
int must_fd(int fd, const char *what);
void make_dir(const char *path); /* relative to cwd = WORLD; parents must exist */
void make_file(const char *path, const char *content);
/* Makes the directory if missing; source "tmpfs"; @options NULL: "mode=755,size=1m". */
void mount_tmpfs(const char *path, const char *options);
void mount_bind(const char *from, const char *to, bool recursive);
/* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, | MS_REC */
void mount_propagation(const char *path, unsigned long ms_flags);
bool scenario_is_user(void); /* the level: drop-privilege aware set-up */
bool scenario_is_userns(void);

/*
 * Runs fn(arg) in a forked child (its own fs, same namespaces); its say() lines appear in order.
 * Returns its exit status (fn's return value).
 */
int in_child(int (*fn)(void *arg), void *arg);

/* --- native system calls that tests need next to the product (numbers, so any libc does) --- */
int sys_open_tree(int dfd, const char *path, unsigned int flags);
int sys_move_mount(int from_dfd, const char *from, int to_dfd, const char *to, unsigned int flags);
int sys_fsmount_tmpfs(void); /* a detached tmpfs mount's fd */
int sys_pivot_root(const char *new_root, const char *put_old);

/*
 * --- what a scenario does itself, in a hostile world ---
 * A filter of system calls must refuse the calls under test and let these pass (they carry a key),
 * and a world without /proc is one for the library alone: paths below /proc are opened in the
 * procfs that the scenario holds. Without a world they are the plain calls. scenario-fixture.c.
 */
int fixture_mount(const char *source, const char *target, const char *type, unsigned long flags,
		  const void *data);
int fixture_umount2(const char *target, int flags);
int fixture_unshare(int flags);
int fixture_setns(int fd, int flags);
int fixture_chroot(const char *path);
int fixture_open(const char *path, int flags, ...);
FILE *fixture_fopen(const char *path, const char *mode);
ssize_t fixture_readlink(const char *path, char *buf, size_t size);
int fixture_execv(const char *path, char *const argv[]);
/* Any other one, of up to five arguments. */
long fixture_syscall(long number, ...);
#define FIXTURE_SYSCALL(number, ...) fixture_syscall(number, __VA_ARGS__, 0L, 0L, 0L, 0L, 0L)
#ifndef SCENARIO_PLAIN_CALLS
#define mount(source, target, type, flags, data) fixture_mount(source, target, type, flags, data)
#define umount2(target, flags) fixture_umount2(target, flags)
#define unshare(flags) fixture_unshare(flags)
#define setns(fd, flags) fixture_setns(fd, flags)
#define chroot(path) fixture_chroot(path)
#define open(...) fixture_open(__VA_ARGS__)
#define fopen(path, mode) fixture_fopen(path, mode)
#define readlink(path, buf, size) fixture_readlink(path, buf, size)
#define execv(path, argv) fixture_execv(path, argv)
#endif

/* --- namespaces --- */
/*
 * Describes the mount namespace behind @nsfd as a process sees it that enters it (setns in a
 * child): one line per mount of its mountinfo in tree order:
 *   "POINT root=ROOT type=TYPE attr=OPTIONS prop=PROPAGATION parent=PARENT_POINT|hidden"
 * with peer groups shown as letters by first appearance of the numbers ("shared:A", "master:A");
 * groups that exist in the caller's WORLD (its mountinfo) get their letter from there so that "same
 * peer group as the source" is visible. WORLD at the start of a path is shown as "W".
 * Bounded read (one-mount namespaces repeat for ever on 6.16 to 6.18).
 */
void say_namespace(const char *label, int nsfd);
int enter_namespace(int nsfd); /* setns; ret/errno as setns */

/* --- statmount --- */
/*
 * Calls mntcompat_statmount by fd with @mask and a 64 KiB buffer, prints the canonical answer (or
 * the errno): mask in hex, then one line per set field. Ids are printed as relations: "mnt_id =
 * statx" (and > 2^31), "mnt_parent_id self", the parent's mount point inside WORLD, "outside" or
 * "hidden"; sb_dev as "= st_dev" or "!= st_dev", paths with WORLD replaced by "W", peer groups as
 * letters, mnt_ns_id as "own" or "other". mnt_opts and opt_array are printed literally after
 * dropping words that differ between kernels (inode64, seclabel, ...).
 */
void say_statmount_fd(const char *label, int fd, uint64_t mask);
/* The same by id in the caller's own namespace (mnt_ns_id 0). */
void say_statmount_id(const char *label, uint64_t id, uint64_t mask);
/* Bare call for errno tests. */
int statmount_fd(int fd, uint64_t mask, void *buf, size_t bufsize);

#define MASK_ALL 0x7fffull

/* The by-id twin of statmount_fd(): caller's own namespace, bare call for errno tests. */
int statmount_id(uint64_t id, uint64_t mask, void *buf, size_t bufsize);
/* The unique id of the mount behind @fd as the product gives it; 0 when it gives none. */
uint64_t statmount_unique_id(int fd);

/*
 * A string as a scenario may print it: in double quotes, blanks kept, control characters, quotes
 * and backslashes escaped, WORLD replaced by "W", the number in "uts:[4026531838]" by "N". One of
 * eight rotating buffers.
 */
const char *scenario_quote(const char *string);
/* Ends the scenario as broken, with this reason. */
void scenario_broken(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
/*
 * Ends the scenario as skipped, from prepare() only: this kernel or machine lacks what the scenario
 * is about (a filesystem, mkfs). Never for something that the library lacks.
 */
void scenario_skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/*
 * The calls themselves: the library's, or system calls that nobody wraps (--raw). NULL where the
 * kernel has no such call. scenario-calls.c has both.
 */
struct scenario_calls {
	bool (*settle)(enum mntcompat_mode mode, const char *kernel);
	int (*open_tree)(int dfd, const char *path, unsigned int flags);
	int (*open_tree_attr)(int dfd, const char *path, unsigned int flags,
			      const struct mntcompat_mount_attr *attr, size_t size);
	int (*mount_setattr)(int dfd, const char *path, unsigned int flags,
			     const struct mntcompat_mount_attr *attr, size_t size);
	int (*move_mount)(int from_dfd, const char *from, int to_dfd, const char *to,
			  unsigned int flags);
	int (*fsmount)(int fs_fd, unsigned int flags, unsigned int attr_flags);
	int (*unshare)(unsigned int flags);
	pid_t (*clone3)(const struct mntcompat_clone_args *args, size_t size);
	int (*statmount)(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
			 size_t bufsize, unsigned int flags);
	ssize_t (*listmount)(const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids,
			     size_t nr_mnt_ids, unsigned int flags);
	ssize_t (*listns)(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
			  unsigned int flags);
	int (*statx)(int dfd, const char *path, int flags, unsigned int mask,
		     struct mntcompat_statx *buf);
	int (*name_to_handle_at)(int dfd, const char *path, struct mntcompat_file_handle *handle,
				 void *mount_id, int flags);
	int (*namespace_id)(int fd, uint64_t *id);
	int (*mount_namespace_id)(int fd, uint64_t *id);
	int (*mount_namespace_info)(int fd, struct mntcompat_mnt_ns_info *info);
	int (*mount_namespace_next)(int fd, struct mntcompat_mnt_ns_info *info);
	int (*mount_namespace_prev)(int fd, struct mntcompat_mnt_ns_info *info);
	int (*table_open)(const struct mntcompat_table_options *options,
			  struct mntcompat_table **table);
	int (*table_next)(struct mntcompat_table *table, const struct mntcompat_statmount **row);
	int (*mount_namespace_of)(pid_t pid);
	int (*enter_tree)(int dfd, const char *path, unsigned int flags);
};
extern const struct scenario_calls *scenario_calls;

/*
 * Every call of the stand-ins from a scenario goes through these: they compare what the call
 * must leave alone (cwd, root, namespaces, signals, fds, children, mount table of the caller)
 * before and after, and fail the scenario when something moved.
 */
int checked_open_tree(int dfd, const char *path, unsigned int flags);
int checked_statmount(const struct mntcompat_mnt_id_req *req, struct mntcompat_statmount *buf,
		      size_t bufsize, unsigned int flags);
int checked_statx(int dfd, const char *path, int flags, unsigned int mask,
		  struct mntcompat_statx *buf);
int checked_name_to_handle_at(int dfd, const char *path, struct mntcompat_file_handle *handle,
			      void *mount_id, int flags);
int checked_mount_setattr(int dfd, const char *path, unsigned int flags,
			  const struct mntcompat_mount_attr *attr, size_t size);
int checked_open_tree_attr(int dfd, const char *path, unsigned int flags,
			   const struct mntcompat_mount_attr *attr, size_t size);
int checked_table_open(const struct mntcompat_table_options *options,
		       struct mntcompat_table **table);
int checked_table_next(struct mntcompat_table *table, const struct mntcompat_statmount **row);
ssize_t checked_listmount(const struct mntcompat_mnt_id_req *req, uint64_t *mnt_ids,
			  size_t nr_mnt_ids, unsigned int flags);
int checked_fsmount(int fs_fd, unsigned int flags, unsigned int attr_flags);
int checked_unshare(unsigned int flags);
int checked_namespace_id(int fd, uint64_t *id);
int checked_mount_namespace_id(int fd, uint64_t *id);
int checked_mount_namespace_info(int fd, struct mntcompat_mnt_ns_info *info);
int checked_mount_namespace_next(int fd, struct mntcompat_mnt_ns_info *info);
int checked_mount_namespace_prev(int fd, struct mntcompat_mnt_ns_info *info);
ssize_t checked_listns(const struct mntcompat_ns_id_req *req, uint64_t *ns_ids, size_t nr_ns_ids,
		       unsigned int flags);
int checked_mount_namespace_of(pid_t pid);
int checked_enter_tree(int dfd, const char *path, unsigned int flags);
int checked_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
		       unsigned int flags);
/* This call makes a child, whose state cannot be compared with the caller's before. */
#define mntcompat_clone3(args, size) scenario_calls->clone3(args, size)
#ifndef SCENARIO_UNCHECKED
#define mntcompat_fsmount(fs_fd, flags, attr_flags) checked_fsmount(fs_fd, flags, attr_flags)
#define mntcompat_unshare(flags) checked_unshare(flags)
#define mntcompat_namespace_id(fd, id) checked_namespace_id(fd, id)
#define mntcompat_mount_namespace_id(fd, id) checked_mount_namespace_id(fd, id)
#define mntcompat_mount_namespace_info(fd, info) checked_mount_namespace_info(fd, info)
#define mntcompat_mount_namespace_next(fd, info) checked_mount_namespace_next(fd, info)
#define mntcompat_mount_namespace_prev(fd, info) checked_mount_namespace_prev(fd, info)
#define mntcompat_enter_tree(dfd, path, flags) checked_enter_tree(dfd, path, flags)
#define mntcompat_mount_namespace_of(pid) checked_mount_namespace_of(pid)
#define mntcompat_listns(req, ns_ids, nr_ns_ids, flags) \
	checked_listns(req, ns_ids, nr_ns_ids, flags)
#define mntcompat_move_mount(from_dfd, from, to_dfd, to, flags) \
	checked_move_mount(from_dfd, from, to_dfd, to, flags)
#define mntcompat_statx(dfd, path, flags, mask, buf) checked_statx(dfd, path, flags, mask, buf)
#define mntcompat_name_to_handle_at(dfd, path, handle, mount_id, flags) \
	checked_name_to_handle_at(dfd, path, handle, mount_id, flags)
#define mntcompat_mount_setattr(dfd, path, flags, attr, size) \
	checked_mount_setattr(dfd, path, flags, attr, size)
#define mntcompat_open_tree_attr(dfd, path, flags, attr, size) \
	checked_open_tree_attr(dfd, path, flags, attr, size)
#define mntcompat_table_open(options, table) checked_table_open(options, table)
#define mntcompat_table_next(table, row) checked_table_next(table, row)
#define mntcompat_listmount(req, mnt_ids, nr, flags) checked_listmount(req, mnt_ids, nr, flags)
#define mntcompat_open_tree(dfd, path, flags) checked_open_tree(dfd, path, flags)
#define mntcompat_statmount(req, buf, bufsize, flags) checked_statmount(req, buf, bufsize, flags)
#endif

#endif
