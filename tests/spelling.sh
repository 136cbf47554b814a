#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# spelling.sh - codespell knows no better spelling for a word of the sources and documents, and no clause of the C files and of the
# documents is without a subject. Reads the tree; needs no privilege.
srcdir=${srcdir:-$(dirname "$0")/..}
cd "$srcdir" || exit 99
failed=0

# A clause that begins with What, Who or That it is a subject that nobody can look up; "the own" is not English. In C strings as
# well: a title or a message that begins so.
headless='(^|[.:;*"] )(What|Who|Whoever|That it) |(^|[^a-z])the own '
found=$(find . \( -name build -o -name '.git' \) -prune -o -name '*.[ch]' -exec grep -nE \
	"$headless"'|Called by |Called through |Used by [a-z]|"(what|who|whoever|that it) ' {} +)
found=$found$(grep -nE "$headless" -r README.md NEWS CONTRIBUTING.md SECURITY.md man docs --include='*.md' --include='*.[1-8]' --include=NEWS)
[ -z "$found" ] || { printf 'a sentence without a subject, or a list of callers:\n%s\n' "$found"; failed=1; }

# "is no X": "is not an X", or "there is no X". The scenarios' recorded output stays as it was recorded.
found=$(grep -rnE '(^|[^a-z])(is|are|was|were) no [a-z]+' lib compat overlay preload supervisor probe tools include bench examples man \
	README.md NEWS CONTRIBUTING.md SECURITY.md docs tests check start scripts --include='*.[ch]' --include='*.sh' --include='*.md' \
	--include='*.[1-8]' --include=check --include=start --include=NEWS |
	grep -vE '[Tt]here (is|are|was|were|may be) no |(is|are|was|were) no (longer|more|less|other|lower|higher|later|earlier) |_say\(|spelling\.sh')
[ -z "$found" ] || { printf '"is no X":\n%s\n' "$found"; failed=1; }

if ! command -v codespell >/dev/null; then
	[ $failed = 0 ] || exit 1
	echo "not installed: codespell"
	exit 77
fi
# nd, fo: macros of mdoc and names in tests; fro: a part of a name; msdos: a filesystem.
# Not recorded data, nor what other projects wrote.
set -- README.md NEWS CONTRIBUTING.md SECURITY.md docs include man lib compat probe preload overlay supervisor tools examples tests bench \
	scripts debian/control debian/changelog
for path; do
	shift
	[ ! -e "$path" ] || set -- "$@" "$path"
done
codespell --ignore-words-list=nd,fo,fro,msdos \
	--skip='./build,*.lock,*.tsv,*.svg,*.log,*.trs,*.o,*.lo,tests/scenario/expected,tests/libmount,tests/probe/expected-probe.txt' \
	"$@" >&2 || failed=1
[ $failed = 0 ] && echo "$# files and folders"
exit $failed
