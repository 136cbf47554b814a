#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# clients.sh - larger programs of other people that mount, as Debian has them: systemd-nspawn, systemd as process 1 of a container
# with services in sandboxes, criu, LXC, and podman; prints TAP. With clients.expected empty the failures show what Linux 7.3 prints
# (clients-native), after "# +". The system is below /tmp/system (system.sh), with a directory for each machine. Words name the cases
# to run. Called by the kernel matrix, with the preload in $PRELOAD or the command that supervises in $RUN, or with neither, on the kernel that needs none and on
# older ones alone.
expected=/test/clients.expected
tool=/test/mntcompat
system=/tmp/system
export LC_ALL=C
. /test/tap.sh
. /test/system.sh

# Ids and peer groups are different each time, later kernels' tmpfs says more, and systemd tells its opinion of the kernel and of the
# cgroups that it is given, by lines of a terminal. Why a container of LXC does not start is told in words of its source.
canonical()
{
	sed -e '/baseline kernel version/d' -e '/Failed to read pids.max/d' -e 's/\r$//' -e 's/,inode64//g' -e 's/\(shared\|master\):[0-9]*/\1:N/g' -e 's/[0-9a-f]\{64\}/ID/' -e 's/-private-[0-9a-f]*-\([a-z]*\).service-[^/]*/-private-ID-\1-NAME/' \
		-e '/^lxc-execute: /d'
}

# make_look DIRECTORY: the command "look WORD..." there: the mounts, as mountinfo has them without ids and without those below the
# words, and which of the files below /data and its copies can be made.
make_look()
{
	cat >"$1/bin/look" <<'EOL'
#!/bin/sh
PATH=/bin
awk -v words="$*" 'BEGIN { n = split(words, below, " ") } {
	for (i = 1; i <= n; i++)
		if (index($5, below[i] "/") == 1)
			next
	for (i = 7; $i != "-"; i++)
		more = more " " $i
	print $5, $4, $6 more " - " $(i + 1)
	more = ""
}' /proc/self/mountinfo | sort
for place in /data /data/sub /copy /copy/sub; do
	[ -d $place ] && (: >$place/file) 2>/dev/null && echo "$place: can be written"
done
exit 0
EOL
	chmod 755 "$1/bin/look"
}

# make_tree DIRECTORY: busybox and a shell.
make_tree()
{
	mkdir -p "$1/bin" "$1/etc" "$1/var" "$1/tmp" "$1/run" "$1/proc" "$1/sys" "$1/dev" "$1/hidden" "$1/data" "$1/copy"
	[ -e "$1/bin/busybox" ] || cp /bin/busybox "$1/bin/busybox"
	for applet in sh env awk sort grep mv cat rm stat touch; do
		ln -sf busybox "$1/bin/$applet"
	done
	make_look "$1"
}

# in_cgroup COMMAND...: in a cgroup of its own, in which nspawn makes others; they go afterwards.
in_cgroup()
{
	mkdir $system/sys/fs/cgroup/client
	inside /bin/sh -c 'echo $$ >/sys/fs/cgroup/client/cgroup.procs && exec "$@"' sh "$@"
	# What watches the time for timeout looks once a second whether there is nothing left to watch.
	for _ in 1 2 3 4 5; do
		[ "$(cat $system/sys/fs/cgroup/client/cgroup.procs)" ] || break
		sleep 1
	done
	find $system/sys/fs/cgroup/client -depth -type d -exec rmdir {} \;
}

# nspawn OPTION...
nspawn()
{
	in_cgroup /usr/bin/systemd-nspawn --quiet --register=no --keep-unit --console=pipe --settings=no --link-journal=no \
		--resolv-conf=off --timezone=off --directory=/machine "$@"
}

nspawn_plain()		{ nspawn /bin/look; }
nspawn_bind()		{ nspawn --bind=/data --bind-ro=/data:/copy --tmpfs=/var:size=1m --inaccessible=/hidden /bin/look /dev /proc /sys; }
nspawn_users()
{
	nspawn --private-users=524288:65536 --private-users-ownership=map --bind=/data/sub:/data:idmap /bin/sh -c '/bin/look /dev /proc /sys /run; stat -c "%u %n" /bin; touch /new && stat -c "%u %n" /new'
	stat -c '%u outside' $system/machine/new
	rm -f $system/machine/new
}
nspawn_read_only()	{ nspawn --read-only --bind=/data /bin/sh -c '/bin/look /dev /proc /sys /run 2>/dev/null; touch /new'; }

make_machine()
{
	make_tree $system/machine
	mkdir -p $system/machine/usr
}

# make_unit NAME LINE...: a service that looks at its mounts.
make_unit()
{
	unit=$1
	shift
	{
		printf '[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nStandardOutput=file:/out/%s\nStandardError=inherit\n' "$unit"
		printf '%s\n' "$@"
	} >"$units/$unit.service"
	services="$services $unit.service"
}

make_booted()
{
	units=$system/usr/lib/systemd/system services=
	mkdir -p $units $system/booted/usr $system/booted/out $system/booted/home/user $system/booted/root $system/booted/opt $system/booted/srv
	make_tree $system/booted
	mkdir -p $system/booted/lib64
	ln -s ../usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 $system/booted/lib64/
	ln -s usr/lib $system/booted/lib
	make_tree $system/booted/opt/tree
	mount -o bind $system/usr $system/booted/usr
	mkdir -p $system/booted/etc/systemd/system
	ln -s /usr/lib/systemd/system/clients.target $system/booted/etc/systemd/system/default.target
	printf '[Manager]\nShowStatus=no\nLogLevel=notice\nLogTarget=console\nLogColor=no\n' >$system/booted/etc/systemd/system.conf
	echo 'ID=test' >$system/booted/etc/os-release
	echo 0123456789abcdef0123456789abcdef >$system/booted/etc/machine-id
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' >$system/booted/etc/passwd
	printf 'root:x:0:\nnogroup:x:65534:\n' >$system/booted/etc/group
	make_unit plain 'ExecStart=/bin/look /dev /proc /sys'
	make_unit strict 'ProtectSystem=strict' 'ProtectHome=yes' 'PrivateTmp=yes' 'ReadWritePaths=/data/sub' 'NoExecPaths=/data' 'ExecStart=/bin/look /dev /proc /sys'
	make_unit paths 'PrivateTmp=yes' 'BindPaths=/data:/srv' 'BindReadOnlyPaths=/data:/copy' 'TemporaryFileSystem=/opt:ro,size=1m' 'InaccessiblePaths=/home' 'ExecStart=/bin/look /dev /proc /sys'
	make_unit root 'RootDirectory=/opt/tree' 'MountAPIVFS=yes' 'BindReadOnlyPaths=/data' 'TemporaryFileSystem=/tmp' 'ExecStart=/bin/look /dev /proc /sys'
	make_unit kernel 'PrivateTmp=yes' 'ProtectKernelTunables=yes' 'ProtectControlGroups=yes' 'ProtectProc=invisible' 'PrivateDevices=yes' 'ExecStart=/bin/look'
	make_unit user 'PrivateTmp=yes' 'DynamicUser=yes' 'StateDirectory=state' 'ExecStart=/bin/sh -c "/bin/look /dev /proc /sys; touch /var/lib/state/file && [ -O /var/lib/state/file ] && echo own"'
	printf '[Unit]\nDefaultDependencies=no\nWants=%s\nAfter=%s\nSuccessAction=exit-force\nRequires=end.service\nAfter=end.service\n' "$services" "$services" >$units/clients.target
	printf '[Unit]\nDefaultDependencies=no\nAfter=%s\nSuccessAction=exit-force\n[Service]\nType=oneshot\nStandardOutput=null\nExecStart=/bin/sh -c ":"\n' "$services" >$units/end.service
}

# boot: systemd as process 1 starts the services, and ends. It forgets the environment that it was not given.
boot()
{
	set --
	[ -z "$PRELOAD" ] || set -- -E LD_PRELOAD=/usr/lib/preload.so
	rm -f $system/booted/out/*
	in_cgroup timeout 400 /usr/bin/systemd-nspawn --quiet --register=no --keep-unit --console=read-only --settings=no --link-journal=no \
		--resolv-conf=off --timezone=off --directory=/booted --bind=/data "$@" --boot
}

systemd_boot()		{ boot; ls $system/booted/out; }
# said NAME: by that service
said()
{
	[ ! -s $system/booted/out/"$1" ] || cat $system/booted/out/"$1"
	[ -s $system/booted/out/"$1" ] || echo "it did not start"
}

systemd_plain()		{ said plain; }
systemd_strict()	{ said strict; }
systemd_paths()		{ said paths; }
systemd_root()		{ said root; }
systemd_kernel()	{ said kernel; }
systemd_user()		{ said user; }

# podman OPTION...: a container of a directory, without images or a network of its own
podman()
{
	in_cgroup timeout 400 /bin/env PATH=/usr/bin:/bin HOME=/tmp TMPDIR=/tmp /usr/bin/podman --root /tmp/storage --runroot /run/storage --storage-driver vfs --runtime /usr/bin/crun \
		--cgroup-manager cgroupfs --events-backend none run --rm --network host --cgroups disabled --log-driver passthrough \
		--no-hosts --no-hostname "$@"
}

podman_plain()		{ podman --rootfs /machine /bin/look /dev /proc /sys; }
podman_volumes()	{ podman --read-only --volume /data:/data:ro --mount type=bind,src=/data,dst=/copy,bind-propagation=rslave --tmpfs /var:size=1m --rootfs /machine /bin/look /dev /proc /sys; }

# lxc LINE...: a container of a directory, with these lines of configuration, that looks.
lxc()
{
	mkdir -p $system/run/lxc/client
	printf '%s\n' 'lxc.rootfs.path = dir:/machine' 'lxc.uts.name = client' 'lxc.net.0.type = empty' 'lxc.console.path = none' \
		'lxc.apparmor.profile = unchanged' 'lxc.mount.auto = proc:mixed sys:ro cgroup:mixed' "$@" >$system/run/lxc/client/config
	in_cgroup timeout -s KILL 400 /bin/env PATH=/usr/bin:/bin HOME=/tmp /usr/bin/lxc-execute --name client --lxcpath /run/lxc --rcfile /run/lxc/client/config -- \
		/bin/look $hidden
}

lxc_plain()		{ hidden='' lxc; }
lxc_options()		{ hidden='/dev /proc /sys' lxc 'lxc.rootfs.options = ro,nosuid,nodev'; }
lxc_nosuid()		{ hidden='/dev /proc /sys' lxc 'lxc.rootfs.options = nosuid,nodev'; }
lxc_entries()
{
	hidden='/dev /proc /sys' lxc 'lxc.mount.entry = /data data none bind,ro,nosuid 0 0' \
		'lxc.mount.entry = /data copy none rbind,nodev 0 0' 'lxc.mount.entry = tmpfs var tmpfs size=1m,mode=755,ro,noexec 0 0'
}
lxc_users()
{
	hidden='/dev /proc /sys' lxc 'lxc.idmap = u 0 524288 65536' 'lxc.idmap = g 0 524288 65536' 'lxc.rootfs.options = idmap=container'
}

# missing_for NAME: which set of programs is not there.
missing_for()
{
	case $1 in
	nspawn_*|systemd_*) set=systemd;;
	*) set=${1%%_*};;
	esac
	[ ! -s "/debian/missing-$set" ] || cat "/debian/missing-$set"
}

criu_check()		{ inside /usr/sbin/criu check; }

sets=
for set in systemd criu lxc podman; do
	[ -s "/debian/missing-$set" ] || sets="$sets $set"
done
# shellcheck disable=SC2086
make_system $sets
ln -s busybox $system/bin/timeout
echo 'ID=test' >$system/usr/lib/os-release
mkdir -p $system/run/systemd/inaccessible/dir && : >$system/run/systemd/inaccessible/reg
mkdir $system/dev/net && mknod $system/dev/net/tun c 10 200
mkdir $system/dev/shm && mount -t tmpfs -o mode=1777 shm $system/dev/shm
mkdir $system/dev/pts && mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts $system/dev/pts && ln -s pts/ptmx $system/dev/ptmx
# Where LXC mounts the root of a container.
mkdir -p $system/usr/lib/x86_64-linux-gnu/lxc/rootfs
# podman looks for one, even where it makes no network.
mkdir -p $system/usr/lib/podman && cp /bin/busybox $system/usr/lib/podman/netavark
make_machine
make_booted
# Written in Go, it makes system calls itself: a preload is nothing to it.
go=
[ -n "$PRELOAD" ] || go="podman_plain podman_volumes"
run_cases ${*:-nspawn_plain nspawn_bind nspawn_users nspawn_read_only systemd_boot systemd_plain systemd_strict systemd_paths systemd_root systemd_kernel systemd_user criu_check lxc_plain lxc_options lxc_nosuid lxc_entries lxc_users $go}
failed=$?
umount -l $system
rmdir $system
exit $failed
