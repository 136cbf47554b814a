#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# record.sh - what mntcompat-scenarios --record writes: files that hold only what differs, and no output is lost.
# Imports outputs that are made up here into a directory of its own; no privilege. Called by make check in the build directory.
program=$PWD/mntcompat-scenarios
[ -x "$program" ] || { echo "run it in the build directory"; exit 99; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
mkdir expected
failed=0

# print LEVEL ROOT FIRST SECOND...: as --print writes the outputs of these scenarios, in this order
scenarios='statmount/flags/unknown statmount/flags/first statmount/request/null'
print()
{
	echo "# Linux 7.3.0, mode=native level=$1 root=$2"
	shift 2
	for scenario in $scenarios; do
		[ $# -gt 0 ] || break
		[ "$1" = - ] || printf '\n== %s\n%s\n' "$scenario" "$1"
		shift
	done
}

# record LEVEL ROOT OUTPUT...
record()
{
	print "$@" >printed
	"$program" --level="$1" --root-kind="$2" --import=printed --record=expected >out ||
		{ echo "record $*: $(cat out)"; failed=1; }
}

# holds FILE LEVEL ROOT OUTPUT...: the file is this and no more
holds()
{
	file=expected/$1
	shift
	print "$@" >wanted
	diff wanted "$file" || { echo "that was $file after: $step"; failed=1; }
}

step="user before root"
print user switched a >printed
"$program" --level=user --root-kind=switched --import=printed --record=expected >out && { echo "$step: recorded"; failed=1; }
step="root"
record root switched a b c
holds root.txt root switched a b c
step="user, one that differs"
record user switched a B c
holds user.txt user switched - B
step="userns, none that differs"
record userns switched a b c
holds userns.txt userns switched
step="an initramfs, one that differs"
record user initramfs a B C
holds user.initramfs.txt user initramfs - - C
holds user.txt user switched - B
step="root changes, the others keep what they had"
record root switched A b c
holds root.txt root switched A b c
holds user.txt user switched a B
holds userns.txt userns switched a
holds user.initramfs.txt user initramfs - - C
step="user changes as well, and says the same again"
record user switched A B c
holds user.txt user switched - B
holds user.initramfs.txt user initramfs a - C
step="one scenario alone, and a stale section goes"
print user switched - B c >expected/user.txt
record user switched A
holds user.txt user switched - B
step="an initramfs that differs no more"
record user initramfs A B c
[ ! -e expected/user.initramfs.txt ] || { echo "$step: $(cat expected/user.initramfs.txt)"; failed=1; }
step="a scenario that is not there"
printf '\n== no/such/scenario\nx\n' >>expected/user.txt
print root switched A >printed
cp -r expected before
"$program" --level=root --root-kind=switched --import=printed --record=expected >out && { echo "$step: recorded"; failed=1; }
grep -q 'user.txt has an output for no/such/scenario' out || { cat out; failed=1; }
diff -r before expected || failed=1
"$program" --drop --level=root --root-kind=switched --import=printed --record=expected >out || { cat out; failed=1; }
holds user.txt user switched - B
exit $failed
