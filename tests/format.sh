#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# format.sh - every C file of the tree is as clang-format 14 with .clang-format writes it.
# Other versions of clang-format break lines in other places; without this one the test is skipped. Reads the tree;
# needs no privilege. To mend: clang-format-14 -i FILE...
srcdir=${srcdir:-$(dirname "$0")/..}
cd "$srcdir" || exit 99
for format in clang-format-14 clang-format ''; do
	[ -n "$format" ] || { echo "not installed: clang-format 14"; exit 77; }
	"$format" --version 2>/dev/null | grep -q 'version 14\.' && break
done
[ -f .clang-format ] || { echo "no .clang-format"; exit 99; }
files=$(find bench compat include lib overlay preload probe supervisor tests tools examples -name '*.[ch]' 2>/dev/null)
[ -n "$files" ] || exit 99
# shellcheck disable=SC2086
"$format" --dry-run -Werror $files || exit 1
echo "$(printf '%s\n' "$files" | wc -l) files"
