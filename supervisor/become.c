// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * become.c - takes on a target that was read before, in an order in which no step gives the process
 * more than the target has while another process could use it: it is never dumpable, and keeps the
 * supervisor's capabilities until the end. At the end it reads its own status and compares.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compat/kernel/uapi.h"
#include "supervisor/become.h"
#include "supervisor/confine.h"
#include "supervisor/kernel.h"

#define MEMORY_LEAST ((rlim_t)64 << 20) /* of one call, in bytes, */
#define MEMORY_PART 32			/* or this part of the machine's */
/* No rights for uid 0, none by raising ambient ones; all of it for good. */
#define SECURE_BITS 0xefu /* all bits but SECBIT_KEEP_CAPS, each with its lock */

/* commit_creds() resets dumpable when ids change, depending on fs.suid_dumpable. */
static int hide(void)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : 0;
}

/* --- ids --- */

static bool same_groups(const struct target_status *a, const struct target_status *b)
{
	return a->groups == b->groups &&
	       !memcmp(a->group, b->group, a->groups * sizeof(a->group[0]));
}

static bool same_ids(const struct target_status *a, const struct target_status *b)
{
	return !memcmp(a->uid, b->uid, sizeof(a->uid)) && !memcmp(a->gid, b->gid, sizeof(a->gid)) &&
	       same_groups(a, b);
}

static int set_ids(const unsigned int *uid, const unsigned int *gid, const gid_t *group,
		   size_t groups, bool with_groups)
{
	if (with_groups && setgroups(groups, group) < 0)
		return -errno;
	if (setresgid(gid[0], gid[1], gid[2]) < 0)
		return -errno;
	/* These follow the effective ones unless they are set. */
	if (gid[3] != gid[1])
		setfsgid(gid[3]);
	if (hide() < 0 || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
	    setresuid(uid[0], uid[1], uid[2]) < 0)
		return -errno;
	if (uid[3] != uid[1])
		setfsuid(uid[3]);
	return hide();
}

/* The capabilities that leaving uid 0 has taken out of the effective set. */
static int raise_all(void)
{
	uint64_t permitted;
	int ret = kernel_permitted(&permitted);

	return ret < 0 ? ret : kernel_capset(permitted, permitted, 0);
}

/*
 * The kernel shows an id without a number in the supervisor's user namespace as the overflow id.
 * Such an id can be kept, but not taken on; and not even kept where the overflow id is also the
 * number of a user, so that the two look alike.
 */
static bool is_unknown(unsigned int wanted, unsigned int have, unsigned int overflow,
		       bool ambiguous)
{
	return wanted == overflow && (ambiguous || have != overflow);
}

static bool wants_unknown_id(const struct target_status *wanted, const struct target_own *own)
{
	const struct target_status *have = &own->status;
	bool keeps = same_groups(wanted, have);
	size_t i;

	for (i = 0; i < 4; i++) {
		if (is_unknown(wanted->uid[i], have->uid[i], own->overflow_uid,
			       own->ambiguous_uid) ||
		    is_unknown(wanted->gid[i], have->gid[i], own->overflow_gid, own->ambiguous_gid))
			return true;
	}
	for (i = 0; i < wanted->groups; i++) {
		if (wanted->group[i] == own->overflow_gid && (own->ambiguous_gid || !keeps))
			return true;
	}
	return false;
}

/* In the supervisor's user namespace. 1: not allowed here. */
static int set_ids_outside(const struct target_status *wanted, const struct target_own *own)
{
	const struct target_status *have = &own->status;
	int ret;

	if (!own->has_all_ids && wants_unknown_id(wanted, own))
		return -EACCES;
	if (same_ids(wanted, have))
		return 0;
	ret = set_ids(wanted->uid, wanted->gid, wanted->group, wanted->groups,
		      !same_groups(wanted, have));
	if (ret == 0)
		ret = raise_all();
	return ret == -EPERM ? 1 : ret;
}

static bool map_id(const struct target_id_map *map, uint32_t outer, uint32_t *inner)
{
	size_t i;

	for (i = 0; i < map->ranges; i++) {
		if (outer >= map->range[i].outer &&
		    outer - map->range[i].outer < map->range[i].count) {
			*inner = map->range[i].inner + (outer - map->range[i].outer);
			return true;
		}
	}
	return false;
}

/* In the target's user namespace, whose numbers are others. */
static int set_ids_inside(const struct target *target, const struct target_status *have)
{
	const struct target_status *wanted = &target->status;
	bool with_groups = !same_groups(wanted, have);
	unsigned int uid[4], gid[4];
	gid_t group[TARGET_GROUPS];
	size_t i;

	for (i = 0; i < 4; i++) {
		if (!map_id(&target->uids, wanted->uid[i], &uid[i]) ||
		    !map_id(&target->gids, wanted->gid[i], &gid[i]))
			return -EPERM;
	}
	for (i = 0; with_groups && i < wanted->groups; i++) {
		if (!target->can_set_groups || !map_id(&target->gids, wanted->group[i], &group[i]))
			return -EPERM;
	}
	return set_ids(uid, gid, group, wanted->groups, with_groups);
}

/* --- namespaces and root --- */

static const int kinds[TARGET_NAMESPACES] = {
	[TARGET_MNT] = CLONE_NEWNS,	   [TARGET_PID] = CLONE_NEWPID,
	[TARGET_NET] = CLONE_NEWNET,	   [TARGET_IPC] = CLONE_NEWIPC,
	[TARGET_UTS] = CLONE_NEWUTS,	   [TARGET_CGROUP] = CLONE_NEWCGROUP,
	[TARGET_TIME] = MNTCOMPAT_TIME_NS,
};

struct journey {
	const struct target *target;
	bool entered[TARGET_NAMESPACES], root;
};

/*
 * A root directory that this process has already is not entered: its file server would be asked. To
 * chroot(2) needs a capability that a plain user does not have, who needs no chroot either: then
 * the target's root has to be this process' own. Inode numbers prove nothing, since a file server
 * chooses them; neither does the link of a descriptor, which is "/" for the root of every mount
 * namespace, and for all that is mounted over it.
 */
static int enter_root(const struct target *target)
{
	int here;

	if (kernel_root_is(&target->root_place))
		return 0;
	if (fchdir(target->root) < 0)
		return -errno;
	if (chroot(".") == 0)
		return 0;
	here = errno;
	return kernel_is_at_root(&target->root_place) ? 0 : -here;
}

/*
 * Enter all that the current rights reach. The root directory may be closed to the target itself,
 * which is in it nevertheless: so the rights of the supervisor come first. The working directory is
 * not entered: its file server would be asked, which the target's call does not do. Paths begin at
 * a descriptor of it.
 */
static void enter_what_can_be(struct journey *journey)
{
	const struct target *target = journey->target;
	int i;

	for (i = 0; i < TARGET_NAMESPACES; i++) {
		if (!journey->entered[i])
			journey->entered[i] = target->namespaces[i] < 0 ||
					      setns(target->namespaces[i], kinds[i]) == 0;
	}
	if (!journey->root && journey->entered[TARGET_MNT])
		journey->root = enter_root(target) == 0;
}

static bool is_there(const struct journey *journey)
{
	int i;

	for (i = 0; i < TARGET_NAMESPACES; i++) {
		if (!journey->entered[i])
			return false;
	}
	return journey->root;
}

/* The user namespaces between give rights over objects made in them; enter them only if needed. */
static int enter_namespaces(const struct target *target)
{
	struct journey journey = { .target = target };
	int i;

	enter_what_can_be(&journey);
	for (i = 0; i < target->users; i++) {
		if (i < target->users - 1 && is_there(&journey))
			continue;
		if (setns(target->user[i], CLONE_NEWUSER) < 0)
			return -errno;
		if (hide() < 0)
			return -EPERM;
		enter_what_can_be(&journey);
	}
	return is_there(&journey) ? 0 : -EPERM;
}

/* --- capabilities and limits --- */

static int drop_bounding(const struct target *target, const struct target_own *own)
{
	uint64_t extra = own->capabilities & ~target->status.bounding;
	int i;

	for (i = 0; i < 64; i++) {
		if (extra >> i & 1 && prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1 &&
		    prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
			return -errno;
	}
	return 0;
}

static int set_capabilities(const struct target *target, const struct target_own *own)
{
	int ret = drop_bounding(target, own);

	if (ret < 0)
		return ret;
	/* Without CAP_SETPCAP there is nothing for these bits to restrict. */
	prctl(PR_SET_SECUREBITS, SECURE_BITS, 0, 0, 0);
	if (prctl(UAPI_PR_CAP_AMBIENT, UAPI_PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 || hide() < 0)
		return -errno;
	ret = kernel_capset(target->status.effective, target->status.permitted, 0);
	if (ret == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		ret = -errno;
	return ret;
}

/*
 * The emulation of a call holds the text of whole mount tables, which their owners can make long:
 * a small part of the machine's memory is room for all that is not made for this purpose.
 */
static void limit_memory(void)
{
	struct sysinfo info;
	struct rlimit limit;
	rlim_t most = MEMORY_LEAST;

	if (CONFINE_SANITIZED || sysinfo(&info) < 0 || getrlimit(RLIMIT_DATA, &limit) < 0)
		return;
	if ((rlim_t)info.totalram * info.mem_unit / MEMORY_PART > most)
		most = (rlim_t)info.totalram * info.mem_unit / MEMORY_PART;
	if (limit.rlim_cur <= most)
		return;
	limit.rlim_cur = most;
	setrlimit(RLIMIT_DATA, &limit);
}

/* No more than the target may have, and no more than the supervisor has. */
static void take_on_limits(const struct target *target)
{
	const struct rlimit none = { 0, 0 };
	int i;

	for (i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit;

		if (!(target->limits_known & 1u << i) || i == RLIMIT_NOFILE ||
		    getrlimit((unsigned int)i, &limit) < 0)
			continue;
		if (target->limits[i].rlim_max < limit.rlim_max)
			limit.rlim_max = target->limits[i].rlim_max;
		if (target->limits[i].rlim_cur < limit.rlim_cur)
			limit.rlim_cur = target->limits[i].rlim_cur;
		setrlimit((unsigned int)i, &limit);
	}
	setrlimit(RLIMIT_CORE, &none);
	limit_memory();
}

static bool is_subset(uint64_t a, uint64_t b)
{
	return !(a & ~b);
}

/* Equal in everything that the kernel checks, and not more in everything else. */
static bool is_right(const struct target_status *have, const struct target_status *wanted)
{
	return same_ids(have, wanted) && have->effective == wanted->effective &&
	       have->permitted == wanted->permitted && !have->inheritable && !have->ambient &&
	       is_subset(have->bounding, wanted->bounding);
}

/* A process that has set its children's pid namespace is not in it itself. */
static int enter_pid_namespace(void)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ? -errno : 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

int become(const struct target *target, const struct target_own *own)
{
	/* Opened here, so that its numbers stay those of the supervisor's user namespace. */
	int self = openat(own->proc, "self/status", O_RDONLY | O_CLOEXEC), outside, ret;
	struct target_status status;

	if (self < 0)
		return -errno;
	/*
	 * Ids of namespaces depend on the processor that makes them (6.18), and their order counts.
	 */
	if (target->has_processors)
		sched_setaffinity(0, sizeof(target->processors), &target->processors);
	/* A refusal means more than this process has, or a class that needs a reservation. */
	if (target->has_scheduling && kernel_schedule(&target->scheduling) < 0)
		kernel_schedule(&(struct kernel_scheduling){ .size = sizeof(target->scheduling),
							     .nice = target->scheduling.nice });
	take_on_limits(target);
	umask(target->status.umask);
	ret = hide();
	outside = ret < 0 ? ret : set_ids_outside(&target->status, own);
	if (outside < 0)
		return outside;
	ret = enter_namespaces(target);
	if (ret == 0 && outside)
		ret = set_ids_inside(target, &own->status);
	if (ret == 0)
		ret = set_capabilities(target, own);
	if (ret == 0)
		ret = target_read_status(&status, self);
	close(self);
	if (ret == 0 && !is_right(&status, &target->status))
		ret = -EPERM;
	/* The change of credentials has cleared it. */
	if (ret == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		ret = -errno;
	if (ret == 0 && target->namespaces[TARGET_PID] >= 0)
		ret = enter_pid_namespace();
	return ret;
}
