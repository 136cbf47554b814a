# SPDX-License-Identifier: LGPL-2.1-or-later
# mntcompat.bash - completion of mntcompat(1) for bash. The tool knows what can follow (tools/complete.c); bash-completion
# sources this file, but it works without that package, too.
_mntcompat()
{
	local tool=${COMP_WORDS[0]} word line joined= i first= rest
	local -a words=() values=()

	# bash breaks words at = and :, which are parts of ours.
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((${#words[@]})) && [[ $joined || $word == [=:]* ]]; then
			words[-1]+=$word
		else
			words+=("$word")
		fi
		joined=
		[[ $word != [=:]* ]] || joined=1
	done
	word=${words[-1]}
	# What bash has in front of the word that it replaces.
	rest=${word##*[=:]}
	[[ $word == *[=:]* ]] && first=${word%"$rest"}
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		@files)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$rest")
			return;;
		@directories)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -d -- "$rest")
			return;;
		"@command "*)
			i=$((${line#@command } + 1))
			if declare -F _command_offset >/dev/null && ((i < COMP_CWORD)); then
				_command_offset $i
			else
				compopt -o filenames 2>/dev/null
				mapfile -t COMPREPLY < <(compgen -c -f -- "$word" | sort -u)
			fi
			return;;
		@unfinished)
			compopt -o nospace 2>/dev/null;;
		*)
			line=${line%%$'\t'*}
			values+=("${line#"$first"}");;
		esac
	done < <("$tool" complete -- "${words[@]}" 2>/dev/null)
	COMPREPLY=("${values[@]}")
}
complete -F _mntcompat mntcompat
