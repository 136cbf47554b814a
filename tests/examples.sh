#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# examples.sh - runs the programs of examples/ on this kernel, and as on Linux 5.10 with all calls emulated, and looks at what
# they print. May make a directory and mount namespaces of its own; needs root. Called by make check in the build directory.
[ -x examples/enter ] || { echo "the examples were not built"; exit 99; }
[ "$(id -u)" = 0 ] || { echo "the examples need root"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/one" "$work/tree/two"
failed=0
count=0

# prints WHAT OUTPUT COMMAND...: the command succeeds and prints exactly this.
prints()
{
	example=$1
	wanted=$2
	shift 2
	count=$((count + 1))
	printed=$("$@" 2>&1)
	status=$?
	[ $status = 0 ] && [ "$printed" = "$wanted" ] && return
	echo "$example ($how): status $status, printed:"
	echo "$printed"
	echo "expected:"
	echo "$wanted"
	failed=1
}

# Functions that only prints() calls.
# What mountinfo has: type and mount point of each mount, unescaped.
mounts()
{
	awk '{ for (i = 7; $i != "-"; i++); print $(i + 1), $5 }' /proc/self/mountinfo | while read -r line; do
		printf '%b\n' "$(printf '%s' "$line" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')"
	done | sort
}
# shellcheck disable=SC2317
names_of_enter() { examples/enter "$work/tree" | sort; }
# shellcheck disable=SC2317
listed() { examples/list | sed 's/^[0-9]* //' | sort; }
# shellcheck disable=SC2317
described() { examples/describe /proc/self/status | grep -E '^(type|mount point): '; }
# shellcheck disable=SC2317
attributes() { examples/describe /proc/self/status | grep -c '^attributes: [a-z]*atime[a-z,]*$'; }
# shellcheck disable=SC2317
way() { examples/describe /proc/self/status | sed -n 's/^way: //p'; }

run()
{
	how=$1
	before=$(cat /proc/self/mountinfo)
	prints enter "one
two" names_of_enter
	prints "enter with a command" "" examples/enter / /bin/true
	prints describe "type: proc
mount point: /proc" described
	prints "the attributes of describe" 1 attributes
	prints empty "/usr is not there
/data was made" examples/empty
	prints list "$(mounts)" listed
	[ "$(cat /proc/self/mountinfo)" = "$before" ] || { echo "$how: the caller's mounts changed"; failed=1; }
}

run "on this kernel"
state=$(examples/feature statmount.by_fd) || { echo "feature statmount.by_fd: $state"; failed=1; }
examples/feature no.such.feature 2>/dev/null && { echo "feature no.such.feature succeeds"; failed=1; }
MNTCOMPAT_MODE=emulate MNTCOMPAT_KERNEL=5.10
export MNTCOMPAT_MODE MNTCOMPAT_KERNEL
run "as on Linux 5.10"
prints "the way of describe" mountinfo way
prints feature "open_tree.namespace: partly
lost: detached trees
mode emulate" examples/feature open_tree.namespace
[ $failed = 0 ] && echo "$count runs"
exit $failed
