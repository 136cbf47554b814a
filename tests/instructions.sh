#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# instructions.sh - the parser and the builder take no more instructions than they are known to need, counted by callgrind.
# A count does not depend on how busy the machine is. Writes in a directory of its own; needs no privilege. Called by make check.
program=${1:-tests/instructions}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

command -v valgrind >/dev/null 2>&1 || { echo "valgrind is not here"; exit 77; }
"$program" 2>"$work/why"
status=$?
[ $status = 0 ] || { cat "$work/why"; exit $status; }

# count FUNCTION TIMES: instructions of so many calls of it, and of all that it calls.
count()
{
	valgrind --tool=callgrind --callgrind-out-file="$work/out" --toggle-collect="$1" "$program" "$2" \
		>"$work/log" 2>&1 </dev/null || return 1
	sed -n 's/^summary: *\([0-9]*\).*/\1/p; s/^totals: *\([0-9]*\).*/\1/p' "$work/out" | tail -1
}

failed=0
# FUNCTION, what one call of it does, at most so many instructions. About a quarter more than gcc 12 and glibc's own memchr
# for AVX2 take, since compilers and C libraries differ; a loop or a call that should not be there takes more.
while read -r name bound what; do
	# What happens in the first call only, as binding symbols, cancels out.
	once=$(count "$name" 1) && more=$(count "$name" 101)
	if [ -z "$once" ] || [ -z "$more" ] || [ "$more" -le "$once" ]; then
		tail -5 "$work/log"
		echo "FAIL: $name: callgrind counted nothing"
		failed=1
		continue
	fi
	each=$(((more - once) / 100))
	if [ "$each" -le "$bound" ]; then
		echo "ok: $name: $each instructions ($what), at most $bound"
	else
		echo "FAIL: $name: $each instructions ($what), at most $bound"
		failed=1
	fi
done <<EOF
instructions_parse 6900 eight lines into fields
instructions_fields 17600 the same, with attributes, options and paths
instructions_build 860 an answer with all fields of a tmpfs
instructions_take 780 the same answer taken apart
EOF
exit $failed
