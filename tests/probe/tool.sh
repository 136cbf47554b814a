#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tool.sh - "mntcompat probe": its schema, exit statuses and errors, and filesystems of systems made up for it.
# Makes directories of its own; as root also a mount namespace. Called by make check in the build directory. Exits with 77,
# after all other tests, if a tool is missing that some of them need.
srcdir=${srcdir:-$(dirname "$0")/../..}
schema=$srcdir/probe/mntcompat-probe-1.schema.json
tool=$PWD/mntcompat
[ -x "$tool" ] || { echo "mntcompat is not built"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
chmod 755 "$work"
failed=0
checks=0
missing=

fail() { echo "FAILED: $*"; failed=1; }

# lack TOOL: what needs it is not tested
lack() { case "$missing " in *" $1 "*) ;; *) missing="$missing $1";; esac; }

# run STATUS ARGUMENT...: stdout and stderr to $work/out and $work/err
run()
{
	wanted=$1
	shift
	"$tool" "$@" >"$work/out" 2>"$work/err"
	got=$?
	checks=$((checks + 1))
	[ $got = "$wanted" ] || { fail "mntcompat $*: exit status $got, not $wanted"; cat "$work/err"; }
}

# said FILE TEXT: the output has it
said()
{
	checks=$((checks + 1))
	grep -qF -e "$2" "$work/$1" || { fail "\"$2\" is not in:"; cat "$work/$1"; }
}

# filesystem TYPE STATE: that line
filesystem()
{
	checks=$((checks + 1))
	grep -q "^$1 *$2\( \|\$\)" "$work/out" || { fail "$1 is not $2:"; cat "$work/out"; }
}

validate()
{
	checks=$((checks + 1))
	if python3 -c 'import jsonschema' 2>/dev/null; then
		python3 - "$schema" "$work/out" <<'EOP' || fail "the JSON does not fit its schema"
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
report = json.load(open(sys.argv[2]))
jsonschema.validate(report, schema)
# The schema must be able to fail.
for spoil in ({"schema": "mntcompat-probe/2"}, {"features": [{"name": "x"}]}, {"more": 1}):
    try:
        jsonschema.validate({**report, **spoil}, schema)
    except jsonschema.ValidationError:
        continue
    sys.exit("the schema takes anything")
EOP
	else
		lack python3-jsonschema
	fi
}

# --- the report about this process ---

run 0 probe --json
validate
run 0 --kernel 5.10 probe --json
validate
said out '"kernel": "5.10"'
run 0 --mode emulate probe --json
validate
# One line first, and then the features that are not native; the counts are those of JSON.
TERM=xterm COLUMNS=200
export TERM COLUMNS
run 0 --kernel 5.10 --mode emulate probe --json
for pair in native:native emulated:emulated partly:partial unavailable:missing; do
	counts="${counts:+$counts, }$(sed -n '/"features"/,/^ \]/p' "$work/out" | grep -c "\"state\": \"${pair%:*}\"") ${pair#*:}"
done
sed -n '/"features"/,/^ \]/p' "$work/out" | sed -n '/"state": "native"/!s/.*"name": "\([^"]*\)".*/\1/p' >"$work/others"
run 0 --kernel 5.10 --mode emulate probe
head -1 "$work/out" | grep -q "^Linux [0-9].* as on 5.10, mode emulate, .*, .*filter: $counts\$" || fail "the first line: $(head -1 "$work/out")"
awk '/^FEATURE /, !NF { if ($1 != "FEATURE" && NF) print $1 }' "$work/out" | cmp -s - "$work/others" ||
	fail "other features than those that are not native: $(cat "$work/out")"
said out "--all prints the native features, filesystems and limits too."
# Each emulated row has its way and the reason why the kernel's own call does not answer.
grep ' emulated way' "$work/out" | grep -v '^table ' | grep -v ' emulated way [a-z-]*: mode emulate$' | grep . && fail "no reason"
run 0 --kernel 5.10 probe open_tree.namespace_rules
said out "emulated way "
said out ": as on Linux 5.10"
run 0 --kernel 5.10 probe --json mount_setattr
said out '"detail": "as on Linux 5.10"'
run 0 --kernel 5.10 --mode emulate probe
grep -q '^FILESYSTEM' "$work/out" && fail "filesystems without request"
grep -q "$(printf '\033')" "$work/out" && fail "colours in a file"
run 0 probe
said out "Linux $(uname -r | sed 's/-.*//'), $([ "$(id -u)" = 0 ] && echo root || echo user)"
run 0 probe --all
for heading in "^Linux " "^FEATURE *SINCE STATE *HOW" "^FILESYSTEM *STATE" "^LIMIT *VALUE"; do
	grep -q "$heading" "$work/out" || fail "probe --all has no $heading"
done
grep -q '^procfs .* native' "$work/out" || fail "probe --all has no native features"
run 0 probe --filesystems
grep -q '^FEATURE\|^LIMIT\|^Linux' "$work/out" && fail "probe --filesystems prints more: $(cat "$work/out")"
run 0 probe --limits
grep -q '^LIMIT' "$work/out" || fail "probe --limits: $(cat "$work/out")"
# A feature by its name, not taken for a filesystem.
run 0 probe statmount.by_fd procfs
grep -q '^statmount.by_fd ' "$work/out" || fail "probe statmount.by_fd: $(cat "$work/out")"
[ "$(wc -l <"$work/out")" = 3 ] || fail "probe with two features prints: $(cat "$work/out")"
run 0 probe statmount tmpfs
filesystem tmpfs registered
grep -q '^statmount *6.8' "$work/out" || fail "probe statmount tmpfs: $(cat "$work/out")"
run 0 probe fs:statmount
grep -q "^Requires.private:.*libkmod" probe/libmntcompat-probe.pc && state=missing || state=unknown
filesystem statmount $state
run 2 probe statmount.by_fdd
said err "no feature is called statmount.by_fdd, but there is statmount.by_fd; for a filesystem write fs:statmount.by_fdd; see mntcompat probe --help"
for typo in listmounts:listmount open-tree:open_tree statmounds:statmount; do
	run 2 probe "${typo%:*}"
	said err "no feature is called ${typo%:*}, but there is ${typo#*:}; for a filesystem write fs:${typo%:*}; see mntcompat probe --help"
	[ -s "$work/out" ] && fail "probe ${typo%:*} prints: $(cat "$work/out")"
done
run 2 probe --require listmounts
said err "no feature is called listmounts, but there is listmount"
run 2 probe tmpfs open-tree
run 0 probe fs:listmounts
filesystem listmounts $state
# Without a feature of nearly this name the tables of modules decide, if there are any.
if [ $state = missing ]; then
	run 2 probe flyfs
	said err "no feature is called flyfs; for a filesystem write fs:flyfs"
	run 2 probe --json flyfs
else
	run 0 probe flyfs
	filesystem flyfs unknown
fi
run 0 probe fuse.flyfs
# JSON has the same rows as the table.
names() { sed -n 's/.*{"\(name\|type\)": "\([^"]*\)".*/\2/p' "$work/out" | tr '\n' ' '; }
run 0 probe --json statmount.by_fd
validate
[ "$(names)" = "statmount.by_fd " ] || fail "probe --json statmount.by_fd has: $(names)"
run 0 probe --json tmpfs table procfs
validate
[ "$(names)" = "procfs table tmpfs " ] || fail "probe --json with two features and a type has: $(names)"
run 0 probe --json table --require procfs
[ "$(names)" = "procfs table " ] || fail "probe --json table --require procfs has: $(names)"
run 0 probe --json fs:tmpfs
[ "$(names)" = "tmpfs " ] || fail "probe --json fs:tmpfs has: $(names)"
run 2 probe --json table --require fly
run 2 probe --root / statmount.by_fd
said err "statmount.by_fd is a feature of the running kernel"
# Colours as in util-linux: on request, or on a terminal that NO_COLOR does not keep from it.
green=$(printf '\033\\[32m')
if ldd "$tool" .libs/mntcompat 2>/dev/null | grep -q libsmartcols; then
	run 0 probe --all --color
	grep -q "$green" "$work/out" || fail "no colours with --color"
	run 0 probe --all --color=never
	grep -q "$(printf '\033')" "$work/out" && fail "colours with --color=never"
	if command -v script >/dev/null; then
		XDG_CONFIG_HOME=$work/config
		export XDG_CONFIG_HOME
		script -qec "'$tool' probe --all" /dev/null </dev/null >"$work/out"
		grep -q "$green" "$work/out" || fail "no colours on a terminal"
		NO_COLOR=1 script -qec "'$tool' probe --all" /dev/null </dev/null >"$work/out"
		grep -q "$green" "$work/out" && fail "colours in spite of NO_COLOR"
		TERM=dumb script -qec "'$tool' probe --all" /dev/null </dev/null >"$work/out"
		grep -q "$green" "$work/out" && fail "colours on a dumb terminal"
		mkdir -p "$work/config/terminal-colors.d" && : >"$work/config/terminal-colors.d/mntcompat.disable"
		script -qec "'$tool' probe --all" /dev/null </dev/null >"$work/out"
		grep -q "$green" "$work/out" && fail "colours in spite of terminal-colors.d"
		# In 80 columns no word is broken and no line is longer.
		COLUMNS=80 script -qec "stty cols 80; '$tool' --kernel 5.10 probe" /dev/null </dev/null | tr -d '\r' >"$work/out"
		awk 'length > 80 && !/^Linux/ { exit 1 }' "$work/out" || fail "lines of more than 80 columns: $(cat "$work/out")"
		unset XDG_CONFIG_HOME
	fi
fi
run 2 probe --color=pink

# --- exit statuses ---

run 0 probe --require procfs --quiet
[ -s "$work/out" ] || [ -s "$work/err" ] && fail "--quiet is not quiet"
run 1 --kernel 5.10 probe --require statmount.id_maps
said err "statmount.id_maps is not available"
run 3 --kernel 5.10 probe --require statx.mnt_id_unique
said err "statx.mnt_id_unique is available in part"
run 1 --kernel 5.10 probe --quiet --require statmount.id_maps --require statx.mnt_id_unique --require procfs
run 2 probe --require no.such.feature
said err "no feature is called no.such.feature; for a filesystem write fs:no.such.feature"
run 2 probe --no-such-option
run 2 probe --quiet
run 2 probe --quiet --json --require procfs
run 1 probe --root "$work/nowhere"
said err "No such file or directory; give a root with modules"
run 1 probe --kernel-release 1.2.3-none
run 1 probe --kernel-release ../../etc
run 2 probe 'a*b'
said err "'a*b' is not the name of a feature or filesystem"
run 1 probe --load --root "$work" tmpfs

# --- another system ---

PATH=$PATH:/sbin:/usr/sbin
release=9.9.9-test
system=$work/system
modules=$system/usr/lib/modules/$release
mkdir -p "$modules/kernel" "$system/etc/modprobe.d"
# An absolute link, which means the one inside.
ln -s /usr/lib "$system/lib"
cc=${CC:-cc}

# module NAME ALIAS [DEPENDS-ON-SYMBOL]
module()
{
	{
		printf '#define INFO(n, s) static const char n[] __attribute__((section(".modinfo"), used)) = s\n'
		printf 'INFO(a, "alias=%s");\nINFO(l, "license=GPL");\n' "$2"
		[ -z "$3" ] || printf 'extern int %s(void); int (*use_%s)(void) = %s;\n' "$3" "$1" "$3"
		[ "$1" != helper ] || printf 'int help(void) { return 0; }\nstatic const char k[] __attribute__((section("__ksymtab_strings"), used)) = "help";\n'
	} >"$work/module.c"
	$cc -c -fno-pic -o "$modules/kernel/$1.ko" "$work/module.c" 2>/dev/null ||
		$cc -c -o "$modules/kernel/$1.ko" "$work/module.c"
}

# unusable TEXT: nothing is claimed that depends on the tables
unusable()
{
	run 0 probe --root "$system" overlay btrfs
	said err "$1"
	filesystem overlay unknown
	filesystem btrfs unknown
}

if ! grep -q '^Requires.private:.*libkmod' probe/libmntcompat-probe.pc; then
	echo "built without libkmod"
	run 0 probe --root "$system" overlay
	filesystem overlay unknown
	said out "built without libkmod"
else
	# --- the tables of kmod 34, which has parents before their children: written by its depmod for two modules ---

	mkdir -p "$modules/kernel"
	: >"$modules/kernel/overlay.ko"
	: >"$modules/kernel/erofs.ko"
	header='\260\007\364W\0\002\0\001'
	zeros='\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
	table() { printf "$header$2" >"$modules/$1"; }	# NAME TEXT
	table modules.dep.bin ' \0\0\014eo\300\0\0:'"$zeros"'\300\0\0Xrofs\0\0\0\0\001\0\0\0\001kernel/erofs.ko:\0'\
'verlay\0\0\0\0\001\0\0\0\0kernel/overlay.ko:\0'
	table modules.alias.bin ' \0\0\014ff\240\0\0\022s_\0eo\300\0\0C'"$zeros"'\300\0\0Vrofs\0\0\0\0\001\0\0\0\001erofs\0'\
'verlay\0\0\0\0\001\0\0\0\0overlay\0'
	table modules.builtin.bin ' \0\0\014ee\300\0\0\022xt4\0\0\0\0\001\0\0\0\0\0'
	table modules.builtin.alias.bin ' \0\0\014ff\300\0\0\022s_ext4\0\0\0\0\001\0\0\0\0ext4\0'
	table modules.symbols.bin '\0\0\0\0'
	run 0 probe --root "$system" overlay erofs ext4 btrfs
	[ -s "$work/err" ] && fail "the tables of kmod 34: $(cat "$work/err")"
	filesystem overlay loadable
	filesystem erofs loadable
	filesystem ext4 builtin
	filesystem btrfs missing
	run 0 probe --root "$system" --json overlay
	said out "$modules/kernel/overlay.ko"

	# --- libkmod is opened for the tables of modules only; without it nothing is known of them ---

	if [ -e .libs/libmntcompat-probe.so.0 ]; then
		mkdir "$work/broken"
		echo "not a library" >"$work/broken/libkmod.so.2"
		libraries=${LD_LIBRARY_PATH-}
		export LD_LIBRARY_PATH="$work/broken${libraries:+:$libraries}"
		run 0 run -- true
		run 0 probe --limits
		unusable "cannot load libkmod: "
		said out "the tables of modules cannot be used"
		run 0 probe tmpfs
		filesystem tmpfs registered
		if [ -n "$libraries" ]; then LD_LIBRARY_PATH=$libraries; else unset LD_LIBRARY_PATH; fi
	fi

	# --- what can be wrong with tables ---

	cp -r "$modules" "$work/whole"
	restore() { rm -f "$modules/$1" && cp "$work/whole/$1" "$modules/$1"; }
	for table in modules.dep.bin modules.alias.bin modules.builtin.bin modules.builtin.alias.bin modules.symbols.bin; do
		printf 'rubbish, and more of it\n' >"$modules/$table"
		unusable "libkmod cannot use the tables in $modules: "
		head -c 11 "$work/whole/$table" >"$modules/$table"
		unusable "$modules/$table: shorter than the header of a table; run depmod"
		restore $table
	done
	for table in modules.dep.bin modules.alias.bin; do
		: >"$modules/$table"
		unusable "$modules/$table: shorter than the header of a table; run depmod"
		rm "$modules/$table"
		unusable "$table: No such file or directory; run depmod"
		restore $table
	done
	# depmod leaves these two empty for a kernel without modules.builtin and modules.builtin.modinfo.
	: >"$modules/modules.builtin.bin"
	: >"$modules/modules.builtin.alias.bin"
	run 0 probe --root "$system" overlay ext4
	[ -s "$work/err" ] && fail "empty modules.builtin*.bin: $(cat "$work/err")"
	filesystem overlay loadable
	filesystem ext4 missing
	printf 'rubbish, and more of it\n' >"$modules/modules.dep.bin"
	unusable "libkmod cannot use the tables in $modules: "
	restore modules.dep.bin
	restore modules.builtin.bin
	restore modules.builtin.alias.bin

	# --- files whose opening waits for somebody ---

	: >"$modules/modules.softdep"
	: >"$modules/modules.weakdep"
	: >"$system/etc/modprobe.d/b.conf"
	cp "$modules"/modules.*dep "$work/whole/"
	for file in "$modules/modules.dep.bin" "$modules/modules.alias.bin" "$modules/modules.builtin.bin" \
		"$modules/modules.builtin.alias.bin" "$modules/modules.symbols.bin" "$modules/modules.softdep" \
		"$modules/modules.weakdep" "$system/etc/modprobe.d/b.conf"; do
		mv "$file" "$work/aside"
		mkfifo "$file"
		checks=$((checks + 1))
		timeout -k 1 20 "$tool" probe --root "$system" overlay btrfs >"$work/out" 2>"$work/err" ||
			fail "a FIFO in place of $file: exit status $?"
		said err "$file: not a regular file"
		filesystem overlay unknown
		rm "$file"
		mv "$work/aside" "$file"
	done
	# So an administrator turns off a file of the distribution; and modprobe does not open the other one.
	ln -sf /dev/null "$system/etc/modprobe.d/b.conf"
	mkfifo "$system/etc/modprobe.d/notes"
	run 0 probe --root "$system" overlay
	filesystem overlay loadable
	rm "$system/etc/modprobe.d/b.conf" "$system/etc/modprobe.d/notes"
	rm -r "$modules"
	mkdir -p "$modules/kernel"
fi

# --- another system, by the depmod that is installed ---

if ! command -v depmod >/dev/null; then
	lack depmod
elif grep -q '^Requires.private:.*libkmod' probe/libmntcompat-probe.pc; then
	module overlay fs-overlay
	module erofs fs-erofs
	module helper nothing
	module squashfs fs-squashfs help
	module udf fs-udf
	module gone fs-gone
	module unnamed nothing-of-it
	printf 'kernel/fs/ext4/ext4.ko\n' >"$modules/modules.builtin"
	printf 'ext4.alias=fs-ext4\0ext4.license=GPL\0' >"$modules/modules.builtin.modinfo"
	printf 'blacklist erofs\n' >"$system/etc/modprobe.d/a.conf"
	printf 'install udf /bin/false\n' >>"$system/etc/modprobe.d/a.conf"
	: >"$modules/modules.order"
	depmod -b "$system/usr" $release 2>/dev/null || depmod -b "$system" $release || fail "depmod"
	[ -s "$modules/modules.dep.bin" ] || depmod -b "$system" $release
	rm "$modules/kernel/gone.ko"

	run 0 probe --root "$system" overlay erofs squashfs udf gone ext4 unnamed btrfs tmpfs fuse.sshfs
	said out "Linux $release"
	filesystem overlay loadable
	filesystem erofs blacklisted
	filesystem squashfs loadable
	filesystem udf blacklisted
	filesystem gone missing
	filesystem ext4 builtin
	filesystem unnamed blacklisted
	filesystem btrfs missing
	filesystem tmpfs unknown
	filesystem fuse.sshfs missing
	said out "needs helper"
	said out "replaces it by a command"
	run 0 probe --root "$system" --kernel-release $release --json
	validate
	said out "\"release\": \"$release\""
	said out "$modules/kernel/overlay.ko"
	run 0 probe --root "$system" --require fs:overlay --quiet
	run 1 probe --root "$system" --require fs:erofs
	said err "fs:erofs is blacklisted"

	if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
		root_tool=$tool
		as_user()
		{
			wanted=$1
			shift
			setpriv --reuid 65534 --regid 65534 --clear-groups "$root_tool" "$@" >"$work/out" 2>"$work/err"
			got=$?
			checks=$((checks + 1))
			[ $got = "$wanted" ] || { fail "as a user, mntcompat $*: exit status $got, not $wanted"; cat "$work/err"; }
		}
		if setpriv --reuid 65534 --regid 65534 --clear-groups "$root_tool" --version >/dev/null 2>&1; then
			chmod 600 "$modules/modules.dep.bin"
			as_user 0 probe --root "$system" overlay
			said err "modules.dep.bin: Permission denied; it must be readable"
			filesystem overlay unknown
			chmod 644 "$modules/modules.dep.bin"
			chmod 700 "$modules"
			as_user 1 probe --root "$system" overlay
			said err "Permission denied; give a directory that you have permission to read"
			chmod 755 "$modules"
		fi
	fi
fi

# --- no /proc ---

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	unshare -m sh -c 'umount -l /proc && exec "$@"' sh "$tool" probe --json >"$work/out" 2>"$work/err" ||
		fail "without /proc: $(cat "$work/err")"
	validate
	said err "/proc/filesystems: No such file or directory; registered filesystems are unknown"
	said out '"name": "procfs", "since": "2.6", "state": "unavailable", "way": null, "lost": null, "lost_mask": 0, "reason": "procfs"'
fi

echo "$checks checks"
[ $failed = 0 ] || exit 1
[ -z "$missing" ] || { echo "not installed:$missing; some tests were left out"; exit 77; }
