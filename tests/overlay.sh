#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# overlay.sh - the overlay: compiles against the headers of every C library and kernel of Debian's releases; a program that was
# compiled with it prints what one prints that was written for the library; configure scripts find the functions.
# May fetch headers into the cache of the kernel matrix and write in a directory of its own. Called by make check in the
# build directory.
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
builddir=$PWD
here=$srcdir/tests/overlay
[ -e "$builddir/libmntcompat-overlay.a" ] || { echo "run it in the build directory"; exit 99; }
case " $CFLAGS $SANITIZER_CFLAGS " in
*-fsanitize*) echo "built with a sanitizer"; exit 77;;
esac
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0 skipped=
library=$builddir/.libs/libmntcompat.a
[ -e "$library" ] || library=$builddir/.libs/libmntcompat.so
LD_LIBRARY_PATH=$builddir/.libs
export LD_LIBRARY_PATH
warnings="-Wall -Wextra -Werror"

# --- the same answers ---
${CC:-gcc} $warnings -pedantic -I"$srcdir/include/overlay" -o "$work/overlay" "$here/run.c" \
	"$builddir/libmntcompat-overlay.a" "$library" &&
${CC:-gcc} $warnings -I"$srcdir/include/overlay" -DMNTCOMPAT_OVERLAY_NO_FUNCTIONS \
	-DMNTCOMPAT_OVERLAY_NO_SYSCALL -DOURS -I"$srcdir/include" -o "$work/ours" "$here/run.c" \
	"$builddir/libmntcompat-overlay.a" "$library" || exit 1
for options in MNTCOMPAT_MODE=auto MNTCOMPAT_MODE=emulate MNTCOMPAT_KERNEL=6.12 MNTCOMPAT_KERNEL=5.10; do
	env $options "$work/ours" >"$work/ours.out" 2>&1
	status=$?
	[ $status != 77 ] || { skipped="no privilege to mount"; break; }
	env $options "$work/overlay" >"$work/overlay.out" 2>&1
	[ $status = $? ] && diff -u "$work/ours.out" "$work/overlay.out" || { echo "failed with $options"; failed=1; }
done
[ -n "$skipped" ] || cat "$work/overlay.out"

# --- the library is what it calls, whoever else has the name ---
for symbol in open_tree open_tree_attr move_mount fsmount mount_setattr statmount listmount listns statx unshare \
	name_to_handle_at; do
	nm "$work/overlay" | grep -qw "mntcompat_$symbol" || { echo "mntcompat_$symbol is not called"; failed=1; }
	nm -u "$work/overlay" | grep -qE "[ ]$symbol(@|\$)" && { echo "$symbol of the C library is called"; failed=1; }
done

# --- what a configure script asks ---
for symbol in open_tree open_tree_attr move_mount fsmount mount_setattr fsopen fsconfig fspick statmount listmount listns; do
	printf 'char %s();\nint main(void) { return %s(); }\n' $symbol $symbol >"$work/conftest.c"
	${CC:-gcc} -w -o "$work/conftest" "$work/conftest.c" "$builddir/libmntcompat-overlay.a" "$library" ||
		{ echo "$symbol is not found"; failed=1; }
done

# --- a C library that declares them as well ---
# coming/ stands for it, between the overlay and the system's headers.
coming="-I$srcdir/include/overlay -isystem $here/coming"
printf '#include <sys/mount.h>\nint main(void) { return statmount(0, 0, 0, 0) + (int)listmount(0, 0, 0, 0); }\n' >"$work/declared.c"
# shellcheck disable=SC2086
${CC:-gcc} $warnings -D_GNU_SOURCE -c -o "$work/declared.o" ${coming#*overlay} "$work/declared.c" ||
	{ echo "tests/overlay/coming is of no use here"; failed=1; }
tried=0
for compiler in ${CC:-gcc} clang g++ clang++; do
	command -v "${compiler%% *}" >/dev/null || continue
	case $compiler in *++) language=c++;; *) language=c;; esac
	for first in sys/mount.h linux/mount.h mntcompat-overlay.h; do
		printf '#include <%s>\n#include <sys/mount.h>\n#include <linux/mount.h>\n#include <stdint.h>\n%s\n' $first '
int main(void)
{
	struct mnt_id_req req = {};
	struct statmount answer;
	uint64_t ids[1];

	req.size = MNT_ID_REQ_SIZE_VER0;
	/* No mount has this id. */
	req.mnt_id = 1;
	return statmount(&req, &answer, sizeof(answer), 0) != -1 || listmount(&req, ids, 1, 0) != -1;
}' >"$work/coming.c"
		# shellcheck disable=SC2086
		$compiler -x $language $warnings -D_GNU_SOURCE $coming -o "$work/coming.o" -c "$work/coming.c" &&
		${CC:-gcc} -o "$work/coming" "$work/coming.o" "$builddir/libmntcompat-overlay.a" "$library" && "$work/coming" &&
			nm "$work/coming.o" | grep -qw mntcompat_listmount && nm "$work/coming.o" | grep -qw mntcompat_statmount ||
			{ echo "failed: a C library that declares statmount() and listmount(), with $compiler, $first first"; failed=1; }
		tried=$((tried + 1))
	done
done
[ $failed != 0 ] || echo "a C library that declares statmount() and listmount(): $tried programs"

# --- functions of one's own by these names ---
cat >"$work/own.c" <<'EOC'
#define _GNU_SOURCE
#include <stdint.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/syscall.h>

static int statmount(uint64_t id, uint64_t mask, struct statmount *buf, size_t size)
{
	struct mnt_id_req req = { .size = MNT_ID_REQ_SIZE_VER0, .mnt_id = id, .param = mask };

	return (int)syscall(SYS_statmount, &req, buf, size, 0);
}

int main(void)
{
	struct statmount buf;

	/* No mount has this id: all kernels say so. */
	return statmount(1, STATMOUNT_MNT_BASIC, &buf, sizeof(buf)) != -1;
}
EOC
for include in "-I$srcdir/include/overlay" "$coming"; do
	# shellcheck disable=SC2086
	${CC:-gcc} $warnings -DMNTCOMPAT_OVERLAY_NO_STATMOUNT $include -o "$work/own" "$work/own.c" \
		"$builddir/libmntcompat-overlay.a" "$library" && "$work/own" &&
		nm "$work/own" | grep -qw mntcompat_statmount ||
		{ echo "failed: a program with its own statmount(), $include"; failed=1; }
done

# --- every C library and kernel ---
if command -v python3 >/dev/null; then
	"$here/matrix.py" >"$work/matrix.out" 2>&1
	status=$?
else
	echo "no python3" >"$work/matrix.out"
	status=77
fi
cat "$work/matrix.out"
case $status in
0)	;;
77)	skipped="no headers of other releases: $(tail -n 1 "$work/matrix.out")";;
*)	failed=1;;
esac
[ $failed = 0 ] || exit 1
[ -z "$skipped" ] || { echo "$skipped"; exit 77; }
