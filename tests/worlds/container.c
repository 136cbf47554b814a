// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * container.c - three worlds: the filters that container engines put before the system calls of a
 * container, by what they publish of their default profiles. The tables name the calls that a
 * profile refuses of those that mount, make namespaces, look at other processes or are newer; all
 * others pass.
 */
#define _GNU_SOURCE
#include "world.h"
#include "compat/kernel/uapi.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The namespaces that a clone() may make. */
#define NEW_NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)
#define NR_removexattrat UAPI_NR(466) /* the newest call that the profile of Docker names */

/* Docker allows these calls to no container, with or without CAP_SYS_ADMIN. */
#define DOCKER_ALWAYS \
	{ SYS_pivot_root, EPERM, 0 }, { SYS_kcmp, EPERM, 0 }, { SYS_open_by_handle_at, EPERM, 0 }, \
		{ UAPI_NR_pidfd_getfd, EPERM, 0 }, { SYS_userfaultfd, EPERM, 0 }, \
		{ SYS_add_key, EPERM, 0 }, { SYS_keyctl, EPERM, 0 }, \
	/* runc answers so what is newer than the newest call of a profile */ \
	{ \
		WORLD_RULE_NEWER, ENOSYS, NR_removexattrat \
	}

static const struct world_rule docker_admin[] = { DOCKER_ALWAYS };

static const struct world_rule docker[] = {
	{ SYS_mount, EPERM, 0 },
	{ SYS_umount2, EPERM, 0 },
	{ SYS_unshare, EPERM, 0 },
	{ SYS_setns, EPERM, 0 },
	{ SYS_bpf, EPERM, 0 },
	{ UAPI_NR_open_tree, EPERM, 0 },
	{ UAPI_NR_move_mount, EPERM, 0 },
	{ UAPI_NR_fsopen, EPERM, 0 },
	{ UAPI_NR_fsconfig, EPERM, 0 },
	{ UAPI_NR_fsmount, EPERM, 0 },
	{ UAPI_NR_fspick, EPERM, 0 },
	{ UAPI_NR_mount_setattr, EPERM, 0 },
	/* So that the C library takes clone(), whose flags a filter can read. */
	{ UAPI_NR_clone3, ENOSYS, 0 },
	{ SYS_clone, EPERM, NEW_NAMESPACES },
	DOCKER_ALWAYS,
};

/* With CAP_SYS_ADMIN and without CAP_SYS_PTRACE; calls that are not named are ENOSYS. */
static const struct world_rule podman[] = {
	{ SYS_process_vm_readv, EPERM, 0 },
	{ SYS_process_vm_writev, EPERM, 0 },
	{ SYS_ptrace, EPERM, 0 },
	{ SYS_kcmp, EPERM, 0 },
	{ SYS_open_by_handle_at, EPERM, 0 },
	{ SYS_userfaultfd, EPERM, 0 },
	{ SYS_vmsplice, EPERM, 0 },
	{ UAPI_NR_statmount, ENOSYS, 0 },
	{ UAPI_NR_listmount, ENOSYS, 0 },
	{ WORLD_RULE_NEWER, ENOSYS, UAPI_NR_listmount },
};

static void drop_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int i = CAP_TO_INDEX(CAP_SYS_ADMIN);

	if (syscall(SYS_capget, &header, data))
		world_broken("capget: %s", strerror(errno));
	data[i].effective &= ~CAP_TO_MASK(CAP_SYS_ADMIN);
	data[i].permitted &= ~CAP_TO_MASK(CAP_SYS_ADMIN);
	data[i].inheritable &= ~CAP_TO_MASK(CAP_SYS_ADMIN);
	prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0);
	if (syscall(SYS_capset, &header, data))
		world_broken("capset: %s", strerror(errno));
}

static void enter_docker(void)
{
	world_filter(docker, COUNT(docker));
	drop_admin();
}

static void enter_docker_admin(void)
{
	world_filter(docker_admin, COUNT(docker_admin));
}

static void enter_podman(void)
{
	world_filter(podman, COUNT(podman));
}

/* Root without CAP_SYS_ADMIN has outputs of its own, so that only "user" can be compared. */
const struct world world_docker = {
	.name = "docker",
	.doc = "the default filter of Docker and runc, without CAP_SYS_ADMIN",
	.levels = WORLD_USER,
	.enter = enter_docker,
};

const struct world world_docker_admin = {
	.name = "docker-admin",
	.doc = "the default filter of Docker and runc in a container with CAP_SYS_ADMIN",
	.levels = WORLD_ALL,
	.enter = enter_docker_admin,
};

const struct world world_podman = {
	.name = "podman",
	.doc = "the default filter of Podman in a container with CAP_SYS_ADMIN",
	.levels = WORLD_ALL,
	.enter = enter_podman,
};
