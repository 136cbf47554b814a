# SPDX-License-Identifier: LGPL-2.1-or-later
# MNTCOMPAT_CFLAG(FLAG): append FLAG to WARN_CFLAGS if the compiler takes it.
AC_DEFUN([MNTCOMPAT_CFLAG], [
	AC_MSG_CHECKING([whether $CC takes $1])
	mntcompat_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $1"
	AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
		[AC_MSG_RESULT([yes])
		 WARN_CFLAGS="$WARN_CFLAGS $1"],
		[AC_MSG_RESULT([no])])
	CFLAGS=$mntcompat_save_CFLAGS
])
