#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# languages.sh - extracts the programs of docs/languages.md, builds and runs those whose toolchain is installed, and names the
# others. A program without libc is run under supervision. May write in a directory of its own; needs no privilege. Called by make check in the build directory. Exits with 77,
# after all other languages, if one was left out; ./check counts each line that begins with "skipped:".
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
builddir=$PWD
[ -e "$builddir/.libs/libmntcompat.so.0" ] || { echo "no shared library was built"; exit 77; }
case " $CFLAGS $SANITIZER_CFLAGS " in
*-fsanitize*) echo "built with a sanitizer"; exit 77;;
esac
case ${CC:-gcc} in
*" -m32"*|*musl*) echo "the toolchains of other languages are for the machine's own C library"; exit 77;;
esac
# Builds of their own: the file descriptors that this names are closed here.
unset MAKEFLAGS MFLAGS
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
awk -v base="$work/block." '
	/^```/ { if (file) { close(file); file = "" } else if (length($0) > 3) { file = base substr($0, 4); gsub(/ /, "_", file) }; next }
	file { print > file }' "$srcdir/docs/languages.md"
mkdir "$work/pc"
cat >"$work/pc/libmntcompat.pc" <<EOP
Name: libmntcompat
Description: as it was built
Version: 0
Cflags: -I$srcdir/include
Libs: -L$builddir/.libs -lmntcompat
EOP
PKG_CONFIG_PATH=$work/pc LD_LIBRARY_PATH=$builddir/.libs
export PKG_CONFIG_PATH LD_LIBRARY_PATH
cat >"$work/example.c" <<'EOC'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <mntcompat.h>

int main(void)
{
	struct mntcompat_mnt_id_req req = { .size = MNTCOMPAT_MNT_ID_REQ_SIZE_VER1,
					    .param = MNTCOMPAT_STATMOUNT_MNT_POINT | MNTCOMPAT_STATMOUNT_FS_TYPE };
	struct mntcompat_statmount *mount;

	req.mnt_fd = (uint32_t)open("/proc", O_PATH | O_CLOEXEC);
	if (mntcompat_statmount_alloc(&req, MNTCOMPAT_STATMOUNT_BY_FD, &mount) < 0)
		return 1;
	printf("%s %s\n", mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_FS_TYPE),
	       mntcompat_statmount_string(mount, MNTCOMPAT_STATMOUNT_MNT_POINT));
	return 0;
}
EOC
failed=0 tried= skipped=

with_python() { python3 "$work/block.python"; }
with_rust() { rustc --edition 2021 -L "$builddir/.libs" -o "$work/rust" "$work/block.rust" && "$work/rust"; }
with_go()
{
	mkdir -p "$work/go" && cp "$work/block.go" "$work/go/main.go" && cd "$work/go" &&
		printf 'module example\n' >go.mod && GOFLAGS=-mod=mod GOTOOLCHAIN=local go build -o example . && ./example
}
# As the kernel's own call, which a supervisor answers; as on 5.10 it has to have been asked.
with_go_static()
{
	mkdir -p "$work/go-static" && cp "$work/block.go_static" "$work/go-static/main.go" && cd "$work/go-static" &&
		printf 'module example\n' >go.mod && CGO_ENABLED=0 GOFLAGS=-mod=mod GOTOOLCHAIN=local go build -o example . ||
		return
	! ldd example >/dev/null 2>&1 || echo "it is linked with libc"
	"$builddir/mntcompat" -v run --seccomp -- ./example 2>answers || { cat answers; return 1; }
	[ -z "$MNTCOMPAT_KERNEL" ] || grep -q 'statmount(flags=0x1): mountinfo, 0' answers || cat answers
}
with_cmake()
{
	mkdir -p "$work/cmake" && cp "$work/block.cmake" "$work/cmake/CMakeLists.txt" && cp "$work/example.c" "$work/cmake" &&
		cmake -S "$work/cmake" -B "$work/cmake/build" >"$work/log" 2>&1 &&
		cmake --build "$work/cmake/build" >>"$work/log" 2>&1 && "$work/cmake/build/example" || { cat "$work/log"; return 1; }
}
with_meson()
{
	mkdir -p "$work/meson" && cp "$work/block.meson" "$work/meson/meson.build" && cp "$work/example.c" "$work/meson" &&
		meson setup "$work/meson/build" "$work/meson" >"$work/log" 2>&1 &&
		meson compile -C "$work/meson/build" >>"$work/log" 2>&1 && "$work/meson/build/example" ||
		{ cat "$work/log"; return 1; }
}

# try LANGUAGE TOOL...: as on this kernel, and as on Linux 5.10
try()
{
	language=$1
	shift
	[ -s "$work/block.$language" ] || { echo "docs/languages.md has no block for $language"; failed=1; return; }
	for tool; do
		"$tool" --version >/dev/null 2>&1 || "$tool" version >/dev/null 2>&1 ||
			{ skipped="$skipped $language"; echo "skipped: $language (no $tool)"; return; }
	done
	case $language in
	*_static)
		if ! "$builddir/mntcompat" --kernel 5.10 run --seccomp -- true 2>"$work/log"; then
			skipped="$skipped $language"
			echo "skipped: $language ($(tail -n 1 "$work/log"))"
			return
		fi;;
	esac
	for kernel in "" 5.10; do
		printed=$(MNTCOMPAT_KERNEL=$kernel; export MNTCOMPAT_KERNEL; "with_$language" 2>&1)
		[ "$printed" = "proc /proc" ] || { echo "$language${kernel:+ as $kernel}: $printed"; failed=1; }
	done
	tried="$tried $language"
}
try python python3
try rust rustc
try go go
try go_static go
try cmake cmake pkg-config
try meson meson ninja pkg-config
echo "tried:$tried; skipped:${skipped:- none}"
[ $failed = 0 ] || exit 1
[ -z "$skipped" ] || exit 77
