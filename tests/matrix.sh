#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# matrix.sh - mntcompat-matrix as "make install-matrix" leaves it below DESTDIR, with a stand-in for qemu that starts nothing and
# reports what a guest would: options, TAP, JUnit, exit status, messages; that it needs no compiler and names nothing of this
# project's suites. Writes in a directory of its own; needs no privilege. Called by make check in the build directory.
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
for tool in python3 busybox dpkg-deb; do
	command -v $tool >/dev/null || { echo "no $tool"; exit 77; }
done
case $(uname -m) in x86_64|aarch64|s390x) ;; *) echo "no machine is known for $(uname -m)"; exit 77;; esac
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }

# The parts know nothing of the project that they belong to.
found=$(grep -nE 'tests/|scenario|kernels\.lock|libmntcompat|mount namespace' "$srcdir"/matrix/*.py)
[ -z "$found" ] || fail "the generic part names this project: $found"

grep -q '^matrix_DATA =' Makefile || { echo "programs cannot be linked statically here"; exit 77; }
${MAKE:-make} -s install-matrix DESTDIR="$work/root" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
bindir=$work/root$(sed -n 's/^prefix = //p' Makefile)/bin

# A machine with what the package depends on, and an empty directory.
mkdir "$work/bin" "$work/empty" "$work/yours"
# Not somebody's wrapper that wants more than this.
ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$work/bin/python3"
for tool in busybox dpkg dpkg-deb ldd sh bash cat grep; do
	path=$(command -v $tool) && ln -s "$path" "$work/bin/$tool"
done
# newc FILE: the names in an initramfs; newc FILE NAME: what is in one of them.
cat >"$work/bin/newc" <<'EOC'
import sys
data, at = open(sys.argv[1], "rb").read(), 0
while True:
    size, length = int(data[at + 54:at + 62], 16), int(data[at + 94:at + 102], 16)
    name = data[at + 110:at + 110 + length - 1].decode()
    start = (at + 110 + length + 3) & ~3
    if name == "TRAILER!!!":
        break
    if len(sys.argv) == 2:
        print(name)
    elif name == sys.argv[2]:
        sys.stdout.buffer.write(data[start:start + size])
    at = (start + size + 3) & ~3
EOC
newc() { python3 "$work/bin/newc" "$@"; }
cat >"$work/bin/qemu" <<'EOC'
#!/bin/sh
# One guest: reports the commands of its plan with the answer that FAKE has, as guest-init does.
for word; do
	case $word in
	file,id=report,path=*)	report=${word#file,id=report,path=};;
	file,id=console,path=*)	console=${word#file,id=console,path=};;
	*/initramfs)		initramfs=$word;;
	esac
done
echo "$*" >>"$FAKE_DIR/words"
cp "$initramfs" "$FAKE_DIR/initramfs"
case $FAKE:$* in
broken:*|*:*"-accel kvm"*) echo "no machine" >&2; exit 1;;
esac
: >"$console"
frame() { printf '\001%s%d\n%s' "$1" "${#2}" "$2"; }
{
	frame I "release 5.10.0-test"
	python3 "$FAKE_DIR/bin/newc" "$initramfs" matrix/plan | while IFS='	' read -r what name _; do
		[ "$what" = run ] || continue
		frame B "$name"
		frame O "$(cat "$FAKE_DIR/output")
"
		frame E "words on stderr
"
		frame X "$(cat "$FAKE_DIR/ending") 5"
	done
	frame Z ""
} >"$report"
EOC
chmod +x "$work/bin/qemu"
ln -s "$(command -v cp)" "$work/bin/cp"
for name in x86_64 aarch64 s390x; do ln -s qemu "$work/bin/qemu-system-$name"; done
printf '#!/bin/sh\necho 1..1; echo ok 1\n' >"$work/yours/run"
chmod +x "$work/yours/run"
printf 'no kernel\n' >"$work/bzImage"

# matrix STATUS OPTION...: what it prints is in out and err.
matrix()
{
	wanted=$1
	shift
	(cd "$work/empty" && env -i PATH="$work/bin" HOME="$work/home" FAKE="$FAKE" FAKE_DIR="$work" \
		"$work/bin/python3" "$bindir/mntcompat-matrix" --cache "$work/cache" "$@") >"$work/out" 2>"$work/err"
	status=$?
	[ $status = "$wanted" ] || { fail "mntcompat-matrix $*: exit status $status instead of $wanted"; cat "$work/out" "$work/err"; }
}
prints() { grep -qxF -e "$2" "$work/$1" || { fail "no line \"$2\" in"; cat "$work/$1"; }; }
has() { grep -qF -e "$2" "$work/$1" || { fail "no \"$2\" in"; cat "$work/$1"; }; }

FAKE=
matrix 0 --version
prints out "mntcompat-matrix $(sed -n 's/^VERSION = //p' Makefile)"
matrix 0 --help
matrix 2
has err "nothing to do"
matrix 2 --with "$work/none" --image "$work/bzImage"
has err "no such file or directory"
matrix 2 --with "$work/yours" --image "$work/none"
has err "--image $work/none: no such file"
matrix 2 --with "$work/yours" --lock "$work/none"
has err "--update-lock writes it"
printf 'not a lock\n' >"$work/lock"
matrix 2 --with "$work/yours" --lock "$work/lock"
has err "not a line of a lock"
matrix 2 --with "$work/yours" --rootfs "$work/bzImage" --image "$work/bzImage"
has err "neither a directory nor a tar file"

printf '1..3\nok 1 - one\nnot ok 2 - two\n# it was 3\nok 3 - three # SKIP no fish\n' >"$work/output"
echo "exit 1" >"$work/ending"
matrix 1 --accel tcg --with "$work/yours" --image "$work/bzImage" --output "$work/results"
prints out "TAP version 13"
prints out "ok 1 - bzImage switched yours: one"
prints out "not ok 2 - bzImage switched yours: two"
prints out "# it was 3"
prints out "ok 3 - bzImage switched yours: three # SKIP no fish"
prints out "1..3"
prints out "# 1 passed, 1 failed, 1 skipped"
has out "again: $bindir/mntcompat-matrix --image $work/bzImage --root switched --with $work/yours"
has err "emulation (TCG; as was asked for)"
python3 - "$work/results/junit.xml" <<'EOC' || fail "junit.xml"
import sys
import xml.etree.ElementTree as ET
suite = ET.parse(sys.argv[1]).getroot()[0]
assert suite.attrib["tests"] == "3" and suite.attrib["failures"] == "1" and suite.attrib["skipped"] == "1", suite.attrib
assert suite.find("testcase/failure").text == "# it was 3\n"
assert "not ok 2 - two" in suite.find("system-out").text
assert suite.find("system-err").text == "words on stderr\n"
EOC

# Nothing but an exit status; what is brought along is in the guest.
: >"$work/output"
echo "exit 0" >"$work/ending"
matrix 0 --accel tcg --with "$work/yours/run" --image "$work/bzImage" --add "$work/lock:/etc/lock" --output "$work/results"
prints out "ok 1 - bzImage switched run: run"
newc "$work/initramfs" >"$work/names"
for name in init bin/busybox test/run etc/lock matrix/plan; do
	grep -qx "$name" "$work/names" || fail "the guest has no $name"
done
! grep -q '<system-out>' "$work/results/junit.xml" || fail "output of what did not fail is in junit.xml"
echo "signal 11" >"$work/ending"
matrix 1 --accel tcg --with "$work/yours/run" --image "$work/bzImage"
has out "killed by signal 11"
echo "exit 3" >"$work/ending"
printf 'hello\n' >"$work/output"
matrix 3 --accel tcg --sh 'echo hello' --image "$work/bzImage"
prints out hello
prints err "words on stderr"
# Words of a program that look like options of this command.
matrix 3 --accel tcg --image "$work/bzImage" --exec "$work/yours/run" -v -- --with - --
newc "$work/initramfs" matrix/plan | tr '\t' '\n' | grep -A5 '^/test/run$' | tr '\n' ' ' | grep -q '/test/run -v -- --with - -- $' ||
	fail "the plan of --exec: $(newc "$work/initramfs" matrix/plan)"
matrix 2 --image "$work/bzImage" --exec

# A root filesystem, with links as today's have them: what is brought goes where they point, and what is there stays.
mkdir -p "$work/rootfs/usr/bin" "$work/rootfs/usr/lib"
ln -s usr/bin "$work/rootfs/bin"
ln -s usr/lib "$work/rootfs/lib"
echo theirs >"$work/rootfs/usr/bin/prog"
tar -C "$work/rootfs" -cf "$work/rootfs.tar" .
for rootfs in rootfs rootfs.tar; do
	matrix 3 --accel tcg --sh true --image "$work/bzImage" --rootfs "$work/$rootfs" --add "$work/lock:/bin/lock" \
		--add "$work/lock:/bin/prog"
	newc "$work/initramfs" >"$work/names"
	for name in bin usr/bin/prog usr/bin/lock matrix/init matrix/busybox; do
		grep -qx "$name" "$work/names" || fail "the guest of $rootfs has no $name"
	done
	! grep -qx -e bin/lock -e bin/busybox -e init "$work/names" || fail "beside the links of $rootfs: $(cat "$work/names")"
	[ "$(newc "$work/initramfs" usr/bin/prog)" = theirs ] || fail "a file of $rootfs was replaced"
	grep -q 'rdinit=/matrix/init' "$work/words" || fail "the kernel is not told of /matrix/init"
done

# KVM that opens and starts nothing.
echo "exit 0" >"$work/ending"
if (exec 3<>/dev/kvm) 2>/dev/null; then
	matrix 0 --sh true --image "$work/bzImage"
	has err "going on with emulation"
	matrix 0 --sh true --image "$work/bzImage"
	has err "emulation (TCG; no guest started with KVM on this host before)"
fi
FAKE=broken
matrix 1 --accel tcg --with "$work/yours" --image "$work/bzImage"
has out "no machine"
[ $failed = 0 ] && echo "as it should be"
exit $failed
