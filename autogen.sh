#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes ./configure out of configure.ac. Run it once after a checkout, and after a change of an .am or .ac file.
set -e
cd "$(dirname "$0")"
exec autoreconf --install --force "$@"
