#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tool.sh - what mntcompat(1) promises of its commands: output, errors, exit statuses, completion.
# May write in a directory and in mount namespaces of its own; needs root. Called by make check in the build directory. Exits
# with 77, after all other tests, if a tool is missing that some of them need.
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
tool=$PWD/mntcompat
[ -x "$tool" ] || { echo "run it in the build directory"; exit 99; }
[ "$(id -u)" = 0 ] || { echo "needs root to mount"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
failed=0

# The options that a build without libsmartcols refuses.
tables=yes
"$tool" listmount --json >/dev/null 2>json.err || tables=no
[ $tables = yes ] || grep -q 'built without libsmartcols' json.err || { cat json.err; exit 1; }

complain() { printf '%s\n' "$*"; failed=1; }

# fails STATUS TEXT ARGUMENT...: exits with STATUS, writes one line with TEXT to stderr and nothing to stdout.
fails()
{
	status=$1 text=$2
	shift 2
	"$tool" "$@" >out 2>err </dev/null
	got=$?
	[ $got = "$status" ] || complain "mntcompat $*: exit status $got, not $status"
	[ ! -s out ] || complain "mntcompat $*: wrote $(head -1 out)"
	[ "$(wc -l <err)" = 1 ] || complain "mntcompat $*: $(wc -l <err) lines on stderr: $(cat err)"
	grep -qF -e "$text" err || complain "mntcompat $*: '$(cat err)' instead of '$text'"
}

fails 2 'no command given; one of: namespace, probe, statmount, listmount, run; see mntcompat --help'
fails 2 'fly is not a command' fly
fails 2 'unrecognized option' --fly
fails 2 '--mode must be auto, native or emulate' --mode fly listmount
fails 2 '--kernel must be a version' --kernel five listmount
fails 2 'mntcompat listmount: unrecognized option' listmount --fly
fails 125 'mntcompat run: unrecognized option' run --fly
fails 2 'fly is not a column' listmount --columns target,fly
fails 2 '--columns needs a column' listmount --columns ''
fails 2 'at most one id' listmount 1 2
fails 2 '-1 is not a mount id' listmount -- -1
fails 2 '0 is not a mount id' listmount 0
fails 1 'Invalid argument; give the unique id' listmount 1
fails 1 'No such file or directory; give a mount of this' listmount 0xfffffffffffffff0
fails 1 'cannot open ./nothing: No such file or directory; give a file such as' listmount --namespace ./nothing
fails 1 'Invalid argument' listmount --namespace /dev/null
fails 2 'one path' statmount
fails 2 'is not a mount id' statmount --id mountain
fails 2 'is not a file descriptor' statmount --fd -1
fails 2 '--namespace needs --id' statmount --namespace /proc/self/ns/mnt /
fails 1 'cannot open ./nothing: No such file or directory; give a path that exists' statmount ./nothing
fails 1 'cannot describe the mount of fd 1000: Bad file descriptor; give the number' statmount --fd 1000
fails 1 'cannot describe the mount with id 5: Invalid argument' statmount --id 5
fails 125 'namespace needs a directory' namespace
fails 125 'cannot make a mount namespace of ./nothing: No such file or directory; give a directory' namespace ./nothing
fails 125 'Not a directory; give a directory' namespace out
fails 127 'cannot run /nothing/of/the/kind: No such file or directory; it must exist inside' namespace / -- /nothing/of/the/kind
fails 126 'Permission denied; it must exist inside' namespace / -- /etc/passwd
for command in listmount namespace probe run statmount; do
	"$tool" $command --help >out || complain "mntcompat $command --help fails"
	grep -q "^usage: mntcompat \[OPTION...\] $command " out || complain "mntcompat $command --help: $(cat out)"
	[ "$(grep -c '^usage:' out)" = 1 ] || complain "mntcompat $command --help tells of others"
done
"$tool" run -- sh -c 'echo "$@"' - --help | grep -qx -e --help || complain "run: the command's --help is taken"
for command in listmount 'statmount /' --help 'run --help'; do
	# shellcheck disable=SC2086
	"$tool" $command >/dev/full 2>err && complain "mntcompat $command: a full disk is not noticed"
	grep -q 'cannot write to standard output: No space left on device' err || complain "mntcompat $command: $(cat err)"
done
"$tool" namespace / -- /bin/sh -c 'exit 7'
[ $? = 7 ] || complain "the command's exit status is lost"

# A tree of mounts with names that have to be escaped, on this kernel and as on an old one.
cat >mounts.sh <<'EOS'
tool=$1 kernel=$2 tables=$3
mount --make-rprivate / && mount -t tmpfs 'a b' "$PWD/t" && mkdir 't/a	b' t/c && mount -t tmpfs -o ro,noexec - 't/a	b' || exit 1
set -- --kernel "$kernel" listmount
"$tool" "$@" --raw --columns id,parent,target,source,options >raw || exit 1
parent=$(awk -v target="$PWD/t" '$3 == target { print $1 }' raw)
grep -qx -e "[0-9]* $parent $PWD/t/a\\\\011b \\\\055 ro,relatime,noexec.*" raw || { echo "raw:"; tail -2 raw; exit 1; }
grep -q -e " $PWD/t a\\\\040b rw,relatime" raw || { echo "raw:"; tail -2 raw; exit 1; }
awk 'NF != 5' raw | grep . && exit 1
[ "$(($(wc -l <raw) - 1))" = "$(wc -l </proc/self/mountinfo)" ] || { echo "not all mounts"; exit 1; }
"$tool" "$@" --raw --columns target "$parent" >below || exit 1
[ "$(cat below)" = "TARGET
$PWD/t/a\\011b" ] || { cat below; exit 1; }
"$tool" "$@" --raw --columns id --reverse | tail -n +2 | sort -rnc || exit 1
"$tool" "$@" --raw --namespace /proc/self/ns/mnt >other && "$tool" "$@" --raw >own && cmp own other || exit 1
"$tool" --kernel "$kernel" statmount --id "$parent" --namespace /proc/self/ns/mnt | grep -qx 'sb_source: a b' || exit 1
# The namespace's file must not be opened as number 0, which means that there is none.
"$tool" "$@" --raw --namespace "/proc/$PPID/ns/mnt" >other && "$tool" "$@" --raw --namespace "/proc/$PPID/ns/mnt" >closed <&- &&
	cmp other closed || exit 1
cmp -s own closed && { echo "stdin closed: another namespace"; exit 1; }
outer=$("$tool" "$@" --raw --columns id --namespace "/proc/$PPID/ns/mnt" | sed -n 2p)
"$tool" --kernel "$kernel" statmount --id "$outer" --namespace "/proc/$PPID/ns/mnt" >with || exit 1
"$tool" --kernel "$kernel" statmount --id "$outer" --namespace "/proc/$PPID/ns/mnt" <&- | cmp with - || exit 1
[ $tables = yes ] || exit 0
"$tool" "$@" --tree --columns target,id >tree || exit 1
[ "$(tail -2 tree | awk '{ print substr($0, 1, index($0, "/") - 1) length($1) }' | wc -l)" = 2 ] || exit 1
awk '{ print index($0, "/") }' tree | tail -2 | { read -r above; read -r below; [ "$above" -lt "$below" ]; } || {
	echo "not a tree:"; tail -2 tree; exit 1; }
"$tool" "$@" --json | python3 -c '
import json, sys
mounts = json.load(sys.stdin)["mounts"]
assert len(mounts) == int(sys.argv[2]), len(mounts)
mine = [m for m in mounts if m["target"] == sys.argv[1]]
assert len(mine) == 1 and mine[0]["source"] == "a b" and isinstance(mine[0]["id"], int), mine
' "$PWD/t" "$(wc -l </proc/self/mountinfo)" || exit 1
EOS
mkdir t
missing=
command -v python3 >/dev/null || { missing="$missing python3"; sed -i '/"\$@" --json/,$d' mounts.sh; }
for kernel in 5.10 6.12 7.3; do
	unshare -m --propagation unchanged sh mounts.sh "$tool" $kernel $tables || complain "listmount as on $kernel"
done

# Completion knows all commands and the options of one.
if command -v bash >/dev/null; then
	bash -c '
		. "$1"
		complete_line()
		{
			COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mntcompat; echo "${COMPREPLY[*]}"
		}
		[ "$(complete_line "$2" listm)" = listmount ] &&
		[ "$(complete_line "$2" listmount --tr)" = --tree ] &&
		[ "$(complete_line "$2" --mode em)" = emulate ] &&
		[ "$(complete_line "$2" listmount --columns PEE)" = PEER-GROUP ] &&
		[ "$(complete_line "$2" listmount --columns "" | tr " " "\n" | sort)" = "$("$2" listmount --raw --columns \
			target,source,fstype,options,id,parent,old-id,old-parent,root,maj:min,propagation,peer-group,master,attr,fs-options |
			head -1 | tr " " "\n" | sort)" ]' \
		bash "$srcdir/tools/mntcompat.bash" "$tool" || complain "completion"
else
	missing="$missing bash"
fi
[ $failed = 0 ] || exit 1
[ -z "$missing" ] || { echo "not installed:$missing; some tests were left out"; exit 77; }
