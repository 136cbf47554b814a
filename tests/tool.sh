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

fails 2 'no command given; one of: namespace, probe, statmount, listmount, listns, run; see mntcompat --help'
fails 2 'fly is not a command; see mntcompat --help' fly
fails 2 'unknown or ambiguous option --fly; see mntcompat --help' --fly
fails 2 '--mode must be auto, native or emulate' --mode fly listmount
fails 2 '--kernel must be a version' --kernel five listmount
fails 2 'unknown or ambiguous option --fly; see mntcompat listmount --help' listmount --fly
fails 2 'unknown option -y; see mntcompat listns --help' listns -y
fails 2 'option --columns needs a value; see mntcompat listmount --help' listmount --columns
fails 2 'option --json takes no value; see mntcompat statmount --help' statmount --json=yes
fails 125 'unknown or ambiguous option --fly; see mntcompat run --help' run --fly
fails 125 'unknown or ambiguous option --fly; see mntcompat namespace --help' namespace --fly
# Advice for the caller that there is: root of a container, an ordinary user, root.
without_admin="setpriv --bounding-set -sys_admin --inh-caps -sys_admin"
as_user=
if $without_admin true 2>/dev/null; then
	# advises WORDS TEXT ARGUMENT...
	advises()
	{
		as=$1 text=$2
		shift 2
		$as "$tool" "$@" >out 2>err </dev/null && complain "$as mntcompat $*: no failure"
		grep -qF -e "$text" err || complain "$as mntcompat $*: '$(cat err)' instead of '$text'"
	}
	advises "$without_admin" 'Operation not permitted; this container lacks CAP_SYS_ADMIN: grant it, or add --user' namespace / -- true
	advises "$without_admin" 'in a container, ask for CAP_SYS_ADMIN, or add --user' namespace --proc / -- true
	$without_admin "$tool" probe | head -1 | grep -q ', root without CAP_SYS_ADMIN, ' || complain "probe does not name the privilege"
	as_user="setpriv --reuid 65534 --regid 65534 --clear-groups"
	if $as_user "$tool" --version >/dev/null 2>&1; then
		advises "$as_user" 'Operation not permitted; run it as root, or add --user' namespace / -- true
		advises "$as_user" 'you need ptrace access to that process' listmount $$
		$as_user "$tool" probe | head -1 | grep -q ', user, ' || complain "probe does not name the user"
	fi
fi
# Bytes of arguments that a terminal obeys, among them U+009B and bytes that are not UTF-8, come out in octal.
esc=$(printf 'a\033[31mb\302\233c\377')
escaped='a\033[31mb\302\233c\377'
for command in "$esc" "listmount --columns $esc" "statmount $esc" "listmount $esc" "statmount --id $esc" "--mode $esc probe" \
	"probe $esc.x" "probe --require $esc" "listns --type $esc" "--$esc" "listmount --$esc" "listmount --namespace $esc"; do
	# shellcheck disable=SC2086
	"$tool" $command >out 2>err </dev/null && complain "mntcompat $command: no failure"
	grep -qF -e "$escaped" err || complain "mntcompat $command: $(od -c err | head -5)"
	LC_ALL=C grep -q "$(printf '[\033\233\377]')" err && complain "mntcompat: raw bytes in $(od -c err | head -5)"
done
for command in "namespace $esc" "namespace --bind $esc /" "namespace / -- $esc" "run -- $esc" "run --$esc"; do
	# shellcheck disable=SC2086
	"$tool" $command >out 2>err </dev/null
	[ $? -ge 125 ] || complain "mntcompat $command: no failure"
	grep -qF -e "$escaped" err || complain "mntcompat $command: $(od -c err | head -5)"
done
fails 2 'fly is not a column' listmount --columns target,fly
fails 2 '--columns needs a column' listmount --columns ''
fails 2 'at most one path, process or mount' listmount / 1
fails 1 'cannot open -1: No such file or directory; give a path that exists, the id of a process' listmount -- -1
fails 2 '0 is neither a mount nor a process' listmount 0
fails 1 'cannot open the mount namespace of process 2147483647: No such process; give a process of this' listmount 2147483647
fails 1 'cannot open ./nothing: No such file or directory; give a path that exists' listmount -T ./nothing
! grep -q 'process\|unique id' err || complain "listmount -T takes more than paths: $(cat err)"
# Advice for a call that is missing: the mode keeps the library from emulating it, or nothing can.
native='the kernel lacks it, and mode native emulates nothing; use --mode auto'
old='if the kernel is older than Linux 7.0 it lacks this, and mode native emulates nothing; use --mode auto'
fails 1 "Function not implemented; $native" --mode native --kernel 5.10 listmount
fails 1 "Function not implemented; $native" --mode native --kernel 5.10 statmount /
fails 1 "Function not implemented; $native" --mode native --kernel 5.10 listns
fails 1 "Operation not supported; $native" --mode native --kernel 5.10 listmount /
fails 125 "Invalid argument; $old" --mode native --kernel 5.10 namespace / -- true
if [ -n "$as_user" ] && $as_user "$tool" --version >/dev/null 2>&1 && unshare -m --propagation private true 2>/dev/null; then
	for command in 'statmount /' listmount listns; do
		unshare -m --propagation private sh -c 'umount -l /proc && exec "$@"' sh $as_user "$tool" --kernel 5.10 $command \
			>out 2>err && complain "$command without procfs: no failure"
		grep -q 'Function not implemented; the kernel lacks it, and it cannot be emulated' err ||
			complain "$command without procfs: $(cat err)"
	done
fi
fails 1 'Invalid argument; --namespace takes the file of a mount namespace' listmount --namespace /dev/null
fails 2 '1 is a process id, which excludes --namespace' listmount --namespace /proc/self/ns/mnt 1
fails 2 '--color must be' listmount --color=fly
# The headings of every table are bold where there are colours.
bold=$(printf '\033\\[1m')
if ldd "$tool" "${tool%/*}/.libs/mntcompat" 2>/dev/null | grep -q libsmartcols; then
	for command in listmount 'listmount --tree' listns probe 'probe --limits' 'listmount --list-columns'; do
		# shellcheck disable=SC2086
		"$tool" $command --color=always | grep -q "$bold[A-Z]" || complain "$command --color=always: no colours"
		# shellcheck disable=SC2086
		"$tool" $command | grep "$(printf '\033')" && complain "$command: colours in a pipe"
		# shellcheck disable=SC2086
		"$tool" $command --color=never | grep "$(printf '\033')" && complain "$command --color=never: colours"
	done
fi
fails 2 'fly is not a kind of namespace' listns --type mnt,fly
fails 2 'fly is not the id of a namespace' listns --owner fly
fails 2 'listns takes no operand' listns 1
fails 1 'cannot list the namespaces: Invalid argument; give the id of a user namespace' listns --owner 0xfffffffffffffff0
fails 1 'No such file or directory; give a mount of this' listmount 0xfffffffffffffff0
fails 1 'cannot open ./nothing: No such file or directory; give a process, or a file such as' listmount --namespace ./nothing
fails 1 'Invalid argument' listmount --namespace /dev/null
fails 2 'one path' statmount
fails 2 'is not a mount id' statmount --id mountain
fails 2 'is not a file descriptor' statmount --fd -1
fails 2 '--namespace needs --id' statmount --namespace /proc/self/ns/mnt /
fails 1 'cannot open ./nothing: No such file or directory; give a path that exists' statmount ./nothing
fails 1 'cannot describe the mount of fd 1000: Bad file descriptor; give the number' statmount --fd 1000
fails 1 'cannot describe the mount with id 5: Invalid argument; an id this small is an old one' statmount --id 5
fails 125 'namespace needs a directory' namespace
fails 125 'cannot make a mount namespace of ./nothing: No such file or directory; give a directory' namespace ./nothing
fails 125 'Not a directory; give a directory' namespace out
fails 127 'cannot run /nothing/of/the/kind: No such file or directory; it must exist inside' namespace / -- /nothing/of/the/kind
fails 126 'Permission denied; it must exist inside' namespace / -- /etc/passwd
for command in listmount listns namespace probe run statmount; do
	for help in -h --help; do
		"$tool" $command $help >out || complain "mntcompat $command $help fails"
		grep -q "^usage: mntcompat \[OPTION...\] $command " out || complain "mntcompat $command $help: $(cat out)"
		[ "$(grep -c '^usage:' out)" = 1 ] || complain "mntcompat $command $help tells of others"
		# Characters of more than one byte count as one.
		[ "$(LC_ALL=C.UTF-8 wc -L <out)" -le 80 ] || complain "mntcompat $command $help: lines of more than 80 columns"
		"$tool" help $command | cmp - out || complain "mntcompat help $command is not $command --help"
	done
done
"$tool" --help >out && "$tool" help | cmp - out || complain "mntcompat help is not --help"
[ "$(LC_ALL=C.UTF-8 wc -L <out)" -le 80 ] || complain "mntcompat --help: lines of more than 80 columns"
fails 2 'fly is not a command; see mntcompat --help' help fly
fails 2 'help takes one command; see mntcompat --help' help run listns
"$tool" probe | head -1 | grep -q ', no filter: [0-9]* native' || [ "$(awk '/^Seccomp:/ { print $2 }' /proc/self/status)" = 2 ] ||
	complain "probe: $("$tool" probe | head -1)"
# One line of a terminal, or more that end between words; one line for programs.
if command -v script >/dev/null; then
	for level in '' '--kernel 5.10 --mode emulate'; do
		script -qec "$tool $level probe" typescript </dev/null >/dev/null
		tr -d '\r' <typescript | sed -n '/^Linux/,/^$/p' >out
		[ "$(wc -L <out)" -le 80 ] && [ "$(tr -s '\n ' ' ' <out)" = "$("$tool" $level probe | head -1) " ] ||
			complain "probe $level on a terminal: $(cat out)"
	done
fi
# In any place among the options, too.
"$tool" listmount --raw --help | grep -q '^usage: mntcompat \[OPTION...\] listmount ' || complain "listmount --raw --help"
"$tool" -h | grep -q '^usage: mntcompat' || complain "mntcompat -h"
# A command, or an interpreter, that is not a regular file is not opened: a FIFO would wait for its writer.
mkfifo fifo || complain "no FIFO"
printf '#!%s/fifo\n' "$work" >script
chmod +x fifo script
for command in ./fifo ./script; do
	timeout 60 "$tool" --kernel 5.10 run -- $command >out 2>&1
	got=$?
	[ $got = 126 ] || complain "run $command: exit status $got, not 126"
done
"$tool" run -- sh -c 'echo "$@"' - --help | grep -qx -e --help || complain "run: the command's --help is taken"
for command in listmount 'listmount --json' 'listmount --list-columns' 'statmount /' 'statmount --json /' listns 'listns --json' \
	probe 'probe --json' --help --version 'run --help'; do
	# shellcheck disable=SC2086
	"$tool" $command >/dev/full 2>err && complain "mntcompat $command: a full disk is not noticed"
	grep -q 'cannot write to standard output: No space left on device' err || complain "mntcompat $command: $(cat err)"
done
"$tool" namespace / -- /bin/sh -c 'exit 7'
[ $? = 7 ] || complain "the command's exit status is lost"

# A tree of mounts with names that have to be escaped, on this kernel and as on an old one.
cat >mounts.sh <<'EOS'
tool=$1 kernel=$2
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
"$tool" "$@" --tree --columns target,id >tree || exit 1
# Others may be mounted behind these two.
grep -e "$PWD/t[ /]" tree >two
awk '{ print index($0, "/") }' two | { read -r above; read -r below; [ "$above" -lt "$below" ]; } || {
	echo "not a tree:"; cat two; exit 1; }
# Filters, and the operands.
list() { "$tool" "$@" --raw --columns target | tail -n +2 | sed "s|^$PWD/||" | sort | tr '\n' ' '; }
same() { [ "$1" = "$2" ] || { echo "'$1' instead of '$2'"; exit 1; }; }
same "$(list "$@" t)" 't t/a\011b '
same "$(list "$@" t/c)" 't t/a\011b '
same "$(list "$@" 't/a	b')" 't/a\011b '
same "$(list "$@" -S 'a b')" 't '
same "$(list "$@" -t tmpfs t)" 't t/a\011b '
same "$(list "$@" -t noproc,tmpfs t)" ''
same "$(list "$@" -t xfs,tmpfs -S - t)" 't/a\011b '
same "$(list "$@" -T t/c)" 't '
"$tool" "$@" -t fly >none && { echo "an empty list is not a failure"; exit 1; }
[ -s none ] && { echo "listed:"; cat none; exit 1; }
"$tool" "$@" --raw $PPID >own && "$tool" "$@" --raw --namespace /proc/$PPID/ns/mnt | cmp - own || exit 1
same "$("$tool" "$@" --raw --columns +root,parent t | head -1)" "TARGET SOURCE FSTYPE OPTIONS ID ROOT PARENT"
same "$("$tool" "$@" --list-columns | awk 'NR > 1 { print $1 }' | wc -l)" 15
# On a terminal a tree, in a file a table; with libsmartcols, which knows the terminal.
if command -v script >/dev/null && ldd "$tool" "${tool%/*}/.libs/mntcompat" 2>/dev/null | grep -q libsmartcols; then
	LC_ALL=C.UTF-8 script -qec "'$tool' --kernel $kernel listmount t" /dev/null </dev/null | tr -d '\r' >terminal
	grep -q "^└─$PWD/t/a" terminal || { echo "not a tree on a terminal:"; cat terminal; exit 1; }
	"$tool" "$@" t | grep -q '└─\|`-' && { echo "a tree in a file"; exit 1; }
	# at WIDTH ARGUMENT...: on a terminal of that width
	at()
	{
		width=$1
		shift
		NO_COLOR=1 LC_ALL=C.UTF-8 script -qec "stty cols $width; '$tool' --kernel $kernel listmount $*" /dev/null </dev/null | tr -d '\r'
	}
	# In 80 columns the options can be read; ids, 19 digits before 6.8, come on request. Types are whole in any width.
	unset COLUMNS
	mkdir t/dev && mount -t devtmpfs dev t/dev || exit 1
	at 80 t >terminal
	grep -qx 'TARGET *SOURCE *FSTYPE *OPTIONS *' terminal || { echo "columns at 80:"; cat terminal; exit 1; }
	grep -q "^└─$PWD/t/dev  *dev  *devtmpfs rw,relatime" terminal || grep -q "^├─$PWD/t/dev  *dev  *devtmpfs rw,relatime" terminal ||
		{ echo "cut at 80:"; cat terminal; exit 1; }
	[ "$(LC_ALL=C.UTF-8 wc -L <terminal)" -le 80 ] || { echo "more than 80:"; cat terminal; exit 1; }
	at 80 --columns +id t >terminal
	grep -q 'TARGET *SOURCE *FSTYPE *OPTIONS *ID' terminal || { echo "+id at 80:"; cat terminal; exit 1; }
	at 50 --columns +ID t >terminal
	grep -q ' devtmpfs ' terminal || { echo "types cut at 50:"; cat terminal; exit 1; }
	umount t/dev && rmdir t/dev || exit 1
fi
same "$("$tool" "$@" t | head -1 | tr -s ' ')" "TARGET SOURCE FSTYPE OPTIONS ID"
same "$("$tool" "$@" --columns +id,root t | head -1 | tr -s ' ')" "TARGET SOURCE FSTYPE OPTIONS ID ROOT"
"$tool" "$@" --json | python3 -c '
import json, sys
mounts = json.load(sys.stdin)["mounts"]
assert len(mounts) == int(sys.argv[2]), len(mounts)
mine = [m for m in mounts if m["target"] == sys.argv[1]]
assert len(mine) == 1 and mine[0]["source"] == "a b" and mine[0]["id"].isdigit(), mine
' "$PWD/t" "$(wc -l </proc/self/mountinfo)" || exit 1
EOS
mkdir t
missing=
command -v python3 >/dev/null || { missing="$missing python3"; sed -i '/"\$@" --json/,$d' mounts.sh; }
kernels='5.10 6.12 7.3'
# In a directory chroot no mount can be made private, so that the host would see what the test mounts.
unshare -m --propagation private true 2>/dev/null || { missing="$missing (a mount at the root directory)"; kernels=; }
for kernel in $kernels; do
	unshare -m --propagation unchanged sh mounts.sh "$tool" $kernel || complain "listmount as on $kernel"
done

[ $failed = 0 ] || exit 1
[ -z "$missing" ] || { echo "not installed:$missing; some tests were left out"; exit 77; }
