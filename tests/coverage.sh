#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# coverage.sh - every public function is called with faults, with bad arguments and by a scenario, or is on the short list below.
# May read the map and the built objects; needs no privilege. Called by make check in the build directory.
srcdir=${srcdir:-$(dirname "$0")/..}
[ -x tests/calls ] || { echo "tests/calls was not built"; exit 99; }
# libtool's has options.
nm=${NM:-nm}
command -v "${nm%% *}" >/dev/null || { echo "no nm"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0
functions=$(sed -n 's/^\t\(mntcompat_[a-z0-9_]*\);$/\1/p' "$srcdir/lib/libmntcompat.map")
[ -n "$functions" ] || { echo "found no function in lib/libmntcompat.map"; exit 1; }

# Those that ask the kernel nothing and take no pointer.
asks_nothing="mntcompat_get_kernel mntcompat_get_mode mntcompat_last_way mntcompat_set_debug mntcompat_set_kernel mntcompat_set_mode
	mntcompat_version mntcompat_way_name"
for function in $asks_nothing; do
	printf '%s\n' "$functions" | grep -qx "$function" || { echo "$function is not a function any more"; failed=1; }
done

# Those that read or write the caller's own memory and nothing else: tests/unit/test_fields.c calls them.
asks_nothing="$asks_nothing mntcompat_attr_words mntcompat_propagation_words mntcompat_sb_flags_words mntcompat_statmount_next
	mntcompat_statmount_string"
for function in mntcompat_attr_words mntcompat_propagation_words mntcompat_sb_flags_words mntcompat_statmount_next \
	mntcompat_statmount_string; do
	grep -q "$function" "$srcdir/tests/unit/test_fields.c" ||
		{ echo "$function: tests/unit/test_fields.c does not call it"; failed=1; }
done

# called NAME OBJECTS: the functions of the library that these call.
called()
{
	called_name=$1
	shift
	# shellcheck disable=SC2086
	$nm -P "$@" 2>/dev/null | awk '$2 == "U" && $1 ~ /^mntcompat_/ { print $1 }' | sort -u >"$work/$called_name"
	[ -s "$work/$called_name" ] || { echo "$called_name: no object calls anything"; failed=1; }
}
called faults tests/fault/*fault-run.o
called arguments tests/fault/*arguments.o
called scenarios tests/scenario/*.o

# covered FUNCTION LIST COMPLAINT
covered()
{
	grep -qx "$1" "$work/$2" || { echo "$1: $3"; failed=1; }
}

# shellcheck disable=SC2086,SC2116
for function in $functions; do
	case " $(echo $asks_nothing) " in *" $function "*) continue;; esac
	covered "$function" faults "tests/fault/fault-run.c makes no such call fail"
	covered "$function" arguments "tests/fault/arguments.c gives it no bad arguments"
	[ "$function" = mntcompat_statmount_alloc ] || covered "$function" scenarios "no scenario calls it"
done
# Each row of calls.def is a function of the library.
tests/calls | while IFS='	' read -r name _; do
	printf '%s\n' "$functions" | grep -qx "mntcompat_$name" || echo "calls.def: $name is not a function of the library"
done >"$work/strangers"
[ ! -s "$work/strangers" ] || { cat "$work/strangers"; failed=1; }
[ $failed = 0 ] && echo "$(printf '%s\n' "$functions" | wc -l) functions"
exit $failed
