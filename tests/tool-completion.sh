#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tool-completion.sh - what bash, zsh and fish offer for command lines of mntcompat.
# Writes in a directory of its own; needs no privilege. Called by make check in the build directory. Exits with 77, after all
# other tests, if a shell is missing.
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
tool=$PWD/mntcompat
[ -x "$tool" ] || { echo "run it in the build directory"; exit 99; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
mkdir bin folder && ln -s "$tool" bin/mntcompat && : >file
PATH=$work/bin:$PATH
export PATH
failed=0 missing=
complain() { printf '%s\n' "$*"; failed=1; }

# The words of the command line, one an argument, and what is offered for the last one, sorted. In the lists fish has it all;
# bash and zsh the part of a list or an option that they would replace.
cases()
{
	expect 'listmount' listm
	expect 'listmount listns' list
	expect 'help' he
	expect 'listmount listns' help list
	expect 'run' --kernel 5.10 help ru
	expect '' help he
	expect '' help listmount li
	expect '--target --tree --types' listmount --t
	expect '--tree' listmount / --tr
	expect 'emulate' --mode em
	expect '--mode=native' --mode=n
	expect '--help' run --h
	expect '--bind' namespace --b
	expect 'PEER-GROUP' listmount --columns PEE
	expect 'MAJ:MIN MASTER' listmount --columns M
	expect 'MAJ:MIN' listmount --columns MAJ:M
	expect 'TARGET,MAJ:MIN TARGET,MASTER' listmount --columns TARGET,M
	expect '+ROOT' listmount --columns +ro
	expect '--columns=ID,ROOT' listmount --columns=ID,R
	expect 'mnt,user mnt,uts' listns --type mnt,u
	expect 'proc,tmpfs' listmount -t proc,tmpf
	expect 'notmpfs' listmount -t notmpf
	expect '--color=always --color=auto' probe --color=a
	expect 'statmount statmount.by_fd statmount.id_maps' probe statmount
	expect 'fs:tmpfs' probe --require fs:tm
	expect 'file' statmount fi
	expect 'folder' namespace fo
	expect 'folder' namespace --proc fo
	expect 'file folder' statmount --namespace f
}
all_columns=$(mntcompat listmount --list-columns | awk 'NR > 1 { print $1 }' | sort | tr '\n' ' ')

# --- bash ---

if command -v bash >/dev/null; then
	expect()
	{
		wanted=$1
		shift
		got=$(bash -c '
			. "$1"
			shift
			COMP_WORDS=(mntcompat)
			# As readline breaks words: at = and :.
			for word; do
				while [[ $word == *[=:]* ]]; do
					part=${word%%[=:]*} rest=${word#"$part"}
					[[ -z $part ]] || COMP_WORDS+=("$part")
					COMP_WORDS+=("${rest:0:1}")
					word=${rest:1}
					[[ $word ]] || break
				done
				COMP_WORDS+=("$word")
			done
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			_mntcompat
			((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' bash "$srcdir/tools/mntcompat.bash" "$@" | sort | tr '\n' ' ')
		# What bash replaces begins after the last = or :.
		for last; do :; done
		prefix=
		case $last in
		*[=:]*)	prefix=${last%"${last##*[=:]}"};;
		esac
		expected=
		for one in $wanted; do
			case $one in
			"$prefix"*) expected="$expected${one#"$prefix"} ";;
			*)	    expected="$expected$one ";;
			esac
		done
		[ "$got" = "$expected" ] || complain "bash: mntcompat $*: '$got' instead of '$expected'"
	}
	cases
	expect "${all_columns% }" listmount --columns ''
else
	missing="$missing bash"
fi

# --- fish ---

if command -v fish >/dev/null; then
	expect()
	{
		wanted=$1
		shift
		got=$(HOME=$work fish --no-config -c "source '$srcdir/tools/mntcompat.fish'; complete -C \"mntcompat $*\"" |
			cut -f 1 | sed 's|/$||' | sort | tr '\n' ' ')
		[ "$got" = "${wanted:+$wanted }" ] || complain "fish: mntcompat $*: '$got' instead of '$wanted '"
	}
	cases
	expect "${all_columns% }" listmount --columns ''
	got=$(HOME=$work fish --no-config -c "source '$srcdir/tools/mntcompat.fish'; complete -C 'mntcompat run -- mntcompat listm'" | cut -f 1)
	[ "$got" = listmount ] || complain "fish: run: '$got'"
else
	missing="$missing fish"
fi

# --- zsh ---

if command -v zsh >/dev/null; then
	expect()
	{
		wanted=$1
		shift
		# The functions of its completion, as far as ours calls them.
		got=$(zsh -f -c '
			compdef() { :; }
			_call_program() { shift; eval "$*"; }
			_describe() { [[ $# = 3 || ( $# = 5 && $4 = -S && -z $5 ) ]] || print -r -- "wrong arguments: $*"; local -a all; all=("${(@P)3}"); print -rl -- "${all[@]}" | sed "s/\\\\:/%/g; s/:.*//; s/%/:/g"; }
			_files() { if [[ $1 == -/ ]]; then print -rl -- ${~words[CURRENT]}*(N/); else print -rl -- ${~words[CURRENT]}*(N); fi; }
			_normal() { print -r -- "normal $CURRENT $words"; }
			. "$1"
			shift
			words=(mntcompat "$@")
			CURRENT=$#words
			_mntcompat' zsh "$srcdir/tools/mntcompat.zsh" "$@" | sort | tr '\n' ' ')
		[ "$got" = "${wanted:+$wanted }" ] || complain "zsh: mntcompat $*: '$got' instead of '$wanted '"
	}
	cases
	expect 'normal 2 ls fi' run -- ls fi
	expect 'normal 2 ls fi' namespace --proc folder -- ls fi
	expect "${all_columns% }" listmount --columns ''
else
	missing="$missing zsh"
fi

# Without a terminal's help: nothing is said, whatever the words are.
mntcompat complete -- listmount --fly --columns x,y, '' >out 2>err || complain "complete: $(cat err)"
[ ! -s err ] || complain "complete: $(cat err)"
mntcompat complete >out 2>err && complain "complete without words"
[ $failed = 0 ] || exit 1
[ -z "$missing" ] || { echo "not installed:$missing; some tests were left out"; exit 77; }
