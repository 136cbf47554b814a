// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * next.c - finds the functions that come after those of the preload, once and before main(), with
 * the dynamic linker. The library's own system calls bypass them: in the preload, syscall() of
 * compat/kernel/raw.c is preload_kernel() (the linker's --wrap).
 */
#include <dlfcn.h>
#include <errno.h>

#include <mntcompat.h>
#include "compat/statmount/cursor.h"
#include "preload/kernel.h"
#include "preload/next.h"

struct preload_next preload_next;

long preload_kernel(long nr, long a, long b, long c, long d, long e, long f)
{
	long ret = kernel_call(nr, a, b, c, d, e, f);

	if ((unsigned long)ret >= -4095ul) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}

#define FIND(name, symbol) \
	__atomic_store_n((void **)&preload_next.name, dlsym(RTLD_NEXT, symbol), __ATOMIC_RELAXED)

/*
 * A function with a name that old libcs do not have may be one of a library of the program's, and
 * is left to it: libc's are those in the object that also has getpid().
 */
static void *not_of_libc(const char *symbol)
{
	void *found = dlsym(RTLD_NEXT, symbol);
	Dl_info object, libc;

	if (found && dladdr(found, &object) && dladdr(dlsym(RTLD_DEFAULT, "getpid"), &libc) &&
	    object.dli_fbase == libc.dli_fbase)
		return NULL;
	return found;
}

#define FIND_OTHER(name) \
	__atomic_store_n((void **)&preload_next.name, not_of_libc(#name), __ATOMIC_RELAXED)

/*
 * A child of fork(2) must not keep files that it does not know. pthread_atfork() is a function of
 * each program in glibc, which calls __register_atfork(), and a function of libc in musl.
 */
static void keep_cursors(void)
{
	int (*glibc)(void (*)(void), void (*)(void), void (*)(void), void *);
	int (*musl)(void (*)(void), void (*)(void), void (*)(void));
	int ret = -1;

	*(void **)&glibc = dlsym(RTLD_NEXT, "__register_atfork");
	*(void **)&musl = dlsym(RTLD_NEXT, "pthread_atfork");
	if (glibc)
		ret = glibc(NULL, NULL, cursor_forget, NULL);
	else if (musl)
		ret = musl(NULL, NULL, cursor_forget);
	if (ret == 0)
		cursor_allow();
}

static __attribute__((constructor)) void preload_start(void)
{
	int saved = errno;

	FIND(syscall, "syscall");
	FIND(ioctl, "ioctl");
	FIND(ioctl_time64, "__ioctl_time64");
	FIND(statx, "statx");
	FIND(name_to_handle_at, "name_to_handle_at");
	FIND(unshare, "unshare");
	FIND(setns, "setns");
	FIND(chroot, "chroot");
	FIND(pivot_root, "pivot_root");
	FIND(umount, "umount");
	FIND(umount2, "umount2");
	FIND(open_tree, "open_tree");
	FIND(fsmount, "fsmount");
	FIND_OTHER(statmount);
	FIND_OTHER(listmount);
#if defined(__GLIBC__) && __SIZEOF_LONG__ == 4
	/* Another libc's struct stat differs from ours: leave its programs alone. */
	if (!dlsym(RTLD_DEFAULT, "gnu_get_libc_version"))
		mntcompat_set_mode(MNTCOMPAT_MODE_NATIVE);
#endif
	/* The program must not find our missing symbols in its dlerror(). */
	dlerror();
	/* Reads the environment, which a signal handler could not. */
	mntcompat_get_mode();
	keep_cursors();
	errno = saved;
}
