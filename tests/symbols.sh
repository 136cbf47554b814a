#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# symbols.sh - the shared library exports exactly the functions of the public header, and needs libc only.
# May read the built library; needs no privilege. Called by make check in the build directory.
srcdir=${srcdir:-$(dirname "$0")/..}
library=.libs/libmntcompat.so.0
[ -e $library ] || { echo "no shared library was built"; exit 77; }
command -v readelf >/dev/null || { echo "no readelf"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

sed -n 's/.*[ *]\(mntcompat_[a-z0-9_]*\)(.*[,;]$/\1/p' "$srcdir/include/mntcompat.h" | grep -v '^ \*' | sort -u >"$work/header"
readelf --wide --dyn-syms $library |
	awk '$7 != "UND" && $5 != "LOCAL" && $4 == "FUNC" { sub(/@.*/, "", $8); print $8 }' | sort -u >"$work/library"
readelf --wide --dyn-syms $library | awk '$7 != "UND" && $4 == "OBJECT" && $8 !~ /^MNTCOMPAT_/ { print $8 }' >"$work/data"
[ -s "$work/header" ] || { echo "found no function in the header"; exit 1; }
diff -u "$work/header" "$work/library" || { echo "the header and the library differ"; exit 1; }
[ ! -s "$work/data" ] || { echo "exported data:"; cat "$work/data"; exit 1; }

needed=$(readelf --wide --dynamic $library | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
	grep -v -e '^libc\.' -e '^ld-linux' -e '^libasan' -e '^libubsan' -e '^libtsan')
[ -z "$needed" ] || { echo "needs more than libc: $needed"; exit 1; }
echo "$(wc -l <"$work/library") functions, all of the header"
