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

# MNTCOMPAT_LIBRARY(NAME, PACKAGE, WHAT FOR, PROLOGUE, EXPRESSION): --with-NAME=auto|yes|no. have_NAME is yes, and NAME_CFLAGS
# and NAME_LIBS (upper case) are set, when pkg-config has PACKAGE and EXPRESSION, an int, links with it: pkg-config does not
# know for which C library or word size we build. HAVE_NAME is the condition for the Makefile.
AC_DEFUN([MNTCOMPAT_LIBRARY], [
	AC_ARG_WITH([$1], [AS_HELP_STRING([--without-$1], [$3])], [], [with_$1=auto])
	have_$1=no
	AS_IF([test "x$with_$1" != xno], [
		PKG_CHECK_MODULES(m4_toupper([$1]), [$2], [mntcompat_$1_found=yes], [mntcompat_$1_found=no])
		AS_IF([test "x$mntcompat_$1_found" = xyes], [
			mntcompat_save_CFLAGS=$CFLAGS
			mntcompat_save_LIBS=$LIBS
			CFLAGS="$CFLAGS $m4_toupper([$1])_CFLAGS"
			LIBS="$m4_toupper([$1])_LIBS $LIBS"
			AC_MSG_CHECKING([whether $1 links])
			AC_LINK_IFELSE([AC_LANG_PROGRAM([[$4]], [[return !($5);]])], [have_$1=yes], [have_$1=no])
			AC_MSG_RESULT([$have_$1])
			CFLAGS=$mntcompat_save_CFLAGS
			LIBS=$mntcompat_save_LIBS])
		AS_IF([test "x$have_$1$with_$1" = xnoyes], [AC_MSG_ERROR([$1 was asked for and not found])])
	])
	AM_CONDITIONAL([HAVE_]m4_toupper([$1]), [test "x$have_$1" = xyes])
])
