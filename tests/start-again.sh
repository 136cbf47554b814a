#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# start-again.sh OUTPUT - what ./start printed is true: its commands can be repeated and print the same, and what its closing text
# names is there. Changes nothing. Called by ./check after ./start, which takes a minute.
[ -s "$1" ] || { echo "usage: $0 OUTPUT-OF-START"; exit 99; }
output=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 99
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0
complain() { printf '%s\n' "$*"; failed=1; }

# The commands, with what follows each up to an empty line; "…" stands for the rest.
sed -n 's/^\$ //p' "$output" >"$work/commands"
[ "$(wc -l <"$work/commands")" = 3 ] || complain "not three commands: $(cat "$work/commands")"
grep -q '^is as it was\. The three commands above can be repeated from this directory\.$' "$output" || complain "the closing text is another one"
while read -r command; do
	awk -v command="\$ $command" '$0 == command { inside = 1; next } !NF { inside = 0 } inside' "$output" >"$work/wanted"
	sh -c "$command" >"$work/printed" 2>&1 </dev/null || complain "$command: exit status $?: $(tail -1 "$work/printed")"
	[ "$(tail -1 "$work/wanted")" != "  …" ] || { sed -i '$d' "$work/wanted"; head -n "$(wc -l <"$work/wanted")" "$work/printed" >"$work/part"; mv "$work/part" "$work/printed"; }
	[ -s "$work/wanted" ] && cmp -s "$work/wanted" "$work/printed" || { complain "$command prints something else now:"; diff "$work/wanted" "$work/printed"; }
done <"$work/commands"

# The closing text.
sed -n '/^Look around: */s///p' "$output" | sed 's/, /\n/g' >"$work/look"
[ "$(wc -l <"$work/look")" = 3 ] || complain "'Look around' has not three commands"
while read -r command; do
	case $command in
	man\ *)	page=${command#man }; [ -s "$page" ] || complain "no page $page";;
	*)	sh -c "$command" >"$work/printed" 2>&1 </dev/null && [ -s "$work/printed" ] || complain "$command: exit status $?";;
	esac
done <"$work/look"
page=$(grep -o 'man ./man/[a-z_.0-9]*[0-9]' "$output" | head -1)
[ -s "${page#man }" ] || complain "no page for the words of the last line: $page"
install=$(sed -n 's/^Install it: *\(make .* install\) .*/\1/p' "$output")
[ -n "$install" ] && sh -c "${install%install} -n install" >"$work/printed" 2>&1 && grep -q libmntcompat "$work/printed" || complain "'$install' installs nothing"
grep -qx '## An example' README.md && [ -d examples ] || complain "README.md has no section \"An example\", or examples/ is not there"
grep -q '^Test it here: ./check quick$' "$output" && ./check --help | grep -q '^  ./check quick ' || complain "no ./check quick"
[ $failed = 0 ] && echo "$(wc -l <"$work/commands") commands again, and the closing text"
exit $failed
