#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# arrows.sh - folders include what lies below them only, no files need each other in a circle, and only compat/kernel/raw
# makes system calls.
# May read the sources and the built objects; needs no privilege. Called by make check in the build directory.
srcdir=${srcdir:-$(dirname "$0")/..}
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
# libtool's has options.
# shellcheck disable=SC2086
set -- ${NM:-nm}
command -v "$1" >/dev/null || { echo "no $1"; exit 77; }
exec python3 "$srcdir/tests/arrows.py" "$srcdir" "$@"
