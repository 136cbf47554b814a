#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# citations.sh - each section, and each step of an order of checks, that a scenario cites is in docs/kernel-behaviour.md.
# Reads the tree; writes in a directory of its own. Called by make check.
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
page=$srcdir/docs/kernel-behaviour.md
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0

# Citations: "(2.2 step 3, 2.6)", "(3.3, unprivileged)", "(reference 3.1", "section 5.4", "/* --- 2.4, 3.6 as seen". Kernels such as
# 6.12 have a second digit, or stand after other words.
grep -noE '\((reference )?[1-9]\.[1-9]([ ,)][^()]*|$)|(reference|section) [1-9]\.[1-9]|--- [1-9]\.[1-9][^0-9.].*' \
	"$srcdir"/tests/scenario/*.[ch] | sed "s|^$srcdir/||" >"$work/citations"

# Prints "PLACE SECTION" and "PLACE SECTION step N" for each.
awk -F: '
{
	place = $1 ":" $2
	text = substr($0, length(place) + 2)
	sub(/^[^1-9]*/, "", text)
	gsub(/[,;]/, " ", text)
	section = ""
	steps = 0
	count = split(text, words, /[ )]+/)
	for (i = 1; i <= count; i++) {
		word = words[i]
		if (word ~ /^[1-9]\.[1-9]$/) {
			section = word
			steps = 0
			print place, section
		} else if (word ~ /^steps?$/) {
			steps = 1
		} else if (steps && word ~ /^[0-9]+$/) {
			print place, section, "step", word
		} else if (word != "and") {
			break
		}
	}
}' "$work/citations" >"$work/cited"

# missing PAGE: prints the citations that it does not have.
missing()
{
	awk '
	FNR == NR {
		if (/^### [1-9]\.[1-9] /) {
			section = $2
			there[section] = 1
		} else if (/^\| [0-9]+ \|/) {
			there[section " step " $2] = 1
		}
		next
	}
	{
		place = $1
		sub(/^[^ ]* /, "")
		if (!($0 in there))
			print place ": cites " $0 ", which docs/kernel-behaviour.md does not have"
	}' "$1" "$work/cited"
}

sections=$(awk '{ print $2 }' "$work/cited" | sort -u | wc -l)
steps=$(grep -c ' step ' "$work/cited")
[ "$(wc -l <"$work/cited")" -ge 400 ] && [ "$sections" -ge 20 ] && [ "$steps" -ge 40 ] || {
	echo "only $(wc -l <"$work/cited") citations of $sections sections and $steps steps were found"; failed=1; }
missing "$page" | tee "$work/missing"
[ ! -s "$work/missing" ] || failed=1

# It notices what is gone.
sed '/^### 2\.3 /d' "$page" >"$work/page"
missing "$work/page" | grep -q 'cites 2\.3,' || { echo "a section that is gone is not noticed"; failed=1; }
sed '/^### 3\.1 /,/^### 3\.2 /{ /^| 6 |/d; }' "$page" >"$work/page"
missing "$work/page" | grep -q 'cites 3\.1 step 6,' || { echo "a step that is gone is not noticed"; failed=1; }

[ $failed = 0 ] && echo "$(wc -l <"$work/cited") citations of $sections sections"
exit $failed
