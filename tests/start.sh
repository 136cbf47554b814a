#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# start.sh - ./start says what is missing, before it builds anything: as root of a container, and as a user without user
# namespaces. "unshare" and "id" stand in for those surroundings.
# Writes in a directory of its own; needs no privilege. Called by make check in the build directory.
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
printf '#!/bin/sh\nexit 1\n' >"$work/bin/unshare"
printf '#!/bin/sh\necho "$FAKE_ID"\n' >"$work/bin/id"
chmod +x "$work/bin/unshare" "$work/bin/id"
failed=0
# refuses ID TEXT
refuses()
{
	FAKE_ID=$1 PATH=$work/bin:$PATH MNTCOMPAT_BUILD=$work/build timeout 60 "$srcdir/start" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	[ $status = 1 ] || { echo "exit status $status"; failed=1; }
	[ "$(wc -l <"$work/err")" = 1 ] || { echo "more than one line: $(cat "$work/err")"; failed=1; }
	grep -qF -e "$2" "$work/err" || { echo "'$(cat "$work/err")' instead of '$2'"; failed=1; }
	[ ! -e "$work/build/start" ] || { echo "it built something first"; failed=1; }
}
refuses 0 "root lacks CAP_SYS_ADMIN here, as in most containers, and cannot make a user namespace either; start the container with --cap-add SYS_ADMIN"
refuses 1000 "this system gives ordinary users no user namespace; run it as root"
exit $failed
