#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# errno.sh - the ERRORS section of each function's page has the errnos of its row in compat/kernel/calls.def, which the library
# lets pass and the tests with faults accept.
# May read the pages and run the built program; needs no privilege. Called by make check in the build directory.
srcdir=${srcdir:-$(dirname "$0")/..}
[ -x tests/calls ] || { echo "tests/calls was not built"; exit 99; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0
compared=0

# page NAME: the errnos in the list of its ERRORS section, and of the pages that it says it has those of.
page()
{
	awk '
		/^\.so /		{ print "see", $2; exit }
		/^\.Sh /	{ inside = $2 == "ERRORS"; next }
		inside && /^\.It Bq( Fl)? Er / { for (i = 2; i <= NF; i++) if ($i ~ /^E[A-Z0-9]+$/) print $i }
		# "Then those of" on one line, the page on the next; but for what follows "but for the path".
		inside && those && /^\.Xr mntcompat_/ { print "see", "man3/" $2 ".3" }
		inside		{ those = /[Tt]hose of$/ }' "$srcdir/man/$1.3" |
	while read -r word other; do
		if [ "$word" = see ]; then
			other=${other##*/}
			page "${other%.3}"
		else
			echo "$word"
		fi
	done
}

tests/calls >"$work/calls" || exit 1
while IFS='	' read -r name _ _ errnos; do
	page "mntcompat_$name" | sort -u >"$work/page"
	printf '%s\n' "$errnos" | tr -s ', ' '\n' | sort -u >"$work/row"
	if [ "$name" = move_mount ]; then
		# Its page has the kernel's own by a reference to move_mount(2).
		grep -xFf "$work/page" "$work/row" >"$work/own"
		mv "$work/own" "$work/row"
	fi
	if [ ! -s "$work/page" ] || ! diff "$work/page" "$work/row" >"$work/difference"; then
		echo "man/mntcompat_$name.3 and the row of $name in calls.def differ (page, row):"
		grep '^[<>]' "$work/difference"
		failed=1
	fi
	compared=$((compared + 1))
done <"$work/calls"
[ $compared -gt 10 ] || { echo "tests/calls printed $compared rows"; exit 1; }
[ $failed = 0 ] && echo "$compared lists, each as its page says"
exit $failed
