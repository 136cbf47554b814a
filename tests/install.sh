#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# install.sh - what make install leaves below DESTDIR can be used from there and is all that make uninstall takes away; the
# static library brings no name into a program that does not begin with mntcompat_.
# Installs into a directory of its own; needs no privilege. Called by make check in the build directory.
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "$*"; failed=1; }

${MAKE:-make} -s install DESTDIR="$work/root" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
prefix=$(sed -n 's/^prefix = //p' Makefile)
libdir=$(sed -n 's/^libdir=//p' lib/libmntcompat.pc | sed "s|\${exec_prefix}|$prefix|; s|\${prefix}|$prefix|")
lib=$work/root$libdir

# The installation knows nothing of DESTDIR or of this directory.
grep -rlIF -e "$work" -e "$PWD" "$work/root" >"$work/places"
[ ! -s "$work/places" ] || fail "names the place where it was built: $(cat "$work/places")"

if [ -e "$lib/libmntcompat.a" ] && [ "$(sed -n 's/^OBJCOPY = //p' Makefile)" != : ]; then
	nm -g "$lib/libmntcompat.a" | awk 'NF == 3 && $2 != "U" { print $3 }' | sort -u >"$work/names"
	grep -q '^mntcompat_statmount$' "$work/names" || fail "the static library has no mntcompat_statmount"
	others=$(grep -v -e '^mntcompat_' -e '^_' -e '\.' "$work/names")
	[ -z "$others" ] || fail "names of the static library: $(echo $others)"
fi

cat >"$work/example.c" <<'EOC'
#include <mntcompat.h>
#include <stdio.h>
/* Names that the library has inside as well. */
int statmount_by_id(void);
int raw_close(void);
int statmount_by_id(void) { return 1; }
int raw_close(void) { return 1; }
static int (*volatile const all)(const struct mntcompat_mnt_id_req *, struct mntcompat_statmount *, size_t, unsigned int) =
	mntcompat_statmount;
int main(void) { return puts(mntcompat_version()) < 0 || !all || statmount_by_id() != raw_close(); }
EOC
if command -v pkg-config >/dev/null; then
	PKG_CONFIG_LIBDIR=$lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/root
	export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
	version=$(pkg-config --modversion libmntcompat)
	flags=$(pkg-config --cflags --libs libmntcompat) || fail "pkg-config does not find libmntcompat"
	for kind in so a; do
		[ -e "$lib/libmntcompat.$kind" ] || continue
		# The linker takes the shared library first; where there is none, the static one.
		rm -rf "$work/lib" && mkdir "$work/lib" && cp "$lib"/libmntcompat.$kind* "$work/lib/"
		mv "$lib" "$lib.away" && cp -r "$work/lib" "$lib"
		# shellcheck disable=SC2086
		if ! ${CC:-cc} $CFLAGS $SANITIZER_CFLAGS -Wall -Werror -o "$work/example" "$work/example.c" -Wl,--as-needed $flags; then
			fail "a program does not link with libmntcompat.$kind"
		elif [ "$(LD_LIBRARY_PATH=$lib "$work/example")" != "$version" ]; then
			fail "a program with libmntcompat.$kind does not say $version"
		fi
		rm -rf "$lib" && mv "$lib.away" "$lib"
	done
fi

${MAKE:-make} -s uninstall DESTDIR="$work/root" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
left=$(find "$work/root" ! -type d)
[ -z "$left" ] || fail "left by make uninstall: $left"
exit $failed
