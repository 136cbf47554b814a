# SPDX-License-Identifier: LGPL-2.1-or-later
# system.sh - a small system below $system, in the guest's own mount namespace, that becomes the root of a mount namespace for
# programs of other people: what containers.sh and clients.sh share. Needs $tool, $system, and $PRELOAD or $RUN, or neither.

# make_system SET...: with these sets of programs, as tests/matrix/programs.py has them.
make_system()
{
	mkdir $system && mount -t tmpfs -o mode=755 system $system || exit 99
	mkdir -p $system/usr $system/lib64 $system/proc $system/sys $system/dev $system/run $system/tmp $system/bin $system/etc
	for set; do
		cp -r /debian/"$set"/usr/* $system/usr
	done
	ln -s ../usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 $system/lib64
	ln -s usr/lib $system/lib
	[ -z "$PRELOAD" ] || cp "$PRELOAD" $system/usr/lib/preload.so
	cp /bin/busybox $system/bin/busybox && ln -s busybox $system/bin/env && ln -s busybox $system/bin/sh || exit 99
	mount -t proc proc $system/proc && mount -t sysfs sysfs $system/sys && mount -t tmpfs run $system/run &&
		mount -t tmpfs -o mode=755 dev $system/dev && mount -t cgroup2 cgroup2 $system/sys/fs/cgroup || exit 99
	for node in null zero full random urandom tty; do
		: >$system/dev/$node && mount -o bind /dev/$node $system/dev/$node || exit 99
	done
	# What is mounted in the containers: a mount with one below it.
	mkdir $system/data && mount -t tmpfs -o size=1m,mode=755 data $system/data && mkdir $system/data/sub &&
		mount -t tmpfs -o size=2m,mode=755,nosuid sub $system/data/sub || exit 99
}

# inside COMMAND ARGUMENT...: in the system
inside()
{
	preload=
	[ -z "$PRELOAD" ] || preload=LD_PRELOAD=/usr/lib/preload.so
	$RUN $tool namespace $system -- /bin/env $preload "$@" </dev/null 2>&1
	echo "status $?"
}
