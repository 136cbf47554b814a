#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# header.sh - the public header compiles alone, first and last, next to the system's own mount headers, as C99 to C++17.
# May run compilers in a directory of its own; needs no privilege. Called by make check.
srcdir=${srcdir:-$(dirname "$0")/..}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0

orders='#include <mntcompat.h>
#include <mntcompat.h>|#include <fcntl.h>
#include <sys/mount.h>
#include <mntcompat.h>|#include <mntcompat.h>
#include <sys/mount.h>
#include <fcntl.h>|#include <linux/mount.h>
#include <mntcompat.h>|#include <mntcompat.h>
#include <linux/mount.h>'

try()	# COMPILER SUFFIX FLAGS...
{
	compiler=$1 suffix=$2
	shift 2
	command -v "$compiler" >/dev/null || return 0
	printf '%s\n' "$orders" | awk -v RS='|' -v dir="$work" -v suffix="$suffix" '
		{ file = dir "/order" NR "." suffix
		  print $0 "\nint main(void) { return (int)mntcompat_last_way(); }" > file; close(file) }'
	for file in "$work"/order*."$suffix"; do
		if ! "$compiler" "$@" -Wall -Wextra -Werror -I"$srcdir/include" -fsyntax-only "$file"; then
			echo "failed: $compiler $* with:"
			cat "$file"
			failed=1
		fi
	done
	tried="$tried $compiler $1,"
}

tried=
for compiler in gcc clang; do
	try $compiler c -std=c99 -pedantic
	try $compiler c -std=gnu11 -pedantic
	try $compiler c -std=c17 -pedantic -D_FILE_OFFSET_BITS=64
done
for compiler in g++ clang++; do
	try $compiler cc -std=c++11
	try $compiler cc -std=c++17
done
echo "tried:$tried"
[ -n "$tried" ] || exit 77
exit $failed
