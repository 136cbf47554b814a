# SPDX-License-Identifier: LGPL-2.1-or-later
# tap.sh - the cases of a script as TAP: each is a function whose output, after canonical(), has to be its section in $expected.
# Writes /tmp/got, /tmp/wanted and /tmp/difference. Sourced by programs.sh and containers.sh in guests.

# Was there nothing to be had when the guest was made?
skip_without_programs()
{
	[ ! -s /debian/missing ] || { echo "1..0 # SKIP $(cat /debian/missing)"; exit; }
}

# run_cases NAME...: 1 if one failed
run_cases()
{
	number=0 failed=0
	for test; do
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
	echo "1..$number"
	return $failed
}
