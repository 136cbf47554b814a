#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# identity.sh - maintainer, homepage and repository are those of debian/fill-in in every file of debian/, and no file of the tree
# has an address of its own. Reads the tree; writes in a directory of its own. Called by make check.
srcdir=${srcdir:-$(dirname "$0")/..}
[ -d "$srcdir/debian" ] || { echo "no debian/ here"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
"$srcdir/debian/fill-in" --check || exit 1

# Others, in a copy: nothing of the old ones may be left.
cp -R "$srcdir/debian" "$work/debian" && chmod -R u+w "$work/debian" || exit 99
sed -i -e 's|^maintainer=.*|maintainer="A B <a@b.invalid>"|' -e 's|^homepage=.*|homepage=https://b.invalid/c|' \
	-e 's|^repository=.*|repository=https://b.invalid/c.git|' "$work/debian/fill-in"
"$work/debian/fill-in" --check >/dev/null && { echo "debian/fill-in --check does not see a difference"; exit 1; }
"$work/debian/fill-in" || exit 1
"$work/debian/fill-in" --check || exit 1
grep -rn 'example\.org' "$work/debian" --include='*' | grep -v 'debian/\(fill-in\|README.source\)' && exit 1
[ "$(grep -rlF 'b.invalid' "$work/debian" | wc -l)" = 6 ] || { grep -rlF 'b.invalid' "$work/debian"; exit 1; }
echo "control, copyright, changelog, watch and upstream/metadata"
