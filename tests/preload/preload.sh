#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# preload.sh - libmntcompat-preload.so: exports what stands before libc and nothing else, needs libc only, calls nothing
# of what it exports; and a program runs with it as it does without.
# May read the built library and make namespaces, if it is root. Called by make check in the build directory.
preload=$PWD/.libs/libmntcompat-preload.so
counter=$PWD/tests/preload/.libs/counter.so
program=tests/preload/test-preload
[ -e "$preload" ] || { echo "no preload was built"; exit 77; }
command -v readelf >/dev/null || { echo "no readelf"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "$*"; failed=1; }

readelf --wide --dyn-syms "$preload" | awk '$4 == "FUNC" && $7 != "UND" { print $8 }' | sort >"$work/exported"
readelf --wide --dyn-syms "$preload" | awk '$7 == "UND" && $8 { sub(/@.*/, "", $8); print $8 }' | sort -u >"$work/undefined"
cat >"$work/expected" <<EOF2
chroot
fsmount
ioctl
listmount
mount_setattr
move_mount
name_to_handle_at
open_tree
pivot_root
setns
statmount
statx
syscall
umount
umount2
unshare
EOF2
grep -v '^__ioctl_time64$' "$work/exported" | diff -u "$work/expected" - || fail "exports something else"
readelf --wide --dyn-syms "$preload" | awk '$4 == "OBJECT" && $7 != "UND"' | grep . && fail "exports data"
comm -12 "$work/exported" "$work/undefined" | grep . && fail "calls what stands before libc"
readelf --wide --dynamic "$preload" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
	grep -v -e '^libc\.' -e '^ld-linux' -e '^libdl\.' -e '^ld64\.' -e '^ld\.so' | grep . && fail "needs more than libc"
readelf --wide --dynamic "$preload" | grep -q TEXTREL && fail "has text relocations"
readelf --wide --dynamic "$preload" | grep -q BIND_NOW || fail "binds lazily"

# --- statmount() and listmount(): of the next glibc, of a library of the program's, of the program ---
cat >"$work/caller.c" <<'EOC'
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#ifdef OWN
int statmount(int number) { return number + 1; }
#elif defined(LIBRARY)
int statmount(int number);
#else
extern int statmount(const void *req, void *buf, size_t size, unsigned int flags) __attribute__((weak));
extern ssize_t listmount(const void *req, uint64_t *ids, size_t number, unsigned int flags) __attribute__((weak));
#endif
int main(void)
{
#if defined(OWN) || defined(LIBRARY)
	printf("%d\n", statmount(6));
#else
	/* struct mnt_id_req: its size, a descriptor, an id, a mask; 1 is the id of no mount. */
	struct { uint32_t size, fd; uint64_t id, param; } req = { 24, 0, 1, 2 };
	char answer[4096];
	uint64_t ids[4];

	if (!statmount || !listmount)
		return puts("none") < 0;
	printf("%d ", statmount(&req, answer, sizeof(answer), 0));
	printf("%s", strerror(errno));
	req.id = UINT64_MAX;
	req.param = 0;
	printf(", %d\n", listmount(&req, ids, 4, 0) > 0);
#endif
	return 0;
}
EOC
echo 'int statmount(int number) { return number * 2; }' >"$work/library.c"
cc=${CC:-gcc}
# says NAME EXPECTED [VARIABLE=VALUE...] PROGRAM
says()
{
	says_name=$1 says_expected=$2
	shift 2
	[ "$(env "$@" 2>&1)" = "$says_expected" ] || fail "statmount() of $says_name: $(env "$@" 2>&1), not $says_expected"
}
# shellcheck disable=SC2086
if command -v ${cc%% *} >/dev/null && $cc -w -o "$work/caller" "$work/caller.c" 2>"$work/cc.log" &&
	$cc -w -shared -fPIC -o "$work/liblibrary.so" "$work/library.c" &&
	$cc -w -DLIBRARY -o "$work/in-library" "$work/caller.c" -L"$work" -llibrary -Wl,-rpath,"$work" &&
	$cc -w -DOWN -rdynamic -o "$work/own" "$work/caller.c"; then
	for kernel in "" 5.10; do
		says "glibc${kernel:+ as $kernel}" "-1 Invalid argument, 1" LD_PRELOAD="$preload" MNTCOMPAT_KERNEL=$kernel "$work/caller"
	done
	says "a library" 12 LD_PRELOAD="$preload" "$work/in-library"
	says "the program" 7 LD_PRELOAD="$preload" "$work/own"
else
	echo "statmount() of others: not tried, $cc cannot build programs"
fi

# try NAME [VARIABLE=VALUE...]: the program, in an environment with this in it
try()
{
	name=$1
	shift
	env "$@" timeout -k 5 120 "$program" >"$work/log" 2>&1
	status=$?
	sed "s/^\(not \)\{0,1\}ok [0-9]* - /&$name: /" "$work/log"
	{ [ $status = 0 ] && grep -q '^1\.\.[1-9]' "$work/log"; } || fail "$name: status $status"
}
try auto LD_PRELOAD="$preload"
try "as 5.10" LD_PRELOAD="$preload" MNTCOMPAT_KERNEL=5.10
try "as 6.8" LD_PRELOAD="$preload" MNTCOMPAT_KERNEL=6.8
try emulate LD_PRELOAD="$preload" MNTCOMPAT_MODE=emulate
try "before another" LD_PRELOAD="$preload $counter"
try "after another" LD_PRELOAD="$counter $preload"
program=tests/preload/test-leaving
try "leaving" LD_PRELOAD="$preload"
try "leaving, as 6.12" LD_PRELOAD="$preload" MNTCOMPAT_KERNEL=6.12
try "leaving, as 5.10" LD_PRELOAD="$preload" MNTCOMPAT_KERNEL=5.10

# A program of another libc, alone and below one of ours: musl takes an object that needs nothing of glibc's dynamic linker.
cat >"$work/musl.c" <<'EOF2'
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int main(void)
{
	static uint64_t answer[1024];
	struct { uint32_t size, fd; uint64_t id, mask, ns; } request = { 32, (uint32_t)open("/proc", O_PATH), 0, 0x20, 0 };
	long ret = syscall(457, &request, answer, sizeof(answer), 1L);

	puts(ret ? strerror(errno) : (char *)(answer + 64) + ((uint32_t *)answer)[9]);
	return 0;
}
EOF2
if readelf --wide --dynamic "$preload" | grep -q 'NEEDED.*libc\.so\.6' && [ "$(uname -m)" = x86_64 ] &&
	musl-gcc -w -D_GNU_SOURCE -o "$work/musl" "$work/musl.c" 2>/dev/null && [ "$("$work/musl")" ]; then
	for command in "$work/musl" "sh -c $work/musl"; do
		says=$(LD_PRELOAD="$preload" MNTCOMPAT_KERNEL=5.10 $command 2>&1)
		[ "$says" = proc ] || fail "musl: $command: $says"
	done
	for how in --auto --preload; do
		says=$(./mntcompat --kernel 5.10 run $how -- "$work/musl" 2>&1)
		[ "$says" = proc ] || fail "musl: run $how: $says"
	done
	# A dynamic linker that nobody knows: whatever it is, the preload is not for it.
	cp /bin/ls "$work/unknown" && interpreter=$(readelf --wide --program-headers "$work/unknown" | sed -n 's/.*interpreter: \(.*\)\]/\1/p') &&
		sed "s,$interpreter,$(echo "$interpreter" | tr x y)," "$work/unknown" >"$work/other" && chmod +x "$work/other"
	./mntcompat -v --kernel 5.10 run -- "$work/other" 2>&1 | grep -q 'with the preload' && fail "an unknown dynamic linker is preloaded"
fi
exit $failed
