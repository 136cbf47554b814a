#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# errno.sh - what a function may answer is said in its man page, in the library, and in the tests of faults: the same.
# May read the sources; needs no privilege. Called by make check.
srcdir=${srcdir:-$(dirname "$0")/..}
cd "$srcdir" || exit 99
faults=tests/fault/fault-common.c
failed=0
compared=0

# page NAME: the errnos in the list of its ERRORS section, and of the pages that it says it has those of.
page()
{
	awk '
		/^\.Sh /	{ inside = $2 == "ERRORS"; next }
		inside && /^\.It Bq( Fl)? Er / { for (i = 2; i <= NF; i++) if ($i ~ /^E[A-Z0-9]+$/) print $i }
	' "man/$1.3"
	# "Then those of" on one line, the page on the next; but for what follows "but for the path".
	for other in $(awk '
		/^\.Sh /	{ inside = $2 == "ERRORS"; next }
		inside && those && /^\.Xr mntcompat_/ { print $2 }
		inside		{ those = /[Tt]hose of$/ }' "man/$1.3"); do
		page "$other"
	done
}

# cases FILE FUNCTION: the errnos that FUNCTION lets pass, its own and those of functions that it asks.
cases()
{
	body=$(awk -v name="$2" '
		$0 ~ "(^|[ *])" name "\\(int [a-z]+\\)$" { inside = 1; next }
		inside && /^\}/	{ exit }
		inside && /return (ret|true)/ { exit }
		inside		{ print }' "$1")
	[ -n "$body" ] || body=$(awk -v name="$2" '$0 ~ "(^|[ *])" name "\\(int [a-z]+\\)$" { getline; getline; print; exit }' "$1")
	printf '%s\n' "$body" | grep -o 'case -\{0,1\}E[A-Z0-9]*' | sed 's/case -*//'
	printf '%s\n' "$body" | grep -o '== E[A-Z0-9]*' | sed 's/== //'
	not=$(printf '%s\n' "$body" | grep -o '!= E[A-Z0-9]*' | sed 's/!= //')
	for asked in $(printf '%s\n' "$body" | grep -o '[a-z0-9_]*_errno(error)' | sed 's/(.*//'); do
		asked_file=$1
		grep -q "$asked(int" "$1" || asked_file=$faults
		cases "$asked_file" "$asked" | grep -vx "${not:-none}"
	done
}

# compare PAGE FILE FUNCTION
compare()
{
	page_name=$1 file=$2 function=$3
	said=$(page "$page_name" | sort -u)
	left=$(cases "$file" "$function" | sort -u)
	if [ -z "$said" ] || [ -z "$left" ]; then
		echo "$page_name, $file $function: no errnos found"
		failed=1
	elif [ "$said" != "$left" ]; then
		echo "man/$page_name.3 and $function in $file differ (page, function):"
		printf '%s\n' "$said" >"$work/said"
		printf '%s\n' "$left" >"$work/left"
		diff "$work/said" "$work/left" | grep '^[<>]'
		failed=1
	fi
	compared=$((compared + 1))
}

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# The library's lists. A file with such a list that is not compared is a failure.
for file in $(grep -l '^static int documented(' lib/*.c); do
	name=mntcompat_$(basename "$file" .c)
	compare "$name" "$file" documented
done
compare mntcompat_statmount compat/statmount/statmount.c statmount_errno
compare mntcompat_listmount compat/statmount/statmount.c statmount_errno

# What the tests with faults accept.
compare mntcompat_open_tree $faults fault_open_tree_errno
compare mntcompat_unshare $faults fault_unshare_errno
compare mntcompat_clone3 $faults fault_clone3_errno
compare mntcompat_open_tree_attr $faults fault_mount_attr_errno
compare mntcompat_statmount $faults fault_statmount_errno
compare mntcompat_listmount $faults fault_statmount_errno
compare mntcompat_statx $faults fault_statx_errno
compare mntcompat_name_to_handle_at $faults fault_handle_errno
compare mntcompat_mount_namespace_info $faults fault_namespace_errno
compare mntcompat_listns $faults fault_listns_errno
compare mntcompat_table_open tests/fault/fault-run.c table_errno
for function in $(sed -n 's/^bool \(fault_[a-z0-9_]*_errno\)(int error)$/\1/p' $faults); do
	grep -q "faults $function\$" tests/errno.sh || { echo "$function in $faults is not compared with a page"; failed=1; }
done

[ $failed = 0 ] && echo "$compared lists, each as its page says"
exit $failed
