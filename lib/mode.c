// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mode.c - MNTCOMPAT_MODE, MNTCOMPAT_KERNEL, MNTCOMPAT_DEBUG, the functions beside them, the last
 * way. Reads the environment once (secure_getenv), sets the kernel version of raw.h and the debug
 * level.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <mntcompat.h>
#include "compat/kernel/debug.h"
#include "compat/kernel/feature.h"
#include "compat/kernel/raw.h"
#include "lib/failure.h"
#include "lib/mode.h"

/* 0 until the environment was read, then 1 + mode: one load decides on the hot path. */
static _Atomic int mode_state;
static pthread_once_t mode_once = PTHREAD_ONCE_INIT;
/*
 * With glibc in the static block, where an access calls nothing: the first one of a thread could
 * allocate memory in a signal handler, and the preload would need glibc's own dynamic linker, which
 * ends a program of another libc. musl lets no object that is opened later have such a variable.
 */
#ifdef __GLIBC__
#define MODE_TLS __attribute__((tls_model("initial-exec")))
#else
#define MODE_TLS
#endif
static __thread enum mntcompat_way mode_way MODE_TLS;

static int parse_mode(const char *word, enum mntcompat_mode *mode)
{
	if (!strcmp(word, "auto"))
		*mode = MNTCOMPAT_MODE_AUTO;
	else if (!strcmp(word, "native"))
		*mode = MNTCOMPAT_MODE_NATIVE;
	else if (!strcmp(word, "emulate"))
		*mode = MNTCOMPAT_MODE_EMULATE;
	else
		return -EINVAL;
	return 0;
}

/*
 * "6.12" or "6.12.117-amd64": major.minor, and any text after them that does not begin with a
 * digit.
 */
static int parse_kernel(const char *release, unsigned int *version)
{
	unsigned int part[2] = { 0, 0 };
	int i;

	for (i = 0; i < 2; i++) {
		int digits = 0;

		for (; *release >= '0' && *release <= '9'; release++) {
			part[i] = part[i] * 10 + (unsigned int)(*release - '0');
			if (++digits > 3)
				return -EINVAL;
		}
		if (!digits)
			return -EINVAL;
		if (i == 0 && *release++ != '.')
			return -EINVAL;
	}
	if (*release && !strchr(".-+", *release))
		return -EINVAL;
	*version = RAW_KERNEL(part[0], part[1]);
	return 0;
}

/* Prints a message for an unknown word, which has no effect: a library must not end its program. */
static void read_environment(void)
{
	const char *word = secure_getenv("MNTCOMPAT_DEBUG");
	enum mntcompat_mode mode = MNTCOMPAT_MODE_AUTO;
	unsigned int version;
	int unset = 0;

	if (word)
		debug_level = *word >= '0' && *word <= '9' ? *word - '0' : 1;
	word = secure_getenv("MNTCOMPAT_MODE");
	if (word && parse_mode(word, &mode))
		debug_print("MNTCOMPAT_MODE=%s: not auto, native or emulate; ignored", word);
	word = secure_getenv("MNTCOMPAT_KERNEL");
	if (word && *word) {
		if (parse_kernel(word, &version))
			debug_print("MNTCOMPAT_KERNEL=%s: not a kernel version; ignored", word);
		else
			raw_set_kernel(version);
	}
	atomic_compare_exchange_strong(&mode_state, &unset, 1 + (int)mode);
}

static void mode_init(void)
{
	int saved = errno;

	pthread_once(&mode_once, read_environment);
	errno = saved;
}

enum mntcompat_mode mode_get(void)
{
	int state = atomic_load_explicit(&mode_state, memory_order_acquire);

	if (__builtin_expect(state == 0, 0)) {
		mode_init();
		state = atomic_load_explicit(&mode_state, memory_order_acquire);
	}
	return (enum mntcompat_mode)(state - 1);
}

void mode_set_way(enum mntcompat_way way)
{
	mode_way = way;
}

int mntcompat_set_mode(enum mntcompat_mode mode)
{
	if ((unsigned int)mode > MNTCOMPAT_MODE_EMULATE)
		return failure(-EINVAL);
	mode_init();
	atomic_store_explicit(&mode_state, 1 + (int)mode, memory_order_release);
	return 0;
}

enum mntcompat_mode mntcompat_get_mode(void)
{
	return mode_get();
}

int mntcompat_set_kernel(const char *release)
{
	unsigned int version = RAW_KERNEL_ANY;

	mode_init();
	if (release && parse_kernel(release, &version))
		return failure(-EINVAL);
	raw_set_kernel(version);
	feature_forget();
	return 0;
}

int mntcompat_get_kernel(unsigned int *major, unsigned int *minor)
{
	unsigned int version;

	mode_init();
	version = raw_get_kernel();
	if (version == RAW_KERNEL_ANY)
		return 0;
	if (major)
		*major = version / 1000;
	if (minor)
		*minor = version % 1000;
	return 1;
}

void mntcompat_set_debug(int level)
{
	mode_init();
	debug_level = level;
}

enum mntcompat_way mntcompat_last_way(void)
{
	return mode_way;
}

const char *mntcompat_way_name(enum mntcompat_way way)
{
	switch (way) {
	case MNTCOMPAT_WAY_NONE:
		return "none";
	case MNTCOMPAT_WAY_NATIVE:
		return "native";
	case MNTCOMPAT_WAY_STATMOUNT_BY_ID:
		return "statmount-by-id";
	case MNTCOMPAT_WAY_MOUNTINFO:
		return "mountinfo";
	case MNTCOMPAT_WAY_FD:
		return "fd";
	case MNTCOMPAT_WAY_OTHER_NAMESPACE:
		return "other-namespace";
	case MNTCOMPAT_WAY_TEMPLATE:
		return "template";
	case MNTCOMPAT_WAY_UNSHARE:
		return "unshare";
	case MNTCOMPAT_WAY_BIND:
		return "bind";
	case MNTCOMPAT_WAY_OLD_ID:
		return "old-id";
	case MNTCOMPAT_WAY_MOUNT_SETATTR:
		return "mount_setattr";
	case MNTCOMPAT_WAY_REMOUNT:
		return "remount";
	case MNTCOMPAT_WAY_SCRATCH:
		return "scratch";
	case MNTCOMPAT_WAY_LISTMOUNT:
		return "listmount";
	case MNTCOMPAT_WAY_INODE:
		return "inode";
	case MNTCOMPAT_WAY_PROCFS:
		return "procfs";
	}
	return "unknown";
}

const char *mntcompat_version(void)
{
	return MNTCOMPAT_VERSION;
}
