# SPDX-License-Identifier: LGPL-2.1-or-later
# mntcompat.bash - completion of mntcompat(1)'s commands and options for bash.
# Takes them from the output of `mntcompat --help`, so that it cannot be older than the tool. bash-completion sources it.
_mntcompat()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} tool=${COMP_WORDS[0]}
	local command= i help words

	COMPREPLY=()
	case $previous in
	--mode)
		mapfile -t COMPREPLY < <(compgen -W "auto native emulate" -- "$current")
		return;;
	--kernel|--fd|--id)
		return;;
	--columns)
		words=$("$tool" --help 2>/dev/null | sed -n '/^listmount:/,/^$/p' | grep -o '[A-Z][A-Z:-]\+' |
			grep -v -x -e LIST -e FILE -e JSON -e PID)
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
		return;;
	esac
	help=$("$tool" --help 2>/dev/null) || return
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--mode|--kernel)	((i++));;
		--)			command=--; break;;
		-*)			;;
		*)			command=${COMP_WORDS[i]}; break;;
		esac
	done
	if [ -z "$command" ]; then
		words=$(printf '%s\n' "$help" | sed -n 's/^.*mntcompat \[OPTION...\] \([a-z]*\) .*/\1/p')
		words="$words --mode --kernel --verbose --help --version"
	elif [ "$command" != -- ]; then
		# The paragraph of the help that begins with the command's name.
		words=$(printf '%s\n' "$help" | sed -n "/^$command:/,/^\$/s/^  \\(--[a-z-]*\\).*/\\1/p")
	fi
	case $current in
	-*)	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current");;
	*)	if [ -z "$command" ]; then
			mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
		else
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
		fi;;
	esac
}
complete -F _mntcompat mntcompat
