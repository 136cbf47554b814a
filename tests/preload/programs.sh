#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# programs.sh - programs of other people, as Debian has them, on a few mounts: prints TAP.
# With programs.expected empty the failures show what Linux 7.3 prints (programs-native), after "# +".
# Mounts below /tmp/world and /tmp/mounts, in the guest's own mount namespace. Called by the kernel matrix, with the preload for
# the programs in $PRELOAD (not for this shell's) or the command that supervises them in $RUN, or with neither on the kernel
# that needs none.
expected=/test/programs.expected
export LC_ALL=C
. /test/tap.sh

# debian SUITE PROGRAM ARGUMENT...: with the libraries and the dynamic linker of its suite
debian()
{
	debian_suite=/debian/$1
	program=$debian_suite/usr/$2
	shift 2
	LIBMOUNT_FSTAB=/dev/null $RUN "$debian_suite/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" \
		--preload "$PRELOAD $ALSO" --library-path "$debian_suite/usr/lib/x86_64-linux-gnu" "$program" "$@" 2>&1
	echo $? >/tmp/status
}

# inode64: older kernels do not say so by themselves.
make_world()
{
	mkdir -p /tmp/world && mount -t tmpfs -o size=1m,mode=755,inode64 world /tmp/world || exit 99
	mkdir -p /tmp/world/a /tmp/world/b /tmp/world/c "/tmp/world/with blank"
	mount -t tmpfs -o size=2m,mode=700,inode64,noexec first /tmp/world/a
	mkdir -p /tmp/world/a/deep
	mount -t tmpfs -o size=3m,inode64,nosuid,nodev second /tmp/world/a/deep
	mount -t proc -o ro third "/tmp/world/with blank"
	mount --make-shared /tmp/world/a
	mount -o bind /tmp/world/a /tmp/world/b
	mount --make-slave /tmp/world/b
}

# Ids and peer groups are different each time; what a kernel can tell at all is not what is asked here.
canonical()
{
	sed -e '/supported_mask\|attributes_mask/d' -e 's/0x[0-9a-f]\{8,\}/ID/g' -e 's/mnt_ns_id: .*/mnt_ns_id: ID/' \
		-e 's/\(mnt_id_old\|mnt_parent_id_old\|sb_dev_minor\): [1-9][0-9]*/\1: N/'
}

columns=TARGET,SOURCE,FSTYPE,OPTIONS,PROPAGATION,FSROOT

findmnt_tree()		{ debian trixie bin/findmnt --kernel=listmount -R /tmp/world -o $columns; }
findmnt_list()		{ debian trixie bin/findmnt --kernel=listmount -l -n -t tmpfs -R /tmp/world -o TARGET,VFS-OPTIONS,FS-OPTIONS; }
findmnt_json()		{ debian trixie bin/findmnt --kernel=listmount -J -R /tmp/world/a -o $columns; }
findmnt_sid()		{ debian sid bin/findmnt --kernel=listmount -R /tmp/world -o $columns; }
findmnt_parity()
{
	debian trixie bin/findmnt --kernel=listmount -R /tmp/world -n -l -o TARGET,SOURCE,FSTYPE,OPTIONS >/tmp/by-listmount
	debian trixie bin/findmnt --kernel=mountinfo -R /tmp/world -n -l -o TARGET,SOURCE,FSTYPE,OPTIONS >/tmp/by-mountinfo
	cmp /tmp/by-listmount /tmp/by-mountinfo && echo the same by mountinfo
}
# What mount(8) is asked for, in /tmp/mounts with a mount on a and a/deep; of each: what it says, its status, what is there
# then. "differ": before 5.12 mount(8) does half of it, or says it in other words; so it is compared with itself only.
mount_cases="
same: mount -o bind,ro a c
same: mount -o bind,nosuid,noatime,nosymfollow a c
same: mount --rbind a c; mount -o remount,bind,ro,noexec c; mount --make-rprivate c; umount -R c
same: mount --rbind --make-rslave -o nosuid a c
differ: mount -o rbind,ro=recursive,noexec a c
same: mount -t tmpfs -o size=1m,ro,nosuid new d; mount -o remount,rw,noexec d; mount --make-shared d; umount d
same: mount -t tmpfs --make-private -o nodev new d; mount --move d c; umount c
same: mount -o bind,ro missing c; mount -o bind,ro a missing; mount -o remount,ro c
differ: mount -t tmpfs -o ro,unknown new d
same: mount -t unknown new d
"
mount_step()
{
	mount_program=$2
	shift 2
	echo "$mount_program $*"
	(cd /tmp/mounts && debian "$mount_suite" "bin/$mount_program" "$@" | grep -v 'dmesg(1)'; exit "$(cat /tmp/status)")
	echo "status $?"
	grep -o ' /[^ ]* /tmp/mounts/[cd][ /].*' /proc/self/mountinfo | cut -d' ' -f3-5 | sed 's/:[0-9]*//'
}
mount_case()
{
	mkdir -p /tmp/mounts && mount -t tmpfs -o mode=755 mounts /tmp/mounts || exit 99
	mkdir /tmp/mounts/a /tmp/mounts/c /tmp/mounts/d
	mount -t tmpfs first /tmp/mounts/a && mkdir /tmp/mounts/a/deep && mount -t tmpfs second /tmp/mounts/a/deep
	mount --make-shared /tmp/mounts/a
	echo "$1;" | while read -r -d ';' step; do
		# In words.
		mount_step at $step
	done
	umount -l /tmp/mounts
}
# mount_compared SUITE: each with the library's answers, and without
mount_compared()
{
	mount_suite=$1
	echo "$mount_cases" | grep . | while IFS=: read -r kind steps; do
		mount_case "${steps# }" >/tmp/mount-with
		(PRELOAD='' RUN='' && mount_case "${steps# }") >/tmp/mount-without
		[ "$kind" = differ ] || cat /tmp/mount-with
		cmp -s /tmp/mount-with /tmp/mount-without && echo "the same without: ${steps# }" || diff /tmp/mount-without /tmp/mount-with
	done
}
mount_trixie()		{ mount_compared trixie; }
mount_sid()		{ mount_compared sid; }
# libmount goes by the release as well, from 2.39.1 on; others go by the calls alone.
mount_by_calls()	{ ALSO=/test/release.so mount_compared trixie; }
xfs_io_statmount()	{ debian sid sbin/xfs_io -c "statmount -r" /tmp/world/a/deep </dev/null; }
xfs_io_listmount()	{ debian sid sbin/xfs_io -c "listmount -f 0x32 -t tmpfs" /tmp/world </dev/null | grep 'mnt_point: /tmp/world'; }
xfs_io_statx()		{ debian sid sbin/xfs_io -c "statx -r -m 0x4000" /tmp/world/a </dev/null | sed -n 's/^stat.mask = 0x4.*/told: the unique id/p; /mnt_id/p'; }
# Perl's syscall() is libc's.
perl_syscall()
{
	debian sid bin/perl -e '
		sub id {
			my ($path, $buf) = ($_[0], "\0" x 256);
			syscall(332, -100, $path, 0, 0x4000, $buf) == 0 or die "statx: $!";
			return unpack("Q", substr($buf, 0x90, 8));
		}
		my $ids = "\0" x 800;
		my $req = pack("LLQQQ", 32, 0, id("/tmp/world"), 0, 0);
		my $n = syscall(458, $req, $ids, 100, 0);
		die "listmount: $!" if $n < 0;
		for (unpack("Q$n", $ids)) {
			my $buf = "\0" x 4096;
			my $req = pack("LLQQQ", 32, 0, $_, 0x30, 0);
			syscall(457, $req, $buf, 4096, 0) == 0 or die "statmount: $!";
			my ($type, $point) = (unpack("L", substr($buf, 36, 4)), unpack("L", substr($buf, 108, 4)));
			print join(" ", unpack("Z*", substr($buf, 512 + $type)), unpack("Z*", substr($buf, 512 + $point))), "\n";
		}'
}

tests="findmnt_tree findmnt_list findmnt_json findmnt_sid findmnt_parity mount_trixie mount_sid mount_by_calls xfs_io_statmount xfs_io_listmount
	xfs_io_statx perl_syscall"

skip_without_programs
make_world
run_cases $tests
failed=$?
umount -l /tmp/world
exit $failed
