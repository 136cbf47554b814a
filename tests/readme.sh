#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# readme.sh - runs the examples of README.md and docs/porting.md: every block marked "sh" is run, every block marked "c"
# compiled and run, with the overlay if it names mntcompat-overlay.
# A line "# prints: TEXT" in a block asks for TEXT in what it writes. May write in a directory of its own and make mount
# namespaces of its own; needs root. Called by make check in the build directory.
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
builddir=$PWD
[ -x "$builddir/mntcompat" ] || { echo "run it in the build directory"; exit 99; }
[ "$(id -u)" = 0 ] || { echo "the examples need root"; exit 77; }
case " $CFLAGS $SANITIZER_CFLAGS " in
*-fsanitize*) echo "built with a sanitizer"; exit 77;;
esac
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT

# README-1.sh, README-2.c, …
for document in "$srcdir/README.md" "$srcdir/docs/porting.md"; do
	name=${document##*/}
	awk -v base="$work/block-${name%.md}" '
	/^```/ { if (file) { close(file); file = "" }
		 else if ($0 == "```sh" || $0 == "```c") { n++; file = base "-" n "." substr($0, 4); printf "" > file }
		 else { skip = !skip }
		 next }
	file { print > file }' "$document"
	ls "$work/block-${name%.md}"-* >/dev/null 2>&1 || { echo "found no example in $name"; exit 1; }
done

# What the examples call is what was built here.
mkdir "$work/bin" "$work/cwd"
ln -s "$builddir/mntcompat" "$work/bin/mntcompat"
cat >"$work/bin/cc" <<EOC
#!/bin/sh
overlay=
for word; do
	[ "\$word" != --overlay ] || overlay="-I$srcdir/include/overlay $builddir/libmntcompat-overlay.a"
	shift
	[ "\$word" = --overlay ] || set -- "\$@" "\$word"
done
exec ${CC:-gcc} "\$@" -I"$srcdir/include" \$overlay "$builddir/.libs/libmntcompat.a"
EOC
chmod +x "$work/bin/cc"
PATH=$work/bin:$PATH
export PATH
[ -e "$builddir/.libs/libmntcompat.a" ] || { echo "no static library was built"; exit 77; }

failed=0 count=0
for block in "$work"/block-*.sh "$work"/block-*.c; do
	[ -e "$block" ] || continue
	count=$((count + 1))
	cd "$work/cwd" || exit 99
	case $block in
	*.c)	overlay=
		! grep -q mntcompat-overlay "$block" || overlay=--overlay
		cc $overlay -Wall -Wextra -Werror -o "$work/example" "$block" && "$work/example" >"$work/output" 2>&1 </dev/null
		status=$?
		# The same without privilege, and both as on Linux 5.10.
		if [ $status = 0 ] && grep -q '^#ifdef USER' "$block"; then
			cc -DUSER -Wall -Wextra -Werror -o "$work/example-user" "$block" &&
			for program in "example-user " "example 5.10" "example-user 5.10"; do
				MNTCOMPAT_KERNEL=${program#* } "$work/${program%% *}" >"$work/output-more" 2>&1 </dev/null &&
					cmp "$work/output" "$work/output-more" || { echo "$program:"; cat "$work/output-more"; false; break; }
			done
			status=$?
		fi;;
	*)	sh -e "$block" >"$work/output" 2>&1 </dev/null
		status=$?;;
	esac
	if [ $status != 0 ]; then
		echo "exit status $status of:"
		cat "$block" "$work/output"
		failed=1
	fi
	sed -n 's/.*\(# \|\/\* \|[:,] \)prints: \(.*\)/\2/p' "$block" | sed 's/ \*\/$//' >"$work/wanted"
	while read -r text; do
		grep -qF -e "$text" "$work/output" && continue
		echo "does not print '$text':"
		cat "$block" "$work/output"
		failed=1
	done <"$work/wanted"
done
echo "$count examples"
[ $count -gt 0 ] || { echo "found no example"; exit 1; }
exit $failed
