#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# preload.sh - libmntcompat-preload.so: exports what stands before libc and nothing else, needs libc only, calls nothing
# of what it exports; and a program runs with it as it does without.
# May read the built library and make namespaces, if it is root. Called by make check in the build directory.
preload=$PWD/.libs/libmntcompat-preload.so
counter=$PWD/tests/preload/.libs/counter.so
program=tests/preload/test-preload
[ -e "$preload" ] || { echo "no preload was built"; exit 77; }
command -v readelf >/dev/null || { echo "no readelf"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "$*"; failed=1; }

readelf --wide --dyn-syms "$preload" | awk '$4 == "FUNC" && $7 != "UND" { print $8 }' | sort >"$work/exported"
readelf --wide --dyn-syms "$preload" | awk '$7 == "UND" && $8 { sub(/@.*/, "", $8); print $8 }' | sort -u >"$work/undefined"
cat >"$work/expected" <<EOF2
fsmount
ioctl
mount_setattr
move_mount
name_to_handle_at
open_tree
statx
syscall
unshare
EOF2
grep -v '^__ioctl_time64$' "$work/exported" | diff -u "$work/expected" - || fail "exports something else"
readelf --wide --dyn-syms "$preload" | awk '$4 == "OBJECT" && $7 != "UND"' | grep . && fail "exports data"
comm -12 "$work/exported" "$work/undefined" | grep . && fail "calls what stands before libc"
readelf --wide --dynamic "$preload" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
	grep -v -e '^libc\.' -e '^ld-linux' -e '^libdl\.' -e '^ld64\.' -e '^ld\.so' | grep . && fail "needs more than libc"
readelf --wide --dynamic "$preload" | grep -q TEXTREL && fail "has text relocations"
readelf --wide --dynamic "$preload" | grep -q BIND_NOW || fail "binds lazily"

# try NAME [VARIABLE=VALUE...]: the program, in an environment with this in it
try()
{
	name=$1
	shift
	env "$@" timeout -k 5 120 "$program" >"$work/log" 2>&1
	status=$?
	sed "s/^\(not \)\{0,1\}ok [0-9]* - /&$name: /" "$work/log"
	{ [ $status = 0 ] && grep -q '^1\.\.[1-9]' "$work/log"; } || fail "$name: status $status"
}
try auto LD_PRELOAD="$preload"
try "as 5.10" LD_PRELOAD="$preload" MNTCOMPAT_KERNEL=5.10
try "as 6.8" LD_PRELOAD="$preload" MNTCOMPAT_KERNEL=6.8
try emulate LD_PRELOAD="$preload" MNTCOMPAT_MODE=emulate
try "before another" LD_PRELOAD="$preload $counter"
try "after another" LD_PRELOAD="$counter $preload"
exit $failed
