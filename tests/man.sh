#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# man.sh - every public function of both libraries has a page, and mandoc and man-db render all pages at 80 columns without a
# warning, without columns that run together, and without macros in the text. Reads man/ and the headers; needs no privilege.
srcdir=${srcdir:-$(dirname "$0")/..}
cd "$srcdir" || exit 99
failed=0
functions=$(sed -n 's/.*[ *]\(mntcompat_[a-z0-9_]*\)(.*[,;]$/\1/p' include/mntcompat.h include/mntcompat-probe.h |
	sort -u)
[ -n "$functions" ] || { echo "found no function in the header"; exit 1; }
for function in $functions; do
	page=man/$function.3
	if [ ! -s "$page" ]; then
		echo "$page is missing"
		failed=1
	elif target=$(sed -n 's/^\.so man3\///p' "$page") && [ -n "$target" ]; then
		grep -q "^\.Nm $function" "man/$target" || { echo "man/$target does not name $function"; failed=1; }
	fi
	grep -q "man/$function\.3" man/man.am || { echo "$page is not installed"; failed=1; }
done

# Quotes of one line end with it; "No" does not end them before.
found=$(grep -nE '^\..*\b(Ql|Dq|Qq|Sq)\b.* No ' man/*.[1-8])
[ -z "$found" ] || { printf 'quoted up to the end of the line: %s\n' "$found"; failed=1; }

work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# cells PAGE: for each cell of its tables that is followed by another one, the last word of it and the first of that, and
# whether the cell is wider than its column.
cells()
{
	awk '
	function plain(text,   n, i, word, words, out, macro, glue) {
		gsub(/\\\(en/, "–", text)
		gsub(/\\[e-]/, "-", text)
		n = split(text, words, " ")
		for (i = 1; i <= n; i++) {
			word = words[i]
			if (word ~ /^(Em|Sy|Dv|Er|Va|Fa|Vt|Li|Ql|Dq|Pa|Ev|Xr|Fn|In|Pq)$/) { macro = word; continue }
			if (word == ",") { out = out ","; macro = ""; continue }
			if (macro == "Xr" && words[i + 1] ~ /^[1-8]$/) word = word "(" words[++i] ")"
			else if (macro == "Fn") word = word "()"
			else if (macro == "In") word = "<" word ">"
			macro = macro == "Xr" || macro == "Fn" || macro == "In" ? "" : macro
			out = out (out == "" ? "" : " ") word
		}
		return out
	}
	/^\.Bl -column / {
		inside = 1; n = 0; line = $0
		while (match(line, /"[^"]*"/)) { width[++n] = length(plain(substr(line, RSTART + 1, RLENGTH - 2))); line = substr(line, RSTART + RLENGTH) }
		next
	}
	/^\.El/ { inside = 0 }
	inside && /^\.It / {
		count = split(substr($0, 5), cell, / Ta ?/)
		for (i = 1; i < count; i++) {
			left = plain(cell[i]); right = plain(cell[i + 1])
			if (left == "" || right == "") continue
			a = split(left, l, " "); split(right, r, " ")
			print (i <= n && length(left) > width[i] ? "wide" : "fits"), l[a], r[1]
		}
	}' "$1"
}

# look_at PAGE RENDERED RENDERER: columns that run together, and macros that ended up in the text.
look_at()
{
	cells "$1" >"$work/cells"
	while read -r width left right; do
		[ "$width" = fits ] || { echo "$1: the cell that ends in '$left' is wider than its column"; failed=1; }
		grep -qF -e "$left$right" "$2" || continue
		echo "$1, $3: the columns '$left' and '$right' run together"
		failed=1
	done <"$work/cells"
	# <whose> is text that was taken for the macro In; a macro that stands alone in the text was not taken for one.
	found=$(grep -v '#include' "$2" | grep -oE '<[a-zA-Z/_-]+>' | sort -u)
	[ -z "$found" ] || { printf '%s, %s: not a header: %s\n' "$1" "$3" "$found"; failed=1; }
	found=$(grep -nE '(^| )\.?(Xr|Fn|Fo|Fc|Fa|Dv|Er|Va|Vt|Li|Ql|Dq|Qq|Pq|Em|Sy|Pa|Ev|Ta|Bq|Fl|Ar|Cm|Ns|Pp|El|Bl|Sx)( |$)' "$2")
	[ -z "$found" ] || { printf '%s, %s: a macro in the text: %s\n' "$1" "$3" "$found"; failed=1; }
	found=$(awk 'length > 130 { print FNR ": " $0 }' "$2")
	[ -z "$found" ] || { printf '%s, %s: too long: %s\n' "$1" "$3" "$found"; failed=1; }
}

# plain_text: without bold, underlining and tabs
plain_text() { sed -e 's/.\x08//g' | expand; }

missing=
command -v mandoc >/dev/null || missing="$missing mandoc"
# The stand-in for man in minimized installations has no --version.
man --version >/dev/null 2>&1 && man --warnings -l man/mntcompat_version.3 >/dev/null 2>&1 || missing="$missing man-db"
LC_ALL=C.UTF-8 MANWIDTH=80
export LC_ALL MANWIDTH
unset MAN_KEEP_FORMATTING
pages=0
for page in man/*.[1-8]; do
	grep -q '^\.so ' "$page" && continue
	pages=$((pages + 1))
	case $missing in *mandoc*) ;; *)
		# "referenced manual not found": mandoc looks for our own pages among the installed ones.
		remarks=$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'referenced manual not found')
		[ -z "$remarks" ] || { printf '%s\n' "$remarks"; failed=1; }
		mandoc -T utf8 -O width=80 "$page" | plain_text >"$work/page"
		look_at "$page" "$work/page" mandoc;;
	esac
	case $missing in *man-db*) ;; *)
		# A prototype may be longer than a line, and cannot be broken; a word in a narrow column neither.
		man --warnings -l "$page" 2>"$work/remarks" | plain_text >"$work/page"
		remarks=$(grep -vE "can(no|')t (break|adjust) line" "$work/remarks")
		[ -z "$remarks" ] || { printf '%s, man: %s\n' "$page" "$remarks"; failed=1; }
		[ -s "$work/page" ] || { echo "$page: man prints nothing"; failed=1; }
		look_at "$page" "$work/page" man;;
	esac
done
[ $failed = 0 ] || exit 1
[ -z "$missing" ] || { echo "not installed:$missing; pages not rendered by it"; exit 77; }
echo "$pages pages, by mandoc and man"
