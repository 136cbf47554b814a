// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * release.c - an object to be preloaded: uname(2) returns Linux 7.3, so that a program relies on
 * the answers of its calls, as programs do that never look at the release.
 * Changes the kernel's release only. Preloaded by programs.sh.
 */
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

int uname(struct utsname *name)
{
	long ret = syscall(SYS_uname, name);

	if (ret == 0)
		memcpy(name->release, "7.3.0", sizeof("7.3.0"));
	return (int)ret;
}
