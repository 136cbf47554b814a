/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * usercopy.h - the caller's memory, read and written the kernel's way: EFAULT instead of a crash.
 * The kernel itself does the copying, through raw.h.
 */
#ifndef MNTCOMPAT_COMPAT_TASK_USERCOPY_H
#define MNTCOMPAT_COMPAT_TASK_USERCOPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * usercopy_from, usercopy_to - copy @len bytes out of or into the caller's memory.
 * Return 0, -EFAULT (bytes before the bad address may have been copied, as in the kernel), or
 * -ENOMEM if the kernel allows neither of the two ways.
 */
int usercopy_from(void *to, const void *user, size_t len);
int usercopy_to(void *user, const void *from, size_t len);

/*
 * In a process with a system call filter both check each page first, by calls that every filter
 * allows, and copy then: process_vm_readv(2) may be what the filter kills for.
 */

/*
 * usercopy_or32, usercopy_set32 - change a word of the caller's that begins at a multiple of 4.
 * This takes about one system call for each bit, each of which costs a third of a copy. 0, -EFAULT,
 * or -ENOSYS where the kernel does not do it.
 */
int usercopy_or32(void *user, uint32_t bits);
int usercopy_set32(void *user, uint32_t value);

/* usercopy_check_zero - -E2BIG unless all @len bytes are zero; else as usercopy_from(). */
int usercopy_check_zero(const void *user, size_t len);

/*
 * usercopy_struct - a struct that grows with the kernel: the first @known bytes of @size (not
 * fewer), the others have to be zero and are checked first.
 */
int usercopy_struct(void *to, size_t known, const void *user, size_t size);

/*
 * usercopy_is_ours - true if [user, user + len) lies in the pages of the stack between this call
 * and @above, a variable of the library's in a frame further up: it may be touched without the
 * kernel's checks, since unmapping those pages ends the thread, whether the range is touched or
 * not. Most programs have their request there. No system call; false means unknown.
 */
bool usercopy_is_ours(const void *user, size_t len, const void *above);

/*
 * usercopy_in_range - the kernel's access_ok(): true if [user, user + len) can be a program's
 * memory. Looks at addresses only, not at what is mapped there.
 */
bool usercopy_in_range(const void *user, size_t len);

#endif
