// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * function.c - interposes the functions of libc that make the system calls of
 * compat/kernel/calls.def, or return mount ids. It defines only names that a libc has (glibc to
 * 2.44, musl to 1.2.6), or the next glibc has (statmount, listmount): another name could be a
 * function of the program.
 */
#include <stddef.h>
#include <sys/types.h>

#include <mntcompat.h>
#include "compat/statmount/cursor.h"
#include "lib/unchanged.h"
#include "preload/next.h"
#include "preload/ours.h"

/* The C names differ, because libc's headers may declare the functions with other types. */
#define STAND_BEFORE(name) __asm__(#name) __attribute__((visibility("default")))

int preload_ioctl(int fd, unsigned long request, void *arg) STAND_BEFORE(ioctl);
int preload_statx(int dfd, const char *path, int flags, unsigned int mask, void *buf)
	STAND_BEFORE(statx);
int preload_name_to_handle_at(int dfd, const char *path, struct file_handle *handle, int *mount_id,
			      int flags) STAND_BEFORE(name_to_handle_at);
int preload_unshare(int flags) STAND_BEFORE(unshare);
int preload_setns(int fd, int type) STAND_BEFORE(setns);
int preload_chroot(const char *path) STAND_BEFORE(chroot);
int preload_pivot_root(const char *new_root, const char *put_old) STAND_BEFORE(pivot_root);
int preload_umount(const char *path) STAND_BEFORE(umount);
int preload_umount2(const char *path, int flags) STAND_BEFORE(umount2);
int preload_open_tree(int dfd, const char *path, unsigned int flags) STAND_BEFORE(open_tree);
int preload_fsmount(int fd, unsigned int flags, unsigned int attrs) STAND_BEFORE(fsmount);
int preload_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
		       unsigned int flags) STAND_BEFORE(move_mount);
int preload_mount_setattr(int dfd, const char *path, unsigned int flags, void *attr, size_t size)
	STAND_BEFORE(mount_setattr);
long preload_statmount(long a, long b, long c, long d, long e, long f, long g)
	STAND_BEFORE(statmount);
long preload_listmount(long a, long b, long c, long d, long e, long f, long g)
	STAND_BEFORE(listmount);

#define KERNEL(nr, a, b, c, d, e) \
	((int)preload_kernel(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0))

bool ours_ioctl(int fd, unsigned long request, void *arg, int *ret)
{
	switch (uapi_nsfs_request((uint32_t)request)) {
#define REQUEST(name, request, ...) \
	case (uint32_t)request: \
		*ret = mntcompat_##name(fd, arg); \
		return true;
#include "compat/kernel/calls.def"
	}
	return false;
}

typedef int ioctl_function(int fd, unsigned long request, ...);

static inline int ioctl_pass(ioctl_function *next, int fd, unsigned long request, void *arg)
{
	return next ? PRELOAD_CALL_3(next(fd, request, arg)) :
		      KERNEL(SYS_ioctl, fd, request, arg, 0, 0);
}

/* Not inlined, so that other ioctls need no stack frame. */
static __attribute__((noinline)) int ioctl_perhaps_ours(ioctl_function *next, int fd,
							unsigned long request, void *arg)
{
	int ret;

	return ours_ioctl(fd, request, arg, &ret) ? ret : ioctl_pass(next, fd, request, arg);
}

int preload_ioctl(int fd, unsigned long request, void *arg)
{
	if (__builtin_expect(ours_is_ioctl(request), 0))
		return ioctl_perhaps_ours(PRELOAD_NEXT(ioctl), fd, request, arg);
	return ioctl_pass(PRELOAD_NEXT(ioctl), fd, request, arg);
}

#if defined(__GLIBC__) && __SIZEOF_LONG__ == 4
/* The ioctl() of programs with _TIME_BITS=64 (glibc 2.34). */
int preload_ioctl_time64(int fd, unsigned long request, void *arg) STAND_BEFORE(__ioctl_time64);

int preload_ioctl_time64(int fd, unsigned long request, void *arg)
{
	if (__builtin_expect(ours_is_ioctl(request), 0))
		return ioctl_perhaps_ours(PRELOAD_NEXT(ioctl_time64), fd, request, arg);
	return ioctl_pass(PRELOAD_NEXT(ioctl_time64), fd, request, arg);
}
#endif

int preload_statx(int dfd, const char *path, int flags, unsigned int mask, void *buf)
{
	int (*next)(int, const char *, int, unsigned int, void *) = PRELOAD_NEXT(statx);

	if (__builtin_expect(ours_is_statx(mask), 0))
		return mntcompat_statx(dfd, path, flags, mask, buf);
	/* Without statx(2) libc's own function uses fstatat(). */
	return next ? next(dfd, path, flags, mask, buf) :
		      KERNEL(SYS_statx, dfd, path, flags, mask, buf);
}

int preload_name_to_handle_at(int dfd, const char *path, struct file_handle *handle, int *mount_id,
			      int flags)
{
	int (*next)(int, const char *, struct file_handle *, int *, int) =
		PRELOAD_NEXT(name_to_handle_at);

	if (ours_is_name_to_handle_at((unsigned long)flags))
		return mntcompat_name_to_handle_at(
			dfd, path, (struct mntcompat_file_handle *)handle, mount_id, flags);
	return next ? next(dfd, path, handle, mount_id, flags) :
		      KERNEL(SYS_name_to_handle_at, dfd, path, handle, mount_id, flags);
}

int preload_unshare(int flags)
{
	int (*next)(int) = PRELOAD_NEXT(unshare);

	cursor_drop();
	if (ours_is_unshare((unsigned int)flags))
		return mntcompat_unshare((unsigned int)flags);
	return next ? next(flags) : KERNEL(SYS_unshare, flags, 0, 0, 0, 0);
}

/*
 * The library may keep files open that hold the namespace and the root directory of the thread
 * (compat/statmount/cursor.h); a program that leaves them, or unmounts what was its root, must not
 * find them busy.
 */
int preload_setns(int fd, int type)
{
	int (*next)(int, int) = PRELOAD_NEXT(setns);

	cursor_drop();
	return next ? next(fd, type) : KERNEL(SYS_setns, fd, type, 0, 0, 0);
}

int preload_chroot(const char *path)
{
	int (*next)(const char *) = PRELOAD_NEXT(chroot);

	cursor_drop();
	return next ? next(path) : KERNEL(SYS_chroot, path, 0, 0, 0, 0);
}

int preload_pivot_root(const char *new_root, const char *put_old)
{
	int (*next)(const char *, const char *) = PRELOAD_NEXT(pivot_root);

	cursor_drop();
	return next ? next(new_root, put_old) : KERNEL(SYS_pivot_root, new_root, put_old, 0, 0, 0);
}

int preload_umount(const char *path)
{
	int (*next)(const char *) = PRELOAD_NEXT(umount);

	cursor_drop();
	return next ? next(path) : KERNEL(SYS_umount2, path, 0, 0, 0, 0);
}

int preload_umount2(const char *path, int flags)
{
	int (*next)(const char *, int) = PRELOAD_NEXT(umount2);

	cursor_drop();
	return next ? next(path, flags) : KERNEL(SYS_umount2, path, flags, 0, 0, 0);
}

int preload_open_tree(int dfd, const char *path, unsigned int flags)
{
	int (*next)(int, const char *, unsigned int) = PRELOAD_NEXT(open_tree);

	if (ours_is_open_tree(flags))
		return mntcompat_open_tree(dfd, path, flags);
	return next ? next(dfd, path, flags) : KERNEL(UAPI_NR_open_tree, dfd, path, flags, 0, 0);
}

int preload_fsmount(int fd, unsigned int flags, unsigned int attrs)
{
	int (*next)(int, unsigned int, unsigned int) = PRELOAD_NEXT(fsmount);

	if (ours_is_fsmount(flags))
		return mntcompat_fsmount(fd, flags, attrs);
	return next ? next(fd, flags, attrs) : KERNEL(UAPI_NR_fsmount, fd, flags, attrs, 0, 0);
}

int preload_move_mount(int from_dfd, const char *from, int to_dfd, const char *to,
		       unsigned int flags)
{
	return mntcompat_move_mount(from_dfd, from, to_dfd, to, flags);
}

int preload_mount_setattr(int dfd, const char *path, unsigned int flags, void *attr, size_t size)
{
	return unchanged_mount_setattr(dfd, path, flags, attr, size);
}

/* Another function of this name may take any arguments: seven words in the same places. */
long preload_statmount(long a, long b, long c, long d, long e, long f, long g)
{
	long (*next)(long, long, long, long, long, long, long) = PRELOAD_NEXT(statmount);

	if (next)
		return PRELOAD_CALL_7(next(a, b, c, d, e, f, g));
	return mntcompat_statmount((const struct mntcompat_mnt_id_req *)a,
				   (struct mntcompat_statmount *)b, (size_t)c, (unsigned int)d);
}

long preload_listmount(long a, long b, long c, long d, long e, long f, long g)
{
	long (*next)(long, long, long, long, long, long, long) = PRELOAD_NEXT(listmount);

	if (next)
		return PRELOAD_CALL_7(next(a, b, c, d, e, f, g));
	return mntcompat_listmount((const struct mntcompat_mnt_id_req *)a, (uint64_t *)b, (size_t)c,
				   (unsigned int)d);
}
