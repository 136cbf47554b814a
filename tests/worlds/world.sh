#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# world.sh - each hostile world is what it says, as a program sees that is executed in it. Run by "make check" in the build directory, as root.
# The words of a check are expanded in the world.
# shellcheck disable=SC2016
set -u
world=${WORLD:-tests/worlds/world}

if [ "$(id -u)" != 0 ] || [ ! -x "$world" ]; then
	echo "this needs root, and a static build"
	exit 77
fi
failed=0

# check NAME COMMANDS: they succeed there.
check()
{
	"$world" "$1" -- sh -c "$2" >world-test.out 2>&1
	status=$?
	case $status in
	0)	echo "ok $1";;
	77)	echo "skipped $1: $(cat world-test.out)";;
	*)	echo "not ok $1: $2"
		cat world-test.out
		failed=1;;
	esac
}

check no-proc '! test -e /proc/self'
check foreign-proc 'test -e /proc/1/stat && ! test -e /proc/self/stat'
check hidepid 'test -e /proc/1 && setpriv --reuid 65534 --regid 65534 --clear-groups sh -c "! test -e /proc/1"'
check ptraceable 'grep -q "^proc /proc proc .*hidepid=\(4\|ptraceable\)" /proc/self/mounts'
check dead-server 'LC_ALL=C stat $WORLD_DIRECTORY/server 2>&1 | grep -q "not connected"'
check hung-server 'timeout 1 stat $WORLD_DIRECTORY/server; test $? = 124'
check many-mounts:50 'test $(grep -c $WORLD_DIRECTORY/mount- /proc/self/mountinfo) = 50'
# On a busy machine the process that mounts may have to wait for its turn.
check churn 'n=0; until grep -q $WORLD_DIRECTORY/churn- /proc/self/mountinfo; do n=$((n + 1)); test $n -lt 2000 || exit 1; done'
check docker '! unshare -m true'
check docker-admin 'mount -t tmpfs none /tmp && LC_ALL=C pivot_root . . 2>&1 | grep -q "not permitted"'
check podman 'unshare -m true && mount -t tmpfs none /tmp'
check landlock '! mount -t tmpfs none /tmp'
check few-descriptors:7 'test $(ulimit -n) -le 10'
check small-stack 'test $(ulimit -s) -lt 1024'
# The shell ends when it cannot fork.
if "$world" no-pid -- sh -c '(true)' 2>&1 | grep -q '[Ff]ork'; then
	echo "ok no-pid"
else
	check no-pid 'echo "a task can be made"; false'
fi
check chroot '! grep -q "^[0-9]* [0-9]* [0-9:]* [^ ]* / " /proc/self/mountinfo'
check bind-root 'grep -q "^[0-9]* [0-9]* [0-9:]* /root / " /proc/self/mountinfo'
check btrfs-root 'grep -q "^[0-9]* [0-9]* [0-9:]* /@ / .* btrfs " /proc/self/mountinfo'
rm -f world-test.out
for name in $("$world" --help | sed -n 's/^  \([a-z-]*\) .*/\1/p'); do
	case $name in
	# The matrix has the compiled profile.
	apparmor) ;;
	*) grep -q "check ${name}[: ]" "$0" || { echo "not ok $name: nothing is checked"; failed=1; };;
	esac
done
exit $failed
