# SPDX-License-Identifier: LGPL-2.1-or-later
# common.sh - what ./start and ./check share: messages, packages, building out of tree.
# May install packages and write below ./build; reads nothing else. Sourced by the two, from the top of the tree.

LC_ALL=C.UTF-8
DEBIAN_FRONTEND=noninteractive
export LC_ALL DEBIAN_FRONTEND

# Every build goes below this directory.
BUILD=${MNTCOMPAT_BUILD:-$PWD/build}
JOBS=$(nproc 2>/dev/null || echo 2)

say()
{
	printf '%s\n' "$*"
}

# One clear line, and the end.
die()
{
	printf '%s: %s\n' "$ME" "$*" >&2
	exit 1
}

have_package()
{
	dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q '^install ok installed$'
}

# need_packages NAME...: install those that are missing. A package list that cannot be refreshed (a mirror of somebody
# else's, for example) does not matter as long as the packages themselves can be had. No package is removed for another.
need_packages()
{
	missing=
	for package; do
		have_package "$package" || missing="$missing $package"
	done
	if [ -z "$missing" ]; then
		say "  all there: $*"
		return 0
	fi
	command -v apt-get >/dev/null || die "this machine has no apt-get; install by hand:$missing"
	[ "$(id -u)" = 0 ] || die "needs root to install:$missing"
	say "  installing:$missing"
	mkdir -p "$BUILD"
	for try in 1 2 3; do
		apt-get update -q -o DPkg::Lock::Timeout=300 >"$BUILD/apt.log" 2>&1 || true
		# shellcheck disable=SC2086
		if apt-get install -q -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 \
			$missing >>"$BUILD/apt.log" 2>&1 </dev/null; then
			return 0
		fi
		say "  apt failed (try $try of 3)"
		sleep $((try * 5))
	done
	tail -5 "$BUILD/apt.log" >&2
	die "cannot install$missing (no network?); the whole log: $BUILD/apt.log"
}

# run LOG COMMAND...: quiet unless it fails.
run()
{
	run_log=$1
	shift
	mkdir -p "${run_log%/*}"
	if "$@" >"$run_log" 2>&1 </dev/null; then
		return 0
	fi
	tail -30 "$run_log" >&2
	return 1
}

# ./configure is made anew when one of its sources is newer.
need_configure()
{
	if [ -x configure ] && [ -f Makefile.in ] && [ -f build-aux/ltmain.sh ] &&
	   [ -z "$(find configure.ac m4/mntcompat.m4 Makefile.am ./*/*.am ./tests/*/*.am -newer Makefile.in 2>/dev/null)" ]; then
		return 0
	fi
	say "  making ./configure"
	run "$BUILD/autogen.log" ./autogen.sh || die "autogen.sh failed; the whole log: $BUILD/autogen.log"
}

# build NAME CONFIGURE-ARGUMENT...: configure and make $BUILD_TARGETS (default: the tests too) in $BUILD/NAME, reusing what
# is there. Returns 1 on failure.
build()
{
	build_dir=$BUILD/$1
	shift
	mkdir -p "$build_dir"
	if [ "$(cat "$build_dir/.configured" 2>/dev/null)" != "configure $*" ] || [ configure -nt "$build_dir/.configured" ]; then
		rm -rf "$build_dir"
		mkdir -p "$build_dir"
		source_dir=$PWD
		say "  configuring in $build_dir"
		(cd "$build_dir" && run "$build_dir/configure.out" "$source_dir/configure" "$@") || return 1
		printf 'configure %s\n' "$*" >"$build_dir/.configured"
	fi
	say "  compiling in $build_dir"
	run "$build_dir/make.out" make -C "$build_dir" -j"$JOBS" ${BUILD_TARGETS:-check TESTS=}
}
