#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# coverage.sh - every public function is called with faults, with bad arguments and by a scenario, or is on the short list below.
# May read the sources; needs no privilege. Called by make check.
srcdir=${srcdir:-$(dirname "$0")/..}
cd "$srcdir" || exit 99
failed=0
functions=$(sed -n 's/^\t\(mntcompat_[a-z0-9_]*\);$/\1/p' lib/libmntcompat.map)
[ -n "$functions" ] || { echo "found no function in lib/libmntcompat.map"; exit 1; }

# Those that ask the kernel nothing and take no pointer.
asks_nothing="mntcompat_get_kernel mntcompat_get_mode mntcompat_last_way mntcompat_set_debug mntcompat_set_kernel mntcompat_set_mode
	mntcompat_version mntcompat_way_name"
for function in $asks_nothing; do
	printf '%s\n' "$functions" | grep -qx "$function" || { echo "$function is no function any more"; failed=1; }
done

# covers FUNCTION FILES: is it called in one of them?
covers()
{
	wanted=$1
	shift
	grep -q "[^a-z0-9_]$wanted(" "$@"
}

for function in $functions; do
	case " $(echo $asks_nothing) " in *" $function "*) continue;; esac
	covers "$function" tests/fault/fault-run.c || { echo "$function: tests/fault/fault-run.c makes no such call fail"; failed=1; }
	covers "$function" tests/fault/arguments.c || { echo "$function: tests/fault/arguments.c gives it no bad arguments"; failed=1; }
	[ "$function" = mntcompat_statmount_alloc ] ||
		covers "$function" tests/scenario/*.c || { echo "$function: no scenario calls it"; failed=1; }
done
# What is filtered in masks is one of the calls that are made to fail.
calls=$(sed -n '/^static const char \*const calls/,/^};/p' tests/fault/masks.c | grep -o '"[^"]*"' | tr -d '"')
[ -n "$calls" ] || { echo "found no calls in tests/fault/masks.c"; failed=1; }
for call in $calls; do
	grep -q "\.name = \"$call\"" tests/fault/fault-run.c || { echo "masks: $call is no call of fault-run.c"; failed=1; }
done
[ $failed = 0 ] && echo "$(printf '%s\n' "$functions" | wc -l) functions"
exit $failed
