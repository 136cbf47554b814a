#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# man.sh - every public function of both libraries has a page, and mandoc finds nothing to say about any.
# May read man/ and the header; needs no privilege. Called by make check.
srcdir=${srcdir:-$(dirname "$0")/..}
cd "$srcdir" || exit 99
failed=0
functions=$(sed -n 's/.*[ *]\(mntcompat_[a-z0-9_]*\)(.*[,;]$/\1/p' include/mntcompat.h include/mntcompat-probe.h |
	sort -u)
[ -n "$functions" ] || { echo "found no function in the header"; exit 1; }
for function in $functions; do
	page=man/$function.3
	if [ ! -s "$page" ]; then
		echo "$page is missing"
		failed=1
	elif target=$(sed -n 's/^\.so man3\///p' "$page") && [ -n "$target" ]; then
		grep -q "^\.Nm $function" "man/$target" || { echo "man/$target does not name $function"; failed=1; }
	fi
	grep -q "man/$function\.3" man/man.am || { echo "$page is not installed"; failed=1; }
done
command -v mandoc >/dev/null || { echo "no mandoc: pages not checked"; [ $failed = 0 ] && exit 77; exit 1; }
for page in man/*.[1-8]; do
	grep -q '^\.so ' "$page" && continue
	# "cannot find page": mandoc looks for our own pages among the installed ones.
	remarks=$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'referenced manual not found')
	[ -z "$remarks" ] || { printf '%s\n' "$remarks"; failed=1; }
done
exit $failed
