#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# programs.sh - programs of other people, as Debian has them, on a few mounts: prints TAP.
# With programs.expected empty the failures show what Linux 7.3 prints (programs-native), after "# +".
# Mounts below /tmp/world, in the guest's own mount namespace. Called by the kernel matrix, with the preload for the programs
# in $PRELOAD (not for this shell's), or without it on the kernel that needs none.
expected=/test/programs.expected
export LC_ALL=C

# debian SUITE PROGRAM ARGUMENT...: with the libraries and the dynamic linker of its suite
debian()
{
	debian_suite=/debian/$1
	program=$debian_suite/usr/$2
	shift 2
	LD_PRELOAD=$PRELOAD LIBMOUNT_FSTAB=/dev/null \
		"$debian_suite/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" \
		--library-path "$debian_suite/usr/lib/x86_64-linux-gnu" "$program" "$@" 2>&1
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
# Attributes of a mount that is attached: those of detached trees are refused before 5.12, see libmntcompat-preload(7).
mount_attached()
{
	debian sid bin/mount --rbind /tmp/world/a /tmp/world/c
	findmnt_of_c
	debian sid bin/mount -o remount,bind,ro,noexec /tmp/world/c
	findmnt_of_c
	debian sid bin/mount --make-rprivate /tmp/world/c
	findmnt_of_c
	debian sid bin/umount -R /tmp/world/c
	findmnt_of_c
}
findmnt_of_c()		{ debian sid bin/findmnt --kernel=mountinfo -R /tmp/world/c -n -l -o TARGET,VFS-OPTIONS,PROPAGATION; echo "status $?"; }
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

tests="findmnt_tree findmnt_list findmnt_json findmnt_sid findmnt_parity mount_attached xfs_io_statmount xfs_io_listmount
	xfs_io_statx perl_syscall"

if [ -s /debian/missing ]; then
	echo "1..0 # SKIP $(cat /debian/missing)"
	exit
fi
make_world
number=0 failed=0
for test in $tests; do
	number=$((number + 1))
	$test | canonical >/tmp/got
	sed -n "/^== $test\$/,/^== /p" "$expected" | grep -v '^== ' >/tmp/wanted
	if diff -u /tmp/wanted /tmp/got >/tmp/difference && [ -s /tmp/wanted ]; then
		echo "ok $number - $test"
	else
		echo "not ok $number - $test"
		sed 's/^/# /' /tmp/difference
		failed=1
	fi
done
umount -l /tmp/world
echo "1..$number"
exit $failed
