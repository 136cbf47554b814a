#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# header.sh - the public header compiles alone and anywhere among the system's own headers, as C99 to C++17, -pedantic.
# May run compilers in a directory of its own; needs no privilege. Called by make check.
srcdir=${srcdir:-$(dirname "$0")/..}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0

# sys/mount.h and linux/mount.h do not get along with each other everywhere, so they are never in one file.
neighbours='fcntl.h sys/mount.h linux/stat.h sys/stat.h
sys/stat.h linux/stat.h sys/mount.h fcntl.h
fcntl.h linux/mount.h linux/stat.h
linux/stat.h linux/mount.h fcntl.h'

# One file for each place that mntcompat.h, or mntcompat-probe.h which includes it, can have in each row, and one with
# nothing else for either.
write_files()	# SUFFIX
{
	{ echo; echo; printf '%s\n' "$neighbours"; } | awk -v dir="$work" -v suffix="$1" '
		{
			for (place = 1; place <= NF + 1; place++) {
				file = dir "/order" NR "-" place "." suffix
				for (i = 1; i <= NF + 1; i++) {
					if (i == place)
						print (NR % 2 ? "#include <mntcompat.h>" : "#include <mntcompat-probe.h>") > file
					if (i <= NF)
						print "#include <" $i ">" > file
				}
				print "int main(void) { return (int)mntcompat_last_way(); }" > file
				close(file)
			}
		}'
}

try()	# COMPILER SUFFIX FLAGS...
{
	compiler=$1 suffix=$2
	shift 2
	command -v "$compiler" >/dev/null || return 0
	if ! "$compiler" "$@" -pedantic -Wall -Wextra -Werror -I"$srcdir/include" -fsyntax-only "$work"/*."$suffix"; then
		echo "failed: $compiler $*"
		failed=1
	fi
	tried="$tried $compiler $1,"
}

write_files c
write_files cc
tried=
for compiler in gcc clang; do
	try $compiler c -std=c99
	try $compiler c -std=c11
	try $compiler c -std=gnu11 -D_GNU_SOURCE
	try $compiler c -std=c17 -D_FILE_OFFSET_BITS=64
done
for compiler in g++ clang++; do
	try $compiler cc -std=c++98
	try $compiler cc -std=c++11
	try $compiler cc -std=c++17
done
[ $failed = 0 ] || grep . "$work"/order*.c
echo "tried:$tried"
[ -n "$tried" ] || exit 77
exit $failed
