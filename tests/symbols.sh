#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# symbols.sh - each shared library exports exactly the functions of its public header; the core library needs libc only; the
# report library has a note of the library that it opens.
# May read the built libraries; needs no privilege. Called by make check in the build directory.
srcdir=${srcdir:-$(dirname "$0")/..}
command -v readelf >/dev/null || { echo "no readelf"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# check NAME HEADER NEEDED: what a library exports, and what it may need besides libc (a pattern)
check()
{
	library=.libs/$1.so.0
	[ -e $library ] || { echo "no shared library was built"; exit 77; }
	sed -n 's/.*[ *]\(mntcompat_[a-z0-9_]*\)(.*[,;]\{0,1\}$/\1/p' "$srcdir/include/$2" | grep -v '^ \*' | sort -u >"$work/header"
	readelf --wide --dyn-syms $library |
		awk '$7 != "UND" && $5 != "LOCAL" && $4 == "FUNC" { sub(/@.*/, "", $8); print $8 }' | sort -u >"$work/library"
	readelf --wide --dyn-syms $library |
		awk '$7 != "UND" && $4 == "OBJECT" && $8 !~ /^MNTCOMPAT_/ { print $8 }' >"$work/data"
	[ -s "$work/header" ] || { echo "found no function in $2"; exit 1; }
	diff -u "$work/header" "$work/library" || { echo "$2 and the library differ"; exit 1; }
	[ ! -s "$work/data" ] || { echo "exported data:"; cat "$work/data"; exit 1; }

	needed=$(readelf --wide --dynamic $library | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
		grep -v -e '^libc\.' -e '^ld-linux' -e '^libasan' -e '^libubsan' -e '^libtsan' -e "^$3\.so")
	[ -z "$needed" ] || { echo "$1 needs more than it may: $needed"; exit 1; }
	echo "$1: $(wc -l <"$work/library") functions, all of the header"
}

check libmntcompat mntcompat.h 'nothing'
check libmntcompat-probe mntcompat-probe.h '\(libmntcompat\|libdl\|liburing\)'

# The tool has a library of its own in it, with the mode and the level, and the report library has to call that one.
if [ -e .libs/mntcompat ]; then
	readelf --wide --dyn-syms .libs/libmntcompat-probe.so.0 | awk '$7 == "UND" && $8 ~ /^mntcompat_/ { sub(/@.*/, "", $8); print $8 }' |
		sort -u >"$work/called"
	readelf --wide --dyn-syms .libs/mntcompat | awk '$7 != "UND" && $8 ~ /^mntcompat_/ { print $8 }' | sort -u >"$work/own"
	[ -s "$work/called" ] || { echo "libmntcompat-probe calls no function of the library"; exit 1; }
	elsewhere=$(comm -23 "$work/called" "$work/own")
	[ -z "$elsewhere" ] || { echo "in the tool, libmntcompat-probe would call another library: $elsewhere"; exit 1; }
	echo "mntcompat: has the $(wc -l <"$work/called") functions that libmntcompat-probe calls"
fi

# libkmod is opened when a report needs it: no NEEDED, but a note for those who make packages.
if grep -q '^Requires.private:.*libkmod' probe/libmntcompat-probe.pc; then
	library=.libs/libmntcompat-probe.so.0
	readelf --wide --sections $library | grep -q '\.note\.dlopen *NOTE ' || { echo "libmntcompat-probe has no .note.dlopen"; exit 1; }
	readelf --wide --notes $library | grep -Eqi 'FDO .*(0x407c0c0a|dlopen)' || { echo "no owner or type in .note.dlopen"; exit 1; }
	note=$(readelf --wide --string-dump=.note.dlopen $library | sed -n 's/^ *\[ *[0-9a-f]*\]  *\(\[{.*}\]\).*/\1/p')
	named=$(printf '%s\n' "$note" | sed -n 's/.*"soname":\["\([^"]*\)"\].*/\1/p')
	[ -n "$named" ] || { echo "no soname in .note.dlopen: $note"; exit 1; }
	if command -v python3 >/dev/null; then
		printf '%s\n' "$note" | python3 -c 'import json, sys; json.load(sys.stdin)' || { echo "not JSON: $note"; exit 1; }
	fi
	installed=$(${CC:-cc} -print-file-name=libkmod.so 2>/dev/null)
	if [ -e "$installed" ]; then
		soname=$(readelf --wide --dynamic "$installed" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
		[ "$soname" = "$named" ] || { echo "libkmod is $soname, and the note has $named"; exit 1; }
	fi
	echo "libmntcompat-probe: opens $named"
fi
