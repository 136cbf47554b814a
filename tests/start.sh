#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# start.sh - ./start and ./check say what is missing, before it builds anything: as root of a container, and as a user without user
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
# refuses ID TEXT PROGRAM [ARGUMENT...]
refuses()
{
	id=$1 text=$2 program=$3
	shift 3
	FAKE_ID=$id PATH=$work/bin:$PATH MNTCOMPAT_BUILD=$work/build timeout 60 "$srcdir/$program" "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	[ $status = 1 ] || { echo "exit status $status"; failed=1; }
	[ "$(wc -l <"$work/err")" = 1 ] || { echo "more than one line: $(cat "$work/err")"; failed=1; }
	grep -qF -e "$text" "$work/err" || { echo "$program $*: '$(cat "$work/err")' instead of '$text'"; failed=1; }
	[ ! -e "$work/build" ] || { echo "it built something first"; failed=1; }
}
refuses 0 "root lacks CAP_SYS_ADMIN here, as in most containers, and cannot make a user namespace either; start the container with --cap-add SYS_ADMIN" start
refuses 1000 "this system gives ordinary users no user namespace; run it as root" start
refuses 0 "root lacks CAP_SYS_ADMIN here, as in most containers, which part live needs; start the container with --cap-add SYS_ADMIN" check live
refuses 1000 "run it as root" check quick
# A part that fails prints its log, and the command that was typed. The compiler that fails stands for all faults.
if [ -w "$srcdir/configure" ]; then
	printf '#!/bin/sh\nexit 0\n' >"$work/bin/unshare"
	printf '#!/bin/sh\nexit 1\n' >"$work/bin/gcc"
	printf '#!/bin/sh\necho "install ok installed"\n' >"$work/bin/dpkg-query"
	chmod +x "$work/bin/gcc" "$work/bin/dpkg-query"
	(cd "$srcdir" && FAKE_ID=0 PATH=$work/bin:$PATH MNTCOMPAT_BUILD=$work/build timeout 300 ./check quick --kernels=5.10 unit live) \
		>"$work/out" 2>&1 </dev/null
	status=$?
	[ $status = 1 ] || { echo "check: exit status $status"; failed=1; }
	for text in "failed: build gcc (build)" "log: $work/build/check/build-gcc.log" \
		"logs: $work/build/check; again: ./check quick --kernels=5.10 unit live" "0 passed, 1 failed, 0 skipped"; do
		grep -qF -e "$text" "$work/out" || { echo "check does not print '$text':"; cat "$work/out"; failed=1; }
	done
fi
exit $failed
