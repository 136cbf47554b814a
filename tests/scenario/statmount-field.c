/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statmount-field.c - scenarios: the value of every field, and who may ask by id (reference 3.4,
 * 3.5). Touches WORLD and the scenario's own process only.
 * Listed in scenario.c.
 */
#define _GNU_SOURCE
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MNT_BASIC MNTCOMPAT_STATMOUNT_MNT_BASIC
#define PATHS (MNTCOMPAT_STATMOUNT_MNT_ROOT | MNTCOMPAT_STATMOUNT_MNT_POINT)
#define OPTIONS \
	(MNTCOMPAT_STATMOUNT_MNT_OPTS | MNTCOMPAT_STATMOUNT_OPT_ARRAY | \
	 MNTCOMPAT_STATMOUNT_OPT_SEC_ARRAY)
#define PROPAGATION (MNT_BASIC | MNTCOMPAT_STATMOUNT_PROPAGATE_FROM)
#define SUPERBLOCK \
	(MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_FS_TYPE | \
	 MNTCOMPAT_STATMOUNT_FS_SUBTYPE | MNTCOMPAT_STATMOUNT_SB_SOURCE | OPTIONS)

#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
#ifndef MS_LAZYTIME
#define MS_LAZYTIME (1 << 25)
#endif

static uint64_t held_id[3];
static int held_fd = -1;

static int open_path(const char *path)
{
	return must_fd(open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);
}

/* By fd and by id: both must tell the same. */
static void ask(const char *label, const char *path, uint64_t mask)
{
	int fd = open_path(path);
	uint64_t id = statmount_unique_id(fd);
	char line[128];

	say_statmount_fd(label, fd, mask);
	snprintf(line, sizeof(line), "%s, by id", label);
	say_statmount_id(line, id, mask);
	close(fd);
}

static void ask_fd(const char *label, const char *path, uint64_t mask)
{
	int fd = open_path(path);

	say_statmount_fd(label, fd, mask);
	close(fd);
}

static uint64_t id_of(const char *path)
{
	int fd = open_path(path);
	uint64_t id = statmount_unique_id(fd);

	close(fd);
	return id;
}

static void remount(const char *path, unsigned long flags)
{
	must(mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags, NULL), path);
}

/* --- ids --- */

static void prepare_tree(void)
{
	mount_tmpfs("a", "mode=755,size=64k");
	mount_tmpfs("a/b", "mode=755,size=128k");
	make_dir("a/d");
	make_dir("bind");
	mount_bind("a", "bind", false);
}

static void id_parents(void)
{
	ask("child of the world", "a", MNT_BASIC);
	ask("grandchild", "a/b", MNT_BASIC);
}

static bool read_basic(const char *path, struct mntcompat_statmount *answer)
{
	int fd = open_path(path), ret;

	ret = statmount_fd(fd, MNT_BASIC, answer, sizeof(*answer));
	if (ret)
		say_result(path, ret);
	close(fd);
	return !ret;
}

static void id_relations(void)
{
	struct mntcompat_statmount world, a, b, bind;

	if (!read_basic(".", &world) || !read_basic("a", &a) || !read_basic("a/b", &b) ||
	    !read_basic("bind", &bind))
		return;
	say("a's parent is the world: %d", a.mnt_parent_id == world.mnt_id);
	say("b's parent is a: %d", b.mnt_parent_id == a.mnt_id);
	say("the bind's parent is the world: %d", bind.mnt_parent_id == world.mnt_id);
	say("old ids say the same: %d", a.mnt_parent_id_old == world.mnt_id_old &&
						b.mnt_parent_id_old == a.mnt_id_old &&
						bind.mnt_parent_id_old == world.mnt_id_old);
	say("the bind is another mount: %d",
	    bind.mnt_id != a.mnt_id && bind.mnt_id_old != a.mnt_id_old);
	say("all above 2^31: %d", world.mnt_id > 1ull << 31 && a.mnt_id > 1ull << 31 &&
					  b.mnt_id > 1ull << 31 && bind.mnt_id > 1ull << 31);
}

static void id_stable(void)
{
	struct mntcompat_statmount before, after;
	int fd = open_path("a");

	must(statmount_fd(fd, MNT_BASIC, &before, sizeof(before)), "statmount");
	must(mount("a", "bind", NULL, MS_MOVE, NULL), "move");
	must(statmount_fd(fd, MNT_BASIC, &after, sizeof(after)), "statmount");
	say("the same id after a move: %d", before.mnt_id == after.mnt_id);
	say("the same old id: %d", before.mnt_id_old == after.mnt_id_old);
	must(umount2("bind", MNT_DETACH), "umount");
	if (statmount_fd(fd, MNT_BASIC, &after, sizeof(after)))
		say_result("the same id after an unmount", -1);
	else
		say("the same id after an unmount: %d", before.mnt_id == after.mnt_id);
	say("by id: %s", statmount_id(before.mnt_id, MNT_BASIC, &after, sizeof(after)) ?
				 errno_name(errno) :
				 "ok");
	close(fd);
}

static int other_process(void *arg)
{
	uint64_t *id = arg;

	say("the same id in another process: %d", id_of("a") == *id);
	return 0;
}

static void id_processes(void)
{
	uint64_t id = id_of("a");

	in_child(other_process, &id);
}

static void id_detached(void)
{
	struct mntcompat_statmount before, after;
	int fd = must_fd(sys_open_tree(AT_FDCWD, "a",
				       MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_AT_RECURSIVE |
					       MNTCOMPAT_OPEN_TREE_CLOEXEC),
			 "open_tree");
	int ret = statmount_fd(fd, MNT_BASIC, &before, sizeof(before));

	say_result("detached", ret);
	make_dir("target");
	must(sys_move_mount(fd, "", AT_FDCWD, "target", 4), "move_mount");
	say_result("attached", statmount_fd(fd, MNT_BASIC, &after, sizeof(after)));
	if (!ret)
		say("the same id: %d",
		    before.mnt_id == after.mnt_id && before.mnt_id_old == after.mnt_id_old);
	close(fd);
}

/* --- attributes --- */

static const struct {
	const char *name;
	unsigned long flags;
} attributes[] = {
	{ "relatime", 0 },
	{ "ro", MS_RDONLY },
	{ "nosuid", MS_NOSUID },
	{ "nodev", MS_NODEV },
	{ "noexec", MS_NOEXEC },
	{ "noatime", MS_NOATIME },
	{ "strictatime", MS_STRICTATIME },
	{ "nodiratime", MS_NODIRATIME },
	{ "all", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME },
};

static void prepare_attributes(void)
{
	size_t i;

	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		mount_tmpfs(attributes[i].name, NULL);
		remount(attributes[i].name, attributes[i].flags);
	}
}

static void attribute_bits(void)
{
	size_t i;

	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		ask_fd(attributes[i].name, attributes[i].name, MNT_BASIC);
}

static void attribute_by_id(void)
{
	say_statmount_id("all", id_of("all"), MNT_BASIC);
}

static void prepare_nosymfollow(void)
{
	mount_tmpfs("m", NULL);
	remount("m", MS_NOSYMFOLLOW);
	mount_tmpfs("n", NULL);
	remount("n", MS_NOSYMFOLLOW | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC |
			     MS_STRICTATIME | MS_NODIRATIME);
}

static void attribute_nosymfollow(void)
{
	ask("nosymfollow", "m", MNT_BASIC);
	ask("everything", "n", MNT_BASIC);
}

/* The mount is read-only, the superblock is not; and the other way round. */
static void prepare_read_only(void)
{
	mount_tmpfs("mount", NULL);
	make_file("mount/f", "");
	remount("mount", MS_RDONLY);
	mount_tmpfs("super", NULL);
	make_file("super/f", "");
	must(mount(NULL, "super", NULL, MS_REMOUNT | MS_RDONLY, "mode=755,size=1m"), "remount");
	remount("super", 0);
}

static void attribute_read_only(void)
{
	ask_fd("read-only mount", "mount/f", MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC | OPTIONS);
	ask_fd("read-only superblock", "super/f",
	       MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC | OPTIONS);
}

static void prepare_attribute_bind(void)
{
	mount_tmpfs("m", NULL);
	make_dir("bind");
	mount_bind("m", "bind", false);
	remount("bind", MS_RDONLY | MS_NOEXEC);
}

static void attribute_bind(void)
{
	ask("bound", "bind", MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC);
	ask("first", "m", MNT_BASIC | MNTCOMPAT_STATMOUNT_SB_BASIC);
}

static void prepare_nsfs(void)
{
	make_file("ns", "");
	mount_bind("/proc/self/ns/uts", "ns", false);
}

static void attribute_nsfs(void)
{
	ask("namespace file", "ns", MASK_ALL);
}

/* --- superblock --- */

static void prepare_superblock_flags(void)
{
	static const struct {
		const char *name;
		unsigned long flags;
	} kinds[] = {
		{ "sync", MS_SYNCHRONOUS },
		{ "dirsync", MS_DIRSYNC },
		{ "lazytime", MS_LAZYTIME },
		{ "ro", MS_RDONLY },
		{ "three", MS_RDONLY | MS_SYNCHRONOUS | MS_LAZYTIME },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		make_dir(kinds[i].name);
		must(mount("tmpfs", kinds[i].name, "tmpfs", kinds[i].flags, "mode=755,size=64k"),
		     kinds[i].name);
	}
}

#define SUPERBLOCK_FLAG(function, name) \
	static void function(void) \
	{ \
		ask(name, name, SUPERBLOCK | MNT_BASIC); \
	}
SUPERBLOCK_FLAG(superblock_sync, "sync")
SUPERBLOCK_FLAG(superblock_dirsync, "dirsync")
SUPERBLOCK_FLAG(superblock_lazytime, "lazytime")
SUPERBLOCK_FLAG(superblock_ro, "ro")
SUPERBLOCK_FLAG(superblock_three, "three")

static void prepare_ramfs(void)
{
	make_dir("plain");
	must(mount("ramfs", "plain", "ramfs", 0, NULL), "mount ramfs");
	make_dir("option");
	must(mount("other", "option", "ramfs", 0, "mode=711"), "mount ramfs");
}

/* Not its source: up to 6.1 at least ramfs does not keep it. */
static void superblock_ramfs(void)
{
	ask("no options", "plain", SUPERBLOCK & ~(uint64_t)MNTCOMPAT_STATMOUNT_SB_SOURCE);
	ask("one option", "option", SUPERBLOCK & ~(uint64_t)MNTCOMPAT_STATMOUNT_SB_SOURCE);
}

static void prepare_proc(void)
{
	make_dir("proc");
	must(mount("the source", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
	     "mount proc");
}

static void superblock_proc(void)
{
	ask("proc", "proc", MASK_ALL);
}

static void prepare_devpts(void)
{
	make_dir("pts");
	must(mount("devpts", "pts", "devpts", 0, "newinstance,mode=620,ptmxmode=666"),
	     "mount devpts");
}

static void superblock_devpts(void)
{
	ask("devpts", "pts", SUPERBLOCK);
}

static void prepare_mqueue(void)
{
	make_dir("mqueue");
	must(mount("queues", "mqueue", "mqueue", 0, NULL), "mount mqueue");
}

static void superblock_mqueue(void)
{
	ask("mqueue", "mqueue",
	    MNTCOMPAT_STATMOUNT_SB_BASIC | MNTCOMPAT_STATMOUNT_FS_TYPE | OPTIONS);
}

static void prepare_options(void)
{
	make_dir("m");
	must(mount("tmpfs", "m", "tmpfs", 0, "size=2m,nr_inodes=77,mode=1711,uid=3,gid=5"),
	     "mount tmpfs");
	make_dir("one");
	must(mount("tmpfs", "one", "tmpfs", 0, "size=64k"), "mount tmpfs");
}

static void superblock_options(void)
{
	ask("several", "m", OPTIONS);
	ask("one", "one", OPTIONS);
}

/* The same superblock under two mounts, and two superblocks of one type. */
static void superblock_shared(void)
{
	struct mntcompat_statmount first, second, other;
	int a = open_path("a"), bind = open_path("bind"), b = open_path("a/b");

	must(statmount_fd(a, MNTCOMPAT_STATMOUNT_SB_BASIC, &first, sizeof(first)), "statmount");
	must(statmount_fd(bind, MNTCOMPAT_STATMOUNT_SB_BASIC, &second, sizeof(second)),
	     "statmount");
	must(statmount_fd(b, MNTCOMPAT_STATMOUNT_SB_BASIC, &other, sizeof(other)), "statmount");
	say("two mounts, one device: %d",
	    first.sb_dev_major == second.sb_dev_major && first.sb_dev_minor == second.sb_dev_minor);
	say("two superblocks, two devices: %d",
	    first.sb_dev_major != other.sb_dev_major || first.sb_dev_minor != other.sb_dev_minor);
	close(a);
	close(b);
	close(bind);
}

/* --- propagation --- */

static void prepare_propagation(void)
{
	mount_tmpfs("private", NULL);
	mount_tmpfs("unbindable", NULL);
	mount_propagation("unbindable", MS_UNBINDABLE);
	mount_tmpfs("shared", NULL);
	mount_propagation("shared", MS_SHARED);
	make_dir("peer");
	mount_bind("shared", "peer", false);
	make_dir("slave");
	mount_bind("shared", "slave", false);
	mount_propagation("slave", MS_SLAVE);
	make_dir("both");
	mount_bind("shared", "both", false);
	mount_propagation("both", MS_SLAVE);
	mount_propagation("both", MS_SHARED);
}

#define PROPAGATION_KIND(function, name) \
	static void function(void) \
	{ \
		ask(name, name, PROPAGATION); \
	}
PROPAGATION_KIND(propagation_private, "private")
PROPAGATION_KIND(propagation_unbindable, "unbindable")
PROPAGATION_KIND(propagation_shared, "shared")
PROPAGATION_KIND(propagation_peer, "peer")
PROPAGATION_KIND(propagation_slave, "slave")
PROPAGATION_KIND(propagation_both, "both")

/* A slave of a slave+shared mount; then the mount between is out of sight. */
static void prepare_chain(void)
{
	prepare_propagation();
	make_dir("last");
	mount_bind("both", "last", false);
	mount_propagation("last", MS_SLAVE);
}

static void propagation_chain(void)
{
	ask("slave of a slave", "last", PROPAGATION);
}

/* Made a slave, a lone shared mount has no master: it becomes private. */
static void prepare_lonely(void)
{
	mount_tmpfs("m", NULL);
	mount_propagation("m", MS_SHARED);
	mount_propagation("m", MS_SLAVE);
}

static void propagation_lonely(void)
{
	ask("slave without a master", "m", PROPAGATION);
}

/* Its last peer gone, a slave's master goes over to the next one up, or to none. */
static void prepare_orphan(void)
{
	mount_tmpfs("m", NULL);
	mount_propagation("m", MS_SHARED);
	make_dir("slave");
	mount_bind("m", "slave", false);
	mount_propagation("slave", MS_SLAVE);
	must(umount2("m", 0), "umount");
}

static void propagation_orphan(void)
{
	ask("slave whose master was unmounted", "slave", PROPAGATION);
}

static void prepare_adopted(void)
{
	prepare_chain();
	must(umount2("both", 0), "umount");
}

static void propagation_adopted(void)
{
	ask("slave whose master was unmounted", "last", PROPAGATION);
}

/* jail holds a slave whose master lies outside of it. */
static void prepare_hidden_master(void)
{
	mount_tmpfs("outside", NULL);
	mount_propagation("outside", MS_SHARED);
	mount_tmpfs("jail", NULL);
	make_dir("jail/slave");
	mount_bind("outside", "jail/slave", false);
	mount_propagation("jail/slave", MS_SLAVE);
	must(chroot("jail"), "chroot");
	must(chdir("/"), "chdir");
}

static void propagation_hidden_master(void)
{
	ask("slave of a mount outside the chroot", "/slave", PROPAGATION);
}

/* The direct master is outside, its own master inside: propagate_from skips one. */
static void prepare_skipped_master(void)
{
	mount_tmpfs("jail", NULL);
	mount_tmpfs("jail/top", NULL);
	mount_propagation("jail/top", MS_SHARED);
	make_dir("middle");
	mount_bind("jail/top", "middle", false);
	mount_propagation("middle", MS_SLAVE);
	mount_propagation("middle", MS_SHARED);
	make_dir("jail/last");
	mount_bind("middle", "jail/last", false);
	mount_propagation("jail/last", MS_SLAVE);
}

static void propagation_skipped_outside(void)
{
	ask("from outside", "jail/last", PROPAGATION);
}

static void prepare_skipped_master_chroot(void)
{
	prepare_skipped_master();
	must(chroot("jail"), "chroot");
	must(chdir("/"), "chdir");
}

static void propagation_skipped_master(void)
{
	ask("from inside", "/last", PROPAGATION);
}

/* Mounts propagated by a shared mount are shared themselves, with a group of their own. */
static void prepare_spread(void)
{
	prepare_propagation();
	mount_tmpfs("shared/m", NULL);
}

static void propagation_spread(void)
{
	ask_fd("mounted in the shared one", "shared/m", PROPAGATION);
	ask_fd("its copy in the peer", "peer/m", PROPAGATION);
	ask_fd("its copy in the slave", "slave/m", PROPAGATION);
	ask_fd("its copy in the slave that is shared", "both/m", PROPAGATION);
}

/* --- paths --- */

static const char *const odd_names[] = {
	"two words", " lead",	"trail ",    "tab\there",   "new\nline", "back\\slash", "\\040",
	"#hash",     "quote\"", "(deleted)", "x (deleted)", "comma,",	 "\xc3\xa4",
};

static void prepare_odd_points(void)
{
	size_t i;

	for (i = 0; i < sizeof(odd_names) / sizeof(odd_names[0]); i++)
		mount_tmpfs(odd_names[i], NULL);
}

static void path_odd_points(void)
{
	size_t i;

	for (i = 0; i < sizeof(odd_names) / sizeof(odd_names[0]); i++)
		ask_fd("odd name", odd_names[i], PATHS);
}

static void path_odd_points_by_id(void)
{
	size_t i;

	for (i = 0; i < sizeof(odd_names) / sizeof(odd_names[0]); i++)
		say_statmount_id("odd name", id_of(odd_names[i]), PATHS);
}

static void prepare_odd_roots(void)
{
	char name[16], path[64];
	size_t i;

	mount_tmpfs("m", NULL);
	for (i = 0; i < sizeof(odd_names) / sizeof(odd_names[0]); i++) {
		snprintf(path, sizeof(path), "m/%s", odd_names[i]);
		make_dir(path);
		snprintf(name, sizeof(name), "bind%zu", i);
		make_dir(name);
		mount_bind(path, name, false);
	}
}

static void path_odd_roots(void)
{
	char name[16];
	size_t i;

	for (i = 0; i < sizeof(odd_names) / sizeof(odd_names[0]); i++) {
		snprintf(name, sizeof(name), "bind%zu", i);
		ask_fd("odd root", name, PATHS);
	}
}

static void prepare_deleted_root(void)
{
	mount_tmpfs("m", NULL);
	make_dir("m/gone");
	make_file("m/file", "");
	make_dir("bind");
	make_file("bound", "");
	mount_bind("m/gone", "bind", false);
	mount_bind("m/file", "bound", false);
	must(rmdir("m/gone"), "rmdir");
	must(unlink("m/file"), "unlink");
}

static void path_deleted_root(void)
{
	ask("directory", "bind", PATHS);
	ask("file", "bound", PATHS);
}

static void prepare_renamed_root(void)
{
	mount_tmpfs("m", NULL);
	make_dir("m/old");
	make_dir("bind");
	mount_bind("m/old", "bind", false);
	must(rename("m/old", "m/new"), "rename");
}

static void path_renamed_root(void)
{
	ask("renamed", "bind", PATHS);
}

/* 20 directories of 200 bytes: a mount point of about a page. */
static void prepare_long(void)
{
	char name[201];
	int i;

	memset(name, 'n', 200);
	name[200] = 0;
	for (i = 0; i < 18; i++) {
		make_dir(name);
		must(chdir(name), "chdir");
	}
	mount_tmpfs("m", NULL);
	held_fd = open_path("m");
	must(chdir(scenario_world()), "chdir");
}

static void path_long(void)
{
	static char buffer[8192];
	struct mntcompat_statmount *answer = (void *)buffer;
	const char *point = "";
	int ret;

	ret = statmount_fd(held_fd, MNTCOMPAT_STATMOUNT_MNT_POINT, buffer, sizeof(buffer));
	say_result("by fd", ret);
	if (!ret)
		point = answer->str + answer->mnt_point;
	say("length below the world: %zu", ret ? 0 : strlen(point) - strlen(scenario_world()));
	say("answer in 2048 bytes: %s",
	    statmount_fd(held_fd, MNTCOMPAT_STATMOUNT_MNT_POINT, buffer, 2048) ? errno_name(errno) :
										 "ok");
	close(held_fd);
}

/* Mounts on a file, and a file bound over a file. */
static void prepare_file_points(void)
{
	make_file("f", "");
	make_file("g", "");
	mount_bind("f", "g", false);
	mount_bind("g", "g", false);
}

static void path_file_points(void)
{
	ask_fd("twice bound file", "g", PATHS | MNT_BASIC);
}

/* --- mnt_ns_id --- */

static void namespace_same(void)
{
	struct mntcompat_statmount first = { 0 }, second = { 0 };
	int a = open_path("a"), b = open_path("a/b");
	uint64_t mask = MNTCOMPAT_STATMOUNT_MNT_NS_ID;

	must(statmount_fd(a, mask, &first, sizeof(first)), "statmount");
	must(statmount_fd(b, mask, &second, sizeof(second)), "statmount");
	say("mask 0x%llx", (unsigned long long)first.mask);
	say("two mounts, one namespace: %d", first.mnt_ns_id == second.mnt_ns_id);
	ask("a", "a", mask);
	close(a);
	close(b);
}

static void prepare_namespace_changed(void)
{
	prepare_tree();
	must(unshare(CLONE_NEWNS), "unshare");
}

static void namespace_changed(void)
{
	ask("after unshare", "a", PATHS | MNTCOMPAT_STATMOUNT_MNT_NS_ID | MNT_BASIC);
}

/* --- by id: who may ask for what (3.5) --- */

static void permission_own(void)
{
	ask("reachable", "a/b", MASK_ALL);
}

static void prepare_outside(void)
{
	prepare_tree();
	held_id[0] = id_of("a");
	held_id[1] = id_of(".");
	held_fd = open_path("a");
	mount_tmpfs("jail", NULL);
	must(chroot("jail"), "chroot");
	must(chdir("/"), "chdir");
}

static void permission_outside(void)
{
	say_statmount_id("mount outside the chroot", held_id[0], MASK_ALL);
	say_statmount_id("the mount around it", held_id[1], MASK_ALL);
	say_statmount_id("an empty mask", held_id[0], 0);
	say("by fd: %s", errno_name(statmount_fd(held_fd, 0, NULL, 0) ? errno : 0));
	close(held_fd);
}

static void prepare_directory_root(void)
{
	make_dir("jail");
	held_id[0] = id_of(".");
	mount_tmpfs("jail/m", NULL);
	held_id[1] = id_of("jail/m");
	must(chroot("jail"), "chroot");
	must(chdir("/"), "chdir");
}

static void permission_directory_root(void)
{
	say_statmount_id("the mount that carries the root", held_id[0], MASK_ALL);
	say_statmount_id("a mount below", held_id[1], MASK_ALL);
}

static void prepare_unmounted_id(void)
{
	prepare_tree();
	held_id[0] = id_of("a");
	held_id[1] = id_of("a/b");
	held_fd = open_path("a");
	must(umount2("a", MNT_DETACH), "umount");
}

static void permission_unmounted(void)
{
	say_statmount_id("unmounted, held by an fd", held_id[0], MASK_ALL);
	say_statmount_id("its child", held_id[1], MASK_ALL);
	close(held_fd);
}

static void prepare_detached_id(void)
{
	struct mntcompat_statmount answer = { 0 };

	prepare_tree();
	held_fd = must_fd(sys_open_tree(AT_FDCWD, "a",
					MNTCOMPAT_OPEN_TREE_CLONE | MNTCOMPAT_AT_RECURSIVE |
						MNTCOMPAT_OPEN_TREE_CLOEXEC),
			  "open_tree");
	/* Where the product gives no id, one that it never gives is as good. */
	held_id[0] = UINT64_MAX - 1;
	if (!statmount_fd(held_fd, MNT_BASIC, &answer, sizeof(answer)))
		held_id[0] = answer.mnt_id;
}

static void permission_detached(void)
{
	say_statmount_id("a detached tree's root", held_id[0], MASK_ALL);
	close(held_fd);
}

static void prepare_foreign(void)
{
	prepare_tree();
	held_id[0] = id_of("a");
	held_id[1] = id_of("a/b");
	held_fd = must_fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open ns/mnt");
	must(unshare(CLONE_NEWNS), "unshare");
}

static void permission_foreign(void)
{
	say_statmount_id("a mount of another namespace", held_id[0], MASK_ALL);
	say("the caller's own copy has another id: %d", id_of("a") != held_id[0]);
	close(held_fd);
}

static void permission_foreign_fd(void)
{
	static char buffer[8192];
	struct mntcompat_statmount *answer = (void *)buffer;
	struct mntcompat_mnt_id_req req = {
		.size = sizeof(req),
		.mnt_fd = held_fd,
		.mnt_id = held_id[1],
		.param = PATHS | MNT_BASIC | MNTCOMPAT_STATMOUNT_MNT_NS_ID,
	};
	int ret = mntcompat_statmount(&req, answer, sizeof(buffer), 0);

	say_result("by the namespace's fd", ret);
	if (!ret) {
		say("mask 0x%llx", (unsigned long long)answer->mask);
		say("mnt_id as asked: %d", answer->mnt_id == held_id[1]);
		say("parent as there: %d", answer->mnt_parent_id == held_id[0]);
		say("mnt_root %s", scenario_quote(answer->str + answer->mnt_root));
		say("mnt_point %s", scenario_quote(answer->str + answer->mnt_point));
	}
	req.mnt_id = id_of("a");
	say_result("a mount of the current namespace, looked for there",
		   mntcompat_statmount(&req, answer, sizeof(buffer), 0));
	close(held_fd);
}

static int ask_id_in_user_namespace(void *arg)
{
	(void)arg;
	must(unshare(CLONE_NEWUSER), "unshare");
	say_statmount_id("reachable", held_id[0], PATHS | MNT_BASIC);
	return 0;
}

static void permission_user_namespace(void)
{
	held_id[0] = id_of("a/b");
	in_child(ask_id_in_user_namespace, NULL);
}

static void prepare_closed_directory(void)
{
	make_dir("secret");
	mount_tmpfs("secret/m", NULL);
	held_id[0] = id_of("secret/m");
	must(chmod("secret", 0700), "chmod");
}

static void permission_closed_directory(void)
{
	say_statmount_id("below a closed directory", held_id[0], PATHS | MNT_BASIC);
}

/* The parent of "/" is not in the caller's sight, its id is. */
static void permission_parent_of_root(void)
{
	struct mntcompat_statmount answer = { 0 };
	int fd = open_path("/");
	int ret = statmount_fd(fd, MNT_BASIC, &answer, sizeof(answer));

	close(fd);
	say_result("/", ret);
	if (ret)
		return;
	say("its parent is %s", answer.mnt_parent_id == answer.mnt_id ? "itself" : "another mount");
	if (statmount_id(answer.mnt_parent_id, 0, &answer, sizeof(answer)))
		say("the parent: %s", errno_name(errno));
	else
		say("the parent: ok");
}

/* --- all of it --- */

/* By id and by fd the whole answer is the same, byte by byte. */
static void whole_answer(void)
{
	static unsigned char first[8192], second[8192];
	int fd = open_path("slave"), ret;
	uint64_t id = statmount_unique_id(fd);

	ret = statmount_fd(fd, MASK_ALL, first, sizeof(first));
	say_result("by fd", ret);
	ret = statmount_id(id, MASK_ALL, second, sizeof(second));
	say_result("by id", ret);
	say("equal: %d", !memcmp(first, second, sizeof(first)));
	close(fd);
}

static void whole_split(void)
{
	static unsigned char all[8192], one[8192];
	struct mntcompat_statmount *whole = (void *)all, *part = (void *)one;
	int fd = open_path("slave"), bit;

	if (statmount_fd(fd, MASK_ALL & ~0x6000ull, all, sizeof(all)))
		say("all: %s", errno_name(errno));
	for (bit = 0; bit < 13; bit++) {
		uint64_t mask = 1ull << bit;

		if (statmount_fd(fd, mask, one, sizeof(one)))
			say("bit %d: %s", bit, errno_name(errno));
		else if ((whole->mask & mask) != part->mask)
			say("bit %d: mask 0x%llx", bit, (unsigned long long)part->mask);
	}
	say("fs_type: %d", statmount_fd(fd, MNTCOMPAT_STATMOUNT_FS_TYPE, one, sizeof(one)) ?
				   -1 :
				   !strcmp(part->str + part->fs_type, whole->str + whole->fs_type));
	say("mnt_point: %d",
	    statmount_fd(fd, MNTCOMPAT_STATMOUNT_MNT_POINT, one, sizeof(one)) ?
		    -1 :
		    !strcmp(part->str + part->mnt_point, whole->str + whole->mnt_point));
	close(fd);
}

#define ROW(path, doc, levels, prepare, run) \
	{ \
		"statmount/" path, doc, levels, prepare, run \
	}
#define REAL_ROOT (SCENARIO_ROOT | SCENARIO_USER)    /* prepare needs real root */
#define PRIVILEGED (SCENARIO_ROOT | SCENARIO_USERNS) /* run needs privileges */

const struct scenario statmount_field_scenarios[] = {
	ROW("id/parent", "mnt_parent_id is the parent's unique id (3.4).", SCENARIO_ALL,
	    prepare_tree, id_parents),
	ROW("id/relations", "Unique and old ids tell the same tree (3.4).", SCENARIO_ALL,
	    prepare_tree, id_relations),
	ROW("id/stable", "An id stays with its mount (1.3).", PRIVILEGED, prepare_tree, id_stable),
	ROW("id/processes", "Ids are the same in every process (1.3).", SCENARIO_ALL, prepare_tree,
	    id_processes),
	ROW("id/detached", "An id is the same before and after a mount is attached.", PRIVILEGED,
	    prepare_tree, id_detached),
	ROW("attr/each", "mnt_attr of each attribute (3.4).", SCENARIO_ALL, prepare_attributes,
	    attribute_bits),
	ROW("attr/by-id", "mnt_attr by id (3.4).", SCENARIO_ALL, prepare_attributes,
	    attribute_by_id),
	ROW("attr/nosymfollow", "nosymfollow, and every attribute together (3.4).", SCENARIO_ALL,
	    prepare_nosymfollow, attribute_nosymfollow),
	ROW("attr/read-only", "A read-only mount is not a read-only superblock (3.4).",
	    SCENARIO_ALL, prepare_read_only, attribute_read_only),
	ROW("attr/bind", "Attributes belong to the mount (3.4).", SCENARIO_ALL,
	    prepare_attribute_bind, attribute_bind),
	ROW("attr/nsfs", "A bind-mounted namespace file has no relatime (3.4).", SCENARIO_ALL,
	    prepare_nsfs, attribute_nsfs),
	ROW("sb/sync", "sb_flags: sync (3.4).", SCENARIO_ALL, prepare_superblock_flags,
	    superblock_sync),
	ROW("sb/dirsync", "sb_flags: dirsync (3.4).", SCENARIO_ALL, prepare_superblock_flags,
	    superblock_dirsync),
	ROW("sb/lazytime", "sb_flags: lazytime (3.4).", SCENARIO_ALL, prepare_superblock_flags,
	    superblock_lazytime),
	ROW("sb/ro", "sb_flags: read-only (3.4).", SCENARIO_ALL, prepare_superblock_flags,
	    superblock_ro),
	ROW("sb/three", "sb_flags: ro, sync and lazytime are 0x2000011 (3.4).", SCENARIO_ALL,
	    prepare_superblock_flags, superblock_three),
	ROW("sb/ramfs", "No options: bits clear, strings counted (3.4).", SCENARIO_ALL,
	    prepare_ramfs, superblock_ramfs),
	ROW("sb/proc", "procfs (3.3).", REAL_ROOT, prepare_proc, superblock_proc),
	ROW("sb/devpts", "devpts.", SCENARIO_ALL, prepare_devpts, superblock_devpts),
	ROW("sb/mqueue", "mqueue.", REAL_ROOT, prepare_mqueue, superblock_mqueue),
	ROW("sb/options", "mnt_opts and opt_array (3.4).", SCENARIO_ALL, prepare_options,
	    superblock_options),
	ROW("sb/shared", "sb_dev is the superblock's (3.4).", SCENARIO_ALL, prepare_tree,
	    superblock_shared),
	ROW("propagation/private", "A private mount (3.4).", SCENARIO_ALL, prepare_propagation,
	    propagation_private),
	ROW("propagation/unbindable", "An unbindable mount (3.4).", SCENARIO_ALL,
	    prepare_propagation, propagation_unbindable),
	ROW("propagation/shared", "A shared mount (3.4).", SCENARIO_ALL, prepare_propagation,
	    propagation_shared),
	ROW("propagation/peer", "A peer has the same group (3.4).", SCENARIO_ALL,
	    prepare_propagation, propagation_peer),
	ROW("propagation/slave", "propagate_from equals the master (3.4).", SCENARIO_ALL,
	    prepare_propagation, propagation_slave),
	ROW("propagation/both", "Slave and shared at once (3.4).", SCENARIO_ALL,
	    prepare_propagation, propagation_both),
	ROW("propagation/chain", "A slave of a slave (3.4).", SCENARIO_ALL, prepare_chain,
	    propagation_chain),
	ROW("propagation/lonely", "A slave that never had a master (3.4).", SCENARIO_ALL,
	    prepare_lonely, propagation_lonely),
	ROW("propagation/orphan", "A slave that lost its master (3.4).", SCENARIO_ALL,
	    prepare_orphan, propagation_orphan),
	ROW("propagation/adopted", "A slave that lost the master between (3.4).", SCENARIO_ALL,
	    prepare_adopted, propagation_adopted),
	ROW("propagation/hidden-master", "No dominating group in sight: 0 (3.4).", SCENARIO_ALL,
	    prepare_hidden_master, propagation_hidden_master),
	ROW("propagation/skipped-master", "propagate_from is the nearest one in sight (3.4).",
	    SCENARIO_ALL, prepare_skipped_master_chroot, propagation_skipped_master),
	ROW("propagation/skipped-master-outside", "The same chain where all is in sight (3.4).",
	    SCENARIO_ALL, prepare_skipped_master, propagation_skipped_outside),
	ROW("propagation/spread", "Mounts that a shared mount propagates (3.4).", SCENARIO_ALL,
	    prepare_spread, propagation_spread),
	ROW("path/odd-points", "Mount points come unescaped (3.4).", SCENARIO_ALL,
	    prepare_odd_points, path_odd_points),
	ROW("path/odd-points-by-id", "By id too (3.4).", SCENARIO_ALL, prepare_odd_points,
	    path_odd_points_by_id),
	ROW("path/odd-roots", "Roots come unescaped (3.4).", SCENARIO_ALL, prepare_odd_roots,
	    path_odd_roots),
	ROW("path/deleted-root", "A deleted root ends in //deleted (3.4).", SCENARIO_ALL,
	    prepare_deleted_root, path_deleted_root),
	ROW("path/renamed-root", "A renamed root has its new name.", SCENARIO_ALL,
	    prepare_renamed_root, path_renamed_root),
	ROW("path/long", "A mount point of nearly a page.", SCENARIO_ALL, prepare_long, path_long),
	ROW("path/file-points", "A file may be a mount point.", SCENARIO_ALL, prepare_file_points,
	    path_file_points),
	ROW("namespace/same", "mnt_ns_id is that of the namespace (3.4).", SCENARIO_ALL,
	    prepare_tree, namespace_same),
	ROW("namespace/changed", "After unshare it is the new one's.", SCENARIO_ALL,
	    prepare_namespace_changed, namespace_changed),
	ROW("permission/own", "A reachable mount of the current namespace (3.5).", SCENARIO_ALL,
	    prepare_tree, permission_own),
	ROW("permission/outside", "Outside the chroot: EPERM without privilege (3.5).",
	    SCENARIO_ALL, prepare_outside, permission_outside),
	ROW("permission/directory-root", "The mount that carries the root's directory (3.5).",
	    SCENARIO_ALL, prepare_directory_root, permission_directory_root),
	ROW("permission/unmounted", "An unmounted mount has no id any more (3.1 step 7).",
	    SCENARIO_ALL, prepare_unmounted_id, permission_unmounted),
	ROW("permission/detached", "A detached mount cannot be named by id (3.5).", SCENARIO_ALL,
	    prepare_detached_id, permission_detached),
	ROW("permission/foreign", "Another namespace's mount without naming it (3.5).",
	    SCENARIO_ALL, prepare_foreign, permission_foreign),
	ROW("permission/foreign-fd", "The fd of a namespace is enough (3.5).", SCENARIO_ALL,
	    prepare_foreign, permission_foreign_fd),
	ROW("permission/user-namespace", "From a new user namespace (3.5).", SCENARIO_ALL,
	    prepare_tree, permission_user_namespace),
	ROW("permission/closed-directory", "Path permissions play no part.", SCENARIO_ALL,
	    prepare_closed_directory, permission_closed_directory),
	ROW("permission/parent-of-root", "The mount below \"/\" (3.5).", SCENARIO_ALL, NULL,
	    permission_parent_of_root),
	ROW("whole/same", "By fd and by id the answers are equal, byte by byte.", SCENARIO_ALL,
	    prepare_propagation, whole_answer),
	ROW("whole/split", "Each bit alone gives the same answer as all together.", SCENARIO_ALL,
	    prepare_propagation, whole_split),
	{ 0 }
};
