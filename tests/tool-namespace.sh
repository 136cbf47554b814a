#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tool-namespace.sh - "mntcompat namespace" with --bind, --read-only, --proc, --dev and --user: what is inside, and that the host
# is as it was, in each mode and as an ordinary user, on a host with pinned mount namespaces.
# May write in a directory and in mount namespaces of its own; needs root. Called by make check in the build directory.
tool=$PWD/mntcompat
[ -x "$tool" ] || { echo "run it in the build directory"; exit 99; }
[ "$(id -u)" = 0 ] || { echo "needs root to mount"; exit 77; }
unshare --user true 2>/dev/null || { echo "no user namespace can be made, as in a chroot"; exit 77; }
if [ -z "$IN_NAMESPACE" ]; then
	unshare -m --propagation private true 2>/dev/null || { echo "no mount at the root directory: none can be made private"; exit 77; }
	IN_NAMESPACE=1 exec unshare -m --propagation private sh "$0"
fi
# An ordinary user reaches the program here.
work=$(mktemp -d /tmp/mntcompat-namespace.XXXXXX) || exit 99
trap 'cd /; umount "$work/data/pins/pin" "$work/data/pins" 2>/dev/null; rm -rf "$work"' EXIT
chmod 755 "$work"
# Not if the tree lies below a directory that is closed to others, as /root: such a directory is replaced in this namespace.
closed=
for part in $(dirname "$tool" | tr ' /' '? '); do
	closed=$closed/$part
	setpriv --reuid 65534 --regid 65534 --clear-groups test -x $closed && continue
	mkdir "$work/build" && mount --bind "$PWD" "$work/build" && mount -t tmpfs -o mode=755 open $closed &&
		mkdir -p "$PWD" && mount --bind "$work/build" "$PWD" && umount "$work/build" && rmdir "$work/build" || exit 99
	break
done
cd "$work" || exit 99
failed=0
complain() { printf '%s\n' "$*"; failed=1; }

# A directory that can stand on its own.
for program in sh ls cat id mkdir touch sleep kill; do
	file=$(command -v $program) && [ -x "$file" ] || { file=/bin/$program; [ -x $file ] || continue; }
	mkdir -p jail/bin jail/proc jail/dev jail/data jail/ro
	cp -L "$file" jail/bin/$program
	ldd "$file" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "jail$(dirname "$library")" && cp -Ln "$library" "jail$library"
	done
done
mkdir data 'a:b' && echo hello >data/file && echo colon >'a:b/file'
: >jail/single
# The link leads out of the directory for those who follow it outside.
ln -s /data jail/link
mkdir -p elsewhere && ln -s "$work/elsewhere" jail/absolute
chmod -R a+rX . && chmod 777 data
# A mount namespace that is pinned below a source, as snapd does: a clone of it cannot be moved into a younger namespace.
mkdir data/pins && touch data/pins/pin && mount --bind data/pins data/pins && mount --make-private data/pins || exit 99
own=$(readlink /proc/self/ns/mnt)
# The kernel compares numbers that each processor hands out by itself, so that a namespace may pass for an older one than it is.
pinned=
for try in 0 1 2 3 4 5 6 7; do
	taskset -c $((try % $(nproc))) unshare -m --propagation private sleep 60 &
	holder=$!
	for wait in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(readlink /proc/$holder/ns/mnt)" = "$own" ] || break
		sleep 1
	done
	mount --bind /proc/$holder/ns/mnt data/pins/pin 2>pin.err && pinned=1
	kill $holder
	[ -z "$pinned" ] || break
done
[ -n "$pinned" ] || complain "no mount namespace can be pinned: $(head -1 pin.err)"
rm -f pin.err

host()
{
	cat /proc/self/mountinfo
	for kind in mnt user pid; do
		readlink /proc/self/ns/$kind
	done
}
host >before

# inside WANTED OPTION... -- SCRIPT: runs the script in the jail; its output has to be WANTED.
inside()
{
	wanted=$1
	shift
	# shellcheck disable=SC2086
	got=$(timeout 60 $as "$tool" $mode namespace "$@" 2>err </dev/null) || complain "$as $mode namespace $*: status $?: $(cat err)"
	[ "$got" = "$wanted" ] || complain "$as $mode namespace $*: '$got' instead of '$wanted': $(cat err)"
}

# stops STATUS TEXT ARGUMENT...
stops()
{
	status=$1 text=$2
	shift 2
	# shellcheck disable=SC2086
	timeout 60 $as "$tool" $mode namespace "$@" >out 2>err </dev/null
	got=$?
	[ $got = "$status" ] || complain "$as $mode namespace $*: exit status $got, not $status: $(cat err)"
	[ -z "$text" ] || grep -qF -e "$text" err || complain "$as $mode namespace $*: '$(cat err)' instead of '$text'"
}

# Each test with and without privilege, natively and emulated.
all()
{
	rm -f data/new
	inside 'hello' $user --bind "$work/data:/data" jail -- /bin/sh -c 'cat /data/file'
	inside 'hello' $user --bind data:/data jail -- /bin/sh -c 'cat /data/file'
	inside 'colon' $user --bind 'a\:b:/data' jail -- /bin/sh -c 'cat /data/file'
	inside 'hello' $user --bind data/file:/single jail -- /bin/sh -c 'cat /single'
	inside 'hello' $user --bind data:/link jail -- /bin/sh -c 'cat /data/file'
	inside 'written refused' $user --bind data:/data --bind data:/ro:ro jail -- /bin/sh -c \
		'touch /data/new && printf written; touch /ro/other 2>&- || printf " refused"'
	inside 'refused written' $user --read-only --bind data:/data jail -- /bin/sh -c \
		'touch /bin/new 2>&- || printf refused; touch /data/new && printf " written"'
	inside '1 /proc/1' $user --proc jail -- /bin/sh -c 'echo $$ /proc/[0-9]*'
	# shellcheck disable=SC2016
	inside 'fd full null ptmx pts random shm stderr stdin stdout tty urandom zero ' $user --dev jail -- /bin/sh -c \
		'for i in /dev/*; do printf "%s " "${i#/dev/}"; done; echo x >/dev/null && echo x >/dev/shm/x && : </dev/zero'
	inside 'hello 1 refused' $user --proc --dev --read-only --bind data:/data:ro jail -- /bin/sh -c \
		'read -r line </data/file; echo x >/dev/null; printf "%s %s" $line $$; touch /ro/x 2>&- || printf " refused"'
	# Nothing of the host: its mounts are not in the table, and .. does not lead there.
	inside '1 1' $user --proc jail -- /bin/sh -c \
		'n=0; while read -r id parent device root target rest; do
			case $target in /) n=$((n + 1));; /proc) p=1;; *) echo "$target";; esac
		 done </proc/self/mountinfo; cd /../../..; [ -e /etc/passwd ] && echo host; echo $n $p'
	stops 7 '' $user --proc jail -- /bin/sh -c 'exit 7'
	stops 127 'it must exist inside' $user --dev jail -- /nothing
	stops 125 'no /nothing inside: No such file or directory; make it inside' $user --bind data:/nothing jail -- /bin/sh
	stops 125 'no /absolute inside: No such file or directory' $user --bind data:/absolute jail -- /bin/sh
	stops 125 'cannot open ./nothing: No such file or directory; give a source' $user --bind ./nothing:/data jail -- /bin/sh
	stops 125 'a file can be mounted on a file' $user --bind data:/single jail -- /bin/sh
	stops 125 '--bind takes SRC:DST' $user --bind data jail
	stops 125 '--bind takes SRC:DST' $user --bind data:data jail
	stops 125 '--bind takes SRC:DST' $user --bind data:/data:no jail
	host | cmp - before || complain "$as $mode: the host is another one now"
}
for mode in "" "--mode emulate" "--kernel 5.10"; do
	as='' user='' ; all
	as='' user=--user ; all
	as='setpriv --reuid 65534 --regid 65534 --clear-groups' user=--user
	# shellcheck disable=SC2086
	if $as unshare --user true 2>/dev/null; then
		all
		inside '0' --user jail -- /bin/sh -c 'id -u'
		user=
		stops 125 'run it as root, or add --user' --proc jail -- /bin/sh
		stops 125 'run it as root, or add --user' jail -- /bin/sh
	fi
done
mode='' as=''
# The root directory itself, where "/" is below what is mounted on it.
# Before Linux 5.12 a mount that another one covers cannot be made read-only: there is none of these in the test's namespace.
awk 'seen[$5]++ { print $5 }' /proc/self/mountinfo | while read -r covered; do
	umount -l "$covered"
done
host >before
for mode in "" "--mode emulate" "--kernel 5.10"; do
	inside 'refused' --read-only / -- /bin/sh -c 'touch /tmp/mntcompat-x 2>/dev/null || printf refused'
done
mode=''
[ ! -e /tmp/mntcompat-x ] || { rm -f /tmp/mntcompat-x; complain "--read-only / was written to"; }
# A killed tool takes the container along, and the signals of a keyboard go to the command.
"$tool" namespace --proc jail -- /bin/sh -c 'echo $$; exec sleep 100' >pid &
parent=$!
sleep 1
child=$(cat /proc/$parent/task/$parent/children 2>/dev/null | tr -d ' ')
kill -KILL $parent
wait $parent 2>/dev/null
sleep 1
[ -z "$child" ] || grep -qs '^State:.*zombie' "/proc/$child/status" || [ ! -d "/proc/$child" ] || complain "process $child is left"
# shellcheck disable=SC2016
"$tool" namespace --proc jail -- /bin/sh -c 'kill -TERM $$; kill -KILL 1; exit 9'
[ $? = 9 ] || complain "the first process of a pid namespace was killed from inside"
host | cmp - before || complain "the host is another one now"
umount data/pins/pin 2>/dev/null
umount data/pins
[ $failed = 0 ]
