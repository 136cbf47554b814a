#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# compatibility.sh - docs/compatibility.md is what the feature table, the matrix's findings and the differences say.
# May read the tree and run the built program; needs no privilege. Called by make check in the build directory.
srcdir=${srcdir:-$(dirname "$0")/..}
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
[ -x tests/ways/ways ] || { echo "tests/ways/ways was not built"; exit 99; }
exec "$srcdir/scripts/compatibility" --check --build "$PWD"
