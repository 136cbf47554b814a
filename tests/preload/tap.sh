# SPDX-License-Identifier: LGPL-2.1-or-later
# tap.sh - the cases of a script as TAP: each is a function whose output, after canonical(), has to be its section in $expected.
# Writes /tmp/got, /tmp/wanted and /tmp/difference. Sourced by programs.sh, containers.sh and clients.sh in guests.
#
# A section begins with "== NAME" and has what Linux 7.3 prints without us. A known difference is a section that begins with
# "== NAME when CONDITION...: REASON": it holds where all its conditions do, instead of the first one. A condition is kernel, or a
# program whose version is in $versions ("crun=1.29.1 ..."), then < or >= and a version; or calls= and some of preload, seccomp and
# none, separated by commas. Through us it may not hold for a case that gives the first section without us: what passes on a kernel
# alone has to pass through us.

# Was there nothing to be had when the guest was made?
skip_without_programs()
{
	[ ! -s /debian/missing ] || { echo "1..0 # SKIP $(cat /debian/missing)"; exit; }
}

# section NAME: what is expected of it here, and in /tmp/reason why that is not what Linux 7.3 prints, if it is not.
section()
{
	calls=none
	[ -z "$RUN" ] || calls=seccomp
	[ -z "$PRELOAD" ] || calls=preload
	awk -v name="$1" -v versions="kernel=$(uname -r) calls=$calls $versions" '
		function earlier(a, b,   i, x, y) {
			split(a, x, /[.-]/)
			split(b, y, /[.-]/)
			for (i = 1; i <= 3; i++)
				if (x[i] + 0 != y[i] + 0)
					return x[i] + 0 < y[i] + 0
			return 0
		}
		function holds(word,   i, parts, some) {
			if (split(word, parts, /<|>=|=/) == 2 && parts[1] in is) {
				if (word ~ />=/)
					return !earlier(is[parts[1]], parts[2])
				if (word ~ /</)
					return earlier(is[parts[1]], parts[2])
				for (i = split(parts[2], some, ","); i; i--)
					if (some[i] == is[parts[1]])
						return 1
			}
			return 0
		}
		BEGIN {
			for (i = split(versions, words, " "); i; i--) {
				split(words[i], parts, "=")
				is[parts[1]] = parts[2]
			}
		}
		$1 == "==" {
			here = $2 == name && $3 == ""
			if ($2 == name && $3 == "when") {
				here = 1
				for (i = 4; i <= NF && !sub(/:$/, "", $i); i++)
					here = here && holds($i)
				here = here && holds($i)
				if (here) {
					text = reason = ""
					for (i++; i <= NF; i++)
						reason = reason " " $i
					found = 1
				}
			} else if (here && found) {
				here = 0
			}
			next
		}
		here { text = text $0 "\n" }
		END { printf "%s", text; print reason >"/tmp/reason" }' "$expected"
}

# run_cases NAME...: 1 if one failed
run_cases()
{
	number=0 failed=0
	for test; do
		number=$((number + 1))
		if why=$(missing_for "$test") && [ "$why" ]; then
			echo "ok $number - $test # SKIP $why"
			continue
		fi
		$test | canonical >/tmp/got
		section "$test" >/tmp/wanted
		if ! diff -u /tmp/wanted /tmp/got >/tmp/difference || ! [ -s /tmp/wanted ]; then
			echo "not ok $number - $test"
			sed 's/^/# /' /tmp/difference
			failed=1
		elif [ -s /tmp/reason ] && [ "$(cat /tmp/reason)" ] && [ "$PRELOAD$RUN" ] && better_alone "$test"; then
			echo "not ok $number - $test"
			echo "# without us it is as on Linux 7.3"
			failed=1
		else
			echo "ok $number - $test"
			sed 's/^ /# a known difference: /; /^$/d' /tmp/reason
		fi
	done
	echo "1..$number"
	return $failed
}

# better_alone NAME: has it without us what Linux 7.3 has?
better_alone()
{
	(PRELOAD='' RUN='' && $1) | canonical >/tmp/alone
	sed -n "/^== $1\$/,/^== /p" "$expected" | grep -v '^== ' | cmp -s - /tmp/alone
}

# missing_for NAME: why this case cannot be run. For scripts some of whose programs may be missing.
missing_for()
{
	:
}
