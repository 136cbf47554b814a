#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# containers.sh - container runtimes of other people, as Debian has them: prints TAP.
# With containers.expected empty the failures show what Linux 7.3 prints (containers-native), after "# +".
# Makes a system of its own below /tmp/system, in the guest's own mount namespace, which becomes the root of a mount namespace for
# the runtimes. Called by the kernel matrix, with the preload in $PRELOAD or the command that supervises in $RUN, or with neither
# on the kernel that needs none.
expected=/test/containers.expected
tool=/test/mntcompat
system=/tmp/system
export LC_ALL=C
. /test/tap.sh
. /test/system.sh

# Of a container: its mounts, and whether what is mounted there can be written.
look="exec 2>&1; busybox mount | busybox sort; busybox grep -o ' /data.* - ' /proc/self/mountinfo; busybox touch /data/x /data/sub/x; echo ended"

# bundle NAME OPTIONS MORE: MORE are further namespaces and what belongs to them
bundle()
{
	mkdir -p $system/$1/rootfs/bin $system/$1/rootfs/proc $system/$1/rootfs/data $system/$1/rootfs/dev $system/$1/rootfs/sys
	cp /bin/busybox $system/$1/rootfs/bin/busybox && ln -s busybox $system/$1/rootfs/bin/sh || exit 99
	cat >$system/$1/config.json <<EOJ
{ "ociVersion": "1.0.2",
  "process": { "terminal": false, "user": { "uid": 0, "gid": 0 }, "cwd": "/", "env": [ "PATH=/bin" ],
    "args": [ "/bin/sh", "-c", "$look" ] },
  "root": { "path": "rootfs", "readonly": true },
  "hostname": "inside",
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": [ "nosuid", "mode=755", "size=64k" ] },
    { "destination": "/data", "type": "bind", "source": "/data", "options": [ $2 ] } ],
  "linux": { $3 "namespaces": [ $4 { "type": "pid" }, { "type": "mount" }, { "type": "uts" }, { "type": "ipc" } ] } }
EOJ
}

# container RUNTIME BUNDLE
container()
{
	number_of_containers=$((number_of_containers + 1))
	inside "$1" run -b "/$2" "one$number_of_containers"
}

# bubblewrap OPTION...
bubblewrap()
{
	inside /usr/bin/bwrap --ro-bind /bin /bin --dev /dev --proc /proc "$@" /bin/sh -c "$look"
}

# Before 5.12 the kernel has no mount_setattr(2), and no runtime does without; from then on it is the same without us.
alone()
{
	"$@" | canonical >/tmp/with
	(PRELOAD='' RUN='' && "$@") | canonical >/tmp/without
	release=$(uname -r) minor=${release#*.}
	if [ "${release%%.*}" -gt 5 ] || [ "${minor%%.*}" -ge 12 ]; then
		cmp /tmp/with /tmp/without && echo "as it should be"
	else
		cmp -s /tmp/with /tmp/without || grep -q 'unction not implemented' /tmp/without && echo "as it should be"
	fi
}

canonical()
{
	# What later kernels' tmpfs says, what a runtime's log says, which user it is, what the devices are on.
	sed -e '/^devtmpfs/d' -e 's/,)/)/' -e 's/,inode64//' -e 's/,\(uid\|gid\)=[0-9]*//g' -e 's/\(shared\|master\):[0-9]*/\1:N/g' -e 's/time="[^"]*" //'
}

crun_recursive()	{ container /usr/bin/crun recursive; }
crun_mixed()		{ container /usr/bin/crun mixed; }
crun_atime()		{ container /usr/bin/crun atime; }
crun_user()		{ container /usr/bin/crun user; }
crun_alone()		{ alone container /usr/bin/crun recursive; }
runc_recursive()	{ container /usr/sbin/runc recursive; }
runc_mixed()		{ container /usr/sbin/runc mixed; }
runc_atime()		{ container /usr/sbin/runc atime; }
runc_user()		{ container /usr/sbin/runc user; }
runc_alone()		{ alone container /usr/sbin/runc recursive; }
bwrap_read_only()	{ bubblewrap --unshare-pid --ro-bind /data /data; }
bwrap_write()		{ bubblewrap --bind /data /data; }
bwrap_user()		{ bubblewrap --unshare-user --unshare-pid --bind /data /data; }
# One of six runs on 5.10 differed once, by itself.
bwrap_alone()		{ alone bubblewrap --unshare-pid --ro-bind /data /data || alone bubblewrap --unshare-pid --ro-bind /data /data; }

tests="crun_recursive crun_mixed crun_atime crun_user crun_alone bwrap_read_only bwrap_write bwrap_user bwrap_alone"
# Written in Go, it makes system calls itself: a preload is nothing to it.
[ -n "$PRELOAD" ] || tests="$tests runc_recursive runc_mixed runc_atime runc_user runc_alone"

skip_without_programs
make_system containers
bundle recursive '"rbind", "rro", "rnoexec"'
bundle mixed '"rbind", "nosuid", "rnodev", "rslave"'
bundle atime '"rbind", "rnoatime"'
bundle user '"rbind", "rro"' '"uidMappings": [ { "containerID": 0, "hostID": 100000, "size": 65536 } ],
	"gidMappings": [ { "containerID": 0, "hostID": 100000, "size": 65536 } ],' '{ "type": "user" },'
number_of_containers=0
versions=$(inside /usr/bin/crun --version | sed -n 's/^crun version \([0-9.]*\).*/crun=\1/p')
echo "# $(inside /usr/bin/crun --version | head -n 1), $(inside /usr/bin/bwrap --version | head -n 1)"
run_cases $tests
failed=$?
umount -l $system
rmdir $system
exit $failed
